/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: telephone lines as a signalling driver. A voiceport of the configuration is a
 * trunk that carries one call; the line itself is an FXO port of the kernel (netlink/fxo.h).
 * Without the kernel module everything else runs, and the lines are down.
 */
#ifndef TD_FXO_VOICE_H
#define TD_FXO_VOICE_H

#include "config/model.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/core/core.h"

struct td_voice;

struct td_voice_args {
	struct td_loop *loop;
	struct td_core *core;
	const struct td_config *config;
};

int td_voice_start(struct td_voice **out, const struct td_voice_args *args, char *why, size_t len);
/** The core has its calls again: lines that an earlier process left off hook and that belong to none
 * of them go on hook. NULL is fine. */
void td_voice_restored(struct td_voice *v);
/** Before the core is freed; calls on lines end. NULL is fine. */
void td_voice_stop(struct td_voice *v);
/** A new model: lines that are other ones now change when their call is over. */
void td_voice_configure(struct td_voice *v, const struct td_config *config);

/** Each line of what lines do and are told goes to fn; NULL: no more. v NULL is fine. */
void td_voice_debug(struct td_voice *v, void (*fn)(void *arg, const char *line), void *arg);
/** Array of {id, name, port, present, state, millivolts, signal, ring_number, calls, ...}. */
void td_voice_show(struct td_voice *v, struct td_json *j, const char *key);
/** One of them, by name or number; -ENOENT. */
int td_voice_show_one(struct td_voice *v, const char *id, struct td_json *j, const char *key);

#endif
