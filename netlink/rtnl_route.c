// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions about ways: the route to a host and the neighbour on it, as the kernel would
 * choose for a socket that sends from one of our addresses. That address matters twice: a rule
 * may choose an uplink by it, and it tells in which VRF the host is.
 */
#include "netlink/nl_priv.h"

#include <errno.h>
#include <string.h>

/* ---- VRFs: which of our addresses are in one ---- */

struct vrfs {
	int v[NL_MAX_PLACES];
	int n;
};

static int on_vrf(const struct nlmsghdr *h, void *out)
{
	struct vrfs *l = out;
	struct td_nl_link link;

	if (!td_nl_read_link(h, &link) && !strcmp(link.kind, "vrf") && l->n < NL_MAX_PLACES)
		l->v[l->n++] = link.ifindex;
	return 0;
}

static bool is_vrf(const struct vrfs *l, int ifindex)
{
	for (int i = 0; i < l->n; i++)
		if (l->v[i] == ifindex)
			return true;
	return false;
}

static int on_own_addr(const struct nlmsghdr *h, void *out)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(h);
	struct nl_places *p = out;
	const struct nlattr *attr;
	struct nl_place *place;
	bool has_local = false;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*ifa) || p->n == NL_MAX_PLACES)
		return 0;
	place = &p->v[p->n];
	place->where = (int)ifa->ifa_index;
	mnl_attr_for_each(attr, h, sizeof(*ifa)) {
		uint16_t type = mnl_attr_get_type(attr);

		/* on a point-to-point link IFA_ADDRESS is the other end's */
		if (type == IFA_LOCAL)
			has_local = td_nl_get_addr(attr, &place->addr);
		else if (type == IFA_ADDRESS && !has_local)
			td_nl_get_addr(attr, &place->addr);
	}
	p->n += td_addr_is_set(&place->addr);
	return 0;
}

static int dump(struct td_nl *nl, uint16_t type, nl_answer_fn fn, void *out)
{
	char buf[256];
	struct nlmsghdr *h = td_nl_request(nl, buf, type, NLM_F_DUMP);

	/* a family, and the rest zero, is how either message begins */
	mnl_nlmsg_put_extra_header(h, type == RTM_GETLINK ? sizeof(struct ifinfomsg) :
							     sizeof(struct ifaddrmsg));
	return td_nl_ask(nl, h, fn, out);
}

/* From the device that an address is on to the VRF that the device is in; others go. */
static void keep_vrfs_only(struct td_nl *nl, const struct vrfs *l)
{
	struct nl_places *p = &nl->places;
	int kept = 0;

	for (int i = 0; i < p->n; i++) {
		struct nl_place place = p->v[i];
		struct td_nl_link link;

		if (!is_vrf(l, place.where)) {
			if (td_nl_link_by_index(nl, place.where, &link))
				continue;
			place.where = link.master;
		}
		if (is_vrf(l, place.where))
			p->v[kept++] = place;
	}
	p->n = kept;
}

static void find_places(struct td_nl *nl)
{
	struct vrfs l = { .n = 0 };

	memset(&nl->places, 0, sizeof(nl->places));
	nl->places.known = !dump(nl, RTM_GETLINK, on_vrf, &l);
	if (l.n && !dump(nl, RTM_GETADDR, on_own_addr, &nl->places))
		keep_vrfs_only(nl, &l);
}

int td_nl_vrf_of(struct td_nl *nl, const struct td_addr *own)
{
	/* without events nothing would tell that it has changed */
	if (!nl->places.known || !nl->listen)
		find_places(nl);
	for (int i = 0; i < nl->places.n; i++)
		if (td_addr_same_ip(&nl->places.v[i].addr, own))
			return nl->places.v[i].where;
	return 0;
}

/* ---- routes ---- */

struct route_answer {
	struct td_nl_hop *hop;
	bool has_gateway;
};

