/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock that sofia's timers see: monotonic, in whole milliseconds. See sip_clock.c.
 */
#ifndef TD_SIP_CLOCK_H
#define TD_SIP_CLOCK_H

#include <stdint.h>

/** Put the clock under sofia (process-wide, idempotent). */
void td_sip_clock_install(void);
/** The time stands still from freeze to thaw: one view for everything a loop step decides. */
void td_sip_clock_freeze(void);
void td_sip_clock_thaw(void);
/** For tests: time goes on from that much later. */
void td_sip_clock_advance(uint64_t ms);
/** Monotonic milliseconds, the scale of td_loop_now_ms(). */
uint64_t td_sip_clock_ms(void);
/** Unix time in milliseconds: for Date headers and what is kept on disk, never for timers. */
uint64_t td_sip_clock_wall_ms(void);

#endif
