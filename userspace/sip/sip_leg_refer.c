/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transfer as phones ask for it: REFER inside the dialog (RFC 3515, 5589). What becomes of it
 * is told by NOTIFY with a piece of a SIP answer; not when the phone has said that it does not
 * care (RFC 4488). A Replaces in the Refer-To (RFC 3891) names another dialog of the same phone:
 * whom it talks to there is whom the other party shall talk to.
 *
 * Only the number and the Replaces of the Refer-To count: where calls go is our dial plan's.
 */
#include "userspace/sip/sip_cisco.h"
#include "userspace/sip/sip_event_body.h"
#include "userspace/sip/sip_leg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/sip_extra.h>
#include <sofia-sip/su_tagarg.h>

#include "userspace/base/str.h"

/* ---- Replaces ---- */

/* A header in the URI: "sip:1002@host?Replaces=1234%40a%3Bto-tag%3D7%3Bfrom-tag%3D3". */
static sip_replaces_t *replaces_in(su_home_t *home, const url_t *url)
{
	static const char name[] = "Replaces=";
	const char *h = url->url_headers;
	char *text;

	while (h && !su_casenmatch(h, name, sizeof(name) - 1)) {
		h = strchr(h, '&');
		h += h != NULL;
	}
	if (!h)
		return NULL;
	h += sizeof(name) - 1;
	text = su_strndup(home, h, strcspn(h, "&"));
	if (!text)
		return NULL;
	url_unescape(text, text);
	return sip_replaces_make(home, text);
}

struct td_leg *td_sip_leg_replaced(struct td_sip *sip, const sip_replaces_t *rp)
{
	nta_leg_t *dialog;
	struct sip_leg *l;

	if (!rp || !rp->rp_call_id || !rp->rp_to_tag || !rp->rp_from_tag)
		return NULL;
	dialog = nta_leg_by_replaces(sip->agent, rp);
	l = dialog ? nta_leg_magic(dialog, td_sip_leg_on_request) : NULL;
	return l && !l->told_released && l->state != SIP_LEG_LEAVING ? &l->leg : NULL;
}

/* What another phone has on a line that this one has, too, by the name that its subscription was told.
 * Whether it may is the core's affair. */
static bool names_shared(const sip_replaces_t *rp, struct td_setup *setup)
{
	uint32_t call_id, leg_id;
	int end = 0;

	if (!rp->rp_call_id || !rp->rp_to_tag || !rp->rp_from_tag ||
	    strcmp(rp->rp_to_tag, EVENT_SHARED_TAG) || strcmp(rp->rp_from_tag, EVENT_SHARED_TAG) ||
	    sscanf(rp->rp_call_id, "%" SCNu32 "-%" SCNu32 EVENT_SHARED_CALL_ID "%n", &call_id, &leg_id,
		   &end) != 2 || !end || rp->rp_call_id[end])
		return false;
	setup->replaces_call = call_id;
	setup->replaces_leg = leg_id;
	return true;
}

/* RFC 3911: of dialogs on shared lines alone. */
int td_sip_leg_joins(struct sip_leg *l, const sip_t *s, struct td_setup *setup)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	const sip_unknown_t *un = s->sip_unknown;
	sip_replaces_t *rp;

	while (un && !su_casematch(un->un_name, "Join"))
		un = un->un_next;
	if (!un)
		return 0;
	rp = sip_replaces_make(home, un->un_value);	/* it is written as that is */
	setup->barge = rp && names_shared(rp, setup);
	su_home_deinit(home);
	if (setup->barge)
		return 0;
	td_log_limited(TD_LOG_SIP, TD_INFO, "INVITE refused: Join names no dialog on a line of %s",
		       l->leg.ep->id);
	return 481;
}

/* Somebody else's dialog is as good as none: nobody learns of it here. */
int td_sip_leg_replaces(struct sip_leg *l, const sip_replaces_t *rp, struct td_setup *setup)
{
	struct td_leg *leg = td_sip_leg_replaced(l->sip, rp);

	if (!leg && names_shared(rp, setup))
		return 0;
	if (!leg || leg->ep != l->leg.ep || leg->ep->kind != TD_EP_PHONE) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "INVITE refused: Replaces names no dialog of %s",
			       l->leg.ep->id);
		return 481;
	}
	if (rp->rp_early_only && td_sip_leg_of(leg)->state >= SIP_LEG_UP)
		return 486;		/* RFC 3891 3 */
	setup->replaces_call = td_leg_call_id(leg);
	setup->replaces_leg = leg->id;
	return 0;
}

