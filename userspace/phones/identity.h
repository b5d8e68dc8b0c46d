/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A face of the room: which host is which phone? A MAC is a claim until something other than the
 * host itself says so: the operator (option address), the kernel's neighbour table for hosts of
 * our own networks, or for those behind a router the lease files of the DHCP server. One object
 * belongs to one thread.
 */
#ifndef TD_PHONES_IDENTITY_H
#define TD_PHONES_IDENTITY_H

#include <stddef.h>
#include <stdint.h>
#include "config/model.h"
#include "userspace/base/addr.h"

struct td_identity;

enum td_identity_is {
	TD_IS_NOT,
	TD_IS_HOLDER,
	TD_IS_UNKNOWN,			/* the kernel has been told to find out: ask again soon */
};

/**
 * td_identity_open - in the calling process's network namespace.
 * @config: section provision counts, and is not kept. Lease files may come and go.
 * 0, -ENOMEM, or why there is no netlink socket.
 */
int td_identity_open(struct td_identity **out, const struct td_config *config);
/** NULL is fine. */
void td_identity_close(struct td_identity *id);
/** Other lease files. 0 or -ENOMEM. */
int td_identity_configure(struct td_identity *id, const struct td_config *config);

/**
 * td_identity_is - does the host hold this MAC?
 * @fixed: the phone's address of the configuration; when it is set, nothing else counts.
 * id NULL: only fixed can say so.
 */
enum td_identity_is td_identity_is(struct td_identity *id, const struct td_addr *host,
				   const uint8_t mac[6], const struct td_addr *fixed);

/** The MAC that holds an address, as far as it is proven. -ENOENT. */
int td_identity_mac(struct td_identity *id, const struct td_addr *host, uint8_t mac[6]);
/** The address that a DHCP server gave to this MAC. -ENOENT: none that is valid still. */
int td_identity_lease(struct td_identity *id, const uint8_t mac[6], struct td_addr *addr);
/** Is there a lease file at all that could be read? Without one, no lease means nothing. */
bool td_identity_has_leases(struct td_identity *id);

#endif
