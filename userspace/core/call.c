/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call: its identity, its one timer, its end. A call is freed when its last leg was
 * destroyed, never earlier, and from one place (the end of its queue's run, or the end
 * of the core). Ids travel between rooms, pointers do not.
 *
 * How a call comes up is call_setup.c; the table of what may happen when, call_fsm.c.
 */
#include <errno.h>
#include "userspace/core/core_priv.h"

const struct td_timerdef td_call_timerdefs[TD_CALL_TIMERS] = {
	[TD_TIMER_SETUP] = { "setup", 32000,
			     "how long a called party may give no sign of life" },
	[TD_TIMER_NO_ANSWER] = { "no-answer", 180000,
				 "how long it may ring (global.timeout_ringing)" },
	[TD_TIMER_MEDIA] = { "media", 4000,
			     "how long after its answer a party may hold back its address" },
	[TD_TIMER_GOODBYE] = { "goodbye", 4000,
			       "how long a driver may take to report RELEASED" },
	[TD_TIMER_CALL_BACK] = { "call-back", 20000,
				 "how long a phone rings that waits for a number (ETSI's CCBS-T4)" },
};

static struct td_call *call_alloc(struct td_core *core)
{
	struct td_call *call = td_zalloc(sizeof(*call));

	if (!call)
		return NULL;
	call->core = core;
	td_list_init(&call->legs);
	td_list_init(&call->queue);
	td_list_init(&call->unsaved);
	return call;
}

static struct td_call *call_born(struct td_call *call)
{
	td_list_append(&call->core->call_list, &call->list_node);
	call->created_ms = td_clock_ms(CLOCK_REALTIME);
	call->core->n.calls++;
	return call;
}

/* Ids go up from 1; after 4 thousand million calls the numbers of running ones are skipped. */
static int give_id(struct td_core *core, struct td_call *call)
{
	int err;

	do {
		call->id = ++core->last_call_id;
		if (!call->id)
			call->id = ++core->last_call_id;
		err = td_map_insert(&core->calls, &call->node, &call->id, sizeof(call->id));
	} while (err == -EEXIST);
	return err;
}

struct td_call *td_call_new(struct td_core *core)
{
	struct td_call *call = call_alloc(core);

	if (!call)
		return NULL;
	if (give_id(core, call)) {
		td_free(call);
		return NULL;
	}
	return call_born(call);
}

struct td_call *td_call_again(struct td_core *core, uint32_t id)
{
	struct td_call *call = call_alloc(core);

	if (!call)
		return NULL;
	call->id = id;
	if (td_map_insert(&core->calls, &call->node, &call->id, sizeof(call->id))) {
		td_free(call);
		return NULL;
	}
	if (core->last_call_id < id)
		core->last_call_id = id;
	return call_born(call);
}

struct td_call *td_call_find(struct td_core *core, uint32_t id)
{
	struct td_map_node *n = td_map_find(&core->calls, &id, sizeof(id));

	return n ? td_container_of(n, struct td_call, node) : NULL;
}

void td_call_free(struct td_call *call)
{
	struct td_core *core = call->core;

	if (call->state != TD_CALL_NULL)
		td_log_info(TD_LOG_CORE, "call=%u ended cause=%s duration_ms=%llu path=%s",
			    call->id, td_cause_word(call->cause),
			    (unsigned long long)td_call_duration_ms(call), td_media_path_word(call->path) ?: "none");
	if (core->watch && call->state != TD_CALL_NULL)
		core->watch(core->watch_arg, call->id, "ended");
	td_call_forget(call);
	td_call_timer_stop(call);
	td_reach_end(call);
	td_park_leave(call);
	td_conference_leave(call);
	td_loop_undefer(core->loop, &call->run);
	td_call_drop_queue(call);
	td_call_close_media(call);
	td_map_remove(&core->calls, &call->node);
	td_list_del(&call->list_node);
	td_free(call);
}

/* ---- the timer: one per call, the state says what it means ---- */

