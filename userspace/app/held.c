// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A table of descriptors, by id. To hand it down to another program it is written to a memfd:
 * one pair of id and descriptor after the other.
 */
#include "userspace/app/held.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/mem.h"

struct td_held {
	int fd[TD_HELD_MAX];		/* 0 = none: the standard streams are not held */
};

struct pair {
	uint32_t id;
	int32_t fd;
};

struct td_held *td_held_new(void)
{
	return td_zalloc(sizeof(struct td_held));
}

void td_held_free(struct td_held *h)
{
	for (uint32_t id = 1; h && id < TD_HELD_MAX; id++)
		td_held_drop(h, id);
	td_free(h);
}

int td_held_put(struct td_held *h, uint32_t id, int fd)
{
	if (!id || id >= TD_HELD_MAX || fd <= STDERR_FILENO) {
		close(fd);
		return -EINVAL;
	}
	td_held_drop(h, id);
	h->fd[id] = fd;
	return 0;
}

void td_held_drop(struct td_held *h, uint32_t id)
{
	if (!id || id >= TD_HELD_MAX || !h->fd[id])
		return;
	close(h->fd[id]);
	h->fd[id] = 0;
}

uint32_t td_held_next(const struct td_held *h, uint32_t id, int *fd)
{
	while (++id < TD_HELD_MAX)
		if (h->fd[id]) {
			*fd = h->fd[id];
			return id;
		}
	return 0;
}

static void set_cloexec(const struct td_held *h, int flag)
{
	uint32_t id = 0;
	int fd;

	while ((id = td_held_next(h, id, &fd)))
		fcntl(fd, F_SETFD, flag);
}

int td_held_hand_down(const struct td_held *h)
{
	int list = memfd_create("held", 0), fd;
	uint32_t id = 0;

	if (list < 0)
		return -1;
	while ((id = td_held_next(h, id, &fd))) {
		struct pair p = { id, fd };

		if (write(list, &p, sizeof(p)) != (ssize_t)sizeof(p)) {
			close(list);
			return -1;
		}
	}
	set_cloexec(h, 0);
	return list;
}

void td_held_keep(const struct td_held *h)
{
	set_cloexec(h, FD_CLOEXEC);
}

void td_held_inherit(struct td_held *h, int list)
{
	struct pair p;

	lseek(list, 0, SEEK_SET);
	while (read(list, &p, sizeof(p)) == (ssize_t)sizeof(p)) {
		int type;
		socklen_t len = sizeof(type);

		if (getsockopt(p.fd, SOL_SOCKET, SO_TYPE, &type, &len))
			continue;	/* no socket of ours */
		fcntl(p.fd, F_SETFD, FD_CLOEXEC);
		td_held_put(h, p.id, p.fd);
	}
	close(list);
}
