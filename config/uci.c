/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar of OpenWrt's uci files, as its own reader (file.c of uci) understands them,
 * tried against it. What a file can hold that one does not expect:
 *
 * - Words join: a'b c'"d"e is one. Single quotes are literal, in double quotes and outside a
 *   backslash makes the next character literal, and backslash-newline vanishes.
 * - "#" outside quotes starts a comment, even inside a word.
 * - ";" ends a command and another one must follow it on the line. Glued to a plain word it
 *   ends the word and the rest of the line is dropped (uci overwrites it with its
 *   terminator); glued to a word that had quotes or backslashes it is seen.
 * - "option x ''" is as if it were not there, so it does not take back a value before it.
 *   "option" after "list" replaces, "list" after "option" appends.
 * - A section that comes again is the same section.
 *
 * Better than uci: every fault is reported with its place, and reading goes on behind it.
 */
#include "config/uci.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

struct parser {
	const char *p, *end;
	const char *line_start;
	uint32_t line;
	bool eol;			/* the line of this command is used up */
	char *out;			/* where the next word goes, in file->text */
	struct uci_file *file;
	struct uci_section *section;	/* options go here */
	bool drop;			/* the section was faulty: its options are not kept */
	struct fault_list *faults;
	int err;
};

struct word {
	const char *text;		/* empty = not there, or written as '' */
	struct uci_pos pos;		/* line 0 = not there */
};

static const char *const command_words[] = { "package", "config", "option", "list", NULL };

/* ---- characters ---- */

static struct uci_pos here(const struct parser *ps)
{
	return (struct uci_pos){ ps->line, (uint32_t)(ps->p - ps->line_start) + 1 };
}

static bool at_end(const struct parser *ps)
{
	return ps->p == ps->end;
}

static bool at(const struct parser *ps, char c)
{
	return !at_end(ps) && *ps->p == c;
}

/* isspace() of the C locale, which uci runs in */
static bool at_space(const struct parser *ps)
{
	return !at_end(ps) && (*ps->p == ' ' || (*ps->p >= '\t' && *ps->p <= '\r'));
}

static bool at_line_end(const struct parser *ps)
{
	return at_end(ps) || *ps->p == '\n' ||
	       (*ps->p == '\r' && ps->p + 1 < ps->end && ps->p[1] == '\n');
}

static void step(struct parser *ps)
{
	if (*ps->p++ != '\n')
		return;
	ps->line++;
	ps->line_start = ps->p;
}

static void put(struct parser *ps)
{
	*ps->out++ = *ps->p;
	step(ps);
}

/* Over white space, but not into the next line. */
static void skip_space(struct parser *ps)
{
	while (!ps->eol && at_space(ps)) {
		ps->eol = at(ps, '\n');
		step(ps);
	}
	if (at_end(ps))
		ps->eol = true;
}

static void skip_line(struct parser *ps)
{
	while (!ps->eol && !at_end(ps)) {
		ps->eol = at(ps, '\n');
		step(ps);
	}
	ps->eol = true;
}

/* ---- words ---- */

/* At a backslash: step over it. True when it joined two lines or stood last in the file, so
 * there is no character that it makes literal. */
static bool backslash_joins(struct parser *ps)
{
	step(ps);
	if (at(ps, '\r') && at_line_end(ps))
		step(ps);
	if (at_end(ps))
		return true;
	if (!at(ps, '\n'))
		return false;
	step(ps);
	return true;
}

static void read_quoted(struct parser *ps)
{
	struct uci_pos open = here(ps);
	char quote = *ps->p;

	step(ps);
	while (!at_end(ps) && *ps->p != quote) {
		if (quote == '"' && at(ps, '\\') && backslash_joins(ps))
			continue;
		put(ps);
	}
	if (!at_end(ps)) {
		step(ps);
		return;
	}
	/* all sections behind the quote are in it: what they are missed for would mislead */
	ps->file->is_cut = true;
	td_fault_add(ps->faults, open, "quote", NULL, "not closed before the end of the file");
}

