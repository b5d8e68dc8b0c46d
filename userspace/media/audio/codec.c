// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of codecs: one row each, with the few functions that differ. Payload formats
 * are those of RFC 3551. Lengths are checked before a library sees a byte, because the
 * libraries do not.
 */
#include "userspace/media/audio/codec.h"

#include <errno.h>
#include <string.h>

#include <spandsp/telephony.h>
#include <spandsp/bitstream.h>
#include <spandsp/g722.h>
#include <spandsp/g726.h>
#include <spandsp/gsm0610.h>

#include "userspace/media/audio/codec_g729.h"
#include "userspace/media/audio/g711.h"

#define GSM_SAMPLES	160
#define GSM_BYTES	33

struct td_audio_coding {
	const char *name;
	uint32_t rate, clock, unit;
	int arg;			/* the row's own: bits per second */
	bool stateless;
	int (*open)(struct td_audio_codec *c);
	void (*close)(struct td_audio_codec *c);
	void (*restart)(struct td_audio_codec *c);
	size_t (*encode)(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n);
	size_t (*bytes)(const struct td_audio_coding *k, size_t n);
	/* samples in a payload, or -1 */
	long (*samples)(const struct td_audio_coding *k, const uint8_t *in, size_t len);
	void (*decode)(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len);
	void (*conceal)(struct td_audio_codec *c, int16_t *pcm, size_t n);
};

/* ---- G.711, and sizes of codecs with one byte per sample ---- */

static size_t bytes_1(const struct td_audio_coding *k, size_t n)
{
	(void)k;
	return n;
}

static long samples_1(const struct td_audio_coding *k, const uint8_t *in, size_t len)
{
	(void)k;
	(void)in;
	return (long)len;
}

static size_t encode_u(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	(void)c;
	td_g711_ulaw_encode(out, pcm, n);
	return n;
}

static void decode_u(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	(void)c;
	td_g711_ulaw_decode(pcm, in, len);
}

static size_t encode_a(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	(void)c;
	td_g711_alaw_encode(out, pcm, n);
	return n;
}

static void decode_a(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	(void)c;
	td_g711_alaw_decode(pcm, in, len);
}

/* ---- L16: network byte order ---- */

static size_t bytes_l16(const struct td_audio_coding *k, size_t n)
{
	(void)k;
	return 2 * n;
}

static long samples_l16(const struct td_audio_coding *k, const uint8_t *in, size_t len)
{
	(void)k;
	(void)in;
	return len % 2 ? -1 : (long)(len / 2);
}

static size_t encode_l16(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	(void)c;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = (uint8_t)((uint16_t)pcm[i] >> 8);
		out[2 * i + 1] = (uint8_t)pcm[i];
	}
	return 2 * n;
}

static void decode_l16(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	(void)c;
	for (size_t i = 0; i < len / 2; i++)
		pcm[i] = (int16_t)(uint16_t)(in[2 * i] << 8 | in[2 * i + 1]);
}

/* ---- G.722 ---- */

static void close_g722(struct td_audio_codec *c)
{
	if (c->enc)
		g722_encode_free(c->enc);
	if (c->dec)
		g722_decode_free(c->dec);
}

static int open_g722(struct td_audio_codec *c)
{
	c->enc = g722_encode_init(NULL, c->coding->arg, 0);
	c->dec = g722_decode_init(NULL, c->coding->arg, 0);
	return c->enc && c->dec ? 0 : -ENOMEM;
}

static void restart_g722(struct td_audio_codec *c)
{
	g722_decode_init(c->dec, c->coding->arg, 0);
}

static size_t bytes_g722(const struct td_audio_coding *k, size_t n)
{
	(void)k;
	return n / 2;
}

static long samples_g722(const struct td_audio_coding *k, const uint8_t *in, size_t len)
{
	(void)k;
	(void)in;
	return 2 * (long)len;
}

static size_t encode_g722(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	return (size_t)g722_encode(c->enc, out, pcm, (int)n);
}

static void decode_g722(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	g722_decode(c->dec, pcm, in, (int)len);
}

/* ---- G.726: 2 to 5 bits per sample ---- */

static void close_g726(struct td_audio_codec *c)
{
	if (c->enc)
		g726_free(c->enc);
	if (c->dec)
		g726_free(c->dec);
}

/* RFC 3551: the first sample stands in the lowest bits; ATM's AAL2 has it in the highest. */
static g726_state_t *init_g726(struct td_audio_codec *c, g726_state_t *s)
{
	int packing = c->coding->name[0] == 'A' ? G726_PACKING_LEFT : G726_PACKING_RIGHT;

	return g726_init(s, c->coding->arg, G726_ENCODING_LINEAR, packing);
}

