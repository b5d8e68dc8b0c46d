// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers of signed files, made once. See signed.h. */
#include "userspace/prov/signed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/list.h"
#include "userspace/base/mem.h"

#define MOST_HEADS 20000		/* as many as there can be files */

struct head {
	struct td_map_node node;
	const struct td_name *file;
	size_t len;
	uint8_t data[];
};

void td_signed_init(struct td_signed *s, const struct td_trust *trust)
{
	*s = (struct td_signed){ .trust = trust };
	td_map_init(&s->heads);
}

void td_signed_clear(struct td_signed *s)
{
	struct td_map_node *n, *next;

	td_map_for_each_safe(n, next, &s->heads)
		td_free(td_container_of(n, struct head, node));
	td_map_fini(&s->heads);
	td_map_init(&s->heads);
	s->n = 0;
}

const struct td_name *td_signed_find(struct td_signed *s, const struct td_names *names,
				     const char *name, size_t len, bool *is_signed)
{
	const size_t end = sizeof(TD_TRUST_END) - 1;
	const struct td_name *file = td_names_find(names, name, len);

	*is_signed = false;
	if (file || !s->trust || len <= end || memcmp(name + len - end, TD_TRUST_END, end))
		return file;
	*is_signed = true;
	return td_names_find(names, name, len - end);
}

int td_signed_head(struct td_signed *s, const struct td_names *names, const struct td_name *file,
		   const uint8_t **data)
{
	struct td_map_node *n = td_map_find(&s->heads, &file, sizeof(file));
	char name[TD_NAME_MAX + sizeof(TD_TRUST_END)];
	uint8_t made[TD_TRUST_HEAD];
	struct head *h;
	int len;

	if (n) {
		h = td_container_of(n, struct head, node);
		*data = h->data;
		return (int)h->len;
	}
	snprintf(name, sizeof(name), "%s" TD_TRUST_END, file->name);
	len = td_trust_head(s->trust, name, names, file, made);
	if (len < 0)
		return len;
	h = s->n < MOST_HEADS ? td_zalloc(sizeof(*h) + (size_t)len) : NULL;
	if (!h)
		return -ENOMEM;
	h->file = file;
	h->len = (size_t)len;
	memcpy(h->data, made, (size_t)len);
	if (td_map_insert(&s->heads, &h->node, &h->file, sizeof(h->file))) {
		td_free(h);
		return -ENOMEM;
	}
	s->n++;
	*data = h->data;
	return len;
}
