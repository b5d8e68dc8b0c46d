// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Another version of the daemon in the place of this one, without a call noticing: the
 * program file was replaced, and the master executes it. Programs, links and maps are
 * pinned and stay; the worker leaves its calls in their file and goes; the new master
 * replaces the programs in place and its worker takes the calls over.
 *
 * First the new program checks the configuration: one that does not run, or does not
 * understand the file, changes nothing.
 */
#include "userspace/app/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/log.h"

#define CHECK_MS     5000
#define LEAVE_MS     2000
#define UPGRADED_ENV "TANDEMD_UPGRADED"
#define NFT_FD_ENV   "TANDEMD_NFT_FD"
#define HELD_FD_ENV  "TANDEMD_HELD_FD"

int td_upgrade_path(char *dst, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dst, size - 1);

	if (n < 0)
		return -errno;
	dst[n] = '\0';
	return 0;
}

/* Poll every few milliseconds: a start or an end of a process, never a packet. */
static bool wait_for(pid_t pid, int ms, int *status)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	for (int waited = 0; waited < ms; waited += 5) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	return waitpid(pid, status, 0) == pid && false;
}

int td_upgrade_check(const char *path, const struct td_options *opt, char *why, size_t len)
{
	sigset_t none;
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execl(path, path, "--check", "-c", opt->config_path, (char *)NULL);
		_exit(127);
	}
	if (wait_for(pid, CHECK_MS, &status) && WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	snprintf(why, len, "'%s --check -c %s' does not end well (status %d)", path,
		 opt->config_path, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return -ENOEXEC;
}

void td_upgrade_leave(pid_t worker)
{
	int status;

	if (worker <= 0)
		return;
	kill(worker, SIGUSR1);
	if (!wait_for(worker, LEAVE_MS, &status))
		td_log_warn(TD_LOG_APP, "worker did not leave after_ms=%d, killed", LEAVE_MS);
}

static void hand_down(const char *name, int fd)
{
	char number[16];

	if (fd < 0)
		return;
	snprintf(number, sizeof(number), "%d", fd);
	setenv(name, number, 1);
	fcntl(fd, F_SETFD, 0);
}

static void take_back(const char *name, int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	unsetenv(name);
}

void td_upgrade_exec(const char *path, char **argv, const struct td_upgrade_fds *fds)
{
	setenv(UPGRADED_ENV, "1", 1);
	hand_down(NFT_FD_ENV, fds->nft);
	hand_down(HELD_FD_ENV, fds->held);
	execv(path, argv);
	td_log_err(TD_LOG_APP, "cannot execute %s: %s", path, strerror(errno));
	take_back(NFT_FD_ENV, fds->nft);
	take_back(HELD_FD_ENV, fds->held);
	unsetenv(UPGRADED_ENV);
}

static int inherited(const char *name)
{
	const char *text = getenv(name);
	int fd = text && getenv(UPGRADED_ENV) ? atoi(text) : -1;

	unsetenv(name);
	if (fd <= STDERR_FILENO || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -1;
	return fd;
}

struct td_upgrade_fds td_upgrade_inherited(void)
{
	struct td_upgrade_fds fds = { inherited(NFT_FD_ENV), inherited(HELD_FD_ENV) };
	int domain = 0;
	socklen_t len = sizeof(domain);

	if (fds.nft >= 0 && (getsockopt(fds.nft, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
			     domain != AF_NETLINK))
		fds.nft = -1;
	return fds;
}

bool td_upgrade_was(void)
{
	bool was = getenv(UPGRADED_ENV) != NULL;

	unsetenv(UPGRADED_ENV);
	return was;
}
