/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a sound file: refused with words, or all its frames can be read.
 */
#include <stdlib.h>

#include "userspace/media/audio/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct td_wav w;

	if (td_wav_parse(&w, data, size, &why)) {
		if (!why)
			abort();
		return 0;
	}
	for (size_t at = 0; at < w.frames;) {
		int16_t pcm[320];
		size_t n = w.frames - at < 320 ? w.frames - at : 320;

		td_wav_read(&w, data, at, pcm, n);
		at += n;
	}
	return 0;
}
