/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One section by its schema. See section.h. What goes beyond one section (references,
 * duplicates, templates) is build.c's and build_phones.c's business.
 */
#include "config/section.h"

#include <stdarg.h>
#include <string.h>

const char *td_section_label(const struct uci_section *s, char dst[SECTION_LABEL_LEN])
{
	bool plain = !*s->name || !strcmp(s->name, s->type);

	snprintf(dst, SECTION_LABEL_LEN, "%.40s%s%.63s", s->type, plain ? "" : " ",
		 plain ? "" : s->name);
	return dst;
}

void td_section_fault(struct fault_list *faults, const struct uci_section *s,
		      const struct uci_option *o, struct uci_pos pos, const char *hint,
		      const char *fmt, ...)
{
	char where[2 * SECTION_LABEL_LEN], label[SECTION_LABEL_LEN], reason[512];
	va_list ap;

	td_section_label(s, label);
	if (o)
		snprintf(where, sizeof(where), "%s, %s %.63s", label,
			 o->is_list ? "list" : "option", o->name);
	else
		snprintf(where, sizeof(where), "%s", label);
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (!pos.line)
		pos = o ? o->pos : s->name_pos;
	td_fault_add(faults, pos, where, hint, "%s", reason);
}

static bool is_repeated(const struct schema_option *o, void *obj, size_t n)
{
	size_t size = o->size / o->max_items;

	/* a line has its place in it; buttons are compared when they are bound */
	for (size_t i = 0; i < n && o->kind != VALUE_LINE; i++)
		if (!memcmp(td_schema_item(o, obj, i), td_schema_item(o, obj, n), size))
			return true;
	return false;
}

static void read_list(const struct section *s, const struct uci_option *u,
		      const struct schema_option *o, void *obj, struct fault_list *faults)
{
	char cited[FAULT_CITE_LEN + 8];
	const struct uci_value *v;
	struct value_fault fault;
	size_t n = 0;

	memset((char *)obj + o->offset, 0, o->size);
	td_list_for_each(v, &u->values, struct uci_value, node) {
		if (n == o->max_items) {
			td_section_fault(faults, s->uci, u, v->pos, NULL,
					 "%s is one too many: up to %u are possible",
					 td_fault_cite(cited, v->text), o->max_items);
			break;
		}
		if (td_value_read(o, v, td_schema_item(o, obj, n), &fault)) {
			td_section_fault(faults, s->uci, u, v->pos, fault.hint, "%s", fault.reason);
			continue;
		}
		if (is_repeated(o, obj, n))
			td_section_fault(faults, s->uci, u, v->pos, NULL, "%s stands here twice",
					 td_fault_cite(cited, v->text));
		else
			n++;
	}
	memcpy((char *)obj + o->count_offset, &n, sizeof(n));
}

static void read_single(const struct section *s, const struct uci_option *u,
			const struct schema_option *o, void *obj, struct fault_list *faults)
{
	const struct uci_value *v = td_uci_value(u, 0);
	struct value_fault fault;

	if (u->is_list)
		td_section_fault(faults, s->uci, u, SECTION_HERE, NULL,
				 "'%s' has one value: write option instead of list", o->name);
	else if (td_value_read(o, v, td_schema_item(o, obj, 0), &fault))
		td_section_fault(faults, s->uci, u, v->pos, fault.hint, "%s", fault.reason);
}

void td_section_read(struct section *s, void *obj, struct fault_list *faults)
{
	char cited[FAULT_CITE_LEN + 8];
	const struct uci_option *u;

	s->set = 0;
	s->has_unknown = false;
	td_list_for_each(u, &s->uci->options, struct uci_option, node) {
		const struct schema_option *o = td_schema_option(s->schema, u->name);

		if (!o) {
			td_section_fault(faults, s->uci, u, SECTION_HERE,
					 td_schema_nearest(s->schema, u->name),
					 "unknown option %s", td_fault_cite(cited, u->name));
			s->has_unknown = true;
			continue;
		}
		s->set |= 1ull << td_schema_index(s->schema, o);
		/* one value for a list is fine, as everywhere in uci */
		if (o->is_list)
			read_list(s, u, o, obj, faults);
		else
			read_single(s, u, o, obj, faults);
	}
}

bool td_section_has(const struct section *s, const char *option)
{
	const struct schema_option *o = td_schema_option(s->schema, option);

	return o && (s->set >> td_schema_index(s->schema, o) & 1);
}
