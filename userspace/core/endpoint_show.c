/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Endpoints as JSON, for the control socket. The keys are a contract with scripts: they are
 * added, never renamed.
 */
#include <errno.h>
#include "userspace/core/core_priv.h"
#include "userspace/core/watch.h"

static void show_lines(const struct td_endpoint *ep, struct td_json *j)
{
	size_t i;

	td_json_array(j, "lines");
	for (i = 0; i < ep->n_lines; i++) {
		td_json_object(j, NULL);
		td_json_u64(j, "button", ep->lines[i].button);
		td_json_str(j, "number", ep->lines[i].number);
		td_json_str(j, "name", td_endpoint_line_name(ep, &ep->lines[i]));
		td_json_end_object(j);
	}
	td_json_end_array(j);
}

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static void show_one(const struct td_endpoint *ep, struct td_json *j, const char *key,
		     void (*more)(void *arg, struct td_json *j), void *arg)
{
	static const char *const states[] = {
		"unregistered", "registering", "registered", "rejected"
	};
	char text[TD_ADDR_STRLEN], mac[13];

	td_hex(mac, ep->mac, sizeof(ep->mac));
	td_json_object(j, key);
	td_json_str(j, "id", ep->id);
	if (ep->tag)
		td_json_u64(j, "tag", ep->tag);
	else
		td_json_null(j, "tag");
	td_json_str(j, "protocol", ep->ops->name);
	td_json_str(j, "type", or_null(ep->type));
	td_json_str(j, "mac", ep->has_mac ? mac : NULL);
	td_json_str(j, "state", states[ep->state]);
	td_json_str(j, "address",
		    td_addr_is_set(&ep->address) ? td_addr_str(&ep->address, text) : NULL);
	td_json_str(j, "transport", or_null(ep->transport));
	show_lines(ep, j);
	td_json_bool(j, "auto", ep->automatic);
	td_json_str(j, "registration_method", or_null(ep->registration_method));
	td_json_str(j, "load", or_null(ep->load));
	td_json_str(j, "call_back", or_null(td_core_call_back_to(ep)));
	if (ep->registered_ms)
		td_json_u64(j, "registered_ms", ep->registered_ms);
	else
		td_json_null(j, "registered_ms");
	if (more)
		more(arg, j);
	td_json_end_object(j);
}

void td_core_show_phones(struct td_core *core, struct td_json *j, const char *key)
{
	struct td_endpoint *ep;

	td_json_array(j, key);
	td_list_for_each(ep, &core->endpoint_list, struct td_endpoint, list_node)
		if (ep->kind == TD_EP_PHONE)
			show_one(ep, j, NULL, NULL, NULL);
	td_json_end_array(j);
}

int td_core_show_phone_with(struct td_core *core, const char *id, struct td_json *j, const char *key,
			    void (*more)(void *arg, struct td_json *j), void *arg)
{
	struct td_endpoint *ep = td_endpoint_find(core, id);

	if (!ep || ep->kind != TD_EP_PHONE)
		return -ENOENT;
	show_one(ep, j, key, more, arg);
	return 0;
}

int td_core_show_phone(struct td_core *core, const char *id, struct td_json *j, const char *key)
{
	return td_core_show_phone_with(core, id, j, key, NULL, NULL);
}

/* ---- lines that several phones have ---- */

static const char *use_of(const struct td_line_dialog *d)
{
	if (!d->up)
		return d->called ? "ringing" : "calling";
	return d->held ? "held" : "talking";
}

static void show_member(const struct td_number_ref *ref, const struct td_line_dialog *d,
			struct td_json *j)
{
	const struct td_endpoint *ep = ref->ep;

	td_json_object(j, NULL);
	td_json_str(j, "number", ref->number->digits);
	td_json_u64(j, "button", ep->lines[ref->line].button);
	td_json_str(j, "phone", ep->id);
	td_json_str(j, "protocol", ep->ops->name);
	td_json_str(j, "state", d ? use_of(d) : ep->state == TD_EP_REGISTERED ? "idle" : "offline");
	td_json_bool(j, "privacy", td_endpoint_is_private(ep));
	if (d)
		td_json_u64(j, "call", d->call_id);
	else
		td_json_null(j, "call");
	td_json_str(j, "with", d && d->remote.number[0] ? d->remote.number : NULL);
	td_json_str(j, "name", d && d->remote.name[0] ? d->remote.name : NULL);
	td_json_end_object(j);
}

#define MOST_SHOWN 32			/* calls of one number */

static void show_shared(struct td_core *core, const struct td_number *number, struct td_json *j)
{
	struct td_line_dialog d[MOST_SHOWN];
	size_t n = td_line_dialogs(core, number->digits, d, MOST_SHOWN);
	const struct td_number_ref *ref;

	td_list_for_each(ref, &number->refs, const struct td_number_ref, node) {
		bool busy = false;

		for (size_t i = 0; i < n; i++) {
			if (d[i].ep != ref->ep)
				continue;
			show_member(ref, &d[i], j);
			busy = true;
		}
		if (!busy)
			show_member(ref, NULL, j);
	}
}

void td_core_show_shared_lines(struct td_core *core, struct td_json *j, const char *key)
{
	struct td_map_node *n, *next;

	td_json_array(j, key);
	td_map_for_each_safe(n, next, &core->numbers) {
		const struct td_number *number = td_container_of(n, struct td_number, node);

		if (td_core_number_phones(core, number->digits) > 1)
			show_shared(core, number, j);
	}
	td_json_end_array(j);
}

/* ---- trunks ---- */

static void show_trunk(const struct td_endpoint *ep, struct td_json *j)
{
	static const char *const states[] = { "down", "trying", "up", "rejected" };
	char text[TD_ADDR_STRLEN];

	td_json_object(j, NULL);
	td_json_str(j, "id", ep->id);
	td_json_str(j, "name", or_null(ep->name));
	td_json_str(j, "protocol", ep->ops->name);
	td_json_str(j, "state", states[ep->state]);
	td_json_str(j, "address",
		    td_addr_is_set(&ep->address) ? td_addr_str(&ep->address, text) : NULL);
	td_json_str(j, "transport", or_null(ep->transport));
	td_json_u64(j, "calls", ep->n_legs);
	td_json_u64(j, "max_calls", ep->max_legs);
	td_json_end_object(j);
}

void td_core_show_trunks(struct td_core *core, struct td_json *j, const char *key)
{
	struct td_endpoint *ep;

	td_json_array(j, key);
	td_list_for_each(ep, &core->endpoint_list, struct td_endpoint, list_node)
		if (ep->kind == TD_EP_TRUNK)
			show_trunk(ep, j);
	td_json_end_array(j);
}
