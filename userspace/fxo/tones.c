// SPDX-License-Identifier: GPL-2.0-or-later
/* Tones of telephones by spandsp; see tones.h. */
#include "userspace/fxo/tones.h"

#include <math.h>
#include <string.h>

#include <spandsp.h>
#include <speex/speex_echo.h>

#include "config/model.h"
#include "kernel/uapi/tandem_fxo.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/fxo/caller.h"

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
#define PAUSE		RATE	/* ',': a second */
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
	char later[2 * SOUND_TEXT_LEN];	/* from the first pause on */
	size_t pause;			/* samples left of it */
	tone_gen_state_t *ring;
	struct hearing hearing;
	struct caller *caller;
	SpeexEchoState *echo;
	int16_t said[TDFXO_FRAME_SAMPLES];	/* a frame ago: the line cannot return it earlier */
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

static double loudness(const int16_t *sample, size_t n)
{
	double all = 0;

	for (size_t i = 0; i < n; i++)
		all += (double)sample[i] * sample[i];
	return all / (double)n;
}

bool td_tones_silent(const int16_t *sample, size_t n)
{
	return loudness(sample, n) < SILENCE;
}

static int what_is(const int16_t *sample, size_t n)
{
	double all = loudness(sample, n);

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

void td_tones_hear(struct tones *t, const int16_t *sample, size_t n, bool talking)
{
	if (talking) {
		dtmf_rx(t->keys, sample, (int)n);
		hear_busy(t, sample, n);
		return;
	}
	td_caller_hear(t->caller, sample, n);
}

void td_tones_cancel_echo(struct tones *t, int16_t *heard, const int16_t *saying)
{
	int16_t clean[TDFXO_FRAME_SAMPLES];

	if (!t->echo)
		return;
	speex_echo_cancellation(t->echo, heard, t->said, clean);
	memcpy(heard, clean, sizeof(clean));
	memcpy(t->said, saying, sizeof(t->said));
}

/* ---- what is said ---- */

/* Press what comes before the next pause; the rest waits. */
static void press_some(struct tones *t)
{
	size_t n = strcspn(t->later, ",");

	dtmf_tx_put(t->press, t->later, (int)n);
	memmove(t->later, t->later + n, strlen(t->later + n) + 1);
}

void td_tones_dial(struct tones *t, const char *keys, uint16_t on_ms, uint16_t off_ms)
{
	size_t n = strlen(t->later);

	dtmf_tx_set_timing(t->press, on_ms, off_ms);
	td_strlcpy(t->later + n, keys, sizeof(t->later) - n);
	if (!n)
		press_some(t);
	t->dialling = true;
}

/* Tones and pauses of a number; how much of it there was. */
static size_t say_number(struct tones *t, int16_t *sample, size_t n)
{
	size_t made = 0, some;

	while (made < n) {
		if (t->pause) {
			some = t->pause < n - made ? t->pause : n - made;
			memset(sample + made, 0, some * sizeof(*sample));
			t->pause -= some;
			made += some;
			if (!t->pause)
				press_some(t);
			continue;
		}
		made += (size_t)dtmf_tx(t->press, sample + made, (int)(n - made));
		if (made == n || t->later[0] != ',')
			break;
		t->pause = PAUSE;
		memmove(t->later, t->later + 1, strlen(t->later));
	}
	return made;
}

void td_tones_say(struct tones *t, int16_t *sample, size_t n, bool ringback)
{
	struct sound_news done = { .type = SOUND_DIALLED };
	size_t made;

	if (t->dialling) {
		made = say_number(t, sample, n);
		memset(sample + made, 0, (n - made) * sizeof(*sample));
		if (made < n) {
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

/* Ringing as callers hear it (ITU-T E.180 supplement 2). */
static bool make_ring(struct tones *t, uint8_t country)
{
	static const struct { int f1, f2, on, off, on2, off2; } rings[CFG_FXO_COUNTRIES] = {
		[CFG_FXO_US] = { 440, 480, 2000, 4000, 0, 0 },
		[CFG_FXO_GB] = { 400, 450, 400, 200, 400, 2000 },
		[CFG_FXO_DE] = { 425, 0, 1000, 4000, 0, 0 },
		[CFG_FXO_FR] = { 440, 0, 1500, 3500, 0, 0 },
		[CFG_FXO_IT] = { 425, 0, 1000, 4000, 0, 0 },
		[CFG_FXO_JP] = { 384, 416, 1000, 2000, 0, 0 },
		[CFG_FXO_AU] = { 400, 425, 400, 200, 400, 2000 },
	};
	const typeof(rings[0]) *r = &rings[country < CFG_FXO_COUNTRIES ? country : CFG_FXO_US];
	tone_gen_descriptor_t *d = tone_gen_descriptor_init(NULL, r->f1, -19, r->f2,
							    r->f2 ? -19 : -99, r->on, r->off,
							    r->on2, r->off2, 1);

	t->ring = d ? tone_gen_init(NULL, d) : NULL;
	tone_gen_descriptor_free(d);
	return t->ring;
}

struct tones *td_tones_new(void (*fn)(void *arg, struct sound_news *n), void *arg,
			   const struct sound_line *how)
{
	struct tones *t = td_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->fn = fn;
	t->arg = arg;
	t->press = dtmf_tx_init(NULL);
	t->keys = dtmf_rx_init(NULL, on_key, t);
	t->caller = td_caller_new(fn, arg);
	if (how->echo_ms)	/* without one the echo is heard, no more */
		t->echo = speex_echo_state_init(TDFXO_FRAME_SAMPLES, how->echo_ms * (RATE / 1000));
	if (make_ring(t, how->country) && t->press && t->keys && t->caller)
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
	td_caller_free(t->caller);
	if (t->echo)
		speex_echo_state_destroy(t->echo);
	td_free(t);
}
