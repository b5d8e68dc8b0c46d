/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of offer and answer during a call: hold and resume by either and by both, new
 * addresses and codecs, refusals, codec mismatch. "held" and directions follow from the
 * two wishes alone (call_media.c).
 */
#include <errno.h>
#include <string.h>
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

/* The other party's word on a fax is the answer; sound comes back the same way. */
static void fax(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.b, "T38", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "B > core  offer T38 sendrecv\n"
			  "core > A  media T38 sendrecv\n");
	fake_sends_answer(&w.a, "T38", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "A > core  answer T38 sendrecv\n"
			  "core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
			  "core > B  media T38 sendrecv\n");
	EXPECT_SHOWN(&w, "\"codec\":\"T38\"");
	fake_offers(&w.b, "PCMU", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "B > core  offer PCMU sendrecv\n"
			  "core > A  media PCMU,PCMA sendrecv\n");
	fake_sends_answer(&w.a, "PCMU", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "A > core  answer PCMU sendrecv\n"
			  "core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
			  "core > B  media PCMU sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Refused by a 488, or by an answer that takes nothing: the call is as before. */
static void fax_refused(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	fake_offers(&w.a, "T38", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "A > core  offer T38 sendrecv\n"
			  "core > B  media T38 sendrecv\n");
	fake_refuses(&w.b);
	EXPECT_LADDER(&w, "B > core  refused\n"
			  "core > A  media refused\n");
	fake_offers(&w.a, "T38", TD_DIR_BOTH);
	fake_sends_answer(&w.b, "PCMU", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "A > core  offer T38 sendrecv\n"
			  "core > B  media T38 sendrecv\n"
			  "B > core  answer PCMU sendrecv\n"
			  "core > A  media refused\n");
	EXPECT_SHOWN(&w, "\"codec\":\"PCMU\"");
	/* who asks and is gone before the answer */
	fake_offers(&w.a, "T38", TD_DIR_BOTH);
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
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > B  media PCMA sendrecv\n"
		"core > A  media PCMA sendrecv\n");
	/* until A has answered it may go on with the other law */
	assert_int_equal(fake_media_last(&w.media)->ends[0].transcode, TD_TRANSCODE_U2A);
	fake_sends_answer(&w.a, "PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n");
	assert_int_equal(fake_media_last(&w.media)->ends[0].transcode, TD_TRANSCODE_NONE);
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
		"B > core  answer PCMU,PCMA recvonly\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n");
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

/* Nothing in common but G.711 in two laws: each hears its own. */
static void two_laws(void **state)
{
	const struct td_media_end *e;
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.a.codecs, "PCMU", sizeof(w.a.codecs));
	td_strlcpy(w.b.codecs, "PCMA", sizeof(w.b.codecs));
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"B > core  answer PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU sendrecv\n"
		"core > A  connect\n");
	e = fake_media_last(&w.media)->ends;
	assert_int_equal(e[0].transcode, TD_TRANSCODE_U2A);
	assert_int_equal(e[0].n_pt, 1);
	assert_int_equal(e[0].pt_from[0], 0);
	assert_int_equal(e[0].pt_to[0], 8);
	assert_int_equal(e[1].transcode, TD_TRANSCODE_A2U);
	assert_int_equal(e[1].pt_from[0], 8);
	assert_int_equal(e[1].pt_to[0], 0);
	/* B holds and resumes: nobody is offered what it cannot do */
	fake_offers(&w.b, "PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.a, "PCMU", TD_DIR_RECV);
	EXPECT_LADDER(&w,
		"B > core  offer PCMA sendonly\n"
		"core > media  connect 10.0.1.1:4000 recvonly, 10.0.2.1:4000 sendonly\n"
		"core > B  media PCMA recvonly\n"
		"core > A  media PCMU sendonly\n"
		"A > core  answer PCMU recvonly\n");
	fake_offers(&w.b, "PCMA", TD_DIR_BOTH);
	fake_sends_answer(&w.a, "PCMU", TD_DIR_BOTH);
	world_forget(&w);
	assert_int_equal(fake_media_last(&w.media)->ends[1].transcode, TD_TRANSCODE_A2U);
	/* B learns u-law: no need to bridge any more */
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	assert_int_equal(fake_media_last(&w.media)->ends[0].transcode, TD_TRANSCODE_NONE);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* What a phone may not use is not bridged to either. */
static void two_laws_forbidden(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.phones[1].codec[0], "gsm", sizeof(w.phones[1].codec[0]));
	w.phones[1].n_codec = 1;
	world_reload(&w);
	td_strlcpy(w.a.codecs, "PCMU", sizeof(w.a.codecs));
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU sendrecv\n"
		"core > media  close\n"
		"core > A  release no-media-match\n"
		"A > core  released\n");
	world_fini(&w);
}

