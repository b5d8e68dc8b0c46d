/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bounded views of a frame: Ethernet, VLAN tags, IPv4, IPv6, UDP. Every parser checks
 * against the end of the linear data. A packet becomes a struct td_packet, everything that is known
 * about it, by value, so that it outlives a change of the frame. (The plain case has a view of its
 * own, in td_rtp.bpf.c.)
 */
#ifndef TD_BPF_PARSE_BPF_H
#define TD_BPF_PARSE_BPF_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include "bpf/td_way.bpf.h"

#define TD_IP_FRAGMENT		0x3fff	/* more fragments, or an offset */
#define TD_IP_OFFSET		0x1fff
#define TD_IPV4_PLAIN		0x45	/* version 4, no options */
#define TD_VLAN_TAG		4
#define TD_MAX_EXTENSIONS	3	/* IPv6 headers that we look behind, to count right */
#define TD_MAX_LINEAR		4096	/* no frame has more in one piece */

struct td_rtp_header {
	__u8	vpxcc;
	__u8	mpt;
	__be16	seq;
	__be32	ts;
	__be32	ssrc;
};

struct td_packet {
	__u64	src[2];			/* as the maps keep them */
	__u64	dst[2];
	struct td_rtp_header rtp;	/* the payload's first bytes; zero where it is shorter */
	__u32	l3;			/* offsets from the frame's start */
	__u32	udp;
	__u32	payload;		/* bytes after the UDP header, all inside the frame */
	__u32	port;			/* the value in td_rtp_ports */
	__u16	check;			/* of UDP */
	__be16	sport, dport;
	__be16	id;			/* IPv4 */
	__be16	frag_off;
	__u8	tos;
	__u8	ttl;
	__u8	v6;
	__u8	pad[3];
};

struct td_vlan_tag {
	__be16	tci;
	__be16	proto;			/* of what follows */
};

static __always_inline __u32 td_port_value(__be16 dport)
{
	__u32 key = bpf_ntohs(dport);
	__u32 *value = bpf_map_lookup_elem(&td_rtp_ports, &key);

	return value ? READ_ONCE(*value) : 0;
}

/* ---- what a parser of a whole packet says ---- */

#define TD_PARSED		0
#define TD_NOT_OURS		(-1)
#define TD_GO_UP(reason)	(1 + (reason))

static __always_inline int td_go_up_if_ours(const struct udphdr *udp, const void *end,
					    int reason)
{
	if ((const void *)(udp + 1) > end || !td_port_value(udp->dest))
		return TD_NOT_OURS;
	return TD_GO_UP(reason);
}

/* Options or fragments: the stack knows how; only those that were for a flow are counted. A
 * later fragment carries no port, so every one of UDP is. */
static __always_inline int td_odd_ipv4(const struct iphdr *ip, const void *end)
{
	__u32 len = (__u32)(*(const __u8 *)ip & 0x0f) * 4;

	if (*(const __u8 *)ip >> 4 != 4 || len < sizeof(*ip))
		return TD_NOT_OURS;
	if (ip->frag_off & bpf_htons(TD_IP_OFFSET))
		return TD_GO_UP(TD_REASON_UP_FRAGMENT);
	return td_go_up_if_ours((const void *)ip + len, end,
				ip->frag_off & bpf_htons(TD_IP_FRAGMENT) ?
				TD_REASON_UP_FRAGMENT : TD_REASON_UP_OPTIONS);
}

/* Extension headers, RFC 8200 4: nobody sends RTP so; look behind them to count it. */
static __always_inline int td_odd_ipv6(const struct ipv6hdr *ip, const void *end)
{
	const __u8 *h = (const void *)(ip + 1);
	int reason = TD_REASON_UP_FAMILY;
	__u8 next = ip->nexthdr;

	for (int i = 0; i < TD_MAX_EXTENSIONS && next != IPPROTO_UDP; i++) {
		if ((const void *)(h + 8) > end)
			return TD_NOT_OURS;
		if (next == IPPROTO_FRAGMENT) {
			reason = TD_REASON_UP_FRAGMENT;
			next = h[0];
			if (*(const __be16 *)(h + 2) & bpf_htons(0xfff8))
				return next == IPPROTO_UDP ? TD_GO_UP(reason) : TD_NOT_OURS;
			h += 8;
		} else if (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
			   next == IPPROTO_DSTOPTS) {
			next = h[0];
			h += ((__u32)h[1] + 1) * 8;
		} else {
			return TD_NOT_OURS;
		}
	}
	return next == IPPROTO_UDP ? td_go_up_if_ours((const void *)h, end, reason) :
				     TD_NOT_OURS;
}

