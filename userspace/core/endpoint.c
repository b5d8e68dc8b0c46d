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
	struct td_number_ref *refs;	/* one per line, array */
	size_t n_refs;
};

static struct endpoint *own(const struct td_endpoint *ep)
{
	return td_container_of(ep, struct endpoint, ep);
}

/* ---- number -> lines ---- */

static struct td_number *number_find(struct td_core *core, const char *digits)
{
	struct td_map_node *n = td_map_find_str(&core->numbers, digits);

	return n ? td_container_of(n, struct td_number, node) : NULL;
}

static int number_enter(struct td_core *core, struct td_number *number)
{
	struct td_dial_pattern pattern;
	int err;

	if (td_dial_number(&pattern, number->digits))
		return -EINVAL;
	err = td_map_insert_str(&core->numbers, &number->node, number->digits);
	if (err)
		return err;
	err = td_target_add(core, &number->target, TD_TARGET_NUMBER);
	if (!err) {
		err = td_route_add(core->routes, &pattern, number, number->preference, 0);
		if (err)
			td_target_remove(core, &number->target);
	}
	if (err)
		td_map_remove(&core->numbers, &number->node);
	return err;
}

static void number_leave(struct td_core *core, struct td_number *number)
{
	struct td_dial_pattern pattern;

	if (!td_dial_number(&pattern, number->digits))
		td_route_remove(core->routes, &pattern, number);
	td_target_remove(core, &number->target);
	td_map_remove(&core->numbers, &number->node);
	td_free(number);
}

/* What the dn says; all its lines say the same. */
static void number_learn(struct td_core *core, struct td_number *number,
			 const struct td_endpoint_line *line)
{
	struct td_dial_pattern pattern;
	char set[CFG_NUMBER_LEN];

	td_strlcpy(number->cor_outgoing, line->cor_outgoing, sizeof(number->cor_outgoing));
	number->huntstop = line->huntstop;
	number->unwatched = line->unwatched;
	td_strlcpy(number->pickup_group, line->pickup_group, sizeof(number->pickup_group));
	td_strlcpy(set, number->forward.all, sizeof(set));
	number->forward = line->forward;
	if (number->forward_set)
		td_strlcpy(number->forward.all, set, sizeof(number->forward.all));
	number->preference = line->preference;
	if (!td_dial_number(&pattern, number->digits))
		td_route_prefer(core->routes, &pattern, number, line->preference);
}

static struct td_number *number_get(struct td_core *core, const struct td_endpoint_line *line)
{
	struct td_number *number = number_find(core, line->number);

