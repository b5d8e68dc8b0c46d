/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every packet that is not the plain case of td_rtp.bpf.c: IPv6, either way between IPv4 and
 * IPv6 (RFC 7915 as far as it concerns whole UDP packets), VLAN tags in and out, renamed and
 * transcoded payloads, forks, copies. The packet is taken apart into a struct td_packet,
 * judged by td_rules.bpf.h, and gets new headers in front of its UDP header, in one
 * bpf_xdp_adjust_head whatever changes.
 */
#ifndef TD_BPF_GENERAL_BPF_H
#define TD_BPF_GENERAL_BPF_H

#include "bpf/td_fork.bpf.h"
#include "bpf/td_payload.bpf.h"
#include "bpf/td_rules.bpf.h"

#define TD_IP_DF	0x4000

/* What is known of the packet in hand. Not on the stack, which 512 bytes are all of: a map
 * element of this CPU, where no second packet is at work before the first is done. */
struct td_work {
	struct td_packet p;
	struct td_way w;
	struct td_out out;
	td_subject subject;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct td_work);
} td_work SEC(".maps");

/* ---- what becomes of the payload ---- */

/* The other name of a payload type, or itself. */
static __always_inline __u8 td_rename(const struct td_way *w, __u8 pt)
{
	if (pt == (w->pt_from & 0xff))
		return w->pt_to & 0x7f;
	if (pt == ((w->pt_from >> 8) & 0xff))
		return (w->pt_to >> 8) & 0x7f;
	if (pt == ((w->pt_from >> 16) & 0xff))
		return (w->pt_to >> 16) & 0x7f;
	return pt;
}

static __always_inline bool td_wants_law(const struct td_way *w, __u8 pt)
{
	return (w->flags & (TD_FLOW_U2A | TD_FLOW_A2U)) && pt == (w->pt_from & 0xff);
}

/* New second byte and transcoded samples, at the payload's place in the frame as it is now.
 * Returns the checksum's difference. */
static __always_inline __u64 td_rewrite_rtp(struct xdp_md *ctx, const struct td_way *w,
					    const struct td_packet *p, struct td_flow_stats *s,
					    __u32 at)
{
	__u8 old = p->rtp.mpt, neu = (old & 0x80) | td_rename(w, old & 0x7f);
	__u64 diff = 0;

	if (td_wants_law(w, old & 0x7f)) {
		__u64 body = td_rtp_body(ctx, at, p->payload);

		/* the caller has seen that it is one; SRTP is never asked for */
		if (w->flags & TD_FLOW_U2A)
			diff = td_u2a(ctx, (__u32)(body >> 32), (__u32)body);
		else
			diff = td_a2u(ctx, (__u32)(body >> 32), (__u32)body);
		s->transcoded++;
	}
	if (neu != old) {
		void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
		__u8 *rtp = data + (at & 127);

		if ((void *)(rtp + 2) > end)
			return diff;
		rtp[1] = neu;
		diff = td_csum_swap16(diff, bpf_htons(old), bpf_htons(neu));
	}
	return diff;
}

/* ---- new headers ---- */

static __always_inline __u32 td_tags_bytes(const struct td_out *out)
{
	return !out->tpid[0] ? 0 : !out->tpid[1] ? TD_VLAN_TAG : 2 * TD_VLAN_TAG;
}

static __always_inline __u32 td_head_bytes(const struct td_out *out, bool v6)
{
	return (__u32)sizeof(struct ethhdr) + td_tags_bytes(out) + td_ip_bytes(v6);
}

/* Ethernet and tags. Returns the next header's place, NULL never in truth. */
static __always_inline void *td_put_link(void *data, const void *end, const struct td_out *out,
					 __be16 proto)
{
	__u16 *at = data;

	if (data + sizeof(struct ethhdr) > end)
		return NULL;
	for (int i = 0; i < 6; i++)
		at[i] = out->mac[i];
	at += 6;
	for (int i = 0; i < TD_MAX_TAGS && out->tpid[i]; i++) {
		if ((void *)(at + 3) > end)
			return NULL;
		at[0] = out->tpid[i];
		at[1] = out->tci[i];
		at += 2;
	}
	if ((void *)(at + 1) > end)
		return NULL;
	*at = proto;
	return at + 1;
}

