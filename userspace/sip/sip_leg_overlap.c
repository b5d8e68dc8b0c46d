/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number that goes to a trunk digit by digit (RFC 3578 3): each further digit is an INVITE with
 * the longer number, of the same Call-ID and From tag and with a CSeq of its own. The ones before
 * are left open; the trunk answers them 484, and what else it says to them counts for nothing,
 * because there is a newer one. The first INVITE of all that gets on (a 1xx above 100, or a 2xx)
 * is the call: the others are cancelled, and digits are keys from then on. Of the newest, 484
 * means that more digits are needed; any other failure is the call's.
 *
 * "#" says that the number is complete, and so does waiting (timeout_interdigit): a 484 after
 * that is the end.
 *
 * The newest INVITE is orq_invite of the leg, as of any other; here are those before it.
 */
#include "userspace/sip/sip_leg.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* RFC 3261 9.1: 64*T1 for the answers to what was cancelled. */
#define FORGET_MS 32000

struct sip_overlap {
	char number[TD_NUMBER_LEN];	/* as the trunk is told it */
	struct td_timer timer;		/* between digits; then, for the old ones */
	bool complete;			/* no digit more will come */
	bool waits;			/* the trunk has said 484 to all that there is */
	bool settled;			/* one of them is the call, or it is over */
	uint8_t n_old;
	nta_outgoing_t *old[TD_NUMBER_LEN];	/* open INVITEs with fewer digits */
};

static void on_interdigit(void *arg);

static void wait_for_digit(struct sip_leg *l)
{
	td_loop_timer_start(l->sip->loop, &l->overlap->timer,
			    l->sip->config->global.timeout_interdigit * 1000ull, on_interdigit, l);
}

int td_sip_overlap_begin(struct sip_leg *l, const char *number)
{
	l->overlap = td_zalloc(sizeof(*l->overlap));
	if (!l->overlap)
		return -ENOMEM;
	td_strlcpy(l->overlap->number, number, sizeof(l->overlap->number));
	wait_for_digit(l);
	return 0;
}

const char *td_sip_overlap_number(const struct sip_leg *l)
{
	return l->overlap && !l->overlap->settled ? l->overlap->number : NULL;
}

bool td_sip_overlap_owes(const struct sip_leg *l)
{
	return l->overlap && l->overlap->n_old;
}

static void forget(struct sip_overlap *o)
{
	while (o->n_old)
		nta_outgoing_destroy(o->old[--o->n_old]);
}

void td_sip_overlap_free(struct sip_leg *l)
{
	if (!l->overlap)
		return;
	td_loop_timer_stop(l->sip->loop, &l->overlap->timer);
	forget(l->overlap);
	td_free(l->overlap);
	l->overlap = NULL;
}

/* ---- digits ---- */

static void no_more_digits(struct sip_leg *l)
{
	l->overlap->complete = true;
	td_loop_timer_stop(l->sip->loop, &l->overlap->timer);
	if (l->overlap->waits)
		td_sip_leg_ended(l, TD_CAUSE_BAD_NUMBER);
}

static void on_interdigit(void *arg)
{
	struct sip_leg *l = arg;

	no_more_digits(l);
	td_sip_leg_settle(l);
}

int td_sip_overlap_digit(struct sip_leg *l, char digit)
{
	struct sip_overlap *o = l->overlap;
	size_t n = strlen(o->number);
	int err;

	if (o->complete)
		return 0;
	if (digit == '#') {
		no_more_digits(l);
		return 0;
	}
	if (n + 1 >= sizeof(o->number))
		return -ENOSPC;
	o->number[n] = digit;
	o->number[n + 1] = '\0';
	o->waits = false;
	if (l->orq_invite)	/* each has a digit more than the one before: there is room */
		o->old[o->n_old++] = l->orq_invite;
	l->orq_invite = NULL;
	wait_for_digit(l);
	err = td_sip_leg_invite_longer(l, o->number);
	if (err)
		td_sip_leg_ended(l, TD_CAUSE_TEMPORARY);
	return err;
}

/* ---- answers ---- */

static void forget_old(void *arg)
{
	struct sip_leg *l = arg;

	forget(l->overlap);
	td_sip_leg_settle(l);
}

static void cancel_old(struct sip_leg *l)
{
	struct sip_overlap *o = l->overlap;

	o->settled = o->complete = true;
	o->waits = false;
	td_loop_timer_stop(l->sip->loop, &o->timer);
	for (size_t i = 0; i < o->n_old; i++) {
		td_sip_leg_log(l, "send", "CANCEL", 0);
		nta_outgoing_destroy(nta_outgoing_tcancel(o->old[i], NULL, NULL, TAG_END()));
	}
	if (o->n_old)
		td_loop_timer_start(l->sip->loop, &o->timer, FORGET_MS, forget_old, l);
}

void td_sip_overlap_over(struct sip_leg *l)
{
	if (l->overlap && !l->overlap->settled)
		cancel_old(l);
}

static size_t old_at(const struct sip_overlap *o, const nta_outgoing_t *orq)
{
	size_t i = 0;

	while (i < o->n_old && o->old[i] != orq)
		i++;
	return i;
}

/* The trunk has taken the number of this one: it is the leg's INVITE from now on. */
static void settle(struct sip_leg *l, nta_outgoing_t *orq)
{
	struct sip_overlap *o = l->overlap;
	size_t i = old_at(o, orq);

	if (i < o->n_old) {
		o->old[i] = l->orq_invite;
		if (!o->old[i])
			o->old[i] = o->old[--o->n_old];
		l->orq_invite = orq;
	}
	l->leg.complete = true;
	cancel_old(l);
}

static void old_is_over(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s, int status)
{
	struct sip_overlap *o = l->overlap;

	if (status < 300 && s)
		td_sip_leg_not_wanted(l, orq, s);
	o->old[old_at(o, orq)] = o->old[o->n_old - 1];
	o->n_old--;
	nta_outgoing_destroy(orq);
	if (o->settled && !o->n_old)
		td_loop_timer_stop(l->sip->loop, &o->timer);
}

bool td_sip_overlap_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s, int status)
{
	struct sip_overlap *o = l->overlap;
	bool old;

	if (!o)
		return false;
	old = old_at(o, orq) < o->n_old;
	if (status > 100 && status < 300 && s && !o->settled) {
		settle(l, orq);
		return false;
	}
	if (old) {
		td_sip_leg_log(l, "recv", "INVITE answer", status);
		if (status >= 200)
			old_is_over(l, orq, s, status);
		td_sip_leg_settle(l);
		return true;
	}
	if (orq != l->orq_invite || status != 484 || o->complete)
		return false;
	/* it waits for more, as we do */
	td_sip_leg_log(l, "recv", "INVITE answer", status);
	td_loop_timer_stop(l->sip->loop, &l->answer_timer);
	l->heard = true;
	o->waits = true;
	l->orq_invite = NULL;
	nta_outgoing_destroy(orq);
	return true;
}
