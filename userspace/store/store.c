// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The signalling thread puts orders into a ring; the store thread takes all that are there,
 * writes them as one transaction, and tells how far it came: the more is to do, the fewer
 * commits it takes. Answers to questions come back by another ring.
 */
#include "userspace/store/store_priv.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/ring.h"

#define RING_ORDERS  65536
#define RING_ANSWERS 256
#define BATCH	     4096		/* orders in one transaction */
/* A commit costs as much as many rows: the first of a batch waits for company. */
#define GATHER_US    2000

struct listener {
	td_store_done_fn done;
	void *arg;
	bool left;
};

struct td_store {
	/* signalling thread */
	struct td_loop *loop;
	struct listener listeners[TD_STORE_TABLES];
	uint64_t last_ticket;
	unsigned int asked;		/* questions without an answer yet */
	pthread_t thread;
	bool running;
	struct store_order stop;	/* here, so that closing needs no memory */
	int event_fd;			/* the store thread has news */
	/* both */
	struct td_ring orders;		/* struct store_order * */
	struct td_ring answers;		/* the same, backwards */
	_Atomic uint64_t decided, commits;
	_Atomic int err;
	_Atomic bool hurry;		/* somebody waits for the thread itself */
	/* store thread, once it runs */
	struct store_db db;
};

/* ---- the store thread ---- */

static void tell(struct td_store *st, uint64_t n, int err)
{
	uint64_t one = 1;

	if (err)			/* stays until the signalling thread has heard of it */
		atomic_store(&st->err, err);
	atomic_fetch_add(&st->decided, n);
	if (write(st->event_fd, &one, sizeof(one)) < 0)
		return;			/* cannot be: the counter would have to overflow */
}

/* A question's answer goes back; there is room, td_store_find sees to it. */
static void done_with(struct td_store *st, struct store_order *o, int err)
{
	if (o->type != ORDER_FIND) {
		td_store_order_free(o);
		return;
	}
	o->err = err;
	td_ring_push(&st->answers, &o);
}

/* One transaction over what is in the ring. Returns false when told to stop. */
static bool run_batch(struct td_store *st)
{
	struct store_order *o;
	uint64_t n = 0;
	bool go_on = true;
	int err = 0;

	while (n < BATCH && td_ring_pop(&st->orders, &o)) {
		if (o->type == ORDER_STOP) {
			go_on = false;
			break;
		}
		if (!n)
			err = td_store_db_sql(&st->db, "BEGIN");
		n++;
		if (!err)
			err = td_store_db_run(&st->db, o);
		done_with(st, o, err);
	}
	if (!n)
		return go_on;
	if (!err)
		err = td_store_db_sql(&st->db, "COMMIT");
	if (err) {
		td_log_limited(TD_LOG_APP, TD_ERR, "store=%s: %s", st->db.path,
			       sqlite3_errmsg(st->db.sql));
		td_store_db_sql(&st->db, "ROLLBACK");
	}
	atomic_fetch_add(&st->commits, 1);
	tell(st, n, err);
	return go_on;
}

static void *store_thread(void *arg)
{
	struct td_store *st = arg;
	struct pollfd p = { .fd = st->orders.event_fd, .events = POLLIN };
	uint64_t before;

	pthread_setname_np(pthread_self(), "td-store");
	for (;;) {
		before = atomic_load(&st->decided);
		if (!run_batch(st))
			return NULL;
		if (atomic_load(&st->decided) != before)
			continue;	/* more came while we wrote */
		poll(&p, 1, -1);
		if (!atomic_load(&st->hurry))
			usleep(GATHER_US);
		td_ring_clear_wake(&st->orders);
	}
}

/* ---- what the signalling thread hears ---- */

static void answer(struct td_store *st, struct store_order *o)
{
	struct store_order *row;

	st->asked--;
	if (!st->listeners[o->table].left) {
		for (row = o->rows; row; row = row->next)
			o->found(o->arg, row->values, 0);
		o->found(o->arg, NULL, o->err);
	}
	td_store_order_free(o);
}

static void deliver(struct td_store *st)
{
	uint64_t decided = atomic_load(&st->decided);
	struct store_order *o;
	int err, i;

	err = atomic_exchange(&st->err, 0);
	for (i = 0; i < st->db.n_tables; i++)
		if (st->listeners[i].done && !st->listeners[i].left)
			st->listeners[i].done(st->listeners[i].arg, decided, err);
	while (td_ring_pop(&st->answers, &o))
		answer(st, o);
}

static void on_news(void *arg, int fd, unsigned int events)
{
	uint64_t n;

	(void)events;
	if (read(fd, &n, sizeof(n)) > 0)
		deliver(arg);
}

/* ---- start and stop ---- */

