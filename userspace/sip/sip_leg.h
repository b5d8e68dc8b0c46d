/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of the call half, and nowhere else: one object per side of a call.
 *
 *   sip_leg.c		 life of the object, dialog, release, what is left at the end
 *   sip_leg_in.c	 the party calls: INVITE in, 1xx reliable or not, 200, ACK, CANCEL
 *   sip_leg_invite.c	 we call the party: the INVITE
 *   sip_leg_out.c	 ... and its answers: forks, PRACK, CANCEL
 *   sip_leg_overlap.c	 ... digit by digit
 *   sip_leg_dial.c	 a phone, or a trunk, calls us digit by digit
 *   sip_leg_dialog.c	 requests of the party inside the dialog
 *   sip_leg_keys.c	 keys by KPML
 *   sip_leg_refer.c	 the party transfers its call
 *   sip_leg_auth.c	 a trunk challenges our requests in the dialog
 *   sip_leg_offer.c	 whose offer is open, our re-INVITE and UPDATE, glare
 *   sip_session_timer.c is the other end still there? (RFC 4028)
 *   sip_leg_save.c	 a leg that outlives the process
 *
 * Two lives end independently: the core's (RELEASED posted, later ops->destroy) and the
 * wire's (ACK, answer to BYE, answer to a cancelled INVITE still to come). The object is
 * freed when both have ended, from the loop, never below a callback of nta.
 */
#ifndef TD_SIP_LEG_H
#define TD_SIP_LEG_H

#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/loop.h"
#include "userspace/core/leg.h"
#include "userspace/sip/sip_priv.h"
#include "userspace/sip/sip_sdp.h"

enum sip_leg_state {
	SIP_LEG_NEW,
	SIP_LEG_RINGING,		/* 1xx with a To tag was sent or received */
	SIP_LEG_UNACKED,		/* we sent 200, no ACK yet */
	SIP_LEG_UP,
	SIP_LEG_LEAVING,		/* the core knows that it is over */
};

/* The one offer/answer exchange that may be open (RFC 3264 4). */
enum sip_offer {
	SIP_OFFER_IDLE,
	SIP_OFFER_THEIRS,		/* the core owes the answer: media() */
	SIP_OFFER_ASKED,		/* the core owes the offer: media() */
	SIP_OFFER_OURS,			/* the party owes the answer */
};

struct sip_dial;
struct sip_overlap;
struct sip_keys;

struct sip_leg {
	struct td_leg leg;		/* first: what the core sees */
	struct td_sip *sip;		/* NULL: the driver has stopped */
	struct td_list node;		/* in td_sip.legs */
	struct td_deferred free_later;

	uint8_t state;			/* enum sip_leg_state */
	uint8_t offer;			/* enum sip_offer */
	uint8_t transport;		/* enum sip_transport */
	bool caller : 1;		/* the party called us (UAS of the first INVITE) */
	bool told_released : 1;		/* RELEASED was posted */
	bool core_done : 1;		/* ops->destroy was called */
	bool dropped : 1;		/* handles are gone */
	bool counted : 1;		/* in td_sip.n_setups */
	bool tagged : 1;		/* outgoing: the dialog has the party's tag */
	bool alerting : 1;		/* ALERTING was posted, or alert() came */
	bool connect_held : 1;		/* 200 waits for PRACK */
	bool answered : 1;		/* the final answer to irq_invite was sent */
	bool answer_sent : 1;		/* our SDP went out reliably before the 200 */
	bool early_sent : 1;		/* our answer went out in a 1xx, reliably or not */
	bool answer_told : 1;		/* outgoing: MEDIA ANSWER was posted */
	bool late_offer : 1;		/* our offer is in the 1xx or 200 of their INVITE */
	bool on_request : 1;		/* the open exchange belongs to irq_request */
	bool bye_after_ack : 1;
	bool heard : 1;			/* outgoing: something has come back */
	bool cancelled : 1;		/* outgoing: CANCEL was sent */
	bool refer_open : 1;		/* a transfer that it asked for is going on ... */
	bool refer_quiet : 1;		/* ... and it wants no news of it */
	bool keyed : 1;			/* it dials, or has dialled, key by key */
	bool refreshing : 1;		/* orq_offer is a session refresh, not news of the core */
	/* what the party can do */
	bool can_100rel : 1, must_100rel : 1, can_update : 1, can_info : 1, can_timer : 1,
	     can_notify_keys : 1, can_kpml : 1;
	uint8_t unpracked;		/* reliable 1xx not yet acknowledged */
	uint8_t retries;		/* of the first INVITE after 422 */
	uint8_t glares;
	uint8_t n_hosts;		/* outgoing: of the trunk, that failed */

