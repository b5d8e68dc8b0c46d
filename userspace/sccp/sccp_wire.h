/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared inside the codec: one cursor that goes both ways. A layout names its fields once
 * and serves decoding and encoding, so the two cannot differ.
 */
#ifndef TD_SCCP_WIRE_H
#define TD_SCCP_WIRE_H

#include <string.h>
#include "userspace/base/str.h"
#include "userspace/sccp/sccp_msg.h"

struct wire {
	struct td_buf b;
	uint32_t version;
	bool out;
};

typedef void (*sccp_layout)(struct wire *w, struct sccp_msg *m);

struct sccp_row {
	uint16_t id;
	uint8_t direction;
	uint16_t least;			/* shortest body that makes sense */
	uint16_t size;			/* of the member that the layout fills */
	const char *name;
	sccp_layout layout;		/* NULL: no fields */
};

extern const struct sccp_row td_sccp_from_phone[], td_sccp_to_phone[];
extern const size_t td_sccp_n_from_phone, td_sccp_n_to_phone;

#define SCCP_SIZE(member) sizeof(((struct sccp_msg *)0)->member)
#define SCCP_N(array) (sizeof(array) / sizeof((array)[0]))

static inline void w_u32(struct wire *w, uint32_t *v)
{
	if (w->out)
		td_buf_put_le32(&w->b, *v);
	else
		*v = td_buf_get_le32(&w->b);
}

static inline void w_u16(struct wire *w, uint16_t *v)
{
	if (w->out)
		td_buf_put_le16(&w->b, *v);
	else
		*v = td_buf_get_le16(&w->b);
}

static inline void w_u8(struct wire *w, uint8_t *v)
{
	if (w->out)
		td_buf_put_u8(&w->b, *v);
	else
		*v = td_buf_get_u8(&w->b);
}

/** n bytes that nobody looks at: zeros. */
void w_skip(struct wire *w, size_t n);
void w_bytes(struct wire *w, void *v, size_t n);
/** A field of width bytes, padded with NULs; what is too long is cut, a NUL always stays. */
void w_text(struct wire *w, char *s, size_t size, size_t width);
/** A text of any length that ends with a NUL. */
void w_zstr(struct wire *w, char *s, size_t size);
/** A directory number: 24 bytes, from version 18 on 25. */
void w_dn(struct wire *w, char s[SCCP_DN_LEN]);
/** 4 bytes; from version 17 on family and 16 bytes. The port is a word of its own. */
void w_addr(struct wire *w, struct td_addr *a);
void w_ip4(struct wire *w, struct td_addr *a);
void w_ip6(struct wire *w, struct td_addr *a);
void w_port(struct wire *w, struct td_addr *a);

#endif
