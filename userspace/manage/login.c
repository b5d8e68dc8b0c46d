/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. See login.h. */
#include "userspace/manage/login.h"

#include <stddef.h>
#include <string.h>

/* Takes as long for any two, whatever they have in common. */
static bool same(const char *told, const char *known, size_t size)
{
	size_t len = strnlen(told, size);
	unsigned char differ = len == size;

	for (size_t i = 0; i < size; i++)
		differ |= (unsigned char)((i < len ? told[i] : '\0') ^
					  (i < strnlen(known, size) ? known[i] : '\0'));
	return !differ;
}

static bool is(const char *name, const char *password, const char *known_name,
	       const char *known_password)
{
	bool right = same(name, known_name, CFG_TEXT_LEN) &
		     same(password, known_password, CFG_SECRET_LEN);

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
