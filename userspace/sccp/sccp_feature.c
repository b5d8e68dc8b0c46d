/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys that make more of a call than two parties: transfer, conference, park, pickup, divert,
 * call back; and those of the phone itself: forward all calls, do not disturb. What they do is the core's;
 * here is what the user sees of it, and which of the phone's calls they mean.
 *
 * Transfer and conference take a second call, which knows the first one (call->first). It may be
 * gone when the key is pressed again.
 */
#include <errno.h>

#include "userspace/sccp/sccp_priv.h"

struct sccp_call *td_sccp_feature_first(const struct sccp_call *call)
{
	struct sccp_call *first = td_sccp_call_find(call->phone, call->first);

	return first && first->leg && first->phase == SCCP_HELD ? first : NULL;
}

static void refuse(struct sccp_phone *phone, const struct sccp_call *call)
{
	td_sccp_show_refused_key(phone, call);
}

/* A second call to do something with the one in the ear, which is held meanwhile. */
static void start_second(struct sccp_call *first, enum sccp_purpose purpose)
{
	struct sccp_phone *phone = first->phone;
	uint32_t ref = first->ref;

	td_sccp_call_start_for(phone, first->line, purpose, ref);
}

static void post_about(struct sccp_call *first, enum td_leg_event_type what,
		       const struct sccp_call *second, const char *to)
{
	struct td_leg_event ev = { .type = what };

	if (second) {
		ev.transfer.call_id = td_leg_call_id(&second->leg->leg);
		ev.transfer.leg_id = second->leg->leg.id;
	}
	if (to)
		td_strlcpy(ev.transfer.to, to, sizeof(ev.transfer.to));
	first->asked = (uint8_t)what;
	td_leg_post(&first->leg->leg, &ev);
}

void td_sccp_key_transfer(struct sccp_phone *phone, struct sccp_call *call)
{
	struct sccp_call *first = call ? td_sccp_feature_first(call) : NULL;

	if (!call || !call->leg)
		refuse(phone, call);
	else if (call->purpose == SCCP_FOR_TRANSFER && first)
		post_about(first, TD_LEG_TRANSFER, call, NULL);
	else if (call->phase == SCCP_TALKING)
		start_second(call, SCCP_FOR_TRANSFER);
	else
		refuse(phone, call);
}

void td_sccp_key_conference(struct sccp_phone *phone, struct sccp_call *call)
{
	struct sccp_call *first = call ? td_sccp_feature_first(call) : NULL;

	if (!call || !call->leg || call->phase != SCCP_TALKING)
		refuse(phone, call);
	else if (call->purpose == SCCP_FOR_CONFERENCE && first)
		post_about(first, TD_LEG_CONFERENCE, call, NULL);
	else
		start_second(call, SCCP_FOR_CONFERENCE);
}

void td_sccp_key_park(struct sccp_phone *phone, struct sccp_call *call)
{
	if (call && call->leg && call->phase == SCCP_TALKING && phone->sccp->config->n_parks)
		post_about(call, TD_LEG_PARK, NULL, NULL);
	else
		refuse(phone, call);
}

/* ---- what becomes of it ---- */

static void on_done(struct sccp_call *call, const struct td_info *info)
{
	uint8_t asked = call->asked;

	call->asked = 0;
	if (asked == TD_LEG_PARK)
		td_sccp_show_note(call->phone, SCCP_TXT_PARK_AT, info->party.number);
	else if (asked == TD_LEG_CONFERENCE) {
		memset(&call->peer, 0, sizeof(call->peer));
		td_strlcpy(call->peer.name, "Conference", sizeof(call->peer.name));
		td_sccp_call_resume(call);
	}
}

static void on_failed(struct sccp_call *call)
{
	uint8_t asked = call->asked;

	call->asked = 0;
	td_sccp_show_note(call->phone, asked == TD_LEG_CONFERENCE ? SCCP_TXT_NO_CONFERENCE :
				       asked == TD_LEG_PARK ? SCCP_TXT_NO_PARK :
							      SCCP_TXT_NO_TRANSFER, "");
}

void td_sccp_feature_told(struct sccp_call *call, const struct td_info *info)
{
	if (info->transfer == TD_TRANSFER_DONE)
		on_done(call, info);
	else if (info->transfer == TD_TRANSFER_FAILED)
		on_failed(call);
	else if (info->transfer == TD_TRANSFER_RINGING && call->asked == TD_LEG_TRANSFER)
		td_sccp_call_hang_up(call);	/* the core has it back from there if it must */
}

/* ---- numbers that are not called ---- */

static void forward(struct sccp_call *call, const char *to)
{
	struct sccp_phone *phone = call->phone;
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, call->line);

	if (line)
		td_core_forward_all(phone->sccp->core, line->number, to);
	td_sccp_call_hang_up(call);
}

