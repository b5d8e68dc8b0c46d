// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a route's device down to the wire, with a kernel that is a few tables: it reads the
 * requests that are sent and answers with messages as rtnetlink makes them. VLAN devices, two
 * tags, bridges with and without VLANs, VRFs, tunnels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <linux/if_arp.h>
#include <linux/if_bridge.h>

#include "netlink/nl_priv.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the tables ---- */

enum { LO = 1, ETH0, ETH1, ETH2, ETH3, ETH4, BR_LAN = 10, BR_VLAN, ETH0_100 = 20, ETH0_S,
       ETH0_S_7, DEEP, BR_LAN_5, BR_VLAN_5, BR_VLAN_6, VRF = 30, PPP0 = 40, LOOP_A = 50, LOOP_B };

static const struct fake_link {
	int index;
	const char *name, *kind;
	int master, lower;
	uint32_t mtu;
	uint16_t vid, proto;
	bool filtering, bare;
} links[] = {
	{ LO, "lo", "", 0, 0, 65536, 0, 0, false, true },
	{ ETH0, "eth0", "", 0, 0, 1500, 0, 0, false, false },
	{ ETH1, "eth1", "", BR_LAN, 0, 1500, 0, 0, false, false },
	{ ETH2, "eth2", "", BR_LAN, 0, 1400, 0, 0, false, false },
	{ ETH3, "eth3", "", BR_VLAN, 0, 1500, 0, 0, false, false },
	{ ETH4, "eth4", "", VRF, 0, 1500, 0, 0, false, false },
	{ BR_LAN, "br-lan", "bridge", VRF, 0, 1500, 0, ETH_P_8021Q, false, false },
	{ BR_VLAN, "br-vlan", "bridge", 0, 0, 1500, 0, ETH_P_8021Q, true, false },
	{ ETH0_100, "eth0.100", "vlan", BR_VLAN, ETH0, 1500, 100, ETH_P_8021Q, false, false },
	{ ETH0_S, "eth0.s", "vlan", 0, ETH0, 1500, 9, ETH_P_8021AD, false, false },
	{ ETH0_S_7, "eth0.s.7", "vlan", 0, ETH0_S, 1496, 7, ETH_P_8021Q, false, false },
	{ DEEP, "eth0.s.7.8", "vlan", 0, ETH0_S_7, 1492, 8, ETH_P_8021Q, false, false },
	{ BR_LAN_5, "br-lan.5", "vlan", 0, BR_LAN, 1500, 5, ETH_P_8021Q, false, false },
	{ BR_VLAN_5, "br-vlan.5", "vlan", 0, BR_VLAN, 1500, 5, ETH_P_8021Q, false, false },
	{ BR_VLAN_6, "br-vlan.6", "vlan", 0, BR_VLAN, 1500, 6, ETH_P_8021Q, false, false },
	{ VRF, "red", "vrf", 0, 0, 65575, 0, 0, false, false },
	{ PPP0, "ppp0", "ppp", 0, 0, 1492, 0, 0, false, true },
	/* two VLANs that lie on each other: a kernel never has it, an answer may say it */
	{ LOOP_A, "loop-a", "vlan", 0, LOOP_B, 1500, 1, ETH_P_8021Q, false, false },
	{ LOOP_B, "loop-b", "vlan", 0, LOOP_A, 1500, 1, ETH_P_8021Q, false, false },
};

static const uint8_t phone[6] = { 2, 0, 0, 0, 0, 1 }, other[6] = { 2, 0, 0, 0, 0, 2 },
		     nobody[6] = { 2, 0, 0, 0, 0, 9 }, self[6] = { 2, 0, 0, 0, 0, 7 };

static const struct {
	int bridge, port;
	uint16_t vid;
	const uint8_t *mac;
} stations[] = {
	{ BR_LAN, ETH1, 0, phone },
	{ BR_LAN, ETH2, 0, other },
	{ BR_LAN, BR_LAN, 0, self },
	{ BR_VLAN, ETH0, 1, phone },
	{ BR_VLAN, ETH0, 5, phone },
	{ BR_VLAN, ETH0_100, 5, other },
	{ BR_VLAN, ETH2, 5, self },
};

