/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is it? A device names itself (SEP and twelve digits of its MAC) and has no password,
 * so the name counts only from the host that proves to be it (sccp_phone.c). A phone that
 * comes again from the same host takes the place of its old connection at once: it roams,
 * or was switched off. From another host it has to wait whether the old one still lives.
 */
#include "userspace/sccp/sccp_priv.h"

#define TOKEN_AGAIN_S 60	/* when to ask again */

/* Versions whose layouts are known; one between two of them is served as the lower. */
static const uint8_t versions[] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22 };

static uint8_t choose_version(uint32_t claimed, uint32_t type)
{
	uint8_t most = td_sccp_type(type)->most_version, best = versions[0];
	size_t i;

	if (most && claimed > most)
		claimed = most;
	for (i = 0; i < sizeof(versions) && versions[i] <= claimed; i++)
		best = versions[i];
	return best;
}

/* The MAC of "SEP001122334455"; gateways put other letters in front. */
bool td_sccp_device_mac(const char *device, uint8_t mac[6])
{
	size_t n = strlen(device);
	int i;

	if (n != 15)
		return false;
	for (i = 0; i < 12; i++) {
		char c = device[3 + i];
		int v = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 :
			c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (v < 0)
			return false;
		mac[i / 2] = (uint8_t)(i & 1 ? mac[i / 2] | v : v << 4);
	}
	return true;
}

static void reject(struct sccp_session *s, const char *device, uint32_t type, const char *reason)
{
	struct sccp_msg m = { .id = SCCP_REGISTER_REJECT };

	td_sccp_attempt(s->sccp, s, device, type, reason);
	td_strlcpy(m.reject.text, reason, sizeof(m.reject.text));
	td_sccp_send(s, &m);
	td_sccp_session_leave(s);
}

static bool is_source(const struct cfg_sccp *cfg, const struct td_addr *local)
{
	for (size_t i = 0; i < cfg->n_source; i++)
		if (td_addr_same_ip(&cfg->source[i], local))
			return true;
	return false;
}

static bool has_room(const struct sccp_session *s)
{
	const struct td_sccp *sccp = s->sccp;
	uint32_t most = sccp->config->sccp.max_phones;

	return !most || s->promised || sccp->n_registered + sccp->n_promised < most;
}

void td_sccp_register_release(struct sccp_session *s)
{
	if (!s->promised)
		return;
	s->promised->promised = NULL;
	s->promised = NULL;
	s->sccp->n_promised--;
}

/* One for each phone, however often it asks. */
static void promise(struct sccp_session *s, struct sccp_phone *phone)
{
	if (phone->promised)
		td_sccp_register_release(phone->promised);
	td_sccp_register_release(s);
	s->promised = phone;
	phone->promised = s;
	s->sccp->n_promised++;
}

/* Reasons are at most 31 characters: the phone shows them. */
static const char *refusal_of(const struct sccp_session *s, const struct sccp_phone *phone)
{
	const struct cfg_sccp *cfg = &s->sccp->config->sccp;

	if (phone->automatic && !cfg->auto_register)
		return "Phone is not configured";
	if (cfg->strict_match && !is_source(cfg, &s->local))
		return "Wrong address of the router";
	if (!td_sccp_phone_may_come(phone, &s->peer))
		return "Not the host of this phone";
	return phone->session || has_room(s) ? NULL : "Max phones exceeded";
}

/* phone: NULL when nobody has that MAC. */
static const char *refusal(const struct sccp_session *s, const char *device,
			   struct sccp_phone **phone, uint8_t mac[6])
{
	const struct cfg_sccp *cfg = &s->sccp->config->sccp;
	bool is_named = td_sccp_device_mac(device, mac);

	*phone = is_named ? td_sccp_phone_by_mac(s->sccp, mac) : NULL;
	if (*phone)
		return refusal_of(s, *phone);
	if (!is_named)
		return "Phone is not configured";
	if (cfg->strict_match && !is_source(cfg, &s->local))
		return "Wrong address of the router";
	if (!has_room(s))
		return "Max phones exceeded";
	return td_sccp_auto_refusal(s, mac);
}

/* Bits that phones want to see; from version 11 on the last one says "dynamic messages". */
static void welcome(struct sccp_session *s, struct sccp_phone *phone)
{
	struct sccp_msg m = { .id = SCCP_REGISTER_ACK };
	const struct td_config *cfg = s->sccp->config;

	m.reg_ack.keep_alive = cfg->sccp.keepalive;
	m.reg_ack.secondary_keep_alive = cfg->sccp.keepalive * 2;
	td_sccp_date_template(cfg, m.reg_ack.date_template);
	if (s->version > 3) {
		m.reg_ack.version = s->version;
		m.reg_ack.features[0] = 0x20;
		m.reg_ack.features[1] = 0xf1;
		m.reg_ack.features[2] = s->version < 11 ? 0xfe : 0xff;
	} else {
		m.reg_ack.version = 3;
	}
	td_sccp_register_release(s);
	td_sccp_phone_attach(phone, s);
	s->sccp->n.registered++;
	s->born_ms = td_loop_now_ms(s->sccp->loop);
	td_sccp_send(s, &m);
	td_sccp_send_bare(s, SCCP_CAPABILITIES_REQ);
}

