/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/sip: phones that speak Cisco's dialect.
 *
 *	REGISTER -> sip_register.c -> sip_cisco_register.c	what it says, what it is granted
 *					-> sip_cisco_status.c	what the phone is told then
 *	orders to a phone (REFER, NOTIFY) by themselves: sip_cisco_order.c
 *	bodies: sip_cisco_read.c, sip_cisco_write.c (pure)
 */
#ifndef TD_SIP_CISCO_H
#define TD_SIP_CISCO_H

#include "userspace/sip/registrar.h"
#include "userspace/sip/sip_cisco_doc.h"
#include "userspace/sip/sip_priv.h"

enum cisco_method { CISCO_PER_LINE, CISCO_BULK_PROGRESS, CISCO_BULK_DONE };

/** A phone that has registered in the dialect; goes with its last binding. */
struct sip_cisco {
	struct sip_phone *phone;
	enum cisco_method method;
	struct cisco_options granted;
	uint64_t lines;			/* registered in bulk, bit 0 is line 1 */
	struct td_addr peer;		/* ... from there */
	char call_id[REG_CALL_ID_LEN];	/* of the REGISTER of line 1 in force */
	char model[16];			/* number by which Cisco names the type; may be empty */
	char alarm[160];		/* why it has started, as it said; may be empty */
	bool takes_control;		/* service-control */
	bool has_restarted;		/* it read its files just before this registration */
	unsigned int n_status;		/* of the status update, not answered yet */
	bool status_failed;
};

/** What one REGISTER says in the dialect. */
struct cisco_visit {
	bool speaks;			/* Supported has X-cisco-... */
	bool keepalive;			/* a probe of a phone that is registered elsewhere */
	bool takes_control, has_restarted;
	uint8_t mac[6];
	bool has_mac;			/* of +u.sip!devicename or of +sip.instance */
	char model[16], alarm[160];
	struct cisco_message message;
	bool fresh;			/* set by td_cisco_registered(): all that follows is told anew */
	uint64_t fresh_lines;		/* ... of these */
};

/* ---- sip_cisco_register.c ---- */

/** Before the gate: nothing of it is proven. */
void td_cisco_read_visit(const sip_t *s, bool tcp, struct cisco_visit *v);
/** Whose MAC that is, if the request names one. */
struct sip_phone *td_cisco_named(struct td_sip *sip, const struct cisco_visit *v);
/** Require: what of it do we not know? NULL = all is known. */
sip_unsupported_t *td_cisco_unsupported(su_home_t *home, const sip_t *s);
/** The registrar has taken the request; new: the binding of its AOR was not there. */
void td_cisco_registered(struct sip_phone *phone, const struct reg_request *rq,
			 struct cisco_visit *v, bool is_new);
/** What it is granted, for the 200. False: nothing. */
bool td_cisco_grant_body(const struct sip_phone *phone, struct td_buf *out);
/** Supported in answers to phones of the dialect. */
#define TD_CISCO_SUPPORTED "replaces,norefersub,X-cisco-callinfo,X-cisco-serviceuri," \
	"X-cisco-service-control,X-cisco-config,X-cisco-sis-9.0.0"
/** The phone may have a binding less. */
void td_cisco_settle(struct sip_phone *phone);
/** How it is registered, as "show" says. */
const char *td_cisco_method(const struct sip_phone *phone);
/** Has it registered this line (1..) in bulk from there? */
bool td_cisco_has_line(const struct sip_phone *phone, const struct td_addr *peer, uint32_t line);

/* ---- sip_cisco_status.c ---- */

/** It has registered and heard so: tell it what it does not know. */
void td_cisco_tell_status(struct sip_phone *phone, uint64_t lines);

/** Versions of the phone's files; empty when nothing is known of them. */
void td_cisco_versions(const struct sip_phone *phone, struct td_sip_versions *v);

/* ---- sip_cisco_control.c ---- */

/** False: it cannot be told. */
bool td_cisco_control(struct sip_phone *phone, enum cisco_action action);

/* ---- sip_cisco_refer.c ---- */

/** A REFER outside of all dialogs. Consumes msg. */
void td_cisco_on_refer(struct td_sip *sip, msg_t *msg, sip_t *s);

/* ---- sip_cisco_keys.c ---- */

#define CISCO_SCREEN_LEN (TD_NUMBER_LEN + 16)

/** A soft key of a phone of ours. Returns the status to answer; text, if any, is to be shown then. */
int td_cisco_on_key(struct sip_phone *phone, const sip_t *s, char text[CISCO_SCREEN_LEN]);
/** Onto the phone's screen. */
void td_cisco_show(struct sip_phone *phone, const char *text);
struct td_info;
/** What became of a key: onto the phone's screen, if it is one of the dialect. */
void td_cisco_told(struct td_sip *sip, const struct td_endpoint *ep, const struct td_info *info);

/* ---- sip_cisco_order.c ---- */

/** A request to a phone outside all dialogs. */
struct cisco_order {
	bool refer;			/* else NOTIFY */
	uint32_t line;			/* whose contact it goes to, 1..; 0 = the device's */
	const char *event;		/* NOTIFY */
	const char *type;		/* Content-Type; NULL = no body */
	const char *body;
	size_t len;
	/** The final answer, or 408; not when the phone goes. Opt. */
	void (*done)(void *arg, struct sip_phone *phone, int status);
	void *arg;
};

/** 0, -EHOSTUNREACH (no way to it now), -ENOMEM. */
int td_cisco_send(struct sip_phone *phone, const struct cisco_order *o);
/** Nobody waits for the answers of this arg any more. */
void td_cisco_forget_orders(struct sip_phone *phone, const void *arg);
/** Nobody waits for answers any more. */
void td_cisco_drop_orders(struct sip_phone *phone);

#endif
