/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's words on the control socket, and who answers them.
 */
#ifndef TD_APP_COMMANDS_H
#define TD_APP_COMMANDS_H

struct tandem;

/** Hand the command tables to t->ctl, when all rooms run. What they need is freed when t->ctl
 * is closed, which has to come before the rooms go. -ENOMEM. */
int td_commands_add(struct tandem *t);

#endif
