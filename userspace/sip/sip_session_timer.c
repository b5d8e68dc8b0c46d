/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session timers, RFC 4028: is the other end still there? Each 2xx to INVITE or UPDATE
 * settles an interval and who refreshes; we refresh at half of it, or end the call when
 * the party has not, some time before the interval is over. Rules used here:
 *
 * - As callee we take the caller's interval, lowered to ours when the caller allows it,
 *   and let the caller refresh (it asked); without a caller's wish we ask by ourselves
 *   when session_expires is set, and refresh by ourselves, which needs no support.
 * - As caller we ask when session_expires is set; a 2xx without Session-Expires means
 *   that the party takes no part: then there is no timer.
 * - Roles stay what they were in later exchanges, whoever starts them.
 */
#include "userspace/sip/sip_leg.h"

#include <string.h>

#define SMALLEST_SE 90u			/* RFC 4028 4 */
#define RETRY_MS    5000u		/* a refresh was impossible, or is not answered yet */

static uint32_t ours(const struct sip_leg *l)
{
	return l->sip->config->sip.session_expires;
}

static uint32_t our_min(const struct sip_leg *l)
{
	uint32_t min = l->sip->config->sip.min_se;

	return min < SMALLEST_SE ? SMALLEST_SE : min;
}

static void put_se(struct sip_timer_headers *h, uint32_t seconds, const char *refresher)
{
	sip_session_expires_init(h->se);
	h->se->x_delta = seconds;
	if (refresher) {
		/* x_refresher is read from the parameters when printing */
		static const msg_param_t uac[] = { "refresher=uac", NULL };
		static const msg_param_t uas[] = { "refresher=uas", NULL };

		h->se->x_params = (msg_param_t *)(!strcmp(refresher, "uac") ? uac : uas);
	}
	h->has_se = true;
}

static void put_min(struct sip_timer_headers *h, uint32_t seconds)
{
	sip_min_se_init(h->min);
	h->min->min_delta = seconds;
	h->has_min = true;
}

static void on_timer(void *arg)
{
	struct sip_leg *l = arg;

	if (l->state != SIP_LEG_UP)
		return;
	if (!l->we_refresh) {
		td_log_dbg(TD_LOG_SIP, "leg=%u session expired after_s=%u", l->leg.id,
			   l->session_s);
		td_sip_leg_hangup(l, TD_CAUSE_TIMER);
		td_sip_leg_settle(l);
		return;
	}
	/* The answer arms the timer anew; until then we look again, for glare or an open exchange. */
	td_sip_offer_refresh(l);
	td_loop_timer_start(l->sip->loop, &l->session_timer, RETRY_MS, on_timer, l);
}

static void arm(struct sip_leg *l)
{
	uint64_t s = l->session_s, margin = s / 3 < 32 ? s / 3 : 32;

	if (!s)
		td_loop_timer_stop(l->sip->loop, &l->session_timer);
	else
		td_loop_timer_start(l->sip->loop, &l->session_timer,
				    l->we_refresh ? s * 500 : (s - margin) * 1000, on_timer, l);
}

void td_sip_timer_again(struct sip_leg *l)
{
	arm(l);
}

void td_sip_timer_stop(struct sip_leg *l)
{
	td_loop_timer_stop(l->sip->loop, &l->session_timer);
}

int td_sip_timer_check(struct sip_leg *l, const sip_t *s, struct sip_timer_headers *h)
{
	memset(h, 0, sizeof(*h));
	if (!s->sip_session_expires || s->sip_session_expires->x_delta >= our_min(l))
		return 0;
	if (!sip_has_feature(s->sip_supported, "timer"))
		return 0;		/* a proxy's wish: it may be raised, never refused */
	put_min(h, our_min(l));
	return 422;
}

static uint32_t bounded(unsigned long seconds)
{
	return seconds > 7u * 86400u ? 7u * 86400u : (uint32_t)seconds;
}

void td_sip_timer_uas(struct sip_leg *l, const sip_t *request, struct sip_timer_headers *h)
{
	const sip_session_expires_t *se = request->sip_session_expires;
	uint32_t min = our_min(l), seconds;
	bool they_refresh;

	memset(h, 0, sizeof(*h));
	if (request->sip_min_se && request->sip_min_se->min_delta > min)
		min = bounded(request->sip_min_se->min_delta);
	if (se) {
		seconds = bounded(se->x_delta);
		if (ours(l) && ours(l) < seconds)
			seconds = ours(l);
		if (seconds < min)
			seconds = min;
		if (se->x_refresher)
			they_refresh = su_casematch(se->x_refresher, "uac");
		else
			they_refresh = l->session_s ? !l->we_refresh : l->can_timer;
	} else if (ours(l)) {
		seconds = ours(l) < min ? min : ours(l);
		they_refresh = l->session_s && l->can_timer && !l->we_refresh;
	} else {
		l->session_s = 0;
		arm(l);
		return;
	}
	if (!l->can_timer)
		they_refresh = false;
	l->session_s = seconds;
	l->we_refresh = !they_refresh;
	h->require = they_refresh;
	put_se(h, seconds, they_refresh ? "uac" : "uas");
	arm(l);
}

void td_sip_timer_request(struct sip_leg *l, struct sip_timer_headers *h)
{
	uint32_t seconds = l->session_s ? l->session_s : ours(l);

	memset(h, 0, sizeof(*h));
	if (!seconds)
		return;
	if (seconds < l->min_se_s)
		seconds = l->min_se_s;
	if (seconds < SMALLEST_SE)
		seconds = SMALLEST_SE;
	put_se(h, seconds, !l->session_s ? NULL : l->we_refresh ? "uac" : "uas");
	put_min(h, l->min_se_s > our_min(l) ? l->min_se_s : our_min(l));
}

void td_sip_timer_uac(struct sip_leg *l, const sip_t *answer)
{
	const sip_session_expires_t *se = answer->sip_session_expires;

	if (!se) {
		/* A party that does not take part; a refresh of ours still shows it alive */
		if (!l->we_refresh)
			l->session_s = 0;
		arm(l);
		return;
	}
	l->session_s = bounded(se->x_delta) < SMALLEST_SE ? SMALLEST_SE : bounded(se->x_delta);
	l->we_refresh = !se->x_refresher || !su_casematch(se->x_refresher, "uas");
	arm(l);
}

bool td_sip_timer_too_small(struct sip_leg *l, const sip_t *answer)
{
	uint32_t min;

	if (!answer->sip_min_se)
		return false;
	min = bounded(answer->sip_min_se->min_delta);
	if (min <= l->min_se_s || min < SMALLEST_SE)
		return false;
	l->min_se_s = min;
	if (l->session_s && l->session_s < min)
		l->session_s = min;
	return true;
}
