/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Which command is meant: the rooms' tables are searched as a Cisco console does it.
 * Each typed word may be an abbreviation. A word that is there in full wins over words that
 * it only begins ("show call" is never "show calls"); the longest match wins; what is still
 * open is decided by the number of words that follow ("sh ph" is the list, "sh ph alice" one
 * phone). What stays ambiguous is said, and an unknown word gets the nearest one as a hint.
 *
 * A "form" is one way to write a command: its own words or one of its aliases.
 */
#include <stdio.h>
#include <string.h>
#include "userspace/base/str.h"
#include "userspace/ctl/ctl_priv.h"

#define MAX_FORMS 256
#define MAX_NAMES 48

struct form {
	const struct td_ctl_command *command;
	void *arg;
	struct td_str text;
	bool is_alias;
};

struct forms {
	struct form v[MAX_FORMS];
	size_t n;
};

/* Distinct words, for messages and completion; list ends with NULL. */
struct names {
	char v[MAX_NAMES][CTL_MAX_WORD];
	const char *list[MAX_NAMES + 1];
	size_t n;
};

/* The i-th part of text between separators; empty past the end. */
static struct td_str part(struct td_str text, char sep, size_t i)
{
	const char *p = text.p, *end = text.p + text.len;

	for (;;) {
		const char *stop = p < end ? memchr(p, sep, end - p) : NULL;

		if (!stop)
			stop = end;
		if (!i--)
			return (struct td_str){ p, stop - p };
		if (stop == end)
			return (struct td_str){ end, 0 };
		p = stop + 1;
	}
}

static void add_form(struct forms *f, const struct ctl_table *t, const struct td_ctl_command *cmd,
		     struct td_str text, bool is_alias)
{
	if (f->n < MAX_FORMS)
		f->v[f->n++] = (struct form){ cmd, t->arg, text, is_alias };
}

static void all_forms(const struct td_ctl *ctl, struct forms *f)
{
	size_t i, k, a;

	f->n = 0;
	for (i = 0; i < ctl->n_tables; i++) {
		const struct ctl_table *t = &ctl->tables[i];

		for (k = 0; k < t->n; k++) {
			const struct td_ctl_command *cmd = &t->commands[k];
			struct td_str aliases = td_str_of(cmd->alias), alias;

			add_form(f, t, cmd, td_str_of(cmd->words), false);
			for (a = 0; (alias = part(aliases, '|', a)).len; a++)
				add_form(f, t, cmd, alias, true);
		}
	}
}

static bool begins(struct td_str token, const char *word)
{
	size_t len = strlen(word);

	return len && len <= token.len && !memcmp(token.p, word, len);
}

/* Keep the forms whose i-th token is meant by word. False, and nothing dropped, when none is. */
static bool narrow(struct forms *f, size_t i, const char *word)
{
	bool exact = false, any = false;
	size_t k, kept = 0;

	for (k = 0; k < f->n; k++) {
		struct td_str token = part(f->v[k].text, ' ', i);

		exact |= token.len && td_str_eq_c(token, word);
		any |= begins(token, word);
	}
	if (!any)
		return false;
	for (k = 0; k < f->n; k++) {
		struct td_str token = part(f->v[k].text, ' ', i);

		if (exact ? td_str_eq_c(token, word) : begins(token, word))
			f->v[kept++] = f->v[k];
	}
	f->n = kept;
	return true;
}

static void add_name(struct names *names, struct td_str name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (td_str_eq_c(name, names->v[i]))
			return;
	if (names->n == MAX_NAMES)
		return;
	td_str_copy(names->v[names->n], CTL_MAX_WORD, name);
	names->list[names->n] = names->v[names->n];
	names->list[++names->n] = NULL;
}

/* Tandem's own words that are listed; else whatever is there. */
static void tokens_at(const struct forms *f, size_t i, struct names *names)
{
	size_t k;

	names->n = 0;
	names->list[0] = NULL;
	for (k = 0; k < f->n; k++) {
		struct td_str token = part(f->v[k].text, ' ', i);

		if (token.len && !f->v[k].is_alias && f->v[k].command->help)
			add_name(names, token);
	}
	for (k = 0; !names->n && k < f->n; k++) {
		struct td_str token = part(f->v[k].text, ' ', i);

		if (token.len)
			add_name(names, token);
	}
}

static void join(char *dst, size_t size, const char *const *words, size_t n, const char *sep)
{
	size_t i, len = 0;

	*dst = '\0';
	for (i = 0; i < n && len + 1 < size; i++)
		len += snprintf(dst + len, size - len, "%s%s", i ? sep : "", words[i]);
}

static void say_wrong_word(const struct forms *f, const char *const *words, size_t at,
			   char *error, size_t error_len)
{
	char before[128], all[256];
	struct names names;
	const char *near;

	tokens_at(f, at, &names);
	near = td_str_nearest(words[at], names.list);
	join(before, sizeof(before), words, at, " ");
	join(all, sizeof(all), names.list, names.n, ", ");
	snprintf(error, error_len, "unknown word '%s'%s%s%s; %s%s%s", words[at],
		 at ? " after '" : "", before, at ? "'" : "",
		 near ? "did you mean '" : "known are: ", near ? near : all, near ? "'?" : "");
}

static void say_incomplete(const struct forms *f, const char *const *words, size_t n,
			   char *error, size_t error_len)
{
	char before[128], all[256];
	struct names names;

	tokens_at(f, n, &names);
	join(before, sizeof(before), words, n, " ");
	join(all, sizeof(all), names.list, names.n, ", ");
	snprintf(error, error_len, "%s%swhat? One of: %s", before, n ? " " : "", all);
}

