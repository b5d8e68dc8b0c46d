/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: the driver of Cisco's SCCP (Skinny) phones. Sessions over TCP, phones
 * whose keys, lamps and display the router runs, and legs behind core/leg.h.
 */
#ifndef TD_SCCP_SCCP_H
#define TD_SCCP_SCCP_H

#include <stdbool.h>
#include <stddef.h>
#include "config/model.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/core/core.h"
#include "userspace/phones/identity.h"

struct td_sccp;

struct td_sccp_args {
	struct td_loop *loop;
	struct td_core *core;
	struct td_identity *identity;	/* who holds a MAC; NULL in tests: nobody does */
	const struct td_config *config;
	/* Opt.: a device was not let in; its name is printable. */
	void (*refused)(void *arg, const struct td_addr *host, const char *device,
			const char *reason);
	void *refused_arg;
};

/** Add an endpoint per SCCP phone, listen. why names the port in use ... */
int td_sccp_start(struct td_sccp **out, const struct td_sccp_args *args, char *why,
		  size_t why_len);
/** Ends connections without a word. NULL is fine. Calls must have ended (td_core_free). */
void td_sccp_stop(struct td_sccp *sccp);

/** A new model. The old one may be freed afterwards. -errno when it cannot listen as wanted. */
int td_sccp_configure(struct td_sccp *sccp, const struct td_config *config);
/** Add a phone or change it in place: its session stays when nothing that it shows changed, else
 * it is told to restart when it is idle. */
int td_sccp_phone_set(struct td_sccp *sccp, const struct cfg_phone *cfg);
void td_sccp_phone_remove(struct td_sccp *sccp, const char *id);

/** Tell phones to start again: one by id, all of a type (by its name), or "all". hard: with
 * firmware and configuration. Returns how many; -ENOENT: nothing has that name. */
int td_sccp_reset(struct td_sccp *sccp, const char *which, bool hard);

/** Arrays and objects for show; keys of sockets: {address, device, phone, state, version, unread,
 * unsent, heard_s}; of attempts: {device, mac, type, address, reason, count, last_ms}. */
void td_sccp_show_sockets(struct td_sccp *sccp, struct td_json *j, const char *key);
void td_sccp_show_attempts(struct td_sccp *sccp, struct td_json *j, const char *key);
void td_sccp_clear_attempts(struct td_sccp *sccp);
void td_sccp_show_stats(struct td_sccp *sccp, struct td_json *j, const char *key);
/** "debug sccp": every message, decoded, one line per call of fn. NULL switches it off. */
void td_sccp_debug(struct td_sccp *sccp, void (*fn)(void *arg, const char *line), void *arg);

#endif
