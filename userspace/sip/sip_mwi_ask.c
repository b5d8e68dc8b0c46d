/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * We ask a voicemail how many messages wait (RFC 3842): a subscription to message-summary for each
 * number of a section mwi, at its trunk and with the trunk's account. It is renewed in time; what
 * failed is asked again later and later. NOTIFYs without any are sip_mwi.c's.
 *
 * A subscription ends with the process: the voicemail hears 481 from the next one, which asks anew.
 * What a reload drops is taken back.
 */
#include "userspace/sip/sip_summary.h"
#include "userspace/sip/sip_trunk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define ANSWER_MS      8000
#define AGAIN_MS       1000		/* after a subscription that it has ended well */
#define SPREAD_MS      5		/* between the first ones of many */
#define MAX_CHALLENGES 2

enum state { ASK_TRYING, ASK_UP, ASK_REJECTED };

struct question {
	struct td_map_node node;
	struct td_sip *sip;
	char key[CFG_ID_LEN + CFG_NUMBER_LEN];
	char trunk[CFG_ID_LEN], number[CFG_NUMBER_LEN];
	uint32_t expires, asked_s;
	uint32_t round;			/* of td_sip.questions_round: still wanted */
	enum state state;
	uint64_t until_ms;		/* what was granted ends */
	uint32_t failures;		/* in a row */
	int reason;			/* status of the last failure */
	nta_leg_t *leg;
	bool tagged;			/* the dialog is made; target is the other end's */
	char target[SIP_URI_LEN];
	nta_outgoing_t *orq;
	struct td_challenge challenge;
	char credentials[SIP_CREDENTIALS_LEN];
	uint8_t n_challenges;
	struct td_timer timer, patience;
};

static void on_time(void *arg);

static struct sip_trunk *trunk_of(const struct question *q)
{
	return td_sip_trunk_find(q->sip, q->trunk);
}

static void again_in(struct question *q, uint64_t ms)
{
	td_loop_timer_start(q->sip->loop, &q->timer, ms, on_time, q);
}

/* The next one begins a dialog of its own. */
static void leave_dialog(struct question *q)
{
	td_loop_timer_stop(q->sip->loop, &q->patience);
	nta_outgoing_destroy(q->orq);
	q->orq = NULL;
	if (q->leg)
		nta_leg_destroy(q->leg);
	q->leg = NULL;
	q->tagged = false;
	q->until_ms = 0;
}

static void failed(struct question *q, int status, uint32_t retry_after_s)
{
	bool was_up = q->state == ASK_UP;

	if (was_up || !q->failures)
		td_log_warn(TD_LOG_SIP, "trunk=%s does not tell of messages number=%s status=%d",
			    q->trunk, q->number, status);
	q->failures++;
	q->reason = status;
	q->challenge.nonce[0] = '\0';
	q->state = status == 401 || status == 403 || status == 404 || status == 407 ||
		   status == 489 ? ASK_REJECTED : ASK_TRYING;
	leave_dialog(q);
	again_in(q, was_up ? AGAIN_MS : td_sip_back_off_ms(q->failures, retry_after_s));
}

/* ---- what it tells ---- */

static bool is_from_trunk(const struct question *q, nta_incoming_t *irq)
{
	const struct sip_trunk *t = trunk_of(q);
	msg_t *msg = nta_incoming_getrequest(irq);
	struct td_addr source, local;
	enum sip_transport transport;
	struct td_endpoint *ep;

	if (!msg)
		return false;
	td_sip_msg_addrs(q->sip, msg, &source, &local, &transport);
	msg_destroy(msg);
	ep = td_sip_trunk_at(q->sip, &source);
	return t && (ep == t->ep || td_sip_trunk_is_at(t, &source));
}

