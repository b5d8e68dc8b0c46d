// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. Pitch by normalised correlation; at 16000 samples per second the search looks at
 * every other sample and every other lag first, which costs a quarter.
 */
#include "userspace/media/audio/conceal.h"

#include <string.h>

#define HZ_HIGH		400		/* pitch searched: 66 to 400 Hz */
#define HZ_LOW		66
#define FULL_MS		10		/* of concealment without fading */
#define END_MS		60		/* silence from here on */
#define QUIET		(60.0f * 60.0f)	/* mean square below which a cut is not heard */
#define ALIKE		0.6f		/* correlation from which two periods may be blended */

void td_conceal_init(struct td_conceal *c, uint32_t rate)
{
	memset(c, 0, sizeof(*c));
	c->rate = rate;
}

/* How alike a[0..n) and b[0..n) are, -1..1, looking at every step-th sample. */
static float likeness(const int16_t *a, const int16_t *b, size_t n, size_t step)
{
	float ab = 0, aa = 1, bb = 1;

	for (size_t i = 0; i < n; i += step) {
		float x = a[i], y = b[i];

		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	/* the square keeps its sign: no root needed */
	return ab < 0 ? -ab * ab / (aa * bb) : ab * ab / (aa * bb);
}

static void better(const int16_t *base, size_t n, int dir, size_t lag, size_t step, size_t *best,
		   float *max)
{
	float s = likeness(base, dir < 0 ? base - lag : base + lag, n, step);

	if (s > *max) {
		*max = s;
		*best = lag;
	}
}

/* The lag in low..high at which n samples from base - lag (dir -1) or base + lag (dir 1) look most
 * like those at base. */
static size_t best_lag(const int16_t *base, size_t n, int dir, size_t low, size_t high,
		       float *score)
{
	size_t step = high > 150 ? 2 : 1, best = low, middle;
	float max = -2;

	for (size_t lag = low; lag <= high; lag += step)
		better(base, n, dir, lag, step, &best, &max);
	if (step > 1) {
		middle = best;
		max = -2;
		for (size_t lag = middle > low ? middle - 1 : low; lag <= middle + 1 && lag <= high;
		     lag++)
			better(base, n, dir, lag, 1, &best, &max);
	}
	*score = max;
	return best;
}

static int16_t blend(int16_t from, int16_t to, size_t i, size_t n)
{
	return (int16_t)((from * (int32_t)(n - i) + to * (int32_t)i) / (int32_t)n);
}

/* The last period, its end blended with what stood before its start, so that it can be repeated. */
static void take_cycle(struct td_conceal *c)
{
	const int16_t *end = c->history + TD_CONCEAL_HISTORY;
	size_t window = c->rate / 50, low = c->rate / HZ_HIGH, high = c->rate / HZ_LOW;
	size_t quarter;
	float score;

	if (high > TD_CONCEAL_PITCH)
		high = TD_CONCEAL_PITCH;
	c->pitch = (uint32_t)best_lag(end - window, window, -1, low, high, &score);
	quarter = c->pitch / 4;
	memcpy(c->cycle, end - c->pitch, c->pitch * sizeof(c->cycle[0]));
	for (size_t i = 0; i < quarter; i++) {
		int16_t *p = &c->cycle[c->pitch - quarter + i];

		*p = blend(*p, end[-(long)(c->pitch + quarter) + (long)i], i + 1, quarter);
	}
	c->at = 0;
	c->step = end[-1] - end[-(long)c->pitch - 1];
}

static int32_t next_sample(struct td_conceal *c)
{
	uint32_t full = FULL_MS * c->rate / 1000, end = END_MS * c->rate / 1000;
	uint32_t quarter = c->pitch / 4;
	int32_t v;

	if (c->missing >= end)
		return 0;
	v = c->cycle[c->at];
	c->at = c->at + 1 == c->pitch ? 0 : c->at + 1;
	/* the period does not go on exactly where the sound ended: get there softly */
	if (c->missing < quarter)
		v += c->step * (int32_t)(quarter - c->missing) / (int32_t)quarter;
	if (c->missing > full)
		v = v * (int32_t)(end - c->missing) / (int32_t)(end - full);
	c->missing++;
	return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v;
}

static void remember(struct td_conceal *c, const int16_t *pcm, size_t n)
{
	if (n >= TD_CONCEAL_HISTORY) {
		memcpy(c->history, pcm + n - TD_CONCEAL_HISTORY, sizeof(c->history));
		return;
	}
	memmove(c->history, c->history + n, (TD_CONCEAL_HISTORY - n) * sizeof(*pcm));
	memcpy(c->history + TD_CONCEAL_HISTORY - n, pcm, n * sizeof(*pcm));
}

void td_conceal_fill(struct td_conceal *c, int16_t *pcm, size_t n)
{
	if (!c->missing)
		take_cycle(c);
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)next_sample(c);
}

void td_conceal_cut(struct td_conceal *c)
{
	if (c->missing)
		return;
	take_cycle(c);
	c->missing = 1;
}

void td_conceal_good(struct td_conceal *c, int16_t *pcm, size_t n)
{
	size_t joint = c->rate / 200;	/* 5 ms */

	if (c->missing) {
		for (size_t i = 0; i < joint && i < n; i++)
			pcm[i] = blend((int16_t)next_sample(c), pcm[i], i + 1, joint);
		c->missing = 0;
	}
	remember(c, pcm, n);
}

static float mean_square(const int16_t *pcm, size_t n)
{
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (float)pcm[i] * pcm[i];
	return sum / (float)n;
}

size_t td_conceal_shrink(int16_t *pcm, size_t n, uint32_t rate)
{
	size_t low = rate / HZ_HIGH, high = rate / 100, lag;
	float score;

	if (n < 2 * high)
		return n;
	lag = best_lag(pcm, high, 1, low, high, &score);
	if (score < ALIKE * ALIKE && mean_square(pcm, n) > QUIET)
		return n;
	for (size_t i = 0; i < lag; i++)
		pcm[i] = blend(pcm[i], pcm[lag + i], i + 1, lag);
	memmove(pcm + lag, pcm + 2 * lag, (n - 2 * lag) * sizeof(*pcm));
	return n - lag;
}
