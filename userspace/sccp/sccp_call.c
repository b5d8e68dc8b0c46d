/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as the phone's user knows it: from picking up to the busy tone. At most one call of
 * a phone is "active", that is in the user's ear; before another becomes it, it is held, or
 * given up when it only dials.
 */
#include "userspace/sccp/sccp_priv.h"

#include <errno.h>

struct sccp_call *td_sccp_call_new(struct sccp_phone *phone, uint32_t line, bool outbound)
{
	struct sccp_call *call = td_zalloc(sizeof(*call));

	if (!call)
		return NULL;
	call->phone = phone;
	call->line = (uint8_t)line;
	call->outbound = outbound;
	call->phase = outbound ? SCCP_DIALLING : SCCP_RINGING_IN;
	call->ref = ++phone->sccp->last_ref;
	if (!call->ref)
		call->ref = ++phone->sccp->last_ref;
	td_list_append(&phone->calls, &call->node);
	td_sccp_keep_changed(phone->session);
	return call;
}

void td_sccp_call_drop(struct sccp_call *call, enum td_cause cause)
{
	struct sccp_phone *phone = call->phone;

	td_loop_timer_stop(phone->sccp->loop, &call->timer);
	td_list_del(&call->node);
	if (phone->active == call)
		phone->active = NULL;
	if (call->leg) {
		call->leg->call = NULL;
		td_leg_post_released(&call->leg->leg, cause);
	}
	td_sccp_keep_changed(phone->session);
	td_free(call);
}

struct sccp_call *td_sccp_call_find(struct sccp_phone *phone, uint32_t ref)
{
	struct sccp_call *call;

	if (ref)
		td_list_for_each(call, &phone->calls, struct sccp_call, node)
			if (call->ref == ref)
				return call;
	return NULL;
}

struct sccp_call *td_sccp_call_in_phase(struct sccp_phone *phone, enum sccp_call_phase phase)
{
	struct sccp_call *call;

	td_list_for_each(call, &phone->calls, struct sccp_call, node)
		if (call->phase == phase)
			return call;
	return NULL;
}

size_t td_sccp_calls_on_line(const struct sccp_phone *phone, uint32_t line)
{
	struct sccp_call *call;
	size_t n = 0;

	td_list_for_each(call, &phone->calls, struct sccp_call, node)
		n += call->line == line;
	return n;
}

/* The ear is wanted for something else. False: what is there cannot be put aside. */
static bool make_way(struct sccp_phone *phone)
{
	struct sccp_call *active = phone->active;

	td_sccp_page_leave(phone);
	if (!active)
		return true;
	if (active->phase == SCCP_TALKING)
		td_sccp_call_hold(active);
	else
		td_sccp_call_hang_up(active);
	return !phone->active;
}

/* ---- dialling ---- */

static void fail(struct sccp_call *call, enum td_cause cause);

static void on_end_of_tone(void *arg)
{
	td_sccp_call_hang_up(arg);
}

/* The user hears why, for a time. */
static void fail(struct sccp_call *call, enum td_cause cause)
{
	struct td_sccp *sccp = call->phone->sccp;
	uint32_t seconds = sccp->config->global.timeout_busy;

	td_sccp_channel_close(call);
	call->phase = SCCP_FAILED;
	call->was_busy = cause == TD_CAUSE_BUSY &&
			 td_line_exists(sccp->core, call->digits);
	td_sccp_show_failed(call, cause);
	td_loop_timer_start(sccp->loop, &call->timer, seconds * 1000ull, on_end_of_tone, call);
}

/* Of the digits so far. A pickup group is no number of the dial plan. */
static enum td_dial meaning(const struct sccp_call *call)
{
	if (call->purpose != SCCP_FOR_GROUP_PICKUP)
		return td_core_dial(call->phone->sccp->core, call->phone->ep, call->digits);
	if (!call->digits[0])
		return TD_DIAL_MORE;
	return strcmp(call->digits, "*") ? TD_DIAL_MATCH_LONGER : TD_DIAL_MATCH;
}

/* Cisco's overlap-signal: what comes after these digits goes out as it comes. */
static bool overlaps(const struct sccp_call *call)
{
	const struct sccp_phone *phone = call->phone;

	return phone->ep->overlap && call->purpose == SCCP_FOR_CALL &&
	       td_core_overlaps(phone->sccp->core, phone->ep, call->digits);
}

static void on_interdigit(void *arg)
{
	struct sccp_call *call = arg;

	switch (meaning(call)) {
	case TD_DIAL_MATCH:
	case TD_DIAL_MATCH_LONGER:
		td_sccp_call_dial(call, call->digits);
		break;
	default:
		fail(call, TD_CAUSE_BAD_NUMBER);
		break;
	}
}

