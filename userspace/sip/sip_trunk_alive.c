/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the trunk there (OPTIONS, RFC 3261 11), and how many calls may it have a second? A trunk that
 * is down is passed by: the dial plan tries its next peer at once, and so do calls that wait for
 * a first sign of it. Any answer but 503 is a sign of life.
 */
#include "userspace/sip/sip_leg.h"
#include "userspace/sip/sip_trunk.h"

#include <stdio.h>
#include <string.h>

#include <sofia-sip/su_tagarg.h>

#include "userspace/base/log.h"

#define PROBE_MS 2000			/* an answer that takes longer is none */
#define AGAIN_MS 500			/* after a probe that the network refused */

static void probe(void *arg);

static void next_probe(struct sip_trunk *t, uint64_t ms)
{
	td_loop_timer_start(t->sip->loop, &t->probe_timer, ms, probe, t);
}

static void drop_probe(struct sip_trunk *t)
{
	nta_outgoing_destroy(t->probe);
	t->probe = NULL;
}

/* ---- down and up ---- */

/* Calls that nobody there has reacted to go another way. */
static void give_up_calls(struct sip_trunk *t)
{
	struct sip_leg *l, *next;

	td_list_for_each_safe(l, next, &t->sip->legs, struct sip_leg, node)
		if (l->leg.ep == t->ep && !l->caller && l->orq_invite && !l->heard) {
			td_sip_leg_hangup(l, TD_CAUSE_OUT_OF_ORDER);
			td_sip_leg_settle(l);
		}
}

static void set_down(struct sip_trunk *t, bool down)
{
	if (t->down == down)
		return;
	t->down = down;
	if (down)
		td_log_warn(TD_LOG_SIP, "trunk=%s down: no good answer to %u OPTIONS", t->id,
			    t->n_lost);
	else
		td_log_info(TD_LOG_SIP, "trunk=%s up", t->id);
	td_sip_trunk_show_state(t);
	if (down)
		give_up_calls(t);
}

static void answered(struct sip_trunk *t)
{
	t->n_lost = t->n_turned = 0;
	set_down(t, false);
	next_probe(t, t->keepalive_s * 1000ull);
}

static void lost(struct sip_trunk *t, uint64_t again_ms)
{
	if (t->n_lost < UINT32_MAX)
		t->n_lost++;
	if (t->n_lost >= t->keepalive_retry && td_sip_trunk_turn(t, &t->addr) &&
	    ++t->n_turned < t->n_targets) {
		t->n_lost = 0;
		next_probe(t, again_ms);
		return;
	}
	if (t->n_lost >= t->keepalive_retry)
		set_down(t, true);
	next_probe(t, t->down ? t->keepalive_down_s * 1000ull : again_ms);
}

/* ---- probes ---- */

static void on_silence(void *arg)
{
	struct sip_trunk *t = arg;

	drop_probe(t);
	lost(t, 1);
}

/* The magic of nta's transactions is typed for calls, and only carried. */
static int on_options_answer(struct sip_leg *magic, nta_outgoing_t *orq, const sip_t *s)
{
	struct sip_trunk *t = (struct sip_trunk *)(void *)magic;
	int status = s && s->sip_status ? s->sip_status->st_status : nta_outgoing_status(orq);

	if (orq != t->probe || status < 200)
		return 0;
	drop_probe(t);
	if (s && status != 503)
		answered(t);
	else
		lost(t, AGAIN_MS);
	return 0;
}

static int on_stray(struct sip_leg *unused, nta_leg_t *leg, nta_incoming_t *irq, const sip_t *s)
{
	(void)unused;
	(void)leg;
	(void)irq;
	(void)s;
	return 481;
}

static nta_outgoing_t *send_options(struct sip_trunk *t)
{
	char us[SIP_URI_LEN], from[SIP_URI_LEN + 2], to[SIP_URI_LEN];
	char text[TD_ADDR_STRLEN];
	struct td_addr local;

	if (!td_addr_is_set(&t->addr) || !td_sip_local_towards(t->sip, &t->addr, &local))
		return NULL;
	td_sip_contact(t->sip, &local, t->transport, NULL, us);
	snprintf(from, sizeof(from), "<%s>", us);
	snprintf(to, sizeof(to), "sip:%s;transport=%s", td_addr_str(&t->addr, text),
		 td_sip_transport_name(t->transport));
	if (!t->probe_leg) {
		char line[SIP_URI_LEN + 2];

		snprintf(line, sizeof(line), "<%s>", to);
		t->probe_leg = nta_leg_tcreate(t->sip->agent, on_stray, NULL, SIPTAG_FROM_STR(from),
					       SIPTAG_TO_STR(line), TAG_END());
		if (!t->probe_leg || !nta_leg_tag(t->probe_leg, NULL))
			return NULL;
	}
	return nta_outgoing_tcreate(t->probe_leg, on_options_answer,
				    (struct sip_leg *)(void *)t, URL_STRING_MAKE(to),
				    SIP_METHOD_OPTIONS, URL_STRING_MAKE(to),
				    NTATAG_TPORT(td_sip_tport(t->sip, &local, t->transport)),
				    SIPTAG_CONTACT_STR(from), TAG_END());
}

static void probe(void *arg)
{
	struct sip_trunk *t = arg;

	t->probe = send_options(t);
	if (t->probe)
		td_loop_timer_start(t->sip->loop, &t->probe_timer, PROBE_MS, on_silence, t);
	else
		lost(t, AGAIN_MS);
}

void td_sip_trunk_alive_set(struct sip_trunk *t, const struct cfg_trunk *cfg)
{
	td_sip_trunk_alive_stop(t);
	t->keepalive_s = cfg->keepalive;
	t->keepalive_down_s = cfg->keepalive_down;
	t->keepalive_retry = cfg->keepalive_retry;
	t->n_lost = 0;
	if (t->keepalive_s)
		next_probe(t, 1);
	else
		t->down = false;
}

void td_sip_trunk_alive_stop(struct sip_trunk *t)
{
	td_loop_timer_stop(t->sip->loop, &t->probe_timer);
	drop_probe(t);
	if (t->probe_leg)
		nta_leg_destroy(t->probe_leg);
	t->probe_leg = NULL;
}

/* ---- calls per second ---- */

/* A second's worth may come at once. */
bool td_sip_trunk_take(struct sip_trunk *t)
{
	uint64_t now = td_loop_now_ms(t->sip->loop), most = t->max_cps * 1000ull;

	if (!t->max_cps)
		return true;
	t->credit += (now - t->credit_ms) * t->max_cps;
	t->credit_ms = now;
	if (t->credit > most)
		t->credit = most;
	if (t->credit < 1000) {
		td_log_limited(TD_LOG_SIP, TD_WARN, "trunk=%s call refused: max_cps=%u", t->id,
			       t->max_cps);
		return false;
	}
	t->credit -= 1000;
	return true;
}
