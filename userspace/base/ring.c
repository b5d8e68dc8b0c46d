/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One writer, one reader. head and tail count for ever and are cut to a slot by the mask.
 *
 * No wake-up is lost: the writer stores head and then looks at tail, the reader stores tail
 * and then looks at head, all sequentially consistent. So either the writer sees that the
 * reader had taken everything, and wakes it, or the reader sees the new item before it sleeps.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "userspace/base/mem.h"
#include "userspace/base/ring.h"

static size_t round_up(size_t n)
{
	size_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

int td_ring_init(struct td_ring *r, size_t n_items, size_t item_size)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->event_fd = -1;
	if (n_items > SIZE_MAX / 2)
		return -ENOMEM;
	r->mask = round_up(n_items) - 1;
	r->item_size = item_size;
	r->items = td_calloc(r->mask + 1, item_size);
	if (!r->items)
		return -ENOMEM;
	r->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->event_fd < 0) {
		err = -errno;
		td_ring_fini(r);
		return err;
	}
	return 0;
}

void td_ring_fini(struct td_ring *r)
{
	if (r->event_fd >= 0)
		close(r->event_fd);
	td_free(r->items);
	r->event_fd = -1;
	r->items = NULL;
}

static uint8_t *slot(const struct td_ring *r, size_t at)
{
	return r->items + (at & r->mask) * r->item_size;
}

/* Fails only when the counter is full, and then the reader is awake anyway. */
static void wake(const struct td_ring *r)
{
	const uint64_t one = 1;
	ssize_t n;

	do {
		n = write(r->event_fd, &one, sizeof(one));
	} while (n < 0 && errno == EINTR);
}

bool td_ring_push(struct td_ring *r, const void *item)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	if (head - atomic_load_explicit(&r->tail, memory_order_acquire) > r->mask)
		return false;
	memcpy(slot(r, head), item, r->item_size);
	atomic_store(&r->head, head + 1);
	if (atomic_load(&r->tail) == head)
		wake(r);
	return true;
}

bool td_ring_pop(struct td_ring *r, void *item)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	if (atomic_load(&r->head) == tail)
		return false;
	memcpy(item, slot(r, tail), r->item_size);
	atomic_store(&r->tail, tail + 1);
	return true;
}

void td_ring_clear_wake(struct td_ring *r)
{
	uint64_t count;
	ssize_t n;

	do {
		n = read(r->event_fd, &count, sizeof(count));
	} while (n < 0 && errno == EINTR);
}
