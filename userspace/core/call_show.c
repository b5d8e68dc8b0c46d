/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls as JSON, for the control socket. The keys are a contract with scripts: they are
 * added, never renamed. What is not known (yet) is null, not zero.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

static const char *addr_or_null(const struct td_media_desc *d, char *text)
{
	return d && td_addr_is_set(&d->rtp) ? td_addr_str(&d->rtp, text) : NULL;
}

/* Packets of a leg are counted by its side; a fork that only rings shares one. */
static bool get_stats(const struct td_call *call, const struct td_leg *leg,
		      struct td_media_session *session, struct td_media_stats *stats)
{
	int side = td_leg_core(leg)->side;

	memset(stats, 0, sizeof(*stats));
	if (!session || (leg != call->a && leg != call->b && leg != call->early))
		return false;
	call->core->media.ops->stats(session, side, stats);
	if (td_call_is_around(call, leg))
		stats->path = TD_PATH_AROUND;
	return true;
}

static void show_fork(const struct td_call *call, const struct td_leg *leg,
		      const struct td_media_stats *s, bool have, struct td_json *j)
{
	const struct td_addr *to = &call->ends[td_leg_core(leg)->side].fork;
	char text[TD_ADDR_STRLEN];

	td_json_str(j, "media_forking", have && td_addr_is_set(to) ? td_addr_str(to, text) : NULL);
	td_json_u64(j, "forked_packets", s->forked);
	td_json_u64(j, "forks_missed", s->fork_missed);
}

/* Digits may be a PIN: only who asks for this very call sees them. */
static void show_details(const struct td_leg *leg, const struct td_media_stats *s, bool have,
			 struct td_json *j)
{
	td_json_fixed_or_null(j, "far_loss_percent", s->far_loss_percent, 2,
			      have && s->far_loss_percent >= 0);
	td_json_fixed_or_null(j, "far_jitter_ms", s->far_jitter_ms, 2,
			      have && s->far_jitter_ms >= 0);
	td_json_fixed_or_null(j, "largest_gap_ms", s->largest_gap_ms, 2, have && s->rx_packets);
	td_json_str(j, "digits", td_leg_core(leg)->digits);
}

static void show_packets(const struct td_media_stats *s, bool have, struct td_json *j)
{
	td_json_str(j, "path", td_media_path_word(s->path));
	if (have)
		td_json_u64(j, "dscp", s->dscp);
	else
		td_json_null(j, "dscp");
	td_json_u64(j, "rx_packets", s->rx_packets);
	td_json_u64(j, "tx_packets", s->tx_packets);
	td_json_u64(j, "lost", s->lost);
	td_json_fixed(j, "jitter_ms", s->jitter_ms, 3);
	td_json_fixed_or_null(j, "rtt_ms", s->rtt_ms, 2, have && s->rtt_ms >= 0);
}

/* null: there is none, or one of the two has refused it. */
static void show_video(const struct td_call *call, const struct td_leg *leg, struct td_json *j)
{
	const struct td_leg *other = td_call_other(call, leg);
	struct td_media_stats s;
	char text[TD_ADDR_STRLEN];
	bool have;

	if (!call->video || !td_video_is_up(leg, other) || !td_video_is_up(other, leg)) {
		td_json_null(j, "video");
		return;
	}
	have = get_stats(call, leg, call->video->media, &s);
	td_json_object(j, "video");
	td_json_str(j, "codec", leg->local_desc->video.codec);
	td_json_str(j, "direction", td_dir_name(td_dir_flip(leg->local_desc->video.dir)));
	td_json_str(j, "remote_media", td_addr_str(&leg->remote->video.rtp, text));
	td_json_str(j, "local_media", td_addr_str(&leg->local_desc->video.rtp, text));
	show_packets(&s, have, j);
	td_json_end_object(j);
}

static void show_stats(const struct td_call *call, const struct td_leg *leg, struct td_json *j,
		       bool detail)
{
	struct td_media_stats s;
	bool have = get_stats(call, leg, call->media, &s);

	show_packets(&s, have, j);
	td_json_fixed_or_null(j, "mos", s.mos, 2, have && s.mos > 0);
	if (!detail)
		return;
	show_details(leg, &s, have, j);
	show_fork(call, leg, &s, have, j);
}

