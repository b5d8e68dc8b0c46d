/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of what the other routers have. When a connection begins we listen, and then read what is
 * stored; what is said meanwhile is newer than what is read. A router is believed of itself alone:
 * only what it says or, while it lives, stores makes a copy void. Of one that is gone we keep what
 * we have, for the Redis that is left may know less.
 */
#include "userspace/cluster/cluster_group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/clock.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/cluster/cluster_priv.h"

#define AT_ONCE	   "100"		/* that Redis is asked for */

/* ---- one router's ---- */

static void keep(struct td_map *copies, const struct cluster_word *w)
{
	cluster_copy_keep(copies, w->id, w->told_s * 1000, w->record, w->len);
}

static bool is_same(const struct cluster_copy *copy, const struct td_call_name *name)
{
	struct td_call_name own;

	return copy->len && !td_core_kept_name(copy->record, copy->len, &own) &&
	       own.id == name->id && own.created_ms == name->created_ms;
}

/* An old record of a call that was taken does not bring it back. */
static void keep_call(struct group_router *r, const struct cluster_word *w)
{
	struct cluster_copy *was = cluster_copy_find(&r->calls, w->id);
	struct td_call_name name;

	if (!w->id || w->id > TD_KEPT_PLACES)
		return;
	if (w->len && td_core_kept_name(w->record, w->len, &name))
		return;
	if (w->len && was && was->taken && is_same(was, &name))
		was->fresh = true;
	else
		keep(&r->calls, w);
}

static void mark_taken(struct group_router *r, const struct cluster_word *w)
{
	struct cluster_copy *copy = cluster_copy_find(&r->calls, w->id);
	struct td_call_name name;
	struct td_buf b;

	td_buf_init(&b, (void *)(uintptr_t)w->record, w->len);
	name.id = td_buf_get_be32(&b);
	name.created_ms = td_buf_get_be64(&b);
	if (!td_buf_err(&b) && copy && !copy->taken && is_same(copy, &name))
		copy->taken = TAKEN_ELSEWHERE;
}

/* ---- the routers ---- */

static struct group_router *find_router(struct cluster_group *g, const char *name)
{
	struct group_router *r;

	td_list_for_each(r, &g->routers, struct group_router, node)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

static struct group_router *add_router(struct cluster_group *g, const char *name)
{
	struct group_router *r = find_router(g, name);

