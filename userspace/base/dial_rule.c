/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translation rules. The rule's text is checked here, character by character, and becomes a
 * POSIX extended expression, so what the C library is given is always well formed.
 */
#include "userspace/base/dial_rule.h"

#include <errno.h>
#include <regex.h>
#include <stdint.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"

#define MAX_TEXT 128
/* an expression grows by a backslash a character at most */
#define MAX_EXPRESSION (2 * MAX_TEXT + 1)

struct td_dial_rule {
	regex_t match;
	bool reject;
	char replace[MAX_TEXT];		/* 0x01..0x09: a group, 0x10: all */
};

#define ALL_MARK 0x10

struct reader {
	const char *text, *at, *why;
	unsigned int groups, open;
	char expression[MAX_EXPRESSION];
	size_t len;
};

static int fault(struct reader *r, const char *at, const char *why)
{
	r->at = at;
	r->why = why;
	return -EINVAL;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '#' || c == '-' || c == '_';
}

static void put(struct reader *r, char c)
{
	r->expression[r->len++] = c;
}

/* ---- /MATCH/ ---- */

static int read_set(struct reader *r)
{
	const char *begin = r->at;

	put(r, *r->at++);
	if (*r->at == '^')
		put(r, *r->at++);
	if (*r->at == ']')
		return fault(r, begin, "the brackets are empty");
	for (; *r->at && *r->at != ']' && *r->at != '/'; r->at++) {
		if (!is_plain(*r->at) && *r->at != '*' && *r->at != '+')
			return fault(r, r->at, "only digits stand in brackets");
		if (*r->at == '-' && r->at[1] != ']' && r->at[-1] != '[' && r->at[-1] != '^' &&
		    r->at[-1] > r->at[1])
			return fault(r, r->at, "the range goes backwards");
		put(r, *r->at);
	}
	if (*r->at != ']')
		return fault(r, begin, "the bracket is not closed");
	put(r, *r->at++);
	return 0;
}

/* What a backslash makes of the next character. *atom: may it be repeated? */
static int read_escaped(struct reader *r, bool *atom)
{
	char c = *++r->at;

	if (c == '(') {
		if (r->groups == TD_DIAL_RULE_GROUPS)
			return fault(r, r->at, "there are more than nine groups");
		r->groups++;
		r->open++;
		put(r, c);
		*atom = false;
	} else if (c == ')') {
		if (!r->open)
			return fault(r, r->at, "no group is open");
		r->open--;
		put(r, c);
		*atom = true;
	} else if (c && strchr(".*+?^$[]\\/", c)) {
		put(r, '\\');
		put(r, c);
		*atom = true;
	} else if (is_plain(c)) {
		put(r, c);
		*atom = true;
	} else {
		return fault(r, r->at, "nothing stands behind the backslash");
	}
	r->at++;
	return 0;
}

static int read_repeat(struct reader *r, bool *atom)
{
	if (!*atom)
		return fault(r, r->at, "there is nothing in front of it to be repeated");
	put(r, *r->at++);
	*atom = false;
	return 0;
}

static bool begins_here(const struct reader *r)
{
	return !r->len || r->expression[r->len - 1] == '(';
}

static int read_match_char(struct reader *r, bool *atom)
{
	switch (*r->at) {
	case '\\':
		return read_escaped(r, atom);
	case '[':
		*atom = true;
		return read_set(r);
	case '*':
	case '+':
	case '?':
		return read_repeat(r, atom);
	case '^':
		if (!begins_here(r))
			return fault(r, r->at, "^ stands at the beginning only");
		break;
	case '$':
		if (r->at[1] != '/' && strncmp(r->at + 1, "\\)", 2) != 0)
			return fault(r, r->at, "$ stands at the end only");
		break;
	case '(':
	case ')':
		return fault(r, r->at, "a group is written \\( \\)");
	default:
		if (*r->at != '.' && !is_plain(*r->at))
			return fault(r, r->at, "this is in no number");
		*atom = true;
		put(r, *r->at++);
		return 0;
	}
	*atom = false;
	put(r, *r->at++);
	return 0;
}

static int read_match(struct reader *r)
{
	const char *begin = r->at;
	bool atom = false;
	int err;

	if (*r->at != '/')
		return fault(r, r->at, "a rule is /MATCH/ /REPLACE/ or reject /MATCH/");
	for (r->at++; *r->at && *r->at != '/';) {
		err = read_match_char(r, &atom);
		if (err)
			return err;
	}
	if (!*r->at)
		return fault(r, begin, "the slash that ends it is missing");
	if (r->open)
		return fault(r, begin, "a group is not closed");
	r->at++;
	return 0;
}

