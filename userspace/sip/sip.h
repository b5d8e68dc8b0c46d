/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: the SIP driver on sofia-sip's nta/tport/su. A registrar, digest, and
 * B2BUA legs behind core/leg.h. Sofia is visible in this room only.
 */
#ifndef TD_SIP_SIP_H
#define TD_SIP_SIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "config/model.h"
#include "netlink/nl.h"
#include "userspace/phones/identity.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/core/core.h"

struct td_sip;

/** The process's event loop, on sofia's su_root (loop_su.c). One per thread. */
struct td_loop *td_sip_loop_new(void);

/** What others want to know of hosts, for the packet filter. */
struct td_sip_guard {
	/* a registration from there came, or went; each "true" is followed by one "false" */
	void (*known)(void *arg, const struct td_addr *host, bool known);
	/* too many wrong passwords (sip.ban_after), each in answer to a challenge that only this
	 * host can have read */
	void (*failing)(void *arg, const struct td_addr *host, uint32_t failures);
	/* a phone was asked for its password; opt. */
	void (*challenged)(void *arg, const struct td_addr *host, const char *phone);
	/* the password was wrong; phone NULL: so is the name. Opt. */
	void (*wrong)(void *arg, const struct td_addr *host, const char *phone, const char *user);
};

struct td_store;

/** Versions as they stand in the files of a phone; "" = no such file. */
struct td_sip_versions {
	char config[64], dialplan[64], softkey[64], feature[64];
};
typedef void (*td_sip_versions_fn)(void *arg, const uint8_t mac[6], struct td_sip_versions *v);

struct td_sip_args {
	struct td_loop *loop;		/* from td_sip_loop_new() */
	struct td_core *core;
	struct td_nl *nl;		/* ways to hosts; may be NULL in tests */
	struct td_identity *identity;	/* who holds a MAC; NULL in tests: nobody does */
	const struct td_config *config;
	struct td_store *store;		/* for registrations; open, not started yet */
	const struct td_sip_guard *guard;	/* may be NULL */
	void *guard_arg;
	td_sip_versions_fn versions;	/* may be NULL */
	void *versions_arg;
};

/** Bind, add an endpoint per SIP phone, load registrations. why names the port in use ... */
int td_sip_start(struct td_sip **out, const struct td_sip_args *args, char *why, size_t why_len);
/** Ends dialogs that are still there without waiting; registrations are on disk. */
void td_sip_stop(struct td_sip *sip);

/** Can the files that TLS needs be used? 0, or -EINVAL and why: "tls_key '/x': ...". */
int td_sip_tls_check(const struct cfg_sip *cfg, char *why, size_t len);

/** A new model: limits, realm, DSCP of sockets. Listeners do not move (-ENOTSUP in the report of
 * the caller when they should). The old model may be freed afterwards. */
int td_sip_configure(struct td_sip *sip, const struct td_config *config);
/** Addresses of this host changed: listen on new ones, if source_address names them or is not set. */
void td_sip_addresses_changed(struct td_sip *sip);
/** Add a phone or change it in place: registrations stay when its identity (id) stays. */
int td_sip_phone_set(struct td_sip *sip, const struct cfg_phone *cfg);
void td_sip_phone_remove(struct td_sip *sip, const char *id);
/** The same for trunks. */
int td_sip_trunk_set(struct td_sip *sip, const struct cfg_trunk *cfg);
void td_sip_trunk_remove(struct td_sip *sip, const char *id);

/** Tell Cisco's phones to start again: one by id, all of a type (by its name), or "all". hard: with
 * firmware and files. Returns how many; -ENOENT: nothing has that name. */
int td_sip_reset(struct td_sip *sip, const char *which, bool hard);
/** Another file is there for the phone: it compares. False: it cannot be told. */
bool td_sip_file_changed(struct td_sip *sip, const char *id);

/** What is registered with others, as the configuration has it now; the trunks are set. */
void td_sip_registrars_configure(struct td_sip *sip);

/** {number, trunk, registrar, server, state, expires_s, failures, reason} of what is registered
 * with others. */
void td_sip_show_trunk_registrations(struct td_sip *sip, struct td_json *j, const char *key);
/** {number, trunk, state, expires_s, failures, reason, messages} of what voicemails are asked. */
void td_sip_show_mwi(struct td_sip *sip, struct td_json *j, const char *key);
/** Arrays and objects for show; keys of registrations: {line, phone, contact, transport, peer,
 * expires_s, call_id, registered_ms}. */
void td_sip_show_registrations(struct td_sip *sip, struct td_json *j, const char *key);
/** {id, kind, event, watcher, number, state, expires_s, notified} of who is told what goes on at
 * a number. */
void td_sip_show_subscriptions(struct td_sip *sip, struct td_json *j, const char *key);
/** The two routers: role, whether the other one is there and has the same configuration. */
void td_sip_show_cluster(struct td_sip *sip, struct td_json *j);

/* ---- registrations that move to another router (sip_move.c) ---- */

/** fn: there is something to tell the other router. NULL: there is none. */
void td_sip_move_watch(struct td_sip *sip, void (*fn)(void *arg), void *arg);
/** The next thing to tell it: what is registered now under that id (a record, at most 2 KB), or that
 * it is gone (nothing is written). False: it has been told everything. */
bool td_sip_move_next(struct td_sip *sip, uint64_t *id, struct td_buf *record);
/** Begin again, with everything. */
void td_sip_move_all(struct td_sip *sip);
/** More has gone than is remembered: it has to be told everything anew. */
bool td_sip_move_lost_count(const struct td_sip *sip);
/** Go on with a registration of the other router, which told of it so long ago. 0;
 * -EADDRNOTAVAIL: its address is not here; -ENOENT: over, or of a phone that is none here; -EBADMSG;
 * -ENOMEM. */
int td_sip_move_adopt(struct td_sip *sip, struct td_buf *record, uint32_t age_s);
/** Let go of those whose address is not here any more; returns how many. */
size_t td_sip_move_leave(struct td_sip *sip);

void td_sip_show_stats(struct td_sip *sip, struct td_json *j, const char *key);
/** "debug sip": whole messages, one line per call of fn ("recv ..." / "send ..." header first).
 * NULL switches it off. Digest responses are masked. */
void td_sip_debug(struct td_sip *sip, void (*fn)(void *arg, const char *line), void *arg);

#endif
