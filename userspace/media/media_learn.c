// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parties behind a NAT: the port that they say is not the one that they send from. The relay
 * tells which that is when it has heard the first packet of the host; from then on there is no
 * other, and packets to the party go there, too (symmetric RTP, RFC 4961).
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

/* RTCP that comes with RTP (RFC 5761) has no port of its own. */
static void apply_learned(const struct media_learn *l, struct td_media_end *end)
{
	bool mux = td_addr_equal(&end->remote, &end->remote_rtcp);

	if (l->rtp)
		end->remote.port = l->rtp;
	if (mux) {
		end->remote_rtcp = end->remote;
	} else if (l->rtcp) {
		end->remote_rtcp = end->remote;
		end->remote_rtcp.port = l->rtcp;
	}
}

/* told.port is 0 when the session was adopted, and the flow tells the host only. */
static bool is_where_it_was(const struct media_learn *l, const struct td_media_end *end)
{
	return l->on && !memcmp(l->told.ip, end->remote.ip, sizeof(l->told.ip)) &&
	       (!l->told.port || l->told.port == end->remote.port);
}

void td_media_take_end(struct media_side *side, struct td_media_end *end)
{
	struct media_learn *l = &side->learn;

	if (!end->learn || !is_where_it_was(l, end))
		*l = (struct media_learn){ .on = end->learn };
	l->told = end->remote;
	apply_learned(l, end);
}

/* Once: what comes from yet another port is a stranger's. */
void td_media_learned(struct media_side *side, const struct td_event *ev)
{
	uint16_t *port = ev->data[0] ? &side->learn.rtcp : &side->learn.rtp;
	struct td_media_session *s = side->owner;

	if (!side->learn.on || *port ||
	    memcmp(ev->addr, side->learn.told.ip, sizeof(ev->addr)) != 0)
		return;
	*port = ntohs(ev->port);
	td_media_say(s->m, "call=%" PRIu32 " leg=%" PRIu32 " learned %s port=%u", s->call_id,
		     td_media_end_of(side)->leg_id, ev->data[0] ? "RTCP" : "RTP", *port);
	apply_learned(&side->learn, td_media_end_of(side));
	td_media_program(s);
}
