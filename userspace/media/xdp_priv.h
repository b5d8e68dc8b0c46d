/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the master's half: xdp_loader.c loads and pins, xdp_attach.c puts the program
 * on interfaces.
 */
#ifndef TD_MEDIA_XDP_PRIV_H
#define TD_MEDIA_XDP_PRIV_H

#include <bpf/libbpf.h>
#include "bpf/td_rtp.skel.h"
#include "userspace/media/media.h"

#define XDP_PATH_LEN 256

/** An interface with our program; its place in the table is its index in td_devs. */
struct xdp_dev {
	char ifname[16];
	int ifindex;			/* 0: free */
	int link_fd;			/* -1: none */
	enum cfg_xdp mode;
};

struct td_xdp {
	struct td_rtp *skel;
	char pin_dir[128];
	struct xdp_dev dev[TD_MAX_DEVS];
};

/** The sentence for the operator. */
void td_xdp_say(char *why, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Take the program off; its entry in td_devs stays. */
void td_xdp_drop_link(const struct td_xdp *x, struct xdp_dev *a);

#endif
