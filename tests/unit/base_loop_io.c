/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop's descriptors, on epoll and on the fake backend, because the front promises the
 * same for each; then what only a loop that really waits can show.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "tests/unit/base_loop.h"

/* ---- descriptors, on every backend ---- */

static void make_pipe(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
}

static void close_pipe(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static void fill(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static void say_events(void *arg, int fd, unsigned int events)
{
	char word[32];

	(void)fd;
	snprintf(word, sizeof(word), "%s:%s%s", (const char *)arg, events & TD_READ ? "r" : "",
		 events & TD_WRITE ? "w" : "");
	tell(word);
}

static void readable_and_writable(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	assert_int_equal(td_loop_watch(loop, fds[0], TD_READ, say_events, "in"), 0);
	td_loop_step(loop, 0);
	expect_told("");
	fill(fds[1]);
	td_loop_step(loop, 0);
	expect_told("in:r ");
	td_loop_step(loop, 0);			/* level-triggered: it was not read */
	expect_told("in:r ");
	td_loop_unwatch(loop, fds[0]);
	td_loop_unwatch(loop, fds[0]);
	td_loop_step(loop, 0);
	expect_told("");
	assert_int_equal(td_loop_watch(loop, fds[1], TD_WRITE, say_events, "out"), 0);
	td_loop_step(loop, 0);
	expect_told("out:w ");
	td_loop_unwatch(loop, fds[1]);
	close_pipe(fds);
}

static void another_mask(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	fill(fds[1]);
	td_loop_watch(loop, fds[0], TD_WRITE, say_events, "a");
	td_loop_step(loop, 0);
	expect_told("");
	td_loop_watch(loop, fds[0], TD_READ | TD_WRITE, say_events, "b");
	td_loop_step(loop, 0);
	expect_told("b:r ");
	td_loop_watch(loop, fds[0], 0, say_events, "c");	/* no events: not watched */
	td_loop_step(loop, 0);
	expect_told("");
	close_pipe(fds);
}

/* Hang-ups and errors come as what was asked for, else the loop would spin on them. */
static void hang_up(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	td_loop_watch(loop, fds[0], TD_READ, say_events, "in");
	close(fds[1]);
	td_loop_step(loop, 0);
	expect_told("in:r ");
	td_loop_watch(loop, fds[0], TD_WRITE, say_events, "in");
	td_loop_step(loop, 0);
	expect_told("in:w ");
	td_loop_unwatch(loop, fds[0]);
	close(fds[0]);
	make_pipe(fds);
	td_loop_watch(loop, fds[1], TD_READ, say_events, "out");
	close(fds[0]);
	td_loop_step(loop, 0);
	expect_told("out:r ");
	td_loop_unwatch(loop, fds[1]);
	close(fds[1]);
}

static void unwatch_itself(void *arg, int fd, unsigned int events)
{
	(void)events;
	tell(arg);
	td_loop_unwatch(loop, fd);
}

static void unwatch_inside_callback(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	fill(fds[1]);
	td_loop_watch(loop, fds[0], TD_READ, unwatch_itself, "once");
	td_loop_step(loop, 0);
	td_loop_step(loop, 0);
	expect_told("once ");
	close_pipe(fds);
}

struct two {
	int a[2], b[2];
	int fresh[2];			/* takes the number of the one that is closed */
	int reused;
};

static void make_two(struct two *t)
{
	memset(t, 0, sizeof(*t));
	make_pipe(t->a);
	make_pipe(t->b);
	make_pipe(t->fresh);
	fill(t->a[1]);
	fill(t->b[1]);
}

static void close_two(struct two *t)
{
	td_loop_unwatch(loop, t->a[0]);
	td_loop_unwatch(loop, t->b[0]);
	close_pipe(t->a);
	close_pipe(t->b);
	close_pipe(t->fresh);
}

static void unwatch_other(void *arg, int fd, unsigned int events)
{
	struct two *t = arg;

	(void)events;
	tell("one");
	td_loop_unwatch(loop, fd == t->a[0] ? t->b[0] : t->a[0]);
}

/* Both are ready in the same round; whichever comes first silences the other. */
static void other_unwatched_in_the_same_round(void **state)
{
	struct two t;

	(void)state;
	make_two(&t);
	td_loop_watch(loop, t.a[0], TD_READ, unwatch_other, &t);
	td_loop_watch(loop, t.b[0], TD_READ, unwatch_other, &t);
	td_loop_step(loop, 0);
	expect_told("one ");
	close_two(&t);
}

static void change_other(void *arg, int fd, unsigned int events)
{
	struct two *t = arg;
	int other = fd == t->a[0] ? t->b[0] : t->a[0];

	(void)events;
	tell("one");
	td_loop_watch(loop, other, TD_READ, say_events, "changed");
}

/* It is still the same watch, so its event of this round is true. */
static void other_changed_in_the_same_round(void **state)
{
	struct two t;

	(void)state;
	make_two(&t);
	td_loop_watch(loop, t.a[0], TD_READ, change_other, &t);
	td_loop_watch(loop, t.b[0], TD_READ, change_other, &t);
	td_loop_step(loop, 0);
	expect_told("one changed:r ");
	close_two(&t);
}

static void replace_other(void *arg, int fd, unsigned int events)
{
	struct two *t = arg;

	(void)events;
	tell("one");
	t->reused = fd == t->a[0] ? t->b[0] : t->a[0];
	td_loop_unwatch(loop, fd);
	td_loop_unwatch(loop, t->reused);
	dup2(t->fresh[0], t->reused);		/* closes it; the number lives on */
	td_loop_watch(loop, t->reused, TD_READ, say_events, "fresh");
}

/* The event that the backend holds for that number belonged to the closed one. */
static void number_reused_in_the_same_round(void **state)
{
	struct two t;

	(void)state;
	make_two(&t);
	td_loop_watch(loop, t.a[0], TD_READ, replace_other, &t);
	td_loop_watch(loop, t.b[0], TD_READ, replace_other, &t);
	td_loop_step(loop, 0);
	expect_told("one ");
	td_loop_step(loop, 0);
	expect_told("");
	fill(t.fresh[1]);
	td_loop_step(loop, 0);
	expect_told("fresh:r ");
	close_two(&t);
}

static void watch_fresh(void *arg, int fd, unsigned int events)
{
	struct two *t = arg;

	(void)events;
	tell("one");
	td_loop_unwatch(loop, fd);
	/* a high number: the table of descriptors moves under the callback */
	t->reused = fcntl(t->fresh[0], F_DUPFD_CLOEXEC, 700);
	td_loop_watch(loop, t->reused, TD_READ, say_events, "fresh");
}

static void watch_inside_callback(void **state)
{
	struct two t;

	(void)state;
	make_two(&t);
	fill(t.fresh[1]);
	td_loop_watch(loop, t.a[0], TD_READ, watch_fresh, &t);
	td_loop_step(loop, 0);
	expect_told("one ");
	td_loop_step(loop, 0);
	expect_told("fresh:r ");
	td_loop_unwatch(loop, t.reused);
	close(t.reused);
	close_two(&t);
}

static void watch_from_timer(void *arg)
{
	td_loop_watch(loop, *(int *)arg, TD_READ, unwatch_itself, "io");
}

/* A watch that begins before the wait gets its events in the same step. */
static void watch_before_the_wait(void **state)
{
	struct td_timer t = { 0 };
	int fds[2];

	(void)state;
	make_pipe(fds);
	fill(fds[1]);
	td_loop_timer_start(loop, &t, 0, watch_from_timer, &fds[0]);
	td_loop_step(loop, 0);
	expect_told("io ");
	close_pipe(fds);
}

static void deferred_from_io(void *arg, int fd, unsigned int events)
{
	(void)events;
	tell("io");
	td_loop_unwatch(loop, fd);
	td_loop_defer(loop, arg, say, "deferred");
}

/* One step: deferred, timers, descriptors. */
static void order_of_a_step(void **state)
{
	struct td_deferred early = { 0 }, late = { 0 };
	struct td_timer t = { 0 };
	int fds[2];

	(void)state;
	make_pipe(fds);
	fill(fds[1]);
	td_loop_watch(loop, fds[0], TD_READ, deferred_from_io, &late);
	start(&t, 0, "timer");
	td_loop_defer(loop, &early, say, "early");
	td_loop_step(loop, 0);
	expect_told("early timer io ");
	td_loop_step(loop, 0);
	expect_told("deferred ");
	close_pipe(fds);
}

static void bad_descriptors(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	assert_int_equal(td_loop_watch(loop, -1, TD_READ, say_events, "x"), -EBADF);
	td_loop_unwatch(loop, -1);
	td_loop_unwatch(loop, 100000);
	td_loop_dispatch_fd(loop, -1, TD_READ);
	td_loop_dispatch_fd(loop, 100000, TD_READ);
	td_mem_fail_nth(1);
	assert_int_equal(td_loop_watch(loop, fds[0], TD_READ, say_events, "x"), -ENOMEM);
	td_mem_fail_nth(0);
	fill(fds[1]);
	td_loop_step(loop, 0);
	expect_told("");
	close_pipe(fds);
}

/* ---- epoll alone ---- */

static void epoll_refuses(void **state)
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), closed = dup(file);

	(void)state;
	close(closed);
	assert_int_equal(td_loop_watch(loop, file, TD_READ, say_events, "x"), -EPERM);
	assert_int_equal(td_loop_watch(loop, closed, TD_READ, say_events, "x"), -EBADF);
	td_loop_dispatch_due(loop);
	td_loop_dispatch_fd(loop, file, TD_READ);	/* is not watched after the refusal */
	expect_told("");
	close(file);
}

