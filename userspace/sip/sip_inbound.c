/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every request that belongs to no transaction and no dialog arrives here: what sofia's
 * parser lets pass and should not, shedding under load, then the table by method. Rows
 * without "open" go through the gate (sip_auth.c) before anything else happens.
 *
 * Under load the work that finishes is preferred: a REGISTER without credentials costs an
 * answer and brings another message, so it is what is dropped first, silently (its sender
 * repeats it), in a storm by the kernel already (sip_sockets.c); a call is refused with 503
 * and Retry-After; ACK, BYE, CANCEL and PRACK are never touched.
 */
#include "userspace/sip/sip_leg.h"
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_cluster.h"
#include "userspace/sip/sip_subscribe.h"

#include <string.h>

#include <sofia-sip/su_tagarg.h>

/* ---- what the parser lets pass ---- */

static bool url_has_headers(const url_t *url)
{
	return url->url_headers && url->url_headers[0];
}

/* 0 = fine, else what to refuse with (RFC 3261 7.3, 8.2.2.1; RFC 4475 3.1.2). */
static int fault_of(const sip_t *s, enum sip_transport transport, const char **phrase)
{
	size_t have = s->sip_payload ? s->sip_payload->pl_len : 0;
	const url_t *url = s->sip_request->rq_url;

	*phrase = NULL;
	if (url_has_headers(url))
		*phrase = "Headers In Request-URI";
	else if (!transport && s->sip_content_length && s->sip_content_length->l_length > have)
		*phrase = "Body Is Shorter Than Content-Length";
	if (*phrase)
		return 400;
	if (url->url_type == url_sip || url->url_type == url_tel || url->url_type == url_sips)
		return 0;
	*phrase = sip_416_Unsupported_uri;
	return 416;
}

static bool has_credentials(const sip_t *s)
{
	return s->sip_authorization || s->sip_proxy_authorization;
}

/* ---- methods ---- */

typedef void (*method_fn)(struct td_sip *sip, msg_t *msg, sip_t *s);

static void on_options(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(sip);

	struct td_addr source, local;
	char stamp[48];
	enum sip_transport transport;

	(void)s;
	sip->n.options++;
	if (!hd) {
		nta_msg_discard(sip->agent, msg);
		return;
	}
	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	nta_msg_treply(sip->agent, msg, SIP_200_OK, SIPTAG_ALLOW(hd->allow),
		       SIPTAG_SUPPORTED(hd->supported), SIPTAG_ACCEPT(hd->accept),
		       SIPTAG_HEADER_STR(td_sip_cluster_stamp(sip, &source, stamp)), TAG_END());
	td_sip_cluster_asked(sip, &source);
}

static void on_register(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	struct td_addr source, local;
	enum sip_transport transport;
	bool crowded;

	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	crowded = !transport && td_sip_sockets_crowded(sip, &local);
	if (!transport && has_credentials(s))
		td_sip_sockets_saw_auth(sip, &local, msg_size(msg));
	if (crowded && !has_credentials(s)) {
		sip->n.register_shed++;
		nta_msg_discard(sip->agent, msg);
		return;
	}
	td_sip_register(sip, msg, s);
}

static void on_invite(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(sip);
	struct td_addr source, local;
	struct sip_phone *phone;
	struct td_endpoint *ep;
	enum sip_transport transport;

	sip->n.invites_in++;
	if (!hd || sip->n_setups >= sip->config->sip.max_setups) {
		sip->n.invites_overload++;
		td_log_limited(TD_LOG_SIP, TD_WARN, "call refused: max_setups=%u are being set up",
			       sip->config->sip.max_setups);
		nta_msg_treply(sip->agent, msg, SIP_503_SERVICE_UNAVAILABLE,
			       TAG_IF(hd, SIPTAG_RETRY_AFTER(hd ? hd->retry_load : NULL)), TAG_END());
		return;
	}
	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	ep = td_sip_trunk_at(sip, &source);
	if (!ep) {
		phone = td_sip_gate(sip, msg, s, &source, NULL);
		ep = phone ? phone->ep : NULL;
	}
	if (ep && ep->kind == TD_EP_TRUNK && !td_sip_trunk_may_call(sip, ep)) {
		char reason[96];

		sip->n.trunk_over_rate++;
		nta_msg_treply(sip->agent, msg, SIP_503_SERVICE_UNAVAILABLE,
			       SIPTAG_RETRY_AFTER(hd->retry_load),
			       SIPTAG_REASON_STR(td_sip_reason_text(TD_CAUSE_CONGESTION, reason,
								    sizeof(reason))), TAG_END());
		return;
	}
	if (ep)
		td_sip_leg_invite(sip, ep, msg, s);
}

