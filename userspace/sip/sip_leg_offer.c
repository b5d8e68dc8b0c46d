/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer and answer of a leg (RFC 3264, 3311, 6141; leg.h "Offer and answer"). At most one
 * exchange is open; which one, l->offer says, and l->on_request on which request of the
 * party it travels. What the core wants to offer while one is open is kept, the newest
 * only, and sent by td_sip_offer_flush(), which every end of an exchange calls.
 *
 * Glare (RFC 3261 14.1): theirs during ours gets 491; ours answered with 491 is tried
 * again after 2.1-4 s when the Call-ID is ours, else after 0-2 s.
 *
 * Not here: the first INVITE of either direction, which carries its exchange in several
 * messages (sip_leg_in.c, sip_leg_out.c).
 */
#include "userspace/sip/sip_info.h"
#include "userspace/sip/sip_kpml.h"
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include <sofia-sip/su_uniqueid.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_GLARES 8

/* ---- descriptions ---- */

int td_sip_offer_read(const struct sip_leg *l, const sip_t *s, struct sip_sdp *out, bool *there)
{
	const char *text;
	size_t len;
	int err, status = 0;

	*there = td_sip_leg_body(s, &text, &len, &err);
	if (*there) {
		err = td_sip_sdp_parse(text, len, l->leg.secret && l->leg.srtp, out);
		if (err)
			status = err == -EBADMSG ? 400 : 488;
	} else if (err) {
		status = 415;
	}
	return status;
}

/* A party that answers fewer lines than it was offered has refused the others: they stay. */
int td_sip_offer_accept(struct sip_leg *l, const struct sip_sdp *sdp, bool answer)
{
	if (sdp->lines.n > 1 && !l->lines) {
		l->lines = td_zalloc(sizeof(*l->lines));
		if (!l->lines)
			return -ENOMEM;
	}
	if (l->lines && (!answer || sdp->lines.n >= l->lines->n))
		*l->lines = sdp->lines;
	l->remote_print = td_sip_sdp_fingerprint(sdp);
	return 0;
}

static int write_text(const struct sip_leg *l, const struct td_media_desc *d,
		      char dst[SIP_SDP_OUT_BYTES])
{
	struct sip_sdp_origin o = { l->sdp_id, l->sdp_version };

	return td_sip_sdp_write(dst, SIP_SDP_OUT_BYTES, &o, d, l->lines);
}

static void set_line(struct sip_sdp_lines *lines, int i, const char *type, const char *proto,
		     struct td_str format)
{
	td_strlcpy(lines->line[i].type, type, sizeof(lines->line[i].type));
	td_strlcpy(lines->line[i].proto, proto, sizeof(lines->line[i].proto));
	td_str_copy(lines->line[i].format, sizeof(lines->line[i].format), format);
}

