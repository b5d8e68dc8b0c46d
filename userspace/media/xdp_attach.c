// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XDP on interfaces, the master's work: attach by a bpf_link that is pinned under the
 * interface's name, so that the program outlives us, and is replaced in place by the next
 * start without a packet falling between. Native where the driver can, generic when asked
 * or when "auto" has no choice. Where programs of others share an interface by libxdp's
 * dispatcher, ours joins them (xdp_joined.c). An attached interface is also a target of redirects.
 * Refusals come back as a sentence with the remedy.
 */
#include "userspace/media/xdp_priv.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>

#include "userspace/base/log.h"

/* A page holds the frame, 256 bytes of headroom and the skb's tail; drivers differ a little. */
#define XDP_SAFE_MTU 3500

static unsigned int mtu_of(const char *ifname)
{
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned int mtu = 0;

	if (fd < 0)
		return 0;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (!ioctl(fd, SIOCGIFMTU, &ifr))
		mtu = (unsigned int)ifr.ifr_mtu;
	close(fd);
	return mtu;
}

static int explain_attach(int err, const char *ifname, enum cfg_xdp mode, char *why, size_t len)
{
	const char *how = mode == CFG_XDP_NATIVE ? "native" : "generic";
	unsigned int mtu = mtu_of(ifname);

	if (err == -EBUSY || err == -EEXIST)
		td_xdp_say(why, len, "another XDP program is attached to '%s', and not by libxdp, "
			   "which would let both run; remove it (ip link set dev %s xdp off), load "
			   "it by xdp-loader, or set option xdp 'off'", ifname, ifname);
	else if (err == -EPERM)
		td_xdp_say(why, len, "no right to attach XDP to '%s': CAP_NET_ADMIN is missing",
			   ifname);
	else if (mode == CFG_XDP_NATIVE && mtu > XDP_SAFE_MTU)
		td_xdp_say(why, len, "'%s' refuses native XDP (%s), its MTU %u is too large for "
			   "this driver; lower it (ip link set dev %s mtu 1500) or set option "
			   "xdp 'generic'", ifname, strerror(-err), mtu, ifname);
	else if (mode == CFG_XDP_NATIVE && err == -ENOSPC)
		td_xdp_say(why, len, "'%s' has fewer receive queues than XDP needs there (a veth: "
			   "as many as its peer has transmit queues; see ethtool -l); set option "
			   "xdp 'auto', 'generic' or 'off'", ifname);
	else if (mode == CFG_XDP_NATIVE)
		td_xdp_say(why, len, "the driver of '%s' refuses native XDP (%s); set option xdp "
			   "'auto', 'generic' or 'off'", ifname, strerror(-err));
	else
		td_xdp_say(why, len, "'%s' refuses %s XDP: %s; set option xdp 'off'", ifname, how,
			   strerror(-err));
	return err;
}

static enum cfg_xdp running_mode(int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_xdp_query_opts, q);

	if (bpf_xdp_query(ifindex, 0, &q))
		return CFG_XDP_OFF;
	if (q.drv_prog_id)
		return CFG_XDP_NATIVE;
	return q.skb_prog_id ? CFG_XDP_GENERIC : CFG_XDP_OFF;
}

/* The link an earlier run pinned, when it is alive on this very interface. */
static int adopt_link(const struct td_xdp *x, const struct xdp_dev *a)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	char path[XDP_PATH_LEN];
	int fd;

	td_xdp_pin_path(x->pin_dir, "links", a->ifname, path);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -ENOENT;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == BPF_LINK_TYPE_XDP &&
	    (int)info.xdp.ifindex == a->ifindex)
		return fd;
	unlink(path);		/* its interface has gone */
	close(fd);
	return -ENOENT;
}

void td_xdp_drop_link(const struct td_xdp *x, struct xdp_dev *a)
{
	char path[XDP_PATH_LEN];

	td_xdp_pin_path(x->pin_dir, "links", a->ifname, path);
	unlink(path);
	if (a->link_fd >= 0) {
		bpf_link_detach(a->link_fd);
		close(a->link_fd);
	} else {
		td_xdp_leave(x->pin_dir, a->ifname, a->ifindex);
	}
	a->link_fd = -1;
	a->joined = 0;
	a->mode = CFG_XDP_OFF;
	a->waits = false;
}

