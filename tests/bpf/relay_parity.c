// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two paths held against each other: the same packets of the same flows through td_rtp in
 * the kernel and through the relay's rules here. What leaves must have the same bytes and go to
 * the same port, what is counted and told must be the same. Flows and packets are thrown by a
 * die with a fixed seed; whatever a flow's flags and a packet's header can say comes by.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>
#include <time.h>

#include "userspace/media/relay_priv.h"

#define N_FLOWS		1200
#define PER_FLOW	60
#define RTCP_PORT	4011		/* set_flow(): where the peer's RTCP comes from */

static struct td_relay relay;
static struct td_tables tables;
static struct ring_buffer *told_ring;
static struct events told;

/* ---- the die ---- */

static uint64_t dice = 0x9e3779b97f4a7c15;

static uint32_t roll(uint32_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (uint32_t)(dice >> 33) % sides;
}

static bool one_in(uint32_t n)
{
	return !roll(n);
}

static const uint8_t types[] = { 0, 8, 18, 96, 101, 101, 13, 127 };

static uint8_t some_type(void)
{
	return types[roll(sizeof(types))];
}

/* ---- flows ---- */

static uint32_t some_flags(void)
{
	static const uint32_t any[] = {
		TD_FLOW_MUX, TD_FLOW_TAP_DTMF, TD_FLOW_HOLD_DTMF, TD_FLOW_RTCP_EVENTS,
	};
	uint32_t flags = one_in(8) ? TD_FLOW_MUTED : 0;

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		flags |= one_in(2) ? any[i] : 0;
	if (one_in(2))
		flags |= one_in(2) ? TD_FLOW_U2A : TD_FLOW_A2U;
	return one_in(8) ? TD_FLOW_PLAIN | (flags & TD_FLOW_MUTED) : flags;
}

/* The relay keeps its statistics in an array of slots, as the maps do. */
static struct td_flow_stats *relayed(void)
{
	return &relay.stats[SLOT];
}

static uint32_t some_class(void)
{
	uint32_t class = roll(TD_DSCP_CLASSES);

	switch (roll(4)) {
	case 0:
		return TD_DSCP_EXPLICIT(roll(64));
	case 1:
		return TD_DSCP_TRUST(class);
	case 2:
		return TD_DSCP_KEEP;
	default:
		return class;
	}
}

static size_t some_flow(void)
{
	struct td_flow *f = world.flow;
	size_t way = roll(4);

	set_flow(ways[way].in, ways[way].out);
	memset(relayed(), 0, sizeof(*relayed()));
	f->flags |= some_flags();
	f->dscp_class = some_class();
	for (size_t i = 0, n = roll(4); i < n; i++) {
		f->pt_from[i] = some_type();
		f->pt_to[i] = (uint8_t)roll(128);
	}
	if (one_in(2))
		f->dtmf_pt = 101;
	if (one_in(3))
		f->police = 1 + roll(20);
	if (one_in(4))
		f->new_dst_rtcp_port = f->new_dst_port;
	return way;
}

/* ---- packets ---- */

static uint8_t body[600];
static uint16_t seq;

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned int some_payload(bool rtcp)
{
	unsigned int len = one_in(10) ? roll(24) : one_in(3) ? 16 : 172 + roll(40);

	for (unsigned int i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)roll(256);
	body[0] = one_in(12) ? (uint8_t)roll(256) : 0x80;
	body[0] |= one_in(6) ? 1 << (4 + roll(2)) : 0;	/* extension or padding */
	body[0] |= one_in(6) ? roll(16) : 0;		/* CSRCs */
	body[1] = rtcp || one_in(10) ? 200 + (uint8_t)roll(8) : some_type() | (uint8_t)(roll(2) << 7);
	seq = one_in(10) ? (uint16_t)(seq + roll(200) - 100) : (uint16_t)(seq + 1);
	put16(body + 2, seq);
	put16(body + 4, one_in(50) ? roll(65536) : 0);
	put16(body + 6, one_in(3) ? seq & ~7u : seq * 160u);
	put16(body + 8, 0xcafe);
	put16(body + 10, one_in(60) ? 2 : 1);
	if (one_in(2) && len > 16 && (body[0] & 0x10)) {
		put16(body + 12 + 4 * (body[0] & 15), 0xbede);
		put16(body + 14 + 4 * (body[0] & 15), roll(4));
	}
	if ((body[0] & 0x20) && len && one_in(2))
		body[len - 1] = (uint8_t)(1 + roll(8));
	return len;
}

static struct packet some_packet(size_t way)
{
	struct packet in = *ways[way].in;
	bool rtcp = one_in(5);

