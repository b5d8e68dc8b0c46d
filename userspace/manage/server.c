// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HTTP by libmicrohttpd, driven by a thread with a loop of its own. Nobody here touches the state
 * of the router: a request becomes a question (question.h), and its connection sleeps until there
 * is an answer. Streams (server-sent events) ask every two seconds, and only when all is read.
 */
#include "userspace/manage/manage.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "config/config.h"
#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/mhd.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"
#include "userspace/manage/login.h"
#include "userspace/manage/page.h"
#include "userspace/manage/question.h"

#define MAX_CONNECTIONS 64
#define MAX_PER_HOST	16
#define MAX_STREAMS	32
#define IDLE_S		30
#define HEADER_BYTES	(16 * 1024)

static const struct td_timerdef push_def = {
	"manage-push", 2000, "how often an open page is brought up to date"
};

struct visit {
	struct td_waiter w;
	enum td_manage_ask what;
	char name[CFG_ID_LEN];
	bool begun;
};

struct stream {
	struct td_list node;		/* of td_manage.streams */
	struct td_manage *m;
	struct td_waiter w;
	enum td_manage_ask what;
	char name[CFG_ID_LEN];
	char *text;			/* malloc'ed: the event that is being sent */
	size_t len, pos;
};

struct td_manage {
	struct td_manage_args args;
	struct cfg_management config;
	struct MHD_Daemon *daemon;
	struct td_questions questions;
	struct td_loop *loop;		/* the server's thread's, as all below */
	pthread_t thread;
	int stop_fd;
	bool stopping;
	struct td_list streams;
	size_t n_streams;
	struct td_timer push;
};

/* ---- answers as HTTP ---- */

static enum MHD_Result send_response(struct MHD_Connection *c, unsigned int status,
				     const char *type, struct MHD_Response *r)
{
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(r, "Content-Security-Policy",
				"default-src 'none'; script-src 'self'; style-src 'self'; "
				"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
				"form-action 'none'");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned int status, const char *text)
{
	return send_response(c, status, "text/plain; charset=utf-8",
			     MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
							     MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result send_answer(struct MHD_Connection *c, const struct visit *v)
{
	const struct td_answer *a = v->w.answer;
	const char *type = "text/html; charset=utf-8";
	size_t len = 0;
	char *text;

	if (a->err == -ENOENT)
		return say(c, MHD_HTTP_NOT_FOUND, "there is no such phone\n");
	if (a->err)
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	if (v->what == TD_ASK_METRICS) {
		text = td_metrics_text(a->json.text, &len);
		type = "text/plain; version=0.0.4; charset=utf-8";
	} else {
		text = td_page_whole(v->what, v->name, a->json.text, &len);
	}
	if (!text)
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	return send_response(c, MHD_HTTP_OK, type,
			     MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE));
}

/* ---- streams ---- */

static void write_event(struct stream *s)
{
	struct td_answer *a = s->w.answer;
	char *body, *text = NULL;
	size_t len = 0;
	int n = -1;

	s->w.answer = NULL;
	body = a->err ? NULL : td_page_body(s->what, a->json.text, &len);
	td_answer_unref(a);
	if (body)
		n = asprintf(&text, "data: %s\n\n", body);
	free(body);
	free(s->text);
	s->text = n < 0 ? NULL : text;
	s->len = n < 0 ? 0 : (size_t)n;
	s->pos = 0;
}

static ssize_t on_read(void *arg, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = arg;
	size_t n;

	(void)pos;
	if (s->m->stopping)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->pos == s->len && s->w.answer)
		write_event(s);
	n = s->len - s->pos;
	if (!n) {
		s->w.sleeps = true;
		MHD_suspend_connection(s->w.c);
		return 0;
	}
	n = n < max ? n : max;
	memcpy(buf, s->text + s->pos, n);
	s->pos += n;
	return (ssize_t)n;
}

/* The connection is not suspended then: nobody waits for an answer for it. */
static void on_stream_end(void *arg)
{
	struct stream *s = arg;

	td_list_del(&s->node);
	s->m->n_streams--;
	td_answer_unref(s->w.answer);
	free(s->text);
	td_free(s);
}

/* Who has read all that was sent asks again; a slow reader is left out until it has. A second
 * question of a stream cannot be: its node is in a list until the first is answered. */
