/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection of the control socket: cut the byte stream into messages, queue answers,
 * carry a stream of lines. Nothing here blocks and nothing grows without bound:
 *
 *   - a message is taken only up to TD_CTL_MAX_REQUEST;
 *   - while an answer waits to be read, no further request is read;
 *   - a stream's reader that leaves more than CTL_MAX_BACKLOG unread is cut off;
 *   - a client that reads nothing of an answer for the stall time is cut off.
 *
 * Whoever writes to a stream is never called back from within: the end of a client that
 * fell behind is deferred to the loop. Read next: ctl_request.c.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/ctl/ctl_priv.h"

#define HEADER_LEN 4
#define REQUESTS_PER_WAKE 16

struct out_queue {
	char *p;
	size_t head, len, cap;		/* len bytes wait from p + head */
};

struct td_ctl_stream {
	struct ctl_client *client;
	void (*closed)(void *arg);
	void *arg;
};

struct ctl_client {
	struct td_list node;
	struct td_ctl *ctl;
	int fd;
	bool is_root;

	uint8_t header[HEADER_LEN];
	size_t n_header;
	char *body;
	size_t body_len, n_body;

	struct out_queue out;
	bool read_done;			/* end of input, or input that cannot be understood */
	bool dead;			/* to be freed from the loop */
	struct td_deferred bury;
	struct td_timer idle, stall;
	struct td_ctl_stream *stream;
};

static void on_io(void *arg, int fd, unsigned int events);

struct ctl_client *td_ctl_first_client(struct td_ctl *ctl)
{
	return td_list_first(&ctl->clients, struct ctl_client, node);
}

void td_ctl_client_free(struct ctl_client *c)
{
	struct td_ctl *ctl = c->ctl;
	struct td_ctl_stream *s = c->stream;

	td_list_del(&c->node);
	ctl->n_clients--;
	td_loop_undefer(ctl->loop, &c->bury);
	td_loop_timer_stop(ctl->loop, &c->idle);
	td_loop_timer_stop(ctl->loop, &c->stall);
	td_loop_unwatch(ctl->loop, c->fd);
	close(c->fd);
	if (s) {
		s->client = NULL;
		if (s->closed)
			s->closed(s->arg);
		td_free(s);
	}
	td_free(c->body);
	td_free(c->out.p);
	td_free(c);
}

static void on_bury(void *arg)
{
	td_ctl_client_free(arg);
}

static void mark_dead(struct ctl_client *c)
{
	if (c->dead)
		return;
	c->dead = true;
	td_loop_defer(c->ctl->loop, &c->bury, on_bury, c);
}

static void on_idle(void *arg)
{
	struct ctl_client *c = arg;

	td_log_dbg(TD_LOG_CTL, "ctl: idle client closed");
	mark_dead(c);
}

static void on_stall(void *arg)
{
	struct ctl_client *c = arg;

	td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: client reads nothing, cut off waiting_bytes=%zu",
		       c->out.len);
	mark_dead(c);
}

/* One place decides what to wait for; called after every change. */
static void update_watch(struct ctl_client *c)
{
	struct td_loop *loop = c->ctl->loop;
	unsigned int events = 0;

	if (c->dead)
		return;
	if (c->out.len)
		events |= TD_WRITE;
	if (!c->read_done && (!c->out.len || c->stream))
		events |= TD_READ;
	if (!events && !c->stream) {
		mark_dead(c);	/* nothing to say, nothing to hear */
		return;
	}
	if (td_loop_watch(loop, c->fd, events, on_io, c)) {
		mark_dead(c);
		return;
	}
	if (c->out.len && !td_timer_is_armed(&c->stall))
		td_loop_timer_start(loop, &c->stall, td_ctl_timers[CTL_T_STALL].ms, on_stall, c);
	else if (!c->out.len)
		td_loop_timer_stop(loop, &c->stall);
	if (c->stream)
		td_loop_timer_stop(loop, &c->idle);
}

