/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dial plan as JSON, and where a number would go: the answer of td_dialplan_choose() with
 * its reasons, so what is explained is what calls do.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "userspace/base/str.h"
#include "userspace/core/core_priv.h"
#include "userspace/core/dialplan.h"

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static const struct td_peer *peer_of(const struct td_target *t)
{
	return td_container_of(t, struct td_peer, target);
}

static void tag_or_null(const struct cfg_dialpeer *cfg, struct td_json *j)
{
	if (cfg->tag)
		td_json_u64(j, "tag", cfg->tag);
	else
		td_json_null(j, "tag");
}

/* ---- show dial-peer ---- */

static void show_dscp(struct td_json *j, const char *key, uint32_t dscp)
{
	if (dscp == CFG_DSCP_INHERIT)
		td_json_null(j, key);
	else
		td_json_u64(j, key, dscp);
}

static void show_peer(struct td_core *core, const struct td_peer *peer, struct td_json *j,
		      const char *key)
{
	const struct cfg_dialpeer *cfg = &peer->cfg;
	const struct td_endpoint *trunk = td_endpoint_find(core, cfg->trunk);

	td_json_object(j, key);
	tag_or_null(cfg, j);
	td_json_str(j, "id", cfg->id);
	td_json_str(j, "destination_pattern", cfg->destination_pattern);
	td_json_u64(j, "preference", cfg->preference);
	td_json_str(j, "trunk", cfg->trunk);
	td_json_bool(j, "up", trunk && trunk->state == TD_EP_REGISTERED);
	td_json_u64(j, "strip_digits", cfg->strip_digits);
	if (cfg->forward_digits)
		td_json_u64(j, "forward_digits", cfg->forward_digits);
	else
		td_json_null(j, "forward_digits");
	td_json_str(j, "prefix", or_null(cfg->prefix));
	td_json_str(j, "translation_outgoing", or_null(cfg->translation_outgoing));
	td_json_str(j, "cor_outgoing", or_null(cfg->cor_outgoing));
	show_dscp(j, "dscp_media", cfg->dscp_media);
	show_dscp(j, "dscp_video", cfg->dscp_video);
	td_json_bool(j, "huntstop", cfg->huntstop);
	td_json_bool(j, "emergency", cfg->emergency);
	td_json_end_object(j);
}

static bool is_named(const struct td_peer *peer, const char *which)
{
	char tag[16];

	snprintf(tag, sizeof(tag), "%u", peer->cfg.tag);
	return !strcmp(peer->cfg.id, which) || (peer->cfg.tag && !strcmp(tag, which));
}

int td_core_show_dialpeers(struct td_core *core, const char *which, struct td_json *j,
			   const char *key)
{
	const struct td_peer *peers;
	size_t n = td_dialplan_peers(core, &peers);

	if (!which)
		td_json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		if (!which) {
			show_peer(core, &peers[i], j, NULL);
		} else if (is_named(&peers[i], which)) {
			show_peer(core, &peers[i], j, key);
			return 0;
		}
	}
	if (!which)
		td_json_end_array(j);
	return which ? -ENOENT : 0;
}

/* ---- show huntgroups ---- */

static void show_group(struct td_core *core, const struct cfg_huntgroup *g, struct td_json *j)
{
	static const char *const modes[] = {
		[CFG_HUNT_SEQUENTIAL] = "sequential", [CFG_HUNT_PEER] = "peer",
		[CFG_HUNT_LONGEST_IDLE] = "longest-idle", [CFG_HUNT_PARALLEL] = "parallel",
	};

	td_json_object(j, NULL);
	td_json_str(j, "id", g->id);
	td_json_str(j, "number", g->number);
	td_json_str(j, "name", or_null(g->name));
	td_json_str(j, "mode", modes[g->mode]);
	td_json_array(j, "members");
	for (size_t i = 0; i < g->n_member; i++)
		td_json_str(j, NULL, g->member[i]);
	td_json_end_array(j);
	td_json_array(j, "logged_out");
	for (size_t i = 0; i < g->n_member; i++) {
		const struct td_number *number = td_number_find(core, g->member[i]);

		if (number && number->logged_out)
			td_json_str(j, NULL, g->member[i]);
	}
	td_json_end_array(j);
	td_json_u64(j, "timeout_s", g->timeout);
	td_json_str(j, "final", or_null(g->final));
	td_json_end_object(j);
}

