// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole media room on real interfaces: programs loaded and attached, a session made by
 * the core's port, real UDP sockets as the two parties.
 *
 *   [phone a] eth0 ---- lan0 [router: this process] wan0 ---- eth0 [phone b]
 *   10.71.1.2            .1                    10.71.2.1            .2
 *   fd71:1::2           ::1                      fd71:2::1          ::2
 *
 * The same call by native XDP, generic XDP and the relay; a stranger; hold; a neighbour
 * that is lost and found; IPv4 to IPv6; a worker without CAP_BPF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include "bpf/td_rtp.skel.h"
#include "netlink/nl.h"
#include "userspace/base/log.h"
#include "userspace/core/media_desc.h"
#include "userspace/media/media.h"

#define PIN_DIR		"/sys/fs/bpf/td-plane-test"
#define N_PACKETS	40
#define EF		46

enum { NS_A, NS_ROUTER, NS_B, N_NS };

static const char *const ns_name[N_NS] = { "td-plane-a", "td-plane-r", "td-plane-b" };
static int ns_fd[N_NS];
static struct world *is_open;	/* a test that failed leaves it for the teardown */

struct world {
	struct td_xdp *xdp;
	struct td_xdp_fds fds;
	struct td_loop *loop;
	struct td_nl *nl;
	struct td_media *media;
	struct td_config config;
	struct td_media_port port;
	struct td_xdp_port lan;
	struct td_media_session *s;
	struct td_media_end end[2];
	int rtp[2], rtcp[2];		/* the parties' sockets */
	uint16_t seq[2];
};

/* ---- namespaces ---- */

static void sh(const char *cmd)
{
	if (system(cmd))
		fail_msg("command failed: %s", cmd);
}

static void down(void)
{
	if (system("for n in td-plane-a td-plane-r td-plane-b; do ip netns del $n 2>/dev/null; "
		   "done; rm -rf " PIN_DIR))
		return;
}

static int group_setup(void **state)
{
	char path[64];

	(void)state;
	if (geteuid()) {
		print_message("1..0 # SKIP needs root\n");
		exit(4);
	}
	down();
	sh("for n in td-plane-a td-plane-r td-plane-b; do ip netns add $n && "
	   "ip -n $n link set lo up || exit 1; done");
	sh("ip -n td-plane-r link add lan0 type veth peer name eth0 netns td-plane-a");
	sh("ip -n td-plane-r link add wan0 type veth peer name eth0 netns td-plane-b");
	sh("r='ip -n td-plane-r'; a='ip -n td-plane-a'; b='ip -n td-plane-b'; set -e; "
	   "$r addr add 10.71.1.1/24 dev lan0; $r addr add 10.71.2.1/24 dev wan0; "
	   "$r addr add fd71:1::1/64 dev lan0 nodad; $r addr add fd71:2::1/64 dev wan0 nodad; "
	   "$a addr add 10.71.1.2/24 dev eth0; $b addr add 10.71.2.2/24 dev eth0; "
	   "$a addr add 10.71.1.3/24 dev eth0; "
	   "$a addr add fd71:1::2/64 dev eth0 nodad; $b addr add fd71:2::2/64 dev eth0 nodad; "
	   "$r link set lan0 up; $r link set wan0 up; $a link set eth0 up; $b link set eth0 up; "
	   "$a route add default via 10.71.1.1; $b route add default via 10.71.2.1");
	/* a veth passes checksums unfinished, and takes redirected frames only with GRO */
	sh("for n in a b; do nsenter --net=/run/netns/td-plane-$n "
	   "ethtool -K eth0 tx off gro on >/dev/null || exit 1; done");
	for (int i = 0; i < N_NS; i++) {
		snprintf(path, sizeof(path), "/run/netns/%s", ns_name[i]);
		ns_fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(ns_fd[i] >= 0);
	}
	assert_int_equal(setns(ns_fd[NS_ROUTER], CLONE_NEWNET), 0);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	down();
	return 0;
}

/* ---- parties ---- */

