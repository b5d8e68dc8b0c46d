/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private: from the sections of the file to the model: read by the schema, merge
 * templates, bind references, compare what must be unique.
 */
#ifndef TD_CONFIG_BUILD_H
#define TD_CONFIG_BUILD_H

#include "config/index.h"
#include "config/section.h"

/** A template: its draft holds only what it sets itself. */
struct build_template {
	struct section section;
	struct cfg_phone_draft draft;
	struct build_template *parent;
};

struct build {
	const struct uci_file *file;
	struct td_config *cfg;
	struct fault_list *faults;
	struct section global, sip, sccp;	/* uci is NULL where the file has none */
	struct build_template *templates;
	size_t n_templates;
	struct index template_by_name, dn_by_name, dn_by_number;
	struct index phone_by_username, phone_by_mac, phone_by_tag, phone_by_address;
};

/**
 * td_build - fill cfg, which holds the schema's defaults. Every fault is added to faults;
 * memory that ran out is told there too. cfg can be freed by td_config_put whatever happened.
 */
void td_build(struct td_config *cfg, const struct uci_file *file, struct fault_list *faults);

/** Defaults that follow from other options: the realm, ports of addresses. */
void td_build_derive(struct td_config *cfg);

/** All phones and their templates; sip and dns have been read. */
void td_build_phones(struct build *b);
/** Append a dn to the model; its index, or -ENOMEM. */
int td_build_dn(struct build *b, const struct cfg_dn *dn);

#endif
