/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trunks towards their carrier: digest as a client, registration with its refusals, renewals and
 * back-off, the second registrar, what a reload takes back.
 */
#include "tests/lib/sip_house.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sofia-sip/sip_header.h>

#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"
#include "userspace/sip/sip_trunk_digest.h"

/* ---- digest ---- */

static int read_text(struct td_challenge *c, const char *text, char other[CFG_TEXT_LEN])
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	msg_auth_t *au = sip_www_authenticate_make(home, text);
	int err;

	assert_non_null(au);
	err = td_challenge_read(c, au, false, "http-auth@example.org", other);
	su_home_deinit(home);
	return err;
}

static const struct td_account mufasa = { "Mufasa", "Circle of Life", "http-auth@example.org" };

#define NONCE "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", " \
	      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

/* RFC 7616 3.9.1 */
static void vectors(void **state)
{
	static const struct { const char *algorithm, *response; } rows[] = {
		{ "MD5", "8ca523f5e9506fed4657c9700eebdbec" },
		{ "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
	};
	char text[512], other[CFG_TEXT_LEN], dst[SIP_CREDENTIALS_LEN];
	struct td_challenge c;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "Digest realm=\"http-auth@example.org\", "
			 "qop=\"auth, auth-int\", algorithm=%s, " NONCE, rows[i].algorithm);
		assert_int_equal(read_text(&c, text, other), 0);
		assert_int_equal(td_challenge_answer(&c, &mufasa, "GET", "/dir/index.html", CNONCE,
						     dst), 0);
		wire_expect(dst, "Authorization: Digest username=\"Mufasa\"");
		wire_expect(dst, rows[i].response);
		wire_expect(dst, "qop=auth, nc=00000001, cnonce=\"" CNONCE "\", opaque=\"FQhe");
		assert_int_equal(td_challenge_answer(&c, &mufasa, "GET", "/dir/index.html", CNONCE,
						     dst), 0);
		wire_expect(dst, "nc=00000002");
	}
	/* RFC 2617: no qop, no algorithm */
	assert_int_equal(read_text(&c, "Digest realm=\"http-auth@example.org\", nonce=\"a\"", other),
			 0);
	assert_int_equal(td_challenge_answer(&c, &mufasa, "GET", "/", "b", dst), 0);
	assert_null(strstr(dst, "qop"));
	assert_null(strstr(dst, "cnonce"));
}

static void refused_challenges(void **state)
{
	static const struct { const char *text; int err; const char *other; } rows[] = {
		{ "Digest realm=\"evil\", nonce=\"a\"", -ENOENT, "evil" },
		{ "Digest realm=\"http-auth@example.orga\", nonce=\"a\"", -ENOENT,
		  "http-auth@example.orga" },
		{ "Basic realm=\"http-auth@example.org\"", -ENOENT, "" },
		{ "Digest realm=\"http-auth@example.org\"", -ENOTSUP, "" },
		{ "Digest realm=\"http-auth@example.org\", nonce=\"a\", qop=\"auth-int\"", -ENOTSUP,
		  "" },
		{ "Digest realm=\"http-auth@example.org\", nonce=\"a\", algorithm=SHA-512-256",
		  -ENOTSUP, "" },
	};
	char text[2048], other[CFG_TEXT_LEN];
	struct td_challenge c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_text(&c, rows[i].text, other), rows[i].err);
		assert_string_equal(other, rows[i].other);
	}
	snprintf(text, sizeof(text), "Digest realm=\"http-auth@example.org\", nonce=\"%0600d\"", 7);
	assert_int_equal(read_text(&c, text, other), -EMSGSIZE);
}

/* ---- a carrier ---- */

struct carrier {
	struct house h;
	struct cfg_trunk trunk;
	struct cfg_registrar registrar;
	struct wire w[2];		/* the registrars */
	char answer[4096];
};

static const char *shown(struct carrier *c)
{
	static char text[4096];
	struct td_json j;

	td_json_init(&j);
	td_sip_show_trunk_registrations(c->h.sip, &j, NULL);
	td_strlcpy(text, j.text, sizeof(text));
	td_json_fini(&j);
	return text;
}

static void place(struct td_addr *a, const struct wire *w)
{
	td_addr_parse(a, w->ip);
	a->port = w->port;
}

