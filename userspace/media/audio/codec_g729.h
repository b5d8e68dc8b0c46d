/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * G.729 with its annexes A and B, by libbcg729 when that is installed: it is opened when a party
 * needs it and not linked, for its licence (GPL-3) would be that of the whole daemon. Without it
 * G.729 is passed from party to party, and not converted or mixed.
 */
#ifndef TD_MEDIA_AUDIO_CODEC_G729_H
#define TD_MEDIA_AUDIO_CODEC_G729_H

#include <stddef.h>
#include <stdint.h>

#define G729_SAMPLES	80
#define G729_BYTES	10
#define G729_SID_BYTES	2		/* silence descriptor, only as a packet's last frame */

struct td_g729;

/** Both directions. -ENOTSUP: no library; -ENOMEM. */
int td_g729_open(struct td_g729 **out);
void td_g729_close(struct td_g729 *g);
/** One frame of G729_SAMPLES; bytes written. */
size_t td_g729_encode(struct td_g729 *g, uint8_t *out, const int16_t *pcm);
/** One frame of len bytes; len 0: it was lost. */
void td_g729_decode(struct td_g729 *g, int16_t *pcm, const uint8_t *in, size_t len);

#endif
