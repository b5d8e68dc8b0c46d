/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of calls by dial peers: the digits that leave, the hunt over several peers and
 * where it stops, restrictions, from outside to outside, emergency numbers, translations.
 */
#include <errno.h>
#include <string.h>
#include "bpf/td_map.h"
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

#define PEER(name, pattern, trunk, more) \
	"config dialpeer '" name "'\n\toption destination_pattern '" pattern "'\n" \
	"\toption trunk '" trunk "'\n" more

static void out_and_in(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("out", "9T", "carrier", "\toption strip_digits '1'\n"));
	fake_dials(&w.a, "9030123456");
	fake_rings(&w.t);
	fake_answers(&w.t);
	EXPECT_LADDER(&w,
		"A > core  setup to=9030123456 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=030123456 PCMU,PCMA sendrecv\n"
		"T > core  alerting\n"
		"core > A  alert\n"
		"T > core  answer PCMU,PCMA sendrecv\n"
		"T > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.4.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	EXPECT_SHOWN(&w, "\"to\":\"9030123456\"");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	/* the number of the house is a better match than 9T */
	td_strlcpy(w.dns[1].number, "9002", sizeof(w.dns[1].number));
	world_reload(&w);
	fake_dials(&w.t, "9002");
	EXPECT_LADDER(&w,
		"T > core  setup to=9002 PCMU,PCMA sendrecv\n"
		"core > B  setup from=4711 to=9002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static uint32_t mark_to(const struct world *w, int side)
{
	return fake_media_last(&w->media)->ends[side].dscp_class;
}

/* A dial peer's own mark, of packets to where it leads, also while the call runs. */
static void marks(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("first", "0T", "other", "\toption dscp_media 'cs1'\n")
		       PEER("out", "0T", "carrier", "\toption preference '1'\n"
			    "\toption dscp_media 'cs4'\n"));
	fake_dials(&w.a, "0123");
	fake_hangs_up(&w.u, TD_CAUSE_CONGESTION);
	fake_answers(&w.t);
	assert_int_equal(mark_to(&w, 0), TD_DSCP_MEDIA);
	assert_int_equal(mark_to(&w, 1), TD_DSCP_EXPLICIT(32));
	world_forget(&w);
	world_plan(&w, PEER("out", "0T", "carrier", "\toption dscp_media '0'\n"));
	assert_int_equal(mark_to(&w, 1), TD_DSCP_EXPLICIT(0));
	EXPECT_LADDER(&w, "core > media  connect 10.0.1.1:4000 sendrecv, 10.0.4.1:4000 sendrecv\n");
	world_plan(&w, PEER("out", "0T", "carrier", "\toption prefix '1'\n\toption dscp_media 'default'\n"));
	EXPECT_LADDER(&w, "");	/* nothing that concerns it */
	world_plan(&w, PEER("out", "0T", "carrier", ""));
	assert_int_equal(mark_to(&w, 1), TD_DSCP_MEDIA);
	world_plan(&w, "");
	assert_int_equal(mark_to(&w, 1), TD_DSCP_MEDIA);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* The first peer fails, the second takes it; A hears one ringing. */
static void hunt(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("second", "0T", "other", "\toption preference '1'\n")
		       PEER("first", "0T", "carrier", "")
		       PEER("special", "0800T", "other", "\toption prefix '5,5'\n"));
	fake_dials(&w.a, "0123");
	fake_rings(&w.t);
	fake_hangs_up(&w.t, TD_CAUSE_CONGESTION);
	fake_rings(&w.u);
	fake_answers(&w.u);
	EXPECT_LADDER(&w,
		"A > core  setup to=0123 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=0123 PCMU,PCMA sendrecv\n"
		"T > core  alerting\n"
		"core > A  alert\n"
		"T > core  released congestion\n"
		"core > U  setup from=1001 to=0123 PCMU,PCMA sendrecv\n"
		"U > core  alerting\n"
		"U > core  answer PCMU,PCMA sendrecv\n"
		"U > core  answered\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, 10.0.5.1:4000 sendrecv\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n");
	fake_hangs_up(&w.u, TD_CAUSE_NORMAL);
	world_forget(&w);
	/* three of them: the longest match first; all fail, and the best reason is told */
	fake_dials(&w.a, "0800123");
	fake_hangs_up(&w.u, TD_CAUSE_CONGESTION);
	fake_hangs_up(&w.t, TD_CAUSE_NO_RESPONSE);
	fake_hangs_up(&w.u, TD_CAUSE_CONGESTION);
	EXPECT_LADDER(&w,
		"A > core  setup to=0800123 PCMU,PCMA sendrecv\n"
		"core > U  setup from=1001 to=550800123 PCMU,PCMA sendrecv\n"
		"U > core  released congestion\n"
		"core > T  setup from=1001 to=0800123 PCMU,PCMA sendrecv\n"
		"T > core  released no-response\n"
		"core > U  setup from=1001 to=0800123 PCMU,PCMA sendrecv\n"
		"U > core  released congestion\n"
		"core > media  close\n"
		"core > A  release no-response\n"
		"A > core  released\n");
	/* silence: the timer of set-up leads on, that of ringing too */
	fake_dials(&w.a, "0123");
	world_forget(&w);
	world_advance_ms(&w, 32000);
	EXPECT_LADDER(&w,
		"core > T  release no-response\n"
		"core > U  setup from=1001 to=0123 PCMU,PCMA sendrecv\n"
		"T > core  released\n");
	fake_rings(&w.u);
	world_forget(&w);
	world_advance_ms(&w, 180000);
	EXPECT_LADDER(&w,
		"core > U  release no-answer\n"
		"core > media  close\n"
		"core > A  release no-answer\n"
		"U > core  released\n"
		"A > core  released\n");
	world_fini(&w);
}

