/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys told by NOTIFY (dtmf_relay sip-notify): agreed on by Call-Info, in both directions, towards
 * a phone that has INFO; and who has not agreed is told by INFO. Keys by KPML (RFC 4730), the same.
 */
#include <stdio.h>
#include <string.h>

#include "tests/lib/sip_house.h"
#include "userspace/base/str.h"

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" \
	    "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
#define AGREES "Call-Info: <sip:127.0.0.3>;method=\"NOTIFY;Event=telephone-event;Duration=500\"\r\n"
#define KEY	"Event: telephone-event;rate=1000\r\nSubscription-State: active\r\n" \
		"Content-Type: audio/telephone-event\r\n"

struct party {
	struct house h;
	struct wire w, alice, called;	/* carol; alice's registration, and where she is called */
	char up[HOUSE_TEXT];		/* the 200 to carol's INVITE */
};

/* Carol, whose keys go by NOTIFY, calls alice, whose go by INFO; they talk. */
static void call_up_by(struct party *p, enum cfg_dtmf relay, const char *more)
{
	char contact[128], text[512], invite[HOUSE_TEXT];
	struct house *h = &p->h;

	house_start(h);
	h->config.sip.authenticate = CFG_AUTH_AUTO;	/* carol is known by her address */
	h->phones[2].dtmf_relay = relay;
	h->phones[0].dtmf_relay = CFG_DTMF_INFO;
	h->phones[0].transport = CFG_TRANSPORT_UDP;
	for (int i = 0; i < 3; i++)
		assert_int_equal(td_sip_phone_set(h->sip, &h->phones[i]), 0);
	wire_open(&p->w, h, "127.0.0.3", false);
	wire_open(&p->alice, h, "127.0.0.1", true);
	wire_open(&p->called, h, "127.0.0.1", false);
	snprintf(contact, sizeof(contact), "Contact: <sip:1001@127.0.0.1:%u;transport=udp>\r\n",
		 p->called.port);
	assert_int_equal(wire_register(&p->alice, "1001", "secret", contact), 200);
	snprintf(text, sizeof(text), "Contact: <sip:1003@127.0.0.3:%u>\r\nAllow: INFO, INVITE, BYE\r\n"
		 "Content-Type: application/sdp\r\n%s", p->w.port, more);
	td_strlcpy(invite, wire_text(&p->w, "INVITE", "1003", text, SDP), sizeof(invite));
	wire_send(&p->w, wire_changed(invite, "INVITE sip:1003", "INVITE sip:1001"));
	wire_expect(wire_next(&p->called), "INVITE sip:1001@127.0.0.1:");
	assert_null(strstr(p->called.message, "Call-Info"));
	wire_reply(&p->called, "200 OK", "Contact: <sip:1001@127.0.0.1>\r\nAllow: INFO\r\n"
		   "Content-Type: application/sdp\r\n", SDP);
	wire_expect(wire_next(&p->called), "ACK sip:");
	while (wire_next(&p->w), wire_status(&p->w) != 200)
		;
}

static void call_up(struct party *p, const char *more)
{
	call_up_by(p, CFG_DTMF_NOTIFY, more);
}

static void call_down(struct party *p)
{
	wire_close(&p->w);
	wire_close(&p->alice);
	wire_close(&p->called);
	house_stop(&p->h);
}

static bool has_digits(struct party *p, const char *digits)
{
	char want[64];
	struct td_json j;
	bool has;

	snprintf(want, sizeof(want), "\"digits\":\"%s\"", digits);
	td_json_init(&j);
	td_core_show_call(p->h.core, 1, &j, NULL);
	has = strstr(j.text, want) != NULL;
	td_json_fini(&j);
	return has;
}

/* What carol is told next that is no answer. */
static const char *next_request(struct wire *w)
{
	while (!memcmp(wire_next(w), "SIP/2.0", 7))
		;
	return w->message;
}

/* In alice's dialog, whose ACK was the last message there. */
static void alice_presses(struct party *p, char digit)
{
	char from[256], to[256], call_id[128], text[1024], body[48];

	td_strlcpy(from, wire_header(&p->called, "To"), sizeof(from));
	td_strlcpy(to, wire_header(&p->called, "From"), sizeof(to));
	td_strlcpy(call_id, wire_header(&p->called, "Call-ID"), sizeof(call_id));
	snprintf(body, sizeof(body), "Signal=%c\r\nDuration=300\r\n", digit);
	snprintf(text, sizeof(text), "INFO sip:1001@127.0.0.1 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK-key-%c\r\nFrom: %s\r\nTo: %s\r\n"
		 "Call-ID: %s\r\nCSeq: 7 INFO\r\nContent-Type: application/dtmf-relay\r\n"
		 "Content-Length: %zu\r\n\r\n%s", p->called.port, digit, from, to, call_id,
		 strlen(body), body);
	wire_send(&p->called, text);
}

