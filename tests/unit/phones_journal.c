/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: events of phones by id, MAC and address; phones that change; strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/phones/journal.h"

static struct cfg_phone phones[3];
static struct td_config config = { .phones = phones, .n_phones = 2 };

static struct td_addr addr(const char *text)
{
	struct td_addr a;

	assert_int_equal(td_addr_parse(&a, text), 0);
	return a;
}

static void phone(unsigned int i, const char *id, uint8_t last)
{
	memset(&phones[i], 0, sizeof(phones[i]));
	snprintf(phones[i].id, sizeof(phones[i].id), "%s", id);
	phones[i].mac[5] = last;
	phones[i].has_mac = last != 0;
}

static struct td_journal *begin(void)
{
	struct td_journal *j;

	phone(0, "alice", 1);
	phone(1, "bob", 2);
	config.n_phones = 2;
	assert_int_equal(td_journal_open(&j), 0);
	assert_int_equal(td_journal_configure(j, &config), 0);
	return j;
}

static void notes(void **state)
{
	long live = td_mem_live();
	struct td_journal *j = begin();
	struct td_phone_log *a = td_journal_by_id(j, "alice"), *b = td_journal_by_id(j, "bob");
	struct td_addr one = addr("10.1.0.1"), two = addr("10.1.0.2:5060");
	const uint8_t mac[6] = { 0, 0, 0, 0, 0, 1 };

	(void)state;
	assert_ptr_equal(td_journal_by_mac(j, mac), a);
	assert_null(td_journal_by_id(j, "carol"));
	assert_null(td_journal_by_host(j, &one));
	td_journal_note(j, NULL, TD_SEEN_FILE, &one, true, "x");
	td_journal_note(j, a, TD_SEEN_FILE, &one, true, "x");
	td_journal_note(j, a, TD_SEEN_FILE, &one, true, "x");
	assert_int_equal(td_journal_last(a, TD_SEEN_FILE)->count, 2);
	td_journal_note(j, a, TD_SEEN_FILE, &one, true, "y");
	assert_int_equal(td_journal_last(a, TD_SEEN_FILE)->count, 1);
	assert_ptr_equal(td_journal_by_host(j, &one), a);
	/* somebody else calls there: it does not move; then it comes, and another takes its place */
	td_journal_note(j, a, TD_SEEN_REFUSED, &two, false, "no");
	assert_null(td_journal_by_host(j, &two));
	td_journal_note(j, b, TD_SEEN_REGISTERED, &one, true, "udp");
	assert_ptr_equal(td_journal_by_host(j, &one), b);
	assert_false(td_addr_is_set(td_journal_host(a)));
	assert_true(td_journal_last(b, TD_SEEN_REGISTERED)->seq >
		    td_journal_last(a, TD_SEEN_REFUSED)->seq);
	td_journal_clear(a, TD_SEEN_REFUSED, "yes");
	assert_int_not_equal(td_journal_last(a, TD_SEEN_REFUSED)->seq, 0);
	td_journal_clear(a, TD_SEEN_REFUSED, "no");
	assert_int_equal(td_journal_last(a, TD_SEEN_REFUSED)->seq, 0);
	td_journal_close(j);
	assert_int_equal(td_mem_live(), live);
}

static void other_phones(void **state)
{
	const uint8_t mac1[6] = { 0, 0, 0, 0, 0, 1 }, mac2[6] = { 0, 0, 0, 0, 0, 2 };
	long live = td_mem_live();
	struct td_journal *j = begin();
	struct td_phone_log *a = td_journal_by_id(j, "alice");
	struct td_addr one = addr("10.1.0.1");

	(void)state;
	td_journal_note(j, a, TD_SEEN_FILE, &one, true, NULL);
	/* a new configuration with the same phone: what was seen stays */
	assert_int_equal(td_journal_configure(j, &config), 0);
	assert_ptr_equal(td_journal_by_id(j, "alice"), a);
	assert_int_not_equal(td_journal_last(a, TD_SEEN_FILE)->seq, 0);
	/* they change their devices */
	phone(0, "alice", 2);
	phone(1, "bob", 1);
	assert_int_equal(td_journal_configure(j, &config), 0);
	assert_ptr_equal(td_journal_by_mac(j, mac2), td_journal_by_id(j, "alice"));
	assert_ptr_equal(td_journal_by_mac(j, mac1), td_journal_by_id(j, "bob"));
	assert_int_equal(td_journal_last(a, TD_SEEN_FILE)->seq, 0);
	assert_null(td_journal_by_host(j, &one));
	/* one goes, one comes without a MAC */
	phone(1, "carol", 0);
	assert_int_equal(td_journal_configure(j, &config), 0);
	assert_null(td_journal_by_id(j, "bob"));
	assert_null(td_journal_by_mac(j, mac1));
	assert_non_null(td_journal_by_id(j, "carol"));
	td_journal_close(j);
	assert_int_equal(td_mem_live(), live);
}

static void strangers(void **state)
{
	struct td_journal *j = begin();
	struct td_addr one = addr("10.1.0.1");
	uint8_t mac[6] = { 2 };

	(void)state;
	assert_null(td_journal_stranger_at(j, 0));
	for (int i = 0; i < 100; i++) {
		mac[5] = (uint8_t)i;
		td_journal_stranger(j, mac, &one);
		td_journal_stranger(j, mac, &one);
	}
	assert_int_equal(td_journal_stranger_at(j, 0)->mac[5], 99);
	assert_int_equal(td_journal_stranger_at(j, 15)->mac[5], 84);
	assert_null(td_journal_stranger_at(j, 16));
	td_journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes),
		cmocka_unit_test(other_phones),
		cmocka_unit_test(strangers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
