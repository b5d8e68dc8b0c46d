// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Media forking, at TC ingress behind td_rtp. XDP has checked, counted and rewritten the
 * packet and left a struct td_fork_meta in front of it; here it goes out as it is, and then
 * a copy with the addresses of td_forks[fork]. Whatever is wrong with the copy, the call's
 * own packet has left already.
 *
 * Every other packet passes untouched, on to the next filter.
 */
#define TD_MAPS_FORK
#include "bpf/td_way.bpf.h"
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#define IP_DF		0x4000
#define ENOMEM		12
#define SUM_BLOCK	64
#define MAX_SUM		4096

/* A packet as XDP left it, or as the copy shall leave. */
struct view {
	__u64	src[2], dst[2];
	__u32	l3, udp;		/* offsets */
	__u32	len;			/* UDP header and payload */
	__be16	sport, dport;
	__u16	check;
	__u8	tos, ttl;
	bool	v6;
};

/* What the copy takes from its fork. */
struct fork_way {
	struct td_out out;
	__u64	src[2], dst[2];
	__u32	class;
	__be16	sport, dport;
	bool	v6;
};

/* ---- what is there ---- */

/* The mark that td_rtp left, once: a frame that comes by again is none of ours. */
static __always_inline bool take_meta(struct __sk_buff *skb, struct td_fork_meta *out)
{
	struct td_fork_meta *meta = (void *)(long)skb->data_meta;

	if ((void *)(meta + 1) > (void *)(long)skb->data || meta->magic != TD_FORK_MAGIC)
		return false;
	*out = *meta;
	meta->magic = 0;
	return true;
}

static __always_inline bool read_ipv4(struct __sk_buff *skb, struct view *v)
{
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, v->l3, &ip, sizeof(ip)))
		return false;
	v->src[0] = v->dst[0] = 0;
	v->src[1] = td_v4_low(ip.saddr);
	v->dst[1] = td_v4_low(ip.daddr);
	v->tos = ip.tos;
	v->ttl = ip.ttl;
	v->udp = v->l3 + (__u32)sizeof(ip);
	return true;
}

static __always_inline bool read_ipv6(struct __sk_buff *skb, struct view *v)
{
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(skb, v->l3, &ip, sizeof(ip)))
		return false;
	__builtin_memcpy(v->src, &ip.saddr, sizeof(v->src));
	__builtin_memcpy(v->dst, &ip.daddr, sizeof(v->dst));
	v->tos = (__u8)(bpf_ntohs(*(const __be16 *)&ip) >> 4);
	v->ttl = ip.hop_limit;
	v->udp = v->l3 + (__u32)sizeof(ip);
	return true;
}

/* The headers that td_rtp wrote: no options, at most one tag that the stack left in place. */
static __always_inline bool read_view(struct __sk_buff *skb, struct view *v)
{
	struct udphdr udp;
	__be16 proto;

	v->l3 = sizeof(struct ethhdr);
	if (bpf_skb_load_bytes(skb, v->l3 - 2, &proto, sizeof(proto)))
		return false;
	if (proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD)) {
		v->l3 += 4;
		if (bpf_skb_load_bytes(skb, v->l3 - 2, &proto, sizeof(proto)))
			return false;
	}
	v->v6 = proto == bpf_htons(ETH_P_IPV6);
	if (!v->v6 && proto != bpf_htons(ETH_P_IP))
		return false;
	if (v->v6 ? !read_ipv6(skb, v) : !read_ipv4(skb, v))
		return false;
	if (bpf_skb_load_bytes(skb, v->udp, &udp, sizeof(udp)))
		return false;
	v->sport = udp.source;
	v->dport = udp.dest;
	v->len = bpf_ntohs(udp.len);
	v->check = udp.check;
	return true;
}

/* ---- checksums ---- */

static __always_inline __u64 pseudo_sum(const __u64 src[2], const __u64 dst[2], __u32 len)
{
	__u64 sum = bpf_htons(IPPROTO_UDP);

	sum += bpf_htons((__u16)len);
	sum = td_csum_add64(sum, src[0]);
	sum = td_csum_add64(sum, src[1]);
	sum = td_csum_add64(sum, dst[0]);
	return td_csum_add64(sum, dst[1]);
}

/*
 * Does the kernel still owe this packet its UDP checksum? So it is when the sender is a socket
 * behind a veth; td_rtp may have summed it up in full, and the kernel would do it once more,
 * over that sum. No field tells; but this helper leaves the field alone just then.
 */
