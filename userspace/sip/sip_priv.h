/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/sip and nowhere else: the driver's context, phones and
 * bindings, and who calls whom:
 *
 *   wire -> sip_stack.c -> sip_inbound.c (checks, shedding, gate: sip_auth.c)
 *             REGISTER -> sip_register.c -> registrar.c (pure) -> reg_store.c (rows of the store)
 *             INVITE   -> sip_leg_in.c           \
 *   core  -> td_sip_driver.new_legs -> sip_leg_out.c  } one struct sip_leg, sip_leg.c
 *             in-dialog -> sip_leg_dialog.c      /
 *   phones, their numbers and where they are: sip_phone.c; trunks: sip_trunk*.c
 *   phones of Cisco's dialect: sip_cisco_*.c, see sip_cisco.h
 *   what sofia leaves undone with its sockets: sip_sockets.c; "debug sip": sip_debug.c
 */
#ifndef TD_SIP_PRIV_H
#define TD_SIP_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct sip_leg;
struct td_sip;
#define NTA_AGENT_MAGIC_T    struct td_sip
#define NTA_LEG_MAGIC_T      struct sip_leg
#define NTA_INCOMING_MAGIC_T struct sip_leg
#define NTA_OUTGOING_MAGIC_T struct sip_leg
#define NTA_RELIABLE_MAGIC_T struct sip_leg
#define SU_ROOT_MAGIC_T      struct td_loop

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su.h>
#include <sofia-sip/tport.h>

#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/sip/sip.h"
#include "userspace/sip/sip_transport.h"

#define SIP_URI_LEN	256
#define SIP_TRANSPORTS	(SIP_TLS + 1)

/* Counters for "show stats"; plain, one thread. */
struct sip_counters {
	uint64_t register_ok, register_challenged, register_refused, register_shed;
	uint64_t register_probes;	/* of phones that are registered elsewhere */
	uint64_t invites_in, invites_out, invites_overload, trunk_over_rate, gate_challenged, gate_refused;
	uint64_t malformed, loops, options, other_methods, out_of_dialog_481;
	uint64_t silent_closed, storms, strangers;
};

struct sip_auth;
struct sip_debug;
struct sip_registrations;

/* One address of ours with its sockets. */
struct sip_listener {
	struct td_addr addr;
	int ifindex;			/* who has the address */
	char ident[TD_ADDR_STRLEN];	/* sofia's name for both transports: tells them apart */
	int fd[SIP_TRANSPORTS];		/* sofia's descriptors, -1 = not there */
	tport_t *tport[SIP_TRANSPORTS];	/* by enum sip_transport; TLS has a port of its own */
	uint64_t looked_ms;		/* when the receive queue was looked at */
	bool crowded;			/* ... and what was seen */
	bool filtered;			/* the kernel drops bare REGISTERs for us */
	uint32_t least_auth_len;	/* shortest REGISTER with credentials of late, 0 = none */
};

#define SIP_MAX_LISTENERS 64

/* All subscriptions; see sip_subscribe.h. */
struct sip_subs {
	struct td_list all;
	size_t count;
	uint32_t last_id, last_implicit_id;
};

/* The other router; see sip_cluster.h. */
struct sip_cluster {
	struct td_timer timer;
	nta_leg_t *leg;			/* our OPTIONS to the other one */
	nta_outgoing_t *orq;
	struct td_addr other;		/* unset: there is none */
	bool heard, differs;		/* of the other one, last time */
	char stamp[17];			/* of its configuration, as it says */
	uint64_t heard_ms;		/* Unix time */
	uint64_t asked_ms;		/* when we asked last, by the loop */
	/* leave to return */
	uint64_t free_ms;		/* loop time when the next one may come */
	uint64_t promised_ms;		/* ... up to which others were told to ask again */
	uint64_t n_accepted, n_put_off;
};

