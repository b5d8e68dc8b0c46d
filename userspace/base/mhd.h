/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What our servers with libmicrohttpd ask of a connection. */
#ifndef TD_BASE_MHD_H
#define TD_BASE_MHD_H

#include <stdint.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "userspace/base/addr.h"

/** Who is at the other end; unset: not known. */
void td_mhd_peer(struct MHD_Connection *c, struct td_addr *peer);
/** Mark what is sent with a DSCP (0..63). */
void td_mhd_mark(struct MHD_Connection *c, uint32_t dscp);

#endif
