/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/sccp and nowhere else. Who calls whom:
 *
 *   sccp_listen.c -> sccp_session.c (bytes, frames) -> sccp_input.c (which message goes where)
 *     -> sccp_register.c (who is it) -> sccp_boot.c (what a starting phone asks)
 *     -> sccp_keys.c (what the user does) -> sccp_call.c (a call on the phone),
 *        sccp_feature.c (transfer and the like)
 *        sccp_shared.c (what other phones do on shared lines)
 *          -> sccp_display.c (what the user sees and hears), sccp_channel.c (RTP),
 *             sccp_leg.c (the core)
 *   sccp_keep.c, sccp_leg_save.c: what outlives the process
 */
#ifndef TD_SCCP_PRIV_H
#define TD_SCCP_PRIV_H

#include <string.h>
#include <sys/types.h>
#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/snapshot.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"
#include "userspace/core/watch.h"
#include "userspace/sccp/sccp.h"
#include "userspace/sccp/sccp_enum.h"
#include "userspace/sccp/sccp_frame.h"
#include "userspace/sccp/sccp_msg.h"
#include "userspace/sccp/sccp_type.h"

/* ---- named timers ---- */

enum sccp_timer {
	SCCP_T_STRANGER, SCCP_T_PART, SCCP_T_PROBE, SCCP_T_BOOT, SCCP_T_LINGER, SCCP_T_CHANNEL,
	SCCP_TIMERS
};

extern const struct td_timerdef td_sccp_timerdefs[SCCP_TIMERS];	/* sccp.c */

/* ---- the room ---- */

#define SCCP_LISTENERS 4

struct sccp_stats {
	uint64_t accepted, refused_host, closed_bad_frame, closed_silent, closed_slow,
		 closed_tls;
	uint64_t frames, unknown, malformed, unexpected;
	uint64_t registered, rejected, replaced, calls_out, calls_in;
};

struct td_sccp {
	struct td_loop *loop;
	struct td_core *core;
	struct td_identity *identity;
	void (*refused)(void *arg, const struct td_addr *host, const char *device,
			const char *reason);
	void *refused_arg;
	const struct td_config *config;
	const struct td_sccp_holder *holder;	/* NULL: nothing outlives the process */
	void *holder_arg;
	struct snapshot *keep;
	struct sccp_listener {
		int fd;			/* -1: not listening */
		uint16_t port;
	} listener[SCCP_LISTENERS];	/* IPv4, IPv6; the same with TLS */
	struct ssl_ctx_st *tls;		/* NULL: there is no TLS */
	struct td_timer accept_again;	/* out of descriptors */
	struct td_map phones_by_id, phones_by_mac;
	struct td_list sessions;	/* newest last; for show and the end */
	size_t n_sessions;
	struct td_map hosts;		/* struct sccp_host.node, by address */
	size_t n_registered;
	size_t n_promised;		/* tokens that were given, and not used yet */
	struct td_store *store;
	int auto_table;			/* -1: none */
	struct td_map auto_by_number;	/* struct sccp_phone.by_number */
	struct td_list attempts;	/* newest first */
	size_t n_attempts;
	struct td_list resetting;	/* struct sccp_phone.reset_node, told one after the other */
	struct td_timer reset_tick;
	uint32_t last_ref, last_party;
	struct sccp_stats n;
	void (*debug)(void *arg, const char *line);
	void *debug_arg;
	uint8_t in[65536];		/* what was read last; nothing of it is kept */
};

/* ---- sccp_listen.c ---- */

/** Where connections come from, to count them. */
struct sccp_host {
	struct td_map_node node;
	uint8_t ip[16];
	uint32_t sessions;
};

int td_sccp_listen(struct td_sccp *sccp, char *why, size_t why_len);
void td_sccp_unlisten(struct td_sccp *sccp);
/** One connection more, one less. NULL: no memory. */
struct sccp_host *td_sccp_host_get(struct td_sccp *sccp, const struct td_addr *peer);
void td_sccp_host_put(struct td_sccp *sccp, struct sccp_host *host);
/** An earlier process's: of the family i (0: IPv4, 1: IPv6). fd is taken. */
void td_sccp_listen_again(struct td_sccp *sccp, int i, int fd);