static int party_socket(int ns, const char *ip, uint16_t port)
{
	struct timeval wait = { .tv_usec = 400000 };
	struct sockaddr_storage ss;
	struct td_addr addr;
	int fd, on = 1;

	assert_int_equal(td_addr_parse(&addr, ip), 0);
	addr.port = port;
	assert_int_equal(setns(ns_fd[ns], CLONE_NEWNET), 0);
	fd = socket(td_addr_is_v4(&addr) ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (void *)&ss, td_addr_to_sockaddr(&addr, &ss, false)), 0);
	assert_int_equal(setns(ns_fd[NS_ROUTER], CLONE_NEWNET), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on));
	return fd;
}

/* A party at ip:port; announces itself to the session's side. */
static void party(struct world *w, int side, const char *ip, const char *our_ip)
{
	struct td_media_end *e = &w->end[side];
	int ns = side ? NS_B : NS_A;
	struct td_addr via;

	w->rtp[side] = party_socket(ns, ip, 4000);
	w->rtcp[side] = party_socket(ns, ip, 4001);
	assert_int_equal(td_addr_parse(&via, our_ip), 0);
	w->port.ops->local(w->s, side, &via, &e->local);
	assert_int_equal(td_addr_parse(&e->remote, ip), 0);
	e->remote.port = 4000;
	e->dir = TD_DIR_BOTH;
	e->rate = 8000;
	e->leg_id = 10 + (uint32_t)side;
	e->dscp_class = TD_DSCP_MEDIA;
}

static void send_from(struct world *w, int side, int fd, bool rtcp)
{
	struct sockaddr_storage ss;
	struct td_addr to = w->end[side].local;
	uint8_t p[172] = { 0x80, 0 };
	socklen_t len;

	to.port = (uint16_t)(to.port + rtcp);
	len = td_addr_to_sockaddr(&to, &ss, false);
	p[1] = rtcp ? 200 : 0;
	p[2] = (uint8_t)(w->seq[side] >> 8);
	p[3] = (uint8_t)w->seq[side];
	p[8] = 0xde;
	p[11] = (uint8_t)side;
	w->seq[side] = (uint16_t)(w->seq[side] + !rtcp);
	assert_int_equal(sendto(fd, p, sizeof(p), 0, (void *)&ss, len), sizeof(p));
}

/* One packet: who sent it, with what DSCP. False: nothing came. */
static bool receive_tos(int fd, struct td_addr *from, int *tos)
{
	uint8_t data[512], control[128];
	struct iovec iov = { data, sizeof(data) };
	struct sockaddr_storage ss;
	struct msghdr h = {
		.msg_name = &ss, .msg_namelen = sizeof(ss), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	*tos = -1;
	if (recvmsg(fd, &h, 0) != 172)
		return false;
	assert_int_equal(td_addr_from_sockaddr(from, (void *)&ss), 0);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c))
		*tos = *(uint8_t *)CMSG_DATA(c);
	return true;
}

static bool receive(int fd, struct td_addr *from, int *dscp)
{
	bool got = receive_tos(fd, from, dscp);

	*dscp >>= 2;
	return got;
}

static void let_run(struct world *w, int ms)
{
	uint64_t end = td_loop_now_ms(w->loop) + (uint64_t)ms;

	while (td_loop_now_ms(w->loop) < end)
		td_loop_step(w->loop, 10);
}

/* side sends n RTP packets and one RTCP; the other party gets all from our announced address. */
static void talk(struct world *w, int side, int n)
{
	struct td_addr want = w->end[!side].local, from;
	int dscp;

	for (int i = 0; i < n; i++) {
		send_from(w, side, w->rtp[side], false);
		assert_true(receive(w->rtp[!side], &from, &dscp));
		assert_true(td_addr_equal(&from, &want));
		assert_int_equal(dscp, EF);
	}
	want.port++;
	send_from(w, side, w->rtcp[side], true);
	assert_true(receive(w->rtcp[!side], &from, &dscp));
	assert_true(td_addr_equal(&from, &want));
}

static struct td_media_stats stats(struct world *w, int side)
{
	struct td_media_stats s;

	w->port.ops->stats(w->s, side, &s);
	return s;
}

/* ---- the room ---- */

static void on_neigh(void *arg, int ifindex, const struct td_addr *host, const uint8_t mac[6],
		     bool usable)
{
	struct world *w = arg;

	if (w->media)
		td_media_on_neigh(w->media, ifindex, host, mac, usable);
}

static void on_link(void *arg, const struct td_nl_link *link, bool gone)
{
	struct world *w = arg;

	if (w->media)
		td_media_on_link(w->media, link, gone);
}

