/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: what telephones say in tones, both ways (spandsp): keys, ringing, busy and
 * reorder, the caller's number, and our own voice's echo (speexdsp). No I/O; 8000 samples a second.
 */
#ifndef TD_FXO_TONES_H
#define TD_FXO_TONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/fxo/sound.h"

struct tones;

/** fn hears news; its port and call are not filled in. NULL: no memory. */
struct tones *td_tones_new(void (*fn)(void *arg, struct sound_news *n), void *arg,
			   const struct sound_line *how);
void td_tones_free(struct tones *t);
/** What comes from the line. talking: keys and busy; else the caller's number. */
void td_tones_hear(struct tones *t, const int16_t *sample, size_t n, bool talking);
/** Puts tones of ours over what goes to the line; DIALLED is told when the last key is over. */
void td_tones_say(struct tones *t, int16_t *sample, size_t n, bool ringback);
/** Press these keys; after those that are still being pressed. */
void td_tones_dial(struct tones *t, const char *keys, uint16_t on_ms, uint16_t off_ms);

/** Takes out of a frame (TDFXO_FRAME_SAMPLES) from the line what we have said to it before. saying
 * goes to the line now. */
void td_tones_cancel_echo(struct tones *t, int16_t *heard, const int16_t *saying);
/** Is this nothing but the noise of a line? */
bool td_tones_silent(const int16_t *sample, size_t n);
void td_tones_encode(uint8_t *to, const int16_t *sample, size_t n, bool alaw);
void td_tones_decode(int16_t *to, const uint8_t *code, size_t n, bool alaw);

#endif
