// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets through td_rtp.bpf.c by the kernel's test-run, compared byte for byte with what
 * a router by the book would send: built here from scratch, checksums computed in full and
 * not by difference. Every other outcome leaves the frame untouched, with its reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/td_map.h"
#include "bpf/td_rtp.skel.h"
#include "bpf/td_rtp_stat.h"

#define SLOT		100u
#define NEXTHOP		3u
#define DEV		5u
#define PORT		20000
#define FRAME_MAX	1600

struct port_cell {
	__u32 value, pad;
};

struct dscp_cell {
	__u32 dscp, pad;
};

static struct td_rtp *skel;
static struct port_cell *ports;
static struct td_flow *flows;
static struct td_flow_stats *stats;
static struct td_nexthop *nexthops;
static struct dscp_cell *dscp;

/* ---- a packet in words ---- */

struct packet {
	const char *src, *dst;
	uint16_t sport, dport;
	uint8_t tos, ttl;
	uint16_t frag;			/* host order, as in the header */
	bool no_udp_sum;
	uint8_t version;		/* of RTP */
	uint16_t seq;
	uint32_t ts, ssrc;
	unsigned int payload;		/* bytes after the UDP header */
	uint8_t smac, dmac;		/* last byte */
	unsigned int options;		/* IPv4 options, bytes */
};

static const struct packet good = {
	.src = "192.0.2.10", .dst = "192.0.2.1", .sport = 4000, .dport = PORT, .tos = 0x01,
	.ttl = 64, .version = 2, .seq = 7, .ts = 1000, .ssrc = 0xcafe, .payload = 172,
	.smac = 0x10, .dmac = 0x01,
};

/* good as it leaves */
static const struct packet forwarded = {
	.src = "198.51.100.1", .dst = "198.51.100.20", .sport = 20010, .dport = 5004,
	.tos = 46 << 2 | 0x01, .ttl = 63, .version = 2, .seq = 7, .ts = 1000, .ssrc = 0xcafe,
	.payload = 172, .smac = 0x02, .dmac = 0x20,
};

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint64_t sum_words(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint64_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		sum += (uint64_t)p[len - 1] << 8;
	return sum;
}

static void put_rtp(uint8_t *p, const struct packet *w)
{
	for (unsigned int i = 0; i < w->payload; i++)
		p[i] = (uint8_t)(i * 7 + 3);
	if (w->payload < 12)
		return;
	p[0] = (uint8_t)(w->version << 6);
	p[1] = 0;
	p[2] = (uint8_t)(w->seq >> 8);
	p[3] = (uint8_t)w->seq;
	for (int i = 0; i < 4; i++) {
		p[4 + i] = (uint8_t)(w->ts >> (24 - 8 * i));
		p[8 + i] = (uint8_t)(w->ssrc >> (24 - 8 * i));
	}
}

static size_t build(uint8_t frame[FRAME_MAX], const struct packet *w)
{
	uint8_t *ip = frame + 14, *udp = ip + 20 + w->options;
	uint16_t udp_len = (uint16_t)(8 + w->payload);
	struct iphdr h = {
		.version = 4, .ihl = (5 + w->options / 4) & 15, .tos = w->tos,
		.tot_len = htons((uint16_t)(20 + w->options + udp_len)), .id = htons(0x1234),
		.frag_off = htons(w->frag), .ttl = w->ttl, .protocol = 17,
	};
	struct udphdr u = {
		.source = htons(w->sport), .dest = htons(w->dport), .len = htons(udp_len),
	};
	uint64_t sum;

	memset(frame, 0, FRAME_MAX);
	memcpy(frame, (uint8_t[]){ 2, 0, 0, 0, 0, w->dmac, 2, 0, 0, 0, 0, w->smac, 8, 0 }, 14);
	assert_int_equal(inet_pton(AF_INET, w->src, &h.saddr), 1);
	assert_int_equal(inet_pton(AF_INET, w->dst, &h.daddr), 1);
	memcpy(ip, &h, sizeof(h));
	memset(ip + 20, 1, w->options);	/* no-operation */
	h.check = htons(fold(sum_words(ip, 20 + w->options)));
	memcpy(ip, &h, sizeof(h));
	memcpy(udp, &u, sizeof(u));
	put_rtp(udp + 8, w);
	if (!w->no_udp_sum) {
		sum = sum_words(ip + 12, 8) + 17 + udp_len + sum_words(udp, udp_len);
		u.check = htons(fold(sum));
		if (!u.check)
			u.check = 0xffff;
		memcpy(udp, &u, sizeof(u));
	}
	return 14u + 20 + w->options + udp_len;
}