static void on_route(void *arg)
{
	struct world *w = arg;

	if (w->media)
		td_media_on_route(w->media);
}

static const struct td_nl_events events = {
	.link = on_link, .neigh = on_neigh, .route = on_route, .resync = on_route,
};

static void attach(struct world *w, const char *ifname, enum cfg_xdp mode)
{
	struct td_xdp_port port;
	char why[256] = "";

	if (td_xdp_attach(w->xdp, ifname, mode, &port, why, sizeof(why)))
		fail_msg("%s: %s", ifname, why);
	assert_int_equal(port.mode, mode);
	td_media_set_port(w->media, &port);
	if (!strcmp(ifname, "lan0"))
		w->lan = port;
}

/* Its phones' marks, or not. */
static void trust_lan(struct world *w, bool trust)
{
	struct td_xdp_port port = w->lan;

	port.trust_dscp = trust;
	td_media_set_port(w->media, &port);
}

static void open_world(struct world *w, enum cfg_xdp lan, enum cfg_xdp wan)
{
	struct td_media_args args = { 0 };
	char why[256] = "";

	memset(w, 0, sizeof(*w));
	is_open = w;
	w->config.global.rtp_port_min = 20000;
	w->config.global.rtp_port_max = 20099;
	w->config.global.dscp[TD_DSCP_MEDIA] = EF;
	w->loop = td_loop_new_epoll();
	assert_non_null(w->loop);
	assert_int_equal(td_nl_open(&w->nl, w->loop, &events, w), 0);
	if (td_xdp_load(&w->xdp, PIN_DIR, &w->fds, why, sizeof(why)))
		fail_msg("load: %s", why);
	args = (struct td_media_args){
		.loop = w->loop, .nl = w->nl, .config = &w->config, .fds = &w->fds,
	};
	assert_int_equal(td_media_new(&w->media, &args), 0);
	attach(w, "lan0", lan);
	attach(w, "wan0", wan);
	w->port = td_media_port(w->media);
	assert_int_equal(w->port.ops->open(w->port.plane, 7, &w->s), 0);
}

static void close_world(struct world *w)
{
	is_open = NULL;
	if (w->s)
		w->port.ops->close(w->s);
	td_media_free(w->media);
	td_nl_close(w->nl);
	td_xdp_unload(w->xdp, true);
	td_loop_free(w->loop);
	for (int i = 0; i < 2; i++) {
		if (w->rtp[i] > 0)
			close(w->rtp[i]);
		if (w->rtcp[i] > 0)
			close(w->rtcp[i]);
	}
	assert_int_equal(access(PIN_DIR, F_OK), -1);
}

static int tidy(void **state)
{
	(void)state;
	setns(ns_fd[NS_ROUTER], CLONE_NEWNET);
	if (is_open)
		close_world(is_open);
	return 0;
}

static void connect_v4(struct world *w)
{
	party(w, 0, "10.71.1.2", "10.71.1.1");
	party(w, 1, "10.71.2.2", "10.71.2.1");
	assert_int_equal(w->port.ops->connect(w->s, w->end), 0);
	let_run(w, 100);	/* neighbours answer */
}

/* Both ways, and by which path it went. */
static void call(enum cfg_xdp lan, enum cfg_xdp wan, enum td_media_path a, enum td_media_path b)
{
	struct td_media_stats s;
	static struct world w;

	open_world(&w, lan, wan);
	connect_v4(&w);
	talk(&w, 0, N_PACKETS);
	talk(&w, 1, N_PACKETS);
	for (int side = 0; side < 2; side++) {
		s = stats(&w, side);
		assert_int_equal(s.path, side ? b : a);
		assert_int_equal(s.rx_packets, N_PACKETS);
		assert_int_equal(s.tx_packets, N_PACKETS);
		assert_int_equal(s.rx_bytes, N_PACKETS * 172);
		assert_int_equal(s.rx_rtcp, 1);
		assert_int_equal(s.lost, 0);
		assert_int_equal(s.dscp, EF);
	}
	close_world(&w);
}

static void native(void **state)
{
	(void)state;
	call(CFG_XDP_NATIVE, CFG_XDP_NATIVE, TD_PATH_XDP, TD_PATH_XDP);
}

