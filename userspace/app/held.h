/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The master's side of connections that outlive a worker: copies of their descriptors. As long
 * as one is here the kernel keeps the connection, whatever becomes of the worker; what is said
 * on it the master never reads.
 */
#ifndef TD_APP_HELD_H
#define TD_APP_HELD_H

#include <stddef.h>
#include <stdint.h>

#define TD_HELD_MAX 20480u		/* ids are 1 .. TD_HELD_MAX - 1; the worker chooses them */

struct td_held;

/** NULL: no memory. */
struct td_held *td_held_new(void);
/** Closes what is held. NULL is fine. */
void td_held_free(struct td_held *h);
/** Keep fd under that id; it is ours from now on. One that was there is closed. -EINVAL (and fd is
 * closed): no such id. */
int td_held_put(struct td_held *h, uint32_t id, int fd);
void td_held_drop(struct td_held *h, uint32_t id);
/** The next id after this one (0 = the first) and its descriptor, which stays ours; 0 = no more. */
uint32_t td_held_next(const struct td_held *h, uint32_t id, int *fd);
/** For another version of the master: a descriptor that survives exec and names all the others,
 * which do, too. -1: nothing is held, or it cannot be. */
int td_held_hand_down(const struct td_held *h);
/** exec failed: they are the worker's again. */
void td_held_keep(const struct td_held *h);
/** What an earlier master has handed down. list is closed. */
void td_held_inherit(struct td_held *h, int list);

#endif
