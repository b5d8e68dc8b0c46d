/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: copies of another router's records, in memory, each under the number
 * that the other router has for it. What is in a record is the affair of who made it.
 */
#ifndef TD_CLUSTER_COPIES_H
#define TD_CLUSTER_COPIES_H

#include "userspace/base/map.h"
#include "userspace/cluster/cluster.h"

enum copy_taken { NOT_TAKEN, TAKEN_HERE, TAKEN_ELSEWHERE };

struct cluster_copy {
	struct td_map_node node;
	uint64_t id;
	uint64_t told_ms;		/* by the clock of who keeps it */
	bool fresh;			/* told of, or read, on this connection */
	enum copy_taken taken;		/* since: what became of it there is not told here */
	size_t len;			/* 0: it is gone, which is kept until all has been read */
	uint8_t record[];
};

struct cluster_copy *cluster_copy_find(const struct td_map *copies, uint64_t id);
/** In place of the one that was there. NULL: out of memory, or more than any router has. */
struct cluster_copy *cluster_copy_keep(struct td_map *copies, uint64_t id, uint64_t told_ms,
				       const uint8_t *record, size_t len);
/** NULL is fine. */
void cluster_copy_drop(struct td_map *copies, struct cluster_copy *copy);
/** A connection begins: what is not told on it is not there. */
void cluster_copies_age(struct td_map *copies);
/** Drop what is gone and, if stale, what is not fresh. */
void cluster_copies_sweep(struct td_map *copies, bool stale);
/** Go on with registrations. Each is taken once, or a phone that has left since would come back.
 * Returns how many. */
size_t cluster_copies_take(struct td_map *copies, const struct td_cluster_things *mine,
			   uint64_t now_ms);
/** What was taken is not ours any more: it may be taken again. */
void cluster_copies_give_back(struct td_map *copies);
void cluster_copies_fini(struct td_map *copies);

#endif
