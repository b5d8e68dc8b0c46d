/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A side of a call in SIP: making it, hanging up, freeing it. The rest of the object is
 * in the files that sip_leg.h lists. What must hold here:
 *
 * - nta aborts the process on some mistakes (an ACK whose INVITE is gone), so every
 *   message is sent from the state that allows it, and state is set before sending.
 * - All handles of nta go in td_sip_leg_drop(), which runs once; after it no callback
 *   can come, and only then is the object freed, from the loop.
 * - The core hears RELEASED once and at once; what the wire still needs (ACK of a 200,
 *   answer to BYE or to a cancelled INVITE) happens behind its back.
 */
#include "userspace/sip/sip_info.h"
#include "userspace/sip/sip_kpml.h"
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/msg_header.h>
#include <sofia-sip/su_tagarg.h>
#include <sofia-sip/su_uniqueid.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_body.h"

/* RFC 3261 9.1: a server that ignores CANCEL is given up after 64*T1. */
#define CANCEL_PATIENCE_MS 32000

const struct sip_leg_headers *td_sip_leg_headers(struct td_sip *sip)
{
	struct sip_leg_headers *h = sip->leg_headers;

	if (h)
		return h;
	h = su_zalloc(sip->home, sizeof(*h));
	if (!h)
		return NULL;
	h->allow = sip_allow_make(sip->home,
				  "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, "
				  "SUBSCRIBE, NOTIFY");
	h->supported = sip_supported_make(sip->home, "100rel, timer, norefersub, replaces, join");
	h->accept = sip_accept_make(sip->home, "application/sdp");
	h->sdp = sip_content_type_make(sip->home, "application/sdp");
	h->require_timer = sip_require_make(sip->home, "timer");
	h->retry_now = sip_retry_after_make(sip->home, "2");
	h->retry_load = sip_retry_after_make(sip->home, "5");
	if (!h->allow || !h->supported || !h->accept || !h->sdp || !h->require_timer ||
	    !h->retry_now || !h->retry_load)
		return NULL;
	td_strlcpy(h->user_agent, sip->config->sip.user_agent, sizeof(h->user_agent));
	sip->leg_headers = h;
	return h;
}

struct sip_leg *td_sip_leg_new(struct td_sip *sip, struct td_endpoint *ep)
{
	struct sip_leg *l;

	if (!td_sip_leg_headers(sip))
		return NULL;
	l = td_zalloc(sizeof(*l));
	if (!l)
		return NULL;
	l->leg.ops = &td_sip_leg_ops;
	l->leg.ep = ep;
	l->sip = sip;
	td_list_init(&l->leg.node);
	su_randmem(&l->sdp_id, sizeof(l->sdp_id));
	l->sdp_id = (l->sdp_id >> 33) + 1;	/* some phones read it into 32 bits */
	td_list_append(&sip->legs, &l->node);
	return l;
}

void td_sip_leg_set_srtp(struct sip_leg *l)
{
	const struct td_config *config = l->sip->config;
	uint32_t want = l->leg.ep->srtp;

	l->leg.srtp = (uint8_t)(want == CFG_SRTP_INHERIT ? config->global.srtp : want);
	l->leg.secret = l->transport == SIP_TLS || config->sip.srtp_clear;
}

static void free_leg(void *arg)
{
	struct sip_leg *l = arg;

	td_free(l->uri);
	td_free(l->insist);
	td_free(l->diversion);
	td_free(l->credentials);
	td_free(l->answer);
	td_free(l->identity);
	td_free(l->sdp);
	td_free(l->sdp_offer);
	td_free(l->pending);
	td_free(l->lines);
	td_sip_leg_forget_identity(l);
	td_free(l);
}

/* The one place where nta's handles go. */
static void drop(struct sip_leg *l)
{
	if (l->dropped)
		return;
	l->dropped = true;
	td_sip_leg_count(l, false);
	td_loop_timer_stop(l->sip->loop, &l->session_timer);
	td_loop_timer_stop(l->sip->loop, &l->glare_timer);
	td_loop_timer_stop(l->sip->loop, &l->cancel_timer);
	td_loop_timer_stop(l->sip->loop, &l->answer_timer);
	td_sip_dial_free(l);
	td_sip_overlap_free(l);
	td_sip_keys_free(l);
	nta_incoming_destroy(l->irq_invite);
	nta_incoming_destroy(l->irq_request);
	nta_outgoing_destroy(l->orq_invite);
	nta_outgoing_destroy(l->orq_offer);
	nta_outgoing_destroy(l->orq_bye);
	if (l->dialog)
		nta_leg_destroy(l->dialog);
	l->irq_invite = l->irq_request = NULL;
	l->orq_invite = l->orq_offer = l->orq_bye = NULL;
	l->dialog = NULL;
	l->contact = NULL;
	td_list_del(&l->node);
}

