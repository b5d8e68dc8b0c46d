/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From SETUP to UP: who calls, who is called, everybody rings, the first answer wins.
 * One number may stand on several phones and one phone may be in several places; each is
 * a leg of its own (a fork), and only the best reason of all failures reaches the caller.
 *
 * Media on the way is call_media.c's; it is asked, never told twice.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

/* ---- who is who ---- */

/* Numbers come from phones and go to logs: one word, nothing that a terminal obeys. */
static void clean(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			*s = '_';
}

/* An identity is proven, not claimed: a known endpoint is shown by what we know of it. */
static void identify(struct td_call *call, struct td_leg *leg, const struct td_setup *s)
{
	const struct td_endpoint_line *line = NULL;

	call->from = s->from;
	call->to = s->to;
	call->use = s->use;
	call->overlap = s->overlap;
	call->from.number[sizeof(call->from.number) - 1] = '\0';
	call->from.name[sizeof(call->from.name) - 1] = '\0';
	call->to.number[sizeof(call->to.number) - 1] = '\0';
	call->to.name[0] = '\0';
	clean(call->from.number);
	clean(call->to.number);
	if (leg->ep)
		line = td_endpoint_line_of(leg->ep, call->from.number);
	if (line) {
		td_strlcpy(call->from.number, line->number, sizeof(call->from.number));
		td_strlcpy(call->from.name, td_endpoint_line_name(leg->ep, line),
			   sizeof(call->from.name));
	}
	leg->party = call->from;
	td_line_take(leg, call->from.number);
}

/* ---- which failure is worth telling: what a person did beats what a machine did ---- */

static int weight(enum td_cause cause)
{
	switch (cause) {
	case TD_CAUSE_NONE:
		return 0;
	case TD_CAUSE_BUSY:
		return 9;
	case TD_CAUSE_NO_ANSWER:
		return 8;
	case TD_CAUSE_REJECTED:
		return 7;
	case TD_CAUSE_NO_MEDIA_MATCH:
		return 6;
	case TD_CAUSE_ABSENT:
		return 5;
	case TD_CAUSE_NO_RESPONSE:
		return 4;
	case TD_CAUSE_ELSEWHERE:
	case TD_CAUSE_NORMAL:
		return 1;
	default:
		return 3;
	}
}

void td_call_note_cause(struct td_call *call, enum td_cause cause)
{
	if (weight(cause) > weight(call->cause))
		call->cause = cause;
}

bool td_call_has_live_forks(const struct td_call *call)
{
	struct td_leg *leg;

	td_list_for_each(leg, &call->legs, struct td_leg, node)
		if (leg != call->a && leg != call->aside && td_leg_is_live(leg))
			return true;
	return false;
}

void td_call_release_forks(struct td_call *call, const struct td_leg *winner, enum td_cause cause)
{
	struct td_leg *leg;

	td_list_for_each(leg, &call->legs, struct td_leg, node) /* NOLINT(*NullDereference) */
		if (leg != winner && leg != call->a && leg != call->aside)
			td_leg_release(leg, cause);
}

/* ---- ringing B ---- */

bool td_call_open_media(struct td_call *call)
{
	struct td_media_port *port = &call->core->media;
	int err;

	if (call->media)
		return true;
	err = port->ops->open(port->plane, call->id, &call->media);
	if (err) {
		call->media = NULL;
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u no media ports: %s", call->id,
			       strerror(-err));
	}
	return !err;
}

/* Nobody outside may listen into a room. */
static void set_intercom(const struct td_call *call, const struct td_leg *leg, struct td_setup *s)
{
	const struct td_endpoint_line *line = leg->ep && leg->ep->kind == TD_EP_PHONE ?
						      td_endpoint_line_of(leg->ep, leg->party.number) : NULL;

	if (!line || !line->intercom || !call->a || !call->a->ep || call->a->ep->kind != TD_EP_PHONE)
		return;
	s->auto_answer = true;
	s->auto_heard = line->intercom_no_mute;
	s->auto_first = line->intercom_barge_in;
}

static int ring_one(struct td_call *call, struct td_leg *leg, const struct td_party *from)
{
	struct td_leg_core *lc;
	struct td_setup s;
	int err;

	err = td_leg_attach(call, leg, true);
	if (err) {
		leg->ops->destroy(leg);
		return err;
	}
	lc = td_leg_core(leg);
	td_line_take(leg, leg->party.number);
	err = td_call_offer_first(call, leg);
	if (err) {
		leg->state = TD_LEGST_GONE;
		td_leg_destroy(leg);
		return err;
	}
	memset(&s, 0, sizeof(s));
	s.from = *from;
	s.auto_answer = call->paged;
	if (!call->paged)
		set_intercom(call, leg, &s);
	if (call->a && td_leg_core(call->a)->hides && !call->emergency) {
		s.hidden = true;
		if (!leg->ep || leg->ep->kind != TD_EP_TRUNK)
			s.from = *td_leg_shown(call->a);
	}
	s.to = leg->party;
	s.diverted = call->diversion;
	s.hops = call->hops - 1;
	s.overlap = call->overlap;
	s.has_media = true;
	s.media = *lc->pending;
	leg->state = TD_LEGST_CALLING;
	err = leg->ops->setup(leg, &s);
	if (err) {
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u leg=%u %s: setup failed: %s",
			       call->id, leg->id, leg->ops->protocol, strerror(-err));
		td_leg_post_released(leg, TD_CAUSE_TEMPORARY);
	}
	return 0;
}

