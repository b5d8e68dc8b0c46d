/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Endpoints as JSON, for the control socket. The keys are a contract with scripts: they are
 * added, never renamed.
 */
#include <errno.h>
#include "userspace/core/core_priv.h"

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
