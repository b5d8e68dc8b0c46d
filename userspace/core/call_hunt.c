/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a call rings, and whom next: the choices of the dial plan, best first, until one
 * answers or a failure says that the rest would not help; the members of a hunt group; the
 * number to which a phone or its dn sends the call on. A busy party or a number that does
 * not exist is not looked for by another trunk (IOS "voice hunt": off by default for
 * user-busy, unassigned-number and invalid-number); a number of the house stops the hunt
 * unless its dn says otherwise.
 *
 * A call that was sent on has the rights of who did it, as if that phone had called: a caller
 * from outside reaches the mobile phone of somebody inside, who may call it, and nothing else.
 * Each time costs a hop, so two phones that send calls to each other end in "loop".
 *
 * The plan is asked anew for each step, and what was tried is remembered: a reload in between
 * leaves no pointer behind.
 */
#include <stdlib.h>
#include <string.h>
#include "userspace/core/core_priv.h"

static void name_party(struct td_leg *leg, const struct td_number_ref *ref)
{
	const struct td_endpoint_line *line = &ref->ep->lines[ref->line];

	td_strlcpy(leg->party.number, line->number, sizeof(leg->party.number));
	td_strlcpy(leg->party.name, td_endpoint_line_name(ref->ep, line),
		   sizeof(leg->party.name));
}

/* A phone does not ring itself, unless it calls from one of its lines to another. */
static bool is_self(const struct td_call *call, const struct td_number_ref *ref)
{
	return call->a && call->a->ep == ref->ep &&
	       (ref->ep->n_lines < 2 || !strcmp(call->from.number, ref->number->digits));
}

/* Legs for every place where the number can ring now, up to max. */
static size_t legs_of_number(struct td_call *call, const struct td_number *number,
			     struct td_leg **legs, size_t max)
{
	struct td_number_ref *ref;
	size_t n = 0, i;
	int got;

	td_list_for_each(ref, &number->refs, struct td_number_ref, node) {
		if (!call->to.name[0])
			td_strlcpy(call->to.name,
				   td_endpoint_line_name(ref->ep, &ref->ep->lines[ref->line]),
				   sizeof(call->to.name));
		if (is_self(call, ref) || td_line_is_full(ref->ep, ref->line)) {
			td_call_note_cause(call, TD_CAUSE_BUSY);
			continue;
		}
		if (n == max)
			break;
		got = ref->ep->ops->new_legs(ref->ep->driver, ref->ep, legs + n,
					     max - n);
		if (got <= 0) {
			td_call_note_cause(call, got ? TD_CAUSE_TEMPORARY : TD_CAUSE_ABSENT);
			continue;
		}
		for (i = n; i < n + (size_t)got; i++)
			name_party(legs[i], ref);
		n += got;
	}
	return n;
}

static size_t legs_of_peer(struct td_call *call, const struct td_peer *peer, const char *number,
			   struct td_leg **legs)
{
	struct td_endpoint *trunk = td_endpoint_find(call->core, peer->cfg.trunk);
	int got;

	if (!trunk || (trunk->max_legs && trunk->n_legs >= trunk->max_legs)) {
		td_call_note_cause(call, trunk ? TD_CAUSE_NO_CIRCUIT : TD_CAUSE_NO_ROUTE);
		return 0;
	}
	got = trunk->ops->new_legs(trunk->driver, trunk, legs, 1);
	if (got <= 0) {
		td_call_note_cause(call, TD_CAUSE_NO_CIRCUIT);
		return 0;
	}
	td_strlcpy(legs[0]->party.number, number, sizeof(legs[0]->party.number));
	if (peer->cfg.srtp != CFG_SRTP_INHERIT)
		legs[0]->srtp = (uint8_t)peer->cfg.srtp;
	return 1;
}

/* ---- ringing ---- */

static bool ring_next(struct td_call *call);

