/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message-summary as voicemails write it, and what says nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "userspace/sip/sip_summary.h"

static void told(void **state)
{
	static const struct { const char *text, *account; uint32_t messages; } good[] = {
		/* RFC 3842 5.2 */
		{ "Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\n"
		  "Voice-Message: 2/8 (0/2)\r\n", "sip:alice@vmail.example.com", 2 },
		/* Asterisk */
		{ "Messages-Waiting: no\r\nMessage-Account: sip:1001@10.0.0.1\r\n"
		  "Voice-Message: 0/3 (0/0)\r\n", "sip:1001@10.0.0.1", 0 },
		/* Cisco Unity Express */
		{ "Messages-Waiting: yes\r\n", "", 1 },
		{ "messages-waiting:YES\nvoice-message: 12/0\n", "", 12 },
		{ "Messages-Waiting: yes\r\nVoice-Message: 0/4\r\n", "", 1 },
		{ "Messages-Waiting: no\r\nVoice-Message: 3/0\r\n", "", 0 },
		{ "Messages-Waiting: yes\r\nVoice-Message: 99999999999/1\r\n", "", 1 },
	};
	struct sip_summary s;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(td_sip_summary_read(td_str_of(good[i].text), &s), 0);
		assert_int_equal(s.messages, good[i].messages);
		assert_true(td_str_eq_c(s.account, good[i].account));
	}
}

static void not_told(void **state)
{
	static const char *const bad[] = {
		"", "\r\n", ":", "Voice-Message: 2/8\r\n", "Messages-Waiting:", "Messages-Waiting: maybe",
		"Messages-Waiting yes", "\n\n\n:yes",
	};
	struct sip_summary s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(td_sip_summary_read(td_str_of(bad[i]), &s), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),
		cmocka_unit_test(not_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_summary", tests, NULL, NULL);
}
