/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of what the office allows: numbers after hours, night service, who hides, how many calls
 * a line takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"
#include "userspace/core/core_priv.h"

/* ---- hours ---- */

/* Friday, 27 November 2026, UTC */
static time_t at(int day, int hour, int minute)
{
	return 1795737600 + (day * 24 + hour) * 3600 + minute * 60;
}

static void hours(void **state)
{
	static const struct cfg_hours night = { .weekdays = 1 << 5, .start = 1140, .stop = 420 };
	static const struct cfg_hours noon = { .weekdays = 0x7f, .start = 720, .stop = 780 };
	static const struct cfg_hours date = { .month = 11, .day = 28, .start = 0, .stop = 1440 };
	static const struct cfg_hours whole = { .weekdays = 1 << 6 };

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_false(td_hours_are(&night, 1, at(0, 18, 59)));
	assert_true(td_hours_are(&night, 1, at(0, 19, 0)));
	assert_true(td_hours_are(&night, 1, at(1, 6, 59)));
	assert_false(td_hours_are(&night, 1, at(1, 7, 0)));
	assert_false(td_hours_are(&night, 1, at(0, 6, 59)));	/* that was Thursday's */
	assert_true(td_hours_are(&noon, 1, at(3, 12, 0)));
	assert_false(td_hours_are(&noon, 1, at(3, 13, 0)));
	assert_true(td_hours_are(&date, 1, at(1, 0, 0)));
	assert_true(td_hours_are(&date, 1, at(1, 23, 59)));
	assert_false(td_hours_are(&date, 1, at(2, 0, 0)));
	assert_true(td_hours_are(&whole, 1, at(1, 0, 0)));
	assert_false(td_hours_are(&whole, 1, at(2, 0, 0)));
	assert_false(td_hours_are(NULL, 0, at(0, 0, 0)));
	/* where the office is */
	setenv("TZ", ":America/New_York", 1);
	tzset();
	assert_false(td_hours_are(&night, 1, at(0, 23, 59)));
	assert_true(td_hours_are(&night, 1, at(1, 0, 0)));
	unsetenv("TZ");
	tzset();
}

/* ---- after hours ---- */

#define CLOSED "config afterhours 'afterhours'\n\tlist hours 'everyday 00:00 24:00'\n" \
	       "\tlist block '09'\n\tlist block_always '0190'\n\toption override_code '*88'\n" \
	       "config dialpeer '1'\n\toption destination_pattern '0T'\n\toption trunk 'other'\n" \
	       "config dialpeer '2'\n\toption destination_pattern '091'\n\toption trunk 'other'\n" \
	       "\toption emergency '1'\n"

static bool barred(struct world *w, struct fake_phone *p, const char *number)
{
	bool is;

	world_forget(w);
	fake_dials(p, number);
	is = strstr(w->ladder, "release barred\n");
	fake_hangs_up(p, TD_CAUSE_NORMAL);
	return is;
}

static void after_hours(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, CLOSED);
	assert_true(barred(&w, &w.a, "09123"));
	assert_false(barred(&w, &w.a, "0123"));
	assert_false(barred(&w, &w.a, "091"));		/* help */
	assert_false(barred(&w, &w.a, "*8809123"));
	assert_non_null(strstr(w.ladder, "core > U  setup from=1001 to=09123 "));
	assert_true(barred(&w, &w.a, "*880190"));
	assert_true(barred(&w, &w.a, "0190"));
	assert_int_equal(td_core_dial(w.core, w.a.ep, "*8"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "*88"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "*881002"), TD_DIAL_MATCH);
	w.phones[0].after_hours_exempt = 1;
	world_reload(&w);
	assert_false(barred(&w, &w.a, "09123"));
	assert_true(barred(&w, &w.a, "0190"));
	/* a call that is sent on has the rights of who sends it */
	td_strlcpy(w.dns[2].cfwd_all, "09123", sizeof(w.dns[2].cfwd_all));
	world_reload(&w);
	assert_true(barred(&w, &w.a, "1003"));
	assert_true(barred(&w, &w.t, "1003"));
	world_fini(&w);
	world_init(&w);
	world_plan(&w, CLOSED);
	memset(w.config.afterhours.hours, 0, sizeof(w.config.afterhours.hours));
	w.config.afterhours.n_hours = 0;
	world_reload(&w);
	assert_false(barred(&w, &w.a, "09123"));
	assert_true(barred(&w, &w.a, "0190"));
	world_fini(&w);
}

