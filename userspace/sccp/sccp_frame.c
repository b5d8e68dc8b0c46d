/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE but for memory. The frame reader. A frame's length word counts what follows its
 * first eight bytes; less than the id (4) or more than any phone sends is an error that
 * nothing can repair, since the next frame's start is not known then.
 */
#include <errno.h>
#include <string.h>
#include "userspace/base/mem.h"
#include "userspace/sccp/sccp_frame.h"

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Bytes of the whole frame, 0: its length has not come yet, negative: nonsense. */
static int frame_size(const uint8_t *p, size_t len)
{
	uint32_t n;

	if (len < 4)
		return 0;
	n = le32(p);
	return n < 4 || n > SCCP_MAX_FRAME ? -EBADMSG : (int)n + 8;
}

static bool tell(const uint8_t *p, size_t size, sccp_frame_fn fn, void *arg)
{
	struct sccp_frame f = {
		.version = le32(p + 4), .id = le32(p + 8), .body = p + SCCP_HEADER,
		.len = size - SCCP_HEADER,
	};

	return fn(arg, &f);
}

static int keep(struct sccp_reader *r, const uint8_t *data, size_t len)
{
	if (!r->part)
		r->part = td_zalloc(SCCP_MAX_FRAME + 8);
	if (!r->part)
		return -ENOMEM;
	memcpy(r->part + r->len, data, len);
	r->len += len;
	return 0;
}

/* Complete the kept frame from data. Returns how many bytes it took, or an error. The memory is
 * given up before fn runs, because fn may be the end of the reader. */
static int complete(struct sccp_reader *r, const uint8_t *data, size_t len, sccp_frame_fn fn,
		    void *arg)
{
	size_t need = 4, taken = 0, part;
	uint8_t *whole;
	bool go_on;
	int size;

	for (;;) {
		size = frame_size(r->part, r->len);
		if (size < 0)
			return size;
		need = size ? (size_t)size : 4;
		if (size && r->len == need)
			break;
		part = need - r->len < len - taken ? need - r->len : len - taken;
		if (!part)
			return (int)taken;
		memcpy(r->part + r->len, data + taken, part);
		r->len += part;
		taken += part;
	}
	whole = r->part;
	r->part = NULL;
	r->len = 0;
	go_on = tell(whole, need, fn, arg);
	td_free(whole);
	return go_on ? (int)taken : -ECANCELED;
}

int td_sccp_read(struct sccp_reader *r, const uint8_t *data, size_t len, sccp_frame_fn fn,
		 void *arg)
{
	size_t pos = 0;
	int n;

	if (r->len) {
		n = complete(r, data, len, fn, arg);
		if (n < 0 || r->len)
			return n < 0 ? n : 0;
		pos = (size_t)n;
	}
	while (pos < len) {
		n = frame_size(data + pos, len - pos);
		if (n < 0)
			return n;
		if (!n || (size_t)n > len - pos)
			return keep(r, data + pos, len - pos);
		if (!tell(data + pos, (size_t)n, fn, arg))
			return -ECANCELED;
		pos += (size_t)n;
	}
	return 0;
}

void td_sccp_reader_fini(struct sccp_reader *r)
{
	td_free(r->part);
	r->part = NULL;
	r->len = 0;
}
