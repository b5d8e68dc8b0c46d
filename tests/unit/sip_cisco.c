/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registration in Cisco's dialect as a phone sees it: in bulk and line by line, what it is
 * granted and told, by whom it is taken for which phone, and what a probe changes (nothing).
 * The phone is carol, known by her host.
 */
#include "tests/lib/sip_house.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/cisco_text.h"
#include "userspace/base/str.h"

#define MAC "001b2a893698"

static struct cfg_line two_lines[2] = { { 1, 2 }, { 2, 1 } };

static void on_versions(void *arg, const uint8_t mac[6], struct td_sip_versions *v)
{
	(void)arg;
	assert_memory_equal(mac, "\x00\x1b\x2a\x89\x36\x98", 6);
	td_strlcpy(v->config, "42", sizeof(v->config));
}

/* carol has 1003 and 1002, and a MAC. */
static void house_of_carol(struct house *h, struct wire *w, bool tcp)
{
	struct cfg_phone *p;

	house_start(h);
	p = &h->phones[2];
	p->lines = two_lines;
	p->n_lines = 2;
	p->has_mac = 1;
	memcpy(p->mac, "\x00\x1b\x2a\x89\x36\x98", 6);
	h->config.sip.authenticate = CFG_AUTH_AUTO;
	h->config.sip.status_combine = 1;
	h->config.sip.status_combine_max = 6;
	h->versions = on_versions;
	assert_int_equal(td_sip_phone_set(h->sip, p), 0);
	wire_open(w, h, "127.0.0.3", tcp);
}

static const char *headers(struct wire *w, const char *user, const char *more)
{
	static char text[2048];
	char where[32];

	snprintf(where, sizeof(where), "%s:%u", w->ip, w->port);
	snprintf(text, sizeof(text), "Contact: <sip:%s@%s;transport=%s>"
		 ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-" MAC ">\""
		 ";+u.sip!model.ccm.cisco.com=\"30006\"\r\n" GUIDE_SUPPORTED "Expires: 600\r\n%s",
		 user, where, w->tcp ? "tcp" : "udp", more);
	return text;
}

/* REGISTER; awaits 100, then the answer. */
static int say_register(struct wire *w, const char *user, const char *more, const char *body)
{
	wire_send(w, wire_text(w, "REGISTER", user, headers(w, user, more), body));
	wire_next(w);
	if (wire_status(w) == 100)
		wire_next(w);
	return wire_status(w);
}

static int say_bulk(struct wire *w, const char *more)
{
	char headers[512];

	snprintf(headers, sizeof(headers), GUIDE_MULTIPART "%s", more);
	return say_register(w, "1003", headers, GUIDE_REGISTER_BODY(SUB_ONLY));
}

static bool has_method(void *arg)
{
	struct house *h = arg;

	return !strcmp(td_endpoint_find(h->core, "carol")->registration_method,
		       "bulk - completed");
}

static const char *method(struct house *h)
{
	return td_endpoint_find(h->core, "carol")->registration_method;
}

static void in_bulk(void **state)
{
	char contact[128];
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	assert_int_equal(say_bulk(&w, ""), 200);
	snprintf(contact, sizeof(contact), "<sip:1003@127.0.0.3:%u;transport=tcp>;expires=600", w.port);
	wire_expect(wire_header(&w, "Contact"), contact);
	wire_expect(wire_header(&w, "Contact"), ";x-cisco-newreg");
	assert_string_equal(wire_header(&w, "Expires"), "600");
	assert_non_null(wire_header(&w, "Date"));
	wire_expect(wire_header(&w, "Content-Type"), "multipart/mixed;boundary=uniqueBoundary");
	wire_expect(w.message, "<combine max=\"6\"><remotecc><status/></remotecc><service-control/>");
	assert_string_equal(method(&h), "bulk - in progress");
	/* only line 1 is a registration, as show says it */
	wire_expect(house_registrations(&h), "\"line\":\"1003\"");
	assert_null(strstr(house_registrations(&h), "\"line\":\"1002\""));
	/* the status update, all in one */
	wire_next(&w);
	wire_expect(w.message, "REFER sip:1003@127.0.0.3");
	assert_null(strstr(wire_header(&w, "To"), "tag="));
	wire_expect(wire_header(&w, "Require"), "norefersub");
	wire_expect(wire_header(&w, "Refer-To"), "cid:");
	assert_non_null(wire_header(&w, "Content-Id"));
	wire_expect(w.message, "<cfwdallupdate><fwdaddress/><tovoicemail>off</tovoicemail>");
	wire_expect(w.message, "<bulkupdate><contact all=\"true\"><mwi>no</mwi></contact></bulkupdate>");
	assert_null(strstr(w.message, "privacyreq"));
	assert_null(strstr(w.message, "dndupdate"));
	wire_expect(w.message, "action=check-version\r\nRegisterCallId={1003-");
	wire_expect(w.message, "ConfigVersionStamp={42}");
	wire_answer(&w, "202 Accepted");
	house_wait(&h, has_method, &h);
	/* a refresh is answered plainly */
	assert_int_equal(say_bulk(&w, ""), 200);
	assert_null(strstr(wire_header(&w, "Contact"), "x-cisco-newreg"));
	assert_null(wire_header(&w, "Content-Type"));
	wire_expect_silence(&w);
	assert_string_equal(method(&h), "bulk - completed");
	wire_close(&w);
	house_stop(&h);
}

