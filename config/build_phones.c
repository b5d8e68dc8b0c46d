/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phones: templates merged into them, numbers turned into dns, references bound, and what
 * no two phones may share. See build.h.
 *
 * A template's draft holds only what the template sets itself; a phone takes each option
 * from the nearest place that sets it: itself, its template, that one's template ...
 */
#include "config/build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_TEMPLATES_DEEP 8

/* One phone while it is built. */
struct making {
	struct build *b;
	struct section s;
	struct cfg_phone_draft d;
	struct cfg_phone *phone;	/* its place in the model */
	const struct build_template *chain[MAX_TEMPLATES_DEEP];
	size_t n_chain;
	uint64_t buttons;		/* bit = button - 1 is in use */
};

/* ---- templates ---- */

static struct build_template *template_find(const struct build *b, const char *name)
{
	const struct index_entry *e = td_index_find(&b->template_by_name, name);

	return e ? &b->templates[e->value] : NULL;
}

static void fault_no_template(struct build *b, const struct section *s, const char *name)
{
	const struct uci_option *o = td_uci_option(s->uci, "template");
	const char *hint = td_fault_full(b->faults) ? NULL :
			   td_index_nearest(&b->template_by_name, name);
	char cited[FAULT_CITE_LEN + 8];

	td_section_fault(b->faults, s->uci, o, td_uci_value(o, 0)->pos, hint,
			 "there is no template %s", td_fault_cite(cited, name));
}

static void bind_parent(struct build *b, struct build_template *t)
{
	if (!t->draft.template[0])
		return;
	t->parent = template_find(b, t->draft.template);
	if (!t->parent)
		fault_no_template(b, &t->section, t->draft.template);
}

/* All parents are bound: does the way up end? */
static void check_depth(struct build *b, const struct build_template *t)
{
	const struct uci_option *o = td_uci_option(t->section.uci, "template");
	const struct build_template *p = t->parent;
	size_t deep = 1;

	for (; p && p != t && deep < MAX_TEMPLATES_DEEP; p = p->parent)
		deep++;
	if (p)
		td_section_fault(b->faults, t->section.uci, o, td_uci_value(o, 0)->pos, NULL,
				 p == t ?
				 "'%s' makes a circle: the template would stand on itself" :
				 "'%s' stands on too many other templates",
				 t->draft.template);
}

static void read_templates(struct build *b)
{
	const struct uci_section *s;

	b->templates = td_calloc(td_build_count(b, "template") + 1, sizeof(*b->templates));
	if (!b->templates) {
		b->faults->err = -ENOMEM;
		return;
	}
	td_list_for_each(s, &b->file->sections, struct uci_section, node) {
		struct build_template *t = &b->templates[b->n_templates];

		if (strcmp(s->type, "template") || !*s->name)
			continue;
		t->section = (struct section){ .uci = s, .schema = td_schema_find("template") };
		td_section_read(&t->section, &t->draft, b->faults);
		td_index_add(&b->template_by_name, s->name, strlen(s->name), s,
			     (uint32_t)b->n_templates++, &b->faults->err);
	}
	for (size_t i = 0; i < b->n_templates; i++)
		bind_parent(b, &b->templates[i]);
	for (size_t i = 0; i < b->n_templates; i++)
		check_depth(b, &b->templates[i]);
}

/* ---- one option from the nearest place that sets it ---- */

static void copy_option(const struct schema_option *o, const struct cfg_phone_draft *from,
			struct cfg_phone_draft *to)
{
	memcpy((char *)to + o->offset, (const char *)from + o->offset, o->size);
	if (o->is_list)
		memcpy((char *)to + o->count_offset, (const char *)from + o->count_offset,
		       sizeof(size_t));
}

static void merge_templates(struct making *m)
{
	const struct build_template *t = NULL;
	uint64_t have = m->s.set;

	if (m->d.template[0]) {
		t = template_find(m->b, m->d.template);
		if (!t)
			fault_no_template(m->b, &m->s, m->d.template);
	}
	for (; t && m->n_chain < MAX_TEMPLATES_DEEP; t = t->parent) {
		for (size_t i = 0; i < m->s.schema->n_options; i++)
			if ((t->section.set & ~have) >> i & 1)
				copy_option(&m->s.schema->options[i], &t->draft, &m->d);
		have |= t->section.set;
		m->chain[m->n_chain++] = t;
	}
}

