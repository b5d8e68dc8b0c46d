// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A flow's rules through td_rtp, byte for byte: multiplexed RTCP, streams that are no RTP,
 * learning, hold, policing. Each rule on the fast case (IPv4 in place) and on the general one.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>
#include <time.h>

static const char *other_host(const struct packet *in)
{
	return in->src == in_v4.src ? "192.0.2.66" : "2001:db8:1::66";
}

/* ---- RTCP on the RTP port ---- */

static struct packet rtcp_of(const struct packet *p, uint8_t type)
{
	static uint8_t body[64];
	struct packet q = *p;

	memset(body, 0x5a, sizeof(body));
	body[0] = 0x81;
	body[1] = type;
	q.body = body;
	q.payload = 52;
	return q;
}

/* RFC 5761 4: the second byte tells, 192 to 223 is RTCP. */
static void mux(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		unsigned int is_rtcp = 0;

		take(&ways[i]);
		world.flow->flags |= TD_FLOW_MUX;
		for (unsigned int second = 0; second < 256; second++) {
			struct packet in = rtcp_of(ways[i].in, (uint8_t)second);
			struct packet out = rtcp_of(ways[i].out, (uint8_t)second);
			bool rtcp = second % 128 >= 64 && second % 128 < 96;

			/* the other side does not multiplex: its RTCP goes port to port */
			out.sport = rtcp ? 20011 : 20010;
			out.dport = rtcp ? 5015 : 5004;
			expect_forward(&in, &out);
			is_rtcp += rtcp;
			assert_int_equal(world.s->rtcp_packets, is_rtcp);
			assert_int_equal(world.s->packets, second + 1 - is_rtcp);
		}
		assert_int_equal(is_rtcp, 64);
	}
}

static void mux_to_mux(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = rtcp_of(ways[i].in, 200), out = rtcp_of(ways[i].out, 200);

		take(&ways[i]);
		world.flow->flags |= TD_FLOW_MUX;
		world.flow->peer_rtcp_port = world.flow->peer_port;
		world.flow->new_dst_rtcp_port = world.flow->new_dst_port;
		expect_forward(&in, &out);
		in.sport++;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	}
}

/* The sender does not multiplex, the receiver does: RTCP moves to the RTP port. */
static void into_mux(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = rtcp_of(ways[i].in, 201), out = rtcp_of(ways[i].out, 201);

		take(&ways[i]);
		world.flow->new_dst_rtcp_port = world.flow->new_dst_port;
		in.sport = 4011, in.dport = PORT + 1;
		expect_forward(&in, &out);
		assert_int_equal(world.s->rtcp_packets, 1);
	}
}

/* Nobody agreed to it: RTCP on the RTP port is counted as the RTP that it claims to be. */
static void no_mux(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = rtcp_of(ways[i].in, 200), out = rtcp_of(ways[i].out, 200);

		take(&ways[i]);
		expect_forward(&in, &out);
		assert_int_equal(world.s->packets, 1);
		assert_int_equal(world.s->rtcp_packets, 0);
	}
}

/* A few bytes are no RTCP header; they are bad RTP as before. */
static void mux_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		take(&ways[i]);
		world.flow->flags |= TD_FLOW_MUX;
		for (unsigned int n = 0; n < 4; n++) {
			struct packet in = rtcp_of(ways[i].in, 200);

			in.payload = n;
			expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
		}
	}
}

/* ---- no RTP at all ---- */

/* UDPTL (T.38) and whatever else: any bytes, any length from none on, only counted. */
static void plain(void **state)
{
	static uint8_t body[200];

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;
		uint64_t bytes = 0;

		take(&ways[i]);
		world.flow->flags |= TD_FLOW_PLAIN;
		in.body = out.body = body;
		for (unsigned int n = 0; n < sizeof(body); n++) {
			memset(body, (int)n, sizeof(body));
			in.payload = out.payload = n;
			expect_forward(&in, &out);
			bytes += n;
		}
		assert_int_equal(world.s->packets, sizeof(body));
		assert_int_equal(world.s->bytes, bytes);
		assert_int_equal(world.s->bad_rtp, 0);
		assert_int_equal(world.s->ssrc, 0);
		assert_true(world.s->last_seen_ns > 0);
		in.sport++;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	}
}

static void plain_is_told_and_muted(void **state)
{
	struct packet in = in_v4, out = out_v4;
	struct events e;

	(void)state;
	take_events(&e);
	world.flow->flags |= TD_FLOW_PLAIN;
	in.version = out.version = 0;
	for (int i = 0; i < 5; i++)
		expect_forward(&in, &out);
	take_events(&e);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.ev[0].type, TD_EVENT_FIRST_PACKET);
	world.flow->flags |= TD_FLOW_MUTED;
	expect(&in, XDP_DROP, TD_REASON_MUTED);
	assert_int_equal(world.s->muted, 1);
}

/* ---- who may send ---- */

/* Behind NAT the host is right and the port is not: the relay decides, nobody else gets in. */
static void learn(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in;

		take(&ways[i]);
		world.flow->flags |= TD_FLOW_LEARN;
		expect_forward(&in, ways[i].out);
		in.sport = 4001;
		expect(&in, XDP_PASS, TD_REASON_UP_LEARN);
		in.dport = PORT + 1;		/* RTCP's port is learnt apart */
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		world.flow->flags |= TD_FLOW_LEARN_RTCP;
		expect(&in, XDP_PASS, TD_REASON_UP_LEARN);
		in.src = other_host(&in);
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		in.dport = PORT, in.sport = 4000;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		assert_int_equal(world.s->wrong_source, 3);
		assert_int_equal(world.s->packets, 1);
	}
}

