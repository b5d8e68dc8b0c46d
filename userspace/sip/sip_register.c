/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REGISTER on the wire: through the gate, into plain values for registrar.c, what it
 * decided to sip_registrations.c, and the answer when that is on disk (design: an answer that
 * acknowledges a state change is sent after its commit). All stateless: a transaction per
 * REGISTER would keep 10 KB for 32 s each.
 */
#include "userspace/sip/sip_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/msg_date.h>
#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_clock.h"
#include "userspace/sip/sip_registrations.h"
#include "userspace/store/store.h"
#include "userspace/sip/sip_subscribe.h"

/* An answer that waits for the disk. */
struct reply {
	struct td_list node;
	uint64_t ticket;
	struct sip_phone *phone;	/* NULL: removed meanwhile */
	msg_t *msg;
	tport_t *tport;
	char aor[REG_AOR_LEN];
	bool cisco, fresh;		/* see struct cisco_visit */
	uint64_t fresh_lines;
};

/* ---- answers ---- */

static sip_contact_t *contact_headers(su_home_t *home, const struct reply *r, uint64_t now)
{
	sip_contact_t *list = NULL, **end = &list;
	const struct sip_binding *b;

	td_list_for_each(b, &r->phone->bindings, const struct sip_binding, node) {
		if (strcmp(b->aor, r->aor) != 0)
			continue;
		*end = sip_contact_format(home, "<%s>;expires=%u%s%s%s%s", b->uri,
					  td_registrar_left_s(b, now),
					  b->instance[0] ? ";+sip.instance=\"" : "", b->instance,
					  b->instance[0] ? "\"" : "",
					  r->fresh ? ";x-cisco-newreg" : "");
		if (*end)
			end = &(*end)->m_next;
	}
	return list;
}

static void write_date(sip_date_t *date)
{
	sip_date_init(date);
	date->d_time = (unsigned long)(td_sip_clock_wall_ms() / 1000) + SU_TIME_EPOCH;
}

/* 200 with the bindings as they are now. Phones set their clock by Date. */
static void answer(struct td_sip *sip, const struct reply *r)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	sip_contact_t *contact;
	sip_date_t date[1];
	uint8_t room[2048];
	struct td_buf body;
	sip_payload_t pl[1];
	bool grants;

	su_home_init(home);
	td_buf_init(&body, room, sizeof(room));
	grants = r->fresh && td_cisco_grant_body(r->phone, &body);
	write_date(date);
	sip_payload_init(pl);
	pl->pl_data = (char *)room;
	pl->pl_len = body.pos;
	contact = contact_headers(home, r, td_loop_now_ms(sip->loop));
	sip->n.register_ok++;
	nta_msg_treply(sip->agent, r->msg, SIP_200_OK, TAG_IF(r->tport, NTATAG_TPORT(r->tport)),
		       SIPTAG_CONTACT(contact), SIPTAG_DATE(date),
		       TAG_IF(r->cisco && contact, SIPTAG_EXPIRES_STR(contact ? contact->m_expires : NULL)),
		       TAG_IF(r->cisco, SIPTAG_SUPPORTED_STR(TD_CISCO_SUPPORTED)),
		       TAG_IF(grants, SIPTAG_MIME_VERSION_STR("1.0")),
		       TAG_IF(grants, SIPTAG_CONTENT_TYPE_STR(CISCO_MULTIPART)),
		       TAG_IF(grants, SIPTAG_PAYLOAD(pl)), TAG_END());
	su_home_deinit(home);
	if (!r->fresh)
		return;
	td_cisco_tell_status(r->phone, r->fresh_lines);
	td_sip_subs_implicit(r->phone);
}

/* A probe of a phone that is registered elsewhere, and asks whether we are there. It changes
 * nothing, so whoever asks may know it. */
static void answer_probe(struct td_sip *sip, msg_t *msg)
{
	sip_date_t date[1];

	write_date(date);
	sip->n.register_probes++;
	nta_msg_treply(sip->agent, msg, SIP_200_OK, SIPTAG_DATE(date), TAG_END());
}

static void reply_send(struct td_sip *sip, struct reply *r)
{
	if (r->phone && !sip->stopping)
		answer(sip, r);
	else
		nta_msg_discard(sip->agent, r->msg);
	if (r->tport)
		tport_unref(r->tport);
	td_list_del(&r->node);
	td_free(r);
}

void td_sip_register_stored(struct td_sip *sip, uint64_t ticket)
{
	struct reply *r;

	while ((r = td_list_first(&sip->reg->held, struct reply, node)) && r->ticket <= ticket)
		reply_send(sip, r);
}

