/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * We register with a carrier (RFC 3261 10.2): one object for each number, account or block that a
 * section registrar names. Its life is a circle: ask the first registrar, then the second; what
 * was granted is renewed in time, what failed is tried again later and later (RFC 5626 4.5).
 *
 * Nothing is taken back when the daemon stops: the next one registers the same contact, and calls
 * that come in between are repeated by the carrier. What a reload drops is taken back.
 */
#include "userspace/sip/sip_trunk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/su_uniqueid.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define ANSWER_MS     8000		/* then the next registrar is asked */
#define SPREAD_MS     5			/* between the first ones of many */
#define MAX_CHALLENGES 2		/* per request: the second because the first nonce was stale */

enum state { REG_TRYING, REG_UP, REG_REJECTED };

/* All that it depends on; zeroed before, compared as bytes. */
struct wish {
	char registrar[CFG_ID_LEN], trunk[CFG_ID_LEN], user[CFG_TEXT_LEN];
	struct td_addr server[2];
	char domain[CFG_TEXT_LEN];	/* of the trunk, when it has a name */
	uint32_t n_servers;
	uint32_t expires;
	enum sip_transport transport;
	char username[CFG_TEXT_LEN], password[CFG_SECRET_LEN], realm[CFG_TEXT_LEN];
};

struct registration {
	struct td_map_node node;
	struct td_sip *sip;
	char key[CFG_ID_LEN + CFG_TEXT_LEN];
	struct wish wish;
	uint32_t round;			/* of td_sip.registrations_round: still wanted */
	enum state state;
	uint32_t at;			/* server that is asked, or has granted it */
	bool tried[2];			/* in this turn */
	uint32_t asked_s;		/* more than wished after 423 */
	uint64_t until_ms;		/* what was granted ends */
	uint32_t failures;		/* turns in a row */
	int reason;			/* status of the last failure */
	nta_leg_t *leg;			/* Call-ID, tags and CSeq */
	nta_outgoing_t *orq;
	struct td_challenge challenge;
	char credentials[SIP_CREDENTIALS_LEN];
	uint8_t n_challenges;		/* of this request */
	struct td_timer timer, patience;
};

static void ask(struct registration *r);

/* ---- state ---- */

static void set_state(struct registration *r, enum state state)
{
	struct sip_trunk *t = td_sip_trunk_find(r->sip, r->wish.trunk);

	if (t) {
		t->n_registered -= r->state == REG_UP;
		t->n_rejected -= r->state == REG_REJECTED;
		t->n_registered += state == REG_UP;
		t->n_rejected += state == REG_REJECTED;
	}
	r->state = state;
	if (t)
		td_sip_trunk_show_state(t);
}

/* ---- the request ---- */

/* The registrar by name, or the first one by address: also towards the second. */
static void uri_of(const struct registration *r, bool with_user, char dst[SIP_URI_LEN])
{
	const struct td_addr *host = &r->wish.server[0];
	char ip[TD_ADDR_STRLEN + 2], text[TD_ADDR_STRLEN], port[8] = "";

	snprintf(ip, sizeof(ip), td_addr_is_v4(host) ? "%s" : "[%s]", td_addr_ip(host, text));
	if (!r->wish.domain[0] && host->port != 5060)
		snprintf(port, sizeof(port), ":%u", host->port);
	snprintf(dst, SIP_URI_LEN, "sip:%s%s%s%s", with_user ? r->wish.user : "",
		 with_user ? "@" : "", r->wish.domain[0] ? r->wish.domain : ip, port);
}

/* Nobody has a dialog with us here. */
static int on_stray(struct sip_leg *unused, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *s)
{
	(void)unused;
	(void)leg;
	(void)irq;
	(void)s;
	return 481;
}

/* The address of record is the first registrar's, also towards the second. */
static int make_leg(struct registration *r)
{
	char aor[SIP_URI_LEN];
	char line[SIP_URI_LEN + 2];

	if (r->leg)
		return 0;
	uri_of(r, true, aor);
	snprintf(line, sizeof(line), "<%s>", aor);
	r->leg = nta_leg_tcreate(r->sip->agent, on_stray, NULL, SIPTAG_FROM_STR(line),
				 SIPTAG_TO_STR(line), TAG_END());
	return r->leg && nta_leg_tag(r->leg, NULL) ? 0 : -ENOMEM;
}

static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s);

