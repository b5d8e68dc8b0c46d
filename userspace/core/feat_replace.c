/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A party takes the place of its own leg in another call, with a new one: it goes on with the
 * call at another of its devices, or takes there what rings at the first one (SIP: RFC 3891).
 * On a shared line a phone may do the same with what another one holds there, and join who talks
 * there (barge), unless that phone has privacy. Nobody takes the place of anybody else.
 */
#include <string.h>
#include "userspace/core/core_priv.h"

static bool shares_line(const struct td_endpoint *ep, const struct td_leg *leg)
{
	return leg->ep && leg->ep->kind == TD_EP_PHONE && !td_leg_is_secret(leg) &&
	       td_endpoint_line_at(ep, leg->party.number);
}

static struct td_leg *place_of(const struct td_call *call, const struct td_setup *s)
{
	struct td_call *to = td_call_find(call->core, s->replaces_call);
	struct td_leg *old = to && to != call ? td_call_leg(to, s->replaces_leg) : NULL;
	const struct td_endpoint *ep = call->a->ep;

	if (!old || !ep || ep->kind != TD_EP_PHONE || !td_leg_is_live(old) || to->aside ||
	    to->wait_media || (to->conference && !s->barge))
		return NULL;
	if (old->ep == ep)
		return s->barge ? NULL : old;
	return shares_line(ep, old) && td_leg_holds(old) == !s->barge ? old : NULL;
}

static bool rings(const struct td_call *to, const struct td_leg *old)
{
	return (to->state == TD_CALL_SETUP || to->state == TD_CALL_ALERTING) && old != to->a;
}

static bool talks(const struct td_call *to, const struct td_leg *old)
{
	const struct td_leg *other = td_call_other(to, old);

	return to->state == TD_CALL_UP && (old == to->a || old == to->b) && other &&
	       td_leg_is_live(other);
}

enum td_cause td_call_go_on(struct td_call *to, struct td_leg *old, struct td_leg *leg)
{
	struct td_leg *other = td_call_other(to, old);
	struct td_media_desc d;

	if (leg->remote && !td_media_bridge(&d, leg->remote, other->remote))
		return TD_CAUSE_NO_MEDIA_MATCH;
	td_leg_move(leg, to, td_leg_core(old)->side);
	leg->party = old->party;
	if (to->a == old)
		to->a = leg;
	else
		to->b = leg;
	if (td_call_answer_leg(to, leg)) {
		to->state = (uint8_t)td_call_clear(to, TD_CAUSE_TEMPORARY);
		return TD_CAUSE_NONE;
	}
	td_call_connect_leg(leg);
	td_leg_release(old, TD_CAUSE_ELSEWHERE);
	td_call_rejoin_media(to);
	td_call_changed(to);
	td_call_keep(to);
	return TD_CAUSE_NONE;
}

int td_call_replace(struct td_call *call, const struct td_setup *s)
{
	struct td_leg *old = place_of(call, s);
	enum td_cause cause = TD_CAUSE_FACILITY_REJECTED;

	if (old && s->barge) {
		if (talks(old->call, old))
			cause = td_conference_barge(call, old->call);
		return cause ? td_call_clear(call, cause) : TD_CALL_ALONE;
	}
	if (old) {
		td_log_info(TD_LOG_CORE, "call=%u leg=%u replaced by=%s", old->call->id, old->id,
			    call->a->ep->id);
		if (rings(old->call, old))
			cause = td_call_take(old->call, call->a);
		else if (talks(old->call, old))
			cause = td_call_go_on(old->call, old, call->a);
	}
	return cause ? td_call_clear(call, cause) : TD_CALL_CLEARING;
}
