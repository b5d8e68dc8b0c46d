/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys in a call that goes on, by KPML (RFC 4730; Cisco's sip-kpml), where dtmf_relay says so. Each
 * side subscribes to the other's keys in the dialog: we do when the call is up and the party has
 * said Allow-Events: kpml, and the party may. What it presses comes as NOTIFY and goes to the core;
 * what the core has for it goes as NOTIFY, if it has asked for that key.
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <stdio.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_kpml.h"

#define OURS_S	   3600
#define AGAIN_MS   (OURS_S * 900ull)	/* asked again well before that */
#define THEIRS_MAX 7200
#define KEY_MS	   160

struct sip_keys {
	/* what we have asked for */
	nta_outgoing_t *orq;
	struct td_timer again;
	/* what the party has asked for */
	struct td_kpml_wish wish;
	bool told;
	char event[48];			/* Event of its NOTIFYs */
	uint64_t until_ms;
	struct td_timer expiry;
};

static struct sip_keys *keys_of(struct sip_leg *l)
{
	if (!l->keys)
		l->keys = td_zalloc(sizeof(*l->keys));
	return l->keys;
}

/* ---- the party's keys ---- */

static void ask(void *arg);

static int on_asked(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (status < 200)
		return 0;
	td_sip_leg_log(l, "recv", "SUBSCRIBE answer", status);
	nta_outgoing_destroy(orq);
	if (l->keys && l->keys->orq == orq) {
		l->keys->orq = NULL;
		if (status < 300)
			td_loop_timer_start(l->sip->loop, &l->keys->again, AGAIN_MS, ask, l);
		else
			td_log_limited(TD_LOG_SIP, TD_INFO, "leg=%u takes no subscription to its "
				       "keys: status=%d", l->leg.id, status);
	}
	td_sip_leg_settle(l);
	return 0;
}

static void ask(void *arg)
{
	struct sip_leg *l = arg;
	char route[TD_ADDR_STRLEN + 32], expires[16];
	char *body;

	if (l->state != SIP_LEG_UP || l->keys->orq)
		return;
	body = td_kpml_write(l->sip->config->global.timeout_interdigit * 1000);
	if (!body)
		return;
	snprintf(expires, sizeof(expires), "%u", OURS_S);
	td_sip_leg_log(l, "send", "SUBSCRIBE", 0);
	l->keys->orq = nta_outgoing_tcreate(l->dialog, on_asked, l,
					    (url_string_t *)td_sip_leg_route(l, route),
					    SIP_METHOD_SUBSCRIBE, NULL,
					    NTATAG_TPORT(td_sip_leg_tport(l)),
					    SIPTAG_CONTACT(l->contact),
					    SIPTAG_EVENT_STR(SIP_KPML_EVENT),
					    SIPTAG_EXPIRES_STR(expires),
					    SIPTAG_ACCEPT_STR(SIP_KPML_RESPONSE_TYPE),
					    SIPTAG_CONTENT_TYPE_STR(SIP_KPML_REQUEST_TYPE),
					    SIPTAG_PAYLOAD_STR(body), TAG_END());
	td_free(body);
}

void td_sip_keys_begin(struct sip_leg *l)
{
	if (l->leg.dtmf == CFG_DTMF_KPML && l->can_kpml && keys_of(l))
		ask(l);
}

int td_sip_keys_on_notify(struct sip_leg *l, const sip_t *s)
{
	struct td_leg_event ev = { .type = TD_LEG_DIGIT, .duration_ms = KEY_MS };
	struct sip_kpml k;
	const char *why;

	if (!s->sip_payload || !s->sip_payload->pl_len)
		return 200;
	if (td_kpml_read(&k, (struct td_str){ s->sip_payload->pl_data, s->sip_payload->pl_len },
			 &why)) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "leg=%u reports keys that cannot be read: %s",
			       l->leg.id, why);
		return 400;
	}
	for (const char *p = k.keys; *p && !l->told_released; p++) {
		ev.digit = *p;
		if (*p != '+')
			td_leg_post(&l->leg, &ev);
	}
	return 200;
}

/* ---- keys for the party ---- */

