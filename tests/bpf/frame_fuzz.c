// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frame_fuzz [FRAMES [SEED]] - random and mutated frames through td_rtp. Judged by a reader
 * of its own, below, which knows nothing of how the program works:
 *   - only a whole UDP packet from a flow's source to its port is rewritten or redirected,
 *     and then it carries the flow's addresses and ports;
 *   - every other frame comes back untouched, to the byte;
 *   - verdicts, reason counters and the flows' own counters add up.
 * A failure prints the seed and the frame. tests/long/frames.sh runs a million.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>

#define N_FLOWS		16u
#define BATCH		500u
#define MAX_FRAME	1800u

static unsigned long n_frames = 60000;
static uint64_t seed = 20240229, rng;

static uint32_t rnd(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 32) % below;
}

/* ---- sixteen flows, every kind ---- */

static uint16_t flow_port(unsigned int i)
{
	return (uint16_t)(PORT + 2 * i);
}

static void open_flows(void)
{
	static const uint32_t kinds[] = {
		0, TD_FLOW_MUX, TD_FLOW_PLAIN, TD_FLOW_U2A, TD_FLOW_A2U, TD_FLOW_CSUM_FULL,
		TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF, TD_FLOW_LEARN, TD_FLOW_RTCP_EVENTS,
		TD_FLOW_CAPTURE, TD_FLOW_MUTED,
	};
	struct td_nexthop tagged = *world.nh;

	tagged.tpid[0] = htons(0x8100), tagged.tci[0] = htons(100);
	world.nh[1] = tagged;
	for (unsigned int i = 0; i < N_FLOWS; i++) {
		struct td_flow *f = &world.flows[SLOT + i];

		take(&ways[i % N_WAYS]);
		*f = *world.flow;
		memset(&world.stats[SLOT + i], 0, sizeof(*world.s));
		f->flags |= kinds[i % (sizeof(kinds) / sizeof(kinds[0]))];
		f->local_port = htons(flow_port(i));
		f->nexthop = NEXTHOP + i / 8;
		f->dtmf_pt = 101;
		f->pt_from[0] = f->flags & TD_FLOW_A2U ? 8 : 0;
		f->pt_to[0] = f->flags & TD_FLOW_A2U ? 0 : 8;
		f->police = i % 5 == 4 ? 10 : 0;
		world.ports[flow_port(i)].value = TD_PORT_VALUE(SLOT + i, 0u);
		world.ports[flow_port(i) + 1].value = TD_PORT_VALUE(SLOT + i, 1u);
	}
	take(&ways[0]);			/* the first is the world's own */
}

/* ---- a reader of frames ---- */

struct seen {
	bool udp;			/* whole, plain: it may be a flow's */
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
};

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)(p[0] << 8 | p[1]);
}

static void read_v4(const uint8_t *ip, size_t len, struct seen *s)
{
	size_t udp;

	if (len < 28 || ip[0] != 0x45 || ip[9] != 17 || be16(ip + 6) & 0x3fff)
		return;
	udp = be16(ip + 24);
	if (udp < 8 || be16(ip + 2) != udp + 20 || udp + 20 > len)
		return;
	memset(s, 0, sizeof(*s));
	memset(s->src + 10, 0xff, 2);
	memset(s->dst + 10, 0xff, 2);
	memcpy(s->src + 12, ip + 12, 4);
	memcpy(s->dst + 12, ip + 16, 4);
	s->sport = (uint16_t)be16(ip + 20);
	s->dport = (uint16_t)be16(ip + 22);
	s->udp = true;
}

static void read_v6(const uint8_t *ip, size_t len, struct seen *s)
{
	size_t udp;

	if (len < 48 || ip[0] >> 4 != 6 || ip[6] != 17)
		return;
	udp = be16(ip + 44);
	if (udp < 8 || be16(ip + 4) != udp || udp + 40 > len)
		return;
	memcpy(s->src, ip + 8, 16);
	memcpy(s->dst, ip + 24, 16);
	s->sport = (uint16_t)be16(ip + 40);
	s->dport = (uint16_t)be16(ip + 42);
	s->udp = true;
}

static struct seen read_frame(const uint8_t *f, size_t len)
{
	struct seen s = { 0 };
	size_t at = 12;

