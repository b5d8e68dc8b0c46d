// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The fast path: RTP and RTCP of signalled flows from one interface to another without a
 * socket. Userspace says in the maps of td_map.h which packets and where to; this program
 * looks up, checks, counts, rewrites and redirects.
 *
 * What it is not sure about goes up the stack untouched, where the relay forwards it under
 * the same rules: options, fragments, a neighbour that is not known yet, a slot that is
 * being written. Only what the rules refuse is dropped: a stranger's packet to a flow's
 * port, what is not RTP, a sender on hold, more than a codec can send. Each outcome has its
 * counter; docs/packet-path.md is the table.
 *
 * Read td_map.h first, then forward() below: the case of nearly every packet, untagged IPv4
 * to untagged IPv4, rewritten in place. Everything else is td_general.bpf.h, under the same
 * rules (td_rules.bpf.h).
 */
#define TD_MAPS_RTP
#include "bpf/td_flow.bpf.h"
#include "bpf/td_rules.bpf.h"
#include "bpf/td_general.bpf.h"

/* A packet of the plain case: untagged, IPv4 without options, UDP, room for RTP's header. */
struct plain {
	__be16		*link;		/* Ethernet's header as words */
	struct iphdr	*ip;
	struct udphdr	*udp;
	struct td_rtp_header *rtp;
	void		*end;		/* of the frame */
};

#define PLAIN_LINK	14
#define PLAIN_HEADERS	(PLAIN_LINK + sizeof(struct iphdr) + sizeof(struct udphdr))

/* How a packet and its flow differ: 0 = not. */
struct differences {
	__u64	host;			/* another one sent it */
	__u64	local;			/* to another address of ours */
	__u64	kind;			/* not the plain case */
	__u32	port;			/* ... from another port */
};

/* What the plain case needs of a flow, compared while it is read, for little can be kept in
 * registers until the end. is_rtcp: by its port or by what it is. False: the writer is at work. */
static __always_inline bool read_plain(const struct td_flow *flow, const struct plain *f,
				       __u32 rtcp, __u32 payload, struct td_way *w,
				       struct differences *d, __u32 *is_rtcp)
{
	__u32 gen = READ_ONCE(flow->gen_head);
	const __u64 *a;

	barrier();
	w->flags = flow->flags;
	*is_rtcp = rtcp | ((w->flags & TD_FLOW_MUX) && payload >= 4 &&
			   td_is_muxed_rtcp(f->rtp->mpt));
	a = (const __u64 *)flow->local_addr;
	d->local = a[0] | a[1] ? a[0] | (a[1] ^ td_v4_low(f->ip->daddr)) : 0;
	a = (const __u64 *)flow->peer_addr;
	d->host = a[0] | (a[1] ^ td_v4_low(f->ip->saddr));
	d->port = f->udp->source ^ (rtcp ? flow->peer_rtcp_port : flow->peer_port);
	a = (const __u64 *)flow->new_src;
	d->kind = (w->flags & TD_FLOW_SPECIAL) | td_is_not_v4(a);
	w->new_src[1] = a[1];
	a = (const __u64 *)flow->new_dst;
	d->kind |= td_is_not_v4(a) | (td_read_pts(flow->pt_from) ^ TD_NO_PTS);
	w->new_dst[1] = a[1];
	barrier_var(d->local);
	barrier_var(d->host);
	barrier_var(d->kind);
	w->new_src_port = flow->new_src_port;
	w->new_dst_port = flow->new_dst_port;
	w->new_dst_rtcp_port = flow->new_dst_rtcp_port;
	w->new_src_port = td_new_src_port(w, *is_rtcp);
	w->new_dst_port = td_new_dst_port(w, *is_rtcp);
	w->nexthop = flow->nexthop;
	w->dscp_class = flow->dscp_class;
	w->ns_per_tick = flow->ns_per_tick;
	w->dtmf_pt = flow->dtmf_pt;
	w->police = flow->police;
	barrier();
	return !(gen & 1) && READ_ONCE(flow->gen_tail) == gen;
}

static __always_inline void rewrite(const struct plain *f, const struct td_way *w, const __u16 mac[6])
{
	__u32 new_src = td_v4_part(w->new_src[1]), new_dst = td_v4_part(w->new_dst[1]);
	__u16 *words = (__u16 *)f->ip;	/* [0] version and TOS, [4] TTL and protocol */
	__u16 old_tos = words[0], old_ttl = words[4], *to = (__u16 *)f->link;
	__u64 addrs = 0, diff;

	addrs = td_csum_swap32(addrs, f->ip->saddr, new_src);
	addrs = td_csum_swap32(addrs, f->ip->daddr, new_dst);
	f->ip->saddr = new_src;
	f->ip->daddr = new_dst;
	f->ip->tos = td_new_tos(f->ip->tos, w->dscp_class);
	f->ip->ttl--;
	diff = td_csum_swap16(addrs, old_tos, words[0]);
	diff = td_csum_swap16(diff, old_ttl, words[4]);
	f->ip->check = td_csum_apply(f->ip->check, diff);

	if (f->udp->check) {	/* zero: the sender computes none, RFC 768 */
		diff = td_csum_swap16(addrs, f->udp->source, w->new_src_port);
		diff = td_csum_swap16(diff, f->udp->dest, w->new_dst_port);
		f->udp->check = td_csum_udp(td_csum_apply(f->udp->check, diff));
	}
	f->udp->source = w->new_src_port;
	f->udp->dest = w->new_dst_port;
	for (int i = 0; i < 6; i++)
		to[i] = mac[i];
}