/* The next word of this command; an empty one when there is none. */
static struct word read_word(struct parser *ps)
{
	struct word w = { .text = "" };
	const char *start;
	bool rest_is_cut = false;

	skip_space(ps);
	if (ps->eol)
		return w;
	w.pos = here(ps);
	if (at(ps, ';')) {
		step(ps);
		w.pos.line = 0;
		return w;
	}
	start = ps->p;
	w.text = ps->out;
	do {
		if (at(ps, '\'') || at(ps, '"')) {
			read_quoted(ps);
		} else if (at(ps, '#')) {
			rest_is_cut = true;
			break;
		} else if (at(ps, ';')) {
			/* nothing was taken out of the word: see the head */
			rest_is_cut = ps->out - w.text == ps->p - start;
			break;
		} else if (at(ps, '\\') && backslash_joins(ps)) {
			continue;
		} else {
			put(ps);
		}
	} while (!at_end(ps) && !at_space(ps));
	*ps->out++ = '\0';

	if (rest_is_cut) {
		skip_line(ps);
	} else if (at_end(ps)) {
		ps->eol = true;
	} else if (at_space(ps)) {
		ps->eol = at(ps, '\n');
		step(ps);
	}
	return w;
}

/* Section and option names; packages may have a hyphen. */
static bool name_ok(const char *name, bool package)
{
	for (; *name; name++)
		if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
		      (*name >= '0' && *name <= '9') || *name == '_' ||
		      (*name == '-' && package)))
			return false;
	return true;
}

static bool type_ok(const char *type)
{
	for (; *type; type++)
		if (*type < 33 || *type > 126)
			return false;
	return true;
}

static void fault_name(struct parser *ps, const struct word *w, const char *command)
{
	char cited[FAULT_CITE_LEN + 8];

	td_fault_add(ps->faults, w->pos, command, NULL,
		     "%s cannot be a name: letters, digits and '_' only",
		     td_fault_cite(cited, w->text));
}

/* Nothing may follow but ";", a comment or the end of the line. */
static void expect_end(struct parser *ps, const char *command)
{
	char cited[FAULT_CITE_LEN + 8];
	struct word w = read_word(ps);

	if (!w.text[0])
		return;
	td_fault_add(ps->faults, w.pos, command, NULL,
		     "too many arguments: %s (a value with blanks needs quotes)",
		     td_fault_cite(cited, w.text));
	skip_line(ps);
}

/* ---- sections and options ---- */

static struct uci_option *option_new(struct uci_section *s, const struct word *name)
{
	struct uci_option *o = td_zalloc(sizeof(*o));

	if (!o)
		return NULL;
	o->name = name->text;
	o->pos = name->pos;
	td_list_init(&o->values);
	if (td_map_insert_str(&s->option_by_name, &o->by_name, o->name)) {
		td_free(o);
		return NULL;
	}
	td_list_append(&s->options, &o->node);
	return o;
}

static void drop_values(struct uci_option *o)
{
	struct uci_value *v;

	while ((v = td_list_first(&o->values, struct uci_value, node))) {
		td_list_del(&v->node);
		td_free(v);
	}
	o->n_values = 0;
}

static void option_free(struct uci_section *s, struct uci_option *o)
{
	td_map_remove(&s->option_by_name, &o->by_name);
	td_list_del(&o->node);
	drop_values(o);
	td_free(o);
}

static int add_value(struct uci_section *s, const struct word *name, const struct word *value,
		     bool is_list)
{
	struct uci_option *o = td_uci_option(s, name->text);
	struct uci_value *v = td_zalloc(sizeof(*v));

	if (v && !o)
		o = option_new(s, name);
	if (!v || !o) {
		td_free(v);
		return -ENOMEM;
	}
	if (!is_list) {
		drop_values(o);
		o->pos = name->pos;
	}
	o->is_list = is_list;
	v->text = value->text;
	v->pos = value->pos.line ? value->pos : name->pos;
	td_list_append(&o->values, &v->node);
	o->n_values++;
	return 0;
}

