/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON writer: commas, escapes, broken UTF-8, and no memory. json-c, a strict reader
 * that did not write it, is the referee for random strings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/json.h"
#include "userspace/base/mem.h"

#define FFFD "\xef\xbf\xbd"

static void is(struct td_json *j, const char *text)
{
	assert_int_equal(j->err, 0);
	assert_string_equal(j->text, text);
	assert_int_equal(j->len, strlen(text));
	td_json_fini(j);
}

static void gives(const char *value, size_t len, const char *text)
{
	struct td_json j;

	td_json_init(&j);
	td_json_strn(&j, NULL, value, len);
	is(&j, text);
}

static void commas(void **state)
{
	struct td_json j;

	(void)state;
	td_json_init(&j);
	td_json_object(&j, NULL);
	td_json_object(&j, "empty");
	td_json_end_object(&j);
	td_json_array(&j, "none");
	td_json_end_array(&j);
	td_json_int(&j, "a", 1);
	td_json_array(&j, "list");
	td_json_int(&j, NULL, 1);
	td_json_str(&j, NULL, "two");
	td_json_object(&j, NULL);
	td_json_bool(&j, "b", true);
	td_json_bool(&j, "c", false);
	td_json_end_object(&j);
	td_json_array(&j, NULL);
	td_json_array(&j, NULL);
	td_json_end_array(&j);
	td_json_end_array(&j);
	td_json_null(&j, NULL);
	td_json_end_array(&j);
	td_json_str(&j, "last", NULL);
	td_json_end_object(&j);
	is(&j, "{\"empty\":{},\"none\":[],\"a\":1,\"list\":[1,\"two\",{\"b\":true,\"c\":false},"
		   "[[]],null],\"last\":null}");
}

static void deep(void **state)
{
	char want[2001];
	struct td_json j;
	int i;

	(void)state;
	td_json_init(&j);
	for (i = 0; i < 1000; i++)
		td_json_array(&j, NULL);
	for (i = 0; i < 1000; i++)
		td_json_end_array(&j);
	memset(want, '[', 1000);
	memset(want + 1000, ']', 1000);
	want[2000] = '\0';
	is(&j, want);
}

static void numbers(void **state)
{
	struct td_json j;

	(void)state;
	td_json_init(&j);
	td_json_array(&j, NULL);
	td_json_int(&j, NULL, INT64_MIN);
	td_json_int(&j, NULL, INT64_MAX);
	td_json_u64(&j, NULL, UINT64_MAX);
	td_json_fixed(&j, NULL, 1.0 / 3, 3);
	td_json_fixed(&j, NULL, -2.5, 1);
	td_json_fixed(&j, NULL, 7.9, 0);
	td_json_fixed(&j, NULL, 7, -5);
	td_json_fixed(&j, NULL, 1, 100);
	td_json_fixed(&j, NULL, NAN, 1);
	td_json_fixed(&j, NULL, INFINITY, 1);
	td_json_fixed(&j, NULL, -1e300, 1);
	td_json_end_array(&j);
	is(&j, "[-9223372036854775808,9223372036854775807,18446744073709551615,"
		   "0.333,-2.5,8,7,1.000000000,null,null,null]");
}

static void escapes(void **state)
{
	struct td_json j;

	(void)state;
	gives("", 0, "\"\"");
	gives("a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"");
	gives("\n\r\t\b\0\x1f", 6, "\"\\n\\r\\t\\u0008\\u0000\\u001f\"");
	gives(" ~\x7f", 3, "\" ~\\u007f\"");
	gives("\xc2\x9b" "31m", 5, "\"\\u009b31m\"");	/* CSI: a terminal obeys it */
	gives("\xc2\xa0", 2, "\"\xc2\xa0\"");
	td_json_init(&j);
	td_json_object(&j, NULL);
	td_json_int(&j, "a\"\n", 1);				/* keys too */
	td_json_end_object(&j);
	is(&j, "{\"a\\\"\\n\":1}");
}

static void valid_utf8_stays(void **state)
{
	static const char *const rows[] = {
		"\xc2\xa0", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "J\xc3\xb6rg \xe2\x82\xac",
	};
	char want[40];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(want, sizeof(want), "\"%s\"", rows[i]);
		gives(rows[i], strlen(rows[i]), want);
	}
}

