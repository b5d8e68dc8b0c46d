// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which path a flow may take, and what its entry says of the way: two parties, each behind a
 * device of its own, in tables that claim to be the kernel's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "userspace/core/media_desc.h"
#include "userspace/media/media_priv.h"

/* ---- ways: a party's device, and the index of its next hop ---- */

static struct {
	int device;
	uint32_t index;
} way[3];			/* the third is a recorder's */

#define RECORDER 2

static struct td_media_session s;

static int side_of(const struct nh_user *user)
{
	if (user->tag == MEDIA_USER_FORK)
		return RECORDER;
	return user == &s.side[1].user;
}

int td_nh_ifindex(const struct nh_user *user)
{
	return way[side_of(user)].device;
}

uint32_t td_nh_index(const struct nh_user *user)
{
	return way[side_of(user)].index;
}

int td_nh_use(struct td_nexthops *n, struct nh_user *user, const struct td_addr *host,
	      const struct td_addr *from_addr)
{
	(void)n;
	(void)user;
	(void)host;
	(void)from_addr;
	return 0;
}

void td_nh_source(const struct nh_user *user, struct td_addr *out)
{
	(void)user;
	td_addr_parse(out, "203.0.113.1");
}

static bool by_copies;

void td_nh_set_copies(struct td_nexthops *n, bool on)
{
	(void)n;
	by_copies = on;
}

/* ---- the plane ---- */

static struct td_media m;
static struct td_flow flows[TD_MAX_SLOTS];
static struct td_nexthop nexthops[TD_MAX_NEXTHOPS];
static struct td_port_cell ports[TD_MAX_PORTS];
static struct td_fork forks[TD_MAX_MEDIA_FORKS];

static void party(int side, const char *local, const char *remote)
{
	struct td_media_end *e = &s.end[side];

	assert_int_equal(td_addr_parse(&e->local, local), 0);
	assert_int_equal(td_addr_parse(&e->remote, remote), 0);
	e->remote.port = (uint16_t)(20000 + side * 2);
	e->dir = TD_DIR_SEND | TD_DIR_RECV;
}

static int setup(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	memset(&s, 0, sizeof(s));
	memset(flows, 0, sizeof(flows));
	memset(nexthops, 0, sizeof(nexthops));
	m.tables = (struct td_tables){ .flows = flows, .nexthops = nexthops, .ports = ports,
				       .forks = forks, .kernel = true };
	m.port[0] = (struct td_xdp_port){ .ifindex = 2, .mode = CFG_XDP_NATIVE };
	m.port[1] = (struct td_xdp_port){ .ifindex = 3, .mode = CFG_XDP_NATIVE };
	m.n_ports = 2;
	s.m = &m;
	for (int i = 0; i < 2; i++) {
		s.side[i].owner = &s;
		s.side[i].port = (uint16_t)(16384 + i * 2);
		way[i].device = 2 + i;
		way[i].index = (uint32_t)(10 + i);
		nexthops[10 + i].flags = TD_NH_VALID;
	}
	memset(forks, 0, sizeof(forks));
	td_media_start_forks(&m, false);
	party(0, "10.0.0.1", "10.0.0.2");
	party(1, "192.0.2.1", "192.0.2.2");
	return 0;
}

static const struct td_flow *from(int side)
{
	return &flows[td_media_slot(&s, side)];
}

/* What may each side's packets do? */
static void expect_xdp(bool first, bool second)
{
	td_media_program(&s);
	assert_int_equal(!!(from(0)->flags & TD_FLOW_XDP), first);
	assert_int_equal(!!(from(1)->flags & TD_FLOW_XDP), second);
	assert_true(from(0)->flags & TD_FLOW_ACTIVE);
	assert_true(from(1)->flags & TD_FLOW_ACTIVE);
}

static void families(void **state)
{
	(void)state;
	expect_xdp(true, true);
	assert_int_equal(from(0)->nexthop, 11);
	assert_int_equal(from(1)->nexthop, 10);
	party(1, "2001:db8::1", "2001:db8::2");
	expect_xdp(true, true);
	party(0, "2001:db8:1::1", "2001:db8:1::2");
	expect_xdp(true, true);
}

static void fork_to(int side, const char *recorder)
{
	memset(&s.end[side].fork, 0, sizeof(s.end[side].fork));
	if (recorder)
		assert_int_equal(td_addr_parse(&s.end[side].fork, recorder), 0);
	td_media_use_fork(&s.side[side]);
}

/* Copies by the kernel need native XDP where the packets come in and where they leave. */
static void forked(void **state)
{
	const struct td_fork *f;

	(void)state;
	m.port[0].forks = m.copies = true;
	way[RECORDER].device = 3;
	way[RECORDER].index = 12;
	fork_to(0, "203.0.113.9:30000");
	expect_xdp(true, true);
	assert_true(from(0)->flags & TD_FLOW_FORK);
	assert_false(from(1)->flags & TD_FLOW_FORK);
	f = &forks[from(0)->fork];
	assert_int_equal(f->nexthop, 12);
	assert_int_equal(ntohs(f->new_dst_port), 30000);
	assert_int_equal(ntohs(f->new_src_port), s.side[0].port);
	assert_int_equal(f->new_src[15], 1);
	assert_int_equal(f->new_dst[15], 9);

	fork_to(1, "203.0.113.9:30002");	/* XDP does not copy there: the relay does */
	expect_xdp(true, false);
	assert_true(from(1)->flags & TD_FLOW_FORK);
	assert_int_not_equal(from(0)->fork, from(1)->fork);
	way[RECORDER].device = 4;		/* a recorder that XDP cannot send to */
	expect_xdp(false, false);
	way[RECORDER].device = 3;
	m.port[1].dev = TD_COPY_DEVS;		/* one too many */
	expect_xdp(false, false);
	m.port[1].dev = 0;
	m.copies = false;			/* not prepared for any */
	expect_xdp(false, false);
	m.copies = true;
	m.port[0].forks = false;
	expect_xdp(false, false);

	fork_to(0, NULL);
	fork_to(1, NULL);
	expect_xdp(true, true);
	assert_int_equal(from(0)->fork, 0);
	assert_int_equal(m.n_free_forks, TD_MAX_MEDIA_FORKS - 1);
}