static int out_reserve(struct out_queue *q, size_t n)
{
	size_t cap = q->cap ? q->cap : 4096;
	char *p;

	if (q->head && q->head + q->len + n > q->cap) {
		memmove(q->p, q->p + q->head, q->len);
		q->head = 0;
	}
	if (q->head + q->len + n <= q->cap)
		return 0;
	while (cap < q->len + n)
		cap *= 2;
	p = td_realloc(q->p, cap);
	if (!p)
		return -ENOMEM;
	q->p = p;
	q->cap = cap;
	return 0;
}

/* Queue a message so that it begins at byte "at" of what waits. */
static void queue_message(struct ctl_client *c, size_t at, const char *text, size_t len)
{
	struct out_queue *q = &c->out;
	uint32_t be_len = htobe32(len);
	char *where;

	if (out_reserve(q, HEADER_LEN + len)) {
		mark_dead(c);
		return;
	}
	where = q->p + q->head + at;
	memmove(where + HEADER_LEN + len, where, q->len - at);
	memcpy(where, &be_len, HEADER_LEN);
	memcpy(where + HEADER_LEN, text, len);
	q->len += HEADER_LEN + len;
}

static void queue_error(struct ctl_client *c, int rc, const char *error)
{
	struct td_json j;

	td_json_init(&j);
	td_ctl_write_error(&j, rc, error);
	if (j.err)
		mark_dead(c);
	else
		queue_message(c, c->out.len, j.text, j.len);
	td_json_fini(&j);
}

static void serve_body(struct ctl_client *c)
{
	/* run() may already write lines to a new stream; the answer goes before them. */
	size_t at = c->out.len;
	struct td_json answer;

	td_json_init(&answer);
	td_ctl_serve(c->ctl, c, c->is_root, c->body, c->body_len, &answer);
	if (answer.err)
		mark_dead(c);
	else
		queue_message(c, at, answer.text, answer.len);
	td_json_fini(&answer);
}

static void flush(struct ctl_client *c)
{
	struct out_queue *q = &c->out;
	ssize_t n;

	if (!q->len)
		return;
	n = send(c->fd, q->p + q->head, q->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			mark_dead(c);
		return;
	}
	q->head += n;
	q->len -= n;
	if (n)
		td_loop_timer_stop(c->ctl->loop, &c->stall);
	if (q->len)
		return;
	/* A large answer's memory is not kept for a client that may stay for hours. */
	td_free(q->p);
	memset(q, 0, sizeof(*q));
}

/* A length was read: make room for the body, or say that it will not be read. */
static bool begin_body(struct ctl_client *c)
{
	uint32_t len;

	memcpy(&len, c->header, sizeof(len));
	c->body_len = be32toh(len);
	c->n_body = 0;
	if (!c->body_len || c->body_len > TD_CTL_MAX_REQUEST) {
		td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: message of bytes=%zu refused",
			       c->body_len);
		queue_error(c, TD_CTL_USAGE, "no request: its length must be 1 to 65536 bytes");
		c->read_done = true;
		return false;
	}
	c->body = td_zalloc(c->body_len);
	if (!c->body)
		mark_dead(c);
	return c->body;
}

/* Read what is there of header or body. True when something was read. */
static bool take_bytes(struct ctl_client *c)
{
	bool in_body = c->n_header == HEADER_LEN;
	void *to = in_body ? (void *)(c->body + c->n_body) : (void *)(c->header + c->n_header);
	size_t want = in_body ? c->body_len - c->n_body : HEADER_LEN - c->n_header;
	ssize_t n = recv(c->fd, to, want, MSG_DONTWAIT);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			mark_dead(c);
		return false;
	}
	if (!n) {
		c->read_done = true;
		if (c->stream || !c->out.len)
			mark_dead(c);
		return false;
	}
	if (c->stream) {		/* a stream's only word is its end, whatever it says */
		mark_dead(c);
		return false;
	}
	if (in_body)
		c->n_body += n;
	else
		c->n_header += n;
	return true;
}