	if (number)
		return number;
	number = td_zalloc(sizeof(*number));
	if (!number)
		return NULL;
	td_strlcpy(number->digits, line->number, sizeof(number->digits));
	td_strlcpy(number->cor_outgoing, line->cor_outgoing, sizeof(number->cor_outgoing));
	number->preference = line->preference;
	number->huntstop = line->huntstop;
	number->unwatched = line->unwatched;
	td_list_init(&number->refs);
	if (number_enter(core, number)) {
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
		number_leave(core, number);
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
		refs[i].number = number_get(core, &lines[i]);
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
	return number_find(core, digits);
}

size_t td_core_number_phones(struct td_core *core, const char *digits)
{
	struct td_number *number = number_find(core, digits);
	struct td_number_ref *ref;
	size_t n = 0;

	if (number)
		td_list_for_each(ref, &number->refs, struct td_number_ref, node)
			n++;
	return n;
}

void td_number_rests(struct td_core *core, const char *digits)
{
	struct td_number *number = number_find(core, digits);

	if (number)
		number->idle_since_ms = td_loop_now_ms(core->loop);
}

static void fill_state(const struct td_number *number, struct td_number_state *st)
{
	*st = (struct td_number_state){ .number = number->digits, .forward_all = number->forward.all,
					.forward_set = number->forward_set,
					.messages = number->messages,
					.logged_out = number->logged_out };
}

static void number_changed(struct td_core *core, const struct td_number *number)
{
	struct td_number_state st;

	td_watch_touch(core, number->digits);
	fill_state(number, &st);
	if (core->number_watch)
		core->number_watch(core->number_watch_arg, &st);
}

int td_core_forward_all(struct td_core *core, const char *digits, const char *to)
{
	struct td_number *number = number_find(core, digits);

	if (!number)
		return -ENOENT;
	td_log_info(TD_LOG_CORE, "number=%s all calls to=%s", digits, to[0] ? to : "none");
	td_strlcpy(number->forward.all, to, sizeof(number->forward.all));
	number->forward_set = true;
	number_changed(core, number);
	return 0;
}

int td_core_log_out(struct td_core *core, const char *digits, bool out)
{
	struct td_number *number = number_find(core, digits);

	if (!number)
		return -ENOENT;
	number->logged_out = out;
	td_log_info(TD_LOG_CORE, "number=%s logged %s hunt groups", digits, out ? "out of" : "into");
	number_changed(core, number);
	return 0;
}

int td_number_hlog(struct td_core *core, const char *digits)
{
	const struct td_number *number = number_find(core, digits);

	return number ? td_core_log_out(core, digits, !number->logged_out) : -ENOENT;
}

const char *td_core_forwarded_to(struct td_core *core, const char *digits)
{
	const struct td_number *number = number_find(core, digits);

	return number ? number->forward.all : "";
}

int td_core_set_messages(struct td_core *core, const char *digits, uint32_t count)
{
	struct td_number *number = number_find(core, digits);

	if (!number)
		return -ENOENT;
	number->messages = count;
	number_changed(core, number);
	return 0;
}

int td_core_number_state(struct td_core *core, const char *digits, struct td_number_state *st)
{
	const struct td_number *number = number_find(core, digits);

	if (!number)
		return -ENOENT;
	fill_state(number, st);
	return 0;
}

void td_core_watch_numbers(struct td_core *core, td_number_watch_fn fn, void *arg)
{
	core->number_watch = fn;
	core->number_watch_arg = arg;
}

static enum td_dial plan_dial(const struct td_core *core, const struct td_endpoint *ep,
			      const char *digits)
{
	struct td_route_plan plan;

	td_dialplan_choose(core, ep, digits, "", false, &plan);
	if (plan.kind == TD_ROUTE_MATCH)
		return plan.longer ? TD_DIAL_MATCH_LONGER : TD_DIAL_MATCH;
	return plan.kind == TD_ROUTE_MORE ? TD_DIAL_MORE : TD_DIAL_NONE;
}

enum td_dial td_core_dial(const struct td_core *core, const struct td_endpoint *ep,
			  const char *digits)
{
	bool phone = ep && ep->kind == TD_EP_PHONE;
	struct td_dialled how = { .hides = false };
	char called[TD_NUMBER_LEN], calling[TD_NUMBER_LEN] = "";
	const char *rest = phone ? td_feature_prefix(core, digits, &how) : called;
	enum td_dial number, feature;

	td_strlcpy(called, digits, sizeof(called));
	if (!phone && !td_dialplan_enter(core, ep, called, calling))
		return TD_DIAL_NONE;
	number = plan_dial(core, ep, rest);
	feature = phone ? td_feature_dial(core, rest) : TD_DIAL_NONE;
	if (number == TD_DIAL_NONE || feature == TD_DIAL_NONE)
		return number == TD_DIAL_NONE ? feature : number;
	if (number == TD_DIAL_MORE && feature == TD_DIAL_MORE)
		return TD_DIAL_MORE;
	return number == TD_DIAL_MATCH && feature == TD_DIAL_MATCH ? TD_DIAL_MATCH :
								     TD_DIAL_MATCH_LONGER;
}

bool td_core_overlaps(const struct td_core *core, const struct td_endpoint *ep,
		      const char *digits)
{
	struct td_route_plan plan;

	if (td_feature_dial(core, digits) != TD_DIAL_NONE)
		return false;
	td_dialplan_choose(core, ep, digits, "", false, &plan);
	return plan.kind == TD_ROUTE_MATCH && plan.longer && !plan.other &&
	       td_dialplan_overlaps(core, &plan.choice[0]);
}

/* ---- the endpoint ---- */

struct td_endpoint_line *td_endpoint_line_at(const struct td_endpoint *ep, const char *number)
{
	for (size_t i = 0; i < ep->n_lines; i++)
		if (!strcmp(ep->lines[i].number, number))
			return &ep->lines[i];
	return NULL;
}

const struct td_endpoint_line *td_endpoint_line_of(const struct td_endpoint *ep,
						   const char *number)
{
	const struct td_endpoint_line *line = td_endpoint_line_at(ep, number);

	return line || !ep->n_lines ? line : &ep->lines[0];
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

bool td_endpoint_is_private(const struct td_endpoint *ep)
{
	return ep->privacy_by_hand ? ep->privacy_by_hand > 0 : ep->privacy;
}

void td_endpoint_set_private(struct td_core *core, struct td_endpoint *ep, bool on)
{
	ep->privacy_by_hand = on ? 1 : -1;
	td_watch_endpoint(core, ep);
}

static void copy_forward(struct td_forward *f, const struct cfg_dn *dn)
{
	td_strlcpy(f->all, dn->cfwd_all, sizeof(f->all));
	td_strlcpy(f->busy, dn->cfwd_busy, sizeof(f->busy));
	td_strlcpy(f->no_answer, dn->cfwd_noan, sizeof(f->no_answer));
	td_strlcpy(f->night, dn->cfwd_night, sizeof(f->night));
	td_strlcpy(f->unreachable, dn->cfwd_unreachable[0] ? dn->cfwd_unreachable : dn->cfwd_noan,
		   sizeof(f->unreachable));
	f->no_answer_ms = dn->cfwd_noan_timeout * 1000;
	td_strlcpy(f->reach, dn->snr, sizeof(f->reach));
	f->reach_delay_ms = dn->snr_delay * 1000;
	f->reach_ms = dn->snr_timeout * 1000;
	f->reach_local = dn->snr_calling_local;
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
		td_strlcpy(lines[i].cor_outgoing, dn->cor_outgoing,
			   sizeof(lines[i].cor_outgoing));
		td_strlcpy(lines[i].pickup_group, dn->pickup_group,
			   sizeof(lines[i].pickup_group));
		lines[i].channels = (uint8_t)dn->channels;
		lines[i].incoming = (uint8_t)(dn->huntstop_channel ? dn->huntstop_channel :
					      dn->channels);
		lines[i].caller_id_block = dn->caller_id_block;
		lines[i].intercom = dn->intercom;
		lines[i].intercom_no_mute = dn->intercom_no_mute;
		lines[i].intercom_barge_in = dn->intercom_barge_in;
		td_strlcpy(lines[i].intercom_number, dn->intercom_number,
			   sizeof(lines[i].intercom_number));
		lines[i].unwatched = !dn->allow_watch;
		lines[i].preference = (uint8_t)dn->preference;
		lines[i].huntstop = dn->huntstop;
		copy_forward(&lines[i].forward, dn);
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
	ep->srtp = (uint8_t)phone->srtp;
	ep->media_forking = phone->media_forking;
	ep->call_waiting = phone->call_waiting;
	ep->privacy = phone->privacy;
	ep->after_hours_exempt = phone->after_hours_exempt;
	ep->overlap = phone->overlap_signal;
	ep->dtmf = (uint8_t)phone->dtmf_relay;
	ep->mtp = phone->mtp;
	ep->family = (uint8_t)phone->protocol_mode;
	memcpy(ep->mac, phone->mac, sizeof(ep->mac));
	memcpy(ep->codec, phone->codec, sizeof(ep->codec));
	ep->n_codec = phone->n_codec;
	td_strlcpy(ep->cor_incoming, phone->cor_incoming, sizeof(ep->cor_incoming));
}

static struct endpoint *endpoint_new(struct td_core *core, const char *id, enum td_ep_kind kind)
{
	struct endpoint *e = td_zalloc(sizeof(*e));

	if (!e)
		return NULL;
	e->core = core;
	e->ep.kind = (uint8_t)kind;
	td_strlcpy(e->ep.id, id, sizeof(e->ep.id));
	if (td_map_insert_str(&core->endpoints, &e->ep.node, e->ep.id)) {
		td_free(e);
		return NULL;
	}
	td_list_append(&core->endpoint_list, &e->ep.list_node);
	core->n_phones += kind == TD_EP_PHONE;
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
	struct endpoint *e = ep ? own(ep) : endpoint_new(core, phone->id, TD_EP_PHONE);
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
	td_line_keep_counts(&e->ep, lines, phone->n_lines);
	td_free(e->ep.lines);
	for (size_t i = 0; i < phone->n_lines; i++)
		if (refs[i].number)
			number_learn(core, refs[i].number, &lines[i]);
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

static void copy_trunk(struct td_endpoint *ep, const struct cfg_trunk *t)
{
	td_strlcpy(ep->name, t->name, sizeof(ep->name));
	td_strlcpy(ep->cor_incoming, t->cor_incoming, sizeof(ep->cor_incoming));
	td_strlcpy(ep->translation_incoming, t->translation_incoming,
		   sizeof(ep->translation_incoming));
	td_strlcpy(ep->translation_outgoing, t->translation_outgoing,
		   sizeof(ep->translation_outgoing));
	ep->allow_transit = t->allow_transit;
	ep->max_legs = t->max_calls;
	ep->srtp = (uint8_t)t->srtp;
	ep->media_forking = t->media_forking;
	ep->dtmf = (uint8_t)t->dtmf_relay;
	ep->media_mode = (uint8_t)t->media;
	ep->mtp = t->mwi;
	ep->overlap = t->overlap_signal;
	memcpy(ep->codec, t->codec, sizeof(ep->codec));
	ep->n_codec = t->n_codec;
}

struct td_endpoint *td_endpoint_set_trunk(struct td_core *core, const struct cfg_trunk *trunk,
					  const struct td_driver_ops *ops, void *driver)
{
	struct td_endpoint *ep = td_endpoint_find(core, trunk->id);
	struct endpoint *e = ep ? own(ep) : endpoint_new(core, trunk->id, TD_EP_TRUNK);

	if (!e)
		return NULL;
	e->ep.ops = ops;
	e->ep.driver = driver;
	copy_trunk(&e->ep, trunk);
	return &e->ep;
}

struct td_endpoint *td_endpoint_set_voiceport(struct td_core *core,
					      const struct cfg_voiceport *port,
					      const struct td_driver_ops *ops, void *driver)
{
	/* keys that a phone presses are tones on a line, which its driver makes; the driver knows
	 * whether the line is free */
	struct cfg_trunk as_trunk = { .dtmf_relay = CFG_DTMF_INFO };
	struct td_endpoint *ep;

	td_strlcpy(as_trunk.id, port->id, sizeof(as_trunk.id));
	td_strlcpy(as_trunk.name, port->name[0] ? port->name : port->id, sizeof(as_trunk.name));
	td_strlcpy(as_trunk.cor_incoming, port->cor_incoming, sizeof(as_trunk.cor_incoming));
	td_strlcpy(as_trunk.translation_incoming, port->translation_incoming,
		   sizeof(as_trunk.translation_incoming));
	td_strlcpy(as_trunk.translation_outgoing, port->translation_outgoing,
		   sizeof(as_trunk.translation_outgoing));
	ep = td_endpoint_set_trunk(core, &as_trunk, ops, driver);
	if (ep)
		ep->overlap = true;
	return ep;
}

void td_endpoint_remove(struct td_core *core, struct td_endpoint *ep)
{
	struct endpoint *e = own(ep);

	if (ep->gone)
		return;
	td_core_call_back_cancel(ep);
	td_endpoint_set_state(core, ep, TD_EP_UNREGISTERED, NULL, NULL);
	core->n_phones -= ep->kind == TD_EP_PHONE;
	refs_drop(core, e->refs, e->n_refs);
	e->refs = NULL;
	e->n_refs = 0;
	td_map_remove(&core->endpoints, &ep->node);
	td_list_del(&e->ep.list_node);
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
	if (ep->kind == TD_EP_PHONE && ep->state == TD_EP_REGISTERED)
		core->n_registered--;
	if (ep->kind == TD_EP_PHONE && state == TD_EP_REGISTERED)
		core->n_registered++;
	if (ep->state != state)
		td_watch_endpoint(core, ep);
	ep->state = state;
	if (address)
		ep->address = *address;
	else
		memset(&ep->address, 0, sizeof(ep->address));
	td_strlcpy(ep->transport, transport ? transport : "", sizeof(ep->transport));
	if (state != TD_EP_REGISTERED)
		ep->registered_ms = 0;
	else if (!ep->registered_ms)
		ep->registered_ms = td_clock_ms(CLOCK_REALTIME);	/* a refresh keeps the first time */
	if (core->phone_fn && ep->kind == TD_EP_PHONE)
		core->phone_fn(core->phone_arg, ep, address);
}

void td_core_watch_phones(struct td_core *core,
			  void (*fn)(void *arg, const struct td_endpoint *ep,
				     const struct td_addr *address), void *arg)
{
	core->phone_fn = fn;
	core->phone_arg = arg;
}

void td_endpoint_init(struct td_core *core)
{
	td_map_init(&core->endpoints);
	td_map_init(&core->numbers);
	td_list_init(&core->endpoint_list);
}

void td_endpoint_fini(struct td_core *core)
{
	struct td_endpoint *ep, *next;

	td_list_for_each_safe(ep, next, &core->endpoint_list, struct td_endpoint, list_node)
		td_endpoint_remove(core, ep);
	td_map_fini(&core->endpoints);
	td_map_fini(&core->numbers);
}
