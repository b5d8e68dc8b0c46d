// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Codecs: G.711 against the packet program's tables and spandsp's own, the others by a tone
 * that goes through, and the bit orders that RFC 3551 asks for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <spandsp/telephony.h>
#include <spandsp/bit_operations.h>
#include <spandsp/bitstream.h>
#include <spandsp/g711.h>
#include <spandsp/g726.h>

#include "bpf/td_g711.h"
#include "tests/lib/tones.h"
#include "userspace/media/audio/codec.h"
#include "userspace/media/audio/g711.h"

static void laws_agree_with_xdp(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		uint8_t code = (uint8_t)i, back;
		int16_t s;

		td_g711_ulaw_decode(&s, &code, 1);
		td_g711_alaw_encode(&back, &s, 1);
		assert_int_equal(back, td_g711_u2a[i == 0x7f ? 0xff : i]);	/* -0 is 0 */
		td_g711_alaw_decode(&s, &code, 1);
		td_g711_ulaw_encode(&back, &s, 1);
		assert_int_equal(back, td_g711_a2u[i]);
	}
}

static void laws_agree_with_another_hand(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		uint8_t code = (uint8_t)i;
		int16_t s;

		td_g711_ulaw_decode(&s, &code, 1);
		assert_int_equal(s, ulaw_to_linear(code));
		td_g711_alaw_decode(&s, &code, 1);
		assert_int_equal(s, alaw_to_linear(code));
	}
	/* the other one takes negative values as ones' complement, so compare the positive ones */
	for (int v = 0; v < 32768; v++) {
		int16_t s = (int16_t)v, minus = (int16_t)-v;
		uint8_t code, mirror;

		td_g711_ulaw_encode(&code, &s, 1);
		td_g711_ulaw_encode(&mirror, &minus, 1);
		assert_int_equal(code, linear_to_ulaw(v));
		assert_int_equal(mirror, v ? code ^ 0x80 : code);
		td_g711_alaw_encode(&code, &s, 1);
		td_g711_alaw_encode(&mirror, &minus, 1);
		assert_int_equal(code, linear_to_alaw(v));
		assert_int_equal(mirror, v ? code ^ 0x80 : code);
	}
}

/* Every code is what its own sample is coded as. */
static void codes_are_stable(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		uint8_t code = (uint8_t)i, back;
		int16_t s;

		td_g711_alaw_decode(&s, &code, 1);
		td_g711_alaw_encode(&back, &s, 1);
		assert_int_equal(back, code);
		td_g711_ulaw_decode(&s, &code, 1);
		td_g711_ulaw_encode(&back, &s, 1);
		assert_int_equal(back, code == 0x7f ? 0xff : code);	/* -0 is 0 */
	}
}

struct quality {
	const char *name;
	uint32_t clock, rate;
	size_t bytes;			/* of 20 ms */
	double min_snr;
};

static const struct quality qualities[] = {
	{ "PCMU", 8000, 8000, 160, 36 }, { "pcma", 8000, 8000, 160, 36 },
	{ "G722", 8000, 16000, 160, 25 },
	{ "G726-40", 8000, 8000, 100, 30 }, { "G726-32", 8000, 8000, 80, 24 },
	{ "G726-24", 8000, 8000, 60, 16 }, { "G726-16", 8000, 8000, 40, 8 },
	{ "AAL2-G726-32", 8000, 8000, 80, 24 },
	{ "GSM", 8000, 8000, 33, 8 }, { "G729", 8000, 8000, 20, 8 },
	{ "L16", 8000, 8000, 320, 80 }, { "L16", 16000, 16000, 640, 80 },
};

static void tone_goes_through(void **state)
{
	static int16_t in[16000], out[16000];
	const double hz = 1000;

	(void)state;
	for (size_t q = 0; q < sizeof(qualities) / sizeof(qualities[0]); q++) {
		const struct quality *k = &qualities[q];
		size_t frame = k->rate / 50, n = k->rate;
		struct td_audio_codec c;
		double level, snr;
		uint8_t wire[640];

		assert_int_equal(td_audio_codec_open(&c, td_str_of(k->name), k->clock), 0);
		assert_int_equal(c.rate, k->rate);
		memset(in, 0, sizeof(in));
		tone_add(in, n, hz, 8000, k->rate, 0);
		for (size_t at = 0; at < n; at += frame) {
			size_t len = td_audio_codec_encode(&c, wire, in + at, frame);

			assert_int_equal(len, k->bytes);
			assert_int_equal(td_audio_codec_bytes(&c, frame), k->bytes);
			assert_int_equal(td_audio_codec_decode(&c, out + at, frame, wire, len), frame);
		}
		level = tone_amplitude(out + n / 2, n / 2, hz, k->rate);
		snr = tone_snr(out + n / 2, n / 2, &hz, 1, k->rate);
		print_message("# %s/%u: %.1f dB, level %.0f\n", k->name, k->clock, snr, level);
		assert_true(level > 7000 && level < 9000);
		assert_true(snr > k->min_snr);
		td_audio_codec_close(&c);
	}
}

