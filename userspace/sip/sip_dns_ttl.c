/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure: how long what a DNS message says is true. c-ares tells that of addresses only. */
#include "userspace/sip/sip_dns.h"

#define TYPE_SOA   6
#define HEADER_LEN 12

struct cursor {
	const uint8_t *p, *end;		/* p NULL: the message is broken */
};

static uint32_t take(struct cursor *c, size_t bytes)
{
	uint32_t v = 0;

	if (!c->p || (size_t)(c->end - c->p) < bytes) {
		c->p = NULL;
		return 0;
	}
	while (bytes--)
		v = v << 8 | *c->p++;
	return v;
}

static void skip(struct cursor *c, size_t bytes)
{
	if (c->p && (size_t)(c->end - c->p) >= bytes)
		c->p += bytes;
	else
		c->p = NULL;
}

/* RFC 1035 4.1.4: labels, which end with an empty one or with a pointer. */
static void skip_name(struct cursor *c)
{
	while (c->p) {
		uint32_t len = take(c, 1);

		if (!c->p || !len)
			return;
		if (len >= 0xc0) {
			skip(c, 1);
			return;
		}
		skip(c, len);
	}
}

static void least(uint32_t *ttl, uint32_t v)
{
	if (!*ttl || v < *ttl)
		*ttl = v;
}

uint32_t td_dns_ttl(const uint8_t *msg, size_t len)
{
	struct cursor c = { msg, msg + len };
	uint32_t questions, answers, authorities, ttl = 0;

	if (len < HEADER_LEN)
		return 0;
	skip(&c, 4);
	questions = take(&c, 2);
	answers = take(&c, 2);
	authorities = take(&c, 2);
	skip(&c, 2);
	for (uint32_t i = 0; i < questions && c.p; i++) {
		skip_name(&c);
		skip(&c, 4);
	}
	for (uint32_t i = 0; i < answers + authorities && c.p; i++) {
		uint32_t type, one, size;

		skip_name(&c);
		type = take(&c, 2);
		skip(&c, 2);
		one = take(&c, 4);
		size = take(&c, 2);
		if (i < answers) {
			skip(&c, size);
			if (c.p)
				least(&ttl, one);
		} else if (type == TYPE_SOA && !answers) {
			const uint8_t *end = c.p ? c.p + size : NULL;

			if (!c.p || (size_t)(c.end - c.p) < size)
				return 0;
			skip_name(&c);
			skip_name(&c);
			skip(&c, 16);
			least(&ttl, one);
			one = take(&c, 4);	/* minimum */
			if (c.p)
				least(&ttl, one);
			c.p = end;
		} else {
			skip(&c, size);
		}
	}
	return c.p ? ttl : 0;
}
