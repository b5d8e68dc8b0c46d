/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that grow while they are called (RFC 3578): to a carrier, an INVITE for each digit; from
 * a carrier, 484 to what is too short.
 */
#include "tests/lib/sip_house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/fake_leg.h"
#include "userspace/base/str.h"

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.5\r\ns=-\r\nc=IN IP4 127.0.0.5\r\nt=0 0\r\n" \
	"m=audio 4000 RTP/AVP 0\r\n"
#define WITH_SDP "Contact: <sip:there@127.0.0.5>\r\nContent-Type: application/sdp\r\n"

struct office {
	struct house h;
	struct cfg_dialpeer peers[2];
	struct cfg_trunk trunk;
	struct wire carrier;
	struct cfg_phone desk;		/* whoever dials digit by digit: without a protocol */
	struct fake_phone phone;
	char ladder[8192];
	const char *wanted;
	char first[HOUSE_TEXT], second[HOUSE_TEXT];
};

static void say_it(void *arg, const char *line)
{
	struct office *o = arg;

	td_strlcpy(o->ladder + strlen(o->ladder), line, sizeof(o->ladder) - strlen(o->ladder));
}

static void office_start(struct office *o)
{
	memset(o, 0, sizeof(*o));
	house_start(&o->h);
	wire_open(&o->carrier, &o->h, "127.0.0.5", false);
	td_strlcpy(o->trunk.id, "carrier", CFG_ID_LEN);
	td_strlcpy(o->trunk.host, "127.0.0.5", CFG_TEXT_LEN);
	o->trunk.port = o->carrier.port;
	o->trunk.overlap_signal = 1;
	assert_int_equal(td_sip_trunk_set(o->h.sip, &o->trunk), 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(o->peers[i].id, CFG_ID_LEN, "out%zu", i);
		td_strlcpy(o->peers[i].trunk, "carrier", CFG_ID_LEN);
		o->peers[i].overlap_signal = 1;
	}
	td_strlcpy(o->peers[0].destination_pattern, "9T", CFG_PATTERN_LEN);
	td_strlcpy(o->peers[1].destination_pattern, "15T", CFG_PATTERN_LEN);
	o->h.config.dialpeers = o->peers;
	o->h.config.n_dialpeers = 2;
	o->h.config.global.timeout_interdigit = 1;
	td_core_configure(o->h.core, &o->h.config);
	o->phone = (struct fake_phone){ .name = "A", .loop = o->h.loop, .core = o->h.core,
					.say = say_it, .arg = o, .bindings = 1, .hops = 70,
					.overlap = true, .codecs = "PCMU" };
	td_addr_parse(&o->phone.rtp, "127.0.0.9:4000");
	td_addr_parse(&o->phone.local, "127.0.0.1:5060");
	o->desk = o->h.phones[0];
	td_strlcpy(o->desk.id, "desk", CFG_ID_LEN);
	o->phone.ep = td_endpoint_set(o->h.core, &o->h.config, &o->desk, &fake_driver, &o->phone);
	assert_non_null(o->phone.ep);
}

static void office_stop(struct office *o)
{
	wire_close(&o->carrier);
	td_endpoint_remove(o->h.core, o->phone.ep);
	house_stop(&o->h);
}

static void comes(struct office *o, const char *start)
{
	wire_next(&o->carrier);
	if (strncmp(o->carrier.message, start, strlen(start)))
		print_error("not %s but\n%s\n", start, o->carrier.message);
	assert_memory_equal(o->carrier.message, start, strlen(start));
}

/* Put a message back in the place of the last one, to answer it. */
static void look_at(struct office *o, const char *message)
{
	td_strlcpy(o->carrier.message, message, HOUSE_TEXT);
}

static void header(struct office *o, const char *message, const char *name, char dst[256])
{
	look_at(o, message);
	td_strlcpy(dst, wire_header(&o->carrier, name), 256);
}

static bool has_ended(void *arg)
{
	struct office *o = arg;

	return !td_core_calls(o->h.core);
}

static bool is_told(void *arg)
{
	struct office *o = arg;

	return strstr(o->ladder, o->wanted) != NULL;
}

static void until_told(struct office *o, const char *what)
{
	o->wanted = what;
	house_wait(&o->h, is_told, o);
}

