/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core's side of port 1: a leg enters and leaves its call, and drivers' events wait
 * in the call's queue until the loop comes around. So no order ever runs the core below
 * itself, and freeing the call drops what was still said.
 *
 * Three promises are kept here: RELEASED is queued exactly once and never fails (its
 * place is reserved when the leg enters); a driver that stays silent after release() is
 * played by the "goodbye" timer; destroy() comes last and once.
 *
 * What events mean is call_fsm.c's business.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

/* Allocated only as long as its kind of event needs: a digit does not carry 1 KiB. */
struct td_post {
	struct td_list node;
	struct td_leg *leg;
	struct td_leg_event ev;
};

static size_t event_size(enum td_leg_event_type type)
{
	size_t head = offsetof(struct td_leg_event, setup);

	switch (type) {
	case TD_LEG_SETUP:
		return sizeof(struct td_leg_event);
	case TD_LEG_MEDIA:
		return offsetof(struct td_leg_event, media) + sizeof(struct td_media_desc);
	case TD_LEG_INFO:
		return offsetof(struct td_leg_event, info) + sizeof(struct td_info);
	case TD_LEG_TRANSFER:
	case TD_LEG_CONFERENCE:
		return offsetof(struct td_leg_event, transfer) + sizeof(struct td_transfer);
	case TD_LEG_REDIRECT:
		return head + TD_NUMBER_LEN;
	default:
		return head;
	}
}

/* The text of its video, which goes with the event; NULL: there is none. */
static const char *text_of(const struct td_leg_event *ev)
{
	const struct td_video *v = ev->type == TD_LEG_SETUP ? &ev->setup.media.video :
				   ev->type == TD_LEG_MEDIA ? &ev->media.video : NULL;

	return v && v->rtp.port ? v->text : NULL;
}

static void set_text(struct td_leg_event *ev, const char *text)
{
	if (ev->type == TD_LEG_SETUP)
		ev->setup.media.video.text = text;
	else
		ev->media.video.text = text;
}

static struct td_post *post_new(struct td_leg *leg, const struct td_leg_event *ev)
{
	size_t size = event_size(ev->type), at = offsetof(struct td_post, ev) + size;
	const char *text = text_of(ev);
	size_t len = text ? strlen(text) + 1 : 0;
	struct td_post *p = td_zalloc(at + len);

	if (!p)
		return NULL;
	td_list_init(&p->node);
	p->leg = leg;
	memcpy(&p->ev, ev, size);
	if (text)
		set_text(&p->ev, memcpy((char *)p + at, text, len));
	return p;
}

/* ---- into the call, out of the call ---- */

int td_leg_attach(struct td_call *call, struct td_leg *leg, bool outbound)
{
	static const struct td_leg_event bye = { .type = TD_LEG_RELEASED };
	struct td_leg_core *lc = td_zalloc(sizeof(*lc));

	if (!lc)
		return -ENOMEM;
	lc->bye = post_new(leg, &bye);
	if (!lc->bye) {
		td_free(lc);
		return -ENOMEM;
	}
	lc->leg = leg;
	lc->wish = lc->video_wish = TD_DIR_BOTH;
	lc->outbound = outbound;
	/* a third-party call rings A's phones first: there is no A yet, and they are side 0 */
	lc->side = call->a ? !td_leg_core(call->a)->side : 0;
	leg->core_priv = lc;
	leg->call = call;
	leg->id = ++call->core->last_leg_id;
	leg->state = TD_LEGST_IDLE;
	leg->released = leg->has_remote = leg->has_local = false;
	leg->remote = leg->local_desc = NULL;
	td_list_append(&call->legs, &leg->node);
	td_endpoint_get(leg->ep);
	td_call_around_begin(call, leg);
	td_call_marks_begin(call, leg);
	td_leg_set_dtmf(leg);
	return 0;
}

void td_leg_set_dtmf(struct td_leg *leg)
{
	const struct td_peer *peer = td_dialplan_peer(leg->call->core, td_leg_core(leg)->peer);

	leg->dtmf = leg->ep ? leg->ep->dtmf : CFG_DTMF_RTP;
	if (peer && peer->cfg.dtmf_relay)
		leg->dtmf = (uint8_t)(peer->cfg.dtmf_relay - 1);
}

void td_leg_destroy(struct td_leg *leg)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_endpoint *ep = leg->ep;
	struct td_call *call = leg->call;

	td_loop_timer_stop(call->core->loop, &lc->goodbye);
	td_watch_leg_gone(leg);
	td_line_leave(leg);
	if (call->answered_ms && (leg == call->a || leg == call->b))
		td_number_rests(call->core, leg->party.number);
	td_list_del(&leg->node);
	if (call->a == leg)
		call->a = NULL;
	if (call->b == leg)
		call->b = NULL;
	if (call->early == leg)
		call->early = NULL;
	if (call->aside == leg)
		call->aside = NULL;
	td_free(leg->remote);
	td_free(leg->local_desc);
	td_free(lc->pending);
	td_free(lc->other_kind);
	td_free(lc->bye);
	td_free(lc);
	leg->remote = leg->local_desc = NULL;
	leg->core_priv = NULL;
	leg->call = NULL;
	leg->ops->destroy(leg);
	td_endpoint_put(ep);
}

