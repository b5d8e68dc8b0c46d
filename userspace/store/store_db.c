// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables and rows in sqlite.
 *
 * WAL with synchronous=NORMAL: a crash of the daemon loses nothing that was acknowledged; a
 * power cut may lose the last moments, and never the file. A damaged file is put aside, not
 * fatal: phones register again.
 */
#include "userspace/store/store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define SQL_LEN 2048

/* ---- orders ---- */

struct store_order *td_store_order_new(const struct td_store_table *table,
				       enum store_order_type type, unsigned int n,
				       const struct td_store_value *values)
{
	size_t size = sizeof(struct store_order) + n * sizeof(*values), len;
	struct store_order *o;
	unsigned int i;
	char *text;

	for (i = 0; i < n; i++)
		if (table->columns[i].type == TD_STORE_TEXT)
			size += strlen(values[i].text ? values[i].text : "") + 1;
	o = td_zalloc(size);
	if (!o)
		return NULL;
	o->type = type;
	text = (char *)&o->values[n];
	for (i = 0; i < n; i++) {
		if (table->columns[i].type == TD_STORE_INT) {
			o->values[i].num = values[i].num;
			continue;
		}
		len = strlen(values[i].text ? values[i].text : "") + 1;
		memcpy(text, values[i].text ? values[i].text : "", len);
		o->values[i].text = text;
		text += len;
	}
	return o;
}

void td_store_order_free(struct store_order *o)
{
	struct store_order *row;

	while (o && (row = o->rows)) {
		o->rows = row->next;
		td_free(row);
	}
	td_free(o);
}

static const struct td_store_column append_columns[] = {
	{ "path", TD_STORE_TEXT }, { "line", TD_STORE_TEXT },
};
const struct td_store_table td_store_append_table = { "", append_columns, 2 };

/* ---- rows ---- */

int td_store_db_sql(struct store_db *db, const char *sql)
{
	return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -EIO;
}

static void bind(sqlite3_stmt *q, const struct td_store_table *t, unsigned int n,
		 const struct td_store_value *values)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (t->columns[i].type == TD_STORE_INT)
			sqlite3_bind_int64(q, (int)i + 1, values[i].num);
		else
			sqlite3_bind_text(q, (int)i + 1, values[i].text, -1, SQLITE_STATIC);
	}
}

static int step(sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);

	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static void columns_of(sqlite3_stmt *q, const struct td_store_table *t,
		       struct td_store_value *values)
{
	unsigned int i;

	for (i = 0; i < t->n_columns; i++) {
		values[i].num = sqlite3_column_int64(q, (int)i);
		values[i].text = NULL;
		if (t->columns[i].type == TD_STORE_TEXT) {
			values[i].text = (const char *)sqlite3_column_text(q, (int)i);
			if (!values[i].text)
				values[i].text = "";
		}
	}
}

int td_store_db_read(struct store_db *db, int table, td_store_row_fn row, void *arg)
{
	const struct td_store_table *t = db->tables[table].table;
	struct td_store_value values[TD_STORE_COLUMNS];
	sqlite3_stmt *q;
	char sql[128];
	int rc;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY %s", t->name, t->columns[0].name);
	if (sqlite3_prepare_v2(db->sql, sql, -1, &q, NULL) != SQLITE_OK)
		return -EIO;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		columns_of(q, t, values);
		row(arg, values);
	}
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? 0 : -EIO;
}

static int find(sqlite3_stmt *q, const struct td_store_table *t, struct store_order *o)
{
	struct td_store_value values[TD_STORE_COLUMNS];
	struct store_order **end = &o->rows;
	int rc, err = 0;

	sqlite3_bind_int64(q, 1, o->below);
	sqlite3_bind_int64(q, 2, o->n);
	while (!err && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		columns_of(q, t, values);
		*end = td_store_order_new(t, ORDER_PUT, t->n_columns, values);
		if (!*end)
			err = -ENOMEM;
		else
			end = &(*end)->next;
	}
	sqlite3_reset(q);
	if (err)
		return err;
	return rc == SQLITE_DONE ? 0 : -EIO;
}

/* A folder that cannot be written to loses lines, not rows. */
static void append(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	struct iovec parts[] = {
		{ .iov_base = (void *)line, .iov_len = strlen(line) }, { .iov_base = "\n", .iov_len = 1 },
	};

	if (fd < 0 || writev(fd, parts, 2) < 0)
		td_log_limited(TD_LOG_APP, TD_ERR, "%s: cannot be written: %s", path,
			       strerror(errno));
	if (fd >= 0)
		close(fd);
}

