// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread of the lines' sound: orders, sockets, frames. What is heard in it: tones.c. */
#include "userspace/fxo/sound.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/uapi/tandem_fxo.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/ring.h"
#include "userspace/fxo/tones.h"

#define N_FRAME		TDFXO_FRAME_SAMPLES
#define BACKLOG		(8 * N_FRAME)	/* what is received may wait so long: 160 ms */
#define START_AT	(2 * N_FRAME)	/* heard from here on: what jitter may take */
#define QUEUE		1024
#define RTP_HEAD	12

struct line {
	struct sound *s;
	uint32_t port, call;
	int fd, rtp;			/* device, socket */
	bool talking, ringback, playing, have_seq;
	uint8_t pt;
	bool alaw;
	struct td_addr peer;
	uint16_t seq_out, seq_in;
	uint32_t ts_out, ssrc;
	int16_t queue[BACKLOG];
	unsigned int queued;
	struct tones *tones;
	struct sound_line how;
	uint64_t silent;		/* frames without a sound */
};

struct sound {
	pthread_t thread;
	struct td_loop *loop, *own;	/* signalling's; the thread's */
	struct td_ring orders, news;
	void (*fn)(void *arg, const struct sound_news *n);
	void *arg;
	atomic_bool end;
	struct line *line[TDFXO_MAX_PORTS];
};

/* ---- news ---- */

static void tell(struct line *l, struct sound_news *n)
{
	n->port = l->port;
	n->call = l->call;
	if (!td_ring_push(&l->s->news, n))
		td_log_limited(TD_LOG_FXO, TD_WARN, "port=%u news lost, signalling is behind",
			       l->port);
}

static void on_tones(void *arg, struct sound_news *n)
{
	tell(arg, n);
}

static void on_news(void *arg, int fd, unsigned int events)
{
	struct sound *s = arg;
	struct sound_news n;

	(void)fd;
	(void)events;
	td_ring_clear_wake(&s->news);
	while (td_ring_pop(&s->news, &n))
		s->fn(s->arg, &n);
}

/* ---- RTP (RFC 3550), G.711 alone ---- */

static void send_frame(struct line *l, const int16_t *sample)
{
	uint8_t p[RTP_HEAD + N_FRAME];
	struct sockaddr_storage ss;
	unsigned int len = td_addr_to_sockaddr(&l->peer, &ss, false);

	p[0] = 0x80;
	p[1] = l->pt;
	p[2] = (uint8_t)(l->seq_out >> 8);
	p[3] = (uint8_t)l->seq_out;
	for (int i = 0; i < 4; i++) {
		p[4 + i] = (uint8_t)(l->ts_out >> (24 - 8 * i));
		p[8 + i] = (uint8_t)(l->ssrc >> (24 - 8 * i));
	}
	td_tones_encode(p + RTP_HEAD, sample, N_FRAME, l->alaw);
	l->seq_out++;
	l->ts_out += N_FRAME;
	/* a full socket loses it, as a network would */
	if (sendto(l->rtp, p, sizeof(p), MSG_DONTWAIT, (struct sockaddr *)&ss, len) < 0)
		return;
}

/* Where the payload begins; 0 when it is no packet of ours. */
static size_t payload_at(const struct line *l, const uint8_t *p, size_t n)
{
	size_t at = RTP_HEAD;

	if (n < RTP_HEAD || p[0] >> 6 != 2 || (p[1] & 0x7f) != l->pt)
		return 0;
	at += 4u * (p[0] & 0x0f);
	if (p[0] & 0x10) {
		if (n < at + 4)
			return 0;
		at += 4 + 4u * ((size_t)p[at + 2] << 8 | p[at + 3]);
	}
	return n > at ? at : 0;
}

