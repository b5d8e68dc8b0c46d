/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A phone that dials key by key (CME's overlap-signal for SIP phones): its INVITE carries the
 * first key, we subscribe to the others in its dialog (KPML, RFC 4730), and the core hears of the
 * call when the number is complete. Till then the leg is ours alone. The phone is told that we
 * have enough before anything rings, else it goes on collecting.
 *
 * Where the trunk that is called takes digits one by one, too (sip_leg_overlap.c, a telephone
 * line), the core hears of the call as soon as nothing else begins like its number, and of each key
 * after that.
 *
 * "#" ends a number that could go on; so does waiting (timeout_interdigit).
 *
 * A trunk that dials digit by digit (RFC 3578 4) says it by INVITEs of the same Call-ID and From
 * tag with longer and longer numbers. What is too short is answered 484 at once. What is a number
 * and the beginning of another waits for the next INVITE, which answers it 484, or for the time to
 * pass.
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_kpml.h"

#define KPML_EXPIRES_S "3600"
#define KEY_MS	       160
/* Call-ID and From tag of an INVITE; what is longer is nobody's that dials digit by digit. */
#define SIP_HELD_LEN   256

struct sip_dial {
	struct sip_leg *leg;
	struct td_leg_event setup;	/* as the INVITE said; the number grows */
	char *video_text;		/* of its media */
	struct td_timer timer;		/* between keys */
	nta_outgoing_t *orq;		/* our SUBSCRIBE */
	bool refused;			/* ... which the phone does not like, or there is none */
	bool passed;			/* the core has the beginning, and hears of the keys */
	bool held;			/* a trunk's: in td_sip.held */
	struct td_map_node node;	/* by its key */
	char key[SIP_HELD_LEN];
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
	if (l->dial->held)
		td_map_remove(&l->sip->held, &l->dial->node);
	nta_outgoing_destroy(l->dial->orq);
	td_free(l->dial->video_text);
	td_free(l->dial);
	l->dial = NULL;
}

/* ---- our subscription ---- */

static void complete(struct sip_leg *l);
static void give_up(struct sip_leg *l, enum td_cause cause);

static void no_more_keys(struct sip_leg *l)
{
	enum td_dial d;

	if (l->dial->passed) {		/* who is called waits as long as we do */
		td_sip_dial_over(l);
		return;
	}
	d = meaning(l);
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

static bool enter_core(struct sip_leg *l)
{
	struct td_leg_event *ev = &l->dial->setup;

	l->told_released = l->core_done = false;
	if ((l->dialog || !td_sip_leg_in_dialog(l)) && !td_core_incoming(l->sip->core, &l->leg)) {
		td_leg_post(&l->leg, ev);
		return true;
	}
	l->told_released = l->core_done = true;
	give_up(l, TD_CAUSE_CONGESTION);
	return false;
}

/* From here on it is a call like others. */
static void complete(struct sip_leg *l)
{
	unsubscribe(l);
	l->dial->refused = true;
	if (enter_core(l))
		td_sip_dial_free(l);
}

static void wait_for_key(struct sip_leg *l);

/* Who is called takes the keys from here on. */
static void pass_on(struct sip_leg *l)
{
	l->dial->setup.setup.overlap = true;
	if (!enter_core(l))
		return;
	l->dial->passed = true;
	wait_for_key(l);
}

void td_sip_dial_over(struct sip_leg *l)
{
	if (!l->dial || !l->dial->passed)
		return;
	unsubscribe(l);
	td_sip_dial_free(l);
}

static void on_interdigit(void *arg)
{
	struct sip_leg *l = arg;

	no_more_keys(l);
	td_sip_leg_settle(l);
}

static void wait_for_key(struct sip_leg *l)
{
	td_loop_timer_start(l->sip->loop, &l->dial->timer,
			    l->sip->config->global.timeout_interdigit * 1000ull, on_interdigit, l);
}

static void judge(struct sip_leg *l)
{
	enum td_dial d = meaning(l);

	if (d == TD_DIAL_MATCH_LONGER &&
	    td_core_overlaps(l->sip->core, l->leg.ep, l->dial->setup.setup.to.number)) {
		pass_on(l);
		return;
	}
	switch (d) {
	case TD_DIAL_NONE:
		give_up(l, TD_CAUSE_UNALLOCATED);
		break;
	case TD_DIAL_MATCH:
		complete(l);
		break;
	default:
		wait_for_key(l);
		break;
	}
}

/* Without memory for it there is no video. */
static void keep_setup(struct sip_dial *dial, const struct td_leg_event *setup)
{
	struct td_video *v = &dial->setup.setup.media.video;

	dial->setup = *setup;
	if (!v->rtp.port)
		return;
	v->text = dial->video_text = td_strdup(v->text);
	if (!v->text)
		v->rtp.port = 0;
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
	l->dial->leg = l;
	keep_setup(l->dial, setup);
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

static void press_on(struct sip_leg *l, char key)
{
	struct td_leg_event ev = { .type = TD_LEG_DIGIT, .digit = key,
				   .duration_ms = KEY_MS };

	if (!l->told_released)
		td_leg_post(&l->leg, &ev);
	if (key == '#')
		td_sip_dial_over(l);
	else
		wait_for_key(l);
}

static void press(struct sip_leg *l, char key)
{
	char *number = l->dial->setup.setup.to.number;
	size_t n = strlen(number);

	if (l->dial->passed) {
		press_on(l, key);
		return;
	}
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

	if (l->dial->passed)	/* it is out already */
		return;
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
	if (!l->dial && l->leg.dtmf == CFG_DTMF_KPML && l->state == SIP_LEG_UP)
		return td_sip_keys_on_notify(l, s);
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

/* ---- a trunk dials ---- */

static bool held_key(const sip_t *s, char key[SIP_HELD_LEN])
{
	int n;

	if (!s->sip_call_id || !s->sip_from->a_tag)
		return false;
	n = snprintf(key, SIP_HELD_LEN, "%s %s", s->sip_call_id->i_id, s->sip_from->a_tag);
	return n > 0 && n < SIP_HELD_LEN;
}

/* The INVITE with fewer digits is over. */
static void replace_shorter(struct td_sip *sip, const struct td_endpoint *ep, const char *key)
{
	struct td_map_node *node = td_map_find_str(&sip->held, key);
	struct sip_leg *l = node ? td_container_of(node, struct sip_dial, node)->leg : NULL;

	if (!l || l->leg.ep != ep)
		return;
	give_up(l, TD_CAUSE_BAD_NUMBER);
	td_sip_leg_settle(l);
}

enum td_dial td_sip_dial_by_trunk(struct sip_leg *l, const sip_t *s, const struct td_setup *setup)
{
	char key[SIP_HELD_LEN];
	enum td_dial d;

	if (!l->leg.ep || l->leg.ep->kind != TD_EP_TRUNK || !l->leg.ep->overlap)
		return TD_DIAL_MATCH;
	if (!held_key(s, key))
		return TD_DIAL_MATCH;
	replace_shorter(l->sip, l->leg.ep, key);
	d = td_core_dial(l->sip->core, l->leg.ep, setup->to.number);
	return d == TD_DIAL_NONE ? TD_DIAL_MATCH : d;
}

int td_sip_dial_hold(struct sip_leg *l, const sip_t *s, const struct td_leg_event *setup)
{
	struct sip_dial *dial = td_zalloc(sizeof(*dial));

	l->told_released = l->core_done = true;		/* the core knows nothing of it yet */
	if (!dial)
		return -ENOMEM;
	dial->leg = l;
	dial->refused = true;
	keep_setup(dial, setup);
	dial->held = held_key(s, dial->key) &&
		     td_map_insert_str(&l->sip->held, &dial->node, dial->key) == 0;
	l->dial = dial;
	wait_for_key(l);
	return 0;
}
