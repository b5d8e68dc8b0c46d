/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop's timers and deferred calls, on the fake clock: order, and everything that a
 * callback may do to the loop it runs in. Descriptors are in base_loop_io.c.
 */
#include <errno.h>
#include <stdlib.h>
#include "tests/unit/base_loop.h"

/* ---- timers ---- */

static void clock_stands_until_moved(void **state)
{
	(void)state;
	assert_true(start_ms > 0);
	assert_int_equal(elapsed(), 0);
	td_loop_step(loop, 1000);
	assert_int_equal(elapsed(), 0);
	td_loop_fake_advance_ms(loop, 50);
	assert_int_equal(elapsed(), 50);
}

static void order_of_time(void **state)
{
	struct td_timer t[5] = { { 0 } };

	(void)state;
	start(&t[0], 30, "c");
	start(&t[1], 10, "a");
	start(&t[2], 20, "b1");
	start(&t[3], 20, "b2");		/* equal times: order of arming */
	start(&t[4], 41, "d");
	assert_int_equal(td_loop_timers_armed(loop), 5);
	assert_int_equal(t[1].due_ms, start_ms + 10);
	td_loop_fake_advance_ms(loop, 9);
	expect_told("");
	td_loop_fake_advance_ms(loop, 1);
	expect_told("a ");
	assert_false(td_timer_is_armed(&t[1]));
	td_loop_fake_advance_ms(loop, 30);
	expect_told("b1 b2 c ");
	assert_int_equal(td_loop_timers_armed(loop), 1);
	td_loop_timer_stop(loop, &t[4]);
	td_loop_timer_stop(loop, &t[4]);	/* again is harmless */
	td_loop_fake_advance_ms(loop, 1000);
	expect_told("");
	assert_int_equal(td_loop_timers_armed(loop), 0);
}

static uint64_t last_due;

static void in_order(void *arg)
{
	const struct td_timer *t = arg;

	assert_true(t->due_ms >= last_due);
	assert_int_equal(td_loop_now_ms(loop), t->due_ms);	/* each at its own time */
	last_due = t->due_ms;
}

/* Starts, restarts and stops at random; the heap must hold together. */
static void a_thousand_timers(void **state)
{
	struct td_timer *t = td_calloc(1000, sizeof(*t));
	size_t armed = 0;
	int i, k;

	(void)state;
	srandom(42);
	for (i = 0; i < 20000; i++) {
		k = (int)(random() % 1000);
		if (random() % 3)
			td_loop_timer_start(loop, &t[k], (uint64_t)random() % 5000, in_order,
					    &t[k]);
		else
			td_loop_timer_stop(loop, &t[k]);
	}
	for (i = 0; i < 1000; i++)
		armed += td_timer_is_armed(&t[i]);
	assert_in_range(armed, 500, 900);
	assert_int_equal(td_loop_timers_armed(loop), armed);
	last_due = 0;
	td_loop_fake_advance_ms(loop, 5000);
	assert_true(last_due > start_ms + 4000);
	assert_int_equal(td_loop_timers_armed(loop), 0);
	td_free(t);
}

static void restart_moves(void **state)
{
	struct td_timer t[3] = { { 0 } };

	(void)state;
	start(&t[0], 10, "a");
	start(&t[1], 20, "b");
	start(&t[2], 30, "c");
	start(&t[0], 25, "later");
	start(&t[2], 5, "earlier");
	assert_int_equal(td_loop_timers_armed(loop), 3);
	td_loop_fake_advance_ms(loop, 100);
	expect_told("earlier b later ");
}

struct pair {
	struct td_timer first, second;
};

static void stop_second(void *arg)
{
	struct pair *p = arg;

	tell("first");
	td_loop_timer_stop(loop, &p->second);
}

static void stop_inside_callback(void **state)
{
	struct pair p = { { 0 }, { 0 } };

	(void)state;
	td_loop_timer_start(loop, &p.first, 10, stop_second, &p);
	start(&p.second, 10, "second");		/* due in the same round */
	td_loop_fake_advance_ms(loop, 100);
	expect_told("first ");
}