/* Known to RFC 3261 and its extensions, but not something that we do. */
static void on_other(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(sip);
	struct td_addr source, local;
	enum sip_transport transport;

	sip->n.other_methods++;
	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	if (!td_sip_gate(sip, msg, s, &source, NULL))
		return;
	if (s->sip_request->rq_method == sip_method_unknown)
		nta_msg_treply(sip->agent, msg, SIP_501_NOT_IMPLEMENTED, TAG_END());
	else
		nta_msg_treply(sip->agent, msg, SIP_405_METHOD_NOT_ALLOWED,
			       TAG_IF(hd, SIPTAG_ALLOW(hd ? hd->allow : NULL)), TAG_END());
}

static void on_notify(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	if (!td_sip_on_summary(sip, msg, s))
		on_other(sip, msg, s);
}

/* A dialog or transaction that is not there (RFC 3261 12.2.2, 9.2). */
static void on_stray(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	(void)s;
	sip->n.out_of_dialog_481++;
	nta_msg_treply(sip->agent, msg, SIP_481_NO_TRANSACTION, TAG_END());
}

static const struct {
	sip_method_t method;
	method_fn fn;
} table[] = {
	{ sip_method_register, on_register }, { sip_method_invite, on_invite },
	{ sip_method_options, on_options },   { sip_method_bye, on_stray },
	{ sip_method_cancel, on_stray },      { sip_method_prack, on_stray },
	{ sip_method_update, on_stray },      { sip_method_info, on_stray },
	{ sip_method_subscribe, td_sip_on_subscribe }, { sip_method_refer, td_cisco_on_refer },
	{ sip_method_notify, on_notify },
};

static method_fn handler_of(const sip_t *s)
{
	if (s->sip_to->a_tag && s->sip_request->rq_method != sip_method_register)
		return on_stray;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].method == s->sip_request->rq_method)
			return table[i].fn;
	return on_other;
}

int td_sip_on_message(struct td_sip *sip, nta_agent_t *agent, msg_t *msg, sip_t *s)
{
	struct td_addr source, local;
	const char *fault;
	int status;
	enum sip_transport transport;

	/* an answer to nothing of ours, and ACKs of stateless refusals, end here */
	if (!s || !s->sip_request || s->sip_request->rq_method == sip_method_ack ||
	    sip->stopping) {
		nta_msg_discard(agent, msg);
		return 0;
	}
	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	status = fault_of(s, transport, &fault);
	if (status) {
		char text[TD_ADDR_STRLEN];

		sip->n.malformed++;
		td_log_limited(TD_LOG_SIP, TD_INFO, "%s refused from=%s: %s",
			       s->sip_request->rq_method_name, td_addr_str(&source, text), fault);
		nta_msg_treply(agent, msg, status, fault, TAG_END());
		return 0;
	}
	handler_of(s)(sip, msg, s);
	return 0;
}

void td_sip_show_stats(struct td_sip *sip, struct td_json *j, const char *key)
{
	const struct sip_counters *n = &sip->n;

	td_json_object(j, key);
	td_json_u64(j, "register_ok", n->register_ok);
	td_json_u64(j, "register_challenged", n->register_challenged);
	td_json_u64(j, "register_refused", n->register_refused);
	td_json_u64(j, "register_shed", n->register_shed);
	td_json_u64(j, "register_probes", n->register_probes);
	td_json_u64(j, "register_storms", n->storms);
	td_json_u64(j, "invites_in", n->invites_in);
	td_json_u64(j, "invites_out", n->invites_out);
	td_json_u64(j, "invites_overload", n->invites_overload);
	td_json_u64(j, "trunk_over_rate", n->trunk_over_rate);
	td_json_u64(j, "setups_now", sip->n_setups);
	td_json_u64(j, "gate_challenged", n->gate_challenged);
	td_json_u64(j, "gate_refused", n->gate_refused);
	td_json_u64(j, "strangers", n->strangers);
	td_json_u64(j, "malformed", n->malformed);
	td_json_u64(j, "options", n->options);
	td_json_u64(j, "other_methods", n->other_methods);
	td_json_u64(j, "out_of_dialog", n->out_of_dialog_481);
	td_json_u64(j, "wrong_source", sip->n_wrong_source);
	td_json_u64(j, "silent_closed", n->silent_closed);
	td_json_end_object(j);
}