static int attach_mode(struct td_xdp *x, struct xdp_dev *a, enum cfg_xdp mode)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
			    .flags = mode == CFG_XDP_NATIVE ? XDP_FLAGS_DRV_MODE :
							      XDP_FLAGS_SKB_MODE);
	char path[XDP_PATH_LEN];
	int fd = bpf_link_create(bpf_program__fd(x->skel->progs.td_rtp), a->ifindex, BPF_XDP,
				 &opts);

	if (fd < 0)
		return -errno;
	td_xdp_pin_path(x->pin_dir, "links", a->ifname, path);
	unlink(path);
	if (bpf_obj_pin(fd, path)) {
		int err = -errno;

		close(fd);
		return err;
	}
	a->link_fd = fd;
	a->mode = mode;
	return 0;
}

/* Does a link's program work on other maps than those of ours? */
static bool has_other_maps(const struct td_xdp *x, int link_fd)
{
	struct bpf_link_info link = { 0 };
	__u32 len = sizeof(link);

	return !bpf_obj_get_info_by_fd(link_fd, &link, &len) && link.prog_id != x->pinned_prog &&
	       link.prog_id != td_xdp_prog_id(bpf_program__fd(x->skel->progs.td_rtp));
}

static int put_program(const struct td_xdp *x, const struct xdp_dev *a)
{
	return bpf_link_update(a->link_fd, bpf_program__fd(x->skel->progs.td_rtp), NULL);
}

/* Put our program on an interface that has it already: no packet falls between. */
static bool replace_in_place(struct td_xdp *x, struct xdp_dev *a, enum cfg_xdp mode)
{
	enum cfg_xdp runs;

	if (a->link_fd < 0)
		a->link_fd = adopt_link(x, a);
	if (a->link_fd < 0)
		return false;
	runs = running_mode(a->ifindex);
	if (runs != CFG_XDP_OFF && (mode == CFG_XDP_AUTO || mode == runs)) {
		a->mode = runs;
		a->waits = has_other_maps(x, a->link_fd);
		if (a->waits || !put_program(x, a))
			return true;
	}
	td_xdp_drop_link(x, a);
	return false;
}

/* Asked again for what is so already, as happens with every event of the link. */
static bool runs_as_wanted(const struct xdp_dev *a, enum cfg_xdp mode)
{
	return a->mode != CFG_XDP_OFF && (mode == CFG_XDP_AUTO || mode == a->mode) &&
	       (a->joined ? td_xdp_is_joined(a->ifindex, a->joined) :
			    a->link_fd >= 0 && running_mode(a->ifindex) == a->mode);
}

static void fill_port(struct td_xdp *x, const struct xdp_dev *a, struct td_xdp_port *out)
{
	out->dev = (uint32_t)(a - x->dev);
	out->mode = a->mode;
	out->shared = a->joined;
	/* a generic program's copies would share their bytes with the call's packets */
	out->forks = a->mode == CFG_XDP_NATIVE;
	/* waits: so it will be */
	out->marks = a->waits ? x->mark != NULL : td_tc_attach(x, a->ifindex, a->ifname);
}

static int attach(struct td_xdp *x, struct xdp_dev *a, enum cfg_xdp mode, char *why, size_t len)
{
	char native[200] = "";
	int err;

	if (replace_in_place(x, a, mode))
		return 0;
	a->joined = 0;
	if (td_xdp_is_shared(a->ifindex))
		return td_xdp_join(x, a, mode, why, len);
	if (mode == CFG_XDP_GENERIC) {
		err = attach_mode(x, a, CFG_XDP_GENERIC);
		return err ? explain_attach(err, a->ifname, CFG_XDP_GENERIC, why, len) : 0;
	}
	err = attach_mode(x, a, CFG_XDP_NATIVE);
	if (!err)
		return 0;
	explain_attach(err, a->ifname, CFG_XDP_NATIVE, native, sizeof(native));
	if (mode == CFG_XDP_AUTO && err != -EBUSY && err != -EPERM &&
	    !attach_mode(x, a, CFG_XDP_GENERIC)) {
		td_log_warn(TD_LOG_MEDIA, "interface=%s generic XDP instead of native, slower: %s",
			    a->ifname, native);
		return 0;
	}
	td_xdp_say(why, len, "%s", native);
	return err;
}

static struct xdp_dev *find_dev(struct td_xdp *x, const char *ifname)
{
	for (size_t i = 0; i < TD_MAX_DEVS; i++)
		if (x->dev[i].ifindex && !strcmp(x->dev[i].ifname, ifname))
			return &x->dev[i];
	return NULL;
}

static void free_dev(struct td_xdp *x, struct xdp_dev *a)
{
	td_xdp_set_dev(x, a, 0);
	memset(a, 0, sizeof(*a));
	a->link_fd = -1;
}