/* RFC 6665 4.1.3 */
static void take_state(struct question *q, const sip_t *s)
{
	const sip_subscription_state_t *ss = s->sip_subscription_state;

	if (!ss || !ss->ss_substate || strcasecmp(ss->ss_substate, "terminated"))
		return;
	td_log_dbg(TD_LOG_SIP, "trunk=%s ends what it tells of number=%s reason=%s", q->trunk,
		   q->number, ss->ss_reason ? ss->ss_reason : "-");
	q->state = ASK_TRYING;
	q->until_ms = 0;
	/* not below the dialog's own callback */
	again_in(q, ss->ss_reason && !strcasecmp(ss->ss_reason, "rejected") ?
			    SIP_BACK_OFF_MAX_MS : AGAIN_MS);
}

static int on_request(struct sip_leg *magic, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *s)
{
	struct question *q = (struct question *)(void *)magic;
	struct sip_summary m;

	(void)leg;
	if (s->sip_request->rq_method != sip_method_notify)
		return 405;
	if (!is_from_trunk(q, irq)) {
		q->sip->n_wrong_source++;
		return 403;
	}
	if (!s->sip_event || strcasecmp(s->sip_event->o_type, "message-summary"))
		return 489;
	take_state(q, s);
	if (!s->sip_payload || !s->sip_payload->pl_len)
		return 200;
	if (td_sip_summary_read((struct td_str){ s->sip_payload->pl_data, s->sip_payload->pl_len },
				&m)) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "trunk=%s NOTIFY of number=%s is no summary",
			       q->trunk, q->number);
		return 400;
	}
	if (td_core_set_messages(q->sip->core, q->number, m.messages))
		return 404;
	td_log_info(TD_LOG_SIP, "trunk=%s number=%s messages=%u", q->trunk, q->number, m.messages);
	return 200;
}

/* ---- the request ---- */

static void uri_of(const struct question *q, char dst[SIP_URI_LEN])
{
	const struct sip_trunk *t = trunk_of(q);
	char text[TD_ADDR_STRLEN], port[8] = "";

	if (!t->named && t->addr.port != 5060)
		snprintf(port, sizeof(port), ":%u", t->addr.port);
	snprintf(dst, SIP_URI_LEN, "sip:%s@%s%s", q->number,
		 t->named ? t->host : td_addr_ip(&t->addr, text), port);
}

static int make_leg(struct question *q)
{
	char line[SIP_URI_LEN + 2];

	if (q->leg)
		return 0;
	uri_of(q, q->target);
	snprintf(line, sizeof(line), "<%s>", q->target);
	q->leg = nta_leg_tcreate(q->sip->agent, on_request, (struct sip_leg *)(void *)q,
				 SIPTAG_FROM_STR(line), SIPTAG_TO_STR(line), TAG_END());
	return q->leg && nta_leg_tag(q->leg, NULL) ? 0 : -1;
}

static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s);

/* The magic of nta's transactions and legs is typed for calls, and only carried. */
static nta_outgoing_t *send_subscribe(struct question *q, uint32_t seconds, bool listen)
{
	const struct sip_trunk *t = trunk_of(q);
	char contact[SIP_URI_LEN], line[SIP_URI_LEN + 2], route[TD_ADDR_STRLEN + 32];
	char text[TD_ADDR_STRLEN];
	struct td_addr local;
	sip_expires_t ex[1];

	if (!t || !td_addr_is_set(&t->addr) || make_leg(q) ||
	    !td_sip_local_towards(q->sip, &t->addr, &local))
		return NULL;
	td_sip_contact(q->sip, &local, t->transport, q->number, contact);
	snprintf(line, sizeof(line), "<%s>", contact);
	snprintf(route, sizeof(route), "sip:%s;transport=%s", td_addr_str(&t->addr, text),
		 td_sip_transport_name(t->transport));
	sip_expires_init(ex);
	ex->ex_delta = seconds;
	return nta_outgoing_tcreate(
		q->leg, listen ? on_answer : NULL, listen ? (struct sip_leg *)(void *)q : NULL,
		URL_STRING_MAKE(route), SIP_METHOD_SUBSCRIBE, URL_STRING_MAKE(q->target),
		NTATAG_TPORT(td_sip_tport(q->sip, &local, t->transport)),
		SIPTAG_CONTACT_STR(line), SIPTAG_EXPIRES(ex), SIPTAG_EVENT_STR("message-summary"),
		SIPTAG_ACCEPT_STR("application/simple-message-summary"),
		TAG_IF(q->credentials[0], SIPTAG_HEADER_STR(q->credentials)),
		TAG_IF(q->sip->config->sip.user_agent[0],
		       SIPTAG_USER_AGENT_STR(q->sip->config->sip.user_agent)), TAG_END());
}

