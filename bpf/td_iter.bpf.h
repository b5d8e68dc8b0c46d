/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The live tables as text, printed by the kernel itself: pinned iterators over the maps,
 * so `cat /sys/fs/bpf/tandem/flows` needs no tool of ours, and works when the daemon does
 * not. One header line, one line per entry in use. Included by td_rtp.bpf.c.
 */
#ifndef TD_BPF_ITER_BPF_H
#define TD_BPF_ITER_BPF_H

#include <bpf/bpf_tracing.h>
#include "bpf/td_maps.bpf.h"
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
#define ADDR_WIDTH	22	/* 255.255.255.255:65535 and a space */

static __always_inline __u32 digits(__u32 n)
{
	return 1 + (n > 9) + (n > 99) + (n > 999) + (n > 9999);
}

/* seq_printf knows no width for addresses: the spaces are counted here. */
static __always_inline void print_v4(struct seq_file *seq, struct td_flow *f, __u32 which)
{
	static const char spaces[ADDR_WIDTH + 1] = "                      ";
	const __u8 *ip = which == 0 ? f->local_addr : which == 1 ? f->peer_addr :
			 which == 2 ? f->new_src : f->new_dst;
	__u32 port = bpf_ntohs(which == 0 ? f->local_port : which == 1 ? f->peer_port :
			       which == 2 ? f->new_src_port : f->new_dst_port);
	__u32 len = 4 + digits(ip[12]) + digits(ip[13]) + digits(ip[14]) + digits(ip[15]) +
		    digits(port);

	BPF_SEQ_PRINTF(seq, "%pI4:%u", ip + 12, port);
	if (len < ADDR_WIDTH)
		bpf_seq_write(seq, spaces, ADDR_WIDTH - len);
}

SEC("iter/bpf_map_elem")
int td_iter_flows(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct td_flow *f = ctx->value;
	__u32 *key = ctx->key, slot;
	struct td_flow_stats *s;
	struct td_dscp_entry *d;
	__u32 class;

	if (!key || !f)
		return 0;
	if (!ctx->meta->seq_num)
		BPF_SEQ_PRINTF(seq, "    call      leg  local                 peer                "
			       "  new-source            new-destination       path  dscp    packets"
			       "     lost jitter-us\n");
	slot = *key;
	if (!(f->flags & TD_FLOW_ACTIVE))
		return 0;
	s = bpf_map_lookup_elem(&td_rtp_stats, &slot);
	class = f->dscp_class & ~TD_DSCP_TRUST;
	d = bpf_map_lookup_elem(&td_dscp, &class);
	if (!s || !d)
		return 0;
	BPF_SEQ_PRINTF(seq, "%8u %8u  ", f->call_id, f->leg_id);
	if (f->flags & TD_FLOW_XDP) {
		print_v4(seq, f, 0);
		print_v4(seq, f, 1);
		print_v4(seq, f, 2);
		print_v4(seq, f, 3);
		BPF_SEQ_PRINTF(seq, "xdp   ");
	} else {
		BPF_SEQ_PRINTF(seq, "%pI6:%-5u %pI6:%-5u ", f->local_addr,
			       bpf_ntohs(f->local_port), f->peer_addr, bpf_ntohs(f->peer_port));
		BPF_SEQ_PRINTF(seq, "%pI6:%-5u %pI6:%-5u relay ", f->new_src,
			       bpf_ntohs(f->new_src_port), f->new_dst,
			       bpf_ntohs(f->new_dst_port));
	}
	BPF_SEQ_PRINTF(seq, "%4u %10llu %8u %9u\n", d->dscp, s->packets, td_rtp_stat_lost(s),
		       s->jitter_ns / NS_PER_US);
	return 0;
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
		BPF_SEQ_PRINTF(seq, "index ifindex dev state     destination-mac   source-mac\n");
	if (!nh->ifindex)
		return 0;
	if (nh->flags & TD_NH_VALID)
		BPF_SEQ_PRINTF(seq, "%5u %7u %3u valid     ", *key, nh->ifindex, nh->dev);
	else
		BPF_SEQ_PRINTF(seq, "%5u %7u %3u unknown   ", *key, nh->ifindex, nh->dev);
	BPF_SEQ_PRINTF(seq, "%02x:%02x:%02x:%02x:%02x:%02x ", nh->dst_mac[0], nh->dst_mac[1],
		       nh->dst_mac[2], nh->dst_mac[3], nh->dst_mac[4], nh->dst_mac[5]);
	BPF_SEQ_PRINTF(seq, "%02x:%02x:%02x:%02x:%02x:%02x\n", nh->src_mac[0], nh->src_mac[1],
		       nh->src_mac[2], nh->src_mac[3], nh->src_mac[4], nh->src_mac[5]);
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
		BPF_SEQ_PRINTF(seq, "class     dscp\n");
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
