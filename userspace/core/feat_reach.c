/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single number reach (CME: snr): while a number rings at the desk, another one, a mobile phone as
 * a rule, is called too, after a while and for a while; who answers first has the call. It is
 * called with the rights of the desk's phone. When no phone of the number is there, it is called at
 * once. A phone of the number may take the call back from it (pickup of its own number).
 */
#include <string.h>
#include "userspace/core/core_priv.h"

static void on_time(void *arg);

static const struct td_number *desk_of(const struct td_call *call)
{
	return call->reach.number[0] ? td_number_find(call->core, call->reach.number) : NULL;
}

static void start_timer(struct td_call *call, uint32_t ms)
{
	if (td_loop_timer_start(call->core->loop, &call->reach.timer, ms, on_time, call))
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u is not looked for elsewhere: no memory",
			       call->id);
}

static bool call_elsewhere(struct td_call *call, const struct td_number *number)
{
	struct td_leg *leg = td_call_ring_also(call, number, number->forward.reach,
					       number->forward.reach_local);

	if (!leg)
		return false;
	td_log_info(TD_LOG_CORE, "call=%u number=%s also rings=%s", call->id, number->digits,
		    number->forward.reach);
	call->reach.leg = leg->id;
	start_timer(call, number->forward.reach_ms);
	return true;
}

/* It has had its time. When nobody else rings either, that is the end of ringing here. */
static void stop_ringing(struct td_call *call)
{
	struct td_leg *leg = td_call_leg(call, call->reach.leg);

	if (!leg || !td_leg_is_live(leg))
		return;
	td_leg_release(leg, TD_CAUSE_NO_ANSWER);
	if (!td_call_has_live_forks(call))
		td_call_event(call, TD_EV_TIMER, NULL, NULL);
}

static void on_time(void *arg)
{
	struct td_call *call = arg;
	const struct td_number *number = desk_of(call);

	if (call->state != TD_CALL_SETUP && call->state != TD_CALL_ALERTING)
		return;
	if (call->reach.leg)
		stop_ringing(call);
	else if (number && number->forward.reach[0])
		call_elsewhere(call, number);
}

/* The call comes to this number; what stood of an earlier one is over. */
static bool begins(struct td_call *call, const struct td_number *number)
{
	td_reach_end(call);
	if (!number->forward.reach[0])
		return false;
	td_strlcpy(call->reach.number, number->digits, sizeof(call->reach.number));
	return true;
}

void td_reach_begin(struct td_call *call, const struct td_number *number)
{
	if (begins(call, number))
		start_timer(call, number->forward.reach_delay_ms);
}

bool td_reach_at_once(struct td_call *call, const struct td_number *number)
{
	if (!begins(call, number) || !call_elsewhere(call, number))
		return false;
	td_call_timer(call, TD_TIMER_SETUP);
	return true;
}

void td_reach_stop(struct td_call *call)
{
	td_loop_timer_stop(call->core->loop, &call->reach.timer);
	if (!call->b || call->b->id != call->reach.leg)
		call->reach.number[0] = '\0';
}

void td_reach_end(struct td_call *call)
{
	td_loop_timer_stop(call->core->loop, &call->reach.timer);
	call->reach.number[0] = '\0';
	call->reach.leg = 0;
}

enum td_cause td_reach_pull(struct td_call *mine, const char *number)
{
	struct td_leg *leg = mine->a;
	struct td_party desk = mine->from;
	struct td_call *call;
	enum td_cause cause;

	if (!leg->ep || !td_endpoint_line_at(leg->ep, number))
		return TD_CAUSE_NO_ROUTE;
	td_list_for_each(call, &mine->core->call_list, struct td_call, list_node) {
		if (call->state != TD_CALL_UP || strcmp(call->reach.number, number) || !call->b ||
		    call->aside || call->conference || call->wait_media)
			continue;
		td_log_info(TD_LOG_CORE, "call=%u taken back by=%s", call->id, number);
		cause = td_call_go_on(call, call->b, leg);
		if (!cause) {
			leg->party = desk;
			call->reach.number[0] = '\0';
		}
		return cause;
	}
	return TD_CAUSE_NO_ROUTE;
}
