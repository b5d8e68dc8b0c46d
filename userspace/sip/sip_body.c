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

/* "Name: value" as two views; a value on the next line is found, too. */
static bool split(struct td_str line, struct td_str next, struct td_str *name, struct td_str *value)
{
	const char *colon = memchr(line.p, ':', line.len);

	if (!colon)
		return false;
	*name = (struct td_str){ line.p, (size_t)(colon - line.p) };
	while (name->len && is_blank(name->p[name->len - 1]))
		name->len--;
	*value = (struct td_str){ colon + 1, line.len - (size_t)(colon + 1 - line.p) };
	while (value->len && is_blank(value->p[0]))
		skip(value, 1);
	if (!value->len && next.len && is_blank(next.p[0]))
		for (*value = next; value->len && is_blank(value->p[0]);)
			skip(value, 1);
	return true;
}

static struct td_str without_parameters(struct td_str v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] == ';' || is_blank(v.p[i]))
			v.len = i;
	return v;
}

static struct td_str without_brackets(struct td_str v)
{
	if (v.len >= 2 && v.p[0] == '<' && v.p[v.len - 1] == '>') {
		skip(&v, 1);
		v.len--;
	}
	return v;
}

/* Cuts the headers off part->text. The first of a name counts. */
static void read_headers(struct td_sip_part *part)
{
	struct td_str line, next, rest, name, value;

	while (take_line(&part->text, &line) && line.len) {
		rest = part->text;
		if (!take_line(&rest, &next))
			next = (struct td_str){ "", 0 };
		if (!split(line, next, &name, &value))
			continue;
		if (!part->type.p &&
		    (td_str_caseeq_c(name, "Content-Type") || td_str_caseeq_c(name, "c")))
			part->type = without_parameters(value);
		else if (!part->id.p && td_str_caseeq_c(name, "Content-Id"))
			part->id = without_brackets(value);
	}
}

bool td_sip_body_begin(struct td_sip_parts *it, struct td_str body, struct td_str boundary)
{
	struct td_str preamble;

	*it = (struct td_sip_parts){ .rest = body, .boundary = boundary };
	if (unquote(&it->boundary) &&
	    take_part(&it->rest, it->boundary, &preamble, &it->ended))
		return true;		/* what is before the first delimiter is nobody's */
	it->rest.len = 0;
	return false;
}

bool td_sip_body_next(struct td_sip_parts *it, struct td_sip_part *part)
{
	*part = (struct td_sip_part){ 0 };
	if (it->ended || !take_part(&it->rest, it->boundary, &part->text, &it->ended))
		return false;
	read_headers(part);
	return true;
}

bool td_sip_body_part(struct td_str body, struct td_str boundary, const char *type,
		      struct td_str *text)
{
	struct td_sip_parts it;
	struct td_sip_part part;

	if (!td_sip_body_begin(&it, body, boundary))
		return false;
	while (td_sip_body_next(&it, &part)) {
		if (!td_str_caseeq_c(part.type, type))
			continue;
		*text = part.text;
		return true;
	}
	return false;
}
