/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user sees and hears in each phase of a call, message by message, in the order of
 * real call managers. Words come as labels where the phone has its own, in its language.
 */
#include "userspace/sccp/sccp_priv.h"

#include <stdio.h>

static void send_state_of(struct sccp_session *s, enum sccp_call_state state, uint32_t line,
			  uint32_t ref, uint32_t privacy)
{
	struct sccp_msg m = { .id = SCCP_CALL_STATE, .state = { state, line, ref, privacy, 4, 0 } };

	td_sccp_send(s, &m);
}

static void send_state(struct sccp_call *call, enum sccp_call_state state)
{
	send_state_of(call->phone->session, state, call->line, call->ref, 0);
}

/* label, then more in the phone's own encoding */
static void send_prompt(struct sccp_session *s, uint32_t line, uint32_t ref, uint32_t seconds,
			const char *label, const char *more)
{
	struct sccp_msg m = { .id = SCCP_DISPLAY_PROMPT_STATUS,
			      .text = { .timeout = seconds, .line = line, .ref = ref } };
	size_t n = td_strlcpy(m.text.text, label, sizeof(m.text.text));

	td_sccp_text(s, m.text.text + n, sizeof(m.text.text) - n, more);
	td_sccp_send(s, &m);
}

static void send_call_prompt(struct sccp_call *call, const char *label, const char *more)
{
	send_prompt(call->phone->session, call->line, call->ref, 0, label, more);
}

static void send_tone(struct sccp_call *call, enum sccp_tone tone)
{
	struct sccp_msg m = { .id = SCCP_START_TONE, .tone = { tone, 0, call->line, call->ref } };

	td_sccp_send(call->phone->session, &m);
}

static void stop_tone(struct sccp_call *call)
{
	td_sccp_send_call(call->phone->session, SCCP_STOP_TONE, call->line, call->ref);
}

static void send_ringer(struct sccp_session *s, enum sccp_ring mode, uint32_t line, uint32_t ref)
{
	struct sccp_msg m = { .id = SCCP_SET_RINGER, .ringer = { mode, SCCP_RING_NORMAL, line, ref } };

	td_sccp_send(s, &m);
}

static void send_speaker(struct sccp_session *s, bool on)
{
	td_sccp_send_number(s, SCCP_SET_SPEAKER_MODE, on ? SCCP_ON : SCCP_OFF);
}

/* ---- lamps ---- */

static enum sccp_lamp lamp_of(const struct sccp_phone *phone, uint32_t line)
{
	enum sccp_lamp lamp = SCCP_LAMP_OFF;
	struct sccp_call *call;

	td_list_for_each(call, &phone->calls, struct sccp_call, node) {
		if (call->line != line)
			continue;
		if (call->phase == SCCP_RINGING_IN)
			return SCCP_LAMP_BLINK;
		if (call->phase != SCCP_HELD)
			lamp = SCCP_LAMP_ON;
		else if (lamp == SCCP_LAMP_OFF)
			lamp = SCCP_LAMP_WINK;
	}
	return lamp == SCCP_LAMP_OFF ? td_sccp_shared_lamp(phone, line) : lamp;
}

/* line 0: all of them */
void td_sccp_send_lamp(struct sccp_phone *phone, uint32_t line)
{
	uint32_t last = line ? line : (uint32_t)phone->ep->n_lines;

	for (uint32_t i = line ? line : 1; i <= last; i++) {
		struct sccp_msg m = { .id = SCCP_SET_LAMP,
				      .lamp = { SCCP_ST_LINE, i, lamp_of(phone, i) } };

		td_sccp_send(phone->session, &m);
	}
}

/* ---- who talks with whom ---- */

static void send_info_of(const struct sccp_phone *phone, uint32_t instance, uint32_t ref, bool out,
			 const struct td_party *peer)
{
	struct sccp_session *s = phone->session;
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, instance);
	struct sccp_msg m = { .id = SCCP_CALL_INFO };
	struct sccp_call_info *i = &m.info;
	const char *own_name = line && line->name[0] ? line->name : phone->ep->name;
	const char *own_number = line ? line->number : "";

	i->line = instance;
	i->ref = ref;
	i->type = out ? SCCP_CALL_OUT : SCCP_CALL_IN;
	i->instance = 1;
	td_sccp_text(s, i->calling, sizeof(i->calling), out ? own_number : peer->number);
	td_sccp_text(s, i->calling_name, sizeof(i->calling_name), out ? own_name : peer->name);
	td_sccp_text(s, i->called, sizeof(i->called), out ? peer->number : own_number);
	td_sccp_text(s, i->called_name, sizeof(i->called_name), out ? peer->name : own_name);
	memcpy(i->original_called, i->called, sizeof(i->called));
	memcpy(i->original_called_name, i->called_name, sizeof(i->called_name));
	td_sccp_send(s, &m);
}