struct td_sip {
	struct td_loop *loop;
	su_root_t *root;
	su_home_t *home;
	nta_agent_t *agent;
	struct td_core *core;
	struct td_nl *nl;
	struct td_identity *identity;
	const struct td_config *config;
	struct td_map phones_by_id;	/* struct sip_phone.by_id */
	struct td_map phones_by_user;	/* .by_user: digest username */
	struct td_map phones_by_mac;	/* .by_mac: six bytes */
	struct td_map trunks_by_id;	/* sip_trunk.c's own */
	struct td_list trunks;
	struct td_dns *dns;
	struct td_map registrations;	/* sip_trunk_register.c's own */
	uint32_t registrations_round;
	struct td_map questions;	/* sip_mwi_ask.c's own */
	uint32_t questions_round;
	struct td_map numbers;		/* struct sip_number: user part of an AOR -> phones */
	struct td_map held;		/* sip_leg_dial.c's own: of trunks, that wait for digits */
	struct td_list legs;		/* every struct sip_leg, for stop and show */
	uint32_t n_setups;		/* INVITEs in progress, both directions of a call = 1 */
	struct sip_counters n;
	uint64_t n_wrong_source;	/* in-dialog requests from another host */
	bool stopping;
	struct sip_listener listeners[SIP_MAX_LISTENERS];
	size_t n_listeners;
	int sweep_fd;			/* where the sweep of connections goes on */
	struct td_timer sweep;
	struct td_timer relief;
	struct sip_auth *auth;
	struct sip_tls *tls;		/* NULL: it is off */
	const struct td_sip_guard *guard;	/* NULL: nobody wants to know */
	void *guard_arg;
	td_sip_versions_fn versions;	/* of phones' files; NULL: there are none */
	void *versions_arg;
	struct sip_debug *debug;	/* NULL: nobody listens */
	struct sip_registrations *reg;
	struct sip_subs subs;		/* sip_subscribe.c's own */
	struct sip_cluster cluster;
	void *leg_headers;		/* sip_leg.c's own (prebuilt headers), in home */
};

struct sip_number_ref;
struct sip_cisco;
struct cisco_visit;
struct td_nonce_window;

/* A phone as SIP sees it. */
struct sip_phone {
	struct td_map_node by_id, by_user, by_mac;
	struct td_sip *sip;
	struct td_endpoint *ep;
	char id[CFG_ID_LEN];
	char username[CFG_TEXT_LEN];
	uint32_t digest;		/* enum cfg_digest */
	char ha1[65];			/* hex H(user:realm:password) in that digest */
	bool has_password;
	uint32_t transport;		/* enum cfg_transport */
	struct td_addr address;		/* fixed; unset = must register */
	uint8_t mac[6];
	bool has_mac;
	struct td_list bindings;	/* struct sip_binding, newest first */
	struct td_nonce_window *replay;	/* from its first answered challenge on */
	char (*lamps)[CFG_NUMBER_LEN];	/* numbers that its keys show, array */
	size_t n_lamps;
	struct sip_number_ref *numbers;	/* one per line, array */
	size_t n_numbers;
	struct sip_cisco *cisco;	/* it speaks that dialect; NULL: not, or not registered */
	bool listens_itself;		/* multicast_paging */
	struct td_list orders;		/* sip_cisco_order.c's own */
	struct td_list subs;		/* struct sip_sub.of_phone: what it is told of */
	uint32_t n_subs;
};

/* Where a registered contact can be reached. */
struct sip_target {
	char uri[SIP_URI_LEN];		/* Request-URI: the contact without headers */
	struct td_addr local;		/* our address towards it */
	struct td_addr peer;		/* where to send to */
	enum sip_transport transport;
};

/* ---- sip_phone.c ---- */

void td_sip_phones_init(struct td_sip *sip);
void td_sip_phones_fini(struct td_sip *sip);
/** The realm has changed: every prepared digest is made anew. */
void td_sip_phones_rekey(struct td_sip *sip);
struct sip_phone *td_sip_phone_by_id(struct td_sip *sip, const char *id);
struct sip_phone *td_sip_phone_by_user(struct td_sip *sip, const char *username);
/** May the phone register this AOR (user part)? One of its numbers, its username or its id. */
bool td_sip_phone_owns(const struct sip_phone *phone, const char *user);
/** The first phone, in the order of the configuration, that owns the AOR. fn NULL: any; else
 * the first for which fn is true. */
struct sip_phone *td_sip_phone_by_aor(struct td_sip *sip, const char *user,
				      bool (*fn)(const struct sip_phone *phone, void *arg), void *arg);
/** Where the phone is reachable now: its bindings, or its fixed address. Returns how many. */
size_t td_sip_targets(struct sip_phone *phone, struct sip_target *t, size_t max);
/** The contact that the device at peer registered for this number; false = none of its own. */
bool td_sip_contact_of(const struct sip_phone *phone, const struct td_addr *peer,
		       const char *number, char dst[SIP_URI_LEN]);
