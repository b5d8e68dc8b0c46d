// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The patch bay as a whole: parties that speak and hear in RTP, judged by the tones that
 * arrive. Both halves run here by turns, with a clock of the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/tones.h"
#include "userspace/base/mem.h"
#include "userspace/media/audio/audio.h"
#include "userspace/media/audio/codec.h"
#include "userspace/media/rtcp.h"

#define MOST		64
#define SECONDS		4
#define FRAME_NS	20000000ull
#define PT		96
#define DTMF_PT		101

/* A phone far away: says a tone, keeps what it hears. */
struct phone {
	uint32_t id, slot;
	struct td_audio_codec codec;
	double hz, amplitude;
	bool silent;			/* sends nothing */
	uint16_t seq;
	uint32_t ts;
	size_t said;
	int16_t heard[16000 * SECONDS];
	size_t n_heard;
	uint8_t last[2048];		/* packet */
	unsigned int last_len, packets, markers, reports;
	struct td_rtcp report;
	struct { uint8_t pt; bool marker; uint16_t seq; uint32_t ts; uint8_t body[4]; } log[128];
	size_t n_log;
};

struct world {
	struct td_audio *a;
	struct td_loop *loop;
	struct phone phone[MOST];
	size_t n;
	uint64_t now;
	uint32_t ended;			/* id */
	long live;
};

static struct world w;

static void on_send(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
		    unsigned int len)
{
	struct phone *p = &w.phone[ntohs(way->new_dst_port) / 2 - 1];
	int n;

	(void)arg;
	if (rtcp) {
		assert_int_equal(td_rtcp_parse(data, len, &p->report), 0);
		p->reports++;
		return;
	}
	assert_true(len > 12 && len <= sizeof(p->last));
	memcpy(p->last, data, len);
	p->last_len = len;
	p->packets++;
	p->markers += data[1] >> 7;
	if (p->n_log < 128) {
		size_t at = p->n_log++;

		p->log[at].pt = data[1] & 0x7f;
		p->log[at].marker = data[1] >> 7;
		p->log[at].seq = (uint16_t)(data[2] << 8 | data[3]);
		p->log[at].ts = (uint32_t)data[4] << 24 | (uint32_t)data[5] << 16 |
				(uint32_t)data[6] << 8 | data[7];
		memcpy(p->log[at].body, data + 12, 4);
	}
	if ((data[1] & 0x7f) != PT)
		return;
	n = td_audio_codec_decode(&p->codec, p->heard + p->n_heard,
				  sizeof(p->heard) / 2 - p->n_heard, data + 12, len - 12);
	assert_true(n > 0);
	p->n_heard += (size_t)n;
}

static void on_ended(void *arg, uint32_t id)
{
	(void)arg;
	w.ended = id;
}

static void start(void)
{
	struct td_audio_args args = { .send = on_send, .on_ended = on_ended };

	memset(&w, 0, sizeof(w));
	w.live = td_mem_live();
	w.now = 1000 * FRAME_NS;
	w.loop = args.loop = td_loop_new_epoll();
	assert_int_equal(td_audio_new(&w.a, &args), 0);
}

static void stop(void)
{
	td_audio_free(w.a);
	td_loop_free(w.loop);
	for (size_t i = 0; i < w.n; i++)
		td_audio_codec_close(&w.phone[i].codec);
	assert_int_equal(td_mem_live(), w.live);
}

static struct td_audio_rtp_args rtp_args(const char *codec, size_t i)
{
	struct td_audio_rtp_args args = {
		.slot = (uint32_t)i + 1, .codec = td_str_of(codec), .pt_in = PT, .pt_out = PT,
		.dtmf_out = DTMF_PT,
	};

	args.way.new_dst_port = htons((uint16_t)(2 * (i + 1)));
	args.way.new_dst_rtcp_port = htons((uint16_t)(2 * (i + 1) + 1));
	return args;
}

static struct phone *ring_up(const char *codec, double hz, double amplitude)
{
	struct td_audio_rtp_args args = rtp_args(codec, w.n);
	struct phone *p = &w.phone[w.n];

	assert_true(w.n < MOST);
	assert_int_equal(td_audio_codec_open(&p->codec, args.codec, 0), 0);
	assert_int_equal(td_audio_rtp(w.a, &args, &p->id), 0);
	p->slot = (uint32_t)++w.n;
	p->hz = hz;
	p->amplitude = amplitude;
	p->ts = 1000 * p->slot;
	return p;
}

