/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A loop for tests that need both: real descriptors (poll) and a clock that only moves
 * when the test says so.
 */
#ifndef TD_TESTS_LOOP_POLL_H
#define TD_TESTS_LOOP_POLL_H

#include "userspace/base/loop.h"

struct td_loop *loop_poll_new(void);
/** Run what is due and what is ready, without waiting, until nothing is left to do. */
void loop_poll_settle(struct td_loop *loop);
/** Time goes on; what falls due runs. */
void loop_poll_advance(struct td_loop *loop, uint64_t ms);
/** Descriptors that are watched now. */
size_t loop_poll_watched(struct td_loop *loop);

#endif
