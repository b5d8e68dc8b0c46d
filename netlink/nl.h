/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: the kernel's links, addresses, routes and neighbours (rtnetlink by
 * libmnl), as plain structs. Queries answer at once (the kernel answers in the same
 * call, about 20 us); changes come as events on the loop. No library type shows here.
 */
#ifndef TD_NETLINK_NL_H
#define TD_NETLINK_NL_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/addr.h"
#include "userspace/base/loop.h"

struct td_nl;

struct td_nl_link {
	int ifindex;
	char name[16];
	char kind[16];			/* "veth", "bridge", "vlan" ...; empty for plain devices */
	uint8_t mac[6];
	bool has_mac;			/* Ethernet or alike */
	bool up, loopback;
	uint32_t mtu;
	int master;			/* bridge or VRF it belongs to, 0 = none */
	int lower;			/* VLAN's or veth's lower device, 0 = none */
	uint16_t vlan_id, vlan_proto;	/* of kind "vlan": 1..4094; 0x8100 or 0x88a8 */
	bool vlan_filtering;		/* a bridge that knows VLANs, of kind vlan_proto */
};

#define TD_NL_TAGS 2

/** Where a frame leaves in truth: the device under VLANs and bridges, and the tags it needs. */
struct td_nl_way {
	int ifindex;
	uint32_t mtu;			/* the least on it */
	uint16_t tpid[TD_NL_TAGS], tci[TD_NL_TAGS];	/* outer first; tpid 0 = no (more) tag */
};

/** How to reach a host: the egress link and the neighbour to address. */
struct td_nl_hop {
	int ifindex;
	struct td_addr via;		/* the neighbour: gateway or the host itself */
	struct td_addr src;		/* source address the kernel prefers */
	uint8_t src_mac[6], dst_mac[6];
	bool has_mac;			/* the neighbour is known and usable */
	bool ethernet;			/* else there are no neighbours: PPP, a tunnel */
	bool local;			/* the host is this machine */
};

struct td_nl_events {
	void (*link)(void *arg, const struct td_nl_link *link, bool gone);
	void (*neigh)(void *arg, int ifindex, const struct td_addr *host, const uint8_t mac[6],
		      bool usable);
	/* A bridge has learned (forgotten: port 0) by which port a station is reached. */
	void (*station)(void *arg, int bridge, const uint8_t mac[6], int port);
	void (*route)(void *arg);	/* any route, rule or address changed: ask again */
	void (*addr)(void *arg);	/* an address did; route is told, too */
	void (*resync)(void *arg);	/* events were lost (ENOBUFS): ask everything again */
};

/** Open in the calling process's network namespace. ev's members may be NULL. */
int td_nl_open(struct td_nl **out, struct td_loop *loop, const struct td_nl_events *ev, void *arg);
void td_nl_close(struct td_nl *nl);

int td_nl_link_by_name(struct td_nl *nl, const char *name, struct td_nl_link *out);
int td_nl_link_by_index(struct td_nl *nl, int ifindex, struct td_nl_link *out);
/** The devices that a link's frames come and go by: a bridge's ports, what a VLAN lies on, else
 * the link itself. Returns how many, at most max; -ENODEV. */
int td_nl_carriers(struct td_nl *nl, const char *name, struct td_nl_link *out, int max);
/** True when frames of this device may have VLAN tags: VLANs lie on it, or on a bridge that it is a
 * port of, or that bridge filters VLANs. */
bool td_nl_carries_tags(struct td_nl *nl, int ifindex);
/** Shall the device take VLAN tags off what it receives (rx VLAN offload)? 1 when that changed, 0
 * when it was so. -EOPNOTSUPP, -EPERM. */
int td_nl_rx_vlan(const char *ifname, bool strip);
/** From a route's device to the one that transmits, for frames to this neighbour. mac may be NULL
 * while it is not known. -ENOENT: a bridge does not know (yet) by which port; -EOPNOTSUPP: no
 * way that frames could take (no Ethernet, more than two tags, not a member of the VLAN). */
int td_nl_way(struct td_nl *nl, int ifindex, const uint8_t *mac, struct td_nl_way *out);
/** Route and neighbour for a destination, for packets that leave from this address of ours: rules
 * may look at it, and it says in which VRF the destination is. NULL or unset = any.
 * -EHOSTUNREACH, -ENETUNREACH. */
int td_nl_resolve(struct td_nl *nl, const struct td_addr *dst, const struct td_addr *from,
		  struct td_nl_hop *out);
/** Ask the kernel to find (or confirm) a neighbour now; the answer comes as an event. */
int td_nl_neigh_probe(struct td_nl *nl, int ifindex, const struct td_addr *host);
/** MAC that holds this address on a directly attached network, as the kernel knows it. -ENOENT. */
int td_nl_neigh_mac(struct td_nl *nl, const struct td_addr *host, uint8_t mac[6]);
/** How many filters stand in a device's clsact qdisc; a socket of its own. Negative errno:
 * there is no such qdisc, or no answer. */
int td_nl_tc_filters(int ifindex, bool egress);
/** True when the address is one of this host's. */
bool td_nl_is_local(struct td_nl *nl, const struct td_addr *addr);

#endif
