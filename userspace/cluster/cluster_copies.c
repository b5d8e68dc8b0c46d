/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cluster_copies.h. */
#include "userspace/cluster/cluster_copies.h"

#include <string.h>

#include "userspace/base/mem.h"

#define COPIES_MAX 65536		/* of a router that has gone mad */

static struct cluster_copy *copy_of(struct td_map_node *n)
{
	return td_container_of(n, struct cluster_copy, node);
}

struct cluster_copy *cluster_copy_find(const struct td_map *copies, uint64_t id)
{
	struct td_map_node *n = td_map_find(copies, &id, sizeof(id));

	return n ? copy_of(n) : NULL;
}

void cluster_copy_drop(struct td_map *copies, struct cluster_copy *copy)
{
	if (!copy)
		return;
	td_map_remove(copies, &copy->node);
	td_free(copy);
}

struct cluster_copy *cluster_copy_keep(struct td_map *copies, uint64_t id, uint64_t told_ms,
				       const uint8_t *record, size_t len)
{
	struct cluster_copy *copy;

	cluster_copy_drop(copies, cluster_copy_find(copies, id));
	copy = copies->count < COPIES_MAX ? td_zalloc(sizeof(*copy) + len) : NULL;
	if (!copy)
		return NULL;
	copy->id = id;
	copy->told_ms = told_ms;
	copy->fresh = true;
	copy->len = len;
	if (len)
		memcpy(copy->record, record, len);
	if (!td_map_insert(copies, &copy->node, &copy->id, sizeof(copy->id)))
		return copy;
	td_free(copy);
	return NULL;
}

void cluster_copies_age(struct td_map *copies)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, copies)
		copy_of(n)->fresh = false;
}

void cluster_copies_sweep(struct td_map *copies, bool stale)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, copies)
		if (!copy_of(n)->len || (stale && !copy_of(n)->fresh))
			cluster_copy_drop(copies, copy_of(n));
}

size_t cluster_copies_take(struct td_map *copies, const struct td_cluster_things *mine,
			   uint64_t now_ms)
{
	struct td_map_node *n, *next;
	size_t taken = 0;

	td_map_for_each_safe(n, next, copies) {
		struct cluster_copy *copy = copy_of(n);
		uint64_t age_s = now_ms > copy->told_ms ? (now_ms - copy->told_ms) / 1000 : 0;
		struct td_buf b;

		if (!copy->len || copy->taken)
			continue;
		td_buf_init(&b, copy->record, copy->len);
		if (mine->adopt(mine->arg, &b, age_s < UINT32_MAX ? (uint32_t)age_s : UINT32_MAX))
			continue;
		copy->taken = TAKEN_HERE;
		taken++;
	}
	return taken;
}

void cluster_copies_give_back(struct td_map *copies)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, copies)
		copy_of(n)->taken = NOT_TAKEN;
}

void cluster_copies_fini(struct td_map *copies)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, copies)
		cluster_copy_drop(copies, copy_of(n));
	td_map_fini(copies);
}
