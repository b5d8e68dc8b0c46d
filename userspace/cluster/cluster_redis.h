/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: the way to Redis. Several servers may be named, or several sentinels,
 * which know who is the master at present. It is found, and found again when it is lost; what is
 * stored and said there is its owner's affair.
 */
#ifndef TD_CLUSTER_REDIS_H
#define TD_CLUSTER_REDIS_H

#include <hiredis/async.h>
#include <stdbool.h>
#include "config/model.h"
#include "userspace/base/loop.h"

struct cluster_redis;

struct cluster_redis_ops {
	/* The master is found, and what is said on the channel is heard from now on. */
	void (*open)(struct cluster_redis *r);
	/* Half a second has passed. */
	void (*beat)(struct cluster_redis *r);
	/* There is room for more commands. */
	void (*room)(struct cluster_redis *r);
	void (*heard)(struct cluster_redis *r, const void *p, size_t len);
	/* It is lost; answers that were awaited do not come. */
	void (*closed)(struct cluster_redis *r);
};

/* Two connections, for one that listens may not ask. */
struct cluster_redis {
	const struct cluster_redis_ops *ops;
	void *owner;
	struct td_loop *loop;
	const struct cfg_cluster *cfg;	/* servers, sentinel, password; NULL: none is wanted */
	const char *channel;
	size_t turn;			/* which of the servers is asked now */
	struct redisAsyncContext *asked;	/* commands; before that, a sentinel */
	struct redisAsyncContext *heard;
	struct td_addr master;
	bool is_master, listens, open;
	size_t n_waiting;		/* commands without an answer yet */
	uint64_t answered_ms;
	struct td_timer timer;		/* what is awaited takes too long; the beat; the next try */
	struct td_deferred broken;
};

/** Find it; r->ops, owner, loop, cfg and channel are set. */
void cluster_redis_start(struct cluster_redis *r);
/** No-op when it was not started. closed() is called if it was open. */
void cluster_redis_stop(struct cluster_redis *r);
bool cluster_redis_has_room(const struct cluster_redis *r);
/** One command; fn (may be NULL) gets the answer, which is no error, or is never called. An error
 * closes the connection: what Redis refuses, the next master may not. */
struct cluster_redis_arg {
	const void *p;
	size_t len;
};
typedef void (*cluster_redis_fn)(struct cluster_redis *r, const struct redisReply *answer, void *arg);
void cluster_redis_ask(struct cluster_redis *r, cluster_redis_fn fn, void *arg, size_t n,
		       const struct cluster_redis_arg *args);
/** The same of words, NULL at the end. */
void cluster_redis_say(struct cluster_redis *r, cluster_redis_fn fn, void *arg, ...)
	__attribute__((sentinel));

#endif
