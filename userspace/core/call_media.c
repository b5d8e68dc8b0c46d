/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offer and answer across the two legs of a call (RFC 3264, as a back-to-back agent).
 *
 * Each leg has: remote, what the party said of itself last, with every codec it is known
 * to take; local_desc, what it was told and agreed to; pending, our offer that it has not
 * answered; wish, the directions that the party itself wants. What a party is told follows
 * from both wishes alone:
 *
 *	told(P) = wish(other) & flip(wish(P))
 *
 * so hold by either, by both, and resume in any order need no state of their own. An answer
 * is a wish only when it was free: "recvonly" or "inactive" to our "sendonly" is consent, and
 * taking it for a hold would leave the call deaf after the other one resumes.
 *
 * The media plane is connected before any answer goes out, so that the first packet finds
 * its flow. A party is bothered with an offer only when its direction changes or the other
 * one no longer takes the codec it sends; another address of one end, or another order of
 * the same codecs, is none of the other's business (two phones that each insist on their own
 * order would else re-negotiate for ever).
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

struct td_leg *td_call_other(const struct td_call *call, const struct td_leg *leg)
{
	if (leg != call->a)
		return call->a;
	return call->b ? call->b : call->early;
}

bool td_leg_by_info(const struct td_leg *leg)
{
	return leg && leg->dtmf != CFG_DTMF_RTP;
}

/* Digits for a party that hears of them by info() end here, so that the one who sends them
 * needs not care whether that party takes RFC 4733. */
static void set_dtmf(struct td_media_desc *d, const struct td_leg *leg, const struct td_leg *other)
{
	if (td_leg_by_info(other) && leg->remote)
		d->dtmf_pt = leg->remote->dtmf_pt;
}

/* text: room for that of the video. */
static void set_local(struct td_call *call, const struct td_leg *leg, struct td_media_desc *d,
		      char text[TD_VIDEO_TEXT])
{
	td_video_offer(call, leg, &d->video, text);
	memset(&d->rtcp, 0, sizeof(d->rtcp));
	d->rtp_later = false;
	memset(&d->alt, 0, sizeof(d->alt));
	if (td_call_tell_around(call, leg, d))
		return;
	d->rtcp_mux = leg->remote && leg->remote->rtcp_mux;
	call->core->media.ops->local(call->media, td_leg_core(leg)->side, &leg->local, &d->rtp);
}

uint8_t td_leg_told(const struct td_leg *leg, const struct td_leg *other)
{
	uint8_t theirs = other ? td_leg_core(other)->wish : TD_DIR_BOTH;
	enum td_media_house house = other ? td_call_house_of(leg) : TD_HOUSE_NONE;

	if (house == TD_HOUSE_MIXER)
		theirs = TD_DIR_BOTH;
	else if (house == TD_HOUSE_MUSIC)
		theirs |= TD_DIR_SEND;
	return td_dir_answer(td_leg_core(leg)->wish, theirs);
}

/* RFC 2543's hold, c=0.0.0.0: whatever the direction says, it cannot hear. */
static uint8_t dir_of(const struct td_media_desc *d)
{
	return !d->rtp_later && td_addr_is_any(&d->rtp) ? d->dir & ~TD_DIR_RECV : d->dir & TD_DIR_BOTH;
}

/* d may be what is there, or name its text. */
static int keep(struct td_media_desc **slot, const struct td_media_desc *d)
{
	struct td_media_desc *copy;

	if (*slot && !d->video.rtp.port) {
		**slot = *d;
		return 0;
	}
	copy = td_media_dup(d);
	if (!copy)
		return -ENOMEM;
	td_free(*slot);
	*slot = copy;
	return 0;
}

static void drop(struct td_media_desc **slot)
{
	td_free(*slot);
	*slot = NULL;
}

static bool has_codec(const struct td_media_desc *d, const struct td_codec *c)
{
	return td_media_find(d, c) != NULL;
}

/* May a party that we told "told" go on sending the codec it was told first? Its other law is as
 * good only when the two have nothing better in common. */