/* Where another trunk would not help, or must not be asked. */
static void hunt_stops(void **state)
{
	static const enum td_cause causes[] = { TD_CAUSE_BUSY, TD_CAUSE_UNALLOCATED,
						TD_CAUSE_BAD_NUMBER };
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("first", "0T", "carrier", "")
		       PEER("second", "0T", "other", "\toption preference '1'\n")
		       PEER("stop", "1T", "carrier", "\toption huntstop '1'\n")
		       PEER("behind", "1T", "other", "\toption preference '1'\n"));
	for (size_t i = 0; i < 3; i++) {
		fake_dials(&w.a, "0123");
		fake_hangs_up(&w.t, causes[i]);
		assert_int_equal(td_core_calls(w.core), 0);
	}
	world_forget(&w);
	fake_dials(&w.a, "1234");
	fake_hangs_up(&w.t, TD_CAUSE_CONGESTION);
	EXPECT_LADDER(&w,
		"A > core  setup to=1234 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=1234 PCMU,PCMA sendrecv\n"
		"T > core  released congestion\n"
		"core > media  close\n"
		"core > A  release congestion\n"
		"A > core  released\n");
	/* a dn stops the hunt, unless it says otherwise */
	w.b.bindings = 0;
	w.dns[1].huntstop = 1;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > A  release absent\n"
		"A > core  released\n");
	w.dns[1].huntstop = 0;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	/* A gives up while the second one rings */
	fake_dials(&w.a, "0123");
	fake_hangs_up(&w.t, TD_CAUSE_CONGESTION);
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"A > core  released normal\n"
		"core > media  close\n"
		"core > U  release normal\n"
		"U > core  released\n");
	world_fini(&w);
}

static void reload_during_hunt(void **state)
{
	static const char both[] = PEER("first", "0T", "carrier", "")
				   PEER("second", "0T", "other", "\toption preference '1'\n");
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, both);
	fake_dials(&w.a, "0123");
	world_plan(&w, PEER("only", "0T", "other", ""));
	world_forget(&w);
	fake_hangs_up(&w.t, TD_CAUSE_CONGESTION);
	EXPECT_LADDER(&w,
		"T > core  released congestion\n"
		"core > U  setup from=1001 to=0123 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.u, TD_CAUSE_CONGESTION);
	world_fini(&w);
}

static void restrictions(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config corlist 'inside'\n\tlist member 'local'\n"
		       "config corlist 'all'\n\tlist member 'local'\n\tlist member 'world'\n"
		       "config corlist 'lock'\n\tlist member 'world'\n"
		       "config corlist 'easy'\n\tlist member 'local'\n"
		       PEER("abroad", "00T", "carrier", "\toption cor_outgoing 'lock'\n")
		       PEER("near", "0T", "carrier", "\toption cor_outgoing 'easy'\n")
		       PEER("sos", "0112", "carrier",
			    "\toption cor_outgoing 'lock'\n\toption emergency '1'\n"));
	td_strlcpy(w.phones[0].cor_incoming, "inside", sizeof(w.phones[0].cor_incoming));
	td_strlcpy(w.dns[2].cor_outgoing, "lock", sizeof(w.dns[2].cor_outgoing));
	world_reload(&w);
	/* 00T is forbidden, 0T fits as well and is not */
	fake_dials(&w.a, "0049");
	EXPECT_LADDER(&w,
		"A > core  setup to=0049 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=0049 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.a, "1003");
	EXPECT_LADDER(&w,
		"A > core  setup to=1003 PCMU,PCMA sendrecv\n"
		"core > A  release barred\n"
		"A > core  released\n");
	/* emergencies for everybody */
	fake_dials(&w.a, "0112");
	EXPECT_LADDER(&w,
		"A > core  setup to=0112 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=0112 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	/* who has no list may everything; who has both, too */
	fake_dials(&w.b, "1003");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	td_strlcpy(w.phones[0].cor_incoming, "all", sizeof(w.phones[0].cor_incoming));
	world_reload(&w);
	fake_dials(&w.a, "1003");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"B > core  setup to=1003 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1002 to=1003 PCMU,PCMA sendrecv\n"
		"B > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n"
		"A > core  setup to=1003 PCMU,PCMA sendrecv\n"
		"core > C  setup from=1001 to=1003 PCMU,PCMA sendrecv\n"
		"A > core  released normal\n"
		"core > media  close\n"
		"core > C  release normal\n"
		"C > core  released\n");
	world_fini(&w);
}

