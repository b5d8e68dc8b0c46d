/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. A view of text that somebody else owns, and the few bounded copies that
 * rooms need. Decoders hand out views; what is kept is copied.
 */
#ifndef TD_BASE_STR_H
#define TD_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct td_str {
	const char *p;
	size_t len;
};

#define TD_STR(literal) ((struct td_str){ (literal), sizeof(literal) - 1 })
/** For printf: "%.*s", TD_STR_ARG(s) */
#define TD_STR_ARG(s) (int)(s).len, (s).p

struct td_str td_str_of(const char *s);		/* NULL gives an empty view */
bool td_str_eq(struct td_str a, struct td_str b);
bool td_str_eq_c(struct td_str a, const char *b);
bool td_str_caseeq_c(struct td_str a, const char *b);
/** Copy with termination; returns the length of src (truncated when >= size), as strlcpy. */
size_t td_strlcpy(char *dst, const char *src, size_t size);
size_t td_str_copy(char *dst, size_t size, struct td_str src);
/** Whole string as decimal number; -EINVAL when empty, signed or with other characters, -ERANGE. */
int td_parse_u64(struct td_str s, uint64_t *out);
int td_parse_u32(struct td_str s, uint32_t *out);
/** Edit distance (Damerau-Levenshtein, at most 64 characters a side), for "did you mean". */
unsigned int td_str_distance(const char *a, const char *b);
/** The nearest of a NULL-terminated list of words, or NULL when none is near. */
const char *td_str_nearest(const char *word, const char *const *words);
/** Lower-case hex of n bytes into dst[2n + 1]. */
void td_hex(char *dst, const uint8_t *src, size_t n);
/** Is what was told the secret, a field of size bytes? Takes as long for any two, whatever they have in
 * common. */
bool td_same_secret(const char *told, const char *known, size_t size);

#endif
