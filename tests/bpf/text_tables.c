// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The iterators' text: what `cat /sys/fs/bpf/tandem/{flows,nexthops,dscp}` shows, to the
 * letter. IPv6 addresses are compared with the C library's.
 */
#include "tests/bpf/rtp_world.h"

#include <linux/bpf.h>

static char text[65536];

static void read_text(const struct bpf_program *prog, const struct bpf_map *map)
{
	union bpf_iter_link_info info = { .map.map_fd = (__u32)bpf_map__fd(map) };
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info,
			    .link_info_len = sizeof(info));
	struct bpf_link *link = bpf_program__attach_iter(prog, &opts);
	size_t n = 0;
	ssize_t got;
	int fd;

	assert_non_null(link);
	fd = bpf_iter_create(bpf_link__fd(link));
	assert_true(fd >= 0);
	while (n + 1 < sizeof(text) && (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fd);
	bpf_link__destroy(link);
}

static void read_flows(void)
{
	read_text(world.skel->progs.td_iter_flows, world.skel->maps.td_rtp_flows);
}

static const char header[] =
	"    call      leg  local                   peer                    "
	"new-source              new-destination         path  next dscp"
	"     packets     lost jitter-us flags\n";

static void expect_flow(const char *line)
{
	char want[1024];

	read_flows();
	snprintf(want, sizeof(want), "%s%s", header, line);
	assert_string_equal(text, want);
}

static void flows(void **state)
{
	(void)state;
	world.flow->flags = 0;
	expect_flow("");
	world_reset(NULL);
	expect_flow("      77       78  192.0.2.1:20000         192.0.2.10:4000         "
		    "198.51.100.1:20010      198.51.100.20:5004      xdp      3   46           "
		    "0        0         0\n");
	expect_forward(&in_v4, &out_v4);
	world.s->jitter_ns = 1234567;
	world.s->lost_before = 9;
	world.flow->flags |= TD_FLOW_TAP_DTMF | TD_FLOW_U2A;
	world.nh->flags = 0;
	expect_flow("      77       78  192.0.2.1:20000         192.0.2.10:4000         "
		    "198.51.100.1:20010      198.51.100.20:5004      relay    3   46           "
		    "1        9      1234 dtmf u2a\n");
	world_reset(NULL);
	take(&ways[1]);
	world.flow->flags = 0x7fff & ~(unsigned int)TD_FLOW_XDP;
	expect_flow("      77       78  [2001:db8:1::1]:20000   [2001:db8:1::10]:4000   "
		    "[2001:db8:2::1]:20010   [2001:db8:2::20]:5004   relay    3   46           "
		    "0        0         0 muted plain mux checksum learn learn-rtcp dtmf hold-dtmf "
		    "u2a a2u fork capture rtcp\n");
}

static void marks(void **state)
{
	static const struct {
		__u32 class;
		const char *text;
	} marks[] = {
		{ TD_DSCP_VIDEO, "   3   34 " }, { TD_DSCP_EXPLICIT(10), "   3   10 " },
		{ TD_DSCP_KEEP, "   3 keep " }, { TD_DSCP_TRUST(TD_DSCP_MEDIA), "   3   46+" },
	};

	(void)state;
	world.dscp[TD_DSCP_VIDEO].dscp = 34;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		world.flow->dscp_class = marks[i].class;
		read_flows();
		if (!strstr(text, marks[i].text))
			fail_msg("no \"%s\" in: %s", marks[i].text, text);
	}
}

static void every_kind_of_address(void **state)
{
	static const char *const addrs[] = {
		"::", "::1", "1::", "fe80::1:2:3", "2001:db8::1:0:0:1", "2001:0:0:1:0:0:0:1",
		"1:2:3:4:5:6:7:8", "1:0:3:4:5:6:7:8", "0:1:0:0:1:0:0:1", "ffff:ffff:ffff:ffff::",
		"fd00:1234:5678:9abc:def0:1111:2222:3333", "2001:db8:0:1:1:1:1:1", "1:0:0:0:0:0:0:0",
		"0:0:1:0:0:0:0:0", "64:ff9b::c000:201", "255.255.255.255", "0.0.0.0", "10.1.2.3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		char canonical[64], want[128];
		__u8 bin[16];
		bool v6 = strchr(addrs[i], ':');

		set_addr(bin, addrs[i]);
		memcpy(world.flow->peer_addr, bin, 16);
		inet_ntop(v6 ? AF_INET6 : AF_INET, v6 ? bin : bin + 12, canonical,
			  sizeof(canonical));
		snprintf(want, sizeof(want), v6 ? " [%s]:4000 " : " %s:4000 ", canonical);
		read_flows();
		if (!strstr(text, want))
			fail_msg("no \"%s\" in: %s", want, text);
	}
}

static void nexthops(void **state)
{
	struct td_nexthop *second = world.nh + 1;

	(void)state;
	world.nh->mtu = 1500;
	*second = (struct td_nexthop){
		.ifindex = 12, .dev = 7, .mtu = 9000, .dst_mac = { 2, 0, 0, 0, 0xab, 0xcd },
		.tpid = { htons(0x88a8), htons(0x8100) }, .tci = { htons(0xa00a), htons(20) },
	};
	read_text(world.skel->progs.td_iter_nexthops, world.skel->maps.td_nexthops);
	memset(second, 0, sizeof(*second));
	assert_string_equal(text,
		"index ifindex dev state     destination-mac   source-mac        mtu vlan\n"
		"    3       1   5 valid     02:00:00:00:00:20 02:00:00:00:00:02  1500\n"
		"    4      12   7 unknown   02:00:00:00:ab:cd 00:00:00:00:00:00  9000 88a8:10 8100:20\n");
}

static void dscp(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < TD_DSCP_CLASSES; i++)
		world.dscp[i].dscp = 46 - 12 * i;
	read_text(world.skel->progs.td_iter_dscp, world.skel->maps.td_dscp);
	assert_string_equal(text, "class     dscp\nmedia       46\nsignaling   34\n"
				  "video       22\nservice     10\n");
}

/* More than one page of text. */
static void many_flows(void **state)
{
	unsigned int lines = 0;

	(void)state;
	for (unsigned int i = 1; i <= 300; i++)
		world.flows[i] = *world.flow;
	read_flows();
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	memset(world.flows, 0, 301 * sizeof(world.flows[0]));
	assert_int_equal(lines, 301);
}

static int open_with_tables(void **state)
{
	int err = world_open(state);

	if (err || bpf_program__fd(world.skel->progs.td_iter_flows) >= 0)
		return err;
	print_message("1..0 # SKIP this kernel refuses iterators over maps\n");
	exit(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(flows), T(marks), T(every_kind_of_address), T(nexthops), T(dscp), T(many_flows),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("text_tables", tests, open_with_tables, world_close);
}
