/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of single number reach: Bob, 1002, is also called at 0170, by trunk T.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

static const char plan[] =
	"config fac 'fac'\n	option enable '1'\n"
	"config dialpeer 'mobile'\n"
	"	option destination_pattern '0T'\n"
	"	option trunk 'carrier'\n";

static void reach_init(struct world *w)
{
	world_init(w);
	td_strlcpy(w->dns[1].snr, "0170", sizeof(w->dns[1].snr));
	w->dns[1].snr_delay = 5;
	w->dns[1].snr_timeout = 10;
	world_reload(w);
	world_plan(w, plan);
	world_forget(w);
}

static void elsewhere(void **state)
{
	struct world w;

	(void)state;
	reach_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	world_advance_ms(&w, 4999);
	EXPECT_LADDER(&w, "");
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w, "core > T  setup from=1001 to=0170 PCMU,PCMA sendrecv\n");
	fake_rings(&w.t);
	fake_answers(&w.t);
	EXPECT_LADDER(&w,
		"T > core  alerting\n"
		"T > core  answer PCMU,PCMA sendrecv\n"
		"T > core  answered\n"
		"core > B  release elsewhere\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.4.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"B > core  released\n");
	/* Bob is back at his desk */
	fake_dials(&w.b, "**51002");
	EXPECT_LADDER(&w,
		"B > core  setup to=**51002 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"core > B  connect\n"
		"core > T  release elsewhere\n"
		"T > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* it has its time, the desk goes on ringing */
static void for_a_while(void **state)
{
	struct world w;

	(void)state;
	reach_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_advance_ms(&w, 5000);
	fake_rings(&w.t);
	world_forget(&w);
	world_advance_ms(&w, 10000);
	EXPECT_LADDER(&w, "core > T  release no-answer\nT > core  released\n");
	/* and so does the call when the desk has refused meanwhile */
	fake_hangs_up(&w.b, TD_CAUSE_REJECTED);
	EXPECT_LADDER(&w,
		"B > core  released rejected\n"
		"core > media  close\n"
		"core > A  release rejected\n"
		"A > core  released\n");
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_advance_ms(&w, 5000);
	fake_rings(&w.t);
	fake_hangs_up(&w.b, TD_CAUSE_REJECTED);
	world_forget(&w);
	world_advance_ms(&w, 10000);
	EXPECT_LADDER(&w,
		"core > T  release no-answer\n"
		"core > media  close\n"
		"core > A  release no-answer\n"
		"T > core  released\n"
		"A > core  released\n");
	world_fini(&w);
}

/* who answers in time, or is sent on, is not looked for */
static void not_at_all(void **state)
{
	struct world w;

	(void)state;
	reach_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	world_forget(&w);
	world_advance_ms(&w, 60000);
	EXPECT_LADDER(&w, "");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	td_strlcpy(w.dns[1].cfwd_noan, "1003", sizeof(w.dns[1].cfwd_noan));
	w.dns[1].cfwd_noan_timeout = 3;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_advance_ms(&w, 3000);
	fake_rings(&w.c);
	world_forget(&w);
	world_advance_ms(&w, 60000);
	EXPECT_LADDER(&w, "");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* nobody is at the desk: at once, and with the number of the house when the carrier wants that */
static void absent(void **state)
{
	struct world w;

	(void)state;
	reach_init(&w);
	w.dns[1].snr_calling_local = 1;
	world_reload(&w);
	w.b.bindings = 0;
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1002 to=0170 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* nobody takes a call that is not his */
static void not_mine(void **state)
{
	struct world w;

	(void)state;
	reach_init(&w);
	w.b.bindings = 0;
	fake_dials(&w.a, "1002");
	fake_answers(&w.t);
	world_forget(&w);
	fake_dials(&w.c, "**51002");
	EXPECT_LADDER(&w,
		"C > core  setup to=**51002 PCMU,PCMA sendrecv\n"
		"core > C  release no-route\n"
		"C > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elsewhere),
		cmocka_unit_test(for_a_while),
		cmocka_unit_test(not_at_all),
		cmocka_unit_test(absent),
		cmocka_unit_test(not_mine),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
