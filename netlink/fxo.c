// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Orders to telephone lines and what happens on them. Two sockets: one asks, and owns the lines
 * that it claimed; one listens, to the family's events and to the kernel's directory, which
 * tells when the module comes.
 */
#include "netlink/fxo_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define BUF_LEN		16384
#define RCVBUF_BYTES	(1024 * 1024)	/* 1024 lines that ring at once */
#define READS_PER_WAKE	64

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

struct td_fxo {
	struct td_loop *loop;
	struct td_fxo_listener listener;
	void *arg;
	struct mnl_socket *ask, *listen;
	struct fxo_family family;	/* id 0: no module */
	uint32_t seq;
	char why[96];
};

/* what an answer is read into */
struct answer {
	struct td_fxo *f;
	void (*each)(struct answer *a, const struct nlmsghdr *h);
	struct td_fxo_port *port;
	void (*fn)(void *arg, const struct td_fxo_port *p);
	void *arg;
};

static struct nlmsghdr *request(struct td_fxo *f, char *buf, uint16_t type, uint8_t cmd,
				uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = ++f->seq;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->cmd = cmd;
	g->version = TDFXO_VERSION;
	return h;
}

/* One message of an answer; *done with the last. */
static int read_answer(struct td_fxo *f, const struct nlmsghdr *h, struct answer *a, bool *done)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type == NLMSG_ERROR) {
		*done = true;
		td_fxo_read_why(h, f->why, sizeof(f->why));
		return mnl_nlmsg_get_payload_len(h) < sizeof(e->error) ? -EBADMSG : e->error;
	}
	if (h->nlmsg_type == NLMSG_DONE)
		*done = true;
	else if (a->each)
		a->each(a, h);
	return 0;
}

static int ask(struct td_fxo *f, const struct nlmsghdr *req, struct answer *a)
{
	static _Thread_local char buf[BUF_LEN];
	bool done = false;
	int err = 0;

	f->why[0] = '\0';
	if (mnl_socket_sendto(f->ask, req, req->nlmsg_len) < 0)
		return -errno;
	while (!done) {
		ssize_t n = mnl_socket_recvfrom(f->ask, buf, sizeof(buf));
		const struct nlmsghdr *h = (const void *)buf;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		for (; !done && td_fxo_whole(h, left); h = mnl_nlmsg_next(h, &left))
			if (h->nlmsg_seq == req->nlmsg_seq)
				err = read_answer(f, h, a, &done);
	}
	return err;
}

/* ---- the module comes and goes ---- */

static void each_family(struct answer *a, const struct nlmsghdr *h)
{
	struct fxo_family family;

	if (!td_fxo_read_family(h, &family))
		a->f->family = family;
}

