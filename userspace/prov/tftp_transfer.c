// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One file on its way (RFC 1350, RFC 7440): blocks of a window are sent, their acknowledgment
 * lets the next ones go. Block numbers are counted in 64 bits here and go round in 16 on the wire,
 * so a file may be larger than 32 MB.
 *
 * A number that was acknowledged before is not answered with another copy (the "sorcerer's
 * apprentice"); with a window it means that a block was lost, and the rest is sent again.
 */
#include "userspace/prov/tftp_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/prov/fetch_priv.h"

#define TRIES	     6
#define STALLED	     2		/* somebody may want to know by then */
#define MAX_WINDOW   16
#define ASCII_MAX    (1u << 20)		/* bytes of a text that is converted */
#define UDP_HEADERS4 28
#define UDP_HEADERS6 48

struct transfer {
	struct td_list node;
	struct td_tftp *t;
	struct td_addr peer;
	const struct td_names *names;	/* a reference: the file lives in it */
	const struct td_name *file;
	struct tftp_request agreed;
	int fd;				/* to the peer, connected */
	int file_fd;			/* content on disk; -1: in memory */
	const uint8_t *data;
	uint8_t *converted;		/* netascii */
	uint8_t *block;			/* room for one, when it is put together */
	uint8_t *head;			/* of a signed file; its content comes behind */
	size_t head_len;
	uint64_t len;
	uint64_t acked, sent, last;	/* block numbers from 1; last: the short one */
	uint32_t blksize, window;
	uint64_t retry_ms, began_ms;
	unsigned int tries;
	bool begun;			/* something was sent */
	bool oack;			/* it is sent and not acknowledged */
	struct td_timer timer;
};

static void tell(const struct transfer *x, enum td_fetch_end what)
{
	struct td_fetch fetch = { .host = x->peer, .bytes = x->len, .end = what };

	td_fetch_tell(x->t->args.fetched, x->t->args.fetched_arg, &fetch,
		      td_str_of(x->file->name), x->file);
}

static void end(struct transfer *x, bool good)
{
	struct td_tftp *t = x->t;
	char text[TD_ADDR_STRLEN];

	if (x->begun)
		tell(x, good ? TD_FETCH_SENT : TD_FETCH_BROKEN);
	if (good) {
		t->n.served++;
		t->n.bytes += x->len;
		td_log_dbg(TD_LOG_PROV, "tftp host=%s file=%s bytes=%llu ms=%llu",
			   td_addr_ip(&x->peer, text), x->file->name, (unsigned long long)x->len,
			   (unsigned long long)(td_loop_now_ms(t->loop) - x->began_ms));
	} else {
		t->n.given_up++;
	}
	t->n.running--;
	td_tftp_host(t, &x->peer)->running--;
	td_list_del(&x->node);
	td_loop_timer_stop(t->loop, &x->timer);
	td_loop_unwatch(t->loop, x->fd);
	close(x->fd);
	if (x->file_fd >= 0)
		close(x->file_fd);
	td_names_unref(x->names);
	td_free(x->converted);
	td_free(x->block);
	td_free(x->head);
	td_free(x);
}

void td_tftp_end_all(struct td_tftp *t)
{
	struct transfer *x;

	while ((x = td_list_first(&t->transfers, struct transfer, node)))
		end(x, false);
}

/* ---- sending ---- */

/* NULL: the content cannot be read (any more). */
static const uint8_t *content(struct transfer *x, uint64_t at, size_t n)
{
	size_t k = 0;

	if (!x->block)
		return x->data + at;
	if (at < x->head_len) {
		k = x->head_len - at < n ? (size_t)(x->head_len - at) : n;
		memcpy(x->block, x->head + at, k);
	}
	at += k;
	at -= x->head_len;
	if (k == n)
		return x->block;
	if (x->file_fd < 0)
		memcpy(x->block + k, x->data + at, n - k);
	else if (pread(x->file_fd, x->block + k, n - k, (off_t)at) != (ssize_t)(n - k))
		return NULL;
	return x->block;
}

static bool send_block(struct transfer *x, uint64_t number)
{
	uint64_t at = (number - 1) * x->blksize;
	size_t n = x->len - at < x->blksize ? (size_t)(x->len - at) : x->blksize;
	uint8_t header[TFTP_HEADER];
	const uint8_t *data = content(x, at, n);
	struct iovec parts[2] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)(uintptr_t)data, .iov_len = n },
	};

	if (!data && n)
		return false;
	td_tftp_put_data_header(header, (uint16_t)number);
	/* what finds no room is sent again when it is missed */
	return writev(x->fd, parts, 2) >= 0 || errno == EAGAIN || errno == EINTR ||
	       errno == ECONNREFUSED;
}

