/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a participant of a conference, a listener to music on hold and a converted call cost:
 * CPU time of the media thread's own code (packets in, jitter buffer, decoder, mixing,
 * encoder, packets out), without the sockets. Prints one JSON object; for each case
 * microseconds per party and tick of 20 ms, and how many parties would fill a core.
 *
 * Cases of one kind run by turns, and the median of the rounds counts, so that what else
 * runs on the machine hits all alike.
 */
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/tones.h"
#include "userspace/media/audio/audio.h"
#include "userspace/media/audio/codec.h"

#define ROUNDS		5
#define TICKS		100		/* in a round */
#define WARM_UP		30
#define MOST		1000
#define FRAME_NS	20000000ull

enum shape { CONFERENCE, MUSIC, PAIRS };

struct bench_case {
	const char *name, *codec, *other;	/* other: of every second party */
	enum shape shape;
	unsigned int n;
	double us[ROUNDS];
};

static struct bench_case cases[] = {
	{ .name = "conference_3_pcmu", .codec = "PCMU", .n = 3 },
	{ .name = "conference_8_pcmu", .codec = "PCMU", .n = 8 },
	{ .name = "conference_32_pcmu", .codec = "PCMU", .n = 32 },
	{ .name = "conference_128_pcmu", .codec = "PCMU", .n = 128 },
	{ .name = "conference_8_g722", .codec = "G722", .n = 8 },
	{ .name = "conference_8_g722_and_pcma", .codec = "G722", .other = "PCMA", .n = 8 },
	{ .name = "conference_8_g729", .codec = "G729", .n = 8 },
	{ .name = "music_1000_pcmu", .codec = "PCMU", .shape = MUSIC, .n = 1000 },
	{ .name = "music_1000_g722", .codec = "G722", .shape = MUSIC, .n = 1000 },
	{ .name = "convert_100_pcmu_to_g722", .codec = "PCMU", .other = "G722", .shape = PAIRS,
	  .n = 100 },
};
#define N_CASES (sizeof(cases) / sizeof(cases[0]))

struct party {
	uint32_t id;
	uint8_t packet[700];
	size_t len;
	unsigned int clock;
};

static struct party party[MOST];
static uint64_t sent;

static void on_send(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
		    unsigned int len)
{
	(void)arg;
	(void)way;
	(void)rtcp;
	(void)data;
	sent += len;
}

static void must(const char *what, int err)
{
	if (!err)
		return;
	fprintf(stderr, "mixer: %s: %d\n", what, err);
	exit(1);
}

static void make_party(struct td_audio *a, unsigned int i, const char *codec)
{
	struct td_audio_rtp_args args = {
		.slot = i + 1, .codec = td_str_of(codec), .way = { .new_dst_port = 1 },
	};
	struct party *p = &party[i];
	struct td_audio_codec c;
	int16_t pcm[320] = { 0 };

	must(codec, td_audio_rtp(a, &args, &p->id));
	must(codec, td_audio_codec_open(&c, args.codec, 0));
	tone_add(pcm, c.rate / 50, 300 + 50 * (i % 50), 8000.0, c.rate, 0);
	p->packet[0] = 0x80;
	p->packet[11] = 1;
	p->len = 12 + td_audio_codec_encode(&c, p->packet + 12, pcm, c.rate / 50);
	p->clock = c.clock;
	td_audio_codec_close(&c);
}

static void join(struct td_audio *a, const struct bench_case *b)
{
	struct td_tone tone;
	uint32_t middle = 0;

	td_tone_country(&tone, "us", TD_TONE_DIAL);
	if (b->shape == CONFERENCE)
		must("mixer", td_audio_mixer(a, &middle));
	else if (b->shape == MUSIC)
		must("music", td_audio_play_tone(a, &tone, &middle));
	for (unsigned int i = 0; i < b->n; i++) {
		make_party(a, i, i % 2 && b->other ? b->other : b->codec);
		if (b->shape != PAIRS)
			must("hear", td_audio_connect(a, middle, party[i].id, 0));
		if (b->shape == CONFERENCE)
			must("say", td_audio_connect(a, party[i].id, middle, 0));
		if (b->shape == PAIRS && i % 2) {
			must("there", td_audio_connect(a, party[i].id, party[i - 1].id, 0));
			must("back", td_audio_connect(a, party[i - 1].id, party[i].id, 0));
		}
		if (i % 100 == 99 || i + 1 == b->n)
			td_audio_tick(a, 1);	/* orders are obeyed */
	}
}

static void say(struct td_audio *a, unsigned int i, unsigned int tick, uint64_t now)
{
	struct party *p = &party[i];
	uint32_t ts = tick * (p->clock / 50);

	p->packet[2] = (uint8_t)(tick >> 8);
	p->packet[3] = (uint8_t)tick;
	for (int k = 0; k < 4; k++)
		p->packet[4 + k] = (uint8_t)(ts >> (24 - 8 * k));
	td_audio_receive(a, i + 1, p->packet, p->len, now - 1000000 * (i % 5));
}

/* A bench of silence would be quick. */
static void check(struct td_audio *a, const struct bench_case *b)
{
	struct td_audio_stats s;

	for (unsigned int i = 0; i < b->n; i++) {
		td_audio_stats(a, party[i].id, &s);
		if (s.tx_packets < WARM_UP + TICKS - 1 || s.lost || s.concealed > 3 ||
		    (b->shape != MUSIC && s.rx_packets != WARM_UP + TICKS))
			must(b->name, -1);
	}
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double run(const struct bench_case *b)
{
	struct td_audio_args args = { .send = on_send, .loop = td_loop_new_epoll() };
	uint64_t now = 1000 * FRAME_NS;
	struct td_audio *a;
	double begin = 0;

	must("audio", td_audio_new(&a, &args));
	join(a, b);
	for (unsigned int tick = 0; tick < WARM_UP + TICKS; tick++, now += FRAME_NS) {
		if (tick == WARM_UP)
			begin = cpu_us();
		for (unsigned int i = 0; b->shape != MUSIC && i < b->n; i++)
			say(a, i, tick, now);
		td_audio_tick(a, now);
	}
	begin = cpu_us() - begin;
	check(a, b);
	td_audio_free(a);
	td_loop_free(args.loop);
	return begin / TICKS / b->n;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(void)
{
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < N_CASES; i++)
			cases[i].us[round] = run(&cases[i]);
	if (!sent) {
		fprintf(stderr, "mixer: nothing was sent\n");
		return 1;
	}
	printf("{");
	for (size_t i = 0; i < N_CASES; i++) {
		struct bench_case *b = &cases[i];

		qsort(b->us, ROUNDS, sizeof(b->us[0]), by_size);
		printf("%s\n  \"%s\": {\"us_per_party\": %.2f, \"parties_per_core\": %.0f}",
		       i ? "," : "", b->name, b->us[ROUNDS / 2], 20000 / b->us[ROUNDS / 2]);
	}
	printf("\n}\n");
	return 0;
}
