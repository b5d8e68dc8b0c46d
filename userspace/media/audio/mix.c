// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. The limiter looks at the whole piece (20 ms) before it begins: it lowers the gain
 * along a straight line that ends where the first sample too loud stands, and holds it. Only
 * when that sample is one of the first few, the line is too steep to be clean, and what is
 * still above the ceiling is bent.
 */
#include "userspace/media/audio/mix.h"

#include <string.h>

#define CEILING		29204		/* -1 dB */
#define ROOM		(INT16_MAX - CEILING)
#define RELEASE		1.06f		/* gain up per piece: 0.5 dB, 25 dB per second */
#define MIN_LINE	8		/* samples */

static int16_t clip(float v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

void td_mix_gain(int16_t *out, const int16_t *in, size_t n, float from, float to)
{
	float step = (to - from) / (float)n, g = from;

	if (from == 1 && to == 1) {
		memmove(out, in, n * sizeof(*out));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		g += step;
		out[i] = clip(in[i] * g);
	}
}

void td_mix_add(int32_t *sum, const int16_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum[i] += in[i];
}

static int32_t magnitude(int32_t v)
{
	return v < 0 ? -v : v;
}

static int32_t peak_of(const int32_t *v, size_t n)
{
	int32_t peak = 0;

	for (size_t i = 0; i < n; i++)
		peak = magnitude(v[i]) > peak ? magnitude(v[i]) : peak;
	return peak;
}

/* Above the ceiling: ever flatter, never beyond the largest sample. */
static int16_t bend(float v)
{
	float over = (v < 0 ? -v : v) - CEILING, top;

	if (over <= 0)
		return (int16_t)v;
	top = CEILING + ROOM * over / (over + ROOM);
	return (int16_t)(v < 0 ? -top : top);
}

static void scale(int16_t *out, const int32_t *v, size_t n, float from, float to, size_t line)
{
	float g = from, step = (to - from) / (float)line;

	for (size_t i = 0; i < n; i++) {
		g = i < line ? g + step : to;
		out[i] = bend((float)v[i] * g);
	}
}

/* Where the present gain would be too much. */
static size_t first_above(const int32_t *v, size_t n, float limit)
{
	size_t i = 0;

	while (i < n && (float)magnitude(v[i]) <= limit)
		i++;
	return i;
}

void td_mix_limit(struct td_limiter *l, int16_t *out, const int32_t *sum, const int16_t *own,
		  size_t n)
{
	float gain = 1 - l->down, wanted = 1, next;
	int32_t v[TD_MIX_MOST], peak;

	for (size_t i = 0; i < n; i++)
		v[i] = sum[i] - (own ? own[i] : 0);
	peak = peak_of(v, n);
	if (peak > CEILING)
		wanted = CEILING / (float)peak;
	if (gain == 1 && wanted == 1) {
		for (size_t i = 0; i < n; i++)
			out[i] = (int16_t)v[i];
		return;
	}
	if (wanted < gain) {
		size_t line = first_above(v, n, CEILING / gain);

		scale(out, v, n, gain, wanted, line < MIN_LINE ? MIN_LINE : line);
		l->down = 1 - wanted;
		return;
	}
	next = gain * RELEASE < wanted ? gain * RELEASE : wanted;
	scale(out, v, n, gain, next, n);
	l->down = 1 - next;
}
