// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets through td_rtp.bpf.c by the kernel's test-run, compared byte for byte with what
 * a router by the book would send: built here from scratch, checksums computed in full and
 * not by difference. Every other outcome leaves the frame untouched, with its reason.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>

/* ---- forwarded ---- */

static void rtp(void **state)
{
	const struct td_flow_stats *s = world.s;

	(void)state;
	expect_forward(&in_v4, &out_v4);
	assert_int_equal(s->packets, 1);
	assert_int_equal(s->bytes, 172);
	assert_int_equal(s->ssrc, 0xcafe);
	assert_int_equal(s->base_seq, 7);
	assert_int_equal(s->max_seq, 7);
	assert_true(s->last_seen_ns > 0);
	assert_int_equal(td_rtp_stat_lost(s), 0);
}

static void rtp_loss_counted(void **state)
{
	struct packet in = in_v4, out = out_v4;

	(void)state;
	for (int i = 0; i < 10; i++) {
		in.seq = out.seq = (uint16_t)(65530 + i + (i >= 5) * 3);
		in.ts = out.ts = 160u * (unsigned int)i;
		expect_forward(&in, &out);
	}
	assert_int_equal(world.s->packets, 10);
	assert_int_equal(td_rtp_stat_lost(world.s), 3);
}

static void rtcp(void **state)
{
	struct packet in = in_v4, out = out_v4;

	(void)state;
	in.sport = 4011, in.dport = PORT + 1, in.payload = 28;
	out.sport = 20011, out.dport = 5015, out.payload = 28;
	expect_forward(&in, &out);
	assert_int_equal(world.s->rtcp_packets, 1);
	assert_int_equal(world.s->packets, 0);
	in.version = out.version = 1;	/* not looked at */
	expect_forward(&in, &out);
	in.sport = 4000;		/* the RTP port is the wrong source for RTCP */
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
}

static void every_length(void **state)
{
	(void)state;
	for (unsigned int n = 12; n <= 1400; n++) {
		struct packet in = in_v4, out = out_v4;

		in.payload = out.payload = n;
		expect_forward(&in, &out);
	}
}

static void checksum_zero_stays_zero(void **state)
{
	struct packet in = in_v4, out = out_v4;

	(void)state;
	in.no_udp_sum = out.no_udp_sum = true;
	expect_forward(&in, &out);
}

/* Every value of the checksum's low half comes by once, 0xffff for zero with them. */
static void every_checksum(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 65536; i += 5) {
		struct packet in = in_v4, out = out_v4;

		in.seq = out.seq = (uint16_t)i;
		in.ssrc = out.ssrc = i * 2654435761u;
		expect_forward(&in, &out);
	}
}

static void checksum_that_becomes_zero(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct packet in = in_v4, out = out_v4;

	(void)state;
	/* choose seq so that the sum of what leaves is 0xffff, sent as 0xffff and not as 0 */
	for (unsigned int i = 0; i < 65536; i++) {
		out.seq = (uint16_t)i;
		packet_build(frame, &out);
		if (frame[40] == 0xff && frame[41] == 0xff) {
			in.seq = out.seq;
			expect_forward(&in, &out);
			return;
		}
	}
	fail_msg("no such sequence number");
}

static void dscp_and_ecn(void **state)
{
	(void)state;
	for (unsigned int tos = 0; tos < 256; tos++) {
		struct packet in = in_v4, out = out_v4;

		in.tos = (uint8_t)tos;
		out.tos = (uint8_t)((tos & 3) | 46 << 2);
		expect_forward(&in, &out);
	}
	world.flow->dscp_class = TD_DSCP_VIDEO;
	for (unsigned int d = 0; d < 64; d++) {
		struct packet out = out_v4;

		world.dscp[TD_DSCP_VIDEO].dscp = d;
		out.tos = (uint8_t)(d << 2 | 1);
		expect_forward(&in_v4, &out);
	}
}

static void ttl_counts_down(void **state)
{
	(void)state;
	for (unsigned int ttl = 2; ttl < 256; ttl++) {
		struct packet in = in_v4, out = out_v4;

		in.ttl = (uint8_t)ttl;
		out.ttl = (uint8_t)(ttl - 1);
		expect_forward(&in, &out);
	}
	for (unsigned int ttl = 0; ttl < 2; ttl++) {
		struct packet in = in_v4;

		in.ttl = (uint8_t)ttl;
		expect(&in, XDP_PASS, TD_REASON_UP_TTL);
	}
}

