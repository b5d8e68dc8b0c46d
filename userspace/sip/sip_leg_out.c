/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * We call the party: INVITE to one contact of a phone until it is answered, refused or
 * cancelled. The ACK to a 2xx is sent at once and by ourselves: nta aborts when it is
 * asked for one after the INVITE has gone, so it is never left to the other side of the
 * call. A proxy behind the contact may fork: every 1xx and 2xx names its branch by the
 * To tag. The dialog follows the first tag, then the one that answers; a second 2xx gets
 * ACK and BYE from nta itself.
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_INVITE_RETRIES 2

/* ---- new legs ---- */

static struct sip_leg *new_callee(struct td_sip *sip, struct td_endpoint *ep,
				  const struct sip_target *t)
{
	struct sip_leg *l = td_sip_leg_new(sip, ep);

	if (!l)
		return NULL;
	l->leg.local = t->local;
	l->peer = t->peer;
	l->transport = t->transport;
	td_sip_leg_set_srtp(l);
	l->direct = true;
	l->can_info = true;		/* until an Allow says otherwise */
	l->uri = td_strdup(t->uri);
	if (!l->uri) {
		td_sip_leg_discard(l);
		return NULL;
	}
	return l;
}

int td_sip_new_legs(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max)
{
	struct td_sip *sip = driver;
	struct sip_phone *phone;
	struct sip_target targets[TD_MAX_FORKS];
	size_t n = 0, made = 0;

	if (sip->stopping)
		return 0;
	if (ep->kind == TD_EP_TRUNK) {
		n = td_sip_trunk_target(sip, ep->id, targets);
	} else {
		phone = td_sip_phone_by_id(sip, ep->id);
		if (phone)
			n = td_sip_targets(phone, targets, max < TD_MAX_FORKS ? max : TD_MAX_FORKS);
	}
	for (size_t i = 0; i < n; i++) {
		struct sip_leg *l = new_callee(sip, ep, &targets[i]);

		if (l)
			legs[made++] = &l->leg;
	}
	return n && !made ? -ENOMEM : (int)made;
}

const struct td_driver_ops td_sip_driver = {
	.name = "sip",
	.new_legs = td_sip_new_legs,
	.restore = td_sip_restore_leg,
	.page = td_sip_page,
};

/* ---- the dialog of an answer ---- */

void td_sip_leg_ack(struct sip_leg *l, nta_leg_t *dialog, uint32_t cseq)
{
	char route[TD_ADDR_STRLEN + 32];
	sip_cseq_t cs[1];
	nta_outgoing_t *ack;

	sip_cseq_init(cs);
	cs->cs_seq = cseq;
	cs->cs_method = sip_method_ack;
	cs->cs_method_name = "ACK";
	td_sip_leg_log(l, "send", "ACK", 0);
	ack = nta_outgoing_tcreate(dialog, NULL, NULL, (url_string_t *)td_sip_leg_route(l, route),
				   SIP_METHOD_ACK, NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
				   SIPTAG_CSEQ(cs), TAG_END());
	nta_outgoing_destroy(ack);
}

/* A dialog with another branch of the fork: same Call-ID and From, its own To tag. */
static nta_leg_t *branch_dialog(struct sip_leg *l, const sip_t *s, uint32_t cseq)
{
	sip_cseq_t cs[1];
	nta_leg_t *dialog;

	sip_cseq_init(cs);
	cs->cs_seq = cseq;
	cs->cs_method = sip_method_invite;
	cs->cs_method_name = "INVITE";
	dialog = nta_leg_tcreate(l->sip->agent, td_sip_leg_on_request, l,
				 SIPTAG_CALL_ID(s->sip_call_id), SIPTAG_FROM(s->sip_from),
				 SIPTAG_TO(s->sip_to), SIPTAG_CSEQ(cs), TAG_END());
	if (dialog)
		nta_leg_client_route(dialog, s->sip_record_route, s->sip_contact);
	return dialog;
}

