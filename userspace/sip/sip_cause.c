/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Causes at the edge: Q.850 numbers of the core to SIP status codes and back, and the
 * Reason header. After RFC 3398 7.2.4.1 and 8.2.6.1, with the differences that a PBX of
 * phones wants: "the user declined" is 603 (the RFC's footnote for location "user"),
 * "no common codec" is 488 rather than 503, and what a phone said is heard unchanged by
 * the caller where a status has no better number (480 -> 18 -> 480). Reason: RFC 3326,
 * 6432 (Q.850 in responses).
 */
#include "userspace/sip/sip_priv.h"

#include "userspace/base/str.h"

struct cause_status {
	enum td_cause cause;
	int status;
	const char *phrase;		/* literal: nta keeps the pointer */
};

static const struct cause_status of_cause[] = {
	{ TD_CAUSE_UNALLOCATED,	      SIP_404_NOT_FOUND },
	{ TD_CAUSE_NO_ROUTE,	      SIP_404_NOT_FOUND },
	{ TD_CAUSE_NORMAL,	      SIP_480_TEMPORARILY_UNAVAILABLE },
	{ TD_CAUSE_BUSY,	      SIP_486_BUSY_HERE },
	{ TD_CAUSE_NO_RESPONSE,	      SIP_480_TEMPORARILY_UNAVAILABLE },
	{ TD_CAUSE_NO_ANSWER,	      SIP_480_TEMPORARILY_UNAVAILABLE },
	{ TD_CAUSE_ABSENT,	      SIP_480_TEMPORARILY_UNAVAILABLE },
	{ TD_CAUSE_REJECTED,	      SIP_603_DECLINE },
	{ TD_CAUSE_LOOP,	      SIP_483_TOO_MANY_HOPS },
	{ TD_CAUSE_ELSEWHERE,	      SIP_480_TEMPORARILY_UNAVAILABLE },
	{ TD_CAUSE_OUT_OF_ORDER,      SIP_502_BAD_GATEWAY },
	{ TD_CAUSE_BAD_NUMBER,	      SIP_484_ADDRESS_INCOMPLETE },
	{ TD_CAUSE_FACILITY_REJECTED, SIP_501_NOT_IMPLEMENTED },
	{ TD_CAUSE_UNSPECIFIED,	      SIP_480_TEMPORARILY_UNAVAILABLE },
	{ TD_CAUSE_NO_CIRCUIT,	      SIP_503_SERVICE_UNAVAILABLE },
	{ TD_CAUSE_NET_OUT_OF_ORDER,  SIP_503_SERVICE_UNAVAILABLE },
	{ TD_CAUSE_TEMPORARY,	      SIP_503_SERVICE_UNAVAILABLE },
	{ TD_CAUSE_CONGESTION,	      SIP_503_SERVICE_UNAVAILABLE },
	{ TD_CAUSE_NO_RESOURCE,	      SIP_503_SERVICE_UNAVAILABLE },
	{ TD_CAUSE_BARRED,	      SIP_403_FORBIDDEN },
	{ TD_CAUSE_NO_MEDIA_MATCH,    SIP_488_NOT_ACCEPTABLE },
	{ TD_CAUSE_INVALID,	      SIP_400_BAD_REQUEST },
	{ TD_CAUSE_TIMER,	      SIP_504_GATEWAY_TIME_OUT },
	{ TD_CAUSE_PROTOCOL,	      SIP_500_INTERNAL_SERVER_ERROR },
	{ TD_CAUSE_INTERWORKING,      SIP_500_INTERNAL_SERVER_ERROR },
};

struct status_cause {
	int status;
	enum td_cause cause;
};

static const struct status_cause of_status[] = {
	{ 400, TD_CAUSE_TEMPORARY },	{ 401, TD_CAUSE_REJECTED },
	{ 402, TD_CAUSE_REJECTED },	{ 403, TD_CAUSE_BARRED },
	{ 404, TD_CAUSE_UNALLOCATED },	{ 405, TD_CAUSE_INTERWORKING },
	{ 406, TD_CAUSE_INTERWORKING }, { 407, TD_CAUSE_REJECTED },
	{ 408, TD_CAUSE_NO_RESPONSE },	{ 410, TD_CAUSE_UNALLOCATED },
	{ 413, TD_CAUSE_INTERWORKING }, { 414, TD_CAUSE_INTERWORKING },
	{ 415, TD_CAUSE_INTERWORKING }, { 420, TD_CAUSE_INTERWORKING },
	{ 421, TD_CAUSE_INTERWORKING }, { 480, TD_CAUSE_NO_RESPONSE },
	{ 481, TD_CAUSE_TEMPORARY },	{ 482, TD_CAUSE_LOOP },
	{ 483, TD_CAUSE_LOOP },		{ 484, TD_CAUSE_BAD_NUMBER },
	{ 485, TD_CAUSE_UNALLOCATED },	{ 486, TD_CAUSE_BUSY },
	{ 487, TD_CAUSE_NORMAL },	{ 488, TD_CAUSE_NO_MEDIA_MATCH },
	{ 500, TD_CAUSE_TEMPORARY },	{ 501, TD_CAUSE_FACILITY_REJECTED },
	{ 502, TD_CAUSE_OUT_OF_ORDER }, { 503, TD_CAUSE_TEMPORARY },
	{ 504, TD_CAUSE_TIMER },	{ 505, TD_CAUSE_INTERWORKING },
	{ 513, TD_CAUSE_INTERWORKING }, { 600, TD_CAUSE_BUSY },
	{ 603, TD_CAUSE_REJECTED },	{ 604, TD_CAUSE_UNALLOCATED },
	{ 606, TD_CAUSE_NO_MEDIA_MATCH },
};

int td_sip_status_of_cause(enum td_cause cause, const char **phrase)
{
	for (size_t i = 0; i < sizeof(of_cause) / sizeof(of_cause[0]); i++) {
		if (of_cause[i].cause != cause)
			continue;
		if (phrase)
			*phrase = of_cause[i].phrase;
		return of_cause[i].status;
	}
	if (phrase)
		*phrase = sip_480_Temporarily_unavailable;
	return 480;
}

enum td_cause td_sip_cause_of_status(int status)
{
	for (size_t i = 0; i < sizeof(of_status) / sizeof(of_status[0]); i++)
		if (of_status[i].status == status)
			return of_status[i].cause;
	if (status < 300)
		return TD_CAUSE_NORMAL;
	if (status < 400)
		return TD_CAUSE_TEMPORARY;	/* no redirection in this release */
	return status < 500 ? TD_CAUSE_INTERWORKING : TD_CAUSE_TEMPORARY;
}

static bool reason_number(const sip_reason_t *re, uint32_t *n)
{
	return re->re_cause && td_parse_u32(td_str_of(re->re_cause), n) == 0;
}

enum td_cause td_sip_cause_of_reason(const sip_t *s)
{
	enum td_cause sip_cause = TD_CAUSE_NONE;
	uint32_t n;

	if (!s)
		return TD_CAUSE_NONE;
	for (const sip_reason_t *re = s->sip_reason; re; re = re->re_next) {
		if (!re->re_protocol || !reason_number(re, &n))
			continue;
		if (su_casematch(re->re_protocol, "Q.850")) {
			if (n >= 1 && n <= 127)
				return (enum td_cause)n;
		} else if (su_casematch(re->re_protocol, "SIP") && sip_cause == TD_CAUSE_NONE) {
			/* RFC 3326 2: a fork that lost is cancelled with 200 */
			sip_cause = n == 200 ? TD_CAUSE_ELSEWHERE :
					       td_sip_cause_of_status((int)n);
		}
	}
	return sip_cause;
}

const char *td_sip_reason_text(enum td_cause cause, char *dst, size_t len)
{
	snprintf(dst, len, "Q.850;cause=%d;text=\"%s\"", (int)cause, td_cause_text(cause));
	return dst;
}
