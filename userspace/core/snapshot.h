/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside userspace/core: records of calls that outlive the process, in a file that
 * is mapped into memory. See snapshot.c.
 */
#ifndef TD_CORE_SNAPSHOT_H
#define TD_CORE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/buf.h"

struct snapshot;

#define SNAPSHOT_RECORD 8176		/* bytes that a record can hold */

/** Open or create the file; what another boot left in it does not count. 0, -errno. */
int td_snapshot_open(struct snapshot **out, const char *path);
void td_snapshot_close(struct snapshot *s);
/** A free place, 0 when there is none. */
uint32_t td_snapshot_take(struct snapshot *s);
/** Replace the record as one step: whoever dies in between leaves the old one. */
void td_snapshot_write(struct snapshot *s, uint32_t place, const void *data, uint32_t len);
/** Empty the place and free it. 0 is fine. */
void td_snapshot_drop(struct snapshot *s, uint32_t place);
/** The next record after this place (0 = from the start) into b; its place, 0 = no more. */
uint32_t td_snapshot_next(struct snapshot *s, uint32_t place, struct td_buf *b);

#endif
