/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of userspace/fxo. voice.c knows lines and what happens on them, voice_leg.c the calls'
 * legs, voice_keep.c those that outlive the process, sound.c their sound.
 */
#ifndef TD_FXO_VOICE_PRIV_H
#define TD_FXO_VOICE_PRIV_H

#include "netlink/fxo.h"
#include "userspace/fxo/sound.h"
#include "userspace/fxo/voice.h"

enum voice_stage {
	VOICE_RINGING,			/* in: the line rings, nobody has answered */
	VOICE_SEIZING,			/* out: until the loop has settled */
	VOICE_DIALLING,			/* out: digits are being sent, or waited for (overlap) */
	VOICE_WAITING,			/* out: for the exchange to tell the answer */
	VOICE_UP
};

struct voice_leg {
	struct td_leg leg;
	struct voice_port *port;	/* NULL: the line is another one's again */
	struct td_voice *v;
	uint32_t call;			/* serial number, for the sound */
	enum voice_stage stage;
	bool incoming, open_offer;
	int rtp;			/* socket, until the sound has it; -1 */
	struct td_addr at;		/* where it is bound */
	struct td_setup out;		/* its number grows while the caller dials on */
	size_t sent;			/* of its digits */
	bool sending;			/* some of them are on their way */
	struct td_codec codec;		/* of what is sent */
	struct td_addr peer;		/* where it is sent to */
	struct td_timer timer;
};

struct voice_port {
	struct td_list node;
	struct td_voice *v;
	struct cfg_voiceport cfg;
	struct td_endpoint *ep;
	bool there, ours, off_hook, wanted;	/* in the kernel; claimed; wanted by the model */
	bool kept;			/* found off hook at the start: a call before us left it so */
	uint32_t state, rings, seq;
	int32_t mv;
	struct voice_leg *leg;		/* the call on it */
	bool hearing;			/* the caller's number is looked for */
	bool offered;			/* this ringing has been dealt with */
	uint32_t listening;		/* call number of that */
	char number[TD_NUMBER_LEN], name[TD_NAME_LEN];	/* who calls */
	uint64_t told_ms;		/* when the line said so */
	uint64_t calls_in, calls_out;
};

struct td_voice {
	struct td_loop *loop;
	struct td_core *core;
	struct td_fxo *fxo;
	struct sound *sound;
	struct td_list ports;		/* as configured */
	struct voice_port *by_index[TDFXO_MAX_PORTS];
	uint32_t calls;			/* serial number */
	uint32_t interdigit_ms;
	bool restored;			/* what another process left is dealt with */
	void (*debug)(void *arg, const char *line);
	void *debug_arg;
};

/* voice_leg.c */

extern const struct td_driver_ops td_voice_driver;

/** A leg on this line. at: where its socket is; unset: anywhere. NULL: none can be. */
struct voice_leg *td_voice_leg_new(struct voice_port *p, bool incoming, const struct td_addr *at);
/** Send what the line says to l->peer, and hear that one. */
void td_voice_leg_talk(struct voice_leg *l);

/** A call from the line, for who connection_plar names. off_hook: it is answered already. */
void td_voice_leg_in(struct voice_port *p, bool off_hook);
/** What happened on its line. */
void td_voice_leg_event(struct voice_leg *l, const struct td_fxo_event *ev);
void td_voice_leg_news(struct voice_leg *l, const struct sound_news *n);
/** The line is gone, or another call's: the leg ends. */
void td_voice_leg_lost(struct voice_leg *l, enum td_cause cause);

/* voice_keep.c */

void td_voice_leg_save(struct td_leg *leg, struct td_buf *b);
struct td_leg *td_voice_leg_restore(void *driver, struct td_endpoint *ep,
				    const struct td_addr *local, struct td_buf *state);

/* voice.c */

/** Claim the line: one with an answered call stays off hook for a while when we die. */
int td_voice_claim(struct voice_port *p);

/** A line for "debug fxo". */
void td_voice_trace(const struct voice_port *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** An order to the kernel; a refusal is logged. */
int td_voice_order(struct voice_port *p, enum tdfxo_cmd cmd);
/** Hear the line from now on, for this call. rtp is given away when it succeeds. */
int td_voice_hear(struct voice_port *p, uint32_t call, int rtp);
/** A socket on the loopback, where the media plane finds the line: at that address, or anywhere
 * when it is unset. -1: none. */
int td_voice_socket(struct td_addr *at);

#endif
