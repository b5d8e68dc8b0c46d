// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * docs/packet-path.md, row by row: each class of frame through td_rtp, by IPv4, by IPv6 and
 * both ways between them; what becomes of it, which one counter says so, and not a byte
 * changed unless it is forwarded. A class that stands in only one of the two, page or test,
 * is a failure.
 */
#include "tests/bpf/rtp_world.h"
#include "userspace/media/media_priv.h"

#include <linux/bpf.h>

#define V4_IN	0x5u		/* ways[0], ways[2] */
#define V6_IN	0xau		/* ways[1], ways[3] */
#define BOTH	0xfu
#define V4_V4	0x1u
#define V4_V6	0x4u

struct frame_class {
	const char *name;
	int action;
	int why;			/* -1: not counted */
	unsigned int ways;
	void (*words)(struct packet *in, struct packet *out);
	void (*flow)(void);
	/* on the frame as bytes; returns its new length. Only for what is not forwarded. */
	size_t (*bytes)(uint8_t *frame, size_t len, size_t l3);
};

/* ---- packets in words ---- */

#define WORDS(name, ...) \
	static void name(struct packet *in, struct packet *out) { (void)out; __VA_ARGS__; }

WORDS(w_rtcp, in->sport = 4011; in->dport = PORT + 1; out->sport = 20011; out->dport = 5015)
WORDS(w_rtcp_wrong_port, in->dport = PORT + 1)
WORDS(w_df, in->frag = out->frag = 0x4000)
WORDS(w_no_sum, in->no_udp_sum = true; out->no_udp_sum = out->src == out_v4.src)
WORDS(w_half_sum, in->half_udp_sum = true)
WORDS(w_options, in->options = 8)
WORDS(w_first_fragment, in->frag = 0x2000)
WORDS(w_later_fragment, in->frag = 100)
WORDS(w_v6_fragment, in->options = 8; in->extension = 44; in->frag = 1)
WORDS(w_v6_later, in->options = 8; in->extension = 44; in->frag = 800)
WORDS(w_hopopts, in->options = 8; in->extension = 0)
WORDS(w_routing, in->options = 24; in->extension = 43)
WORDS(w_dstopts, in->options = 16; in->extension = 60)
WORDS(w_auth, in->options = 16; in->extension = 51)
WORDS(w_ttl_1, in->ttl = 1)
WORDS(w_ttl_0, in->ttl = 0)
WORDS(w_other_port, in->dport = 5060)
WORDS(w_other_addr, in->dst = in->src == in_v4.src ? "192.0.2.2" : "2001:db8:1::2")
WORDS(w_other_host, in->src = in->src == in_v4.src ? "192.0.2.66" : "2001:db8:1::66")
WORDS(w_peer_port, in->sport = 4002)
WORDS(w_version_0, in->version = 0)
WORDS(w_version_1, in->version = 1)
WORDS(w_version_3, in->version = 3)
WORDS(w_short_rtp, in->payload = 11)
WORDS(w_empty, in->payload = 0)
WORDS(w_one_tag, in->tpid[0] = 0x8100; in->tci[0] = 0xa064)
WORDS(w_two_tags, in->tpid[0] = 0x88a8; in->tci[0] = 7; in->tpid[1] = 0x8100; in->tci[1] = 9)
WORDS(w_three_tags, in->tpid[0] = 0x88a8; in->tpid[1] = 0x8100; in->tpid[2] = 0x8100)
WORDS(w_odd_tag, in->tpid[0] = 0x9100)
WORDS(w_pppoe, in->tpid[0] = 0x8864)
WORDS(w_mapped, in->src = "::192.0.2.10")
WORDS(w_long, in->payload = out->payload = 1400)
WORDS(w_video, in->pt = out->pt = 96; in->marker = out->marker = true)
WORDS(w_event, in->pt = out->pt = 101)

static void w_body(struct packet *in, struct packet *out, uint8_t first, uint8_t second)
{
	static uint8_t body[172];

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 3);
	body[0] = first;
	body[1] = second;
	body[12 + 2] = 0;
	body[12 + 3] = 2;		/* as an extension: two words */
	body[171] = 4;			/* as padding */
	in->body = out->body = body;
}

