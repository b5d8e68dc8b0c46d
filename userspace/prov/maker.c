// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run from a configuration to a table of names: what is made for whom, and under which
 * names. What stands in the files is made by file_*.c.
 */
#include "userspace/prov/files_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/log.h"
#include "userspace/base/map.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

int td_maker_begin(struct td_maker *m, const struct td_config *cfg, const struct td_addr ours[2])
{
	*m = (struct td_maker){ .cfg = cfg, .ours = { ours[0], ours[1] } };
	m->names = td_names_begin();
	m->n_phones_of_dn = td_calloc(cfg->n_dns + 1, 1);
	if (!m->names || !m->n_phones_of_dn) {
		td_names_unref(td_maker_end(m));
		return -ENOMEM;
	}
	for (size_t i = 0; i < cfg->n_phones; i++)
		for (size_t k = 0; k < cfg->phones[i].n_lines; k++)
			if (m->n_phones_of_dn[cfg->phones[i].lines[k].dn] < 2)
				m->n_phones_of_dn[cfg->phones[i].lines[k].dn]++;
	m->sccp_zone = td_config_zone(cfg->global.timezone);
	m->sip_zone = cfg->sip.timezone[0] ? td_config_zone(cfg->sip.timezone) : m->sccp_zone;
	return 0;
}

struct td_names *td_maker_end(struct td_maker *m)
{
	struct td_names *names = m->names;

	td_free(m->n_phones_of_dn);
	if (names)
		td_names_finish(names);
	*m = (struct td_maker){ 0 };
	return names;
}

void td_maker_shared(struct td_maker *m)
{
	td_make_lists(m);
	td_make_dial(m);
	td_make_defaults(m);
	td_make_text_defaults(m);
	td_make_directory(m);
	td_make_home(m);
}

/* ---- adding ---- */

/* In memory and in the store, files of a VRF have names of their own; phones ask for the plain
 * one, which is then the alias. */
static void add_as(struct td_maker *m, const char *name, const struct td_name *file)
{
	char inner[TD_NAME_MAX];
	struct td_name f = *file;
	int err;

	if (m->cfg->provision.vrf) {
		snprintf(inner, sizeof(inner), "vrf%u/%s", m->cfg->provision.vrf, name);
		f.name = inner;
		err = td_names_add(m->names, &f);
		if (!err)
			err = td_names_alias(m->names, name, inner);
	} else {
		f.name = name;
		err = td_names_add(m->names, &f);
	}
	if (!err)
		return;
	m->failed++;
	td_log_warn(TD_LOG_PROV, "file=%s cannot be offered: %s", name, strerror(-err));
}

void td_maker_add(struct td_maker *m, const char *name, char *text, size_t len,
		  const struct cfg_phone *phone, const char *type)
{
	struct td_name f = { .data = text, .len = len, .type = type };

	if (!text) {
		m->failed++;
		return;
	}
	if (phone) {
		f.phone = phone->id;
		memcpy(f.mac, phone->mac, sizeof(f.mac));
		f.address = phone->address;
	}
	add_as(m, name, &f);
}

void td_maker_alias(struct td_maker *m, const char *alias, const char *of)
{
	int err = td_names_alias(m->names, alias, of);

	if (err) {
		m->failed++;
		td_log_warn(TD_LOG_PROV, "file=%s cannot be offered: %s", alias, strerror(-err));
	}
}

void td_maker_stamp(struct td_maker *m, const char *name, char *text, size_t len,
		    char stamp[TD_STAMP_LEN])
{
	static const uint8_t key[16] = "version stamps";	/* the same on every router */
	const char *theirs = name && m->version_of ? m->version_of(m->version_arg, name) : NULL;
	char digits[24];
	char *here = memmem(text, len, STAMP_HERE, sizeof(STAMP_HERE) - 1);

	snprintf(digits, sizeof(digits), "%016llu",
		 (unsigned long long)(td_siphash(key, text, len) % 10000000000000000ull));
	td_strlcpy(stamp, digits, TD_STAMP_LEN);
	if (theirs && strlen(theirs) == TD_STAMP_LEN - 1 && strcmp(theirs, stamp)) {
		td_strlcpy(stamp, theirs, TD_STAMP_LEN);
		m->n_theirs++;
	}
	if (here)
		memcpy(here, stamp, TD_STAMP_LEN - 1);
}