static void muted(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		expect_forward(&in, &out);
		world.flow->flags |= TD_FLOW_MUTED;
		for (int k = 0; k < 20; k++) {
			in.seq++;
			expect(&in, XDP_DROP, TD_REASON_MUTED);
		}
		in.sport = 4000 + 11, in.dport = PORT + 1;	/* RTCP goes on */
		out.sport = 20011, out.dport = 5015, out.seq = in.seq;
		expect_forward(&in, &out);
		world.flow->flags &= ~(__u32)TD_FLOW_MUTED;
		in = *ways[i].in, out = *ways[i].out;
		in.seq = out.seq = 40;
		expect_forward(&in, &out);
		assert_int_equal(world.s->muted, 20);
		assert_int_equal(td_rtp_stat_lost(world.s), 0);
	}
}

static void wrong_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in;

		take(&ways[i]);
		for (unsigned int v = 0; v < 4; v++) {
			in.version = (uint8_t)v;
			if (v != 2)
				expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
		}
		in = *ways[i].in;
		for (in.payload = 0; in.payload < 12; in.payload++)
			expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
		assert_int_equal(world.s->bad_rtp, 3 + 12);
		assert_int_equal(world.s->packets, 0);
	}
}

/* ---- how much ---- */

#define RATE		10u	/* bytes per ms: G.711, 20 ms, without any margin */
#define PACKET_NS	20000000u
#define BURST		(TD_POLICE_BURST_NS / PACKET_NS + 1)	/* packets at once */

/* As if time had passed: the bucket's clock is all that policing knows. */
static void time_passes(uint32_t ns)
{
	world.s->police_ns -= ns;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Ten times the rate: a burst passes, then what the rate gives; one event tells. */
static void flood_is_limited(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in;
		uint64_t began, after, passed = 0, most;
		struct events e;

		take(&ways[i]);
		world.flow->police = RATE;
		take_events(&e);
		began = now_ns();
		for (unsigned int k = 0; k < 1000; k++) {
			uint8_t frame[FRAME_MAX], got[FRAME_MAX];
			size_t len, got_len;

			in.seq = (uint16_t)k;
			in.ts = 160 * k;
			len = packet_build(frame, &in);
			if (run(frame, len, got, &got_len) == XDP_REDIRECT)
				passed++;
			else
				assert_bytes(got, frame, len);
			time_passes(PACKET_NS / 10);
		}
		after = now_ns() - began;
		/* what the bucket holds, one in ten after that, and what the real clock gave */
		most = BURST + 100 + after / PACKET_NS + 1;
		assert_in_range(passed, 100, most);
		assert_int_equal(world.s->packets, passed);
		assert_int_equal(world.s->policed, 1000 - passed);
		assert_int_equal(td_rtp_stat_lost(world.s), 0);	/* it was not lost before us */
		take_events(&e);
		assert_int_equal(count_events(&e, TD_EVENT_POLICED), 1 + after / 1000000000u);
	}
}

static void normal_rate_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		world.flow->police = RATE;
		for (unsigned int k = 0; k < 2000; k++) {
			in.seq = out.seq = (uint16_t)k;
			in.ts = out.ts = 160 * k;
			expect_forward(&in, &out);
			time_passes(PACKET_NS);
		}
		assert_int_equal(world.s->policed, 0);
	}
}

/* Nearly a second's packets that waited somewhere arrive at once. */
static void a_burst_is_not(void **state)
{
	struct packet in = in_v4, out = out_v4;

	(void)state;
	world.flow->police = RATE;
	for (unsigned int k = 0; k < 600; k++) {
		in.seq = out.seq = (uint16_t)k;
		expect_forward(&in, &out);
		if (k % 48 == 47)
			time_passes(48 * PACKET_NS);
	}
	assert_int_equal(world.s->policed, 0);
}

/* Policing counts what a flow may send in all: RTCP and other streams, too. */
static void policing_of_all_kinds(void **state)
{
	struct packet in = in_v4;

	(void)state;
	world.flow->police = 1;
	in.sport = 4011, in.dport = PORT + 1;
	for (int k = 0; k < 30; k++) {
		uint8_t frame[FRAME_MAX], got[FRAME_MAX];

		run(frame, packet_build(frame, &in), got, NULL);
	}
	assert_in_range(world.s->policed, 20, 29);
	assert_int_equal(world.s->policed + world.s->rtcp_packets, 30);
	world_reset(NULL);
	world.flow->police = 1;
	world.flow->flags |= TD_FLOW_PLAIN;
	for (int k = 0; k < 30; k++) {
		uint8_t frame[FRAME_MAX], got[FRAME_MAX];

		run(frame, packet_build(frame, &in_v4), got, NULL);
	}
	assert_in_range(world.s->policed, 20, 29);
	assert_int_equal(world.s->policed + world.s->packets, 30);
}

/* A stranger's flood costs the real sender nothing: it is charged to nobody. */
static void strangers_are_not_charged(void **state)
{
	struct packet in = in_v4;

	(void)state;
	world.flow->police = RATE;
	in.src = other_host(&in);
	for (int k = 0; k < 500; k++)
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	assert_int_equal(world.s->police_ns, 0);
	expect_forward(&in_v4, &out_v4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(mux),
		T(mux_to_mux),
		T(into_mux),
		T(no_mux),
		T(mux_short),
		T(plain),
		T(plain_is_told_and_muted),
		T(learn),
		T(muted),
		T(wrong_version),
		T(flood_is_limited),
		T(normal_rate_is_not),
		T(a_burst_is_not),
		T(policing_of_all_kinds),
		T(strangers_are_not_charged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rtp_rules", tests, world_open, world_close);
}
