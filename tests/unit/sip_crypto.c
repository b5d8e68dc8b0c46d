/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * a=crypto: the lines of RFC 4568 and RFC 7714, those of phones, and what must not be taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/sip/sip_crypto.h"
#include "userspace/sip/sip_sdp.h"

#define KEY_4568 "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
#define KEY_OTHER "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj"

static int read_line(const char *text, struct td_srtp_key *k)
{
	return td_sip_crypto_read(td_str_of(text), k);
}

static void rfc_4568(void **state)
{
	/* RFC 4568 9.1 (4), 6.1's example */
	static const struct { const char *line; uint8_t suite; uint32_t tag; } good[] = {
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|2^20", TD_SUITE_CM_80, 1 },
		{ "1 AES_CM_128_HMAC_SHA1_32 inline:" KEY_OTHER "|2^20", TD_SUITE_CM_32, 1 },
		{ "2 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " WSH=128", TD_SUITE_CM_80, 2 },
		{ "999999999 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|1048576 -XYZ=1",
		  TD_SUITE_CM_80, 999999999 },
	};
	struct td_srtp_key k;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(read_line(good[i].line, &k), 0);
		assert_int_equal(k.suite, good[i].suite);
		assert_int_equal(k.tag, good[i].tag);
	}
	/* the key is text, as it happens: base64 of wDfvg&T+)xG7@fb5jU,RaA}\|p0%*# */
	assert_int_equal(read_line(good[0].line, &k), 0);
	assert_memory_equal(k.key, "wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#", 30);
	for (size_t i = 30; i < sizeof(k.key); i++)
		assert_int_equal(k.key[i], 0);
}

static void rfc_7714(void **state)
{
	struct td_srtp_key k;

	(void)state;
	assert_int_equal(read_line("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0OD1FxcVFxcVFxcVFxcQ==",
				   &k), 0);
	assert_int_equal(k.suite, TD_SUITE_GCM_128);
	assert_int_equal(k.key[15], 15);
	assert_int_equal(read_line("1 AEAD_AES_256_GCM inline:" KEY_4568, &k), -EBADMSG);
	assert_int_equal(read_line("1 AEAD_AES_256_GCM "
				   "inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9RcXFRcXFRcXFRcXE=",
				   &k), 0);
	assert_int_equal(k.suite, TD_SUITE_GCM_256);
	assert_int_equal(k.key[31], 31);
}

static void not_taken(void **state)
{
	static const char *const bad[] = {
		"", " ", "1", "1 AES_CM_128_HMAC_SHA1_80", "x AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568,
		"0 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568,
		"1000000000 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568,
		"1 AES_CM_128_HMAC_SHA1_80 inline:", "1 AES_CM_128_HMAC_SHA1_80 inline:|2^20",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "A",
		"1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSo",
		"1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJS-j",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|2^49",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|0",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " WSH=63",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " -",
		"1 AES_CM_128_HMAC_SHA1_80 " KEY_4568,
	}, *const other[] = {
		/* what it says would have to be obeyed */
		"1 F8_128_HMAC_SHA1_80 inline:" KEY_4568, "1 AES_CM_128_NULL_AUTH inline:" KEY_4568,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|2^20|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|2^20|1:4;inline:" KEY_OTHER "|2^20|2:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "|2^19",
		"1 AES_CM_128_HMAC_SHA1_80 uri:https://keys.example/1",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " UNENCRYPTED_SRTP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " UNENCRYPTED_SRTCP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " UNAUTHENTICATED_SRTP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " KDR=1",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 " FEC_ORDER=FEC_SRTP",
	};
	struct td_srtp_key k;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_line(bad[i], &k), -EBADMSG);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_int_equal(read_line(other[i], &k), -ENOTSUP);
}

static void what_is_written_is_read(void **state)
{
	struct td_srtp_key k, again;
	char text[128];
	struct td_buf b;

	(void)state;
	for (uint8_t suite = TD_SUITE_CM_80; suite < TD_SUITES; suite++) {
		k = (struct td_srtp_key){ .tag = 7, .suite = suite };
		for (size_t i = 0; i < td_srtp_key_len(suite); i++)
			k.key[i] = (uint8_t)(i * 37 + suite);
		td_buf_init(&b, text, sizeof(text));
		td_sip_crypto_write(&b, &k);
		assert_int_equal(td_buf_err(&b), 0);
		assert_memory_equal(text, "a=crypto:7 ", 11);
		assert_int_equal(td_sip_crypto_read((struct td_str){ text + 9, b.pos - 11 }, &again), 0);
		assert_int_equal(again.tag, 7);
		assert_true(td_srtp_same_key(&k, &again));
	}
}

#define HEAD "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
#define LINE_1 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_4568 "\r\n"
#define LINE_2 "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:" KEY_OTHER "|2^31\r\n"

static int parse(const char *text, bool srtp, struct sip_sdp *s)
{
	return td_sip_sdp_parse(text, strlen(text), srtp, s);
}

static void in_sdp(void **state)
{
	struct sip_sdp s, same;

	(void)state;
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\n" LINE_1 LINE_2, true, &s), 0);
	assert_int_equal(s.audio.srtp, TD_SRTP_MUST);
	assert_int_equal(s.audio.n_keys, 2);
	assert_int_equal(s.audio.key[1].suite, TD_SUITE_CM_32);
	/* who offers both in one line, and a number that is used twice */
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/AVP 8\r\n" LINE_1 LINE_1, true, &s), 0);
	assert_int_equal(s.audio.srtp, TD_SRTP_MAY);
	assert_int_equal(s.audio.n_keys, 1);
	/* another key is another description: not a refresh */
	same = s;
	same.audio.key[0].key[0] ^= 1;
	assert_true(td_sip_sdp_fingerprint(&s) != td_sip_sdp_fingerprint(&same));
	/* the first line that can be had, where SRTP may be */
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\n" LINE_1 "m=audio 4002 RTP/AVP 8\r\n",
			       true, &s), 0);
	assert_int_equal(s.audio.rtp.port, 4000);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\n" LINE_1 "m=audio 4002 RTP/AVP 8\r\n",
			       false, &s), 0);
	assert_int_equal(s.audio.rtp.port, 4002);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\n" LINE_1, false, &s), -ENOTSUP);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\n", true, &s), -ENOTSUP);
	assert_int_equal(parse(HEAD "m=audio 4000 RTP/SAVP 8\r\na=crypto:1 NONE inline:x\r\n", true, &s),
			 -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_4568),
		cmocka_unit_test(rfc_7714),
		cmocka_unit_test(not_taken),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(in_sdp),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_crypto", tests, NULL, NULL);
}
