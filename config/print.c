/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model as uci text, as "show config" prints it: templates merged, what follows from
 * other options filled in. Reading the text gives the same model again (but for the
 * passwords, unless they are asked for).
 */
#include "config/config.h"

#include <string.h>

#include "config/schema.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MASK "********"
#define VALUE_LEN (CFG_SECRET_LEN + 64)

/* Single quotes hold everything but themselves. */
static void print_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

static void print_pair(FILE *out, const struct schema_option *o, const char *value)
{
	fprintf(out, "\t%s %s ", o->is_list ? "list" : "option", o->name);
	print_quoted(out, value);
	fputc('\n', out);
}

static void print_option(FILE *out, const struct schema_option *o, void *obj, bool with_secrets)
{
	char value[VALUE_LEN];

	for (size_t i = 0; i < td_schema_count(o, obj); i++) {
		td_value_print(o, td_schema_item(o, obj, i), value, sizeof(value));
		if (!value[0])
			continue;
		print_pair(out, o, o->kind == VALUE_SECRET && !with_secrets ? MASK : value);
	}
}

static void print_head(FILE *out, const char *type, const char *name)
{
	fprintf(out, "\nconfig %s", type);
	if (name) {
		fputc(' ', out);
		print_quoted(out, name);
	}
	fputc('\n', out);
}

static bool is_default(const struct schema_option *o, void *obj, void *defaults)
{
	char a[VALUE_LEN], b[VALUE_LEN];
	size_t n = td_schema_count(o, obj);

	if (n != td_schema_count(o, defaults))
		return false;
	for (size_t i = 0; i < n; i++) {
		td_value_print(o, td_schema_item(o, obj, i), a, sizeof(a));
		td_value_print(o, td_schema_item(o, defaults, i), b, sizeof(b));
		if (strcmp(a, b) != 0)
			return false;
	}
	return true;
}

/* A zero that means "none" is no value that a file could hold. */
static bool is_unset(const struct schema_option *o, const void *obj)
{
	uint32_t v;

	if (o->kind != VALUE_UINT || o->is_list || o->or_zero || !o->min)
		return false;
	memcpy(&v, (const char *)obj + o->offset, sizeof(v));
	return v == 0;
}

static void print_section(FILE *out, const struct schema_section *s, const char *name, void *obj,
			  void *skip_defaults, bool with_secrets)
{
	print_head(out, s->type, name);
	for (size_t i = 0; i < s->n_options; i++)
		if (!is_unset(&s->options[i], obj) &&
		    !(skip_defaults && is_default(&s->options[i], obj, skip_defaults)))
			print_option(out, &s->options[i], obj, with_secrets);
}

/* ---- sections that the model holds in another form ---- */

static void print_interface(FILE *out, const struct cfg_interface *ifc)
{
	struct cfg_interface_draft d = { .interface = *ifc };

	/* without a name: another section may be called like the device */
	td_strlcpy(d.device, ifc->id, sizeof(d.device));
	print_section(out, td_schema_find("interface"), NULL, &d, NULL, false);
}

/* A dn that a number in one phone stands for needs no section. */
static bool is_implied(const struct cfg_dn *dn, size_t n_lines)
{
	const struct schema_section *s = td_schema_find("dn");
	struct cfg_dn plain;

	td_schema_defaults(s, &plain);
	td_strlcpy(plain.id, dn->id, sizeof(plain.id));
	td_strlcpy(plain.number, dn->id, sizeof(plain.number));
	plain.line = dn->line;
	return n_lines == 1 && !memcmp(&plain, dn, sizeof(plain));
}

static void print_dns(FILE *out, const struct td_config *cfg)
{
	const struct schema_section *s = td_schema_find("dn");
	size_t *n_lines = td_calloc(cfg->n_dns + 1, sizeof(*n_lines));
	struct cfg_dn dn, defaults;

	if (!n_lines)
		return;
	td_schema_defaults(s, &defaults);
	for (size_t i = 0; i < cfg->n_phones; i++)
		for (size_t k = 0; k < cfg->phones[i].n_lines; k++)
			n_lines[cfg->phones[i].lines[k].dn]++;
	for (size_t i = 0; i < cfg->n_dns; i++) {
		dn = cfg->dns[i];
		if (!is_implied(&dn, n_lines[i]))
			print_section(out, s, dn.id, &dn, &defaults, false);
	}
	td_free(n_lines);
}

