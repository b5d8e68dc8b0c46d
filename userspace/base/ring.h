/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixed-size queue between exactly two threads: one writes, one reads, no lock. The
 * reader sleeps on an eventfd that the writer touches when the ring was empty.
 */
#ifndef TD_BASE_RING_H
#define TD_BASE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct td_ring {
	uint8_t *items;
	size_t item_size, mask;
	/* Padded, not aligned: in different cache lines, in whatever memory the ring lies. */
	char pad_head[64];
	_Atomic size_t head;		/* next to write; only the writer stores */
	char pad_tail[64];
	_Atomic size_t tail;		/* next to read; only the reader stores */
	int event_fd;			/* readable while there may be items */
};

/** n_items is rounded up to a power of two. -ENOMEM, -EMFILE. */
int td_ring_init(struct td_ring *r, size_t n_items, size_t item_size);
void td_ring_fini(struct td_ring *r);
/** Copy one item in; false when full. Wakes the reader. */
bool td_ring_push(struct td_ring *r, const void *item);
/** Copy one item out; false when empty. */
bool td_ring_pop(struct td_ring *r, void *item);
/** The reader calls this once after waking, before popping until empty. */
void td_ring_clear_wake(struct td_ring *r);

#endif
