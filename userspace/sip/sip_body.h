/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Parts of a multipart body (RFC 2046 5.1). Sofia has a parser for them, which aborts
 * the process over a part header that it cannot read.
 */
#ifndef TD_SIP_BODY_H
#define TD_SIP_BODY_H

#include <stdbool.h>

#include "userspace/base/str.h"

/** A walk over a body; see td_sip_body_begin(). */
struct td_sip_parts {
	struct td_str rest, boundary;
	bool ended;
};

/** Views into the body; what a part does not say is empty. */
struct td_sip_part {
	struct td_str type;		/* "application/sdp", without parameters */
	struct td_str id;		/* Content-Id, without <> */
	struct td_str text;
};

/**
 * td_sip_body_begin - before the first part.
 * @boundary: the parameter of the Content-Type, in quotes or not
 * False: the boundary is none, or does not occur.
 */
bool td_sip_body_begin(struct td_sip_parts *it, struct td_str body, struct td_str boundary);
/** The next part. False: there is none; it->ended tells whether the body came to its proper end. */
bool td_sip_body_next(struct td_sip_parts *it, struct td_sip_part *part);

/** The first part of this type, whatever the parameters of its Content-Type. *text is a view. */
bool td_sip_body_part(struct td_str body, struct td_str boundary, const char *type,
		      struct td_str *text);

#endif
