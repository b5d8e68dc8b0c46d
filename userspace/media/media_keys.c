// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys in the media (RFC 4733): those that a party presses there, told to the core, and those
 * that the core wants a party to hear there.
 */
#include "userspace/media/media_priv.h"

#include <errno.h>
#include <string.h>

#define SAME_DIGIT_NS	10000000000ULL	/* no key is held down longer */
#define SENDING_MS	200		/* who has been quiet for longer is not sending */
#define KEY_MS		80		/* the shortest that everybody takes for a key */
#define PACKET_MS	20

/* RFC 4733 3.2: the sixteen keys. Others (flash, tones of modems) are no digits. */
static const char keys[] = "0123456789*#ABCD";

static char digit_of(uint8_t event)
{
	return event < sizeof(keys) - 1 ? keys[event] : '\0';
}

/* A digit is a run of packets with one timestamp, the last ones sent three times. Each path
 * tells once, in any order; a flow that changes its path in the middle must not double it. */
void td_media_digit(struct media_side *side, const struct td_event *ev)
{
	struct td_media_event out = {
		.type = TD_MEDIA_EV_DIGIT, .call_id = side->owner->call_id,
		.leg_id = td_media_end_of(side)->leg_id, .digit = digit_of(ev->data[0]),
		.held = td_media_end_of(side)->hold_dtmf,
	};

	if (!out.digit || (side->has_digit && side->digit_ts == ev->rtp_ts &&
			   ev->time_ns < side->digit_ns + SAME_DIGIT_NS))
		return;
	side->has_digit = true;
	side->digit_ts = ev->rtp_ts;
	side->digit_ns = ev->time_ns;
	td_media_tell(side->owner->m, &out);
}

/* Keys take the place of packets: there must be some. */
static bool is_sending(const struct td_media *m, uint32_t slot)
{
	const struct td_flow_stats *r = td_relay_stats(m->relay, slot);
	uint64_t x_ns = m->tables.stats[slot].rtp_ns, last = x_ns > r->rtp_ns ? x_ns : r->rtp_ns;
	uint32_t flags = m->tables.flows[slot].flags;

	return (flags & TD_FLOW_ACTIVE) && !(flags & TD_FLOW_MUTED) &&
	       last / 1000000 + SENDING_MS > td_loop_now_ms(m->loop);
}

int td_media_press(struct td_media_session *s, int side, uint8_t pt, char digit,
		   uint16_t duration_ms)
{
	struct media_side *from = &s->side[!side];
	uint32_t slot = td_media_slot(s, !side), ns = s->m->tables.flows[slot].ns_per_tick;
	uint32_t ms = duration_ms < KEY_MS ? KEY_MS : duration_ms;
	const char *at = digit ? strchr(keys, digit) : NULL;
	struct td_relay_key key = { .slot = slot, .call_id = s->call_id, .pt = pt };
	int err;

	if (!at)
		return -EINVAL;
	if (s->side[side].node)		/* it hears a node of ours, which can say keys itself */
		return td_audio_rtp_digit(s->m->audio, s->side[side].node, digit, (uint16_t)ms);
	if (!is_sending(s->m, slot))
		return -ENOTCONN;
	if (from->keys >= TD_RELAY_KEYS)
		return -EBUSY;
	key.event = (uint8_t)(at - keys);
	key.ticks = (uint32_t)(ms * 1000000ULL / ns);
	key.step = PACKET_MS * 1000000u / ns;
	err = td_relay_press(s->m->relay, &key);
	if (err)
		return err;
	from->keys++;
	td_media_program(s);
	return 0;
}

void td_media_key_done(struct media_side *side)
{
	if (side->keys && !--side->keys)
		td_media_program(side->owner);
}