static size_t make_packet(struct phone *p, uint8_t *data, uint8_t pt)
{
	uint8_t head[12] = {
		0x80, pt, (uint8_t)(p->seq >> 8), (uint8_t)p->seq, (uint8_t)(p->ts >> 24),
		(uint8_t)(p->ts >> 16), (uint8_t)(p->ts >> 8), (uint8_t)p->ts, 0, 0, 0,
		(uint8_t)p->slot,
	};
	size_t n = p->codec.rate / 50;
	int16_t pcm[320] = { 0 };

	tone_add(pcm, n, p->hz, p->amplitude, p->codec.rate, p->said);
	memcpy(data, head, 12);
	p->seq++;
	p->ts += p->codec.clock / 50;
	p->said += n;
	return 12 + td_audio_codec_encode(&p->codec, data + 12, pcm, n);
}

static void speak(struct phone *p)
{
	uint8_t data[2048];
	size_t len = make_packet(p, data, PT);

	if (!p->silent)
		td_audio_receive(w.a, p->slot, data, len, w.now - 5000000);
}

static void run(double seconds)
{
	for (int i = 0; i < (int)(seconds * 50 + 0.5); i++) {
		w.now += FRAME_NS;
		for (size_t k = 0; k < w.n; k++)
			if (w.phone[k].id)
				speak(&w.phone[k]);
		td_audio_tick(w.a, w.now);
		td_loop_step(w.loop, 0);
	}
}

/* Forget what was heard; listen for so long. */
static void listen_for(double seconds)
{
	for (size_t k = 0; k < w.n; k++)
		w.phone[k].n_heard = w.phone[k].n_log = 0;
	run(seconds);
}

/* How loud the tone is in the last second that the phone heard. */
static double level(const struct phone *p, double hz)
{
	size_t n = p->codec.rate;

	assert_true(p->n_heard >= n);
	return tone_amplitude(p->heard + p->n_heard - n, n, hz, p->codec.rate);
}

static double snr(const struct phone *p, const double *hz, size_t n_hz)
{
	size_t n = p->codec.rate;

	assert_true(p->n_heard >= n);
	return tone_snr(p->heard + p->n_heard - n, n, hz, n_hz, p->codec.rate);
}

static void join(uint32_t mixer, struct phone *p)
{
	assert_int_equal(td_audio_connect(w.a, p->id, mixer, 0), 0);
	assert_int_equal(td_audio_connect(w.a, mixer, p->id, 0), 0);
}

/* ---- conferences ---- */

static void three_meet(const char *a, const char *b, const char *c, double least)
{
	static const double hz[] = { 450, 700, 1150 };
	struct phone *p[3];
	uint32_t mixer;

	start();
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	p[0] = ring_up(a, hz[0], 6000);
	p[1] = ring_up(b, hz[1], 6000);
	p[2] = ring_up(c, hz[2], 6000);
	for (int i = 0; i < 3; i++)
		join(mixer, p[i]);
	run(1);
	listen_for(1.5);
	for (int i = 0; i < 3; i++) {
		double others[2] = { hz[(i + 1) % 3], hz[(i + 2) % 3] };
		double db = snr(p[i], others, 2);

		print_message("# %s hears %.0f and %.0f Hz: %.1f dB, itself %.0f\n",
			      td_audio_codec_name(&p[i]->codec), others[0], others[1], db,
			      level(p[i], hz[i]));
		assert_true(level(p[i], others[0]) > 5400 && level(p[i], others[0]) < 6600);
		assert_true(level(p[i], others[1]) > 5400 && level(p[i], others[1]) < 6600);
		assert_true(level(p[i], hz[i]) < 60);
		assert_true(db > least);
	}
	stop();
}

static void conference(void **state)
{
	(void)state;
	three_meet("PCMU", "PCMA", "PCMU", 30);
	three_meet("G722", "PCMA", "PCMU", 24);
	three_meet("G722", "G722", "PCMU", 24);
	three_meet("G726-32", "L16", "PCMU", 22);
}

/* Thirty-two speak at once: everybody hears all others. */
static void crowd(void **state)
{
	uint32_t mixer;

	(void)state;
	start();
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	for (int i = 0; i < 32; i++)
		join(mixer, ring_up("L16", 300 + 50 * i, 700));
	run(1);
	listen_for(1.2);
	for (int i = 0; i < 32; i++)
		for (int k = 0; k < 32; k++) {
			double l = level(&w.phone[i], w.phone[k].hz);

			assert_true(i == k ? l < 5 : l > 650 && l < 750);
		}
	stop();
}

