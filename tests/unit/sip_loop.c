/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop on sofia's root and the clock below it: sofia's timers and ours see one time,
 * what one defers for the other runs before the loop sleeps, and an hour passes when the
 * test says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SU_ROOT_MAGIC_T struct td_loop
#define SU_TIMER_ARG_T	struct heard
#include <sofia-sip/su.h>
#include <sofia-sip/su_wait.h>

#include "userspace/base/mem.h"
#include "userspace/sip/loop_su.h"
#include "userspace/sip/sip.h"
#include "userspace/sip/sip_clock.h"

#define HOUR_MS	  3600000u
#define MANY_FDS  150
#define MAX_STEPS 100

struct heard {
	struct td_loop *loop;
	unsigned int n, n_sofia, n_deferred;
	uint64_t loop_ms, sofia_ms, clock_ms;	/* what the clocks said inside */
	char order[32];
	struct td_deferred later;
	struct td_timer timer;
	int fd;
	unsigned int events;
	char bytes[64];
};

/* Sofia's present in our scale, up to a constant. */
static uint64_t sofia_ms(void)
{
	su_time_t t = su_now();

	assert_int_equal(t.tv_usec % 1000, 0);	/* whole milliseconds, or sofia spins */
	return (uint64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

static void mark(struct heard *h, char c)
{
	size_t n = strlen(h->order);

	if (n + 1 < sizeof(h->order))
		h->order[n] = c;
}

static void on_timer(void *arg)
{
	struct heard *h = arg;

	h->n++;
	mark(h, 't');
	h->loop_ms = td_loop_now_ms(h->loop);
	h->sofia_ms = sofia_ms();
	h->clock_ms = td_sip_clock_ms();
}

static void on_deferred(void *arg)
{
	struct heard *h = arg;

	h->n_deferred++;
	mark(h, 'd');
}

static void on_sofia(struct td_loop *loop, su_timer_t *t, struct heard *h)
{
	(void)t;
	assert_ptr_equal(loop, h->loop);
	h->n_sofia++;
	mark(h, 's');
	td_loop_defer(loop, &h->later, on_deferred, h);
}

static su_timer_t *sofia_timer(struct heard *h, uint64_t ms)
{
	su_timer_t *t = su_timer_create(su_root_task(td_sip_loop_root(h->loop)), (su_duration_t)ms);

	assert_non_null(t);
	assert_int_equal(su_timer_set(t, on_sofia, h), 0);
	return t;
}

static size_t open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void start(struct heard *h)
{
	memset(h, 0, sizeof(*h));
	h->loop = td_sip_loop_new();
	assert_non_null(h->loop);
}

/* ---- time ---- */

static void an_hour_in_no_time(void **state)
{
	struct heard h;

	(void)state;
	start(&h);
	assert_int_equal(td_loop_timer_start(h.loop, &h.timer, HOUR_MS, on_timer, &h), 0);
	td_loop_step(h.loop, 0);
	td_sip_clock_advance(HOUR_MS - 60000);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 0);
	td_sip_clock_advance(60000);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 1);
	assert_int_equal(td_loop_timers_armed(h.loop), 0);
	td_loop_free(h.loop);
}

static void sofia_has_the_same_hour(void **state)
{
	su_timer_t *t;
	struct heard h;

	(void)state;
	start(&h);
	t = sofia_timer(&h, HOUR_MS);
	td_loop_step(h.loop, 0);
	td_sip_clock_advance(HOUR_MS - 60000);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n_sofia, 0);
	td_sip_clock_advance(60000);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n_sofia, 1);
	su_timer_destroy(t);
	td_loop_free(h.loop);
}

/* Nothing that a sofia timer wants done waits for the next packet. */
static void deferred_by_sofia(void **state)
{
	su_timer_t *t;
	struct heard h;

	(void)state;
	start(&h);
	t = sofia_timer(&h, 1000);
	td_sip_clock_advance(1000);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n_sofia, 1);
	assert_int_equal(h.n_deferred, 1);
	assert_string_equal(h.order, "sd");
	su_timer_destroy(t);
	td_loop_free(h.loop);
}