void td_sccp_send_info(struct sccp_call *call)
{
	send_info_of(call->phone, call->line, call->ref, call->outbound, &call->peer);
}

static void send_dialed(struct sccp_call *call)
{
	struct sccp_msg m = { .id = SCCP_DIALED_NUMBER, .dialed = { .line = call->line, .ref = call->ref } };

	td_sccp_text(call->phone->session, m.dialed.number, sizeof(m.dialed.number), call->digits);
	td_sccp_send(call->phone->session, &m);
}

/* ---- phases ---- */

static void lift(struct sccp_call *call)
{
	send_ringer(call->phone->session, SCCP_RING_OFF, 0, 0);
	send_speaker(call->phone->session, true);
	td_sccp_send_lamp(call->phone, call->line);
	send_state(call, SCCP_CS_OFF_HOOK);
}

void td_sccp_show_off_hook(struct sccp_call *call)
{
	lift(call);
	td_sccp_select_keys(call->phone, call);
	send_call_prompt(call, SCCP_TXT_ENTER_NUMBER, "");
	td_sccp_send_number(call->phone->session, SCCP_ACTIVATE_CALL_PLANE, call->line);
	send_tone(call, SCCP_TONE_INSIDE_DIAL);
}

/* Nothing is dialled: the call is there, at another phone. */
void td_sccp_show_taking(struct sccp_call *call)
{
	lift(call);
	td_sccp_send_number(call->phone->session, SCCP_ACTIVATE_CALL_PLANE, call->line);
	send_state(call, SCCP_CS_PROCEED);
	td_sccp_send_info(call);
	td_sccp_select_keys(call->phone, call);
}

void td_sccp_show_digits(struct sccp_call *call)
{
	stop_tone(call);
	td_sccp_select_keys(call->phone, call);
}

void td_sccp_show_proceeding(struct sccp_call *call)
{
	stop_tone(call);
	send_dialed(call);
	send_state(call, SCCP_CS_PROCEED);
	td_sccp_send_info(call);
	send_call_prompt(call, SCCP_TXT_PROCEED, "");
	td_sccp_select_keys(call->phone, call);
}

void td_sccp_show_ringing_out(struct sccp_call *call, bool tone)
{
	send_state(call, SCCP_CS_RING_OUT);
	td_sccp_select_keys(call->phone, call);
	if (tone)
		send_tone(call, SCCP_TONE_ALERTING);
	send_call_prompt(call, SCCP_TXT_RING_OUT, "");
	td_sccp_send_info(call);
}

/* With somebody in the ear a second call is heard there, and does not ring aloud. */
void td_sccp_show_ringing_in(struct sccp_call *call, bool waiting)
{
	struct sccp_session *s = call->phone->session;
	const char *who = call->peer.number[0] ? call->peer.number : call->peer.name;
	struct sccp_msg notify = { .id = SCCP_DISPLAY_PRI_NOTIFY,
				   .text = { .timeout = 10, .priority = 5 } };
	size_t n;

	send_state(call, SCCP_CS_RING_IN);
	td_sccp_select_keys(call->phone, call);
	send_call_prompt(call, SCCP_TXT_FROM, who);
	n = td_strlcpy(notify.text.text, SCCP_TXT_FROM, sizeof(notify.text.text));
	td_sccp_text(s, notify.text.text + n, sizeof(notify.text.text) - n, who);
	td_sccp_send(s, &notify);
	td_sccp_send_info(call);
	td_sccp_send_lamp(call->phone, call->line);
	if (call->phone->dnd)
		send_ringer(s, SCCP_RING_SILENT, call->line, call->ref);
	else if (waiting)
		send_tone(call, SCCP_TONE_CALL_WAITING);
	else
		send_ringer(s, SCCP_RING_INSIDE, call->line, call->ref);
}