static bool ring_legs(struct td_call *call, struct td_leg **legs, size_t n, const char *calling)
{
	struct td_party from = call->from;
	enum td_cause cause;

	if (!n)
		return false;
	td_strlcpy(from.number, calling, sizeof(from.number));
	if (!td_call_open_media(call)) {
		for (size_t i = 0; i < n; i++)
			legs[i]->ops->destroy(legs[i]);
		td_call_note_cause(call, TD_CAUSE_NO_RESOURCE);
		return false;
	}
	call->rings = false;
	call->redirect_to[0] = '\0';
	if (!td_call_ring(call, legs, n, &from, &cause))
		return false;
	td_call_wait_for_sign(call);
	return true;
}

/* ---- sent on ---- */

#define MAX_DIVERSIONS 10

static bool divert(struct td_call *call, const char *by, enum td_divert_reason reason,
		   const char *to)
{
	if (!call->hops || call->diversion.count == MAX_DIVERSIONS) {
		call->cause = TD_CAUSE_LOOP;
		return false;
	}
	td_log_info(TD_LOG_CORE, "call=%u sent on by=%s to=%s", call->id, by, to);
	td_reach_end(call);
	call->hops--;
	td_strlcpy(call->diversion.by, by, sizeof(call->diversion.by));
	call->diversion.reason = (uint8_t)reason;
	call->diversion.count++;
	td_strlcpy(call->acts_for, by, sizeof(call->acts_for));
	td_strlcpy(call->target, to, sizeof(call->target));
	call->cause = TD_CAUSE_NONE;
	call->group = 0;
	call->n_tried = 0;
	call->tried_stops = false;
	return ring_next(call);
}

/* Where the number's calls go for this reason, or NULL. */
static const char *forward_for(const struct td_number *number, enum td_cause cause,
			       enum td_divert_reason *reason)
{
	const struct td_forward *f = &number->forward;
	const char *to = "";

	switch (cause) {
	case TD_CAUSE_BUSY:
		*reason = TD_DIVERT_BUSY;
		to = f->busy;
		break;
	case TD_CAUSE_NO_ANSWER:
		*reason = TD_DIVERT_NO_ANSWER;
		to = f->no_answer;
		break;
	case TD_CAUSE_ABSENT:
	case TD_CAUSE_NO_RESPONSE:
	case TD_CAUSE_OUT_OF_ORDER:
		*reason = TD_DIVERT_UNREACHABLE;
		to = f->unreachable;
		break;
	default:
		break;
	}
	return *to ? to : NULL;
}

static bool ring_number(struct td_call *call, const struct td_number *number, const char *calling)
{
	struct td_leg *legs[TD_MAX_FORKS];
	enum td_divert_reason reason;
	const char *to;

	if (number->forward.all[0])
		return divert(call, number->digits, TD_DIVERT_UNCONDITIONAL, number->forward.all);
	if (number->forward.night[0] && td_night_service(call->core))
		return divert(call, number->digits, TD_DIVERT_UNCONDITIONAL, number->forward.night);
	if (ring_legs(call, legs, legs_of_number(call, number, legs, TD_MAX_FORKS), calling)) {
		td_reach_begin(call, number);
		return true;
	}
	if (call->cause == TD_CAUSE_ABSENT && td_reach_at_once(call, number))
		return true;
	to = forward_for(number, call->cause, &reason);
	return to && divert(call, number->digits, reason, to);
}

/* ---- hunt groups ---- */

static struct td_group *group_of(const struct td_call *call)
{
	struct td_target *t = call->group ? td_target_find(call->core, call->group) : NULL;

	return t ? td_container_of(t, struct td_group, target) : NULL;
}

struct idle {
	uint64_t since_ms;
	uint8_t member;
};

static int compare_idle(const void *a, const void *b)
{
	const struct idle *x = a, *y = b;

	if (x->since_ms != y->since_ms)
		return x->since_ms < y->since_ms ? -1 : 1;
	return x->member - y->member;
}

