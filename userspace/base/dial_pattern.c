/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Dial patterns into automata. See dial_pattern.h.
 */
#include "userspace/base/dial_pattern.h"

#include <errno.h>
#include <string.h>

#define ALL_KEYS ((1u << TD_DIAL_KEYS) - 1)
#define MAX_DEPTH 8

/* A part of the pattern that has been read. */
struct part {
	uint64_t first, last;
	uint8_t literal, ranges;
	bool empty;
};

struct reader {
	struct td_dial_pattern *p;
	const char *text, *at;
	const char *why;
	unsigned int depth;
};

int td_dial_key(char c)
{
	static const char keys[] = "0123456789*#ABCD+";
	const char *k = c ? strchr(keys, c) : NULL;

	return k ? (int)(k - keys) : -1;
}

static int fault(struct reader *r, const char *at, const char *why)
{
	r->at = at;
	r->why = why;
	return -EINVAL;
}

/* ---- parts ---- */

static int add_place(struct reader *r, uint32_t keys, struct part *out)
{
	struct td_dial_pattern *p = r->p;

	if (p->n == TD_DIAL_MAX)
		return fault(r, r->at, "the pattern has too many keys");
	p->keys[p->n] = keys;
	p->follow[p->n] = 0;
	memset(out, 0, sizeof(*out));
	out->first = out->last = 1ull << p->n++;
	return 0;
}

static void link_places(struct td_dial_pattern *p, uint64_t from, uint64_t to)
{
	for (; from; from &= from - 1)
		p->follow[__builtin_ctzll(from)] |= to;
}

static void append(struct td_dial_pattern *p, struct part *a, const struct part *b)
{
	link_places(p, a->last, b->first);
	if (a->empty)
		a->first |= b->first;
	a->last = b->last | (b->empty ? a->last : 0);
	a->empty = a->empty && b->empty;
	a->literal = (uint8_t)(a->literal + b->literal);
	a->ranges = (uint8_t)(a->ranges + b->ranges);
}

/* ? % or + behind a part; others are left alone. */
static void repeat(struct reader *r, struct part *a)
{
	char c = *r->at;

	if (c != '?' && c != '%' && c != '+')
		return;
	r->at++;
	if (c != '?')
		link_places(r->p, a->last, a->first);
	if (c == '+')
		return;
	a->empty = true;
	a->literal = a->ranges = 0;
}

/* ---- [ ] ---- */

static int read_range(struct reader *r, uint32_t *keys)
{
	int from = td_dial_key(r->at[0]), to = td_dial_key(r->at[2]);

	if (from < 0 || from > 9 || to < 0 || to > 9)
		return fault(r, r->at, "a range goes from a digit to a digit");
	if (from > to)
		return fault(r, r->at, "the range goes backwards");
	for (; from <= to; from++)
		*keys |= 1u << from;
	r->at += 3;
	return 0;
}

static int read_class(struct reader *r, struct part *out)
{
	const char *begin = r->at++;
	uint32_t keys = 0;
	bool other = *r->at == '^';
	int key, err;

	if (other)
		r->at++;
	while (*r->at && *r->at != ']') {
		if (r->at[1] == '-' && r->at[2] && r->at[2] != ']') {
			err = read_range(r, &keys);
			if (err)
				return err;
			continue;
		}
		key = td_dial_key(*r->at);
		if (key >= 0)
			keys |= 1u << key;
		else if (*r->at != ',')	/* Cisco's own examples separate by commas */
			return fault(r, r->at, "only digits stand in brackets");
		r->at++;
	}
	if (!*r->at)
		return fault(r, begin, "the bracket is not closed");
	if (!keys)
		return fault(r, begin, "the brackets are empty");
	r->at++;
	if (other)
		keys = ALL_KEYS & ~keys;
	err = add_place(r, keys, out);
	out->ranges = 1;
	return err;
}

/* ---- the whole ---- */

static int read_sequence(struct reader *r, struct part *out);

static int read_group(struct reader *r, struct part *out)
{
	const char *begin = r->at++;
	int err;

	if (++r->depth > MAX_DEPTH)
		return fault(r, begin, "too many parentheses in each other");
	err = read_sequence(r, out);
	if (err)
		return err;
	if (*r->at != ')')
		return fault(r, begin, "the parenthesis is not closed");
	if (!out->first)
		return fault(r, begin, "the parentheses are empty");
	r->at++;
	r->depth--;
	return 0;
}

