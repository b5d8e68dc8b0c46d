/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every section; their options lie in schema_*.c, one row each: what it takes, its default, what it
 * means and what Cisco calls it. A new option is a row there and a field in model.h; reading,
 * checking, printing and the manual (make docs) follow from them.
 */
#include "config/schema_parts.h"

#include <stdlib.h>
#include <string.h>

#include "userspace/base/str.h"

/* what td_codec_by_name() of core/media_desc.c knows; tests/unit/config_schema.c compares */
const char *const td_codec_words[] = {
	"pcmu", "g711u", "pcma", "g711a", "g722", "g729", "g723", "gsm", "l16", "ilbc", "g726-32",
	"opus", "speex", "amr", "amr-wb", NULL,
};
const char *const td_digest_words[] = {
	[CFG_DIGEST_MD5] = "md5", [CFG_DIGEST_SHA256] = "sha256", NULL,
};
const char *const td_dtmf_words[] = {
	[CFG_DTMF_RTP] = "rtp-nte", [CFG_DTMF_INFO] = "info",
	[CFG_DTMF_NOTIFY] = "sip-notify", [CFG_DTMF_KPML] = "sip-kpml", NULL,
};
const char *const td_srtp_words[] = {
	[CFG_SRTP_OFF] = "off", [CFG_SRTP_FALLBACK] = "fallback", [CFG_SRTP_REQUIRED] = "required",
	[CFG_SRTP_INHERIT] = "inherit", NULL,
};
const char *const td_enable_words[] = {
	[CFG_ENABLE_AUTO] = "auto", [CFG_ENABLE_ON] = "on", [CFG_ENABLE_OFF] = "off", NULL,
};
const char *const td_transport_words[] = {
	[CFG_TRANSPORT_ANY] = "any", [CFG_TRANSPORT_UDP] = "udp", [CFG_TRANSPORT_TCP] = "tcp",
	[CFG_TRANSPORT_TLS] = "tls", NULL,
};

const struct schema_section *const td_schema[] = {
	&td_section_global, &td_section_interface, &td_section_sip, &td_section_sccp,
	&td_section_phone, &td_section_template, &td_section_dn, &td_section_huntgroup,
	&td_section_moh, &td_section_fac, &td_section_afterhours, &td_section_nightservice,
	&td_section_park, &td_section_conference, &td_section_paging, &td_section_corlist,
	&td_section_translation, &td_section_translationprofile, &td_section_trunk,
	&td_section_registrar, &td_section_mwi, &td_section_voiceport, &td_section_mediaclass,
	&td_section_dialpeer,
	&td_section_provision, &td_section_phonetype, &td_section_locale, &td_section_vpnprofile, &td_section_dst,
	&td_section_cluster, &td_section_management,
};
const size_t td_schema_sections = N(td_schema);

const char *const td_schema_types[] = { "global", "interface", "sip", "sccp", "phone", "template",
					"dn", "huntgroup", "moh", "fac", "afterhours",
					"nightservice", "park", "conference", "paging", "corlist",
					"translation", "translationprofile",
					"trunk", "registrar", "mwi", "voiceport", "mediaclass", "dialpeer", "provision",
					"phonetype",
					"locale", "vpnprofile", "dst", "cluster", "management",
					NULL };

_Static_assert(N(td_schema) <= TD_SCHEMA_MAX, "too many sections");
_Static_assert(CFG_MAX_PARTS >= TD_SCHEMA_MAX, "td_config.part_stamp is too short");
_Static_assert(N(td_schema_types) == N(td_schema) + 1, "a type is missing in td_schema_types");
/* VALUE_MAC writes both as one */
_Static_assert(offsetof(struct cfg_phone, has_mac) == offsetof(struct cfg_phone, mac) + 6,
	       "has_mac follows mac");

const struct schema_section *td_schema_find(const char *type)
{
	for (size_t i = 0; i < N(td_schema); i++)
		if (!strcmp(td_schema[i]->type, type))
			return td_schema[i];
	return NULL;
}

size_t td_schema_place(const struct schema_section *s)
{
	size_t i = 0;

	while (td_schema[i] != s)
		i++;
	return i;
}

const struct schema_option *td_schema_option(const struct schema_section *s, const char *name)
{
	for (size_t i = 0; i < s->n_options; i++)
		if (!strcmp(s->options[i].name, name))
			return &s->options[i];
	return NULL;
}

const char *td_schema_nearest(const struct schema_section *s, const char *name)
{
	const char *words[65] = { NULL };

	for (size_t i = 0; i < s->n_options; i++)
		words[i] = s->options[i].name;
	return td_str_nearest(name, words);
}

size_t td_schema_count(const struct schema_option *o, const void *obj)
{
	size_t n = 1;

	if (o->is_list)
		memcpy(&n, (const char *)obj + o->count_offset, sizeof(n));
	return n;
}

void *td_schema_item(const struct schema_option *o, void *obj, size_t i)
{
	return (char *)obj + o->offset + (o->is_list ? i * (o->size / o->max_items) : 0);
}

/* A default goes the way of what a file says; tests/unit/config_schema.c tries them all. */
static void set_default(const struct schema_option *o, void *dst)
{
	char copy[128], *rest = copy, *word;
	struct value_fault fault;
	struct uci_value v = { .text = o->def };
	size_t n = 0;

	if (!o->is_list) {
		td_value_read(o, &v, td_schema_item(o, dst, 0), &fault);
		return;
	}
	td_strlcpy(copy, o->def, sizeof(copy));
	while ((word = strsep(&rest, " "))) {
		v.text = word;
		td_value_read(o, &v, td_schema_item(o, dst, n++), &fault);
	}
	memcpy((char *)dst + o->count_offset, &n, sizeof(n));
}

void td_schema_defaults(const struct schema_section *s, void *dst)
{
	memset(dst, 0, s->size);
	for (size_t i = 0; i < s->n_options; i++)
		if (s->options[i].def)
			set_default(&s->options[i], dst);
}

bool td_config_has_option(const char *type, const char *option)
{
	const struct schema_section *s = td_schema_find(type);

	return s && (!option || td_schema_option(s, option));
}
