/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named timers: a room lists its timers once, with default, unit and meaning; the
 * documentation, "show" and tests read the same table.
 */
#ifndef TD_BASE_TIMERDEF_H
#define TD_BASE_TIMERDEF_H

#include <stdint.h>

struct td_timerdef {
	const char *name;
	uint32_t ms;			/* default; rooms may overwrite from the configuration */
	const char *help;
};

#endif
