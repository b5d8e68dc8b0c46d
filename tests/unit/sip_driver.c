/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registrar as a phone sees it: challenge, digest, refusals that tell a stranger nothing,
 * how long and how many, what a reload changes.
 */
#include "tests/lib/sip_house.h"

#include <stdio.h>
#include <string.h>

#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"

#define ALICE "Contact: <sip:1001@127.0.0.1:5070>\r\n"
#define BOB   "Contact: <sip:1002@127.0.0.1>\r\n"
#define CAROL "Contact: <sip:1003@127.0.0.3>\r\n"

/* ---- challenge and digest ---- */

static void challenged(void **state)
{
	const char *auth;
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	assert_int_equal(wire_say(&w, "REGISTER", "1001", ALICE), 401);
	auth = wire_header(&w, "WWW-Authenticate");
	wire_expect(auth, "Digest realm=\"" HOUSE_REALM "\"");
	wire_expect(auth, "algorithm=MD5");
	wire_expect(auth, "qop=\"auth\"");
	assert_null(strstr(auth, "stale"));
	assert_int_equal(wire_say(&w, "REGISTER", "1002", ALICE), 401);
	wire_expect(wire_header(&w, "WWW-Authenticate"), "algorithm=SHA-256");
	assert_string_equal(house_registrations(&h), "[]");
	wire_close(&w);
	house_stop(&h);
}

static void registered(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	assert_string_equal(wire_header(&w, "Contact"), "<sip:1001@127.0.0.1:5070>;expires=600");
	assert_non_null(wire_header(&w, "Date"));
	wire_expect(house_registrations(&h), "\"line\":\"1001\",\"phone\":\"alice\","
		  "\"contact\":\"sip:1001@127.0.0.1:5070\",\"transport\":\"udp\"");
	assert_int_equal(td_endpoint_find(h.core, "alice")->state, TD_EP_REGISTERED);
	assert_int_equal(wire_register(&w, "1002", "hidden", BOB), 200);
	wire_expect(house_stats(&h), "\"register_ok\":2,\"register_challenged\":2");
	wire_close(&w);
	house_stop(&h);
}

/* Everything but what is new in each answer. */
static void normalise(char *text, const char *user)
{
	static const char *const cut[] = { "nonce=\"", "tag=", "branch=", "CSeq: ", "Call-ID: " };
	char *p;
	size_t i;

	for (i = 0; i < sizeof(cut) / sizeof(cut[0]); i++)
		for (p = text; (p = strstr(p, cut[i]));) {
			p += strlen(cut[i]);
			memmove(p, p + strcspn(p, "\";\r"), strlen(p + strcspn(p, "\";\r")) + 1);
		}
	while ((p = strstr(text, user)))
		memset(p, '.', strlen(user));
}

static void expect_same(char *a, const char *user_a, char *b, const char *user_b)
{
	normalise(a, user_a);
	normalise(b, user_b);
	assert_string_equal(a, b);
}

static void a_stranger_learns_nothing(void **state)
{
	char known[2048], unknown[2048];
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_say(&w, "REGISTER", "1001", ALICE);
	td_strlcpy(known, w.message, sizeof(known));
	wire_say(&w, "REGISTER", "9999", ALICE);
	td_strlcpy(unknown, w.message, sizeof(unknown));
	expect_same(known, "1001", unknown, "9999");
	assert_int_equal(wire_register(&w, "1001", "wrong", ALICE), 403);
	td_strlcpy(known, w.message, sizeof(known));
	assert_int_equal(wire_register(&w, "9999", "wrong", ALICE), 403);
	td_strlcpy(unknown, w.message, sizeof(unknown));
	expect_same(known, "1001", unknown, "9999");
	assert_int_equal(td_endpoint_find(h.core, "alice")->state, TD_EP_REJECTED);
	/* a phone without a password is none that one can guess the password of */
	assert_int_equal(wire_register(&w, "1003", "", ALICE), 403);

	/* where SHA-256 is the rule, a stranger hears of SHA-256 */
	h.config.sip.digest = h.phones[0].digest = CFG_DIGEST_SHA256;
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[0]), 0);
	wire_say(&w, "REGISTER", "1001", ALICE);
	td_strlcpy(known, w.message, sizeof(known));
	wire_say(&w, "REGISTER", "9999", ALICE);
	td_strlcpy(unknown, w.message, sizeof(unknown));
	wire_expect(known, "algorithm=SHA-256");
	expect_same(known, "1001", unknown, "9999");
	assert_int_equal(wire_register(&w, "1001", "wrong", ALICE), 403);
	assert_int_equal(wire_register(&w, "9999", "wrong", ALICE), 403);
	assert_string_equal(house_registrations(&h), "[]");
	wire_close(&w);
	house_stop(&h);
}

