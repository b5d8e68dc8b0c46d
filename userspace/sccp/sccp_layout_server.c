/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. What phones are sent: one row per message, one layout per kind of body. A phone
 * resets itself when a message has an id or a size that it does not know, so lengths here
 * are those that real call managers send.
 */
#include "userspace/sccp/sccp_wire.h"

/* The template's field is 6 bytes and 2 to align; the oldest phones stop behind it. */
static void lay_register_ack(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->reg_ack.keep_alive);
	w_text(w, m->reg_ack.date_template, sizeof(m->reg_ack.date_template), 8);
	w_u32(w, &m->reg_ack.secondary_keep_alive);
	w_u8(w, &m->reg_ack.version);
	w_bytes(w, m->reg_ack.features, sizeof(m->reg_ack.features));
}

static void lay_reject(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->reject.text, sizeof(m->reject.text), 32);
}

static void lay_number(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->number.value);
}

static void lay_call(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->call.line);
	w_u32(w, &m->call.ref);
}

static void lay_start_tone(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->tone.tone);
	w_u32(w, &m->tone.direction);
	w_u32(w, &m->tone.line);
	w_u32(w, &m->tone.ref);
}

static void lay_stop_tone(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->tone.line);
	w_u32(w, &m->tone.ref);
	if (w->version >= 11)
		w_u32(w, &m->tone.tone);
}

static void lay_ringer(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->ringer.mode);
	w_u32(w, &m->ringer.duration);
	w_u32(w, &m->ringer.line);
	w_u32(w, &m->ringer.ref);
}

static void lay_lamp(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->lamp.stimulus);
	w_u32(w, &m->lamp.instance);
	w_u32(w, &m->lamp.mode);
}

/* Algorithm 0 (none) and room for a key; newer ones add MKI and key derivation. Sources differ
 * on which version added the last fields by one; a phone ignores what it does not expect at the
 * end, so they are sent from the earlier one on. */
#define CRYPTO 48
#define LATENT_CAPS 36

static void lay_start_media(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media.conference);
	w_u32(w, &m->media.party);
	w_addr(w, &m->media.addr);
	w_port(w, &m->media.addr);
	w_u32(w, &m->media.ms);
	w_u32(w, &m->media.payload);
	w_u32(w, &m->media.precedence);
	w_u32(w, &m->media.silence);
	w_skip(w, 4 + 4);		/* most frames in a packet, G.723's rate */
	w_u32(w, &m->media.ref);
	w_skip(w, CRYPTO + 8);		/* and two ids of streams */
	w_u32(w, &m->media.dtmf_payload);
	w_skip(w, 4 + 4 + 4);		/* kind of DTMF, mixing, direction */
	if (w->version >= 21)
		w_skip(w, LATENT_CAPS);
}

/* The source is not known before the other party's channel is open: none. */
static void lay_open_channel(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media.conference);
	w_u32(w, &m->media.party);
	w_u32(w, &m->media.ms);
	w_u32(w, &m->media.payload);
	w_u32(w, &m->media.echo_cancel);
	w_skip(w, 4);			/* G.723's rate */
	w_u32(w, &m->media.ref);
	w_skip(w, CRYPTO + 8);
	w_u32(w, &m->media.dtmf_payload);
	w_skip(w, 4 + 4 + 4);		/* kind of DTMF, mixing, direction */
	w_addr(w, &m->media.addr);
	w_port(w, &m->media.addr);
	if (w->version >= 16)
		w_u32(w, &m->media.wants_ip6);
	if (w->version >= 22)
		w_skip(w, 4 + LATENT_CAPS);	/* audio level */
}

static void lay_start_multicast(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media.conference);
	w_u32(w, &m->media.party);
	w_addr(w, &m->media.addr);
	w_port(w, &m->media.addr);
	w_u32(w, &m->media.ms);
	w_u32(w, &m->media.payload);
	w_u32(w, &m->media.echo_cancel);
	w_skip(w, 4);			/* G.723's rate */
	w_u32(w, &m->media.ref);
}

static void lay_stop_multicast(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_stop.conference);
	w_u32(w, &m->media_stop.party);
	w_u32(w, &m->media_stop.ref);
}

static void lay_media_stop(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_stop.conference);
	w_u32(w, &m->media_stop.party);
	w_u32(w, &m->media_stop.ref);
	w_u32(w, &m->media_stop.keep_port);
}

static void lay_stats_req(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->stats_req.number, sizeof(m->stats_req.number), w->version < 18 ? 24 : 28);
	w_u32(w, &m->stats_req.ref);
	w_u32(w, &m->stats_req.mode);
}

