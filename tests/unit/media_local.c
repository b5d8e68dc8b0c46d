// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions whose sides end at nodes: the real media thread, real packets over the loopback.
 * Phones are sockets here that say a tone in G.711 each 20 ms and keep what they hear. The
 * machine may be busy, so a phone is judged by the best half second that it heard.
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

#include "tests/lib/tones.h"
#include "userspace/base/mem.h"
#include "userspace/core/media_desc.h"
#include "userspace/media/audio/g711.h"
#include "userspace/media/media_local.h"
#include "userspace/media/media_priv.h"

#define PHONES	3
#define SECONDS	20
#define HALF	4000			/* samples in half a second */

struct phone {
	struct td_media_session *s;
	struct td_media_end end[2];
	uint32_t node;
	int rtp, rtcp;
	double hz;
	uint16_t seq;
	size_t said, n_heard;
	unsigned int packets, reports, strangers, keys;
	int tos;
	int16_t heard[8000 * SECONDS];
};

static struct td_loop *loop;
static struct td_media *m;
static struct td_audio *audio;
static struct td_config config;
static struct td_media_port port;
static struct phone phone[PHONES];
static long live;

static int udp_socket(struct td_addr *at)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t len = sizeof(a);
	int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
	td_addr_set_v4(at, 0x7f000001, ntohs(a.sin_port));
	return fd;
}

static struct td_media_party party_args(const char *codec)
{
	return (struct td_media_party){ .codec = td_str_of(codec), .dtmf_out = 101 };
}

static void ring_up(struct phone *p, double hz)
{
	struct td_media_party args = party_args("PCMU");
	struct td_addr via;

	memset(p, 0, sizeof(*p));
	p->hz = hz;
	assert_int_equal(port.ops->open(port.plane, 1, &p->s), 0);
	td_addr_set_v4(&via, 0x7f000001, 0);
	port.ops->local(p->s, 0, &via, &p->end[0].local);
	p->rtp = udp_socket(&p->end[0].remote);
	p->rtcp = udp_socket(&p->end[0].remote_rtcp);
	p->end[0].dir = TD_DIR_BOTH;
	p->end[0].rate = 8000;
	p->end[0].kbit_s = 64;
	assert_int_equal(port.ops->connect(p->s, p->end), 0);
	assert_int_equal(td_media_make_local(p->s, 0, &args, &p->node), 0);
}

static void say(struct phone *p, int fd)
{
	uint8_t data[172] = { 0x80, 0, (uint8_t)(p->seq >> 8), (uint8_t)p->seq };
	uint32_t ts = (uint32_t)p->said;
	struct sockaddr_storage to;
	int16_t pcm[160] = { 0 };
	socklen_t len = td_addr_to_sockaddr(&p->end[0].local, &to, false);

	for (int i = 0; i < 4; i++)
		data[4 + i] = (uint8_t)(ts >> (24 - 8 * i));
	tone_add(pcm, 160, p->hz, 6000, 8000, p->said);
	td_g711_ulaw_encode(data + 12, pcm, 160);
	p->seq++;
	p->said += 160;
	assert_int_equal(sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&to, len),
			 sizeof(data));
}

static void take_packet(struct phone *p, const uint8_t *data, size_t len,
			const struct sockaddr_in *from)
{
	p->packets++;
	p->strangers += ntohs(from->sin_port) != p->end[0].local.port;
	assert_true(len > 12 && data[0] == 0x80);
	p->keys += (data[1] & 0x7f) == 101 && data[12] == 7 && data[13] >> 7;
	if ((data[1] & 0x7f) || p->n_heard + len > 8000 * SECONDS)
		return;
	td_g711_ulaw_decode(p->heard + p->n_heard, data + 12, len - 12);
	p->n_heard += len - 12;
}

