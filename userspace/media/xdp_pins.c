// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The folder of pins of one instance below bpffs:
 *
 *   maps/ progs/ links/		maps, programs, and XDP's links by interface
 *   joined/			programs in a dispatcher by interface (xdp_joined.c)
 *   tc/				a folder per interface with the TC program (xdp_tc.c)
 *   flows nexthops dscp		iterators: cat them
 */
#include "userspace/media/xdp_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <bpf/bpf.h>

#define BPFFS	"/sys/fs/bpf"

static const char *const folders[] = { "maps", "progs", "links", "joined", "tc" };
const char *const td_xdp_iterators[TD_XDP_N_ITERATORS] = { "flows", "nexthops", "dscp" };

#define N(array) (sizeof(array) / sizeof((array)[0]))

int td_xdp_check_bpffs(const char *pin_dir, char *why, size_t len)
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

void td_xdp_pin_path(const char *pin_dir, const char *folder, const char *ifname,
		     char path[XDP_PATH_LEN])
{
	snprintf(path, XDP_PATH_LEN, "%s/%s/%s", pin_dir, folder, ifname);
	for (char *p = strrchr(path, '/') + 1; *p; p++)
		if (*p == '.')
			*p = '_';	/* bpffs refuses dots: eth0.100 */
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

int td_xdp_make_folders(const char *pin_dir, char *why, size_t len)
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

void td_xdp_each_pin(const char *pin_dir, const char *folder,
		     void (*fn)(void *arg, const char *path), void *arg)
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
		fn(arg, path);
	}
	closedir(dir);
}

static void remove_pin(void *arg, const char *path)
{
	(void)arg;
	if (unlink(path))
		rmdir(path);
}

static void remove_folder(const char *pin_dir, const char *folder)
{
	char path[XDP_PATH_LEN];

	td_xdp_each_pin(pin_dir, folder, remove_pin, NULL);
	snprintf(path, sizeof(path), "%s/%s", pin_dir, folder);
	rmdir(path);
}

void td_xdp_forget_maps(const char *pin_dir)
{
	char path[XDP_PATH_LEN];

	for (size_t i = 0; i < TD_XDP_N_ITERATORS; i++) {
		snprintf(path, sizeof(path), "%s/%s", pin_dir, td_xdp_iterators[i]);
		unlink(path);
	}
	remove_folder(pin_dir, "progs");
	remove_folder(pin_dir, "maps");
}

void td_xdp_remove_pins(const char *pin_dir)
{
	remove_folder(pin_dir, "links");	/* first: packets go up from here on */
	remove_folder(pin_dir, "joined");
	td_xdp_forget_maps(pin_dir);
	remove_folder(pin_dir, "tc");
	rmdir(pin_dir);
}

__u32 td_xdp_prog_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

__u32 td_xdp_pinned_prog(const char *pin_dir)
{
	char path[XDP_PATH_LEN];
	__u32 id;
	int fd;

	snprintf(path, sizeof(path), "%s/progs/td_rtp", pin_dir);
	fd = bpf_obj_get(path);
	id = td_xdp_prog_id(fd);
	if (fd >= 0)
		close(fd);
	return id;
}

bool td_xdp_pins_are_ours(const char *pin_dir)
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
