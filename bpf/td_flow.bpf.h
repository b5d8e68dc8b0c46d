/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables as one packet sees them: verdicts that are counted, a flow or a next hop read
 * as a whole or not at all, what is told to userspace.
 */
#ifndef TD_BPF_FLOW_BPF_H
#define TD_BPF_FLOW_BPF_H

#include "bpf/td_parse.bpf.h"
#include "bpf/td_rtp_stat.h"

/* These, renamed payload types, IPv6 and tags are handled by td_general.bpf.h. */
#define TD_FLOW_SPECIAL	(TD_FLOW_PLAIN | TD_FLOW_CSUM_FULL | TD_FLOW_U2A | \
			 TD_FLOW_A2U | TD_FLOW_CAPTURE)
#define TD_NO_PTS	0xffffffu	/* td_flow.pt_from when there is nothing to rename */

/* The part of a flow that a packet may need, read in one go. */
struct td_way {
	__u64	local[2], peer[2], new_src[2], new_dst[2];
	__u32	flags;
	__u32	nexthop, dscp_class, ns_per_tick;
	__u32	pt_from;		/* three bytes as they stand in memory */
	__u32	pt_to;
	__u32	police;
	__u32	fork;
	__u32	call_id, leg_id;
	__be16	peer_port;
	__be16	new_src_port;		/* of RTP */
	__be16	new_dst_port, new_dst_rtcp_port;
	__u8	dtmf_pt;
};

/* What the next hop says. */
struct td_out {
	__u16	mac[6];			/* destination and source, as in the frame */
	__u32	mtu;
	__u32	ifindex;
	__u32	dev;			/* index into td_devs */
	__u32	flags;			/* TD_NH_* */
	__be16	tpid[TD_MAX_TAGS];
	__be16	tci[TD_MAX_TAGS];
};

/* ---- verdicts ---- */

static __always_inline int td_verdict(__u32 reason, int action)
{
	struct td_reason *r = bpf_map_lookup_elem(&td_reasons, &reason);

	if (r)
		r->packets++;
	return action;
}

static __always_inline int td_up(__u32 reason)
{
	return td_verdict(reason, XDP_PASS);
}

/* Something found no room in a ring; the packet goes on. */
static __always_inline void td_lost(__u32 counter)
{
	td_verdict(counter, 0);
}

/* ---- reading ---- */

static __always_inline void td_read_addr(__u64 to[2], const __u8 from[16])
{
	to[0] = *(const __u64 *)from;
	to[1] = *(const __u64 *)(from + 8);
}

/* Three payload types as one word, first one lowest. */
static __always_inline __u32 td_read_pts(const __u8 pt[3])
{
	return (__u32)pt[0] | (__u32)pt[1] << 8 | (__u32)pt[2] << 16;
}

/* False when the writer is at work: the copy may be half old, half new. */
static __always_inline bool td_read_flow(const struct td_flow *flow, __u32 rtcp,
					 struct td_way *w)
{
	__u32 gen = READ_ONCE(flow->gen_head);

	barrier();
	w->flags = flow->flags;
	td_read_addr(w->local, flow->local_addr);
	td_read_addr(w->peer, flow->peer_addr);
	td_read_addr(w->new_src, flow->new_src);
	td_read_addr(w->new_dst, flow->new_dst);
	w->peer_port = rtcp ? flow->peer_rtcp_port : flow->peer_port;
	w->new_src_port = flow->new_src_port;
	w->new_dst_port = flow->new_dst_port;
	w->new_dst_rtcp_port = flow->new_dst_rtcp_port;
	w->nexthop = flow->nexthop;
	w->dscp_class = flow->dscp_class;
	w->ns_per_tick = flow->ns_per_tick;
	w->pt_from = td_read_pts(flow->pt_from);
	w->pt_to = td_read_pts(flow->pt_to);
	w->dtmf_pt = flow->dtmf_pt;
	w->police = flow->police;
	w->fork = flow->fork;
	w->call_id = flow->call_id;
	w->leg_id = flow->leg_id;
	barrier();
	return !(gen & 1) && READ_ONCE(flow->gen_tail) == gen;
}

