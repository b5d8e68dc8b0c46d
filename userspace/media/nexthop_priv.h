/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the next hops: nexthop.c keeps destinations and their users, nexthop_hops.c the
 * neighbours behind them with their entries of td_nexthops.
 */
#ifndef TD_MEDIA_NEXTHOP_PRIV_H
#define TD_MEDIA_NEXTHOP_PRIV_H

#include "userspace/base/map.h"
#include "userspace/media/nexthop.h"

#define TD_NH_TICK_MS	1000
#define TD_NH_SEARCH_MS	2000	/* a neighbour that does not answer is asked for again */

struct nh_key {
	uint8_t via[16];
	int32_t ifindex;
};

/** One neighbour on one interface; owned by the destinations that count it. */
struct nh {
	struct td_map_node node;
	struct nh_key key;
	struct td_addr via;
	uint32_t index;			/* in td_nexthops */
	uint32_t refs;			/* destinations */
	uint32_t needed;		/* destinations with users */
	uint64_t next_probe_ms;
	uint8_t dst_mac[6], src_mac[6];
	struct td_nl_way way;		/* ifindex 0: none that XDP can take */
	uint32_t round;			/* of questions when it was last asked for */
	bool known;			/* the neighbour's MAC is usable */
	bool lost;			/* a bridge does not know where it is */
};

struct dst_key {
	uint8_t ip[16];
	uint8_t from[16];
	uint32_t scope;
};

struct nh_dst {
	struct td_map_node node;
	struct dst_key key;
	struct td_addr host, from;
	struct td_addr src;		/* that the kernel prefers */
	struct td_list users;		/* struct nh_user */
	struct td_list idle;		/* in the idle list when there are none */
	struct nh *nh;
	int ifindex;			/* that transmits, as the users were told */
	uint32_t round;			/* of questions when it was last asked for */
};

/** A target of redirects. */
struct nh_dev {
	int ifindex;
	uint32_t dev;
};

struct td_nexthops {
	struct td_nexthops_args a;
	struct td_map dsts, nhs;
	struct td_list idle;		/* oldest first */
	size_t n_idle;
	uint32_t round;
	uint16_t free_index[TD_MAX_NEXTHOPS];
	size_t n_free;
	struct nh_dev dev[TD_MAX_DEVS];
	size_t n_devs;
	bool copies;			/* TD_NH_COPIES */
	struct td_timer refresh, tick;
	uint64_t refresh_from_ms;	/* not before */
	uint32_t target;		/* round of the questions that are being asked */
	size_t refreshed;		/* hosts, in this round */
	bool refreshing;
};

/* nexthop_hops.c */
struct nh *td_nh_find(struct td_nexthops *n, int ifindex, const struct td_addr *via);
/** The next hop of a route, made when it is new, asked for once in a round. NULL: all indices are
 * in use. */
struct nh *td_nh_for_hop(struct td_nexthops *n, const struct td_nl_hop *hop);
/** One destination less; the last one frees it. NULL is none. */
void td_nh_put(struct td_nexthops *n, struct nh *nh);
/** Write its entry, when that differs. */
void td_nh_publish(struct td_nexthops *n, const struct nh *nh);
/** Ask for the way below its interface. True: another device transmits now. */
bool td_nh_find_way(struct td_nexthops *n, struct nh *nh);
/** Would an answer of the neighbour help? */
bool td_nh_is_searched(const struct nh *nh);
void td_nh_probe(struct td_nexthops *n, struct nh *nh);
/** Timer: ask neighbours that flows need. */
void td_nh_on_tick(void *arg);

#endif
