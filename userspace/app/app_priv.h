/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/app: the worker's talk with its master, and reload.
 */
#ifndef TD_APP_PRIV_H
#define TD_APP_PRIV_H

#include "userspace/app/master_proto.h"
#include "userspace/app/tandem.h"

/* app.c */

/** End without a word to anybody: the next worker takes the calls over. */
void td_app_leave(struct tandem *t) __attribute__((noreturn));

/* interfaces.c */

/** Ask the master to attach every configured interface, and wait for the answers. */
int td_interfaces_start(struct tandem *t);
/** Links are others now: attach and detach soon; the answers reach the media plane. */
void td_interfaces_changed(struct tandem *t);
/** The same after a reload; what is configured and not there gets a warning. */
void td_interfaces_configure(struct tandem *t);
void td_interfaces_stop(struct tandem *t);
/** An answer of the master that somebody else was waiting beside. */
void td_interfaces_answer(struct tandem *t, struct td_master_msg *msg);

/* families.c */

/** The configuration's interfaces are watched; what they have is told now. -ENOMEM. */
int td_families_configure(struct tandem *t);
/** An address has come or gone. */
void td_families_changed(struct tandem *t);
void td_families_stop(struct tandem *t);

/* number_state.c */

/** What was set for numbers before, when they are all there; before the store starts. */
int td_number_states_start(struct tandem *t);
void td_number_states_stop(struct tandem *t);

/* hold.c */

int td_hold_start(struct tandem *t);
void td_hold_stop(struct tandem *t);
/** What the SCCP room gives to the master; its argument is tandem.hold. */
extern const struct td_sccp_holder td_hold_ops;

/* firewall.c */

/** Before SIP starts: from then on it can tell who is registered. */
int td_firewall_start(struct tandem *t);
/** When it is known who is registered: put the table in place. A kernel that refuses it is no
 * reason not to start. */
void td_firewall_arm(struct tandem *t);
void td_firewall_stop(struct tandem *t);
void td_firewall_configure(struct tandem *t, const struct td_config *old,
			   const struct td_config *now);
/** Ban a host that has proven its address; not one that is registered or trusted. It is logged. */
void td_firewall_ban(struct tandem *t, const struct td_addr *host, const char *reason);
/** What the SIP room tells the packet filter. */
extern const struct td_sip_guard td_firewall_guard;

/* provision.c */

/** Files of phones; from then on in step with the configuration. After SCCP. */
int td_provision_start(struct tandem *t);
void td_provision_versions(void *arg, const uint8_t mac[6], struct td_sip_versions *v);
void td_provision_configure(struct tandem *t, const struct td_config *old);
void td_provision_stop(struct tandem *t);

/* synchronise.c: the XML interface of two routers */

int td_synchronise_start(struct tandem *t);
void td_synchronise_stop(struct tandem *t);
/** What "show cluster" says. */
void td_synchronise_show(struct tandem *t, struct td_json *j, const char *key);

/* sightings.c: what rooms tell of phones, into the journal; diagnose.c reads it */

int td_sightings_start(struct tandem *t);	/* after the core, before the drivers */
void td_sightings_configure(struct tandem *t);
void td_sightings_stop(struct tandem *t);
struct td_fetch;
void td_sightings_fetch(struct tandem *t, const struct td_fetch *fetch);
struct td_cdr;
void td_sightings_call(struct tandem *t, const struct td_cdr *cdr);
void td_sightings_challenged(void *arg, const struct td_addr *host, const char *phone);
void td_sightings_wrong(void *arg, const struct td_addr *host, const char *phone,
			const char *user);
void td_sightings_refused(void *arg, const struct td_addr *host, const char *device,
			  const char *reason);

/* diagnose.c */

/** Remember the machine's time zone, before a room changes the process's. */
void td_diagnose_clock(struct tandem *t);

/** What keeps this phone from coming up: an object. -ENOENT: nothing is known of it. */
int td_diagnose(struct tandem *t, const struct cfg_phone *phone, struct td_json *j,
		const char *key);

/* management.c: the status page and the counters */

/** As configured, or not at all: that it cannot listen is told, and is no reason not to start. */
void td_management_start(struct tandem *t);
void td_management_configure(struct tandem *t, const struct td_config *old);
void td_management_stop(struct tandem *t);

/* call_counts.c: what the counters know of calls that have ended */

int td_call_counts_start(struct tandem *t);
void td_call_counts_stop(struct tandem *t);
void td_call_counts_note(struct tandem *t, const struct td_cdr *cdr);
void td_call_counts_show(const struct tandem *t, struct td_json *j, const char *key);

/* fetches.c: what the servers' threads tell of requests, heard on the loop */

int td_fetches_start(struct tandem *t);
/** After the servers have stopped. */
void td_fetches_stop(struct tandem *t);
/** A line for each request; NULL: no more. */
void td_fetches_debug(struct tandem *t, void (*fn)(void *arg, const char *line), void *arg);
/** td_fetch_fn of the two servers, each with its thread; arg is the struct tandem. */
void td_fetches_tftp(void *arg, const struct td_fetch *fetch);
void td_fetches_http(void *arg, const struct td_fetch *fetch);

/* reconf.c */

/** Ask and wait: the master answers at once; msg->mode goes with the question. Its rc, or the error
 * of the talk itself. */
int td_app_ask_master(struct tandem *t, enum td_master_type type, struct td_master_msg *msg,
		      int *fd);

/** Ask the master for another version of the daemon. 0, or -errno with the reason in why. */
int td_app_upgrade(struct tandem *t, char *why, size_t len);
/** The configuration as the master can read it; NULL and the faults in report. */
struct td_config *td_config_from_master(struct tandem *t, char *report, size_t len);

#endif
