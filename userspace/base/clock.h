/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a clock of the kernel says, as one number. A room that has a loop asks td_loop_now_ms(),
 * which a test may set.
 */
#ifndef TD_BASE_CLOCK_H
#define TD_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/** Milliseconds of a clock, rounded down; CLOCK_REALTIME: since 1970. */
uint64_t td_clock_ms(clockid_t id);
/** The same in nanoseconds. */
uint64_t td_clock_ns(clockid_t id);

#endif