static void wideband_if_two_are(void **state)
{
	struct phone *a, *b, *c;
	const double hz = 5000;
	uint32_t mixer;

	(void)state;
	start();
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	a = ring_up("G722", hz, 5000);
	b = ring_up("G722", 900, 5000);
	c = ring_up("PCMU", 1300, 5000);
	join(mixer, a);
	join(mixer, c);
	run(1);
	listen_for(1.2);
	assert_true(level(c, hz) < 50 && level(c, 3000) < 50);	/* no alias either */
	join(mixer, b);
	run(1);
	listen_for(1.2);
	assert_true(level(b, hz) > 4000 && level(b, 1300) > 4500);
	assert_true(level(c, hz) < 50 && level(c, 3000) < 50 && level(c, 900) > 4500);
	assert_true(level(a, 900) > 4500 && level(a, 1300) > 4500 && level(a, hz) < 60);
	stop();
}

/* Largest step that a tone of this frequency and amplitude makes by itself. */
static double own_step(double hz, double amplitude)
{
	return amplitude * 2 * M_PI * hz / 8000 + 40;
}

static void nobody_clicks(void **state)
{
	struct phone *a, *b, *c;
	uint32_t mixer;

	(void)state;
	start();
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	a = ring_up("L16", 0, 0);
	b = ring_up("L16", 61, 12000);
	c = ring_up("L16", 0, 0);
	join(mixer, a);
	run(1);
	listen_for(0.1);
	join(mixer, b);			/* in the middle of its period */
	run(0.27);
	assert_int_equal(td_audio_mute(w.a, b->id, mixer, true), 0);
	run(0.13);
	assert_true(tone_rms(a->heard + a->n_heard - 400, 400) == 0);
	assert_int_equal(td_audio_mute(w.a, b->id, mixer, false), 0);
	run(0.31);
	assert_true(tone_rms(a->heard + a->n_heard - 400, 400) > 5000);
	join(mixer, c);
	run(0.1);
	td_audio_destroy(w.a, b->id);
	b->id = 0;
	run(0.2);
	assert_true(tone_rms(a->heard + a->n_heard - 400, 400) == 0);
	assert_true(tone_rms(a->heard, a->n_heard) > 3000);
	assert_true(tone_largest_step(a->heard, a->n_heard) < own_step(61, 12000) + 12000 / 160);
	stop();
}

static void muted_still_hears(void **state)
{
	struct phone *a, *b;
	uint32_t mixer;

	(void)state;
	start();
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	a = ring_up("PCMU", 500, 5000);
	b = ring_up("PCMU", 900, 5000);
	join(mixer, a);
	join(mixer, b);
	assert_int_equal(td_audio_mute(w.a, a->id, mixer, true), 0);
	run(1);
	listen_for(1.2);
	assert_true(level(a, 900) > 4500);
	assert_true(level(b, 500) < 5);
	stop();
}

static void gain(void **state)
{
	struct phone *a, *b;

	(void)state;
	start();
	a = ring_up("L16", 500, 4000);
	b = ring_up("L16", 900, 4000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, -6), 0);
	run(1);
	listen_for(1.2);
	assert_true(fabs(level(b, 500) - 4000 * pow(10, -0.3)) < 20);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 6), 0);
	run(0.1);
	listen_for(1.2);
	assert_true(fabs(level(b, 500) - 4000 * pow(10, 0.3)) < 40);
	assert_int_equal(a->n_heard, 0);	/* one way only */
	stop();
}

/* ---- codecs ---- */

