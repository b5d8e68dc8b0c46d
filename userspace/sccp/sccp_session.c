/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: bytes in, frames out of them, messages out. Everything that one turn of the
 * loop has to say goes in one write. A phone that does not read is read no more either, and
 * cut off when it is too far behind; one that says nothing, or never ends a frame, is too.
 *
 * A session that is closed stays in memory until the loop comes round, so whoever runs
 * below one of its callbacks may close it.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUT_FIRST	2048u
#define OUT_PAUSE	(16u << 10)	/* unsent bytes from which on we do not read */
#define OUT_MOST	(64u << 10)	/* and from which on the phone is given up */
#define ONE_MESSAGE	2048u		/* longer ones are not sent */

static void on_io(void *arg, int fd, unsigned int events);

/* ---- its end ---- */

static void reap(void *arg)
{
	td_sccp_session_free(arg);
}

void td_sccp_session_free(struct sccp_session *s)
{
	struct td_sccp *sccp = s->sccp;

	if (s->fd >= 0)
		td_sccp_session_close(s, NULL);
	td_loop_undefer(sccp->loop, &s->reap);
	td_list_del(&s->node);
	sccp->n_sessions--;
	td_free(s);
}

void td_sccp_session_close(struct sccp_session *s, const char *why)
{
	struct td_sccp *sccp = s->sccp;
	struct sccp_phone *phone = s->phone;
	char peer[TD_ADDR_STRLEN];

	if (s->fd < 0)
		return;
	if (why && phone)
		td_log_info(TD_LOG_SCCP, "phone=%s address=%s connection ended: %s", phone->id,
			    td_addr_str(&s->peer, peer), why);
	else if (why)
		td_log_limited(TD_LOG_SCCP, TD_INFO, "address=%s connection ended: %s",
			       td_addr_str(&s->peer, peer), why);
	td_loop_unwatch(sccp->loop, s->fd);
	td_sccp_keep_forget(s);
	td_sccp_tls_close(s);
	close(s->fd);
	s->fd = -1;
	td_loop_timer_stop(sccp->loop, &s->watch);
	td_loop_timer_stop(sccp->loop, &s->probe);
	td_loop_undefer(sccp->loop, &s->flush);
	td_sccp_reader_fini(&s->in);
	td_free(s->out);
	s->out = NULL;
	s->out_len = s->out_cap = 0;
	td_sccp_host_put(sccp, s->host);
	s->host = NULL;
	s->phone = NULL;
	td_sccp_register_forget(s);
	td_sccp_register_release(s);
	if (phone)
		td_sccp_phone_detach(phone);
	td_loop_defer(sccp->loop, &s->reap, reap, s);
}

/* ---- out ---- */

static void watch_io(struct sccp_session *s)
{
	unsigned int want = (s->out_len < OUT_PAUSE && !s->leaving ? TD_READ : 0) |
			    ((s->out_len && !s->flush.queued) || s->tls_wants_write ? TD_WRITE : 0);

	if (want == s->events)
		return;
	s->events = want;
	if (!want)
		td_loop_unwatch(s->sccp->loop, s->fd);
	else if (td_loop_watch(s->sccp->loop, s->fd, want, on_io, s))
		td_sccp_session_close(s, "out of memory");
}

static void send_out(struct sccp_session *s)
{
	size_t before = s->out_len;
	ssize_t n = !s->out_len ? 0 : s->tls ? td_sccp_tls_send(s, s->out, s->out_len) :
		    send(s->fd, s->out, s->out_len, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		td_sccp_session_close(s, strerror(errno));
		return;
	}
	if (n > 0) {
		s->out_len -= (size_t)n;
		memmove(s->out, s->out + n, s->out_len);
	}
	if (!s->out_len) {	/* an idle phone holds no memory for this */
		td_free(s->out);
		s->out = NULL;
		s->out_cap = 0;
	}
	if (s->leaving && !s->out_len) {
		td_sccp_session_close(s, NULL);
		return;
	}
	if (s->out_len || s->events & TD_WRITE)	/* cut somewhere, or whole again */
		if (s->out_len != before)
			td_sccp_keep_write(s);
	watch_io(s);
}

void td_sccp_session_flush(struct sccp_session *s)
{
	td_loop_undefer(s->sccp->loop, &s->flush);
	send_out(s);
}

static void flush(void *arg)
{
	send_out(arg);
}

static bool make_room(struct sccp_session *s)
{
	size_t cap = s->out_cap ? s->out_cap : OUT_FIRST;
	uint8_t *p;

	while (cap - s->out_len < ONE_MESSAGE)
		cap *= 2;
	if (cap == s->out_cap)
		return true;
	p = td_realloc(s->out, cap);
	if (!p)
		return false;
	s->out = p;
	s->out_cap = cap;
	return true;
}

