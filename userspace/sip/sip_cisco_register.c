/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REGISTER in Cisco's dialect. A phone registers each line by itself, or over TCP all of them by
 * one request with a multipart body that also offers options. What it is granted goes into the
 * 200; what it does not know yet is told after that (sip_cisco_status.c).
 *
 * A refresh from the same place is answered plainly: nothing was lost, nothing is repeated.
 */
#include "userspace/sip/sip_cisco.h"

#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_subscribe.h"

/* What we can do of what a phone may offer. */
#define GRANTED (CISCO_COMBINE_STATUS | CISCO_COMBINE_CONTROL | CISCO_SHARED_UNOT | \
		 CISCO_SHARED_SUB | CISCO_BLF_UNOT | CISCO_BLF_SUB)

/* ---- reading ---- */

static bool has_tag(const msg_list_t *list, const char *prefix)
{
	size_t len = strlen(prefix);

	for (; list; list = list->k_next)
		for (size_t i = 0; list->k_items && list->k_items[i]; i++)
			if (su_casenmatch(list->k_items[i], prefix, len))
				return true;
	return false;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c | 0x20) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Twelve digits, and then none. */
static bool read_mac(const char *text, uint8_t mac[6])
{
	for (size_t i = 0; i < 12; i++) {
		int d = hex_digit(text[i]);

		if (d < 0)
			return false;
		mac[i / 2] = (uint8_t)(i % 2 ? mac[i / 2] | d : d << 4);
	}
	return hex_digit(text[12]) < 0;
}

/* "SEP001B2A893698" in quotes, or the end of a UUID that is zero in front. The last one counts:
 * phones may give their other interface first. */
static void read_device(const sip_contact_t *m, struct cisco_visit *v)
{
	static const char zeroes[] = "urn:uuid:00000000-0000-0000-0000-";

	for (size_t i = 0; m->m_params && m->m_params[i]; i++) {
		const char *p = m->m_params[i], *at;

		if (su_casenmatch(p, "+u.sip!devicename.ccm.cisco.com=\"SEP", 36))
			v->has_mac |= read_mac(p + 36, v->mac);
		else if (su_casenmatch(p, "+sip.instance=", 14) && (at = strstr(p, zeroes)))
			v->has_mac |= read_mac(at + sizeof(zeroes) - 1, v->mac);
		else if (su_casenmatch(p, "+u.sip!model.ccm.cisco.com=\"", 28))
			snprintf(v->model, sizeof(v->model), "%.*s",
				 (int)strspn(p + 28, "0123456789"), p + 28);
		else if (su_casematch(p, "cisco-keep-alive"))
			v->keepalive = true;
	}
}

/* cause=200;text="cisco-alarm:23 Name=... Last=..." */
static void read_alarm(const sip_reason_t *re, struct cisco_visit *v)
{
	for (; re; re = re->re_next) {
		const char *text = re->re_text;

		if (!text || !(text = strstr(text, "cisco-alarm:")))
			continue;
		v->has_restarted = true;
		text += strlen("cisco-alarm:");
		snprintf(v->alarm, sizeof(v->alarm), "%.*s", (int)strcspn(text, "\"\r\n"), text);
	}
}

void td_cisco_read_visit(const sip_t *s, bool tcp, struct cisco_visit *v)
{
	const sip_content_type_t *ct = s->sip_content_type;
	const char *why, *boundary;

	memset(v, 0, sizeof(*v));
	for (const sip_contact_t *m = s->sip_contact; m; m = m->m_next)
		read_device(m, v);
	v->speaks = has_tag((const msg_list_t *)s->sip_supported, "X-cisco-");
	if (!v->speaks)
		return;
	v->takes_control = has_tag((const msg_list_t *)s->sip_supported, "X-cisco-service-control");
	read_alarm(s->sip_reason, v);
	/* It may be passed over (handling=optional): the phone then registers each line. */
	if (!tcp || !ct || !ct->c_type || !s->sip_payload)
		return;
	boundary = msg_params_find(ct->c_params, "boundary=");
	if (td_cisco_read(&v->message, (struct td_str){ s->sip_payload->pl_data,
							s->sip_payload->pl_len },
			  ct->c_type, td_str_of(boundary), &why)) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "REGISTER line=%.40s: its body is passed over: %s",
			       s->sip_to->a_url->url_user, why);
		memset(&v->message, 0, sizeof(v->message));
	}
}

struct sip_phone *td_cisco_named(struct td_sip *sip, const struct cisco_visit *v)
{
	return v->has_mac ? td_sip_phone_by_mac(sip, v->mac) : NULL;
}