WORDS(w_csrc, w_body(in, out, 0x85, 0))
WORDS(w_extension, w_body(in, out, 0x90, 0))
WORDS(w_padding, w_body(in, out, 0xa0, 0))
WORDS(w_udptl, w_body(in, out, 0x00, 0x21))
WORDS(w_muxed, w_body(in, out, 0x81, 200); out->sport = 20011; out->dport = 5015)

static void w_long_extension(struct packet *in, struct packet *out)
{
	static uint8_t body[172];

	memset(body, 0xff, sizeof(body));
	body[0] = 0x90, body[1] = 0;
	in->body = out->body = body;
}

/* ---- flows ---- */

#define FLOW(name, ...) static void name(void) { __VA_ARGS__; }

FLOW(f_csum_full, world.flow->flags |= TD_FLOW_CSUM_FULL)
FLOW(f_mux, world.flow->flags |= TD_FLOW_MUX)
FLOW(f_plain, world.flow->flags |= TD_FLOW_PLAIN)
FLOW(f_learn, world.flow->flags |= TD_FLOW_LEARN)
FLOW(f_muted, world.flow->flags |= TD_FLOW_MUTED)
FLOW(f_inactive, world.flow->flags = 0)
FLOW(f_relay, world.flow->flags = TD_FLOW_ACTIVE)
FLOW(f_busy, world.flow->gen_head = 9)
FLOW(f_half, world.flow->gen_tail = 6)
FLOW(f_no_nexthop, world.flow->nexthop = 0)
FLOW(f_unknown_neighbour, world.nh->flags = 0)
FLOW(f_nexthop_busy, world.nh->gen_head = 7)
FLOW(f_no_device, world.nh->dev = DEV + 1)
FLOW(f_mtu, world.nh->mtu = 1400)
FLOW(f_mixed, set_addr(world.flow->new_src, world.flow->new_src[0] ? "198.51.100.1" :
			"2001:db8:2::1"))
FLOW(f_policed, world.flow->police = 1; world.s->police_ns = (__u64)-1 / 2)
FLOW(f_hold_dtmf, world.flow->flags |= TD_FLOW_HOLD_DTMF; world.flow->dtmf_pt = 101)
FLOW(f_u2a, world.flow->flags |= TD_FLOW_U2A; world.flow->pt_from[0] = 0;
     world.flow->pt_to[0] = 8)

/* ---- frames as bytes ---- */

#define BYTES(name, ...) \
	static size_t name(uint8_t *f, size_t len, size_t l3) \
	{ (void)f; (void)l3; __VA_ARGS__; return len; }

