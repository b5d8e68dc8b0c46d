// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The XML interface by libmicrohttpd, driven by the signalling loop: answers are made of what the
 * loop owns, so nobody waits for anybody. Before a byte of a request is read it is known who sends
 * it: the other router or whom section management allows, with the right password, and not one too
 * many.
 */
#include <errno.h>
#include <string.h>

#include <microhttpd.h>

#include "bpf/td_map.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/mhd.h"
#include "userspace/cluster/sync_priv.h"

#define MAX_CONNECTIONS 16
#define HEADER_BYTES	(16 * 1024)
#define GUESSES		10		/* wrong passwords at once ... */
#define GUESS_MS	6000		/* ... and one more each */

struct sync_server {
	struct td_sync *s;
	struct MHD_Daemon *daemon;
	int fd;				/* MHD's epoll */
	struct td_timer timeout;
	unsigned int busy;		/* requests under way */
	uint64_t guess_ms;		/* by when all guesses are allowed again */
	bool stopping;
};

struct visit {
	struct sync_server *sv;
	uint64_t until_ms;
	size_t len;
	char text[TD_XML_MAX_READ + 1];
};

static void turn(struct sync_server *sv);

/* ---- answers ---- */

static enum MHD_Result send_text(struct MHD_Connection *c, unsigned int status, char *text,
				 size_t len)
{
	struct MHD_Response *r;
	enum MHD_Result result;

	if (!text)
		return MHD_NO;
	r = MHD_create_response_from_buffer_with_free_callback(len, text, td_free);
	if (!r) {
		td_free(text);
		return MHD_NO;
	}
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, "text/xml; charset=utf-8");
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"tandem\"");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "POST");
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned int status, const char *error)
{
	size_t len = 0;
	char *text = sync_write_error(error, &len);

	return send_text(c, status, text, len);
}

static enum MHD_Result answer(struct sync_server *sv, struct MHD_Connection *c,
			      const struct visit *v)
{
	size_t most = sv->s->config->cluster.ixi_response_size * 1024, len = 0;
	unsigned int status = MHD_HTTP_OK;
	char *text = sync_answer(sv->s, (struct td_str){ v->text, v->len }, &status, &len);

	if (text && len > most) {
		td_free(text);
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
			   "the answer is longer than ixi_response_size: ask for less");
	}
	return send_text(c, status, text, len);
}

/* ---- who ---- */

static enum MHD_Result may_connect(void *arg, const struct sockaddr *sa, socklen_t len)
{
	struct sync_server *sv = arg;
	const struct cfg_management *m = &sv->s->config->management;
	char text[TD_ADDR_STRLEN];
	struct td_addr a;

	(void)len;
	if (td_addr_from_sockaddr(&a, sa))
		return MHD_NO;
	if (td_addr_same_ip(&a, &sv->s->other) || td_config_among(m->allow, m->n_allow, &a))
		return MHD_YES;
	sv->s->n.refused++;
	td_log_limited(TD_LOG_CLUSTER, TD_WARN, "xml host=%s may not connect (neither the other router "
		       "nor allowed in section management)", td_addr_ip(&a, text));
	return MHD_NO;
}

/* 0: welcome; else a status. */
static unsigned int check_password(struct sync_server *sv, struct MHD_Connection *c)
{
	const struct cfg_cluster *cfg = &sv->s->config->cluster;
	uint64_t now = td_loop_now_ms(sv->s->args.loop);
	char *user, *password = NULL, host[TD_ADDR_STRLEN];
	struct td_addr peer;
	bool right;

	if (sv->guess_ms > now + (GUESSES - 1) * GUESS_MS)
		return MHD_HTTP_TOO_MANY_REQUESTS;
	user = MHD_basic_auth_get_username_password(c, &password);
	right = user && password &&
		td_same_secret(user, cfg->xml_user, sizeof(cfg->xml_user)) &
		td_same_secret(password, cfg->xml_password, sizeof(cfg->xml_password));
	if (user && !right) {
		sv->s->n.wrong_passwords++;
		sv->guess_ms = (sv->guess_ms > now ? sv->guess_ms : now) + GUESS_MS;
		td_mhd_peer(c, &peer);
		td_log_limited(TD_LOG_CLUSTER, TD_WARN, "xml host=%s refused: wrong user or password",
			       td_addr_ip(&peer, host));
	}
	if (user)
		MHD_free(user);
	if (password)
		MHD_free(password);
	return right ? 0 : MHD_HTTP_UNAUTHORIZED;
}

static uint32_t timeout_s(const struct cfg_cluster *cfg)
{
	return cfg->ixi_app_timeout ? cfg->ixi_app_timeout : cfg->ixi_timeout;
}

