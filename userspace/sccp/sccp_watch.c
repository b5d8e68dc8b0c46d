/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a phone's numbers elsewhere, and is shown on it: all calls of a line go to
 * another number, whoever has said so.
 */
#include "userspace/sccp/sccp_priv.h"

#include "userspace/core/watch.h"

struct sccp_watch {
	struct td_watch watch;
	struct sccp_phone *phone;
	uint32_t line;
	bool forwarded;			/* as the phone was told last */
};

static void on_line(void *arg)
{
	struct sccp_watch *w = arg;
	struct sccp_phone *phone = w->phone;
	const char *to = td_core_forwarded_to(phone->sccp->core,
					      td_sccp_phone_line(phone, w->line)->number);

	if (!to[0] && !w->forwarded)
		return;
	w->forwarded = to[0];
	td_sccp_send_forward(phone->session, w->line);
	if (w->line == 1)
		td_sccp_show_idle_prompt(phone);
}

void td_sccp_watch_start(struct sccp_phone *phone)
{
	struct td_core *core = phone->sccp->core;
	size_t n = phone->ep->n_lines;

	td_sccp_watch_stop(phone);
	phone->watches = td_calloc(n ? n : 1, sizeof(*phone->watches));
	if (!phone->watches)
		return;			/* its lamps stay as they are */
	phone->n_watches = n;
	for (size_t i = 0; i < n; i++) {
		struct sccp_watch *w = &phone->watches[i];
		const char *number = phone->ep->lines[i].number;

		w->phone = phone;
		w->line = (uint32_t)i + 1;
		w->forwarded = td_core_forwarded_to(core, number)[0];
		td_watch_start(core, number, &w->watch, on_line, w);
	}
}

void td_sccp_watch_stop(struct sccp_phone *phone)
{
	for (size_t i = 0; i < phone->n_watches; i++)
		td_watch_stop(phone->sccp->core, &phone->watches[i].watch);
	td_free(phone->watches);
	phone->watches = NULL;
	phone->n_watches = 0;
}