/* a field of 16 bits, changed by n */
static void add(uint8_t *p, int n)
{
	int v = (p[0] << 8 | p[1]) + n;

	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static bool frame_is_v6(const uint8_t *f, size_t l3)
{
	return f[l3] >> 4 == 6;
}

/* where total or payload length stands, and the UDP header */
static uint8_t *ip_len(uint8_t *f, size_t l3)
{
	return f + l3 + (frame_is_v6(f, l3) ? 4 : 2);
}

static uint8_t *udp_at(uint8_t *f, size_t l3)
{
	return f + l3 + (frame_is_v6(f, l3) ? 40 : 20);
}

BYTES(b_arp, f[12] = 8; f[13] = 6)
BYTES(b_tcp, f[l3 + (frame_is_v6(f, l3) ? 6 : 9)] = 6)
BYTES(b_icmp, f[l3 + (frame_is_v6(f, l3) ? 6 : 9)] = frame_is_v6(f, l3) ? 58 : 1)
BYTES(b_version, f[l3] = (uint8_t)(0x50 | (f[l3] & 15)))
BYTES(b_ihl, f[l3] = 0x44)
BYTES(b_header_sum, f[l3 + 10] ^= 1)
BYTES(b_in_ethernet, len = 14)
BYTES(b_in_ip, len = l3 + 12)
BYTES(b_in_udp, len = (size_t)(udp_at(f, l3) - f) + 7)
BYTES(b_in_payload, len -= 1)
BYTES(b_udp_short, add(udp_at(f, l3) + 4, 7 - 180); add(ip_len(f, l3), 7 - 180))
BYTES(b_ip_longer, add(ip_len(f, l3), 1))
BYTES(b_ip_shorter, add(ip_len(f, l3), -1))
BYTES(b_udp_longer, add(udp_at(f, l3) + 4, 1))
BYTES(b_udp_shorter, add(udp_at(f, l3) + 4, -1))
BYTES(b_both_longer, add(udp_at(f, l3) + 4, 1); add(ip_len(f, l3), 1))
BYTES(b_v6_cut_extension, f[l3 + 6] = 0; len = l3 + 40 + 7)

/* four destination options headers, then UDP: more than are looked behind */
static size_t b_v6_many(uint8_t *f, size_t len, size_t l3)
{
	memmove(f + l3 + 40 + 32, f + l3 + 40, len - l3 - 40);
	memset(f + l3 + 40, 0, 32);
	f[l3 + 6] = 60;
	for (unsigned int i = 0; i < 4; i++)
		f[l3 + 40 + 8 * i] = i < 3 ? 60 : 17;
	add(f + l3 + 4, 32);
	return len + 32;
}

#define FWD(w) .ways = (w), .action = XDP_REDIRECT, .why = TD_REASON_FORWARDED
#define UP(r, w) .ways = (w), .action = XDP_PASS, .why = TD_REASON_UP_##r
#define NOT_OURS(w) .ways = (w), .action = XDP_PASS, .why = -1
#define DROP(r, w) .ways = (w), .action = XDP_DROP, .why = TD_REASON_##r

static const struct frame_class classes[] = {
	{ "RTP", FWD(BOTH) },
	{ "RTP, another payload type, marker", FWD(BOTH), .words = w_video },
	{ "RTP with contributing sources", FWD(BOTH), .words = w_csrc },
	{ "RTP with a header extension", FWD(BOTH), .words = w_extension },
	{ "RTP with a header extension longer than the packet", FWD(BOTH),
	  .words = w_long_extension },
	{ "RTP with padding", FWD(BOTH), .words = w_padding },
	{ "RTCP", FWD(BOTH), .words = w_rtcp },
	{ "RTCP on the RTP port, agreed (RFC 5761)", FWD(BOTH), .words = w_muxed, .flow = f_mux },
	{ "UDPTL and other plain UDP, agreed", FWD(BOTH), .words = w_udptl, .flow = f_plain },
	{ "a telephone event (RFC 4733)", FWD(BOTH), .words = w_event },
	{ "don't fragment set", FWD(V4_IN & V4_V4), .words = w_df },
	{ "no UDP checksum, IPv4", FWD(V4_IN), .words = w_no_sum },
	{ "an unfinished UDP checksum, `checksum 'full'`", FWD(BOTH),
	  .words = w_half_sum, .flow = f_csum_full },
	{ "one VLAN tag", FWD(BOTH), .words = w_one_tag },
	{ "two VLAN tags", FWD(BOTH), .words = w_two_tags },
	{ "as long as the way's MTU allows", FWD(BOTH), .flow = f_mtu },

	{ "another host's packet to a flow's port", DROP(WRONG_SOURCE, BOTH),
	  .words = w_other_host },
	{ "the right host, another port", DROP(WRONG_SOURCE, BOTH), .words = w_peer_port },
	{ "RTCP from the RTP port, not agreed", DROP(WRONG_SOURCE, BOTH),
	  .words = w_rtcp_wrong_port },
	{ "the same four bytes in the other family", DROP(WRONG_SOURCE, V6_IN), .words = w_mapped },
	{ "RTP version 0", DROP(BAD_RTP, BOTH), .words = w_version_0 },
	{ "RTP version 1", DROP(BAD_RTP, BOTH), .words = w_version_1 },
	{ "RTP version 3", DROP(BAD_RTP, BOTH), .words = w_version_3 },
	{ "shorter than an RTP header", DROP(BAD_RTP, BOTH), .words = w_short_rtp },
	{ "an empty UDP packet", DROP(BAD_RTP, BOTH), .words = w_empty },
	{ "to be transcoded, header lengths that lie", DROP(BAD_RTP, BOTH),
	  .words = w_long_extension,
	  .flow = f_u2a },
	{ "RTP of a party on hold", DROP(MUTED, BOTH), .flow = f_muted },
	{ "more than the codec can send", DROP(POLICED, BOTH), .flow = f_policed },
	{ "a telephone event that is sent on in another form", DROP(HELD_DTMF, BOTH),
	  .words = w_event,
	  .flow = f_hold_dtmf },

	{ "IPv4 options", UP(OPTIONS, V4_IN), .words = w_options },
	{ "IPv4, first fragment", UP(FRAGMENT, V4_IN), .words = w_first_fragment },
	{ "IPv4, later fragment, of any UDP", UP(FRAGMENT, V4_IN), .words = w_later_fragment },
	{ "IPv6, first fragment", UP(FRAGMENT, V6_IN), .words = w_v6_fragment },
	{ "IPv6, later fragment, of any UDP", UP(FRAGMENT, V6_IN), .words = w_v6_later },
	{ "IPv6 hop-by-hop options", UP(FAMILY, V6_IN), .words = w_hopopts },
	{ "IPv6 routing header", UP(FAMILY, V6_IN), .words = w_routing },
	{ "IPv6 destination options", UP(FAMILY, V6_IN), .words = w_dstopts },
	{ "a flow whose new addresses are of two families", UP(FAMILY, BOTH), .flow = f_mixed },
	{ "TTL or hop limit 1", UP(TTL, BOTH), .words = w_ttl_1 },
	{ "TTL or hop limit 0", UP(TTL, BOTH), .words = w_ttl_0 },
	{ "IP length longer than UDP's", UP(LENGTH, BOTH), .bytes = b_ip_longer },
	{ "IP length shorter than UDP's", UP(LENGTH, BOTH), .bytes = b_ip_shorter },
	{ "UDP length longer than IP's", UP(LENGTH, BOTH), .bytes = b_udp_longer },
	{ "UDP length shorter than IP's", UP(LENGTH, BOTH), .bytes = b_udp_shorter },
	{ "UDP length below 8", UP(LENGTH, BOTH), .bytes = b_udp_short },
	{ "both lengths beyond the frame", UP(LENGTH, BOTH), .bytes = b_both_longer },
	{ "a frame that ends in the payload", UP(LENGTH, BOTH), .bytes = b_in_payload },
	{ "a wrong IPv4 header checksum, to be translated", UP(CHECKSUM, V4_V6),
	  .bytes = b_header_sum },
	{ "no UDP checksum, IPv6", UP(CHECKSUM, V6_IN), .words = w_no_sum },
	{ "longer than the way's MTU", UP(MTU, BOTH), .words = w_long, .flow = f_mtu },
	{ "sent to another address of ours", UP(ADDRESS, BOTH), .words = w_other_addr },
	{ "the right host, another port, learning", UP(LEARN, BOTH),
	  .words = w_peer_port, .flow = f_learn },
	{ "the flow is being written", UP(BUSY, BOTH), .flow = f_busy },
	{ "the flow was written meanwhile", UP(BUSY, BOTH), .flow = f_half },
	{ "the other party is not known yet", UP(INACTIVE, BOTH), .flow = f_inactive },
	{ "the flow is the relay's", UP(RELAY, BOTH), .flow = f_relay },
	{ "no way to the other party", UP(NO_NEXTHOP, BOTH), .flow = f_no_nexthop },
	{ "its neighbour is not known", UP(NO_NEXTHOP, BOTH), .flow = f_unknown_neighbour },
	{ "the next hop is being written", UP(NO_NEXTHOP, BOTH), .flow = f_nexthop_busy },
	{ "the way out has no XDP", UP(NO_NEXTHOP, BOTH), .flow = f_no_device },
	{ "three VLAN tags", UP(TAGS, BOTH), .words = w_three_tags },
	{ "PPPoE", UP(TAGS, BOTH), .words = w_pppoe },

	{ "UDP to a port without a flow", NOT_OURS(BOTH), .words = w_other_port },
	{ "TCP", NOT_OURS(BOTH), .bytes = b_tcp },
	{ "ICMP", NOT_OURS(BOTH), .bytes = b_icmp },
	{ "ARP", NOT_OURS(BOTH), .bytes = b_arp },
	{ "a link type that nobody standardised", NOT_OURS(BOTH), .words = w_odd_tag },
	{ "another IP version", NOT_OURS(BOTH), .bytes = b_version },
	{ "IPv4 header length below 20", NOT_OURS(V4_IN), .bytes = b_ihl },
	{ "a frame that ends behind Ethernet", NOT_OURS(BOTH), .bytes = b_in_ethernet },
	{ "a frame that ends in the IP header", NOT_OURS(BOTH), .bytes = b_in_ip },
	{ "a frame that ends in the UDP header", NOT_OURS(BOTH), .bytes = b_in_udp },
	{ "IPv6 authentication header", NOT_OURS(V6_IN), .words = w_auth },
	{ "IPv6, a frame that ends in an extension header", NOT_OURS(V6_IN),
	  .bytes = b_v6_cut_extension },
	{ "IPv6, more than three extension headers", NOT_OURS(V6_IN), .bytes = b_v6_many },
};

#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))

static void run_class(const struct frame_class *c, const struct way *w)
{
	struct packet in = *w->in, out = *w->out;
	uint64_t before = all_reasons();
	uint8_t frame[FRAME_MAX];
	size_t len;

	world_reset(NULL);
	take(w);
	world.nh->gen_head = 0;
	if (c->words)
		c->words(&in, &out);
	if (c->flow)
		c->flow();
	if (c->action == XDP_REDIRECT) {
		expect_forward(&in, &out);
	} else {
		len = packet_build(frame, &in);
		if (c->bytes)
			len = c->bytes(frame, len, 14);
		expect_untouched_frame(frame, len, c->action, c->why);
		assert_int_equal(world.s->packets, 0);
	}
	assert_int_equal(all_reasons(), before + (c->why >= 0));
}

static void each_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CLASSES; i++)
		for (size_t k = 0; k < N_WAYS; k++)
			if (classes[i].ways >> k & 1) {
				print_message("# %s, way %zu\n", classes[i].name, k);
				run_class(&classes[i], &ways[k]);
			}
}

