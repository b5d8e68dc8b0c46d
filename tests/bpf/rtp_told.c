// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What td_rtp tells userspace while it forwards: telephone events (and holds them back when
 * asked), RTCP, copies of frames. The packets themselves are compared byte for byte.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>

/* ---- telephone events, RFC 4733 ---- */

#define DTMF_PT 101

static struct packet event_packet(const struct packet *p, uint8_t digit, unsigned int nth,
				  uint32_t ts)
{
	static uint8_t body[16];
	struct packet q = *p;
	unsigned int duration = 160 * (nth + 1);
	uint16_t seq = (uint16_t)(ts / 160 + nth);
	const uint8_t bytes[16] = {
		0x80, DTMF_PT | (nth ? 0 : 0x80), (uint8_t)(seq >> 8), (uint8_t)seq,
		(uint8_t)(ts >> 24), (uint8_t)(ts >> 16), (uint8_t)(ts >> 8), (uint8_t)ts,
		0, 0, 0xca, 0xfe, digit, nth >= 5 ? 0x8a : 0x0a, (uint8_t)(duration >> 8),
		(uint8_t)duration,
	};

	memcpy(body, bytes, sizeof(body));
	q.body = body;
	q.payload = sizeof(body);
	return q;
}

static void assert_digit(const struct td_event *ev, uint8_t digit, uint32_t ts)
{
	assert_int_equal(ev->type, TD_EVENT_DTMF);
	assert_int_equal(ev->slot, SLOT);
	assert_int_equal(ev->call_id, 77);
	assert_int_equal(ev->leg_id, 78);
	assert_int_equal(ev->rtp_ts, ts);
	assert_int_equal(ev->data[0], digit);
	assert_int_equal(ev->data[1] & 0x3f, 10);
	assert_memory_equal(ev->addr, world.flow->peer_addr, 16);
	assert_int_equal(ntohs(ev->port), 4000);
}

/* Eight packets a digit, the last three with the end bit: told once, forwarded or held. */
static void press(const struct way *w, const char *digits, bool held)
{
	for (unsigned int d = 0; digits[d]; d++)
		for (unsigned int nth = 0; nth < 8; nth++) {
			uint32_t ts = 16000 + d * 1600;
			uint8_t digit = (uint8_t)(digits[d] - '0');
			struct packet in = event_packet(w->in, digit, nth, ts);
			struct packet out = event_packet(w->out, digit, nth, ts);

			if (held)
				expect(&in, XDP_DROP, TD_REASON_HELD_DTMF);
			else
				expect_forward(&in, &out);
		}
}

static void dtmf(const struct way *w, bool held)
{
	struct events e;

	take_events(&e);
	take(w);
	world.flow->dtmf_pt = DTMF_PT;
	world.flow->flags |= TD_FLOW_TAP_DTMF | (held ? TD_FLOW_HOLD_DTMF : 0);
	expect_forward(w->in, w->out);		/* speech goes on in any case */
	press(w, "1559", held);
	take_events(&e);
	assert_int_equal(e.n, 5);
	assert_int_equal(e.ev[0].type, TD_EVENT_FIRST_PACKET);
	for (unsigned int d = 0; d < 4; d++)
		assert_digit(&e.ev[1 + d], (uint8_t)("1559"[d] - '0'), 16000 + d * 1600);
	assert_int_equal(world.s->dtmf_events, 4);
	assert_int_equal(world.s->held_dtmf, held ? 32 : 0);
	assert_int_equal(world.s->packets, held ? 1 : 33);
}

static void dtmf_tap(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		dtmf(&ways[i], false);
}

static void dtmf_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		dtmf(&ways[i], true);
}

/* Packets of a digit that come late, after the next one, are not a third digit. */
static void dtmf_out_of_order(void **state)
{
	static const struct {
		uint32_t ts;
		unsigned int nth;
		bool is_new;
	} order[] = {
		{ 16000, 0, true }, { 17600, 0, true }, { 16000, 6, false }, { 17600, 6, false },
		{ 16000, 7, false }, { 19200, 5, true },	/* only the end of it arrives */
	};
	struct events e;
	unsigned int told = 0;

	(void)state;
	world.flow->dtmf_pt = DTMF_PT;
	world.flow->flags |= TD_FLOW_TAP_DTMF;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct packet in = event_packet(&in_v4, 3, order[i].nth, order[i].ts);
		struct packet out = event_packet(&out_v4, 3, order[i].nth, order[i].ts);

		take_events(&e);
		expect_forward(&in, &out);
		take_events(&e);
		assert_int_equal(count_events(&e, TD_EVENT_DTMF), order[i].is_new);
		told += order[i].is_new;
	}
	assert_int_equal(world.s->dtmf_events, told);
}

