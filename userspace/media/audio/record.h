/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording: the media thread puts blocks of sound into a ring, a loop of another thread
 * (or signalling's) writes them to a WAV file. When the disk is slower than life for more
 * than the ring holds, blocks are left out and silence of their length stands in the file,
 * so that its time stays true; how much is counted.
 */
#ifndef TD_MEDIA_AUDIO_RECORD_H
#define TD_MEDIA_AUDIO_RECORD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/loop.h"
#include "userspace/base/ring.h"

#define TD_RECORD_FRAMES	5	/* of 20 ms in a block: the writer wakes ten times a second */
#define TD_RECORD_BLOCKS	64	/* 6.4 s */

struct td_record_block {
	uint32_t left_out;		/* samples that should stand before this block */
	uint32_t n;			/* samples */
	int16_t pcm[TD_RECORD_FRAMES * 320];
};

struct td_recording;

struct td_recording_args {
	struct td_loop *loop;		/* of the thread that writes; it may wait for the disk */
	const char *path;		/* must not exist yet */
	uint32_t rate;			/* 8000 or 16000 */
	uint32_t max_seconds;		/* 0 = until the file is 4 GByte */
	/** In that loop, once: the file is closed; err is 0 or what write() said. */
	void (*on_done)(void *arg, int err, uint64_t samples, uint64_t left_out);
	void *arg;
};

/** Writing thread. Creates the file (0600). Negative errno. The caller gives it to
 * td_audio_record(), or calls td_recording_abort(). */
int td_recording_new(struct td_recording **out, const struct td_recording_args *args);
/** Never given to a node: close and forget; no on_done. */
void td_recording_abort(struct td_recording *r);
/** A node's hold on it, given back after td_recording_end(). */
void td_recording_hold(struct td_recording *r);
void td_recording_release(struct td_recording *r);
uint32_t td_recording_rate(const struct td_recording *r);

/* Media thread */

/** 20 ms of sound at the recording's rate. Never waits. */
void td_recording_put(struct td_recording *r, const int16_t *pcm);
/** The end: the writer closes the file when it has written everything. No put after this. */
void td_recording_end(struct td_recording *r);

#endif