	/* nta's: destroyed in td_sip_leg_drop() or when their transaction has ended */
	nta_leg_t *dialog;
	nta_incoming_t *irq_invite;	/* their INVITE or re-INVITE, until its ACK */
	nta_incoming_t *irq_request;	/* their UPDATE or PRACK with an offer */
	nta_outgoing_t *orq_invite;	/* our first INVITE */
	nta_outgoing_t *orq_offer;	/* our re-INVITE or UPDATE */
	nta_outgoing_t *orq_bye;
	struct sip_dial *dial;		/* its number is not complete yet; or NULL */
	struct sip_overlap *overlap;	/* outgoing: its number goes digit by digit; or NULL */
	struct sip_keys *keys;		/* they go by KPML, one way or both; or NULL */
	sip_contact_t *contact;		/* ours; in the dialog's memory */
	char *uri;			/* outgoing: Request-URI until it is answered */
	bool auto_answer;		/* outgoing: the phone shall take the call by itself */
	struct td_media_desc *insist;	/* outgoing: our first offer, while it may be made again with
					 * RTP/SAVP; or NULL */
	char *diversion;		/* outgoing: headers that say who sent the call on, or NULL */
	char *identity;			/* outgoing: headers that tell a trunk who calls, or NULL */
	char *credentials;		/* outgoing: header that answers a trunk's challenge */
	char *answer;			/* header for a request in the dialog once more, or NULL */
	uint8_t n_challenges;		/* ... of that request */
	uint8_t hops;			/* outgoing: for a second INVITE after 422 */
	uint32_t refer_cseq;		/* of the REFER */
	uint32_t rseq;			/* outgoing: last reliable 1xx seen */

	char *id_call, *id_local, *id_remote;	/* the answered dialog's names, for its record */

	struct td_addr peer;		/* where the dialog comes from and goes to */
	bool direct;			/* send to peer rather than to their Contact */

	/* our side of the session */
	char *sdp;			/* text that is agreed; answers a refresh */
	char *sdp_offer;		/* text of ours that waits for its answer */
	struct td_media_desc *pending;	/* newest offer of the core: unsent, or in flight */
	bool pending_is_sent;		/* ... in flight: kept for another try after glare */
	struct sip_sdp_lines *lines;	/* NULL: audio is the only m-line, and was always */
	uint64_t sdp_id;
	uint32_t sdp_version;
	uint64_t remote_print;		/* td_sip_sdp_fingerprint() of what they said last */

	/* RFC 4028 */
	uint32_t session_s;		/* 0: no session timer */
	uint32_t min_se_s;		/* highest Min-SE seen */
	bool we_refresh;

	struct td_timer session_timer, glare_timer, cancel_timer, answer_timer;
};

static inline struct sip_leg *td_sip_leg_of(struct td_leg *leg)
{
	return td_container_of(leg, struct sip_leg, leg);
}

/* Headers that are the same in every message, built once. */
struct sip_leg_headers {
	sip_allow_t *allow;
	sip_supported_t *supported;
	sip_accept_t *accept;
	sip_content_type_t *sdp;
	sip_require_t *require_timer;
	sip_retry_after_t *retry_now;	/* 0..10 s, for requests that cross */
	sip_retry_after_t *retry_load;
	char user_agent[CFG_TEXT_LEN];
};