static void carrier_start(struct carrier *c, bool second)
{
	memset(c, 0, sizeof(*c));
	house_start(&c->h);
	wire_open(&c->w[0], &c->h, "127.0.0.5", false);
	wire_open(&c->w[1], &c->h, "127.0.0.6", false);
	td_strlcpy(c->trunk.id, "carrier", CFG_ID_LEN);
	td_strlcpy(c->trunk.host, "127.0.0.5", CFG_TEXT_LEN);
	td_strlcpy(c->trunk.username, "4930555", CFG_TEXT_LEN);
	td_strlcpy(c->trunk.password, "pass", CFG_SECRET_LEN);
	td_strlcpy(c->trunk.realm, "carrier.example", CFG_TEXT_LEN);
	c->trunk.port = c->w[0].port;
	td_strlcpy(c->registrar.id, "home", CFG_ID_LEN);
	td_strlcpy(c->registrar.trunk, "carrier", CFG_ID_LEN);
	c->registrar.expires = 3600;
	if (second)
		place(&c->registrar.secondary, &c->w[1]);
	c->h.config.registrars = &c->registrar;
	c->h.config.n_registrars = 1;
	assert_int_equal(td_sip_trunk_set(c->h.sip, &c->trunk), 0);
	td_sip_registrars_configure(c->h.sip);
}

static void carrier_stop(struct carrier *c)
{
	wire_close(&c->w[0]);
	wire_close(&c->w[1]);
	house_stop(&c->h);
}

/* The next REGISTER at this registrar. */
static const char *comes(struct carrier *c, int at)
{
	const char *text = wire_next(&c->w[at]);

	wire_expect(text, "REGISTER sip:127.0.0.5");
	return text;
}

/* An answer to the request that came there last. */
static void answer(struct carrier *c, int at, const char *status, const char *more)
{
	static const char *const names[] = { "Via", "From", "To", "Call-ID", "CSeq" };
	size_t n = (size_t)snprintf(c->answer, sizeof(c->answer), "SIP/2.0 %s\r\n", status);

	for (size_t i = 0; i < 5; i++)
		n += (size_t)snprintf(c->answer + n, sizeof(c->answer) - n, "%s: %s%s\r\n", names[i],
				      wire_header(&c->w[at], names[i]), i == 2 ? ";tag=there" : "");
	snprintf(c->answer + n, sizeof(c->answer) - n, "%sContent-Length: 0\r\n\r\n", more);
	wire_send(&c->w[at], c->answer);
}

static struct carrier *waiting;
static const char *waiting_for;

static bool is_shown(void *arg)
{
	(void)arg;
	return strstr(shown(waiting), waiting_for) != NULL;
}

static void until_shown(struct carrier *c, const char *part)
{
	waiting = c;
	waiting_for = part;
	house_wait(&c->h, is_shown, NULL);
}

#define ASK "WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"n1\", qop=\"auth\"\r\n"
#define ASK_STALE "WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"n2\", " \
		  "qop=\"auth\", stale=true\r\n"

static enum td_ep_state trunk_state(struct carrier *c)
{
	return td_endpoint_find(c->h.core, "carrier")->state;
}

static void registers(void **state)
{
	struct carrier c;
	const char *text;

	(void)state;
	carrier_start(&c, false);
	assert_int_equal(trunk_state(&c), TD_EP_REGISTERING);
	text = comes(&c, 0);
	wire_expect(text, "Contact: <sip:4930555@127.0.0.1:");
	wire_expect(text, "Expires: 3600");
	wire_expect(text, "To: <sip:4930555@127.0.0.5");
	assert_null(strstr(text, "Authorization"));
	answer(&c, 0, "401 Unauthorized", ASK);
	text = comes(&c, 0);
	wire_expect(text, "Authorization: Digest username=\"4930555\", realm=\"carrier.example\"");
	wire_expect(text, "CSeq: ");
	answer(&c, 0, "200 OK", "Expires: 1300\r\n");
	until_shown(&c, "\"state\":\"registered\",\"expires_s\":1");
	assert_int_equal(trunk_state(&c), TD_EP_REGISTERED);
	/* 600 s before the end, with the nonce of before */
	td_sip_clock_advance(699000);
	wire_expect_silence(&c.w[0]);
	td_sip_clock_advance(2000);
	text = comes(&c, 0);
	wire_expect(text, "nonce=\"n1\"");
	wire_expect(text, "nc=00000002");
	answer(&c, 0, "401 Unauthorized", ASK_STALE);
	text = comes(&c, 0);
	wire_expect(text, "nonce=\"n2\"");
	wire_expect(text, "nc=00000001");
	answer(&c, 0, "200 OK", "Expires: 1300\r\n");
	until_shown(&c, "\"expires_s\":1");
	carrier_stop(&c);
}

