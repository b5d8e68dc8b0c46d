// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each feature of the packet programs costs: nanoseconds for one 214-byte frame (20 ms of
 * G.711) by the kernel's test-run, everything in the caches. The way out leads back to the
 * flow's own port, so that one run does a few hundred packets; what is not in the figures is
 * the redirect and the driver. Prints one JSON object.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>
#include <sched.h>

#include "bpf/td_bench.skel.h"
#include "bpf/td_mark.skel.h"

#define REPEAT	240		/* a TTL's worth */
#define ROUNDS	400
#define BACK	(PORT + 2)	/* the other half of a translated pair */

static const struct packet loop_v4 = {
	.src = "192.0.2.10", .dst = "192.0.2.1", .sport = 4000, .dport = PORT, .ttl = 255,
	.version = 2, .ssrc = 1, .payload = 172, .smac = 1, .dmac = 2,
};
static const struct packet loop_v6 = {
	.src = "2001:db8::10", .dst = "2001:db8::1", .sport = 4000, .dport = PORT, .ttl = 255,
	.version = 2, .ssrc = 1, .payload = 172, .smac = 1, .dmac = 2,
};

static bool first = true;

static void show(const char *name, double ns)
{
	printf("%s\"%s\": %.0f", first ? "" : ", ", name, ns);
	first = false;
}

static void die(const char *what)
{
	fprintf(stderr, "program_cost: %s\n", what);
	exit(1);
}

static int ignore(void *arg, void *data, size_t size)
{
	(void)arg, (void)data, (void)size;
	return 0;
}

/* Somebody reads the rings, between two measurements. */
static void drain(void)
{
	struct ring_buffer *rb = ring_buffer__new(bpf_map__fd(world.skel->maps.td_events), ignore,
						  NULL, NULL);

	if (!rb || ring_buffer__add(rb, bpf_map__fd(world.skel->maps.td_capture), ignore, NULL))
		die("rings");
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
}

static double best_of(const struct bpf_program *prog, const struct packet *p, int repeat, int want)
{
	uint8_t frame[FRAME_MAX];
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame,
			    .data_size_in = (__u32)packet_build(frame, p), .repeat = repeat);
	double best = 1e9;

	for (int i = 0; i < ROUNDS * REPEAT / repeat / (repeat == 1 ? 20 : 1); i++) {
		if (bpf_prog_test_run_opts(bpf_program__fd(prog), &o) || (int)o.retval != want)
			die("test-run");
		if (o.duration < best)
			best = o.duration;
		if (world.flow->flags & TD_FLOW_CAPTURE || i % 64 == 0)
			drain();
	}
	return best;
}

static double xdp(const struct packet *p)
{
	return best_of(world.skel->progs.td_rtp, p, REPEAT, XDP_REDIRECT);
}

/* The flow sends everything back to itself. */
static void loop_flow(const struct packet *p)
{
	world_reset(NULL);
	set_flow(p, p);
	memcpy(world.flow->new_src, world.flow->peer_addr, 16);
	memcpy(world.flow->new_dst, world.flow->local_addr, 16);
	world.flow->peer_rtcp_port = htons(4001);
	world.flow->new_src_port = htons(4000);
	world.flow->new_dst_port = htons(PORT);
	world.flow->new_dst_rtcp_port = htons(PORT + 1);
}

static void with_flags(const char *name, uint32_t flags)
{
	loop_flow(&loop_v4);
	world.flow->flags |= flags;
	show(name, xdp(&loop_v4));
}

/* Two flows, each other's way out: the mean of both translations. */
static double translated(void)
{
	struct td_flow *back = &world.flows[SLOT + 1];

	loop_flow(&loop_v4);
	*back = *world.flow;
	set_addr(back->local_addr, loop_v6.dst);
	set_addr(back->peer_addr, loop_v6.src);
	memcpy(world.flow->new_dst, back->local_addr, 16);
	memcpy(world.flow->new_src, back->peer_addr, 16);
	world.flow->new_dst_port = htons(BACK);
	world.ports[BACK].value = TD_PORT_VALUE(SLOT + 1, 0u);
	return xdp(&loop_v4);
}

static void forwarding(void)
{
	struct packet p = loop_v4;

	loop_flow(&loop_v4);
	show("ipv4", xdp(&loop_v4));
	p.sport = 4001, p.dport = PORT + 1, p.payload = 52;
	show("rtcp", xdp(&p));
	loop_flow(&loop_v6);
	show("ipv6", xdp(&loop_v6));
	show("ipv4_ipv6_mean", translated());
	loop_flow(&loop_v4);
	world.nh->tpid[0] = htons(0x8100);
	p = loop_v4, p.tpid[0] = 0x8100;
	show("vlan", xdp(&p));
	loop_flow(&loop_v4);
	world.flow->pt_from[0] = 9;
	show("payload_types", xdp(&loop_v4));
	loop_flow(&loop_v4);
	world.flow->police = 0xffffff;
	show("policing", xdp(&loop_v4));
	with_flags("mux", TD_FLOW_MUX);
	with_flags("plain_udp", TD_FLOW_PLAIN);
	with_flags("checksum_full", TD_FLOW_CSUM_FULL);
	with_flags("capture", TD_FLOW_CAPTURE);
	loop_flow(&loop_v4);
	world.flow->pt_from[0] = world.flow->pt_to[0] = 0;
	world.flow->flags |= TD_FLOW_U2A;
	show("g711", xdp(&loop_v4));
	loop_flow(&loop_v4);
	world.flow->dtmf_pt = 0;
	world.flow->flags |= TD_FLOW_TAP_DTMF;
	show("telephone_event", xdp(&loop_v4));
}

