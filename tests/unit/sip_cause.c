/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Causes against RFC 3398 and the house's own differences, in both directions, and the
 * Reason header through sofia's parser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "userspace/sip/sip_priv.h"

static void cause_to_status(void **state)
{
	static const struct { enum td_cause cause; int status; } want[] = {
		{ TD_CAUSE_UNALLOCATED, 404 }, { TD_CAUSE_NO_ROUTE, 404 }, { TD_CAUSE_BUSY, 486 },
		{ TD_CAUSE_NO_RESPONSE, 480 }, { TD_CAUSE_NO_ANSWER, 480 },
		{ TD_CAUSE_ABSENT, 480 }, { TD_CAUSE_REJECTED, 603 }, { TD_CAUSE_LOOP, 483 },
		{ TD_CAUSE_BAD_NUMBER, 484 }, { TD_CAUSE_TEMPORARY, 503 },
		{ TD_CAUSE_CONGESTION, 503 }, { TD_CAUSE_NO_RESOURCE, 503 },
		{ TD_CAUSE_BARRED, 403 }, { TD_CAUSE_NO_MEDIA_MATCH, 488 },
		{ TD_CAUSE_TIMER, 504 }, { TD_CAUSE_INTERWORKING, 500 },
		{ TD_CAUSE_NORMAL, 480 }, { (enum td_cause)99, 480 }, { TD_CAUSE_NONE, 480 },
	};
	const char *phrase;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		phrase = NULL;
		assert_int_equal(td_sip_status_of_cause(want[i].cause, &phrase), want[i].status);
		assert_non_null(phrase);
	}
	assert_int_equal(td_sip_status_of_cause(TD_CAUSE_BUSY, NULL), 486);
}

static void status_to_cause(void **state)
{
	static const struct { int status; enum td_cause cause; } want[] = {
		{ 401, TD_CAUSE_REJECTED }, { 407, TD_CAUSE_REJECTED },
		{ 404, TD_CAUSE_UNALLOCATED }, { 408, TD_CAUSE_NO_RESPONSE },
		{ 480, TD_CAUSE_NO_RESPONSE }, { 484, TD_CAUSE_BAD_NUMBER },
		{ 486, TD_CAUSE_BUSY }, { 600, TD_CAUSE_BUSY }, { 487, TD_CAUSE_NORMAL },
		{ 488, TD_CAUSE_NO_MEDIA_MATCH }, { 606, TD_CAUSE_NO_MEDIA_MATCH },
		{ 503, TD_CAUSE_TEMPORARY }, { 603, TD_CAUSE_REJECTED }, { 483, TD_CAUSE_LOOP },
		{ 302, TD_CAUSE_TEMPORARY }, { 499, TD_CAUSE_INTERWORKING },
		{ 599, TD_CAUSE_TEMPORARY }, { 699, TD_CAUSE_TEMPORARY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(td_sip_cause_of_status(want[i].status), want[i].cause);
}

/* What a phone answers is what the caller hears. */
static void through_the_house(void **state)
{
	static const int statuses[] = { 404, 480, 484, 486, 488, 503, 603, 403, 483 };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		assert_int_equal(td_sip_status_of_cause(td_sip_cause_of_status(statuses[i]), NULL),
				 statuses[i]);
}

static enum td_cause reason(const char *value)
{
	su_home_t *home = su_home_new(sizeof(*home));
	sip_t s = { .sip_size = sizeof(s) };
	enum td_cause cause;

	s.sip_reason = sip_reason_make(home, value);
	cause = td_sip_cause_of_reason(&s);
	su_home_unref(home);
	return cause;
}

static void reasons(void **state)
{
	(void)state;
	assert_int_equal(reason("Q.850;cause=17;text=\"User busy\""), TD_CAUSE_BUSY);
	assert_int_equal(reason("SIP;cause=486, Q.850;cause=21"), TD_CAUSE_REJECTED);
	assert_int_equal(reason("SIP;cause=200;text=\"Call completed elsewhere\""),
			 TD_CAUSE_ELSEWHERE);
	assert_int_equal(reason("SIP;cause=486"), TD_CAUSE_BUSY);
	assert_int_equal(reason("Q.850;cause=0"), TD_CAUSE_NONE);
	assert_int_equal(reason("Q.850;cause=128"), TD_CAUSE_NONE);
	assert_int_equal(reason("Q.850;cause=99999999999"), TD_CAUSE_NONE);
	assert_int_equal(reason("Q.850;cause=-1"), TD_CAUSE_NONE);
	assert_int_equal(reason("Q.850"), TD_CAUSE_NONE);
	assert_int_equal(reason("Preemption;cause=1"), TD_CAUSE_NONE);
	assert_int_equal(td_sip_cause_of_reason(NULL), TD_CAUSE_NONE);
}

static void reason_is_read_back(void **state)
{
	char text[96];

	(void)state;
	assert_string_equal(td_sip_reason_text(TD_CAUSE_BUSY, text, sizeof(text)),
			    "Q.850;cause=17;text=\"User busy\"");
	for (int c = 1; c <= 127; c++)
		assert_int_equal(reason(td_sip_reason_text((enum td_cause)c, text, sizeof(text))),
				 c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cause_to_status),
		cmocka_unit_test(status_to_cause),
		cmocka_unit_test(through_the_house),
		cmocka_unit_test(reasons),
		cmocka_unit_test(reason_is_read_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	su_init();
	return cmocka_run_group_tests_name("sip_cause", tests, NULL, NULL);
}
