/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A uci file in the making: sections and options, each of which knows the line it came from. */
#ifndef TD_IMPORT_UCI_OUT_H
#define TD_IMPORT_UCI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uci_option {
	char name[40];
	bool is_list, dropped;
	char *value;
	size_t source;			/* index of the input's line */
	uint32_t at;			/* line of the output, when printed */
};

struct uci_section {
	char type[24], name[64];
	bool dropped;
	size_t source;
	uint32_t at;
	struct uci_option *options;
	size_t n_options;
};

struct uci_out {
	struct uci_section *sections;
	size_t n_sections;
};

/** The section, made when it is not there. NULL: no memory. */
struct uci_section *td_uci_out_section(struct uci_out *out, const char *type, const char *name,
				   size_t source);
struct uci_section *td_uci_out_find(struct uci_out *out, const char *type, const char *name);
/** Set an option (what was set before goes) or add an item to a list. 0 or -ENOMEM. */
int td_uci_out_put(struct uci_section *s, const char *option, const char *value, bool is_list,
	       size_t source);
const char *td_uci_out_get(const struct uci_section *s, const char *option);
/** Text of the whole, in the order of the manual; sets "at" everywhere. NULL: no memory. */
char *td_uci_out_print(struct uci_out *out);
void td_uci_out_fini(struct uci_out *out);

#endif
