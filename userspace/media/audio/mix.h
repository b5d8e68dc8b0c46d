/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The arithmetic of mixing. A mixer adds up what all its members say, once; what one
 * of them hears is that sum less its own part, so the work per tick grows with the number
 * of members and not with its square.
 *
 * A sum of loud voices does not fit 16 bits. It is not cut off (that sounds harsh) but
 * turned down as a whole, before the loud place comes, and slowly up again afterwards.
 */
#ifndef TD_MEDIA_AUDIO_MIX_H
#define TD_MEDIA_AUDIO_MIX_H

#include <stddef.h>
#include <stdint.h>

#define TD_MIX_MOST 320			/* samples in a piece */

/** out = in, its gain going from one value to the other over the n samples. In place is fine.
 * Gains up to 8. */
void td_mix_gain(int16_t *out, const int16_t *in, size_t n, float from, float to);
void td_mix_add(int32_t *sum, const int16_t *in, size_t n);

/** Per listener. Zero-initialised: full gain. */
struct td_limiter {
	float down;			/* 1 - gain */
};

/** out = sum - own (NULL: nothing to leave out), limited. n up to TD_MIX_MOST. */
void td_mix_limit(struct td_limiter *l, int16_t *out, const int32_t *sum, const int16_t *own,
		  size_t n);

#endif