static __always_inline bool sum_is_owed(struct __sk_buff *skb, const struct view *v)
{
	__u32 at = v->udp + (__u32)offsetof(struct udphdr, check);
	__u16 now = v->check;

	if (!v->check || bpf_l4_csum_replace(skb, at, 0, bpf_htons(1), 2))
		return false;
	bpf_skb_load_bytes(skb, at, &now, sizeof(now));
	return now == v->check;
}

static __always_inline void put_check(struct __sk_buff *skb, const struct view *v, __u16 check)
{
	bpf_skb_store_bytes(skb, v->udp + (__u32)offsetof(struct udphdr, check), &check,
			    sizeof(check), 0);
}

static __always_inline __u64 sum_words(const __u32 words[SUM_BLOCK / 4])
{
	__u64 sum = 0;

	for (int k = 0; k < SUM_BLOCK / 4; k++)
		sum += words[k];
	return sum;
}

/* The sum of len bytes from at on. Global: verified once; the rest behind the last whole block
 * is found anew from len, so that all ways out of the loop are one. */
__noinline __u64 td_skb_sum(struct __sk_buff *skb, __u32 at, __u32 len)
{
	__u64 rest = len % SUM_BLOCK, sum = 0;
	__u32 words[SUM_BLOCK / 4], left = len, from = at;

	if (len > MAX_SUM || at > 128)
		return 0;
	for (int i = 0; i < MAX_SUM / SUM_BLOCK; i++) {
		if (left < SUM_BLOCK || bpf_skb_load_bytes(skb, from, words, SUM_BLOCK))
			break;
		sum += sum_words(words);
		from += SUM_BLOCK;
		left -= SUM_BLOCK;
	}
	__builtin_memset(words, 0, sizeof(words));
	if (TD_IN_RANGE(rest, SUM_BLOCK) &&
	    !bpf_skb_load_bytes(skb, at + (len - len % SUM_BLOCK), words, (__u32)rest))
		sum += sum_words(words);
	return sum;
}

/* ---- the copy ---- */

static __always_inline bool read_fork(const struct td_fork *f, __u32 rtcp, struct fork_way *w)
{
	__u32 gen = READ_ONCE(f->gen_head), nexthop;

	barrier();
	__builtin_memcpy(w->src, f->new_src, sizeof(w->src));
	__builtin_memcpy(w->dst, f->new_dst, sizeof(w->dst));
	w->sport = f->new_src_port;
	w->dport = f->new_dst_port;
	w->class = f->dscp_class;
	nexthop = f->nexthop;
	barrier();
	if ((gen & 1) || READ_ONCE(f->gen_tail) != gen)
		return false;
	if (rtcp) {			/* the pair's lower port is even */
		w->sport |= bpf_htons(1);
		w->dport |= bpf_htons(1);
	}
	w->v6 = !td_is_v4(w->dst);
	return w->v6 != td_is_v4(w->src) && td_read_nexthop(nexthop, &w->out);
}

static __always_inline bool put_ipv4(struct __sk_buff *skb, const struct view *v,
				     const struct fork_way *w)
{
	struct iphdr h = {
		.version = 4, .ihl = 5, .tos = td_new_tos(v->tos, w->class),
		.tot_len = bpf_htons((__u16)(v->len + sizeof(h))),
		.frag_off = bpf_htons(IP_DF), .ttl = v->ttl, .protocol = IPPROTO_UDP,
		.saddr = td_v4_part(w->src[1]), .daddr = td_v4_part(w->dst[1]),
	};

	h.check = td_csum_ipv4((const __u32 *)&h);
	return !bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &h, sizeof(h),
				    BPF_F_RECOMPUTE_CSUM);
}

static __always_inline bool put_ipv6(struct __sk_buff *skb, const struct view *v,
				     const struct fork_way *w)
{
	struct ipv6hdr h = {
		.payload_len = bpf_htons((__u16)v->len), .nexthdr = IPPROTO_UDP,
		.hop_limit = v->ttl,
	};

	*(__u32 *)&h = bpf_htonl(6u << 28 | (__u32)td_new_tos(v->tos, w->class) << 20);
	__builtin_memcpy(&h.saddr, w->src, sizeof(w->src));
	__builtin_memcpy(&h.daddr, w->dst, sizeof(w->dst));
	return !bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &h, sizeof(h),
				    BPF_F_RECOMPUTE_CSUM);
}

