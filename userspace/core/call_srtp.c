/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is told which key of SRTP (SDES, RFC 4568). A party names the key that it sends with and
 * is told the key that it will hear; one that is told the other party's own key hears that
 * party's packets as they are, and the media plane has nothing to do with them: they go
 * through XDP. That is so whenever both parties take SRTP and nothing of ours has to look into
 * the packets. Else the party is told a key that we made, and the relay seals what it hears.
 *
 * Each party is told one key as long as it stands in the call: hold and resume change
 * nothing. It is told another one when it moves to another call, or when the party whose key
 * it was told has made itself a new one; not for ever, as two that make a new one with every
 * answer would never end.
 *
 * A key that was passed on must never seal other content than its owner's (the same
 * numbers of packets would give the same key stream twice). So where packets are changed
 * on the way (another law of G.711, keys as messages) no key is passed on.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include "userspace/core/core_priv.h"

#define MAX_REKEYS 4

/* What we make when we offer; the first one is preferred. */
static const enum td_srtp_suite own_suites[] = { TD_SUITE_CM_80, TD_SUITE_CM_32 };

static void clear(struct td_media_desc *d)
{
	d->srtp = TD_SRTP_NONE;
	d->n_keys = 0;
	memset(d->key, 0, sizeof(d->key));
}

static void set_key(struct td_media_desc *d, size_t i, const struct td_srtp_key *k, uint32_t tag)
{
	d->key[i] = *k;
	d->key[i].tag = tag;
	d->n_keys = (uint8_t)(i + 1);
}

static bool is_allowed(const struct td_leg *leg)
{
	return leg->srtp != TD_SRTP_NONE && leg->secret;
}

/* Our own key for what the leg hears; made once, so that an offer that is made again says the
 * same. NULL: the system has no random numbers. */
static const struct td_srtp_key *own_key(struct td_leg *leg, uint8_t suite)
{
	struct td_srtp_key *k = &td_leg_core(leg)->srtp_key[suite];

	size_t len = td_srtp_key_len(suite);

	if (k->tag)
		return k;
	if (getrandom(k->key, len, 0) != (ssize_t)len)
		return NULL;
	k->tag = 1;
	k->suite = suite;
	return k;
}

bool td_srtp_passes(const struct td_call *call, const struct td_leg *leg)
{
	const struct td_leg *other = td_call_other(call, leg);

	return other && !call->conference && other->remote && other->remote->n_keys &&
	       !td_leg_by_info(leg) && !td_leg_by_info(other) && is_allowed(leg) &&
	       td_call_house_of(leg) == TD_HOUSE_NONE;
}

/* One codec for both, or packets are changed. */
static bool may_pass(const struct td_call *call, const struct td_leg *leg,
		     const struct td_media_desc *d)
{
	struct td_media_desc common;

	return td_srtp_passes(call, leg) &&
	       td_media_common(&common, td_call_other(call, leg)->remote, d) == d->n_codecs;
}

bool td_srtp_is_stale(struct td_call *call, const struct td_leg *leg)
{
	const struct td_leg *other = td_call_other(call, leg);
	const struct td_media_desc *told = leg->local_desc;

	if (!other || !told || !told->n_keys || !told->key[0].passed || !other->remote ||
	    other->remote->n_keys != 1 || call->rekeys >= MAX_REKEYS ||
	    td_srtp_same_key(&told->key[0], &other->remote->key[0]))
		return false;
	call->rekeys++;
	return true;
}

static void offer_passed(const struct td_media_desc *from, struct td_media_desc *d)
{
	for (size_t i = 0; i < from->n_keys; i++) {
		set_key(d, i, &from->key[i], from->key[i].tag);
		d->key[i].passed = true;
	}
}

static int offer_own(struct td_leg *leg, struct td_media_desc *d)
{
	for (size_t i = 0; i < sizeof(own_suites) / sizeof(own_suites[0]); i++) {
		const struct td_srtp_key *k = own_key(leg, (uint8_t)own_suites[i]);

		if (!k)
			return -EIO;
		set_key(d, i, k, (uint32_t)i + 1);
	}
	return 0;
}

