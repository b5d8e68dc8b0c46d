// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both ends of a recording's ring. The media thread fills a block and puts it in; the
 * writer's loop takes all that is there and writes. The ring's eventfd wakes it.
 */
#include "userspace/media/audio/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/media/audio/wav.h"

#define BLOCKS_PER_HEADER	100	/* 10 s: what a crash may cost */
#define MOST_SAMPLES		((UINT32_MAX - TD_WAV_HEADER) / 2)

struct td_recording {
	struct td_ring ring;
	uint32_t rate;
	_Atomic int owners;		/* the writer and the node: the last one frees */

	/* media thread */
	struct td_record_block block;	/* being filled */
	uint32_t left_out;		/* samples since the last block that went in */

	/* at the end, written by the media thread before ended */
	uint32_t left_out_last;
	_Atomic bool ended;

	/* writer */
	struct td_recording_args args;
	int fd, err;
	uint64_t samples, left_out_total, most;
	unsigned int blocks;
};

/* ---- writer ---- */

static void note_error(struct td_recording *r, int err)
{
	if (!r->err)
		td_log_err(TD_LOG_MEDIA, "recording stops: %s", strerror(-err));
	r->err = r->err ? r->err : err;
}

static void write_all(struct td_recording *r, const void *data, size_t len)
{
	for (size_t done = 0; done < len && !r->err;) {
		ssize_t n = write(r->fd, (const char *)data + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR)
			note_error(r, -errno);
	}
}

static void write_header(struct td_recording *r)
{
	uint8_t h[TD_WAV_HEADER];

	td_wav_header(h, r->rate, (uint32_t)(r->samples * 2));
	if (!r->err && pwrite(r->fd, h, sizeof(h), 0) != (ssize_t)sizeof(h))
		note_error(r, errno ? -errno : -EIO);
}

static void write_samples(struct td_recording *r, const int16_t *pcm, size_t n)
{
	uint8_t out[2 * TD_RECORD_FRAMES * 320];

	if (r->samples + n > r->most)
		n = (size_t)(r->most - r->samples);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)pcm[i];
		out[2 * i + 1] = (uint8_t)((uint16_t)pcm[i] >> 8);
	}
	write_all(r, out, 2 * n);
	r->samples += n;
}

static void write_silence(struct td_recording *r, uint32_t n)
{
	static const int16_t zero[TD_RECORD_FRAMES * 320];

	r->left_out_total += n;
	while (n && r->samples < r->most) {
		uint32_t part = n > TD_RECORD_FRAMES * 320 ? TD_RECORD_FRAMES * 320 : n;

		write_samples(r, zero, part);
		n -= part;
	}
}

static void drop(struct td_recording *r)
{
	if (atomic_fetch_sub(&r->owners, 1) > 1)
		return;
	td_ring_fini(&r->ring);
	td_free(r);
}

static void stop_writing(struct td_recording *r)
{
	td_loop_unwatch(r->args.loop, r->ring.event_fd);
	close(r->fd);
	drop(r);
}

static void finish(struct td_recording *r)
{
	struct td_recording_args args = r->args;
	uint64_t samples, left_out;
	int err;

	write_silence(r, r->left_out_last);
	write_header(r);
	err = r->err;
	samples = r->samples;
	left_out = r->left_out_total;
	stop_writing(r);
	if (args.on_done)
		args.on_done(args.arg, err, samples, left_out);
}

static void on_blocks(void *arg, int fd, unsigned int events)
{
	struct td_recording *r = arg;
	struct td_record_block b;

	(void)fd;
	(void)events;
	td_ring_clear_wake(&r->ring);
	for (;;) {
		/* asked before the ring is found empty: nothing goes in after it is set */
		bool ended = atomic_load(&r->ended);

		if (!td_ring_pop(&r->ring, &b)) {
			if (ended)
				finish(r);
			return;
		}
		write_silence(r, b.left_out);
		write_samples(r, b.pcm, b.n);
		if (++r->blocks % BLOCKS_PER_HEADER == 0)
			write_header(r);
	}
}

int td_recording_new(struct td_recording **out, const struct td_recording_args *args)
{
	struct td_recording *r = td_zalloc(sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->args = *args;
	r->args.path = NULL;		/* not ours to keep */
	r->rate = args->rate;
	r->owners = 1;
	r->most = args->max_seconds ? (uint64_t)args->max_seconds * args->rate : MOST_SAMPLES;
	r->most = r->most > MOST_SAMPLES ? MOST_SAMPLES : r->most;
	err = td_ring_init(&r->ring, TD_RECORD_BLOCKS, sizeof(struct td_record_block));
	if (err)
		goto free;
	r->fd = open(args->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd < 0) {
		err = -errno;
		goto ring;
	}
	err = td_loop_watch(args->loop, r->ring.event_fd, TD_READ, on_blocks, r);
	if (err)
		goto file;
	write_header(r);
	if (!r->err && lseek(r->fd, TD_WAV_HEADER, SEEK_SET) < 0)
		note_error(r, -errno);
	err = r->err;
	if (err) {
		td_recording_abort(r);
		return err;
	}
	*out = r;
	return 0;
file:
	close(r->fd);
ring:
	td_ring_fini(&r->ring);
free:
	td_free(r);
	return err;
}

void td_recording_abort(struct td_recording *r)
{
	if (r)
		stop_writing(r);
}

void td_recording_hold(struct td_recording *r)
{
	atomic_fetch_add(&r->owners, 1);
}

void td_recording_release(struct td_recording *r)
{
	drop(r);
}

uint32_t td_recording_rate(const struct td_recording *r)
{
	return r->rate;
}

/* ---- media thread ---- */

static void push(struct td_recording *r)
{
	struct td_record_block *b = &r->block;

	b->left_out = r->left_out;
	if (td_ring_push(&r->ring, b))
		r->left_out = 0;
	else
		r->left_out += b->n;
	b->n = 0;
}

void td_recording_put(struct td_recording *r, const int16_t *pcm)
{
	uint32_t n = r->rate / 50;
	struct td_record_block *b = &r->block;

	memcpy(b->pcm + b->n, pcm, n * sizeof(*pcm));
	b->n += n;
	if (b->n == TD_RECORD_FRAMES * n)
		push(r);
}

void td_recording_end(struct td_recording *r)
{
	if (r->block.n)
		push(r);
	r->left_out_last = r->left_out;
	r->left_out = 0;
	atomic_store(&r->ended, true);
	/* an empty block, for its wake-up; with a full ring the writer is awake and will look */
	push(r);
}