	if (r || g->n_routers >= GROUP_ROUTERS || strlen(name) >= sizeof(r->name))
		return r;
	r = td_zalloc(sizeof(*r));
	if (!r)
		return NULL;
	r->g = g;
	td_strlcpy(r->name, name, sizeof(r->name));
	td_map_init(&r->calls);
	td_map_init(&r->things);
	td_list_append(&g->routers, &r->node);
	g->n_routers++;
	return r;
}

/* ---- reading what is stored: epoch, calls, registrations, what was taken ---- */

static void end_load(struct group_router *r)
{
	struct cluster_group *g = r->g;

	cluster_copies_sweep(&r->calls, r->alive);
	cluster_copies_sweep(&r->things, r->alive);
	r->loading = false;
	if (--g->n_loading)
		return;
	g->loaded = true;
	td_log_info(TD_LOG_CLUSTER, "copies of all that %zu other routers have stored", g->n_routers);
	cluster_take_more(g->c);
}

/* A word that was stored; it must be what its key says. */
static bool read_stored(const struct group_router *r, struct cluster_word *w, uint8_t *text,
			const struct redisReply *stored, enum cluster_kind kind)
{
	int err = stored->type == REDIS_REPLY_STRING ?
			  cluster_word_read(w, r->g->key, text, stored->str, (size_t)stored->len) :
			  -EBADMSG;

	if (!err && w->kind == kind && !strcmp(w->router, r->name))
		return true;
	td_log_limited(TD_LOG_CLUSTER, TD_WARN, "stored by router %s and not to be believed: %s",
		       r->name, err == -EKEYREJECTED ? "not made with our secret, or changed" :
		       "not what it should be");
	return false;
}

static void on_taken(struct cluster_redis *redis, const struct redisReply *answer, void *arg)
{
	struct group_router *r = arg;
	uint8_t text[CLUSTER_RECORD_MAX];
	struct cluster_word w;

	(void)redis;
	for (size_t i = 1; answer->type == REDIS_REPLY_ARRAY && i < answer->elements; i += 2)
		if (read_stored(r, &w, text, answer->element[i], WORD_TAKEN))
			mark_taken(r, &w);
	end_load(r);
}

static void scan(struct group_router *r, enum cluster_kind kind, const char *cursor);

/* cursor of what follows ("0": nothing), [ field, word, field, word ... ] */
static void on_scan(struct group_router *r, const struct redisReply *answer, enum cluster_kind kind)
{
	struct td_map *map = kind == WORD_CALL ? &r->calls : &r->things;
	char key[GROUP_KEY_LEN];
	uint8_t text[CLUSTER_RECORD_MAX];
	const struct redisReply *found;
	struct cluster_word w;

	if (answer->type != REDIS_REPLY_ARRAY || answer->elements != 2 ||
	    answer->element[0]->type != REDIS_REPLY_STRING ||
	    answer->element[1]->type != REDIS_REPLY_ARRAY)
		return;			/* not Redis: there is no end of reading, and no copies */
	found = answer->element[1];
	for (size_t i = 1; i < found->elements; i += 2) {
		struct cluster_copy *was;

		if (!read_stored(r, &w, text, found->element[i], kind))
			continue;
		was = cluster_copy_find(map, w.id);
		if (was && was->fresh)
			continue;
		if (kind == WORD_CALL)
			keep_call(r, &w);
		else
			keep(map, &w);
	}
	if (strcmp(answer->element[0]->str, "0"))
		scan(r, kind, answer->element[0]->str);
	else if (kind == WORD_CALL)
		scan(r, WORD_THING, "0");
	else
		cluster_redis_say(&r->g->redis, on_taken, r, "HGETALL",
				  group_key(key, r->g, "taken", r->name, NULL), NULL);
}

static void on_calls(struct cluster_redis *redis, const struct redisReply *answer, void *arg)
{
	(void)redis;
	on_scan(arg, answer, WORD_CALL);
}

static void on_things(struct cluster_redis *redis, const struct redisReply *answer, void *arg)
{
	(void)redis;
	on_scan(arg, answer, WORD_THING);
}

static void scan(struct group_router *r, enum cluster_kind kind, const char *cursor)
{
	const bool calls = kind == WORD_CALL;
	char key[GROUP_KEY_LEN];

	cluster_redis_say(&r->g->redis, calls ? on_calls : on_things, r, "HSCAN",
			  group_key(key, r->g, calls ? "calls" : "things", r->name, r->epoch), cursor,
			  "COUNT", AT_ONCE, NULL);
}

static void on_epoch(struct cluster_redis *redis, const struct redisReply *answer, void *arg)
{
	struct group_router *r = arg;

	(void)redis;
	if (answer->type == REDIS_REPLY_STRING && (size_t)answer->len < sizeof(r->epoch))
		td_strlcpy(r->epoch, answer->str, sizeof(r->epoch));
	else
		r->epoch[0] = '\0';
	scan(r, WORD_CALL, "0");
}

static void on_alive(struct cluster_redis *redis, const struct redisReply *answer, void *arg)
{
	(void)redis;
	((struct group_router *)arg)->alive = answer->type == REDIS_REPLY_INTEGER && answer->integer;
}

static void ask_alive(struct group_router *r)
{
	char key[GROUP_KEY_LEN];

	cluster_redis_say(&r->g->redis, on_alive, r, "EXISTS",
			  group_key(key, r->g, "alive", r->name, NULL), NULL);
}

void group_ask_alive(struct cluster_group *g)
{
	struct group_router *r;

	td_list_for_each(r, &g->routers, struct group_router, node)
		ask_alive(r);
}

static void load(struct group_router *r)
{
	char key[GROUP_KEY_LEN];

	if (r->loading)
		return;
	r->loading = true;
	r->g->n_loading++;
	ask_alive(r);
	cluster_redis_say(&r->g->redis, on_epoch, r, "GET",
			  group_key(key, r->g, "epoch", r->name, NULL), NULL);
}

static void on_routers(struct cluster_redis *redis, const struct redisReply *answer, void *arg)
{
	struct cluster_group *g = redis->owner;
	struct group_router *r;

	(void)arg;
	for (size_t i = 0; answer->type == REDIS_REPLY_ARRAY && i < answer->elements; i++)
		if (answer->element[i]->type == REDIS_REPLY_STRING &&
		    strcmp(answer->element[i]->str, g->name))
			add_router(g, answer->element[i]->str);
	td_list_for_each(r, &g->routers, struct group_router, node)
		load(r);
	g->loaded = !g->n_loading;
}

void group_load(struct cluster_group *g)
{
	struct group_router *r;
	char key[GROUP_KEY_LEN];

	g->n_loading = 0;
	td_list_for_each(r, &g->routers, struct group_router, node) {
		r->loading = r->counts = false;
		cluster_copies_age(&r->calls);
		cluster_copies_age(&r->things);
	}
	snprintf(key, sizeof(key), "%srouters", g->prefix);
	cluster_redis_say(&g->redis, on_routers, NULL, "SMEMBERS", key, NULL);
}

/* ---- what is said ---- */

static void on_anew(struct group_router *r)
{
	r->counts = true;
	cluster_copies_age(&r->calls);
	cluster_copies_age(&r->things);
}

static void on_whole(struct group_router *r)
{
	if (r->counts) {
		cluster_copies_sweep(&r->calls, true);
		cluster_copies_sweep(&r->things, true);
	} else {
		load(r);		/* it began before we listened */
	}
	r->counts = false;
}

void group_heard(struct cluster_group *g, const void *p, size_t len)
{
	uint8_t text[CLUSTER_RECORD_MAX];
	struct group_router *r;
	struct cluster_word w;
	int err = cluster_word_read(&w, g->key, text, p, len);

	if (err) {
		td_log_limited(TD_LOG_CLUSTER, TD_WARN, "said by way of redis and not to be believed: %s",
			       err == -EKEYREJECTED ? "not made with our secret, or changed" :
			       "not what it should be");
		return;
	}
	if (!strcmp(w.router, g->name)) {
		if (w.kind == WORD_TAKEN)
			group_give_up(g, &w);
		return;			/* else: our own */
	}
	r = add_router(g, w.router);
	if (!r)
		return;
	g->n_received++;
	switch ((enum cluster_kind)w.kind) {
	case WORD_CALL:
		keep_call(r, &w);
		break;
	case WORD_THING:
		keep(&r->things, &w);
		break;
	case WORD_TAKEN:
		mark_taken(r, &w);
		break;
	case WORD_ANEW:
		on_anew(r);
		break;
	default:
		on_whole(r);
	}
	if (w.kind != WORD_TAKEN && !r->loading) {
		if (!w.len && w.kind == WORD_CALL)
			cluster_copy_drop(&r->calls, cluster_copy_find(&r->calls, w.id));
		if (!w.len && w.kind == WORD_THING)
			cluster_copy_drop(&r->things, cluster_copy_find(&r->things, w.id));
	}
}

/* ---- take-over ---- */

static void tell_taken(struct group_router *r, const struct cluster_copy *copy)
{
	struct cluster_word w = { .kind = WORD_TAKEN, .id = copy->id,
				  .told_s = td_clock_ms(CLOCK_REALTIME) / 1000 };
	char key[GROUP_KEY_LEN];
	struct td_call_name name;
	uint8_t record[12];
	struct td_buf b;

	if (td_core_kept_name(copy->record, copy->len, &name))
		return;
	td_buf_init(&b, record, sizeof(record));
	td_buf_put_be32(&b, name.id);
	td_buf_put_be64(&b, name.created_ms);
	w.record = record;
	w.len = b.pos;
	td_strlcpy(w.router, r->name, sizeof(w.router));
	group_tell(r->g, &w, group_key(key, r->g, "taken", r->name, NULL));
	cluster_redis_say(&r->g->redis, NULL, NULL, "EXPIRE", key, GROUP_KEPT_S, NULL);
}

void group_tell_taken(struct cluster_group *g)
{
	struct td_map_node *n, *next;
	struct group_router *r;

	td_list_for_each(r, &g->routers, struct group_router, node)
		td_map_for_each_safe(n, next, &r->calls) {
			struct cluster_copy *copy = td_container_of(n, struct cluster_copy, node);

			if (copy->taken == TAKEN_HERE)
				tell_taken(r, copy);
		}
}

static void take_calls(struct group_router *r, struct td_cluster_moved *moved)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &r->calls) {
		struct cluster_copy *copy = td_container_of(n, struct cluster_copy, node);
		int err;

		if (!copy->len || copy->taken)
			continue;
		err = td_core_adopt(r->g->c->core, copy->record, copy->len);
		if (err == -EADDRNOTAVAIL) {
			moved->elsewhere++;
			continue;
		}
		moved->taken += !err;
		moved->failed += err != 0;
		copy->taken = TAKEN_HERE;	/* also one that failed: its parties were told goodbye */
		tell_taken(r, copy);
	}
}

