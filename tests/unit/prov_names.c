/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of names: what was added is found as it was written and no other way, hostile names
 * cannot even be added, files are opened below their folder only, the last reference frees, and
 * a snapshot goes to another thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/prov/name_table.h"

static int add(struct td_names *n, const char *name, const char *content, const char *phone)
{
	return td_names_add(n, &(struct td_name){ .name = name, .data = td_strdup(content),
						  .len = strlen(content), .phone = phone,
						  .type = "text/xml" });
}

static const struct td_name *find(const struct td_names *n, const char *name)
{
	return td_names_find(n, name, strlen(name));
}

static void finds_by_exact_name(void **state)
{
	struct td_names *n = td_names_begin();
	const struct td_name *f;

	(void)state;
	assert_int_equal(add(n, "SEP001122334455.cnf.xml", "<device/>", "alice"), 0);
	assert_int_equal(add(n, "German_Germany/mk-sip.jar", "zip", NULL), 0);
	assert_int_equal(add(n, "SEP001122334455.cnf.xml", "other", NULL), -EEXIST);
	td_names_finish(n);
	f = find(n, "SEP001122334455.cnf.xml");
	assert_non_null(f);
	assert_memory_equal(f->data, "<device/>", f->len);
	assert_string_equal(f->phone, "alice");
	assert_string_equal(f->type, "text/xml");
	assert_null(find(n, "sep001122334455.cnf.xml"));
	assert_null(find(n, "SEP001122334455.cnf.xm"));
	assert_null(td_names_find(n, "SEP001122334455.cnf.xml\0", 24));
	assert_null(find(n, "/SEP001122334455.cnf.xml"));
	assert_null(find(n, "German_Germany/../SEP001122334455.cnf.xml"));
	assert_non_null(find(n, "German_Germany/mk-sip.jar"));
	assert_int_equal(td_names_count(n), 2);
	td_names_unref(n);
}

static void refuses_names_that_are_ways(void **state)
{
	static const char *const bad[] = { "", "/etc/passwd", "../x", "a/../x", "a\\b", "a\nb",
					   "a\x7f", "..", NULL };
	char lengthy[TD_NAME_MAX + 1];
	struct td_names *n = td_names_begin();

	(void)state;
	memset(lengthy, 'a', sizeof(lengthy));
	lengthy[TD_NAME_MAX] = '\0';
	for (size_t i = 0; bad[i]; i++)
		assert_int_equal(add(n, bad[i], "x", NULL), -EINVAL);
	assert_int_equal(add(n, lengthy, "x", NULL), -EINVAL);
	lengthy[TD_NAME_MAX - 1] = '\0';
	assert_int_equal(add(n, lengthy, "x", NULL), 0);
	td_names_unref(n);
}

static void alias_shares_content_and_owner(void **state)
{
	struct td_names *n = td_names_begin();

	(void)state;
	assert_int_equal(add(n, "XMLDefault.cnf.xml", "<Default/>", NULL), 0);
	assert_int_equal(td_names_alias(n, "SEP0.cnf.xml", "XMLDefault.cnf.xml"), 0);
	assert_int_equal(td_names_alias(n, "SEP1.cnf.xml", "SEP0.cnf.xml"), 0);
	assert_int_equal(td_names_alias(n, "SEP1.cnf.xml", "SEP0.cnf.xml"), -EEXIST);
	assert_int_equal(td_names_alias(n, "SEP2.cnf.xml", "nothing"), -ENOENT);
	assert_ptr_equal(find(n, "SEP1.cnf.xml")->data, find(n, "XMLDefault.cnf.xml")->data);
	assert_string_equal(find(n, "SEP1.cnf.xml")->alias_of, "XMLDefault.cnf.xml");
	assert_int_equal(td_names_aliases(n), 2);
	td_names_unref(n);
}

static void stamps_follow_content(void **state)
{
	struct td_names *n = td_names_begin();

	(void)state;
	add(n, "a", "one", NULL);
	add(n, "b", "one", NULL);
	add(n, "c", "two", NULL);
	assert_true(find(n, "a")->stamp == find(n, "b")->stamp);
	assert_true(find(n, "a")->stamp != find(n, "c")->stamp);
	td_names_unref(n);
}

/* ---- files ---- */

static char folder[] = "/tmp/prov_names.XXXXXX";

static void put(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int open_as(const char *path, size_t len)
{
	struct td_names *n = td_names_begin();
	int fd, root = td_names_root(n, open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC));

	assert_int_equal(root, 0);
	assert_int_equal(td_names_add(n, &(struct td_name){ .name = "f", .root = root,
							    .path = path, .len = len }), 0);
	fd = td_name_open(n, find(n, "f"));
	td_names_unref(n);
	return fd;
}

static void opens_below_its_folder_only(void **state)
{
	char text[8], path[128];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sub", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put("sub/x.loads", "loads");
	fd = open_as("sub/x.loads", 5);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_memory_equal(text, "loads", 5);
	close(fd);
	assert_int_equal(open_as("sub/x.loads", 6), -ESTALE);
	assert_int_equal(open_as("sub", 4096), -ENOENT);
	assert_int_equal(open_as("gone", 1), -ENOENT);
	assert_int_equal(open_as("../../etc/passwd", 1), -EXDEV);
	snprintf(path, sizeof(path), "%s/link", folder);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(open_as("link", 1), -ELOOP);
	unlink(path);
	snprintf(path, sizeof(path), "rm -r %s", folder);
	assert_int_equal(system(path), 0);
}

/* ---- between threads ---- */

static struct td_names_box box;
static atomic_bool over;

static void *reader(void *arg)
{
	const struct td_names *now = NULL, *fresh;
	uint64_t *last = arg;

	while (!atomic_load(&over) || atomic_load(&box.fresh)) {
		fresh = td_names_take(&box);
		if (!fresh)
			continue;
		td_names_unref(now);
		now = fresh;
		*last = find(now, "f")->stamp;
	}
	td_names_unref(now);
	return NULL;
}

static void newest_reaches_another_thread(void **state)
{
	long live = td_mem_live();
	uint64_t seen = 0, stamp = 0;
	pthread_t thread;
	char text[32];

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, reader, &seen), 0);
	for (int i = 0; i < 2000; i++) {
		struct td_names *n = td_names_begin();

		snprintf(text, sizeof(text), "%d", i);
		add(n, "f", text, NULL);
		stamp = find(n, "f")->stamp;
		td_names_finish(n);
		td_names_post(&box, n);
		td_names_unref(n);
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	assert_true(seen == stamp);
	assert_int_equal(td_mem_live(), live);
}

static void runs_without_memory(void **state)
{
	long live = td_mem_live();

	(void)state;
	for (unsigned long nth = 1; nth < 12; nth++) {
		struct td_names *n;

		td_mem_fail_nth(nth);
		n = td_names_begin();
		if (n) {
			char *data = td_strdup("x");

			td_names_add(n, &(struct td_name){ .name = "a", .data = data, .len = 1 });
			td_names_alias(n, "b", "a");
			td_names_unref(n);
		}
		td_mem_fail_nth(0);
		assert_int_equal(td_mem_live(), live);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_exact_name),
		cmocka_unit_test(refuses_names_that_are_ways),
		cmocka_unit_test(alias_shares_content_and_owner),
		cmocka_unit_test(stamps_follow_content),
		cmocka_unit_test(opens_below_its_folder_only),
		cmocka_unit_test(newest_reaches_another_thread),
		cmocka_unit_test(runs_without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