void td_maker_version_in(struct td_str text, char dst[64])
{
	static const char open[] = "<versionStamp>";
	const char *at = text.len ? memmem(text.p, text.len, open, sizeof(open) - 1) : NULL, *end;
	size_t left;

	dst[0] = '\0';
	if (!at)
		return;
	at += sizeof(open) - 1;
	left = text.len - (size_t)(at - text.p);
	end = memchr(at, '<', left);
	if (end && end - at < 64)
		td_str_copy(dst, 64, (struct td_str){ at, (size_t)(end - at) });
}

/* ---- whose, and which ---- */

bool td_maker_is_text(const struct td_config *cfg, const struct cfg_phone *phone)
{
	const struct cfg_phonetype *t = td_config_phonetype(cfg, phone->type);

	return phone->protocol == CFG_PROTO_SIP && t && t->sip_text;
}

void td_maker_sep_name(const uint8_t c[6], char dst[TD_NAME_MAX])
{
	snprintf(dst, TD_NAME_MAX, "SEP%02X%02X%02X%02X%02X%02X.cnf.xml", c[0], c[1], c[2], c[3], c[4],
		 c[5]);
}

void td_maker_file_name(const struct td_config *cfg, const struct cfg_phone *phone,
			char dst[TD_NAME_MAX])
{
	const uint8_t *c = phone->mac;

	if (td_maker_is_text(cfg, phone))
		snprintf(dst, TD_NAME_MAX, "SIP%02X%02X%02X%02X%02X%02X.cnf", c[0], c[1], c[2], c[3],
			 c[4], c[5]);
	else
		td_maker_sep_name(c, dst);
}

void td_maker_load(const struct td_config *cfg, const struct cfg_phone *phone,
		   const struct cfg_phonetype *type, uint32_t protocol, char dst[CFG_TEXT_LEN])
{
	static const char end[] = ".loads";
	const char *load = phone && phone->load[0] ? phone->load : "";
	size_t len;

	(void)cfg;
	if (!*load && type)
		load = protocol == CFG_PROTO_SCCP ? type->load_sccp : type->load_sip;
	td_strlcpy(dst, load, CFG_TEXT_LEN);
	len = strlen(dst);
	if (!(type && type->suffix) && len > sizeof(end) - 1 &&
	    !strcmp(dst + len - (sizeof(end) - 1), end))
		dst[len - (sizeof(end) - 1)] = '\0';
}

const struct cfg_locale *td_maker_locale(const struct td_config *cfg, const char *own,
					 const char *of_type)
{
	const struct cfg_locale *l = own && *own ? td_config_locale(cfg, own) : NULL;

	if (!l && of_type && *of_type)
		l = td_config_locale(cfg, of_type);
	return l ? l : cfg->n_locales ? &cfg->locales[0] : NULL;
}

/* The router that this configuration is for: its address of that protocol. */
static void own_address(const struct td_maker *m, uint32_t protocol, char dst[64])
{
	const struct td_config *cfg = m->cfg;
	const struct td_addr *a = NULL;
	char text[TD_ADDR_STRLEN];
	bool six = protocol == CFG_PROTO_SCCP && cfg->sccp.protocol_mode == CFG_IPV6;

	if (protocol == CFG_PROTO_SCCP) {
		for (size_t i = 0; i < cfg->sccp.n_source && !a; i++)
			if (td_addr_is_v4(&cfg->sccp.source[i]) != six)
				a = &cfg->sccp.source[i];
	} else if (cfg->sip.n_listen) {
		a = &cfg->sip.listen[0];
	}
	if (!a && td_addr_is_set(&m->ours[six]))
		a = &m->ours[six];
	if (!a && td_addr_is_set(&m->ours[!six]))
		a = &m->ours[!six];
	/* a name must do when it has no address: phones ask DNS */
	td_strlcpy(dst, a ? td_addr_ip(a, text) : cfg->global.hostname, 64);
}

