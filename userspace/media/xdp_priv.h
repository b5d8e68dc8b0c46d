/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the master's half:
 *
 *   xdp_loader.c   programs and maps into the kernel, and out again
 *   xdp_pins.c     the folder of pins
 *   xdp_attach.c   interfaces, and XDP on them
 *   xdp_tc.c       the TC programs on them
 */
#ifndef TD_MEDIA_XDP_PRIV_H
#define TD_MEDIA_XDP_PRIV_H

#include <bpf/libbpf.h>
#include "bpf/td_fork_tc.skel.h"
#include "bpf/td_mark.skel.h"
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
	struct td_fork_tc *fork;	/* NULL: the kernel does not take it */
	struct td_mark *mark;		/* NULL: the same */
	char pin_dir[128];
	struct xdp_dev dev[TD_MAX_DEVS];
};

/** The sentence for the operator. */
void td_xdp_say(char *why, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Take the program off; its entry in td_devs stays. */
void td_xdp_drop_link(const struct td_xdp *x, struct xdp_dev *a);

/* ---- xdp_pins.c ---- */

#define TD_XDP_N_ITERATORS 3
extern const char *const td_xdp_iterators[TD_XDP_N_ITERATORS];

int td_xdp_check_bpffs(const char *pin_dir, char *why, size_t len);
int td_xdp_make_folders(const char *pin_dir, char *why, size_t len);
/** fn for the path of each pin in one of the folders; it may remove it. */
void td_xdp_each_pin(const char *pin_dir, const char *folder,
		     void (*fn)(void *arg, const char *path), void *arg);
void td_xdp_remove_pins(const char *pin_dir);
/** Were the maps that are pinned there made by a daemon that thinks of them as we do? */
bool td_xdp_pins_are_ours(const char *pin_dir);

/* ---- xdp_tc.c ---- */

/** td_mark at egress, td_fork at ingress (with_fork) of an interface; what is refused is
 * logged, what runs stands in out. */
void td_tc_attach(struct td_xdp *x, int ifindex, const char *ifname, bool with_fork,
		  struct td_xdp_port *out);
/** Take our filters off an interface, and clsact where we made it and nobody else uses
 * it. Returns how many filters went. */
int td_tc_detach(const char *pin_dir, int ifindex);
/** The same for every interface of this network namespace that has them. */
int td_tc_detach_all(const char *pin_dir);

#endif
