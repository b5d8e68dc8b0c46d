// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The measuring half of xdp_forward.sh, which makes the namespaces. Real loader, real
 * media plane with one session per flow; the sender and the sink are packet programs.
 * Progress on stderr, one JSON object on stdout.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bpf/td_bench.h"
#include "bpf/td_bench.skel.h"
#include "netlink/nl.h"
#include "tests/bench/frame.h"
#include "userspace/base/log.h"
#include "userspace/core/media_desc.h"
#include "userspace/media/media.h"

#define PIN_DIR		"/sys/fs/bpf/td-bench"
#define WARM_UP_MS	300
#define SETTLE_MS	50
#define MEASURE_MS	250
#define MAX_STEPS	16
#define MAX_ROUNDS	9
#define GENERATOR_CPU	0
#define ROUTER_CPU	1

enum mode { MODE_XDP, MODE_IP, MODE_NFT, MODE_ENGINE, MODE_DROP, MODE_MANY, MODE_IPV6, MODE_G711,
	    MODE_FORK, MODE_RECORDER, N_MODES };

static const char *const mode_name[N_MODES] = {
	"td_rtp", "kernel_ip", "nft_nat", "rtpengine", "xdp_drop", "td_rtp_many", "ipv4_to_ipv6",
	"g711", "fork", "recorder",
};

/* What td_rtp is compared with in each mode, or is itself compared with: [a] / [b], in a round. */
static const struct ratio {
	const char *name;
	enum mode a, b;
	double goal;
} ratios[] = {
	{ "v_kernel_ip", MODE_XDP, MODE_IP, 3.0 },
	{ "v_nft_nat", MODE_XDP, MODE_NFT, 6.0 },
	{ "v_rtpengine", MODE_XDP, MODE_ENGINE, 15.0 },
	{ "v_xdp_drop", MODE_XDP, MODE_DROP, 0.35 },
	{ "many_v_few", MODE_MANY, MODE_XDP, 0.8 },
	{ "ipv4_to_ipv6_v_ipv4", MODE_IPV6, MODE_XDP, 0.8 },
	{ "g711_v_kernel_ip", MODE_G711, MODE_IP, 2.0 },
	{ "fork_v_plain", MODE_FORK, MODE_XDP, 0.6 },
	{ "with_recorder_v_plain", MODE_RECORDER, MODE_XDP, 0.95 },
};
#define N_RATIOS (sizeof(ratios) / sizeof(ratios[0]))

struct bench {
	struct td_bench *sender, *sink, *drop;	/* programs of their own for each place */
	struct td_xdp *xdp;
	struct td_xdp_fds fds;
	struct td_loop *loop;
	struct td_nl *nl;
	struct td_media *media;
	struct td_config config;
	struct td_media_port port;
	struct td_media_session **session;
	struct td_bench_flow *flows;
	uint16_t *local_port;
	uint16_t *engine_port;	/* of rtpengine's calls; NULL: it is not there */
	uint32_t n_flows;	/* a group's: see groups */
	uint32_t n_sessions;
	int gen_ifindex;
	int drop_link;
	double pps[N_MODES][MAX_ROUNDS];
	double setup_us, close_us, prog_ns, live_ns;
};

