/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/import/uci_out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

/* As people read a configuration: the whole, then what hangs on it. */
static const char *const order[] = {
	"global", "interface", "sip", "sccp", "management", "provision", "cluster", "phonetype",
	"locale", "dst", "template", "phone", "dn", "huntgroup", "park", "conference", "moh",
	"paging", "fac", "nightservice", "afterhours", "corlist", "translation", "translationprofile",
	"mediaclass", "trunk", "registrar", "mwi", "dialpeer", "voiceport", "logoutprofile",
	"vpnprofile", "dspfarm", "management",
};

struct uci_section *td_uci_out_find(struct uci_out *out, const char *type, const char *name)
{
	size_t i;

	for (i = 0; i < out->n_sections; i++)
		if (!strcmp(out->sections[i].type, type) && !strcmp(out->sections[i].name, name))
			return &out->sections[i];
	return NULL;
}

struct uci_section *td_uci_out_section(struct uci_out *out, const char *type, const char *name,
				   size_t source)
{
	struct uci_section *s = td_uci_out_find(out, type, name);

	if (s)
		return s;
	s = td_one_more(out->sections, out->n_sections, sizeof(*s));
	if (!s)
		return NULL;
	out->sections = s;
	s = &out->sections[out->n_sections++];
	memset(s, 0, sizeof(*s));
	td_strlcpy(s->type, type, sizeof(s->type));
	td_strlcpy(s->name, name, sizeof(s->name));
	s->source = source;
	return s;
}

static struct uci_option *find(struct uci_section *s, const char *option)
{
	size_t i;

	for (i = 0; i < s->n_options; i++)
		if (!strcmp(s->options[i].name, option))
			return &s->options[i];
	return NULL;
}

int td_uci_out_put(struct uci_section *s, const char *option, const char *value, bool is_list,
	       size_t source)
{
	struct uci_option *o = is_list ? NULL : find(s, option);
	char *text = td_strdup(value);

	if (!text)
		return -ENOMEM;
	if (!o) {
		o = td_one_more(s->options, s->n_options, sizeof(*o));
		if (!o) {
			td_free(text);
			return -ENOMEM;
		}
		s->options = o;
		o = &s->options[s->n_options++];
		memset(o, 0, sizeof(*o));
	}
	td_free(o->value);
	o->value = text;
	td_strlcpy(o->name, option, sizeof(o->name));
	o->is_list = is_list;
	o->source = source;
	return 0;
}

const char *td_uci_out_get(const struct uci_section *s, const char *option)
{
	size_t i;

	for (i = 0; s && i < s->n_options; i++)
		if (!strcmp(s->options[i].name, option))
			return s->options[i].value;
	return NULL;
}

/* In single quotes; one inside is written outside of them, as the shell does it. Returns how many
 * more lines it takes. */
static uint32_t print_quoted(FILE *f, const char *text)
{
	uint32_t lines = 0;

	fputc('\'', f);
	for (; *text; text++) {
		lines += *text == '\n';
		if (*text == '\'')
			fputs("'\\''", f);
		else
			fputc(*text, f);
	}
	fputc('\'', f);
	return lines;
}

static uint32_t print_section(FILE *f, struct uci_section *s, uint32_t line)
{
	size_t i;

	s->at = line++;
	fprintf(f, "config %s '%s'\n", s->type, s->name);
	for (i = 0; i < s->n_options; i++) {
		struct uci_option *o = &s->options[i];

		o->at = 0;
		if (o->dropped)
			continue;
		o->at = line++;
		fprintf(f, "\t%s %s ", o->is_list ? "list" : "option", o->name);
		line += print_quoted(f, o->value);
		fputc('\n', f);
	}
	fputc('\n', f);
	return line + 1;
}

char *td_uci_out_print(struct uci_out *out)
{
	uint32_t line = 1;
	char *text = NULL, *copy;
	size_t len, i, k;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (i = 0; i < out->n_sections; i++)
			if (!out->sections[i].dropped && !strcmp(out->sections[i].type, order[k]))
				line = print_section(f, &out->sections[i], line);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	copy = td_strdup(text);
	free(text);
	return copy;
}

void td_uci_out_fini(struct uci_out *out)
{
	size_t i, k;

	for (i = 0; i < out->n_sections; i++) {
		for (k = 0; k < out->sections[i].n_options; k++)
			td_free(out->sections[i].options[k].value);
		td_free(out->sections[i].options);
	}
	td_free(out->sections);
}
