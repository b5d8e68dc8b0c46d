/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations by name. Compiled once for a configuration, looked up at each call: a call
 * keeps names, so a reload needs not wait for it.
 */
#include "userspace/core/translate.h"

#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

struct translation {
	struct td_map_node node;
	char id[CFG_ID_LEN];
	struct td_dial_rule *rule[CFG_MAX_RULES];
	size_t n_rule;
};

struct profile {
	struct td_map_node node;
	char id[CFG_ID_LEN];
	const struct translation *of[TD_NUMBER_KINDS];
};

struct td_translations {
	struct td_map by_name, profiles;
	struct translation *v;
	size_t n;
	struct profile *profile;
};

void td_translations_free(struct td_translations *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->v[i].n_rule; k++) /* NOLINT(*NullDereference) */
			td_dial_rule_free(t->v[i].rule[k]);
	td_map_fini(&t->by_name);
	td_map_fini(&t->profiles);
	td_free(t->v);
	td_free(t->profile);
	td_free(t);
}

static bool compile(struct td_translations *t, const struct cfg_translation *cfg)
{
	struct translation *to = &t->v[t->n++];
	const char *why;
	size_t at;

	td_strlcpy(to->id, cfg->id, sizeof(to->id));
	for (size_t i = 0; i < cfg->n_rule; i++) {
		if (td_dial_rule_new(&to->rule[i], cfg->rule[i], &why, &at))
			return false;
		to->n_rule++;
	}
	return !td_map_insert_str(&t->by_name, &to->node, to->id);
}

static const struct translation *find(const struct td_translations *t, const char *name)
{
	struct td_map_node *n = *name ? td_map_find_str(&t->by_name, name) : NULL;

	return n ? td_container_of(n, struct translation, node) : NULL;
}

static bool bind(struct td_translations *t, struct profile *p, const struct cfg_profile *cfg)
{
	td_strlcpy(p->id, cfg->id, sizeof(p->id));
	p->of[TD_CALLED] = find(t, cfg->called);
	p->of[TD_CALLING] = find(t, cfg->calling);
	p->of[TD_REDIRECTING] = find(t, cfg->redirecting);
	return !td_map_insert_str(&t->profiles, &p->node, p->id);
}

struct td_translations *td_translations_new(const struct td_config *config)
{
	struct td_translations *t = td_zalloc(sizeof(*t));
	bool good;

	if (!t)
		return NULL;
	td_map_init(&t->by_name);
	td_map_init(&t->profiles);
	t->v = td_calloc(config->n_translations + 1, sizeof(*t->v));
	t->profile = td_calloc(config->n_profiles + 1, sizeof(*t->profile));
	good = t->v && t->profile;
	for (size_t i = 0; good && i < config->n_translations; i++)
		good = compile(t, &config->translations[i]);
	for (size_t i = 0; good && i < config->n_profiles; i++)
		good = bind(t, &t->profile[i], &config->profiles[i]);
	if (good)
		return t;
	td_translations_free(t);
	return NULL;
}

enum td_dial_verdict td_translate(const struct td_translations *t, const char *profile,
				  enum td_number_kind kind, char *number, size_t size)
{
	struct td_map_node *n = *profile ? td_map_find_str(&t->profiles, profile) : NULL;
	const struct translation *by =
		n ? td_container_of(n, struct profile, node)->of[kind] : NULL;
	enum td_dial_verdict v = TD_DIAL_UNTOUCHED;

	for (size_t i = 0; by && i < by->n_rule && v == TD_DIAL_UNTOUCHED; i++)
		v = td_dial_rule_apply(by->rule[i], number, number, size);
	return v;
}
