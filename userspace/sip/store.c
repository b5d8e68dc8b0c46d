/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations in sqlite. The signalling thread puts orders into a ring; the store thread
 * takes all that are there, writes them as one transaction, and tells how far it came: the
 * more is to do, the fewer commits it takes.
 *
 * WAL with synchronous=NORMAL: a crash of the daemon loses nothing that was acknowledged; a
 * power cut may lose the last moments, which the phones' next refresh brings back, and
 * never the file. A damaged file is put aside, not fatal: an office must come up.
 */
#include "userspace/sip/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sqlite3.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/ring.h"
#include "userspace/base/str.h"

#define RING_ORDERS  65536
#define BATCH	     4096		/* orders in one transaction */

enum order_type { ORDER_PUT, ORDER_DELETE };

struct order {
	enum order_type type;
	uint64_t id;
	struct store_row row;		/* of ORDER_PUT */
};

struct sip_store {
	/* signalling thread */
	struct td_loop *loop;
	store_done_fn done;
	void *arg;
	uint64_t last_ticket;
	char path[160];
	pthread_t thread;
	bool running;
	struct order stop;		/* here, so that closing needs no memory */
	int event_fd;			/* the store thread has news */
	/* both */
	struct td_ring ring;		/* struct order * */
	_Atomic uint64_t decided, commits;
	_Atomic int err;
	/* store thread */
	sqlite3 *db;
	sqlite3_stmt *put, *del;
};

static const char schema_sql[] =
	"CREATE TABLE IF NOT EXISTS registration ("
	" id INTEGER PRIMARY KEY, phone TEXT NOT NULL, aor TEXT NOT NULL, uri TEXT NOT NULL,"
	" instance TEXT NOT NULL, call_id TEXT NOT NULL, call_hash INTEGER NOT NULL,"
	" cseq INTEGER NOT NULL, peer TEXT NOT NULL, local TEXT NOT NULL, tcp INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL, registered_ms INTEGER NOT NULL);";

static const char put_sql[] =
	"INSERT OR REPLACE INTO registration VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)";
static const char all_sql[] = "SELECT * FROM registration ORDER BY id";
static const char ended_sql[] =
	"DELETE FROM registration WHERE expires_ms <= CAST(strftime('%s','now') AS INTEGER) * 1000";

/* ---- the store thread ---- */

static void bind_text(sqlite3_stmt *st, int i, const char *text)
{
	sqlite3_bind_text(st, i, text, -1, SQLITE_TRANSIENT);
}

static int run_put(struct sip_store *st, const struct store_row *row)
{
	const struct sip_binding *b = &row->b;
	char peer[TD_ADDR_STRLEN], local[TD_ADDR_STRLEN];
	int rc;

	sqlite3_bind_int64(st->put, 1, (sqlite3_int64)b->id);
	bind_text(st->put, 2, row->phone);
	bind_text(st->put, 3, b->aor);
	bind_text(st->put, 4, b->uri);
	bind_text(st->put, 5, b->instance);
	bind_text(st->put, 6, b->call_id);
	sqlite3_bind_int64(st->put, 7, (sqlite3_int64)b->call_hash);
	sqlite3_bind_int64(st->put, 8, b->cseq);
	bind_text(st->put, 9, td_addr_str(&b->peer, peer));
	bind_text(st->put, 10, td_addr_str(&b->local, local));
	sqlite3_bind_int(st->put, 11, b->tcp);
	sqlite3_bind_int64(st->put, 12, (sqlite3_int64)row->expires_wall_ms);
	sqlite3_bind_int64(st->put, 13, (sqlite3_int64)b->registered_ms);
	rc = sqlite3_step(st->put);
	sqlite3_reset(st->put);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static int run_delete(struct sip_store *st, uint64_t id)
{
	int rc;

	sqlite3_bind_int64(st->del, 1, (sqlite3_int64)id);
	rc = sqlite3_step(st->del);
	sqlite3_reset(st->del);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static int run_sql(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -EIO;
}

static void tell(struct sip_store *st, uint64_t n, int err)
{
	uint64_t one = 1;

	if (err)			/* stays until the signalling thread has heard of it */
		atomic_store(&st->err, err);
	atomic_fetch_add(&st->decided, n);
	if (write(st->event_fd, &one, sizeof(one)) < 0)
		return;			/* cannot be: the counter would have to overflow */
}

/* One transaction over what is in the ring. Returns false when told to stop. */
static bool run_batch(struct sip_store *st)
{
	struct order *o;
	uint64_t n = 0;
	bool go_on = true;
	int err = 0;

	while (n < BATCH && td_ring_pop(&st->ring, &o)) {
		if (o == &st->stop) {
			go_on = false;
			break;
		}
		if (!n)
			err = run_sql(st->db, "BEGIN");
		n++;
		if (!err)
			err = o->type == ORDER_PUT ? run_put(st, &o->row) : run_delete(st, o->id);
		td_free(o);
	}
	if (!n)
		return go_on;
	if (!err)
		err = run_sql(st->db, "COMMIT");
	if (err) {
		td_log_limited(TD_LOG_SIP, TD_ERR, "store=%s: %s", st->path,
			       sqlite3_errmsg(st->db));
		run_sql(st->db, "ROLLBACK");
	}
	atomic_fetch_add(&st->commits, 1);
	tell(st, n, err);
	return go_on;
}

static void *store_thread(void *arg)
{
	struct sip_store *st = arg;
	struct pollfd p = { .fd = st->ring.event_fd, .events = POLLIN };
	uint64_t before;

	pthread_setname_np(pthread_self(), "td-store");
	for (;;) {
		before = atomic_load(&st->decided);
		if (!run_batch(st))
			return NULL;
		if (atomic_load(&st->decided) != before)
			continue;	/* more came while we wrote */
		poll(&p, 1, -1);
		td_ring_clear_wake(&st->ring);
	}
}

/* ---- opening ---- */

/* The pages are looked at now: later, damage would be found half way through. */
static bool is_sound(sqlite3 *db)
{
	sqlite3_stmt *q;
	bool sound;

	if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &q, NULL) != SQLITE_OK)
		return false;
	sound = sqlite3_step(q) == SQLITE_ROW && sqlite3_column_type(q, 0) == SQLITE_TEXT &&
		!strcmp((const char *)sqlite3_column_text(q, 0), "ok");
	sqlite3_finalize(q);
	return sound;
}