/* Ethernet's padding of a short packet is no part of it. */
static void padded_frame(void **state)
{
	uint8_t a[FRAME_MAX], b[FRAME_MAX], got[FRAME_MAX];
	struct packet in = in_v4, out = out_v4;
	size_t len;

	(void)state;
	in.payload = out.payload = 12;
	len = packet_build(a, &in);
	packet_build(b, &out);
	assert_int_equal(run(a, len + 6, got, NULL), XDP_REDIRECT);
	assert_bytes(got, b, len + 6);
}

/* ---- dropped ---- */

static void wrong_source(void **state)
{
	struct packet in = in_v4;

	(void)state;
	in.src = "192.0.2.11";
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in = in_v4;
	in.sport = 4001;
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in.dport = PORT + 1;		/* RTCP is expected from 4011 */
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	assert_int_equal(world.s->wrong_source, 3);
	assert_int_equal(world.s->packets, 0);
}

static void events_are_few(void **state)
{
	struct packet in = in_v4;
	struct events e;

	(void)state;
	take_events(&e);
	in.sport = 4999;
	for (int i = 0; i < 50; i++)
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	for (int i = 0; i < 5; i++)
		expect_forward(&in_v4, &out_v4);
	take_events(&e);
	assert_int_equal(e.n, 2);
	assert_int_equal(e.ev[0].type, TD_EVENT_WRONG_SOURCE);	/* one a second */
	assert_int_equal(e.ev[0].slot, SLOT);
	assert_int_equal(ntohs(e.ev[0].port), 4999);
	assert_int_equal(e.ev[1].type, TD_EVENT_FIRST_PACKET);
	assert_int_equal(e.ev[1].call_id, 77);
	assert_int_equal(e.ev[1].leg_id, 78);
	assert_memory_equal(e.ev[1].addr, world.flow->peer_addr, 16);
	assert_int_equal(world.s->wrong_source, 50);
}

static void bad_rtp(void **state)
{
	struct packet in = in_v4;

	(void)state;
	for (unsigned int v = 0; v < 4; v++) {
		in.version = (uint8_t)v;
		if (v != 2)
			expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	}
	in = in_v4;
	for (in.payload = 0; in.payload < 12; in.payload++)
		expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	assert_int_equal(world.s->bad_rtp, 3 + 12);
}

static void muted(void **state)
{
	struct packet in = in_v4, out = out_v4;

	(void)state;
	expect_forward(&in_v4, &out_v4);
	world.flow->flags |= TD_FLOW_MUTED;
	for (int i = 0; i < 20; i++) {
		in.seq++;
		expect(&in, XDP_DROP, TD_REASON_MUTED);
	}
	in.sport = 4011, in.dport = PORT + 1;
	out.sport = 20011, out.dport = 5015, out.seq = in.seq;
	expect_forward(&in, &out);		/* RTCP goes on */
	world.flow->flags &= ~(__u32)TD_FLOW_MUTED;
	in = in_v4, out = out_v4;
	in.seq = out.seq = 30;
	expect_forward(&in, &out);
	assert_int_equal(world.s->muted, 20);
	assert_int_equal(td_rtp_stat_lost(world.s), 0);
}

/* ---- up the stack ---- */

static void options(void **state)
{
	struct packet in = in_v4;

	(void)state;
	for (in.options = 4; in.options <= 40; in.options += 4)
		expect(&in, XDP_PASS, TD_REASON_UP_OPTIONS);
	in.dport = 9;
	expect(&in, XDP_PASS, -1);
}

static void fragments(void **state)
{
	struct packet in = in_v4;

	(void)state;
	in.frag = 0x2000;		/* the first of several */
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
	in.frag = 0x2000 | 100;
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
	in.frag = 100;			/* the last */
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
	in.frag = 0x2000, in.options = 8;
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
}

static void dont_fragment_is_fine(void **state)
{
	struct packet in = in_v4, out = out_v4;

	(void)state;
	in.frag = out.frag = 0x4000;
	expect_forward(&in, &out);
}