static void order_by_idle(struct td_call *call, const struct td_group *group)
{
	struct idle idle[CFG_MAX_MEMBERS];

	for (uint8_t i = 0; i < call->group_n; i++) {
		const struct td_number *n = td_number_find(call->core, group->cfg.member[i]);

		idle[i].member = i;
		idle[i].since_ms = n ? n->idle_since_ms : 0;
	}
	qsort(idle, call->group_n, sizeof(idle[0]), compare_idle);
	for (uint8_t i = 0; i < call->group_n; i++)
		call->group_order[i] = idle[i].member;
}

static void enter_group(struct td_call *call, struct td_group *group)
{
	uint8_t first = 0;

	call->group = group->target.serial;
	call->group_at = 0;
	call->group_n = (uint8_t)group->cfg.n_member;
	if (group->cfg.mode == CFG_HUNT_LONGEST_IDLE) {
		order_by_idle(call, group);
		return;
	}
	if (group->cfg.mode == CFG_HUNT_PEER) {
		first = group->last;
		group->last = (uint8_t)((first + 1) % group->cfg.n_member);
	}
	for (uint8_t i = 0; i < call->group_n; i++)
		call->group_order[i] = (uint8_t)((first + i) % call->group_n);
}

static bool ring_all(struct td_call *call, const struct td_group *group, const char *calling)
{
	struct td_leg *legs[TD_MAX_FORKS];
	size_t n = 0;

	for (size_t i = 0; i < group->cfg.n_member && n < TD_MAX_FORKS; i++) {
		const struct td_number *number =
			td_number_find(call->core, group->cfg.member[i]);

		if (number && !number->logged_out)
			n += legs_of_number(call, number, legs + n, TD_MAX_FORKS - n);
	}
	call->group_at = call->group_n;
	return ring_legs(call, legs, n, calling);
}

/* The next members, until one rings; then where the group sends the call. */
static bool ring_group(struct td_call *call, const struct td_group *group, const char *calling)
{
	struct td_leg *legs[TD_MAX_FORKS];

	if (!call->group_at && group->cfg.mode == CFG_HUNT_PARALLEL &&
	    ring_all(call, group, calling))
		return true;
	while (call->group_at < call->group_n) {
		const struct td_number *number = td_number_find(
			call->core, group->cfg.member[call->group_order[call->group_at++]]);

		if (number && !number->logged_out && ring_legs(call, legs, legs_of_number(call, number, legs, TD_MAX_FORKS),
					calling))
			return true;
	}
	call->group = 0;
	return group->cfg.final[0] &&
	       divert(call, group->cfg.number, TD_DIVERT_NO_ANSWER, group->cfg.final);
}

const struct td_target *td_call_tried_last(const struct td_call *call)
{
	return call->n_tried ? td_target_find(call->core, call->tried[call->n_tried - 1]) : NULL;
}

uint32_t td_call_patience_ms(const struct td_call *call)
{
	const struct td_group *group = group_of(call);
	const struct td_target *t = td_call_tried_last(call);
	const struct td_number *number;

	if (group)
		return group->cfg.timeout * 1000;
	if (t && t->kind == TD_TARGET_NUMBER) {
		number = td_container_of(t, const struct td_number, target);
		if (number->forward.no_answer[0])
			return number->forward.no_answer_ms;
	}
	return call->core->timer_ms[TD_TIMER_NO_ANSWER];
}

/* ---- one after the other ---- */

static bool was_tried(const struct td_call *call, uint32_t serial)
{
	for (size_t i = 0; i < call->n_tried; i++)
		if (call->tried[i] == serial)
			return true;
	return false;
}

/* Would another way help? */
static bool helps(const struct td_call *call, enum td_cause cause)
{
	if (call->n_tried == TD_ROUTE_HITS || call->tried_stops)
		return false;
	return !call->tried_peer || (cause != TD_CAUSE_BUSY && cause != TD_CAUSE_UNALLOCATED &&
				     cause != TD_CAUSE_BAD_NUMBER && cause != TD_CAUSE_NORMAL);
}