static void a_wrong_guess_changes_nothing(void **state)
{
	struct house h;
	struct wire w, carol;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_open(&carol, &h, "127.0.0.3", false);
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	assert_int_equal(wire_register(&w, "1001", "wrong", ALICE), 403);
	assert_int_equal(td_endpoint_find(h.core, "alice")->state, TD_EP_REGISTERED);
	/* carol is where she always is, whoever guesses */
	assert_int_equal(td_endpoint_find(h.core, "carol")->state, TD_EP_REGISTERED);
	assert_int_equal(wire_register(&w, "1003", "guess", ALICE), 403);
	assert_int_equal(td_endpoint_find(h.core, "carol")->state, TD_EP_REGISTERED);
	/* her host is her proof, where that is the rule */
	assert_int_equal(wire_say(&carol, "REGISTER", "1003", CAROL), 401);
	h.config.sip.authenticate = CFG_AUTH_AUTO;
	assert_int_equal(wire_say(&carol, "REGISTER", "1003", CAROL), 200);
	wire_close(&w);
	wire_close(&carol);
	house_stop(&h);
}

static void nonces(void **state)
{
	char first[1024], headers[2048], request[HOUSE_TEXT];
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_say(&w, "REGISTER", "1001", ALICE);
	td_strlcpy(first, w.message, sizeof(first));
	snprintf(headers, sizeof(headers), "%s" ALICE,
		 wire_digest(&w, "REGISTER", "1001", "secret", 1));
	td_strlcpy(request, wire_text(&w, "REGISTER", "1001", headers, ""), sizeof(request));
	wire_send(&w, request);
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	wire_send(&w, request);				/* sent again: the answer was lost */
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	assert_int_equal(wire_say(&w, "REGISTER", "1001", headers), 401);	/* a replay */
	wire_expect(wire_header(&w, "WWW-Authenticate"), "stale=true");
	td_strlcpy(w.message, first, sizeof(w.message));
	snprintf(headers, sizeof(headers), "%s" ALICE,
		 wire_digest(&w, "REGISTER", "1001", "secret", 2));
	assert_int_equal(wire_say(&w, "REGISTER", "1001", headers), 200);	/* used on */
	td_sip_clock_advance(301000);
	td_strlcpy(w.message, first, sizeof(w.message));
	snprintf(headers, sizeof(headers), "%s" ALICE,
		 wire_digest(&w, "REGISTER", "1001", "secret", 3));
	assert_int_equal(wire_say(&w, "REGISTER", "1001", headers), 401);	/* too old */
	wire_expect(wire_header(&w, "WWW-Authenticate"), "stale=true");
	snprintf(headers, sizeof(headers), "%s" ALICE,
		 wire_digest(&w, "REGISTER", "1001", "secret", 1));
	assert_int_equal(wire_say(&w, "REGISTER", "1001", headers), 200);
	wire_close(&w);
	house_stop(&h);
}

