// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * For tests/bench/xdp_forward only: a generator of RTP flows (run by test-run with live
 * frames, so it costs the router nothing), a counting sink, and the bound of what any
 * program could reach, count and drop. Never loaded by the daemon.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "bpf/td_bench.h"

#define SEQ_AT	44	/* Ethernet 14, IPv4 20, UDP 8, RTP's second word */
#define DPORT_AT	36
#define FILL_AT	54	/* first payload bytes */

#define BURST	64	/* frames at once, as a NIC's driver hands them over */
#define MAX_SPINS 4096	/* about 0.1 ms of clock reads */
#define LATE_NS	1000000	/* further behind than this is not caught up */

__u32 n_flows = 1;
__u32 next_flow;
__u64 burst_ns;		/* time between two bursts; 0: as fast as it goes */
__u64 next_burst_ns;
__u32 credit;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TD_BENCH_MAX_FLOWS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct td_bench_flow);
} td_bench_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} td_bench_count SEC(".maps");

/* Waits for the next burst's time, here: a frame that is dropped to pass the time goes back
 * to the pool under the very lock that the router's side needs to return frames, and the
 * bench would measure that. For the same reason it offers little more than the router can
 * take. False: not yet, call again. */
static __always_inline bool may_send(void)
{
	__u64 now = 0;

	if (!burst_ns)
		return true;
	if (credit) {
		credit--;
		return true;
	}
	for (int i = 0; i < MAX_SPINS; i++) {
		now = bpf_ktime_get_ns();
		if (now >= next_burst_ns)
			break;
	}
	if (now < next_burst_ns)
		return false;
	next_burst_ns = now - next_burst_ns > LATE_NS ? now + burst_ns : next_burst_ns + burst_ns;
	credit = BURST - 1;
	return true;
}

/* Frames come back rewritten by whoever had them: every header byte is set again. */
SEC("xdp")
int td_bench_generate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 key = next_flow;
	struct td_bench_flow *f;
	__u16 seq;

	if (!may_send())
		return XDP_DROP;
	f = bpf_map_lookup_elem(&td_bench_flows, &key);
	next_flow = key + 1 < n_flows ? key + 1 : 0;
	if (!f || data + TD_BENCH_FRAME > end)
		return XDP_DROP;
	__builtin_memcpy(data, f->header, TD_BENCH_HEADER);
	seq = ++f->seq;
	*(__u16 *)(data + SEQ_AT) = bpf_htons(seq);
	*(__u16 *)(data + FILL_AT) = ~bpf_htons(seq);
	return XDP_TX;
}

static __always_inline int count_and_drop(void)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&td_bench_count, &zero);

	if (n)
		++*n;
	return XDP_DROP;
}

/* Only what was sent for the bench: the kernel's own packets are no throughput. It looks at
 * one header, as whoever drops for a reason must. */
SEC("xdp")
int td_bench_drop(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + TD_BENCH_FRAME > end || *(__u16 *)(data + DPORT_AT) == 0)
		return XDP_PASS;
	return count_and_drop();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