static void on_push(void *arg)
{
	struct td_manage *m = arg;
	struct stream *s;

	td_list_for_each(s, &m->streams, struct stream, node)
		if (s->w.sleeps && td_list_empty(&s->w.node) &&
		    !td_question_ask(&m->questions, &s->w, s->what, s->name) && s->w.answer)
			td_waiter_wake(&s->w);
	if (m->n_streams)
		td_loop_timer_start(m->loop, &m->push, push_def.ms, on_push, m);
}

static enum MHD_Result begin_stream(struct td_manage *m, struct MHD_Connection *c)
{
	const char *phone = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "phone");
	struct stream *s = m->n_streams < MAX_STREAMS ? td_zalloc(sizeof(*s)) : NULL;
	struct MHD_Response *r;

	if (!s)
		return say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many open pages\n");
	s->m = m;
	s->w.c = c;
	td_list_init(&s->w.node);
	s->what = phone ? TD_ASK_PHONE : TD_ASK_STATUS;
	td_strlcpy(s->name, phone ? phone : "", sizeof(s->name));
	s->text = strdup("retry: 2000\n\n");	/* the page hears that it is heard */
	s->len = s->text ? strlen(s->text) : 0;
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_read, s, on_stream_end);
	if (!r) {
		free(s->text);
		td_free(s);
		return MHD_NO;
	}
	td_list_append(&m->streams, &s->node);
	if (!m->n_streams++)
		td_loop_timer_start(m->loop, &m->push, push_def.ms, on_push, m);
	return send_response(c, MHD_HTTP_OK, "text/event-stream", r);
}

/* ---- requests ---- */

static enum MHD_Result may_connect(void *arg, const struct sockaddr *sa, socklen_t len)
{
	const struct td_manage *m = arg;
	char text[TD_ADDR_STRLEN];
	struct td_addr a;

	(void)len;
	if (!m->config.n_allow)
		return MHD_YES;
	if (td_addr_from_sockaddr(&a, sa))
		return MHD_NO;
	if (td_config_among(m->config.allow, m->config.n_allow, &a))
		return MHD_YES;
	td_log_limited(TD_LOG_CTL, TD_WARN, "management host=%s may not connect (allow)",
		       td_addr_ip(&a, text));
	return MHD_NO;
}

/* RFC 7617 */
static bool may_see(const struct td_manage *m, struct MHD_Connection *c)
{
	char *password = NULL, *name;
	bool known;

	if (!td_login_needed(&m->config))
		return true;
	name = MHD_basic_auth_get_username_password(c, &password);
	known = name && password && td_login_is_known(&m->config, name, password);
	if (name && !known)
		td_log_limited(TD_LOG_CTL, TD_WARN, "management: name or password is wrong");
	MHD_free(name);
	MHD_free(password);
	return known;
}

