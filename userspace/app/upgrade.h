/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps by which the master gives its place to another version. See upgrade.c.
 */
#ifndef TD_APP_UPGRADE_H
#define TD_APP_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "userspace/app/tandem.h"

/** Where our program file lies, asked at start: afterwards it may have been replaced. */
int td_upgrade_path(char *dst, size_t size);
/** Does the program at path run, and take our configuration? why says what it did. */
int td_upgrade_check(const char *path, const struct td_options *opt, char *why, size_t len);
/** Let the worker write its calls down and end. */
void td_upgrade_leave(pid_t worker);
/** What a master hands down to the next one. */
struct td_upgrade_fds {
	int nft;			/* the socket that owns the packet filter's table, or -1 */
	int held;			/* of td_held_hand_down(), or -1 */
};

/** Become it. Returns only when that was not possible. */
void td_upgrade_exec(const char *path, char **argv, const struct td_upgrade_fds *fds);
/** What an earlier master handed down. Asked once, before td_upgrade_was(). */
struct td_upgrade_fds td_upgrade_inherited(void);
/** Did an earlier master execute us? Asked once: background and ready were its business. */
bool td_upgrade_was(void);

#endif
