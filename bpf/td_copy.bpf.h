/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Forks, on the way out: what runs for each frame to a device of td_copy_devs and td_copy_pairs.
 * A frame that td_rtp sent twice comes by twice, in pages of their own. The call's goes on as it
 * is, the other one gets the headers of td_forks[fork]: once more those of td_general.bpf.h.
 * Whatever is wrong with the copy, the call does not notice.
 *
 * Which one is it? The device tells. When both leave by the same one, the copy comes first, as
 * it is the first of its pair (TD_COPY_FIRST) and a device's queue keeps the order.
 */
#ifndef TD_BPF_COPY_BPF_H
#define TD_BPF_COPY_BPF_H

#include "bpf/td_general.bpf.h"

/* The note that td_rtp left, and off it goes. */
static __always_inline bool td_take_note(struct xdp_md *ctx, struct td_copy_note *n)
{
	const struct td_copy_note *note = (void *)(long)ctx->data_meta;

	if ((void *)(note + 1) > (void *)(long)ctx->data || note->magic != TD_COPY_MAGIC)
		return false;
	*n = *note;
	bpf_xdp_adjust_meta(ctx, (int)sizeof(*note));
	return true;
}

static __always_inline bool td_is_copy(struct xdp_md *ctx, const struct td_copy_note *n)
{
	__u32 zero = 0;
	struct td_serial *serial;

	if (!(n->flags & TD_COPY_SAME))
		return ctx->egress_ifindex != n->ifindex;
	serial = bpf_map_lookup_elem(&td_serials, &zero);
	if (!serial || serial->seen == n->serial)
		return false;
	serial->seen = n->serial;
	return true;
}

/* The headers that td_rtp wrote: no options, no fragment. A copy is no fragment either. */
static __always_inline bool td_read_made(struct xdp_md *ctx, const struct td_copy_note *n,
					 struct td_packet *p)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 at = n->udp & 127, l3;
	const struct udphdr *udp = data + at;

	p->v6 = n->flags & TD_COPY_V6;
	l3 = (at - td_ip_bytes(p->v6)) & 127;
	if ((const void *)(udp + 1) > end)
		return false;
	p->udp = at;
	p->payload = (__u32)bpf_ntohs(udp->len) - (__u32)sizeof(*udp);
	p->sport = udp->source;
	p->dport = udp->dest;
	p->check = udp->check;
	p->id = 0;
	p->frag_off = bpf_htons(TD_IP_DF);
	if (p->v6) {
		const struct ipv6hdr *ip = data + l3;
		const __u32 *addr = (const __u32 *)&ip->saddr;

		if ((const void *)(ip + 1) > end)
			return false;
		for (int i = 0; i < 4; i++) {
			((__u32 *)p->src)[i] = addr[i];
			((__u32 *)p->dst)[i] = addr[4 + i];
		}
		p->tos = (__u8)(bpf_ntohs(*(const __be16 *)ip) >> 4);
		p->ttl = ip->hop_limit + 1;	/* its one hop has been counted */
	} else {
		const struct iphdr *ip = data + l3;

		if ((const void *)(ip + 1) > end)
			return false;
		p->src[0] = p->dst[0] = 0;
		p->src[1] = td_v4_low(ip->saddr);
		p->dst[1] = td_v4_low(ip->daddr);
		p->tos = ip->tos;
		p->ttl = ip->ttl + 1;
	}
	return true;
}

static __always_inline bool td_make_copy(struct xdp_md *ctx, const struct td_copy_note *n,
					 const struct td_fork *f, struct td_work *k)
{
	__u32 head, rtcp = n->flags & TD_COPY_RTCP;
	bool v6;

	if (!td_read_fork(f, &k->w) || !td_read_nexthop(k->w.nexthop, &k->out) ||
	    !td_read_made(ctx, n, &k->p))
		return false;
	k->w.flags = 0;
	v6 = !td_is_v4(k->w.new_dst);
	if (v6 == td_is_v4(k->w.new_src))
		return false;
	head = td_head_bytes(&k->out, v6);
	if (head != k->p.udp && bpf_xdp_adjust_head(ctx, (int)k->p.udp - (int)head))
		return false;
	return !td_put_headers(ctx, &k->p, &k->w, &k->out, rtcp, v6, 0);
}

static __noinline int td_on_way_out(struct xdp_md *ctx)
{
	struct td_copy_note n;
	struct td_work *k;
	struct td_fork *f;
	__u32 index = 0;

	if (!td_take_note(ctx, &n) || !td_is_copy(ctx, &n))
		return XDP_PASS;
	k = bpf_map_lookup_elem(&td_work, &index);
	index = n.fork;
	f = bpf_map_lookup_elem(&td_forks, &index);
	if (!k || !f)
		return XDP_DROP;
	if (!td_make_copy(ctx, &n, f, k)) {
		__sync_fetch_and_add(&f->missed, 1);
		return XDP_DROP;
	}
	__sync_fetch_and_add(&f->packets, 1);
	return XDP_PASS;
}

SEC("xdp.frags/devmap")
int td_copy(struct xdp_md *ctx)
{
	return td_on_way_out(ctx);
}

/* For the device map of a td_rtp that knows no fragments, as it is in libxdp's dispatcher: the
 * kernel wants programs and maps to agree about that. */
SEC("xdp/devmap")
int td_copy_joined(struct xdp_md *ctx)
{
	return td_on_way_out(ctx);
}

#endif
