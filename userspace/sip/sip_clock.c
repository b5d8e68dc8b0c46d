/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sofia keeps its timers on CLOCK_REALTIME: a step forward of the wall clock fires all
 * of them at once, a step back stops retransmissions. Its one hook is the exported
 * variable _su_time, called after each reading of the clock; here it is replaced by
 * start-of-process wall time plus CLOCK_MONOTONIC.
 *
 * The time is cut to whole milliseconds. Sofia rounds the wait for its next timer down
 * to milliseconds and would spin through the rest; with whole milliseconds there is no
 * rest. This file is the only one that knows the hook (newer versions of the library
 * offer su_set_time_func() instead).
 */
#include <sofia-sip/su_time.h>
#include <time.h>

#include "userspace/sip/sip_clock.h"
#include "userspace/base/clock.h"

#define MS_PER_S 1000u

extern void (*_su_time)(su_time_t *tv);

/* One per process because the hook has no argument. Written by the signalling thread only. */
static struct {
	uint64_t base_ms;		/* Unix time at CLOCK_MONOTONIC 0 */
	uint64_t ahead_ms;		/* tests */
	uint64_t frozen_ms;		/* 0 = running */
} the_clock;

uint64_t td_sip_clock_ms(void)
{
	return the_clock.frozen_ms ? the_clock.frozen_ms :
		td_clock_ms(CLOCK_MONOTONIC) + the_clock.ahead_ms;
}

uint64_t td_sip_clock_wall_ms(void)
{
	return td_clock_ms(CLOCK_REALTIME) + the_clock.ahead_ms;
}

static void monotonic_time(su_time_t *tv)
{
	uint64_t ms;

	if (!tv)
		return;
	ms = the_clock.base_ms + td_sip_clock_ms();
	tv->tv_sec = (unsigned long)(ms / MS_PER_S + SU_TIME_EPOCH);
	tv->tv_usec = (unsigned long)(ms % MS_PER_S * 1000u);
}

void td_sip_clock_install(void)
{
	if (_su_time == monotonic_time)
		return;
	the_clock.base_ms = td_clock_ms(CLOCK_REALTIME) - td_clock_ms(CLOCK_MONOTONIC);
	_su_time = monotonic_time;
}

void td_sip_clock_freeze(void)
{
	the_clock.frozen_ms = 0;
	the_clock.frozen_ms = td_sip_clock_ms();
}

void td_sip_clock_thaw(void)
{
	the_clock.frozen_ms = 0;
}

void td_sip_clock_advance(uint64_t ms)
{
	the_clock.ahead_ms += ms;
}
