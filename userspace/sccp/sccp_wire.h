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
	struct td_buf *say;		/* while reading: name every field that is not 0 */
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

void w_say_number(struct wire *w, const char *field, uint32_t v);
void w_say_text(struct wire *w, const char *field, const char *text);
void w_say_addr(struct wire *w, const char *field, const struct td_addr *a);

static inline void w_u32_(struct wire *w, uint32_t *v, const char *field)
{
	if (w->out) {
		td_buf_put_le32(&w->b, *v);
		return;
	}
	*v = td_buf_get_le32(&w->b);
	if (w->say)
		w_say_number(w, field, *v);
}

static inline void w_u8_(struct wire *w, uint8_t *v, const char *field)
{
	if (w->out) {
		td_buf_put_u8(&w->b, *v);
		return;
	}
	*v = td_buf_get_u8(&w->b);
	if (w->say)
		w_say_number(w, field, *v);
}

/* A field's name is the member's: "&m->tone.line" is said as "line". */
#define w_u32(w, v) w_u32_((w), (v), #v)
#define w_u8(w, v) w_u8_((w), (v), #v)
#define w_text(w, s, size, width) w_text_((w), (s), (size), (width), #s)
#define w_zstr(w, s, size) w_zstr_((w), (s), (size), #s)
#define w_dn(w, s) w_dn_((w), (s), #s)
#define w_addr(w, a) w_addr_((w), (a), #a)

static inline void w_u16(struct wire *w, uint16_t *v)
{
	if (w->out)
		td_buf_put_le16(&w->b, *v);
	else
		*v = td_buf_get_le16(&w->b);
}

/** n bytes that nobody looks at: zeros. */
void w_skip(struct wire *w, size_t n);
void w_bytes(struct wire *w, void *v, size_t n);
/** w_text: a field of width bytes, padded with NULs; what is too long is cut, a NUL always
 * stays. */
void w_text_(struct wire *w, char *s, size_t size, size_t width, const char *field);
/** w_zstr: a text of any length that ends with a NUL. */
void w_zstr_(struct wire *w, char *s, size_t size, const char *field);
/** w_dn: a directory number: 24 bytes, from version 18 on 25. */
void w_dn_(struct wire *w, char s[SCCP_DN_LEN], const char *field);
/** w_addr: 4 bytes; from version 17 on family and 16 bytes. The port is a word of its own. */
void w_addr_(struct wire *w, struct td_addr *a, const char *field);
void w_ip4(struct wire *w, struct td_addr *a);
void w_ip6(struct wire *w, struct td_addr *a);
void w_port(struct wire *w, struct td_addr *a);

#endif