static bool still_fits(const struct td_leg *leg, const struct td_media_desc *agreed,
		       const struct td_media_desc *told)
{
	struct td_media_desc common;

	if (has_codec(agreed, &told->codec[0]))
		return true;
	return !td_media_common(&common, leg->remote, agreed) &&
	       td_media_find_other_law(agreed, &told->codec[0]);
}

/* What is opposite of a leg: the other party, or the house. */
struct opposite {
	struct td_leg *leg;
	const struct td_media_desc *agreed, *takes;	/* may be NULL */
};

static struct opposite opposite_of(const struct td_call *call, const struct td_leg *leg)
{
	struct opposite o = { .leg = td_call_other(call, leg) };

	if (call->conference || (!o.leg && call->alone))
		o.agreed = o.takes = &call->core->house;
	else if (o.leg)
		o = (struct opposite){ o.leg, o.leg->local_desc, o.leg->remote };
	return o;
}

static size_t filter(struct td_media_desc *d, const struct td_leg *leg)
{
	const struct td_endpoint *ep = leg ? leg->ep : NULL;

	return ep ? td_media_filter(d, (const char (*)[CFG_TEXT_LEN])ep->codec, ep->n_codec) :
		    d->n_codecs;
}

/* What a party takes does not shrink because it answered a narrow offer of ours; and where it
 * was does not become unknown because it is on hold. */
static void merge_remote(struct td_media_desc *now, const struct td_media_desc *old, bool answer)
{
	const struct td_codec *c;
	struct td_media_desc both;
	size_t i;

	if (!old)
		return;
	td_video_merge(&now->video, &old->video, answer);
	if (answer && td_media_common(&both, old, now) == now->n_codecs) {
		both = *now;
		memcpy(now->codec, old->codec, sizeof(now->codec));
		now->n_codecs = old->n_codecs;
		for (i = 0; i < now->n_codecs; i++) {
			c = td_media_find(&both, &now->codec[i]);
			if (c)
				now->codec[i].pt = c->pt;
		}
	}
	if (td_addr_is_any(&now->rtp)) {
		now->rtp = old->rtp;
		now->rtcp = old->rtcp;
	}
	if (answer && !td_addr_is_set(&now->alt))
		now->alt = old->alt;
}

static int set_remote(struct td_leg *leg, const struct td_media_desc *d, bool answer)
{
	struct td_media_desc now = *d;

	filter(&now, leg);
	merge_remote(&now, leg->remote, answer);
	if (keep(&leg->remote, &now))
		return -ENOMEM;
	leg->has_remote = true;
	return 0;
}

static int set_agreed(struct td_leg *leg, const struct td_media_desc *d)
{
	if (keep(&leg->local_desc, d))
		return -ENOMEM;
	leg->has_local = true;
	return 0;
}

int td_call_restore_media(struct td_call *call, const struct td_media_desc *a_remote,
			  const struct td_media_desc *a_local,
			  const struct td_media_desc *b_remote,
			  const struct td_media_desc *b_local)
{
	if (set_remote(call->a, a_remote, false) || set_agreed(call->a, a_local))
		return -ENOMEM;
	if (call->b && (set_remote(call->b, b_remote, false) || set_agreed(call->b, b_local)))
		return -ENOMEM;
	return td_call_connect_media(call);
}

/* ---- our offers ---- */

static int send_offer(struct td_call *call, struct td_leg *leg, struct td_media_desc *d)
{
	struct td_leg_core *lc = td_leg_core(leg);
	char text[TD_VIDEO_TEXT];
	int err;

	set_local(call, leg, d, text);
	err = td_srtp_offer(call, leg, d, lc->moved);
	if (err)
		return err;
	if (keep(&lc->pending, d))
		return -ENOMEM;
	lc->moved = false;
	err = leg->ops->media(leg, d);
	if (err) {
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u leg=%u %s: offer failed: %s",
			       call->id, leg->id, leg->ops->protocol, strerror(-err));
		drop(&lc->pending);
	}
	return 0;
}

