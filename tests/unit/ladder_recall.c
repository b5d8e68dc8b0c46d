/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of calls that come back to who transferred them, and of a phone that goes on with its
 * call on another leg.
 */
#include <errno.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

/* B transfers A to C and is gone; C rings. */
static void world_transferred(struct world *w, bool aside)
{
	world_init(w);
	w->config.global.timeout_transfer_recall = 15;
	world_reload(w);
	world_call(w);
	fake_transfers(&w->b, "1003");
	if (!aside)
		fake_hangs_up(&w->b, TD_CAUSE_NORMAL);
	fake_rings(&w->c);
	world_forget(w);
}

static void nobody_answers(void **state)
{
	struct world w;

	(void)state;
	world_transferred(&w, false);
	world_advance_ms(&w, 14999);
	EXPECT_LADDER(&w, "");
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w,
		"core > C  release no-answer\n"
		"core > B  setup from=1001 to=1002 by=1003,2 PCMU,PCMA sendrecv\n"
		"C > core  released\n");
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"B > core  alerting\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n");
	EXPECT_SHOWN(&w, "\"from\":\"1001\",\"to\":\"1002\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
	/* who still waits has the call at once */
	world_transferred(&w, true);
	world_advance_ms(&w, 15000);
	EXPECT_LADDER(&w,
		"core > C  release no-answer\n"
		"core > B  info transfer failed no-answer\n"
		"C > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* A forward that is earlier comes first; one that is later is not waited for. */
static void before_the_forward(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.config.global.timeout_transfer_recall = 15;
	td_strlcpy(w.dns[2].cfwd_noan, "1001", sizeof(w.dns[2].cfwd_noan));
	w.dns[2].cfwd_noan_timeout = 20;
	world_reload(&w);
	world_call(&w);
	fake_transfers(&w.b, "1003");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	fake_rings(&w.c);
	world_advance_ms(&w, 15000);
	assert_non_null(strstr(w.ladder, "core > B  setup from=1001 to=1002 by=1003"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* C is busy, and so is B: A is kept for two more tries. */
static void tried_three_times(void **state)
{
	struct world w;

	(void)state;
	world_transferred(&w, false);
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"C > core  released busy\n"
		"core > B  setup from=1001 to=1002 by=1003,1 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	EXPECT_SHOWN(&w, "\"state\":\"held\"");
	for (unsigned int i = 0; i < 2; i++) {
		world_forget(&w);
		world_advance_ms(&w, 15000);
		EXPECT_LADDER(&w, "core > B  setup from=1001 to=1002 by=1003,1 PCMU,PCMA sendrecv\n");
		fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	}
	EXPECT_LADDER(&w,
		"B > core  released busy\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
	/* the second time it is taken; a phone that is not there is tried again as well */
	world_transferred(&w, false);
	w.b.bindings = 0;
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	w.b.bindings = 1;
	world_advance_ms(&w, 15000);
	fake_answers(&w.b);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* B asked C, who rings, and did not wait. */
static void after_a_consultation(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.config.global.timeout_transfer_recall = 15;
	world_reload(&w);
	world_call(&w);
	fake_dials(&w.b, "1003");
	fake_rings(&w.c);
	fake_use(&w.b, 1);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	world_forget(&w);
	world_advance_ms(&w, 15000);
	assert_non_null(strstr(w.ladder, "core > B  setup from=1001 to=1002 by=1003"));
	fake_answers(&w.b);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void no_consultation(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.config.global.transfer_mode = CFG_TRANSFER_BLIND;
	world_reload(&w);
	world_call(&w);
	fake_dials(&w.b, "1003");
	fake_answers(&w.c);
	world_forget(&w);
	fake_use(&w.b, 1);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	EXPECT_LADDER(&w,
		"B > core  transfer to a call\n"
		"core > B  info transfer failed facility-rejected\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- another leg in the place of one ---- */

static void goes_on_elsewhere(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_replaces(&w.b, &w.b.leg[0]->leg);
	EXPECT_LADDER(&w,
		"B > core  setup to=- PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"core > B  connect\n"
		"core > B2  release elsewhere\n"
		"B2 > core  released\n");
	assert_int_equal(td_core_calls(w.core), 1);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"B > core  released normal\n"
		"core > media  close\n"
		"core > A  release normal\n"
		"A > core  released\n");
	world_fini(&w);
}

/* What rings at one place of a phone is taken at another one. */
static void taken_elsewhere(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_replaces(&w.b, &w.b.leg[0]->leg);
	assert_non_null(strstr(w.ladder, "core > B2  release elsewhere\n"));
	assert_non_null(strstr(w.ladder, "core > A  connect\n"));
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void not_somebody_elses(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_replaces(&w.c, &w.b.leg[0]->leg);
	fake_replaces(&w.b, &w.a.leg[0]->leg);
	EXPECT_LADDER(&w,
		"C > core  setup to=- PCMU,PCMA sendrecv\n"
		"core > C  release facility-rejected\n"
		"C > core  released\n"
		"B > core  setup to=- PCMU,PCMA sendrecv\n"
		"core > B  release facility-rejected\n"
		"B > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(before_the_forward),
		cmocka_unit_test(tried_three_times),
		cmocka_unit_test(after_a_consultation),
		cmocka_unit_test(no_consultation),
		cmocka_unit_test(goes_on_elsewhere),
		cmocka_unit_test(taken_elsewhere),
		cmocka_unit_test(not_somebody_elses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