static bool send_window(struct transfer *x)
{
	uint64_t until = x->acked + x->window;

	if (until > x->last)
		until = x->last;
	for (x->sent = x->acked; x->sent < until; x->sent++)
		if (!send_block(x, x->sent + 1))
			return false;
	return true;
}

static void send_oack(struct transfer *x)
{
	uint8_t packet[128];
	struct td_buf b;

	td_buf_init(&b, packet, sizeof(packet));
	td_tftp_put_oack(&b, &x->agreed, x->len);
	if (send(x->fd, packet, b.pos, 0) < 0)
		return;			/* sent again when nothing comes */
}

static void refuse(struct transfer *x, enum tftp_error code, const char *text)
{
	uint8_t packet[128];
	struct td_buf b;

	td_buf_init(&b, packet, sizeof(packet));
	td_tftp_put_error(&b, code, text);
	if (send(x->fd, packet, b.pos, 0) < 0)
		td_log_dbg(TD_LOG_PROV, "tftp: an error is not told");
	end(x, false);
}

static void on_silence(void *arg)
{
	struct transfer *x = arg;

	if (++x->tries == STALLED)
		tell(x, TD_FETCH_BROKEN);
	if (x->tries >= TRIES) {
		td_log_limited(TD_LOG_PROV, TD_INFO, "tftp file=%s given up: no answer",
			       x->file->name);
		end(x, false);
		return;
	}
	td_loop_timer_start(x->t->loop, &x->timer, x->retry_ms << (x->tries < 3 ? x->tries : 3),
			    on_silence, x);
	if (x->oack)
		send_oack(x);
	else if (!send_window(x))
		refuse(x, TFTP_UNDEFINED, "the file cannot be read");
}

/* ---- hearing ---- */

static void on_ack(struct transfer *x, uint16_t wire)
{
	uint16_t ahead = (uint16_t)(wire - (uint16_t)x->acked);

	if (x->oack && wire != 0)
		return;
	if (!x->oack && !ahead && x->window == 1)
		return;
	if (ahead > x->sent - x->acked)
		return;			/* of the past, or of a block that was not sent */
	x->oack = false;
	x->acked += ahead;
	x->tries = 0;
	if (x->acked == x->last) {
		end(x, true);
		return;
	}
	td_loop_timer_start(x->t->loop, &x->timer, x->retry_ms, on_silence, x);
	if (!send_window(x))
		refuse(x, TFTP_UNDEFINED, "the file cannot be read");
}

static void on_packet(void *arg, int fd, unsigned int events)
{
	struct transfer *x = arg;
	uint8_t packet[64];
	uint16_t block;
	ssize_t n = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || td_tftp_is_error(packet, (size_t)n))
		end(x, false);		/* the phone has gone, or has enough */
	else if (!td_tftp_read_ack(&block, packet, (size_t)n))
		on_ack(x, block);
}

/* ---- beginning ---- */

/* A socket with a port of its own, at the address that was asked. */
static int open_socket(const struct td_tftp *t, const struct tftp_ask *ask)
{
	struct sockaddr_storage ss;
	struct td_addr local = ask->local;
	bool v4 = td_addr_is_v4(&ask->from);
	int tos = (int)t->args.dscp << 2, fd, err;
	unsigned int len;

	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof(tos));
	local.port = 0;
	len = td_addr_to_sockaddr(&local, &ss, false);
	if (td_addr_is_set(&local) && bind(fd, (struct sockaddr *)&ss, len))
		goto fail;
	len = td_addr_to_sockaddr(&ask->from, &ss, false);
	if (connect(fd, (struct sockaddr *)&ss, len))
		goto fail;
	return fd;
fail:
	err = -errno;
	close(fd);
	return err;
}

