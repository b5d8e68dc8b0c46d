// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plane without XDP: what stands in the flows after the core has said what it wants, and
 * what becomes of packets, real ones over the loopback, on their way through the relay. Two
 * parties are two pairs of sockets; the core is this file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/core/media_desc.h"
#include "userspace/media/media_priv.h"
#include "userspace/media/relay_priv.h"

#define CALL		7
#define MAX_HEARD	16
#define WAIT_MS		5000
#define QUIET_MS	200

/* ---- two parties and a core ---- */

static struct td_loop *loop;
static struct td_media *m;
static struct td_config config;
static struct td_media_port port;
static struct td_media_session *s;
static struct td_media_end end[2];
static int rtp[2], rtcp[2];

static struct td_media_event heard[MAX_HEARD];
static unsigned int n_heard;
static bool close_when_heard;

static void on_media_event(void *arg, const struct td_media_event *ev)
{
	assert_ptr_equal(arg, heard);
	if (n_heard < MAX_HEARD)
		heard[n_heard++] = *ev;
	if (close_when_heard) {
		port.ops->close(s);
		s = NULL;
	}
}

static int udp_socket(struct td_addr *at)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	struct timeval wait = { .tv_sec = 3 };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	td_addr_set_v4(at, 0x7f000001, ntohs(a.sin_port));
	return fd;
}

static void party(int side)
{
	struct td_media_end *e = &end[side];
	struct td_addr via;

	memset(e, 0, sizeof(*e));
	rtp[side] = udp_socket(&e->remote);
	rtcp[side] = udp_socket(&e->remote_rtcp);
	td_addr_set_v4(&via, 0x7f000001, 0);
	port.ops->local(s, side, &via, &e->local);
	e->leg_id = 10 + (uint32_t)side;
	e->dir = TD_DIR_BOTH;
	e->rate = 8000;
	strcpy(e->codec, "PCMU");
}

static int start(void **state)
{
	struct td_media_args args;

	(void)state;
	config.global.rtp_port_min = 41000;
	config.global.rtp_port_max = 41199;
	config.global.rtp_timeout = 0;
	loop = td_loop_new_epoll();
	args = (struct td_media_args){ .loop = loop, .config = &config };
	assert_int_equal(td_media_new(&m, &args), 0);
	port = td_media_port(m);
	n_heard = 0;
	close_when_heard = false;
	port.ops->watch(port.plane, on_media_event, heard);
	assert_int_equal(port.ops->open(port.plane, CALL, &s), 0);
	party(0);
	party(1);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	port.ops->watch(port.plane, NULL, NULL);
	port.ops->close(s);
	td_media_free(m);
	assert_int_equal(td_loop_timers_armed(loop), 0);
	td_loop_free(loop);
	for (int i = 0; i < 2; i++) {
		close(rtp[i]);
		close(rtcp[i]);
	}
	return 0;
}

static void reconnect(void)
{
	assert_int_equal(port.ops->connect(s, end), 0);
}

static const struct td_flow *flow(int side)
{
	return &m->tables.flows[td_media_slot(s, side)];
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void let_run(uint64_t ms)
{
	uint64_t until = now_ms() + ms;

	while (now_ms() < until)
		td_loop_step(loop, 10);
}

static void hear(unsigned int n)
{
	uint64_t until = now_ms() + WAIT_MS;

	while (n_heard < n && now_ms() < until)
		td_loop_step(loop, 10);
	assert_int_equal(n_heard, n);
}

/* ---- packets ---- */

struct rtp_packet {
	uint8_t bytes[200];
	size_t len;
};

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

static uint16_t seq;

static struct rtp_packet make(uint8_t pt, uint32_t ts, const void *body, size_t len)
{
	struct rtp_packet p = { .bytes = { 0x80, pt, (uint8_t)(seq >> 8), (uint8_t)seq,
					   (uint8_t)(ts >> 24), (uint8_t)(ts >> 16),
					   (uint8_t)(ts >> 8), (uint8_t)ts, 0xca, 0xfe, 0, 1 },
				.len = 12 + len };

	seq++;
	memcpy(p.bytes + 12, body, len);
	return p;
}

static void send_from(int fd, int side, bool to_rtcp, const void *data, size_t len)
{
	struct td_addr to = end[side].local;
	struct sockaddr_storage ss;
	socklen_t n;

	to.port = (uint16_t)(to.port + to_rtcp);
	n = td_addr_to_sockaddr(&to, &ss, false);
	assert_int_equal(sendto(fd, data, len, 0, (void *)&ss, n), len);
}

static void say(int side, const struct rtp_packet *p)
{
	send_from(rtp[side], side, false, p->bytes, p->len);
}

/* What a party's socket gets, and from which of our ports. */
static size_t get(int fd, uint8_t data[200], uint16_t *from)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	ssize_t n = recvfrom(fd, data, 200, 0, (void *)&a, &len);

	assert_true(n > 0);
	*from = ntohs(a.sin_port);
	return (size_t)n;
}

