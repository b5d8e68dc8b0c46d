// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops for XDP. Three layers: users (a party of a session) share a destination (a
 * remote IP, and the address of ours that it is reached from: rules and VRFs look at that),
 * destinations share a next hop (interface and neighbour), and a next hop owns one entry of
 * td_nexthops (nexthop_hops.c). So a neighbour that changes its MAC is one write, a route that
 * changes costs one question per remote host, and a call to a known host costs none.
 *
 * The device that a route names is not always the one that transmits: below a bridge it is
 * the port where the neighbour was seen last, below a VLAN the device that it lies on, and
 * the frame needs a tag. The next hop keeps that way, too; a bridge tells when a neighbour
 * moves to another port.
 *
 * The packets that XDP forwards are invisible to the kernel's neighbour table, which would
 * let an entry grow old and forget it: neighbours that flows need are "used" now and then,
 * which lets the kernel confirm them by its own rules. A neighbour that is not known leaves
 * the entry invalid, its packets go up to the relay, and the event that it is there brings
 * them back.
 */
#include "userspace/media/nexthop_priv.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"

#define REFRESH_DELAY_MS	20	/* events come in bursts: one round of questions ... */
#define REFRESH_SLICE		256	/* ... so many hosts at a time, then others have their turn */
#define REFRESH_REST		4	/* after a round 1 ms for so many hosts asked for: about a
					 * tenth of the time when routes never stand still */
#define MAX_IDLE		1024	/* destinations remembered without a user */

/* ---- destinations ---- */

static int transmits_by(const struct nh_dst *d)
{
	return d->nh ? d->nh->way.ifindex : 0;
}

static void set_nh(struct td_nexthops *n, struct nh_dst *d, struct nh *nh)
{
	bool needed = !td_list_empty(&d->users);
	struct nh *old = d->nh;

	if (nh) {
		nh->refs++;
		nh->needed += needed;
	}
	if (old)
		old->needed -= needed;
	d->nh = nh;
	td_nh_put(n, old);
}

/* True when the way changed. */
static bool resolve(struct td_nexthops *n, struct nh_dst *d)
{
	struct td_nl_hop hop = { 0 };
	int old_ifindex = d->ifindex;
	struct td_addr old_src = d->src;
	struct nh *nh = NULL, *old = d->nh;

	d->round = n->round;
	if (n->a.nl && !td_nl_resolve(n->a.nl, &d->host, &d->from, &hop) && !hop.local &&
	    hop.ethernet)
		nh = td_nh_for_hop(n, &hop);
	set_nh(n, d, nh);
	d->src = hop.src;
	d->ifindex = transmits_by(d);
	if (nh && nh->needed && td_nh_is_searched(nh))
		td_nh_probe(n, nh);
	return d->ifindex != old_ifindex || d->nh != old || !td_addr_same_ip(&d->src, &old_src);
}

static void dst_free(struct td_nexthops *n, struct nh_dst *d)
{
	set_nh(n, d, NULL);
	td_map_remove(&n->dsts, &d->node);
	td_list_del(&d->idle);
	td_free(d);
}

static void drop_oldest_idle(struct td_nexthops *n)
{
	struct nh_dst *d = td_list_first(&n->idle, struct nh_dst, idle);

	if (d) {
		dst_free(n, d);
		n->n_idle--;
	}
}

static struct nh_dst *dst_make(struct td_nexthops *n, const struct dst_key *key,
			       const struct td_addr *host, const struct td_addr *from)
{
	struct nh_dst *d = td_zalloc(sizeof(*d));

	if (!d)
		return NULL;
	d->key = *key;
	d->host = *host;
	d->from = *from;
	d->host.port = d->from.port = 0;
	td_list_init(&d->users);
	td_list_init(&d->idle);
	if (td_map_insert(&n->dsts, &d->node, &d->key, sizeof(d->key))) {
		td_free(d);
		return NULL;
	}
	if (!n->n_free)
		drop_oldest_idle(n);
	resolve(n, d);
	return d;
}

