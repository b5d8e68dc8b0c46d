/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: read a uci file into a complete model, or say what is wrong and
 * where. Pure but for reading the file; knows no call and no phone.
 */
#ifndef TD_CONFIG_CONFIG_H
#define TD_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdio.h>
#include "config/model.h"

/** One fault. Printed as "file:line:column: option: reason", with ", did you mean 'x'?" */
struct td_config_fault {
	char file[256];
	uint32_t line, column;		/* both from 1, in bytes; 0 = the file as a whole */
	char option[CFG_TEXT_LEN * 2];	/* "phone alice, option mac", or the keyword */
	char reason[256];		/* holds the offending text */
	char hint[CFG_TEXT_LEN];	/* the nearest valid word, or empty */
};

struct td_config_faults {
	struct td_config_fault *v;
	size_t n;
};

/**
 * td_config_load - read path: a file, or a folder holding "tandem".
 * 0 and a model in *out (td_config_put frees it); -EINVAL with all faults found;
 * -ENOENT, -EACCES ... when it cannot be read (one fault that says so).
 */
int td_config_load(struct td_config **out, const char *path, struct td_config_faults *faults);
/** What to do about -EACCES: the daemon reads as the user that it was started as. */
#define TD_CONFIG_OWNER_HINT " (the user that tandemd runs as must own it: chown tandem)"
/** The same from memory; name stands for the file in faults. For tests and fuzzing. */
int td_config_parse(struct td_config **out, const char *name, const char *text, size_t len,
		    struct td_config_faults *faults);
/** A model with every option at its default. */
struct td_config *td_config_defaults(void);
void td_config_put(struct td_config *cfg);
void td_config_faults_fini(struct td_config_faults *faults);
void td_config_fault_print(FILE *out, const struct td_config_fault *fault);

/** Hash of the sections of the i-th type, 0 = there are none; *type NULL: past the last. */
uint64_t td_config_part(const struct td_config *cfg, size_t i, const char **type);

/** Is the host in one of these networks? */
bool td_config_among(const struct cfg_prefix *nets, size_t n, const struct td_addr *host);
const struct cfg_phone *td_config_phone(const struct td_config *cfg, const char *id);

/** What a reload changes. Items point into the models; both models must outlive the diff. */
enum td_change { TD_ADDED, TD_CHANGED, TD_GONE };

struct td_config_diff_ops {
	/* old is NULL for ADDED, now is NULL for GONE */
	void (*phone)(void *arg, enum td_change what, const struct cfg_phone *old,
		      const struct cfg_phone *now);
	void (*interface)(void *arg, enum td_change what, const struct cfg_interface *old,
			  const struct cfg_interface *now);
	void (*trunk)(void *arg, enum td_change what, const struct cfg_trunk *old,
		      const struct cfg_trunk *now);
	/* so many changes of dial peers, translations and restrictions */
	void (*dialplan)(void *arg, unsigned int changes);
	/* so many changes of what files of phones are made from, beside the phones themselves */
	void (*provision)(void *arg, unsigned int changes);
	void (*global)(void *arg, const struct cfg_global *old, const struct cfg_global *now);
	void (*sip)(void *arg, const struct cfg_sip *old, const struct cfg_sip *now);
	void (*sccp)(void *arg, const struct cfg_sccp *old, const struct cfg_sccp *now);
};

/** Call ops for every difference (first GONE, then CHANGED, then ADDED). Returns how many. */
unsigned int td_config_diff(const struct td_config *old, const struct td_config *now,
			    const struct td_config_diff_ops *ops, void *arg);
/** True when the two phones differ in anything a driver must know (lines' numbers and names
 * included, file positions not). The diff uses it. */
bool td_config_phone_differs(const struct td_config *a_cfg, const struct cfg_phone *a,
			     const struct td_config *b_cfg, const struct cfg_phone *b);

#define CFG_LAST_WEEK 8

/** When clocks change, by a zone's own rule. */
struct cfg_zone_rule {
	int32_t offset;			/* minutes east of Greenwich, in winter */
	int32_t dst_offset;		/* minutes more in summer; 0: it has no summer time */
	struct cfg_change start, stop;	/* by the clock before the change */
};

/** Cisco's zone for an IANA zone, or for CME's number of it. NULL: nobody knows that one. */
const struct cfg_zone *td_config_zone(const char *iana);
void td_config_zone_rule(const struct cfg_zone *zone, struct cfg_zone_rule *rule);
/** A type of phone by its name; NULL: unknown. */
const struct cfg_phonetype *td_config_phonetype(const struct td_config *cfg, const char *name);
const struct cfg_locale *td_config_locale(const struct td_config *cfg, const char *id);

/** "ef", "cs3", "af41", "default" ...; NULL: it has no name. */
const char *td_config_dscp_name(uint32_t dscp);

/** Is there such an option in sections of that type? option NULL: is there such a type? */
bool td_config_has_option(const char *type, const char *option);

/**
 * td_config_phone_values - every option of a phone that has a value, given or not, as it would be
 * written; secrets are masked. Of lists each item. For show.
 * False: out of memory.
 */
bool td_config_phone_values(const struct td_config *cfg, const struct cfg_phone *phone,
			    void (*fn)(void *arg, const char *option, bool is_list, const char *value),
			    void *arg);

/** Print the model as uci text; secrets masked unless told otherwise. */
void td_config_print(FILE *out, const struct td_config *cfg, bool with_secrets);

/** The reference manual, generated from the schema table: Markdown, or troff for tandem(5). */
void td_config_print_reference_md(FILE *out);
void td_config_print_reference_man(FILE *out);
/** The schema as JSON, for editors and the importer. */
void td_config_print_schema_json(FILE *out);

#endif