static void expect(int fd, const struct rtp_packet *want, uint16_t want_from)
{
	uint8_t data[200];
	uint16_t from;

	assert_int_equal(get(fd, data, &from), want->len);
	assert_memory_equal(data, want->bytes, want->len);
	assert_int_equal(from, want_from);
}

static void expect_nothing(int fd)
{
	uint8_t data[200];

	let_run(QUIET_MS);
	assert_int_equal(recv(fd, data, sizeof(data), MSG_DONTWAIT), -1);
}

/* Until the relay has dealt with it: the counter is read by this thread as "show" does. */
static void until_count(const __u64 *counter, uint64_t n)
{
	uint64_t until = now_ms() + WAIT_MS;

	while (*(const volatile __u64 *)counter < n && now_ms() < until)
		td_loop_step(loop, 5);
	assert_int_equal(*counter, n);
}

static struct td_flow_stats *counted(int side)
{
	return td_relay_stats(m->relay, td_media_slot(s, side));
}

/* ---- what is written ---- */

static void plain_flow(void **state)
{
	(void)state;
	reconnect();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(flow(i)->flags, TD_FLOW_ACTIVE | TD_FLOW_RTCP_EVENTS);
		assert_int_equal(flow(i)->dtmf_pt, TD_NO_PT);
		assert_int_equal(flow(i)->pt_from[0], TD_NO_PT);
		assert_int_equal(flow(i)->police, 0);
		assert_int_equal(flow(i)->ns_per_tick, 125000);
		assert_int_equal(ntohs(flow(i)->peer_rtcp_port), end[i].remote_rtcp.port);
		assert_int_equal(ntohs(flow(i)->new_dst_rtcp_port), end[!i].remote_rtcp.port);
	}
}

static void payload_types_and_events(void **state)
{
	(void)state;
	end[0].n_pt = 2;
	end[0].pt_from[0] = 96, end[0].pt_to[0] = 120;
	end[0].pt_from[1] = 101, end[0].pt_to[1] = 121;
	end[0].dtmf_pt = 101;
	end[1].dtmf_pt = 121;
	end[1].hold_dtmf = true;
	reconnect();
	assert_memory_equal(flow(0)->pt_from, ((uint8_t[]){ 96, 101, TD_NO_PT }), 3);
	assert_memory_equal(flow(0)->pt_to, ((uint8_t[]){ 120, 121 }), 2);
	assert_int_equal(flow(0)->dtmf_pt, 101);
	assert_int_equal(flow(0)->flags & (TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF),
			 TD_FLOW_TAP_DTMF);
	assert_int_equal(flow(1)->flags & (TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF),
			 TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF);
}

static void laws(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		end[i].n_pt = 1;
		end[i].pt_from[0] = i ? 8 : 0;
		end[i].pt_to[0] = i ? 0 : 8;
		end[i].transcode = i ? TD_TRANSCODE_A2U : TD_TRANSCODE_U2A;
	}
	reconnect();
	assert_int_equal(flow(0)->flags & (TD_FLOW_U2A | TD_FLOW_A2U), TD_FLOW_U2A);
	assert_int_equal(flow(1)->flags & (TD_FLOW_U2A | TD_FLOW_A2U), TD_FLOW_A2U);
	end[0].n_pt = 0;		/* the law of which type? */
	reconnect();
	assert_int_equal(flow(0)->flags & (TD_FLOW_U2A | TD_FLOW_A2U), 0);
}

