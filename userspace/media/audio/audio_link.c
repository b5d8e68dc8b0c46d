// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections, as the media thread sees them: what goes through one in a tick, who hears
 * what, and the mixer, which is nothing but its connections and their sum.
 */
#include "userspace/media/audio/audio_priv.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/media/audio/g711.h"

bool td_audio_is_mixer(const struct audio_node *n)
{
	return n->ops == &td_audio_mixer_ops;
}

static struct audio_mixer *mixer_of(struct audio_node *n)
{
	return td_container_of(n, struct audio_mixer, node);
}

/* ---- what a node says ---- */

/* Samples before the frame stay in front of it: the converters need them. */
void td_audio_keep_tail(int16_t *room, size_t n)
{
	memmove(room, room + n, TD_RESAMPLE_TAIL * sizeof(*room));
}

static void convert(int16_t *out, const int16_t *frame, uint32_t from_rate)
{
	if (from_rate == 8000)
		td_resample_up(out, frame, td_audio_samples(8000));
	else
		td_resample_down(out, frame, td_audio_samples(16000));
}

/* The frame of a node that is no mixer, at that rate. */
static const int16_t *frame_at(struct audio_node *n, uint32_t rate)
{
	const int16_t *own = n->room + TD_RESAMPLE_TAIL;

	if (n->rate == rate)
		return own;
	if (n->other_tick != n->a->tick) {
		convert(n->other, own, n->rate);
		n->other_tick = n->a->tick;
	}
	return n->other;
}

const uint8_t *td_audio_coded(struct audio_node *n, enum audio_law law)
{
	const int16_t *pcm;

	if (n->coded_tick[law] != n->a->tick) {
		pcm = frame_at(n, 8000);
		if (law == AUDIO_ULAW)
			td_g711_ulaw_encode(n->coded[law], pcm, td_audio_samples(8000));
		else
			td_g711_alaw_encode(n->coded[law], pcm, td_audio_samples(8000));
		n->coded_tick[law] = n->a->tick;
	}
	return n->coded[law];
}

/* ---- connections ---- */

static float goal(const struct audio_link *l)
{
	return l->closing || l->muted ? 0 : l->gain;
}

static bool is_plain(const struct audio_link *l)
{
	return l->now == 1 && goal(l) == 1;
}

/* What a member of the mixer hears: everything but itself, turned down if it must be. */
static const int16_t *from_mixer(struct audio_link *l, uint32_t rate)
{
	struct audio_mixer *m = mixer_of(l->from);
	const int16_t *own = l->twin ? l->twin->frame : NULL;
	int16_t *frame = l->room + TD_RESAMPLE_TAIL;
	size_t n = td_audio_samples(m->node.rate);

	if (l->rate != m->node.rate)
		memset(l->room, 0, TD_RESAMPLE_TAIL * sizeof(*l->room));
	else
		td_audio_keep_tail(l->room, n);
	l->rate = m->node.rate;
	td_mix_limit(&l->limiter, frame, m->sum, own, n);
	if (m->node.rate == rate)
		return frame;
	convert(l->scaled, frame, m->node.rate);
	return l->scaled;
}

/* This tick's sound through a connection; once per tick. NULL: silence. */
static const int16_t *through(struct audio_link *l, uint32_t rate)
{
	const int16_t *in;

	l->frame = NULL;
	if (l->now == 0 && goal(l) == 0)
		return NULL;
	in = td_audio_is_mixer(l->from) ? from_mixer(l, rate) : frame_at(l->from, rate);
	l->frame = in;
	if (!is_plain(l)) {
		td_mix_gain(l->scaled, in, td_audio_samples(rate), l->now, goal(l));
		l->frame = l->scaled;
	}
	l->now = goal(l);
	return l->frame;
}

struct audio_link *td_audio_find_link(struct audio_node *from, struct audio_node *to)
{
	struct audio_link *l;

	/* the shorter way: a mixer hears many, a player is heard by many */
	if (td_audio_is_mixer(to)) {
		td_list_for_each(l, &from->heard_by, struct audio_link, in_from)
			if (l->to == to && !l->closing)
				return l;
		return NULL;
	}
	td_list_for_each(l, &to->hears, struct audio_link, in_to)
		if (l->from == from && !l->closing)
			return l;
	return NULL;
}

static bool is_wide(const struct audio_node *n)
{
	return n->rate == 16000 && !td_audio_is_mixer(n);
}

/* A mixer works at 16000 when somebody wide hears somebody else who is. */
static void choose_rate(struct audio_node *m)
{
	unsigned int in = 0, out = 0, both = 0;
	struct audio_link *l;

	td_list_for_each(l, &m->hears, struct audio_link, in_to)
		in += is_wide(l->from);
	td_list_for_each(l, &m->heard_by, struct audio_link, in_from) {
		out += is_wide(l->to);
		both += is_wide(l->to) && l->twin;
	}
	m->rate = in && out && !(in == 1 && out == 1 && both == 1) ? 16000 : 8000;
}

