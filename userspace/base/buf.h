/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. A bounded cursor over bytes that somebody else owns, for decoding and for
 * encoding. The first error sticks: a decoder reads straight through and asks once
 * at the end. Reading past the end gives zeros and -EBADMSG.
 */
#ifndef TD_BASE_BUF_H
#define TD_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include "userspace/base/str.h"

struct td_buf {
	uint8_t *p;
	size_t len;			/* bytes valid (decoding) or room (encoding) */
	size_t pos;
	int err;			/* 0, -EBADMSG (read past the end), -ENOSPC (wrote past it) */
};

void td_buf_init(struct td_buf *b, void *data, size_t len);
int td_buf_err(const struct td_buf *b);
size_t td_buf_left(const struct td_buf *b);
uint8_t td_buf_get_u8(struct td_buf *b);
uint16_t td_buf_get_be16(struct td_buf *b);
uint32_t td_buf_get_be32(struct td_buf *b);
uint64_t td_buf_get_be64(struct td_buf *b);
uint16_t td_buf_get_le16(struct td_buf *b);
uint32_t td_buf_get_le32(struct td_buf *b);
/** View of n bytes; empty after an error. */
struct td_str td_buf_get_bytes(struct td_buf *b, size_t n);
/** What td_buf_put_text() wrote, into a field; -EBADMSG sticks when it does not fit, or holds a zero. */
void td_buf_get_text(struct td_buf *b, char *dst, size_t size);
void td_buf_put_u8(struct td_buf *b, uint8_t v);
void td_buf_put_be16(struct td_buf *b, uint16_t v);
void td_buf_put_be32(struct td_buf *b, uint32_t v);
void td_buf_put_be64(struct td_buf *b, uint64_t v);
void td_buf_put_le16(struct td_buf *b, uint16_t v);
void td_buf_put_le32(struct td_buf *b, uint32_t v);
void td_buf_put_bytes(struct td_buf *b, const void *data, size_t n);
/** Its length in two bytes, then the text; one of 64 KiB or more does not fit (-ENOSPC). */
void td_buf_put_text(struct td_buf *b, const char *text);
/** printf at the end (text encoding, e.g. SDP); no terminator is counted. */
void td_buf_printf(struct td_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
