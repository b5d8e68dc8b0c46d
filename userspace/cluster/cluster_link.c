/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See cluster_link.h. */
#include "userspace/cluster/cluster_link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "userspace/base/buf.h"
#include "userspace/base/log.h"

static void on_ready(void *arg, int fd, unsigned int events);

void cluster_link_close(struct cluster_link *l)
{
	if (l->fd < 0)
		return;
	td_loop_timer_stop(l->loop, &l->beat);
	td_loop_unwatch(l->loop, l->fd);
	close(l->fd);
	l->fd = -1;
	l->beats = l->connecting = false;
	l->in_len = l->out_len = 0;
	OPENSSL_cleanse(l->key_out, sizeof(l->key_out));
	OPENSSL_cleanse(l->key_in, sizeof(l->key_in));
}

static void end(struct cluster_link *l, const char *why)
{
	if (why)
		td_log_limited(TD_LOG_CLUSTER, TD_WARN, "connection with the other router ended: %s",
			       why);
	cluster_link_close(l);
	l->ops->closed(l);
}

bool cluster_link_has_room(const struct cluster_link *l)
{
	return l->fd >= 0 && l->out_len + CLUSTER_FRAME_MAX <= sizeof(l->out);
}

static void flush(struct cluster_link *l)
{
	ssize_t n = l->out_len ? send(l->fd, l->out, l->out_len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

	if (n > 0) {
		l->out_len -= (size_t)n;
		memmove(l->out, l->out + n, l->out_len);
	}
	/* an error is heard by the reader */
	td_loop_watch(l->loop, l->fd, l->out_len ? TD_READ | TD_WRITE : TD_READ, on_ready, l);
}

bool cluster_link_send(struct cluster_link *l, enum cluster_type type, const void *body, size_t len)
{
	struct cluster_frame f = { (uint8_t)type, l->n_out, body, len };
	size_t n;

	if (l->fd < 0)
		return false;
	n = cluster_frame_write(l->out + l->out_len, sizeof(l->out) - l->out_len, l->key_out, &f);
	if (!n)
		return false;
	l->n_out++;
	l->out_len += n;
	if (!l->connecting)
		flush(l);
	return true;
}

static void on_beat(void *arg)
{
	struct cluster_link *l = arg;
	uint8_t done[8];
	struct td_buf b;

	if (td_loop_now_ms(l->loop) - l->heard_ms > CLUSTER_SILENCE_MS) {
		end(l, "it is silent");
		return;
	}
	td_buf_init(&b, done, sizeof(done));
	td_buf_put_be64(&b, l->n_in);
	if (l->beats)
		cluster_link_send(l, CLUSTER_BEAT, done, sizeof(done));
	td_loop_timer_start(l->loop, &l->beat, CLUSTER_BEAT_MS, on_beat, l);
}

void cluster_link_beat(struct cluster_link *l)
{
	l->beats = true;
}

static const char *reason(int err)
{
	switch (err) {
	case -EKEYREJECTED: return "another secret, or a stream of another time";
	case -EILSEQ:	    return "a frame is missing or repeated";
	default:	    return "no frame of ours";
	}
}

static void refuse(struct cluster_link *l, const char *why)
{
	td_log_limited(TD_LOG_CLUSTER, TD_WARN, "the other router is refused: %s", why);
	end(l, NULL);
}

static bool on_frame(struct cluster_link *l, const struct cluster_frame *f, const char **why)
{
	struct td_buf b;

	if (!l->beats || f->type != CLUSTER_BEAT)
		return l->ops->frame(l, f, why);
	td_buf_init(&b, (void *)(uintptr_t)f->body, f->len);
	l->n_told = td_buf_get_be64(&b);
	return !td_buf_err(&b) && l->n_told <= l->n_out;
}

/* False: the connection is gone. */
static bool read_frames(struct cluster_link *l)
{
	size_t used = 0;

	for (;;) {
		const char *why = "a frame that does not belong there";
		struct cluster_frame f;
		int n = cluster_frame_read(&f, l->key_in, l->n_in, l->in + used, l->in_len - used);

		if (!n)
			break;
		if (n > 0) {
			l->n_in++;
			l->heard_ms = td_loop_now_ms(l->loop);
		}
		if (n < 0 || !on_frame(l, &f, &why)) {
			refuse(l, n < 0 ? reason(n) : why);
			return false;
		}
		used += (size_t)n;
	}
	l->in_len -= used;
	memmove(l->in, l->in + used, l->in_len);
	return true;
}

static bool on_connected(struct cluster_link *l)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &err, &len) || err) {
		end(l, NULL);		/* nobody there: the owner tries again */
		return false;
	}
	l->connecting = false;
	td_loop_watch(l->loop, l->fd, TD_READ, on_ready, l);
	l->ops->open(l);
	return l->fd >= 0;
}

static void on_ready(void *arg, int fd, unsigned int events)
{
	struct cluster_link *l = arg;
	ssize_t n;

	if (l->connecting && !on_connected(l))
		return;
	if (events & TD_READ) {
		n = recv(fd, l->in + l->in_len, sizeof(l->in) - l->in_len, MSG_DONTWAIT);
		if (!n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			end(l, n ? strerror(errno) : "it hung up");
			return;
		}
		if (n > 0)
			l->in_len += (size_t)n;
		if (n > 0 && !read_frames(l))
			return;
	}
	if (events & TD_WRITE) {
		flush(l);
		if (cluster_link_has_room(l))
			l->ops->room(l);
	}
}

int cluster_link_open(struct cluster_link *l, int fd, bool connecting)
{
	int err;

	l->fd = fd;
	l->connecting = connecting;
	l->beats = false;
	l->n_in = l->n_out = l->n_told = 0;
	l->in_len = l->out_len = 0;
	l->heard_ms = td_loop_now_ms(l->loop);
	err = td_loop_watch(l->loop, fd, connecting ? TD_WRITE : TD_READ, on_ready, l);
	if (!err)
		err = td_loop_timer_start(l->loop, &l->beat, CLUSTER_BEAT_MS, on_beat, l);
	if (err) {
		cluster_link_close(l);
		return err;
	}
	if (!connecting)
		l->ops->open(l);
	return 0;
}
