/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The digit trie: MATCH, MORE, NONE, removal, and that ten thousand numbers cost nothing.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>
#include "userspace/base/mem.h"
#include "userspace/core/route.h"

static int target[10000];

static void expect(const struct td_route *r, const char *digits, enum td_route_kind kind,
		   const void *to, bool longer)
{
	struct td_route_result got = td_route_match(r, digits);

	assert_int_equal(got.kind, kind);
	assert_ptr_equal(got.target, to);
	assert_int_equal(got.longer, longer);
}

static void digits(void **state)
{
	struct td_route *r = td_route_new();

	(void)state;
	expect(r, "", TD_ROUTE_NONE, NULL, false);
	expect(r, "1", TD_ROUTE_NONE, NULL, false);
	assert_int_equal(td_route_add(r, "1001", &target[0]), 0);
	assert_int_equal(td_route_add(r, "1002", &target[1]), 0);
	assert_int_equal(td_route_add(r, "10021", &target[2]), 0);
	assert_int_equal(td_route_add(r, "*98#", &target[3]), 0);
	assert_int_equal(td_route_add(r, "+4930123", &target[4]), 0);
	assert_int_equal(td_route_add(r, "1001", &target[5]), -EEXIST);
	assert_int_equal(td_route_add(r, "", &target[5]), -EINVAL);
	assert_int_equal(td_route_count(r), 5);
	expect(r, "", TD_ROUTE_MORE, NULL, false);
	expect(r, "100", TD_ROUTE_MORE, NULL, false);
	expect(r, "1001", TD_ROUTE_MATCH, &target[0], false);
	expect(r, "1002", TD_ROUTE_MATCH, &target[1], true);
	expect(r, "10021", TD_ROUTE_MATCH, &target[2], false);
	expect(r, "100211", TD_ROUTE_NONE, NULL, false);
	expect(r, "2", TD_ROUTE_NONE, NULL, false);
	expect(r, "*98#", TD_ROUTE_MATCH, &target[3], false);
	expect(r, "+4930123", TD_ROUTE_MATCH, &target[4], false);
	expect(r, "alice", TD_ROUTE_NONE, NULL, false);
	td_route_free(r);
	td_route_free(NULL);
}

static void removal(void **state)
{
	struct td_route *r;
	long before = td_mem_live();

	(void)state;
	r = td_route_new();
	assert_int_equal(td_route_add(r, "100", &target[0]), 0);
	assert_int_equal(td_route_add(r, "1001", &target[1]), 0);
	assert_null(td_route_remove(r, "10"));
	assert_null(td_route_remove(r, "10011"));
	assert_ptr_equal(td_route_remove(r, "100"), &target[0]);
	expect(r, "100", TD_ROUTE_MORE, NULL, false);
	assert_ptr_equal(td_route_remove(r, "1001"), &target[1]);
	expect(r, "1", TD_ROUTE_NONE, NULL, false);
	assert_int_equal(td_route_count(r), 0);
	assert_int_equal(td_mem_live(), before + 1);	/* no node is left */
	td_route_free(r);
	assert_int_equal(td_mem_live(), before);
}

static void without_memory(void **state)
{
	struct td_route *r = td_route_new();
	long before = td_mem_live();
	unsigned long nth;

	(void)state;
	for (nth = 1; nth <= 4; nth++) {
		td_mem_fail_nth(nth);
		assert_int_equal(td_route_add(r, "1001", &target[0]), -ENOMEM);
		td_mem_fail_nth(0);
		assert_int_equal(td_mem_live(), before);
		expect(r, "1", TD_ROUTE_NONE, NULL, false);
	}
	assert_int_equal(td_route_add(r, "1001", &target[0]), 0);
	td_route_free(r);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* The bound is loose on purpose (sanitizers, busy machines); a list would take 100 times it. */
static void ten_thousand_numbers(void **state)
{
	struct td_route *r = td_route_new();
	char number[32];
	uint64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "+49301%04zu", i);
		assert_int_equal(td_route_add(r, number, &target[i]), 0);
	}
	start = now_ns();
	for (i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "+49301%04zu", i);
		expect(r, number, TD_ROUTE_MATCH, &target[i], false);
	}
	assert_true((now_ns() - start) / 10000 < 20000);
	td_route_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits),
		cmocka_unit_test(removal),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(ten_thousand_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
