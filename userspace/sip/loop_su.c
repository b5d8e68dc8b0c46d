/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of the signalling thread: a td_loop backend on sofia's su_root, so
 * that sofia's sockets and timers and ours wait in one epoll_wait().
 *
 * A step runs sofia's due timers and our due work until both are quiet, all at one
 * frozen time, and only then sleeps: a call that a sofia timer deferred never waits
 * for the next packet. The clock thaws in the pre-poll hook, which su_root_step() runs
 * after it took its own reading, so it finds nothing due between. Our timers live in
 * the front's heap (base/loop.c); sofia learns of them as the time-out of the step.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#define SU_ROOT_MAGIC_T struct td_loop
#include <sofia-sip/su.h>
#include <sofia-sip/su_wait.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/sip/loop_su.h"
#include "userspace/sip/sip.h"
#include "userspace/sip/sip_clock.h"

#define MAX_ROUNDS 16			/* of timers making work making timers, per step */

struct su_watch {
	struct su_loop *owner;
	int fd;
	int index;			/* su_root's registration, 0 = none */
};

struct su_loop {
	struct td_loop *front;
	su_root_t *root;
	struct su_watch **watches;	/* by descriptor */
	size_t n_watches;
};

static uint64_t backend_now(void *arg)
{
	(void)arg;
	return td_sip_clock_ms();
}

static int on_ready(struct td_loop *front, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	struct su_watch *w = arg;
	unsigned int events = 0;
	int fd = w->fd;

	if (wait->revents & (POLLIN | POLLHUP | POLLERR))
		events |= TD_READ;
	if (wait->revents & (POLLOUT | POLLHUP | POLLERR))
		events |= TD_WRITE;
	td_loop_dispatch_fd(front, fd, events);	/* may free w */
	return 0;
}

static struct su_watch *watch_of(struct su_loop *l, int fd)
{
	size_t n = l->n_watches ? l->n_watches : 64;
	struct su_watch **grown;

	if ((size_t)fd >= l->n_watches) {
		while (n <= (size_t)fd)
			n *= 2;
		grown = td_realloc(l->watches, n * sizeof(*grown));
		if (!grown)
			return NULL;
		memset(grown + l->n_watches, 0, (n - l->n_watches) * sizeof(*grown));
		l->watches = grown;
		l->n_watches = n;
	}
	if (!l->watches[fd]) {
		l->watches[fd] = td_zalloc(sizeof(**l->watches));
		if (l->watches[fd]) {
			l->watches[fd]->owner = l;
			l->watches[fd]->fd = fd;
		}
	}
	return l->watches[fd];
}

static void unwatch(struct su_loop *l, int fd)
{
	if ((size_t)fd >= l->n_watches || !l->watches[fd])
		return;
	su_root_deregister(l->root, l->watches[fd]->index);
	td_free(l->watches[fd]);
	l->watches[fd] = NULL;
}

static int backend_watch(void *arg, int fd, unsigned int events)
{
	struct su_loop *l = arg;
	/* Not su_wait_create(): it would make the descriptor non-blocking behind its owner's back. */
	su_wait_t wait = { .fd = fd };
	struct su_watch *w;

	if (fd < 0)
		return -EBADF;
	if (!events) {
		unwatch(l, fd);
		return 0;
	}
	wait.events = (short)((events & TD_READ ? POLLIN : 0) | (events & TD_WRITE ? POLLOUT : 0));
	w = watch_of(l, fd);
	if (!w)
		return -ENOMEM;
	if (w->index > 0)
		return su_root_eventmask(l->root, w->index, fd, wait.events) < 0 ? -errno : 0;
	w->index = su_root_register(l->root, &wait, on_ready, w, 0);
	if (w->index <= 0) {
		int err = errno ? -errno : -ENOMEM;

		td_free(w);
		l->watches[fd] = NULL;
		return err;
	}
	return 0;
}

/* Sofia's due timers; *wait_ms shrinks to the next one. Returns how many ran. */
static int run_sofia_timers(struct su_loop *l, su_duration_t *wait_ms)
{
	su_timer_queue_t *q = su_task_timers(su_root_task(l->root));

	return q && *q ? su_timer_expire(q, wait_ms, su_now()) : 0;
}

static int backend_step(void *arg, int timeout_ms)
{
	struct su_loop *l = arg;
	su_duration_t wait_ms;
	int64_t ours;
	int round, ran;

	td_sip_clock_freeze();
	for (round = 0; round < MAX_ROUNDS; round++) {
		wait_ms = timeout_ms;
		ran = run_sofia_timers(l, &wait_ms);
		if (!ran && round > 0)
			break;
		ours = td_loop_dispatch_due(l->front);
		if (ours >= 0 && (timeout_ms < 0 || ours < timeout_ms))
			timeout_ms = (int)(ours < INT32_MAX ? ours : INT32_MAX);
	}
	if (round == MAX_ROUNDS)
		wait_ms = 0;
	su_root_step(l->root, wait_ms);
	td_sip_clock_thaw();
	return 0;
}

static void on_prepoll(su_prepoll_magic_t *arg, su_root_t *root)
{
	(void)arg;
	(void)root;
	td_sip_clock_thaw();
}

static void backend_wake_in(void *arg, int64_t ms)
{
	/* Every step begins with td_loop_dispatch_due(), which tells the same. */
	(void)arg;
	(void)ms;
}

static void backend_destroy(void *arg)
{
	struct su_loop *l = arg;
	size_t fd;

	for (fd = 0; fd < l->n_watches; fd++)
		unwatch(l, (int)fd);
	su_root_remove_prepoll(l->root);
	su_root_destroy(l->root);
	td_free(l->watches);
	td_free(l);
	su_deinit();
}

static const struct td_loop_ops su_loop_ops = {
	.now_ms = backend_now,
	.watch = backend_watch,
	.step = backend_step,
	.wake_in = backend_wake_in,
	.destroy = backend_destroy,
};

struct td_loop *td_sip_loop_new(void)
{
	struct su_loop *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	td_sip_clock_install();
	if (su_init() < 0)
		goto free_loop;
	l->root = su_root_create(NULL);
	if (!l->root)
		goto deinit;
	/* Timers and sockets of this thread only: no second thread, no mailbox lock. */
	su_root_threading(l->root, 0);
	l->front = td_loop_new(&su_loop_ops, l);
	if (!l->front)
		goto destroy_root;
	su_root_set_magic(l->root, l->front);
	su_root_add_prepoll(l->root, on_prepoll, NULL);
	return l->front;
destroy_root:
	su_root_destroy(l->root);
deinit:
	su_deinit();
free_loop:
	td_free(l);
	td_log_err(TD_LOG_SIP, "loop=su cannot start: out of memory or descriptors");
	return NULL;
}

struct su_root_s *td_sip_loop_root(struct td_loop *loop)
{
	struct su_loop *l = td_loop_backend(loop);

	return l->root;
}