/* Video that we offer gets a line behind all others, or the one that there is (RFC 3264 8.1). */
static int place_video(struct sip_leg *l, const struct td_video *v)
{
	struct sip_sdp_lines *lines = l->lines;
	int i;

	if (!v->rtp.port || l->offer == SIP_OFFER_THEIRS)
		return 0;
	if (!lines) {
		lines = l->lines = td_zalloc(sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		set_line(lines, lines->n++, "audio", "RTP/AVP", TD_STR("0"));
	}
	i = td_sip_sdp_video_line(lines);
	if (i < 0 && lines->n < SIP_SDP_MAX_LINES)
		i = lines->n++;
	if (i >= 0)
		set_line(lines, i, "video", v->avpf ? SIP_SDP_AVPF : "RTP/AVP",
			 (struct td_str){ v->text, strcspn(v->text, " \n") });
	return 0;
}

char *td_sip_offer_text(struct sip_leg *l, const struct td_media_desc *d)
{
	char text[SIP_SDP_OUT_BYTES];
	int len = place_video(l, &d->video);

	if (!len)
		len = write_text(l, d, text);
	if (len < 0)
		return NULL;
	if (l->sdp && !strcmp(l->sdp, text))
		return td_strndup(text, (size_t)len);
	if (l->sdp || l->sdp_offer) {
		l->sdp_version++;	/* RFC 3264 8: by one, when anything changed */
		len = write_text(l, d, text);
		if (len < 0)
			return NULL;
	}
	return td_strndup(text, (size_t)len);
}

static void agree(struct sip_leg *l, char *text)
{
	td_free(l->sdp);
	l->sdp = text;
}

void td_sip_offer_agreed(struct sip_leg *l)
{
	l->offer = SIP_OFFER_IDLE;
	if (!l->sdp_offer)
		return;
	agree(l, l->sdp_offer);
	l->sdp_offer = NULL;
}

/* ---- answering the party ---- */

void td_sip_offer_reply(struct sip_leg *l, nta_incoming_t *irq, int status, const char *phrase,
			const char *text)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);
	struct sip_timer_headers h = { .has_se = false };
	sip_payload_t pl[1];
	msg_t *request;
	bool timed = status >= 200 && status < 300 &&
		     nta_incoming_method(irq) != sip_method_prack;

	if (timed) {
		request = nta_incoming_getrequest(irq);
		if (request)
			td_sip_timer_uas(l, sip_object(request), &h);
		msg_destroy(request);
	}
	sip_payload_init(pl);
	if (text) {
		pl->pl_data = (char *)text;
		pl->pl_len = strlen(text);
	}
	td_sip_leg_log(l, "send", nta_incoming_method_name(irq), status);
	nta_incoming_treply(irq, status, phrase,
			    SIPTAG_CONTACT(l->contact),
			    SIPTAG_ALLOW(hd->allow),
			    SIPTAG_SUPPORTED(hd->supported),
			    TAG_IF(h.require, SIPTAG_REQUIRE(hd->require_timer)),
			    TAG_IF(h.has_se, SIPTAG_SESSION_EXPIRES(h.se)),
			    TAG_IF(td_sip_leg_notifies_keys(l), SIPTAG_HEADER_STR(SIP_KEY_CALL_INFO)),
			    TAG_IF(l->leg.dtmf == CFG_DTMF_KPML,
				   SIPTAG_ALLOW_EVENTS_STR(SIP_KPML_EVENT)),
			    TAG_IF(hd->user_agent[0], SIPTAG_SERVER_STR(hd->user_agent)),
			    TAG_IF(text, SIPTAG_CONTENT_TYPE(hd->sdp)),
			    TAG_IF(text, SIPTAG_PAYLOAD(pl)),
			    TAG_END());
}

/* The request in which the open exchange travels; it is answered with this. */
static void finish_request(struct sip_leg *l, int status, const char *phrase, const char *text)
{
	nta_incoming_t *irq = l->on_request ? l->irq_request : l->irq_invite;

	if (!irq)
		return;
	if (status < 300) {
		td_sip_offer_reply(l, irq, status, phrase, text);
	} else {
		td_sip_leg_log(l, "send", nta_incoming_method_name(irq), status);
		nta_incoming_treply(irq, status, phrase, TAG_END());
	}
	if (l->on_request) {
		l->irq_request = NULL;
		nta_incoming_destroy(irq);
	} else if (status >= 300) {
		l->irq_invite = NULL;
		nta_incoming_destroy(irq);
	} else {
		l->answered = true;	/* until the ACK */
	}
	l->on_request = false;
}

/* The core's word on an exchange that the party opened after the first INVITE. */
static int answer_later_request(struct sip_leg *l, const struct td_media_desc *d)
{
	bool asked = l->offer == SIP_OFFER_ASKED;
	char *text = NULL;

	if (d)
		text = td_sip_offer_text(l, d);
	if (!text) {
		l->offer = SIP_OFFER_IDLE;
		finish_request(l, SIP_488_NOT_ACCEPTABLE, NULL);
		td_sip_offer_flush(l);
		return d ? -ENOMEM : 0;
	}
	if (asked) {
		td_free(l->sdp_offer);
		l->sdp_offer = text;
		l->offer = SIP_OFFER_OURS;
		l->late_offer = true;
		finish_request(l, SIP_200_OK, text);
		return 0;
	}
	agree(l, text);
	l->offer = SIP_OFFER_IDLE;
	finish_request(l, SIP_200_OK, text);
	if (l->caller && l->state < SIP_LEG_UP)
		td_sip_leg_in_ready(l);	/* a 200 may have waited for the PRACK */
	td_sip_offer_flush(l);
	return 0;
}

static int answer_first_invite(struct sip_leg *l, const struct td_media_desc *d)
{
	char *text;

	if (!d)
		return 0;		/* the core will hang up, or try again */
	text = td_sip_offer_text(l, d);
	if (!text)
		return -ENOMEM;
	if (l->offer == SIP_OFFER_ASKED) {
		td_free(l->sdp_offer);
		l->sdp_offer = text;
	} else {
		agree(l, text);
	}
	td_sip_leg_in_ready(l);
	return 0;
}

