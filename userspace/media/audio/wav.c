// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. Files come from the operator, but also from who may write where the operator
 * points: every length is checked against what is there. A data chunk that claims more than
 * the file has, or nothing (a recorder that was killed), reaches to the end of the file.
 */
#include "userspace/media/audio/wav.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "userspace/base/buf.h"
#include "userspace/media/audio/g711.h"

#define RIFF_PCM	1
#define RIFF_ALAW	6
#define RIFF_ULAW	7
#define RIFF_EXTENSIBLE	0xfffe
#define AU_ULAW		1
#define AU_PCM16	3
#define AU_ALAW		27
#define AU_HEADER	24

static size_t bytes_per_sample(enum td_wav_coding coding)
{
	return coding == TD_WAV_PCM16 || coding == TD_WAV_PCM16_BIG ? 2 : 1;
}

static int not_supported(const char **why, const char *text)
{
	*why = text;
	return -ENOTSUP;
}

static int finish(struct td_wav *w, size_t data_len, const char **why)
{
	if (w->channels != 1 && w->channels != 2)
		return not_supported(why, "neither mono nor stereo");
	if (w->rate != 8000 && w->rate != 16000)
		return not_supported(why, "not 8000 or 16000 samples per second");
	w->frames = data_len / (bytes_per_sample(w->coding) * w->channels);
	if (w->frames)
		return 0;
	*why = "no samples";
	return -EBADMSG;
}

/* ---- RIFF ---- */

static int riff_coding(struct td_wav *w, uint16_t tag, uint16_t bits, const char **why)
{
	if (tag == RIFF_PCM && bits == 16)
		w->coding = TD_WAV_PCM16;
	else if (tag == RIFF_PCM && bits == 8)
		w->coding = TD_WAV_PCM8;
	else if (tag == RIFF_ALAW && bits == 8)
		w->coding = TD_WAV_ALAW;
	else if (tag == RIFF_ULAW && bits == 8)
		w->coding = TD_WAV_ULAW;
	else
		return not_supported(why, "coding is not 8 or 16 bit PCM, A-law or u-law");
	return 0;
}

static int riff_format(struct td_wav *w, struct td_str chunk, const char **why)
{
	uint16_t tag, channels, bits;
	struct td_buf b;

	td_buf_init(&b, (void *)chunk.p, chunk.len);
	tag = td_buf_get_le16(&b);
	channels = td_buf_get_le16(&b);
	w->rate = td_buf_get_le32(&b);
	td_buf_get_bytes(&b, 6);	/* bytes per second and per frame follow from the rest */
	bits = td_buf_get_le16(&b);
	if (tag == RIFF_EXTENSIBLE) {
		td_buf_get_bytes(&b, 8);
		tag = td_buf_get_le16(&b);
	}
	if (td_buf_err(&b)) {
		*why = "short format chunk";
		return -EBADMSG;
	}
	w->channels = (uint8_t)(channels > 255 ? 255 : channels);
	return riff_coding(w, tag, bits, why);
}

static int parse_riff(struct td_wav *w, struct td_buf *b, const char **why)
{
	bool format = false;

	td_buf_get_bytes(b, 8);
	for (;;) {
		struct td_str id = td_buf_get_bytes(b, 4);
		uint32_t size = td_buf_get_le32(b);

		if (td_buf_err(b)) {
			*why = "no data chunk";
			return -EBADMSG;
		}
		if (format && td_str_eq_c(id, "data")) {
			size_t left = td_buf_left(b);

			w->data = b->pos;
			return finish(w, !size || size > left ? left : size, why);
		}
		if (td_str_eq_c(id, "fmt ")) {
			int err = riff_format(w, td_buf_get_bytes(b, size), why);

			if (err)
				return err;
			format = true;
		} else {
			td_buf_get_bytes(b, size);
		}
		td_buf_get_bytes(b, size & 1);
	}
}

/* ---- .au ---- */

