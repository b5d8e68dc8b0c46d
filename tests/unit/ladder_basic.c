/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole calls as ladders: setting up, ringing, answering, ending. Time is virtual. Read
 * a ladder as a conversation; what stands there is exactly what the core said and heard.
 */
#include <errno.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

static void basic_call(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	EXPECT_SHOWN(&w, "\"state\":\"setup\"");
	fake_rings(&w.b);
	EXPECT_SHOWN(&w, "\"state\":\"alerting\"");
	fake_answers(&w.b);
	/* The caller claimed to be Mallory, 4711: B is shown who A is. */
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	EXPECT_SHOWN(&w, "\"codec\":\"PCMU\",\"srtp\":null,\"srtp_keys\":null,\"remote_media\":\"10.0.1.1:4000\","
			 "\"local_media\":\"10.0.1.254:20000\",\"path\":\"xdp\",\"dscp\":46");
	assert_int_equal(w.b.hops, 69);
	world_advance_ms(&w, 60000);
	EXPECT_SHOWN(&w, "\"duration_ms\":60000");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n");
	world_fini(&w);
}

static void media_end_for_the_plane(void **state)
{
	const struct td_media_end *ends;
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	ends = fake_media_last(&w.media)->ends;
	assert_int_equal(ends[0].local.port, 20000);
	assert_int_equal(ends[1].local.port, 20002);
	assert_int_equal(ends[0].rate, 8000);
	assert_int_equal(ends[0].dscp_class, 0);
	assert_int_not_equal(ends[0].leg_id, ends[1].leg_id);
	assert_int_equal(ends[0].leg_id, w.a.leg[0]->leg.id);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"B > core  released normal\n"
		"core > media  close\n"
		"core > A  release normal\n"
		"A > core  released\n");
	world_fini(&w);
}

