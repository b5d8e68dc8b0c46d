/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call and its media session: what both legs have agreed (call_media.c) becomes the two ends
 * that the plane is told of, and what the plane hears becomes events of the call.
 */
#include <errno.h>
#include <string.h>
#include "bpf/td_map.h"
#include "userspace/core/core_priv.h"

static void rename_pt(struct td_media_end *e, uint8_t from, uint8_t to)
{
	if (from == to || e->n_pt == TD_MEDIA_PTS)
		return;
	e->pt_from[e->n_pt] = from;
	e->pt_to[e->n_pt++] = to;
}

/* The plane transcodes what is named first. */
static void rename_law(struct td_media_end *e, uint8_t from, uint8_t to)
{
	e->n_pt = e->n_pt < TD_MEDIA_PTS ? e->n_pt + 1 : TD_MEDIA_PTS;
	memmove(e->pt_from + 1, e->pt_from, TD_MEDIA_PTS - 1);
	memmove(e->pt_to + 1, e->pt_to, TD_MEDIA_PTS - 1);
	e->pt_from[0] = from;
	e->pt_to[0] = to;
}

/* A party sends with the numbers that it was told, the other one wants its own. */
static void fill_codecs(const struct td_media_desc *sends, const struct td_media_desc *takes,
			struct td_media_end *e)
{
	const struct td_codec *c, *t;

	td_strlcpy(e->codec, sends->codec[0].name, sizeof(e->codec));
	e->rate = sends->codec[0].rate;
	e->dtmf_pt = sends->dtmf_pt;
	for (size_t i = 0; i < sends->n_codecs; i++) {
		uint32_t kbit_s = td_codec_kbit_s(&sends->codec[i]);

		c = &sends->codec[i];
		t = td_media_find(takes, c);
		/* one codec without a known rate, and nothing is known */
		e->kbit_s = !kbit_s || (i && !e->kbit_s) ? 0 :
			    kbit_s > e->kbit_s ? kbit_s : e->kbit_s;
		if (t) {
			rename_pt(e, c->pt, t->pt);
		} else if ((t = td_media_find_other_law(takes, c))) {
			rename_law(e, c->pt, t->pt);
			e->transcode = td_codec_is(c, "PCMU") ? TD_TRANSCODE_U2A :
								TD_TRANSCODE_A2U;
		}
		if (!i && sends->dtmf_pt && takes->dtmf_pt)
			rename_pt(e, sends->dtmf_pt, takes->dtmf_pt);
	}
}

/* Behind a NAT the description says what the party believes; the host is the one it signals
 * from, and the port is learned. */
void td_call_fill_nat(const struct td_leg *leg, struct td_media_end *e)
{
	const struct td_endpoint *ep = leg->ep;

	if (!ep || !ep->nat || !td_addr_is_set(&e->remote) || !td_addr_is_set(&ep->address))
		return;
	memcpy(e->remote.ip, ep->address.ip, sizeof(e->remote.ip));
	e->remote.scope = ep->address.scope;
	memset(&e->remote_rtcp, 0, sizeof(e->remote_rtcp));
	e->learn = true;
}

#define FORK_STRIDE 2	/* a port pair for each side */

/* Where the call is recorded: as its caller's section says, or the other party's, or all are. */
/* Of the party, or the dial peer by which it was called; NULL: none of its own. */
static const struct td_addr *recorder_of(const struct td_leg *leg)
{
	const struct td_peer *peer = td_dialplan_peer(leg->call->core, td_leg_core(leg)->peer);

	if (peer && td_addr_is_set(&peer->cfg.media_forking))
		return &peer->cfg.media_forking;
	return leg->ep && td_addr_is_set(&leg->ep->media_forking) ? &leg->ep->media_forking : NULL;
}

struct td_addr td_call_forking(const struct td_call *call)
{
	const struct td_leg *leg[2] = { call->a, call->a ? td_call_other(call, call->a) : NULL };
	const struct td_addr *to;

	for (int i = 0; i < 2; i++) {
		to = leg[i] ? recorder_of(leg[i]) : NULL;
		if (to)
			return *to;
	}
	return call->core->media_forking;
}

/* A's packets to the port that is configured, B's to the next pair. */
static void fill_fork(const struct td_call *call, const struct td_leg *leg, struct td_media_end *e)
{
	struct td_addr to = td_call_forking(call);

	if (!td_addr_is_set(&to))
		return;
	to.port = (uint16_t)(to.port + FORK_STRIDE * (leg != call->a));
	e->fork = to;
}

static void fill_around(const struct td_leg *leg, struct td_media_end *e)
{
	const struct td_addr *past_us = td_call_around_address(leg->call, leg);

	if (past_us)
		e->around = *past_us;
}

