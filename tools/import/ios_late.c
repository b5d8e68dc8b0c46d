/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is only known when everything has been read (buttons: ios_button.c): the numbers of who hears a page, whose calls a dn's restriction holds, codecs of a class. Lines that say such a
 * thing are remembered, and settled at the end.
 */
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

void td_ios_later(struct ios *in, enum ios_late_kind kind, const char *name, const char *what,
		  const char *label)
{
	struct ios_late *l = td_one_more(in->late, in->n_late, sizeof(*l));

	if (!l) {
		in->no_memory = true;
		return;
	}
	in->late = l;
	l = &in->late[in->n_late++];
	memset(l, 0, sizeof(*l));
	l->kind = (uint8_t)kind;
	td_strlcpy(l->name, name, sizeof(l->name));
	td_strlcpy(l->what, what, sizeof(l->what));
	td_strlcpy(l->label, label ? label : "", sizeof(l->label));
	l->source = (size_t)(in->line->out - in->im->lines);
}

static void add(struct ios *in, struct uci_section *s, const char *option, const char *value,
		const struct ios_late *l)
{
	in->no_memory |= td_uci_out_put(s, option, value, true, l->source);
}

const char *td_ios_number_of_dn(struct ios *in, const char *dn)
{
	return td_uci_out_get(td_uci_out_find(&in->out, "dn", dn), "number");
}

/* The dn of a phone's first line: "1:dn5". False: it has none. */
static bool first_dn(const struct uci_section *phone, char dn[64])
{
	const char *line = td_uci_out_get(phone, "line"), *at = line ? strchr(line, ':') : NULL;

	return at && td_str_copy(dn, 64, td_str_of(at + 1)) < 64;
}

/* ---- pages ---- */

static void settle_page(struct ios *in, const struct ios_late *l)
{
	struct uci_section *paging = td_uci_out_find(&in->out, "paging", l->what);
	const char *number;
	char dn[64];

	if (!paging) {
		td_ios_blame(in, l->source, l->what, "that dn does not page");
		return;
	}
	number = first_dn(td_uci_out_find(&in->out, "phone", l->name), dn) ? td_ios_number_of_dn(in, dn) : NULL;
	if (number)
		add(in, paging, "member", number, l);
	else
		td_ios_blame(in, l->source, l->what, "the phone has no number");
}

/* "50,51": all who hear one of these */
static void settle_group(struct ios *in, const struct ios_late *l)
{
	struct uci_section *all = td_uci_out_find(&in->out, "paging", l->name);
	const char *p = l->what;
	char name[64];

	while (all && *p) {
		size_t len = strcspn(p, ",");
		const struct uci_section *one;

		snprintf(name, sizeof(name), "dn%.*s", len < 20 ? (int)len : 20, p);
		one = td_uci_out_find(&in->out, "paging", name);
		for (size_t i = 0; one && one != all && i < one->n_options; i++)
			if (!strcmp(one->options[i].name, "member"))
				add(in, all, "member", one->options[i].value, l);
		p += len + (p[len] != '\0');
	}
}

/* ---- restrictions of a dn: in CME the line has them, here the phone ---- */

static void settle_restriction(struct ios *in, const struct ios_late *l)
{
	bool any = false;
	char dn[64];

	for (size_t i = 0; i < in->out.n_sections; i++) {
		struct uci_section *s = &in->out.sections[i];

		if (strcmp(s->type, "phone") != 0 || !first_dn(s, dn) || strcmp(dn, l->name) != 0)
			continue;
		any = true;
		if (!td_uci_out_get(s, "cor_incoming"))
			in->no_memory |= td_uci_out_put(s, "cor_incoming", l->what, false, l->source);
	}
	if (!any)
		td_ios_blame(in, l->source, "cor_incoming", "no phone has the number on its first line");
}

/* ---- codecs ---- */

/* Of a class, for a trunk that does not say itself; more dial peers may lead to one trunk. */
static void settle_codecs(struct ios *in, const struct ios_late *l)
{
	struct uci_section *trunk = td_uci_out_find(&in->out, "trunk", l->name);
	bool any = false;

	if (!trunk) {
		td_ios_blame(in, l->source, "codec", "the dial peer has no trunk");
		return;
	}
	if (td_uci_out_get(trunk, "codec"))
		return;
	for (size_t i = 0; i < in->n_late; i++) {
		const struct ios_late *c = &in->late[i];

		if (c->kind != IOS_LATE_CODEC || strcmp(c->name, l->what) != 0)
			continue;
		add(in, trunk, "codec", c->what, c);
		any = true;
	}
	if (!any)
		td_ios_blame(in, l->source, "voice-class codec", "there is no such class");
}

/* ---- who we are at the carrier ---- */

static void settle_account(struct ios *in, const struct ios_late *l)
{
	const char *name = td_uci_out_get(td_uci_out_find(&in->out, "registrar", "primary"), "trunk");
	struct uci_section *trunk = name ? td_uci_out_find(&in->out, "trunk", name) : NULL;

	if (!trunk) {
		td_ios_blame(in, l->source, "username", "there is no registrar that it is for");
		return;
	}
	in->no_memory |= td_uci_out_put(trunk, "username", l->what, false, l->source) ||
			 td_uci_out_put(trunk, "password", l->label, false, l->source) ||
			 (l->name[0] && td_uci_out_put(trunk, "realm", l->name, false, l->source));
}

/* ---- dial peers that say how calls come in ---- */

static void leave_inbound_out(struct ios *in)
{
	for (size_t i = 0; i < in->out.n_sections; i++) {
		struct uci_section *s = &in->out.sections[i];

		if (strcmp(s->type, "dialpeer") != 0 || s->dropped ||
		    td_uci_out_get(s, "destination_pattern"))
			continue;
		s->dropped = true;
		td_ios_excuse(in, s->source, "it is for calls that come in, which are known by their trunk");
		for (size_t k = 0; k < s->n_options; k++)
			if (s->options[k].source != s->source)
				td_ios_excuse(in, s->options[k].source,
					      "a part of a dial peer for calls that come in");
	}
}

static void settle_kind(struct ios *in, enum ios_late_kind kind,
			void (*fn)(struct ios *in, const struct ios_late *l))
{
	for (size_t i = 0; i < in->n_late && !in->no_memory; i++)
		if (in->late[i].kind == kind)
			fn(in, &in->late[i]);
}

void td_ios_settle_late(struct ios *in)
{
	settle_kind(in, IOS_LATE_PAGE, settle_page);
	settle_kind(in, IOS_LATE_GROUP, settle_group);
	td_ios_settle_buttons(in);
	td_ios_settle_vpn(in);
	settle_kind(in, IOS_LATE_RESTRICTION, settle_restriction);
	settle_kind(in, IOS_LATE_USES_CODECS, settle_codecs);
	settle_kind(in, IOS_LATE_ACCOUNT, settle_account);
	leave_inbound_out(in);
}
