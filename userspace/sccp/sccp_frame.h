/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. From a byte stream to frames, whatever way the network cut it. Whole frames are
 * handed out where they lie in the caller's bytes; only an unfinished one is kept.
 */
#ifndef TD_SCCP_FRAME_H
#define TD_SCCP_FRAME_H

#include "userspace/sccp/sccp_msg.h"

/** Zeroed = empty. */
struct sccp_reader {
	uint8_t *part;			/* the beginning of a frame, SCCP_MAX_FRAME + 8 bytes of room */
	size_t len;
};

/** Return false to stop: the session is gone. */
typedef bool (*sccp_frame_fn)(void *arg, const struct sccp_frame *f);

/**
 * td_sccp_read - feed what came; fn hears every whole frame, in order.
 * 0; -EBADMSG: a length that no frame has, the stream cannot be followed any further;
 * -ENOMEM; -ECANCELED: fn stopped, and the reader may be gone.
 */
int td_sccp_read(struct sccp_reader *r, const uint8_t *data, size_t len, sccp_frame_fn fn,
		 void *arg);
void td_sccp_reader_fini(struct sccp_reader *r);
static inline bool td_sccp_reader_waits(const struct sccp_reader *r)
{
	return r->len != 0;
}

#endif
