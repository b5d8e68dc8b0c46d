// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The listening side of TFTP: requests come in, are looked up and limited, and become transfers
 * (tftp_transfer.c). A source address of UDP proves nothing, so nobody is banned here: who asks
 * for many names that are not there is not answered for a while.
 */
#include "userspace/prov/tftp_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/prov/fetch_priv.h"

#define MAX_TRANSFERS  2048
#define MAX_PER_HOST   32
#define RETRY_MS       1000
#define REQUESTS_A_TURN 64
#define RECEIVE_BYTES	(4 << 20)	/* of 4000 phones that are switched on at once */

struct tftp_host *td_tftp_host(struct td_tftp *t, const struct td_addr *host)
{
	return &t->hosts[td_siphash(t->hash_key, host->ip, sizeof(host->ip)) % TFTP_HOSTS];
}

/* ---- answers from the listening socket ---- */

static void refuse(int fd, const struct tftp_ask *ask, enum tftp_error code, const char *text)
{
	uint8_t packet[128];
	struct sockaddr_storage ss;
	struct td_buf b;
	unsigned int len = td_addr_to_sockaddr(&ask->from, &ss, !td_addr_is_v4(&ask->from));

	td_buf_init(&b, packet, sizeof(packet));
	td_tftp_put_error(&b, code, text);
	if (sendto(fd, packet, b.pos, MSG_DONTWAIT, (struct sockaddr *)&ss, len) < 0)
		td_log_dbg(TD_LOG_PROV, "tftp: an error is not told");
}

/* ---- deciding ---- */

static void tell(struct td_tftp *t, const struct tftp_ask *ask, enum td_fetch_end end,
		 struct td_fetch *f)
{
	*f = (struct td_fetch){ .host = ask->from, .end = end };
	td_fetch_tell(t->args.fetched, t->args.fetched_arg, f, ask->request.file, ask->file);
}

static void count_miss(struct td_tftp *t, const struct tftp_ask *ask)
{
	struct td_fetch f;

	if (td_guesses_miss(&t->guesses, &ask->from, td_loop_now_ms(t->loop)))
		tell(t, ask, TD_FETCH_GUESSES, &f);
}

static void not_found(struct td_tftp *t, int fd, const struct tftp_ask *ask)
{
	char host[TD_ADDR_STRLEN];
	struct td_fetch f;

	t->n.not_found++;
	refuse(fd, ask, TFTP_NOT_FOUND, "file not found");
	tell(t, ask, TD_FETCH_MISSING, &f);
	td_log_dbg(TD_LOG_PROV, "tftp host=%s file=%s not found", td_addr_ip(&ask->from, host),
		   f.name);
	count_miss(t, ask);
}

static void not_holder(struct td_tftp *t, int fd, const struct tftp_ask *ask)
{
	char host[TD_ADDR_STRLEN];
	struct td_fetch f;

	t->n.not_holder++;
	refuse(fd, ask, TFTP_ACCESS, "this file is another phone's");
	tell(t, ask, TD_FETCH_FOREIGN, &f);
	td_log_limited(TD_LOG_PROV, TD_WARN,
		       "tftp host=%s refused file=%s: it does not hold the MAC of phone %s",
		       td_addr_ip(&ask->from, host), ask->file->name, ask->file->phone);
	count_miss(t, ask);
}

static enum td_identity_is holder(const struct td_tftp *t, const struct tftp_ask *ask)
{
	return !ask->file->phone || !t->args.holds ? TD_IS_HOLDER :
	       t->args.holds(t->args.arg, &ask->from, ask->file);
}

static void serve(struct td_tftp *t, const struct tftp_packet *p, struct tftp_ask *ask)
{
	struct tftp_host *h = td_tftp_host(t, &ask->from);
	struct td_str *file = &ask->request.file;
	enum td_identity_is is;
	char host[TD_ADDR_STRLEN];
	int err;

	if (ask->request.op == TFTP_WRQ) {
		t->n.refused++;
		refuse(p->fd, ask, TFTP_ACCESS, "files are only read here");
		return;
	}
	if (td_guesses_is_over(&t->guesses, &ask->from, td_loop_now_ms(t->loop)) ||
	    h->running >= t->args.max_per_host || t->n.running >= t->args.max_transfers) {
		t->n.limited++;
		td_log_limited(TD_LOG_PROV, TD_WARN, "tftp host=%s not served: too many at once",
			       td_addr_ip(&ask->from, host));
		return;
	}
	if (file->len && *file->p == '/') {	/* some clients begin at a root */
		file->p++;
		file->len--;
	}
	ask->file = t->names ? td_signed_find(&t->signed_files, t->names, file->p, file->len,
					      &ask->is_signed) : NULL;
	if (!ask->file) {
		not_found(t, p->fd, ask);
		return;
	}
	is = holder(t, ask);
	if (is == TD_IS_UNKNOWN && td_tftp_wait(t, p))
		return;
	if (is != TD_IS_HOLDER) {
		not_holder(t, p->fd, ask);
		return;
	}
	err = td_tftp_send(t, ask);
	if (!err)
		return;
	t->n.refused++;
	refuse(p->fd, ask, TFTP_UNDEFINED, err == -EOPNOTSUPP ? "only octet, for this file" :
	       "not now");
	td_log_limited(TD_LOG_PROV, TD_WARN, "tftp host=%s file=%s: %s",
		       td_addr_ip(&ask->from, host), ask->file->name, strerror(-err));
}