static void wait_for_digit(struct sccp_call *call)
{
	struct td_sccp *sccp = call->phone->sccp;

	td_loop_timer_start(sccp->loop, &call->timer,
			    sccp->config->global.timeout_interdigit * 1000ull, on_interdigit, call);
}

struct sccp_call *td_sccp_call_start(struct sccp_phone *phone, uint32_t line)
{
	return td_sccp_call_start_for(phone, line, SCCP_FOR_CALL, 0);
}

struct sccp_call *td_sccp_call_start_for(struct sccp_phone *phone, uint32_t line,
					 enum sccp_purpose purpose, uint32_t first)
{
	struct sccp_call *call;

	if (!td_sccp_phone_line(phone, line))
		line = 1;
	if (!td_sccp_phone_line(phone, line) || !make_way(phone))
		return NULL;
	call = td_sccp_call_new(phone, line, true);
	if (!call)
		return NULL;
	call->purpose = (uint8_t)purpose;
	call->first = first;
	phone->active = call;
	td_sccp_show_off_hook(call);
	wait_for_digit(call);
	return call;
}

void td_sccp_call_pick_up(struct sccp_phone *phone, uint32_t instance)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, instance);
	bool intercom = line && line->intercom_number[0];
	struct sccp_call *call = td_sccp_call_start_for(phone, instance, intercom ? SCCP_FOR_INTERCOM :
										    SCCP_FOR_CALL, 0);

	if (call && intercom)
		td_sccp_call_dial(call, line->intercom_number);
}

void td_sccp_call_take(struct sccp_phone *phone, const struct sccp_shared *of, bool barge)
{
	struct sccp_call *call;
	struct td_party peer = of->peer;
	uint32_t call_id = of->call_id, leg_id = of->leg_id, line = of->line;
	bool called = of->called;

	if (!make_way(phone))
		return;
	call = td_sccp_call_new(phone, line, !called);
	if (!call)
		return;
	call->takes_call = call_id;
	call->takes_leg = leg_id;
	call->barges = barge;
	call->peer = peer;
	call->phase = SCCP_PROCEEDING;
	phone->active = call;
	td_sccp_show_taking(call);
	if (td_sccp_leg_dial(call, td_sccp_phone_line(phone, line)->number))
		fail(call, TD_CAUSE_TEMPORARY);
}

void td_sccp_call_dial(struct sccp_call *call, const char *number)
{
	struct sccp_phone *phone = call->phone;

	if (td_sccp_feature_dialled(call, number))
		return;
	td_loop_timer_stop(phone->sccp->loop, &call->timer);
	if (number != call->digits)
		td_strlcpy(call->digits, number, sizeof(call->digits));
	if (call->purpose < SCCP_FOR_FORWARD)
		td_strlcpy(phone->redial, call->digits, sizeof(phone->redial));
	call->phase = SCCP_PROCEEDING;
	td_strlcpy(call->peer.number, call->digits, sizeof(call->peer.number));
	td_sccp_show_proceeding(call);
	if (td_sccp_leg_dial(call, call->digits))
		fail(call, TD_CAUSE_TEMPORARY);
}

/* "#" ends a number that could go on; elsewhere it is a digit like others. */
void td_sccp_call_digit(struct sccp_call *call, char digit)
{
	size_t n = strlen(call->digits);

	if (digit == '#' && n && meaning(call) == TD_DIAL_MATCH_LONGER) {
		td_sccp_call_dial(call, call->digits);
		return;
	}
	if (n + 1 >= sizeof(call->digits)) {
		fail(call, TD_CAUSE_BAD_NUMBER);
		return;
	}
	call->digits[n] = digit;
	call->digits[n + 1] = '\0';
	if (!n)
		td_sccp_show_digits(call);
	switch (meaning(call)) {
	case TD_DIAL_NONE:
		fail(call, TD_CAUSE_UNALLOCATED);
		break;
	case TD_DIAL_MATCH:
		td_sccp_call_dial(call, call->digits);
		break;
	case TD_DIAL_MATCH_LONGER:
		call->overlap = overlaps(call);
		if (call->overlap) {
			td_sccp_call_dial(call, call->digits);
			break;
		}
		/* fall through */
	default:
		wait_for_digit(call);
		break;
	}
}

void td_sccp_call_more(struct sccp_call *call, char digit)
{
	struct sccp_phone *phone = call->phone;
	size_t n = strlen(call->digits);

	if (!call->overlap || call->phase == SCCP_TALKING || digit == '#' ||
	    n + 1 >= sizeof(call->digits))
		return;
	call->digits[n] = digit;
	call->digits[n + 1] = '\0';
	td_strlcpy(phone->redial, call->digits, sizeof(phone->redial));
	td_strlcpy(call->peer.number, call->digits, sizeof(call->peer.number));
	td_sccp_send_info(call);
}