int td_store_db_run(struct store_db *db, struct store_order *o)
{
	const struct td_store_table *t = db->tables[o->table].table;
	sqlite3_stmt *q;

	switch (o->type) {
	case ORDER_PUT:
		q = db->tables[o->table].put;
		bind(q, t, t->n_columns, o->values);
		return step(q);
	case ORDER_DELETE:
		q = db->tables[o->table].del;
		bind(q, t, 1, o->values);
		return step(q);
	case ORDER_DELETE_BELOW:
		q = db->tables[o->table].del_below;
		sqlite3_bind_int64(q, 1, o->below);
		return step(q);
	case ORDER_FIND:
		return find(db->tables[o->table].find, t, o);
	case ORDER_APPEND:
		append(o->values[0].text, o->values[1].text);
		return 0;
	case ORDER_STOP:
		break;
	}
	return 0;
}

/* ---- tables ---- */

static const char *type_of(const struct td_store_column *c)
{
	return c->type == TD_STORE_INT ? "INTEGER NOT NULL DEFAULT 0" : "TEXT NOT NULL DEFAULT ''";
}

static int create(struct store_db *db, const struct td_store_table *t)
{
	char sql[SQL_LEN];
	unsigned int i;
	int n;

	n = snprintf(sql, sizeof(sql), "CREATE TABLE IF NOT EXISTS %s (", t->name);
	for (i = 0; i < t->n_columns && n < SQL_LEN; i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, "%s%s %s", i ? ", " : "",
			      t->columns[i].name, i ? type_of(&t->columns[i]) :
			      t->columns[i].type == TD_STORE_INT ? "INTEGER PRIMARY KEY" :
			      "TEXT NOT NULL PRIMARY KEY");
	if (n >= SQL_LEN - 2)
		return -ENOSPC;
	snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
	return td_store_db_sql(db, sql);
}

/* How many of our columns the file's table has, in our order: less than all when an older
 * version made it; -EBADMSG when it is somebody else's. */
static int columns_there(struct store_db *db, const struct td_store_table *t)
{
	sqlite3_stmt *q;
	char sql[128];
	int n = 0, rc;

	snprintf(sql, sizeof(sql), "PRAGMA table_info(%s)", t->name);
	if (sqlite3_prepare_v2(db->sql, sql, -1, &q, NULL) != SQLITE_OK)
		return -EIO;
	while ((rc = sqlite3_step(q)) == SQLITE_ROW && n >= 0) {
		const char *name = (const char *)sqlite3_column_text(q, 1);

		n = name && n < (int)t->n_columns && !strcmp(name, t->columns[n].name) ? n + 1 :
		    -EBADMSG;
	}
	sqlite3_finalize(q);
	return n < 0 ? n : rc == SQLITE_DONE ? n : -EIO;
}

static int put_table_aside(struct store_db *db, const struct td_store_table *t)
{
	char sql[256];

	td_log_err(TD_LOG_APP, "%s: table %s has another shape; renamed to %s_old", db->path,
		   t->name, t->name);
	snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s_old; ALTER TABLE %s RENAME TO %s_old",
		 t->name, t->name, t->name);
	return td_store_db_sql(db, sql);
}

static int make_table(struct store_db *db, const struct td_store_table *t)
{
	char sql[256];
	int n, err;

	err = create(db, t);
	if (err)
		return err;
	n = columns_there(db, t);
	if (n == -EBADMSG || !n) {
		err = put_table_aside(db, t);
		return err ? err : create(db, t);
	}
	for (; n >= 0 && n < (int)t->n_columns; n++) {
		snprintf(sql, sizeof(sql), "ALTER TABLE %s ADD COLUMN %s %s", t->name,
			 t->columns[n].name, type_of(&t->columns[n]));
		if (td_store_db_sql(db, sql))
			return -EIO;
	}
	return n < 0 ? n : 0;
}

static int prepare(struct store_db *db, sqlite3_stmt **q, const char *sql)
{
	return sqlite3_prepare_v3(db->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, q, NULL) == SQLITE_OK ?
	       0 : -EIO;
}

static int prepare_all(struct store_db *db, int table)
{
	const struct td_store_table *t = db->tables[table].table;
	const char *key = t->columns[0].name;
	char sql[SQL_LEN];
	unsigned int i;
	int n, err;

	n = snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (", t->name);
	for (i = 0; i < t->n_columns; i++)
		n += snprintf(sql + n, sizeof(sql) - (size_t)n, "%s?%u", i ? "," : "", i + 1);
	snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
	err = prepare(db, &db->tables[table].put, sql);
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s = ?1", t->name, key);
	if (!err)
		err = prepare(db, &db->tables[table].del, sql);
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s < ?1", t->name, key);
	if (!err)
		err = prepare(db, &db->tables[table].del_below, sql);
	snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE %s < ?1 ORDER BY %s DESC LIMIT ?2",
		 t->name, key, key);
	if (!err)
		err = prepare(db, &db->tables[table].find, sql);
	return err;
}