/* Both have iLBC and RFC 4733, B by other numbers than it was offered. */
static void payload_types_differ(void **state)
{
	struct td_leg_event ev = { .type = TD_LEG_MEDIA, .media_kind = TD_MEDIA_ANSWER };
	const struct td_media_end *e;
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.a.codecs, "ILBC", sizeof(w.a.codecs));
	fake_dials(&w.a, "1002");
	fake_desc(&w.b, &ev.media, "ILBC", TD_DIR_BOTH);
	ev.media.codec[0].pt = 120;
	ev.media.dtmf_pt = 121;
	td_leg_post(&w.b.leg[0]->leg, &ev);
	fake_answers_bare(&w.b);
	e = fake_media_last(&w.media)->ends;
	assert_int_equal(e[0].n_pt, 2);		/* to B */
	assert_int_equal(e[0].pt_from[0], 96);
	assert_int_equal(e[0].pt_to[0], 120);
	assert_int_equal(e[0].pt_from[1], 101);
	assert_int_equal(e[0].pt_to[1], 121);
	assert_int_equal(e[0].dtmf_pt, 101);
	assert_int_equal(e[1].n_pt, 0);		/* B was told A's numbers */
	assert_int_equal(e[1].dtmf_pt, 101);
	assert_int_equal(e[0].kbit_s, 16);
	assert_string_equal(e[0].codec, "ILBC");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* RFC 5761 is agreed with each party for itself; what one can is no offer to the other. */
static void rtcp_on_the_rtp_port(void **state)
{
	const struct td_media_end *e;
	struct world w;

	(void)state;
	world_init(&w);
	w.a.rtcp_mux = true;
	fake_dials(&w.a, "1002");
	assert_false(w.b.leg[0]->told.rtcp_mux);
	w.b.rtcp_mux = true;		/* says so without having been asked */
	fake_answers(&w.b);
	assert_true(w.a.leg[0]->told.rtcp_mux);
	e = fake_media_last(&w.media)->ends;
	assert_true(td_addr_equal(&e[0].remote_rtcp, &e[0].remote));
	assert_false(td_addr_is_set(&e[1].remote_rtcp));
	/* B holds; A is asked to agree again and has changed its mind */
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_SEND);
	assert_true(w.b.leg[0]->told.rtcp_mux);
	assert_true(w.a.leg[0]->told.rtcp_mux);
	w.a.rtcp_mux = false;
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_RECV);
	e = fake_media_last(&w.media)->ends;
	assert_false(td_addr_is_set(&e[0].remote_rtcp));
	assert_true(td_addr_equal(&e[1].remote_rtcp, &e[1].remote));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* B answers with the codec that both have and with the law that A has not: what it may send
 * in that is named first, whatever else is renamed. */
