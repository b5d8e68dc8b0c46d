/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Which RTP port pairs are free. A pair is an even port and the one above; it is
 * known by its even port. Time comes in as an argument.
 */
#ifndef TD_MEDIA_PORTS_H
#define TD_MEDIA_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TD_N_PAIRS 32768

struct td_pairs {
	struct pair_slot *slots;	/* one for each even port */
	uint16_t first, last;		/* pair numbers of the range, both included */
	uint16_t ready;			/* top of the stack, 0 = empty */
	uint16_t oldest, newest;	/* quarantine, first in, first out; 0 = empty */
	uint32_t quarantine_ms;
	size_t n_free, n_used;		/* free: ready or in quarantine */
};

/** A range without one whole pair is -EINVAL. -ENOMEM. */
int td_pairs_init(struct td_pairs *p, uint32_t port_min, uint32_t port_max,
		  uint32_t quarantine_ms);
void td_pairs_fini(struct td_pairs *p);
/** New range, for new calls; pairs in use stay in use and vanish when they come back. */
int td_pairs_set_range(struct td_pairs *p, uint32_t port_min, uint32_t port_max);
/** The even port of a free pair, or -EMFILE. */
int td_pairs_get(struct td_pairs *p, uint64_t now_ms);
/** This very pair, which a running call has already; also outside the range. -EBUSY, -EINVAL. */
int td_pairs_take(struct td_pairs *p, uint16_t port);
bool td_pairs_is_used(const struct td_pairs *p, uint16_t port);
/** Back into quarantine. False: the pair is outside today's range and forgotten. */
bool td_pairs_put(struct td_pairs *p, uint16_t port, uint64_t now_ms);
/** In use, or in today's range: its sockets are kept. */
bool td_pairs_knows(const struct td_pairs *p, uint16_t port);

#endif