/* ---- the world ---- */

static void v4(__u8 to[16], const char *text)
{
	memset(to, 0, 10);
	to[10] = to[11] = 0xff;
	inet_pton(AF_INET, text, to + 12);
}

static int setup(void **state)
{
	struct td_flow *f = &flows[SLOT];
	__u32 dev = DEV, ifindex = 1;

	(void)state;
	memset(f, 0, sizeof(*f));
	memset(&stats[SLOT], 0, sizeof(stats[SLOT]));
	f->gen_head = f->gen_tail = 8;
	f->flags = TD_FLOW_ACTIVE | TD_FLOW_XDP;
	v4(f->local_addr, "192.0.2.1");
	v4(f->peer_addr, "192.0.2.10");
	v4(f->new_src, "198.51.100.1");
	v4(f->new_dst, "198.51.100.20");
	f->local_port = htons(PORT);
	f->peer_port = htons(4000);
	f->peer_rtcp_port = htons(4011);
	f->new_src_port = htons(20010);
	f->new_dst_port = htons(5004);
	f->new_dst_rtcp_port = htons(5015);
	f->nexthop = NEXTHOP;
	f->dscp_class = TD_DSCP_MEDIA;
	f->ns_per_tick = 125000;
	ports[PORT].value = TD_PORT_VALUE(SLOT, 0u);
	ports[PORT + 1].value = TD_PORT_VALUE(SLOT, 1u);
	nexthops[NEXTHOP] = (struct td_nexthop){
		.flags = TD_NH_VALID, .ifindex = 1, .dev = DEV,
		.dst_mac = { 2, 0, 0, 0, 0, 0x20 }, .src_mac = { 2, 0, 0, 0, 0, 0x02 },
	};
	dscp[TD_DSCP_MEDIA].dscp = 46;
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(skel->maps.td_devs), &dev, &ifindex, 0),
			 0);
	return 0;
}

static void *map_memory(const struct bpf_map *map, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static int group_setup(void **state)
{
	(void)state;
	skel = td_rtp__open_and_load();
	if (!skel) {
		if (geteuid()) {
			print_message("1..0 # SKIP needs root\n");
			exit(4);
		}
		return -1;
	}
	ports = map_memory(skel->maps.td_rtp_ports, TD_MAX_PORTS * sizeof(*ports));
	flows = map_memory(skel->maps.td_rtp_flows, TD_MAX_SLOTS * sizeof(*flows));
	stats = map_memory(skel->maps.td_rtp_stats, TD_MAX_SLOTS * sizeof(*stats));
	nexthops = map_memory(skel->maps.td_nexthops, TD_MAX_NEXTHOPS * sizeof(*nexthops));
	dscp = map_memory(skel->maps.td_dscp, TD_DSCP_CLASSES * sizeof(*dscp));
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	td_rtp__destroy(skel);
	return 0;
}

static uint64_t reason(__u32 r)
{
	struct td_reason percpu[1024] = { { 0 } };
	uint64_t sum = 0;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(skel->maps.td_reasons), &r, percpu), 0);
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		sum += percpu[i].packets;
	return sum;
}

static uint64_t all_reasons(void)
{
	uint64_t sum = 0;

	for (__u32 r = 0; r < TD_REASON_MAX; r++)
		sum += reason(r);
	return sum;
}

static int run(const uint8_t *in, size_t len, uint8_t out[FRAME_MAX])
{
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = in, .data_size_in = (__u32)len,
			    .data_out = out, .data_size_out = FRAME_MAX, .repeat = 1);

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(skel->progs.td_rtp), &o), 0);
	assert_int_equal(o.data_size_out, len);
	return (int)o.retval;
}

static void assert_bytes(const uint8_t *got, const uint8_t *want, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (got[i] != want[i])
			fail_msg("byte %zu is %02x, not %02x", i, got[i], want[i]);
}

/* in leaves as out */
static void expect_forward(const struct packet *in, const struct packet *out)
{
	uint8_t a[FRAME_MAX], b[FRAME_MAX], got[FRAME_MAX];
	uint64_t before = reason(TD_REASON_FORWARDED);
	size_t len = build(a, in);

	assert_int_equal(build(b, out), len);
	assert_int_equal(run(a, len, got), XDP_REDIRECT);
	assert_bytes(got, b, len);
	assert_int_equal(reason(TD_REASON_FORWARDED), before + 1);
}

