/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. What phones send: one row per message, one layout per kind of body. Offsets are
 * told by the order of the fields. Where old and new firmware differ, the version word of
 * the frame decides; where only the length tells, the length.
 */
#include "userspace/sccp/sccp_wire.h"

static void lay_register(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->reg.device, sizeof(m->reg.device), 16);
	w_u32(w, &m->reg.user);
	w_u32(w, &m->reg.instance);
	w_ip4(w, &m->reg.ip4);
	w_u32(w, &m->reg.type);
	w_u32(w, &m->reg.max_streams);
	w_u32(w, &m->reg.active_streams);
	w_u8(w, &m->reg.version);
	w_bytes(w, m->reg.features, sizeof(m->reg.features));
	w_skip(w, 8);			/* conferences: most, active */
	w_bytes(w, m->reg.mac, sizeof(m->reg.mac));
	w_skip(w, 6 + 4);		/* rest of the MAC field, scope of the IPv4 address */
	w_u32(w, &m->reg.max_lines);
	w_ip6(w, &m->reg.ip6);
	w_skip(w, 4);			/* scope of the IPv6 address */
	w_text(w, m->reg.load, sizeof(m->reg.load), 32);
}

static void lay_token(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->reg.device, sizeof(m->reg.device), 16);
	w_u32(w, &m->reg.user);
	w_u32(w, &m->reg.instance);
	w_ip4(w, &m->reg.ip4);
	w_u32(w, &m->reg.type);
	w_ip6(w, &m->reg.ip6);
	w_skip(w, 4);
}

static void lay_spcp_token(struct wire *w, struct sccp_msg *m)
{
	w_text(w, m->reg.device, sizeof(m->reg.device), 16);
	w_u32(w, &m->reg.user);
	w_u32(w, &m->reg.instance);
	w_ip4(w, &m->reg.ip4);
	w_u32(w, &m->reg.type);
	w_u32(w, &m->reg.max_streams);
}

static void lay_number(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->number.value);
}

static void lay_key(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->key.button);
	w_u32(w, &m->key.line);
	w_u32(w, &m->key.ref);
}

/* From version 18 on some firmware packs the line behind the 25 bytes of the number, some
 * aligns it; both fill up to the same length. */
static void lay_enbloc(struct wire *w, struct sccp_msg *m)
{
	size_t start = w->b.pos;
	uint32_t packed = 0;

	w_dn(w, m->enbloc.number);
	if (w->version >= 18 && !w->out) {
		packed = td_buf_get_le32(&w->b);
		w->b.pos = start + 28 <= w->b.len ? start + 28 : w->b.len;
	} else if (w->version >= 18) {
		w_skip(w, 3);
	}
	if (w->version >= 17)
		w_u32(w, &m->enbloc.line);
	if (!w->out && w->version >= 18 && (!m->enbloc.line || m->enbloc.line > 255))
		m->enbloc.line = packed <= 255 ? packed : 0;
}

static void lay_stimulus(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->stimulus.stimulus);
	w_u32(w, &m->stimulus.instance);
	w_u32(w, &m->stimulus.ref);
	w_u32(w, &m->stimulus.status);
}

static void lay_call(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->call.line);
	w_u32(w, &m->call.ref);
}

static void lay_soft_key(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->soft_key.event);
	w_u32(w, &m->soft_key.line);
	w_u32(w, &m->soft_key.ref);
}

static void lay_off_hook_cgpn(struct wire *w, struct sccp_msg *m)
{
	w_dn(w, m->off_hook_cgpn.number);
	w_dn(w, m->off_hook_cgpn.box);
	w_u32(w, &m->off_hook_cgpn.line);
}

static void lay_feature_req(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->feature_req.index);
	w_u32(w, &m->feature_req.capabilities);
}

static void lay_cap(struct wire *w, struct sccp_cap *c)
{
	w_u32(w, &c->payload);
	w_u32(w, &c->max_ms);
	w_skip(w, 8);
}

