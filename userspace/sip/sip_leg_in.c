/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The party calls us: its first INVITE until the ACK, and the ACK, CANCEL and silence of
 * every later INVITE of its. Provisional answers are reliable when the caller requires
 * it, or can it and SDP is carried (RFC 3262); the 200 then waits for the PRACK, because
 * nta would let it overtake and refuse the PRACK.
 *
 * After CANCEL nothing may be sent on the transaction any more: nta would really send
 * a 200 after its 487. So the handle is destroyed there and then.
 */
#include "userspace/sip/sip_info.h"
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

static int on_prack(struct sip_leg *l, nta_reliable_t *rel, nta_incoming_t *prack,
		    const sip_t *s);

/* ---- the INVITE ---- */

int td_sip_dialled(const char *user, char dst[TD_NUMBER_LEN])
{
	char text[2 * TD_NUMBER_LEN];
	size_t n = 0;

	if (!user || !*user)
		return -ENODATA;
	if (strlen(user) >= sizeof(text))
		return -EINVAL;
	url_unescape(text, user);
	for (const char *p = text; *p && *p != ';'; p++) {
		if (strchr("-.() ", *p))
			continue;	/* RFC 3966 visual separators */
		if (!strchr("0123456789+*#", *p) || n + 1 >= TD_NUMBER_LEN)
			return -EINVAL;
		dst[n++] = *p;
	}
	dst[n] = '\0';
	return n ? 0 : -ENODATA;
}

/* Display names come quoted or as tokens; control characters do not pass. */
static void unquote(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	if (!src)
		src = "";
	if (*src == '"')
		src++;
	for (; *src && n + 1 < size; src++) {
		if (*src == '"')
			break;
		if (*src == '\\' && src[1])
			src++;
		if ((unsigned char)*src >= ' ' && *src != 0x7f)
			dst[n++] = *src;
	}
	dst[n] = '\0';
}

static void party_of(struct td_party *p, const sip_addr_t *a)
{
	char user[2 * TD_NUMBER_LEN];

	memset(p, 0, sizeof(*p));
	if (a->a_url->url_user && strlen(a->a_url->url_user) < sizeof(user)) {
		url_unescape(user, a->a_url->url_user);
		td_strlcpy(p->number, user, sizeof(p->number));
	}
	unquote(p->name, sizeof(p->name), a->a_display);
}

struct refusal {
	int status;
	const char *phrase;
	enum td_cause cause;		/* TD_CAUSE_NONE: no Reason */
	const char *warning;
	const void *retry_after;
	const sip_min_se_t *min_se;
};

static void refuse(struct td_sip *sip, nta_incoming_t *irq, const struct refusal *r)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(sip);
	char reason[96];

	td_log_dbg(TD_LOG_SIP, "send INVITE status=%d", r->status);
	nta_incoming_treply(irq, r->status, r->phrase,
			    TAG_IF(r->cause, SIPTAG_REASON_STR(td_sip_reason_text(
						     r->cause, reason, sizeof(reason)))),
			    TAG_IF(r->warning, SIPTAG_WARNING_STR(r->warning)),
			    TAG_IF(r->retry_after, SIPTAG_RETRY_AFTER(r->retry_after)),
			    TAG_IF(r->min_se, SIPTAG_MIN_SE(r->min_se)),
			    TAG_IF(r->status == 415 && hd, SIPTAG_ACCEPT(hd ? hd->accept : NULL)),
			    TAG_END());
	nta_incoming_destroy(irq);
}

static int make_dialog(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	l->dialog = nta_leg_tcreate(l->sip->agent, td_sip_leg_on_request, l,
				    SIPTAG_CALL_ID(s->sip_call_id), SIPTAG_FROM(s->sip_to),
				    SIPTAG_TO(s->sip_from),
				    NTATAG_REMOTE_CSEQ(s->sip_cseq->cs_seq), TAG_END());
	if (!l->dialog || !nta_leg_tag(l->dialog, nta_incoming_tag(irq, NULL)))
		return -ENOMEM;
	nta_leg_server_route(l->dialog, s->sip_record_route, s->sip_contact);
	return td_sip_leg_make_contact(l, s->sip_request->rq_url->url_user);
}

