/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trie of numbers and patterns: MATCH, MORE, NONE, removal; the order of Cisco's hunt;
 * that it finds what POSIX expressions find, over random plans; and that ten thousand
 * patterns cost nothing.
 */
#include <errno.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "userspace/base/mem.h"
#include "userspace/core/route.h"

static int target[10000];

static struct td_dial_pattern pattern(const char *text)
{
	struct td_dial_pattern p;
	const char *why = "";
	size_t at = 0;

	if (td_dial_parse(&p, text, &why, &at))
		fail_msg("%s: character %zu: %s", text, at, why);
	return p;
}

static int add(struct td_route *r, const char *text, void *to, uint8_t preference, uint32_t order)
{
	struct td_dial_pattern p = pattern(text);

	return td_route_add(r, &p, to, preference, order);
}

static int add_number(struct td_route *r, const char *digits, void *to)
{
	struct td_dial_pattern p;
	int err = td_dial_number(&p, digits);

	return err ? err : td_route_add(r, &p, to, 0, 0);
}

static bool take(struct td_route *r, const char *text, const void *to)
{
	struct td_dial_pattern p = pattern(text);

	return td_route_remove(r, &p, to);
}

static void expect(const struct td_route *r, const char *digits, enum td_route_kind kind,
		   const void *to, bool longer)
{
	struct td_route_result got;

	td_route_match(r, digits, &got);
	if (got.kind != kind || got.longer != longer ||
	    (kind == TD_ROUTE_MATCH) != (got.n > 0) || (got.n && got.hit[0].target != to))
		fail_msg("%s: kind %d longer %d, %zu hits, first %zd", digits, got.kind, got.longer,
			 got.n, got.n ? (int *)got.hit[0].target - target : -1);
}

static void digits(void **state)
{
	struct td_route *r = td_route_new();

	(void)state;
	expect(r, "", TD_ROUTE_NONE, NULL, false);
	expect(r, "1", TD_ROUTE_NONE, NULL, false);
	assert_int_equal(add_number(r, "1001", &target[0]), 0);
	assert_int_equal(add_number(r, "1002", &target[1]), 0);
	assert_int_equal(add_number(r, "10021", &target[2]), 0);
	assert_int_equal(add_number(r, "*98#", &target[3]), 0);
	assert_int_equal(add_number(r, "+4930123", &target[4]), 0);
	assert_int_equal(td_route_count(r), 5);
	expect(r, "", TD_ROUTE_MORE, NULL, true);
	expect(r, "100", TD_ROUTE_MORE, NULL, true);
	expect(r, "1001", TD_ROUTE_MATCH, &target[0], false);
	expect(r, "1002", TD_ROUTE_MATCH, &target[1], true);
	expect(r, "10021", TD_ROUTE_MATCH, &target[2], false);
	expect(r, "100211", TD_ROUTE_NONE, NULL, false);
	expect(r, "2", TD_ROUTE_NONE, NULL, false);
	expect(r, "*98#", TD_ROUTE_MATCH, &target[3], false);
	expect(r, "+4930123", TD_ROUTE_MATCH, &target[4], false);
	expect(r, "alice", TD_ROUTE_NONE, NULL, false);
	expect(r, "1001;x", TD_ROUTE_NONE, NULL, false);
	td_route_free(r);
	td_route_free(NULL);
}

/* Table "Matching Destination Patterns" of Cisco's voice courses, digit by digit. */
static void cisco_digits_collected(void **state)
{
	struct td_route *r = td_route_new();

	(void)state;
	add(r, "5......", &target[0], 0, 1);
	expect(r, "555012", TD_ROUTE_MORE, NULL, true);
	expect(r, "5550124", TD_ROUTE_MATCH, &target[0], false);
	add(r, "555....", &target[1], 0, 2);
	expect(r, "5550124", TD_ROUTE_MATCH, &target[1], false);
	add(r, "555", &target[2], 0, 3);
	expect(r, "555", TD_ROUTE_MATCH, &target[2], true);
	td_route_free(r);

	r = td_route_new();
	add(r, "555T", &target[3], 0, 1);
	expect(r, "55", TD_ROUTE_MORE, NULL, true);
	expect(r, "555", TD_ROUTE_MATCH, &target[3], true);
	expect(r, "5550124", TD_ROUTE_MATCH, &target[3], true);
	td_route_free(r);
}

