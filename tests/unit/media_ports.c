// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Port pairs: range, quarantine, reuse of warm pairs, a range that changes under calls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/media/media_ports.h"

#define QUARANTINE 5000

static void all_pairs_once(void **state)
{
	static uint8_t seen[65536];
	struct td_pairs p;

	(void)state;
	assert_int_equal(td_pairs_init(&p, 16384, 32767, QUARANTINE), 0);
	for (int i = 0; i < 8192; i++) {
		int port = td_pairs_get(&p, 0);

		assert_true(port >= 16384 && port <= 32766 && !(port & 1));
		assert_false(seen[port]);
		seen[port] = 1;
	}
	assert_int_equal(td_pairs_get(&p, 0), -EMFILE);
	assert_int_equal(p.n_used, 8192);
	assert_int_equal(p.n_free, 0);
	td_pairs_fini(&p);
}

static void odd_ends(void **state)
{
	struct td_pairs p;

	(void)state;
	assert_int_equal(td_pairs_init(&p, 10001, 10004, QUARANTINE), 0);
	assert_int_equal(td_pairs_get(&p, 0), 10002);	/* 10004 has no partner in the range */
	assert_int_equal(td_pairs_get(&p, 0), -EMFILE);
	td_pairs_fini(&p);
	assert_int_equal(td_pairs_init(&p, 10001, 10002, QUARANTINE), -EINVAL);
	assert_int_equal(td_pairs_init(&p, 20000, 10000, QUARANTINE), -EINVAL);
	assert_int_equal(td_pairs_init(&p, 1, 65536, QUARANTINE), -EINVAL);
	assert_int_equal(td_pairs_init(&p, 0, 1, QUARANTINE), -EINVAL);
	assert_int_equal(td_pairs_init(&p, 0, 65535, QUARANTINE), 0);
	for (int i = 1; i < TD_N_PAIRS; i++)
		assert_int_equal(td_pairs_get(&p, 0), i * 2);
	assert_int_equal(td_pairs_get(&p, 0), -EMFILE);
	td_pairs_fini(&p);
}

static void quarantine(void **state)
{
	struct td_pairs p;

	(void)state;
	assert_int_equal(td_pairs_init(&p, 10000, 10003, QUARANTINE), 0);
	assert_int_equal(td_pairs_get(&p, 0), 10000);
	assert_int_equal(td_pairs_get(&p, 0), 10002);
	assert_true(td_pairs_put(&p, 10002, 1000));
	assert_true(td_pairs_put(&p, 10000, 1001));
	assert_int_equal(td_pairs_get(&p, 1000 + QUARANTINE - 1), -EMFILE);
	assert_int_equal(td_pairs_get(&p, 1000 + QUARANTINE), 10002);	/* first in, first out */
	assert_int_equal(td_pairs_get(&p, 1000 + QUARANTINE), -EMFILE);
	assert_int_equal(td_pairs_get(&p, 1001 + QUARANTINE), 10000);
	td_pairs_fini(&p);
}

/* A quiet office uses the same few pairs over and over: few sockets. */
static void warm_pairs_first(void **state)
{
	struct td_pairs p;
	int highest = 0;

	(void)state;
	assert_int_equal(td_pairs_init(&p, 10000, 19999, QUARANTINE), 0);
	for (uint64_t t = 0; t < 1000 * 1000; t += 1000) {
		int port = td_pairs_get(&p, t);

		assert_true(port > 0);
		if (port > highest)
			highest = port;
		assert_true(td_pairs_put(&p, (uint16_t)port, t + 500));
	}
	assert_true(highest < 10000 + 2 * 10);
	td_pairs_fini(&p);
}

static void put_twice_is_harmless(void **state)
{
	struct td_pairs p;

	(void)state;
	assert_int_equal(td_pairs_init(&p, 10000, 10003, QUARANTINE), 0);
	assert_int_equal(td_pairs_get(&p, 0), 10000);
	td_pairs_put(&p, 10000, 0);
	td_pairs_put(&p, 10000, 0);
	assert_int_equal(p.n_used, 0);
	assert_int_equal(p.n_free, 2);
	assert_int_equal(td_pairs_get(&p, 9999), 10000);
	assert_int_equal(td_pairs_get(&p, 9999), 10002);
	assert_int_equal(td_pairs_get(&p, 99999), -EMFILE);
	td_pairs_fini(&p);
}

static void range_moves(void **state)
{
	struct td_pairs p;

	(void)state;
	assert_int_equal(td_pairs_init(&p, 10000, 10007, QUARANTINE), 0);
	assert_int_equal(td_pairs_get(&p, 0), 10000);
	assert_int_equal(td_pairs_get(&p, 0), 10002);
	assert_int_equal(td_pairs_get(&p, 0), 10004);
	td_pairs_put(&p, 10004, 0);			/* rests while the range changes */
	assert_int_equal(td_pairs_set_range(&p, 10002, 10009), 0);
	assert_true(td_pairs_knows(&p, 10000));		/* still in a call */
	assert_true(td_pairs_knows(&p, 10008));
	assert_false(td_pairs_knows(&p, 10010));
	assert_false(td_pairs_put(&p, 10000, 10));	/* outside: forgotten */
	assert_false(td_pairs_knows(&p, 10000));
	assert_true(td_pairs_put(&p, 10002, 10));
	assert_int_equal(td_pairs_get(&p, 10), 10006);
	assert_int_equal(td_pairs_get(&p, 10), 10008);
	assert_int_equal(td_pairs_get(&p, 10), -EMFILE);
	assert_int_equal(td_pairs_get(&p, QUARANTINE), 10004);
	assert_int_equal(td_pairs_get(&p, QUARANTINE + 10), 10002);
	assert_int_equal(td_pairs_get(&p, 10 * QUARANTINE), -EMFILE);
	assert_int_equal(td_pairs_set_range(&p, 5, 5), -EINVAL);	/* the old one stays */
	assert_int_equal(p.first * 2, 10002);
	td_pairs_fini(&p);
}

static void no_memory(void **state)
{
	struct td_pairs p;

	(void)state;
	td_mem_fail_nth(1);
	assert_int_equal(td_pairs_init(&p, 10000, 10007, QUARANTINE), -ENOMEM);
	td_mem_fail_nth(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pairs_once),
		cmocka_unit_test(odd_ends),
		cmocka_unit_test(quarantine),
		cmocka_unit_test(warm_pairs_first),
		cmocka_unit_test(put_twice_is_harmless),
		cmocka_unit_test(range_moves),
		cmocka_unit_test(no_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_ports", tests, NULL, NULL);
}
