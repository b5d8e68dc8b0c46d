/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dial plan: peers in the one trie beside the numbers of the house, emergency numbers in
 * one of their own that is asked first, and the rules that forbid a way: class of
 * restriction (the caller's set must hold the whole of the called one's; who has none is not
 * restricted, as in IOS) and, from outside to outside, unless the trunk allows it.
 *
 * What a call does with the answer is call_hunt.c's.
 */
#include <errno.h>
#include <string.h>
#include "userspace/core/core_priv.h"
#include "userspace/core/dialplan.h"
#include "userspace/core/translate.h"

struct cor {
	struct td_map_node node;
	char id[CFG_ID_LEN];
	uint64_t members;
};

struct td_dialplan {
	struct td_peer *peers;
	size_t n_peers;
	struct td_group *groups;
	size_t n_groups;
	struct td_route *emergency;
	struct td_translations *translations;
	struct cor *cors;
	struct td_map cor_by_name, peer_by_name;
};

/* ---- targets ---- */

struct td_target *td_target_find(const struct td_core *core, uint32_t serial)
{
	struct td_map_node *n = td_map_find(&core->targets, &serial, sizeof(serial));

	return n ? td_container_of(n, struct td_target, node) : NULL;
}

int td_target_add(struct td_core *core, struct td_target *target, enum td_target_kind kind)
{
	int err;

	target->kind = (uint8_t)kind;
	do {
		target->serial = ++core->last_target;
		err = td_map_insert(&core->targets, &target->node, &target->serial,
				    sizeof(target->serial));
	} while (err == -EEXIST);
	return err;
}

void td_target_remove(struct td_core *core, struct td_target *target)
{
	td_map_remove(&core->targets, &target->node);
}

/* ---- building ---- */

/* Bits are given in the order in which names come; only sets of one configuration meet. */
static uint64_t bit_of(const char (*names)[CFG_ID_LEN], size_t *n, const char *name)
{
	size_t i = 0;

	while (i < *n && strcmp(names[i], name) != 0)
		i++;
	if (i == *n && i < CFG_MAX_COR)
		++*n;
	return i < CFG_MAX_COR ? 1ull << i : 0;
}

static int make_cors(struct td_dialplan *p, const struct td_config *cfg)
{
	char (*names)[CFG_ID_LEN] = td_calloc(CFG_MAX_COR + 1, sizeof(*names));
	size_t n = 0;
	int err = 0;

	p->cors = td_calloc(cfg->n_corlists + 1, sizeof(*p->cors));
	if (!names || !p->cors)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < cfg->n_corlists; i++) {
		const struct cfg_corlist *from = &cfg->corlists[i];
		struct cor *to = &p->cors[i];

		td_strlcpy(to->id, from->id, sizeof(to->id));
		for (size_t k = 0; k < from->n_member; k++) {
			td_strlcpy(names[n], from->member[k], sizeof(names[n]));
			to->members |= bit_of(names, &n, from->member[k]);
		}
		err = td_map_insert_str(&p->cor_by_name, &to->node, to->id);
	}
	td_free(names);
	return err;
}

static int add_emergency(struct td_dialplan *p, struct td_peer *peer, uint32_t order)
{
	char digits[CFG_PATTERN_LEN];
	struct td_dial_pattern whole;

	td_strlcpy(digits, peer->cfg.destination_pattern, sizeof(digits));
	digits[strcspn(digits, "$")] = '\0';
	if (td_dial_number(&whole, digits))
		return -EINVAL;
	return td_route_add(p->emergency, &whole, peer, (uint8_t)peer->cfg.preference, order);
}

/* IOS: voice class media, then dial-peer, then voice service voip (call_around.c). */
static uint8_t media_of(const struct td_config *all, const struct cfg_dialpeer *peer)
{
	for (size_t i = 0; *peer->mediaclass && i < all->n_mediaclasses; i++)
		if (!strcmp(all->mediaclasses[i].id, peer->mediaclass) &&
		    all->mediaclasses[i].mode != CFG_MEDIA_INHERIT)
			return (uint8_t)all->mediaclasses[i].mode;
	return (uint8_t)peer->media;
}