static void dn24(struct wire *w, char s[SCCP_DN_LEN])
{
	w_text(w, s, SCCP_DN_LEN, 24);
}

static void name40(struct wire *w, char s[SCCP_NAME_LEN])
{
	w_text(w, s, SCCP_NAME_LEN, 40);
}

static void lay_call_info(struct wire *w, struct sccp_msg *m)
{
	struct sccp_call_info *i = &m->info;

	name40(w, i->calling_name);
	dn24(w, i->calling);
	name40(w, i->called_name);
	dn24(w, i->called);
	w_u32(w, &i->line);
	w_u32(w, &i->ref);
	w_u32(w, &i->type);
	name40(w, i->original_called_name);
	dn24(w, i->original_called);
	name40(w, i->last_redirecting_name);
	dn24(w, i->last_redirecting);
	w_u32(w, &i->original_reason);
	w_u32(w, &i->last_reason);
	dn24(w, i->calling_box);
	dn24(w, i->called_box);
	dn24(w, i->original_called_box);
	dn24(w, i->last_redirecting_box);
	w_u32(w, &i->instance);
	w_u32(w, &i->security);
	w_u32(w, &i->restrictions);
}

static void zdn(struct wire *w, char s[SCCP_DN_LEN])
{
	w_zstr(w, s, SCCP_DN_LEN);
}

static void zname(struct wire *w, char s[SCCP_NAME_LEN])
{
	w_zstr(w, s, SCCP_NAME_LEN);
}

/* Twelve texts, from version 16 on fifteen. */
static void lay_call_info_dyn(struct wire *w, struct sccp_msg *m)
{
	struct sccp_call_info *i = &m->info;

	w_u32(w, &i->line);
	w_u32(w, &i->ref);
	w_u32(w, &i->type);
	w_u32(w, &i->original_reason);
	w_u32(w, &i->last_reason);
	w_u32(w, &i->instance);
	w_u32(w, &i->security);
	w_u32(w, &i->restrictions);
	zdn(w, i->calling);
	if (w->version >= 16)
		zdn(w, i->alternate_calling);
	zdn(w, i->called);
	zdn(w, i->original_called);
	zdn(w, i->last_redirecting);
	zdn(w, i->calling_box);
	zdn(w, i->called_box);
	zdn(w, i->original_called_box);
	zdn(w, i->last_redirecting_box);
	zname(w, i->calling_name);
	zname(w, i->called_name);
	zname(w, i->original_called_name);
	zname(w, i->last_redirecting_name);
	if (w->version >= 16) {
		zdn(w, i->hunt_pilot);
		zname(w, i->hunt_pilot_name);
	}
}

static void lay_forward(struct wire *w, struct sccp_msg *m)
{
	uint32_t any = m->forward.all || m->forward.busy || m->forward.no_answer;

	w_u32(w, &any);
	w_u32(w, &m->forward.line);
	w_u32(w, &m->forward.all);
	w_dn(w, m->forward.all_to);
	w_u32(w, &m->forward.busy);
	w_dn(w, m->forward.busy_to);
	w_u32(w, &m->forward.no_answer);
	w_dn(w, m->forward.no_answer_to);
}

static void lay_speed_dial(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->speed_dial.index);
	dn24(w, m->speed_dial.number);
	w_text(w, m->speed_dial.label, sizeof(m->speed_dial.label), 40);
}

static void lay_line(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->line.line);
	dn24(w, m->line.number);
	w_text(w, m->line.name, sizeof(m->line.name), 40);
	w_text(w, m->line.label, sizeof(m->line.label), 40);
	w_u32(w, &m->line.options);
}

static void lay_line_dyn(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->line.line);
	w_u32(w, &m->line.options);
	zdn(w, m->line.number);
	w_zstr(w, m->line.name, sizeof(m->line.name));
	w_zstr(w, m->line.label, sizeof(m->line.label));
}

static void lay_config(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->config.device, sizeof(m->config.device), 16);
	w_u32(w, &m->config.user);
	w_u32(w, &m->config.instance);
	w_text(w, m->config.user_name, sizeof(m->config.user_name), 40);
	w_text(w, m->config.server_name, sizeof(m->config.server_name), 40);
	w_u32(w, &m->config.lines);
	w_u32(w, &m->config.speed_dials);
}

static void lay_time(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->time.year);
	w_u32(w, &m->time.month);
	w_u32(w, &m->time.weekday);
	w_u32(w, &m->time.day);
	w_u32(w, &m->time.hour);
	w_u32(w, &m->time.minute);
	w_u32(w, &m->time.second);
	w_u32(w, &m->time.ms);
	w_u32(w, &m->time.unix_s);
}