static void expect_single(struct wire *w, const char *method, const char *part)
{
	wire_next(w);
	wire_expect(w->message, method);
	wire_expect(w->message, part);
	assert_null(strstr(wire_header(w, "To"), "tag="));
	wire_answer(w, method[0] == 'R' ? "202 Accepted" : "200 OK");
}

static void line_by_line(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, false);
	assert_int_equal(say_register(&w, "1003", "", ""), 200);
	wire_expect(wire_header(&w, "Contact"), ";x-cisco-newreg");
	assert_null(wire_header(&w, "Content-Type"));
	assert_string_equal(method(&h), "per line");
	expect_single(&w, "REFER", "<cfwdallupdate>");
	expect_single(&w, "REFER", "<privacyreq><status>false</status>");
	expect_single(&w, "REFER", "<dndupdate><state>disable</state>");
	expect_single(&w, "NOTIFY", "action=check-version");	/* it did not say that it started */
	expect_single(&w, "NOTIFY sip:1003@", "Messages-Waiting: no");
	assert_int_equal(say_register(&w, "1002", "", ""), 200);
	expect_single(&w, "NOTIFY sip:1002@", "Messages-Waiting: no");
	assert_int_equal(say_register(&w, "1002", "", ""), 200);
	assert_null(strstr(wire_header(&w, "Contact"), "x-cisco-newreg"));
	wire_expect_silence(&w);
	wire_expect(house_registrations(&h), "\"line\":\"1002\"");
	/* a body over UDP is passed over */
	assert_int_equal(say_bulk(&w, ""), 200);
	assert_null(wire_header(&w, "Content-Type"));
	wire_close(&w);
	house_stop(&h);
}

/* A phone that has just started has just read its files. */
static void started_line_by_line(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, false);
	assert_int_equal(say_register(&w, "1003", "Reason: SIP;cause=200;text=\"cisco-alarm:23 "
				      "Name=SEP001B2A893698 Last=reset-restart\"\r\n", ""), 200);
	expect_single(&w, "REFER", "<cfwdallupdate>");
	expect_single(&w, "REFER", "<privacyreq>");
	expect_single(&w, "REFER", "<dndupdate>");
	expect_single(&w, "NOTIFY", "Messages-Waiting: no");
	wire_expect_silence(&w);
	wire_close(&w);
	house_stop(&h);
}

/* Two parts in one REFER: three of them. */
static void few_parts_at_once(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	h.config.sip.status_combine_max = 2;
	assert_int_equal(say_bulk(&w, ""), 200);
	wire_expect(w.message, "<combine max=\"2\">");
	wire_next(&w);
	wire_expect(w.message, "<cfwdallupdate>");
	wire_expect(w.message, "<bulkupdate>");
	wire_answer(&w, "202 Accepted");
	wire_next(&w);
	wire_expect(w.message, "check-version");
	wire_answer(&w, "202 Accepted");
	house_wait(&h, has_method, &h);
	wire_close(&w);
	house_stop(&h);
}

static void not_combined(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	h.config.sip.status_combine = 0;
	assert_int_equal(say_bulk(&w, ""), 200);
	assert_null(strstr(w.message, "combine"));
	expect_single(&w, "REFER", "<cfwdallupdate>");
	expect_single(&w, "REFER", "<privacyreq>");
	expect_single(&w, "REFER", "<dndupdate>");
	expect_single(&w, "NOTIFY", "check-version");
	expect_single(&w, "NOTIFY sip:1003@", "Messages-Waiting");
	expect_single(&w, "NOTIFY sip:1002@", "Messages-Waiting");	/* each line has its contact */
	house_wait(&h, has_method, &h);
	wire_close(&w);
	house_stop(&h);
}

