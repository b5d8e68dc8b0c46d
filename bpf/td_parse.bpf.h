/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bounded views of a frame: Ethernet, IPv4, IPv6, UDP, RTP. Every parser checks against
 * the end of the linear data and hands out a pointer or NULL; nothing is decided here.
 * Included by td_rtp.bpf.c only.
 */
#ifndef TD_BPF_PARSE_BPF_H
#define TD_BPF_PARSE_BPF_H

#include <stdbool.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TD_IP_FRAGMENT		0x3fff	/* more fragments, or an offset */
#define TD_IP_OFFSET		0x1fff
#define TD_IPV4_PLAIN		0x45	/* version 4, no options */

struct td_rtp_header {
	__u8	vpxcc;
	__u8	mpt;
	__be16	seq;
	__be32	ts;
	__be32	ssrc;
};

/* The frame once it is known to be plain UDP over IPv4 with all lengths inside. */
struct td_frame {
	struct ethhdr	*eth;
	struct iphdr	*ip;
	struct udphdr	*udp;
	void		*end;
};

static __always_inline struct udphdr *td_parse_udp6(void *ip, void *end)
{
	struct ipv6hdr *ip6 = ip;
	struct udphdr *udp = (void *)(ip6 + 1);

	/* extension headers: not RTP as anybody sends it */
	if ((void *)(udp + 1) > end || ip6->nexthdr != IPPROTO_UDP)
		return NULL;
	return udp;
}

/* The UDP header behind IPv4 options. */
static __always_inline struct udphdr *td_parse_udp4_options(struct iphdr *ip, void *end)
{
	__u32 len = (__u32)(*(__u8 *)ip & 0x0f) * 4;
	struct udphdr *udp;

	if (len < sizeof(*ip))
		return NULL;
	udp = (void *)ip + len;
	return (void *)(udp + 1) > end ? NULL : udp;
}

/* Do the lengths that the headers claim fit each other and the frame? */
static __always_inline bool td_lengths_fit(const struct td_frame *f)
{
	__u32 total = bpf_ntohs(f->ip->tot_len);
	__u32 udp_len = bpf_ntohs(f->udp->len);

	return udp_len >= sizeof(struct udphdr) && total == udp_len + sizeof(struct iphdr) &&
	       (void *)f->ip + total <= f->end;
}

/* IPv4 as the maps keep it: the last four of sixteen bytes. */
static __always_inline __u32 td_v4_of(const __u8 addr[16])
{
	return *(const __u32 *)(addr + 12);
}

#endif