static __always_inline struct udphdr *td_put_ipv4(void *at, const void *end,
						  const struct td_packet *p,
						  const struct td_way *w)
{
	struct iphdr h = {
		.version = 4, .ihl = 5, .tos = td_new_tos(p->tos, w->dscp_class),
		.tot_len = bpf_htons((__u16)(p->payload + sizeof(h) + sizeof(struct udphdr))),
		/* RFC 7915 5.1: what came by IPv6 was no fragment and shall not become one */
		.id = p->v6 ? 0 : p->id,
		.frag_off = p->v6 ? bpf_htons(TD_IP_DF) : p->frag_off,
		.ttl = p->ttl - 1, .protocol = IPPROTO_UDP,
		.saddr = td_v4_part(w->new_src[1]), .daddr = td_v4_part(w->new_dst[1]),
	};

	h.check = td_csum_ipv4((const __u32 *)&h);
	if (at + sizeof(h) + sizeof(struct udphdr) > end)
		return NULL;
	for (int i = 0; i < (int)sizeof(h) / 4; i++)
		((__u32 *)at)[i] = ((const __u32 *)&h)[i];
	return at + sizeof(h);
}

static __always_inline struct udphdr *td_put_ipv6(void *at, const void *end,
						  const struct td_packet *p,
						  const struct td_way *w)
{
	__u8 tos = td_new_tos(p->tos, w->dscp_class);
	struct ipv6hdr *h = at;
	__u32 *addr;

	if (at + sizeof(*h) + sizeof(struct udphdr) > end)
		return NULL;
	addr = (__u32 *)&h->saddr;
	*(__u32 *)at = bpf_htonl(6u << 28 | (__u32)tos << 20);	/* flow label 0 */
	h->payload_len = bpf_htons((__u16)(p->payload + sizeof(struct udphdr)));
	h->nexthdr = IPPROTO_UDP;
	h->hop_limit = p->ttl - 1;
	for (int i = 0; i < 4; i++) {
		addr[i] = ((const __u32 *)w->new_src)[i];
		addr[4 + i] = ((const __u32 *)w->new_dst)[i];
	}
	return at + sizeof(*h);
}

/* Length and protocol stand in the pseudo-header, too. */
static __always_inline __u16 td_full_check(struct xdp_md *ctx, const struct td_way *w,
					   const struct td_packet *p, __u32 udp_at)
{
	__u64 sum = bpf_htons(IPPROTO_UDP);

	sum += bpf_htons((__u16)(p->payload + sizeof(struct udphdr)));
	sum = td_csum_add64(sum, w->new_src[0]);
	sum = td_csum_add64(sum, w->new_src[1]);
	sum = td_csum_add64(sum, w->new_dst[0]);
	sum = td_csum_add64(sum, w->new_dst[1]);
	sum += td_sum_bytes(ctx, udp_at, p->payload + (__u32)sizeof(struct udphdr));
	return td_csum_udp((__u16)~td_csum_fold(sum));
}

/* The frame has its new size; its payload is done, diff tells how that changed the sum. */
static __always_inline int td_put_headers(struct xdp_md *ctx, const struct td_packet *p,
					  const struct td_way *w, const struct td_out *out,
					  __u32 rtcp, bool v6, __u64 diff)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be16 sport = td_new_src_port(w, rtcp), dport = td_new_dst_port(w, rtcp);
	void *ip = td_put_link(data, end, out, bpf_htons(v6 ? ETH_P_IPV6 : ETH_P_IP));
	struct udphdr *udp;
	__u16 *port;
	bool full;

	if (!ip)
		return -1;
	udp = v6 ? td_put_ipv6(ip, end, p, w) : td_put_ipv4(ip, end, p, w);
	if (!udp)
		return -1;
	port = (__u16 *)udp;
	port[0] = sport;
	port[1] = dport;
	/* no sum stays none on IPv4 only (RFC 768, RFC 8200 8.1) */
	full = p->check ? w->flags & TD_FLOW_CSUM_FULL : v6;
	if (full) {
		port[3] = 0;
		diff = (void *)udp - data;
		diff = td_full_check(ctx, w, p, (__u32)diff);
		data = (void *)(long)ctx->data;
		end = (void *)(long)ctx->data_end;
		udp = data + (((v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) +
			       sizeof(struct ethhdr) + td_tags_bytes(out)) & 127);
		if ((void *)(udp + 1) > end)
			return -1;
		udp->check = (__u16)diff;
	} else if (p->check) {
		__u64 dst[2] = { p->dst[0], p->dst[1] };

		diff = td_csum_swap128(diff, p->src, w->new_src);
		diff = td_csum_swap128(diff, dst, w->new_dst);
		diff = td_csum_swap16(diff, p->sport, sport);
		diff = td_csum_swap16(diff, p->dport, dport);
		port[3] = td_csum_udp(td_csum_apply(p->check, diff));
	}
	return 0;
}