static void generic(void **state)
{
	(void)state;
	call(CFG_XDP_GENERIC, CFG_XDP_GENERIC, TD_PATH_XDP, TD_PATH_XDP);
}

static void relay(void **state)
{
	(void)state;
	call(CFG_XDP_OFF, CFG_XDP_OFF, TD_PATH_RELAY, TD_PATH_RELAY);
}

/* Generic to native is an skb all the way; native to generic has no proof of a way out. */
static void mixed(void **state)
{
	(void)state;
	call(CFG_XDP_GENERIC, CFG_XDP_NATIVE, TD_PATH_XDP, TD_PATH_RELAY);
	call(CFG_XDP_NATIVE, CFG_XDP_OFF, TD_PATH_RELAY, TD_PATH_RELAY);
}

/* From another address, and from another port of the right address. */
static void strangers(enum cfg_xdp mode)
{
	struct td_addr from;
	static struct world w;
	int dscp, other_ip, other_port;

	open_world(&w, mode, mode);
	connect_v4(&w);
	talk(&w, 0, 2);
	other_ip = party_socket(NS_A, "10.71.1.3", 4000);
	other_port = party_socket(NS_A, "10.71.1.2", 4444);
	send_from(&w, 0, other_ip, false);
	send_from(&w, 0, other_port, false);
	send_from(&w, 0, other_port, true);
	assert_false(receive(w.rtp[1], &from, &dscp));
	assert_false(receive(w.rtcp[1], &from, &dscp));
	assert_int_equal(stats(&w, 0).wrong_source, 3);
	assert_int_equal(stats(&w, 0).rx_packets, 2);
	close(other_ip);
	close(other_port);
	close_world(&w);
}

static void strangers_xdp(void **state)
{
	(void)state;
	strangers(CFG_XDP_NATIVE);
}

static void strangers_relay(void **state)
{
	(void)state;
	strangers(CFG_XDP_OFF);
}

static void hold(enum cfg_xdp mode)
{
	struct td_addr from;
	static struct world w;
	int dscp;

	open_world(&w, mode, mode);
	connect_v4(&w);
	talk(&w, 0, 5);
	w.end[1].dir = TD_DIR_SEND;		/* b has us on hold */
	w.port.ops->connect(w.s, w.end);
	for (int i = 0; i < 3; i++)
		send_from(&w, 0, w.rtp[0], false);
	assert_false(receive(w.rtp[1], &from, &dscp));
	talk(&w, 1, 3);				/* its music still comes */
	send_from(&w, 0, w.rtcp[0], true);	/* and RTCP goes on */
	assert_true(receive(w.rtcp[1], &from, &dscp));
	w.end[1].dir = TD_DIR_BOTH;
	w.port.ops->connect(w.s, w.end);
	talk(&w, 0, 5);
	assert_int_equal(stats(&w, 0).rx_packets, 10);
	assert_int_equal(stats(&w, 0).lost, 0);	/* what hold swallowed is not lost */
	close_world(&w);
}

static void hold_xdp(void **state)
{
	(void)state;
	hold(CFG_XDP_NATIVE);
}

static void hold_relay(void **state)
{
	(void)state;
	hold(CFG_XDP_OFF);
}

/* One side not known yet: its packets and those to it are dropped; then it works. */
static void half_known(void **state)
{
	struct td_media_end unknown;
	struct td_addr from;
	static struct world w;
	int dscp;

	(void)state;
	open_world(&w, CFG_XDP_NATIVE, CFG_XDP_NATIVE);
	party(&w, 0, "10.71.1.2", "10.71.1.1");
	party(&w, 1, "10.71.2.2", "10.71.2.1");
	unknown = w.end[1];
	memset(&w.end[1].remote, 0, sizeof(w.end[1].remote));
	w.port.ops->connect(w.s, w.end);
	send_from(&w, 0, w.rtp[0], false);
	send_from(&w, 1, w.rtp[1], false);
	assert_false(receive(w.rtp[0], &from, &dscp));
	assert_false(receive(w.rtp[1], &from, &dscp));
	assert_int_equal(stats(&w, 0).path, TD_PATH_NONE);
	w.end[1] = unknown;
	w.port.ops->connect(w.s, w.end);
	let_run(&w, 100);
	talk(&w, 0, 3);
	talk(&w, 1, 3);
	assert_int_equal(stats(&w, 0).path, TD_PATH_XDP);
	close_world(&w);
}