static void replace(struct sccp_session *s, struct sccp_phone *phone, const char *why)
{
	s->sccp->n.replaced++;
	td_sccp_session_close(phone->session, why);
	welcome(s, phone);
}

static void wait_for(struct sccp_session *s, struct sccp_phone *phone)
{
	s->wants = phone;
	td_list_append(&phone->wanted, &s->wants_node);
}

void td_sccp_register_forget(struct sccp_session *s)
{
	s->wants = NULL;
	td_list_del(&s->wants_node);
	td_loop_timer_stop(s->sccp->loop, &s->probe);
}

/* The last one that came is it. */
void td_sccp_register_decided(struct sccp_phone *phone, int err)
{
	struct sccp_session *s;

	while ((s = td_list_first(&phone->wanted, struct sccp_session, wants_node))) {
		td_sccp_register_forget(s);
		if (err)
			reject(s, s->device, s->type, "Try again later");
		else if (phone->session)
			replace(s, phone, "the phone has come again");
		else
			welcome(s, phone);
	}
}

static void on_probed(void *arg)
{
	struct sccp_session *s = arg;
	struct sccp_phone *phone = s->wants;
	struct sccp_session *old = phone ? phone->session : NULL;
	uint64_t asked = td_loop_now_ms(s->sccp->loop) - td_sccp_timerdefs[SCCP_T_PROBE].ms;

	td_sccp_register_forget(s);
	if (!phone)
		return;
	if (old && old->heard_ms >= asked)
		reject(s, s->device, s->type, "Phone is registered elsewhere");
	else if (old)
		replace(s, phone, "silent, and the phone has come from another host");
	else
		welcome(s, phone);
}

/* Ask the old one something that every phone answers, and wait. */
static void probe(struct sccp_session *s, struct sccp_phone *phone)
{
	wait_for(s, phone);
	td_sccp_send_bare(phone->session, SCCP_CAPABILITIES_REQ);
	td_loop_timer_start(s->sccp->loop, &s->probe, td_sccp_timerdefs[SCCP_T_PROBE].ms + 1,
			    on_probed, s);
}

static void note_device(struct sccp_session *s, const struct sccp_msg *m)
{
	char load[33];

	td_strlcpy(s->device, m->reg.device, sizeof(s->device));
	td_strlcpy(load, m->reg.load, sizeof(load));
	for (char *p = load; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			*p = '_';
	memcpy(s->load, load, sizeof(s->load));
	memcpy(s->features, m->reg.features, sizeof(s->features));
	s->type = m->reg.type;
	s->version = choose_version(m->reg.version, m->reg.type);
	s->utf8 = m->reg.features[1] & 0x10;
	s->told[0] = m->reg.ip4;
	s->told[1] = m->reg.ip6;
}

void td_sccp_on_register(struct sccp_session *s, const struct sccp_msg *m)
{
	struct sccp_phone *phone;
	const char *why;
	uint8_t mac[6];

	if (s->phone || s->wants) {	/* a connection is one device, once */
		s->sccp->n.unexpected++;
		td_log_limited(TD_LOG_SCCP, TD_WARN, "device=%s second Register ignored", s->device);
		return;
	}
	why = refusal(s, m->reg.device, &phone, mac);
	if (!why && !phone) {
		phone = td_sccp_auto_add(s->sccp, mac, m->reg.type);
		why = phone ? NULL : "No number is free";
	}
	if (why) {
		reject(s, m->reg.device, m->reg.type, why);
		return;
	}
	note_device(s, m);
	if (phone->ticket)	/* first it is written down that there is such a phone */
		wait_for(s, phone);
	else if (!phone->session)
		welcome(s, phone);
	else if (td_addr_same_ip(&phone->session->peer, &s->peer))
		replace(s, phone, "the phone has come again");
	else
		probe(s, phone);
}

/* "May I come?": as it would be answered to Register, but nobody is thrown out. A phone leaves its
 * other router for a token: there must still be room when it comes. */
void td_sccp_on_token(struct sccp_session *s, const struct sccp_msg *m)
{
	bool spcp = m->id == SCCP_SPCP_TOKEN_REQ;
	struct sccp_phone *phone;
	const char *why;
	uint8_t mac[6];

	why = refusal(s, m->reg.device, &phone, mac);
	if (why) {
		td_sccp_attempt(s->sccp, s, m->reg.device, m->reg.type, why);
		td_sccp_send_number(s, spcp ? SCCP_SPCP_TOKEN_REJECT : SCCP_REGISTER_TOKEN_REJECT,
				    TOKEN_AGAIN_S);
		return;
	}
	if (phone && !phone->session)
		promise(s, phone);
	if (spcp)
		td_sccp_send_number(s, SCCP_SPCP_TOKEN_ACK, 65535);
	else
		td_sccp_send_bare(s, SCCP_REGISTER_TOKEN_ACK);
}

/* During a call the phone stays: NAK. */
void td_sccp_on_unregister(struct sccp_session *s)
{
	bool busy = s->phone && s->phone->active;

	td_sccp_send_number(s, SCCP_UNREGISTER_ACK, busy ? 2 : 0);
	if (!busy)
		td_sccp_session_leave(s);
}