static void fill_lists(struct cfg_phone_draft *d, const struct cfg_phone *phone)
{
	if (phone->n_buttons)
		memcpy(d->button, phone->buttons, phone->n_buttons * sizeof(*phone->buttons));
	d->n_button = phone->n_buttons;
	if (phone->n_vendors)
		memcpy(d->vendor, phone->vendors, phone->n_vendors * sizeof(*phone->vendors));
	d->n_vendor = phone->n_vendors;
}

static void print_types(FILE *out, const struct td_config *cfg)
{
	const struct schema_section *s = td_schema_find("phonetype");
	struct cfg_phonetype_draft *d = td_zalloc(2 * sizeof(*d));

	for (size_t i = 0; d && i < cfg->n_phonetypes; i++) {
		const struct cfg_phonetype *t = &cfg->phonetypes[i];

		if (!t->line)
			continue;
		memset(&d[0], 0, sizeof(d[0]));
		d[0].type = *t;
		if (t->n_vendors)
			memcpy(d[0].vendor, t->vendors, t->n_vendors * sizeof(*t->vendors));
		d[0].n_vendor = t->n_vendors;
		if (t->like)
			td_strlcpy(d[0].like, t->like, sizeof(d[0].like));
		print_section(out, s, NULL, &d[0], &d[1], false);
	}
	td_free(d);
}

static void fill_lines(struct cfg_phone_draft *d, const struct td_config *cfg,
		       const struct cfg_phone *phone)
{
	for (size_t i = 0; i < phone->n_lines && i < VALUE_MAX_BUTTON; i++) {
		d->line[i].button = phone->lines[i].button;
		d->line[i].target = cfg->dns[phone->lines[i].dn].id;
	}
	d->n_line = phone->n_lines;
}

static void print_phones(FILE *out, const struct td_config *cfg, bool with_secrets)
{
	const struct schema_section *s = td_schema_find("phone");
	struct cfg_phone_draft *d = td_zalloc(2 * sizeof(*d));

	if (!d)
		return;
	td_schema_defaults(s, &d[1]);
	d[1].phone.digest = cfg->sip.digest;
	for (size_t i = 0; i < cfg->n_phones; i++) {
		memset(&d[0], 0, sizeof(d[0]));
		d[0].phone = cfg->phones[i];
		fill_lines(&d[0], cfg, &cfg->phones[i]);
		fill_lists(&d[0], &cfg->phones[i]);
		print_section(out, s, cfg->phones[i].id, &d[0], &d[1], with_secrets);
	}
	td_free(d);
}

bool td_config_phone_values(const struct td_config *cfg, const struct cfg_phone *phone,
			    void (*fn)(void *arg, const char *option, bool is_list, const char *value),
			    void *arg)
{
	const struct schema_section *s = td_schema_find("phone");
	struct cfg_phone_draft *d = td_zalloc(sizeof(*d));
	char value[VALUE_LEN];

	if (!d)
		return false;
	d->phone = *phone;
	fill_lines(d, cfg, phone);
	fill_lists(d, phone);
	for (size_t i = 0; i < s->n_options; i++) {
		const struct schema_option *o = &s->options[i];

		for (size_t k = 0; !is_unset(o, d) && k < td_schema_count(o, d); k++) {
			td_value_print(o, td_schema_item(o, d, k), value, sizeof(value));
			if (value[0])
				fn(arg, o->name, o->is_list, o->kind == VALUE_SECRET ? MASK : value);
		}
	}
	td_free(d);
	return true;
}

