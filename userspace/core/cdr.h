/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call records: what is known of a call when it ends, told once per call. Who keeps them is not
 * the core's business. The ids are those of logs and "show calls".
 */
#ifndef TD_CORE_CDR_H
#define TD_CORE_CDR_H

#include <stdint.h>

#include "userspace/base/json.h"
#include "userspace/core/core.h"

/* One party of the call, counted as show calls does. */
struct td_cdr_side {
	uint32_t leg_id;		/* 0: there was none */
	char endpoint[CFG_ID_LEN];	/* phone or trunk; empty: a stranger */
	char protocol[8];
	char party[TD_NUMBER_LEN];
	char codec[16];			/* empty: no media was agreed */
	struct td_addr remote_media;
	struct td_media_stats stats;
};

struct td_cdr {
	uint32_t call_id;
	struct td_party from, to;	/* to: as dialled */
	uint64_t started_ms, answered_ms, ended_ms;	/* Unix time; answered_ms 0 = never */
	enum td_cause cause;
	const char *released_by;	/* "caller", "called" or "router" */
	struct td_cdr_side sides[2];	/* the caller; who answered, else who was called last */
};

typedef void (*td_cdr_fn)(void *arg, const struct td_cdr *cdr);

/** Who is told of each call that has ended; NULL: nobody any more. */
void td_core_watch_cdrs(struct td_core *core, td_cdr_fn fn, void *arg);
/** One record as an object. */
void td_cdr_show(const struct td_cdr *cdr, struct td_json *j, const char *key);

#endif