static void quiet(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;

	send_ringer(s, SCCP_RING_OFF, call->line, call->ref);
	stop_tone(call);
}

void td_sccp_show_answered(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;

	send_ringer(s, SCCP_RING_OFF, 0, 0);
	td_sccp_send_number(s, SCCP_CLEAR_PRI_NOTIFY, 5);
	send_speaker(s, true);
	td_sccp_send_lamp(call->phone, call->line);
	send_state(call, SCCP_CS_OFF_HOOK);
	td_sccp_send_number(s, SCCP_ACTIVATE_CALL_PLANE, call->line);
	quiet(call);
}

void td_sccp_show_connected(struct sccp_call *call)
{
	bool private = td_endpoint_is_private(call->phone->ep) &&
		       td_sccp_is_shared(call->phone, call->line);

	send_call_prompt(call, private ? SCCP_TXT_PRIVATE : SCCP_TXT_CONNECTED, "");
}

void td_sccp_show_talking(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;

	quiet(call);
	send_speaker(s, true);
	td_sccp_send_lamp(call->phone, call->line);
	send_state(call, SCCP_CS_CONNECTED);
	td_sccp_select_keys(call->phone, call);
	td_sccp_send_info(call);
	td_sccp_show_connected(call);
	td_sccp_send_number(s, SCCP_ACTIVATE_CALL_PLANE, call->line);
}

static void send_muted(struct sccp_session *s)
{
	td_sccp_send_number(s, SCCP_SET_MICRO_MODE, SCCP_OFF);
}

void td_sccp_show_answered_itself(struct sccp_call *call, bool muted)
{
	if (muted)
		send_muted(call->phone->session);
	send_tone(call, SCCP_TONE_ZIP);
}

void td_sccp_show_paged(struct sccp_phone *phone, const struct cfg_paging *page)
{
	send_speaker(phone->session, page != NULL);
	if (page) {
		send_muted(phone->session);
		send_prompt(phone->session, 0, 0, 0, SCCP_TXT_PAGING, page->name[0] ? page->name : "");
		return;
	}
	td_sccp_show_idle_prompt(phone);
}

void td_sccp_show_held(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;

	td_sccp_send_lamp(call->phone, call->line);
	send_state(call, SCCP_CS_HOLD);
	td_sccp_select_keys(call->phone, call);
	send_call_prompt(call, SCCP_TXT_HOLD, "");
	send_speaker(s, false);
}

void td_sccp_show_failed(struct sccp_call *call, enum td_cause cause)
{
	quiet(call);
	switch (cause) {
	case TD_CAUSE_BUSY:
	case TD_CAUSE_REJECTED:
	case TD_CAUSE_NO_ANSWER:
		send_state(call, SCCP_CS_BUSY);
		send_tone(call, SCCP_TONE_BUSY);
		send_call_prompt(call, SCCP_TXT_BUSY, "");
		break;
	case TD_CAUSE_UNALLOCATED:
	case TD_CAUSE_NO_ROUTE:
	case TD_CAUSE_BAD_NUMBER:
		send_state(call, SCCP_CS_INVALID_NUMBER);
		send_tone(call, SCCP_TONE_REORDER);
		send_call_prompt(call, SCCP_TXT_UNKNOWN_NUMBER, "");
		break;
	default:
		send_state(call, SCCP_CS_CONGESTION);
		send_tone(call, SCCP_TONE_REORDER);
		send_call_prompt(call, SCCP_TXT_TEMP_FAIL, "");
		break;
	}
	td_sccp_select_keys(call->phone, call);
}

/* Only the call in the ear takes the loudspeaker with it. */
void td_sccp_show_ended(struct sccp_call *call)
{
	struct sccp_session *s = call->phone->session;
	bool heard = call->phone->active == call;

	if (call->phase == SCCP_RINGING_IN)
		td_sccp_send_number(s, SCCP_CLEAR_PRI_NOTIFY, 5);
	if (heard)
		send_speaker(s, false);
	td_sccp_send_call(s, SCCP_CLEAR_PROMPT_STATUS, call->line, call->ref);
	send_state(call, SCCP_CS_ON_HOOK);
	td_sccp_select_keys(call->phone, NULL);
	td_sccp_send_time(s);
	quiet(call);
}