static struct nh_dst *dst_get(struct td_nexthops *n, const struct td_addr *host,
			      const struct td_addr *from)
{
	struct dst_key key = { .scope = host->scope };
	struct td_map_node *node;

	memcpy(key.ip, host->ip, sizeof(key.ip));
	memcpy(key.from, from->ip, sizeof(key.from));
	node = td_map_find(&n->dsts, &key, sizeof(key));
	return node ? td_container_of(node, struct nh_dst, node) :
		      dst_make(n, &key, host, from);
}

static void add_user(struct td_nexthops *n, struct nh_dst *d, struct nh_user *user)
{
	bool first = td_list_empty(&d->users);

	if (!td_list_empty(&d->idle)) {
		td_list_del(&d->idle);
		n->n_idle--;
	}
	if (first && d->nh)
		d->nh->needed++;
	td_list_append(&d->users, &user->node);
	user->dst = d;
	if (first && d->round != n->round)
		resolve(n, d);	/* routes changed while nobody needed it */
	else if (d->nh && td_nh_is_searched(d->nh) && d->nh->next_probe_ms <= td_loop_now_ms(n->a.loop))
		td_nh_probe(n, d->nh);
}

static void remove_user(struct td_nexthops *n, struct nh_user *user)
{
	struct nh_dst *d = user->dst;

	if (!d)
		return;
	td_list_del(&user->node);
	user->dst = NULL;
	if (!td_list_empty(&d->users))
		return;
	if (d->nh)
		d->nh->needed--;
	td_list_append(&n->idle, &d->idle);
	if (++n->n_idle > MAX_IDLE)
		drop_oldest_idle(n);
}

int td_nh_use(struct td_nexthops *n, struct nh_user *user, const struct td_addr *host,
	      const struct td_addr *from)
{
	static const struct td_addr any;
	bool none = !host || !td_addr_is_set(host);
	struct nh_dst *d;

	if (!from)
		from = &any;
	if (user->dst && !none && td_addr_same_ip(&user->dst->host, host) &&
	    td_addr_same_ip(&user->dst->from, from) && user->dst->host.scope == host->scope)
		return 0;
	remove_user(n, user);
	if (none)
		return 0;
	d = dst_get(n, host, from);
	if (!d)
		return -ENOMEM;
	add_user(n, d, user);
	return 0;
}

int td_nh_ifindex(const struct nh_user *user)
{
	return user->dst ? user->dst->ifindex : 0;
}

uint32_t td_nh_index(const struct nh_user *user)
{
	return user->dst && user->dst->nh ? user->dst->nh->index : 0;
}

void td_nh_source(const struct nh_user *user, struct td_addr *out)
{
	memset(out, 0, sizeof(*out));
	if (user->dst)
		*out = user->dst->src;
}

size_t td_nh_count(const struct td_nexthops *n)
{
	return n->nhs.count;
}

/* ---- events ---- */

static void tell_users(struct td_nexthops *n, struct nh_dst *d)
{
	struct nh_user *u, *tmp;

	td_list_for_each_safe(u, tmp, &d->users, struct nh_user, node)
		n->a.changed(n->a.arg, u);
}

static void on_refresh(void *arg);

static void plan_refresh(struct td_nexthops *n)
{
	uint64_t now = td_loop_now_ms(n->a.loop), at = now + REFRESH_DELAY_MS;

	if (at < n->refresh_from_ms)
		at = n->refresh_from_ms;
	td_loop_timer_start(n->a.loop, &n->refresh, at - now, on_refresh, n);
}

/* Ask for a slice of what is older than the target. True: that was all. */
static bool refresh_some(struct td_nexthops *n)
{
	struct td_map_node *pos, *next;
	size_t asked = 0;

	td_map_for_each_safe(pos, next, &n->dsts) {
		struct nh_dst *d = td_container_of(pos, struct nh_dst, node);

		if (td_list_empty(&d->users) || (int32_t)(d->round - n->target) >= 0)
			continue;
		if (asked == REFRESH_SLICE)
			return false;
		asked++;
		n->refreshed++;
		if (resolve(n, d))
			tell_users(n, d);
	}
	return true;
}

