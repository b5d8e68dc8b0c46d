/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of shared lines: B and C have 1100. What B holds there C resumes, who talks C joins; and
 * who has privacy, another line, or no such line, is left alone.
 */
#include <string.h>
#include "tests/fakes/world.h"

/* A calls 1100, B answers. */
static void shared_call(struct world *w, bool private)
{
	world_init(w);
	w->phones[1].privacy = private;
	world_reload(w);
	fake_dials(&w->a, "1100");
	fake_rings(&w->b);
	fake_answers(&w->b);
	fake_sends_answer(&w->b, "PCMU", TD_DIR_BOTH);
	EXPECT_SHOWN(w, "\"state\":\"up\"");
}

static void hold(struct world *w)
{
	fake_says(&w->b, TD_LEG_HOLD);
	EXPECT_SHOWN(w, "\"state\":\"held\"");
	world_forget(w);
}

static void expect_refused(struct world *w)
{
	assert_non_null(strstr(w->ladder, "core > C  release facility-rejected\n"));
	assert_null(strstr(w->ladder, "core > B  release"));
	assert_int_equal(td_core_calls(w->core), 1);
	world_forget(w);
}

static void resumed_at_another_phone(void **state)
{
	struct world w;

	(void)state;
	shared_call(&w, false);
	hold(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	assert_non_null(strstr(w.ladder, "core > C  connect\n"));
	assert_non_null(strstr(w.ladder, "core > B  release elsewhere\n"));
	assert_null(strstr(w.ladder, "core > A  release"));
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	EXPECT_SHOWN(&w, "\"party\":\"1100\"");
	assert_int_equal(td_core_calls(w.core), 1);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > A  release normal\n"));
	world_fini(&w);
}

static void not_while_it_talks(void **state)
{
	struct world w;

	(void)state;
	shared_call(&w, false);
	world_forget(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	expect_refused(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* On its own line a phone's call is its own, whatever else they share. */
static void not_on_another_line(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	hold(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	expect_refused(&w);
	fake_barges(&w.c, &w.b.leg[0]->leg);
	expect_refused(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void joined_and_left(void **state)
{
	struct world w;

	(void)state;
	shared_call(&w, false);
	world_forget(&w);
	fake_barges(&w.c, &w.b.leg[0]->leg);
	assert_non_null(strstr(w.ladder, "core > C  connect\n"));
	assert_non_null(strstr(w.ladder, "mixer"));
	assert_null(strstr(w.ladder, "core > B  release"));
	assert_int_equal(td_core_calls(w.core), 2);
	world_forget(&w);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "through\n"));
	assert_int_equal(td_core_calls(w.core), 1);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Who was joined goes: the other two talk on, in one call without a mixer. */
static void stays_when_the_first_goes(void **state)
{
	struct world w;

	(void)state;
	shared_call(&w, false);
	fake_barges(&w.c, &w.b.leg[0]->leg);
	world_forget(&w);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	assert_null(strstr(w.ladder, "core > A  release"));
	assert_null(strstr(w.ladder, "core > C  release"));
	assert_int_equal(td_core_calls(w.core), 1);
	fake_sends_answer(&w.a, "PCMU", TD_DIR_BOTH);
	assert_non_null(strstr(w.ladder, "core > media  side 0 through\n"));
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > C  release"));
	world_fini(&w);
}

static void privacy(void **state)
{
	struct world w;

	(void)state;
	shared_call(&w, true);
	world_forget(&w);
	fake_barges(&w.c, &w.b.leg[0]->leg);
	expect_refused(&w);
	hold(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	expect_refused(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* The user's key: also for the call that is on. */
static void privacy_by_key(void **state)
{
	struct world w;

	(void)state;
	shared_call(&w, true);
	td_endpoint_set_private(w.core, td_endpoint_find(w.core, w.phones[1].id), false);
	world_reload(&w);
	hold(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	assert_non_null(strstr(w.ladder, "core > C  connect\n"));
	td_endpoint_set_private(w.core, td_endpoint_find(w.core, w.phones[2].id), true);
	world_forget(&w);
	fake_barges(&w.b, &w.c.leg[0]->leg);
	assert_non_null(strstr(w.ladder, "core > B  release facility-rejected\n"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* What is held is not private, when the configuration says so. */
static void privacy_but_for_hold(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.phones[1].privacy = true;
	w.config.global.privacy_on_hold = 0;
	world_reload(&w);
	fake_dials(&w.a, "1100");
	fake_rings(&w.b);
	fake_answers(&w.b);
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	hold(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	assert_non_null(strstr(w.ladder, "core > C  connect\n"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resumed_at_another_phone),
		cmocka_unit_test(not_while_it_talks),
		cmocka_unit_test(not_on_another_line),
		cmocka_unit_test(joined_and_left),
		cmocka_unit_test(stays_when_the_first_goes),
		cmocka_unit_test(privacy),
		cmocka_unit_test(privacy_by_key),
		cmocka_unit_test(privacy_but_for_hold),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