static void on_silence(void *arg)
{
	failed(arg, 408, 0);
}

static void send_now(struct question *q)
{
	q->orq = send_subscribe(q, q->asked_s, true);
	if (!q->orq)
		failed(q, 503, 0);
	else
		td_loop_timer_start(q->sip->loop, &q->patience, ANSWER_MS, on_silence, q);
}

static void on_time(void *arg)
{
	struct question *q = arg;

	if (q->state != ASK_UP)
		leave_dialog(q);
	q->n_challenges = 0;
	q->credentials[0] = '\0';
	send_now(q);
}

/* ---- answers ---- */

static void succeeded(struct question *q, const sip_t *s)
{
	uint32_t granted = s->sip_expires ? (uint32_t)s->sip_expires->ex_delta : q->asked_s;
	const url_t *contact = s->sip_contact ? s->sip_contact->m_url : NULL;

	if (!granted) {
		failed(q, 503, 0);
		return;
	}
	if (!q->tagged && s->sip_to->a_tag && nta_leg_rtag(q->leg, s->sip_to->a_tag)) {
		q->tagged = true;
		nta_leg_client_route(q->leg, s->sip_record_route, s->sip_contact);
	}
	if (contact && url_e(q->target, sizeof(q->target), contact) >= (isize_t)sizeof(q->target))
		uri_of(q, q->target);
	if (q->state != ASK_UP)
		td_log_info(TD_LOG_SIP, "trunk=%s tells of messages number=%s seconds=%u", q->trunk,
			    q->number, granted);
	q->state = ASK_UP;
	q->failures = 0;
	q->reason = 0;
	q->until_ms = td_loop_now_ms(q->sip->loop) + granted * 1000ull;
	again_in(q, td_sip_renew_ms(granted));
}

static bool challenged(struct question *q, const sip_t *s)
{
	const struct sip_trunk *t = trunk_of(q);
	struct td_account account;

	if (!t || q->n_challenges++ >= MAX_CHALLENGES)
		return false;
	account = (struct td_account){ t->username, t->password, t->realm };
	return !td_sip_trunk_answer(&account, q->trunk, &q->challenge, s, "SUBSCRIBE", q->target,
				    q->credentials) &&
	       (q->n_challenges == 1 || q->challenge.stale);
}

static bool too_brief(struct question *q, const sip_t *s)
{
	if (!s->sip_min_expires || s->sip_min_expires->me_delta <= q->asked_s)
		return false;
	q->asked_s = (uint32_t)s->sip_min_expires->me_delta;
	return true;
}

static int on_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s)
{
	struct question *q = (struct question *)(void *)magic;
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (orq != q->orq || status < 200)
		return 0;
	td_loop_timer_stop(q->sip->loop, &q->patience);
	q->orq = NULL;
	if (status < 300 && s)
		succeeded(q, s);
	else if (((status == 401 || status == 407) && s && challenged(q, s)) ||
		 (status == 423 && s && too_brief(q, s)))
		send_now(q);
	else
		failed(q, status, s && s->sip_retry_after ?
				  (uint32_t)s->sip_retry_after->af_delta : 0);
	nta_outgoing_destroy(orq);	/* s was its */
	return 0;
}

