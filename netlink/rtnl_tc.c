// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of a clsact qdisc, counted: whoever made the qdisc takes it away again only when
 * nobody else uses it.
 */
#include "netlink/nl_priv.h"

#include <errno.h>
#include <linux/pkt_sched.h>

#define BUF_LEN 16384

static int count_one(const struct nlmsghdr *h, void *arg)
{
	int *n = arg;

	(void)h;
	++*n;
	return MNL_CB_OK;
}

static int dump(struct mnl_socket *s, int ifindex, uint32_t parent)
{
	char buf[BUF_LEN];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct tcmsg *tc;
	ssize_t len;
	int n = 0, more = MNL_CB_OK;

	h->nlmsg_type = RTM_GETTFILTER;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tc = mnl_nlmsg_put_extra_header(h, sizeof(*tc));
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	if (mnl_socket_sendto(s, h, h->nlmsg_len) < 0)
		return -errno;
	while (more > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(s, buf, sizeof(buf));
		if (len < 0)
			return -errno;
		more = mnl_cb_run(buf, (size_t)len, 0, mnl_socket_get_portid(s), count_one, &n);
	}
	return more < 0 ? -errno : n;
}

int td_nl_tc_filters(int ifindex, bool egress)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int n;

	if (!s)
		return -errno;
	n = mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) ? -errno :
	    dump(s, ifindex, TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS));
	mnl_socket_close(s);
	return n;
}