static void expect_untouched_frame(const uint8_t *frame, size_t len, int action, int why)
{
	uint64_t before = why < 0 ? all_reasons() : reason((__u32)why);
	uint8_t got[FRAME_MAX];

	assert_int_equal(run(frame, len, got), action);
	assert_bytes(got, frame, len);
	assert_int_equal(why < 0 ? all_reasons() : reason((__u32)why), before + (why >= 0));
}

/* why -1: no reason at all, the packet was none of ours */
static void expect(const struct packet *in, int action, int why)
{
	uint8_t frame[FRAME_MAX];
	size_t len = build(frame, in);

	expect_untouched_frame(frame, len, action, why);
}

/* ---- forwarded ---- */

static void rtp(void **state)
{
	const struct td_flow_stats *s = &stats[SLOT];

	(void)state;
	expect_forward(&good, &forwarded);
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
	struct packet in = good, out = forwarded;

	(void)state;
	for (int i = 0; i < 10; i++) {
		in.seq = out.seq = (uint16_t)(65530 + i + (i >= 5) * 3);
		in.ts = out.ts = 160u * (unsigned int)i;
		expect_forward(&in, &out);
	}
	assert_int_equal(stats[SLOT].packets, 10);
	assert_int_equal(td_rtp_stat_lost(&stats[SLOT]), 3);
}

static void rtcp(void **state)
{
	struct packet in = good, out = forwarded;

	(void)state;
	in.sport = 4011, in.dport = PORT + 1, in.payload = 28;
	out.sport = 20011, out.dport = 5015, out.payload = 28;
	expect_forward(&in, &out);
	assert_int_equal(stats[SLOT].rtcp_packets, 1);
	assert_int_equal(stats[SLOT].packets, 0);
	in.version = out.version = 1;	/* not looked at */
	expect_forward(&in, &out);
	in.sport = 4000;		/* the RTP port is the wrong source for RTCP */
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
}

static void every_length(void **state)
{
	(void)state;
	for (unsigned int n = 12; n <= 1400; n++) {
		struct packet in = good, out = forwarded;

		in.payload = out.payload = n;
		expect_forward(&in, &out);
	}
}

static void checksum_zero_stays_zero(void **state)
{
	struct packet in = good, out = forwarded;

	(void)state;
	in.no_udp_sum = out.no_udp_sum = true;
	expect_forward(&in, &out);
}

/* Every value of the checksum's low half comes by once, 0xffff for zero with them. */
static void every_checksum(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 65536; i += 5) {
		struct packet in = good, out = forwarded;

		in.seq = out.seq = (uint16_t)i;
		in.ssrc = out.ssrc = i * 2654435761u;
		expect_forward(&in, &out);
	}
}

static void checksum_that_becomes_zero(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct packet in = good, out = forwarded;

	(void)state;
	/* choose seq so that the sum of what leaves is 0xffff, sent as 0xffff and not as 0 */
	for (unsigned int i = 0; i < 65536; i++) {
		out.seq = (uint16_t)i;
		build(frame, &out);
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
		struct packet in = good, out = forwarded;

		in.tos = (uint8_t)tos;
		out.tos = (uint8_t)((tos & 3) | 46 << 2);
		expect_forward(&in, &out);
	}
	flows[SLOT].dscp_class = TD_DSCP_VIDEO;
	for (unsigned int d = 0; d < 64; d++) {
		struct packet out = forwarded;

		dscp[TD_DSCP_VIDEO].dscp = d;
		out.tos = (uint8_t)(d << 2 | 1);
		expect_forward(&good, &out);
	}
}

static void ttl_counts_down(void **state)
{
	(void)state;
	for (unsigned int ttl = 2; ttl < 256; ttl++) {
		struct packet in = good, out = forwarded;

		in.ttl = (uint8_t)ttl;
		out.ttl = (uint8_t)(ttl - 1);
		expect_forward(&in, &out);
	}
	for (unsigned int ttl = 0; ttl < 2; ttl++) {
		struct packet in = good;

		in.ttl = (uint8_t)ttl;
		expect(&in, XDP_PASS, TD_REASON_UP_TTL);
	}
}

/* Ethernet's padding of a short packet is no part of it. */
static void padded_frame(void **state)
{
	uint8_t a[FRAME_MAX], b[FRAME_MAX], got[FRAME_MAX];
	struct packet in = good, out = forwarded;
	size_t len;

	(void)state;
	in.payload = out.payload = 12;
	len = build(a, &in);
	build(b, &out);
	assert_int_equal(run(a, len + 6, got), XDP_REDIRECT);
	assert_bytes(got, b, len + 6);
}

