/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of what phones dial or press beside numbers: park and take back, pickup, conferences,
 * forward all; and of music for who waits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

#define PLAN "config fac 'fac'\n\toption enable '1'\n" \
	     "config park 'lot'\n\toption number '799'\n\toption slots '3'\n\toption timeout '60'\n" \
	     "\toption limit '2'\n" \
	     "config conference 'room'\n\toption number '6000'\n\toption max_parties '3'\n" \
	     "config dialpeer '1'\n\toption destination_pattern '0T'\n\toption trunk 'other'\n"

static void world_features(struct world *w, const char *more)
{
	char plan[2048];

	world_init(w);
	snprintf(plan, sizeof(plan), PLAN "%s", more);
	world_plan(w, plan);
}

/* ---- music ---- */

static void music_on_hold(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "config moh 'moh'\n\toption file '/m.wav'\n");
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_INACTIVE);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA inactive\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 recvonly\n"
		"core > media  side 1 music 0 PCMU\n"
		"core > A  media PCMU,PCMA inactive\n"
		"core > B  media PCMU,PCMA sendonly\n");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_RECV);
	world_forget(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > media  side 1 through\n"
		"core > A  media PCMU sendrecv\n"
		"core > B  media PCMU sendrecv\n");
	/* both hold: nobody hears anything */
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	fake_says(&w.a, TD_LEG_HOLD);
	fake_sends_answer(&w.b, "PCMU", TD_DIR_RECV);
	world_forget(&w);
	fake_says(&w.b, TD_LEG_HOLD);
	EXPECT_LADDER(&w,
		"B > core  hold\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 inactive\n"
		"core > media  side 1 through\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Who is transferred hears music until somebody answers. */
static void music_while_it_rings(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "config moh 'moh'\n\toption file '/m.wav'\n");
	world_call(&w);
	fake_transfers(&w.b, "1003");
	EXPECT_LADDER(&w,
		"B > core  transfer 1003\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 music 0 PCMU\n"
		"core > B  info transfer trying\n");
	fake_rings(&w.c);
	world_forget(&w);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"C > core  answer PCMU,PCMA sendrecv\n"
		"C > core  answered\n"
		"core > B  info transfer done 1003\n"
		"core > B  release normal\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > media  side 0 through\n"
		"B > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- park ---- */

static void world_parked(struct world *w, const char *more)
{
	world_features(w, more);
	world_call(w);
	fake_transfers(&w->b, "800");
	EXPECT_SHOWN(w, "\"state\":\"parked\"");
}

static void park_and_retrieve(void **state)
{
	struct world w;

	(void)state;
	world_parked(&w, "config moh 'moh'\n\toption file '/m.wav'\n");
	EXPECT_LADDER(&w,
		"B > core  transfer 800\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 music 0 PCMU\n"
		"core > B  info transfer done 800\n"
		"core > B  release normal\n"
		"B > core  released\n");
	EXPECT_SHOWN(&w, "\"to\":\"800\"");
	/* the slot is taken; another one is not */
	fake_dials(&w.b, "801");
	EXPECT_LADDER(&w,
		"B > core  setup to=801 PCMU,PCMA sendrecv\n"
		"core > B  release unallocated\n"
		"B > core  released\n");
	fake_dials(&w.c, "800");
	EXPECT_LADDER(&w,
		"C > core  setup to=800 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > media  side 0 through\n"
		"core > C  media PCMU,PCMA sendrecv\n"
		"core > C  connect\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n");
	EXPECT_SHOWN(&w, "\"from\":\"1001\",\"to\":\"1003\"");
	assert_int_equal(td_core_calls(w.core), 1);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"C > core  released normal\n"
		"core > media  close\n"
		"core > A  release normal\n"
		"A > core  released\n");
	world_fini(&w);
}