/* More than twice what 20 ms packets need, and a 10 ms sender has room. */
static void police(void **state)
{
	(void)state;
	end[0].kbit_s = 64;
	end[1].kbit_s = 6;
	reconnect();
	assert_int_equal(flow(0)->police, 24);
	assert_int_equal(flow(1)->police, 10);
}

static void mux(void **state)
{
	(void)state;
	end[0].remote_rtcp = end[0].remote;
	memset(&end[1].remote_rtcp, 0, sizeof(end[1].remote_rtcp));
	reconnect();
	assert_int_equal(flow(0)->flags & TD_FLOW_MUX, TD_FLOW_MUX);
	assert_int_equal(flow(1)->flags & TD_FLOW_MUX, 0);
	assert_int_equal(flow(1)->new_dst_rtcp_port, flow(1)->new_dst_port);
	assert_int_equal(ntohs(flow(0)->new_dst_rtcp_port), end[1].remote.port + 1);
}

/* ---- through the relay ---- */

static void renamed_on_the_way(void **state)
{
	struct rtp_packet p = make(96, 1000, "body", 4), want = p;

	(void)state;
	end[0].n_pt = 1;
	end[0].pt_from[0] = 96, end[0].pt_to[0] = 120;
	reconnect();
	p.bytes[1] |= 0x80;		/* the marker stays */
	want.bytes[1] = 0x80 | 120;
	say(0, &p);
	expect(rtp[1], &want, end[1].local.port);
	say(1, &p);
	expect(rtp[0], &p, end[0].local.port);
}

/* The corner points of G.711: what each law calls silence and full scale (Q.192, G.711). */
static void other_law(void **state)
{
	struct rtp_packet p = make(0, 1000, "\xff\x7f\x80\x00", 4), want = p;

	(void)state;
	end[0].n_pt = 1;
	end[0].pt_from[0] = 0, end[0].pt_to[0] = 8;
	end[0].transcode = TD_TRANSCODE_U2A;
	reconnect();
	want.bytes[1] = 8;
	memcpy(want.bytes + 12, "\xd5\x55\xaa\x2a", 4);
	say(0, &p);
	expect(rtp[1], &want, end[1].local.port);
	/* another type is none of G.711's */
	p.bytes[1] = 13;
	say(0, &p);
	expect(rtp[1], &p, end[1].local.port);
	until_count(&counted(0)->transcoded, 1);
}

static void rtcp_in_rtp(void **state)
{
	struct rtp_packet report = make(200, 0, "", 0), voice = make(0, 1, "v", 1);

	(void)state;
	end[0].remote_rtcp = end[0].remote;
	reconnect();
	say(0, &voice);
	say(0, &report);
	say(0, &voice);
	expect(rtcp[1], &report, end[1].local.port + 1);
	expect(rtp[1], &voice, end[1].local.port);
	expect(rtp[1], &voice, end[1].local.port);
	/* and the other way: to the one port, from the one port */
	send_from(rtcp[1], 1, true, report.bytes, report.len);
	expect(rtp[0], &report, end[0].local.port);
	until_count(&counted(0)->rtcp_packets, 1);
	until_count(&counted(1)->rtcp_packets, 1);
}

static void first_packets(void **state)
{
	struct rtp_packet p = make(0, 1, "v", 1);

	(void)state;
	reconnect();
	say(0, &p);
	say(0, &p);
	hear(1);
	assert_int_equal(heard[0].type, TD_MEDIA_EV_FIRST_PACKET);
	assert_int_equal(heard[0].call_id, CALL);
	assert_int_equal(heard[0].leg_id, 10);
	say(1, &p);
	hear(2);
	assert_int_equal(heard[1].leg_id, 11);
	/* the other path has its first packet, too */
	td_media_on_xdp_event(m, &(struct td_event){ .type = TD_EVENT_FIRST_PACKET,
						     .slot = td_media_slot(s, 0),
						     .call_id = CALL, .leg_id = 10 });
	let_run(QUIET_MS);
	assert_int_equal(n_heard, 2);
}

