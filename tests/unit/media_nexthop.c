// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Next hops with a kernel that is a table: sharing, route and neighbour changes, probing,
 * and how few questions are asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/base/loop.h"
#include "userspace/base/mem.h"
#include "userspace/media/nexthop.h"

/* ---- the fake kernel: everything by gateway .254 of its /24, but the /24 of LAN ---- */

#define BRIDGE 7	/* its ports are 2 and 3 */
#define UPLINK 4
#define ODD_VLAN 9	/* three tags: nothing for XDP */

static int lan_ifindex, wan_ifindex;
static uint8_t gateway_mac[6];		/* all zero: neighbour not known */
static unsigned int asked, probed, ways;
static uint64_t clock_ms;
static int last_probe_ifindex;

/* By an uplink of its own for what leaves from this address, as a rule of the kernel may say. */
#define RULED_SOURCE 0xc0000201

int td_nl_resolve(struct td_nl *nl, const struct td_addr *dst, const struct td_addr *from,
		  struct td_nl_hop *out)
{
	struct td_addr ruled;

	(void)nl;
	asked++;
	td_addr_set_v4(&ruled, RULED_SOURCE, 0);
	memset(out, 0, sizeof(*out));
	out->ethernet = dst->ip[12] != 172;	/* all of 172/8 is by a tunnel */
	if (dst->ip[12] == 127) {
		out->local = true;
		return 0;
	}
	if (dst->ip[12] == 240)
		return -EHOSTUNREACH;
	if (td_addr_same_ip(from, &ruled)) {
		out->ifindex = UPLINK;
		out->via = *dst;
		out->has_mac = true;
	} else if (dst->ip[12] == 10) {
		out->ifindex = lan_ifindex;
		out->via = *dst;
		out->has_mac = true;
		memcpy(out->dst_mac, dst->ip + 10, 6);
	} else {
		out->ifindex = wan_ifindex;
		td_addr_set_v4(&out->via, 0xcb0071fe, 0);
		memcpy(out->dst_mac, gateway_mac, 6);
		out->has_mac = gateway_mac[0];
	}
	out->src_mac[5] = (uint8_t)out->ifindex;
	return 0;
}

/* devices transmit themselves, but those of a bridge */
static int bridge_port;

int td_nl_way(struct td_nl *nl, int ifindex, const uint8_t *mac, struct td_nl_way *out)
{
	(void)nl;
	memset(out, 0, sizeof(*out));
	out->mtu = 1500;
	ways++;
	if (ifindex == ODD_VLAN)
		return -EOPNOTSUPP;
	if (ifindex == BRIDGE && (!mac || !bridge_port))
		return -ENOENT;
	out->ifindex = ifindex == BRIDGE ? bridge_port : ifindex;
	return 0;
}

int td_nl_neigh_probe(struct td_nl *nl, int ifindex, const struct td_addr *host)
{
	(void)nl;
	(void)host;
	probed++;
	last_probe_ifindex = ifindex;
	return 0;
}

/* ---- a clock by hand ---- */

static uint64_t fake_now(void *backend)
{
	(void)backend;
	return clock_ms;
}

static int fake_watch(void *backend, int fd, unsigned int events)
{
	(void)backend;
	(void)fd;
	(void)events;
	return 0;
}

static int fake_step(void *backend, int timeout_ms)
{
	(void)backend;
	(void)timeout_ms;
	return 0;
}

static void fake_destroy(void *backend)
{
	(void)backend;
}

static const struct td_loop_ops fake_ops = {
	.now_ms = fake_now, .watch = fake_watch, .step = fake_step, .destroy = fake_destroy,
};

static struct td_loop *loop;
static struct td_tables tables;
static struct td_nexthop entries[TD_MAX_NEXTHOPS];
static struct td_nexthops *n;
static unsigned int changed;

static void on_changed(void *arg, struct nh_user *user)
{
	(void)arg;
	(void)user;
	changed++;
}

static void advance(uint64_t ms)
{
	for (uint64_t end = clock_ms + ms; clock_ms < end;) {
		clock_ms += 10;
		td_loop_dispatch_due(loop);
	}
}

