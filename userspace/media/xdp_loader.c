// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The master's half of the fast path: load the programs into the kernel, pin maps,
 * program and iterators below one folder of bpffs, attach to interfaces by pinned
 * bpf_link, take all of it away again. Runs privileged and only here; the worker gets
 * map descriptors (media_xdp.c).
 *
 * Pins of an earlier run with the same TD_MAP_ABI are adopted: calls that run keep
 * running while the program is replaced in place. Pins of another ABI are removed.
 * What fails comes back as a sentence with the remedy, for the operator.
 */
#include "userspace/media/media.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/magic.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/td_rtp.skel.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define BPFFS	"/sys/fs/bpf"
#define PATH_LEN 256

/* A page holds the frame, 256 bytes of headroom and the skb's tail; drivers differ a little. */
#define XDP_SAFE_MTU 3500

struct attached {
	char ifname[16];
	int ifindex;			/* 0: this index of td_devs is free */
	int link_fd;
	enum cfg_xdp mode;
};

struct td_xdp {
	struct td_rtp *skel;
	char pin_dir[128];
	struct attached dev[TD_MAX_DEVS];
};

static const char *const folders[] = { "maps", "progs", "links" };
static const char *const iterators[] = { "flows", "nexthops", "dscp" };

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* ---- libbpf's words, kept for the sentence that explains a failure ---- */

static char last_words[160];

__attribute__((format(printf, 2, 0)))
static int on_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char line[512];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	if (level == LIBBPF_WARN && !last_words[0])	/* the first tells the cause */
		snprintf(last_words, sizeof(last_words), "%.150s", line);
	td_log_dbg(TD_LOG_MEDIA, "libbpf: %s", line);
	return 0;
}

__attribute__((format(printf, 3, 4)))
static int say(char *why, size_t len, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (len)
		vsnprintf(why, len, fmt, args);
	va_end(args);
	return 0;
}

/* ---- the folder of pins ---- */

static int check_bpffs(const char *pin_dir, char *why, size_t len)
{
	struct statfs fs;

	if (strncmp(pin_dir, BPFFS "/", sizeof(BPFFS)))
		return 0;	/* elsewhere: the operator's business, pinning will tell */
	if (!statfs(BPFFS, &fs) && fs.f_type == BPF_FS_MAGIC)
		return 0;
	if (!mount("bpf", BPFFS, "bpf", 0, "mode=0700"))
		return 0;
	say(why, len, "no BPF file system at " BPFFS " and it cannot be mounted (%s); run: "
	    "mount -t bpf bpf " BPFFS, strerror(errno));
	return -ENODEV;
}

static int make_folder(const char *path)
{
	char copy[PATH_LEN];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(copy, 0755) && errno != EEXIST ? -errno : 0;
}

static int make_folders(const char *pin_dir, char *why, size_t len)
{
	char path[PATH_LEN];
	int err = 0;

	for (size_t i = 0; i < N(folders) && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", pin_dir, folders[i]);
		err = make_folder(path);
	}
	if (err)
		say(why, len, "folder '%s' cannot be made: %s", path, strerror(-err));
	return err;
}

static void remove_pins_in(const char *pin_dir, const char *folder)
{
	char path[PATH_LEN * 2];
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", pin_dir, folder);
	dir = opendir(path);
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", pin_dir, folder, e->d_name);
		unlink(path);
	}
	closedir(dir);
	snprintf(path, sizeof(path), "%s/%s", pin_dir, folder);
	rmdir(path);
}

static void remove_all_pins(const char *pin_dir)
{
	char path[PATH_LEN];

	for (size_t i = 0; i < N(iterators); i++) {
		snprintf(path, sizeof(path), "%s/%s", pin_dir, iterators[i]);
		unlink(path);
	}
	remove_pins_in(pin_dir, "links");	/* first: packets go up from here on */
	remove_pins_in(pin_dir, "progs");
	remove_pins_in(pin_dir, "maps");
	rmdir(pin_dir);
}

/* Were the maps that are pinned there made by a daemon that thinks of them as we do? */
static bool pins_are_ours(const char *pin_dir)
{
	char path[PATH_LEN];
	struct td_abi abi = { 0 };
	__u32 key = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/maps/td_abi", pin_dir);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return false;
	if (bpf_map_lookup_elem(fd, &key, &abi))
		abi.abi = 0;
	close(fd);
	return abi.abi == TD_MAP_ABI;
}

/* ---- load ---- */

static int name_pins(struct td_xdp *x)
{
	struct bpf_map *map;
	char path[PATH_LEN];
	int err = 0;

	bpf_object__for_each_map(map, x->skel->obj) {
		if (!strchr(bpf_map__name(map), '.')) {	/* not the format strings, .rodata */
			snprintf(path, sizeof(path), "%s/maps/%s", x->pin_dir,
				 bpf_map__name(map));
			err = bpf_map__set_pin_path(map, path);
		}
		if (err)
			return err;
	}
	return 0;
}