static __always_inline int refuse_source(struct xdp_md *ctx, const struct plain *f,
					 td_subject p, struct td_flow_stats *s,
					 bool may_learn)
{
	struct td_source from = { .addr = { 0, td_v4_low(f->ip->saddr) }, .port = f->udp->source };

	return td_refuse_source(ctx, p, &from, s, may_learn);
}

/* What a sender of RTP may not send, and what it may not send now. */
static __always_inline int judge_rtp(const struct plain *f, const struct td_way *w,
				     struct td_flow_stats *s, __u32 payload)
{
	if (payload < sizeof(*f->rtp) || f->rtp->vpxcc >> 6 != 2) {
		s->bad_rtp++;
		return td_verdict(TD_REASON_BAD_RTP, XDP_DROP);
	}
	if (w->flags & TD_FLOW_MUTED) {
		s->muted++;
		td_rtp_stat_pause(s);
		return td_verdict(TD_REASON_MUTED, XDP_DROP);
	}
	return TD_ADMITTED;
}

/* A packet to the port of a flow. */
static __always_inline int forward(struct xdp_md *ctx, const struct plain *f, __u32 value)
{
	__u32 slot = TD_PORT_SLOT(value), rtcp = TD_PORT_IS_RTCP(value), is_rtcp;
	struct td_flow *flow = bpf_map_lookup_elem(&td_rtp_flows, &slot);
	struct td_flow_stats *s = bpf_map_lookup_elem(&td_rtp_stats, &slot);
	__u32 udp_len = bpf_ntohs(f->udp->len), total = bpf_ntohs(f->ip->tot_len);
	__u32 payload = udp_len - (__u32)sizeof(*f->udp);
	td_subject p = td_subject_of(slot, (__u16)payload, PLAIN_HEADERS, rtcp);
	struct differences d;
	struct td_out out;
	struct td_way w;
	int got;

	if (!flow || !s)
		return XDP_PASS;
	if (udp_len < sizeof(*f->udp) || total != udp_len + sizeof(*f->ip) ||
	    (void *)f->ip + total > f->end)
		return td_up(TD_REASON_UP_LENGTH);
	if (!read_plain(flow, f, rtcp, payload, &w, &d, &is_rtcp))
		return td_up(TD_REASON_UP_BUSY);
	if (!(w.flags & TD_FLOW_ACTIVE))
		return td_up(TD_REASON_UP_INACTIVE);
	if (!(w.flags & TD_FLOW_XDP))
		return td_up(TD_REASON_UP_RELAY);
	if (d.local)
		return td_up(TD_REASON_UP_ADDRESS);
	if (unlikely(d.host || d.port))
		return refuse_source(ctx, f, p, s, !d.host && td_may_learn(&w, rtcp));
	if (unlikely(d.kind))
		return td_general(ctx);
	got = is_rtcp ? TD_ADMITTED : judge_rtp(f, &w, s, payload);
	if (got != TD_ADMITTED)
		return got;
	if (f->ip->ttl <= 1)
		return td_up(TD_REASON_UP_TTL);
	if (!td_choose_way_out(&w, &out))
		return td_up(TD_REASON_UP_NO_NEXTHOP);
	if (unlikely(out.tpid[0]))
		return td_general(ctx);
	if (out.mtu && total > out.mtu)
		return td_up(TD_REASON_UP_MTU);
	if (unlikely(w.flags & TD_FLOW_FORK) && !td_may_copy(ctx, &out))
		return td_up(TD_REASON_UP_FORK);
	got = is_rtcp ? td_admit_rtcp(ctx, &w, s, p) : td_admit_rtp(ctx, &w, s, p, f->rtp);
	if (got != TD_ADMITTED)
		return got;
	rewrite(f, &w, out.mac);
	if (unlikely(w.flags & TD_FLOW_FORK))
		td_leave_twice(ctx, READ_ONCE(flow->fork), w.nexthop, udp_len,
			       TD_UDP_AT(PLAIN_LINK + sizeof(*f->ip), is_rtcp ? TD_COPY_RTCP : 0));
	return td_verdict(TD_REASON_FORWARDED, XDP_REDIRECT);
}

/* frags: so that an interface with a large MTU takes it; our headers are always linear,
 * and what is longer than the linear part goes up (its length does not fit). */
SEC("xdp.frags")
int td_rtp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct plain f = {
		.link = data, .ip = data + PLAIN_LINK, .end = (void *)(long)ctx->data_end,
		.udp = data + PLAIN_LINK + sizeof(*f.ip), .rtp = data + PLAIN_HEADERS,
	};
	__u32 value;

	/* a frame shorter than Ethernet's least, there, too: RTP's header is inside from here on,
	 * RTP or not, which is all that kernel 6.1 can be made to see */
	if ((void *)(f.rtp + 1) > f.end || f.link[6] != bpf_htons(ETH_P_IP))
		return td_general(ctx);
	if (f.ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (*(__u8 *)f.ip != TD_IPV4_PLAIN || f.ip->frag_off & bpf_htons(TD_IP_FRAGMENT))
		return td_general(ctx);
	value = td_port_value(f.udp->dest);
	return value ? forward(ctx, &f, value) : XDP_PASS;
}

#include "bpf/td_copy.bpf.h"
#include "bpf/td_iter.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
