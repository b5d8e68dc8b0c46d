/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames between two routers: whoever changes, repeats or leaves out one is found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/cluster/cluster_frame.h"

static uint8_t key[CLUSTER_KEY], wire[2 * CLUSTER_FRAME_MAX];

static size_t write_one(uint64_t number, const char *text)
{
	struct cluster_frame f = { CLUSTER_CALL, number, (const uint8_t *)text, strlen(text) };

	return cluster_frame_write(wire, sizeof(wire), key, &f);
}

static int prepare(void **state)
{
	(void)state;
	cluster_key_of_secret(key, "sixteen letters!");
	return 0;
}

static void there_and_back(void **state)
{
	size_t n = write_one(7, "a record");
	struct cluster_frame f;

	(void)state;
	assert_int_equal(n, CLUSTER_HEAD + 8 + CLUSTER_KEY);
	assert_int_equal(cluster_frame_read(&f, key, 7, wire, n), n);
	assert_int_equal(f.type, CLUSTER_CALL);
	assert_int_equal(f.number, 7);
	assert_int_equal(f.len, 8);
	assert_memory_equal(f.body, "a record", 8);
	n = write_one(7, "a record");
	for (size_t part = 0; part < n; part++)
		assert_int_equal(cluster_frame_read(&f, key, 7, wire, part), 0);
}

static void not_to_be_read_by_others(void **state)
{
	size_t n = write_one(7, "a record");
	uint8_t first[8];

	(void)state;
	assert_null(memmem(wire, n, "record", 6));
	memcpy(first, wire + CLUSTER_HEAD, sizeof(first));
	write_one(8, "a record");
	assert_memory_not_equal(first, wire + CLUSTER_HEAD, sizeof(first));
}

static void any_changed_byte(void **state)
{
	size_t n = write_one(7, "a record");
	struct cluster_frame f;

	(void)state;
	for (size_t i = 4; i < n; i++) {
		wire[i] ^= 1;
		assert_int_equal(cluster_frame_read(&f, key, 7, wire, n), -EKEYREJECTED);
		wire[i] ^= 1;
	}
}

static void a_repeated_one(void **state)
{
	size_t n = write_one(7, "a record");
	struct cluster_frame f;

	(void)state;
	assert_int_equal(cluster_frame_read(&f, key, 8, wire, n), -EILSEQ);
	assert_int_equal(cluster_frame_read(&f, key, 6, wire, n), -EILSEQ);
}

static void lengths(void **state)
{
	static const uint8_t nothing[CLUSTER_BODY_MAX + 1];
	struct cluster_frame f = { CLUSTER_CALL, 0, nothing, sizeof(nothing) };
	size_t n;

	(void)state;
	assert_int_equal(cluster_frame_write(wire, sizeof(wire), key, &f), 0);
	f.len--;
	n = cluster_frame_write(wire, sizeof(wire), key, &f);
	assert_int_equal(n, CLUSTER_FRAME_MAX);
	assert_int_equal(cluster_frame_write(wire, n - 1, key, &f), 0);
	assert_int_equal(cluster_frame_read(&f, key, 0, wire, n), n);
	cluster_frame_write(wire, sizeof(wire), key, &(struct cluster_frame){ CLUSTER_CALL, 0, nothing,
									      CLUSTER_BODY_MAX });
	wire[3]++;		/* one more than the longest */
	assert_int_equal(cluster_frame_read(&f, key, 0, wire, sizeof(wire)), -EBADMSG);
	memset(wire, 0, 4);
	assert_int_equal(cluster_frame_read(&f, key, 0, wire, sizeof(wire)), -EBADMSG);
	memset(wire, 0xff, 4);
	assert_int_equal(cluster_frame_read(&f, key, 0, wire, sizeof(wire)), -EBADMSG);
}

static void no_type(void **state)
{
	struct cluster_frame f = { CLUSTER_TYPES, 0, wire, 0 };
	size_t n = cluster_frame_write(wire, sizeof(wire), key, &f);

	(void)state;
	assert_int_equal(cluster_frame_read(&f, key, 0, wire, n), -EBADMSG);
}

/* Another secret, another time, the other direction: another key. */
static void keys_differ(void **state)
{
	uint8_t nonce[2][CLUSTER_NONCE] = { { 1 }, { 2 } }, k[5][CLUSTER_KEY];

	(void)state;
	cluster_key_of_secret(k[0], "sixteen letters?");
	cluster_key_of_stream(k[1], key, "calls", nonce[0], nonce[1]);
	cluster_key_of_stream(k[2], key, "copies", nonce[0], nonce[1]);
	cluster_key_of_stream(k[3], key, "calls", nonce[1], nonce[0]);
	cluster_key_of_stream(k[4], k[0], "calls", nonce[0], nonce[1]);
	for (int i = 0; i < 5; i++) {
		assert_memory_not_equal(k[i], key, CLUSTER_KEY);
		for (int j = 0; j < i; j++)
			assert_memory_not_equal(k[i], k[j], CLUSTER_KEY);
	}
	cluster_key_of_stream(k[0], key, "calls", nonce[0], nonce[1]);
	assert_memory_equal(k[0], k[1], CLUSTER_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(not_to_be_read_by_others), cmocka_unit_test(any_changed_byte),
		cmocka_unit_test(a_repeated_one), cmocka_unit_test(lengths),
		cmocka_unit_test(no_type), cmocka_unit_test(keys_differ),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, prepare, NULL);
}