static bool owes_on_wire(const struct sip_leg *l)
{
	return l->irq_invite || l->irq_request || l->orq_invite || l->orq_offer || l->orq_bye ||
	       td_sip_overlap_owes(l);
}

void td_sip_leg_settle(struct sip_leg *l)
{
	/* every callback of nta ends here: CSeq, target or SDP may be others now */
	if (l->state == SIP_LEG_UP && !l->core_done)
		td_leg_changed(&l->leg);
	if (l->dropped || !l->core_done || owes_on_wire(l))
		return;
	drop(l);
	td_loop_defer(l->sip->loop, &l->free_later, free_leg, l);
}

void td_sip_leg_discard(struct sip_leg *l)
{
	drop(l);
	td_loop_defer(l->sip->loop, &l->free_later, free_leg, l);
}

void td_sip_leg_count(struct sip_leg *l, bool up)
{
	if (up == l->counted)
		return;
	l->counted = up;
	if (up)
		l->sip->n_setups++;
	else if (l->sip->n_setups)
		l->sip->n_setups--;
}

int td_sip_leg_make_contact(struct sip_leg *l, const char *user)
{
	char uri[SIP_URI_LEN];

	td_sip_contact(l->sip, &l->leg.local, l->transport, user, uri);
	l->contact = sip_contact_format((su_home_t *)l->dialog, "<%s>", uri);
	return l->contact ? 0 : -ENOMEM;
}

const char *td_sip_leg_route(struct sip_leg *l, char dst[TD_ADDR_STRLEN + 32])
{
	const sip_route_t *route = NULL;
	char addr[TD_ADDR_STRLEN];

	if (!l->direct)
		return NULL;
	td_sip_leg_find(l);
	if (l->dialog && nta_leg_get_route(l->dialog, &route, NULL) == 0 && route)
		return NULL;
	snprintf(dst, TD_ADDR_STRLEN + 32, "sip:%s;transport=%s", td_addr_str(&l->peer, addr),
		 td_sip_transport_name(l->transport));
	return dst;
}

tport_t *td_sip_leg_tport(const struct sip_leg *l)
{
	return td_sip_tport(l->sip, &l->leg.local, l->transport);
}

bool td_sip_leg_notifies_keys(const struct sip_leg *l)
{
	return l->can_notify_keys && l->leg.dtmf == CFG_DTMF_NOTIFY;
}

void td_sip_leg_learn(struct sip_leg *l, const sip_t *s)
{
	if (s->sip_allow) {
		l->can_update = sip_is_allowed(s->sip_allow, SIP_METHOD_UPDATE);
		l->can_info = sip_is_allowed(s->sip_allow, SIP_METHOD_INFO);
	}
	for (const sip_call_info_t *ci = s->sip_call_info; ci && !l->can_notify_keys; ci = ci->ci_next) {
		const char *method = msg_params_find(ci->ci_params, "method=");

		l->can_notify_keys = method && strcasestr(method, "Event=" SIP_KEY_EVENT);
	}
	for (char *const *item = s->sip_allow_events ? (char *const *)s->sip_allow_events->k_items :
						       NULL; item && *item; item++)
		l->can_kpml |= su_casematch(*item, SIP_KPML_EVENT);
	if (s->sip_supported) {
		l->can_100rel = sip_has_feature(s->sip_supported, "100rel");
		l->can_timer = sip_has_feature(s->sip_supported, "timer");
	}
	if (sip_has_feature(s->sip_require, "timer"))
		l->can_timer = true;
}

