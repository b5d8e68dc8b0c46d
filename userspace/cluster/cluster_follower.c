/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has copies. They lie in a file of the run directory, so that they outlive this process, too.
 * A copy that we went on with is marked as taken, and stays until the leader has let go of that
 * call: an old record of it, or the leader's own next process, does not bring it back.
 */
#include "userspace/cluster/cluster_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/cluster/cluster_pair.h"

#define AGAIN_MS  1000
#define HEAD_LEN  5			/* of a copy: taken (1), the leader's place (4) */
#define COPY_LEN  12272			/* three pages with what the file adds */
#define PATIENCE_MS 3000

static const struct snapshot_shape shape = { TD_KEPT_PLACES, COPY_LEN };

/* A copy as it lies in the file. */
struct copy {
	bool taken;
	uint32_t place;			/* the leader's */
	const uint8_t *record;
	size_t len;
	struct td_call_name name;
};

static bool read_copy(struct td_buf *b, struct copy *copy)
{
	copy->taken = td_buf_get_u8(b);
	copy->place = td_buf_get_be32(b);
	copy->record = b->p + b->pos;
	copy->len = td_buf_left(b);
	return !td_buf_err(b) && copy->place && copy->place <= TD_KEPT_PLACES &&
	       !td_core_kept_name(copy->record, copy->len, &copy->name);
}

static bool find(const struct cluster_follower *fw, uint32_t place, struct copy *copy)
{
	struct td_buf b;

	return td_snapshot_read(fw->copies, fw->at[place], &b) && read_copy(&b, copy);
}

static void write_copy(struct cluster_follower *fw, const struct copy *copy)
{
	uint8_t text[COPY_LEN];
	struct td_buf b;

	if (!fw->at[copy->place]) {
		fw->at[copy->place] = td_snapshot_take(fw->copies);
		fw->n_copies += fw->at[copy->place] != 0;
	}
	if (!fw->at[copy->place])	/* as many places as the leader has: never */
		return;
	td_buf_init(&b, text, sizeof(text));
	td_buf_put_u8(&b, copy->taken);
	td_buf_put_be32(&b, copy->place);
	td_buf_put_bytes(&b, copy->record, copy->len);
	td_snapshot_write(fw->copies, fw->at[copy->place], text, (uint32_t)b.pos);
}

static void drop_copy(struct cluster_follower *fw, uint32_t place)
{
	struct copy copy;

	if (!fw->at[place])
		return;
	if (find(fw, place, &copy) && copy.taken)
		fw->n_taken--;
	td_snapshot_drop(fw->copies, fw->at[place]);
	fw->at[place] = 0;
	fw->n_copies--;
}

/* ---- what the leader says ---- */

static void tell_taken(struct cluster_follower *fw, const struct copy *copy)
{
	uint8_t body[16];
	struct td_buf b;

	td_buf_init(&b, body, sizeof(body));
	td_buf_put_be32(&b, copy->place);
	td_buf_put_be32(&b, copy->name.id);
	td_buf_put_be64(&b, copy->name.created_ms);
	cluster_link_send(&fw->link, CLUSTER_TAKEN, body, b.pos);
}

static bool is_same(const struct td_call_name *a, const struct td_call_name *b)
{
	return a->id == b->id && a->created_ms == b->created_ms;
}

static bool on_call(struct cluster_follower *fw, uint32_t place, const struct cluster_frame *f)
{
	struct copy now = { .place = place, .record = f->body + 4, .len = f->len - 4 }, was;

	if (td_core_kept_name(now.record, now.len, &now.name))
		return false;
	fw->fresh[place] = true;
	if (find(fw, place, &was) && was.taken) {
		if (is_same(&was.name, &now.name))
			return true;	/* it has not heard of it yet */
		drop_copy(fw, place);
	}
	write_copy(fw, &now);
	return true;
}

static void on_whole(struct cluster_follower *fw)
{
	for (uint32_t place = 1; place <= TD_KEPT_PLACES; place++)
		if (!fw->fresh[place])
			drop_copy(fw, place);
	fw->whole = true;
	td_log_info(TD_LOG_CLUSTER, "copies of all calls of the other router n=%zu", fw->n_copies);
}

/* We say first what is ours, so that the leader lets go of it before it sends it. */
static void tell_all_taken(struct cluster_follower *fw)
{
	struct copy copy;

	for (uint32_t place = 1; place <= TD_KEPT_PLACES && fw->n_taken; place++)
		if (find(fw, place, &copy) && copy.taken)
			tell_taken(fw, &copy);
}

static bool on_hello(struct cluster_follower *fw, const struct cluster_frame *f)
{
	uint8_t body[2 * CLUSTER_NONCE], *wants = body + CLUSTER_NONCE;

	if (f->type != CLUSTER_HELLO || f->len != CLUSTER_NONCE ||
	    getrandom(wants, CLUSTER_NONCE, 0) != CLUSTER_NONCE)
		return false;
	memcpy(body, f->body, CLUSTER_NONCE);
	memcpy(fw->has, f->body, CLUSTER_NONCE);
	cluster_link_send(&fw->link, CLUSTER_ANSWER, body, sizeof(body));
	cluster_key_of_stream(fw->link.key_in, fw->c->key, "calls", fw->has, wants);
	cluster_key_of_stream(fw->link.key_out, fw->c->key, "copies", fw->has, wants);
	fw->state = CLUSTER_LIVES;
	return true;
}