static void read_option(struct parser *ps, struct uci_pos pos, bool is_list)
{
	const char *command = is_list ? "list" : "option";
	struct word name = read_word(ps), value;

	if (!name.text[0]) {
		td_fault_add(ps->faults, pos, command, NULL, "a name and a value must follow");
		skip_line(ps);
		return;
	}
	value = read_word(ps);
	expect_end(ps, command);
	if (!name_ok(name.text, false)) {
		fault_name(ps, &name, command);
	} else if (ps->drop) {
		/* the fault of the section is enough */
	} else if (!ps->section) {
		td_fault_add(ps->faults, pos, command, NULL, "stands before the first section");
	} else if (is_list || value.text[0]) {
		ps->err = add_value(ps->section, &name, &value, is_list);
	}
}

static struct uci_section *section_new(struct parser *ps, const struct word *type,
				       const struct word *name)
{
	struct uci_section *s = td_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->type = type->text;
	s->name = name->text;
	s->pos = type->pos;
	s->name_pos = *name->text ? name->pos : type->pos;
	td_map_init(&s->option_by_name);
	td_list_init(&s->options);
	if (*s->name && td_map_insert_str(&ps->file->section_by_name, &s->by_name, s->name)) {
		td_free(s);
		return NULL;
	}
	td_list_append(&ps->file->sections, &s->node);
	return s;
}

static void open_section(struct parser *ps, const struct word *type, const struct word *name)
{
	struct uci_section *s = name->text[0] ? td_uci_section(ps->file, name->text) : NULL;
	char cited[FAULT_CITE_LEN + 8];

	if (s && strcmp(s->type, type->text)) {
		td_fault_add(ps->faults, name->pos, "config", NULL,
			     "%s is the name of a %s already (line %u)",
			     td_fault_cite(cited, name->text), s->type, s->pos.line);
		return;
	}
	if (!s) {
		s = section_new(ps, type, name);
		if (!s)
			ps->err = -ENOMEM;
	}
	ps->section = s;
	ps->drop = false;
}

static void read_config(struct parser *ps, struct uci_pos pos)
{
	struct word type = read_word(ps), name;
	char cited[FAULT_CITE_LEN + 8];

	ps->section = NULL;
	ps->drop = true;
	if (!type.text[0]) {
		td_fault_add(ps->faults, pos, "config", NULL, "a type must follow");
		skip_line(ps);
		return;
	}
	name = read_word(ps);
	expect_end(ps, "config");
	if (!type_ok(type.text))
		td_fault_add(ps->faults, type.pos, "config", NULL, "%s cannot be a type",
			     td_fault_cite(cited, type.text));
	else if (!name_ok(name.text, false))
		fault_name(ps, &name, "config");
	else
		open_section(ps, &type, &name);
}

/* The package is known from the file's name; uci ignores the line when it loads one file. */
static void read_package(struct parser *ps, struct uci_pos pos)
{
	struct word name = read_word(ps);

	if (!name.text[0]) {
		td_fault_add(ps->faults, pos, "package", NULL, "a name must follow");
		skip_line(ps);
		return;
	}
	expect_end(ps, "package");
	if (!name_ok(name.text, true))
		fault_name(ps, &name, "package");
}

/* ---- commands ---- */

static bool is_command(struct td_str word, const char *command)
{
	return td_str_eq_c(word, command) || (word.len == 1 && word.p[0] == command[0]);
}

static void fault_command(struct parser *ps, struct uci_pos pos, struct td_str word)
{
	char text[64], cited[FAULT_CITE_LEN + 8];

	if (!word.len) {
		td_fault_add(ps->faults, pos, ";", NULL, "a command must follow on the line");
		return;
	}
	td_str_copy(text, sizeof(text), word);
	td_fault_add(ps->faults, pos, text, td_str_nearest(text, command_words),
		     "unknown command %s", td_fault_cite(cited, text));
}

