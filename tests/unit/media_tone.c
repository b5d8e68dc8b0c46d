// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tones: notation, cadences, levels; DTMF as spandsp's receiver hears it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <spandsp/telephony.h>
#include <spandsp/logging.h>
#include <spandsp/super_tone_rx.h>
#include <spandsp/dtmf.h>

#include "tests/lib/tones.h"
#include "userspace/media/audio/tone.h"

#define MOST (16000 * 12)

static int16_t pcm[MOST];
static struct td_tone tone;

static void play(unsigned int rate, double seconds)
{
	struct td_tone_gen g;
	size_t n = (size_t)(rate * seconds), frame = rate / 50;

	td_tone_gen_init(&g, &tone, rate);
	for (size_t at = 0; at + frame <= n; at += frame)
		td_tone_gen_next(&g, pcm + at, frame);
}

static double at_ms(unsigned int ms, double hz, unsigned int rate)
{
	return tone_amplitude(pcm + ms * rate / 1000, rate / 10, hz, rate);
}

static void notation(void **state)
{
	static const char *const bad[] = { "", "x", "350+", "350/", "350/0", "3801", "350,", "350;",
					   "350/1,!440/1", "!350/1,,", "350/100001", "99999999999" };

	(void)state;
	assert_int_equal(td_tone_parse(&tone, TD_STR("!350+440/100,!0/50,400/10,0/20")), 0);
	assert_int_equal(tone.n_steps, 4);
	assert_int_equal(tone.repeat_from, 2);
	assert_int_equal(tone.step[0].hz[1], 440);
	assert_int_equal(tone.step[1].ms, 50);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(td_tone_parse(&tone, td_str_of(bad[i])), -EINVAL);
}

static void every_country_has_all(void **state)
{
	static const char *const countries[] = { "us", "DE", "gb", "uk", "fr" };

	(void)state;
	for (size_t c = 0; c < sizeof(countries) / sizeof(countries[0]); c++)
		for (int k = 0; k < TD_TONE_KINDS; k++) {
			assert_non_null(td_tone_text(countries[c], k));
			assert_int_equal(td_tone_parse(&tone, td_str_of(td_tone_text(countries[c], k))),
					 0);
			assert_true(td_tone_country(&tone, countries[c], k));
		}
	assert_false(td_tone_country(&tone, "xx", TD_TONE_DIAL));
	assert_int_equal(tone.step[0].hz[0], 350);
}

static void cadence(void **state)
{
	(void)state;
	for (unsigned int rate = 8000; rate <= 16000; rate += 8000) {
		assert_true(td_tone_country(&tone, "us", TD_TONE_RINGBACK));
		play(rate, 9);
		assert_true(at_ms(1000, 440, rate) > 4500 && at_ms(1000, 480, rate) > 4500);
		assert_true(at_ms(2100, 440, rate) == 0 && at_ms(5800, 440, rate) == 0);
		assert_true(at_ms(6100, 440, rate) > 4500);
		assert_true(at_ms(8100, 440, rate) == 0);
		assert_true(td_tone_country(&tone, "gb", TD_TONE_REORDER));
		play(rate, 2);
		assert_true(at_ms(100, 400, rate) > 4500 && at_ms(500, 400, rate) == 0);
		assert_true(at_ms(850, 400, rate) > 4500 && at_ms(1100, 400, rate) == 0);
		assert_true(at_ms(1550, 400, rate) > 4500);
	}
}

static void ends_by_itself(void **state)
{
	struct td_tone_gen g;

	(void)state;
	assert_int_equal(td_tone_parse(&tone, TD_STR("!480/300")), 0);
	td_tone_gen_init(&g, &tone, 8000);
	for (int i = 0; i < 15; i++)
		assert_true(td_tone_gen_next(&g, pcm + i * 160, 160));
	assert_false(td_tone_gen_next(&g, pcm, 160));
	assert_true(tone_rms(pcm, 160) == 0);
	assert_true(tone_rms(pcm + 160, 160) > 3000);
}

/* -13 dBm0 is 16.14 dB below the largest sample; nothing else is in it, and no click at the ends. */
static void level_and_purity(void **state)
{
	const double hz[] = { 350, 440 };
	double want = 32767 * pow(10, -16.14 / 20);

	(void)state;
	assert_true(td_tone_country(&tone, "us", TD_TONE_DIAL));
	play(8000, 10);
	assert_true(fabs(tone_amplitude(pcm + 72000, 8000, 350, 8000) - want) < want / 100);
	assert_true(tone_snr(pcm + 72000, 8000, hz, 2, 8000) > 60);
	assert_true(td_tone_country(&tone, "de", TD_TONE_BUSY));
	play(8000, 3);
	assert_true(tone_largest_step(pcm, 24000) <= want * 2 * M_PI * 425 / 8000 * 1.1);
}

static void hear_digits(const char *digits, const char *want, unsigned int on, unsigned int off)
{
	dtmf_rx_state_t *rx = dtmf_rx_init(NULL, NULL, NULL);
	char heard[64];

	assert_int_equal(td_tone_digits(&tone, td_str_of(digits), on, off), 0);
	memset(pcm, 0, sizeof(pcm));
	play(8000, 10);
	dtmf_rx(rx, pcm, 80000);
	heard[dtmf_rx_get(rx, heard, sizeof(heard) - 1)] = 0;
	assert_string_equal(heard, want);
	dtmf_rx_free(rx);
}

static void digits_are_heard(void **state)
{
	(void)state;
	hear_digits("0123456789*#ABCD", "0123456789*#ABCD", 100, 100);
	hear_digits("5551234", "5551234", 50, 50);
	hear_digits("9,a#", "9A#", 80, 60);
}

static void digits_refused(void **state)
{
	(void)state;
	assert_int_equal(td_tone_digits(&tone, TD_STR("12x"), 100, 100), -EINVAL);
	assert_int_equal(td_tone_digits(&tone, TD_STR(""), 100, 100), -EINVAL);
	assert_int_equal(td_tone_digits(&tone, TD_STR("1\0" "2"), 100, 100), -EINVAL);
	assert_int_equal(td_tone_digits(&tone, TD_STR("123456789012345678901234567890123"), 1, 1),
			 -EINVAL);
	assert_int_equal(td_tone_digits(&tone, TD_STR("1"), 0, 100), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notation), cmocka_unit_test(every_country_has_all),
		cmocka_unit_test(cadence), cmocka_unit_test(ends_by_itself),
		cmocka_unit_test(level_and_purity), cmocka_unit_test(digits_are_heard),
		cmocka_unit_test(digits_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_tone", tests, NULL, NULL);
}