void td_core_show_huntgroups(struct td_core *core, struct td_json *j, const char *key)
{
	const struct td_group *groups;
	size_t n = td_dialplan_groups(core, &groups);

	td_json_array(j, key);
	for (size_t i = 0; i < n; i++)
		show_group(core, &groups[i].cfg, j);
	td_json_end_array(j);
}

/* ---- route ---- */

static const char *why_word(enum td_route_why why)
{
	switch (why) {
	case TD_WHY_OK:
		return "ok";
	case TD_WHY_RESTRICTED:
		return "restricted";
	case TD_WHY_TRANSIT:
		return "transit";
	case TD_WHY_AUTOMATIC:
		return "automatic";
	case TD_WHY_REJECTED:
		return "rejected";
	case TD_WHY_AFTER_HOURS:
		return "after-hours";
	case TD_WHY_NO_TRUNK:
		return "no-trunk";
	}
	return "unknown";
}

/* Why it stands where it stands, and what would stop it. */
static void reason(const struct td_route_plan *plan, size_t i, bool stopped, char *dst, size_t size)
{
	const struct td_route_choice *c = &plan->choice[i], *before = i ? c - 1 : NULL;
	static const char *const refused[] = {
		[TD_WHY_RESTRICTED] = "the caller's cor_incoming lacks what its cor_outgoing asks",
		[TD_WHY_TRANSIT] = "from a trunk to a trunk, without allow_transit",
		[TD_WHY_AUTOMATIC] = "the caller registered by itself, and is not adopted",
		[TD_WHY_REJECTED] = "rejected by its translation",
		[TD_WHY_NO_TRUNK] = "its trunk is not there",
	};

	if (c->why != TD_WHY_OK)
		snprintf(dst, size, "%s", refused[c->why]);
	else if (stopped)
		snprintf(dst, size, "never tried: huntstop before it");
	else if (plan->emergency)
		snprintf(dst, size, "emergency number");
	else if (!before)
		snprintf(dst, size, c->target->kind != TD_TARGET_PEER ?
			 "a number of the house, %u digits" : "best match, %u digits spelled out",
			 c->literal);
	else if (before->literal != c->literal)
		snprintf(dst, size, "shorter match, %u digits spelled out", c->literal);
	else if (before->preference != c->preference)
		snprintf(dst, size, "as long a match, preference %u", c->preference);
	else
		snprintf(dst, size, "as good, later in the order");
}

static void show_target(const struct td_target *t, struct td_json *j)
{
	const struct cfg_dialpeer *peer = &peer_of(t)->cfg;
	const struct cfg_huntgroup *group;
	const struct td_number *number;

	switch ((enum td_target_kind)t->kind) {
	case TD_TARGET_PEER:
		tag_or_null(peer, j);
		td_json_str(j, "id", peer->id);
		td_json_str(j, "pattern", peer->destination_pattern);
		td_json_str(j, "trunk", peer->trunk);
		return;
	case TD_TARGET_GROUP:
		group = &td_container_of(t, struct td_group, target)->cfg;
		td_json_null(j, "tag");
		td_json_str(j, "id", group->id);
		td_json_str(j, "pattern", group->number);
		break;
	case TD_TARGET_NUMBER:
		number = td_container_of(t, struct td_number, target);
		td_json_null(j, "tag");
		td_json_str(j, "id", number->digits);
		td_json_str(j, "pattern", number->digits);
		break;
	}
	td_json_null(j, "trunk");
}

