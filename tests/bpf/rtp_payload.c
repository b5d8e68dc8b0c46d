// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What td_rtp changes behind the UDP header: payload types, and G.711 from one law to the
 * other. The samples are compared with an implementation of its own, below: the decision
 * and quantised values of ITU-T G.711 tables 1a to 2b as formulas. Checksums are those of a
 * frame that is built anew.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>
#include <math.h>

/* ---- G.711, written out ---- */

/* How often 32 has to be doubled. */
static int octave_of(double amplitude)
{
	int n = 0;

	for (; amplitude >= 64; amplitude /= 2)
		n++;
	return n;
}

/* Tables 2a, 2b: amplitudes up to 8159; 33 added, each octave has 16 steps. */
static double u_value(int code)
{
	int octave = code / 16;

	return ldexp(32, octave) + (code % 16 + 0.5) * ldexp(2, octave) - 33;
}

static int u_code(double amplitude)
{
	int octave = octave_of(amplitude + 33);

	return 16 * octave + (int)((amplitude + 33 - ldexp(32, octave)) / ldexp(2, octave));
}

/* Tables 1a, 1b: amplitudes up to 4096; 32 steps of two, then each octave has 16. */
static double a_value(int code)
{
	int octave = code / 16 - 1;

	if (code < 32)
		return 2 * code + 1;
	return ldexp(32, octave) + (code % 16 + 0.5) * ldexp(2, octave);
}

static int a_code(double amplitude)
{
	int octave = octave_of(amplitude);

	if (amplitude < 64)
		return (int)(amplitude / 2);
	return 16 * (octave + 1) + (int)((amplitude - ldexp(32, octave)) / ldexp(2, octave));
}

/* Character signals: 3.1 (even bits of A-law inverted), 3.2 (all of u-law but the sign's).
 * The sign bit is 1 for positive values in both. */
static uint8_t law_u2a(uint8_t u)
{
	return (uint8_t)((u & 0x80) | (a_code(u_value(~u & 0x7f) / 2) ^ 0x55));
}

static uint8_t law_a2u(uint8_t a)
{
	return (uint8_t)((a & 0x80) | (~u_code(2 * a_value((a ^ 0x55) & 0x7f)) & 0x7f));
}

/* The test's own formulas at the points that are printed in the recommendation. */
static void formulas(void **state)
{
	(void)state;
	assert_true(u_value(0) == 0 && u_value(127) == 8031 && u_value(0x10) == 33);
	assert_true(a_value(0) == 1 && a_value(127) == 4032 && a_value(32) == 66);
	for (int i = 0; i < 128; i++) {
		assert_int_equal(u_code(u_value(i)), i);
		assert_int_equal(a_code(a_value(i)), i);
	}
	assert_int_equal(law_u2a(0xff), 0xd5);	/* silence */
	assert_int_equal(law_a2u(0xd5), 0xfe);
	assert_int_equal(law_u2a(0x80), 0xaa);	/* as loud as it gets */
	assert_int_equal(law_a2u(0x2a), 0x00);
}

/* ---- packets by hand ---- */

struct rtp_shape {
	unsigned int csrc;		/* contributing sources */
	int extension;			/* its words, or -1 */
	unsigned int padding;		/* bytes, with the count */
	unsigned int samples;
	uint8_t pt;
	bool marker;
};

/* An RTP packet of that shape; law: what to make of the samples. Returns its length. */
static unsigned int shape_build(uint8_t *p, const struct rtp_shape *s, uint8_t (*law)(uint8_t))
{
	unsigned int at = 12 + 4 * s->csrc;

	for (unsigned int i = 0; i < at; i++)
		p[i] = (uint8_t)(i * 11 + 1);
	p[0] = (uint8_t)(0x80 | s->csrc | (s->extension >= 0) << 4 | (s->padding != 0) << 5);
	p[1] = (uint8_t)(s->marker << 7 | s->pt);
	if (s->extension >= 0) {
		unsigned int n = 4 + 4 * (unsigned int)s->extension;

		memset(p + at, 0xe7, n);
		p[at + 2] = (uint8_t)(s->extension >> 8);
		p[at + 3] = (uint8_t)s->extension;
		at += n;
	}
	for (unsigned int i = 0; i < s->samples; i++) {
		uint8_t sample = (uint8_t)(i * 37 + i / 256);

		p[at++] = law ? law(sample) : sample;
	}
	if (s->padding) {
		memset(p + at, 0x33, s->padding);
		at += s->padding;
		p[at - 1] = (uint8_t)s->padding;
	}
	return at;
}

