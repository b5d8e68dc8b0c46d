/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. From digits to a target: a trie over the numbers of the house. Whole numbers
 * match, the longest one wins by being the one that was dialled to its end; MORE tells
 * a phone that dials digit by digit to go on.
 */
#ifndef TD_CORE_ROUTE_H
#define TD_CORE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

struct td_route;

enum td_route_kind {
	TD_ROUTE_NONE,			/* no number begins like this */
	TD_ROUTE_MORE,			/* one does, but more digits are needed */
	TD_ROUTE_MATCH
};

struct td_route_result {
	enum td_route_kind kind;
	void *target;			/* of MATCH */
	bool longer;			/* MATCH, and a longer number begins with these digits */
};

struct td_route *td_route_new(void);		/* NULL: out of memory */
void td_route_free(struct td_route *route);	/* the targets stay their owner's */
/** -EINVAL (empty), -EEXIST, -ENOMEM (nothing changed). */
int td_route_add(struct td_route *route, const char *digits, void *target);
/** Returns the target that was there, or NULL. */
void *td_route_remove(struct td_route *route, const char *digits);
struct td_route_result td_route_match(const struct td_route *route, const char *digits);
size_t td_route_count(const struct td_route *route);

#endif
