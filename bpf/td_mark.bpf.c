// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Marks on what leaves by TC egress, where XDP does not come by: media that this router only
 * routes and knows from signalling (td_mark_flows), and packets of this host's signalling and
 * service by their local port (td_mark_ports). The values are those of td_dscp, which XDP
 * reads, too, so a reload changes both at once.
 *
 * Fragments behind the first have no ports and keep what the first one's sender chose.
 */
#define TD_MAPS_MARK
#include "bpf/td_way.bpf.h"
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>

#define IP_OFFSET	0x1fff
#define MAX_HEADERS	96	/* Ethernet, a tag, IPv4 with all options, ports */

struct mark_packet {
	struct td_mark_key key;
	__u32	l3;
	__u8	proto;
	__u8	tos;
	bool	v6;
};

static __always_inline bool read_ports(struct mark_packet *p, const void *at, const void *end)
{
	const __be16 *ports = at;

	if ((p->proto != IPPROTO_UDP && p->proto != IPPROTO_TCP) || (const void *)(ports + 2) > end)
		return false;
	p->key.sport = ports[0];
	p->key.dport = ports[1];
	return true;
}

static __always_inline bool read_ipv4(struct mark_packet *p, const struct iphdr *ip,
				      const void *end)
{
	if ((const void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5 ||
	    ip->frag_off & bpf_htons(IP_OFFSET))
		return false;
	*(__u16 *)(p->key.src + 10) = *(__u16 *)(p->key.dst + 10) = 0xffff;
	*(__u32 *)(p->key.src + 12) = ip->saddr;
	*(__u32 *)(p->key.dst + 12) = ip->daddr;
	p->tos = ip->tos;
	p->proto = ip->protocol;
	return read_ports(p, (const void *)ip + ip->ihl * 4, end);
}

/* Extension headers: nobody sends media or signalling so. */
static __always_inline bool read_ipv6(struct mark_packet *p, const struct ipv6hdr *ip,
				      const void *end)
{
	if ((const void *)(ip + 1) > end || *(const __u8 *)ip >> 4 != 6)
		return false;
	__builtin_memcpy(p->key.src, &ip->saddr, 16);
	__builtin_memcpy(p->key.dst, &ip->daddr, 16);
	p->tos = (__u8)(bpf_ntohs(*(const __be16 *)ip) >> 4);
	p->proto = ip->nexthdr;
	p->v6 = true;
	return read_ports(p, ip + 1, end);
}

/* The headers of whatever lies in pages; nearly always they are in one piece already. */
static __always_inline void pull_headers(struct __sk_buff *skb)
{
	__u32 there = skb->data_end - skb->data, len = skb->len;

	if (there < MAX_HEADERS && there < len)
		bpf_skb_pull_data(skb, len < MAX_HEADERS ? len : MAX_HEADERS);
}

/* skb->protocol names what is behind the tag that stands beside the frame; one that is in the
 * frame (QinQ, or a device that cannot add tags) is stepped over. A device without link
 * headers (tun, PPP) begins with IP. */
static __always_inline bool read_packet(struct __sk_buff *skb, struct mark_packet *p)
{
	const void *data, *end;
	const struct ethhdr *eth;
	__be16 proto = (__be16)skb->protocol;

	pull_headers(skb);
	eth = data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD)) {
		const __be16 *tag = (const void *)(eth + 1);

		if ((const void *)(tag + 2) > end)
			return false;
		proto = tag[1];
		p->l3 = sizeof(*eth) + 4;
	} else if ((const void *)(eth + 1) <= end && eth->h_proto == proto) {
		p->l3 = sizeof(*eth);
	}
	if (proto == bpf_htons(ETH_P_IP))
		return read_ipv4(p, data + p->l3, end);
	return proto == bpf_htons(ETH_P_IPV6) && read_ipv6(p, data + p->l3, end);
}

static __always_inline bool keeps_its_mark(struct __sk_buff *skb, const struct mark_packet *p)
{
	__u32 in = skb->ingress_ifindex;
	__u32 *flags = p->tos >> 2 ? bpf_map_lookup_elem(&td_mark_ifs, &in) : NULL;

	return flags && *flags & TD_MARK_TRUST;
}

/* The class of a packet that a socket of this host sends from one of our ports. */
static __always_inline bool is_from_our_port(struct __sk_buff *skb, const struct mark_packet *p,
					     __u32 *class)
{
	__u32 port = bpf_ntohs(p->key.sport), value;
	__u32 *found = skb->sk ? bpf_map_lookup_elem(&td_mark_ports, &port) : NULL;

	value = found ? READ_ONCE(*found) : 0;
	*class = TD_MARK_CLASS(value);
	return value & (p->proto == IPPROTO_TCP ? TD_MARK_TCP : TD_MARK_UDP);
}

static __always_inline bool is_known_media(const struct mark_packet *p, __u32 *class)
{
	__u32 *found = p->proto == IPPROTO_UDP ? bpf_map_lookup_elem(&td_mark_flows, &p->key) : NULL;

	if (found)
		*class = *found;
	return found;
}

static __always_inline void put_ipv4(struct __sk_buff *skb, const struct mark_packet *p, __u8 tos)
{
	__u32 at = p->l3 + (__u32)offsetof(struct iphdr, tos);

	bpf_l3_csum_replace(skb, p->l3 + (__u32)offsetof(struct iphdr, check),
			    bpf_htons(p->tos), bpf_htons(tos), 2);
	bpf_skb_store_bytes(skb, at, &tos, sizeof(tos), 0);
}

/* No checksum covers it. */
static __always_inline void put_ipv6(struct __sk_buff *skb, const struct mark_packet *p, __u8 tos)
{
	__be16 word;

	if (bpf_skb_load_bytes(skb, p->l3, &word, sizeof(word)))
		return;
	word = (word & bpf_htons(0xf00f)) | bpf_htons((__u16)(tos << 4));
	bpf_skb_store_bytes(skb, p->l3, &word, sizeof(word), BPF_F_RECOMPUTE_CSUM);
}

SEC("tc")
int td_mark(struct __sk_buff *skb)
{
	struct mark_packet p = { 0 };
	__u32 class = 0;
	__u8 tos;

	if (!read_packet(skb, &p))
		return TC_ACT_UNSPEC;
	if (!is_from_our_port(skb, &p, &class) &&
	    (!is_known_media(&p, &class) || keeps_its_mark(skb, &p)))
		return TC_ACT_UNSPEC;
	tos = td_new_tos(p.tos, class);
	if (tos == p.tos)
		return TC_ACT_UNSPEC;
	if (p.v6)
		put_ipv6(skb, &p, tos);
	else
		put_ipv4(skb, &p, tos);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