/* The first offer to B carries what A takes; without A's word, what we are configured for. */
int td_call_offer_first(struct td_call *call, struct td_leg *leg)
{
	struct td_core *core = call->core;
	struct td_media_desc d, all;
	char text[TD_VIDEO_TEXT];

	if (call->a && call->a->remote)
		d = *call->a->remote;
	else
		td_media_offer_own(&d, (const char (*)[CFG_TEXT_LEN])core->codec, core->n_codec);
	filter(&d, call->a);
	all = d;
	/* what is changed on the way is sealed anew: only when there is no other way */
	if (!td_srtp_passes(call, leg) || !filter(&d, leg)) {
		d = all;
		if (!td_call_is_around(call, leg))
			td_media_add_other_law(&d);
	}
	if (!filter(&d, leg) || (d.udptl && !leg->ops->udptl))
		return -ENOENT;
	d.dir = td_leg_told(leg, call->a);
	set_local(call, leg, &d, text);
	return td_srtp_offer(call, leg, &d, true) ?: keep(&td_leg_core(leg)->pending, &d);
}

/* Does it send to where it shall? Past us it also uses the other one's payload types. */
static bool is_told(const struct td_call *call, const struct td_leg *leg,
		    const struct td_media_desc *d, const struct td_media_desc *now)
{
	if (!td_addr_equal(&d->rtp, &now->rtp))
		return false;
	return !td_call_is_around(call, leg) ||
	       (d->codec[0].pt == now->codec[0].pt && td_addr_equal(&d->rtcp, &now->rtcp));
}

/* Bring a party up to date with the other one, when that makes a difference to it. */
static int sync_leg(struct td_call *call, struct td_leg *leg)
{
	struct opposite o = opposite_of(call, leg);
	struct td_leg_core *lc = td_leg_core(leg);
	const struct td_media_desc *now = lc->pending ? lc->pending : leg->local_desc;
	struct td_media_desc d;
	char text[TD_VIDEO_TEXT];
	bool sound;

	if (!o.agreed || !leg->remote || !now || lc->offer_open)
		return 0;
	if (!td_media_bridge(&d, leg->remote, o.agreed))
		return 0;
	d.dir = td_leg_told(leg, o.leg);
	set_dtmf(&d, leg, o.leg);
	set_local(call, leg, &d, text);
	lc->moved |= td_srtp_is_stale(call, leg);
	sound = d.dir == now->dir && still_fits(leg, o.agreed, now) && !lc->moved &&
		is_told(call, leg, &d, now);
	if (sound && (td_video_is_told(&d.video, &now->video) || !td_video_may_turn(call)))
		return 0;
	return send_offer(call, leg, &d);
}

/* It was called with an address that does not fit any more, now that the other one's is known. */
static int sync_address(struct td_call *call, struct td_leg *leg)
{
	struct td_media_desc d;
	char text[TD_VIDEO_TEXT];

	if (!leg || !leg->local_desc || !td_leg_is_live(leg))
		return 0;
	d = *leg->local_desc;
	set_local(call, leg, &d, text);
	return td_addr_equal(&d.rtp, &leg->local_desc->rtp) ? 0 : sync_leg(call, leg);
}

int td_call_rejoin_media(struct td_call *call)
{
	int err;

	td_call_connect_media(call);
	err = sync_leg(call, call->a);
	return err || !td_call_other(call, call->a) ? err :
	       sync_leg(call, td_call_other(call, call->a));
}

/* The party asks for an offer: everything the other one takes, what is agreed first. */
static int offer_asked(struct td_call *call, struct td_leg *leg)
{
	struct opposite o = opposite_of(call, leg);
	const struct td_media_desc *all = o.takes;
	struct td_media_desc d;
	size_t i;

	if (!all) {
		leg->ops->media(leg, NULL);
		return 0;
	}
	if (!o.agreed || !td_media_common(&d, all, o.agreed))
		td_media_common(&d, all, all);
	for (i = 0; i < all->n_codecs && d.n_codecs < TD_MAX_CODECS; i++)
		if (!has_codec(&d, &all->codec[i]))
			d.codec[d.n_codecs++] = all->codec[i];
	d.dtmf_pt = all->dtmf_pt;
	d.dir = o.leg && !call->conference ? td_leg_core(o.leg)->wish : TD_DIR_BOTH;
	td_media_add_other_law(&d);
	if (!filter(&d, leg)) {
		leg->ops->media(leg, NULL);
		return 0;
	}
	td_leg_core(leg)->offer_asked = true;
	return send_offer(call, leg, &d);
}

