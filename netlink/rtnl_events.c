// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel tells on its own: links, neighbours, stations of bridges, routes, rules and
 * addresses that change. Events are hints to ask again; when the kernel had to drop some
 * (ENOBUFS) the listener is told once that everything may be different.
 */
#include "netlink/nl_priv.h"

#include <errno.h>
#include <sys/socket.h>

#include "userspace/base/log.h"

#define GROUPS (RTMGRP_LINK | RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | \
		RTMGRP_IPV4_RULE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE | \
		(1u << (RTNLGRP_IPV6_RULE - 1)))

#define RCVBUF_BYTES	(1024 * 1024)	/* a full BGP table coming in makes bursts */
#define READS_PER_WAKE	64		/* then the loop's other guests have their turn */

static void on_route(struct td_nl *nl)
{
	if (nl->ev.route)
		nl->ev.route(nl->arg);
}

static void on_link(struct td_nl *nl, const struct nlmsghdr *h)
{
	struct td_nl_link link;
	int err = td_nl_read_link(h, &link);

	td_nl_forget(nl);
	if (!err && nl->ev.link)
		nl->ev.link(nl->arg, &link, h->nlmsg_type == RTM_DELLINK);
	else if (err == -EAFNOSUPPORT)
		on_route(nl);		/* a bridge's port is another one now */
}

static void on_neigh(struct td_nl *nl, const struct nlmsghdr *h)
{
	struct nl_neigh n;

	if (nl->ev.neigh && !td_nl_read_neigh(h, &n))
		nl->ev.neigh(nl->arg, n.ifindex, &n.host, n.mac, n.usable);
}

static void on_station(struct td_nl *nl, const struct nlmsghdr *h)
{
	struct nl_station s;

	if (nl->ev.station && !td_nl_read_station(h, &s))
		nl->ev.station(nl->arg, s.bridge, s.mac,
			       h->nlmsg_type == RTM_NEWNEIGH ? s.port : 0);
}

static int on_message(const struct nlmsghdr *h, void *arg)
{
	struct td_nl *nl = arg;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		on_link(nl, h);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		on_neigh(nl, h);
		on_station(nl, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		td_nl_forget(nl);
		on_route(nl);
		if (nl->ev.addr)
			nl->ev.addr(nl->arg);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWVLAN:
	case RTM_DELVLAN:
		on_route(nl);
		break;
	}
	return MNL_CB_OK;
}

static void on_lost(struct td_nl *nl)
{
	td_log_limited(TD_LOG_NETLINK, TD_WARN, "kernel events lost, asking again for everything");
	td_nl_forget(nl);
	if (nl->ev.resync)
		nl->ev.resync(nl->arg);
}

static void on_readable(void *arg, int fd, unsigned int events)
{
	static _Thread_local char buf[16384];
	struct td_nl *nl = arg;

	(void)fd;
	(void)events;
	for (int i = 0; i < READS_PER_WAKE; i++) {
		ssize_t n = mnl_socket_recvfrom(nl->listen, buf, sizeof(buf));

		if (n < 0 && errno == ENOBUFS)
			on_lost(nl);
		else if (n < 0)
			return;
		else
			mnl_cb_run(buf, (size_t)n, 0, 0, on_message, nl);
	}
}

int td_nl_listen_open(struct td_nl *nl)
{
	int size = RCVBUF_BYTES, vlans = RTNLGRP_BRVLAN, fd;

	nl->listen = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!nl->listen)
		return -errno;
	fd = mnl_socket_get_fd(nl->listen);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(nl->listen, GROUPS, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* beyond the mask above; an old kernel does not have it */
	mnl_socket_setsockopt(nl->listen, NETLINK_ADD_MEMBERSHIP, &vlans, sizeof(vlans));
	return td_loop_watch(nl->loop, fd, TD_READ, on_readable, nl);
}

void td_nl_listen_close(struct td_nl *nl)
{
	if (!nl->listen)
		return;
	td_loop_unwatch(nl->loop, mnl_socket_get_fd(nl->listen));
	mnl_socket_close(nl->listen);
	nl->listen = NULL;
}