/* Answer the challenge that from got, over to, with this password. */
static int answer_over(struct wire *from, struct wire *to, const char *password)
{
	char headers[2048], challenge[HOUSE_TEXT];

	wire_say(from, "REGISTER", "1001", ALICE);
	td_strlcpy(challenge, from->message, sizeof(challenge));
	td_strlcpy(to->message, challenge, sizeof(to->message));
	snprintf(headers, sizeof(headers), "%s" ALICE,
		 wire_digest(to, "REGISTER", "1001", password, 1));
	return wire_say(to, "REGISTER", "1001", headers);
}

static void who_fails_too_often(void **state)
{
	struct house h;
	struct wire w, other, tcp;
	int i;

	(void)state;
	house_start(&h);
	h.config.sip.ban_after = 3;
	h.config.sip.ban_window = 60;
	wire_open(&w, &h, "127.0.0.1", false);
	wire_open(&other, &h, "127.0.0.7", false);
	wire_open(&tcp, &h, "127.0.0.8", true);
	/* the challenge went to another host: no proof that this one exists, and no answer that
	 * tells right from wrong */
	for (i = 0; i < 5; i++)
		assert_int_equal(answer_over(&w, &other, "wrong"), 401);
	assert_int_equal(answer_over(&w, &other, "secret"), 401);
	assert_string_equal(h.guard, "");
	/* its own challenges count */
	for (i = 0; i < 3; i++)
		assert_int_equal(answer_over(&other, &other, "wrong"), 403);
	assert_string_equal(h.guard, "!127.0.0.7/3 ");
	h.guard[0] = '\0';
	for (i = 0; i < 3; i++)
		assert_int_equal(wire_register(&tcp, "9999", "wrong", ALICE), 403);
	assert_string_equal(h.guard, "!127.0.0.8/3 ");
	h.guard[0] = '\0';
	/* the window goes by */
	for (i = 0; i < 4; i++) {
		assert_int_equal(answer_over(&w, &w, "wrong"), 403);
		td_sip_clock_advance(31000);
	}
	h.config.sip.ban_after = 0;
	for (i = 0; i < 5; i++)
		assert_int_equal(answer_over(&w, &w, "wrong"), 403);
	assert_string_equal(h.guard, "");
	wire_close(&w);
	wire_close(&other);
	wire_close(&tcp);
	house_stop(&h);
}

static void who_is_registered(void **state)
{
	struct house h;
	struct wire w, other;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_open(&other, &h, "127.0.0.7", false);
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	assert_string_equal(h.guard, "+127.0.0.1 ");
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	assert_string_equal(h.guard, "+127.0.0.1 ");		/* a refresh is no news */
	house_restart(&h);
	assert_string_equal(h.guard, "+127.0.0.1 +127.0.0.1 ");	/* to another guard, as it were */
	h.guard[0] = '\0';
	assert_int_equal(wire_register(&other, "1001", "secret", ALICE), 200);
	assert_string_equal(h.guard, "+127.0.0.7 -127.0.0.1 ");	/* same contact from elsewhere */
	h.guard[0] = '\0';
	assert_int_equal(wire_register(&other, "1001", "secret", ALICE "Expires: 0\r\n"), 200);
	assert_string_equal(h.guard, "-127.0.0.7 ");
	wire_close(&w);
	wire_close(&other);
	house_stop(&h);
}

/* Its end came while nobody looked: not taken over, and its row goes. */
static void what_ended_meanwhile(void **state)
{
	const struct td_store_value row[] = {
		{ .num = 77 }, { .text = "alice" }, { .text = "1001" },
		{ .text = "sip:1001@127.0.0.1:9" }, { 0 }, { .text = "c" }, { 0 }, { .num = 1 },
		{ .text = "127.0.0.1:9" }, { .text = "127.0.0.1:5060" }, { 0 },
		{ .num = 1000 },	/* expires_ms: January 1970 */
		{ 0 },
	};
	struct house h;

	(void)state;
	house_start(&h);
	assert_true(td_store_put(h.store, 0, row) > 0);
	house_restart(&h);
	assert_string_equal(house_registrations(&h), "[]");
	assert_string_equal(h.guard, "");
	/* the deletion had the first ticket */
	assert_int_equal(td_store_put(h.store, 0, row), 2);
	house_stop(&h);
}

