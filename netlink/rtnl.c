// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to the kernel about links and neighbours (rtnetlink, libmnl). Each is one request
 * and its answer on a socket of its own; the kernel answers within the send, so nothing here
 * waits for the network. Routes: rtnl_route.c. What lies under a link: rtnl_way.c,
 * rtnl_bridge.c. Events: rtnl_events.c.
 */
#include "netlink/nl_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define BUF_LEN 16384	/* a link with many attributes */
#define USABLE	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

/* ---- addresses in attributes ---- */

void td_nl_put_addr(struct nlmsghdr *h, uint16_t type, const struct td_addr *a)
{
	bool v4 = td_addr_is_v4(a);

	mnl_attr_put(h, type, v4 ? 4 : 16, v4 ? a->ip + 12 : a->ip);
}

bool td_nl_read_addr(struct td_addr *out, const void *data, size_t len)
{
	memset(out, 0, sizeof(*out));
	if (len == 16) {
		memcpy(out->ip, data, 16);
		return true;
	}
	if (len != 4)
		return false;
	out->ip[10] = out->ip[11] = 0xff;
	memcpy(out->ip + 12, data, 4);
	return true;
}

bool td_nl_get_addr(const struct nlattr *attr, struct td_addr *out)
{
	return td_nl_read_addr(out, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

/* ---- request and answer ---- */

struct nlmsghdr *td_nl_request(struct td_nl *nl, char *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = ++nl->seq;
	return h;
}

/* Errors of earlier requests that nobody waited for are skipped by their number. */
static int read_answer(const struct nlmsghdr *h, uint32_t seq, nl_answer_fn fn, void *out,
		       bool *done)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_seq != seq)
		return 0;
	*done = !(h->nlmsg_flags & NLM_F_MULTI) || h->nlmsg_type == NLMSG_DONE;
	if (h->nlmsg_type == NLMSG_DONE)
		return 0;
	if (h->nlmsg_type == NLMSG_ERROR)
		return mnl_nlmsg_get_payload_len(h) < sizeof(e->error) ? -EBADMSG : e->error;
	return fn ? fn(h, out) : 0;
}

int td_nl_ask(struct td_nl *nl, struct nlmsghdr *req, nl_answer_fn fn, void *out)
{
	static _Thread_local char buf[BUF_LEN];
	uint32_t seq = req->nlmsg_seq;
	bool done = false;
	int err = 0;

	if (mnl_socket_sendto(nl->ask, req, req->nlmsg_len) < 0)
		return -errno;
	while (!done) {
		ssize_t n = mnl_socket_recvfrom(nl->ask, buf, sizeof(buf));
		const struct nlmsghdr *h = (const void *)buf;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		for (; !done && mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
			int e = read_answer(h, seq, fn, out, &done);

			err = err ? err : e;
		}
	}
	return err;
}

/* ---- links ---- */

static int on_vlan_attr(const struct nlattr *attr, void *arg)
{
	struct td_nl_link *l = arg;

	if (mnl_attr_get_type(attr) == IFLA_VLAN_ID)
		l->vlan_id = mnl_attr_get_u16(attr);
	else if (mnl_attr_get_type(attr) == IFLA_VLAN_PROTOCOL)
		l->vlan_proto = ntohs(mnl_attr_get_u16(attr));
	return MNL_CB_OK;
}

static int on_bridge_attr(const struct nlattr *attr, void *arg)
{
	struct td_nl_link *l = arg;

	if (mnl_attr_get_type(attr) == IFLA_BR_VLAN_FILTERING)
		l->vlan_filtering = mnl_attr_get_u8(attr);
	else if (mnl_attr_get_type(attr) == IFLA_BR_VLAN_PROTOCOL)
		l->vlan_proto = ntohs(mnl_attr_get_u16(attr));
	return MNL_CB_OK;
}

/* The kernel puts the kind first. */
static int on_kind(const struct nlattr *attr, void *arg)
{
	struct td_nl_link *l = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		td_strlcpy(l->kind, mnl_attr_get_str(attr), sizeof(l->kind));
	else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA && !strcmp(l->kind, "vlan"))
		mnl_attr_parse_nested(attr, on_vlan_attr, l);
	else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA && !strcmp(l->kind, "bridge"))
		mnl_attr_parse_nested(attr, on_bridge_attr, l);
	return MNL_CB_OK;
}

static int on_link_attr(const struct nlattr *attr, void *arg)
{
	size_t len = mnl_attr_get_payload_len(attr);
	struct td_nl_link *l = arg;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		td_strlcpy(l->name, mnl_attr_get_str(attr), sizeof(l->name));
		break;
	case IFLA_ADDRESS:
		if (len == sizeof(l->mac))
			memcpy(l->mac, mnl_attr_get_payload(attr), len);
		else
			l->has_mac = false;
		break;
	case IFLA_MTU:
		l->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_MASTER:
		l->master = (int)mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK:
		l->lower = (int)mnl_attr_get_u32(attr);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, on_kind, l);
		break;
	}
	return MNL_CB_OK;
}

int td_nl_read_link(const struct nlmsghdr *h, struct td_nl_link *out)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*ifi))
		return -EBADMSG;
	if (ifi->ifi_family == AF_BRIDGE)
		return -EAFNOSUPPORT;	/* a bridge port's settings, not a link's */
	memset(out, 0, sizeof(*out));
	out->ifindex = ifi->ifi_index;
	out->up = ifi->ifi_flags & IFF_UP;
	out->loopback = ifi->ifi_flags & IFF_LOOPBACK;
	out->has_mac = ifi->ifi_type == ARPHRD_ETHER;
	mnl_attr_parse(h, sizeof(*ifi), on_link_attr, out);
	return 0;
}

