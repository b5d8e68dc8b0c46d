/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of video beside the sound of a call. Its formats are between the parties: each is told
 * the other one's, with their numbers, and nothing is renamed on the way. So, other than with
 * sound, what a party takes has to come from the other one before it can be told: who offers
 * video in the call is answered when the other party has been asked (call_media.c, other_kind).
 * td_video.with says whose formats a party was told; after a transfer that is somebody else, and
 * both parties are asked anew, one after the other. Packets flow once each has agreed to the other
 * one's, in a media session of its own beside that of the sound.
 *
 * Directions follow from the wishes of both as those of sound do. A party that cannot do video,
 * and the house, have none: the line is refused in its place (RFC 3264 6). In a conference two who
 * share a call go on to see each other.
 */
#include <errno.h>
#include <string.h>
#include "bpf/td_map.h"
#include "userspace/core/core_priv.h"

#define CLOCK	   90000	/* RTP's clock of every format of video (RFC 3551 5) */
#define KBIT_S	   8000		/* what a party may send when the other one does not say */
#define MAX_TURNS  8		/* offers for the sake of video alone, until a party wants something */

static bool has_line(const struct td_media_desc *d)
{
	return d && d->video.rtp.port;
}

/* RFC 2543's hold as in call_media.c. */
static uint8_t dir_of(const struct td_video *v)
{
	return td_addr_is_any(&v->rtp) ? v->dir & TD_DIR_SEND : v->dir & TD_DIR_BOTH;
}

void td_video_wish(struct td_leg *leg, const struct td_media_desc *d)
{
	td_leg_core(leg)->video_wish = has_line(d) ? dir_of(&d->video) : TD_DIR_BOTH;
}

static uint8_t told_dir(const struct td_leg *leg, const struct td_leg *other)
{
	return td_dir_answer(td_leg_core(leg)->video_wish, td_leg_core(other)->video_wish);
}

/* What a leg's party takes, or offers at the moment; NULL: it has no video. */
static const struct td_video *takes_of(const struct td_leg *leg)
{
	const struct td_media_desc *d;

	if (!leg)
		return NULL;
	d = td_leg_core(leg)->other_kind ? td_leg_core(leg)->other_kind : leg->remote;
	return has_line(d) ? &d->video : NULL;
}

static const struct td_video *told_to(const struct td_leg *leg)
{
	const struct td_media_desc *pending = td_leg_core(leg)->pending;

	if (pending)
		return has_line(pending) ? &pending->video : NULL;
	return has_line(leg->local_desc) ? &leg->local_desc->video : NULL;
}

/* Of what other takes, that which it has agreed to with this leg; before that, all. */
static void agreed_with(const struct td_leg *leg, const struct td_leg *other,
			const struct td_video *takes, char text[TD_VIDEO_TEXT])
{
	const struct td_media_desc *told = other->local_desc;

	if (!has_line(told) || told->video.with != leg->id || td_leg_core(other)->other_kind ||
	    !td_video_common(text, takes->text, told->video.text))	/* numbered otherwise? */
		td_strlcpy(text, takes->text, TD_VIDEO_TEXT);
}

static bool open_session(struct td_call *call)
{
	struct td_media_port *port = &call->core->media;
	struct td_call_video *v;
	int err;

	if (call->video)
		return true;
	v = td_zalloc(sizeof(*v));
	err = v ? port->ops->open(port->plane, call->id, &v->media) : -ENOMEM;
	if (err) {
		td_free(v);
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u no ports for video: %s", call->id,
			       strerror(-err));
		return false;
	}
	call->video = v;
	return true;
}

int td_video_adopt(struct td_call *call, const uint16_t port[2])
{
	struct td_media_port *plane = &call->core->media;
	struct td_call_video *v = td_zalloc(sizeof(*v));
	int err = v ? plane->ops->adopt(plane->plane, call->id, port, &v->media) : -ENOMEM;

	if (err)
		td_free(v);
	else
		call->video = v;
	return err;
}

void td_video_close(struct td_call *call)
{
	if (!call->video)
		return;
	call->core->media.ops->close(call->video->media);
	td_free(call->video);
	call->video = NULL;
}

/* Where the leg's party shall send it. False: there is no way. */
static bool set_address(struct td_call *call, const struct td_leg *leg,
			const struct td_video *takes, struct td_video *v)
{
	const struct td_addr *past_us = td_call_around_told(call, leg);

	memset(&v->rtcp, 0, sizeof(v->rtcp));
	v->rtcp_mux = has_line(leg->remote) && leg->remote->video.rtcp_mux;
	if (!open_session(call))
		return false;
	if (past_us) {
		v->rtp = takes->rtp;
		v->rtcp = takes->rtcp;
		v->rtcp_mux = takes->rtcp_mux;
		return td_addr_is_v4(&v->rtp) == td_addr_is_v4(past_us);
	}
	call->core->media.ops->local(call->video->media, td_leg_core(leg)->side, &leg->local,
				     &v->rtp);
	return true;
}

