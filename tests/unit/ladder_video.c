/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of video beside the sound (call_video.c): offered with the call, added and taken away
 * in it, held, refused, and between parties that number their formats otherwise.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "bpf/td_map.h"
#include "tests/fakes/world.h"
#include "tests/lib/kept_calls.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

static const char two[] = "96 97\na=rtpmap:96 VP8/90000\na=rtpmap:97 H264/90000\na=fmtp:97 x=1\n";
static const char vp8[] = "96\nb=AS:512\na=rtpmap:96 VP8/90000\n";
static const char h264[] = "97\na=rtpmap:97 H264/90000\n";
static const char others[] = "120 121\na=rtpmap:120 H264/90000\na=rtpmap:121 VP8/90000\n";
static const char other_h264[] = "120\na=rtpmap:120 H264/90000\n";

static void begin(struct world *w, const char *a, const char *b)
{
	world_init(w);
	w->a.video = a;
	w->b.video = b;
	world_call(w);
}

static void end(struct world *w)
{
	fake_hangs_up(&w->a, TD_CAUSE_NORMAL);
	world_fini(w);
}

/* Each is told the other one's formats; what B does not take, A hears in its answer. */
static void with_the_call(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.a.video = two;
	w.b.video = vp8;
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"B > core  answer PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"B > core  answered\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > A  connect\n");
	EXPECT_SHOWN(&w, "\"direction\":\"sendrecv\",\"remote_media\":\"10.0.1.1:4100\","
			 "\"local_media\":\"10.0.1.254:30000\"");
	end(&w);
}

/* A party that has none answers without; nobody is asked for what it has refused already. */
static void without_the_other_one(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.a.video = two;
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"B > core  alerting\n"
		"core > A  alert\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	EXPECT_SHOWN(&w, "\"video\":null");
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendonly, video 96 97 sendonly\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > A  media PCMU,PCMA recvonly\n"
		"core > B  media PCMU,PCMA sendonly\n");
	fake_sends_answer(&w.b, "PCMU", TD_DIR_RECV);
	end(&w);
}

static void held_and_resumed(void **state)
{
	struct world w;

	(void)state;
	begin(&w, two, vp8);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendonly, video 96 97 sendonly\n"
		"core > media  video 10.0.1.1:4100 sendonly, 10.0.2.1:4100 sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > A  media PCMU,PCMA recvonly, video 96 recvonly\n"
		"core > B  media PCMU,PCMA sendonly, video 96 sendonly\n");
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_RECV);
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA recvonly, video 96 recvonly\n"
		"core > media  video 10.0.1.1:4100 sendonly, 10.0.2.1:4100 recvonly\n"
		"A > core  offer PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 recvonly\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"B > core  answer PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 sendrecv\n");
	/* the camera alone */
	w.b.video = vp8;
	w.b.video_dir = TD_DIR_RECV;
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	w.a.video_dir = TD_DIR_SEND;
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU,PCMA sendrecv, video 96 recvonly\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 recvonly\n"
		"core > B  media PCMU,PCMA sendrecv, video 96 sendonly\n"
		"core > A  media PCMU,PCMA sendrecv, video 96 recvonly\n"
		"A > core  answer PCMU,PCMA sendrecv, video 96 97 sendonly\n"
		"core > media  video 10.0.1.1:4100 sendonly, 10.0.2.1:4100 recvonly\n");
	EXPECT_SHOWN(&w, "\"state\":\"up\"");
	end(&w);
}

static void added_and_taken_away(void **state)
{
	struct world w;

	(void)state;
	begin(&w, NULL, NULL);
	w.a.video = two;
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv, video 96 97 sendrecv\n");
	w.b.video = vp8;
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv, video 96 sendrecv\n");
	w.b.video = NULL;
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU,PCMA sendrecv\n"
		"core > media  video - inactive, - inactive\n"
		"core > B  media PCMU,PCMA sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	w.a.video = NULL;
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMU,PCMA sendrecv\n");
	/* other formats than before: only the other party can tell */
	w.b.video = vp8;
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	w.a.video = vp8;
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	w.b.video = h264;
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"A > core  answer PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"B > core  offer PCMU,PCMA sendrecv, video 97 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv, video 97 sendrecv\n");
	end(&w);
}