static int prepare(struct sip_store *st)
{
	sqlite3 *db = st->db;

	if (run_sql(db, "PRAGMA journal_mode=WAL") || run_sql(db, "PRAGMA synchronous=NORMAL") ||
	    run_sql(db, schema_sql) ||
	    sqlite3_prepare_v2(db, put_sql, -1, &st->put, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "DELETE FROM registration WHERE id = ?1", -1, &st->del, NULL) !=
	    SQLITE_OK)
		return -EIO;
	if (!is_sound(db))
		return -EBADMSG;
	run_sql(db, ended_sql);		/* of phones that are gone: nobody else does */
	return 0;
}

static void column_text(sqlite3_stmt *q, int i, char *dst, size_t size)
{
	const unsigned char *text = sqlite3_column_text(q, i);

	td_strlcpy(dst, text ? (const char *)text : "", size);
}

/* False: a row that makes no sense, left alone until its phone registers again. */
static bool read_row(sqlite3_stmt *q, struct store_row *row)
{
	struct sip_binding *b = &row->b;
	char addr[TD_ADDR_STRLEN];

	memset(row, 0, sizeof(*row));
	b->id = (uint64_t)sqlite3_column_int64(q, 0);
	column_text(q, 1, row->phone, sizeof(row->phone));
	column_text(q, 2, b->aor, sizeof(b->aor));
	column_text(q, 3, b->uri, sizeof(b->uri));
	column_text(q, 4, b->instance, sizeof(b->instance));
	column_text(q, 5, b->call_id, sizeof(b->call_id));
	b->call_hash = (uint64_t)sqlite3_column_int64(q, 6);
	b->cseq = (uint32_t)sqlite3_column_int64(q, 7);
	column_text(q, 8, addr, sizeof(addr));
	if (td_addr_parse(&b->peer, addr))
		return false;
	column_text(q, 9, addr, sizeof(addr));
	if (td_addr_parse(&b->local, addr))
		return false;
	b->tcp = sqlite3_column_int(q, 10) != 0;
	row->expires_wall_ms = (uint64_t)sqlite3_column_int64(q, 11);
	b->registered_ms = (uint64_t)sqlite3_column_int64(q, 12);
	return b->id && row->phone[0] && b->uri[0];
}

static int read_all(struct sip_store *st, store_row_fn fn, void *arg)
{
	struct store_row row;
	sqlite3_stmt *q;
	int rc;

	if (sqlite3_prepare_v2(st->db, all_sql, -1, &q, NULL) != SQLITE_OK)
		return -EIO;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW)
		if (read_row(q, &row))
			fn(arg, &row);
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static void close_db(struct sip_store *st)
{
	sqlite3_finalize(st->put);
	sqlite3_finalize(st->del);
	st->put = st->del = NULL;
	sqlite3_close(st->db);
	st->db = NULL;
}

/* 0, -EIO, -EACCES; -EBADMSG: the file is there and is not a store of ours (any more). */
static int open_db(struct sip_store *st)
{
	int rc = sqlite3_open_v2(st->path, &st->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
				 NULL);
	int err;

	if (rc != SQLITE_OK)
		return -EIO;
	if (sqlite3_db_readonly(st->db, "main") == 1)
		return -EACCES;
	sqlite3_busy_timeout(st->db, 2000);
	err = prepare(st);
	if (err == -EIO) {
		rc = sqlite3_errcode(st->db) & 0xff;
		/* SQLITE_ERROR: a table of another shape */
		if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_ERROR)
			return -EBADMSG;
	}
	return err;
}