static const struct {
	int dev;
	uint16_t first, last;
	uint16_t flags;
} vlans[] = {
	{ BR_VLAN, 1, 1, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED },
	{ BR_VLAN, 2, 5, 0 },
	{ ETH0, 1, 1, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED },
	{ ETH0, 4, 8, 0 },
	{ ETH0_100, 5, 5, BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED },
};

/* 192.0.2.x: own addresses */
static const struct {
	int dev;
	uint8_t last;
} addresses[] = { { ETH0, 1 }, { BR_LAN, 2 }, { VRF, 3 } };

/* ---- the answers ---- */

static char queue[65536];
static size_t queued;
static uint32_t asked_oif;
static uint8_t asked_src;

static struct nlmsghdr *answer(const struct nlmsghdr *req, uint16_t type, bool multi)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(queue + queued);

	h->nlmsg_type = type;
	h->nlmsg_seq = req->nlmsg_seq;
	h->nlmsg_flags = multi ? NLM_F_MULTI : 0;
	return h;
}

static void enqueue(const struct nlmsghdr *h)
{
	queued += MNL_ALIGN(h->nlmsg_len);
	assert_true(queued < sizeof(queue) - 1024);
}

static void finish(const struct nlmsghdr *req, int err)
{
	bool dump = req->nlmsg_flags & NLM_F_DUMP;
	struct nlmsghdr *h = answer(req, dump ? NLMSG_DONE : NLMSG_ERROR, dump);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(h, sizeof(*e));

	e->error = err;
	enqueue(h);
}

static void answer_link(const struct nlmsghdr *req, const struct fake_link *l)
{
	struct nlmsghdr *h = answer(req, RTM_NEWLINK, req->nlmsg_flags & NLM_F_DUMP);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(h, sizeof(*ifi));
	struct nlattr *info, *data;

	ifi->ifi_index = l->index;
	ifi->ifi_type = l->bare ? ARPHRD_PPP : ARPHRD_ETHER;
	mnl_attr_put_strz(h, IFLA_IFNAME, l->name);
	mnl_attr_put_u32(h, IFLA_MTU, l->mtu);
	if (!l->bare)
		mnl_attr_put(h, IFLA_ADDRESS, 6, self);
	if (l->master)
		mnl_attr_put_u32(h, IFLA_MASTER, (uint32_t)l->master);
	if (l->lower)
		mnl_attr_put_u32(h, IFLA_LINK, (uint32_t)l->lower);
	if (l->kind[0]) {
		info = mnl_attr_nest_start(h, IFLA_LINKINFO);
		mnl_attr_put_strz(h, IFLA_INFO_KIND, l->kind);
		data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
		if (!strcmp(l->kind, "vlan")) {
			mnl_attr_put_u16(h, IFLA_VLAN_ID, l->vid);
			mnl_attr_put_u16(h, IFLA_VLAN_PROTOCOL, htons(l->proto));
		} else if (!strcmp(l->kind, "bridge")) {
			mnl_attr_put_u8(h, IFLA_BR_VLAN_FILTERING, l->filtering);
			mnl_attr_put_u16(h, IFLA_BR_VLAN_PROTOCOL, htons(l->proto));
		}
		mnl_attr_nest_end(h, data);
		mnl_attr_nest_end(h, info);
	}
	enqueue(h);
}

static const void *attr_of(const struct nlmsghdr *req, size_t skip, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, req, (unsigned int)skip)
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_get_payload(attr);
	return NULL;
}

static void on_getlink(const struct nlmsghdr *req)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(req);
	const char *name = attr_of(req, sizeof(*ifi), IFLA_IFNAME);

	for (size_t i = 0; i < N(links); i++) {
		bool all = req->nlmsg_flags & NLM_F_DUMP;

		if (!all && (name ? strcmp(name, links[i].name) : ifi->ifi_index != links[i].index))
			continue;
		answer_link(req, &links[i]);
		if (!all)
			return;
	}
	finish(req, req->nlmsg_flags & NLM_F_DUMP ? 0 : -ENODEV);
}

