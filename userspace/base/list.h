/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Intrusive doubly linked list, the kernel's shape: the node sits in the
 * object, the head in its owner.
 */
#ifndef TD_BASE_LIST_H
#define TD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct td_list {
	struct td_list *next, *prev;
};

#define TD_LIST_INIT(name) { &(name), &(name) }

#define td_container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

static inline void td_list_init(struct td_list *l)
{
	l->next = l->prev = l;
}

static inline bool td_list_empty(const struct td_list *l)
{
	return l->next == l;
}

static inline void td_list_insert(struct td_list *n, struct td_list *prev, struct td_list *next)
{
	next->prev = n;
	n->next = next;
	n->prev = prev;
	prev->next = n;
}

static inline void td_list_push(struct td_list *head, struct td_list *n)
{
	td_list_insert(n, head, head->next);
}

static inline void td_list_append(struct td_list *head, struct td_list *n)
{
	td_list_insert(n, head->prev, head);
}

/* Unlink and leave the node empty, so that a second removal is harmless. */
static inline void td_list_del(struct td_list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	td_list_init(n);
}

#define td_list_first(head, type, member) \
	(td_list_empty(head) ? NULL : td_container_of((head)->next, type, member))

#define td_list_for_each(pos, head, type, member) \
	for (pos = td_container_of((head)->next, type, member); &pos->member != (head); \
	     pos = td_container_of(pos->member.next, type, member))

/* The body may remove pos. */
#define td_list_for_each_safe(pos, tmp, head, type, member) \
	for (pos = td_container_of((head)->next, type, member), \
	     tmp = td_container_of(pos->member.next, type, member); \
	     &pos->member != (head); \
	     pos = tmp, tmp = td_container_of(tmp->member.next, type, member))

#endif
