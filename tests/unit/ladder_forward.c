/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of calls that go on to somebody else: call forward of every kind, a phone that
 * deflects, circles, whose rights count; and hunt groups in every mode.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

#define FORWARD(w, n, kind, to) \
	td_strlcpy((w)->dns[n].cfwd_##kind, to, sizeof((w)->dns[n].cfwd_##kind))

static void all(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	FORWARD(&w, 1, all, "1003");
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.c);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1003 by=1002,0 PCMU,PCMA sendrecv\n"
		"C > core  alerting\n"
		"core > A  alert\n"
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	EXPECT_SHOWN(&w, "\"to\":\"1002\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void busy_no_answer_unreachable(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	FORWARD(&w, 1, busy, "1003");
	FORWARD(&w, 1, noan, "1003");
	w.dns[1].cfwd_noan_timeout = 12;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"B > core  released busy\n"
		"core > C  setup from=1001 to=1003 by=1002,1 PCMU,PCMA sendrecv\n"
		"A > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n");
	/* the timer runs from the first ringing, and is the number's own */
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	world_advance_ms(&w, 11999);
	EXPECT_LADDER(&w, "");
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w,
		"core > B  release no-answer\n"
		"core > C  setup from=1001 to=1003 by=1002,2 PCMU,PCMA sendrecv\n"
		"B > core  released\n");
	/* C is nobody's forward: it may ring as long as all others */
	fake_rings(&w.c);
	world_forget(&w);
	world_advance_ms(&w, 179999);
	EXPECT_LADDER(&w, "");
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w,
		"core > C  release no-answer\n"
		"core > media  close\n"
		"core > A  release no-answer\n"
		"C > core  released\n"
		"A > core  released\n");
	/* not registered: noan counts, unless there is a number for it */
	w.b.bindings = 0;
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	FORWARD(&w, 1, unreachable, "1100");
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1003 by=1002,3 PCMU,PCMA sendrecv\n"
		"A > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n"
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1100 by=1002,3 PCMU,PCMA sendrecv\n"
		"A > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n");
	/* refused is no reason to go on */
	w.b.bindings = 1;
	fake_dials(&w.a, "1002");
	world_forget(&w);
	fake_hangs_up(&w.b, TD_CAUSE_REJECTED);
	EXPECT_LADDER(&w,
		"B > core  released rejected\n"
		"core > media  close\n"
		"core > A  release rejected\n"
		"A > core  released\n");
	world_fini(&w);
}