/* ---- an offer of ours ---- */

static int on_offer_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s);

static bool may_offer(const struct sip_leg *l)
{
	if (l->offer != SIP_OFFER_IDLE || l->irq_invite || l->irq_request || l->orq_offer ||
	    td_timer_is_armed(&l->glare_timer) || !l->dialog)
		return false;
	return l->state == SIP_LEG_UP;
}

/* Before the answer only UPDATE may carry an offer, once the first exchange is over. */
static bool may_update_early(const struct sip_leg *l)
{
	if (l->state != SIP_LEG_RINGING || !l->can_update || l->orq_offer || l->irq_request ||
	    l->offer != SIP_OFFER_IDLE)
		return false;
	return l->caller ? l->answer_sent && !l->unpracked && !l->connect_held : l->tagged;
}

static int send_request(struct sip_leg *l, bool update, const char *text)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);
	char route[TD_ADDR_STRLEN + 32];
	struct sip_timer_headers h;
	sip_payload_t pl[1];

	td_sip_timer_request(l, &h);
	sip_payload_init(pl);
	if (text) {
		pl->pl_data = (char *)text;
		pl->pl_len = strlen(text);
	}
	td_sip_leg_log(l, "send", update ? "UPDATE" : "re-INVITE", 0);
	l->orq_offer = nta_outgoing_tcreate(
		l->dialog, on_offer_answer, l, (url_string_t *)td_sip_leg_route(l, route),
		update ? sip_method_update : sip_method_invite, update ? "UPDATE" : "INVITE", NULL,
		NTATAG_TPORT(td_sip_leg_tport(l)), SIPTAG_CONTACT(l->contact),
		SIPTAG_ALLOW(hd->allow), SIPTAG_SUPPORTED(hd->supported), TAG_IF(h.has_se, SIPTAG_SESSION_EXPIRES(h.se)),
		TAG_IF(h.has_min, SIPTAG_MIN_SE(h.min)),
		TAG_IF(l->answer, SIPTAG_HEADER_STR(l->answer)),
		TAG_IF(text, SIPTAG_CONTENT_TYPE(hd->sdp)), TAG_IF(text, SIPTAG_PAYLOAD(pl)),
		TAG_END());
	return l->orq_offer ? 0 : -EIO;
}

static void forget_pending(struct sip_leg *l)
{
	td_free(l->pending);
	l->pending = NULL;
	l->pending_is_sent = false;
}

static int keep_pending(struct sip_leg *l, const struct td_media_desc *d)
{
	struct td_media_desc *copy = td_media_dup(d);

	if (!copy)
		return -ENOMEM;
	forget_pending(l);
	l->pending = copy;
	return 0;
}

static void offer_refused(struct sip_leg *l)
{
	td_free(l->sdp_offer);
	l->sdp_offer = NULL;
	l->offer = SIP_OFFER_IDLE;
	if (!l->refreshing)
		td_sip_leg_post_media(l, TD_MEDIA_REFUSED, NULL);
	l->refreshing = false;
}

void td_sip_offer_flush(struct sip_leg *l)
{
	struct td_media_desc *d = l->pending;
	bool early = may_update_early(l);
	char *text;

	if (!d || l->pending_is_sent || l->told_released || (!early && !may_offer(l)))
		return;
	text = td_sip_offer_text(l, d);
	td_free(l->sdp_offer);
	l->sdp_offer = text;
	l->refreshing = false;
	l->offer = SIP_OFFER_OURS;
	/* The description stays: after glare it is tried again, unless a newer one came. */
	l->pending_is_sent = true;
	if (l->sdp_offer && send_request(l, early, l->sdp_offer) == 0)
		return;
	forget_pending(l);
	offer_refused(l);
}

static void on_glare_over(void *arg)
{
	struct sip_leg *l = arg;

	td_sip_offer_flush(l);
	td_sip_leg_settle(l);
}

static void wait_for_retry(struct sip_leg *l)
{
	uint32_t ms = l->caller ? (uint32_t)su_randint(0, 200) * 10 :
				  2100 + (uint32_t)su_randint(0, 190) * 10;

	td_loop_timer_start(l->sip->loop, &l->glare_timer, ms, on_glare_over, l);
}

