/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash table: SipHash's own vectors, chains, growth, removal during a walk, and life
 * without memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"

struct thing {
	struct td_map_node node;
	uint32_t key;
	unsigned int seen;
};

static struct thing *thing_of(struct td_map_node *n)
{
	return n ? td_container_of(n, struct thing, node) : NULL;
}

static int insert(struct td_map *m, struct thing *t)
{
	return td_map_insert(m, &t->node, &t->key, sizeof(t->key));
}

static struct thing *find(const struct td_map *m, uint32_t key)
{
	return thing_of(td_map_find(m, &key, sizeof(key)));
}

static struct thing *new_things(size_t n)
{
	struct thing *t = td_calloc(n, sizeof(*t));
	size_t i;

	assert_non_null(t);
	for (i = 0; i < n; i++)
		t[i].key = (uint32_t)i;
	return t;
}

/* ---- hashing ---- */

static void child_tells_its_hash(int fd)
{
	struct td_map m;
	struct td_map_node n;

	td_map_init(&m);
	if (td_map_insert_str(&m, &n, "alice") ||
	    write(fd, &n.hash, sizeof(n.hash)) != sizeof(n.hash))
		_exit(1);
	_exit(0);
}

/* The first test: later the parent has a seed, which children inherit. */
static void each_process_hashes_its_own_way(void **state)
{
	uint32_t hash[2];
	int fds[2], status, i;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (i = 0; i < 2; i++) {
		pid = fork();
		if (!pid)
			child_tells_its_hash(fds[1]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(read(fds[0], &hash[i], sizeof(hash[i])), sizeof(hash[i]));
	}
	assert_int_not_equal(hash[0], hash[1]);
	close(fds[0]);
	close(fds[1]);
}

/* From the authors' vectors_sip64: key 00 01 .. 0f, message 00 01 .. of that length. */
static void siphash_vectors(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} rows[] = {
		{ 0, 0x726fdb47dd0e0e31 },
		{ 1, 0x74f839c593dc67fd },
		{ 7, 0xab0200f58b01d137 },
		{ 8, 0x93f5f5799a932462 },
		{ 15, 0xa129ca6149be45e5 },
		{ 63, 0x958a324ceb064572 },
	};
	uint8_t key[16], data[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	memcpy(key, data, sizeof(key));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(td_siphash(key, data, rows[i].len) == rows[i].hash);
}

/* ---- the table ---- */

static void insert_find_remove(void **state)
{
	struct td_map_node a, b, other;
	struct td_map m;

	(void)state;
	td_map_init(&m);
	assert_null(td_map_find_str(&m, "alice"));
	assert_null(td_map_next(&m, NULL));
	td_map_remove(&m, &other);		/* an empty map ignores it */
	assert_int_equal(td_map_insert_str(&m, &a, "alice"), 0);
	assert_int_equal(td_map_insert_str(&m, &b, "bob"), 0);
	assert_int_equal(td_map_insert_str(&m, &other, "alice"), -EEXIST);
	assert_int_equal(m.count, 2);
	assert_ptr_equal(td_map_find_str(&m, "alice"), &a);
	assert_ptr_equal(td_map_find_str(&m, "bob"), &b);
	assert_null(td_map_find_str(&m, "alic"));
	assert_null(td_map_find_str(&m, "alice2"));
	assert_null(td_map_find_str(&m, ""));
	td_map_remove(&m, &a);
	td_map_remove(&m, &a);			/* twice is harmless */
	assert_int_equal(m.count, 1);
	assert_null(td_map_find_str(&m, "alice"));
	assert_int_equal(td_map_insert_str(&m, &other, "alice"), 0);
	assert_ptr_equal(td_map_find_str(&m, "alice"), &other);
	td_map_fini(&m);
}

/* Keys are bytes: a zero inside, no byte at all, prefixes of each other. */
static void keys_are_bytes(void **state)
{
	static const char key[4] = { 'a', 0, 'b', 'c' };
	struct td_map_node n[5];
	struct td_map m;
	size_t len;

	(void)state;
	td_map_init(&m);
	for (len = 0; len <= 4; len++)
		assert_int_equal(td_map_insert(&m, &n[len], key, len), 0);
	for (len = 0; len <= 4; len++)
		assert_ptr_equal(td_map_find(&m, key, len), &n[len]);
	assert_ptr_equal(td_map_find(&m, NULL, 0), &n[0]);
	assert_null(td_map_find(&m, "a\0x", 3));
	td_map_fini(&m);
}

/* Ten things in one bucket, in whatever way this process hashes. */
static size_t fill_one_bucket(struct td_map *m, struct thing *things, size_t n, size_t want)
{
	size_t i, kept = 0;

	for (i = 0; i < n && kept < want; i++) {
		assert_int_equal(insert(m, &things[kept]), 0);
		if (things[kept].node.hash % 16 == 3) {
			kept++;
		} else {
			td_map_remove(m, &things[kept].node);
			things[kept].key += (uint32_t)n;	/* another key, same thing */
		}
	}
	return kept;
}

static void one_chain(void **state)
{
	static const int order[] = { 9, 0, 5, 4, 1, 8, 2, 7, 3, 6 };	/* ends and middle */
	struct thing *things = new_things(5000);
	struct td_map m;
	size_t i, j;

	(void)state;
	td_map_init(&m);
	assert_int_equal(fill_one_bucket(&m, things, 5000, 10), 10);
	assert_int_equal(m.n_buckets, 16);
	for (i = 0; i < 10; i++) {
		td_map_remove(&m, &things[order[i]].node);
		assert_null(find(&m, things[order[i]].key));
		for (j = i + 1; j < 10; j++)
			assert_ptr_equal(find(&m, things[order[j]].key), &things[order[j]]);
	}
	assert_int_equal(m.count, 0);
	td_map_fini(&m);
	td_free(things);
}

/* So many that a dozen pairs share all 32 bits of their hash: the keys decide. */
static void growth(void **state)
{
	const size_t n = 400000;
	struct thing *things = new_things(n);
	struct td_map m;
	size_t i;

	(void)state;
	td_map_init(&m);
	for (i = 0; i < n; i++)
		assert_int_equal(insert(&m, &things[i]), 0);
	assert_int_equal(m.count, n);
	assert_int_equal(m.n_buckets, 524288);	/* at most one per bucket, on average */
	for (i = 0; i < n; i++)
		assert_ptr_equal(find(&m, (uint32_t)i), &things[i]);
	assert_null(find(&m, (uint32_t)n));
	td_map_fini(&m);
	td_free(things);
}

static void walk_sees_each_once(void **state)
{
	struct thing *things = new_things(1000);
	struct td_map_node *pos;
	struct td_map m;
	size_t i;

	(void)state;
	td_map_init(&m);
	for (i = 0; i < 1000; i++)
		assert_int_equal(insert(&m, &things[i]), 0);
	for (pos = td_map_next(&m, NULL); pos; pos = td_map_next(&m, pos))
		thing_of(pos)->seen++;
	for (i = 0; i < 1000; i++)
		assert_int_equal(things[i].seen, 1);
	td_map_fini(&m);
	td_free(things);
}

/* Every third is removed and freed; the sanitizer watches the walk. */
static void removal_during_a_walk(void **state)
{
	struct td_map_node *pos, *next;
	long before = td_mem_live();
	struct td_map m;
	uint32_t i;

	(void)state;
	td_map_init(&m);
	for (i = 0; i < 999; i++) {
		struct thing *t = td_zalloc(sizeof(*t));

		t->key = i;
		assert_int_equal(insert(&m, t), 0);
	}
	td_map_for_each_safe(pos, next, &m) {
		if (thing_of(pos)->key % 3)
			continue;
		td_map_remove(&m, pos);
		td_free(thing_of(pos));
	}
	assert_int_equal(m.count, 666);
	for (i = 0; i < 999; i++)
		assert_int_equal(find(&m, i) != NULL, i % 3 != 0);
	td_map_for_each_safe(pos, next, &m) {
		td_map_remove(&m, pos);
		td_free(thing_of(pos));
	}
	assert_int_equal(m.count, 0);
	assert_null(td_map_next(&m, NULL));
	td_map_fini(&m);
	assert_int_equal(td_mem_live(), before);
}

static void without_memory(void **state)
{
	struct thing *things = new_things(100);
	struct td_map m;
	uint32_t i;

	(void)state;
	td_map_init(&m);
	td_mem_fail_nth(1);
	assert_int_equal(insert(&m, &things[0]), -ENOMEM);
	assert_null(find(&m, 0));
	/* Later it only gets slower, until there is memory again. */
	for (i = 0; i < 100; i++) {
		td_mem_fail_nth(i ? 1 : 0);
		assert_int_equal(insert(&m, &things[i]), 0);
	}
	td_mem_fail_nth(0);
	assert_int_equal(m.count, 100);
	assert_true(m.n_buckets < 100);
	for (i = 0; i < 100; i++)
		assert_ptr_equal(find(&m, i), &things[i]);
	td_map_fini(&m);
	td_free(things);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_hashes_its_own_way),
		cmocka_unit_test(siphash_vectors),
		cmocka_unit_test(insert_find_remove),
		cmocka_unit_test(keys_are_bytes),
		cmocka_unit_test(one_chain),
		cmocka_unit_test(growth),
		cmocka_unit_test(walk_sees_each_once),
		cmocka_unit_test(removal_during_a_walk),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
