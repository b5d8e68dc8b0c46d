/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. See login.h. */
#include "userspace/manage/login.h"

#include "userspace/base/str.h"

static bool is(const char *name, const char *password, const char *known_name,
	       const char *known_password)
{
	bool right = td_same_secret(name, known_name, CFG_TEXT_LEN) &
		     td_same_secret(password, known_password, CFG_SECRET_LEN);

	return known_name[0] && right;
}

bool td_login_needed(const struct cfg_management *c)
{
	return c->web_admin_name[0] || c->web_admin_customer_name[0];
}

bool td_login_is_known(const struct cfg_management *c, const char *name, const char *password)
{
	return is(name, password, c->web_admin_name, c->web_admin_password) |
	       is(name, password, c->web_admin_customer_name, c->web_admin_customer_password);
}
