/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. From digits to targets: one trie holds the numbers of the house and the patterns of
 * the dial peers. A look-up gives every target that fits, best first, as Cisco's default
 * order of hunting ("dial-peer hunt 0"): most keys spelled out, then preference, then (where
 * Cisco chooses at random) most brackets, then the order of the file. MORE tells a phone that
 * dials key by key to go on.
 */
#ifndef TD_CORE_ROUTE_H
#define TD_CORE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/dial_pattern.h"

#define TD_ROUTE_HITS 16

struct td_route;

enum td_route_kind {
	TD_ROUTE_NONE,			/* nothing begins like this */
	TD_ROUTE_MORE,			/* something does, but more digits are needed */
	TD_ROUTE_MATCH
};

struct td_route_hit {
	void *target;
	uint8_t literal, ranges;	/* of the pattern */
	uint8_t preference;
	uint8_t matched;		/* keys that the pattern covers, from the left; T: all */
	uint32_t order;
};

struct td_route_result {
	enum td_route_kind kind;
	bool longer;			/* with more digits something could fit better */
	bool other;			/* something that does not fit yet, that is */
	bool cut;			/* more than TD_ROUTE_HITS fit; the worst were left out */
	size_t n;
	struct td_route_hit hit[TD_ROUTE_HITS];	/* best first */
};

struct td_route *td_route_new(void);		/* NULL: out of memory */
void td_route_free(struct td_route *route);	/* the targets stay their owner's */
/** Several targets may have one pattern. preference: 0 is best. -ENOMEM (nothing changed). */
int td_route_add(struct td_route *route, const struct td_dial_pattern *pattern, void *target,
		 uint8_t preference, uint32_t order);
/** False: it was not there. */
bool td_route_remove(struct td_route *route, const struct td_dial_pattern *pattern,
		     const void *target);
/** Another preference for what is there. */
void td_route_prefer(struct td_route *route, const struct td_dial_pattern *pattern,
		     const void *target, uint8_t preference);
void td_route_match(const struct td_route *route, const char *digits, struct td_route_result *r);
size_t td_route_count(const struct td_route *route);

#endif