static void hear(struct phone *p)
{
	_Alignas(struct cmsghdr) uint8_t control[128];
	uint8_t data[2048];
	struct sockaddr_in from;
	ssize_t n;

	for (;;) {
		struct iovec iov = { data, sizeof(data) };
		struct msghdr h = {
			.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
			.msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
		};

		n = recvmsg(p->rtp, &h, 0);
		if (n < 0)
			break;
		if (CMSG_FIRSTHDR(&h))
			p->tos = *CMSG_DATA(CMSG_FIRSTHDR(&h));
		take_packet(p, data, (size_t)n, &from);
	}
	while (recv(p->rtcp, data, sizeof(data), 0) > 0)
		p->reports++;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void talk(unsigned int ms)
{
	uint64_t next = now_ms(), end = next + ms;

	while (next < end) {
		for (int i = 0; i < PHONES; i++)
			if (phone[i].node)
				say(&phone[i], phone[i].rtp);
		next += 20;
		do {
			int64_t left = (int64_t)(next - now_ms());

			td_loop_step(loop, left > 0 ? (int)left : 0);
		} while (now_ms() < next);
		for (int i = 0; i < PHONES; i++)
			hear(&phone[i]);
	}
}

/* Forget, listen. */
static void listen_for(unsigned int ms)
{
	for (int i = 0; i < PHONES; i++)
		phone[i].n_heard = phone[i].packets = 0;
	talk(ms);
}

/* In the best half second. */
static double snr(const struct phone *p, const double *hz, size_t n_hz)
{
	double best = -100;

	for (size_t at = 0; at + HALF <= p->n_heard; at += 160) {
		double db = tone_snr(p->heard + at, HALF, hz, n_hz, 8000);

		best = db > best ? db : best;
	}
	return best;
}

static int start(void **state)
{
	struct td_media_args args;

	(void)state;
	live = td_mem_live();
	config.global.rtp_port_min = 41200;
	config.global.rtp_port_max = 41399;
	config.global.dscp[TD_DSCP_MEDIA] = 46;
	loop = td_loop_new_epoll();
	args = (struct td_media_args){ .loop = loop, .config = &config };
	assert_int_equal(td_media_new(&m, &args), 0);
	audio = td_media_audio(m);
	port = td_media_port(m);
	for (int i = 0; i < PHONES; i++)
		ring_up(&phone[i], 400 + 300 * i);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (int i = 0; i < PHONES; i++) {
		port.ops->close(phone[i].s);
		close(phone[i].rtp);
		close(phone[i].rtcp);
	}
	td_media_free(m);
	td_loop_free(loop);
	assert_int_equal(td_mem_live(), live);
	return 0;
}

static void meet(void)
{
	uint32_t mixer;

	assert_int_equal(td_audio_mixer(audio, &mixer), 0);
	for (int i = 0; i < PHONES; i++) {
		assert_int_equal(td_audio_connect(audio, phone[i].node, mixer, 0), 0);
		assert_int_equal(td_audio_connect(audio, mixer, phone[i].node, 0), 0);
	}
}

static void conference(void **state)
{
	struct td_media_stats stats;

	(void)state;
	meet();
	talk(500);
	listen_for(2500);
	for (int i = 0; i < PHONES; i++) {
		double hz[2] = { phone[(i + 1) % 3].hz, phone[(i + 2) % 3].hz };

		print_message("# phone %d: %u packets, %.1f dB\n", i, phone[i].packets,
			      snr(&phone[i], hz, 2));
		assert_true(phone[i].packets > 100 && phone[i].packets < 135);
		assert_true(snr(&phone[i], hz, 2) > 30);
		assert_int_equal(phone[i].strangers, 0);
		assert_int_equal(phone[i].tos, 46 << 2);
		assert_true(phone[i].reports >= 1);
		port.ops->stats(phone[i].s, 0, &stats);
		assert_int_equal(stats.path, TD_PATH_LOCAL);
		assert_true(stats.rx_packets > 140);
		assert_int_equal(stats.lost, 0);
	}
	assert_true(td_relay_counts(m->relay)->local > 400);
	assert_int_equal(td_relay_counts(m->relay)->forwarded, 0);
}

/* Who is not the party does not come in. */
static void stranger(void **state)
{
	const double hz = 700;
	struct td_media_stats stats;
	struct phone wrong = phone[0];
	struct td_addr a;
	int fd = udp_socket(&a);

	(void)state;
	wrong.hz = 2000;
	assert_int_equal(td_audio_connect(audio, phone[0].node, phone[1].node, 0), 0);
	assert_int_equal(td_audio_connect(audio, phone[1].node, phone[0].node, 0), 0);
	for (int i = 0; i < 50; i++) {
		say(&wrong, fd);
		talk(20);
	}
	port.ops->stats(phone[0].s, 0, &stats);
	assert_int_equal(stats.wrong_source, 50);
	assert_true(snr(&phone[0], &hz, 1) > 30);
	assert_true(tone_amplitude(phone[1].heard, phone[1].n_heard, 2000, 8000) < 20);
	close(fd);
}

/* The party moves to another port, holds, and comes back: the node follows. */
static void node_follows(void **state)
{
	struct phone *p = &phone[0];
	struct td_tone tone;
	uint32_t music;
	int old = p->rtp;
	uint8_t data[256];

	(void)state;
	td_tone_country(&tone, "de", TD_TONE_DIAL);
	assert_int_equal(td_audio_play_tone(audio, &tone, &music), 0);
	assert_int_equal(td_audio_connect(audio, music, p->node, 0), 0);
	listen_for(300);
	assert_true(p->packets >= 5);
	p->rtp = udp_socket(&p->end[0].remote);
	assert_int_equal(port.ops->connect(p->s, p->end), 0);
	listen_for(300);
	assert_true(p->packets >= 5);
	while (recv(old, data, sizeof(data), 0) > 0)
		;
	close(old);
	p->end[0].dir = TD_DIR_SEND;
	assert_int_equal(port.ops->connect(p->s, p->end), 0);
	talk(60);
	listen_for(300);
	assert_int_equal(p->packets, 0);
	p->end[0].dir = TD_DIR_BOTH;
	assert_int_equal(port.ops->connect(p->s, p->end), 0);
	listen_for(300);
	assert_true(p->packets >= 5);
}

/* One session: A hears music while B waits; then the two talk to each other again. */
static void local_and_through(void **state)
{
	struct phone *a = &phone[0], *b = &phone[1];
	const double music_hz = 425, b_hz = b->hz;
	struct td_media_stats stats;
	struct td_tone tone;
	uint32_t music;

	(void)state;
	/* b becomes the other side of a's session */
	port.ops->close(b->s);
	b->s = NULL;
	a->end[1] = b->end[0];
	port.ops->local(a->s, 1, &b->end[0].local, &a->end[1].local);
	b->end[0].local = a->end[1].local;
	assert_int_equal(port.ops->connect(a->s, a->end), 0);
	td_tone_country(&tone, "de", TD_TONE_DIAL);
	assert_int_equal(td_audio_play_tone(audio, &tone, &music), 0);
	assert_int_equal(td_audio_connect(audio, music, a->node, 0), 0);
	talk(200);
	listen_for(1500);
	assert_true(snr(a, &music_hz, 1) > 25);
	assert_int_equal(b->packets, 0);
	port.ops->stats(a->s, 1, &stats);
	assert_int_equal(stats.path, TD_PATH_NONE);	/* cut off */

	td_media_make_through(a->s, 0);
	talk(100);
	listen_for(1000);
	assert_true(snr(a, &b_hz, 1) > 30);
	assert_true(b->packets > 30);
	port.ops->stats(a->s, 0, &stats);
	assert_int_equal(stats.path, TD_PATH_RELAY);
}

static void another_codec(void **state)
{
	struct td_media_party args = party_args("opus");
	struct phone *p = &phone[0];
	uint32_t old = p->node, node;

	(void)state;
	assert_int_equal(td_media_make_local(p->s, 0, &args, &node), -ENOTSUP);
	assert_int_equal(p->s->side[0].node, old);
	args = party_args("GSM");
	assert_int_equal(td_media_make_local(p->s, 0, &args, &node), 0);
	assert_int_not_equal(node, old);
	assert_int_equal(td_audio_connect(audio, phone[1].node, old, 0), -ENOENT);
	assert_int_equal(td_audio_connect(audio, phone[1].node, node, 0), 0);
	talk(100);
}

/* What the core wants the party to hear as a key comes from its node. */
static void keys(void **state)
{
	struct phone *p = &phone[0];

	(void)state;
	assert_int_equal(port.ops->press(p->s, 0, 101, '7', 100), 0);
	assert_int_equal(port.ops->press(p->s, 0, 101, 'x', 100), -EINVAL);
	for (int i = 0; i < 50 && p->keys < 3; i++)
		talk(20);
	assert_int_equal(p->keys, 3);		/* its end is told three times */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys, start, stop),
		cmocka_unit_test_setup_teardown(conference, start, stop),
		cmocka_unit_test_setup_teardown(stranger, start, stop),
		cmocka_unit_test_setup_teardown(node_follows, start, stop),
		cmocka_unit_test_setup_teardown(local_and_through, start, stop),
		cmocka_unit_test_setup_teardown(another_codec, start, stop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_local", tests, NULL, NULL);
}
