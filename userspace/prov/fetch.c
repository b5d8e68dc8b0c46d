// SPDX-License-Identifier: GPL-2.0-or-later
/* Telling of requests. See fetch.h. */
#include "userspace/prov/fetch_priv.h"

#include <string.h>

static void printable(char *dst, size_t size, struct td_str name)
{
	size_t i;

	for (i = 0; i < name.len && i + 1 < size; i++)
		dst[i] = name.p[i] > ' ' && name.p[i] < 0x7f ? name.p[i] : '?';
	dst[i] = '\0';
}

void td_fetch_tell(td_fetch_fn fn, void *arg, struct td_fetch *f, struct td_str name,
		   const struct td_name *file)
{
	printable(f->name, sizeof(f->name), name);
	if (file && file->phone)
		td_strlcpy(f->phone, file->phone, sizeof(f->phone));
	if (fn)
		fn(arg, f);
}