/* The least that a program which looks at a packet can cost. */
static void bound(void)
{
	struct td_bench *b = td_bench__open_and_load();

	if (!b)
		die("td_bench");
	loop_flow(&loop_v4);
	show("count_and_drop", best_of(b->progs.td_bench_drop, &loop_v4, REPEAT, XDP_DROP));
	td_bench__destroy(b);
}

/* What does not leave; one packet can be offered again and again. */
static void refusing(void)
{
	const struct bpf_program *prog = world.skel->progs.td_rtp;
	struct packet p = loop_v4;

	loop_flow(&loop_v4);
	p.tpid[0] = 0x9100;
	show("other_ethernet", best_of(prog, &p, REPEAT, XDP_PASS));
	p = loop_v4, p.dport = 53;
	show("other_udp", best_of(prog, &p, REPEAT, XDP_PASS));
	p = loop_v6, p.dport = 53;
	show("other_udp_ipv6", best_of(prog, &p, REPEAT, XDP_PASS));
	p = loop_v4, p.src = "192.0.2.66";
	show("wrong_source", best_of(prog, &p, REPEAT, XDP_DROP));
	world.flow->flags |= TD_FLOW_MUTED;
	show("muted", best_of(prog, &loop_v4, REPEAT, XDP_DROP));
}

/* A copy of all that the flow sends, by the same device. */
static void fork_flow(void)
{
	struct td_fork *fork = map_memory(world.skel->maps.td_forks,
					  TD_MAX_MEDIA_FORKS * sizeof(*fork));
	int devs = bpf_map_create(BPF_MAP_TYPE_DEVMAP, NULL, 4, sizeof(struct bpf_devmap_val), 2, NULL);
	__u32 pair = TD_COPY_PAIR(DEV, DEV), dev = DEV;
	struct bpf_devmap_val val = { .ifindex = 1 };

	if (devs < 0 ||
	    bpf_map_update_elem(bpf_map__fd(world.skel->maps.td_copy_devs), &dev, &val, 0) ||
	    bpf_map_update_elem(bpf_map__fd(world.skel->maps.td_copy_pairs), &pair, &devs, 0))
		die("the pair of devices");
	fork[1] = (struct td_fork){ .nexthop = NEXTHOP };
	memcpy(fork[1].new_src, world.flow->new_src, 16);
	memcpy(fork[1].new_dst, world.flow->new_dst, 16);
	world.nh->flags |= TD_NH_COPIES;
	world.flow->flags |= TD_FLOW_FORK;
	world.flow->fork = 1;
}

/* Metadata can be put in front of a frame once: single runs, with their clock's cost, and
 * the same without a fork beside. */
static void single_runs(void)
{
	const struct bpf_program *prog = world.skel->progs.td_rtp;

	loop_flow(&loop_v4);
	world.flow->flags |= TD_FLOW_MUX;
	show("single_mux", best_of(prog, &loop_v4, 1, XDP_REDIRECT));
	fork_flow();
	show("single_mux_fork", best_of(prog, &loop_v4, 1, XDP_REDIRECT));
}

static void at_tc(void)
{
	struct td_mark *mark = td_mark__open_and_load();
	struct td_mark_key key = { .sport = htons(4000), .dport = htons(PORT) };
	__u32 class = TD_DSCP_KEEP, port = 5060, value;
	struct packet p = loop_v4;

	if (!mark)
		die("td_mark");
	p.sport = 5060;
	value = TD_MARK_PORT(TD_DSCP_SIGNALING, TD_MARK_UDP);
	bpf_map_update_elem(bpf_map__fd(mark->maps.td_mark_ports), &port, &value, 0);
	show("tc_mark_other", best_of(mark->progs.td_mark, &loop_v4, REPEAT, -1));
	show("tc_mark_port", best_of(mark->progs.td_mark, &p, REPEAT, -1));
	set_addr(key.src, loop_v4.src);
	set_addr(key.dst, loop_v4.dst);
	bpf_map_update_elem(bpf_map__fd(mark->maps.td_mark_flows), &key, &class, 0);
	show("tc_mark_flow", best_of(mark->progs.td_mark, &loop_v4, REPEAT, -1));
	show("single_tc_mark_flow", best_of(mark->progs.td_mark, &loop_v4, 1, -1));
	class = TD_DSCP_EXPLICIT(46);
	bpf_map_update_elem(bpf_map__fd(mark->maps.td_mark_flows), &key, &class, 0);
	show("single_tc_mark_flow_write", best_of(mark->progs.td_mark, &loop_v4, 1, -1));
	td_mark__destroy(mark);
}

int main(void)
{
	cpu_set_t one;

	if (geteuid()) {
		fprintf(stderr, "needs root\n");
		return 4;
	}
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	if (world_open(NULL))
		die("td_rtp");
	printf("{\"frame_bytes\": 214, \"unit\": \"ns\", \"cost\": {");
	bound();
	forwarding();
	refusing();
	single_runs();
	at_tc();
	printf("}}\n");
	world_close(NULL);
	return 0;
}