void group_take_over(struct cluster_group *g, struct td_cluster_moved *moved)
{
	uint64_t now_ms = td_clock_ms(CLOCK_REALTIME);
	struct group_router *r;

	td_list_for_each(r, &g->routers, struct group_router, node) {
		take_calls(r, moved);
		moved->things += cluster_copies_take(&r->things, &g->c->mine, now_ms);
	}
}

void group_given_back(struct cluster_group *g)
{
	struct group_router *r;

	td_list_for_each(r, &g->routers, struct group_router, node)
		cluster_copies_give_back(&r->things);
}

/* ---- counts, end ---- */

void group_count(const struct group_router *r, struct group_count *n)
{
	struct td_map_node *at, *next;

	*n = (struct group_count){ 0 };
	td_map_for_each_safe(at, next, &r->calls) {
		const struct cluster_copy *copy = td_container_of(at, struct cluster_copy, node);

		n->calls += copy->len && !copy->taken;
		n->taken += copy->taken == TAKEN_HERE;
	}
	td_map_for_each_safe(at, next, &r->things)
		n->things += td_container_of(at, struct cluster_copy, node)->len != 0;
}

void group_forget(struct cluster_group *g)
{
	struct group_router *r, *next;

	td_list_for_each_safe(r, next, &g->routers, struct group_router, node) {
		td_list_del(&r->node);
		cluster_copies_fini(&r->calls);
		cluster_copies_fini(&r->things);
		td_free(r);
	}
	g->n_routers = g->n_loading = 0;
	g->loaded = false;
}
