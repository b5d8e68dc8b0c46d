// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An answered call on a line outlives the process. The kernel keeps the loop closed for the
 * watchdog time of our claim; the next process claims the port again and finds the line as it
 * was. Everything else is in the call's record: the socket on the loopback keeps its port, so
 * that the media plane's flows stay as they are. Meanwhile the line hears nothing.
 */
#include "userspace/fxo/voice_priv.h"

#include <errno.h>

#include "userspace/base/log.h"

#define FORMAT 1

enum flag { FLAG_INCOMING = 1 << 0, FLAG_ALAW = 1 << 1 };

void td_voice_leg_save(struct td_leg *leg, struct td_buf *b)
{
	struct voice_leg *l = td_container_of(leg, struct voice_leg, leg);

	if (l->stage != VOICE_UP || !l->port || !l->peer.port) {
		b->err = -EAGAIN;
		return;
	}
	td_buf_put_u8(b, FORMAT);
	td_buf_put_u8(b, (uint8_t)((l->incoming ? FLAG_INCOMING : 0) |
				   (td_codec_is(&l->codec, "PCMA") ? FLAG_ALAW : 0)));
	td_buf_put_u8(b, l->codec.pt);
	td_keep_put_addr(b, &l->peer);
}

/* Not when the exchange has released it while nobody listened. */
static bool is_up(const struct voice_port *p)
{
	return p->state == TDFXO_STATE_SETTLING || p->state == TDFXO_STATE_LOOP ||
	       p->state == TDFXO_STATE_FLASHING;
}

struct td_leg *td_voice_leg_restore(void *driver, struct td_endpoint *ep,
				    const struct td_addr *local, struct td_buf *state)
{
	struct voice_port *p = ep->driver_priv;
	uint8_t format = td_buf_get_u8(state), flags = td_buf_get_u8(state);
	uint8_t pt = td_buf_get_u8(state);
	struct td_addr peer;
	struct voice_leg *l;

	(void)driver;
	td_keep_get_addr(state, &peer);
	if (td_buf_err(state) || format != FORMAT || !p || !p->kept || !p->ours || p->leg ||
	    !is_up(p))
		return NULL;
	l = td_voice_leg_new(p, flags & FLAG_INCOMING, local);
	if (!l)
		return NULL;
	p->kept = false;
	p->off_hook = true;
	l->stage = VOICE_UP;
	l->peer = peer;
	td_codec_by_name(&l->codec, flags & FLAG_ALAW ? "PCMA" : "PCMU", pt);
	if (!td_voice_hear(p, l->call, l->rtp))
		l->rtp = -1;
	td_voice_leg_talk(l);
	td_log_info(TD_LOG_FXO, "voiceport=%s goes on with its call", p->cfg.id);
	return &l->leg;
}
