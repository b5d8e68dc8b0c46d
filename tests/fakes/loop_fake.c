/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backend with the virtual clock. Its own memory is plain malloc (see fake_media.c).
 * A loop that does not get quiet would hang the test; it is ended with a message instead.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fakes/loop_fake.h"

#define START_MS   1000000		/* not 0: zero means "never" in many places */
#define MAX_FDS	   64
#define MAX_ROUNDS 100000		/* at one and the same time */

struct fake_loop {
	struct td_loop *front;
	uint64_t now_ms;
	struct pollfd fds[MAX_FDS];
	nfds_t n_fds;
};

static uint64_t fake_now(void *arg)
{
	struct fake_loop *l = arg;

	return l->now_ms;
}

static int fake_watch(void *arg, int fd, unsigned int events)
{
	struct fake_loop *l = arg;
	struct pollfd p = { .fd = fd };
	nfds_t i;

	p.events = (short)((events & TD_READ ? POLLIN : 0) | (events & TD_WRITE ? POLLOUT : 0));
	for (i = 0; i < l->n_fds && l->fds[i].fd != fd; i++)
		;
	if (i == MAX_FDS)
		return -ENOSPC;
	if (events) {
		l->fds[i] = p;
		l->n_fds += i == l->n_fds;
	} else if (i < l->n_fds) {
		l->fds[i] = l->fds[--l->n_fds];
	}
	return 0;
}

static unsigned int events_of(short ready)
{
	unsigned int events = 0;

	if (ready & (POLLIN | POLLHUP | POLLERR))
		events |= TD_READ;
	if (ready & (POLLOUT | POLLHUP | POLLERR))
		events |= TD_WRITE;
	return events;
}

/* Callbacks change l->fds, so the answers are kept apart. */
static int fake_step(void *arg, int timeout_ms)
{
	struct fake_loop *l = arg;
	struct pollfd fds[MAX_FDS];
	nfds_t n = l->n_fds, i;

	(void)timeout_ms;
	memcpy(fds, l->fds, n * sizeof(fds[0]));
	if (poll(fds, n, 0) < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < n; i++)
		if (fds[i].revents)
			td_loop_dispatch_fd(l->front, fds[i].fd, events_of(fds[i].revents));
	return 0;
}

static void fake_destroy(void *arg)
{
	free(arg);
}

static const struct td_loop_ops fake_ops = {
	.now_ms = fake_now,
	.watch = fake_watch,
	.step = fake_step,
	.destroy = fake_destroy,
};

struct td_loop *td_loop_new_fake(void)
{
	struct fake_loop *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->now_ms = START_MS;
	l->front = td_loop_new(&fake_ops, l);
	if (l->front)
		return l->front;
	free(l);
	return NULL;
}

/* Run what is due now. Returns ms until the next timer, -1 when none. */
static int64_t run_until_quiet(struct td_loop *loop)
{
	int64_t wait_ms = 0;
	int round;

	for (round = 0; round < MAX_ROUNDS; round++) {
		wait_ms = td_loop_dispatch_due(loop);
		if (wait_ms)
			return wait_ms;
	}
	fprintf(stderr, "loop_fake: always more work at one time, or stopped\n");
	abort();
}

void td_loop_fake_advance_ms(struct td_loop *loop, uint64_t ms)
{
	struct fake_loop *l = td_loop_backend(loop);
	uint64_t end = l->now_ms + ms;

	for (;;) {
		int64_t wait_ms = run_until_quiet(loop);

		if (wait_ms < 0 || (uint64_t)wait_ms > end - l->now_ms)
			break;
		l->now_ms += (uint64_t)wait_ms;
	}
	l->now_ms = end;
}
