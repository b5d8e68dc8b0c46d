/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a phone asks while it starts: its lines, buttons, the time. Every question
 * is answered, at worst with nothing in it: some firmware waits for ever otherwise. The time
 * is the last one; then the phone is there.
 */
#include "userspace/sccp/sccp_priv.h"

/* ---- lines ---- */

static void send_line(struct sccp_session *s, uint32_t instance)
{
	const struct td_endpoint_line *line = td_sccp_phone_line(s->phone, instance);
	struct sccp_msg m = { .id = SCCP_LINE_STAT };

	m.line.line = instance;
	if (line) {
		m.line.options = 15;	/* show numbers and names of both parties */
		td_sccp_text(s, m.line.number, sizeof(m.line.number), line->number);
		td_sccp_text(s, m.line.name, sizeof(m.line.name),
			     line->name[0] ? line->name :
			     s->phone->ep->name[0] ? s->phone->ep->name : line->number);
		td_sccp_text(s, m.line.label, sizeof(m.line.label),
			     line->label[0] ? line->label : line->number);
	}
	td_sccp_send(s, &m);
}

static void send_config(struct sccp_session *s)
{
	struct sccp_msg m = { .id = SCCP_CONFIG_STAT };

	td_strlcpy(m.config.device, s->device, sizeof(m.config.device));
	td_sccp_text(s, m.config.user_name, sizeof(m.config.user_name), s->phone->ep->name);
	td_sccp_text(s, m.config.server_name, sizeof(m.config.server_name),
		     s->sccp->config->global.hostname);
	m.config.lines = (uint32_t)s->phone->ep->n_lines;
	m.config.speed_dials = (uint32_t)s->phone->n_buttons;
	td_sccp_send(s, &m);
}

/* Another load than its own makes an old phone fetch it. */
static void send_version(struct sccp_session *s)
{
	struct sccp_msg m = { .id = SCCP_VERSION };

	td_strlcpy(m.version.load, s->phone->load[0] ? s->phone->load : s->load,
		   sizeof(m.version.load));
	td_sccp_send(s, &m);
}

/* The same list, in the same order, as in the phone's file. */
static void send_servers(struct sccp_session *s)
{
	const struct td_config *cfg = s->sccp->config;
	const struct td_addr *servers[] = {
		td_addr_is_set(&cfg->cluster.primary) ? &cfg->cluster.primary : &s->local,
		&cfg->cluster.secondary,
	};
	struct sccp_msg m = { .id = SCCP_SERVER_RES };
	char name[TD_ADDR_STRLEN];

	for (size_t i = 0; i < 2 && td_addr_is_set(servers[i]); i++) {
		td_strlcpy(m.servers.name[i], td_addr_ip(servers[i], name),
			   sizeof(m.servers.name[i]));
		m.servers.addr[i] = *servers[i];
		m.servers.addr[i].port = (uint16_t)cfg->sccp.port;
	}
	td_sccp_send(s, &m);
}

/* ---- what is not there is said, too ---- */

static void send_no_service(struct sccp_session *s, uint32_t index)
{
	struct sccp_msg m = { .id = SCCP_SERVICE_URL_STAT, .service = { .index = index } };

	td_sccp_send(s, &m);
}

static void send_no_subscription(struct sccp_session *s, const struct sccp_msg *q)
{
	struct sccp_msg m = { .id = SCCP_SUBSCRIPTION_STAT, .subscription = {
		.transaction = q->subscription.transaction, .feature = q->subscription.feature,
		.timer = q->subscription.timer, .cause = 1 } };

	td_sccp_send(s, &m);
}

bool td_sccp_boot_answer(struct sccp_session *s, const struct sccp_msg *m)
{
	switch (m->id) {
	case SCCP_BUTTON_TEMPLATE_REQ:
		td_sccp_send_buttons(s);
		return true;
	case SCCP_SOFT_KEY_TEMPLATE_REQ:
		td_sccp_send_soft_keys(s);
		return true;
	case SCCP_SOFT_KEY_SET_REQ:
		td_sccp_send_key_sets(s);
		return true;
	case SCCP_CONFIG_STAT_REQ:
		send_config(s);
		return true;
	case SCCP_LINE_STAT_REQ:
		send_line(s, m->number.value);
		return true;
	case SCCP_VERSION_REQ:
		send_version(s);
		return true;
	case SCCP_SERVER_REQ:
		send_servers(s);
		return true;
	case SCCP_SPEED_DIAL_STAT_REQ:
		td_sccp_send_speed_dial(s, m->number.value);
		return true;
	case SCCP_FEATURE_STAT_REQ:
		td_sccp_send_feature(s, m->feature_req.index);
		return true;
	case SCCP_SERVICE_URL_STAT_REQ:
		send_no_service(s, m->number.value);
		return true;
	case SCCP_FORWARD_STAT_REQ:
		td_sccp_send_forward(s, m->number.value);
		return true;
	case SCCP_SUBSCRIPTION_STAT_REQ:
		send_no_subscription(s, m);
		return true;
	case SCCP_TIME_DATE_REQ:
		td_sccp_send_time(s);
		td_sccp_phone_booted(s->phone);
		return true;
	default:
		return false;
	}
}