void td_sccp_call_backspace(struct sccp_call *call)
{
	size_t n = strlen(call->digits);

	if (call->phase != SCCP_DIALLING || !n)
		return;
	call->digits[n - 1] = '\0';
	td_sccp_send_call(call->phone->session, SCCP_BACK_SPACE, call->line, call->ref);
	if (n == 1)
		td_sccp_select_keys(call->phone, call);
	wait_for_digit(call);
}

/* ---- what the core tells ---- */

void td_sccp_call_alerting(struct sccp_call *call)
{
	if (call->phase != SCCP_PROCEEDING)
		return;
	call->phase = SCCP_RINGING_OUT;
	/* with media before the answer the other side makes the tone */
	td_sccp_show_ringing_out(call, call->rx == SCCP_RX_CLOSED);
}

void td_sccp_call_connected(struct sccp_call *call)
{
	if (call->phase != SCCP_PROCEEDING && call->phase != SCCP_RINGING_OUT)
		return;
	call->phase = SCCP_TALKING;
	td_sccp_show_talking(call);
	td_sccp_channel_run(call);
}

void td_sccp_call_incoming(struct sccp_call *call)
{
	call->phone->sccp->n.calls_in++;
	td_sccp_show_ringing_in(call, call->phone->active != NULL);
}

/* The core has done with it, or the other party has. */
void td_sccp_call_released(struct sccp_call *call, enum td_cause cause)
{
	bool waits = call->outbound && (call->phase == SCCP_PROCEEDING ||
					call->phase == SCCP_RINGING_OUT);

	if (waits && cause != TD_CAUSE_NORMAL && call->phone->sccp->config->global.timeout_busy)
		fail(call, cause);
	else
		td_sccp_call_hang_up(call);
}

/* Something here does not work: both ends hear of it. */
void td_sccp_call_failed(struct sccp_call *call, enum td_cause cause)
{
	struct sccp_leg *leg = call->leg;

	call->leg = NULL;
	if (leg) {
		leg->call = NULL;
		td_leg_post_released(&leg->leg, cause);
	}
	fail(call, cause);
}

/* ---- what the user wants ---- */

void td_sccp_call_answer(struct sccp_call *call)
{
	struct sccp_phone *phone = call->phone;

	if (call->phase != SCCP_RINGING_IN || !call->leg || !make_way(phone))
		return;
	phone->active = call;
	call->phase = SCCP_TALKING;
	td_sccp_show_answered(call);
	td_leg_post_simple(&call->leg->leg, TD_LEG_ANSWERED);
	td_sccp_channel_run(call);
	td_sccp_show_talking(call);
}

/* Its user may not want to be heard: the key at the microphone is lit. */
void td_sccp_call_answer_itself(struct sccp_call *call, bool heard)
{
	td_sccp_call_answer(call);
	if (call->phase != SCCP_TALKING)
		return;
	call->whispers = !heard;
	td_sccp_show_answered_itself(call, !heard);
}

void td_sccp_call_hold(struct sccp_call *call)
{
	if (call->phase != SCCP_TALKING || !call->leg)
		return;
	td_sccp_channel_close(call);
	td_loop_timer_stop(call->phone->sccp->loop, &call->timer);
	call->phase = SCCP_HELD;
	if (call->phone->active == call)
		call->phone->active = NULL;
	td_sccp_show_held(call);
	td_leg_post_simple(&call->leg->leg, TD_LEG_HOLD);
}

/* Its port may be another one now: an offer, when it is open. */
void td_sccp_call_resume(struct sccp_call *call)
{
	struct sccp_phone *phone = call->phone;

	if (call->phase != SCCP_HELD || !call->leg || !make_way(phone))
		return;
	phone->active = call;
	call->phase = SCCP_TALKING;
	call->owes_offer = true;
	td_sccp_show_talking(call);
	td_sccp_channel_run(call);
}

/* A second call is an ordinary one now. */
static void first_is_gone(struct sccp_phone *phone, uint32_t ref)
{
	struct sccp_call *call;

	td_list_for_each(call, &phone->calls, struct sccp_call, node)
		if (call->first == ref)
			td_sccp_select_keys(phone, call);
}

void td_sccp_call_hang_up(struct sccp_call *call)
{
	struct sccp_phone *phone = call->phone;
	uint32_t ref = call->ref;

	td_sccp_channel_close(call);
	if (phone->session)
		td_sccp_show_ended(call);
	td_sccp_call_drop(call, call->phase == SCCP_RINGING_IN ? TD_CAUSE_REJECTED :
								 TD_CAUSE_NORMAL);
	if (phone->session) {
		td_sccp_send_lamp(phone, 0);
		first_is_gone(phone, ref);
	}
	if (td_list_empty(&phone->calls))
		td_sccp_phone_idle(phone);
}
