/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The live tables as text, printed by the kernel itself: pinned iterators over the maps,
 * so `cat /sys/fs/bpf/tandem/flows` needs no tool of ours, and works when the daemon does
 * not. One header line, one line per entry in use. Included by td_rtp.bpf.c.
 */
#ifndef TD_BPF_ITER_BPF_H
#define TD_BPF_ITER_BPF_H

#include <bpf/bpf_tracing.h>
#include "bpf/td_way.bpf.h"
#include "bpf/td_rtp_stat.h"

/* Only what we touch of the kernel's own types; libbpf finds the real offsets by BTF. */
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
} __attribute__((preserve_access_index));

struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
} __attribute__((preserve_access_index));

#define NS_PER_US	1000
#define ADDR_WIDTH	24	/* [2001:db8:1::10]:20000 and two spaces; longer ones stand out */
#define MIN_ZEROS	2	/* groups that "::" stands for, RFC 5952 4.2.2 */

#define SAY(text)	bpf_seq_write(seq, text, sizeof(text) - 1)

/* ---- addresses ---- */

static __always_inline __u32 digits(__u32 n)
{
	return 1 + (n > 9) + (n > 99) + (n > 999) + (n > 9999);
}

static __always_inline __u32 hex_digits(__u32 n)
{
	return 1 + (n > 0xf) + (n > 0xff) + (n > 0xfff);
}

/* One of the eight groups; an address is two words here, first half first. */
static __always_inline __u32 group(__u64 a, __u64 b, __u32 i)
{
	__u64 half = i < 4 ? a : b;

	return (__u16)(half >> (48 - 16 * (i & 3)));
}

/* The longest run of zero groups: first << 8 | length. Global, as the next: numbers in, a
 * number out, so the verifier does not follow every address there may be. */
__noinline __u32 td_zero_run(__u64 a, __u64 b)
{
	__u32 first = 0, best = 0, best_first = 8, len = 0;

	for (__u32 i = 0; i < 8; i++) {
		if (group(a, b, i)) {
			len = 0;
			continue;
		}
		first = len ? first : i;
		len++;
		if (len > best) {
			best = len;
			best_first = first;
		}
	}
	return best < MIN_ZEROS ? 8 << 8 : best_first << 8 | best;
}

static __always_inline bool in_run(__u32 i, __u32 run)
{
	return i >= run >> 8 && i < (run >> 8) + (run & 0xff);
}

/* How many characters print_v6 prints. */
__noinline __u32 td_v6_length(__u64 a, __u64 b, __u32 run)
{
	__u32 n = run & 0xff ? 1 + !(run >> 8) : 0;

	for (__u32 i = 0; i < 8; i++)
		if (!in_run(i, run))
			n += hex_digits(group(a, b, i)) + (i < 7);
	return n;
}

/* As RFC 5952 wants it. */
static __noinline int print_v6(struct seq_file *seq, __u64 a, __u64 b, __u32 run)
{
	for (__u32 i = 0; i < 8; i++) {
		__u32 value = group(a, b, i);

		if (in_run(i, run)) {
			if (i == run >> 8)
				bpf_seq_write(seq, "::", i ? 1 : 2);
			continue;
		}
		BPF_SEQ_PRINTF(seq, "%x", value);
		if (i < 7)
			SAY(":");
	}
	return 0;
}

/* seq_printf knows no width for addresses: the spaces are counted here. */
static __noinline int print_addr(struct seq_file *seq, __u64 a, __u64 b, __u32 port)
{
	static const char spaces[ADDR_WIDTH + 1] = "                        ";
	__u32 len, run;

	if (!a && b >> 32 == 0xffff) {
		__u32 ip = bpf_htonl((__u32)b);

		BPF_SEQ_PRINTF(seq, "%pI4", &ip);
		len = 3 + digits(b >> 24 & 255) + digits(b >> 16 & 255) + digits(b >> 8 & 255) +
		      digits(b & 255);
	} else {
		run = td_zero_run(a, b);
		len = 2 + td_v6_length(a, b, run);
		SAY("[");
		print_v6(seq, a, b, run);
		SAY("]");
	}
	BPF_SEQ_PRINTF(seq, ":%u ", port);
	len += 2 + digits(port);
	if (len < ADDR_WIDTH)
		bpf_seq_write(seq, spaces, ADDR_WIDTH - len);
	return 0;
}

/* ---- flows ---- */

static __always_inline void print_dscp(struct seq_file *seq, __u32 class)
{
	__u32 index = class & ~TD_DSCP_TRUST(0);
	struct td_dscp_entry *d = bpf_map_lookup_elem(&td_dscp, &index);

	if (class == TD_DSCP_KEEP)
		SAY("keep");
	else if (d)
		BPF_SEQ_PRINTF(seq, "%4u", d->dscp);
	else
		BPF_SEQ_PRINTF(seq, "%4u", index & 63);
	/* what comes in marked keeps its mark */
	if (class & TD_DSCP_TRUST(0))
		SAY("+");
	else
		SAY(" ");
}

#define FLAG(bit, text)							\
	do {								\
		if (flags & (bit))					\
			SAY(" " text);					\
	} while (0)

