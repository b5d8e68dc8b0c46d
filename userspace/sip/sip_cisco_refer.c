/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REFER outside of a dialog: a phone that is registered with the other router asks for leave to
 * come back. 202 means come; 503 with Retry-After, ask again then. (Phones cannot answer a
 * challenge to REFER, and leave gives nothing away.) Other REFERs are keys of phones that are
 * registered here: sip_cisco_keys.c.
 */
#include "userspace/sip/sip_cisco.h"

#include <stdio.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_cluster.h"
#include "userspace/sip/sip_leg.h"

/* <urn:X-cisco-remotecc:token-registration>, which sofia takes for a host and a port. */
static bool asks_for_token(const sip_t *s)
{
	const url_t *url = s->sip_refer_to ? s->sip_refer_to->r_url : NULL;

	return url && su_casematch(url->url_scheme, "urn") &&
	       su_casematch(url->url_host, "X-cisco-remotecc") &&
	       su_casematch(url->url_port, "token-registration");
}

/* One of ours by its name, or by its number: others have nothing to come back to. */
static struct sip_phone *who_asks(struct td_sip *sip, const sip_t *s)
{
	const char *user = s->sip_from->a_url->url_user;
	struct cisco_visit v;
	struct sip_phone *phone;

	td_cisco_read_visit(s, false, &v);
	phone = td_cisco_named(sip, &v);
	if (phone || !user)
		return phone;
	return td_sip_phone_by_aor(sip, user, NULL, NULL);
}

static void on_token(struct td_sip *sip, msg_t *msg, const sip_t *s)
{
	struct sip_phone *phone = who_asks(sip, s);
	sip_retry_after_t retry[1];
	int wait;

	if (!phone) {
		nta_msg_treply(sip->agent, msg, SIP_404_NOT_FOUND, TAG_END());
		return;
	}
	wait = td_sip_cluster_token(sip);
	td_log_dbg(TD_LOG_SIP, "phone=%s asks for leave to return wait_s=%d", phone->id, wait);
	if (!wait) {
		nta_msg_treply(sip->agent, msg, SIP_202_ACCEPTED, TAG_END());
		return;
	}
	if (wait < 0) {
		nta_msg_treply(sip->agent, msg, 403, "Not The Primary", TAG_END());
		return;
	}
	sip_retry_after_init(retry);
	retry->af_delta = (unsigned int)wait;
	nta_msg_treply(sip->agent, msg, SIP_503_SERVICE_UNAVAILABLE, SIPTAG_RETRY_AFTER(retry),
		       TAG_END());
}

static const char *phrase_of(int status)
{
	switch (status) {
	case 202: return sip_202_Accepted;
	case 400: return sip_400_Bad_request;
	case 403: return sip_403_Forbidden;
	case 405: return sip_405_Method_not_allowed;
	case 481: return sip_481_No_transaction;
	case 603: return sip_603_Decline;
	default:  return sip_500_Internal_server_error;
	}
}

void td_cisco_on_refer(struct td_sip *sip, msg_t *msg, sip_t *s)
{
	const struct sip_leg_headers *hd = td_sip_leg_headers(sip);
	struct td_addr source, local;
	enum sip_transport transport;
	char text[CISCO_SCREEN_LEN] = "";
	struct sip_phone *phone;
	int status;

	if (asks_for_token(s)) {
		on_token(sip, msg, s);
		return;
	}
	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	phone = td_sip_gate_registered(sip, msg, s, &source, transport != SIP_UDP);
	if (!phone)
		return;
	status = td_cisco_on_key(phone, s, text);
	nta_msg_treply(sip->agent, msg, status, phrase_of(status),
		       TAG_IF(status == 405 && hd, SIPTAG_ALLOW(hd ? hd->allow : NULL)), TAG_END());
	if (text[0])
		td_cisco_show(phone, text);
}
