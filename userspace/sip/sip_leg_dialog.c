/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the party inside the dialog. They are not challenged: who may speak is
 * who set the dialog up, from the same host; others get 403 and are counted. Table by
 * method at the end; offers go to sip_leg_offer.c. PRACK never comes here, nta matches
 * it with its 1xx (sip_leg_in.c).
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include "userspace/sip/sip_info.h"

typedef int (*request_fn)(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s);

static int on_bye(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	enum td_cause cause = td_sip_cause_of_reason(s);

	nta_incoming_treply(irq, SIP_200_OK, TAG_END());
	if (l->state == SIP_LEG_LEAVING)
		return 200;		/* it crossed ours */
	if (l->irq_request) {
		nta_incoming_treply(l->irq_request, SIP_487_REQUEST_TERMINATED, TAG_END());
		nta_incoming_destroy(l->irq_request);
		l->irq_request = NULL;
	}
	if (l->irq_invite) {
		/* An unanswered one is terminated; for an unacknowledged 200 BYE is as good */
		if (!l->answered)
			nta_incoming_treply(l->irq_invite, SIP_487_REQUEST_TERMINATED, TAG_END());
		nta_incoming_destroy(l->irq_invite);
		l->irq_invite = NULL;
	}
	if (l->orq_invite)		/* BYE of an early dialog that we called */
		td_sip_leg_cancel(l, TD_CAUSE_NORMAL);
	td_sip_leg_ended(l, cause);
	return 200;
}

static int on_invite(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	if (l->state != SIP_LEG_UP && l->state != SIP_LEG_UNACKED) {
		/* RFC 3261 14.2: theirs is pending - 500; ours is - 491 */
		if (l->orq_invite)
			return 491;
		nta_incoming_treply(irq, SIP_500_INTERNAL_SERVER_ERROR,
				    SIPTAG_RETRY_AFTER(td_sip_leg_headers(l->sip)->retry_now),
				    TAG_END());
		return 500;
	}
	return td_sip_offer_received(l, irq, s, true);
}

static int on_update(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	return td_sip_offer_received(l, irq, s, false);
}

static int on_info(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	struct td_leg_event ev = { .type = TD_LEG_DIGIT };
	struct sip_dtmf d;

	(void)irq;
	if (!s->sip_payload || !s->sip_content_type || !s->sip_content_type->c_type)
		return 200;
	if (td_sip_info_decode(s->sip_content_type->c_type, s->sip_payload->pl_data,
			       s->sip_payload->pl_len, &d) == 0 && !l->told_released) {
		ev.digit = d.digit;
		ev.duration_ms = d.duration_ms;
		td_leg_post(&l->leg, &ev);
	}
	return 200;
}

static int on_notify(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	struct td_leg_event ev = { .type = TD_LEG_DIGIT };
	struct sip_dtmf d;
	int err;

	if (!s->sip_event || !su_casematch(s->sip_event->o_type, SIP_KEY_EVENT))
		return td_sip_dial_on_notify(l, irq, s);
	if (!s->sip_content_type || !su_casematch(s->sip_content_type->c_type, SIP_KEY_TYPE))
		return 415;
	err = td_sip_key_decode(s->sip_payload ? s->sip_payload->pl_data : NULL,
				s->sip_payload ? s->sip_payload->pl_len : 0, &d);
	if (err == -EBADMSG)
		return 400;
	if (!err && !l->told_released) {
		ev.digit = d.digit;
		ev.duration_ms = d.duration_ms;
		td_leg_post(&l->leg, &ev);
	}
	return 200;
}

static int on_options(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);

	(void)s;
	nta_incoming_treply(irq, SIP_200_OK, SIPTAG_CONTACT(l->contact), SIPTAG_ALLOW(hd->allow),
			    SIPTAG_SUPPORTED(hd->supported), SIPTAG_ACCEPT(hd->accept), TAG_END());
	return 200;
}

static int on_other(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	bool known = s->sip_request->rq_method != sip_method_unknown;

	/* RFC 3261 8.2.1: a method that we know is not allowed here, another is not implemented */
	if (!known)
		return 501;
	nta_incoming_treply(irq, SIP_405_METHOD_NOT_ALLOWED,
			    SIPTAG_ALLOW(td_sip_leg_headers(l->sip)->allow), TAG_END());
	return 405;
}

/* nta keeps a CANCEL that belongs to an open INVITE to itself (RFC 3261 9.2) */
static int on_stray_cancel(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	(void)l;
	(void)irq;
	(void)s;
	return 481;
}

static const struct {
	sip_method_t method;
	request_fn fn;
} table[] = {
	{ sip_method_bye, on_bye },	{ sip_method_invite, on_invite },
	{ sip_method_update, on_update }, { sip_method_info, on_info },
	{ sip_method_options, on_options }, { sip_method_refer, td_sip_leg_on_refer },
	{ sip_method_cancel, on_stray_cancel }, { sip_method_notify, on_notify },
	{ sip_method_subscribe, td_sip_keys_on_subscribe },
};

