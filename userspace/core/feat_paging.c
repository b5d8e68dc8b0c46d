/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paging: who dials the number speaks to the phones of a group, which answer by themselves. Each
 * of them is called as by an operator and then dials the number, too (originate.c): so a page is a
 * conference where one is heard.
 */
#include <string.h>
#include "userspace/core/core_priv.h"

const struct cfg_paging *td_paging_of(const struct td_core *core, const char *digits)
{
	for (size_t i = 0; i < core->n_pagings; i++)
		if (!strcmp(core->pagings[i].number, digits))
			return &core->pagings[i];
	return NULL;
}

enum td_cause td_page(struct td_call *call, const struct cfg_paging *p)
{
	enum td_cause cause;
	unsigned int n = 0;

	if (call->paged)
		return td_conference_listen(call, p->number);
	cause = td_conference_speak(call, p->number);
	if (cause)
		return cause;
	for (size_t i = 0; i < p->n_member; i++)
		if (strcmp(p->member[i], call->from.number) != 0)
			n += !td_call_page_phone(call->core, p->member[i], p->number);
	td_log_info(TD_LOG_CORE, "call=%u pages=%s phones=%u", call->id, p->number, n);
	return TD_CAUSE_NONE;
}
