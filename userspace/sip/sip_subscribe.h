/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/sip: who is told what goes on at a number, by NOTIFY.
 *
 *	SUBSCRIBE -> sip_subscribe.c (a dialog, its end, show)
 *	core/watch.h -> sip_subscribe_notify.c: one NOTIFY at a time, the newest state in it
 *	sip_subscribe_implicit.c: phones that are told unasked, by what is configured
 */
#ifndef TD_SIP_SUBSCRIBE_H
#define TD_SIP_SUBSCRIBE_H

#include "userspace/core/watch.h"
#include "userspace/sip/sip_priv.h"

enum sip_event { SIP_EVENT_PRESENCE, SIP_EVENT_DIALOG, SIP_EVENTS };

/* Ids of the two kinds, as show prints them, never meet. */
#define SIP_SUB_FIRST_IMPLICIT 1000000u

struct sip_sub {
	struct td_list node;		/* in sip_subs.all */
	struct td_list of_phone;	/* in sip_phone.subs */
	struct td_sip *sip;
	struct sip_phone *phone;	/* who is told */
	uint32_t id;
	uint8_t event;			/* enum sip_event */
	char event_text[48];		/* Event of its NOTIFYs */
	char number[CFG_NUMBER_LEN];	/* what is watched */
	struct td_watch watch;
	/* of one that was asked for: */
	nta_leg_t *dialog;		/* NULL: told unasked */
	struct td_addr peer, local;
	enum sip_transport transport;
	char contact[SIP_URI_LEN + 2];
	uint64_t until_ms;
	struct td_timer expiry;
	nta_outgoing_t *orq;		/* its NOTIFY is under way */
	bool in_flight, again;		/* one is under way; what it said is old */
	uint32_t version;		/* of dialog-info */
	uint64_t n_notified;
};

/* ---- sip_subscribe.c ---- */

void td_sip_subs_init(struct td_sip *sip);
void td_sip_subs_fini(struct td_sip *sip);
void td_sip_on_subscribe(struct td_sip *sip, msg_t *msg, sip_t *s);
/** NULL: no memory. It is not told yet. */
struct sip_sub *td_sip_sub_new(struct sip_phone *phone, enum sip_event event, const char *number);
void td_sip_sub_free(struct sip_sub *sub);
/** All of a phone; implicit: only those that it did not ask for. */
void td_sip_subs_drop(struct sip_phone *phone, bool implicit);

/* ---- sip_subscribe_notify.c ---- */

/** Tell it how things are, now or when the one under way is answered. */
void td_sip_sub_notify(struct sip_sub *sub);
/** The last one (RFC 6665 4.2.2); reason: "timeout", "noresource" ... The subscription stays. */
void td_sip_sub_goodbye(struct sip_sub *sub, const char *reason);

/* ---- sip_subscribe_implicit.c ---- */

/** The phone has negotiated what it is told unasked: begin, or begin anew. */
void td_sip_subs_implicit(struct sip_phone *phone);

#endif