sip_unsupported_t *td_cisco_unsupported(su_home_t *home, const sip_t *s)
{
	static const char *const known[] = { "norefersub", "replaces", "X-cisco-callinfo",
		"X-cisco-serviceuri", "X-cisco-escapecodes", "X-cisco-service-control",
		"X-cisco-config", "X-cisco-sis-", "X-cisco-cme-sis-", };
	const sip_require_t *r;
	size_t k;

	for (r = s->sip_require; r; r = r->k_next)
		for (size_t i = 0; r->k_items && r->k_items[i]; i++) {
			for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
				if (su_casenmatch(r->k_items[i], known[k], strlen(known[k])))
					break;
			if (k == sizeof(known) / sizeof(known[0]))
				return sip_unsupported_make(home, r->k_items[i]);
		}
	return NULL;
}

/* ---- what is granted ---- */

static uint64_t all_lines(const struct sip_phone *phone)
{
	return phone->n_numbers >= CISCO_MAX_LINES ? UINT64_MAX : (1ull << phone->n_numbers) - 1;
}

static uint32_t line_of(const struct sip_phone *phone, const char *aor)
{
	for (uint32_t i = 1; i <= phone->n_numbers && i <= CISCO_MAX_LINES; i++)
		if (!strcmp(td_sip_phone_number(phone, i), aor))
			return i;
	return 1;			/* its id or user name stands for the device */
}

static struct sip_cisco *cisco_get(struct sip_phone *phone)
{
	if (!phone->cisco) {
		phone->cisco = td_zalloc(sizeof(*phone->cisco));
		if (phone->cisco)
			phone->cisco->phone = phone;
	}
	return phone->cisco;
}

static void bulk(struct sip_cisco *c, const struct reg_request *rq, struct cisco_visit *v)
{
	const struct cfg_sip *cfg = &c->phone->sip->config->sip;
	uint64_t lines = v->message.bulk.add & all_lines(c->phone);
	bool known = c->method != CISCO_PER_LINE && td_addr_equal(&c->peer, &rq->peer) &&
		     !strcmp(c->call_id, rq->call_id);

	c->peer = rq->peer;
	if (known) {
		c->lines = (c->lines & ~v->message.bulk.remove) | lines;
		return;
	}
	c->method = CISCO_BULK_PROGRESS;
	c->lines = lines;
	c->granted = (struct cisco_options){ 0 };
	if (v->message.has_offer)
		td_cisco_grant(&v->message.offer,
			       cfg->status_combine ? cfg->status_combine_max : 0, GRANTED,
			       &c->granted);
	v->fresh = true;
	v->fresh_lines = lines;
}

static void per_line(struct sip_cisco *c, uint32_t line, struct cisco_visit *v, bool is_new)
{
	if (line == 1) {
		c->method = CISCO_PER_LINE;
		c->granted = (struct cisco_options){ 0 };
		c->lines = 0;
	}
	v->fresh = is_new;
	v->fresh_lines = 1ull << (line - 1);
}

void td_cisco_registered(struct sip_phone *phone, const struct reg_request *rq,
			 struct cisco_visit *v, bool is_new)
{
	uint32_t line = line_of(phone, rq->aor);
	struct sip_cisco *c;

	if (!v->speaks || td_list_empty(&phone->bindings) || !(c = cisco_get(phone)))
		return;
	td_strlcpy(c->model, v->model, sizeof(c->model));
	if (v->has_restarted) {
		td_strlcpy(c->alarm, v->alarm, sizeof(c->alarm));
		td_log_info(TD_LOG_SIP, "phone=%s has started: %s", phone->id, v->alarm);
	}
	c->takes_control = v->takes_control;
	c->has_restarted = v->has_restarted;
	if (v->message.bulk.add && phone->transport != CFG_TRANSPORT_UDP)
		bulk(c, rq, v);
	else
		per_line(c, line, v, is_new);
	if (line == 1 || c->method != CISCO_PER_LINE)
		td_strlcpy(c->call_id, rq->call_id, sizeof(c->call_id));
	if (v->fresh)
		td_sip_phone_show_state(phone);
}

bool td_cisco_grant_body(const struct sip_phone *phone, struct td_buf *out)
{
	const struct sip_cisco *c = phone->cisco;

	if (!c || c->method == CISCO_PER_LINE)
		return false;
	td_cisco_write_grant(out, &c->granted);
	return !out->err;
}

void td_cisco_settle(struct sip_phone *phone)
{
	if (!phone->cisco || !td_list_empty(&phone->bindings))
		return;
	td_sip_subs_drop(phone, true);
	td_cisco_drop_orders(phone);
	td_free(phone->cisco);
	phone->cisco = NULL;
}

/* ---- asked ---- */

const char *td_cisco_method(const struct sip_phone *phone)
{
	static const char *const words[] = { "per line", "bulk - in progress", "bulk - completed" };

	return words[phone->cisco ? phone->cisco->method : CISCO_PER_LINE];
}

bool td_cisco_has_line(const struct sip_phone *phone, const struct td_addr *peer, uint32_t line)
{
	const struct sip_cisco *c = phone->cisco;

	return c && line && line <= CISCO_MAX_LINES && c->lines >> (line - 1) & 1 &&
	       td_addr_same_ip(&c->peer, peer);
}
