// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops for XDP. Three layers: users (a party of a session) share a destination (a
 * remote IP, and the address of ours that it is reached from: rules and VRFs look at that),
 * destinations share a next hop (interface and neighbour), and a next hop owns one entry of
 * td_nexthops. So a neighbour that changes its MAC is one write, a route
 * that changes costs one question per remote host, and a call to a known host costs none.
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
#include "userspace/media/nexthop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"

#define REFRESH_DELAY_MS	20	/* events come in bursts: one round of questions ... */
#define REFRESH_SLICE		256	/* ... so many hosts at a time, then others have their turn */
#define REFRESH_REST		4	/* after a round 1 ms for so many hosts asked for: about a
					 * tenth of the time when routes never stand still */
#define TICK_MS			1000
#define CONFIRM_MS		15000	/* within the kernel's own 30 s of reachability */
#define SEARCH_MS		2000	/* a neighbour that does not answer */
#define MAX_IDLE		1024	/* destinations remembered without a user */
#define MAX_DEVS		TD_MAX_DEVS

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
	struct td_list users;		/* struct nh_user */
	struct td_list idle;		/* in the idle list when there are none */
	struct nh *nh;
	int ifindex;			/* that transmits, as the users were told */
	uint32_t round;			/* of questions when it was last asked for */
};

struct dev {
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
	struct dev dev[MAX_DEVS];
	size_t n_devs;
	struct td_timer refresh, tick;
	uint64_t refresh_from_ms;	/* not before */
	uint32_t target;		/* round of the questions that are being asked */
	size_t refreshed;		/* hosts, in this round */
	bool refreshing;
};

/* ---- entries of td_nexthops ---- */

static const struct dev *find_dev(const struct td_nexthops *n, int ifindex)
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

static void publish(struct td_nexthops *n, const struct nh *nh)
{
	const struct dev *dev = find_dev(n, nh->way.ifindex);
	struct td_nexthop e = { .ifindex = (uint32_t)nh->way.ifindex, .mtu = nh->way.mtu };

	for (int i = 0; i < TD_MAX_TAGS && i < TD_NL_TAGS; i++) {
		e.tpid[i] = htons(nh->way.tpid[i]);
		e.tci[i] = htons(nh->way.tci[i]);
	}
	memcpy(e.dst_mac, nh->dst_mac, sizeof(e.dst_mac));
	memcpy(e.src_mac, nh->src_mac, sizeof(e.src_mac));
	if (dev && nh->known) {
		e.dev = dev->dev;
		e.flags = TD_NH_VALID;
	}
	if (!same_entry(&e, &n->a.tables->nexthops[nh->index]))
		td_nexthop_write(&n->a.tables->nexthops[nh->index], &e);
}

static struct nh *nh_find(struct td_nexthops *n, int ifindex, const struct td_addr *via)
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

static void nh_put(struct td_nexthops *n, struct nh *nh)
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
static bool is_searched(const struct nh *nh)
{
	return !nh->known || nh->lost;
}

static void probe(struct td_nexthops *n, struct nh *nh)
{
	nh->next_probe_ms = td_loop_now_ms(n->a.loop) + (is_searched(nh) ? SEARCH_MS : CONFIRM_MS);
	td_nl_neigh_probe(n->a.nl, nh->key.ifindex, &nh->via);
}

static int transmits_by(const struct nh_dst *d)
{
	return d->nh ? d->nh->way.ifindex : 0;
}

/* True when another device transmits now. */
static bool find_way(struct td_nexthops *n, struct nh *nh)
{
	int old = nh->way.ifindex;

	nh->lost = td_nl_way(n->a.nl, nh->key.ifindex, nh->known ? nh->dst_mac : NULL,
			     &nh->way) == -ENOENT;
	return nh->way.ifindex != old;
}

static struct nh *nh_for_hop(struct td_nexthops *n, const struct td_nl_hop *hop)
{
	struct nh *nh = nh_find(n, hop->ifindex, &hop->via);

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
	find_way(n, nh);
	publish(n, nh);
	return nh;
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
	nh_put(n, old);
}

/* True when the way changed. */
static bool resolve(struct td_nexthops *n, struct nh_dst *d)
{
	struct td_nl_hop hop = { 0 };
	int old_ifindex = d->ifindex;
	struct nh *nh = NULL, *old = d->nh;

	d->round = n->round;
	if (n->a.nl && !td_nl_resolve(n->a.nl, &d->host, &d->from, &hop) && !hop.local &&
	    hop.ethernet)
		nh = nh_for_hop(n, &hop);
	set_nh(n, d, nh);
	d->ifindex = transmits_by(d);
	if (nh && nh->needed && is_searched(nh))
		probe(n, nh);
	return d->ifindex != old_ifindex || d->nh != old;
}

/* ---- destinations ---- */

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
	else if (d->nh && is_searched(d->nh) && d->nh->next_probe_ms <= td_loop_now_ms(n->a.loop))
		probe(n, d->nh);
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
	bool moved = find_way(n, nh);

	publish(n, nh);
	if (moved)
		tell_users_of(n, nh);
	if (nh->needed && is_searched(nh))
		nh->next_probe_ms = td_loop_now_ms(n->a.loop) + SEARCH_MS;
}

void td_nh_on_neigh(struct td_nexthops *n, int ifindex, const struct td_addr *host,
		    const uint8_t mac[6], bool usable)
{
	struct nh *nh = nh_find(n, ifindex, host);

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
			probe(n, nh);
	}
}

void td_nh_set_dev(struct td_nexthops *n, int ifindex, uint32_t dev, bool usable)
{
	struct td_map_node *pos, *next;
	size_t i;

	for (i = 0; i < n->n_devs && n->dev[i].ifindex != ifindex; i++)
		;
	if (usable && i < MAX_DEVS) {
		n->dev[i] = (struct dev){ ifindex, dev };
		n->n_devs += i == n->n_devs;
	} else if (i < n->n_devs) {
		n->dev[i] = n->dev[--n->n_devs];
	}
	td_map_for_each_safe(pos, next, &n->nhs) {
		struct nh *nh = td_container_of(pos, struct nh, node);

		if (nh->way.ifindex == ifindex)
			publish(n, nh);
	}
}

static void on_tick(void *arg)
{
	struct td_nexthops *n = arg;
	uint64_t now = td_loop_now_ms(n->a.loop);
	struct td_map_node *pos, *next;

	td_map_for_each_safe(pos, next, &n->nhs) {
		struct nh *nh = td_container_of(pos, struct nh, node);

		if (nh->needed && (nh->way.ifindex || is_searched(nh)) &&
		    nh->next_probe_ms <= now)
			probe(n, nh);
	}
	td_loop_timer_start(n->a.loop, &n->tick, TICK_MS, on_tick, n);
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
		err = td_loop_timer_start(args->loop, &n->tick, TICK_MS, on_tick, n);
	if (err) {
		td_nh_free(n);
		return err;
	}
	*out = n;
	return 0;
}

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
