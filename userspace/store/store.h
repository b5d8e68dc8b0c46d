/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened, on disk: registrations, what was set on phones, call records. Rooms describe
 * tables and hand over rows; sqlite runs in a thread of its own, many changes per transaction.
 * The signalling thread never waits for the disk, and is told when a change is safe.
 *
 *	td_store_open(&st, loop, "/var/lib/tandem", why, sizeof(why));
 *	table = td_store_keep(st, &my_table, on_done, me);
 *	td_store_read(st, table, on_row);				what was kept
 *	td_store_start(st);						the thread
 *	ticket = td_store_put(st, table, row);				done(me, ticket, 0) later
 */
#ifndef TD_STORE_H
#define TD_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "userspace/base/loop.h"

#define TD_STORE_COLUMNS 48
#define TD_STORE_TABLES	 16

enum td_store_type { TD_STORE_INT, TD_STORE_TEXT };

struct td_store_column {
	const char *name;
	enum td_store_type type;
};

/* A table and its columns; the first is the key. Columns that a later version appends are
 * added to an older file, empty. The struct is used as long as the store is open. */
struct td_store_table {
	const char *name;
	const struct td_store_column *columns;
	unsigned int n_columns;
};

/* One member counts, as the column's type says. A NULL text is the empty one. */
struct td_store_value {
	int64_t num;
	const char *text;
};

/** A row that was kept, one value per column; texts live until the callback returns. */
typedef void (*td_store_row_fn)(void *arg, const struct td_store_value *row);
/** Everything up to and including ticket seq is on disk (err 0), or was lost (err < 0). */
typedef void (*td_store_done_fn)(void *arg, uint64_t seq, int err);
/** The answer to a question: the rows one by one, then NULL with 0 or a negative errno. */
typedef void (*td_store_found_fn)(void *arg, const struct td_store_value *row, int err);

struct td_store;

/**
 * td_store_open - open or create <state_dir>/state.db. A file that is no database (any more)
 * is moved aside: an office must come up.
 * @why: on error says which file, what is wrong and what to do.
 * 0, -EIO, -EACCES, -ENOMEM.
 */
int td_store_open(struct td_store **out, struct td_loop *loop, const char *state_dir, char *why,
		  size_t why_len);
/**
 * td_store_keep - use a table; before td_store_start.
 * @done: may be NULL. A table of another shape is renamed to NAME_old and made anew.
 * The table's number, or -EIO, -ENOSPC.
 */
int td_store_keep(struct td_store *st, const struct td_store_table *table, td_store_done_fn done,
		  void *arg);
/** Call row for each row kept, by rising key; before td_store_start. 0 or -EIO. */
int td_store_read(struct td_store *st, int table, td_store_row_fn row, void *arg);
/** Nobody is told for this table any more; what is queued is still written. */
void td_store_leave(struct td_store *st, int table);
int td_store_start(struct td_store *st);
/** Wait until all that was given is decided, and tell; for the end of a room. */
void td_store_flush(struct td_store *st);
/** Writes what is queued, waits for the thread, frees. NULL is fine. */
void td_store_close(struct td_store *st);

/** Insert, or update the row of the same key; values are copied. Returns the ticket (> 0), or a
 * negative errno: queue full (-EAGAIN), -ENOMEM. */
int64_t td_store_put(struct td_store *st, int table, const struct td_store_value *row);
int64_t td_store_delete(struct td_store *st, int table, const struct td_store_value *key);
/** All rows whose (numeric) key is less. */
int64_t td_store_delete_below(struct td_store *st, int table, int64_t key);
/**
 * td_store_find - ask for the rows with the greatest keys below a limit, greatest first.
 * @below: 0: no limit. found(arg, ...) is called from the loop, never from here.
 * Returns the ticket, or a negative errno.
 */
int64_t td_store_find(struct td_store *st, int table, int64_t below, unsigned int n,
		      td_store_found_fn found, void *arg);
/** A line at the end of a text file, which is made if it is not there (0640). Not a row: for
 * programs that read such files. */
int64_t td_store_append(struct td_store *st, const char *path, const char *line);
/** Highest ticket that is decided (on disk or lost). */
uint64_t td_store_decided(const struct td_store *st);
/** Transactions so far. */
uint64_t td_store_commits(const struct td_store *st);

#endif