static __noinline int print_flags(struct seq_file *seq, __u32 flags)
{
	FLAG(TD_FLOW_MUTED, "muted");
	FLAG(TD_FLOW_PLAIN, "plain");
	FLAG(TD_FLOW_MUX, "mux");
	FLAG(TD_FLOW_CSUM_FULL, "checksum");
	FLAG(TD_FLOW_LEARN, "learn");
	FLAG(TD_FLOW_LEARN_RTCP, "learn-rtcp");
	FLAG(TD_FLOW_TAP_DTMF, "dtmf");
	FLAG(TD_FLOW_HOLD_DTMF, "hold-dtmf");
	FLAG(TD_FLOW_U2A, "u2a");
	FLAG(TD_FLOW_A2U, "a2u");
	FLAG(TD_FLOW_FORK, "fork");
	FLAG(TD_FLOW_CAPTURE, "capture");
	FLAG(TD_FLOW_RTCP_EVENTS, "rtcp");
	SAY("\n");
	return 0;
}

/* The relay does it while the neighbour is not known. */
static __always_inline bool goes_by_xdp(const struct td_flow *f)
{
	__u32 index = f->nexthop;
	struct td_nexthop *nh = bpf_map_lookup_elem(&td_nexthops, &index);

	return f->flags & TD_FLOW_XDP && nh && nh->flags & TD_NH_VALID;
}

#define PRINT_ADDR(field, port)						\
	do {								\
		__u64 ip[2];						\
									\
		__builtin_memcpy(ip, f->field, sizeof(ip));		\
		print_addr(seq, bpf_be64_to_cpu(ip[0]), bpf_be64_to_cpu(ip[1]),	\
			   bpf_ntohs(f->port));				\
	} while (0)

SEC("iter/bpf_map_elem")
int td_iter_flows(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct td_flow *f = ctx->value;
	__u32 *key = ctx->key, slot;
	struct td_flow_stats *s;

	if (!key || !f)
		return 0;
	if (!ctx->meta->seq_num)
		BPF_SEQ_PRINTF(seq, "    call      leg  local                   peer                "
			       "    new-source              new-destination         path  next dscp"
			       "     packets     lost jitter-us flags\n");
	slot = *key;
	if (!(f->flags & TD_FLOW_ACTIVE))
		return 0;
	s = bpf_map_lookup_elem(&td_rtp_stats, &slot);
	if (!s)
		return 0;
	BPF_SEQ_PRINTF(seq, "%8u %8u  ", f->call_id, f->leg_id);
	PRINT_ADDR(local_addr, local_port);
	PRINT_ADDR(peer_addr, peer_port);
	PRINT_ADDR(new_src, new_src_port);
	PRINT_ADDR(new_dst, new_dst_port);
	if (goes_by_xdp(f))
		SAY("xdp   ");
	else
		SAY("relay ");
	BPF_SEQ_PRINTF(seq, "%4u ", f->nexthop);
	print_dscp(seq, f->dscp_class);
	BPF_SEQ_PRINTF(seq, " %10llu %8u %9u", s->packets, td_rtp_stat_lost(s),
		       s->jitter_ns / NS_PER_US);
	return print_flags(seq, f->flags);
}

/* ---- next hops, classes ---- */

static __always_inline void print_mac(struct seq_file *seq, const __u8 mac[6])
{
	BPF_SEQ_PRINTF(seq, "%02x:%02x:%02x:%02x:%02x:%02x ", mac[0], mac[1], mac[2], mac[3],
		       mac[4], mac[5]);
}

SEC("iter/bpf_map_elem")
int td_iter_nexthops(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct td_nexthop *nh = ctx->value;
	__u32 *key = ctx->key;

	if (!key || !nh)
		return 0;
	if (!ctx->meta->seq_num)
		BPF_SEQ_PRINTF(seq, "index ifindex dev state     destination-mac   source-mac      "
			       "  mtu vlan\n");
	if (!nh->ifindex)
		return 0;
	BPF_SEQ_PRINTF(seq, "%5u %7u %3u ", *key, nh->ifindex, nh->dev);
	if (nh->flags & TD_NH_VALID)
		SAY("valid     ");
	else
		SAY("unknown   ");
	print_mac(seq, nh->dst_mac);
	print_mac(seq, nh->src_mac);
	BPF_SEQ_PRINTF(seq, "%5u", nh->mtu);
	for (int i = 0; i < TD_MAX_TAGS && nh->tpid[i]; i++)
		BPF_SEQ_PRINTF(seq, " %x:%u", bpf_ntohs(nh->tpid[i]), bpf_ntohs(nh->tci[i]) & 0xfff);
	SAY("\n");
	return 0;
}

SEC("iter/bpf_map_elem")
int td_iter_dscp(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct td_dscp_entry *d = ctx->value;
	__u32 *key = ctx->key;

	if (!key || !d)
		return 0;
	if (!ctx->meta->seq_num)
		SAY("class     dscp\n");
	if (*key == TD_DSCP_MEDIA)
		BPF_SEQ_PRINTF(seq, "media     %4u\n", d->dscp);
	else if (*key == TD_DSCP_SIGNALING)
		BPF_SEQ_PRINTF(seq, "signaling %4u\n", d->dscp);
	else if (*key == TD_DSCP_VIDEO)
		BPF_SEQ_PRINTF(seq, "video     %4u\n", d->dscp);
	else
		BPF_SEQ_PRINTF(seq, "service   %4u\n", d->dscp);
	return 0;
}

#endif
