/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dial plan: restrictions, translations, trunks and dial peers, and that all names which
 * they give each other exist. See build.h.
 */
#include "config/build.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/dial_pattern.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* ---- sections of one type into an array ---- */

struct kind {
	const char *type;
	size_t line_offset;
	struct index *by_name;		/* NULL: nobody names it */
	void (*check)(struct build *b, const struct section *s, void *obj);	/* opt */
};

/* Objects begin with their id. Returns the array; *n counts them. */
static void *read_all(struct build *b, const struct kind *k, size_t *n)
{
	const struct schema_section *schema = td_schema_find(k->type);
	char *objects = td_calloc(td_build_count(b, k->type) + 1, schema->size);
	const struct uci_section *uci;

	*n = 0;
	if (!objects) {
		b->faults->err = -ENOMEM;
		return NULL;
	}
	td_list_for_each(uci, &b->file->sections, struct uci_section, node) {
		struct section s = { .uci = uci, .schema = schema };
		char *obj = objects + *n * schema->size;

		if (b->faults->err || strcmp(uci->type, k->type) || !*uci->name)
			continue;
		td_schema_defaults(schema, obj);
		td_section_read(&s, obj, b->faults);
		td_strlcpy(obj, uci->name, CFG_ID_LEN);
		memcpy(obj + k->line_offset, &uci->pos.line, sizeof(uci->pos.line));
		if (k->by_name)
			td_index_add(k->by_name, uci->name, strlen(uci->name), uci, (uint32_t)*n,
				     &b->faults->err);
		++*n;
		if (k->check)
			k->check(b, &s, obj);
	}
	return objects;
}

/* ---- names of others ---- */

void td_build_check_name(struct build *b, const struct uci_section *s, const struct uci_option *o,
			 const struct index *ix, const char *type, const char *name)
{
	const char *hint;
	char cited[FAULT_CITE_LEN + 8];

	if (!o || !*name || td_index_find(ix, name))
		return;
	hint = td_fault_full(b->faults) ? NULL : td_index_nearest(ix, name);
	td_section_fault(b->faults, s, o, td_uci_value(o, 0)->pos, hint, "there is no %s %s", type,
			 td_fault_cite(cited, name));
}

static void check_name(struct build *b, const struct section *s, const char *option,
		       const struct index *ix, const char *type, const char *name)
{
	td_build_check_name(b, s->uci, td_uci_option(s->uci, option), ix, type, name);
}

static void need(struct build *b, const struct section *s, const char *option, const char *form)
{
	if (!td_section_has(s, option) && !s->has_unknown)
		td_section_fault(b->faults, s->uci, NULL, SECTION_HERE, NULL,
				 "it has no %s: %s", option, form);
}

/* ---- the kinds ---- */

static void check_corlist(struct build *b, const struct section *s, void *obj)
{
	const struct uci_option *o = td_uci_option(s->uci, "member");
	const struct uci_value *v;

	(void)obj;
	need(b, s, "member", "list member 'NAME'");
	if (!o)
		return;
	td_list_for_each(v, &o->values, struct uci_value, node) {
		if (!td_value_is_name(v->text) || td_index_find(&b->cor_members, v->text))
			continue;
		if (b->n_cor_members++ == CFG_MAX_COR)
			td_section_fault(b->faults, s->uci, o, v->pos, NULL,
					 "'%s' is one name too many: all corlists together have up "
					 "to %d", v->text, CFG_MAX_COR);
		td_index_add(&b->cor_members, v->text, strlen(v->text), s->uci, 0,
			     &b->faults->err);
	}
}

/* One number, one meaning. */
static void claim_number(struct build *b, const struct section *s, const char *number)
{
	const struct uci_option *o = td_uci_option(s->uci, "number");
	const struct index_entry *other = NULL;
	char label[SECTION_LABEL_LEN];

	need(b, s, "number", "option number 'DIGITS'");
	if (o && number[0])
		other = td_index_add(&b->dn_by_number, td_uci_value(o, 0)->text, strlen(number),
				     s->uci, 0, &b->faults->err);
	if (other)
		td_section_fault(b->faults, s->uci, o, td_uci_value(o, 0)->pos, NULL,
				 "'%s' is the number of %s already (line %u)", number,
				 td_section_label(other->owner, label), other->owner->pos.line);
}

static void check_park(struct build *b, const struct section *s, void *obj)
{
	const struct cfg_park *p = obj;
	const struct uci_option *o = td_uci_option(s->uci, "number");

	claim_number(b, s, p->number);
	if (o && strspn(p->number, "0123456789") != strlen(p->number))
		td_section_fault(b->faults, s->uci, o, td_uci_value(o, 0)->pos, NULL,
				 "'%s' cannot be counted up from: digits alone", p->number);
}

