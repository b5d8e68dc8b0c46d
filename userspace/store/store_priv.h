/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the room: store.c is the queue and the thread, store_db.c all that speaks SQL. */
#ifndef TD_STORE_PRIV_H
#define TD_STORE_PRIV_H

#include <stdbool.h>

#include <sqlite3.h>

#include "userspace/store/store.h"

enum store_order_type { ORDER_PUT, ORDER_DELETE, ORDER_DELETE_BELOW, ORDER_FIND, ORDER_APPEND,
			ORDER_STOP };

/* What the store thread shall do; of ORDER_FIND also the way back. One piece of memory: the
 * texts of the values lie behind them. */
struct store_order {
	enum store_order_type type;
	int table;
	int64_t below;			/* _DELETE_BELOW, _FIND */
	unsigned int n;			/* _FIND: rows at the most */
	td_store_found_fn found;
	void *arg;
	int err;
	struct store_order *rows;	/* what was found; linked by next */
	struct store_order *next;
	/* _PUT, and each row found: one a column; _DELETE: the key; _APPEND: path, line */
	struct td_store_value values[];
};

extern const struct td_store_table td_store_append_table;

struct store_db {
	char path[160];
	sqlite3 *sql;
	struct {
		const struct td_store_table *table;
		sqlite3_stmt *put, *del, *del_below, *find;
	} tables[TD_STORE_TABLES];
	int n_tables;
};

/** A copy of n values of a table in an order of that type; NULL: no memory. */
struct store_order *td_store_order_new(const struct td_store_table *table,
				       enum store_order_type type, unsigned int n,
				       const struct td_store_value *values);
void td_store_order_free(struct store_order *o);

/** Open the file, or put it aside and make a new one; why as td_store_open. */
int td_store_db_open(struct store_db *db, const char *dir, char *why, size_t why_len);
void td_store_db_close(struct store_db *db);
/** The table's number, -EIO, -ENOSPC. */
int td_store_db_add(struct store_db *db, const struct td_store_table *table);
/** All rows, by rising key. 0 or -EIO. */
int td_store_db_read(struct store_db *db, int table, td_store_row_fn row, void *arg);
/** One order, inside the transaction. 0, -EIO, -ENOMEM. */
int td_store_db_run(struct store_db *db, struct store_order *o);
/** "BEGIN", "COMMIT", "ROLLBACK": 0 or -EIO. */
int td_store_db_sql(struct store_db *db, const char *sql);

#endif