static int open_g726(struct td_audio_codec *c)
{
	c->enc = init_g726(c, NULL);
	c->dec = init_g726(c, NULL);
	return c->enc && c->dec ? 0 : -ENOMEM;
}

static void restart_g726(struct td_audio_codec *c)
{
	init_g726(c, c->dec);
}

static size_t bytes_g726(const struct td_audio_coding *k, size_t n)
{
	return n * (size_t)(k->arg / 8000) / 8;
}

/* Eight samples are a whole number of bytes at each rate. */
static long samples_g726(const struct td_audio_coding *k, const uint8_t *in, size_t len)
{
	size_t bits = (size_t)(k->arg / 8000);

	(void)in;
	return len % bits ? -1 : (long)(len / bits * 8);
}

static size_t encode_g726(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	return (size_t)g726_encode(c->enc, out, pcm, (int)n);
}

static void decode_g726(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	g726_decode(c->dec, pcm, in, (int)len);
}

/* ---- GSM 06.10 ---- */

static void close_gsm(struct td_audio_codec *c)
{
	if (c->enc)
		gsm0610_free(c->enc);
	if (c->dec)
		gsm0610_free(c->dec);
}

static int open_gsm(struct td_audio_codec *c)
{
	c->enc = gsm0610_init(NULL, GSM0610_PACKING_VOIP);
	c->dec = gsm0610_init(NULL, GSM0610_PACKING_VOIP);
	return c->enc && c->dec ? 0 : -ENOMEM;
}

static void restart_gsm(struct td_audio_codec *c)
{
	gsm0610_init(c->dec, GSM0610_PACKING_VOIP);
}

static size_t bytes_gsm(const struct td_audio_coding *k, size_t n)
{
	(void)k;
	return n / GSM_SAMPLES * GSM_BYTES;
}

static long samples_gsm(const struct td_audio_coding *k, const uint8_t *in, size_t len)
{
	(void)k;
	(void)in;
	return len % GSM_BYTES ? -1 : (long)(len / GSM_BYTES * GSM_SAMPLES);
}

static size_t encode_gsm(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	return (size_t)gsm0610_encode(c->enc, out, pcm, (int)n);
}

static void decode_gsm(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	gsm0610_decode(c->dec, pcm, in, (int)len);
}

/* ---- G.729 and its annexes A and B ---- */

static void close_g729(struct td_audio_codec *c)
{
	td_g729_close(c->enc);
}

/* Both directions are in one piece. */
static int open_g729(struct td_audio_codec *c)
{
	struct td_g729 *g = NULL;
	int err = td_g729_open(&g);

	c->enc = g;
	return err;
}

static size_t bytes_g729(const struct td_audio_coding *k, size_t n)
{
	(void)k;
	return n / G729_SAMPLES * G729_BYTES;
}

static long samples_g729(const struct td_audio_coding *k, const uint8_t *in, size_t len)
{
	size_t rest = len % G729_BYTES;

	(void)k;
	(void)in;
	if (rest && rest != G729_SID_BYTES)
		return -1;
	return (long)((len / G729_BYTES + !!rest) * G729_SAMPLES);
}

static size_t encode_g729(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i + G729_SAMPLES <= n; i += G729_SAMPLES)
		done += td_g729_encode(c->enc, out + done, pcm + i);
	return done;
}

static void decode_g729(struct td_audio_codec *c, int16_t *pcm, const uint8_t *in, size_t len)
{
	while (len) {
		size_t frame = len >= G729_BYTES ? G729_BYTES : len;

		td_g729_decode(c->enc, pcm, in, frame);
		in += frame;
		len -= frame;
		pcm += G729_SAMPLES;
	}
}

static void conceal_g729(struct td_audio_codec *c, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i + G729_SAMPLES <= n; i += G729_SAMPLES)
		td_g729_decode(c->enc, pcm + i, NULL, 0);
}

/* ---- the table ---- */

#define G726_ROW(row_name, bits_s) { \
	.name = (row_name), .rate = 8000, .clock = 8000, .unit = 8, .arg = (bits_s), \
	.open = open_g726, .close = close_g726, .restart = restart_g726, .encode = encode_g726, \
	.bytes = bytes_g726, .samples = samples_g726, .decode = decode_g726 }

#define L16_ROW(hz) { \
	.name = "L16", .rate = (hz), .clock = (hz), .unit = 1, .stateless = true, \
	.encode = encode_l16, .bytes = bytes_l16, .samples = samples_l16, .decode = decode_l16 }

