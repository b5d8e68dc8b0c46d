/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations as another router gets them: what is told and when, what comes of a record, and
 * that nothing comes of one that makes no sense.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/sip_house.h"

#define ALICE "Contact: <sip:1001@127.0.0.1:5071>;expires=600\r\n"

static unsigned int n_moved;

static void on_moved(void *arg)
{
	(void)arg;
	n_moved++;
}

struct told {
	uint64_t id;
	uint8_t record[2048];
	size_t len;
};

static bool next(struct house *h, struct told *t)
{
	struct td_buf b;

	td_buf_init(&b, t->record, sizeof(t->record));
	if (!td_sip_move_next(h->sip, &t->id, &b))
		return false;
	t->len = b.pos;
	return true;
}

static int adopt(struct house *h, const struct told *t, uint32_t age_s)
{
	uint8_t copy[2048];
	struct td_buf b;

	memcpy(copy, t->record, t->len);
	td_buf_init(&b, copy, t->len);
	return td_sip_move_adopt(h->sip, &b, age_s);
}

static void register_alice(struct house *h, struct wire *w, struct told *t)
{
	house_start(h);
	td_sip_move_watch(h->sip, on_moved, h);
	n_moved = 0;
	wire_open(w, h, "127.0.0.1", false);
	assert_int_equal(wire_register(w, "1001", "secret", ALICE), 200);
	assert_int_equal(n_moved, 1);
	assert_true(next(h, t));
	assert_true(t->len > 64);
}

static void told_once(void **state)
{
	struct told first, again;
	struct house h;
	struct wire w;

	(void)state;
	register_alice(&h, &w, &first);
	assert_false(next(&h, &again));
	td_sip_move_all(h.sip);
	assert_true(next(&h, &again));
	assert_true(again.id == first.id);
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_true(next(&h, &again));
	assert_true(again.id == first.id);
	assert_int_equal(again.len, 0);
	wire_close(&w);
	house_stop(&h);
}

/* A record of before, in a house where nobody is registered. */
static void goes_on_elsewhere(void **state)
{
	struct house h;
	struct wire w;
	struct told t;

	(void)state;
	register_alice(&h, &w, &t);
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_string_equal(house_registrations(&h), "[]");
	assert_int_equal(adopt(&h, &t, 600), -ENOENT);	/* told of too long ago */
	assert_int_equal(adopt(&h, &t, 100), 0);
	wire_expect(house_registrations(&h), "\"contact\":\"sip:1001@127.0.0.1:5071\"");
	wire_expect(house_registrations(&h), "\"expires_s\":500");
	assert_int_equal(adopt(&h, &t, 200), 0);	/* what is there is newer */
	wire_expect(house_registrations(&h), "\"expires_s\":500");
	assert_int_equal(td_sip_move_leave(h.sip), 0);	/* our address is here */
	wire_close(&w);
	house_restart(&h);				/* and it is on disk */
	wire_expect(house_registrations(&h), "\"contact\":\"sip:1001@127.0.0.1:5071\"");
	house_stop(&h);
}

static void nonsense(void **state)
{
	struct told t, part;
	struct house h;
	struct wire w;

	(void)state;
	register_alice(&h, &w, &t);
	assert_int_equal(wire_register(&w, "1001", "secret", "Contact: *\r\nExpires: 0\r\n"), 200);
	for (part = t, part.len = 0; part.len < t.len; part.len++)
		assert_int_equal(adopt(&h, &part, 0), -EBADMSG);
	part = t;
	part.record[0]++;		/* of another version */
	assert_int_equal(adopt(&h, &part, 0), -EBADMSG);
	part = t;
	part.record[3] = 'x';		/* "alice" */
	assert_int_equal(adopt(&h, &part, 0), -ENOENT);
	for (size_t i = 0; i < t.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			part = t;
			part.record[i] ^= (uint8_t)(1 << bit);
			adopt(&h, &part, 0);
			h.guard[0] = '\0';
		}
	wire_close(&w);
	house_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_once),
		cmocka_unit_test(goes_on_elsewhere),
		cmocka_unit_test(nonsense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
