// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sending side of TFTP (RFC 1350), for the store on another server: a write request, then
 * blocks of 512 bytes, each sent again until it is acknowledged. Only packets of the server's
 * host count, and after the first answer only those of its port.
 */
#include "userspace/prov/store_files.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK	   512
#define TRIES	   5
#define TIMEOUT_MS 1000

enum { OP_WRQ = 2, OP_DATA = 3, OP_ACK = 4, OP_ERROR = 5 };

struct put {
	int fd;
	struct sockaddr_storage to;
	socklen_t to_len;
	bool has_port;			/* the server has answered from its port */
	uint8_t packet[BLOCK + 4];
	size_t len;
};

static int send_packet(const struct put *p)
{
	return sendto(p->fd, p->packet, p->len, 0, (const struct sockaddr *)&p->to, p->to_len) < 0 ?
	       -errno : 0;
}

static bool is_from_server(struct put *p, const struct sockaddr_storage *from)
{
	struct td_addr a, b;

	td_addr_from_sockaddr(&a, (const struct sockaddr *)from);
	td_addr_from_sockaddr(&b, (const struct sockaddr *)&p->to);
	if (!td_addr_same_ip(&a, &b) || (p->has_port && a.port != b.port))
		return false;
	p->to = *from;
	p->has_port = true;
	return true;
}

/* 1: acknowledged, 0: nothing that counts, or why the server gives up. */
static int read_answer(struct put *p, uint16_t block)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	uint8_t b[BLOCK + 4];
	ssize_t n = recvfrom(p->fd, b, sizeof(b), 0, (struct sockaddr *)&from, &from_len);

	if (n < 4 || !is_from_server(p, &from))
		return 0;
	if (b[0] == 0 && b[1] == OP_ERROR)
		return b[3] == 3 ? -ENOSPC : -EACCES;
	return b[0] == 0 && b[1] == OP_ACK && (b[2] << 8 | b[3]) == block;
}

/* Send what is in the packet until block is acknowledged. */
static int exchange(struct put *p, uint16_t block)
{
	for (int i = 0; i < TRIES; i++) {
		struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
		int err = send_packet(p), rc = 0;

		if (err)
			return err;
		/* an answer that does not count is not waited for again: we repeat */
		while (!rc && poll(&pfd, 1, TIMEOUT_MS) > 0)
			rc = read_answer(p, block);
		if (rc)
			return rc < 0 ? rc : 0;
	}
	return -ETIMEDOUT;
}

static void request(struct put *p, const char *name)
{
	p->packet[0] = 0;
	p->packet[1] = OP_WRQ;
	p->len = 2 + (size_t)snprintf((char *)p->packet + 2, BLOCK - 8, "%s", name) + 1;
	memcpy(p->packet + p->len, "octet", 6);
	p->len += 6;
}

static void block_of(struct put *p, uint16_t block, const char *data, size_t len)
{
	p->packet[0] = 0;
	p->packet[1] = OP_DATA;
	p->packet[2] = (uint8_t)(block >> 8);
	p->packet[3] = (uint8_t)block;
	memcpy(p->packet + 4, data, len);
	p->len = 4 + len;
}

int td_tftp_put(const struct td_addr *server, const char *name, const void *data, size_t len)
{
	struct put p = { .fd = -1 };
	size_t sent = 0, n;
	uint16_t block = 0;
	int err;

	if (strlen(name) > BLOCK - 16)
		return -ENAMETOOLONG;
	p.to_len = td_addr_to_sockaddr(server, &p.to, false);
	p.fd = socket(p.to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (p.fd < 0)
		return -errno;
	request(&p, name);
	err = exchange(&p, 0);
	/* the last block is a short one, perhaps empty */
	do {
		n = len - sent > BLOCK ? BLOCK : len - sent;
		block_of(&p, ++block, (const char *)data + sent, n);
		if (!err)
			err = exchange(&p, block);
		sent += n;
	} while (!err && n == BLOCK);
	close(p.fd);
	return err;
}
