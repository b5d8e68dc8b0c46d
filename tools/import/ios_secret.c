/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passwords as a running-config prints them: in clear ("password 0 x", "password x"), or obscured
 * ("password 7 ..."), which hides them from who looks over a shoulder and no more: two digits say
 * where in a fixed text the key begins, the others are what came out.
 */
#include <ctype.h>
#include <string.h>

#include "tools/import/ios.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool td_ios_reveal(char *dst, size_t size, const char *obscured)
{
	static const char key[] = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
	size_t len = strlen(obscured), n = 0, at;

	if (len < 4 || len % 2 || !isdigit((unsigned char)obscured[0]) ||
	    !isdigit((unsigned char)obscured[1]))
		return false;
	at = (size_t)(10 * (obscured[0] - '0') + obscured[1] - '0');
	for (size_t i = 2; i < len; i += 2) {
		int high = hex(obscured[i]), low = hex(obscured[i + 1]);

		if (high < 0 || low < 0 || n + 1 >= size)
			return false;
		dst[n++] = (char)((high << 4 | low) ^ key[at++ % (sizeof(key) - 1)]);
	}
	dst[n] = '\0';
	return true;
}

const char *td_ios_password(char dst[IOS_SECRET], const char *const *arg, size_t n)
{
	const char *word = td_ios_after(arg, n, "password"), *kind = NULL;

	for (size_t i = 0; word && i + 1 < n; i++)
		if (arg[i] == word && strlen(word) == 1 && isdigit((unsigned char)*word)) {
			kind = word;
			word = arg[i + 1];
		}
	if (!word)
		return NULL;
	if (!kind || *kind == '0')
		return strlen(word) < IOS_SECRET ? strcpy(dst, word) : NULL;
	return *kind == '7' && td_ios_reveal(dst, IOS_SECRET, word) ? dst : NULL;
}