static void expect_shape(const struct way *w, const struct rtp_shape *s, uint8_t pt_out,
			 uint8_t (*law)(uint8_t), const struct packet *base)
{
	static uint8_t in_body[FRAME_MAX], out_body[FRAME_MAX];
	struct packet in = base ? *base : *w->in, out = *w->out;
	struct rtp_shape to = *s;

	to.pt = pt_out;
	in.body = in_body, out.body = out_body;
	in.payload = shape_build(in_body, s, NULL);
	out.payload = shape_build(out_body, &to, law);
	out.no_udp_sum = in.no_udp_sum && out.src == out_v4.src;
	expect_forward(&in, &out);
}

/* ---- payload types ---- */

static void renamed(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		take(&ways[i]);
		memcpy(world.flow->pt_from, (uint8_t[]){ 101, 96, 0 }, 3);
		memcpy(world.flow->pt_to, (uint8_t[]){ 127, 101, 8 }, 3);
		for (unsigned int pt = 0; pt < 128; pt++)
			for (int marker = 0; marker < 2; marker++) {
				const struct rtp_shape s = {
					.extension = -1, .samples = 160 + pt % 5,
					.pt = (uint8_t)pt, .marker = marker,
				};
				uint8_t to = pt == 101 ? 127 : pt == 96 ? 101 : pt == 0 ? 8 :
					     (uint8_t)pt;

				expect_shape(&ways[i], &s, to, NULL, NULL);
			}
		assert_int_equal(world.s->transcoded, 0);
	}
}

static void renamed_without_checksum(void **state)
{
	const struct rtp_shape s = { .extension = -1, .samples = 160, .pt = 101 };

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in;

		take(&ways[i]);
		world.flow->pt_from[0] = 101;
		world.flow->pt_to[0] = 96;
		in.no_udp_sum = in.src == in_v4.src;
		expect_shape(&ways[i], &s, 96, NULL, &in);
		in.no_udp_sum = false;
		in.half_udp_sum = true;
		world.flow->flags |= TD_FLOW_CSUM_FULL;
		expect_shape(&ways[i], &s, 96, NULL, &in);
	}
}

/* RTCP's second byte is no payload type. */
static void rtcp_keeps_its_type(void **state)
{
	static const uint8_t body[40] = { 0x81, 200 };

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct packet in = *ways[i].in, out = *ways[i].out;

		take(&ways[i]);
		world.flow->pt_from[0] = 200 & 0x7f;
		world.flow->pt_to[0] = 8;
		in.body = out.body = body, in.payload = out.payload = sizeof(body);
		in.sport = 4011, in.dport = PORT + 1;
		out.sport = 20011, out.dport = 5015;
		expect_forward(&in, &out);
	}
}

/* ---- contributing sources, extensions, padding ---- */

static const struct rtp_shape shapes[] = {
	{ .extension = -1, .samples = 160 },
	{ .csrc = 1, .extension = -1, .samples = 160 },
	{ .csrc = 15, .extension = -1, .samples = 160 },
	{ .extension = 0, .samples = 160 },
	{ .extension = 1, .samples = 160 },
	{ .extension = 64, .samples = 160 },
	{ .csrc = 3, .extension = 7, .samples = 240 },
	{ .extension = -1, .padding = 1, .samples = 159 },
	{ .extension = -1, .padding = 4, .samples = 160 },
	{ .extension = -1, .padding = 255, .samples = 80 },
	{ .csrc = 15, .extension = 20, .padding = 16, .samples = 160 },
	{ .extension = 2, .samples = 0 },
	{ .extension = -1, .padding = 12, .samples = 0 },
	{ .extension = -1, .samples = 0 },
	{ .extension = -1, .samples = 1440 },
};

#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static void every_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		take(&ways[i]);
		for (size_t k = 0; k < N_SHAPES; k++)
			expect_shape(&ways[i], &shapes[k], 0, NULL, NULL);
		assert_int_equal(world.s->packets, N_SHAPES);
	}
}

/* ---- from law to law ---- */

static void want_law(const struct way *w, uint32_t flag)
{
	take(w);
	world.flow->flags |= flag;
	world.flow->pt_from[0] = flag == TD_FLOW_U2A ? 0 : 8;
	world.flow->pt_to[0] = flag == TD_FLOW_U2A ? 8 : 0;
}

static const struct {
	uint32_t flag;
	uint8_t (*law)(uint8_t);
	uint8_t from, to;
} laws[] = { { TD_FLOW_U2A, law_u2a, 0, 8 }, { TD_FLOW_A2U, law_a2u, 8, 0 } };

