/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. What is heard in place of lost packets: the last pitch period again and again, ever
 * softer, silence after 60 ms, and soft joints at both ends (the idea of ITU-T G.711
 * Appendix I, without its delay). spandsp's concealer does the same at 8000 samples per
 * second only; calls in G.722 and L16 need 16000.
 *
 * The same search for the pitch also shortens sound by a period when the jitter buffer
 * holds more than it has to.
 */
#ifndef TD_MEDIA_AUDIO_CONCEAL_H
#define TD_MEDIA_AUDIO_CONCEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TD_CONCEAL_HISTORY	560	/* 20 ms and the longest pitch period, at 16000 */
#define TD_CONCEAL_PITCH	240	/* 15 ms */

struct td_conceal {
	uint32_t rate;			/* 8000 or 16000 */
	uint32_t missing;		/* samples concealed so far, 0 = none */
	uint32_t pitch, at;		/* period, place in it */
	int32_t step;			/* where history ended and the period would go on */
	int16_t cycle[TD_CONCEAL_PITCH];
	int16_t history[TD_CONCEAL_HISTORY];
};

void td_conceal_init(struct td_conceal *c, uint32_t rate);
/** Sound that arrived, at most 120 ms, at least 5; its start is changed when it follows a gap. */
void td_conceal_good(struct td_conceal *c, int16_t *pcm, size_t n);
/** Sound in place of some that did not. */
void td_conceal_fill(struct td_conceal *c, int16_t *pcm, size_t n);
/** What comes next does not follow what came before: let td_conceal_good() blend them. */
void td_conceal_cut(struct td_conceal *c);
/** Take one period of 2.5 to 10 ms out of n samples (20 ms at least). Returns how many are left:
 * n when there is no place where nobody would notice. */
size_t td_conceal_shrink(int16_t *pcm, size_t n, uint32_t rate);

#endif
