// SPDX-License-Identifier: GPL-2.0-or-later
/* Tones of lines: keys that are pressed are heard as pressed, busy is no speech, caller id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <spandsp.h>

#include "config/model.h"
#include "userspace/fxo/caller.h"
#include "userspace/fxo/tones.h"

static struct {
	char keys[64], number[64], name[64];
	size_t n_keys;
	int dialled, tones, callers;
} heard;

static void news(void *arg, struct sound_news *n)
{
	(void)arg;
	switch (n->type) {
	case SOUND_KEY:
		if (heard.n_keys < sizeof(heard.keys) - 1)
			heard.keys[heard.n_keys++] = n->text[0];
		break;
	case SOUND_DIALLED: heard.dialled++; break;
	case SOUND_TONE: heard.tones++; break;
	case SOUND_CALLER:
		heard.callers++;
		strcpy(heard.number, n->text);
		strcpy(heard.name, n->name);
		break;
	default: break;
	}
}

static const struct sound_line usual = { .country = CFG_FXO_US };

static struct tones *fresh(void)
{
	struct tones *t = td_tones_new(news, NULL, &usual);

	assert_non_null(t);
	memset(&heard, 0, sizeof(heard));
	return t;
}

static void test_keys(void **state)
{
	struct tones *a = fresh(), *b = td_tones_new(news, NULL, &usual);
	int16_t s[160];

	(void)state;
	td_tones_dial(a, "123A456B789C*0#D", 100, 100);
	for (int i = 0; i < 50 * 4; i++) {
		uint8_t code[160];

		memset(s, 0, sizeof(s));
		td_tones_say(a, s, 160, false);
		td_tones_encode(code, s, 160, i % 2);
		td_tones_decode(s, code, 160, i % 2);
		td_tones_hear(b, s, 160, true);
	}
	assert_string_equal(heard.keys, "123A456B789C*0#D");
	assert_int_equal(heard.dialled, 1);
	td_tones_free(a);
	td_tones_free(b);
}

/* A second between what stands before and behind a comma. */
static void test_pause(void **state)
{
	struct tones *a = fresh(), *b = td_tones_new(news, NULL, &(struct sound_line){ .country = CFG_FXO_DE });
	int at[3] = { 0 }, frames;

	(void)state;
	td_tones_dial(a, ",1,2", 100, 100);
	td_tones_dial(a, "3", 100, 100);
	for (frames = 0; !heard.dialled && frames < 500; frames++) {
		int16_t s[160] = { 0 };
		size_t n = heard.n_keys;

		td_tones_say(a, s, 160, false);
		td_tones_hear(b, s, 160, true);
		if (heard.n_keys > n && n < 3)
			at[n] = frames;
	}
	assert_string_equal(heard.keys, "123");
	assert_in_range(at[0], 50, 56);
	assert_in_range(at[1] - at[0], 58, 62);	/* 100 on, 100 off, 1000 */
	assert_in_range(at[2] - at[1], 9, 11);
	td_tones_free(a);
	td_tones_free(b);
}

static void test_caller_of_keys(void **state)
{
	static const struct { const char *keys, *number; } cases[] = {
		{ "A31205551234C", "31205551234" }, { "A5551234D5550000C", "5551234" },
		{ "A5551234#", "5551234" }, { "D85221234567C", "85221234567" }, { "5551234#", "5551234" },
		{ "D1#", "" }, { "B10C", "" }, { "B00C", "" }, { "12#", "" }, { "#", "" }, { "C", "" },
		{ "", "" }, { "1A2#", "2" }, { "12B34#", "" },
	};
	char number[SOUND_TEXT_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		td_caller_of_keys(cases[i].keys, number, sizeof(number));
		assert_string_equal(number, cases[i].number);
	}
}

/* Keys on hook are the caller's number; in a call they are keys. */
static void test_caller_by_keys(void **state)
{
	struct tones *a = fresh(), *b = td_tones_new(news, NULL, &usual);

	(void)state;
	td_tones_dial(a, "A31205551234C", 70, 70);
	for (int i = 0; i < 150; i++) {
		int16_t s[160] = { 0 };

		td_tones_say(a, s, 160, false);
		td_tones_hear(b, s, 160, false);
	}
	assert_int_equal(heard.callers, 1);
	assert_string_equal(heard.number, "31205551234");
	assert_int_equal(heard.n_keys, 0);
	td_tones_free(a);
	td_tones_free(b);
}

static double level(const int16_t *s)
{
	double all = 0;

	for (int i = 0; i < 160; i++)
		all += (double)s[i] * s[i];
	return sqrt(all / 160);
}

