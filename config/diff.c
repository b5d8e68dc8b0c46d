/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reload changes: both models side by side, by name. Places in the file do not
 * count, so that a new comment restarts nobody.
 */
#include "config/config.h"

#include <string.h>

#include "userspace/base/list.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"

struct named {
	struct td_map_node node;
	const void *item;
};

/* ---- items by their name ---- */

struct names {
	struct td_map map;
	struct named *v;
};

static void names_fini(struct names *n)
{
	td_map_fini(&n->map);
	td_free(n->v);
}

/* The id is the first member of every item. False: out of memory, look by walking. */
static bool names_init(struct names *n, const void *items, size_t count, size_t size)
{
	td_map_init(&n->map);
	n->v = td_calloc(count + 1, sizeof(*n->v));
	for (size_t i = 0; n->v && i < count; i++) {
		n->v[i].item = (const char *)items + i * size;
		if (td_map_insert_str(&n->map, &n->v[i].node, n->v[i].item)) {
			names_fini(n);
			n->v = NULL;
		}
	}
	return n->v != NULL;
}

static const void *names_find(const struct names *n, const char *id)
{
	struct td_map_node *node = td_map_find_str(&n->map, id);

	return node ? td_container_of(node, struct named, node)->item : NULL;
}

static const void *walk(const void *items, size_t count, size_t size, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp((const char *)items + i * size, id))
			return (const char *)items + i * size;
	return NULL;
}

/* ---- differences ---- */

static bool lines_differ(const struct td_config *a_cfg, const struct cfg_phone *a,
			 const struct td_config *b_cfg, const struct cfg_phone *b)
{
	if (a->n_lines != b->n_lines)
		return true;
	for (size_t i = 0; i < a->n_lines; i++) {
		struct cfg_dn x = a_cfg->dns[a->lines[i].dn], y = b_cfg->dns[b->lines[i].dn];

		x.line = y.line = 0;
		if (a->lines[i].button != b->lines[i].button || memcmp(&x, &y, sizeof(x)))
			return true;
	}
	return false;
}

bool td_config_phone_differs(const struct td_config *a_cfg, const struct cfg_phone *a,
			     const struct td_config *b_cfg, const struct cfg_phone *b)
{
	struct cfg_phone x = *a, y = *b;

	x.line = y.line = 0;
	x.lines = y.lines = NULL;
	x.buttons = y.buttons = NULL;
	x.vendors = y.vendors = NULL;
	return memcmp(&x, &y, sizeof(x)) || lines_differ(a_cfg, a, b_cfg, b) ||
	       (a->n_buttons && memcmp(a->buttons, b->buttons, a->n_buttons * sizeof(*a->buttons))) ||
	       (a->n_vendors && memcmp(a->vendors, b->vendors, a->n_vendors * sizeof(*a->vendors)));
}

struct side {
	const struct td_config *cfg;
	const void *items;
	size_t n, size;
	struct names names;
	bool indexed;
};

#define SIDE(model, list) \
	{ .cfg = (model), .items = (model)->list, .n = (model)->n_##list, \
	  .size = sizeof(*(model)->list) }

static const void *find(const struct side *s, const char *id)
{
	return s->indexed ? names_find(&s->names, id) : walk(s->items, s->n, s->size, id);
}

typedef bool (*differs_fn)(const struct side *a, const void *x, const struct side *b,
			   const void *y);
typedef void (*told_fn)(const struct td_config_diff_ops *ops, void *arg, enum td_change what,
			const void *old, const void *now);

static const void *item(const struct side *s, size_t i)
{
	return (const char *)s->items + i * s->size;
}

static unsigned int tell(const struct side *from, const struct side *other, enum td_change what,
			 differs_fn differs, told_fn told, const struct td_config_diff_ops *ops,
			 void *arg)
{
	unsigned int n = 0;

	for (size_t i = 0; i < from->n; i++) {
		const void *x = item(from, i), *y = find(other, x);

		if (what == TD_CHANGED ? !y || !differs(other, y, from, x) : y != NULL)
			continue;
		told(ops, arg, what, what == TD_GONE ? x : y, what == TD_GONE ? NULL : x);
		n++;
	}
	return n;
}

static unsigned int diff(struct side *old, struct side *now, differs_fn differs, told_fn told,
			 const struct td_config_diff_ops *ops, void *arg)
{
	unsigned int n;

	old->indexed = names_init(&old->names, old->items, old->n, old->size);
	now->indexed = names_init(&now->names, now->items, now->n, now->size);
	n = tell(old, now, TD_GONE, differs, told, ops, arg);
	n += tell(now, old, TD_CHANGED, differs, told, ops, arg);
	n += tell(now, old, TD_ADDED, differs, told, ops, arg);
	if (old->indexed)
		names_fini(&old->names);
	if (now->indexed)
		names_fini(&now->names);
	return n;
}

static bool phone_differs(const struct side *a, const void *x, const struct side *b, const void *y)
{
	return td_config_phone_differs(a->cfg, x, b->cfg, y);
}

static void tell_phone(const struct td_config_diff_ops *ops, void *arg, enum td_change what,
		       const void *old, const void *now)
{
	if (ops->phone)
		ops->phone(arg, what, old, now);
}

static bool interface_differs(const struct side *a, const void *x, const struct side *b,
			      const void *y)
{
	(void)a;
	(void)b;
	return memcmp(x, y, sizeof(struct cfg_interface)) != 0;
}

static void tell_interface(const struct td_config_diff_ops *ops, void *arg, enum td_change what,
			   const void *old, const void *now)
{
	if (ops->interface)
		ops->interface(arg, what, old, now);
}

