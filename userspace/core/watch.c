/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines: a number with the legs that are there now and those who watch it. A line lives as long
 * as it has either. After each event of a call its few legs are looked at (td_watch_call); what
 * has changed makes its line dirty, and dirty lines are told of together, later.
 */
#include "userspace/core/watch.h"

#include <errno.h>
#include <string.h>

#include "userspace/core/core_priv.h"

struct td_line {
	struct td_map_node node;
	char digits[CFG_NUMBER_LEN];
	struct td_list legs;		/* struct td_leg_core.on_line */
	struct td_list watches;		/* struct td_watch.node */
	struct td_list dirty;		/* in the core's list, or empty */
};

void td_watch_init(struct td_core *core)
{
	td_map_init(&core->lines);
	td_list_init(&core->dirty_lines);
}

void td_watch_fini(struct td_core *core)
{
	struct td_map_node *n, *next;

	td_loop_undefer(core->loop, &core->tell_soon);
	td_map_for_each_safe(n, next, &core->lines)
		td_free(td_container_of(n, struct td_line, node));
	td_map_fini(&core->lines);
}

static struct td_line *line_find(const struct td_core *core, const char *digits)
{
	struct td_map_node *n = td_map_find_str(&core->lines, digits);

	return n ? td_container_of(n, struct td_line, node) : NULL;
}

static struct td_line *line_get(struct td_core *core, const char *digits)
{
	struct td_line *line = line_find(core, digits);

	if (line)
		return line;
	line = td_zalloc(sizeof(*line));
	if (!line)
		return NULL;
	td_strlcpy(line->digits, digits, sizeof(line->digits));
	td_list_init(&line->legs);
	td_list_init(&line->watches);
	td_list_init(&line->dirty);
	if (td_map_insert_str(&core->lines, &line->node, line->digits)) {
		td_free(line);
		return NULL;
	}
	return line;
}

static void line_put(struct td_core *core, struct td_line *line)
{
	if (!td_list_empty(&line->legs) || !td_list_empty(&line->watches) ||
	    !td_list_empty(&line->dirty))
		return;
	td_map_remove(&core->lines, &line->node);
	td_free(line);
}

/* ---- telling ---- */

static void tell(void *arg)
{
	struct td_core *core = arg;
	struct td_watch *w, *next;
	struct td_line *line;

	while ((line = td_list_first(&core->dirty_lines, struct td_line, dirty))) {
		td_list_for_each_safe(w, next, &line->watches, struct td_watch, node)
			w->changed(w->arg);
		td_list_del(&line->dirty);
		line_put(core, line);
	}
}

static void touch(struct td_core *core, struct td_line *line)
{
	if (td_list_empty(&line->watches) || !td_list_empty(&line->dirty))
		return;
	td_list_append(&core->dirty_lines, &line->dirty);
	td_loop_defer(core->loop, &core->tell_soon, tell, core);
}

void td_watch_touch(struct td_core *core, const char *number)
{
	struct td_line *line = line_find(core, number);

	if (line)
		touch(core, line);
}

void td_watch_endpoint(struct td_core *core, const struct td_endpoint *ep)
{
	for (size_t i = 0; core->lines.count && i < ep->n_lines; i++)
		td_watch_touch(core, ep->lines[i].number);
}

/* ---- legs ---- */

void td_watch_leg_gone(struct td_leg *leg)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_core *core = leg->call->core;
	struct td_line *line = lc->on;

	if (!line)
		return;
	td_list_del(&lc->on_line);
	lc->on = NULL;
	touch(core, line);
	line_put(core, line);
}

static void look_at(struct td_leg *leg)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_core *core = leg->call->core;
	uint8_t now = (uint8_t)(leg->state << 1 | !(lc->wish & TD_DIR_RECV));

	if (leg->state >= TD_LEGST_RELEASING) {
		td_watch_leg_gone(leg);
		return;
	}
	if (!lc->on && leg->ep && leg->ep->kind == TD_EP_PHONE && leg->party.number[0]) {
		lc->on = line_get(core, leg->party.number);
		if (!lc->on)
			return;		/* no memory: nobody sees this call */
		td_list_append(&lc->on->legs, &lc->on_line);
	} else if (!lc->on || lc->seen == now) {
		return;
	}
	lc->seen = now;
	touch(core, lc->on);
}

