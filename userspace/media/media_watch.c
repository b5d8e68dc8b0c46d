// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the core hears of the packets: that a party has begun to send, which keys it presses
 * (RFC 4733), that a call has fallen silent. And what the plane itself makes of the first
 * packet of a party behind a NAT: from then on its port is that one.
 *
 * Silence costs nothing while there is none: each session has one timer, set to the moment at
 * which the limit would be over if nothing more came. When it runs out the counters say when
 * something came last, and it is set anew for what is left.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "userspace/base/log.h"

#define SAME_DIGIT_NS	10000000000ULL	/* no key is held down longer */

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

/* The last thing that is done with a session: the core may close it. */
static void tell(struct td_media *m, const struct td_media_event *ev)
{
	if (m->event)
		m->event(m->event_arg, ev);
}

/* ---- parties ---- */

static uint32_t leg_of(const struct media_side *side)
{
	return side->owner->end[side - side->owner->side].leg_id;
}

/* Each path tells of its own first packet. */
void td_media_first_packet(struct media_side *side)
{
	struct td_media_event ev = {
		.type = TD_MEDIA_EV_FIRST_PACKET, .call_id = side->owner->call_id,
		.leg_id = leg_of(side),
	};

	if (side->heard)
		return;
	side->heard = true;
	tell(side->owner->m, &ev);
}

/* RFC 4733 3.2: the sixteen keys. Others (flash, tones of modems) are no digits. */
static char digit_of(uint8_t event)
{
	static const char keys[] = "0123456789*#ABCD";

	return event < sizeof(keys) - 1 ? keys[event] : '\0';
}

/* A digit is a run of packets with one timestamp, the last ones sent three times. Each path
 * tells once; a flow that changes its path in the middle must not double it. */
void td_media_digit(struct media_side *side, const struct td_event *ev)
{
	struct td_media_event out = {
		.type = TD_MEDIA_EV_DIGIT, .call_id = side->owner->call_id,
		.leg_id = leg_of(side), .digit = digit_of(ev->data[0]),
		.held = side->owner->end[side - side->owner->side].hold_dtmf,
	};

	if (!out.digit || (side->has_digit && side->digit_ts == ev->rtp_ts &&
			   ev->time_ns - side->digit_ns < SAME_DIGIT_NS))
		return;
	side->has_digit = true;
	side->digit_ts = ev->rtp_ts;
	side->digit_ns = ev->time_ns;
	tell(side->owner->m, &out);
}

/* ---- ports behind a NAT ---- */

static void apply_learned(const struct media_learn *l, struct td_media_end *end)
{
	if (l->rtp)
		end->remote.port = l->rtp;
	if (l->rtcp) {
		end->remote_rtcp = end->remote;
		end->remote_rtcp.port = l->rtcp;
	}
}

/* told.port is 0 when the session was adopted, and the flow tells the host only. */
static bool is_where_it_was(const struct media_learn *l, const struct td_media_end *end)
{
	return l->on && !memcmp(l->told.ip, end->remote.ip, sizeof(l->told.ip)) &&
	       (!l->told.port || l->told.port == end->remote.port);
}

void td_media_take_end(struct media_side *side, struct td_media_end *end)
{
	struct media_learn *l = &side->learn;

	if (!end->learn || !is_where_it_was(l, end))
		*l = (struct media_learn){ .on = end->learn };
	l->told = end->remote;
	apply_learned(l, end);
}

/* Once: what comes from yet another port is a stranger's. */
void td_media_learned(struct media_side *side, const struct td_event *ev)
{
	uint16_t *port = ev->data[0] ? &side->learn.rtcp : &side->learn.rtp;
	struct td_media_session *s = side->owner;

	if (!side->learn.on || *port ||
	    memcmp(ev->addr, side->learn.told.ip, sizeof(ev->addr)) != 0)
		return;
	*port = ntohs(ev->port);
	td_media_say(s->m, "call=%" PRIu32 " leg=%" PRIu32 " learned %s port=%u", s->call_id,
		     leg_of(side), ev->data[0] ? "RTCP" : "RTP", *port);
	apply_learned(&side->learn, &s->end[side - s->side]);
	td_media_program(s);
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
	tell(m, &ev);
}

static void arm(struct td_media_session *s, uint64_t ms)
{
	if (td_loop_timer_start(s->m->loop, &s->silence, ms, on_silence, s))
		td_log_limited(TD_LOG_MEDIA, TD_ERR, "call=%" PRIu32 " out of memory, its silence "
			       "goes unnoticed", s->call_id);
}

/* On hold in both directions nobody is expected to send. */
static bool is_expected(const struct td_media_session *s)
{
	for (int side = 0; side < 2; side++) {
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
