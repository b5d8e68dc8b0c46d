// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the relay does with one packet before it leaves: from whom it takes it, what it lets
 * pass, what is counted and told. The twin of bpf/td_rules.bpf.h, by the same counting code
 * (bpf/td_rtp_stat.h), so that a call sounds, counts and reports the same on both paths;
 * tests/bpf/relay_parity.c holds the two against each other.
 *
 * One thing is the relay's alone: the port of a party behind a NAT. The first packet of the
 * signalled host that is what it should be decides (TD_FLOW_LEARN); signalling is told and
 * writes the flow anew without the flag. Until it has, only that port is let in.
 */
#include "userspace/media/relay_priv.h"

#include <string.h>

#include "bpf/td_rtp_stat.h"

#define RTCP_SMALLEST 8		/* header and SSRC */

/* ---- telling signalling ---- */

static struct td_event event_of(const struct td_flow *f, const struct relay_packet *p,
				uint32_t type)
{
	struct td_event ev = {
		.type = type, .slot = p->slot, .call_id = f->call_id, .leg_id = f->leg_id,
		.port = htons(p->from.port), .len = (uint16_t)p->len, .time_ns = p->now_ns,
	};

	memcpy(ev.addr, p->from.ip, sizeof(ev.addr));
	return ev;
}

bool td_relay_tell(struct td_relay *r, const struct td_event *ev)
{
	if (td_ring_push(&r->events, ev))
		return true;
	td_relay_count(&r->counts.events_lost);
	return false;
}

static void tell_plainly(struct td_relay *r, const struct td_flow *f,
			 const struct relay_packet *p, uint32_t type)
{
	struct td_event ev = event_of(f, p, type);

	td_relay_tell(r, &ev);
}

static void tell_rtcp(struct td_relay *r, const struct td_flow *f, struct td_flow_stats *s,
		      const struct relay_packet *p)
{
	struct td_event ev;

	if (!td_event_due(&s->rtcp_event_ns, p->now_ns, TD_RTCP_EVENT_EVERY_NS))
		return;
	ev = event_of(f, p, TD_EVENT_RTCP);
	memcpy(ev.data, p->data, p->len < TD_EVENT_DATA ? p->len : TD_EVENT_DATA);
	td_relay_tell(r, &ev);
}

static void tap_dtmf(struct td_relay *r, const struct td_flow *f, struct td_flow_stats *s,
		     const struct relay_packet *p, uint32_t rtp_ts)
{
	uint32_t at, len;
	struct td_event ev;

	if (!td_relay_rtp_body(p->data, p->len, &at, &len) || len < 4 ||
	    !td_dtmf_is_new(s, rtp_ts))
		return;
	ev = event_of(f, p, TD_EVENT_DTMF);
	ev.rtp_ts = rtp_ts;
	memcpy(ev.data, p->data + at, 4);
	td_relay_tell(r, &ev);
}

/* ---- from whom ---- */

static bool must_learn(const struct td_flow *f, const struct relay_packet *p)
{
	return f->flags & (p->rtcp ? TD_FLOW_LEARN_RTCP : TD_FLOW_LEARN);
}

/* What this very flow has learned, 0 = nothing. */
static __be16 learned(const struct td_relay *r, const struct td_flow *f,
		      const struct relay_packet *p)
{
	const struct relay_learned *l = &r->learned[p->slot];

	return l->gen == f->gen_head ? l->port[p->rtcp] : 0;
}

static bool is_peer(const struct td_relay *r, const struct td_flow *f,
		    const struct relay_packet *p)
{
	__be16 port = htons(p->from.port), want = p->rtcp ? f->peer_rtcp_port : f->peer_port;

	if (memcmp(p->from.ip, f->peer_addr, sizeof(f->peer_addr)) != 0)
		return false;
	if (must_learn(f, p)) {
		want = learned(r, f, p);
		return !want || want == port;
	}
	return want == port;
}

/* Once per flow. Without room in the ring the next packet tries again. */
static void learn(struct td_relay *r, const struct td_flow *f, const struct relay_packet *p)
{
	struct relay_learned *l = &r->learned[p->slot];
	struct td_event ev;

	if (!must_learn(f, p) || learned(r, f, p))
		return;
	ev = event_of(f, p, TD_EVENT_LEARNED);
	ev.data[0] = p->rtcp;
	if (!td_relay_tell(r, &ev))
		return;
	if (l->gen != f->gen_head)
		*l = (struct relay_learned){ .gen = f->gen_head };
	l->port[p->rtcp] = htons(p->from.port);
}

static enum relay_kind refuse_source(struct td_relay *r, const struct td_flow *f,
				     struct td_flow_stats *s, const struct relay_packet *p)
{
	s->wrong_source++;
	td_relay_count(&r->counts.wrong_source);
	if (td_event_due(&s->wrong_event_ns, p->now_ns, TD_EVENT_EVERY_NS))
		tell_plainly(r, f, p, TD_EVENT_WRONG_SOURCE);
	return RELAY_DROP;
}

/* ---- what ---- */

static enum relay_kind kind_of(const struct td_flow *f, const struct relay_packet *p)
{
	if (p->rtcp)
		return RELAY_RTCP;
	if (f->flags & TD_FLOW_PLAIN)
		return RELAY_PLAIN;
	if ((f->flags & TD_FLOW_MUX) && p->len >= 4 && td_is_muxed_rtcp(p->data[1]))
		return RELAY_RTCP;
	return RELAY_RTP;
}

