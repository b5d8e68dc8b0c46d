/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who watches a number hears of it when something changes there, once for all that changed in
 * one turn, and sees its calls from its side.
 */
#include "tests/fakes/world.h"
#include "userspace/core/watch.h"

struct seen {
	struct world *w;
	const char *number;
	struct td_watch watch;
	enum td_line_state state;
	unsigned int n;
};

static void on_change(void *arg)
{
	struct seen *s = arg;

	s->state = td_line_state(s->w->core, s->number);
	s->n++;
}

static void look(struct world *w, struct seen *s, const char *number)
{
	*s = (struct seen){ .w = w, .number = number };
	assert_int_equal(td_watch_start(w->core, number, &s->watch, on_change, s), 0);
	s->state = td_line_state(w->core, number);
}

static void expect_line(const struct seen *s, enum td_line_state state, unsigned int n)
{
	assert_int_equal(s->state, state);
	assert_int_equal(s->n, n);
}

static void a_call(void **state)
{
	struct td_line_dialog d[4];
	struct seen a, b, nobody;
	struct world w;

	(void)state;
	world_init(&w);
	td_endpoint_set_state(w.core, w.a.ep, TD_EP_REGISTERED, NULL, NULL);
	td_endpoint_set_state(w.core, w.b.ep, TD_EP_REGISTERED, NULL, NULL);
	look(&w, &a, "1001");
	look(&w, &b, "1002");
	look(&w, &nobody, "5555");
	expect_line(&a, TD_LINE_IDLE, 0);
	expect_line(&nobody, TD_LINE_OFFLINE, 0);
	fake_dials(&w.a, "1002");
	expect_line(&a, TD_LINE_BUSY, 1);
	expect_line(&b, TD_LINE_RINGING, 1);
	fake_rings(&w.b);
	expect_line(&b, TD_LINE_RINGING, 2);
	assert_int_equal(td_line_dialogs(w.core, "1002", d, 4), 1);
	assert_true(d[0].called && d[0].alerting && !d[0].up && !d[0].held);
	assert_string_equal(d[0].remote.number, "1001");
	assert_ptr_equal(d[0].ep, w.b.ep);
	fake_answers(&w.b);
	expect_line(&b, TD_LINE_BUSY, 3);
	assert_int_equal(td_line_dialogs(w.core, "1001", d, 4), 1);
	assert_true(!d[0].called && d[0].up);
	assert_string_equal(d[0].remote.number, "1002");
	fake_offers(&w.b, "PCMU,PCMA", TD_DIR_SEND);
	expect_line(&b, TD_LINE_HELD, 4);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	expect_line(&a, TD_LINE_IDLE, a.n);
	expect_line(&b, TD_LINE_IDLE, b.n);
	assert_int_equal(td_line_dialogs(w.core, "1002", d, 4), 0);
	assert_int_equal(nobody.n, 0);
	td_watch_stop(w.core, &a.watch);
	td_watch_stop(w.core, &b.watch);
	td_watch_stop(w.core, &nobody.watch);
	world_fini(&w);
}

/* Who begins to watch in the middle sees what is there; who has stopped hears nothing. */
static void in_the_middle(void **state)
{
	struct seen b;
	struct world w;

	(void)state;
	world_init(&w);
	world_call(&w);
	look(&w, &b, "1002");
	expect_line(&b, TD_LINE_BUSY, 0);
	td_watch_stop(w.core, &b.watch);
	td_watch_stop(w.core, &b.watch);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_int_equal(b.n, 0);
	world_fini(&w);
}

static void registrations(void **state)
{
	struct seen b;
	struct world w;

	(void)state;
	world_init(&w);
	look(&w, &b, "1002");
	expect_line(&b, TD_LINE_OFFLINE, 0);
	td_endpoint_set_state(w.core, w.b.ep, TD_EP_REGISTERED, NULL, NULL);
	td_endpoint_set_state(w.core, w.b.ep, TD_EP_REGISTERED, NULL, NULL);
	world_advance_ms(&w, 1);
	expect_line(&b, TD_LINE_IDLE, 1);
	td_endpoint_set_state(w.core, w.b.ep, TD_EP_UNREGISTERED, NULL, NULL);
	world_advance_ms(&w, 1);
	expect_line(&b, TD_LINE_OFFLINE, 2);
	td_watch_stop(w.core, &b.watch);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call),
		cmocka_unit_test(in_the_middle),
		cmocka_unit_test(registrations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
