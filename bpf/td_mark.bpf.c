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

struct mark_packet {
	struct td_mark_key key;
	__u32	l3;
	__u8	proto;
	__u8	tos;
	bool	v6;
};

static __always_inline bool load_ports(struct __sk_buff *skb, struct mark_packet *p, __u32 at)
{
	__be16 ports[2];

	if (p->proto != IPPROTO_UDP && p->proto != IPPROTO_TCP)
		return false;
	if (bpf_skb_load_bytes(skb, at, ports, sizeof(ports)))
		return false;
	p->key.sport = ports[0];
	p->key.dport = ports[1];
	return true;
}

static __always_inline bool load_ipv4(struct __sk_buff *skb, struct mark_packet *p)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, p->l3, &ip, sizeof(ip)) || ip.ihl < 5 ||
	    ip.frag_off & bpf_htons(IP_OFFSET))
		return false;
	p->key.src[10] = p->key.src[11] = p->key.dst[10] = p->key.dst[11] = 0xff;
	__builtin_memcpy(p->key.src + 12, &ip.saddr, 4);
	__builtin_memcpy(p->key.dst + 12, &ip.daddr, 4);
	p->tos = ip.tos;
	p->proto = ip.protocol;
	return load_ports(skb, p, p->l3 + ip.ihl * 4);
}

/* Extension headers: nobody sends media or signalling so. */
static __always_inline bool load_ipv6(struct __sk_buff *skb, struct mark_packet *p)
{
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(skb, p->l3, &ip, sizeof(ip)))
		return false;
	__builtin_memcpy(p->key.src, &ip.saddr, 16);
	__builtin_memcpy(p->key.dst, &ip.daddr, 16);
	p->tos = (__u8)(bpf_ntohs(*(const __be16 *)&ip) >> 4);
	p->proto = ip.nexthdr;
	p->v6 = true;
	return load_ports(skb, p, p->l3 + (__u32)sizeof(ip));
}

/* skb->protocol names what is behind the tag that stands beside the frame; one that is in the
 * frame (QinQ, or a device that cannot add tags) is stepped over. A device without link
 * headers (tun, PPP) begins with IP. */
static __always_inline bool load(struct __sk_buff *skb, struct mark_packet *p)
{
	__be16 proto = (__be16)skb->protocol;
	__u8 first;

	if (proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD)) {
		p->l3 = sizeof(struct ethhdr) + 4;
		if (bpf_skb_load_bytes(skb, p->l3 - 2, &proto, sizeof(proto)))
			return false;
	} else if (proto == bpf_htons(ETH_P_IP) || proto == bpf_htons(ETH_P_IPV6)) {
		__be16 type = 0;

		p->l3 = bpf_skb_load_bytes(skb, 12, &type, sizeof(type)) || type != proto ? 0 :
			(__u32)sizeof(struct ethhdr);
	}
	if (bpf_skb_load_bytes(skb, p->l3, &first, 1))
		return false;
	if (proto == bpf_htons(ETH_P_IP))
		return first >> 4 == 4 && load_ipv4(skb, p);
	return proto == bpf_htons(ETH_P_IPV6) && first >> 4 == 6 && load_ipv6(skb, p);
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

	if (!load(skb, &p))
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
