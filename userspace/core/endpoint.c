/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who can call and be called: the table of endpoints by id, and the index from number to
 * the lines that carry it (one number may stand on several phones). A reload changes an
 * endpoint in place, all or nothing; one that is removed during a call is freed when its
 * last leg is gone.
 *
 * Whether and where an endpoint can be reached is its driver's knowledge (new_legs); the
 * state kept here is for show.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"

struct endpoint {
	struct td_endpoint ep;
	struct td_core *core;
	struct td_list list_node;
	struct td_number_ref *refs;	/* one per line, array */
	size_t n_refs;
};

static struct endpoint *own(const struct td_endpoint *ep)
{
	return td_container_of(ep, struct endpoint, ep);
}

/* ---- number -> lines ---- */

static struct td_number *number_get(struct td_core *core, const char *digits)
{
	struct td_route_result r = td_route_match(core->routes, digits);
	struct td_number *number;

	if (r.kind == TD_ROUTE_MATCH)
		return r.target;
	number = td_zalloc(sizeof(*number));
	if (!number)
		return NULL;
	td_strlcpy(number->digits, digits, sizeof(number->digits));
	td_list_init(&number->refs);
	if (td_route_add(core->routes, number->digits, number)) {
		td_free(number);
		return NULL;
	}
	return number;
}

static void refs_drop(struct td_core *core, struct td_number_ref *refs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct td_number *number = refs[i].number;

		if (!number)
			continue;
		td_list_del(&refs[i].node);
		if (!td_list_empty(&number->refs))
			continue;
		td_route_remove(core->routes, number->digits);
		td_free(number);
	}
	td_free(refs);
}

static bool number_is_before(const struct td_endpoint_line *lines, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (!strcmp(lines[k].number, lines[i].number))
			return true;
	return false;
}

/* A number on two buttons of one phone rings it once: the first button stands for both. */
static struct td_number_ref *refs_make(struct td_core *core, struct td_endpoint *ep,
				       const struct td_endpoint_line *lines, size_t n)
{
	struct td_number_ref *refs = td_calloc(n ? n : 1, sizeof(*refs));
	size_t i;

	if (!refs)
		return NULL;
	for (i = 0; i < n; i++) {
		if (!lines[i].number[0] || number_is_before(lines, i))
			continue;
		refs[i].number = number_get(core, lines[i].number);
		if (!refs[i].number) {
			refs_drop(core, refs, n);
			return NULL;
		}
		refs[i].ep = ep;
		refs[i].line = i;
		td_list_append(&refs[i].number->refs, &refs[i].node);
	}
	return refs;
}

const struct td_number *td_number_find(struct td_core *core, const char *digits)
{
	struct td_route_result r = td_route_match(core->routes, digits);

	return r.kind == TD_ROUTE_MATCH ? r.target : NULL;
}

enum td_dial td_core_dial(const struct td_core *core, const struct td_endpoint *ep,
			  const char *digits)
{
	struct td_route_result r = td_route_match(core->routes, digits);

	(void)ep;			/* everybody may dial every number of the house */
	if (r.kind == TD_ROUTE_MATCH)
		return r.longer ? TD_DIAL_MATCH_LONGER : TD_DIAL_MATCH;
	return r.kind == TD_ROUTE_MORE ? TD_DIAL_MORE : TD_DIAL_NONE;
}

/* ---- the endpoint ---- */

const struct td_endpoint_line *td_endpoint_line_of(const struct td_endpoint *ep,
						   const char *number)
{
	size_t i;

	for (i = 0; i < ep->n_lines; i++)
		if (!strcmp(ep->lines[i].number, number))
			return &ep->lines[i];
	return ep->n_lines ? &ep->lines[0] : NULL;
}

const char *td_endpoint_line_name(const struct td_endpoint *ep,
				  const struct td_endpoint_line *line)
{
	return line->name[0] ? line->name : ep->name;
}

struct td_endpoint *td_endpoint_find(struct td_core *core, const char *id)
{
	struct td_map_node *n = td_map_find_str(&core->endpoints, id);

	return n ? td_container_of(n, struct td_endpoint, node) : NULL;
}

static struct td_endpoint_line *make_lines(const struct td_config *cfg,
					   const struct cfg_phone *phone)
{
	struct td_endpoint_line *lines;
	size_t i;

	lines = td_calloc(phone->n_lines ? phone->n_lines : 1, sizeof(*lines));
	if (!lines)
		return NULL;
	for (i = 0; i < phone->n_lines; i++) {
		const struct cfg_dn *dn = &cfg->dns[phone->lines[i].dn];

		lines[i].button = phone->lines[i].button;
		td_strlcpy(lines[i].number, dn->number, sizeof(lines[i].number));
		td_strlcpy(lines[i].name, dn->name, sizeof(lines[i].name));
		td_strlcpy(lines[i].label, dn->label, sizeof(lines[i].label));
	}
	return lines;
}

