// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TC program on interfaces: td_mark at egress, as a direct-action filter of the clsact qdisc
 * under a priority and handle of its own (td_map.h). The filter outlives us and is replaced in
 * place by the next start. Filters of others stay, and so does the qdisc while somebody uses it:
 * folders among the pins tell where we are and where we made it.
 */
#include "userspace/media/xdp_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "userspace/base/log.h"

#define PROGRAM	"td_mark"

/* ---- what we have done where: tc/IFINDEX, tc/IFINDEX/clsact ---- */

static void note_path(const char *pin_dir, int ifindex, const char *what, char path[XDP_PATH_LEN])
{
	snprintf(path, XDP_PATH_LEN, "%s/tc/%d%s", pin_dir, ifindex, what);
}

static int note(const char *pin_dir, int ifindex, const char *what)
{
	char path[XDP_PATH_LEN];

	note_path(pin_dir, ifindex, what, path);
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

static bool noted(const char *pin_dir, int ifindex, const char *what)
{
	char path[XDP_PATH_LEN];

	note_path(pin_dir, ifindex, what, path);
	return !access(path, F_OK);
}

static void forget(const char *pin_dir, int ifindex)
{
	char path[XDP_PATH_LEN];

	note_path(pin_dir, ifindex, "/clsact", path);
	rmdir(path);
	note_path(pin_dir, ifindex, "", path);
	rmdir(path);
}

static int make_clsact(const char *pin_dir, int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
			    .attach_point = BPF_TC_EGRESS);
	int err = bpf_tc_hook_create(&hook), noted_err;

	if (err && err != -EEXIST)
		return err;
	noted_err = note(pin_dir, ifindex, "");
	return noted_err || err ? noted_err : note(pin_dir, ifindex, "/clsact");
}

static void drop_clsact(const char *pin_dir, int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
			    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	if (noted(pin_dir, ifindex, "/clsact") && !td_nl_tc_filters(ifindex, false) &&
	    !td_nl_tc_filters(ifindex, true))
		bpf_tc_hook_destroy(&hook);
	forget(pin_dir, ifindex);
}

/* ---- filters ---- */

/* The program that runs under our numbers; 0: none, or a filter without one. */
static __u32 running(int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = TD_TC_HANDLE,
			    .priority = TD_TC_PRIORITY);

	return bpf_tc_query(&hook, &opts) ? 0 : opts.prog_id;
}

static bool is_ours(__u32 id)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = id ? bpf_prog_get_fd_by_id(id) : -1;
	bool same;

	if (fd < 0)
		return false;
	same = !bpf_obj_get_info_by_fd(fd, &info, &len) && !strcmp(info.name, PROGRAM);
	close(fd);
	return same;
}

static int put_filter(const struct td_xdp *x, int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = TD_TC_HANDLE,
			    .priority = TD_TC_PRIORITY,
			    .prog_fd = bpf_program__fd(x->mark->progs.td_mark));
	__u32 there = running(ifindex);
	int err;

	if (there && there == td_xdp_prog_id(opts.prog_fd))
		return 0;
	err = make_clsact(x->pin_dir, ifindex);
	if (err)
		return err;
	if (is_ours(there))
		opts.flags = BPF_TC_F_REPLACE;
	return bpf_tc_attach(&hook, &opts);
}

bool td_tc_attach(const struct td_xdp *x, int ifindex, const char *ifname)
{
	int err = x->mark ? put_filter(x, ifindex) : 0;

	if (!err)
		return x->mark;
	td_log_warn(TD_LOG_MEDIA, "interface=%s " PROGRAM " not attached: %s%s; service and routed "
		    "media leave there unmarked", ifname, strerror(-err),
		    err == -EEXIST ? ", another filter has its priority and handle (tc filter show)" :
		    err == -ENOENT || err == -EOPNOTSUPP || err == -EINVAL ?
		    ", the kernel lacks sch_ingress or cls_bpf, or the device has another ingress "
		    "qdisc" : "");
	return false;
}

int td_tc_detach(const char *pin_dir, int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = TD_TC_HANDLE,
			    .priority = TD_TC_PRIORITY);
	int n = noted(pin_dir, ifindex, "") && is_ours(running(ifindex)) &&
		!bpf_tc_detach(&hook, &opts);

	drop_clsact(pin_dir, ifindex);
	return n;
}

struct detached {
	const char *pin_dir;
	int n;
};

static void detach_noted(void *arg, const char *path)
{
	struct detached *d = arg;

	d->n += td_tc_detach(d->pin_dir, atoi(strrchr(path, '/') + 1));
}

int td_tc_detach_all(const char *pin_dir)
{
	struct detached d = { .pin_dir = pin_dir };

	td_xdp_each_pin(pin_dir, "tc", detach_noted, &d);
	return d.n;
}
