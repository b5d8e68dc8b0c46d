/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * td_rtp loaded into the kernel, one flow, one next hop, and the kernel's test-run: what
 * the tests of the packet program share. Frames are compared byte for byte.
 */
#ifndef TD_TESTS_RTP_WORLD_H
#define TD_TESTS_RTP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/td_map.h"
#include "bpf/td_rtp.skel.h"
#include "bpf/td_rtp_stat.h"
#include "tests/lib/packet.h"

#define SLOT		100u
#define NEXTHOP		3u
#define DEV		5u
#define PORT		20000

struct port_cell {
	__u32 value, pad;
};

struct dscp_cell {
	__u32 dscp, pad;
};

struct rtp_world {
	struct td_rtp *skel;
	struct port_cell *ports;
	struct td_flow *flows, *flow;
	struct td_flow_stats *stats, *s;
	struct td_nexthop *nexthops, *nh;
	struct dscp_cell *dscp;
};

static struct rtp_world world;

/* The sender's packet, and what it is when it leaves, by IPv4 and by IPv6. */
static const struct packet in_v4 = {
	.src = "192.0.2.10", .dst = "192.0.2.1", .sport = 4000, .dport = PORT, .tos = 0x01,
	.ttl = 64, .id = 0x1234, .version = 2, .seq = 7, .ts = 1000, .ssrc = 0xcafe,
	.payload = 172, .smac = 0x10, .dmac = 0x01,
};

static const struct packet out_v4 = {
	.src = "198.51.100.1", .dst = "198.51.100.20", .sport = 20010, .dport = 5004,
	.tos = 46 << 2 | 0x01, .ttl = 63, .id = 0x1234, .version = 2, .seq = 7, .ts = 1000,
	.ssrc = 0xcafe, .payload = 172, .smac = 0x02, .dmac = 0x20,
};

static const struct packet in_v6 = {
	.src = "2001:db8:1::10", .dst = "2001:db8:1::1", .sport = 4000, .dport = PORT,
	.tos = 0x02, .ttl = 64, .flow_label = 0x12345, .version = 2, .seq = 7, .ts = 1000,
	.ssrc = 0xcafe, .payload = 172, .smac = 0x10, .dmac = 0x01,
};

static const struct packet out_v6 = {
	.src = "2001:db8:2::1", .dst = "2001:db8:2::20", .sport = 20010, .dport = 5004,
	.tos = 46 << 2 | 0x02, .ttl = 63, .version = 2, .seq = 7, .ts = 1000, .ssrc = 0xcafe,
	.payload = 172, .smac = 0x02, .dmac = 0x20,
};

/* From IPv6 to IPv4: no fragment, and none may be made of it. */
static inline struct packet v4_from_v6(void)
{
	struct packet out = out_v4;

	out.tos = out_v6.tos;
	out.id = 0;
	out.frag = 0x4000;
	return out;
}

static inline struct packet v6_from_v4(void)
{
	struct packet out = out_v6;

	out.tos = out_v4.tos;
	return out;
}

/* A kind of way through: from this packet to that. */
struct way {
	const struct packet *in, *out;
};

static struct packet out_46, out_64;

static const struct way ways[] = {
	{ &in_v4, &out_v4 }, { &in_v6, &out_v6 }, { &in_v4, &out_46 }, { &in_v6, &out_64 },
};

#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

static inline void set_addr(__u8 to[16], const char *text)
{
	memset(to, 0, 16);
	if (inet_pton(AF_INET6, text, to) == 1)
		return;
	to[10] = to[11] = 0xff;
	assert_int_equal(inet_pton(AF_INET, text, to + 12), 1);
}

/* The flow as signalled for a sender like in, whose packets leave like out. */
static inline void set_flow(const struct packet *in, const struct packet *out)
{
	struct td_flow *f = world.flow;

	memset(f, 0, sizeof(*f));
	memset(world.s, 0, sizeof(*world.s));
	memset(f->pt_from, TD_NO_PT, sizeof(f->pt_from));
	f->dtmf_pt = TD_NO_PT;
	f->gen_head = f->gen_tail = 8;
	f->flags = TD_FLOW_ACTIVE | TD_FLOW_XDP;
	f->call_id = 77;
	f->leg_id = 78;
	set_addr(f->local_addr, in->dst);
	set_addr(f->peer_addr, in->src);
	set_addr(f->new_src, out->src);
	set_addr(f->new_dst, out->dst);
	f->local_port = htons(PORT);
	f->peer_port = htons(4000);
	f->peer_rtcp_port = htons(4011);
	f->new_src_port = htons(20010);
	f->new_dst_port = htons(5004);
	f->new_dst_rtcp_port = htons(5015);
	f->nexthop = NEXTHOP;
	f->dscp_class = TD_DSCP_MEDIA;
	f->ns_per_tick = 125000;
}

static inline void take(const struct way *w)
{
	set_flow(w->in, w->out);
}

static inline int world_reset(void **state)
{
	__u32 dev = DEV, ifindex = 1;

	(void)state;
	out_46 = v6_from_v4();
	out_64 = v4_from_v6();
	set_flow(&in_v4, &out_v4);
	world.ports[PORT].value = TD_PORT_VALUE(SLOT, 0u);
	world.ports[PORT + 1].value = TD_PORT_VALUE(SLOT, 1u);
	*world.nh = (struct td_nexthop){
		.flags = TD_NH_VALID, .ifindex = 1, .dev = DEV,
		.dst_mac = { 2, 0, 0, 0, 0, 0x20 }, .src_mac = { 2, 0, 0, 0, 0, 0x02 },
	};
	world.dscp[TD_DSCP_MEDIA].dscp = 46;
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(world.skel->maps.td_devs), &dev,
					     &ifindex, 0), 0);
	return 0;
}

