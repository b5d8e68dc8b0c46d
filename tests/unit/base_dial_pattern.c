/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cisco's patterns: what is read, what is refused and where, and what the automaton says of a
 * number. The property of it (the same as a POSIX expression, over random patterns) is in
 * core_route.c, where the trie is judged with it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "userspace/base/dial_pattern.h"

static void good(const char *text, unsigned int places, unsigned int plain, unsigned int literal)
{
	struct td_dial_pattern p;
	const char *why = "";
	size_t at = 0;

	if (td_dial_parse(&p, text, &why, &at))
		fail_msg("%s: character %zu: %s", text, at, why);
	if (p.n != places || p.plain != plain || p.literal != literal)
		fail_msg("%s: %u places, %u plain, %u literal", text, p.n, p.plain, p.literal);
}

static void bad(const char *text, size_t at, const char *why)
{
	struct td_dial_pattern p;
	const char *said = "";
	size_t where = 0;

	if (td_dial_parse(&p, text, &said, &where) != -EINVAL)
		fail_msg("%s was read", text);
	assert_string_equal(said, why);
	if (where != at)
		fail_msg("%s: character %zu, not %zu", text, where, at);
}

static void forms(void **state)
{
	(void)state;
	good("1001", 4, 4, 4);
	good("1...", 4, 4, 1);
	good("9T", 1, 1, 1);
	good(".T", 1, 1, 0);
	good("T", 0, 0, 0);
	good("9[2-9]......$", 8, 8, 1);
	good("555[1,3,5]...", 7, 7, 3);
	good("[^1-3]22", 3, 3, 2);
	good("+4930.......", 12, 12, 5);
	good("^+49", 3, 3, 3);
	good("*72#", 4, 4, 4);
	good("ABCD", 4, 4, 4);
	good("9,1", 2, 2, 2);
	good("\\+49\\*", 4, 4, 4);
	good("408(555)....", 10, 10, 6);
	/* what repeats ends the plain string; what may be missing is not counted */
	good("5+23", 3, 1, 3);
	good("9?1001", 5, 0, 4);
	good("333(123)%", 6, 3, 3);
	good("12(34)+5", 5, 4, 5);
	good("1(2(3)?)?", 3, 1, 1);
}

static void faults(void **state)
{
	(void)state;
	bad("", 0, "it has no key");
	bad("$", 0, "it has no key");
	bad("12x4", 2, "this is no key of a phone");
	bad("12 4", 2, "this is no key of a phone");
	bad("9[23", 1, "the bracket is not closed");
	bad("9[2-", 3, "only digits stand in brackets");
	bad("9[]", 1, "the brackets are empty");
	bad("9[9-2]", 2, "the range goes backwards");
	bad("9[2-x]", 2, "a range goes from a digit to a digit");
	bad("9[a]", 2, "only digits stand in brackets");
	bad("9(12", 1, "the parenthesis is not closed");
	bad("9()", 1, "the parentheses are empty");
	bad("12)", 2, "no parenthesis is open");
	bad("?12", 0, "there is nothing in front of it to be repeated");
	bad("1++", 2, "there is nothing in front of it to be repeated");
	bad("9T1", 2, "nothing but $ may stand behind T");
	bad("9$1", 2, "nothing may stand behind $");
	bad("9\\", 2, "nothing stands behind the backslash");
	bad("((((((((((1))))))))))", 8, "too many parentheses in each other");
	bad("1111111111111111111111111111111111111111111111111111111111111111", 64,
	    "the pattern has too many keys");
}

static void numbers(void **state)
{
	struct td_dial_pattern p;

	(void)state;
	assert_int_equal(td_dial_number(&p, "+4930#*"), 0);
	assert_true(p.whole);
	assert_true(td_dial_is_plain(&p));
	assert_int_equal(p.literal, 7);
	assert_int_equal(td_dial_number(&p, ""), -EINVAL);
	assert_int_equal(td_dial_number(&p, "alice"), -EINVAL);
	assert_int_equal(td_dial_key('+'), 16);
	assert_int_equal(td_dial_key('a'), -1);
	assert_int_equal(td_dial_key('\0'), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(faults),
		cmocka_unit_test(numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
