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

/* What one must know of the format, for people who have not met uci. */
static const char *const format_rules[] = {
	"config TYPE 'NAME' begins a section; its options follow, each on a line of its own: "
	"option NAME 'VALUE', or list NAME 'VALUE' once for each value of a list.",
	"Names are letters, digits and '_'. All sections share one space of names: a phone cannot "
	"be called like a dn.",
	"A section that comes again, with its type and name, is the same section: its options are "
	"added, the last value of an option counts, lists grow.",
	"Single quotes hold everything but themselves; in double quotes and outside of quotes a "
	"backslash makes the next character literal. Quoted values may span lines.",
	"A '#' begins a comment, anywhere outside of quotes.",
	"An option with an empty value is as if it were not there.",
	"Nothing is ignored: unknown sections and options, values out of range and names of things "
	"that do not exist are faults, and a file with a fault is refused as a whole.",
};
#define N_RULES (sizeof(format_rules) / sizeof(format_rules[0]))

static const char example[] =
	"config global 'global'\n"
	"\toption hostname 'branch1'\n"
	"\tlist interface 'lan0'\n"
	"\tlist interface 'wan0'\n"
	"\n"
	"config template 'office'\n"
	"\toption type '7970'\n"
	"\n"
	"config dn 'sales'\n"
	"\toption number '1100'\n"
	"\n"
	"config phone 'alice'\n"
	"\toption template 'office'\n"
	"\toption number '1001'\n"
	"\toption password 'a-long-secret'\n"
	"\n"
	"config phone 'bob'\n"
	"\toption template 'office'\n"
	"\toption password 'another-secret'\n"
	"\tlist line '1:1002'\n"
	"\tlist line '2:sales'\n";

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
		"## The file\n\n");
	for (size_t i = 0; i < N_RULES; i++)
		fprintf(out, "- %s\n", format_rules[i]);
	fprintf(out, "\n```\n%s```\n", example);
	for (size_t i = 0; i < td_schema_sections; i++) {
		const struct schema_section *s = td_schema[i];

		fprintf(out, "\n## %s\n\n`%s`\n\n%s\n\n"
			"| option | takes | default | meaning |\n|---|---|---|---|\n",
			s->type, s->form, s->help);
		for (size_t k = 0; k < s->n_options; k++)
			md_option(out, &s->options[k]);
	}
}

/* ---- troff ---- */

/* Quotes, dashes and dots in front mean something to troff. */
static void print_troff(FILE *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
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
		".PP\nThis page is printed from the table that the parser checks by.\n"
		".SH FORMAT\n");
	for (size_t i = 0; i < N_RULES; i++) {
		fprintf(out, ".IP \\(bu 2\n");
		print_troff(out, format_rules[i]);
		fputc('\n', out);
	}
	for (size_t i = 0; i < td_schema_sections; i++) {
		const struct schema_section *s = td_schema[i];

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
	fprintf(out, ".SH EXAMPLE\n.nf\n");
	print_troff(out, example);
	fprintf(out, ".fi\n.SH SEE ALSO\n.BR tandem (1),\n.BR tandemd (8)\n");
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
	td_json_str(j, "default_help", o->def_help);
	if (o->kind == VALUE_UINT) {
		td_json_u64(j, "min", o->min);
		td_json_u64(j, "max", o->max);
		td_json_bool(j, "or_zero", o->or_zero);
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
		td_json_str(&j, "section", td_schema[i]->type);
		td_json_bool(&j, "single", td_schema[i]->single);
		td_json_bool(&j, "named", td_schema[i]->needs_name);
		td_json_str(&j, "help", td_schema[i]->help);
		td_json_array(&j, "options");
		for (size_t k = 0; k < td_schema[i]->n_options; k++)
			json_option(&j, &td_schema[i]->options[k]);
		td_json_end_array(&j);
		td_json_end_object(&j);
	}
	td_json_end_array(&j);
	fprintf(out, "%s\n", j.err ? "null" : j.text);
	td_json_fini(&j);
}