/* Ring one choice. False: nobody rings, and why is noted. */
static bool ring(struct td_call *call, const struct td_route_choice *c)
{
	const struct td_target *t = c->target;
	struct td_leg *legs[1];
	struct td_group *group;

	call->tried[call->n_tried++] = t->serial;
	call->tried_stops = c->huntstop;
	call->tried_peer = t->kind == TD_TARGET_PEER;
	switch ((enum td_target_kind)t->kind) {
	case TD_TARGET_NUMBER:
		return ring_number(call, td_container_of(t, struct td_number, target), c->calling);
	case TD_TARGET_GROUP:
		group = td_container_of(t, struct td_group, target);
		enter_group(call, group);
		return ring_group(call, group, c->calling);
	case TD_TARGET_PEER:
		break;
	}
	return ring_legs(call, legs,
			 legs_of_peer(call, td_container_of(t, struct td_peer, target), c->called,
				      legs), c->calling);
}

static void note_refusal(struct td_call *call, enum td_route_why why)
{
	switch (why) {
	case TD_WHY_RESTRICTED:
	case TD_WHY_TRANSIT:
	case TD_WHY_AFTER_HOURS:
	case TD_WHY_AUTOMATIC:
		td_call_note_cause(call, TD_CAUSE_BARRED);
		break;
	case TD_WHY_REJECTED:
		td_call_note_cause(call, TD_CAUSE_REJECTED);
		break;
	case TD_WHY_NO_TRUNK:
		td_call_note_cause(call, TD_CAUSE_NO_ROUTE);
		break;
	case TD_WHY_OK:
		break;
	}
}

/* Whose rights count. A number that was taken away since has none of its own. */
static const struct td_endpoint *acting(const struct td_call *call)
{
	const struct td_number *number =
		call->acts_for[0] ? td_number_find(call->core, call->acts_for) : NULL;
	const struct td_number_ref *ref =
		number ? td_list_first(&number->refs, const struct td_number_ref, node) : NULL;

	return ref ? ref->ep : call->a ? call->a->ep : NULL;
}

static bool ring_next(struct td_call *call)
{
	uint8_t diversions = call->diversion.count;
	struct td_route_plan plan;

	td_dialplan_choose(call->core, acting(call), call->target, call->calling, call->overrides,
			   &plan);
	call->emergency = plan.emergency;
	if (!plan.n)
		td_call_note_cause(call, TD_CAUSE_UNALLOCATED);
	for (size_t i = 0; i < plan.n; i++) {
		const struct td_route_choice *c = &plan.choice[i];

		if (was_tried(call, c->target->serial))
			continue;
		if (call->overlap && !td_dialplan_overlaps(call->core, c)) {
			td_call_note_cause(call, TD_CAUSE_NO_CIRCUIT);
			continue;
		}
		if (c->why != TD_WHY_OK) {
			note_refusal(call, c->why);
			continue;
		}
		if (ring(call, c))
			return true;
		if (call->diversion.count != diversions || !helps(call, call->cause))
			return false;
	}
	return false;
}

struct td_leg *td_call_ring_also(struct td_call *call, const struct td_number *number, const char *to,
				 bool local)
{
	const struct td_number_ref *ref = td_list_first(&number->refs, const struct td_number_ref, node);
	struct td_party from = call->from;
	struct td_route_plan plan;
	struct td_leg *leg;
	enum td_cause cause;

	if (!call->hops || !ref || !td_call_open_media(call))
		return NULL;
	td_dialplan_choose(call->core, ref->ep, to, local ? number->digits : call->calling, false,
			   &plan);
	for (size_t i = 0; i < plan.n; i++) {
		const struct td_route_choice *c = &plan.choice[i];

		if (c->why != TD_WHY_OK || c->target->kind != TD_TARGET_PEER ||
		    !legs_of_peer(call, td_container_of(c->target, struct td_peer, target),
				  c->called, &leg))
			continue;
		td_strlcpy(from.number, c->calling, sizeof(from.number));
		if (local)
			td_strlcpy(from.name, td_endpoint_line_name(ref->ep, &ref->ep->lines[ref->line]),
				   sizeof(from.name));
		return td_call_ring(call, &leg, 1, &from, &cause) ? leg : NULL;
	}
	return NULL;
}