/* Several commands are of the same length: the number of words that follow decides. */
static int choose(const struct forms *best, size_t n_args, struct ctl_match *out, char *error,
		  size_t error_len)
{
	const struct form *found = NULL;
	struct names names = { .n = 0 };
	char all[256];
	size_t k;

	for (k = 0; k < best->n; k++) {
		const struct form *f = &best->v[k];

		if (!td_ctl_args_fit(f->command->args, n_args))
			continue;
		add_name(&names, td_str_of(f->command->words));
		if (!found)
			found = f;
	}
	if (names.n > 1) {
		join(all, sizeof(all), names.list, names.n, ", ");
		snprintf(error, error_len, "ambiguous: %s", all);
		return TD_CTL_USAGE;
	}
	/* Nothing fits: the last one will tell its usage. */
	if (!found)
		found = &best->v[best->n - 1];
	out->command = found->command;
	out->arg = found->arg;
	return TD_CTL_OK;
}

int td_ctl_match(const struct td_ctl *ctl, const char *const *words, size_t n,
		 struct ctl_match *out, char *error, size_t error_len)
{
	struct forms f, best = { .n = 0 };
	bool wrong_word = false;
	size_t i, k;

	all_forms(ctl, &f);
	for (i = 0; i < n; i++) {
		wrong_word = !narrow(&f, i, words[i]);
		if (wrong_word)
			break;
		/* forms that end with this word: a longer match than any before */
		for (k = 0; k < f.n; k++) {
			if (part(f.v[k].text, ' ', i + 1).len)
				continue;
			if (out->n_own != i + 1)
				best.n = 0;
			out->n_own = i + 1;
			best.v[best.n++] = f.v[k];
		}
	}
	if (best.n)
		return choose(&best, n - out->n_own, out, error, error_len);
	if (wrong_word)
		say_wrong_word(&f, words, i, error, error_len);
	else
		say_incomplete(&f, words, n, error, error_len);
	return TD_CTL_USAGE;
}

bool td_ctl_args_fit(const char *args, size_t n)
{
	size_t least = 0, most = 0, i;
	bool optional = false, endless = false;
	struct td_str arg;

	for (i = 0; (arg = part(td_str_of(args), ' ', i)).len; i++) {
		optional |= arg.p[0] == '[';	/* all that follows an optional one is, too */
		most++;
		least += !optional;
		endless |= memmem(arg.p, arg.len, "...", 3) != NULL;
	}
	return n >= least && (endless || n <= most);
}

/* ---- lists for help and completion ---- */

static bool below(const struct td_ctl_command *cmd, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!begins(part(td_str_of(cmd->words), ' ', i), words[i]))
			return false;
	return cmd->help;
}

size_t td_ctl_show_commands(const struct td_ctl *ctl, struct td_json *j, const char *key,
			    const char *const *words, size_t n)
{
	size_t i, k, found = 0;

	td_json_array(j, key);
	for (i = 0; i < ctl->n_tables; i++) {
		for (k = 0; k < ctl->tables[i].n; k++) {
			const struct td_ctl_command *cmd = &ctl->tables[i].commands[k];

			if (!below(cmd, words, n))
				continue;
			td_json_object(j, NULL);
			td_json_str(j, "words", cmd->words);
			td_json_str(j, "args", cmd->args ? cmd->args : "");
			td_json_str(j, "alias", cmd->alias);
			td_json_str(j, "help", cmd->help);
			td_json_bool(j, "root_only", cmd->root_only);
			td_json_end_object(j);
			found++;
		}
	}
	td_json_end_array(j);
	return found;
}

static size_t n_tokens(struct td_str text)
{
	size_t n = 0;

	while (part(text, ' ', n).len)
		n++;
	return n;
}

/* "[on|off]" gives two words, "[PHONE]" and "PHONE..." a placeholder. */
static void add_arg(struct names *names, struct td_str arg)
{
	struct td_str word;
	size_t i;

	while (arg.len && strchr("[].", arg.p[arg.len - 1]))
		arg.len--;
	if (arg.len && arg.p[0] == '[') {
		arg.p++;
		arg.len--;
	}
	for (i = 0; (word = part(arg, '|', i)).len; i++)
		add_name(names, word);
}

void td_ctl_complete(const struct td_ctl *ctl, const char *const *words, size_t n,
		     void (*fn)(void *arg, const char *word, bool placeholder), void *arg)
{
	const char *typed = n ? words[n - 1] : "";
	size_t i, k, last = n ? n - 1 : 0;
	struct names names;
	struct forms f;

	all_forms(ctl, &f);
	for (i = 0; i < last; i++) {
		size_t kept = 0;

		/* an argument: only the forms that have ended may take it */
		if (narrow(&f, i, words[i]))
			continue;
		for (k = 0; k < f.n; k++)
			if (n_tokens(f.v[k].text) <= i)
				f.v[kept++] = f.v[k];
		f.n = kept;
	}
	tokens_at(&f, last, &names);
	for (k = 0; k < f.n; k++) {
		struct td_str token = part(f.v[k].text, ' ', last);
		size_t own = n_tokens(f.v[k].text);

		if (token.len && begins(token, typed) && f.v[k].command->help)
			add_name(&names, token);	/* aliases too, once a letter is there */
		if (own <= last)
			add_arg(&names, part(td_str_of(f.v[k].command->args), ' ', last - own));
	}
	for (i = 0; i < names.n; i++) {
		bool placeholder = names.v[i][0] >= 'A' && names.v[i][0] <= 'Z';

		if (placeholder || !strncmp(names.v[i], typed, strlen(typed)))
			fn(arg, names.v[i], placeholder);
	}
}