static int add_peer(struct td_core *core, struct td_dialplan *p, const struct td_config *all,
		    const struct cfg_dialpeer *cfg)
{
	struct td_peer *peer = &p->peers[p->n_peers];
	/* numbers of the house come first among equals: their order is 0 */
	uint32_t order = (uint32_t)p->n_peers + 1;
	const char *why;
	size_t at;
	int err;

	peer->cfg = *cfg;
	peer->media = media_of(all, cfg);
	err = td_dial_parse(&peer->pattern, cfg->destination_pattern, &why, &at);
	if (!err)
		err = td_map_insert_str(&p->peer_by_name, &peer->by_name, peer->cfg.id);
	if (err)
		return err;
	err = td_target_add(core, &peer->target, TD_TARGET_PEER);
	if (err)
		return err;
	err = cfg->emergency ? add_emergency(p, peer, order) :
			       td_route_add(core->routes, &peer->pattern, peer,
					    (uint8_t)cfg->preference, order);
	if (err)
		td_target_remove(core, &peer->target);
	else
		p->n_peers++;
	return err;
}

static int add_group(struct td_core *core, struct td_dialplan *p, const struct cfg_huntgroup *cfg)
{
	struct td_group *group = &p->groups[p->n_groups];
	struct td_dial_pattern whole;
	int err;

	group->cfg = *cfg;
	err = td_dial_number(&whole, cfg->number);
	if (!err)
		err = td_target_add(core, &group->target, TD_TARGET_GROUP);
	if (err)
		return err;
	err = td_route_add(core->routes, &whole, group, 0, 0);
	if (err)
		td_target_remove(core, &group->target);
	else
		p->n_groups++;
	return err;
}

static void plan_free(struct td_core *core, struct td_dialplan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_peers; i++) {
		if (!p->peers[i].cfg.emergency)
			td_route_remove(core->routes, &p->peers[i].pattern, &p->peers[i]);
		td_target_remove(core, &p->peers[i].target);
	}
	for (size_t i = 0; i < p->n_groups; i++) {
		struct td_dial_pattern whole;

		if (!td_dial_number(&whole, p->groups[i].cfg.number))
			td_route_remove(core->routes, &whole, &p->groups[i]);
		td_target_remove(core, &p->groups[i].target);
	}
	td_route_free(p->emergency);
	td_translations_free(p->translations);
	td_map_fini(&p->cor_by_name);
	td_map_fini(&p->peer_by_name);
	td_free(p->cors);
	td_free(p->peers);
	td_free(p->groups);
	td_free(p);
}

static struct td_dialplan *plan_new(struct td_core *core, const struct td_config *cfg)
{
	struct td_dialplan *p = td_zalloc(sizeof(*p));
	int err;

	if (!p)
		return NULL;
	td_map_init(&p->cor_by_name);
	td_map_init(&p->peer_by_name);
	p->emergency = td_route_new();
	p->translations = td_translations_new(cfg);
	p->peers = td_calloc(cfg->n_dialpeers + 1, sizeof(*p->peers));
	p->groups = td_calloc(cfg->n_huntgroups + 1, sizeof(*p->groups));
	err = p->emergency && p->translations && p->peers && p->groups ? make_cors(p, cfg) :
									-ENOMEM;
	for (size_t i = 0; !err && i < cfg->n_dialpeers; i++)
		err = add_peer(core, p, cfg, &cfg->dialpeers[i]);
	for (size_t i = 0; !err && i < cfg->n_huntgroups; i++)
		err = add_group(core, p, &cfg->huntgroups[i]);
	if (!err)
		return p;
	plan_free(core, p);
	return NULL;
}

