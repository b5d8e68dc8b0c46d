// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker's side of connections that outlive it: the master gets a copy of each descriptor,
 * and is told when it is needed no more. Nothing here waits for the master: while it is busy,
 * orders queue up, each with a copy of its own, and go in the order in which they came.
 */
#include "userspace/app/app_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/app/held.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define AGAIN_MS 10

_Static_assert(TD_SCCP_HELD_IDS == TD_HELD_MAX, "the master takes all ids that SCCP gives");

struct order {
	struct td_list node;
	uint32_t id;
	int fd;				/* a copy; -1: drop */
};

struct td_hold {
	struct tandem *t;
	struct td_list orders;		/* oldest first */
	struct td_timer again;
};

static int tell(struct tandem *t, uint32_t id, int fd)
{
	struct td_master_msg msg = {
		.type = fd >= 0 ? TD_MASTER_HOLD : TD_MASTER_DROP, .mode = id,
	};

	return td_master_send(t->master_fd, &msg, fd, MSG_DONTWAIT);
}

static void order_free(struct order *o)
{
	if (o->fd >= 0)
		close(o->fd);
	td_list_del(&o->node);
	td_free(o);
}

static void go_on(void *arg)
{
	struct td_hold *h = arg;
	struct order *o;

	while ((o = td_list_first(&h->orders, struct order, node))) {
		if (tell(h->t, o->id, o->fd))
			break;
		order_free(o);
	}
	if (o)
		td_loop_timer_start(h->t->loop, &h->again, AGAIN_MS, go_on, h);
}

static void put_order(struct td_hold *h, uint32_t id, int fd)
{
	struct order *o;

	if (td_list_empty(&h->orders) && !tell(h->t, id, fd))
		return;
	o = td_zalloc(sizeof(*o));
	if (!o) {
		td_log_limited(TD_LOG_APP, TD_ERR, "out of memory, a connection would not survive "
			       "a restart");
		return;
	}
	o->id = id;
	o->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);	/* none free: it is dropped */
	td_list_append(&h->orders, &o->node);
	if (!td_timer_is_armed(&h->again))
		td_loop_timer_start(h->t->loop, &h->again, AGAIN_MS, go_on, h);
}

static void hold(void *arg, uint32_t id, int fd)
{
	put_order(arg, id, fd);
}

static void drop(void *arg, uint32_t id)
{
	put_order(arg, id, -1);
}

static int next(void *arg, uint32_t *id)
{
	struct td_hold *h = arg;
	struct td_master_msg msg = { .mode = *id };
	int fd = -1, err = td_app_ask_master(h->t, TD_MASTER_HELD, &msg, &fd);

	*id = msg.mode;
	return err ? err : fd < 0 ? -EPROTO : fd;
}

const struct td_sccp_holder td_hold_ops = { .hold = hold, .drop = drop, .next = next };

int td_hold_start(struct tandem *t)
{
	t->hold = td_zalloc(sizeof(*t->hold));
	if (!t->hold)
		return -ENOMEM;
	t->hold->t = t;
	td_list_init(&t->hold->orders);
	return 0;
}

void td_hold_stop(struct tandem *t)
{
	struct order *o;

	if (!t->hold)
		return;
	td_loop_timer_stop(t->loop, &t->hold->again);
	while ((o = td_list_first(&t->hold->orders, struct order, node)))
		order_free(o);
	td_free(t->hold);
	t->hold = NULL;
}
