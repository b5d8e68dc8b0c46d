// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. Allocation of RTP port pairs, every operation O(1). A pair that a call gave back
 * stays in quarantine for some seconds, because the far end's last packets must not be
 * heard by the next call. Out of quarantine it goes on top of a stack: pairs that have
 * been used have their sockets open, so the daemon opens no more sockets than its busiest
 * hour needed.
 */
#include "userspace/media/media_ports.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"

enum pair_state { PAIR_OUTSIDE, PAIR_READY, PAIR_USED, PAIR_QUARANTINE };

struct pair_slot {
	uint64_t freed_ms;
	uint16_t next;			/* in the stack or the queue; 0 = last */
	uint8_t state;			/* enum pair_state */
};

static void push_ready(struct td_pairs *p, uint16_t n)
{
	p->slots[n].state = PAIR_READY;
	p->slots[n].next = p->ready;
	p->ready = n;
}

static void append_quarantine(struct td_pairs *p, uint16_t n)
{
	p->slots[n].state = PAIR_QUARANTINE;
	p->slots[n].next = 0;
	if (p->newest)
		p->slots[p->newest].next = n;
	else
		p->oldest = n;
	p->newest = n;
}

static uint16_t take_oldest(struct td_pairs *p)
{
	uint16_t n = p->oldest;

	p->oldest = p->slots[n].next;
	if (!p->oldest)
		p->newest = 0;
	return n;
}

static bool inside(const struct td_pairs *p, uint16_t n)
{
	return n >= p->first && n <= p->last;
}

/* Pair 0 (ports 0 and 1) does not exist, so 0 can mean "none". */
static int to_pairs(uint32_t port_min, uint32_t port_max, uint16_t *first, uint16_t *last)
{
	uint32_t low = (port_min + 1) / 2;

	if (!low)
		low = 1;
	if (port_max > 65535 || port_max < 3 || low > (port_max - 1) / 2)
		return -EINVAL;
	*first = (uint16_t)low;
	*last = (uint16_t)((port_max - 1) / 2);
	return 0;
}

/* Take what left the range out of the quarantine, keeping the order of the rest. */
static void filter_quarantine(struct td_pairs *p)
{
	uint16_t n = p->oldest;

	p->oldest = p->newest = 0;
	while (n) {
		uint16_t next = p->slots[n].next;

		if (inside(p, n)) {
			append_quarantine(p, n);
			p->n_free++;
		} else {
			p->slots[n].state = PAIR_OUTSIDE;
		}
		n = next;
	}
}

int td_pairs_set_range(struct td_pairs *p, uint32_t port_min, uint32_t port_max)
{
	uint16_t first, last;
	int err = to_pairs(port_min, port_max, &first, &last);

	if (err)
		return err;
	p->first = first;
	p->last = last;
	p->n_free = 0;
	p->ready = 0;
	filter_quarantine(p);
	/* downwards, so that the lowest port comes first */
	for (uint32_t n = TD_N_PAIRS - 1; n; n--) {
		uint8_t state = p->slots[n].state;

		if (state != PAIR_OUTSIDE && state != PAIR_READY)
			continue;
		if (!inside(p, (uint16_t)n)) {
			if (state)
				p->slots[n].state = PAIR_OUTSIDE;
			continue;
		}
		push_ready(p, (uint16_t)n);
		p->n_free++;
	}
	return 0;
}

int td_pairs_init(struct td_pairs *p, uint32_t port_min, uint32_t port_max,
		  uint32_t quarantine_ms)
{
	int err;

	memset(p, 0, sizeof(*p));
	p->quarantine_ms = quarantine_ms;
	p->slots = td_calloc(TD_N_PAIRS, sizeof(*p->slots));
	if (!p->slots)
		return -ENOMEM;
	err = td_pairs_set_range(p, port_min, port_max);
	if (err)
		td_pairs_fini(p);
	return err;
}

void td_pairs_fini(struct td_pairs *p)
{
	td_free(p->slots);
	p->slots = NULL;
}

static bool oldest_is_due(const struct td_pairs *p, uint64_t now_ms)
{
	return p->oldest && now_ms - p->slots[p->oldest].freed_ms >= p->quarantine_ms;
}

int td_pairs_get(struct td_pairs *p, uint64_t now_ms)
{
	uint16_t n;

	/* two in for each one out: the stack fills faster than it empties */
	for (int i = 0; i < 2 && oldest_is_due(p, now_ms); i++)
		push_ready(p, take_oldest(p));
	if (!p->ready)
		return -EMFILE;
	n = p->ready;
	p->ready = p->slots[n].next;
	p->slots[n].state = PAIR_USED;
	p->n_free--;
	p->n_used++;
	return n * 2;
}

static void unlink_ready(struct td_pairs *p, uint16_t n)
{
	uint16_t *at = &p->ready;

	while (*at && *at != n)
		at = &p->slots[*at].next;
	if (*at)
		*at = p->slots[n].next;
}

int td_pairs_take(struct td_pairs *p, uint16_t port)
{
	uint16_t n = port / 2;

	if (!n || port & 1)
		return -EINVAL;
	if (p->slots[n].state == PAIR_USED || p->slots[n].state == PAIR_QUARANTINE)
		return -EBUSY;
	if (p->slots[n].state == PAIR_READY) {
		unlink_ready(p, n);
		p->n_free--;
	}
	p->slots[n].state = PAIR_USED;
	p->n_used++;
	return 0;
}

bool td_pairs_is_used(const struct td_pairs *p, uint16_t port)
{
	return p->slots[port / 2].state == PAIR_USED;
}

bool td_pairs_put(struct td_pairs *p, uint16_t port, uint64_t now_ms)
{
	uint16_t n = port / 2;

	if (p->slots[n].state != PAIR_USED)
		return true;
	p->n_used--;
	p->slots[n].freed_ms = now_ms;
	if (!inside(p, n)) {
		p->slots[n].state = PAIR_OUTSIDE;
		return false;
	}
	append_quarantine(p, n);
	p->n_free++;
	return true;
}

bool td_pairs_knows(const struct td_pairs *p, uint16_t port)
{
	return p->slots[port / 2].state != PAIR_OUTSIDE;
}
