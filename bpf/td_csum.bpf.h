/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Internet checksums by difference (RFC 1624): gather what left and what came as one
 * 64-bit sum, fold it once. Words are taken as they stand in memory; the one's complement
 * sum does not care about byte order.
 *
 * An IPv4 address in its 16-byte form ::ffff:a.b.c.d sums up to the same as its four bytes,
 * as 0xffff is a zero: so the pseudo-headers of IPv4 and IPv6 need no case of their own.
 */
#ifndef TD_BPF_CSUM_BPF_H
#define TD_BPF_CSUM_BPF_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

static __always_inline __u64 td_csum_swap32(__u64 sum, __u32 from, __u32 to)
{
	return sum + (__u32)~from + to;
}

static __always_inline __u64 td_csum_swap16(__u64 sum, __u16 from, __u16 to)
{
	return sum + (__u16)~from + to;
}

static __always_inline __u64 td_csum_add64(__u64 sum, __u64 word)
{
	return sum + (__u32)word + (word >> 32);
}

/* An address of 16 bytes. */
static __always_inline __u64 td_csum_swap128(__u64 sum, const __u64 from[2], const __u64 to[2])
{
	sum = td_csum_add64(sum, ~from[0]);
	sum = td_csum_add64(sum, ~from[1]);
	sum = td_csum_add64(sum, to[0]);
	return td_csum_add64(sum, to[1]);
}

static __always_inline __u16 td_csum_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* Apply a difference to a checksum field (RFC 1624, equation 3). */
static __always_inline __u16 td_csum_apply(__u16 field, __u64 diff)
{
	return (__u16)~td_csum_fold(diff + (__u16)~field);
}

/* What goes into UDP's field: zero would say that there is none (RFC 768). */
static __always_inline __u16 td_csum_udp(__u16 sum)
{
	return sum ? sum : 0xffff;
}

/* Header checksum of IPv4 without options; 0 when the one that is in there is right. */
static __always_inline __u16 td_csum_ipv4(const __u32 words[5])
{
	__u64 sum = 0;

	for (int i = 0; i < 5; i++)
		sum += words[i];
	return (__u16)~td_csum_fold(sum);
}

#endif
