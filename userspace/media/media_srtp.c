// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys of SRTP on their way from signalling to the relay, and which flows need them. A flow
 * whose packets leave sealed as they came needs none and may run by XDP; so it is when the
 * core has passed one party's key to the other, and nobody here has to see or to change what
 * they send.
 */
#include "userspace/media/media_priv.h"

#include <string.h>

#include "userspace/base/log.h"

#define LAST_ID 15			/* four bits of td_flow.srtp */

static bool is_told(const struct media_seal *seal, const struct td_media_end *end)
{
	return seal->in.tag == end->srtp_in.tag && seal->out.tag == end->srtp_out.tag &&
	       td_srtp_same_key(&seal->in, &end->srtp_in) &&
	       td_srtp_same_key(&seal->out, &end->srtp_out);
}

void td_media_take_seal(struct media_side *side, const struct td_media_end *end)
{
	struct td_relay_keys keys = {
		.in = end->srtp_in, .out = end->srtp_out, .was = end->srtp_was,
	};
	struct media_seal *seal = &side->seal;
	int err;

	if (is_told(seal, end))
		return;
	seal->in = end->srtp_in;
	seal->out = end->srtp_out;
	seal->id = !seal->in.tag && !seal->out.tag ? 0 : (uint8_t)(seal->id % LAST_ID + 1);
	err = td_relay_seal(side->owner->m->relay, TD_SLOT_OF_PORT(side->port), seal->id, &keys);
	/* without its keys the relay drops what it should open or seal */
	if (err)
		td_log_limited(TD_LOG_MEDIA, TD_ERR, "call=%u leg=%u no SRTP: %s",
			       side->owner->call_id, end->leg_id, strerror(-err));
}

void td_media_drop_seal(struct media_side *side)
{
	if (side->seal.id)
		td_relay_seal(side->owner->m->relay, TD_SLOT_OF_PORT(side->port), 0, NULL);
	side->seal = (struct media_seal){ 0 };
}

bool td_media_is_opaque(const struct td_media_session *s, int from)
{
	const struct td_media_end *a = &s->end[from], *b = &s->end[!from];
	const struct media_side *side = &s->side[from];

	return a->srtp_in.tag && b->srtp_out.tag && td_srtp_same_key(&a->srtp_in, &b->srtp_out) &&
	       !side->node && !side->keys && !side->fork.index && !a->n_pt && !a->hold_dtmf;
}

uint8_t td_media_seals(const struct td_media_session *s, int from)
{
	const struct td_media_end *a = &s->end[from], *b = &s->end[!from];
	bool local = s->side[from].node;

	if (td_media_is_opaque(s, from))
		return 0;
	return TD_SRTP_KEYS(a->srtp_in.tag ? s->side[from].seal.id : 0,
			    b->srtp_out.tag && !local ? s->side[!from].seal.id : 0);
}

void td_media_sealed(struct media_side *side, const struct td_event *ev)
{
	struct td_media_event out = {
		.type = TD_MEDIA_EV_SEALED, .call_id = side->owner->call_id,
		.leg_id = td_media_end_of(side)->leg_id,
	};

	memcpy(&out.mark, ev->data, sizeof(out.mark));
	td_media_tell(side->owner->m, &out);
}
