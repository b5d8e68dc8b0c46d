// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. A packet's slot is its sequence number's low bits; sequence numbers and time stamps
 * are extended to 64 bits, so that nothing below has to think of wraps.
 */
#include "userspace/media/audio/jitter.h"

#include <string.h>

#define MS			1000000ll
#define DEFAULT_MIN_MS		20
#define DEFAULT_MAX_MS		240
#define FIRST_TARGET		(40 * MS)	/* until something is known */
#define BIN_NS			(5 * MS)
#define ENOUGH			25.0f		/* packets that say something about lateness */
#define FORGET			1.002f		/* weight per packet: half after 350 */
#define IN_TIME			0.97f
#define WINDOW_NS		(5000 * MS)	/* of the search for the smallest difference */
#define MAX_DROPOUT		1000		/* RFC 3550 A.1, smaller: voice, and a small ring */
#define MAX_MISORDER		100
#define JUMP_NS			(1000 * MS)	/* of a time stamp against our clock: a new start */
#define PAUSE_NS		(300 * MS)	/* without packets */
#define TICK_NS			(20 * MS)	/* a listener comes that often */
#define SHRINK_AFTER		10		/* packets */

void td_jitter_init(struct td_jitter *j, uint32_t clock, uint32_t min_ms, uint32_t max_ms)
{
	memset(j, 0, sizeof(*j));
	j->ns_per_tick = 1000000000u / clock;
	j->min_ns = (min_ms ? min_ms : DEFAULT_MIN_MS) * MS;
	j->max_ns = (max_ms ? max_ms : DEFAULT_MAX_MS) * MS;
	j->target_ns = FIRST_TARGET < j->min_ns ? j->min_ns :
		       FIRST_TARGET > j->max_ns ? j->max_ns : FIRST_TARGET;
	j->weight = 1;
}

static struct td_jitter_slot *slot_of(struct td_jitter *j, int64_t seq)
{
	return &j->slot[(uint64_t)seq % TD_JITTER_SLOTS];
}

static bool holds(struct td_jitter *j, int64_t seq)
{
	return slot_of(j, seq)->used && slot_of(j, seq)->seq == seq;
}

static int64_t ns_of(const struct td_jitter *j, int64_t ticks)
{
	return ticks * j->ns_per_tick;
}

/* ---- lateness ---- */

static int64_t base(const struct td_jitter *j)
{
	return j->base_ns < j->base_now_ns ? j->base_ns : j->base_now_ns;
}

static void start_base(struct td_jitter *j, int64_t transit_ns, int64_t now_ns)
{
	j->base_ns = j->base_now_ns = transit_ns;
	j->window_end_ns = now_ns + WINDOW_NS;
}

/* Two windows, so that the smallest difference is forgotten when the clocks drift apart. */
static void note_base(struct td_jitter *j, int64_t transit_ns, int64_t now_ns)
{
	if (now_ns >= j->window_end_ns) {
		j->base_ns = j->base_now_ns;
		j->base_now_ns = transit_ns;
		j->window_end_ns = now_ns + WINDOW_NS;
	} else if (transit_ns < j->base_now_ns) {
		j->base_now_ns = transit_ns;
	}
}

/* Instead of fading all bins for each packet, let each packet weigh a little more. */
static void renormalise(struct td_jitter *j)
{
	for (int i = 0; i < TD_JITTER_BINS; i++)
		j->bin[i] /= j->weight;
	j->total /= j->weight;
	j->weight = 1;
}

static void note_lateness(struct td_jitter *j, int64_t late_ns)
{
	int64_t i = late_ns < 0 ? 0 : late_ns / BIN_NS;

	j->bin[i < TD_JITTER_BINS ? i : TD_JITTER_BINS - 1] += j->weight;
	j->total += j->weight;
	j->weight *= FORGET;
	if (j->weight > 1e6f)
		renormalise(j);
}

static void set_target(struct td_jitter *j)
{
	float sum = 0;
	int i = 0;

	if (j->total < ENOUGH * j->weight)
		return;
	while (i < TD_JITTER_BINS - 1 && (sum += j->bin[i]) < IN_TIME * j->total)
		i++;
	j->target_ns = (i + 1) * BIN_NS;
	if (j->target_ns < j->min_ns)
		j->target_ns = j->min_ns;
	if (j->target_ns > j->max_ns)
		j->target_ns = j->max_ns;
}