bool td_call_hunt_on(struct td_call *call, enum td_cause cause)
{
	const struct td_group *group = group_of(call);
	enum td_divert_reason reason;
	const struct td_target *t;
	const char *to = NULL;
	char redirect[TD_NUMBER_LEN];

	if (!call->n_tried)
		return false;
	if (call->again) {
		call->again = false;
		call->n_tried--;
		return ring_next(call);
	}
	if (group)
		return ring_group(call, group, call->calling);
	t = td_call_tried_last(call);
	if (t && t->kind == TD_TARGET_NUMBER) {
		const struct td_number *number = td_container_of(t, struct td_number, target);

		td_strlcpy(redirect, call->redirect_to, sizeof(redirect));
		if (redirect[0])
			return divert(call, number->digits, TD_DIVERT_DEFLECTED, redirect);
		to = forward_for(number, cause, &reason);
		if (to)
			return divert(call, number->digits, reason, to);
	}
	return helps(call, cause) && ring_next(call);
}

bool td_call_route_to(struct td_call *call, const char *number, const char *acts_for)
{
	memset(&call->diversion, 0, sizeof(call->diversion));
	return td_call_route_back(call, number, acts_for);
}

bool td_call_route_back(struct td_call *call, const char *number, const char *acts_for)
{
	td_strlcpy(call->target, number, sizeof(call->target));
	td_strlcpy(call->calling, call->from.number, sizeof(call->calling));
	td_strlcpy(call->acts_for, acts_for, sizeof(call->acts_for));
	call->cause = TD_CAUSE_NONE;
	call->group = 0;
	call->n_tried = 0;
	call->tried_stops = false;
	return ring_next(call);
}

static bool feature(struct td_call *call, enum td_cause *cause)
{
	if (!call->use)
		return td_feature_use(call, call->target, NULL, cause);
	*cause = td_feature_key(call, call->use, call->target);
	return true;
}

/* What a phone wants of the call is said before the number. */
static void take_prefix(struct td_call *call)
{
	const struct td_endpoint_line *line = td_endpoint_line_of(call->a->ep, call->from.number);
	struct td_dialled how = { .hides = line && line->caller_id_block };
	const char *rest = td_feature_prefix(call->core, call->target, &how);

	td_leg_core(call->a)->hides = how.hides;
	call->overrides = how.overrides;
	if (rest == call->target)
		return;
	td_strlcpy(call->to.number, rest, sizeof(call->to.number));
	td_strlcpy(call->target, call->to.number, sizeof(call->target));
}

int td_call_route(struct td_call *call)
{
	enum td_cause cause;
	bool may = true;

	td_strlcpy(call->target, call->to.number, sizeof(call->target));
	td_strlcpy(call->calling, call->from.number, sizeof(call->calling));
	if (call->a)
		may = td_dialplan_enter(call->core, call->a->ep, call->target, call->calling);
	if (!may)
		return td_call_clear(call, TD_CAUSE_REJECTED);
	if (call->a && call->a->ep && call->a->ep->kind == TD_EP_PHONE)
		take_prefix(call);
	if (call->a && call->a->ep && call->a->ep->kind == TD_EP_PHONE && feature(call, &cause)) {
		if (cause)
			return td_call_clear(call, cause);
		return call->a ? TD_CALL_ALONE : TD_CALL_CLEARING;
	}
	td_call_back_note(call);
	if (ring_next(call))
		return TD_CALL_SETUP;
	return td_call_clear(call, call->cause ? call->cause : TD_CAUSE_UNALLOCATED);
}