/* The neighbour is forgotten: packets go by the relay, whose sending finds it again. */
static void neighbour_lost(void **state)
{
	struct td_media_stats s;
	static struct world w;

	(void)state;
	open_world(&w, CFG_XDP_NATIVE, CFG_XDP_NATIVE);
	connect_v4(&w);
	talk(&w, 0, 5);
	sh("ip -n td-plane-r neigh del 10.71.2.2 dev wan0");
	let_run(&w, 50);
	assert_int_equal(stats(&w, 0).path, TD_PATH_RELAY);
	talk(&w, 0, 5);
	let_run(&w, 100);
	assert_int_equal(stats(&w, 0).path, TD_PATH_XDP);
	talk(&w, 0, 5);
	s = stats(&w, 0);
	assert_int_equal(s.rx_packets, 15);
	assert_int_equal(s.lost, 0);	/* seen by two paths, counted as one stream */
	close_world(&w);
}

static void v6(const char *a, const char *our_a, const char *b, const char *our_b)
{
	static struct world w;

	open_world(&w, CFG_XDP_NATIVE, CFG_XDP_NATIVE);
	party(&w, 0, a, our_a);
	party(&w, 1, b, our_b);
	assert_int_equal(w.port.ops->connect(w.s, w.end), 0);
	let_run(&w, 100);
	talk(&w, 0, 5);
	talk(&w, 1, 5);
	assert_int_equal(stats(&w, 0).path, TD_PATH_XDP);
	assert_int_equal(stats(&w, 1).path, TD_PATH_XDP);
	assert_int_equal(stats(&w, 1).rx_packets, 5);
	close_world(&w);
}

static void ipv6(void **state)
{
	(void)state;
	v6("fd71:1::2", "fd71:1::1", "fd71:2::2", "fd71:2::1");
}

static void ipv4_to_ipv6(void **state)
{
	(void)state;
	v6("10.71.1.2", "10.71.1.1", "fd71:2::2", "fd71:2::1");
}

/* There are kernels that refuse iterators over maps to everybody. */
static bool takes_iterators(void)
{
	struct td_rtp *skel = td_rtp__open_and_load();

	td_rtp__destroy(skel);
	return skel != NULL;
}

/* cat of the pinned iterators, while a call is up */
static void text_tables(void **state)
{
	char line[256], flows[8][256] = { 0 };
	static struct world w;
	int n = 0;
	FILE *f;

	(void)state;
	open_world(&w, CFG_XDP_NATIVE, CFG_XDP_NATIVE);
	connect_v4(&w);
	talk(&w, 0, 4);
	f = fopen(PIN_DIR "/flows", "r");
	if (!f && errno == ENOENT && !takes_iterators()) {
		close_world(&w);
		skip();
	}
	assert_non_null(f);
	while (n < 8 && fgets(line, sizeof(line), f)) {
		print_message("# %s", line);
		strcpy(flows[n++], line);
	}
	fclose(f);
	assert_int_equal(n, 3);		/* a header, two directions */
	assert_non_null(strstr(flows[0], "call"));
	assert_non_null(strstr(flows[1], "10.71.1.2:4000"));
	assert_non_null(strstr(flows[2], "10.71.2.2:4000"));
	sh("cat " PIN_DIR "/nexthops | grep -c valid | grep -qx 2");
	sh("cat " PIN_DIR "/dscp | grep -q 'media .*46'");
	close_world(&w);
}

static void interface_missing(void **state)
{
	struct td_xdp_port port;
	char why[256] = "";
	static struct world w;

	(void)state;
	open_world(&w, CFG_XDP_NATIVE, CFG_XDP_NATIVE);
	party(&w, 0, "10.71.1.2", "10.71.1.1");
	party(&w, 1, "10.71.2.2", "10.71.2.1");
	assert_int_equal(td_xdp_attach(w.xdp, "nope0", CFG_XDP_AUTO, &port, why, sizeof(why)),
			 -ENODEV);
	assert_non_null(strstr(why, "'nope0' does not exist"));
	close_world(&w);
}

