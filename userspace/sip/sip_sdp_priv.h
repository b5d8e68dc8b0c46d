/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Shared by the files that read and write SDP (sip_sdp.h), and nowhere else.
 */
#ifndef TD_SIP_SDP_PRIV_H
#define TD_SIP_SDP_PRIV_H

#include "userspace/base/buf.h"
#include "userspace/base/str.h"
#include "userspace/sip/sip_sdp.h"

/* ---- sip_sdp_text.c ---- */

/** Cut the next line off; empty lines are skipped. False at the end of the text. */
bool td_sdp_line(struct td_str *rest, struct td_str *line);
/** Cut off everything up to one of two separators, blanks before it left out. */
struct td_str td_sdp_cut(struct td_str *rest, char sep, char sep2);
struct td_str td_sdp_word(struct td_str *rest);
/** What is repeated in texts of ours must be a token: printable, no blanks. -E2BIG, -EBADMSG. */
int td_sdp_token(char *dst, size_t size, struct td_str s);
/** "a=name" or "a=name:value". */
bool td_sdp_attribute(struct td_str line, const char *name, struct td_str *value);
/** "IP4 192.0.2.1", a unicast address; names are not looked up. -ENOTSUP. */
int td_sdp_ip_address(struct td_str s, struct td_addr *out);
/** The same behind "IN". */
int td_sdp_address(struct td_str s, struct td_addr *out);
bool td_sdp_direction(struct td_str line, uint8_t *dir);
/** RFC 3605: "53020" or "53020 IN IP4 126.16.64.4"; *rtcp stays when it says what is the rule. */
void td_sdp_rtcp(struct td_str value, const struct td_addr *rtp, struct td_addr *rtcp);

/* ---- sip_sdp_video.c ---- */

/** What is below an m-line of video, and what stands above it. */
struct sdp_video_section {
	struct td_str formats, connection, body;
	uint16_t port;
	uint8_t dir;
	bool avpf;
};

/** Its port stays 0 where it has nothing that we can pass on; text is room for its formats. */
void td_sdp_read_video(const struct sdp_video_section *at, struct td_video *v,
		       char text[TD_VIDEO_TEXT]);
/** session: the address above all lines. */
void td_sdp_write_video(struct td_buf *b, const struct td_video *v, const char *proto,
			const struct td_addr *session);

/* ---- sip_sdp_write.c ---- */

/** a=rtcp and a=rtcp-mux of a line. */
void td_sdp_write_rtcp(struct td_buf *b, const struct td_addr *rtp, const struct td_addr *rtcp,
		       bool mux);

#endif
