// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * td_mark by the kernel's test-run: which packets get which mark, and that nothing else in
 * them changes but the IPv4 header's checksum. On real interfaces: tests/netns/tc_dscp.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/td_map.h"
#include "bpf/td_mark.skel.h"
#include "tests/lib/packet.h"

static struct td_mark *skel;
static __u32 came_in_by = 1;

static const struct packet v4 = {
	.src = "192.0.2.1", .dst = "192.0.2.10", .sport = 5060, .dport = 5070, .tos = 0x01,
	.ttl = 64, .id = 0x1234, .payload = 172, .version = 2, .smac = 1, .dmac = 2,
};
static const struct packet v6 = {
	.src = "2001:db8::1", .dst = "2001:db8::10", .sport = 5060, .dport = 5070, .tos = 0x02,
	.ttl = 64, .flow_label = 0xabcde, .payload = 172, .version = 2, .smac = 1, .dmac = 2,
};
static const struct packet *const families[] = { &v4, &v6 };

/* ---- tables ---- */

static void put(const struct bpf_map *map, const void *key, const void *value)
{
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(map), key, value, 0), 0);
}

static void set_port(__u32 port, __u32 value)
{
	put(skel->maps.td_mark_ports, &port, &value);
}

static void set_class(__u32 class, __u32 dscp)
{
	struct td_dscp_entry e = { dscp };

	put(skel->maps.td_dscp, &class, &e);
}

static void set_addr(__u8 to[16], const char *text)
{
	memset(to, 0, 16);
	if (inet_pton(AF_INET6, text, to) == 1)
		return;
	to[10] = to[11] = 0xff;
	assert_int_equal(inet_pton(AF_INET, text, to + 12), 1);
}

static struct td_mark_key key_of(const struct packet *p)
{
	struct td_mark_key k = { .sport = htons(p->sport), .dport = htons(p->dport) };

	set_addr(k.src, p->src);
	set_addr(k.dst, p->dst);
	return k;
}

static void set_flow(const struct packet *p, __u32 class)
{
	struct td_mark_key k = key_of(p);

	put(skel->maps.td_mark_flows, &k, &class);
}

static int open_programs(void **state)
{
	(void)state;
	skel = td_mark__open_and_load();
	if (skel)
		return 0;
	if (geteuid()) {
		print_message("1..0 # SKIP needs root\n");
		exit(4);
	}
	return -1;
}

static int close_programs(void **state)
{
	(void)state;
	td_mark__destroy(skel);
	return 0;
}

static int reset(void **state)
{
	struct td_mark_key k;
	__u32 port = 1;

	(void)state;
	while (!bpf_map_get_next_key(bpf_map__fd(skel->maps.td_mark_flows), NULL, &k))
		bpf_map_delete_elem(bpf_map__fd(skel->maps.td_mark_flows), &k);
	bpf_map_delete_elem(bpf_map__fd(skel->maps.td_mark_ifs), &port);
	set_port(5060, TD_MARK_PORT(TD_DSCP_SIGNALING, TD_MARK_UDP | TD_MARK_TCP));
	set_port(69, TD_MARK_PORT(TD_DSCP_SERVICE, TD_MARK_UDP));
	set_port(6970, TD_MARK_PORT(TD_DSCP_SERVICE, TD_MARK_TCP));
	set_class(TD_DSCP_MEDIA, 46);
	set_class(TD_DSCP_SIGNALING, 24);
	set_class(TD_DSCP_VIDEO, 34);
	set_class(TD_DSCP_SERVICE, 8);
	return 0;
}

/* ---- frames ---- */

/* TCP's ports stand where UDP's do. */
static size_t build(uint8_t frame[FRAME_MAX], const struct packet *p, bool tcp)
{
	size_t len = packet_build(frame, p), ip = packet_udp_at(p) - p->options;
	uint16_t check;

	ip -= strchr(p->src, ':') ? 40 : 20;
	if (!tcp)
		return len;
	if (strchr(p->src, ':')) {
		frame[ip + 6] = 6;
		return len;
	}
	frame[ip + 9] = 6;
	frame[ip + 10] = frame[ip + 11] = 0;
	check = packet_fold(packet_sum(frame + ip, 20 + p->options));
	frame[ip + 10] = (uint8_t)(check >> 8);
	frame[ip + 11] = (uint8_t)check;
	return len;
}

static void expect_as(const struct packet *p, bool tcp, int dscp)
{
	struct __sk_buff ctx = { .ifindex = 1, .ingress_ifindex = came_in_by };
	uint8_t in[FRAME_MAX], want[FRAME_MAX], got[FRAME_MAX];
	struct packet q = *p;
	size_t len = build(in, p, tcp);
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = (__u32)len,
			    .data_out = got, .data_size_out = sizeof(got), .repeat = 1,
			    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	if (dscp >= 0)
		q.tos = (uint8_t)(dscp << 2 | (p->tos & 3));
	build(want, &q, tcp);
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(skel->progs.td_mark), &o), 0);
	assert_int_equal((int)o.retval, TC_ACT_UNSPEC);
	assert_int_equal(o.data_size_out, len);
	for (size_t i = 0; i < len; i++)
		if (got[i] != want[i])
			fail_msg("byte %zu is %02x, not %02x", i, got[i], want[i]);
}

/* dscp -1: as it was */
static void expect(const struct packet *p, int dscp)
{
	expect_as(p, false, dscp);
}

/* ---- tests ---- */