/* ---- sccp_session.c ---- */

struct sccp_phone;

struct sccp_session {
	struct td_list node;
	struct td_sccp *sccp;
	int fd;				/* -1: closed, waits to be freed */
	struct td_addr peer, local;
	struct sccp_host *host;
	struct ssl_st *tls;		/* NULL: plain TCP */
	bool tls_wants_write;		/* to read or write on it must send */
	struct sccp_reader in;
	uint8_t *out;
	size_t out_len, out_cap;
	struct td_deferred flush, reap, save;
	uint32_t place;			/* its record and the id by which it is held; 0 = none */
	struct td_timer watch;
	unsigned int events;		/* TD_READ, TD_WRITE as watched */
	uint64_t born_ms, heard_ms, part_ms;
	struct sccp_phone *phone;	/* registered as; NULL before */
	struct sccp_phone *wants;	/* waits for the phone: its old session is probed, or it is
					 * written down that it is there */
	struct td_list wants_node;
	struct td_timer probe;
	bool stands_by;			/* a phone's to its second router: it only keeps alive */
	struct sccp_phone *promised;	/* it got a token: one of max_phones is kept for it */
	bool leaving;			/* close when all is sent */
	bool booted;			/* it has asked all it wanted */
	bool utf8;
	struct td_addr told[2];		/* its addresses as it said at registration: IPv4, IPv6 */
	uint32_t keepalives;		/* of them heard, by this process */
	uint8_t version;		/* of the protocol, as agreed */
	uint8_t features[3];
	uint32_t type;
	char device[SCCP_DEVICE_LEN];
	char load[33];
};

struct sccp_session *td_sccp_session_new(struct td_sccp *sccp, int fd, const struct td_addr *peer,
					 const struct td_addr *local, struct sccp_host *host,
					 bool tls);
/** From now on it is dead: nothing is read or sent; its phone is told. Freed from the loop. */
void td_sccp_session_close(struct sccp_session *s, const char *why);
/** Close when everything is sent, or after a while. */
void td_sccp_session_leave(struct sccp_session *s);
/** At the end of the room: freed now. */
void td_sccp_session_free(struct sccp_session *s);
/** Queue a message; sent when the loop comes round. The id of the static form is given. */
void td_sccp_send(struct sccp_session *s, struct sccp_msg *m);
/** Shorthands for messages without fields, with one, with line and reference. */
void td_sccp_send_bare(struct sccp_session *s, uint32_t id);
void td_sccp_send_number(struct sccp_session *s, uint32_t id, uint32_t value);
void td_sccp_send_call(struct sccp_session *s, uint32_t id, uint32_t line, uint32_t ref);
/** UTF-8 as this phone can show it, cut to fit. Bytes below 0x20 and labels do not pass. */
void td_sccp_text(const struct sccp_session *s, char *dst, size_t size, const char *text);

/** Send what waits, now. */
void td_sccp_session_flush(struct sccp_session *s);

/* ---- sccp_tls.c ---- */

/** As the configuration says; -errno: it is logged why not, and what was there stays. */
int td_sccp_tls_configure(struct td_sccp *sccp);
void td_sccp_tls_fini(struct td_sccp *sccp);
int td_sccp_tls_open(struct sccp_session *s);
void td_sccp_tls_close(struct sccp_session *s);
/** Is the handshake over? */
bool td_sccp_tls_is_open(const struct sccp_session *s);
/** As recv(2) and send(2). */
ssize_t td_sccp_tls_recv(struct sccp_session *s, void *data, size_t len);
ssize_t td_sccp_tls_send(struct sccp_session *s, const void *data, size_t len);

/* ---- sccp_keep.c ---- */

int td_sccp_keep_open(struct td_sccp *sccp, const char *path);
/** Take over what is held. */
void td_sccp_keep_restore(struct td_sccp *sccp);
/** From now on this connection outlives the process. */
void td_sccp_keep_session(struct sccp_session *s);
/** What a next process has to know of it is another thing now: written once per turn of the loop,
 * or at once. Nothing happens for a connection that is not kept; NULL is fine. */