static bool is_bad(const struct td_flow *f, const struct relay_packet *p, enum relay_kind kind)
{
	if (kind == RELAY_RTCP)	/* forwarded as it is; but not everything makes a port known */
		return must_learn(f, p) && (p->len < RTCP_SMALLEST || p->data[0] >> 6 != 2);
	if (kind == RELAY_PLAIN)
		return false;
	return p->len < TD_RTP_HEADER_LEN || p->data[0] >> 6 != 2;
}

/* Lengths that are told inside, where SRTP may have hidden them. */
static bool lies(const struct td_flow *f, const struct relay_packet *p, enum relay_kind kind)
{
	uint32_t at, len;

	return kind == RELAY_RTP && td_relay_wants_law(f, p->data[1] & 0x7f) &&
	       !td_relay_rtp_body(p->data, p->len, &at, &len);
}

static enum relay_kind drop_bad(struct td_flow_stats *s, _Atomic uint64_t *count)
{
	s->bad_rtp++;
	td_relay_count(count);
	return RELAY_DROP;
}

static enum relay_kind drop_policed(struct td_relay *r, const struct td_flow *f,
				    struct td_flow_stats *s, const struct relay_packet *p)
{
	s->policed++;
	td_relay_count(&r->counts.policed);
	if (td_event_due(&s->police_event_ns, p->now_ns, TD_EVENT_EVERY_NS))
		tell_plainly(r, f, p, TD_EVENT_POLICED);
	return RELAY_DROP;
}

static bool is_over_rate(const struct td_flow *f, struct td_flow_stats *s,
			 const struct relay_packet *p)
{
	return f->police && !td_police(s, f->police, p->len, p->now_ns);
}

static enum relay_kind admit_rtcp(struct td_relay *r, const struct td_flow *f,
				  struct td_flow_stats *s, const struct relay_packet *p)
{
	if (is_over_rate(f, s, p))
		return drop_policed(r, f, s, p);
	s->rtcp_packets++;
	s->last_seen_ns = p->now_ns;
	if (f->flags & TD_FLOW_RTCP_EVENTS)
		tell_rtcp(r, f, s, p);
	return RELAY_RTCP;
}

static enum relay_kind admit_plain(struct td_relay *r, const struct td_flow *f,
				   struct td_flow_stats *s, const struct relay_packet *p)
{
	if (is_over_rate(f, s, p))
		return drop_policed(r, f, s, p);
	if (!s->packets)
		tell_plainly(r, f, p, TD_EVENT_FIRST_PACKET);
	s->packets++;
	s->bytes += p->len;
	s->last_seen_ns = p->now_ns;
	return RELAY_PLAIN;
}

/* The stream is followed in any case: what we drop was not lost on the way to us. */
static enum relay_kind admit_rtp(struct td_relay *r, const struct td_flow *f,
				 struct td_flow_stats *s, struct relay_packet *p)
{
	struct td_rtp_seen seen = {
		.now_ns = p->now_ns, .ssrc = td_relay_be32(p->data + 8), .ts = td_relay_be32(p->data + 4),
		.ns_per_tick = f->ns_per_tick, .bytes = p->len,
		.seq = (uint16_t)(p->data[2] << 8 | p->data[3]),
	};

	if (!s->rtp_ns)
		tell_plainly(r, f, p, TD_EVENT_FIRST_PACKET);
	td_rtp_stat_follow(s, &seen);
	if (is_over_rate(f, s, p))
		return drop_policed(r, f, s, p);
	if ((p->data[1] & 0x7f) == f->dtmf_pt) {
		if (f->flags & TD_FLOW_TAP_DTMF)
			tap_dtmf(r, f, s, p, seen.ts);
		if (f->flags & TD_FLOW_HOLD_DTMF) {
			s->held_dtmf++;
			td_relay_count(&r->counts.held_dtmf);
			return RELAY_DROP;
		}
	}
	s->packets++;
	s->bytes += p->len;
	td_relay_rewrite(f, s, p->data, p->len);
	if (r->typing[p->slot].n)
		td_relay_type(r, f, p);
	return RELAY_RTP;
}

enum relay_kind td_relay_admit(struct td_relay *r, const struct td_flow *f,
			       struct relay_packet *p)
{
	struct td_flow_stats *s = &r->stats[p->slot];
	enum relay_kind kind;

	if (!is_peer(r, f, p))
		return refuse_source(r, f, s, p);
	kind = kind_of(f, p);
	if (is_bad(f, p, kind))
		return drop_bad(s, &r->counts.bad_rtp);
	if (!td_relay_open(r, f, p, kind == RELAY_RTCP))
		return drop_bad(s, &r->counts.bad_srtp);
	if (lies(f, p, kind))
		return drop_bad(s, &r->counts.bad_rtp);
	learn(r, f, p);
	if (kind != RELAY_RTCP && (f->flags & TD_FLOW_MUTED)) {
		s->muted++;
		td_rtp_stat_pause(s);
		td_relay_count(&r->counts.muted);
		return RELAY_DROP;
	}
	if (kind == RELAY_RTCP)
		return admit_rtcp(r, f, s, p);
	return kind == RELAY_PLAIN ? admit_plain(r, f, s, p) : admit_rtp(r, f, s, p);
}
