/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: of two routers, each is two things at once. As leader it has calls and
 * sends their records to the other router; as follower it has copies of the other router's. Of more
 * than two, each is a member of a group (cluster_group.h).
 */
#ifndef TD_CLUSTER_PRIV_H
#define TD_CLUSTER_PRIV_H

#include "userspace/base/map.h"
#include "userspace/base/snapshot.h"
#include "userspace/cluster/cluster.h"
#include "userspace/cluster/cluster_copies.h"
#include "userspace/cluster/cluster_group.h"
#include "userspace/cluster/cluster_link.h"
#include "userspace/cluster/cluster_queue.h"

enum cluster_state { CLUSTER_ALONE, CLUSTER_GREETS, CLUSTER_LIVES };

struct cluster_leader {
	struct td_cluster *c;
	struct cluster_link link;
	enum cluster_state state;
	uint8_t nonce[CLUSTER_NONCE];
	struct cluster_queue queue;	/* what the follower does not have yet */
	bool whole;			/* it has been told that it has everything */
	bool things_whole;		/* ... and all things */
	uint64_t n_sent, n_given_up;
};

struct cluster_follower {
	struct td_cluster *c;
	struct cluster_link link;
	enum cluster_state state;
	uint8_t has[CLUSTER_NONCE];	/* the leader's nonce */
	struct td_timer again;
	struct snapshot *copies;
	uint32_t at[TD_KEPT_PLACES + 1];	/* the leader's place -> ours, 0 = none */
	bool fresh[TD_KEPT_PLACES + 1];	/* of this connection */
	bool whole;
	struct td_map things;		/* cluster_copies.h */
	size_t n_copies, n_taken;	/* taken: ours now, the leader has yet to let go */
	uint64_t n_received;
};

#define CLUSTER_ASKED 8			/* addresses of which is remembered whether they are here */

struct td_cluster {
	struct td_loop *loop;
	struct td_core *core;
	const struct td_config *config;
	bool (*is_local)(void *arg, const struct td_addr *a);
	void *arg;
	struct td_cluster_things mine;
	int listen_fd;			/* -1: not wanted */
	struct td_addr listening;
	struct td_addr own, other;	/* not set: no other router */
	uint8_t key[CLUSTER_KEY];	/* of the secret */
	struct td_timer listen_again;
	bool was_here[CFG_MAX_LISTEN];	/* which of sip.source_address */
	struct td_deferred look;
	bool stay;			/* asked is true */
	struct { struct td_addr addr; bool here; } asked[CLUSTER_ASKED];
	size_t n_asked;
	uint64_t taking_until_ms;	/* what is taken over has addresses that have yet to come */
	struct cluster_leader leader;
	struct cluster_follower follower;
	struct cluster_group group;	/* instead of both, when there is a Redis */
	struct cfg_cluster used;	/* by the group, with the hostname */
	char used_hostname[CFG_TEXT_LEN];
};

/* cluster.c */

/** Copies have come: if a take-over is going on, they belong to it. */
void cluster_take_more(struct td_cluster *c);
/** While they stay, the kernel is asked once for each: it takes as long as the rest of a call. */
void cluster_addresses_stay(struct td_cluster *c, bool stay);

/* cluster_leader.c */

void cluster_leader_init(struct td_cluster *c);
/** The other router is here, from its address: greet it. Its earlier connection ends. */
void cluster_leader_accept(struct td_cluster *c, int fd);
void cluster_leader_close(struct td_cluster *c);
/** The record of the call at this place has changed, or is gone. */
void cluster_leader_changed(struct cluster_leader *ld, uint32_t place);

/** Send what has changed, while there is room. */
void cluster_leader_send(struct cluster_leader *ld);

/* cluster_things.c: the leader's side, the follower's side */

/** Send what has changed, while there is room. */
void cluster_things_send(struct cluster_leader *ld);
/** False: a frame that makes no sense. */
bool cluster_things_heard(struct cluster_follower *fw, const struct cluster_frame *f);

/* cluster_follower.c */

/** Opens the file of copies. */
int cluster_follower_init(struct td_cluster *c, const char *path);
/** Connect now, and again whenever that ends. */
void cluster_follower_dial(struct td_cluster *c);
void cluster_follower_close(struct td_cluster *c);
void cluster_follower_take_over(struct td_cluster *c, struct td_cluster_moved *moved);
void cluster_follower_fini(struct td_cluster *c);

#endif