static void tell_debug(struct sccp_session *s, bool sent, const struct sccp_frame *f)
{
	char line[1024], peer[TD_ADDR_STRLEN];
	struct td_buf b;

	if (!s->sccp->debug)
		return;
	td_buf_init(&b, line, sizeof(line) - 1);
	td_buf_printf(&b, "%s %s ", sent ? "send" : "recv",
		      s->phone ? s->phone->id : td_addr_str(&s->peer, peer));
	td_sccp_print(f, &b);
	line[b.pos < sizeof(line) ? b.pos : sizeof(line) - 1] = '\0';
	s->sccp->debug(s->sccp->debug_arg, line);
}

void td_sccp_send(struct sccp_session *s, struct sccp_msg *m)
{
	struct td_buf b;
	uint8_t *at;
	int err;

	if (s->fd < 0 || s->leaving)
		return;
	if (s->out_len > OUT_MOST) {
		s->sccp->n.closed_slow++;
		td_sccp_session_close(s, "it does not read what it is sent");
		return;
	}
	if (!make_room(s)) {
		td_sccp_session_close(s, "out of memory");
		return;
	}
	m->id = td_sccp_form(m->id, s->version);
	at = s->out + s->out_len;
	td_buf_init(&b, at, s->out_cap - s->out_len);
	err = td_sccp_encode(m, s->version, &b);
	if (err) {
		td_log_limited(TD_LOG_SCCP, TD_ERR, "message 0x%04x not sent: %s", m->id,
			       strerror(-err));
		return;
	}
	s->out_len += b.pos;
	if (s->sccp->debug)
		tell_debug(s, true, &(struct sccp_frame){ .version = s->version, .id = m->id,
			   .body = at + SCCP_HEADER, .len = b.pos - SCCP_HEADER });
	if (!s->flush.queued && !(s->events & TD_WRITE))
		td_loop_defer(s->sccp->loop, &s->flush, flush, s);
}

void td_sccp_send_bare(struct sccp_session *s, uint32_t id)
{
	struct sccp_msg m = { .id = id };

	td_sccp_send(s, &m);
}

void td_sccp_send_number(struct sccp_session *s, uint32_t id, uint32_t value)
{
	struct sccp_msg m = { .id = id, .number = { value } };

	td_sccp_send(s, &m);
}

void td_sccp_send_call(struct sccp_session *s, uint32_t id, uint32_t line, uint32_t ref)
{
	struct sccp_msg m = { .id = id, .call = { line, ref } };

	td_sccp_send(s, &m);
}

/* One character of UTF-8; what is not one is '?'. */
static uint32_t next_char(const char **p)
{
	const uint8_t *s = (const uint8_t *)*p;
	uint32_t c = *s++;
	int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

	if (c >= 0x80) {
		c = more ? c & (0x3fu >> more) : '?';
		for (; more && (*s & 0xc0) == 0x80; more--)
			c = c << 6 | (*s++ & 0x3f);
		if (more)
			c = '?';
	}
	*p = (const char *)s;
	return c;
}

void td_sccp_text(const struct sccp_session *s, char *dst, size_t size, const char *text)
{
	size_t n = 0;

	while (*text) {
		const char *from = text;
		uint32_t c = next_char(&text);
		size_t len = s->utf8 ? (size_t)(text - from) : 1;

		if (n + len >= size)
			break;
		if (c < ' ' || c == 0x7f)
			dst[n++] = ' ';
		else if (!s->utf8 || c == '?')
			dst[n++] = c < 0x80 || (c >= 0xa0 && c <= 0xff) ? (char)c : '?';
		else
			while (from < text)
				dst[n++] = *from++;
	}
	dst[n] = '\0';
}

/* ---- in ---- */

static bool on_frame(void *arg, const struct sccp_frame *f)
{
	struct sccp_session *s = arg;
	struct td_sccp *sccp = s->sccp;
	struct sccp_msg m;
	int err;

	sccp->n.frames++;
	tell_debug(s, false, f);
	err = td_sccp_decode(f, &m);
	if (err == -ENOENT) {
		sccp->n.unknown++;
		td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s message of unknown id 0x%04x "
			       "ignored", s->device[0] ? s->device : "?", f->id);
	} else if (err) {
		sccp->n.malformed++;
		td_log_limited(TD_LOG_SCCP, TD_WARN, "phone=%s %s of %zu bytes ignored: too short",
			       s->device[0] ? s->device : "?", td_sccp_name(f->id), f->len);
	} else {
		td_sccp_on_message(s, &m);
	}
	return s->fd >= 0 && !s->leaving;
}

