/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has calls. Each change of a call's record (core/call_keep.c) queues its place; what is sent
 * is the record as it stands when there is room for it. So a slow follower costs no memory and no
 * time, and gets the newest of each call.
 *
 * A follower that went on with a call while we were away says so, and ours ends without a word.
 */
#include "userspace/cluster/cluster_priv.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "userspace/base/log.h"

static void send_changes(struct cluster_link *l)
{
	struct cluster_leader *ld = l->owner;
	uint8_t body[CLUSTER_BODY_MAX];

	if (ld->state != CLUSTER_LIVES)
		return;
	while (ld->queue.n && cluster_link_has_room(l)) {
		uint32_t place = cluster_queue_take(&ld->queue);
		struct td_buf b, record;

		td_buf_init(&b, body, sizeof(body));
		td_buf_put_be32(&b, place);
		if (td_core_kept(ld->c->core, place, &record)) {
			td_buf_put_bytes(&b, record.p, record.len);
			cluster_link_send(l, CLUSTER_CALL, body, b.pos);
		} else {
			cluster_link_send(l, CLUSTER_GONE, body, b.pos);
		}
		ld->n_sent++;
	}
	if (!ld->queue.n && !ld->whole && cluster_link_has_room(l))
		ld->whole = cluster_link_send(l, CLUSTER_WHOLE, "", 0);
	if (ld->whole)
		cluster_things_send(ld);
}

void cluster_leader_send(struct cluster_leader *ld)
{
	send_changes(&ld->link);
}

void cluster_leader_changed(struct cluster_leader *ld, uint32_t place)
{
	if (ld->state != CLUSTER_LIVES)
		return;
	cluster_queue_add(&ld->queue, place);
	send_changes(&ld->link);
}

static void on_open(struct cluster_link *l)
{
	struct cluster_leader *ld = l->owner;

	ld->state = CLUSTER_GREETS;
	if (getrandom(ld->nonce, sizeof(ld->nonce), 0) == (ssize_t)sizeof(ld->nonce))
		cluster_link_send(l, CLUSTER_HELLO, ld->nonce, sizeof(ld->nonce));
}

static bool on_answer(struct cluster_leader *ld, const struct cluster_frame *f, const char **why)
{
	const uint8_t *wants = f->body + CLUSTER_NONCE;

	if (f->type != CLUSTER_ANSWER || f->len != 2 * CLUSTER_NONCE)
		return false;
	if (memcmp(f->body, ld->nonce, CLUSTER_NONCE)) {
		*why = "a stream of another time";
		return false;
	}
	cluster_key_of_stream(ld->link.key_out, ld->c->key, "calls", ld->nonce, wants);
	cluster_key_of_stream(ld->link.key_in, ld->c->key, "copies", ld->nonce, wants);
	ld->state = CLUSTER_LIVES;
	cluster_link_send(&ld->link, CLUSTER_WELCOME, "", 0);
	cluster_link_beat(&ld->link);
	td_log_info(TD_LOG_CLUSTER, "the other router keeps copies of our calls");
	cluster_queue_all(&ld->queue, ld->c->core);
	ld->whole = ld->things_whole = false;
	ld->c->mine.all(ld->c->mine.arg);
	send_changes(&ld->link);
	return ld->link.fd >= 0;
}

/* Whether we have it still or not: the follower hears what is at that place now. */
static bool on_taken(struct cluster_leader *ld, const struct cluster_frame *f)
{
	struct td_call_name name;
	struct td_buf b;
	uint32_t place;

	td_buf_init(&b, (void *)(uintptr_t)f->body, f->len);
	place = td_buf_get_be32(&b);
	name.id = td_buf_get_be32(&b);
	name.created_ms = td_buf_get_be64(&b);
	if (td_buf_err(&b) || !place || place > TD_KEPT_PLACES)
		return false;
	ld->n_given_up += !td_core_give_up(ld->c->core, &name);
	cluster_queue_add(&ld->queue, place);
	send_changes(&ld->link);
	return true;
}

static bool on_frame(struct cluster_link *l, const struct cluster_frame *f, const char **why)
{
	struct cluster_leader *ld = l->owner;

	if (ld->state == CLUSTER_GREETS)
		return on_answer(ld, f, why);
	return f->type == CLUSTER_TAKEN && on_taken(ld, f);
}

static void on_closed(struct cluster_link *l)
{
	struct cluster_leader *ld = l->owner;

	ld->state = CLUSTER_ALONE;
	ld->whole = ld->things_whole = false;
}

static const struct cluster_link_ops ops = {
	.open = on_open, .frame = on_frame, .room = send_changes, .closed = on_closed,
};

void cluster_leader_init(struct td_cluster *c)
{
	struct cluster_leader *ld = &c->leader;

	ld->c = c;
	ld->link.ops = &ops;
	ld->link.owner = ld;
	ld->link.loop = c->loop;
	ld->link.fd = -1;
}

void cluster_leader_close(struct td_cluster *c)
{
	cluster_link_close(&c->leader.link);
	on_closed(&c->leader.link);
}

void cluster_leader_accept(struct td_cluster *c, int fd)
{
	struct cluster_leader *ld = &c->leader;

	cluster_leader_close(c);
	memcpy(ld->link.key_out, c->key, CLUSTER_KEY);
	memcpy(ld->link.key_in, c->key, CLUSTER_KEY);
	if (cluster_link_open(&ld->link, fd, false))
		close(fd);
}
