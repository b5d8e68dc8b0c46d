/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation: zeroed, counted, failing on order, and all of it from several threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "userspace/base/mem.h"

#define N_THREADS 4
#define N_ROUNDS  20000

static int off(void **state)
{
	(void)state;
	td_mem_fail_nth(0);
	return 0;
}

static void zeroed(void **state)
{
	static const char zeros[1000];
	char *p;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {	/* used memory comes back */
		p = td_zalloc(sizeof(zeros));
		assert_memory_equal(p, zeros, sizeof(zeros));
		memset(p, 0xff, sizeof(zeros));
		td_free(p);
	}
	p = td_calloc(10, 100);
	assert_memory_equal(p, zeros, sizeof(zeros));
	td_free(p);
}

static void odd_sizes(void **state)
{
	void *p = td_zalloc(0);

	(void)state;
	assert_non_null(p);
	p = td_realloc(p, 0);
	assert_non_null(p);
	td_free(p);
	p = td_calloc(0, 8);
	assert_non_null(p);
	td_free(p);
	td_free(NULL);
	assert_null(td_calloc(SIZE_MAX / 4, 8));	/* the product wraps */
}

static void strings(void **state)
{
	char long_text[5000], *s;

	(void)state;
	s = td_strdup("tandem");
	assert_string_equal(s, "tandem");
	td_free(s);
	s = td_strndup("tandem", 3);
	assert_string_equal(s, "tan");
	td_free(s);
	s = td_strndup((const char[]){ 'a', 'b' }, 2);	/* not terminated */
	assert_string_equal(s, "ab");
	td_free(s);
	s = td_strndup("ab", 100);
	assert_string_equal(s, "ab");
	td_free(s);
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	s = td_asprintf("%d%s%c", 7, long_text, 'y');
	assert_int_equal(strlen(s), 5001);
	assert_int_equal(s[0], '7');
	assert_int_equal(s[5000], 'y');
	td_free(s);
	s = td_asprintf("%s", "");
	assert_string_equal(s, "");
	td_free(s);
}

static void realloc_keeps_what_is_there(void **state)
{
	long before = td_mem_live();
	char *p = td_realloc(NULL, 4), *q;

	(void)state;
	memcpy(p, "abc", 4);
	assert_int_equal(td_mem_live(), before + 1);
	p = td_realloc(p, 100000);
	assert_string_equal(p, "abc");
	assert_int_equal(td_mem_live(), before + 1);
	td_mem_fail_nth(1);
	q = td_realloc(p, 200000);
	assert_null(q);
	assert_string_equal(p, "abc");		/* still there, still ours */
	assert_int_equal(td_mem_live(), before + 1);
	td_free(p);
	assert_int_equal(td_mem_live(), before);
}

static void one_more_doubles(void **state)
{
	uint32_t *v = NULL, *was;
	size_t moves = 0, n;

	(void)state;
	for (n = 0; n < 1000; n++) {
		was = v;
		td_mem_fail_nth(1);
		v = td_one_more(was, n, sizeof(*v));
		if (!v) {			/* it asked for memory, and was not given it */
			moves++;
			v = td_one_more(was, n, sizeof(*v));
		}
		td_mem_fail_nth(0);
		assert_non_null(v);
		v[n] = (uint32_t)n;
	}
	assert_int_equal(moves, 11);		/* for 1, 2, 4 ... 1024 */
	while (n--)
		assert_int_equal(v[n], n);
	assert_null(td_one_more(v, SIZE_MAX / 8 + 1, sizeof(*v)));	/* the product wraps */
	td_free(v);
}

static void *make(int which)
{
	switch (which) {
	case 0: return td_zalloc(8);
	case 1: return td_calloc(2, 8);
	case 2: return td_realloc(NULL, 8);
	case 3: return td_strdup("a");
	case 4: return td_strndup("a", 1);
	default: return td_asprintf("%d", 1);
	}
}

static void live_count(void **state)
{
	long before = td_mem_live();
	void *p[6];
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		p[i] = make(i);
		assert_non_null(p[i]);
		assert_int_equal(td_mem_live(), before + i + 1);
	}
	while (i--)
		td_free(p[i]);
	assert_int_equal(td_mem_live(), before);
}

static void each_kind_fails_once(void **state)
{
	long before = td_mem_live();
	void *p;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		td_mem_fail_nth(1);
		assert_null(make(i));
		p = make(i);			/* once only */
		assert_non_null(p);
		td_free(p);
	}
	assert_int_equal(td_mem_live(), before);
}

static void the_nth_fails(void **state)
{
	void *p[5];
	int i;

	(void)state;
	td_mem_fail_nth(4);
	for (i = 0; i < 5; i++)
		p[i] = make(i);
	for (i = 0; i < 5; i++) {
		assert_int_equal(!p[i], i == 3);
		td_free(p[i]);
	}
	td_mem_fail_nth(1);
	td_mem_fail_nth(0);
	p[0] = make(0);
	assert_non_null(p[0]);
	td_free(p[0]);
}

static void *allocate_a_lot(void *arg)
{
	unsigned long *failed = arg;
	void *p;
	int i;

	for (i = 0; i < N_ROUNDS; i++) {
		p = make(i % 6);
		*failed += !p;
		td_free(p);
	}
	return NULL;
}

static void threads(void **state)
{
	unsigned long failed[N_THREADS] = { 0 }, all = 0;
	pthread_t thread[N_THREADS];
	long before = td_mem_live();
	int i;

	(void)state;
	td_mem_fail_nth(N_THREADS * N_ROUNDS / 2);
	for (i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, allocate_a_lot, &failed[i]), 0);
	for (i = 0; i < N_THREADS; i++) {
		pthread_join(thread[i], NULL);
		all += failed[i];
	}
	assert_int_equal(all, 1);
	assert_int_equal(td_mem_live(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(zeroed, off),
		cmocka_unit_test_teardown(odd_sizes, off),
		cmocka_unit_test_teardown(strings, off),
		cmocka_unit_test_teardown(realloc_keeps_what_is_there, off),
		cmocka_unit_test_teardown(one_more_doubles, off),
		cmocka_unit_test_teardown(live_count, off),
		cmocka_unit_test_teardown(each_kind_fails_once, off),
		cmocka_unit_test_teardown(the_nth_fails, off),
		cmocka_unit_test_teardown(threads, off),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
