// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The fast path: RTP and RTCP of signalled flows, IPv4 to IPv4, from one interface to
 * another without a socket. Userspace says in the maps of td_map.h which packets and
 * where to; this program looks up, checks, counts, rewrites and redirects.
 *
 * What it is not sure about goes up the stack untouched, where the relay forwards it
 * under the same rules: options, fragments, IPv6, a neighbour that is not known yet, a
 * slot that is being written. Only what the rules refuse is dropped: a stranger's packet
 * to a flow's port, what is not RTP, a sender on hold. Each outcome has its counter.
 *
 * Read td_map.h first, then forward() below; td_parse, td_csum and td_rtp_stat hold the
 * steps, td_iter.bpf.h the text tables.
 */
#include <linux/in.h>
#include "bpf/td_maps.bpf.h"
#include "bpf/td_parse.bpf.h"
#include "bpf/td_csum.bpf.h"
#include "bpf/td_rtp_stat.h"

#define READ_ONCE(x)	(*(volatile typeof(x) *)&(x))
#define barrier()	asm volatile("" ::: "memory")
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define WRONG_SOURCE_EVENT_NS	1000000000ULL

/* The part of a flow that one packet needs, read in one go. */
struct way {
	__u32 flags;
	__u32 local, peer, new_src, new_dst;
	__be16 peer_port, new_src_port, new_dst_port;
	__u32 nexthop, dscp_class, ns_per_tick;
};

static __always_inline int verdict(__u32 reason, int action)
{
	struct td_reason *r = bpf_map_lookup_elem(&td_reasons, &reason);

	if (r)
		r->packets++;
	return action;
}

static __always_inline int up(__u32 reason)
{
	return verdict(reason, XDP_PASS);
}

static __always_inline __u32 port_value(__be16 dport)
{
	__u32 key = bpf_ntohs(dport);
	__u32 *value = bpf_map_lookup_elem(&td_rtp_ports, &key);

	return value ? READ_ONCE(*value) : 0;
}

/* False when the writer is at work: the copy may be half old, half new. */
static __always_inline bool read_flow(struct td_flow *flow, __u32 rtcp, struct way *w)
{
	__u32 gen = READ_ONCE(flow->gen_head);

	barrier();
	w->flags = flow->flags;
	w->local = td_v4_of(flow->local_addr);
	w->peer = td_v4_of(flow->peer_addr);
	w->new_src = td_v4_of(flow->new_src);
	w->new_dst = td_v4_of(flow->new_dst);
	w->peer_port = rtcp ? flow->peer_rtcp_port : flow->peer_port;
	w->new_dst_port = rtcp ? flow->new_dst_rtcp_port : flow->new_dst_port;
	/* the pair's lower port is even: the RTCP port differs in the last bit on the wire */
	w->new_src_port = flow->new_src_port | bpf_htons(rtcp);
	w->nexthop = flow->nexthop;
	w->dscp_class = flow->dscp_class;
	w->ns_per_tick = flow->ns_per_tick;
	barrier();
	return !(gen & 1) && READ_ONCE(flow->gen_tail) == gen;
}

static __noinline void report(__u32 type, __u32 slot, __u32 source, __u32 port, __u64 now)
{
	struct td_flow *flow = bpf_map_lookup_elem(&td_rtp_flows, &slot);
	struct td_event *ev;

	if (!flow)
		return;
	ev = bpf_ringbuf_reserve(&td_events, sizeof(*ev), 0);
	if (!ev)
		return;
	__builtin_memset(ev, 0, sizeof(*ev));
	ev->type = type;
	ev->slot = slot;
	ev->call_id = flow->call_id;
	ev->leg_id = flow->leg_id;
	ev->addr[10] = 0xff;
	ev->addr[11] = 0xff;
	*(__u32 *)(ev->addr + 12) = source;
	ev->port = (__be16)port;
	ev->time_ns = now;
	bpf_ringbuf_submit(ev, 0);
}

static __always_inline int refuse_source(const struct td_frame *f, struct td_flow_stats *s,
					 __u32 slot)
{
	__u64 now = bpf_ktime_get_ns();

	s->wrong_source++;
	if (!s->wrong_event_ns || now - s->wrong_event_ns >= WRONG_SOURCE_EVENT_NS) {
		s->wrong_event_ns = now;
		report(TD_EVENT_WRONG_SOURCE, slot, f->ip->saddr, f->udp->source, now);
	}
	return verdict(TD_REASON_WRONG_SOURCE, XDP_DROP);
}

