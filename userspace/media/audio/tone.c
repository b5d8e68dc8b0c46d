// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. Tones: tables, parser, generator. 0 dBm0 is the sine whose peak lies 3.14 dB below
 * the largest sample (G.711, table 5).
 */
#include "userspace/media/audio/tone.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define PROGRESS_DBM0	(-13.0f)		/* of each frequency; E.180: -10 +- 5 in all */
#define DTMF_LOW_DBM0	(-10.0f)
#define DTMF_HIGH_DBM0	(-8.0f)		/* hotter, as lines lose more of it */
#define PAUSE_MS	1000
#define RAMP_MS		2		/* in and out: no click */
#define MAX_MS		100000
#define MAX_HZ		3800

struct country {
	const char *name;
	const char *tone[TD_TONE_KINDS];
};

#define STUTTER(f) "!" f "/100,!0/100,!" f "/100,!0/100,!" f "/100,!0/100,!" f "/100,!0/100,!" \
	f "/100,!0/100,!" f "/100,!0/100," f

/* What no standard knows is ours, the same everywhere. */
#define OUR_OWN \
	[TD_TONE_ZIP] = "!480/300", \
	[TD_TONE_JOIN] = "!480/150,!0/50,!620/150", \
	[TD_TONE_LEAVE] = "!620/150,!0/50,!480/150"

static const struct country countries[] = {
	{ "us", {
		[TD_TONE_DIAL] = "350+440",
		[TD_TONE_STUTTER] = STUTTER("350+440"),
		[TD_TONE_RINGBACK] = "440+480/2000,0/4000",
		[TD_TONE_BUSY] = "480+620/500,0/500",
		[TD_TONE_REORDER] = "480+620/250,0/250",
		[TD_TONE_CALL_WAITING] = "440/300,0/10000",
		[TD_TONE_CONFIRM] = "!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100",
		[TD_TONE_RECORD] = "1400/500,0/15000",
		OUR_OWN } },
	{ "de", {
		[TD_TONE_DIAL] = "425",
		[TD_TONE_STUTTER] = "425+400",
		[TD_TONE_RINGBACK] = "425/1000,0/4000",
		[TD_TONE_BUSY] = "425/480,0/480",
		[TD_TONE_REORDER] = "425/240,0/240",
		[TD_TONE_CALL_WAITING] = "!425/200,!0/200,!425/200,!0/5000,425/200,0/200,425/200,0/5000",
		[TD_TONE_CONFIRM] = "!425/100,!0/100,!425/100,!0/100,!425/100,!0/100",
		[TD_TONE_RECORD] = "1400/80,0/15000",
		OUR_OWN } },
	{ "gb", {
		[TD_TONE_DIAL] = "350+440",
		[TD_TONE_STUTTER] = "350+440/750,440/750",
		[TD_TONE_RINGBACK] = "400+450/400,0/200,400+450/400,0/2000",
		[TD_TONE_BUSY] = "400/375,0/375",
		[TD_TONE_REORDER] = "400/400,0/350,400/225,0/525",
		[TD_TONE_CALL_WAITING] = "400/100,0/4000",
		[TD_TONE_CONFIRM] = "!1400/300",
		[TD_TONE_RECORD] = "1400/500,0/60000",
		OUR_OWN } },
	{ "fr", {
		[TD_TONE_DIAL] = "440",
		[TD_TONE_STUTTER] = STUTTER("440"),
		[TD_TONE_RINGBACK] = "440/1500,0/3500",
		[TD_TONE_BUSY] = "440/500,0/500",
		[TD_TONE_REORDER] = "440/250,0/250",
		[TD_TONE_CALL_WAITING] = "440/300,0/10000",
		[TD_TONE_CONFIRM] = "!440/100,!0/100,!440/100,!0/100,!440/100,!0/100",
		[TD_TONE_RECORD] = "1400/500,0/15000",
		OUR_OWN } },
};

/* ---- notation ---- */

/* Take a decimal number off the front; false when there is none, or it is above max. */
static bool take_number(struct td_str *s, uint32_t max, uint32_t *out)
{
	size_t digits = 0;

	*out = 0;
	while (digits < s->len && s->p[digits] >= '0' && s->p[digits] <= '9' && *out <= max)
		*out = *out * 10 + (uint32_t)(s->p[digits++] - '0');
	s->p += digits;
	s->len -= digits;
	return digits && *out <= max;
}

static bool take_char(struct td_str *s, char c)
{
	if (!s->len || *s->p != c)
		return false;
	s->p++;
	s->len--;
	return true;
}

static bool take_step(struct td_str *s, struct td_tone_step *step)
{
	uint32_t hz;

	memset(step, 0, sizeof(*step));
	if (!take_number(s, MAX_HZ, &hz))
		return false;
	step->hz[0] = (uint16_t)hz;
	if (take_char(s, '+')) {
		if (!take_number(s, MAX_HZ, &hz))
			return false;
		step->hz[1] = (uint16_t)hz;
	}
	if (take_char(s, '/') && (!take_number(s, MAX_MS, &step->ms) || !step->ms))
		return false;
	return true;
}