void td_sip_leg_log(const struct sip_leg *l, const char *way, const char *what, int status)
{
	char peer[TD_ADDR_STRLEN];

	if (!td_log_enabled(TD_LOG_SIP, TD_DBG))
		return;
	if (status)
		td_log(TD_LOG_SIP, TD_DBG, "leg=%u %s %s status=%d peer=%s", l->leg.id, way, what,
		       status, td_addr_str(&l->peer, peer));
	else
		td_log(TD_LOG_SIP, TD_DBG, "leg=%u %s %s peer=%s", l->leg.id, way, what,
		       td_addr_str(&l->peer, peer));
}

/* ---- to the core ---- */

void td_sip_leg_post(struct sip_leg *l, enum td_leg_event_type type)
{
	if (!l->told_released)
		td_leg_post_simple(&l->leg, type);
}

void td_sip_leg_post_media(struct sip_leg *l, enum td_media_kind kind,
			   const struct td_media_desc *d)
{
	if (!l->told_released)
		td_leg_post_media(&l->leg, kind, d);
}

void td_sip_leg_ended(struct sip_leg *l, enum td_cause cause)
{
	l->state = SIP_LEG_LEAVING;
	td_sip_leg_count(l, false);
	td_sip_timer_stop(l);
	td_loop_timer_stop(l->sip->loop, &l->glare_timer);
	td_sip_overlap_over(l);
	td_sip_keys_over(l);
	/* A re-INVITE of ours that had a 1xx has no timer in nta: its party may be gone for good. */
	if (l->orq_offer)
		td_sip_leg_wait_cancelled(l);
	if (!l->told_released) {
		l->told_released = true;
		td_leg_post_released(&l->leg, cause == TD_CAUSE_NONE ? TD_CAUSE_NORMAL : cause);
	}
}

/* ---- hanging up ---- */

static void send_bye(struct sip_leg *l, enum td_cause cause);

static int on_bye_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (status < 200)
		return 0;
	td_sip_leg_log(l, "recv", "BYE answer", status);
	l->orq_bye = NULL;
	if (td_sip_leg_challenged(l, orq, s))
		send_bye(l, TD_CAUSE_NORMAL);
	nta_outgoing_destroy(orq);
	td_sip_leg_settle(l);
	return 0;
}

static void send_bye(struct sip_leg *l, enum td_cause cause)
{
	char route[TD_ADDR_STRLEN + 32], reason[96];

	td_sip_leg_log(l, "send", "BYE", 0);
	l->orq_bye = nta_outgoing_tcreate(l->dialog, on_bye_answer, l,
					  (url_string_t *)td_sip_leg_route(l, route),
					  SIP_METHOD_BYE, NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
					  SIPTAG_REASON_STR(td_sip_reason_text(cause, reason,
									       sizeof(reason))),
					  TAG_IF(l->answer, SIPTAG_HEADER_STR(l->answer)),
					  TAG_END());
}

/* Requests of the party that nobody will answer any more (RFC 3261 15.1.2). */
static void refuse_open_requests(struct sip_leg *l)
{
	if (l->irq_request) {
		nta_incoming_treply(l->irq_request, SIP_487_REQUEST_TERMINATED, TAG_END());
		nta_incoming_destroy(l->irq_request);
		l->irq_request = NULL;
	}
	if (l->irq_invite && !l->answered) {
		nta_incoming_treply(l->irq_invite, SIP_487_REQUEST_TERMINATED, TAG_END());
		nta_incoming_destroy(l->irq_invite);
		l->irq_invite = NULL;
	}
}

void td_sip_leg_bye(struct sip_leg *l, enum td_cause cause)
{
	if (l->orq_bye || !l->dialog)
		return;
	refuse_open_requests(l);
	td_free(l->answer);		/* of another request */
	l->answer = NULL;
	send_bye(l, cause);
}

void td_sip_leg_hangup(struct sip_leg *l, enum td_cause cause)
{
	const char *phrase;
	int status;

	switch ((enum sip_leg_state)l->state) {
	case SIP_LEG_NEW:
	case SIP_LEG_RINGING:
		if (l->caller) {
			status = td_sip_status_of_cause(cause, &phrase);
			td_sip_leg_in_refuse(l, status, phrase, cause);
			break;
		}
		td_sip_leg_cancel(l, cause);
		td_sip_leg_ended(l, cause);
		break;
	case SIP_LEG_UNACKED:
		/* RFC 3261 15: the callee must not send BYE before the ACK or timer H */
		l->bye_after_ack = true;
		td_sip_leg_ended(l, cause);
		break;
	case SIP_LEG_UP:
		/* A re-INVITE of theirs may have its 200 and no ACK: same rule does not apply,
		 * the dialog is confirmed. */
		td_sip_leg_ended(l, cause);
		td_sip_leg_bye(l, cause);
		break;
	case SIP_LEG_LEAVING:
		break;
	}
}

