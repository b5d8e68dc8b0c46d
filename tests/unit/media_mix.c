// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mixing arithmetic: sum less own part, the limiter judged by what it leaves of tones, ramps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/tones.h"
#include "userspace/media/audio/mix.h"

#define FRAME	160
#define FRAMES	100
#define N	(FRAME * FRAMES)

static int16_t voice[4][N], heard[N];

/* Three voices of that amplitude; what the first one hears. */
static void mix(double amplitude)
{
	static const double hz[] = { 400, 700, 1100, 1900 };
	struct td_limiter l = { 0 };

	for (int v = 0; v < 4; v++) {
		memset(voice[v], 0, sizeof(voice[v]));
		tone_add(voice[v], N, hz[v], amplitude, 8000, 0);
	}
	for (int f = 0; f < FRAMES; f++) {
		int32_t sum[FRAME] = { 0 };

		for (int v = 0; v < 4; v++)
			td_mix_add(sum, voice[v] + f * FRAME, FRAME);
		td_mix_limit(&l, heard + f * FRAME, sum, voice[0] + f * FRAME, FRAME);
	}
}

static void own_part_is_left_out(void **state)
{
	const double others[] = { 700, 1100, 1900 };

	(void)state;
	mix(5000);
	assert_true(tone_amplitude(heard, N, 400, 8000) < 1);
	for (int i = 0; i < N; i++)
		assert_int_equal(heard[i], voice[1][i] + voice[2][i] + voice[3][i]);
	assert_true(tone_snr(heard, N, others, 3, 8000) > 70);
}

/* Sums far beyond 16 bits: turned down, but still three clean tones. */
static void loud_sums_stay_clean(void **state)
{
	const double others[] = { 700, 1100, 1900 };

	(void)state;
	for (double a = 12000; a < 33000; a += 4000) {
		double each, snr;

		mix(a);
		each = tone_amplitude(heard + N / 2, N / 2, 700, 8000);
		snr = tone_snr(heard + N / 2, N / 2, others, 3, 8000);
		print_message("# amplitude %.0f: each %.0f, %.1f dB\n", a, each, snr);
		assert_true(snr > 55);
		assert_true(each > 9000);
		/* from the very first sample, no wrap and nothing beyond */
		assert_true(tone_snr(heard, N / 50 * 2, others, 3, 8000) > 15);
	}
}

/* Loudness comes back after a shout, without a jump. */
static void gain_recovers(void **state)
{
	struct td_limiter l = { 0 };
	int16_t out[FRAME];
	int32_t sum[FRAME];
	int frames = 0;

	(void)state;
	for (int i = 0; i < FRAME; i++)
		sum[i] = i == 80 ? 100000 : 1000;
	td_mix_limit(&l, out, sum, NULL, FRAME);
	assert_true(out[0] > 980 && out[0] < 1000);
	assert_true(out[80] >= 29000 && out[80] <= 29300);
	for (int i = 0; i < FRAME; i++)
		sum[i] = 1000;
	do {
		int16_t last = out[FRAME - 1];

		td_mix_limit(&l, out, sum, NULL, FRAME);
		assert_true(abs(out[0] - last) <= 2 && out[FRAME - 1] >= last);
		frames++;
	} while (out[FRAME - 1] < 1000);
	assert_true(frames > 10 && frames < 50);
}

static void extremes(void **state)
{
	struct td_limiter l = { 0 };
	int16_t out[TD_MIX_MOST], own[TD_MIX_MOST];
	int32_t sum[TD_MIX_MOST];

	(void)state;
	for (int i = 0; i < TD_MIX_MOST; i++) {
		sum[i] = i % 2 ? 64 * 32767 : -64 * 32768;
		own[i] = i % 2 ? INT16_MIN : INT16_MAX;
	}
	td_mix_limit(&l, out, sum, own, TD_MIX_MOST);
	for (int i = 1; i < TD_MIX_MOST; i++)
		assert_true((out[i] > 0) == (i % 2 == 1));
	td_mix_gain(out, own, TD_MIX_MOST, 8, 8);
	assert_int_equal(out[0], INT16_MAX);
	assert_int_equal(out[1], INT16_MIN);
}

static void ramps(void **state)
{
	int16_t in[FRAME], out[FRAME];

	(void)state;
	for (int i = 0; i < FRAME; i++)
		in[i] = 10000;
	td_mix_gain(out, in, FRAME, 0, 1);
	assert_true(out[0] < 100 && out[79] > 4900 && out[79] < 5100);
	assert_true(out[FRAME - 1] >= 9999);
	assert_true(tone_largest_step(out, FRAME) < 70);
	td_mix_gain(in, in, FRAME, 1, 0);
	assert_true(in[FRAME - 1] == 0 && in[0] > 9900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_part_is_left_out), cmocka_unit_test(loud_sums_stay_clean),
		cmocka_unit_test(gain_recovers), cmocka_unit_test(extremes), cmocka_unit_test(ramps),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_mix", tests, NULL, NULL);
}