static int setup(void **state)
{
	static int fake_nl;
	struct td_nexthops_args a = {
		.nl = (struct td_nl *)&fake_nl, .tables = &tables, .changed = on_changed,
	};

	(void)state;
	clock_ms = 1000000;
	lan_ifindex = 2, wan_ifindex = 3;
	memset(gateway_mac, 0xaa, 6);
	asked = probed = changed = ways = 0;
	memset(entries, 0, sizeof(entries));
	tables.nexthops = entries;
	loop = td_loop_new(&fake_ops, NULL);
	assert_non_null(loop);
	a.loop = loop;
	assert_int_equal(td_nh_new(&n, &a), 0);
	td_nh_set_dev(n, 2, 0, true);
	td_nh_set_dev(n, 3, 1, true);
	td_nh_set_dev(n, UPLINK, 2, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	td_nh_free(n);
	td_loop_free(loop);
	return 0;
}

static struct td_addr host(uint32_t ip)
{
	struct td_addr a;

	td_addr_set_v4(&a, ip, 4000);
	return a;
}

static void use(struct nh_user *u, uint32_t ip)
{
	struct td_addr a = host(ip);

	assert_int_equal(td_nh_use(n, u, &a, NULL), 0);
}

static void use_from(struct nh_user *u, uint32_t ip, uint32_t own)
{
	struct td_addr a = host(ip), b = host(own);

	assert_int_equal(td_nh_use(n, u, &a, &b), 0);
}

static const struct td_nexthop *entry(const struct nh_user *u)
{
	return &entries[td_nh_index(u)];
}

static void one_question_per_host(void **state)
{
	struct nh_user u[1000] = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		use(&u[i], 0x0a000002);
	assert_int_equal(asked, 1);
	assert_int_equal(td_nh_ifindex(&u[999]), 2);
	assert_int_equal(td_nh_index(&u[0]), td_nh_index(&u[999]));
	for (int i = 0; i < 1000; i++)
		td_nh_use(n, &u[i], NULL, NULL);
	use(&u[0], 0x0a000002);		/* the next call: still known */
	assert_int_equal(asked, 1);
	td_nh_use(n, &u[0], NULL, NULL);
}

static void hosts_share_a_gateway(void **state)
{
	struct nh_user a = { 0 }, b = { 0 };

	(void)state;
	use(&a, 0xc6336401);
	use(&b, 0xc6336402);
	assert_int_equal(td_nh_index(&a), td_nh_index(&b));
	assert_int_equal(td_nh_count(n), 1);
	assert_int_equal(entry(&a)->flags, TD_NH_VALID);
	assert_int_equal(entry(&a)->dev, 1);
	assert_int_equal(entry(&a)->dst_mac[0], 0xaa);
	assert_int_equal(entry(&a)->src_mac[5], 3);
	td_nh_use(n, &a, NULL, NULL);
	td_nh_use(n, &b, NULL, NULL);
}

static void unreachable_and_local(void **state)
{
	struct nh_user a = { 0 }, b = { 0 };

	(void)state;
	use(&a, 0xf0000001);
	use(&b, 0x7f000001);
	assert_int_equal(td_nh_index(&a), 0);
	assert_int_equal(td_nh_index(&b), 0);
	assert_int_equal(td_nh_ifindex(&b), 0);
	td_nh_use(n, &a, NULL, NULL);
	td_nh_use(n, &b, NULL, NULL);
}

static void bridge(void **state)
{
	uint8_t mac[6] = { 0xff, 0xff, 10, 0, 0, 2 };	/* as the fake gives 10.0.0.2 */
	struct nh_user a = { 0 };

	(void)state;
	lan_ifindex = BRIDGE;
	bridge_port = 0;
	use(&a, 0x0a000002);
	assert_int_equal(td_nh_ifindex(&a), 0);
	assert_true(td_nh_index(&a));
	assert_int_equal(entry(&a)->flags, 0);
	assert_int_equal(probed, 1);		/* its answer tells the bridge where it is */

	bridge_port = 2;
	td_nh_on_station(n, mac, 2);
	assert_int_equal(changed, 1);
	assert_int_equal(td_nh_ifindex(&a), 2);
	assert_int_equal(entry(&a)->flags, TD_NH_VALID);
	assert_int_equal(entry(&a)->dev, 0);
	assert_int_equal(entry(&a)->src_mac[5], BRIDGE);

	bridge_port = 3;			/* plugged in elsewhere */
	td_nh_on_station(n, mac, 3);
	assert_int_equal(changed, 2);
	assert_int_equal(entry(&a)->dev, 1);
	mac[0] = 0;				/* somebody else moves */
	td_nh_on_station(n, mac, 2);
	assert_int_equal(changed, 2);
	mac[0] = 0xff;

	bridge_port = 0;			/* forgotten: the relay, and a question */
	td_nh_on_station(n, mac, 0);
	assert_int_equal(changed, 3);
	assert_int_equal(entry(&a)->flags, 0);
	assert_int_equal(probed, 2);
	td_nh_use(n, &a, NULL, NULL);
}

/* Two uplinks, and a rule that looks at the source address. */
static void own_address_chooses(void **state)
{
	struct nh_user a = { 0 }, b = { 0 };

	(void)state;
	use_from(&a, 0xc6336401, 0xc0000202);
	use_from(&b, 0xc6336401, RULED_SOURCE);
	assert_int_equal(td_nh_ifindex(&a), 3);
	assert_int_equal(td_nh_ifindex(&b), UPLINK);
	assert_int_equal(entry(&b)->dev, 2);
	use_from(&a, 0xc6336401, RULED_SOURCE);	/* the call's address changes */
	assert_int_equal(td_nh_index(&a), td_nh_index(&b));
	td_nh_use(n, &a, NULL, NULL);
	td_nh_use(n, &b, NULL, NULL);
}

/* A tunnel has no neighbours, some ways are not for XDP: the relay, and nobody is searched. */
static void not_for_xdp(void **state)
{
	struct nh_user a = { 0 }, b = { 0 };

	(void)state;
	use(&a, 0xac100001);
	assert_int_equal(td_nh_index(&a), 0);
	assert_int_equal(td_nh_ifindex(&a), 0);
	lan_ifindex = ODD_VLAN;
	use(&b, 0x0a000002);
	assert_int_equal(td_nh_ifindex(&b), 0);
	assert_int_equal(entry(&b)->flags, 0);
	advance(10000);
	assert_int_equal(probed, 0);
	td_nh_use(n, &a, NULL, NULL);
	td_nh_use(n, &b, NULL, NULL);
}

static void neighbour_changes(void **state)
{
	static const uint8_t mac[6] = { 0xbb, 1, 2, 3, 4, 5 };
	struct td_addr gateway;
	struct nh_user a = { 0 };

	(void)state;
	td_addr_set_v4(&gateway, 0xcb0071fe, 0);
	use(&a, 0xc6336401);
	td_nh_on_neigh(n, 3, &gateway, mac, true);
	assert_memory_equal(entry(&a)->dst_mac, mac, 6);
	assert_int_equal(entry(&a)->flags, TD_NH_VALID);
	td_nh_on_neigh(n, 2, &gateway, gateway_mac, true);	/* another interface */
	assert_memory_equal(entry(&a)->dst_mac, mac, 6);
	td_nh_on_neigh(n, 3, &gateway, mac, false);
	assert_int_equal(entry(&a)->flags, 0);
	assert_int_equal(changed, 0);		/* flows need not be touched */
	td_nh_use(n, &a, NULL, NULL);
}

static void unknown_neighbour_is_searched(void **state)
{
	static const uint8_t mac[6] = { 0xbb, 1, 2, 3, 4, 5 };
	struct td_addr gateway;
	struct nh_user a = { 0 };
	unsigned int before;

	(void)state;
	memset(gateway_mac, 0, 6);
	td_addr_set_v4(&gateway, 0xcb0071fe, 0);
	use(&a, 0xc6336401);
	assert_int_equal(entry(&a)->flags, 0);
	assert_true(td_nh_index(&a) > 0);
	assert_int_equal(probed, 1);
	assert_int_equal(last_probe_ifindex, 3);
	advance(10000);
	assert_in_range(probed, 3, 7);		/* again and again, not in a storm */
	td_nh_on_neigh(n, 3, &gateway, mac, true);
	assert_int_equal(entry(&a)->flags, TD_NH_VALID);
	before = probed;
	advance(60000);
	assert_in_range(probed - before, 3, 7);	/* kept fresh while needed */
	td_nh_use(n, &a, NULL, NULL);
	before = probed;
	advance(60000);
	assert_int_equal(probed, before);	/* and left alone when not */
}

static void route_changes(void **state)
{
	struct nh_user a = { 0 }, b = { 0 };
	unsigned int before;

	(void)state;
	use(&a, 0xc6336401);
	use(&b, 0x0a000002);
	td_nh_use(n, &b, NULL, NULL);
	before = asked;
	for (int i = 0; i < 100; i++)
		td_nh_on_route(n);
	assert_int_equal(asked, before);
	advance(100);
	assert_int_equal(asked, before + 1);	/* one burst, one round, only what is needed */
	assert_int_equal(changed, 0);
	wan_ifindex = 2;
	td_nh_on_route(n);
	advance(100);
	assert_int_equal(changed, 1);
	assert_int_equal(td_nh_ifindex(&a), 2);
	assert_int_equal(entry(&a)->dev, 0);
	before = asked;
	use(&b, 0x0a000002);			/* known, but from before the change */
	assert_int_equal(asked, before + 1);
	td_nh_use(n, &a, NULL, NULL);
	td_nh_use(n, &b, NULL, NULL);
}

/* A call begins between a change and the round of questions: the others hear of it, too. */
static void change_meets_new_user(void **state)
{
	struct nh_user a = { 0 }, b = { 0 };

	(void)state;
	use(&a, 0xc6336401);
	wan_ifindex = 2;
	td_nh_on_route(n);
	use(&b, 0xc6336401);
	advance(100);
	assert_int_equal(changed, 2);
	assert_int_equal(td_nh_ifindex(&a), 2);
	td_nh_use(n, &a, NULL, NULL);
	td_nh_use(n, &b, NULL, NULL);
}

/* What is as it was is not written again: a packet would meet a slot in change. And hosts behind
 * one gateway ask for its way once. */
static void nothing_changes(void **state)
{
	struct nh_user u[100] = { 0 };
	uint32_t gen;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		use(&u[i], 0xc6336401 + i);
	assert_int_equal(ways, 1);
	gen = entry(&u[0])->gen_tail;
	td_nh_on_route(n);
	advance(100);
	assert_int_equal(ways, 2);
	assert_int_equal(changed, 0);
	assert_int_equal(entry(&u[0])->gen_tail, gen);
	for (uint32_t i = 0; i < 100; i++)
		td_nh_use(n, &u[i], NULL, NULL);
}

/* Routes that never rest must not eat the loop, nor keep a host from its turn; one change after
 * a rest is served at once, in slices. */
static void routes_never_rest(void **state)
{
	struct nh_user u[1000] = { 0 };
	unsigned int before, most = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		use(&u[i], 0xc6336401 + i);
	before = asked;
	for (int i = 0; i < 200; i++) {
		unsigned int last = asked;

		td_nh_on_route(n);
		advance(10);
		if (asked - last > most)
			most = asked - last;
	}
	assert_in_range((asked - before) / 1000, 6, 9);	/* 2000 ms: each 250 for 1000 hosts */
	assert_int_equal(most, 256);
	advance(1000);
	before = asked;
	td_nh_on_route(n);
	advance(20);
	assert_int_equal(asked, before + 256);
	wan_ifindex = 2;
	td_nh_on_route(n);		/* in the middle */
	advance(1000);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(td_nh_ifindex(&u[i]), 2);
		td_nh_use(n, &u[i], NULL, NULL);
	}
}

