/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations on disk: sqlite in a thread of its own, many changes per transaction.
 * The signalling thread hands over changes and is told when they are safe; it never
 * waits for the disk.
 */
#ifndef TD_SIP_STORE_H
#define TD_SIP_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "userspace/base/loop.h"
#include "userspace/sip/registrar.h"

struct sip_store;

struct store_row {
	char phone[64];
	uint64_t expires_wall_ms;
	struct sip_binding b;		/* plain members; expires_ms is filled by the reader */
};

/** Called at open for each registration kept, before the thread starts. */
typedef void (*store_row_fn)(void *arg, const struct store_row *row);
/** Everything up to and including ticket seq is on disk (err 0), or was lost (err < 0). */
typedef void (*store_done_fn)(void *arg, uint64_t seq, int err);

/**
 * td_store_open - open or create the database and read it.
 * @why: on error says which file, what is wrong and what to do.
 * 0, -EIO, -EACCES, -ENOMEM.
 */
int td_store_open(struct sip_store **out, struct td_loop *loop, const char *state_dir,
		  store_row_fn row, store_done_fn done, void *arg, char *why, size_t why_len);
/** Writes what is queued, waits for the thread, frees. NULL is fine. */
void td_store_close(struct sip_store *st);
/** Insert or update the row of b. Returns the ticket (> 0), or a negative errno: queue full
 * (-EAGAIN), -ENOMEM. expires_wall_ms is Unix time. */
int64_t td_store_put(struct sip_store *st, const char *phone, const struct sip_binding *b,
		     uint64_t expires_wall_ms);
int64_t td_store_delete(struct sip_store *st, uint64_t id);
/** Highest ticket that is decided (on disk or lost). */
uint64_t td_store_decided(const struct sip_store *st);
uint64_t td_store_commits(const struct sip_store *st);

#endif
