/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets where phones come in, one a family, and how many each host may have open. With
 * strict_match off a phone may use any address of this router, so the listener has none.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/td_map.h"

#define USUAL_PORT 2000
#define BACKLOG		1024
#define AT_ONCE		64		/* accepted in one turn of the loop */
#define TRY_AGAIN_MS	200

static void on_knock(void *arg, int fd, unsigned int events);

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* Accepted connections inherit it. */
static void mark(const struct td_sccp *sccp, int fd, int family)
{
	int tos = (int)sccp->config->global.dscp[TD_DSCP_SIGNALING] << 2;

	if (family == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
	else
		set_int(fd, IPPROTO_IP, IP_TOS, tos);
}

static int open_one(struct td_sccp *sccp, int family, uint16_t port)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	mark(sccp, fd, family);
	if (bind(fd, family == AF_INET6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4,
		 family == AF_INET6 ? sizeof(a6) : sizeof(a4)) ||
	    listen(fd, BACKLOG)) {
		err = -errno;
		close(fd);
		return err;
	}
	err = td_loop_watch(sccp->loop, fd, TD_READ, on_knock, sccp);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static void close_one(struct td_sccp *sccp, struct sccp_listener *l)
{
	if (l->fd < 0)
		return;
	td_loop_unwatch(sccp->loop, l->fd);
	td_sccp_keep_drop_listener(sccp, (int)(l - sccp->listener), l->fd);
	close(l->fd);
	l->fd = -1;
}

void td_sccp_listen_again(struct td_sccp *sccp, int i, int fd)
{
	struct sccp_listener *l = &sccp->listener[i];
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct td_addr local;

	if (l->fd >= 0 || getsockname(fd, (struct sockaddr *)&ss, &len) ||
	    td_addr_from_sockaddr(&local, (struct sockaddr *)&ss) ||
	    td_loop_watch(sccp->loop, fd, TD_READ, on_knock, sccp)) {
		td_sccp_keep_drop_listener(sccp, i, fd);
		close(fd);
		return;
	}
	l->fd = fd;
	l->port = local.port;
}

void td_sccp_unlisten(struct td_sccp *sccp)
{
	td_loop_timer_stop(sccp->loop, &sccp->accept_again);
	for (int i = 0; i < SCCP_LISTENERS; i++)
		close_one(sccp, &sccp->listener[i]);
}

static bool is_wanted(const struct td_config *cfg)
{
	size_t i;

	if (cfg->sccp.enable != CFG_ENABLE_AUTO)
		return cfg->sccp.enable == CFG_ENABLE_ON;
	if (cfg->sccp.auto_register && cfg->sccp.auto_number[0])
		return true;
	for (i = 0; i < cfg->n_phones; i++)
		if (cfg->phones[i].protocol == CFG_PROTO_SCCP)
			return true;
	return false;
}

/* CME's guide: leave it at 2000 with IPv6. Phones take the port for it from no file. */
static void warn_of_port(const struct sccp_listener *l, int i)
{
	if (i == 1 && l->port != USUAL_PORT)
		td_log_warn(TD_LOG_SCCP, "port=%u family=ipv6: phones ask port %u there, leave it so",
			    l->port, USUAL_PORT);
}

int td_sccp_listen(struct td_sccp *sccp, char *why, size_t why_len)
{
	static const int families[2] = { AF_INET, AF_INET6 };
	static const uint32_t only_other[2] = { CFG_IPV6, CFG_IPV4 };
	const struct cfg_sccp *cfg = &sccp->config->sccp;

	for (int i = 0; i < SCCP_LISTENERS; i++) {
		struct sccp_listener *l = &sccp->listener[i];
		bool tls = i > 1;
		uint16_t port = (uint16_t)(tls ? cfg->tls_port : cfg->port);
		bool wanted = is_wanted(sccp->config) && cfg->protocol_mode != only_other[i & 1] &&
			      (tls ? sccp->tls != NULL :
				     cfg->security_mode != CFG_SECURITY_ENCRYPTED);
		int fd;

		if (l->fd >= 0 && (!wanted || l->port != port))
			close_one(sccp, l);
		if (!wanted)
			continue;
		if (l->fd >= 0) {
			mark(sccp, l->fd, families[i & 1]);
			continue;
		}
		fd = open_one(sccp, families[i & 1], port);
		if (fd < 0) {
			snprintf(why, why_len, "%s TCP port %u: %s", i & 1 ? "IPv6" : "IPv4", port,
				 strerror(-fd));
			return fd;
		}
		l->fd = fd;
		l->port = port;
		td_sccp_keep_listener(sccp, i, fd);
		td_log_info(TD_LOG_SCCP, "listening family=%s port=%u%s", i & 1 ? "ipv6" : "ipv4",
			    port, tls ? " tls=1" : "");
		warn_of_port(l, i);
	}
	return 0;
}

/* ---- who knocks ---- */

struct sccp_host *td_sccp_host_get(struct td_sccp *sccp, const struct td_addr *peer)
{
	struct td_map_node *n = td_map_find(&sccp->hosts, peer->ip, sizeof(peer->ip));
	struct sccp_host *host = n ? td_container_of(n, struct sccp_host, node) : NULL;

	if (!host) {
		host = td_zalloc(sizeof(*host));
		if (!host)
			return NULL;
		memcpy(host->ip, peer->ip, sizeof(host->ip));
		if (td_map_insert(&sccp->hosts, &host->node, host->ip, sizeof(host->ip))) {
			td_free(host);
			return NULL;
		}
	}
	host->sessions++;
	return host;
}

void td_sccp_host_put(struct td_sccp *sccp, struct sccp_host *host)
{
	if (!host || --host->sessions)
		return;
	td_map_remove(&sccp->hosts, &host->node);
	td_free(host);
}

static bool let_in(struct td_sccp *sccp, int fd, const struct sockaddr_storage *from, bool tls)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct td_addr peer, local;
	struct sccp_host *host;
	char text[TD_ADDR_STRLEN];

	if (td_addr_from_sockaddr(&peer, (const struct sockaddr *)from) ||
	    getsockname(fd, (struct sockaddr *)&ss, &len) ||
	    td_addr_from_sockaddr(&local, (struct sockaddr *)&ss))
		return false;
	host = td_sccp_host_get(sccp, &peer);
	if (!host)
		return false;
	if (host->sessions > sccp->config->sccp.max_per_host) {
		sccp->n.refused_host++;
		td_log_limited(TD_LOG_SCCP, TD_WARN, "address=%s refused: it has %u connections "
			       "(sccp.max_per_host)", td_addr_ip(&peer, text), host->sessions - 1);
		td_sccp_host_put(sccp, host);
		return false;
	}
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (!td_sccp_session_new(sccp, fd, &peer, &local, host, tls)) {
		td_sccp_host_put(sccp, host);
		return false;
	}
	sccp->n.accepted++;
	return true;
}