static void credentials_that_are_odd(void **state)
{
	static const char *const odd[] = {
		"Authorization: Digest\r\n",
		"Authorization: Basic YWxpY2U6c2VjcmV0\r\n",
		"Authorization: Digest username=\"1001\"\r\n",
		"Authorization: Digest username=\"1001\", realm=\"elsewhere\", nonce=\"1\", "
		"uri=\"a\", response=\"b\"\r\n",
		"Authorization: Digest username=\"1001\", realm=\"" HOUSE_REALM "\", "
		"algorithm=SHA-1\r\n",
		"Proxy-Authorization: Digest username=\"\\\"1001\", realm=\"elsewhere\"\r\n",
	};
	struct house h;
	struct wire w;
	size_t i;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_int_equal(wire_say(&w, "REGISTER", "1001", odd[i]), 401);
	assert_int_equal(wire_say(&w, "REGISTER", "1001",
				  "Authorization: Digest username=\"1001\", realm=\"" HOUSE_REALM
				  "\"\r\n"), 401);
	wire_close(&w);
	house_stop(&h);
}

/* ---- what may be registered ---- */

static void limits(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	assert_int_equal(wire_register(&w, "1001", "secret", "Expires: 30\r\n" ALICE), 423);
	assert_string_equal(wire_header(&w, "Min-Expires"), "60");
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: <sip:1001@127.0.0.1>"
				       ";expires=999999999999\r\n"), 200);
	assert_string_equal(wire_header(&w, "Contact"), "<sip:1001@127.0.0.1>;expires=3600");
	assert_int_equal(wire_register(&w, "1001", "secret", ""), 200);		/* only asked */
	assert_string_equal(wire_header(&w, "Contact"), "<sip:1001@127.0.0.1>;expires=3600");
	assert_int_equal(wire_register(&w, "1001", "secret",
				       "Contact: <sip:1001@127.0.0.1>;expires=0\r\n"), 200);
	assert_null(wire_header(&w, "Contact"));
	assert_string_equal(house_registrations(&h), "[]");
	assert_int_equal(td_endpoint_find(h.core, "alice")->state, TD_EP_UNREGISTERED);
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: *\r\n"), 400);
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_string_equal(house_registrations(&h), "[]");
	assert_int_equal(wire_register(&w, "1001", "secret", "Require: path\r\n" ALICE), 420);
	assert_string_equal(wire_header(&w, "Unsupported"), "path");
	wire_close(&w);
	house_stop(&h);
}

static void contacts_that_are_odd(void **state)
{
	static const char *const odd[] = {
		"Contact: <mailto:1001@127.0.0.1>\r\n",
		"Contact: <sip:1001@127.0.0.1>;+sip.instance=\"a\\\"b\"\r\n",
		"Contact: *, <sip:1001@127.0.0.1>\r\nExpires: 0\r\n",
	};
	char number[80];
	struct house h;
	struct wire w;
	size_t i;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_int_equal(wire_register(&w, "1001", "secret", odd[i]), 400);
	assert_string_equal(house_registrations(&h), "[]");
	assert_int_equal(wire_say(&w, "REGISTER", "", ALICE), 400);
	memset(number, '1', sizeof(number));
	number[70] = '\0';
	wire_say(&w, "REGISTER", number, ALICE);
	snprintf(w.in, sizeof(w.in), "%s" ALICE, wire_digest(&w, "REGISTER", "1001", "secret", 1));
	assert_int_equal(wire_say(&w, "REGISTER", number, w.in), 404);
	/* headers and a password in a contact are not ours to keep */
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: <sip:1001:pw@127.0.0.1;x=y"
				       "?Subject=evil>\r\n"), 200);
	wire_expect(house_registrations(&h), "\"contact\":\"sip:1001@127.0.0.1;x=y\"");
	wire_close(&w);
	house_stop(&h);
}

