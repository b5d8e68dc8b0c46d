/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. Bodies of NOTIFY that say what is going on at a number. */
#ifndef TD_SIP_EVENT_BODY_H
#define TD_SIP_EVENT_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "userspace/base/buf.h"

#define EVENT_PIDF_TYPE	  "application/pidf+xml"
#define EVENT_DIALOG_TYPE "application/dialog-info+xml"

enum event_state { EVENT_OFFLINE, EVENT_IDLE, EVENT_RINGING, EVENT_HELD, EVENT_BUSY };

struct event_dialog {
	uint32_t call_id, leg_id;
	bool called, up, alerting, held;
	const char *remote_number, *remote_name;	/* NULL: not for this watcher */
};

/* A dialog of another phone on a shared line, whatever that speaks, is told by our own ids: CALL-LEG
 * before this. */
#define EVENT_SHARED_CALL_ID "@line"
#define EVENT_SHARED_TAG "line"

/** RFC 3863 and 4480. cisco: with the names that Cisco's phones look for. */
void td_event_write_pidf(struct td_buf *out, const char *number, const char *host,
			 enum event_state state, bool cisco);
/** RFC 4235, full state. With no dialog the number itself is one that has ended, because some
 * phones take silence for "as before". */
void td_event_write_dialogs(struct td_buf *out, const char *number, const char *host,
			    uint32_t version, const struct event_dialog *d, size_t n);

#endif
