/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The jitter buffer of one RTP stream: packets in, in whatever order and at whatever
 * time they come; out, when a listener needs sound, the next one, or the news that there is
 * none. It knows no codec. All memory is in the struct.
 *
 * Two clocks meet here. The sender's is the RTP time stamp; ours is monotonic. The smallest
 * difference of the two seen in the last seconds is a packet that did not wait anywhere;
 * all others are late against it. The buffer keeps that lateness as a distribution with a
 * fading memory, and plays a packet so long after its ideal arrival ("delay") that 97 of
 * 100 are there in time ("target").
 *
 *	too little delay: a packet is not there. Something is played in its place, and when it
 *			  comes after all, it is played, too: the delay has grown.
 *	too much delay:	  the listener is asked to shorten the sound a little (shrink).
 *	far too much:	  packets are left out.
 *	a hole:		  a later packet is there and this one's time has come: lost.
 *	a pause:	  nothing for a while, then time stamps that have moved on: the first
 *			  packet after it waits for the target again.
 */
#ifndef TD_MEDIA_AUDIO_JITTER_H
#define TD_MEDIA_AUDIO_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TD_JITTER_SLOTS		32	/* packets held */
#define TD_JITTER_PAYLOAD	960	/* 120 ms of G.711, 30 ms of L16 at 16000 */
#define TD_JITTER_BINS		64	/* of lateness, 5 ms each */

struct td_jitter_slot {
	bool used;
	uint16_t len;			/* 0: a packet without sound (RFC 4733 event, comfort noise) */
	int64_t seq, ts;		/* extended */
	uint32_t ticks;			/* duration, RTP clock */
	uint8_t data[TD_JITTER_PAYLOAD];
};

struct td_jitter_stats {
	uint32_t received, lost, late, duplicate, skipped, restarts;
	uint32_t delay_ms, target_ms;	/* now */
};

struct td_jitter {
	uint32_t ns_per_tick;
	int64_t min_ns, max_ns;		/* limits of the target */
	bool started;			/* a stream is known: the next fields mean something */
	bool playing;			/* else waiting for the target */
	bool played;			/* something of this stream */
	uint32_t ssrc;
	int64_t next_seq, highest_seq, last_ts;
	int64_t play_ts;		/* of the sound that comes next */
	int64_t waited_ns;		/* played in place of packets since the last one */
	uint32_t jump_seq;		/* what would confirm a jump, +1; 0 = none */
	int64_t base_ns, base_now_ns;	/* smallest arrival - time stamp: last window, this one */
	int64_t window_end_ns;
	int64_t target_ns;
	uint32_t excess;		/* packets in a row that were played much too late */
	float weight, total;		/* of the next entry, of all */
	float bin[TD_JITTER_BINS];
	struct td_jitter_stats stats;
	struct td_jitter_slot slot[TD_JITTER_SLOTS];
};

struct td_jitter_packet {
	uint16_t seq;
	uint32_t ts, ssrc, ticks;	/* ticks: duration; 0 when there is no sound in it */
	const uint8_t *data;
	size_t len;
};

enum td_jitter_put {
	TD_JITTER_TAKEN,
	TD_JITTER_NEW_STREAM,		/* taken; another SSRC or a jump: the decoder starts anew */
	TD_JITTER_REFUSED		/* late, twice, too long, or not (yet) believed */
};

enum td_jitter_get {
	TD_JITTER_PLAY,			/* a packet */
	TD_JITTER_CONCEAL,		/* one should be here */
	TD_JITTER_PAUSE			/* nobody speaks */
};

struct td_jitter_out {
	const uint8_t *data;		/* until the next put */
	size_t len;
	bool shrink;			/* the sound may be shortened */
	bool cut;			/* packets before this one were left out */
};

/** clock: RTP, Hz. min_ms and max_ms limit the target; 0 = 20 and 240. */
void td_jitter_init(struct td_jitter *j, uint32_t clock, uint32_t min_ms, uint32_t max_ms);
enum td_jitter_put td_jitter_put(struct td_jitter *j, const struct td_jitter_packet *p,
				 int64_t now_ns);
/** What to play next. When it is not PLAY, frame_ns of something else is played. */
enum td_jitter_get td_jitter_get(struct td_jitter *j, int64_t now_ns, int64_t frame_ns,
				 struct td_jitter_out *out);

#endif
