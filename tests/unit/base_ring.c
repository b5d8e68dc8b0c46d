/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring: order, full and empty, when the reader is woken, and two threads that find
 * every lost wake-up by waiting for it in vain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/base/ring.h"

#define PATIENCE_MS 10000
#define N_STREAM    300000
#define N_PINGS	    20000

static bool awake(const struct td_ring *r, int wait_ms)
{
	struct pollfd p = { .fd = r->event_fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static void order_full_empty(void **state)
{
	struct td_ring r;
	uint32_t in, out, round;

	(void)state;
	assert_int_equal(td_ring_init(&r, 5, sizeof(in)), 0);	/* becomes 8 */
	assert_false(td_ring_pop(&r, &out));
	for (round = 0; round < 10; round++) {	/* over the seam at any place */
		for (in = 0; in < 8; in++)
			assert_true(td_ring_push(&r, &(uint32_t){ round * 8 + in }));
		assert_false(td_ring_push(&r, &in));
		for (in = 0; in < 8; in++) {
			assert_true(td_ring_pop(&r, &out));
			assert_int_equal(out, round * 8 + in);
		}
		assert_false(td_ring_pop(&r, &out));
		assert_true(td_ring_push(&r, &in));
		assert_true(td_ring_pop(&r, &out));
	}
	td_ring_fini(&r);
}

static void one_place(void **state)
{
	struct td_ring r;
	char c = 'a';

	(void)state;
	assert_int_equal(td_ring_init(&r, 1, 1), 0);
	assert_true(td_ring_push(&r, &c));
	assert_false(td_ring_push(&r, "b"));
	assert_true(td_ring_pop(&r, &c));
	assert_int_equal(c, 'a');
	td_ring_fini(&r);
}

static void woken_when_it_was_empty(void **state)
{
	struct td_ring r;
	uint32_t item = 7;

	(void)state;
	assert_int_equal(td_ring_init(&r, 4, sizeof(item)), 0);
	assert_false(awake(&r, 0));
	td_ring_clear_wake(&r);			/* never blocks */
	td_ring_push(&r, &item);
	assert_true(awake(&r, 0));
	td_ring_clear_wake(&r);
	assert_false(awake(&r, 0));
	td_ring_push(&r, &item);		/* the reader knows already that there is work */
	assert_false(awake(&r, 0));
	td_ring_pop(&r, &item);
	td_ring_pop(&r, &item);
	td_ring_push(&r, &item);
	assert_true(awake(&r, 0));
	td_ring_fini(&r);
}

/* Rings sit inside objects from td_zalloc(), which knows no wider alignment. */
static void may_lie_on_the_heap(void **state)
{
	(void)state;
	assert_true(_Alignof(struct td_ring) <= _Alignof(max_align_t));
	/* and still writer and reader do not share a cache line */
	assert_true(offsetof(struct td_ring, head) - offsetof(struct td_ring, mask) >= 64);
	assert_true(offsetof(struct td_ring, tail) - offsetof(struct td_ring, head) >= 64);
}

static void nothing_to_be_had(void **state)
{
	struct rlimit old, none;
	long before = td_mem_live();
	struct td_ring r;

	(void)state;
	td_mem_fail_nth(1);
	assert_int_equal(td_ring_init(&r, 4, 4), -ENOMEM);
	assert_null(r.items);
	assert_int_equal(td_ring_init(&r, SIZE_MAX, 1), -ENOMEM);
	assert_int_equal(td_ring_init(&r, SIZE_MAX / 2, 16), -ENOMEM);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(td_ring_init(&r, 4, 4), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_null(r.items);
	assert_int_equal(td_mem_live(), before);
	td_ring_fini(&r);			/* a failed one may be ended again */
}

/* ---- two threads; assertions belong to the main one ---- */

struct item {
	uint64_t n, twice;
};

static void *write_stream(void *arg)
{
	struct td_ring *r = arg;
	struct item it;

	for (it.n = 0; it.n < N_STREAM; it.n++) {
		it.twice = 2 * it.n;
		while (!td_ring_push(r, &it))
			sched_yield();
	}
	return NULL;
}

static void stream(void **state)
{
	struct td_ring r;
	pthread_t writer;
	struct item it;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(td_ring_init(&r, 16, sizeof(it)), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_stream, &r), 0);
	while (n < N_STREAM) {
		assert_true(awake(&r, PATIENCE_MS));
		td_ring_clear_wake(&r);
		while (td_ring_pop(&r, &it)) {
			assert_true(it.n == n);
			assert_true(it.twice == 2 * n);
			n++;
		}
	}
	pthread_join(writer, NULL);
	td_ring_fini(&r);
}

struct pair {
	struct td_ring there, back;
};

/* Gives up when nothing comes: the main thread then misses its answer and fails. */
static void *answer(void *arg)
{
	struct pair *p = arg;
	uint32_t n = 0, got;

	while (n < N_PINGS && awake(&p->there, PATIENCE_MS)) {
		td_ring_clear_wake(&p->there);
		for (; td_ring_pop(&p->there, &got); n++)
			td_ring_push(&p->back, &got);
	}
	return NULL;
}

/* The ring is empty before each item, so each one needs its wake-up. */
static void ping_pong(void **state)
{
	struct pair p;
	pthread_t other;
	uint32_t n, got;

	(void)state;
	assert_int_equal(td_ring_init(&p.there, 2, sizeof(n)), 0);
	assert_int_equal(td_ring_init(&p.back, 2, sizeof(n)), 0);
	assert_int_equal(pthread_create(&other, NULL, answer, &p), 0);
	for (n = 0; n < N_PINGS; n++) {
		assert_true(td_ring_push(&p.there, &n));
		do {
			assert_true(awake(&p.back, PATIENCE_MS));
			td_ring_clear_wake(&p.back);
		} while (!td_ring_pop(&p.back, &got));
		assert_int_equal(got, n);
	}
	pthread_join(other, NULL);
	td_ring_fini(&p.there);
	td_ring_fini(&p.back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_full_empty),
		cmocka_unit_test(one_place),
		cmocka_unit_test(woken_when_it_was_empty),
		cmocka_unit_test(may_lie_on_the_heap),
		cmocka_unit_test(nothing_to_be_had),
		cmocka_unit_test(stream),
		cmocka_unit_test(ping_pong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