/* The magic of nta's transactions is typed for calls, and only carried. */
static nta_outgoing_t *send_register(struct registration *r, uint32_t expires, bool listen)
{
	const struct td_addr *server = &r->wish.server[r->at];
	char uri[SIP_URI_LEN], contact[SIP_URI_LEN], route[TD_ADDR_STRLEN + 32];
	char text[TD_ADDR_STRLEN], line[SIP_URI_LEN + 2];
	struct td_addr local;
	sip_expires_t ex[1];

	if (make_leg(r) || !td_sip_local_towards(r->sip, server, &local))
		return NULL;
	uri_of(r, false, uri);
	td_sip_contact(r->sip, &local, r->wish.transport, r->wish.user, contact);
	snprintf(line, sizeof(line), "<%s>", contact);
	snprintf(route, sizeof(route), "sip:%s;transport=%s", td_addr_str(server, text),
		 td_sip_transport_name(r->wish.transport));
	sip_expires_init(ex);
	ex->ex_delta = expires;
	return nta_outgoing_tcreate(
		r->leg, listen ? on_answer : NULL, listen ? (struct sip_leg *)(void *)r : NULL,
		URL_STRING_MAKE(route), SIP_METHOD_REGISTER, URL_STRING_MAKE(uri),
		NTATAG_TPORT(td_sip_tport(r->sip, &local, r->wish.transport)),
		SIPTAG_CONTACT_STR(line), SIPTAG_EXPIRES(ex),
		TAG_IF(r->credentials[0], SIPTAG_HEADER_STR(r->credentials)),
		TAG_IF(r->sip->config->sip.user_agent[0],
		       SIPTAG_USER_AGENT_STR(r->sip->config->sip.user_agent)), TAG_END());
}

/* The challenge of last time still holds, or the answer says that it is stale. */
static void answer_before(struct registration *r)
{
	struct td_account account = { r->wish.username, r->wish.password, r->wish.realm };
	char uri[SIP_URI_LEN], cnonce[17];
	uint8_t random[8];

	r->credentials[0] = '\0';
	if (!r->challenge.nonce[0])
		return;
	uri_of(r, false, uri);
	su_randmem(random, sizeof(random));
	td_hex(cnonce, random, sizeof(random));
	if (td_challenge_answer(&r->challenge, &account, "REGISTER", uri, cnonce, r->credentials))
		r->credentials[0] = '\0';
}

/* ---- a turn: the registrars one after the other ---- */

static void on_turn(void *arg)
{
	struct registration *r = arg;

	r->at = 0;
	r->tried[0] = r->tried[1] = false;
	ask(r);
}

static void turn_failed(struct registration *r, int status, uint32_t retry_after_s)
{
	bool refused = status == 401 || status == 403 || status == 404 || status == 407;
	uint64_t wait = td_sip_back_off_ms(++r->failures, retry_after_s);

	if (r->state == REG_UP || r->failures == 1)
		td_log_warn(TD_LOG_SIP, "trunk=%s not registered number=%s status=%d, again in %u s",
			    r->wish.trunk, r->wish.user, status, (unsigned int)(wait / 1000));
	r->until_ms = 0;
	set_state(r, refused ? REG_REJECTED : REG_TRYING);
	td_loop_timer_start(r->sip->loop, &r->timer, wait, on_turn, r);
}

static void failed(struct registration *r, int status, uint32_t retry_after_s)
{
	uint32_t other = 1 - r->at;

	r->reason = status;
	r->tried[r->at] = true;
	r->challenge.nonce[0] = '\0';
	if (other < r->wish.n_servers && !r->tried[other]) {
		r->at = other;
		ask(r);
		return;
	}
	turn_failed(r, status, retry_after_s);
}

static void drop_request(struct registration *r)
{
	td_loop_timer_stop(r->sip->loop, &r->patience);
	nta_outgoing_destroy(r->orq);
	r->orq = NULL;
}

static void on_silence(void *arg)
{
	struct registration *r = arg;

	drop_request(r);
	failed(r, 408, 0);
}

static void send_now(struct registration *r)
{
	r->orq = send_register(r, r->asked_s, true);
	if (!r->orq) {
		failed(r, 503, 0);
		return;
	}
	td_loop_timer_start(r->sip->loop, &r->patience, ANSWER_MS, on_silence, r);
}

static void ask(struct registration *r)
{
	r->n_challenges = 0;
	answer_before(r);
	send_now(r);
}

/* ---- answers ---- */

/* What our contact was granted: RFC 3261 10.2.4. */
static uint32_t granted_s(const struct registration *r, const sip_t *s)
{
	const struct sip_trunk *t = td_sip_trunk_find(r->sip, r->wish.trunk);
	uint32_t ours = r->asked_s;
	struct td_addr local;
	char contact[SIP_URI_LEN];
	url_t *url;

	if (s->sip_expires && s->sip_expires->ex_delta)
		ours = (uint32_t)s->sip_expires->ex_delta;
	if (!t || !td_sip_local_towards(r->sip, &r->wish.server[r->at], &local))
		return ours;
	td_sip_contact(r->sip, &local, r->wish.transport, r->wish.user, contact);
	url = url_hdup(r->sip->home, URL_STRING_MAKE(contact)->us_url);
	for (const sip_contact_t *m = s->sip_contact; url && m; m = m->m_next)
		if (!url_cmp(m->m_url, url) && m->m_expires)
			ours = (uint32_t)strtoul(m->m_expires, NULL, 10);
	su_free(r->sip->home, url);
	return ours;
}