static void added_and_refused(void **state)
{
	struct world w;

	(void)state;
	begin(&w, NULL, NULL);
	w.a.video = two;
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	fake_sends_answer(&w.b, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"B > core  answer PCMU,PCMA sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	w.a.video = vp8;
	fake_offers(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	fake_refuses(&w.b);
	EXPECT_LADDER(&w,
		"A > core  offer PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv, video 96 sendrecv\n"
		"B > core  refused\n"
		"core > A  media PCMU,PCMA sendrecv\n");
	end(&w);
}

/* C, whom B has asked, gets A: both are asked anew, one after the other. */
static void transferred(void **state)
{
	struct world w;

	(void)state;
	begin(&w, two, h264);
	w.c.video = other_h264;
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_RECV);
	w.b.video = others;
	fake_dials(&w.b, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"B > core  offer PCMU,PCMA sendonly, video 97 sendonly\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 sendonly\n"
		"core > media  connect 10.0.1.1:4000 recvonly, 10.0.2.1:4000 sendonly\n"
		"core > B  media PCMU,PCMA recvonly, video 97 recvonly\n"
		"core > A  media PCMU,PCMA sendonly, video 97 sendonly\n"
		"A > core  answer PCMU,PCMA recvonly, video 96 97 recvonly\n"
		"core > media  video 10.0.1.1:4100 recvonly, 10.0.2.1:4100 sendonly\n"
		"B > core  setup to=1003 PCMU,PCMA sendrecv, video 120 121 sendrecv\n"
		"core > C  setup from=1002 to=1003 PCMU,PCMA sendrecv, video 120 121 sendrecv\n"
		"C > core  alerting\n"
		"core > B  alert\n"
		"C > core  answer PCMU,PCMA sendrecv, video 120 sendrecv\n"
		"C > core  answered\n"
		"core > media  video 10.0.2.1:4100 sendrecv, 10.0.3.1:4100 sendrecv\n"
		"core > media  connect 10.0.2.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > B  media PCMU,PCMA sendrecv, video 120 sendrecv\n"
		"core > B  connect\n");
	fake_joins(&w.b, &w.b.leg[1]->leg);
	EXPECT_LADDER(&w,
		"B > core  transfer to a call\n"
		"core > B2  release normal\n"
		"core > media  video - inactive, - inactive\n"
		"core > A  media PCMU,PCMA sendrecv, video 120 sendrecv\n"
		"core > C  media PCMU,PCMA sendrecv, video 120 sendrecv\n"
		"core > A  info party=1003\n"
		"core > C  info party=1001\n"
		"core > B  info transfer done\n"
		"core > media  close video\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B2 > core  released\n"
		"B > core  released\n");
	w.a.video = other_h264;
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMU,PCMA sendrecv, video 120 sendrecv\n"
		"core > C  media PCMU,PCMA sendrecv, video 120 sendrecv\n");
	fake_sends_answer(&w.c, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"C > core  answer PCMU,PCMA sendrecv, video 120 sendrecv\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.3.1:4100 sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n");
	fake_sends_answer(&w.c, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"C > core  answer PCMU,PCMA sendrecv, video 120 sendrecv\n");
	end(&w);
}

static void blind_transfer(void **state)
{
	struct world w;

	(void)state;
	begin(&w, two, vp8);
	fake_transfers(&w.b, "1003");
	fake_hangs_up(&w.c, TD_CAUSE_BUSY);
	EXPECT_SHOWN(&w, "\"remote_media\":\"10.0.2.1:4100\"");
	world_forget(&w);
	w.c.video = h264;
	fake_transfers(&w.b, "1003");
	fake_rings(&w.c);
	fake_answers(&w.c);
	EXPECT_LADDER(&w,
		"B > core  transfer 1003\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > B  info transfer trying\n"
		"C > core  alerting\n"
		"core > B  info transfer ringing\n"
		"C > core  answer PCMU,PCMA sendrecv, video 97 sendrecv\n"
		"C > core  answered\n"
		"core > B  info transfer done 1003\n"
		"core > B  release normal\n"
		"core > media  video - inactive, - inactive\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.3.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv, video 97 sendrecv\n"
		"B > core  released\n");
	w.a.video = h264;
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w,
		"A > core  answer PCMU,PCMA sendrecv, video 97 sendrecv\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.3.1:4100 sendrecv\n");
	end(&w);
}

/* Some refuse a whole call with two lines. */
static void called_again_without(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.a.video = two;
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.b, TD_CAUSE_NO_MEDIA_MATCH);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv, video 96 97 sendrecv\n"
		"B > core  released no-media-match\n"
		"core > B2  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_use(&w.b, 1);
	fake_answers(&w.b);
	EXPECT_LADDER(&w,
		"B > core  answer PCMU,PCMA sendrecv\n"
		"B > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	end(&w);
}

static void a_late_offer_has_it(void **state)
{
	struct world w;

	(void)state;
	begin(&w, two, vp8);
	fake_needs_offer(&w.a);
	EXPECT_LADDER(&w,
		"A > core  need-offer\n"
		"core > A  media PCMU,PCMA sendrecv, video 96 sendrecv\n");
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_BOTH);
	EXPECT_LADDER(&w, "A > core  answer PCMU,PCMA sendrecv, video 96 97 sendrecv\n");
	end(&w);
}

