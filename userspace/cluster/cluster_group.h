/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: more than two routers. Each stores the records of its calls and
 * registrations in Redis, and says there what has changed; each keeps copies of all others in
 * memory, so that it can go on with them when Redis went with the router that is lost.
 */
#ifndef TD_CLUSTER_GROUP_H
#define TD_CLUSTER_GROUP_H

#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/cluster/cluster.h"
#include "userspace/cluster/cluster_copies.h"
#include "userspace/cluster/cluster_queue.h"
#include "userspace/cluster/cluster_redis.h"
#include "userspace/cluster/cluster_word.h"

#define GROUP_PREFIX_LEN 24		/* "tandem:", 8 letters made of the secret, ":" */
#define GROUP_EPOCH_LEN	 17
#define GROUP_KEY_LEN	 (GROUP_PREFIX_LEN + CFG_TEXT_LEN + GROUP_EPOCH_LEN + 16)
#define GROUP_ROUTERS	 64
#define GROUP_KEPT_S	 "3600"		/* of a router that is gone: nobody talks that long to it */

/* Another one, and copies of what it has. */
struct group_router {
	struct td_list node;
	struct cluster_group *g;
	char name[CFG_TEXT_LEN];
	char epoch[GROUP_EPOCH_LEN];	/* under which it has stored all; "": none */
	bool alive, loading;
	bool counts;			/* it tells anew: what it does not tell is not there */
	struct td_map calls, things;	/* cluster_copies.h */
};

struct cluster_group {
	struct td_cluster *c;
	struct cluster_redis redis;
	struct cluster_queue queue;	/* what has yet to be stored and told */
	uint8_t key[CLUSTER_KEY];
	char prefix[GROUP_PREFIX_LEN], channel[GROUP_KEY_LEN];
	char name[CFG_TEXT_LEN];	/* of this router; empty: no group */
	char instance[GROUP_EPOCH_LEN];	/* of this process */
	char epoch[GROUP_EPOCH_LEN];	/* of this connection */
	bool telling, whole;		/* ... all is stored */
	uint64_t opened_ms;
	unsigned int beats;
	struct td_list routers;
	size_t n_routers, n_loading;
	bool loaded;			/* what the others had stored is here */
	uint64_t n_sent, n_received, n_given_up;
};

/* cluster_group.c: ours */

void cluster_group_init(struct cluster_group *g, struct td_cluster *c);
/** As the configuration says now; reached anew when that has changed. */
void cluster_group_configure(struct cluster_group *g, const struct td_config *config,
			     const uint8_t secret_key[CLUSTER_KEY]);
/** That configuration says the same as the one before, which goes away. */
void cluster_group_use(struct cluster_group *g, const struct td_config *config);
void cluster_group_fini(struct cluster_group *g);
bool cluster_group_is_on(const struct cluster_group *g);
/** The record of the call at this place has changed, or is gone. */
void cluster_group_changed(struct cluster_group *g, uint32_t place);
/** Store and tell what has changed, while there is room. */
void cluster_group_send(struct cluster_group *g);
/** Store a word in this hash (NULL: nowhere), and say it. */
void group_tell(struct cluster_group *g, const struct cluster_word *w, const char *hash);
/** Another router went on with a call of ours. */
void group_give_up(struct cluster_group *g, const struct cluster_word *w);
/** "PREFIX:what:router" or, with an epoch, "PREFIX:what:router:epoch" */
const char *group_key(char dst[GROUP_KEY_LEN], const struct cluster_group *g, const char *what,
		      const char *router, const char *epoch);
void cluster_group_show(const struct cluster_group *g, struct td_json *j);

/* cluster_group_copies.c: the others' */

/** A connection has begun: read what is stored. */
void group_load(struct cluster_group *g);
/** Which of the others are there now. */
void group_ask_alive(struct cluster_group *g);
void group_heard(struct cluster_group *g, const void *p, size_t len);
/** Say again what we went on with: who had it may not have heard. */
void group_tell_taken(struct cluster_group *g);
void group_take_over(struct cluster_group *g, struct td_cluster_moved *moved);
/** What was taken is not ours any more: it may be taken again. */
void group_given_back(struct cluster_group *g);
void group_forget(struct cluster_group *g);

struct group_count {
	size_t calls, things, taken;
};
/** Of one router's copies. */
void group_count(const struct group_router *r, struct group_count *n);

#endif
