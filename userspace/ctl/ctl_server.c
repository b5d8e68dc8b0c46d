/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listening side of the control socket: make it with the right owner and mode, accept,
 * look at who it is. What a client says is ctl_client.c's business.
 *
 * Two locks on the door: the file's mode (0660, group tandem), and the peer's credentials as
 * the kernel tells them (SO_PEERCRED, SO_PEERGROUPS; unix(7)), since a file's mode can be
 * changed by accident, and a path may have been opened before. Read next: ctl_client.c.
 */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/ctl/ctl_priv.h"

const struct td_timerdef td_ctl_timers[] = {
	[CTL_T_IDLE]   = { "ctl-idle", 600000, "how long a client may stay without asking" },
	[CTL_T_STALL]  = { "ctl-stall", 20000, "how long a client may stop reading its answer" },
	[CTL_T_ACCEPT] = { "ctl-accept", 200, "pause after accept() failed for want of resources" },
};

static void on_accept(void *arg, int fd, unsigned int events);

bool td_ctl_may_ask(uid_t own, bool has_group, gid_t group, uid_t uid, gid_t gid,
		    const gid_t *groups, size_t n_groups)
{
	size_t i;

	if (uid == 0 || uid == own)
		return true;
	if (!has_group)
		return false;
	if (gid == group)
		return true;
	for (i = 0; i < n_groups; i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* Supplementary groups of the peer. Returns how many; *out is the caller's to free. */
static size_t peer_groups(int fd, gid_t **out)
{
	socklen_t len = 0;

	*out = NULL;
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) || errno != ERANGE)
		return 0;
	*out = td_zalloc(len);
	if (!*out || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, *out, &len))
		return 0;
	return len / sizeof(**out);
}

static bool check_peer(const struct td_ctl *ctl, int fd, struct ucred *cred)
{
	socklen_t len = sizeof(*cred);
	gid_t *groups;
	size_t n;
	bool ok;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, cred, &len))
		return false;
	n = peer_groups(fd, &groups);
	ok = td_ctl_may_ask(geteuid(), ctl->has_group, ctl->group, cred->uid, cred->gid,
			    groups, n);
	td_free(groups);
	return ok;
}

/* Tell why, in one message that fits any socket buffer, and leave. */
static void turn_away(int fd, const char *why)
{
	struct td_json j;
	uint32_t len;

	td_json_init(&j);
	td_ctl_write_error(&j, TD_CTL_REFUSED, why);
	len = htobe32(j.len);
	if (!j.err && send(fd, &len, sizeof(len), MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(len) &&
	    send(fd, j.text, j.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		td_log_dbg(TD_LOG_CTL, "ctl: client left before it was refused");
	td_json_fini(&j);
	close(fd);
}

static void accept_again(void *arg)
{
	struct td_ctl *ctl = arg;

	td_loop_watch(ctl->loop, ctl->fd, TD_READ, on_accept, ctl);
}

static void accept_failed(struct td_ctl *ctl, int err)
{
	if (err != EMFILE && err != ENFILE && err != ENOMEM && err != ENOBUFS)
		return;
	td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: cannot accept: %s, trying again", strerror(err));
	/* The socket stays readable: without a pause the loop would spin on it. */
	td_loop_unwatch(ctl->loop, ctl->fd);
	td_loop_timer_start(ctl->loop, &ctl->accept_again, td_ctl_timers[CTL_T_ACCEPT].ms,
			    accept_again, ctl);
}

static void on_accept(void *arg, int listen_fd, unsigned int events)
{
	struct td_ctl *ctl = arg;
	struct ucred cred = { 0 };
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		accept_failed(ctl, errno);
		return;
	}
	if (!check_peer(ctl, fd, &cred)) {
		td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: refused uid=%u pid=%d", cred.uid,
			       cred.pid);
		turn_away(fd, "permission denied: only root and the daemon's group may ask");
		return;
	}
	if (ctl->n_clients >= CTL_MAX_CLIENTS) {
		td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: %zu clients, one more refused",
			       ctl->n_clients);
		turn_away(fd, "too many clients on the control socket");
		return;
	}
	td_ctl_client_new(ctl, fd, cred.uid == 0);
}

