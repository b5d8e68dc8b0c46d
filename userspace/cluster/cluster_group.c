/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this router has, for the others. Each connection to Redis has an epoch: all is stored under
 * it, and when that is done a key says so. Thus a Redis that has lost something (it was a replica
 * until a moment ago) has all again, and who reads meanwhile gets the whole of before.
 *
 * A change is stored and said in this order: who listens first and reads then misses nothing.
 */
#include "userspace/cluster/cluster_group.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "userspace/base/clock.h"
#include "userspace/base/log.h"
#include "userspace/cluster/cluster_priv.h"

#define ALIVE_MS     "3000"
#define REFRESH	     120		/* beats */
#define NAME_FREE_MS 4000		/* the mark of our own last process is gone by then */

const char *group_key(char dst[GROUP_KEY_LEN], const struct cluster_group *g, const char *what,
		      const char *router, const char *epoch)
{
	snprintf(dst, GROUP_KEY_LEN, "%s%s:%s%s%s", g->prefix, what, router, epoch ? ":" : "",
		 epoch ?: "");
	return dst;
}

/* ---- one word ---- */

void group_tell(struct cluster_group *g, const struct cluster_word *w, const char *hash)
{
	uint8_t text[CLUSTER_WORD_MAX];
	char field[24];
	size_t len = cluster_word_write(text, sizeof(text), g->key, w);

	if (!len || !g->redis.open)
		return;
	snprintf(field, sizeof(field), "%llu", (unsigned long long)w->id);
	if (hash && w->len) {
		const struct cluster_redis_arg set[] = {
			{ "HSET", 4 }, { hash, strlen(hash) }, { field, strlen(field) }, { text, len },
		};

		cluster_redis_ask(&g->redis, NULL, NULL, 4, set);
	} else if (hash) {
		cluster_redis_say(&g->redis, NULL, NULL, "HDEL", hash, field, NULL);
	}
	cluster_redis_ask(&g->redis, NULL, NULL, 3, (const struct cluster_redis_arg[]){
		{ "PUBLISH", 7 }, { g->channel, strlen(g->channel) }, { text, len } });
}

static struct cluster_word own_word(const struct cluster_group *g, enum cluster_kind kind, uint64_t id)
{
	struct cluster_word w = { .kind = (uint8_t)kind, .id = id,
				  .told_s = td_clock_ms(CLOCK_REALTIME) / 1000 };

	td_strlcpy(w.router, g->name, sizeof(w.router));
	return w;
}

/* ---- all of it ---- */

