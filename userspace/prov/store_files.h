/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: a table of names into a folder, or to another TFTP server. Blocks; for a thread.
 */
#ifndef TD_PROV_STORE_FILES_H
#define TD_PROV_STORE_FILES_H

#include <stdatomic.h>

#include "config/config.h"
#include "userspace/prov/name_table.h"

struct td_storing {
	uint32_t store;			/* CFG_FILES_PATH or _TFTP */
	char path[CFG_PATH_LEN], url[CFG_URL_LEN];
	uint32_t vrf;
	const struct td_names *names;	/* what shall be there */
	const struct td_names *old;	/* what was stored before; NULL: not known */
	atomic_uint written, unchanged, removed;
	atomic_bool stop;
	int err;			/* the first one */
	char why[512];
};

/** Everything that differs. Fills err and why; goes on after a file that failed. */
void td_store_files(struct td_storing *s);

/** One file to a server by WRQ (RFC 1350, octet). 0, -ETIMEDOUT, -EACCES (it refused), ... */
int td_tftp_put(const struct td_addr *server, const char *name, const void *data, size_t len);

#endif