struct chain {
	struct heard h;
	su_timer_t *second;
};

static void on_deferred_once_more(void *arg)
{
	struct chain *c = arg;

	on_deferred(&c->h);
	assert_int_equal(su_timer_set_interval(c->second, on_sofia, &c->h, 0), 0);
}

static void on_sofia_chain(struct td_loop *loop, su_timer_t *t, struct heard *h)
{
	(void)t;
	mark(h, 's');
	td_loop_defer(loop, &h->later, on_deferred_once_more, td_container_of(h, struct chain, h));
}

/* Nor does what that arms, and so on: all of it before the loop sleeps. */
static void deferred_in_turns(void **state)
{
	struct chain c;
	su_timer_t *t;

	(void)state;
	start(&c.h);
	t = su_timer_create(su_root_task(td_sip_loop_root(c.h.loop)), 1000);
	c.second = su_timer_create(su_root_task(td_sip_loop_root(c.h.loop)), 1000);
	assert_int_equal(su_timer_set(t, on_sofia_chain, &c.h), 0);
	td_sip_clock_advance(1000);
	td_loop_step(c.h.loop, 0);
	assert_string_equal(c.h.order, "sdsd");
	su_timer_destroy(t);
	su_timer_destroy(c.second);
	td_loop_free(c.h.loop);
}

/* The same when the timer comes due while the loop sleeps; and it sleeps, it does not spin. */
static void asleep_until_due(void **state)
{
	su_timer_t *t;
	struct heard h;
	uint64_t before;
	int steps;

	(void)state;
	start(&h);
	t = sofia_timer(&h, 30);
	td_loop_timer_start(h.loop, &h.timer, 50, on_timer, &h);
	before = td_sip_clock_ms();
	for (steps = 0; steps < MAX_STEPS && (!h.n || !h.n_deferred); steps++)
		td_loop_step(h.loop, 20);
	assert_string_equal(h.order, "sdt");
	assert_true(td_sip_clock_ms() - before >= 50);
	assert_true(steps <= 8);
	su_timer_destroy(t);
	td_loop_free(h.loop);
}

static void rearm(void *arg)
{
	struct heard *h = arg;

	h->n++;
	td_loop_timer_start(h->loop, &h->timer, 0, rearm, h);
}

/* A timer that is always due again leaves room for the others. */
static void always_due(void **state)
{
	struct heard h;
	int i;

	(void)state;
	start(&h);
	td_loop_timer_start(h.loop, &h.timer, 0, rearm, &h);
	for (i = 0; i < 10; i++)
		td_loop_step(h.loop, -1);
	assert_true(h.n >= 10);
	assert_true(h.n <= 10 * 20);
	td_loop_timer_stop(h.loop, &h.timer);
	td_loop_free(h.loop);
}

static void one_time_inside(void **state)
{
	struct heard h;
	uint64_t offset;

	(void)state;
	start(&h);
	offset = sofia_ms() - td_sip_clock_ms();	/* both move: off by the time between */
	td_loop_timer_start(h.loop, &h.timer, 0, on_timer, &h);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.loop_ms, h.clock_ms);
	assert_true(h.sofia_ms - h.clock_ms - offset + 1000 <= 2000);
	td_loop_free(h.loop);
}

static uint64_t real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* However long it takes. */
static void slow_sofia(struct td_loop *loop, su_timer_t *t, struct heard *h)
{
	uint64_t end = real_ms() + 5;

	on_sofia(loop, t, h);
	h->clock_ms = td_sip_clock_ms();
	while (real_ms() < end)
		;
	h->loop_ms = td_sip_clock_ms();
}

/* All that a step finds due sees one time, sofia's and ours. */
static void one_time_in_a_step(void **state)
{
	su_timer_t *t;
	struct heard h, ours;

	(void)state;
	start(&h);
	ours = h;
	t = su_timer_create(su_root_task(td_sip_loop_root(h.loop)), 1000);
	assert_int_equal(su_timer_set(t, slow_sofia, &h), 0);
	td_loop_timer_start(h.loop, &ours.timer, 1002, on_timer, &ours);
	td_sip_clock_advance(1000);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n_sofia, 1);
	assert_int_equal(h.loop_ms, h.clock_ms);
	assert_int_equal(ours.n, 0);		/* it was not due when the step began */
	td_loop_step(h.loop, 0);
	assert_int_equal(ours.n, 1);
	su_timer_destroy(t);
	td_loop_free(h.loop);
}

