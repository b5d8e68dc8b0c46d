// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Media forking on real interfaces: td_rtp and td_copy as the master attaches them, frames
 * by packet sockets, compared byte for byte. The call's packet leaves as without a fork, and
 * a copy goes to a third host.
 *
 *   [sender] eth0 ---- lan0 [router] wan0 ---- eth0 [receiver]
 *                                    rec0 ---- eth0 [third]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/packet.h"
#include "userspace/base/log.h"
#include "userspace/media/media.h"

#define PIN_DIR	"/sys/fs/bpf/td-fork-test"
#define SLOT	100u
#define PORT	20000
#define FORK	9u
#define WAIT_MS	2000

enum { NS_SENDER, NS_ROUTER, NS_RECEIVER, NS_THIRD, N_NS };

static const char *const ns_name[N_NS] = { "td-fork-a", "td-fork-r", "td-fork-b", "td-fork-c" };
static int ns_fd[N_NS], sock[N_NS];

static struct {
	struct td_xdp *xdp;
	struct td_xdp_fds fds;
	struct td_flow *flow;
	struct td_flow_stats *stats;
	struct td_nexthop *to_receiver, *to_third;
	struct td_fork *fork;
} w;

static const struct packet in_v4 = {
	.src = "192.0.2.10", .dst = "192.0.2.1", .sport = 4000, .dport = PORT, .tos = 1,
	.ttl = 64, .id = 0x1234, .version = 2, .seq = 7, .ts = 1000, .ssrc = 0xcafe,
	.payload = 172, .smac = 0x10, .dmac = 0x01,
};
static const struct packet in_v6 = {
	.src = "2001:db8:1::10", .dst = "2001:db8:1::1", .sport = 4000, .dport = PORT, .tos = 2,
	.ttl = 64, .version = 2, .seq = 7, .ts = 1000, .ssrc = 0xcafe, .payload = 172,
	.smac = 0x10, .dmac = 0x01,
};

/* ---- namespaces ---- */

static void sh(const char *cmd)
{
	if (system(cmd))
		fail_msg("command failed: %s", cmd);
}

static void down(void)
{
	if (system("for n in td-fork-a td-fork-r td-fork-b td-fork-c; do ip netns del $n "
		   "2>/dev/null; done; rm -rf " PIN_DIR))
		return;
}

static void enter(int ns)
{
	assert_int_equal(setns(ns_fd[ns], CLONE_NEWNET), 0);
}

static int packet_socket(int ns)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd, on = 1;

	enter(ns);
	ll.sll_ifindex = (int)if_nametoindex("eth0");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
	assert_true(fd >= 0 && ll.sll_ifindex);
	assert_int_equal(bind(fd, (void *)&ll, sizeof(ll)), 0);
	if (ns == NS_SENDER)
		assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), 0);
	else
		assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)), 0);
	enter(NS_ROUTER);
	return fd;
}

/* Nothing but our frames: no address, no IPv6. Checksums that the router owes are made on the
 * way out, as a card would. */
static int group_setup(void **state)
{
	(void)state;
	if (geteuid()) {
		print_message("1..0 # SKIP needs root\n");
		exit(4);
	}
	down();
	sh("set -e; for n in td-fork-a td-fork-r td-fork-b td-fork-c; do ip netns add $n; "
	   "nsenter --net=/run/netns/$n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 "
	   "net.ipv6.conf.default.disable_ipv6=1; done; r='ip -n td-fork-r link'; "
	   "$r add lan0 address 02:00:00:00:00:01 type veth peer name eth0 netns td-fork-a; "
	   "$r add wan0 address 02:00:00:00:00:02 type veth peer name eth0 netns td-fork-b; "
	   "$r add rec0 address 02:00:00:00:00:03 type veth peer name eth0 netns td-fork-c; "
	   "for d in lan0 wan0 rec0; do "
	   "nsenter --net=/run/netns/td-fork-r ethtool -K $d tx off >/dev/null; "
	   "$r set $d up mtu 1500; done; "
	   "for n in a b c; do ip -n td-fork-$n link set eth0 up; "
	   "nsenter --net=/run/netns/td-fork-$n ethtool -K eth0 gro on >/dev/null; done");
	for (int i = 0; i < N_NS; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/run/netns/%s", ns_name[i]);
		ns_fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(ns_fd[i] >= 0);
	}
	for (int i = 0; i < N_NS; i++)
		sock[i] = i == NS_ROUTER ? -1 : packet_socket(i);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	down();
	return 0;
}

