/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon has in its run-dir: the lock that says that it runs, and files that go when it
 * goes.
 */
#ifndef TD_APP_RUN_DIR_H
#define TD_APP_RUN_DIR_H

#include "userspace/app/tandem.h"

/** A descriptor that holds the lock until it is closed, whatever kills us. -EBUSY: a daemon has
 * it; -ENOENT: there is none, and create is false. */
int td_run_dir_lock(const struct td_options *opt, bool create);
/** The caller has the lock. A folder that is not ours alone stays. */
void td_run_dir_clean(const struct td_options *opt);

#endif