/* The directory's answer to a question by name; then its events are heard. */
static int find_family(struct td_fxo *f)
{
	char buf[256];
	struct nlmsghdr *h = request(f, buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	struct answer a = { .f = f, .each = each_family };
	int err;

	memset(&f->family, 0, sizeof(f->family));
	mnl_attr_put_strz(h, CTRL_ATTR_FAMILY_NAME, TDFXO_FAMILY);
	err = ask(f, h, &a);
	if (err || !f->family.id)
		return err ? err : -ENOENT;
	if (mnl_socket_setsockopt(f->listen, NETLINK_ADD_MEMBERSHIP, &f->family.group,
				  sizeof(f->family.group)) < 0) {
		err = -errno;
		memset(&f->family, 0, sizeof(f->family));
	}
	return err;
}

static void came(struct td_fxo *f)
{
	int err = find_family(f);

	if (err && err != -ENOENT)
		td_log_warn(TD_LOG_NETLINK, "telephone lines cannot be used: %s", strerror(-err));
	else if (!err)
		f->listener.resync(f->arg);
}

static void on_directory(struct td_fxo *f, const struct nlmsghdr *h)
{
	uint8_t cmd = td_fxo_command(h);
	struct fxo_family family;

	if (td_fxo_read_family(h, &family) || strcmp(family.name, TDFXO_FAMILY))
		return;
	if (cmd == CTRL_CMD_NEWFAMILY)
		came(f);
	else if (cmd == CTRL_CMD_DELFAMILY)
		memset(&f->family, 0, sizeof(f->family));
}

static void on_message(struct td_fxo *f, const struct nlmsghdr *h)
{
	struct td_fxo_event ev;

	if (h->nlmsg_type == GENL_ID_CTRL)
		on_directory(f, h);
	else if (h->nlmsg_type == f->family.id && !td_fxo_read_event(h, &ev))
		f->listener.event(f->arg, &ev);
}

static void on_readable(void *arg, int fd, unsigned int events)
{
	static _Thread_local char buf[BUF_LEN];
	struct td_fxo *f = arg;

	(void)fd;
	(void)events;
	for (int i = 0; i < READS_PER_WAKE; i++) {
		ssize_t n = mnl_socket_recvfrom(f->listen, buf, sizeof(buf));
		const struct nlmsghdr *h = (const void *)buf;
		int left = (int)n;

		if (n < 0 && errno == ENOBUFS) {
			td_log_limited(TD_LOG_NETLINK, TD_WARN,
				       "events of telephone lines lost, asking for all again");
			f->listener.resync(f->arg);
		} else if (n < 0) {
			return;
		}
		for (; n > 0 && td_fxo_whole(h, left); h = mnl_nlmsg_next(h, &left))
			on_message(f, h);
	}
}

static int open_sockets(struct td_fxo *f)
{
	int size = RCVBUF_BYTES, on = 1, directory = GENL_ID_CTRL, fd;

	f->ask = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	f->listen = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!f->ask || !f->listen || mnl_socket_bind(f->ask, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_bind(f->listen, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	mnl_socket_setsockopt(f->ask, NETLINK_EXT_ACK, &on, sizeof(on));
	fd = mnl_socket_get_fd(f->listen);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_setsockopt(f->listen, NETLINK_ADD_MEMBERSHIP, &directory,
				  sizeof(directory)) < 0)
		return -errno;
	return td_loop_watch(f->loop, fd, TD_READ, on_readable, f);
}

int td_fxo_open(struct td_fxo **out, struct td_loop *loop, const struct td_fxo_listener *l,
		void *arg)
{
	struct td_fxo *f = td_zalloc(sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->loop = loop;
	f->listener = *l;
	f->arg = arg;
	err = open_sockets(f);
	if (err) {
		td_fxo_close(f);
		return err;
	}
	*out = f;
	find_family(f);
	return 0;
}

void td_fxo_close(struct td_fxo *f)
{
	if (!f)
		return;
	if (f->listen) {
		td_loop_unwatch(f->loop, mnl_socket_get_fd(f->listen));
		mnl_socket_close(f->listen);
	}
	if (f->ask)
		mnl_socket_close(f->ask);
	td_free(f);
}

bool td_fxo_is_there(const struct td_fxo *f) { return f->family.id; }
const char *td_fxo_why(const struct td_fxo *f) { return f->why; }

/* ---- questions and orders ---- */

static void each_port(struct answer *a, const struct nlmsghdr *h)
{
	struct td_fxo_port p;

	if (td_fxo_read_port(h, &p))
		return;
	if (a->port)
		*a->port = p;
	else
		a->fn(a->arg, &p);
}

int td_fxo_dump(struct td_fxo *f, void (*fn)(void *arg, const struct td_fxo_port *p), void *arg)
{
	struct answer a = { .f = f, .each = each_port, .fn = fn, .arg = arg };
	char buf[64];

	if (!f->family.id)
		return -ENOENT;
	return ask(f, request(f, buf, f->family.id, TDFXO_CMD_PORT_GET, NLM_F_DUMP), &a);
}

/* A request to one port, for more attributes; NULL without the module. */
static struct nlmsghdr *to_port(struct td_fxo *f, char *buf, uint32_t port, uint8_t cmd)
{
	struct nlmsghdr *h;

	if (!f->family.id)
		return NULL;
	h = request(f, buf, f->family.id, cmd, NLM_F_ACK);
	mnl_attr_put_u32(h, TDFXO_A_PORT, port);
	return h;
}

static int tell(struct td_fxo *f, const struct nlmsghdr *h)
{
	struct answer a = { .f = f };

	return h ? ask(f, h, &a) : -ENOENT;
}

int td_fxo_get(struct td_fxo *f, uint32_t port, struct td_fxo_port *out)
{
	struct answer a = { .f = f, .each = each_port, .port = out };
	char buf[64];
	const struct nlmsghdr *h = to_port(f, buf, port, TDFXO_CMD_PORT_GET);

	return h ? ask(f, h, &a) : -ENOENT;
}

int td_fxo_configure(struct td_fxo *f, uint32_t port, const uint32_t *value, uint32_t which)
{
	char buf[512];
	struct nlmsghdr *h = to_port(f, buf, port, TDFXO_CMD_PORT_SET);
	struct nlattr *nest;

	if (!h)
		return -ENOENT;
	nest = mnl_attr_nest_start(h, TDFXO_A_CONFIG);
	for (unsigned int i = 1; i < __TDFXO_CFG_MAX; i++)
		if (which & 1u << i)
			mnl_attr_put_u32(h, (uint16_t)i, value[i]);
	mnl_attr_nest_end(h, nest);
	return tell(f, h);
}

int td_fxo_claim(struct td_fxo *f, uint32_t port, uint32_t watchdog_ms)
{
	char buf[64];
	struct nlmsghdr *h = to_port(f, buf, port, TDFXO_CMD_CLAIM);

	if (h)
		mnl_attr_put_u32(h, TDFXO_A_WATCHDOG, watchdog_ms);
	return tell(f, h);
}

int td_fxo_order(struct td_fxo *f, uint32_t port, enum tdfxo_cmd cmd)
{
	char buf[64];

	return tell(f, to_port(f, buf, port, (uint8_t)cmd));
}

int td_fxo_flash(struct td_fxo *f, uint32_t port, uint32_t ms)
{
	char buf[64];
	struct nlmsghdr *h = to_port(f, buf, port, TDFXO_CMD_FLASH);

	if (h && ms)
		mnl_attr_put_u32(h, TDFXO_A_FLASH, ms);
	return tell(f, h);
}

int td_fxo_dial(struct td_fxo *f, uint32_t port, const char *digits)
{
	char buf[64 + TDFXO_MAX_DIGITS + 8];
	struct nlmsghdr *h = to_port(f, buf, port, TDFXO_CMD_DIAL);

	if (strlen(digits) > TDFXO_MAX_DIGITS)
		return -EINVAL;
	if (h)
		mnl_attr_put_strz(h, TDFXO_A_DIGITS, digits);
	return tell(f, h);
}

/* ---- names ---- */

const char *td_fxo_state_name(uint32_t state)
{
	static const char *const names[__TDFXO_STATE_MAX] = {
		"idle", "no-line", "guard", "seized", "ringing", "seizing", "settling", "off-hook",
		"dialling", "flashing", "released",
	};

	return state < __TDFXO_STATE_MAX ? names[state] : "unknown";
}

const char *td_fxo_event_name(uint32_t event)
{
	static const char *const names[__TDFXO_EVENT_MAX] = {
		"none", "added", "removed", "changed", "line-down", "line-up", "seized", "ring",
		"pause", "incoming", "abandoned", "polarity", "off-hook", "ready", "answered",
		"glare", "seize-failed", "dialled", "disconnect", "on-hook", "idle",
	};

	return event < __TDFXO_EVENT_MAX ? names[event] : "unknown";
}