/* Too much waits when clocks differ or a burst came: the oldest goes. */
static void queue_samples(struct line *l, const uint8_t *payload, size_t n)
{
	size_t over;

	if (n > BACKLOG)
		return;
	over = l->queued + n > BACKLOG ? l->queued + n - BACKLOG : 0;
	memmove(l->queue, l->queue + over, (l->queued - over) * sizeof(l->queue[0]));
	l->queued -= (unsigned int)over;
	td_tones_decode(l->queue + l->queued, payload, n, l->alaw);
	l->queued += (unsigned int)n;
}

static void receive(struct line *l)
{
	uint8_t p[2048];
	ssize_t n;

	while ((n = recv(l->rtp, p, sizeof(p), MSG_DONTWAIT)) >= 0) {
		size_t at = l->talking ? payload_at(l, p, (size_t)n) : 0;
		uint16_t seq;

		if (!at)
			continue;
		seq = (uint16_t)(p[2] << 8 | p[3]);
		if (l->have_seq && (int16_t)(seq - l->seq_in) <= 0)
			continue;	/* twice, or too late */
		l->have_seq = true;
		l->seq_in = seq;
		queue_samples(l, p + at, (size_t)n - at);
	}
}

/* A call that both ends have left. */
static void listen_for_silence(struct line *l, const int16_t *heard, const int16_t *saying)
{
	struct sound_news n = { .type = SOUND_SILENT };

	if (!l->how.silence_s || !td_tones_silent(heard, N_FRAME) || !td_tones_silent(saying, N_FRAME))
		l->silent = 0;
	else if (++l->silent == l->how.silence_s * 50ull)
		tell(l, &n);
}

/* 20 ms for the line: tones of ours, or what the peer says. */
static void fill(struct line *l, int16_t *out)
{
	memset(out, 0, N_FRAME * sizeof(*out));
	if (l->queued >= START_AT)
		l->playing = true;
	if (l->playing && l->queued >= N_FRAME) {
		memcpy(out, l->queue, N_FRAME * sizeof(*out));
		l->queued -= N_FRAME;
		memmove(l->queue, l->queue + N_FRAME, l->queued * sizeof(l->queue[0]));
	} else {
		l->playing = false;
	}
	td_tones_say(l->tones, out, N_FRAME, l->ringback);
}

/* ---- a line ---- */

static void line_free(struct line *l)
{
	td_loop_unwatch(l->s->own, l->fd);
	close(l->fd);
	close(l->rtp);
	td_tones_free(l->tones);
	l->s->line[l->port] = NULL;
	td_free(l);
}

static void on_frame(void *arg, int fd, unsigned int events)
{
	struct line *l = arg;
	struct tdfxo_frame frame;
	struct sound_news gone = { .type = SOUND_GONE };
	int16_t out[N_FRAME];
	ssize_t n;

	(void)events;
	while ((n = read(fd, &frame, sizeof(frame))) == (ssize_t)sizeof(frame)) {
		receive(l);
		fill(l, out);
		if (write(fd, out, sizeof(out)) < 0 && errno != EAGAIN)
			break;
		if (l->talking) {
			td_tones_cancel_echo(l->tones, frame.sample, out);
			send_frame(l, frame.sample);
			listen_for_silence(l, frame.sample, out);
		}
		td_tones_hear(l->tones, frame.sample, N_FRAME, l->talking);
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		tell(l, &gone);
		line_free(l);
	}
}

static void open_line(struct sound *s, const struct sound_order *o)
{
	struct sound_news gone = { .type = SOUND_GONE };
	struct line *l = td_zalloc(sizeof(*l));

	if (s->line[o->port])
		line_free(s->line[o->port]);
	if (l)
		l->tones = td_tones_new(on_tones, l, &o->how);
	if (!l || !l->tones) {
		close(o->fd);
		close(o->rtp);
		td_free(l);
		return;
	}
	l->s = s;
	l->port = o->port;
	l->call = o->call;
	l->fd = o->fd;
	l->rtp = o->rtp;
	l->how = o->how;
	/* another stream than the one of a process before us */
	if (getrandom(&l->ssrc, sizeof(l->ssrc), 0) != (ssize_t)sizeof(l->ssrc))
		l->ssrc = o->call * 2654435761u ^ o->port;
	l->seq_out = (uint16_t)l->ssrc;
	s->line[o->port] = l;
	if (td_loop_watch(s->own, l->fd, TD_READ, on_frame, l)) {
		tell(l, &gone);
		line_free(l);
	}
}