/* ---- their offers ---- */

int td_call_take_offer(struct td_leg *leg, const struct td_media_desc *d)
{
	struct td_media_desc offer = *d;

	if ((!d->rtp.port && !d->rtp_later) || !filter(&offer, leg) ||
	    td_srtp_take_offer(leg, &offer))
		return -ENOENT;
	td_leg_core(leg)->wish = dir_of(d);
	td_video_wish(leg, d);
	td_leg_core(leg)->offer_open = true;
	return set_remote(leg, &offer, false);
}

/* Answer the party's open offer with what the other one agreed to, or else takes. */
static int give_answer(struct td_call *call, struct td_leg *leg)
{
	struct opposite o = opposite_of(call, leg);
	struct td_media_desc d;
	char text[TD_VIDEO_TEXT];

	if ((!o.agreed || !td_media_common(&d, leg->remote, o.agreed)) &&
	    !td_media_bridge(&d, leg->remote, o.takes ? o.takes : leg->remote))
		return -ENOENT;
	d.dir = td_leg_told(leg, o.leg);
	set_dtmf(&d, leg, o.leg);
	set_local(call, leg, &d, text);
	td_video_answer(call, leg, &d.video, text);
	if (td_srtp_answer(call, leg, &d))
		return -ENOENT;
	if (set_agreed(leg, &d))
		return -ENOMEM;
	td_call_connect_media(call);
	td_leg_core(leg)->offer_open = false;
	td_leg_core(leg)->moved = false;
	leg->ops->media(leg, &d);
	return 0;
}

/* It called without an offer: what the other one has agreed to, or else takes, is ours to it
 * (RFC 3261 13.2.1, late offer). */
static int late_offer(struct td_call *call, struct td_leg *leg)
{
	struct opposite o = opposite_of(call, leg);
	struct td_media_desc d;

	if (!o.agreed && !o.takes)
		return -ENOENT;
	d = o.agreed ? *o.agreed : *o.takes;
	d.dir = td_leg_told(leg, o.leg);
	td_media_add_other_law(&d);
	if (!filter(&d, leg))
		return -ENOENT;
	return send_offer(call, leg, &d);
}

int td_call_answer_leg(struct td_call *call, struct td_leg *leg)
{
	if (td_leg_core(leg)->offer_open)
		return give_answer(call, leg);
	if (!leg->remote && !td_leg_core(leg)->pending)
		return late_offer(call, leg);
	td_call_connect_media(call);
	return sync_leg(call, leg);
}

/* A fax instead of sound, or sound again: what the other party says to it has to be known before
 * this one is answered (on_answer, on_refused). */
static int offer_other_kind(struct td_call *call, struct td_leg *leg, const struct td_media_desc *d)
{
	struct td_leg *other = opposite_of(call, leg).leg;
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_media_desc offer = *d;

	if (!other || call->conference || !d->rtp.port || !other->ops->udptl ||
	    td_leg_core(other)->pending || td_leg_core(other)->offer_open) {
		leg->ops->media(leg, NULL);
		return 0;
	}
	if (keep(&lc->other_kind, d))
		return -ENOMEM;
	lc->offer_open = true;
	lc->wish = dir_of(d);
	offer.dir = td_leg_told(other, leg);
	td_media_add_other_law(&offer);
	filter(&offer, other);
	return send_offer(call, other, &offer);
}

