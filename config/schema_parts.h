/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schema's parts, a file per topic, and how their rows are written. */
#ifndef TD_CONFIG_SCHEMA_PARTS_H
#define TD_CONFIG_SCHEMA_PARTS_H

#include <stddef.h>
#include "config/schema.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define SIZE(type, member) sizeof(((type *)0)->member)

/* where a member lies */
#define AT(type, member) \
	.offset = offsetof(type, member), .size = SIZE(type, member)
#define LIST(type, member, count) \
	AT(type, member), .is_list = true, .count_offset = offsetof(type, count), \
	.max_items = N(((type *)0)->member)

#define OPTIONS(rows) .options = (rows), .n_options = N(rows)

extern const char *const td_codec_words[];
extern const char *const td_digest_words[];
extern const char *const td_dtmf_words[];
extern const char *const td_srtp_words[];
extern const char *const td_enable_words[];
extern const char *const td_transport_words[];

extern const struct schema_section td_section_global;
extern const struct schema_section td_section_interface;
extern const struct schema_section td_section_sip;
extern const struct schema_section td_section_sccp;
extern const struct schema_section td_section_phone;
extern const struct schema_section td_section_template;
extern const struct schema_section td_section_dn;
extern const struct schema_section td_section_huntgroup;
extern const struct schema_section td_section_moh;
extern const struct schema_section td_section_fac;
extern const struct schema_section td_section_afterhours;
extern const struct schema_section td_section_nightservice;
extern const struct schema_section td_section_park;
extern const struct schema_section td_section_conference;
extern const struct schema_section td_section_paging;
extern const struct schema_section td_section_corlist;
extern const struct schema_section td_section_translation;
extern const struct schema_section td_section_translationprofile;
extern const struct schema_section td_section_trunk;
extern const struct schema_section td_section_registrar;
extern const struct schema_section td_section_mwi;
extern const struct schema_section td_section_voiceport;
extern const struct schema_section td_section_mediaclass;
extern const struct schema_section td_section_dialpeer;
extern const struct schema_section td_section_provision;
extern const struct schema_section td_section_phonetype;
extern const struct schema_section td_section_locale;
extern const struct schema_section td_section_vpnprofile;
extern const struct schema_section td_section_dst;
extern const struct schema_section td_section_cluster;
extern const struct schema_section td_section_management;

#endif