static void watch_again(void *arg)
{
	struct td_sccp *sccp = arg;

	for (int i = 0; i < SCCP_LISTENERS; i++)
		if (sccp->listener[i].fd >= 0)
			td_loop_watch(sccp->loop, sccp->listener[i].fd, TD_READ, on_knock, sccp);
}

/* Out of descriptors: the listener would wake us for ever. */
static void pause_listening(struct td_sccp *sccp)
{
	td_log_limited(TD_LOG_SCCP, TD_ERR, "no more connections can be taken: %s",
		       strerror(errno));
	for (int i = 0; i < SCCP_LISTENERS; i++)
		if (sccp->listener[i].fd >= 0)
			td_loop_unwatch(sccp->loop, sccp->listener[i].fd);
	td_loop_timer_start(sccp->loop, &sccp->accept_again, TRY_AGAIN_MS, watch_again, sccp);
}

static void on_knock(void *arg, int fd, unsigned int events)
{
	struct td_sccp *sccp = arg;
	bool tls = fd == sccp->listener[2].fd || fd == sccp->listener[3].fd;

	(void)events;
	for (int i = 0; i < AT_ONCE; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		int one = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (one < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_listening(sccp);
			return;
		}
		if (!let_in(sccp, one, &from, tls))
			close(one);
	}
}