static int open_and_load(struct td_xdp *x, bool iterators_too)
{
	int err;

	x->skel = td_rtp__open();
	if (!x->skel)
		return -errno;
	if (!iterators_too) {
		bpf_program__set_autoload(x->skel->progs.td_iter_flows, false);
		bpf_program__set_autoload(x->skel->progs.td_iter_nexthops, false);
		bpf_program__set_autoload(x->skel->progs.td_iter_dscp, false);
	}
	err = name_pins(x);
	if (!err)
		err = td_rtp__load(x->skel);
	if (err) {
		td_rtp__destroy(x->skel);
		x->skel = NULL;
	}
	return err;
}

static int explain_load(int err, char *why, size_t len)
{
	if (err == -EPERM || err == -EACCES)
		say(why, len, "the kernel refuses to load packet programs; they take CAP_BPF, "
		    "CAP_NET_ADMIN and CAP_PERFMON: start as root or by systemd (%s)",
		    last_words);
	else if (err == -EINVAL || err == -ENOENT || err == -ESRCH)
		say(why, len, "packet programs not accepted, kernel 6.1 or later with BTF is "
		    "needed (%s)", last_words);
	else
		say(why, len, "packet programs not loaded: %s (%s)", strerror(-err), last_words);
	return err;
}

static int load(struct td_xdp *x, char *why, size_t len)
{
	int err;

	if (!pins_are_ours(x->pin_dir))
		remove_all_pins(x->pin_dir);
	err = make_folders(x->pin_dir, why, len);
	if (err)
		return err;
	err = open_and_load(x, true);
	if (err == -EINVAL || err == -EEXIST) {
		/* the number says same ABI, the kernel says other sizes: a developer's tree */
		remove_all_pins(x->pin_dir);
		make_folders(x->pin_dir, why, len);
		err = open_and_load(x, true);
	}
	if (err && err != -EPERM) {
		err = open_and_load(x, false);
		if (!err)
			td_log_warn(TD_LOG_MEDIA, "text tables in %s not available: %s",
				    x->pin_dir, last_words);
	}
	return err ? explain_load(err, why, len) : 0;
}

static int stamp_abi(struct td_xdp *x)
{
	struct td_abi abi = { .abi = TD_MAP_ABI };
	__u32 key = 0;

	return bpf_map_update_elem(bpf_map__fd(x->skel->maps.td_abi), &key, &abi, BPF_ANY);
}

static int pin_program(struct td_xdp *x)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/progs/td_rtp", x->pin_dir);
	unlink(path);
	return bpf_obj_pin(bpf_program__fd(x->skel->progs.td_rtp), path) ? -errno : 0;
}

static int pin_iterator(struct td_xdp *x, const struct bpf_program *prog,
			const struct bpf_map *map, const char *name)
{
	union bpf_iter_link_info info = { .map.map_fd = (__u32)bpf_map__fd(map) };
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &info,
			    .link_info_len = sizeof(info));
	char path[PATH_LEN];
	struct bpf_link *link;
	int err;

	if (bpf_program__fd(prog) < 0)
		return 0;
	link = bpf_program__attach_iter(prog, &opts);
	if (!link)
		return -errno;
	snprintf(path, sizeof(path), "%s/%s", x->pin_dir, name);
	unlink(path);
	err = bpf_link__pin(link, path);
	if (!err)
		bpf_link__disconnect(link);
	bpf_link__destroy(link);
	return err;
}

static int pin_iterators(struct td_xdp *x)
{
	int err = pin_iterator(x, x->skel->progs.td_iter_flows, x->skel->maps.td_rtp_flows,
			       iterators[0]);

	if (!err)
		err = pin_iterator(x, x->skel->progs.td_iter_nexthops,
				   x->skel->maps.td_nexthops, iterators[1]);
	if (!err)
		err = pin_iterator(x, x->skel->progs.td_iter_dscp, x->skel->maps.td_dscp,
				   iterators[2]);
	return err;
}

static void hand_out(const struct td_xdp *x, struct td_xdp_fds *fds)
{
	fds->ports = bpf_map__fd(x->skel->maps.td_rtp_ports);
	fds->flows = bpf_map__fd(x->skel->maps.td_rtp_flows);
	fds->stats = bpf_map__fd(x->skel->maps.td_rtp_stats);
	fds->nexthops = bpf_map__fd(x->skel->maps.td_nexthops);
	fds->devs = bpf_map__fd(x->skel->maps.td_devs);
	fds->dscp = bpf_map__fd(x->skel->maps.td_dscp);
	fds->reasons = bpf_map__fd(x->skel->maps.td_reasons);
	fds->events = bpf_map__fd(x->skel->maps.td_events);
}