struct fits { const char *pattern, *digits; bool fit; };

/* One pattern, one number, all digits there. */
static void patterns(void **state)
{
	static const struct fits table[] = {
		/* IOS Voice Command Reference, destination-pattern; 640-461 study texts */
		{ "20..", "2000", true }, { "20..", "2099", true }, { "20..", "2100", false },
		{ "5+23", "5523", true }, { "5+23", "555523", true }, { "5+23", "23", false },
		{ "[1-3]22", "122", true }, { "[1-3]22", "422", false },
		{ "[^1-3]22", "022", true }, { "[^1-3]22", "*22", true },
		{ "[^1-3]22", "222", false },
		{ "333(123)", "333123", true }, { "333(123)", "3331", false },
		{ "333(123)%", "333", true }, { "333(123)%", "333123123", true },
		{ "333(123)%$", "33312", false }, { "3+[123]", "3331", true },
		{ "333[^49]", "3334", false }, { "333[^49]", "3332", true },
		{ ".777", "1777", true }, { "[13]777", "2777", false },
		{ "5[1-9]..", "5100", true }, { "5[1-9]..", "5000", false },
		{ "[14-8]....", "18888", true }, { "[14-8]....", "28888", false },
		{ "91T", "919954710200", true }, { "91T", "91", true }, { "91T", "90", false },
		{ ".T", "1", true }, { ".T", "", false }, { "T", "", true },
		/* the beginning is enough without $ */
		{ "555", "5551234", true }, { "555$", "5551234", false }, { "555$", "555", true },
		{ "+49", "+4930", true }, { "+49", "4930", false },
		{ "9?1001$", "1001", true }, { "9?1001$", "91001", true },
		{ "9?1001$", "991001", false }, { "(12)+$", "1212", true },
		{ "(12)+$", "121", false }, { "1%2$", "2", true }, { "1%2$", "1112", true },
		{ "T", "12345678901234567890123456789012", true },
		{ "T", "123456789012345678901234567890123", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct td_route *r = td_route_new();
		struct td_route_result got;

		assert_int_equal(add(r, table[i].pattern, &target[0], 0, 0), 0);
		td_route_match(r, table[i].digits, &got);
		if ((got.n == 1) != table[i].fit)
			fail_msg("%s and %s", table[i].pattern, table[i].digits);
		td_route_free(r);
	}
}

static void order(void **state)
{
	struct td_route *r = td_route_new();
	struct td_route_result got;

	(void)state;
	/* 2000..2999 and 2000..2009 for 2001: "200" is the longest (Cisco, dial-peer hunt 0) */
	add(r, "2...", &target[0], 0, 1);
	add(r, "200.", &target[1], 5, 2);
	expect(r, "2001", TD_ROUTE_MATCH, &target[1], false);
	expect(r, "2010", TD_ROUTE_MATCH, &target[0], false);
	/* equally long: preference, then brackets before dots, then the order of the file */
	add(r, "20[0-4].", &target[2], 1, 3);
	add(r, "20..", &target[3], 1, 4);
	add(r, "20..", &target[4], 0, 5);
	add(r, "20..", &target[5], 0, 6);
	add_number(r, "2001", &target[6]);
	td_route_match(r, "2001", &got);
	assert_int_equal(got.n, 7);
	assert_false(got.cut);
	assert_ptr_equal(got.hit[0].target, &target[6]);
	assert_ptr_equal(got.hit[1].target, &target[1]);
	assert_ptr_equal(got.hit[2].target, &target[4]);
	assert_ptr_equal(got.hit[3].target, &target[5]);
	assert_ptr_equal(got.hit[4].target, &target[2]);
	assert_ptr_equal(got.hit[5].target, &target[3]);
	assert_ptr_equal(got.hit[6].target, &target[0]);
	assert_int_equal(got.hit[1].literal, 3);
	/* another preference for one that is there */
	struct td_dial_pattern p = pattern("20..");

	td_route_prefer(r, &p, &target[5], 9);
	td_route_match(r, "2001", &got);
	assert_ptr_equal(got.hit[5].target, &target[5]);
	/* more than the list holds: the best stay */
	for (int i = 100; i < 130; i++)
		add(r, "2T", &target[i], 0, (uint32_t)i);
	td_route_match(r, "2001", &got);
	assert_int_equal(got.n, TD_ROUTE_HITS);
	assert_true(got.cut);
	assert_ptr_equal(got.hit[0].target, &target[6]);
	assert_ptr_equal(got.hit[6].target, &target[0]);
	assert_ptr_equal(got.hit[7].target, &target[100]);
	td_route_free(r);
}

static void removal(void **state)
{
	struct td_route *r;
	long before = td_mem_live();

	(void)state;
	r = td_route_new();
	add_number(r, "100", &target[0]);
	add_number(r, "1001", &target[1]);
	add(r, "1[0-5].T", &target[2], 0, 0);
	add(r, "1(23)+4", &target[3], 0, 0);
	add(r, "T", &target[4], 0, 0);
	assert_false(take(r, "10$", &target[0]));
	assert_false(take(r, "100$", &target[1]));
	assert_true(take(r, "100$", &target[0]));
	assert_true(take(r, "T", &target[4]));
	assert_true(take(r, "1(23)+4", &target[3]));
	expect(r, "100", TD_ROUTE_MATCH, &target[2], true);
	assert_true(take(r, "1[0-5].T", &target[2]));
	expect(r, "100", TD_ROUTE_MORE, NULL, true);
	assert_true(take(r, "1001$", &target[1]));
	expect(r, "1", TD_ROUTE_NONE, NULL, false);
	assert_int_equal(td_route_count(r), 0);
	assert_int_equal(td_mem_live(), before + 1);	/* no node is left */
	td_route_free(r);
	assert_int_equal(td_mem_live(), before);
}

static void without_memory(void **state)
{
	static const char *const texts[] = { "1001$", "1[2-3].4", "12(3)+4" };
	struct td_route *r = td_route_new();
	long before = td_mem_live();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		unsigned long nth = 1;

		for (;; nth++) {
			td_mem_fail_nth(nth);
			if (!add(r, texts[i], &target[0], 0, 0))
				break;
			td_mem_fail_nth(0);
			assert_int_equal(td_mem_live(), before);
			expect(r, "1", TD_ROUTE_NONE, NULL, false);
		}
		td_mem_fail_nth(0);
		assert_true(nth > 4);
		assert_true(take(r, texts[i], &target[0]));
		assert_int_equal(td_mem_live(), before);
	}
	td_route_free(r);
}

