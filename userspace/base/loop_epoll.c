/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plain backend of the loop: one epoll descriptor and CLOCK_MONOTONIC, for threads and
 * tools that have no sofia. Everything else is in loop.c.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "userspace/base/clock.h"
#include "userspace/base/loop.h"
#include "userspace/base/mem.h"

#define EVENTS_PER_WAIT 64

struct epoll_loop {
	struct td_loop *front;
	int epoll_fd;
};

static uint64_t backend_now(void *arg)
{
	(void)arg;
	return td_clock_ms(CLOCK_MONOTONIC);
}

/* The kernel knows which descriptors are in the set, also when one was closed under it. */
static int backend_watch(void *arg, int fd, unsigned int events)
{
	struct epoll_loop *l = arg;
	struct epoll_event ev = { .data.fd = fd };

	if (!events)
		return epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL) ? -errno : 0;
	if (events & TD_READ)
		ev.events |= EPOLLIN;
	if (events & TD_WRITE)
		ev.events |= EPOLLOUT;
	if (!epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, fd, &ev))
		return 0;
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

/* An error or a hang-up wakes whoever waits; reading or writing then tells which. */
static unsigned int events_of(uint32_t ready)
{
	unsigned int events = 0;

	if (ready & (EPOLLIN | EPOLLHUP | EPOLLERR))
		events |= TD_READ;
	if (ready & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		events |= TD_WRITE;
	return events;
}

static int backend_step(void *arg, int timeout_ms)
{
	struct epoll_loop *l = arg;
	struct epoll_event ev[EVENTS_PER_WAIT];
	int n = epoll_wait(l->epoll_fd, ev, EVENTS_PER_WAIT, timeout_ms), i;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < n; i++)
		td_loop_dispatch_fd(l->front, ev[i].data.fd, events_of(ev[i].events));
	return 0;
}

static void backend_destroy(void *arg)
{
	struct epoll_loop *l = arg;

	close(l->epoll_fd);
	td_free(l);
}

/* No wake_in: the front hands each step its time-out. */
static const struct td_loop_ops epoll_ops = {
	.now_ms = backend_now,
	.watch = backend_watch,
	.step = backend_step,
	.destroy = backend_destroy,
};

struct td_loop *td_loop_new_epoll(void)
{
	struct epoll_loop *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		goto free_loop;
	l->front = td_loop_new(&epoll_ops, l);
	if (l->front)
		return l->front;
	close(l->epoll_fd);
free_loop:
	td_free(l);
	return NULL;
}