/* Interfaces keep their index in the device map over a restart: next hops name it. */
static void adopt_devs(struct td_xdp *x)
{
	int fd = bpf_map__fd(x->skel->maps.td_devs);

	for (__u32 i = 0; i < TD_MAX_DEVS; i++) {
		__u32 ifindex = 0;

		x->dev[i].link_fd = -1;
		if (bpf_map_lookup_elem(fd, &i, &ifindex) || !ifindex)
			continue;
		if (!if_indextoname(ifindex, x->dev[i].ifname))
			bpf_map_delete_elem(fd, &i);
		else
			x->dev[i].ifindex = (int)ifindex;
	}
}

int td_xdp_load(struct td_xdp **out, const char *pin_dir, struct td_xdp_fds *fds,
		char *why, size_t why_len)
{
	struct td_xdp *x = td_zalloc(sizeof(*x));
	int err;

	memset(fds, -1, sizeof(*fds));
	if (!x)
		return -ENOMEM;
	libbpf_set_print(on_libbpf);
	last_words[0] = '\0';
	snprintf(x->pin_dir, sizeof(x->pin_dir), "%s", pin_dir);
	err = check_bpffs(pin_dir, why, why_len);
	if (!err)
		err = load(x, why, why_len);
	if (err)
		goto free_x;
	err = stamp_abi(x);
	if (!err)
		err = pin_program(x);
	if (!err)
		err = pin_iterators(x);
	if (err) {
		say(why, why_len, "pins below '%s' not made: %s", pin_dir, strerror(-err));
		goto destroy;
	}
	adopt_devs(x);
	hand_out(x, fds);
	*out = x;
	return 0;
destroy:
	td_rtp__destroy(x->skel);
free_x:
	td_free(x);
	return err;
}

/* ---- attach ---- */

static void link_path(const struct td_xdp *x, const char *ifname, char path[PATH_LEN])
{
	snprintf(path, PATH_LEN, "%s/links/%s", x->pin_dir, ifname);
	for (char *p = strrchr(path, '/') + 1; *p; p++)
		if (*p == '.')
			*p = '_';	/* bpffs refuses dots: eth0.100 */
}

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
		say(why, len, "another XDP program is attached to '%s'; remove it (ip link set "
		    "dev %s xdp off) or set option xdp 'off'", ifname, ifname);
	else if (err == -EPERM)
		say(why, len, "no right to attach XDP to '%s': CAP_NET_ADMIN is missing", ifname);
	else if (mode == CFG_XDP_NATIVE && mtu > XDP_SAFE_MTU)
		say(why, len, "'%s' refuses native XDP (%s), its MTU %u is too large for this "
		    "driver; lower it (ip link set dev %s mtu 1500) or set option xdp 'generic'",
		    ifname, strerror(-err), mtu, ifname);
	else if (mode == CFG_XDP_NATIVE && err == -ENOSPC)
		say(why, len, "'%s' has fewer receive queues than XDP needs there (a veth: as many "
		    "as its peer has transmit queues; see ethtool -l); set option xdp 'auto', "
		    "'generic' or 'off'", ifname);
	else if (mode == CFG_XDP_NATIVE)
		say(why, len, "the driver of '%s' refuses native XDP (%s); set option xdp 'auto', "
		    "'generic' or 'off'", ifname, strerror(-err));
	else
		say(why, len, "'%s' refuses %s XDP: %s; set option xdp 'off'", ifname, how,
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
static int adopt_link(const struct td_xdp *x, const struct attached *a)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	char path[PATH_LEN];
	int fd;

	link_path(x, a->ifname, path);
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

static void drop_link(const struct td_xdp *x, struct attached *a)
{
	char path[PATH_LEN];

	link_path(x, a->ifname, path);
	unlink(path);
	if (a->link_fd >= 0) {
		bpf_link_detach(a->link_fd);
		close(a->link_fd);
	}
	a->link_fd = -1;
	a->mode = CFG_XDP_OFF;
}

static int attach_mode(struct td_xdp *x, struct attached *a, enum cfg_xdp mode)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts,
			    .flags = mode == CFG_XDP_NATIVE ? XDP_FLAGS_DRV_MODE :
							      XDP_FLAGS_SKB_MODE);
	char path[PATH_LEN];
	int fd = bpf_link_create(bpf_program__fd(x->skel->progs.td_rtp), a->ifindex, BPF_XDP,
				 &opts);

	if (fd < 0)
		return -errno;
	link_path(x, a->ifname, path);
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