static int link_answer(const struct nlmsghdr *h, void *out)
{
	return td_nl_read_link(h, out);
}

static int get_link(struct td_nl *nl, const char *name, int ifindex, struct td_nl_link *out)
{
	char buf[512];
	struct nlmsghdr *h = td_nl_request(nl, buf, RTM_GETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	if (name)
		mnl_attr_put_strz(h, IFLA_IFNAME, name);
	return td_nl_ask(nl, h, link_answer, out);
}

int td_nl_link_by_name(struct td_nl *nl, const char *name, struct td_nl_link *out)
{
	if (!name[0] || strlen(name) >= sizeof(out->name))
		return -ENODEV;
	return get_link(nl, name, 0, out);
}

/* Every route asks for its device: events tell when a known one is another. */
int td_nl_link_by_index(struct td_nl *nl, int ifindex, struct td_nl_link *out)
{
	struct td_nl_link *known = &nl->link[(unsigned int)ifindex % NL_CACHED_LINKS];
	int err;

	if (nl->listen && ifindex && known->ifindex == ifindex) {
		*out = *known;
		return 0;
	}
	err = get_link(nl, NULL, ifindex, out);
	if (!err)
		*known = *out;
	return err;
}

void td_nl_forget(struct td_nl *nl)
{
	memset(nl->link, 0, sizeof(nl->link));
	nl->places.known = false;
}

/* ---- neighbours ---- */

static int on_neigh_attr(const struct nlattr *attr, void *arg)
{
	struct nl_neigh *n = arg;

	if (mnl_attr_get_type(attr) == NDA_DST && !td_nl_get_addr(attr, &n->host))
		return MNL_CB_ERROR;
	if (mnl_attr_get_type(attr) == NDA_LLADDR &&
	    mnl_attr_get_payload_len(attr) == sizeof(n->mac))
		memcpy(n->mac, mnl_attr_get_payload(attr), sizeof(n->mac));
	return MNL_CB_OK;
}

int td_nl_read_neigh(const struct nlmsghdr *h, struct nl_neigh *out)
{
	static const uint8_t no_mac[6];
	const struct ndmsg *nd = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*nd))
		return -EBADMSG;
	if (nd->ndm_family != AF_INET && nd->ndm_family != AF_INET6)
		return -EAFNOSUPPORT;
	memset(out, 0, sizeof(*out));
	out->ifindex = nd->ndm_ifindex;
	if (mnl_attr_parse(h, sizeof(*nd), on_neigh_attr, out) < 0 || !td_addr_is_set(&out->host))
		return -EBADMSG;
	out->usable = h->nlmsg_type == RTM_NEWNEIGH && (nd->ndm_state & USABLE) &&
		      memcmp(out->mac, no_mac, sizeof(no_mac));
	return 0;
}

static int neigh_answer(const struct nlmsghdr *h, void *out)
{
	return td_nl_read_neigh(h, out);
}

static struct nlmsghdr *neigh_request(struct td_nl *nl, char *buf, uint16_t type, uint16_t flags,
				      int ifindex, const struct td_addr *host, uint8_t ndm_flags)
{
	struct nlmsghdr *h = td_nl_request(nl, buf, type, flags);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(h, sizeof(*nd));

	nd->ndm_family = td_addr_is_v4(host) ? AF_INET : AF_INET6;
	nd->ndm_ifindex = ifindex;
	nd->ndm_flags = ndm_flags;
	td_nl_put_addr(h, NDA_DST, host);
	return h;
}

void td_nl_find_neigh(struct td_nl *nl, struct td_nl_hop *hop)
{
	char buf[256];
	struct nl_neigh n = { 0 };

	if (td_nl_ask(nl, neigh_request(nl, buf, RTM_GETNEIGH, 0, hop->ifindex, &hop->via, 0),
		neigh_answer, &n) || !n.usable)
		return;
	memcpy(hop->dst_mac, n.mac, sizeof(hop->dst_mac));
	hop->has_mac = true;
}

int td_nl_neigh_probe(struct td_nl *nl, int ifindex, const struct td_addr *host)
{
	char buf[256];
	/* NTF_USE: as if a packet had been sent; an entry that is old gets confirmed */
	struct nlmsghdr *h = neigh_request(nl, buf, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
					   ifindex, host, NTF_USE);

	/* no answer asked for: a refusal is read, and skipped, with the next question */
	return mnl_socket_sendto(nl->ask, h, h->nlmsg_len) < 0 ? -errno : 0;
}

/* ---- open, close ---- */

static int open_ask(struct td_nl *nl)
{
	struct timeval second = { .tv_sec = 1 };	/* a lost answer must not stop the loop */

	nl->ask = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl->ask)
		return -errno;
	if (mnl_socket_bind(nl->ask, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(nl->ask), SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	return 0;
}

int td_nl_open(struct td_nl **out, struct td_loop *loop, const struct td_nl_events *ev, void *arg)
{
	struct td_nl *nl = td_zalloc(sizeof(*nl));
	int err;

	if (!nl)
		return -ENOMEM;
	nl->loop = loop;
	nl->arg = arg;
	if (ev)
		nl->ev = *ev;
	err = open_ask(nl);
	if (!err && loop && ev)
		err = td_nl_listen_open(nl);
	if (err) {
		td_nl_close(nl);
		return err;
	}
	*out = nl;
	return 0;
}

void td_nl_close(struct td_nl *nl)
{
	if (!nl)
		return;
	td_nl_listen_close(nl);
	if (nl->ask)
		mnl_socket_close(nl->ask);
	td_free(nl);
}
