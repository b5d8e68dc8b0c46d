/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The INVITE that we send: who is called and by whom, who sent the call on, and to which host it
 * goes. What is answered is in sip_leg_out.c.
 */
#include "userspace/sip/sip_info.h"
#include "userspace/sip/sip_kpml.h"
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* ---- names ---- */

/* RFC 3261 25.1: a quoted-string; what is neither printable nor UTF-8 does not pass. */
static void quote(char *dst, size_t size, const char *name)
{
	size_t n = 0;

	dst[n++] = '"';
	for (; *name && n + 4 < size; name++) {
		if ((unsigned char)*name < ' ' || *name == 0x7f)
			continue;
		if (*name == '"' || *name == '\\')
			dst[n++] = '\\';
		dst[n++] = *name;
	}
	dst[n++] = '"';
	dst[n] = '\0';
}

static void escape_user(char *dst, size_t size, const char *user)
{
	size_t n = 0;

	for (; *user && n + 4 < size; user++) {
		unsigned char c = (unsigned char)*user;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    strchr("-_.!~*'()+&=$,", c))
			dst[n++] = (char)c;
		else
			n += (size_t)snprintf(dst + n, size - n, "%%%02X", c);
	}
	dst[n] = '\0';
}

/* "10.0.0.1" or "[2001:db8::1]", as a host in a URI */
static void host_text(char dst[TD_ADDR_STRLEN + 2], const struct td_addr *a)
{
	char ip[TD_ADDR_STRLEN];

	td_addr_ip(a, ip);
	snprintf(dst, TD_ADDR_STRLEN + 2, td_addr_is_v4(a) ? "%s" : "[%s]", ip);
}

/* Who is called, in To. */
struct to {
	sip_to_t header[1];
	char user[3 * TD_NUMBER_LEN + 4], host[TD_ADDR_STRLEN + 2];
};

static void make_to(const struct sip_leg *l, const char *number, struct to *to)
{
	bool trunk = l->leg.ep->kind == TD_EP_TRUNK;
	const char *domain = trunk ? td_sip_trunk_domain(l->sip, l->leg.ep->id) : NULL;

	escape_user(to->user, sizeof(to->user), number);
	host_text(to->host, trunk ? &l->peer : &l->leg.local);
	sip_to_init(to->header);
	url_init(to->header->a_url, url_sip);
	to->header->a_url->url_user = to->user[0] ? to->user : NULL;
	to->header->a_url->url_host = domain ? domain : to->host;
}

/* ---- the dialog ---- */

static int make_dialog(struct sip_leg *l, const struct td_setup *s)
{
	char host[TD_ADDR_STRLEN + 2], name[2 * TD_NAME_LEN + 4];
	char from_user[3 * TD_NUMBER_LEN + 4];
	/* RFC 3323 4.1.1.3 */
	bool hidden = s->hidden || td_sip_trunk_hides(l->sip, l->leg.ep);
	sip_from_t from[1];
	struct to to;

	host_text(host, &l->leg.local);
	escape_user(from_user, sizeof(from_user), s->from.number);
	make_to(l, s->to.number, &to);
	sip_from_init(from);
	l->identity = td_sip_trunk_asserts(l->sip, l->leg.ep, from_user, host, hidden);
	if (hidden) {
		from_user[0] = '\0';
		from->a_display = "\"Anonymous\"";
	} else if (s->from.name[0]) {
		quote(name, sizeof(name), s->from.name);
		from->a_display = name;
	}
	url_init(from->a_url, url_sip);
	from->a_url->url_user = from_user[0] ? from_user : "anonymous";
	from->a_url->url_host = hidden ? "anonymous.invalid" : host;
	l->dialog = nta_leg_tcreate(l->sip->agent, td_sip_leg_on_request, l, SIPTAG_FROM(from),
				    SIPTAG_TO(to.header), TAG_END());
	if (!l->dialog || !nta_leg_tag(l->dialog, NULL))
		return -ENOMEM;
	return td_sip_leg_make_contact(l, from_user[0] ? from_user : NULL);
}

/* ---- the request ---- */

/* The Contact of a phone as Request-URI. Headers in it would become headers of the request. */
static url_t *request_uri(struct sip_leg *l)
{
	url_t *url = url_hdup((su_home_t *)l->dialog, URL_STRING_MAKE(l->uri)->us_url);

	if (url)
		url->url_headers = NULL;
	return url;
}