static void law_beside_a_codec(void **state)
{
	struct td_leg_event ev = { .type = TD_LEG_MEDIA, .media_kind = TD_MEDIA_ANSWER };
	const struct td_media_end *e;
	struct world w;

	(void)state;
	world_init(&w);
	td_strlcpy(w.a.codecs, "ILBC,PCMU", sizeof(w.a.codecs));
	fake_dials(&w.a, "1002");
	fake_desc(&w.b, &ev.media, "ILBC,PCMA", TD_DIR_BOTH);
	td_leg_post(&w.b.leg[0]->leg, &ev);
	fake_answers_bare(&w.b);
	e = fake_media_last(&w.media)->ends;
	assert_string_equal(e[1].codec, "ILBC");
	assert_int_equal(e[1].transcode, TD_TRANSCODE_A2U);
	assert_int_equal(e[1].n_pt, 1);
	assert_int_equal(e[1].pt_from[0], 8);
	assert_int_equal(e[1].pt_to[0], 0);
	assert_int_equal(e[1].kbit_s, 64);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void press_in_media(struct world *w, char digit, bool held)
{
	struct td_media_event ev = {
		.type = TD_MEDIA_EV_DIGIT, .call_id = 1, .leg_id = 1, .digit = digit,
		.duration_ms = 100, .held = held,
	};

	fake_media_tells(&w->media, &ev);
	fake_run(&w->a);
}

static void expect_digits(struct world *w, const char *want)
{
	struct td_json j;

	td_json_init(&j);
	assert_int_equal(td_core_show_call(w->core, 1, &j, NULL), 0);
	if (!strstr(j.text, want))
		fail_msg("no %s in %s", want, j.text);
	td_json_fini(&j);
}

static void digits_in_the_media(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	press_in_media(&w, '4', false);
	press_in_media(&w, '#', false);
	EXPECT_LADDER(&w, "");		/* B has heard them in its media */
	expect_digits(&w, "\"digits\":\"4#\"");
	fake_presses(&w.b, '9');
	EXPECT_LADDER(&w,
		"B > core  digit 9\n"
		"core > A  info digit=9\n");
	expect_digits(&w, "\"digits\":\"9\"");
	for (int i = 0; i < 40; i++)
		press_in_media(&w, (char)('0' + i % 10), false);
	expect_digits(&w, "\"digits\":\"89012345678901234567890123456789\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* B wants them in SIP INFO: A may send them in its media although B takes none there. */
static void digits_out_of_band(void **state)
{
	const struct td_media_end *e;
	struct world w;

	(void)state;
	world_init(&w);
	w.phones[1].dtmf_relay = CFG_DTMF_INFO;
	world_reload(&w);
	world_call(&w);
	e = fake_media_last(&w.media)->ends;
	assert_true(e[0].hold_dtmf);
	assert_false(e[1].hold_dtmf);
	assert_int_equal(w.a.leg[0]->told.dtmf_pt, 101);
	press_in_media(&w, '7', true);
	EXPECT_LADDER(&w, "core > B  info digit=7\n");
	expect_digits(&w, "\"digits\":\"7\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* A tells its keys in INFO, B takes RFC 4733: put into B's media while A talks. */
static void digits_into_the_media(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.phones[0].dtmf_relay = CFG_DTMF_INFO;
	world_reload(&w);
	world_call(&w);
	w.media.press_err = 0;
	fake_presses(&w.a, '5');
	EXPECT_LADDER(&w,
		"A > core  digit 5\n"
		"core > media  press 5 for B pt=101 ms=160\n");
	expect_digits(&w, "\"digits\":\"5\"");
	fake_presses(&w.b, '6');	/* and A wants to be told by INFO */
	EXPECT_LADDER(&w,
		"B > core  digit 6\n"
		"core > A  info digit=6\n");
	w.media.press_err = -EBUSY;
	fake_presses(&w.a, '7');
	EXPECT_LADDER(&w,
		"A > core  digit 7\n"
		"core > B  info digit=7\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void nothing_is_heard(void **state)
{
	struct td_media_event ev = { .type = TD_MEDIA_EV_SILENCE, .call_id = 1 };
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	ev.call_id = 2;
	fake_media_tells(&w.media, &ev);	/* not of this call */
	ev.call_id = 1;
	fake_media_tells(&w.media, &ev);
	fake_run(&w.a);
	EXPECT_LADDER(&w,
		"core > media  close\n"
		"core > A  release timer\n"
		"core > B  release timer\n"
		"A > core  released\n"
		"B > core  released\n");
	fake_media_tells(&w.media, &ev);	/* said twice */
	world_fini(&w);
}

/* What a phone behind a NAT says of itself does not count; its host does. */
static void behind_a_nat(void **state)
{
	const struct td_media_end *e;
	struct td_addr seen;
	struct world w;

	(void)state;
	world_init(&w);
	w.phones[0].nat = 1;
	world_reload(&w);
	td_addr_parse(&seen, "203.0.113.9:61000");
	td_endpoint_set_state(w.core, w.a.ep, TD_EP_REGISTERED, &seen, "udp");
	world_call(&w);
	e = fake_media_last(&w.media)->ends;
	assert_true(e[0].learn);
	assert_false(e[1].learn);
	assert_true(td_addr_same_ip(&e[0].remote, &seen));
	assert_int_equal(e[0].remote.port, 4000);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* The caller opens its port when it knows the codec: nothing flows to it before. */
static void port_comes_later(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials_portless(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv port=later\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect - sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	fake_offers(&w.a, "PCMU", TD_DIR_BOTH);
	/* B takes and sends PCMU: it is not bothered */
	EXPECT_LADDER(&w,
		"A > core  offer PCMU sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* As a phone that stops its channels for a hold and opens new ones to go on. */
static void hold_and_another_port(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	fake_dials_portless(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	fake_offers(&w.a, "PCMU", TD_DIR_BOTH);
	world_forget(&w);
	fake_says(&w.a, TD_LEG_HOLD);
	EXPECT_LADDER(&w,
		"A > core  hold\n"
		"core > media  connect 10.0.1.1:4000 inactive, 10.0.2.1:4000 inactive\n"
		"core > B  media PCMU inactive\n");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_INACTIVE);
	world_forget(&w);
	w.a.rtp.port = 4010;
	fake_offers(&w.a, "PCMU", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU sendrecv\n"
		"core > media  connect 10.0.1.1:4010 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU sendrecv\n"
		"core > B  media PCMU sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hold_and_resume),
		cmocka_unit_test(old_style_hold),
		cmocka_unit_test(fax), cmocka_unit_test(fax_refused),
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
		cmocka_unit_test(two_laws),
		cmocka_unit_test(two_laws_forbidden),
		cmocka_unit_test(payload_types_differ),
		cmocka_unit_test(rtcp_on_the_rtp_port),
		cmocka_unit_test(law_beside_a_codec),
		cmocka_unit_test(digits_in_the_media),
		cmocka_unit_test(digits_out_of_band),
		cmocka_unit_test(digits_into_the_media),
		cmocka_unit_test(nothing_is_heard),
		cmocka_unit_test(behind_a_nat),
		cmocka_unit_test(port_comes_later),
		cmocka_unit_test(hold_and_another_port),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
