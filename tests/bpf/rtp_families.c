// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6, the ways between IPv4 and IPv6, and VLAN tags through td_rtp, byte for byte: what
 * leaves is what a router by the book (RFC 8200, RFC 7915, 802.1Q) would send.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>

static void rtp(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		take(&ways[i]);
		expect_forward(ways[i].in, ways[i].out);
		assert_int_equal(world.s->packets, 1);
		assert_int_equal(world.s->bytes, 172);
		assert_int_equal(world.s->ssrc, 0xcafe);
		assert_int_equal(world.s->max_seq, 7);
	}
}

static void rtcp(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		in.sport = 4011, in.dport = PORT + 1, in.payload = 28;
		out.sport = 20011, out.dport = 5015, out.payload = 28;
		expect_forward(&in, &out);
		assert_int_equal(world.s->rtcp_packets, 1);
		in.sport = 4000;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	}
}

static void every_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		take(&ways[i]);
		for (unsigned int n = 12; n <= 1440; n += n < 80 ? 1 : 13) {
			struct packet in = *ways[i].in, out = *ways[i].out;

			in.payload = out.payload = n;
			expect_forward(&in, &out);
		}
	}
}

/* All sums come by, so those that fold to zero do, too. */
static void every_checksum(void **state)
{
	(void)state;
	for (size_t i = 1; i < N_WAYS; i++) {
		take(&ways[i]);
		for (unsigned int k = 0; k < 65536; k += 11) {
			struct packet in = *ways[i].in, out = *ways[i].out;

			in.seq = out.seq = (uint16_t)k;
			in.ssrc = out.ssrc = k * 2654435761u;
			expect_forward(&in, &out);
		}
	}
}

static void checksum_that_becomes_zero(void **state)
{
	uint8_t frame[FRAME_MAX];

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;
		unsigned int k = 0;
		size_t at = packet_udp_at(&out) + 6;

		take(&ways[i]);
		do {
			out.seq = (uint16_t)k;
			packet_build(frame, &out);
		} while ((frame[at] != 0xff || frame[at + 1] != 0xff) && ++k < 65536);
		assert_true(k < 65536);
		in.seq = out.seq;
		expect_forward(&in, &out);
	}
}

/* Without a sum IPv4 stays without; towards IPv6 one has to be made; IPv6 without is nothing. */
static void no_checksum(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		in.no_udp_sum = true;
		if (in.src == in_v6.src) {
			expect(&in, XDP_PASS, TD_REASON_UP_CHECKSUM);
			continue;
		}
		out.no_udp_sum = out.src == out_v4.src;
		for (unsigned int n = 12; n < 1400; n += 17) {
			in.payload = out.payload = n;
			expect_forward(&in, &out);
		}
	}
}

static void half_checksum(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		world.flow->flags |= TD_FLOW_CSUM_FULL;
		in.half_udp_sum = true;
		for (unsigned int n = 12; n <= 1440; n += n < 80 ? 1 : 31) {
			in.payload = out.payload = n;
			expect_forward(&in, &out);
		}
	}
}

static void wrong_checksum_stays_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		uint8_t a[FRAME_MAX], b[FRAME_MAX], got[FRAME_MAX];
		size_t len = packet_build(a, ways[i].in), want = packet_build(b, ways[i].out);
		size_t got_len;

		take(&ways[i]);
		a[packet_udp_at(ways[i].in) + 20] ^= 0x40;	/* a bit of the payload */
		b[packet_udp_at(ways[i].out) + 20] ^= 0x40;
		assert_int_equal(run(a, len, got, &got_len), XDP_REDIRECT);
		assert_int_equal(got_len, want);
		assert_bytes(got, b, want);
	}
}

/* Translation would make a good packet of a broken one. */
static void wrong_header_checksum(void **state)
{
	uint8_t frame[FRAME_MAX];
	size_t len = packet_build(frame, &in_v4);

	(void)state;
	take(&ways[2]);
	frame[14 + 10] ^= 1;
	expect_untouched_frame(frame, len, XDP_PASS, TD_REASON_UP_CHECKSUM);
	assert_int_equal(world.s->packets, 0);
}