static void the_phone_deflects(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	FORWARD(&w, 1, busy, "9999");
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_redirects(&w.b, "1003", TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"B > core  redirect 1003\n"
		"B > core  released busy\n"
		"core > C  setup from=1001 to=1003 by=1002,4 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	/* to a number that is none */
	fake_dials(&w.a, "1002");
	world_forget(&w);
	fake_redirects(&w.b, "4711", TD_CAUSE_UNSPECIFIED);
	EXPECT_LADDER(&w,
		"B > core  redirect 4711\n"
		"B > core  released unspecified\n"
		"core > media  close\n"
		"core > A  release unallocated\n"
		"A > core  released\n");
	/* two phones, and the other one still rings: it may yet answer */
	fake_dials(&w.a, "1100");
	world_forget(&w);
	fake_redirects(&w.b, "1002", TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"B > core  redirect 1002\n"
		"B > core  released busy\n");
	fake_hangs_up(&w.c, TD_CAUSE_NO_ANSWER);
	EXPECT_LADDER(&w,
		"C > core  released no-answer\n"
		"core > B  setup from=1001 to=1002 by=1100,4 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void circles(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	FORWARD(&w, 1, all, "1003");
	FORWARD(&w, 2, all, "1002");
	world_reload(&w);
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release loop\n"
		"A > core  released\n");
	/* few hops left: the same */
	FORWARD(&w, 2, all, "");
	world_reload(&w);
	w.a.hops = 1;
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_null(strstr(w.ladder, "loop"));
	w.a.hops = 70;
	world_fini(&w);
}

#define PEER(name, pattern, more) \
	"config dialpeer '" name "'\n\toption destination_pattern '" pattern "'\n" \
	"\toption trunk 'other'\n" more

/* Who comes from outside gets where the forwarding phone may call, and no further. */
static void whose_rights(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config corlist 'key'\n\tlist member 'local'\n"
		       "config corlist 'lock'\n\tlist member 'abroad'\n"
		       PEER("near", "0[1-9]T", "") PEER("far", "00T", "\toption cor_outgoing 'lock'\n"));
	FORWARD(&w, 1, all, "0170123");
	world_reload(&w);
	fake_dials(&w.t, "0170123");
	fake_dials(&w.t, "1002");
	EXPECT_LADDER(&w,
		"T > core  setup to=0170123 PCMU,PCMA sendrecv\n"
		"core > T  release barred\n"
		"T > core  released\n"
		"T > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > U  setup from=4711 to=0170123 by=1002,0 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_forget(&w);
	FORWARD(&w, 1, all, "0049170");
	td_strlcpy(w.phones[1].cor_incoming, "key", sizeof(w.phones[1].cor_incoming));
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_dials(&w.a, "0049170");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release barred\n"
		"A > core  released\n"
		"A > core  setup to=0049170 PCMU,PCMA sendrecv\n"
		"core > U  setup from=1001 to=0049170 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- hunt groups ---- */

static void group(struct world *w, enum cfg_hunt mode, const char *final)
{
	static struct cfg_huntgroup g;

	memset(&g, 0, sizeof(g));
	td_strlcpy(g.id, "team", sizeof(g.id));
	td_strlcpy(g.number, "1500", sizeof(g.number));
	td_strlcpy(g.member[0], "1002", sizeof(g.member[0]));
	td_strlcpy(g.member[1], "1003", sizeof(g.member[1]));
	g.n_member = 2;
	g.mode = mode;
	g.timeout = 10;
	td_strlcpy(g.final, final, sizeof(g.final));
	w->config.huntgroups = &g;
	w->config.n_huntgroups = 1;
	world_reload(w);
}

/* Who is rung first when the group is called; the call ends there. */
static void rings_first(struct world *w, const char *who)
{
	char line[64];

	fake_dials(&w->a, "1500");
	snprintf(line, sizeof(line), "core > %s  setup", who);
	if (!strstr(w->ladder, line))
		fail_msg("not %s:\n%s", who, w->ladder);
	fake_hangs_up(&w->a, TD_CAUSE_NORMAL);
	world_forget(w);
}

static void sequential(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	group(&w, CFG_HUNT_SEQUENTIAL, "");
	fake_dials(&w.a, "1500");
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	fake_rings(&w.c);
	EXPECT_LADDER(&w,
		"A > core  setup to=1500 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"B > core  released busy\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv\n"
		"C > core  alerting\n"
		"core > A  alert\n");
	world_advance_ms(&w, 10000);
	EXPECT_LADDER(&w,
		"core > C  release no-answer\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"C > core  released\n"
		"A > core  released\n");
	/* who is not there costs no time, nobody rings himself; the final number takes the rest */
	w.b.bindings = 0;
	group(&w, CFG_HUNT_SEQUENTIAL, "1001");
	fake_dials(&w.c, "1500");
	EXPECT_LADDER(&w,
		"C > core  setup to=1500 PCMU,PCMA sendrecv\n"
		"core > A  setup from=1003 to=1001 by=1500,2 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_BUSY);
	world_fini(&w);
}

static void peer_and_idle(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	group(&w, CFG_HUNT_PEER, "");
	rings_first(&w, "B");
	rings_first(&w, "C");
	rings_first(&w, "B");
	group(&w, CFG_HUNT_LONGEST_IDLE, "");
	world_advance_ms(&w, 1000);
	rings_first(&w, "B");	/* both never called: the order of the list */
	world_call(&w);		/* with B */
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	rings_first(&w, "C");
	world_advance_ms(&w, 1000);
	fake_dials(&w.a, "1003");
	fake_answers(&w.c);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_forget(&w);
	rings_first(&w, "B");
	world_fini(&w);
}

static void parallel(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	group(&w, CFG_HUNT_PARALLEL, "1001");
	fake_dials(&w.a, "1500");
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"A > core  setup to=1500 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv\n"
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > B  release elsewhere\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"B > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	/* all out: the final number; A does not ring itself */
	fake_dials(&w.a, "1500");
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	world_forget(&w);
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"C > core  released busy\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	/* the group goes while it is called */
	fake_dials(&w.a, "1500");
	w.config.n_huntgroups = 0;
	world_reload(&w);
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all),
		cmocka_unit_test(busy_no_answer_unreachable),
		cmocka_unit_test(the_phone_deflects),
		cmocka_unit_test(circles),
		cmocka_unit_test(whose_rights),
		cmocka_unit_test(sequential),
		cmocka_unit_test(peer_and_idle),
		cmocka_unit_test(parallel),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
