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
#include "userspace/store/store.h"

struct td_sccp;

/** Keeps copies of connections over our death; ids are ours to choose, 1 .. TD_SCCP_HELD_IDS - 1.
 * None of these waits, but for next(), which is called at start only. */
#define TD_SCCP_HELD_IDS 20480u
struct td_sccp_holder {
	void (*hold)(void *arg, uint32_t id, int fd);
	void (*drop)(void *arg, uint32_t id);
	/* The descriptor after *id (0 = the first), which is the caller's, and its id. -errno: no
	 * more. */
	int (*next)(void *arg, uint32_t *id);
};

struct td_sccp_args {
	struct td_loop *loop;
	struct td_core *core;
	struct td_identity *identity;	/* who holds a MAC; NULL in tests: nobody does */
	const struct td_config *config;
	/* Opt.: a device was not let in; its name is printable. */
	void (*refused)(void *arg, const struct td_addr *host, const char *device,
			const char *reason);
	void *refused_arg;
	const struct td_sccp_holder *holder;	/* NULL: connections end with the process */
	void *holder_arg;
	struct td_store *store;		/* phones that registered by themselves; NULL: none may */
	const char *keep_path;		/* a file with what we know of each of them */
};

/** Add an endpoint per SCCP phone, take over what an earlier process left, listen. why names the
 * port in use ... */
int td_sccp_start(struct td_sccp **out, const struct td_sccp_args *args, char *why,
		  size_t why_len);
/** Ends connections without a word. NULL is fine. Calls must have ended (td_core_free). */
void td_sccp_stop(struct td_sccp *sccp);

/** Calls were taken over (td_core_restore): what phones show beside those is taken away. */
void td_sccp_restored(struct td_sccp *sccp);
/** The process is about to go and leaves its connections to the next one: send and write what
 * waits. */
void td_sccp_leave(struct td_sccp *sccp);

/** A new model. The old one may be freed afterwards. -errno when it cannot listen as wanted. */
int td_sccp_configure(struct td_sccp *sccp, const struct td_config *config);
/** Add a phone or change it in place: its session stays when nothing that it shows changed, else
 * it is told to restart when it is idle. */
int td_sccp_phone_set(struct td_sccp *sccp, const struct cfg_phone *cfg);
void td_sccp_phone_remove(struct td_sccp *sccp, const char *id);

/** Tell phones to start again: one by id, all of a type (by its name), or "all". hard: with
 * firmware and configuration. Returns how many; -ENOENT: nothing has that name. */
int td_sccp_reset(struct td_sccp *sccp, const char *which, bool hard);

/**
 * A phone that has registered by itself, by id, number or MAC: the lines of the configuration that
 * make it a configured one, as text. -ENOENT.
 */
int td_sccp_adopt(struct td_sccp *sccp, const char *which, struct td_json *j, const char *key);
/** Forget it: its number is free again, it may come again. -ENOENT. */
int td_sccp_forget(struct td_sccp *sccp, const char *which);

/** Arrays and objects for show; keys of sockets: {address, device, phone, state, version, unread,
 * unsent, heard_s}; of attempts: {device, mac, type, address, reason, count, last_ms}. */
void td_sccp_show_sockets(struct td_sccp *sccp, struct td_json *j, const char *key);
/** Every phone and what it does now; keys as CME's summary has them. */
void td_sccp_show_summary(struct td_sccp *sccp, struct td_json *j, const char *key);
void td_sccp_show_attempts(struct td_sccp *sccp, struct td_json *j, const char *key);
void td_sccp_clear_attempts(struct td_sccp *sccp);
void td_sccp_show_stats(struct td_sccp *sccp, struct td_json *j, const char *key);
/** "debug sccp": every message, decoded, one line per call of fn. NULL switches it off. */
void td_sccp_debug(struct td_sccp *sccp, void (*fn)(void *arg, const char *line), void *arg);

#endif
