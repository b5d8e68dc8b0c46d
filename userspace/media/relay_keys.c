// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys put into a stream that somebody else sends (RFC 4733): for a party that takes them in its
 * media from one that tells them in signalling. A key takes the place of the packets that
 * come while it is down: same SSRC, same sequence numbers, so nothing behind it has to be
 * counted anew, and the stream can go back to XDP afterwards. The receiver hears the key
 * instead of that bit of voice, as from a phone that sends both itself.
 */
#include "userspace/media/relay_priv.h"

#include <string.h>

#include "bpf/td_rtp_stat.h"

#define KEY_PACKET	(TD_RTP_HEADER_LEN + 4)
#define END_PACKETS	3		/* RFC 4733 2.5.1.4 */
#define PAUSE_PACKETS	3		/* 60 ms: or two fives are one long one */
#define VOLUME		10		/* -10 dBm0 */
#define LONGEST_STEP	8000		/* more is a pause of the sender's, no packet's length */

void td_relay_take_key(struct td_relay *r, const struct td_relay_key *key)
{
	struct relay_typing *t = &r->typing[key->slot];

	if (t->call_id != key->call_id)
		*t = (struct relay_typing){ .call_id = key->call_id };
	if (t->n < TD_RELAY_KEYS)
		t->key[t->n++] = *key;
}

static void press(struct relay_typing *t, uint32_t ts)
{
	t->down = true;
	t->ends = 0;
	t->start_ts = t->last_ts = ts;
	t->step = t->key[0].step;
}

/* Late packets and those of the same moment do not make it shorter. */
static void hold(struct relay_typing *t, uint32_t ts)
{
	int32_t ahead = (int32_t)(ts - t->last_ts);
	uint32_t held;

	if (ahead > 0 && ahead <= LONGEST_STEP)
		t->step = (uint32_t)ahead;
	if (ahead > 0)
		t->last_ts = ts;
	held = t->last_ts - t->start_ts + t->step;
	t->duration = (uint16_t)(held < UINT16_MAX ? held : UINT16_MAX);
}

static void write_packet(const struct relay_typing *t, bool first, struct relay_packet *p)
{
	const struct td_relay_key *k = &t->key[0];
	uint8_t *d = p->data;

	d[0] = 0x80;
	d[1] = (uint8_t)((first ? 0x80 : 0) | k->pt);
	d[4] = (uint8_t)(t->start_ts >> 24);
	d[5] = (uint8_t)(t->start_ts >> 16);
	d[6] = (uint8_t)(t->start_ts >> 8);
	d[7] = (uint8_t)t->start_ts;
	d[12] = k->event;
	d[13] = (uint8_t)((t->ends ? 0x80 : 0) | VOLUME);
	d[14] = (uint8_t)(t->duration >> 8);
	d[15] = (uint8_t)t->duration;
	p->len = KEY_PACKET;
}

static void lift(struct td_relay *r, const struct td_flow *f, struct relay_typing *t,
		 const struct relay_packet *p)
{
	struct td_event done = {
		.type = TD_EVENT_KEY_DONE, .slot = p->slot, .call_id = f->call_id,
		.leg_id = f->leg_id, .time_ns = p->now_ns,
	};

	/* told before it is so: without room in the ring the last packet is sent once more */
	if (!td_relay_tell(r, &done))
		return;
	t->down = false;
	t->pause = PAUSE_PACKETS;
	t->n--;
	memmove(&t->key[0], &t->key[1], t->n * sizeof(t->key[0]));
}

void td_relay_type(struct td_relay *r, const struct td_flow *f, struct relay_packet *p)
{
	struct relay_typing *t = &r->typing[p->slot];
	uint32_t ts = td_relay_be32(p->data + 4);
	bool first = !t->down;

	if (t->call_id != f->call_id) {
		t->n = 0;
		return;
	}
	if ((p->data[1] & 0x7f) == t->key[0].pt)
		return;		/* it presses keys itself */
	if (first && t->pause) {
		t->pause--;
		return;
	}
	if (first)
		press(t, ts);
	if (!t->ends)
		hold(t, ts);
	if (t->ends || t->duration >= t->key[0].ticks || t->duration == UINT16_MAX)
		t->ends++;
	write_packet(t, first, p);
	if (t->ends >= END_PACKETS)
		lift(r, f, t, p);
}