int td_dialplan_configure(struct td_core *core, const struct td_config *config)
{
	struct td_dialplan *now = plan_new(core, config);

	if (!now) {
		td_log_err(TD_LOG_CORE, "out of memory: the dial plan stays as it was");
		return -ENOMEM;
	}
	plan_free(core, core->plan);
	core->plan = now;
	return 0;
}

void td_dialplan_fini(struct td_core *core)
{
	plan_free(core, core->plan);
	core->plan = NULL;
	td_map_fini(&core->targets);
}

size_t td_dialplan_groups(const struct td_core *core, const struct td_group **groups)
{
	*groups = core->plan->groups;
	return core->plan->n_groups;
}

size_t td_dialplan_peers(const struct td_core *core, const struct td_peer **peers)
{
	*peers = core->plan->peers;
	return core->plan->n_peers;
}

const struct td_peer *td_dialplan_peer(const struct td_core *core, const char *name)
{
	struct td_map_node *n = *name ? td_map_find_str(&core->plan->peer_by_name, name) : NULL;

	return n ? td_container_of(n, const struct td_peer, by_name) : NULL;
}

/* ---- may he? ---- */

static const struct cor *find_cor(const struct td_dialplan *p, const char *name)
{
	struct td_map_node *n = *name ? td_map_find_str(&p->cor_by_name, name) : NULL;

	return n ? td_container_of(n, struct cor, node) : NULL;
}

static bool may_call(const struct td_dialplan *p, const struct td_endpoint *from,
		     const char *outgoing)
{
	const struct cor *key = from ? find_cor(p, from->cor_incoming) : NULL;
	const struct cor *lock = find_cor(p, outgoing);

	return !lock || !key || !(lock->members & ~key->members);
}

static bool is_outside(const struct td_endpoint *ep)
{
	return ep->kind == TD_EP_TRUNK;
}

/* ---- the digits that leave ---- */

static void put_digits(const struct td_peer *peer, const char *dialled, char *out)
{
	const struct cfg_dialpeer *cfg = &peer->cfg;
	size_t len = strlen(dialled), n = 0;

	if (cfg->strip_digits >= len)
		dialled += len;
	else
		dialled += cfg->strip_digits;
	len = strlen(dialled);
	if (cfg->forward_digits && cfg->forward_digits < len)
		dialled += len - cfg->forward_digits;
	for (const char *c = cfg->prefix; *c; c++)
		if (*c != ',' || cfg->voiceport[0])	/* a pause: for lines */
			out[n++] = *c;
	td_strlcpy(out + n, dialled, TD_NUMBER_LEN - n);
}

static enum td_route_why translate(const struct td_dialplan *p, const char *profile,
				   struct td_route_choice *c)
{
	if (td_translate(p->translations, profile, TD_CALLED, c->called, sizeof(c->called)) ==
	    TD_DIAL_REJECTED)
		return TD_WHY_REJECTED;
	if (td_translate(p->translations, profile, TD_CALLING, c->calling, sizeof(c->calling)) ==
	    TD_DIAL_REJECTED)
		return TD_WHY_REJECTED;
	return TD_WHY_OK;
}

static void choose_peer(const struct td_core *core, const struct td_endpoint *from,
			const struct td_peer *peer, bool emergency, struct td_route_choice *c)
{
	const struct td_dialplan *p = core->plan;
	const struct td_endpoint *trunk = td_endpoint_find((struct td_core *)core, peer->cfg.trunk);
	char dialled[TD_NUMBER_LEN];

	c->huntstop = peer->cfg.huntstop;
	td_strlcpy(dialled, c->called, sizeof(dialled));
	put_digits(peer, dialled, c->called);
	c->why = translate(p, peer->cfg.translation_outgoing, c);
	if (trunk && c->why == TD_WHY_OK)
		c->why = translate(p, trunk->translation_outgoing, c);
	if (!trunk || trunk->kind != TD_EP_TRUNK)
		c->why = TD_WHY_NO_TRUNK;
	else if (emergency)
		return;
	else if (from && is_outside(from) && !from->allow_transit)
		c->why = TD_WHY_TRANSIT;
	else if (from && from->automatic)
		c->why = TD_WHY_AUTOMATIC;
	else if (!may_call(p, from, peer->cfg.cor_outgoing))
		c->why = TD_WHY_RESTRICTED;
}

