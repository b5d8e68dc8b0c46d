/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between the privileged master and its worker, on a SOCK_SEQPACKET pair: one
 * struct per packet. The worker asks, the master answers with the same type; an answer
 * to CONFIG carries the open file as SCM_RIGHTS.
 */
#ifndef TD_APP_MASTER_PROTO_H
#define TD_APP_MASTER_PROTO_H

#include <stdint.h>
#include "userspace/media/media.h"

enum td_master_type {
	TD_MASTER_ATTACH = 1,		/* ifname, mode -> rc, port, why */
	TD_MASTER_DETACH,		/* ifname -> rc */
	TD_MASTER_CONFIG,		/* -> rc and a descriptor of the configuration file */
	TD_MASTER_READY,		/* the worker takes calls; no answer */
	TD_MASTER_TFTP,			/* mode: 4 or 6 -> rc and a socket at port 69 of that family */
	TD_MASTER_ALIVE,		/* its loop turns; no answer */
	TD_MASTER_FIREWALL,		/* -> rc and the socket that owns table inet tandem */
	TD_MASTER_UPGRADE,		/* -> rc, why; with rc 0 another version takes over soon */
	TD_MASTER_HOLD,			/* mode: id, and a connection that shall outlive the worker;
					 * no answer */
	TD_MASTER_DROP,			/* mode: id of one that has ended; no answer */
	TD_MASTER_HELD			/* mode: id -> the next one that is held, rc, mode: its id,
					 * and a copy of it; -ENOENT: no more */
};

struct td_master_msg {
	uint32_t type;
	int32_t rc;			/* 0 or negative errno */
	uint32_t mode;			/* enum cfg_xdp; of TFTP the family; an id, see above */
	char ifname[16];
	struct td_xdp_port port;
	char why[256];
};

/** 0, -EAGAIN (nothing there), -EPIPE (the other side has gone). *passed_fd is -1 or a new
 * descriptor that the caller closes. */
int td_master_recv(int sock, struct td_master_msg *msg, int *passed_fd, int flags);
/** flags: MSG_DONTWAIT, or 0. -EAGAIN: the other side is behind. */
int td_master_send(int sock, const struct td_master_msg *msg, int pass_fd, int flags);

#endif