static void check_conference(struct build *b, const struct section *s, void *obj)
{
	const struct cfg_conference *c = obj;

	claim_number(b, s, c->number);
}

/* Members are numbers of phones. */
static void check_members(struct build *b, const struct section *s)
{
	const struct uci_option *members = td_uci_option(s->uci, "member");
	const struct uci_value *v;

	if (!members)
		return;
	td_list_for_each(v, &members->values, struct uci_value, node) {
		const struct index_entry *e = td_index_find(&b->dn_by_number, v->text);

		if (td_value_is_number(v->text) &&
		    (!e || !strcmp(e->owner->type, "huntgroup") || !strcmp(e->owner->type, "paging")))
			td_section_fault(b->faults, s->uci, members, v->pos, NULL,
					 "'%s' is no number of a phone", v->text);
	}
}

static void check_huntgroup(struct build *b, const struct section *s, void *obj)
{
	const struct cfg_huntgroup *g = obj;

	claim_number(b, s, g->number);
	need(b, s, "member", "list member 'DIGITS'");
	check_members(b, s);
}

static void check_paging(struct build *b, const struct section *s, void *obj)
{
	const struct cfg_paging *p = obj;

	claim_number(b, s, p->number);
	if (!td_addr_is_set(&p->multicast.group))
		need(b, s, "member", "list member 'DIGITS'");
	check_members(b, s);
}

static void check_translation(struct build *b, const struct section *s, void *obj)
{
	(void)obj;
	need(b, s, "rule", "list rule '/MATCH/ /REPLACE/'");
}

static void check_profile(struct build *b, const struct section *s, void *obj)
{
	const struct cfg_profile *p = obj;

	check_name(b, s, "called", &b->translation_by_name, "translation", p->called);
	check_name(b, s, "calling", &b->translation_by_name, "translation", p->calling);
	check_name(b, s, "redirecting", &b->translation_by_name, "translation", p->redirecting);
}

static void check_sources(struct build *b, const struct section *s, const struct cfg_trunk *t)
{
	const struct uci_option *o = td_uci_option(s->uci, "source");
	const struct index_entry *other;
	char text[TD_ADDR_STRLEN], label[SECTION_LABEL_LEN];
	size_t size = sizeof(t->source[0].addr.ip) + 1;

	for (size_t i = 0; i < t->n_source; i++) {
		char *key = b->source_keys + b->n_source_keys * size;

		memcpy(key, t->source[i].addr.ip, size - 1);
		key[size - 1] = (char)t->source[i].len;
		other = td_index_add(&b->trunk_by_source, key, size, s->uci, 0, &b->faults->err);
		b->n_source_keys++;
		if (other)
			td_section_fault(b->faults, s->uci, o, o->pos, NULL,
					 "%s/%u is a source of %s already (line %u)",
					 td_addr_ip(&t->source[i].addr, text), t->source[i].len,
					 td_section_label(other->owner, label),
					 other->owner->pos.line);
	}
}

static void check_trunk(struct build *b, const struct section *s, void *obj)
{
	struct cfg_trunk *t = obj;
	struct td_addr addr;
	const char *off;

	need(b, s, "host", "option host 'ADDRESS'");
	check_name(b, s, "translation_incoming", &b->profile_by_name, "translationprofile",
		   t->translation_incoming);
	check_name(b, s, "translation_outgoing", &b->profile_by_name, "translationprofile",
		   t->translation_outgoing);
	check_name(b, s, "cor_incoming", &b->corlist_by_name, "corlist", t->cor_incoming);
	check_sources(b, s, t);
	if (t->mwi && t->media == CFG_MEDIA_AROUND)
		td_section_fault(b->faults, s->uci, td_uci_option(s->uci, "media"), SECTION_HERE,
				 NULL, "a voicemail (option mwi) has its media through this router");
	if (t->password[0]) {
		need(b, s, "username", "option username 'NAME'");
		need(b, s, "realm", "option realm 'REALM'");
	}
	off = td_build_transport_off(&b->cfg->sip, t->transport ? t->transport : CFG_TRANSPORT_UDP);
	if (off)
		td_section_fault(b->faults, s->uci, td_uci_option(s->uci, "transport"),
				 SECTION_HERE, NULL, "'%s' is switched off in section sip", off);
	if (!t->port && td_addr_parse(&addr, t->host) == 0)	/* of a name the DNS tells */
		t->port = t->transport == CFG_TRANSPORT_TLS ? 5061 : 5060;
}