size_t td_call_ring(struct td_call *call, struct td_leg **legs, size_t n,
		    const struct td_party *from, enum td_cause *cause)
{
	size_t i, rung = 0;

	for (i = 0; i < n; i++) {
		switch (ring_one(call, legs[i], from)) {
		case 0:
			rung++;
			break;
		case -ENOENT:
			td_call_note_cause(call, TD_CAUSE_NO_MEDIA_MATCH);
			break;
		default:
			td_call_note_cause(call, TD_CAUSE_TEMPORARY);
			break;
		}
	}
	*cause = call->cause;
	return rung;
}

void td_call_wait_for_sign(struct td_call *call)
{
	const struct td_core *core = call->core;

	td_call_timer_ms(call, core->timer_ms[TD_TIMER_SETUP] +
			       (call->overlap ? core->interdigit_ms : 0));
}

/* ---- actions ---- */

int td_call_on_setup(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	const struct td_setup *s = &input->ev->setup;
	struct td_call *call = obj;
	int err;

	identify(call, input->leg, s);
	call->hops = s->hops;
	td_call_born(call);
	if (!s->hops)
		return td_call_clear(call, TD_CAUSE_LOOP);
	if (s->has_media) {
		err = td_call_take_offer(input->leg, &s->media);
		if (err)
			return td_call_clear(call, err == -ENOENT ? TD_CAUSE_NO_MEDIA_MATCH :
							 TD_CAUSE_TEMPORARY);
	}
	if (s->replaces_call)
		return td_call_replace(call, s);
	return td_call_route(call);
}

/* The A of a third-party call or a transfer has answered long ago: nothing rings in its ear. */
static void alert_a(struct td_call *call)
{
	struct td_leg_core *lc = td_leg_core(call->a);

	if (!lc->outbound && call->a->state < TD_LEGST_UP && call->a->ops->alert)
		call->a->ops->alert(call->a);
	lc->alerted = true;
}

/* The first sign of those who are called now: A may have heard ringing from others before. */
static void rings_now(struct td_call *call)
{
	if (call->rings)
		return;
	call->rings = true;
	td_call_timer_ms(call, td_recall_patience_ms(call, td_call_patience_ms(call)));
	td_call_transfer_rings(call);
}

int td_call_on_alerting(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	input->leg->state = TD_LEGST_ALERTING;
	rings_now(call);
	if (!td_leg_core(call->a)->alerted)
		alert_a(call);
	return -1;
}

int td_call_failed(struct td_call *call, enum td_cause cause)
{
	td_call_note_cause(call, cause);
	if (!(call->recall_first && cause == TD_CAUSE_NO_ANSWER) && td_call_hunt_on(call, cause))
		return TD_CALL_SETUP;
	if (td_call_transfer_failed(call, call->cause))
		return TD_CALL_UP;
	if (td_recall(call))
		return call->recalling ? TD_CALL_SETUP : TD_CALL_ALONE;
	if (td_park_again(call))
		return TD_CALL_ALONE;
	return td_call_clear(call, call->cause);
}

/* Of several phones the first one's wish counts, when no other takes the call. */
int td_call_on_redirect(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	if (!call->redirect_to[0])
		td_strlcpy(call->redirect_to, input->ev->redirect_to, sizeof(call->redirect_to));
	return -1;
}

/* One fork is out; the caller hears of it only when it was the last. */
static int fork_failed(struct td_call *call, struct td_leg *leg, enum td_cause cause)
{
	td_call_note_cause(call, cause);
	if (call->early == leg)
		call->early = NULL;
	if (td_call_has_live_forks(call))
		return -1;
	if (td_call_around_refused(call, leg, cause) || td_video_refused(call, leg, cause))
		call->cause = TD_CAUSE_NONE;
	return td_call_failed(call, call->cause);
}

int td_call_on_fork_released(void *obj, const void *in)
{
	const struct td_call_input *input = in;

	if (input->leg->state == TD_LEGST_RELEASING)
		return -1;	/* counted when we released it */
	input->leg->state = TD_LEGST_GONE;
	return fork_failed(obj, input->leg, input->ev->cause);
}