/** Number of its line (1..n_numbers). */
const char *td_sip_phone_number(const struct sip_phone *phone, uint32_t line);
/** Has another phone that number too? */
bool td_sip_phone_shares(const struct sip_phone *phone, uint32_t line);
struct sip_phone *td_sip_phone_by_mac(struct td_sip *sip, const uint8_t mac[6]);
/** Its first binding came, or its last one went: tell the core. */
void td_sip_phone_show_state(struct sip_phone *phone);

/* ---- sip_trunk.c ---- */

void td_sip_trunks_init(struct td_sip *sip);
void td_sip_trunks_fini(struct td_sip *sip);
/** A NOTIFY outside of any dialog. False: it is not from a trunk that is believed (sip_mwi.c). */
bool td_sip_on_summary(struct td_sip *sip, msg_t *msg, const sip_t *s);
/** The trunk whose calls come from this host, or NULL. */
struct td_endpoint *td_sip_trunk_at(const struct td_sip *sip, const struct td_addr *source);
/** It calls: is that within its rate? */
bool td_sip_trunk_may_call(struct td_sip *sip, const struct td_endpoint *ep);
/** How long a first sign that it has our INVITE may take. */
uint32_t td_sip_trunk_answer_ms(const struct td_sip *sip, const char *id);
/** Where calls to it are sent; all but the URI. False: it cannot be reached now. */
bool td_sip_trunk_target(struct td_sip *sip, const char *id, struct sip_target *target);
/** The name that a certificate of this host must have, NULL: there is no trunk with TLS. */
const char *td_sip_trunk_tls_name(const struct td_sip *sip, const struct td_addr *host);
/** The Request-URI for a number, which is escaped already. */
void td_sip_trunk_uri(struct td_sip *sip, const char *id, const char *user, char dst[SIP_URI_LEN]);
/** Its name in the DNS, NULL: it is configured by address. */
const char *td_sip_trunk_domain(const struct td_sip *sip, const char *id);
/** A host of it has failed a call, which has tried that many: where else? (RFC 3263 4.3) */
bool td_sip_trunk_other(struct td_sip *sip, const char *id, uint32_t tried,
			const struct td_addr *failed, struct sip_target *target);
/** A header line that answers the trunk's challenge in s, for the same request once more; NULL: it
 * cannot be answered, or there is no memory. again: it was answered before, and what was wrong
 * once is worth another try only when the nonce was too old. */
char *td_sip_trunk_credentials(struct td_sip *sip, const char *id, const sip_t *s,
			       const char *method, const char *uri, bool again);

/* ---- sip_trunk_identity.c ---- */

/** Is our caller anonymous to the party that the trunk reaches? */
bool td_sip_trunk_hides(const struct td_sip *sip, const struct td_endpoint *ep);
/** Header lines that tell the trunk who calls; user is escaped. NULL: none, or no memory. */
char *td_sip_trunk_asserts(const struct td_sip *sip, const struct td_endpoint *ep,
			   const char *user, const char *host, bool hidden);
/** What the caller's From says becomes what a trunk asserts, if it is one that may. */
void td_sip_trunk_caller(const struct td_sip *sip, const struct td_endpoint *ep, const sip_t *s,
			 struct td_party *from);

/* ---- sip_trunk_register.c ---- */

void td_sip_registrars_init(struct td_sip *sip);
void td_sip_registrars_fini(struct td_sip *sip);
/** Is a registrar of this trunk at this host? */
bool td_sip_registrar_is_at(const struct td_sip *sip, const char *trunk,
			    const struct td_addr *host);

/* ---- sip_mwi_ask.c ---- */

void td_sip_mwi_init(struct td_sip *sip);
/** Which numbers are asked for, as the configuration has it now; the trunks are set. */
void td_sip_mwi_configure(struct td_sip *sip);
void td_sip_mwi_fini(struct td_sip *sip);

/* ---- sip_stack.c ---- */

/** Source and local address of a received message, inside the callback that got it. */
void td_sip_msg_addrs(struct td_sip *sip, msg_t *msg, struct td_addr *source,
		      struct td_addr *local, enum sip_transport *transport);
/** "sip:10.1.0.1:5060" of ours for Contact headers towards this peer. */
void td_sip_contact(struct td_sip *sip, const struct td_addr *local, enum sip_transport transport, const char *user,
		    char dst[SIP_URI_LEN]);