/* Too short for an event, or padded so that nothing is left: forwarded, nothing told. */
static void dtmf_garbage(void **state)
{
	struct events e;

	(void)state;
	world.flow->dtmf_pt = DTMF_PT;
	world.flow->flags |= TD_FLOW_TAP_DTMF;
	take_events(&e);
	for (unsigned int n = 12; n < 16; n++) {
		struct packet in = event_packet(&in_v4, 3, 0, 16000);
		struct packet out = event_packet(&out_v4, 3, 0, 16000);

		in.payload = out.payload = n;
		expect_forward(&in, &out);
	}
	for (unsigned int first = 0x81; first < 0xc0; first++) {
		struct packet in = event_packet(&in_v4, 3, 0, 16000), out = in;

		((uint8_t *)(uintptr_t)in.body)[0] = (uint8_t)first;
		out = out_v4, out.body = in.body, out.payload = in.payload;
		expect_forward(&in, &out);
	}
	take_events(&e);
	assert_int_equal(count_events(&e, TD_EVENT_DTMF), 0);
	assert_int_equal(world.s->dtmf_events, 0);
}

/* The event behind contributing sources and a header extension. */
static void dtmf_behind_extension(void **state)
{
	static uint8_t body[12 + 8 + 12 + 4] = {
		0x92, DTMF_PT, 0, 9, 0, 0, 0x3e, 0x80, 0, 0, 0xca, 0xfe,
		1, 1, 1, 1, 2, 2, 2, 2,
		0xbe, 0xde, 0, 2, 9, 9, 9, 9, 9, 9, 9, 9,
		11, 0x0a, 0, 160,
	};
	struct packet in = in_v4, out = out_v4;
	struct events e;

	(void)state;
	world.flow->dtmf_pt = DTMF_PT;
	world.flow->flags |= TD_FLOW_TAP_DTMF;
	in.body = out.body = body;
	in.payload = out.payload = sizeof(body);
	take_events(&e);
	expect_forward(&in, &out);
	take_events(&e);
	assert_int_equal(e.n, 2);
	assert_digit(&e.ev[1], 11, 16000);
}

/* Another sender numbers its events otherwise; and without the tap nothing is told. */
static void dtmf_other_type(void **state)
{
	struct packet in = event_packet(&in_v4, 3, 0, 16000);
	struct packet out = event_packet(&out_v4, 3, 0, 16000);
	struct events e;

	(void)state;
	take_events(&e);
	world.flow->flags |= TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF;
	world.flow->dtmf_pt = 96;
	expect_forward(&in, &out);
	world.flow->dtmf_pt = TD_NO_PT;
	expect_forward(&in, &out);
	world.flow->dtmf_pt = DTMF_PT;
	world.flow->flags &= ~(__u32)(TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF);
	expect_forward(&in, &out);
	take_events(&e);
	assert_int_equal(count_events(&e, TD_EVENT_DTMF), 0);
}

/* ---- RTCP for the daemon ---- */

static void rtcp_events(void **state)
{
	static uint8_t body[300];

	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 5 + 1);
	body[0] = 0x81, body[1] = 200;
	for (size_t i = 0; i < N_WAYS; i++) {
		static const unsigned int lengths[] = { 0, 1, 7, 28, 52, 127, 128, 129, 300 };

		for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			struct packet in = *ways[i].in, out = *ways[i].out;
			unsigned int n = lengths[k], copied = n < TD_EVENT_DATA ? n : TD_EVENT_DATA;
			struct events e;

			take(&ways[i]);
			world.flow->flags |= TD_FLOW_RTCP_EVENTS;
			in.sport = 4011, in.dport = PORT + 1, in.body = body, in.payload = n;
			out.sport = 20011, out.dport = 5015, out.body = body, out.payload = n;
			take_events(&e);
			expect_forward(&in, &out);
			expect_forward(&in, &out);	/* ten a second are told */
			take_events(&e);
			assert_int_equal(e.n, 1);
			assert_int_equal(e.ev[0].type, TD_EVENT_RTCP);
			assert_int_equal(e.ev[0].len, n);
			assert_memory_equal(e.ev[0].data, body, copied);
			for (unsigned int at = copied; at < TD_EVENT_DATA; at++)
				assert_int_equal(e.ev[0].data[at], 0);
			assert_int_equal(ntohs(e.ev[0].port), 4011);
			world.s->rtcp_event_ns -= 101000000u;
			expect_forward(&in, &out);
			take_events(&e);
			assert_int_equal(e.n, 1);
		}
	}
}