/* ---- dropped ---- */

static void wrong_source(void **state)
{
	struct packet in = good;

	(void)state;
	in.src = "192.0.2.11";
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in = good;
	in.sport = 4001;
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	in.dport = PORT + 1;		/* RTCP is expected from 4011 */
	expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	assert_int_equal(stats[SLOT].wrong_source, 3);
	assert_int_equal(stats[SLOT].packets, 0);
}

static int count_event(void *arg, void *data, size_t size)
{
	const struct td_event *ev = data;
	unsigned int *n = arg;

	assert_int_equal(size, sizeof(*ev));
	if (ev->type == TD_EVENT_WRONG_SOURCE) {
		assert_int_equal(ev->slot, SLOT);
		assert_int_equal(ntohs(ev->port), 4999);
		n[1]++;
	} else {
		n[0]++;
	}
	return 0;
}

static int ignore_event(void *arg, void *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return 0;
}

static void forget_events(void)
{
	struct ring_buffer *rb = ring_buffer__new(bpf_map__fd(skel->maps.td_events), ignore_event,
						  NULL, NULL);

	assert_non_null(rb);
	ring_buffer__consume(rb);
	ring_buffer__free(rb);
}

static void events_are_few(void **state)
{
	unsigned int n[2] = { 0 };
	struct ring_buffer *rb;
	struct packet in = good;

	(void)state;
	forget_events();
	rb = ring_buffer__new(bpf_map__fd(skel->maps.td_events), count_event, n, NULL);
	assert_non_null(rb);
	in.sport = 4999;
	for (int i = 0; i < 50; i++)
		expect(&in, XDP_DROP, TD_REASON_WRONG_SOURCE);
	for (int i = 0; i < 5; i++)
		expect_forward(&good, &forwarded);
	ring_buffer__consume(rb);
	assert_int_equal(n[1], 1);	/* one a second */
	assert_int_equal(n[0], 1);	/* the first packet */
	assert_int_equal(stats[SLOT].wrong_source, 50);
	ring_buffer__free(rb);
}

static void bad_rtp(void **state)
{
	struct packet in = good;

	(void)state;
	for (unsigned int v = 0; v < 4; v++) {
		in.version = (uint8_t)v;
		if (v != 2)
			expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	}
	in = good;
	for (in.payload = 0; in.payload < 12; in.payload++)
		expect(&in, XDP_DROP, TD_REASON_BAD_RTP);
	assert_int_equal(stats[SLOT].bad_rtp, 3 + 12);
}

static void muted(void **state)
{
	struct packet in = good, out = forwarded;

	(void)state;
	expect_forward(&good, &forwarded);
	flows[SLOT].flags |= TD_FLOW_MUTED;
	for (int i = 0; i < 20; i++) {
		in.seq++;
		expect(&in, XDP_DROP, TD_REASON_MUTED);
	}
	in.sport = 4011, in.dport = PORT + 1;
	out.sport = 20011, out.dport = 5015, out.seq = in.seq;
	expect_forward(&in, &out);		/* RTCP goes on */
	flows[SLOT].flags &= ~(__u32)TD_FLOW_MUTED;
	in = good, out = forwarded;
	in.seq = out.seq = 30;
	expect_forward(&in, &out);
	assert_int_equal(stats[SLOT].muted, 20);
	assert_int_equal(td_rtp_stat_lost(&stats[SLOT]), 0);
}

/* ---- up the stack ---- */

static void options(void **state)
{
	struct packet in = good;

	(void)state;
	for (in.options = 4; in.options <= 40; in.options += 4)
		expect(&in, XDP_PASS, TD_REASON_UP_OPTIONS);
	in.dport = 9;
	expect(&in, XDP_PASS, -1);
}

static void fragments(void **state)
{
	struct packet in = good;

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
	struct packet in = good, out = forwarded;

	(void)state;
	in.frag = out.frag = 0x4000;
	expect_forward(&in, &out);
}

