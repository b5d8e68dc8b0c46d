/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INFO bodies as phones and gateways send them, and as they should not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/sip/sip_info.h"

static int decode(const char *type, const char *body, struct sip_dtmf *d)
{
	return td_sip_info_decode(type, body, strlen(body), d);
}

static void digits(void **state)
{
	static const struct { const char *type, *body; char digit; unsigned int ms; } want[] = {
		{ SIP_INFO_DTMF_RELAY, "Signal=5\r\nDuration=160\r\n", '5', 160 },
		{ SIP_INFO_DTMF_RELAY, "Signal= 1\nDuration= 250", '1', 250 },	/* Cisco's blanks */
		{ SIP_INFO_DTMF_RELAY, "Duration=90\r\nSignal=*\r\n", '*', 90 },
		{ SIP_INFO_DTMF_RELAY, "signal=#\r\n", '#', 160 },
		{ SIP_INFO_DTMF_RELAY, "Signal=10\r\n", '*', 160 },
		{ SIP_INFO_DTMF_RELAY, "Signal=11\r\n", '#', 160 },
		{ SIP_INFO_DTMF_RELAY, "Signal=15\r\n", 'D', 160 },
		{ SIP_INFO_DTMF_RELAY, "Signal=a\r\n", 'A', 160 },
		{ SIP_INFO_DTMF_RELAY, "Signal=1\r\nDuration=999999\r\n", '1', 5000 },
		{ "Application/DTMF-Relay", "Signal=7", '7', 160 },
		{ SIP_INFO_DTMF, "9", '9', 160 },
		{ SIP_INFO_DTMF, "#\r\n", '#', 160 },
		{ SIP_INFO_DTMF, "Signal=4\r\nDuration=100\r\n", '4', 100 },
	};
	struct sip_dtmf d;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(decode(want[i].type, want[i].body, &d), 0);
		assert_int_equal(d.digit, want[i].digit);
		assert_int_equal(d.duration_ms, want[i].ms);
	}
}

static void refused(void **state)
{
	struct sip_dtmf d;

	(void)state;
	assert_int_equal(decode("text/plain", "5", &d), -ENOTSUP);
	assert_int_equal(decode("", "5", &d), -ENOTSUP);
	assert_int_equal(td_sip_info_decode(NULL, "5", 1, &d), -ENOTSUP);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "", &d), -EBADMSG);
	assert_int_equal(td_sip_info_decode(SIP_INFO_DTMF_RELAY, NULL, 10, &d), -EBADMSG);
	assert_int_equal(td_sip_info_decode(SIP_INFO_DTMF, NULL, 0, &d), -EBADMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Duration=160\r\n", &d), -EBADMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Signal=\r\n", &d), -EBADMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Signal=17\r\n", &d), -EBADMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Signal=123456789012345678901\r\n", &d),
			 -EBADMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Signal=E\r\n", &d), -EBADMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Signal=16\r\n", &d), -ENOMSG);
	assert_int_equal(decode(SIP_INFO_DTMF_RELAY, "Signal=hf\r\n", &d), -ENOMSG);
	assert_int_equal(decode(SIP_INFO_DTMF, "!", &d), -ENOMSG);
	assert_int_equal(td_sip_info_decode(SIP_INFO_DTMF, "\0", 1, &d), -EBADMSG);
}

static void there_and_back(void **state)
{
	char body[SIP_INFO_BODY_LEN];
	struct sip_dtmf d = { '7', 160 }, back;
	size_t len;

	(void)state;
	assert_int_equal(td_sip_info_encode(body, &d), 24);
	assert_string_equal(body, "Signal=7\r\nDuration=160\r\n");
	for (const char *p = "0123456789*#ABCD"; *p; p++) {
		d = (struct sip_dtmf){ *p, 80 };
		len = td_sip_info_encode(body, &d);
		assert_int_equal(td_sip_info_decode(SIP_INFO_DTMF_RELAY, body, len, &back), 0);
		assert_int_equal(back.digit, *p);
		assert_int_equal(back.duration_ms, 80);
	}
}

static void four_bytes(void **state)
{
	static const uint8_t pressed[] = { 5, 10, 0, 160 }, released[] = { 11, 0x8a, 1, 64 },
		flash[] = { 16, 0x8a, 0, 160 };
	uint8_t body[SIP_KEY_LEN];
	struct sip_dtmf d, back;

	(void)state;
	assert_int_equal(td_sip_key_decode(pressed, sizeof(pressed), &d), -EAGAIN);
	assert_int_equal(td_sip_key_decode(released, sizeof(released), &d), 0);
	assert_int_equal(d.digit, '#');
	assert_int_equal(d.duration_ms, 320);
	assert_int_equal(td_sip_key_decode(flash, sizeof(flash), &d), -ENOMSG);
	assert_int_equal(td_sip_key_decode(released, 3, &d), -EBADMSG);
	assert_int_equal(td_sip_key_decode(NULL, 4, &d), -EBADMSG);
	for (const char *p = "0123456789*#ABCD"; *p; p++) {
		d = (struct sip_dtmf){ *p, 80 };
		td_sip_key_encode(body, &d, true);
		assert_int_equal(td_sip_key_decode(body, sizeof(body), &back), 0);
		assert_int_equal(back.digit, *p);
		assert_int_equal(back.duration_ms, 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits),
		cmocka_unit_test(refused),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(four_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_info", tests, NULL, NULL);
}
