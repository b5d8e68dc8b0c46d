/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/sccp and nowhere else. Who calls whom:
 *
 *   sccp_listen.c -> sccp_session.c (bytes, frames) -> sccp_input.c (which message goes where)
 *     -> sccp_register.c (who is it) -> sccp_boot.c (what a starting phone asks)
 *     -> sccp_keys.c (what the user does) -> sccp_call.c (a call on the phone)
 *          -> sccp_display.c (what the user sees and hears), sccp_channel.c (RTP),
 *             sccp_leg.c (the core)
 */
#ifndef TD_SCCP_PRIV_H
#define TD_SCCP_PRIV_H

#include <string.h>
#include "userspace/base/list.h"
#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/base/timerdef.h"
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

struct sccp_stats {
	uint64_t accepted, refused_host, closed_bad_frame, closed_silent, closed_slow;
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
	struct sccp_listener {
		int fd;			/* -1: not listening */
		uint16_t port;
	} listener[2];			/* IPv4, IPv6 */
	struct td_timer accept_again;	/* out of descriptors */
	struct td_map phones_by_id, phones_by_mac;
	struct td_list sessions;	/* newest last; for show and the end */
	size_t n_sessions;
	struct td_map hosts;		/* struct sccp_host.node, by address */
	size_t n_registered;
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
void td_sccp_host_put(struct td_sccp *sccp, struct sccp_host *host);

/* ---- sccp_session.c ---- */

struct sccp_phone;

struct sccp_session {
	struct td_list node;
	struct td_sccp *sccp;
	int fd;				/* -1: closed, waits to be freed */
	struct td_addr peer, local;
	struct sccp_host *host;
	struct sccp_reader in;
	uint8_t *out;
	size_t out_len, out_cap;
	struct td_deferred flush, reap;
	struct td_timer watch;
	unsigned int events;		/* TD_READ, TD_WRITE as watched */
	uint64_t born_ms, heard_ms, part_ms;
	struct sccp_phone *phone;	/* registered as; NULL before */
	struct sccp_phone *wants;	/* waits for the phone's old session to be probed */
	struct td_timer probe;
	bool leaving;			/* close when all is sent */
	bool booted;			/* it has asked all it wanted */
	bool utf8;
	uint8_t version;		/* of the protocol, as agreed */
	uint8_t features[3];
	uint32_t type;
	char device[SCCP_DEVICE_LEN];
	char load[33];
};

struct sccp_session *td_sccp_session_new(struct td_sccp *sccp, int fd, const struct td_addr *peer,
					 const struct td_addr *local, struct sccp_host *host);
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

/* ---- sccp_input.c ---- */

/** One message of a phone; malformed and unknown ones were counted already. */
void td_sccp_on_message(struct sccp_session *s, struct sccp_msg *m);

/* ---- sccp_phone.c ---- */

struct sccp_call;

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
	struct sccp_call *active;	/* whose audio is in the user's ear */
	struct td_list reset_node;
	uint8_t reset;			/* enum sccp_reset to send when it is idle; 0 = none */
	uint8_t n_caps;
	uint8_t cap[SCCP_CAPS];		/* enum sccp_payload up to 255 */
	char redial[CFG_NUMBER_LEN];
};

void td_sccp_phones_init(struct td_sccp *sccp);
void td_sccp_phones_fini(struct td_sccp *sccp);
struct sccp_phone *td_sccp_phone_by_id(struct td_sccp *sccp, const char *id);
struct sccp_phone *td_sccp_phone_by_mac(struct td_sccp *sccp, const uint8_t mac[6]);
/** Its session is there (again) or gone: state for show, calls ended. */
void td_sccp_phone_attach(struct sccp_phone *phone, struct sccp_session *s);
void td_sccp_phone_detach(struct sccp_phone *phone);
void td_sccp_phone_booted(struct sccp_phone *phone);
/** The phone's lines by instance, 1..; NULL: it has none of that number. */
const struct td_endpoint_line *td_sccp_phone_line(const struct sccp_phone *phone, uint32_t line);
/** Nothing is on: what waited for this is done. */
void td_sccp_phone_idle(struct sccp_phone *phone);
bool td_sccp_phone_may_come(const struct sccp_phone *phone, const struct td_addr *host);

/* ---- sccp_register.c, sccp_attempts.c ---- */

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
void td_sccp_set_zone(const struct td_config *config);

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

struct sccp_call *td_sccp_call_new(struct sccp_phone *phone, uint32_t line, bool outbound);
/** The user's part is over; nothing is sent. The leg, if there is one, is told. */
void td_sccp_call_drop(struct sccp_call *call, enum td_cause cause);
struct sccp_call *td_sccp_call_find(struct sccp_phone *phone, uint32_t ref);
struct sccp_call *td_sccp_call_in_phase(struct sccp_phone *phone, enum sccp_call_phase phase);
size_t td_sccp_calls_on_line(const struct sccp_phone *phone, uint32_t line);
/** What the user wants. */
struct sccp_call *td_sccp_call_start(struct sccp_phone *phone, uint32_t line);
void td_sccp_call_digit(struct sccp_call *call, char digit);
void td_sccp_call_dial(struct sccp_call *call, const char *number);
void td_sccp_call_backspace(struct sccp_call *call);
void td_sccp_call_answer(struct sccp_call *call);
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
};

extern const struct td_driver_ops td_sccp_driver;
/** Give the dialled number to the core. -errno: it cannot take it. */
int td_sccp_leg_dial(struct sccp_call *call, const char *number);

/* ---- sccp_channel.c ---- */

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

/* ---- sccp_display.c: what the user sees and hears, by phase ---- */

void td_sccp_show_off_hook(struct sccp_call *call);
void td_sccp_show_digits(struct sccp_call *call);
void td_sccp_show_proceeding(struct sccp_call *call);
void td_sccp_show_ringing_out(struct sccp_call *call, bool tone);
void td_sccp_show_ringing_in(struct sccp_call *call, bool waiting);
void td_sccp_show_answered(struct sccp_call *call);
void td_sccp_show_talking(struct sccp_call *call);
void td_sccp_show_held(struct sccp_call *call);
void td_sccp_show_failed(struct sccp_call *call, enum td_cause cause);
void td_sccp_show_ended(struct sccp_call *call);
void td_sccp_show_idle(struct sccp_phone *phone);
void td_sccp_show_refused_key(struct sccp_phone *phone, const struct sccp_call *call);
void td_sccp_send_lamp(struct sccp_phone *phone, uint32_t line);
void td_sccp_send_info(struct sccp_call *call);

#endif