static void on_timer(void *arg)
{
	struct td_call *call = arg;

	td_call_event(call, TD_EV_TIMER, NULL, NULL);
}

void td_call_timer_ms(struct td_call *call, uint32_t ms)
{
	if (!td_loop_timer_start(call->core->loop, &call->timer, ms, on_timer, call))
		return;
	call->no_memory = true;
	td_call_wake(call);
}

void td_call_timer(struct td_call *call, enum td_call_timer which)
{
	td_call_timer_ms(call, call->core->timer_ms[which]);
}

void td_call_timer_stop(struct td_call *call)
{
	td_loop_timer_stop(call->core->loop, &call->timer);
}

/* ---- what others see ---- */

void td_call_born(struct td_call *call)
{
	td_log_info(TD_LOG_CORE, "call=%u from=%s to=%s state=setup", call->id,
		    call->from.number, call->to.number);
}

static bool leg_holds(const struct td_leg *leg)
{
	return leg && !(td_leg_core(leg)->wish & TD_DIR_RECV);
}

bool td_call_is_held(const struct td_call *call)
{
	return call->state == TD_CALL_UP && (leg_holds(call->a) || leg_holds(call->b));
}

const char *td_call_state_word(const struct td_call *call)
{
	switch (call->state) {
	case TD_CALL_ALERTING:
		return "alerting";
	case TD_CALL_UP:
		if ((call->a && call->a->orphaned) || (call->b && call->b->orphaned))
			return "orphaned";
		return td_call_is_held(call) ? "held" : "up";
	case TD_CALL_ALONE:
		return call->conference ? "conference" : call->slot[0] ? "parked" : "held";
	case TD_CALL_CLEARING:
		return "clearing";
	}
	return "setup";
}

void td_call_changed(struct td_call *call)
{
	call->told_held = td_call_is_held(call);
	if (call->core->watch)
		call->core->watch(call->core->watch_arg, call->id, td_call_state_word(call));
}

uint64_t td_call_duration_ms(const struct td_call *call)
{
	uint64_t end = call->ended_ms ? call->ended_ms : td_loop_now_ms(call->core->loop);

	return call->answered_ms ? end - call->answered_ms : 0;
}

/* ---- the end ---- */

int td_call_clear(struct td_call *call, enum td_cause cause)
{
	struct td_leg *leg;

	call->cause = cause;
	call->ended_ms = td_loop_now_ms(call->core->loop);
	call->wait_media = false;
	if (!call->answered_ms && cause != TD_CAUSE_NORMAL)
		call->core->n.failed++;
	td_call_record(call);
	td_call_back_failed(call, cause);
	td_call_timer_stop(call);
	td_park_leave(call);
	td_conference_leave(call);
	td_call_close_media(call);
	td_list_for_each(leg, &call->legs, struct td_leg, node)
		td_leg_release(leg, cause);
	return TD_CALL_CLEARING;
}

/* Before the answer the caller's going is a cancel, whatever the driver calls it. */
int td_call_on_a_gone(void *obj, const void *in)
{
	const struct td_call_input *input = in;

	input->leg->state = TD_LEGST_GONE;
	return td_call_clear(obj, TD_CAUSE_NORMAL);
}

int td_call_on_gone(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;

	if (input->leg != call->a && input->leg != call->b)
		return -1;	/* a fork that lost */
	input->leg->state = TD_LEGST_GONE;
	if (td_conference_goes_on(call, input->leg))
		return TD_CALL_ALONE;
	return td_call_clear(call, input->ev->cause);
}

int td_call_on_hangup(void *obj, const void *in)
{
	(void)in;
	return td_call_clear(obj, TD_CAUSE_NORMAL);
}

int td_call_on_no_memory(void *obj, const void *in)
{
	struct td_call *call = obj;

	(void)in;
	call->core->n.no_memory++;
	td_log_limited(TD_LOG_CORE, TD_ERR, "call=%u out of memory, call ended", call->id);
	return td_call_clear(call, TD_CAUSE_TEMPORARY);
}
