/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * PURE. Sequence and jitter accounting of one RTP stream (RFC 3550 A.1, A.3, A.8), the
 * same code in XDP and in the relay, so "show" means the same on both paths. It reads no
 * clock and calls nothing; no loop, no division: it runs for every packet.
 *
 * A stream is one SSRC without a restart. Lost = span of sequence numbers - different
 * packets received; duplicates within the last 64 numbers are recognised and not counted
 * as received. When the stream ends (other SSRC, restart, pause) its loss is kept in
 * lost_before.
 */
#ifndef TD_BPF_RTP_STAT_H
#define TD_BPF_RTP_STAT_H

#include "bpf/td_map.h"

#define TD_RTP_HEADER_LEN	12
#define TD_RTP_MAX_DROPOUT	3000	/* RFC 3550 A.1: a larger step is a restart ... */
#define TD_RTP_MAX_MISORDER	100	/* ... unless it is that little backwards */
#define TD_RTP_MAX_TRANSIT_NS	1000000000ULL	/* a larger step of transit is no jitter */

/** What the packet path knows of one RTP packet. */
struct td_rtp_seen {
	__u64	now_ns;
	__u32	ssrc;
	__u32	ts;
	__u32	ns_per_tick;
	__u32	bytes;		/* UDP payload */
	__u16	seq;
	__u16	pad[3];
};

static inline __u32 td_rtp_stat_lost_now(const struct td_flow_stats *s)
{
	__u64 span = (__u64)s->max_seq - s->base_seq + 1;

	return s->stream_packets && span > s->stream_packets ?
	       (__u32)(span - s->stream_packets) : 0;
}

/** All packets that went missing on the way to us since the flow began. */
static inline __u32 td_rtp_stat_lost(const struct td_flow_stats *s)
{
	return s->lost_before + td_rtp_stat_lost_now(s);
}

/** The stream ends here: keep its loss; the next packet starts afresh. */
static inline void td_rtp_stat_pause(struct td_flow_stats *s)
{
	s->lost_before += td_rtp_stat_lost_now(s);
	s->stream_packets = 0;
}

static inline void td_rtp_stat_start(struct td_flow_stats *s, const struct td_rtp_seen *p)
{
	if (s->packets && p->ssrc != s->ssrc)
		s->ssrc_changes++;
	s->ssrc = p->ssrc;
	s->base_seq = p->seq;
	s->max_seq = p->seq;
	s->window = 1;
	s->bad_seq = 0;
	s->stream_packets = 1;
	s->last_ts = p->ts;
	s->arrival_ns = p->now_ns;
}

/* RFC 3550 A.8. Packets of one timestamp (video frames, RFC 4733 events) are one instant
 * to the sender: only the first of them counts. A step of a second is a new talk spurt
 * with a new clock offset and says nothing about the network. */
static inline void td_rtp_stat_jitter(struct td_flow_stats *s, const struct td_rtp_seen *p)
{
	__s32 ticks = (__s32)(p->ts - s->last_ts);
	__s64 d;
	__u64 dist;

	if (!ticks)
		return;
	d = (__s64)(p->now_ns - s->arrival_ns) - (__s64)ticks * p->ns_per_tick;
	dist = d < 0 ? -(__u64)d : (__u64)d;
	s->last_ts = p->ts;
	s->arrival_ns = p->now_ns;
	if (dist >= TD_RTP_MAX_TRANSIT_NS)
		return;
	if (dist >= s->jitter_ns)
		s->jitter_ns += (__u32)(dist - s->jitter_ns) >> 4;
	else
		s->jitter_ns -= (__u32)(s->jitter_ns - dist) >> 4;
}

/* A packet from behind: late, or one we had. Older than the window is taken as late. */
static inline void td_rtp_stat_late(struct td_flow_stats *s, __u32 back)
{
	if (back < 64) {
		__u64 bit = 1ULL << back;

		if (s->window & bit) {
			s->duplicates++;
			return;
		}
		s->window |= bit;
	}
	s->out_of_order++;
	s->stream_packets++;
}