/* Blocks that need no fragments. */
static uint32_t fitting(int fd, const struct td_addr *peer, uint32_t wanted)
{
	bool v4 = td_addr_is_v4(peer);
	int mtu = 1500;
	socklen_t len = sizeof(mtu);
	uint32_t most;

	getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &len);
	most = (uint32_t)mtu - (v4 ? UDP_HEADERS4 : UDP_HEADERS6) - TFTP_HEADER;
	return wanted < most ? wanted : most;
}

/* LF becomes CR LF, CR becomes CR NUL (RFC 764's network virtual terminal). */
static int convert(struct transfer *x)
{
	uint64_t i, n = 0;

	if (!x->data || x->len > ASCII_MAX)
		return -EOPNOTSUPP;
	x->converted = td_zalloc(2 * x->len + 1);
	if (!x->converted)
		return -ENOMEM;
	for (i = 0; i < x->len; i++) {
		if (x->data[i] == '\n')
			x->converted[n++] = '\r';
		x->converted[n++] = x->data[i];
		if (x->data[i] == '\r')
			x->converted[n++] = '\0';
	}
	x->data = x->converted;
	x->len = n;
	return 0;
}

static int open_content(struct transfer *x)
{
	x->data = x->file->data;
	x->len = x->file->len;
	if (x->data || !x->len)
		return x->agreed.netascii ? convert(x) : 0;
	x->file_fd = td_name_open(x->names, x->file);
	if (x->file_fd < 0)
		return x->file_fd;
	return x->agreed.netascii ? -EOPNOTSUPP : 0;
}

/* A copy: the server's may go before this transfer ends. */
static int put_head(struct transfer *x)
{
	const uint8_t *head;
	int len = td_signed_head(&x->t->signed_files, x->names, x->file, &head);

	if (len < 0)
		return len;
	if (x->agreed.netascii)
		return -EOPNOTSUPP;
	x->head = td_zalloc((size_t)len);
	if (!x->head)
		return -ENOMEM;
	memcpy(x->head, head, (size_t)len);
	x->head_len = (size_t)len;
	x->len += x->head_len;
	return 0;
}

static void agree(struct transfer *x, const struct tftp_request *r)
{
	x->agreed = *r;
	if (x->agreed.blksize)
		x->agreed.blksize = fitting(x->fd, &x->peer, r->blksize);
	if (x->agreed.windowsize > MAX_WINDOW)
		x->agreed.windowsize = MAX_WINDOW;
	x->blksize = x->agreed.blksize ? x->agreed.blksize : TFTP_BLOCK;
	x->window = x->agreed.windowsize ? x->agreed.windowsize : 1;
	x->retry_ms = r->timeout_s ? r->timeout_s * 1000u : x->t->args.retry_ms;
	x->oack = x->agreed.blksize || r->timeout_s || r->windowsize || r->tsize;
}

int td_tftp_send(struct td_tftp *t, const struct tftp_ask *ask)
{
	struct transfer *x = td_zalloc(sizeof(*x));
	int err;

	if (!x)
		return -ENOMEM;
	x->t = t;
	x->peer = ask->from;
	x->file = ask->file;
	x->file_fd = -1;
	x->began_ms = td_loop_now_ms(t->loop);
	x->fd = open_socket(t, ask);
	if (x->fd < 0) {
		err = x->fd;
		td_free(x);
		return err;
	}
	x->names = td_names_ref(t->names);
	td_list_append(&t->transfers, &x->node);
	t->n.running++;
	td_tftp_host(t, &x->peer)->running++;
	agree(x, &ask->request);
	err = open_content(x);
	if (!err && ask->is_signed)
		err = put_head(x);
	if (!err && (x->file_fd >= 0 || x->head) && !(x->block = td_zalloc(x->blksize)))
		err = -ENOMEM;
	if (!err)
		err = td_loop_watch(t->loop, x->fd, TD_READ, on_packet, x);
	if (!err)
		err = td_loop_timer_start(t->loop, &x->timer, x->retry_ms, on_silence, x);
	if (err) {
		end(x, false);
		return err;
	}
	x->last = x->len / x->blksize + 1;
	x->begun = true;
	if (x->oack)
		send_oack(x);
	else if (!send_window(x))
		refuse(x, TFTP_UNDEFINED, "the file cannot be read");
	return 0;
}