static void die(const char *what)
{
	fprintf(stderr, "xdp_forward: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void enter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

/* ---- CPUs ---- */

static void pin(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(tid, sizeof(set), &set))
		die("sched_setaffinity");
}

/* Attaching makes new NAPI instances, and with them new threads. */
static int pin_napi_threads(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (dir && (e = readdir(dir))) {
		char path[300], comm[32] = "";
		FILE *f;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (f && fgets(comm, sizeof(comm), f) &&
		    (!strncmp(comm, "napi/lan0-", 10) || !strncmp(comm, "napi/wan0-", 10) ||
		     !strncmp(comm, "napi/eth0-", 10))) {
			pin(atoi(e->d_name), comm[5] == 'e' ? GENERATOR_CPU : ROUTER_CPU);
			found++;
		}
		if (f)
			fclose(f);
	}
	closedir(dir);
	return found;
}

/* ---- the flows ---- */

/* Sessions stand in groups of n_flows: ten plain ones, one to IPv6, one from u-law to A-law, one
 * with a recorder. */
#define PLAIN_GROUPS	10
#define IPV6_GROUP	10
#define G711_GROUP	11
#define FORK_GROUP	12
#define N_GROUPS	13

static uint16_t phone_port(uint32_t i)
{
	return (uint16_t)(2000 + 2 * i);
}

static void point_flows(struct bench *b, enum mode mode)
{
	static const uint8_t router[4] = { 10, 72, 1, 1 }, beyond[4] = { 10, 72, 2, 2 };
	uint32_t first = b->n_flows * (mode == MODE_IPV6 ? IPV6_GROUP :
				       mode == MODE_G711 ? G711_GROUP :
				       mode == MODE_FORK ? FORK_GROUP : 0);
	uint32_t n = b->n_flows * (mode == MODE_MANY ? PLAIN_GROUPS : 1);

	for (uint32_t i = 0; i < n; i++) {
		uint16_t port = mode == MODE_IP ? phone_port(i) :
				mode == MODE_ENGINE ? b->engine_port[i] : b->local_port[first + i];

		frame_template(&b->flows[i], phone_port(first + i), mode == MODE_IP ? beyond : router,
			       port, i);
	}
	b->sender->bss->next_flow = 0;
	b->sender->data->n_flows = n;
}

static bool is_ours(enum mode mode)
{
	return mode == MODE_XDP || mode == MODE_MANY || mode == MODE_IPV6 || mode == MODE_G711 ||
	       mode == MODE_FORK || mode == MODE_RECORDER;
}

static void open_session(struct bench *b, uint32_t i)
{
	struct td_media_end end[2] = { 0 };
	uint32_t group = i / b->n_flows;

	if (b->port.ops->open(b->port.plane, i + 1, &b->session[i]))
		die("no session");
	for (int side = 0; side < 2; side++) {
		struct td_addr via;

		if (side && group == IPV6_GROUP) {
			td_addr_parse(&via, "fd72:2::1");
			td_addr_parse(&end[side].remote, "fd72:2::2");
		} else {
			td_addr_set_v4(&via, side ? 0x0a480201 : 0x0a480101, 0);
			td_addr_set_v4(&end[side].remote, side ? 0x0a480202 : 0x0a480102, 0);
		}
		b->port.ops->local(b->session[i], side, &via, &end[side].local);
		end[side].remote.port = phone_port(i);
		end[side].dir = TD_DIR_BOTH;
		end[side].rate = 8000;
	}
	if (group == G711_GROUP) {
		end[0].n_pt = 1;
		end[0].pt_to[0] = 8;
		end[0].transcode = TD_TRANSCODE_U2A;
	}
	if (group == FORK_GROUP)
		td_addr_set_v4(&end[0].fork, 0x0a480202, (uint16_t)(40000 + 2 * (i % b->n_flows)));
	if (b->port.ops->connect(b->session[i], end))
		die("connect");
	b->local_port[i] = end[0].local.port;
}

/* Twice: the first round opens sockets, the second is what a busy hour costs. */
static void open_sessions(struct bench *b)
{
	uint64_t t, spent = 0;

	for (uint32_t i = 0; i < b->n_sessions; i++)
		open_session(b, i);
	for (uint32_t i = 0; i < b->n_sessions; i++)
		b->port.ops->close(b->session[i]);
	usleep(5100000);	/* their ports' quarantine */
	t = now_ns();
	for (uint32_t i = 0; i < b->n_sessions; i++)
		open_session(b, i);
	spent = now_ns() - t;
	b->setup_us = (double)spent / 1000 / b->n_sessions;
}

static void close_sessions(struct bench *b)
{
	uint64_t t = now_ns();

	for (uint32_t i = 0; i < b->n_sessions; i++)
		b->port.ops->close(b->session[i]);
	b->close_us = (double)(now_ns() - t) / 1000 / b->n_sessions;
}

/* ---- modes ---- */

static void attach_ours(struct bench *b, const char *ifname)
{
	struct td_xdp_port port;
	char why[256] = "";

	if (td_xdp_attach(b->xdp, ifname, CFG_XDP_NATIVE, &port, why, sizeof(why))) {
		fprintf(stderr, "xdp_forward: %s\n", why);
		exit(1);
	}
	td_media_set_port(b->media, &port);
}

static int attach_raw(int prog_fd, int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, o, .flags = XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(prog_fd, ifindex, BPF_XDP, &o);

	if (fd < 0)
		die("attach");
	return fd;
}

/* One rule and a conntrack entry per flow, as a router without Tandem does it. */
static void nft(const char *ruleset)
{
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "nft '%s'", ruleset);
	if (system(cmd))
		die("nft");
}

