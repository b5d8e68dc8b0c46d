// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The master's half of the fast path: load the programs into the kernel, pin maps,
 * programs and iterators below one folder of bpffs, take all of it away again. Runs
 * privileged and only here; the worker gets map descriptors (media_xdp.c). Interfaces:
 * xdp_attach.c. Without td_rtp there is no fast path; without the TC program it goes on.
 *
 * Pins of an earlier run with the same TD_MAP_ABI are adopted: calls that run keep
 * running while the program is replaced in place. With another ABI there are new maps beside
 * those that the running programs work on; when the worker has written the flows into them,
 * td_xdp_switch() replaces the programs.
 * What fails comes back as a sentence with the remedy, for the operator.
 */
#include "userspace/media/xdp_priv.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

void td_xdp_say(char *why, size_t len, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (len)
		vsnprintf(why, len, fmt, args);
	va_end(args);
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

static int name_pin(const char *pin_dir, struct bpf_map *map, const char *suffix)
{
	char path[XDP_PATH_LEN];

	/* the format strings (.rodata) and what one packet needs for itself */
	if (strchr(bpf_map__name(map), '.') || !strcmp(bpf_map__name(map), "td_work"))
		return 0;
	if (bpf_map__type(map) != BPF_MAP_TYPE_DEVMAP)
		suffix = "";
	snprintf(path, sizeof(path), "%s/maps/%s%s", pin_dir, bpf_map__name(map), suffix);
	if (bpf_map__type(map) == BPF_MAP_TYPE_DEVMAP && reuse_devs(map, path))
		return 0;
	return bpf_map__set_pin_path(map, path);
}

/* suffix: of device maps */
static int name_pins(const char *pin_dir, struct bpf_object *obj, const char *suffix)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		err = name_pin(pin_dir, map, suffix);
		if (err)
			break;
	}
	return err;
}

static void without_iterators(struct td_rtp *skel)
{
	bpf_program__set_autoload(skel->progs.td_iter_flows, false);
	bpf_program__set_autoload(skel->progs.td_iter_nexthops, false);
	bpf_program__set_autoload(skel->progs.td_iter_dscp, false);
}

static int open_and_load(struct td_xdp *x, bool iterators_too)
{
	int err;

	x->skel = td_rtp__open();
	if (!x->skel)
		return -errno;
	if (!iterators_too)
		without_iterators(x->skel);
	err = name_pins(x->pin_dir, x->skel->obj, "");
	if (!err)
		err = td_rtp__load(x->skel);
	if (err) {
		td_rtp__destroy(x->skel);
		x->skel = NULL;
	}
	return err;
}

#define JOINED	"_joined"

static int open_joined(const struct td_xdp *x, const struct bpf_map *map)
{
	char path[XDP_PATH_LEN];

	snprintf(path, sizeof(path), "%s/maps/%s" JOINED, x->pin_dir, bpf_map__name(map));
	return bpf_obj_get(path);
}

static struct bpf_devmap_val with_copy(const struct bpf_program *prog, int ifindex)
{
	return (struct bpf_devmap_val){
		.ifindex = (__u32)ifindex, .bpf_prog.fd = bpf_program__fd(prog),
	};
}

static int set_pair(const struct td_xdp *x, const struct xdp_dev *call, const struct xdp_dev *copy)
{
	const struct bpf_devmap_val first = with_copy(x->skel->progs.td_copy, copy->ifindex),
				    second = with_copy(x->skel->progs.td_copy, call->ifindex);
	int fd = bpf_map_create(BPF_MAP_TYPE_DEVMAP, "td_copy_pair", sizeof(__u32), sizeof(first), 2,
				NULL);
	__u32 pair = TD_COPY_PAIR((__u32)(call - x->dev), (__u32)(copy - x->dev)), key;
	int err;

	if (fd < 0)
		return -errno;
	key = TD_COPY_FIRST;
	err = bpf_map_update_elem(fd, &key, &first, BPF_ANY);
	key = TD_COPY_SECOND;
	if (!err)
		err = bpf_map_update_elem(fd, &key, &second, BPF_ANY);
	if (!err)
		err = bpf_map_update_elem(bpf_map__fd(x->skel->maps.td_copy_pairs), &pair, &fd, BPF_ANY);
	close(fd);
	return err;
}

