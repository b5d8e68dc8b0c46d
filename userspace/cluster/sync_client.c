// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One request by HTTP to the other router, on the loop. It says HTTP/1.0 so that the answer ends
 * with its connection; who says more than an answer can be is cut off.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "userspace/base/mem.h"
#include "userspace/base/timerdef.h"
#include "userspace/cluster/sync_priv.h"

#define ANSWER_MAX (TD_XML_MAX_READ + 2048)	/* and its headers */

static const struct td_timerdef patience_def = {
	"sync-answer", 10000, "how long the other router may take for an answer"
};

static void on_ready(void *arg, int fd, unsigned int events);

void sync_client_init(struct sync_client *c, struct td_sync *s,
		      void (*done)(struct td_sync *s, int err, const struct sync_http *h))
{
	*c = (struct sync_client){ .s = s, .fd = -1, .done = done };
}

void sync_client_stop(struct sync_client *c)
{
	td_loop_timer_stop(c->s->args.loop, &c->patience);
	if (c->fd >= 0) {
		td_loop_unwatch(c->s->args.loop, c->fd);
		close(c->fd);
	}
	td_free(c->out);
	td_free(c->in);
	c->fd = -1;
	c->out = c->in = NULL;
	c->out_len = c->out_pos = c->in_len = 0;
}

static void finish(struct sync_client *c, int err)
{
	struct sync_http h = { 0 };
	char *text = c->in;
	size_t len = c->in_len;

	c->in = NULL;
	sync_client_stop(c);
	if (!err)
		err = sync_read_http(&h, (struct td_str){ text, len });
	c->done(c->s, err, &h);
	td_free(text);
}

static void on_silence(void *arg)
{
	finish(arg, -ETIMEDOUT);
}

/* false: it has ended */
static bool send_more(struct sync_client *c)
{
	ssize_t n = send(c->fd, c->out + c->out_pos, c->out_len - c->out_pos,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		finish(c, -errno);
		return false;
	}
	if (n > 0)
		c->out_pos += (size_t)n;
	if (c->out_pos == c->out_len)
		td_loop_watch(c->s->args.loop, c->fd, TD_READ, on_ready, c);
	return true;
}

static void read_more(struct sync_client *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, ANSWER_MAX - c->in_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		finish(c, -errno);
		return;
	}
	c->in_len += (size_t)n;
	if (!n)
		finish(c, 0);
	else if (c->in_len == ANSWER_MAX)
		finish(c, -EMSGSIZE);
}

static void on_ready(void *arg, int fd, unsigned int events)
{
	struct sync_client *c = arg;

	(void)fd;
	if (events & TD_WRITE && c->out_pos < c->out_len && !send_more(c))
		return;
	if (events & TD_READ)
		read_more(c);
}

/* Header and body in one. NULL: out of memory. */
static char *write_request(const struct cfg_cluster *cfg, const struct td_addr *other,
			   const char *body, size_t len, size_t *out_len)
{
	char account[CFG_TEXT_LEN + CFG_SECRET_LEN + 2], host[TD_ADDR_STRLEN];
	unsigned char basic[sizeof(account) * 2];
	size_t room = len + sizeof(basic) + 512;
	char *text = td_zalloc(room);
	int n;

	if (!text)
		return NULL;
	n = snprintf(account, sizeof(account), "%s:%s", cfg->standby_user, cfg->standby_password);
	EVP_EncodeBlock(basic, (const unsigned char *)account, n);
	n = snprintf(text, room, "POST " SYNC_PATH " HTTP/1.0\r\nHost: %s\r\n"
		     "Authorization: Basic %s\r\nContent-Type: text/xml\r\n"
		     "Content-Length: %zu\r\nConnection: close\r\n\r\n", td_addr_str(other, host),
		     (const char *)basic, len);
	memcpy(text + n, body, len);
	*out_len = (size_t)n + len;
	return text;
}

static void on_fault(void *arg)
{
	finish(arg, -ECONNABORTED);
}

void sync_client_post(struct sync_client *c, const struct td_addr *own, const struct td_addr *other,
		      char *body, size_t len)
{
	struct td_loop *loop = c->s->args.loop;
	int err = 0;

	sync_client_stop(c);
	c->in = td_zalloc(ANSWER_MAX);
	c->out = body ? write_request(&c->s->config->cluster, other, body, len, &c->out_len) : NULL;
	td_free(body);
	if (!c->in || !c->out)
		err = -ENOMEM;
	if (!err) {
		c->fd = cluster_pair_dial(own, other, 0);
		err = c->fd < 0 ? c->fd : td_loop_watch(loop, c->fd, TD_READ | TD_WRITE, on_ready, c);
	}
	/* who has asked is told later, as of everything else */
	td_loop_timer_start(loop, &c->patience, err ? 1 : patience_def.ms, err ? on_fault : on_silence,
			    c);
}
