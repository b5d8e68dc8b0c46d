/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The trie of numbers and patterns. A node is one place of a pattern: literal keys
 * lead to children that are found by a bit, "." and [ ] to a short list of sets. So a
 * look-up follows the digits, and of ten thousand patterns it meets only those that begin
 * like them. What repeats (? % + behind a key) hangs as an automaton at the node where the
 * plain string before it ends; patterns that repeat from their first key on are therefore
 * tried one by one, and are rare.
 *
 * Not here: what a target is (dialplan.c), which of several phones rings (call_setup.c).
 */
#include <errno.h>
#include <string.h>
#include "userspace/base/mem.h"
#include "userspace/core/route.h"

#define MAX_DIGITS 64

struct leaf {
	struct leaf *next;
	void *target;
	struct td_dial_pattern *tail;	/* NULL: the pattern ends at this node */
	uint32_t order;
	uint8_t preference, literal, ranges;
	bool whole, variable;
};

struct node;

struct way {
	struct way *next;
	uint32_t keys;
	struct node *to;
};

struct node {
	struct node **child;		/* one per bit of keys */
	uint32_t keys;
	struct way *ways;		/* sets of keys */
	struct leaf *leaves;
};

struct td_route {
	struct node root;
	size_t count;
};

struct td_route *td_route_new(void)
{
	return td_zalloc(sizeof(struct td_route));
}

/* ---- growing and shrinking ---- */

static unsigned int rank_of(uint32_t keys, uint32_t bit)
{
	return (unsigned int)__builtin_popcount(keys & (bit - 1));
}

static bool is_single(uint32_t keys)
{
	return !(keys & (keys - 1));
}

static bool is_bare(const struct node *n)
{
	return !n->keys && !n->ways && !n->leaves;
}

static void free_leaf(struct leaf *l)
{
	td_free(l->tail);
	td_free(l);
}

/* Depth is bounded by the longest pattern. */
static void free_below(struct node *n)
{
	struct leaf *l;
	struct way *w;

	for (unsigned int i = 0; i < (unsigned int)__builtin_popcount(n->keys); i++) {
		free_below(n->child[i]);
		td_free(n->child[i]);
	}
	td_free(n->child);
	while ((w = n->ways)) {
		n->ways = w->next;
		free_below(w->to);
		td_free(w->to);
		td_free(w);
	}
	while ((l = n->leaves)) {
		n->leaves = l->next;
		free_leaf(l);
	}
}

void td_route_free(struct td_route *route)
{
	if (!route)
		return;
	free_below(&route->root);
	td_free(route);
}

static struct node *find_next(const struct node *n, uint32_t keys)
{
	struct way *w;

	if (is_single(keys))
		return n->keys & keys ? n->child[rank_of(n->keys, keys)] : NULL;
	for (w = n->ways; w; w = w->next)
		if (w->keys == keys)
			return w->to;
	return NULL;
}

static struct node *add_child(struct node *n, uint32_t key)
{
	unsigned int count = (unsigned int)__builtin_popcount(n->keys), i = rank_of(n->keys, key);
	struct node *fresh = td_zalloc(sizeof(*fresh)), **grown;

	if (!fresh)
		return NULL;
	grown = td_realloc(n->child, (count + 1) * sizeof(*grown));
	if (!grown) {
		td_free(fresh);
		return NULL;
	}
	memmove(grown + i + 1, grown + i, (count - i) * sizeof(*grown));
	grown[i] = fresh;
	n->child = grown;
	n->keys |= key;
	return fresh;
}

static struct node *add_way(struct node *n, uint32_t keys)
{
	struct way *w = td_zalloc(sizeof(*w));

	if (!w)
		return NULL;
	w->to = td_zalloc(sizeof(*w->to));
	if (!w->to) {
		td_free(w);
		return NULL;
	}
	w->keys = keys;
	w->next = n->ways;
	n->ways = w;
	return w->to;
}