int td_sip_leg_in_dialog(struct sip_leg *l)
{
	msg_t *msg = nta_incoming_getrequest(l->irq_invite);
	int err = msg ? make_dialog(l, l->irq_invite, sip_object(msg)) : -ENOMEM;

	if (msg)
		msg_destroy(msg);
	return err;
}

/* Over TCP we stay on the phone's own connection; over UDP its Contact counts when it is on
 * the host the INVITE came from, else (NAT, names) the source. */
void td_sip_leg_direct(struct sip_leg *l, const sip_t *s)
{
	struct td_addr contact;

	l->direct = true;
	if (!l->transport && s->sip_contact && s->sip_contact->m_url->url_host &&
	    td_addr_parse(&contact, s->sip_contact->m_url->url_host) == 0 &&
	    td_addr_same_ip(&contact, &l->peer))
		l->direct = false;
}

/* An INVITE as the core shall hear of it; its media name the text in sdp. */
struct incoming {
	struct td_leg_event ev;
	struct sip_sdp sdp;
};

static int read_setup(struct sip_leg *l, const sip_t *s, struct incoming *in, struct refusal *r)
{
	struct td_setup *setup = &in->ev.setup;
	bool there;
	int err;

	memset(setup, 0, sizeof(*setup));
	err = td_sip_dialled(s->sip_request->rq_url->url_user, setup->to.number);
	if (err) {
		r->cause = err == -ENODATA ? TD_CAUSE_BAD_NUMBER : TD_CAUSE_UNALLOCATED;
		r->status = td_sip_status_of_cause(r->cause, &r->phrase);
		return -1;
	}
	party_of(&setup->from, s->sip_from);
	td_sip_trunk_caller(l->sip, l->leg.ep, s, &setup->from);
	setup->hops = 70;
	if (s->sip_max_forwards)
		setup->hops = s->sip_max_forwards->mf_count > 255 ? 255 :
			      (uint8_t)s->sip_max_forwards->mf_count;
	r->status = td_sip_offer_read(l, s, &in->sdp, &there);
	if (r->status) {
		r->phrase = NULL;
		if (r->status == 488) {
			r->cause = TD_CAUSE_NO_MEDIA_MATCH;
			r->warning = "304 tandem \"One audio stream over RTP/AVP is needed\"";
		} else if (r->status == 400) {
			r->warning = "399 tandem \"SDP cannot be read\"";
		}
		return -1;
	}
	setup->has_media = there;
	if (there)
		setup->media = in->sdp.audio;
	if (there && td_sip_offer_accept(l, &in->sdp, false)) {
		r->status = 500;
		return -1;
	}
	l->offer = there ? SIP_OFFER_THEIRS : SIP_OFFER_ASKED;
	l->late_offer = !there;
	return 0;
}

/* Everything that may speak against the call, before the core hears of it. */
static int prepare(struct sip_leg *l, const sip_t *s, struct incoming *in,
		   struct refusal *r, struct sip_timer_headers *timer)
{
	if (!s->sip_contact || !s->sip_contact->m_url->url_host) {
		*r = (struct refusal){ 400, "Contact Missing", .cause = TD_CAUSE_NONE };
		return -1;
	}
	if (s->sip_max_forwards && s->sip_max_forwards->mf_count == 0) {
		*r = (struct refusal){ SIP_483_TOO_MANY_HOPS, .cause = TD_CAUSE_LOOP };
		return -1;
	}
	td_sip_leg_learn(l, s);
	l->must_100rel = sip_has_feature(s->sip_require, "100rel");
	l->can_100rel |= l->must_100rel;
	if (read_setup(l, s, in, r))
		return -1;
	if (td_sip_timer_check(l, s, timer)) {
		*r = (struct refusal){ SIP_422_SESSION_TIMER_TOO_SMALL, .min_se = timer->min };
		return -1;
	}
	if (l->leg.ep->kind == TD_EP_PHONE || s->sip_replaces) {
		int status = s->sip_replaces ?
				     td_sip_leg_replaces(l, s->sip_replaces, &in->ev.setup) :
				     td_sip_leg_joins(l, s, &in->ev.setup);

		if (status) {
			*r = (struct refusal){ status, NULL, .cause = TD_CAUSE_NONE };
			return -1;
		}
	}
	td_sip_leg_direct(l, s);
	return 0;
}