void td_sccp_keep_changed(struct sccp_session *s);
void td_sccp_keep_write(struct sccp_session *s);
/** The connection ends; before its descriptor is closed. */
void td_sccp_keep_forget(struct sccp_session *s);
void td_sccp_keep_listener(struct td_sccp *sccp, int i, int fd);
void td_sccp_keep_drop_listener(struct td_sccp *sccp, int i, int fd);

/* ---- sccp_input.c ---- */

/** One message of a phone; malformed and unknown ones were counted already. */
void td_sccp_on_message(struct sccp_session *s, struct sccp_msg *m);

/* ---- sccp_phone.c ---- */

struct sccp_call;
struct sccp_leg;

/** A button that is no line. */
struct sccp_key_button {
	uint32_t button;		/* 1.. */
	uint8_t stimulus;		/* enum sccp_stimulus */
	char target[CFG_NUMBER_LEN];	/* number to call, to watch; may be empty */
	char label[CFG_LABEL_LEN + 1];
};

struct sccp_phone {
	struct td_map_node by_id, by_mac;
	struct td_sccp *sccp;
	struct td_endpoint *ep;
	char id[CFG_ID_LEN];
	char load[CFG_TEXT_LEN];
	uint8_t mac[6];
	struct td_addr address;
	struct sccp_session *session;
	struct td_list calls;		/* struct sccp_call.node, oldest first */
	struct td_list orphans;		/* struct sccp_leg.orphan_node */
	struct td_list shared;		/* struct sccp_shared.node, of other phones */
	struct sccp_call *active;	/* whose audio is in the user's ear */
	struct td_list reset_node;
	struct sccp_session *promised;	/* has a token to be it */
	struct td_list wanted;		/* struct sccp_session.wants_node: want to be it */
	/* sccp_auto.c: it has registered by itself */
	bool automatic, retired;	/* retired: it is a configured one by now */
	uint64_t ticket;		/* of the store, 0 = it is written down */
	struct td_map_node by_number;
	struct td_deferred retire;
	uint8_t reset;			/* enum sccp_reset to send when it is idle; 0 = none */
	uint8_t n_caps;
	uint8_t cap[SCCP_CAPS];		/* enum sccp_payload up to 255 */
	uint8_t keys[SCCP_SETS][SCCP_SET_KEYS];	/* enum sccp_key; 0 = blank */
	char redial[CFG_NUMBER_LEN];
	bool dnd;			/* the user does not want calls */
	bool dnd_silent;		/* they are shown then, and do not ring; else they are refused */
	struct sccp_key_button *buttons;	/* instance - 1 is the index */
	size_t n_buttons;
	uint32_t page;			/* sccp_page.c: party by which it hears a group; 0 = none */
	struct sccp_watch *watches;	/* sccp_watch.c; while it is registered */
	size_t n_watches;
};

void td_sccp_phones_init(struct td_sccp *sccp);
void td_sccp_phones_fini(struct td_sccp *sccp);
struct sccp_phone *td_sccp_phone_by_id(struct td_sccp *sccp, const char *id);
struct sccp_phone *td_sccp_phone_by_mac(struct td_sccp *sccp, const uint8_t mac[6]);
/* ---- sccp_page.c ---- */

/** td_driver_ops.page */
int td_sccp_page(void *driver, struct td_endpoint *ep, const struct cfg_paging *page);
/** Something else comes into the ear, or its session is gone. */
void td_sccp_page_leave(struct sccp_phone *phone);
void td_sccp_page_on_ack(struct sccp_phone *phone, const struct sccp_msg *m);

/** Its session is there (again) or gone: state for show, calls ended. */
void td_sccp_phone_attach(struct sccp_phone *phone, struct sccp_session *s);
void td_sccp_phone_detach(struct sccp_phone *phone);
void td_sccp_phone_booted(struct sccp_phone *phone);
/** The phone's lines by instance, 1..; NULL: it has none of that number. */
const struct td_endpoint_line *td_sccp_phone_line(const struct sccp_phone *phone, uint32_t line);
/** Nothing is on: what waited for this is done. */
void td_sccp_phone_idle(struct sccp_phone *phone);
bool td_sccp_phone_may_come(const struct sccp_phone *phone, const struct td_addr *host);

