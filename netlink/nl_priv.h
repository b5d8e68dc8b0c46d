/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of netlink/: two sockets, one for questions (rtnl.c, rtnl_route.c, rtnl_way.c,
 * rtnl_bridge.c), one that listens (rtnl_events.c), and the readers of messages that both use.
 */
#ifndef TD_NETLINK_NL_PRIV_H
#define TD_NETLINK_NL_PRIV_H

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include "netlink/nl.h"

#define NL_MAX_PLACES 64

/** Those of our addresses that are in a VRF. */
struct nl_places {
	bool known;
	int n;
	struct nl_place {
		struct td_addr addr;
		int where;		/* the VRF's index */
	} v[NL_MAX_PLACES];
};

#define NL_CACHED_LINKS 32

struct td_nl {
	struct mnl_socket *ask;
	struct mnl_socket *listen;
	uint32_t seq;
	struct td_nl_link link[NL_CACHED_LINKS];	/* by index modulo; forgotten with any change */
	struct nl_places places;	/* asked for when needed, forgotten when links change */
	struct td_loop *loop;
	struct td_nl_events ev;
	void *arg;
};

/** A neighbour as a message tells it. */
struct nl_neigh {
	int ifindex;
	struct td_addr host;
	uint8_t mac[6];
	bool usable;		/* may be addressed now */
};

/** A station in a bridge's table. */
struct nl_station {
	int bridge, port;
	uint8_t mac[6];
};

typedef int (*nl_answer_fn)(const struct nlmsghdr *h, void *out);

/** The head of a request in buf; attributes may follow. */
struct nlmsghdr *td_nl_request(struct td_nl *nl, char *buf, uint16_t type, uint16_t flags);
/** Send it and read the answer; every message of it when it is a dump. */
int td_nl_ask(struct td_nl *nl, struct nlmsghdr *req, nl_answer_fn fn, void *out);

void td_nl_put_addr(struct nlmsghdr *h, uint16_t type, const struct td_addr *a);
/** IPv4 or IPv6 by the length; false for any other. */
bool td_nl_read_addr(struct td_addr *out, const void *data, size_t len);
bool td_nl_get_addr(const struct nlattr *attr, struct td_addr *out);

/** The neighbour hop->via on hop->ifindex; leaves has_mac false when it is not usable. */
void td_nl_find_neigh(struct td_nl *nl, struct td_nl_hop *hop);
/** The VRF that one of our addresses is in, 0 = none. */
int td_nl_vrf_of(struct td_nl *nl, const struct td_addr *own);
/** The port where a bridge saw a station, in a VLAN when it filters, else vid 0. -ENOENT. */
int td_nl_station_port(struct td_nl *nl, int bridge, uint16_t vid, const uint8_t mac[6]);
/** Is a bridge or a port of one member of a VLAN (0: the one of untagged frames)? Its number, and
 * whether frames leave without a tag. -EOPNOTSUPP: no. */
int td_nl_bridge_vlan(struct td_nl *nl, int ifindex, uint16_t vid, bool *untagged);
int td_nl_read_station(const struct nlmsghdr *h, struct nl_station *out);
/** 0, or -EAFNOSUPPORT / -EBADMSG for messages that are not for us. */
int td_nl_read_link(const struct nlmsghdr *h, struct td_nl_link *out);
int td_nl_read_neigh(const struct nlmsghdr *h, struct nl_neigh *out);

/** Links or addresses are others now, or may be. */
void td_nl_forget(struct td_nl *nl);
int td_nl_listen_open(struct td_nl *nl);
void td_nl_listen_close(struct td_nl *nl);

#endif