/* ---- night service ---- */

static void night(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config nightservice 'nightservice'\n\toption code '*99'\n");
	td_strlcpy(w.dns[1].cfwd_night, "1003", sizeof(w.dns[1].cfwd_night));
	world_reload(&w);
	fake_dials(&w.a, "1002");
	assert_non_null(strstr(w.ladder, "core > B  setup from=1001 to=1002 "));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	for (int on = 1; on >= 0; on--) {
		world_forget(&w);
		fake_dials(&w.c, "*99");
		EXPECT_LADDER(&w,
			"C > core  setup to=*99 PCMU,PCMA sendrecv\n"
			"core > media  connect 10.0.3.1:4000 sendrecv, - inactive\n"
			"core > C  media PCMU,PCMA sendrecv\n"
			"core > C  connect\n"
			"core > media  close\n"
			"core > C  release normal\n"
			"C > core  released\n");
		fake_dials(&w.a, "1002");
		assert_non_null(strstr(w.ladder, on ? "core > C  setup from=1001 to=1003 by=1002" :
						      "core > B  setup from=1001 to=1002 "));
		fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	}
	fake_dials(&w.t, "*99");
	assert_non_null(strstr(w.ladder, "core > T  release unallocated\n"));
	world_fini(&w);
}

/* ---- who hides ---- */

