/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A loop whose clock stands until the test moves it: an hour of ringing takes no time, and
 * every run is the same. Descriptors are real; a step looks at them without waiting.
 */
#ifndef TD_TESTS_LOOP_FAKE_H
#define TD_TESTS_LOOP_FAKE_H

#include <stdint.h>
#include "userspace/base/loop.h"

struct td_loop *td_loop_new_fake(void);
/** Move the clock. Timers run on the way in order of time, each at its own time, and what they
 * defer runs before the clock moves on. */
void td_loop_fake_advance_ms(struct td_loop *loop, uint64_t ms);

#endif
