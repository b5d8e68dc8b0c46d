/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transfer: a party of a call wants the other one to talk to somebody else. Blind: the other
 * one becomes the caller of a new number, with the rights of who asked; who asked waits aside,
 * and has the call back when nobody takes it. With consultation: the other one takes the
 * asker's place in the call in which that is talking, or being rung.
 *
 * Only a phone may ask. A trunk that did would call with our rights.
 */
#include <string.h>
#include "userspace/core/core_priv.h"

static void tell(struct td_leg *leg, enum td_transfer_state state, enum td_cause cause)
{
	struct td_info info = { .kind = TD_INFO_TRANSFER, .transfer = state, .cause = cause };

	if (leg && state == TD_TRANSFER_DONE && leg == leg->call->aside)
		info.party = leg->call->b ? leg->call->b->party : leg->call->to;
	if (leg && td_leg_is_live(leg) && leg->ops->info)
		leg->ops->info(leg, &info);
}

/* ---- blind ---- */

static void step_aside(struct td_call *call, struct td_leg *leg, struct td_leg *other)
{
	call->aside = leg;
	call->aside_was_a = leg == call->a;
	call->before[0] = call->from;
	call->before[1] = call->to;
	call->a = other;
	call->b = NULL;
	call->early = NULL;
	td_leg_core(other)->alerted = true;
}

static void step_back(struct td_call *call)
{
	struct td_leg *leg = call->aside, *other = call->a;

	call->aside = NULL;
	call->early = NULL;
	call->a = call->aside_was_a ? leg : other;
	call->b = call->aside_was_a ? other : leg;
	call->from = call->before[0];
	call->to = call->before[1];
	call->alone = false;
	call->cause = TD_CAUSE_NONE;
	call->acts_for[0] = '\0';
	td_recall_forget(call);
	td_call_timer_stop(call);
	td_call_rejoin_media(call);
}

static int give_back(struct td_call *call, struct td_leg *leg, enum td_cause cause)
{
	step_back(call);
	tell(leg, TD_TRANSFER_FAILED, cause);
	return TD_CALL_UP;
}

/* The other one waits in the house, or is in another call now. */
static int feature_used(struct td_call *call)
{
	td_call_transfer_done(call);
	return call->a ? TD_CALL_ALONE : td_call_clear(call, TD_CAUSE_NORMAL);
}

static int blind(struct td_call *call, struct td_leg *leg, struct td_leg *other, const char *to)
{
	char by[TD_NUMBER_LEN];
	enum td_cause cause;

	td_strlcpy(by, leg->party.number, sizeof(by));
	step_aside(call, leg, other);
	call->from = other->party;
	memset(&call->to, 0, sizeof(call->to));
	td_strlcpy(call->to.number, to, sizeof(call->to.number));
	td_log_info(TD_LOG_CORE, "call=%u transfer by=%s to=%s", call->id, by, to);
	if (td_feature_use(call, to, by, &cause))
		return cause ? give_back(call, leg, cause) : feature_used(call);
	call->hops--;
	td_recall_set(call, by);
	if (td_call_route_to(call, to, by)) {
		call->alone = call->core->has_music;	/* it hears music until somebody answers */
		td_call_rejoin_media(call);
		tell(leg, TD_TRANSFER_TRYING, TD_CAUSE_NONE);
		return TD_CALL_SETUP;
	}
	return give_back(call, leg, call->cause);
}

void td_call_transfer_rings(struct td_call *call)
{
	tell(call->aside, TD_TRANSFER_RINGING, TD_CAUSE_NONE);
}

void td_call_transfer_done(struct td_call *call)
{
	struct td_leg *leg = call->aside;

	if (!leg)
		return;
	tell(leg, TD_TRANSFER_DONE, TD_CAUSE_NONE);
	call->aside = NULL;
	td_leg_release(leg, TD_CAUSE_NORMAL);
}

bool td_call_transfer_failed(struct td_call *call, enum td_cause cause)
{
	struct td_leg *leg = call->aside;

	if (!leg)
		return false;
	step_back(call);
	tell(leg, TD_TRANSFER_FAILED, cause);
	return true;
}

/* ---- with consultation ---- */

struct td_leg *td_call_leg(struct td_call *call, uint32_t id)
{
	struct td_leg *leg;

	td_list_for_each(leg, &call->legs, struct td_leg, node)
		if (leg->id == id)
			return leg;
	return NULL;
}

