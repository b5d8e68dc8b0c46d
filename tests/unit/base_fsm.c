/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runner of state tables, on a door: order of state and action, other states by the
 * action, refused events, and an owner that goes away in its own action.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "userspace/base/fsm.h"
#include "userspace/base/mem.h"

enum { CLOSED, OPEN, LOCKED, N_STATES };
enum { PUSH, PULL, KEY, BURN, N_EVENTS };

struct door {
	uint8_t state;
	unsigned int creaks, seen_state;
	const void *seen_data;
};

static int creak(void *obj, const void *data)
{
	struct door *d = obj;

	d->creaks++;
	d->seen_state = d->state;
	d->seen_data = data;
	return -1;
}

static int turn_key(void *obj, const void *data)
{
	(void)obj;
	return data ? LOCKED : CLOSED;		/* 0 is a state, too */
}

static int burn(void *obj, const void *data)
{
	(void)data;
	td_free(obj);
	return -1;
}

static int never(void *obj, const void *data)
{
	(void)obj;
	(void)data;
	fail_msg("the second rule for one event ran");
	return -1;
}

static const struct td_fsm_rule rules[] = {
	{ CLOSED, PUSH, creak,    OPEN },
	{ CLOSED, PUSH, never,    LOCKED },
	{ OPEN,   PULL, NULL,     CLOSED },
	{ CLOSED, KEY,  turn_key, OPEN },
	{ LOCKED, KEY,  turn_key, OPEN },
	{ OPEN,   BURN, burn,     CLOSED },
};

static const struct td_fsm_table table = {
	.name = "door",
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.n_states = N_STATES,
	.n_events = N_EVENTS,
};

static void action_sees_the_new_state(void **state)
{
	struct door d = { .state = CLOSED };
	int word = 0;

	(void)state;
	assert_int_equal(td_fsm_run(&table, &d.state, PUSH, &d, &word), 0);
	assert_int_equal(d.state, OPEN);
	assert_int_equal(d.creaks, 1);
	assert_int_equal(d.seen_state, OPEN);
	assert_ptr_equal(d.seen_data, &word);
}

static void without_action(void **state)
{
	struct door d = { .state = OPEN };

	(void)state;
	assert_int_equal(td_fsm_run(&table, &d.state, PULL, &d, NULL), 0);
	assert_int_equal(d.state, CLOSED);
	assert_int_equal(d.creaks, 0);
}

static void action_chooses_the_state(void **state)
{
	struct door d = { .state = CLOSED };

	(void)state;
	assert_int_equal(td_fsm_run(&table, &d.state, KEY, &d, "to the right"), 0);
	assert_int_equal(d.state, LOCKED);
	assert_int_equal(td_fsm_run(&table, &d.state, KEY, &d, NULL), 0);
	assert_int_equal(d.state, CLOSED);
}

static void refused_events(void **state)
{
	struct door d = { .state = LOCKED };

	(void)state;
	assert_int_equal(td_fsm_run(&table, &d.state, PUSH, &d, NULL), -ENOENT);
	assert_int_equal(td_fsm_run(&table, &d.state, N_EVENTS, &d, NULL), -ENOENT);
	assert_int_equal(d.state, LOCKED);
	assert_int_equal(d.creaks, 0);
	d.state = N_STATES;
	assert_int_equal(td_fsm_run(&table, &d.state, KEY, &d, NULL), -ENOENT);
}

/* The sanitizer fails this one when the state is written after the action. */
static void owner_goes_away(void **state)
{
	struct door *d = td_zalloc(sizeof(*d));
	long before = td_mem_live();

	(void)state;
	d->state = OPEN;
	assert_int_equal(td_fsm_run(&table, &d->state, BURN, d, NULL), 0);
	assert_int_equal(td_mem_live(), before - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(action_sees_the_new_state),
		cmocka_unit_test(without_action),
		cmocka_unit_test(action_chooses_the_state),
		cmocka_unit_test(refused_events),
		cmocka_unit_test(owner_goes_away),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
