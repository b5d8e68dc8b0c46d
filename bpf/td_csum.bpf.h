/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Internet checksums by difference (RFC 1624): gather what left and what came as one
 * 64-bit sum, fold it once. Words are taken as they stand in memory; the one's complement
 * sum does not care about byte order.
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

/* Apply a difference to a checksum field (RFC 1624, equation 3). */
static __always_inline __u16 td_csum_apply(__u16 field, __u64 diff)
{
	diff += (__u16)~field;
	diff = (diff & 0xffffffff) + (diff >> 32);
	diff = (diff & 0xffff) + (diff >> 16);
	diff = (diff & 0xffff) + (diff >> 16);
	diff = (diff & 0xffff) + (diff >> 16);
	return (__u16)~diff;
}

#endif
