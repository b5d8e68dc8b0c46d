/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the TFTP server, a thread of its own. It reads only, and only what a table of
 * names holds; whoever asks for a file of one phone must be the host that holds its MAC.
 */
#ifndef TD_PROV_TFTP_H
#define TD_PROV_TFTP_H

#include <stdbool.h>
#include <stdint.h>

#include "userspace/base/addr.h"
#include "userspace/phones/identity.h"
#include "userspace/prov/fetch.h"
#include "userspace/prov/trust.h"

struct td_tftp;

struct td_tftp_args {
	int fds[2];			/* bound UDP sockets, taken over; -1: none */
	uint32_t dscp;			/* of what we send */
	/* Is it the phone whose file this is? On the server's thread. NULL: any host is. */
	enum td_identity_is (*holds)(void *arg, const struct td_addr *host,
				     const struct td_name *file);
	void *arg;
	const struct td_trust *trust;	/* signs files; NULL: nobody does */
	td_fetch_fn fetched;		/* on the server's thread, with fetched_arg; may be NULL */
	void *fetched_arg;
	uint32_t max_transfers;		/* at a time, 0 = 2048 */
	uint32_t max_per_host;		/* 0 = 32 */
	uint32_t retry_ms;		/* until a packet is sent again, 0 = 1000 */
};

struct td_tftp_stats {
	uint64_t requests, served, bytes, not_found, refused, not_holder, limited, given_up;
	uint32_t running;
};

/** Takes the descriptors over, whatever comes back. 0 or -errno. */
int td_tftp_start(struct td_tftp **out, const struct td_tftp_args *args);
/** From here on new transfers use this table; running ones keep theirs. */
void td_tftp_post(struct td_tftp *t, const struct td_names *names);
void td_tftp_stats(const struct td_tftp *t, struct td_tftp_stats *out);
/** Ends running transfers, waits for the thread. NULL is fine. */
void td_tftp_stop(struct td_tftp *t);

#endif
