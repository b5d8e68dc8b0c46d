/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "userspace/prov/tftp_codec.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAX_OPTIONS 16

/* Text up to the next zero byte; false when there is none. */
static bool get_text(struct td_buf *b, struct td_str *out)
{
	const char *p = (const char *)b->p + b->pos;
	const char *end = memchr(p, '\0', td_buf_left(b));

	if (!end)
		return false;
	*out = td_buf_get_bytes(b, (size_t)(end - p));
	td_buf_get_u8(b);
	return true;
}

static void take_number(uint32_t *to, struct td_str value, uint32_t min, uint32_t max)
{
	uint32_t n;

	if (!td_parse_u32(value, &n) && n >= min && n <= max)
		*to = n;
}

static void take_option(struct tftp_request *r, struct td_str name, struct td_str value)
{
	if (td_str_caseeq_c(name, "blksize"))
		take_number(&r->blksize, value, 8, 65464);
	else if (td_str_caseeq_c(name, "timeout"))
		take_number(&r->timeout_s, value, 1, 255);
	else if (td_str_caseeq_c(name, "windowsize"))
		take_number(&r->windowsize, value, 1, 65535);
	else if (td_str_caseeq_c(name, "tsize"))
		r->tsize = true;
}

int td_tftp_read_request(struct tftp_request *r, const void *data, size_t len)
{
	struct td_str mode, name, value;
	struct td_buf b;
	int i;

	memset(r, 0, sizeof(*r));
	td_buf_init(&b, (void *)(uintptr_t)data, len);
	r->op = (enum tftp_op)td_buf_get_be16(&b);
	if (td_buf_err(&b) || (r->op != TFTP_RRQ && r->op != TFTP_WRQ))
		return -EBADMSG;
	if (!get_text(&b, &r->file) || !r->file.len || !get_text(&b, &mode))
		return -EBADMSG;
	r->netascii = td_str_caseeq_c(mode, "netascii");
	if (!r->netascii && !td_str_caseeq_c(mode, "octet"))
		return -EOPNOTSUPP;
	for (i = 0; i < MAX_OPTIONS && get_text(&b, &name) && get_text(&b, &value); i++)
		take_option(r, name, value);
	return 0;
}

int td_tftp_read_ack(uint16_t *block, const void *data, size_t len)
{
	struct td_buf b;
	uint16_t op;

	td_buf_init(&b, (void *)(uintptr_t)data, len);
	op = td_buf_get_be16(&b);
	*block = td_buf_get_be16(&b);
	return td_buf_err(&b) || op != TFTP_ACK ? -EBADMSG : 0;
}

bool td_tftp_is_error(const void *data, size_t len)
{
	struct td_buf b;

	td_buf_init(&b, (void *)(uintptr_t)data, len);
	return td_buf_get_be16(&b) == TFTP_ERROR && !td_buf_err(&b);
}

static void put_option(struct td_buf *b, const char *name, uint64_t value)
{
	td_buf_put_bytes(b, name, strlen(name) + 1);
	td_buf_printf(b, "%" PRIu64, value);
	td_buf_put_u8(b, 0);
}

void td_tftp_put_oack(struct td_buf *b, const struct tftp_request *r, uint64_t tsize)
{
	td_buf_put_be16(b, TFTP_OACK);
	if (r->blksize)
		put_option(b, "blksize", r->blksize);
	if (r->timeout_s)
		put_option(b, "timeout", r->timeout_s);
	if (r->windowsize)
		put_option(b, "windowsize", r->windowsize);
	if (r->tsize)
		put_option(b, "tsize", tsize);
}

void td_tftp_put_error(struct td_buf *b, enum tftp_error code, const char *text)
{
	td_buf_put_be16(b, TFTP_ERROR);
	td_buf_put_be16(b, (uint16_t)code);
	td_buf_put_bytes(b, text, strlen(text) + 1);
}

void td_tftp_put_data_header(uint8_t header[TFTP_HEADER], uint16_t block)
{
	header[0] = 0;
	header[1] = TFTP_DATA;
	header[2] = (uint8_t)(block >> 8);
	header[3] = (uint8_t)block;
}
