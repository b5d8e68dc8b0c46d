/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backend of loop_poll.h. Few descriptors, so a plain array and poll().
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include "tests/lib/loop_poll.h"
#include "userspace/base/mem.h"

#define MAX_FDS	    128
#define MAX_ROUNDS  2000	/* a loop that never rests is a bug: the test goes on and sees it */

struct backend {
	struct td_loop *loop;
	uint64_t now_ms;
	struct pollfd p[MAX_FDS];
	size_t n;
	int ready;			/* of the last step */
};

static uint64_t now_ms(void *backend)
{
	return ((struct backend *)backend)->now_ms;
}

static struct pollfd *find(struct backend *b, int fd)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i].fd == fd)
			return &b->p[i];
	return NULL;
}

static int watch(void *backend, int fd, unsigned int events)
{
	struct backend *b = backend;
	struct pollfd *p = find(b, fd);

	if (!events) {
		if (p)
			*p = b->p[--b->n];
		return 0;
	}
	if (!p) {
		if (b->n == MAX_FDS)
			return -ENOMEM;
		p = &b->p[b->n++];
		p->fd = fd;
	}
	p->events = (short)((events & TD_READ ? POLLIN : 0) | (events & TD_WRITE ? POLLOUT : 0));
	return 0;
}

static int step(void *backend, int timeout_ms)
{
	struct backend *b = backend;
	struct pollfd copy[MAX_FDS];
	size_t n = b->n;

	(void)timeout_ms;		/* time does not pass here */
	memcpy(copy, b->p, n * sizeof(copy[0]));
	b->ready = poll(copy, n, 0);
	for (size_t i = 0; i < n; i++) {
		struct pollfd *p = find(b, copy[i].fd);
		unsigned int events = 0;

		if (!copy[i].revents || !p)
			continue;
		if (copy[i].revents & (POLLERR | POLLHUP))
			copy[i].revents |= p->events;
		if (copy[i].revents & POLLIN)
			events |= TD_READ;
		if (copy[i].revents & POLLOUT)
			events |= TD_WRITE;
		if (events)
			td_loop_dispatch_fd(b->loop, copy[i].fd, events);
	}
	return 0;
}

static void wake_in(void *backend, int64_t ms)
{
	(void)backend;
	(void)ms;
}

static void destroy(void *backend)
{
	td_free(backend);
}

static const struct td_loop_ops ops = {
	.now_ms = now_ms, .watch = watch, .step = step, .wake_in = wake_in, .destroy = destroy,
};

struct td_loop *loop_poll_new(void)
{
	struct backend *b = td_zalloc(sizeof(*b));
	struct td_loop *loop = b ? td_loop_new(&ops, b) : NULL;

	if (!loop) {
		td_free(b);
		return NULL;
	}
	b->loop = loop;
	b->now_ms = 1000000;
	return loop;
}

void loop_poll_settle(struct td_loop *loop)
{
	struct backend *b = td_loop_backend(loop);
	int quiet = 0;

	/* what a descriptor's callback deferred runs in the step after it */
	for (int i = 0; i < MAX_ROUNDS && quiet < 3; i++) {
		td_loop_step(loop, 0);
		quiet = b->ready > 0 ? 0 : quiet + 1;
	}
}

void loop_poll_advance(struct td_loop *loop, uint64_t ms)
{
	struct backend *b = td_loop_backend(loop);

	b->now_ms += ms;
	loop_poll_settle(loop);
}

size_t loop_poll_watched(struct td_loop *loop)
{
	return ((struct backend *)td_loop_backend(loop))->n;
}