/* 42 pairs always; phones with expansion modules get as many more as there are. */
static void lay_buttons(struct wire *w, struct sccp_msg *m)
{
	uint32_t offset = 0, total = m->buttons.n, room;
	struct sccp_button none = { 0, 0xff };

	w_u32(w, &offset);
	w_u32(w, &m->buttons.n);
	w_u32(w, &total);
	if (m->buttons.n > SCCP_BUTTONS)
		m->buttons.n = SCCP_BUTTONS;
	room = m->buttons.n > 42 ? SCCP_BUTTONS : 42;
	for (uint32_t i = 0; i < room; i++) {
		struct sccp_button *b = i < m->buttons.n ? &m->buttons.button[i] : &none;

		w_u8(w, &b->instance);
		w_u8(w, &b->type);
	}
}

static void lay_version(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->version.load, sizeof(m->version.load), 16);
}

static void lay_servers(struct wire *w, struct sccp_msg *m)
{
	for (int i = 0; i < SCCP_SERVERS; i++)
		w_text(w, m->servers.name[i], sizeof(m->servers.name[i]), 48);
	for (int i = 0; i < SCCP_SERVERS; i++)
		w_port(w, &m->servers.addr[i]);
	for (int i = 0; i < SCCP_SERVERS; i++)
		w_addr(w, &m->servers.addr[i]);
}

static void lay_soft_keys(struct wire *w, struct sccp_msg *m)
{
	uint32_t offset = 0, total = m->soft_keys.n;
	struct sccp_soft_key none;

	w_u32(w, &offset);
	w_u32(w, &m->soft_keys.n);
	w_u32(w, &total);
	if (m->soft_keys.n > SCCP_SOFT_KEYS)
		m->soft_keys.n = SCCP_SOFT_KEYS;
	for (uint32_t i = 0; i < SCCP_SOFT_KEYS; i++) {
		struct sccp_soft_key *k = i < m->soft_keys.n ? &m->soft_keys.key[i] : &none;

		memset(&none, 0, sizeof(none));
		w_bytes(w, k->label, sizeof(k->label));
		w_u32(w, &k->event);
	}
}

static void lay_key_sets(struct wire *w, struct sccp_msg *m)
{
	uint32_t offset = 0, total = m->key_sets.n;
	struct sccp_key_set none;

	w_u32(w, &offset);
	w_u32(w, &m->key_sets.n);
	w_u32(w, &total);
	if (m->key_sets.n > SCCP_KEY_SETS)
		m->key_sets.n = SCCP_KEY_SETS;
	for (uint32_t i = 0; i < SCCP_KEY_SETS; i++) {
		struct sccp_key_set *s = i < m->key_sets.n ? &m->key_sets.set[i] : &none;

		memset(&none, 0, sizeof(none));
		w_bytes(w, s->key, sizeof(s->key));
		for (int k = 0; k < SCCP_SET_KEYS; k++)
			w_u16(w, &s->info[k]);
	}
}

static void lay_select(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->select.line);
	w_u32(w, &m->select.ref);
	w_u32(w, &m->select.set);
	w_u32(w, &m->select.mask);
}

static void lay_state(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->state.state);
	w_u32(w, &m->state.line);
	w_u32(w, &m->state.ref);
	w_u32(w, &m->state.privacy);
	w_u32(w, &m->state.precedence);
	w_u32(w, &m->state.domain);
}

static void lay_prompt(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->text.timeout);
	w_text(w, m->text.text, sizeof(m->text.text), 32);
	w_u32(w, &m->text.line);
	w_u32(w, &m->text.ref);
}

static void lay_prompt_dyn(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->text.timeout);
	w_u32(w, &m->text.line);
	w_u32(w, &m->text.ref);
	w_zstr(w, m->text.text, sizeof(m->text.text));
}

static void lay_notify(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->text.timeout);
	w_text(w, m->text.text, sizeof(m->text.text), 32);
}

static void lay_notify_dyn(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->text.timeout);
	w_zstr(w, m->text.text, sizeof(m->text.text));
}

static void lay_pri_notify(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->text.timeout);
	w_u32(w, &m->text.priority);
	w_text(w, m->text.text, sizeof(m->text.text), 32);
}

static void lay_pri_notify_dyn(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->text.timeout);
	w_u32(w, &m->text.priority);
	w_zstr(w, m->text.text, sizeof(m->text.text));
}

