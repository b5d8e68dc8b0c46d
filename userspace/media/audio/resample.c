// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. A half-band low pass of 39 taps: every other tap but the middle one is zero, so one
 * of two new samples on the way up is an old one. The taps are a sinc under a Kaiser
 * window (beta 5.65), scaled so that their sum is
 * one, in 14 bits: the loudest input still fits 32.
 */
#include "userspace/media/audio/resample.h"

#define N_TAPS 10			/* on each side of the middle, zeroes left out */

static const int16_t taps[N_TAPS] = {
	10370, -3283, 1774, -1079, 673, -412, 240, -129, 60, -22
};

static int16_t clip(int32_t v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

/* Samples left and right of a point, pairwise: left[-k * step] and right[k * step]. */
static int32_t around(const int16_t *left, const int16_t *right, int step)
{
	int32_t sum = 0;

	for (int k = 0; k < N_TAPS; k++)
		sum += taps[k] * (left[-k * step] + right[k * step]);
	return sum;
}

void td_resample_up(int16_t *out, const int16_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const int16_t *p = in + i;

		out[2 * i] = p[-N_TAPS];
		out[2 * i + 1] = clip((around(p - N_TAPS, p - N_TAPS + 1, 1) + (1 << 13)) >> 14);
	}
}

void td_resample_down(int16_t *out, const int16_t *in, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		const int16_t *middle = in + 2 * i - (2 * N_TAPS - 1);
		int32_t sum = around(middle - 1, middle + 1, 2);

		out[i] = clip((sum + middle[0] * 16384 + (1 << 14)) >> 15);
	}
}
