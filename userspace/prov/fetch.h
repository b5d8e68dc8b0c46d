/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A face of the room: what became of one request for a file. Told on the server's thread.
 */
#ifndef TD_PROV_FETCH_H
#define TD_PROV_FETCH_H

#include <stdbool.h>
#include <stdint.h>
#include "config/model.h"
#include "userspace/base/addr.h"
#include "userspace/prov/name_table.h"

enum td_fetch_end {
	TD_FETCH_SENT,			/* whole; by HTTP: handed to its connection */
	TD_FETCH_BROKEN,		/* it was begun, and the phone is not heard; told after
					 * some seconds, and when it is given up */
	TD_FETCH_MISSING,		/* there is no such name */
	TD_FETCH_FOREIGN,		/* it is the file of a phone that this host is not */
	TD_FETCH_GUESSES,		/* too many names that the host must not have */
};

struct td_fetch {
	struct td_addr host;
	bool http;			/* else TFTP: anybody can write any source address */
	uint32_t end;			/* enum td_fetch_end */
	char name[TD_NAME_MAX];		/* as asked for, printable */
	char phone[CFG_ID_LEN];		/* whose file it is; may be empty */
	uint64_t bytes;
};

typedef void (*td_fetch_fn)(void *arg, const struct td_fetch *fetch);

#endif
