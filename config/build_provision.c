// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of phones are made from: types, languages, VPN profiles, and which scope goes
 * with which store. See build.h; phones are compared with it in build_phones.c.
 */
#include "config/build.h"

#include <errno.h>
#include <string.h>

#include "config/locales.h"
#include "config/phone_types.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MIN_SECRET 16

/* ---- types ---- */

static struct cfg_phonetype *find_type(const struct td_config *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->n_phonetypes; i++)
		if (!strcmp(cfg->phonetypes[i].name, name))
			return &cfg->phonetypes[i];
	return NULL;
}

const struct cfg_phonetype *td_config_phonetype(const struct td_config *cfg, const char *name)
{
	return find_type(cfg, name);
}

const char *td_build_nearest_type(const struct build *b, const char *name)
{
	const struct td_config *cfg = b->cfg;
	const char **words, *near;

	if (td_fault_full(b->faults))
		return NULL;
	words = td_calloc(cfg->n_phonetypes + 1, sizeof(*words));
	if (!words)
		return NULL;
	for (size_t i = 0; i < cfg->n_phonetypes; i++)
		words[i] = cfg->phonetypes[i].name;
	near = td_str_nearest(name, words);
	td_free(words);
	return near;
}

/* Room for every section beside the rows that are built in. */
static void make_types(struct build *b)
{
	size_t n = td_phone_types(&b->builtin);
	const struct uci_section *s;
	size_t sections = 0;

	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		sections += !strcmp(s->type, "phonetype");
	b->cfg->phonetypes = td_calloc(n + sections, sizeof(*b->cfg->phonetypes));
	if (!b->cfg->phonetypes) {
		b->faults->err = -ENOMEM;
		return;
	}
	memcpy(b->cfg->phonetypes, b->builtin, n * sizeof(*b->builtin));
	b->cfg->n_phonetypes = b->n_builtin = n;
}

/* The row that a section is about: one that is there, or a new one like another. */
static struct cfg_phonetype *type_of(struct build *b, const struct uci_section *uci,
				     const struct cfg_phonetype_draft *d)
{
	const struct uci_option *o = td_uci_option(uci, "type"), *like = td_uci_option(uci, "like");
	struct cfg_phonetype *t = find_type(b->cfg, d->type.name), *other;
	struct uci_pos pos = o ? td_uci_value(o, 0)->pos : SECTION_HERE;
	char cited[FAULT_CITE_LEN + 8];

	if (t && t->line)
		td_section_fault(b->faults, uci, o, pos, NULL, "'%s' has a section already "
				 "(line %u)", t->name, t->line);
	if (t && like)
		td_section_fault(b->faults, uci, like, td_uci_value(like, 0)->pos, NULL,
				 "'%s' is a type that is known", t->name);
	if (t)
		return t;
	if (!like) {
		td_section_fault(b->faults, uci, o, pos, td_build_nearest_type(b, d->type.name),
				 "there is no type of phone %s; option like makes one",
				 td_fault_cite(cited, d->type.name));
		return NULL;
	}
	other = find_type(b->cfg, d->like);
	if (!other || (size_t)(other - b->cfg->phonetypes) >= b->n_builtin) {
		td_section_fault(b->faults, uci, like, td_uci_value(like, 0)->pos,
				 td_build_nearest_type(b, d->like), "there is no type of phone %s",
				 td_fault_cite(cited, d->like));
		return NULL;
	}
	t = &b->cfg->phonetypes[b->cfg->n_phonetypes++];
	*t = *other;
	t->vendors = NULL;
	t->n_vendors = 0;
	t->device = 0;			/* the other one's own */
	t->like = b->builtin[other - b->cfg->phonetypes].name;
	td_strlcpy(t->name, d->type.name, sizeof(t->name));
	return t;
}

struct cfg_vendor *td_build_vendors(struct build *b, const struct cfg_vendor *v, size_t n)
{
	struct cfg_vendor *copy = n ? td_calloc(n, sizeof(*copy)) : NULL;

