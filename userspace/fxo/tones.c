// SPDX-License-Identifier: GPL-2.0-or-later
/* Tones of telephones by spandsp; see tones.h. */
#include "userspace/fxo/tones.h"

#include <math.h>
#include <string.h>

#include <spandsp.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* Tones that mean "nobody is there any more": North America's, Europe's (ETSI), the United
 * Kingdom's; f2 0: one frequency alone. on and off are equally long. */
static const struct busy {
	double f1, f2;
	int ms;
} busy[] = {
	{ 480, 620, 500 }, { 480, 620, 250 },
	{ 425, 0, 500 }, { 425, 0, 250 },
	{ 400, 0, 375 },
};

#define RATE		8000
#define SILENCE		100.0	/* mean square below it: nothing is said */
#define PERIODS		6	/* on and off as long as they should be, so often: no speech */

/* What the line says, in runs of frames. */
struct hearing {
	int what;		/* -1 something else, 0 silence, 1.. a pair of frequencies */
	int ms;
	int periods[sizeof(busy) / sizeof(busy[0])];
};

struct tones {
	void (*fn)(void *arg, struct sound_news *n);
	void *arg;
	dtmf_tx_state_t *press;
	dtmf_rx_state_t *keys;
	bool dialling;
	tone_gen_state_t *ring;
	struct hearing hearing;
	adsi_rx_state_t *id[2];		/* Bell 202 (GR-30), V.23 (EN 300 659) */
};

/* ---- what is heard ---- */

static void on_key(void *arg, const char *keys, int n)
{
	struct tones *t = arg;

	for (int i = 0; i < n; i++) {
		struct sound_news news = { .type = SOUND_KEY, .text = { keys[i] } };

		t->fn(t->arg, &news);
	}
}

/* How much of n samples is one frequency: the mean square that it has there (Goertzel). */
static double power_at(const int16_t *sample, size_t n, double hz)
{
	double k = 2 * cos(2 * M_PI * hz / RATE), a = 0, b = 0;

	for (size_t i = 0; i < n; i++) {
		double c = sample[i] + k * a - b;

		b = a;
		a = c;
	}
	return 2 * (a * a + b * b - k * a * b) / ((double)n * (double)n);
}

static int what_is(const int16_t *sample, size_t n)
{
	double all = 0;

	for (size_t i = 0; i < n; i++)
		all += (double)sample[i] * sample[i];
	all /= (double)n;
	if (all < SILENCE)
		return 0;
	for (size_t i = 0; i < sizeof(busy) / sizeof(busy[0]); i++) {
		double p1 = power_at(sample, n, busy[i].f1);
		double p2 = busy[i].f2 > 0 ? power_at(sample, n, busy[i].f2) : 0;

		if (p1 + p2 > 0.7 * all && (busy[i].f2 <= 0 || (p1 > p2 / 8 && p2 > p1 / 8)))
			return (int)i + 1;
	}
	return -1;
}

/* A run has ended: whose rhythm does it go on with? */
static bool rhythm(struct hearing *h, size_t i)
{
	bool mine = !h->what || (h->what > 0 && busy[h->what - 1].f1 == busy[i].f1 &&
				 busy[h->what - 1].f2 == busy[i].f2);
	int off = h->ms - busy[i].ms;

	if (!mine || off > busy[i].ms / 5 || off < -busy[i].ms / 5)
		h->periods[i] = 0;
	else if (h->what || h->periods[i])	/* begins with a tone */
		h->periods[i]++;
	return h->periods[i] == PERIODS;
}

static void hear_busy(struct tones *t, const int16_t *sample, size_t n)
{
	struct sound_news news = { .type = SOUND_TONE };
	struct hearing *h = &t->hearing;
	int what = what_is(sample, n);

	/* a frame in which it changes is of neither kind: it goes to the run before */
	if (what == h->what || (what < 0 && h->ms && h->what >= 0 && h->ms % 20 == 0)) {
		h->ms += (int)(n * 1000 / RATE) + (what != h->what);
		return;
	}
	h->ms -= h->ms % 20;
	for (size_t i = 0; i < sizeof(busy) / sizeof(busy[0]); i++)
		if (rhythm(h, i))
			t->fn(t->arg, &news);
	h->what = what;
	h->ms = (int)(n * 1000 / RATE);
}

static void copy(char *to, const uint8_t *from, int n)
{
	int used = 0;

	for (int i = 0; i < n && used < SOUND_TEXT_LEN - 1; i++)
		if (from[i] >= ' ' && from[i] < 0x7f)
			to[used++] = (char)from[i];
	to[used] = '\0';
}

