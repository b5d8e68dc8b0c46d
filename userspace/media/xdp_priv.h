/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the master's half:
 *
 *   xdp_loader.c   programs and maps into the kernel, and out again
 *   xdp_pins.c     the folder of pins
 *   xdp_attach.c   interfaces, and XDP on them
 *   xdp_joined.c   XDP in a dispatcher, beside the programs of others
 *   xdp_tc.c       the TC program on them
 *   xdp_words.c    what the libraries say when they fail
 */
#ifndef TD_MEDIA_XDP_PRIV_H
#define TD_MEDIA_XDP_PRIV_H

#include <bpf/libbpf.h>
#include "bpf/td_mark.skel.h"
#include "bpf/td_rtp.skel.h"
#include "userspace/media/media.h"

#define XDP_PATH_LEN 256

/** An interface with our program; its place in the table is its index in td_devs. */
struct xdp_dev {
	char ifname[16];
	int ifindex;			/* 0: free */
	int link_fd;			/* -1: none */
	__u32 joined;			/* id of our program in libxdp's dispatcher, 0 = none */
	enum cfg_xdp mode;
	bool waits;			/* still with the program of another daemon and its maps, until
					 * td_xdp_switch() */
};

struct td_xdp {
	struct td_rtp *skel;
	struct td_mark *mark;		/* NULL: the kernel does not take it */
	char pin_dir[128];
	int joined_devs, joined_copy_devs;	/* of programs in a dispatcher, -1 = none */
	__u32 pinned_prog;		/* an earlier daemon's on the maps that we adopted, 0 = none */
	struct xdp_dev dev[TD_MAX_DEVS];
};

/** The sentence for the operator. */
void td_xdp_say(char *why, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Take the program off; its entry in td_devs stays. */
void td_xdp_drop_link(const struct td_xdp *x, struct xdp_dev *a);

/**
 * td_rtp once more on the maps that x has, opened and not loaded; NULL: no memory. Its device maps
 * are others: the kernel lets programs with and without fragments (of which the dispatcher
 * takes care, not those in it) not share one.
 */
struct td_rtp *td_xdp_open_copy(const struct td_xdp *x);
/** Entry of td_devs, for all that may use it; ifindex 0 = none. Negative errno. */
int td_xdp_set_dev(const struct td_xdp *x, const struct xdp_dev *a, int ifindex);

/* ---- xdp_words.c ---- */

/** From here on; what was heard before is forgotten. */
void td_xdp_listen(void);
/** The first warning since then. */
const char *td_xdp_words(void);

/* ---- xdp_pins.c ---- */

/** Where something of an interface is pinned; folder: "links" or "joined". */
void td_xdp_pin_path(const char *pin_dir, const char *folder, const char *ifname,
		     char path[XDP_PATH_LEN]);

#define TD_XDP_N_ITERATORS 3
extern const char *const td_xdp_iterators[TD_XDP_N_ITERATORS];

int td_xdp_check_bpffs(const char *pin_dir, char *why, size_t len);
int td_xdp_make_folders(const char *pin_dir, char *why, size_t len);
/** fn for the path of each pin in one of the folders; it may remove it. */
void td_xdp_each_pin(const char *pin_dir, const char *folder,
		     void (*fn)(void *arg, const char *path), void *arg);
void td_xdp_remove_pins(const char *pin_dir);
/** Let new ones take their place. Programs that run keep the maps that they work on. */
void td_xdp_forget_maps(const char *pin_dir);
/** Ids of programs, 0: there is none. */
__u32 td_xdp_prog_id(int fd);
__u32 td_xdp_pinned_prog(const char *pin_dir);
/** Were the maps that are pinned there made by a daemon that thinks of them as we do? */
bool td_xdp_pins_are_ours(const char *pin_dir);

/* ---- xdp_joined.c ---- */

/** Has libxdp put its dispatcher there? */
bool td_xdp_is_shared(int ifindex);
/** Is the program with this id in it? */
bool td_xdp_is_joined(int ifindex, __u32 id);
/** Join those in the dispatcher, in their mode; an older copy of ours gives place, but one on maps
 * of another ABI only at the second call (a->waits). */
int td_xdp_join(struct td_xdp *x, struct xdp_dev *a, enum cfg_xdp wanted, char *why, size_t len);
/** Leave it. -ENOENT: we were not in it. */
int td_xdp_leave(const char *pin_dir, const char *ifname, int ifindex);
/** On every interface of this network namespace. Returns how many those were. */
int td_xdp_leave_all(const char *pin_dir);

/* ---- xdp_tc.c ---- */

/** td_mark at egress of an interface. False: it does not run there; a refusal is logged. */
bool td_tc_attach(const struct td_xdp *x, int ifindex, const char *ifname);
/** Take our filter off an interface, and clsact where we made it and nobody else uses
 * it. Returns how many filters went. */
int td_tc_detach(const char *pin_dir, int ifindex);
/** The same for every interface of this network namespace that has them. */
int td_tc_detach_all(const char *pin_dir);

#endif