static struct rtp_packet digit(uint8_t key, uint32_t ts, bool last)
{
	const uint8_t body[4] = { key, last ? 0x8a : 0x0a, last ? 3 : 0, 160 };

	return make(101, ts, body, 4);
}

/* Four packets of a digit, three ends: one digit, all of them forwarded. */
static void press(int side, uint8_t key, uint32_t ts, int pass_on)
{
	for (int i = 0; i < 7; i++) {
		struct rtp_packet p = digit(key, ts, i >= 4);

		say(side, &p);
		if (pass_on)
			expect(rtp[!side], &p, end[!side].local.port);
	}
}

static void digits(void **state)
{
	static const uint8_t keys[] = { 0, 9, 10, 11, 12, 15 };
	struct td_event again = { .type = TD_EVENT_DTMF, .call_id = CALL, .data = { 15 } };

	(void)state;
	end[0].dtmf_pt = 101;
	reconnect();
	for (unsigned int i = 0; i < sizeof(keys); i++)
		press(0, keys[i], 8000 + i * 1600, true);
	hear(1 + sizeof(keys));			/* and the first packet */
	for (unsigned int i = 0; i < sizeof(keys); i++) {
		assert_int_equal(heard[1 + i].type, TD_MEDIA_EV_DIGIT);
		assert_int_equal(heard[1 + i].digit, "09*#AD"[i]);
		assert_int_equal(heard[1 + i].leg_id, 10);
		assert_false(heard[1 + i].held);
	}
	press(0, 16, 80000, true);		/* flash: no digit */
	/* the flow changes its path in the middle of the last one */
	again.slot = td_media_slot(s, 0);
	again.rtp_ts = 8000 + 5 * 1600;
	again.time_ns = now_ms() * 1000000;
	td_media_on_xdp_event(m, &again);
	let_run(QUIET_MS);
	assert_int_equal(n_heard, 1 + sizeof(keys));
	/* the same key once more */
	again.rtp_ts += 1600;
	td_media_on_xdp_event(m, &again);
	assert_int_equal(n_heard, 2 + sizeof(keys));
	/* of a call that had the port before */
	again.rtp_ts += 1600;
	again.call_id = CALL - 1;
	td_media_on_xdp_event(m, &again);
	assert_int_equal(n_heard, 2 + sizeof(keys));
}

static void digits_held(void **state)
{
	struct rtp_packet voice = make(0, 1, "v", 1);

	(void)state;
	end[0].dtmf_pt = 101;
	end[0].hold_dtmf = true;
	reconnect();
	press(0, 5, 8000, false);
	say(0, &voice);
	expect(rtp[1], &voice, end[1].local.port);
	hear(2);
	assert_int_equal(heard[1].digit, '5');
	assert_true(heard[1].held);
	assert_int_equal(counted(0)->held_dtmf, 7);
	assert_int_equal(counted(0)->packets, 1);
}

/* ---- keys put into the media ---- */

static uint32_t voice_ts;

static struct rtp_packet voice(void)
{
	uint8_t body[160];

	memset(body, 0x55, sizeof(body));
	voice_ts += 160;
	return make(8, voice_ts, body, sizeof(body));
}

/* What B's packet is, given what A sent: an event with that much of the key, in its place. */
static void expect_key(const struct rtp_packet *sent, bool first, uint8_t key, uint32_t start,
		       uint16_t duration, bool end_bit)
{
	struct rtp_packet want = *sent;

	want.len = 16;
	want.bytes[1] = (first ? 0x80 : 0) | 97;
	put32(want.bytes + 4, start);
	want.bytes[12] = key;
	want.bytes[13] = end_bit ? 0x8a : 0x0a;
	want.bytes[14] = (uint8_t)(duration >> 8);
	want.bytes[15] = (uint8_t)duration;
	expect(rtp[1], &want, end[1].local.port);
}