static bool same_branch(const struct sip_leg *l, const sip_t *s)
{
	const char *tag = nta_leg_get_rtag(l->dialog);

	return tag && s->sip_to->a_tag && su_casematch(tag, s->sip_to->a_tag);
}

/* Early: the first branch gives the dialog its tag. Final: the one that answers wins. */
static int follow_branch(struct sip_leg *l, const sip_t *s, uint32_t cseq, bool final)
{
	nta_leg_t *other;

	if (!s->sip_to->a_tag)
		return final ? -EPROTO : 0;
	if (!l->tagged && !l->overlap) {
		l->tagged = true;
		if (!nta_leg_rtag(l->dialog, s->sip_to->a_tag))
			return -ENOMEM;
		nta_leg_client_route(l->dialog, s->sip_record_route, s->sip_contact);
		return 0;
	}
	if (!final && l->tagged)
		return 0;
	if (l->tagged && same_branch(l, s)) {
		nta_leg_client_reroute(l->dialog, s->sip_record_route, s->sip_contact, 1);
		return 0;
	}
	/* of several INVITEs of ours: the one that this is about, with what it had in To */
	other = branch_dialog(l, s, l->overlap ? nta_leg_get_seq(l->dialog) : cseq);
	if (!other)
		return -ENOMEM;
	l->tagged = true;
	nta_leg_destroy(l->dialog);
	l->dialog = other;
	return td_sip_leg_make_contact(l, s->sip_from->a_url->url_user);
}

void td_sip_leg_not_wanted(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	uint32_t cseq = nta_outgoing_cseq(orq);
	char route[TD_ADDR_STRLEN + 32];
	nta_leg_t *dialog = branch_dialog(l, s, cseq);

	if (!dialog)
		return;
	td_sip_leg_ack(l, dialog, cseq);
	td_sip_leg_log(l, "send", "BYE", 0);
	nta_outgoing_destroy(nta_outgoing_tcreate(dialog, NULL, NULL,
						  (url_string_t *)td_sip_leg_route(l, route),
						  SIP_METHOD_BYE, NULL,
						  NTATAG_TPORT(td_sip_leg_tport(l)), TAG_END()));
	nta_leg_destroy(dialog);
}

/* ---- provisional answers ---- */

static void send_prack(struct sip_leg *l, const sip_t *s, uint32_t cseq)
{
	nta_leg_t *dialog = same_branch(l, s) ? l->dialog : branch_dialog(l, s, cseq);
	char route[TD_ADDR_STRLEN + 32];
	nta_outgoing_t *prack;
	sip_rack_t rack[1];

	if (!dialog)
		return;
	sip_rack_init(rack);
	rack->ra_response = s->sip_rseq->rs_response;
	rack->ra_cseq = s->sip_cseq->cs_seq;
	rack->ra_method = sip_method_invite;
	rack->ra_method_name = "INVITE";
	td_sip_leg_log(l, "send", "PRACK", 0);
	prack = nta_outgoing_tcreate(dialog, NULL, NULL,
				     (url_string_t *)td_sip_leg_route(l, route),
				     SIP_METHOD_PRACK, NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
				     SIPTAG_RACK(rack), TAG_END());
	nta_outgoing_destroy(prack);
	if (dialog != l->dialog)
		nta_leg_destroy(dialog);
}

/* PRACK what is new. False: a copy of a 1xx that was handled before. */
static bool acknowledge(struct sip_leg *l, const sip_t *s, uint32_t cseq, bool *reliable)
{
	*reliable = s->sip_rseq && sip_has_feature(s->sip_require, "100rel") && s->sip_to->a_tag;
	if (!*reliable)
		return true;
	if (same_branch(l, s)) {
		if (s->sip_rseq->rs_response <= l->rseq)
			return false;
		if (l->rseq && s->sip_rseq->rs_response != l->rseq + 1)
			return false;	/* RFC 3262 4: out of order, will come again */
		l->rseq = (uint32_t)s->sip_rseq->rs_response;
	}
	send_prack(l, s, cseq);
	return true;
}