static void agreed(void **state)
{
	static const char *const body[] = { "\x05\x0a\x01\x2c", "\x05\x8a\x01\x2c" };
	struct party p;

	(void)state;
	call_up(&p, AGREES);
	wire_expect(p.w.message, "method=\"NOTIFY;Event=telephone-event;Duration=");
	wire_inside(&p.w, "ACK", "", "");
	/* from carol: it counts when the key is released, once */
	wire_inside(&p.w, "NOTIFY", KEY, body[0]);
	assert_int_equal(wire_status((wire_next(&p.w), &p.w)), 200);
	assert_false(has_digits(&p, "5"));
	wire_inside(&p.w, "NOTIFY", KEY, body[1]);
	assert_int_equal(wire_status((wire_next(&p.w), &p.w)), 200);
	wire_expect(next_request(&p.called), "INFO sip:");
	assert_true(has_digits(&p, "5"));
	wire_expect(p.called.message, "Signal=5\r\nDuration=300\r\n");
	wire_answer(&p.called, "200 OK");
	/* not what it should be */
	wire_inside(&p.w, "NOTIFY", KEY, "\x05\x8a");
	assert_int_equal(wire_status((wire_next(&p.w), &p.w)), 400);
	/* to carol: pressed, released */
	alice_presses(&p, '5');
	for (int i = 0; i < 2; i++) {
		wire_expect(next_request(&p.w), "NOTIFY sip:1003@127.0.0.3:");
		wire_expect(p.w.message, "Event: telephone-event;rate=1000\r\n");
		wire_expect(p.w.message, "Content-Type: audio/telephone-event\r\n");
		wire_expect(p.w.message, body[i]);
		wire_answer(&p.w, "200 OK");
	}
	call_down(&p);
}

/* Wanted by the configuration, and not agreed on. */
static void not_agreed(void **state)
{
	struct party p;

	(void)state;
	call_up(&p, "");
	assert_null(strstr(p.w.message, "Call-Info"));
	wire_inside(&p.w, "ACK", "", "");
	alice_presses(&p, '7');
	wire_expect(next_request(&p.w), "INFO sip:1003@127.0.0.3:");
	wire_expect(p.w.message, "Signal=7");
	wire_answer(&p.w, "200 OK");
	call_down(&p);
}

#define KPML "Event: kpml\r\nContent-Type: application/kpml-"
#define WANTS(regex) "<kpml-request xmlns=\"urn:ietf:params:xml:ns:kpml-request\" version=\"1.0\">" \
		     "<pattern persist=\"persist\"><regex tag=\"dtmf\">" regex "</regex></pattern>" \
		     "</kpml-request>"

static void answered(struct party *p, const char *method, const char *more, const char *body,
		     int status)
{
	td_strlcpy(p->w.message, p->up, HOUSE_TEXT);
	wire_inside(&p->w, method, more, body);
	while (wire_next(&p->w), !wire_status(&p->w))
		wire_answer(&p->w, "200 OK");
	assert_int_equal(wire_status(&p->w), status);
}

static void by_kpml(void **state)
{
	struct party p;

	(void)state;
	call_up_by(&p, CFG_DTMF_KPML, "Allow-Events: kpml\r\n");
	wire_expect(p.w.message, "Allow-Events: kpml\r\n");
	td_strlcpy(p.up, p.w.message, HOUSE_TEXT);
	wire_inside(&p.w, "ACK", "", "");
	/* from carol: we ask for every key */
	wire_expect(next_request(&p.w), "SUBSCRIBE sip:1003@127.0.0.3:");
	wire_expect(p.w.message, "Event: kpml\r\n");
	wire_expect(p.w.message, "persist=\"persist\"");
	wire_answer(&p.w, "200 OK");
	answered(&p, "NOTIFY", KPML "response+xml\r\nSubscription-State: active\r\n",
		 "<kpml-response version=\"1.0\" code=\"200\" text=\"OK\" digits=\"5\"/>", 200);
	wire_expect(next_request(&p.called), "INFO sip:");
	assert_true(has_digits(&p, "5"));
	wire_expect(p.called.message, "Signal=5\r\n");
	wire_answer(&p.called, "200 OK");
	/* to carol: what she has asked for, and nothing before that */
	answered(&p, "SUBSCRIBE", KPML "request+xml\r\nExpires: 600\r\n", WANTS("[0-9#]"), 200);
	wire_expect(p.w.message, "Expires: 600\r\n");
	wire_expect(next_request(&p.w), "NOTIFY sip:1003@127.0.0.3:");
	wire_expect(p.w.message, "Subscription-State: active;expires=");
	wire_answer(&p.w, "200 OK");
	alice_presses(&p, '*');
	alice_presses(&p, '7');
	wire_expect(next_request(&p.w), "NOTIFY sip:1003@127.0.0.3:");
	wire_expect(p.w.message, "code=\"200\" text=\"OK\" digits=\"7\" tag=\"dtmf\"");
	wire_answer(&p.w, "200 OK");
	/* more than one key is no pattern of ours, and another package none at all */
	answered(&p, "SUBSCRIBE", KPML "request+xml\r\n", WANTS("x{4}"), 200);
	wire_expect(next_request(&p.w), "NOTIFY ");
	wire_expect(p.w.message, "Subscription-State: terminated;reason=rejected\r\n");
	wire_expect(p.w.message, "code=\"501\"");
	wire_answer(&p.w, "200 OK");
	answered(&p, "SUBSCRIBE", KPML "request+xml\r\n", "nonsense", 400);
	answered(&p, "SUBSCRIBE", "Event: dialog\r\n", "", 489);
	call_down(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreed),
		cmocka_unit_test(not_agreed),
		cmocka_unit_test(by_kpml),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
