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

/* All: 0, or -EBADMSG. The message has been found whole (mnl_nlmsg_ok). */
int td_fxo_read_port(const struct nlmsghdr *h, struct td_fxo_port *out);
int td_fxo_read_event(const struct nlmsghdr *h, struct td_fxo_event *out);
int td_fxo_read_family(const struct nlmsghdr *h, struct fxo_family *out);
/** The command of a generic netlink message; 0 when it is too short for one. */
uint8_t td_fxo_command(const struct nlmsghdr *h);
/** The sentence of an extended acknowledgement, "" when there is none. */
void td_fxo_read_why(const struct nlmsghdr *h, char *out, size_t len);

#endif
