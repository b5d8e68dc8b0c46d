/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: what the lease files say, read again when one has changed (inotify) and somebody
 * asks. A bounded number of leases; of two for the same address the last one counts.
 */
#ifndef TD_PHONES_LEASES_H
#define TD_PHONES_LEASES_H

#include <stdbool.h>
#include <stddef.h>
#include "userspace/phones/lease_file.h"

struct td_leases;

/** files: absolute names, copied. 0, -ENOMEM, or why there is no inotify. */
int td_leases_open(struct td_leases **out, const char *const *files, size_t n_files);
/** NULL is fine. */
void td_leases_close(struct td_leases *l);
/** The lease that an address stands in, or a MAC; NULL: none, or its time is over. Valid until
 * the next call. */
const struct td_lease *td_leases_by_addr(struct td_leases *l, const struct td_addr *addr);
const struct td_lease *td_leases_by_mac(struct td_leases *l, const uint8_t mac[6]);
/** Could a file be read? */
bool td_leases_any(struct td_leases *l);

#endif
