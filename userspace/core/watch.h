/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A face of the core: what is going on at a number (of a phone, or a park slot), and who wants to
 * hear when that changes: lamps of other phones, shared lines. A change costs what its number's
 * watchers cost, whoever else is there.
 */
#ifndef TD_CORE_WATCH_H
#define TD_CORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/base/list.h"
#include "userspace/core/leg.h"

enum td_line_state {
	TD_LINE_OFFLINE,		/* no phone has it, or none that is registered */
	TD_LINE_IDLE,
	TD_LINE_RINGING,		/* it is called, and nobody has answered */
	TD_LINE_HELD,			/* all its calls are held by its own phone */
	TD_LINE_BUSY			/* it calls or talks; a slot: somebody waits in it */
};

/** One call of the number. */
struct td_line_dialog {
	uint32_t call_id, leg_id;
	const struct td_endpoint *ep;	/* the phone of this number that is in it, or is rung */
	bool called;			/* it is called; else it calls */
	bool up, alerting, held;
	bool secret;			/* its phone has privacy: who else has the number may see that
					 * it is in use, and no more */
	struct td_party remote;
};

struct td_line;

/** Sits in its owner. */
struct td_watch {
	struct td_list node;
	struct td_line *line;		/* NULL: watches nothing */
	/* later, from the loop, once for all that has changed meanwhile; may stop itself, and no
	 * other */
	void (*changed)(void *arg);
	void *arg;
};

/** Begin to watch. A number that is nobody's may be watched, too. 0, or -ENOMEM. */
int td_watch_start(struct td_core *core, const char *number, struct td_watch *w,
		   void (*changed)(void *arg), void *arg);
void td_watch_stop(struct td_core *core, struct td_watch *w);
/** What is going on there now. */
enum td_line_state td_line_state(struct td_core *core, const char *number);
/** The calls of the number, oldest first; returns how many were written. */
size_t td_line_dialogs(struct td_core *core, const char *number, struct td_line_dialog *d,
		       size_t max);
/** May this phone see what goes on at the number? Its own it may. */
bool td_line_may_watch(struct td_core *core, const char *number, const struct td_endpoint *ep);
/** Does the house have this number: a phone's, or a park slot? */
bool td_line_exists(struct td_core *core, const char *number);

#endif
