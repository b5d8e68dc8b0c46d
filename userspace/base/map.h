/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash table from text or bytes to objects, intrusive: the node sits in the object.
 * Grows by doubling; look-up never allocates. Keys are hashed with a random seed
 * (SipHash), so a stranger cannot choose colliding ones.
 */
#ifndef TD_BASE_MAP_H
#define TD_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct td_map_node {
	struct td_map_node *next;
	const void *key;		/* owned by the object; stays valid while in the map */
	uint32_t key_len;
	uint32_t hash;
};

struct td_map {
	struct td_map_node **buckets;
	size_t n_buckets;		/* power of two, 0 before the first insert */
	size_t count;
};

void td_map_init(struct td_map *m);
void td_map_fini(struct td_map *m);	/* frees the buckets, not the objects */
/** -ENOMEM, -EEXIST (same key there), or 0. */
int td_map_insert(struct td_map *m, struct td_map_node *n, const void *key, size_t len);
int td_map_insert_str(struct td_map *m, struct td_map_node *n, const char *key);
struct td_map_node *td_map_find(const struct td_map *m, const void *key, size_t len);
struct td_map_node *td_map_find_str(const struct td_map *m, const char *key);
void td_map_remove(struct td_map *m, struct td_map_node *n);
/** Walk: start with NULL; the present node may be removed by the caller before the next step
 * only when it keeps the returned successor: use td_map_for_each_safe. */
struct td_map_node *td_map_next(const struct td_map *m, const struct td_map_node *n);

#define td_map_for_each_safe(pos, nxt, map) \
	for (pos = td_map_next((map), NULL); \
	     pos && ((nxt = td_map_next((map), pos)), 1); pos = nxt)

uint64_t td_siphash(const uint8_t key[16], const void *data, size_t len);

#endif
