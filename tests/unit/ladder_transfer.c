/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of transfer: to a number, with the call given back when nobody takes it, and into
 * a call that the same phone has; who may, and with whose rights.
 */
#include <errno.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

/* B hands A on to C. */
static void blind(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_transfers(&w.b, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"B > core  transfer 1003\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv\n"
		"core > B  info transfer trying\n"
		"C > core  alerting\n"
		"core > B  info transfer ringing\n"
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > B  info transfer done 1003\n"
		"core > B  release normal\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"B > core  released\n");
	EXPECT_SHOWN(&w, "\"from\":\"1001\",\"to\":\"1003\"");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* The caller hands the called one on, from hold. */
static void blind_by_the_caller(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.b, "PCMU", TD_DIR_RECV);
	world_forget(&w);
	fake_transfers(&w.a, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"A > core  transfer 1003\n"
		"core > C  setup from=1002 to=1003 PCMU,PCMA sendrecv\n"
		"core > A  info transfer trying\n"
		"C > core  alerting\n"
		"core > A  info transfer ringing\n"
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > A  info transfer done 1003\n"
		"core > A  release normal\n"
		"core > media  connect 10.0.3.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"A > core  released\n");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	world_forget(&w);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"B > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n");
	world_fini(&w);
}

/* Nobody takes it: they talk again as before, and may try another one. */
static void given_back(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_transfers(&w.b, "1003");
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"B > core  transfer 1003\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv\n"
		"core > B  info transfer trying\n"
		"C > core  released busy\n"
		"core > B  info transfer failed busy\n");
	EXPECT_SHOWN(&w, "\"from\":\"1001\",\"to\":\"1002\"");
	fake_transfers(&w.b, "9999");
	EXPECT_LADDER(&w,
		"B > core  transfer 9999\n"
		"core > B  info transfer failed unallocated\n");
	fake_transfers(&w.b, "1003");
	fake_rings(&w.c);
	world_forget(&w);
	world_advance_ms(&w, 180000);
	EXPECT_LADDER(&w,
		"core > C  release no-answer\n"
		"core > B  info transfer failed no-answer\n"
		"C > core  released\n");
	fake_offers(&w.a, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMA sendrecv\n"
		"core > B  media PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* While C rings: who transferred may go, the other one ends it all. */
static void they_leave(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_transfers(&w.b, "1003");
	fake_rings(&w.c);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_call(&w);
	fake_transfers(&w.b, "1003");
	world_forget(&w);
	fake_offers(&w.b, "PCMU", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU sendonly\n"
		"core > B  media refused\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"core > C  release normal\n"
		"B > core  released\n"
		"C > core  released\n");
	/* gone, and nobody takes it either */
	world_call(&w);
	fake_transfers(&w.b, "1003");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"C > core  released busy\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
}

/* B talks to A, on hold now, and asks C first. */
static void world_consult(struct world *w, bool answered)
{
	world_init(w);
	world_call(w);
	fake_offers(&w->b, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w->a, "PCMU", TD_DIR_RECV);
	assert_int_equal(fake_dials(&w->b, "1003"), 0);
	fake_rings(&w->c);
	if (answered)
		fake_answers(&w->c);
	world_forget(w);
	fake_use(&w->b, 1);		/* the leg to A */
}

static void consult(void **state)
{
	struct world w;

	(void)state;
	world_consult(&w, true);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	EXPECT_LADDER(&w,
		"B > core  transfer to a call\n"
		"core > B2  release normal\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n"
		"core > B  info transfer done\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B2 > core  released\n"
		"B > core  released\n");
	/* the media of the call that stays, from the place of who has left */
	assert_int_equal(w.a.leg[0]->told.rtp.port, 20004);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n");
	EXPECT_SHOWN(&w, "\"from\":\"1001\",\"to\":\"1003\"");
	assert_int_equal(td_core_calls(w.core), 1);
	fake_offers(&w.c, "PCMU", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"C > core  offer PCMU sendonly\n"
		"core > media  connect 10.0.1.1:4000 recvonly, 10.0.3.1:4000 sendonly\n"
		"core > C  media PCMU recvonly\n"
		"core > A  media PCMU sendonly\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* The other way round: C's call goes to A. C is the called one there. */
static void consult_backwards(void **state)
{
	struct world w;

	(void)state;
	world_consult(&w, true);
	fake_use(&w.b, 1);		/* the leg to C */
	fake_joins(&w.b, &w.b.leg[1]->leg);
	EXPECT_LADDER(&w,
		"B > core  transfer to a call\n"
		"core > B2  release normal\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > C  media PCMU sendrecv\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n"
		"core > B  info transfer done\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B2 > core  released\n"
		"B > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* C only rings yet. */
static void consult_while_it_rings(void **state)
{
	struct world w;

	(void)state;
	world_consult(&w, false);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	EXPECT_LADDER(&w,
		"B > core  transfer to a call\n"
		"core > B2  release normal\n"
		"core > B  info transfer done\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B2 > core  released\n"
		"B > core  released\n");
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
	/* and then does not take it */
	world_consult(&w, false);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	world_forget(&w);
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"C > core  released busy\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
}

/* A party that does not follow cannot be heard: the call ends, rather than be mute. */
static void does_not_follow(void **state)
{
	struct world w;

	(void)state;
	world_consult(&w, true);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	world_forget(&w);
	fake_refuses(&w.a);
	EXPECT_LADDER(&w,
		"A > core  refused\n"
		"core > media  close\n"
		"core > C  release no-media-match\n"
		"core > A  release no-media-match\n"
		"C > core  released\n"
		"A > core  released\n");
	world_fini(&w);
}

/* Only a phone, only from a call that is up, only into a call of its own. */
static void who_may(void **state)
{
	struct world w;

	(void)state;
	world_consult(&w, true);
	fake_joins(&w.c, &w.b.leg[0]->leg);	/* C is not in B's call to A */
	fake_joins(&w.a, &w.b.leg[1]->leg);
	fake_joins(&w.b, &w.b.leg[0]->leg);	/* it is in it now */
	EXPECT_LADDER(&w,
		"C > core  transfer to a call\n"
		"core > C  info transfer failed no-route\n"
		"A > core  transfer to a call\n"
		"core > A  info transfer failed no-route\n"
		"B > core  transfer to a call\n"
		"core > B  info transfer failed no-route\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.a, "1002");
	fake_transfers(&w.a, "1003");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"A > core  transfer 1003\n"
		"core > A  info transfer failed facility-rejected\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* A trunk has no rights to lend; a phone lends its own, and no more. */
static void whose_rights(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w,
		"config corlist 'inside'\n\tlist member 'in'\n"
		"config corlist 'outside'\n\tlist member 'out'\n"
		"config dialpeer '1'\n\toption destination_pattern '0T'\n\toption trunk 'other'\n"
		"\toption cor_outgoing 'outside'\n");
	td_strlcpy(w.phones[1].cor_incoming, "inside", sizeof(w.phones[1].cor_incoming));
	world_reload(&w);
	fake_dials(&w.t, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	world_forget(&w);
	fake_transfers(&w.t, "1003");
	fake_transfers(&w.b, "0123");
	EXPECT_LADDER(&w,
		"T > core  transfer 1003\n"
		"core > T  info transfer failed facility-rejected\n"
		"B > core  transfer 0123\n"
		"core > B  info transfer failed barred\n");
	w.phones[1].cor_incoming[0] = '\0';
	world_reload(&w);
	fake_transfers(&w.b, "0123");
	EXPECT_LADDER(&w,
		"B > core  transfer 0123\n"
		"core > U  setup from=4711 to=0123 PCMU,PCMA sendrecv\n"
		"core > B  info transfer trying\n");
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blind),
		cmocka_unit_test(blind_by_the_caller),
		cmocka_unit_test(given_back),
		cmocka_unit_test(they_leave),
		cmocka_unit_test(consult),
		cmocka_unit_test(consult_backwards),
		cmocka_unit_test(consult_while_it_rings),
		cmocka_unit_test(does_not_follow),
		cmocka_unit_test(who_may),
		cmocka_unit_test(whose_rights),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