static void tell(struct td_call *call, const struct td_leg *leg, const struct td_leg *other,
		 const struct td_video *takes, struct td_video *v)
{
	v->with = other->id;
	v->avpf = takes->avpf;
	v->kbit_s = takes->kbit_s;
	v->dir = told_dir(leg, other);
	memcpy(v->codec, takes->codec, sizeof(v->codec));
	if (!set_address(call, leg, takes, v))
		memset(v, 0, sizeof(*v));
}

/* ---- our offers ---- */

/* A party that has refused video, or never spoke of it, is not bothered. */
static bool wants(const struct td_leg *leg, const struct td_leg *other)
{
	return leg->ops->video && (!leg->remote || has_line(leg->remote) ||
				   td_leg_core(other)->other_kind || td_leg_core(leg)->offer_asked);
}

/* The other one is being asked just now. Until it has answered, this one keeps the formats that it
 * knows, though nothing is passed on if those are not the other one's. */
static bool has_to_wait(const struct td_leg *leg, const struct td_leg *other, const char *text)
{
	const struct td_media_desc *asked = td_leg_core(other)->pending;
	const struct td_video *now = told_to(leg);

	return leg->remote && has_line(asked) &&
	       (!now || now->with != other->id || !td_video_within(now->text, text));
}

static void keep_waiting(struct td_call *call, const struct td_leg *leg,
			 const struct td_leg *other, const struct td_video *takes,
			 struct td_video *v)
{
	const struct td_video *now = told_to(leg);

	if (!now)
		return;
	*v = *now;
	v->dir = told_dir(leg, other);
	if (!set_address(call, leg, takes, v))
		memset(v, 0, sizeof(*v));
}

void td_video_offer(struct td_call *call, const struct td_leg *leg, struct td_video *v,
		    char text[TD_VIDEO_TEXT])
{
	const struct td_leg *other = td_call_other(call, leg);
	const struct td_video *takes = takes_of(other);

	memset(v, 0, sizeof(*v));
	if (!takes || !wants(leg, other) || (call->no_video && !leg->remote))
		return;
	agreed_with(leg, other, takes, text);
	if (has_to_wait(leg, other, text)) {
		keep_waiting(call, leg, other, takes, v);
		return;
	}
	v->text = text;
	tell(call, leg, other, takes, v);
	if (v->rtp.port && td_leg_core(leg)->offer_asked)
		v->dir = td_leg_core(other)->video_wish;
}

bool td_video_is_told(const struct td_video *want, const struct td_video *now)
{
	if (!want->rtp.port || !now->rtp.port)
		return want->rtp.port == now->rtp.port;
	return want->dir == now->dir && want->with == now->with &&
	       td_addr_equal(&want->rtp, &now->rtp) && td_video_within(now->text, want->text);
}

bool td_video_may_turn(struct td_call *call)
{
	if (!call->video)
		return true;
	if (call->video->turns == MAX_TURNS)
		return false;
	call->video->turns++;
	return true;
}

void td_video_turns_again(struct td_call *call)
{
	if (call->video)
		call->video->turns = 0;
}

void td_video_agree(struct td_leg *leg, const struct td_video *offer, const struct td_video *said,
		    struct td_video *agreed, char text[TD_VIDEO_TEXT])
{
	struct td_leg_core *lc = td_leg_core(leg);
	uint8_t allowed = td_dir_flip(offer->dir);

	memset(agreed, 0, sizeof(*agreed));
	agreed->with = offer->with;
	if (!offer->rtp.port || !said->rtp.port) {
		lc->video_wish = TD_DIR_BOTH;
		return;
	}
	*agreed = *offer;
	if (td_video_common(text, offer->text, said->text))
		agreed->text = text;
	memcpy(agreed->codec, said->codec, sizeof(said->codec));
	agreed->rtcp_mux = offer->rtcp_mux && said->rtcp_mux;
	if (lc->offer_asked || offer->dir == TD_DIR_BOTH)
		lc->video_wish = (uint8_t)((lc->video_wish & ~allowed) | (dir_of(said) & allowed));
}

bool td_video_waits(const struct td_leg *leg)
{
	const struct td_leg *other = td_call_other(leg->call, leg);
	const struct td_video *now = told_to(leg);

	return now && other && now->with != other->id;
}

bool td_video_refused(struct td_call *call, const struct td_leg *leg, enum td_cause cause)
{
	if (cause != TD_CAUSE_NO_MEDIA_MATCH || !call->a || call->group || !call->n_tried ||
	    leg->remote || !told_to(leg))
		return false;
	call->no_video = true;
	call->again = true;
	return true;
}

/* ---- their offers ---- */

