/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of phones, as a spreadsheet writes it (RFC 4180): the first line names the columns, each
 * other line is a phone. Semicolons do as well as commas, for half of the world's spreadsheets
 * write those. The phones are checked as a part of the configuration that they will stand in.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "tools/import/import.h"
#include "tools/import/uci_out.h"
#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define COLUMNS	   16
#define FIELD_LEN  256

/* a phone's options, and "id" for the section's name */
static const char *const known[] = { "id", "mac", "type", "number", "name", "template", "protocol",
				     "username", "password", "tag", "line", "address", NULL };

struct csv {
	const char *p, *end;
	uint32_t line;			/* of the text, where the row begins: rows may have several */
	char separator;
	const char *name;		/* of the file, for faults */
	FILE *out;
	int faults;
	char field[COLUMNS][FIELD_LEN];
	uint32_t column[COLUMNS];	/* where it begins, from 1 */
	size_t n;
};

static void fault(struct csv *c, uint32_t line, uint32_t column, const char *what,
		  const char *reason)
{
	fprintf(c->out, "%s:%u:%u: %s: %s\n", c->name, line, column, what, reason);
	c->faults++;
}

/* ---- reading ---- */

static void put(struct csv *c, size_t *len, char ch)
{
	if (c->n < COLUMNS && *len + 1 < FIELD_LEN)
		c->field[c->n][(*len)++] = ch;
}

/* One field up to its separator. True when the row goes on. */
static bool read_field(struct csv *c, const char *row, uint32_t *more_lines)
{
	bool quoted = c->p < c->end && *c->p == '"';
	size_t len = 0;

	if (c->n < COLUMNS)
		c->column[c->n] = (uint32_t)(c->p - row) + 1;
	for (c->p += quoted; c->p < c->end; c->p++) {
		if (quoted && *c->p == '"') {
			quoted = c->p + 1 < c->end && c->p[1] == '"';
			if (!quoted)
				continue;
			c->p++;
		} else if (!quoted && (*c->p == c->separator || *c->p == '\n')) {
			break;
		}
		*more_lines += *c->p == '\n';
		if (*c->p != '\r' || quoted)
			put(c, &len, *c->p);
	}
	if (c->n < COLUMNS) {
		while (len && c->field[c->n][len - 1] == ' ')
			len--;
		c->field[c->n][len] = '\0';
		c->n++;
	}
	return c->p < c->end && *c->p++ == c->separator;
}

/* The next row that holds anything; its line is c->line. */
static bool read_row(struct csv *c, uint32_t *next_line)
{
	while (c->p < c->end) {
		const char *row = c->p;
		uint32_t more = 0;

		c->n = 0;
		c->line = *next_line;
		while (read_field(c, row, &more))
			;
		*next_line += more + 1;
		if (c->n > 1 || c->field[0][0])
			return true;
	}
	return false;
}

static char separator_of(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	size_t n = end ? (size_t)(end - text) : len;

	return memchr(text, ';', n) && !memchr(text, ',', n) ? ';' : ',';
}

/* ---- rows become phones ---- */

struct table {
	struct uci_out out;
	uint32_t *lines;		/* of each section, by its source */
	size_t n;
	int columns[COLUMNS];		/* index into known */
	size_t n_columns;
};

static void read_header(struct csv *c, struct table *t)
{
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		t->columns[i] = -1;
		for (k = 0; known[k]; k++)
			if (!strcasecmp(c->field[i], known[k]))
				t->columns[i] = (int)k;
		if (t->columns[i] < 0)
			fault(c, c->line, c->column[i], c->field[i],
			      "no such column; there are id, mac, type, number, name, template, "
			      "protocol, username, password, tag, line, address");
	}
	t->n_columns = c->n;
}

static const char *field_of(const struct csv *c, const struct table *t, const char *name)
{
	size_t i;

	for (i = 0; i < c->n && i < t->n_columns; i++)
		if (t->columns[i] >= 0 && !strcmp(known[t->columns[i]], name))
			return c->field[i];
	return "";
}

/* The section's name: the one given, SEP and the MAC, or the number behind a "p". */
static void name_phone(const struct csv *c, const struct table *t, char *dst, size_t size)
{
	const char *mac = field_of(c, t, "mac"), *number = field_of(c, t, "number");
	size_t n;

	if (field_of(c, t, "id")[0]) {
		td_strlcpy(dst, field_of(c, t, "id"), size);
		return;
	}
	n = td_strlcpy(dst, mac[0] ? "sep" : "p", size);
	for (mac = mac[0] ? mac : number; *mac && n + 1 < size; mac++)
		if ((*mac >= '0' && *mac <= '9') || (*mac >= 'a' && *mac <= 'z') ||
		    (*mac >= 'A' && *mac <= 'Z'))
			dst[n++] = *mac >= 'A' && *mac <= 'Z' ? (char)(*mac | 0x20) : *mac;
	dst[n] = '\0';
}

