/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See failures.h. A window begins with a host's first failure; what came before it is
 * not weighed again, so that one slip a day never adds up.
 */
#include "userspace/sip/failures.h"

#include <string.h>

#include "userspace/base/mem.h"

struct failing {
	struct td_map_node node;
	struct td_list order;
	uint8_t ip[16];
	uint64_t since_ms;
	uint32_t n;
};

void td_failures_init(struct td_failures *f)
{
	td_map_init(&f->hosts);
	td_list_init(&f->order);
}

static void forget(struct td_failures *f, struct failing *h)
{
	td_map_remove(&f->hosts, &h->node);
	td_list_del(&h->order);
	td_free(h);
}

void td_failures_fini(struct td_failures *f)
{
	struct failing *h;

	while ((h = td_list_first(&f->order, struct failing, order)))
		forget(f, h);
	td_map_fini(&f->hosts);
}

static struct failing *host_new(struct td_failures *f, const struct td_addr *host)
{
	struct failing *h;

	if (f->hosts.count >= TD_FAILURES_HOSTS)
		forget(f, td_container_of(f->order.prev, struct failing, order));
	h = td_zalloc(sizeof(*h));
	if (!h)
		return NULL;
	memcpy(h->ip, host->ip, sizeof(h->ip));
	if (td_map_insert(&f->hosts, &h->node, h->ip, sizeof(h->ip))) {
		td_free(h);
		return NULL;
	}
	td_list_init(&h->order);
	return h;
}

bool td_failures_note(struct td_failures *f, const struct td_addr *host, uint64_t now_ms,
		      uint32_t after, uint64_t window_ms)
{
	struct td_map_node *n = td_map_find(&f->hosts, host->ip, sizeof(host->ip));
	struct failing *h = n ? td_container_of(n, struct failing, node) : host_new(f, host);

	if (!h)
		return false;
	td_list_del(&h->order);
	td_list_push(&f->order, &h->order);
	if (!h->n || now_ms - h->since_ms > window_ms) {
		h->since_ms = now_ms;
		h->n = 0;
	}
	if (++h->n < after)
		return false;
	forget(f, h);
	return true;
}
