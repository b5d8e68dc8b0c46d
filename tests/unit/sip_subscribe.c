/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is told what goes on at a number: asked for by SUBSCRIBE, and unasked; one NOTIFY at a
 * time; who may not; how it ends.
 */
#include "tests/lib/sip_house.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/cisco_text.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_event_body.h"

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" \
	    "m=audio 4000 RTP/AVP 0\r\n"
#define ALICE	 "Contact: <sip:1001@127.0.0.1>\r\n"
#define BOB	 "Contact: <sip:1002@127.0.0.1>\r\n"
#define PRESENCE ALICE "Event: presence\r\n"
#define DIALOG	 ALICE "Event: dialog;id=7\r\n"

/* SUBSCRIBE of alice to a number, each time anew; the last header lines are more. */
static int subscribe(struct wire *w, const char *number, const char *more)
{
	static unsigned int n;
	char line[64], text[HOUSE_TEXT];

	snprintf(line, sizeof(line), "Call-ID: %u-", ++n);
	td_strlcpy(text, wire_changed(wire_text(w, "SUBSCRIBE", "1001", more, ""), "Call-ID: ", line),
		   sizeof(text));
	snprintf(line, sizeof(line), "SUBSCRIBE sip:%s@", number);
	wire_send(w, wire_changed(text, "SUBSCRIBE sip:1001@", line));
	wire_next(w);
	return wire_status(w);
}

static void alice_is_there(struct house *h, struct wire *w)
{
	house_start(h);
	wire_open(w, h, "127.0.0.1", true);	/* over her connection she is known */
	assert_int_equal(wire_register(w, "1001", "secret", ALICE), 200);
}

static void set_bob(struct house *h, enum td_ep_state state)
{
	td_endpoint_set_state(h->core, td_endpoint_find(h->core, "bob"), state, NULL, NULL);
}

static const char *subscriptions(struct house *h)
{
	static char text[4096];
	struct td_json j;

	td_json_init(&j);
	td_sip_show_subscriptions(h->sip, &j, NULL);
	td_strlcpy(text, j.text, sizeof(text));
	td_json_fini(&j);
	return text;
}

static void expect_notify(struct wire *w, const char *part)
{
	wire_next(w);
	wire_expect(w->message, "NOTIFY ");
	wire_expect(w->message, part);
}

static void presence(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	alice_is_there(&h, &w);
	assert_int_equal(subscribe(&w, "1002", PRESENCE "Accept: application/cpim-pidf+xml\r\n"
				   "Expires: 600\r\n"), 200);
	assert_string_equal(wire_header(&w, "Expires"), "600");
	expect_notify(&w, "<basic>closed</basic>");
	assert_string_equal(wire_header(&w, "Subscription-State"), "active;expires=600");
	assert_string_equal(wire_header(&w, "Content-Type"), EVENT_PIDF_TYPE);
	wire_expect(w.message, "entity=\"sip:1002@127.0.0.1\"");
	wire_close(&w);
	house_stop(&h);
}

/* A dn without allow_watch: only who has it sees what goes on there. */
static void not_to_be_watched(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	alice_is_there(&h, &w);
	h.dns[0].allow_watch = h.dns[1].allow_watch = 0;
	for (int i = 0; i < 3; i++)
		assert_int_equal(td_sip_phone_set(h.sip, &h.phones[i]), 0);
	assert_int_equal(subscribe(&w, "1002", PRESENCE), 403);
	assert_int_equal(subscribe(&w, "1002", DIALOG), 403);
	assert_int_equal(subscribe(&w, "1003", PRESENCE), 200);
	expect_notify(&w, "NOTIFY");
	wire_answer(&w, "200 OK");
	assert_int_equal(subscribe(&w, "1001", PRESENCE), 200);
	wire_close(&w);
	house_stop(&h);
}

/* What changes before she has answered is told together, after it. */
static void one_at_a_time(void **state)
{
	char first[HOUSE_TEXT];
	struct house h;
	struct wire w;

	(void)state;
	alice_is_there(&h, &w);
	assert_int_equal(subscribe(&w, "1002", PRESENCE), 200);
	expect_notify(&w, "<basic>closed</basic>");
	td_strlcpy(first, w.message, sizeof(first));
	set_bob(&h, TD_EP_REGISTERED);
	wire_expect_silence(&w);
	td_strlcpy(w.message, first, sizeof(w.message));
	wire_answer(&w, "200 OK");
	expect_notify(&w, "<basic>open</basic>");
	wire_answer(&w, "200 OK");
	wire_expect_silence(&w);
	wire_expect(subscriptions(&h), "\"kind\":\"subscribed\",\"event\":\"presence\","
		    "\"watcher\":\"alice\",\"number\":\"1002\",\"state\":\"idle\"");
	/* she has forgotten it: it is over */
	set_bob(&h, TD_EP_UNREGISTERED);
	expect_notify(&w, "<basic>closed</basic>");
	wire_answer(&w, "481 Subscription Does Not Exist");
	wire_expect_silence(&w);
	assert_string_equal(subscriptions(&h), "[]");
	wire_close(&w);
	house_stop(&h);
}