/** What td_sccp_phone_set() does, with the numbers of another model. */
int td_sccp_phone_apply(struct td_sccp *sccp, const struct td_config *config,
			const struct cfg_phone *cfg);
/** Let it start again as soon as nobody talks, one after the other. */
void td_sccp_phone_want_reset(struct sccp_phone *phone, bool hard);
/** Take it away, its session and all. */
void td_sccp_phone_free(struct sccp_phone *phone);

/* ---- sccp_auto.c ---- */

/** Phones that an earlier process has let in. -errno. */
int td_sccp_auto_start(struct td_sccp *sccp);
void td_sccp_auto_stop(struct td_sccp *sccp);
/** A new configuration may have given their numbers to others. */
void td_sccp_auto_configure(struct td_sccp *sccp);
/** Why a device that is not configured may not come in, for its display; NULL: it may. */
const char *td_sccp_auto_refusal(const struct sccp_session *s, const uint8_t mac[6]);
/** Make it a phone; to be welcomed when ticket is decided (td_sccp_register_decided). NULL: no
 * number is free, or no memory. */
struct sccp_phone *td_sccp_auto_add(struct td_sccp *sccp, const uint8_t mac[6], uint32_t type);
/** The configuration has a phone of its name: it is that from now on. */
void td_sccp_auto_adopted(struct sccp_phone *phone);
/** Another phone of the configuration has its MAC now: it goes when nobody talks, and is forgotten at once. */
void td_sccp_auto_retire(struct sccp_phone *phone);
/** Its session has ended. */
void td_sccp_auto_detached(struct sccp_phone *phone);

/* ---- sccp_register.c, sccp_attempts.c ---- */

/** It is decided whether an automatic phone is kept: those who wait to be it go on. */
void td_sccp_register_decided(struct sccp_phone *phone, int err);
/** The token that it got is used, or of no use any more. */
void td_sccp_register_release(struct sccp_session *s);
/** No more waiting for a phone. */
void td_sccp_register_forget(struct sccp_session *s);

/** The MAC that a device is named after; false: not such a name. */
bool td_sccp_device_mac(const char *device, uint8_t mac[6]);
void td_sccp_on_register(struct sccp_session *s, const struct sccp_msg *m);
void td_sccp_on_token(struct sccp_session *s, const struct sccp_msg *m);
void td_sccp_on_unregister(struct sccp_session *s);
void td_sccp_attempt(struct td_sccp *sccp, const struct sccp_session *s, const char *device,
		     uint32_t type, const char *reason);

/* ---- sccp_boot.c, sccp_time.c ---- */

/** True when the message was a question of a starting phone, and is answered. */
bool td_sccp_boot_answer(struct sccp_session *s, const struct sccp_msg *m);
void td_sccp_send_time(struct sccp_session *s);
void td_sccp_date_template(const struct td_config *config, char dst[7]);
/** The office's zone is the process's. */

/* ---- sccp_call.c ---- */

enum sccp_call_phase {
	SCCP_DIALLING,			/* off hook, digits are collected */
	SCCP_PROCEEDING,		/* the core has the number */
	SCCP_RINGING_OUT,
	SCCP_RINGING_IN,
	SCCP_TALKING,
	SCCP_HELD,			/* by this phone */
	SCCP_FAILED			/* the user hears why */
};

/* What a call that the user dials is for. */
enum sccp_purpose {
	SCCP_FOR_CALL, SCCP_FOR_TRANSFER, SCCP_FOR_CONFERENCE, SCCP_FOR_FORWARD, SCCP_FOR_PICKUP,
	SCCP_FOR_GROUP_PICKUP, SCCP_FOR_INTERCOM
};

enum sccp_rx { SCCP_RX_CLOSED, SCCP_RX_OPENING, SCCP_RX_OPEN };

/** A call as this phone's user knows it. It may outlive its leg (a busy tone), and the leg may
 * outlive it (hung up, the core still clears). */
