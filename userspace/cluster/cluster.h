/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two routers of which each keeps a copy of the other's calls and registrations, to go on with
 * them when their address moves. See docs/redundancy.md.
 */
#ifndef TD_CLUSTER_H
#define TD_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include "config/config.h"
#include "userspace/base/buf.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/core/core.h"

struct td_cluster;

/* What else the other router has copies of, from another room: registrations. */
struct td_cluster_things {
	/* The next that has changed; false: none. Nothing is written when it is gone. */
	bool (*next)(void *arg, uint64_t *id, struct td_buf *record);
	void (*all)(void *arg);		/* all have changed */
	bool (*lost_count)(void *arg);	/* all must be told anew */
	/* Go on with it; age: since it was told of. -EADDRNOTAVAIL: its address is not here. */
	int (*adopt)(void *arg, struct td_buf *record, uint32_t age_s);
	void *arg;
};

struct td_cluster_args {
	struct td_loop *loop;
	struct td_core *core;
	const struct td_config *config;	/* stays until td_cluster_configure() */
	const char *copy_path;		/* file of the other router's calls, in run_dir */
	bool (*is_local)(void *arg, const struct td_addr *a);	/* an address of this host */
	void *arg;
	struct td_cluster_things things;
};

/** What became of the other router's calls. */
struct td_cluster_moved {
	size_t taken, elsewhere, failed;	/* elsewhere: their address is not here */
	size_t things;			/* registrations that were taken */
};

/** Before td_core_restore(), which asks for addresses. Without replicate_secret it only waits for a configuration with one. */
int td_cluster_start(struct td_cluster **out, const struct td_cluster_args *args);
void td_cluster_configure(struct td_cluster *c, const struct td_config *config);
/** There are new ones of args.things. */
void td_cluster_things_changed(struct td_cluster *c);
/** Is there another router, as the configuration says? */
bool td_cluster_is_paired(const struct td_cluster *c);
/** After the core, whose last words are heard. NULL is fine. The copies stay in their file. */
void td_cluster_stop(struct td_cluster *c);
/**
 * td_cluster_take_over - go on with the other router's calls whose address is here now. Those of
 * addresses that come in the next seconds follow by themselves: VRRP says that we are the master
 * when it has set the first of them.
 */
void td_cluster_take_over(struct td_cluster *c, struct td_cluster_moved *moved);
/** Nothing more follows. */
void td_cluster_stand_by(struct td_cluster *c);
/** An address has come or gone; SIP has heard of it. */
void td_cluster_addresses_changed(struct td_cluster *c);
void td_cluster_show(const struct td_cluster *c, struct td_json *j, const char *key);

#endif