void td_tftp_hear(struct td_tftp *t, const struct tftp_packet *p)
{
	struct tftp_ask ask = { .from = p->from, .local = p->local };
	int err = td_tftp_read_request(&ask.request, p->data, p->len);

	if (!err) {
		serve(t, p, &ask);
	} else {
		t->n.refused++;
		refuse(p->fd, &ask, TFTP_ILLEGAL, err == -EOPNOTSUPP ? "octet or netascii" :
		       "no request");
	}
}

/* ---- hearing ---- */

static void read_local(const struct msghdr *m, struct td_addr *local)
{
	struct cmsghdr *c;

	memset(local, 0, sizeof(*local));
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			td_addr_set_v4(local, ntohl(info.ipi_spec_dst.s_addr), 0);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(local->ip, &info.ipi6_addr, sizeof(local->ip));
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				local->scope = info.ipi6_ifindex;
		}
	}
}

/* False: nothing more is there. */
static bool hear_one(struct td_tftp *t, int fd)
{
	struct tftp_packet p;
	uint8_t control[128];
	struct sockaddr_storage from;
	struct iovec v = { .iov_base = p.data, .iov_len = sizeof(p.data) };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &v,
			    .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	if (n < 0)
		return false;
	t->n.requests++;
	p.fd = fd;
	p.tries = 0;
	p.len = (size_t)n;
	if (td_addr_from_sockaddr(&p.from, (struct sockaddr *)&from))
		return true;
	read_local(&m, &p.local);
	td_tftp_hear(t, &p);
	return true;
}

static void on_request(void *arg, int fd, unsigned int events)
{
	struct td_tftp *t = arg;
	const struct td_names *fresh = td_names_take(&t->box);
	int i;

	(void)events;
	if (fresh) {
		td_signed_clear(&t->signed_files);
		td_names_unref(t->names);
		t->names = fresh;
	}
	for (i = 0; i < REQUESTS_A_TURN && hear_one(t, fd); i++)
		;
}

/* ---- the thread ---- */

static void on_stop(void *arg, int fd, unsigned int events)
{
	struct td_tftp *t = arg;

	(void)fd;
	(void)events;
	td_loop_stop(t->loop);
}

static void *run(void *arg)
{
	struct td_tftp *t = arg;

	pthread_setname_np(pthread_self(), "td-tftp");
	td_loop_run(t->loop);
	td_tftp_forget_waiting(t);
	td_tftp_end_all(t);
	return NULL;
}

static int watch(struct td_tftp *t)
{
	int i, one = 1, bytes = RECEIVE_BYTES, err;

	err = td_loop_watch(t->loop, t->stop_fd, TD_READ, on_stop, t);
	for (i = 0; i < 2 && !err; i++) {
		int fd = t->args.fds[i];

		if (fd < 0)
			continue;
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
		/* a socket of the other family refuses one of them */
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one));
		err = td_loop_watch(t->loop, fd, TD_READ, on_request, t);
	}
	return err;
}

static void fini(struct td_tftp *t)
{
	const struct td_names *fresh = td_names_take(&t->box);
	int i;

	for (i = 0; i < 2; i++) {
		if (t->args.fds[i] < 0)
			continue;
		if (t->loop)
			td_loop_unwatch(t->loop, t->args.fds[i]);
		close(t->args.fds[i]);
	}
	if (t->stop_fd >= 0) {
		td_loop_unwatch(t->loop, t->stop_fd);
		close(t->stop_fd);
	}
	td_signed_clear(&t->signed_files);
	td_names_unref(fresh);
	td_names_unref(t->names);
	td_loop_free(t->loop);
	td_free(t);
}

int td_tftp_start(struct td_tftp **out, const struct td_tftp_args *args)
{
	struct td_tftp *t = td_zalloc(sizeof(*t));
	int err = -ENOMEM;

	if (!t) {
		if (args->fds[0] >= 0)
			close(args->fds[0]);
		if (args->fds[1] >= 0)
			close(args->fds[1]);
		return err;
	}
	t->args = *args;
	t->args.max_transfers = args->max_transfers ? args->max_transfers : MAX_TRANSFERS;
	t->args.max_per_host = args->max_per_host ? args->max_per_host : MAX_PER_HOST;
	t->args.retry_ms = args->retry_ms ? args->retry_ms : RETRY_MS;
	t->stop_fd = -1;
	td_signed_init(&t->signed_files, args->trust);
	td_list_init(&t->transfers);
	td_list_init(&t->waiting);
	t->loop = td_loop_new_epoll();
	if (!t->loop || td_guesses_init(&t->guesses) ||
	    getrandom(t->hash_key, sizeof(t->hash_key), 0) < 0)
		goto fail;
	t->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = t->stop_fd < 0 ? -errno : watch(t);
	if (!err)
		err = -pthread_create(&t->thread, NULL, run, t);
	if (err)
		goto fail;
	*out = t;
	return 0;
fail:
	fini(t);
	return err;
}

void td_tftp_post(struct td_tftp *t, const struct td_names *names)
{
	td_names_post(&t->box, names);
}

void td_tftp_stats(const struct td_tftp *t, struct td_tftp_stats *out)
{
	*out = (struct td_tftp_stats){
		.requests = t->n.requests, .served = t->n.served, .bytes = t->n.bytes,
		.not_found = t->n.not_found, .refused = t->n.refused,
		.not_holder = t->n.not_holder, .limited = t->n.limited,
		.given_up = t->n.given_up, .running = t->n.running,
	};
}

void td_tftp_stop(struct td_tftp *t)
{
	uint64_t one = 1;

	if (!t)
		return;
	if (write(t->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(t->thread, NULL);
	fini(t);
}