/* Frames larger than a page: the program says it can live with them. */
static void large_mtu(void **state)
{
	struct td_xdp_port port;
	char why[256] = "";
	static struct world w;

	(void)state;
	sh("ip -n td-plane-r link set lan0 mtu 9000 && ip -n td-plane-a link set eth0 mtu 9000");
	call(CFG_XDP_NATIVE, CFG_XDP_NATIVE, TD_PATH_XDP, TD_PATH_XDP);
	open_world(&w, CFG_XDP_NATIVE, CFG_XDP_NATIVE);
	assert_int_equal(td_xdp_attach(w.xdp, "lan0", CFG_XDP_AUTO, &port, why, 256), 0);
	assert_int_equal(port.mode, CFG_XDP_NATIVE);	/* again: nothing happens */
	close_world(&w);
	sh("ip -n td-plane-r link set lan0 mtu 1500 && ip -n td-plane-a link set eth0 mtu 1500");
}

/* The name comes back as another interface: attached afresh, old entries gone. */
static void interface_replaced(void **state)
{
	struct td_xdp_fds fds;
	struct td_xdp_port port, again;
	char why[256] = "";
	struct td_xdp *x;

	(void)state;
	sh("ip -n td-plane-r link add tmp0 type veth peer name tmp1");
	assert_int_equal(td_xdp_load(&x, PIN_DIR, &fds, why, sizeof(why)), 0);
	assert_int_equal(td_xdp_attach(x, "tmp0", CFG_XDP_AUTO, &port, why, sizeof(why)), 0);
	sh("ip -n td-plane-r link del tmp0 && ip -n td-plane-r link add tmp0 type veth peer name "
	   "tmp1");
	assert_int_equal(td_xdp_attach(x, "tmp0", CFG_XDP_AUTO, &again, why, sizeof(why)), 0);
	assert_int_not_equal(port.ifindex, again.ifindex);
	sh("ip -n td-plane-r link show tmp0 | grep -q xdp");
	td_xdp_unload(x, true);
	sh("ip -n td-plane-r link del tmp0");
}

/* New DSCP and port range while the call is up: the call goes on, on both paths. */
static void reconfigured(enum cfg_xdp mode)
{
	struct td_media_session *next;
	static struct world w;
	struct td_addr via, local, from;
	int dscp;

	open_world(&w, mode, mode);
	connect_v4(&w);
	talk(&w, 0, 3);
	w.config.global.dscp[TD_DSCP_MEDIA] = 10;
	w.config.global.rtp_port_min = 30000;
	w.config.global.rtp_port_max = 30099;
	td_media_configure(w.media, &w.config);
	for (int i = 0; i < 5; i++) {
		send_from(&w, 0, w.rtp[0], false);
		assert_true(receive(w.rtp[1], &from, &dscp));
		assert_int_equal(dscp, 10);
	}
	assert_int_equal(stats(&w, 0).dscp, 10);
	assert_int_equal(stats(&w, 0).lost, 0);
	assert_int_equal(w.port.ops->open(w.port.plane, 8, &next), 0);
	td_addr_parse(&via, "10.71.1.1");
	w.port.ops->local(next, 0, &via, &local);
	assert_int_equal(local.port, 30000);
	w.port.ops->close(next);
	close_world(&w);
}

/* What comes marked and what does not, from an interface that is trusted and from one that is not,
 * in a class, by a value of its own, or as it came. ECN is the ends'. */
