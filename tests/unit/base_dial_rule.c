/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation rules: the examples of Cisco's "Voice Translation Rules" (document 61083) and of
 * its community, and everything that is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "userspace/base/dial_rule.h"
#include "userspace/base/mem.h"

/* to NULL: the rule does not fit; "reject": it refuses */
static void rule(const char *text, const char *from, const char *to)
{
	enum td_dial_verdict want = !to ? TD_DIAL_UNTOUCHED :
				    strcmp(to, "reject") ? TD_DIAL_TRANSLATED : TD_DIAL_REJECTED;
	char out[64] = "untouched";
	struct td_dial_rule *r;
	const char *why = "";
	size_t at = 0;

	if (td_dial_rule_new(&r, text, &why, &at))
		fail_msg("%s: character %zu: %s", text, at, why);
	assert_int_equal(td_dial_rule_apply(r, from, out, sizeof(out)), want);
	assert_string_equal(out, want == TD_DIAL_TRANSLATED ? to : "untouched");
	td_dial_rule_free(r);
}

static void examples(void **state)
{
	(void)state;
	rule("/123/ /456/", "123", "456");
	rule("/123/ /456/", "6123", "6456");
	rule("/^123/ /456/", "123456", "456456");
	rule("/^123/ /456/", "0123", NULL);
	rule("/^123$/ /456/", "1234", NULL);
	rule("/^123$/ /456/", "123", "456");
	rule("/^12.../ /0121/", "12345", "0121");
	rule("/.*/ /8208/", "4711", "8208");
	rule("/.+/ /0121/", "", NULL);
	rule("/^$/ /0/", "", "0");
	rule("/^0+/ /909/", "00123", "909123");
	rule("/^\\(12\\)3\\(45\\)$/ /6\\1\\2/", "12345", "61245");
	rule("/^\\(5\\)\\(.*\\)/ /\\2/", "51234", "1234");
	rule("/^26\\(....\\)/ /\\1/", "264711", "4711");
	rule("/^\\(.*\\)/ /7\\1/", "123", "7123");
	rule("/^9\\(.*\\)/ /\\1/", "9911", "911");
	rule("/^\\(555\\)+\\(.*\\)/ /444\\2/", "5551212", "4441212");
	rule("/\\(^...\\)456\\(...\\)/ /\\1555\\2/", "408456123", "408555123");
	rule("/\\(^...\\)456\\(...$\\)/ /\\1&\\2/", "408456123", "408408456123123");
	rule("/^[2-9]\\([0-9]*\\)$/ /+49\\0/", "4711", "+494711");
	rule("/^\\+49/ /0/", "+4930123", "030123");
	rule("/^\\*72/ /\\*73/", "*721", "*731");
	rule("/^1?408/ /408/", "1408555", "408555");
	rule("reject /^900/", "9001234", "reject");
	rule("reject /^900/", "8001234", NULL);
	rule("//  /123/", "9", "1239");
	rule("/anonymous/ /0/", "anonymous", "0");
}

static void too_long(void **state)
{
	struct td_dial_rule *r;
	const char *why;
	char out[8] = "1";
	size_t at;

	(void)state;
	assert_int_equal(td_dial_rule_new(&r, "/^\\(.*\\)/ /\\1\\1\\1\\1/", &why, &at), 0);
	assert_int_equal(td_dial_rule_apply(r, "123", out, sizeof(out)), TD_DIAL_UNTOUCHED);
	assert_int_equal(td_dial_rule_apply(r, "1", out, sizeof(out)), TD_DIAL_TRANSLATED);
	assert_string_equal(out, "1111");
	td_dial_rule_free(r);
}

static void bad(const char *text, size_t at, const char *why)
{
	const char *said = "";
	struct td_dial_rule *r;
	size_t where = 0;

	if (td_dial_rule_new(&r, text, &said, &where) != -EINVAL)
		fail_msg("%s was read", text);
	assert_string_equal(said, why);
	if (where != at)
		fail_msg("%s: character %zu, not %zu", text, where, at);
}

static void faults(void **state)
{
	(void)state;
	bad("", 0, "a rule is /MATCH/ /REPLACE/ or reject /MATCH/");
	bad("9 /1/", 0, "a rule is /MATCH/ /REPLACE/ or reject /MATCH/");
	bad("/9", 0, "the slash that ends it is missing");
	bad("/9/", 3, "/REPLACE/ is missing");
	bad("/9/ /1", 4, "the slash that ends it is missing");
	bad("/9/ /1/ 2", 8, "nothing may stand behind the rule");
	bad("/(9)/ /1/", 1, "a group is written \\( \\)");
	bad("/\\(9/ /1/", 0, "a group is not closed");
	bad("/9\\)/ /1/", 3, "no group is open");
	bad("/*9/ /1/", 1, "there is nothing in front of it to be repeated");
	bad("/^*/ /1/", 2, "there is nothing in front of it to be repeated");
	bad("/9**/ /1/", 3, "there is nothing in front of it to be repeated");
	bad("/9^/ /1/", 2, "^ stands at the beginning only");
	bad("/9$1/ /1/", 2, "$ stands at the end only");
	bad("/[9/ /1/", 1, "the bracket is not closed");
	bad("/[]/ /1/", 1, "the brackets are empty");
	bad("/[9-2]/ /1/", 3, "the range goes backwards");
	bad("/9|8/ /1/", 2, "this is in no number");
	bad("/9{2}/ /1/", 2, "this is in no number");
	bad("/9/ /\\1/", 6, "there is no such group");
	bad("/9/ /a.b/", 6, "this is in no number");
	bad("/9\\", 3, "nothing stands behind the backslash");
}

static void without_memory(void **state)
{
	long before = td_mem_live();
	struct td_dial_rule *r;
	const char *why;
	size_t at;

	(void)state;
	td_mem_fail_nth(1);
	assert_int_equal(td_dial_rule_new(&r, "/9/ /1/", &why, &at), -ENOMEM);
	td_mem_fail_nth(0);
	assert_null(r);
	td_dial_rule_free(NULL);
	assert_int_equal(td_mem_live(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(too_long),
		cmocka_unit_test(faults),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