/* Sections of which the model holds what the file says. Objects begin with their id. */
static void print_all(FILE *out, const char *type, const void *objects, size_t n)
{
	const struct schema_section *s = td_schema_find(type);
	char *obj = td_calloc(2, s->size);

	if (!obj)
		return;
	td_schema_defaults(s, obj + s->size);
	for (size_t i = 0; i < n; i++) {
		memcpy(obj, (const char *)objects + i * s->size, s->size);
		print_section(out, s, obj, obj, obj + s->size, false);
	}
	td_free(obj);
}

static bool is_special(const struct cfg_interface *i)
{
	return i->xdp != CFG_XDP_AUTO || i->checksum != CFG_CHECKSUM_AUTO || i->dscp_trust;
}

void td_config_print(FILE *out, const struct td_config *cfg, bool with_secrets)
{
	struct cfg_global global = cfg->global;
	struct cfg_sip sip = cfg->sip;
	struct cfg_sccp sccp = cfg->sccp;
	struct cfg_moh moh = cfg->moh;
	struct cfg_fac fac = cfg->fac;
	struct cfg_provision provision = cfg->provision;
	struct cfg_cluster cluster = cfg->cluster;
	struct cfg_dst dst = cfg->dst;
	struct cfg_management management = cfg->management;

	fprintf(out, "package tandem\n");
	print_section(out, td_schema_find("global"), "global", &global, NULL, with_secrets);
	for (size_t i = 0; i < cfg->n_interfaces; i++)
		if (is_special(&cfg->interfaces[i]))
			print_interface(out, &cfg->interfaces[i]);
	print_section(out, td_schema_find("sip"), "sip", &sip, NULL, with_secrets);
	print_section(out, td_schema_find("sccp"), "sccp", &sccp, NULL, with_secrets);
	print_section(out, td_schema_find("moh"), "moh", &moh, NULL, with_secrets);
	print_section(out, td_schema_find("fac"), "fac", &fac, NULL, with_secrets);
	if (cfg->afterhours.n_hours || cfg->afterhours.n_block_always)
		print_section(out, td_schema_find("afterhours"), "afterhours",
			      (void *)(uintptr_t)&cfg->afterhours, NULL, with_secrets);
	if (cfg->nightservice.n_hours || cfg->nightservice.code[0])
		print_section(out, td_schema_find("nightservice"), "nightservice",
			      (void *)(uintptr_t)&cfg->nightservice, NULL, with_secrets);
	print_section(out, td_schema_find("provision"), "provision", &provision, NULL, false);
	if (td_addr_is_set(&cluster.primary) || td_addr_is_set(&cluster.secondary))
		print_section(out, td_schema_find("cluster"), "cluster", &cluster, NULL, with_secrets);
	if (dst.given)
		print_section(out, td_schema_find("dst"), "dst", &dst, NULL, false);
	if (management.port)
		print_section(out, td_schema_find("management"), "management", &management, NULL,
			      with_secrets);
	print_all(out, "locale", cfg->locales, cfg->n_locales);
	print_all(out, "vpnprofile", cfg->vpns, cfg->n_vpns);
	print_types(out, cfg);
	print_dns(out, cfg);
	print_phones(out, cfg, with_secrets);
	print_all(out, "huntgroup", cfg->huntgroups, cfg->n_huntgroups);
	print_all(out, "park", cfg->parks, cfg->n_parks);
	print_all(out, "conference", cfg->conferences, cfg->n_conferences);
	print_all(out, "paging", cfg->pagings, cfg->n_pagings);
	print_all(out, "corlist", cfg->corlists, cfg->n_corlists);
	print_all(out, "translation", cfg->translations, cfg->n_translations);
	print_all(out, "translationprofile", cfg->profiles, cfg->n_profiles);
	print_all(out, "trunk", cfg->trunks, cfg->n_trunks);
	print_all(out, "registrar", cfg->registrars, cfg->n_registrars);
	print_all(out, "mwi", cfg->mwis, cfg->n_mwis);
	print_all(out, "mediaclass", cfg->mediaclasses, cfg->n_mediaclasses);
	print_all(out, "dialpeer", cfg->dialpeers, cfg->n_dialpeers);
}
