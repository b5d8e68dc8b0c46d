/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The body of a message-summary (RFC 3842 5): how many messages wait for whom.
 */
#ifndef TD_SIP_SUMMARY_H
#define TD_SIP_SUMMARY_H

#include <stdint.h>

#include "userspace/base/str.h"

struct sip_summary {
	struct td_str account;		/* a view: the URI of Message-Account; empty = not said */
	uint32_t messages;		/* new voice messages; 1 where only their being is told */
};

/** -EBADMSG: it does not say whether messages wait. */
int td_sip_summary_read(struct td_str text, struct sip_summary *out);

#endif
