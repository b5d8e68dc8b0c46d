// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A neighbour on an interface, the way down to the device that transmits to it, and the entry
 * of td_nexthops that XDP reads. Who needs which: nexthop.c.
 */
#include "userspace/media/nexthop_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"

#define CONFIRM_MS	15000	/* within the kernel's own 30 s of reachability */

/* ---- entries of td_nexthops ---- */

static const struct nh_dev *find_dev(const struct td_nexthops *n, int ifindex)
{
	for (size_t i = 0; i < n->n_devs; i++)
		if (n->dev[i].ifindex == ifindex)
			return &n->dev[i];
	return NULL;
}

/* A write of the same content would only make readers stumble. */
static bool same_entry(const struct td_nexthop *a, const struct td_nexthop *b)
{
	return !memcmp((const char *)a + sizeof(a->gen_head),
		       (const char *)b + sizeof(b->gen_head),
		       offsetof(struct td_nexthop, gen_tail) - sizeof(a->gen_head));
}

void td_nh_publish(struct td_nexthops *n, const struct nh *nh)
{
	const struct nh_dev *dev = find_dev(n, nh->way.ifindex);
	struct td_nexthop e = { .ifindex = (uint32_t)nh->way.ifindex, .mtu = nh->way.mtu };

	for (int i = 0; i < TD_MAX_TAGS && i < TD_NL_TAGS; i++) {
		e.tpid[i] = htons(nh->way.tpid[i]);
		e.tci[i] = htons(nh->way.tci[i]);
	}
	memcpy(e.dst_mac, nh->dst_mac, sizeof(e.dst_mac));
	memcpy(e.src_mac, nh->src_mac, sizeof(e.src_mac));
	if (dev && nh->known) {
		e.dev = dev->dev;
		e.flags = n->copies ? TD_NH_VALID | TD_NH_COPIES : TD_NH_VALID;
	}
	if (!same_entry(&e, &n->a.tables->nexthops[nh->index]))
		td_nexthop_write(&n->a.tables->nexthops[nh->index], &e);
}

struct nh *td_nh_find(struct td_nexthops *n, int ifindex, const struct td_addr *via)
{
	struct nh_key key = { .ifindex = ifindex };
	struct td_map_node *node;

	memcpy(key.via, via->ip, sizeof(key.via));
	node = td_map_find(&n->nhs, &key, sizeof(key));
	return node ? td_container_of(node, struct nh, node) : NULL;
}

static struct nh *nh_make(struct td_nexthops *n, int ifindex, const struct td_addr *via)
{
	struct nh *nh;

	if (!n->n_free)
		return NULL;
	nh = td_zalloc(sizeof(*nh));
	if (!nh)
		return NULL;
	nh->key.ifindex = ifindex;
	memcpy(nh->key.via, via->ip, sizeof(nh->key.via));
	nh->via = *via;
	if (td_map_insert(&n->nhs, &nh->node, &nh->key, sizeof(nh->key))) {
		td_free(nh);
		return NULL;
	}
	nh->index = n->free_index[--n->n_free];
	nh->round = n->round - 1;
	return nh;
}

void td_nh_put(struct td_nexthops *n, struct nh *nh)
{
	static const struct td_nexthop none;

	if (!nh || --nh->refs)
		return;
	td_nexthop_write(&n->a.tables->nexthops[nh->index], &none);
	n->free_index[n->n_free++] = (uint16_t)nh->index;
	td_map_remove(&n->nhs, &nh->node);
	td_free(nh);
}

/* ---- asking the kernel ---- */

/* Its answer may help: also a bridge, that learns from it where the neighbour is. */
bool td_nh_is_searched(const struct nh *nh)
{
	return !nh->known || nh->lost;
}

