/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trunk that challenges what we ask within a call, too (RFC 3261 22.2, 22.3): re-INVITE, UPDATE and
 * BYE are sent once more with credentials. ACK and CANCEL are never challenged, and what is sent
 * without waiting for its answer (INFO, PRACK) is not repeated.
 */
#include "userspace/sip/sip_leg.h"

#include <string.h>

#include <sofia-sip/msg.h>

#include "userspace/base/mem.h"

#define MAX_CHALLENGES 2		/* of one request: the second because the nonce was too old */

static char *answer(struct sip_leg *l, const sip_t *request, const sip_t *s)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char *header = NULL, *uri;

	su_home_init(home);
	uri = url_as_string(home, request->sip_request->rq_url);
	if (uri)
		header = td_sip_trunk_credentials(l->sip, l->leg.ep->id, s,
						  request->sip_request->rq_method_name, uri,
						  request->sip_authorization ||
						  request->sip_proxy_authorization);
	su_home_deinit(home);
	return header;
}

bool td_sip_leg_challenged(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	int status = s && s->sip_status ? s->sip_status->st_status : 0;
	msg_t *msg;

	td_free(l->answer);
	l->answer = NULL;
	if (status != 401 && status != 407) {
		l->n_challenges = 0;
		return false;
	}
	if (!l->leg.ep || l->leg.ep->kind != TD_EP_TRUNK || l->n_challenges++ >= MAX_CHALLENGES)
		return false;
	msg = nta_outgoing_getrequest(orq);
	if (!msg)
		return false;
	l->answer = answer(l, sip_object(msg), s);
	msg_destroy(msg);
	return l->answer != NULL;
}
