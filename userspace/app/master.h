/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privileged half of the daemon: programs, pins, links, the worker's life.
 */
#ifndef TD_APP_MASTER_H
#define TD_APP_MASTER_H

#include "userspace/app/tandem.h"

/** Load and attach, start the worker, restart it when it dies; until SIGTERM. Exit status. */
int td_master_run(const struct td_options *opt, char **argv);
/** The process that the master executes. inherited: "master,ports,flows,..." descriptors. */
int td_worker_main(const struct td_options *opt, const char *inherited);

/** Take away what an ended daemon has left in the kernel, and say how much. Exit status. */
int td_detach_run(const struct td_options *opt, bool json);

/* privileges.c */

/** Effective capabilities that a master needs whose worker is to be user; 0, or -EPERM with
 * the names of those that are missing in why. */
int td_priv_check(const char *user, char *why, size_t len);
/** Descriptors, locked memory, real-time priority: raised as far as this process may. */
void td_priv_raise_limits(void);
/** Become user, if this process is not, with CAP_NET_ADMIN alone and no new privileges. */
int td_priv_drop(const char *user, char *why, size_t len);
/** Make a folder, owned by user, mode; existing ones get the owner. */
int td_priv_folder(const char *path, const char *user, unsigned int mode, char *why, size_t len);
/** sd_notify(3) without the library; does nothing outside systemd. */
void td_priv_notify(const char *state);

#endif
