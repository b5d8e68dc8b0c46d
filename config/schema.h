/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: the one table of every section and option. The reader, --check, the
 * printer and the manual are all driven by it.
 */
#ifndef TD_CONFIG_SCHEMA_H
#define TD_CONFIG_SCHEMA_H

#include "config/value.h"

struct schema_option {
	const char *name;
	enum value_kind kind;
	bool is_list;
	bool or_zero;			/* VALUE_UINT: 0 is allowed beside min..max */
	uint32_t offset, size;		/* of the member in the section's struct; of a list: all */
	uint32_t count_offset;		/* of a list: the size_t that counts */
	uint32_t max_items;
	uint32_t min, max;
	const char *const *words;
	const char *def;		/* as it is written; a list's are separated by blanks */
	const char *def_help;		/* in words, when it depends on something else */
	const char *help;
	const char *cisco;		/* what CME calls it, or NULL */
};

struct schema_section {
	const char *type;
	bool single;			/* at most one of this type */
	bool needs_name;
	uint32_t size;			/* of the struct that its options fill */
	const struct schema_option *options;
	size_t n_options;
	const char *form;		/* how its first line is written */
	const char *help;
};

/* What the sections fill that the model holds in another form. */

struct cfg_interface_draft {
	struct cfg_interface interface;	/* must be first */
	char device[CFG_TEXT_LEN];
};

/** A phone or a template before templates are merged and numbers are looked up. */
struct cfg_phone_draft {
	struct cfg_phone phone;		/* must be first */
	char template[CFG_ID_LEN];
	char number[CFG_NUMBER_LEN];
	struct value_line line[VALUE_MAX_BUTTON];
	size_t n_line;
	struct cfg_button button[CFG_MAX_BUTTONS];
	size_t n_button;
	struct cfg_vendor vendor[CFG_MAX_VENDOR];
	size_t n_vendor;
};

/** Section phonetype before it is merged into the row that is built in. */
struct cfg_phonetype_draft {
	struct cfg_phonetype type;	/* must be first */
	char like[CFG_TEXT_LEN];
	struct cfg_vendor vendor[CFG_MAX_VENDOR];
	size_t n_vendor;
};

extern const struct schema_section *const td_schema[];
extern const size_t td_schema_sections;

#define TD_SCHEMA_MAX 64		/* sections */

/** Section types, NULL-terminated, for hints. */
extern const char *const td_schema_types[];

const struct schema_section *td_schema_find(const char *type);
/** Its place in td_schema. */
size_t td_schema_place(const struct schema_section *s);
/** NULL when the section has no such option. */
const struct schema_option *td_schema_option(const struct schema_section *s, const char *name);
/** The nearest option name, or NULL. */
const char *td_schema_nearest(const struct schema_section *s, const char *name);
/** Number of an option in its section, for sets of bits. */
static inline unsigned int td_schema_index(const struct schema_section *s,
					   const struct schema_option *o)
{
	return (unsigned int)(o - s->options);
}

/** Write all defaults into the section's struct, which is zeroed first. */
void td_schema_defaults(const struct schema_section *s, void *dst);
/** Items of a list option in the section's struct; 1 for others. */
size_t td_schema_count(const struct schema_option *o, const void *obj);
/** Address of item i. */
void *td_schema_item(const struct schema_option *o, void *obj, size_t i);

#endif
