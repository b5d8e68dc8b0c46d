/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user does: hook, digits, soft keys, buttons. Each finds the call that it means and
 * asks sccp_call.c; what a key cannot do now is said on the display.
 */
#include "userspace/sccp/sccp_priv.h"

/* The call that line and reference name; old firmware sends neither: the one in the ear. */
static struct sccp_call *meant(struct sccp_phone *phone, uint32_t ref)
{
	struct sccp_call *call = td_sccp_call_find(phone, ref);

	return call ? call : phone->active;
}

static void off_hook(struct sccp_phone *phone, uint32_t line, uint32_t ref)
{
	struct sccp_call *call = td_sccp_call_find(phone, ref);

	if (!call || call->phase != SCCP_RINGING_IN)
		call = phone->active ? NULL : td_sccp_call_in_phase(phone, SCCP_RINGING_IN);
	if (call)
		td_sccp_call_answer(call);
	else if (!phone->active)
		td_sccp_call_pick_up(phone, line ? line : 1);
}

/* The receiver is down: what was in the ear ends. A held call stays. */
static void on_hook(struct sccp_phone *phone, uint32_t ref)
{
	struct sccp_call *call = td_sccp_call_find(phone, ref);

	if (!call || call != phone->active)
		call = phone->active;
	if (call)
		td_sccp_call_hang_up(call);
}

static char digit_of(uint32_t button)
{
	if (button < 10)
		return (char)('0' + button);
	if (button >= SCCP_DIGIT_A && button < SCCP_DIGIT_STAR)
		return (char)('A' + (button - SCCP_DIGIT_A));
	return button == SCCP_DIGIT_STAR ? '*' : button == SCCP_DIGIT_POUND ? '#' :
	       button == SCCP_DIGIT_PLUS ? '+' : '\0';
}

static void keypad(struct sccp_phone *phone, uint32_t button, uint32_t ref)
{
	struct sccp_call *call = meant(phone, ref);
	struct td_leg_event ev = { .type = TD_LEG_DIGIT, .digit = digit_of(button),
				   .duration_ms = 160 };

	if (!call || !ev.digit)
		return;
	if (call->phase == SCCP_DIALLING)
		td_sccp_call_digit(call, ev.digit);
	else if (call->leg && ev.digit != '+' &&
		 (call->phase == SCCP_TALKING || call->phase == SCCP_RINGING_OUT ||
		  (call->phase == SCCP_PROCEEDING && call->overlap))) {
		td_sccp_call_more(call, ev.digit);
		td_leg_post(&call->leg->leg, &ev);
	}
}

/* A whole number: as from a directory, or dialled with the receiver down. */
static void dial_number(struct sccp_phone *phone, uint32_t line, const char *number)
{
	struct sccp_call *call = phone->active;
	char digits[CFG_NUMBER_LEN];
	size_t n = td_strlcpy(digits, number, sizeof(digits));

	if (!n || n >= sizeof(digits))
		return;
	if (n > 1 && digits[n - 1] == '#')
		digits[n - 1] = '\0';
	if (!call || call->phase != SCCP_DIALLING)
		call = td_sccp_call_start(phone, line ? line : 1);
	if (call)
		td_sccp_call_dial(call, digits);
}

/* In a call that is being dialled the number goes there. */
static void speed_dial(struct sccp_phone *phone, uint32_t instance)
{
	const struct sccp_key_button *b = td_sccp_button(phone, instance);

	if (b && b->target[0])
		dial_number(phone, 1, b->target);
	else
		td_sccp_show_refused_key(phone, phone->active);
}

static void redial(struct sccp_phone *phone, uint32_t line)
{
	if (phone->redial[0])
		dial_number(phone, line, phone->redial);
}

static struct sccp_call *ringing(struct sccp_phone *phone)
{
	return td_sccp_call_in_phase(phone, SCCP_RINGING_IN);
}

static void soft_key(struct sccp_phone *phone, uint32_t event, uint32_t line, uint32_t ref)
{
	struct sccp_shared *shared = td_sccp_shared_find(phone, ref);
	struct sccp_call *call = meant(phone, ref);

	if (shared) {
		td_sccp_shared_key(phone, shared, event);
		return;
	}
	switch (event) {
	case SCCP_KEY_REDIAL:
		redial(phone, line);
		return;
	case SCCP_KEY_NEW_CALL:
		td_sccp_call_pick_up(phone, line ? line : 1);
		return;
	case SCCP_KEY_ANSWER:
		if (!call || call->phase != SCCP_RINGING_IN)
			call = td_sccp_call_in_phase(phone, SCCP_RINGING_IN);
		if (call)
			td_sccp_call_answer(call);
		return;
	case SCCP_KEY_RESUME:
		if (!call || call->phase != SCCP_HELD)
			call = td_sccp_call_in_phase(phone, SCCP_HELD);
		if (call)
			td_sccp_call_resume(call);
		return;
	case SCCP_KEY_HOLD:
		if (call)
			td_sccp_call_hold(call);
		return;
	case SCCP_KEY_END_CALL:
		if (call)
			td_sccp_call_hang_up(call);
		return;
	case SCCP_KEY_BACK_SPACE:
		if (call)
			td_sccp_call_backspace(call);
		return;
	case SCCP_KEY_TRANSFER:
		td_sccp_key_transfer(phone, call);
		return;
	case SCCP_KEY_CONFERENCE:
		td_sccp_key_conference(phone, call);
		return;
	case SCCP_KEY_PARK:
		td_sccp_key_park(phone, call);
		return;
	case SCCP_KEY_FORWARD_ALL:
		td_sccp_key_forward_all(phone, line);
		return;
	case SCCP_KEY_PICKUP:
	case SCCP_KEY_GROUP_PICKUP:
		td_sccp_key_pickup(phone, line, event == SCCP_KEY_GROUP_PICKUP);
		return;
	case SCCP_KEY_DIVERT:
		td_sccp_key_divert(phone, call ? call : ringing(phone));
		return;
	case SCCP_KEY_CALL_BACK:
		td_sccp_key_call_back(phone, call);
		return;
	case SCCP_KEY_PRIVATE:
		td_sccp_key_privacy(phone, call);
		return;
	case SCCP_KEY_DND:
		td_sccp_key_dnd(phone, call);
		return;
	default:
		td_sccp_show_refused_key(phone, call);
		return;
	}
}

