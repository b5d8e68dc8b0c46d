// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XDP beside somebody else's. An interface has one XDP program; libxdp puts a dispatcher there
 * that calls up to ten in turn. Where another has done so we join: a second copy of td_rtp on
 * the same maps, at libxdp's usual priority (50), so that filters in front of us (xdp-filter
 * has 10) see packets first, and those behind us what we pass.
 *
 * The dispatcher is exchanged as a whole, no packet falls between; a newer copy of ours is put
 * in before the old one is taken out. Pins of libxdp hold it; joined/IFNAME of our folder
 * tells which one of its programs is ours.
 */
#include "userspace/media/xdp_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <xdp/libxdp.h>

#include "userspace/base/log.h"

/* ---- who is there ---- */

static struct xdp_multiprog *dispatcher_of(int ifindex)
{
	struct xdp_multiprog *mp = xdp_multiprog__get_from_ifindex(ifindex);

	if (libxdp_get_error(mp))
		return NULL;
	if (!xdp_multiprog__is_legacy(mp))
		return mp;
	xdp_multiprog__close(mp);	/* a program by itself */
	return NULL;
}

static struct xdp_program *find_id(struct xdp_multiprog *mp, __u32 id)
{
	struct xdp_program *prog = NULL;

	while (id && (prog = xdp_multiprog__next_prog(prog, mp)))
		if (xdp_program__id(prog) == id)
			return prog;
	return NULL;
}

bool td_xdp_is_shared(int ifindex)
{
	struct xdp_multiprog *mp = dispatcher_of(ifindex);

	if (!mp)
		return false;
	xdp_multiprog__close(mp);
	return true;
}

bool td_xdp_is_joined(int ifindex, __u32 id)
{
	struct xdp_multiprog *mp;
	bool there;

	if (!id)
		return false;
	mp = dispatcher_of(ifindex);
	if (!mp)
		return false;
	there = find_id(mp, id) != NULL;
	xdp_multiprog__close(mp);
	return there;
}

static __u32 pinned_id(const char *path)
{
	int fd = bpf_obj_get(path);
	__u32 id = td_xdp_prog_id(fd);

	if (fd >= 0)
		close(fd);
	return id;
}

/* ---- out ---- */

static int take_out(int ifindex, __u32 id)
{
	struct xdp_multiprog *mp = dispatcher_of(ifindex);
	struct xdp_program *prog;
	int err = -ENOENT;

	if (!mp)
		return -ENOENT;
	prog = find_id(mp, id);
	if (prog)
		err = xdp_program__detach(prog, ifindex, xdp_multiprog__attach_mode(mp), 0);
	xdp_multiprog__close(mp);
	return err;
}

int td_xdp_leave(const char *pin_dir, const char *ifname, int ifindex)
{
	char path[XDP_PATH_LEN];
	__u32 id;

	td_xdp_pin_path(pin_dir, "joined", ifname, path);
	id = pinned_id(path);
	if (!id)
		return -ENOENT;
	td_xdp_listen();
	unlink(path);
	return take_out(ifindex, id);
}

int td_xdp_leave_all(const char *pin_dir)
{
	struct if_nameindex *all = if_nameindex();
	int n = 0;

	for (struct if_nameindex *i = all; i && i->if_index; i++)
		n += !td_xdp_leave(pin_dir, i->if_name, (int)i->if_index);
	if_freenameindex(all);
	return n;
}

/* ---- in ---- */

static int pin(const char *path, const struct xdp_program *prog)
{
	unlink(path);
	return bpf_obj_pin(xdp_program__fd(prog), path) ? -errno : 0;
}

static int keep_fd(int *fd, const struct bpf_map *map)
{
	if (*fd < 0)
		*fd = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 3);
	return *fd < 0 ? -errno : 0;
}