/* ---- packets in ---- */

static void store(struct td_jitter *j, const struct td_jitter_packet *p, int64_t seq, int64_t ts)
{
	struct td_jitter_slot *s = slot_of(j, seq);

	s->used = true;
	s->seq = seq;
	s->ts = ts;
	s->ticks = p->ticks;
	s->len = (uint16_t)p->len;
	memcpy(s->data, p->data, p->len);
}

static enum td_jitter_put start_stream(struct td_jitter *j, const struct td_jitter_packet *p,
				       int64_t now_ns)
{
	bool again = j->started;

	for (int i = 0; i < TD_JITTER_SLOTS; i++)
		j->slot[i].used = false;
	j->started = true;
	j->playing = j->played = false;
	j->ssrc = p->ssrc;
	/* room below, for packets that were overtaken by the first one */
	j->next_seq = j->highest_seq = p->seq + 65536;
	j->play_ts = j->last_ts = p->ts + (1ll << 32);
	j->waited_ns = 0;
	j->jump_seq = 0;
	j->excess = 0;
	j->stats.restarts += again;
	start_base(j, now_ns - ns_of(j, j->last_ts), now_ns);
	store(j, p, j->next_seq, j->last_ts);
	return TD_JITTER_NEW_STREAM;
}

static bool is_jump(const struct td_jitter *j, int64_t seq, int64_t ts, int64_t now_ns)
{
	int64_t off_ns = now_ns - ns_of(j, ts) - base(j);

	return seq - j->highest_seq > MAX_DROPOUT || j->highest_seq - seq > MAX_MISORDER ||
	       off_ns > JUMP_NS || off_ns < -JUMP_NS;
}

/* RFC 3550 A.1: a jump is believed when the next packet goes on from there. */
static enum td_jitter_put jump(struct td_jitter *j, const struct td_jitter_packet *p,
			       int64_t now_ns)
{
	if (j->jump_seq == p->seq + 1u)
		return start_stream(j, p, now_ns);
	j->jump_seq = (uint16_t)(p->seq + 1) + 1u;
	return TD_JITTER_REFUSED;
}

/* The ring is full of older packets: the oldest make room. */
static void make_room(struct td_jitter *j, int64_t seq)
{
	int64_t oldest = seq - TD_JITTER_SLOTS + 1;

	while (j->next_seq < oldest) {
		if (holds(j, j->next_seq)) {
			slot_of(j, j->next_seq)->used = false;
			j->stats.skipped++;
		} else {
			j->stats.lost++;
		}
		j->next_seq++;
	}
}

static bool refuse(uint32_t *counter)
{
	++*counter;
	return true;
}

static bool is_useless(struct td_jitter *j, int64_t seq)
{
	if (seq < j->next_seq && j->played)
		return refuse(&j->stats.late);
	if (holds(j, seq))
		return refuse(&j->stats.duplicate);
	/* before the start, one that was overtaken may still become the first */
	if (seq <= j->highest_seq - TD_JITTER_SLOTS)
		return refuse(&j->stats.late);
	return false;
}

enum td_jitter_put td_jitter_put(struct td_jitter *j, const struct td_jitter_packet *p,
				 int64_t now_ns)
{
	int64_t seq, ts, transit_ns;

	if (p->len > TD_JITTER_PAYLOAD)
		return TD_JITTER_REFUSED;
	j->stats.received++;
	if (!j->started || p->ssrc != j->ssrc)
		return start_stream(j, p, now_ns);
	seq = j->highest_seq + (int16_t)(p->seq - (uint16_t)j->highest_seq);
	ts = j->last_ts + (int32_t)(p->ts - (uint32_t)j->last_ts);
	/* an event's time stamp stands still while it lasts: no measure of anything */
	if (is_jump(j, seq, p->len ? ts : j->last_ts, now_ns) && p->len)
		return jump(j, p, now_ns);
	j->jump_seq = 0;
	if (is_useless(j, seq))
		return TD_JITTER_REFUSED;
	if (seq > j->highest_seq) {
		make_room(j, seq);
		j->highest_seq = seq;
		if (p->len)
			j->last_ts = ts;
	}
	if (seq < j->next_seq)
		j->next_seq = seq;
	if (p->len) {
		transit_ns = now_ns - ns_of(j, ts);
		note_base(j, transit_ns, now_ns);
		note_lateness(j, transit_ns - base(j));
		set_target(j);
	}
	store(j, p, seq, ts);
	return TD_JITTER_TAKEN;
}

