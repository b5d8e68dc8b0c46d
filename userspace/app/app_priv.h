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
/** One interface of a new configuration; the answer comes later and reaches the media plane. */
void td_interfaces_change(struct tandem *t, const char *ifname, enum cfg_xdp mode);
/** A link of that name is there (again): attach when it is configured. */
void td_interfaces_appeared(struct tandem *t, const char *ifname);

/* reconf.c */

/** Ask the master for another version of the daemon. 0, or -errno with the reason in why. */
int td_app_upgrade(struct tandem *t, char *why, size_t len);
/** The configuration as the master can read it; NULL and the faults in report. */
struct td_config *td_config_from_master(struct tandem *t, char *report, size_t len);

#endif
