/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What does not belong to a registration or comes in an odd shape: strays, faults in the
 * frame of a message, TCP in pieces, "debug sip".
 */
#include "tests/lib/sip_house.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"

#define TCP   "Contact: <sip:1001@127.0.0.1;transport=tcp>\r\n"
#define STAR  "Contact: *\r\nExpires: 0\r\n"
#define CAROL "Contact: <sip:1003@127.0.0.3>\r\n"

static int ask(struct wire *w, const char *text)
{
	wire_send(w, text);
	wire_next(w);
	return wire_status(w);
}

/* ---- what anybody may ask ---- */

static void options(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	assert_int_equal(wire_say(&w, "OPTIONS", "9999", ""), 200);
	wire_expect(wire_header(&w, "Allow"), "INVITE");
	wire_expect(wire_header(&w, "Accept"), "application/sdp");
	wire_expect(wire_header(&w, "Supported"), "100rel");
	wire_expect(house_stats(&h), "\"options\":1");
	wire_close(&w);
	house_stop(&h);
}

static void strays(void **state)
{
	static const char *const methods[] = { "BYE", "CANCEL", "PRACK", "UPDATE", "INFO" };
	static const char *const inside[] = { "INVITE", "OPTIONS", "MESSAGE", "BYE" };
	struct house h;
	struct wire w;
	size_t i;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		assert_int_equal(wire_say(&w, methods[i], "1001", ""), 481);
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		assert_int_equal(ask(&w, wire_changed(wire_text(&w, inside[i], "1001", CAROL, ""),
						      "1>\r\nCall", "1>;tag=x\r\nCall")), 481);
	wire_send(&w, wire_text(&w, "ACK", "1001", "", ""));
	wire_send(&w, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
		      "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\n"
		      "CSeq: 1 INVITE\r\n\r\n");
	wire_expect_silence(&w);
	wire_close(&w);
	house_stop(&h);
}

static void methods_that_we_do_not_do(void **state)
{
	struct house h;
	struct wire w, carol;

	(void)state;
	house_start(&h);
	h.config.sip.authenticate = CFG_AUTH_AUTO;
	wire_open(&w, &h, "127.0.0.1", false);
	wire_open(&carol, &h, "127.0.0.3", false);
	assert_int_equal(wire_say(&w, "SUBSCRIBE", "1001", ""), 401);	/* first, who is it? */
	assert_int_equal(wire_say(&w, "FROBNICATE", "1001", ""), 401);
	assert_int_equal(wire_say(&carol, "SUBSCRIBE", "1003", ""), 489);	/* to what? */
	assert_int_equal(wire_say(&carol, "PUBLISH", "1003", ""), 405);
	wire_expect(wire_header(&carol, "Allow"), "INVITE");
	assert_int_equal(wire_say(&carol, "FROBNICATE", "1003", ""), 501);
	wire_close(&w);
	wire_close(&carol);
	house_stop(&h);
}

/* ---- faults in the frame ---- */

static void faults(void **state)
{
	struct house h;
	struct wire w;
	char text[HOUSE_TEXT];

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	td_strlcpy(text, wire_text(&w, "OPTIONS", "1001", "", "hello"), sizeof(text));
	assert_int_equal(ask(&w, wire_changed(text, "Length: 5", "Length: 6")), 400);
	assert_int_equal(ask(&w, wire_changed(text, "Length: 5", "Length: 99999")), 400);
	assert_int_equal(ask(&w, wire_changed(text, "Length: 5", "Length: -5")), 400);
	assert_int_equal(ask(&w, wire_changed(text, "Length: 5", "Length: 4")), 200);
	assert_int_equal(ask(&w, wire_changed(text, " SIP/2.0\r\nV", "?A=b SIP/2.0\r\nV")), 400);
	assert_int_equal(ask(&w, wire_changed(text, "OPTIONS sip:", "OPTIONS nobody:")), 416);
	assert_int_equal(ask(&w, wire_changed(text, "OPTIONS sip:", "OPTIONS http://")), 416);
	assert_int_equal(ask(&w, wire_changed(text, "From: <sip", "From: \"<sip")), 400);
	assert_int_equal(ask(&w, wire_changed(text, "CSeq: ", "CSeq: x")), 400);
	assert_int_equal(ask(&w, wire_changed(text, "SIP/2.0\r\nVia", "SIP/7.0\r\nVia")), 505);
	wire_expect(house_stats(&h), "\"malformed\":3");	/* the rest is sofia's */
	wire_send_n(&w, "\0\0\0\0", 4);
	wire_send(&w, "\r\n\r\n");
	wire_send(&w, "hello\r\n\r\n");
	wire_expect_silence(&w);
	wire_close(&w);
	house_stop(&h);
}