void td_nh_probe(struct td_nexthops *n, struct nh *nh)
{
	nh->next_probe_ms = td_loop_now_ms(n->a.loop) +
			    (td_nh_is_searched(nh) ? TD_NH_SEARCH_MS : CONFIRM_MS);
	td_nl_neigh_probe(n->a.nl, nh->key.ifindex, &nh->via);
}

/* True when another device transmits now. */
bool td_nh_find_way(struct td_nexthops *n, struct nh *nh)
{
	int old = nh->way.ifindex;

	nh->lost = td_nl_way(n->a.nl, nh->key.ifindex, nh->known ? nh->dst_mac : NULL,
			     &nh->way) == -ENOENT;
	return nh->way.ifindex != old;
}

struct nh *td_nh_for_hop(struct td_nexthops *n, const struct td_nl_hop *hop)
{
	struct nh *nh = td_nh_find(n, hop->ifindex, &hop->via);

	if (!nh)
		nh = nh_make(n, hop->ifindex, &hop->via);
	if (!nh)
		return NULL;
	if (nh->round == n->round && nh->known == hop->has_mac &&
	    !memcmp(nh->dst_mac, hop->dst_mac, sizeof(nh->dst_mac)))
		return nh;	/* another host behind it has just asked */
	nh->round = n->round;
	nh->known = hop->has_mac;
	memcpy(nh->dst_mac, hop->dst_mac, sizeof(nh->dst_mac));
	memcpy(nh->src_mac, hop->src_mac, sizeof(nh->src_mac));
	td_nh_find_way(n, nh);
	td_nh_publish(n, nh);
	return nh;
}

void td_nh_set_dev(struct td_nexthops *n, int ifindex, uint32_t dev, bool usable)
{
	struct td_map_node *pos, *next;
	size_t i;

	for (i = 0; i < n->n_devs && n->dev[i].ifindex != ifindex; i++)
		;
	if (usable && i < TD_MAX_DEVS) {
		n->dev[i] = (struct nh_dev){ ifindex, dev };
		n->n_devs += i == n->n_devs;
	} else if (i < n->n_devs) {
		n->dev[i] = n->dev[--n->n_devs];
	}
	td_map_for_each_safe(pos, next, &n->nhs) {
		struct nh *nh = td_container_of(pos, struct nh, node);

		if (nh->way.ifindex == ifindex)
			td_nh_publish(n, nh);
	}
}

void td_nh_set_copies(struct td_nexthops *n, bool on)
{
	struct td_map_node *pos, *next;

	n->copies = on;
	td_map_for_each_safe(pos, next, &n->nhs)
		td_nh_publish(n, td_container_of(pos, struct nh, node));
}

void td_nh_on_tick(void *arg)
{
	struct td_nexthops *n = arg;
	uint64_t now = td_loop_now_ms(n->a.loop);
	struct td_map_node *pos, *next;

	td_map_for_each_safe(pos, next, &n->nhs) {
		struct nh *nh = td_container_of(pos, struct nh, node);

		if (nh->needed && (nh->way.ifindex || td_nh_is_searched(nh)) &&
		    nh->next_probe_ms <= now)
			td_nh_probe(n, nh);
	}
	td_loop_timer_start(n->a.loop, &n->tick, TD_NH_TICK_MS, td_nh_on_tick, n);
}

/* ---- what an earlier process left ---- */

void td_nh_adopted(struct td_nexthops *n)
{
	static const struct td_nexthop none;
	bool ours[TD_MAX_NEXTHOPS] = { false };
	struct td_map_node *pos, *next;

	for (size_t i = 0; i < n->n_free; i++)
		ours[n->free_index[i]] = true;
	td_map_for_each_safe(pos, next, &n->nhs)
		ours[td_container_of(pos, struct nh, node)->index] = true;
	for (uint16_t i = TD_MAX_NEXTHOPS - 1; i; i--) {
		if (ours[i])
			continue;
		td_nexthop_write(&n->a.tables->nexthops[i], &none);
		n->free_index[n->n_free++] = i;
	}
}