/* What the system has against it; sqlite says "unable to open database file" to all. */
static int explain(struct sip_store *st, const char *dir, int err, char *why, size_t len)
{
	int reason = 0;

	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) ||
	    (faccessat(AT_FDCWD, st->path, R_OK | W_OK, AT_EACCESS) && errno != ENOENT))
		reason = errno;
	if (!reason) {
		snprintf(why, len, "%s: %s", st->path,
			 err == -EBADMSG ? "damaged" : sqlite3_errmsg(st->db));
		return err;
	}
	snprintf(why, len, "%s: %s; its folder must be there and belong to the user that runs the "
		 "daemon", st->path, strerror(reason));
	return reason == EACCES || reason == EPERM || reason == EROFS ? -EACCES : -EIO;
}

static void remove_beside(const struct sip_store *st, const char *end)
{
	char path[sizeof(st->path) + 8];

	snprintf(path, sizeof(path), "%s%s", st->path, end);
	unlink(path);
}

/* A file that is no database (any more) goes aside, for its owner to look at. */
static int open_or_replace(struct sip_store *st, const char *dir, char *why, size_t len)
{
	char aside[sizeof(st->path) + 8];
	int err = open_db(st);

	if (!err)
		return 0;
	err = explain(st, dir, err, why, len);
	close_db(st);
	if (err != -EBADMSG)
		return err;
	snprintf(aside, sizeof(aside), "%s.bad", st->path);
	td_log_err(TD_LOG_SIP, "%s; moved to %s, phones must register again", why, aside);
	if (rename(st->path, aside)) {
		err = -errno;
		snprintf(why, len, "%s: cannot be moved to %s: %s", st->path, aside,
			 strerror(-err));
		return err;
	}
	remove_beside(st, "-wal");
	remove_beside(st, "-shm");
	err = open_db(st);
	return err ? explain(st, dir, err, why, len) : 0;
}

static void on_news(void *arg, int fd, unsigned int events)
{
	struct sip_store *st = arg;
	uint64_t n;

	(void)events;
	if (read(fd, &n, sizeof(n)) < 0)
		return;
	st->done(st->arg, atomic_load(&st->decided), atomic_exchange(&st->err, 0));
}

int td_store_open(struct sip_store **out, struct td_loop *loop, const char *state_dir,
		  store_row_fn row, store_done_fn done, void *arg, char *why, size_t why_len)
{
	struct sip_store *st = td_zalloc(sizeof(*st));
	int err;

	if (!st)
		return -ENOMEM;
	st->loop = loop;
	st->done = done;
	st->arg = arg;
	st->event_fd = -1;
	st->ring.event_fd = -1;
	snprintf(st->path, sizeof(st->path), "%s/state.db", state_dir);
	err = open_or_replace(st, state_dir, why, why_len);
	if (err)
		goto fail;
	err = read_all(st, row, arg);
	if (err) {
		snprintf(why, why_len, "%s: cannot be read: %s", st->path, sqlite3_errmsg(st->db));
		goto fail;
	}
	err = td_ring_init(&st->ring, RING_ORDERS, sizeof(struct order *));
	if (err)
		goto fail;
	st->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = st->event_fd < 0 ? -errno : td_loop_watch(loop, st->event_fd, TD_READ, on_news, st);
	if (err)
		goto fail;
	err = -pthread_create(&st->thread, NULL, store_thread, st);
	if (err)
		goto fail;
	st->running = true;
	*out = st;
	return 0;
fail:
	td_store_close(st);
	return err;
}

void td_store_close(struct sip_store *st)
{
	struct order *stop;

	if (!st)
		return;
	stop = &st->stop;
	if (st->running) {
		while (!td_ring_push(&st->ring, &stop))
			usleep(1000);
		pthread_join(st->thread, NULL);
	}
	if (st->event_fd >= 0) {
		td_loop_unwatch(st->loop, st->event_fd);
		close(st->event_fd);
	}
	if (st->ring.items)
		td_ring_fini(&st->ring);
	close_db(st);
	td_free(st);
}

/* ---- orders ---- */

static int64_t give(struct sip_store *st, struct order *o)
{
	if (!td_ring_push(&st->ring, &o)) {
		td_free(o);
		return -EAGAIN;
	}
	return (int64_t)++st->last_ticket;
}

int64_t td_store_put(struct sip_store *st, const char *phone, const struct sip_binding *b,
		     uint64_t expires_wall_ms)
{
	struct order *o = td_zalloc(sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->type = ORDER_PUT;
	o->id = b->id;
	td_strlcpy(o->row.phone, phone, sizeof(o->row.phone));
	o->row.expires_wall_ms = expires_wall_ms;
	o->row.b = *b;
	return give(st, o);
}

int64_t td_store_delete(struct sip_store *st, uint64_t id)
{
	struct order *o = td_zalloc(sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->type = ORDER_DELETE;
	o->id = id;
	return give(st, o);
}

uint64_t td_store_decided(const struct sip_store *st)
{
	return atomic_load(&st->decided);
}

uint64_t td_store_commits(const struct sip_store *st)
{
	return atomic_load(&st->commits);
}
