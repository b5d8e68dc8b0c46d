/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views, bounded copies, numbers, and the words that "did you mean" finds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/base/str.h"

static void views(void **state)
{
	const struct td_str part = { "INVITE sip:", 6 }, none = { NULL, 0 };

	(void)state;
	assert_true(td_str_eq(part, TD_STR("INVITE")));
	assert_false(td_str_eq(part, TD_STR("INVITE ")));
	assert_false(td_str_eq(part, TD_STR("INVITe")));
	assert_true(td_str_eq_c(part, "INVITE"));
	assert_false(td_str_eq_c(part, "INV"));
	assert_true(td_str_caseeq_c(part, "Invite"));
	assert_false(td_str_caseeq_c(part, "Invit"));
	assert_false(td_str_caseeq_c(part, "Invitx"));
	assert_true(td_str_eq(none, td_str_of(NULL)));
	assert_true(td_str_eq(none, TD_STR("")));
	assert_true(td_str_eq_c(none, NULL));
	assert_true(td_str_caseeq_c(none, ""));
	assert_false(td_str_eq_c(none, "x"));
	assert_int_equal(td_str_of("abc").len, 3);
	assert_non_null(td_str_of(NULL).p);	/* "%.*s" takes it */
}

static void copies(void **state)
{
	char dst[5];

	(void)state;
	memset(dst, 'x', sizeof(dst));
	assert_int_equal(td_strlcpy(dst, "abcd", sizeof(dst)), 4);
	assert_string_equal(dst, "abcd");
	assert_int_equal(td_strlcpy(dst, "12345", sizeof(dst)), 5);
	assert_string_equal(dst, "1234");
	assert_int_equal(td_strlcpy(dst, "", sizeof(dst)), 0);
	assert_string_equal(dst, "");
	assert_int_equal(td_strlcpy(dst, "abc", 1), 3);
	assert_string_equal(dst, "");
	dst[0] = 'x';
	assert_int_equal(td_strlcpy(dst, "abc", 0), 3);
	assert_int_equal(dst[0], 'x');
	assert_int_equal(td_str_copy(dst, sizeof(dst), (struct td_str){ "abcdef", 2 }), 2);
	assert_string_equal(dst, "ab");
	assert_int_equal(td_str_copy(dst, sizeof(dst), (struct td_str){ NULL, 0 }), 0);
	assert_string_equal(dst, "");
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int err64, err32;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0, 0 },
		{ "007", 0, 0, 7 },
		{ "4294967295", 0, 0, UINT32_MAX },
		{ "4294967296", 0, -ERANGE, 4294967296 },
		{ "18446744073709551615", 0, -ERANGE, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, -ERANGE, 0 },
		{ "", -EINVAL, -EINVAL, 0 },
		{ "-1", -EINVAL, -EINVAL, 0 },
		{ "+1", -EINVAL, -EINVAL, 0 },
		{ " 1", -EINVAL, -EINVAL, 0 },
		{ "1 ", -EINVAL, -EINVAL, 0 },
		{ "0x10", -EINVAL, -EINVAL, 0 },
		{ "1e3", -EINVAL, -EINVAL, 0 },
		{ "99999999999999999999x", -EINVAL, -EINVAL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v64 = 12345;
		uint32_t v32 = 12345;

		assert_int_equal(td_parse_u64(td_str_of(rows[i].text), &v64), rows[i].err64);
		assert_int_equal(v64, rows[i].err64 ? 12345 : rows[i].value);
		assert_int_equal(td_parse_u32(td_str_of(rows[i].text), &v32), rows[i].err32);
		assert_int_equal(v32, rows[i].err32 ? 12345 : rows[i].value);
	}
	assert_int_equal(td_parse_u64((struct td_str){ "12ab", 2 }, &(uint64_t){ 0 }), 0);
	assert_int_equal(td_parse_u64((struct td_str){ NULL, 0 }, &(uint64_t){ 0 }), -EINVAL);
}

static void distance(void **state)
{
	char a[100], b[100];

	(void)state;
	assert_int_equal(td_str_distance("", ""), 0);
	assert_int_equal(td_str_distance("call", "call"), 0);
	assert_int_equal(td_str_distance("", "call"), 4);
	assert_int_equal(td_str_distance("call", ""), 4);
	assert_int_equal(td_str_distance("call", "cal"), 1);
	assert_int_equal(td_str_distance("call", "calls"), 1);
	assert_int_equal(td_str_distance("call", "ball"), 1);
	assert_int_equal(td_str_distance("call", "clal"), 1);	/* a swap is one slip */
	assert_int_equal(td_str_distance("kitten", "sitting"), 3);
	assert_int_equal(td_str_distance("ca", "abc"), 3);	/* no letter moves twice */
	assert_int_equal(td_str_distance("abcdef", "fedcba"), 5);
	memset(a, 'a', 99);
	memset(b, 'b', 99);
	a[99] = b[99] = '\0';
	assert_int_equal(td_str_distance(a, b), 64);
	assert_int_equal(td_str_distance(a, ""), 64);
	assert_int_equal(td_str_distance("", b), 64);
	a[63] = '\0';
	assert_int_equal(td_str_distance(a, b), 64);
}

static void nearest(void **state)
{
	static const char *const words[] = { "show", "shows", "secret", "hangup", "debug", NULL };
	static const char *const short_words[] = { "he", "she", "shy", NULL };
	static const char *const none[] = { NULL };

	(void)state;
	assert_string_equal(td_str_nearest("sohw", words), "show");
	assert_string_equal(td_str_nearest("show", words), "show");
	/* the nearest, not the first near one */
	assert_string_equal(td_str_nearest("shows", words), "shows");
	assert_string_equal(td_str_nearest("secert", words), "secret");
	assert_string_equal(td_str_nearest("hang-up", words), "hangup");
	assert_string_equal(td_str_nearest("sho", short_words), "she");	/* the first of equals */
	assert_null(td_str_nearest("dbg", words));
	assert_null(td_str_nearest("register", words));
	assert_null(td_str_nearest("", words));
	assert_null(td_str_nearest("show", none));
}

static void hex(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x1f, 0xa9, 0xff };
	char dst[9];

	(void)state;
	td_hex(dst, bytes, sizeof(bytes));
	assert_string_equal(dst, "001fa9ff");
	td_hex(dst, bytes, 0);
	assert_string_equal(dst, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views),
		cmocka_unit_test(copies),
		cmocka_unit_test(numbers),
		cmocka_unit_test(distance),
		cmocka_unit_test(nearest),
		cmocka_unit_test(hex),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
