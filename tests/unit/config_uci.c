/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uci's grammar, one row per rule. What is expected was compared with the real uci
 * (openwrt/uci's libuci over these files and over 400000 random ones); where the row says
 * a fault, libuci refuses the file too.
 *
 * A file is written as "TYPE.NAME option=value list=[a|b]; ...", a fault as
 * "LINE:COLUMN WHERE: REASON".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config/uci.h"
#include "userspace/base/mem.h"

struct row {
	const char *rule, *text, *want;
};

static void dump_option(FILE *out, const struct uci_option *o)
{
	const struct uci_value *v;
	const char *bar = "";

	fprintf(out, " %s=%s", o->name, o->is_list ? "[" : "");
	td_list_for_each(v, &o->values, struct uci_value, node) {
		fprintf(out, "%s%s", bar, v->text);
		bar = "|";
	}
	fputs(o->is_list ? "]" : "", out);
}

static void dump(FILE *out, const struct uci_file *f)
{
	const struct uci_section *s;
	const struct uci_option *o;
	const char *between = "";

	td_list_for_each(s, &f->sections, struct uci_section, node) {
		fprintf(out, "%s%s.%s", between, s->type, s->name);
		td_list_for_each(o, &s->options, struct uci_option, node)
			dump_option(out, o);
		between = "; ";
	}
}

/* What the reader makes of the text: the file, or its faults one a line. */
static char *reading(const char *text, size_t len)
{
	struct td_config_faults faults = { 0 };
	struct fault_list list = { .out = &faults, .file = "f" };
	struct uci_file f;
	char *got = NULL;
	size_t got_len = 0;
	FILE *out = open_memstream(&got, &got_len);

	assert_non_null(out);
	assert_int_equal(td_uci_parse(&f, text, len, &list), 0);
	td_fault_end(&list);
	for (size_t i = 0; i < faults.n; i++)
		fprintf(out, "%s%u:%u %s: %s", i ? "\n" : "", faults.v[i].line, faults.v[i].column,
			faults.v[i].option, faults.v[i].reason);
	if (!faults.n)
		dump(out, &f);
	fclose(out);
	td_uci_fini(&f);
	td_config_faults_fini(&faults);
	return got;
}

static void try_rows(const struct row *rows, size_t n)
{
	long before = td_mem_live();
	unsigned int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		char *got = reading(rows[i].text, strlen(rows[i].text));

		if (strcmp(got, rows[i].want)) {
			print_error("%s:\n  %s\n  wanted: %s\n  got:    %s\n", rows[i].rule,
				    rows[i].text, rows[i].want, got);
			wrong++;
		}
		free(got);
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(td_mem_live(), before);
}

#define TRY(rows) try_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void commands(void **state)
{
	static const struct row rows[] = {
		{ "the four commands", "package p\nconfig s a\noption x 1\nlist y 2\n",
		  "s.a x=1 y=[2]" },
		{ "one-letter forms", "p p\nc s a\no x 1\nl y 2\n", "s.a x=1 y=[2]" },
		{ "no command", "confg s a\n", "1:1 confg: unknown command 'confg'" },
		{ "a command that is longer", "options x 1\n",
		  "1:1 options: unknown command 'options'" },
		{ "a command is not quoted", "'config' s a\n",
		  "1:1 'config': unknown command ''config''" },
		{ "a command ends at a blank or tab", "config\ts\ta\n", "s.a" },
		{ "not at a vertical tab", "config\vs a\n",
		  "1:1 config\\x0bs: unknown command 'config\\x0bs'" },
		{ "nor at a comment", "config#s\n", "1:1 config#s: unknown command 'config#s'" },
		{ "a command alone on its line", "config\n", "1:1 config: a type must follow" },
		{ "and before CRLF", "config\r\n", "1:1 config: a type must follow" },
		{ "and before the end of the file", "config", "1:1 config: a type must follow" },
		{ "and before blanks", "config  \n", "1:1 config: a type must follow" },
		{ "option without a name", "config s a\n\toption\n",
		  "2:2 option: a name and a value must follow" },
		{ "list without a name", "config s a\nlist ''\n",
		  "2:1 list: a name and a value must follow" },
		{ "package without a name", "package\n", "1:1 package: a name must follow" },
		{ "a package may have a hyphen", "package a-b\nconfig s a\n", "s.a" },
		{ "but no dot", "package a.b\n",
		  "1:9 package: 'a.b' cannot be a name: letters, digits and '_' only" },
		{ "package does not end a section", "config s a\npackage p\noption x 1\n",
		  "s.a x=1" },
		{ "an empty file", "", "" },
		{ "a file of blank lines", "\n \n\t\r\n", "" },
	};

	(void)state;
	TRY(rows);
}

static void white_space(void **state)
{
	static const struct row rows[] = {
		{ "blanks in front", "  \t config s a\n   option x 1\n", "s.a x=1" },
		{ "tabs are blanks", "config\ts\t\ta\t\n\toption\tx\t1\t\n", "s.a x=1" },
		{ "CRLF", "config s a\r\n\r\n\toption x 1\r\n", "s.a x=1" },
		{ "CR inside quotes stays", "config s a\noption x 'a\r\nb'\n", "s.a x=a\r\nb" },
		{ "vertical tab and form feed part words",
		  "config s\va\noption x\f1\n", "s.a x=1" },
		{ "and may stand in front", "\vconfig s a\n", "s.a" },
		{ "the last line without its end", "config s a\noption x 1", "s.a x=1" },
		{ "a lone CR parts words", "config s a\noption x a\rb\n",
		  "2:12 option: too many arguments: 'b' (a value with blanks needs quotes)" },
		{ "a byte order mark", "\xef\xbb\xbf" "config s a\n",
		  "1:1 file: it begins with a byte order mark; save it as plain UTF-8" },
	};

	(void)state;
	TRY(rows);
}

static void comments(void **state)
{
	static const struct row rows[] = {
		{ "a line", "# a\nconfig s a\n  # b\noption x 1\n", "s.a x=1" },
		{ "behind a command", "config s a # c\noption x 1 # d\n", "s.a x=1" },
		{ "inside a word", "config s a\noption x a#b\n", "s.a x=a" },
		{ "behind a quote", "config s a\noption x 'a'#b\n", "s.a x=a" },
		{ "in place of a value", "config s a\noption x #1\n", "s.a" },
		{ "in place of a section's name", "config s #a\n", "s." },
		{ "not in single quotes", "config s a\noption x 'a#b'\n", "s.a x=a#b" },
		{ "not in double quotes", "config s a\noption x \"a#b\"\n", "s.a x=a#b" },
		{ "not behind a backslash", "config s a\noption x a\\#b\n", "s.a x=a#b" },
		{ "has no continuation", "# a \\\nconfig s a\n", "s.a" },
		{ "hides quotes", "config s a # it's\noption x 1\n", "s.a x=1" },
	};

	(void)state;
	TRY(rows);
}

static void semicolons(void **state)
{
	static const struct row rows[] = {
		{ "parts commands", "config s a ; option x 1 ; list y 2", "s.a x=1 y=[2]" },
		{ "glued to a plain word the rest is dropped", "config s a; option x 1\n", "s.a" },
		{ "also what would be a fault", "config s a\noption x a;b c d\n", "s.a x=a" },
		{ "glued to a quoted word it is seen", "config s 'a'; option x 1\n", "s.a x=1" },
		{ "glued to a word with a backslash too", "config s \\a; option x 1\n", "s.a x=1" },
		{ "what then follows must be a command", "config s a\noption x 'a';b c\n",
		  "2:14 b: unknown command 'b'" },
		{ "in single quotes", "config s a\noption x 'a;b'\n", "s.a x=a;b" },
		{ "in double quotes", "config s a\noption x \"a;b\"\n", "s.a x=a;b" },
		{ "behind a backslash", "config s a\noption x \\;b\n", "s.a x=;b" },
		{ "a comment may follow", "config s a ; # option x 1\n", "s.a" },
		{ "the end of the file may follow", "config s a ;", "s.a" },
		{ "the end of the line may not", "config s a ;\n",
		  "1:13 ;: a command must follow on the line" },
		{ "nor CRLF", "config s a ;\r\n", "1:13 ;: a command must follow on the line" },
		{ "not in front", "; config s a\n", "1:1 ;: unknown command ';'" },
		{ "stands for a missing value", "config s a\noption x ; option y 1\n",
		  "2:12 option: too many arguments: 'option' (a value with blanks needs quotes)" },
	};

	(void)state;
	TRY(rows);
}

static void quotes(void **state)
{
	static const struct row rows[] = {
		{ "single: all is literal",
		  "config s a\noption x 'a\\n\"b\\'\n", "s.a x=a\\n\"b\\" },
		{ "single: over lines", "config s a\noption x 'a\n b'\noption y 1\n",
		  "s.a x=a\n b y=1" },
		{ "single: an apostrophe", "config s a\noption x 'it'\\''s'\n", "s.a x=it's" },
		{ "double: a backslash makes literal", "config s a\noption x \"a\\\"b\\\\c\\n\"\n",
		  "s.a x=a\"b\\cn" },
		{ "double: over lines", "config s a\noption x \"a\nb\"\n", "s.a x=a\nb" },
		{ "double: backslash-newline joins",
		  "config s a\noption x \"a\\\nb\"\n", "s.a x=ab" },
		{ "double: also with CRLF", "config s a\noption x \"a\\\r\nb\"\n", "s.a x=ab" },
		{ "double: apostrophes", "config s a\noption x \"'a'\"\n", "s.a x='a'" },
		{ "plain: a backslash makes a blank literal", "config s a\noption x a\\ b\n",
		  "s.a x=a b" },
		{ "plain: or a quote", "config s a\noption x \\'a\\\"\n", "s.a x='a\"" },
		{ "plain: or itself", "config s a\noption x \\\\\n", "s.a x=\\" },
		{ "plain: backslash-newline joins", "config s a\noption x a\\\nb\n", "s.a x=ab" },
		{ "plain: also with CRLF", "config s a\noption x a\\\r\nb\n", "s.a x=ab" },
		{ "plain: a blank behind it ends the word", "config s a\noption x a\\\n b\n",
		  "3:2 option: too many arguments: 'b' (a value with blanks needs quotes)" },
		{ "plain: a backslash at the end", "config s a\noption x a\\", "s.a x=a" },
		{ "parts join", "config s a\noption x a'b c'\"d\"e\n", "s.a x=ab cde" },
		{ "names can be quoted", "config 's' \"a\"\noption 'x' 1\n", "s.a x=1" },
		{ "bytes above ASCII", "config s a\noption x 'J\xc3\xbcrgen'\n",
		  "s.a x=J\xc3\xbcrgen" },
		{ "control characters are read", "config s a\noption x 'a\x01'\n", "s.a x=a\x01" },
		{ "single: not closed", "config s a\noption x 'a\noption y 1\n",
		  "2:10 quote: not closed before the end of the file" },
		{ "double: not closed", "config s a\noption x b\"a\\\"",
		  "2:11 quote: not closed before the end of the file" },
		{ "double: closed by nothing but itself", "config s a\noption x \"a'\n",
		  "2:10 quote: not closed before the end of the file" },
	};

	(void)state;
	TRY(rows);
}

static void names(void **state)
{
	static const struct row rows[] = {
		{ "letters, digits, underscore", "config s A_9z\noption 9_x 1\n", "s.A_9z 9_x=1" },
		{ "a section with a hyphen", "config s a-b\n",
		  "1:10 config: 'a-b' cannot be a name: letters, digits and '_' only" },
		{ "its options raise no second fault", "config s a-b\noption x 1\nlist y 1\n",
		  "1:10 config: 'a-b' cannot be a name: letters, digits and '_' only" },
		{ "an option with a dot", "config s a\noption a.b 1\n",
		  "2:8 option: 'a.b' cannot be a name: letters, digits and '_' only" },
		{ "a list with an umlaut", "config s a\nlist \xc3\xbc 1\n",
		  "2:6 list: '\xc3\xbc' cannot be a name: letters, digits and '_' only" },
		{ "types may be odd", "config a-b/c.d! n\n", "a-b/c.d!.n" },
		{ "but printable ASCII", "config 'a b' n\n", "1:8 config: 'a b' cannot be a type" },
		{ "nothing above it", "config \xc3\xbc n\n",
		  "1:8 config: '\xc3\xbc' cannot be a type" },
		{ "an anonymous section", "config s\noption x 1\n", "s. x=1" },
		{ "an empty name is none", "config s ''\nconfig s \"\"\n", "s.; s." },
		{ "anonymous ones do not merge", "config s\noption x 1\nconfig s\noption x 2\n",
		  "s. x=1; s. x=2" },
		{ "an empty type", "config '' a\n", "1:1 config: a type must follow" },
		{ "too many words: config", "config s a b\n",
		  "1:12 config: too many arguments: 'b' (a value with blanks needs quotes)" },
		{ "too many words: option", "config s a\noption x 1 2\n",
		  "2:12 option: too many arguments: '2' (a value with blanks needs quotes)" },
		{ "too many words: package", "package p q\n",
		  "1:11 package: too many arguments: 'q' (a value with blanks needs quotes)" },
	};

	(void)state;
	TRY(rows);
}

static void values(void **state)
{
	static const struct row rows[] = {
		{ "the last option wins", "config s a\noption x 1\noption x 2\n", "s.a x=2" },
		{ "a list grows", "config s a\nlist x 1\nlist x 2\nlist x 1\n", "s.a x=[1|2|1]" },
		{ "an option replaces a list", "config s a\nlist x 1\nlist x 2\noption x 3\n",
		  "s.a x=3" },
		{ "a list takes an option in",
		  "config s a\noption x 1\nlist x 2\n", "s.a x=[1|2]" },
		{ "an empty option is none", "config s a\noption x ''\noption y\n", "s.a" },
		{ "and takes nothing back", "config s a\noption x 1\noption x ''\n", "s.a x=1" },
		{ "an empty item stays",
		  "config s a\nlist x\nlist x ''\nlist x 1\n", "s.a x=[||1]" },
		{ "before the first section", "option x 1\n",
		  "1:1 option: stands before the first section" },
		{ "a section again is the same one",
		  "config s a\noption x 1\nconfig t b\nconfig s a\noption y 2\noption x 3\n",
		  "s.a x=3 y=2; t.b" },
		{ "a list grows over sections",
		  "config s a\nlist x 1\nconfig s a\nlist x 2\n", "s.a x=[1|2]" },
		{ "but not of another type", "config s a\nconfig t a\noption x 1\n",
		  "2:10 config: 'a' is the name of a s already (line 1)" },
	};

	(void)state;
	TRY(rows);
}

/* All faults of a file are told, in its order; reading goes on behind each. */
static void many_faults(void **state)
{
	static const struct row rows[] = {
		{ "one a line",
		  "option x 1\nconfg\nconfig s a b\noption\nlist a.b 1\n\nconfig t a\n",
		  "1:1 option: stands before the first section\n"
		  "2:1 confg: unknown command 'confg'\n"
		  "3:12 config: too many arguments: 'b' (a value with blanks needs quotes)\n"
		  "4:1 option: a name and a value must follow\n"
		  "5:6 list: 'a.b' cannot be a name: letters, digits and '_' only\n"
		  "7:10 config: 'a' is the name of a s already (line 3)" },
		{ "lines are counted over quotes and joins",
		  "config s a\noption x 'a\nb\nc'\noption y a\\\nb\nconfg\n",
		  "7:1 confg: unknown command 'confg'" },
		{ "a long text is shortened",
		  "config s a\noption x "
		  "1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		  "2:12 option: too many arguments: "
		  "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' "
		  "(a value with blanks needs quotes)" },
	};

	(void)state;
	TRY(rows);
}

static void nul_byte(void **state)
{
	static const char text[] = "config s a\n\toption x 'a\0b'\n";
	char *got = reading(text, sizeof(text) - 1);

	(void)state;
	assert_string_equal(got, "2:13 file: a NUL byte: this is not a text file");
	free(got);
}

static void places(void **state)
{
	static const char text[] = "config s 'a'\n\toption x  \"1\"\n\tlist y a ; list y\tb";
	struct td_config_faults faults = { 0 };
	struct fault_list list = { .out = &faults, .file = "f" };
	struct uci_section *s;
	struct uci_option *o;
	struct uci_file f;

	(void)state;
	assert_int_equal(td_uci_parse(&f, text, sizeof(text) - 1, &list), 0);
	s = td_uci_section(&f, "a");
	assert_non_null(s);
	assert_int_equal(s->pos.column, 8);
	assert_int_equal(s->name_pos.column, 10);
	o = td_uci_option(s, "x");
	assert_int_equal(o->pos.line, 2);
	assert_int_equal(o->pos.column, 9);
	assert_int_equal(td_uci_value(o, 0)->pos.column, 12);
	o = td_uci_option(s, "y");
	assert_int_equal(o->n_values, 2);
	assert_int_equal(td_uci_value(o, 0)->pos.column, 9);
	assert_int_equal(td_uci_value(o, 1)->pos.line, 3);
	assert_int_equal(td_uci_value(o, 1)->pos.column, 20);
	assert_null(td_uci_value(o, 2));
	assert_null(td_uci_option(s, "z"));
	assert_null(td_uci_section(&f, "b"));
	td_uci_fini(&f);
	assert_int_equal(faults.n, 0);
}

/* Nothing in a file makes reading it slow: many words, options, items and sections. */
static void large(void **state)
{
	size_t len = 0, cap = 8u << 20;
	char *text = malloc(cap), *got;

	(void)state;
	assert_non_null(text);
	len += (size_t)snprintf(text, cap, "config s a\n");
	for (unsigned int i = 0; i < 50000; i++)
		len += (size_t)snprintf(text + len, cap - len, "option o%u 1\nlist l %u\n", i, i);
	for (unsigned int i = 0; i < 50000; i++)
		len += (size_t)snprintf(text + len, cap - len, "config s n%u\n", i);
	got = reading(text, len);
	assert_non_null(strstr(got, " o49999=1"));
	assert_non_null(strstr(got, "|49999]"));
	assert_non_null(strstr(got, "; s.n49999"));
	free(got);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(white_space),
		cmocka_unit_test(comments),
		cmocka_unit_test(semicolons),
		cmocka_unit_test(quotes),
		cmocka_unit_test(names),
		cmocka_unit_test(values),
		cmocka_unit_test(many_faults),
		cmocka_unit_test(nul_byte),
		cmocka_unit_test(places),
		cmocka_unit_test(large),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
