/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The digit trie. A node is one digit; brothers are a short list, because at most
 * a dozen different digits exist, so a look-up costs a few steps per digit however many
 * numbers there are. Compact: 32 bytes a node, shared prefixes once.
 *
 * Not here: what a target is (endpoint.c), which of several phones rings (call_setup.c).
 */
#include <errno.h>
#include "userspace/base/mem.h"
#include "userspace/core/route.h"

struct node {
	struct node *child, *next;
	void *target;
	char digit;
};

struct td_route {
	struct node root;
	size_t count;
};

struct td_route *td_route_new(void)
{
	return td_zalloc(sizeof(struct td_route));
}

/* Depth is bounded by the longest number. */
static void free_children(struct node *parent)
{
	struct node *n = parent->child;

	while (n) {
		struct node *next = n->next;

		free_children(n);
		td_free(n);
		n = next;
	}
	parent->child = NULL;
}

void td_route_free(struct td_route *route)
{
	if (!route)
		return;
	free_children(&route->root);
	td_free(route);
}

static struct node *find_child(const struct node *parent, char digit)
{
	struct node *n;

	for (n = parent->child; n; n = n->next)
		if (n->digit == digit)
			return n;
	return NULL;
}

static struct node *add_child(struct node *parent, char digit)
{
	struct node *n = find_child(parent, digit);

	if (n)
		return n;
	n = td_zalloc(sizeof(*n));
	if (!n)
		return NULL;
	n->digit = digit;
	n->next = parent->child;
	parent->child = n;
	return n;
}

/* Take away the nodes along digits that lead nowhere any more, from the leaf up. */
static void prune(struct node *parent, const char *digits)
{
	struct node **link = &parent->child, *n;

	if (!*digits)
		return;
	while (*link && (*link)->digit != *digits)
		link = &(*link)->next;
	n = *link;
	if (!n)
		return;
	prune(n, digits + 1);
	if (n->target || n->child)
		return;
	*link = n->next;
	td_free(n);
}

int td_route_add(struct td_route *route, const char *digits, void *target)
{
	struct node *n = &route->root;
	const char *p;

	if (!*digits || !target)
		return -EINVAL;
	for (p = digits; *p; p++) {
		n = add_child(n, *p);
		if (!n) {
			prune(&route->root, digits);
			return -ENOMEM;
		}
	}
	if (n->target)
		return -EEXIST;
	n->target = target;
	route->count++;
	return 0;
}

static struct node *walk(const struct td_route *route, const char *digits)
{
	const struct node *n = &route->root;

	for (; n && *digits; digits++)
		n = find_child(n, *digits);
	return (struct node *)n;
}

void *td_route_remove(struct td_route *route, const char *digits)
{
	struct node *n = walk(route, digits);
	void *target;

	if (!n || !n->target)
		return NULL;
	target = n->target;
	n->target = NULL;
	route->count--;
	prune(&route->root, digits);
	return target;
}

struct td_route_result td_route_match(const struct td_route *route, const char *digits)
{
	const struct node *n = walk(route, digits);
	struct td_route_result r = { .kind = TD_ROUTE_NONE };

	if (!n)
		return r;
	if (!n->target) {
		/* Only an empty trie has a root without children and without target. */
		r.kind = n->child ? TD_ROUTE_MORE : TD_ROUTE_NONE;
		return r;
	}
	r.kind = TD_ROUTE_MATCH;
	r.target = n->target;
	r.longer = n->child != NULL;
	return r;
}

size_t td_route_count(const struct td_route *route)
{
	return route->count;
}