/* ---- sip_leg.c ---- */
extern const struct td_leg_ops td_sip_leg_ops;
const struct sip_leg_headers *td_sip_leg_headers(struct td_sip *sip);
struct sip_leg *td_sip_leg_new(struct td_sip *sip, struct td_endpoint *ep);
/** Its transport is known: may keys of SRTP be told to this party, and are they wanted? */
void td_sip_leg_set_srtp(struct sip_leg *l);
/** Free one that neither nta nor the core has ever seen in use. */
void td_sip_leg_discard(struct sip_leg *l);
/** Contact of ours in the dialog's memory. */
int td_sip_leg_make_contact(struct sip_leg *l, const char *user);
/** Where requests in the dialog go: NULL when their Contact or route set tells. */
const char *td_sip_leg_route(struct sip_leg *l, char dst[TD_ADDR_STRLEN + 32]);
/** The transport with the address that we told the party, for every request to it. */
tport_t *td_sip_leg_tport(const struct sip_leg *l);
/** Are keys told to it by NOTIFY: is that wanted, and has it said that it hears them? */
bool td_sip_leg_notifies_keys(const struct sip_leg *l);
/** What the party's message says about its abilities. */
void td_sip_leg_learn(struct sip_leg *l, const sip_t *s);
/** The party is gone: tell the core once; handles go when nothing is owed on the wire. */
void td_sip_leg_ended(struct sip_leg *l, enum td_cause cause);
/** Hang up on the wire from whatever state, and tell the core. */
void td_sip_leg_hangup(struct sip_leg *l, enum td_cause cause);
void td_sip_leg_bye(struct sip_leg *l, enum td_cause cause);
/** Free it if both lives have ended. At the end of every callback of nta. */
void td_sip_leg_settle(struct sip_leg *l);
void td_sip_leg_count(struct sip_leg *l, bool up);
/** A cancelled INVITE is waited for, but not for ever. */
void td_sip_leg_wait_cancelled(struct sip_leg *l);
/** To the core, unless it is over. */
void td_sip_leg_post(struct sip_leg *l, enum td_leg_event_type type);
void td_sip_leg_post_media(struct sip_leg *l, enum td_media_kind kind,
			   const struct td_media_desc *d);
/** One line per message at debug. */
void td_sip_leg_log(const struct sip_leg *l, const char *way, const char *what, int status);
/** SDP of a message, also inside multipart/mixed; false when there is none. -EINVAL in *err
 * for a body that must be understood and is not (415). */
bool td_sip_leg_body(const sip_t *s, const char **text, size_t *len, int *err);

/* ---- sip_leg_in.c ---- */
/** Digits of a URI's user part: "+49 (30) 12-34" is "+49301234". -ENODATA: none there; -EINVAL: a
 * name. */
int td_sip_dialled(const char *user, char dst[TD_NUMBER_LEN]);
/** The dialog of its INVITE, which was not there before. */
int td_sip_leg_in_dialog(struct sip_leg *l);
int td_sip_leg_alert(struct td_leg *leg);
int td_sip_leg_connect(struct td_leg *leg);
/** The answer or offer for the open first INVITE is there: send what waited for it. */
void td_sip_leg_in_ready(struct sip_leg *l);
void td_sip_leg_in_refuse(struct sip_leg *l, int status, const char *phrase, enum td_cause cause);
int td_sip_leg_on_invite(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s);
/** A caller's Contact, new or changed: may requests go to it, or to the source? */
void td_sip_leg_direct(struct sip_leg *l, const sip_t *s);

/* ---- sip_leg_dial.c ---- */
/** Shall the caller be asked for more keys than its INVITE carries? */
bool td_sip_dial_wanted(const struct sip_leg *l, const sip_t *s, const struct td_setup *setup);
/** Ask; the core hears of the call when its number is complete. -ENOMEM, -EIO: refuse it;
 * the core has heard nothing. */