struct sccp_call {
	struct td_list node;
	struct sccp_phone *phone;
	struct sccp_leg *leg;		/* NULL: not in the core (yet, or any more) */
	uint32_t ref;
	uint8_t line;			/* instance */
	uint8_t phase;
	bool outbound;			/* the user called */
	uint8_t purpose;		/* enum sccp_purpose */
	bool was_busy;			/* why it failed */
	bool overlap;			/* its number goes on after the core has its beginning */
	uint8_t asked;			/* TD_LEG_TRANSFER, _PARK, _CONFERENCE: the core was asked for */
	uint32_t first;			/* ref of the call that a transfer or conference began with */
	uint32_t takes_call, takes_leg;	/* another phone's on a shared line: what it holds, or to join */
	bool barges;
	bool whispers;			/* it has answered itself, the microphone off */
	bool kept;			/* the phone shows it, from an earlier process; its leg is not
					 * there (yet) */
	struct td_timer timer;
	char digits[CFG_NUMBER_LEN];
	struct td_party peer;
	/* sccp_channel.c */
	uint8_t rx;			/* enum sccp_rx */
	bool tx;			/* transmission was started */
	bool owes_offer, owes_answer;	/* to the core, when the receive channel is open */
	bool offer_open;		/* ours, the core has not answered */
	uint8_t dir;			/* TD_DIR_* that we (the router) were told for this phone */
	uint32_t rx_party, tx_party;
	uint8_t payload, rx_payload, tx_payload;	/* agreed; as opened */
	uint16_t ms;
	struct td_codec codec;
	struct td_addr rtp, remote, tx_remote;
};

struct sccp_shared;

struct sccp_call *td_sccp_call_new(struct sccp_phone *phone, uint32_t line, bool outbound);
/** The user's part is over; nothing is sent. The leg, if there is one, is told. */
void td_sccp_call_drop(struct sccp_call *call, enum td_cause cause);
struct sccp_call *td_sccp_call_find(struct sccp_phone *phone, uint32_t ref);
struct sccp_call *td_sccp_call_in_phase(struct sccp_phone *phone, enum sccp_call_phase phase);
size_t td_sccp_calls_on_line(const struct sccp_phone *phone, uint32_t line);
/** What the user wants. */
struct sccp_call *td_sccp_call_start(struct sccp_phone *phone, uint32_t line);
/** first: ref of the call that it is made for, or 0. */
struct sccp_call *td_sccp_call_start_for(struct sccp_phone *phone, uint32_t line,
					 enum sccp_purpose purpose, uint32_t first);
/** Take what another phone holds on a shared line, or join who talks there. */
void td_sccp_call_take(struct sccp_phone *phone, const struct sccp_shared *of, bool barge);
void td_sccp_call_digit(struct sccp_call *call, char digit);
/** A digit after the beginning of the number went out: it belongs to it until somebody answers. */
void td_sccp_call_more(struct sccp_call *call, char digit);
void td_sccp_call_dial(struct sccp_call *call, const char *number);
void td_sccp_call_backspace(struct sccp_call *call);
void td_sccp_call_answer(struct sccp_call *call);
/** Paging, intercom: nobody has done anything. heard: the microphone is on. */
void td_sccp_call_answer_itself(struct sccp_call *call, bool heard);
/** A line's button, or the receiver: a dial tone, or whom the line calls and no other. */
void td_sccp_call_pick_up(struct sccp_phone *phone, uint32_t line);
void td_sccp_call_hold(struct sccp_call *call);
void td_sccp_call_resume(struct sccp_call *call);
void td_sccp_call_hang_up(struct sccp_call *call);
/** What the core tells. */
void td_sccp_call_alerting(struct sccp_call *call);
void td_sccp_call_connected(struct sccp_call *call);
void td_sccp_call_incoming(struct sccp_call *call);
void td_sccp_call_released(struct sccp_call *call, enum td_cause cause);
void td_sccp_call_failed(struct sccp_call *call, enum td_cause cause);

/* ---- sccp_leg.c ---- */

struct sccp_leg {
	struct td_leg leg;
	struct td_sccp *sccp;
	struct sccp_phone *phone;	/* until setup() has made a call of it */
	struct sccp_call *call;		/* NULL: the user's part is over */
	struct td_list orphan_node;	/* its phone's connection ended with an earlier process */
};

extern const struct td_driver_ops td_sccp_driver;
struct sccp_leg *td_sccp_leg_new(struct sccp_phone *phone, const struct td_addr *local);
/** Give the dialled number to the core. -errno: it cannot take it. */
int td_sccp_leg_dial(struct sccp_call *call, const char *number);