/* RTA_VIA: an IPv4 route by an IPv6 neighbour (RFC 8950) */
static bool get_via(const struct nlattr *attr, struct td_addr *out)
{
	const uint8_t *p = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	return len > 2 && td_nl_read_addr(out, p + 2, len - 2);
}

static int on_route_attr(const struct nlattr *attr, void *arg)
{
	struct route_answer *r = arg;

	switch (mnl_attr_get_type(attr)) {
	case RTA_OIF:
		r->hop->ifindex = (int)mnl_attr_get_u32(attr);
		break;
	case RTA_GATEWAY:
		r->has_gateway = td_nl_get_addr(attr, &r->hop->via);
		break;
	case RTA_VIA:
		r->has_gateway = get_via(attr, &r->hop->via);
		break;
	case RTA_PREFSRC:
		td_nl_get_addr(attr, &r->hop->src);
		break;
	}
	return MNL_CB_OK;
}

static int route_answer(const struct nlmsghdr *h, void *out)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(h);
	struct route_answer *r = out;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*rt))
		return -EBADMSG;
	mnl_attr_parse(h, sizeof(*rt), on_route_attr, r);
	r->hop->local = rt->rtm_type == RTN_LOCAL;
	return rt->rtm_type == RTN_LOCAL || rt->rtm_type == RTN_UNICAST ? 0 : -EHOSTUNREACH;
}

static int find_route(struct td_nl *nl, const struct td_addr *dst, const struct td_addr *from,
		      struct td_nl_hop *out)
{
	bool v4 = td_addr_is_v4(dst), bound = from && !td_addr_is_any(from);
	uint32_t oif = dst->scope ? dst->scope :
		       bound ? (uint32_t)td_nl_vrf_of(nl, from) : 0;
	struct route_answer answer = { .hop = out };
	char buf[256];
	struct nlmsghdr *h = td_nl_request(nl, buf, RTM_GETROUTE, 0);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));
	int err;

	rt->rtm_family = v4 ? AF_INET : AF_INET6;
	rt->rtm_dst_len = v4 ? 32 : 128;
	td_nl_put_addr(h, RTA_DST, dst);
	if (bound && td_addr_is_v4(from) == v4) {
		rt->rtm_src_len = rt->rtm_dst_len;
		td_nl_put_addr(h, RTA_SRC, from);
	}
	if (oif)
		mnl_attr_put_u32(h, RTA_OIF, oif);
	err = td_nl_ask(nl, h, route_answer, &answer);
	if (err)
		return err == -ENETUNREACH ? err : -EHOSTUNREACH;
	if (!answer.has_gateway)
		out->via = *dst;
	out->via.port = 0;
	return 0;
}

int td_nl_resolve(struct td_nl *nl, const struct td_addr *dst, const struct td_addr *from,
		  struct td_nl_hop *out)
{
	struct td_nl_link link;
	int err;

	memset(out, 0, sizeof(*out));
	err = find_route(nl, dst, from, out);
	if (err || out->local)
		return err;
	err = td_nl_link_by_index(nl, out->ifindex, &link);
	if (err)
		return -EHOSTUNREACH;
	out->ethernet = link.has_mac;
	memcpy(out->src_mac, link.mac, sizeof(out->src_mac));
	if (link.has_mac)
		td_nl_find_neigh(nl, out);
	return 0;
}

bool td_nl_is_local(struct td_nl *nl, const struct td_addr *addr)
{
	struct td_nl_hop hop = { 0 };

	return !find_route(nl, addr, NULL, &hop) && hop.local;
}

int td_nl_neigh_mac(struct td_nl *nl, const struct td_addr *host, uint8_t mac[6])
{
	struct td_nl_hop hop;
	int err = td_nl_resolve(nl, host, NULL, &hop);

	if (err || hop.local || !hop.has_mac || !td_addr_same_ip(&hop.via, host))
		return -ENOENT;
	memcpy(mac, hop.dst_mac, sizeof(hop.dst_mac));
	return 0;
}