static void on_getneigh(const struct nlmsghdr *req)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(req);
	const uint8_t *mac = attr_of(req, sizeof(*nd), NDA_LLADDR);
	const uint16_t *vid = attr_of(req, sizeof(*nd), NDA_VLAN);
	const uint32_t *bridge = attr_of(req, sizeof(*nd), NDA_MASTER);
	struct nlmsghdr *h;
	struct ndmsg *out;

	for (size_t i = 0; nd->ndm_family == AF_BRIDGE && i < N(stations); i++) {
		if ((int)*bridge != stations[i].bridge || memcmp(mac, stations[i].mac, 6) ||
		    (vid ? *vid : 0) != stations[i].vid)
			continue;
		h = answer(req, RTM_NEWNEIGH, false);
		out = mnl_nlmsg_put_extra_header(h, sizeof(*out));
		out->ndm_family = AF_BRIDGE;
		out->ndm_ifindex = stations[i].port;
		mnl_attr_put(h, NDA_LLADDR, 6, mac);
		mnl_attr_put_u32(h, NDA_MASTER, *bridge);
		enqueue(h);
		return;
	}
	finish(req, -ENOENT);
}

static void on_getvlan(const struct nlmsghdr *req)
{
	const struct br_vlan_msg *want = mnl_nlmsg_get_payload(req);
	struct nlmsghdr *h = answer(req, RTM_NEWVLAN, true);
	struct br_vlan_msg *msg = mnl_nlmsg_put_extra_header(h, sizeof(*msg));

	msg->family = AF_BRIDGE;
	msg->ifindex = want->ifindex;
	for (size_t i = 0; i < N(vlans); i++) {
		struct bridge_vlan_info info = { .flags = vlans[i].flags, .vid = vlans[i].first };
		struct nlattr *entry;

		if (vlans[i].dev != (int)want->ifindex)
			continue;
		entry = mnl_attr_nest_start(h, BRIDGE_VLANDB_ENTRY);
		mnl_attr_put(h, BRIDGE_VLANDB_ENTRY_INFO, sizeof(info), &info);
		if (vlans[i].last != vlans[i].first)
			mnl_attr_put_u16(h, BRIDGE_VLANDB_ENTRY_RANGE, vlans[i].last);
		mnl_attr_nest_end(h, entry);
	}
	enqueue(h);
	finish(req, 0);
}

static void on_getaddr(const struct nlmsghdr *req)
{
	for (size_t i = 0; i < N(addresses); i++) {
		uint8_t ip[4] = { 192, 0, 2, addresses[i].last };
		struct nlmsghdr *h = answer(req, RTM_NEWADDR, true);
		struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(h, sizeof(*ifa));

		ifa->ifa_index = (uint32_t)addresses[i].dev;
		mnl_attr_put(h, IFA_ADDRESS, 4, ip);
		mnl_attr_put(h, IFA_LOCAL, 4, ip);
		enqueue(h);
	}
	finish(req, 0);
}