static void expect_voice(int n)
{
	while (n--) {
		struct rtp_packet p = voice();

		say(0, &p);
		expect(rtp[1], &p, end[1].local.port);
	}
}

/* 100 ms are five packets, the fifth and two more say that it is over. */
static void expect_whole_key(uint8_t key)
{
	uint32_t start = voice_ts + 160;

	for (uint16_t i = 1; i <= 7; i++) {
		struct rtp_packet p = voice();

		say(0, &p);
		expect_key(&p, i == 1, key, start, (uint16_t)(160 * (i < 5 ? i : 5)), i >= 5);
	}
}

/* Keys reach the relay beside the packets. */
static void until_taken(unsigned int n)
{
	const volatile uint8_t *waiting = &m->relay->typing[td_media_slot(s, 0)].n;
	uint64_t until = now_ms() + WAIT_MS;

	while (*waiting < n && now_ms() < until)
		td_loop_step(loop, 5);
	assert_int_equal(*waiting, n);
}

static void until_done(void)
{
	uint64_t until = now_ms() + WAIT_MS;

	while (s->side[0].keys && now_ms() < until)
		td_loop_step(loop, 10);
	assert_int_equal(s->side[0].keys, 0);
}

static void pressed(void **state)
{
	struct rtp_packet own, p;

	(void)state;
	reconnect();
	assert_int_equal(port.ops->press(s, 1, 97, '5', 100), -ENOTCONN);	/* A is silent */
	expect_voice(3);
	assert_int_equal(port.ops->press(s, 1, 97, '?', 100), -EINVAL);
	assert_int_equal(port.ops->press(s, 1, 97, '5', 100), 0);
	assert_int_equal(port.ops->press(s, 1, 97, '#', 100), 0);
	until_taken(2);
	expect_whole_key(5);
	expect_voice(3);
	expect_whole_key(11);
	until_done();
	expect_voice(5);
	/* voice was dropped for it, but nothing is lost */
	assert_int_equal(counted(0)->lost_before, 0);
	assert_int_equal(counted(0)->packets, 3 + 7 + 3 + 7 + 5);
	/* what B's party says is not touched, nor keys that A presses itself meanwhile */
	assert_int_equal(port.ops->press(s, 1, 97, 'D', 1), 0);
	until_taken(1);
	p = voice();
	say(1, &p);
	expect(rtp[0], &p, end[0].local.port);
	own = make(97, voice_ts, "\x01\x0a\x00\xa0", 4);
	say(0, &own);
	expect(rtp[1], &own, end[1].local.port);
	expect_voice(3);
	p = voice();
	say(0, &p);
	expect_key(&p, true, 15, voice_ts, 160, false);	/* not shorter than others understand */
}

/* No more than the relay remembers; and none is left for the next call in the slot. */
static void too_many_keys(void **state)
{
	(void)state;
	reconnect();
	expect_voice(1);
	for (int i = 0; i < TD_RELAY_KEYS; i++)
		assert_int_equal(port.ops->press(s, 1, 97, '1', 100), 0);
	assert_int_equal(port.ops->press(s, 1, 97, '1', 100), -EBUSY);
	until_taken(TD_RELAY_KEYS);
	m->tables.flows[td_media_slot(s, 0)].call_id = CALL + 1;
	expect_voice(4);
}

static void flood(void **state)
{
	uint8_t body[160] = { 0 };
	uint64_t until;

	(void)state;
	end[0].kbit_s = 8;
	reconnect();
	for (int i = 0; i < 300; i++) {
		struct rtp_packet p = make(18, (uint32_t)i * 160, body, sizeof(body));

		say(0, &p);
	}
	until_count(&counted(0)->stream_packets, 300);	/* followed, so not lost */
	until = now_ms() + WAIT_MS;
	while (counted(0)->policed + counted(0)->packets < 300 && now_ms() < until)
		let_run(1);		/* the last one is followed before it is judged */
	assert_in_range(counted(0)->policed, 200, 299);
	assert_int_equal(counted(0)->policed + counted(0)->packets, 300);
}