/* The formats for an answer to what the leg offers, as the other one knows them. False: none. */
static bool formats_for(const struct td_call *call, const struct td_leg *leg,
			const struct td_video *offer, char text[TD_VIDEO_TEXT])
{
	const struct td_leg *other = td_call_other(call, leg);
	const struct td_video *takes = takes_of(other), *told;

	if (!takes || !leg->ops->video || !offer->rtp.port)
		return false;
	agreed_with(leg, other, takes, text);
	if (td_video_common(text, text, offer->text))
		return true;
	/* it numbers them otherwise than it was told (RFC 3264 6.1) */
	told = has_line(other->local_desc) ? &other->local_desc->video : NULL;
	td_strlcpy(text, takes->text, TD_VIDEO_TEXT);
	return told && told->with == leg->id && td_video_within(told->text, offer->text);
}

void td_video_answer(struct td_call *call, const struct td_leg *leg, struct td_video *v,
		     char text[TD_VIDEO_TEXT])
{
	const struct td_leg *other = td_call_other(call, leg);

	memset(v, 0, sizeof(*v));
	if (formats_for(call, leg, &leg->remote->video, text)) {
		v->text = text;
		tell(call, leg, other, takes_of(other), v);
	}
	if (other)
		v->with = other->id;	/* also who says no */
}

bool td_video_has_to_ask(const struct td_call *call, const struct td_leg *leg,
			 const struct td_media_desc *offer)
{
	const struct td_leg *other = td_call_other(call, leg);
	const struct td_video *now;
	char text[TD_VIDEO_TEXT];

	if (!has_line(offer) || !leg->local_desc || call->state != TD_CALL_UP || !other ||
	    call->conference || !other->ops->video || !td_leg_is_live(other) || !other->remote ||
	    td_leg_core(other)->pending || td_leg_core(other)->offer_open ||
	    formats_for(call, leg, &offer->video, text))
		return false;
	/* the same that was refused before? */
	now = &leg->local_desc->video;
	return now->rtp.port || now->with != other->id || !has_line(leg->remote) ||
	       strcmp(leg->remote->video.text, offer->video.text) != 0;
}

void td_video_merge(struct td_video *now, const struct td_video *old, bool answer)
{
	if (!now->rtp.port || !old->rtp.port)
		return;
	if (answer && td_video_within(now->text, old->text))
		now->text = old->text;
	if (td_addr_is_any(&now->rtp)) {
		now->rtp = old->rtp;
		now->rtcp = old->rtcp;
	}
}

/* ---- the media session ---- */

bool td_video_is_up(const struct td_leg *leg, const struct td_leg *other)
{
	return leg && other && leg->has_remote && leg->has_local && has_line(leg->remote) &&
	       has_line(leg->local_desc) && leg->local_desc->video.with == other->id;
}

static void fill_end(const struct td_leg *leg, const struct td_leg *other, struct td_media_end *e)
{
	const struct td_video *told = &leg->local_desc->video, *said = &leg->remote->video;
	uint32_t wanted = other->remote->video.kbit_s;

	e->leg_id = leg->id;
	e->video = true;
	leg->call->core->media.ops->local(leg->call->video->media, td_leg_core(leg)->side, &leg->local,
					  &e->local);
	if (!td_addr_is_any(&said->rtp)) {
		e->remote = said->rtp;
		e->remote_rtcp = said->rtcp;
	}
	e->dir = td_dir_flip(told->dir);
	e->rate = CLOCK;
	e->kbit_s = wanted ? wanted : KBIT_S;
	e->dscp_class = td_call_mark(leg->call, leg, TD_DSCP_VIDEO);
	td_strlcpy(e->codec, told->codec, sizeof(e->codec));
	if (td_call_is_around(leg->call, other))
		e->around = said->rtp;
	td_call_fill_nat(leg, e);
	if (told->rtcp_mux && said->rtcp_mux)
		e->remote_rtcp = e->remote;
}

void td_video_connect(struct td_call *call)
{
	const struct td_leg *a = call->a, *b = a ? td_call_other(call, a) : NULL;
	struct td_media_end ends[2];
	int err;

	/* who hands the other one on is heard until somebody has taken it */
	if (!call->video || (!b && !call->alone))
		return;
	memset(ends, 0, sizeof(ends));
	if (td_video_is_up(a, b) && td_video_is_up(b, a)) {
		fill_end(a, b, &ends[td_leg_core(a)->side]);
		fill_end(b, a, &ends[td_leg_core(b)->side]);
	}
	if (!memcmp(ends, call->video->ends, sizeof(ends)))
		return;
	err = call->core->media.ops->connect(call->video->media, ends);
	if (err)
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u video not connected: %s", call->id,
			       strerror(-err));
	else
		memcpy(call->video->ends, ends, sizeof(ends));
}

bool td_video_has_come(struct td_call *call)
{
	struct td_media_stats s;
	uint64_t packets = 0;
	bool come;

	if (!call->video)
		return false;
	for (int side = 0; side < 2; side++) {
		call->core->media.ops->stats(call->video->media, side, &s);
		packets += s.rx_packets;
	}
	come = packets > call->video->packets;
	call->video->packets = packets;
	return come;
}