void td_sip_register_forget(struct sip_phone *phone)
{
	struct reply *r;

	td_list_for_each(r, &phone->sip->reg->held, struct reply, node)
		if (r->phone == phone)
			r->phone = NULL;
}

static void answer_when_stored(struct td_sip *sip, const struct reply *now, uint64_t ticket)
{
	struct reply *r;

	if (ticket <= td_store_decided(sip->reg->store) || !(r = td_zalloc(sizeof(*r)))) {
		answer(sip, now);
		return;
	}
	*r = *now;
	r->ticket = ticket;
	if (r->tport)
		tport_ref(r->tport);
	td_list_append(&sip->reg->held, &r->node);
}

static void refuse(struct td_sip *sip, msg_t *msg, const sip_t *s, int status, const char *phrase,
		   uint32_t min_expires_s)
{
	sip_min_expires_t min[1];
	sip_retry_after_t retry[1];

	sip_min_expires_init(min);
	min->me_delta = min_expires_s;
	sip_retry_after_init(retry);
	retry->af_delta = 10;
	sip->n.register_refused++;
	td_log_limited(TD_LOG_SIP, TD_INFO, "REGISTER refused line=%.40s status=%d",
		       s->sip_to->a_url->url_user ? s->sip_to->a_url->url_user : "", status);
	nta_msg_treply(sip->agent, msg, status, phrase,
		       TAG_IF(status == 423, SIPTAG_MIN_EXPIRES(min)),
		       TAG_IF(status == 503, SIPTAG_RETRY_AFTER(retry)), TAG_END());
}

/* ---- the request ---- */

static uint32_t seconds(const char *text)
{
	uint64_t v;

	if (td_parse_u64(td_str_of(text), &v) == -ERANGE)
		return REG_NO_EXPIRES - 1;
	/* RFC 3261 20.19: a malformed value counts as 3600 */
	return td_parse_u64(td_str_of(text), &v) ? 3600 :
	       v < REG_NO_EXPIRES ? (uint32_t)v : REG_NO_EXPIRES - 1;
}

static bool read_instance(const sip_contact_t *m, char dst[REG_INSTANCE_LEN])
{
	const char *p = msg_params_find(m->m_params, "+sip.instance=");
	struct td_str v;

	dst[0] = '\0';
	if (!p)
		return true;
	v = td_str_of(p);
	if (v.len >= 2 && v.p[0] == '"' && v.p[v.len - 1] == '"') {
		v.p++;
		v.len -= 2;
	}
	if (memchr(v.p, '"', v.len) || memchr(v.p, '\\', v.len))
		return false;
	return td_str_copy(dst, REG_INSTANCE_LEN, v) < REG_INSTANCE_LEN;
}

/* What goes into the binding goes into Request-URIs and Contact headers later: nothing that
 * ends a line or a <...> passes (sofia's parser lets some of it through). */
bool td_sip_reg_is_clean(const char *uri)
{
	for (; *uri; uri++)
		if ((unsigned char)*uri <= ' ' || *uri == 0x7f || strchr("<>\"", *uri))
			return false;
	return true;
}

static bool read_contact(const sip_contact_t *m, struct reg_contact *c)
{
	url_t url = *m->m_url;
	ssize_t n;

	if (url.url_type != url_sip || !url.url_host)
		return false;
	url.url_headers = NULL;		/* they would become headers of our requests */
	url.url_password = NULL;
	n = url_e(c->uri, sizeof(c->uri), &url);
	if (n <= 0 || (size_t)n >= sizeof(c->uri) || !td_sip_reg_is_clean(c->uri))
		return false;
	c->expires_s = m->m_expires ? seconds(m->m_expires) : REG_NO_EXPIRES;
	return read_instance(m, c->instance);
}

/* 0, or the status to refuse with. */
static int read_request(const sip_t *s, struct reg_request *rq)
{
	const sip_contact_t *m;

	if (td_strlcpy(rq->aor, s->sip_to->a_url->url_user, sizeof(rq->aor)) >= sizeof(rq->aor))
		return 404;
	rq->call_id = s->sip_call_id->i_id;
	rq->cseq = (uint32_t)s->sip_cseq->cs_seq;
	rq->expires_s = REG_NO_EXPIRES;
	if (s->sip_expires)
		rq->expires_s = s->sip_expires->ex_delta < REG_NO_EXPIRES ?
				(uint32_t)s->sip_expires->ex_delta : REG_NO_EXPIRES - 1;
	for (m = s->sip_contact; m; m = m->m_next) {
		if (m->m_url->url_type == url_any) {
			rq->star = true;
			continue;
		}
		if (rq->n_contacts == REG_MAX_CONTACTS)
			return 403;
		if (!read_contact(m, &rq->contact[rq->n_contacts++]))
			return 400;
	}
	return rq->star && rq->n_contacts ? 400 : 0;
}

