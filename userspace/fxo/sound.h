/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the sound of lines, on a thread of its own whose clock are the lines' frames:
 * 20 ms from a line become one RTP packet and take along 20 ms of what was received. Here are
 * tones, digits as tones and caller id, too (spandsp). Orders go there and news come back by
 * rings; a call is named by port and serial number, so that late news hurt nobody.
 */
#ifndef TD_FXO_SOUND_H
#define TD_FXO_SOUND_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/addr.h"
#include "userspace/base/loop.h"

#define SOUND_TEXT_LEN 64

enum sound_op {
	SOUND_OPEN,			/* hear the line; fd is its device (-1: the one that is open
					 * there), rtp a socket: both are given away. The caller's
					 * number is looked for until TALK; how: what this line is like */
	SOUND_TALK,			/* send to peer and hear it, as payload type pt */
	SOUND_DIAL,			/* press keys: text, on_ms, off_ms */
	SOUND_RINGBACK,			/* on: let the line hear ringing */
	SOUND_CLOSE
};

struct sound_line {
	uint16_t echo_ms;		/* how late an echo may come; 0: echoes stay */
	uint8_t country;		/* enum cfg_fxo_country: how it rings */
	uint32_t silence_s;		/* neither end said anything for so long: SILENT; 0: never */
};

struct sound_order {
	enum sound_op op;
	uint32_t port, call;
	int fd, rtp;
	struct sound_line how;
	struct td_addr peer;
	uint8_t pt;
	bool alaw, on;
	uint16_t on_ms, off_ms;
	char text[SOUND_TEXT_LEN];
};

enum sound_news_type {
	SOUND_DIALLED,			/* the last key has been pressed */
	SOUND_KEY,			/* the other end pressed one: text[0] */
	SOUND_CALLER,			/* text: number, name */
	SOUND_TONE,			/* busy or reorder: the other end is gone */
	SOUND_SILENT,			/* nobody seems to be at either end; told once */
	SOUND_GONE			/* the line's device has ended */
};

struct sound_news {
	enum sound_news_type type;
	uint32_t port, call;
	char text[SOUND_TEXT_LEN], name[SOUND_TEXT_LEN];
};

struct sound;

/** Starts the thread. fn hears news on loop. */
int td_sound_new(struct sound **out, struct td_loop *loop,
		 void (*fn)(void *arg, const struct sound_news *n), void *arg);
/** Ends the thread and every line's sound. NULL is fine. */
void td_sound_free(struct sound *s);
/** False when the thread is far behind; descriptors stay the caller's then. */
bool td_sound_order(struct sound *s, const struct sound_order *o);

#endif