/* The party's Contact counts from now on (RFC 3261 12.2), within the bounds of the first one. */
static void refresh_target(struct sip_leg *l, const sip_t *s)
{
	if (!s->sip_contact)
		return;
	if (s->sip_request)
		nta_leg_server_route(l->dialog, NULL, s->sip_contact);
	else
		nta_leg_client_reroute(l->dialog, NULL, s->sip_contact, 0);
	if (l->caller)
		td_sip_leg_direct(l, s);
}

static void offer_answered(struct sip_leg *l, const sip_t *s, bool invite)
{
	struct sip_sdp sdp;
	bool there, news;
	int status;

	td_sip_leg_learn(l, s);
	refresh_target(l, s);
	td_sip_timer_uac(l, s);
	status = td_sip_offer_read(l, s, &sdp, &there);
	if (l->offer != SIP_OFFER_OURS) {
		l->refreshing = false;	/* an UPDATE without SDP */
		return;
	}
	if (status || !there) {
		td_log_limited(TD_LOG_SIP, TD_WARN, "leg=%u answer without a usable SDP to our %s",
			       l->leg.id, invite ? "re-INVITE" : "UPDATE");
		offer_refused(l);
		return;
	}
	news = !l->refreshing || td_sip_sdp_fingerprint(&sdp) != l->remote_print;
	td_sip_offer_agreed(l);
	td_sip_offer_accept(l, &sdp, true);
	l->refreshing = false;
	if (news)
		td_sip_leg_post_media(l, TD_MEDIA_ANSWER, &sdp.audio);
}

/* The exchange is over without a result; what it carried waits for another try. */
static void offer_again(struct sip_leg *l)
{
	l->offer = SIP_OFFER_IDLE;
	l->pending_is_sent = false;
}

static void offer_failed(struct sip_leg *l, int status, const sip_t *s)
{
	bool again = status == 491 || (status == 500 && s && s->sip_retry_after);
	bool refresh = l->refreshing;

	if (again && l->glares < MAX_GLARES && l->state == SIP_LEG_UP) {
		l->glares++;
		offer_again(l);
		l->refreshing = false;	/* the session timer comes again by itself */
		wait_for_retry(l);
	} else if (status == 408 || status == 481) {
		/* RFC 3261 12.2.1.2: the dialog is gone */
		td_sip_leg_hangup(l, TD_CAUSE_TIMER);
	} else if (status == 422 && s && td_sip_timer_too_small(l, s)) {
		offer_again(l);
		l->refreshing = false;
		if (refresh)
			td_sip_offer_refresh(l);
	} else {
		if (l->pending_is_sent)
			forget_pending(l);
		if (l->offer == SIP_OFFER_OURS)
			offer_refused(l);
		l->refreshing = false;
	}
}

static int on_offer_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);
	bool invite = nta_outgoing_method(orq) == sip_method_invite, again;

	if (status < 200 || orq != l->orq_offer)
		return 0;
	td_sip_leg_log(l, "recv", invite ? "re-INVITE answer" : "UPDATE answer", status);
	l->orq_offer = NULL;
	if (invite && status < 300)
		td_sip_leg_ack(l, l->dialog, nta_outgoing_cseq(orq));
	again = td_sip_leg_challenged(l, orq, s) && l->state != SIP_LEG_LEAVING &&
		send_request(l, !invite, l->offer == SIP_OFFER_OURS ? l->sdp_offer : NULL) == 0;
	nta_outgoing_destroy(orq);
	if (again || l->state == SIP_LEG_LEAVING) {
		td_sip_leg_settle(l);
		return 0;
	}
	if (status < 300 && s) {
		l->glares = 0;
		if (l->pending_is_sent)
			forget_pending(l);
		offer_answered(l, s, invite);
	} else {
		offer_failed(l, status, s);
	}
	td_sip_offer_flush(l);
	td_sip_leg_settle(l);
	return 0;
}

bool td_sip_offer_refresh(struct sip_leg *l)
{
	if (!may_offer(l))
		return false;
	l->refreshing = true;
	if (l->can_update)
		return send_request(l, true, NULL) == 0;
	if (!l->sdp)
		return false;
	td_free(l->sdp_offer);
	l->sdp_offer = td_strdup(l->sdp);
	if (!l->sdp_offer)
		return false;
	l->offer = SIP_OFFER_OURS;
	if (send_request(l, false, l->sdp_offer) == 0)
		return true;
	offer_refused(l);
	return false;
}

/* ---- the core's verb ---- */

