/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the master (Redis' "Guidelines for Redis clients with support for Redis Sentinel"): ask
 * one sentinel after the other for its address, connect, ask it for its role, as the sentinel may
 * know less than it. An error, a silence, a connection that ends: all begins again with the next.
 *
 * hiredis frees a context when it ends by itself; what is ours of it is let go in that moment.
 */
#include "userspace/cluster/cluster_redis.h"

#include <stdarg.h>
#include <string.h>

#include "userspace/base/addr.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define REDIS_PORT    6379
#define SENTINEL_PORT 26379
#define PATIENCE_MS   2000
#define BEAT_MS	      500
#define AGAIN_MS      1000
#define WAITING_MAX   512
#define ARGS_MAX      8

/* ---- hiredis in our loop ---- */

/* One for each context; hiredis' cleanup frees it. */
struct watch {
	struct td_loop *loop;
	struct redisAsyncContext *ac;
	int fd;
	unsigned int events;
};

static void on_io(void *arg, int fd, unsigned int events)
{
	struct watch *w = arg;

	(void)fd;			/* either may free w; what is left is ready next time, too */
	if (events & TD_READ)
		redisAsyncHandleRead(w->ac);
	else
		redisAsyncHandleWrite(w->ac);
}

static void set_events(struct watch *w, unsigned int events)
{
	if (events == w->events)
		return;
	w->events = events;
	if (events)
		td_loop_watch(w->loop, w->fd, events, on_io, w);
	else
		td_loop_unwatch(w->loop, w->fd);
}

static void add_read(void *arg) { set_events(arg, ((struct watch *)arg)->events | TD_READ); }
static void del_read(void *arg) { set_events(arg, ((struct watch *)arg)->events & ~TD_READ); }
static void add_write(void *arg) { set_events(arg, ((struct watch *)arg)->events | TD_WRITE); }
static void del_write(void *arg) { set_events(arg, ((struct watch *)arg)->events & ~TD_WRITE); }

static void clean_up(void *arg)
{
	set_events(arg, 0);
	td_free(arg);
}

/* ---- the connections ---- */

static void on_broken(void *arg);

/* Now may be inside a callback of hiredis: the end comes in a moment. */
static void fail(struct cluster_redis *r, const char *why)
{
	char text[TD_ADDR_STRLEN];

	if (r->broken.queued)
		return;
	td_log_limited(TD_LOG_CLUSTER, TD_WARN, "redis %s: %s",
		       td_addr_is_set(&r->master) ? td_addr_str(&r->master, text) :
		       td_addr_ip(&r->cfg->redis[r->turn], text), why);
	td_loop_defer(r->loop, &r->broken, on_broken, r);
}

static struct cluster_redis *owner_of(const struct redisAsyncContext *ac)
{
	return ac->data;		/* NULL: we have let go of it */
}

static void on_connected(const struct redisAsyncContext *ac, int status)
{
	struct cluster_redis *r = owner_of(ac);

	if (!r || status == REDIS_OK)
		return;
	*(ac == r->heard ? &r->heard : &r->asked) = NULL;	/* hiredis frees it */
	fail(r, ac->errstr[0] ? ac->errstr : "no connection");
}

static void on_disconnected(const struct redisAsyncContext *ac, int status)
{
	struct cluster_redis *r = owner_of(ac);

	(void)status;
	if (!r)
		return;
	*(ac == r->heard ? &r->heard : &r->asked) = NULL;
	fail(r, ac->errstr[0] ? ac->errstr : "it has hung up");
}

static struct redisAsyncContext *dial(struct cluster_redis *r, const struct td_addr *at, int port)
{
	struct redisAsyncContext *ac;
	char ip[TD_ADDR_STRLEN];
	struct watch *w = td_zalloc(sizeof(*w));

	if (!w)
		return NULL;
	ac = redisAsyncConnect(td_addr_ip(at, ip), port);
	if (!ac || ac->err) {
		if (ac)
			redisAsyncFree(ac);
		td_free(w);
		return NULL;
	}
	*w = (struct watch){ r->loop, ac, ac->c.fd, 0 };
	ac->data = r;
	ac->ev.data = w;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = clean_up;
	redisAsyncSetConnectCallback(ac, on_connected);
	redisAsyncSetDisconnectCallback(ac, on_disconnected);
	return ac;
}

static void hang_up(struct redisAsyncContext **ac)
{
	struct redisAsyncContext *old = *ac;

	*ac = NULL;
	if (!old)
		return;
	old->data = NULL;
	redisAsyncFree(old);
}

/* ---- commands ---- */

struct question {
	cluster_redis_fn fn;
	void *arg;
};

static bool is_error(struct cluster_redis *r, const struct redisReply *answer)
{
	if (answer->type != REDIS_REPLY_ERROR)
		return false;
	fail(r, answer->str);
	return true;
}

static void on_answer(struct redisAsyncContext *ac, void *reply, void *arg)
{
	struct cluster_redis *r = owner_of(ac);
	const struct redisReply *answer = reply;
	struct question q = *(struct question *)arg;

	td_free(arg);
	if (!r || !answer)
		return;
	r->n_waiting--;
	r->answered_ms = td_loop_now_ms(r->loop);
	if (r->broken.queued || is_error(r, answer))
		return;
	if (q.fn)
		q.fn(r, answer, q.arg);
	if (r->open && r->n_waiting == WAITING_MAX / 2)
		r->ops->room(r);
}

void cluster_redis_ask(struct cluster_redis *r, cluster_redis_fn fn, void *arg, size_t n,
		       const struct cluster_redis_arg *args)
{
	const char *text[ARGS_MAX];
	size_t len[ARGS_MAX];
	struct question *q;

	if (!r->asked || r->broken.queued)
		return;
	for (size_t i = 0; i < n; i++) {
		text[i] = args[i].p;
		len[i] = args[i].len;
	}
	q = td_zalloc(sizeof(*q));
	if (q)
		*q = (struct question){ fn, arg };
	if (!q || redisAsyncCommandArgv(r->asked, on_answer, q, (int)n, text, len)) {
		td_free(q);
		fail(r, "no memory");
		return;
	}
	if (!r->n_waiting++)
		r->answered_ms = td_loop_now_ms(r->loop);
}

void cluster_redis_say(struct cluster_redis *r, cluster_redis_fn fn, void *arg, ...)
{
	struct cluster_redis_arg args[ARGS_MAX];
	const char *word;
	size_t n = 0;
	va_list ap;

	va_start(ap, arg);
	while ((word = va_arg(ap, const char *)) && n < ARGS_MAX)
		args[n++] = (struct cluster_redis_arg){ word, strlen(word) };
	va_end(ap);
	cluster_redis_ask(r, fn, arg, n, args);
}

bool cluster_redis_has_room(const struct cluster_redis *r)
{
	return r->open && !r->broken.queued && r->n_waiting < WAITING_MAX;
}

/* ---- the way to the master ---- */

static void on_time(void *arg)
{
	struct cluster_redis *r = arg;

	if (!r->open || (r->n_waiting && td_loop_now_ms(r->loop) - r->answered_ms > PATIENCE_MS)) {
		fail(r, "no answer");
		return;
	}
	td_loop_timer_start(r->loop, &r->timer, BEAT_MS, on_time, r);
	r->ops->beat(r);
}

static void may_open(struct cluster_redis *r)
{
	char text[TD_ADDR_STRLEN];

	if (r->open || !r->is_master || !r->listens)
		return;
	r->open = true;
	td_log_info(TD_LOG_CLUSTER, "redis %s is the master", td_addr_str(&r->master, text));
	td_loop_timer_start(r->loop, &r->timer, BEAT_MS, on_time, r);
	r->ops->open(r);
}

static void on_role(struct cluster_redis *r, const struct redisReply *answer, void *arg)
{
	(void)arg;
	if (answer->type != REDIS_REPLY_ARRAY || !answer->elements ||
	    answer->element[0]->type != REDIS_REPLY_STRING ||
	    strcmp(answer->element[0]->str, "master")) {
		fail(r, "it is not the master");
		return;
	}
	r->is_master = true;
	may_open(r);
}

/* "subscribe", channel, how many - once; then "message", channel, text */
static void on_heard(struct redisAsyncContext *ac, void *reply, void *arg)
{
	struct cluster_redis *r = owner_of(ac);
	const struct redisReply *answer = reply;

	(void)arg;
	if (!r || !answer || r->broken.queued || is_error(r, answer))
		return;
	if (answer->type != REDIS_REPLY_ARRAY || answer->elements != 3 ||
	    answer->element[0]->type != REDIS_REPLY_STRING)
		return;
	if (!strcmp(answer->element[0]->str, "subscribe")) {
		r->listens = true;
		may_open(r);
	} else if (answer->element[2]->type == REDIS_REPLY_STRING && r->open) {
		r->ops->heard(r, answer->element[2]->str, (size_t)answer->element[2]->len);
	}
}

static void on_plain(struct redisAsyncContext *ac, void *reply, void *arg)
{
	struct cluster_redis *r = owner_of(ac);

	(void)arg;
	if (r && reply)
		is_error(r, reply);
}

static void dial_master(struct cluster_redis *r)
{
	const char *password = r->cfg->redis_password;

	r->asked = dial(r, &r->master, r->master.port);
	r->heard = dial(r, &r->master, r->master.port);
	if (!r->asked || !r->heard) {
		fail(r, "no connection");
		return;
	}
	if (password[0]) {
		cluster_redis_say(r, NULL, NULL, "AUTH", password, NULL);
		redisAsyncCommand(r->heard, on_plain, NULL, "AUTH %s", password);
	}
	cluster_redis_say(r, on_role, NULL, "ROLE", NULL);
	redisAsyncCommand(r->heard, on_heard, NULL, "SUBSCRIBE %s", r->channel);
}

/* address, port; nil: it does not know that name */
static void on_master(struct cluster_redis *r, const struct redisReply *answer, void *arg)
{
	uint32_t port;

	(void)arg;
	if (answer->type != REDIS_REPLY_ARRAY || answer->elements != 2 ||
	    answer->element[0]->type != REDIS_REPLY_STRING ||
	    answer->element[1]->type != REDIS_REPLY_STRING ||
	    td_addr_parse(&r->master, answer->element[0]->str) ||
	    td_parse_u32(td_str_of(answer->element[1]->str), &port) || !port || port > 65535) {
		memset(&r->master, 0, sizeof(r->master));
		fail(r, "the sentinel knows no master of that name, or no IP address of it");
		return;
	}
	r->master.port = (uint16_t)port;
	hang_up(&r->asked);
	dial_master(r);
}

static void find(void *arg)
{
	struct cluster_redis *r = arg;
	const struct cfg_cluster *cfg = r->cfg;
	const struct td_addr *at;

	td_loop_timer_start(r->loop, &r->timer, PATIENCE_MS, on_time, r);
	r->turn = (r->turn + 1) % cfg->n_redis;
	at = &cfg->redis[r->turn];
	memset(&r->master, 0, sizeof(r->master));
	if (!cfg->redis_sentinel[0]) {
		r->master = *at;
		r->master.port = (uint16_t)(cfg->redis_port ?: REDIS_PORT);
		dial_master(r);
		return;
	}
	r->asked = dial(r, at, (int)(cfg->redis_port ?: SENTINEL_PORT));
	if (!r->asked) {
		fail(r, "no connection");
		return;
	}
	cluster_redis_say(r, on_master, NULL, "SENTINEL", "get-master-addr-by-name",
			  cfg->redis_sentinel, NULL);
}

static void close_all(struct cluster_redis *r)
{
	const bool was_open = r->open;

	hang_up(&r->asked);
	hang_up(&r->heard);
	r->is_master = r->listens = r->open = false;
	r->n_waiting = 0;
	if (was_open)
		r->ops->closed(r);
}

static void on_broken(void *arg)
{
	struct cluster_redis *r = arg;

	close_all(r);
	td_loop_timer_start(r->loop, &r->timer, AGAIN_MS, find, r);
}

void cluster_redis_start(struct cluster_redis *r)
{
	r->turn = r->cfg->n_redis - 1;
	find(r);
}

void cluster_redis_stop(struct cluster_redis *r)
{
	if (!r->cfg)
		return;
	td_loop_timer_stop(r->loop, &r->timer);
	td_loop_undefer(r->loop, &r->broken);
	close_all(r);
	r->cfg = NULL;
}