/* Emergency before everything else: not even a phone with that number comes first. */
static void emergency_first(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("sos", "1002", "carrier", "\toption emergency '1'\n")
		       PEER("backup", "1002$", "other",
			    "\toption emergency '1'\n\toption preference '2'\n")
		       PEER("longer", "10021T", "other", ""));
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.t, TD_CAUSE_NO_CIRCUIT);
	EXPECT_LADDER(&w,
		"A > core  setup to=1002 PCMU,PCMA sendrecv\n"
		"core > T  setup from=1001 to=1002 PCMU,PCMA sendrecv\n"
		"T > core  released no-circuit\n"
		"core > U  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void from_outside_to_outside(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("out", "0T", "other", ""));
	fake_dials(&w.t, "0123");
	EXPECT_LADDER(&w,
		"T > core  setup to=0123 PCMU,PCMA sendrecv\n"
		"core > T  release barred\n"
		"T > core  released\n");
	w.parsed->trunks[0].allow_transit = 1;
	world_reload(&w);
	fake_dials(&w.t, "0123");
	EXPECT_LADDER(&w,
		"T > core  setup to=0123 PCMU,PCMA sendrecv\n"
		"core > U  setup from=4711 to=0123 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void translations(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config translation 'strip'\n\tlist rule '/^9\\(.*\\)/ /\\1/'\n"
		       "config translation 'main'\n\tlist rule '/^1\\(..\\)\\(.\\)$/ /+4930555\\2/'\n"
		       "config translation 'did'\n\tlist rule 'reject /^666/'\n"
		       "\tlist rule '/^\\+4930555\\(.\\)$/ /100\\1/'\n"
		       "config translation 'show'\n\tlist rule '/^47/ /047/'\n"
		       "config translationprofile 'out'\n\toption called 'strip'\n"
		       "\toption calling 'main'\n"
		       "config translationprofile 'in'\n\toption called 'did'\n"
		       "\toption calling 'show'\n"
		       PEER("p", "9T", "carrier", "\toption translation_outgoing 'out'\n"));
	td_strlcpy(w.parsed->trunks[0].translation_incoming, "in",
		   sizeof(w.parsed->trunks[0].translation_incoming));
	world_reload(&w);
	fake_dials(&w.a, "9911");
	EXPECT_LADDER(&w,
		"A > core  setup to=9911 PCMU,PCMA sendrecv\n"
		"core > T  setup from=+49305551 to=911 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.t, "+49305552");
	EXPECT_LADDER(&w,
		"T > core  setup to=+49305552 PCMU,PCMA sendrecv\n"
		"core > B  setup from=04711 to=1002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.t, "6660");
	EXPECT_LADDER(&w,
		"T > core  setup to=6660 PCMU,PCMA sendrecv\n"
		"core > T  release rejected\n"
		"T > core  released\n");
	world_fini(&w);
}

static void limits(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("first", "0T", "carrier", "")
		       PEER("second", "0T", "other", "\toption preference '1'\n"));
	w.parsed->trunks[0].max_calls = 1;
	world_reload(&w);
	fake_dials(&w.a, "0123");
	world_forget(&w);
	fake_dials(&w.b, "0124");
	EXPECT_LADDER(&w,
		"B > core  setup to=0124 PCMU,PCMA sendrecv\n"
		"core > U  setup from=1002 to=0124 PCMU,PCMA sendrecv\n");
	assert_int_equal(fake_dials(&w.t, "1003"), -EBUSY);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void digits_that_leave(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, PEER("last", "8T", "carrier",
			    "\toption strip_digits '1'\n\toption forward_digits '4'\n"
			    "\toption prefix '0049'\n")
		       PEER("all", "7", "carrier", "\toption strip_digits '5'\n"));
	fake_dials(&w.a, "8123456");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_dials(&w.a, "71");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "setup from=1001 to=00493456 "));
	assert_non_null(strstr(w.ladder, "setup from=1001 to= "));
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_and_in),
		cmocka_unit_test(marks),
		cmocka_unit_test(hunt),
		cmocka_unit_test(hunt_stops),
		cmocka_unit_test(reload_during_hunt),
		cmocka_unit_test(restrictions),
		cmocka_unit_test(emergency_first),
		cmocka_unit_test(from_outside_to_outside),
		cmocka_unit_test(translations),
		cmocka_unit_test(limits),
		cmocka_unit_test(digits_that_leave),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