/* False: not usable now. */
static __always_inline bool td_read_nexthop(__u32 index, struct td_out *out)
{
	struct td_nexthop *nh = bpf_map_lookup_elem(&td_nexthops, &index);
	const __u16 *mac;
	__u32 gen;

	if (!nh)
		return false;
	gen = READ_ONCE(nh->gen_head);
	barrier();
	out->flags = nh->flags;
	mac = (const __u16 *)nh->dst_mac;	/* and src_mac behind it */
	for (int i = 0; i < 6; i++)
		out->mac[i] = mac[i];
	out->mtu = nh->mtu;
	out->ifindex = nh->ifindex;
	out->dev = nh->dev;
	for (int i = 0; i < TD_MAX_TAGS; i++) {
		out->tpid[i] = nh->tpid[i];
		out->tci[i] = nh->tci[i];
	}
	barrier();
	return !(gen & 1) && READ_ONCE(nh->gen_tail) == gen && out->flags & TD_NH_VALID;
}

/* RTCP's two ports. A receiver that multiplexes wants it from our RTP port (RFC 5761). */
static __always_inline __be16 td_new_src_port(const struct td_way *w, __u32 rtcp)
{
	if (rtcp && w->new_dst_rtcp_port != w->new_dst_port)
		/* the pair's lower port is even: the other differs in the last bit on the wire */
		return w->new_src_port | bpf_htons(1);
	return w->new_src_port;
}

static __always_inline __be16 td_new_dst_port(const struct td_way *w, __u32 rtcp)
{
	return rtcp ? w->new_dst_rtcp_port : w->new_dst_port;
}

/* Take the next hop's fields and say where the frame shall go. False: not usable now. */
static __always_inline bool td_choose_way_out(const struct td_way *w, struct td_out *out)
{
	if (!td_read_nexthop(w->nexthop, out))
		return false;
	/* asked before the frame is touched: an interface that has gone must not cost it */
	if (unlikely(out->flags & TD_NH_COPIES))
		return bpf_redirect_map(&td_copy_devs, out->dev, 0) == XDP_REDIRECT;
	return bpf_redirect_map(&td_devs, out->dev, 0) == XDP_REDIRECT;
}

/* ---- telling ---- */

/* One packet of a flow, as far as the rules go, in one register: its slot, the bytes behind the UDP
 * header, where in the frame they begin, and whether it came to the port of RTCP. */
typedef __u64 td_subject;

static __always_inline td_subject td_subject_of(__u32 slot, __u32 payload, __u32 at, __u32 rtcp)
{
	return slot | (__u64)payload << 32 | (__u64)at << 48 | (__u64)rtcp << 56;
}

static __always_inline __u32 td_payload(td_subject p)
{
	return (__u16)(p >> 32);
}

static __always_inline __u32 td_payload_at(td_subject p)
{
	return (__u8)(p >> 48);
}

struct td_source {
	__u64	addr[2];
	__be16	port;
};

struct td_note {
	__u64	now_ns;
	__u32	type;
	__u32	rtp_ts;
	__u32	at;			/* where in the frame the data to copy begin ... */
	__u32	copy;			/* ... and how many bytes, 0 = none */
};

/* from NULL: the flow's party, which is the source of all that is let in. */
static __noinline void td_tell(struct xdp_md *ctx, td_subject p, const struct td_note *n,
			       const struct td_source *from)
{
	__u32 slot = (__u32)p, at = n->at;
	__u64 copy = n->copy;
	struct td_flow *flow = bpf_map_lookup_elem(&td_rtp_flows, &slot);
	struct td_event *ev;

	if (!flow)
		return;
	ev = bpf_ringbuf_reserve(&td_events, sizeof(*ev), 0);
	if (!ev) {
		td_lost(TD_LOST_EVENTS);
		return;
	}
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->type = n->type;
	ev->slot = slot;
	ev->call_id = flow->call_id;
	ev->leg_id = flow->leg_id;
	if (from) {
		((__u64 *)ev->addr)[0] = from->addr[0];
		((__u64 *)ev->addr)[1] = from->addr[1];
		ev->port = from->port;
	} else {
		td_read_addr((__u64 *)ev->addr, flow->peer_addr);
		ev->port = p >> 56 ? flow->peer_rtcp_port : flow->peer_port;
	}
	ev->len = (__u16)td_payload(p);
	ev->rtp_ts = n->rtp_ts;
	ev->time_ns = n->now_ns;
	if (copy > TD_EVENT_DATA)
		copy = TD_EVENT_DATA;
	if (TD_IN_RANGE(copy, TD_EVENT_DATA))
		bpf_xdp_load_bytes(ctx, at, ev->data, (__u32)copy);
	bpf_ringbuf_submit(ev, 0);
}

#endif
