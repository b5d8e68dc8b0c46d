/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sound file in memory: music on hold, an announcement. Read once, then never changed, so
 * any number of players and threads may look at it. Kept as it is in the file; who plays it
 * decodes 20 ms at a time.
 */
#ifndef TD_MEDIA_AUDIO_CLIP_H
#define TD_MEDIA_AUDIO_CLIP_H

#include <stddef.h>
#include <stdint.h>
#include "userspace/media/audio/wav.h"

#define TD_CLIP_MAX_BYTES (64u * 1024 * 1024)

struct td_clip {
	struct td_wav wav;
	unsigned int refs;		/* signalling's */
	size_t len;
	uint8_t file[];
};

/** Reads the file: may wait for the disk, so not for the media thread. *why says in words what is
 * wrong: negative errno of open(), -EFBIG, or as td_wav_parse(). */
int td_clip_load(struct td_clip **out, const char *path, const char **why);
/** From bytes in memory (copied). */
int td_clip_from_bytes(struct td_clip **out, const uint8_t *file, size_t len, const char **why);
struct td_clip *td_clip_get(struct td_clip *c);
/** NULL is fine. Signalling's thread only. */
void td_clip_put(struct td_clip *c);

#endif
