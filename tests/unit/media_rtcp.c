// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTCP as phones send it, and as nobody should; round trip from the middle; MOS.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/media/mos.h"
#include "userspace/media/rtcp.h"

/* SR of 0x11111111 with one block on 0x22222222, then SDES */
static const uint8_t sr[] = {
	0x81, 200, 0, 12, 0x11, 0x11, 0x11, 0x11,
	0xaa, 0xbb, 0xcc, 0xdd, 0x12, 0x34, 0x56, 0x78, 0, 0, 3, 0xe8, 0, 0, 0, 9, 0, 0, 5, 0,
	0x22, 0x22, 0x22, 0x22, 0x40, 0xff, 0xff, 0xfe, 0, 1, 0x00, 0x10, 0, 0, 0, 80,
	0x01, 0x02, 0x03, 0x04, 0, 1, 0x80, 0,
	0x81, 202, 0, 3, 0x11, 0x11, 0x11, 0x11, 1, 1, 'x', 0, 0, 0, 0, 0,
};

static void sender_report(void **state)
{
	struct td_rtcp r;

	(void)state;
	assert_int_equal(td_rtcp_parse(sr, sizeof(sr), &r), 0);
	assert_true(r.has_sr);
	assert_false(r.bye);
	assert_int_equal(r.ssrc, 0x11111111);
	assert_int_equal(r.ntp_mid, 0xccdd1234);
	assert_int_equal(r.n_blocks, 1);
	assert_int_equal(r.block[0].ssrc, 0x22222222);
	assert_int_equal(r.block[0].fraction_lost, 0x40);
	assert_int_equal(r.block[0].lost, -2);
	assert_int_equal(r.block[0].max_seq, 0x10010);
	assert_int_equal(r.block[0].jitter, 80);
	assert_int_equal(r.block[0].lsr, 0x01020304);
	assert_int_equal(r.block[0].dlsr, 0x18000);
}

static void receiver_report_and_bye(void **state)
{
	static const uint8_t p[] = {
		0x80, 201, 0, 1, 9, 9, 9, 9,
		0x81, 203, 0, 1, 9, 9, 9, 9,
	};
	struct td_rtcp r;

	(void)state;
	assert_int_equal(td_rtcp_parse(p, sizeof(p), &r), 0);
	assert_false(r.has_sr);
	assert_true(r.bye);
	assert_int_equal(r.ssrc, 0x09090909);
	assert_int_equal(r.n_blocks, 0);
}

/* Every cut of a good packet, each in memory of exactly its size, for the sanitizer to see. */
static void cut_off(void **state)
{
	struct td_rtcp r;

	(void)state;
	for (size_t n = 0; n <= sizeof(sr); n++) {
		uint8_t *p = malloc(n ? n : 1);

		assert_non_null(p);
		memcpy(p, sr, n);
		assert_int_equal(td_rtcp_parse(p, n, &r), n < 4 ? -EBADMSG : 0);
		assert_int_equal(r.has_sr, n >= 28);
		assert_int_equal(r.n_blocks, n >= 52);
		free(p);
	}
}

static void not_rtcp(void **state)
{
	uint8_t p[sizeof(sr)];
	struct td_rtcp r;

	(void)state;
	memcpy(p, sr, sizeof(p));
	p[0] = 0x41;			/* version 1 */
	assert_int_equal(td_rtcp_parse(p, sizeof(p), &r), -EBADMSG);
	memcpy(p, sr, sizeof(p));
	p[1] = 0;			/* RTP of payload type 0 */
	assert_int_equal(td_rtcp_parse(p, sizeof(p), &r), -EBADMSG);
	/* a count that promises more blocks than the packet holds */
	memcpy(p, sr, sizeof(p));
	p[0] = 0x9f;
	assert_int_equal(td_rtcp_parse(p, sizeof(p), &r), 0);
	assert_int_equal(r.n_blocks, 1);
	/* rubbish behind a good report */
	memcpy(p, sr, sizeof(p));
	p[52] = 0;
	assert_int_equal(td_rtcp_parse(p, sizeof(p), &r), 0);
	assert_int_equal(r.n_blocks, 1);
}

static void many_blocks(void **state)
{
	uint8_t p[8 + 31 * 24] = { 0x9f, 201, 0, 187 };
	struct td_rtcp r;

	(void)state;
	assert_int_equal(td_rtcp_parse(p, sizeof(p), &r), 0);
	assert_int_equal(r.n_blocks, TD_RTCP_BLOCKS);
}

static bool near(double a, double b)
{
	return a - b < 0.005 && b - a < 0.005;
}

static void round_trip(void **state)
{
	(void)state;
	/* held for 1.5 s, came back after 1.54 s */
	assert_true(near(td_rtcp_round_trip_ms(10000000000, 11540000000, 0x18000), 40));
	assert_true(td_rtcp_round_trip_ms(10, 5, 0) < 0);
	assert_true(td_rtcp_round_trip_ms(0, 1000000000, 0x20000) < 0);
	assert_true(near(td_rtcp_round_trip_ms(0, 999990000, 0x10000), 0));
	assert_true(td_rtcp_round_trip_ms(0, 120000000000, 0) < 0);
}

static double mos(const char *codec, double loss, double delay)
{
	struct td_mos_codec c;

	assert_int_equal(td_mos_codec(codec, &c), 0);
	return td_mos_of_rating(td_mos_rating(&c, loss, delay));
}

static void mos_figures(void **state)
{
	struct td_mos_codec c;

	(void)state;
	assert_true(near(mos("PCMU", 0, 0), 4.41));
	assert_true(near(mos("PCMA", 0, 0), 4.41));
	assert_true(near(mos("G729", 0, 0), 4.14));	/* R 83.2 */
	assert_true(near(mos("PCMU", 1, 0), 4.33));	/* Ie,eff 3.64 */
	assert_true(near(mos("PCMU", 5, 0), 3.92));	/* Ie,eff 15.78 */
	assert_true(mos("PCMU", 20, 0) < 2.8);
	assert_true(mos("PCMU", 0, 150) < mos("PCMU", 0, 0));
	assert_true(mos("PCMU", 0, 400) < 3.5);
	assert_true(mos("PCMU", 100, 5000) >= 1);
	assert_true(near(td_mos_of_rating(-5), 1));
	assert_true(near(td_mos_of_rating(120), 4.5));
	assert_int_equal(td_mos_codec("SPEEX", &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sender_report),
		cmocka_unit_test(receiver_report_and_bye),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(not_rtcp),
		cmocka_unit_test(many_blocks),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(mos_figures),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_rtcp", tests, NULL, NULL);
}
