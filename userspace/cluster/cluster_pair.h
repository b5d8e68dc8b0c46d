/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: the primary and the secondary of section cluster, for copies of calls
 * and for CME's synchronisation.
 */
#ifndef TD_CLUSTER_PAIR_H
#define TD_CLUSTER_PAIR_H

#include <stdbool.h>
#include "config/model.h"

enum pair_role { PAIR_NONE, PAIR_PRIMARY, PAIR_SECONDARY };

/** Which of the two are we? PAIR_NONE: there are no two, or neither address is ours; own and other are
 * not set then. Their port is the caller's affair. */
enum pair_role cluster_pair_find(const struct cfg_cluster *cfg,
				 bool (*is_local)(void *arg, const struct td_addr *a), void *arg,
				 struct td_addr *own, struct td_addr *other);
/**
 * A connection that is being made from our own address, so that the other router knows us.
 * patience_ms: how long it may not confirm what is sent (TCP_USER_TIMEOUT); 0: as long as usual.
 * Returns the socket, or -errno.
 */
int cluster_pair_dial(const struct td_addr *own, const struct td_addr *other, int patience_ms);

#endif