/* A queue of a packet or two: what the kernel throws away is counted, to the packet. */
static void overrun(void **state)
{
	const struct td_relay_counts *n = td_relay_counts(m->relay);
	struct rtp_packet p = voice();
	uint64_t sent = 0, until;
	int small = 1;

	(void)state;
	reconnect();
	assert_int_equal(setsockopt(atomic_load(&m->relay->fds[end[0].local.port]) - 1, SOL_SOCKET,
				    SO_RCVBUF, &small, sizeof(small)), 0);
	until = now_ms() + WAIT_MS;
	while (!atomic_load(&n->overrun) && now_ms() < until) {
		for (int i = 0; i < 200; i++, sent++)
			say(0, &p);
		let_run(QUIET_MS);
		say(0, &p);		/* beside this one the kernel tells */
		sent++;
		let_run(QUIET_MS);
	}
	assert_true(atomic_load(&n->overrun) > 0);
	assert_int_equal(atomic_load(&n->overrun) + atomic_load(&n->forwarded), sent);
}

/* ---- a party behind a NAT ---- */

static void learn(int side)
{
	end[side].learn = true;
	memset(&end[side].remote_rtcp, 0, sizeof(end[side].remote_rtcp));
}

static void nat(void **state)
{
	struct rtp_packet p = make(0, 1, "v", 1), junk = make(0, 2, "j", 1);
	struct td_addr real, real_rtcp, other;
	int nat_rtp = udp_socket(&real), nat_rtcp = udp_socket(&real_rtcp);
	int thief = udp_socket(&other);

	(void)state;
	learn(0);
	reconnect();
	assert_int_equal(flow(0)->flags & (TD_FLOW_LEARN | TD_FLOW_LEARN_RTCP),
			 TD_FLOW_LEARN | TD_FLOW_LEARN_RTCP);
	junk.bytes[0] = 0;			/* no RTP: nobody's port */
	send_from(thief, 0, false, junk.bytes, junk.len);
	until_count(&counted(0)->bad_rtp, 1);
	send_from(nat_rtp, 0, false, p.bytes, p.len);
	send_from(thief, 0, false, p.bytes, p.len);	/* before signalling has heard of it */
	expect(rtp[1], &p, end[1].local.port);
	until_count(&counted(0)->wrong_source, 1);
	hear(1);
	assert_int_equal(flow(0)->flags & TD_FLOW_LEARN, 0);
	assert_int_equal(ntohs(flow(0)->peer_port), real.port);
	assert_int_equal(ntohs(flow(1)->new_dst_port), real.port);
	send_from(thief, 0, false, p.bytes, p.len);
	until_count(&counted(0)->wrong_source, 2);
	expect_nothing(rtp[1]);
	/* the other one's voice finds it */
	say(1, &p);
	expect(nat_rtp, &p, end[0].local.port);
	/* RTCP has a hole of its own in the NAT */
	junk = make(200, 0, "", 0);
	send_from(nat_rtcp, 0, true, junk.bytes, junk.len);
	expect(rtcp[1], &junk, end[1].local.port + 1);
	let_run(50);
	assert_int_equal(flow(0)->flags & TD_FLOW_LEARN_RTCP, 0);
	assert_int_equal(ntohs(flow(0)->peer_rtcp_port), real_rtcp.port);
	send_from(thief, 0, true, junk.bytes, junk.len);
	until_count(&counted(0)->wrong_source, 3);
	close(nat_rtp);
	close(nat_rtcp);
	close(thief);
}