static void free_pair(void *arg)
{
	struct pair *p = arg;

	td_loop_timer_stop(loop, &p->first);	/* runs just now: not armed any more */
	td_loop_timer_stop(loop, &p->second);
	td_free(p);
}

static void owner_freed_inside_callback(void **state)
{
	struct pair *p = td_zalloc(sizeof(*p));
	struct td_timer other = { 0 };

	(void)state;
	td_loop_timer_start(loop, &p->first, 10, free_pair, p);
	start(&p->second, 10, "second");
	start(&other, 10, "other");
	td_loop_fake_advance_ms(loop, 100);
	expect_told("other ");
}

static void tick(void *arg)
{
	struct td_timer *t = arg;
	char word[16];

	snprintf(word, sizeof(word), "%d", (int)elapsed());
	tell(word);
	td_loop_timer_start(loop, t, 10, tick, t);
}

static void rearm_inside_callback(void **state)
{
	struct td_timer t = { 0 };

	(void)state;
	td_loop_timer_start(loop, &t, 10, tick, &t);
	td_loop_fake_advance_ms(loop, 35);
	expect_told("10 20 30 ");
	assert_true(td_timer_is_armed(&t));
	td_loop_timer_stop(loop, &t);
}

static void again_at_once(void *arg)
{
	struct td_timer *t = arg;

	tell("again");
	td_loop_timer_start(loop, t, 0, again_at_once, t);
}

/* A delay of 0 means the next round, so descriptors get their turn between. */
static void no_delay_is_no_endless_round(void **state)
{
	struct td_timer t = { 0 }, other = { 0 };

	(void)state;
	td_loop_timer_start(loop, &t, 0, again_at_once, &t);
	start(&other, 0, "other");
	assert_int_equal(td_loop_dispatch_due(loop), 0);
	expect_told("again other ");
	assert_int_equal(td_loop_dispatch_due(loop), 0);
	expect_told("again ");
	td_loop_timer_stop(loop, &t);
	assert_int_equal(td_loop_dispatch_due(loop), -1);
}

static void time_until_the_next(void **state)
{
	struct td_timer t = { 0 }, far = { 0 };

	(void)state;
	assert_int_equal(td_loop_dispatch_due(loop), -1);
	start(&t, 70, "a");
	assert_int_equal(td_loop_dispatch_due(loop), 70);
	td_loop_fake_advance_ms(loop, 69);
	assert_int_equal(td_loop_dispatch_due(loop), 1);
	td_loop_timer_stop(loop, &t);
	start(&far, UINT64_MAX, "never");	/* now + delay would wrap */
	assert_true(td_loop_dispatch_due(loop) > 1000000);
	expect_told("");
	td_loop_timer_stop(loop, &far);
}

static void timers_without_memory(void **state)
{
	struct td_timer t[64] = { { 0 } };
	int i;

	(void)state;
	for (i = 0; i < 63; i++)
		start(&t[i], 10, "x");
	td_mem_fail_nth(1);
	assert_int_equal(td_loop_timer_start(loop, &t[63], 10, say, "y"), -ENOMEM);
	assert_false(td_timer_is_armed(&t[63]));
	assert_int_equal(td_loop_timers_armed(loop), 63);
	td_mem_fail_nth(1);
	start(&t[0], 20, "x");			/* what is armed needs no memory */
	td_mem_fail_nth(0);
	start(&t[63], 10, "y");
	for (i = 1; i < 63; i++)
		td_loop_timer_stop(loop, &t[i]);
	td_loop_fake_advance_ms(loop, 20);
	expect_told("y x ");
}

/* ---- deferred calls ---- */

struct chain {
	struct td_deferred call, other;
};

