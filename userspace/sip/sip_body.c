/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See sip_body.h. A delimiter is "--" and the boundary at the start of a line; the line
 * end before it is the delimiter's, not the part's. A last part without its closing delimiter
 * is none: the body was cut.
 */
#include "userspace/sip/sip_body.h"

#include <string.h>

#define MAX_BOUNDARY 70			/* RFC 2046 5.1.1 */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip(struct td_str *s, size_t n)
{
	s->p += n;
	s->len -= n;
}

/* One line without its end, which may be CRLF or LF. False at the end of the text. */
static bool take_line(struct td_str *rest, struct td_str *line)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->p, '\n', rest->len);
	line->p = rest->p;
	line->len = end ? (size_t)(end - rest->p) : rest->len;
	skip(rest, line->len + (end ? 1 : 0));
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool unquote(struct td_str *s)
{
	if (s->len >= 2 && s->p[0] == '"' && s->p[s->len - 1] == '"') {
		skip(s, 1);
		s->len--;
	}
	return s->len >= 1 && s->len <= MAX_BOUNDARY && !memchr(s->p, '"', s->len) &&
	       !memchr(s->p, '\\', s->len);
}

/* "--boundary" and blanks, or with "--" behind it the end of the last part. */
static bool is_delimiter(struct td_str line, struct td_str boundary, bool *last)
{
	if (line.len < boundary.len + 2 || memcmp(line.p, "--", 2) != 0 ||
	    memcmp(line.p + 2, boundary.p, boundary.len) != 0)
		return false;
	skip(&line, boundary.len + 2);
	*last = line.len >= 2 && !memcmp(line.p, "--", 2);
	if (*last)
		skip(&line, 2);
	while (line.len && is_blank(line.p[0]))
		skip(&line, 1);
	return !line.len;
}

/* The text up to the next delimiter, and what comes after it. False: there is none. */
static bool take_part(struct td_str *rest, struct td_str boundary, struct td_str *part, bool *last)
{
	struct td_str line;

	part->p = rest->p;
	while (take_line(rest, &line)) {
		if (!is_delimiter(line, boundary, last))
			continue;
		part->len = (size_t)(line.p - part->p);
		if (part->len && part->p[part->len - 1] == '\n')
			part->len--;
		if (part->len && part->p[part->len - 1] == '\r')
			part->len--;
		return true;
	}
	return false;
}

/* "Content-Type: application/sdp;charset=utf-8". A value on the next line is found, too. */
static bool says_type(struct td_str line, struct td_str next, const char *type)
{
	const char *colon = memchr(line.p, ':', line.len);
	struct td_str name, value;

	if (!colon)
		return false;
	name = (struct td_str){ line.p, (size_t)(colon - line.p) };
	while (name.len && is_blank(name.p[name.len - 1]))
		name.len--;
	if (!td_str_caseeq_c(name, "Content-Type") && !td_str_caseeq_c(name, "c"))
		return false;
	value = (struct td_str){ colon + 1, line.len - (size_t)(colon + 1 - line.p) };
	while (value.len && is_blank(value.p[0]))
		skip(&value, 1);
	if (!value.len && next.len && is_blank(next.p[0]))
		for (value = next; value.len && is_blank(value.p[0]);)
			skip(&value, 1);
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] == ';' || is_blank(value.p[i]))
			value.len = i;
	return td_str_caseeq_c(value, type);
}

/* Cuts the headers off; true when one of them says that the part is of this type. */
static bool is_of_type(struct td_str *part, const char *type)
{
	struct td_str line, next, rest;
	bool found = false;

	while (take_line(part, &line) && line.len) {
		rest = *part;
		if (!take_line(&rest, &next))
			next = (struct td_str){ "", 0 };
		found |= says_type(line, next, type);
	}
	return found;
}

bool td_sip_body_part(struct td_str body, struct td_str boundary, const char *type,
		      struct td_str *part)
{
	bool last = false;

	if (!unquote(&boundary) || !take_part(&body, boundary, part, &last))
		return false;			/* what is before the first delimiter is nobody's */
	while (!last && take_part(&body, boundary, part, &last))
		if (is_of_type(part, type))
			return true;
	return false;
}
