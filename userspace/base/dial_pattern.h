/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The patterns that dialled numbers are compared with, in the syntax of Cisco's
 * dial peers ("destination-pattern" in the IOS Voice Command Reference):
 *
 *	0-9 A-D * #	this key; + in front: an E.164 number
 *	.		any key
 *	[135] [2-5]	one of these digits; [^1-3] any other key
 *	( )		a sequence, for what follows
 *	? % +		the digit or sequence before: 0 or 1 times, any number, 1 or more
 *	T		at the end: up to 32 keys more; wait until the caller has finished
 *	$		at the end: no key may follow; ^ in front is taken and means nothing
 *	,		a pause, no key
 *	\		the next character means itself
 *
 * A pattern without "$" is compared with the beginning of the number, as Cisco does when
 * all digits are there ("5551234" is a call for the peer "555").
 */
#ifndef TD_BASE_DIAL_PATTERN_H
#define TD_BASE_DIAL_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TD_DIAL_KEYS	  17		/* 0-9 * # A-D + */
#define TD_DIAL_MAX	  63		/* keys that a pattern can name */
#define TD_DIAL_VARIABLE  32		/* keys that T stands for at most */

/**
 * A pattern as an automaton whose states are the places of its keys (Glushkov): after the
 * key at place i any of the places in follow[i] may come. Sets of places are bits.
 */
struct td_dial_pattern {
	uint32_t keys[TD_DIAL_MAX];	/* bit = td_dial_key(): what fits at this place */
	uint64_t follow[TD_DIAL_MAX];
	uint64_t first, last;		/* where it can begin; where it may end */
	uint8_t n;			/* places */
	uint8_t plain;			/* places in front that simply follow each other */
	uint8_t literal;		/* keys that are spelled out and must be there */
	uint8_t ranges;			/* places in brackets that must be there */
	bool empty;			/* no key at all fits too */
	bool whole;			/* $ */
	bool variable;			/* T */
};

/** 0..16, or -1: no key. */
int td_dial_key(char c);
/** -EINVAL with *why (a static text) and *at, the offset of what is wrong. */
int td_dial_parse(struct td_dial_pattern *p, const char *text, const char **why, size_t *at);
/** The pattern of exactly this number; -EINVAL when it has a character that is no key. */
int td_dial_number(struct td_dial_pattern *p, const char *number);
/** Of these places, those that key fits. */
uint64_t td_dial_fit(const struct td_dial_pattern *p, uint64_t places, int key);
/** Where it may go on behind any of these places. */
uint64_t td_dial_behind(const struct td_dial_pattern *p, uint64_t places);
/** Is it a mere string of keys? */
static inline bool td_dial_is_plain(const struct td_dial_pattern *p)
{
	return !p->empty && p->plain == p->n && !p->follow[p->n - 1] &&
	       p->last == 1ull << (p->n - 1);
}

#endif