/* What cannot be read is passed over: each line then registers by itself. */
static void broken_bodies(void **state)
{
	static const char *const bodies[] = { "", "--other\r\n\r\n--other--", GUIDE_PART GUIDE_BULK,
		GUIDE_PART "<!DOCTYPE a>" GUIDE_BULK "--uniqueBoundary--\r\n",
		GUIDE_PART "<x>\r\n--uniqueBoundary--\r\n" };
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(say_register(&w, "1003", GUIDE_MULTIPART, bodies[i]), 200);
		assert_null(wire_header(&w, "Content-Type"));
		assert_string_equal(method(&h), "per line");
		for (int k = 0; !i && k < 5; k++) {
			wire_next(&w);
			wire_answer(&w, "200 OK");
		}
	}
	wire_expect_silence(&w);
	wire_close(&w);
	house_stop(&h);
}

static void a_probe_changes_nothing(void **state)
{
	static const char probe[] = "Contact: <sip:1003@127.0.0.3:5060>;expires=0;cisco-keep-alive\r\n"
				    "Expires: 0\r\n";
	struct house h;
	struct wire w, stranger;

	(void)state;
	house_of_carol(&h, &w, true);
	wire_open(&stranger, &h, "127.0.0.1", false);
	assert_int_equal(say_bulk(&w, ""), 200);
	wire_next(&w);
	wire_answer(&w, "202 Accepted");
	assert_int_equal(wire_say(&stranger, "REGISTER", "1003", probe), 200);
	assert_non_null(wire_header(&stranger, "Date"));
	assert_null(wire_header(&stranger, "Contact"));
	wire_expect(house_registrations(&h), "\"line\":\"1003\"");
	wire_expect(house_stats(&h), "\"register_probes\":1");
	/* without the word it is a goodbye */
	assert_int_equal(wire_say(&w, "REGISTER", "1003", "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_string_equal(house_registrations(&h), "[]");
	wire_close(&w);
	wire_close(&stranger);
	house_stop(&h);
}

/* The name on the device counts, at its own host only; the user part may be anything of it. */
static void known_by_its_mac(void **state)
{
	struct house h;
	struct wire w, stranger;

	(void)state;
	house_of_carol(&h, &w, true);
	wire_open(&stranger, &h, "127.0.0.1", true);
	/* 1002 is bob's first line too, and bob is challenged */
	assert_int_equal(say_register(&w, "1002", "", ""), 200);
	wire_expect(house_registrations(&h), "\"phone\":\"carol\"");
	assert_int_equal(say_register(&stranger, "1003", "", ""), 401);
	wire_close(&w);
	wire_close(&stranger);
	house_stop(&h);
}

static void what_is_required(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	assert_int_equal(say_register(&w, "1003", "Require: x-cisco-sis-3.0.0,X-Cisco-Config\r\n", ""),
			 200);
	for (int k = 0; k < 5; k++) {
		wire_next(&w);
		wire_answer(&w, "200 OK");
	}
	assert_int_equal(say_register(&w, "1003", "Require: x-cisco-telepathy\r\n", ""), 420);
	assert_string_equal(wire_header(&w, "Unsupported"), "x-cisco-telepathy");
	wire_close(&w);
	house_stop(&h);
}

static void ordered(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	assert_int_equal(td_sip_reset(h.sip, "carol", true), 0);	/* not there yet */
	assert_int_equal(say_bulk(&w, ""), 200);
	wire_next(&w);
	wire_answer(&w, "202 Accepted");
	assert_int_equal(td_sip_reset(h.sip, "carol", true), 1);
	expect_single(&w, "NOTIFY sip:1003@", "action=reset\r\nRegisterCallId={1003-");
	assert_string_equal(wire_header(&w, "Event"), "service-control");
	assert_int_equal(td_sip_reset(h.sip, "all", false), 1);
	expect_single(&w, "NOTIFY", "action=restart");
	assert_int_equal(td_sip_reset(h.sip, "nobody", false), -ENOENT);
	assert_true(td_sip_file_changed(h.sip, "carol"));
	expect_single(&w, "NOTIFY", "action=check-version");
	wire_expect(w.message, "ConfigVersionStamp={42}");
	h.versions = NULL;		/* nothing to compare with */
	assert_false(td_sip_file_changed(h.sip, "carol"));
	assert_false(td_sip_file_changed(h.sip, "alice"));
	wire_expect_silence(&w);
	wire_close(&w);
	house_stop(&h);
}

/* Phones that come back: as many a second as may, the others at times of their own. */
static void leave_to_return(void **state)
{
	static const char token[] = "Refer-To: <urn:X-cisco-remotecc:token-registration>\r\n"
				    "Contact: <sip:1003@127.0.0.3>\r\n";
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, false);
	h.config.sip.token_accept = 1;
	h.config.sip.token_rate = 2;
	td_addr_parse(&h.config.cluster.secondary, "127.0.0.9");
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 202);
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 202);
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 202);
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 503);
	assert_string_equal(wire_header(&w, "Retry-After"), "2");
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 503);
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 503);
	assert_string_equal(wire_header(&w, "Retry-After"), "3");
	h.config.sip.token_accept = 0;
	h.config.sip.token_retry_after = 77;
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 503);
	assert_string_equal(wire_header(&w, "Retry-After"), "77");
	assert_int_equal(wire_say(&w, "REFER", "5555", token), 404);
	/* the secondary has no say */
	td_addr_parse(&h.config.cluster.secondary, "127.0.0.1");
	assert_int_equal(wire_say(&w, "REFER", "1003", token), 403);
	assert_string_equal(house_registrations(&h), "[]");
	wire_close(&w);
	house_stop(&h);
}

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\nc=IN IP4 127.0.0.3\r\nt=0 0\r\n" \
	    "m=audio 4000 RTP/AVP 0\r\n"