int td_tone_parse(struct td_tone *tone, struct td_str text)
{
	bool repeating = false;

	memset(tone, 0, sizeof(*tone));
	tone->dbm0[0] = tone->dbm0[1] = PROGRESS_DBM0;
	do {
		bool once = take_char(&text, '!');

		if (tone->n_steps == TD_TONE_STEPS || (once && repeating) ||
		    !take_step(&text, &tone->step[tone->n_steps]))
			return -EINVAL;
		tone->n_steps++;
		tone->repeat_from += once;
		repeating = !once;
	} while (take_char(&text, ','));
	return text.len ? -EINVAL : 0;
}

static const struct country *find_country(const char *name)
{
	if (td_str_caseeq_c(td_str_of(name), "uk"))
		name = "gb";
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
		if (td_str_caseeq_c(td_str_of(name), countries[i].name))
			return &countries[i];
	return NULL;
}

const char *td_tone_text(const char *country, enum td_tone_kind kind)
{
	const struct country *c = find_country(country);

	return (c ? c : countries)->tone[kind];
}

bool td_tone_country(struct td_tone *tone, const char *country, enum td_tone_kind kind)
{
	td_tone_parse(tone, td_str_of(td_tone_text(country, kind)));
	return find_country(country);
}

/* ---- DTMF, ITU-T Q.23 ---- */

static bool digit_step(char digit, struct td_tone_step *step)
{
	static const char keys[] = "123A456B789C*0#D";
	static const uint16_t low[] = { 697, 770, 852, 941 }, high[] = { 1209, 1336, 1477, 1633 };
	const char *at = digit ? strchr(keys, digit >= 'a' && digit <= 'd' ? digit - 32 : digit) :
			 NULL;

	if (!at)
		return false;
	step->hz[0] = low[(at - keys) / 4];
	step->hz[1] = high[(at - keys) % 4];
	return true;
}

int td_tone_digits(struct td_tone *tone, struct td_str digits, uint32_t on_ms, uint32_t off_ms)
{
	memset(tone, 0, sizeof(*tone));
	tone->dbm0[0] = DTMF_LOW_DBM0;
	tone->dbm0[1] = DTMF_HIGH_DBM0;
	if (!digits.len || !on_ms || !off_ms || digits.len > TD_TONE_STEPS / 2)
		return -EINVAL;
	for (size_t i = 0; i < digits.len; i++) {
		struct td_tone_step *step = &tone->step[tone->n_steps];

		if (digits.p[i] == ',') {
			step->ms = PAUSE_MS;
			tone->n_steps++;
			continue;
		}
		if (!digit_step(digits.p[i], step))
			return -EINVAL;
		step[0].ms = on_ms;
		step[1].ms = off_ms;
		tone->n_steps += 2;
	}
	tone->repeat_from = tone->n_steps;
	return 0;
}

/* ---- the generator ---- */

static void begin_step(struct td_tone_gen *g)
{
	const struct td_tone_step *s = &g->tone->step[g->at];

	g->done = 0;
	g->total = (uint32_t)((uint64_t)s->ms * g->rate / 1000);
	for (int i = 0; i < 2; i++) {
		double w = 2 * M_PI * s->hz[i] / g->rate;
		double peak = 32767 * pow(10, (g->tone->dbm0[i] - 3.14) / 20);

		/* a sine that begins at zero */
		g->coeff[i] = 2 * cos(w);
		g->y1[i] = s->hz[i] ? -peak * sin(w) : 0;
		g->y2[i] = s->hz[i] ? -peak * sin(2 * w) : 0;
	}
}

static void next_step(struct td_tone_gen *g)
{
	if (++g->at >= g->tone->n_steps) {
		g->at = g->tone->repeat_from;
		g->ended = g->at >= g->tone->n_steps;
	}
	if (!g->ended)
		begin_step(g);
}

void td_tone_gen_init(struct td_tone_gen *g, const struct td_tone *tone, uint32_t rate)
{
	memset(g, 0, sizeof(*g));
	g->tone = tone;
	g->rate = rate;
	g->ended = !tone->n_steps;
	if (!g->ended)
		begin_step(g);
}

static double oscillate(struct td_tone_gen *g, int i)
{
	double y = g->coeff[i] * g->y1[i] - g->y2[i];

	g->y2[i] = g->y1[i];
	g->y1[i] = y;
	return y;
}

static int16_t next_sample(struct td_tone_gen *g)
{
	uint32_t ramp = RAMP_MS * g->rate / 1000;
	double v = oscillate(g, 0) + oscillate(g, 1);

	if (g->done < ramp)
		v *= (double)g->done / ramp;
	else if (g->total && g->total - g->done < ramp)
		v *= (double)(g->total - g->done) / ramp;
	/* "for ever" may count round; the ramp stays behind it */
	g->done = g->done == UINT32_MAX ? ramp : g->done + 1;
	return (int16_t)lrint(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

bool td_tone_gen_next(struct td_tone_gen *g, int16_t *pcm, size_t n)
{
	if (g->ended) {
		memset(pcm, 0, n * sizeof(*pcm));
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		pcm[i] = g->ended ? 0 : next_sample(g);
		if (!g->ended && g->total && g->done >= g->total)
			next_step(g);
	}
	return true;
}