/* RFC 3551 4.5.4: the first sample of an octet in its least significant bits. */
static void g726_bit_order(void **state)
{
	int16_t pcm[160] = { 0 };
	uint8_t codes[160], wire[80], aal2[80];
	struct td_audio_codec c, d;
	g726_state_t *plain = g726_init(NULL, 32000, G726_ENCODING_LINEAR, G726_PACKING_NONE);

	(void)state;
	tone_add(pcm, 160, 700, 9000, 8000, 0);
	assert_int_equal(g726_encode(plain, codes, pcm, 160), 160);
	assert_int_equal(td_audio_codec_open(&c, TD_STR("G726-32"), 0), 0);
	assert_int_equal(td_audio_codec_open(&d, TD_STR("AAL2-G726-32"), 0), 0);
	assert_int_equal(td_audio_codec_encode(&c, wire, pcm, 160), 80);
	assert_int_equal(td_audio_codec_encode(&d, aal2, pcm, 160), 80);
	for (int i = 0; i < 80; i++) {
		assert_int_equal(wire[i], codes[2 * i] | codes[2 * i + 1] << 4);
		assert_int_equal(aal2[i], codes[2 * i] << 4 | codes[2 * i + 1]);
	}
	g726_free(plain);
	td_audio_codec_close(&c);
	td_audio_codec_close(&d);
}

static void gsm_signature(void **state)
{
	int16_t pcm[320] = { 0 };
	struct td_audio_codec c;
	uint8_t wire[66];

	(void)state;
	assert_int_equal(td_audio_codec_open(&c, TD_STR("GSM"), 0), 0);
	assert_int_equal(td_audio_codec_encode(&c, wire, pcm, 320), 66);
	assert_int_equal(wire[0] >> 4, 0xd);		/* RFC 3551 4.5.8.1 */
	assert_int_equal(wire[33] >> 4, 0xd);
	td_audio_codec_close(&c);
}

static void impossible_lengths(void **state)
{
	static const struct { const char *name; size_t len; int samples; } lens[] = {
		{ "PCMU", 0, -EBADMSG }, { "PCMU", 1, 1 }, { "L16", 3, -EBADMSG },
		{ "GSM", 32, -EBADMSG }, { "GSM", 66, 320 }, { "G729", 12, 160 },
		{ "G729", 2, 80 }, { "G729", 11, -EBADMSG }, { "G726-24", 4, -EBADMSG },
		{ "G726-24", 6, 16 }, { "G722", 80, 160 }, { "PCMA", 65536, -EBADMSG },
	};
	static const uint8_t zero[128];
	struct td_audio_codec c;
	int16_t pcm[320];

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_int_equal(td_audio_codec_open(&c, td_str_of(lens[i].name), 0), 0);
		assert_int_equal(td_audio_codec_samples(&c, zero, lens[i].len), lens[i].samples);
		td_audio_codec_close(&c);
	}
	assert_int_equal(td_audio_codec_open(&c, TD_STR("PCMU"), 0), 0);
	assert_int_equal(td_audio_codec_decode(&c, pcm, 100, zero, 101), -EBADMSG);
	td_audio_codec_close(&c);
	assert_int_equal(td_audio_codec_open(&c, TD_STR("opus"), 48000), -ENOTSUP);
	assert_int_equal(td_audio_codec_open(&c, TD_STR("PCMU"), 16000), -ENOTSUP);
	assert_false(td_audio_codec_known(TD_STR("L16"), 44100, NULL));
}

static void g729_conceals_itself(void **state)
{
	int16_t pcm[160] = { 0 }, out[160];
	struct td_audio_codec c;
	uint8_t wire[20];

	(void)state;
	assert_int_equal(td_audio_codec_open(&c, TD_STR("G729"), 0), 0);
	for (int i = 0; i < 10; i++) {
		memset(pcm, 0, sizeof(pcm));
		tone_add(pcm, 160, 500, 8000, 8000, (size_t)i * 160);
		td_audio_codec_encode(&c, wire, pcm, 160);
		td_audio_codec_decode(&c, out, 160, wire, 20);
	}
	memset(out, 0, sizeof(out));
	assert_true(td_audio_codec_conceals(&c));
	td_audio_codec_conceal(&c, out, 160);
	assert_true(tone_rms(out, 160) > 1000);
	td_audio_codec_close(&c);
	assert_int_equal(td_audio_codec_open(&c, TD_STR("PCMU"), 0), 0);
	assert_false(td_audio_codec_conceals(&c));
	td_audio_codec_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laws_agree_with_xdp),
		cmocka_unit_test(laws_agree_with_another_hand),
		cmocka_unit_test(codes_are_stable),
		cmocka_unit_test(tone_goes_through),
		cmocka_unit_test(g726_bit_order),
		cmocka_unit_test(gsm_signature),
		cmocka_unit_test(impossible_lengths),
		cmocka_unit_test(g729_conceals_itself),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_audio_codec", tests, NULL, NULL);
}