static void rtcp_events_muxed(void **state)
{
	static const uint8_t body[28] = { 0x81, 201 };
	struct packet in = in_v4, out = out_v4;
	struct events e;

	(void)state;
	world.flow->flags |= TD_FLOW_RTCP_EVENTS | TD_FLOW_MUX;
	world.flow->new_dst_rtcp_port = world.flow->new_dst_port;
	in.body = out.body = body;
	in.payload = out.payload = sizeof(body);
	take_events(&e);
	expect_forward(&in, &out);
	take_events(&e);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.ev[0].type, TD_EVENT_RTCP);
	assert_int_equal(e.ev[0].data[1], 201);
}

/* ---- copies ---- */

struct copies {
	unsigned int n;
	struct td_captured last;
};

static int keep_copy(void *arg, void *data, size_t size)
{
	struct copies *c = arg;

	assert_int_equal(size, sizeof(c->last));
	memcpy(&c->last, data, size);
	c->n++;
	return 0;
}

static void take_copies(struct copies *c)
{
	struct ring_buffer *rb = ring_buffer__new(bpf_map__fd(world.skel->maps.td_capture),
						  keep_copy, c, NULL);

	assert_non_null(rb);
	c->n = 0;
	assert_true(ring_buffer__consume(rb) >= 0);
	ring_buffer__free(rb);
}

/* The frame as it leaves, whole up to 1536 bytes; the packet itself is not disturbed. */
static void capture(void **state)
{
	static const unsigned int lengths[] = { 12, 13, 172, 1400, 1490, 1600, 3000 };
	static struct copies c;

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++)
		for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			struct packet in = *ways[i].in, out = *ways[i].out;
			uint8_t want[FRAME_MAX];
			size_t len, copied;

			take(&ways[i]);
			world.flow->flags |= TD_FLOW_CAPTURE;
			in.payload = out.payload = lengths[k];
			take_copies(&c);
			expect_forward(&in, &out);
			take_copies(&c);
			len = packet_build(want, &out);
			copied = len < TD_CAPTURE_BYTES ? len : TD_CAPTURE_BYTES;
			assert_int_equal(c.n, 1);
			assert_int_equal(c.last.len, len);
			assert_int_equal(c.last.copied, copied);
			assert_int_equal(c.last.call_id, 77);
			assert_int_equal(c.last.leg_id, 78);
			assert_true(c.last.time_ns > 0);
			assert_bytes(c.last.data, want, copied);
		}
}

/* Nobody reads: the ring fills up, and packets go on. */
static void capture_unread(void **state)
{
	static struct copies c;

	(void)state;
	world.flow->flags |= TD_FLOW_CAPTURE;
	take_copies(&c);
	for (int i = 0; i < 1500; i++)
		expect_forward(&in_v4, &out_v4);
	take_copies(&c);
	assert_in_range(c.n, 600, 700);		/* a megabyte of them */
	assert_int_equal(world.s->packets, 1500);
}

static void capture_nothing_dropped(void **state)
{
	struct packet in = in_v4;
	static struct copies c;

	(void)state;
	world.flow->flags |= TD_FLOW_CAPTURE;
	take_copies(&c);
	in.sport = 1;
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in = in_v4, in.version = 1;
	expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	in = in_v4, in.options = 4;
	expect(&in, XDP_PASS, TD_REASON_UP_OPTIONS);
	take_copies(&c);
	assert_int_equal(c.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(dtmf_tap),
		T(dtmf_hold),
		T(dtmf_out_of_order),
		T(dtmf_garbage),
		T(dtmf_behind_extension),
		T(dtmf_other_type),
		T(rtcp_events),
		T(rtcp_events_muxed),
		T(capture),
		T(capture_unread),
		T(capture_nothing_dropped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rtp_told", tests, world_open, world_close);
}