static void no_nexthop(void **state)
{
	__u32 dev = DEV;

	(void)state;
	nexthops[NEXTHOP].flags = 0;
	expect(&good, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	nexthops[NEXTHOP].flags = TD_NH_VALID;
	nexthops[NEXTHOP].gen_head = 1;		/* being written */
	expect(&good, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	nexthops[NEXTHOP].gen_head = 2;
	expect(&good, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	nexthops[NEXTHOP].gen_tail = 2;
	expect_forward(&good, &forwarded);
	bpf_map_delete_elem(bpf_map__fd(skel->maps.td_devs), &dev);
	expect(&good, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	flows[SLOT].nexthop = 0;
	expect(&good, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	flows[SLOT].nexthop = TD_MAX_NEXTHOPS + 7;
	expect(&good, XDP_PASS, TD_REASON_UP_NO_NEXTHOP);
	assert_int_equal(stats[SLOT].packets, 1);
}

static void busy(void **state)
{
	(void)state;
	flows[SLOT].gen_head = 9;
	expect(&good, XDP_PASS, TD_REASON_UP_BUSY);
	flows[SLOT].gen_tail = 9;
	expect(&good, XDP_PASS, TD_REASON_UP_BUSY);
	flows[SLOT].gen_head = 10;
	expect(&good, XDP_PASS, TD_REASON_UP_BUSY);
	flows[SLOT].gen_tail = 10;
	expect_forward(&good, &forwarded);
}

static void not_for_xdp(void **state)
{
	(void)state;
	flows[SLOT].flags = TD_FLOW_XDP;
	expect(&good, XDP_PASS, TD_REASON_UP_INACTIVE);
	flows[SLOT].flags = TD_FLOW_ACTIVE;
	expect(&good, XDP_PASS, TD_REASON_UP_RELAY);
}

static void other_local_address(void **state)
{
	struct packet in = good;

	(void)state;
	in.dst = "192.0.2.2";
	expect(&in, XDP_PASS, TD_REASON_UP_ADDRESS);
	memset(flows[SLOT].local_addr, 0, 16);	/* any */
	expect_forward(&in, &forwarded);
}

static void none_of_ours(void **state)
{
	struct packet in = good;
	uint8_t frame[FRAME_MAX];
	size_t len;

	(void)state;
	in.dport = 5060;
	expect(&in, XDP_PASS, -1);
	ports[PORT].value = 0;
	expect(&good, XDP_PASS, -1);
	ports[PORT].value = TD_PORT_VALUE(TD_MAX_SLOTS + 5u, 0u);
	expect(&good, XDP_PASS, -1);
	setup(NULL);
	len = build(frame, &good);
	frame[14 + 9] = 6;			/* TCP */
	expect_untouched_frame(frame, len, XDP_PASS, -1);
	len = build(frame, &good);
	frame[12] = 0x81;			/* a VLAN tag */
	expect_untouched_frame(frame, len, XDP_PASS, -1);
	len = build(frame, &good);
	frame[12] = 8, frame[13] = 6;		/* ARP */
	expect_untouched_frame(frame, len, XDP_PASS, -1);
}

static void ipv6(void **state)
{
	uint8_t frame[FRAME_MAX] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60 };

	(void)state;
	frame[14 + 5] = 20;			/* payload length */
	frame[14 + 6] = 17;
	frame[14 + 40 + 2] = PORT >> 8;
	frame[14 + 40 + 3] = PORT & 0xff;
	expect_untouched_frame(frame, 14 + 40 + 20, XDP_PASS, TD_REASON_UP_FAMILY);
	frame[14 + 40 + 2] = 1;
	expect_untouched_frame(frame, 14 + 40 + 20, XDP_PASS, -1);
	frame[14 + 40 + 2] = PORT >> 8;
	frame[14 + 6] = 44;			/* a fragment header */
	expect_untouched_frame(frame, 14 + 40 + 20, XDP_PASS, -1);
}

/* The frame ends anywhere: never forwarded, never touched, from the shortest that test-run
 * takes (an Ethernet header) on. */
static void truncated(void **state)
{
	uint8_t frame[FRAME_MAX], got[FRAME_MAX];
	size_t len = build(frame, &good);

	(void)state;
	for (size_t n = 14; n < len; n++) {
		assert_int_equal(run(frame, n, got), XDP_PASS);
		assert_bytes(got, frame, n);
	}
	assert_int_equal(stats[SLOT].packets, 0);
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
		size_t len = build(frame, &good);
		int v = (frame[lies[i].at] << 8 | frame[lies[i].at + 1]) + lies[i].delta;

		frame[lies[i].at] = (uint8_t)(v >> 8);
		frame[lies[i].at + 1] = (uint8_t)v;
		expect_untouched_frame(frame, len, XDP_PASS, TD_REASON_UP_LENGTH);
	}
}

#define T(name) cmocka_unit_test_setup(name, setup)

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
		T(ipv6),
		T(truncated),
		T(lengths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("rtp_test_run", tests, group_setup, group_teardown);
}