/* ---- the same as POSIX expressions ---- */

static unsigned int seed = 4711;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

#define KEYS "0123456789*#ABCD+"

static void put(char *text, char c)
{
	size_t len = strlen(text);

	text[len] = c;
	text[len + 1] = '\0';
}

/* A random pattern, and the same as an extended expression that must fit from the beginning. */
static void random_atom(char *p, char *e, int depth)
{
	static const char *const sets[] = { "[1-3]", "[13]", "[^12]", "[0-15]" };
	static const char repeats[] = "?%+";
	char c;

	switch (pick(depth ? 8 : 10)) {
	case 0:
		strcat(p, ".");
		strcat(e, "[" KEYS "]");
		break;
	case 1: {
		const char *s = sets[pick(4)];

		strcat(p, s);
		strcat(e, s);
		break;
	}
	case 8:
	case 9:
		strcat(p, "(");
		strcat(e, "(");
		for (unsigned int n = 1 + pick(2); n; n--)
			random_atom(p, e, depth + 1);
		strcat(p, ")");
		strcat(e, ")");
		break;
	default:
		c = (char)('1' + pick(3));
		put(p, c);
		put(e, c);
	}
	if (pick(4))
		return;
	c = repeats[pick(3)];
	put(p, c);
	c = c == '%' ? '*' : c;
	put(e, c);
}

