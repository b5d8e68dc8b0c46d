/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many calls there are on a line of a phone, and whether one more may come (a dn's channels
 * and huntstop_channel, a phone's call_waiting). A number on several phones is counted on each.
 */
#include <string.h>
#include "userspace/core/core_priv.h"

void td_line_keep_counts(const struct td_endpoint *old, struct td_endpoint_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct td_endpoint_line *line = td_endpoint_line_at(old, lines[i].number);

		lines[i].n_calls = line ? line->n_calls : 0;
	}
}

/* Another leg to the same line of the same phone in this call: another place of it. */
static struct td_leg *twin_of(const struct td_leg *leg, const char *number, bool counted)
{
	struct td_leg *l;

	td_list_for_each(l, &leg->call->legs, struct td_leg, node)
		if (l != leg && l->ep == leg->ep && !!td_leg_core(l)->channel[0] == counted &&
		    (counted ? !strcmp(td_leg_core(l)->channel, number) :
			       td_leg_is_live(l) && !strcmp(l->party.number, number)))
			return l;
	return NULL;
}

void td_line_take(struct td_leg *leg, const char *number)
{
	struct td_endpoint_line *line = leg->ep && leg->ep->kind == TD_EP_PHONE ?
						td_endpoint_line_at(leg->ep, number) : NULL;
	struct td_leg_core *lc = td_leg_core(leg);

	if (!line || lc->channel[0] || twin_of(leg, number, true))
		return;
	td_strlcpy(lc->channel, line->number, sizeof(lc->channel));
	line->n_calls++;
}

void td_line_leave(struct td_leg *leg)
{
	struct td_leg_core *lc = td_leg_core(leg);
	struct td_endpoint_line *line;
	struct td_leg *twin;

	if (!lc->channel[0])
		return;
	twin = twin_of(leg, lc->channel, false);
	line = td_endpoint_line_at(leg->ep, lc->channel);
	if (twin)
		td_strlcpy(td_leg_core(twin)->channel, lc->channel, sizeof(lc->channel));
	else if (line && line->n_calls)	/* 0: it was taken away and came again */
		line->n_calls--;
	lc->channel[0] = '\0';
	td_call_back_rests(leg->ep);
}

bool td_line_is_full(const struct td_endpoint *ep, uint32_t line)
{
	const struct td_endpoint_line *l = &ep->lines[line];

	if (l->incoming && l->n_calls >= l->incoming)
		return true;
	if (l->intercom && l->intercom_barge_in)
		return false;
	for (size_t i = 0; !ep->call_waiting && i < ep->n_lines; i++)
		if (ep->lines[i].n_calls)
			return true;
	return false;
}
