/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of netlink/: two sockets, one for questions (rtnl.c), one that listens
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

/** 0, or -EAFNOSUPPORT / -EBADMSG for messages that are not for us. */
int td_nl_read_link(const struct nlmsghdr *h, struct td_nl_link *out);
int td_nl_read_neigh(const struct nlmsghdr *h, struct nl_neigh *out);

int td_nl_listen_open(struct td_nl *nl);
void td_nl_listen_close(struct td_nl *nl);

#endif
