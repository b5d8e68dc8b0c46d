/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that outlive the process, in a file that is mapped into memory: of calls
 * (core/call_keep.c), of phones' connections (sccp/sccp_keep.c). See snapshot.c.
 */
#ifndef TD_BASE_SNAPSHOT_H
#define TD_BASE_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/buf.h"

struct snapshot;

/** How many records there may be, and how long each. A place costs memory when it is used. */
struct snapshot_shape {
	uint32_t places;		/* a multiple of 4096 */
	uint32_t record;		/* bytes; with 16 of ours they should fill whole pages, or a
					 * whole part of one */
};

/** Open or create the file; what another boot, or a file of another shape, left in it does not
 * count. 0, -errno. */
int td_snapshot_open(struct snapshot **out, const char *path, const struct snapshot_shape *shape);
void td_snapshot_close(struct snapshot *s);
/** A free place, 0 when there is none. */
uint32_t td_snapshot_take(struct snapshot *s);
/** Replace the record as one step: whoever dies in between leaves the old one. -ENOSPC: longer
 * than the shape allows, the old one stays. */
int td_snapshot_write(struct snapshot *s, uint32_t place, const void *data, uint32_t len);
/** Empty the place and free it. 0 is fine. */
void td_snapshot_drop(struct snapshot *s, uint32_t place);
/** The record at this place into b; false: it is empty. */
bool td_snapshot_read(const struct snapshot *s, uint32_t place, struct td_buf *b);
/** The next record after this place (0 = from the start) into b; its place, 0 = no more. */
uint32_t td_snapshot_next(struct snapshot *s, uint32_t place, struct td_buf *b);

#endif
