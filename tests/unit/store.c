/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store, with the table of registrations: what was put is there after a restart; "done" comes after the
 * commit and in order; many orders share a commit; damaged files and folders that cannot
 * be used. A second connection to the same file plays the disk that is slow or broken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/reg_store.h"

#define LIMIT_MS  20000
#define MAX_ROWS  4
#define FUTURE_MS 4102444800000		/* the year 2100 */

struct disk {
	struct td_loop *loop;
	struct td_store *store;
	int table;
	char dir[64], path[96], why[256];
	struct reg_row row[MAX_ROWS];	/* the first ones */
	size_t n_rows;
	uint64_t seq;			/* of the last done */
	unsigned int n_done;
	int err;			/* first one reported */
	long live;
};

static void on_row(void *arg, const struct td_store_value *values)
{
	struct disk *d = arg;
	struct reg_row row;

	if (!td_reg_row_read(&row, values))
		return;
	if (d->n_rows < MAX_ROWS)
		d->row[d->n_rows] = row;
	d->n_rows++;
}

static void on_done(void *arg, uint64_t seq, int err)
{
	struct disk *d = arg;

	assert_true(seq >= d->seq);
	assert_true(seq <= td_store_decided(d->store));
	d->seq = seq;
	d->n_done++;
	if (err && !d->err)
		d->err = err;
}

static void close_store(struct disk *d)
{
	td_store_close(d->store);
	d->store = NULL;
}

static int open_store(struct disk *d)
{
	int err;

	d->n_rows = 0;
	d->seq = 0;
	d->n_done = 0;
	d->err = 0;
	d->why[0] = '\0';
	err = td_store_open(&d->store, d->loop, d->dir, d->why, sizeof(d->why));
	if (err)
		return err;
	d->table = td_store_keep(d->store, &td_reg_table, on_done, d);
	assert_int_equal(d->table, 0);
	assert_int_equal(td_store_read(d->store, d->table, on_row, d), 0);
	err = td_store_start(d->store);
	if (err)
		close_store(d);
	return err;
}

static void make_disk(struct disk *d)
{
	const char *tmp = getenv("TMPDIR");

	memset(d, 0, sizeof(*d));
	d->live = td_mem_live();
	snprintf(d->dir, sizeof(d->dir), "%.40s/td-store.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(d->dir));
	snprintf(d->path, sizeof(d->path), "%s/state.db", d->dir);
	d->loop = td_loop_new_epoll();
	assert_non_null(d->loop);
}

static void remove_disk(struct disk *d)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".bad" };
	char path[128];
	size_t i;

	close_store(d);
	td_loop_free(d->loop);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", d->path, ends[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(d->dir), 0);
	assert_int_equal(td_mem_live(), d->live);
}

static uint64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void wait_done(struct disk *d, uint64_t seq)
{
	uint64_t end = clock_ms() + LIMIT_MS;

	while (d->seq < seq && clock_ms() < end)
		td_loop_step(d->loop, 100);
	assert_true(d->seq >= seq);
}

/* The thread is that far; the loop has not run. */
static void wait_decided(const struct disk *d, uint64_t seq)
{
	uint64_t end = clock_ms() + LIMIT_MS;

	while (td_store_decided(d->store) < seq && clock_ms() < end)
		usleep(200);
	assert_true(td_store_decided(d->store) >= seq);
}

static struct sip_binding binding(uint64_t id)
{
	struct sip_binding b = { .id = id, .cseq = 4000000000u, .transport = SIP_TCP,
				 .call_hash = 0xfedcba9876543210, .registered_ms = 1700000000123 };

	td_strlcpy(b.aor, "1001", sizeof(b.aor));
	td_strlcpy(b.uri, "sip:1001@10.0.0.5:5060;transport=tcp", sizeof(b.uri));
	td_strlcpy(b.instance, "<urn:uuid:1>", sizeof(b.instance));
	td_strlcpy(b.call_id, "o'hara; DROP TABLE registration;--@h", sizeof(b.call_id));
	td_addr_parse(&b.peer, "10.0.0.5:49152");
	td_addr_parse(&b.local, "[2001:db8::1]:5060");
	return b;
}

static int64_t put(struct disk *d, uint64_t id)
{
	struct sip_binding b = binding(id);

	return td_reg_row_put(d->store, d->table, "alice", &b, FUTURE_MS);
}

