/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The runner of state tables: the first rule for this state and event counts. A
 * table has a few dozen rules, so it is simply read from the top.
 */
#include <errno.h>
#include "userspace/base/fsm.h"

static const struct td_fsm_rule *find_rule(const struct td_fsm_table *t, uint8_t state,
					   uint8_t event)
{
	size_t i;

	for (i = 0; i < t->n_rules; i++)
		if (t->rules[i].state == state && t->rules[i].event == event)
			return &t->rules[i];
	return NULL;
}

int td_fsm_run(const struct td_fsm_table *t, uint8_t *state, uint8_t event, void *obj,
	       const void *data)
{
	const struct td_fsm_rule *rule = find_rule(t, *state, event);
	int other;

	if (!rule)
		return -ENOENT;
	*state = rule->next;
	if (!rule->action)
		return 0;
	other = rule->action(obj, data);
	/* After -1 the state is not touched: the action may have freed its owner. */
	if (other >= 0)
		*state = (uint8_t)other;
	return 0;
}