static int set_pairs(const struct td_xdp *x, const struct xdp_dev *a)
{
	int err;

	if (a >= x->dev + TD_COPY_DEVS)
		return 0;
	err = set_pair(x, a, a);
	for (const struct xdp_dev *b = x->dev; b < x->dev + TD_COPY_DEVS && !err; b++) {
		if (!b->ifindex || a == b)
			continue;
		err = set_pair(x, a, b);
		if (!err)
			err = set_pair(x, b, a);
	}
	return err;
}

static int set_entry(int fd, __u32 key, const void *value, bool is_on)
{
	if (fd < 0)
		return 0;
	if (is_on)
		return bpf_map_update_elem(fd, &key, value, BPF_ANY);
	bpf_map_delete_elem(fd, &key);
	return 0;
}

int td_xdp_set_dev(const struct td_xdp *x, const struct xdp_dev *a, int ifindex)
{
	struct bpf_devmap_val value = with_copy(x->skel->progs.td_copy, ifindex);
	__u32 key = (__u32)(a - x->dev);
	int err = set_entry(bpf_map__fd(x->skel->maps.td_devs), key, &value.ifindex, ifindex);

	if (!err)
		err = set_entry(x->joined_devs, key, &value.ifindex, ifindex);
	if (!err)
		err = set_entry(bpf_map__fd(x->skel->maps.td_copy_devs), key, &value, ifindex);
	value = with_copy(x->skel->progs.td_copy_joined, ifindex);
	if (!err)
		err = set_entry(x->joined_copy_devs, key, &value, ifindex);
	return err || !ifindex ? err : set_pairs(x, a);
}

struct td_rtp *td_xdp_open_copy(const struct td_xdp *x)
{
	struct td_rtp *copy = td_rtp__open();

	if (!copy)
		return NULL;
	without_iterators(copy);
	bpf_program__set_autoload(copy->progs.td_copy, false);
	bpf_program__set_autoload(copy->progs.td_copy_joined, false);
	if (!name_pins(x->pin_dir, copy->obj, JOINED))
		return copy;
	td_rtp__destroy(copy);
	return NULL;
}

/* It shares td_dscp with td_rtp by its pin. */
static void load_mark(struct td_xdp *x)
{
	x->mark = td_mark__open();
	if (x->mark && !name_pins(x->pin_dir, x->mark->obj, "") && !td_mark__load(x->mark))
		return;
	td_log_warn(TD_LOG_MEDIA, "td_mark not loaded, service and routed media stay unmarked: %s",
		    td_xdp_words());
	td_mark__destroy(x->mark);
	x->mark = NULL;
}

static int explain_load(int err, char *why, size_t len)
{
	if (err == -EPERM || err == -EACCES)
		td_xdp_say(why, len, "the kernel refuses to load packet programs; they take "
			   "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: start as root or by systemd "
			   "(%s)", td_xdp_words());
	else if (err == -EINVAL || err == -ENOENT || err == -ESRCH)
		td_xdp_say(why, len, "packet programs not accepted, kernel 6.1 or later with BTF "
			   "is needed (%s)", td_xdp_words());
	else
		td_xdp_say(why, len, "packet programs not loaded: %s (%s)", strerror(-err),
			   td_xdp_words());
	return err;
}

static int load(struct td_xdp *x, char *why, size_t len)
{
	int err;

	if (td_xdp_pins_are_ours(x->pin_dir))
		x->pinned_prog = td_xdp_pinned_prog(x->pin_dir);
	else
		td_xdp_forget_maps(x->pin_dir);
	err = td_xdp_make_folders(x->pin_dir, why, len);
	if (err)
		return err;
	err = open_and_load(x, true);
	if (err == -EINVAL || err == -EEXIST) {
		/* the number says same ABI, the kernel says other sizes: a developer's tree */
		td_xdp_forget_maps(x->pin_dir);
		x->pinned_prog = 0;
		td_xdp_make_folders(x->pin_dir, why, len);
		err = open_and_load(x, true);
	}
	if (err) {
		err = open_and_load(x, false);
		if (!err)
			td_log_warn(TD_LOG_MEDIA, "text tables in %s not available: %s",
				    x->pin_dir, td_xdp_words());
	}
	return err ? explain_load(err, why, len) : 0;
}

static int stamp_abi(struct td_xdp *x)
{
	struct td_abi abi = { .abi = TD_MAP_ABI };
	__u32 key = 0;

	return bpf_map_update_elem(bpf_map__fd(x->skel->maps.td_abi), &key, &abi, BPF_ANY);
}