struct td_leg *td_call_consulting(const struct td_call *call, const struct td_leg *leg,
				  const struct td_transfer *t)
{
	struct td_call *other = td_call_find(call->core, t->call_id);
	struct td_leg *l = other && other != call && !other->conference ? td_call_leg(other, t->leg_id) : NULL;

	if (!l || !l->ep || l->ep != leg->ep || l->ep->kind != TD_EP_PHONE ||
	    !td_leg_is_live(l) || other->aside)
		return NULL;
	if (other->state == TD_CALL_UP)
		return (l == other->a || l == other->b) && other->a && other->b ? l : NULL;
	return (other->state == TD_CALL_SETUP || other->state == TD_CALL_ALERTING) &&
	       l == other->a ? l : NULL;
}

static void replace(struct td_call *call, struct td_leg *old, struct td_leg *now)
{
	if (call->a == old) {
		call->a = now;
		call->from = now->party;
	} else {
		call->b = now;
		call->to = now->party;
	}
	td_leg_release(old, TD_CAUSE_NORMAL);
}

/* Who asked did not wait for the answer. */
static void still_rings(struct td_call *to, const char *by)
{
	to->alone = to->core->has_music && !to->early;
	td_recall_set(to, by);
	if (to->rings)
		td_call_timer_ms(to, td_recall_patience_ms(to, td_call_patience_ms(to)));
}

static int consulted(struct td_call *call, struct td_leg *leg, struct td_leg *other,
		     struct td_leg *old)
{
	struct td_call *to = old->call;

	td_log_info(TD_LOG_CORE, "call=%u transfer by=%s joins call=%u", call->id,
		    leg->party.number, to->id);
	td_leg_move(other, to, td_leg_core(old)->side);
	replace(to, old, other);
	if (to->state != TD_CALL_UP)
		still_rings(to, leg->party.number);
	td_call_rejoin_media(to);
	if (to->state == TD_CALL_UP)
		td_call_tell_parties(to);
	td_call_changed(to);
	td_call_keep(to);
	tell(leg, TD_TRANSFER_DONE, TD_CAUSE_NONE);
	return td_call_clear(call, TD_CAUSE_NORMAL);
}

/* ---- actions ---- */

static bool may_ask(const struct td_call *call, const struct td_leg *leg,
		    const struct td_leg *other)
{
	return call->state == TD_CALL_UP && !call->conference && leg->ep && leg->ep->kind == TD_EP_PHONE &&
	       (leg == call->a || leg == call->b) && other && td_leg_is_live(other) &&
	       other->has_remote && !call->wait_media;
}

int td_call_on_transfer(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	const struct td_transfer *t = &input->ev->transfer;
	struct td_call *call = obj;
	struct td_leg *leg = input->leg, *other = td_call_other(call, leg), *old;

	if (!may_ask(call, leg, other)) {
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_FACILITY_REJECTED);
		return -1;
	}
	if (input->ev->type == TD_LEG_PARK)
		return blind(call, leg, other, TD_PARK_ANYWHERE);
	if (t->call_id && call->core->no_consult) {
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_FACILITY_REJECTED);
		return -1;
	}
	if (t->call_id) {
		old = td_call_consulting(call, leg, t);
		if (old)
			return consulted(call, leg, other, old);
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_NO_ROUTE);
		return -1;
	}
	if (!call->hops) {
		tell(leg, TD_TRANSFER_FAILED, TD_CAUSE_LOOP);
		return -1;
	}
	return blind(call, leg, other, t->to);
}

/* Who waits aside does not talk to anybody. */
int td_call_on_aside_media(void *obj, const void *in)
{
	const struct td_call_input *input = in;

	switch (input->ev->media_kind) {
	case TD_MEDIA_OFFER:
	case TD_MEDIA_NEED_OFFER:
		input->leg->ops->media(input->leg, NULL);
		break;
	case TD_MEDIA_ANSWER:		/* to what it was offered before */
		td_call_take_answer(obj, input->leg, &input->ev->media);
		break;
	case TD_MEDIA_REFUSED:
		td_call_drop_offer(input->leg);
		break;
	}
	return -1;
}

/* It has hung up: there is no way back any more, and the call goes on. */
int td_call_on_aside_released(void *obj, const void *in)
{
	struct td_call *call = obj;

	(void)in;
	call->aside = NULL;
	return -1;
}