bool td_sccp_feature_dialled(struct sccp_call *call, const char *digits)
{
	struct sccp_call *first = td_sccp_feature_first(call);

	if (call->purpose == SCCP_FOR_FORWARD) {
		forward(call, digits);
		return true;
	}
	if (call->purpose != SCCP_FOR_TRANSFER || !first ||
	    call->phone->sccp->config->global.transfer_mode != CFG_TRANSFER_BLIND)
		return false;
	post_about(first, TD_LEG_TRANSFER, NULL, digits);
	td_sccp_call_hang_up(call);
	return true;
}

/* Pressed again, it takes the forwarding back. */
void td_sccp_key_forward_all(struct sccp_phone *phone, uint32_t instance)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(phone, instance ? instance : 1);
	struct td_core *core = phone->sccp->core;
	struct sccp_call *call = phone->active;

	if (!line)
		refuse(phone, NULL);
	else if (call && call->purpose == SCCP_FOR_FORWARD && call->digits[0])
		forward(call, call->digits);
	else if (td_core_forwarded_to(core, line->number)[0])
		td_core_forward_all(core, line->number, "");
	else
		td_sccp_call_start_for(phone, instance ? instance : 1, SCCP_FOR_FORWARD, 0);
}

void td_sccp_key_pickup(struct sccp_phone *phone, uint32_t line, bool group)
{
	struct sccp_call *call = phone->active;
	enum sccp_purpose purpose = group ? SCCP_FOR_GROUP_PICKUP : SCCP_FOR_PICKUP;

	if (call && call->purpose == purpose && call->phase == SCCP_DIALLING && !call->digits[0] &&
	    group)
		td_sccp_call_dial(call, "*");	/* again: the own group */
	else
		td_sccp_call_start_for(phone, line ? line : 1, purpose, 0);
}

/* ---- call back ---- */

bool td_sccp_may_call_back(const struct sccp_call *call)
{
	if (call->phase == SCCP_FAILED)
		return call->was_busy;
	return call->phase == SCCP_RINGING_OUT && call->purpose == SCCP_FOR_CALL &&
	       td_line_exists(call->phone->sccp->core, call->digits);
}

void td_sccp_key_call_back(struct sccp_phone *phone, struct sccp_call *call)
{
	const struct td_endpoint_line *line = call ? td_sccp_phone_line(phone, call->line) : NULL;

	if (!line || !td_sccp_may_call_back(call) ||
	    td_core_call_back(phone->sccp->core, phone->ep, line->number, call->digits,
			      call->phase == SCCP_RINGING_OUT)) {
		refuse(phone, call);
		return;
	}
	td_sccp_show_note(phone, SCCP_TXT_CALL_BACK, "");
	td_sccp_call_hang_up(call);
}

int td_sccp_call_back(void *driver, struct td_endpoint *ep, const char *number)
{
	struct sccp_phone *phone = ep->driver_priv;

	(void)driver;
	if (!phone->session || !phone->session->booted)
		return -EHOSTUNREACH;
	td_strlcpy(phone->redial, number, sizeof(phone->redial));
	td_sccp_show_free(phone, number);
	return 0;
}

/* ---- calls that come in ---- */

const char *td_sccp_divert_to(const struct sccp_call *call)
{
	const struct td_endpoint_line *line = call ? td_sccp_phone_line(call->phone, call->line) : NULL;

	return line ? line->forward.no_answer : "";
}

void td_sccp_key_divert(struct sccp_phone *phone, struct sccp_call *call)
{
	struct td_leg_event ev = { .type = TD_LEG_REDIRECT };

	if (!call || call->phase != SCCP_RINGING_IN || !call->leg || !td_sccp_divert_to(call)[0]) {
		refuse(phone, call);
		return;
	}
	td_strlcpy(ev.redirect_to, td_sccp_divert_to(call), sizeof(ev.redirect_to));
	td_leg_post(&call->leg->leg, &ev);
	td_sccp_call_hang_up(call);
}

/* For all its calls, also the one that is on. Phones with the same lines see it from the core. */
void td_sccp_key_privacy(struct sccp_phone *phone, struct sccp_call *call)
{
	bool on = !td_endpoint_is_private(phone->ep);

	td_endpoint_set_private(phone->sccp->core, phone->ep, on);
	td_log_info(TD_LOG_SCCP, "phone=%s privacy=%s", phone->id, on ? "on" : "off");
	if (call && call->phase == SCCP_TALKING)
		td_sccp_show_connected(call);
	else if (on)
		td_sccp_show_note(phone, SCCP_TXT_PRIVATE, "");
	td_sccp_send_functions(phone);
	td_sccp_keep_changed(phone->session);
}

/* While it rings the key silences; the caller is not refused. */
void td_sccp_key_dnd(struct sccp_phone *phone, struct sccp_call *call)
{
	if (!phone->active)
		call = td_sccp_call_in_phase(phone, SCCP_RINGING_IN);
	if (call && call->phase == SCCP_RINGING_IN) {
		td_sccp_show_silenced(call);
		return;
	}
	phone->dnd = !phone->dnd;
	td_sccp_show_idle_prompt(phone);
	td_sccp_send_functions(phone);
	td_sccp_keep_changed(phone->session);
}