static void g711_every_byte(void **state)
{
	struct rtp_shape s = { .extension = -1, .samples = 256 };

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		for (size_t l = 0; l < 2; l++) {
			want_law(&ways[i], laws[l].flag);
			s.pt = laws[l].from;
			expect_shape(&ways[i], &s, laws[l].to, laws[l].law, NULL);
			assert_int_equal(world.s->transcoded, 1);
		}
}

static void g711_every_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		for (size_t l = 0; l < 2; l++) {
			struct rtp_shape s = { .extension = -1, .pt = laws[l].from };

			want_law(&ways[i], laws[l].flag);
			for (s.samples = 0; s.samples < 1460; s.samples += s.samples < 70 ? 1 : 29)
				expect_shape(&ways[i], &s, laws[l].to, laws[l].law, NULL);
		}
}

/* Headers, extensions and padding are no samples. */
static void g711_every_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		for (size_t l = 0; l < 2; l++) {
			want_law(&ways[i], laws[l].flag);
			for (size_t k = 0; k < N_SHAPES; k++) {
				struct rtp_shape s = shapes[k];

				s.pt = laws[l].from;
				s.marker = k & 1;
				expect_shape(&ways[i], &s, laws[l].to, laws[l].law, NULL);
			}
			assert_int_equal(world.s->transcoded, N_SHAPES);
		}
}

static void g711_checksums(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		for (size_t l = 0; l < 2; l++) {
			struct rtp_shape s = { .extension = -1, .samples = 160, .pt = laws[l].from };
			struct packet in = *ways[i].in;

			want_law(&ways[i], laws[l].flag);
			in.no_udp_sum = in.src == in_v4.src;
			expect_shape(&ways[i], &s, laws[l].to, laws[l].law, &in);
			in.no_udp_sum = false, in.half_udp_sum = true;
			world.flow->flags |= TD_FLOW_CSUM_FULL;
			for (s.samples = 155; s.samples < 175; s.samples++)
				expect_shape(&ways[i], &s, laws[l].to, laws[l].law, &in);
		}
}

/* Comfort noise, telephone events, the other law: not samples of ours. */
static void g711_other_types(void **state)
{
	(void)state;
	for (size_t l = 0; l < 2; l++) {
		struct rtp_shape s = { .extension = -1, .samples = 160 };

		want_law(&ways[0], laws[l].flag);
		world.flow->pt_from[1] = 101;
		world.flow->pt_to[1] = 96;
		for (unsigned int pt = 0; pt < 128; pt++) {
			if (pt == laws[l].from)
				continue;
			s.pt = (uint8_t)pt;
			expect_shape(&ways[0], &s, pt == 101 ? 96 : s.pt, NULL, NULL);
		}
		assert_int_equal(world.s->transcoded, 0);
	}
}

/* Where do the samples begin and end? When that makes no sense it is not G.711; whoever
 * only forwards need not know. */
static void shapes_that_lie(void **state)
{
	static uint8_t body[172];
	static const struct {
		uint8_t first, at12, at14, at15, last;
	} lies[] = {
		{ 0x90, 0, 0xff, 0xff, 0 },	/* an extension longer than the packet */
		{ 0x90, 0, 0, 40, 0 },		/* by one word: 160 bytes fit, 164 do not */
		{ 0xa0, 0, 0, 0, 0 },		/* padding of no bytes */
		{ 0xa0, 0, 0, 0, 161 },		/* more padding than payload */
		{ 0xb0, 0, 0, 39, 1 },		/* nothing left for the padding's count */
	};

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
			struct packet in = *ways[i].in, out = *ways[i].out;

			memset(body, 0, sizeof(body));
			body[0] = lies[k].first;
			body[12] = lies[k].at12, body[14] = lies[k].at14, body[15] = lies[k].at15;
			body[171] = lies[k].last;
			in.body = out.body = body;
			take(&ways[i]);
			expect_forward(&in, &out);
			want_law(&ways[i], TD_FLOW_U2A);
			expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
			assert_int_equal(world.s->bad_rtp, 1);
			assert_int_equal(world.s->transcoded, 0);
		}
	/* fewer bytes than contributing sources */
	for (unsigned int n = 1; n < 16; n++) {
		struct packet in = in_v4;

		want_law(&ways[0], TD_FLOW_U2A);
		memset(body, 0, sizeof(body));
		body[0] = (uint8_t)(0x80 | n);
		in.body = body;
		in.payload = 12 + 4 * n - 1;
		expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(formulas),
		T(renamed),
		T(renamed_without_checksum),
		T(rtcp_keeps_its_type),
		T(every_shape),
		T(g711_every_byte),
		T(g711_every_length),
		T(g711_every_shape),
		T(g711_checksums),
		T(g711_other_types),
		T(shapes_that_lie),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rtp_payload", tests, world_open, world_close);
}
