// SPDX-License-Identifier: GPL-2.0-or-later
/* Who guesses. See guesses.h. */
#include "userspace/prov/guesses.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "userspace/base/map.h"

#define SLOTS (sizeof(((struct td_guesses *)NULL)->slot) / sizeof(((struct td_guesses *)NULL)->slot[0]))

int td_guesses_init(struct td_guesses *g)
{
	memset(g, 0, sizeof(*g));
	return getrandom(g->key, sizeof(g->key), 0) < 0 ? -errno : 0;
}

static size_t slot_of(struct td_guesses *g, const struct td_addr *host, uint64_t now_ms)
{
	size_t i = td_siphash(g->key, host->ip, sizeof(host->ip)) % SLOTS;

	if (memcmp(g->slot[i].ip, host->ip, sizeof(host->ip)) ||
	    now_ms - g->slot[i].since_ms > TD_GUESSES_MS) {
		memcpy(g->slot[i].ip, host->ip, sizeof(host->ip));
		g->slot[i].misses = 0;
		g->slot[i].since_ms = now_ms;
	}
	return i;
}

bool td_guesses_is_over(struct td_guesses *g, const struct td_addr *host, uint64_t now_ms)
{
	return g->slot[slot_of(g, host, now_ms)].misses >= TD_GUESSES;
}

bool td_guesses_miss(struct td_guesses *g, const struct td_addr *host, uint64_t now_ms)
{
	return ++g->slot[slot_of(g, host, now_ms)].misses == TD_GUESSES;
}