static void lay_dialed(struct wire *w, struct sccp_msg *m)
{
	w_dn(w, m->dialed.number);
	w_u32(w, &m->dialed.line);
	w_u32(w, &m->dialed.ref);
}

static void lay_service(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->service.index);
	w_text(w, m->service.url, sizeof(m->service.url), 256);
	w_text(w, m->service.label, sizeof(m->service.label), 40);
}

static void lay_service_dyn(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->service.index);
	w_zstr(w, m->service.url, sizeof(m->service.url));
	w_zstr(w, m->service.label, sizeof(m->service.label));
}

static void lay_feature(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->feature.index);
	w_u32(w, &m->feature.type);
	w_text(w, m->feature.label, sizeof(m->feature.label), 40);
	w_u32(w, &m->feature.state);
}

static void lay_feature_dyn(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->feature.index);
	w_u32(w, &m->feature.type);
	w_u32(w, &m->feature.state);
	w_zstr(w, m->feature.label, sizeof(m->feature.label));
}

static void lay_select_stat(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->select_stat.status);
	w_u32(w, &m->select_stat.ref);
	w_u32(w, &m->select_stat.line);
}

static void lay_subscription(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->subscription.transaction);
	w_u32(w, &m->subscription.feature);
	w_u32(w, &m->subscription.timer);
	w_u32(w, &m->subscription.cause);
}

static void lay_notification(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->notification.transaction);
	w_u32(w, &m->notification.feature);
	w_u32(w, &m->notification.state);
	w_text(w, m->notification.text, sizeof(m->notification.text), 97);
	if (w->out)
		w_skip(w, 3);
}

static void lay_history(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->history.disposition);
	w_u32(w, &m->history.line);
	w_u32(w, &m->history.ref);
}

#define ROW(id, least, member, name, layout) \
	{ id, SCCP_TO_PHONE, least, SCCP_SIZE(member), name, layout }
#define BARE(id, name) { id, SCCP_TO_PHONE, 0, 0, name, NULL }