/* Around, too: what is still on its way to us meanwhile is forwarded. */
static void fill_end(const struct td_leg *leg, const struct td_leg *other, struct td_media_end *e)
{
	e->leg_id = leg->id;
	leg->call->core->media.ops->local(leg->call->media, td_leg_core(leg)->side, &leg->local,
					  &e->local);
	if (!td_addr_is_any(&leg->remote->rtp)) {
		e->remote = leg->remote->rtp;
		e->remote_rtcp = leg->remote->rtcp;
	}
	e->dir = td_dir_flip(td_leg_told(leg, other));
	e->dscp_class = td_call_mark(leg->call, leg, TD_DSCP_MEDIA);
	fill_around(leg, e);
	e->hold_dtmf = td_leg_by_info(other);
	e->plain = leg->local_desc->udptl;
	if (leg->local_desc->n_keys && leg->remote->n_keys) {
		e->srtp_in = leg->remote->key[0];
		e->srtp_out = leg->local_desc->key[0];
		e->srtp_was = td_leg_core(leg)->sealed_before;
	}
	fill_codecs(leg->local_desc, other ? other->remote : leg->remote, e);
	td_call_fill_nat(leg, e);
	if (leg->local_desc->rtcp_mux && leg->remote->rtcp_mux)
		e->remote_rtcp = e->remote;
}

static bool is_ready(const struct td_leg *leg)
{
	return leg && leg->has_remote && leg->has_local;
}

/* (Re)program both directions, once both parties are known and when anything differs. */
int td_call_connect_media(struct td_call *call)
{
	struct td_leg *a = call->a, *b = a ? td_call_other(call, a) : NULL;
	struct td_media_end ends[2];
	int err;

	td_video_connect(call);
	if (!call->media || !is_ready(a) || (b ? !is_ready(b) : !call->alone))
		return 0;
	memset(ends, 0, sizeof(ends));
	fill_end(a, b, &ends[td_leg_core(a)->side]);
	fill_fork(call, a, &ends[td_leg_core(a)->side]);
	if (b) {
		fill_end(b, a, &ends[td_leg_core(b)->side]);
		fill_fork(call, b, &ends[td_leg_core(b)->side]);
	}
	if (!memcmp(ends, call->ends, sizeof(ends))) {
		td_call_place(call);
		return 0;
	}
	err = call->core->media.ops->connect(call->media, ends);
	if (err) {
		td_log_limited(TD_LOG_CORE, TD_WARN, "call=%u media not connected: %s", call->id,
			       strerror(-err));
		return err;
	}
	memcpy(call->ends, ends, sizeof(ends));
	td_call_place(call);
	return 0;
}

void td_call_close_media(struct td_call *call)
{
	const struct td_media_ops *ops = call->core->media.ops;
	struct td_media_stats stats;

	td_video_close(call);
	if (!call->media)
		return;
	memset(&stats, 0, sizeof(stats));
	ops->stats(call->media, 0, &stats);
	call->path = call->a && td_call_is_around(call, call->a) ? TD_PATH_AROUND : stats.path;
	ops->close(call->media);
	call->media = NULL;
	memset(call->placed, 0, sizeof(call->placed));
}

static struct td_leg *leg_of(const struct td_call *call, uint32_t id)
{
	struct td_leg *leg;

	td_list_for_each(leg, &call->legs, struct td_leg, node)
		if (leg->id == id)
			return leg;
	return NULL;
}

void td_call_media_event(void *arg, const struct td_media_event *ev)
{
	struct td_call *call = td_call_find(arg, ev->call_id);
	struct td_leg *leg = call ? leg_of(call, ev->leg_id) : NULL;
	struct td_leg_event digit = { .type = TD_LEG_DIGIT, .digit = ev->digit,
				      .duration_ms = ev->duration_ms };

	if (call && ev->type == TD_MEDIA_EV_SILENCE && !(call->a && td_call_is_around(call, call->a)) &&
	    !td_video_has_come(call))
		td_call_event(call, TD_EV_SILENCE, NULL, NULL);
	if (leg && ev->type == TD_MEDIA_EV_SEALED) {
		td_leg_core(leg)->sealed = ev->mark;
		td_call_keep(call);
	}
	if (!leg || !td_leg_is_live(leg) || ev->type != TD_MEDIA_EV_DIGIT)
		return;
	if (ev->held)
		td_call_event(call, TD_EV_DIGIT, leg, &digit);
	else
		td_leg_note_digit(leg, ev->digit);
}

int td_call_press(struct td_call *call, const struct td_leg *to, const struct td_info *info)
{
	if (!call->media || td_leg_by_info(to) || !to->remote || !to->remote->dtmf_pt)
		return -EOPNOTSUPP;
	return call->core->media.ops->press(call->media, td_leg_core(to)->side, to->remote->dtmf_pt,
					    info->digit, info->duration_ms);
}