/* everything by eth0, or by ppp0 when the last byte is 99 */
static void on_getroute(const struct nlmsghdr *req)
{
	const struct rtmsg *want = mnl_nlmsg_get_payload(req);
	const uint32_t *oif = attr_of(req, sizeof(*want), RTA_OIF);
	const uint8_t *src = attr_of(req, sizeof(*want), RTA_SRC);
	const uint8_t *dst = attr_of(req, sizeof(*want), RTA_DST);
	struct nlmsghdr *h = answer(req, RTM_NEWROUTE, false);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(h, sizeof(*rt));

	assert_int_equal(want->rtm_src_len, src ? 32 : 0);
	asked_oif = oif ? *oif : 0;
	asked_src = src ? src[3] : 0;
	rt->rtm_family = AF_INET;
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(h, RTA_OIF, dst[3] == 99 ? PPP0 : ETH0);
	enqueue(h);
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *buf, size_t len)
{
	const struct nlmsghdr *req = buf;

	(void)nl;
	queued = 0;
	switch (req->nlmsg_type) {
	case RTM_GETLINK: on_getlink(req); break;
	case RTM_GETNEIGH: on_getneigh(req); break;
	case RTM_GETVLAN: on_getvlan(req); break;
	case RTM_GETADDR: on_getaddr(req); break;
	case RTM_GETROUTE: on_getroute(req); break;
	default: finish(req, -EOPNOTSUPP);
	}
	return (ssize_t)len;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	size_t n = queued;

	(void)nl;
	assert_true(n && n <= size);
	memcpy(buf, queue, n);
	queued = 0;
	return (ssize_t)n;
}

static struct td_nl *nl;

static int setup(void **state)
{
	(void)state;
	return td_nl_open(&nl, NULL, NULL, NULL);
}

static int teardown(void **state)
{
	(void)state;
	td_nl_close(nl);
	return 0;
}

/* ---- ways ---- */

static struct td_nl_way way(int ifindex, const uint8_t *mac, int want)
{
	struct td_nl_way w;

	assert_int_equal(td_nl_way(nl, ifindex, mac, &w), want);
	if (want)
		assert_int_equal(w.ifindex, 0);
	return w;
}

static void plain(void **state)
{
	struct td_nl_way w = way(ETH0, phone, 0);

	(void)state;
	assert_int_equal(w.ifindex, ETH0);
	assert_int_equal(w.mtu, 1500);
	assert_int_equal(w.tpid[0], 0);
	way(PPP0, phone, -EOPNOTSUPP);
	way(99, phone, -ENOENT);
}

static void vlan_devices(void **state)
{
	struct td_nl_way w = way(ETH0_100, NULL, 0);

	(void)state;
	assert_int_equal(w.ifindex, ETH0);
	assert_int_equal(w.tpid[0], ETH_P_8021Q);
	assert_int_equal(w.tci[0], 100);
	assert_int_equal(w.tpid[1], 0);
	w = way(ETH0_S_7, phone, 0);		/* QinQ: the device below is the outer tag */
	assert_int_equal(w.ifindex, ETH0);
	assert_int_equal(w.tpid[0], ETH_P_8021AD);
	assert_int_equal(w.tci[0], 9);
	assert_int_equal(w.tpid[1], ETH_P_8021Q);
	assert_int_equal(w.tci[1], 7);
	assert_int_equal(w.mtu, 1496);
	way(DEEP, phone, -EOPNOTSUPP);		/* three tags */
	way(LOOP_A, phone, -EOPNOTSUPP);
}

static void bridge(void **state)
{
	struct td_nl_way w = way(BR_LAN, phone, 0);

	(void)state;
	assert_int_equal(w.ifindex, ETH1);
	assert_int_equal(w.tpid[0], 0);
	w = way(BR_LAN, other, 0);
	assert_int_equal(w.ifindex, ETH2);
	assert_int_equal(w.mtu, 1400);		/* the port's is less */
	way(BR_LAN, NULL, -ENOENT);
	way(BR_LAN, nobody, -ENOENT);
	way(BR_LAN, self, -ENOENT);		/* the bridge's own address */
	w = way(BR_LAN_5, phone, 0);		/* a bridge that does not look at tags keeps them */
	assert_int_equal(w.ifindex, ETH1);
	assert_int_equal(w.tci[0], 5);
}

