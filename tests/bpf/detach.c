// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs on interfaces and off again: replaced in place by the next start, taken off by
 * td_xdp_detach_all() when no daemon is there to do it, and nothing of anybody else with
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/media/media.h"

#define NS	"td-detach"
#define PIN_DIR	"/sys/fs/bpf/td-detach-test"
#define OTHER	"/sys/fs/bpf/td-detach-other"

static void sh(const char *cmd)
{
	if (system(cmd))
		fail_msg("command failed: %s", cmd);
}

static int answers(const char *cmd)
{
	return system(cmd) == 0;
}

static int down(void **state)
{
	(void)state;
	if (system("ip netns del " NS " 2>/dev/null; rm -rf " PIN_DIR " " OTHER))
		return 0;
	return 0;
}

static int up(void **state)
{
	int fd;

	if (geteuid()) {
		print_message("1..0 # SKIP needs root\n");
		exit(4);
	}
	down(state);
	sh("ip netns add " NS " && ip -n " NS " link add v0 type veth peer name p0 && "
	   "ip -n " NS " link add v1 type veth peer name p1 && "
	   "for d in v0 p0 v1 p1; do ip -n " NS " link set $d up || exit 1; done");
	fd = open("/run/netns/" NS, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(setns(fd, CLONE_NEWNET), 0);
	close(fd);
	return 0;
}

static struct td_xdp *load(const char *pin_dir)
{
	struct td_xdp_fds fds;
	struct td_xdp *x;
	char why[256] = "";

	if (td_xdp_load(&x, pin_dir, &fds, why, sizeof(why)))
		fail_msg("load: %s", why);
	return x;
}

static struct td_xdp_port attach(struct td_xdp *x, const char *ifname, enum cfg_xdp mode)
{
	struct td_xdp_port port;
	char why[256] = "";

	if (td_xdp_attach(x, ifname, mode, &port, why, sizeof(why)))
		fail_msg("%s: %s", ifname, why);
	return port;
}

static int detach_all(const char *pin_dir)
{
	char why[256] = "";
	int n = td_xdp_detach_all(pin_dir, why, sizeof(why));

	if (n < 0)
		fail_msg("%s", why);
	return n;
}

static bool has_xdp(const char *ifname)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "ip link show dev %s | grep -q 'prog/xdp'", ifname);
	return answers(cmd);
}

static bool has_tc(const char *ifname, const char *where, const char *name)
{
	char cmd[160];

	snprintf(cmd, sizeof(cmd), "tc filter show dev %s %s 2>/dev/null | grep -q %s", ifname,
		 where, name);
	return answers(cmd);
}

static bool has_clsact(const char *ifname)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "tc qdisc show dev %s | grep -q clsact", ifname);
	return answers(cmd);
}

static void nothing_left(void)
{
	static const char *const devs[] = { "v0", "v1" };

	for (size_t i = 0; i < 2; i++) {
		assert_false(has_xdp(devs[i]));
		assert_false(has_tc(devs[i], "egress", "td_"));
		assert_false(has_tc(devs[i], "ingress", "td_"));
	}
	assert_int_equal(access(PIN_DIR, F_OK), -1);
}

/* ---- tests ---- */

static void by_the_daemon(void **state)
{
	struct td_xdp *x = load(PIN_DIR);
	struct td_xdp_port p = attach(x, "v0", CFG_XDP_NATIVE);

	(void)state;
	assert_true(p.marks && p.forks && has_xdp("v0") && has_clsact("v0"));
	assert_true(has_tc("v0", "egress", "td_mark") && !has_tc("v0", "ingress", "td_"));
	p = attach(x, "v1", CFG_XDP_OFF);
	assert_true(p.marks && !p.forks && !has_xdp("v1"));
	assert_true(has_tc("v1", "egress", "td_mark") && !has_tc("v1", "ingress", "td_"));
	/* XDP off at run time: no fork either */
	p = attach(x, "v0", CFG_XDP_OFF);
	assert_true(p.marks && !p.forks && !has_xdp("v0") && has_tc("v0", "egress", "td_mark"));
	assert_int_equal(td_xdp_detach(x, "v0"), 0);
	assert_false(has_clsact("v0"));
	assert_int_equal(td_xdp_detach(x, "v0"), -ENOENT);
	attach(x, "v0", CFG_XDP_NATIVE);
	td_xdp_unload(x, true);
	nothing_left();
	assert_false(has_clsact("v0") || has_clsact("v1"));
}

/* The daemon has died: everything runs on, until somebody takes it away. */
static void without_daemon(void **state)
{
	struct td_xdp *x = load(PIN_DIR);

	(void)state;
	attach(x, "v0", CFG_XDP_NATIVE);
	attach(x, "v1", CFG_XDP_GENERIC);
	td_xdp_unload(x, false);
	assert_true(has_xdp("v0") && has_xdp("v1") && has_tc("v1", "egress", "td_mark"));
	assert_int_equal(detach_all(PIN_DIR), 2 + 2);	/* XDP, td_mark */
	nothing_left();
	assert_false(has_clsact("v0") || has_clsact("v1"));
	assert_int_equal(detach_all(PIN_DIR), 0);
}