/* RFC 3263 4.3: the trunk may have other hosts. From where we are known as we were before. */
bool td_sip_leg_use_other_host(struct sip_leg *l)
{
	struct sip_target t;

	if (l->leg.ep->kind != TD_EP_TRUNK || l->cancelled || l->state == SIP_LEG_LEAVING ||
	    !td_sip_trunk_other(l->sip, l->leg.ep->id, ++l->n_hosts, &l->peer, &t) ||
	    !td_addr_same_ip(&t.local, &l->leg.local))
		return false;
	l->peer = t.peer;
	l->transport = t.transport;
	return true;
}

/* A trunk that says nothing at all: the next one is tried long before the transaction's end. */
static void on_no_sign(void *arg)
{
	struct sip_leg *l = arg;

	if (td_sip_leg_use_other_host(l)) {
		nta_outgoing_destroy(l->orq_invite);
		l->orq_invite = NULL;
		if (td_sip_leg_send_invite(l) == 0)
			return;
		td_sip_leg_ended(l, TD_CAUSE_NO_RESPONSE);
		td_sip_leg_settle(l);
		return;
	}

	td_log_limited(TD_LOG_SIP, TD_WARN, "leg=%u trunk=%s gives no answer to INVITE", l->leg.id,
		       l->leg.ep->id);
	td_sip_leg_hangup(l, TD_CAUSE_NO_RESPONSE);
	td_sip_leg_settle(l);
}

static void watch_trunk(struct sip_leg *l)
{
	uint32_t ms = l->leg.ep->kind == TD_EP_TRUNK ?
			      td_sip_trunk_answer_ms(l->sip, l->leg.ep->id) : 0;

	if (ms)
		td_loop_timer_start(l->sip->loop, &l->answer_timer, ms, on_no_sign, l);
}

/* As phones of different makers want to hear it; RFC 5373. */
#define AUTO_ANSWER "Call-Info: <sip:tandem>;answer-after=0\r\n" \
		    "Alert-Info: <http://tandem>;info=alert-autoanswer\r\n" \
		    "Answer-Mode: Auto"

int td_sip_leg_send_invite(struct sip_leg *l)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(l->sip);
	char route[TD_ADDR_STRLEN + 32];
	struct sip_timer_headers h;
	const char *grown = td_sip_overlap_number(l);
	sip_max_forwards_t mf[1];
	sip_payload_t pl[1];
	url_t *url = request_uri(l);
	struct to to;

	if (!url)
		return -EINVAL;
	if (grown)
		make_to(l, grown, &to);
	sip_max_forwards_init(mf);
	mf->mf_count = l->hops;
	sip_payload_init(pl);
	pl->pl_data = l->sdp_offer;
	pl->pl_len = strlen(l->sdp_offer);
	td_sip_timer_request(l, &h);
	td_sip_leg_log(l, "send", "INVITE", 0);
	l->sip->n.invites_out++;
	l->orq_invite = nta_outgoing_tcreate(
		l->dialog, td_sip_leg_on_answer, l, (url_string_t *)td_sip_leg_route(l, route),
		SIP_METHOD_INVITE, (url_string_t *)url, NTATAG_TPORT(td_sip_leg_tport(l)),
		TAG_IF(grown, SIPTAG_TO(to.header)), SIPTAG_CONTACT(l->contact),
		SIPTAG_MAX_FORWARDS(mf), SIPTAG_ALLOW(hd->allow), SIPTAG_SUPPORTED(hd->supported),
		TAG_IF(h.has_se, SIPTAG_SESSION_EXPIRES(h.se)),
		TAG_IF(h.has_min, SIPTAG_MIN_SE(h.min)),
		TAG_IF(hd->user_agent[0], SIPTAG_USER_AGENT_STR(hd->user_agent)),
		TAG_IF(l->credentials, SIPTAG_HEADER_STR(l->credentials)),
		TAG_IF(l->identity, SIPTAG_HEADER_STR(l->identity)),
		TAG_IF(l->diversion, SIPTAG_HEADER_STR(l->diversion)),
		TAG_IF(l->auto_answer, SIPTAG_HEADER_STR(AUTO_ANSWER)),
		TAG_IF(l->leg.dtmf == CFG_DTMF_NOTIFY, SIPTAG_HEADER_STR(SIP_KEY_CALL_INFO)),
		TAG_IF(l->leg.dtmf == CFG_DTMF_KPML, SIPTAG_ALLOW_EVENTS_STR(SIP_KPML_EVENT)),
		SIPTAG_CONTENT_TYPE(hd->sdp), SIPTAG_PAYLOAD(pl), TAG_END());
	su_free((su_home_t *)l->dialog, url);
	if (!l->orq_invite)
		return -EIO;
	watch_trunk(l);
	return 0;
}