/* Put our program on an interface that has it already: no packet falls between. */
static bool replace_in_place(struct td_xdp *x, struct attached *a, enum cfg_xdp mode)
{
	enum cfg_xdp runs;

	if (a->link_fd < 0)
		a->link_fd = adopt_link(x, a);
	if (a->link_fd < 0)
		return false;
	runs = running_mode(a->ifindex);
	if (runs != CFG_XDP_OFF && (mode == CFG_XDP_AUTO || mode == runs) &&
	    !bpf_link_update(a->link_fd, bpf_program__fd(x->skel->progs.td_rtp), NULL)) {
		a->mode = runs;
		return true;
	}
	drop_link(x, a);
	return false;
}

/* Asked again for what is so already, as happens with every event of the link. */
static bool runs_as_wanted(const struct attached *a, enum cfg_xdp mode)
{
	return a->link_fd >= 0 && a->mode != CFG_XDP_OFF &&
	       (mode == CFG_XDP_AUTO || mode == a->mode) && running_mode(a->ifindex) == a->mode;
}

static void fill_port(const struct td_xdp *x, const struct attached *a, struct td_xdp_port *out)
{
	out->dev = (uint32_t)(a - x->dev);
	out->mode = a->mode;
}

static int attach(struct td_xdp *x, struct attached *a, enum cfg_xdp mode, char *why, size_t len)
{
	char native[200] = "";
	int err;

	if (replace_in_place(x, a, mode))
		return 0;
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
	say(why, len, "%s", native);
	return err;
}

static struct attached *find_dev(struct td_xdp *x, const char *ifname)
{
	for (size_t i = 0; i < TD_MAX_DEVS; i++)
		if (x->dev[i].ifindex && !strcmp(x->dev[i].ifname, ifname))
			return &x->dev[i];
	return NULL;
}

static void free_dev(struct td_xdp *x, struct attached *a)
{
	__u32 key = (__u32)(a - x->dev);

	bpf_map_delete_elem(bpf_map__fd(x->skel->maps.td_devs), &key);
	memset(a, 0, sizeof(*a));
	a->link_fd = -1;
}

/* An entry of td_devs for this interface; a name that came back with another index is new. */
static struct attached *get_dev(struct td_xdp *x, const char *ifname, int ifindex)
{
	struct attached *a = find_dev(x, ifname);

	if (a && a->ifindex != ifindex) {
		drop_link(x, a);
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

int td_xdp_attach(struct td_xdp *x, const char *ifname, enum cfg_xdp mode,
		  struct td_xdp_port *out, char *why, size_t why_len)
{
	int ifindex = (int)if_nametoindex(ifname);
	struct attached *a;
	__u32 key, value;
	int err;

	memset(out, 0, sizeof(*out));
	snprintf(out->ifname, sizeof(out->ifname), "%s", ifname);
	out->mode = CFG_XDP_OFF;
	if (!ifindex) {
		say(why, why_len, "interface '%s' does not exist; create it, or take it out of "
		    "'list interface' (ip link shows what there is)", ifname);
		return -ENODEV;
	}
	out->ifindex = ifindex;
	if (mode == CFG_XDP_OFF) {
		err = td_xdp_detach(x, ifname);
		return err == -ENOENT ? 0 : err;
	}
	a = get_dev(x, ifname, ifindex);
	if (!a) {
		say(why, why_len, "more than %d interfaces with XDP", TD_MAX_DEVS);
		return -ENOSPC;
	}
	if (runs_as_wanted(a, mode)) {
		fill_port(x, a, out);
		return 0;
	}
	key = (__u32)(a - x->dev);
	value = (__u32)ifindex;
	err = attach(x, a, mode, why, why_len);
	if (!err && bpf_map_update_elem(bpf_map__fd(x->skel->maps.td_devs), &key, &value,
					BPF_ANY)) {
		err = -errno;
		say(why, why_len, "'%s' cannot be a target of redirects: %s", ifname,
		    strerror(-err));
		drop_link(x, a);
	}
	if (err) {
		free_dev(x, a);
		return err;
	}
	fill_port(x, a, out);
	td_log_info(TD_LOG_MEDIA, "interface=%s ifindex=%d xdp=%s attached", ifname, ifindex,
		    a->mode == CFG_XDP_NATIVE ? "native" : "generic");
	return 0;
}

int td_xdp_detach(struct td_xdp *x, const char *ifname)
{
	struct attached *a = find_dev(x, ifname);

	if (!a)
		return -ENOENT;
	if (a->link_fd < 0)
		a->link_fd = adopt_link(x, a);
	drop_link(x, a);
	free_dev(x, a);
	return 0;
}

void td_xdp_unload(struct td_xdp *x, bool clean)
{
	if (!x)
		return;
	for (size_t i = 0; i < TD_MAX_DEVS; i++) {
		struct attached *a = &x->dev[i];

		if (!a->ifindex)
			continue;
		if (clean)
			drop_link(x, a);
		else if (a->link_fd >= 0)
			close(a->link_fd);
	}
	if (clean)
		remove_all_pins(x->pin_dir);
	td_rtp__destroy(x->skel);
	td_free(x);
}
