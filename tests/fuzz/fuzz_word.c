/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Redis may hold or say: bytes as they come, and, made a word with the right key first, a record
 * and a name.
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/cluster/cluster_word.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CLUSTER_KEY] = "fuzz";
	static uint8_t wire[CLUSTER_WORD_MAX], text[CLUSTER_RECORD_MAX];
	struct cluster_word w, made = { .kind = WORD_CALL, .id = size, .record = data, .len = size };
	uint8_t *copy = malloc(size + 1);
	size_t n;

	memcpy(copy, data, size);
	cluster_word_read(&w, key, text, copy, size);
	free(copy);
	strncpy(made.router, (const char *)data, size < sizeof(made.router) - 1 ? size :
							sizeof(made.router) - 1);
	n = cluster_word_write(wire, sizeof(wire), key, &made);
	if (!n != (size > CLUSTER_RECORD_MAX || !made.router[0]))
		abort();
	if (n && (cluster_word_read(&w, key, text, wire, n) || w.len != size || w.id != size ||
		  strcmp(w.router, made.router) || memcmp(w.record, data, size)))
		abort();
	return 0;
}
