/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See registrar.h. A request is judged whole before anything changes, and what
 * it needs is allocated before that too, so that it never half happens.
 *
 * When an address of record has its full number of contacts, a new one replaces the
 * oldest: a phone that came back with another port must work, the contact it left
 * behind does not. Order of requests: within one Call-ID the CSeq decides.
 */
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sip/registrar.h"

static const uint8_t call_key[16] = "registrar";	/* collisions hurt only their maker */

/* ---- the heap of ends ---- */

static void heap_place(struct registrar *r, size_t i, struct sip_binding *b)
{
	r->heap[i] = b;
	b->heap_index = i;
}

static void heap_up(struct registrar *r, size_t i)
{
	struct sip_binding *b = r->heap[i];

	while (i > 1 && r->heap[i / 2]->expires_ms > b->expires_ms) {
		heap_place(r, i, r->heap[i / 2]);
		i /= 2;
	}
	heap_place(r, i, b);
}

static void heap_down(struct registrar *r, size_t i)
{
	struct sip_binding *b = r->heap[i];
	size_t child;

	for (; (child = 2 * i) <= r->n_heap; i = child) {
		if (child < r->n_heap &&
		    r->heap[child + 1]->expires_ms < r->heap[child]->expires_ms)
			child++;
		if (r->heap[child]->expires_ms >= b->expires_ms)
			break;
		heap_place(r, i, r->heap[child]);
	}
	heap_place(r, i, b);
}

static void heap_moved(struct registrar *r, struct sip_binding *b)
{
	heap_up(r, b->heap_index);
	heap_down(r, b->heap_index);
}

static int heap_reserve(struct registrar *r, size_t more)
{
	size_t cap = r->cap_heap ? r->cap_heap : 64;
	struct sip_binding **grown;

	if (r->n_heap + more < r->cap_heap)
		return 0;
	while (cap <= r->n_heap + more)
		cap *= 2;
	grown = td_realloc(r->heap, cap * sizeof(*grown));
	if (!grown)
		return -1;
	r->heap = grown;
	r->cap_heap = cap;
	return 0;
}

static void heap_add(struct registrar *r, struct sip_binding *b)
{
	heap_place(r, ++r->n_heap, b);
	heap_up(r, r->n_heap);
}

static void heap_remove(struct registrar *r, struct sip_binding *b)
{
	size_t i = b->heap_index;
	struct sip_binding *last = r->heap[r->n_heap--];

	b->heap_index = 0;
	if (last == b)
		return;
	heap_place(r, i, last);
	heap_moved(r, last);
}

/* ---- sources ---- */

/* The key is IP and port: the head of struct td_addr, without padding and scope. */
#define PEER_KEY_LEN offsetof(struct td_addr, pad)

static struct reg_peer *peer_find(const struct registrar *r, const struct td_addr *addr)
{
	struct td_map_node *n = td_map_find(&r->peers, addr, PEER_KEY_LEN);

	return n ? td_container_of(n, struct reg_peer, node) : NULL;
}

static struct reg_peer *peer_get(struct registrar *r, const struct td_addr *addr)
{
	struct reg_peer *p = peer_find(r, addr);

	if (p)
		return p;
	p = td_zalloc(sizeof(*p));
	if (!p)
		return NULL;
	p->addr = *addr;
	td_list_init(&p->bindings);
	if (td_map_insert(&r->peers, &p->node, &p->addr, PEER_KEY_LEN) < 0) {
		td_free(p);
		return NULL;
	}
	return p;
}

static void peer_put(struct registrar *r, struct reg_peer *p)
{
	if (p->in_use || !td_list_empty(&p->bindings))
		return;
	td_map_remove(&r->peers, &p->node);
	td_free(p);
}

static void peer_leave(struct registrar *r, struct sip_binding *b)
{
	struct reg_peer *p = b->at;

	td_list_del(&b->at_peer);
	b->at = NULL;
	peer_put(r, p);
}

/* ---- bindings ---- */

static uint64_t call_hash(const char *call_id)
{
	return td_siphash(call_key, call_id, strlen(call_id));
}