static void frozen(void **state)
{
	uint64_t t, sofia;

	(void)state;
	td_sip_clock_install();
	td_sip_clock_freeze();
	t = td_sip_clock_ms();
	sofia = sofia_ms();
	td_sip_clock_advance(5000);
	assert_int_equal(td_sip_clock_ms(), t);
	assert_int_equal(sofia_ms(), sofia);
	td_sip_clock_thaw();
	assert_true(td_sip_clock_ms() >= t + 5000);
	assert_true(sofia_ms() >= sofia + 5000);
	td_sip_clock_freeze();
	td_sip_clock_advance(5000);
	td_sip_clock_freeze();			/* again: a new view */
	assert_true(td_sip_clock_ms() >= t + 10000);
	td_sip_clock_thaw();
}

static void steps_do_not_leave_it_frozen(void **state)
{
	struct heard h;
	uint64_t t;

	(void)state;
	start(&h);
	td_loop_step(h.loop, 0);
	t = td_sip_clock_ms();
	td_sip_clock_advance(7);
	assert_true(td_sip_clock_ms() >= t + 7);
	td_loop_free(h.loop);
}

static void wall(void **state)
{
	uint64_t wall_ms = td_sip_clock_wall_ms(), now_s = (uint64_t)time(NULL);

	(void)state;
	td_sip_clock_advance(HOUR_MS);
	assert_true(td_sip_clock_wall_ms() >= wall_ms + HOUR_MS);
	assert_true(wall_ms / 1000 + 5 >= now_s);
}

/* ---- descriptors ---- */

static void on_io(void *arg, int fd, unsigned int events)
{
	struct heard *h = arg;

	h->n++;
	h->fd = fd;
	h->events = events;
	if (events & TD_READ) {
		memset(h->bytes, 0, sizeof(h->bytes));
		if (read(fd, h->bytes, sizeof(h->bytes) - 1) <= 0)
			mark(h, 'e');
	}
}

static void pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
}

static void watched(void **state)
{
	struct heard h;
	int fd[2];

	(void)state;
	start(&h);
	pair(fd);
	assert_int_equal(td_loop_watch(h.loop, fd[0], TD_READ, on_io, &h), 0);
	assert_false(fcntl(fd[0], F_GETFL) & O_NONBLOCK);	/* its owner's business */
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 0);
	assert_int_equal(write(fd[1], "one", 3), 3);
	td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.fd, fd[0]);
	assert_int_equal(h.events, TD_READ);
	assert_string_equal(h.bytes, "one");
	assert_int_equal(td_loop_watch(h.loop, fd[0], TD_READ | TD_WRITE, on_io, &h), 0);
	td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.events, TD_WRITE);
	assert_int_equal(td_loop_watch(h.loop, fd[0], TD_READ, on_io, &h), 0);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 2);
	close(fd[1]);
	td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, 3);
	assert_string_equal(h.order, "e");
	td_loop_unwatch(h.loop, fd[0]);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 3);
	td_loop_unwatch(h.loop, fd[0]);
	td_loop_unwatch(h.loop, 5000);
	assert_int_equal(td_loop_watch(h.loop, -1, TD_READ, on_io, &h), -EBADF);
	close(fd[0]);
	td_loop_free(h.loop);
}

/* A writer hears that the other end is gone, even when there is no room to write. */
static void gone_while_full(void **state)
{
	char junk[4096] = "";
	struct heard h;
	int fd[2];

	(void)state;
	start(&h);
	pair(fd);
	assert_int_equal(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
	while (write(fd[0], junk, sizeof(junk)) > 0)
		;
	assert_int_equal(td_loop_watch(h.loop, fd[0], TD_WRITE, on_io, &h), 0);
	td_loop_step(h.loop, 0);
	assert_int_equal(h.n, 0);
	close(fd[1]);
	td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, 1);
	assert_true(h.events & TD_WRITE);
	td_loop_unwatch(h.loop, fd[0]);
	close(fd[0]);
	td_loop_free(h.loop);
}

