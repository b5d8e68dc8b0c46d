// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A transaction of nftables: messages between BEGIN and END, which the kernel takes as a
 * whole or not at all. It works while we send, so that its verdict is there to be read when
 * the send returns: nothing here waits.
 */
#include "netlink/nft_priv.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "userspace/base/mem.h"

#define MSG_ROOM 16384		/* the library writes without looking: the most that we let it */
#define SNDBUF	 131072		/* below it the usual limit of a socket does */

/* Without memory messages are written here, one over the other, and never sent. */
static _Thread_local char nowhere[MSG_ROOM];

static char *room(struct nft_batch *b)
{
	size_t cap = b->cap ? 2 * b->cap : 2 * MSG_ROOM;
	char *bigger;

	if (b->err)
		return nowhere;
	if (b->cap - b->len >= MSG_ROOM)
		return b->buf + b->len;
	bigger = td_realloc(b->buf, cap);
	if (!bigger) {
		b->err = -ENOMEM;
		return nowhere;
	}
	memset(bigger + b->cap, 0, cap - b->cap);	/* the library leaves gaps as they were */
	b->buf = bigger;
	b->cap = cap;
	return b->buf + b->len;
}

void td_nft_msg_end(struct nft_batch *b, const struct nlmsghdr *h)
{
	if (!b->err)
		b->len += NLMSG_ALIGN(h->nlmsg_len);
}

void td_nft_batch_init(struct nft_batch *b, uint32_t seq)
{
	*b = (struct nft_batch){ .seq = seq, .first_seq = seq };
	td_nft_msg_end(b, nftnl_batch_begin(room(b), b->seq++));
}

void td_nft_batch_fini(struct nft_batch *b)
{
	td_free(b->buf);
	b->buf = NULL;
}

struct nlmsghdr *td_nft_msg(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(room(b), type, NFPROTO_INET, flags, b->seq++);
}

/* ---- sending ---- */

struct verdict {
	const struct nft_batch *b;
	int err;
	uint16_t type;
	bool heard;
};

static void on_message(const struct nlmsghdr *h, struct verdict *v)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(h) < sizeof(*e))
		return;
	/* left by an earlier transaction, perhaps of a worker that is no more */
	if (h->nlmsg_seq - v->b->first_seq >= v->b->seq - v->b->first_seq)
		return;
	v->heard = true;
	if (e->error && !v->err) {
		v->err = e->error;
		v->type = NFNL_MSG_TYPE(e->msg.nlmsg_type);
	}
}

static int hear(struct mnl_socket *sock, struct verdict *v)
{
	static _Thread_local char buf[16384];
	const struct nlmsghdr *h;
	ssize_t n;
	int left;

	for (;;) {
		n = recv(mnl_socket_get_fd(sock), buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		h = (const void *)buf;
		for (left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
			on_message(h, v);
	}
}

static int send_all(const struct nft_batch *b, struct mnl_socket *sock)
{
	int fd = mnl_socket_get_fd(sock), size = (int)b->len * 2;

	if (b->len > SNDBUF && setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return mnl_socket_sendto(sock, b->buf, b->len) < 0 ? -errno : 0;
}

int td_nft_batch_send(struct nft_batch *b, struct mnl_socket *sock, uint16_t *type)
{
	struct verdict v = { .b = b };
	struct nlmsghdr *end = nftnl_batch_end(room(b), b->seq++);
	int err = b->err;

	*type = 0;
	td_nft_msg_end(b, end);
	if (!err)
		err = send_all(b, sock);
	if (!err)
		err = hear(sock, &v);
	*type = v.type;
	if (v.err)
		return v.err;
	return err ? err : v.heard ? 0 : -EPROTO;	/* one message at least asked for an answer */
}
