// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one setting of a device that packets' programs depend on and that rtnetlink does not
 * know: whether the hardware takes VLAN tags off before a program can see them.
 */
#include "netlink/nl.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/str.h"

static int flags_of(int fd, const char *ifname, uint32_t cmd, uint32_t *flags)
{
	struct ethtool_value value = { .cmd = cmd, .data = *flags };
	struct ifreq ifr = { 0 };

	if (td_strlcpy(ifr.ifr_name, ifname, sizeof(ifr.ifr_name)) >= sizeof(ifr.ifr_name))
		return -ENODEV;
	ifr.ifr_data = (void *)&value;
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return -errno;
	*flags = value.data;
	return 0;
}

int td_nl_rx_vlan(const char *ifname, bool strip)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t flags = 0, wanted;
	int err;

	if (fd < 0)
		return -errno;
	err = flags_of(fd, ifname, ETHTOOL_GFLAGS, &flags);
	wanted = strip ? flags | ETH_FLAG_RXVLAN : flags & ~(uint32_t)ETH_FLAG_RXVLAN;
	if (!err && wanted != flags)
		err = flags_of(fd, ifname, ETHTOOL_SFLAGS, &wanted);
	close(fd);
	return err ? err : wanted != flags;
}
