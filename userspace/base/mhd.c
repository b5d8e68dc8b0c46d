/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mhd.h. */
#include "userspace/base/mhd.h"

#include <netinet/in.h>
#include <string.h>

void td_mhd_peer(struct MHD_Connection *c, struct td_addr *peer)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	memset(peer, 0, sizeof(*peer));
	if (info)
		td_addr_from_sockaddr(peer, info->client_addr);
}

/* The one that is not the socket's family is refused, or is for IPv4 through IPv6's. */
void td_mhd_mark(struct MHD_Connection *c, uint32_t dscp)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	int tos = (int)dscp << 2;

	if (!info)
		return;
	setsockopt(info->connect_fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	setsockopt(info->connect_fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
}