/* ---- tables ---- */

static void set_addr(__u8 to[16], const char *text)
{
	memset(to, 0, 16);
	if (inet_pton(AF_INET6, text, to) == 1)
		return;
	to[10] = to[11] = 0xff;
	assert_int_equal(inet_pton(AF_INET, text, to + 12), 1);
}

static void *table(int fd, size_t elem, size_t n)
{
	void *p = mmap(NULL, elem * n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static void attach(const char *ifname, enum cfg_xdp mode)
{
	struct td_xdp_port port;
	char why[256] = "";

	if (td_xdp_attach(w.xdp, ifname, mode, &port, why, sizeof(why)))
		fail_msg("%s: %s", ifname, why);
	assert_int_equal(port.mode, mode);
	assert_true(port.marks);
	assert_int_equal(port.forks, mode == CFG_XDP_NATIVE);
}

static void open_world(void)
{
	char why[256] = "";
	struct { __u32 value, pad; } *ports, *dscp;
	struct td_nexthop *nexthops;

	memset(&w, 0, sizeof(w));
	if (td_xdp_load(&w.xdp, PIN_DIR, &w.fds, why, sizeof(why)))
		fail_msg("load: %s", why);
	assert_true(w.fds.forks >= 0);
	attach("lan0", CFG_XDP_NATIVE);
	attach("wan0", CFG_XDP_NATIVE);
	attach("rec0", CFG_XDP_NATIVE);
	ports = table(w.fds.ports, sizeof(*ports), TD_MAX_PORTS);
	dscp = table(w.fds.dscp, sizeof(*dscp), TD_DSCP_CLASSES);
	nexthops = table(w.fds.nexthops, sizeof(*nexthops), TD_MAX_NEXTHOPS);
	w.flow = (struct td_flow *)table(w.fds.flows, sizeof(*w.flow), TD_MAX_SLOTS) + SLOT;
	w.stats = (struct td_flow_stats *)table(w.fds.stats, sizeof(*w.stats), TD_MAX_SLOTS) + SLOT;
	w.fork = (struct td_fork *)table(w.fds.forks, sizeof(*w.fork), TD_MAX_MEDIA_FORKS) + FORK;
	w.to_receiver = nexthops + 3;
	w.to_third = nexthops + 4;
	ports[PORT].value = TD_PORT_VALUE(SLOT, 0u);
	ports[PORT + 1].value = TD_PORT_VALUE(SLOT, 1u);
	dscp[TD_DSCP_MEDIA].value = 46;
	dscp[TD_DSCP_VIDEO].value = 34;
}

/* Pages that are mapped keep nothing attached; the process ends soon. */
static void close_world(void)
{
	td_xdp_unload(w.xdp, true);
	assert_int_equal(access(PIN_DIR, F_OK), -1);
}

static bool is_v6(const struct packet *p)
{
	return strchr(p->src, ':') != NULL;
}

static void set_way(struct td_nexthop *nh, const struct packet *out, const char *ifname,
		    uint32_t dev)
{
	*nh = (struct td_nexthop){
		.flags = TD_NH_VALID | TD_NH_COPIES, .ifindex = if_nametoindex(ifname), .dev = dev,
		.dst_mac = { 2, 0, 0, 0, 0, out->dmac }, .src_mac = { 2, 0, 0, 0, 0, out->smac },
	};
	for (int i = 0; i < TD_MAX_TAGS; i++) {
		nh->tpid[i] = htons(out->tpid[i]);
		nh->tci[i] = htons(out->tci[i]);
	}
}

/* What leaves to the receiver, and to the third host, when in arrives. */
static void set_tables(const struct packet *in, const struct packet *out,
		       const struct packet *copy)
{
	memset(w.flow, 0, sizeof(*w.flow));
	memset(w.stats, 0, sizeof(*w.stats));
	memset(w.flow->pt_from, TD_NO_PT, sizeof(w.flow->pt_from));
	w.flow->dtmf_pt = TD_NO_PT;
	w.flow->flags = TD_FLOW_ACTIVE | TD_FLOW_XDP | TD_FLOW_FORK;
	w.flow->fork = FORK;
	set_addr(w.flow->local_addr, in->dst);
	set_addr(w.flow->peer_addr, in->src);
	set_addr(w.flow->new_src, out->src);
	set_addr(w.flow->new_dst, out->dst);
	w.flow->local_port = htons(PORT);
	w.flow->peer_port = htons(4000);
	w.flow->peer_rtcp_port = htons(4001);
	w.flow->new_src_port = htons(20010);
	w.flow->new_dst_port = htons(5004);
	w.flow->new_dst_rtcp_port = htons(5005);
	w.flow->nexthop = 3;
	w.flow->ns_per_tick = 125000;
	set_way(w.to_receiver, out, "wan0", 1);
	set_way(w.to_third, copy, "rec0", 2);
	memset(w.fork, 0, sizeof(*w.fork));
	w.fork->nexthop = 4;
	set_addr(w.fork->new_src, copy->src);
	set_addr(w.fork->new_dst, copy->dst);
	w.fork->new_src_port = htons(30000);
	w.fork->new_dst_port = htons(40000);
	w.fork->dscp_class = TD_DSCP_VIDEO;
}

static struct packet out_of(const struct packet *in, bool v6)
{
	struct packet p = *in;

	p.src = v6 ? "2001:db8:2::1" : "198.51.100.1";
	p.dst = v6 ? "2001:db8:2::20" : "198.51.100.20";
	p.sport = 20010, p.dport = 5004;
	p.tos = (uint8_t)(46 << 2 | (in->tos & 3));
	p.ttl--;
	p.smac = 0x02, p.dmac = 0x20;
	if (!v6 && is_v6(in)) {
		p.id = 0;
		p.frag = 0x4000;
	}
	memset(p.tpid, 0, sizeof(p.tpid));
	return p;
}

static struct packet copy_of(const struct packet *out, bool v6)
{
	struct packet p = *out;

	p.src = v6 ? "2001:db8:3::1" : "203.0.113.1";
	p.dst = v6 ? "2001:db8:3::30" : "203.0.113.30";
	p.sport = 30000, p.dport = 40000;
	p.tos = (uint8_t)(34 << 2 | (out->tos & 3));
	p.smac = 0x03, p.dmac = 0x30;
	p.id = 0;
	p.frag = 0x4000;
	memset(p.tpid, 0, sizeof(p.tpid));
	return p;
}

/* ---- frames ---- */

static void send_frame(const struct packet *in)
{
	struct {
		struct virtio_net_hdr h;
		uint8_t frame[FRAME_MAX];
	} __attribute__((packed)) m = { 0 };
	size_t len = packet_build(m.frame, in);

	if (in->half_udp_sum)
		m.h = (struct virtio_net_hdr){
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.csum_start = (uint16_t)packet_udp_at(in), .csum_offset = 6,
		};
	assert_int_equal(write(sock[NS_SENDER], &m, sizeof(m.h) + len), sizeof(m.h) + len);
}

/* A frame as it was on the wire: the stack takes a tag out and tells it beside. */
static size_t receive(int ns, uint8_t frame[FRAME_MAX], int wait_ms)
{
	struct pollfd p = { .fd = sock[ns], .events = POLLIN };
	uint8_t control[128];
	struct iovec iov = { frame, FRAME_MAX - 4 };
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;

	memset(frame, 0, FRAME_MAX);
	if (poll(&p, 1, wait_ms) != 1)
		return 0;
	len = recvmsg(sock[ns], &h, 0);
	assert_true(len > 0);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		const struct tpacket_auxdata *aux = (const void *)CMSG_DATA(c);
		uint16_t tag[2] = { htons(aux->tp_vlan_tpid), htons(aux->tp_vlan_tci) };

		if (c->cmsg_type != PACKET_AUXDATA || !(aux->tp_status & TP_STATUS_VLAN_VALID))
			continue;
		memmove(frame + 16, frame + 12, (size_t)len - 12);
		memcpy(frame + 12, tag, 4);
		len += 4;
	}
	return (size_t)len;
}

static void expect_at(int ns, const struct packet *p)
{
	uint8_t got[FRAME_MAX], want[FRAME_MAX];
	size_t len = receive(ns, got, WAIT_MS), want_len = packet_build(want, p);

	if (!len)
		fail_msg("nothing came to %s", ns_name[ns]);
	assert_int_equal(len, want_len);
	for (size_t i = 0; i < len; i++)
		if (got[i] != want[i])
			fail_msg("%s: byte %zu is %02x, not %02x", ns_name[ns], i, got[i], want[i]);
}

static void nothing_at(int ns)
{
	uint8_t got[FRAME_MAX];

	assert_int_equal(receive(ns, got, 0), 0);
}

/* in is sent; out and copy arrive, and nothing more. copy NULL: no copy. */
static void expect(const struct packet *in, const struct packet *out, const struct packet *copy)
{
	uint64_t before = w.fork->packets;

	send_frame(in);
	expect_at(NS_RECEIVER, out);
	if (copy)
		expect_at(NS_THIRD, copy);
	assert_int_equal(w.fork->packets, before + (copy != NULL));
	nothing_at(NS_RECEIVER);
	nothing_at(NS_THIRD);
}

/* ---- tests ---- */

/* Does the router take packets in by a thread, or at once? */
static void threaded(int on)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "ip netns exec td-fork-r sh -c "
		 "'echo %d >/sys/class/net/lan0/threaded'", on);
	sh(cmd);
}

