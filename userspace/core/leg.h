/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port 1 of the core: the contract between call control and a signalling driver. The
 * core speaks seven verbs (td_leg_ops) and hears these events (td_leg_post). Only
 * protocol-free values cross: parties, digits, media descriptions, causes.
 *
 * Life of a leg: the driver makes the object with the leg inside. Whoever starts, the
 * end is always: release() (or the party hung up) -> the driver posts exactly one
 * RELEASED -> the core calls destroy(). Events are queued per call, so an order never
 * runs the core below itself.
 *
 * Offer and answer: media(leg, d) means, in this order, the answer to the party's open
 * offer; the offer the party asked for (NEED_OFFER); else a new offer of ours. d = NULL
 * refuses an open offer. A driver that cannot send an offer right now (its own or the
 * party's transaction is open, glare) keeps the newest one and sends it when it can.
 *
 * Features: a phone dials them (core.h, td_core_dial: codes, park slots, conferences), or its
 * driver posts TRANSFER, PARK, CONFERENCE when it has keys for them. Hold with music is hold.
 *
 * A caller whose port is opened only when the codec is agreed sets rtp_later in SETUP's
 * media, and tells its address by an OFFER of its own when media() has named the codec.
 */
#ifndef TD_CORE_LEG_H
#define TD_CORE_LEG_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/buf.h"
#include "userspace/base/list.h"
#include "userspace/core/cause.h"
#include "userspace/core/media_desc.h"

struct td_leg;
struct td_call;
struct td_core;
struct td_endpoint;

#define TD_NUMBER_LEN 64
#define TD_NAME_LEN   64

struct td_party {
	char number[TD_NUMBER_LEN];
	char name[TD_NAME_LEN];
};

/* Why a call went on to somebody else (RFC 5806's reasons). */
enum td_divert_reason {
	TD_DIVERT_UNCONDITIONAL, TD_DIVERT_BUSY, TD_DIVERT_NO_ANSWER, TD_DIVERT_UNREACHABLE,
	TD_DIVERT_DEFLECTED		/* the phone itself did it */
};

/** Who sent a call on, last. */
struct td_diversion {
	char by[TD_NUMBER_LEN];
	uint8_t reason;			/* enum td_divert_reason */
	uint8_t count;			/* how often it went on; 0 = never */
};

/* What a caller wants with the number. */
enum td_use {
	TD_USE_CALL, TD_USE_PICKUP,	/* the call that rings at it */
	TD_USE_PICKUP_GROUP, TD_USE_PICKUP_LOCAL	/* that rings in the group; in the caller's own */
};

/** What a call is set up with, in both directions. */
struct td_setup {
	struct td_party from;
	struct td_party to;		/* number as dialled; name when known */
	uint8_t use;			/* enum td_use; from phones only */
	struct td_diversion diverted;
	bool auto_answer;		/* the phone takes the call by itself, loud ... */
	bool auto_heard;		/* ... and its user is heard without having done anything */
	bool auto_first;		/* ... also when it talks: that call is held */
	bool hidden;			/* to a trunk: its called party must not learn of from */
	bool overlap;			/* the number may go on by digits; see td_core_overlaps() */
	uint8_t hops;			/* left, as SIP's Max-Forwards; 0 is not passed on */
	/* from the party: its own leg in another call, whose place it takes; or, on a line that it
	 * shares with another phone, that one's: a held one's place is taken, and with barge who talks
	 * gets company. 0 = an ordinary call */
	uint32_t replaces_call, replaces_leg;
	bool barge;
	bool has_media;			/* false: the caller wants us to make the offer */
	struct td_media_desc media;
};

enum td_info_kind { TD_INFO_DIGIT, TD_INFO_PARTY, TD_INFO_TRANSFER };

enum td_transfer_state { TD_TRANSFER_TRYING, TD_TRANSFER_RINGING, TD_TRANSFER_DONE,
			 TD_TRANSFER_FAILED };

struct td_info {
	enum td_info_kind kind;
	/* of the transfer that this party has asked for; after DONE it is released, after FAILED
	 * the call is as it was before */
	enum td_transfer_state transfer;
	enum td_cause cause;
	char digit;			/* 0-9 * # A-D */
	uint16_t duration_ms;
	struct td_party party;		/* the connected name has changed; of a transfer that is
					 * done: to whom, or to which slot */
};

struct td_leg_ops {
	const char *protocol;		/* "sip": for show and logs */
	bool udptl;			/* it can be told of a fax (td_media_desc.udptl) */
	bool video;			/* it can be told of video (td_media_desc.video) */
	bool around;			/* its party can send to the other one, not to us; from then on
					 * media() tells it of addresses that are not ours */
	bool keys_apart;		/* its party's keys come as DIGIT and never in its media */
	/* Req: call this party; s->media is our offer. Later: ALERTING, ANSWERED or RELEASED. */
	int (*setup)(struct td_leg *leg, const struct td_setup *s);
	/* Opt: the other party is ringing. */
	int (*alert)(struct td_leg *leg);
	/* Req: the other party answered; media() came before unless the media failed. */
	int (*connect)(struct td_leg *leg);
	/* Req: see "Offer and answer" above. */
	int (*media)(struct td_leg *leg, const struct td_media_desc *local);
	/* Opt: digit, connected name. */
	int (*info)(struct td_leg *leg, const struct td_info *info);
	/* Req: hang up. Exactly one RELEASED must follow. Allowed in every state. */
	void (*release)(struct td_leg *leg, enum td_cause cause);
	/* Opt: write what it takes to go on with this answered leg in another process. Without it
	 * calls with such a leg end with the process. Told when to by td_leg_changed(); out->err
	 * -EAGAIN: not yet, there will be another change. */
	void (*save)(struct td_leg *leg, struct td_buf *out);
	/* Opt: another router goes on with this leg. destroy() follows, and must not say goodbye. */
	void (*abandon)(struct td_leg *leg);
	/* Req: the core is done; free the driver's object. Called once, after RELEASED. */
	void (*destroy)(struct td_leg *leg);
};

enum td_leg_event_type {
	TD_LEG_SETUP,			/* .setup: the party calls */
	TD_LEG_DIGIT,			/* .digit: dialled or pressed, out of band */
	TD_LEG_ALERTING,		/* it rings */
	TD_LEG_ANSWERED,
	TD_LEG_MEDIA,			/* .media */
	TD_LEG_HOLD,			/* drivers without media descriptions of their own */
	TD_LEG_RESUME,
	TD_LEG_TRANSFER,		/* .transfer: the party wants the other one to talk to
					 * somebody else; info() tells what becomes of it */
	TD_LEG_PARK,			/* the other one shall wait in a free park slot; the same */
	TD_LEG_CONFERENCE,		/* .transfer names another call of this phone: whom it talks
					 * to there joins; the leg there is released */
	TD_LEG_REDIRECT,		/* .redirect_to: it does not answer, and wants the call to go
					 * there; RELEASED follows */
	TD_LEG_INFO,			/* .info */
	TD_LEG_RELEASED,		/* .cause; the last event of a leg */
	TD_LEG_EVENTS
};

enum td_media_kind {
	TD_MEDIA_OFFER,			/* desc: answer it with media() */
	TD_MEDIA_ANSWER,		/* desc: to our offer, also early (before ANSWERED) */
	TD_MEDIA_NEED_OFFER,		/* the party wants an offer from us: media() */
	TD_MEDIA_REFUSED		/* our offer was refused; what was agreed before stays */
};

/** Blind: to a number. With consultation: to whom the same phone talks in another call. */
struct td_transfer {
	char to[TD_NUMBER_LEN];
	uint32_t call_id, leg_id;	/* the phone's leg in that other call; 0 = blind */
};

struct td_leg_event {
	enum td_leg_event_type type;
	enum td_media_kind media_kind;
	enum td_cause cause;
	char digit;
	uint16_t duration_ms;
	union {
		struct td_setup setup;
		struct td_media_desc media;
		struct td_info info;
		struct td_transfer transfer;
		char redirect_to[TD_NUMBER_LEN];
	};
};

/** The core's view of a leg, at the head of the driver's object. Drivers fill ops, ep and
 * local before posting or returning it; the rest belongs to the core. */
struct td_leg {
	const struct td_leg_ops *ops;
	struct td_endpoint *ep;		/* who it is with; may be NULL for strangers */
	struct td_addr local;		/* our address in signalling with this party */
	struct td_call *call;
	struct td_list node;		/* in the call */
	uint32_t id;
	struct td_party party;
	uint8_t state;			/* enum td_leg_state, core's own */
	uint8_t dtmf;			/* enum cfg_dtmf: how it is told of digits, by its endpoint or the
					 * dial peer by which it was called */
	uint8_t srtp;			/* enum td_srtp_use: what the operator wants with this party; the
					 * driver's word, a dial peer may have another */
	bool complete;			/* the driver's: digits are no part of its number any more */
	bool secret;			/* the driver's: keys may be told to it */
	bool released;			/* RELEASED was posted: nothing more may come */
	bool orphaned;			/* the driver's: its connection ended with an earlier process */
	bool has_remote, has_local;
	struct td_media_desc *remote;	/* last agreed; owned by the core */
	struct td_media_desc *local_desc;
	void *core_priv;
};

/**
 * td_leg_post - tell the core. Copies ev; runs later from the loop. After RELEASED
 * further events are refused (-ESHUTDOWN). -ENOMEM: the core releases the call.
 */
int td_leg_post(struct td_leg *leg, const struct td_leg_event *ev);
/** Shorthands. */
int td_leg_post_simple(struct td_leg *leg, enum td_leg_event_type type);
int td_leg_post_media(struct td_leg *leg, enum td_media_kind kind, const struct td_media_desc *d);
int td_leg_post_released(struct td_leg *leg, enum td_cause cause);

/** The call and the leg by number, for td_transfer. 0 when it is in none. */
uint32_t td_leg_call_id(const struct td_leg *leg);
/** What save() would write is another thing now. Cheap; written once per turn of the loop. */
void td_leg_changed(struct td_leg *leg);
/** For save() and restore(). */
void td_keep_put_addr(struct td_buf *b, const struct td_addr *a);
void td_keep_get_addr(struct td_buf *b, struct td_addr *a);

/** An incoming leg enters the core: gives it an id and a call; SETUP must be posted next. When
 * -EBUSY (max calls) or -ENOMEM the driver refuses the party itself and frees the leg. */
int td_core_incoming(struct td_core *core, struct td_leg *leg);

#endif
