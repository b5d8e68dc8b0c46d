/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON writer (RFC 8259). Callers name what they write; commas, quotes, escapes and
 * growth happen here. It does not read JSON and does not check that objects are closed:
 * the calls of a writer stand side by side in one function, where a slip is seen.
 *
 * Strings come from phones, so they are repaired: each byte that is no valid UTF-8 (RFC
 * 3629: no overlong form, no surrogate, nothing above U+10FFFF) turns into U+FFFD, and DEL
 * and C1 controls are escaped, so that no terminal obeys what a peer sent. After a failed
 * allocation nothing more is written; the text stays terminated.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "userspace/base/json.h"
#include "userspace/base/mem.h"

#define REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD in UTF-8 */

static bool make_room(struct td_json *j, size_t more)
{
	size_t cap = j->cap ? j->cap : 256;
	char *text;

	if (j->err)
		return false;
	if (more < j->cap - j->len)
		return true;
	while (cap - j->len <= more) {
		if (cap > SIZE_MAX / 2) {
			j->err = -ENOMEM;
			return false;
		}
		cap *= 2;
	}
	text = td_realloc(j->text, cap);
	if (!text) {
		j->err = -ENOMEM;
		return false;
	}
	j->text = text;
	j->cap = cap;
	j->text[j->len] = '\0';
	return true;
}

static void put(struct td_json *j, const char *p, size_t n)
{
	if (!make_room(j, n))
		return;
	memcpy(j->text + j->len, p, n);
	j->len += n;
	j->text[j->len] = '\0';
}

static void put_c(struct td_json *j, const char *s)
{
	put(j, s, strlen(s));
}

static bool is_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Length of the valid UTF-8 sequence at p, 0 when there is none (RFC 3629 section 4). */
static size_t utf8_len(const uint8_t *p, size_t left)
{
	uint8_t lo = 0x80, hi = 0xbf;
	size_t n, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (left < n)
		return 0;

	if (p[0] == 0xe0)
		lo = 0xa0;	/* shorter form exists */
	else if (p[0] == 0xed)
		hi = 0x9f;	/* surrogates */
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;	/* above U+10FFFF */
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if (!is_tail(p[i]))
			return 0;
	return n;
}

static void put_escaped(struct td_json *j, unsigned int code)
{
	char esc[8];

	switch (code) {
	case '"':
		put_c(j, "\\\"");
		return;
	case '\\':
		put_c(j, "\\\\");
		return;
	case '\n':
		put_c(j, "\\n");
		return;
	case '\r':
		put_c(j, "\\r");
		return;
	case '\t':
		put_c(j, "\\t");
		return;
	}
	snprintf(esc, sizeof(esc), "\\u%04x", code & 0xffff);
	put_c(j, esc);
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_string(struct td_json *j, const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + len;

	put_c(j, "\"");
	while (p < end && !j->err) {
		const uint8_t *start = p;
		size_t n;

		while (p < end && is_plain(*p))
			p++;
		put(j, (const char *)start, p - start);
		if (p == end)
			break;
		n = utf8_len(p, end - p);
		if (!n) {
			put_c(j, REPLACEMENT);
			n = 1;
		} else if (n == 1) {
			put_escaped(j, *p);
		} else if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0) {
			put_escaped(j, p[1]);	/* U+0080..U+009F */
		} else {
			put(j, (const char *)p, n);
		}
		p += n;
	}
	put_c(j, "\"");
}

static void begin_value(struct td_json *j, const char *key)
{
	if (j->need_comma)
		put_c(j, ",");
	if (key) {
		put_string(j, key, strlen(key));
		put_c(j, ":");
	}
	j->need_comma = true;
}

static void put_value(struct td_json *j, const char *key, const char *text)
{
	begin_value(j, key);
	put_c(j, text);
}

void td_json_init(struct td_json *j)
{
	memset(j, 0, sizeof(*j));
	make_room(j, 1);
}

void td_json_fini(struct td_json *j)
{
	td_free(j->text);
	memset(j, 0, sizeof(*j));
}

void td_json_object(struct td_json *j, const char *key)
{
	put_value(j, key, "{");
	j->need_comma = false;
}

void td_json_array(struct td_json *j, const char *key)
{
	put_value(j, key, "[");
	j->need_comma = false;
}

void td_json_end_object(struct td_json *j)
{
	put_c(j, "}");
	j->need_comma = true;
}

void td_json_end_array(struct td_json *j)
{
	put_c(j, "]");
	j->need_comma = true;
}

void td_json_strn(struct td_json *j, const char *key, const char *value, size_t len)
{
	begin_value(j, key);
	put_string(j, value, len);
}

void td_json_str(struct td_json *j, const char *key, const char *value)
{
	if (value)
		td_json_strn(j, key, value, strlen(value));
	else
		td_json_null(j, key);
}

void td_json_int(struct td_json *j, const char *key, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	put_value(j, key, text);
}

void td_json_u64(struct td_json *j, const char *key, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_value(j, key, text);
}

/* JSON has no infinity and no NaN: both become null. So does what no sensor of ours yields
 * (beyond 1e15), which keeps the text within its buffer. */
void td_json_fixed(struct td_json *j, const char *key, double value, int decimals)
{
	char text[48], *comma;

	if (!isfinite(value) || fabs(value) > 1e15) {
		td_json_null(j, key);
		return;
	}
	if (decimals < 0)
		decimals = 0;
	if (decimals > 9)
		decimals = 9;
	snprintf(text, sizeof(text), "%.*f", decimals, value);
	comma = strchr(text, ',');	/* some locales' decimal point */
	if (comma)
		*comma = '.';
	put_value(j, key, text);
}

void td_json_fixed_or_null(struct td_json *j, const char *key, double value, int decimals,
			   bool known)
{
	if (known)
		td_json_fixed(j, key, value, decimals);
	else
		td_json_null(j, key);
}

void td_json_bool(struct td_json *j, const char *key, bool value)
{
	put_value(j, key, value ? "true" : "false");
}

void td_json_null(struct td_json *j, const char *key)
{
	put_value(j, key, "null");
}