static void binding_remove(struct registrar *r, struct sip_binding *b, enum reg_change why,
			   reg_change_fn fn, void *arg)
{
	td_list_del(&b->node);
	heap_remove(r, b);
	peer_leave(r, b);
	if (fn)
		fn(arg, why, b);
	td_free(b);
}

static struct sip_binding *binding_find(struct td_list *bindings, const char *aor,
					const struct reg_contact *c)
{
	struct sip_binding *b;

	td_list_for_each(b, bindings, struct sip_binding, node) {
		if (strcmp(b->aor, aor) != 0)
			continue;
		if (strcmp(b->uri, c->uri) == 0)
			return b;
		/* RFC 5626 4.2: the instance is the device, wherever it is now */
		if (c->instance[0] && strcmp(b->instance, c->instance) == 0)
			return b;
	}
	return NULL;
}

static struct sip_binding *binding_oldest(struct td_list *bindings, const char *aor)
{
	struct sip_binding *b, *oldest = NULL;

	td_list_for_each(b, bindings, struct sip_binding, node)
		if (strcmp(b->aor, aor) == 0)
			oldest = b;	/* the list is newest first */
	return oldest;
}

static uint32_t wanted_s(const struct reg_request *rq, const struct reg_contact *c,
			 const struct reg_limits *lim)
{
	uint32_t s = c->expires_s;

	if (s == REG_NO_EXPIRES)
		s = rq->expires_s;
	if (s == REG_NO_EXPIRES)
		s = lim->default_s;
	return s > lim->max_s ? lim->max_s : s;
}

static void binding_write(struct sip_binding *b, const struct reg_request *rq,
			  const struct reg_contact *c, uint32_t expires_s, uint64_t hash)
{
	td_strlcpy(b->aor, rq->aor, sizeof(b->aor));
	td_strlcpy(b->uri, c->uri, sizeof(b->uri));
	td_strlcpy(b->instance, c->instance, sizeof(b->instance));
	td_strlcpy(b->call_id, rq->call_id, sizeof(b->call_id));
	b->call_hash = hash;
	b->cseq = rq->cseq;
	b->expires_ms = rq->now_ms + 1000ull * expires_s;
	b->peer = rq->peer;
	b->local = rq->local;
	b->transport = rq->transport;
}

/* ---- judging a request ---- */

struct plan {
	struct {
		struct sip_binding *old;	/* the one it is about, or NULL */
		struct sip_binding *fresh;	/* allocated for a new one */
		uint32_t expires_s;
	} item[REG_MAX_CONTACTS];
	struct reg_peer *peer;
	uint64_t hash;
	size_t n_keep, n_repeated;
};

/* 0 = go on, else the status to answer. */
static int judge_order(const struct sip_binding *b, const struct reg_request *rq, uint64_t hash,
		       size_t *repeated)
{
	if (b->call_hash != hash)
		return 0;
	if (rq->cseq < b->cseq)
		return 500;
	if (rq->cseq == b->cseq)
		(*repeated)++;
	return 0;
}

static int judge(struct td_list *bindings, const struct reg_request *rq,
		 const struct reg_limits *lim, struct plan *plan)
{
	size_t i;
	int status;

	for (i = 0; i < rq->n_contacts; i++) {
		const struct reg_contact *c = &rq->contact[i];
		uint32_t s = wanted_s(rq, c, lim);

		plan->item[i].expires_s = s;
		if (s > 0 && s < lim->min_s)
			return 423;
		plan->n_keep += s > 0;
		plan->item[i].old = binding_find(bindings, rq->aor, c);
		if (!plan->item[i].old)
			continue;
		status = judge_order(plan->item[i].old, rq, plan->hash, &plan->n_repeated);
		if (status)
			return status;
	}
	return plan->n_keep > lim->max_bindings ? 403 : 0;
}

static int reserve(struct registrar *r, void *owner, const struct reg_request *rq,
		   struct plan *plan)
{
	size_t i;

