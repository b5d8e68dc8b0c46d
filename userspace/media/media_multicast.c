// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Streams to multicast groups: the music of the house, and what is said in a mixer (a page). One
 * stream for all who listen, by one interface; it does not come back to us.
 */
#include "userspace/media/media_priv.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"

static int set(int fd, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, IPPROTO_IP, name, value, len) ? -errno : 0;
}

static int set_int(int fd, int name, int value)
{
	return set(fd, name, &value, sizeof(value));
}

static int aim(int fd, const struct cfg_multicast *to, unsigned int ifindex, int dscp)
{
	struct ip_mreqn by = { .imr_ifindex = (int)ifindex };
	struct sockaddr_storage sa;
	socklen_t len = td_addr_to_sockaddr(&to->group, &sa, false);
	int err = set(fd, IP_MULTICAST_IF, &by, sizeof(by));

	if (!err)
		err = set_int(fd, IP_MULTICAST_TTL, (int)to->ttl);
	if (!err)
		err = set_int(fd, IP_MULTICAST_LOOP, 0);
	if (!err)
		err = set_int(fd, IP_TOS, dscp << 2);
	if (!err && connect(fd, (struct sockaddr *)&sa, len))
		err = -errno;
	return err;
}

int td_media_open_stream(struct td_media *m, const struct cfg_multicast *to, uint32_t *node)
{
	const char *interface = to->interface[0] ? to->interface : m->interface;
	int fd, err, dscp = (int)m->tables.dscp[TD_DSCP_MEDIA].entry.dscp;
	unsigned int ifindex = if_nametoindex(interface);
	char group[TD_ADDR_STRLEN];

	fd = ifindex ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
	err = fd < 0 ? -errno : aim(fd, to, ifindex, dscp);
	if (!err)
		err = td_audio_stream(m->audio, fd, node);	/* has the socket in any case */
	else if (fd >= 0)
		close(fd);
	if (err)
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "no stream to group=%s interface=%s: %s",
			       td_addr_str(&to->group, group), interface, strerror(-err));
	return err;
}
