/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which message goes where. Before Register a connection may keep itself alive (phones hold
 * one to their second router), tell alarms and ask for a token; all else needs a phone.
 */
#include "userspace/sccp/sccp_priv.h"

static void log_alarm(const struct sccp_session *s, const struct sccp_msg *m)
{
	char text[sizeof(m->alarm.text)], peer[TD_ADDR_STRLEN];

	td_strlcpy(text, m->alarm.text, sizeof(text));
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p >= 0x7f)
			*p = '_';
	td_log_limited(TD_LOG_SCCP, TD_INFO, "address=%s alarm severity=%u: %s",
		       td_addr_ip(&s->peer, peer), m->alarm.severity, text);
}

static bool from_anybody(struct sccp_session *s, const struct sccp_msg *m)
{
	switch (m->id) {
	case SCCP_KEEP_ALIVE:
		s->stands_by = !s->phone;
		s->keepalives++;
		td_sccp_send_bare(s, SCCP_KEEP_ALIVE_ACK);
		return true;
	case SCCP_REGISTER:
		td_sccp_on_register(s, m);
		return true;
	case SCCP_REGISTER_TOKEN_REQ:
	case SCCP_SPCP_TOKEN_REQ:
		td_sccp_on_token(s, m);
		return true;
	case SCCP_ALARM:
		log_alarm(s, m);
		return true;
	case SCCP_UNREGISTER:
		td_sccp_on_unregister(s);
		return true;
	case SCCP_XML_ALARM:
	case SCCP_IP_PORT:	/* comes right behind Register, whatever that was answered */
		return true;
	default:
		return false;
	}
}

static void from_phone(struct sccp_session *s, struct sccp_phone *phone, const struct sccp_msg *m)
{
	switch (m->id) {
	case SCCP_CAPABILITIES_RES:
	case SCCP_UPDATE_CAPABILITIES:
	case SCCP_UPDATE_CAPABILITIES_V2:
	case SCCP_UPDATE_CAPABILITIES_V3:
		td_sccp_channel_caps(phone, m);
		break;
	case SCCP_OPEN_RECEIVE_CHANNEL_ACK:
		td_sccp_channel_on_ack(phone, m);
		break;
	case SCCP_MULTICAST_RECEPTION_ACK:
		td_sccp_page_on_ack(phone, m);
		break;
	case SCCP_START_MEDIA_TRANSMISSION_ACK:
		if (m->media_ack.status)
			td_sccp_channel_on_failure(phone, m);
		break;
	case SCCP_MEDIA_TRANSMISSION_FAILURE:
		td_sccp_channel_on_failure(phone, m);
		break;
	case SCCP_REGISTER_AVAILABLE_LINES:
		/* the end of the start of SPCP phones, which do not ask for the time */
		if (s->type >= 80000)
			td_sccp_phone_booted(phone);
		break;
	case SCCP_OFF_HOOK:
	case SCCP_OFF_HOOK_WITH_CALLING_PARTY:
	case SCCP_ON_HOOK:
	case SCCP_HOOK_FLASH:
	case SCCP_KEYPAD_BUTTON:
	case SCCP_ENBLOC_CALL:
	case SCCP_STIMULUS:
	case SCCP_SOFT_KEY_EVENT:
		td_sccp_on_key(phone, m);
		break;
	default:
		break;		/* told, and of no use to us: headset, paths, user data */
	}
}

static bool is_of_phone(uint32_t id)
{
	return id < 0x80 || (id >= 0x0154 && id <= 0x015a && id != SCCP_CALL_HISTORY_DISPOSITION);
}

void td_sccp_on_message(struct sccp_session *s, struct sccp_msg *m)
{
	if (from_anybody(s, m))
		return;
	if (!s->phone || !is_of_phone(m->id)) {
		s->sccp->n.unexpected++;
		td_log_limited(TD_LOG_SCCP, TD_WARN, "device=%s %s ignored: %s",
			       s->device[0] ? s->device : "?", td_sccp_name(m->id),
			       s->phone ? "it is not a phone's to send" : "not registered");
		return;
	}
	if (!td_sccp_boot_answer(s, m))
		from_phone(s, s->phone, m);
}