static void broken_utf8_is_replaced(void **state)
{
	static const struct {
		const char *value, *text;
	} rows[] = {
		{ "a\x80" "b", "\"a" FFFD "b\"" },			/* a tail alone */
		{ "\xff", "\"" FFFD "\"" },
		{ "\xc3", "\"" FFFD "\"" },				/* cut at the end */
		{ "\xe2\x82", "\"" FFFD FFFD "\"" },
		{ "\xf0\x90\x80", "\"" FFFD FFFD FFFD "\"" },
		{ "\xc3x", "\"" FFFD "x\"" },				/* cut in the middle */
		{ "\xe2\x82x", "\"" FFFD FFFD "x\"" },
		{ "\xc0\xaf", "\"" FFFD FFFD "\"" },			/* overlong */
		{ "\xc1\xbf", "\"" FFFD FFFD "\"" },
		{ "\xe0\x9f\xbf", "\"" FFFD FFFD FFFD "\"" },
		{ "\xf0\x8f\xbf\xbf", "\"" FFFD FFFD FFFD FFFD "\"" },
		{ "\xed\xa0\x80", "\"" FFFD FFFD FFFD "\"" },		/* surrogate */
		{ "\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\"" },	/* above U+10FFFF */
		{ "\xf5\x80\x80\x80", "\"" FFFD FFFD FFFD FFFD "\"" },
		{ "\xc3\"", "\"" FFFD "\\\"\"" },		/* a quote is never eaten */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		gives(rows[i].value, strlen(rows[i].value), rows[i].text);
}

/* The view ends in the middle of a character; the byte after it would complete it. */
static void length_counts(void **state)
{
	(void)state;
	gives("\xc3\xb6", 1, "\"" FFFD "\"");
	gives("abc", 2, "\"ab\"");
}

static void random_bytes_are_read_by_others(void **state)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o;
	struct td_json j;
	char value[24];
	int i, k;

	(void)state;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	srandom(4711);
	for (i = 0; i < 20000; i++) {
		for (k = 0; k < (int)sizeof(value); k++)
			value[k] = (char)(random() % 3 ? 0x80 | random() : random());
		td_json_init(&j);
		td_json_object(&j, NULL);
		td_json_strn(&j, "v", value, (size_t)random() % sizeof(value));
		td_json_end_object(&j);
		json_tokener_reset(tok);
		o = json_tokener_parse_ex(tok, j.text, (int)j.len);
		if (!o)
			fail_msg("refused: %s", j.text);
		json_object_put(o);
		td_json_fini(&j);
	}
	json_tokener_free(tok);
}

static void grows(void **state)
{
	char value[301];
	struct td_json j;
	int i;

	(void)state;
	memset(value, 'x', 300);
	value[300] = '\0';
	td_json_init(&j);
	td_json_array(&j, NULL);
	for (i = 0; i < 1000; i++)
		td_json_str(&j, NULL, value);
	td_json_end_array(&j);
	assert_int_equal(j.err, 0);
	assert_int_equal(j.len, 1000 * 303 + 1);
	assert_int_equal(strlen(j.text), j.len);
	assert_true(j.cap < 4 * j.len);
	td_json_fini(&j);
	assert_null(j.text);
}

static void write_report(struct td_json *j)
{
	int i;

	td_json_object(j, NULL);
	td_json_array(j, "rows");
	for (i = 0; i < 100; i++)
		td_json_str(j, NULL, "twenty characters or so");
	td_json_end_array(j);
	td_json_end_object(j);
}

static void without_memory(void **state)
{
	long before = td_mem_live();
	unsigned long nth;
	struct td_json j;
	size_t len;

	(void)state;
	for (nth = 1; nth < 20; nth++) {
		td_mem_fail_nth(nth);
		td_json_init(&j);
		write_report(&j);
		td_mem_fail_nth(0);
		if (!j.err)
			break;
		assert_int_equal(j.err, -ENOMEM);
		len = j.len;
		assert_int_equal(j.text ? strlen(j.text) : 0, len);
		td_json_int(&j, "more", 1);	/* the error stays, now that there is memory */
		assert_int_equal(j.len, len);
		assert_int_equal(j.err, -ENOMEM);
		td_json_fini(&j);
		assert_int_equal(td_mem_live(), before);
	}
	assert_in_range(nth, 4, 10);
	td_json_fini(&j);
	assert_int_equal(td_mem_live(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas),
		cmocka_unit_test(deep),
		cmocka_unit_test(numbers),
		cmocka_unit_test(escapes),
		cmocka_unit_test(valid_utf8_stays),
		cmocka_unit_test(broken_utf8_is_replaced),
		cmocka_unit_test(length_counts),
		cmocka_unit_test(random_bytes_are_read_by_others),
		cmocka_unit_test(grows),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