static void check_registrar(struct build *b, const struct section *s, void *obj)
{
	const struct cfg_registrar *r = obj;
	const struct index_entry *e = td_index_find(&b->trunk_by_name, r->trunk);

	need(b, s, "trunk", "option trunk 'NAME'");
	check_name(b, s, "trunk", &b->trunk_by_name, "trunk", r->trunk);
	if (r->what == CFG_REGISTER_BULK)
		need(b, s, "bulk_number", "list bulk_number 'PATTERN'");
	if (r->what == CFG_REGISTER_ACCOUNT && e && !td_uci_option(e->owner, "username"))
		td_section_fault(b->faults, s->uci, td_uci_option(s->uci, "trunk"), SECTION_HERE,
				 NULL, "trunk '%s' has no username to register", r->trunk);
}

static void check_mwi(struct build *b, const struct section *s, void *obj)
{
	const struct uci_option *numbers = td_uci_option(s->uci, "number"), *host;
	const struct uci_option *server = td_uci_option(s->uci, "server");
	const struct cfg_mwi *m = obj;
	const struct index_entry *e = td_index_find(&b->trunk_by_name, m->server);
	const struct uci_value *v;
	struct td_addr addr;

	need(b, s, "server", "option server 'TRUNK'");
	check_name(b, s, "server", &b->trunk_by_name, "trunk", m->server);
	host = e ? td_uci_option(e->owner, "host") : NULL;
	if (host && !td_addr_parse(&addr, td_uci_value(host, 0)->text) && !td_addr_is_v4(&addr))
		td_section_fault(b->faults, s->uci, server, td_uci_value(server, 0)->pos, NULL,
				 "trunk '%s' has an IPv6 address: the server of message lamps is "
				 "asked by IPv4 only", m->server);
	if (!numbers)
		return;
	td_list_for_each(v, &numbers->values, struct uci_value, node)
		if (td_value_is_number(v->text) && !td_index_find(&b->dn_by_number, v->text))
			td_section_fault(b->faults, s->uci, numbers, v->pos, NULL,
					 "'%s' is no number of a phone", v->text);
}

static void check_voiceport(struct build *b, const struct section *s, void *obj)
{
	struct cfg_voiceport *v = obj;
	const struct index_entry *other;
	char label[SECTION_LABEL_LEN];

	check_name(b, s, "translation_incoming", &b->profile_by_name, "translationprofile",
		   v->translation_incoming);
	check_name(b, s, "translation_outgoing", &b->profile_by_name, "translationprofile",
		   v->translation_outgoing);
	check_name(b, s, "cor_incoming", &b->corlist_by_name, "corlist", v->cor_incoming);
	other = td_index_find(&b->trunk_by_name, v->id);
	if (other)	/* dial peers would not know which */
		td_section_fault(b->faults, s->uci, NULL, SECTION_HERE, NULL,
				 "'%s' is the name of %s already (line %u)", v->id,
				 td_section_label(other->owner, label), other->owner->pos.line);
	other = td_index_add(&b->voiceport_by_port, &v->port, sizeof(v->port), s->uci, 0,
			     &b->faults->err);
	if (other)
		td_section_fault(b->faults, s->uci, td_uci_option(s->uci, "port"), SECTION_HERE, NULL,
				 "port %u is that of %s already (line %u)", v->port,
				 td_section_label(other->owner, label), other->owner->pos.line);
	if (v->answer == CFG_FXO_ANSWER_REVERSAL && !v->battery_reversal)
		td_section_fault(b->faults, s->uci, td_uci_option(s->uci, "answer"), SECTION_HERE,
				 NULL, "'reversal' needs battery_reversal");
}

/* Keys alone, and all of them: nothing else may be taken for an emergency. */
static void check_emergency(struct build *b, const struct section *s,
			    const struct cfg_dialpeer *p)
{
	const struct uci_option *o = td_uci_option(s->uci, "destination_pattern");
	struct td_dial_pattern whole;
	char digits[CFG_PATTERN_LEN];

	if (!p->emergency || !p->destination_pattern[0])
		return;
	td_strlcpy(digits, p->destination_pattern, sizeof(digits));
	digits[strcspn(digits, "$")] = '\0';
	if (td_dial_number(&whole, digits))
		td_section_fault(b->faults, s->uci, o, td_uci_value(o, 0)->pos, NULL,
				 "'%s' is no emergency number: digits alone", p->destination_pattern);
}