	if (n && !copy)
		b->faults->err = -ENOMEM;
	else if (n)
		memcpy(copy, v, n * sizeof(*copy));
	return copy;
}

void td_build_check_load(struct build *b, const struct uci_section *s, const struct uci_option *o,
			 const struct cfg_phonetype *type, uint32_t protocol, const char *load)
{
	char why[192];

	if (o && load[0] && !td_load_fits(type, protocol, load, why, sizeof(why)))
		td_section_fault(b->faults, s, o, td_uci_value(o, 0)->pos, NULL, "%s", why);
}

static void check_locale(struct build *b, const struct uci_section *uci, const char *option,
			 const char *name)
{
	const struct uci_option *o = td_uci_option(uci, option);

	td_build_check_name(b, uci, o, &b->locale_by_name, "locale", name);
	if (o && name[0] && b->cfg->provision.scope == CFG_SCOPE_SYSTEM)
		td_section_fault(b->faults, uci, o, td_uci_value(o, 0)->pos, NULL,
				 "a language of a type's own needs scope 'phonetype' or 'phone' in "
				 "section provision");
}

static void read_type(struct build *b, const struct uci_section *uci)
{
	struct section s = { .uci = uci, .schema = td_schema_find("phonetype") };
	struct cfg_phonetype_draft *d = td_zalloc(sizeof(*d));
	struct cfg_phonetype *t;

	if (!d) {
		b->faults->err = -ENOMEM;
		return;
	}
	td_section_read(&s, d, b->faults);
	if (!d->type.name[0])
		td_strlcpy(d->type.name, uci->name, sizeof(d->type.name));
	if (!d->type.name[0])
		td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
				 "it needs a name or option type");
	t = d->type.name[0] ? type_of(b, uci, d) : NULL;
	if (t && !t->line) {
		t->line = uci->pos.line;
		td_strlcpy(t->load_sccp, d->type.load_sccp, sizeof(t->load_sccp));
		td_strlcpy(t->load_sip, d->type.load_sip, sizeof(t->load_sip));
		td_strlcpy(t->user_locale, d->type.user_locale, sizeof(t->user_locale));
		td_strlcpy(t->network_locale, d->type.network_locale, sizeof(t->network_locale));
		t->vendors = td_build_vendors(b, d->vendor, d->n_vendor);
		t->n_vendors = t->vendors ? d->n_vendor : 0;
		td_build_check_load(b, uci, td_uci_option(uci, "load_sccp"), t, CFG_PROTO_SCCP,
				    t->load_sccp);
		td_build_check_load(b, uci, td_uci_option(uci, "load_sip"), t, CFG_PROTO_SIP,
				    t->load_sip);
		check_locale(b, uci, "user_locale", t->user_locale);
		check_locale(b, uci, "network_locale", t->network_locale);
	}
	td_free(d);
}

/* ---- languages ---- */

const struct cfg_locale *td_config_locale(const struct td_config *cfg, const char *id)
{
	for (size_t i = 0; i < cfg->n_locales; i++)
		if (!strcmp(cfg->locales[i].id, id))
			return &cfg->locales[i];
	return NULL;
}

static void complete(struct cfg_locale *l)
{
	const struct known_locale *k = td_locale_of(l->country);

	if (!k)
		return;
	if (!l->user[0])
		td_strlcpy(l->user, k->user, sizeof(l->user));
	if (!l->language[0])
		td_strlcpy(l->language, k->language, sizeof(l->language));
	if (!l->network[0])
		td_strlcpy(l->network, k->network, sizeof(l->network));
}

