/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Voice codecs of the media thread, by RTP encoding name, to and from 16-bit samples.
 *
 *	name          samples/s  RTP clock  unit           by
 *	PCMU, PCMA         8000       8000  any            g711.c
 *	G722              16000       8000  any            libspandsp (RFC 3551 4.5.2: the clock is a
 *	                                                   historical error, kept for ever)
 *	G726-16..-40       8000       8000  8 samples      libspandsp, RFC 3551 4.5.4 bit order
 *	AAL2-G726-...      8000       8000  8 samples      libspandsp, the other bit order
 *	GSM                8000       8000  20 ms          libspandsp
 *	G729               8000       8000  10 ms          libbcg729, when it is installed (codec_g729.h)
 *	L16           8000, 16000     same  any            here
 *
 * A codec has one direction each; both in one struct because a party has both. Opened by
 * signalling (may allocate), used by the media thread (does not).
 */
#ifndef TD_MEDIA_AUDIO_CODEC_H
#define TD_MEDIA_AUDIO_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/str.h"

struct td_audio_coding;

struct td_audio_codec {
	const struct td_audio_coding *coding;	/* NULL: closed */
	uint32_t rate;			/* samples per second: 8000 or 16000 */
	uint32_t clock;			/* of RTP time stamps, Hz */
	uint32_t unit;			/* samples: packets hold whole units */
	void *enc, *dec;		/* the library's */
};

/** What a party's codec is: encoding name in any case, RTP clock (0: the usual one).
 * -ENOTSUP: not one of ours. -ENOMEM. */
int td_audio_codec_open(struct td_audio_codec *c, struct td_str name, uint32_t clock);
void td_audio_codec_close(struct td_audio_codec *c);
/** Is it one of ours (G.729: given the library)? *rate: its samples per second. */
bool td_audio_codec_known(struct td_str name, uint32_t clock, uint32_t *rate);
/** Forget what was decoded: a new stream begins. Allocates nothing. */
void td_audio_codec_restart(struct td_audio_codec *c);
const char *td_audio_codec_name(const struct td_audio_codec *c);
/** Without memory from packet to packet: what one listener is sent suits another, too. */
bool td_audio_codec_is_stateless(const struct td_audio_codec *c);
/** n samples, whole units; out has room for td_audio_codec_bytes(). Bytes written. */
size_t td_audio_codec_encode(struct td_audio_codec *c, uint8_t *out, const int16_t *pcm, size_t n);
/** Bytes of n samples, the most that encode() writes. */
size_t td_audio_codec_bytes(const struct td_audio_codec *c, size_t n);
/** Samples in a payload of len bytes. -EBADMSG: no such payload is possible. */
int td_audio_codec_samples(const struct td_audio_codec *c, const uint8_t *in, size_t len);
/** A whole payload. Samples written, at most room; -EBADMSG. */
int td_audio_codec_decode(struct td_audio_codec *c, int16_t *pcm, size_t room, const uint8_t *in,
			  size_t len);
/** Has it a concealment of its own? Else conceal in samples. */
bool td_audio_codec_conceals(const struct td_audio_codec *c);
/** That: n samples (whole units) in place of lost ones. */
void td_audio_codec_conceal(struct td_audio_codec *c, int16_t *pcm, size_t n);

#endif
