/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What XDP and TC programs share beyond the tables: addresses as the tables keep them, and marks.
 */
#ifndef TD_BPF_WAY_BPF_H
#define TD_BPF_WAY_BPF_H

#include <stdbool.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "bpf/td_csum.bpf.h"
#include "bpf/td_maps.bpf.h"

#define READ_ONCE(x)	(*(volatile typeof(x) *)&(x))
#define barrier()	asm volatile("" ::: "memory")
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* Is n (64 bits) within 1 .. max? Two questions that the compiler must not make one of: kernel
 * 6.1 learns the bounds of the register itself only, not of what n - 1 is compared with. */
#define TD_IN_RANGE(n, max)	({ bool in_range_ = false;		\
				   barrier_var(n);			\
				   if ((__s64)(n) > 0) {		\
					barrier_var(n);			\
					in_range_ = (n) <= (max);	\
				   }					\
				   in_range_; })

/* ::ffff:a.b.c.d, the second half */
static __always_inline __u64 td_v4_low(__u32 addr)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (__u64)addr << 32 | 0xffff0000u;
#else
	return 0xffff00000000ULL | addr;
#endif
}

/* 0: it is one of IPv4 */
static __always_inline __u64 td_is_not_v4(const __u64 addr[2])
{
	__u64 other = addr[1] ^ td_v4_low(0);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return addr[0] | (__u32)other;
#else
	return addr[0] | other >> 32;
#endif
}

static __always_inline bool td_is_v4(const __u64 addr[2])
{
	return !td_is_not_v4(addr);
}

static __always_inline __u32 td_v4_part(__u64 low)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return low >> 32;
#else
	return (__u32)low;
#endif
}

/* class: as td_flow.dscp_class. The two ECN bits belong to the ends. */
static __always_inline __u8 td_new_tos(__u8 tos, __u32 class)
{
	struct td_dscp_entry *d;

	if (unlikely(class & TD_DSCP_TRUST(0))) {
		if (tos >> 2)
			return tos;
		class &= ~TD_DSCP_TRUST(0);
	}
	d = bpf_map_lookup_elem(&td_dscp, &class);
	if (d)
		return (__u8)(d->dscp << 2) | (tos & 3);
	return class & TD_DSCP_EXPLICIT(0) ? (__u8)(class << 2) | (tos & 3) : tos;
}

#endif
