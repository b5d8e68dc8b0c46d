/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Why a call ended or failed, in ITU-T Q.850 numbers: what a party hears, never
 * an errno. Drivers translate at their edge (SIP: RFC 3398 and 6432).
 */
#ifndef TD_CORE_CAUSE_H
#define TD_CORE_CAUSE_H

enum td_cause {
	TD_CAUSE_NONE = 0,
	TD_CAUSE_UNALLOCATED = 1,	/* number not known */
	TD_CAUSE_NO_ROUTE = 3,
	TD_CAUSE_NORMAL = 16,
	TD_CAUSE_BUSY = 17,
	TD_CAUSE_NO_RESPONSE = 18,	/* the phone does not react */
	TD_CAUSE_NO_ANSWER = 19,	/* it rang, nobody came */
	TD_CAUSE_ABSENT = 20,		/* not registered */
	TD_CAUSE_REJECTED = 21,
	TD_CAUSE_ELSEWHERE = 26,	/* non-selected user clearing: answered elsewhere */
	TD_CAUSE_OUT_OF_ORDER = 27,
	TD_CAUSE_BAD_NUMBER = 28,	/* incomplete or malformed */
	TD_CAUSE_FACILITY_REJECTED = 29,
	TD_CAUSE_UNSPECIFIED = 31,
	TD_CAUSE_NO_CIRCUIT = 34,
	TD_CAUSE_NET_OUT_OF_ORDER = 38,
	TD_CAUSE_TEMPORARY = 41,
	TD_CAUSE_CONGESTION = 42,
	TD_CAUSE_NO_RESOURCE = 47,
	TD_CAUSE_BARRED = 57,
	TD_CAUSE_NO_MEDIA_MATCH = 88,	/* incompatible destination: no common codec */
	TD_CAUSE_INVALID = 95,
	TD_CAUSE_LOOP = 25,		/* exchange routing error: hops used up */
	TD_CAUSE_TIMER = 102,		/* recovery on timer expiry */
	TD_CAUSE_PROTOCOL = 111,
	TD_CAUSE_INTERWORKING = 127
};

/** Q.850's own words ("User busy"), or "Cause N" in a static table for unknown ones. */
const char *td_cause_text(enum td_cause cause);
/** Short word for logs and JSON ("busy", "no-answer"). */
const char *td_cause_word(enum td_cause cause);

#endif
