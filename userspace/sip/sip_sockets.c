/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sofia's transport does not do with its descriptors, and gives no access to: DSCP
 * (it marks IPv4 at creation only), a receive buffer for a burst of phones, how full that
 * buffer is, and the end of connections over which nothing was ever said (its idle timer
 * starts with the first byte). The descriptors are found by their own address.
 *
 * And what it should not do: ask the DNS.
 */
#include "userspace/sip/sip_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/td_map.h"
#include "userspace/base/log.h"

/* About T1/2 of work at 20 us a message: more would only serve what is retransmitted by now. */
#define UDP_RECEIVE_BYTES (1 << 20)
#define CROWDED_PCT	  25
#define RELIEVED_PCT	  4
#define FULL_PCT	  75
#define RELIEF_MS	  2
#define SILENT_MS	  30000
#define SWEEP_STEP	  512		/* descriptors looked at per sweep */

/* Sofia's answers go to the host that the Via names, and its transport looks names up (maddr;
 * the host itself, in answers to what it could not parse) with this function, which blocks:
 * one datagram of a stranger would stop all calls until his DNS server answers. The dynamic
 * linker prefers ours to the library's. Names of our own are never given to sofia. */
int su_getaddrinfo(const char *node, const char *service, const su_addrinfo_t *hints,
		   su_addrinfo_t **res)
{
	su_addrinfo_t numeric = { 0 }, *ai;
	int err;

	if (hints)
		numeric = *hints;
	numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
	err = getaddrinfo(node, service && *service ? service : "0", &numeric, res);
	for (ai = err ? NULL : *res; ai; ai = ai->ai_next)
		if (!ai->ai_protocol)
			ai->ai_protocol = numeric.ai_protocol;
	return err;
}

static bool has_type(int fd, int want)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == want;
}

static bool is_listening(int fd)
{
	socklen_t len = sizeof(int);
	int listening = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

static bool is_internet(int fd, struct td_addr *local)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	return getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
	       td_addr_from_sockaddr(local, (struct sockaddr *)&ss) == 0;
}

/* fn for every open descriptor of the process. */
static void each_fd(void (*fn)(struct td_sip *sip, int fd, void *arg), struct td_sip *sip,
		    void *arg)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(dir))
			fn(sip, atoi(e->d_name), arg);
	closedir(dir);
}

/* ---- DSCP ---- */

static void mark(const struct td_sip *sip, int fd)
{
	int tos = (int)sip->config->global.dscp[TD_DSCP_SIGNALING] << 2;
	socklen_t len = sizeof(int);
	int domain = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
		return;
	setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	if (domain == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
}

static void mark_connection(struct td_sip *sip, int fd, void *arg)
{
	struct td_addr local;

	(void)arg;
	if (has_type(fd, SOCK_STREAM) && is_internet(fd, &local))
		mark(sip, fd);
}

void td_sip_sockets_mark(struct td_sip *sip)
{
	for (size_t i = 0; i < sip->n_listeners; i++)
		if (sip->listeners[i].fd[SIP_UDP] >= 0)
			mark(sip, sip->listeners[i].fd[SIP_UDP]);
	/* Accepted connections inherit the listener's mark; those there now do not change by
	 * themselves. Only SIP has Internet streams in this process. */
	each_fd(mark_connection, sip, NULL);
}

/* ---- listeners ---- */

static void adopt(struct td_sip *sip, int fd, void *arg)
{
	struct sip_listener *li = arg;
	int bytes = UDP_RECEIVE_BYTES;
	struct td_addr local;

	if (!is_internet(fd, &local) || !td_addr_same_ip(&local, &li->addr))
		return;
	if (has_type(fd, SOCK_DGRAM)) {
		if (!li->tport[SIP_UDP] || li->fd[SIP_UDP] >= 0 || local.port != li->addr.port)
			return;
		li->fd[SIP_UDP] = fd;
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
		mark(sip, fd);
	} else if (has_type(fd, SOCK_STREAM) && is_listening(fd)) {
		int k = sip->config->sip.tls && local.port == sip->config->sip.tls_port ?
				SIP_TLS : SIP_TCP;

		if (!li->tport[k] || li->fd[k] >= 0 || (k == SIP_TCP && local.port != li->addr.port))
			return;
		li->fd[k] = fd;
		mark(sip, fd);
	}
}

void td_sip_sockets_adopt(struct td_sip *sip, struct sip_listener *li)
{
	each_fd(adopt, sip, li);
}

static struct sip_listener *listener_at(struct td_sip *sip, const struct td_addr *local)
{
	for (size_t i = 0; i < sip->n_listeners; i++)
		if (td_addr_same_ip(&sip->listeners[i].addr, local))
			return sip->listeners[i].fd[SIP_UDP] < 0 ? NULL : &sip->listeners[i];
	return NULL;
}

static bool is_fuller_than(const struct sip_listener *li, unsigned int pct)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	return getsockopt(li->fd[SIP_UDP], SOL_SOCKET, SO_MEMINFO, mem, &len) == 0 &&
	       (uint64_t)mem[SK_MEMINFO_RMEM_ALLOC] * 100 >
	       (uint64_t)mem[SK_MEMINFO_RCVBUF] * pct;
}