/* What both have agreed on; passed: it hears the other party's own packets. */
static void show_srtp(const struct td_leg *leg, struct td_json *j)
{
	const struct td_media_desc *d = leg->has_remote && leg->has_local ? leg->local_desc : NULL;

	td_json_str(j, "srtp", d && d->n_keys ? td_srtp_suite_name(d->key[0].suite) : NULL);
	td_json_str(j, "srtp_keys", !d || !d->n_keys ? NULL :
				    d->key[0].passed ? "end-to-end" : "own");
}

static void show_leg(const struct td_call *call, const struct td_leg *leg, struct td_json *j,
		     bool detail)
{
	const struct td_media_desc *local =
		leg->local_desc ? leg->local_desc : td_leg_core(leg)->pending;
	char text[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_u64(j, "id", leg->id);
	td_json_str(j, "protocol", leg->ops->protocol);
	td_json_str(j, "party", leg->party.number);
	td_json_str(j, "state", td_leg_state_word(leg));
	td_json_str(j, "codec", leg->has_remote && leg->has_local ?
					leg->local_desc->codec[0].name : NULL);
	show_srtp(leg, j);
	td_json_str(j, "remote_media", addr_or_null(leg->remote, text));
	td_json_str(j, "local_media", addr_or_null(local, text));
	show_stats(call, leg, j, detail);
	show_video(call, leg, j);
	td_json_end_object(j);
}

static void show_one(const struct td_call *call, struct td_json *j, const char *key,
		     bool detail)
{
	struct td_leg *leg;

	td_json_object(j, key);
	td_json_u64(j, "id", call->id);
	td_json_str(j, "state", td_call_state_word(call));
	td_json_u64(j, "created_ms", call->created_ms);
	td_json_str(j, "from", call->from.number);
	td_json_str(j, "to", call->to.number);
	td_json_array(j, "legs");
	if (call->a)
		show_leg(call, call->a, j, detail);
	td_list_for_each(leg, &call->legs, struct td_leg, node) { /* NOLINT(*NullDereference) */
		if (leg != call->a)
			show_leg(call, leg, j, detail);
	}
	td_json_end_array(j);
	td_json_u64(j, "duration_ms", td_call_duration_ms(call));
	td_json_end_object(j);
}

void td_core_show_calls(struct td_core *core, struct td_json *j, const char *key)
{
	struct td_call *call;

	td_json_array(j, key);
	td_list_for_each(call, &core->call_list, struct td_call, list_node)
		show_one(call, j, NULL, false);
	td_json_end_array(j);
}

void td_core_each_call(struct td_core *core, void (*fn)(void *arg, uint32_t id), void *arg)
{
	struct td_call *call;

	td_list_for_each(call, &core->call_list, struct td_call, list_node)
		fn(arg, call->id);
}

bool td_core_has_call(struct td_core *core, uint32_t id, const char *endpoint)
{
	const struct td_call *call = td_call_find(core, id);
	const struct td_leg *leg;

	if (!call || !endpoint)
		return call;
	td_list_for_each(leg, &call->legs, struct td_leg, node)
		if (leg->ep && !strcmp(leg->ep->id, endpoint))
			return true;
	return false;
}

int td_core_show_call(struct td_core *core, uint32_t id, struct td_json *j, const char *key)
{
	struct td_call *call = td_call_find(core, id);

	if (!call)
		return -ENOENT;
	show_one(call, j, key, true);
	return 0;
}

void td_core_show_stats(struct td_core *core, struct td_json *j, const char *key)
{
	const struct td_core_stats *n = &core->n;

	td_json_object(j, key);
	td_json_u64(j, "calls", td_core_calls(core));
	td_json_u64(j, "calls_total", n->calls);
	td_json_u64(j, "answered", n->answered);
	td_json_u64(j, "failed", n->failed);
	td_json_u64(j, "refused_full", n->refused_full);
	td_json_u64(j, "refused_events", n->refused_events);
	td_json_u64(j, "silent_drivers", n->goodbye_played);
	td_json_u64(j, "out_of_memory", n->no_memory);
	td_json_u64(j, "phones", core->n_phones);
	td_json_u64(j, "phones_registered", core->n_registered);
	td_json_u64(j, "numbers", core->numbers.count);
	td_json_end_object(j);
}
