/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Runner for state tables. A table is an array of rules ending with {0}-action
 * NULL; events that no rule names are refused and counted by the caller.
 */
#ifndef TD_BASE_FSM_H
#define TD_BASE_FSM_H

#include <stddef.h>
#include <stdint.h>

/** An action may return another state than the rule's "next" (>= 0), or -1 to take "next". */
typedef int (*td_fsm_action)(void *obj, const void *event);

struct td_fsm_rule {
	uint8_t state, event;
	td_fsm_action action;		/* may be NULL: only the state changes */
	uint8_t next;
};

struct td_fsm_table {
	const char *name;
	const char *const *states;	/* names, by number */
	const char *const *events;
	const struct td_fsm_rule *rules;
	size_t n_rules, n_states, n_events;
};

/** Run one event. 0, or -ENOENT when the table refuses it in this state. The state is stored
 * before the action runs, so the action sees the new one. */
int td_fsm_run(const struct td_fsm_table *t, uint8_t *state, uint8_t event, void *obj,
	       const void *data);

#endif
