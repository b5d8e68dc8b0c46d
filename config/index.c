/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names and who has them. See index.h.
 */
#include "config/index.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

void td_index_init(struct index *ix)
{
	td_map_init(&ix->map);
	td_list_init(&ix->entries);
}

void td_index_fini(struct index *ix)
{
	struct index_entry *e;

	while ((e = td_list_first(&ix->entries, struct index_entry, link))) {
		td_list_del(&e->link);
		td_free(e);
	}
	td_map_fini(&ix->map);
}

static struct index_entry *find(const struct index *ix, const void *key, size_t len)
{
	struct td_map_node *n = td_map_find(&ix->map, key, len);

	return n ? td_container_of(n, struct index_entry, node) : NULL;
}

const struct index_entry *td_index_add(struct index *ix, const void *key, size_t len,
				       const struct uci_section *owner, uint32_t value, int *err)
{
	struct index_entry *e = find(ix, key, len);

	if (e)
		return e;
	e = td_zalloc(sizeof(*e));
	if (!e || td_map_insert(&ix->map, &e->node, key, len)) {
		td_free(e);
		*err = -ENOMEM;
		return NULL;
	}
	e->owner = owner;
	e->value = value;
	td_list_append(&ix->entries, &e->link);
	return NULL;
}

const struct index_entry *td_index_find(const struct index *ix, const char *key)
{
	return find(ix, key, strlen(key));
}

const char *td_index_nearest(const struct index *ix, const char *word)
{
	const char **words = td_calloc(ix->map.count + 1, sizeof(*words)), *near;
	const struct index_entry *e;
	size_t n = 0;

	if (!words)
		return NULL;
	td_list_for_each(e, &ix->entries, struct index_entry, link)
		words[n++] = e->node.key;
	near = td_str_nearest(word, words);
	td_free(words);
	return near;
}