static int setup(void **state)
{
	(void)state;
	open_world();
	return 0;
}

static int tidy(void **state)
{
	uint8_t frame[FRAME_MAX];

	(void)state;
	threaded(0);
	close_world();
	for (int i = 0; i < N_NS; i++)
		while (i != NS_ROUTER && receive(i, frame, 0))
			;
	return 0;
}

static void put_tags(struct packet *p, unsigned int n, uint16_t tci)
{
	static const uint16_t tpid[3][2] = { { 0, 0 }, { 0x8100, 0 }, { 0x88a8, 0x8100 } };

	for (unsigned int i = 0; i < 2; i++) {
		p->tpid[i] = tpid[n][i];
		p->tci[i] = n > i ? (uint16_t)(tci + i) : 0;
	}
}

/* Each family in, out and for the copy; none, one and two tags in each place. */
static void every_way(void **state)
{
	unsigned int n = 0;

	(void)state;
	for (unsigned int f = 0; f < 8; f++)
		for (unsigned int t = 0; t < 27; t++) {
			struct packet in = f & 1 ? in_v6 : in_v4, out, copy;

			out = out_of(&in, f & 2);
			copy = copy_of(&out, f & 4);
			put_tags(&in, t % 3, 0x6064);
			put_tags(&out, t / 3 % 3, 0xa00a);
			put_tags(&copy, t / 9, 0x0014);
			set_tables(&in, &out, &copy);
			for (unsigned int k = 0; k < 3; k++, n++) {
				in.payload = out.payload = copy.payload = 171 + k;
				in.seq = out.seq = copy.seq = (uint16_t)n;
				expect(&in, &out, &copy);
			}
			assert_int_equal(w.stats->packets, 3);
		}
}

