/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: a uci file as sections, options and values, each with its place. Knows
 * the grammar and nothing of what the words mean (that is schema.h).
 */
#ifndef TD_CONFIG_UCI_H
#define TD_CONFIG_UCI_H

#include "config/fault.h"
#include "userspace/base/list.h"
#include "userspace/base/map.h"

/** Texts are terminated and live as long as the uci_file. */
struct uci_value {
	struct td_list node;
	const char *text;
	struct uci_pos pos;
};

struct uci_option {
	struct td_map_node by_name;
	struct td_list node;		/* in the order of the file */
	const char *name;
	struct uci_pos pos;		/* of the name */
	struct td_list values;		/* struct uci_value, at least one */
	size_t n_values;
	bool is_list;			/* "list" was used */
};

struct uci_section {
	struct td_map_node by_name;
	struct td_list node;
	const char *type;
	const char *name;		/* empty = anonymous */
	struct uci_pos pos, name_pos;	/* of the type and the name, where they stand first */
	struct td_map option_by_name;
	struct td_list options;
};

struct uci_file {
	char *text;			/* all words, unquoted */
	bool is_cut;			/* what stands behind a fault could not be read */
	struct td_map section_by_name;
	struct td_list sections;
};

/**
 * td_uci_parse - any bytes. Faults are added and reading goes on behind them, so f is
 * usable (and must be ended by td_uci_fini) whatever is returned: 0 or -ENOMEM.
 */
int td_uci_parse(struct uci_file *f, const char *text, size_t len, struct fault_list *faults);
void td_uci_fini(struct uci_file *f);

struct uci_section *td_uci_section(const struct uci_file *f, const char *name);
struct uci_option *td_uci_option(const struct uci_section *s, const char *name);
/** The value of an option; of a list its item number i. */
const struct uci_value *td_uci_value(const struct uci_option *o, size_t i);

#endif
