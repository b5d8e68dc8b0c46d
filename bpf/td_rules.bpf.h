/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules of a flow, the same for every kind of frame: from whom it takes packets, what
 * it lets pass, what is counted and told. Nothing here touches the frame.
 */
#ifndef TD_BPF_RULES_BPF_H
#define TD_BPF_RULES_BPF_H

#include "bpf/td_flow.bpf.h"

#define TD_ADMITTED	(-1)

enum td_kind { TD_KIND_RTP, TD_KIND_RTCP, TD_KIND_PLAIN };

static __always_inline struct td_note td_note_of(__u32 type, __u64 now)
{
	return (struct td_note){ .now_ns = now, .type = type };
}

/* rtcp: by the port it came to; with TD_FLOW_MUX RTCP has no port of its own. */
static __always_inline bool td_may_learn(const struct td_way *w, __u32 rtcp)
{
	return w->flags & (rtcp ? TD_FLOW_LEARN_RTCP : TD_FLOW_LEARN);
}

/* Not from the signalled address and port. Another port of the right host may be what NAT
 * made of it, where that has been allowed: the relay decides. */
static __noinline int td_refuse_source(struct xdp_md *ctx, td_subject p,
				       const struct td_source *from, struct td_flow_stats *s,
				       bool may_learn)
{
	__u64 now;

	if (may_learn)
		return td_up(TD_REASON_UP_LEARN);
	now = bpf_ktime_get_ns();
	s->wrong_source++;
	if (td_event_due(&s->wrong_event_ns, now, TD_EVENT_EVERY_NS)) {
		struct td_note n = td_note_of(TD_EVENT_WRONG_SOURCE, now);

		td_tell(ctx, p, &n, from);
	}
	return td_verdict(TD_REASON_WRONG_SOURCE, XDP_DROP);
}

static __always_inline bool td_same_addr(const __u64 a[2], const __u64 b[2])
{
	return a[1] == b[1] && a[0] == b[0];
}

/* Where does the RTP payload begin, how long is it without padding? RFC 3550 5.1, 5.3.1.
 * Returns offset << 32 | length; 0 when header and length do not fit. Global: verified once. */
__noinline __u64 td_rtp_body(struct xdp_md *ctx, __u32 at, __u32 len)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 head, first = 0;
	__u8 *rtp;

	if (at > 128 || len > TD_MAX_LINEAR)
		return 0;
	rtp = data + at;
	if ((void *)(rtp + 1) > end)
		return 0;
	first = *rtp;
	head = TD_RTP_HEADER_LEN + (first & 0x0f) * 4;
	if (first & 0x10) {
		__u8 *x = rtp + head;

		if (head + 4 > len || (void *)(x + 4) > end)
			return 0;
		head += 4 + (((__u32)x[2] << 8 | x[3]) * 4);
	}
	if (head > len)
		return 0;
	if (first & 0x20) {
		__u32 last_at = at + len - 1, padding;
		__u8 *last;

		barrier_var(last_at);	/* a number of its own for the verifier */
		if (last_at > 2 * TD_MAX_LINEAR)
			return 0;
		last = data + last_at;
		if ((void *)(last + 1) > end)
			return 0;
		padding = *last;
		if (!padding || padding > len - head)
			return 0;
		len -= padding;
	}
	return (__u64)(at + head) << 32 | (len - head);
}

/* An RFC 4733 packet: told once per event. */
static __noinline void td_tap_dtmf(struct xdp_md *ctx, td_subject p,
				   struct td_flow_stats *s, const struct td_rtp_seen *seen)
{
	__u64 body = td_rtp_body(ctx, td_payload_at(p), td_payload(p));
	struct td_note n = td_note_of(TD_EVENT_DTMF, seen->now_ns);

	if ((__u32)body < 4 || !td_dtmf_is_new(s, seen->ts))
		return;
	n.rtp_ts = seen->ts;
	n.at = (__u32)(body >> 32);
	n.copy = 4;
	td_tell(ctx, p, &n, NULL);
}