static struct sip_leg *new_caller(struct td_sip *sip, struct td_endpoint *ep,
				  const struct td_addr *source, const struct td_addr *local,
				  enum sip_transport transport)
{
	struct sip_leg *l = td_sip_leg_new(sip, ep);

	if (!l)
		return NULL;
	l->caller = true;
	l->leg.local = *local;
	l->peer = *source;
	l->transport = transport;
	td_sip_leg_set_srtp(l);
	return l;
}

void td_sip_leg_invite(struct td_sip *sip, struct td_endpoint *ep, msg_t *msg, sip_t *s)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(sip);
	struct refusal r = { SIP_503_SERVICE_UNAVAILABLE, .cause = TD_CAUSE_CONGESTION };
	struct incoming in = { .ev.type = TD_LEG_SETUP };
	struct sip_timer_headers timer;
	struct td_addr source, local;
	struct sip_leg *l;
	nta_incoming_t *irq;
	enum sip_transport transport;
	enum td_dial number;
	bool dials;

	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	irq = nta_incoming_create(sip->agent, NULL, msg, s, TAG_END());
	if (!irq)
		return;
	r.retry_after = hd ? hd->retry_load : NULL;
	if (!hd || sip->stopping) {
		refuse(sip, irq, &r);
		return;
	}
	if (nta_check_required(irq, s, hd->supported, TAG_END())) {
		nta_incoming_destroy(irq);
		return;
	}
	l = new_caller(sip, ep, &source, &local, transport);
	if (!l) {
		refuse(sip, irq, &r);
		return;
	}
	r = (struct refusal){ SIP_500_INTERNAL_SERVER_ERROR, .cause = TD_CAUSE_NONE };
	number = TD_DIAL_NONE;
	if (prepare(l, s, &in, &r, &timer) == 0)
		number = td_sip_dial_by_trunk(l, s, &in.ev.setup);
	if (number == TD_DIAL_MORE)
		r = (struct refusal){ SIP_484_ADDRESS_INCOMPLETE, .cause = TD_CAUSE_BAD_NUMBER };
	if (number == TD_DIAL_NONE || number == TD_DIAL_MORE ||
	    (number == TD_DIAL_MATCH && make_dialog(l, irq, s))) {
		refuse(sip, irq, &r);
		td_sip_leg_discard(l);
		return;
	}
	dials = number == TD_DIAL_MATCH_LONGER || td_sip_dial_wanted(l, s, &in.ev.setup);
	if (!dials && td_core_incoming(sip->core, &l->leg)) {
		r = (struct refusal){ SIP_503_SERVICE_UNAVAILABLE, .cause = TD_CAUSE_CONGESTION,
				      .retry_after = hd->retry_load };
		refuse(sip, irq, &r);
		td_sip_leg_discard(l);
		return;
	}
	td_sip_leg_log(l, "recv", "INVITE", 0);
	l->irq_invite = irq;
	nta_incoming_bind(irq, td_sip_leg_on_invite, l);
	nta_incoming_treply(irq, SIP_100_TRYING, TAG_END());
	td_sip_leg_count(l, true);
	if (!dials) {
		td_leg_post(&l->leg, &in.ev);
		return;
	}
	if (number == TD_DIAL_MATCH ? td_sip_dial_start(l, &in.ev) : td_sip_dial_hold(l, s, &in.ev))
		td_sip_leg_in_refuse(l, SIP_503_SERVICE_UNAVAILABLE, TD_CAUSE_CONGESTION);
	td_sip_leg_settle(l);
}

