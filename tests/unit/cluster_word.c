/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes by way of Redis: nobody there can read it, change it, or put it elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/cluster/cluster_word.h"

static uint8_t key[CLUSTER_KEY], wire[CLUSTER_WORD_MAX], text[CLUSTER_RECORD_MAX];

static int prepare(void **state)
{
	uint8_t secret[CLUSTER_KEY];

	(void)state;
	cluster_key_of_secret(secret, "sixteen letters!");
	cluster_key_of_words(key, secret);
	return 0;
}

static size_t write_one(const char *record)
{
	struct cluster_word w = { .kind = WORD_CALL, .id = 7, .told_s = 1000, .router = "branch",
				  .record = (const uint8_t *)record, .len = strlen(record) };

	return cluster_word_write(wire, sizeof(wire), key, &w);
}

static void there_and_back(void **state)
{
	struct cluster_word w;

	(void)state;
	for (size_t len = 0; len < 3; len++) {
		size_t n = write_one(&"it"[2 - len]);

		assert_true(n > 0);
		assert_int_equal(cluster_word_read(&w, key, text, wire, n), 0);
		assert_int_equal(w.kind, WORD_CALL);
		assert_int_equal(w.id, 7);
		assert_int_equal(w.told_s, 1000);
		assert_string_equal(w.router, "branch");
		assert_int_equal(w.len, len);
		assert_memory_equal(w.record, &"it"[2 - len], len);
	}
}

static void the_longest(void **state)
{
	static uint8_t record[CLUSTER_RECORD_MAX + 1];
	struct cluster_word w = { .kind = WORD_THING, .record = record, .len = CLUSTER_RECORD_MAX };
	size_t n;

	(void)state;
	memset(w.router, 'r', sizeof(w.router) - 1);
	n = cluster_word_write(wire, sizeof(wire), key, &w);
	assert_in_range(n, CLUSTER_RECORD_MAX, sizeof(wire));
	assert_int_equal(cluster_word_write(wire, n - 1, key, &w), 0);
	assert_int_equal(cluster_word_write(wire, n, key, &w), n);
	w.len++;
	assert_int_equal(cluster_word_write(wire, sizeof(wire), key, &w), 0);
	w.len = 1;
	w.router[0] = '\0';
	assert_int_equal(cluster_word_write(wire, sizeof(wire), key, &w), 0);
}

static void not_to_be_read_by_others(void **state)
{
	uint8_t first[CLUSTER_WORD_MAX], other[CLUSTER_KEY] = { 0 };
	struct cluster_word w;
	size_t n = write_one("a record");

	(void)state;
	assert_null(memmem(wire, n, "record", 6));
	assert_int_equal(cluster_word_read(&w, other, text, wire, n), -EKEYREJECTED);
	memcpy(first, wire, n);
	write_one("a record");
	assert_memory_not_equal(first + n - 24, wire + n - 24, 8);
}

/* Its kind, its place and whose it is, too. */
static void any_changed_byte(void **state)
{
	struct cluster_word w;
	size_t n = write_one("a record");

	(void)state;
	for (size_t i = 0; i < n; i++) {
		wire[i] ^= 1;
		assert_int_not_equal(cluster_word_read(&w, key, text, wire, n), 0);
		wire[i] ^= 1;
		assert_int_not_equal(cluster_word_read(&w, key, text, wire, i), 0);
	}
	assert_int_equal(cluster_word_read(&w, key, text, wire, n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(the_longest),
		cmocka_unit_test(not_to_be_read_by_others), cmocka_unit_test(any_changed_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, prepare, NULL);
}
