/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call park: a call waits in a slot, which is a number, until a phone dials it. Who parked it is
 * rung now and then, with the parked party as the caller; who does not answer finds it parked
 * still. After the last reminder it goes elsewhere, or ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "userspace/core/core_priv.h"

/* ---- slots ---- */

static void name_slot(const struct cfg_park *p, uint32_t i, char slot[CFG_NUMBER_LEN])
{
	size_t len = strlen(p->number), at = len;
	uint32_t carry = i;

	td_strlcpy(slot, p->number, CFG_NUMBER_LEN);
	while (carry && at--) {
		carry += (uint32_t)(slot[at] - '0');
		slot[at] = (char)('0' + carry % 10);
		carry /= 10;
	}
}

/* The slot that these digits are, or begin. */
static const struct cfg_park *park_of(const struct td_core *core, const char *digits, bool begun)
{
	char slot[CFG_NUMBER_LEN];

	for (size_t i = 0; i < core->n_parks; i++) {
		const struct cfg_park *p = &core->parks[i];

		for (uint32_t k = 0; k < p->slots; k++) {
			name_slot(p, k, slot);
			if (begun ? !strncmp(slot, digits, strlen(digits)) : !strcmp(slot, digits))
				return p;
		}
	}
	return NULL;
}

static struct td_call *parked_in(const struct td_core *core, const char *slot)
{
	struct td_map_node *n = td_map_find_str(&core->parked, slot);

	return n ? td_container_of(n, struct td_call, parked) : NULL;
}

enum td_dial td_park_dial(const struct td_core *core, const char *digits)
{
	if (park_of(core, digits, false))
		return TD_DIAL_MATCH;
	return park_of(core, digits, true) ? TD_DIAL_MORE : TD_DIAL_NONE;
}

void td_park_free_slot(const struct td_core *core, char slot[CFG_NUMBER_LEN])
{
	for (size_t i = 0; i < core->n_parks; i++) {
		for (uint32_t k = 0; k < core->parks[i].slots; k++) {
			name_slot(&core->parks[i], k, slot);
			if (!parked_in(core, slot))
				return;
		}
	}
	slot[0] = '\0';
}

/* ---- in and out ---- */

static void wait_again(struct td_call *call)
{
	const struct cfg_park *p = park_of(call->core, call->slot, false);

	if (p && p->timeout)
		td_call_timer_ms(call, p->timeout * 1000);
}

int td_park_enter(struct td_call *call)
{
	int err = td_map_insert_str(&call->core->parked, &call->parked, call->slot);

	if (err)
		return err;
	td_watch_touch(call->core, call->slot);
	wait_again(call);
	return 0;
}

void td_park_leave(struct td_call *call)
{
	if (!call->slot[0])
		return;
	td_map_remove(&call->core->parked, &call->parked);
	td_watch_touch(call->core, call->slot);
	call->slot[0] = '\0';
}

enum td_cause td_park(struct td_call *call, const char *slot, const char *by)
{
	enum td_cause cause;

	if (parked_in(call->core, slot))
		return TD_CAUSE_BUSY;
	td_strlcpy(call->slot, slot, sizeof(call->slot));
	td_strlcpy(call->parked_by, by, sizeof(call->parked_by));
	call->reminders = 0;
	cause = td_call_stay_alone(call);
	if (!cause && td_park_enter(call))
		cause = TD_CAUSE_TEMPORARY;
	if (cause) {
		call->slot[0] = '\0';
		return cause;
	}
	td_strlcpy(call->to.number, slot, sizeof(call->to.number));
	td_log_info(TD_LOG_CORE, "call=%u parked slot=%s by=%s", call->id, slot, by);
	return TD_CAUSE_NONE;
}

enum td_cause td_park_retrieve(struct td_call *call, const char *slot)
{
	struct td_call *parked = parked_in(call->core, slot);

	if (!parked)
		return TD_CAUSE_UNALLOCATED;
	td_log_info(TD_LOG_CORE, "call=%u taken from slot=%s by=%s", parked->id, slot,
		    call->from.number);
	return td_call_take(parked, call->a);
}

/* ---- reminders ---- */

bool td_park_again(struct td_call *call)
{
	if (!call->slot[0])
		return false;
	call->cause = TD_CAUSE_NONE;
	td_strlcpy(call->to.number, call->slot, sizeof(call->to.number));
	wait_again(call);
	td_call_rejoin_media(call);
	return true;
}

static int remind(struct td_call *call)
{
	call->reminders++;
	call->from = call->a->party;
	if (td_call_route_to(call, call->parked_by, call->parked_by))
		return TD_CALL_SETUP;
	td_park_again(call);
	return TD_CALL_ALONE;
}

/* Nobody has come. */
static int give_up(struct td_call *call, const char *to)
{
	td_park_leave(call);
	td_strlcpy(call->to.number, to, sizeof(call->to.number));
	if (to[0] && td_call_route_to(call, to, call->parked_by))
		return TD_CALL_SETUP;
	return td_call_clear(call, TD_CAUSE_NO_ANSWER);
}

int td_call_on_park_timer(struct td_call *call)
{
	const struct cfg_park *p = park_of(call->core, call->slot, false);

	if (!p)
		return -1;	/* the slot was taken away; who is in it may stay */
	return call->reminders < p->limit ? remind(call) : give_up(call, p->transfer);
}