static int64_t forget(struct disk *d, int64_t id)
{
	return td_store_delete(d->store, d->table, &(struct td_store_value){ .num = id });
}

/* Another program with the same file. */
static sqlite3 *intruder(const struct disk *d, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(d->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static bool exists(const struct disk *d, const char *end)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", d->path, end);
	return stat(path, &st) == 0;
}

/* ---- keeping ---- */

static void kept(void **state)
{
	struct sip_binding b = binding(7);
	struct disk d;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 0);
	assert_int_equal(td_reg_row_put(d.store, d.table, "alice", &b, FUTURE_MS), 1);
	assert_int_equal(put(&d, 8), 2);
	b.cseq = 5;
	assert_int_equal(td_reg_row_put(d.store, d.table, "alice", &b, FUTURE_MS + 1), 3);	/* instead */
	assert_int_equal(forget(&d, 8), 4);
	assert_int_equal(forget(&d, 99), 5);	/* was not there: fine */
	wait_done(&d, 5);
	assert_int_equal(d.err, 0);
	close_store(&d);

	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 1);
	assert_string_equal(d.row[0].phone, "alice");
	assert_int_equal(d.row[0].expires_wall_ms, FUTURE_MS + 1);
	assert_int_equal(d.row[0].b.id, 7);
	assert_string_equal(d.row[0].b.aor, b.aor);
	assert_string_equal(d.row[0].b.uri, b.uri);
	assert_string_equal(d.row[0].b.instance, b.instance);
	assert_string_equal(d.row[0].b.call_id, b.call_id);
	assert_int_equal(d.row[0].b.call_hash, b.call_hash);
	assert_int_equal(d.row[0].b.cseq, 5);
	assert_int_equal(d.row[0].b.registered_ms, b.registered_ms);
	assert_true(d.row[0].b.transport);
	assert_true(td_addr_equal(&d.row[0].b.peer, &b.peer));
	assert_true(td_addr_equal(&d.row[0].b.local, &b.local));
	remove_disk(&d);
}

static void close_writes_what_is_queued(void **state)
{
	struct disk d;
	uint64_t i;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	for (i = 1; i <= 6000; i++)
		assert_int_equal(put(&d, i), i);
	close_store(&d);
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 6000);
	remove_disk(&d);
}

static void rows_that_make_no_sense(void **state)
{
	struct disk d;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	put(&d, 1);
	put(&d, 2);
	put(&d, 3);
	put(&d, 4);
	close_store(&d);
	sqlite3_close(intruder(&d, "UPDATE registration SET peer = 'there' WHERE id = 1;"
				   "UPDATE registration SET local = x'00' WHERE id = 2;"
				   "UPDATE registration SET uri = '' WHERE id = 3"));
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 1);
	assert_int_equal(d.row[0].b.id, 4);
	remove_disk(&d);
}

/* ---- commits ---- */

#define MANY 10000

static void done_after_the_commit(void **state)
{
	struct disk d;
	sqlite3 *db;
	uint64_t i;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	db = intruder(&d, "BEGIN IMMEDIATE");	/* nobody else can write now */
	for (i = 1; i <= MANY; i++)
		assert_int_equal(put(&d, i), i);
	td_loop_step(d.loop, 0);
	td_loop_step(d.loop, 0);
	assert_int_equal(d.n_done, 0);
	assert_int_equal(td_store_decided(d.store), 0);
	assert_int_equal(td_store_commits(d.store), 0);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	wait_done(&d, MANY);
	assert_int_equal(d.err, 0);
	assert_int_equal(d.seq, MANY);
	assert_int_equal(td_store_decided(d.store), MANY);
	assert_true(td_store_commits(d.store) <= 4);	/* 4096 orders fit into one */
	assert_true(d.n_done <= td_store_commits(d.store));
	sqlite3_close(db);
	remove_disk(&d);
}

static void what_was_lost_is_told(void **state)
{
	struct disk d;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	put(&d, 1);
	wait_done(&d, 1);
	sqlite3_close(intruder(&d, "ALTER TABLE registration RENAME TO away"));
	put(&d, 2);
	wait_decided(&d, 2);
	sqlite3_close(intruder(&d, "ALTER TABLE away RENAME TO registration"));
	put(&d, 3);			/* a commit that works does not hide the one that did not */
	wait_decided(&d, 3);
	assert_int_equal(d.err, 0);
	wait_done(&d, 3);
	assert_true(d.err < 0);
	close_store(&d);
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 2);
	assert_int_equal(d.row[1].b.id, 3);
	remove_disk(&d);
}

