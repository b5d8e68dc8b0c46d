/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The bounded cursor. Everything goes through take(), the only place that compares
 * a length with what is left; numbers are put together byte by byte, so neither the
 * alignment of the data nor the order of the machine matters.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "userspace/base/buf.h"

void td_buf_init(struct td_buf *b, void *data, size_t len)
{
	*b = (struct td_buf){ .p = data, .len = len };
}

int td_buf_err(const struct td_buf *b)
{
	return b->err;
}

size_t td_buf_left(const struct td_buf *b)
{
	return b->err ? 0 : b->len - b->pos;
}

/* The next n bytes, or NULL; err is what a lack of them means. */
static uint8_t *take(struct td_buf *b, size_t n, int err)
{
	uint8_t *p;

	if (b->err)
		return NULL;
	if (n > b->len - b->pos) {
		b->err = err;
		return NULL;
	}
	p = b->p + b->pos;
	b->pos += n;
	return p;
}

/* ---- decoding ---- */

uint8_t td_buf_get_u8(struct td_buf *b)
{
	const uint8_t *p = take(b, 1, -EBADMSG);

	return p ? p[0] : 0;
}

uint16_t td_buf_get_be16(struct td_buf *b)
{
	const uint8_t *p = take(b, 2, -EBADMSG);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t td_buf_get_be32(struct td_buf *b)
{
	const uint8_t *p = take(b, 4, -EBADMSG);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

uint64_t td_buf_get_be64(struct td_buf *b)
{
	uint64_t high = td_buf_get_be32(b);

	return high << 32 | td_buf_get_be32(b);
}

uint16_t td_buf_get_le16(struct td_buf *b)
{
	const uint8_t *p = take(b, 2, -EBADMSG);

	return p ? (uint16_t)(p[1] << 8 | p[0]) : 0;
}

uint32_t td_buf_get_le32(struct td_buf *b)
{
	const uint8_t *p = take(b, 4, -EBADMSG);

	return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : 0;
}

struct td_str td_buf_get_bytes(struct td_buf *b, size_t n)
{
	const uint8_t *p = take(b, n, -EBADMSG);

	if (!p)
		return td_str_of("");
	return (struct td_str){ (const char *)p, n };
}

/* ---- encoding ---- */

void td_buf_put_bytes(struct td_buf *b, const void *data, size_t n)
{
	uint8_t *p = take(b, n, -ENOSPC);

	if (p && n)
		memcpy(p, data, n);
}

void td_buf_put_u8(struct td_buf *b, uint8_t v)
{
	td_buf_put_bytes(b, &v, 1);
}

void td_buf_put_be16(struct td_buf *b, uint16_t v)
{
	const uint8_t bytes[] = { (uint8_t)(v >> 8), (uint8_t)v };

	td_buf_put_bytes(b, bytes, sizeof(bytes));
}

void td_buf_put_be32(struct td_buf *b, uint32_t v)
{
	const uint8_t bytes[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
				  (uint8_t)v };

	td_buf_put_bytes(b, bytes, sizeof(bytes));
}

void td_buf_put_be64(struct td_buf *b, uint64_t v)
{
	td_buf_put_be32(b, (uint32_t)(v >> 32));
	td_buf_put_be32(b, (uint32_t)v);
}

void td_buf_put_le16(struct td_buf *b, uint16_t v)
{
	const uint8_t bytes[] = { (uint8_t)v, (uint8_t)(v >> 8) };

	td_buf_put_bytes(b, bytes, sizeof(bytes));
}

void td_buf_put_le32(struct td_buf *b, uint32_t v)
{
	const uint8_t bytes[] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
				  (uint8_t)(v >> 24) };

	td_buf_put_bytes(b, bytes, sizeof(bytes));
}

/* ---- text with its length ---- */

void td_buf_put_text(struct td_buf *b, const char *text)
{
	size_t len = strlen(text);

	if (len > UINT16_MAX)
		b->err = -ENOSPC;
	td_buf_put_be16(b, (uint16_t)len);
	td_buf_put_bytes(b, text, len);
}

void td_buf_get_text(struct td_buf *b, char *dst, size_t size)
{
	struct td_str s = td_buf_get_bytes(b, td_buf_get_be16(b));

	if (td_str_copy(dst, size, s) >= size || (s.len && memchr(s.p, '\0', s.len)))
		b->err = -EBADMSG;
}

/* vsnprintf() ends its text with a zero: that byte is not counted but must have room. */
void td_buf_printf(struct td_buf *b, const char *fmt, ...)
{
	size_t left = td_buf_left(b);
	va_list ap;
	int n;

	if (b->err)
		return;
	va_start(ap, fmt);
	n = vsnprintf((char *)b->p + b->pos, left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= left)
		b->err = -ENOSPC;
	else
		b->pos += (size_t)n;
}