/* ---- the dial plan and the features are taken over as a whole, but for trunks ---- */

/* Items in their order, but for where they stand in the file. */
static unsigned int list_changes(const void *old, size_t n_old, const void *now, size_t n_now,
				 size_t size, size_t line)
{
	size_t n = n_old < n_now ? n_old : n_now;
	unsigned int changes = (unsigned int)(n_old + n_now - 2 * n);

	for (size_t i = 0; i < n; i++) {
		const char *a = (const char *)old + i * size, *b = (const char *)now + i * size;

		changes += memcmp(a, b, line) || memcmp(a + line + sizeof(uint32_t),
							b + line + sizeof(uint32_t),
							size - line - sizeof(uint32_t));
	}
	return changes;
}

#define LIST_CHANGES(list, type) \
	list_changes(old->list, old->n_##list, now->list, now->n_##list, sizeof(*old->list), \
		     offsetof(type, line))

static unsigned int plan_changes(const struct td_config *old, const struct td_config *now)
{
	return (memcmp(&old->moh, &now->moh, sizeof(old->moh)) != 0) +
	       (memcmp(&old->fac, &now->fac, sizeof(old->fac)) != 0) +
	       (memcmp(&old->afterhours, &now->afterhours, sizeof(old->afterhours)) != 0) +
	       (memcmp(&old->nightservice, &now->nightservice, sizeof(old->nightservice)) != 0) +
	       LIST_CHANGES(huntgroups, struct cfg_huntgroup) +
	       LIST_CHANGES(parks, struct cfg_park) +
	       LIST_CHANGES(conferences, struct cfg_conference) +
	       LIST_CHANGES(pagings, struct cfg_paging) +
	       LIST_CHANGES(corlists, struct cfg_corlist) +
	       LIST_CHANGES(translations, struct cfg_translation) +
	       LIST_CHANGES(profiles, struct cfg_profile) +
	       LIST_CHANGES(registrars, struct cfg_registrar) +
	       LIST_CHANGES(mwis, struct cfg_mwi) +
	       LIST_CHANGES(voiceports, struct cfg_voiceport) +
	       LIST_CHANGES(mediaclasses, struct cfg_mediaclass) +
	       LIST_CHANGES(dialpeers, struct cfg_dialpeer);
}

/* ---- what files are made from ---- */

static bool type_differs(const struct cfg_phonetype *a, const struct cfg_phonetype *b)
{
	struct cfg_phonetype x = *a, y = *b;

	x.line = y.line = 0;
	x.vendors = y.vendors = NULL;
	return memcmp(&x, &y, sizeof(x)) ||
	       (a->n_vendors && memcmp(a->vendors, b->vendors, a->n_vendors * sizeof(*a->vendors)));
}

static unsigned int provision_changes(const struct td_config *old, const struct td_config *now)
{
	unsigned int n = LIST_CHANGES(locales, struct cfg_locale) +
			 LIST_CHANGES(vpns, struct cfg_vpn);

	n += memcmp(&old->provision, &now->provision, sizeof(old->provision)) != 0;
	n += memcmp(&old->cluster, &now->cluster, sizeof(old->cluster)) != 0;
	n += memcmp(&old->dst, &now->dst, sizeof(old->dst)) != 0;
	n += memcmp(&old->management, &now->management, sizeof(old->management)) != 0;
	n += old->n_phonetypes != now->n_phonetypes;
	for (size_t i = 0; i < old->n_phonetypes && i < now->n_phonetypes; i++)
		n += type_differs(&old->phonetypes[i], &now->phonetypes[i]);
	return n;
}

static bool trunk_differs(const struct side *a, const void *x, const struct side *b, const void *y)
{
	(void)a;
	(void)b;
	return list_changes(x, 1, y, 1, sizeof(struct cfg_trunk),
			    offsetof(struct cfg_trunk, line)) > 0;
}

static void tell_trunk(const struct td_config_diff_ops *ops, void *arg, enum td_change what,
		       const void *old, const void *now)
{
	if (ops->trunk)
		ops->trunk(arg, what, old, now);
}

unsigned int td_config_diff(const struct td_config *old, const struct td_config *now,
			    const struct td_config_diff_ops *ops, void *arg)
{
	struct side old_ifs = SIDE(old, interfaces);
	struct side now_ifs = SIDE(now, interfaces);
	struct side old_phones = SIDE(old, phones);
	struct side now_phones = SIDE(now, phones);
	struct side old_trunks = SIDE(old, trunks);
	struct side now_trunks = SIDE(now, trunks);
	unsigned int n = 0, plan = plan_changes(old, now), files = provision_changes(old, now);

	if (memcmp(&old->global, &now->global, sizeof(old->global))) {
		if (ops->global)
			ops->global(arg, &old->global, &now->global);
		n++;
	}
	if (memcmp(&old->sip, &now->sip, sizeof(old->sip))) {
		if (ops->sip)
			ops->sip(arg, &old->sip, &now->sip);
		n++;
	}
	if (memcmp(&old->sccp, &now->sccp, sizeof(old->sccp))) {
		if (ops->sccp)
			ops->sccp(arg, &old->sccp, &now->sccp);
		n++;
	}
	n += diff(&old_ifs, &now_ifs, interface_differs, tell_interface, ops, arg);
	n += diff(&old_phones, &now_phones, phone_differs, tell_phone, ops, arg);
	n += diff(&old_trunks, &now_trunks, trunk_differs, tell_trunk, ops, arg);
	if (plan && ops->dialplan)
		ops->dialplan(arg, plan);
	if (files && ops->provision)
		ops->provision(arg, files);
	return n + plan + files;
}