int td_sip_dial_start(struct sip_leg *l, const struct td_leg_event *setup);
/** NOTIFY in the dialog. */
int td_sip_dial_on_notify(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s);
/** Something rings, or the call is over: the phone shall not collect keys any more. */
void td_sip_dial_over(struct sip_leg *l);
void td_sip_dial_free(struct sip_leg *l);
/** What is the number so far, of a trunk that dials digit by digit? MATCH: nothing to wait for,
 * also of others. An INVITE before this one with fewer digits is refused. */
enum td_dial td_sip_dial_by_trunk(struct sip_leg *l, const sip_t *s, const struct td_setup *setup);
/** The trunk's INVITE waits for a longer one, then goes to the core, which has heard nothing.
 * -ENOMEM. */
int td_sip_dial_hold(struct sip_leg *l, const sip_t *s, const struct td_leg_event *setup);

/* ---- sip_leg_invite.c ---- */
int td_sip_leg_setup(struct td_leg *leg, const struct td_setup *s);
/** Call the longer number with an INVITE more; l->orq_invite is free for it. */
int td_sip_leg_invite_longer(struct sip_leg *l, const char *number);
/** Once more, as the leg is now. */
int td_sip_leg_send_invite(struct sip_leg *l);
/** The next INVITE goes to another host of the trunk (RFC 3263 4.3). False: there is none. */
bool td_sip_leg_use_other_host(struct sip_leg *l);

/* ---- sip_leg_out.c ---- */
/** Of the INVITE that we sent; nta calls it. */
int td_sip_leg_on_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s);
/** A 2xx to an INVITE that nothing is wanted of any more: ACK and BYE. */
void td_sip_leg_not_wanted(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s);
void td_sip_leg_cancel(struct sip_leg *l, enum td_cause cause);
void td_sip_leg_ack(struct sip_leg *l, nta_leg_t *dialog, uint32_t cseq);

/* ---- sip_leg_overlap.c ---- */
/** More digits may follow those in number, which an INVITE is about to be sent with. -ENOMEM. */
int td_sip_overlap_begin(struct sip_leg *l, const char *number);
/** All digits so far; NULL: there come no more, the number is what the first INVITE said. */
const char *td_sip_overlap_number(const struct sip_leg *l);
/** 0; or negative, and the leg has ended. */
int td_sip_overlap_digit(struct sip_leg *l, char digit);
/** An answer to an INVITE of the leg. False: the leg goes on with it, it is to orq_invite. */
bool td_sip_overlap_answer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s, int status);
/** The leg ends: cancel what is open beside orq_invite. */
void td_sip_overlap_over(struct sip_leg *l);
/** Are answers to INVITEs with fewer digits still to come? */
bool td_sip_overlap_owes(const struct sip_leg *l);
void td_sip_overlap_free(struct sip_leg *l);

/* ---- sip_leg_dialog.c ---- */
int td_sip_leg_on_request(struct sip_leg *l, nta_leg_t *dialog, nta_incoming_t *irq,
			  const sip_t *s);
int td_sip_leg_info(struct td_leg *leg, const struct td_info *info);

/* ---- sip_leg_keys.c ---- */
/** The call is up: subscribe to the party's keys, if they are to come so. */
void td_sip_keys_begin(struct sip_leg *l);
/** NOTIFY of Event kpml, and SUBSCRIBE, in the dialog: the status. */
int td_sip_keys_on_notify(struct sip_leg *l, const sip_t *s);
int td_sip_keys_on_subscribe(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s);
/** -EOPNOTSUPP: the party has not asked. */
int td_sip_keys_tell(struct sip_leg *l, char digit);
/** The call is over: say so while there is a dialog. */
void td_sip_keys_over(struct sip_leg *l);
void td_sip_keys_free(struct sip_leg *l);

/* ---- sip_leg_refer.c ---- */
int td_sip_leg_on_refer(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s);
/** What becomes of the transfer that the party asked for. */
void td_sip_leg_tell_refer(struct sip_leg *l, const struct td_info *info);
/** Its INVITE takes the place of a dialog of its own: 0, or the status to refuse with. */
int td_sip_leg_joins(struct sip_leg *l, const sip_t *s, struct td_setup *setup);
int td_sip_leg_replaces(struct sip_leg *l, const sip_replaces_t *rp, struct td_setup *setup);
/** The leg whose dialog is meant, or NULL. */
struct td_leg *td_sip_leg_replaced(struct td_sip *sip, const sip_replaces_t *rp);

