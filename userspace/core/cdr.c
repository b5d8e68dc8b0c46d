/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "userspace/core/cdr.h"
#include "userspace/core/core_priv.h"

static void note_side(const struct td_call *call, const struct td_leg *leg, struct td_cdr_side *s)
{
	if (!leg)
		return;
	s->leg_id = leg->id;
	if (leg->ep)
		td_strlcpy(s->endpoint, leg->ep->id, sizeof(s->endpoint));
	td_strlcpy(s->protocol, leg->ops->protocol, sizeof(s->protocol));
	td_strlcpy(s->party, leg->party.number, sizeof(s->party));
	if (leg->has_remote && leg->has_local)
		td_strlcpy(s->codec, leg->local_desc->codec[0].name, sizeof(s->codec));
	if (leg->has_remote)
		s->remote_media = leg->remote->rtp;
	if (call->media)
		call->core->media.ops->stats(call->media, td_leg_core(leg)->side, &s->stats);
}

/* Who answered; else one who was called and may have rung. */
static const struct td_leg *called_of(const struct td_call *call)
{
	const struct td_leg *leg, *last = NULL;

	if (call->b)
		return call->b;
	td_list_for_each(leg, &call->legs, struct td_leg, node) /* NOLINT(*NullDereference) */
		if (leg != call->a)
			last = leg;
	return last;
}

static const char *released_by(const struct td_call *call)
{
	if (call->a && call->a->state == TD_LEGST_GONE)
		return "caller";
	if (call->b && call->b->state == TD_LEGST_GONE)
		return "called";
	if (!call->answered_ms && (call->cause == TD_CAUSE_BUSY || call->cause == TD_CAUSE_REJECTED))
		return "called";
	return "router";
}

void td_call_record(struct td_call *call)
{
	struct td_core *core = call->core;
	uint64_t now = td_clock_ms(CLOCK_REALTIME);
	struct td_cdr cdr = {
		.call_id = call->id, .from = call->from, .to = call->to,
		.started_ms = call->created_ms, .ended_ms = now, .cause = call->cause,
	};

	if (!core->on_cdr)
		return;
	if (call->answered_ms)
		cdr.answered_ms = now - td_call_duration_ms(call);
	cdr.released_by = released_by(call);
	note_side(call, call->a, &cdr.sides[0]);
	note_side(call, called_of(call), &cdr.sides[1]);
	core->on_cdr(core->cdr_arg, &cdr);
}

void td_core_watch_cdrs(struct td_core *core, td_cdr_fn fn, void *arg)
{
	core->on_cdr = fn;
	core->cdr_arg = arg;
}

/* ---- show ---- */

static void show_side(const struct td_cdr_side *s, struct td_json *j)
{
	char text[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_u64(j, "id", s->leg_id);
	td_json_str(j, "endpoint", s->endpoint[0] ? s->endpoint : NULL);
	td_json_str(j, "protocol", s->protocol);
	td_json_str(j, "party", s->party);
	td_json_str(j, "codec", s->codec[0] ? s->codec : NULL);
	td_json_str(j, "remote_media", td_addr_is_set(&s->remote_media) ?
					       td_addr_str(&s->remote_media, text) : NULL);
	td_json_str(j, "path", td_media_path_word(s->stats.path));
	td_json_u64(j, "rx_packets", s->stats.rx_packets);
	td_json_u64(j, "tx_packets", s->stats.tx_packets);
	td_json_u64(j, "lost", s->stats.lost);
	td_json_fixed(j, "jitter_ms", s->stats.jitter_ms, 3);
	td_json_fixed_or_null(j, "rtt_ms", s->stats.rtt_ms, 2, s->stats.rtt_ms > 0);
	td_json_fixed_or_null(j, "mos", s->stats.mos, 2, s->stats.mos > 0);
	td_json_end_object(j);
}

void td_cdr_show(const struct td_cdr *cdr, struct td_json *j, const char *key)
{
	int i;

	td_json_object(j, key);
	td_json_u64(j, "id", cdr->call_id);
	td_json_str(j, "from", cdr->from.number);
	td_json_str(j, "from_name", cdr->from.name[0] ? cdr->from.name : NULL);
	td_json_str(j, "to", cdr->to.number);
	td_json_u64(j, "started_ms", cdr->started_ms);
	if (cdr->answered_ms)
		td_json_u64(j, "answered_ms", cdr->answered_ms);
	else
		td_json_null(j, "answered_ms");
	td_json_u64(j, "ended_ms", cdr->ended_ms);
	td_json_u64(j, "duration_ms", cdr->answered_ms ? cdr->ended_ms - cdr->answered_ms : 0);
	td_json_str(j, "cause", td_cause_word(cdr->cause));
	td_json_u64(j, "q850", cdr->cause);
	td_json_str(j, "released_by", cdr->released_by);
	td_json_array(j, "legs");
	for (i = 0; i < 2; i++)
		if (cdr->sides[i].leg_id)
			show_side(&cdr->sides[i], j);
	td_json_end_array(j);
	td_json_end_object(j);
}