/* ---- sound out ---- */

/* The next packet that is there, leaving out those without sound; NULL: none. */
static struct td_jitter_slot *next_held(struct td_jitter *j)
{
	for (int64_t seq = j->next_seq; seq <= j->highest_seq; seq++) {
		if (!holds(j, seq))
			continue;
		if (slot_of(j, seq)->len)
			return slot_of(j, seq);
		/* only when nothing is missing before it: a lost one may still be concealed */
		if (seq == j->next_seq) {
			slot_of(j, seq)->used = false;
			j->next_seq++;
		}
	}
	return NULL;
}

static void consume(struct td_jitter *j, struct td_jitter_slot *s)
{
	for (int64_t seq = j->next_seq; seq < s->seq; seq++) {
		j->stats.lost += !holds(j, seq);
		slot_of(j, seq)->used = false;
	}
	s->used = false;
	j->next_seq = s->seq + 1;
}

static int64_t delay_of(const struct td_jitter *j, const struct td_jitter_slot *s, int64_t now_ns)
{
	return now_ns - base(j) - ns_of(j, s->ts);
}

static enum td_jitter_get play(struct td_jitter *j, struct td_jitter_slot *s, int64_t now_ns,
			       struct td_jitter_out *out)
{
	int64_t delay_ns = delay_of(j, s, now_ns);

	consume(j, s);
	j->play_ts = s->ts + s->ticks;
	j->waited_ns = 0;
	j->excess = delay_ns > j->target_ns + TICK_NS + BIN_NS ? j->excess + 1 : 0;
	j->stats.delay_ms = delay_ns > 0 ? (uint32_t)(delay_ns / MS) : 0;
	j->stats.target_ms = (uint32_t)(j->target_ns / MS);
	out->data = s->data;
	out->len = s->len;
	out->shrink = j->excess >= SHRINK_AFTER;
	return TD_JITTER_PLAY;
}

static enum td_jitter_get nothing(struct td_jitter *j, int64_t frame_ns)
{
	j->waited_ns += frame_ns;
	if (j->waited_ns < PAUSE_NS)
		return TD_JITTER_CONCEAL;
	j->playing = false;
	return TD_JITTER_PAUSE;
}

/* Its sound is over already, or the delay is beyond all limits. */
static bool leave_out(struct td_jitter *j, struct td_jitter_slot *s, int64_t now_ns,
		      struct td_jitter_out *out)
{
	if (s->ts + s->ticks <= j->play_ts) {
		j->stats.late++;
	} else if (delay_of(j, s, now_ns) > j->max_ns + 2 * TICK_NS && s->seq < j->highest_seq) {
		j->stats.skipped++;
		j->play_ts = s->ts + s->ticks;
		out->cut = true;
	} else {
		return false;
	}
	consume(j, s);
	return true;
}

enum td_jitter_get td_jitter_get(struct td_jitter *j, int64_t now_ns, int64_t frame_ns,
				 struct td_jitter_out *out)
{
	struct td_jitter_slot *s;

	memset(out, 0, sizeof(*out));
	while ((s = next_held(j))) {
		int64_t gap_ns = ns_of(j, s->ts - j->play_ts) - j->waited_ns;

		if (!j->playing) {
			if (delay_of(j, s, now_ns) < j->target_ns)
				return TD_JITTER_PAUSE;
			j->playing = j->played = true;
			j->play_ts = s->ts;
			j->waited_ns = 0;
			gap_ns = 0;
		}
		if (leave_out(j, s, now_ns, out))
			continue;
		if (gap_ns >= frame_ns / 2)
			break;
		return play(j, s, now_ns, out);
	}
	return j->playing ? nothing(j, frame_ns) : TD_JITTER_PAUSE;
}