/* An answer to our offer in a 1xx or 2xx. Copies and repetitions are not news. */
static int take_answer(struct sip_leg *l, const sip_t *s, bool settles)
{
	struct sip_sdp sdp;
	bool there;
	int status = td_sip_offer_read(l, s, &sdp, &there);

	if (status || !there)
		return status;
	if (l->answer_told && td_sip_sdp_fingerprint(&sdp) == l->remote_print) {
		if (settles && l->offer == SIP_OFFER_OURS)
			td_sip_offer_agreed(l);
		return 0;
	}
	if (l->offer != SIP_OFFER_OURS)
		return 0;		/* over already (reliable 1xx): RFC 3261 13.2.1 says ignore */
	if (td_sip_offer_accept(l, &sdp, true))
		return 500;
	if (settles)
		td_sip_offer_agreed(l);
	l->answer_told = true;
	td_sip_leg_post_media(l, TD_MEDIA_ANSWER, &sdp.audio);
	return 0;
}

static void on_provisional(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s, int status)
{
	bool reliable;

	if (l->state == SIP_LEG_LEAVING || status == 100)
		return;
	follow_branch(l, s, nta_outgoing_cseq(orq), false);
	td_sip_leg_learn(l, s);
	if (l->state == SIP_LEG_NEW && s->sip_to->a_tag)
		l->state = SIP_LEG_RINGING;
	if (!acknowledge(l, s, nta_outgoing_cseq(orq), &reliable))
		return;
	take_answer(l, s, reliable && same_branch(l, s));
	if (!l->alerting && (status == 180 || (status == 183 && l->answer_told))) {
		l->alerting = true;
		td_sip_leg_post(l, TD_LEG_ALERTING);
	}
	td_sip_offer_flush(l);
}

/* ---- final answers ---- */

static void on_success(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	uint32_t cseq = nta_outgoing_cseq(orq);
	int err = follow_branch(l, s, cseq, true);

	td_sip_leg_ack(l, l->dialog, cseq);
	if (l->state == SIP_LEG_LEAVING || err) {
		/* it crossed our CANCEL */
		td_sip_leg_ended(l, TD_CAUSE_PROTOCOL);
		td_sip_leg_bye(l, TD_CAUSE_NORMAL);
		return;
	}
	td_free(l->uri);
	l->uri = NULL;
	td_sip_leg_learn(l, s);
	l->state = SIP_LEG_UP;
	td_sip_leg_identify(l, s, false);
	if (take_answer(l, s, true) || !l->answer_told) {
		td_sip_leg_hangup(l, TD_CAUSE_PROTOCOL);
		return;
	}
	if (l->offer == SIP_OFFER_OURS && !l->orq_offer)
		td_sip_offer_agreed(l);
	td_sip_timer_uac(l, s);
	td_sip_leg_post(l, TD_LEG_ANSWERED);
	td_sip_keys_begin(l);
	td_sip_offer_flush(l);
}

/* A phone sends the call on (RFC 3261 21.3): the core decides whether it goes there, with the
 * phone's rights. Only the number in the Contact counts; what a trunk wants is not followed. */
static void on_redirect(struct sip_leg *l, const sip_t *s, int status)
{
	const char *user = s && s->sip_contact ? s->sip_contact->m_url->url_user : NULL;
	struct td_leg_event ev = { .type = TD_LEG_REDIRECT };

	if (l->leg.ep->kind == TD_EP_PHONE && !td_sip_dialled(user, ev.redirect_to)) {
		td_leg_post(&l->leg, &ev);
		return;
	}
	td_log_limited(TD_LOG_SIP, TD_INFO, "leg=%u redirected, which is not followed status=%d",
		       l->leg.id, status);
}