/* ---- one packet ---- */

static __always_inline int td_leave(struct xdp_md *ctx, struct td_work *k,
				    struct td_flow_stats *s, enum td_kind kind, bool v6)
{
	const struct td_packet *p = &k->p;
	const struct td_out *out = &k->out;
	const struct td_way *w = &k->w;
	__u32 head = td_head_bytes(out, v6);
	__u32 rtcp = kind == TD_KIND_RTCP;
	__u64 diff = 0;

	if (head != p->udp && bpf_xdp_adjust_head(ctx, (int)p->udp - (int)head))
		return td_up(TD_REASON_UP_MTU);	/* no headroom: not with any driver we know */
	if (kind == TD_KIND_RTP)
		diff = td_rewrite_rtp(ctx, w, p, s, head + (__u32)sizeof(struct udphdr));
	if (td_put_headers(ctx, p, w, out, rtcp, v6, diff))
		return XDP_DROP;
	if (w->flags & TD_FLOW_CAPTURE)
		td_capture_frame(ctx, w->call_id, w->leg_id);
	if (w->flags & TD_FLOW_FORK)
		td_leave_twice(ctx, w->fork, w->nexthop, p->payload + (__u32)sizeof(struct udphdr),
			       TD_UDP_AT(head, (rtcp ? TD_COPY_RTCP : 0) | (v6 ? TD_COPY_V6 : 0)));
	return td_verdict(TD_REASON_FORWARDED, XDP_REDIRECT);
}

static __always_inline enum td_kind td_kind_of(const struct td_way *w, const struct td_packet *p,
					       __u32 rtcp)
{
	if (rtcp)
		return TD_KIND_RTCP;
	if (w->flags & TD_FLOW_PLAIN)
		return TD_KIND_PLAIN;
	if ((w->flags & TD_FLOW_MUX) && p->payload >= 4 && td_is_muxed_rtcp(p->rtp.mpt))
		return TD_KIND_RTCP;
	return TD_KIND_RTP;
}

static __always_inline bool td_is_bad_rtp(struct xdp_md *ctx, const struct td_way *w,
					  const struct td_packet *p)
{
	if (p->payload < sizeof(p->rtp) || p->rtp.vpxcc >> 6 != 2)
		return true;
	return td_wants_law(w, p->rtp.mpt & 0x7f) &&
	       !td_rtp_body(ctx, p->udp + (__u32)sizeof(struct udphdr), p->payload);
}

static __always_inline int td_judge_source(struct xdp_md *ctx, struct td_work *k,
					   struct td_flow_stats *s)
{
	struct td_source from = { .addr = { k->p.src[0], k->p.src[1] }, .port = k->p.sport };
	bool same = td_same_addr(k->w.peer, k->p.src);

	if (same && k->w.peer_port == k->p.sport)
		return TD_ADMITTED;
	return td_refuse_source(ctx, k->subject, &from, s,
				same && td_may_learn(&k->w, TD_PORT_IS_RTCP(k->p.port)));
}

/* What a sender may not send, and what it may not send now. */
static __always_inline int td_judge_content(struct xdp_md *ctx, struct td_work *k,
					    struct td_flow_stats *s, enum td_kind kind)
{
	if (kind == TD_KIND_RTP && td_is_bad_rtp(ctx, &k->w, &k->p)) {
		s->bad_rtp++;
		return td_verdict(TD_REASON_BAD_RTP, XDP_DROP);
	}
	if (kind != TD_KIND_RTCP && (k->w.flags & TD_FLOW_MUTED)) {
		s->muted++;
		td_rtp_stat_pause(s);
		return td_verdict(TD_REASON_MUTED, XDP_DROP);
	}
	return TD_ADMITTED;
}