	if (!plan->n_keep)
		return 0;
	if (heap_reserve(r, plan->n_keep) < 0)
		return -1;
	plan->peer = peer_get(r, &rq->peer);
	if (!plan->peer)
		return -1;
	plan->peer->in_use = true;
	for (i = 0; i < rq->n_contacts; i++) {
		if (plan->item[i].old || !plan->item[i].expires_s)
			continue;
		plan->item[i].fresh = td_zalloc(sizeof(struct sip_binding));
		if (!plan->item[i].fresh)
			return -1;
		plan->item[i].fresh->owner = owner;
	}
	return 0;
}

static void unreserve(struct registrar *r, const struct reg_request *rq, struct plan *plan)
{
	size_t i;

	for (i = 0; i < rq->n_contacts; i++)
		td_free(plan->item[i].fresh);
	if (plan->peer) {
		plan->peer->in_use = false;
		peer_put(r, plan->peer);
	}
}

static void add(struct registrar *r, struct td_list *bindings, const struct reg_request *rq,
		const struct reg_limits *lim, struct sip_binding *b, struct reg_peer *peer,
		reg_change_fn fn, void *arg)
{
	while (td_registrar_count(bindings, rq->aor) >= lim->max_bindings)
		binding_remove(r, binding_oldest(bindings, rq->aor), REG_REMOVED, fn, arg);
	b->id = ++r->last_id;
	b->registered_ms = rq->wall_ms;
	b->at = peer;
	td_list_append(&peer->bindings, &b->at_peer);
	td_list_push(bindings, &b->node);
	heap_add(r, b);
	if (fn)
		fn(arg, REG_ADDED, b);
}

static void refresh(struct registrar *r, struct td_list *bindings, struct sip_binding *b,
		    struct reg_peer *peer, reg_change_fn fn, void *arg)
{
	if (b->at != peer) {
		peer_leave(r, b);
		b->at = peer;
		td_list_append(&peer->bindings, &b->at_peer);
	}
	td_list_del(&b->node);
	td_list_push(bindings, &b->node);
	heap_moved(r, b);
	if (fn)
		fn(arg, REG_REFRESHED, b);
}

/* Old bindings first, so that making room for a new one never takes one of the same request:
 * what was refreshed is newest in the list by then. */
static void carry_out(struct registrar *r, struct td_list *bindings, const struct reg_request *rq,
		      const struct reg_limits *lim, struct plan *plan, reg_change_fn fn, void *arg)
{
	size_t i, k;

	for (i = 0; i < rq->n_contacts; i++) {
		struct sip_binding *b = plan->item[i].old;

		if (!b)
			continue;
		for (k = i + 1; k < rq->n_contacts; k++)	/* the same contact twice */
			if (plan->item[k].old == b)
				plan->item[k].old = NULL;
		if (!plan->item[i].expires_s) {
			binding_remove(r, b, REG_REMOVED, fn, arg);
			continue;
		}
		binding_write(b, rq, &rq->contact[i], plan->item[i].expires_s, plan->hash);
		refresh(r, bindings, b, plan->peer, fn, arg);
	}
	for (i = 0; i < rq->n_contacts; i++) {
		struct sip_binding *b = plan->item[i].fresh;

		if (!b || binding_find(bindings, rq->aor, &rq->contact[i]))
			continue;		/* unreserve() frees it */
		plan->item[i].fresh = NULL;
		binding_write(b, rq, &rq->contact[i], plan->item[i].expires_s, plan->hash);
		add(r, bindings, rq, lim, b, plan->peer, fn, arg);
	}
}

struct counted {
	reg_change_fn fn;
	void *arg;
	unsigned int n;
};

static void count_change(void *arg, enum reg_change what, struct sip_binding *b)
{
	struct counted *c = arg;

	c->n++;
	if (c->fn)
		c->fn(c->arg, what, b);
}

static void apply_star(struct registrar *r, struct td_list *bindings, const struct reg_request *rq,
		       struct reg_outcome *out, struct counted *count)
{
	uint64_t hash = call_hash(rq->call_id);
	struct sip_binding *b, *tmp;
	size_t repeated = 0;