static int parse_au(struct td_wav *w, struct td_buf *b, const char **why)
{
	uint32_t data, size, coding, channels;
	size_t left;

	td_buf_get_bytes(b, 4);
	data = td_buf_get_be32(b);
	size = td_buf_get_be32(b);
	coding = td_buf_get_be32(b);
	w->rate = td_buf_get_be32(b);
	channels = td_buf_get_be32(b);
	if (td_buf_err(b) || data < AU_HEADER || data > b->len) {
		*why = "short header";
		return -EBADMSG;
	}
	w->channels = (uint8_t)(channels > 255 ? 255 : channels);
	if (coding == AU_ULAW)
		w->coding = TD_WAV_ULAW;
	else if (coding == AU_ALAW)
		w->coding = TD_WAV_ALAW;
	else if (coding == AU_PCM16)
		w->coding = TD_WAV_PCM16_BIG;
	else
		return not_supported(why, "coding is not 16 bit PCM, A-law or u-law");
	left = b->len - data;
	w->data = data;
	return finish(w, !size || size > left ? left : size, why);
}

int td_wav_parse(struct td_wav *w, const uint8_t *file, size_t len, const char **why)
{
	struct td_buf b;

	memset(w, 0, sizeof(*w));
	td_buf_init(&b, (void *)file, len);
	if (len >= 12 && !memcmp(file, "RIFF", 4) && !memcmp(file + 8, "WAVE", 4)) {
		td_buf_get_bytes(&b, 4);
		return parse_riff(w, &b, why);
	}
	if (len >= 4 && !memcmp(file, ".snd", 4))
		return parse_au(w, &b, why);
	*why = "neither a WAV nor an .au file";
	return -EBADMSG;
}

/* ---- samples ---- */

static int16_t sample(enum td_wav_coding coding, const uint8_t *p)
{
	int16_t v;

	switch (coding) {
	case TD_WAV_PCM16:
		return (int16_t)(uint16_t)(p[0] | p[1] << 8);
	case TD_WAV_PCM16_BIG:
		return (int16_t)(uint16_t)(p[0] << 8 | p[1]);
	case TD_WAV_PCM8:
		return (int16_t)((p[0] - 128) * 256);
	case TD_WAV_ALAW:
		td_g711_alaw_decode(&v, p, 1);
		return v;
	case TD_WAV_ULAW:
		td_g711_ulaw_decode(&v, p, 1);
		return v;
	}
	return 0;
}

void td_wav_read(const struct td_wav *w, const uint8_t *file, size_t from, int16_t *pcm,
		 size_t frames)
{
	size_t size = bytes_per_sample(w->coding);
	const uint8_t *p = file + w->data + from * size * w->channels;

	for (size_t i = 0; i < frames; i++) {
		int32_t sum = 0;

		for (int c = 0; c < w->channels; c++, p += size)
			sum += sample(w->coding, p);
		pcm[i] = (int16_t)(sum / w->channels); /* NOLINT(*DivideZero): 1 or 2 */
	}
}

void td_wav_header(uint8_t out[TD_WAV_HEADER], uint32_t rate, uint32_t data_len)
{
	struct td_buf b;

	td_buf_init(&b, out, TD_WAV_HEADER);
	td_buf_put_bytes(&b, "RIFF", 4);
	td_buf_put_le32(&b, data_len > UINT32_MAX - 36 ? UINT32_MAX : data_len + 36);
	td_buf_put_bytes(&b, "WAVEfmt ", 8);
	td_buf_put_le32(&b, 16);
	td_buf_put_le16(&b, RIFF_PCM);
	td_buf_put_le16(&b, 1);
	td_buf_put_le32(&b, rate);
	td_buf_put_le32(&b, rate * 2);
	td_buf_put_le16(&b, 2);
	td_buf_put_le16(&b, 16);
	td_buf_put_bytes(&b, "data", 4);
	td_buf_put_le32(&b, data_len);
}
