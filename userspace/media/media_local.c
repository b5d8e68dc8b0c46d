// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The joint between sessions and nodes. Signalling's thread.
 */
#include "userspace/media/media_local.h"

#include <string.h>

#include "userspace/base/log.h"
#include "userspace/media/media_priv.h"

struct td_audio *td_media_audio(struct td_media *m)
{
	return m->audio;
}

static void send(void *relay, const struct td_flow *way, bool rtcp, uint8_t *data, unsigned int len)
{
	td_relay_send(relay, way, rtcp, data, len);
}

int td_media_start_audio(struct td_media *m)
{
	struct td_audio_args args = { .loop = m->loop, .send = send, .send_arg = m->relay };
	int err = td_audio_new(&m->audio, &args);

	return err ? err : td_relay_run_audio(m->relay, m->audio);
}

void td_media_aim_local(struct td_media_session *s)
{
	for (int i = 0; i < 2; i++) {
		struct media_side *side = &s->side[i];
		struct td_flow way;

		if (!side->node)
			continue;
		td_media_way_to(s, i, &way);
		if (!memcmp(&way, &side->way, sizeof(way)))
			continue;
		/* when it fails, the next change of the session tries again */
		if (td_audio_rtp_aim(s->m->audio, side->node, &way))
			td_log_limited(TD_LOG_MEDIA, TD_WARN, "call=%u media thread is stuck",
				       s->call_id);
		else
			side->way = way;
	}
}

int td_media_make_local(struct td_media_session *s, int side, const struct td_media_party *p,
			uint32_t *node)
{
	struct td_audio_rtp_args args = {
		.slot = td_media_slot(s, side), .codec = p->codec, .clock = p->clock,
		.pt_in = p->pt_in, .pt_out = p->pt_out, .dtmf_out = p->dtmf_out,
		.ptime_ms = p->ptime_ms,
	};
	struct media_side *m = &s->side[side];
	int err;

	td_media_way_to(s, side, &args.way);
	err = td_audio_rtp(s->m->audio, &args, node);
	if (err)
		return err;
	td_audio_destroy(s->m->audio, m->node);
	m->node = *node;
	m->way = args.way;
	td_media_program(s);
	td_media_watch_silence(s);
	return 0;
}

void td_media_make_through(struct td_media_session *s, int side)
{
	td_audio_destroy(s->m->audio, s->side[side].node);
	s->side[side].node = 0;
	td_media_program(s);
	td_media_watch_silence(s);
}