/* ---- sip_leg_auth.c ---- */
/** The answer to our request in the dialog is a challenge that can be met: send it again with
 * l->answer. Any other final answer ends the count of challenges. */
bool td_sip_leg_challenged(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *s);

/* ---- sip_leg_offer.c ---- */
int td_sip_leg_media(struct td_leg *leg, const struct td_media_desc *local);
/** Take SDP out of a message. 0 when there is none or it is fine (then *out is filled and true
 * is in *there); else the status to refuse with. */
int td_sip_offer_read(const struct sip_leg *l, const sip_t *s, struct sip_sdp *out, bool *there);
/** A party's description counts from now on: m-lines and fingerprint are kept. */
int td_sip_offer_accept(struct sip_leg *l, const struct sip_sdp *sdp, bool answer);
/** Their request on irq carries (or asks for) an offer; 0 = answered later or now, else status. */
int td_sip_offer_received(struct sip_leg *l, nta_incoming_t *irq, const sip_t *s, bool invite);
/** Write d as our text; the version moves only when something changed. NULL: no memory. */
char *td_sip_offer_text(struct sip_leg *l, const struct td_media_desc *d);
/** 2xx to an INVITE, UPDATE or PRACK of the party, with SDP when text is not NULL. */
void td_sip_offer_reply(struct sip_leg *l, nta_incoming_t *irq, int status, const char *phrase,
			const char *text);
/** Send the pending offer if that is possible now. */
void td_sip_offer_flush(struct sip_leg *l);
/** Refresh the session (RFC 4028 10). False: another exchange is open. */
bool td_sip_offer_refresh(struct sip_leg *l);
/** An exchange has ended well: the text in flight is what is agreed. */
void td_sip_offer_agreed(struct sip_leg *l);

/* ---- sip_leg_save.c ---- */

/** Remember who the dialog is between, from a message of it: theirs or ours. */
void td_sip_leg_identify(struct sip_leg *l, const sip_t *s, bool theirs);
void td_sip_leg_forget_identity(struct sip_leg *l);
void td_sip_leg_save(struct td_leg *leg, struct td_buf *b);
struct td_leg *td_sip_restore_leg(void *driver, struct td_endpoint *ep, const struct td_addr *local,
				  struct td_buf *state);
/** The party of an orphaned leg spoke, from there. */
void td_sip_leg_heard(struct sip_leg *l, const struct td_addr *source);
/** Before we speak to the party of an orphaned leg: where is it now? */
void td_sip_leg_find(struct sip_leg *l);

/* ---- sip_session_timer.c ---- */

/** Session-Expires, Min-SE and Require of one message. */
struct sip_timer_headers {
	sip_session_expires_t se[1];
	sip_min_se_t min[1];
	bool has_se, has_min, require;
};

/** Is the party's interval long enough? 0, or 422 and the Min-SE in h. */
int td_sip_timer_check(struct sip_leg *l, const sip_t *s, struct sip_timer_headers *h);
/** Their request is answered with 2xx: settle who refreshes; headers for the answer. */
void td_sip_timer_uas(struct sip_leg *l, const sip_t *request, struct sip_timer_headers *h);
/** Headers of a request of ours. */
void td_sip_timer_request(struct sip_leg *l, struct sip_timer_headers *h);
/** The 2xx to a request of ours. */
void td_sip_timer_uac(struct sip_leg *l, const sip_t *answer);
/** 422: false when there is nothing to learn from it. */
bool td_sip_timer_too_small(struct sip_leg *l, const sip_t *answer);
void td_sip_timer_stop(struct sip_leg *l);
/** The leg was restored: a whole interval from now on. */
void td_sip_timer_again(struct sip_leg *l);

#endif