int td_srtp_offer(const struct td_call *call, struct td_leg *leg, struct td_media_desc *d,
		  bool anew)
{
	const struct td_media_desc *told = leg->local_desc;
	uint8_t use = told ? told->srtp : leg->srtp;

	clear(d);
	if (d->udptl || (!told && leg->srtp == TD_SRTP_MAY && !leg->secret))
		return 0;
	if (!told && leg->srtp == TD_SRTP_MUST && !leg->secret) {
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u leg=%u %s: srtp is required, and "
			       "its signalling is not encrypted", call->id, leg->id,
			       leg->ep ? leg->ep->id : leg->ops->protocol);
		return -ENOENT;
	}
	if (use == TD_SRTP_NONE)
		return 0;
	d->srtp = use;
	if (told && !anew) {
		set_key(d, 0, &told->key[0], told->key[0].tag);
		return 0;
	}
	if (may_pass(call, leg, d)) {
		offer_passed(td_call_other(call, leg)->remote, d);
		return 0;
	}
	return offer_own(leg, d);
}

int td_srtp_take_offer(const struct td_leg *leg, struct td_media_desc *offer)
{
	if (offer->udptl)
		return 0;
	if (offer->srtp == TD_SRTP_MAY && !is_allowed(leg))
		clear(offer);
	if (offer->srtp == TD_SRTP_NONE)
		return leg->srtp == TD_SRTP_MUST ? -ENOENT : 0;
	return is_allowed(leg) && offer->n_keys ? 0 : -ENOENT;
}

/* Which of the party's lines is the one that the other party was told. */
static const struct td_srtp_key *line_told(const struct td_leg *leg, const struct td_leg *other)
{
	const struct td_media_desc *r = leg->remote;

	if (!other->local_desc || !other->local_desc->n_keys)
		return NULL;
	for (size_t i = 0; i < r->n_keys; i++)
		if (td_srtp_same_key(&r->key[i], &other->local_desc->key[0]))
			return &r->key[i];
	return NULL;
}

static const struct td_srtp_key *line_of_suite(const struct td_media_desc *r, uint8_t suite)
{
	for (size_t i = 0; i < r->n_keys; i++)
		if (r->key[i].suite == suite)
			return &r->key[i];
	return NULL;
}

int td_srtp_answer(const struct td_call *call, struct td_leg *leg, struct td_media_desc *d)
{
	const struct td_leg *other = td_call_other(call, leg);
	const struct td_media_desc *was = leg->local_desc;
	const struct td_srtp_key *line = NULL, *tell = NULL;
	bool passed = false;
	struct td_srtp_key chosen;

	clear(d);
	if (d->udptl || !leg->remote->n_keys)
		return 0;
	if (was && was->n_keys && !td_leg_core(leg)->moved) {
		tell = &was->key[0];
		line = line_of_suite(leg->remote, tell->suite);
		passed = tell->passed;
	} else if (may_pass(call, leg, d) && other->remote->n_keys == 1) {
		tell = &other->remote->key[0];
		line = line_told(leg, other);
		passed = line && line->suite == tell->suite;
	}
	if (!line || line->suite != tell->suite) {
		line = &leg->remote->key[0];
		tell = own_key(leg, line->suite);
		passed = false;
	}
	if (!tell)
		return -EIO;
	chosen = *line;
	d->srtp = leg->remote->srtp;
	set_key(d, 0, tell, chosen.tag);
	d->key[0].passed = passed;
	memset(leg->remote->key, 0, sizeof(leg->remote->key));
	set_key(leg->remote, 0, &chosen, chosen.tag);
	return 0;
}

int td_srtp_take_answer(const struct td_media_desc *offer, struct td_media_desc *said,
			struct td_media_desc *agreed)
{
	clear(agreed);
	if (!said->n_keys || offer->srtp == TD_SRTP_NONE)
		clear(said);
	if (!said->n_keys)
		return offer->srtp == TD_SRTP_MUST && !offer->udptl ? -ENOENT : 0;
	if (said->n_keys != 1)		/* RFC 4568 5.1.3 */
		return -ENOENT;
	for (size_t i = 0; i < offer->n_keys; i++) {
		if (offer->key[i].tag != said->key[0].tag ||
		    offer->key[i].suite != said->key[0].suite)
			continue;
		/* a driver may have insisted where we had offered both */
		if (said->srtp < offer->srtp)
			said->srtp = offer->srtp;
		agreed->srtp = said->srtp;
		set_key(agreed, 0, &offer->key[i], offer->key[i].tag);
		return 0;
	}
	return -ENOENT;
}
