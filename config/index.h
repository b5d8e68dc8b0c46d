/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: who has this name, number, address? A map that also knows the place in
 * the file, so that the second one can be told about the first.
 */
#ifndef TD_CONFIG_INDEX_H
#define TD_CONFIG_INDEX_H

#include "config/uci.h"

struct index_entry {
	struct td_map_node node;
	struct td_list link;
	const struct uci_section *owner;
	uint32_t value;			/* position in an array */
};

struct index {
	struct td_map map;
	struct td_list entries;		/* in the order of adding */
};

void td_index_init(struct index *ix);
void td_index_fini(struct index *ix);
/**
 * td_index_add - the key stays where it is for the index' life.
 * Returns NULL when it was added, else who has it already. Out of memory sets *err.
 */
const struct index_entry *td_index_add(struct index *ix, const void *key, size_t len,
				       const struct uci_section *owner, uint32_t value, int *err);
const struct index_entry *td_index_find(const struct index *ix, const char *key);
/** The nearest key, where keys are texts; NULL when none is near or memory is short. */
const char *td_index_nearest(const struct index *ix, const char *word);

#endif
