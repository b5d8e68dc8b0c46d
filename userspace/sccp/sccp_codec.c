/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Frames to values and back: the header, and the row that knows the body. An id is
 * found by halving: the tables are sorted.
 */
#include <errno.h>
#include "userspace/sccp/sccp_wire.h"

static const struct sccp_row *find_in(const struct sccp_row *rows, size_t n, uint32_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (rows[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && rows[lo].id == id ? &rows[lo] : NULL;
}

/* Both tables are sorted by id, and no id is in both. */
static const struct sccp_row *find(uint32_t id)
{
	const struct sccp_row *row = find_in(td_sccp_from_phone, td_sccp_n_from_phone, id);

	return row ? row : find_in(td_sccp_to_phone, td_sccp_n_to_phone, id);
}

const char *td_sccp_name(uint32_t id)
{
	const struct sccp_row *row = find(id);

	return row ? row->name : NULL;
}

int td_sccp_decode(const struct sccp_frame *f, struct sccp_msg *m)
{
	const struct sccp_row *row = find(f->id);
	struct wire w = { .version = f->version };

	m->id = f->id;
	if (!row)
		return -ENOENT;
	if (f->len < row->least)
		return -EBADMSG;
	memset((char *)m + offsetof(struct sccp_msg, reg), 0, row->size);
	td_buf_init(&w.b, (void *)(uintptr_t)f->body, f->len);
	if (row->layout)
		row->layout(&w, m);
	return 0;
}

void td_sccp_print(const struct sccp_frame *f, struct td_buf *out)
{
	const struct sccp_row *row = find(f->id);
	struct wire w = { .version = f->version, .say = out };
	struct sccp_msg m;

	if (!row) {
		td_buf_printf(out, "unknown id=0x%04x length=%zu", f->id, f->len);
		return;
	}
	td_buf_printf(out, "%s", row->name);
	td_buf_init(&w.b, (void *)(uintptr_t)f->body, f->len);
	memset(&m, 0, sizeof(m));
	if (row->layout)
		row->layout(&w, &m);
}

/* These go with version word 0 whatever was agreed. */
static bool is_basic(uint32_t id)
{
	return id == SCCP_REGISTER || id == SCCP_REGISTER_ACK || id == SCCP_KEEP_ALIVE ||
	       id == SCCP_KEEP_ALIVE_ACK || id == SCCP_UNREGISTER_ACK;
}

int td_sccp_encode(const struct sccp_msg *m, uint32_t version, struct td_buf *out)
{
	const struct sccp_row *row = find(m->id);
	struct wire w = { .version = version, .out = true };
	size_t start = out->pos, end;

	if (!row)
		return -ENOENT;
	w.b = *out;
	td_buf_put_le32(&w.b, 0);
	td_buf_put_le32(&w.b, version < 10 || is_basic(m->id) ? 0 : version);
	td_buf_put_le32(&w.b, m->id);
	if (row->layout)	/* a layout that writes changes nothing but what it counts */
		row->layout(&w, (struct sccp_msg *)(uintptr_t)m);
	if (td_buf_err(&w.b))
		return td_buf_err(&w.b);
	end = w.b.pos;
	w.b.pos = start;
	td_buf_put_le32(&w.b, (uint32_t)(end - start - 8));
	w.b.pos = end;
	*out = w.b;
	return 0;
}

uint32_t td_sccp_form(uint32_t id, uint32_t version)
{
	switch (id) {
	case SCCP_CALL_INFO:
		return version < 8 ? id : SCCP_CALL_INFO_DYN;
	case SCCP_DISPLAY_PROMPT_STATUS:
		return version < 8 ? id : SCCP_DISPLAY_PROMPT_STATUS_DYN;
	case SCCP_DISPLAY_NOTIFY:
		return version < 8 ? id : SCCP_DISPLAY_NOTIFY_DYN;
	case SCCP_DISPLAY_PRI_NOTIFY:
		return version < 8 ? id : SCCP_DISPLAY_PRI_NOTIFY_DYN;
	case SCCP_SERVICE_URL_STAT:
		return version < 7 ? id : SCCP_SERVICE_URL_STAT_DYN;
	case SCCP_FEATURE_STAT:
		return version < 15 ? id : SCCP_FEATURE_STAT_DYN;
	case SCCP_LINE_STAT:
		return version < 17 ? id : SCCP_LINE_STAT_DYN;
	default:
		return id;
	}
}

size_t td_sccp_rows(void)
{
	return td_sccp_n_from_phone + td_sccp_n_to_phone;
}

struct sccp_row_info td_sccp_row(size_t i)
{
	const struct sccp_row *r = i < td_sccp_n_from_phone ? &td_sccp_from_phone[i] :
				   &td_sccp_to_phone[i - td_sccp_n_from_phone];

	return (struct sccp_row_info){
		.id = r->id, .name = r->name, .direction = (enum sccp_direction)r->direction,
		.least = r->least, .size = r->size,
	};
}