/* "92" is called, and one digit more: two INVITEs are open. */
static void two_open(struct office *o)
{
	fake_dials(&o->phone, "92");
	comes(o, "INVITE sip:92@127.0.0.5");
	td_strlcpy(o->first, o->carrier.message, HOUSE_TEXT);
	fake_presses(&o->phone, '5');
	comes(o, "INVITE sip:925@127.0.0.5");
	td_strlcpy(o->second, o->carrier.message, HOUSE_TEXT);
}

static void grows(void **state)
{
	static const char *const same[] = { "Call-ID", "From", "Contact" };
	char a[256], b[256];
	struct office o;

	(void)state;
	office_start(&o);
	fake_dials(&o.phone, "92");
	comes(&o, "INVITE sip:92@127.0.0.5");
	td_strlcpy(o.first, o.carrier.message, HOUSE_TEXT);
	wire_answer(&o.carrier, "484 Address Incomplete");
	comes(&o, "ACK ");
	fake_presses(&o.phone, '5');
	comes(&o, "INVITE sip:925@127.0.0.5");
	td_strlcpy(o.second, o.carrier.message, HOUSE_TEXT);
	for (size_t i = 0; i < 3; i++) {
		header(&o, o.first, same[i], a);
		header(&o, o.second, same[i], b);
		assert_string_equal(a, b);
	}
	header(&o, o.first, "CSeq", a);
	header(&o, o.second, "CSeq", b);
	assert_int_equal(strtoul(a, NULL, 10) + 1, strtoul(b, NULL, 10));
	header(&o, o.first, "Via", a);
	header(&o, o.second, "Via", b);
	assert_string_not_equal(a, b);
	header(&o, o.second, "To", b);
	wire_expect(b, "sip:925@127.0.0.5");
	/* the one before gets its 484 when the next is there */
	fake_presses(&o.phone, '7');
	comes(&o, "INVITE sip:9257@127.0.0.5");
	td_strlcpy(o.first, o.carrier.message, HOUSE_TEXT);
	look_at(&o, o.second);
	wire_answer(&o.carrier, "484 Address Incomplete");
	comes(&o, "ACK ");
	look_at(&o, o.first);
	wire_answer(&o.carrier, "180 Ringing");
	until_told(&o, "alert");
	fake_presses(&o.phone, '1');		/* no part of the number any more */
	wire_expect_silence(&o.carrier);
	look_at(&o, o.first);
	wire_reply(&o.carrier, "200 OK", WITH_SDP, SDP);
	comes(&o, "ACK ");
	until_told(&o, "connect");
	fake_hangs_up(&o.phone, TD_CAUSE_NORMAL);
	comes(&o, "BYE sip:there@127.0.0.5");
	wire_expect(wire_header(&o.carrier, "To"), "<sip:9257@127.0.0.5>;tag=phone");
	wire_answer(&o.carrier, "200 OK");
	house_wait(&o.h, has_ended, &o);
	office_stop(&o);
}

/* What the carrier takes is the call, though it was not the last one; the others are cancelled. */
static void the_older_gets_on(void **state)
{
	struct office o;

	(void)state;
	office_start(&o);
	two_open(&o);
	look_at(&o, o.first);
	wire_answer(&o.carrier, "180 Ringing");
	until_told(&o, "alert");
	look_at(&o, o.second);
	wire_answer(&o.carrier, "100 Trying");
	comes(&o, "CANCEL sip:925@127.0.0.5");
	wire_answer(&o.carrier, "200 OK");
	look_at(&o, o.second);		/* and its answer crosses */
	wire_reply(&o.carrier, "200 OK", WITH_SDP, SDP);
	comes(&o, "ACK sip:there");
	comes(&o, "BYE sip:there");
	wire_answer(&o.carrier, "200 OK");
	assert_null(strstr(o.ladder, "connect"));
	look_at(&o, o.first);
	wire_reply(&o.carrier, "200 OK", WITH_SDP, SDP);
	comes(&o, "ACK ");
	until_told(&o, "connect");
	fake_hangs_up(&o.phone, TD_CAUSE_NORMAL);
	comes(&o, "BYE ");
	wire_expect(wire_header(&o.carrier, "To"), "<sip:92@127.0.0.5>;tag=phone");
	wire_answer(&o.carrier, "200 OK");
	house_wait(&o.h, has_ended, &o);
	office_stop(&o);
}