#define KEY(name, id) "<x-cisco-remotecc-request><softkeyeventmsg><softkeyevent>" name \
	"</softkeyevent>" id "</softkeyeventmsg></x-cisco-remotecc-request>"

static int press(struct wire *w, const char *user, const char *body)
{
	/* with a Call-ID of its own, as outside of a dialog */
	wire_send(w, wire_changed(wire_text(w, "REFER", user, "Refer-To: <cid:1>\r\n"
					    "Contact: <sip:x@127.0.0.1>\r\nContent-Type: "
					    "application/x-cisco-remotecc-request+xml\r\n", body),
				  "Call-ID: ", "Call-ID: key-"));
	wire_next(w);
	return wire_status(w);
}

/* Alice is registered at called, by digest on a connection of its own. */
static void alice_registers(struct house *h, struct wire *alice, struct wire *called)
{
	char contact[128];

	wire_open(alice, h, "127.0.0.1", true);
	wire_open(called, h, "127.0.0.1", false);
	snprintf(contact, sizeof(contact), "Contact: <sip:1001@127.0.0.1:%u;transport=udp>\r\n",
		 called->port);
	h->phones[0].transport = CFG_TRANSPORT_UDP;
	h->phones[0].call_waiting = 1;
	assert_int_equal(td_sip_phone_set(h->sip, &h->phones[0]), 0);
	assert_int_equal(wire_register(alice, "1001", "secret", contact), 200);
}

/* Carol calls alice, who answers; how carol's phone names that dialog, in an element of that
 * name. call_id: of the dialog. */
static void call_alice(struct wire *w, struct wire *called, const char *element, char id[512],
		       char call_id[128])
{
	char invite[HOUSE_TEXT], unique[48], more[128];

	snprintf(unique, sizeof(unique), "Call-ID: %s-", element);
	snprintf(more, sizeof(more), "Contact: <sip:1003@127.0.0.3:%u>\r\n"
		 "Content-Type: application/sdp\r\n", w->port);
	td_strlcpy(invite, wire_text(w, "INVITE", "1003", more, SDP), sizeof(invite));
	td_strlcpy(invite, wire_changed(invite, "INVITE sip:1003", "INVITE sip:1001"), sizeof(invite));
	wire_send(w, wire_changed(invite, "Call-ID: ", unique));
	wire_expect(wire_next(called), "INVITE sip:1001@127.0.0.1:");
	wire_reply(called, "200 OK", "Contact: <sip:1001@127.0.0.1>\r\n"
		   "Content-Type: application/sdp\r\n", SDP);
	wire_expect(wire_next(called), "ACK sip:");
	while (wire_next(w), wire_status(w) != 200)
		;
	td_strlcpy(call_id, wire_header(w, "Call-ID"), 128);
	snprintf(id, 512, "<%s><callid>%s</callid><localtag>f-1003</localtag><remotetag>%s</remotetag>"
		 "</%s>", element, call_id, strstr(wire_header(w, "To"), "tag=") + 4, element);
	wire_inside(w, "ACK", "", "");
}