/* A trunk asks for our password: once, and again only because the nonce was too old. */
static bool answer_challenge(struct sip_leg *l, const sip_t *s, int status)
{
	char *text;

	if ((status != 401 && status != 407) || !s || l->leg.ep->kind != TD_EP_TRUNK ||
	    l->cancelled || l->retries >= MAX_INVITE_RETRIES)
		return false;
	text = td_sip_trunk_credentials(l->sip, l->leg.ep->id, s, "INVITE", l->uri,
					l->credentials != NULL);
	if (!text)
		return false;
	l->retries++;
	td_free(l->credentials);
	l->credentials = text;
	return td_sip_leg_send_invite(l) == 0;
}

/* We said RTP/AVP and told keys, as most take it who can do both, and as who knows nothing of
 * SRTP takes it for plain. Some take nothing but RTP/SAVP. */
static bool offer_savp(struct sip_leg *l, int status)
{
	char *text;

	if (status != 488 || !l->insist || l->cancelled)
		return false;
	l->insist->srtp = TD_SRTP_MUST;
	text = td_sip_offer_text(l, l->insist);
	td_free(l->insist);
	l->insist = NULL;
	if (!text)
		return false;
	td_free(l->sdp_offer);
	l->sdp_offer = text;
	return td_sip_leg_send_invite(l) == 0;
}

static void on_failure(struct sip_leg *l, const sip_t *s, int status)
{
	enum td_cause cause = td_sip_cause_of_reason(s);

	if (l->state == SIP_LEG_LEAVING)
		return;
	if (status == 422 && s && l->retries < MAX_INVITE_RETRIES &&
	    td_sip_timer_too_small(l, s)) {
		l->retries++;
		if (td_sip_leg_send_invite(l) == 0)
			return;
	}
	if (answer_challenge(l, s, status) || offer_savp(l, status))
		return;
	if ((status == 503 || !s) && td_sip_leg_use_other_host(l) && td_sip_leg_send_invite(l) == 0)
		return;
	if (status < 400)
		on_redirect(l, s, status);
	if (cause == TD_CAUSE_NONE)
		cause = td_sip_cause_of_status(status);
	td_sip_leg_ended(l, cause);
}

int td_sip_leg_on_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (td_sip_overlap_answer(l, orq, s, status) || orq != l->orq_invite)
		return 0;
	td_sip_leg_log(l, "recv", "INVITE answer", status);
	l->heard = true;
	td_loop_timer_stop(l->sip->loop, &l->answer_timer);
	if (status < 200) {
		if (s)
			on_provisional(l, orq, s, status);
		td_sip_leg_settle(l);
		return 0;
	}
	l->orq_invite = NULL;
	td_loop_timer_stop(l->sip->loop, &l->cancel_timer);
	if (status < 300 && s)
		on_success(l, orq, s);
	else
		on_failure(l, s, status);
	nta_outgoing_destroy(orq);
	td_sip_leg_settle(l);
	return 0;
}

/* ---- CANCEL ---- */

void td_sip_leg_cancel(struct sip_leg *l, enum td_cause cause)
{
	char reason[96];
	nta_outgoing_t *cancel;

	if (!l->orq_invite || l->cancelled)
		return;
	l->cancelled = true;
	td_sip_leg_log(l, "send", "CANCEL", 0);
	/* RFC 3326 2: the phone must not count a call that was answered elsewhere as missed */
	cancel = nta_outgoing_tcancel(
		l->orq_invite, NULL, NULL,
		SIPTAG_REASON_STR(cause == TD_CAUSE_ELSEWHERE ?
				  "SIP;cause=200;text=\"Call completed elsewhere\"" :
				  td_sip_reason_text(cause, reason, sizeof(reason))),
		TAG_END());
	nta_outgoing_destroy(cancel);
	td_sip_leg_wait_cancelled(l);
}