static void copy_phone(struct td_endpoint *ep, const struct cfg_phone *phone)
{
	td_strlcpy(ep->name, phone->name, sizeof(ep->name));
	td_strlcpy(ep->type, phone->type, sizeof(ep->type));
	ep->tag = phone->tag;
	ep->has_mac = phone->has_mac;
	ep->nat = phone->nat;
	ep->digits_by_info = phone->dtmf_relay == CFG_DTMF_INFO;
	memcpy(ep->mac, phone->mac, sizeof(ep->mac));
	memcpy(ep->codec, phone->codec, sizeof(ep->codec));
	ep->n_codec = phone->n_codec;
}

static struct endpoint *endpoint_new(struct td_core *core, const char *id)
{
	struct endpoint *e = td_zalloc(sizeof(*e));

	if (!e)
		return NULL;
	e->core = core;
	td_strlcpy(e->ep.id, id, sizeof(e->ep.id));
	if (td_map_insert_str(&core->endpoints, &e->ep.node, e->ep.id)) {
		td_free(e);
		return NULL;
	}
	td_list_append(&core->endpoint_list, &e->list_node);
	return e;
}

static void endpoint_free(struct endpoint *e)
{
	td_free(e->ep.lines);
	td_free(e);
}

struct td_endpoint *td_endpoint_set(struct td_core *core, const struct td_config *cfg,
				    const struct cfg_phone *phone,
				    const struct td_driver_ops *ops, void *driver)
{
	struct td_endpoint *ep = td_endpoint_find(core, phone->id);
	struct endpoint *e = ep ? own(ep) : endpoint_new(core, phone->id);
	struct td_endpoint_line *lines;
	struct td_number_ref *refs;

	if (!e)
		return NULL;
	lines = make_lines(cfg, phone);
	if (!lines)
		goto undo;
	refs = refs_make(core, &e->ep, lines, phone->n_lines);
	if (!refs)
		goto free_lines;
	refs_drop(core, e->refs, e->n_refs);
	td_free(e->ep.lines);
	e->refs = refs;
	e->n_refs = phone->n_lines;
	e->ep.lines = lines;
	e->ep.n_lines = phone->n_lines;
	e->ep.ops = ops;
	e->ep.driver = driver;
	copy_phone(&e->ep, phone);
	return &e->ep;

free_lines:
	td_free(lines);
undo:
	if (!ep)
		td_endpoint_remove(core, &e->ep);
	return NULL;
}

void td_endpoint_remove(struct td_core *core, struct td_endpoint *ep)
{
	struct endpoint *e = own(ep);

	if (ep->gone)
		return;
	td_endpoint_set_state(core, ep, TD_EP_UNREGISTERED, NULL, NULL);
	refs_drop(core, e->refs, e->n_refs);
	e->refs = NULL;
	e->n_refs = 0;
	td_map_remove(&core->endpoints, &ep->node);
	td_list_del(&e->list_node);
	ep->gone = true;
	if (!ep->n_legs)
		endpoint_free(e);
}

void td_endpoint_get(struct td_endpoint *ep)
{
	if (ep)
		ep->n_legs++;
}

void td_endpoint_put(struct td_endpoint *ep)
{
	if (ep && !--ep->n_legs && ep->gone)
		endpoint_free(own(ep));
}

void td_endpoint_set_state(struct td_core *core, struct td_endpoint *ep, enum td_ep_state state,
			   const struct td_addr *address, const char *transport)
{
	if (ep->state == TD_EP_REGISTERED)
		core->n_registered--;
	if (state == TD_EP_REGISTERED)
		core->n_registered++;
	ep->state = state;
	if (address)
		ep->address = *address;
	else
		memset(&ep->address, 0, sizeof(ep->address));
	td_strlcpy(ep->transport, transport ? transport : "", sizeof(ep->transport));
	if (state != TD_EP_REGISTERED)
		ep->registered_ms = 0;
	else if (!ep->registered_ms)
		ep->registered_ms = td_core_unix_ms();	/* a refresh keeps the first time */
}

void td_endpoint_init(struct td_core *core)
{
	td_map_init(&core->endpoints);
	td_list_init(&core->endpoint_list);
}

void td_endpoint_fini(struct td_core *core)
{
	struct endpoint *e, *next;

	td_list_for_each_safe(e, next, &core->endpoint_list, struct endpoint, list_node)
		td_endpoint_remove(core, &e->ep);
	td_map_fini(&core->endpoints);
}

/* ---- show ---- */

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

static void show_one(const struct td_endpoint *ep, struct td_json *j, const char *key)
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
	td_json_str(j, "registration_method", or_null(ep->registration_method));
	td_json_str(j, "load", or_null(ep->load));
	if (ep->registered_ms)
		td_json_u64(j, "registered_ms", ep->registered_ms);
	else
		td_json_null(j, "registered_ms");
	td_json_end_object(j);
}

void td_core_show_phones(struct td_core *core, struct td_json *j, const char *key)
{
	struct endpoint *e;

	td_json_array(j, key);
	td_list_for_each(e, &core->endpoint_list, struct endpoint, list_node)
		show_one(&e->ep, j, NULL);
	td_json_end_array(j);
}

int td_core_show_phone(struct td_core *core, const char *id, struct td_json *j, const char *key)
{
	struct td_endpoint *ep = td_endpoint_find(core, id);

	if (!ep)
		return -ENOENT;
	show_one(ep, j, key);
	return 0;
}
