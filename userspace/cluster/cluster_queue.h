/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: places of calls whose record has changed and has yet to be told, each
 * once, in the order in which they changed. Who listens slowly costs no memory and no time.
 */
#ifndef TD_CLUSTER_QUEUE_H
#define TD_CLUSTER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/core/core.h"

/* Zeroed = empty. */
struct cluster_queue {
	uint32_t place[TD_KEPT_PLACES];
	uint32_t first, n;
	bool queued[TD_KEPT_PLACES + 1];
};

void cluster_queue_add(struct cluster_queue *q, uint32_t place);
/** The next place, 0 = none. */
uint32_t cluster_queue_take(struct cluster_queue *q);
/** Nothing but the places of all calls that are kept now. */
void cluster_queue_all(struct cluster_queue *q, const struct td_core *core);

#endif
