/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of calls with several called legs: a number on two phones (1100 rings B and C),
 * a phone registered in two places; and of third-party calls, where A is rung first.
 */
#include <errno.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

static void first_answer_wins(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1100");
	fake_rings(&w.b);
	fake_rings(&w.c);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"A > core  setup to=1100 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1100 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1100 PCMU,PCMA sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"C > core  alerting\n"
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > B  release elsewhere\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"B > core  released\n");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n");
	world_fini(&w);
}

/* Early media of B was heard, C answers with another codec: A must learn that. */
static void early_media_of_the_loser(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1100");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	fake_sends_answer(&w.c, "PCMA", TD_DIR_BOTH);
	world_forget(&w);
	fake_answers_bare(&w.c);
	EXPECT_LADDER(&w,
		"C > core  answered\n"
		"core > B  release elsewhere\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > A  media PCMA sendrecv\n"
		"core > A  connect\n"
		"B > core  released\n");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void two_answers_at_once(void **state)
{
	struct td_leg_event answered = { .type = TD_LEG_ANSWERED };
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1100");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	fake_sends_answer(&w.c, "PCMU", TD_DIR_BOTH);
	world_forget(&w);
	td_leg_post(&w.b.leg[0]->leg, &answered);
	td_leg_post(&w.c.leg[0]->leg, &answered);
	fake_run(&w.a);
	EXPECT_LADDER(&w,
		"core > C  release elsewhere\n"
		"core > A  connect\n"
		"C > core  released\n");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void best_reason_is_told(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1100");
	world_forget(&w);
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	fake_hangs_up(&w.c, TD_CAUSE_REJECTED);
	EXPECT_LADDER(&w,
		"B > core  released busy\n"
		"C > core  released rejected\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
}

static void one_fork_is_not_there(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.b.bindings = 0;
	fake_dials(&w.a, "1100");
	world_forget(&w);
	fake_hangs_up(&w.c, TD_CAUSE_TEMPORARY);
	EXPECT_LADDER(&w,
		"C > core  released temporary\n"
		"core > media  close\n"
		"core > A  release absent\n"
		"A > core  released\n");
	world_fini(&w);
}

static void phone_in_two_places(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.b.bindings = 2;
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > B2  release elsewhere\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"B2 > core  released\n");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void shared_number_skips_the_caller(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.dns[1].number, "1100", CFG_NUMBER_LEN);	/* B's line 1 is 1100 too */
	world_reload(&w);
	fake_dials(&w.b, "1100");
	EXPECT_LADDER(&w,
		"B > core  setup to=1100 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1100 to=1100 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void third_party_call(void **state)
{
	struct world w;
	uint32_t id;

	(void)state;
	world_init(&w);
	assert_int_equal(td_core_originate(w.core, "alice", "1002", &id), 0);
	fake_rings(&w.a);
	fake_answers(&w.a);
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"core > A  setup from=1002 to=1001 G722,PCMA,PCMU,G729 sendrecv\n"
		"A > core  alerting\n"
		"A > core  answer PCMU,PCMA sendrecv\n"
		"A > core  answered\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"B > core  alerting\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n");
	assert_int_equal(w.a.leg[0]->told.rtp.port, 20000);
	assert_int_equal(w.b.leg[0]->told.rtp.port, 20002);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	assert_int_equal(td_core_hangup(w.core, id), 0);
	fake_run(&w.a);
	EXPECT_LADDER(&w,
		"core > media  close\n"
		"core > A  release normal\n"
		"core > B  release normal\n"
		"A > core  released\n"
		"B > core  released\n");
	assert_int_equal(td_core_hangup(w.core, id), -ENOENT);
	world_fini(&w);
}

static void third_party_call_ends_early(void **state)
{
	struct world w;
	uint32_t id;

	(void)state;
	world_init(&w);
	assert_int_equal(td_core_originate(w.core, "nobody", "1002", &id), -ENOENT);
	assert_int_equal(td_core_originate(w.core, "1001", "9999", &id), -ENOENT);
	w.a.bindings = 0;
	assert_int_equal(td_core_originate(w.core, "1001", "1002", &id), -EHOSTUNREACH);
	w.a.bindings = 2;
	assert_int_equal(td_core_originate(w.core, "1001", "1002", &id), 0);
	world_forget(&w);
	fake_use(&w.a, 1);
	fake_hangs_up(&w.a, TD_CAUSE_REJECTED);
	fake_use(&w.a, 1);
	fake_hangs_up(&w.a, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"A > core  released rejected\n"
		"A > core  released busy\n"
		"core > media  close\n");
	/* A answers, B does not want. */
	w.a.bindings = 1;
	assert_int_equal(td_core_originate(w.core, "1001", "1002", &id), 0);
	fake_answers(&w.a);
	world_forget(&w);
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"B > core  released busy\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_answer_wins),
		cmocka_unit_test(early_media_of_the_loser),
		cmocka_unit_test(two_answers_at_once),
		cmocka_unit_test(best_reason_is_told),
		cmocka_unit_test(one_fork_is_not_there),
		cmocka_unit_test(phone_in_two_places),
		cmocka_unit_test(shared_number_skips_the_caller),
		cmocka_unit_test(third_party_call),
		cmocka_unit_test(third_party_call_ends_early),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
