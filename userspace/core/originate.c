/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Third-party call: an order of the operator ("tandem call A B"). A's phone is rung as a
 * called party; when it has answered it becomes the caller of an ordinary call to B, so
 * everything after that is call_setup.c's. If A is in several places all ring.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

#define ORIGIN_HOPS 70		/* RFC 3261's Max-Forwards for a fresh request */

/* An endpoint by id, else the first phone of a number that can be reached. */
static int find_legs(struct td_core *core, const char *from, struct td_leg **legs,
		     struct td_endpoint **ep)
{
	const struct td_number *number;
	struct td_number_ref *ref;
	int n = 0;

	*ep = td_endpoint_find(core, from);
	if (*ep)
		return (*ep)->ops->new_legs((*ep)->driver, *ep, legs, TD_MAX_FORKS);
	number = td_number_find(core, from);
	if (!number)
		return -ENOENT;
	td_list_for_each(ref, &number->refs, struct td_number_ref, node) {
		*ep = ref->ep;
		n = ref->ep->ops->new_legs(ref->ep->driver, ref->ep, legs, TD_MAX_FORKS);
		if (n > 0)
			break;
	}
	return n;
}

static void drop_legs(struct td_leg **legs, int n)
{
	while (n-- > 0)
		legs[n]->ops->destroy(legs[n]);
}

static void set_parties(struct td_call *call, const struct td_endpoint *ep, const char *from,
			const char *to)
{
	const struct td_endpoint_line *line = td_endpoint_line_of(ep, from);
	const struct td_number *number = td_number_find(call->core, to);
	struct td_number_ref *ref;

	td_strlcpy(call->to.number, to, sizeof(call->to.number));
	ref = number ? td_list_first(&number->refs, struct td_number_ref, node) : NULL;
	if (ref)
		td_strlcpy(call->to.name,
			   td_endpoint_line_name(ref->ep, &ref->ep->lines[ref->line]),
			   sizeof(call->to.name));
	if (!line)
		return;
	td_strlcpy(call->from.number, line->number, sizeof(call->from.number));
	td_strlcpy(call->from.name, td_endpoint_line_name(ep, line), sizeof(call->from.name));
}

static int start(struct td_core *core, struct td_call *call, struct td_leg **legs, int n)
{
	enum td_cause cause;
	int i;

	for (i = 0; i < n; i++)
		legs[i]->party = call->from;
	if (!td_call_open_media(call)) {
		drop_legs(legs, n);
		return -ENOSPC;
	}
	call->hops = ORIGIN_HOPS + 1;
	call->state = TD_CALL_CALLING;
	td_call_born(call);
	/* A sees whom it is about to talk to as the caller. */
	if (!td_call_ring(call, legs, n, &call->to, &cause)) {
		core->n.failed++;
		call->cause = cause;
		return -EHOSTUNREACH;
	}
	call->hops = ORIGIN_HOPS;
	td_call_timer(call, TD_TIMER_SETUP);
	td_call_changed(call);
	return 0;
}

enum why { BY_OPERATOR, TO_HEAR_A_PAGE, NUMBER_IS_FREE };

static int originate(struct td_core *core, const char *phone, const char *from, const char *to,
		     enum why why, uint32_t *call_id)
{
	struct td_leg *legs[TD_MAX_FORKS];
	struct td_endpoint *ep;
	struct td_call *call;
	int n, err;

	if (core->max_calls && td_core_calls(core) >= core->max_calls) {
		core->n.refused_full++;
		return -EBUSY;
	}
	n = find_legs(core, phone, legs, &ep);
	if (n > 0 && why == TO_HEAR_A_PAGE && ep->n_legs) {	/* not into another call */
		drop_legs(legs, n);
		return -EBUSY;
	}
	if (n <= 0)
		return n ? n : -EHOSTUNREACH;
	call = td_call_new(core);
	if (!call) {
		drop_legs(legs, n);
		return -ENOMEM;
	}
	set_parties(call, ep, from, to);
	call->paged = why == TO_HEAR_A_PAGE;
	call->called_back = why == NUMBER_IS_FREE;
	err = start(core, call, legs, n);
	if (err) {
		td_call_free(call);
		return err;
	}
	*call_id = call->id;
	return 0;
}

int td_core_originate(struct td_core *core, const char *from, const char *to, uint32_t *call_id)
{
	struct td_route_plan plan;

	td_dialplan_choose(core, NULL, to, "", false, &plan);
	return plan.kind == TD_ROUTE_MATCH ?
	       originate(core, from, from, to, BY_OPERATOR, call_id) : -ENOENT;
}

int td_call_page_phone(struct td_core *core, const char *from, const char *to)
{
	uint32_t id;

	return originate(core, from, from, to, TO_HEAR_A_PAGE, &id);
}

int td_call_ring_back(struct td_core *core, struct td_endpoint *ep, const char *line,
		      const char *to)
{
	uint32_t id;

	return originate(core, ep->id, line, to, NUMBER_IS_FREE, &id);
}

int td_call_on_origin_alerting(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	input->leg->state = TD_LEGST_ALERTING;
	td_call_timer(call, call->called_back ? TD_TIMER_CALL_BACK : TD_TIMER_NO_ANSWER);
	return -1;
}

/* A is there and can be heard: from here it is a caller. */
static int proceed(struct td_call *call)
{
	td_call_timer_stop(call);
	call->wait_media = false;
	return td_call_route(call);
}

int td_call_on_origin_media(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;
	int err;

	if (input->ev->media_kind != TD_MEDIA_ANSWER)
		return td_call_on_media(obj, in);
	err = td_call_take_answer(call, input->leg, &input->ev->media);
	if (err)
		return td_call_clear(call, err == -ENOENT ? TD_CAUSE_NO_MEDIA_MATCH :
						 TD_CAUSE_TEMPORARY);
	return call->a ? proceed(call) : -1;
}

int td_call_on_origin_answered(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	call->a = input->leg;
	call->a->state = TD_LEGST_UP;
	call->cause = TD_CAUSE_NONE;
	td_call_release_forks(call, call->a, TD_CAUSE_ELSEWHERE);
	if (call->a->has_remote)
		return proceed(call);
	call->wait_media = true;
	td_call_timer(call, TD_TIMER_MEDIA);
	return -1;
}

int td_call_on_origin_timeout(void *obj, const void *in)
{
	(void)in;
	return td_call_clear(obj, TD_CAUSE_NO_ANSWER);
}

int td_call_on_origin_released(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	if (input->leg->state == TD_LEGST_RELEASING)
		return -1;
	input->leg->state = TD_LEGST_GONE;
	td_call_note_cause(call, input->ev->cause);
	if (call->a || td_call_has_live_forks(call))
		return -1;
	return td_call_clear(call, call->cause);
}