/* Unlike a value the command is a raw word: ends at blank or tab, knows no quotes. */
static void read_command(struct parser *ps)
{
	struct td_str word;
	struct uci_pos pos;
	size_t i = 0;

	while (at(ps, ' ') || at(ps, '\t'))
		step(ps);
	if (at_end(ps) || at(ps, '#')) {
		skip_line(ps);
		return;
	}
	pos = here(ps);
	word.p = ps->p;
	while (!at_line_end(ps) && !at(ps, ' ') && !at(ps, '\t'))
		step(ps);
	word.len = (size_t)(ps->p - word.p);
	while (command_words[i] && !is_command(word, command_words[i]))
		i++;
	if (!command_words[i]) {
		fault_command(ps, pos, word);
		skip_line(ps);
		return;
	}
	if (!at_line_end(ps))
		step(ps);
	switch (i) {
	case 0: read_package(ps, pos); break;
	case 1: read_config(ps, pos); break;
	default: read_option(ps, pos, i == 3); break;
	}
}

static void read_line(struct parser *ps)
{
	ps->eol = false;
	skip_space(ps);
	while (!ps->eol && !ps->err)
		read_command(ps);
}

/* What no text file holds: uci stops at a NUL, and takes the mark for a part of the first word. */
static bool is_text(struct parser *ps)
{
	const char *nul = memchr(ps->p, '\0', (size_t)(ps->end - ps->p));

	if (nul) {
		while (ps->p < nul)
			step(ps);
		td_fault_add(ps->faults, here(ps), "file", NULL,
			     "a NUL byte: this is not a text file");
		ps->file->is_cut = true;
		return false;
	}
	if (ps->end - ps->p >= 3 && !memcmp(ps->p, "\xef\xbb\xbf", 3)) {
		td_fault_add(ps->faults, here(ps), "file", NULL,
			     "it begins with a byte order mark; save it as plain UTF-8");
		ps->p += 3;
	}
	return true;
}

int td_uci_parse(struct uci_file *f, const char *text, size_t len, struct fault_list *faults)
{
	struct parser ps = {
		.p = text, .end = text + len, .line_start = text, .line = 1,
		.file = f, .faults = faults,
	};

	memset(f, 0, sizeof(*f));
	td_map_init(&f->section_by_name);
	td_list_init(&f->sections);
	if (!is_text(&ps))
		return 0;
	/* each word that is written takes a byte of the file at least, and one more for its end */
	f->text = td_zalloc(2 * len + 1);
	if (!f->text)
		return -ENOMEM;
	ps.out = f->text;
	while (!at_end(&ps) && !ps.err)
		read_line(&ps);
	return ps.err;
}

static void section_free(struct uci_section *s)
{
	struct uci_option *o;

	while ((o = td_list_first(&s->options, struct uci_option, node)))
		option_free(s, o);
	td_map_fini(&s->option_by_name);
	td_free(s);
}

void td_uci_fini(struct uci_file *f)
{
	struct uci_section *s;

	while ((s = td_list_first(&f->sections, struct uci_section, node))) {
		td_list_del(&s->node);
		section_free(s);
	}
	td_map_fini(&f->section_by_name);
	td_free(f->text);
	f->text = NULL;
}

struct uci_section *td_uci_section(const struct uci_file *f, const char *name)
{
	struct td_map_node *n = td_map_find_str(&f->section_by_name, name);

	return n ? td_container_of(n, struct uci_section, by_name) : NULL;
}

struct uci_option *td_uci_option(const struct uci_section *s, const char *name)
{
	struct td_map_node *n = td_map_find_str(&s->option_by_name, name);

	return n ? td_container_of(n, struct uci_option, by_name) : NULL;
}

const struct uci_value *td_uci_value(const struct uci_option *o, size_t i)
{
	const struct uci_value *v;

	td_list_for_each(v, &o->values, struct uci_value, node)
		if (!i--)
			return v;
	return NULL;
}