/* ---- provisional answers ---- */

static const char *text_to_send(const struct sip_leg *l)
{
	return l->offer == SIP_OFFER_ASKED || l->offer == SIP_OFFER_OURS ? l->sdp_offer : l->sdp;
}

static bool send_reliably(struct sip_leg *l, int status, const char *phrase, const char *text)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);
	sip_payload_t pl[1];

	sip_payload_init(pl);
	if (text) {
		pl->pl_data = (char *)text;
		pl->pl_len = strlen(text);
	}
	if (!nta_reliable_treply(l->irq_invite, on_prack, l, status, phrase,
				 SIPTAG_CONTACT(l->contact), SIPTAG_ALLOW(hd->allow),
				 TAG_IF(text, SIPTAG_CONTENT_TYPE(hd->sdp)),
				 TAG_IF(text, SIPTAG_PAYLOAD(pl)), TAG_END()))
		return false;
	l->unpracked++;
	return true;
}

/* SDP goes with it when there is an answer to give, or an offer that may travel here. */
static void send_provisional(struct sip_leg *l)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);
	const char *text = l->answer_sent ? NULL : text_to_send(l);
	bool offer = l->offer == SIP_OFFER_ASKED;
	int status = text && !offer ? 183 : 180;
	const char *phrase = status == 183 ? sip_183_Session_progress : sip_180_Ringing;
	bool reliable = l->must_100rel || (l->can_100rel && text && !offer);
	sip_payload_t pl[1];

	if (l->state == SIP_LEG_NEW)
		l->state = SIP_LEG_RINGING;
	l->early_sent = text && !offer;
	td_sip_leg_log(l, "send", "INVITE", status);
	if (reliable && send_reliably(l, status, phrase, text)) {
		if (!text)
			return;
		l->answer_sent = true;
		/* offer in the 1xx: the PRACK brings the answer; else the exchange is over */
		l->offer = offer ? SIP_OFFER_OURS : SIP_OFFER_IDLE;
		return;
	}
	if (offer)
		text = NULL;		/* an unreliable 1xx cannot carry an offer */
	sip_payload_init(pl);
	if (text) {
		pl->pl_data = (char *)text;
		pl->pl_len = strlen(text);
	}
	nta_incoming_treply(l->irq_invite, status, phrase, SIPTAG_CONTACT(l->contact),
			    SIPTAG_ALLOW(hd->allow),
			    TAG_IF(td_sip_leg_notifies_keys(l), SIPTAG_HEADER_STR(SIP_KEY_CALL_INFO)),
			    TAG_IF(text, SIPTAG_CONTENT_TYPE(hd->sdp)),
			    TAG_IF(text, SIPTAG_PAYLOAD(pl)), TAG_END());
}

static bool is_open(const struct sip_leg *l)
{
	return l->caller && l->irq_invite && !l->answered && l->state < SIP_LEG_UNACKED;
}

int td_sip_leg_alert(struct td_leg *leg)
{
	struct sip_leg *l = td_sip_leg_of(leg);

	if (!l->sip || !is_open(l))
		return -ENOTCONN;
	/* A second time: the 180 is out, and now there is something to hear. */
	if (l->alerting && (l->early_sent || l->connect_held || l->offer != SIP_OFFER_THEIRS ||
			    !l->sdp))
		return 0;
	l->alerting = true;
	td_sip_dial_over(l);
	send_provisional(l);
	return 0;
}

/* ---- the answer ---- */