static void rtcp(void **state)
{
	(void)state;
	for (unsigned int f = 0; f < 8; f++) {
		struct packet in = f & 1 ? in_v6 : in_v4, out = out_of(&in, f & 2), copy;

		copy = copy_of(&out, f & 4);
		set_tables(&in, &out, &copy);
		in.sport = 4001, in.dport = PORT + 1;
		out.sport = 20011, out.dport = 5005;
		copy.sport = 30001, copy.dport = 40001;
		expect(&in, &out, &copy);
	}
}

/* None, or one that the kernel of the sender has left to others. */
static void checksums(void **state)
{
	(void)state;
	for (unsigned int f = 0; f < 8; f++)
		for (unsigned int len = 12; len < 1400; len += len < 90 ? 1 : 67) {
			struct packet in = f & 1 ? in_v6 : in_v4, out = out_of(&in, f & 2), copy;

			copy = copy_of(&out, f & 4);
			set_tables(&in, &out, &copy);
			in.payload = out.payload = copy.payload = len;
			if (!(f & 1)) {
				in.no_udp_sum = true;
				out.no_udp_sum = !(f & 2);
				copy.no_udp_sum = !(f & 2) && !(f & 4);
				expect(&in, &out, &copy);
				in.no_udp_sum = out.no_udp_sum = copy.no_udp_sum = false;
			}
			in.half_udp_sum = true;
			w.flow->flags |= TD_FLOW_CSUM_FULL;
			expect(&in, &out, &copy);
		}
}