static __always_inline void count_rtp(const struct td_frame *f, struct td_flow_stats *s,
				      const struct td_rtp_header *rtp, const struct way *w,
				      __u32 slot)
{
	struct td_rtp_seen seen = {
		.now_ns = bpf_ktime_get_ns(),
		.ssrc = bpf_ntohl(rtp->ssrc),
		.ts = bpf_ntohl(rtp->ts),
		.ns_per_tick = w->ns_per_tick,
		.bytes = bpf_ntohs(f->udp->len) - (__u32)sizeof(struct udphdr),
		.seq = bpf_ntohs(rtp->seq),
	};

	if (unlikely(!s->packets))
		report(TD_EVENT_FIRST_PACKET, slot, f->ip->saddr, f->udp->source, seen.now_ns);
	td_rtp_stat_packet(s, &seen);
}

static __always_inline __u8 new_tos(__u8 tos, __u32 class)
{
	struct td_dscp_entry *d = bpf_map_lookup_elem(&td_dscp, &class);

	/* the two ECN bits belong to the ends */
	return d ? (__u8)(d->dscp << 2) | (tos & 3) : tos;
}

static __always_inline void rewrite_ip(struct td_frame *f, const struct way *w)
{
	struct iphdr *ip = f->ip;
	struct udphdr *udp = f->udp;
	__u16 *words = (__u16 *)ip;	/* [0] version and TOS, [4] TTL and protocol */
	__u16 old_tos = words[0], old_ttl = words[4];
	__u64 addrs = 0, diff;

	addrs = td_csum_swap32(addrs, ip->saddr, w->new_src);
	addrs = td_csum_swap32(addrs, ip->daddr, w->new_dst);
	ip->saddr = w->new_src;
	ip->daddr = w->new_dst;
	ip->tos = new_tos(ip->tos, w->dscp_class);
	ip->ttl--;
	diff = td_csum_swap16(addrs, old_tos, words[0]);
	diff = td_csum_swap16(diff, old_ttl, words[4]);
	ip->check = td_csum_apply(ip->check, diff);

	if (udp->check) {	/* zero: the sender computes none, RFC 768 */
		__u16 sum;

		diff = td_csum_swap16(addrs, udp->source, w->new_src_port);
		diff = td_csum_swap16(diff, udp->dest, w->new_dst_port);
		sum = td_csum_apply(udp->check, diff);
		udp->check = sum ? sum : 0xffff;
	}
	udp->source = w->new_src_port;
	udp->dest = w->new_dst_port;
}

/* Take the next hop's addresses and say where the frame shall go. False: not usable now. */
static __always_inline bool choose_way_out(const struct way *w, __u16 mac[6])
{
	struct td_nexthop *nh = bpf_map_lookup_elem(&td_nexthops, &w->nexthop);
	const __u16 *from;
	__u32 gen, flags, dev;

	if (!nh)
		return false;
	gen = READ_ONCE(nh->gen_head);
	barrier();
	flags = nh->flags;
	dev = nh->dev;
	from = (const __u16 *)nh->dst_mac;	/* and src_mac behind it, as in the frame */
	for (int i = 0; i < 6; i++)
		mac[i] = from[i];
	barrier();
	if ((gen & 1) || READ_ONCE(nh->gen_tail) != gen || !(flags & TD_NH_VALID))
		return false;
	/* asked before the frame is touched: an interface that has gone must not cost it */
	return bpf_redirect_map(&td_devs, dev, 0) == XDP_REDIRECT;
}

static __always_inline void rewrite_macs(struct td_frame *f, const __u16 mac[6])
{
	__u16 *to = (__u16 *)f->eth;

	for (int i = 0; i < 6; i++)
		to[i] = mac[i];
}

