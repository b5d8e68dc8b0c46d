/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front of the loop: timers, deferred calls, the table of descriptors. The backend waits
 * and calls td_loop_dispatch_due() before each wait, td_loop_dispatch_fd() after it.
 *
 * What a callback starts never runs in the same round: deferred calls are taken from the
 * list as a batch, timers carry a serial. So a callback that always wants to be called
 * again cannot keep the descriptors waiting.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "userspace/base/loop.h"
#include "userspace/base/mem.h"

#define FIRST_TIMERS 64
#define FIRST_FDS    64

/* Equal times run in the order of arming, which needs the serial. */
struct heap_entry {
	uint64_t due_ms, serial;
	struct td_timer *timer;
};

struct watch {
	td_io_fn fn;			/* NULL = not watched */
	void *arg;
	unsigned int events;
	uint64_t born;			/* round in which it began */
};

struct td_loop {
	const struct td_loop_ops *ops;
	void *backend;
	struct heap_entry *heap;	/* [1] is due first; [0] is not used */
	size_t n_timers, heap_cap;
	uint64_t next_serial;
	struct td_list deferred;
	struct watch *watches;		/* by descriptor */
	size_t n_watches;
	uint64_t round;			/* counts td_loop_dispatch_due() */
	uint64_t now_ms;		/* while depth > 0 */
	unsigned int depth;		/* of callbacks */
	bool stopped;
};

struct td_loop *td_loop_new(const struct td_loop_ops *ops, void *backend)
{
	struct td_loop *loop = td_zalloc(sizeof(*loop));

	if (!loop)
		return NULL;
	loop->heap = td_calloc(FIRST_TIMERS, sizeof(*loop->heap));
	if (!loop->heap) {
		td_free(loop);
		return NULL;
	}
	loop->heap_cap = FIRST_TIMERS;
	loop->ops = ops;
	loop->backend = backend;
	td_list_init(&loop->deferred);
	return loop;
}

void td_loop_free(struct td_loop *loop)
{
	if (!loop)
		return;
	loop->ops->destroy(loop->backend);
	td_free(loop->watches);
	td_free(loop->heap);
	td_free(loop);
}

void *td_loop_backend(struct td_loop *loop)
{
	return loop->backend;
}

/* ---- time ---- */

uint64_t td_loop_now_ms(const struct td_loop *loop)
{
	return loop->depth ? loop->now_ms : loop->ops->now_ms(loop->backend);
}

/* Around every callback: the clock stands still inside. */
static void enter(struct td_loop *loop)
{
	if (!loop->depth)
		loop->now_ms = loop->ops->now_ms(loop->backend);
	loop->depth++;
}

static void leave(struct td_loop *loop)
{
	loop->depth--;
}

/* ms until there is work, by the running clock: callbacks took their time. */
static int64_t until_work(const struct td_loop *loop)
{
	uint64_t now, due;

	if (loop->stopped || !td_list_empty(&loop->deferred))
		return 0;
	if (!loop->n_timers)
		return -1;
	now = loop->ops->now_ms(loop->backend);
	due = loop->heap[1].due_ms;
	if (due <= now)
		return 0;
	return due - now < INT64_MAX ? (int64_t)(due - now) : INT64_MAX;
}

static void tell_backend(struct td_loop *loop)
{
	if (loop->ops->wake_in)
		loop->ops->wake_in(loop->backend, until_work(loop));
}

/* ---- the heap of timers ---- */

static bool is_before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->serial < b->serial);
}

static void place(struct td_loop *loop, size_t i, struct heap_entry e)
{
	loop->heap[i] = e;
	e.timer->heap_index = i;
}

/* Move e, which belongs at i or above. */
static void sift_up(struct td_loop *loop, size_t i, struct heap_entry e)
{
	for (; i > 1 && is_before(&e, &loop->heap[i / 2]); i /= 2)
		place(loop, i, loop->heap[i / 2]);
	place(loop, i, e);
}

/* Move e, which belongs at i or below. */
static void sift_down(struct td_loop *loop, size_t i, struct heap_entry e)
{
	size_t child;

	for (; (child = 2 * i) <= loop->n_timers; i = child) {
		if (child < loop->n_timers && is_before(&loop->heap[child + 1], &loop->heap[child]))
			child++;
		if (!is_before(&loop->heap[child], &e))
			break;
		place(loop, i, loop->heap[child]);
	}
	place(loop, i, e);
}

static void reorder(struct td_loop *loop, size_t i, struct heap_entry e)
{
	if (i > 1 && is_before(&e, &loop->heap[i / 2]))
		sift_up(loop, i, e);
	else
		sift_down(loop, i, e);
}