/* An entry of td_devs for this interface; a name that came back with another index is new. */
static struct xdp_dev *get_dev(struct td_xdp *x, const char *ifname, int ifindex)
{
	struct xdp_dev *a = find_dev(x, ifname);

	if (a && a->ifindex != ifindex) {
		td_xdp_drop_link(x, a);
		free_dev(x, a);
		a = NULL;
	}
	for (size_t i = 0; i < TD_MAX_DEVS && !a; i++)
		if (!x->dev[i].ifindex)
			a = &x->dev[i];
	if (a && !a->ifindex) {
		a->ifindex = ifindex;
		a->link_fd = -1;
		snprintf(a->ifname, sizeof(a->ifname), "%s", ifname);
	}
	return a;
}

/* XDP off, and no target of redirects any more. Returns how many interfaces that were. */
static int take_off(struct td_xdp *x, const char *ifname)
{
	struct xdp_dev *a = find_dev(x, ifname);

	if (!a)
		return 0;
	if (a->link_fd < 0)
		a->link_fd = adopt_link(x, a);
	td_xdp_drop_link(x, a);
	free_dev(x, a);
	return 1;
}

int td_xdp_attach(struct td_xdp *x, const char *ifname, enum cfg_xdp mode,
		  struct td_xdp_port *out, char *why, size_t why_len)
{
	int ifindex = (int)if_nametoindex(ifname);
	struct xdp_dev *a;
	int err;

	memset(out, 0, sizeof(*out));
	snprintf(out->ifname, sizeof(out->ifname), "%s", ifname);
	out->mode = CFG_XDP_OFF;
	if (!ifindex && mode == CFG_XDP_OFF)
		return 0;		/* it may come later */
	if (!ifindex) {
		td_xdp_say(why, why_len, "interface '%s' does not exist; create it, or take it out "
			   "of 'list interface' (ip link shows what there is)", ifname);
		return -ENODEV;
	}
	out->ifindex = ifindex;
	if (mode == CFG_XDP_OFF) {
		take_off(x, ifname);
		out->marks = td_tc_attach(x, ifindex, ifname);
		return 0;
	}
	a = get_dev(x, ifname, ifindex);
	if (!a) {
		td_xdp_say(why, why_len, "more than %d interfaces with XDP", TD_MAX_DEVS);
		return -ENOSPC;
	}
	if (runs_as_wanted(a, mode)) {
		fill_port(x, a, out);
		return 0;
	}
	err = attach(x, a, mode, why, why_len);
	if (err) {
		free_dev(x, a);
		return err;
	}
	err = td_xdp_set_dev(x, a, ifindex);
	if (err) {
		td_xdp_say(why, why_len, "'%s' cannot be a target of redirects: %s", ifname,
			   strerror(-err));
		td_xdp_drop_link(x, a);
		free_dev(x, a);
		return err;
	}
	fill_port(x, a, out);
	td_log_info(TD_LOG_MEDIA, "interface=%s ifindex=%d xdp=%s%s", ifname, ifindex,
		    a->mode == CFG_XDP_NATIVE ? "native" : "generic",
		    a->joined ? " joined others' in libxdp's dispatcher" : " attached");
	return 0;
}

int td_xdp_detach(struct td_xdp *x, const char *ifname)
{
	int ifindex = (int)if_nametoindex(ifname), n = take_off(x, ifname);

	if (ifindex)
		n += td_tc_detach(x->pin_dir, ifindex);
	return n ? 0 : -ENOENT;
}

static int switch_one(struct td_xdp *x, struct xdp_dev *a)
{
	enum cfg_xdp mode = a->mode;
	char why[256];

	if (a->joined)
		return td_xdp_join(x, a, mode, why, sizeof(why));
	if (!put_program(x, a))
		return 0;
	td_xdp_drop_link(x, a);
	return attach_mode(x, a, mode);
}

void td_xdp_switch(struct td_xdp *x)
{
	for (size_t i = 0; i < TD_MAX_DEVS; i++) {
		struct xdp_dev *a = &x->dev[i];
		struct td_xdp_port out = { 0 };
		int err;

		if (!a->waits)
			continue;
		err = switch_one(x, a);
		a->waits = false;
		if (err)
			td_log_err(TD_LOG_MEDIA, "interface=%s XDP is off, 'tandem reload' tries "
				   "again: %s", a->ifname, strerror(-err));
		else
			td_log_info(TD_LOG_MEDIA, "interface=%s switched to maps of another ABI",
				    a->ifname);
		fill_port(x, a, &out);
	}
}
