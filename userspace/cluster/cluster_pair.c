/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cluster_pair.h. */
#include "userspace/cluster/cluster_pair.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum pair_role cluster_pair_find(const struct cfg_cluster *cfg,
				 bool (*is_local)(void *arg, const struct td_addr *a), void *arg,
				 struct td_addr *own, struct td_addr *other)
{
	bool second;

	memset(own, 0, sizeof(*own));
	memset(other, 0, sizeof(*other));
	if (!td_addr_is_set(&cfg->primary) || !td_addr_is_set(&cfg->secondary))
		return PAIR_NONE;
	second = is_local(arg, &cfg->secondary);
	if (!second && !is_local(arg, &cfg->primary))
		return PAIR_NONE;
	*own = second ? cfg->secondary : cfg->primary;
	*other = second ? cfg->primary : cfg->secondary;
	return second ? PAIR_SECONDARY : PAIR_PRIMARY;
}

int cluster_pair_dial(const struct td_addr *own, const struct td_addr *other, int patience_ms)
{
	bool six = !td_addr_is_v4(other);
	struct sockaddr_storage ss;
	struct td_addr from = *own;
	unsigned int len;
	int fd, err;

	fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (patience_ms)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof(patience_ms));
	from.port = 0;
	len = td_addr_to_sockaddr(&from, &ss, six);
	err = bind(fd, (struct sockaddr *)&ss, len) ? -errno : 0;
	len = td_addr_to_sockaddr(other, &ss, six);
	if (!err && connect(fd, (struct sockaddr *)&ss, len) && errno != EINPROGRESS)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}
