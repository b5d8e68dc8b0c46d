/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: who calls, as lines tell it while they are on hook: FSK (Bell 202 of GR-30, V.23
 * of EN 300 659) or keys (EN 300 659-1 annex B and its relatives). No I/O; 8000 samples a second.
 */
#ifndef TD_FXO_CALLER_H
#define TD_FXO_CALLER_H

#include <stddef.h>
#include <stdint.h>
#include "userspace/fxo/sound.h"

struct caller;

/** fn hears SOUND_CALLER; its port and call are not filled in. NULL: no memory. */
struct caller *td_caller_new(void (*fn)(void *arg, struct sound_news *n), void *arg);
void td_caller_free(struct caller *c);
void td_caller_hear(struct caller *c, const int16_t *sample, size_t n);

/** PURE. The caller's number in keys that end with C or #; "" when they name none. */
void td_caller_of_keys(const char *keys, char *number, size_t size);

#endif