const struct sccp_row td_sccp_to_phone[] = {
	ROW(SCCP_REGISTER_ACK, 12, reg_ack, "RegisterAck", lay_register_ack),
	ROW(SCCP_START_TONE, 4, tone, "StartTone", lay_start_tone),
	ROW(SCCP_STOP_TONE, 0, tone, "StopTone", lay_stop_tone),
	ROW(SCCP_SET_RINGER, 4, ringer, "SetRinger", lay_ringer),
	ROW(SCCP_SET_LAMP, 12, lamp, "SetLamp", lay_lamp),
	ROW(SCCP_SET_SPEAKER_MODE, 4, number, "SetSpeakerMode", lay_number),
	ROW(SCCP_SET_MICRO_MODE, 4, number, "SetMicroMode", lay_number),
	ROW(SCCP_START_MEDIA_TRANSMISSION, 44, media, "StartMediaTransmission", lay_start_media),
	ROW(SCCP_STOP_MEDIA_TRANSMISSION, 8, media_stop, "StopMediaTransmission", lay_media_stop),
	ROW(SCCP_CALL_INFO, 140, info, "CallInfo", lay_call_info),
	ROW(SCCP_FORWARD_STAT, 12, forward, "ForwardStat", lay_forward),
	ROW(SCCP_SPEED_DIAL_STAT, 4, speed_dial, "SpeedDialStat", lay_speed_dial),
	ROW(SCCP_LINE_STAT, 28, line, "LineStat", lay_line),
	ROW(SCCP_CONFIG_STAT, 112, config, "ConfigStat", lay_config),
	ROW(SCCP_DEFINE_TIME_DATE, 32, time, "DefineTimeDate", lay_time),
	ROW(SCCP_BUTTON_TEMPLATE, 12, buttons, "ButtonTemplate", lay_buttons),
	ROW(SCCP_VERSION, 1, version, "Version", lay_version),
	BARE(SCCP_CAPABILITIES_REQ, "CapabilitiesReq"),
	ROW(SCCP_REGISTER_REJECT, 1, reject, "RegisterReject", lay_reject),
	ROW(SCCP_SERVER_RES, 280, servers, "ServerRes", lay_servers),
	ROW(SCCP_RESET, 4, number, "Reset", lay_number),
	BARE(SCCP_KEEP_ALIVE_ACK, "KeepAliveAck"),
	ROW(SCCP_START_MULTICAST_RECEPTION, 32, media, "StartMulticastMediaReception",
	    lay_start_multicast),
	ROW(SCCP_STOP_MULTICAST_RECEPTION, 8, media_stop, "StopMulticastMediaReception",
	    lay_stop_multicast),
	ROW(SCCP_OPEN_RECEIVE_CHANNEL, 28, media, "OpenReceiveChannel", lay_open_channel),
	ROW(SCCP_CLOSE_RECEIVE_CHANNEL, 8, media_stop, "CloseReceiveChannel", lay_media_stop),
	ROW(SCCP_CONNECTION_STATISTICS_REQ, 24, stats_req, "ConnectionStatisticsReq", lay_stats_req),
	ROW(SCCP_SOFT_KEY_TEMPLATE_RES, 12, soft_keys, "SoftKeyTemplateRes", lay_soft_keys),
	ROW(SCCP_SOFT_KEY_SET_RES, 12, key_sets, "SoftKeySetRes", lay_key_sets),
	ROW(SCCP_SELECT_SOFT_KEYS, 12, select, "SelectSoftKeys", lay_select),
	ROW(SCCP_CALL_STATE, 12, state, "CallState", lay_state),
	ROW(SCCP_DISPLAY_PROMPT_STATUS, 36, text, "DisplayPromptStatus", lay_prompt),
	ROW(SCCP_CLEAR_PROMPT_STATUS, 8, call, "ClearPromptStatus", lay_call),
	ROW(SCCP_DISPLAY_NOTIFY, 4, text, "DisplayNotify", lay_notify),
	BARE(SCCP_CLEAR_NOTIFY, "ClearNotify"),
	ROW(SCCP_ACTIVATE_CALL_PLANE, 4, number, "ActivateCallPlane", lay_number),
	BARE(SCCP_DEACTIVATE_CALL_PLANE, "DeactivateCallPlane"),
	ROW(SCCP_UNREGISTER_ACK, 4, number, "UnregisterAck", lay_number),
	ROW(SCCP_BACK_SPACE, 8, call, "BackSpace", lay_call),
	BARE(SCCP_REGISTER_TOKEN_ACK, "RegisterTokenAck"),
	ROW(SCCP_REGISTER_TOKEN_REJECT, 4, number, "RegisterTokenReject", lay_number),
	ROW(SCCP_DIALED_NUMBER, 24, dialed, "DialedNumber", lay_dialed),
	ROW(SCCP_FEATURE_STAT, 48, feature, "FeatureStat", lay_feature),
	ROW(SCCP_DISPLAY_PRI_NOTIFY, 8, text, "DisplayPriNotify", lay_pri_notify),
	ROW(SCCP_CLEAR_PRI_NOTIFY, 4, number, "ClearPriNotify", lay_number),
	ROW(SCCP_SERVICE_URL_STAT, 4, service, "ServiceUrlStat", lay_service),
	ROW(SCCP_CALL_SELECT_STAT, 12, select_stat, "CallSelectStat", lay_select_stat),
	ROW(SCCP_DISPLAY_NOTIFY_DYN, 4, text, "DisplayDynamicNotify", lay_notify_dyn),
	ROW(SCCP_DISPLAY_PRI_NOTIFY_DYN, 8, text, "DisplayDynamicPriNotify", lay_pri_notify_dyn),
	ROW(SCCP_DISPLAY_PROMPT_STATUS_DYN, 12, text, "DisplayDynamicPromptStatus", lay_prompt_dyn),
	ROW(SCCP_FEATURE_STAT_DYN, 12, feature, "FeatureStatDynamic", lay_feature_dyn),
	ROW(SCCP_LINE_STAT_DYN, 8, line, "LineStatDynamic", lay_line_dyn),
	ROW(SCCP_SERVICE_URL_STAT_DYN, 4, service, "ServiceUrlStatDynamic", lay_service_dyn),
	ROW(SCCP_CALL_INFO_DYN, 32, info, "CallInfoDynamic", lay_call_info_dyn),
	ROW(SCCP_SUBSCRIPTION_STAT, 16, subscription, "SubscriptionStat", lay_subscription),
	ROW(SCCP_NOTIFICATION, 12, notification, "Notification", lay_notification),
	ROW(SCCP_CALL_HISTORY_DISPOSITION, 12, history, "CallHistoryDisposition", lay_history),
	ROW(SCCP_SPCP_TOKEN_ACK, 4, number, "SpcpRegisterTokenAck", lay_number),
	ROW(SCCP_SPCP_TOKEN_REJECT, 4, number, "SpcpRegisterTokenReject", lay_number),
};
const size_t td_sccp_n_to_phone = SCCP_N(td_sccp_to_phone);