static int read_key(struct reader *r, struct part *out)
{
	int key, err;

	if (*r->at == '\\')
		r->at++;
	key = td_dial_key(*r->at);
	if (key < 0)
		return fault(r, r->at, *r->at ? "this is no key of a phone" :
			     "nothing stands behind the backslash");
	r->at++;
	err = add_place(r, 1u << key, out);
	out->literal = 1;
	return err;
}

static int read_atom(struct reader *r, struct part *out)
{
	switch (*r->at) {
	case '.':
		r->at++;
		return add_place(r, ALL_KEYS, out);
	case '[':
		return read_class(r, out);
	case '(':
		return read_group(r, out);
	case '?':
	case '%':
		return fault(r, r->at, "there is nothing in front of it to be repeated");
	case '+':
		if (r->at != r->text && !(r->at == r->text + 1 && *r->text == '^'))
			return fault(r, r->at, "there is nothing in front of it to be repeated");
		return read_key(r, out);
	default:
		return read_key(r, out);
	}
}

static bool ends_here(const struct reader *r)
{
	return !*r->at || *r->at == ')' || *r->at == '$' || *r->at == 'T';
}

static int read_sequence(struct reader *r, struct part *out)
{
	struct part atom;
	int err;

	memset(out, 0, sizeof(*out));
	out->empty = true;
	for (;;) {
		while (*r->at == ',')
			r->at++;
		if (ends_here(r))
			return 0;
		err = read_atom(r, &atom);
		if (err)
			return err;
		repeat(r, &atom);
		append(r->p, out, &atom);
	}
}

/* How far the pattern is a mere string of keys, which a trie can hold. */
static uint8_t count_plain(const struct td_dial_pattern *p)
{
	uint8_t k = 0;

	if (p->empty || p->first != 1)
		return 0;
	for (k = 1; k < p->n && p->follow[k - 1] == 1ull << k && !(p->last >> (k - 1) & 1); k++)
		;
	return k;
}

static int read_end(struct reader *r)
{
	if (*r->at == 'T') {
		r->p->variable = true;
		r->at++;
	}
	if (*r->at == '$') {
		r->p->whole = true;
		r->at++;
	}
	if (*r->at == ')')
		return fault(r, r->at, "no parenthesis is open");
	if (*r->at)
		return fault(r, r->at, r->p->whole ? "nothing may stand behind $" :
			     "nothing but $ may stand behind T");
	if (!r->p->n && !r->p->variable)
		return fault(r, r->text, "it has no key");
	return 0;
}

int td_dial_parse(struct td_dial_pattern *p, const char *text, const char **why, size_t *at)
{
	struct reader r = { .p = p, .text = text, .at = text };
	struct part all;
	int err;

	memset(p, 0, sizeof(*p));
	if (*r.at == '^')
		r.at++;
	err = read_sequence(&r, &all);
	if (!err)
		err = read_end(&r);
	if (err) {
		*why = r.why;
		*at = (size_t)(r.at - text);
		return err;
	}
	p->first = all.first;
	p->last = all.last;
	p->empty = all.empty;
	p->literal = all.literal;
	p->ranges = all.ranges;
	p->plain = count_plain(p);
	return 0;
}

int td_dial_number(struct td_dial_pattern *p, const char *number)
{
	int key;

	memset(p, 0, sizeof(*p));
	for (; *number; number++) {
		key = td_dial_key(*number);
		if (key < 0 || p->n == TD_DIAL_MAX)
			return -EINVAL;
		p->keys[p->n] = 1u << key;
		p->follow[p->n] = number[1] ? 2ull << p->n : 0;
		p->n++;
	}
	if (!p->n)
		return -EINVAL;
	p->first = 1;
	p->last = 1ull << (p->n - 1);
	p->plain = p->literal = p->n;
	p->whole = true;
	return 0;
}

uint64_t td_dial_fit(const struct td_dial_pattern *p, uint64_t places, int key)
{
	uint64_t fit = 0;

	for (; places; places &= places - 1) {
		int i = __builtin_ctzll(places);

		if (p->keys[i] >> key & 1)
			fit |= 1ull << i;
	}
	return fit;
}

uint64_t td_dial_behind(const struct td_dial_pattern *p, uint64_t places)
{
	uint64_t behind = 0;

	for (; places; places &= places - 1)
		behind |= p->follow[__builtin_ctzll(places)];
	return behind;
}
