/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Soft keys of Cisco's phones in a call (remotecc, in a REFER outside of all dialogs): park,
 * conference, join, call back. The dialog that a phone names must be its own. What becomes of the key stands
 * on the phone's screen; keys that we have no use for are declined.
 */
#include "userspace/sip/sip_cisco.h"

#include <stdio.h>

#include "userspace/base/log.h"
#include "userspace/sip/sip_leg.h"

#define SCREEN_S 10			/* how long it stands there */
#define NOT_POSSIBLE "Not possible"

static struct td_leg *leg_of(struct td_sip *sip, const struct cisco_dialog *d)
{
	sip_replaces_t rp[1];

	if (!d->given)
		return NULL;
	sip_replaces_init(rp);
	rp->rp_call_id = d->call_id;
	rp->rp_to_tag = d->remote_tag;	/* ours; the phone names them from its side */
	rp->rp_from_tag = d->local_tag;
	return td_sip_leg_replaced(sip, rp);
}

/* 0: it is the phone's own; else the status to answer. */
static int find_own(const struct sip_phone *phone, const struct cisco_dialog *d,
		    struct td_leg **leg)
{
	*leg = leg_of(phone->sip, d);
	if (!*leg)
		return 481;
	if ((*leg)->ep == phone->ep)
		return 0;
	td_log_limited(TD_LOG_SIP, TD_WARN, "phone=%s names a call of phone=%s: refused", phone->id,
		       (*leg)->ep ? (*leg)->ep->id : "-");
	return 403;
}

/* Whom the phone talks to in the other call joins the call of this leg. */
static int join(struct td_leg *leg, const struct td_leg *other)
{
	struct td_leg_event ev = { .type = TD_LEG_CONFERENCE };

	if (other == leg)
		return 481;
	ev.transfer.call_id = td_leg_call_id(other);
	ev.transfer.leg_id = other->id;
	return td_leg_post(leg, &ev) ? 500 : 202;
}

void td_cisco_show(struct sip_phone *phone, const char *text)
{
	struct cisco_order o = { .refer = true, .type = CISCO_REQUEST_TYPE };
	uint8_t room[1024];
	struct td_buf body;

	td_buf_init(&body, room, sizeof(room));
	td_cisco_write_screen(&body, text, SCREEN_S);
	o.body = (const char *)room;
	o.len = body.pos;
	if (!body.err && td_cisco_send(phone, &o))
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s is not told: %s", phone->id, text);
}

/* When it was busy there the call that the phone names is over here: its last one is meant. The
 * phone is rung when the other one is free, as any phone that dials the code. */
static int call_back(struct sip_phone *phone, const struct cisco_request *r,
		     char text[CISCO_SCREEN_LEN])
{
	const struct td_leg *leg = leg_of(phone->sip, &r->dialog);

	if (leg && leg->ep != phone->ep)
		return 403;
	if (td_core_call_back(phone->sip->core, phone->ep, "", "", false))
		snprintf(text, CISCO_SCREEN_LEN, NOT_POSSIBLE);
	else
		snprintf(text, CISCO_SCREEN_LEN, "CallBack %s", td_core_call_back_to(phone->ep));
	return 202;
}

static int use_key(struct sip_phone *phone, const struct cisco_request *r,
		   char text[CISCO_SCREEN_LEN])
{
	const struct td_leg_event park = { .type = TD_LEG_PARK };
	struct td_leg *leg, *other;
	int status;

	if (r->key == CISCO_KEY_CANCEL)
		return 202;
	if (r->key == CISCO_KEY_CALL_BACK)
		return call_back(phone, r, text);
	if (r->key != CISCO_KEY_PARK && r->key != CISCO_KEY_CONFERENCE && r->key != CISCO_KEY_JOIN) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s key=%s is not supported", phone->id,
			       r->name);
		return 603;
	}
	status = find_own(phone, &r->dialog, &leg);
	if (status)
		return status;
	if (r->key == CISCO_KEY_PARK)
		return td_leg_post(leg, &park) ? 500 : 202;
	status = find_own(phone, r->key == CISCO_KEY_JOIN ? &r->join : &r->consult, &other);
	return status ? status : join(leg, other);
}

int td_cisco_on_key(struct sip_phone *phone, const sip_t *s, char text[CISCO_SCREEN_LEN])
{
	const sip_content_type_t *ct = s->sip_content_type;
	const char *why, *boundary;
	struct cisco_message m;

	if (!ct || !ct->c_type || !s->sip_payload)
		return 405;
	boundary = msg_params_find(ct->c_params, "boundary=");
	if (td_cisco_read(&m, (struct td_str){ s->sip_payload->pl_data, s->sip_payload->pl_len },
			  ct->c_type, td_str_of(boundary), &why)) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s REFER refused: %s", phone->id, why);
		return 400;
	}
	if (m.location || m.response)
		return 202;
	return m.request.key == CISCO_KEY_NONE ? 603 : use_key(phone, &m.request, text);
}

void td_cisco_told(struct td_sip *sip, const struct td_endpoint *ep, const struct td_info *info)
{
	struct sip_phone *phone = ep ? td_sip_phone_by_id(sip, ep->id) : NULL;
	char text[CISCO_SCREEN_LEN] = NOT_POSSIBLE;

	if (!phone || !phone->cisco || info->transfer < TD_TRANSFER_DONE)
		return;
	if (info->transfer == TD_TRANSFER_DONE && !info->party.number[0])
		return;
	if (info->transfer == TD_TRANSFER_DONE)
		snprintf(text, sizeof(text), "Parked at %s", info->party.number);
	td_cisco_show(phone, text);
}