static const struct td_audio_coding codings[] = {
	{ .name = "PCMU", .rate = 8000, .clock = 8000, .unit = 1, .stateless = true,
	  .encode = encode_u, .bytes = bytes_1, .samples = samples_1, .decode = decode_u },
	{ .name = "PCMA", .rate = 8000, .clock = 8000, .unit = 1, .stateless = true,
	  .encode = encode_a, .bytes = bytes_1, .samples = samples_1, .decode = decode_a },
	{ .name = "G722", .rate = 16000, .clock = 8000, .unit = 2, .arg = 64000,
	  .open = open_g722, .close = close_g722, .restart = restart_g722,
	  .encode = encode_g722, .bytes = bytes_g722,
	  .samples = samples_g722, .decode = decode_g722 },
	{ .name = "G729", .rate = 8000, .clock = 8000, .unit = G729_SAMPLES, .open = open_g729,
	  .close = close_g729, .encode = encode_g729, .bytes = bytes_g729,
	  .samples = samples_g729, .decode = decode_g729, .conceal = conceal_g729 },
	{ .name = "GSM", .rate = 8000, .clock = 8000, .unit = GSM_SAMPLES, .open = open_gsm,
	  .close = close_gsm, .restart = restart_gsm, .encode = encode_gsm, .bytes = bytes_gsm,
	  .samples = samples_gsm,
	  .decode = decode_gsm },
	G726_ROW("G726-16", 16000), G726_ROW("G726-24", 24000),
	G726_ROW("G726-32", 32000), G726_ROW("G726-40", 40000),
	G726_ROW("AAL2-G726-16", 16000), G726_ROW("AAL2-G726-24", 24000),
	G726_ROW("AAL2-G726-32", 32000), G726_ROW("AAL2-G726-40", 40000),
	L16_ROW(8000), L16_ROW(16000),
};

static const struct td_audio_coding *find(struct td_str name, uint32_t clock)
{
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (td_str_caseeq_c(name, codings[i].name) &&
		    (!clock || clock == codings[i].clock))
			return &codings[i];
	return NULL;
}

bool td_audio_codec_known(struct td_str name, uint32_t clock, uint32_t *rate)
{
	const struct td_audio_coding *k = find(name, clock);

	if (k && rate)
		*rate = k->rate;
	return k;
}

int td_audio_codec_open(struct td_audio_codec *c, struct td_str name, uint32_t clock)
{
	int err;

	memset(c, 0, sizeof(*c));
	c->coding = find(name, clock);
	if (!c->coding)
		return -ENOTSUP;
	c->rate = c->coding->rate;
	c->clock = c->coding->clock;
	c->unit = c->coding->unit;
	err = c->coding->open ? c->coding->open(c) : 0;
	if (err)
		td_audio_codec_close(c);
	return err;
}

void td_audio_codec_close(struct td_audio_codec *c)
{
	if (c->coding && c->coding->close)
		c->coding->close(c);
	memset(c, 0, sizeof(*c));
}

void td_audio_codec_restart(struct td_audio_codec *c)
{
	if (c->coding->restart)
		c->coding->restart(c);
}

const char *td_audio_codec_name(const struct td_audio_codec *c)
{
	return c->coding->name;
}

bool td_audio_codec_is_stateless(const struct td_audio_codec *c)
{
	return c->coding->stateless;
}

size_t td_audio_codec_encode(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n)
{
	return c->coding->encode(c, out, pcm, n);
}

size_t td_audio_codec_bytes(const struct td_audio_codec *c, size_t n)
{
	return c->coding->bytes(c->coding, n);
}

int td_audio_codec_samples(const struct td_audio_codec *c, const uint8_t *in, size_t len)
{
	long n = len && len < 65536 ? c->coding->samples(c->coding, in, len) : -1;

	return n > 0 ? (int)n : -EBADMSG;
}

int td_audio_codec_decode(struct td_audio_codec *c, int16_t *pcm, size_t room, const uint8_t *in,
			  size_t len)
{
	int n = td_audio_codec_samples(c, in, len);

	if (n < 0 || (size_t)n > room)
		return -EBADMSG;
	c->coding->decode(c, pcm, in, len);
	return n;
}

bool td_audio_codec_conceals(const struct td_audio_codec *c)
{
	return c->coding->conceal;
}

void td_audio_codec_conceal(struct td_audio_codec *c, int16_t *pcm, size_t n)
{
	c->coding->conceal(c, pcm, n);
}