/*
 * Reading and parsing what is shed costs nearly as much as answering it, and in a storm that
 * is all there is time for. So while the queue is crowded the kernel drops REGISTERs that are
 * shorter than any of late that had credentials: their senders repeat them, and those that
 * were challenged get through. Without credentials in the house it drops every REGISTER.
 */
static void filter_on(struct td_sip *sip, struct sip_listener *li)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8),			/* behind the UDP header */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x52454749, 0, 2),	/* "REGI" */
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 8 + li->least_auth_len, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	if (!li->least_auth_len)
		code[3].k = UINT32_MAX;
	li->filtered = !setsockopt(li->fd[SIP_UDP], SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
	sip->n.storms += li->filtered;
	/* forget a phone that said less, unless it comes again */
	li->least_auth_len += li->least_auth_len / 64;
}

static void filter_off(struct sip_listener *li)
{
	int unused = 0;

	setsockopt(li->fd[SIP_UDP], SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
	li->filtered = false;
	li->crowded = false;
}

static void on_relief(void *arg)
{
	struct td_sip *sip = arg;
	bool again = false;

	for (size_t i = 0; i < sip->n_listeners; i++) {
		struct sip_listener *li = &sip->listeners[i];

		if (li->filtered && !is_fuller_than(li, RELIEVED_PCT))
			filter_off(li);
		again |= li->filtered;
	}
	if (again)
		td_loop_timer_start(sip->loop, &sip->relief, RELIEF_MS, on_relief, sip);
}

bool td_sip_sockets_crowded(struct td_sip *sip, const struct td_addr *local)
{
	struct sip_listener *li = listener_at(sip, local);
	uint64_t now = td_loop_now_ms(sip->loop);

	if (!li)
		return false;
	if (li->looked_ms == now)
		return li->crowded;
	li->looked_ms = now;
	li->crowded = is_fuller_than(li, CROWDED_PCT);
	if (li->crowded && !li->filtered) {
		filter_on(sip, li);
		if (li->filtered)
			on_relief(sip);
	} else if (li->filtered && !is_fuller_than(li, RELIEVED_PCT)) {
		filter_off(li);
	}
	/* with the filter on, what is in the queue is young enough to be worth an answer */
	if (li->filtered)
		li->crowded = is_fuller_than(li, FULL_PCT);
	return li->crowded;
}

void td_sip_sockets_saw_auth(struct td_sip *sip, const struct td_addr *local, size_t len)
{
	struct sip_listener *li = listener_at(sip, local);

	if (li && len && (!li->least_auth_len || len < li->least_auth_len))
		li->least_auth_len = (uint32_t)len;
}

/* ---- silent connections ---- */

static bool is_silent(const struct td_sip *sip, int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	struct td_addr local;

	if (!has_type(fd, SOCK_STREAM) || !is_internet(fd, &local) ||
	    (local.port != sip->config->sip.port &&
	     (!sip->config->sip.tls || local.port != sip->config->sip.tls_port)) || is_listening(fd))
		return false;
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       !info.tcpi_bytes_received && info.tcpi_last_data_recv > SILENT_MS;
}

void td_sip_sockets_sweep(struct td_sip *sip)
{
	bool any = false;
	int i;

	for (i = 0; i < SWEEP_STEP; i++) {
		int fd = sip->sweep_fd++;

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		any = true;
		if (!is_silent(sip, fd))
			continue;
		sip->n.silent_closed++;
		td_log_limited(TD_LOG_SIP, TD_INFO, "connection that never spoke closed fd=%d", fd);
		shutdown(fd, SHUT_RDWR);	/* sofia sees the end and closes it */
	}
	/* The kernel gives the lowest free number: after a stretch of none there are no more. */
	if (!any)
		sip->sweep_fd = 3;
}