static void show_choice(const struct td_route_plan *plan, size_t i, unsigned int step, bool stopped,
			struct td_json *j)
{
	const struct td_route_choice *c = &plan->choice[i];
	static const char *const kinds[] = {
		[TD_TARGET_NUMBER] = "number", [TD_TARGET_PEER] = "dial-peer",
		[TD_TARGET_GROUP] = "huntgroup",
	};
	char text[160];

	td_json_object(j, NULL);
	if (step)
		td_json_u64(j, "step", step);
	else
		td_json_null(j, "step");
	td_json_str(j, "kind", kinds[c->target->kind]);
	show_target(c->target, j);
	td_json_u64(j, "preference", c->preference);
	td_json_u64(j, "literal", c->literal);
	td_json_u64(j, "matched", c->matched);
	td_json_str(j, "verdict", stopped && c->why == TD_WHY_OK ? "huntstop" : why_word(c->why));
	td_json_str(j, "called", c->called);
	td_json_str(j, "calling", or_null(c->calling));
	reason(plan, i, stopped, text, sizeof(text));
	td_json_str(j, "reason", text);
	td_json_end_object(j);
}

/* The endpoint of that id, or the first phone with that number. */
static int find_caller(struct td_core *core, const char *from, const struct td_endpoint **ep,
		       const char **calling)
{
	const struct td_number *number;
	const struct td_number_ref *ref;

	*ep = td_endpoint_find(core, from);
	if (*ep) {
		*calling = (*ep)->n_lines ? (*ep)->lines[0].number : "";
		return 0;
	}
	number = td_number_find(core, from);
	ref = number ? td_list_first(&number->refs, const struct td_number_ref, node) : NULL;
	if (!ref)
		return -ENOENT;
	*ep = ref->ep;
	*calling = number->digits;
	return 0;
}

static const char *kind_word(const struct td_route_plan *plan, bool entered)
{
	if (!entered)
		return "rejected";
	if (plan->kind == TD_ROUTE_MORE)
		return "incomplete";
	return plan->kind == TD_ROUTE_NONE ? "unknown" : "match";
}

int td_core_route(struct td_core *core, const char *number, const char *from, struct td_json *j,
		  const char *key)
{
	const struct td_endpoint *ep = NULL;
	struct td_dialled how = { .hides = false };
	struct td_route_plan plan;
	char to[TD_NUMBER_LEN], by[TD_NUMBER_LEN];
	const char *calling = "";
	unsigned int step = 0;
	bool stopped = false, entered;
	const char *dialled = to;

	if (from && find_caller(core, from, &ep, &calling))
		return -ENOENT;
	td_strlcpy(to, number, sizeof(to));
	td_strlcpy(by, calling, sizeof(by));
	entered = td_dialplan_enter(core, ep, to, by);
	if (ep && ep->kind == TD_EP_PHONE)
		dialled = td_feature_prefix(core, to, &how);
	if (entered)
		td_dialplan_choose(core, ep, dialled, by, how.overrides, &plan);
	else
		memset(&plan, 0, sizeof(plan));
	td_json_object(j, key);
	td_json_str(j, "number", number);
	td_json_str(j, "from", ep ? ep->id : NULL);
	td_json_str(j, "called", dialled);
	td_json_str(j, "calling", or_null(by));
	td_json_str(j, "result", kind_word(&plan, entered));
	td_json_bool(j, "emergency", plan.emergency);
	td_json_bool(j, "longer", plan.longer);
	td_json_array(j, "choices");
	for (size_t i = 0; i < plan.n; i++) {
		bool is_way = plan.choice[i].why == TD_WHY_OK && !stopped;

		show_choice(&plan, i, is_way ? ++step : 0, stopped, j);
		if (is_way)
			stopped = plan.choice[i].huntstop;
	}
	td_json_end_array(j);
	td_json_bool(j, "cut", plan.cut);
	td_json_end_object(j);
	return 0;
}