	if (rq->n_contacts || rq->expires_s != 0) {
		out->status = 400;	/* RFC 3261 10.3 step 6 */
		return;
	}
	td_list_for_each(b, bindings, struct sip_binding, node) {
		if (strcmp(b->aor, rq->aor) == 0 && judge_order(b, rq, hash, &repeated)) {
			out->status = 500;
			return;
		}
	}
	td_list_for_each_safe(b, tmp, bindings, struct sip_binding, node)
		if (strcmp(b->aor, rq->aor) == 0)
			binding_remove(r, b, REG_REMOVED, count_change, count);
}

void td_registrar_apply(struct registrar *r, struct td_list *bindings, void *owner,
			const struct reg_request *rq, const struct reg_limits *lim,
			struct reg_outcome *out, reg_change_fn fn, void *arg)
{
	struct counted count = { .fn = fn, .arg = arg };
	struct plan plan = { .hash = 0 };

	memset(out, 0, sizeof(*out));
	out->status = 200;
	if (rq->star) {
		apply_star(r, bindings, rq, out, &count);
		out->changes = count.n;
		return;
	}
	plan.hash = call_hash(rq->call_id);
	out->status = judge(bindings, rq, lim, &plan);
	if (out->status) {
		out->min_expires_s = lim->min_s;
		return;
	}
	out->status = 200;
	out->repeated = rq->n_contacts && plan.n_repeated == rq->n_contacts;
	if (out->repeated)
		return;
	if (reserve(r, owner, rq, &plan) < 0)
		out->status = 503;
	else
		carry_out(r, bindings, rq, lim, &plan, count_change, &count);
	unreserve(r, rq, &plan);
	out->changes = count.n;
}

struct sip_binding *td_registrar_restore(struct registrar *r, struct td_list *bindings, void *owner,
					 const struct sip_binding *from)
{
	struct sip_binding *b;
	struct reg_peer *p;

	if (heap_reserve(r, 1) < 0)
		return NULL;
	b = td_zalloc(sizeof(*b));
	if (!b)
		return NULL;
	p = peer_get(r, &from->peer);
	if (!p) {
		td_free(b);
		return NULL;
	}
	*b = *from;
	b->owner = owner;
	b->at = p;
	td_list_append(&p->bindings, &b->at_peer);
	td_list_push(bindings, &b->node);
	heap_add(r, b);
	if (b->id > r->last_id)
		r->last_id = b->id;
	return b;
}

void td_registrar_remove(struct registrar *r, struct sip_binding *b, reg_change_fn fn, void *arg)
{
	binding_remove(r, b, REG_REMOVED, fn, arg);
}

void td_registrar_drop(struct registrar *r, struct td_list *bindings, reg_change_fn fn, void *arg)
{
	struct sip_binding *b, *tmp;

	td_list_for_each_safe(b, tmp, bindings, struct sip_binding, node)
		binding_remove(r, b, REG_REMOVED, fn, arg);
}

int64_t td_registrar_expire(struct registrar *r, uint64_t now_ms, reg_change_fn fn, void *arg)
{
	while (r->n_heap && r->heap[1]->expires_ms <= now_ms)
		binding_remove(r, r->heap[1], REG_EXPIRED, fn, arg);
	return r->n_heap ? (int64_t)(r->heap[1]->expires_ms - now_ms) : -1;
}

struct sip_binding *td_registrar_by_peer(const struct registrar *r, const struct td_addr *peer)
{
	struct reg_peer *p = peer_find(r, peer);

	return p ? td_list_first(&p->bindings, struct sip_binding, at_peer) : NULL;
}

uint32_t td_registrar_left_s(const struct sip_binding *b, uint64_t now_ms)
{
	return b->expires_ms > now_ms ? (uint32_t)((b->expires_ms - now_ms + 999) / 1000) : 0;
}

size_t td_registrar_count(const struct td_list *bindings, const char *aor)
{
	const struct sip_binding *b;
	size_t n = 0;

	td_list_for_each(b, bindings, const struct sip_binding, node)
		n += strcmp(b->aor, aor) == 0;
	return n;
}

void td_registrar_init(struct registrar *r)
{
	memset(r, 0, sizeof(*r));
	td_map_init(&r->peers);
}

void td_registrar_fini(struct registrar *r)
{
	td_map_fini(&r->peers);
	td_free(r->heap);
}
