/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Call progress tones by country, DTMF, and the generator that plays them.
 *
 * A tone is written as in the tables of the trade: "400/400,0/350,400/225,0/525" is 400 Hz
 * for 400 ms, silence for 350 ms, and so on, again and again; "350+440" is two frequencies
 * until further notice; "!" before an item means once, before the repetition begins. When
 * all items are such, the tone ends by itself.
 */
#ifndef TD_MEDIA_AUDIO_TONE_H
#define TD_MEDIA_AUDIO_TONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/str.h"

#define TD_TONE_STEPS 64

struct td_tone_step {
	uint16_t hz[2];			/* 0 = none */
	uint32_t ms;			/* 0 = for ever */
};

struct td_tone {
	float dbm0[2];			/* level of each frequency */
	uint8_t n_steps, repeat_from;	/* repeat_from == n_steps: ends */
	struct td_tone_step step[TD_TONE_STEPS];
};

/* The tones that a country has (ITU-T E.180 Supplement 2; BT SIN 350 for the United Kingdom). */
enum td_tone_kind {
	TD_TONE_DIAL,
	TD_TONE_STUTTER,		/* dial tone that tells of a message or of call forwarding */
	TD_TONE_RINGBACK,
	TD_TONE_BUSY,
	TD_TONE_REORDER,		/* congestion */
	TD_TONE_CALL_WAITING,
	TD_TONE_CONFIRM,		/* a feature was accepted */
	TD_TONE_ZIP,			/* to an agent before the caller is heard, intercom */
	TD_TONE_JOIN,			/* somebody enters a conference ... */
	TD_TONE_LEAVE,			/* ... or leaves it */
	TD_TONE_RECORD,			/* the call is recorded */
	TD_TONE_KINDS
};

/** -EINVAL: not a tone. */
int td_tone_parse(struct td_tone *tone, struct td_str text);
/** country: two letters of ISO 3166 in any case. False: unknown country, the tone is that of us. */
bool td_tone_country(struct td_tone *tone, const char *country, enum td_tone_kind kind);
/** The country's own notation, NULL when the kind has none (never for those above). */
const char *td_tone_text(const char *country, enum td_tone_kind kind);
/** DTMF: 0-9 * # A-D, and ',' for a second of nothing; once. -EINVAL: another letter, none, or more
 * than fit. ITU-T Q.24: 40 ms on and off is the least; the usual is 100. */
int td_tone_digits(struct td_tone *tone, struct td_str digits, uint32_t on_ms, uint32_t off_ms);

struct td_tone_gen {
	const struct td_tone *tone;
	uint32_t rate;
	uint8_t at;			/* step */
	bool ended;
	uint32_t done, total;		/* samples of it; total 0 = for ever */
	double coeff[2], y1[2], y2[2];	/* two-tap oscillators */
};

/** The tone must outlive the generator. */
void td_tone_gen_init(struct td_tone_gen *g, const struct td_tone *tone, uint32_t rate);
/** n samples; silence after the end. False: it has ended, nothing was played. */
bool td_tone_gen_next(struct td_tone_gen *g, int16_t *pcm, size_t n);

#endif
