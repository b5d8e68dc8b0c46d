/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the other router, with a wrong proof (as it comes) and with a right one: the bytes are
 * a body then, and made a frame first.
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/cluster/cluster_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CLUSTER_KEY] = "fuzz";
	static uint8_t wire[CLUSTER_FRAME_MAX];
	struct cluster_frame f, g = { .type = CLUSTER_CALL, .number = 3, .body = data, .len = size };
	uint8_t *copy = malloc(size + 1);
	size_t m;
	int n;

	memcpy(copy, data, size);
	n = cluster_frame_read(&f, key, 0, copy, size);
	if (n > 0 && ((size_t)n > size || f.body < copy || f.body + f.len > copy + size))
		abort();
	free(copy);
	m = cluster_frame_write(wire, sizeof(wire), key, &g);
	if (!m != (size > CLUSTER_BODY_MAX))
		abort();
	if (m && (cluster_frame_read(&f, key, 3, wire, m) != (int)m || f.len != size ||
		  memcmp(f.body, data, size)))
		abort();
	return 0;
}
