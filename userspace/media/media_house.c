// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the core's verb "place" means: a side's party hears the music of the house, or is in one
 * of its mixers, and not connected with the session's other side. One player for all who wait;
 * a mixer is there as long as somebody is in it.
 */
#include "userspace/media/media_local.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/media/media_priv.h"

struct media_mixer {
	struct td_list node;
	uint32_t id, audio;		/* the core's number; the media thread's */
	uint32_t stream;		/* to a multicast group, 0 = none */
	unsigned int sides;
};

/* ---- mixers ---- */

static struct media_mixer *mixer_get(struct td_media *m, uint32_t id, int *err)
{
	struct media_mixer *x;

	td_list_for_each(x, &m->mixers, struct media_mixer, node)
		if (x->id == id)
			return x;
	x = td_zalloc(sizeof(*x));
	*err = x ? td_audio_mixer(m->audio, &x->audio) : -ENOMEM;
	if (*err) {
		td_free(x);
		return NULL;
	}
	x->id = id;
	td_list_append(&m->mixers, &x->node);
	return x;
}

static void mixer_put(struct td_media *m, struct media_mixer *x)
{
	if (x->sides || x->stream)
		return;
	td_audio_destroy(m->audio, x->audio);
	td_list_del(&x->node);
	td_free(x);
}

void td_media_leave_house(struct media_side *side)
{
	struct media_mixer *x = side->mixer;

	side->music = false;
	side->mixer = NULL;
	if (!x)
		return;
	x->sides--;
	mixer_put(side->owner->m, x);
}

static int enter_mixer(struct media_side *side, const struct td_media_place *p, uint32_t node)
{
	struct td_media *m = side->owner->m;
	int err = 0;
	struct media_mixer *x = mixer_get(m, p->mixer, &err);

	if (!x)
		return err;
	err = p->mute ? 0 : td_audio_connect(m->audio, node, x->audio, p->gain_db);
	if (!err)
		err = td_audio_connect(m->audio, x->audio, node, 0);
	if (err) {
		mixer_put(m, x);
		return err;
	}
	x->sides++;
	side->mixer = x;
	return 0;
}

/* ---- music ---- */

static void play_to(struct td_media *m, struct media_side *side)
{
	if (side->music && side->node && m->music &&
	    td_audio_connect(m->audio, m->music, side->node, 0))
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "call=%u no music: the media thread is stuck",
			       side->owner->call_id);
}

static void stream_music(struct td_media *m)
{
	if (!m->music || !td_addr_is_set(&m->moh.multicast.group) ||
	    td_media_open_stream(m, &m->moh.multicast, &m->music_stream))
		return;
	if (td_audio_connect(m->audio, m->music, m->music_stream, 0))
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "no music to its group: the media thread is stuck");
}

static uint32_t start_music(struct td_media *m, const char *file)
{
	struct td_clip *clip;
	uint32_t node = 0;
	const char *why;

	if (!file[0])
		return 0;
	if (td_clip_load(&clip, file, &why)) {
		td_log_err(TD_LOG_MEDIA, "moh file=%s cannot be played: %s", file, why);
		return 0;
	}
	if (td_audio_play_clip(m->audio, clip, true, &node))
		node = 0;
	td_clip_put(clip);
	return node;
}

void td_media_set_music(struct td_media *m, const struct td_config *config)
{
	const struct cfg_global *g = &config->global;
	struct td_media_session *s;

	td_strlcpy(m->interface, g->n_interface ? g->interface[0] : "", sizeof(m->interface));
	if (!memcmp(&m->moh, &config->moh, sizeof(m->moh)))
		return;
	td_audio_destroy(m->audio, m->music_stream);
	td_audio_destroy(m->audio, m->music);
	m->music_stream = 0;
	m->moh = config->moh;
	m->music = start_music(m, m->moh.file);
	stream_music(m);
	td_list_for_each(s, &m->sessions, struct td_media_session, node) {
		play_to(m, &s->side[0]);
		play_to(m, &s->side[1]);
	}
}

/* ---- the verbs ---- */

int td_media_stream(void *plane, uint32_t mixer, const struct cfg_multicast *to)
{
	struct td_media *m = plane;
	int err = 0;
	struct media_mixer *x = mixer_get(m, mixer, &err);

	if (!x)
		return err;
	td_audio_destroy(m->audio, x->stream);
	x->stream = 0;
	if (to)
		err = td_media_open_stream(m, to, &x->stream);
	if (to && !err)
		err = td_audio_connect(m->audio, x->audio, x->stream, 0);
	mixer_put(m, x);
	return err;
}

static int go(struct td_media_session *s, int side, const struct td_media_place *p)
{
	struct media_side *me = &s->side[side];
	struct td_media_party party = {
		.codec = td_str_of(p->codec), .clock = p->rate, .pt_in = p->pt_in,
		.pt_out = p->pt_out, .dtmf_out = p->dtmf_pt, .ptime_ms = p->ptime_ms,
	};
	uint32_t node;
	int err;

	if (p->house == TD_HOUSE_MUSIC && !s->m->music)
		return -ENOENT;
	err = td_media_make_local(s, side, &party, &node);
	if (err)
		return err;
	if (p->house == TD_HOUSE_MIXER)
		return enter_mixer(me, p, node);
	me->music = true;
	play_to(s->m, me);
	return 0;
}

int td_media_place(struct td_media_session *s, int side, const struct td_media_place *p)
{
	int err;

	td_media_leave_house(&s->side[side]);
	err = p->house ? go(s, side, p) : 0;
	if (err || !p->house)
		td_media_make_through(s, side);
	return err;
}