/* The parameters that name the caller have the same numbers in both standards (GR-30 MDMF,
 * EN 300 659-3); a single message (SDMF) has eight digits of date before the number. */
static void read_caller(struct tones *t, adsi_rx_state_t *s, const uint8_t *msg, int len)
{
	struct sound_news news = { .type = SOUND_CALLER };
	const uint8_t *body;
	uint8_t field;
	int n, pos = adsi_next_field(s, msg, len, -1, &field, &body, &n);
	bool single = field == CLASS_SDMF_CALLERID;

	while (pos > 0 && (pos = adsi_next_field(s, msg, len, pos, &field, &body, &n)) > 0) {
		if (!body)
			continue;
		if (single && n > 8)
			copy(news.text, body + 8, n - 8);
		else if (!single && field == MCLASS_CALLER_NUMBER)
			copy(news.text, body, n);
		else if (!single && field == MCLASS_CALLER_NAME)
			copy(news.name, body, n);
	}
	if (news.text[0] || news.name[0])
		t->fn(t->arg, &news);
}

static void on_bell202(void *arg, const uint8_t *msg, int len)
{
	struct tones *t = arg;

	read_caller(t, t->id[0], msg, len);
}

static void on_v23(void *arg, const uint8_t *msg, int len)
{
	struct tones *t = arg;

	read_caller(t, t->id[1], msg, len);
}

void td_tones_hear(struct tones *t, const int16_t *sample, size_t n, bool talking)
{
	if (talking) {
		dtmf_rx(t->keys, sample, (int)n);
		hear_busy(t, sample, n);
		return;
	}
	adsi_rx(t->id[0], sample, (int)n);
	adsi_rx(t->id[1], sample, (int)n);
}

/* ---- what is said ---- */

void td_tones_dial(struct tones *t, const char *keys, uint16_t on_ms, uint16_t off_ms)
{
	dtmf_tx_set_timing(t->press, on_ms, off_ms);
	dtmf_tx_put(t->press, keys, -1);
	t->dialling = true;
}

void td_tones_say(struct tones *t, int16_t *sample, size_t n, bool ringback)
{
	struct sound_news done = { .type = SOUND_DIALLED };
	int made;

	if (t->dialling) {
		made = dtmf_tx(t->press, sample, (int)n);
		memset(sample + made, 0, (n - (size_t)made) * sizeof(*sample));
		if (made < (int)n) {
			t->dialling = false;
			t->fn(t->arg, &done);
		}
	} else if (ringback) {
		tone_gen(t->ring, sample, (int)n);
	}
}

/* ---- G.711 ---- */

void td_tones_encode(uint8_t *to, const int16_t *sample, size_t n, bool alaw)
{
	for (size_t i = 0; i < n; i++)
		to[i] = alaw ? linear_to_alaw(sample[i]) : linear_to_ulaw(sample[i]);
}

void td_tones_decode(int16_t *to, const uint8_t *code, size_t n, bool alaw)
{
	for (size_t i = 0; i < n; i++)
		to[i] = alaw ? alaw_to_linear(code[i]) : ulaw_to_linear(code[i]);
}

/* ---- life ---- */

static bool make_ring(struct tones *t)
{
	tone_gen_descriptor_t *d = tone_gen_descriptor_init(NULL, 440, -19, 480, -19, 2000, 4000, 0,
							    0, 1);

	t->ring = d ? tone_gen_init(NULL, d) : NULL;
	tone_gen_descriptor_free(d);
	return t->ring;
}

struct tones *td_tones_new(void (*fn)(void *arg, struct sound_news *n), void *arg)
{
	struct tones *t = td_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->fn = fn;
	t->arg = arg;
	t->press = dtmf_tx_init(NULL);
	t->keys = dtmf_rx_init(NULL, on_key, t);
	t->id[0] = adsi_rx_init(NULL, ADSI_STANDARD_CLASS, on_bell202, t);
	t->id[1] = adsi_rx_init(NULL, ADSI_STANDARD_CLIP, on_v23, t);
	if (make_ring(t) && t->press && t->keys && t->id[0] && t->id[1])
		return t;
	td_tones_free(t);
	return NULL;
}

void td_tones_free(struct tones *t)
{
	if (!t)
		return;
	if (t->press)
		dtmf_tx_free(t->press);
	if (t->keys)
		dtmf_rx_free(t->keys);
	if (t->ring)
		tone_gen_free(t->ring);
	for (int i = 0; i < 2; i++)
		if (t->id[i])
			adsi_rx_free(t->id[i]);
	td_free(t);
}