/* The class of video, or the value of the dial peer by which a party was called. */
static void marks(void **state)
{
	const struct fake_media_wish *wish;
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config dialpeer 'out'\n\toption destination_pattern '9T'\n"
		       "\toption trunk 'carrier'\n\toption dscp_video 'af31'\n");
	w.a.video = w.t.video = vp8;
	fake_dials(&w.a, "95551");
	fake_answers(&w.t);
	td_list_for_each(wish, &w.media.wishes, struct fake_media_wish, node)
		if (wish->ends[0].video) {
			assert_int_equal(wish->ends[0].dscp_class, TD_DSCP_VIDEO);
			assert_int_equal(wish->ends[1].dscp_class, TD_DSCP_EXPLICIT(26));
			assert_int_equal(wish->ends[0].kbit_s, 512);	/* b= of the other one */
			assert_int_equal(wish->ends[0].rate, 90000);
			assert_int_equal(wish->ends[0].n_pt, 0);
		} else {
			assert_int_equal(wish->ends[1].dscp_class, TD_DSCP_MEDIA);
		}
	assert_int_equal(w.media.n_opened, 2);
	end(&w);
}

/* Who has nobody opposite has sound alone. */
static void in_a_conference(void **state)
{
	struct world w;

	(void)state;
	begin(&w, two, vp8);
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_SEND);
	fake_sends_answer(&w.a, "PCMU,PCMA", TD_DIR_RECV);
	fake_dials(&w.b, "1003");
	fake_answers(&w.c);
	world_forget(&w);
	fake_confers(&w.b, &w.b.leg[1]->leg);
	EXPECT_LADDER(&w,
		"B > core  conference\n"
		"core > B2  release normal\n"
		"core > media  video - inactive, - inactive\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > media  side 1 mixer 1 PCMU\n"
		"core > B  info transfer done\n"
		"B2 > core  released\n");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	end(&w);
}

static void in_another_life(void **state)
{
	struct world w, v;

	(void)state;
	unlink(kept_now);
	world_init(&w);
	assert_int_equal(td_core_keep(w.core, kept_now), 0);
	w.a.video = two;
	w.b.video = vp8;
	world_call(&w);
	kept_copy();
	end(&w);
	world_init(&v);
	assert_int_equal(td_core_keep(v.core, kept_crash), 0);
	assert_int_equal(td_core_restore(v.core), 1);
	EXPECT_LADDER(&v,
		"core > media  adopt 20000 20002\n"
		"core > media  adopt 30000 30002\n"
		"core > media  video 10.0.1.1:4100 sendrecv, 10.0.2.1:4100 sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.2.1:4000 sendrecv\n"
		"core > media  adopted\n");
	/* and each is told the other one's formats as before */
	v.a.video = two;
	fake_offers(&v.a, "PCMU,PCMA", TD_DIR_SEND);
	EXPECT_LADDER(&v,
		"A > core  offer PCMU,PCMA sendonly, video 96 97 sendonly\n"
		"core > media  video 10.0.1.1:4100 sendonly, 10.0.2.1:4100 sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendonly, 10.0.2.1:4000 recvonly\n"
		"core > A  media PCMU,PCMA recvonly, video 96 recvonly\n"
		"core > B  media PCMU,PCMA sendonly, video 96 sendonly\n");
	end(&v);
}

/* Who says nothing and shows himself is there; who does neither is not. */
static void silence(void **state)
{
	struct td_media_event ev = { .type = TD_MEDIA_EV_SILENCE, .call_id = 1 };
	struct world w;

	(void)state;
	begin(&w, vp8, vp8);
	fake_media_tells(&w.media, &ev);
	EXPECT_LADDER(&w, "");
	fake_media_tells(&w.media, &ev);	/* the fake's counters stand still */
	fake_run(&w.a);
	EXPECT_SHOWN(&w, "[]");
	world_fini(&w);
}

static void no_memory(void **state)
{
	unsigned long nth, good = 0;
	struct world w;

	(void)state;
	for (nth = 1; nth <= 60; nth++) {
		world_init(&w);
		w.a.video = two;
		w.b.video = vp8;
		td_mem_fail_nth(nth);
		fake_dials(&w.a, "1002");
		fake_answers(&w.b);
		fake_offers(&w.a, "PCMU,PCMA", TD_DIR_SEND);
		good += td_core_calls(w.core) == 1;
		td_mem_fail_nth(0);
		fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
		world_advance_ms(&w, 200000);
		world_fini(&w);
	}
	assert_in_range(good, 10, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_the_call),
		cmocka_unit_test(without_the_other_one),
		cmocka_unit_test(held_and_resumed),
		cmocka_unit_test(added_and_taken_away),
		cmocka_unit_test(added_and_refused),
		cmocka_unit_test(transferred),
		cmocka_unit_test(blind_transfer),
		cmocka_unit_test(called_again_without),
		cmocka_unit_test(a_late_offer_has_it),
		cmocka_unit_test(marks),
		cmocka_unit_test(in_a_conference),
		cmocka_unit_test(in_another_life),
		cmocka_unit_test(silence),
		cmocka_unit_test(no_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, kept_set_up, kept_tear_down);
}