static void marks(enum cfg_xdp mode, const char *a, const char *our_a, const char *b,
		  const char *our_b)
{
	static const uint8_t came[] = { 0, 1, 26 << 2, 26 << 2 | 2, 46 << 2, 0, 10 << 2 | 3 };
	static const uint32_t classes[] = { TD_DSCP_MEDIA, TD_DSCP_VIDEO, TD_DSCP_EXPLICIT(18),
					    TD_DSCP_EXPLICIT(0) };
	static struct world w;

	open_world(&w, mode, mode);
	w.config.global.dscp[TD_DSCP_VIDEO] = 34;
	td_media_configure(w.media, &w.config);
	party(&w, 0, a, our_a);
	party(&w, 1, b, our_b);
	for (unsigned int k = 0; k < 2 * sizeof(classes) / sizeof(classes[0]); k++) {
		uint32_t class = classes[k / 2];
		bool trust = k & 1;
		struct td_addr from;

		w.end[1].dscp_class = class;
		assert_int_equal(w.port.ops->connect(w.s, w.end), 0);
		trust_lan(&w, trust);
		let_run(&w, k ? 0 : 100);	/* neighbours answer */
		for (size_t i = 0; i < sizeof(came); i++) {
			int tos = came[i], got, want = class == TD_DSCP_MEDIA ? EF :
				  class == TD_DSCP_VIDEO ? 34 : (int)class & 63;

			/* a dial peer's own value comes before what an interface is trusted with */
			if (trust && tos >> 2 && !(class & TD_DSCP_EXPLICIT(0)))
				want = tos >> 2;
			setsockopt(w.rtp[0], IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
			setsockopt(w.rtp[0], IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
			send_from(&w, 0, w.rtp[0], false);
			assert_true(receive_tos(w.rtp[1], &from, &got));
			assert_int_equal(got, want << 2 | (tos & 3));
		}
		assert_int_equal(stats(&w, 1).dscp, class & TD_DSCP_EXPLICIT(0) ? class & 63 :
				 class == TD_DSCP_VIDEO ? 34 : EF);
	}
	assert_int_equal(stats(&w, 0).path, mode == CFG_XDP_OFF ? TD_PATH_RELAY : TD_PATH_XDP);
	close_world(&w);
}

static void marks_alike(void **state)
{
	static const enum cfg_xdp modes[] = { CFG_XDP_NATIVE, CFG_XDP_GENERIC, CFG_XDP_OFF };

	(void)state;
	for (int i = 0; i < 3; i++) {
		marks(modes[i], "10.71.1.2", "10.71.1.1", "10.71.2.2", "10.71.2.1");
		marks(modes[i], "fd71:1::2", "fd71:1::1", "fd71:2::2", "fd71:2::1");
		marks(modes[i], "10.71.1.2", "10.71.1.1", "fd71:2::2", "fd71:2::1");
		marks(modes[i], "fd71:1::2", "fd71:1::1", "10.71.2.2", "10.71.2.1");
	}
}

static void reconfigured_xdp(void **state)
{
	(void)state;
	reconfigured(CFG_XDP_NATIVE);
}

static void reconfigured_relay(void **state)
{
	(void)state;
	reconfigured(CFG_XDP_OFF);
}

/* Another program sits on ports of the range: passed over; with none left, refused. */
static void port_taken(void **state)
{
	struct td_media_session *more[30] = { NULL };
	struct td_addr via, local;
	static struct world w;
	int n = 0, squatter;

	(void)state;
	squatter = party_socket(NS_ROUTER, "10.71.1.1", 20003);
	open_world(&w, CFG_XDP_OFF, CFG_XDP_OFF);
	td_addr_parse(&via, "10.71.1.1");
	w.port.ops->local(w.s, 0, &via, &local);
	assert_int_equal(local.port, 20000);
	w.port.ops->local(w.s, 1, &via, &local);
	assert_int_equal(local.port, 20004);	/* 20002 has no RTCP port */
	while (n < 30 && !w.port.ops->open(w.port.plane, 100, &more[n]))
		n++;
	assert_int_equal(n, 23);		/* 50 pairs, one taken, two in w.s, one is left */
	assert_int_equal(w.port.ops->open(w.port.plane, 100, &more[n]), -EMFILE);
	while (n--)
		w.port.ops->close(more[n]);
	close(squatter);
	close_world(&w);
}

/* ---- rights: the worker's half with CAP_NET_ADMIN alone ---- */

static void drop_to_net_admin(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { 0 } };

	d[0].effective = d[0].permitted = 1u << CAP_NET_ADMIN;
	prctl(PR_SET_KEEPCAPS, 1);
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534) ||
	    syscall(SYS_capset, &h, d))
		_exit(9);
}