/* A failure of one that has a successor says nothing; that of the newest is the call's. */
static void only_the_newest_fails(void **state)
{
	struct office o;

	(void)state;
	office_start(&o);
	two_open(&o);
	look_at(&o, o.first);
	wire_answer(&o.carrier, "404 Not Found");
	comes(&o, "ACK ");
	wire_expect_silence(&o.carrier);
	assert_null(strstr(o.ladder, "release"));
	look_at(&o, o.second);
	wire_answer(&o.carrier, "486 Busy Here");
	comes(&o, "ACK ");
	house_wait(&o.h, has_ended, &o);
	wire_expect(o.ladder, "core > A  release busy");
	office_stop(&o);
}

static void number_ends(void **state)
{
	struct office o;

	(void)state;
	office_start(&o);
	/* "#" after the 484 ... */
	fake_dials(&o.phone, "92");
	comes(&o, "INVITE ");
	wire_answer(&o.carrier, "484 Address Incomplete");
	comes(&o, "ACK ");
	wire_expect_silence(&o.carrier);
	fake_presses(&o.phone, '#');
	house_wait(&o.h, has_ended, &o);
	wire_expect(o.ladder, "core > A  release bad-number");
	/* ... before it ... */
	o.ladder[0] = '\0';
	fake_dials(&o.phone, "92");
	comes(&o, "INVITE ");
	fake_presses(&o.phone, '#');
	wire_answer(&o.carrier, "484 Address Incomplete");
	comes(&o, "ACK ");
	house_wait(&o.h, has_ended, &o);
	wire_expect(o.ladder, "core > A  release bad-number");
	/* ... and the time between digits */
	o.ladder[0] = '\0';
	fake_dials(&o.phone, "92");
	comes(&o, "INVITE ");
	wire_answer(&o.carrier, "484 Address Incomplete");
	comes(&o, "ACK ");
	house_wait(&o.h, has_ended, &o);
	wire_expect(o.ladder, "core > A  release bad-number");
	office_stop(&o);
}

/* All that is open is cancelled. */
static void caller_gives_up(void **state)
{
	bool first = false, second = false;
	struct office o;

	(void)state;
	office_start(&o);
	two_open(&o);
	look_at(&o, o.first);
	wire_answer(&o.carrier, "100 Trying");
	look_at(&o, o.second);
	wire_answer(&o.carrier, "100 Trying");
	wire_expect_silence(&o.carrier);
	fake_hangs_up(&o.phone, TD_CAUSE_NORMAL);
	for (int i = 0; i < 2; i++) {
		comes(&o, "CANCEL ");
		first |= !strncmp(o.carrier.message, "CANCEL sip:92@", 14);
		second |= !strncmp(o.carrier.message, "CANCEL sip:925@", 15);
		wire_answer(&o.carrier, "200 OK");
	}
	assert_true(first && second);
	look_at(&o, o.first);
	wire_answer(&o.carrier, "487 Request Terminated");
	comes(&o, "ACK ");
	look_at(&o, o.second);
	wire_answer(&o.carrier, "487 Request Terminated");
	comes(&o, "ACK ");
	house_wait(&o.h, has_ended, &o);
	office_stop(&o);
}

/* A carrier that never says a word to any of a long number's INVITEs. */
static void silent_carrier(void **state)
{
	struct office o;

	(void)state;
	office_start(&o);
	fake_dials(&o.phone, "92");
	comes(&o, "INVITE ");
	for (int i = 0; i < 70; i++)
		fake_presses(&o.phone, '5');
	fake_hangs_up(&o.phone, TD_CAUSE_NORMAL);
	house_wait(&o.h, has_ended, &o);
	office_stop(&o);
}

/* ---- from the carrier ---- */

static const char *calls(struct office *o, const char *number, unsigned int cseq)
{
	static char text[HOUSE_TEXT];
	char now[96];

	td_strlcpy(text, wire_text(&o->carrier, "INVITE", number, WITH_SDP, SDP), sizeof(text));
	snprintf(now, sizeof(now), "Call-ID: grows\r\nX-Was: ");
	td_strlcpy(text, wire_changed(text, "Call-ID: ", now), sizeof(text));
	snprintf(now, sizeof(now), ";tag=caller\r\nX-From: ");
	td_strlcpy(text, wire_changed(text, ";tag=f-", now), sizeof(text));
	snprintf(now, sizeof(now), "CSeq: %u INVITE\r\nX-CSeq: ", cseq);
	td_strlcpy(text, wire_changed(text, "CSeq: ", now), sizeof(text));
	wire_send(&o->carrier, text);
	return text;
}