/* ---- REFER ---- */

static int refuse(struct sip_leg *l, int status, const char *why)
{
	td_log_limited(TD_LOG_SIP, TD_INFO, "leg=%u transfer refused: %s", l->leg.id, why);
	return status;
}

/* 0, or the status to refuse with. */
static int read_refer(struct sip_leg *l, const sip_t *s, struct td_transfer *t)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	const url_t *url = s->sip_refer_to ? s->sip_refer_to->r_url : NULL;
	struct td_leg *leg;
	int status = 0;

	if (!url || (url->url_type != url_sip && url->url_type != url_sips &&
		     url->url_type != url_tel))
		return 400;
	if (!url->url_headers)
		return td_sip_dialled(url->url_user, t->to) ? 404 : 0;
	su_home_init(home);
	leg = td_sip_leg_replaced(l->sip, replaces_in(home, url));
	if (leg && leg != &l->leg && leg->ep == l->leg.ep) {
		t->call_id = td_leg_call_id(leg);
		t->leg_id = leg->id;
	} else {
		status = 481;
	}
	su_home_deinit(home);
	return status;
}

static bool wants_no_news(const sip_t *s)
{
	const sip_refer_sub_t *sub = sip_refer_sub(s);

	return sub && sub->rs_value && su_casematch(sub->rs_value, "false");
}

int td_sip_leg_on_refer(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	struct td_leg_event ev = { .type = TD_LEG_TRANSFER };
	int status;

	if (!l->leg.ep || l->leg.ep->kind != TD_EP_PHONE)
		return refuse(l, 603, "not from a phone");
	if (l->state != SIP_LEG_UP || l->told_released)
		return refuse(l, 481, "not in a call");
	if (l->refer_open)
		return refuse(l, 491, "another one is going on");
	status = read_refer(l, s, &ev.transfer);
	if (status)
		return refuse(l, status, "Refer-To is not understood");
	l->refer_quiet = wants_no_news(s);
	l->refer_open = true;
	l->refer_cseq = s->sip_cseq->cs_seq;
	nta_incoming_treply(irq, SIP_202_ACCEPTED, SIPTAG_CONTACT(l->contact),
			    TAG_IF(l->refer_quiet, SIPTAG_HEADER_STR("Refer-Sub: false")), TAG_END());
	if (td_leg_post(&l->leg, &ev)) {
		struct td_info info = { .kind = TD_INFO_TRANSFER, .transfer = TD_TRANSFER_FAILED,
					.cause = TD_CAUSE_TEMPORARY };

		td_sip_leg_tell_refer(l, &info);
	}
	return 202;
}

/* ---- NOTIFY ---- */

static int status_of(const struct td_info *info, const char **phrase)
{
	switch (info->transfer) {
	case TD_TRANSFER_RINGING:
		*phrase = sip_180_Ringing;
		return 180;
	case TD_TRANSFER_DONE:
		*phrase = sip_200_OK;
		return 200;
	case TD_TRANSFER_FAILED:
		return td_sip_status_of_cause(info->cause, phrase);
	case TD_TRANSFER_TRYING:
		break;
	}
	*phrase = sip_100_Trying;
	return 100;
}

void td_sip_leg_tell_refer(struct sip_leg *l, const struct td_info *info)
{
	char route[TD_ADDR_STRLEN + 32], body[96], event[40];
	const char *phrase;
	int status = status_of(info, &phrase);
	nta_outgoing_t *orq;

	if (!l->refer_open) {		/* it was asked by a key */
		td_cisco_told(l->sip, l->leg.ep, info);
		return;
	}
	l->refer_open = status < 200;
	if (l->refer_quiet)
		return;
	snprintf(body, sizeof(body), "SIP/2.0 %d %s\r\n", status, phrase);
	snprintf(event, sizeof(event), "refer;id=%u", l->refer_cseq);
	td_sip_leg_log(l, "send", "NOTIFY", status);
	orq = nta_outgoing_tcreate(l->dialog, NULL, NULL,
				   (url_string_t *)td_sip_leg_route(l, route), SIP_METHOD_NOTIFY,
				   NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
				   SIPTAG_CONTACT(l->contact), SIPTAG_EVENT_STR(event),
				   SIPTAG_SUBSCRIPTION_STATE_STR(status < 200 ?
					   "active;expires=180" : "terminated;reason=noresource"),
				   SIPTAG_CONTENT_TYPE_STR("message/sipfrag;version=2.0"),
				   SIPTAG_PAYLOAD_STR(body), TAG_END());
	nta_outgoing_destroy(orq);
}