static void receive(struct sccp_session *s)
{
	struct td_sccp *sccp = s->sccp;
	ssize_t n = s->tls ? td_sccp_tls_recv(s, sccp->in, sizeof(sccp->in)) :
		    recv(s->fd, sccp->in, sizeof(sccp->in), 0);
	bool waited = td_sccp_reader_waits(&s->in);
	uint64_t now = td_loop_now_ms(sccp->loop);
	int err;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		td_sccp_session_close(s, n ? strerror(errno) : "closed by the phone");
		return;
	}
	s->heard_ms = now;
	err = td_sccp_read(&s->in, sccp->in, (size_t)n, on_frame, s);
	if (err == -EBADMSG) {
		sccp->n.closed_bad_frame++;
		td_sccp_session_close(s, "what it sends is not Skinny");
	} else if (err && err != -ECANCELED) {
		td_sccp_session_close(s, strerror(-err));
	}
	if (s->fd < 0)
		return;
	if (td_sccp_reader_waits(&s->in) && !waited)
		s->part_ms = now;
	if (td_sccp_reader_waits(&s->in) || waited)
		td_sccp_keep_write(s);
}

static void on_io(void *arg, int fd, unsigned int events)
{
	struct sccp_session *s = arg;

	(void)fd;
	bool again = s->tls_wants_write;	/* what it reads for wants to be written */

	if (events & TD_WRITE)
		send_out(s);
	if (s->fd >= 0 && (events & TD_READ || again) && !s->leaving)
		receive(s);
	if (s->fd >= 0)
		watch_io(s);
}

/* ---- time ---- */

static uint64_t patience_ms(const struct sccp_session *s)
{
	uint32_t keepalive = s->sccp->config->sccp.keepalive;

	/* three signs of life that did not come, and a little for the way; a phone gives them half as
	 * often to a router that it does not use */
	if (s->phone || s->device[0])
		return keepalive * 3000ull + 2000;
	if (s->stands_by)
		return keepalive * 6000ull + 2000;
	return td_sccp_timerdefs[SCCP_T_STRANGER].ms;
}

/* One timer for all: armed to the earliest, asked what has happened since. */
static void on_watch(void *arg)
{
	struct sccp_session *s = arg;
	struct td_sccp *sccp = s->sccp;
	uint64_t now = td_loop_now_ms(sccp->loop), due = s->heard_ms + patience_ms(s);
	uint64_t part = s->part_ms + td_sccp_timerdefs[SCCP_T_PART].ms;

	if (s->leaving) {
		td_sccp_session_close(s, NULL);
		return;
	}
	if (s->tls && !td_sccp_tls_is_open(s) &&
	    now >= s->born_ms + td_sccp_timerdefs[SCCP_T_PART].ms)
		due = now;
	if (now >= due || (td_sccp_reader_waits(&s->in) && now >= part)) {
		sccp->n.closed_silent++;
		td_sccp_session_close(s, now >= due ? "nothing was heard for too long" :
				      "a message that never ends");
		return;
	}
	if (s->phone && !s->booted &&
	    now >= s->born_ms + td_sccp_timerdefs[SCCP_T_BOOT].ms)
		td_sccp_phone_booted(s->phone);
	/* parts and starts are looked at once in a while */
	if (due > now + td_sccp_timerdefs[SCCP_T_PART].ms)
		due = now + td_sccp_timerdefs[SCCP_T_PART].ms;
	td_loop_timer_start(sccp->loop, &s->watch, due - now, on_watch, s);
}

void td_sccp_session_leave(struct sccp_session *s)
{
	if (s->fd < 0)
		return;
	s->leaving = true;
	td_loop_timer_start(s->sccp->loop, &s->watch, td_sccp_timerdefs[SCCP_T_LINGER].ms,
			    on_watch, s);
	if (!s->flush.queued)
		td_loop_defer(s->sccp->loop, &s->flush, flush, s);
}

struct sccp_session *td_sccp_session_new(struct td_sccp *sccp, int fd, const struct td_addr *peer,
					 const struct td_addr *local, struct sccp_host *host,
					 bool tls)
{
	struct sccp_session *s = td_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->sccp = sccp;
	s->fd = fd;
	s->peer = *peer;
	s->local = *local;
	s->host = host;
	s->born_ms = s->heard_ms = td_loop_now_ms(sccp->loop);
	s->events = TD_READ;
	td_list_init(&s->wants_node);
	if ((tls && td_sccp_tls_open(s)) ||
	    td_loop_timer_start(sccp->loop, &s->watch, td_sccp_timerdefs[SCCP_T_PART].ms, on_watch,
				s) ||
	    td_loop_watch(sccp->loop, fd, TD_READ, on_io, s)) {
		td_loop_timer_stop(sccp->loop, &s->watch);
		td_sccp_tls_close(s);
		td_free(s);
		return NULL;
	}
	td_list_append(&sccp->sessions, &s->node);
	sccp->n_sessions++;
	return s;
}