/* A third of what we say comes back 20 ms later: it goes; what the other end says stays. */
static void test_echo(void **state)
{
	struct tones *t = td_tones_new(news, NULL, &(struct sound_line){ .echo_ms = 64 });
	int16_t said[160] = { 0 }, now[160], heard_now[160];
	double before = 0, after = 0;

	(void)state;
	for (int f = 0; f < 300; f++) {
		bool other = f >= 200;

		for (int i = 0; i < 160; i++) {
			double x = 2 * M_PI * (f * 160 + i) / 8000;

			now[i] = (int16_t)(6000 * sin(440 * x));
			heard_now[i] = (int16_t)(said[i] / 3 + (other ? 5000 * sin(700 * x) : 0));
		}
		before = level(heard_now);
		td_tones_cancel_echo(t, heard_now, now);
		after = level(heard_now);
		if (f >= 100 && !other)
			assert_true(after < before / 30);	/* 30 dB */
		memcpy(said, now, sizeof(said));
	}
	assert_in_range((int)after, 3000, 4000);	/* 5000 / sqrt(2) */
	td_tones_free(t);
}

/* f1, f2 on and off for ms each */
static void cadence(struct tones *t, double f1, double f2, int ms, int seconds)
{
	for (int n = 0; n < seconds * 8000; n += 160) {
		int16_t s[160];

		for (int i = 0; i < 160; i++) {
			double x = 2 * M_PI * (n + i) / 8000;
			bool on = (n + i) / 8 / ms % 2 == 0;

			s[i] = on ? (int16_t)(5000 * sin(f1 * x) + (f2 ? 5000 * sin(f2 * x) : 0)) : 0;
		}
		td_tones_hear(t, s, 160, true);
	}
}

static void test_busy(void **state)
{
	static const struct { double f1, f2; int ms, tones; } cases[] = {
		{ 480, 620, 500, 1 }, { 480, 620, 250, 1 }, { 425, 0, 500, 1 }, { 400, 0, 375, 1 },
		{ 440, 480, 2000, 0 }, { 425, 0, 1000, 0 }, { 1000, 0, 500, 0 }, { 350, 440, 60000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tones *t = fresh();

		cadence(t, cases[i].f1, cases[i].f2, cases[i].ms, 12);
		if ((heard.tones > 0) != cases[i].tones)
			fail_msg("%g+%g Hz, %d ms: %d", cases[i].f1, cases[i].f2, cases[i].ms,
				 heard.tones);
		td_tones_free(t);
	}
	struct tones *t = fresh();		/* noise, as loud as speech */

	srand(1);
	for (int n = 0; n < 60 * 50; n++) {
		int16_t s[160];

		for (int i = 0; i < 160; i++)
			s[i] = (int16_t)(rand() % 16000 - 8000);
		td_tones_hear(t, s, 160, true);
		td_tones_hear(t, s, 160, false);
	}
	assert_int_equal(heard.tones + heard.callers, 0);
	assert_string_equal(heard.keys, "");
	td_tones_free(t);
}

static void caller(int standard, uint8_t type, uint8_t number, uint8_t name)
{
	adsi_tx_state_t *tx = adsi_tx_init(NULL, standard);
	struct tones *t = fresh();
	uint8_t msg[256];
	int len = adsi_add_field(tx, msg, -1, type, NULL, 0);
	int16_t s[160];

	len = adsi_add_field(tx, msg, len, number, (const uint8_t *)"5551234", 7);
	len = adsi_add_field(tx, msg, len, name, (const uint8_t *)"SMITH", 5);
	adsi_tx_put_message(tx, msg, len);
	for (int i = 0; i < 150; i++) {
		int n = adsi_tx(tx, s, 160);

		memset(s + n, 0, (size_t)(160 - n) * sizeof(s[0]));
		td_tones_hear(t, s, 160, false);
	}
	assert_string_equal(heard.number, "5551234");
	assert_string_equal(heard.name, "SMITH");
	td_tones_free(t);
	adsi_tx_free(tx);
}

static void test_caller(void **state)
{
	(void)state;
	caller(ADSI_STANDARD_CLASS, CLASS_MDMF_CALLERID, MCLASS_CALLER_NUMBER, MCLASS_CALLER_NAME);
	caller(ADSI_STANDARD_CLIP, CLIP_MDMF_CALLERID, CLIP_CALLER_NUMBER, CLIP_CALLER_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_caller_of_keys),
		cmocka_unit_test(test_caller_by_keys),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_caller),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
