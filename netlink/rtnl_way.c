// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lies under a link: the way of a frame from the device that a route names (br-lan,
 * eth0.100) down to the one that transmits, through a bridge's tables and with the tags that
 * VLAN devices would put on; and the other way round, the devices that a link's frames come in
 * by.
 */
#include "netlink/nl_priv.h"

#include <errno.h>
#include <string.h>

#define MAX_DEPTH	6	/* a VLAN on a VLAN on a bridge on VLANs, and some */
#define MAX_DUMPED	512

/* ---- down ---- */

static int push_tag(struct td_nl_way *way, uint16_t proto, uint16_t vid)
{
	if (way->tpid[TD_NL_TAGS - 1])
		return -EOPNOTSUPP;
	for (int i = TD_NL_TAGS - 1; i > 0; i--) {
		way->tpid[i] = way->tpid[i - 1];
		way->tci[i] = way->tci[i - 1];
	}
	way->tpid[0] = proto;
	way->tci[0] = vid;
	return 0;
}

static void drop_outer_tag(struct td_nl_way *way)
{
	for (int i = 1; i < TD_NL_TAGS; i++) {
		way->tpid[i - 1] = way->tpid[i];
		way->tci[i - 1] = way->tci[i];
	}
	way->tpid[TD_NL_TAGS - 1] = way->tci[TD_NL_TAGS - 1] = 0;
}

/* A bridge that filters: a frame belongs to the VLAN of its outer tag, if that is of the bridge's
 * kind, else to the one that the bridge itself is in without a tag; and the port says whether it
 * leaves with that tag. */
static int through_vlans(struct td_nl *nl, const struct td_nl_link *bridge, const uint8_t mac[6],
			 struct td_nl_way *way)
{
	bool tagged = way->tpid[0] && way->tpid[0] == bridge->vlan_proto, untagged;
	int vid = td_nl_bridge_vlan(nl, bridge->ifindex, tagged ? way->tci[0] : 0, &untagged);
	int port, err;

	if (vid < 0)
		return vid;
	if (tagged)
		drop_outer_tag(way);
	port = td_nl_station_port(nl, bridge->ifindex, (uint16_t)vid, mac);
	if (port < 0)
		return port;
	err = td_nl_bridge_vlan(nl, port, (uint16_t)vid, &untagged);
	if (err < 0)
		return err;
	err = untagged ? 0 : push_tag(way, bridge->vlan_proto, (uint16_t)vid);
	return err ? err : port;
}

/* One step; 0 = this is the device. */
static int next_device(struct td_nl *nl, const struct td_nl_link *link, const uint8_t *mac,
		       struct td_nl_way *way)
{
	int err;

	if (!strcmp(link->kind, "vlan")) {
		err = push_tag(way, link->vlan_proto, link->vlan_id);
		return err ? err : link->lower;
	}
	if (strcmp(link->kind, "bridge") != 0)
		return link->has_mac ? 0 : -EOPNOTSUPP;
	if (!mac)
		return -ENOENT;
	return link->vlan_filtering ? through_vlans(nl, link, mac, way) :
				      td_nl_station_port(nl, link->ifindex, 0, mac);
}

int td_nl_way(struct td_nl *nl, int ifindex, const uint8_t *mac, struct td_nl_way *out)
{
	memset(out, 0, sizeof(*out));
	for (int depth = 0; depth < MAX_DEPTH; depth++) {
		struct td_nl_link link;
		int err = td_nl_link_by_index(nl, ifindex, &link);

		if (err)
			return -ENOENT;
		if (!depth || link.mtu < out->mtu)
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

static const struct td_nl_link *find_link(const struct links *l, int ifindex)
{
	for (int i = 0; i < l->n; i++)
		if (l->v[i].ifindex == ifindex)
			return &l->v[i];
	return NULL;
}

static bool carries_tags(const struct links *l, const struct td_nl_link *link, int depth)
{
	if (!link || depth >= MAX_DEPTH)
		return false;
	if (!strcmp(link->kind, "bridge") && link->vlan_filtering)
		return true;
	for (int i = 0; i < l->n; i++)
		if (l->v[i].lower == link->ifindex && !strcmp(l->v[i].kind, "vlan"))
			return true;
	link = find_link(l, link->master);
	return link && !strcmp(link->kind, "bridge") && carries_tags(l, link, depth + 1);
}

bool td_nl_carries_tags(struct td_nl *nl, int ifindex)
{
	static _Thread_local struct links l;

	return !all_links(nl, &l) && carries_tags(&l, find_link(&l, ifindex), 0);
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
