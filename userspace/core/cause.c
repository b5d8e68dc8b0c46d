/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Names of the causes: the text is ITU-T Q.850's own, the word is ours, for logs and
 * JSON. A cause that a peer invents still has a text ("Cause 77"), without a buffer.
 */
#include <stddef.h>
#include "userspace/core/cause.h"

struct cause_name {
	enum td_cause cause;
	const char *word, *text;
};

static const struct cause_name names[] = {
	{ TD_CAUSE_NONE, "none", "No cause" },
	{ TD_CAUSE_UNALLOCATED, "unallocated", "Unallocated (unassigned) number" },
	{ TD_CAUSE_NO_ROUTE, "no-route", "No route to destination" },
	{ TD_CAUSE_NORMAL, "normal", "Normal call clearing" },
	{ TD_CAUSE_BUSY, "busy", "User busy" },
	{ TD_CAUSE_NO_RESPONSE, "no-response", "No user responding" },
	{ TD_CAUSE_NO_ANSWER, "no-answer", "No answer from user (user alerted)" },
	{ TD_CAUSE_ABSENT, "absent", "Subscriber absent" },
	{ TD_CAUSE_REJECTED, "rejected", "Call rejected" },
	{ TD_CAUSE_LOOP, "loop", "Exchange routing error" },
	{ TD_CAUSE_ELSEWHERE, "elsewhere", "Non-selected user clearing" },
	{ TD_CAUSE_OUT_OF_ORDER, "out-of-order", "Destination out of order" },
	{ TD_CAUSE_BAD_NUMBER, "bad-number", "Invalid number format (address incomplete)" },
	{ TD_CAUSE_FACILITY_REJECTED, "facility-rejected", "Facility rejected" },
	{ TD_CAUSE_UNSPECIFIED, "unspecified", "Normal, unspecified" },
	{ TD_CAUSE_NO_CIRCUIT, "no-circuit", "No circuit/channel available" },
	{ TD_CAUSE_NET_OUT_OF_ORDER, "net-out-of-order", "Network out of order" },
	{ TD_CAUSE_TEMPORARY, "temporary", "Temporary failure" },
	{ TD_CAUSE_CONGESTION, "congestion", "Switching equipment congestion" },
	{ TD_CAUSE_NO_RESOURCE, "no-resource", "Resource unavailable, unspecified" },
	{ TD_CAUSE_BARRED, "barred", "Bearer capability not authorized" },
	{ TD_CAUSE_NO_MEDIA_MATCH, "no-media-match", "Incompatible destination" },
	{ TD_CAUSE_INVALID, "invalid", "Invalid message, unspecified" },
	{ TD_CAUSE_TIMER, "timer", "Recovery on timer expiry" },
	{ TD_CAUSE_PROTOCOL, "protocol", "Protocol error, unspecified" },
	{ TD_CAUSE_INTERWORKING, "interworking", "Interworking, unspecified" },
};

#define TEN(t) "Cause " #t "0", "Cause " #t "1", "Cause " #t "2", "Cause " #t "3", \
	       "Cause " #t "4", "Cause " #t "5", "Cause " #t "6", "Cause " #t "7", \
	       "Cause " #t "8", "Cause " #t "9"

/* Q.850 has seven bits for a cause. */
static const char *const unknown[] = {
	TEN(), TEN(1), TEN(2), TEN(3), TEN(4), TEN(5), TEN(6), TEN(7), TEN(8), TEN(9), TEN(10),
	TEN(11), "Cause 120", "Cause 121", "Cause 122", "Cause 123", "Cause 124", "Cause 125",
	"Cause 126", "Cause 127"
};
_Static_assert(sizeof(unknown) / sizeof(unknown[0]) == 128, "one text for each of 7 bits");

static const struct cause_name *find(enum td_cause cause)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].cause == cause)
			return &names[i];
	return NULL;
}

const char *td_cause_text(enum td_cause cause)
{
	const struct cause_name *n = find(cause);

	if (n)
		return n->text;
	return (unsigned int)cause < 128 ? unknown[cause] : "Cause unknown";
}

const char *td_cause_word(enum td_cause cause)
{
	const struct cause_name *n = find(cause);

	return n ? n->word : "other";
}