/* Is there one in the configuration? */
static void set_recorder(struct bench *b, bool on)
{
	if (on)
		td_addr_set_v4(&b->config.global.media_forking, 0x0a480202, 40000);
	else
		memset(&b->config.global.media_forking, 0, sizeof(b->config.global.media_forking));
	td_media_configure(b->media, &b->config);
}

static void begin_mode(struct bench *b, enum mode mode)
{
	enter("td-bench-r");
	if (mode == MODE_NFT)
		nft("add table ip bench; "
		    "add chain ip bench pre { type nat hook prerouting priority dstnat; }; "
		    "add chain ip bench post { type nat hook postrouting priority srcnat; }; "
		    "add rule ip bench pre iif lan0 udp dport >= 2000 dnat to 10.72.2.2; "
		    "add rule ip bench post oif wan0 meta l4proto udp snat to 10.72.2.1");
	if (is_ours(mode)) {
		attach_ours(b, "lan0");
		attach_ours(b, "wan0");
		set_recorder(b, mode == MODE_FORK || mode == MODE_RECORDER);
	} else if (mode == MODE_DROP) {
		b->drop_link = attach_raw(bpf_program__fd(b->drop->progs.td_bench_drop),
					  (int)if_nametoindex("lan0"));
	}
	point_flows(b, mode);
	usleep(50000);
	if (pin_napi_threads() < 2)
		fprintf(stderr, "xdp_forward: NAPI threads not found\n");
}

static void end_mode(struct bench *b, enum mode mode)
{
	if (mode == MODE_NFT)
		nft("delete table ip bench");
	if (is_ours(mode)) {
		td_xdp_detach(b->xdp, "lan0");
		td_xdp_detach(b->xdp, "wan0");
	} else if (mode == MODE_DROP) {
		close(b->drop_link);
	}
}

/* ---- traffic ---- */

static void on_usr1(int sig)
{
	(void)sig;
}

static void *generate(void *arg)
{
	struct bench *b = arg;
	uint8_t frame[TD_BENCH_FRAME] = { 0 };
	struct xdp_md ctx = { .data_end = sizeof(frame), .ingress_ifindex = (__u32)b->gen_ifindex };
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = sizeof(frame),
			    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx),
			    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .repeat = 1 << 30,
			    .batch_size = 256);

	struct sched_param none = { 0 };

	pin(0, GENERATOR_CPU);
	sched_setscheduler(0, SCHED_IDLE, &none);	/* the sink goes first on this CPU */
	enter("td-bench-s");
	if (bpf_prog_test_run_opts(bpf_program__fd(b->sender->progs.td_bench_generate), &o) &&
	    errno != EINTR)
		die("generator");
	return NULL;
}

static uint64_t counted(const struct td_bench *where)
{
	__u64 percpu[256] = { 0 }, sum = 0;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(where->maps.td_bench_count), &zero, percpu))
		die("counter");
	for (int i = 0; i < libbpf_num_possible_cpus() && i < 256; i++)
		sum += percpu[i];
	return sum;
}

static double delivered(const struct td_bench *where, unsigned int ms)
{
	uint64_t n = counted(where), t = now_ns();

	usleep(ms * 1000);
	return (double)(counted(where) - n) * 1e9 / (double)(now_ns() - t);
}

/* The most that arrives, over a ladder of offered loads: from what full pressure delivers
 * upwards, until more does not bring more. */
static double climb(struct bench *b, const struct td_bench *where)
{
	double best = delivered(where, MEASURE_MS), offered = best;
	int no_gain = 0;

	for (int step = 0; step < MAX_STEPS && no_gain < 3; step++) {
		double got;

		offered *= 1.08;
		b->sender->bss->burst_ns = (uint64_t)(64e9 / offered);
		usleep(SETTLE_MS * 1000);
		got = delivered(where, MEASURE_MS);
		no_gain = got > best ? 0 : no_gain + 1;
		if (got > best)
			best = got;
	}
	b->sender->bss->burst_ns = 0;
	return best;
}

/* ONLY in the environment names modes; without it all run. */
static bool is_wanted(enum mode mode)
{
	const char *only = getenv("ONLY");

	return !only || strstr(only, mode_name[mode]);
}