static __noinline int td_drop_policed(struct xdp_md *ctx, td_subject p,
				      struct td_flow_stats *s, __u64 now)
{
	s->policed++;
	if (td_event_due(&s->police_event_ns, now, TD_EVENT_EVERY_NS)) {
		struct td_note n = td_note_of(TD_EVENT_POLICED, now);

		td_tell(ctx, p, &n, NULL);
	}
	return td_verdict(TD_REASON_POLICED, XDP_DROP);
}

static __noinline void td_tell_first(struct xdp_md *ctx, td_subject p, __u64 now)
{
	struct td_note n = td_note_of(TD_EVENT_FIRST_PACKET, now);

	td_tell(ctx, p, &n, NULL);
}

static __noinline void td_tell_rtcp(struct xdp_md *ctx, td_subject p,
				    struct td_flow_stats *s, __u64 now)
{
	struct td_note n = td_note_of(TD_EVENT_RTCP, now);

	if (!td_event_due(&s->rtcp_event_ns, now, TD_RTCP_EVENT_EVERY_NS))
		return;
	n.at = td_payload_at(p);
	n.copy = td_payload(p);
	td_tell(ctx, p, &n, NULL);
}

static __always_inline bool td_over_rate(const struct td_way *w, struct td_flow_stats *s,
					 td_subject p, __u64 now)
{
	return w->police && !td_police(s, w->police, td_payload(p), now);
}

static __always_inline int td_admit_rtcp(struct xdp_md *ctx, const struct td_way *w,
					 struct td_flow_stats *s, td_subject p)
{
	__u64 now = bpf_ktime_get_ns();

	if (td_over_rate(w, s, p, now))
		return td_drop_policed(ctx, p, s, now);
	s->rtcp_packets++;
	s->last_seen_ns = now;
	if (w->flags & TD_FLOW_RTCP_EVENTS)
		td_tell_rtcp(ctx, p, s, now);
	return TD_ADMITTED;
}

static __always_inline int td_admit_plain(struct xdp_md *ctx, const struct td_way *w,
					  struct td_flow_stats *s, td_subject p)
{
	__u64 now = bpf_ktime_get_ns();

	if (td_over_rate(w, s, p, now))
		return td_drop_policed(ctx, p, s, now);
	if (!s->packets)
		td_tell_first(ctx, p, now);
	s->packets++;
	s->bytes += td_payload(p);
	s->last_seen_ns = now;
	return TD_ADMITTED;
}

/* RTP that will leave, unless it is too much or held back. The stream is followed in any
 * case: what we drop was not lost on the way to us. */
static __always_inline int td_admit_rtp(struct xdp_md *ctx, const struct td_way *w,
					struct td_flow_stats *s, td_subject p,
					const struct td_rtp_header *rtp)
{
	struct td_rtp_seen seen = {
		.now_ns = bpf_ktime_get_ns(),
		.ssrc = bpf_ntohl(rtp->ssrc),
		.ts = bpf_ntohl(rtp->ts),
		.ns_per_tick = w->ns_per_tick,
		.bytes = td_payload(p),
		.seq = bpf_ntohs(rtp->seq),
	};

	if (unlikely(!s->rtp_ns))
		td_tell_first(ctx, p, seen.now_ns);
	td_rtp_stat_follow(s, &seen);
	if (td_over_rate(w, s, p, seen.now_ns))
		return td_drop_policed(ctx, p, s, seen.now_ns);
	if (unlikely((rtp->mpt & 0x7f) == w->dtmf_pt)) {
		if (w->flags & TD_FLOW_TAP_DTMF)
			td_tap_dtmf(ctx, p, s, &seen);
		if (w->flags & TD_FLOW_HOLD_DTMF) {
			s->held_dtmf++;
			return td_verdict(TD_REASON_HELD_DTMF, XDP_DROP);
		}
	}
	s->packets++;
	s->bytes += td_payload(p);
	return TD_ADMITTED;
}

#endif
