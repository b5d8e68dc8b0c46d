/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Sound files: RIFF/WAVE and Sun .au (CME's music on hold comes as either), 8000 or
 * 16000 samples per second, one or two channels, 8 or 16 bit PCM or G.711.
 */
#ifndef TD_MEDIA_AUDIO_WAV_H
#define TD_MEDIA_AUDIO_WAV_H

#include <stddef.h>
#include <stdint.h>

enum td_wav_coding {
	TD_WAV_PCM8, TD_WAV_PCM16, TD_WAV_PCM16_BIG, TD_WAV_ALAW, TD_WAV_ULAW
};

struct td_wav {
	enum td_wav_coding coding;
	uint8_t channels;		/* 1 or 2 */
	uint32_t rate;			/* 8000 or 16000 */
	size_t data, frames;		/* offset of the samples; how many per channel */
};

#define TD_WAV_HEADER 44

/** -EBADMSG, -ENOTSUP; *why then says it in words. */
int td_wav_parse(struct td_wav *w, const uint8_t *file, size_t len, const char **why);
/** frames from "from" on (they must exist) as 16-bit samples, two channels as their mean. */
void td_wav_read(const struct td_wav *w, const uint8_t *file, size_t from, int16_t *pcm,
		 size_t frames);
/** The header of a mono file with data_len bytes of 16-bit PCM. */
void td_wav_header(uint8_t out[TD_WAV_HEADER], uint32_t rate, uint32_t data_len);

#endif