static void succeeded(struct registration *r, const sip_t *s)
{
	uint32_t granted = granted_s(r, s);

	if (!granted) {
		failed(r, 503, 0);
		return;
	}
	if (r->state != REG_UP)
		td_log_info(TD_LOG_SIP, "trunk=%s registered number=%s seconds=%u server=%s",
			    r->wish.trunk, r->wish.user, granted, r->at ? "secondary" : "primary");
	r->failures = 0;
	r->reason = 0;
	r->until_ms = td_loop_now_ms(r->sip->loop) + granted * 1000ull;
	set_state(r, REG_UP);
	td_loop_timer_start(r->sip->loop, &r->timer, td_sip_renew_ms(granted), on_turn, r);
}

static bool challenged(struct registration *r, const sip_t *s)
{
	struct td_account account = { r->wish.username, r->wish.password, r->wish.realm };
	bool had = r->credentials[0];
	char uri[SIP_URI_LEN];

	uri_of(r, false, uri);
	if (r->n_challenges++ >= MAX_CHALLENGES ||
	    td_sip_trunk_answer(&account, r->wish.trunk, &r->challenge, s, "REGISTER", uri,
				r->credentials))
		return false;
	/* what was wrong once will be again, unless it was the nonce alone; the first answer may
	 * have been to a challenge of long ago */
	return !had || r->challenge.stale || r->n_challenges == 1;
}

static bool too_brief(struct registration *r, const sip_t *s)
{
	if (!s->sip_min_expires || s->sip_min_expires->me_delta <= r->asked_s)
		return false;
	r->asked_s = (uint32_t)s->sip_min_expires->me_delta;
	return true;
}

static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s)
{
	struct registration *r = (struct registration *)(void *)magic;
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (orq != r->orq || status < 200)
		return 0;
	td_loop_timer_stop(r->sip->loop, &r->patience);
	r->orq = NULL;
	if (status < 300 && s)
		succeeded(r, s);
	else if ((status == 401 || status == 407) && s && challenged(r, s))
		send_now(r);
	else if (status == 423 && s && too_brief(r, s))
		ask(r);
	else
		failed(r, status, s && s->sip_retry_after ?
				  (uint32_t)s->sip_retry_after->af_delta : 0);
	nta_outgoing_destroy(orq);	/* s was its */
	return 0;
}

/* ---- which there are ---- */

static void registration_free(struct registration *r, bool take_back)
{
	struct sip_trunk *t = td_sip_trunk_find(r->sip, r->wish.trunk);

	drop_request(r);
	td_loop_timer_stop(r->sip->loop, &r->timer);
	if (take_back && r->state == REG_UP) {
		answer_before(r);
		nta_outgoing_destroy(send_register(r, 0, false));
	}
	if (t)
		t->n_registrations--;
	set_state(r, REG_TRYING);
	if (r->leg)
		nta_leg_destroy(r->leg);
	td_map_remove(&r->sip->registrations, &r->node);
	td_free(r);
}

static void want(struct td_sip *sip, const struct wish *w)
{
	char key[CFG_ID_LEN + CFG_TEXT_LEN];
	struct sip_trunk *t = td_sip_trunk_find(sip, w->trunk);
	struct td_map_node *n;
	struct registration *r;

	snprintf(key, sizeof(key), "%s %s", w->registrar, w->user);
	n = td_map_find_str(&sip->registrations, key);
	r = n ? td_container_of(n, struct registration, node) : NULL;
	if (r && !memcmp(&r->wish, w, sizeof(*w))) {
		r->round = sip->registrations_round;
		return;
	}
	if (r)
		registration_free(r, true);
	r = td_zalloc(sizeof(*r));
	if (!r || !t) {
		td_free(r);
		return;
	}
	r->sip = sip;
	memcpy(&r->wish, w, sizeof(*w));	/* padding too */
	r->asked_s = w->expires;
	r->round = sip->registrations_round;
	td_strlcpy(r->key, key, sizeof(r->key));
	if (td_map_insert_str(&sip->registrations, &r->node, r->key)) {
		td_free(r);
		return;
	}
	t->n_registrations++;
	td_sip_trunk_show_state(t);
	td_loop_timer_start(sip->loop, &r->timer, sip->registrations.count * SPREAD_MS, on_turn, r);
}