/* UDP whose header is inside the frame. space: bytes that the IP header gives it. */
static __always_inline int td_parse_udp(const void *data, const struct udphdr *udp,
					const void *end, __u32 space, struct td_packet *p)
{
	const struct td_rtp_header *rtp = (const void *)(udp + 1);
	__u32 len = bpf_ntohs(udp->len);

	p->port = td_port_value(udp->dest);
	if (!p->port)
		return TD_NOT_OURS;
	if (len < sizeof(*udp) || len != space || (const void *)udp + len > end)
		return TD_GO_UP(TD_REASON_UP_LENGTH);
	p->payload = len - (__u32)sizeof(*udp);
	p->sport = udp->source;
	p->dport = udp->dest;
	p->check = udp->check;
	p->udp = (__u32)((const void *)udp - data);
	if (p->payload >= sizeof(*rtp) && (const void *)(rtp + 1) <= end)
		p->rtp = *rtp;
	else if (p->payload >= 2 && (const void *)rtp + 2 <= end)
		*(__u16 *)&p->rtp = *(const __u16 *)rtp;
	return TD_PARSED;
}

static __always_inline int td_parse_ipv4(const void *data, const void *end, __u32 l3,
					 struct td_packet *p)
{
	const struct iphdr *ip = data + l3;
	const struct udphdr *udp = (const void *)(ip + 1);
	__u32 total;
	int got;

	if ((const void *)(ip + 1) > end || ip->protocol != IPPROTO_UDP)
		return TD_NOT_OURS;
	if (*(const __u8 *)ip != TD_IPV4_PLAIN || ip->frag_off & bpf_htons(TD_IP_FRAGMENT))
		return td_odd_ipv4(ip, end);
	if ((const void *)(udp + 1) > end)
		return TD_NOT_OURS;
	total = bpf_ntohs(ip->tot_len);
	got = td_parse_udp(data, udp, end, total - (__u32)sizeof(*ip), p);
	if (got)
		return got;
	if (td_csum_ipv4((const __u32 *)ip))
		return TD_GO_UP(TD_REASON_UP_CHECKSUM);
	p->src[1] = td_v4_low(ip->saddr);
	p->dst[1] = td_v4_low(ip->daddr);
	p->tos = ip->tos;
	p->ttl = ip->ttl;
	p->id = ip->id;
	p->frag_off = ip->frag_off;
	return TD_PARSED;
}

static __always_inline int td_parse_ipv6(const void *data, const void *end, __u32 l3,
					 struct td_packet *p)
{
	const struct ipv6hdr *ip = data + l3;
	const struct udphdr *udp = (const void *)(ip + 1);
	const __u32 *addr = (const __u32 *)&ip->saddr;
	int got;

	if ((const void *)(ip + 1) > end || *(const __u8 *)ip >> 4 != 6)
		return TD_NOT_OURS;
	if (ip->nexthdr != IPPROTO_UDP)
		return td_odd_ipv6(ip, end);
	if ((const void *)(udp + 1) > end)
		return TD_NOT_OURS;
	got = td_parse_udp(data, udp, end, bpf_ntohs(ip->payload_len), p);
	if (got)
		return got;
	if (!p->check)
		return TD_GO_UP(TD_REASON_UP_CHECKSUM);
	for (int i = 0; i < 4; i++) {
		((__u32 *)p->src)[i] = addr[i];
		((__u32 *)p->dst)[i] = addr[4 + i];
	}
	p->tos = (__u8)(bpf_ntohs(*(const __be16 *)ip) >> 4);
	p->ttl = ip->hop_limit;
	p->v6 = 1;
	return TD_PARSED;
}

static __always_inline bool td_is_vlan(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

/* Any frame. p is zero before. Global: the kernel's verifier looks at it once, for itself. */
__noinline int td_parse_packet(struct xdp_md *ctx, struct td_packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u32 l3 = sizeof(*eth);
	__be16 proto;

	if (!p || (void *)(eth + 1) > end)
		return TD_NOT_OURS;
	proto = eth->h_proto;
	for (int i = 0; i < TD_MAX_TAGS && td_is_vlan(proto); i++) {
		struct td_vlan_tag *tag = data + l3;

		if ((void *)(tag + 1) > end)
			return TD_NOT_OURS;
		proto = tag->proto;
		l3 += TD_VLAN_TAG;
	}
	p->l3 = l3;
	if (proto == bpf_htons(ETH_P_IP))
		return td_parse_ipv4(data, end, l3, p);
	if (proto == bpf_htons(ETH_P_IPV6))
		return td_parse_ipv6(data, end, l3, p);
	/* a third tag, or PPPoE: what is inside is no business of ours */
	if (td_is_vlan(proto) || proto == bpf_htons(ETH_P_PPP_SES))
		return TD_GO_UP(TD_REASON_UP_TAGS);
	return TD_NOT_OURS;
}

#endif
