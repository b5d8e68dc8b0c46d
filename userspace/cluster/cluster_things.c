/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of what is no call: registrations. They are in memory alone: a process that begins is told
 * all again, and phones register again by themselves if both are gone.
 *
 * A copy is known by the leader's number for it. What is inside is the affair of who made it.
 */
#include <errno.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/cluster/cluster_priv.h"

#define RECORD_MAX 2048
#define THINGS_MAX 65536		/* of a leader that has gone mad */

struct thing {
	struct td_map_node node;
	uint64_t id;
	bool fresh;			/* told of on this connection */
	bool taken;			/* ours since: what became of it there is not told here */
	uint64_t heard_ms;
	size_t len;
	uint8_t record[];
};

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

static struct thing *find(const struct cluster_follower *fw, uint64_t id)
{
	struct td_map_node *n = td_map_find(&fw->things, &id, sizeof(id));

	return n ? td_container_of(n, struct thing, node) : NULL;
}

static void drop(struct cluster_follower *fw, struct thing *t)
{
	if (!t)
		return;
	td_map_remove(&fw->things, &t->node);
	td_free(t);
}

static void keep(struct cluster_follower *fw, uint64_t id, const uint8_t *record, size_t len)
{
	struct thing *t;

	drop(fw, find(fw, id));
	if (fw->things.count >= THINGS_MAX)
		return;
	t = td_zalloc(sizeof(*t) + len);
	if (!t)
		return;			/* that phone will have to register again */
	t->id = id;
	t->fresh = true;
	t->heard_ms = td_loop_now_ms(fw->c->loop);
	t->len = len;
	memcpy(t->record, record, len);
	if (td_map_insert(&fw->things, &t->node, &t->id, sizeof(t->id)))
		td_free(t);
}

void cluster_things_begin(struct cluster_follower *fw)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &fw->things)
		td_container_of(n, struct thing, node)->fresh = false;
}

static void drop_stale(struct cluster_follower *fw)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &fw->things)
		if (!td_container_of(n, struct thing, node)->fresh)
			drop(fw, td_container_of(n, struct thing, node));
}

bool cluster_things_heard(struct cluster_follower *fw, const struct cluster_frame *f)
{
	struct td_buf b;
	uint64_t id;

	if (f->type == CLUSTER_THINGS_ANEW || f->type == CLUSTER_THINGS_WHOLE) {
		if (f->type == CLUSTER_THINGS_ANEW)
			cluster_things_begin(fw);
		else
			drop_stale(fw);
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
		keep(fw, id, f->body + 8, f->len - 8);
	else
		drop(fw, find(fw, id));
	return true;
}

/* Copies stay: the leader says when they are not true any more. But each is taken once, or a phone that
 * has left since would come back. */
size_t cluster_things_take_over(struct td_cluster *c)
{
	uint64_t now = td_loop_now_ms(c->loop);
	struct td_map_node *n, *next;
	size_t taken = 0;

	td_map_for_each_safe(n, next, &c->follower.things) {
		struct thing *t = td_container_of(n, struct thing, node);
		struct td_buf b;

		if (t->taken)
			continue;
		td_buf_init(&b, t->record, t->len);
		t->taken = !c->mine.adopt(c->mine.arg, &b, (uint32_t)((now - t->heard_ms) / 1000));
		taken += t->taken;
	}
	return taken;
}

void cluster_things_given_back(struct cluster_follower *fw)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &fw->things)
		td_container_of(n, struct thing, node)->taken = false;
}

void cluster_things_fini(struct cluster_follower *fw)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &fw->things)
		drop(fw, td_container_of(n, struct thing, node));
	td_map_fini(&fw->things);
}
