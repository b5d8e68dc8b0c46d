/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call pickup: a phone takes a call that rings at another one: at a number, in a group of
 * numbers, or in its own group. Of several it is the one that has rung longest. When none rings at
 * a phone's own number, what somebody has answered for it elsewhere (feat_reach.c).
 */
#include <string.h>
#include "userspace/core/core_priv.h"

struct wanted {
	const char *number, *group;	/* one of them */
};

static bool is_wanted(const struct td_leg *leg, const struct wanted *w)
{
	const struct td_number *n;

	if (!td_leg_core(leg)->outbound || !leg->ep || leg->ep->kind != TD_EP_PHONE ||
	    (leg->state != TD_LEGST_ALERTING && leg->state != TD_LEGST_CALLING))
		return false;
	if (w->number)
		return !strcmp(leg->party.number, w->number);
	n = td_number_find(leg->call->core, leg->party.number);
	return n && !strcmp(n->pickup_group, w->group);
}

static bool rings_there(const struct td_call *call, const struct wanted *w)
{
	const struct td_leg *leg;

	if (!call->a || (call->state != TD_CALL_SETUP && call->state != TD_CALL_ALERTING))
		return false;
	td_list_for_each(leg, &call->legs, struct td_leg, node)
		if (leg != call->a && leg != call->aside && is_wanted(leg, w))
			return true;
	return false;
}

/* A person has pressed a key: all calls may be looked at. */
static enum td_cause take(struct td_call *mine, const struct wanted *w)
{
	struct td_call *call;

	td_list_for_each(call, &mine->core->call_list, struct td_call, list_node) {
		if (call == mine || !rings_there(call, w))
			continue;
		td_log_info(TD_LOG_CORE, "call=%u picked up by=%s", call->id, mine->from.number);
		return td_call_take(call, mine->a);
	}
	return TD_CAUSE_NO_ROUTE;
}

enum td_cause td_pickup(struct td_call *call, const char *number)
{
	enum td_cause cause = take(call, &(struct wanted){ .number = number });

	return cause == TD_CAUSE_NO_ROUTE ? td_reach_pull(call, number) : cause;
}

enum td_cause td_pickup_group(struct td_call *call, const char *group)
{
	return take(call, &(struct wanted){ .group = group });
}

enum td_cause td_pickup_local(struct td_call *call)
{
	const struct td_number *n = td_number_find(call->core, call->from.number);

	return n && n->pickup_group[0] ? td_pickup_group(call, n->pickup_group) :
					 TD_CAUSE_NO_ROUTE;
}