static void by_port(void **state)
{
	(void)state;
	for (int f = 0; f < 2; f++) {
		struct packet p = *families[f];

		expect(&p, 24);
		expect_as(&p, true, 24);
		p.sport = 69;
		expect(&p, 8);
		expect_as(&p, true, -1);	/* UDP only */
		p.sport = 6970;
		expect(&p, -1);
		expect_as(&p, true, 8);
		p.sport = 5061;
		expect(&p, -1);
		p.sport = 9, p.dport = 5060;	/* not from here */
		expect(&p, -1);
		expect_as(&p, true, -1);
		set_port(5060, 0);
		expect(&v4, -1);
		set_port(5060, TD_MARK_PORT(TD_DSCP_SIGNALING, TD_MARK_UDP | TD_MARK_TCP));
	}
}

static void every_mark(void **state)
{
	(void)state;
	for (int f = 0; f < 2; f++)
		for (unsigned int tos = 0; tos < 256; tos++) {
			struct packet p = *families[f];

			p.tos = (uint8_t)tos;
			for (unsigned int dscp = 0; dscp < 64; dscp += 7) {
				set_class(TD_DSCP_SIGNALING, dscp);
				expect(&p, (int)dscp);
			}
		}
}

static void tags(void **state)
{
	(void)state;
	for (int f = 0; f < 2; f++) {
		struct packet p = *families[f];

		p.tpid[0] = 0x8100, p.tci[0] = 0x6064;
		expect(&p, 24);
		p.tpid[0] = 0x88a8;
		expect(&p, 24);
		p.tpid[1] = 0x8100;	/* one of two is beside the frame, on a real interface */
		expect(&p, -1);
		p.tpid[0] = 0x8864, p.tpid[1] = 0;
		expect(&p, -1);
	}
}

static void by_flow(void **state)
{
	static const struct {
		__u32 class;
		int dscp;
	} classes[] = {
		{ TD_DSCP_MEDIA, 46 }, { TD_DSCP_VIDEO, 34 }, { TD_DSCP_EXPLICIT(10), 10 },
		{ TD_DSCP_EXPLICIT(0), 0 }, { TD_DSCP_KEEP, -1 },
	};

	(void)state;
	for (int f = 0; f < 2; f++)
		for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
			struct packet p = *families[f], other;

			p.sport = 16384, p.dport = 20000;
			p.tos |= 5 << 2;
			set_flow(&p, classes[i].class);
			expect(&p, classes[i].dscp);
			expect_as(&p, true, -1);
			other = p, other.sport++;
			expect(&other, -1);
			other = p, other.dport--;
			expect(&other, -1);
			other = p, other.src = f ? "2001:db8::2" : "192.0.2.2";
			expect(&other, -1);
			other = p, other.dst = f ? "2001:db8::11" : "192.0.2.11";
			expect(&other, -1);
			other = p, other.src = p.dst, other.dst = p.src;	/* one way only */
			expect(&other, -1);
		}
}

/* What came in marked by an interface that is trusted keeps its mark; the rest gets its. */
static void trust(void **state)
{
	__u32 in = 1, flags = TD_MARK_TRUST;

	(void)state;
	put(skel->maps.td_mark_ifs, &in, &flags);
	for (int f = 0; f < 2; f++) {
		struct packet p = *families[f];

		p.sport = 16384, p.dport = 20000;
		set_flow(&p, TD_DSCP_MEDIA);
		p.tos = 10 << 2 | 1;
		expect(&p, -1);
		p.tos = 1;
		expect(&p, 46);
		flags = 0;
		put(skel->maps.td_mark_ifs, &in, &flags);
		p.tos = 10 << 2 | 1;
		expect(&p, 46);
		flags = TD_MARK_TRUST;
		put(skel->maps.td_mark_ifs, &in, &flags);
		p = *families[f];	/* our own signalling came in by none */
		p.tos = 10 << 2;
		expect(&p, 24);
	}
}

static void odd_packets(void **state)
{
	struct packet p = v4;
	uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	size_t len;

	(void)state;
	for (p.options = 4; p.options <= 40; p.options += 4)
		expect(&p, 24);		/* behind options, too */
	p = v4, p.frag = 0x2000;
	expect(&p, 24);
	p.frag = 100;			/* no ports in it */
	expect(&p, -1);
	p = v6, p.options = 8, p.extension = 0;
	expect(&p, -1);
	for (int f = 0; f < 2; f++) {
		len = packet_build(frame, families[f]);
		for (size_t n = 14; n < packet_udp_at(families[f]) + 4; n++) {
			DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame,
					    .data_size_in = (__u32)n, .data_out = got,
					    .data_size_out = sizeof(got), .repeat = 1);

			if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.td_mark), &o))
				continue;	/* the kernel does not even make a packet of it */
			assert_int_equal((int)o.retval, TC_ACT_UNSPEC);
			assert_memory_equal(got, frame, n);
		}
		frame[14] = 0x5f;		/* IP version 5 */
		{
			DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame,
					    .data_size_in = (__u32)len, .data_out = got,
					    .data_size_out = sizeof(got), .repeat = 1);

			assert_int_equal(bpf_prog_test_run_opts(
					 bpf_program__fd(skel->progs.td_mark), &o), 0);
			assert_memory_equal(got, frame, len);
		}
	}
}

#define T(f) cmocka_unit_test_setup(f, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(by_port), T(every_mark), T(tags), T(by_flow), T(trust), T(odd_packets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mark", tests, open_programs, close_programs);
}