	in.tos = one_in(3) ? (uint8_t)roll(4) : (uint8_t)roll(256);
	in.dport = PORT + rtcp;
	in.sport = rtcp ? RTCP_PORT : 4000;
	if (one_in(20))
		in.sport++;
	if (one_in(20))
		in.src = way & 1 ? "2001:db8:1::66" : "192.0.2.66";
	in.payload = some_payload(rtcp);
	in.body = body;
	return in;
}

/* ---- one packet, twice ---- */

static uint8_t tos_of(const uint8_t *frame)
{
	return frame[14] >> 4 == 4 ? frame[15] : (uint8_t)(frame[14] << 4 | frame[15] >> 4);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What depends on the moment is set the same on both sides: a bucket that is empty or runs
 * over, and events that are due. */
static void same_moment(void)
{
	struct td_flow_stats *both[] = { world.s, relayed() };
	uint64_t police_ns = one_in(3) ? now_ns() + 3600000000000ULL : 0;

	for (int i = 0; i < 2; i++) {
		both[i]->police_ns = police_ns;
		both[i]->wrong_event_ns = both[i]->police_event_ns = both[i]->rtcp_event_ns = 0;
	}
}

static enum relay_kind by_relay(const struct packet *in, uint8_t *data)
{
	struct relay_packet p = {
		.data = data, .len = in->payload, .slot = SLOT, .rtcp = in->dport == PORT + 1,
		.now_ns = now_ns(),
	};

	assert_int_equal(td_addr_parse(&p.from, in->src), 0);
	p.from.port = in->sport;
	memcpy(data, in->body, in->payload);
	return td_relay_admit(&relay, world.flow, &p);
}

static void same_counters(const struct packet *in)
{
	struct td_flow_stats x = *world.s, r = *relayed();

	if (world.flow->police && x.last_seen_ns && r.last_seen_ns &&
	    x.police_ns < now_ns() + 1000000000000ULL && x.police_ns)
		assert_int_equal(x.police_ns - x.last_seen_ns, r.police_ns - r.last_seen_ns);
	assert_int_equal(!x.last_seen_ns, !r.last_seen_ns);
	assert_int_equal(!x.rtp_ns, !r.rtp_ns);
	assert_int_equal(!x.wrong_event_ns, !r.wrong_event_ns);
	assert_int_equal(!x.police_event_ns, !r.police_event_ns);
	assert_int_equal(!x.rtcp_event_ns, !r.rtcp_event_ns);
	x.last_seen_ns = x.arrival_ns = x.rtp_ns = x.police_ns = x.wrong_event_ns = 0;
	x.police_event_ns = x.rtcp_event_ns = 0;
	x.jitter_ns = x.largest_gap_ns = 0;
	r.last_seen_ns = r.arrival_ns = r.rtp_ns = r.police_ns = r.wrong_event_ns = 0;
	r.police_event_ns = r.rtcp_event_ns = 0;
	r.jitter_ns = r.largest_gap_ns = 0;
	if (memcmp(&x, &r, sizeof(x)))
		fail_msg("counters differ: packets %llu/%llu bad %llu/%llu rtcp %llu/%llu muted "
			 "%llu/%llu wrong %llu/%llu held %u/%u policed %llu/%llu dtmf %u/%u law "
			 "%llu/%llu, flags %x first bytes %02x %02x length %u", x.packets, r.packets,
			 x.bad_rtp, r.bad_rtp, x.rtcp_packets, r.rtcp_packets, x.muted, r.muted,
			 x.wrong_source, r.wrong_source, x.held_dtmf, r.held_dtmf, x.policed,
			 r.policed, x.dtmf_events, r.dtmf_events, x.transcoded, r.transcoded,
			 world.flow->flags, in->body[0], in->body[1], in->payload);
}

static unsigned int n_told[TD_EVENT_LEARNED + 1];

static void same_events(void)
{
	struct td_event ev;

	told.n = 0;
	assert_true(ring_buffer__consume(told_ring) >= 0);
	for (unsigned int i = 0; i < told.n; i++) {
		assert_true(td_ring_pop(&relay.events, &ev));
		ev.time_ns = told.ev[i].time_ns;
		assert_memory_equal(&ev, &told.ev[i], sizeof(ev));
		n_told[ev.type]++;
	}
	assert_false(td_ring_pop(&relay.events, &ev));
}

static unsigned int n_passed[RELAY_PLAIN + 1];

static void same_packet(const struct packet *in, size_t way)
{
	uint8_t frame[FRAME_MAX], got[FRAME_MAX], data[sizeof(body)];
	size_t len = packet_build(frame, in), got_len, udp = packet_udp_at(ways[way].out);
	enum relay_kind kind;
	uint16_t dport;
	int action;

	action = run(frame, len, got, &got_len);
	kind = by_relay(in, data);
	n_passed[kind]++;
	if (action != (kind == RELAY_DROP ? XDP_DROP : XDP_REDIRECT))
		fail_msg("td_rtp says %d, the relay %d: flags %x first bytes %02x %02x length %u",
			 action, kind, world.flow->flags, body[0], body[1], in->payload);
	same_counters(in);
	same_events();
	if (kind == RELAY_DROP)
		return;
	assert_int_equal(got_len, udp + 8 + in->payload);
	assert_bytes(data, got + udp + 8, in->payload);
	assert_int_equal(tos_of(got), td_relay_tos(&relay, world.flow, in->tos));
	dport = (uint16_t)(got[udp + 2] << 8 | got[udp + 3]);
	assert_int_equal(dport, ntohs(kind == RELAY_RTCP ? world.flow->new_dst_rtcp_port :
							   world.flow->new_dst_port));
}

static void same_everything(void **state)
{
	(void)state;
	for (int i = 0; i < N_FLOWS; i++) {
		size_t way = some_flow();

		for (int k = 0; k < PER_FLOW; k++) {
			struct packet in = some_packet(way);

			same_moment();
			same_packet(&in, way);
		}
	}
	/* and it has all happened */
	for (int kind = RELAY_DROP; kind <= RELAY_PLAIN; kind++)
		assert_in_range(n_passed[kind], 1000, N_FLOWS * PER_FLOW);
	for (int type = TD_EVENT_FIRST_PACKET; type < TD_EVENT_LEARNED; type++)
		assert_in_range(n_told[type], 100, N_FLOWS * PER_FLOW);
}

/* Every byte of both laws, in every place that a block may have. */
static void every_sample(void **state)
{
	uint8_t all[600] = { 0x80, 0 };

	(void)state;
	for (int law = 0; law < 2; law++) {
		set_flow(&in_v4, &out_v4);
		memset(relayed(), 0, sizeof(*relayed()));
		world.flow->flags |= law ? TD_FLOW_U2A : TD_FLOW_A2U;
		world.flow->pt_from[0] = 0;
		world.flow->pt_to[0] = 8;
		for (unsigned int len = 12; len < 300; len++) {
			struct packet in = in_v4;

			for (unsigned int i = 12; i < len; i++)
				all[i] = (uint8_t)(i - 12 + len);
			in.body = all;
			in.payload = len;
			same_moment();
			same_packet(&in, 0);
		}
		assert_int_equal(relayed()->transcoded, 288);
	}
}

/* A port that is not known yet is the relay's business, RTP's and RTCP's each for itself. */
static void learning(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct packet in = *ways[i].in, stranger = *ways[i].in;

		set_flow(ways[i].in, ways[i].out);
		in.sport = 4001;
		stranger.src = i & 1 ? "2001:db8:1::66" : "192.0.2.66";
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		world.flow->flags |= TD_FLOW_LEARN;
		expect(&in, XDP_PASS, TD_REASON_UP_LEARN);
		expect(&stranger, XDP_DROP, TD_REASON_WRONG_SOURCE);
		in.dport = PORT + 1;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
		world.flow->flags &= ~(uint32_t)TD_FLOW_LEARN;
		world.flow->flags |= TD_FLOW_LEARN_RTCP;
		expect(&in, XDP_PASS, TD_REASON_UP_LEARN);
		in.dport = PORT;
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	}
}

static int open_both(void **state)
{
	int err = world_open(state);

	for (uint32_t i = 0; i < TD_DSCP_CLASSES && !err; i++)
		world.dscp[i].dscp = 46 - 9 * i;
	tables.dscp = (struct td_dscp_cell *)world.dscp;
	relay.tables = &tables;
	relay.stats = calloc(TD_MAX_SLOTS, sizeof(*relay.stats));
	relay.learned = calloc(TD_MAX_SLOTS, sizeof(*relay.learned));
	relay.typing = calloc(TD_MAX_SLOTS, sizeof(*relay.typing));
	if (err || !relay.stats || !relay.learned || !relay.typing ||
	    td_ring_init(&relay.events, 64, sizeof(struct td_event)))
		return -1;
	told_ring = ring_buffer__new(bpf_map__fd(world.skel->maps.td_events), keep_event, &told,
				     NULL);
	return told_ring ? 0 : -1;
}

static int close_both(void **state)
{
	ring_buffer__free(told_ring);
	td_ring_fini(&relay.events);
	free(relay.stats);
	free(relay.learned);
	free(relay.typing);
	return world_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(same_everything),
		T(every_sample),
		T(learning),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("relay_parity", tests, open_both, close_both);
}