	for (int tags = 0; tags < 2 && at + 6 <= len; tags++)
		if (be16(f + at) == 0x8100 || be16(f + at) == 0x88a8)
			at += 4;
	if (at + 2 > len)
		return s;
	if (be16(f + at) == 0x0800)
		read_v4(f + at + 2, len - at - 2, &s);
	else if (be16(f + at) == 0x86dd)
		read_v6(f + at + 2, len - at - 2, &s);
	return s;
}

/* The flow that this frame is of, or NULL. */
static const struct td_flow *flow_of(const struct seen *s, bool *rtcp)
{
	unsigned int i = (unsigned int)(s->dport - PORT) / 2;
	const struct td_flow *f = &world.flows[SLOT + i];

	if (!s->udp || s->dport < PORT || i >= N_FLOWS)
		return NULL;
	*rtcp = s->dport & 1;
	if (memcmp(s->dst, f->local_addr, 16) || memcmp(s->src, f->peer_addr, 16) ||
	    s->sport != ntohs(*rtcp ? f->peer_rtcp_port : f->peer_port))
		return NULL;
	return f;
}

/* ---- frames ---- */

static size_t fresh_frame(uint8_t f[FRAME_MAX])
{
	unsigned int i = rnd(N_FLOWS);
	struct packet p = *ways[i % N_WAYS].in;
	static const uint16_t tpids[] = { 0x8100, 0x88a8, 0x9100, 0x8864 };
	static const uint8_t extensions[] = { 0, 43, 44, 51, 60 };

	p.dport = (uint16_t)(flow_port(i) + (rnd(4) ? 0 : 1));
	p.sport = p.dport & 1 ? 4011 : 4000;
	p.seq = (uint16_t)rnd(65536);
	p.ts = rnd(1u << 30);
	p.ssrc = rnd(3);
	p.payload = rnd(3) ? 172 : rnd(1500);
	p.pt = (uint8_t)(rnd(2) ? 0 : rnd(128));
	p.marker = rnd(2);
	p.no_udp_sum = !rnd(20);
	for (unsigned int t = 0; t < 3 && !rnd(4); t++)
		p.tpid[t] = tpids[rnd(10) ? rnd(2) : rnd(4)];
	if (!rnd(10)) {
		p.options = 8 * (1 + rnd(3));
		p.extension = extensions[rnd(5)];
	}
	return packet_build(f, &p);
}

/* A few bytes changed, most of them where the headers are. */
static size_t mutate(uint8_t *f, size_t len)
{
	for (unsigned int k = 1 + rnd(3); k; k--) {
		size_t at = rnd(rnd(4) ? 70 : (uint32_t)len);

		if (at + 2 > len)
			continue;
		switch (rnd(6)) {
		case 0: f[at] = (uint8_t)(f[at] ^ 1u << rnd(8)); break;
		case 1: f[at] = (uint8_t)rnd(256); break;
		case 2: f[at] = f[at + 1] = rnd(2) ? 0 : 0xff; break;
		case 3: f[at + 1] = (uint8_t)(f[at + 1] + rnd(3) - 1); break;
		case 4: len = len > 14 ? 14 + rnd((uint32_t)len - 13) : len; break;
		default: len = len < MAX_FRAME ? len + rnd((uint32_t)(MAX_FRAME - len)) : len;
		}
	}
	return len;
}

static size_t next_frame(uint8_t f[FRAME_MAX])
{
	unsigned int kind = rnd(10);
	size_t len;

	if (kind == 0) {
		len = 14 + rnd(MAX_FRAME - 14);
		for (size_t i = 0; i < len; i++)
			f[i] = (uint8_t)rnd(256);
		if (rnd(2))
			memcpy(f + 12, rnd(2) ? "\x08\x00\x45" : "\x86\xdd\x60", 3);
		return len;
	}
	len = fresh_frame(f);
	return kind < 3 ? len : mutate(f, len);
}

/* ---- judging ---- */

struct counts {
	uint64_t reasons[TD_REASON_MAX];
	uint64_t redirect, pass, drop;
	uint64_t rtp, rtcp, wrong, bad, muted, policed, held;
};

static struct counts seen_so_far;

static void fail_with(const char *what, const uint8_t *f, size_t len)
{
	print_message("# seed %llu\n# ", (unsigned long long)seed);
	for (size_t i = 0; i < len; i++)
		print_message("%02x", f[i]);
	print_message("\n");
	fail_msg("%s", what);
}