/* A name in a Via must not make us ask the DNS: it would answer when it likes, and everybody
 * waits. ("localhost" is a name that everybody can resolve.) */
static void names_are_not_looked_up(void **state)
{
	struct house h;
	struct wire w;
	char text[HOUSE_TEXT];

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	td_strlcpy(text, wire_text(&w, "OPTIONS", "1001", "", ""), sizeof(text));
	wire_send(&w, wire_changed(text, ";branch", ";maddr=localhost;branch"));
	wire_expect_silence(&w);
	td_strlcpy(text, wire_changed(text, "UDP 127.0.0.1", "TLS localhost"), sizeof(text));
	wire_send(&w, wire_changed(text, "CSeq: ", "CSeq: x"));
	wire_expect_silence(&w);
	/* a phone that gives its name in the Via is answered where it is */
	td_strlcpy(text, wire_text(&w, "OPTIONS", "1001", "", ""), sizeof(text));
	assert_int_equal(ask(&w, wire_changed(text, "UDP 127.0.0.1", "UDP phone.invalid")), 200);
	wire_close(&w);
	house_stop(&h);
}

/* ---- TCP ---- */

static void in_pieces(void **state)
{
	struct house h;
	struct wire w;
	const char *text;
	size_t n, i;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", true);
	text = wire_text(&w, "OPTIONS", "1001", "Content-Type: text/plain\r\n", "hello");
	n = strlen(text);
	for (i = 0; i < n; i++) {
		wire_send_n(&w, text + i, 1);
		td_loop_step(h.loop, 0);
	}
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	wire_close(&w);
	house_stop(&h);
}

static void two_in_one(void **state)
{
	char text[HOUSE_TEXT];
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", true);
	td_strlcpy(text, "\r\n\r\n", sizeof(text));	/* a ping before them */
	td_strlcpy(text + strlen(text), wire_text(&w, "OPTIONS", "1001", "", "hello"), 4096);
	td_strlcpy(text + strlen(text), wire_text(&w, "BYE", "1001", "", ""), 4096);
	wire_send(&w, text);
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	wire_next(&w);
	assert_int_equal(wire_status(&w), 481);
	wire_close(&w);
	house_stop(&h);
}

static size_t open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

struct fds {
	size_t n;
};

static bool as_many_fds(void *arg)
{
	return open_fds() == ((struct fds *)arg)->n;
}

/* Nobody can tell where the next message would begin. No descriptor stays behind. */
static void garbage_ends_a_connection(void **state)
{
	static const char garbage[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct wire stays, leaves, good;
	struct house h;
	struct fds fds;

	(void)state;
	house_start(&h);
	wire_open(&good, &h, "127.0.0.1", true);
	assert_int_equal(wire_say(&good, "OPTIONS", "1001", ""), 200);
	fds.n = open_fds();
	wire_open(&leaves, &h, "127.0.0.1", true);
	wire_send(&leaves, garbage);
	wire_open(&stays, &h, "127.0.0.1", true);
	wire_send(&stays, garbage);
	assert_int_equal(wire_say(&good, "OPTIONS", "1001", ""), 200);
	wire_send(&stays, garbage);
	wire_close(&leaves);
	wire_expect_closed(&stays);
	wire_close(&stays);
	house_wait(&h, as_many_fds, &fds);
	assert_int_equal(wire_say(&good, "OPTIONS", "1001", ""), 200);
	wire_close(&good);
	house_stop(&h);
}

static bool two_bindings(void *arg)
{
	const char *first = strstr(house_registrations(arg), "\"line\"");

	return first && strstr(first + 1, "\"line\"");
}

/* A binding keeps its connection; one that is closed is only useless. */
static void connections_of_bindings(void **state)
{
	struct house h;
	struct wire w, again;
	int i;

	(void)state;
	house_start(&h);
	for (i = 0; i < 3; i++) {
		wire_open(&w, &h, "127.0.0.1", true);
		assert_int_equal(wire_register(&w, "1001", "secret", TCP), 200);
		wire_expect(house_registrations(&h), "\"transport\":\"tcp\"");
		wire_close(&w);
	}
	td_loop_step(h.loop, 10);
	wire_open(&w, &h, "127.0.0.1", true);
	wire_open(&again, &h, "127.0.0.1", true);
	wire_register(&w, "1001", "secret", "Contact: <sip:a@127.0.0.1;transport=tcp>\r\n");
	wire_register(&again, "1001", "secret", "Contact: <sip:b@127.0.0.1;transport=tcp>\r\n");
	assert_true(two_bindings(&h));
	wire_close(&w);
	assert_int_equal(wire_register(&again, "1001", "secret", STAR), 200);
	assert_string_equal(house_registrations(&h), "[]");
	wire_register(&again, "1001", "secret", "Contact: <sip:b@127.0.0.1;transport=tcp>\r\n");
	wire_close(&again);
	td_sip_clock_advance(601000);		/* it ends, long after its connection */
	td_loop_step(h.loop, 0);
	assert_string_equal(house_registrations(&h), "[]");
	house_stop(&h);
}

/* ---- debug ---- */

struct lines {
	struct house *h;
	char text[HOUSE_TEXT];
	unsigned int n, leave_at;
};

static void on_line(void *arg, const char *line)
{
	struct lines *l = arg;
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof(l->text) - n, "%s\n", line);
	if (++l->n == l->leave_at)
		td_sip_debug(l->h->sip, NULL, NULL);
}

