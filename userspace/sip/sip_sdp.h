/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. SDP text to td_media_desc and back, RFC 4566
 * and the offer/answer rules about m-lines of RFC 3264. One line is ours, audio or a fax
 * (T.38), and the first one of video beside it; all the other lines of a peer are remembered just
 * enough to be refused in their place.
 */
#ifndef TD_SIP_SDP_H
#define TD_SIP_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/core/media_desc.h"

#define SIP_SDP_MAX_LINES 8		/* m-lines; an offer with more is refused */
#define SIP_SDP_MAX_BYTES 16384		/* of a peer's text */
#define SIP_SDP_OUT_BYTES 4096		/* enough for any text of ours */
#define SIP_SDP_AVPF "RTP/AVPF"

/** The m-lines of a session. Both ends keep their number and order for its whole life. */
struct sip_sdp_lines {
	uint8_t n;
	uint8_t audio;			/* index of the one that is ours */
	struct {
		char type[16];		/* "video" */
		char proto[24];		/* "RTP/AVP", "udptl" */
		char format[16];	/* the first one */
	} line[SIP_SDP_MAX_LINES];
};

struct sip_sdp {
	struct td_media_desc audio;	/* or the fax; and the video beside it */
	uint64_t id, version;		/* of the o= line */
	struct sip_sdp_lines lines;
	char video_text[TD_VIDEO_TEXT];	/* audio.video.text */
};

/**
 * td_sip_sdp_parse - read a peer's description; *out is filled as a whole.
 * @srtp: a line over RTP/SAVP may be ours, too; else it is one of those that are refused
 * -EBADMSG: no SDP (400). -ENOTSUP: SDP, but nothing in it that we can do: neither audio over
 * RTP/AVP nor a fax, RTP/SAVP without a key that we can use, an address that is no IP address, no codec that we know by name (488).
 * -E2BIG: too long or too many lines.
 */
int td_sip_sdp_parse(const char *text, size_t len, bool srtp, struct sip_sdp *out);

/** Index of the line that may be our video: the first one over RTP/AVP or RTP/AVPF; -1: none. */
int td_sip_sdp_video_line(const struct sip_sdp_lines *l);

/** T.38 Annex D's words, by the numbers of struct td_fax; the first is none, NULL the end. */
extern const char *const td_sip_fax_rates[], *const td_sip_fax_corrections[];

/** The o= line of a text of ours. */
struct sip_sdp_origin {
	uint64_t id;
	uint32_t version;
};

/**
 * td_sip_sdp_write - our description.
 * @lines: NULL when audio is the only line; d->video needs a place there
 * Returns the length (dst is terminated), or -ENOSPC.
 */
int td_sip_sdp_write(char *dst, size_t size, const struct sip_sdp_origin *o,
		     const struct td_media_desc *d, const struct sip_sdp_lines *lines);

/** Tells descriptions apart: equal when media and m-lines are the same, whatever o= says. */
uint64_t td_sip_sdp_fingerprint(const struct sip_sdp *s);

#endif
