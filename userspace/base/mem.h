/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation for every room. Behaves as malloc, with two additions: memory is
 * zeroed, and a test may ask that the Nth allocation fails (TD_TEST --oom).
 */
#ifndef TD_BASE_MEM_H
#define TD_BASE_MEM_H

#include <stddef.h>

/** Zeroed memory or NULL. Free with td_free(). */
void *td_zalloc(size_t size);
void *td_calloc(size_t n, size_t size);
/** As realloc(); the grown part is not zeroed. */
void *td_realloc(void *p, size_t size);
/**
 * Room for one more in an array of n that only grows: it doubles when n is a power of two, so
 * nobody keeps a capacity. The array, moved perhaps, or NULL: it stays as it was.
 */
void *td_one_more(void *v, size_t n, size_t item_size);
char *td_strdup(const char *s);
char *td_strndup(const char *s, size_t n);
/** printf into fresh memory; NULL when out of memory. */
char *td_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void td_free(void *p);

/** Let the nth allocation from now (1 = next) fail once; 0 switches it off. */
void td_mem_fail_nth(unsigned long n);
/** Blocks allocated and not yet freed, for leak checks in tests. */
long td_mem_live(void);

#endif
