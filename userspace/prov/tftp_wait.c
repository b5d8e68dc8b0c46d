// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of hosts that the kernel does not know yet: it has been told to ask for them, and some
 * milliseconds later it knows. Then the request is heard as if it had come again. The source of
 * such a packet may be anybody's invention, so few may wait.
 */
#include "userspace/prov/tftp_priv.h"

#include "userspace/base/mem.h"

#define MAX_WAITING  256
#define MAX_PER_HOST 4
#define FIRST_MS     10
#define NEXT_MS	     100
#define TRIES	     15

struct waiting {
	struct td_list node;
	struct td_tftp *t;
	struct td_timer timer;
	struct tftp_packet packet;
};

static void forget(struct waiting *w)
{
	td_loop_timer_stop(w->t->loop, &w->timer);
	td_tftp_host(w->t, &w->packet.from)->waiting--;
	w->t->n_waiting--;
	td_list_del(&w->node);
}

static void on_time(void *arg)
{
	struct waiting *w = arg;

	forget(w);
	td_tftp_hear(w->t, &w->packet);
	td_free(w);
}

bool td_tftp_wait(struct td_tftp *t, const struct tftp_packet *p)
{
	struct tftp_host *h = td_tftp_host(t, &p->from);
	struct waiting *w;

	if (p->tries >= TRIES || t->n_waiting >= MAX_WAITING || h->waiting >= MAX_PER_HOST)
		return false;
	w = td_zalloc(sizeof(*w));
	if (!w)
		return false;
	w->t = t;
	w->packet = *p;
	w->packet.tries++;
	if (td_loop_timer_start(t->loop, &w->timer, p->tries ? NEXT_MS : FIRST_MS, on_time, w)) {
		td_free(w);
		return false;
	}
	td_list_append(&t->waiting, &w->node);
	t->n_waiting++;
	h->waiting++;
	return true;
}

void td_tftp_forget_waiting(struct td_tftp *t)
{
	struct waiting *w;

	while ((w = td_list_first(&t->waiting, struct waiting, node))) {
		forget(w);
		td_free(w);
	}
}