static void set_count(struct audio_node *n, int by)
{
	atomic_store_explicit(&n->n_listeners, atomic_load_explicit(&n->n_listeners,
			      memory_order_relaxed) + (uint32_t)by, memory_order_relaxed);
}

static void on_link_change(struct audio_link *l)
{
	if (td_audio_is_mixer(l->from))
		choose_rate(l->from);
	if (td_audio_is_mixer(l->to))
		choose_rate(l->to);
}

void td_audio_link(struct td_audio *a, struct audio_link *l)
{
	struct audio_link *old = td_audio_find_link(l->from, l->to);

	if (old) {
		old->gain = l->gain;
		td_audio_close_link(a, l);
		return;
	}
	l->twin = td_audio_find_link(l->to, l->from);
	if (l->twin)
		l->twin->twin = l;
	td_list_append(&l->from->heard_by, &l->in_from);
	td_list_append(&l->to->hears, &l->in_to);
	set_count(l->from, 1);
	on_link_change(l);
}

void td_audio_close_link(struct td_audio *a, struct audio_link *l)
{
	if (l->closing)
		return;
	l->closing = true;
	td_list_append(&a->closing, &l->in_closing);
}

static void unlink_nodes(struct audio_link *l)
{
	if (l->twin && l->twin->twin == l)
		l->twin->twin = NULL;
	td_list_del(&l->in_from);
	td_list_del(&l->in_to);
	set_count(l->from, -1);
	on_link_change(l);
}

/* Those that have faded, and those that were never made. */
void td_audio_give_back_links(struct td_audio *a)
{
	struct audio_link *l, *tmp;

	td_list_for_each_safe(l, tmp, &a->closing, struct audio_link, in_closing) {
		if (!td_list_empty(&l->in_from)) {
			if (l->now != 0)
				continue;
			unlink_nodes(l);
		}
		td_list_del(&l->in_closing);
		if (td_audio_give_back(a, AUDIO_LINK_BACK, l))
			continue;
		td_list_push(&a->closing, &l->in_closing);
		return;
	}
}

/* ---- who hears what ---- */

void td_audio_mix(struct audio_node *mixer)
{
	struct audio_mixer *m = mixer_of(mixer);
	size_t n = td_audio_samples(m->node.rate);
	struct audio_link *l;

	memset(m->sum, 0, n * sizeof(m->sum[0]));
	td_list_for_each(l, &m->node.hears, struct audio_link, in_to) {
		const int16_t *frame = through(l, m->node.rate);

		if (frame)
			td_mix_add(m->sum, frame, n);
	}
}

/* Several at once: their sum, with the listener's own limiter. */
static void hear_sum(struct audio_node *n, uint64_t now_ns)
{
	size_t len = td_audio_samples(n->rate);
	int32_t sum[AUDIO_MOST];
	int16_t out[AUDIO_MOST];
	struct audio_link *l;

	memset(sum, 0, len * sizeof(sum[0]));
	td_list_for_each(l, &n->hears, struct audio_link, in_to) {
		const int16_t *frame = through(l, n->rate);

		if (frame)
			td_mix_add(sum, frame, len);
	}
	td_mix_limit(&n->limiter, out, sum, NULL, len);
	n->ops->hear(n, out, NULL, now_ns);
}

static void hear_one(struct audio_node *n, struct audio_link *l, uint64_t now_ns)
{
	static const int16_t silence[AUDIO_MOST];
	bool same = is_plain(l) && !td_audio_is_mixer(l->from);
	const int16_t *frame = through(l, n->rate);

	n->ops->hear(n, frame ? frame : silence, same ? l->from : NULL, now_ns);
}

/* The node's next 20 ms to it. */
void td_audio_let_hear(struct audio_node *n, uint64_t now_ns)
{
	if (td_list_empty(&n->hears))
		n->ops->hear(n, NULL, NULL, now_ns);
	else if (n->hears.next->next == &n->hears)
		hear_one(n, td_container_of(n->hears.next, struct audio_link, in_to), now_ns);
	else
		hear_sum(n, now_ns);
}

/* ---- the mixer as a node ---- */

static void free_mixer(struct audio_node *n)
{
	td_free(mixer_of(n));
}

const struct audio_ops td_audio_mixer_ops = {
	.name = "mixer", .says = true, .hears = true, .free = free_mixer,
};

int td_audio_mixer(struct td_audio *a, uint32_t *id)
{
	struct audio_mixer *m = td_zalloc(sizeof(*m));

	if (!m)
		return -ENOMEM;
	td_audio_node_init(&m->node, a, &td_audio_mixer_ops, 8000);
	return td_audio_add(a, &m->node, id);
}