bool td_leg_holds(const struct td_leg *leg)
{
	return leg->state == TD_LEGST_UP && !(td_leg_core(leg)->wish & TD_DIR_RECV);
}

bool td_leg_is_secret(const struct td_leg *leg)
{
	return td_endpoint_is_private(leg->ep) &&
	       (!td_leg_holds(leg) || leg->call->core->held_is_private);
}

bool td_leg_is_live(const struct td_leg *leg)
{
	return leg->state < TD_LEGST_RELEASING;
}

/* For show: the oldest ones fall out. */
void td_leg_note_digit(struct td_leg *leg, char digit)
{
	char *digits = td_leg_core(leg)->digits;
	size_t n = strlen(digits);

	if (n == TD_DIGITS_SHOWN)
		memmove(digits, digits + 1, n--);
	digits[n] = digit;
	digits[n + 1] = '\0';
}

const char *td_leg_state_word(const struct td_leg *leg)
{
	static const char *const words[] = {
		[TD_LEGST_IDLE] = "idle", [TD_LEGST_CALLING] = "calling",
		[TD_LEGST_ALERTING] = "alerting", [TD_LEGST_UP] = "up",
		[TD_LEGST_RELEASING] = "clearing", [TD_LEGST_GONE] = "clearing",
	};

	if (td_leg_holds(leg))
		return "held";
	return words[leg->state];
}

uint32_t td_leg_call_id(const struct td_leg *leg)
{
	return leg->call ? leg->call->id : 0;
}

/* What it has said and is not heard yet goes with it. */
void td_leg_move(struct td_leg *leg, struct td_call *to, uint8_t side)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_call *from = leg->call;
	struct td_post *p, *next;

	td_list_for_each_safe(p, next, &from->queue, struct td_post, node) {
		if (p->leg != leg)
			continue;
		td_list_del(&p->node);
		td_list_append(&to->queue, &p->node);
	}
	if (!td_list_empty(&to->queue))
		td_call_wake(to);
	if (from->a == leg)
		from->a = NULL;
	if (from->b == leg)
		from->b = NULL;
	td_list_del(&leg->node);
	td_list_append(&to->legs, &leg->node);
	leg->call = to;
	lc->side = side;
	lc->moved = true;
	lc->alerted = true;
	leg->has_local = false;		/* what it was told of us is no longer true */
}

/* ---- goodbye ---- */

static void on_silent(void *arg)
{
	struct td_leg_core *lc = arg;
	struct td_leg *leg = lc->leg;

	if (leg->released)
		return;		/* it spoke at the last moment */
	leg->call->core->n.goodbye_played++;
	td_log_warn(TD_LOG_CORE, "call=%u leg=%u %s: no RELEASED from the driver, leg dropped",
		    leg->call->id, leg->id, leg->ops->protocol);
	td_leg_post_released(leg, lc->released_with);
}

void td_leg_release(struct td_leg *leg, enum td_cause cause)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_core *core = leg->call->core;

	if (!td_leg_is_live(leg))
		return;
	leg->state = TD_LEGST_RELEASING;
	lc->released_with = cause;
	if (leg->released)
		return;		/* its RELEASED waits in the queue */
	if (td_loop_timer_start(core->loop, &lc->goodbye, core->timer_ms[TD_TIMER_GOODBYE],
				on_silent, lc)) {
		/* Nobody would wake us: end the leg after this order instead. */
		leg->ops->release(leg, cause);
		td_leg_post_released(leg, cause);
		return;
	}
	leg->ops->release(leg, cause);
}

/* ---- the queue ---- */

static enum td_call_event event_of(const struct td_call *call, const struct td_leg *leg,
				   enum td_leg_event_type type)
{
	bool is_a = call->a == leg;

