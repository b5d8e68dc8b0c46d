/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of messages (fxo_read.c), for fxo.c and for tests. */
#ifndef TD_NETLINK_FXO_PRIV_H
#define TD_NETLINK_FXO_PRIV_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include "netlink/fxo.h"

/** What the kernel's directory tells of a family. */
struct fxo_family {
	char name[GENL_NAMSIZ];
	uint16_t id;
	uint32_t group;			/* of events; 0: none */
};

/* Is the next message all there? To libmnl a length of 2 GB and more is a negative one, and fits. */
static inline bool td_fxo_whole(const struct nlmsghdr *h, int left)
{
	return mnl_nlmsg_ok(h, left) && h->nlmsg_len <= (uint32_t)left;
}

/* All: 0, or -EBADMSG. The message has been found whole. */
int td_fxo_read_port(const struct nlmsghdr *h, struct td_fxo_port *out);
int td_fxo_read_event(const struct nlmsghdr *h, struct td_fxo_event *out);
int td_fxo_read_family(const struct nlmsghdr *h, struct fxo_family *out);
/** The command of a generic netlink message; 0 when it is too short for one. */
uint8_t td_fxo_command(const struct nlmsghdr *h);
/** The sentence of an extended acknowledgement, "" when there is none. */
void td_fxo_read_why(const struct nlmsghdr *h, char *out, size_t len);

#endif