/* ---- sccp_leg_save.c ---- */

void td_sccp_leg_save(struct td_leg *leg, struct td_buf *out);
struct td_leg *td_sccp_leg_restore(void *driver, struct td_endpoint *ep, const struct td_addr *local,
				   struct td_buf *state);
/** The phone is here again and knows nothing of them. */
void td_sccp_leg_end_orphans(struct sccp_phone *phone);

/* ---- sccp_channel.c ---- */

/** Does it take this (enum sccp_payload)? */
bool td_sccp_channel_has(const struct sccp_phone *phone, uint8_t payload);
void td_sccp_channel_caps(struct sccp_phone *phone, const struct sccp_msg *m);
/** What the phone can, best first in the order of the configuration. */
void td_sccp_channel_offer(const struct sccp_phone *phone, struct td_media_desc *d);
/** The core's description for this phone; asked: it wants an answer. -ENOENT: no codec. */
int td_sccp_channel_set(struct sccp_call *call, const struct td_media_desc *d, bool asked);
/** Open, start, stop, close as the call's phase wants it. */
void td_sccp_channel_run(struct sccp_call *call);
void td_sccp_channel_close(struct sccp_call *call);
void td_sccp_channel_on_ack(struct sccp_phone *phone, const struct sccp_msg *m);
void td_sccp_channel_on_failure(struct sccp_phone *phone, const struct sccp_msg *m);

/* ---- sccp_keys.c ---- */

void td_sccp_on_key(struct sccp_phone *phone, const struct sccp_msg *m);

/* ---- sccp_buttons.c ---- */

int td_sccp_buttons_set(struct sccp_phone *phone, const struct cfg_phone *cfg);
/** By instance, 1..; NULL: there is none of that number. */
const struct sccp_key_button *td_sccp_button(const struct sccp_phone *phone, uint32_t instance);
void td_sccp_send_buttons(struct sccp_session *s);
/** Whatever is asked for is answered, at worst with nothing in it. */
void td_sccp_send_speed_dial(struct sccp_session *s, uint32_t index);
void td_sccp_send_feature(struct sccp_session *s, uint32_t index);
void td_sccp_send_functions(struct sccp_phone *phone);

/* ---- sccp_softkeys.c ---- */

void td_sccp_send_soft_keys(struct sccp_session *s);
/** Which keys the phone has in each set, as it is configured. */
void td_sccp_keys_set(struct sccp_phone *phone, const struct cfg_phone *cfg);
void td_sccp_send_key_sets(struct sccp_session *s);
/** The keys that make sense for this call, or with the receiver down (NULL). */
void td_sccp_select_keys(struct sccp_phone *phone, const struct sccp_call *call);
/** Those for another phone's call. */
void td_sccp_select_shared_keys(struct sccp_phone *phone, const struct sccp_shared *s);

/* ---- sccp_feature.c ---- */

void td_sccp_key_transfer(struct sccp_phone *phone, struct sccp_call *call);
void td_sccp_key_conference(struct sccp_phone *phone, struct sccp_call *call);
void td_sccp_key_park(struct sccp_phone *phone, struct sccp_call *call);
void td_sccp_key_forward_all(struct sccp_phone *phone, uint32_t line);
void td_sccp_key_pickup(struct sccp_phone *phone, uint32_t line, bool group);
/** May the user wait for whom this call is to? */
bool td_sccp_may_call_back(const struct sccp_call *call);
void td_sccp_key_call_back(struct sccp_phone *phone, struct sccp_call *call);
/** td_driver_ops.call_back */
int td_sccp_call_back(void *driver, struct td_endpoint *ep, const char *number);
void td_sccp_key_divert(struct sccp_phone *phone, struct sccp_call *call);
void td_sccp_key_dnd(struct sccp_phone *phone, struct sccp_call *call);
void td_sccp_key_privacy(struct sccp_phone *phone, struct sccp_call *call);
/** The held call that this one was made for; NULL: there is none (any more). */
struct sccp_call *td_sccp_feature_first(const struct sccp_call *call);
/** Where the divert key sends a call; "" = nowhere, NULL is fine. */
const char *td_sccp_divert_to(const struct sccp_call *call);
/** The call has its number. True: it was for something else than calling, the call is gone. */
bool td_sccp_feature_dialled(struct sccp_call *call, const char *digits);
/** What the core says of a transfer, park or conference. */
void td_sccp_feature_told(struct sccp_call *call, const struct td_info *info);

