/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver without a protocol: phones A, B, C that play parts. Every order of the core and
 * every word of a phone is a line of the ladder. It is also the smallest complete driver,
 * to read before writing a real one.
 */
#ifndef TD_TESTS_FAKE_LEG_H
#define TD_TESTS_FAKE_LEG_H

#include "userspace/base/loop.h"
#include "userspace/core/core.h"

#define FAKE_MAX_LEGS 4

struct fake_phone;

struct fake_leg {
	struct td_leg leg;
	struct fake_phone *phone;
	struct td_deferred bye;		/* RELEASED comes a moment after release() */
	enum td_cause cause;
	unsigned int index;
	struct td_media_desc told;	/* by the core, last */
	bool has_told;
};

struct fake_phone {
	char name[4];			/* in the ladder */
	struct td_loop *loop;
	struct td_core *core;
	void (*say)(void *arg, const char *line);
	void *arg;
	struct td_endpoint *ep;
	struct td_addr rtp, local;	/* where it listens; our address towards it */
	unsigned int bindings;		/* where it is registered: 0, 1, ... */
	int new_legs_err, setup_err, media_err;
	bool silent;			/* never reports RELEASED */
	unsigned int setups, destroyed;
	struct fake_leg *leg[FAKE_MAX_LEGS];	/* present ones */
	char codecs[96];		/* what it offers and takes: "PCMU,PCMA" */
	bool rtcp_mux;			/* ... and RTCP on its RTP port */
	const char *video;		/* the text of its video (td_video.text), 100 ports above; or NULL */
	uint8_t video_dir;		/* 0: that of the sound */
	bool overlap;			/* its numbers go on after SETUP */
	uint8_t hops;
};

extern const struct td_driver_ops fake_driver;

/** What the phone sends and hears: "PCMU,PCMA" and TD_DIR_*. */
void fake_desc(const struct fake_phone *p, struct td_media_desc *d, const char *codecs,
	       uint8_t dir);

/* Parts. Each says its line, posts, and lets the loop run until it is quiet. They return what
 * td_leg_post (or td_core_incoming) said; -ENOTCONN without a leg. */
int fake_dials(struct fake_phone *p, const char *to);	/* its new leg is the first one now */
int fake_dials_late(struct fake_phone *p, const char *to);	/* without an offer */
int fake_dials_portless(struct fake_phone *p, const char *to);	/* its address comes later */
/** Calls to take the place of that leg. */
int fake_replaces(struct fake_phone *p, const struct td_leg *leg);
/** ... to join that leg's call. */
int fake_barges(struct fake_phone *p, const struct td_leg *leg);
int fake_rings(struct fake_phone *p);
int fake_answers(struct fake_phone *p);		/* its media, then ANSWERED */
int fake_answers_bare(struct fake_phone *p);	/* ANSWERED alone */
int fake_sends_answer(struct fake_phone *p, const char *codecs, uint8_t dir);
int fake_offers(struct fake_phone *p, const char *codecs, uint8_t dir);
int fake_refuses(struct fake_phone *p);
int fake_needs_offer(struct fake_phone *p);
int fake_says(struct fake_phone *p, enum td_leg_event_type type);	/* hold, resume */
int fake_presses(struct fake_phone *p, char digit);
/** Wants the other party to talk to that number; or to whom that leg talks. */
int fake_transfers(struct fake_phone *p, const char *to);
int fake_joins(struct fake_phone *p, const struct td_leg *leg);
/** Wants whom that leg talks to in this call. */
int fake_confers(struct fake_phone *p, const struct td_leg *leg);
/** Wants the call to go to that number, and is out with this cause. */
int fake_redirects(struct fake_phone *p, const char *to, enum td_cause cause);
int fake_hangs_up(struct fake_phone *p, enum td_cause cause);
/** Use another leg of the phone for the parts above (the first one by default). */
void fake_use(struct fake_phone *p, unsigned int index);
void fake_run(struct fake_phone *p);

#endif