/* With RTP and RTCP on one port there is one to learn. */
static void nat_and_mux(void **state)
{
	struct rtp_packet p = make(0, 1, "v", 1), r = make(200, 0, "", 0);
	struct td_addr real;
	int nat_rtp = udp_socket(&real);

	(void)state;
	end[0].learn = true;
	end[0].remote_rtcp = end[0].remote;
	reconnect();
	assert_int_equal(flow(0)->flags & (TD_FLOW_LEARN | TD_FLOW_LEARN_RTCP), TD_FLOW_LEARN);
	send_from(nat_rtp, 0, false, p.bytes, p.len);
	expect(rtp[1], &p, end[1].local.port);
	hear(1);
	let_run(50);
	assert_int_equal(ntohs(flow(0)->peer_port), real.port);
	assert_int_equal(flow(0)->flags & TD_FLOW_MUX, TD_FLOW_MUX);
	send_from(nat_rtp, 0, false, r.bytes, r.len);
	expect(rtcp[1], &r, end[1].local.port + 1);
	send_from(rtcp[1], 1, true, r.bytes, r.len);
	expect(nat_rtp, &r, end[0].local.port);
	close(nat_rtp);
}

/* A hold, a refresh: what was learned stays. Another address: learned anew. */
static void nat_signalled_again(void **state)
{
	struct rtp_packet p = make(0, 1, "v", 1);
	struct td_addr real, second;
	int nat_rtp = udp_socket(&real), next = udp_socket(&second);

	(void)state;
	learn(0);
	reconnect();
	send_from(nat_rtp, 0, false, p.bytes, p.len);
	expect(rtp[1], &p, end[1].local.port);
	hear(1);
	end[0].dir = TD_DIR_INACTIVE;
	reconnect();
	end[0].dir = TD_DIR_BOTH;
	reconnect();
	assert_int_equal(ntohs(flow(0)->peer_port), real.port);
	assert_int_equal(flow(0)->flags & TD_FLOW_LEARN, 0);
	end[0].remote.port++;
	reconnect();
	assert_int_equal(flow(0)->flags & TD_FLOW_LEARN, TD_FLOW_LEARN);
	assert_int_equal(ntohs(flow(1)->new_dst_port), end[0].remote.port);
	send_from(next, 0, false, p.bytes, p.len);
	expect(rtp[1], &p, end[1].local.port);
	let_run(50);
	assert_int_equal(ntohs(flow(0)->peer_port), second.port);
	end[0].learn = false;			/* the phone's nat option was taken away */
	reconnect();
	assert_int_equal(ntohs(flow(0)->peer_port), end[0].remote.port);
	close(nat_rtp);
	close(next);
}

/* Its host must be the signalled one: here all are 127.0.0.1, so the signalled one is not. */
static void nat_of_another_host(void **state)
{
	struct rtp_packet p = make(0, 1, "v", 1);

	(void)state;
	learn(0);
	td_addr_set_v4(&end[0].remote, 0x7f000002, 4000);
	reconnect();
	say(0, &p);
	until_count(&counted(0)->wrong_source, 1);
	expect_nothing(rtp[1]);
	assert_int_equal(flow(0)->flags & TD_FLOW_LEARN, TD_FLOW_LEARN);
}

/* ---- silence ---- */

static void set_limit(uint32_t seconds)
{
	config.global.rtp_timeout = seconds;
	td_media_configure(m, &config);
}

static void silence(void **state)
{
	uint64_t since;

	(void)state;
	set_limit(1);
	since = now_ms();
	reconnect();
	hear(1);
	assert_int_equal(heard[0].type, TD_MEDIA_EV_SILENCE);
	assert_int_equal(heard[0].call_id, CALL);
	assert_int_equal(heard[0].leg_id, 0);
	assert_true(now_ms() - since >= 1000);
	close_when_heard = true;		/* asked again: this time the core ends the call */
	hear(2);
	assert_null(s);
	let_run(1200);
	assert_int_equal(n_heard, 2);
}

/* One packet, of either party, RTP or RTCP, is enough; the timer costs one turn per limit. */
static void not_silent(void **state)
{
	struct rtp_packet p = make(200, 0, "", 0);
	uint64_t since = now_ms(), last = since;

	(void)state;
	set_limit(1);
	reconnect();
	while (now_ms() - since < 2500) {
		send_from(rtcp[1], 1, true, p.bytes, p.len);
		last = now_ms();
		let_run(300);
		assert_int_equal(n_heard, 0);
	}
	/* what XDP counts is heard, too */
	m->tables.stats[td_media_slot(s, 0)].last_seen_ns = (last + 700) * 1000000;
	hear(1);
	assert_true(now_ms() - last >= 1700);
}