static int add_phone(struct csv *c, struct table *t)
{
	struct uci_section *s;
	uint32_t *lines;
	char name[CFG_ID_LEN];
	size_t i;

	name_phone(c, t, name, sizeof(name));
	if (td_uci_out_find(&t->out, "phone", name)) {
		fault(c, c->line, 1, name, "this phone stands further up already");
		return 0;
	}
	lines = td_one_more(t->lines, t->n, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	t->lines = lines;
	t->lines[t->n] = c->line;
	s = td_uci_out_section(&t->out, "phone", name, t->n);
	if (!s)
		return -ENOMEM;
	for (i = 0; i < c->n && i < t->n_columns; i++)
		if (t->columns[i] > 0 && c->field[i][0] &&
		    td_uci_out_put(s, known[t->columns[i]], c->field[i],
				   !strcmp(known[t->columns[i]], "line"), c->column[i]))
			return -ENOMEM;
	if (c->n > t->n_columns)
		fault(c, c->line, c->column[t->n_columns], "row", "more fields than columns");
	t->n++;
	return 0;
}

/* ---- the configuration around them ---- */

static uint32_t count_lines(const char *text)
{
	uint32_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* Line of the printed file -> line and column of the table. */
static void blame(struct csv *c, const struct table *t, uint32_t at,
		  const struct td_config_fault *f)
{
	size_t i, k;

	for (i = 0; i < t->out.n_sections; i++) {
		const struct uci_section *s = &t->out.sections[i];

		if (s->at == at)
			fault(c, t->lines[s->source], 1, s->name, f->reason);
		for (k = 0; k < s->n_options; k++)
			if (s->options[k].at == at)
				fault(c, t->lines[s->source], (uint32_t)s->options[k].source,
				      s->options[k].name, f->reason);
	}
}

static int check(struct csv *c, const struct table *t, const char *base, const char *uci)
{
	struct td_config_faults faults = { 0 };
	uint32_t before = count_lines(base) + 1;
	struct td_config *cfg = NULL;
	char *whole = td_asprintf("%s\n%s", base, uci);
	size_t i;

	if (!whole)
		return -ENOMEM;
	td_config_parse(&cfg, "import", whole, strlen(whole), &faults);
	for (i = 0; i < faults.n; i++) {
		if (faults.v[i].line > before)
			blame(c, t, faults.v[i].line - before, &faults.v[i]);
		else
			fault(c, 0, 0, "the configuration", faults.v[i].reason);
	}
	td_config_put(cfg);
	td_config_faults_fini(&faults);
	td_free(whole);
	return 0;
}

int td_import_csv(char **uci, const char *name, const char *text, size_t len, const char *base,
		  FILE *report)
{
	struct csv *c = td_zalloc(sizeof(*c));
	struct table *t = td_zalloc(sizeof(*t));
	uint32_t next = 1;
	int err = c && t ? 0 : -ENOMEM;

	*uci = NULL;
	if (!err) {
		if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {	/* byte order mark */
			text += 3;
			len -= 3;
		}
		c->p = text;
		c->end = text + len;
		c->name = name;
		c->out = report;
		c->separator = separator_of(text, len);
		if (read_row(c, &next))
			read_header(c, t);
		else
			fault(c, 1, 1, "file", "the first line must name the columns");
		while (!err && !c->faults && read_row(c, &next))
			err = add_phone(c, t);
		*uci = err ? NULL : td_uci_out_print(&t->out);
		err = err ? err : !*uci ? -ENOMEM : c->faults ? 0 : check(c, t, base, *uci);
		if (!err)
			err = c->faults;
	}
	if (err) {
		td_free(*uci);
		*uci = NULL;
	}
	if (t) {
		td_uci_out_fini(&t->out);
		td_free(t->lines);
	}
	td_free(t);
	td_free(c);
	return err;
}

/* ---- the way back ---- */

static void print_field(FILE *out, const char *text, bool last)
{
	if (strpbrk(text, ",;\"\r\n")) {
		fputc('"', out);
		for (; *text; text++) {
			if (*text == '"')
				fputc('"', out);
			fputc(*text, out);
		}
		fputc('"', out);
	} else {
		fputs(text, out);
	}
	fputc(last ? '\n' : ',', out);
}

void td_export_csv(FILE *out, const struct td_config *cfg)
{
	char mac[13];
	size_t i;

	fputs("id,protocol,type,mac,number,name\n", out);
	for (i = 0; i < cfg->n_phones; i++) {
		const struct cfg_phone *p = &cfg->phones[i];

		td_hex(mac, p->mac, sizeof(p->mac));
		print_field(out, p->id, false);
		print_field(out, p->protocol == CFG_PROTO_SCCP ? "sccp" : "sip", false);
		print_field(out, p->type, false);
		print_field(out, p->has_mac ? mac : "", false);
		print_field(out, p->n_lines ? cfg->dns[p->lines[0].dn].number : "", false);
		print_field(out, p->name, true);
	}
}