static void interface_without_xdp(void **state)
{
	struct nh_user a = { 0 };

	(void)state;
	use(&a, 0xc6336401);
	td_nh_set_dev(n, 3, 1, false);
	assert_int_equal(entry(&a)->flags, 0);
	td_nh_set_dev(n, 3, 7, true);
	assert_int_equal(entry(&a)->flags, TD_NH_VALID);
	assert_int_equal(entry(&a)->dev, 7);
	td_nh_use(n, &a, NULL, NULL);
}

/* More hosts than entries over time: idle ones make room. */
static void many_hosts(void **state)
{
	struct nh_user a = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 3 * TD_MAX_NEXTHOPS; i++) {
		use(&a, 0x0a000001 + i);
		assert_true(td_nh_index(&a) > 0);
		assert_int_equal(entry(&a)->flags, TD_NH_VALID);
	}
	assert_true(td_nh_count(n) <= 1026);
	td_nh_use(n, &a, NULL, NULL);
}

static void full_table(void **state)
{
	static struct nh_user u[TD_MAX_NEXTHOPS + 10];

	(void)state;
	memset(u, 0, sizeof(u));
	for (uint32_t i = 0; i < TD_MAX_NEXTHOPS + 10; i++)
		use(&u[i], 0x0a000001 + i);
	assert_true(td_nh_index(&u[TD_MAX_NEXTHOPS - 2]) > 0);
	assert_int_equal(td_nh_index(&u[TD_MAX_NEXTHOPS]), 0);	/* its flow stays on the relay */
	for (uint32_t i = 0; i < TD_MAX_NEXTHOPS + 10; i++)
		td_nh_use(n, &u[i], NULL, NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_question_per_host),
		T(hosts_share_a_gateway),
		T(unreachable_and_local),
		T(bridge),
		T(own_address_chooses),
		T(not_for_xdp),
		T(neighbour_changes),
		T(unknown_neighbour_is_searched),
		T(route_changes),
		T(change_meets_new_user),
		T(nothing_changes),
		T(routes_never_rest),
		T(interface_without_xdp),
		T(many_hosts),
		T(full_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_nexthop", tests, NULL, NULL);
}
