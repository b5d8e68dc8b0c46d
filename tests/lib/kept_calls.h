/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two lives of a daemon, for unit tests: the file in which its calls are kept, and what was in it
 * at a "crash", a copy of that moment. Both are in a folder of the test's own.
 */
#ifndef TD_TEST_KEPT_CALLS_H
#define TD_TEST_KEPT_CALLS_H

extern char kept_now[64], kept_crash[64];

/** Of the group of tests: the folder comes and goes. */
int kept_set_up(void **state);
int kept_tear_down(void **state);
void kept_copy(void);

#endif
