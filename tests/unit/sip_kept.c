/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations and the disk: the answer waits for it, and may lose everything meanwhile; what
 * is left after a restart; when it ends.
 */
#include "tests/lib/sip_house.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/str.h"
#include "userspace/sip/sip_clock.h"

#define ALICE "Contact: <sip:1001@127.0.0.1:5070>\r\n"

static bool alice_is_there(void *arg)
{
	return strstr(house_registrations(arg), "alice");
}

static sqlite3 *hold_disk(const struct house *h)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/state.db", h->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);		/* the store may be writing just now */
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void free_disk(sqlite3 *db)
{
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void send_register(struct wire *w, char request[HOUSE_TEXT])
{
	char headers[2048];

	wire_say(w, "REGISTER", "1001", ALICE);
	snprintf(headers, sizeof(headers), "%s" ALICE,
		 wire_digest(w, "REGISTER", "1001", "secret", 1));
	td_strlcpy(request, wire_text(w, "REGISTER", "1001", headers, ""), HOUSE_TEXT);
	wire_send(w, request);
}

static void held_until_it_is_on_disk(void **state)
{
	char request[HOUSE_TEXT];
	struct house h;
	struct wire w;
	sqlite3 *db;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	db = hold_disk(&h);
	send_register(&w, request);
	house_wait(&h, alice_is_there, &h);
	wire_expect_silence(&w);
	wire_send(&w, request);			/* sent again: it waits too */
	wire_expect_silence(&w);
	free_disk(db);
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	wire_next(&w);
	assert_int_equal(wire_status(&w), 200);
	wire_expect(wire_header(&w, "Contact"), "sip:1001@127.0.0.1:5070");
	wire_close(&w);
	house_stop(&h);
}

/* Bob's registration is answered when it is on disk, and with it all that was held before. */
static void expect_all_on_disk(struct wire *w)
{
	assert_int_equal(wire_register(w, "1002", "hidden", "Contact: <sip:1002@127.0.0.1>\r\n"), 200);
}

/* While an answer waits, anything may go: the phone, its connection, the driver. */
static void gone_while_held(void **state)
{
	char request[HOUSE_TEXT];
	struct house h;
	struct wire w, tcp;
	sqlite3 *db;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	db = hold_disk(&h);
	send_register(&w, request);
	house_wait(&h, alice_is_there, &h);
	td_sip_phone_remove(h.sip, "alice");
	free_disk(db);
	expect_all_on_disk(&w);
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[0]), 0);

	wire_open(&tcp, &h, "127.0.0.1", true);
	db = hold_disk(&h);
	send_register(&tcp, request);
	house_wait(&h, alice_is_there, &h);
	wire_close(&tcp);
	wire_expect_silence(&w);
	free_disk(db);
	expect_all_on_disk(&w);

	td_sip_phone_remove(h.sip, "alice");
	assert_int_equal(td_sip_phone_set(h.sip, &h.phones[0]), 0);
	db = hold_disk(&h);
	send_register(&w, request);
	house_wait(&h, alice_is_there, &h);
	free_disk(db);
	wire_close(&w);
	house_stop(&h);
}

static void after_a_restart(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_register(&w, "1001", "secret", ALICE);
	wire_register(&w, "1001", "secret", "Contact: <sip:two@127.0.0.1>\r\n");
	wire_register(&w, "1001", "secret", "Contact: <sip:two@127.0.0.1>;expires=0\r\n");
	wire_register(&w, "1002", "hidden", "Contact: <sip:1002@127.0.0.1>;expires=100\r\n");
	td_sip_clock_advance(50000);
	house_restart(&h);
	wire_expect(house_registrations(&h), "sip:1001@127.0.0.1:5070");
	wire_expect(house_registrations(&h), "sip:1002@127.0.0.1");
	assert_null(strstr(house_registrations(&h), "two"));
	assert_int_equal(td_endpoint_find(h.core, "alice")->state, TD_EP_REGISTERED);
	td_sip_clock_advance(60000);		/* bob's end comes at the time it was to */
	td_loop_step(h.loop, 0);
	assert_null(strstr(house_registrations(&h), "1002"));
	assert_int_equal(wire_register(&w, "1001", "secret", ALICE), 200);
	wire_close(&w);
	house_stop(&h);
}

/* A host that wakes up in 1970 holds a registration for an hour, not for a lifetime. */
static void after_a_restart_in_the_past(void **state)
{
	struct house h;
	struct wire w;
	sqlite3 *db;
	char path[128];

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_register(&w, "1001", "secret", ALICE);
	snprintf(path, sizeof(path), "%s/state.db", h.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE registration SET expires_ms = 4102444800000",
				      NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	house_restart(&h);
	assert_true(alice_is_there(&h));
	td_sip_clock_advance(3601000);
	td_loop_step(h.loop, 0);
	assert_false(alice_is_there(&h));
	wire_close(&w);
	house_stop(&h);
}

static void it_ends(void **state)
{
	struct house h;
	struct wire w;

	(void)state;
	house_start(&h);
	wire_open(&w, &h, "127.0.0.1", false);
	wire_register(&w, "1001", "secret", ALICE);
	td_sip_clock_advance(599000);
	td_loop_step(h.loop, 0);
	assert_true(alice_is_there(&h));
	td_sip_clock_advance(2000);
	td_loop_step(h.loop, 0);
	assert_false(alice_is_there(&h));
	assert_int_equal(td_endpoint_find(h.core, "alice")->state, TD_EP_UNREGISTERED);
	wire_close(&w);
	house_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_until_it_is_on_disk),
		cmocka_unit_test(gone_while_held),
		cmocka_unit_test(after_a_restart),
		cmocka_unit_test(after_a_restart_in_the_past),
		cmocka_unit_test(it_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