/* False: the trunk has no address. */
static bool make_wish(const struct td_sip *sip, const struct cfg_registrar *cfg, struct wish *w)
{
	const struct sip_trunk *t = td_sip_trunk_find(sip, cfg->trunk);

	memset(w, 0, sizeof(*w));
	if (!t)
		return false;
	td_strlcpy(w->registrar, cfg->id, sizeof(w->registrar));
	td_strlcpy(w->trunk, cfg->trunk, sizeof(w->trunk));
	td_strlcpy(w->username, t->username, sizeof(w->username));
	td_strlcpy(w->password, t->password, sizeof(w->password));
	td_strlcpy(w->realm, t->realm, sizeof(w->realm));
	w->server[0] = td_addr_is_set(&cfg->address) ? cfg->address : t->addr;
	w->server[1] = cfg->secondary;
	if (t->named && !td_addr_is_set(&cfg->address)) {
		td_strlcpy(w->domain, t->host, sizeof(w->domain));
		if (!td_addr_is_set(&cfg->secondary) && t->n_targets > 1)
			w->server[1] = t->target[(t->at + 1) % t->n_targets];
	}
	w->n_servers = td_addr_is_set(&w->server[1]) ? 2 : 1;
	w->expires = cfg->expires;
	w->transport = t->transport;
	return td_addr_is_set(&w->server[0]);
}

static void want_user(struct td_sip *sip, struct wish *w, const char *user)
{
	memset(w->user, 0, sizeof(w->user));
	td_strlcpy(w->user, user, sizeof(w->user));
	want(sip, w);
}

static void want_all(struct td_sip *sip, const struct cfg_registrar *cfg)
{
	const struct td_config *c = sip->config;
	struct wish w;

	if (!make_wish(sip, cfg, &w))
		return;
	if (cfg->what == CFG_REGISTER_ACCOUNT)
		want_user(sip, &w, w.username);
	for (size_t i = 0; i < c->n_dns && cfg->what == CFG_REGISTER_NUMBERS; i++)
		if (!c->dns[i].no_register)
			want_user(sip, &w, c->dns[i].number);
	for (size_t i = 0; i < cfg->n_bulk_number; i++)
		want_user(sip, &w, cfg->bulk_number[i]);
}

void td_sip_registrars_configure(struct td_sip *sip)
{
	struct td_map_node *n, *next;

	sip->registrations_round++;
	for (size_t i = 0; i < sip->config->n_registrars; i++)
		want_all(sip, &sip->config->registrars[i]);
	td_map_for_each_safe(n, next, &sip->registrations) {
		struct registration *r = td_container_of(n, struct registration, node);

		if (r->round != sip->registrations_round)
			registration_free(r, true);
	}
	td_sip_mwi_configure(sip);
}

void td_sip_registrars_init(struct td_sip *sip)
{
	td_map_init(&sip->registrations);
}

void td_sip_registrars_fini(struct td_sip *sip)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &sip->registrations)
		registration_free(td_container_of(n, struct registration, node), false);
	td_map_fini(&sip->registrations);
}

bool td_sip_registrar_is_at(const struct td_sip *sip, const char *trunk, const struct td_addr *host)
{
	for (size_t i = 0; i < sip->config->n_registrars; i++) {
		const struct cfg_registrar *r = &sip->config->registrars[i];

		if (!strcmp(r->trunk, trunk) &&
		    (td_addr_same_ip(&r->address, host) || td_addr_same_ip(&r->secondary, host)))
			return true;
	}
	return false;
}

/* ---- show ---- */

static void show_one(const struct registration *r, struct td_json *j)
{
	static const char *const states[] = { "trying", "registered", "rejected" };
	uint64_t now = td_loop_now_ms(r->sip->loop);
	char text[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_str(j, "number", r->wish.user);
	td_json_str(j, "trunk", r->wish.trunk);
	td_json_str(j, "registrar", r->wish.registrar);
	td_json_str(j, "server", td_addr_str(&r->wish.server[r->at], text));
	td_json_str(j, "state", states[r->state]);
	td_json_u64(j, "expires_s", r->until_ms > now ? (r->until_ms - now) / 1000 : 0);
	td_json_u64(j, "failures", r->failures);
	td_json_u64(j, "reason", (uint64_t)r->reason);
	td_json_end_object(j);
}

void td_sip_show_trunk_registrations(struct td_sip *sip, struct td_json *j, const char *key)
{
	struct td_map_node *n, *next;

	td_json_array(j, key);
	td_map_for_each_safe(n, next, &sip->registrations)
		show_one(td_container_of(n, const struct registration, node), j);
	td_json_end_array(j);
}