static int reserve_timer(struct td_loop *loop)
{
	struct heap_entry *grown;

	if (loop->n_timers + 1 < loop->heap_cap)
		return 0;
	grown = td_realloc(loop->heap, 2 * loop->heap_cap * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	loop->heap = grown;
	loop->heap_cap *= 2;
	return 0;
}

static void remove_timer(struct td_loop *loop, struct td_timer *t)
{
	struct heap_entry last = loop->heap[loop->n_timers];
	size_t i = t->heap_index;

	loop->n_timers--;
	t->heap_index = 0;
	if (last.timer != t)
		reorder(loop, i, last);
}

int td_loop_timer_start(struct td_loop *loop, struct td_timer *t, uint64_t delay_ms,
			td_timer_fn fn, void *arg)
{
	struct heap_entry e = { .serial = loop->next_serial++, .timer = t };
	bool was_first = t->heap_index == 1;

	if (__builtin_add_overflow(td_loop_now_ms(loop), delay_ms, &e.due_ms))
		e.due_ms = UINT64_MAX;
	if (!td_timer_is_armed(t)) {
		if (reserve_timer(loop))
			return -ENOMEM;
		t->heap_index = ++loop->n_timers;
	}
	t->due_ms = e.due_ms;
	t->fn = fn;
	t->arg = arg;
	reorder(loop, t->heap_index, e);
	if (was_first || t->heap_index == 1)
		tell_backend(loop);
	return 0;
}

void td_loop_timer_stop(struct td_loop *loop, struct td_timer *t)
{
	bool was_first = t->heap_index == 1;

	if (!td_timer_is_armed(t))
		return;
	remove_timer(loop, t);
	if (was_first)
		tell_backend(loop);
}

size_t td_loop_timers_armed(const struct td_loop *loop)
{
	return loop->n_timers;
}

/* Those that were armed before this round. One armed meanwhile is not due before now and has
 * a later serial, so when it is on top, all older ones that are due have run. */
static void run_timers(struct td_loop *loop)
{
	uint64_t limit = loop->next_serial;

	while (loop->n_timers) {
		struct heap_entry top = loop->heap[1];

		if (top.due_ms > loop->now_ms || top.serial >= limit)
			return;
		remove_timer(loop, top.timer);
		top.timer->fn(top.timer->arg);		/* may free the timer */
	}
}

/* ---- deferred calls ---- */

void td_loop_defer(struct td_loop *loop, struct td_deferred *d, td_timer_fn fn, void *arg)
{
	d->fn = fn;
	d->arg = arg;
	if (d->queued)
		return;
	d->queued = true;
	td_list_append(&loop->deferred, &d->node);
	tell_backend(loop);
}

void td_loop_undefer(struct td_loop *loop, struct td_deferred *d)
{
	(void)loop;
	if (!d->queued)
		return;
	d->queued = false;
	td_list_del(&d->node);
}

static void move_all(struct td_list *from, struct td_list *to)
{
	td_list_init(to);
	if (td_list_empty(from))
		return;
	*to = *from;
	to->next->prev = to;
	to->prev->next = to;
	td_list_init(from);
}

static void run_deferred(struct td_loop *loop)
{
	struct td_list batch;
	struct td_deferred *d;

	move_all(&loop->deferred, &batch);
	while (!td_list_empty(&batch)) {
		d = td_list_first(&batch, struct td_deferred, node);
		td_loop_undefer(loop, d);
		d->fn(d->arg);				/* may free d */
	}
}

/* ---- descriptors ---- */

static struct watch *watch_of(const struct td_loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->n_watches || !loop->watches[fd].fn)
		return NULL;
	return &loop->watches[fd];
}

static int reserve_fd(struct td_loop *loop, int fd)
{
	size_t n = loop->n_watches ? loop->n_watches : FIRST_FDS;
	struct watch *grown;

	if ((size_t)fd < loop->n_watches)
		return 0;
	while (n <= (size_t)fd)
		n *= 2;
	grown = td_realloc(loop->watches, n * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + loop->n_watches, 0, (n - loop->n_watches) * sizeof(*grown));
	loop->watches = grown;
	loop->n_watches = n;
	return 0;
}

int td_loop_watch(struct td_loop *loop, int fd, unsigned int events, td_io_fn fn, void *arg)
{
	uint64_t born = loop->round;
	int err;

	if (fd < 0)
		return -EBADF;
	if (!events) {
		td_loop_unwatch(loop, fd);
		return 0;
	}
	err = reserve_fd(loop, fd);
	if (!err)
		err = loop->ops->watch(loop->backend, fd, events);
	if (err)
		return err;
	if (watch_of(loop, fd))
		born = loop->watches[fd].born;
	loop->watches[fd] = (struct watch){ fn, arg, events, born };
	return 0;
}

void td_loop_unwatch(struct td_loop *loop, int fd)
{
	struct watch *w = watch_of(loop, fd);

	if (!w)
		return;
	memset(w, 0, sizeof(*w));
	loop->ops->watch(loop->backend, fd, 0);
}

/* The backend's events may be older than the watch: a callback closed the descriptor and
 * somebody else got its number. Those of a watch begun since the wait are dropped; when
 * they are true, the next wait reports them again. */
void td_loop_dispatch_fd(struct td_loop *loop, int fd, unsigned int events)
{
	struct watch *w = watch_of(loop, fd);

	if (!w || w->born == loop->round)
		return;
	events &= w->events;
	if (!events)
		return;
	enter(loop);
	w->fn(w->arg, fd, events);			/* may move the table */
	leave(loop);
}

/* ---- running ---- */

int64_t td_loop_dispatch_due(struct td_loop *loop)
{
	enter(loop);
	run_deferred(loop);
	run_timers(loop);
	leave(loop);
	loop->round++;
	return until_work(loop);
}

int td_loop_step(struct td_loop *loop, int timeout_ms)
{
	int64_t wait_ms = td_loop_dispatch_due(loop);

	if (wait_ms >= 0 && (timeout_ms < 0 || wait_ms < timeout_ms))
		timeout_ms = wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
	return loop->ops->step(loop->backend, timeout_ms);
}

/* A stop that was ordered before counts: it may come from what start-up found. */
int td_loop_run(struct td_loop *loop)
{
	int err = 0;

	while (!loop->stopped && !err)
		err = td_loop_step(loop, -1);
	loop->stopped = false;
	return err;
}

void td_loop_stop(struct td_loop *loop)
{
	loop->stopped = true;
	tell_backend(loop);
}