/* The line that was listened to has a call now. */
static void take_over(struct line *l, const struct sound_order *o)
{
	close(l->rtp);
	l->rtp = o->rtp;
	l->call = o->call;
}

static void obey(struct sound *s, const struct sound_order *o)
{
	struct line *l = s->line[o->port];

	if (o->op == SOUND_OPEN && o->fd < 0) {
		if (l)
			take_over(l, o);
		else
			close(o->rtp);
		return;
	}
	if (o->op == SOUND_OPEN) {
		open_line(s, o);
		return;
	}
	if (!l || l->call != o->call)
		return;
	switch (o->op) {
	case SOUND_TALK:
		l->talking = true;
		l->have_seq = false;
		l->peer = o->peer;
		l->pt = o->pt;
		l->alaw = o->alaw;
		break;
	case SOUND_DIAL:
		td_tones_dial(l->tones, o->text, o->on_ms, o->off_ms);
		break;
	case SOUND_RINGBACK:
		l->ringback = o->on;
		break;
	default:
		line_free(l);
	}
}

static void on_order(void *arg, int fd, unsigned int events)
{
	struct sound *s = arg;
	struct sound_order o;

	(void)fd;
	(void)events;
	td_ring_clear_wake(&s->orders);
	while (td_ring_pop(&s->orders, &o))
		obey(s, &o);
	if (atomic_load(&s->end))
		td_loop_stop(s->own);
}

static void *run(void *arg)
{
	struct sound *s = arg;
	struct sched_param rt = { .sched_priority = 10 };

	/* when it is allowed: a busy machine must not be heard */
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &rt);
	td_loop_run(s->own);
	for (unsigned int i = 0; i < TDFXO_MAX_PORTS; i++)
		if (s->line[i])
			line_free(s->line[i]);
	return NULL;
}

bool td_sound_order(struct sound *s, const struct sound_order *o)
{
	return td_ring_push(&s->orders, o);
}

int td_sound_new(struct sound **out, struct td_loop *loop,
		 void (*fn)(void *arg, const struct sound_news *n), void *arg)
{
	struct sound *s = td_zalloc(sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->loop = loop;
	s->fn = fn;
	s->arg = arg;
	err = td_ring_init(&s->orders, QUEUE, sizeof(struct sound_order));
	if (err)
		goto free_sound;
	err = td_ring_init(&s->news, QUEUE, sizeof(struct sound_news));
	if (err)
		goto fini_orders;
	s->own = td_loop_new_epoll();
	err = s->own ? td_loop_watch(s->own, s->orders.event_fd, TD_READ, on_order, s) : -ENOMEM;
	if (!err)
		err = td_loop_watch(loop, s->news.event_fd, TD_READ, on_news, s);
	if (err)
		goto free_loop;
	err = -pthread_create(&s->thread, NULL, run, s);
	if (err)
		goto unwatch;
	*out = s;
	return 0;

unwatch:
	td_loop_unwatch(loop, s->news.event_fd);
free_loop:
	if (s->own)
		td_loop_free(s->own);
	td_ring_fini(&s->news);
fini_orders:
	td_ring_fini(&s->orders);
free_sound:
	td_free(s);
	return err;
}

void td_sound_free(struct sound *s)
{
	struct sound_order nothing = { .op = SOUND_CLOSE };

	if (!s)
		return;
	atomic_store(&s->end, true);
	td_ring_push(&s->orders, &nothing);
	pthread_join(s->thread, NULL);
	td_loop_unwatch(s->loop, s->news.event_fd);
	td_loop_free(s->own);
	td_ring_fini(&s->news);
	td_ring_fini(&s->orders);
	td_free(s);
}