static void wrong_password(void **state)
{
	struct carrier c;

	(void)state;
	carrier_start(&c, false);
	comes(&c, 0);
	answer(&c, 0, "401 Unauthorized", ASK);
	comes(&c, 0);
	answer(&c, 0, "401 Unauthorized", ASK);
	until_shown(&c, "\"state\":\"rejected\",\"expires_s\":0,\"failures\":1,\"reason\":401");
	assert_int_equal(trunk_state(&c), TD_EP_REJECTED);
	wire_expect_silence(&c.w[0]);
	/* RFC 5626 4.5: 15 to 30 s, then 30 to 60 s */
	td_sip_clock_advance(14000);
	wire_expect_silence(&c.w[0]);
	td_sip_clock_advance(16100);
	comes(&c, 0);
	answer(&c, 0, "403 Forbidden", "");
	until_shown(&c, "\"failures\":2,\"reason\":403");
	td_sip_clock_advance(29000);
	wire_expect_silence(&c.w[0]);
	td_sip_clock_advance(31100);
	comes(&c, 0);
	answer(&c, 0, "503 Later", "Retry-After: 500\r\n");
	until_shown(&c, "\"state\":\"trying\",\"expires_s\":0,\"failures\":3");
	td_sip_clock_advance(499000);
	wire_expect_silence(&c.w[0]);
	td_sip_clock_advance(2000);
	comes(&c, 0);
	carrier_stop(&c);
}

static void other_realm(void **state)
{
	struct carrier c;

	(void)state;
	carrier_start(&c, false);
	comes(&c, 0);
	answer(&c, 0, "401 Unauthorized",
	       "WWW-Authenticate: Digest realm=\"evil\", nonce=\"n1\", qop=\"auth\"\r\n");
	until_shown(&c, "\"state\":\"rejected\"");
	wire_expect_silence(&c.w[0]);
	carrier_stop(&c);
}

static void second_registrar(void **state)
{
	struct carrier c;
	const char *text;

	(void)state;
	carrier_start(&c, true);
	comes(&c, 0);
	answer(&c, 0, "503 Busy", "");
	text = comes(&c, 1);
	wire_expect(text, "To: <sip:4930555@127.0.0.5");	/* the same account */
	answer(&c, 1, "423 Too Brief", "Min-Expires: 7200\r\n");
	text = comes(&c, 1);
	wire_expect(text, "Expires: 7200");
	answer(&c, 1, "200 OK", "Expires: 100\r\n");
	until_shown(&c, "\"state\":\"registered\"");
	wire_expect(shown(&c), "\"server\":\"127.0.0.6:");
	/* the first is asked again at each renewal: half of a short time */
	td_sip_clock_advance(50100);
	comes(&c, 0);
	/* ... and when it is silent, the second after 8 s */
	td_sip_clock_advance(8100);
	comes(&c, 1);
	answer(&c, 1, "403 No", "");
	until_shown(&c, "\"failures\":1,\"reason\":403");
	carrier_stop(&c);
}

static void reload_takes_back(void **state)
{
	struct carrier c;
	const char *text;

	(void)state;
	carrier_start(&c, false);
	comes(&c, 0);
	answer(&c, 0, "200 OK", "Expires: 3600\r\n");
	until_shown(&c, "\"state\":\"registered\"");
	td_sip_registrars_configure(c.h.sip);
	wire_expect_silence(&c.w[0]);		/* nothing has changed */
	td_strlcpy(c.registrar.bulk_number[0], "49305551..", CFG_NUMBER_LEN);
	c.registrar.n_bulk_number = 1;
	c.registrar.what = CFG_REGISTER_BULK;
	td_sip_registrars_configure(c.h.sip);
	text = comes(&c, 0);
	wire_expect(text, "Expires: 0");
	wire_expect(text, "To: <sip:4930555@");
	text = comes(&c, 0);
	wire_expect(text, "To: <sip:49305551..@127.0.0.5");
	answer(&c, 0, "200 OK", "Expires: 3600\r\n");
	until_shown(&c, "\"state\":\"registered\"");
	c.registrar.n_bulk_number = 0;
	c.registrar.what = CFG_REGISTER_NUMBERS;
	c.h.dns[0].no_register = c.h.dns[2].no_register = 1;
	td_sip_registrars_configure(c.h.sip);
	comes(&c, 0);
	text = comes(&c, 0);
	wire_expect(text, "To: <sip:1002@127.0.0.5");
	wire_expect(shown(&c), "\"number\":\"1002\"");
	assert_null(strstr(shown(&c), "1001"));
	carrier_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),	   cmocka_unit_test(refused_challenges),
		cmocka_unit_test(registers),	   cmocka_unit_test(wrong_password),
		cmocka_unit_test(other_realm),	   cmocka_unit_test(second_registrar),
		cmocka_unit_test(reload_takes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