/* Frames leave by td_copy where somebody may be recorded, and while a call is. */
static void recorders(void **state)
{
	static struct cfg_trunk trunk[2];
	struct td_config config = { .trunks = trunk, .n_trunks = 2 };

	(void)state;
	m.port[0].forks = true;
	way[RECORDER].device = 3;
	way[RECORDER].index = 12;
	td_media_set_copies(&m, &config);
	assert_false(m.copies || by_copies);
	td_addr_parse(&trunk[1].media_forking, "203.0.113.9:30000");
	td_media_set_copies(&m, &config);
	assert_true(m.copies && by_copies);
	fork_to(0, "203.0.113.9:30000");
	expect_xdp(true, true);
	memset(trunk, 0, sizeof(trunk));
	td_media_set_copies(&m, &config);
	assert_true(m.copies && by_copies);
	expect_xdp(true, true);
	fork_to(0, NULL);
	td_media_set_copies(&m, &config);
	assert_false(m.copies || by_copies);
}

void td_media_program_all(struct td_media *plane)
{
	assert_ptr_equal(plane, &m);
	td_media_program(&s);
}

/* A new process finds a forked flow and leaves it as it is. */
static void fork_adopted(void **state)
{
	struct td_flow old;

	(void)state;
	m.port[0].forks = m.copies = true;
	way[RECORDER].device = 3;
	way[RECORDER].index = 12;
	fork_to(0, "203.0.113.9:30000");
	td_media_program(&s);
	forks[from(0)->fork].packets = 77;
	forks[5].new_dst_port = 1;		/* of a call that is not restored */
	old = *from(0);
	memset(&s.side[0].fork, 0, sizeof(s.side[0].fork));
	td_media_start_forks(&m, true);
	td_media_adopt_fork(&s.side[0], from(0));
	fork_to(0, "203.0.113.9:30000");
	td_media_program(&s);
	assert_memory_equal(&old, from(0), sizeof(old));
	assert_int_equal(forks[from(0)->fork].packets, 77);
	td_list_init(&m.sessions);
	td_list_append(&m.sessions, &s.node);
	td_media_forks_adopted(&m);
	assert_int_equal(m.n_free_forks, TD_MAX_MEDIA_FORKS - 2);
	assert_int_equal(forks[5].new_dst_port, 0);
}

static void link_local(void **state)
{
	(void)state;
	party(1, "fe80::1", "fe80::2");
	expect_xdp(true, false);	/* to it by the next hop; from it only the stack knows */
	party(1, "2001:db8::1", "fec0::2");
	expect_xdp(true, true);
}

static void devices(void **state)
{
	(void)state;
	m.port[1].mode = CFG_XDP_GENERIC;
	expect_xdp(false, true);	/* what native XDP receives needs a driver that sends it */
	m.port[0].mode = CFG_XDP_GENERIC;
	expect_xdp(true, true);
	m.port[0].mode = CFG_XDP_OFF;
	expect_xdp(false, false);
	m.port[0].mode = CFG_XDP_NATIVE;
	m.port[1].mode = CFG_XDP_NATIVE;
	way[1].device = 4;		/* not one of ours */
	expect_xdp(false, false);
	way[1].device = 2;		/* both behind the same */
	expect_xdp(true, true);
	way[1].device = 0;		/* a bridge does not know where, or no way */
	expect_xdp(false, false);
	way[1].device = 3;
	way[1].index = 0;		/* this very machine */
	expect_xdp(false, true);
	way[1].index = 11;
	m.tables.kernel = false;
	expect_xdp(false, false);
}

static void neighbours(void **state)
{
	(void)state;
	expect_xdp(true, true);
	assert_int_equal(td_media_flow_path(&m, td_media_slot(&s, 0)), TD_PATH_XDP);
	nexthops[11].flags = 0;
	assert_int_equal(td_media_flow_path(&m, td_media_slot(&s, 0)), TD_PATH_RELAY);
	assert_int_equal(td_media_flow_path(&m, td_media_slot(&s, 1)), TD_PATH_XDP);
}

/* Both are properties of the device that packets come in by. */
static void checksum_and_trust(void **state)
{
	(void)state;
	m.port[1].full_checksum = true;
	m.port[0].trust_dscp = true;
	td_media_program(&s);
	assert_false(from(0)->flags & TD_FLOW_CSUM_FULL);
	assert_true(from(1)->flags & TD_FLOW_CSUM_FULL);
	assert_true(from(0)->dscp_class & TD_DSCP_TRUST(0));
	assert_false(from(1)->dscp_class & TD_DSCP_TRUST(0));
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(families),
		T(forked),
		T(recorders),
		T(fork_adopted),
		T(link_local),
		T(devices),
		T(neighbours),
		T(checksum_and_trust),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_flow", tests, NULL, NULL);
}