static void lay_capabilities(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->caps.n);
	if (m->caps.n > SCCP_CAPS)
		m->caps.n = SCCP_CAPS;
	for (uint32_t i = 0; i < m->caps.n; i++)
		lay_cap(w, &m->caps.cap[i]);
	if (w->out)
		w_skip(w, 16 * (SCCP_CAPS - m->caps.n));
}

/* Counts of audio, video, data; resources up to 312; audio; then video and data, unread. */
static void update_capabilities(struct wire *w, struct sccp_msg *m, size_t behind)
{
	w_u32(w, &m->caps.n);
	if (m->caps.n > SCCP_CAPS)
		m->caps.n = SCCP_CAPS;
	w_skip(w, 312 - 4);
	for (uint32_t i = 0; i < m->caps.n; i++)
		lay_cap(w, &m->caps.cap[i]);
	if (w->out)
		w_skip(w, 16 * (SCCP_CAPS - m->caps.n) + behind);
}

static void lay_update_caps(struct wire *w, struct sccp_msg *m)
{
	update_capabilities(w, m, 10 * 116 + 5 * 16);
}

static void lay_update_caps_v2(struct wire *w, struct sccp_msg *m)
{
	update_capabilities(w, m, 10 * 132 + 5 * 16);
}

static void lay_update_caps_v3(struct wire *w, struct sccp_msg *m)
{
	update_capabilities(w, m, 10 * 140 + 5 * 20);
}

static void lay_alarm(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->alarm.severity);
	w_text(w, m->alarm.text, sizeof(m->alarm.text), 80);
	w_u32(w, &m->alarm.p1);
	w_u32(w, &m->alarm.p2);
}

static void lay_multicast_ack(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_ack.status);
	w_u32(w, &m->media_ack.party);
	w_u32(w, &m->media_ack.ref);
}

static void lay_open_ack(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_ack.status);
	w_addr(w, &m->media_ack.addr);
	w_port(w, &m->media_ack.addr);
	w_u32(w, &m->media_ack.party);
	w_u32(w, &m->media_ack.ref);
}

static void lay_start_ack(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_ack.conference);
	w_u32(w, &m->media_ack.party);
	w_u32(w, &m->media_ack.ref);
	w_addr(w, &m->media_ack.addr);
	w_port(w, &m->media_ack.addr);
	w_u32(w, &m->media_ack.status);
}

static void lay_media_failure(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_ack.conference);
	w_u32(w, &m->media_ack.party);
	w_addr(w, &m->media_ack.addr);
	w_port(w, &m->media_ack.addr);
	w_u32(w, &m->media_ack.ref);
}

static void lay_port_response(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->media_ack.conference);
	w_u32(w, &m->media_ack.ref);
	w_u32(w, &m->media_ack.party);
	w_addr(w, &m->media_ack.addr);
	w_port(w, &m->media_ack.addr);
	w_skip(w, w->version < 19 ? 4 : 8);	/* RTCP port, kind of media */
}

/* Version 22 is packed: the mode is one byte and all that follows moves. */
static void lay_stats(struct wire *w, struct sccp_msg *m)
{
	uint8_t mode = (uint8_t)m->stats.mode;
	uint32_t text = (uint32_t)strlen(m->stats.text);

	w_text(w, m->stats.number, sizeof(m->stats.number), w->version < 18 ? 24 : 28);
	w_u32(w, &m->stats.ref);
	if (w->version < 22) {
		w_u32(w, &m->stats.mode);
	} else {
		w_u8(w, &mode);
		m->stats.mode = mode;
	}
	w_u32(w, &m->stats.sent);
	w_u32(w, &m->stats.sent_octets);
	w_u32(w, &m->stats.received);
	w_u32(w, &m->stats.received_octets);
	w_u32(w, &m->stats.lost);
	w_u32(w, &m->stats.jitter);
	w_u32(w, &m->stats.latency);
	if (!w->out && !td_buf_left(&w->b))
		return;			/* old ones have no text */
	w_u32(w, &text);
	if (w->out)
		td_buf_put_bytes(&w->b, m->stats.text, text);
	else
		w_text(w, m->stats.text, sizeof(m->stats.text),
		       text < td_buf_left(&w->b) ? text : td_buf_left(&w->b));
}

