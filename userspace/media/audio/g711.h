/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. ITU-T G.711 between its two laws and 16-bit samples. A u-law code stands for 14
 * bits with sign, an A-law code for 13; both are moved up to 16. Decoding gives the middle
 * of a code's interval, so that going through samples from one law to the other gives the
 * same bytes as td_g711.h, which XDP uses.
 */
#ifndef TD_MEDIA_AUDIO_G711_H
#define TD_MEDIA_AUDIO_G711_H

#include <stddef.h>
#include <stdint.h>

void td_g711_ulaw_encode(uint8_t *out, const int16_t *in, size_t n);
void td_g711_alaw_encode(uint8_t *out, const int16_t *in, size_t n);
void td_g711_ulaw_decode(int16_t *out, const uint8_t *in, size_t n);
void td_g711_alaw_decode(int16_t *out, const uint8_t *in, size_t n);

#endif
