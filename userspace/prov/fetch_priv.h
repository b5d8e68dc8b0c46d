/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both servers tell of a request. */
#ifndef TD_PROV_FETCH_PRIV_H
#define TD_PROV_FETCH_PRIV_H

#include "userspace/base/str.h"
#include "userspace/prov/fetch.h"

/** host, http, end and bytes are the caller's; fn may be NULL: then f is filled in all the same. */
void td_fetch_tell(td_fetch_fn fn, void *arg, struct td_fetch *f, struct td_str name,
		   const struct td_name *file);

#endif