static void a_number_of_another(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_say(&w, "REGISTER", "1002", ALICE);
	td_strlcpy(strstr(w.message, "SHA-256"), "MD5\r\n\r\n", 16);	/* alice answers for bob */
	snprintf(w.in, sizeof(w.in), "%s" ALICE, wire_digest(&w, "REGISTER", "1001", "secret", 1));
	assert_int_equal(wire_say(&w, "REGISTER", "1002", w.in), 403);
	assert_string_equal(house_registrations(&h), "[]");
	assert_int_equal(wire_say(&w, "REGISTER", "alice", ALICE), 401);	/* her id is hers */
	snprintf(w.in, sizeof(w.in), "%s" ALICE, wire_digest(&w, "REGISTER", "1001", "secret", 1));
	assert_int_equal(wire_say(&w, "REGISTER", "alice", w.in), 200);
	wire_close(&w);
	house_stop(&h);
}

/* ---- reload ---- */

static bool alice_is_there(void *arg)
{
	return strstr(house_registrations(arg), "alice");
}

static void phones_change(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_register(&w, "1001", "secret", ALICE);
	/* names are swapped, one phone after the other */
	td_strlcpy(h.phones[0].username, "1002", sizeof(h.phones[0].username));
	td_strlcpy(h.phones[1].username, "1001", sizeof(h.phones[1].username));
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[0]), 0);
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[1]), 0);
	assert_true(alice_is_there(&h));
	wire_say(&w, "REGISTER", "1001", ALICE);
	snprintf(w.in, sizeof(w.in), "%s" ALICE, wire_digest(&w, "REGISTER", "1002", "secret", 1));
	assert_int_equal(wire_say(&w, "REGISTER", "1001", w.in), 200);
	wire_say(&w, "REGISTER", "1002", ALICE);
	snprintf(w.in, sizeof(w.in), "%s" ALICE, wire_digest(&w, "REGISTER", "1001", "hidden", 1));
	assert_int_equal(wire_say(&w, "REGISTER", "1002", w.in), 200);
	/* alice loses her line */
	h.phones[0].n_lines = 0;
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[0]), 0);
	assert_false(alice_is_there(&h));
	wire_close(&w);
	house_stop(&h);
}

static void realm_changes(void **state)
{
	struct td_config now;
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	now = h.config;
	td_strlcpy(now.sip.realm, HOUSE_REALM, sizeof(now.sip.realm));
	td_strlcpy(now.global.hostname, "new.test", sizeof(now.global.hostname));
	assert_int_equal(td_sip_configure(h.sip, &now), 0);
	memset(h.config.global.hostname, 'x', 8);	/* the old model is gone */
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	now.sip.realm[0] = '\0';
	h.config = now;
	td_strlcpy(h.config.global.hostname, "third.test", sizeof(h.config.global.hostname));
	assert_int_equal(td_sip_configure(h.sip, &h.config), 0);
	wire_say(&w, "REGISTER", "1001", ALICE);
	wire_expect(wire_header(&w, "WWW-Authenticate"), "realm=\"third.test\"");
	wire_close(&w);
	house_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(challenged),
		cmocka_unit_test(registered),
		cmocka_unit_test(a_stranger_learns_nothing),
		cmocka_unit_test(a_wrong_guess_changes_nothing),
		cmocka_unit_test(nonces),
		cmocka_unit_test(who_fails_too_often),
		cmocka_unit_test(who_is_registered),
		cmocka_unit_test(what_ended_meanwhile),
		cmocka_unit_test(credentials_that_are_odd),
		cmocka_unit_test(limits),
		cmocka_unit_test(contacts_that_are_odd),
		cmocka_unit_test(a_number_of_another),
		cmocka_unit_test(phones_change),
		cmocka_unit_test(realm_changes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
