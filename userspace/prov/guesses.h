/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: who asks for many files that are not there, or not for him? A bounded number of
 * hosts; where two meet in a slot the newer one has it, and which those are nobody can choose.
 */
#ifndef TD_PROV_GUESSES_H
#define TD_PROV_GUESSES_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/addr.h"

#define TD_GUESSES    40		/* phones try some names that need not be there ... */
#define TD_GUESSES_MS 10000		/* ... in that time */

struct td_guesses {
	uint8_t key[16];
	struct {
		uint8_t ip[16];
		uint32_t misses;
		uint64_t since_ms;
	} slot[1024];
};

/** 0, or -errno of getrandom. */
int td_guesses_init(struct td_guesses *g);
/** Is the host over it, until its time is over? */
bool td_guesses_is_over(struct td_guesses *g, const struct td_addr *host, uint64_t now_ms);
/** One more. True when this one was the last that it had. */
bool td_guesses_miss(struct td_guesses *g, const struct td_addr *host, uint64_t now_ms);

#endif