static void dialog_and_its_end(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	alice_is_there(&h, &w);
	assert_int_equal(subscribe(&w, "1002", DIALOG "Expires: 100000\r\n"), 200);
	assert_string_equal(wire_header(&w, "Expires"), "7200");
	expect_notify(&w, "version=\"0\" state=\"full\"");
	assert_string_equal(wire_header(&w, "Event"), "dialog;id=7");
	assert_string_equal(wire_header(&w, "Content-Type"), EVENT_DIALOG_TYPE);
	wire_expect(w.message, "<dialog id=\"1002\"><state>terminated</state></dialog>");
	wire_answer(&w, "200 OK");
	/* a look without staying */
	assert_int_equal(subscribe(&w, "1002", PRESENCE "Expires: 0\r\n"), 200);
	expect_notify(&w, "Subscription-State: terminated;reason=timeout");
	wire_answer(&w, "200 OK");
	wire_expect(subscriptions(&h), "\"event\":\"dialog\"");
	assert_null(strstr(subscriptions(&h), "presence"));
	wire_close(&w);
	house_stop(&h);
}

static void refused(void **state)
{
	struct house h;
	struct wire w, stranger;

	(void)state;
	alice_is_there(&h, &w);
	assert_int_equal(subscribe(&w, "5555", PRESENCE), 404);
	assert_int_equal(subscribe(&w, "1002", ALICE "Event: weather\r\n"), 489);
	wire_expect(wire_header(&w, "Allow-Events"), "presence");
	assert_int_equal(subscribe(&w, "1002", ALICE), 489);
	assert_int_equal(subscribe(&w, "1002", PRESENCE "Accept: text/plain\r\n"), 406);
	assert_int_equal(subscribe(&w, "1002", PRESENCE "Expires: 5\r\n"), 423);
	assert_int_equal(subscribe(&w, "1002", "Event: presence\r\n"), 403);
	for (int i = 0; i < 160; i++) {
		assert_int_equal(subscribe(&w, "1002", PRESENCE), 200);
		wire_next(&w);
	}
	assert_int_equal(subscribe(&w, "1002", PRESENCE), 403);
	/* the same words from another place are anybody's */
	wire_open(&stranger, &h, "127.0.0.1", true);
	assert_int_equal(subscribe(&stranger, "1002", PRESENCE), 401);
	wire_close(&w);
	wire_close(&stranger);
	house_stop(&h);
}

/* Alice, who has bob's number too, sees with whom he talks, unless his phone has privacy. */
static void who_is_in_a_shared_line(void **state)
{
	struct cfg_line alices[2] = { { .button = 1, .dn = 0 }, { .button = 2, .dn = 1 } };
	char contact[128], text[HOUSE_TEXT];
	struct wire w, bob, carol;
	struct house h;

	(void)state;
	alice_is_there(&h, &w);
	h.phones[0].lines = alices;
	h.phones[0].n_lines = 2;
	h.config.sip.authenticate = CFG_AUTH_AUTO;	/* carol is known by her address */
	for (int i = 0; i < 3; i++)
		assert_int_equal(td_sip_phone_set(h.sip, &h.phones[i]), 0);
	wire_open(&bob, &h, "127.0.0.1", true);
	/* the number is asked for MD5, as alice has it; he is asked again when he has said who he is */
	assert_int_equal(wire_register(&bob, "1002", "hidden", BOB), 401);
	wire_expect(wire_header(&bob, "WWW-Authenticate"), "SHA-256");
	wire_expect(wire_header(&bob, "WWW-Authenticate"), "stale=true");
	snprintf(text, sizeof(text), "%s" BOB, wire_digest(&bob, "REGISTER", "1002", "hidden", 1));
	assert_int_equal(wire_say(&bob, "REGISTER", "1002", text), 200);
	wire_open(&carol, &h, "127.0.0.3", false);
	snprintf(contact, sizeof(contact), "Contact: <sip:1003@127.0.0.3:%u>\r\n", carol.port);
	assert_int_equal(wire_say(&carol, "REGISTER", "1003", contact), 200);
	td_strlcpy(text, wire_text(&carol, "INVITE", "1003", "Contact: <sip:1003@127.0.0.3>\r\n"
				   "Content-Type: application/sdp\r\n", SDP), sizeof(text));
	wire_send(&carol, wire_changed(text, "INVITE sip:1003", "INVITE sip:1002"));
	wire_expect(wire_next(&bob), "INVITE sip:1002@127.0.0.1");
	wire_expect(wire_next(&w), "INVITE sip:1001@127.0.0.1");
	assert_int_equal(subscribe(&w, "1002", DIALOG), 200);
	expect_notify(&w, "<remote><identity>sip:1003@127.0.0.1</identity>");
	assert_non_null(strstr(w.message, "@line\" local-tag=\"line\" remote-tag=\"line\""));
	wire_answer(&w, "200 OK");
	td_endpoint_find(h.core, "bob")->privacy = true;
	assert_int_equal(subscribe(&w, "1002", DIALOG), 200);
	expect_notify(&w, "direction=\"recipient\"");
	assert_null(strstr(w.message, "<remote>"));
	assert_null(strstr(w.message, "1003"));
	assert_null(strstr(w.message, "@line"));
	wire_close(&carol);
	wire_close(&bob);
	wire_close(&w);
	house_stop(&h);
}

