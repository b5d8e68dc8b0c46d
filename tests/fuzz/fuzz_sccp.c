/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a Skinny stream, cut where the first byte says: never out of bounds, the cut
 * changes nothing, and what is understood survives being written and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/sccp/sccp_frame.h"
#include "userspace/sccp/sccp_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t frames;
	uint32_t sum;
};

static void both_ways(const struct sccp_frame *f)
{
	static uint8_t once[2 * SCCP_MAX_FRAME], twice[2 * SCCP_MAX_FRAME];
	static struct sccp_msg a, b;
	struct sccp_frame g;
	struct td_buf o, t;

	if (td_sccp_decode(f, &a))
		return;
	td_buf_init(&o, once, sizeof(once));
	if (td_sccp_encode(&a, f->version, &o))
		abort();
	g = (struct sccp_frame){ .version = f->version, .id = f->id, .body = once + SCCP_HEADER,
				 .len = o.pos - SCCP_HEADER };
	if (td_sccp_decode(&g, &b))
		abort();
	td_buf_init(&t, twice, sizeof(twice));
	if (td_sccp_encode(&b, f->version, &t) || t.pos != o.pos || memcmp(once, twice, o.pos))
		abort();
}

static bool hear(void *arg, const struct sccp_frame *f)
{
	struct seen *s = arg;

	s->frames++;
	s->sum = s->sum * 31 + f->id + f->version;
	for (size_t i = 0; i < f->len; i++)
		s->sum = s->sum * 31 + f->body[i];
	both_ways(f);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sccp_reader r = { 0 }, whole = { 0 };
	struct seen cut = { 0 }, one = { 0 };
	size_t step, at = 1;
	int err = 0, err_one;

	if (size < 2)
		return 0;
	step = data[0] + 1u;
	for (; !err && at < size; at += step)
		err = td_sccp_read(&r, data + at, size - at < step ? size - at : step, hear, &cut);
	err_one = td_sccp_read(&whole, data + 1, size - 1, hear, &one);
	if (err != err_one || cut.frames != one.frames || cut.sum != one.sum ||
	    (!err && r.len != whole.len))
		abort();
	td_sccp_reader_fini(&r);
	td_sccp_reader_fini(&whole);
	return 0;
}