int td_store_open(struct td_store **out, struct td_loop *loop, const char *state_dir, char *why,
		  size_t why_len)
{
	struct td_store *st = td_zalloc(sizeof(*st));
	int err;

	if (!st)
		return -ENOMEM;
	st->loop = loop;
	st->event_fd = -1;
	st->orders.event_fd = st->answers.event_fd = -1;
	st->stop.type = ORDER_STOP;
	err = td_store_db_open(&st->db, state_dir, why, why_len);
	if (!err)
		err = td_ring_init(&st->orders, RING_ORDERS, sizeof(struct store_order *));
	if (!err)
		err = td_ring_init(&st->answers, RING_ANSWERS, sizeof(struct store_order *));
	if (err) {
		td_store_close(st);
		return err;
	}
	*out = st;
	return 0;
}

int td_store_keep(struct td_store *st, const struct td_store_table *table, td_store_done_fn done,
		  void *arg)
{
	int n = td_store_db_add(&st->db, table);

	if (n >= 0)
		st->listeners[n] = (struct listener){ .done = done, .arg = arg };
	return n;
}

int td_store_read(struct td_store *st, int table, td_store_row_fn row, void *arg)
{
	return td_store_db_read(&st->db, table, row, arg);
}

void td_store_leave(struct td_store *st, int table)
{
	if (st && table >= 0)
		st->listeners[table].left = true;
}

int td_store_start(struct td_store *st)
{
	int err;

	st->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = st->event_fd < 0 ? -errno :
	      td_loop_watch(st->loop, st->event_fd, TD_READ, on_news, st);
	if (!err)
		err = -pthread_create(&st->thread, NULL, store_thread, st);
	st->running = !err;
	return err;
}

void td_store_flush(struct td_store *st)
{
	atomic_store(&st->hurry, true);
	while (st->running && atomic_load(&st->decided) < st->last_ticket)
		usleep(500);
	atomic_store(&st->hurry, false);
	deliver(st);
}

void td_store_close(struct td_store *st)
{
	struct store_order *o;

	if (!st)
		return;
	o = &st->stop;
	if (st->running) {
		atomic_store(&st->hurry, true);
		while (!td_ring_push(&st->orders, &o))
			usleep(1000);
		pthread_join(st->thread, NULL);
	}
	if (st->event_fd >= 0) {
		td_loop_unwatch(st->loop, st->event_fd);
		close(st->event_fd);
	}
	if (st->answers.items) {
		while (td_ring_pop(&st->answers, &o))
			td_store_order_free(o);
		td_ring_fini(&st->answers);
	}
	if (st->orders.items) {
		while (td_ring_pop(&st->orders, &o))	/* it never ran */
			td_store_order_free(o);
		td_ring_fini(&st->orders);
	}
	td_store_db_close(&st->db);
	td_free(st);
}

/* ---- orders ---- */

static int64_t give(struct td_store *st, int table, struct store_order *o)
{
	if (!o)
		return -ENOMEM;
	o->table = table;
	if (!td_ring_push(&st->orders, &o)) {
		td_store_order_free(o);
		return -EAGAIN;
	}
	return (int64_t)++st->last_ticket;
}

int64_t td_store_put(struct td_store *st, int table, const struct td_store_value *row)
{
	const struct td_store_table *t = st->db.tables[table].table;

	return give(st, table, td_store_order_new(t, ORDER_PUT, t->n_columns, row));
}

int64_t td_store_delete(struct td_store *st, int table, const struct td_store_value *key)
{
	const struct td_store_table *t = st->db.tables[table].table;

	return give(st, table, td_store_order_new(t, ORDER_DELETE, 1, key));
}

int64_t td_store_delete_below(struct td_store *st, int table, int64_t key)
{
	struct store_order *o = td_store_order_new(NULL, ORDER_DELETE_BELOW, 0, NULL);

	if (o)
		o->below = key;
	return give(st, table, o);
}

int64_t td_store_find(struct td_store *st, int table, int64_t below, unsigned int n,
		      td_store_found_fn found, void *arg)
{
	struct store_order *o;
	int64_t ticket;

	if (st->asked == RING_ANSWERS)
		return -EAGAIN;
	o = td_store_order_new(NULL, ORDER_FIND, 0, NULL);
	if (o) {
		o->below = below ? below : INT64_MAX;
		o->n = n;
		o->found = found;
		o->arg = arg;
	}
	ticket = give(st, table, o);
	if (ticket > 0)
		st->asked++;
	return ticket;
}

int64_t td_store_append(struct td_store *st, const char *path, const char *line)
{
	const struct td_store_value values[] = { { .text = path }, { .text = line } };

	return give(st, 0, td_store_order_new(&td_store_append_table, ORDER_APPEND, 2, values));
}

uint64_t td_store_decided(const struct td_store *st)
{
	return atomic_load(&st->decided);
}

uint64_t td_store_commits(const struct td_store *st)
{
	return atomic_load(&st->commits);
}