static void address_after_the_answer(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_answers_bare(&w.b);
	world_advance_ms(&w, 500);
	fake_sends_answer(&w.b, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  answered\n"
		"B > core  answer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMA sendrecv\n"
		"core > A  connect\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void address_never_comes(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers_bare(&w.b);
	world_forget(&w);
	world_advance_ms(&w, 4000);
	EXPECT_LADDER(&w,
		"core > media  close\n"
		"core > A  release timer\n"
		"core > B  release timer\n"
		"A > core  released\n"
		"B > core  released\n");
	world_fini(&w);
}

static void early_media(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	world_forget(&w);
	fake_sends_answer(&w.b, "PCMA", TD_DIR_BOTH);
	fake_rings(&w.b);
	EXPECT_LADDER(&w,
		"B > core  answer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMA sendrecv\n"
		"core > A  alert\n"
		"B > core  alerting\n");
	/* The 200 repeats the description: nothing new for A. */
	fake_sends_answer(&w.b, "PCMA", TD_DIR_BOTH);
	world_forget(&w);
	fake_answers_bare(&w.b);
	EXPECT_LADDER(&w,
		"B > core  answered\n"
		"core > A  connect\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void late_offer(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials_late(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 late\n"
		"core > B  setup from=1001 to=1002 G722,PCMA,PCMU,G729 sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	/* A takes the other codec: B has to change. */
	fake_sends_answer(&w.a, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > B  media PCMA sendrecv\n");
	fake_sends_answer(&w.b, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  answer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void late_offer_without_match(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials_late(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	world_forget(&w);
	fake_sends_answer(&w.a, "GSM", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer GSM sendrecv\n"
		"core > media  close\n"
		"core > A  release no-media-match\n"
		"core > B  release no-media-match\n"
		"A > core  released\n"
		"B > core  released\n");
	world_fini(&w);
}

static void nobody_answers(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_advance_ms(&w, 179999);
	world_forget(&w);
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w,
		"core > B  release no-answer\n"
		"core > media  close\n"
		"core > A  release no-answer\n"
		"B > core  released\n"
		"A > core  released\n");
	world_fini(&w);
}

static void nobody_reacts(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	world_forget(&w);
	world_advance_ms(&w, 32000);
	EXPECT_LADDER(&w,
		"core > B  release no-response\n"
		"core > media  close\n"
		"core > A  release no-response\n"
		"B > core  released\n"
		"A > core  released\n");
	world_fini(&w);
}

static void busy(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	world_forget(&w);
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	EXPECT_LADDER(&w,
		"B > core  released busy\n"
		"core > media  close\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
}

static void cancel(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_UNSPECIFIED);
	EXPECT_LADDER(&w,
		"A > core  released unspecified\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n");
	world_fini(&w);
}

/* The answer crosses the cancel: B's words after our goodbye are not heard. */
static void cancel_crosses_answer(void **state)
{
	struct td_leg_event answered = { .type = TD_LEG_ANSWERED };
	struct td_leg_event gone = { .type = TD_LEG_RELEASED, .cause = TD_CAUSE_NORMAL };
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	world_forget(&w);
	td_leg_post(&w.a.leg[0]->leg, &gone);
	td_leg_post(&w.b.leg[0]->leg, &answered);
	assert_int_equal(td_leg_post(&w.a.leg[0]->leg, &gone), -ESHUTDOWN);
	fake_run(&w.a);
	EXPECT_LADDER(&w,
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n");
	world_fini(&w);
}

static void unknown_number(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "999\n9");
	EXPECT_LADDER(&w,
		"A > core  setup to=999\n9 PCMU,PCMA sendrecv\n"
		"core > A  release unallocated\n"
		"A > core  released\n");
	assert_int_equal(w.media.n_opened, 0);
	world_fini(&w);
}

static void not_registered(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.b.bindings = 0;
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release absent\n"
		"A > core  released\n");
	w.b.new_legs_err = -EIO;
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release temporary\n"
		"A > core  released\n");
	w.b.new_legs_err = 0;
	w.b.bindings = 1;
	w.b.setup_err = -EHOSTUNREACH;
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"core > media  close\n"
		"core > A  release temporary\n"
		"A > core  released\n");
	world_fini(&w);
}

static void calls_itself(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1001");
	EXPECT_LADDER(&w,
		"A > core  setup to=1001 PCMU,PCMA sendrecv\n"
		"core > A  release busy\n"
		"A > core  released\n");
	world_fini(&w);
}

static void hops_used_up(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.a.hops = 0;
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release loop\n"
		"A > core  released\n");
	world_fini(&w);
}

static void digits_and_strangers(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_presses(&w.a, '5');
	fake_presses(&w.b, '#');
	fake_rings(&w.a);			/* nonsense, refused */
	EXPECT_LADDER(&w,
		"A > core  digit 5\n"
		"core > B  info digit=5\n"
		"B > core  digit #\n"
		"core > A  info digit=#\n"
		"A > core  alerting\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void digit_by_digit(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	assert_int_equal(td_core_dial(w.core, w.a.ep, ""), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "1"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "100"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "1002"), TD_DIAL_MATCH);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "10021"), TD_DIAL_NONE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "2"), TD_DIAL_NONE);
	td_strlcpy(w.dns[2].number, "10023", sizeof(w.dns[2].number));
	world_reload(&w);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "1002"), TD_DIAL_MATCH_LONGER);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(basic_call),
		cmocka_unit_test(media_end_for_the_plane),
		cmocka_unit_test(address_after_the_answer),
		cmocka_unit_test(address_never_comes),
		cmocka_unit_test(early_media),
		cmocka_unit_test(late_offer),
		cmocka_unit_test(late_offer_without_match),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(nobody_reacts),
		cmocka_unit_test(busy),
		cmocka_unit_test(cancel),
		cmocka_unit_test(cancel_crosses_answer),
		cmocka_unit_test(unknown_number),
		cmocka_unit_test(not_registered),
		cmocka_unit_test(calls_itself),
		cmocka_unit_test(hops_used_up),
		cmocka_unit_test(digits_and_strangers),
		cmocka_unit_test(digit_by_digit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