/* The option as it stands in the file, and in whose section; NULL when nobody sets it. */
static const struct uci_option *origin(const struct making *m, const char *option,
				       const struct uci_section **section)
{
	const struct uci_option *o = td_uci_option(m->s.uci, option);

	*section = m->s.uci;
	for (size_t i = 0; !o && i < m->n_chain; i++) {
		*section = m->chain[i]->section.uci;
		o = td_uci_option(*section, option);
	}
	return o;
}

static bool has(const struct making *m, const char *option)
{
	const struct uci_section *s;

	return origin(m, option, &s) != NULL;
}

/* At the option where it stands in the phone; else at the phone's name. */
static void fault(struct making *m, const char *option, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void fault(struct making *m, const char *option, const char *hint, const char *fmt, ...)
{
	const struct uci_option *o = option ? td_uci_option(m->s.uci, option) : NULL;
	char reason[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	td_section_fault(m->b->faults, m->s.uci, o, o ? td_uci_value(o, 0)->pos : SECTION_HERE,
			 hint, "%s", reason);
}

/* ---- lines ---- */

/* The dn for digits that stand in the file at key: there already, or made now. -1: a fault. */
static int number_to_dn(struct making *m, const struct uci_section *s, const struct uci_option *o,
			struct uci_pos pos, const char *key)
{
	struct cfg_dn dn;
	const struct index_entry *e = td_index_find(&m->b->dn_by_name, key);
	char label[SECTION_LABEL_LEN];
	int i;

	if (e)
		return (int)e->value;
	e = td_index_find(&m->b->dn_by_number, key);
	if (e && !strcmp(e->owner->type, "dn"))
		return (int)e->value;
	if (e) {
		td_section_fault(m->b->faults, s, o, pos, NULL,
				 "'%s' is the number of %s already (line %u); phones share a "
				 "number by a dn", key, td_section_label(e->owner, label),
				 e->owner->pos.line);
		return -1;
	}
	td_schema_defaults(td_schema_find("dn"), &dn);
	dn.line = m->s.uci->pos.line;
	td_strlcpy(dn.id, key, sizeof(dn.id));
	td_strlcpy(dn.number, key, sizeof(dn.number));
	i = td_build_dn(m->b, &dn);
	if (i >= 0)
		td_index_add(&m->b->dn_by_number, key, strlen(key), m->s.uci, (uint32_t)i,
			     &m->b->faults->err);
	return i;
}

static void add_line(struct making *m, const struct uci_section *s, const struct uci_option *o,
		     struct uci_pos pos, uint32_t button, int dn)
{
	uint64_t bit = 1ull << (button - 1);

	if (dn < 0)
		return;
	if (m->buttons & bit) {
		td_section_fault(m->b->faults, s, o, pos, NULL, "button %u has a line already",
				 button);
		return;
	}
	m->buttons |= bit;
	m->phone->lines[m->phone->n_lines++] =
		(struct cfg_line){ .button = button, .dn = (uint32_t)dn };
}

/* A search through all dns, which a flood of faults does not need. */
static const char *dn_nearest(const struct making *m, const char *name)
{
	return td_fault_full(m->b->faults) ? NULL : td_index_nearest(&m->b->dn_by_name, name);
}

static void read_line(struct making *m, const struct uci_section *s, const struct uci_option *o,
		      const struct value_line *line)
{
	const struct index_entry *e = td_index_find(&m->b->dn_by_name, line->target);
	char cited[FAULT_CITE_LEN + 8];

	if (e)
		add_line(m, s, o, line->pos, line->button, (int)e->value);
	else if (td_value_is_number(line->target))
		add_line(m, s, o, line->pos, line->button,
			 number_to_dn(m, s, o, line->pos, line->target));
	else
		td_section_fault(m->b->faults, s, o, line->pos, dn_nearest(m, line->target),
				 "there is no dn %s", td_fault_cite(cited, line->target));
}

static int compare_lines(const void *a, const void *b)
{
	const struct cfg_line *x = a, *y = b;

	return (x->button > y->button) - (x->button < y->button);
}

static void read_lines(struct making *m)
{
	const struct uci_section *s;
	const struct uci_option *o;

	m->phone->lines = td_calloc(m->d.n_line + 1, sizeof(*m->phone->lines));
	if (!m->phone->lines) {
		m->b->faults->err = -ENOMEM;
		return;
	}
	o = origin(m, "number", &s);
	if (o && m->d.number[0])
		add_line(m, s, o, td_uci_value(o, 0)->pos, 1,
			 number_to_dn(m, s, o, td_uci_value(o, 0)->pos, td_uci_value(o, 0)->text));
	o = origin(m, "line", &s);
	for (size_t i = 0; o && i < m->d.n_line; i++)
		read_line(m, s, o, &m->d.line[i]);
	if (!has(m, "number") && !has(m, "line") && !m->s.has_unknown)
		fault(m, NULL, NULL, "it has no number: option number 'DIGITS', or list line");
	qsort(m->phone->lines, m->phone->n_lines, sizeof(*m->phone->lines), compare_lines);
}

/* ---- what one phone may not share with another, and what it needs ---- */

static void unique(struct making *m, struct index *ix, const void *key, size_t len,
		   const char *option, const char *text, const char *what)
{
	uint32_t i = (uint32_t)(m->phone - m->b->cfg->phones);
	const struct index_entry *other =
		td_index_add(ix, key, len, m->s.uci, i, &m->b->faults->err);
	char label[SECTION_LABEL_LEN];

	if (other)
		fault(m, option, NULL, "%s '%s' is that of %s already (line %u)", what, text,
		      td_section_label(other->owner, label), other->owner->pos.line);
}

static void check_username(struct making *m)
{
	struct cfg_phone *p = m->phone;
	bool given = p->username[0];

	if (!given && p->n_lines)
		td_strlcpy(p->username, m->b->cfg->dns[p->lines[0].dn].number,
			   sizeof(p->username));
	if (p->username[0])
		unique(m, &m->b->phone_by_username, p->username, strlen(p->username), "username",
		       p->username, given ? "the username" :
		       "it has no username, and the number of its first line");
}

static void check_identity(struct making *m)
{
	struct cfg_phone *p = m->phone;
	char text[TD_ADDR_STRLEN];

	if (p->protocol == CFG_PROTO_SIP)
		check_username(m);
	if (p->has_mac) {
		td_hex(text, p->mac, sizeof(p->mac));
		unique(m, &m->b->phone_by_mac, p->mac, sizeof(p->mac), "mac", text,
		       "the MAC address");
	}
	if (p->tag) {
		snprintf(text, sizeof(text), "%u", p->tag);
		unique(m, &m->b->phone_by_tag, &p->tag, sizeof(p->tag), "tag", text, "the tag");
	}
	/* several SCCP phones may be ports of one gateway */
	if (td_addr_is_set(&p->address) && p->protocol == CFG_PROTO_SIP)
		unique(m, &m->b->phone_by_address, &p->address, offsetof(struct td_addr, pad),
		       "address", td_addr_str(&p->address, text), "the address");
}

static void check_password(struct making *m)
{
	/* an option that is there but faulty was told already */
	if (has(m, "password") || has(m, "address") || m->s.has_unknown)
		return;
	if (m->b->cfg->sip.authenticate == CFG_AUTH_ALL)
		fault(m, NULL, NULL,
		      "it has no password, and authenticate of section sip is 'all'");
	else if (!has(m, "mac"))
		fault(m, NULL, NULL,
		      "it has neither a password, nor a mac or address to be known by");
}

/* Its name is made of the MAC, whoever proves to be it. */
static void check_sccp(struct making *m)
{
	if (!has(m, "mac") && !m->s.has_unknown)
		fault(m, "protocol", NULL, "an SCCP phone needs a mac: its name is made of it");
}

static void check_transport(struct making *m)
{
	const char *off = td_build_transport_off(&m->b->cfg->sip, m->phone->transport);

	if (off)
		fault(m, "transport", NULL, "'%s' is switched off in section sip", off);
	else if (m->phone->transport == CFG_TRANSPORT_TLS && td_addr_is_set(&m->phone->address))
		fault(m, "transport", NULL, "a phone with TLS is reached over its own connection "
		      "alone: it must register and have no address");
}

static void check_restriction(struct making *m)
{
	const struct uci_section *s;
	const struct uci_option *o = origin(m, "cor_incoming", &s);

	td_build_check_name(m->b, s, o, &m->b->corlist_by_name, "corlist",
			    m->phone->cor_incoming);
}

/* ---- what its files are made from ---- */

static void fault_origin(struct making *m, const char *option, const char *hint,
			 const char *reason)
{
	const struct uci_section *s;
	const struct uci_option *o = origin(m, option, &s);

	td_section_fault(m->b->faults, s, o, td_uci_value(o, 0)->pos, hint, "%s", reason);
}

/* Cisco: legacy phones are unsupported. */
static void check_ipv6(struct making *m, const struct cfg_phonetype *t)
{
	const struct cfg_phone *p = m->phone;
	char reason[CFG_TEXT_LEN + 64];

	if (p->protocol != CFG_PROTO_SCCP || t->ipv6)
		return;
	snprintf(reason, sizeof(reason), "a %s knows no IPv6", t->name);
	if (td_addr_is_set(&p->address) && !td_addr_is_v4(&p->address))
		fault_origin(m, "address", NULL, reason);
	if (p->protocol_mode == CFG_FAMILY_IPV6)
		fault_origin(m, "protocol_mode", NULL, reason);
	if (m->b->cfg->sccp.protocol_mode != CFG_IPV6)
		return;
	snprintf(reason, sizeof(reason), "a %s knows no IPv6, and protocol_mode of section sccp is "
		 "'ipv6'", t->name);
	fault_origin(m, "type", NULL, reason);
}

static void check_type(struct making *m)
{
	const struct cfg_phone *p = m->phone;
	const struct cfg_phonetype *t = td_config_phonetype(m->b->cfg, p->type);
	char reason[FAULT_CITE_LEN + 64], cited[FAULT_CITE_LEN + 8];
	const struct uci_section *s;
	const struct uci_option *load;

	if (!p->type[0] && p->protocol == CFG_PROTO_SCCP && !m->s.has_unknown && !has(m, "type") &&
	    td_addr_is_set(&m->b->cfg->cluster.secondary))
		fault(m, NULL, NULL, "it has no type, and needs one to be told of the secondary "
		      "router");
	if (!p->type[0])
		return;
	if (!t) {
		snprintf(reason, sizeof(reason), "there is no type of phone %s",
			 td_fault_cite(cited, p->type));
		fault_origin(m, "type", td_build_nearest_type(m->b, p->type), reason);
		return;
	}
	check_ipv6(m, t);
	if (p->protocol == CFG_PROTO_SCCP ? !t->sccp : !t->sip) {
		snprintf(reason, sizeof(reason), "there is no firmware for %s for a %s",
			 p->protocol == CFG_PROTO_SCCP ? "SCCP" : "SIP", t->name);
		fault_origin(m, "type", NULL, reason);
	}
	load = origin(m, "load", &s);
	td_build_check_load(m->b, s, load, t, p->protocol, p->load);
}

static void check_locales(struct making *m)
{
	static const char *const options[] = { "user_locale", "network_locale" };
	const char *const values[] = { m->phone->user_locale, m->phone->network_locale };
	const struct uci_section *s;

	for (size_t i = 0; i < 2; i++) {
		const struct uci_option *o = origin(m, options[i], &s);

		td_build_check_name(m->b, s, o, &m->b->locale_by_name, "locale", values[i]);
		if (o && values[i][0] && m->phone->protocol == CFG_PROTO_SCCP &&
		    m->b->cfg->provision.scope == CFG_SCOPE_SYSTEM)
			fault_origin(m, options[i], NULL, "a language of its own needs scope "
				     "'phonetype' or 'phone' in section provision");
	}
}

static void take_buttons(struct making *m)
{
	const struct uci_section *s;
	const struct uci_option *o = origin(m, "button", &s);
	struct cfg_phone *p = m->phone;

	p->vendors = td_build_vendors(m->b, m->d.vendor, m->d.n_vendor);
	p->n_vendors = p->vendors ? m->d.n_vendor : 0;
	if (!m->d.n_button)
		return;
	p->buttons = td_calloc(m->d.n_button, sizeof(*p->buttons));
	if (!p->buttons) {
		m->b->faults->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < m->d.n_button; i++) {
		uint64_t bit = 1ull << (m->d.button[i].button - 1);

		p->buttons[p->n_buttons++] = m->d.button[i];
		if (m->buttons & bit)
			td_section_fault(m->b->faults, s, o, td_uci_value(o, i)->pos, NULL,
					 "button %u has a function already", m->d.button[i].button);
		m->buttons |= bit;
	}
}

static void check_vpn(struct making *m)
{
	const struct uci_section *s;
	const struct uci_option *o = origin(m, "vpn", &s);

	td_build_check_name(m->b, s, o, &m->b->vpn_by_name, "vpnprofile", m->phone->vpn);
}

/* A phone that lacks one of these is of no use. */
static const struct {
	uint8_t key;
	const char *option;
} needed_keys[CFG_KEYS_WHEN] = {
	[CFG_KEYS_IDLE] = { CFG_KEY_NEWCALL, "softkeys_idle" },
	[CFG_KEYS_CONNECTED] = { CFG_KEY_ENDCALL, "softkeys_connected" },
	[CFG_KEYS_HOLD] = { CFG_KEY_RESUME, "softkeys_hold" },
};

static void check_softkeys(struct making *m)
{
	const struct cfg_softkeys *keys = m->phone->softkeys;
	char reason[80];

	for (size_t i = 0; i < CFG_KEYS_WHEN; i++) {
		if (!needed_keys[i].key || !keys[i].n ||
		    memchr(keys[i].key, needed_keys[i].key, keys[i].n))
			continue;
		snprintf(reason, sizeof(reason), "SIP phones need the key %s there",
			 td_value_softkey(needed_keys[i].key));
		fault_origin(m, needed_keys[i].option, NULL, reason);
	}
}

static void make_phone(struct build *b, const struct uci_section *uci, struct cfg_phone *phone)
{
	struct making *m = td_zalloc(sizeof(*m));
	const struct uci_section *from;

	if (!m) {
		b->faults->err = -ENOMEM;
		return;
	}
	m->b = b;
	m->s = (struct section){ .uci = uci, .schema = td_schema_find("phone") };
	td_schema_defaults(m->s.schema, &m->d);
	m->d.phone.digest = b->cfg->sip.digest;
	td_section_read(&m->s, &m->d, b->faults);
	merge_templates(m);
	*phone = m->d.phone;
	td_strlcpy(phone->id, uci->name, sizeof(phone->id));
	phone->line = uci->pos.line;
	m->phone = phone;
	if (!origin(m, "overlap_signal", &from))
		phone->overlap_signal = phone->protocol == CFG_PROTO_SCCP ?
			b->cfg->sccp.overlap_signal : b->cfg->sip.overlap_signal;
	if (!origin(m, "privacy", &from))
		phone->privacy = b->cfg->global.privacy;
	read_lines(m);
	if (!b->faults->err) {
		check_identity(m);
		if (phone->protocol == CFG_PROTO_SCCP) {
			check_sccp(m);
		} else {
			check_password(m);
			check_transport(m);
			check_softkeys(m);
		}
		check_restriction(m);
		check_type(m);
		check_locales(m);
		check_vpn(m);
		take_buttons(m);
	}
	td_free(m);
}

void td_build_phones(struct build *b)
{
	const struct uci_section *s;

	read_templates(b);
	if (b->faults->err)
		return;
	b->cfg->phones = td_calloc(td_build_count(b, "phone") + 1, sizeof(*b->cfg->phones));
	if (!b->cfg->phones) {
		b->faults->err = -ENOMEM;
		return;
	}
	td_list_for_each(s, &b->file->sections, struct uci_section, node)
		if (!b->faults->err && !strcmp(s->type, "phone") && *s->name)
			make_phone(b, s, &b->cfg->phones[b->cfg->n_phones++]);
	if (!b->faults->err)
		td_build_lines(b);
}
