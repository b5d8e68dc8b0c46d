/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone that dials key by key (CME's overlap-signal for SIP phones): its INVITE carries the
 * first key, we subscribe to the others in its dialog (KPML, RFC 4730), and the core hears of the
 * call when the number is complete. Till then the leg is ours alone. The phone is told that we
 * have enough before anything rings, else it goes on collecting.
 *
 * "#" ends a number that could go on; so does waiting (timeout_interdigit).
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_kpml.h"

#define KPML_EXPIRES_S "3600"

struct sip_dial {
	struct td_leg_event setup;	/* as the INVITE said; the number grows */
	struct td_timer timer;		/* between keys */
	nta_outgoing_t *orq;		/* our SUBSCRIBE */
	bool refused;			/* ... which the phone does not like */
};

static enum td_dial meaning(const struct sip_leg *l)
{
	return td_core_dial(l->sip->core, l->leg.ep, l->dial->setup.setup.to.number);
}

static bool offers_keys(const sip_t *s)
{
	const sip_allow_events_t *events = s->sip_allow_events;
	char *const *item = events ? (char *const *)events->k_items : NULL;

	for (; item && *item; item++)
		if (su_casematch(*item, SIP_KPML_EVENT))
			return true;
	return false;
}

/* One key that is a number by itself may be the first of a longer one; more keys than one at
 * once come from a list or from redial, and nobody will add to them. */
bool td_sip_dial_wanted(const struct sip_leg *l, const sip_t *s, const struct td_setup *setup)
{
	enum td_dial d;

	if (!l->leg.ep || l->leg.ep->kind != TD_EP_PHONE || !l->leg.ep->overlap ||
	    s->sip_replaces || !offers_keys(s))
		return false;
	d = td_core_dial(l->sip->core, l->leg.ep, setup->to.number);
	return d == TD_DIAL_MORE || (d == TD_DIAL_MATCH_LONGER && !setup->to.number[1]);
}

void td_sip_dial_free(struct sip_leg *l)
{
	if (!l->dial)
		return;
	td_loop_timer_stop(l->sip->loop, &l->dial->timer);
	nta_outgoing_destroy(l->dial->orq);
	td_free(l->dial);
	l->dial = NULL;
}

/* ---- our subscription ---- */

static void complete(struct sip_leg *l);
static void give_up(struct sip_leg *l, enum td_cause cause);

static void no_more_keys(struct sip_leg *l)
{
	enum td_dial d = meaning(l);

	if (d == TD_DIAL_MATCH || d == TD_DIAL_MATCH_LONGER)
		complete(l);
	else
		give_up(l, TD_CAUSE_BAD_NUMBER);
}

static int on_subscribed(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s)
{
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (status < 200)
		return 0;
	td_sip_leg_log(l, "recv", "SUBSCRIBE answer", status);
	nta_outgoing_destroy(orq);
	if (l->dial && l->dial->orq == orq) {
		l->dial->orq = NULL;
		l->dial->refused = status >= 300;
		if (l->dial->refused) {
			td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s takes no subscription to its "
				       "keys: status=%d", l->leg.ep->id, status);
			no_more_keys(l);
		}
	}
	td_sip_leg_settle(l);
	return 0;
}

/* body NULL: no more. */
static nta_outgoing_t *subscribe(struct sip_leg *l, nta_response_f *fn, const char *body)
{
	char route[TD_ADDR_STRLEN + 32];

	td_sip_leg_log(l, "send", "SUBSCRIBE", 0);
	return nta_outgoing_tcreate(l->dialog, fn, fn ? l : NULL,
				    (url_string_t *)td_sip_leg_route(l, route),
				    SIP_METHOD_SUBSCRIBE, NULL,
				    NTATAG_TPORT(td_sip_leg_tport(l)), SIPTAG_CONTACT(l->contact),
				    SIPTAG_EVENT_STR(SIP_KPML_EVENT),
				    SIPTAG_EXPIRES_STR(body ? KPML_EXPIRES_S : "0"),
				    SIPTAG_ACCEPT_STR(SIP_KPML_RESPONSE_TYPE),
				    TAG_IF(body, SIPTAG_CONTENT_TYPE_STR(SIP_KPML_REQUEST_TYPE)),
				    TAG_IF(body, SIPTAG_PAYLOAD_STR(body)), TAG_END());
}

