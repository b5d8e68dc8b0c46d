/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of places. As many as there are, and each is in it once: it is never full.
 */
#include "userspace/cluster/cluster_queue.h"

#include <string.h>

void cluster_queue_add(struct cluster_queue *q, uint32_t place)
{
	if (q->queued[place])
		return;
	q->queued[place] = true;
	q->place[(q->first + q->n++) % TD_KEPT_PLACES] = place;
}

uint32_t cluster_queue_take(struct cluster_queue *q)
{
	uint32_t place;

	if (!q->n)
		return 0;
	place = q->place[q->first];
	q->first = (q->first + 1) % TD_KEPT_PLACES;
	q->n--;
	q->queued[place] = false;
	return place;
}

void cluster_queue_all(struct cluster_queue *q, const struct td_core *core)
{
	struct td_buf b;

	memset(q->queued, 0, sizeof(q->queued));
	q->first = q->n = 0;
	for (uint32_t place = 1; place <= TD_KEPT_PLACES; place++)
		if (td_core_kept(core, place, &b))
			cluster_queue_add(q, place);
}