static int pin_program(const struct td_xdp *x, const struct bpf_program *prog)
{
	char path[XDP_PATH_LEN];

	snprintf(path, sizeof(path), "%s/progs/%s", x->pin_dir, bpf_program__name(prog));
	unlink(path);
	return bpf_obj_pin(bpf_program__fd(prog), path) ? -errno : 0;
}

static int pin_programs(const struct td_xdp *x)
{
	int err = pin_program(x, x->skel->progs.td_rtp);

	if (!err)
		err = pin_program(x, x->skel->progs.td_copy);
	if (!err && x->mark)
		err = pin_program(x, x->mark->progs.td_mark);
	return err;
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
			       td_xdp_iterators[0]);

	if (!err)
		err = pin_iterator(x, x->skel->progs.td_iter_nexthops,
				   x->skel->maps.td_nexthops, td_xdp_iterators[1]);
	if (!err)
		err = pin_iterator(x, x->skel->progs.td_iter_dscp, x->skel->maps.td_dscp,
				   td_xdp_iterators[2]);
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
	fds->capture = bpf_map__fd(x->skel->maps.td_capture);
	fds->forks = bpf_map__fd(x->skel->maps.td_forks);
	if (x->mark) {
		fds->mark_ports = bpf_map__fd(x->mark->maps.td_mark_ports);
		fds->mark_flows = bpf_map__fd(x->mark->maps.td_mark_flows);
		fds->mark_ifs = bpf_map__fd(x->mark->maps.td_mark_ifs);
	}
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

static void destroy(struct td_xdp *x)
{
	td_mark__destroy(x->mark);
	td_rtp__destroy(x->skel);
}

int td_xdp_load(struct td_xdp **out, const char *pin_dir, struct td_xdp_fds *fds,
		char *why, size_t why_len)
{
	struct td_xdp *x = td_zalloc(sizeof(*x));
	int err;

	memset(fds, -1, sizeof(*fds));
	if (!x)
		return -ENOMEM;
	td_xdp_listen();
	snprintf(x->pin_dir, sizeof(x->pin_dir), "%s", pin_dir);
	err = td_xdp_check_bpffs(pin_dir, why, why_len);
	if (!err)
		err = load(x, why, why_len);
	if (err)
		goto free_x;
	load_mark(x);
	err = stamp_abi(x);
	if (!err)
		err = pin_programs(x);
	if (!err)
		err = pin_iterators(x);
	if (err) {
		td_xdp_say(why, why_len, "pins below '%s' not made: %s", pin_dir, strerror(-err));
		goto destroy;
	}
	adopt_devs(x);
	x->joined_devs = open_joined(x, x->skel->maps.td_devs);
	x->joined_copy_devs = open_joined(x, x->skel->maps.td_copy_devs);
	hand_out(x, fds);
	*out = x;
	return 0;
destroy:
	destroy(x);
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
	if (clean) {
		td_tc_detach_all(x->pin_dir);
		td_xdp_remove_pins(x->pin_dir);
	}
	if (x->joined_devs >= 0)
		close(x->joined_devs);
	if (x->joined_copy_devs >= 0)
		close(x->joined_copy_devs);
	destroy(x);
	td_free(x);
}

/* ---- without a daemon ---- */

static void detach_link(void *arg, const char *path)
{
	int *n = arg, fd = bpf_obj_get(path);

	if (fd >= 0) {
		*n += !bpf_link_detach(fd);
		close(fd);
	}
	unlink(path);
}

int td_xdp_detach_all(const char *pin_dir, char *why, size_t why_len)
{
	int n = 0;

	td_xdp_listen();
	if (access(pin_dir, F_OK)) {
		if (errno == ENOENT)
			return 0;
		td_xdp_say(why, why_len, "pins below '%s' cannot be read: %s", pin_dir,
			   strerror(errno));
		return -errno;
	}
	td_xdp_each_pin(pin_dir, "links", detach_link, &n);
	n += td_xdp_leave_all(pin_dir);
	n += td_tc_detach_all(pin_dir);
	td_xdp_remove_pins(pin_dir);
	if (access(pin_dir, F_OK))
		return n;
	td_xdp_say(why, why_len, "pins below '%s' cannot be removed; this takes root", pin_dir);
	return -EPERM;
}