/* ---- which there are ---- */

static void question_free(struct question *q, bool take_back)
{
	td_loop_timer_stop(q->sip->loop, &q->timer);
	if (take_back && q->state == ASK_UP && trunk_of(q)) {
		q->credentials[0] = '\0';
		nta_outgoing_destroy(send_subscribe(q, 0, false));
	}
	leave_dialog(q);
	td_map_remove(&q->sip->questions, &q->node);
	td_free(q);
}

static void want(struct td_sip *sip, const struct cfg_mwi *cfg, const char *number)
{
	char key[CFG_ID_LEN + CFG_NUMBER_LEN];
	struct td_map_node *n;
	struct question *q;

	snprintf(key, sizeof(key), "%s %s", cfg->server, number);
	n = td_map_find_str(&sip->questions, key);
	q = n ? td_container_of(n, struct question, node) : NULL;
	if (!q) {
		q = td_zalloc(sizeof(*q));
		if (!q)
			return;
		q->sip = sip;
		td_strlcpy(q->key, key, sizeof(q->key));
		td_strlcpy(q->trunk, cfg->server, sizeof(q->trunk));
		td_strlcpy(q->number, number, sizeof(q->number));
		if (td_map_insert_str(&sip->questions, &q->node, q->key)) {
			td_free(q);
			return;
		}
		again_in(q, sip->questions.count * SPREAD_MS);
	}
	q->round = sip->questions_round;
	if (q->expires != cfg->expires)
		q->asked_s = cfg->expires;
	q->expires = cfg->expires;
}

static void want_all(struct td_sip *sip, const struct cfg_mwi *cfg)
{
	const struct td_config *c = sip->config;

	if (!td_sip_trunk_find(sip, cfg->server))
		return;
	for (size_t i = 0; i < cfg->n_number; i++)
		want(sip, cfg, cfg->number[i]);
	for (size_t i = 0; i < c->n_dns && !cfg->n_number; i++)
		want(sip, cfg, c->dns[i].number);
}

void td_sip_mwi_configure(struct td_sip *sip)
{
	struct td_map_node *n, *next;

	sip->questions_round++;
	for (size_t i = 0; i < sip->config->n_mwis; i++)
		want_all(sip, &sip->config->mwis[i]);
	td_map_for_each_safe(n, next, &sip->questions) {
		struct question *q = td_container_of(n, struct question, node);

		if (q->round != sip->questions_round)
			question_free(q, true);
	}
}

void td_sip_mwi_init(struct td_sip *sip)
{
	td_map_init(&sip->questions);
}

void td_sip_mwi_fini(struct td_sip *sip)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &sip->questions)
		question_free(td_container_of(n, struct question, node), false);
	td_map_fini(&sip->questions);
}

/* ---- show ---- */

static void show_one(const struct question *q, struct td_json *j)
{
	static const char *const states[] = { "trying", "subscribed", "rejected" };
	uint64_t now = td_loop_now_ms(q->sip->loop);
	struct td_number_state st = { .messages = 0 };

	td_core_number_state(q->sip->core, q->number, &st);
	td_json_object(j, NULL);
	td_json_str(j, "number", q->number);
	td_json_str(j, "trunk", q->trunk);
	td_json_str(j, "state", states[q->state]);
	td_json_u64(j, "expires_s", q->until_ms > now ? (q->until_ms - now) / 1000 : 0);
	td_json_u64(j, "failures", q->failures);
	td_json_u64(j, "reason", (uint64_t)q->reason);
	td_json_u64(j, "messages", st.messages);
	td_json_end_object(j);
}

void td_sip_show_mwi(struct td_sip *sip, struct td_json *j, const char *key)
{
	struct td_map_node *n, *next;

	td_json_array(j, key);
	td_map_for_each_safe(n, next, &sip->questions)
		show_one(td_container_of(n, const struct question, node), j);
	td_json_end_array(j);
}
