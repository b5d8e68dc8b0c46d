// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The run-dir of a daemon. One daemon each.
 */
#include "userspace/app/run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static void path_of(const struct td_options *opt, const char *name, char path[160])
{
	snprintf(path, 160, "%s/%s", opt->run_dir, name);
}

int td_run_dir_lock(const struct td_options *opt, bool create)
{
	char path[160];
	int fd, err;

	path_of(opt, "lock", path);
	fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0644);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	close(fd);
	return err;
}

void td_run_dir_clean(const struct td_options *opt)
{
	static const char *const files[] = { TD_CTL_SOCKET, TD_CALLS_FILE, TD_COPIES_FILE,
					    TD_PHONES_FILE, "lock" };
	char path[160];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path_of(opt, files[i], path);
		unlink(path);
	}
	rmdir(opt->run_dir);
}