static void check_locale_rules(struct build *b, const struct uci_section *uci,
			       const struct cfg_locale *l, size_t nth)
{
	const struct uci_option *own = td_uci_option(uci, "user");

	if (!own)
		own = td_uci_option(uci, "network");
	if (nth == CFG_MAX_LOCALES)
		td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
				 "it is one too many: up to %d languages are possible",
				 CFG_MAX_LOCALES);
	if (!l->country[0] && (!l->user[0] || !l->network[0]) &&
	    !td_uci_option(uci, "country"))
		td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
				 "it needs a country, or user and network");
	if (b->cfg->provision.store != CFG_FILES_MEMORY)
		return;
	if (nth)
		td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
				 "more than one language needs store 'path' or 'tftp' in section "
				 "provision");
	else if (own)
		td_section_fault(b->faults, uci, own, td_uci_value(own, 0)->pos, NULL,
				 "a language of one's own needs store 'path' or 'tftp' in section "
				 "provision");
}

static void read_locales(struct build *b)
{
	size_t n = td_build_count(b, "locale"), nth = 0;
	const struct uci_section *uci;

	b->cfg->locales = td_calloc(n + 1, sizeof(*b->cfg->locales));
	if (!b->cfg->locales) {
		b->faults->err = -ENOMEM;
		return;
	}
	td_list_for_each(uci, &b->file->sections, struct uci_section, node) {
		struct section s = { .uci = uci, .schema = td_schema_find("locale") };
		struct cfg_locale *l = &b->cfg->locales[nth];

		if (strcmp(uci->type, "locale") || !*uci->name)
			continue;
		td_schema_defaults(s.schema, l);
		td_section_read(&s, l, b->faults);
		complete(l);
		td_strlcpy(l->id, uci->name, sizeof(l->id));
		l->line = uci->pos.line;
		td_index_add(&b->locale_by_name, uci->name, strlen(uci->name), uci, (uint32_t)nth,
			     &b->faults->err);
		check_locale_rules(b, uci, l, nth++);
	}
	b->cfg->n_locales = nth;
}

/* ---- VPN ---- */

static void read_vpns(struct build *b)
{
	const struct uci_section *uci;
	size_t n = 0;

	b->cfg->vpns = td_calloc(td_build_count(b, "vpnprofile") + 1, sizeof(*b->cfg->vpns));
	if (!b->cfg->vpns) {
		b->faults->err = -ENOMEM;
		return;
	}
	td_list_for_each(uci, &b->file->sections, struct uci_section, node) {
		struct section s = { .uci = uci, .schema = td_schema_find("vpnprofile") };
		struct cfg_vpn *v = &b->cfg->vpns[n];

		if (strcmp(uci->type, "vpnprofile") || !*uci->name)
			continue;
		td_schema_defaults(s.schema, v);
		td_section_read(&s, v, b->faults);
		td_strlcpy(v->id, uci->name, sizeof(v->id));
		v->line = uci->pos.line;
		td_index_add(&b->vpn_by_name, uci->name, strlen(uci->name), uci, (uint32_t)n++,
			     &b->faults->err);
		if (!td_uci_option(uci, "url") && !s.has_unknown)
			td_section_fault(b->faults, uci, NULL, SECTION_HERE, NULL,
					 "it has no gateway: list url 'https://HOST/GROUP'");
	}
	b->cfg->n_vpns = n;
}

/* ---- scope and store ---- */

