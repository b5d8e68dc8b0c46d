/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of what goes wrong around a call: silent drivers, no ports, no memory, too many
 * calls, a reload or a removed phone in the middle, the end of the core.
 */
#include <errno.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/core/core_priv.h"

static void driver_stays_silent(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	w.b.silent = true;
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_int_equal(td_core_calls(w.core), 1);
	EXPECT_SHOWN(&w, "\"state\":\"clearing\"");
	world_advance_ms(&w, 3999);
	assert_int_equal(w.b.destroyed, 0);
	world_advance_ms(&w, 1);
	assert_int_equal(w.b.destroyed, 1);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > B  release normal\n");
	world_fini(&w);
}

static void too_many_calls(void **state)
{
	struct world w;
	uint32_t id;

	(void)state;
	world_init(&w);
	w.config.global.max_calls = 1;
	world_reload(&w);
	world_call(&w);
	assert_int_equal(fake_dials(&w.c, "1001"), -EBUSY);
	assert_int_equal(td_core_originate(w.core, "carol", "1001", &id), -EBUSY);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_int_equal(fake_dials(&w.c, "1001"), 0);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void no_ports_left(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.media.open_err = -EMFILE;
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release no-resource\n"
		"A > core  released\n");
	assert_int_equal(w.b.setups, 0);
	assert_int_equal(w.b.destroyed, 1);
	world_fini(&w);
}

static void reload_during_a_call(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	td_strlcpy(w.dns[1].number, "2002", CFG_NUMBER_LEN);
	td_strlcpy(w.phones[1].codec[0], "g722", CFG_TEXT_LEN);
	w.phones[1].n_codec = 1;
	w.config.global.timeout_ringing = 10;
	world_reload(&w);
	EXPECT_LADDER(&w, "");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	EXPECT_SHOWN(&w, "\"party\":\"1002\"");
	fake_dials(&w.c, "1002");
	EXPECT_LADDER(&w,
		"C > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > C  release unallocated\n"
		"C > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	/* The new ringing time holds for the next call. */
	td_strlcpy(w.b.codecs, "G722", sizeof(w.b.codecs));
	td_strlcpy(w.a.codecs, "G722", sizeof(w.a.codecs));
	fake_dials(&w.a, "2002");
	fake_rings(&w.b);
	world_advance_ms(&w, 10000);
	assert_int_equal(td_core_calls(w.core), 0);
	world_fini(&w);
}

static void phone_removed_during_a_call(void **state)
{
	struct td_endpoint *again;
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	td_endpoint_remove(w.core, w.b.ep);
	assert_null(td_endpoint_find(w.core, "bob"));
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	/* The same phone comes back while the call of its former self goes on. */
	again = td_endpoint_set(w.core, &w.config, &w.phones[1], &fake_driver, &w.b);
	assert_non_null(again);
	assert_ptr_not_equal(again, w.b.ep);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	w.b.ep = again;
	assert_int_equal(again->n_legs, 0);
	world_fini(&w);
}

static void core_ends_with_calls(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	td_core_free(w.core);
	EXPECT_LADDER(&w,
		"core > media  close\n"
		"core > A  release out-of-order\n"
		"core > B  release out-of-order\n");
	assert_int_equal(w.a.destroyed + w.b.destroyed, 2);
	assert_int_equal(td_loop_timers_armed(w.loop), 0);
	fake_media_fini(&w.media);
	td_loop_free(w.loop);
	assert_int_equal(td_mem_live(), w.live_before);
}

static void watch(void *arg, uint32_t id, const char *word)
{
	char *all = arg;

	assert_int_equal(id, 1);
	td_strlcpy(all + strlen(all), word, 128 - strlen(all));
	td_strlcpy(all + strlen(all), " ", 128 - strlen(all));
}

static void watcher_sees_each_change(void **state)
{
	char all[128] = "";
	struct world w;

	(void)state;
	world_init(&w);
	td_core_watch_calls(w.core, watch, all);
	world_call(&w);
	fake_offers(&w.a, "PCMU", TD_DIR_SEND);
	fake_offers(&w.a, "PCMU", TD_DIR_BOTH);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_string_equal(all, "setup alerting up held up clearing ended ");
	world_fini(&w);
}

/* One call with everything in it; every step may fail, nothing may be left over. */
static bool eventful_call(struct world *w, unsigned long nth)
{
	bool good;

	td_mem_fail_nth(nth);
	good = !fake_dials(&w->a, "1100") && !fake_rings(&w->b) && !fake_rings(&w->c) &&
	       !fake_sends_answer(&w->b, "PCMU", TD_DIR_BOTH) && !fake_answers(&w->b) &&
	       !fake_offers(&w->a, "PCMA", TD_DIR_SEND) &&
	       !fake_sends_answer(&w->b, "PCMA", TD_DIR_RECV) && !fake_needs_offer(&w->b) &&
	       !fake_sends_answer(&w->b, "PCMA", TD_DIR_BOTH) && !fake_presses(&w->a, '1');
	good = good && td_core_calls(w->core) == 1;
	td_mem_fail_nth(0);
	fake_hangs_up(&w->a, TD_CAUSE_NORMAL);
	world_advance_ms(w, 200000);
	return good;
}

static void every_allocation_fails_once(void **state)
{
	unsigned long nth, failures = 0;
	struct world w;

	(void)state;
	for (nth = 1; nth <= 80; nth++) {
		world_init(&w);
		failures += !eventful_call(&w, nth);
		world_fini(&w);
	}
	assert_true(failures > 10);
	world_init(&w);
	assert_true(eventful_call(&w, 100000));
	assert_true(eventful_call(&w, 80));	/* the sweep reached the end */
	world_fini(&w);
}

static void endpoints_without_memory(void **state)
{
	unsigned long nth;
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.phones[0].id, "dave", CFG_ID_LEN);
	td_strlcpy(w.dns[0].number, "1004", CFG_NUMBER_LEN);
	for (nth = 1; nth < 100; nth++) {
		td_mem_fail_nth(nth);
		if (td_endpoint_set(w.core, &w.config, &w.phones[0], &fake_driver, &w.a))
			break;
		td_mem_fail_nth(0);
		assert_null(td_endpoint_find(w.core, "dave"));
	}
	td_mem_fail_nth(0);
	assert_in_range(nth, 4, 20);
	w.a.ep = td_endpoint_find(w.core, "dave");
	fake_dials(&w.b, "1004");
	fake_answers(&w.a);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void live_heap_of_a_call(void **state)
{
	struct world w;
	long before;

	(void)state;
	world_init(&w);
	before = td_mem_live();
	world_call(&w);
	/* The call, and for each leg its core part, the reserved goodbye, remote, local_desc; the
	 * calls' table grew once; both numbers are watched while they talk, and that table, too. */
	assert_in_range(td_mem_live() - before, 9, 13);
	assert_true(sizeof(struct td_call) + 2 * (sizeof(struct td_leg_core) + 64 +
		    2 * sizeof(struct td_media_desc)) < 8192);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(driver_stays_silent),
		cmocka_unit_test(too_many_calls),
		cmocka_unit_test(no_ports_left),
		cmocka_unit_test(reload_during_a_call),
		cmocka_unit_test(phone_removed_during_a_call),
		cmocka_unit_test(core_ends_with_calls),
		cmocka_unit_test(watcher_sees_each_change),
		cmocka_unit_test(every_allocation_fails_once),
		cmocka_unit_test(endpoints_without_memory),
		cmocka_unit_test(live_heap_of_a_call),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