static void on_refresh(void *arg)
{
	struct td_nexthops *n = arg;

	if (!n->refreshing) {
		n->refreshing = true;
		n->refreshed = 0;
		n->target = n->round;
	}
	if (!refresh_some(n)) {
		td_loop_timer_start(n->a.loop, &n->refresh, 1, on_refresh, n);
		return;
	}
	n->refreshing = false;
	n->refresh_from_ms = td_loop_now_ms(n->a.loop) + n->refreshed / REFRESH_REST;
	if (n->round != n->target)
		plan_refresh(n);	/* the next change came meanwhile */
}

void td_nh_on_route(struct td_nexthops *n)
{
	n->round++;
	if (!td_timer_is_armed(&n->refresh) && !n->refreshing)
		plan_refresh(n);
}

/* Users of a next hop whose frames leave by another device now. */
static void tell_users_of(struct td_nexthops *n, const struct nh *nh)
{
	struct td_map_node *pos, *next;

	td_map_for_each_safe(pos, next, &n->dsts) {
		struct nh_dst *d = td_container_of(pos, struct nh_dst, node);

		if (d->nh != nh || d->ifindex == transmits_by(d))
			continue;
		d->ifindex = transmits_by(d);
		tell_users(n, d);
	}
}

static void take_way(struct td_nexthops *n, struct nh *nh)
{
	bool moved = td_nh_find_way(n, nh);

	td_nh_publish(n, nh);
	if (moved)
		tell_users_of(n, nh);
	if (nh->needed && td_nh_is_searched(nh))
		nh->next_probe_ms = td_loop_now_ms(n->a.loop) + TD_NH_SEARCH_MS;
}

void td_nh_on_neigh(struct td_nexthops *n, int ifindex, const struct td_addr *host,
		    const uint8_t mac[6], bool usable)
{
	struct nh *nh = td_nh_find(n, ifindex, host);

	if (!nh || (nh->known == usable && (!usable || !memcmp(nh->dst_mac, mac, 6))))
		return;
	nh->known = usable;
	if (usable)
		memcpy(nh->dst_mac, mac, sizeof(nh->dst_mac));
	take_way(n, nh);
}

void td_nh_on_station(struct td_nexthops *n, const uint8_t mac[6], int port)
{
	struct td_map_node *pos, *next;

	td_map_for_each_safe(pos, next, &n->nhs) {
		struct nh *nh = td_container_of(pos, struct nh, node);

		if (!nh->known || memcmp(nh->dst_mac, mac, 6) || nh->way.ifindex == port)
			continue;
		take_way(n, nh);
		if (nh->lost && nh->needed)
			td_nh_probe(n, nh);
	}
}

/* ---- open, close ---- */

int td_nh_new(struct td_nexthops **out, const struct td_nexthops_args *args)
{
	struct td_nexthops *n = td_zalloc(sizeof(*n));
	int err = 0;

	if (!n)
		return -ENOMEM;
	n->a = *args;
	td_map_init(&n->dsts);
	td_map_init(&n->nhs);
	td_list_init(&n->idle);
	for (uint16_t i = TD_MAX_NEXTHOPS - 1; i; i--)
		if (!args->adopt || !args->tables->nexthops[i].ifindex)
			n->free_index[n->n_free++] = i;
	if (args->nl)
		err = td_loop_timer_start(args->loop, &n->tick, TD_NH_TICK_MS, td_nh_on_tick, n);
	if (err) {
		td_nh_free(n);
		return err;
	}
	*out = n;
	return 0;
}

void td_nh_free(struct td_nexthops *n)
{
	struct td_map_node *pos, *next;

	if (!n)
		return;
	td_loop_timer_stop(n->a.loop, &n->tick);
	td_loop_timer_stop(n->a.loop, &n->refresh);
	td_map_for_each_safe(pos, next, &n->dsts)
		dst_free(n, td_container_of(pos, struct nh_dst, node));
	td_map_fini(&n->dsts);
	td_map_fini(&n->nhs);
	td_free(n);
}