static inline void *map_memory(const struct bpf_map *map, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* There are kernels that refuse iterators over maps to everybody; the rest works there. */
static inline struct td_rtp *world_load(bool iterators)
{
	struct td_rtp *skel = td_rtp__open();

	if (!skel)
		return NULL;
	bpf_program__set_autoload(skel->progs.td_iter_flows, iterators);
	bpf_program__set_autoload(skel->progs.td_iter_nexthops, iterators);
	bpf_program__set_autoload(skel->progs.td_iter_dscp, iterators);
	if (!td_rtp__load(skel))
		return skel;
	td_rtp__destroy(skel);
	return NULL;
}

static inline int world_open(void **state)
{
	struct rtp_world *w = &world;

	(void)state;
	w->skel = world_load(true) ?: world_load(false);
	if (!w->skel) {
		if (geteuid()) {
			print_message("1..0 # SKIP needs root\n");
			exit(4);
		}
		return -1;
	}
	w->ports = map_memory(w->skel->maps.td_rtp_ports, TD_MAX_PORTS * sizeof(*w->ports));
	w->flows = map_memory(w->skel->maps.td_rtp_flows, TD_MAX_SLOTS * sizeof(*w->flows));
	w->stats = map_memory(w->skel->maps.td_rtp_stats, TD_MAX_SLOTS * sizeof(*w->stats));
	w->nexthops = map_memory(w->skel->maps.td_nexthops,
				 TD_MAX_NEXTHOPS * sizeof(*w->nexthops));
	w->dscp = map_memory(w->skel->maps.td_dscp, TD_DSCP_CLASSES * sizeof(*w->dscp));
	w->flow = &w->flows[SLOT];
	w->s = &w->stats[SLOT];
	w->nh = &w->nexthops[NEXTHOP];
	return 0;
}

static inline int world_close(void **state)
{
	(void)state;
	td_rtp__destroy(world.skel);
	return 0;
}

/* ---- what happened ---- */

static inline uint64_t reason(__u32 r)
{
	struct td_reason percpu[1024] = { { 0 } };
	uint64_t sum = 0;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(world.skel->maps.td_reasons), &r,
					     percpu), 0);
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		sum += percpu[i].packets;
	return sum;
}

static inline uint64_t all_reasons(void)
{
	uint64_t sum = 0;

	for (__u32 r = 0; r < TD_REASON_MAX; r++)
		sum += reason(r);
	return sum;
}

/* Returns the verdict; out_len may be NULL when the length must stay. */
static inline int run(const uint8_t *in, size_t len, uint8_t out[FRAME_MAX], size_t *out_len)
{
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = (__u32)len,
			    .data_out = out, .data_size_out = FRAME_MAX, .repeat = 1);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(world.skel->progs.td_rtp), &o),
			 0);
	if (out_len)
		*out_len = o.data_size_out;
	else
		assert_int_equal(o.data_size_out, len);
	return (int)o.retval;
}

static inline void assert_bytes(const uint8_t *got, const uint8_t *want, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (got[i] != want[i])
			fail_msg("byte %zu is %02x, not %02x", i, got[i], want[i]);
}

/* in leaves as out */
static inline void expect_forward(const struct packet *in, const struct packet *out)
{
	uint8_t a[FRAME_MAX], b[FRAME_MAX], got[FRAME_MAX];
	uint64_t before = reason(TD_REASON_FORWARDED);
	size_t len = packet_build(a, in), want = packet_build(b, out), got_len;

	assert_int_equal(run(a, len, got, &got_len), XDP_REDIRECT);
	assert_int_equal(got_len, want);
	assert_bytes(got, b, want);
	assert_int_equal(reason(TD_REASON_FORWARDED), before + 1);
}

static inline void expect_untouched_frame(const uint8_t *frame, size_t len, int action, int why)
{
	uint64_t before = why < 0 ? all_reasons() : reason((__u32)why);
	uint8_t got[FRAME_MAX];

	assert_int_equal(run(frame, len, got, NULL), action);
	assert_bytes(got, frame, len);
	assert_int_equal(why < 0 ? all_reasons() : reason((__u32)why), before + (why >= 0));
}

/* why -1: no reason at all, the packet was none of ours */
static inline void expect(const struct packet *in, int action, int why)
{
	uint8_t frame[FRAME_MAX];
	size_t len = packet_build(frame, in);

	expect_untouched_frame(frame, len, action, why);
}

/* ---- events ---- */

#define MAX_EVENTS 64

struct events {
	unsigned int n;
	struct td_event ev[MAX_EVENTS];
};

static inline int keep_event(void *arg, void *data, size_t size)
{
	struct events *e = arg;

	assert_int_equal(size, sizeof(struct td_event));
	if (e->n < MAX_EVENTS)
		memcpy(&e->ev[e->n++], data, size);
	return 0;
}

/* All that was told since the last call. */
static inline void take_events(struct events *e)
{
	struct ring_buffer *rb = ring_buffer__new(bpf_map__fd(world.skel->maps.td_events),
						  keep_event, e, NULL);

	assert_non_null(rb);
	e->n = 0;
	assert_true(ring_buffer__consume(rb) >= 0);
	ring_buffer__free(rb);
}

static inline unsigned int count_events(const struct events *e, __u32 type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < e->n; i++)
		n += e->ev[i].type == type;
	return n;
}

#define T(name) cmocka_unit_test_setup(name, world_reset)

#endif
