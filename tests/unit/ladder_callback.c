/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ladders of call back: a phone that has called in vain waits until the other one is free, or is
 * there again, and is rung then, or told.
 */
#include <stdio.h>
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/base/str.h"

#define CODES "config fac 'fac'\n\toption enable '1'\n" \
	      "config conference 'room'\n\toption number '6000'\n"

static void start(struct world *w)
{
	world_init(w);
	world_plan(w, CODES);
	w->config.global.timeout_callback = 600;
	for (int i = 0; i < 3; i++)
		w->phones[i].call_waiting = 0;
	world_reload(w);
	td_endpoint_set_state(w->core, w->a.ep, TD_EP_REGISTERED, NULL, NULL);
	td_endpoint_set_state(w->core, w->b.ep, TD_EP_REGISTERED, NULL, NULL);
	td_endpoint_set_state(w->core, w->c.ep, TD_EP_REGISTERED, NULL, NULL);
}

static void waits(const struct world *w, const char *number)
{
	assert_string_equal(td_core_call_back_to(w->a.ep), number);
}

/* The phone dials a code; its call is over then. */
static void code(struct world *w, struct fake_phone *p, const char *digits, const char *end)
{
	char release[64];

	fake_dials(p, digits);
	snprintf(release, sizeof(release), "core > %s  release %s\n", p->name, end);
	assert_non_null(strstr(w->ladder, release));
	world_forget(w);
}

/* A has called B, who talks to C. */
static void busy(struct world *w)
{
	fake_dials(&w->c, "1002");
	fake_rings(&w->b);
	fake_answers(&w->b);
	fake_dials(&w->a, "1002");
	assert_non_null(strstr(w->ladder, "core > A  release busy\n"));
	world_forget(w);
}

static void on_busy(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	busy(&w);
	code(&w, &w.a, "*37", "normal");
	waits(&w, "1002");
	EXPECT_LADDER(&w, "");
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	EXPECT_LADDER(&w,
		"C > core  released normal\n"
		"core > media  close\n"
		"core > B  release normal\n"
		"B > core  released\n"
		"core > A  setup from=1002 to=1001 G722,PCMA,PCMU,G729 sendrecv\n");
	waits(&w, "");
	fake_rings(&w.a);
	fake_answers(&w.a);
	EXPECT_LADDER(&w,
		"A > core  alerting\n"
		"A > core  answer PCMU,PCMA sendrecv\n"
		"A > core  answered\n"
		"core > B  setup from=1001 to=1002 PCMU,PCMA sendrecv\n");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Who did not answer is there again when a call of its own has ended, not when it rings again. */
static void on_no_answer(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	code(&w, &w.a, "*37", "normal");
	waits(&w, "1002");
	fake_dials(&w.c, "1002");
	fake_rings(&w.b);
	fake_hangs_up(&w.c, TD_CAUSE_NORMAL);
	waits(&w, "1002");
	fake_dials(&w.b, "1003");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > A  setup from=1002 to=1001 "));
	waits(&w, "");
	/* nobody takes it up: not for as long as a call rings */
	fake_rings(&w.a);
	world_forget(&w);
	world_advance_ms(&w, 19999);
	EXPECT_LADDER(&w, "");
	world_advance_ms(&w, 1);
	EXPECT_LADDER(&w, "core > media  close\ncore > A  release no-answer\nA > core  released\n");
	world_fini(&w);
}

/* Its own line must be free, and its phone there. */
static void later(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	busy(&w);
	code(&w, &w.a, "*37", "normal");
	fake_dials(&w.a, "1003");	/* busy, too: and waits for the first one still */
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	waits(&w, "");			/* rung at once: its call had ended */
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	busy(&w);
	code(&w, &w.a, "*37", "normal");
	fake_dials(&w.a, "6001");
	td_endpoint_set_state(w.core, w.a.ep, TD_EP_UNREGISTERED, NULL, NULL);
	w.a.bindings = 0;
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	waits(&w, "1002");
	w.a.bindings = 1;
	world_forget(&w);
	td_endpoint_set_state(w.core, w.a.ep, TD_EP_REGISTERED, NULL, NULL);
	fake_run(&w.a);
	assert_non_null(strstr(w.ladder, "core > A  setup from=1002 to=1001 "));
	waits(&w, "");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* While it talks itself it is not disturbed; then the other one may be free still. */
static void after_its_own_call(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	busy(&w);
	code(&w, &w.a, "*37", "normal");
	fake_dials(&w.a, "6000");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	waits(&w, "1002");
	world_forget(&w);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_non_null(strstr(w.ladder, "core > A  setup from=1002 to=1001 "));
	waits(&w, "");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

/* Free before the code was dialled: that it was busy counts. */
static void free_meanwhile(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	busy(&w);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_forget(&w);
	fake_dials(&w.a, "*37");
	assert_non_null(strstr(w.ladder, "core > A  setup from=1002 to=1001 "));
	waits(&w, "");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static int told;

static int on_free(void *driver, struct td_endpoint *ep, const char *number)
{
	(void)driver;
	(void)ep;
	assert_string_equal(number, "1002");
	told++;
	return 0;
}

static void a_display(void **state)
{
	struct td_driver_ops ops = fake_driver;
	struct world w;

	(void)state;
	start(&w);
	ops.call_back = on_free;
	w.a.ep->ops = &ops;
	busy(&w);
	code(&w, &w.a, "*37", "normal");
	told = 0;
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	assert_int_equal(told, 1);
	assert_null(strstr(w.ladder, "setup"));
	waits(&w, "");
	world_fini(&w);
}

static void ends(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	code(&w, &w.a, "*37", "unallocated");	/* it has called nobody */
	code(&w, &w.a, "*371001", "unallocated");	/* itself */
	code(&w, &w.a, "*379999", "unallocated");
	busy(&w);
	code(&w, &w.a, "*37", "normal");
	code(&w, &w.a, "#37", "normal");
	waits(&w, "");
	code(&w, &w.a, "*371002", "normal");
	world_advance_ms(&w, 599999);
	waits(&w, "1002");
	world_advance_ms(&w, 1);
	waits(&w, "");
	code(&w, &w.a, "*37", "normal");
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	/* it has reached it by itself; what follows is another call */
	busy(&w);
	code(&w, &w.a, "*371002", "normal");
	code(&w, &w.a, "*371003", "normal");	/* the last wish counts */
	waits(&w, "1003");
	w.dns[2].allow_watch = 0;
	world_reload(&w);
	code(&w, &w.a, "*371003", "barred");
	td_endpoint_remove(w.core, w.a.ep);	/* and takes its wish along */
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	world_fini(&w);
}

static void reached(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	code(&w, &w.a, "*37", "normal");
	waits(&w, "1002");
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_answers(&w.b);
	waits(&w, "");
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	code(&w, &w.a, "*37", "unallocated");	/* it was reached: nobody is left */
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_busy),
		cmocka_unit_test(on_no_answer),
		cmocka_unit_test(later),
		cmocka_unit_test(after_its_own_call),
		cmocka_unit_test(free_meanwhile),
		cmocka_unit_test(a_display),
		cmocka_unit_test(ends),
		cmocka_unit_test(reached),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