static void check_dialpeer(struct build *b, const struct section *s, void *obj)
{
	const struct uci_option *o = td_uci_option(s->uci, "tag");
	struct cfg_dialpeer *p = obj;
	const struct index_entry *other;
	char label[SECTION_LABEL_LEN];

	need(b, s, "destination_pattern", "option destination_pattern 'PATTERN'");
	if (!p->voiceport[0])
		need(b, s, "trunk", "option trunk 'NAME'");
	else if (p->trunk[0])
		td_section_fault(b->faults, s->uci, td_uci_option(s->uci, "voiceport"), SECTION_HERE,
				 NULL, "a trunk or a voiceport, not both");
	check_name(b, s, "trunk", &b->trunk_by_name, "trunk", p->trunk);
	check_name(b, s, "voiceport", &b->voiceport_by_name, "voiceport", p->voiceport);
	if (p->voiceport[0])
		td_strlcpy(p->trunk, p->voiceport, sizeof(p->trunk));
	check_name(b, s, "translation_outgoing", &b->profile_by_name, "translationprofile",
		   p->translation_outgoing);
	check_name(b, s, "cor_outgoing", &b->corlist_by_name, "corlist", p->cor_outgoing);
	check_name(b, s, "mediaclass", &b->mediaclass_by_name, "mediaclass", p->mediaclass);
	check_emergency(b, s, p);
	if (!p->tag)
		return;
	other = td_index_add(&b->peer_by_tag, &p->tag, sizeof(p->tag), s->uci, 0, &b->faults->err);
	if (other)
		td_section_fault(b->faults, s->uci, o, td_uci_value(o, 0)->pos, NULL,
				 "the tag '%u' is that of %s already (line %u)", p->tag,
				 td_section_label(other->owner, label), other->owner->pos.line);
}

static char *make_source_keys(const struct build *b)
{
	return td_calloc(td_build_count(b, "trunk") * CFG_MAX_SOURCES + 1,
			 sizeof(((struct td_addr *)0)->ip) + 1);
}

void td_build_restrictions(struct build *b)
{
	const struct kind corlist = { "corlist", offsetof(struct cfg_corlist, line),
				      &b->corlist_by_name, check_corlist };

	b->cfg->corlists = read_all(b, &corlist, &b->cfg->n_corlists);
}

void td_build_dialplan(struct build *b)
{
	const struct kind translation = { "translation", offsetof(struct cfg_translation, line),
					  &b->translation_by_name, check_translation };
	const struct kind profile = { "translationprofile", offsetof(struct cfg_profile, line),
				      &b->profile_by_name, check_profile };
	const struct kind trunk = { "trunk", offsetof(struct cfg_trunk, line), &b->trunk_by_name,
				    check_trunk };
	const struct kind registrar = { "registrar", offsetof(struct cfg_registrar, line), NULL,
					check_registrar };
	const struct kind mwi = { "mwi", offsetof(struct cfg_mwi, line), NULL, check_mwi };
	const struct kind voiceport = { "voiceport", offsetof(struct cfg_voiceport, line),
					&b->voiceport_by_name, check_voiceport };
	const struct kind huntgroup = { "huntgroup", offsetof(struct cfg_huntgroup, line), NULL,
					check_huntgroup };
	const struct kind mediaclass = { "mediaclass", offsetof(struct cfg_mediaclass, line),
					 &b->mediaclass_by_name, NULL };
	const struct kind dialpeer = { "dialpeer", offsetof(struct cfg_dialpeer, line), NULL,
				       check_dialpeer };
	const struct kind park = { "park", offsetof(struct cfg_park, line), NULL, check_park };
	const struct kind conference = { "conference", offsetof(struct cfg_conference, line), NULL,
					 check_conference };
	const struct kind paging = { "paging", offsetof(struct cfg_paging, line), NULL,
				     check_paging };
	struct td_config *cfg = b->cfg;

	b->source_keys = make_source_keys(b);
	if (!b->source_keys)
		b->faults->err = -ENOMEM;
	if (!b->faults->err)
		cfg->translations = read_all(b, &translation, &cfg->n_translations);
	if (!b->faults->err)
		cfg->profiles = read_all(b, &profile, &cfg->n_profiles);
	if (!b->faults->err)
		cfg->trunks = read_all(b, &trunk, &cfg->n_trunks);
	if (!b->faults->err)
		cfg->registrars = read_all(b, &registrar, &cfg->n_registrars);
	if (!b->faults->err)
		cfg->voiceports = read_all(b, &voiceport, &cfg->n_voiceports);
	if (!b->faults->err)
		cfg->mediaclasses = read_all(b, &mediaclass, &cfg->n_mediaclasses);
	if (!b->faults->err)
		cfg->dialpeers = read_all(b, &dialpeer, &cfg->n_dialpeers);
	if (!b->faults->err)
		cfg->huntgroups = read_all(b, &huntgroup, &cfg->n_huntgroups);
	if (!b->faults->err)
		cfg->parks = read_all(b, &park, &cfg->n_parks);
	if (!b->faults->err)
		cfg->conferences = read_all(b, &conference, &cfg->n_conferences);
	if (!b->faults->err)
		cfg->mwis = read_all(b, &mwi, &cfg->n_mwis);
	if (!b->faults->err)
		cfg->pagings = read_all(b, &paging, &cfg->n_pagings);
}
