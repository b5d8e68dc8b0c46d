/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A voicemail trunk tells how many messages wait for a number of ours: NOTIFY without a
 * subscription (RFC 3842; RFC 6665 4.1.3 lets nobody do so any more, and every voicemail does).
 * Its lamp is lit as "tandem mwi" does. Only a trunk with option mwi is believed.
 */
#include "userspace/sip/sip_leg.h"
#include "userspace/sip/sip_summary.h"
#include "userspace/sip/sip_trunk.h"

#include <string.h>
#include <strings.h>

#include "userspace/base/str.h"

/* Whose lamp it is: the account of the body, or who the request is to. */
static bool number_of(const struct sip_summary *m, const sip_t *s, char dst[TD_NUMBER_LEN])
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char uri[SIP_URI_LEN];
	bool good;
	url_t *u;

	if (!m->account.len)
		return !td_sip_dialled(s->sip_request->rq_url->url_user, dst);
	if (td_str_copy(uri, sizeof(uri), m->account) >= sizeof(uri))
		return false;
	u = url_hdup(home, URL_STRING_MAKE(uri)->us_url);
	good = u && !td_sip_dialled(u->url_user, dst);
	su_home_deinit(home);
	return good;
}

static int take(struct td_sip *sip, const struct td_endpoint *trunk, const sip_t *s,
		const char **phrase)
{
	struct sip_summary m;
	char number[TD_NUMBER_LEN];

	if (!s->sip_event || strcasecmp(s->sip_event->o_type, "message-summary")) {
		*phrase = sip_489_Bad_event;
		return 489;
	}
	*phrase = sip_400_Bad_request;
	if (!s->sip_payload ||
	    td_sip_summary_read((struct td_str){ s->sip_payload->pl_data, s->sip_payload->pl_len },
				&m) || !number_of(&m, s, number))
		return 400;
	*phrase = sip_404_Not_found;
	if (td_core_set_messages(sip->core, number, m.messages))
		return 404;
	td_log_info(TD_LOG_SIP, "trunk=%s number=%s messages=%u", trunk->id, number, m.messages);
	*phrase = sip_200_OK;
	return 200;
}

bool td_sip_on_summary(struct td_sip *sip, msg_t *msg, const sip_t *s)
{
	struct td_addr source, local;
	const struct sip_trunk *t;
	struct td_endpoint *ep;
	const char *phrase;
	enum sip_transport transport;
	int status;

	td_sip_msg_addrs(sip, msg, &source, &local, &transport);
	ep = td_sip_trunk_at(sip, &source);
	t = ep ? td_sip_trunk_find(sip, ep->id) : NULL;
	if (!t || !t->mwi)
		return false;
	status = take(sip, ep, s, &phrase);
	if (status != 200)
		td_log_limited(TD_LOG_SIP, TD_INFO, "trunk=%s NOTIFY refused status=%d", ep->id,
			       status);
	nta_msg_treply(sip->agent, msg, status, phrase,
		       TAG_IF(status == 489, SIPTAG_HEADER_STR("Allow-Events: message-summary")),
		       TAG_END());
	return true;
}