	if (leg == call->aside)
		return type == TD_LEG_RELEASED ? TD_EV_ASIDE_RELEASED :
		       type == TD_LEG_MEDIA ? TD_EV_ASIDE_MEDIA : TD_EV_UNEXPECTED;
	switch (type) {
	case TD_LEG_SETUP:
		return is_a ? TD_EV_SETUP : TD_EV_UNEXPECTED;
	case TD_LEG_ALERTING:
		return is_a ? TD_EV_UNEXPECTED : TD_EV_B_ALERTING;
	case TD_LEG_ANSWERED:
		return is_a ? TD_EV_UNEXPECTED : TD_EV_B_ANSWERED;
	case TD_LEG_MEDIA:
		return is_a ? TD_EV_A_MEDIA : TD_EV_B_MEDIA;
	case TD_LEG_RELEASED:
		return is_a ? TD_EV_A_RELEASED : TD_EV_B_RELEASED;
	case TD_LEG_HOLD:
		return TD_EV_HOLD;
	case TD_LEG_RESUME:
		return TD_EV_RESUME;
	case TD_LEG_DIGIT:
		return TD_EV_DIGIT;
	case TD_LEG_INFO:
		return TD_EV_INFO;
	case TD_LEG_TRANSFER:
	case TD_LEG_PARK:
		return TD_EV_TRANSFER;
	case TD_LEG_CONFERENCE:
		return TD_EV_CONFERENCE;
	case TD_LEG_REDIRECT:
		return is_a ? TD_EV_UNEXPECTED : TD_EV_REDIRECT;
	default:
		return TD_EV_UNEXPECTED;
	}
}

static void dispatch(struct td_call *call, struct td_leg *leg, const struct td_leg_event *ev)
{
	if (ev->type == TD_LEG_RELEASED) {
		td_call_event(call, event_of(call, leg, ev->type), leg, ev);
		leg->state = TD_LEGST_GONE;
		td_leg_destroy(leg);
		return;
	}
	/* What a party says after we hung up is of no interest. */
	if (!td_leg_is_live(leg))
		return;
	td_call_event(call, event_of(call, leg, ev->type), leg, ev);
}

static void run_queue(void *arg)
{
	struct td_call *call = arg;
	struct td_post *p;

	while ((p = td_list_first(&call->queue, struct td_post, node))) {
		td_list_del(&p->node);
		dispatch(call, p->leg, &p->ev);
		td_free(p);
	}
	if (call->no_memory) {
		call->no_memory = false;
		td_call_event(call, TD_EV_NO_MEMORY, NULL, NULL);
	}
	if (td_list_empty(&call->legs))
		td_call_free(call);
}

void td_call_wake(struct td_call *call)
{
	if (!call->run.queued)
		td_loop_defer(call->core->loop, &call->run, run_queue, call);
}

void td_call_drop_queue(struct td_call *call)
{
	struct td_post *p;

	while ((p = td_list_first(&call->queue, struct td_post, node))) {
		td_list_del(&p->node);
		td_free(p);
	}
}

bool td_leg_answer_follows(const struct td_leg *leg)
{
	struct td_post *p;

	td_list_for_each(p, &leg->call->queue, struct td_post, node)
		if (p->leg == leg)
			return p->ev.type == TD_LEG_ANSWERED;
	return false;
}

int td_leg_post(struct td_leg *leg, const struct td_leg_event *ev)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_call *call = leg->call;
	struct td_post *p;

	if (!lc)
		return -EINVAL;
	if (leg->released)
		return -ESHUTDOWN;
	if (ev->type == TD_LEG_RELEASED) {
		p = lc->bye;
		lc->bye = NULL;
		leg->released = true;
		if (p)
			memcpy(&p->ev, ev, event_size(ev->type));
	} else {
		p = post_new(leg, ev);
	}
	if (!p) {
		call->no_memory = true;
		td_call_wake(call);
		return -ENOMEM;
	}
	td_list_append(&call->queue, &p->node);
	td_call_wake(call);
	return 0;
}

int td_leg_post_simple(struct td_leg *leg, enum td_leg_event_type type)
{
	struct td_leg_event ev = { .type = type };

	return td_leg_post(leg, &ev);
}

int td_leg_post_media(struct td_leg *leg, enum td_media_kind kind, const struct td_media_desc *d)
{
	struct td_leg_event ev = { .type = TD_LEG_MEDIA, .media_kind = kind };

	if (d)
		ev.media = *d;
	return td_leg_post(leg, &ev);
}

int td_leg_post_released(struct td_leg *leg, enum td_cause cause)
{
	struct td_leg_event ev = { .type = TD_LEG_RELEASED, .cause = cause };

	return td_leg_post(leg, &ev);
}

int td_core_incoming(struct td_core *core, struct td_leg *leg)
{
	struct td_call *call;
	int err;

	if ((core->max_calls && td_core_calls(core) >= core->max_calls) ||
	    (leg->ep && leg->ep->max_legs && leg->ep->n_legs >= leg->ep->max_legs)) {
		core->n.refused_full++;
		return -EBUSY;
	}
	call = td_call_new(core);
	if (!call)
		return -ENOMEM;
	err = td_leg_attach(call, leg, false);
	if (err) {
		td_call_free(call);
		return err;
	}
	call->a = leg;
	leg->state = TD_LEGST_CALLING;
	return 0;
}
