/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Treaty between bpf/td_bench.bpf.c and tests/bench/xdp_forward.c: the headers that the
 * generator sends. Not part of the product.
 */
#ifndef TD_BPF_BENCH_H
#define TD_BPF_BENCH_H

#include <linux/types.h>

#define TD_BENCH_MAX_FLOWS	65536
#define TD_BENCH_HEADER		56	/* Ethernet, IPv4, UDP, RTP, and two bytes of payload */
#define TD_BENCH_FRAME		214	/* G.711, 20 ms */

/* The sum of seq and fill stays the same, so the UDP checksum of the template holds. */
struct td_bench_flow {
	__u8	header[TD_BENCH_HEADER];
	__u16	seq;
	__u16	pad;
	__u32	pad2;
};

_Static_assert(sizeof(struct td_bench_flow) == 64, "td_bench_flow is one cache line");

#endif