static void deferred_once_in_order(void **state)
{
	struct td_deferred a = { 0 }, b = { 0 };

	(void)state;
	td_loop_defer(loop, &a, say, "a");
	td_loop_defer(loop, &b, say, "b");
	td_loop_defer(loop, &a, say, "a2");	/* keeps its place, takes the new call */
	expect_told("");			/* never from inside td_loop_defer() */
	assert_int_equal(td_loop_dispatch_due(loop), -1);
	expect_told("a2 b ");
	assert_int_equal(td_loop_dispatch_due(loop), -1);
	expect_told("");
}

static void undeferred(void **state)
{
	struct td_deferred a = { 0 }, b = { 0 };

	(void)state;
	td_loop_undefer(loop, &a);		/* zeroed: nothing to do */
	td_loop_defer(loop, &a, say, "a");
	td_loop_defer(loop, &b, say, "b");
	td_loop_undefer(loop, &a);
	td_loop_undefer(loop, &a);
	td_loop_dispatch_due(loop);
	expect_told("b ");
}

static void once_more(void *arg)
{
	struct chain *c = arg;

	tell("once");
	td_loop_defer(loop, &c->call, once_more, c);
}

static void deferred_while_running_is_next_round(void **state)
{
	struct chain c = { 0 };

	(void)state;
	td_loop_defer(loop, &c.call, once_more, &c);
	td_loop_defer(loop, &c.other, say, "other");
	assert_int_equal(td_loop_dispatch_due(loop), 0);	/* there is more */
	expect_told("once other ");
	assert_int_equal(td_loop_dispatch_due(loop), 0);
	expect_told("once ");
	td_loop_undefer(loop, &c.call);
	assert_int_equal(td_loop_dispatch_due(loop), -1);
}

static void undefer_other(void *arg)
{
	struct chain *c = arg;

	tell("undefers");
	td_loop_undefer(loop, &c->other);
}

static void undeferred_while_running(void **state)
{
	struct chain c = { 0 };

	(void)state;
	td_loop_defer(loop, &c.call, undefer_other, &c);
	td_loop_defer(loop, &c.other, say, "other");
	assert_int_equal(td_loop_dispatch_due(loop), -1);
	expect_told("undefers ");
}

static void free_chain(void *arg)
{
	struct chain *c = arg;

	td_loop_undefer(loop, &c->other);
	td_free(c);
}

static void owner_freed_by_deferred_call(void **state)
{
	struct chain *c = td_zalloc(sizeof(*c));
	struct td_deferred last = { 0 };

	(void)state;
	td_loop_defer(loop, &c->call, free_chain, c);
	td_loop_defer(loop, &c->other, say, "other");
	td_loop_defer(loop, &last, say, "last");
	td_loop_dispatch_due(loop);
	expect_told("last ");
}

static void defer_and_tell_time(void *arg)
{
	struct td_deferred *d = arg;
	char word[16];

	snprintf(word, sizeof(word), "timer%d", (int)elapsed());
	tell(word);
	td_loop_defer(loop, d, say, "deferred");
}

/* Timers are due later than what is deferred; the clock waits for both. */
static void timers_and_deferred(void **state)
{
	struct td_timer t[2] = { { 0 } };
	struct td_deferred d = { 0 };

	(void)state;
	td_loop_timer_start(loop, &t[0], 10, defer_and_tell_time, &d);
	start(&t[1], 11, "next");
	td_loop_defer(loop, &d, say, "now");
	td_loop_fake_advance_ms(loop, 20);
	expect_told("now timer10 deferred next ");
	assert_int_equal(elapsed(), 20);
}

/* ---- a backend that owns the waiting ---- */

static int64_t woken_in;
static unsigned int n_woken, n_destroyed;
static uint64_t hand_ms = 100;

static uint64_t own_now(void *arg)
{
	(void)arg;
	return hand_ms;
}

static int own_watch(void *arg, int fd, unsigned int events)
{
	(void)arg;
	(void)fd;
	(void)events;
	return 0;
}

static int own_step(void *arg, int timeout_ms)
{
	(void)arg;
	return timeout_ms;
}

static void own_wake_in(void *arg, int64_t ms)
{
	(void)arg;
	woken_in = ms;
	n_woken++;
}

