/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of offer and answer during a call: hold and resume by either and by both, new
 * addresses and codecs, refusals, codec mismatch. "held" and directions follow from the
 * two wishes alone (call_media.c).
 */
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

static void hold_and_resume(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendonly\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > A  media PCMU,PCMA recvonly\n"
		"core > B  media PCMU,PCMA sendonly\n");
	EXPECT_SHOWN(&w, "\"state\":\"held\"");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_RECV);
	EXPECT_LADDER(&w, "B > core  answer PCMU recvonly\n");
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU sendrecv\n"
		"core > B  media PCMU sendrecv\n");
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* RFC 2543: c=0.0.0.0. The flow keeps the address from which music may still come. */
static void old_style_hold(void **state)
{
	struct td_addr rtp;
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	rtp = w.a.rtp;
	td_addr_set_v4(&w.a.rtp, 0, 4000);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > A  media PCMU,PCMA recvonly\n"
		"core > B  media PCMU,PCMA sendonly\n");
	EXPECT_SHOWN(&w, "\"state\":\"held\"");
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_RECV);
	w.a.rtp = rtp;
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void both_hold(struct world *w)
{
	world_init(w);
	world_call(w);
	fake_offers(&w->a, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w->b, "PCMU,PCMA", TD_DIR_RECV);
	world_forget(w);
	fake_offers(&w->b, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(w,
		"B > core  offer PCMU,PCMA sendonly\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 inactive\n"
		"core > B  media PCMU,PCMA inactive\n"
		"core > A  media PCMU,PCMA inactive\n");
	fake_sends_answer(&w->a, "PCMU,PCMA", TD_DIR_INACTIVE);
	EXPECT_SHOWN(w, "\"state\":\"held\"");
	world_forget(w);
}

static void both_hold_first_resumes_first(void **state)
{
	struct world w;

	(void)state;
	both_hold(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 recvonly, 10.0.2.1:4000 sendonly\n"
		"core > A  media PCMU,PCMA sendonly\n"
		"core > B  media PCMU,PCMA recvonly\n");
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_SHOWN(&w, "\"state\":\"held\"");
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA sendonly\n"
		"B > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"A > core  answer PCMU,PCMA sendrecv\n");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void both_hold_last_resumes_first(void **state)
{
	struct world w;

	(void)state;
	both_hold(&w);
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > B  media PCMU,PCMA sendonly\n"
		"core > A  media PCMU,PCMA recvonly\n");
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	world_forget(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"B > core  answer PCMU,PCMA sendrecv\n");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void hold_without_descriptions(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_says(&w.b, TD_LEG_HOLD);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_INACTIVE);
	EXPECT_SHOWN(&w, "\"state\":\"held\"");
	fake_says(&w.b, TD_LEG_RESUME);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	EXPECT_LADDER(&w,
		"B > core  hold\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 inactive\n"
		"core > A  media PCMU,PCMA inactive\n"
		"A > core  answer PCMU,PCMA inactive\n"
		"B > core  resume\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"A > core  answer PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void offer_refused_by_the_other(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	fake_refuses(&w.b);
	world_forget(&w);
	/* The call goes on, and the next change is offered again. */
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_INACTIVE);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA inactive\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 inactive\n"
		"core > A  media PCMU,PCMA inactive\n"
		"core > B  media PCMU,PCMA inactive\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void new_address_bothers_nobody(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	w.a.rtp.port = 4444;
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4444 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	/* A session refresh does not even touch the flows. */
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void codec_change(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.b, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  offer PCMA sendrecv\n"
		"core > B  media PCMA sendrecv\n"
		"core > A  media PCMA sendrecv\n");
	fake_sends_answer(&w.a, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "A > core  answer PCMA sendrecv\n");
	fake_offers(&w.b, "GSM", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  offer GSM sendrecv\n"
		"core > B  media refused\n");
	EXPECT_SHOWN(&w, "\"codec\":\"PCMA\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void party_asks_for_an_offer(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_needs_offer(&w.b);
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  need-offer\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"B > core  answer PCMU sendrecv\n");
	/* Held by answering: RFC 3264 allows it, and A is told. */
	fake_needs_offer(&w.b);
	fake_sends_answer(&w.b, "PCMU", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"B > core  need-offer\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"B > core  answer PCMU sendonly\n"
		"core > media  connect 10.0.1.1:4000 recvonly, 10.0.2.1:4000 sendonly\n"
		"core > A  media PCMU sendonly\n");
	EXPECT_SHOWN(&w, "\"state\":\"held\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* "inactive" to a hold is consent, not a hold of B's own: A's resume brings all back. */
static void held_party_answers_inactive(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_INACTIVE);
	world_forget(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv\n");
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Each phone answers in its own order: nobody is asked again because of that. */
static void stubborn_orders(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.b.codecs, "PCMA,PCMU", sizeof(w.b.codecs));
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_RECV);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendonly\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > A  media PCMA,PCMU recvonly\n"
		"core > B  media PCMA,PCMU sendonly\n"
		"B > core  answer PCMU,PCMA recvonly\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Both hold at the same moment: our offer to B waits in its driver while B offers. */
static void offers_cross(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	world_forget(&w);
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU,PCMA sendonly\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 inactive\n"
		"core > B  media PCMU,PCMA inactive\n"
		"core > B  media PCMU,PCMA inactive\n"
		"core > A  media PCMU,PCMA inactive\n");
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_INACTIVE);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_INACTIVE);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA inactive\n"
		"A > core  answer PCMU,PCMA inactive\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void no_codec_for_b(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.phones[1].codec[0], "g722", CFG_TEXT_LEN);
	w.phones[1].n_codec = 1;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > media  close\n"
		"core > A  release no-media-match\n"
		"A > core  released\n");
	assert_int_equal(w.b.setups, 0);
	assert_int_equal(w.b.destroyed, 1);
	world_fini(&w);
}

static void b_answers_with_a_stranger(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials(&w.a, "1002");
	world_forget(&w);
	fake_sends_answer(&w.b, "GSM", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  answer GSM sendrecv\n"
		"core > B  release no-media-match\n"
		"core > media  close\n"
		"core > A  release no-media-match\n"
		"B > core  released\n"
		"A > core  released\n");
	world_fini(&w);
}

static void allowed_codecs_are_offered(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.phones[1].codec[0], "pcma", CFG_TEXT_LEN);
	w.phones[1].n_codec = 1;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMA sendrecv\n"
		"B > core  answer PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMA sendrecv\n"
		"core > A  connect\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hold_and_resume),
		cmocka_unit_test(old_style_hold),
		cmocka_unit_test(both_hold_first_resumes_first),
		cmocka_unit_test(both_hold_last_resumes_first),
		cmocka_unit_test(hold_without_descriptions),
		cmocka_unit_test(offer_refused_by_the_other),
		cmocka_unit_test(new_address_bothers_nobody),
		cmocka_unit_test(codec_change),
		cmocka_unit_test(party_asks_for_an_offer),
		cmocka_unit_test(held_party_answers_inactive),
		cmocka_unit_test(stubborn_orders),
		cmocka_unit_test(offers_cross),
		cmocka_unit_test(no_codec_for_b),
		cmocka_unit_test(b_answers_with_a_stranger),
		cmocka_unit_test(allowed_codecs_are_offered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
