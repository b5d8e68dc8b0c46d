// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The master's half of the fast path: load the programs into the kernel, pin maps,
 * program and iterators below one folder of bpffs, take all of it away again. Runs
 * privileged and only here; the worker gets map descriptors (media_xdp.c). Interfaces:
 * xdp_attach.c.
 *
 * Pins of an earlier run with the same TD_MAP_ABI are adopted: calls that run keep
 * running while the program is replaced in place. Pins of another ABI are removed.
 * What fails comes back as a sentence with the remedy, for the operator.
 */
#include "userspace/media/xdp_priv.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <bpf/bpf.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define BPFFS	"/sys/fs/bpf"

static const char *const folders[] = { "maps", "progs", "links" };
static const char *const iterators[] = { "flows", "nexthops", "dscp" };

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* ---- libbpf's words, kept for the sentence that explains a failure ---- */

/* Not in a context, as libbpf's print function gets none; the master has one thread. */
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

void td_xdp_say(char *why, size_t len, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (len)
		vsnprintf(why, len, fmt, args);
	va_end(args);
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
	td_xdp_say(why, len, "no BPF file system at " BPFFS " and it cannot be mounted (%s); run: "
		   "mount -t bpf bpf " BPFFS, strerror(errno));
	return -ENODEV;
}

static int make_folder(const char *path)
{
	char copy[XDP_PATH_LEN];

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
	char path[XDP_PATH_LEN];
	int err = 0;

	for (size_t i = 0; i < N(folders) && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", pin_dir, folders[i]);
		err = make_folder(path);
	}
	if (err)
		td_xdp_say(why, len, "folder '%s' cannot be made: %s", path, strerror(-err));
	return err;
}

static void remove_pins_in(const char *pin_dir, const char *folder)
{
	char path[XDP_PATH_LEN * 2];
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
	char path[XDP_PATH_LEN];

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
	char path[XDP_PATH_LEN];
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

/* The kernel adds a flag of its own to a device map, and libbpf then takes the pinned one for
 * another kind of map: it is handed over by descriptor. */
static bool reuse_devs(struct bpf_map *map, const char *path)
{
	int fd = bpf_obj_get(path);
	bool reused;

	if (fd < 0)
		return false;
	reused = !bpf_map__reuse_fd(map, fd);
	close(fd);
	return reused;
}

static int name_pin(struct td_xdp *x, struct bpf_map *map)
{
	char path[XDP_PATH_LEN];

	if (strchr(bpf_map__name(map), '.'))
		return 0;		/* the format strings, .rodata */
	snprintf(path, sizeof(path), "%s/maps/%s", x->pin_dir, bpf_map__name(map));
	if (map == x->skel->maps.td_devs && reuse_devs(map, path))
		return 0;
	return bpf_map__set_pin_path(map, path);
}

static int name_pins(struct td_xdp *x)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, x->skel->obj) {
		err = name_pin(x, map);
		if (err)
			break;
	}
	return err;
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
		td_xdp_say(why, len, "the kernel refuses to load packet programs; they take "
			   "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: start as root or by systemd "
			   "(%s)", last_words);
	else if (err == -EINVAL || err == -ENOENT || err == -ESRCH)
		td_xdp_say(why, len, "packet programs not accepted, kernel 6.1 or later with BTF "
			   "is needed (%s)", last_words);
	else
		td_xdp_say(why, len, "packet programs not loaded: %s (%s)", strerror(-err),
			   last_words);
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
	char path[XDP_PATH_LEN];

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
	char path[XDP_PATH_LEN];
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
		td_xdp_say(why, why_len, "pins below '%s' not made: %s", pin_dir, strerror(-err));
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

void td_xdp_unload(struct td_xdp *x, bool clean)
{
	if (!x)
		return;
	for (size_t i = 0; i < TD_MAX_DEVS; i++) {
		struct xdp_dev *a = &x->dev[i];

		if (!a->ifindex)
			continue;
		if (clean)
			td_xdp_drop_link(x, a);
		else if (a->link_fd >= 0)
			close(a->link_fd);
	}
	if (clean)
		remove_all_pins(x->pin_dir);
	td_rtp__destroy(x->skel);
	td_free(x);
}