static void class_and_hops(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		for (unsigned int v = 0; v < 256; v++) {
			in.tos = (uint8_t)v;
			out.tos = (uint8_t)((v & 3) | 46 << 2);
			expect_forward(&in, &out);
		}
		for (unsigned int v = 0; v < 256; v++) {
			in.ttl = (uint8_t)v;
			out.ttl = (uint8_t)(v - 1);
			if (v > 1)
				expect_forward(&in, &out);
			else
				expect(&in, XDP_PASS, TD_REASON_UP_TTL);
		}
		in.ttl = 64, out.ttl = 63, in.tos = 0xb9;
		world.flow->dscp_class = TD_DSCP_EXPLICIT(10);
		out.tos = 10 << 2 | 1;
		expect_forward(&in, &out);
		world.flow->dscp_class = TD_DSCP_KEEP;
		out.tos = in.tos;
		expect_forward(&in, &out);
	}
}

static void too_long(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;
		unsigned int head = (out.src == out_v4.src ? 20 : 40) + 8;

		take(&ways[i]);
		world.nh->mtu = 1400;
		in.payload = out.payload = 1400 - head;
		expect_forward(&in, &out);
		in.payload++;
		expect(&in, XDP_PASS, TD_REASON_UP_MTU);
	}
}

static void sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in;
		struct events e;

		take(&ways[i]);
		take_events(&e);
		in.src = in.src == in_v4.src ? "192.0.2.11" : "2001:db8:1::11";
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		in.src = ways[i].in->src;
		in.sport++;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		assert_int_equal(world.s->wrong_source, 2);
		take_events(&e);
		assert_int_equal(e.n, 1);
		in.sport--;
		in.dst = in.src == in_v4.src ? "192.0.2.2" : "2001:db8:1::2";
		expect(&in, XDP_PASS, TD_REASON_UP_ADDRESS);
		memset(world.flow->local_addr, 0, 16);
		expect_forward(&in, ways[i].out);
	}
}

/* The last four bytes are the same, the address is not. */
static void families_do_not_mix(void **state)
{
	struct packet in = in_v6;

	(void)state;
	memset(world.flow->local_addr, 0, 16);
	in.src = "::192.0.2.10";
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in.src = "64:ff9b::192.0.2.10";
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	set_flow(&in, &out_v6);
	memset(world.flow->local_addr, 0, 16);
	expect(&in_v4, XDP_DROP, TD_REASON_WRONG_SOURCE);
	take(&ways[0]);
	set_addr(world.flow->new_src, "2001:db8::1");	/* a flow that makes no sense */
	expect(&in_v4, XDP_PASS, TD_REASON_UP_FAMILY);
	take(&ways[2]);
	set_addr(world.flow->new_src, "198.51.100.1");
	expect(&in_v4, XDP_PASS, TD_REASON_UP_FAMILY);
}

static void extension_headers(void **state)
{
	static const uint8_t kinds[] = { 0, 43, 60 };
	struct packet in = in_v6;

	(void)state;
	take(&ways[1]);
	for (size_t i = 0; i < sizeof(kinds); i++)
		for (in.options = 8; in.options <= 64; in.options += 8) {
			in.extension = kinds[i];
			expect(&in, XDP_PASS, TD_REASON_UP_FAMILY);
		}
	in.options = 8;
	in.dport = 9;
	expect(&in, XDP_PASS, -1);
	in.dport = PORT;
	in.extension = 51;		/* authentication: not looked behind */
	expect(&in, XDP_PASS, -1);
	in.extension = 44;
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
	in.frag = 0x0001;		/* the first of several */
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
	in.frag = 800;			/* a later one: no port to see */
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
}