/* The next request that carol is told is the end of this dialog. */
static void expect_bye(struct wire *w, const char *call_id)
{
	do
		wire_next(w);
	while (memcmp(w->message, "BYE ", 4));
	assert_string_equal(wire_header(w, "Call-ID"), call_id);
	wire_answer(w, "200 OK");
}

/* Two calls of carol's become one: she stays in the first, the second dialog ends for her. */
static void two_into_one(const char *name, const char *other)
{
	char id[2][512], call_id[2][128], key[2048], strange[1024];
	struct wire w, alice, called;
	struct house h;

	house_of_carol(&h, &w, false);
	alice_registers(&h, &alice, &called);
	call_alice(&w, &called, "dialogid", id[0], call_id[0]);
	snprintf(key, sizeof(key), KEY("%s", "%s"), name, id[0]);
	assert_int_equal(press(&w, "1003", key), 481);		/* with which one? */
	call_alice(&w, &called, other, id[1], call_id[1]);
	snprintf(key, sizeof(key), KEY("%s", "%s%s"), name, id[0], id[1]);
	assert_int_equal(press(&alice, "1001", key), 403);	/* not alice's to join */
	snprintf(strange, sizeof(strange), KEY("%s", "%s<%s><callid>nobody</callid><localtag>1</localtag>"
		 "<remotetag>2</remotetag></%s>"), name, id[0], other, other);
	assert_int_equal(press(&w, "1003", strange), 481);
	assert_int_equal(td_core_calls(h.core), 2);
	assert_int_equal(press(&w, "1003", key), 202);
	expect_bye(&w, call_id[1]);
	assert_int_equal(td_core_calls(h.core), 2);	/* whom she called are both there */
	wire_close(&w);
	wire_close(&alice);
	wire_close(&called);
	house_stop(&h);
}

static void conference_key(void **state)
{
	(void)state;
	two_into_one("Conference", "consultdialogid");
}

static void join_key(void **state)
{
	(void)state;
	two_into_one("Join", "joindialogid");
}

/* Who pages is heard by the phone from a group, if it has the dialect and the port suits it. */
static void page_by_multicast(void **state)
{
	struct cfg_paging p = { .number = "7000" };
	struct td_endpoint *carol, *alice;
	struct house h;
	struct wire w;

	(void)state;
	house_of_carol(&h, &w, true);
	carol = td_endpoint_find(h.core, "carol");
	alice = td_endpoint_find(h.core, "alice");
	td_addr_parse(&p.multicast.group, "239.0.1.20:20480");
	assert_int_not_equal(carol->ops->page(h.sip, carol, &p), 0);	/* not there */
	assert_int_equal(say_bulk(&w, ""), 200);
	wire_next(&w);
	wire_answer(&w, "202 Accepted");
	assert_int_equal(carol->ops->page(h.sip, carol, &p), 0);
	wire_expect(wire_next(&w), "REFER sip:1003@");
	wire_expect(w.message, "Content-Type: application/x-cisco-remotecc-cm+xml\r\n\r\n"
		    "<CiscoIPPhoneExecute>");
	wire_expect(w.message, "URL=\"RTPMRx:239.0.1.20:20480\"");
	wire_answer(&w, "202 Accepted");
	assert_int_equal(carol->ops->page(h.sip, carol, NULL), 0);
	wire_expect(wire_next(&w), "URL=\"RTPRx:Stop\"");
	wire_answer(&w, "202 Accepted");
	p.multicast.group.port = 2000;		/* SCCP phones take it */
	assert_int_equal(carol->ops->page(h.sip, carol, &p), -ENOTSUP);
	assert_int_equal(alice->ops->page(h.sip, alice, &p), -ENOTSUP);
	h.phones[0].multicast_paging = 1;	/* by itself */
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[0]), 0);
	assert_int_equal(alice->ops->page(h.sip, alice, &p), 0);
	assert_int_equal(alice->ops->page(h.sip, alice, NULL), 0);
	wire_expect_silence(&w);
	wire_close(&w);
	house_stop(&h);
}

