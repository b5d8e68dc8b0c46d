// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets between master and worker; see master_proto.h. Both ends are ours, yet a
 * packet of another size is refused: a worker that was taken over must not confuse
 * the master.
 */
#include "userspace/app/master_proto.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int td_master_send(int sock, const struct td_master_msg *msg, int pass_fd, int flags)
{
	struct iovec iov = { (void *)(uintptr_t)msg, sizeof(*msg) };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (pass_fd >= 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		mh.msg_control = control.space;
		mh.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	if (sendmsg(sock, &mh, flags | MSG_NOSIGNAL) != (ssize_t)sizeof(*msg))
		return errno ? -errno : -EIO;
	return 0;
}

static int passed(struct msghdr *mh)
{
	int fd = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&fd, CMSG_DATA(c), sizeof(int));
	}
	return fd;
}

int td_master_recv(int sock, struct td_master_msg *msg, int *passed_fd, int flags)
{
	struct iovec iov = { msg, sizeof(*msg) };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.space, .msg_controllen = sizeof(control.space),
	};
	ssize_t n;
	int fd;

	do {
		n = recvmsg(sock, &mh, flags | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (n == 0)
		return -EPIPE;
	fd = passed(&mh);
	if (n != (ssize_t)sizeof(*msg) || (fd >= 0 && !passed_fd)) {
		if (fd >= 0)
			close(fd);
		return -EBADMSG;
	}
	msg->ifname[sizeof(msg->ifname) - 1] = '\0';
	msg->why[sizeof(msg->why) - 1] = '\0';
	if (passed_fd)
		*passed_fd = fd;
	return 0;
}
