/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face to telephone lines: the netlink family of the kernel module tandem_fxo
 * (kernel/uapi/tandem_fxo.h is its manual). Orders answer at once; what happens on lines comes
 * as events on the loop. The module may come and go: so do ports.
 */
#ifndef TD_NETLINK_FXO_H
#define TD_NETLINK_FXO_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/uapi/tandem_fxo.h"
#include "userspace/base/loop.h"

struct td_fxo;

struct td_fxo_port {
	uint32_t index;
	char name[TDFXO_NAME_LEN], board[TDFXO_NAME_LEN];
	uint32_t state;			/* enum tdfxo_state */
	uint32_t rings, owned, seq;
	int32_t mv;
	uint32_t config[__TDFXO_CFG_MAX], stats[__TDFXO_STAT_MAX];
};

struct td_fxo_event {
	uint32_t port, event, value;	/* enum tdfxo_event */
	uint32_t seq, state, rings, owned;
	int32_t mv;
	uint64_t time_ns;		/* CLOCK_MONOTONIC */
};

struct td_fxo_listener {
	/** In order for each port. */
	void (*event)(void *arg, const struct td_fxo_event *ev);
	/** Events were lost, or the module has come: ask for all ports again. Claims of a module that
	 * went are gone with it. */
	void (*resync)(void *arg);
};

/** Never fails for want of the module: resync tells when it is there. */
int td_fxo_open(struct td_fxo **out, struct td_loop *loop, const struct td_fxo_listener *l,
		void *arg);
/** Lines that were claimed go on hook. NULL is fine. */
void td_fxo_close(struct td_fxo *f);
bool td_fxo_is_there(const struct td_fxo *f);

/* All return 0 or a negative errno, the kernel's; -ENOENT without the module. */
int td_fxo_dump(struct td_fxo *f, void (*fn)(void *arg, const struct td_fxo_port *p), void *arg);
int td_fxo_get(struct td_fxo *f, uint32_t port, struct td_fxo_port *out);
/** Change the settings that are set in which (bit i: value[i]). */
int td_fxo_configure(struct td_fxo *f, uint32_t port, const uint32_t *value, uint32_t which);
/** The line outlives this process for watchdog_ms. */
int td_fxo_claim(struct td_fxo *f, uint32_t port, uint32_t watchdog_ms);
int td_fxo_order(struct td_fxo *f, uint32_t port, enum tdfxo_cmd cmd);
int td_fxo_flash(struct td_fxo *f, uint32_t port, uint32_t ms);
int td_fxo_dial(struct td_fxo *f, uint32_t port, const char *digits);
/** Why the last one was refused, in the kernel's words; "" when it said none. */
const char *td_fxo_why(const struct td_fxo *f);

const char *td_fxo_state_name(uint32_t state);
const char *td_fxo_event_name(uint32_t event);

#endif
