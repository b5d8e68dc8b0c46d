/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Forks, td_rtp's part: a finished frame leaves twice, by the pair of devices that the call's
 * and the recorder's next hops name (the kernel's broadcast over a device map of two). Both are
 * the same until td_copy (td_copy.bpf.h) sees them on their way out, and reads here what it has
 * to know: in a note in front of the frame.
 */
#ifndef TD_BPF_FORK_BPF_H
#define TD_BPF_FORK_BPF_H

#include "bpf/td_flow.bpf.h"

#define TD_NO_PAIR	(~0u)

struct td_serial {
	__u32	given;			/* by td_rtp */
	__u32	seen;			/* by td_copy */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct td_serial);
} td_serials SEC(".maps");

/* Where the copies of a fork go, and by which next hop. False: it is being written. RTCP leaves
 * from and to the ports above. */
static __always_inline bool td_read_fork(const struct td_fork *f, struct td_way *w)
{
	__u32 gen = READ_ONCE(f->gen_head);

	barrier();
	td_read_addr(w->new_src, f->new_src);
	td_read_addr(w->new_dst, f->new_dst);
	w->new_src_port = f->new_src_port;
	w->new_dst_port = f->new_dst_port;
	w->new_dst_rtcp_port = f->new_dst_port | bpf_htons(1);
	w->dscp_class = f->dscp_class;
	w->nexthop = f->nexthop;
	barrier();
	return !(gen & 1) && READ_ONCE(f->gen_tail) == gen;
}

static __always_inline __u32 td_ip_bytes(bool v6)
{
	return v6 ? (__u32)sizeof(struct ipv6hdr) : (__u32)sizeof(struct iphdr);
}

/* Can XDP make a copy of what leaves there? Not every driver has room for a note in front of a
 * frame. */
static __always_inline bool td_may_copy(struct xdp_md *ctx, const struct td_out *out)
{
	return out->flags & TD_NH_COPIES && (void *)(long)ctx->data_meta <= (void *)(long)ctx->data;
}

/* The pair of devices for a packet of that many bytes behind IP and its copy. TD_NO_PAIR: the
 * copy has no way. */
static __always_inline __u32 td_pair_of(const struct td_fork *f, const struct td_out *call, __u32 len)
{
	bool v6 = *(const __u64 *)f->new_dst || ((const __u32 *)f->new_dst)[2] != bpf_htonl(0xffff);
	struct td_out copy;

	if (!td_read_nexthop(f->nexthop, &copy) || (copy.mtu && len + td_ip_bytes(v6) > copy.mtu))
		return TD_NO_PAIR;
	if (call->dev >= TD_COPY_DEVS || copy.dev >= TD_COPY_DEVS)
		return TD_NO_PAIR;
	return TD_COPY_PAIR(call->dev, copy.dev);
}

static __always_inline __u32 td_next_serial(void)
{
	__u32 zero = 0;
	struct td_serial *serial = bpf_map_lookup_elem(&td_serials, &zero);

	return serial ? ++serial->given : 0;
}

static __always_inline struct td_copy_note *td_open_note(struct xdp_md *ctx)
{
	struct td_copy_note *note;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*note)))
		return NULL;
	note = (void *)(long)ctx->data_meta;
	return (void *)(note + 1) > (void *)(long)ctx->data ? NULL : note;
}

#define TD_UDP_AT(at, flags)	((at) | (flags) << 8)

/* Instead of the one way out that is chosen already: both. If that cannot be, the call does not
 * notice. len: of UDP. udp: TD_UDP_AT(where its header stands, TD_COPY_*). Not inline: the stack of
 * td_general and what it calls is all but used up (512 bytes, each function's a multiple of 32). */
static __noinline void td_leave_twice(struct xdp_md *ctx, __u32 fork, __u32 nexthop, __u32 len,
				      __u32 udp)
{
	struct td_fork *f = fork ? bpf_map_lookup_elem(&td_forks, &fork) : NULL;
	struct td_copy_note *note = NULL;
	struct td_out call;
	void *devs = NULL;
	__u32 pair;

	if (!f)
		return;
	if (td_read_nexthop(nexthop, &call)) {
		pair = td_pair_of(f, &call, len);
		devs = bpf_map_lookup_elem(&td_copy_pairs, &pair);
	}
	if (devs)
		note = td_open_note(ctx);
	if (!note) {
		__sync_fetch_and_add(&f->missed, 1);
		return;
	}
	note->magic = TD_COPY_MAGIC;
	note->ifindex = call.ifindex;
	note->serial = td_next_serial();
	note->fork = (__u16)fork;
	note->udp = (__u8)udp;
	note->flags = (__u8)(udp >> 8 | (pair == TD_COPY_PAIR(call.dev, call.dev) ? TD_COPY_SAME : 0));
	bpf_redirect_map(devs, 0, BPF_F_BROADCAST);
}

#endif