/* A hang-up that nobody watches would end every wait at once. */
static void unwatched_wakes_nobody(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	td_loop_watch(loop, fds[0], TD_READ, say_events, "x");
	td_loop_unwatch(loop, fds[0]);
	close(fds[1]);
	td_loop_step(loop, 10);
	assert_in_range(elapsed(), 9, 5000);
	expect_told("");
	close(fds[0]);
}

static int free_number(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void no_epoll_to_be_had(void **state)
{
	int number = free_number();
	struct rlimit old, none;

	(void)state;
	live_before = td_mem_live();
	td_mem_fail_nth(1);
	assert_null(td_loop_new_epoll());
	td_mem_fail_nth(2);
	assert_null(td_loop_new_epoll());
	td_mem_fail_nth(3);
	assert_null(td_loop_new_epoll());
	td_mem_fail_nth(0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_null(td_loop_new_epoll());
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(td_mem_live(), live_before);
	assert_int_equal(free_number(), number);
	td_loop_free(NULL);
}

static uint64_t real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void busy(void)
{
	uint64_t end = real_ms() + 3;

	while (real_ms() < end)
		;
}

static void time_stands_still(void *arg)
{
	uint64_t before = td_loop_now_ms(loop);

	busy();
	assert_int_equal(td_loop_now_ms(loop), before);
	assert_true(real_ms() > before);
	tell(arg);
}

static void io_time_stands_still(void *arg, int fd, unsigned int events)
{
	(void)events;
	td_loop_unwatch(loop, fd);
	time_stands_still(arg);
}

static void time_is_constant_within_a_callback(void **state)
{
	struct td_deferred d = { 0 };
	struct td_timer t = { 0 };
	int fds[2];

	(void)state;
	make_pipe(fds);
	fill(fds[1]);
	td_loop_defer(loop, &d, time_stands_still, "deferred");
	td_loop_timer_start(loop, &t, 0, time_stands_still, "timer");
	td_loop_watch(loop, fds[0], TD_READ, io_time_stands_still, "io");
	td_loop_step(loop, 0);
	expect_told("deferred timer io ");
	assert_true(elapsed() >= 9);		/* and runs outside */
	close_pipe(fds);
}

static void stop_loop(void *arg)
{
	tell(arg);
	td_loop_stop(loop);
}

static void sleeps_until_the_timer(void **state)
{
	struct td_timer t = { 0 }, late = { 0 };

	(void)state;
	td_loop_timer_start(loop, &late, 10000, stop_loop, "late");
	td_loop_timer_start(loop, &t, 20, stop_loop, "stop");
	assert_int_equal(td_loop_run(loop), 0);
	expect_told("stop ");
	assert_in_range(elapsed(), 20, 5000);
}

static void step_waits_no_longer_than_told(void **state)
{
	struct td_timer t = { 0 };

	(void)state;
	start(&t, 3600000, "never");
	td_loop_step(loop, 10);
	assert_in_range(elapsed(), 9, 5000);
	td_loop_step(loop, 0);
	expect_told("");
	td_loop_timer_stop(loop, &t);
}

/* A stop from a deferred call ends the run without another wait. */
static void stop_does_not_sleep(void **state)
{
	struct td_deferred d = { 0 }, other = { 0 };
	struct td_timer late = { 0 };

	(void)state;
	td_loop_timer_start(loop, &late, 10000, stop_loop, "late");
	td_loop_defer(loop, &d, stop_loop, "stop");
	td_loop_defer(loop, &other, say, "same round");
	assert_int_equal(td_loop_run(loop), 0);
	expect_told("stop same round ");
	assert_in_range(elapsed(), 0, 5000);
	td_loop_stop(loop);			/* before the run: it ends at once */
	td_loop_defer(loop, &other, say, "not yet");
	assert_int_equal(td_loop_run(loop), 0);
	expect_told("");
	td_loop_defer(loop, &d, stop_loop, "stop");
	assert_int_equal(td_loop_run(loop), 0);
	expect_told("not yet stop ");
	assert_true(td_timer_is_armed(&late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(readable_and_writable),
		BOTH(another_mask),
		BOTH(hang_up),
		BOTH(unwatch_inside_callback),
		BOTH(other_unwatched_in_the_same_round),
		BOTH(other_changed_in_the_same_round),
		BOTH(number_reused_in_the_same_round),
		BOTH(watch_inside_callback),
		BOTH(watch_before_the_wait),
		BOTH(order_of_a_step),
		BOTH(bad_descriptors),
		EPOLL(epoll_refuses),
		EPOLL(unwatched_wakes_nobody),
		EPOLL(time_is_constant_within_a_callback),
		EPOLL(sleeps_until_the_timer),
		EPOLL(step_waits_no_longer_than_told),
		EPOLL(stop_does_not_sleep),
		cmocka_unit_test(no_epoll_to_be_had),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