static double measure(struct bench *b, enum mode mode)
{
	const struct td_bench *where = mode == MODE_DROP ? b->drop : b->sink;
	pthread_t thread;
	double pps;

	if ((mode == MODE_ENGINE && !b->engine_port) || !is_wanted(mode))
		return 0;
	begin_mode(b, mode);
	if (pthread_create(&thread, NULL, generate, b))
		die("thread");
	usleep(WARM_UP_MS * 1000);
	pps = climb(b, where);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	end_mode(b, mode);
	if (mode == MODE_FORK)
		pps /= 2;	/* each arrives twice */
	fprintf(stderr, "xdp_forward: %-12s %8.0f pps\n", mode_name[mode], pps);
	return pps;
}

/* The program alone: one packet whose way out leads back to its own port, until its TTL
 * ends. What it skips is the redirect itself and everything of the driver. */
static double program_cost(struct bench *b)
{
	struct td_flow flow, *flows;
	uint8_t frame[TD_BENCH_FRAME] = { 0 };
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = frame, .data_size_in = sizeof(frame),
			    .repeat = 60);
	uint32_t slot = TD_SLOT_OF_PORT(b->local_port[0]);
	double best = 1e9;
	int fd = bpf_obj_get(PIN_DIR "/progs/td_rtp");

	flows = mmap(NULL, (slot + 1) * sizeof(*flows), PROT_READ | PROT_WRITE, MAP_SHARED,
		     b->fds.flows, 0);
	if (fd < 0 || flows == MAP_FAILED)
		die("program");
	flow = flows[slot];
	memcpy(flows[slot].new_src, flow.peer_addr, 16);
	memcpy(flows[slot].new_dst, flow.local_addr, 16);
	flows[slot].new_src_port = flow.peer_port;
	flows[slot].new_dst_port = flow.local_port;
	memcpy(frame, b->flows[0].header, TD_BENCH_HEADER);
	pin(0, ROUTER_CPU);
	for (int i = 0; i < 2000; i++) {
		if (bpf_prog_test_run_opts(fd, &o) || o.retval != XDP_REDIRECT)
			die("test-run");
		if (o.duration < best)
			best = o.duration;
	}
	flows[slot] = flow;
	close(fd);
	return best;
}

/* What the kernel's own counters say per run, under load; they cost some ns themselves. */
static double live_cost(struct bench *b)
{
	struct bpf_prog_info a = { 0 }, z = { 0 };
	__u32 len = sizeof(a);
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME), fd = bpf_obj_get(PIN_DIR "/progs/td_rtp");

	if (stats < 0 || fd < 0)
		return 0;
	bpf_obj_get_info_by_fd(fd, &a, &len);
	measure(b, MODE_XDP);
	len = sizeof(z);
	bpf_obj_get_info_by_fd(fd, &z, &len);
	close(stats);
	close(fd);
	return z.run_cnt > a.run_cnt ?
	       (double)(z.run_time_ns - a.run_time_ns) / (double)(z.run_cnt - a.run_cnt) : 0;
}

/* ---- start ---- */

static struct td_bench *load_helper(void)
{
	struct td_bench *s = td_bench__open_and_load();

	if (!s)
		die("bench programs");
	return s;
}

static void start(struct bench *b)
{
	struct td_media_args args;
	char why[256] = "";

	b->sender = load_helper();
	b->sink = load_helper();
	b->drop = load_helper();
	b->flows = mmap(NULL, TD_BENCH_MAX_FLOWS * sizeof(*b->flows), PROT_READ | PROT_WRITE,
			MAP_SHARED, bpf_map__fd(b->sender->maps.td_bench_flows), 0);
	b->session = calloc(b->n_sessions, sizeof(*b->session));
	b->local_port = calloc(b->n_sessions, sizeof(*b->local_port));
	if (b->flows == MAP_FAILED || !b->session || !b->local_port)
		die("memory");
	enter("td-bench-k");
	attach_raw(bpf_program__fd(b->sink->progs.td_bench_drop), (int)if_nametoindex("eth0"));
	enter("td-bench-s");
	b->gen_ifindex = (int)if_nametoindex("gen0");
	enter("td-bench-r");
	b->config.global.rtp_port_min = 10000;
	b->config.global.rtp_port_max = 10000 + 4 * b->n_sessions + 8;
	b->config.global.dscp[0] = 46;
	b->loop = td_loop_new_epoll();
	if (!b->loop || td_nl_open(&b->nl, b->loop, NULL, NULL))
		die("netlink");
	if (td_xdp_load(&b->xdp, PIN_DIR, &b->fds, why, sizeof(why))) {
		fprintf(stderr, "xdp_forward: %s\n", why);
		exit(1);
	}
	args = (struct td_media_args){
		.loop = b->loop, .nl = b->nl, .config = &b->config, .fds = &b->fds,
	};
	if (td_media_new(&b->media, &args))
		die("media");
	b->port = td_media_port(b->media);
}