static void hides(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config dialpeer '1'\n\toption destination_pattern '0T'\n\toption trunk 'other'\n"
		       "config dialpeer '2'\n\toption destination_pattern '112'\n\toption trunk 'other'\n"
		       "\toption emergency '1'\n");
	td_strlcpy(w.config.global.caller_id_block_code, "*67",
		   sizeof(w.config.global.caller_id_block_code));
	world_reload(&w);
	fake_dials(&w.a, "*671002");
	EXPECT_LADDER(&w,
		"A > core  setup to=*671002 PCMU,PCMA sendrecv\n"
		"core > B  setup from= to=1002 hidden PCMU,PCMA sendrecv\n");
	fake_rings(&w.b);
	fake_answers(&w.b);
	/* nor does who it is transferred to learn */
	fake_dials(&w.b, "1003");
	fake_answers(&w.c);
	fake_use(&w.b, 1);
	world_forget(&w);
	fake_joins(&w.b, &w.b.leg[1]->leg);
	assert_non_null(strstr(w.ladder, "core > C  info party=\n"));
	assert_null(strstr(w.ladder, "1001"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	/* a trunk is told, and what to make of it */
	world_forget(&w);
	fake_dials(&w.a, "*670123");
	assert_non_null(strstr(w.ladder, "core > U  setup from=1001 to=0123 hidden "));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	/* by its number; but not from who helps */
	w.dns[0].caller_id_block = 1;
	world_reload(&w);
	world_forget(&w);
	fake_dials(&w.a, "1002");
	assert_non_null(strstr(w.ladder, "core > B  setup from= to=1002 hidden "));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.a, "*67112");
	assert_non_null(strstr(w.ladder, "core > U  setup from=1001 to=112 PCMU"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- how many calls ---- */

static bool busy(struct world *w, struct fake_phone *p, const char *number)
{
	bool is;

	world_forget(w);
	fake_dials(p, number);
	is = strstr(w->ladder, "release busy\n");
	if (is)
		fake_run(p);
	return is;
}

static void channels(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.dns[1].channels = 2;
	world_reload(&w);
	world_call(&w);
	assert_false(busy(&w, &w.c, "1002"));
	assert_true(busy(&w, &w.a, "1002"));
	world_reload(&w);			/* what is counted stays */
	assert_true(busy(&w, &w.a, "1002"));
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	assert_false(busy(&w, &w.c, "1002"));
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	/* one for what comes in */
	w.dns[1].huntstop_channel = 1;
	world_reload(&w);
	assert_true(busy(&w, &w.c, "1002"));
	assert_false(busy(&w, &w.b, "1003"));
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	td_core_hangup(w.core, 1);
	fake_run(&w.a);
	world_fini(&w);
}

/* One call to a phone that is at two places is one call; the place that takes it has it. */
static void two_places(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.dns[1].channels = 1;
	world_reload(&w);
	w.b.bindings = 2;
	fake_dials(&w.a, "1002");
	fake_use(&w.b, 1);
	fake_rings(&w.b);
	fake_answers(&w.b);
	w.b.bindings = 1;
	assert_true(busy(&w, &w.c, "1002"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_false(busy(&w, &w.c, "1002"));
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void no_call_waiting(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.phones[1].call_waiting = 0;
	world_reload(&w);
	world_call(&w);
	assert_true(busy(&w, &w.c, "1002"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_false(busy(&w, &w.c, "1002"));
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void conferences_at_once(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.config.global.max_conferences = 1;
	w.config.global.conference_gain = CFG_GAIN_MINUS_6;
	world_reload(&w);
	for (int i = 0; i < 2; i++) {
		const struct fake_leg *first;

		fake_dials(&w.a, "1002");
		first = w.a.leg[0];
		fake_use(&w.b, i);
		fake_answers(&w.b);
		fake_dials(&w.a, "1003");
		fake_use(&w.c, i);
		fake_answers(&w.c);
		world_forget(&w);
		fake_confers(&w.a, &first->leg);
		assert_non_null(strstr(w.ladder, i ? "core > A  info transfer failed no-resource\n" :
						     "mixer 1 PCMU gain=-6\n"));
	}
	for (uint32_t id = 1; id <= 4; id++)
		td_core_hangup(w.core, id);
	fake_run(&w.a);
	world_fini(&w);
}

/* ---- paging ---- */

static struct cfg_paging all = {
	.id = "all", .number = "7000", .member = { "1001", "1002", "1003" }, .n_member = 3,
};

static void world_paging(struct world *w)
{
	world_init(w);
	world_plan(w, "");
	w->config.pagings = &all;
	w->config.n_pagings = 1;
	world_reload(w);
}

static void page(void **state)
{
	struct world w;

	(void)state;
	world_paging(&w);
	fake_dials(&w.c, "0");			/* on the phone: not disturbed */
	world_forget(&w);
	fake_dials(&w.c, "1001");
	world_forget(&w);
	fake_dials(&w.a, "7000");
	EXPECT_LADDER(&w,
		"A > core  setup to=7000 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"core > B  setup from=7000 to=1002 auto G722,PCMA,PCMU,G729 sendrecv\n");
	assert_int_equal(td_core_dial(w.core, w.a.ep, "70"), TD_DIAL_MORE);
	assert_int_equal(td_core_dial(w.core, w.a.ep, "7000"), TD_DIAL_MATCH);
	fake_answers(&w.b);
	assert_non_null(strstr(w.ladder, "side 0 mixer 1 PCMU mute\n"));
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > B  release normal\n"));
	/* from outside it is a number that is not there */
	world_forget(&w);
	fake_dials(&w.t, "7000");
	assert_non_null(strstr(w.ladder, "core > T  release unallocated\n"));
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Who has not answered when the speaker goes is not called any more. */
static void page_is_over(void **state)
{
	struct world w;

	(void)state;
	world_paging(&w);
	fake_dials(&w.a, "7000");
	fake_rings(&w.b);
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > B  release normal\n"));
	world_fini(&w);
}

static int n_listen, n_stopped;

static int listen_to(void *driver, struct td_endpoint *ep, const struct cfg_paging *p)
{
	(void)driver;
	if (!strcmp(ep->id, "carol"))
		return -EAFNOSUPPORT;
	n_listen += p != NULL;
	n_stopped += !p;
	return 0;
}

/* One stream for all who can listen; who cannot is called. */
static void page_by_multicast(void **state)
{
	struct td_driver_ops ops = fake_driver;
	struct cfg_paging group = all;
	struct world w;

	(void)state;
	td_addr_parse(&group.multicast.group, "239.1.1.1:20480");
	ops.page = listen_to;
	n_listen = n_stopped = 0;
	world_init(&w);
	world_plan(&w, "");
	w.config.pagings = &group;
	w.config.n_pagings = 1;
	world_reload(&w);
	w.a.ep->ops = w.b.ep->ops = w.c.ep->ops = &ops;
	fake_dials(&w.a, "7000");
	EXPECT_LADDER(&w,
		"A > core  setup to=7000 PCMU,PCMA sendrecv\n"
		"core > media  connect 10.0.1.1:4000 sendrecv, - inactive\n"
		"core > media  side 0 mixer 1 PCMU\n"
		"core > A  media PCMU,PCMA sendrecv\n"
		"core > A  connect\n"
		"core > media  stream mixer 1 to 239.1.1.1:20480\n"
		"core > C  setup from=7000 to=1003 auto G722,PCMA,PCMU,G729 sendrecv\n");
	assert_int_equal(n_listen, 1);		/* not who speaks */
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > media  stream mixer 1 to nowhere\n"));
	assert_int_equal(n_stopped, 1);
	/* on the phone it is neither told nor called */
	fake_dials(&w.b, "0");
	world_forget(&w);
	fake_dials(&w.a, "7000");
	assert_int_equal(n_listen, 2);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_dials(&w.b, "1003");
	fake_dials(&w.a, "7000");
	assert_int_equal(n_listen, 2);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	/* no interface for it: all are called */
	w.media.stream_err = -ENODEV;
	world_forget(&w);
	fake_dials(&w.a, "7000");
	assert_int_equal(n_listen, 2);
	assert_non_null(strstr(w.ladder, "core > B  setup from=7000 to=1002 auto"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void intercom(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "");
	w.dns[1].intercom = 1;
	world_reload(&w);
	fake_dials(&w.a, "1002");
	assert_non_null(strstr(w.ladder, "core > B  setup from=1001 to=1002 auto PCMU"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.t, "1002");
	assert_non_null(strstr(w.ladder, "core > B  setup from=4711 to=1002 PCMU"));
	fake_hangs_up(&w.t, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* ---- out of the hunt groups ---- */

static void hlog(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_plan(&w, "config fac 'fac'\n\toption enable '1'\n");
	w.config.huntgroups = &(struct cfg_huntgroup){ .id = "g", .number = "1500",
		.member = { "1002", "1003" }, .n_member = 2, .timeout = 20 };
	w.config.n_huntgroups = 1;
	world_reload(&w);
	fake_dials(&w.b, "*4");
	assert_non_null(strstr(w.ladder, "core > B  release normal\n"));
	world_forget(&w);
	fake_dials(&w.a, "1500");
	assert_non_null(strstr(w.ladder, "core > C  setup"));
	assert_null(strstr(w.ladder, "core > B  setup"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_dials(&w.a, "1002");	/* it is there for others */
	assert_non_null(strstr(w.ladder, "core > B  setup"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	fake_dials(&w.b, "*4");
	world_forget(&w);
	fake_dials(&w.a, "1500");
	assert_non_null(strstr(w.ladder, "core > B  setup"));
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	w.config.n_huntgroups = 0;
	world_reload(&w);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours),
		cmocka_unit_test(after_hours),
		cmocka_unit_test(night),
		cmocka_unit_test(hides),
		cmocka_unit_test(channels),
		cmocka_unit_test(two_places),
		cmocka_unit_test(no_call_waiting),
		cmocka_unit_test(conferences_at_once),
		cmocka_unit_test(page),
		cmocka_unit_test(page_is_over),
		cmocka_unit_test(page_by_multicast),
		cmocka_unit_test(intercom),
		cmocka_unit_test(hlog),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