static void drop_child(struct node *n, uint32_t key)
{
	unsigned int count = (unsigned int)__builtin_popcount(n->keys), i = rank_of(n->keys, key);

	td_free(n->child[i]);
	memmove(n->child + i, n->child + i + 1, (count - i - 1) * sizeof(*n->child));
	n->keys &= ~key;
	if (!n->keys) {
		td_free(n->child);
		n->child = NULL;
	}
}

static void drop_way(struct node *n, uint32_t keys)
{
	struct way **link = &n->ways, *w;

	while ((w = *link) && w->keys != keys)
		link = &w->next;
	if (!w)
		return;
	*link = w->next;
	td_free(w->to);
	td_free(w);
}

/* Take away what leads nowhere any more along the pattern, from the end up. */
static void prune(struct node *n, const struct td_dial_pattern *p, uint8_t depth)
{
	struct node *next = depth < p->plain ? find_next(n, p->keys[depth]) : NULL;

	if (!next)
		return;
	prune(next, p, depth + 1);
	if (!is_bare(next))
		return;
	if (is_single(p->keys[depth]))
		drop_child(n, p->keys[depth]);
	else
		drop_way(n, p->keys[depth]);
}

static struct leaf *make_leaf(const struct td_dial_pattern *p, void *target)
{
	struct leaf *l = td_zalloc(sizeof(*l));

	if (!l)
		return NULL;
	l->target = target;
	l->literal = p->literal;
	l->ranges = p->ranges;
	l->whole = p->whole;
	l->variable = p->variable;
	if (p->n && td_dial_is_plain(p))
		return l;
	if (!p->n)
		return l;	/* T alone */
	l->tail = td_zalloc(sizeof(*l->tail));
	if (!l->tail) {
		td_free(l);
		return NULL;
	}
	*l->tail = *p;
	return l;
}

int td_route_add(struct td_route *route, const struct td_dial_pattern *pattern, void *target,
		 uint8_t preference, uint32_t order)
{
	struct node *n = &route->root, *next;
	struct leaf *l = make_leaf(pattern, target);

	if (!l)
		return -ENOMEM;
	for (uint8_t i = 0; i < pattern->plain; i++) {
		uint32_t keys = pattern->keys[i];

		next = find_next(n, keys);
		if (!next)
			next = is_single(keys) ? add_child(n, keys) : add_way(n, keys);
		if (!next) {
			prune(&route->root, pattern, 0);
			free_leaf(l);
			return -ENOMEM;
		}
		n = next;
	}
	l->preference = preference;
	l->order = order;
	l->next = n->leaves;
	n->leaves = l;
	route->count++;
	return 0;
}

static struct node *walk(const struct td_route *route, const struct td_dial_pattern *p)
{
	const struct node *n = &route->root;

	for (uint8_t i = 0; n && i < p->plain; i++)
		n = find_next(n, p->keys[i]);
	return (struct node *)n;
}

bool td_route_remove(struct td_route *route, const struct td_dial_pattern *pattern,
		     const void *target)
{
	struct node *n = walk(route, pattern);
	struct leaf **link, *l;

	if (!n)
		return false;
	for (link = &n->leaves; (l = *link); link = &l->next) {
		if (l->target != target)
			continue;
		*link = l->next;
		free_leaf(l);
		route->count--;
		prune(&route->root, pattern, 0);
		return true;
	}
	return false;
}

void td_route_prefer(struct td_route *route, const struct td_dial_pattern *pattern,
		     const void *target, uint8_t preference)
{
	struct node *n = walk(route, pattern);
	struct leaf *l;

	for (l = n ? n->leaves : NULL; l; l = l->next)
		if (l->target == target)
			l->preference = preference;
}

/* ---- matching ---- */

struct match {
	int8_t key[MAX_DIGITS];
	uint8_t len;
	struct td_route_result *r;
};

