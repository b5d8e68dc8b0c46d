/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of netlink/: two sockets, one for questions (rtnl.c, rtnl_way.c), one that listens
 * (rtnl_events.c), and the readers of messages that both use.
 */
#ifndef TD_NETLINK_NL_PRIV_H
#define TD_NETLINK_NL_PRIV_H

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include "netlink/nl.h"

struct td_nl {
	struct mnl_socket *ask;
	struct mnl_socket *listen;
	uint32_t seq;
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

int td_nl_read_station(const struct nlmsghdr *h, struct nl_station *out);
/** 0, or -EAFNOSUPPORT / -EBADMSG for messages that are not for us. */
int td_nl_read_link(const struct nlmsghdr *h, struct td_nl_link *out);
int td_nl_read_neigh(const struct nlmsghdr *h, struct nl_neigh *out);

int td_nl_listen_open(struct td_nl *nl);
void td_nl_listen_close(struct td_nl *nl);

#endif
