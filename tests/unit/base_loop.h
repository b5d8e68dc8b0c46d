/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both tests of the loop share: one loop at a time, made and freed around each test, and
 * a list of the words that its callbacks said.
 */
#ifndef TD_TESTS_BASE_LOOP_H
#define TD_TESTS_BASE_LOOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/fakes/loop_fake.h"
#include "userspace/base/loop.h"
#include "userspace/base/mem.h"

static struct td_loop *loop;
static char told[256];			/* what ran, in order: a word and a space each */
static uint64_t start_ms;
static long live_before;

static inline void tell(const char *word)
{
	size_t len = strlen(told);

	assert_true(len + strlen(word) + 2 < sizeof(told));
	snprintf(told + len, sizeof(told) - len, "%s ", word);
}

static inline void expect_told(const char *text)
{
	assert_string_equal(told, text);
	told[0] = '\0';
}

static inline uint64_t elapsed(void)
{
	return td_loop_now_ms(loop) - start_ms;
}

/* The callback of timers and deferred calls that need no other. */
static inline void say(void *arg)
{
	tell(arg);
}

static inline void start(struct td_timer *t, uint64_t delay_ms, const char *word)
{
	assert_int_equal(td_loop_timer_start(loop, t, delay_ms, say, (void *)word), 0);
}

static inline int begin(struct td_loop *(*make)(void))
{
	live_before = td_mem_live();
	loop = make();
	if (!loop)
		return -1;
	start_ms = td_loop_now_ms(loop);
	told[0] = '\0';
	return 0;
}

static inline int with_fake(void **state)
{
	(void)state;
	return begin(td_loop_new_fake);
}

static inline int with_epoll(void **state)
{
	(void)state;
	return begin(td_loop_new_epoll);
}

static inline int done(void **state)
{
	(void)state;
	td_mem_fail_nth(0);
	td_loop_free(loop);
	return td_mem_live() == live_before ? 0 : -1;
}

#define FAKE(name)  { #name, name, with_fake, done, NULL }
#define EPOLL(name) { #name " (epoll)", name, with_epoll, done, NULL }
#define BOTH(name)  FAKE(name), EPOLL(name)

#endif
