/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation: libc's, zeroed, counted, and able to fail on order. Both counters are
 * atomic because the relay and the store thread allocate too; the order to fail is a
 * number that each allocation counts down, so one fails, whichever thread it is in.
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "userspace/base/mem.h"

static atomic_long live;
static atomic_ulong fail_in;		/* 0 = never, 1 = the next one fails */

/* Count down; true when this allocation was the one that has to fail. */
static bool must_fail(void)
{
	unsigned long n = atomic_load(&fail_in);

	while (n && !atomic_compare_exchange_weak(&fail_in, &n, n - 1))
		;
	return n == 1;
}

void td_mem_fail_nth(unsigned long n)
{
	atomic_store(&fail_in, n);
}

long td_mem_live(void)
{
	return atomic_load(&live);
}

/* A size of 0 gets a block too: NULL always means "out of memory". */
void *td_calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (must_fail() || __builtin_mul_overflow(n, size, &bytes))
		return NULL;
	p = calloc(1, bytes ? bytes : 1);
	if (p)
		atomic_fetch_add(&live, 1);
	return p;
}

void *td_zalloc(size_t size)
{
	return td_calloc(1, size);
}

void *td_realloc(void *p, size_t size)
{
	void *grown;

	if (must_fail())
		return NULL;
	grown = realloc(p, size ? size : 1);
	if (grown && !p)
		atomic_fetch_add(&live, 1);
	return grown;
}

void *td_one_more(void *v, size_t n, size_t item_size)
{
	size_t size;

	if (n & (n - 1))
		return v;
	if (__builtin_mul_overflow(n ? 2 * n : 1, item_size, &size))
		return NULL;
	return td_realloc(v, size);
}

void td_free(void *p)
{
	if (!p)
		return;
	atomic_fetch_sub(&live, 1);
	free(p);
}

char *td_strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = td_zalloc(len + 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

char *td_strdup(const char *s)
{
	return td_strndup(s, strlen(s));
}

char *td_asprintf(const char *fmt, ...)
{
	va_list ap, again;
	char *text = NULL;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	if (len >= 0)
		text = td_zalloc((size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return text;
}