/* A key that parks takes the first free slot, the code too; when all are taken the call stays. */
static void park_anywhere(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	for (int i = 0; i < 3; i++) {
		world_call(&w);
		if (i)
			fake_transfers(&w.b, i == 1 ? "**6801" : "**6");
		else
			fake_says(&w.b, TD_LEG_PARK);
		fake_use(&w.a, 3 - i);
	}
	EXPECT_SHOWN(&w, "\"to\":\"799\"");
	EXPECT_SHOWN(&w, "\"to\":\"800\"");
	EXPECT_SHOWN(&w, "\"to\":\"801\"");
	fake_dials(&w.b, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	world_forget(&w);
	fake_transfers(&w.b, "800");
	fake_says(&w.b, TD_LEG_PARK);
	EXPECT_LADDER(&w,
		"B > core  transfer 800\n"
		"core > B  info transfer failed busy\n"
		"B > core  park\n"
		"core > B  info transfer failed congestion\n");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	for (int i = 1; i < 4; i++) {
		fake_use(&w.a, (unsigned int)i);
		fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	}
	world_fini(&w);
}

/* Who parked it is rung twice, then the call ends, or goes elsewhere. */
static void reminders(void **state)
{
	struct world w;

	(void)state;
	world_parked(&w, "");
	world_forget(&w);
	world_advance_ms(&w, 59999);
	EXPECT_LADDER(&w, "");
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w, "core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w, "B > core  released busy\n");
	EXPECT_SHOWN(&w, "\"state\":\"parked\"");
	world_advance_ms(&w, 60000);
	fake_rings(&w.b);
	world_forget(&w);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n");
	/* the slot is free */
	fake_dials(&w.c, "800");
	EXPECT_LADDER(&w,
		"C > core  setup to=800 PCMU,PCMA sendrecv\n"
		"core > C  release unallocated\n"
		"C > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);

	world_parked(&w, "");
	w.b.bindings = 0;
	world_advance_ms(&w, 60000);
	world_advance_ms(&w, 60000);
	world_forget(&w);
	world_advance_ms(&w, 60000);
	EXPECT_LADDER(&w,
		"core > media  close\n"
		"core > A  release no-answer\n"
		"A > core  released\n");
	world_fini(&w);
}

/* While who parked it is rung, another one takes it; or the parked one goes. */
static void reminder_is_late(void **state)
{
	struct world w;

	(void)state;
	world_parked(&w, "");
	world_advance_ms(&w, 60000);
	fake_rings(&w.b);
	world_forget(&w);
	fake_dials(&w.c, "800");
	EXPECT_LADDER(&w,
		"C > core  setup to=800 PCMU,PCMA sendrecv\n"
		"core > B  release elsewhere\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > C  media PCMU,PCMA sendrecv\n"
		"core > C  connect\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n"
		"B > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
	world_parked(&w, "");
	world_advance_ms(&w, 60000);
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n");
	world_fini(&w);
}

/* Codes and slots are for phones: from outside they are numbers that are not there. */
static void not_from_outside(void **state)
{
	static const char *const numbers[] = { "800", "**51002", "**3", "**1012345", "6000" };
	struct world w;

	(void)state;
	world_parked(&w, "");
	fake_dials(&w.c, "1002");
	fake_rings(&w.b);
	for (size_t i = 0; i < 5; i++) {
		world_forget(&w);
		fake_dials(&w.t, numbers[i]);
		assert_non_null(strstr(w.ladder, "core > T  release unallocated\n"));
	}
	assert_int_equal(td_core_dial(w.core, w.t.ep, "800"), TD_DIAL_NONE);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- pickup ---- */

static void pickup(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_dials(&w.c, "**51002");
	EXPECT_LADDER(&w,
		"C > core  setup to=**51002 PCMU,PCMA sendrecv\n"
		"core > B  release elsewhere\n"
		"core > C  media PCMU,PCMA sendrecv\n"
		"core > C  connect\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n"
		"B > core  released\n");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.c, "**51002");	/* nothing rings there */
	EXPECT_LADDER(&w,
		"C > core  setup to=**51002 PCMU,PCMA sendrecv\n"
		"core > C  release no-route\n"
		"C > core  released\n");
	world_fini(&w);
}

static void pickup_in_groups(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	td_strlcpy(w.dns[1].pickup_group, "12", sizeof(w.dns[1].pickup_group));
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_dials(&w.c, "**3");	/* C is in no group */
	EXPECT_LADDER(&w,
		"C > core  setup to=**3 PCMU,PCMA sendrecv\n"
		"core > C  release no-route\n"
		"C > core  released\n");
	fake_dials(&w.c, "**413");
	EXPECT_LADDER(&w,
		"C > core  setup to=**413 PCMU,PCMA sendrecv\n"
		"core > C  release no-route\n"
		"C > core  released\n");
	fake_dials(&w.c, "**412");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	td_strlcpy(w.dns[2].pickup_group, "12", sizeof(w.dns[2].pickup_group));
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_dials(&w.c, "**3");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Neither of the two has said what it takes, or they have nothing in common. */
static void pickup_without_media(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	fake_dials_late(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_dials(&w.c, "**51002");
	EXPECT_LADDER(&w,
		"C > core  setup to=**51002 PCMU,PCMA sendrecv\n"
		"core > B  release elsewhere\n"
		"core > C  media PCMU,PCMA sendrecv\n"
		"core > C  connect\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n"
		"B > core  released\n");
	fake_sends_answer(&w.a, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > C  media PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	td_strlcpy(w.c.codecs, "G729", sizeof(w.c.codecs));
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_dials(&w.c, "**51002");
	EXPECT_LADDER(&w,
		"C > core  setup to=**51002 G729 sendrecv\n"
		"core > C  release no-media-match\n"
		"C > core  released\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- conference ---- */

static void meet(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	fake_dials(&w.a, "6000");
	EXPECT_LADDER(&w,
		"A > core  setup to=6000 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	EXPECT_SHOWN(&w, "\"state\":\"conference\"");
	fake_dials(&w.b, "6000");
	world_forget(&w);
	/* one from outside is brought by a phone */
	fake_dials(&w.t, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	world_forget(&w);
	fake_transfers(&w.c, "6000");
	EXPECT_LADDER(&w,
		"C > core  transfer 6000\n"
		"core > media  connect 10.0.4.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > C  info transfer done 6000\n"
		"core > C  release normal\n"
		"C > core  released\n");
	fake_dials(&w.c, "6000");	/* it is full */
	EXPECT_LADDER(&w,
		"C > core  setup to=6000 PCMU,PCMA sendrecv\n"
		"core > C  release busy\n"
		"C > core  released\n");
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendonly\n"
		"core > media  connect 10.0.1.1:4000 sendonly, - inactive\n"
		"core > A  media PCMU,PCMA recvonly\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.c, "6000");	/* B is there still */
	EXPECT_SHOWN(&w, "\"state\":\"conference\"");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	fake_dials(&w.a, "6000");
	assert_non_null(strstr(w.ladder, "mixer 2 "));	/* another one */
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void world_conference(struct world *w)
{
	world_features(w, "");
	world_call(w);
	fake_dials(&w->b, "1003");
	fake_rings(&w->c);
	fake_answers(&w->c);
	fake_use(&w->b, 1);
	world_forget(w);
	fake_confers(&w->b, &w->b.leg[1]->leg);
}

/* B talks to A, then to C in another call, and brings C. */
static void three(void **state)
{
	struct world w;

	(void)state;
	world_conference(&w);
	EXPECT_LADDER(&w,
		"B > core  conference\n"
		"core > B2  release normal\n"
		"core > media  connect - inactive, 10.0.3.1:4000 sendrecv\n"
		"core > media  side 1 mixer 1 PCMU\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > media  side 1 mixer 1 PCMU\n"
		"core > B  info transfer done\n"
		"B2 > core  released\n");
	/* who has called them together goes, the others talk as in any call */
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"B > core  released normal\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > C  info party=1001\n"
		"core > A  info party=1003\n"
		"core > media  close\n");
	assert_int_equal(td_core_calls(w.core), 1);
	fake_sends_answer(&w.a, "PCMU", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMU sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > media  side 1 through\n");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"C > core  released normal\n"
		"core > media  close\n"
		"core > A  release normal\n"
		"A > core  released\n");
	world_fini(&w);
}

static void three_then_two(void **state)
{
	struct world w;

	(void)state;
	world_conference(&w);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n");
	world_fini(&w);
	/* not with another phone's call, not with one that only rings */
	world_features(&w, "");
	world_call(&w);
	fake_dials(&w.c, "0123");
	world_forget(&w);
	fake_confers(&w.b, &w.c.leg[0]->leg);
	fake_confers(&w.c, &w.b.leg[0]->leg);
	EXPECT_LADDER(&w,
		"B > core  conference\n"
		"core > B  info transfer failed facility-rejected\n"
		"C > core  conference\n"
		"core > C  info transfer failed facility-rejected\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- forward all, digits ---- */

static void forward_all(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	fake_dials(&w.b, "**11003");
	EXPECT_LADDER(&w,
		"B > core  setup to=**11003 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.2.1:4000 sendrecv, - inactive\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"core > B  connect\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n");
	world_reload(&w);
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1003 by=1002,0 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_dials(&w.b, "**2");
	world_forget(&w);
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void digit_by_digit(void **state)
{
	struct world w;

	(void)state;
	world_features(&w, "");
	assert_int_equal(td_core_dial(w.core, w.a.ep, "*"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**5"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**51"), TD_DIAL_MATCH_LONGER);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**6"), TD_DIAL_MATCH_LONGER);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**66"), TD_DIAL_NONE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**68"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**6801"), TD_DIAL_MATCH);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "80"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "801"), TD_DIAL_MATCH);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "802"), TD_DIAL_NONE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "6000"), TD_DIAL_MATCH);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "1002"), TD_DIAL_MATCH);
	w.config.fac.enable = 0;
	world_reload(&w);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "**6"), TD_DIAL_NONE);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(music_on_hold),
		cmocka_unit_test(music_while_it_rings),
		cmocka_unit_test(park_and_retrieve),
		cmocka_unit_test(park_anywhere),
		cmocka_unit_test(reminders),
		cmocka_unit_test(reminder_is_late),
		cmocka_unit_test(not_from_outside),
		cmocka_unit_test(pickup),
		cmocka_unit_test(pickup_in_groups),
		cmocka_unit_test(pickup_without_media),
		cmocka_unit_test(meet),
		cmocka_unit_test(three),
		cmocka_unit_test(three_then_two),
		cmocka_unit_test(forward_all),
		cmocka_unit_test(digit_by_digit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