static void acknowledge(struct office *o, unsigned int cseq)
{
	static const char *const names[] = { "Via", "From", "To", "Call-ID" };
	char text[HOUSE_TEXT];
	size_t n = (size_t)snprintf(text, sizeof(text), "ACK sip:1@127.0.0.1 SIP/2.0\r\n");

	for (size_t i = 0; i < 4; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s: %s\r\n", names[i],
				      wire_header(&o->carrier, names[i]));
	snprintf(text + n, sizeof(text) - n, "CSeq: %u ACK\r\nContent-Length: 0\r\n\r\n", cseq);
	wire_send(&o->carrier, text);
}

static void expect_status(struct office *o, int status, unsigned int cseq)
{
	wire_next(&o->carrier);
	if (wire_status(&o->carrier) != status)
		print_error("not %d but\n%s\n", status, o->carrier.message);
	assert_int_equal(wire_status(&o->carrier), status);
	assert_int_equal(strtoul(wire_header(&o->carrier, "CSeq"), NULL, 10), cseq);
	if (status >= 300)
		acknowledge(o, cseq);
}

static void comes_in(void **state)
{
	char cancel[HOUSE_TEXT];
	struct office o;

	(void)state;
	office_start(&o);
	calls(&o, "1", 1);
	expect_status(&o, 484, 1);
	wire_expect(o.carrier.message, "\r\nReason: Q.850;cause=28");
	calls(&o, "10", 2);
	expect_status(&o, 484, 2);
	calls(&o, "1002", 3);		/* bob is not registered */
	expect_status(&o, 100, 3);
	expect_status(&o, 480, 3);
	/* a number that may go on waits, until the next one comes */
	calls(&o, "151", 4);
	expect_status(&o, 100, 4);
	wire_expect_silence(&o.carrier);
	assert_int_equal(td_core_calls(o.h.core), 0);
	td_strlcpy(cancel, calls(&o, "1512", 5), sizeof(cancel));
	expect_status(&o, 484, 4);
	expect_status(&o, 100, 5);
	wire_expect_silence(&o.carrier);
	/* ... or until the time has passed: a call of the house, and no way from outside to outside */
	expect_status(&o, 403, 5);
	/* given up while it waits */
	td_strlcpy(cancel, calls(&o, "151", 6), sizeof(cancel));
	expect_status(&o, 100, 6);
	td_strlcpy(cancel, wire_changed(cancel, "INVITE sip", "CANCEL sip"), sizeof(cancel));
	td_strlcpy(cancel, wire_changed(cancel, "6 INVITE\r\n", "6 CANCEL\r\n"), sizeof(cancel));
	td_strlcpy(strstr(cancel, "Contact:"), "Content-Length: 0\r\n\r\n", 32);
	wire_send(&o.carrier, cancel);
	do
		wire_next(&o.carrier);
	while (wire_status(&o.carrier) == 200);
	assert_int_equal(wire_status(&o.carrier), 487);
	acknowledge(&o, 6);
	/* what nobody has is not waited for */
	calls(&o, "7", 7);
	expect_status(&o, 100, 7);
	expect_status(&o, 404, 7);
	office_stop(&o);
}

/* Without the option a number comes as a whole. */
static void not_of_others(void **state)
{
	struct office o;

	(void)state;
	office_start(&o);
	o.trunk.overlap_signal = 0;
	assert_int_equal(td_sip_trunk_set(o.h.sip, &o.trunk), 0);
	calls(&o, "1", 1);
	expect_status(&o, 100, 1);
	expect_status(&o, 404, 1);
	assert_false(td_core_overlaps(o.h.core, o.phone.ep, "92"));
	o.trunk.overlap_signal = 1;
	assert_int_equal(td_sip_trunk_set(o.h.sip, &o.trunk), 0);
	assert_true(td_core_overlaps(o.h.core, o.phone.ep, "92"));
	o.peers[0].overlap_signal = 0;
	td_core_configure(o.h.core, &o.h.config);
	assert_false(td_core_overlaps(o.h.core, o.phone.ep, "92"));
	office_stop(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(the_older_gets_on),
		cmocka_unit_test(only_the_newest_fails),
		cmocka_unit_test(number_ends),
		cmocka_unit_test(caller_gives_up),
		cmocka_unit_test(silent_carrier),
		cmocka_unit_test(comes_in),
		cmocka_unit_test(not_of_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
