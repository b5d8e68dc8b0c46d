// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. G.711: sign, three bits of segment, four bits of step. The arithmetic is as short
 * as a table look-up and needs no cache.
 */
#include "userspace/media/audio/g711.h"

#define ULAW_BIAS	33
#define ULAW_MAX	8158		/* 14-bit magnitude of the last code's upper end */

/* Position of the highest bit, v > 0. */
static int top_bit(unsigned int v)
{
	return 31 - __builtin_clz(v);
}

static uint8_t ulaw_code(int sample)
{
	unsigned int sign = sample < 0 ? 0 : 0x80, mag, seg;

	mag = (unsigned int)(sample < 0 ? -sample : sample) >> 2;
	mag = (mag > ULAW_MAX ? ULAW_MAX : mag) + ULAW_BIAS;
	seg = (unsigned int)top_bit(mag) - 5;
	return (uint8_t)(sign | (~(seg << 4 | (mag >> (seg + 1) & 15)) & 0x7f));
}

static int16_t ulaw_sample(uint8_t wire)
{
	int code = ~wire & 0x7f;
	int mag = (((2 * (code & 15) + 33) << (code >> 4)) - 33) * 4;

	return (int16_t)(wire & 0x80 ? mag : -mag);
}

static uint8_t alaw_code(int sample)
{
	unsigned int sign = sample < 0 ? 0 : 0x80, mag, seg = 0, step;

	mag = (unsigned int)(sample < 0 ? -sample : sample) >> 3;
	mag = mag > 4095 ? 4095 : mag;
	if (mag >= 32)
		seg = (unsigned int)top_bit(mag) - 4;
	step = seg ? mag >> seg : mag >> 1;
	return (uint8_t)((sign | seg << 4 | (step & 15)) ^ 0x55);
}

static int16_t alaw_sample(uint8_t wire)
{
	int code = (wire ^ 0x55) & 0x7f, seg = code >> 4, step = 2 * (code & 15);
	int mag = (seg ? (step + 33) << (seg - 1) : step + 1) * 8;

	return (int16_t)(wire & 0x80 ? mag : -mag);
}

void td_g711_ulaw_encode(uint8_t *out, const int16_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = ulaw_code(in[i]);
}

void td_g711_alaw_encode(uint8_t *out, const int16_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = alaw_code(in[i]);
}

void td_g711_ulaw_decode(int16_t *out, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = ulaw_sample(in[i]);
}

void td_g711_alaw_decode(int16_t *out, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = alaw_sample(in[i]);
}