/* Its device maps were made or found at load. */
static int share_devs(struct td_xdp *x, const struct td_rtp *copy)
{
	int err = keep_fd(&x->joined_devs, copy->maps.td_devs);

	if (!err)
		err = keep_fd(&x->joined_copy_devs, copy->maps.td_copy_devs);
	for (size_t i = 0; i < TD_MAX_DEVS && !err; i++)
		if (x->dev[i].ifindex)
			err = td_xdp_set_dev(x, &x->dev[i], x->dev[i].ifindex);
	return err;
}

/* A program in a dispatcher is an extension of it and is loaded for it, by libxdp. */
static int put_in(struct td_xdp *x, struct xdp_dev *a, enum xdp_attach_mode mode, const char *path)
{
	struct td_rtp *copy = td_xdp_open_copy(x);
	struct xdp_program *prog;
	int err;

	if (!copy)
		return -ENOMEM;
	prog = xdp_program__from_bpf_obj(copy->obj, bpf_program__section_name(copy->progs.td_rtp));
	err = (int)libxdp_get_error(prog);
	if (err)
		goto destroy;
	err = xdp_program__attach(prog, a->ifindex, mode, 0);
	if (err)
		goto close;
	err = share_devs(x, copy);
	if (!err)
		err = pin(path, prog);
	if (err)
		take_out(a->ifindex, xdp_program__id(prog));
	else
		a->joined = xdp_program__id(prog);
close:
	xdp_program__close(prog);
destroy:
	td_rtp__destroy(copy);
	return err;
}

static enum cfg_xdp mode_of(enum xdp_attach_mode mode)
{
	return mode == XDP_MODE_NATIVE ? CFG_XDP_NATIVE :
	       mode == XDP_MODE_SKB ? CFG_XDP_GENERIC : CFG_XDP_OFF;
}

static int refuse(const char *ifname, enum cfg_xdp there, enum cfg_xdp wanted, char *why,
		  size_t len)
{
	td_xdp_say(why, len, "others have %s XDP on '%s', which is for all of them; set option xdp "
		   "'auto' there, or take theirs off (xdp-loader unload --all %s) for %s",
		   there == CFG_XDP_NATIVE ? "native" : "generic", ifname, ifname,
		   wanted == CFG_XDP_NATIVE ? "native" : "generic");
	return -EBUSY;
}

static int join(struct td_xdp *x, struct xdp_dev *a, enum xdp_attach_mode mode, __u32 old,
		const char *path, char *why, size_t len)
{
	int err = put_in(x, a, mode, path);

	if (err) {
		td_xdp_say(why, len, "other XDP programs are on '%s' and libxdp does not let td_rtp "
			   "join them: %s (%s); take them off (xdp-loader unload --all %s) or set "
			   "option xdp 'off'", a->ifname, strerror(-err), td_xdp_words(), a->ifname);
		return err;
	}
	a->mode = mode_of(mode);
	if (old && take_out(a->ifindex, old))
		td_log_warn(TD_LOG_MEDIA, "interface=%s an older td_rtp stays in the dispatcher: %s",
			    a->ifname, td_xdp_words());
	return 0;
}

int td_xdp_join(struct td_xdp *x, struct xdp_dev *a, enum cfg_xdp wanted, char *why, size_t len)
{
	struct xdp_multiprog *mp = dispatcher_of(a->ifindex);
	enum xdp_attach_mode mode;
	char path[XDP_PATH_LEN];
	__u32 old;

	if (!mp)
		return -ENOENT;
	td_xdp_listen();
	mode = xdp_multiprog__attach_mode(mp);
	td_xdp_pin_path(x->pin_dir, "joined", a->ifname, path);
	old = pinned_id(path);
	if (!find_id(mp, old))
		old = 0;
	xdp_multiprog__close(mp);
	if (wanted != CFG_XDP_AUTO && wanted != mode_of(mode))
		return refuse(a->ifname, mode_of(mode), wanted, why, len);
	if (old && !x->pinned_prog && !a->waits) {	/* on the maps of another ABI */
		a->joined = old;
		a->mode = mode_of(mode);
		a->waits = true;
		return 0;
	}
	a->waits = false;
	return join(x, a, mode, old, path, why, len);
}