static void unwatch_inside(void *arg, int fd, unsigned int events)
{
	struct heard *h = arg;

	(void)events;
	h->n++;
	td_loop_unwatch(h->loop, fd);
	close(fd);
}

/* Closed inside its own callback, and the number is somebody else's afterwards. */
static void closed_inside(void **state)
{
	struct heard h;
	int fd[2], next[2];

	(void)state;
	start(&h);
	pair(fd);
	assert_int_equal(td_loop_watch(h.loop, fd[0], TD_READ, unwatch_inside, &h), 0);
	assert_int_equal(write(fd[1], "x", 1), 1);
	td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, 1);
	pair(next);
	assert_int_equal(next[0], fd[0]);	/* the lowest free number */
	assert_int_equal(td_loop_watch(h.loop, next[0], TD_READ, on_io, &h), 0);
	assert_int_equal(write(next[1], "y", 1), 1);
	td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.bytes, "y");
	td_loop_unwatch(h.loop, next[0]);
	close(fd[1]);
	close(next[0]);
	close(next[1]);
	td_loop_free(h.loop);
}

static void many(void **state)
{
	static int fd[MANY_FDS][2];
	size_t before = open_fds(), i;
	struct heard h;
	int steps;

	(void)state;
	start(&h);
	for (i = 0; i < MANY_FDS; i++) {
		pair(fd[i]);
		assert_int_equal(td_loop_watch(h.loop, fd[i][0], TD_READ, on_io, &h), 0);
		assert_int_equal(write(fd[i][1], "x", 1), 1);
	}
	for (steps = 0; steps < MAX_STEPS && h.n < MANY_FDS; steps++)	/* sofia takes 4 a step */
		td_loop_step(h.loop, 1000);
	assert_int_equal(h.n, MANY_FDS);
	td_loop_free(h.loop);			/* with all of them still watched */
	for (i = 0; i < MANY_FDS; i++) {
		close(fd[i][0]);
		close(fd[i][1]);
	}
	assert_int_equal(open_fds(), before);
}

/* ---- life ---- */

static void stop_it(void *arg)
{
	td_loop_stop(arg);
}

static void run_and_stop(void **state)
{
	struct heard h;

	(void)state;
	start(&h);
	td_loop_timer_start(h.loop, &h.timer, 5, stop_it, h.loop);
	assert_int_equal(td_loop_run(h.loop), 0);
	td_loop_free(h.loop);
}

static void without_memory(void **state)
{
	long live = td_mem_live();
	size_t fds = open_fds();
	unsigned long nth;
	struct td_loop *loop = NULL;

	(void)state;
	for (nth = 1; nth < 10 && !loop; nth++) {
		td_mem_fail_nth(nth);
		loop = td_sip_loop_new();
		td_mem_fail_nth(0);
		assert_true(loop || td_mem_live() == live);
		assert_true(loop || open_fds() == fds);
	}
	assert_true(nth > 2 && loop);
	td_mem_fail_nth(1);
	assert_int_equal(td_loop_watch(loop, 0, TD_READ, on_io, NULL), -ENOMEM);
	td_mem_fail_nth(0);
	td_loop_free(loop);
	assert_int_equal(td_mem_live(), live);
	assert_int_equal(open_fds(), fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_in_no_time),
		cmocka_unit_test(sofia_has_the_same_hour),
		cmocka_unit_test(deferred_by_sofia),
		cmocka_unit_test(deferred_in_turns),
		cmocka_unit_test(asleep_until_due),
		cmocka_unit_test(always_due),
		cmocka_unit_test(one_time_inside),
		cmocka_unit_test(one_time_in_a_step),
		cmocka_unit_test(frozen),
		cmocka_unit_test(steps_do_not_leave_it_frozen),
		cmocka_unit_test(wall),
		cmocka_unit_test(watched),
		cmocka_unit_test(gone_while_full),
		cmocka_unit_test(closed_inside),
		cmocka_unit_test(many),
		cmocka_unit_test(run_and_stop),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