/* ---- the call ---- */

/* A trunk is asked for the number. A phone with several lines registers each with a contact of
 * its own: ring the right one. */
static int choose_uri(struct sip_leg *l, const char *number)
{
	char user[3 * TD_NUMBER_LEN + 4], text[SIP_URI_LEN];
	const struct sip_phone *phone;
	const char *uri = NULL;
	char *copy;

	if (l->leg.ep->kind == TD_EP_TRUNK) {
		escape_user(user, sizeof(user), number);
		td_sip_trunk_uri(l->sip, l->leg.ep->id, user, text);
		uri = text;
	} else {
		phone = td_sip_phone_by_id(l->sip, l->leg.ep->id);
		if (phone && td_sip_contact_of(phone, &l->peer, number, text))
			uri = text;
	}

	if (!uri || !strcmp(uri, l->uri))
		return 0;
	copy = td_strdup(uri);
	if (!copy)
		return -ENOMEM;
	td_free(l->uri);
	l->uri = copy;
	return 0;
}

/* Who sent the call on, last: Diversion (RFC 5806), and for who knows no other the same as
 * History-Info (RFC 7044, causes of RFC 4458). NULL: the call comes straight from its caller. */
static char *diversion_text(const struct sip_leg *l, const struct td_diversion *d)
{
	static const char *const reasons[] = {
		[TD_DIVERT_UNCONDITIONAL] = "unconditional", [TD_DIVERT_BUSY] = "user-busy",
		[TD_DIVERT_NO_ANSWER] = "no-answer", [TD_DIVERT_UNREACHABLE] = "unavailable",
		[TD_DIVERT_DEFLECTED] = "deflection",
	};
	static const unsigned int causes[] = {
		[TD_DIVERT_UNCONDITIONAL] = 302, [TD_DIVERT_BUSY] = 486, [TD_DIVERT_NO_ANSWER] = 408,
		[TD_DIVERT_UNREACHABLE] = 503, [TD_DIVERT_DEFLECTED] = 480,
	};
	char host[TD_ADDR_STRLEN + 2], user[3 * TD_NUMBER_LEN + 4];
	unsigned int cause = causes[d->reason];

	if (!d->count)
		return NULL;
	host_text(host, &l->leg.local);
	escape_user(user, sizeof(user), d->by);
	return td_asprintf("Diversion: <sip:%s@%s>;reason=%s;counter=%u\r\n"
			   "History-Info: <sip:%s@%s?Reason=SIP%%3Bcause%%3D%u>;index=1, "
			   "<%.*s;cause=%u>;index=1.1;mp=1", user, host, reasons[d->reason],
			   d->count, user, host, cause, (int)strcspn(l->uri, "?"), l->uri, cause);
}

int td_sip_leg_setup(struct td_leg *leg, const struct td_setup *s)
{
	struct sip_leg *l = td_sip_leg_of(leg);
	int err;

	if (!l->sip || l->told_released || l->orq_invite || l->dialog || !s->media.n_codecs)
		return -EINVAL;
	err = choose_uri(l, s->to.number);
	if (!err)
		err = make_dialog(l, s);
	if (err)
		return err;
	l->sdp_offer = td_sip_offer_text(l, &s->media);
	if (!l->sdp_offer)
		return -ENOMEM;
	if (s->media.srtp == TD_SRTP_MAY)
		l->insist = td_media_dup(&s->media);
	l->diversion = diversion_text(l, &s->diverted);
	l->auto_answer = s->auto_answer && leg->ep->kind == TD_EP_PHONE;
	l->hops = s->hops;
	l->offer = SIP_OFFER_OURS;
	if (s->overlap && td_sip_overlap_begin(l, s->to.number))
		return -ENOMEM;
	return td_sip_leg_send_invite(l);
}

int td_sip_leg_invite_longer(struct sip_leg *l, const char *number)
{
	int err = choose_uri(l, number);

	if (err)
		return err;
	td_free(l->credentials);	/* they are for the URI */
	l->credentials = NULL;
	l->retries = 0;
	return td_sip_leg_send_invite(l);
}