int td_store_db_add(struct store_db *db, const struct td_store_table *table)
{
	int n = db->n_tables, err;

	if (n == TD_STORE_TABLES || table->n_columns > TD_STORE_COLUMNS)
		return -ENOSPC;
	err = make_table(db, table);
	if (err)
		return err;
	db->tables[n].table = table;
	db->n_tables++;
	err = prepare_all(db, n);
	return err ? err : n;
}

/* ---- the file ---- */

/* The pages are looked at now: later, damage would be found half way through. */
static bool is_sound(sqlite3 *sql)
{
	sqlite3_stmt *q;
	bool sound;

	if (sqlite3_prepare_v2(sql, "PRAGMA quick_check(1)", -1, &q, NULL) != SQLITE_OK)
		return false;
	sound = sqlite3_step(q) == SQLITE_ROW && sqlite3_column_type(q, 0) == SQLITE_TEXT &&
		!strcmp((const char *)sqlite3_column_text(q, 0), "ok");
	sqlite3_finalize(q);
	return sound;
}

void td_store_db_close(struct store_db *db)
{
	int i;

	for (i = 0; i < db->n_tables; i++) {
		sqlite3_finalize(db->tables[i].put);
		sqlite3_finalize(db->tables[i].del);
		sqlite3_finalize(db->tables[i].del_below);
		sqlite3_finalize(db->tables[i].find);
	}
	sqlite3_close(db->sql);
	memset(db->tables, 0, sizeof(db->tables));
	db->n_tables = 0;
	db->sql = NULL;
}

/* 0, -EIO, -EACCES; -EBADMSG: the file is there and is no database (any more). */
static int open_file(struct store_db *db)
{
	int rc = sqlite3_open_v2(db->path, &db->sql,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
				 NULL);

	if (rc != SQLITE_OK)
		return -EIO;
	if (sqlite3_db_readonly(db->sql, "main") == 1)
		return -EACCES;
	sqlite3_busy_timeout(db->sql, 2000);
	if (td_store_db_sql(db, "PRAGMA journal_mode=WAL") ||
	    td_store_db_sql(db, "PRAGMA synchronous=NORMAL")) {
		rc = sqlite3_errcode(db->sql) & 0xff;
		return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ? -EBADMSG : -EIO;
	}
	return is_sound(db->sql) ? 0 : -EBADMSG;
}

/* What the system has against it; sqlite says "unable to open database file" to all. */
static int explain(struct store_db *db, const char *dir, int err, char *why, size_t len)
{
	int reason = 0;

	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) ||
	    (faccessat(AT_FDCWD, db->path, R_OK | W_OK, AT_EACCESS) && errno != ENOENT))
		reason = errno;
	if (!reason) {
		snprintf(why, len, "%s: %s", db->path,
			 err == -EBADMSG ? "damaged" : sqlite3_errmsg(db->sql));
		return err;
	}
	snprintf(why, len, "%s: %s; its folder must be there and belong to the user that runs the "
		 "daemon", db->path, strerror(reason));
	return reason == EACCES || reason == EPERM || reason == EROFS ? -EACCES : -EIO;
}

static void remove_beside(const struct store_db *db, const char *end)
{
	char path[sizeof(db->path) + 8];

	snprintf(path, sizeof(path), "%s%s", db->path, end);
	unlink(path);
}

int td_store_db_open(struct store_db *db, const char *dir, char *why, size_t why_len)
{
	char aside[sizeof(db->path) + 8];
	int err;

	snprintf(db->path, sizeof(db->path), "%s/state.db", dir);
	err = open_file(db);
	if (!err)
		return 0;
	err = explain(db, dir, err, why, why_len);
	td_store_db_close(db);
	if (err != -EBADMSG)
		return err;
	snprintf(aside, sizeof(aside), "%s.bad", db->path);
	td_log_err(TD_LOG_APP, "%s; moved to %s, phones must register again", why, aside);
	if (rename(db->path, aside)) {
		err = -errno;
		snprintf(why, why_len, "%s: cannot be moved to %s: %s", db->path, aside,
			 strerror(-err));
		return err;
	}
	remove_beside(db, "-wal");
	remove_beside(db, "-shm");
	err = open_file(db);
	return err ? explain(db, dir, err, why, why_len) : 0;
}