static void unprivileged_worker(void **state)
{
	struct td_media_args args = { 0 };
	struct td_xdp_port port[2];
	static struct world w;
	char why[256] = "";
	int status;
	pid_t pid;

	(void)state;
	if (td_xdp_load(&w.xdp, PIN_DIR, &w.fds, why, sizeof(why)))
		fail_msg("load: %s", why);
	assert_int_equal(td_xdp_attach(w.xdp, "lan0", CFG_XDP_NATIVE, &port[0], why, 256), 0);
	assert_int_equal(td_xdp_attach(w.xdp, "wan0", CFG_XDP_NATIVE, &port[1], why, 256), 0);
	pid = fork();
	if (!pid) {
		uint32_t key = 60, value = (uint32_t)port[0].ifindex;

		w.rtp[0] = party_socket(NS_A, "10.71.1.2", 4000);
		w.rtp[1] = party_socket(NS_B, "10.71.2.2", 4000);
		w.rtcp[0] = party_socket(NS_A, "10.71.1.2", 4001);
		w.rtcp[1] = party_socket(NS_B, "10.71.2.2", 4001);
		drop_to_net_admin();
		w.config.global.rtp_port_min = 20000;
		w.config.global.rtp_port_max = 20099;
		w.config.global.dscp[TD_DSCP_MEDIA] = EF;
		w.loop = td_loop_new_epoll();
		if (td_nl_open(&w.nl, w.loop, &events, &w))
			_exit(2);
		args = (struct td_media_args){
			.loop = w.loop, .nl = w.nl, .config = &w.config, .fds = &w.fds,
		};
		if (td_media_new(&w.media, &args))
			_exit(3);
		/* by descriptor and without CAP_BPF */
		if (bpf_map_update_elem(w.fds.devs, &key, &value, 0))
			_exit(4);
		td_media_set_port(w.media, &port[0]);
		td_media_set_port(w.media, &port[1]);
		w.port = td_media_port(w.media);
		if (w.port.ops->open(w.port.plane, 7, &w.s))
			_exit(5);
		for (int i = 0; i < 2; i++) {
			struct td_media_end *e = &w.end[i];
			struct td_addr via;

			td_addr_parse(&via, i ? "10.71.2.1" : "10.71.1.1");
			td_addr_parse(&e->remote, i ? "10.71.2.2" : "10.71.1.2");
			e->remote.port = 4000;
			e->dir = TD_DIR_BOTH;
			w.port.ops->local(w.s, i, &via, &e->local);
		}
		w.port.ops->connect(w.s, w.end);
		let_run(&w, 200);
		talk(&w, 0, 5);
		let_run(&w, 50);
		_exit(stats(&w, 0).path == TD_PATH_XDP && stats(&w, 0).rx_packets == 5 ? 0 : 6);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	td_xdp_unload(w.xdp, true);
}

/* Load, attach, go away without cleaning, come back: same maps, link kept. */
static void adopt_pins(void **state)
{
	struct td_xdp_port port, again;
	struct td_xdp_fds fds;
	char why[256] = "";
	struct td_xdp *x;

	(void)state;
	assert_int_equal(td_xdp_load(&x, PIN_DIR, &fds, why, sizeof(why)), 0);
	assert_int_equal(td_xdp_attach(x, "lan0", CFG_XDP_AUTO, &port, why, sizeof(why)), 0);
	td_xdp_unload(x, false);
	sh("ip -n td-plane-r link show lan0 | grep -q xdp");
	assert_int_equal(td_xdp_load(&x, PIN_DIR, &fds, why, sizeof(why)), 0);
	assert_int_equal(td_xdp_attach(x, "lan0", CFG_XDP_AUTO, &again, why, sizeof(why)), 0);
	assert_int_equal(port.dev, again.dev);
	assert_int_equal(again.mode, CFG_XDP_NATIVE);
	assert_int_equal(td_xdp_attach(x, "lan0", CFG_XDP_GENERIC, &again, why, sizeof(why)), 0);
	assert_int_equal(again.mode, CFG_XDP_GENERIC);
	td_xdp_unload(x, true);
	sh("! ip -n td-plane-r link show lan0 | grep -q xdp");
}

#define T(name) cmocka_unit_test_teardown(name, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(native),
		T(generic),
		T(relay),
		T(mixed),
		T(strangers_xdp),
		T(strangers_relay),
		T(hold_xdp),
		T(hold_relay),
		T(half_known),
		T(neighbour_lost),
		T(ipv6),
		T(ipv4_to_ipv6),
		T(text_tables),
		T(marks_alike),
		T(reconfigured_xdp),
		T(reconfigured_relay),
		T(port_taken),
		T(interface_missing),
		T(large_mtu),
		T(interface_replaced),
		T(unprivileged_worker),
		T(adopt_pins),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("plane_forward", tests, group_setup, group_teardown);
}