/** The transport with this address of ours, for NTATAG_TPORT; NULL lets sofia choose. */
tport_t *td_sip_tport(const struct td_sip *sip, const struct td_addr *local, enum sip_transport transport);
/** Our address towards a host that we have not heard of. */
bool td_sip_local_towards(const struct td_sip *sip, const struct td_addr *peer,
			  struct td_addr *local);

/* ---- sip_sockets.c: what sofia does not do with its descriptors ---- */

/** Find the descriptors of a listener that was just bound, and prepare them. */
void td_sip_sockets_adopt(struct td_sip *sip, struct sip_listener *li);
/** Write the DSCP of signalling to every socket of the stack. */
void td_sip_sockets_mark(struct td_sip *sip);
/** Is the receive queue of this UDP address filling faster than we read it? */
bool td_sip_sockets_crowded(struct td_sip *sip, const struct td_addr *local);
/** A REGISTER of that many bytes came with credentials: shorter ones have none. */
void td_sip_sockets_saw_auth(struct td_sip *sip, const struct td_addr *local, size_t len);
/** Look at the next few connections; close those that never said anything. */
void td_sip_sockets_sweep(struct td_sip *sip);

/* ---- sip_tls.c: what sofia's TLS leaves undone ---- */

/** Load what the configuration names, before the agent is made. why says which file, and what
 * is wrong with it. */
int td_sip_tls_start(struct td_sip *sip, char *why, size_t len);
/** After the agent has gone. */
void td_sip_tls_stop(struct td_sip *sip);
/** The files again, for connections from now on; what cannot be read leaves all as it was. */
void td_sip_tls_reload(struct td_sip *sip);
/** Close connections whose handshake takes too long. */
void td_sip_tls_sweep(struct td_sip *sip);

/* ---- sip_inbound.c ---- */
int td_sip_on_message(struct td_sip *sip, nta_agent_t *agent, msg_t *msg, sip_t *s);

/* ---- sip_auth.c ---- */
int td_sip_auth_init(struct td_sip *sip);
void td_sip_auth_fini(struct td_sip *sip);
/** The realm in force. */
const char *td_sip_realm(const struct td_sip *sip);
/** H(user:realm:password) in hex. */
void td_sip_auth_ha1(struct td_sip *sip, enum cfg_digest digest, const char *user,
		     const char *password, char ha1[65]);
/** The gate: who sends this request? NULL when it was answered (msg is consumed then). named:
 * whom it claims to be by other means than its user, or NULL. */
struct sip_phone *td_sip_gate(struct td_sip *sip, msg_t *msg, const sip_t *s,
			      const struct td_addr *source, const struct sip_phone *named);

/** The same for phones that cannot answer a challenge here (Cisco's, for REFER and PUBLISH), and
 * need not: who speaks over the connection of a registration has proven who he is. Over UDP only
 * phones of that dialect are known by address and port. */
struct sip_phone *td_sip_gate_registered(struct td_sip *sip, msg_t *msg, const sip_t *s,
					 const struct td_addr *source, bool tcp);

/* ---- sip_register.c ---- */

/** Whose registration came from this address and port, or NULL. */
struct sip_phone *td_sip_registered_at(const struct td_sip *sip, const struct td_addr *source);

/** Takes over what the store holds; the phones must be there. */
int td_sip_register_start(struct td_sip *sip, struct td_store *store, char *why, size_t why_len);
void td_sip_register_stop(struct td_sip *sip);
/** A REGISTER that is worth an answer. Consumes msg. */
void td_sip_register(struct td_sip *sip, msg_t *msg, const sip_t *s);
/** The phone has other lines, or goes: bindings that are no longer allowed end. */
void td_sip_register_prune(struct sip_phone *phone, bool all);

/* ---- sip_debug.c ---- */
void td_sip_debug_init(void);
void td_sip_debug_stop(struct td_sip *sip);

/* ---- sip_leg*.c (call side) offers the inbound dispatcher: ---- */

/** A new INVITE that passed the gate. Consumes msg. ep is who is calling. */
void td_sip_leg_invite(struct td_sip *sip, struct td_endpoint *ep, msg_t *msg, sip_t *s);
/** td_driver_ops.new_legs */
int td_sip_new_legs(void *driver, struct td_endpoint *ep, struct td_leg **legs, size_t max);
/** td_driver_ops.page (sip_page.c) */
int td_sip_page(void *driver, struct td_endpoint *ep, const struct cfg_paging *page);
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