static void hold_may_be_silent(void **state)
{
	(void)state;
	set_limit(1);
	reconnect();
	end[0].dir = TD_DIR_INACTIVE;
	reconnect();
	assert_int_equal(td_loop_timers_armed(loop), 0);
	let_run(1300);
	assert_int_equal(n_heard, 0);
	end[0].dir = TD_DIR_SEND;		/* music is expected */
	reconnect();
	hear(1);
	set_limit(0);
	assert_int_equal(td_loop_timers_armed(loop), 0);
}

/* ---- what RTCP tells ---- */

static void report(uint32_t slot, uint8_t type, uint32_t ssrc, uint64_t at_ns, uint32_t ntp_mid,
		   const uint32_t block[6])
{
	struct td_event ev = { .type = TD_EVENT_RTCP, .slot = slot, .call_id = CALL,
			       .time_ns = at_ns };
	uint8_t *p = ev.data;

	p[0] = block ? 0x81 : 0x80;
	p[1] = type;
	put32(p + 4, ssrc);
	ev.len = 8;
	if (type == 200) {
		put32(p + 8, ntp_mid >> 16);
		put32(p + 12, ntp_mid << 16);
		ev.len = 28;
	}
	for (int i = 0; block && i < 6; i++)
		put32(p + ev.len + 4 * i, block[i]);
	ev.len = (uint16_t)(ev.len + (block ? 24 : 0));
	p[3] = (uint8_t)(ev.len / 4 - 1);
	td_media_on_xdp_event(m, &ev);
}

static void reports(void **state)
{
	const uint32_t on_a[6] = { 0xcafe0001, 64u << 24 | 10, 0, 160, 0x11112222, 0x8000 };
	const uint32_t on_nobody[6] = { 0xbad, 255u << 24, 0, 9999, 0x11112222, 0 };
	struct rtp_packet voice = make(0, 1, "v", 1);
	struct td_media_stats st;
	uint32_t a, b;

	(void)state;
	strcpy(end[1].codec, "SPEEX");
	reconnect();
	port.ops->stats(s, 0, &st);
	assert_true(st.rtt_ms < 0 && st.far_loss_percent < 0 && st.far_jitter_ms < 0);
	assert_true(st.mos == 0);		/* it has not sent anything */
	say(0, &voice);
	expect(rtp[1], &voice, end[1].local.port);
	a = td_media_slot(s, 0);
	b = td_media_slot(s, 1);
	report(a, 200, 0xcafe0001, 1000000000, 0x11112222, NULL);
	/* B had it for half a second; 40 ms between us and B */
	report(b, 201, 5, 1540000000, 0, on_nobody);
	port.ops->stats(s, 1, &st);
	assert_true(st.rtt_ms < 0);
	report(b, 201, 5, 1540000000, 0, on_a);
	port.ops->stats(s, 1, &st);
	assert_true(st.rtt_ms > 39.9 && st.rtt_ms < 40.1);
	assert_true(st.far_loss_percent == 25);
	assert_true(st.far_jitter_ms == 20);
	assert_true(st.mos == 0);		/* no figures for that codec */
	port.ops->stats(s, 0, &st);
	assert_true(st.rtt_ms < 0);
	assert_true(st.mos > 4.3 && st.mos < 4.5);
	/* loss is heard */
	counted(0)->lost_before = 1;
	port.ops->stats(s, 0, &st);
	assert_true(st.mos > 1 && st.mos < 3);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(plain_flow),
		T(payload_types_and_events),
		T(laws),
		T(police),
		T(mux),
		T(renamed_on_the_way),
		T(other_law),
		T(rtcp_in_rtp),
		T(first_packets),
		T(digits),
		T(digits_held),
		T(pressed),
		T(too_many_keys),
		T(flood), T(overrun),
		T(nat),
		T(nat_and_mux),
		T(nat_signalled_again),
		T(nat_of_another_host),
		T(silence),
		T(not_silent),
		T(hold_may_be_silent),
		T(reports),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_plane", tests, NULL, NULL);
}
