/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/core: values in the record of a call (call_keep.c), written and read.
 */
#ifndef TD_CALL_KEEP_H
#define TD_CALL_KEEP_H

#include "userspace/base/buf.h"
#include "userspace/core/leg.h"

/** theirs: the text of the other party's video, which is often the same and then not written again;
 * or NULL. */
void td_keep_put_desc(struct td_buf *b, const struct td_media_desc *d, const char *theirs);
/** text is room for that of its video; empty: it is the other party's. */
void td_keep_get_desc(struct td_buf *b, struct td_media_desc *d, char text[TD_VIDEO_TEXT]);
void td_keep_put_party(struct td_buf *b, const struct td_party *p);
void td_keep_get_party(struct td_buf *b, struct td_party *p);

#endif