void td_watch_call(struct td_call *call)
{
	struct td_leg *leg;

	td_list_for_each(leg, &call->legs, struct td_leg, node)
		look_at(leg);
}

/* ---- watchers ---- */

int td_watch_start(struct td_core *core, const char *number, struct td_watch *w,
		   void (*changed)(void *arg), void *arg)
{
	struct td_line *line = line_get(core, number);

	if (!line)
		return -ENOMEM;
	w->line = line;
	w->changed = changed;
	w->arg = arg;
	td_list_append(&line->watches, &w->node);
	return 0;
}

void td_watch_stop(struct td_core *core, struct td_watch *w)
{
	struct td_line *line = w->line;

	if (!line)
		return;
	td_list_del(&w->node);
	w->line = NULL;
	line_put(core, line);
}

/* ---- asked ---- */

static bool is_registered(const struct td_number *number)
{
	const struct td_number_ref *ref;

	td_list_for_each(ref, &number->refs, const struct td_number_ref, node)
		if (ref->ep->state == TD_EP_REGISTERED)
			return true;
	return false;
}

static bool is_ringing(const struct td_leg_core *lc)
{
	return lc->outbound && lc->leg->state < TD_LEGST_UP;
}

static enum td_line_state state_at_rest(struct td_core *core, const char *digits)
{
	const struct td_number *number = td_number_find(core, digits);

	if (td_map_find_str(&core->parked, digits))
		return TD_LINE_BUSY;
	if (td_park_dial(core, digits) == TD_DIAL_MATCH)
		return TD_LINE_IDLE;
	return number && is_registered(number) ? TD_LINE_IDLE : TD_LINE_OFFLINE;
}

enum td_line_state td_line_state(struct td_core *core, const char *digits)
{
	const struct td_line *line = line_find(core, digits);
	const struct td_leg_core *lc;
	bool rings = false, holds = false;

	if (!line || td_list_empty(&line->legs))
		return state_at_rest(core, digits);
	td_list_for_each(lc, &line->legs, const struct td_leg_core, on_line) {
		if (is_ringing(lc))
			rings = true;
		else if (td_leg_holds(lc->leg))
			holds = true;
		else
			return TD_LINE_BUSY;
	}
	return rings ? TD_LINE_RINGING : holds ? TD_LINE_HELD : TD_LINE_BUSY;
}

size_t td_line_dialogs(struct td_core *core, const char *digits, struct td_line_dialog *d,
		       size_t max)
{
	const struct td_line *line = line_find(core, digits);
	const struct td_leg_core *lc;
	size_t n = 0;

	if (!line)
		return 0;
	td_list_for_each(lc, &line->legs, const struct td_leg_core, on_line) {
		const struct td_leg *leg = lc->leg;
		const struct td_call *call = leg->call;

		if (n == max)
			break;
		d[n++] = (struct td_line_dialog){
			.call_id = call->id, .leg_id = leg->id, .ep = leg->ep,
			.called = lc->outbound, .up = leg->state == TD_LEGST_UP,
			.alerting = leg->state == TD_LEGST_ALERTING || lc->alerted,
			.held = td_leg_holds(leg), .secret = td_leg_is_secret(leg),
			.remote = leg == call->a ? call->to : call->from,
		};
	}
	return n;
}

bool td_line_exists(struct td_core *core, const char *digits)
{
	return td_number_find(core, digits) || td_park_dial(core, digits) == TD_DIAL_MATCH;
}

bool td_line_may_watch(struct td_core *core, const char *digits, const struct td_endpoint *ep)
{
	const struct td_number *number = td_number_find(core, digits);

	return !number || !number->unwatched || td_endpoint_line_at(ep, digits);
}