static void next_start_replaces(void **state)
{
	struct td_xdp *x = load(PIN_DIR);

	(void)state;
	attach(x, "v0", CFG_XDP_NATIVE);
	td_xdp_unload(x, false);
	x = load(PIN_DIR);
	attach(x, "v0", CFG_XDP_NATIVE);
	assert_true(answers("[ $(tc filter show dev v0 egress | grep -c 'handle 0x7464') = 1 ]"));
	/* what runs is what is pinned */
	assert_true(answers("id=$(bpftool -j prog show pinned " PIN_DIR "/progs/td_mark | "
			    "grep -o '\"id\":[0-9]*' | head -1 | cut -d: -f2); "
			    "tc filter show dev v0 egress | grep -q \"id $id \""));
	td_xdp_unload(x, true);
	nothing_left();
}

/* Pins of another layout: what runs goes on until the new is switched in; then only that is there. */
static void other_abi(void **state)
{
	struct td_xdp *x = load(PIN_DIR);

	(void)state;
	attach(x, "v0", CFG_XDP_NATIVE);
	td_xdp_unload(x, false);
	sh("bpftool map update pinned " PIN_DIR "/maps/td_abi key 0 0 0 0 value 1 0 0 0 0 0 0 0");
	x = load(PIN_DIR);
	assert_true(has_xdp("v0") && has_tc("v0", "egress", "td_mark"));
	attach(x, "v0", CFG_XDP_NATIVE);
	td_xdp_switch(x);
	assert_true(answers("id=$(bpftool -j prog show pinned " PIN_DIR "/progs/td_rtp | "
			    "grep -o '\"id\":[0-9]*' | head -1 | cut -d: -f2); "
			    "ip -d link show dev v0 | grep -Eq \"xdp.* id $id |xdp.id:$id \""));
	td_xdp_unload(x, true);
	nothing_left();
}

static void others_stay(void **state)
{
	struct td_xdp *x;

	(void)state;
	sh("tc qdisc add dev v0 clsact && "
	   "tc filter add dev v0 egress pref 50 handle 7 bpf bytecode '1,6 0 0 0,'");
	x = load(PIN_DIR);
	attach(x, "v0", CFG_XDP_NATIVE);
	attach(x, "v1", CFG_XDP_OFF);
	/* somebody comes after us, into the qdisc that we made */
	sh("tc filter add dev v1 ingress pref 50 handle 7 bpf bytecode '1,6 0 0 0,'");
	td_xdp_unload(x, false);
	detach_all(PIN_DIR);
	nothing_left();
	assert_true(has_tc("v0", "egress", "'handle 0x7 '") && has_clsact("v0"));
	assert_true(has_tc("v1", "ingress", "'handle 0x7 '") && has_clsact("v1"));
}

/* Our place is taken: that is said, and XDP runs without. */
static void place_is_taken(void **state)
{
	struct td_xdp_port p;
	struct td_xdp *x;

	(void)state;
	sh("tc qdisc add dev v0 clsact && "
	   "tc filter add dev v0 egress pref 9 handle 0x7464 bpf da bytecode '1,6 0 0 0,'");
	x = load(PIN_DIR);
	p = attach(x, "v0", CFG_XDP_NATIVE);
	assert_true(!p.marks && p.forks && p.mode == CFG_XDP_NATIVE);
	td_xdp_unload(x, true);
	nothing_left();
	assert_true(has_tc("v0", "egress", "'handle 0x7464'"));
}

static void interface_that_comes_later(void **state)
{
	struct td_xdp *x = load(PIN_DIR);
	struct td_xdp_port p = attach(x, "later0", CFG_XDP_OFF);

	(void)state;
	assert_int_equal(p.ifindex, 0);
	sh("ip link add later0 type veth peer name later1 && ip link set later0 up");
	p = attach(x, "later0", CFG_XDP_OFF);
	assert_true(p.ifindex && p.marks);
	sh("ip link del later0");
	td_xdp_unload(x, true);
	nothing_left();
}

/* Two instances, each with an interface: one goes, the other does not notice. */
static void two_instances(void **state)
{
	struct td_xdp *a = load(PIN_DIR), *b = load(OTHER);

	(void)state;
	attach(a, "v0", CFG_XDP_NATIVE);
	attach(b, "v1", CFG_XDP_NATIVE);
	td_xdp_unload(a, false);
	assert_int_equal(detach_all(PIN_DIR), 2);
	assert_true(has_xdp("v1") && has_tc("v1", "egress", "td_mark"));
	td_xdp_unload(b, true);
	nothing_left();
}

#define T(f) cmocka_unit_test_setup_teardown(f, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(by_the_daemon), T(without_daemon), T(next_start_replaces), T(other_abi),
		T(others_stay), T(place_is_taken), T(interface_that_comes_later), T(two_instances),
	};

	td_log_set_levels("warn");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("detach", tests, NULL, NULL);
}