static enum MHD_Result ask_who(struct MHD_Connection *c)
{
	static const char text[] = "a name and a password are needed\n";
	struct MHD_Response *r = MHD_create_response_from_buffer(
		sizeof(text) - 1, (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	result = MHD_queue_basic_auth_fail_response(c, "tandem", r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result begin_visit(struct td_manage *m, struct visit *v, const char *url)
{
	const char *type, *file;

	if (!strcmp(url, "/")) {
		v->what = TD_ASK_STATUS;
	} else if (!strcmp(url, "/metrics")) {
		v->what = TD_ASK_METRICS;
	} else if (!strcmp(url, "/events")) {
		return begin_stream(m, v->w.c);
	} else if (!strncmp(url, "/phone/", 7) && strlen(url + 7) < sizeof(v->name)) {
		v->what = TD_ASK_PHONE;
		td_strlcpy(v->name, url + 7, sizeof(v->name));
	} else {
		file = td_page_file(url, &type);
		if (!file)
			return say(v->w.c, MHD_HTTP_NOT_FOUND, "there is no such page\n");
		return send_response(v->w.c, MHD_HTTP_OK, type,
				     MHD_create_response_from_buffer(strlen(file),
								     (void *)(uintptr_t)file,
								     MHD_RESPMEM_PERSISTENT));
	}
	if (td_question_ask(&m->questions, &v->w, v->what, v->name))
		return say(v->w.c, MHD_HTTP_SERVICE_UNAVAILABLE, "out of memory\n");
	return v->w.answer ? send_answer(v->w.c, v) : MHD_YES;
}

/* For the header, for each piece of a body (which nobody may send), at its end, and once more when
 * the connection was asleep. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *body,
				  size_t *body_len, void **state)
{
	struct td_manage *m = arg;
	struct visit *v = *state;

	(void)version;
	(void)body;
	if (!v) {
		v = td_zalloc(sizeof(*v));
		if (!v)
			return MHD_NO;
		v->w.c = c;
		td_list_init(&v->w.node);
		*state = v;
		td_mhd_mark(c, m->args.dscp);
		return MHD_YES;
	}
	if (*body_len) {
		*body_len = 0;
		return MHD_YES;
	}
	if (v->w.answer)
		return send_answer(c, v);
	if (m->stopping)
		return MHD_NO;
	if (!may_see(m, c))
		return ask_who(c);
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "pages are only read here\n");
	return begin_visit(m, v, url);
}

static void on_completed(void *arg, struct MHD_Connection *c, void **state,
			 enum MHD_RequestTerminationCode why)
{
	struct visit *v = *state;

	(void)arg;
	(void)c;
	(void)why;
	if (!v)
		return;
	td_answer_unref(v->w.answer);
	td_free(v);
	*state = NULL;
}

/* ---- the thread ---- */

static void on_http(void *arg, int fd, unsigned int events)
{
	(void)arg;			/* MHD_run() comes after every step */
	(void)fd;
	(void)events;
}

static void on_stop(void *arg, int fd, unsigned int events)
{
	struct td_manage *m = arg;

	(void)fd;
	(void)events;
	m->stopping = true;
}

static void *run(void *arg)
{
	struct td_manage *m = arg;
	MHD_UNSIGNED_LONG_LONG wait_ms;

	pthread_setname_np(pthread_self(), "td-manage");
	while (!m->stopping) {
		int timeout = IDLE_S * 1000;

		if (MHD_get_timeout(m->daemon, &wait_ms) == MHD_YES && wait_ms < IDLE_S * 1000)
			timeout = (int)wait_ms;
		td_loop_step(m->loop, timeout);
		MHD_run(m->daemon);
	}
	return NULL;
}

/* ---- start and stop ---- */

static int listen_at(struct td_manage *m)
{
	struct td_addr at = m->config.address;
	struct sockaddr_storage sa;
	unsigned int family;

	at.port = (uint16_t)m->config.port;
	td_addr_to_sockaddr(&at, &sa, false);
	family = sa.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;
	errno = 0;
	m->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | family, 0,
				     may_connect, m, on_request, m, MHD_OPTION_SOCK_ADDR, &sa,
				     MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
				     MHD_OPTION_PER_IP_CONNECTION_LIMIT, MAX_PER_HOST,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
				     MHD_OPTION_NOTIFY_COMPLETED, on_completed, m,
				     MHD_OPTION_END);
	return m->daemon ? 0 : errno ? -errno : -EIO;
}

static int watch_all(struct td_manage *m)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int err;

	if (!info)
		return -EIO;
	err = td_loop_watch(m->loop, info->epoll_fd, TD_READ, on_http, m);
	if (!err)
		err = td_loop_watch(m->loop, m->stop_fd, TD_READ, on_stop, m);
	if (!err)
		err = td_questions_watch(&m->questions, m->loop);
	return err;
}

static void fini(struct td_manage *m)
{
	td_questions_end(&m->questions);
	if (m->daemon) {
		struct stream *s;

		/* MHD wants every connection awake */
		td_list_for_each(s, &m->streams, struct stream, node)
			td_waiter_wake(&s->w);
		MHD_stop_daemon(m->daemon);
	}
	if (m->loop) {
		td_loop_timer_stop(m->loop, &m->push);
		td_loop_free(m->loop);
	}
	td_questions_fini(&m->questions);
	if (m->stop_fd >= 0)
		close(m->stop_fd);
	td_free(m);
}

int td_manage_start(struct td_manage **out, const struct td_manage_args *args)
{
	struct td_manage *m = td_zalloc(sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->args = *args;
	m->config = *args->config;
	m->args.config = NULL;
	m->stop_fd = -1;
	td_list_init(&m->streams);
	err = td_questions_init(&m->questions, &m->args, 2 * MAX_CONNECTIONS);
	if (!err) {
		m->loop = td_loop_new_epoll();
		m->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		err = !m->loop || m->stop_fd < 0 ? -ENOMEM : listen_at(m);
	}
	if (!err)
		err = watch_all(m);
	if (!err)
		err = -pthread_create(&m->thread, NULL, run, m);
	if (err) {
		fini(m);
		return err;
	}
	*out = m;
	return 0;
}

void td_manage_stop(struct td_manage *m)
{
	uint64_t one = 1;

	if (!m)
		return;
	if (write(m->stop_fd, &one, sizeof(one)) == sizeof(one))
		pthread_join(m->thread, NULL);
	fini(m);
}
