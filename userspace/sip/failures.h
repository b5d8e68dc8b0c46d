/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Who fails too often: failures per host within a window of time. Holds the hosts that
 * failed last, up to a limit; the one that was quiet longest is forgotten first.
 */
#ifndef TD_SIP_FAILURES_H
#define TD_SIP_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/base/addr.h"
#include "userspace/base/list.h"
#include "userspace/base/map.h"

#define TD_FAILURES_HOSTS 4096

struct td_failures {
	struct td_map hosts;
	struct td_list order;		/* latest failure first */
};

void td_failures_init(struct td_failures *f);
void td_failures_fini(struct td_failures *f);
/**
 * td_failures_note - one more of this host. True when it is number @after within @window_ms;
 * then counting begins anew. Ports do not count. Without memory nobody fails too often.
 */
bool td_failures_note(struct td_failures *f, const struct td_addr *host, uint64_t now_ms,
		      uint32_t after, uint64_t window_ms);

#endif