int td_sip_leg_media(struct td_leg *leg, const struct td_media_desc *local)
{
	struct sip_leg *l = td_sip_leg_of(leg);

	if (!l->sip || l->told_released)
		return -ESHUTDOWN;
	if (l->offer == SIP_OFFER_THEIRS || l->offer == SIP_OFFER_ASKED) {
		if (l->caller && !l->on_request && l->state < SIP_LEG_UNACKED)
			return answer_first_invite(l, local);
		return answer_later_request(l, local);
	}
	if (!local)
		return 0;
	if (keep_pending(l, local))
		return -ENOMEM;
	td_sip_offer_flush(l);
	return 0;
}

/* ---- an offer of the party, after the first ---- */

/* Nothing has changed: a refresh (or a phone that repeats itself), answered by ourselves. */
static bool is_refresh(const struct sip_leg *l, const struct sip_sdp *sdp)
{
	return l->sdp && td_sip_sdp_fingerprint(sdp) == l->remote_print;
}

static int refuse(nta_incoming_t *irq, int status, const char *phrase, const void *retry)
{
	nta_incoming_treply(irq, status, phrase,
			    TAG_IF(retry, SIPTAG_RETRY_AFTER(retry)), TAG_END());
	return status;
}

static int crossing(struct sip_leg *l, nta_incoming_t *irq)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);

	/* RFC 3261 14.2, RFC 3311 5.2: theirs is unanswered - 500; ours is open - 491 */
	if (l->offer == SIP_OFFER_THEIRS || l->offer == SIP_OFFER_ASKED || l->irq_request ||
	    (l->irq_invite && !l->answered && irq && nta_incoming_method(irq) == sip_method_invite))
		return refuse(irq, SIP_500_INTERNAL_SERVER_ERROR, hd->retry_now);
	if (l->offer == SIP_OFFER_OURS || l->orq_offer)
		return refuse(irq, SIP_491_REQUEST_PENDING, NULL);
	if (nta_incoming_method(irq) == sip_method_invite && (l->irq_invite || l->orq_invite))
		return refuse(irq, SIP_491_REQUEST_PENDING, NULL);
	return 0;
}

static void take(struct sip_leg *l, nta_incoming_t *irq, bool invite)
{
	if (invite) {
		l->irq_invite = irq;
		l->answered = false;
		l->late_offer = false;
		nta_incoming_bind(irq, td_sip_leg_on_invite, l);
		nta_incoming_treply(irq, SIP_100_TRYING, TAG_END());
	} else {
		l->irq_request = irq;
	}
	l->on_request = !invite;
}

/* 200 at once with what is agreed. A re-INVITE then waits for its ACK. */
static int answer_locally(struct sip_leg *l, nta_incoming_t *irq, bool invite, const char *text)
{
	if (!invite) {
		td_sip_offer_reply(l, irq, SIP_200_OK, text);
		return 200;
	}
	l->irq_invite = irq;
	l->answered = true;
	l->late_offer = false;
	nta_incoming_bind(irq, td_sip_leg_on_invite, l);
	td_sip_offer_reply(l, irq, SIP_200_OK, text);
	return 0;
}

int td_sip_offer_received(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s, bool invite)
{
	struct sip_timer_headers h;
	struct sip_sdp sdp;
	bool there;
	int status;

	status = td_sip_offer_read(l, s, &sdp, &there);
	if (status)
		return refuse(irq, status, NULL, NULL);
	if (invite || there) {
		status = crossing(l, irq);
		if (status)
			return status;
	}
	if (td_sip_timer_check(l, s, &h)) {
		nta_incoming_treply(irq, SIP_422_SESSION_TIMER_TOO_SMALL, SIPTAG_MIN_SE(h.min),
				    TAG_END());
		return 422;
	}
	td_sip_leg_learn(l, s);
	refresh_target(l, s);
	if (!there && !invite)
		return answer_locally(l, irq, false, NULL);
	if (there && is_refresh(l, &sdp))
		return answer_locally(l, irq, invite, l->sdp);
	take(l, irq, invite);
	if (!there) {
		l->offer = SIP_OFFER_ASKED;
		td_sip_leg_post_media(l, TD_MEDIA_NEED_OFFER, NULL);
		return 0;
	}
	if (td_sip_offer_accept(l, &sdp, false)) {
		l->offer = SIP_OFFER_IDLE;
		finish_request(l, SIP_500_INTERNAL_SERVER_ERROR, NULL);
		return 0;
	}
	l->offer = SIP_OFFER_THEIRS;
	td_sip_leg_post_media(l, TD_MEDIA_OFFER, &sdp.audio);
	return 0;
}