/* Is there a way for this packet? For its copy is asked when it leaves, for the call goes on
 * without; but where XDP cannot make any, the relay does. */
static __always_inline int td_judge_way(struct xdp_md *ctx, struct td_work *k, bool v6)
{
	__u32 len = k->p.payload + (__u32)sizeof(struct udphdr) + td_ip_bytes(v6);

	if (k->p.ttl <= 1)
		return td_up(TD_REASON_UP_TTL);
	if (v6 == td_is_v4(k->w.new_src))
		return td_up(TD_REASON_UP_FAMILY);
	if (!td_choose_way_out(&k->w, &k->out))
		return td_up(TD_REASON_UP_NO_NEXTHOP);
	if (k->out.mtu && len > k->out.mtu)
		return td_up(TD_REASON_UP_MTU);
	if ((k->w.flags & TD_FLOW_FORK) && !td_may_copy(ctx, &k->out))
		return td_up(TD_REASON_UP_FORK);
	return TD_ADMITTED;
}

static __always_inline int td_admit(struct xdp_md *ctx, struct td_work *k,
				    struct td_flow_stats *s, enum td_kind kind)
{
	if (kind == TD_KIND_RTP)
		return td_admit_rtp(ctx, &k->w, s, k->subject, &k->p.rtp);
	if (kind == TD_KIND_RTCP)
		return td_admit_rtcp(ctx, &k->w, s, k->subject);
	return td_admit_plain(ctx, &k->w, s, k->subject);
}

static __always_inline int td_read_slot(struct td_work *k, __u32 slot)
{
	struct td_flow *flow = bpf_map_lookup_elem(&td_rtp_flows, &slot);

	if (!flow)
		return XDP_PASS;
	if (!td_read_flow(flow, TD_PORT_IS_RTCP(k->p.port), &k->w))
		return td_up(TD_REASON_UP_BUSY);
	if (!(k->w.flags & TD_FLOW_ACTIVE))
		return td_up(TD_REASON_UP_INACTIVE);
	if (!(k->w.flags & TD_FLOW_XDP))
		return td_up(TD_REASON_UP_RELAY);
	if (!td_same_addr(k->w.local, k->p.dst) && (k->w.local[0] | k->w.local[1]))
		return td_up(TD_REASON_UP_ADDRESS);
	k->subject = td_subject_of(slot, k->p.payload, k->p.udp + (__u32)sizeof(struct udphdr),
				   TD_PORT_IS_RTCP(k->p.port));
	return TD_ADMITTED;
}

static __noinline int td_general(struct xdp_md *ctx)
{
	struct td_flow_stats *s;
	struct td_work *k;
	__u32 slot = 0;
	enum td_kind kind;
	bool v6;
	int got;

	k = bpf_map_lookup_elem(&td_work, &slot);
	if (!k)
		return XDP_PASS;
	__builtin_memset(&k->p, 0, sizeof(k->p));
	got = td_parse_packet(ctx, &k->p);
	if (got)
		return got > 0 ? td_up((__u32)got - 1) : XDP_PASS;
	slot = TD_PORT_SLOT(k->p.port);
	s = bpf_map_lookup_elem(&td_rtp_stats, &slot);
	if (!s)
		return XDP_PASS;
	got = td_read_slot(k, slot);
	if (got != TD_ADMITTED)
		return got;
	got = td_judge_source(ctx, k, s);
	if (got != TD_ADMITTED)
		return got;
	kind = td_kind_of(&k->w, &k->p, TD_PORT_IS_RTCP(k->p.port));
	got = td_judge_content(ctx, k, s, kind);
	if (got != TD_ADMITTED)
		return got;
	v6 = !td_is_v4(k->w.new_dst);
	got = td_judge_way(ctx, k, v6);
	if (got != TD_ADMITTED)
		return got;
	got = td_admit(ctx, k, s, kind);
	if (got != TD_ADMITTED)
		return got;
	return td_leave(ctx, k, s, kind, v6);
}

#endif