static void debugged(void **state)
{
	struct lines l = { .leave_at = 0 };
	char auth[2048];
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	l.h = &h;
	wire_open(&w, &h, "127.0.0.1", false);
	wire_say(&w, "REGISTER", "1001", "");
	td_strlcpy(auth, wire_digest(&w, "REGISTER", "1001", "secret", 1), sizeof(auth));
	td_sip_debug(h.sip, on_line, &l);
	assert_int_equal(wire_say(&w, "REGISTER", "1001", auth), 200);
	wire_expect(l.text, "\nREGISTER sip:127.0.0.1");
	wire_expect(l.text, "recv ");
	wire_expect(l.text, "send ");
	wire_expect(l.text, "\nSIP/2.0 200 OK\n");
	wire_expect(l.text, "response=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"");
	assert_null(strstr(l.text, "cnonce=\"cn\""));
	assert_null(strchr(l.text, '\r'));
	/* spelt otherwise, folded, twice */
	l.text[0] = '\0';
	wire_say(&w, "REGISTER", "1001",
		 "AUTHORIZATION: Digest username=\"u\",\r\n RESPONSE = \"abcdef\", "
		 "Response=abcdef\r\n");
	assert_null(strstr(l.text, "abcdef"));
	/* who listens may leave in the middle of a message */
	l.leave_at = l.n + 2;
	wire_say(&w, "OPTIONS", "1001", "");
	assert_int_equal(l.n, l.leave_at);
	wire_say(&w, "OPTIONS", "1001", "");
	assert_int_equal(l.n, l.leave_at);
	td_sip_debug(h.sip, on_line, &l);	/* and may still listen at the end */
	wire_close(&w);
	house_stop(&h);
}

/* ---- starting ---- */

static void port_in_use(void **state)
{
	struct td_config config;
	struct td_sip_args args;
	struct td_store *store;
	struct td_sip *second;
	struct house h;
	char why[256];

	(void)state;
	house_start(&h);
	config = h.config;
	config.n_phones = 0;
	assert_int_equal(td_store_open(&store, h.loop, h.dir, why, sizeof(why)), 0);
	args = (struct td_sip_args){ .loop = h.loop, .core = h.core, .config = &config,
				     .store = store };
	assert_true(td_sip_start(&second, &args, why, sizeof(why)) < 0);
	wire_expect(why, "127.0.0.1:");
	wire_expect(why, "ss -lnptu");
	td_store_close(store);
	house_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),
		cmocka_unit_test(strays),
		cmocka_unit_test(methods_that_we_do_not_do),
		cmocka_unit_test(faults),
		cmocka_unit_test(names_are_not_looked_up),
		cmocka_unit_test(in_pieces),
		cmocka_unit_test(two_in_one),
		cmocka_unit_test(garbage_ends_a_connection),
		cmocka_unit_test(connections_of_bindings),
		cmocka_unit_test(debugged),
		cmocka_unit_test(port_in_use),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