static void leg_release(struct td_leg *leg, enum td_cause cause)
{
	struct sip_leg *l = td_sip_leg_of(leg);

	if (!l->sip) {
		if (!l->told_released) {
			l->told_released = true;
			td_leg_post_released(leg, cause);
		}
		return;
	}
	td_sip_leg_hangup(l, cause);
	td_sip_leg_settle(l);
}

static void leg_destroy(struct td_leg *leg)
{
	struct sip_leg *l = td_sip_leg_of(leg);

	l->core_done = true;
	if (!l->sip) {			/* the driver has stopped before: nothing is left of it */
		free_leg(l);
		return;
	}
	l->told_released = true;
	if (l->state != SIP_LEG_LEAVING) {	/* the core gave up on us (its watchdog) */
		td_sip_leg_hangup(l, TD_CAUSE_TIMER);
		l->state = SIP_LEG_LEAVING;
	}
	td_sip_leg_settle(l);
}

/* Its dialog lives on another router: nothing is owed to the party from here. */
static void leg_abandon(struct td_leg *leg)
{
	td_sip_leg_of(leg)->state = SIP_LEG_LEAVING;
}

const struct td_leg_ops td_sip_leg_ops = {
	.protocol = "sip",
	.udptl = true,
	.video = true,
	.around = true,
	.setup = td_sip_leg_setup,
	.alert = td_sip_leg_alert,
	.connect = td_sip_leg_connect,
	.media = td_sip_leg_media,
	.info = td_sip_leg_info,
	.save = td_sip_leg_save,
	.release = leg_release,
	.abandon = leg_abandon,
	.destroy = leg_destroy,
};

static void on_cancel_ignored(void *arg)
{
	struct sip_leg *l = arg;

	nta_outgoing_destroy(l->orq_invite);
	nta_outgoing_destroy(l->orq_offer);
	l->orq_invite = l->orq_offer = NULL;
	td_sip_leg_settle(l);
}

void td_sip_leg_wait_cancelled(struct sip_leg *l)
{
	td_loop_timer_start(l->sip->loop, &l->cancel_timer, CANCEL_PATIENCE_MS,
			    on_cancel_ignored, l);
}

/* ---- bodies ---- */

bool td_sip_leg_body(const sip_t *s, const char **text, size_t *len, int *err)
{
	const sip_content_type_t *ct = s->sip_content_type;
	const char *boundary;
	struct td_str part;

	*err = 0;
	if (!s->sip_payload || !s->sip_payload->pl_len)
		return false;
	if (!ct || !ct->c_type) {
		*err = -EINVAL;
		return false;
	}
	if (su_casematch(ct->c_type, "application/sdp")) {
		*text = s->sip_payload->pl_data;
		*len = s->sip_payload->pl_len;
		return true;
	}
	boundary = su_casenmatch(ct->c_type, "multipart/", 10) ?
		   msg_header_find_param(ct->c_common, "boundary=") : NULL;
	if (boundary && td_sip_body_part((struct td_str){ s->sip_payload->pl_data,
							  s->sip_payload->pl_len },
					 td_str_of(boundary), "application/sdp", &part)) {
		*text = part.p;
		*len = part.len;
		return true;
	}
	*err = -EINVAL;
	return false;
}

/* ---- the driver's end ---- */

void td_sip_legs_stop(struct td_sip *sip)
{
	struct sip_leg *l, *next;

	td_list_for_each_safe(l, next, &sip->legs, struct sip_leg, node) {
		if (l->state != SIP_LEG_LEAVING)
			td_sip_leg_hangup(l, TD_CAUSE_OUT_OF_ORDER);
		if (l->bye_after_ack)
			td_sip_leg_bye(l, TD_CAUSE_OUT_OF_ORDER);
		drop(l);
		if (l->core_done)
			free_leg(l);
		else
			l->sip = NULL;	/* destroy() will free it */
	}
}