/* Alice is busy: carol waits for her. Then she is rung, and what she has told counts once. */
static void call_back_key(void **state)
{
	struct house h;
	struct wire w, alice, called;
	char key[1024];

	(void)state;
	house_of_carol(&h, &w, true);
	h.dns[0].allow_watch = 1;
	assert_int_equal(say_bulk(&w, ""), 200);
	wire_next(&w);
	wire_answer(&w, "202 Accepted");
	alice_registers(&h, &alice, &called);
	assert_int_equal(press(&w, "1003", KEY("CallBack", "")), 202);
	while (memcmp(wire_next(&w), "REFER ", 6))
		;
	wire_expect(w.message, "<statustext>Not possible</statustext>");
	wire_answer(&w, "202 Accepted");
	wire_send(&w, wire_changed(wire_text(&w, "INVITE", "1003", "Contact: <sip:1003@127.0.0.3>\r\n"
					     "Content-Type: application/sdp\r\n", SDP),
				   "INVITE sip:1003", "INVITE sip:1001"));
	wire_expect(wire_next(&called), "INVITE sip:1001@127.0.0.1:");
	wire_answer(&called, "486 Busy Here");
	wire_expect(wire_next(&called), "ACK sip:");
	do
		wire_next(&w);
	while (wire_status(&w) != 486);
	snprintf(key, sizeof(key), KEY("CallBack", "<dialogid><callid>%s</callid><localtag>f-1003"
				       "</localtag><remotetag>gone</remotetag></dialogid>"),
		 wire_header(&w, "Call-ID"));
	assert_int_equal(press(&w, "1003", key), 202);
	/* she is free already: the screen, then the call, in whichever order they come */
	for (int seen = 0; seen != 3;) {
		wire_next(&w);
		if (!memcmp(w.message, "REFER ", 6)) {
			wire_expect(w.message, "<statustext>CallBack 1001</statustext>");
			wire_answer(&w, "202 Accepted");
			seen |= 1;
		} else if (!memcmp(w.message, "INVITE ", 7)) {
			wire_expect(wire_header(&w, "From"), "sip:1001@");
			seen |= 2;
		}
	}
	wire_close(&w);
	wire_close(&alice);
	wire_close(&called);
	house_stop(&h);
}

/* Keys of a phone; carol calls alice, and her call is hers alone. */
static void soft_keys(void **state)
{
	char id[512], key[1024], to[256];
	struct house h;
	struct wire w, alice, called;

	(void)state;
	house_of_carol(&h, &w, false);
	alice_registers(&h, &alice, &called);
	assert_int_equal(press(&w, "1003", KEY("Cancel", "")), 202);
	assert_int_equal(press(&w, "1003", KEY("Dance", "")), 603);
	assert_int_equal(press(&w, "1003", KEY("Park", "")), 481);
	assert_int_equal(press(&w, "1003", "<broken"), 400);
	assert_int_equal(press(&called, "1001", KEY("Cancel", "")), 401);	/* from anywhere */
	wire_send(&w, wire_changed(wire_text(&w, "INVITE", "1003", "Contact: <sip:1003@127.0.0.3>\r\n"
					     "Content-Type: application/sdp\r\n", SDP),
				   "INVITE sip:1003", "INVITE sip:1001"));
	wire_expect(wire_next(&called), "INVITE sip:1001@127.0.0.1:");
	wire_answer(&called, "180 Ringing");
	do
		wire_next(&w);
	while (wire_status(&w) != 180);
	td_strlcpy(to, strstr(wire_header(&w, "To"), "tag=") + 4, sizeof(to));
	snprintf(id, sizeof(id), "<dialogid><callid>%s</callid><localtag>f-1003</localtag>"
		 "<remotetag>%s</remotetag></dialogid>", wire_header(&w, "Call-ID"), to);
	snprintf(key, sizeof(key), KEY("Park", "%s"), id);
	assert_int_equal(press(&alice, "1001", key), 403);	/* somebody else's */
	assert_int_equal(press(&w, "1003", key), 202);
	wire_close(&w);
	wire_close(&alice);
	wire_close(&called);
	house_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordered),
		cmocka_unit_test(soft_keys),
		cmocka_unit_test(call_back_key),
		cmocka_unit_test(page_by_multicast),
		cmocka_unit_test(conference_key),
		cmocka_unit_test(join_key),
		cmocka_unit_test(leave_to_return),
		cmocka_unit_test(in_bulk),
		cmocka_unit_test(line_by_line),
		cmocka_unit_test(started_line_by_line),
		cmocka_unit_test(few_parts_at_once),
		cmocka_unit_test(not_combined),
		cmocka_unit_test(broken_bodies),
		cmocka_unit_test(a_probe_changes_nothing),
		cmocka_unit_test(known_by_its_mac),
		cmocka_unit_test(what_is_required),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
