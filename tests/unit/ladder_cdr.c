/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a call: one for each that ended, with who ended it, when and why. */
#include <string.h>
#include "tests/fakes/world.h"
#include "userspace/core/cdr.h"

struct book {
	int n;
	struct td_cdr last;
};

static void on_cdr(void *arg, const struct td_cdr *cdr)
{
	struct book *b = arg;

	b->n++;
	b->last = *cdr;
}

static void begin(struct world *w, struct book *b)
{
	memset(b, 0, sizeof(*b));
	world_init(w);
	td_core_watch_cdrs(w->core, on_cdr, b);
}

static void answered(void **state)
{
	struct world w;
	struct book b;

	(void)state;
	begin(&w, &b);
	world_call(&w);
	world_advance_ms(&w, 60000);
	assert_int_equal(b.n, 0);
	fake_hangs_up(&w.b, TD_CAUSE_NORMAL);
	assert_int_equal(b.n, 1);
	assert_string_equal(b.last.from.number, "1001");
	assert_string_equal(b.last.to.number, "1002");
	assert_int_equal(b.last.cause, TD_CAUSE_NORMAL);
	assert_string_equal(b.last.released_by, "called");
	assert_true(b.last.answered_ms >= b.last.started_ms - 60000);
	assert_int_equal(b.last.ended_ms - b.last.answered_ms, 60000);
	assert_string_equal(b.last.sides[0].codec, "PCMU");
	assert_string_equal(b.last.sides[1].party, "1002");
	assert_int_equal(b.last.sides[0].stats.path, TD_PATH_XDP);
	world_fini(&w);
	assert_int_equal(b.n, 1);
}

static void the_caller_gives_up(void **state)
{
	struct world w;
	struct book b;

	(void)state;
	begin(&w, &b);
	fake_dials(&w.a, "1002");
	fake_rings(&w.b);
	fake_hangs_up(&w.a, TD_CAUSE_NORMAL);
	assert_int_equal(b.n, 1);
	assert_string_equal(b.last.released_by, "caller");
	assert_int_equal(b.last.answered_ms, 0);
	assert_string_equal(b.last.sides[1].party, "1002");
	assert_string_equal(b.last.sides[1].codec, "");
	world_fini(&w);
}

static void busy(void **state)
{
	struct world w;
	struct book b;

	(void)state;
	begin(&w, &b);
	fake_dials(&w.a, "1002");
	fake_hangs_up(&w.b, TD_CAUSE_BUSY);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.last.cause, TD_CAUSE_BUSY);
	assert_string_equal(b.last.released_by, "called");
	world_fini(&w);
}

static void nobody_has_the_number(void **state)
{
	struct world w;
	struct book b;

	(void)state;
	begin(&w, &b);
	fake_dials(&w.a, "4711");
	assert_int_equal(b.n, 1);
	assert_int_equal(b.last.cause, TD_CAUSE_UNALLOCATED);
	assert_string_equal(b.last.released_by, "router");
	assert_string_equal(b.last.to.number, "4711");
	assert_int_equal(b.last.sides[1].leg_id, 0);
	world_fini(&w);
}

static void from_outside(void **state)
{
	struct world w;
	struct book b;

	(void)state;
	begin(&w, &b);
	world_call(&w);
	assert_int_equal(td_core_hangup(w.core, b.last.call_id + 1), 0);
	world_advance_ms(&w, 0);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.last.cause, TD_CAUSE_NORMAL);
	assert_string_equal(b.last.released_by, "router");
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answered),
		cmocka_unit_test(the_caller_gives_up),
		cmocka_unit_test(busy),
		cmocka_unit_test(nobody_has_the_number),
		cmocka_unit_test(from_outside),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
