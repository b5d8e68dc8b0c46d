/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Text views, bounded copies, numbers, and the edit distance behind "did you mean".
 * Case is ASCII's alone: protocol words do not depend on a locale.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "userspace/base/str.h"

#define DISTANCE_MAX 64			/* characters of a word that are looked at */

struct td_str td_str_of(const char *s)
{
	return (struct td_str){ s ? s : "", s ? strlen(s) : 0 };
}

/* An empty view may point nowhere, and memcmp() may not be given that. */
bool td_str_eq(struct td_str a, struct td_str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

bool td_str_eq_c(struct td_str a, const char *b)
{
	return td_str_eq(a, td_str_of(b));
}

bool td_str_caseeq_c(struct td_str a, const char *b)
{
	struct td_str other = td_str_of(b);

	return a.len == other.len && (!a.len || !strncasecmp(a.p, other.p, a.len));
}

size_t td_str_copy(char *dst, size_t size, struct td_str src)
{
	size_t n = src.len < size ? src.len : size - 1;

	if (!size)
		return src.len;
	if (n)
		memcpy(dst, src.p, n);
	dst[n] = '\0';
	return src.len;
}

size_t td_strlcpy(char *dst, const char *src, size_t size)
{
	return td_str_copy(dst, size, td_str_of(src));
}

static bool all_digits(struct td_str s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

/* Out of range is told only of real numbers, and leaves *out alone. */
int td_parse_u64(struct td_str s, uint64_t *out)
{
	uint64_t v = 0;
	size_t i;

	if (!all_digits(s))
		return -EINVAL;
	for (i = 0; i < s.len; i++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return -ERANGE;
	}
	*out = v;
	return 0;
}

int td_parse_u32(struct td_str s, uint32_t *out)
{
	uint64_t v;
	int err = td_parse_u64(s, &v);

	if (err)
		return err;
	if (v > UINT32_MAX)
		return -ERANGE;
	*out = (uint32_t)v;
	return 0;
}

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* row[j]: steps from the first i characters of a to the first j of b. A swap of neighbours
 * counts once and looks two rows back, so three rows take turns. */
unsigned int td_str_distance(const char *a, const char *b)
{
	unsigned int rows[3][DISTANCE_MAX + 1];
	size_t la = strnlen(a, DISTANCE_MAX), lb = strnlen(b, DISTANCE_MAX), i, j;

	for (j = 0; j <= lb; j++)
		rows[0][j] = (unsigned int)j;
	for (i = 1; i <= la; i++) {
		const unsigned int *before = rows[(i + 1) % 3], *above = rows[(i - 1) % 3];
		unsigned int *row = rows[i % 3];

		row[0] = (unsigned int)i;
		for (j = 1; j <= lb; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[la % 3][lb];
}

/* Near means that at most a third of the word is wrong, of short words one character. */
const char *td_str_nearest(const char *word, const char *const *words)
{
	unsigned int len = (unsigned int)strnlen(word, DISTANCE_MAX);
	unsigned int limit = len < 3 ? 1 : len / 3, distance;
	const char *best = NULL;

	for (; *words; words++) {
		distance = td_str_distance(word, *words);
		if (distance > limit || (best && distance == limit))
			continue;
		best = *words;
		limit = distance;
	}
	return best;
}

void td_hex(char *dst, const uint8_t *src, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		*dst++ = digits[src[i] >> 4];
		*dst++ = digits[src[i] & 15];
	}
	*dst = '\0';
}

bool td_same_secret(const char *told, const char *known, size_t size)
{
	size_t len = strnlen(told, size), known_len = strnlen(known, size);
	unsigned char differ = len == size;

	for (size_t i = 0; i < size; i++)
		differ |= (unsigned char)((i < len ? told[i] : '\0') ^
					  (i < known_len ? known[i] : '\0'));
	return !differ;
}