static void transcode(const char *x, const char *y)
{
	struct phone *a, *b;
	double hz = 1000;	/* vocoders keep not every tone as loud as it was */

	start();
	a = ring_up(x, 500, 6000);
	b = ring_up(y, hz, 6000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	assert_int_equal(td_audio_connect(w.a, b->id, a->id, 0), 0);
	run(1);
	listen_for(1.2);
	assert_true(level(b, 500) > 5000 && level(b, 500) < 7000);
	assert_true(level(a, hz) > 4500 && level(a, hz) < 7000);
	assert_true(snr(a, &hz, 1) > 15);
	stop();
}

static void another_codec(void **state)
{
	(void)state;
	transcode("PCMU", "PCMA");
	transcode("G722", "GSM");
	transcode("G729", "PCMA");
	transcode("G726-32", "G722");
}

static void packet_sizes(void **state)
{
	static const unsigned int ms[] = { 10, 20, 30, 40, 60, 0, 5, 200 };
	static const unsigned int want[] = { 10, 20, 30, 40, 60, 20, 20, 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
		struct td_audio_rtp_args args = rtp_args("PCMU", 0);
		struct phone *p = &w.phone[0];
		uint32_t tone_id;
		struct td_tone tone;
		double hz = 425;

		start();
		args.ptime_ms = (uint16_t)ms[i];
		assert_int_equal(td_audio_rtp(w.a, &args, &p->id), 0);
		assert_int_equal(td_audio_codec_open(&p->codec, args.codec, 0), 0);
		w.n = 1;
		p->slot = 1;
		td_tone_country(&tone, "de", TD_TONE_DIAL);
		assert_int_equal(td_audio_play_tone(w.a, &tone, &tone_id), 0);
		assert_int_equal(td_audio_connect(w.a, tone_id, p->id, 0), 0);
		run(1.2);
		assert_int_equal(p->last_len, 12 + 8 * want[i]);
		assert_int_equal(p->log[1].ts - p->log[0].ts, 8 * want[i]);
		assert_int_equal((uint16_t)(p->log[1].seq - p->log[0].seq), 1);
		assert_true(p->log[0].marker && !p->log[1].marker);
		assert_true(snr(p, &hz, 1) > 30);
		stop();
	}
}

/* ---- players ---- */

static struct td_clip *make_clip(uint32_t rate, size_t n, double hz)
{
	static uint8_t file[TD_WAV_HEADER + 2 * 16000];
	int16_t *pcm = calloc(n, 2);
	struct td_clip *clip;
	const char *why;

	tone_add(pcm, n, hz, 8000, rate, 0);
	td_wav_header(file, rate, (uint32_t)(2 * n));
	for (size_t i = 0; i < n; i++) {
		file[TD_WAV_HEADER + 2 * i] = (uint8_t)pcm[i];
		file[TD_WAV_HEADER + 2 * i + 1] = (uint8_t)((uint16_t)pcm[i] >> 8);
	}
	free(pcm);
	assert_int_equal(td_clip_from_bytes(&clip, file, TD_WAV_HEADER + 2 * n, &why), 0);
	return clip;
}

/* One player, many listeners in several codecs; the file is no whole number of frames long. */
static void music_on_hold(void **state)
{
	struct td_clip *clip;
	static const char *const codecs[] = { "PCMU", "PCMA", "G722", "L16" };
	const double hz = 500;
	uint32_t music;

	(void)state;
	start();
	clip = make_clip(8000, 8000 / 5 + 80, 500);
	assert_int_equal(td_audio_play_clip(w.a, clip, true, &music), 0);
	for (int i = 0; i < 40; i++) {
		struct phone *p = ring_up(codecs[i % 4], 700, 0);

		assert_int_equal(td_audio_connect(w.a, music, p->id, 0), 0);
	}
	run(0.5);
	listen_for(1.2);
	for (int i = 0; i < 40; i++) {
		assert_true(snr(&w.phone[i], &hz, 1) > 34);
		assert_true(level(&w.phone[i], hz) > 7500);
		assert_int_equal(w.phone[i].last_len, w.phone[i % 4].last_len);
		if (i % 4 != 2)
			assert_memory_equal(w.phone[i].last + 12, w.phone[i % 4].last + 12,
					    w.phone[i].last_len - 12);
	}
	td_clip_put(clip);
	stop();
}

static void announcement_ends(void **state)
{
	struct td_clip *clip;
	uint32_t said;
	struct phone *p;

	(void)state;
	start();
	clip = make_clip(16000, 16000 / 4, 600);
	p = ring_up("PCMU", 0, 0);
	assert_int_equal(td_audio_play_clip(w.a, clip, false, &said), 0);
	td_clip_put(clip);		/* the player has its own hold */
	assert_int_equal(td_audio_connect(w.a, said, p->id, 0), 0);
	run(0.2);
	assert_int_equal(w.ended, 0);
	run(0.1);
	assert_int_equal(w.ended, said);
	run(1);
	assert_true(tone_amplitude(p->heard + 400, 1200, 600, 8000) > 7000);
	assert_true(tone_rms(p->heard + p->n_heard - 1600, 1600) < 10);
	stop();
}

/* A tone beside the conversation. */
static void call_waiting(void **state)
{
	struct phone *a, *b;
	struct td_tone tone;
	uint32_t beep;

	(void)state;
	start();
	a = ring_up("PCMU", 700, 5000);
	b = ring_up("G722", 1000, 5000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	assert_int_equal(td_tone_parse(&tone, TD_STR("440")), 0);
	assert_int_equal(td_audio_play_tone(w.a, &tone, &beep), 0);
	assert_int_equal(td_audio_connect(w.a, beep, b->id, 0), 0);
	run(1);
	listen_for(1.2);
	assert_true(level(b, 440) > 4500 && level(b, 700) > 4500);
	td_audio_destroy(w.a, beep);
	run(0.5);
	listen_for(1.2);
	assert_true(level(b, 440) < 20 && level(b, 700) > 4500);
	stop();
}

/* ---- packets ---- */

static void keys(void **state)
{
	struct phone *a, *b;
	size_t i = 0, first;

	(void)state;
	start();
	a = ring_up("PCMU", 700, 5000);
	b = ring_up("PCMU", 1000, 5000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	run(0.5);
	assert_int_equal(td_audio_rtp_digit(w.a, b->id, '5', 100), 0);
	assert_int_equal(td_audio_rtp_digit(w.a, b->id, '#', 40), 0);
	assert_int_equal(td_audio_rtp_digit(w.a, b->id, 'x', 100), -EINVAL);
	assert_int_equal(td_audio_rtp_digit(w.a, b->id, '1', 20), -EINVAL);
	listen_for(0.6);
	while (b->log[i].pt == PT)
		i++;
	first = i;
	/* five packets and twice the end again */
	for (; i < first + 7; i++) {
		size_t nth = i - first;

		assert_int_equal(b->log[i].pt, DTMF_PT);
		assert_int_equal(b->log[i].marker, nth == 0);
		assert_int_equal(b->log[i].ts, b->log[first].ts);
		assert_int_equal(b->log[i].body[0], 5);
		assert_int_equal(b->log[i].body[1] >> 7, nth >= 4);
		assert_int_equal(b->log[i].body[2] << 8 | b->log[i].body[3],
				 nth < 4 ? (nth + 1) * 160 : 800);
	}
	assert_int_equal(b->log[i].pt, PT);
	assert_true(b->log[i].marker);
	assert_int_equal(b->log[i].ts, b->log[first].ts + 7 * 160);
	while (b->log[i].pt == PT)
		i++;
	assert_true(i - first - 7 >= 3);	/* 60 ms at least between two keys */
	assert_int_equal(b->log[i].body[0], 11);
	for (size_t k = 1; k < b->n_log; k++)
		assert_int_equal((uint16_t)(b->log[k].seq - b->log[k - 1].seq), 1);
	stop();
}

static void no_keys_without_rfc4733(void **state)
{
	struct td_audio_rtp_args args = rtp_args("PCMU", 0);
	uint32_t id;

	(void)state;
	start();
	args.dtmf_out = 0;
	assert_int_equal(td_audio_rtp(w.a, &args, &id), 0);
	assert_int_equal(td_audio_rtp_digit(w.a, id, '1', 100), -ENOTSUP);
	stop();
}

static void hold_and_resume(void **state)
{
	struct td_audio_rtp_args args = rtp_args("PCMU", 1);
	struct td_flow nowhere = { 0 };
	struct phone *a, *b;
	uint32_t ts;

	(void)state;
	start();
	a = ring_up("PCMU", 700, 5000);
	b = ring_up("PCMU", 1000, 5000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	run(0.5);
	listen_for(0.1);
	ts = b->log[b->n_log - 1].ts;
	assert_int_equal(td_audio_rtp_aim(w.a, b->id, &nowhere), 0);
	listen_for(1);
	assert_int_equal(b->n_log, 0);
	assert_int_equal(td_audio_rtp_aim(w.a, b->id, &args.way), 0);
	listen_for(0.1);
	assert_int_equal(b->n_log, 5);
	assert_true(b->log[0].marker);
	assert_int_equal(b->log[0].ts - ts, 51 * 160);
	stop();
}

static void reports(void **state)
{
	struct phone *a, *b;

	(void)state;
	start();
	a = ring_up("PCMU", 700, 5000);
	b = ring_up("PCMU", 1000, 5000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	for (int i = 0; i < 21; i++)
		listen_for(0.5);
	assert_int_equal(b->reports, 3);
	assert_true(b->report.has_sr);
	assert_int_equal(b->report.ssrc, (uint32_t)b->last[8] << 24 | (uint32_t)b->last[9] << 16 |
			 (uint32_t)b->last[10] << 8 | b->last[11]);
	assert_int_equal(a->reports, 0);	/* nothing is sent to it */
	stop();
}

static void odd_packets(void **state)
{
	static const struct { uint8_t data[24]; size_t len; } bad[] = {
		{ { 0x80, PT, 0, 1 }, 11 },				/* short */
		{ { 0x40, PT, 0, 1 }, 20 },				/* version 1 */
		{ { 0x8f, PT, 0, 1 }, 24 },				/* CSRCs beyond the end */
		{ { 0x90, PT, 0, 1 }, 14 },				/* half an extension */
		{ { 0x90, PT, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 24 },
		{ { 0xa0, PT, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 200, 200, 200, 200 }, 16 },	/* padding */
		{ { 0x80, PT, 0, 1 }, 12 },				/* nothing in it */
	};
	struct td_audio_stats s;
	struct phone *a, *b;

	(void)state;
	start();
	a = ring_up("PCMU", 700, 5000);
	b = ring_up("PCMU", 1000, 5000);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	run(0.5);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		td_audio_receive(w.a, a->slot, bad[i].data, bad[i].len, w.now);
	td_audio_receive(w.a, 77, bad[0].data, 11, w.now);	/* nobody's */
	td_audio_receive(w.a, TD_MAX_SLOTS, bad[0].data, 11, w.now);
	run(0.1);
	assert_true(td_audio_stats(w.a, a->id, &s));
	assert_int_equal(s.rx_refused, sizeof(bad) / sizeof(bad[0]));
	assert_int_equal(s.lost + s.late, 0);
	listen_for(1.2);
	assert_true(level(b, 700) > 4800);
	stop();
}

/* Extension, CSRC and padding around the sound; an event in between. */
static void dressed_packets(void **state)
{
	struct phone *a, *b;
	const double hz = 700;

	(void)state;
	start();
	a = ring_up("PCMU", hz, 5000);
	b = ring_up("PCMU", 1000, 5000);
	a->silent = true;
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	for (int i = 0; i < 120; i++) {
		uint8_t plain[200], dressed[220] = { 0 };
		size_t len = make_packet(a, plain, PT);

		memcpy(dressed, plain, 12);
		dressed[0] = 0x80 | 0x20 | 0x10 | 1;
		dressed[12 + 4 + 3] = 1;		/* extension of one word */
		memcpy(dressed + 24, plain + 12, len - 12);
		dressed[24 + len - 12 + 3] = 4;
		td_audio_receive(w.a, a->slot, dressed, 24 + len - 12 + 4, w.now + FRAME_NS - 1000000);
		/* as if not made: run() makes it, too, and does not send it */
		a->seq--;
		a->ts -= 160;
		a->said -= 160;
		run(0.02);
	}
	assert_true(snr(b, &hz, 1) > 34);
	stop();
}

static void one_of_ten_is_lost(void **state)
{
	struct td_audio_stats s;
	struct phone *a, *b;

	(void)state;
	start();
	a = ring_up("PCMU", 400, 5000);
	b = ring_up("PCMU", 1000, 0);
	assert_int_equal(td_audio_connect(w.a, a->id, b->id, 0), 0);
	run(0.5);
	b->n_heard = 0;
	for (int i = 0; i < 100; i++) {
		a->silent = i % 10 == 3;
		run(0.02);
	}
	assert_true(td_audio_stats(w.a, a->id, &s));
	assert_int_equal(s.lost, 10);
	/* the tone goes on: with silence in the holes a tenth of it would be missing */
	assert_true(level(b, 400) > 4800);
	assert_true(tone_largest_step(b->heard, b->n_heard) < own_step(400, 5000) * 1.5);
	stop();
}

/* ---- recorder, samples ---- */

static uint64_t done_samples, done_left_out;
static int done_err;

static void on_done(void *arg, int err, uint64_t samples, uint64_t left_out)
{
	(void)arg;
	done_err = err;
	done_samples = samples;
	done_left_out = left_out;
}

static struct td_recording *new_recording(char *path, uint32_t rate, uint32_t max_seconds)
{
	struct td_recording_args args = {
		.loop = w.loop, .path = path, .rate = rate, .max_seconds = max_seconds,
		.on_done = on_done,
	};
	struct td_recording *r;

	strcpy(path, "/tmp/td_rec_XXXXXX");
	close(mkstemp(path));
	assert_int_equal(td_recording_new(&r, &args), -EEXIST);
	unlink(path);
	assert_int_equal(td_recording_new(&r, &args), 0);
	done_err = 1;
	return r;
}

static void recorded(void **state)
{
	struct phone *a, *b;
	struct td_clip *clip;
	static int16_t pcm[16000];
	uint32_t mixer, rec;
	const char *why;
	char path[32];

	(void)state;
	start();
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	a = ring_up("PCMU", 500, 5000);
	b = ring_up("PCMU", 900, 5000);
	join(mixer, a);
	join(mixer, b);
	run(0.5);
	assert_int_equal(td_audio_record(w.a, new_recording(path, 16000, 0), &rec), 0);
	assert_int_equal(td_audio_connect(w.a, mixer, rec, 0), 0);
	assert_int_equal(td_audio_connect(w.a, rec, mixer, 0), -EINVAL);
	run(1.14);
	td_audio_destroy(w.a, rec);
	run(0.1);
	assert_int_equal(done_err, 0);
	assert_int_equal(done_left_out, 0);
	/* 57 frames and the one in which it faded away */
	assert_int_equal(done_samples, 58 * 320);
	assert_int_equal(td_clip_load(&clip, path, &why), 0);
	assert_int_equal(clip->wav.frames, done_samples);
	td_wav_read(&clip->wav, clip->file, 1600, pcm, 16000);
	assert_true(tone_amplitude(pcm, 16000, 500, 16000) > 4800);
	assert_true(tone_amplitude(pcm, 16000, 900, 16000) > 4800);
	td_clip_put(clip);
	unlink(path);
	stop();
}

/* The writer sleeps longer than the ring lasts. */
static void slow_disk(void **state)
{
	struct phone *a;
	struct td_clip *clip;
	uint32_t rec;
	const char *why;
	char path[32];

	(void)state;
	start();
	a = ring_up("PCMU", 500, 5000);
	assert_int_equal(td_audio_record(w.a, new_recording(path, 8000, 0), &rec), 0);
	assert_int_equal(td_audio_connect(w.a, a->id, rec, 0), 0);
	for (int i = 0; i < 500; i++) {		/* 10 s */
		w.now += FRAME_NS;
		speak(a);
		td_audio_tick(w.a, w.now);
	}
	td_loop_step(w.loop, 0);
	td_audio_destroy(w.a, rec);
	run(0.2);
	assert_int_equal(done_err, 0);
	assert_int_equal(done_samples, 501 * 160);
	assert_int_equal(done_left_out, (500 - TD_RECORD_BLOCKS * TD_RECORD_FRAMES) * 160);
	assert_int_equal(td_clip_load(&clip, path, &why), 0);
	assert_int_equal(clip->wav.frames, 501 * 160);
	td_clip_put(clip);
	unlink(path);
	stop();
}

static void recording_has_a_limit(void **state)
{
	uint32_t rec;
	char path[32];

	(void)state;
	start();
	assert_int_equal(td_audio_record(w.a, new_recording(path, 8000, 1), &rec), 0);
	run(1.5);
	td_audio_destroy(w.a, rec);
	run(0.1);
	assert_int_equal(done_samples, 8000);
	td_recording_abort(new_recording(path, 8000, 1));
	unlink(path);
	stop();
}

struct line {
	int16_t last[320];
	size_t n, said;
	bool gone;
};

static void line_said(void *arg, int16_t *pcm, size_t n)
{
	struct line *l = arg;

	memset(pcm, 0, 2 * n);
	tone_add(pcm, n, 1000, 6000, 8000, l->said);
	l->said += n;
}

static void line_hear(void *arg, const int16_t *pcm, size_t n)
{
	struct line *l = arg;

	memcpy(l->last, pcm, 2 * n);
	l->n = n;
}

static void line_gone(void *arg)
{
	((struct line *)arg)->gone = true;
}

static void telephone_line(void **state)
{
	static const struct td_audio_pcm_ops ops = { line_said, line_hear, line_gone };
	struct line line = { .n = 0 };
	struct phone *a;
	uint32_t port;

	(void)state;
	start();
	a = ring_up("PCMA", 500, 5000);
	assert_int_equal(td_audio_pcm(w.a, &ops, &line, 11025, &port), -EINVAL);
	assert_int_equal(td_audio_pcm(w.a, &ops, &line, 8000, &port), 0);
	assert_int_equal(td_audio_connect(w.a, port, a->id, 0), 0);
	assert_int_equal(td_audio_connect(w.a, a->id, port, 0), 0);
	run(0.5);
	listen_for(1.2);
	assert_true(level(a, 1000) > 5800);
	assert_int_equal(line.n, 160);
	assert_true(tone_amplitude(line.last, 160, 500, 8000) > 4800);
	td_audio_destroy(w.a, port);
	run(0.1);
	assert_true(line.gone);
	stop();
}

/* ---- ids and memory ---- */

static void late_ids(void **state)
{
	uint32_t mixer, other, old;
	struct phone *a;
	struct td_audio_stats s;
	struct td_tone tone;

	(void)state;
	start();
	a = ring_up("PCMU", 500, 5000);
	assert_int_equal(td_audio_mixer(w.a, &mixer), 0);
	assert_int_equal(td_audio_mixer(w.a, &other), 0);
	assert_int_equal(td_audio_connect(w.a, mixer, other, 0), -EINVAL);
	assert_int_equal(td_audio_connect(w.a, a->id, a->id, 0), -EINVAL);
	assert_int_equal(td_audio_connect(w.a, a->id, mixer, 40), -EINVAL);
	assert_int_equal(td_audio_connect(w.a, a->id, mixer, NAN), -EINVAL);
	assert_int_equal(td_audio_connect(w.a, a->id, 0, 0), -ENOENT);
	assert_int_equal(td_tone_parse(&tone, TD_STR("440")), 0);
	assert_int_equal(td_audio_play_tone(w.a, &tone, &old), 0);
	assert_int_equal(td_audio_connect(w.a, mixer, old, 0), -EINVAL);
	assert_int_equal(td_audio_rtp_digit(w.a, old, '1', 100), -EINVAL);
	td_audio_destroy(w.a, old);
	td_audio_destroy(w.a, old);
	assert_int_equal(td_audio_connect(w.a, old, a->id, 0), -ENOENT);
	assert_false(td_audio_stats(w.a, old, &s));
	for (int i = 0; i < 100; i++) {
		uint32_t id;

		assert_int_equal(td_audio_play_tone(w.a, &tone, &id), 0);
		assert_int_not_equal(id, old);
		td_audio_destroy(w.a, id);
		run(0.06);
	}
	stop();
}

static void codecs_refused(void **state)
{
	struct td_audio_rtp_args args = rtp_args("opus", 0);
	uint32_t id;

	(void)state;
	start();
	assert_int_equal(td_audio_rtp(w.a, &args, &id), -ENOTSUP);
	args = rtp_args("PCMU", 0);
	args.slot = 0;
	assert_int_equal(td_audio_rtp(w.a, &args, &id), -EINVAL);
	args = rtp_args("PCMU", 0);
	args.pt_in = 128;
	assert_int_equal(td_audio_rtp(w.a, &args, &id), -EINVAL);
	stop();
}

static void no_memory(void **state)
{
	struct td_audio_rtp_args args = rtp_args("PCMU", 0);
	struct td_audio_args audio = { .send = on_send };
	struct td_audio *a;
	long live;
	uint32_t id;

	(void)state;
	start();
	audio.loop = w.loop;
	live = td_mem_live();
	for (unsigned long nth = 1; nth < 5; nth++) {
		td_mem_fail_nth(nth);
		if (!td_audio_new(&a, &audio))
			td_audio_free(a);
		td_mem_fail_nth(0);
	}
	assert_int_equal(td_mem_live(), live);
	for (unsigned long nth = 1; nth < 3; nth++) {
		td_mem_fail_nth(nth);
		assert_int_equal(td_audio_rtp(w.a, &args, &id), -ENOMEM);
		td_mem_fail_nth(0);
	}
	stop();
}

/* The media thread does not come round: orders are refused, goodbyes are kept. */
static void stuck_thread(void **state)
{
	struct phone *a, *b;
	uint32_t mixer;
	int err = 0;

	(void)state;
	start();
	a = ring_up("PCMU", 500, 5000);
	b = ring_up("PCMU", 900, 5000);
	run(0.1);
	for (int i = 0; i < 3000 && !err; i++)
		err = td_audio_connect(w.a, a->id, b->id, 0);
	assert_int_equal(err, -EAGAIN);
	assert_int_equal(td_audio_mixer(w.a, &mixer), -EAGAIN);
	td_audio_destroy(w.a, a->id);
	a->id = 0;
	run(0.04);
	for (int i = 0; i < 100 && b->packets < 5; i++) {
		td_loop_step(w.loop, 30);	/* the second try has its timer */
		run(0.02);
	}
	listen_for(0.2);
	assert_int_equal(b->n_log, 0);		/* a is gone, nobody speaks */
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conference), cmocka_unit_test(crowd),
		cmocka_unit_test(wideband_if_two_are), cmocka_unit_test(nobody_clicks),
		cmocka_unit_test(muted_still_hears), cmocka_unit_test(gain),
		cmocka_unit_test(another_codec), cmocka_unit_test(packet_sizes),
		cmocka_unit_test(music_on_hold), cmocka_unit_test(announcement_ends),
		cmocka_unit_test(call_waiting), cmocka_unit_test(keys),
		cmocka_unit_test(no_keys_without_rfc4733), cmocka_unit_test(hold_and_resume),
		cmocka_unit_test(reports), cmocka_unit_test(odd_packets),
		cmocka_unit_test(dressed_packets), cmocka_unit_test(one_of_ten_is_lost),
		cmocka_unit_test(recorded), cmocka_unit_test(slow_disk),
		cmocka_unit_test(recording_has_a_limit), cmocka_unit_test(telephone_line),
		cmocka_unit_test(late_ids), cmocka_unit_test(codecs_refused),
		cmocka_unit_test(no_memory), cmocka_unit_test(stuck_thread),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_audio", tests, NULL, NULL);
}
