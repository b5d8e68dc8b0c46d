/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transfer recall: a call that was transferred, and that nobody takes, comes back to who
 * transferred it (CME: "timeouts transfer-recall"). Who still waits aside has it back at once
 * (feat_transfer.c); who has hung up is rung, with the number that did not answer as the one
 * that sent the call. When that phone is busy the caller waits in the house between three tries.
 */
#include <string.h>
#include "userspace/core/core_priv.h"

#define TRIES		3
#define RETRY_MS	15000

void td_recall_set(struct td_call *call, const char *number)
{
	td_strlcpy(call->recall_to, number, sizeof(call->recall_to));
	call->recalls = 0;
	call->recalling = call->recall_first = false;
}

void td_recall_forget(struct td_call *call)
{
	td_recall_set(call, "");
}

uint32_t td_recall_patience_ms(struct td_call *call, uint32_t ms)
{
	uint32_t recall_ms = call->core->recall_ms;

	call->recall_first = recall_ms && call->recall_to[0] && !call->recalling && recall_ms < ms;
	return call->recall_first ? recall_ms : ms;
}

static bool ring_back(struct td_call *call)
{
	call->recalls++;
	call->recall_first = false;
	call->recalling = td_call_route_back(call, call->recall_to, call->recall_to);
	return call->recalling;
}

/* Nothing else is going on in the call meanwhile. */
static void wait_in_the_house(struct td_call *call)
{
	td_call_timer_ms(call, RETRY_MS);
}

bool td_recall(struct td_call *call)
{
	if (!call->core->recall_ms || !call->recall_to[0] || call->recalls >= TRIES)
		return false;
	if (!call->recalls) {
		td_log_info(TD_LOG_CORE, "call=%u recalled to=%s from=%s", call->id, call->recall_to,
			    call->to.number);
		call->diversion = (struct td_diversion){
			.reason = call->cause == TD_CAUSE_BUSY ? TD_DIVERT_BUSY : TD_DIVERT_NO_ANSWER,
			.count = 1,
		};
		td_strlcpy(call->diversion.by, call->to.number, sizeof(call->diversion.by));
		call->from = call->a->party;
		memset(&call->to, 0, sizeof(call->to));
		td_strlcpy(call->to.number, call->recall_to, sizeof(call->to.number));
		call->alone = call->core->has_music;
		td_call_rejoin_media(call);
		if (ring_back(call))
			return true;
	}
	call->recalling = false;
	if (call->recalls < TRIES)
		wait_in_the_house(call);
	return call->recalls < TRIES;
}

int td_call_on_recall_timer(struct td_call *call)
{
	if (!call->recall_to[0])
		return -1;	/* of a slot that was taken away */
	if (ring_back(call))
		return TD_CALL_SETUP;
	if (call->recalls >= TRIES)
		return td_call_clear(call, call->cause);
	wait_in_the_house(call);
	return -1;
}
