// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the core hears of a session's packets: that a party has begun to send, and that both
 * have fallen silent. (Digits: media_keys.c.)
 *
 * Silence costs nothing while there is none: each session has one timer, set to the moment at
 * which the limit would be over if nothing more came. When it runs out the counters say when
 * something came last, and it is set anew for what is left.
 */
#include "userspace/media/media_priv.h"

#include <inttypes.h>

#include "userspace/base/log.h"

void td_media_watch(void *plane, td_media_event_fn fn, void *arg)
{
	struct td_media *m = plane;
	struct td_media_session *s;

	m->event = fn;
	m->event_arg = arg;
	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		td_media_watch_silence(s);
}

struct media_side *td_media_side_of(const struct td_media *m, const struct td_event *ev)
{
	struct media_side *side = ev->slot < TD_MAX_SLOTS ? m->by_slot[ev->slot] : NULL;

	return side && side->owner->call_id == ev->call_id ? side : NULL;
}

void td_media_tell(struct td_media *m, const struct td_media_event *ev)
{
	if (m->event)
		m->event(m->event_arg, ev);
}

/* Each path tells of its own first packet. */
void td_media_first_packet(struct media_side *side)
{
	struct td_media_event ev = {
		.type = TD_MEDIA_EV_FIRST_PACKET, .call_id = side->owner->call_id,
		.leg_id = td_media_end_of(side)->leg_id,
	};

	if (side->heard)
		return;
	side->heard = true;
	td_media_look_begin(side);
	td_media_tell(side->owner->m, &ev);
}

/* ---- silence ---- */

static uint64_t last_seen_ms(const struct td_media_session *s)
{
	uint64_t last = s->silent_since_ms, lost;

	for (int side = 0; side < 2; side++) {
		struct td_flow_stats f = td_media_flow_stats(s->m, td_media_slot(s, side), &lost);

		if (f.last_seen_ns / 1000000 > last)
			last = f.last_seen_ns / 1000000;
	}
	return last;
}

static void arm(struct td_media_session *s, uint64_t ms);

static void on_silence(void *arg)
{
	struct td_media_session *s = arg;
	struct td_media *m = s->m;
	struct td_media_event ev = { .type = TD_MEDIA_EV_SILENCE, .call_id = s->call_id };
	uint64_t now = td_loop_now_ms(m->loop), end = last_seen_ms(s) + m->rtp_timeout_ms;

	if (end > now) {
		arm(s, end - now);
		return;
	}
	/* a call in set-up is left alone by the core, and asked about again */
	s->silent_since_ms = now;
	arm(s, m->rtp_timeout_ms);
	td_media_tell(m, &ev);
}

static void arm(struct td_media_session *s, uint64_t ms)
{
	if (td_loop_timer_start(s->m->loop, &s->silence, ms, on_silence, s))
		td_log_limited(TD_LOG_MEDIA, TD_ERR, "call=%" PRIu32 " out of memory, its silence "
			       "goes unnoticed", s->call_id);
}

/* On hold in both directions nobody is expected to send; and who sends no video may well talk. */
static bool is_expected(const struct td_media_session *s)
{
	for (int side = 0; side < 2 && !s->end[side].video; side++) {
		uint32_t flags = s->m->tables.flows[td_media_slot(s, side)].flags;

		if ((flags & TD_FLOW_ACTIVE) && !(flags & TD_FLOW_MUTED))
			return true;
	}
	return false;
}

void td_media_watch_silence(struct td_media_session *s)
{
	struct td_media *m = s->m;

	if (!m->event || !m->rtp_timeout_ms || !is_expected(s)) {
		td_loop_timer_stop(m->loop, &s->silence);
		return;
	}
	if (td_timer_is_armed(&s->silence))
		return;
	s->silent_since_ms = td_loop_now_ms(m->loop);
	arm(s, m->rtp_timeout_ms);
}