/* What is counted from the number's end, or made of the whole, needs the whole. */
bool td_dialplan_overlaps(const struct td_core *core, const struct td_route_choice *c)
{
	const struct td_peer *peer = c->target->kind == TD_TARGET_PEER ?
		td_container_of(c->target, const struct td_peer, target) : NULL;
	const struct td_endpoint *trunk =
		peer ? td_endpoint_find((struct td_core *)core, peer->cfg.trunk) : NULL;

	return c->why == TD_WHY_OK && trunk && trunk->overlap && peer->cfg.overlap_signal &&
	       !peer->cfg.forward_digits && !peer->cfg.translation_outgoing[0] &&
	       !trunk->translation_outgoing[0];
}

static void choose_number(const struct td_core *core, const struct td_endpoint *from,
			  const struct td_number *number, struct td_route_choice *c)
{
	c->huntstop = number->huntstop;
	c->why = may_call(core->plan, from, number->cor_outgoing) ? TD_WHY_OK : TD_WHY_RESTRICTED;
}

static void add_choice(const struct td_core *core, const struct td_endpoint *from,
		       const char *called, const char *calling, const struct td_route_hit *hit,
		       struct td_route_plan *plan)
{
	struct td_route_choice *c = &plan->choice[plan->n++];
	const struct td_target *t = hit->target;

	c->target = t;
	c->literal = hit->literal;
	c->preference = hit->preference;
	c->matched = hit->matched;
	td_strlcpy(c->called, called, sizeof(c->called));
	td_strlcpy(c->calling, calling, sizeof(c->calling));
	c->why = TD_WHY_OK;
	c->huntstop = true;
	if (t->kind == TD_TARGET_PEER)
		choose_peer(core, from, td_container_of(t, struct td_peer, target),
			    plan->emergency, c);
	else if (t->kind == TD_TARGET_NUMBER)
		choose_number(core, from, td_container_of(t, struct td_number, target), c);
}

bool td_dialplan_enter(const struct td_core *core, const struct td_endpoint *from,
		       char called[TD_NUMBER_LEN], char calling[TD_NUMBER_LEN])
{
	const struct td_translations *t = core->plan->translations;

	return !from || (td_translate(t, from->translation_incoming, TD_CALLED, called,
				      TD_NUMBER_LEN) != TD_DIAL_REJECTED &&
			 td_translate(t, from->translation_incoming, TD_CALLING, calling,
				      TD_NUMBER_LEN) != TD_DIAL_REJECTED);
}

void td_dialplan_choose(const struct td_core *core, const struct td_endpoint *from,
			const char *called, const char *calling, bool overrides,
			struct td_route_plan *plan)
{
	const struct td_dialplan *p = core->plan;
	struct td_route_result r;
	bool begins, blocked;

	memset(plan, 0, offsetof(struct td_route_plan, choice));
	td_route_match(p->emergency, called, &r);
	plan->emergency = r.kind == TD_ROUTE_MATCH;
	begins = r.kind == TD_ROUTE_MORE;
	if (!plan->emergency)
		td_route_match(core->routes, called, &r);
	plan->kind = r.kind == TD_ROUTE_NONE && begins ? TD_ROUTE_MORE : r.kind;
	plan->longer = !plan->emergency && (r.longer || begins);
	plan->other = r.other || begins;
	plan->cut = r.cut;
	blocked = !plan->emergency && td_hours_block(core, from, called, overrides);
	for (size_t i = 0; i < r.n; i++) {
		add_choice(core, from, called, calling, &r.hit[i], plan);
		if (blocked)
			plan->choice[i].why = TD_WHY_AFTER_HOURS;
	}
}