static void random_pattern(char *p, char *e)
{
	unsigned int end = pick(4);

	strcpy(p, "");
	strcpy(e, "^(");
	for (unsigned int n = 1 + pick(4); n; n--)
		random_atom(p, e, 0);
	strcat(e, ")");
	if (end == 0) {
		strcat(p, "T");
		strcat(e, "[" KEYS "]{0,32}$");
	} else if (end == 1) {
		strcat(p, "$");
		strcat(e, "$");
	}
}

#define PLAN 40

/* 200 plans of 40 patterns, 100 numbers each: every target that fits and no other. */
static void as_posix_says(void **state)
{
	static struct { char pattern[200], expression[900]; regex_t re; } plan[PLAN];
	unsigned int hits = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct td_route *r = td_route_new();

		for (int i = 0; i < PLAN; i++) {
			random_pattern(plan[i].pattern, plan[i].expression);
			assert_int_equal(add(r, plan[i].pattern, &target[i], 0, (uint32_t)i), 0);
			assert_int_equal(regcomp(&plan[i].re, plan[i].expression,
						 REG_EXTENDED | REG_NOSUB), 0);
		}
		/* one by one in the second half of the rounds: removal must not hurt others */
		for (int i = 0; round >= 100 && i < PLAN; i += 2)
			assert_true(take(r, plan[i].pattern, &target[i]));
		for (int n = 0; n < 100; n++) {
			unsigned int len = pick(9), want = 0;
			struct td_route_result got;
			char number[16] = "";

			for (unsigned int k = 0; k < len; k++)
				number[k] = KEYS[pick(pick(4) ? 4 : 17)];
			td_route_match(r, number, &got);
			for (int i = round >= 100; i < PLAN; i += 1 + (round >= 100)) {
				bool fits = !regexec(&plan[i].re, number, 0, NULL, 0);
				bool found = false;

				want += fits;
				for (size_t k = 0; k < got.n; k++)
					found |= got.hit[k].target == &target[i];
				if (fits != found && !(fits && got.cut))
					fail_msg("%s: pattern %s (%s) fits %d, found %d", number,
						 plan[i].pattern, plan[i].expression, fits, found);
			}
			hits += want;
			assert_true(got.cut ? want > TD_ROUTE_HITS : want == got.n);
			assert_int_equal(got.kind == TD_ROUTE_MATCH, want > 0);
		}
		for (int i = 0; i < PLAN; i++)
			regfree(&plan[i].re);
		td_route_free(r);
	}
	assert_true(hits > 10000);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The bound is loose on purpose (sanitizers, busy machines); a list would take 100 times it. */
static void ten_thousand_patterns(void **state)
{
	struct td_route *r = td_route_new();
	struct td_route_result got;
	char number[32];
	uint64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "+49301%04zu%s", i, i % 3 ? "$" : "T");
		assert_int_equal(add(r, number, &target[i], 0, (uint32_t)i), 0);
	}
	start = now_ns();
	for (i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "+49301%04zu", i);
		td_route_match(r, number, &got);
		assert_int_equal(got.n, 1);
		assert_ptr_equal(got.hit[0].target, &target[i]);
	}
	assert_true((now_ns() - start) / 10000 < 20000);
	td_route_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits),
		cmocka_unit_test(cisco_digits_collected),
		cmocka_unit_test(patterns),
		cmocka_unit_test(order),
		cmocka_unit_test(removal),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(as_posix_says),
		cmocka_unit_test(ten_thousand_patterns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