/* Video: only the other party can tell what of it may be agreed. Its sound stays as it is. */
static int offer_video(struct td_call *call, struct td_leg *leg, const struct td_media_desc *d)
{
	struct td_leg *other = opposite_of(call, leg).leg;
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_media_desc offer;

	if (keep(&lc->other_kind, d))
		return -ENOMEM;
	lc->offer_open = true;
	lc->wish = dir_of(d);
	td_video_wish(leg, d);
	td_media_bridge(&offer, other->remote, leg->local_desc);
	offer.dir = td_leg_told(other, leg);
	set_dtmf(&offer, other, leg);
	return send_offer(call, other, &offer);
}

/* The other party agrees; or not to video, which is then left out. */
static int take_other_kind(struct td_call *call, struct td_leg *leg)
{
	struct td_leg_core *lc = td_leg_core(leg);
	int err = set_remote(leg, lc->other_kind, false);

	drop(&lc->other_kind);
	return err ? err : give_answer(call, leg);
}

static int refuse_other_kind(struct td_call *call, struct td_leg *leg)
{
	struct td_leg_core *lc = leg ? td_leg_core(leg) : NULL;

	if (!lc || !lc->other_kind)
		return 0;
	if (lc->other_kind->udptl == leg->local_desc->udptl)
		return take_other_kind(call, leg);
	drop(&lc->other_kind);
	lc->offer_open = false;
	leg->ops->media(leg, NULL);
	return 0;
}

/* An offer during the call: answered at once, then the other party hears what changed. */
static int on_offer(struct td_call *call, struct td_leg *leg, const struct td_media_desc *d)
{
	struct opposite o = opposite_of(call, leg);
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_media_desc offer = *d, common;
	int err;

	if (d->rtp.port && td_srtp_take_offer(leg, &offer)) {
		leg->ops->media(leg, NULL);
		return 0;
	}
	if (leg->has_local && d->udptl != leg->local_desc->udptl)
		return offer_other_kind(call, leg, &offer);
	filter(&offer, leg);
	if (!d->rtp.port || !o.takes || !o.agreed ||
	    (!td_media_common(&common, &offer, o.agreed) &&
	     !td_media_bridge(&common, &offer, o.takes))) {
		leg->ops->media(leg, NULL);
		return 0;
	}
	td_video_turns_again(call);
	if (td_video_has_to_ask(call, leg, &offer))
		return offer_video(call, leg, &offer);
	err = set_remote(leg, &offer, false);
	if (err)
		return err;
	lc->wish = dir_of(d);
	td_video_wish(leg, d);
	err = give_answer(call, leg);
	if (err)
		return err;
	/* The driver still holds an older offer of ours: let it hold the truth. */
	if (lc->pending && (lc->pending->dir != leg->local_desc->dir ||
			    !has_codec(leg->local_desc, &lc->pending->codec[0]))) {
		common = *leg->local_desc;
		err = send_offer(call, leg, &common);
		if (err)
			return err;
	}
	return o.leg ? sync_leg(call, o.leg) : 0;
}

/* ---- their answers ---- */

int td_call_take_answer(struct td_call *call, struct td_leg *leg, const struct td_media_desc *d)
{
	struct td_leg_core *lc = td_leg_core(leg);
	const struct td_media_desc *offer = lc->pending ? lc->pending : leg->local_desc;
	struct td_media_desc agreed, said = *d;
	char text[TD_VIDEO_TEXT];
	bool asked = lc->offer_asked || (offer && offer->dir == TD_DIR_BOTH);
	uint8_t allowed;

	(void)call;
	if (!offer || !d->rtp.port || !td_media_common(&agreed, offer, d) ||
	    td_srtp_take_answer(offer, &said, &agreed))
		return -ENOENT;
	agreed.rtp = offer->rtp;
	agreed.rtcp = offer->rtcp;
	agreed.dir = offer->dir;
	agreed.rtcp_mux = offer->rtcp_mux && d->rtcp_mux;
	td_video_agree(leg, &offer->video, &d->video, &agreed.video, text);
	allowed = td_dir_flip(offer->dir);
	if (set_remote(leg, &said, true) || set_agreed(leg, &agreed))
		return -ENOMEM;
	if (asked)
		lc->wish = (lc->wish & ~allowed) | (dir_of(d) & allowed);
	lc->offer_asked = false;
	drop(&lc->pending);
	return 0;
}

