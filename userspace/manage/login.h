/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. Who may see the pages (CME: web admin system, web admin customer). */
#ifndef TD_MANAGE_LOGIN_H
#define TD_MANAGE_LOGIN_H

#include <stdbool.h>

#include "config/model.h"

/** Without any name whoever may connect sees them. */
bool td_login_needed(const struct cfg_management *c);
/** Is this one of the names, with its password? In constant time. */
bool td_login_is_known(const struct cfg_management *c, const char *name, const char *password);

#endif
