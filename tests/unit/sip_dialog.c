/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls through the driver on real sockets: too many at once, and what the fuzzer found in
 * them.
 */
#include "tests/lib/sip_house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\nc=IN IP4 127.0.0.3\r\nt=0 0\r\n" \
	"m=audio 4000 RTP/AVP 0\r\n"
#define WITH_SDP "Content-Type: application/sdp\r\n"
#define CAROL "Contact: <sip:1003@127.0.0.3>\r\n"
#define BOB   "Contact: <sip:1002@127.0.0.1>\r\n"

static int say(struct wire *w, const char *text)
{
	wire_send(w, text);
	wire_next(w);
	return wire_status(w);
}

static void call(struct wire *w, char invite[HOUSE_TEXT])
{
	static unsigned int n;
	const char *text = wire_text(w, "INVITE", "1003", CAROL WITH_SDP, SDP);
	char call_id[32];

	snprintf(call_id, sizeof(call_id), "Call-ID: call-%u-", ++n);
	td_strlcpy(invite, wire_changed(text, "INVITE sip:1003", "INVITE sip:1002"), HOUSE_TEXT);
	td_strlcpy(invite, wire_changed(invite, "Call-ID: ", call_id), HOUSE_TEXT);
	wire_send(w, invite);
	wire_next(w);
}

static void too_many_calls(void **state)
{
	char invite[HOUSE_TEXT], text[HOUSE_TEXT], contact[64];
	struct house h;
	struct wire carol, bob;

	(void)state;
	house_start(&h);
	h.config.sip.authenticate = CFG_AUTH_AUTO;
	h.config.sip.max_setups = 1;
	wire_open(&carol, &h, "127.0.0.3", false);
	wire_open(&bob, &h, "127.0.0.1", false);
	snprintf(contact, sizeof(contact), "Contact: <sip:1002@127.0.0.1:%u>\r\n", bob.port);
	assert_int_equal(wire_register(&bob, "1002", "hidden", contact), 200);
	call(&carol, invite);
	assert_int_equal(wire_status(&carol), 100);
	wire_expect(wire_next(&bob), "INVITE sip:1002@127.0.0.1:");
	wire_expect(house_stats(&h), "\"setups_now\":1");
	call(&carol, text);
	assert_int_equal(wire_status(&carol), 503);
	assert_non_null(wire_header(&carol, "Retry-After"));
	/* the end of the first one makes room */
	td_strlcpy(text, wire_changed(invite, "INVITE sip", "CANCEL sip"), sizeof(text));
	td_strlcpy(text, wire_changed(text, "INVITE\r\n", "CANCEL\r\n"), sizeof(text));
	td_strlcpy(strstr(text, "Contact:"), "Content-Length: 0\r\n\r\n", 32);
	wire_send(&carol, text);
	while (wire_next(&carol), wire_status(&carol) == 200)
		;
	assert_int_equal(wire_status(&carol), 487);
	wire_expect(house_stats(&h), "\"setups_now\":0");
	wire_close(&carol);
	wire_close(&bob);
	house_stop(&h);
}

/* A part header that cannot be read: sofia's own reader of multipart bodies aborts on it. */
static void broken_multipart(void **state)
{
	static const char headers[] = CAROL "Content-Type: multipart/mixed;boundary=zz\r\n";
	static const char body[] = "--zz\r\nContent-Type: text/plain\r\n\r\nhi\r\n--zz\r\n"
				   "Content-Type: application/sdp\r*\r\n" SDP "\r\n--zz--\r\n";
	struct wire carol;
	struct house h;

	(void)state;
	house_start(&h);
	h.config.sip.authenticate = CFG_AUTH_AUTO;
	wire_open(&carol, &h, "127.0.0.3", false);
	assert_int_equal(say(&carol, wire_text(&carol, "INVITE", "1003", headers, body)), 415);
	wire_close(&carol);
	house_stop(&h);
}

/* Carol calls bob, who answers. The last messages are his ACK and her 200. */
static void call_bob(struct wire *carol, struct wire *bob)
{
	char invite[HOUSE_TEXT], contact[64];

	snprintf(contact, sizeof(contact), "Contact: <sip:1003@127.0.0.3:%u>\r\n", carol->port);
	call(carol, invite);
	wire_next(bob);
	wire_reply(bob, "200 OK", BOB WITH_SDP, SDP);
	wire_expect(wire_next(bob), "ACK sip:");
	wire_next(carol);
	assert_int_equal(wire_status(carol), 200);
	wire_inside(carol, "ACK", "", "");
}