/* A packet to the port of a flow, plain IPv4 and UDP. */
static __always_inline int forward(struct td_frame *f, __u32 value)
{
	__u32 slot = TD_PORT_SLOT(value), rtcp = TD_PORT_IS_RTCP(value);
	struct td_flow *flow = bpf_map_lookup_elem(&td_rtp_flows, &slot);
	struct td_flow_stats *s = bpf_map_lookup_elem(&td_rtp_stats, &slot);
	struct td_rtp_header *rtp = (void *)(f->udp + 1);
	struct way w;
	__u16 mac[6];

	if (!flow || !s)
		return XDP_PASS;
	if (!td_lengths_fit(f))
		return up(TD_REASON_UP_LENGTH);
	if (!read_flow(flow, rtcp, &w))
		return up(TD_REASON_UP_BUSY);
	if (!(w.flags & TD_FLOW_ACTIVE))
		return up(TD_REASON_UP_INACTIVE);
	if (!(w.flags & TD_FLOW_XDP))
		return up(TD_REASON_UP_RELAY);
	if (w.local != f->ip->daddr && w.local)
		return up(TD_REASON_UP_ADDRESS);
	if (w.peer != f->ip->saddr || w.peer_port != f->udp->source)
		return refuse_source(f, s, slot);
	if (!rtcp) {
		if (bpf_ntohs(f->udp->len) < sizeof(struct udphdr) + sizeof(*rtp) ||
		    (void *)(rtp + 1) > f->end || rtp->vpxcc >> 6 != 2) {
			s->bad_rtp++;
			return verdict(TD_REASON_BAD_RTP, XDP_DROP);
		}
		if (w.flags & TD_FLOW_MUTED) {
			s->muted++;
			td_rtp_stat_pause(s);
			return verdict(TD_REASON_MUTED, XDP_DROP);
		}
	}
	if (f->ip->ttl <= 1)
		return up(TD_REASON_UP_TTL);
	if (!choose_way_out(&w, mac))
		return up(TD_REASON_UP_NO_NEXTHOP);

	if (rtcp) {
		s->rtcp_packets++;
		s->last_seen_ns = bpf_ktime_get_ns();
	} else {
		count_rtp(f, s, rtp, &w, slot);
	}
	rewrite_ip(f, &w);
	rewrite_macs(f, mac);
	return verdict(TD_REASON_FORWARDED, XDP_REDIRECT);
}

/* Options or fragments: the stack knows how; we only count those that were for a flow. A
 * later fragment carries no port, so every one of UDP is counted. */
static __noinline int odd_ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	if (ip->frag_off & bpf_htons(TD_IP_OFFSET))
		return up(TD_REASON_UP_FRAGMENT);
	udp = td_parse_udp4_options(ip, end);
	if (!udp || !port_value(udp->dest))
		return XDP_PASS;
	return up(ip->frag_off & bpf_htons(TD_IP_FRAGMENT) ? TD_REASON_UP_FRAGMENT :
		  TD_REASON_UP_OPTIONS);
}

static __noinline int odd_family(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct udphdr *udp;

	if ((void *)(eth + 1) + sizeof(struct ipv6hdr) + sizeof(*udp) > end ||
	    eth->h_proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	udp = td_parse_udp6(eth + 1, end);
	if (!udp || !port_value(udp->dest))
		return XDP_PASS;
	return up(TD_REASON_UP_FAMILY);
}

/* frags: so that an interface with a large MTU takes it; our headers are always linear,
 * and what is longer than the linear part goes up (td_lengths_fit). */
SEC("xdp.frags")
int td_rtp(struct xdp_md *ctx)
{
	struct td_frame f = {
		.eth = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};
	__u32 value;

	if ((void *)(f.eth + 1) > f.end)
		return XDP_PASS;
	if (f.eth->h_proto != bpf_htons(ETH_P_IP))
		return odd_family(ctx);
	f.ip = (void *)(f.eth + 1);
	if ((void *)(f.ip + 1) > f.end || f.ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (*(__u8 *)f.ip != TD_IPV4_PLAIN || f.ip->frag_off & bpf_htons(TD_IP_FRAGMENT))
		return odd_ipv4(ctx);
	f.udp = (void *)(f.ip + 1);
	if ((void *)(f.udp + 1) > f.end)
		return XDP_PASS;
	value = port_value(f.udp->dest);
	return value ? forward(&f, value) : XDP_PASS;
}

#include "bpf/td_iter.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