static void judge(const uint8_t *in, size_t len, const uint8_t *out, size_t out_len, int verdict)
{
	struct seen before = read_frame(in, len), after;
	bool rtcp = false, mine;
	const struct td_flow *f = flow_of(&before, &rtcp);

	if (verdict != XDP_REDIRECT) {
		if (out_len != len || memcmp(in, out, len))
			fail_with("changed and not sent", in, len);
		return;
	}
	if (!f)
		fail_with("sent, and no flow's", in, len);
	after = read_frame(out, out_len);
	rtcp = rtcp || after.dport == 5015;	/* multiplexed, or not */
	mine = after.udp && !memcmp(after.src, f->new_src, 16) &&
	       !memcmp(after.dst, f->new_dst, 16) &&
	       after.sport == 20010 + rtcp && after.dport == (rtcp ? 5015 : 5004);
	if (!mine)
		fail_with("sent to somebody else", in, len);
}

static void read_counts(struct counts *c)
{
	memset(c, 0, sizeof(*c));
	for (__u32 r = 0; r < TD_REASON_MAX; r++)
		c->reasons[r] = reason(r);
	for (unsigned int i = 0; i < N_FLOWS; i++) {
		const struct td_flow_stats *s = &world.stats[SLOT + i];

		c->rtp += s->packets;
		c->rtcp += s->rtcp_packets;
		c->wrong += s->wrong_source;
		c->bad += s->bad_rtp;
		c->muted += s->muted;
		c->policed += s->policed;
		c->held += s->held_dtmf;
	}
}

static bool is_drop(__u32 r)
{
	return r == TD_REASON_WRONG_SOURCE || r == TD_REASON_BAD_RTP || r == TD_REASON_MUTED ||
	       r == TD_REASON_POLICED || r == TD_REASON_HELD_DTMF;
}

static void counters_add_up(const struct counts *began)
{
	struct counts now;
	uint64_t drop = 0, up = 0;
#define SINCE(field) (now.field - began->field)

	read_counts(&now);
	for (__u32 r = 0; r < TD_REASON_MAX; r++)
		if (is_drop(r))
			drop += SINCE(reasons[r]);
		else if (r != TD_REASON_FORWARDED)
			up += SINCE(reasons[r]);
	assert_int_equal(SINCE(reasons[TD_REASON_FORWARDED]), seen_so_far.redirect);
	assert_int_equal(drop, seen_so_far.drop);
	assert_true(up <= seen_so_far.pass);
	assert_int_equal(SINCE(rtp) + SINCE(rtcp), seen_so_far.redirect);
	assert_int_equal(SINCE(reasons[TD_REASON_WRONG_SOURCE]), SINCE(wrong));
	assert_int_equal(SINCE(reasons[TD_REASON_BAD_RTP]), SINCE(bad));
	assert_int_equal(SINCE(reasons[TD_REASON_MUTED]), SINCE(muted));
	assert_int_equal(SINCE(reasons[TD_REASON_POLICED]), SINCE(policed));
	assert_int_equal(SINCE(reasons[TD_REASON_HELD_DTMF]), SINCE(held));
}

static void frames(void **state)
{
	struct counts began;
	unsigned int kinds = 0;

	(void)state;
	rng = seed | 1;
	open_flows();
	memset(&seen_so_far, 0, sizeof(seen_so_far));
	read_counts(&began);
	for (unsigned long n = 0; n < n_frames; n++) {
		uint8_t in[FRAME_MAX], out[FRAME_MAX];
		size_t len = next_frame(in), out_len;
		int verdict = run(in, len, out, &out_len);

		judge(in, len, out, out_len, verdict);
		if (verdict == XDP_REDIRECT)
			seen_so_far.redirect++;
		else if (verdict == XDP_DROP)
			seen_so_far.drop++;
		else if (verdict == XDP_PASS)
			seen_so_far.pass++;
		else
			fail_with("a verdict that is none", in, len);
		if (n % BATCH == BATCH - 1)
			counters_add_up(&began);
	}
	counters_add_up(&began);
	/* it has to have been everywhere */
	for (__u32 r = 0; r < TD_REASON_MAX; r++)
		kinds += reason(r) != began.reasons[r];
	print_message("# %lu frames: %llu sent, %llu up, %llu dropped, %u reasons\n", n_frames,
		      (unsigned long long)seen_so_far.redirect,
		      (unsigned long long)seen_so_far.pass,
		      (unsigned long long)seen_so_far.drop, kinds);
	assert_true(seen_so_far.redirect > n_frames / 10);
	assert_true(kinds >= 14);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { T(frames) };

	if (argc > 1)
		n_frames = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("frame_fuzz", tests, world_open, world_close);
}
