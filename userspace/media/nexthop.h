/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to a remote host, as XDP needs it: the device that transmits and the index of a next
 * hop in td_nexthops. Looked up once per host, shared by all flows to it, kept current by
 * netlink events and by asking neighbours that flows need whether they are still there.
 */
#ifndef TD_MEDIA_NEXTHOP_H
#define TD_MEDIA_NEXTHOP_H

#include "netlink/nl.h"
#include "userspace/base/list.h"
#include "userspace/media/tables.h"

struct td_nexthops;
struct nh_dst;

/** Sits in whoever needs a host reached; zeroed = needs none. */
struct nh_user {
	struct td_list node;
	struct nh_dst *dst;
	uint32_t tag;			/* its owner's, for changed() */
};

struct td_nexthops_args {
	struct td_loop *loop;
	struct td_nl *nl;		/* NULL: no next hop is ever known */
	struct td_tables *tables;
	/* The host is now reached by another interface or next hop. Not called from
	 * td_nh_use(). The user may change its host in it. */
	void (*changed)(void *arg, struct nh_user *user);
	void *arg;
	bool adopt;			/* entries of an earlier process are in use until td_nh_adopted() */
};

/** What an earlier process left and nobody uses now is free again. */
void td_nh_adopted(struct td_nexthops *n);
int td_nh_new(struct td_nexthops **out, const struct td_nexthops_args *args);
void td_nh_free(struct td_nexthops *n);

/** From now on the user needs this host reached from that address of ours, NULL or unset = any
 * (ports do not matter). No host: none. */
int td_nh_use(struct td_nexthops *n, struct nh_user *user, const struct td_addr *host,
	      const struct td_addr *from);
/** Device that transmits to it (a bridge's port, what a VLAN lies on); 0 = not reachable, this
 * very machine, or not known. */
int td_nh_ifindex(const struct nh_user *user);
/** Index in td_nexthops, 0 = none. The entry itself tells whether it is usable now. */
uint32_t td_nh_index(const struct nh_user *user);

/** An interface became a target of redirects as td_devs[dev], or none any more. */
void td_nh_set_dev(struct td_nexthops *n, int ifindex, uint32_t dev, bool usable);
/** Frames to all of them go by td_copy_devs (TD_NH_COPIES), or no more. */
void td_nh_set_copies(struct td_nexthops *n, bool on);
void td_nh_on_neigh(struct td_nexthops *n, int ifindex, const struct td_addr *host,
		    const uint8_t mac[6], bool usable);
/** A bridge sees this station at another port now; 0 = it has forgotten it. */
void td_nh_on_station(struct td_nexthops *n, const uint8_t mac[6], int port);
/** Routes, addresses or links changed: everything is asked again soon. */
void td_nh_on_route(struct td_nexthops *n);
/** The address that the kernel would send from; unset when it is not known. */
void td_nh_source(const struct nh_user *user, struct td_addr *out);
size_t td_nh_count(const struct td_nexthops *n);

#endif
