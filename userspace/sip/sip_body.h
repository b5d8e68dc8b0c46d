/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. A part of a multipart body (RFC 2046 5.1). Sofia has a parser for them, which aborts
 * the process over a part header that it cannot read.
 */
#ifndef TD_SIP_BODY_H
#define TD_SIP_BODY_H

#include <stdbool.h>

#include "userspace/base/str.h"

/**
 * td_sip_body_part - the first part of this type.
 * @boundary: the parameter of the Content-Type, in quotes or not
 * @type: "application/sdp"; parameters of the part's Content-Type do not matter
 * *part is a view into body.
 */
bool td_sip_body_part(struct td_str body, struct td_str boundary, const char *type,
		      struct td_str *part);

#endif
