// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Concealment, shortening and change of the sample rate, judged by tones: a lost packet of a
 * steady tone is hardly missed, nothing clicks, silence comes in time, no alias appears.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "tests/lib/tones.h"
#include "userspace/media/audio/conceal.h"
#include "userspace/media/audio/resample.h"

#define SECOND 16000

static int16_t pcm[SECOND], ref[SECOND];

static void make(double hz, double amplitude, unsigned int rate)
{
	memset(pcm, 0, sizeof(pcm));
	tone_add(pcm, rate, hz, amplitude, rate, 0);
	memcpy(ref, pcm, sizeof(ref));
}

/* One 20 ms piece of ten is lost. */
static double snr_with_losses(double hz, unsigned int rate)
{
	size_t frame = rate / 50, n = rate;
	struct td_conceal c;
	double noise = 0, signal = 0;

	make(hz, 8000, rate);
	td_conceal_init(&c, rate);
	for (size_t at = 0; at < n; at += frame) {
		if (at / frame % 10 == 7)
			td_conceal_fill(&c, pcm + at, frame);
		else
			td_conceal_good(&c, pcm + at, frame);
	}
	for (size_t i = 0; i < n; i++) {
		noise += pow(pcm[i] - ref[i], 2);
		signal += pow(ref[i], 2);
	}
	return 10 * log10(signal / (noise + 1));
}

static void lost_piece_of_a_tone(void **state)
{
	static const double hz[] = { 100, 150, 200, 300, 440, 697, 1000, 1477 };

	(void)state;
	for (unsigned int rate = 8000; rate <= 16000; rate += 8000) {
		for (size_t i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
			double snr = snr_with_losses(hz[i], rate);

			print_message("# %u: %.0f Hz %.1f dB\n", rate, hz[i], snr);
			/* silence in the place of losses would be 10 dB */
			assert_true(snr > 17);
		}
	}
}

static void nothing_clicks(void **state)
{
	(void)state;
	for (unsigned int rate = 8000; rate <= 16000; rate += 8000) {
		int before;

		make(230, 10000, rate);
		before = tone_largest_step(pcm, rate);
		snr_with_losses(230, rate);
		assert_true(tone_largest_step(pcm, rate) <= before * 13 / 10);
	}
}

static void silence_in_time(void **state)
{
	struct td_conceal c;

	(void)state;
	make(300, 8000, 8000);
	td_conceal_init(&c, 8000);
	td_conceal_good(&c, pcm, 800);
	td_conceal_fill(&c, pcm, 800);
	assert_true(tone_rms(pcm, 80) > 5000);
	assert_true(tone_rms(pcm + 320, 80) < tone_rms(pcm + 160, 80));
	assert_true(tone_rms(pcm + 60 * 8, 800 - 60 * 8) == 0);
}

/* From nothing, and back into sound after long silence. */
static void start_and_return(void **state)
{
	struct td_conceal c;

	(void)state;
	td_conceal_init(&c, 16000);
	td_conceal_fill(&c, pcm, 320);
	assert_true(tone_rms(pcm, 320) == 0);
	make(1000, 8000, 16000);
	td_conceal_good(&c, pcm + 4, 320);	/* begins high */
	assert_true(pcm[4] < 200);
	assert_int_equal(pcm[4 + 200], ref[4 + 200]);
}

static void cut_is_blended(void **state)
{
	struct td_conceal c;
	int step;

	(void)state;
	make(200, 10000, 8000);
	step = tone_largest_step(pcm, 8000);
	td_conceal_init(&c, 8000);
	td_conceal_good(&c, pcm, 400);		/* ends at zero, upwards */
	td_conceal_cut(&c);
	td_conceal_good(&c, pcm + 410, 400);	/* begins at the top */
	memmove(pcm + 400, pcm + 410, 800);
	assert_true(tone_largest_step(pcm, 800) <= step * 2);
}

static void shortened(void **state)
{
	(void)state;
	for (unsigned int rate = 8000; rate <= 16000; rate += 8000) {
		size_t n = rate / 25, left;
		double hz = 250;
		int step;

		make(hz, 9000, rate);
		step = tone_largest_step(pcm, n);
		left = td_conceal_shrink(pcm, n, rate);
		assert_true(left < n && left >= n - rate / 100);
		assert_true(tone_largest_step(pcm, left) <= step * 11 / 10);
		assert_true(fabs(tone_amplitude(pcm, left / (rate / 250) * (rate / 250), hz, rate)
				 - 9000) < 300);
	}
}

static void noise_is_not_shortened(void **state)
{
	uint32_t rnd = 1;

	(void)state;
	for (int i = 0; i < 320; i++) {
		rnd = rnd * 1664525u + 1013904223u;
		pcm[i] = (int16_t)(rnd >> 18);
		if (rnd & 0x10000)
			pcm[i] = (int16_t)-pcm[i];
	}
	assert_int_equal(td_conceal_shrink(pcm, 320, 8000), 320);
	for (int i = 0; i < 320; i++)
		pcm[i] /= 1000;			/* too quiet to be heard */
	assert_true(td_conceal_shrink(pcm, 320, 8000) < 320);
}

/* ---- sample rates ---- */

static int16_t conv[2 * SECOND];

/* In pieces of 20 ms, as the thread does. */
static void convert(unsigned int rate)
{
	static int16_t room[TD_RESAMPLE_TAIL + SECOND];
	size_t frame = rate / 50;

	memset(room, 0, TD_RESAMPLE_TAIL * 2);
	memcpy(room + TD_RESAMPLE_TAIL, pcm, rate * 2);
	for (size_t at = 0; at < rate; at += frame) {
		if (rate == 8000)
			td_resample_up(conv + 2 * at, room + TD_RESAMPLE_TAIL + at, frame);
		else
			td_resample_down(conv + at / 2, room + TD_RESAMPLE_TAIL + at, frame);
	}
}

static void up(void **state)
{
	static const double hz[] = { 300, 1000, 2000, 3000 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		make(hz[i], 10000, 8000);
		convert(8000);
		assert_true(fabs(tone_amplitude(conv + 4000, 8000, hz[i], 16000) - 10000) < 60);
		assert_true(tone_snr(conv + 4000, 8000, &hz[i], 1, 16000) > 60);
	}
}

static void down(void **state)
{
	static const double hz[] = { 300, 1000, 2000, 3000 }, high[] = { 5000, 6000, 7000 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		make(hz[i], 10000, 16000);
		convert(16000);
		assert_true(fabs(tone_amplitude(conv + 2000, 4000, hz[i], 8000) - 10000) < 60);
		assert_true(tone_snr(conv + 2000, 4000, &hz[i], 1, 8000) > 60);
	}
	for (size_t i = 0; i < 3; i++) {
		make(high[i], 10000, 16000);
		convert(16000);
		assert_true(tone_rms(conv + 2000, 4000) < 10);
	}
}

static void loudest(void **state)
{
	(void)state;
	for (int i = 0; i < 8000; i++)
		pcm[i] = i / 7 % 2 ? 32767 : -32768;
	convert(8000);
	convert(16000);		/* no overflow: the sanitizer would tell */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_piece_of_a_tone), cmocka_unit_test(nothing_clicks),
		cmocka_unit_test(silence_in_time), cmocka_unit_test(start_and_return),
		cmocka_unit_test(cut_is_blended), cmocka_unit_test(shortened),
		cmocka_unit_test(noise_is_not_shortened), cmocka_unit_test(up),
		cmocka_unit_test(down), cmocka_unit_test(loudest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_conceal", tests, NULL, NULL);
}
