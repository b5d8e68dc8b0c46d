/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop as rooms see it: descriptors, timers, deferred calls. The front
 * (loop.c) keeps timers in a heap; a backend (sofia's su_root, epoll, or the fake
 * clock of the tests) only waits. One loop belongs to one thread; nothing here locks.
 */
#ifndef TD_BASE_LOOP_H
#define TD_BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/list.h"

struct td_loop;

#define TD_READ  1u
#define TD_WRITE 2u

typedef void (*td_io_fn)(void *arg, int fd, unsigned int events);
typedef void (*td_timer_fn)(void *arg);

/** A timer sits in its owner; zeroed = not armed. The owner stops it before it goes away. */
struct td_timer {
	uint64_t due_ms;
	size_t heap_index;		/* 1.. while armed, 0 when not */
	td_timer_fn fn;
	void *arg;
};

/** A call to be made soon from the loop, never from inside td_loop_defer(). */
struct td_deferred {
	struct td_list node;		/* empty or zeroed when not queued */
	td_timer_fn fn;
	void *arg;
	bool queued;
};

/** What a backend offers. Returns 0 or a negative errno where int. */
struct td_loop_ops {
	uint64_t (*now_ms)(void *backend);
	int (*watch)(void *backend, int fd, unsigned int events);	/* add or change; 0 = remove */
	/* Wait at most timeout_ms (-1 = for ever), call td_loop_dispatch_fd() for ready ones. */
	int (*step)(void *backend, int timeout_ms);
	/* The next timer is due in that many ms (-1: none); for backends that own the waiting. */
	void (*wake_in)(void *backend, int64_t ms);
	void (*destroy)(void *backend);
};

struct td_loop *td_loop_new(const struct td_loop_ops *ops, void *backend);
/** A loop on epoll, for threads and tools without sofia. */
struct td_loop *td_loop_new_epoll(void);
void td_loop_free(struct td_loop *loop);
void *td_loop_backend(struct td_loop *loop);

/** Monotonic milliseconds; constant within one callback. */
uint64_t td_loop_now_ms(const struct td_loop *loop);

/** Call fn when fd is ready. Again with another mask changes it. -ENOMEM, -EBADF ... */
int td_loop_watch(struct td_loop *loop, int fd, unsigned int events, td_io_fn fn, void *arg);
void td_loop_unwatch(struct td_loop *loop, int fd);

/** (Re)arm: fn(arg) once, in delay_ms. Never fails: the heap grows when timers are first armed
 * and td_loop_timer_start returns -ENOMEM only then. */
int td_loop_timer_start(struct td_loop *loop, struct td_timer *t, uint64_t delay_ms,
			td_timer_fn fn, void *arg);
void td_loop_timer_stop(struct td_loop *loop, struct td_timer *t);
static inline bool td_timer_is_armed(const struct td_timer *t)
{
	return t->heap_index != 0;
}

void td_loop_defer(struct td_loop *loop, struct td_deferred *d, td_timer_fn fn, void *arg);
void td_loop_undefer(struct td_loop *loop, struct td_deferred *d);

/** Run until td_loop_stop(). One step: due deferred calls, due timers, then ready descriptors. */
int td_loop_run(struct td_loop *loop);
int td_loop_step(struct td_loop *loop, int timeout_ms);
void td_loop_stop(struct td_loop *loop);
size_t td_loop_timers_armed(const struct td_loop *loop);

/* For backends */
void td_loop_dispatch_fd(struct td_loop *loop, int fd, unsigned int events);
/** Run everything due; returns ms until the next timer, -1 when none, 0 when work is queued. */
int64_t td_loop_dispatch_due(struct td_loop *loop);

#endif
