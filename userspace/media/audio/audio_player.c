// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Players: a sound file or a tone as a node that only says. One player serves all its
 * listeners: the frame of a tick is decoded once, converted once per sample rate and coded
 * once per law of G.711.
 */
#include "userspace/media/audio/audio_priv.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"

struct player {
	struct audio_node node;
	bool ended;
	/* a file ... */
	struct td_clip *clip;
	bool loop;
	size_t at;
	/* ... or a tone */
	struct td_tone_gen gen;
	struct td_tone tone;
};

static struct player *player_of(struct audio_node *n)
{
	return td_container_of(n, struct player, node);
}

static void end(struct player *p)
{
	if (!p->ended)
		td_audio_tell_ended(&p->node);
	p->ended = true;
}

static void say_clip(struct audio_node *n, int16_t *pcm, uint64_t now_ns)
{
	struct player *p = player_of(n);
	const struct td_wav *w = &p->clip->wav;
	size_t want = td_audio_samples(n->rate);

	(void)now_ns;
	while (want && !p->ended) {
		size_t part = w->frames - p->at < want ? w->frames - p->at : want;

		td_wav_read(w, p->clip->file, p->at, pcm, part);
		p->at += part;
		pcm += part;
		want -= part;
		if (p->at < w->frames)
			continue;
		p->at = 0;
		if (!p->loop)
			end(p);
	}
	memset(pcm, 0, want * sizeof(*pcm));
}

static void say_tone(struct audio_node *n, int16_t *pcm, uint64_t now_ns)
{
	struct player *p = player_of(n);

	(void)now_ns;
	if (!td_tone_gen_next(&p->gen, pcm, td_audio_samples(n->rate)))
		end(p);
}

static void free_player(struct audio_node *n)
{
	struct player *p = player_of(n);

	td_clip_put(p->clip);
	td_free(p);
}

static const struct audio_ops clip_ops = {
	.name = "clip", .says = true, .say = say_clip, .free = free_player,
};

static const struct audio_ops tone_ops = {
	.name = "tone", .says = true, .say = say_tone, .free = free_player,
};

int td_audio_play_clip(struct td_audio *a, struct td_clip *clip, bool loop, uint32_t *id)
{
	struct player *p = td_zalloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	td_audio_node_init(&p->node, a, &clip_ops, clip->wav.rate);
	p->clip = td_clip_get(clip);
	p->loop = loop;
	return td_audio_add(a, &p->node, id);
}

/* At 8000: tones have nothing above 3800 Hz, and listeners of both rates may share it. */
int td_audio_play_tone(struct td_audio *a, const struct td_tone *tone, uint32_t *id)
{
	struct player *p = td_zalloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	td_audio_node_init(&p->node, a, &tone_ops, 8000);
	p->tone = *tone;
	td_tone_gen_init(&p->gen, &p->tone, 8000);
	return td_audio_add(a, &p->node, id);
}