/* ---- the result ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(const double *v, int n)
{
	double copy[MAX_ROUNDS];

	memcpy(copy, v, (size_t)n * sizeof(*v));
	qsort(copy, (size_t)n, sizeof(*copy), by_value);
	return n & 1 ? copy[n / 2] : (copy[n / 2 - 1] + copy[n / 2]) / 2;
}

static void print_ratio(const struct bench *b, const struct ratio *r, int rounds)
{
	double v[MAX_ROUNDS];

	if (b->pps[r->a][0] == 0 || b->pps[r->b][0] == 0) {
		printf(", \"%s\": null", r->name);
		return;
	}
	for (int i = 0; i < rounds; i++)
		v[i] = b->pps[r->a][i] / b->pps[r->b][i];
	printf(", \"%s\": {\"median\": %.2f, \"goal\": %.2f, \"rounds\": [", r->name,
	       median(v, rounds), r->goal);
	for (int i = 0; i < rounds; i++)
		printf("%s%.2f", i ? ", " : "", v[i]);
	printf("]}");
}

static void print(const struct bench *b, int rounds)
{
	printf("{\"flows\": %u, \"many\": %u, \"frame_bytes\": %d, \"rounds\": %d", b->n_flows,
	       b->n_flows * PLAIN_GROUPS, TD_BENCH_FRAME, rounds);
	for (int m = 0; m < N_MODES; m++) {
		double pps = median(b->pps[m], rounds);

		if (pps == 0)
			continue;
		printf(", \"%s\": {\"pps\": %.0f, \"ns_per_packet\": %.0f}", mode_name[m], pps,
		       1e9 / pps);
	}
	for (size_t i = 0; i < N_RATIOS; i++)
		print_ratio(b, &ratios[i], rounds);
	printf(", \"program_ns\": {\"test_run\": %.0f, \"live_with_clock\": %.0f}", b->prog_ns,
	       b->live_ns);
	printf(", \"session_us\": {\"open_and_connect\": %.1f, \"close\": %.1f}}\n", b->setup_us,
	       b->close_us);
}

/* One port a line, as many as flows; else rtpengine is left out. */
static void read_engine_ports(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "r");
	uint32_t n = 0;

	b->engine_port = calloc(b->n_flows, sizeof(*b->engine_port));
	while (f && b->engine_port && n < b->n_flows && fscanf(f, "%hu", &b->engine_port[n]) == 1)
		n++;
	if (f)
		fclose(f);
	if (n == b->n_flows)
		return;
	fprintf(stderr, "xdp_forward: rtpengine is not there\n");
	free(b->engine_port);
	b->engine_port = NULL;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct sigaction sa = { .sa_handler = on_usr1 };
	int rounds = argc > 1 ? atoi(argv[1]) : 3;

	b.n_flows = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000;
	if (rounds < 1 || rounds > MAX_ROUNDS || b.n_flows < 1 || b.n_flows > 1000)
		return 2;
	b.n_sessions = b.n_flows * N_GROUPS;
	sigaction(SIGUSR1, &sa, NULL);	/* without SA_RESTART: it ends the generator's call */
	td_log_set_levels("error");
	read_engine_ports(&b, argc > 3 ? argv[3] : "/dev/null");
	start(&b);
	attach_ours(&b, "lan0");
	attach_ours(&b, "wan0");
	open_sessions(&b);
	point_flows(&b, MODE_XDP);
	b.prog_ns = program_cost(&b);
	end_mode(&b, MODE_XDP);
	for (int i = 0; i < rounds; i++)
		for (int m = 0; m < N_MODES; m++)
			b.pps[m][i] = measure(&b, (enum mode)m);
	b.live_ns = live_cost(&b);
	close_sessions(&b);
	print(&b, rounds);
	td_media_free(b.media);
	td_nl_close(b.nl);
	td_xdp_unload(b.xdp, true);
	return 0;
}