static void send_answer(struct sip_leg *l)
{
	const char *text = l->answer_sent ? NULL : text_to_send(l);

	l->connect_held = false;
	if (!text && !l->answer_sent) {		/* the media failed: there is nothing to say */
		td_sip_leg_in_refuse(l, SIP_488_NOT_ACCEPTABLE, TD_CAUSE_NO_MEDIA_MATCH);
		return;
	}
	l->answered = true;
	l->state = SIP_LEG_UNACKED;
	td_sip_leg_count(l, false);
	if (l->offer == SIP_OFFER_ASKED)
		l->offer = SIP_OFFER_OURS;	/* the ACK brings the answer */
	else if (l->offer == SIP_OFFER_THEIRS)
		l->offer = SIP_OFFER_IDLE;
	td_sip_offer_reply(l, l->irq_invite, SIP_200_OK, text);
}

static bool must_wait(const struct sip_leg *l)
{
	return l->unpracked || l->irq_request;
}

int td_sip_leg_connect(struct td_leg *leg)
{
	struct sip_leg *l = td_sip_leg_of(leg);

	if (!l->sip || !is_open(l))
		return -ENOTCONN;
	td_sip_dial_over(l);
	l->connect_held = true;
	if (!must_wait(l))
		send_answer(l);
	td_sip_leg_settle(l);
	return 0;
}

void td_sip_leg_in_ready(struct sip_leg *l)
{
	if (is_open(l) && l->connect_held && !must_wait(l))
		send_answer(l);
}

void td_sip_leg_in_refuse(struct sip_leg *l, int status, const char *phrase, enum td_cause cause)
{
	nta_incoming_t *irq = l->irq_invite;
	char reason[96];

	td_sip_dial_over(l);
	l->irq_invite = NULL;
	l->state = SIP_LEG_LEAVING;
	if (l->irq_request) {
		nta_incoming_treply(l->irq_request, SIP_487_REQUEST_TERMINATED, TAG_END());
		nta_incoming_destroy(l->irq_request);
		l->irq_request = NULL;
	}
	if (irq) {
		td_sip_leg_log(l, "send", "INVITE", status);
		nta_incoming_treply(irq, status, phrase,
				    SIPTAG_REASON_STR(td_sip_reason_text(cause, reason,
									 sizeof(reason))),
				    TAG_IF(status == 503, SIPTAG_RETRY_AFTER(
					    td_sip_leg_headers(l->sip)->retry_load)),
				    TAG_END());
		nta_incoming_destroy(irq);
	}
	td_sip_leg_ended(l, cause);
}

/* ---- PRACK ---- */

static int take_prack_sdp(struct sip_leg *l, nta_incoming_t *prack, const sip_t *s)
{
	struct sip_sdp sdp;
	bool there;
	int status = td_sip_offer_read(l, s, &sdp, &there);

	if (status)
		return status;
	if (l->offer == SIP_OFFER_OURS) {	/* our offer was in the 1xx */
		if (!there)
			return 0;
		td_sip_offer_agreed(l);
		td_sip_offer_accept(l, &sdp, true);
		td_sip_leg_post_media(l, TD_MEDIA_ANSWER, &sdp.audio);
		return 0;
	}
	if (!there)
		return 0;
	if (l->offer != SIP_OFFER_IDLE || td_sip_offer_accept(l, &sdp, false))
		return 491;
	l->irq_request = prack;
	l->on_request = true;
	l->offer = SIP_OFFER_THEIRS;
	td_sip_leg_post_media(l, TD_MEDIA_OFFER, &sdp.audio);
	return 0;
}

static int on_prack(struct sip_leg *l, nta_reliable_t *rel, nta_incoming_t *prack, const sip_t *s)
{
	int status;

	nta_reliable_destroy(rel);
	if (l->unpracked)
		l->unpracked--;
	if (!prack || !s)		/* nobody acknowledged, or the INVITE is over */
		return 0;
	td_sip_leg_log(l, "recv", "PRACK", 0);
	if (l->state == SIP_LEG_LEAVING)
		return 200;
	status = take_prack_sdp(l, prack, s);
	if (status) {
		nta_incoming_treply(prack, status, NULL, TAG_END());
		nta_incoming_destroy(prack);
		return 0;
	}
	if (l->irq_request == prack)
		return 0;		/* the core answers the offer in it */
	td_sip_offer_reply(l, prack, SIP_200_OK, NULL);
	nta_incoming_destroy(prack);
	td_sip_leg_in_ready(l);
	td_sip_offer_flush(l);
	return 0;
}

