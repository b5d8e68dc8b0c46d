/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Fields of Skinny messages, both ways. Reading past the end gives zeros and empty
 * texts, which is what a missing tail means.
 */
#include "userspace/sccp/sccp_wire.h"

/* "&m->tone.line" is "line", "i->calling" is "calling". */
static const char *tail(const char *field)
{
	const char *p = field + strlen(field);

	while (p > field && p[-1] != '.' && p[-1] != '>' && p[-1] != '&')
		p--;
	return p;
}

void w_say_number(struct wire *w, const char *field, uint32_t v)
{
	if (v)
		td_buf_printf(w->say, v > 0xffff ? " %s=0x%x" : " %s=%u", tail(field), v);
}

void w_say_text(struct wire *w, const char *field, const char *text)
{
	if (!*text)
		return;
	td_buf_printf(w->say, " %s='", tail(field));
	for (; *text; text++)
		td_buf_printf(w->say, (uint8_t)*text < ' ' || (uint8_t)*text > '~' || *text == '\'' ?
			      "\\x%02x" : "%c", (uint8_t)*text);
	td_buf_printf(w->say, "'");
}

void w_say_addr(struct wire *w, const char *field, const struct td_addr *a)
{
	char text[TD_ADDR_STRLEN];

	td_buf_printf(w->say, " %s=%s", tail(field), td_addr_ip(a, text));
}

void w_skip(struct wire *w, size_t n)
{
	static const uint8_t zeros[64];

	while (w->out && n) {
		size_t part = n < sizeof(zeros) ? n : sizeof(zeros);

		td_buf_put_bytes(&w->b, zeros, part);
		n -= part;
	}
	if (!w->out)
		td_buf_get_bytes(&w->b, n);
}

/* A short tail is given as far as it goes. */
static struct td_str take(struct wire *w, size_t n)
{
	size_t left = td_buf_left(&w->b);
	struct td_str s = td_buf_get_bytes(&w->b, n < left ? n : left);

	if (n > left)
		td_buf_get_u8(&w->b);	/* remembers that the end was passed */
	return s;
}

void w_bytes(struct wire *w, void *v, size_t n)
{
	struct td_str s;

	if (w->out) {
		td_buf_put_bytes(&w->b, v, n);
		return;
	}
	s = take(w, n);
	memset(v, 0, n);
	if (s.len)
		memcpy(v, s.p, s.len);
}

static void keep_text(char *dst, size_t size, struct td_str s)
{
	const char *end = s.len ? memchr(s.p, '\0', s.len) : NULL;

	if (end)
		s.len = (size_t)(end - s.p);
	td_str_copy(dst, size, s);
}

void w_text_(struct wire *w, char *s, size_t size, size_t width, const char *field)
{
	size_t len;

	if (!w->out) {
		keep_text(s, size, take(w, width));
		if (w->say)
			w_say_text(w, field, s);
		return;
	}
	len = strnlen(s, width - 1);
	td_buf_put_bytes(&w->b, s, len);
	w_skip(w, width - len);
}

void w_zstr_(struct wire *w, char *s, size_t size, const char *field)
{
	size_t left, len;
	const char *p, *end;

	if (w->out) {
		td_buf_put_bytes(&w->b, s, strlen(s) + 1);
		return;
	}
	left = td_buf_left(&w->b);
	p = (const char *)w->b.p + w->b.pos;
	end = left ? memchr(p, '\0', left) : NULL;
	len = end ? (size_t)(end - p) : left;
	keep_text(s, size, td_buf_get_bytes(&w->b, len));
	td_buf_get_u8(&w->b);
	if (w->say)
		w_say_text(w, field, s);
}

void w_dn_(struct wire *w, char s[SCCP_DN_LEN], const char *field)
{
	w_text_(w, s, SCCP_DN_LEN, w->version < 18 ? 24 : 25, field);
}

void w_ip4(struct wire *w, struct td_addr *a)
{
	if (w->out)
		td_buf_put_be32(&w->b, td_addr_is_v4(a) ? (uint32_t)a->ip[12] << 24 |
				(uint32_t)a->ip[13] << 16 | (uint32_t)a->ip[14] << 8 | a->ip[15] : 0);
	else
		td_addr_set_v4(a, td_buf_get_be32(&w->b), a->port);
}

void w_ip6(struct wire *w, struct td_addr *a)
{
	w_bytes(w, a->ip, sizeof(a->ip));
}

/* Family 2, "both", carries one address like the others; which one, its bytes tell. */
void w_addr_(struct wire *w, struct td_addr *a, const char *field)
{
	static const uint8_t none[12];
	uint32_t family = td_addr_is_v4(a) || !td_addr_is_set(a) ? 0 : 1;
	uint8_t ip[16] = { 0 };

	if (w->version < 17) {
		w_ip4(w, a);
		if (w->say)
			w_say_addr(w, field, a);
		return;
	}
	if (w->out)
		memcpy(ip, family ? a->ip : a->ip + 12, family ? 16 : 4);
	w_u32_(w, &family, "family");
	w_bytes(w, ip, sizeof(ip));
	if (w->out)
		return;
	if (family == 0 || (family == 2 && !memcmp(ip + 4, none, sizeof(none))))
		td_addr_set_v4(a, (uint32_t)ip[0] << 24 | (uint32_t)ip[1] << 16 |
			       (uint32_t)ip[2] << 8 | ip[3], a->port);
	else if (family < 3)
		memcpy(a->ip, ip, sizeof(ip));
	if (w->say)
		w_say_addr(w, field, a);
}

void w_port(struct wire *w, struct td_addr *a)
{
	uint32_t port = a->port;

	w_u32_(w, &port, "port");
	a->port = port <= 65535 ? (uint16_t)port : 0;
}
