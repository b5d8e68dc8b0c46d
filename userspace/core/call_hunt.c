/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a call rings, and whom next: the choices of the dial plan, best first, until one
 * answers or a failure says that the rest would not help. A busy party or a number that does
 * not exist is not looked for by another trunk (IOS "voice hunt": off by default for
 * user-busy, unassigned-number and invalid-number); a number of the house stops the hunt
 * unless its dn says otherwise.
 *
 * The plan is asked anew for each step, and what was tried is remembered: a reload in between
 * leaves no pointer behind.
 */
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

/* Legs for every place where the number can ring now. */
static size_t legs_of_number(struct td_call *call, const struct td_number *number,
			     struct td_leg **legs)
{
	struct td_number_ref *ref;
	size_t n = 0, i;
	int got;

	td_list_for_each(ref, &number->refs, struct td_number_ref, node) {
		if (!call->to.name[0])
			td_strlcpy(call->to.name,
				   td_endpoint_line_name(ref->ep, &ref->ep->lines[ref->line]),
				   sizeof(call->to.name));
		if (is_self(call, ref)) {
			td_call_note_cause(call, TD_CAUSE_BUSY);
			continue;
		}
		if (n == TD_MAX_FORKS)
			break;
		got = ref->ep->ops->new_legs(ref->ep->driver, ref->ep, legs + n,
					     TD_MAX_FORKS - n);
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
	return 1;
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
	struct td_party from = call->from;
	struct td_leg *legs[TD_MAX_FORKS];
	enum td_cause cause;
	size_t n;

	call->tried[call->n_tried++] = t->serial;
	call->tried_stops = c->huntstop;
	call->tried_peer = t->kind == TD_TARGET_PEER;
	td_strlcpy(from.number, c->calling, sizeof(from.number));
	n = call->tried_peer ?
		    legs_of_peer(call, td_container_of(t, struct td_peer, target), c->called, legs) :
		    legs_of_number(call, td_container_of(t, struct td_number, target), legs);
	if (!n)
		return false;
	if (!td_call_open_media(call)) {
		for (size_t i = 0; i < n; i++)
			legs[i]->ops->destroy(legs[i]);
		td_call_note_cause(call, TD_CAUSE_NO_RESOURCE);
		return false;
	}
	call->rings = false;
	if (!td_call_ring(call, legs, n, &from, &cause))
		return false;
	td_call_timer(call, TD_TIMER_SETUP);
	return true;
}

static void note_refusal(struct td_call *call, enum td_route_why why)
{
	switch (why) {
	case TD_WHY_RESTRICTED:
	case TD_WHY_TRANSIT:
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

static bool ring_next(struct td_call *call)
{
	struct td_route_plan plan;

	td_dialplan_choose(call->core, call->a ? call->a->ep : NULL, call->to.number,
			   call->from.number, &plan);
	if (plan.rejected)
		td_call_note_cause(call, TD_CAUSE_REJECTED);
	for (size_t i = 0; i < plan.n; i++) {
		const struct td_route_choice *c = &plan.choice[i];

		if (was_tried(call, c->target->serial))
			continue;
		if (c->why != TD_WHY_OK) {
			note_refusal(call, c->why);
			continue;
		}
		if (ring(call, c))
			return true;
		if (!helps(call, call->cause))
			return false;
	}
	return false;
}

bool td_call_hunt_on(struct td_call *call, enum td_cause cause, int *state)
{
	if (!call->n_tried || !helps(call, cause) || !ring_next(call))
		return false;
	*state = TD_CALL_SETUP;
	return true;
}

int td_call_route(struct td_call *call)
{
	if (ring_next(call))
		return TD_CALL_SETUP;
	return td_call_clear(call, call->cause ? call->cause : TD_CAUSE_UNALLOCATED);
}