static int answer_refused(struct td_call *call, struct td_leg *leg, int err)
{
	if (err != -ENOENT)
		return td_call_clear(call, TD_CAUSE_TEMPORARY);
	td_leg_release(leg, TD_CAUSE_NO_MEDIA_MATCH);
	return fork_failed(call, leg, TD_CAUSE_NO_MEDIA_MATCH);
}

/* Media of B before its answer. Only the first fork that brings any is heard. */
int td_call_on_early_media(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;
	struct td_leg *leg = input->leg;
	int err;

	if (input->ev->media_kind != TD_MEDIA_ANSWER)
		return td_call_on_media(obj, in);
	err = td_call_take_answer(call, leg, &input->ev->media);
	if (err)
		return answer_refused(call, leg, err);
	if (td_leg_answer_follows(leg) || (call->early && call->early != leg))
		return -1;
	if (!call->a->has_remote)
		return -1;	/* late offer: A hears when B answers */
	call->early = leg;
	err = td_call_answer_leg(call, call->a);
	if (err)
		return td_call_clear(call, err == -ENOENT ? TD_CAUSE_NO_MEDIA_MATCH :
						 TD_CAUSE_TEMPORARY);
	rings_now(call);
	alert_a(call);
	return TD_CALL_ALERTING;
}

int td_call_on_answered(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	call->b = input->leg;
	call->b->state = TD_LEGST_UP;
	call->early = NULL;
	call->cause = TD_CAUSE_NONE;
	if (!call->answered_ms) {	/* else it was transferred, and goes on */
		call->answered_ms = td_loop_now_ms(call->core->loop);
		call->core->n.answered++;
	}
	td_call_timer_stop(call);
	td_reach_stop(call);
	td_call_back_reached(call);
	td_call_release_forks(call, call->b, TD_CAUSE_ELSEWHERE);
	td_call_transfer_done(call);
	td_recall_forget(call);
	td_park_leave(call);
	call->alone = false;
	if (!call->b->has_remote) {
		call->wait_media = true;
		td_call_timer(call, TD_TIMER_MEDIA);
		return -1;
	}
	return td_call_finish_media(call);
}

/* They had their time. */
static int give_up(struct td_call *call, enum td_cause cause)
{
	call->early = NULL;
	td_call_note_cause(call, cause);
	td_call_release_forks(call, NULL, cause);
	return td_call_failed(call, cause);
}

int td_call_on_no_response(void *obj, const void *in)
{
	(void)in;
	return give_up(obj, TD_CAUSE_NO_RESPONSE);
}

int td_call_on_no_answer(void *obj, const void *in)
{
	(void)in;
	return give_up(obj, TD_CAUSE_NO_ANSWER);
}

int td_call_on_no_media(void *obj, const void *in)
{
	(void)in;
	return td_call_clear(obj, TD_CAUSE_TIMER);
}

int td_call_on_silence(void *obj, const void *in)
{
	struct td_call *call = obj;

	(void)in;
	td_log_info(TD_LOG_CORE, "call=%u no media from either party for rtp_timeout, call ended",
		    call->id);
	return td_call_clear(call, TD_CAUSE_TIMER);
}

/* ---- passed on to the other party ---- */

static void pass_info(struct td_leg *to, const struct td_info *info)
{
	if (to && td_leg_is_live(to) && to->ops->info)
		to->ops->info(to, info);
}

static struct td_leg *called_leg(struct td_call *call)
{
	struct td_leg *leg;

	td_list_for_each(leg, &call->legs, struct td_leg, node)
		if (leg != call->a && leg != call->aside && td_leg_is_live(leg))
			return leg;
	return NULL;
}

/* A's number goes on: for the trunk that is called, and for the next one if that fails. "#" says
 * that it is over, and is no part of it. False: there is no room. */
static bool grow_number(struct td_call *call, char digit)
{
	size_t n = strlen(call->target);

	if (digit == '#')
		return true;
	if (n + 1 >= sizeof(call->target))
		return false;
	call->target[n] = digit;
	call->target[n + 1] = '\0';
	td_strlcpy(call->to.number, call->target, sizeof(call->to.number));
	if (call->state == TD_CALL_SETUP)
		td_call_wait_for_sign(call);
	return true;
}

int td_call_on_digit(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_info info = { .kind = TD_INFO_DIGIT, .digit = input->ev->digit,
				.duration_ms = input->ev->duration_ms };
	struct td_call *call = obj;
	struct td_leg *to = td_call_other(call, input->leg);

	td_leg_note_digit(input->leg, info.digit);
	if (call->overlap && !call->b && input->leg == call->a) {
		to = called_leg(call);
		if (to && !to->complete && !grow_number(call, info.digit))
			to = NULL;
	}
	if (to && td_leg_is_live(to) && td_call_press(call, to, &info))
		pass_info(to, &info);
	return -1;
}

int td_call_on_info(void *obj, const void *in)
{
	const struct td_call_input *input = in;

	pass_info(td_call_other(obj, input->leg), &input->ev->info);
	return -1;
}
