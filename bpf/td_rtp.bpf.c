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

static __always_inline void rewrite_ip(struct td_frame *f, const struct td_way *w, __u32 rtcp)
{
	__be16 sport = td_new_src_port(w, rtcp), dport = td_new_dst_port(w, rtcp);
	__u32 new_src = td_v4_part(w->new_src[1]), new_dst = td_v4_part(w->new_dst[1]);
	struct iphdr *ip = f->ip;
	struct udphdr *udp = f->udp;
	__u16 *words = (__u16 *)ip;	/* [0] version and TOS, [4] TTL and protocol */
	__u16 old_tos = words[0], old_ttl = words[4];
	__u64 addrs = 0, diff;

	addrs = td_csum_swap32(addrs, ip->saddr, new_src);
	addrs = td_csum_swap32(addrs, ip->daddr, new_dst);
	ip->saddr = new_src;
	ip->daddr = new_dst;
	ip->tos = td_new_tos(ip->tos, w->dscp_class);
	ip->ttl--;
	diff = td_csum_swap16(addrs, old_tos, words[0]);
	diff = td_csum_swap16(diff, old_ttl, words[4]);
	ip->check = td_csum_apply(ip->check, diff);

	if (udp->check) {	/* zero: the sender computes none, RFC 768 */
		diff = td_csum_swap16(addrs, udp->source, sport);
		diff = td_csum_swap16(diff, udp->dest, dport);
		udp->check = td_csum_udp(td_csum_apply(udp->check, diff));
	}
	udp->source = sport;
	udp->dest = dport;
}

static __always_inline void rewrite_macs(struct td_frame *f, const __u16 mac[6])
{
	__u16 *to = (__u16 *)f->eth;

	for (int i = 0; i < 6; i++)
		to[i] = mac[i];
}

/* Nothing but addresses to rewrite? */
static __always_inline bool is_plain(const struct td_way *w)
{
	return !(w->flags & TD_FLOW_SPECIAL) && w->pt_from == TD_NO_PTS &&
	       td_is_v4(w->new_dst) && td_is_v4(w->new_src);
}

/* A packet to the port of a flow, plain IPv4 and UDP. */
static __always_inline int forward(struct xdp_md *ctx, struct td_frame *f, __u32 value)
{
	__u32 slot = TD_PORT_SLOT(value), rtcp = TD_PORT_IS_RTCP(value);
	struct td_flow *flow = bpf_map_lookup_elem(&td_rtp_flows, &slot);
	struct td_flow_stats *s = bpf_map_lookup_elem(&td_rtp_stats, &slot);
	struct td_rtp_header *rtp = (void *)(f->udp + 1);
	struct td_subject subject = {
		.src = { 0, td_v4_low(f->ip->saddr) }, .slot = slot,
		.payload = bpf_ntohs(f->udp->len) - (__u32)sizeof(struct udphdr),
		.at = (__u32)(sizeof(*f->eth) + sizeof(*f->ip) + sizeof(*f->udp)),
		.sport = f->udp->source,
	};
	struct td_out out;
	struct td_way w;
	int got;

	if (!flow || !s)
		return XDP_PASS;
	if (!td_lengths_fit(f))
		return td_up(TD_REASON_UP_LENGTH);
	if (!td_read_flow(flow, rtcp, &w))
		return td_up(TD_REASON_UP_BUSY);
	if (!(w.flags & TD_FLOW_ACTIVE))
		return td_up(TD_REASON_UP_INACTIVE);
	if (!(w.flags & TD_FLOW_XDP))
		return td_up(TD_REASON_UP_RELAY);
	if ((w.local[1] != td_v4_low(f->ip->daddr) || w.local[0]) && (w.local[0] | w.local[1]))
		return td_up(TD_REASON_UP_ADDRESS);
	if (!td_same_addr(w.peer, subject.src) || w.peer_port != subject.sport)
		return td_refuse_source(ctx, &subject, s, td_may_learn(&w, rtcp) &&
							  td_same_addr(w.peer, subject.src));
	/* a frame shorter than Ethernet's least, there, too: RTP's header is inside from here on,
	 * RTP or not, which is all that kernel 6.1 can be made to see */
	if (unlikely(!is_plain(&w) || (void *)(rtp + 1) > f->end))
		return td_general(ctx);
	if (!rtcp) {
		if (subject.payload < sizeof(*rtp) || rtp->vpxcc >> 6 != 2) {
			s->bad_rtp++;
			return td_verdict(TD_REASON_BAD_RTP, XDP_DROP);
		}
		if (w.flags & TD_FLOW_MUTED) {
			s->muted++;
			td_rtp_stat_pause(s);
			return td_verdict(TD_REASON_MUTED, XDP_DROP);
		}
	}
	if (f->ip->ttl <= 1)
		return td_up(TD_REASON_UP_TTL);
	if (!td_choose_way_out(&w, &out))
		return td_up(TD_REASON_UP_NO_NEXTHOP);
	if (unlikely(out.tpid[0]))
		return td_general(ctx);
	if (out.mtu && bpf_ntohs(f->ip->tot_len) > out.mtu)
		return td_up(TD_REASON_UP_MTU);

	if (rtcp)
		got = td_admit_rtcp(ctx, &w, s, &subject);
	else
		got = td_admit_rtp(ctx, &w, s, &subject, rtp);
	if (got != TD_ADMITTED)
		return got;
	rewrite_ip(f, &w, rtcp);
	rewrite_macs(f, out.mac);
	return td_verdict(TD_REASON_FORWARDED, XDP_REDIRECT);
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
		return td_general(ctx);
	f.ip = (void *)(f.eth + 1);
	if ((void *)(f.ip + 1) > f.end || f.ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (*(__u8 *)f.ip != TD_IPV4_PLAIN || f.ip->frag_off & bpf_htons(TD_IP_FRAGMENT))
		return td_general(ctx);
	f.udp = (void *)(f.ip + 1);
	if ((void *)(f.udp + 1) > f.end)
		return XDP_PASS;
	value = td_port_value(f.udp->dest);
	return value ? forward(ctx, &f, value) : XDP_PASS;
}

#include "bpf/td_copy.bpf.h"
#include "bpf/td_iter.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