static void no_nexthop(void **state)
{
	__u32 dev = DEV;

	(void)state;
	world.nh->flags = 0;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	world.nh->flags = TD_NH_VALID;
	world.nh->gen_head = 1;		/* being written */
	expect(&in_v4, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	world.nh->gen_head = 2;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	world.nh->gen_tail = 2;
	expect_forward(&in_v4, &out_v4);
	bpf_map_delete_elem(bpf_map__fd(world.skel->maps.td_devs), &dev);
	expect(&in_v4, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	world.flow->nexthop = 0;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	world.flow->nexthop = TD_MAX_NEXTHOPS + 7;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	assert_int_equal(world.s->packets, 1);
}

static void busy(void **state)
{
	(void)state;
	world.flow->gen_head = 9;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_BUSY);
	world.flow->gen_tail = 9;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_BUSY);
	world.flow->gen_head = 10;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_BUSY);
	world.flow->gen_tail = 10;
	expect_forward(&in_v4, &out_v4);
}

static void not_for_xdp(void **state)
{
	(void)state;
	world.flow->flags = TD_FLOW_XDP;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_INACTIVE);
	world.flow->flags = TD_FLOW_ACTIVE;
	expect(&in_v4, XDP_PASS, TD_REASON_UP_RELAY);
}

static void other_local_address(void **state)
{
	struct packet in = in_v4;

	(void)state;
	in.dst = "192.0.2.2";
	expect(&in, XDP_PASS, TD_REASON_UP_ADDRESS);
	memset(world.flow->local_addr, 0, 16);	/* any */
	expect_forward(&in, &out_v4);
}

static void none_of_ours(void **state)
{
	struct packet in = in_v4;
	uint8_t frame[FRAME_MAX];
	size_t len;

	(void)state;
	in.dport = 5060;
	expect(&in, XDP_PASS, -1);
	world.ports[PORT].value = 0;
	expect(&in_v4, XDP_PASS, -1);
	world.ports[PORT].value = TD_PORT_VALUE(TD_MAX_SLOTS + 5u, 0u);
	expect(&in_v4, XDP_PASS, -1);
	world_reset(NULL);
	len = packet_build(frame, &in_v4);
	frame[14 + 9] = 6;			/* TCP */
	expect_untouched_frame(frame, len, XDP_PASS, -1);
	len = packet_build(frame, &in_v4);
	frame[12] = 8, frame[13] = 6;		/* ARP */
	expect_untouched_frame(frame, len, XDP_PASS, -1);
}

/* The frame ends anywhere: never forwarded, never touched, from the shortest that test-run
 * takes (an Ethernet header) on. */
static void truncated(void **state)
{
	uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	size_t len = packet_build(frame, &in_v4);

	(void)state;
	for (size_t n = 14; n < len; n++) {
		assert_int_equal(run(frame, n, got, NULL), XDP_PASS);
		assert_bytes(got, frame, n);
	}
	assert_int_equal(world.s->packets, 0);
}

/* Length fields that lie. */
static void lengths(void **state)
{
	static const struct {
		int at, delta;
	} lies[] = {
		{ 14 + 2, 1 }, { 14 + 2, -1 }, { 14 + 2, -200 }, { 14 + 2, 2000 },
		{ 14 + 24, 1 }, { 14 + 24, -1 }, { 14 + 24, -180 }, { 14 + 24, 3000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		uint8_t frame[FRAME_MAX];
		size_t len = packet_build(frame, &in_v4);
		int v = (frame[lies[i].at] << 8 | frame[lies[i].at + 1]) + lies[i].delta;

		frame[lies[i].at] = (uint8_t)(v >> 8);
		frame[lies[i].at + 1] = (uint8_t)v;
		expect_untouched_frame(frame, len, XDP_PASS, TD_REASON_UP_LENGTH);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rtp),
		T(rtp_loss_counted),
		T(rtcp),
		T(every_length),
		T(checksum_zero_stays_zero),
		T(every_checksum),
		T(checksum_that_becomes_zero),
		T(dscp_and_ecn),
		T(ttl_counts_down),
		T(padded_frame),
		T(wrong_source),
		T(events_are_few),
		T(bad_rtp),
		T(muted),
		T(options),
		T(fragments),
		T(dont_fragment_is_fine),
		T(no_nexthop),
		T(busy),
		T(not_for_xdp),
		T(other_local_address),
		T(none_of_ours),
		T(truncated),
		T(lengths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rtp_test_run", tests, world_open, world_close);
}
