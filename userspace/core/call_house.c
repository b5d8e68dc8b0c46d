/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parties that talk to the house and not to each other: who is on hold or parked hears music,
 * members of a conference meet in a mixer. And how a party comes from there, or from a call of
 * its own, to somebody else.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

static bool wants_to_hear(const struct td_leg *leg)
{
	return td_leg_core(leg)->wish & TD_DIR_RECV;
}

enum td_media_house td_call_house_of(const struct td_leg *leg)
{
	const struct td_call *call = leg->call;
	const struct td_leg *other = td_call_other(call, leg);

	if (call->conference)
		return TD_HOUSE_MIXER;
	if (!call->core->has_music || !wants_to_hear(leg))
		return TD_HOUSE_NONE;
	if (other ? !wants_to_hear(other) : call->alone)
		return TD_HOUSE_MUSIC;
	return TD_HOUSE_NONE;
}

static void place_leg(struct td_call *call, const struct td_leg *leg)
{
	const struct td_media_ops *ops = call->core->media.ops;
	struct td_media_place p = { .house = TD_HOUSE_NONE }, *now;
	const struct td_codec *codec, *theirs;
	int err;

	if (!leg || !leg->has_remote || !leg->has_local)
		return;
	codec = &leg->local_desc->codec[0];
	theirs = td_media_find(leg->remote, codec);
	now = &call->placed[td_leg_core(leg)->side];
	p.house = (uint8_t)td_call_house_of(leg);
	if (p.house) {
		td_strlcpy(p.codec, codec->name, sizeof(p.codec));
		p.rate = codec->rate;
		p.pt_in = codec->pt;
		p.pt_out = theirs ? theirs->pt : codec->pt;
		p.dtmf_pt = leg->remote->dtmf_pt;
		p.ptime_ms = leg->remote->ptime_ms;
		p.mixer = call->conference;
		if (p.house == TD_HOUSE_MIXER)
			p.gain_db = call->core->conference_gain_db;
		p.mute = td_conference_is_mute(call);
	}
	if (!memcmp(&p, now, sizeof(p)))
		return;
	*now = p;
	err = ops->place(call->media, td_leg_core(leg)->side, &p);
	if (err)
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u leg=%u hears nothing in %s: %s",
			       call->id, leg->id, p.codec, strerror(-err));
}

void td_call_place(struct td_call *call)
{
	if (!call->media || !call->core->media.ops->place || !call->a)
		return;
	place_leg(call, call->a);
	place_leg(call, td_call_other(call, call->a));
}

static void note_answered(struct td_call *call)
{
	if (call->answered_ms)
		return;
	call->answered_ms = td_loop_now_ms(call->core->loop);
	call->core->n.answered++;
}

enum td_cause td_call_stay_alone(struct td_call *call)
{
	int err;

	call->alone = true;
	call->b = NULL;
	call->early = NULL;
	call->cause = TD_CAUSE_NONE;
	if (!td_call_open_media(call))
		return TD_CAUSE_NO_RESOURCE;
	err = td_call_answer_leg(call, call->a);
	if (err)
		return err == -ENOENT ? TD_CAUSE_NO_MEDIA_MATCH : TD_CAUSE_TEMPORARY;
	td_call_connect_leg(call->a);
	td_call_timer_stop(call);
	note_answered(call);
	td_call_keep(call);
	return TD_CAUSE_NONE;
}

static bool fit(const struct td_leg *a, const struct td_leg *b)
{
	struct td_media_desc d;

	if (!a->remote || !b->remote)
		return a->remote || b->remote;
	return td_media_bridge(&d, a->remote, b->remote) > 0;
}

void td_call_tell_party(struct td_leg *leg, const struct td_party *party)
{
	struct td_info info = { .kind = TD_INFO_PARTY, .party = *party };

	if (leg && td_leg_is_live(leg) && leg->ops->info)
		leg->ops->info(leg, &info);
}

void td_call_tell_parties(struct td_call *call)
{
	td_call_tell_party(call->a, td_leg_shown(call->b));
	td_call_tell_party(call->b, td_leg_shown(call->a));
}

int td_call_on_alone_timer(void *obj, const void *in)
{
	struct td_call *call = obj;

	(void)in;
	return call->slot[0] ? td_call_on_park_timer(call) : td_call_on_recall_timer(call);
}

enum td_cause td_call_take(struct td_call *call, struct td_leg *leg)
{
	struct td_leg *a = call->a;
	int next;

	if (!fit(a, leg))
		return TD_CAUSE_NO_MEDIA_MATCH;
	td_leg_move(leg, call, !td_leg_core(a)->side);
	td_park_leave(call);
	td_recall_forget(call);
	call->alone = false;
	call->early = NULL;
	call->b = leg;
	call->to = leg->party;
	td_call_timer_stop(call);
	td_call_release_forks(call, leg, TD_CAUSE_ELSEWHERE);
	td_call_transfer_done(call);
	note_answered(call);
	call->state = TD_CALL_UP;
	if (td_call_answer_leg(call, leg)) {
		call->state = (uint8_t)td_call_clear(call, TD_CAUSE_TEMPORARY);
		return TD_CAUSE_NONE;
	}
	td_call_connect_leg(leg);
	next = td_call_finish_media(call);
	if (next >= 0)
		call->state = (uint8_t)next;
	td_call_tell_parties(call);
	td_call_changed(call);
	td_call_keep(call);
	return TD_CAUSE_NONE;
}