/* Next state for an action that met err. */
static int failed(struct td_call *call, int err)
{
	if (!err)
		return -1;
	return td_call_clear(call, err == -ENOENT ? TD_CAUSE_NO_MEDIA_MATCH : TD_CAUSE_TEMPORARY);
}

void td_call_connect_leg(struct td_leg *leg)
{
	if (!td_leg_core(leg)->outbound && leg->state != TD_LEGST_UP)
		leg->ops->connect(leg);
	leg->state = TD_LEGST_UP;
}

int td_call_finish_media(struct td_call *call)
{
	int err;

	call->wait_media = call->no_video = false;
	err = td_call_answer_leg(call, call->a);
	if (err)
		return failed(call, err);
	td_call_connect_leg(call->a);
	return failed(call, sync_address(call, call->b));
}

static int on_answer(struct td_call *call, struct td_leg *leg, const struct td_media_desc *d)
{
	struct td_leg *other = td_call_other(call, leg);
	bool first = !leg->has_remote;
	int err = td_call_take_answer(call, leg, d);

	if (err == -ENOENT && !first && leg->has_local) {
		drop(&td_leg_core(leg)->pending);	/* as good as refused */
		return failed(call, refuse_other_kind(call, other));
	}
	if (err)
		return failed(call, err);
	if (call->wait_media) {
		td_call_timer_stop(call);
		return td_call_finish_media(call);
	}
	if (other && td_leg_core(other)->other_kind)
		return failed(call, take_other_kind(call, other));
	td_call_connect_media(call);
	return failed(call, other ? sync_leg(call, other) : 0);
}

void td_call_drop_offer(struct td_leg *leg)
{
	drop(&td_leg_core(leg)->pending);
	td_leg_core(leg)->offer_asked = false;
}

/* What was agreed before stays; without anything agreed there is no call. */
static int on_refused(struct td_call *call, struct td_leg *leg)
{
	struct td_leg *other = td_call_other(call, leg);
	int err;

	td_call_drop_offer(leg);
	err = refuse_other_kind(call, other);
	if (err)
		return failed(call, err);
	if (leg->has_remote && leg->has_local)
		return other && td_video_waits(other) ? failed(call, sync_leg(call, other)) : -1;
	return td_call_clear(call, TD_CAUSE_NO_MEDIA_MATCH);
}

/* ---- actions ---- */

int td_call_on_media(void *obj, const void *in)
{
	const struct td_call_input *input = in;
	struct td_call *call = obj;
	const struct td_media_desc *d = &input->ev->media;

	switch (input->ev->media_kind) {
	case TD_MEDIA_OFFER:
		return failed(call, on_offer(call, input->leg, d));
	case TD_MEDIA_ANSWER:
		return on_answer(call, input->leg, d);
	case TD_MEDIA_NEED_OFFER:
		return failed(call, offer_asked(call, input->leg));
	case TD_MEDIA_REFUSED:
		return on_refused(call, input->leg);
	}
	return -1;
}

static int change_wish(struct td_call *call, struct td_leg *leg, uint8_t wish)
{
	struct td_leg *other = td_call_other(call, leg);

	td_leg_core(leg)->wish = wish;
	/* It did this itself and needs no offer to learn of it. */
	if (leg->local_desc)
		leg->local_desc->dir = td_leg_told(leg, other);
	td_call_connect_media(call);
	return failed(call, other ? sync_leg(call, other) : 0);
}

int td_call_on_hold(void *obj, const void *in)
{
	const struct td_call_input *input = in;

	return change_wish(obj, input->leg, TD_DIR_INACTIVE);
}

int td_call_on_resume(void *obj, const void *in)
{
	const struct td_call_input *input = in;

	return change_wish(obj, input->leg, TD_DIR_BOTH);
}