/* 16 letters that come once. */
static bool draw(char dst[GROUP_EPOCH_LEN])
{
	uint8_t random[(GROUP_EPOCH_LEN - 1) / 2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return false;
	td_hex(dst, random, sizeof(random));
	return true;
}

static void begin(struct cluster_group *g)
{
	const struct cluster_word w = own_word(g, WORD_ANEW, 0);

	if (!draw(g->epoch))
		return;
	g->telling = true;
	g->whole = false;
	group_tell(g, &w, NULL);
	cluster_queue_all(&g->queue, g->c->core);
	g->c->mine.all(g->c->mine.arg);
	cluster_group_send(g);
}

/* The epoch before this one is not needed any more. */
static void on_old_epoch(struct cluster_redis *r, const struct redisReply *answer, void *arg)
{
	struct cluster_group *g = r->owner;
	char calls[GROUP_KEY_LEN], things[GROUP_KEY_LEN];

	(void)arg;
	if (answer->type != REDIS_REPLY_STRING || answer->len >= GROUP_EPOCH_LEN ||
	    !strcmp(answer->str, g->epoch))
		return;
	cluster_redis_say(r, NULL, NULL, "UNLINK", group_key(calls, g, "calls", g->name, answer->str),
			  group_key(things, g, "things", g->name, answer->str), NULL);
}

static void expire(struct cluster_group *g)
{
	char key[GROUP_KEY_LEN];

	cluster_redis_say(&g->redis, NULL, NULL, "EXPIRE",
			  group_key(key, g, "calls", g->name, g->epoch), GROUP_KEPT_S, NULL);
	cluster_redis_say(&g->redis, NULL, NULL, "EXPIRE",
			  group_key(key, g, "things", g->name, g->epoch), GROUP_KEPT_S, NULL);
	cluster_redis_say(&g->redis, NULL, NULL, "EXPIRE",
			  group_key(key, g, "epoch", g->name, NULL), GROUP_KEPT_S, NULL);
}

static void end_whole(struct cluster_group *g)
{
	const struct cluster_word w = own_word(g, WORD_WHOLE, 0);
	char key[GROUP_KEY_LEN];

	g->whole = true;
	cluster_redis_say(&g->redis, on_old_epoch, NULL, "SET",
			  group_key(key, g, "epoch", g->name, NULL), g->epoch, "EX", GROUP_KEPT_S, "GET", NULL);
	expire(g);
	group_tell(g, &w, NULL);
	td_log_info(TD_LOG_CLUSTER, "our calls and registrations are stored");
}

static void send_calls(struct cluster_group *g)
{
	char key[GROUP_KEY_LEN];
	uint32_t place;

	group_key(key, g, "calls", g->name, g->epoch);
	while (cluster_redis_has_room(&g->redis) && (place = cluster_queue_take(&g->queue))) {
		struct cluster_word w = own_word(g, WORD_CALL, place);
		struct td_buf record;

		if (td_core_kept(g->c->core, place, &record)) {
			w.record = record.p;
			w.len = record.len;
		}
		group_tell(g, &w, key);
		g->n_sent++;
	}
}

/* True: there are no more. */
static bool send_things(struct cluster_group *g)
{
	const struct td_cluster_things *mine = &g->c->mine;
	uint8_t text[CLUSTER_RECORD_MAX];
	char key[GROUP_KEY_LEN];
	struct td_buf record;
	uint64_t id;

	group_key(key, g, "things", g->name, g->epoch);
	while (cluster_redis_has_room(&g->redis)) {
		struct cluster_word w;

		td_buf_init(&record, text, sizeof(text));
		if (!mine->next(mine->arg, &id, &record))
			return true;
		if (td_buf_err(&record))
			continue;
		w = own_word(g, WORD_THING, id);
		w.record = text;
		w.len = record.pos;
		group_tell(g, &w, key);
		g->n_sent++;
	}
	return false;
}

void cluster_group_send(struct cluster_group *g)
{
	if (!g->telling)
		return;
	if (g->c->mine.lost_count(g->c->mine.arg)) {
		begin(g);
		return;
	}
	send_calls(g);
	if (!g->queue.n && send_things(g) && !g->whole)
		end_whole(g);
}

void cluster_group_changed(struct cluster_group *g, uint32_t place)
{
	if (!g->telling)
		return;			/* all follows when Redis is found */
	cluster_queue_add(&g->queue, place);
	send_calls(g);
}

/* ---- what another router went on with ---- */

void group_give_up(struct cluster_group *g, const struct cluster_word *w)
{
	char key[GROUP_KEY_LEN], field[24];
	struct td_call_name name;
	struct td_buf b;

	td_buf_init(&b, (void *)(uintptr_t)w->record, w->len);
	name.id = td_buf_get_be32(&b);
	name.created_ms = td_buf_get_be64(&b);
	if (td_buf_err(&b))
		return;
	g->n_given_up += !td_core_give_up(g->c->core, &name);
	snprintf(field, sizeof(field), "%llu", (unsigned long long)w->id);
	cluster_redis_say(&g->redis, NULL, NULL, "HDEL", group_key(key, g, "taken", g->name, NULL), field,
			  NULL);
}

/* field, word, field, word ... */
static void on_taken(struct cluster_redis *r, const struct redisReply *answer, void *arg)
{
	struct cluster_group *g = r->owner;
	uint8_t text[CLUSTER_RECORD_MAX];
	struct cluster_word w;

	(void)arg;
	for (size_t i = 1; answer->type == REDIS_REPLY_ARRAY && i < answer->elements; i += 2)
		if (!cluster_word_read(&w, g->key, text, answer->element[i]->str,
				       (size_t)answer->element[i]->len) &&
		    w.kind == WORD_TAKEN && !strcmp(w.router, g->name))
			group_give_up(g, &w);
	group_tell_taken(g);
	begin(g);
}

/* ---- the connection ---- */

static void on_open(struct cluster_redis *r)
{
	struct cluster_group *g = r->owner;
	char key[GROUP_KEY_LEN];

	g->opened_ms = td_loop_now_ms(g->c->loop);
	g->beats = 0;
	r->ops->beat(r);
	snprintf(key, sizeof(key), "%srouters", g->prefix);
	cluster_redis_say(r, NULL, NULL, "SADD", key, g->name, NULL);
	cluster_redis_say(r, on_taken, NULL, "HGETALL", group_key(key, g, "taken", g->name, NULL), NULL);
	group_load(g);
}

/* What the mark was before. */
static void on_mark(struct cluster_redis *r, const struct redisReply *answer, void *arg)
{
	struct cluster_group *g = r->owner;

	(void)arg;
	if (answer->type == REDIS_REPLY_STRING && strcmp(answer->str, g->instance) &&
	    td_loop_now_ms(g->c->loop) - g->opened_ms > NAME_FREE_MS)
		td_log_limited(TD_LOG_CLUSTER, TD_WARN, "another router has the hostname %s, too: "
			       "give each its own", g->name);
}

static void on_beat(struct cluster_redis *r)
{
	struct cluster_group *g = r->owner;
	char key[GROUP_KEY_LEN];

	cluster_redis_say(r, on_mark, NULL, "SET", group_key(key, g, "alive", g->name, NULL),
			  g->instance, "PX", ALIVE_MS, "GET", NULL);
	group_ask_alive(g);
	if (g->whole && ++g->beats % REFRESH == 0)
		expire(g);
}

static void on_room(struct cluster_redis *r)
{
	cluster_group_send(r->owner);
}

static void on_word(struct cluster_redis *r, const void *p, size_t len)
{
	group_heard(r->owner, p, len);
}

static void on_closed(struct cluster_redis *r)
{
	struct cluster_group *g = r->owner;

	g->telling = g->whole = g->loaded = false;
}

static const struct cluster_redis_ops ops = {
	.open = on_open, .beat = on_beat, .room = on_room, .heard = on_word, .closed = on_closed,
};

/* ---- life ---- */

void cluster_group_init(struct cluster_group *g, struct td_cluster *c)
{
	g->c = c;
	g->redis.ops = &ops;
	g->redis.owner = g;
	g->redis.loop = c->loop;
	g->redis.channel = g->channel;
	td_list_init(&g->routers);
}

bool cluster_group_is_on(const struct cluster_group *g)
{
	return g->name[0];
}

/* Routers with another secret have other keys, and do not meet. */
static void name_all(struct cluster_group *g, const struct td_config *config, const uint8_t secret_key[CLUSTER_KEY])
{
	uint8_t mark[CLUSTER_KEY];
	char hex[9];

	cluster_key_of_words(g->key, secret_key);
	cluster_key_of_words(mark, g->key);	/* from which the key cannot be had */
	td_hex(hex, mark, 4);
	snprintf(g->prefix, sizeof(g->prefix), "tandem:%s:", hex);
	snprintf(g->channel, sizeof(g->channel), "%ssaid", g->prefix);
	td_strlcpy(g->name, config->global.hostname, sizeof(g->name));
}

void cluster_group_configure(struct cluster_group *g, const struct td_config *config,
			     const uint8_t secret_key[CLUSTER_KEY])
{
	cluster_group_fini(g);
	if (!config->cluster.n_redis || !config->cluster.replicate_secret[0] || !draw(g->instance))
		return;
	name_all(g, config, secret_key);
	g->redis.cfg = &config->cluster;
	cluster_redis_start(&g->redis);
}

void cluster_group_use(struct cluster_group *g, const struct td_config *config)
{
	if (g->redis.cfg)
		g->redis.cfg = &config->cluster;
}

void cluster_group_fini(struct cluster_group *g)
{
	cluster_redis_stop(&g->redis);
	group_forget(g);
	g->name[0] = g->epoch[0] = '\0';
}

/* ---- show ---- */

void cluster_group_show(const struct cluster_group *g, struct td_json *j)
{
	struct group_count n, sum = { 0 };
	struct group_router *r;
	char text[TD_ADDR_STRLEN];

	td_json_str(j, "redis", g->redis.open ? td_addr_str(&g->redis.master, text) : NULL);
	td_json_bool(j, "it_has_copies", g->whole);
	td_json_u64(j, "not_sent", g->telling ? g->queue.n : 0);
	td_json_u64(j, "not_confirmed", g->redis.open ? g->redis.n_waiting : 0);
	td_json_bool(j, "we_have_copies", g->loaded);
	td_json_array(j, "routers");
	td_list_for_each(r, &g->routers, struct group_router, node) {
		group_count(r, &n);
		td_json_object(j, NULL);
		td_json_str(j, "name", r->name);
		td_json_bool(j, "alive", r->alive);
		td_json_u64(j, "copies", n.calls);
		td_json_u64(j, "registrations", n.things);
		td_json_u64(j, "taken_over", n.taken);
		td_json_end_object(j);
		sum.calls += n.calls;
		sum.things += n.things;
		sum.taken += n.taken;
	}
	td_json_end_array(j);
	td_json_u64(j, "copies", sum.calls);
	td_json_u64(j, "registrations", sum.things);
	td_json_u64(j, "taken_over", sum.taken);
	td_json_u64(j, "sent", g->n_sent);
	td_json_u64(j, "received", g->n_received);
	td_json_u64(j, "given_up", g->n_given_up);
}