/* ---- /REPLACE/ ---- */

static int read_replace(struct reader *r, char *out)
{
	const char *begin = r->at;

	if (*r->at != '/')
		return fault(r, r->at, "/REPLACE/ is missing");
	for (r->at++; *r->at && *r->at != '/'; r->at++) {
		char c = *r->at;

		if (c == '\\' && r->at[1] >= '0' && r->at[1] <= '9') {
			c = *++r->at;
			if (c > '0' + (int)r->groups)
				return fault(r, r->at, "there is no such group");
			*out++ = c == '0' ? ALL_MARK : (char)(c - '0');
		} else if (c == '\\' && r->at[1] && strchr("*#+&/\\", r->at[1])) {
			*out++ = *++r->at;
		} else if (c == '&') {
			*out++ = ALL_MARK;
		} else if (is_plain(c) || c == '*' || c == '+') {
			*out++ = c;
		} else {
			return fault(r, r->at, "this is in no number");
		}
	}
	if (!*r->at)
		return fault(r, begin, "the slash that ends it is missing");
	r->at++;
	return 0;
}

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t')
		r->at++;
}

static int read_rule(struct reader *r, struct td_dial_rule *rule)
{
	int err;

	if (strlen(r->text) >= MAX_TEXT)
		return fault(r, r->text, "the rule is too long");
	skip_blanks(r);
	if (!strncmp(r->at, "reject", 6)) {
		rule->reject = true;
		r->at += 6;
		skip_blanks(r);
	}
	err = read_match(r);
	if (err)
		return err;
	skip_blanks(r);
	if (!rule->reject) {
		err = read_replace(r, rule->replace);
		if (err)
			return err;
		skip_blanks(r);
	}
	return *r->at ? fault(r, r->at, "nothing may stand behind the rule") : 0;
}

int td_dial_rule_new(struct td_dial_rule **out, const char *text, const char **why, size_t *at)
{
	struct td_dial_rule *rule = td_zalloc(sizeof(*rule));
	struct reader r = { .text = text, .at = text };
	int err;

	*out = NULL;
	if (!rule)
		return -ENOMEM;
	err = read_rule(&r, rule);
	if (err) {
		*why = r.why;
		*at = (size_t)(r.at - text);
		td_free(rule);
		return err;
	}
	r.expression[r.len] = '\0';
	err = regcomp(&rule->match, r.expression, REG_EXTENDED);
	if (err) {
		*why = "the expression cannot be read";
		*at = 0;
		td_free(rule);
		return err == REG_ESPACE ? -ENOMEM : -EINVAL;
	}
	*out = rule;
	return 0;
}

void td_dial_rule_free(struct td_dial_rule *rule)
{
	if (!rule)
		return;
	regfree(&rule->match);
	td_free(rule);
}

/* ---- applying ---- */

struct writer {
	char *at, *end;
	bool full;
};

static void add(struct writer *w, const char *text, size_t len)
{
	if ((size_t)(w->end - w->at) <= len) {
		w->full = true;
		return;
	}
	memcpy(w->at, text, len);
	w->at += len;
	*w->at = '\0';
}

enum td_dial_verdict td_dial_rule_apply(const struct td_dial_rule *rule, const char *number,
					char *out, size_t size)
{
	regmatch_t m[TD_DIAL_RULE_GROUPS + 1];
	char text[MAX_TEXT];
	struct writer w = { .at = text, .end = text + sizeof(text) };

	if (regexec(&rule->match, number, TD_DIAL_RULE_GROUPS + 1, m, 0))
		return TD_DIAL_UNTOUCHED;
	if (rule->reject)
		return TD_DIAL_REJECTED;
	text[0] = '\0';
	add(&w, number, (size_t)m[0].rm_so);
	for (const char *p = rule->replace; *p; p++) {
		const regmatch_t *g = *p == ALL_MARK ? &m[0] : *p <= 9 ? &m[(int)*p] : NULL;

		if (!g)
			add(&w, p, 1);
		else if (g->rm_so >= 0)
			add(&w, number + g->rm_so, (size_t)(g->rm_eo - g->rm_so));
	}
	add(&w, number + m[0].rm_eo, strlen(number + m[0].rm_eo));
	if (w.full || strlen(text) >= size)
		return TD_DIAL_UNTOUCHED;
	td_strlcpy(out, text, size);
	return TD_DIAL_TRANSLATED;
}