/* The other phone is seen to hold by who may take the call alone. */
void td_sccp_show_shared(struct sccp_phone *phone, struct sccp_shared *s)
{
	const struct td_party nobody = { .number = "" };
	bool held = s->held && !s->secret;

	send_state_of(phone->session, held ? SCCP_CS_HOLD : SCCP_CS_IN_USE_REMOTE, s->line, s->ref,
		      s->secret ? 2 : 0);
	td_sccp_select_shared_keys(phone, s);
	if (!s->secret || s->named)
		send_info_of(phone, s->line, s->ref, !s->called, s->secret ? &nobody : &s->peer);
	s->named = !s->secret;
	send_prompt(phone->session, s->line, s->ref, 0,
		    held ? SCCP_TXT_HOLD : SCCP_TXT_IN_USE_REMOTE, "");
	td_sccp_send_lamp(phone, s->line);
}

void td_sccp_show_shared_ended(struct sccp_phone *phone, const struct sccp_shared *s)
{
	td_sccp_send_call(phone->session, SCCP_CLEAR_PROMPT_STATUS, s->line, s->ref);
	send_state_of(phone->session, SCCP_CS_ON_HOOK, s->line, s->ref, 0);
	td_sccp_send_lamp(phone, s->line);
	if (!phone->active)
		td_sccp_select_keys(phone, NULL);
}

void td_sccp_show_not_missed(struct sccp_call *call)
{
	struct sccp_msg m = { .id = SCCP_CALL_HISTORY_DISPOSITION,
			      .history = { SCCP_HISTORY_IGNORE, call->line, call->ref } };

	if (call->phase == SCCP_RINGING_IN && call->phone->session->version >= 17)
		td_sccp_send(call->phone->session, &m);
}

/* What the phone does with all its calls is said where nothing else is. */
void td_sccp_show_idle_prompt(struct sccp_phone *phone)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, 1);
	const char *to = line ? td_core_forwarded_to(phone->sccp->core, line->number) : "";
	const char *message = phone->sccp->config->global.system_message;
	struct sccp_session *s = phone->session;

	if (phone->dnd)
		send_prompt(s, 0, 0, 0, SCCP_TXT_DND, "");
	else if (to[0])
		send_prompt(s, 0, 0, 0, SCCP_TXT_FORWARDED, to);
	else if (message[0])
		send_prompt(s, 0, 0, 0, "", message);
	else
		send_prompt(s, 0, 0, 0, SCCP_TXT_YOUR_OPTIONS, "");
}

void td_sccp_show_idle(struct sccp_phone *phone)
{
	td_sccp_select_keys(phone, NULL);
	td_sccp_show_idle_prompt(phone);
	td_sccp_send_lamp(phone, 0);
}

void td_sccp_show_refused_key(struct sccp_phone *phone, const struct sccp_call *call)
{
	send_prompt(phone->session, call ? call->line : 0, call ? call->ref : 0, 5,
		    SCCP_TXT_NOT_ACTIVE, "");
}

/* Over whatever is there, for some seconds. */
void td_sccp_show_note(struct sccp_phone *phone, const char *label, const char *more)
{
	struct sccp_msg m = { .id = SCCP_DISPLAY_NOTIFY, .text = { .timeout = 10 } };
	size_t n = td_strlcpy(m.text.text, label, sizeof(m.text.text));

	td_sccp_text(phone->session, m.text.text + n, sizeof(m.text.text) - n, more);
	td_sccp_send(phone->session, &m);
}

void td_sccp_show_free(struct sccp_phone *phone, const char *number)
{
	struct sccp_msg m = { .id = SCCP_SET_RINGER, .ringer = { SCCP_RING_INSIDE, SCCP_RING_SINGLE,
								  1, 0 } };

	if (!phone->active)
		td_sccp_send(phone->session, &m);
	td_sccp_show_note(phone, SCCP_TXT_CALL_BACK, number);
	td_sccp_select_keys(phone, NULL);
}

void td_sccp_show_silenced(struct sccp_call *call)
{
	quiet(call);
}

void td_sccp_send_forward(struct sccp_session *s, uint32_t instance)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(s->phone, instance);
	const char *to = line ? td_core_forwarded_to(s->sccp->core, line->number) : "";
	struct sccp_msg m = { .id = SCCP_FORWARD_STAT, .forward = { .line = instance } };

	m.forward.all = to[0] != '\0';
	td_sccp_text(s, m.forward.all_to, sizeof(m.forward.all_to), to);
	td_sccp_send(s, &m);
}