static bool from_peer(struct sip_leg *l, nta_incoming_t *irq)
{
	msg_t *msg = nta_incoming_getrequest(irq);
	struct td_addr source, local;
	enum sip_transport transport;

	if (!msg)
		return false;
	td_sip_msg_addrs(l->sip, msg, &source, &local, &transport);
	msg_destroy(msg);
	if (!td_addr_same_ip(&source, &l->peer))
		return false;
	td_sip_leg_heard(l, &source);
	return true;
}

static int handle(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	sip_method_t method = s->sip_request->rq_method;

	if (!from_peer(l, irq)) {
		l->sip->n_wrong_source++;
		td_log_limited(TD_LOG_SIP, TD_WARN, "leg=%u %s from another host refused",
			       l->leg.id, s->sip_request->rq_method_name);
		return 403;
	}
	if (l->state == SIP_LEG_LEAVING && method != sip_method_bye)
		return 481;
	if (nta_check_required(irq, s, td_sip_leg_headers(l->sip)->supported, TAG_END()))
		return 420;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].method == method)
			return table[i].fn(l, irq, s);
	return on_other(l, irq, s);
}

int td_sip_leg_on_request(struct sip_leg *l, nta_leg_t *dialog, nta_incoming_t *irq,
			  const sip_t *s)
{
	int status;

	(void)dialog;
	if (!s || !s->sip_request)
		return 500;
	td_sip_leg_log(l, "recv", s->sip_request->rq_method_name, 0);
	if (s->sip_request->rq_method == sip_method_ack)
		return 200;		/* a stray one; nta never answers ACK */
	status = handle(l, irq, s);
	td_sip_leg_settle(l);
	return status;
}

/* ---- the core's verb ---- */

static int send_info(struct sip_leg *l, const struct sip_dtmf *d)
{
	char route[TD_ADDR_STRLEN + 32], body[SIP_INFO_BODY_LEN];
	nta_outgoing_t *orq;

	td_sip_info_encode(body, d);
	td_sip_leg_log(l, "send", "INFO", 0);
	orq = nta_outgoing_tcreate(l->dialog, NULL, NULL,
				   (url_string_t *)td_sip_leg_route(l, route), SIP_METHOD_INFO,
				   NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
				   SIPTAG_CONTENT_TYPE_STR(SIP_INFO_DTMF_RELAY),
				   SIPTAG_PAYLOAD_STR(body), TAG_END());
	nta_outgoing_destroy(orq);
	return orq ? 0 : -EIO;
}

static int send_key(struct sip_leg *l, const struct sip_dtmf *d, bool released)
{
	char route[TD_ADDR_STRLEN + 32];
	uint8_t body[SIP_KEY_LEN];
	sip_payload_t pl[1];
	nta_outgoing_t *orq;

	td_sip_key_encode(body, d, released);
	sip_payload_init(pl);
	pl->pl_data = (char *)body;
	pl->pl_len = sizeof(body);
	td_sip_leg_log(l, "send", "NOTIFY", 0);
	orq = nta_outgoing_tcreate(l->dialog, NULL, NULL,
				   (url_string_t *)td_sip_leg_route(l, route), SIP_METHOD_NOTIFY,
				   NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
				   SIPTAG_CONTACT(l->contact),
				   SIPTAG_EVENT_STR(SIP_KEY_EVENT ";rate=1000"),
				   SIPTAG_SUBSCRIPTION_STATE_STR("active"),
				   SIPTAG_CONTENT_TYPE_STR(SIP_KEY_TYPE), SIPTAG_PAYLOAD(pl),
				   TAG_END());
	nta_outgoing_destroy(orq);
	return orq ? 0 : -EIO;
}

int td_sip_leg_info(struct td_leg *leg, const struct td_info *info)
{
	struct sip_leg *l = td_sip_leg_of(leg);
	struct sip_dtmf d = { .digit = info->digit, .duration_ms = info->duration_ms };
	int err;

	if (!l->sip || l->told_released)
		return -ENOTCONN;
	if (info->kind == TD_INFO_DIGIT && td_sip_overlap_number(l))
		return td_sip_overlap_digit(l, info->digit);
	if (l->state != SIP_LEG_UP)
		return -ENOTCONN;
	if (info->kind == TD_INFO_TRANSFER)
		td_sip_leg_tell_refer(l, info);
	if (info->kind != TD_INFO_DIGIT)
		return 0;
	if (l->leg.dtmf == CFG_DTMF_KPML && td_sip_keys_tell(l, info->digit) == 0)
		return 0;
	if (td_sip_leg_notifies_keys(l)) {
		err = send_key(l, &d, false);
		return err ? err : send_key(l, &d, true);
	}
	return l->can_info ? send_info(l, &d) : -EOPNOTSUPP;
}