size_t td_maker_routers(const struct td_maker *m, uint32_t protocol, char dst[2][64])
{
	const struct cfg_cluster *c = &m->cfg->cluster;
	char text[TD_ADDR_STRLEN];

	if (td_addr_is_set(&c->primary))
		td_strlcpy(dst[0], td_addr_ip(&c->primary, text), 64);
	else
		own_address(m, protocol, dst[0]);
	if (!td_addr_is_set(&c->secondary))
		return 1;
	td_strlcpy(dst[1], td_addr_ip(&c->secondary, text), 64);
	return 2;
}

/* ---- phones ---- */

static void sip_phone(struct td_maker *m, const struct cfg_phone *phone,
		      const struct cfg_phonetype *type)
{
	struct td_device d = {
		.phone = phone, .type = type, .protocol = CFG_PROTO_SIP,
		.user = td_maker_locale(m->cfg, phone->user_locale,
					type ? type->user_locale : NULL),
		.network = td_maker_locale(m->cfg, phone->network_locale,
					   type ? type->network_locale : NULL),
	};
	char name[TD_NAME_MAX];
	size_t len = 0;
	char *text;

	if (type && type->sip == 2)
		return;			/* a binary profile */
	if (td_maker_is_text(m->cfg, phone)) {
		td_make_text_phone(m, phone);
		return;
	}
	text = td_make_device(m, &d, &len);
	td_maker_file_name(m->cfg, phone, name);
	td_maker_add(m, name, text, len, phone, "text/xml");
}

/* The one for all is made when the first phone needs it. */
static void shared_device(struct td_maker *m, const struct td_device *d, const char *name)
{
	size_t len = 0;
	char *text;

	if (td_names_find(m->names, name, strlen(name)))
		return;
	text = td_make_device(m, d, &len);
	td_maker_add(m, name, text, len, NULL, "text/xml");
}

static void sccp_phone(struct td_maker *m, const struct cfg_phone *phone,
		       const struct cfg_phonetype *type)
{
	uint32_t scope = m->cfg->provision.scope;
	struct td_device d = {
		.phone = scope == CFG_SCOPE_PHONE ? phone : NULL, .type = type,
		.protocol = CFG_PROTO_SCCP,
		.user = td_maker_locale(m->cfg, phone->user_locale,
					type ? type->user_locale : NULL),
		.network = td_maker_locale(m->cfg, phone->network_locale,
					   type ? type->network_locale : NULL),
	};
	char name[TD_NAME_MAX], shared[TD_NAME_MAX];
	size_t len = 0;
	char *text;

	if (scope == CFG_SCOPE_SYSTEM)
		d = (struct td_device){ .protocol = CFG_PROTO_SCCP,
					.user = td_maker_locale(m->cfg, NULL, NULL),
					.network = td_maker_locale(m->cfg, NULL, NULL) };
	td_maker_file_name(m->cfg, phone, name);
	if (scope == CFG_SCOPE_PHONE) {
		text = td_make_device(m, &d, &len);
		td_maker_add(m, name, text, len, phone, "text/xml");
		return;
	}
	td_maker_type_file(m->cfg, d.type ? d.type->name : "SEP", d.user, shared);
	shared_device(m, &d, shared);
	td_maker_alias(m, name, shared);
}

void td_maker_phone(struct td_maker *m, const struct cfg_phone *phone)
{
	const struct cfg_phonetype *type = td_config_phonetype(m->cfg, phone->type);

	const uint8_t *c = phone->mac;
	char name[TD_NAME_MAX];

	if (!phone->has_mac)
		return;			/* a file's name is made of it */
	if (m->trust && td_make_is_secure(m->cfg, phone)) {
		snprintf(name, sizeof(name), "CTLSEP%02X%02X%02X%02X%02X%02X.tlv", c[0], c[1], c[2],
			 c[3], c[4], c[5]);
		td_maker_alias(m, name, TD_FILE_CTL);
	}
	if (phone->protocol == CFG_PROTO_SCCP)
		sccp_phone(m, phone, type);
	else
		sip_phone(m, phone, type);
}