/* ---- ACK, CANCEL, silence ---- */

static void on_cancel(struct sip_leg *l, const sip_t *s)
{
	nta_incoming_t *irq = l->irq_invite;
	enum td_cause cause = td_sip_cause_of_reason(s);

	td_sip_leg_log(l, "recv", "CANCEL", 0);
	if (!irq || l->answered)
		return;
	l->irq_invite = NULL;
	nta_incoming_treply(irq, SIP_487_REQUEST_TERMINATED, TAG_END());
	nta_incoming_destroy(irq);
	if (l->state >= SIP_LEG_UP) {		/* of a re-INVITE: what was agreed stays */
		if (!l->on_request)
			l->offer = SIP_OFFER_IDLE;
		td_sip_offer_flush(l);
		return;
	}
	if (l->irq_request) {
		nta_incoming_treply(l->irq_request, SIP_487_REQUEST_TERMINATED, TAG_END());
		nta_incoming_destroy(l->irq_request);
		l->irq_request = NULL;
	}
	td_sip_leg_ended(l, cause);
}

/* The answer to our offer in the 200. False: there is none, the call cannot go on. */
static bool take_ack_sdp(struct sip_leg *l, const sip_t *s)
{
	struct sip_sdp sdp;
	bool there;

	if (l->offer != SIP_OFFER_OURS || !l->late_offer)
		return true;
	if (td_sip_offer_read(l, s, &sdp, &there) || !there)
		return false;
	td_sip_offer_agreed(l);
	td_sip_offer_accept(l, &sdp, true);
	td_sip_leg_post_media(l, TD_MEDIA_ANSWER, &sdp.audio);
	return true;
}

static void on_ack(struct sip_leg *l, const sip_t *s)
{
	nta_incoming_t *irq = l->irq_invite;

	td_sip_leg_log(l, "recv", "ACK", 0);
	l->irq_invite = NULL;
	l->answered = false;
	nta_incoming_destroy(irq);
	if (l->state == SIP_LEG_LEAVING) {
		if (l->bye_after_ack) {
			l->bye_after_ack = false;
			td_sip_leg_bye(l, TD_CAUSE_NORMAL);
		}
		return;
	}
	l->state = SIP_LEG_UP;
	td_sip_leg_identify(l, s, true);
	if (!take_ack_sdp(l, s)) {
		td_sip_leg_hangup(l, TD_CAUSE_PROTOCOL);
		return;
	}
	l->late_offer = false;
	td_sip_offer_flush(l);
	if (!l->keys)
		td_sip_keys_begin(l);
}

/* Timer H, no PRACK in 32 s, or an answer that could not be sent. */
static void on_silence(struct sip_leg *l)
{
	nta_incoming_t *irq = l->irq_invite;
	bool confirmed = l->answered;

	td_sip_leg_log(l, "lost", confirmed ? "ACK" : "PRACK", 0);
	if (!confirmed) {
		td_sip_leg_in_refuse(l, SIP_504_GATEWAY_TIME_OUT, TD_CAUSE_TIMER);
		return;
	}
	l->irq_invite = NULL;
	l->answered = false;
	nta_incoming_destroy(irq);
	td_sip_leg_ended(l, TD_CAUSE_TIMER);
	l->bye_after_ack = false;
	td_sip_leg_bye(l, TD_CAUSE_TIMER);
}

int td_sip_leg_on_invite(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	if (irq != l->irq_invite)
		return 0;
	if (!s || !s->sip_request)
		on_silence(l);
	else if (s->sip_request->rq_method == sip_method_cancel)
		on_cancel(l, s);
	else if (s->sip_request->rq_method == sip_method_ack && l->answered)
		on_ack(l, s);
	td_sip_leg_settle(l);
	return 0;
}
