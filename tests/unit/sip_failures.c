/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Failures per host: how many within which time, and what is forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "userspace/base/mem.h"
#include "userspace/sip/failures.h"

static struct td_failures f;

static bool note(uint32_t host, uint64_t now)
{
	struct td_addr a;

	td_addr_set_v4(&a, host, (uint16_t)now);	/* the port is another each time */
	return td_failures_note(&f, &a, now, 3, 60000);
}

static int begin(void **state)
{
	(void)state;
	td_failures_init(&f);
	return 0;
}

static int end(void **state)
{
	(void)state;
	td_mem_fail_nth(0);
	td_failures_fini(&f);
	return td_mem_live() ? -1 : 0;
}

static void the_third_counts(void **state)
{
	(void)state;
	assert_false(note(1, 0));
	assert_false(note(1, 1));
	assert_false(note(2, 2));
	assert_true(note(1, 60000));
	/* and from the beginning again */
	assert_false(note(1, 60001));
	assert_false(note(1, 60002));
	assert_true(note(1, 60003));
	assert_false(note(2, 3));
	assert_true(note(2, 4));
}

static void slips_do_not_add_up(void **state)
{
	(void)state;
	for (uint64_t now = 5; now < 1000000; now += 30001)
		assert_false(note(1, now));
	assert_false(note(1, 2000000));
	assert_false(note(1, 2000001));
	assert_false(note(1, 2060001));
}

static void once_is_enough(void **state)
{
	struct td_addr a;

	(void)state;
	td_addr_set_v4(&a, 1, 0);
	assert_true(td_failures_note(&f, &a, 7, 1, 1000));
	assert_true(td_failures_note(&f, &a, 7, 1, 1000));
}

static void the_longest_quiet_goes_first(void **state)
{
	(void)state;
	assert_false(note(1, 1));
	assert_false(note(2, 1));
	assert_false(note(1, 2));
	for (uint32_t host = 3; host < TD_FAILURES_HOSTS + 2; host++)
		assert_false(note(host, 3));
	assert_int_equal(f.hosts.count, TD_FAILURES_HOSTS);
	assert_true(note(1, 4));	/* 2 had to go, not 1 */
	assert_false(note(2, 5));
	assert_false(note(2, 6));
	assert_true(note(2, 7));
}

static void without_memory(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 3; n++) {
		td_mem_fail_nth(n);
		assert_false(note(1, 0));
	}
	td_mem_fail_nth(0);
	assert_false(note(1, 1));
	assert_false(note(1, 2));
	assert_true(note(1, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_third_counts, begin, end),
		cmocka_unit_test_setup_teardown(slips_do_not_add_up, begin, end),
		cmocka_unit_test_setup_teardown(once_is_enough, begin, end),
		cmocka_unit_test_setup_teardown(the_longest_quiet_goes_first, begin, end),
		cmocka_unit_test_setup_teardown(without_memory, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
