/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paging: who dials the number speaks to the phones of a group, which answer by themselves. Each
 * of them is called as by an operator and then dials the number, too (originate.c): so a page is a
 * conference where one is heard. With a multicast group that conference is heard there, too, and
 * phones that can listen to it are not called.
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

/* ---- by multicast ---- */

static bool send_to_group(struct td_call *call, const struct cfg_paging *p)
{
	const struct td_media_port *port = &call->core->media;

	call->streams = td_addr_is_set(&p->multicast.group) && port->ops->stream &&
			!port->ops->stream(port->plane, call->conference, &p->multicast);
	return call->streams;
}

/* The phones of a number that can listen. Returns how many. */
static unsigned int let_listen(struct td_call *call, const struct cfg_paging *p, const char *number)
{
	const struct td_number *n = td_number_find(call->core, number);
	const struct td_number_ref *ref;
	unsigned int listen = 0;

	if (!n)
		return 0;
	td_list_for_each(ref, &n->refs, const struct td_number_ref, node) {
		struct td_endpoint *ep = ref->ep;

		if (ep == call->a->ep || ep->n_legs || ep->hears_page || !ep->ops->page ||
		    ep->ops->page(ep->driver, ep, p))
			continue;
		ep->hears_page = call->conference;
		listen++;
	}
	return listen;
}

/* It was a person who hung up: all phones may be looked at. */
void td_page_end(struct td_call *call, uint32_t conference)
{
	struct td_core *core = call->core;
	struct td_endpoint *ep;

	if (!call->streams)
		return;
	core->media.ops->stream(core->media.plane, conference, NULL);
	td_list_for_each(ep, &core->endpoint_list, struct td_endpoint, list_node) {
		if (ep->hears_page != conference)
			continue;
		ep->hears_page = 0;
		ep->ops->page(ep->driver, ep, NULL);
	}
}

/* ---- a page ---- */

enum td_cause td_page(struct td_call *call, const struct cfg_paging *p)
{
	unsigned int n = 0, listen = 0;
	enum td_cause cause;
	bool group;

	if (call->paged)
		return td_conference_listen(call, p->number);
	cause = td_conference_speak(call, p->number);
	if (cause)
		return cause;
	group = send_to_group(call, p);
	for (size_t i = 0; i < p->n_member; i++) {
		unsigned int by_group = group ? let_listen(call, p, p->member[i]) : 0;

		listen += by_group;
		if (!by_group && strcmp(p->member[i], call->from.number) != 0)
			n += !td_call_page_phone(call->core, p->member[i], p->number);
	}
	td_log_info(TD_LOG_CORE, "call=%u pages=%s phones=%u multicast=%u", call->id, p->number, n,
		    listen);
	return TD_CAUSE_NONE;
}