static bool is_ours(const char *url)
{
	size_t len = strlen(SYNC_PATH);

	return !strncmp(url, SYNC_PATH, len) && (!url[len] || !strcmp(url + len, "/"));
}

static enum MHD_Result begin(struct sync_server *sv, struct MHD_Connection *c, const char *url,
			     const char *method, void **state)
{
	const struct cfg_cluster *cfg = &sv->s->config->cluster;
	unsigned int status;
	struct visit *v;

	td_mhd_mark(c, sv->s->config->global.dscp[TD_DSCP_SERVICE]);
	sv->s->n.requests++;
	if (!is_ours(url))
		return say(c, MHD_HTTP_NOT_FOUND, "the interface is " SYNC_PATH);
	if (strcmp(method, MHD_HTTP_METHOD_POST))
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "requests come by POST");
	status = check_password(sv, c);
	if (status == MHD_HTTP_UNAUTHORIZED)
		return say(c, status, "wrong user or password");
	if (status)
		return say(c, status, "too many wrong passwords");
	if (sv->busy >= cfg->ixi_outstanding) {
		sv->s->n.busy++;
		return say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too many requests at a time");
	}
	v = td_zalloc(sizeof(*v));
	if (!v)
		return MHD_NO;
	v->sv = sv;
	v->until_ms = td_loop_now_ms(sv->s->args.loop) + timeout_s(cfg) * 1000ull;
	sv->busy++;
	*state = v;
	MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, timeout_s(cfg));
	return MHD_YES;
}

/* For the header, for each piece of the body, and at its end. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *body,
				  size_t *body_len, void **state)
{
	struct sync_server *sv = arg;
	struct visit *v = *state;

	(void)version;
	if (sv->stopping)
		return MHD_NO;
	if (!v)
		return begin(sv, c, url, method, state);
	if (td_loop_now_ms(sv->s->args.loop) > v->until_ms)
		return MHD_NO;
	if (!*body_len)
		return v->len > TD_XML_MAX_READ ?
		       say(c, MHD_HTTP_CONTENT_TOO_LARGE, "the request is too long") : answer(sv, c, v);
	for (size_t i = 0; i < *body_len && v->len <= TD_XML_MAX_READ; i++)
		v->text[v->len++] = body[i];
	*body_len = 0;
	return MHD_YES;
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
	v->sv->busy--;
	td_free(v);
	*state = NULL;
}

/* ---- the loop ---- */

static void on_timeout(void *arg)
{
	turn(arg);
}

static void on_ready(void *arg, int fd, unsigned int events)
{
	(void)fd;
	(void)events;
	turn(arg);
}

static void turn(struct sync_server *sv)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	MHD_run(sv->daemon);
	if (MHD_get_timeout(sv->daemon, &wait_ms) == MHD_YES)
		td_loop_timer_start(sv->s->args.loop, &sv->timeout, wait_ms, on_timeout, sv);
	else
		td_loop_timer_stop(sv->s->args.loop, &sv->timeout);
}

static int listen_at(struct sync_server *sv, const struct td_addr *at)
{
	const union MHD_DaemonInfo *info;
	struct sockaddr_storage sa;
	unsigned int family;

	td_addr_to_sockaddr(at, &sa, false);
	family = sa.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;
	errno = 0;
	sv->daemon = MHD_start_daemon(MHD_USE_EPOLL | family, 0, may_connect, sv, on_request, sv,
				      MHD_OPTION_SOCK_ADDR, &sa,
				      MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
				      MHD_OPTION_CONNECTION_TIMEOUT,
				      timeout_s(&sv->s->config->cluster),
				      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
				      MHD_OPTION_NOTIFY_COMPLETED, on_completed, sv,
				      MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (!sv->daemon)
		return errno ? -errno : -EIO;
	info = MHD_get_daemon_info(sv->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return -EIO;
	sv->fd = info->epoll_fd;
	return td_loop_watch(sv->s->args.loop, sv->fd, TD_READ, on_ready, sv);
}

int sync_server_start(struct sync_server **out, struct td_sync *s, const struct td_addr *at)
{
	struct sync_server *sv = td_zalloc(sizeof(*sv));
	int err;

	if (!sv)
		return -ENOMEM;
	sv->s = s;
	sv->fd = -1;
	err = listen_at(sv, at);
	if (err)
		sync_server_stop(sv);
	else
		*out = sv;
	return err;
}

void sync_server_stop(struct sync_server *sv)
{
	if (!sv)
		return;
	sv->stopping = true;
	td_loop_timer_stop(sv->s->args.loop, &sv->timeout);
	if (sv->fd >= 0)
		td_loop_unwatch(sv->s->args.loop, sv->fd);
	if (sv->daemon)
		MHD_stop_daemon(sv->daemon);
	td_free(sv);
}