/* A jump that is neither loss nor disorder: believed when the next packet goes on there. */
static inline void td_rtp_stat_jump(struct td_flow_stats *s, const struct td_rtp_seen *p)
{
	if (s->bad_seq != (__u32)p->seq + 1) {
		s->bad_seq = (__u32)(__u16)(p->seq + 1) + 1;
		return;
	}
	td_rtp_stat_pause(s);
	td_rtp_stat_start(s, p);
	/* the packet before this one belonged to the new stream already */
	s->base_seq = s->max_seq = 0x10000 + p->seq;
	s->base_seq--;
	s->window = 3;
	s->stream_packets = 2;
}

static inline void td_rtp_stat_gap(struct td_flow_stats *s, __u64 now_ns)
{
	__u64 gap = now_ns - s->rtp_ns;

	if (gap > s->largest_gap_ns)
		s->largest_gap_ns = gap > 0xffffffff ? 0xffffffff : (__u32)gap;
}

/** Follow the stream with one RTP packet, forwarded or held back by us. */
static inline void td_rtp_stat_follow(struct td_flow_stats *s, const struct td_rtp_seen *p)
{
	__u16 step = (__u16)(p->seq - (__u16)s->max_seq);

	if (s->stream_packets && p->ssrc == s->ssrc)
		td_rtp_stat_gap(s, p->now_ns);
	s->rtp_ns = p->now_ns;
	if (!s->stream_packets || p->ssrc != s->ssrc) {
		td_rtp_stat_pause(s);
		td_rtp_stat_start(s, p);
	} else if (step && step < TD_RTP_MAX_DROPOUT) {
		s->max_seq += step;
		s->window = step < 64 ? s->window << step | 1 : 1;
		s->stream_packets++;
		td_rtp_stat_jitter(s, p);
	} else if (!step || step > 65536 - TD_RTP_MAX_MISORDER) {
		td_rtp_stat_late(s, (__u16)-step);
	} else {
		td_rtp_stat_jump(s, p);
	}
	s->last_seen_ns = p->now_ns;
}

/** Count one RTP packet that is forwarded. */
static inline void td_rtp_stat_packet(struct td_flow_stats *s, const struct td_rtp_seen *p)
{
	td_rtp_stat_follow(s, p);
	s->packets++;
	s->bytes += p->bytes;
}

/* ---- policing: a bucket as a clock (GCRA) that runs ahead of the real one ---- */

/* A radio that stalls hands on what it kept, all at once: that is no flood. */
#define TD_POLICE_BURST_NS	1000000000ULL
#define TD_POLICE_HEADERS	28	/* IPv4 and UDP: empty packets cost, too */
#define TD_EVENT_EVERY_NS	1000000000ULL
#define TD_RTCP_EVENT_EVERY_NS	100000000ULL

/** May this packet pass? The bucket is charged if so. rate: td_flow.police, not 0. payload:
 * below 4096. */
static inline int td_police(struct td_flow_stats *s, __u32 rate, __u32 payload, __u64 now_ns)
{
	__u64 ahead = s->police_ns > now_ns ? s->police_ns : now_ns;

	if (ahead - now_ns > TD_POLICE_BURST_NS)
		return 0;
	s->police_ns = ahead + (payload + TD_POLICE_HEADERS) * 1000000u / rate;
	return 1;
}

/** Is it time to report once more? last: when that was done. */
static inline int td_event_due(__u64 *last, __u64 now_ns, __u64 every_ns)
{
	if (*last && now_ns - *last < every_ns)
		return 0;
	*last = now_ns;
	return 1;
}

/** RFC 4733: is this the first packet of an event? A late packet of the one before is not. */
static inline int td_dtmf_is_new(struct td_flow_stats *s, __u32 ts)
{
	__s32 ahead = (__s32)(ts - s->dtmf_ts);

	if (s->dtmf_events && ahead <= 0 && ahead > -16000)	/* two seconds */
		return 0;
	s->dtmf_ts = ts;
	s->dtmf_events++;
	return 1;
}

/** RFC 5761 section 4: RTCP among RTP. second: the packet's second byte. */
static inline int td_is_muxed_rtcp(__u8 second)
{
	return ((second & 0x7f) & ~31) == 64;	/* 64 .. 95 */
}

#endif
