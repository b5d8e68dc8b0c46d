/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: one section of the file into its struct, driven by the schema; and the
 * faults that are told about a section.
 */
#ifndef TD_CONFIG_SECTION_H
#define TD_CONFIG_SECTION_H

#include "config/schema.h"

/** A section that has been read. */
struct section {
	const struct uci_section *uci;
	const struct schema_section *schema;
	uint64_t set;			/* bit = index of an option that the file gives */
	bool has_unknown;		/* what seems to be missing may be there, misspelt */
};

/**
 * td_section_read - check every option of s->uci and store the good ones in obj, which holds
 * the defaults already. Fills s->set, also with options that were faulty.
 */
void td_section_read(struct section *s, void *obj, struct fault_list *faults);
bool td_section_has(const struct section *s, const char *option);

/**
 * td_section_fault - a fault of a section, or of its option when one is given.
 * @pos: where; with line 0 the option, or the section's name.
 */
void td_section_fault(struct fault_list *faults, const struct uci_section *s,
		      const struct uci_option *o, struct uci_pos pos, const char *hint,
		      const char *fmt, ...) __attribute__((format(printf, 6, 7)));
#define SECTION_HERE ((struct uci_pos){ 0, 0 })

#define SECTION_LABEL_LEN (2 * CFG_ID_LEN)
/** "phone alice", or only the type where the name says no more. Returns dst. */
const char *td_section_label(const struct uci_section *s, char dst[SECTION_LABEL_LEN]);

#endif