static bool on_frame(struct cluster_link *l, const struct cluster_frame *f, const char **why)
{
	struct cluster_follower *fw = l->owner;
	struct td_buf b;
	uint32_t place;

	(void)why;
	if (fw->state == CLUSTER_GREETS)
		return on_hello(fw, f);
	td_buf_init(&b, (void *)(uintptr_t)f->body, f->len);
	switch (f->type) {
	case CLUSTER_WELCOME:
		if (l->beats)
			return false;
		cluster_link_beat(l);
		tell_all_taken(fw);
		return true;
	case CLUSTER_WHOLE:
		on_whole(fw);
		return true;
	case CLUSTER_CALL:
	case CLUSTER_GONE:
		place = td_buf_get_be32(&b);
		if (td_buf_err(&b) || !place || place > TD_KEPT_PLACES)
			return false;
		fw->n_received++;
		if (f->type == CLUSTER_CALL)
			return on_call(fw, place, f);
		drop_copy(fw, place);
		return true;
	default:
		return cluster_things_heard(fw, f);
	}
}

/* ---- the connection ---- */

static void dial(void *arg)
{
	cluster_follower_dial(arg);
}

static void again(struct cluster_follower *fw)
{
	fw->state = CLUSTER_ALONE;
	fw->whole = false;
	td_loop_timer_start(fw->c->loop, &fw->again, AGAIN_MS, dial, fw->c);
}

static void on_open(struct cluster_link *l)
{
	struct cluster_follower *fw = l->owner;

	fw->state = CLUSTER_GREETS;
	memset(fw->fresh, 0, sizeof(fw->fresh));
	cluster_copies_age(&fw->things);
}

static void on_room(struct cluster_link *l)
{
	(void)l;			/* what we say is short */
}

static void on_closed(struct cluster_link *l)
{
	struct cluster_follower *fw = l->owner;

	if (fw->state == CLUSTER_LIVES && fw->whole)
		td_log_warn(TD_LOG_CLUSTER, "the other router is not heard, copies=%zu", fw->n_copies);
	again(fw);
}

static const struct cluster_link_ops ops = {
	.open = on_open, .frame = on_frame, .room = on_room, .closed = on_closed,
};

void cluster_follower_dial(struct td_cluster *c)
{
	struct cluster_follower *fw = &c->follower;
	int fd;

	cluster_follower_close(c);
	fd = cluster_pair_dial(&c->own, &c->other, PATIENCE_MS);
	memcpy(fw->link.key_out, c->key, CLUSTER_KEY);
	memcpy(fw->link.key_in, c->key, CLUSTER_KEY);
	if (fd >= 0 && cluster_link_open(&fw->link, fd, true))
		close(fd);
	if (fw->link.fd < 0)
		again(fw);
}

void cluster_follower_close(struct td_cluster *c)
{
	td_loop_timer_stop(c->loop, &c->follower.again);
	cluster_link_close(&c->follower.link);
	c->follower.state = CLUSTER_ALONE;
	c->follower.whole = false;
}

/* ---- take-over ---- */

void cluster_follower_take_over(struct td_cluster *c, struct td_cluster_moved *moved)
{
	struct cluster_follower *fw = &c->follower;
	struct copy copy;

	for (uint32_t place = 1; place <= TD_KEPT_PLACES; place++) {
		int err;

		if (!find(fw, place, &copy) || copy.taken)
			continue;
		err = td_core_adopt(c->core, copy.record, copy.len);
		if (err == -EADDRNOTAVAIL) {
			moved->elsewhere++;
			continue;
		}
		moved->taken += !err;
		moved->failed += err != 0;
		copy.taken = true;	/* also one that failed: its parties were told goodbye */
		fw->n_taken++;
		write_copy(fw, &copy);
		if (fw->link.beats)
			tell_taken(fw, &copy);
	}
	moved->things += cluster_copies_take(&fw->things, &c->mine, td_loop_now_ms(c->loop));
}

/* ---- life ---- */

int cluster_follower_init(struct td_cluster *c, const char *path)
{
	struct cluster_follower *fw = &c->follower;
	uint32_t place = 0;
	struct copy copy;
	struct td_buf b;
	int err;

	fw->c = c;
	fw->link.ops = &ops;
	fw->link.owner = fw;
	fw->link.loop = c->loop;
	fw->link.fd = -1;
	td_map_init(&fw->things);
	err = td_snapshot_open(&fw->copies, path, &shape);
	while (!err && (place = td_snapshot_next(fw->copies, place, &b))) {
		if (!read_copy(&b, &copy) || fw->at[copy.place]) {
			td_snapshot_drop(fw->copies, place);
			continue;
		}
		fw->at[copy.place] = place;
		fw->n_copies++;
		fw->n_taken += copy.taken;
	}
	return err;
}

void cluster_follower_fini(struct td_cluster *c)
{
	cluster_follower_close(c);
	cluster_copies_fini(&c->follower.things);
	td_snapshot_close(c->follower.copies);
}