static void lay_path(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->path.path);
	w_u32(w, &m->path.state);
}

static void lay_subscription(struct wire *w, struct sccp_msg *m)
{
	w_u32(w, &m->subscription.transaction);
	w_u32(w, &m->subscription.feature);
	w_u32(w, &m->subscription.timer);
	w_text(w, m->subscription.id, sizeof(m->subscription.id), 64);
}

/* Kept, not understood: user data, XML alarms, add-on modules. */
static void lay_blob(struct wire *w, struct sccp_msg *m)
{
	if (!w->out)
		m->blob.len = (uint32_t)(td_buf_left(&w->b) < SCCP_BLOB ? td_buf_left(&w->b) :
									 SCCP_BLOB);
	w_bytes(w, m->blob.data, m->blob.len);
}

#define ROW(id, least, member, name, layout) \
	{ id, SCCP_FROM_PHONE, least, SCCP_SIZE(member), name, layout }
#define BARE(id, name) { id, SCCP_FROM_PHONE, 0, 0, name, NULL }

const struct sccp_row td_sccp_from_phone[] = {
	BARE(SCCP_KEEP_ALIVE, "KeepAlive"),
	ROW(SCCP_REGISTER, 36, reg, "Register", lay_register),
	ROW(SCCP_IP_PORT, 2, number, "IpPort", lay_number),
	ROW(SCCP_KEYPAD_BUTTON, 4, key, "KeypadButton", lay_key),
	ROW(SCCP_ENBLOC_CALL, 1, enbloc, "EnblocCall", lay_enbloc),
	ROW(SCCP_STIMULUS, 4, stimulus, "Stimulus", lay_stimulus),
	ROW(SCCP_OFF_HOOK, 0, call, "OffHook", lay_call),
	ROW(SCCP_ON_HOOK, 0, call, "OnHook", lay_call),
	ROW(SCCP_HOOK_FLASH, 0, call, "HookFlash", lay_call),
	ROW(SCCP_FORWARD_STAT_REQ, 4, number, "ForwardStatReq", lay_number),
	ROW(SCCP_SPEED_DIAL_STAT_REQ, 4, number, "SpeedDialStatReq", lay_number),
	ROW(SCCP_LINE_STAT_REQ, 4, number, "LineStatReq", lay_number),
	BARE(SCCP_CONFIG_STAT_REQ, "ConfigStatReq"),
	BARE(SCCP_TIME_DATE_REQ, "TimeDateReq"),
	BARE(SCCP_BUTTON_TEMPLATE_REQ, "ButtonTemplateReq"),
	BARE(SCCP_VERSION_REQ, "VersionReq"),
	ROW(SCCP_CAPABILITIES_RES, 4, caps, "CapabilitiesRes", lay_capabilities),
	ROW(SCCP_MEDIA_PORT_LIST, 0, blob, "MediaPortList", lay_blob),
	BARE(SCCP_SERVER_REQ, "ServerReq"),
	ROW(SCCP_ALARM, 4, alarm, "Alarm", lay_alarm),
	ROW(SCCP_MULTICAST_RECEPTION_ACK, 8, media_ack, "MulticastMediaReceptionAck",
	    lay_multicast_ack),
	ROW(SCCP_OPEN_RECEIVE_CHANNEL_ACK, 16, media_ack, "OpenReceiveChannelAck", lay_open_ack),
	ROW(SCCP_CONNECTION_STATISTICS_RES, 28, stats, "ConnectionStatisticsRes", lay_stats),
	ROW(SCCP_OFF_HOOK_WITH_CALLING_PARTY, 1, off_hook_cgpn, "OffHookWithCallingPartyNumber",
	    lay_off_hook_cgpn),
	BARE(SCCP_SOFT_KEY_SET_REQ, "SoftKeySetReq"),
	ROW(SCCP_SOFT_KEY_EVENT, 4, soft_key, "SoftKeyEvent", lay_soft_key),
	ROW(SCCP_UNREGISTER, 0, number, "Unregister", lay_number),
	BARE(SCCP_SOFT_KEY_TEMPLATE_REQ, "SoftKeyTemplateReq"),
	ROW(SCCP_REGISTER_TOKEN_REQ, 16, reg, "RegisterTokenReq", lay_token),
	ROW(SCCP_MEDIA_TRANSMISSION_FAILURE, 8, media_ack, "MediaTransmissionFailure",
	    lay_media_failure),
	ROW(SCCP_HEADSET_STATUS, 4, number, "HeadsetStatus", lay_number),
	ROW(SCCP_MEDIA_RESOURCE_NOTIFICATION, 0, blob, "MediaResourceNotification", lay_blob),
	ROW(SCCP_REGISTER_AVAILABLE_LINES, 4, number, "RegisterAvailableLines", lay_number),
	ROW(SCCP_DEVICE_TO_USER_DATA, 0, blob, "DeviceToUserData", lay_blob),
	ROW(SCCP_DEVICE_TO_USER_DATA_RESPONSE, 0, blob, "DeviceToUserDataResponse", lay_blob),
	ROW(SCCP_UPDATE_CAPABILITIES, 4, caps, "UpdateCapabilities", lay_update_caps),
	ROW(SCCP_SERVICE_URL_STAT_REQ, 4, number, "ServiceUrlStatReq", lay_number),
	ROW(SCCP_FEATURE_STAT_REQ, 4, feature_req, "FeatureStatReq", lay_feature_req),
	ROW(SCCP_DEVICE_TO_USER_DATA_V1, 0, blob, "DeviceToUserDataVersion1", lay_blob),
	ROW(SCCP_DEVICE_TO_USER_DATA_RESPONSE_V1, 0, blob, "DeviceToUserDataResponseVersion1",
	    lay_blob),
	ROW(SCCP_UPDATE_CAPABILITIES_V2, 4, caps, "UpdateCapabilitiesV2", lay_update_caps_v2),
	ROW(SCCP_UPDATE_CAPABILITIES_V3, 4, caps, "UpdateCapabilitiesV3", lay_update_caps_v3),
	ROW(SCCP_PORT_RESPONSE, 12, media_ack, "PortResponse", lay_port_response),
	ROW(SCCP_SUBSCRIPTION_STAT_REQ, 4, subscription, "SubscriptionStatReq", lay_subscription),
	ROW(SCCP_MEDIA_PATH_EVENT, 8, path, "MediaPathEvent", lay_path),
	ROW(SCCP_MEDIA_PATH_CAPABILITY, 8, path, "MediaPathCapability", lay_path),
	ROW(SCCP_START_MEDIA_TRANSMISSION_ACK, 16, media_ack, "StartMediaTransmissionAck",
	    lay_start_ack),
	ROW(SCCP_LOCATION_INFO, 0, blob, "LocationInfo", lay_blob),
	ROW(SCCP_EXTENSION_DEVICE_CAPS, 0, blob, "ExtensionDeviceCaps", lay_blob),
	ROW(SCCP_XML_ALARM, 0, blob, "XmlAlarm", lay_blob),
	ROW(SCCP_SPCP_TOKEN_REQ, 16, reg, "SpcpRegisterTokenReq", lay_spcp_token),
};
const size_t td_sccp_n_from_phone = SCCP_N(td_sccp_from_phone);