/* ---- bad files, bad folders ---- */

static void overwrite(const struct disk *d, off_t from, size_t n)
{
	char junk[4096];
	int fd = open(d->path, O_WRONLY | O_CREAT, 0600);

	memset(junk, 0xa5, sizeof(junk));
	assert_true(fd >= 0);
	for (; n; n--, from += (off_t)sizeof(junk))
		assert_int_equal(pwrite(fd, junk, sizeof(junk), from), sizeof(junk));
	close(fd);
}

static void expect_put_aside(struct disk *d)
{
	assert_int_equal(open_store(d), 0);
	assert_int_equal(d->n_rows, 0);
	assert_true(exists(d, ".bad"));
	put(d, 1);
	wait_done(d, 1);
	close_store(d);
	assert_int_equal(open_store(d), 0);
	assert_int_equal(d->n_rows, 1);
	assert_int_equal(d->err, 0);
	remove_disk(d);
}

static void no_database(void **state)
{
	struct disk d;

	(void)state;
	make_disk(&d);
	overwrite(&d, 0, 3);
	expect_put_aside(&d);
}

/* The first page is fine: only who reads the rows meets the damage. */
static void damaged_inside(void **state)
{
	struct disk d;
	uint64_t i;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	for (i = 1; i <= 500; i++)
		put(&d, i);
	close_store(&d);
	overwrite(&d, 8 * 4096, 10);
	expect_put_aside(&d);
}

/* ---- tables of other shapes ---- */

static int count(const struct disk *d, const char *sql)
{
	sqlite3_stmt *q;
	sqlite3 *db;
	int n;

	assert_int_equal(sqlite3_open(d->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static void another_table(void **state)
{
	struct disk d;

	(void)state;
	make_disk(&d);
	sqlite3_close(intruder(&d, "CREATE TABLE registration (x);"
				   "INSERT INTO registration VALUES (5)"));
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(put(&d, 1), 1);
	close_store(&d);
	assert_false(exists(&d, ".bad"));
	assert_int_equal(count(&d, "SELECT x FROM registration_old"), 5);
	assert_int_equal(count(&d, "SELECT id FROM registration"), 1);
	remove_disk(&d);
}

static void a_version_with_a_column_more(void **state)
{
	struct disk d;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(put(&d, 7), 1);
	close_store(&d);
	sqlite3_close(intruder(&d, "ALTER TABLE registration DROP COLUMN registered_ms"));
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 1);
	assert_int_equal(d.row[0].b.id, 7);
	assert_int_equal(d.row[0].b.registered_ms, 0);
	assert_int_equal(put(&d, 8), 1);
	close_store(&d);
	assert_int_equal(count(&d, "SELECT count(*) FROM registration WHERE registered_ms > 0"), 1);
	remove_disk(&d);
}

/* ---- questions ---- */

struct answer {
	int n, ids[8], err;
	bool complete;
};

static void on_found(void *arg, const struct td_store_value *row, int err)
{
	struct answer *a = arg;

	if (!row) {
		a->complete = true;
		a->err = err;
		return;
	}
	assert_true(a->n < 8);
	assert_string_equal(row[1].text, "alice");
	a->ids[a->n++] = (int)row[0].num;
}

static void the_latest(void **state)
{
	struct answer a = { 0 }, b = { 0 };
	struct disk d;
	uint64_t i;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	for (i = 1; i <= 5; i++)
		put(&d, i);
	assert_int_equal(td_store_find(d.store, d.table, 0, 3, on_found, &a), 6);
	assert_int_equal(td_store_delete_below(d.store, d.table, 3), 7);
	assert_int_equal(td_store_find(d.store, d.table, 5, 9, on_found, &b), 8);
	assert_false(a.complete);
	wait_done(&d, 8);
	assert_true(a.complete && b.complete && !a.err && !b.err);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.ids[0], 5);
	assert_int_equal(a.ids[2], 3);
	assert_int_equal(b.n, 2);
	assert_int_equal(b.ids[0], 4);
	assert_int_equal(b.ids[1], 3);
	/* who has left is not told */
	td_store_find(d.store, d.table, 0, 3, on_found, &d);
	td_store_leave(d.store, d.table);
	td_store_flush(d.store);
	remove_disk(&d);
}

static void no_folder(void **state)
{
	struct disk d;
	char dir[64];

	(void)state;
	make_disk(&d);
	td_strlcpy(dir, d.dir, sizeof(dir));
	td_strlcpy(d.dir, "/nonexistent/tandem", sizeof(d.dir));
	assert_int_equal(open_store(&d), -EIO);
	assert_non_null(strstr(d.why, "/nonexistent/tandem/state.db"));
	assert_non_null(strstr(d.why, "No such file or directory"));
	td_strlcpy(d.dir, dir, sizeof(d.dir));
	remove_disk(&d);
}

static void unwritable_folder(void **state)
{
	struct disk d;
	bool root = geteuid() == 0;

	(void)state;
	make_disk(&d);
	assert_int_equal(chmod(d.dir, 0555), 0);
	assert_true(!root || seteuid(65534) == 0);
	assert_int_equal(open_store(&d), -EACCES);
	assert_true(!root || seteuid(0) == 0);
	assert_non_null(strstr(d.why, d.path));
	assert_non_null(strstr(d.why, "Permission denied"));
	assert_int_equal(chmod(d.dir, 0755), 0);

	/* there is a file, but not for us */
	assert_int_equal(open_store(&d), 0);
	close_store(&d);
	assert_int_equal(chmod(d.path, 0444), 0);
	assert_int_equal(chmod(d.dir, 0777), 0);
	assert_true(!root || seteuid(65534) == 0);
	assert_int_equal(open_store(&d), -EACCES);
	assert_true(!root || seteuid(0) == 0);
	assert_non_null(strstr(d.why, d.path));
	assert_false(exists(&d, ".bad"));
	remove_disk(&d);
}

/* ---- lines ---- */

static void lines_of_text(void **state)
{
	char path[96], text[64] = "";
	struct disk d;
	FILE *f;

	(void)state;
	make_disk(&d);
	assert_int_equal(open_store(&d), 0);
	snprintf(path, sizeof(path), "%s/lines", d.dir);
	assert_int_equal(td_store_append(d.store, path, "one"), 1);
	assert_int_equal(td_store_append(d.store, path, "two"), 2);
	/* what cannot be written hinders no row */
	assert_int_equal(td_store_append(d.store, "/nonexistent/lines", "lost"), 3);
	assert_int_equal(put(&d, 1), 4);
	wait_done(&d, 4);
	assert_int_equal(d.err, 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), 8);
	fclose(f);
	assert_string_equal(text, "one\ntwo\n");
	unlink(path);
	remove_disk(&d);
}

