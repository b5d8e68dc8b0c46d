/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. A line of video in SDP. Its formats are passed on as text (core/media_desc.h, struct
 * td_video), but only lines of these kinds, for they say nothing of addresses, keys and names of
 * streams, all of which end here.
 */
#include <errno.h>
#include <string.h>

#include "userspace/sip/sip_sdp_priv.h"

#define MAX_FORMATS 32

/* By RFC 3551 6, what needs no rtpmap. */
static const char *static_name(uint32_t pt)
{
	return pt == 26 ? "JPEG" : pt == 31 ? "H261" : pt == 34 ? "H263" : "";
}

static void put_line(struct td_buf *b, struct td_str line)
{
	if (line.len + 1 > td_buf_left(b))
		return;
	td_buf_put_bytes(b, line.p, line.len);
	td_buf_put_u8(b, '\n');
}

static int put_formats(struct td_buf *b, struct td_str formats)
{
	size_t n = 0;
	uint32_t pt;

	while (formats.len && n < MAX_FORMATS) {
		struct td_str w = td_sdp_word(&formats);

		if (!w.len)
			continue;
		if (td_parse_u32(w, &pt) || pt > 127)
			return -EBADMSG;
		td_buf_printf(b, "%s%u", n++ ? " " : "", pt);
	}
	td_buf_put_u8(b, '\n');
	return n ? 0 : -EBADMSG;
}

static bool is_clean(struct td_str line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f)
			return false;
	return true;
}

/* "b=AS:512", in kbit/s, or "b=TIAS:512000" (RFC 3890), in bit/s: what the party wants to get. */
static bool is_bandwidth(struct td_str line, uint32_t *kbit_s)
{
	struct td_str value = { line.p + 2, line.len - 2 }, type;
	uint32_t n;

	if (line.p[0] != 'b')
		return false;
	type = td_sdp_cut(&value, ':', ':');
	if (td_parse_u32(value, &n))
		return false;
	if (td_str_eq_c(type, "TIAS"))
		*kbit_s = n / 1000;
	else if (td_str_eq_c(type, "AS"))
		*kbit_s = n;
	else
		return false;
	return true;
}

static bool is_any_of(struct td_str line, const char *const names[])
{
	struct td_str value;

	for (; *names; names++)
		if (td_sdp_attribute(line, *names, &value))
			return true;
	return false;
}

/* What the formats are; without all of it the line is none. */
static bool is_needed(struct td_str line)
{
	static const char *const names[] = { "rtpmap", "fmtp", NULL };

	return is_any_of(line, names);
}

static bool is_harmless(struct td_str line)
{
	static const char *const names[] = { "rtcp-fb", "rtcp-rsize", "imageattr", "content",
					     "framerate", NULL };

	return is_any_of(line, names);
}

static void put_bandwidths(struct td_buf *b, struct td_str body, uint32_t *kbit_s)
{
	struct td_str line;
	uint32_t n;

	while (td_sdp_line(&body, &line) && line.p[0] != 'm') {
		if (line.len < 2 || !is_clean(line) || !is_bandwidth(line, &n))
			continue;
		if (n > *kbit_s)
			*kbit_s = n;
		put_line(b, line);
	}
}

/* Returns how long they are, whether there is room or not. */
static size_t put_attributes(struct td_buf *b, struct td_str body, bool (*is)(struct td_str line))
{
	struct td_str line;
	size_t len = 0;

	while (td_sdp_line(&body, &line) && line.p[0] != 'm') {
		if (line.len < 2 || !is(line) || !is_clean(line))
			continue;
		put_line(b, line);
		len += line.len + 1;
	}
	return len;
}

static int read_text(const struct sdp_video_section *at, struct td_video *v,
		     char text[TD_VIDEO_TEXT])
{
	struct td_buf b;
	size_t before;
	int err;

	td_buf_init(&b, text, TD_VIDEO_TEXT - 1);
	err = put_formats(&b, at->formats);
	if (err)
		return err;
	put_bandwidths(&b, at->body, &v->kbit_s);
	before = b.pos;
	if (before + put_attributes(&b, at->body, is_needed) != b.pos)
		return -E2BIG;
	put_attributes(&b, at->body, is_harmless);
	text[b.pos] = '\0';
	v->text = text;
	return td_buf_err(&b);
}

/* The first format's name, for show. */
static void read_codec(struct td_str body, struct td_video *v)
{
	struct td_str numbers = td_str_of(v->text), line, value;
	uint32_t first = 0, pt;

	td_parse_u32(td_sdp_cut(&numbers, ' ', '\n'), &first);
	td_strlcpy(v->codec, static_name(first), sizeof(v->codec));
	while (td_sdp_line(&body, &line) && line.p[0] != 'm') {
		if (!td_sdp_attribute(line, "rtpmap", &value) ||
		    td_parse_u32(td_sdp_word(&value), &pt) || pt != first)
			continue;
		if (td_sdp_token(v->codec, sizeof(v->codec), td_sdp_cut(&value, '/', ' ')))
			v->codec[0] = '\0';
	}
}

void td_sdp_read_video(const struct sdp_video_section *at, struct td_video *v,
		       char text[TD_VIDEO_TEXT])
{
	struct td_str body = at->body, connection = at->connection, rtcp = { NULL, 0 }, line, value;

	memset(v, 0, sizeof(*v));
	v->dir = at->dir;
	v->avpf = at->avpf;
	while (td_sdp_line(&body, &line) && line.p[0] != 'm') {
		if (line.p[0] == 'c')
			connection = (struct td_str){ line.p + 2, line.len - 2 };
		else if (td_sdp_attribute(line, "rtcp", &value))
			rtcp = value;
		else if (td_sdp_attribute(line, "rtcp-mux", &value))
			v->rtcp_mux = true;
		else
			td_sdp_direction(line, &v->dir);
	}
	if (!at->port || read_text(at, v, text) || td_sdp_address(connection, &v->rtp)) {
		memset(v, 0, sizeof(*v));
		return;
	}
	v->rtp.port = at->port;
	if (rtcp.len)
		td_sdp_rtcp(rtcp, &v->rtp, &v->rtcp);
	read_codec(at->body, v);
}

void td_sdp_write_video(struct td_buf *b, const struct td_video *v, const char *proto,
			const struct td_addr *session)
{
	struct td_str rest = td_str_of(v->text), line = td_sdp_cut(&rest, '\n', '\n');
	char ip[TD_ADDR_STRLEN];

	td_buf_printf(b, "m=video %u %s %.*s\r\n", v->rtp.port, proto, TD_STR_ARG(line));
	if (!td_addr_same_ip(&v->rtp, session))
		td_buf_printf(b, "c=IN %s %s\r\n", td_addr_is_v4(&v->rtp) ? "IP4" : "IP6",
			      td_addr_ip(&v->rtp, ip));
	while (td_sdp_line(&rest, &line))
		td_buf_printf(b, "%.*s\r\n", TD_STR_ARG(line));
	td_sdp_write_rtcp(b, &v->rtp, &v->rtcp, v->rtcp_mux);
	td_buf_printf(b, "a=%s\r\n", td_dir_name(v->dir));
}
