/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of what is no call: registrations. They are in memory alone: a process that begins is told
 * all again, and phones register again by themselves if both are gone. They stay after a take-over:
 * the leader says when they are not true any more.
 */
#include "userspace/cluster/cluster_priv.h"

#define RECORD_MAX 2048

/* ---- the leader's ---- */

void cluster_things_send(struct cluster_leader *ld)
{
	const struct td_cluster_things *mine = &ld->c->mine;
	uint8_t body[8 + RECORD_MAX], text[RECORD_MAX];
	struct td_buf b, record;
	uint64_t id;

	if (mine->lost_count(mine->arg) && cluster_link_send(&ld->link, CLUSTER_THINGS_ANEW, "", 0)) {
		mine->all(mine->arg);
		ld->things_whole = false;
	}
	while (cluster_link_has_room(&ld->link)) {
		td_buf_init(&record, text, sizeof(text));
		if (!mine->next(mine->arg, &id, &record)) {
			if (!ld->things_whole)
				ld->things_whole = cluster_link_send(&ld->link, CLUSTER_THINGS_WHOLE,
								     "", 0);
			return;
		}
		if (td_buf_err(&record))
			continue;
		td_buf_init(&b, body, sizeof(body));
		td_buf_put_be64(&b, id);
		td_buf_put_bytes(&b, text, record.pos);
		cluster_link_send(&ld->link, record.pos ? CLUSTER_THING : CLUSTER_NO_THING, body,
				  b.pos);
		ld->n_sent++;
	}
}

/* ---- the follower's ---- */

bool cluster_things_heard(struct cluster_follower *fw, const struct cluster_frame *f)
{
	struct td_buf b;
	uint64_t id;

	if (f->type == CLUSTER_THINGS_ANEW || f->type == CLUSTER_THINGS_WHOLE) {
		if (f->type == CLUSTER_THINGS_ANEW)
			cluster_copies_age(&fw->things);
		else
			cluster_copies_sweep(&fw->things, true);
		return true;
	}
	if (f->type != CLUSTER_THING && f->type != CLUSTER_NO_THING)
		return false;
	td_buf_init(&b, (void *)(uintptr_t)f->body, f->len);
	id = td_buf_get_be64(&b);
	if (td_buf_err(&b) || td_buf_left(&b) > RECORD_MAX)
		return false;
	fw->n_received++;
	if (f->type == CLUSTER_THING)
		cluster_copy_keep(&fw->things, id, td_loop_now_ms(fw->c->loop), f->body + 8,
				  f->len - 8);
	else
		cluster_copy_drop(&fw->things, cluster_copy_find(&fw->things, id));
	return true;
}