/* ---- no memory ---- */

static void without_memory(void **state)
{
	struct sip_binding b = binding(1);
	unsigned long nth;
	struct disk d;
	long live;
	int err;

	(void)state;
	make_disk(&d);
	live = td_mem_live();
	for (nth = 1; nth < 20; nth++) {
		td_mem_fail_nth(nth);
		err = open_store(&d);
		td_mem_fail_nth(0);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(td_mem_live(), live);
	}
	assert_true(nth > 1 && nth < 20);
	td_mem_fail_nth(1);
	assert_int_equal(td_reg_row_put(d.store, d.table, "alice", &b, 1), -ENOMEM);
	td_mem_fail_nth(1);
	assert_int_equal(forget(&d, 1), -ENOMEM);
	assert_int_equal(put(&d, 2), 1);	/* no ticket was given for them */
	td_mem_fail_nth(1);
	close_store(&d);			/* needs none: what is queued is written */
	td_mem_fail_nth(0);
	assert_int_equal(open_store(&d), 0);
	assert_int_equal(d.n_rows, 1);
	remove_disk(&d);
	td_store_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(close_writes_what_is_queued),
		cmocka_unit_test(rows_that_make_no_sense),
		cmocka_unit_test(done_after_the_commit),
		cmocka_unit_test(what_was_lost_is_told),
		cmocka_unit_test(no_database),
		cmocka_unit_test(damaged_inside),
		cmocka_unit_test(another_table),
		cmocka_unit_test(a_version_with_a_column_more),
		cmocka_unit_test(the_latest),
		cmocka_unit_test(no_folder),
		cmocka_unit_test(unwritable_folder),
		cmocka_unit_test(lines_of_text),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
