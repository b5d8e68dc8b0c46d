/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference manual, printed from the schema: Markdown for docs/, troff for tandem(5),
 * JSON for editors and the importer. It cannot differ from what is checked.
 */
#include "config/config.h"

#include <string.h>

#include "config/schema.h"
#include "userspace/base/json.h"

#define TAKES_LEN 256

static const char *default_of(const struct schema_option *o)
{
	return o->def_help ? o->def_help : o->def ? o->def : "";
}

/* ---- Markdown ---- */

/* A bar would end the cell of a table. */
static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void md_option(FILE *out, const struct schema_option *o)
{
	char takes[TAKES_LEN];

	td_value_takes(o, takes, sizeof(takes));
	fprintf(out, "| `%s` | %s", o->name, o->is_list ? "list of: " : "");
	print_cell(out, takes);
	fprintf(out, " | ");
	print_cell(out, default_of(o));
	fprintf(out, " | ");
	print_cell(out, o->help);
	if (o->cisco)
		fprintf(out, " CME: `%s`.", o->cisco);
	fprintf(out, " |\n");
}

void td_config_print_reference_md(FILE *out)
{
	fprintf(out, "# Configuration reference\n\n"
		"The file is `/etc/config/tandem`, in uci's format. This page is printed from the "
		"table that\nthe parser checks by (`config/schema.c`); `make docs` renews it.\n\n"
		"DSCP values are `0..63`, `afXY`, `csN`, `ef` or `default`. MAC addresses may be "
		"written\n`001122334455`, `00:11:22:33:44:55` or `0011.2233.4455`.\n");
	for (size_t i = 0; i < td_schema_sections; i++) {
		const struct schema_section *s = &td_schema[i];

		fprintf(out, "\n## %s\n\n`%s`\n\n%s\n\n"
			"| option | takes | default | meaning |\n|---|---|---|---|\n",
			s->type, s->form, s->help);
		for (size_t k = 0; k < s->n_options; k++)
			md_option(out, &s->options[k]);
	}
}

/* ---- troff ---- */

/* Quotes, dashes and leading dots mean something to troff. */
static void print_troff(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (p == text && (*p == '.' || *p == '\''))
			fputs("\\&", out);
		if (*p == '\\')
			fputs("\\e", out);
		else if (*p == '-')
			fputs("\\-", out);
		else if (*p == '\'')
			fputs("\\(aq", out);
		else
			fputc(*p, out);
	}
}

static void man_option(FILE *out, const struct schema_option *o)
{
	char takes[TAKES_LEN];

	td_value_takes(o, takes, sizeof(takes));
	fprintf(out, ".TP\n.B %s\n", o->name);
	print_troff(out, o->help);
	fprintf(out, "\nTakes %s", o->is_list ? "a list of: " : "");
	print_troff(out, takes);
	if (default_of(o)[0]) {
		fprintf(out, "; default: ");
		print_troff(out, default_of(o));
	}
	fprintf(out, ".\n");
	if (o->cisco) {
		fprintf(out, "CME: ");
		print_troff(out, o->cisco);
		fprintf(out, ".\n");
	}
}

void td_config_print_reference_man(FILE *out)
{
	fprintf(out, ".TH TANDEM 5 \"\" \"Tandem\" \"Tandem manual\"\n"
		".SH NAME\ntandem \\- configuration of the voice router\n"
		".SH SYNOPSIS\n.I /etc/config/tandem\n"
		".SH DESCRIPTION\n"
		"One file in uci's format says what the voice router does.\n"
		".B tandemd \\-\\-check\nnames every fault in it with line, column and the nearest "
		"valid word;\n.B tandem reload\napplies a changed one to the running daemon.\n"
		".PP\nThis page is printed from the table that the parser checks by.\n");
	for (size_t i = 0; i < td_schema_sections; i++) {
		const struct schema_section *s = &td_schema[i];

		fprintf(out, ".SH SECTION ");
		for (const char *p = s->type; *p; p++)
			fputc(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p, out);
		fprintf(out, "\n.B ");
		print_troff(out, s->form);
		fprintf(out, "\n.PP\n");
		print_troff(out, s->help);
		fputc('\n', out);
		for (size_t k = 0; k < s->n_options; k++)
			man_option(out, &s->options[k]);
	}
	fprintf(out, ".SH SEE ALSO\n.BR tandem (1),\n.BR tandemd (8)\n");
}

/* ---- JSON ---- */

static void json_option(struct td_json *j, const struct schema_option *o)
{
	char takes[TAKES_LEN];

	td_value_takes(o, takes, sizeof(takes));
	td_json_object(j, NULL);
	td_json_str(j, "name", o->name);
	td_json_str(j, "type", td_value_type(o));
	td_json_bool(j, "list", o->is_list);
	td_json_str(j, "takes", takes);
	td_json_str(j, "default", o->def);
	if (o->kind == VALUE_UINT) {
		td_json_u64(j, "min", o->min);
		td_json_u64(j, "max", o->max);
	}
	if (o->words) {
		td_json_array(j, "words");
		for (size_t i = 0; o->words[i]; i++)
			td_json_str(j, NULL, o->words[i]);
		td_json_end_array(j);
	}
	td_json_str(j, "help", o->help);
	td_json_str(j, "cisco", o->cisco);
	td_json_end_object(j);
}

void td_config_print_schema_json(FILE *out)
{
	struct td_json j;

	td_json_init(&j);
	td_json_array(&j, NULL);
	for (size_t i = 0; i < td_schema_sections; i++) {
		td_json_object(&j, NULL);
		td_json_str(&j, "section", td_schema[i].type);
		td_json_bool(&j, "single", td_schema[i].single);
		td_json_bool(&j, "named", td_schema[i].needs_name);
		td_json_str(&j, "help", td_schema[i].help);
		td_json_array(&j, "options");
		for (size_t k = 0; k < td_schema[i].n_options; k++)
			json_option(&j, &td_schema[i].options[k]);
		td_json_end_array(&j);
		td_json_end_object(&j);
	}
	td_json_end_array(&j);
	fprintf(out, "%s\n", j.err ? "null" : j.text);
	td_json_fini(&j);
}
