// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a bridge knows: by which of its ports a station is reached, and, when it filters
 * VLANs, what is a member of which and leaves with or without a tag.
 */
#include "netlink/nl_priv.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <string.h>

/* ---- stations ---- */

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

int td_nl_station_port(struct td_nl *nl, int bridge, uint16_t vid, const uint8_t mac[6])
{
	char buf[256];
	struct nl_station s = { 0 };
	struct nlmsghdr *h = td_nl_request(nl, buf, RTM_GETNEIGH, 0);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(h, sizeof(*nd));
	int err;

	nd->ndm_family = AF_BRIDGE;
	mnl_attr_put(h, NDA_LLADDR, 6, mac);
	mnl_attr_put_u32(h, NDA_MASTER, (uint32_t)bridge);
	if (vid)
		mnl_attr_put_u16(h, NDA_VLAN, vid);
	err = td_nl_ask(nl, h, station_answer, &s);
	return err || s.port == bridge || !s.port ? -ENOENT : s.port;
}

/* ---- VLANs ---- */

struct membership {
	uint16_t vid;			/* looked for; 0 = the one that untagged frames belong to */
	uint16_t found;
	bool untagged;
};

static void take_entry(const struct nlattr *entry, struct membership *m)
{
	const struct bridge_vlan_info *info = NULL;
	const struct nlattr *attr;
	uint16_t last;

	mnl_attr_for_each_nested(attr, entry) {
		if (mnl_attr_get_type(attr) == BRIDGE_VLANDB_ENTRY_INFO &&
		    mnl_attr_get_payload_len(attr) >= sizeof(*info))
			info = mnl_attr_get_payload(attr);
	}
	if (!info)
		return;
	last = info->vid;
	mnl_attr_for_each_nested(attr, entry) {
		if (mnl_attr_get_type(attr) == BRIDGE_VLANDB_ENTRY_RANGE)
			last = mnl_attr_get_u16(attr);
	}
	if (m->vid ? m->vid < info->vid || m->vid > last : !(info->flags & BRIDGE_VLAN_INFO_PVID))
		return;
	m->found = m->vid ? m->vid : info->vid;
	m->untagged = info->flags & BRIDGE_VLAN_INFO_UNTAGGED;
}

static int on_vlans(const struct nlmsghdr *h, void *out)
{
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(struct br_vlan_msg))
		return -EBADMSG;
	mnl_attr_for_each(attr, h, sizeof(struct br_vlan_msg)) {
		if (mnl_attr_get_type(attr) == BRIDGE_VLANDB_ENTRY)
			take_entry(attr, out);
	}
	return 0;
}

int td_nl_bridge_vlan(struct td_nl *nl, int ifindex, uint16_t vid, bool *untagged)
{
	struct membership m = { .vid = vid };
	char buf[256];
	struct nlmsghdr *h = td_nl_request(nl, buf, RTM_GETVLAN, NLM_F_DUMP);
	struct br_vlan_msg *msg = mnl_nlmsg_put_extra_header(h, sizeof(*msg));
	int err;

	msg->family = AF_BRIDGE;
	msg->ifindex = (uint32_t)ifindex;
	err = td_nl_ask(nl, h, on_vlans, &m);
	if (err || !m.found)
		return -EOPNOTSUPP;
	*untagged = m.untagged;
	return m.found;
}