static void expect_method(struct wire *w, const char *method)
{
	wire_next(w);
	if (strncmp(w->message, method, strlen(method)))
		print_error("no %s but\n%s\n", method, w->message);
	assert_memory_equal(w->message, method, strlen(method));
}

/* Carol holds; what bob is asked he answers with answer, or with a 180 and nothing more. Then
 * carol hangs up, and bob still says so much as that he has heard it. */
static void hold_and_hang_up(struct wire *carol, struct wire *bob, const char *contact,
			     const char *answer)
{
	char more[256];

	call_bob(carol, bob);
	snprintf(more, sizeof(more), "Contact: <sip:1003@%s>\r\n" WITH_SDP, contact);
	wire_inside(carol, "INVITE", more, SDP "a=sendonly\r\n");
	expect_method(bob, "INVITE");
	wire_reply(bob, answer ? "200 OK" : "180 Ringing", BOB WITH_SDP, answer ? answer : "");
	if (answer) {
		expect_method(bob, "ACK");
		while (wire_next(carol), wire_status(carol) != 200)
			;
		wire_inside(carol, "ACK", "", "");
	}
	wire_inside(carol, "BYE", "", "");
	while (wire_next(carol), !strstr(wire_header(carol, "CSeq"), "BYE"))
		;
	expect_method(bob, "BYE");
	wire_reply(bob, "200 OK", "", "");
	wire_expect_silence(bob);
}

static bool no_calls(void *arg)
{
	struct house *h = arg;

	return !td_core_calls(h->core);
}

static void open_call(struct house *h, struct wire *carol, struct wire *bob)
{
	char contact[64];

	house_start(h);
	h->config.sip.authenticate = CFG_AUTH_AUTO;
	wire_open(carol, h, "127.0.0.3", false);
	wire_open(bob, h, "127.0.0.1", false);
	snprintf(contact, sizeof(contact), "Contact: <sip:1002@127.0.0.1:%u>\r\n", bob->port);
	assert_int_equal(wire_register(bob, "1002", "hidden", contact), 200);
}

static void pass(struct house *h, unsigned int seconds)
{
	for (; seconds; seconds--) {
		td_sip_clock_advance(1000);
		td_loop_step(h->loop, 0);
	}
	td_loop_step(h->loop, 0);
}

/* nta has no timer for a re-INVITE that had a 1xx: a phone that vanished then would be waited
 * for until we stop. */
static void vanished_in_a_reinvite(void **state)
{
	struct wire carol, bob;
	struct house h;
	long live;

	(void)state;
	open_call(&h, &carol, &bob);
	hold_and_hang_up(&carol, &bob, "127.0.0.3", SDP "a=recvonly\r\n");
	house_wait(&h, no_calls, &h);
	pass(&h, 40);
	live = td_mem_live();
	hold_and_hang_up(&carol, &bob, "127.0.0.3", NULL);
	house_wait(&h, no_calls, &h);
	pass(&h, 40);
	assert_int_equal(td_mem_live(), live);
	wire_close(&carol);
	wire_close(&bob);
	house_stop(&h);
}

static void one_call(void *arg, uint32_t id)
{
	*(uint32_t *)arg = id;
}

/* A re-INVITE whose Contact is a name, or another host: we go on talking to where it came from. */
static void contact_moves(void **state)
{
	static const char *const places[] = { "phone.invalid", "127.0.0.9", "[::1]:5060" };
	struct wire carol, bob;
	struct house h;
	char more[128];
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		open_call(&h, &carol, &bob);
		call_bob(&carol, &bob);
		snprintf(more, sizeof(more), "Contact: <sip:1003@%s>\r\n" WITH_SDP, places[i]);
		wire_inside(&carol, "INVITE", more, SDP "a=sendonly\r\n");
		expect_method(&bob, "INVITE");
		wire_reply(&bob, "200 OK", WITH_SDP, SDP "a=recvonly\r\n");
		while (wire_next(&carol), wire_status(&carol) != 200)
			;
		wire_inside(&carol, "ACK", "", "");
		wire_expect_silence(&carol);
		td_core_each_call(h.core, one_call, &id);
		assert_int_equal(td_core_hangup(h.core, id), 0);
		expect_method(&carol, "BYE");
		wire_close(&carol);
		wire_close(&bob);
		house_stop(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_calls),
		cmocka_unit_test(broken_multipart),
		cmocka_unit_test(vanished_in_a_reinvite),
		cmocka_unit_test(contact_moves),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