/* ---- the end of dialling ---- */

static void unsubscribe(struct sip_leg *l)
{
	if (!l->dial->refused)
		nta_outgoing_destroy(subscribe(l, NULL, NULL));
}

static void give_up(struct sip_leg *l, enum td_cause cause)
{
	const char *phrase;
	int status = td_sip_status_of_cause(cause, &phrase);

	unsubscribe(l);
	td_sip_dial_free(l);
	td_sip_leg_in_refuse(l, status, phrase, cause);
}

/* From here on it is a call like others. */
static void complete(struct sip_leg *l)
{
	struct td_leg_event *ev = &l->dial->setup;

	unsubscribe(l);
	l->told_released = l->core_done = false;
	if (td_core_incoming(l->sip->core, &l->leg)) {
		l->told_released = l->core_done = true;
		td_sip_dial_free(l);
		td_sip_leg_in_refuse(l, SIP_503_SERVICE_UNAVAILABLE, TD_CAUSE_CONGESTION);
		return;
	}
	td_leg_post(&l->leg, ev);
	td_sip_dial_free(l);
}

static void on_interdigit(void *arg)
{
	struct sip_leg *l = arg;

	no_more_keys(l);
	td_sip_leg_settle(l);
}

static void judge(struct sip_leg *l)
{
	switch (meaning(l)) {
	case TD_DIAL_NONE:
		give_up(l, TD_CAUSE_UNALLOCATED);
		break;
	case TD_DIAL_MATCH:
		complete(l);
		break;
	default:
		td_loop_timer_start(l->sip->loop, &l->dial->timer,
				    l->sip->config->global.timeout_interdigit * 1000ull,
				    on_interdigit, l);
		break;
	}
}

int td_sip_dial_start(struct sip_leg *l, const struct td_leg_event *setup)
{
	char *body = td_kpml_write(l->sip->config->global.timeout_interdigit * 1000);

	l->told_released = l->core_done = true;		/* the core knows nothing of it yet */
	l->keyed = true;
	l->dial = body ? td_zalloc(sizeof(*l->dial)) : NULL;
	if (!l->dial) {
		td_free(body);
		return -ENOMEM;
	}
	l->dial->setup = *setup;
	l->dial->orq = subscribe(l, on_subscribed, body);
	td_free(body);
	if (!l->dial->orq) {
		td_sip_dial_free(l);
		return -EIO;
	}
	judge(l);
	return 0;
}

/* ---- what the phone reports ---- */

static void press(struct sip_leg *l, char key)
{
	char *number = l->dial->setup.setup.to.number;
	size_t n = strlen(number);

	if (key == '#' && n && meaning(l) == TD_DIAL_MATCH_LONGER) {
		complete(l);
		return;
	}
	if (n + 1 >= TD_NUMBER_LEN) {
		give_up(l, TD_CAUSE_BAD_NUMBER);
		return;
	}
	number[n] = key;
	number[n + 1] = '\0';
	judge(l);
}

static void take_back(struct sip_leg *l)
{
	char *number = l->dial->setup.setup.to.number;
	size_t n = strlen(number);

	if (n)
		number[n - 1] = '\0';
	judge(l);
}

/* Reports that come after we had enough are answered, and that is all. */
int td_sip_dial_on_notify(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s)
{
	struct sip_kpml k;
	const char *why;

	if (!s->sip_event || !su_casematch(s->sip_event->o_type, SIP_KPML_EVENT))
		return 489;
	if (!l->keyed)
		return 481;
	if (!l->dial || !s->sip_payload || !s->sip_payload->pl_len)
		return 200;
	if (td_kpml_read(&k, (struct td_str){ s->sip_payload->pl_data, s->sip_payload->pl_len },
			 &why)) {
		td_log_limited(TD_LOG_SIP, TD_INFO, "phone=%s reports keys that cannot be read: %s",
			       l->leg.ep->id, why);
		return 400;
	}
	nta_incoming_treply(irq, SIP_200_OK, TAG_END());
	if (k.backspace)
		take_back(l);
	for (const char *p = k.keys; *p && l->dial; p++)
		press(l, *p);
	if (l->dial && k.code && k.code != SIP_KPML_OK)
		no_more_keys(l);	/* the phone waits no longer, or its user */
	return 200;
}