static void own_destroy(void *arg)
{
	(void)arg;
	n_destroyed++;
}

static const struct td_loop_ops own_ops = {
	.now_ms = own_now,
	.watch = own_watch,
	.step = own_step,
	.wake_in = own_wake_in,
	.destroy = own_destroy,
};

static void backend_hears_of_the_next_timer(void **state)
{
	struct td_timer a = { 0 }, b = { 0 };
	struct td_deferred d = { 0 };
	int backend;

	(void)state;
	loop = td_loop_new(&own_ops, &backend);
	assert_ptr_equal(td_loop_backend(loop), &backend);
	start(&a, 50, "a");
	assert_int_equal(woken_in, 50);
	start(&b, 20, "b");
	assert_int_equal(woken_in, 20);
	n_woken = 0;
	start(&a, 60, "a");			/* not the first one: nothing new */
	assert_int_equal(n_woken, 0);
	start(&b, 70, "b");			/* was the first one */
	assert_int_equal(woken_in, 60);
	td_loop_timer_stop(loop, &a);
	assert_int_equal(woken_in, 70);
	td_loop_timer_stop(loop, &b);
	assert_int_equal(woken_in, -1);
	td_loop_defer(loop, &d, say, "d");
	assert_int_equal(woken_in, 0);
	td_loop_dispatch_due(loop);
	n_destroyed = 0;
	td_loop_free(loop);
	assert_int_equal(n_destroyed, 1);
}

/* The step gets the shorter of both times; here it returns what it got. */
static void timeout_of_a_step(void **state)
{
	struct td_timer t = { 0 };

	(void)state;
	loop = td_loop_new(&own_ops, NULL);
	assert_int_equal(td_loop_step(loop, -1), -1);
	assert_int_equal(td_loop_step(loop, 7), 7);
	start(&t, 50, "t");
	assert_int_equal(td_loop_step(loop, -1), 50);
	assert_int_equal(td_loop_step(loop, 7), 7);
	assert_int_equal(td_loop_step(loop, 70), 50);
	hand_ms += 60;
	assert_int_equal(td_loop_step(loop, -1), -1);
	start(&t, UINT64_MAX, "t");
	assert_int_equal(td_loop_step(loop, -1), INT32_MAX);
	td_loop_free(loop);
}

static void slow_callback(void *arg)
{
	(void)arg;
	hand_ms += 30;
}

/* The wait is counted from the end of the callbacks. */
static void callbacks_take_their_time(void **state)
{
	struct td_deferred d = { 0 };
	struct td_timer t = { 0 };

	(void)state;
	loop = td_loop_new(&own_ops, NULL);
	start(&t, 50, "t");
	td_loop_defer(loop, &d, slow_callback, NULL);
	assert_int_equal(td_loop_dispatch_due(loop), 20);
	td_loop_free(loop);
}

/* The fake step returns its time-out: -1 stands for an error of the wait. */
static void run_ends_with_an_error(void **state)
{
	(void)state;
	loop = td_loop_new(&own_ops, NULL);
	assert_int_equal(td_loop_run(loop), -1);
	td_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE(clock_stands_until_moved),
		FAKE(order_of_time),
		FAKE(a_thousand_timers),
		FAKE(restart_moves),
		FAKE(stop_inside_callback),
		FAKE(owner_freed_inside_callback),
		FAKE(rearm_inside_callback),
		FAKE(no_delay_is_no_endless_round),
		FAKE(time_until_the_next),
		FAKE(timers_without_memory),
		FAKE(deferred_once_in_order),
		FAKE(undeferred),
		FAKE(deferred_while_running_is_next_round),
		FAKE(undeferred_while_running),
		FAKE(owner_freed_by_deferred_call),
		FAKE(timers_and_deferred),
		cmocka_unit_test(backend_hears_of_the_next_timer),
		cmocka_unit_test(timeout_of_a_step),
		cmocka_unit_test(callbacks_take_their_time),
		cmocka_unit_test(run_ends_with_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