static void bridge_that_filters(void **state)
{
	struct td_nl_way w = way(BR_VLAN, phone, 0);

	(void)state;
	assert_int_equal(w.ifindex, ETH0);
	assert_int_equal(w.tpid[0], 0);		/* VLAN 1, untagged there */
	w = way(BR_VLAN_5, phone, 0);
	assert_int_equal(w.ifindex, ETH0);
	assert_int_equal(w.tpid[0], ETH_P_8021Q);
	assert_int_equal(w.tci[0], 5);		/* one of 4-8, tagged */
	assert_int_equal(w.tpid[1], 0);
	w = way(BR_VLAN_5, other, 0);		/* untagged at that port, which is a VLAN itself */
	assert_int_equal(w.ifindex, ETH0);
	assert_int_equal(w.tci[0], 100);
	assert_int_equal(w.tpid[1], 0);
	way(BR_VLAN_6, phone, -EOPNOTSUPP);	/* the bridge itself is not in VLAN 6 */
	way(BR_VLAN_5, self, -EOPNOTSUPP);	/* nor is that port in VLAN 5 */
}

/* ---- the other way round ---- */

static void carriers(void **state)
{
	struct td_nl_link out[8];

	(void)state;
	assert_int_equal(td_nl_carriers(nl, "br-lan", out, 8), 2);
	assert_string_equal(out[0].name, "eth1");
	assert_string_equal(out[1].name, "eth2");
	assert_int_equal(td_nl_carriers(nl, "br-lan", out, 1), 1);
	assert_int_equal(td_nl_carriers(nl, "br-vlan", out, 8), 2);
	assert_string_equal(out[0].name, "eth3");
	assert_string_equal(out[1].name, "eth0");	/* a VLAN is its port */
	assert_int_equal(td_nl_carriers(nl, "eth0.s.7", out, 8), 1);
	assert_string_equal(out[0].name, "eth0");
	assert_int_equal(td_nl_carriers(nl, "eth2", out, 8), 1);
	assert_string_equal(out[0].name, "eth2");
	assert_int_equal(td_nl_carriers(nl, "loop-a", out, 8), 0);
	assert_int_equal(td_nl_carriers(nl, "eth9", out, 8), -ENODEV);
}

static void tags(void **state)
{
	(void)state;
	assert_true(td_nl_carries_tags(nl, ETH0));
	assert_true(td_nl_carries_tags(nl, ETH1));	/* a VLAN lies on its bridge */
	assert_true(td_nl_carries_tags(nl, ETH3));	/* its bridge filters */
	assert_true(td_nl_carries_tags(nl, BR_VLAN));
	assert_false(td_nl_carries_tags(nl, ETH4));	/* in a VRF, which is no bridge */
	assert_false(td_nl_carries_tags(nl, PPP0));
	assert_false(td_nl_carries_tags(nl, 99));
}

/* ---- routes ---- */

static int resolve(uint8_t own, uint8_t last, struct td_nl_hop *hop)
{
	struct td_addr dst, from;

	td_addr_set_v4(&dst, 0xc6336400u | last, 5004);
	td_addr_set_v4(&from, own ? 0xc0000200u | own : 0, 5004);
	return td_nl_resolve(nl, &dst, &from, hop);
}

static void own_address_and_vrf(void **state)
{
	struct td_nl_hop hop;

	(void)state;
	assert_int_equal(resolve(1, 1, &hop), 0);
	assert_int_equal(hop.ifindex, ETH0);
	assert_true(hop.ethernet);
	assert_int_equal(asked_src, 1);
	assert_int_equal(asked_oif, 0);
	assert_int_equal(resolve(2, 1, &hop), 0);	/* on a bridge in the VRF */
	assert_int_equal(asked_oif, VRF);
	assert_int_equal(resolve(3, 1, &hop), 0);	/* on the VRF itself */
	assert_int_equal(asked_oif, VRF);
	assert_int_equal(resolve(0, 1, &hop), 0);	/* any */
	assert_int_equal(asked_src, 0);
	assert_int_equal(asked_oif, 0);
	assert_int_equal(resolve(1, 99, &hop), 0);
	assert_false(hop.ethernet);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(plain),
		T(vlan_devices),
		T(bridge),
		T(bridge_that_filters),
		T(carriers),
		T(tags),
		T(own_address_and_vrf),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("netlink_way", tests, NULL, NULL);
}