/* Whatever is wrong with the fork, the call does not notice. */
static void no_way_for_the_copy(void **state)
{
	(void)state;
	for (unsigned int f = 0; f < 8; f++) {
		struct packet in = f & 1 ? in_v6 : in_v4, out = out_of(&in, f & 2), copy;

		copy = copy_of(&out, f & 4);
		set_tables(&in, &out, &copy);
		w.to_third->flags = 0;
		expect(&in, &out, NULL);
		w.to_third->flags = TD_NH_VALID | TD_NH_COPIES;
		w.fork->gen_head = 1;
		expect(&in, &out, NULL);
		w.fork->gen_head = 0;
		w.fork->nexthop = 0;
		expect(&in, &out, NULL);
		w.fork->nexthop = 4;
		w.to_third->mtu = 172 + 8 + (f & 4 ? 39 : 19);
		expect(&in, &out, NULL);
		w.to_third->mtu++;
		expect(&in, &out, &copy);
		assert_int_equal(w.fork->missed, 4);
		w.flow->fork = 0;
		expect(&in, &out, NULL);
		w.flow->fork = TD_MAX_MEDIA_FORKS + 3;
		expect(&in, &out, NULL);
		assert_int_equal(w.fork->missed, 4);
		w.to_third->dev = TD_MAX_DEVS - 1;	/* no device */
		w.flow->fork = FORK;
		expect(&in, &out, NULL);
		assert_int_equal(w.fork->missed, 5);
	}
}

/* Only what the call forwards is copied. */
static void refused_is_not_copied(void **state)
{
	struct packet in = in_v4, out = out_of(&in, false), copy = copy_of(&out, false);

	(void)state;
	set_tables(&in, &out, &copy);
	in.src = "192.0.2.66";
	send_frame(&in);
	in = in_v4;
	in.version = 1;
	send_frame(&in);
	in = in_v4;
	w.flow->flags |= TD_FLOW_MUTED;
	send_frame(&in);
	w.flow->flags &= ~(uint32_t)TD_FLOW_MUTED;
	in.seq = out.seq = copy.seq = 99;
	expect(&in, &out, &copy);	/* the first that comes */
	assert_int_equal(w.stats->wrong_source, 1);
	assert_int_equal(w.stats->bad_rtp, 1);
	assert_int_equal(w.stats->muted, 1);
}

/* The fork ends during the call: XDP goes on alone. */
static void fork_ends(void **state)
{
	struct packet in = in_v4, out = out_of(&in, false), copy = copy_of(&out, true);

	(void)state;
	set_tables(&in, &out, &copy);
	expect(&in, &out, &copy);
	w.flow->flags &= ~(uint32_t)TD_FLOW_FORK;
	in.seq++, out.seq++;
	expect(&in, &out, NULL);
	w.flow->flags |= TD_FLOW_FORK;
	in.seq++, out.seq++, copy.seq = out.seq;
	expect(&in, &out, &copy);
	assert_int_equal(w.stats->packets, 3);
}