/* A socket that nobody listens on is left over from a daemon that died. */
static int remove_stale(const struct sockaddr_un *sa)
{
	struct stat st;
	int fd, err = 0;

	if (lstat(sa->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) || errno == EAGAIN)
		err = -EADDRINUSE;
	else if (errno != ECONNREFUSED)
		err = -errno;
	close(fd);
	if (!err && unlink(sa->sun_path) && errno != ENOENT)
		err = -errno;
	return err;
}

/* Only now the group is let in: until here the file was the owner's alone. */
static void open_to_group(struct td_ctl *ctl, const char *group)
{
	struct group *gr = group && *group ? getgrnam(group) : NULL;

	if (group && *group && !gr) {
		td_log_warn(TD_LOG_CTL, "ctl: no group '%s': only root may use %s", group,
			    ctl->path);
		return;
	}
	if (!gr)
		return;
	if (chown(ctl->path, (uid_t)-1, gr->gr_gid) || chmod(ctl->path, 0660)) {
		td_log_warn(TD_LOG_CTL, "ctl: cannot give %s to group '%s': %s; only root may "
			    "use it", ctl->path, group, strerror(errno));
		return;
	}
	ctl->has_group = true;
	ctl->group = gr->gr_gid;
}

static int listen_on(struct td_ctl *ctl)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int err;

	if (td_strlcpy(sa.sun_path, ctl->path, sizeof(sa.sun_path)) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	err = remove_stale(&sa);
	if (err)
		return err;
	ctl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->fd < 0)
		return -errno;
	/* Linux gives the file the mode of the socket: never a moment of wider rights. */
	if (fchmod(ctl->fd, 0600) || bind(ctl->fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    listen(ctl->fd, 16)) {
		err = -errno;
		close(ctl->fd);
	}
	return err;
}

int td_ctl_open(struct td_ctl **out, struct td_loop *loop, const char *path, const char *group)
{
	struct td_ctl *ctl = td_zalloc(sizeof(*ctl));
	int err;

	if (!ctl)
		return -ENOMEM;
	ctl->loop = loop;
	td_list_init(&ctl->clients);
	ctl->path = td_strdup(path);
	err = -ENOMEM;
	if (!ctl->path)
		goto free_ctl;
	err = listen_on(ctl);
	if (err)
		goto free_path;
	open_to_group(ctl, group);
	err = td_loop_watch(loop, ctl->fd, TD_READ, on_accept, ctl);
	if (err)
		goto close_fd;
	*out = ctl;
	return 0;
close_fd:
	unlink(ctl->path);
	close(ctl->fd);
free_path:
	td_free(ctl->path);
free_ctl:
	td_free(ctl);
	return err;
}

void td_ctl_close(struct td_ctl *ctl)
{
	struct ctl_client *c;

	if (!ctl)
		return;
	td_loop_timer_stop(ctl->loop, &ctl->accept_again);
	td_loop_unwatch(ctl->loop, ctl->fd);
	while ((c = td_ctl_first_client(ctl)))
		td_ctl_client_free(c);
	if (ctl->release)
		ctl->release(ctl->release_arg);
	unlink(ctl->path);
	close(ctl->fd);
	td_free(ctl->path);
	td_free(ctl);
}

int td_ctl_add(struct td_ctl *ctl, const struct td_ctl_command *commands, size_t n, void *arg)
{
	if (ctl->n_tables == CTL_MAX_TABLES)
		return -ENOSPC;
	ctl->tables[ctl->n_tables++] = (struct ctl_table){ commands, n, arg };
	return 0;
}

void td_ctl_set_release(struct td_ctl *ctl, void (*fn)(void *arg), void *arg)
{
	ctl->release = fn;
	ctl->release_arg = arg;
}