/* at: where the UDP header stands now */
static __always_inline __u16 check_of(struct __sk_buff *skb, const struct view *v,
				      const struct fork_way *w, __u32 at, bool owed)
{
	__u64 sum = 0;

	if (owed)		/* what the kernel goes on from */
		return td_csum_fold(pseudo_sum(w->src, w->dst, v->len));
	if (v->check) {
		sum = td_csum_swap128(sum, v->src, w->src);
		sum = td_csum_swap128(sum, v->dst, w->dst);
		sum = td_csum_swap16(sum, v->sport, w->sport);
		sum = td_csum_swap16(sum, v->dport, w->dport);
		return td_csum_udp(td_csum_apply(v->check, sum));
	}
	if (!w->v6)
		return 0;
	/* no sum on IPv6 is not allowed (RFC 8200 8.1) */
	sum = pseudo_sum(w->src, w->dst, v->len) + w->sport + w->dport + bpf_htons((__u16)v->len);
	sum += td_skb_sum(skb, at + (__u32)sizeof(struct udphdr),
			  v->len - (__u32)sizeof(struct udphdr));
	return td_csum_udp((__u16)~td_csum_fold(sum));
}

static __always_inline bool put_headers(struct __sk_buff *skb, const struct view *v,
					const struct fork_way *w, bool owed)
{
	__u32 at = (__u32)sizeof(struct ethhdr) +
		   (w->v6 ? (__u32)sizeof(struct ipv6hdr) : (__u32)sizeof(struct iphdr));
	struct udphdr udp = { w->sport, w->dport, bpf_htons((__u16)v->len), 0 };
	__u16 eth[7];

	for (int i = 0; i < 6; i++)
		eth[i] = w->out.mac[i];
	eth[6] = w->v6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	udp.check = check_of(skb, v, w, at, owed);
	return !bpf_skb_store_bytes(skb, 0, eth, sizeof(eth), BPF_F_RECOMPUTE_CSUM) &&
	       (w->v6 ? put_ipv6(skb, v, w) : put_ipv4(skb, v, w)) &&
	       !bpf_skb_store_bytes(skb, at, &udp, sizeof(udp), BPF_F_RECOMPUTE_CSUM);
}

/* The stack has taken the outer tag out of the frame, an inner one stands in it still. */
static __always_inline bool drop_tags(struct __sk_buff *skb)
{
	for (int i = 0; i < TD_MAX_TAGS; i++)
		if (skb->vlan_present && bpf_skb_vlan_pop(skb))
			return false;
	return !skb->vlan_present;
}

static __always_inline bool put_tags(struct __sk_buff *skb, const struct td_out *out)
{
	if (out->tpid[1] &&
	    bpf_skb_vlan_push(skb, out->tpid[1], bpf_ntohs(out->tci[1])))
		return false;
	return !out->tpid[0] || !bpf_skb_vlan_push(skb, out->tpid[0], bpf_ntohs(out->tci[0]));
}

static __always_inline bool make_copy(struct __sk_buff *skb, const struct view *v,
				      const struct fork_way *w, bool owed)
{
	__u32 len = v->len + (w->v6 ? (__u32)sizeof(struct ipv6hdr) :
				      (__u32)sizeof(struct iphdr));

	if (skb->gso_size || v->len < sizeof(struct udphdr) || (w->out.mtu && len > w->out.mtu))
		return false;
	if (!drop_tags(skb))
		return false;
	if (w->v6 != v->v6 &&
	    bpf_skb_change_proto(skb, w->v6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP), 0))
		return false;
	return put_headers(skb, v, w, owed) && put_tags(skb, &w->out);
}

/* What is left of skb is the copy's. */
static __always_inline int send_copy(struct __sk_buff *skb, const struct td_fork_meta *m,
				     const struct view *v, bool owed)
{
	__u32 index = m->fork;
	struct td_fork *f = index ? bpf_map_lookup_elem(&td_forks, &index) : NULL;
	struct fork_way w;

	if (!f)
		return TC_ACT_SHOT;
	if (!read_fork(f, m->rtcp, &w) || !make_copy(skb, v, &w, owed)) {
		__sync_fetch_and_add(&f->missed, 1);
		return TC_ACT_SHOT;
	}
	__sync_fetch_and_add(&f->packets, 1);
	return (int)bpf_redirect(w.out.ifindex, 0);
}

SEC("tc")
int td_fork(struct __sk_buff *skb)
{
	struct td_fork_meta m;
	struct view v = { 0 };
	bool readable, owed = false;

	if (!take_meta(skb, &m))
		return TC_ACT_UNSPEC;
	readable = read_view(skb, &v);
	if (readable && v.check) {
		owed = sum_is_owed(skb, &v);
		put_check(skb, &v, owed ? td_csum_fold(pseudo_sum(v.src, v.dst, v.len)) : v.check);
	}
	/* no memory for a second packet: the call's goes first */
	if (bpf_clone_redirect(skb, m.ifindex, 0) == -ENOMEM || !readable)
		return readable ? (int)bpf_redirect(m.ifindex, 0) : TC_ACT_SHOT;
	return send_copy(skb, &m, &v, owed);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
