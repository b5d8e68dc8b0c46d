/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one RTP party is sent: voice in packets of its size, keys as RFC 4733 events, and a
 * sender report now and then (RFC 3550 6.4.1), from which it learns about round trip and
 * loss. One stream, one SSRC, for as long as the party is there.
 */
#ifndef TD_MEDIA_AUDIO_RTP_OUT_H
#define TD_MEDIA_AUDIO_RTP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bpf/td_map.h"
#include "userspace/media/audio/codec.h"

#define TD_RTP_OUT_KEYS		8
#define TD_RTP_OUT_MOST		960	/* samples in a packet: 60 ms at 16000 */

struct td_rtp_key {
	char digit;
	uint16_t duration_ms;
};

struct td_rtp_out {
	void (*send)(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
		     unsigned int len);
	void *send_arg;
	struct td_flow way;
	uint8_t pt, dtmf_pt;
	uint32_t rate, clock;
	uint32_t packet;		/* samples */

	uint16_t seq;
	uint32_t ts, ssrc;		/* ts: of the next sample that comes in */
	bool talking;			/* else the next packet carries the marker */
	uint32_t n_held;		/* samples waiting for the rest of their packet */
	int16_t held[TD_RTP_OUT_MOST + 320];

	struct td_rtp_key keys[TD_RTP_OUT_KEYS];	/* the first one is being sent */
	uint8_t n_keys, ends_left;
	uint32_t key_ts, key_ticks;	/* of that: where it began, how long it lasts now */
	uint32_t pause_ticks;		/* before the next one may begin */

	uint64_t report_ns;		/* when the next one is due */
	uint32_t packets, octets;	/* sent, as reports count them */
};

struct td_rtp_out_args {
	void (*send)(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
		     unsigned int len);
	void *send_arg;
	uint8_t pt, dtmf_pt;		/* dtmf_pt 0: no events */
	uint16_t ptime_ms;
};

/** Random start values: signalling's thread. The codec must be open. */
void td_rtp_out_init(struct td_rtp_out *o, const struct td_rtp_out_args *args,
		     const struct td_audio_codec *codec);
/** 20 ms at the codec's rate; pcm NULL: nobody speaks to this party now. coded: the same in the
 * codec's form when the caller has it, else NULL. */
void td_rtp_out_frame(struct td_rtp_out *o, struct td_audio_codec *codec, const int16_t *pcm,
		      const uint8_t *coded, uint64_t now_ns);
/** Whole packets are a frame each: coded frames can be used. */
bool td_rtp_out_takes_coded(const struct td_rtp_out *o);
/** Dropped when too many wait. */
void td_rtp_out_key(struct td_rtp_out *o, char digit, uint16_t duration_ms);

#endif
