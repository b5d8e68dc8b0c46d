// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lies under a link: the way of a frame from the device that a route names (br-lan,
 * eth0.100) down to the one that transmits, through a bridge's table of stations and with
 * the tags that VLAN devices would put on; and the other way round, the devices that a
 * link's frames come in by.
 */
#include "netlink/nl_priv.h"

#include <errno.h>
#include <string.h>

#define MAX_DEPTH	6	/* a VLAN on a VLAN on a bridge on VLANs, and some */
#define MAX_DUMPED	512

/* ---- a bridge's stations ---- */

static int on_station_attr(const struct nlattr *attr, void *arg)
{
	struct nl_station *s = arg;

	if (mnl_attr_get_type(attr) == NDA_MASTER)
		s->bridge = (int)mnl_attr_get_u32(attr);
	if (mnl_attr_get_type(attr) == NDA_LLADDR &&
	    mnl_attr_get_payload_len(attr) == sizeof(s->mac))
		memcpy(s->mac, mnl_attr_get_payload(attr), sizeof(s->mac));
	return MNL_CB_OK;
}

int td_nl_read_station(const struct nlmsghdr *h, struct nl_station *out)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*nd))
		return -EBADMSG;
	if (nd->ndm_family != AF_BRIDGE)
		return -EAFNOSUPPORT;
	memset(out, 0, sizeof(*out));
	out->port = nd->ndm_ifindex;
	mnl_attr_parse(h, sizeof(*nd), on_station_attr, out);
	return out->bridge ? 0 : -EBADMSG;	/* else a device's own list of addresses */
}

static int station_answer(const struct nlmsghdr *h, void *out)
{
	return td_nl_read_station(h, out);
}

static int find_port(struct td_nl *nl, int bridge, const uint8_t mac[6])
{
	char buf[256];
	struct nl_station s = { 0 };
	struct nlmsghdr *h = td_nl_request(nl, buf, RTM_GETNEIGH, 0);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(h, sizeof(*nd));
	int err;

	nd->ndm_family = AF_BRIDGE;
	mnl_attr_put(h, NDA_LLADDR, 6, mac);
	mnl_attr_put_u32(h, NDA_MASTER, (uint32_t)bridge);
	err = td_nl_ask(nl, h, station_answer, &s);
	return err || s.port == bridge || !s.port ? -ENOENT : s.port;
}

/* ---- down ---- */

static int push_tag(struct td_nl_way *way, const struct td_nl_link *vlan)
{
	if (way->tpid[TD_NL_TAGS - 1])
		return -EOPNOTSUPP;
	for (int i = TD_NL_TAGS - 1; i > 0; i--) {
		way->tpid[i] = way->tpid[i - 1];
		way->tci[i] = way->tci[i - 1];
	}
	way->tpid[0] = vlan->vlan_proto;
	way->tci[0] = vlan->vlan_id;
	return 0;
}

/* One step; 0 = this is the device. */
static int next_device(struct td_nl *nl, const struct td_nl_link *link, const uint8_t *mac,
		       struct td_nl_way *way)
{
	int err;

	if (!strcmp(link->kind, "vlan")) {
		err = push_tag(way, link);
		return err ? err : link->lower;
	}
	if (strcmp(link->kind, "bridge") != 0)
		return 0;
	if (link->vlan_filtering)
		return -EOPNOTSUPP;
	return mac ? find_port(nl, link->ifindex, mac) : -ENOENT;
}

int td_nl_way(struct td_nl *nl, int ifindex, const uint8_t *mac, struct td_nl_way *out)
{
	memset(out, 0, sizeof(*out));
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		struct td_nl_link link;
		int err = td_nl_link_by_index(nl, ifindex, &link);

		if (err)
			return -ENOENT;
		if (!depth)
			out->mtu = link.mtu;
		out->ifindex = ifindex;
		ifindex = next_device(nl, &link, mac, out);
		if (ifindex < 0)
			out->ifindex = 0;
		if (ifindex <= 0)
			return ifindex;
	}
	out->ifindex = 0;
	return -EOPNOTSUPP;
}

/* ---- all links ---- */

struct links {
	struct td_nl_link v[MAX_DUMPED];
	int n;
};

static int on_dumped(const struct nlmsghdr *h, void *out)
{
	struct links *l = out;

	if (l->n < MAX_DUMPED && !td_nl_read_link(h, &l->v[l->n]))
		l->n++;
	return 0;
}

static int all_links(struct td_nl *nl, struct links *l)
{
	char buf[256];
	struct nlmsghdr *h = td_nl_request(nl, buf, RTM_GETLINK, NLM_F_DUMP);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	l->n = 0;
	return td_nl_ask(nl, h, on_dumped, l);
}

bool td_nl_has_vlans(struct td_nl *nl, int ifindex)
{
	static _Thread_local struct links l;

	if (all_links(nl, &l))
		return false;
	for (int i = 0; i < l.n; i++)
		if (l.v[i].lower == ifindex && !strcmp(l.v[i].kind, "vlan"))
			return true;
	return false;
}

static const struct td_nl_link *find_link(const struct links *l, int ifindex)
{
	for (int i = 0; i < l->n; i++)
		if (l->v[i].ifindex == ifindex)
			return &l->v[i];
	return NULL;
}

static int add_carriers(const struct links *l, const struct td_nl_link *link,
			struct td_nl_link *out, int max, int depth)
{
	int n = 0;

	if (!link || max <= 0 || depth >= MAX_DEPTH)
		return 0;
	if (!strcmp(link->kind, "vlan"))
		return add_carriers(l, find_link(l, link->lower), out, max, depth + 1);
	if (strcmp(link->kind, "bridge") != 0) {
		out[0] = *link;
		return 1;
	}
	for (int i = 0; i < l->n; i++)
		if (l->v[i].master == link->ifindex)
			n += add_carriers(l, &l->v[i], out + n, max - n, depth + 1);
	return n;
}

int td_nl_carriers(struct td_nl *nl, const char *name, struct td_nl_link *out, int max)
{
	static _Thread_local struct links l;
	struct td_nl_link link;
	int err = td_nl_link_by_name(nl, name, &link);

	if (err)
		return -ENODEV;
	if (strcmp(link.kind, "vlan") != 0 && strcmp(link.kind, "bridge") != 0) {
		out[0] = link;
		return 1;
	}
	err = all_links(nl, &l);
	return err ? err : add_carriers(&l, &link, out, max, 0);
}