static void lying_lengths(void **state)
{
	static const int deltas[] = { 1, -1, -172, -173, -180, 3000 };

	(void)state;
	take(&ways[1]);
	for (size_t i = 0; i < sizeof(deltas) / sizeof(deltas[0]); i++)
		for (size_t at = 14 + 4; at <= 14 + 40 + 4; at += 40) {
			uint8_t frame[FRAME_MAX];
			size_t len = packet_build(frame, &in_v6);
			int v = (frame[at] << 8 | frame[at + 1]) + deltas[i];

			frame[at] = (uint8_t)(v >> 8);
			frame[at + 1] = (uint8_t)v;
			expect_untouched_frame(frame, len, XDP_PASS, TD_REASON_UP_LENGTH);
		}
	/* both say more than there is, or less than a header */
	for (int n = 0; n < 8; n++) {
		uint8_t frame[FRAME_MAX];
		size_t len = packet_build(frame, &in_v6);

		frame[14 + 5] = frame[14 + 45] = (uint8_t)n;
		frame[14 + 4] = frame[14 + 44] = 0;
		expect_untouched_frame(frame, len, XDP_PASS, TD_REASON_UP_LENGTH);
	}
}

static void truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		uint8_t frame[FRAME_MAX], got[FRAME_MAX];
		struct packet in = *ways[i].in;
		size_t len;

		take(&ways[i]);
		in.tpid[0] = 0x88a8, in.tpid[1] = 0x8100;
		len = packet_build(frame, &in);
		for (size_t n = 14; n < len; n++) {
			assert_int_equal(run(frame, n, got, NULL), XDP_PASS);
			assert_bytes(got, frame, n);
		}
		assert_int_equal(world.s->packets, 0);
	}
}

/* ---- VLAN ---- */

static void put_tags(struct packet *p, unsigned int n)
{
	static const uint16_t tpid[2][2] = { { 0x8100 }, { 0x88a8, 0x8100 } };

	for (unsigned int i = 0; i < n; i++) {
		p->tpid[i] = tpid[n - 1][i];
		p->tci[i] = (uint16_t)(0xa000 + 100 * n + i);	/* priority 5 */
	}
}

/* No, one or two tags in, no, one or two out, four ways between the families. */
static void tags(void **state)
{
	(void)state;
	for (unsigned int k = 0; k < N_WAYS * 9; k++) {
		struct packet in = *ways[k / 9].in, out = *ways[k / 9].out;

		take(&ways[k / 9]);
		put_tags(&in, k % 3);
		put_tags(&out, k / 3 % 3);
		out.tci[0] = (uint16_t)(out.tci[0] ^ 7);
		for (int i = 0; i < 2; i++) {
			world.nh->tpid[i] = htons(out.tpid[i]);
			world.nh->tci[i] = htons(out.tci[i]);
		}
		expect_forward(&in, &out);
		for (unsigned int n = 12; n < 60; n++) {
			in.payload = out.payload = n;
			expect_forward(&in, &out);
		}
	}
}

static void tags_and_the_rules(void **state)
{
	struct packet in = in_v4;

	(void)state;
	put_tags(&in, 2);
	in.sport = 4001;
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in.sport = 4000, in.options = 4;
	expect(&in, XDP_PASS, TD_REASON_UP_OPTIONS);
	in.options = 0, in.frag = 0x2000;
	expect(&in, XDP_PASS, TD_REASON_UP_FRAGMENT);
	in.frag = 0, in.version = 1;
	expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	in.version = 2, in.dport = 9;
	expect(&in, XDP_PASS, -1);
	in.dport = PORT;
	in.tpid[2] = 0x8100;
	expect(&in, XDP_PASS, TD_REASON_UP_TAGS);
	in = in_v4;
	in.tpid[0] = 0x9100;		/* not a tag that anybody standardised */
	expect(&in, XDP_PASS, -1);
	in.tpid[0] = 0x8864;		/* PPPoE */
	expect(&in, XDP_PASS, TD_REASON_UP_TAGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rtp),
		T(rtcp),
		T(every_length),
		T(every_checksum),
		T(checksum_that_becomes_zero),
		T(no_checksum),
		T(half_checksum),
		T(wrong_checksum_stays_wrong),
		T(wrong_header_checksum),
		T(class_and_hops),
		T(too_long),
		T(sources),
		T(families_do_not_mix),
		T(extension_headers),
		T(lying_lengths),
		T(truncated),
		T(tags),
		T(tags_and_the_rules),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rtp_families", tests, world_open, world_close);
}
