/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sides that end here: the party talks to a node of the media thread (audio/audio.h), and
 * not to the session's other side. What the core's media port will offer of that is made of
 * these three.
 *
 * As long as a side is local, its other side is cut off from it (it may be local, too, or on
 * hold). The node follows the party: re-INVITEs, learned ports, hold.
 */
#ifndef TD_MEDIA_MEDIA_LOCAL_H
#define TD_MEDIA_MEDIA_LOCAL_H

#include <stdint.h>
#include "userspace/base/str.h"

struct td_audio;
struct td_media;
struct td_media_session;

struct td_media_party {
	struct td_str codec;		/* RTP encoding name */
	uint32_t clock;			/* 0 = the usual one */
	uint8_t pt_in, pt_out;		/* payload type as we told it, as it told us */
	uint8_t dtmf_out;		/* RFC 4733 to it, 0 = none */
	uint16_t ptime_ms;		/* 0 = 20 */
};

struct td_audio *td_media_audio(struct td_media *m);
/** Make a side local. *node is to be connected with others; it goes with the session or with
 * td_media_make_through(). Again, with another codec, gives another node. -ENOTSUP: no such
 * codec; -ENOMEM, -EAGAIN, -EINVAL. */
int td_media_make_local(struct td_media_session *s, int side, const struct td_media_party *p,
			uint32_t *node);
/** To the other side again. */
void td_media_make_through(struct td_media_session *s, int side);

#endif