/* ---- the page ---- */

static const char *outcome(int action)
{
	return action == XDP_REDIRECT ? "forwarded" : action == XDP_DROP ? "dropped" : "up";
}

/* The row as it has to stand there. */
static void row_of(const struct frame_class *c, char *row, size_t size)
{
	if (c->why >= 0)
		snprintf(row, size, "| %s | %s | `%s` |", c->name, outcome(c->action),
			 td_media_reason_name((uint32_t)c->why));
	else
		snprintf(row, size, "| %s | %s | none |", c->name, outcome(c->action));
}

/* Rows of the table of classes: three cells, the second an outcome. */
static bool is_class_row(const char *line)
{
	return strstr(line, " | forwarded | ") || strstr(line, " | dropped | ") ||
	       strstr(line, " | up | ");
}

static void the_page_says_the_same(void **state)
{
	FILE *f = fopen("docs/packet-path.md", "r");
	char line[512], row[256];
	bool seen[N_CLASSES] = { false };

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		size_t i;

		line[strcspn(line, "\n")] = '\0';
		if (!is_class_row(line))
			continue;
		for (i = 0; i < N_CLASSES; i++) {
			row_of(&classes[i], row, sizeof(row));
			if (!strcmp(row, line))
				break;
		}
		if (i == N_CLASSES)
			fail_msg("no test of: %s", line);
		seen[i] = true;
	}
	fclose(f);
	for (size_t i = 0; i < N_CLASSES; i++) {
		row_of(&classes[i], row, sizeof(row));
		if (!seen[i])
			fail_msg("not in docs/packet-path.md: %s", row);
	}
}

/* Every counter has a class that moves it, but for one: up_fork needs a fork (tests/bpf/fork.c). */
static void each_counter_has_a_class(void **state)
{
	bool moved[TD_REASON_MAX] = { [TD_REASON_UP_FORK] = true };

	(void)state;
	for (size_t i = 0; i < N_CLASSES; i++)
		if (classes[i].why >= 0)
			moved[classes[i].why] = true;
	for (int r = 0; r < TD_REASON_MAX; r++)
		if (!moved[r])
			fail_msg("no class for %s", td_media_reason_name((uint32_t)r));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(each_class),
		T(the_page_says_the_same),
		T(each_counter_has_a_class),
	};

	if (argc > 1 && !strcmp(argv[1], "--rows")) {
		for (size_t i = 0; i < N_CLASSES; i++) {
			char row[256];

			row_of(&classes[i], row, sizeof(row));
			puts(row);
		}
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("frame_classes", tests, world_open, world_close);
}