static void body_complete(struct ctl_client *c)
{
	serve_body(c);
	flush(c);
	td_free(c->body);
	c->body = NULL;
	c->n_header = 0;
}

static void read_requests(struct ctl_client *c)
{
	unsigned int served = 0;

	while (!c->dead && !c->read_done && (!c->out.len || c->stream) &&
	       served < REQUESTS_PER_WAKE) {
		if (!take_bytes(c))
			return;
		if (c->n_header < HEADER_LEN)
			continue;
		if (!c->body && !begin_body(c))
			return;
		if (c->n_body < c->body_len)
			continue;
		body_complete(c);
		served++;
	}
}

static void on_io(void *arg, int fd, unsigned int events)
{
	struct ctl_client *c = arg;

	(void)fd;
	if (c->dead)
		return;
	if (events & TD_WRITE)
		flush(c);
	if (events & TD_READ) {
		if (!c->stream)
			td_loop_timer_start(c->ctl->loop, &c->idle, td_ctl_timers[CTL_T_IDLE].ms,
					    on_idle, c);
		read_requests(c);
	}
	update_watch(c);
}

int td_ctl_client_new(struct td_ctl *ctl, int fd, bool is_root)
{
	struct ctl_client *c = td_zalloc(sizeof(*c));
	int err;

	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	c->ctl = ctl;
	c->fd = fd;
	c->is_root = is_root;
	td_list_append(&ctl->clients, &c->node);
	ctl->n_clients++;
	err = td_loop_timer_start(ctl->loop, &c->idle, td_ctl_timers[CTL_T_IDLE].ms, on_idle, c);
	if (!err)
		err = td_loop_watch(ctl->loop, fd, TD_READ, on_io, c);
	if (err)
		td_ctl_client_free(c);
	return err;
}

/* ---- streams ---- */

struct td_ctl_stream *td_ctl_client_stream(struct ctl_client *c, void (*closed)(void *arg),
					   void *arg)
{
	struct td_ctl_stream *s = c->stream ? NULL : td_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->client = c;
	s->closed = closed;
	s->arg = arg;
	c->stream = s;
	return s;
}

size_t td_ctl_stream_backlog(const struct td_ctl_stream *s)
{
	return s->client ? s->client->out.len : 0;
}

static void stream_send(struct td_ctl_stream *s, const char *text, size_t len)
{
	struct ctl_client *c = s->client;

	if (!c || c->dead)
		return;
	if (c->out.len > CTL_MAX_BACKLOG) {
		td_log_limited(TD_LOG_CTL, TD_WARN, "ctl: stream reader too slow, cut off");
		mark_dead(c);
		return;
	}
	queue_message(c, c->out.len, text, len);
	update_watch(c);
}

void td_ctl_stream_line(struct td_ctl_stream *s, const char *line)
{
	struct td_json j;

	td_json_init(&j);
	td_json_object(&j, NULL);
	td_json_int(&j, "v", TD_CTL_VERSION);
	td_json_str(&j, "line", line);
	td_json_end_object(&j);
	if (!j.err)
		stream_send(s, j.text, j.len);
	td_json_fini(&j);
}

void td_ctl_stream_data(struct td_ctl_stream *s, const char *json)
{
	static const char head[] = "{\"v\":1,\"data\":";
	size_t len = strlen(json), head_len = sizeof(head) - 1;
	char *text = td_zalloc(head_len + len + 1);

	if (!text)
		return;
	memcpy(text, head, head_len);
	memcpy(text + head_len, json, len);
	text[head_len + len] = '}';
	stream_send(s, text, head_len + len + 1);
	td_free(text);
}

void td_ctl_stream_end(struct td_ctl_stream *s)
{
	struct ctl_client *c = s->client;

	if (!c)
		return;		/* closed() is running: it goes away by itself */
	c->stream = NULL;
	c->read_done = true;
	td_free(s);
	update_watch(c);
}