/* ---- unasked ---- */

static struct cfg_line carols[2] = { { 1, 2 }, { 2, 1 } };	/* 1003, and bob's 1002 */
static struct cfg_button lamp = { .button = 3, .feature = 21, .target = "1001" };

static void unasked(void **state)
{
	char text[HOUSE_TEXT];
	struct cfg_phone *p;
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	p = &h.phones[2];
	p->lines = carols;
	p->n_lines = 2;
	p->buttons = &lamp;
	p->n_buttons = 1;
	h.config.sip.authenticate = CFG_AUTH_AUTO;
	h.config.sip.status_combine = 1;
	h.config.sip.status_combine_max = 6;
	assert_int_equal(td_sip_phone_set(h.sip, p), 0);
	wire_open(&w, &h, "127.0.0.3", true);
	wire_send(&w, wire_text(&w, "REGISTER", "1003", "Contact: <sip:1003@127.0.0.3:5060;transport=tcp>\r\n"
				GUIDE_SUPPORTED GUIDE_MULTIPART, GUIDE_REGISTER_BODY(BOTH_WAYS)));
	wire_next(&w);
	assert_int_equal(wire_status(&w), 100);
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	wire_expect(w.message, "<dialog usage=\"shared line\"><unot/></dialog>"
		    "<presence usage=\"blf speed dial\"><unot/></presence>");
	wire_next(&w);
	wire_expect(w.message, "REFER ");
	wire_answer(&w, "202 Accepted");
	expect_notify(&w, "entity=\"sip:1002@127.0.0.1\"");	/* the line that bob has, too */
	assert_string_equal(wire_header(&w, "Event"), "dialog");
	assert_null(strstr(wire_header(&w, "To"), "tag="));
	wire_answer(&w, "200 OK");
	expect_notify(&w, "entity=\"sip:1001@127.0.0.1\"");	/* the key */
	assert_string_equal(wire_header(&w, "Event"), "presence");
	assert_null(strstr(wire_header(&w, "To"), "tag="));
	wire_expect(w.message, "xmlns:ce=\"urn:cisco:params:xml:ns:pidf:rpid\"");
	wire_answer(&w, "200 OK");
	wire_expect_silence(&w);
	td_strlcpy(text, subscriptions(&h), sizeof(text));
	wire_expect(text, "\"id\":1000000,\"kind\":\"unsolicited\",\"event\":\"dialog\"");
	td_endpoint_set_state(h.core, td_endpoint_find(h.core, "alice"), TD_EP_REGISTERED, NULL, NULL);
	expect_notify(&w, "<basic>open</basic>");
	wire_answer(&w, "200 OK");
	/* they end with the registration */
	assert_int_equal(wire_say(&w, "REGISTER", "1003", "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_string_equal(subscriptions(&h), "[]");
	wire_close(&w);
	house_stop(&h);
}

/* ---- bodies ---- */

static void bodies(void **state)
{
	struct event_dialog d = { .call_id = 3, .leg_id = 4, .called = true, .held = true, .up = true,
				  .remote_number = "2001", .remote_name = "A \"<&" };
	char room[4096];
	struct td_buf b;

	(void)state;
	td_buf_init(&b, room, sizeof(room) - 1);
	td_event_write_pidf(&b, "1001", "h", EVENT_RINGING, true);
	room[b.pos] = '\0';
	wire_expect(room, "<e:activities><ce:alerting/></e:activities>");
	td_buf_init(&b, room, sizeof(room) - 1);
	td_event_write_pidf(&b, "1001", "h", EVENT_BUSY, false);
	room[b.pos] = '\0';
	wire_expect(room, "urn:ietf:params:xml:ns:pidf:rpid");
	wire_expect(room, "<e:activities><e:on-the-phone/></e:activities>");
	td_buf_init(&b, room, sizeof(room) - 1);
	td_event_write_dialogs(&b, "1001", "h", 9, &d, 1);
	room[b.pos] = '\0';
	wire_expect(room, "version=\"9\" state=\"full\" entity=\"sip:1001@h\"><dialog id=\"3-4\" "
		    "call-id=\"3-4@line\" local-tag=\"line\" remote-tag=\"line\" "
		    "direction=\"recipient\"><state>confirmed</state><local><identity>sip:1001@h"
		    "</identity><target uri=\"sip:1001@h\"><param pname=\"+sip.rendering\" pval=\"no\"/>");
	wire_expect(room, "<remote><identity display=\"A &quot;&lt;&amp;\">sip:2001@h</identity></remote>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presence),
		cmocka_unit_test(not_to_be_watched),
		cmocka_unit_test(who_is_in_a_shared_line),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(dialog_and_its_end),
		cmocka_unit_test(refused),
		cmocka_unit_test(unasked),
		cmocka_unit_test(bodies),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
