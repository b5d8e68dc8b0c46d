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
	/* uci is NULL where the file has none */
	struct section global, sip, sccp, moh, fac, afterhours, nightservice, provision, cluster, dst;
	struct section management;
	struct build_template *templates;
	size_t n_templates;
	struct index template_by_name, dn_by_name, dn_by_number;
	struct index phone_by_username, phone_by_mac, phone_by_tag, phone_by_address;
	struct index corlist_by_name, cor_members, translation_by_name, profile_by_name;
	struct index trunk_by_name, trunk_by_source, peer_by_tag, mediaclass_by_name;
	struct index voiceport_by_name, voiceport_by_port;
	struct index locale_by_name, vpn_by_name;
	const struct cfg_phonetype *builtin;	/* rows of phone_types.c */
	size_t n_builtin;
	size_t n_cor_members;
	char *source_keys;		/* of trunk_by_source */
	size_t n_source_keys;
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
/** What phones make of dns together; they have been read. */
void td_build_lines(struct build *b);
/** The classes of restriction, which dns and phones name. */
void td_build_restrictions(struct build *b);
/** Types of phones, languages, VPN profiles, the files' scope and store; before the phones. */
void td_build_provision(struct build *b);
/** The type most like a name, for hints; or NULL. */
const char *td_build_nearest_type(const struct build *b, const char *name);
/** A fault when the firmware cannot be one for that type and protocol. o NULL: not given. */
void td_build_check_load(struct build *b, const struct uci_section *s, const struct uci_option *o,
			 const struct cfg_phonetype *type, uint32_t protocol, const char *load);
/** The name of a transport that section sip has switched off; NULL: it is on. */
const char *td_build_transport_off(const struct cfg_sip *sip, uint32_t transport);
/** A copy of a list for the model; NULL when n is 0 or memory is short (a fault). */
struct cfg_vendor *td_build_vendors(struct build *b, const struct cfg_vendor *v, size_t n);
/** Translations, trunks and dial peers; sip and the restrictions have been read. */
void td_build_dialplan(struct build *b);
/** Named sections of a type in the file. */
size_t td_build_count(const struct build *b, const char *type);
/** A fault when there is no such section; o NULL or an empty name: nothing is named. */
void td_build_check_name(struct build *b, const struct uci_section *s, const struct uci_option *o,
			 const struct index *ix, const char *type, const char *name);
/** Append a dn to the model; its index, or -ENOMEM. */
int td_build_dn(struct build *b, const struct cfg_dn *dn);

#endif