/* A recorder behind the device that the call leaves by. The copy is the first of the two there. */
static void same_device(void **state)
{
	(void)state;
	for (unsigned int f = 0; f < 8; f++) {
		struct packet in = f & 1 ? in_v6 : in_v4, out = out_of(&in, f & 2), copy;

		copy = copy_of(&out, f & 4);
		put_tags(&copy, f % 3, 0x0014);
		set_tables(&in, &out, &copy);
		set_way(w.to_third, &copy, "wan0", 1);
		for (unsigned int k = 0; k < 40; k++) {
			in.seq = out.seq = copy.seq = (uint16_t)(100 * f + k);
			send_frame(&in);
			expect_at(NS_RECEIVER, &copy);
			expect_at(NS_RECEIVER, &out);
		}
		nothing_at(NS_RECEIVER);
		nothing_at(NS_THIRD);
		assert_int_equal(w.fork->packets, 40);
	}
}

/* Frames of calls with and without a recorder, one behind the other, fill the same queues: the
 * router's thread gets them by the dozen. */
static void mixed(void **state)
{
	static const int buffer = 8 << 20;
	struct packet in = in_v4, out = out_of(&in, false), copy = copy_of(&out, false);
	struct td_flow *plain = w.flow + 1;
	struct { __u32 value, pad; } *ports = table(w.fds.ports, sizeof(*ports), TD_MAX_PORTS);
	uint8_t got[FRAME_MAX], want[3][FRAME_MAX];
	unsigned int n[3] = { 0 };

	(void)state;
	set_tables(&in, &out, &copy);
	set_way(w.to_third, &copy, "wan0", 1);
	*plain = *w.flow;
	plain->flags &= ~(uint32_t)TD_FLOW_FORK;
	plain->local_port = htons(PORT + 2);
	plain->new_dst_port = htons(6000);
	ports[PORT + 2].value = TD_PORT_VALUE(SLOT + 1, 0u);
	packet_build(want[0], &out);
	packet_build(want[1], &copy);
	out.dport = 6000;
	packet_build(want[2], &out);
	threaded(1);
	assert_int_equal(setsockopt(sock[NS_RECEIVER], SOL_SOCKET, SO_RCVBUFFORCE, &buffer,
				    sizeof(buffer)), 0);
	assert_int_equal(setsockopt(sock[NS_SENDER], SOL_SOCKET, SO_SNDBUFFORCE, &buffer,
				    sizeof(buffer)), 0);
	for (unsigned int k = 0; k < 240; k++) {	/* a veth holds 256 */
		in.dport = k % 3 ? PORT : PORT + 2;
		send_frame(&in);
	}
	for (unsigned int k = 0; k < 400; k++) {
		size_t len = receive(NS_RECEIVER, got, WAIT_MS);
		unsigned int i;

		for (i = 0; i < 3 && (!len || memcmp(got, want[i], len)); i++)
			;
		if (i == 3)
			fail_msg("frame %u of %zu bytes is none of the three", k, len);
		n[i]++;
	}
	nothing_at(NS_RECEIVER);
	assert_true(n[0] == 160 && n[1] == 160 && n[2] == 80);
	memset(plain, 0, sizeof(*plain));
}

/* Where copies do not work, the packet goes up: that is the relay's business. */
static void without_copies(void **state)
{
	struct packet in = in_v4, out = out_of(&in, false), copy = copy_of(&out, false);

	(void)state;
	set_tables(&in, &out, &copy);
	w.to_receiver->flags = TD_NH_VALID;
	send_frame(&in);
	w.to_receiver->flags |= TD_NH_COPIES;
	in.seq = out.seq = copy.seq = 99;
	expect(&in, &out, &copy);	/* the first that comes */
}

/* Forking takes native XDP; what the interface says is what the plane goes by. */
static void generic_does_not(void **state)
{
	(void)state;
	attach("lan0", CFG_XDP_GENERIC);
	attach("lan0", CFG_XDP_NATIVE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_way),
		T(rtcp),
		T(checksums),
		T(no_way_for_the_copy),
		T(refused_is_not_copied),
		T(fork_ends),
		T(same_device),
		T(mixed),
		T(without_copies),
		T(generic_does_not),
	};

	td_log_set_levels("warn");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fork", tests, group_setup, group_teardown);
}