/* Is a before b? */
static bool is_better(const struct td_route_hit *a, const struct td_route_hit *b)
{
	if (a->literal != b->literal)
		return a->literal > b->literal;
	if (a->preference != b->preference)
		return a->preference < b->preference;
	if (a->ranges != b->ranges)
		return a->ranges > b->ranges;
	return a->order < b->order;
}

static void add_hit(struct td_route_result *r, const struct leaf *l, uint8_t matched)
{
	struct td_route_hit hit = {
		.target = l->target, .literal = l->literal, .ranges = l->ranges,
		.preference = l->preference, .matched = matched, .order = l->order,
	};
	size_t i = r->n;

	if (r->n == TD_ROUTE_HITS) {
		r->cut = true;
		if (!is_better(&hit, &r->hit[--i]))
			return;
	} else {
		r->n++;
	}
	for (; i && is_better(&hit, &r->hit[i - 1]); i--)
		r->hit[i] = r->hit[i - 1];
	r->hit[i] = hit;
}

/* The pattern is complete after "used" digits: does it take the rest? */
static bool takes_rest(const struct leaf *l, const struct match *m, uint8_t used)
{
	if (l->variable)
		return m->len - used <= TD_DIAL_VARIABLE;
	return !l->whole || used == m->len;
}

static void end_here(const struct leaf *l, struct match *m, uint8_t used)
{
	if (!takes_rest(l, m, used))
		return;
	add_hit(m->r, l, l->variable ? m->len : used);
	if (l->variable && m->len - used < TD_DIAL_VARIABLE)
		m->r->longer = true;
}

/* The rest of a pattern that repeats. Of all ways that fit, the longest counts. */
static void run_tail(const struct leaf *l, struct match *m, uint8_t used)
{
	const struct td_dial_pattern *p = l->tail;
	uint64_t at = p->plain ? 1ull << (p->plain - 1) : 0;
	uint64_t next = p->plain ? p->follow[p->plain - 1] : p->first;
	bool ends = p->plain ? p->last & at : p->empty;
	int best = ends && takes_rest(l, m, used) ? used : -1;

	for (; next && used < m->len; next = td_dial_behind(p, at)) {
		at = td_dial_fit(p, next, m->key[used]);
		if (!at) {
			next = 0;
			break;
		}
		used++;
		if ((at & p->last) && takes_rest(l, m, used))
			best = used;
	}
	if (next)
		m->r->longer = m->r->other = true;
	if (best >= 0)
		end_here(l, m, (uint8_t)best);
}

static void visit(const struct node *n, struct match *m, uint8_t used)
{
	const struct leaf *l;
	const struct way *w;
	uint32_t bit;

	for (l = n->leaves; l; l = l->next) {
		if (l->tail)
			run_tail(l, m, used);
		else
			end_here(l, m, used);
	}
	if (used == m->len) {
		if (n->keys || n->ways)
			m->r->longer = m->r->other = true;
		return;
	}
	bit = 1u << m->key[used];
	if (n->keys & bit)
		visit(n->child[rank_of(n->keys, bit)], m, used + 1);
	for (w = n->ways; w; w = w->next)
		if (w->keys & bit)
			visit(w->to, m, used + 1);
}

void td_route_match(const struct td_route *route, const char *digits, struct td_route_result *r)
{
	struct match m = { .r = r };

	r->kind = TD_ROUTE_NONE;
	r->longer = r->other = r->cut = false;
	r->n = 0;
	for (; *digits; digits++) {
		int key = td_dial_key(*digits);

		if (key < 0 || m.len == MAX_DIGITS)
			return;
		m.key[m.len++] = (int8_t)key;
	}
	visit(&route->root, &m, 0);
	r->kind = r->n ? TD_ROUTE_MATCH : r->longer ? TD_ROUTE_MORE : TD_ROUTE_NONE;
}

size_t td_route_count(const struct td_route *route)
{
	return route->count;
}