/* ---- sccp_watch.c: what happens to a phone's numbers elsewhere ---- */

void td_sccp_watch_start(struct sccp_phone *phone);
void td_sccp_watch_stop(struct sccp_phone *phone);
/** Say when the number that this call found busy is free. */

/* ---- sccp_shared.c ---- */

/** A call that another phone has on a line that this one has, too, as this one shows it. */
struct sccp_shared {
	struct td_list node;
	uint32_t ref;
	uint32_t call_id, leg_id;	/* the other phone's leg */
	uint8_t line;			/* instance here */
	bool called;			/* it was called; else it called */
	bool held, secret;
	bool named;			/* the phone shows with whom */
	bool there;			/* while they are compared with what the core says */
	struct td_party peer;
};

/** What is going on at this line has changed, or is to be shown from the beginning. */
void td_sccp_shared_update(struct sccp_phone *phone, uint32_t line);
/** Nothing is shown any more; nothing is sent. */
void td_sccp_shared_forget(struct sccp_phone *phone);
struct sccp_shared *td_sccp_shared_find(struct sccp_phone *phone, uint32_t ref);
/** Which is held there, and may be taken. */
struct sccp_shared *td_sccp_shared_held(struct sccp_phone *phone, uint32_t line);
/** A key that means it: resume, barge. */
void td_sccp_shared_key(struct sccp_phone *phone, const struct sccp_shared *s, uint32_t key);
/** Have other phones this line, too? */
bool td_sccp_is_shared(const struct sccp_phone *phone, uint32_t line);
/** SCCP_LAMP_OFF: nothing is on there. */
enum sccp_lamp td_sccp_shared_lamp(const struct sccp_phone *phone, uint32_t line);

/* ---- sccp_display.c: what the user sees and hears, by phase ---- */

void td_sccp_show_off_hook(struct sccp_call *call);
void td_sccp_show_taking(struct sccp_call *call);
/** It hears a page, loud; NULL: no more. */
void td_sccp_show_paged(struct sccp_phone *phone, const struct cfg_paging *page);
/** Somebody is heard from now on, without having been asked in. */
void td_sccp_show_answered_itself(struct sccp_call *call, bool muted);
void td_sccp_show_shared(struct sccp_phone *phone, struct sccp_shared *s);
void td_sccp_show_shared_ended(struct sccp_phone *phone, const struct sccp_shared *s);
/** Newer phones would list it as missed. */
void td_sccp_show_not_missed(struct sccp_call *call);
void td_sccp_show_digits(struct sccp_call *call);
void td_sccp_show_proceeding(struct sccp_call *call);
void td_sccp_show_ringing_out(struct sccp_call *call, bool tone);
void td_sccp_show_ringing_in(struct sccp_call *call, bool waiting);
void td_sccp_show_answered(struct sccp_call *call);
void td_sccp_show_talking(struct sccp_call *call);
/** The words beside a call that talks. */
void td_sccp_show_connected(struct sccp_call *call);
void td_sccp_show_held(struct sccp_call *call);
void td_sccp_show_failed(struct sccp_call *call, enum td_cause cause);
void td_sccp_show_ended(struct sccp_call *call);
void td_sccp_show_idle(struct sccp_phone *phone);
void td_sccp_show_refused_key(struct sccp_phone *phone, const struct sccp_call *call);
void td_sccp_show_idle_prompt(struct sccp_phone *phone);
void td_sccp_show_note(struct sccp_phone *phone, const char *label, const char *more);
/** Who was busy is free: heard once, and said. */
void td_sccp_show_free(struct sccp_phone *phone, const char *number);
void td_sccp_show_silenced(struct sccp_call *call);
void td_sccp_send_forward(struct sccp_session *s, uint32_t line);
void td_sccp_send_lamp(struct sccp_phone *phone, uint32_t line);
void td_sccp_send_info(struct sccp_call *call);

#endif
