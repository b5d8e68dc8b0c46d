/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media past us, from party to party (CME: flow around), or through. It follows from what both
 * parties have said and want at the moment, and nothing is remembered but what the configuration
 * allowed when each of them came: so a hold with music, a conference, a transfer to somebody of
 * another kind brings the media back through, and its end lets them go again. call_media.c tells
 * the parties when that is another address for them (re-INVITE).
 *
 * Through is forced (Table 3 and the list for trunks of Cisco's guide): by different address
 * families, no codec in common, keys that are told in different ways, SRTP, a recorder, a NAT, option
 * mtp, a voicemail, a trunk whose own word is through, a trunk with a phone, a telephone line, and everything
 * that the house has to say itself.
 */
#include <string.h>
#include "userspace/core/core_priv.h"

#define IP4 1u
#define IP6 2u

/* ---- what the configuration allows ---- */

/* Of the dial peer by which this leg is called. */
static uint8_t peer_mode(const struct td_call *call)
{
	const struct td_target *t = td_call_tried_last(call);

	return t && t->kind == TD_TARGET_PEER ?
		       td_container_of(t, const struct td_peer, target)->media :
		       CFG_MEDIA_INHERIT;
}

static bool is_allowed(const struct td_call *call, const struct td_leg *leg)
{
	const struct td_endpoint *ep = leg->ep;
	uint8_t mode = CFG_MEDIA_INHERIT;

	if (!ep || !leg->ops->around || ep->nat || ep->mtp)
		return false;
	if (ep->kind == TD_EP_PHONE)
		return call->core->phone_media == CFG_MEDIA_AROUND;
	if (td_leg_core(leg)->outbound)
		mode = peer_mode(call);
	if (mode == CFG_MEDIA_INHERIT)
		mode = ep->media_mode;
	if (mode == CFG_MEDIA_INHERIT)
		mode = call->core->trunk_media;
	return mode == CFG_MEDIA_AROUND;
}

void td_call_around_begin(const struct td_call *call, const struct td_leg *leg)
{
	td_leg_core(leg)->around = is_allowed(call, leg);
}

/* ---- address families ---- */

static unsigned int family_of(const struct td_addr *a)
{
	return !td_addr_is_set(a) ? 0 : td_addr_is_v4(a) ? IP4 : IP6;
}

static bool has_address(const struct td_leg *leg)
{
	return leg->remote && !leg->remote->rtp_later && leg->remote->rtp.port &&
	       !td_addr_is_any(&leg->remote->rtp);
}

/* In which it can send and hear: what it has said, else what is known of it. */
static unsigned int families(const struct td_leg *leg)
{
	static const unsigned int of[] = {
		[CFG_FAMILY_IPV4] = IP4, [CFG_FAMILY_IPV6] = IP6, [CFG_FAMILY_DUAL] = IP4 | IP6,
	};

	if (has_address(leg))
		return family_of(&leg->remote->rtp) | family_of(&leg->remote->alt);
	if (leg->ep->family != CFG_FAMILY_AUTO)
		return of[leg->ep->family];
	return family_of(&leg->local);
}

/* Which of the other one's addresses this leg can send to, or NULL. */
static const struct td_addr *choose(const struct td_call *call, const struct td_leg *leg,
				    const struct td_leg *other)
{
	const struct td_media_desc *d = other->remote;
	unsigned int can = families(leg), both = IP4 | IP6;
	const struct td_addr *wanted = &d->rtp;

	if (can == both && family_of(&d->alt) == (call->core->prefers_ipv6 ? IP6 : IP4))
		wanted = &d->alt;
	if (family_of(wanted) & can)
		return wanted;
	return family_of(&d->alt) & can ? &d->alt : NULL;
}

/* ---- the call as it is ---- */

static bool understand(const struct td_leg *a, const struct td_leg *b)
{
	struct td_media_desc common;

	if (a->ops->keys_apart != b->ops->keys_apart || td_leg_by_info(a) != td_leg_by_info(b))
		return false;
	if ((a->srtp != TD_SRTP_NONE && a->secret) || (b->srtp != TD_SRTP_NONE && b->secret))
		return false;
	return !a->remote || !b->remote || td_media_common(&common, a->remote, b->remote);
}

const struct td_addr *td_call_around_told(const struct td_call *call, const struct td_leg *leg)
{
	const struct td_leg *other = td_call_other(call, leg);
	struct td_addr recorder;

	if (!other || other == leg || !td_leg_core(leg)->around || !td_leg_core(other)->around ||
	    leg->ep->kind != other->ep->kind || !has_address(other) || !understand(leg, other))
		return NULL;
	if (td_call_house_of(leg) != TD_HOUSE_NONE || td_call_house_of(other) != TD_HOUSE_NONE)
		return NULL;
	recorder = td_call_forking(call);
	return td_addr_is_set(&recorder) || td_addr_is_set(&leg->ep->media_forking) ? NULL : choose(call, leg, other);
}

const struct td_addr *td_call_around_address(const struct td_call *call, const struct td_leg *leg)
{
	const struct td_leg *other = td_call_other(call, leg);

	return other ? td_call_around_told(call, other) : NULL;
}

bool td_call_is_around(const struct td_call *call, const struct td_leg *leg)
{
	return td_call_around_told(call, leg) != NULL;
}

/* What the other one does not take is left out: nobody transcodes on the way. */
static void use_types_of(const struct td_media_desc *other, struct td_media_desc *d)
{
	size_t i, kept = 0;

	for (i = 0; i < d->n_codecs; i++) {
		const struct td_codec *theirs = td_media_find(other, &d->codec[i]);

		if (!theirs)
			continue;
		d->codec[kept] = d->codec[i];
		d->codec[kept++].pt = theirs->pt;
	}
	d->n_codecs = (uint8_t)kept;
	d->dtmf_pt = d->dtmf_pt ? other->dtmf_pt : 0;
}

bool td_call_tell_around(const struct td_call *call, const struct td_leg *leg,
			 struct td_media_desc *d)
{
	const struct td_addr *to = td_call_around_told(call, leg);
	const struct td_media_desc *other;

	if (!to)
		return false;
	other = td_call_other(call, leg)->remote;
	use_types_of(other, d);
	d->rtcp_mux = other->rtcp_mux;
	d->rtp = *to;
	if (to == &other->rtp)
		d->rtcp = other->rtcp;
	return true;
}

bool td_call_around_refused(struct td_call *call, const struct td_leg *leg, enum td_cause cause)
{
	if (cause != TD_CAUSE_NO_MEDIA_MATCH || !call->a || call->group || !call->n_tried ||
	    !td_call_is_around(call, leg))
		return false;
	td_leg_core(call->a)->around = false;
	call->again = true;
	return true;
}