/* A line's button: what is most likely wanted on that line. */
static void line_button(struct sccp_phone *phone, uint32_t line)
{
	struct sccp_shared *shared = td_sccp_shared_held(phone, line);
	struct sccp_call *call, *best = NULL;

	td_list_for_each(call, &phone->calls, struct sccp_call, node) {
		if (call->line != line || (call->phase != SCCP_RINGING_IN && call->phase != SCCP_HELD))
			continue;
		if (!best || (best->phase == SCCP_HELD && call->phase == SCCP_RINGING_IN))
			best = call;
	}
	if (best && best->phase == SCCP_RINGING_IN)
		td_sccp_call_answer(best);
	else if (best)
		td_sccp_call_resume(best);
	else if (phone->active && phone->active->line == line)
		return;
	else if (shared)
		td_sccp_call_take(phone, shared, false);
	else
		td_sccp_call_pick_up(phone, line);
}

static void stimulus(struct sccp_phone *phone, const struct sccp_msg *m)
{
	uint32_t instance = m->stimulus.instance;
	struct sccp_call *call = meant(phone, m->stimulus.ref);

	switch (m->stimulus.stimulus) {
	case SCCP_ST_LINE:
		line_button(phone, instance ? instance : 1);
		return;
	case SCCP_ST_SPEED_DIAL:
	case SCCP_ST_BLF:
		speed_dial(phone, instance);
		return;
	case SCCP_ST_REDIAL:
		redial(phone, 1);
		return;
	case SCCP_ST_HOLD:	/* one key for both ways */
		if (call && call->phase == SCCP_TALKING)
			td_sccp_call_hold(call);
		else if ((call = td_sccp_call_in_phase(phone, SCCP_HELD)))
			td_sccp_call_resume(call);
		return;
	case SCCP_ST_ANSWER_RELEASE:
		if (phone->active)
			td_sccp_call_hang_up(phone->active);
		else
			off_hook(phone, 0, 0);
		return;
	case SCCP_ST_NEW_CALL:
		td_sccp_call_pick_up(phone, instance ? instance : 1);
		return;
	case SCCP_ST_END_CALL:
		if (call)
			td_sccp_call_hang_up(call);
		return;
	case SCCP_ST_TRANSFER:
		td_sccp_key_transfer(phone, call);
		return;
	case SCCP_ST_CONFERENCE:
		td_sccp_key_conference(phone, call);
		return;
	case SCCP_ST_PARK:
		td_sccp_key_park(phone, call);
		return;
	case SCCP_ST_FORWARD_ALL:
		td_sccp_key_forward_all(phone, call ? call->line : 1);
		return;
	case SCCP_ST_PICKUP:
	case SCCP_ST_GROUP_PICKUP:
		td_sccp_key_pickup(phone, 1, m->stimulus.stimulus == SCCP_ST_GROUP_PICKUP);
		return;
	case SCCP_ST_PRIVACY:
		td_sccp_key_privacy(phone, call);
		return;
	case SCCP_ST_DND:
		td_sccp_key_dnd(phone, call);
		return;
	case SCCP_ST_HEADSET:
		return;
	default:
		td_sccp_show_refused_key(phone, call);
		return;
	}
}

void td_sccp_on_key(struct sccp_phone *phone, const struct sccp_msg *m)
{
	switch (m->id) {
	case SCCP_OFF_HOOK:
		off_hook(phone, m->call.line, m->call.ref);
		break;
	case SCCP_OFF_HOOK_WITH_CALLING_PARTY:
		off_hook(phone, m->off_hook_cgpn.line, 0);
		break;
	case SCCP_ON_HOOK:
		on_hook(phone, m->call.ref);
		break;
	case SCCP_KEYPAD_BUTTON:
		keypad(phone, m->key.button, m->key.ref);
		break;
	case SCCP_ENBLOC_CALL:
		dial_number(phone, m->enbloc.line, m->enbloc.number);
		break;
	case SCCP_SOFT_KEY_EVENT:
		soft_key(phone, m->soft_key.event, m->soft_key.line, m->soft_key.ref);
		break;
	case SCCP_STIMULUS:
		stimulus(phone, m);
		break;
	default:
		break;
	}
}
