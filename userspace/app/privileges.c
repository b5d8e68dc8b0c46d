// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the daemon may do: the check that the master has its capabilities, the raised
 * limits, and the way down for the worker (user tandem, CAP_NET_ADMIN, nothing else).
 * CAP_NET_ADMIN is what probing neighbours takes; map memory needs only descriptors.
 *
 * The master is root, or it is that user already, with ambient capabilities (the systemd
 * unit): then there is no identity to change, only capabilities to give up. The kernel does
 * not let the worker trace a master that has more than it (ptrace(2), access mode checks).
 */
#include "userspace/app/master.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "userspace/base/log.h"

static const struct {
	int cap;
	bool to_change;			/* only for who is not the worker's user yet */
	const char *name, *what;
} needed[] = {
	{ CAP_BPF, false, "CAP_BPF", "load packet programs" },
	{ CAP_NET_ADMIN, false, "CAP_NET_ADMIN", "attach them to interfaces" },
	{ CAP_PERFMON, false, "CAP_PERFMON",
	  "load them without the verifier's speculation barriers" },
	{ CAP_SETUID, true, "CAP_SETUID", "run the worker as its own user" },
	{ CAP_SETGID, true, "CAP_SETGID", "run the worker as its own group" },
};

static bool is_own(const struct passwd *pw)
{
	return pw && geteuid() == pw->pw_uid && getegid() == pw->pw_gid;
}

int td_priv_check(const char *user, char *why, size_t len)
{
	bool own = is_own(getpwnam(user));
	size_t used = 0;

	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_get_caps_process() < 0) {
		snprintf(why, len, "cannot read own capabilities: %s", strerror(errno));
		return -errno;
	}
	why[0] = '\0';
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && used < len; i++) {
		if (!(own && needed[i].to_change) &&
		    !capng_have_capability(CAPNG_EFFECTIVE, needed[i].cap))
			used += (size_t)snprintf(why + used, len - used, "%s%s (to %s)",
						 used ? ", " : "missing ", needed[i].name,
						 needed[i].what);
	}
	if (!used)
		return 0;
	if (used < len)
		snprintf(why + used, len - used, "; start as root or by systemd");
	return -EPERM;
}

static void raise_limit(int resource, rlim_t want)
{
	struct rlimit l;

	if (getrlimit(resource, &l))
		return;
	if (l.rlim_max != RLIM_INFINITY && (want == RLIM_INFINITY || l.rlim_max < want)) {
		struct rlimit higher = { want, want };

		if (!setrlimit(resource, &higher))
			return;
		want = l.rlim_max;	/* not allowed: take what there is */
	}
	l.rlim_cur = want;
	setrlimit(resource, &l);
}

void td_priv_raise_limits(void)
{
	/* two sockets for each RTP port pair of the widest range, and the phones' connections */
	raise_limit(RLIMIT_NOFILE, 131072);
	raise_limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
	raise_limit(RLIMIT_RTPRIO, 20);
}

/* The bounding set is only root's to empty; without new privileges it gives nothing. */
static int become(const struct passwd *pw)
{
	if (is_own(pw))
		return capng_apply(CAPNG_SELECT_CAPS);
	if (setgroups(0, NULL))
		return -1;
	return capng_change_id((int)pw->pw_uid, (int)pw->pw_gid, CAPNG_CLEAR_BOUNDING);
}

int td_priv_drop(const char *user, char *why, size_t len)
{
	struct passwd *pw = getpwnam(user);

	if (!pw) {
		snprintf(why, len, "user '%s' does not exist; make it with: useradd --system "
			 "--no-create-home --shell /usr/sbin/nologin %s", user, user);
		return -ENOENT;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
		     CAPNG_BOUNDING_SET, CAP_NET_ADMIN);
	if (become(pw)) {
		snprintf(why, len, "cannot become user '%s': %s", user, strerror(errno));
		return -EPERM;
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		snprintf(why, len, "cannot keep CAP_NET_ADMIN: %s", strerror(errno));
		return -EPERM;
	}
	return 0;
}

static int make_parents(const char *path)
{
	char copy[256];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

int td_priv_folder(const char *path, const char *user, unsigned int mode, char *why, size_t len)
{
	struct passwd *pw = getpwnam(user);
	int err = make_parents(path);

	if (!err && mkdir(path, mode) && errno != EEXIST)
		err = -errno;
	if (!err && pw && (chown(path, pw->pw_uid, pw->pw_gid) || chmod(path, mode)))
		err = -errno;
	if (err)
		snprintf(why, len, "folder '%s': %s", path, strerror(-err));
	return err;
}

void td_priv_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (!n || n >= sizeof(sa.sun_path))
		return;
	memcpy(sa.sun_path, path, n);
	if (sa.sun_path[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&sa,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		td_log_warn(TD_LOG_APP, "sd_notify failed error=%d", errno);
	close(fd);
}