static void fault(struct build *b, const struct section *s, const char *option, const char *reason)
{
	const struct uci_option *o = td_uci_option(s->uci, option);

	td_section_fault(b->faults, s->uci, o, o ? td_uci_value(o, 0)->pos : SECTION_HERE, NULL,
			 "%s", reason);
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void check_files(struct build *b)
{
	const struct cfg_provision *p = &b->cfg->provision;
	const struct uci_option *o = td_uci_option(b->provision.uci, "tftp_file");

	for (size_t i = 0; i < p->n_tftp_file; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(last_name(p->tftp_file[i]), last_name(p->tftp_file[k])))
				td_section_fault(b->faults, b->provision.uci, o,
						 td_uci_value(o, i)->pos, NULL,
						 "'%s' has the name of another file: phones could "
						 "not tell them apart", p->tftp_file[i]);
}

static void check_provision(struct build *b)
{
	const struct cfg_provision *p = &b->cfg->provision;
	const struct section *s = &b->provision;

	if (!s->uci)
		return;
	if (p->scope != CFG_SCOPE_SYSTEM && p->store == CFG_FILES_MEMORY)
		fault(b, s, "scope", p->scope == CFG_SCOPE_TYPE ?
		      "scope 'phonetype' needs store 'path' or 'tftp'" :
		      "scope 'phone' needs store 'path' or 'tftp'");
	if (p->dhcp != CFG_DHCP_OFF && !p->dhcp_file[0])
		fault(b, s, "dhcp", p->dhcp == CFG_DHCP_DNSMASQ ?
		      "dhcp 'dnsmasq' needs dhcp_file, in the folder of dnsmasq's dhcp-optsdir" :
		      "dhcp 'uci' needs dhcp_file");
	if (p->dhcp_file[0] && (p->dhcp_file[strlen(p->dhcp_file) - 1] == '/'))
		fault(b, s, "dhcp_file", "it is a folder: name a file in it");
	if (p->store == CFG_FILES_PATH && !td_section_has(s, "path"))
		fault(b, s, "store", "store 'path' needs option path");
	if (p->store == CFG_FILES_TFTP && !td_section_has(s, "url"))
		fault(b, s, "store", "store 'tftp' needs option url");
	if (p->path[0] && !strcmp(p->path, p->home_path))
		fault(b, s, "path", "path and home_path must be two folders: what is made here "
		      "would overwrite what was put there");
	if (p->idle_timeout && !p->url_idle[0])
		fault(b, s, "idle_timeout", "idle_timeout needs url_idle");
	check_files(b);
}

static void check_account(struct build *b, const char *user_option, const char *user,
			  const char *password_option, const char *password)
{
	if (user[0] && !password[0])
		fault(b, &b->cluster, user_option, "it needs a password");
	if (password[0] && !user[0])
		fault(b, &b->cluster, password_option, "it needs a user");
}

static void check_cluster(struct build *b)
{
	const struct cfg_cluster *c = &b->cfg->cluster;

	if (!b->cluster.uci)
		return;
	if (c->replicate_secret[0] && strlen(c->replicate_secret) < MIN_SECRET)
		fault(b, &b->cluster, "replicate_secret", "it is shorter than 16 characters");
	if (c->replicate_secret[0] && !c->n_redis &&
	    (!td_addr_is_set(&c->primary) || !td_addr_is_set(&c->secondary)))
		fault(b, &b->cluster, "replicate_secret",
		      "it needs both primary and secondary, or redis");
	if (c->n_redis && !c->replicate_secret[0])
		fault(b, &b->cluster, "redis", "it needs replicate_secret: what is stored is encrypted");
	if (!c->n_redis && c->redis_sentinel[0])
		fault(b, &b->cluster, "redis_sentinel", "it needs redis: the sentinels' addresses");
	check_account(b, "standby_user", c->standby_user, "standby_password", c->standby_password);
	check_account(b, "xml_user", c->xml_user, "xml_password", c->xml_password);
	if (c->xml_user[0] && c->xml_port == c->replicate_port)
		fault(b, &b->cluster, "xml_port", "replicate_port is the same");
	if (td_addr_is_set(&c->primary) && td_addr_is_set(&c->secondary) &&
	    td_addr_is_v4(&c->primary) != td_addr_is_v4(&c->secondary))
		fault(b, &b->cluster, "secondary",
		      "primary and secondary must be of the same family");
	if (td_addr_is_set(&c->primary) && td_addr_same_ip(&c->primary, &c->secondary))
		fault(b, &b->cluster, "secondary", "it is the primary itself");
}

void td_build_provision(struct build *b)
{
	const struct uci_section *s;

	b->cfg->dst.given = b->dst.uci != NULL;
	check_provision(b);
	check_cluster(b);
	make_types(b);
	if (!b->faults->err)
		read_locales(b);
	if (!b->faults->err)
		read_vpns(b);
	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		if (!b->faults->err && !strcmp(s->type, "phonetype"))
			read_type(b, s);
}