static void tell(struct sip_leg *l, uint32_t code, const char *text, const char *digits,
		 const char *tag, const char *end)
{
	char route[TD_ADDR_STRLEN + 32], state[64];
	uint64_t now = td_loop_now_ms(l->sip->loop);
	struct sip_keys *keys = l->keys;
	char *body = code ? td_kpml_report(code, text, digits, tag) : NULL;

	if (code && !body)
		return;
	if (end)
		snprintf(state, sizeof(state), "terminated;reason=%s", end);
	else
		snprintf(state, sizeof(state), "active;expires=%u",
			 (unsigned int)(keys->until_ms > now ? (keys->until_ms - now) / 1000 : 0));
	if (end)
		keys->told = false;
	td_sip_leg_log(l, "send", "NOTIFY", 0);
	nta_outgoing_destroy(nta_outgoing_tcreate(
		l->dialog, NULL, NULL, (url_string_t *)td_sip_leg_route(l, route),
		SIP_METHOD_NOTIFY, NULL, NTATAG_TPORT(td_sip_leg_tport(l)),
		SIPTAG_CONTACT(l->contact), SIPTAG_EVENT_STR(keys->event),
		SIPTAG_SUBSCRIPTION_STATE_STR(state),
		TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(SIP_KPML_RESPONSE_TYPE)),
		TAG_IF(body, SIPTAG_PAYLOAD_STR(body)), TAG_END()));
	td_free(body);
}

static void on_expiry(void *arg)
{
	struct sip_leg *l = arg;

	if (l->keys->told)
		tell(l, SIP_KPML_EXPIRED, "Subscription Expired", "", "", "timeout");
}

int td_sip_keys_tell(struct sip_leg *l, char digit)
{
	const char digits[2] = { digit, '\0' };
	const char *tag;

	if (!l->keys || !l->keys->told)
		return -EOPNOTSUPP;
	if (!td_kpml_wants(&l->keys->wish, digit, &tag))
		return 0;
	tell(l, SIP_KPML_OK, "OK", digits, tag, l->keys->wish.once ? "noresource" : NULL);
	return 0;
}

/* RFC 6665 4.4.1: without a body it is the same as before once more. */
static int read_wish(struct sip_leg *l, const sip_t *s, struct td_kpml_wish *wish)
{
	const char *why;
	int err;

	*wish = l->keys->wish;
	if (!s->sip_payload || !s->sip_payload->pl_len)
		return l->keys->told ? 0 : -EBADMSG;
	err = td_kpml_read_request(wish, (struct td_str){ s->sip_payload->pl_data,
							  s->sip_payload->pl_len }, &why);
	if (err)
		td_log_limited(TD_LOG_SIP, TD_INFO, "leg=%u asks for keys in a way that cannot be "
			       "met: %s", l->leg.id, why);
	return err;
}

int td_sip_keys_on_subscribe(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	unsigned long expires = s->sip_expires ? s->sip_expires->ex_delta : THEIRS_MAX;
	struct td_kpml_wish wish;
	struct sip_keys *keys;
	char text[16];
	int err;

	if (!s->sip_event || !su_casematch(s->sip_event->o_type, SIP_KPML_EVENT) ||
	    l->leg.dtmf != CFG_DTMF_KPML)
		return 489;
	keys = keys_of(l);
	if (!keys)
		return 500;
	err = read_wish(l, s, &wish);
	if (err == -EBADMSG && expires)
		return 400;
	if (expires > THEIRS_MAX)
		expires = THEIRS_MAX;
	snprintf(text, sizeof(text), "%lu", expires);
	nta_incoming_treply(irq, SIP_200_OK, SIPTAG_CONTACT(l->contact), SIPTAG_EXPIRES_STR(text),
			    TAG_END());
	td_strlcpy(keys->event, SIP_KPML_EVENT, sizeof(keys->event));
	if (s->sip_event->o_id && strlen(s->sip_event->o_id) < 32)
		snprintf(keys->event, sizeof(keys->event), SIP_KPML_EVENT ";id=%s",
			 s->sip_event->o_id);
	td_loop_timer_stop(l->sip->loop, &keys->expiry);
	if (!expires) {
		tell(l, SIP_KPML_EXPIRED, "Subscription Expired", "", "", "timeout");
	} else if (err) {
		tell(l, SIP_KPML_BAD_DOCUMENT, "Bad Document", "", "", "rejected");
	} else {
		keys->wish = wish;
		keys->told = true;
		keys->until_ms = td_loop_now_ms(l->sip->loop) + expires * 1000;
		td_loop_timer_start(l->sip->loop, &keys->expiry, expires * 1000ull, on_expiry, l);
		tell(l, 0, NULL, NULL, NULL, NULL);
	}
	return 200;
}

/* ---- the end ---- */

void td_sip_keys_over(struct sip_leg *l)
{
	if (!l->keys)
		return;
	td_loop_timer_stop(l->sip->loop, &l->keys->again);
	td_loop_timer_stop(l->sip->loop, &l->keys->expiry);
	if (l->keys->told && l->dialog)
		tell(l, SIP_KPML_NO_DIALOG, "Dialog Not Found", "", "", "noresource");
}

void td_sip_keys_free(struct sip_leg *l)
{
	if (!l->keys)
		return;
	td_loop_timer_stop(l->sip->loop, &l->keys->again);
	td_loop_timer_stop(l->sip->loop, &l->keys->expiry);
	nta_outgoing_destroy(l->keys->orq);
	td_free(l->keys);
	l->keys = NULL;
}
