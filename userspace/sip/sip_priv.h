/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/sip and nowhere else: the driver's context, phones and
 * bindings, and who calls whom:
 *
 *   wire -> sip_stack.c -> sip_inbound.c (checks, shedding, gate: sip_auth.c)
 *             REGISTER -> sip_register.c -> registrar.c (pure) -> store.c (sqlite thread)
 *             INVITE   -> sip_leg_in.c           \
 *   core  -> td_sip_driver.new_legs -> sip_leg_out.c  } one struct sip_leg, sip_leg.c
 *             in-dialog -> sip_leg_dialog.c      /
 */
#ifndef TD_SIP_PRIV_H
#define TD_SIP_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct sip_leg;
struct td_sip;
struct sip_reply;
#define NTA_AGENT_MAGIC_T    struct td_sip
#define NTA_LEG_MAGIC_T      struct sip_leg
#define NTA_INCOMING_MAGIC_T struct sip_leg
#define NTA_OUTGOING_MAGIC_T struct sip_leg
#define NTA_RELIABLE_MAGIC_T struct sip_leg
#define SU_ROOT_MAGIC_T      struct td_loop

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su.h>
#include <sofia-sip/tport.h>

#include "userspace/base/map.h"
#include "userspace/sip/sip.h"

#define SIP_URI_LEN	256

/* Counters for "show stats"; plain, one thread. */
struct sip_counters {
	uint64_t register_ok, register_challenged, register_refused, register_shed;
	uint64_t invites_in, invites_out, invites_overload, gate_challenged, gate_refused;
	uint64_t malformed, loops, options, other_methods, out_of_dialog_481;
};

struct sip_store;

struct td_sip {
	struct td_loop *loop;
	su_root_t *root;
	su_home_t *home;
	nta_agent_t *agent;
	struct td_core *core;
	struct td_nl *nl;
	const struct td_config *config;
	struct td_map phones_by_id;	/* struct sip_phone.by_id */
	struct td_map phones_by_user;	/* .by_user: digest username */
	struct td_map phones_by_number;	/* struct sip_phone_number: AOR user part -> phone */
	struct sip_store *store;
	struct td_list legs;		/* every struct sip_leg, for stop and show */
	uint32_t n_setups;		/* INVITEs in progress, both directions of a call = 1 */
	struct sip_counters n;
	bool stopping;
	void *auth;			/* sip_auth.c's own (nonce key, prepared digests) */
	void *stack;			/* sip_stack.c's own (descriptors, debug tap, timers) */
	void *leg_headers;		/* sip_leg.c's own (prebuilt headers), in home */
	uint64_t n_wrong_source;	/* in-dialog requests from another host */
};

/* A phone as SIP sees it. */
struct sip_phone {
	struct td_map_node by_id, by_user;
	struct td_sip *sip;
	struct td_endpoint *ep;
	char id[CFG_ID_LEN];
	char username[CFG_TEXT_LEN];
	uint32_t digest;		/* enum cfg_digest */
	char ha1[65];			/* hex H(user:realm:password) in that digest */
	uint32_t transport;		/* enum cfg_transport */
	struct td_addr address;		/* fixed; unset = must register */
	uint8_t mac[6];
	bool has_mac;
	struct td_list bindings;	/* struct sip_binding, newest first */
	unsigned int n_bindings;
	void *replay;			/* sip_auth.c's nonce-count windows */
	void *numbers;			/* sip_phone.c's nodes in phones_by_number */
};

/* Where a registered contact can be reached. */
struct sip_target {
	char uri[SIP_URI_LEN];		/* Request-URI: the contact without headers */
	char route[TD_ADDR_STRLEN + 32];	/* "sip:1.2.3.4:5062;transport=tcp": the source it came
						 * from, which finds the phone's own connection */
	struct td_addr local;		/* our address towards it */
	struct td_addr peer;
	bool tcp;
};

/* ---- sip_phone.c / sip_register.c (registrar side) offers the legs: ---- */

/** Where the phone is reachable now: its bindings, or its fixed address. Returns how many. */
size_t td_sip_targets(struct sip_phone *phone, struct sip_target *t, size_t max);
struct sip_phone *td_sip_phone_by_id(struct td_sip *sip, const char *id);
/** Source and local address of a received message; tport as delivered. */
void td_sip_msg_addrs(struct td_sip *sip, msg_t *msg, struct td_addr *source,
		      struct td_addr *local, bool *tcp);
/** "sip:10.1.0.1:5060" of ours for Contact headers towards this peer. */
void td_sip_contact(struct td_sip *sip, const struct td_addr *local, bool tcp, const char *user,
		    char dst[SIP_URI_LEN]);

/* ---- sip_leg*.c (call side) offers the inbound dispatcher: ---- */

/** A new INVITE that passed the gate. Consumes msg. phone is who is calling. */
void td_sip_leg_invite(struct td_sip *sip, struct sip_phone *phone, msg_t *msg, sip_t *s);
/** td_driver_ops.new_legs */
int td_sip_new_legs(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max);
extern const struct td_driver_ops td_sip_driver;
/** Release what is left when the driver stops: BYE or CANCEL without waiting. */
void td_sip_legs_stop(struct td_sip *sip);

/* ---- sip_cause.c ---- */
int td_sip_status_of_cause(enum td_cause cause, const char **phrase);
enum td_cause td_sip_cause_of_status(int status);
/** Reason header of a message (Q.850 first, then SIP); TD_CAUSE_NONE without one. */
enum td_cause td_sip_cause_of_reason(const sip_t *s);
/** "Q.850;cause=17;text=\"User busy\"" */
const char *td_sip_reason_text(enum td_cause cause, char *dst, size_t len);

#endif