static const char *phrase_of(int status)
{
	switch (status) {
	case 400: return "Bad Contact";
	case 403: return "Too Many Contacts";
	case 404: return sip_404_Not_found;
	case 423: return sip_423_Interval_too_brief;
	case 500: return "CSeq Out Of Order";
	default:  return sip_503_Service_unavailable;
	}
}

/* RFC 3261 10.3 step 2. True: refused. */
static bool refuse_required(struct td_sip *sip, msg_t *msg, const sip_t *s)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	sip_unsupported_t *u;

	if (!s->sip_require)
		return false;
	su_home_init(home);
	u = td_cisco_unsupported(home, s);
	if (u)
		nta_msg_treply(sip->agent, msg, SIP_420_BAD_EXTENSION, SIPTAG_UNSUPPORTED(u),
			       TAG_END());
	su_home_deinit(home);
	return u != NULL;
}

static void note_load(struct sip_phone *phone, const sip_t *s)
{
	if (s->sip_user_agent && s->sip_user_agent->g_string)
		td_strlcpy(phone->ep->load, s->sip_user_agent->g_string, sizeof(phone->ep->load));
}

static void apply(struct td_sip *sip, struct sip_phone *phone, msg_t *msg, const sip_t *s,
		  struct reg_request *rq, struct cisco_visit *visit)
{
	const struct cfg_sip *cfg = &sip->config->sip;
	const struct reg_limits lim = { cfg->register_expires_min, cfg->register_expires_max,
					cfg->register_expires, cfg->max_bindings };
	struct reg_changes c = { .sip = sip };
	struct reply r = { .phone = phone, .msg = msg, .cisco = visit->speaks };
	struct reg_outcome out;

	c.tport = tport_delivered_by(nta_agent_tports(sip->agent), msg);
	td_registrar_apply(&sip->reg->registrar, &phone->bindings, phone, rq, &lim, &out, td_sip_reg_note,
			   &c);
	r.tport = c.tport;
	if (out.changes)
		td_sip_reg_arm(sip);
	td_cisco_settle(phone);
	if (c.first_or_last || (out.changes && !td_list_empty(&phone->bindings)))
		td_sip_phone_show_state(phone);
	if (out.status != 200) {
		refuse(sip, msg, s, out.status, phrase_of(out.status), out.min_expires_s);
		return;
	}
	note_load(phone, s);
	if (c.ticket > 0)
		sip->reg->last_ticket = (uint64_t)c.ticket;
	/* a copy of a request that still waits for the disk waits with it */
	if (!out.repeated)
		td_cisco_registered(phone, rq, visit, c.added);
	r.fresh = visit->fresh;
	r.fresh_lines = visit->fresh_lines;
	td_strlcpy(r.aor, rq->aor, sizeof(r.aor));
	answer_when_stored(sip, &r, c.ticket > 0 ? (uint64_t)c.ticket :
				    out.repeated ? sip->reg->last_ticket : 0);
}

void td_sip_register(struct td_sip *sip, msg_t *msg, const sip_t *s)
{
	struct reg_request rq = { .now_ms = td_loop_now_ms(sip->loop) };
	const char *user = s->sip_to->a_url->url_user;
	struct cisco_visit visit;
	struct sip_phone *phone;
	int status;

	if (!user || !*user || s->sip_to->a_tag) {
		sip->n.malformed++;
		nta_msg_treply(sip->agent, msg, 400, "No User To Register", TAG_END());
		return;
	}
	if (refuse_required(sip, msg, s))
		return;
	td_sip_msg_addrs(sip, msg, &rq.peer, &rq.local, &rq.transport);
	td_cisco_read_visit(s, rq.transport != SIP_UDP, &visit);
	if (visit.keepalive) {
		answer_probe(sip, msg);
		return;
	}
	phone = td_sip_gate(sip, msg, s, &rq.peer, td_cisco_named(sip, &visit));
	if (!phone)
		return;
	if (visit.speaks)		/* what waits for the disk is not asked for again */
		nta_msg_treply(sip->agent, msg_ref_create(msg), SIP_100_TRYING, TAG_END());
	status = read_request(s, &rq);
	if (!status && !td_sip_phone_owns(phone, rq.aor)) {
		refuse(sip, msg, s, 403, "Not Your Number", 0);
		return;
	}
	if (status) {
		refuse(sip, msg, s, status, phrase_of(status), 0);
		return;
	}
	rq.wall_ms = td_sip_clock_wall_ms();
	apply(sip, phone, msg, s, &rq, &visit);
}
