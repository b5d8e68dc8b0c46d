/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. 8000 <-> 16000 samples per second, linear phase, flat to 3.2 kHz, 37 dB down at
 * 4.6 kHz and 58 dB at 4.8 kHz. There is no state but the samples before the piece: the
 * caller keeps them in front of it, so a conversion may begin and end at any tick.
 */
#ifndef TD_MEDIA_AUDIO_RESAMPLE_H
#define TD_MEDIA_AUDIO_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define TD_RESAMPLE_TAIL 40		/* samples that must stand before in[0] */

/** in[-TAIL .. n) at 8000 gives out[2n] at 16000, 1.25 ms late. */
void td_resample_up(int16_t *out, const int16_t *in, size_t n);
/** in[-TAIL .. n) at 16000 gives out[n / 2] at 8000, 1.19 ms late. */
void td_resample_down(int16_t *out, const int16_t *in, size_t n);

#endif
