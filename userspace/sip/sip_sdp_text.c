/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Reading SDP line by line: what the lines of audio, fax (sip_sdp.c) and video
 * (sip_sdp_video.c) are made of.
 */
#include "userspace/sip/sip_sdp_priv.h"

#include <errno.h>
#include <string.h>

/* ---- text ---- */

bool td_sdp_line(struct td_str *rest, struct td_str *line)
{
	do {
		const char *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
		size_t n = end ? (size_t)(end - rest->p) : rest->len;

		if (!rest->len)
			return false;
		*line = (struct td_str){ rest->p, n };
		n += end ? 1 : 0;
		rest->p += n;
		rest->len -= n;
		while (line->len && line->p[line->len - 1] == '\r')
			line->len--;
	} while (!line->len);
	return true;
}

struct td_str td_sdp_cut(struct td_str *rest, char sep, char sep2)
{
	struct td_str w;

	if (!rest->len)			/* it may point nowhere */
		return *rest;
	while (rest->len && (*rest->p == ' ' || *rest->p == '\t'))
		rest->p++, rest->len--;
	w = (struct td_str){ rest->p, 0 };
	while (w.len < rest->len && w.p[w.len] != sep && w.p[w.len] != sep2)
		w.len++;
	rest->p += w.len;
	rest->len -= w.len;
	if (rest->len)
		rest->p++, rest->len--;
	return w;
}

struct td_str td_sdp_word(struct td_str *rest)
{
	return td_sdp_cut(rest, ' ', '\t');
}

int td_sdp_token(char *dst, size_t size, struct td_str s)
{
	if (!s.len || s.len >= size)
		return -E2BIG;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return -EBADMSG;
	memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return 0;
}

bool td_sdp_attribute(struct td_str line, const char *name, struct td_str *value)
{
	size_t n = strlen(name);

	if (line.len < n + 2 || line.p[0] != 'a' || memcmp(line.p + 2, name, n))
		return false;
	*value = (struct td_str){ line.p + 2 + n, line.len - 2 - n };
	if (!value->len)
		return true;
	if (value->p[0] != ':')
		return false;
	value->p++;
	value->len--;
	return true;
}

/* ---- addresses and directions ---- */

int td_sdp_ip_address(struct td_str s, struct td_addr *out)
{
	struct td_str family = td_sdp_word(&s), ip = td_sdp_word(&s);
	char text[TD_ADDR_STRLEN];

	if (!td_str_eq_c(family, "IP4") && !td_str_eq_c(family, "IP6"))
		return -ENOTSUP;
	if (td_sdp_token(text, sizeof(text), ip) || strchr(text, '/') || text[0] == '[' ||
	    td_addr_parse(out, text) || out->port ||
	    td_addr_is_v4(out) != td_str_eq_c(family, "IP4"))
		return -ENOTSUP;
	return 0;
}

int td_sdp_address(struct td_str s, struct td_addr *out)
{
	return td_str_eq_c(td_sdp_word(&s), "IN") ? td_sdp_ip_address(s, out) : -ENOTSUP;
}

bool td_sdp_direction(struct td_str line, uint8_t *dir)
{
	static const struct { const char *name; uint8_t dir; } names[] = {
		{ "sendrecv", TD_DIR_BOTH }, { "sendonly", TD_DIR_SEND },
		{ "recvonly", TD_DIR_RECV }, { "inactive", TD_DIR_INACTIVE },
	};
	struct td_str value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!td_sdp_attribute(line, names[i].name, &value))
			continue;
		*dir = names[i].dir;
		return true;
	}
	return false;
}

void td_sdp_rtcp(struct td_str value, const struct td_addr *rtp, struct td_addr *rtcp)
{
	struct td_addr other = *rtp;
	uint32_t port;

	if (td_parse_u32(td_sdp_word(&value), &port) || !port || port > UINT16_MAX)
		return;
	if (value.len && td_sdp_address(value, &other))
		return;
	other.port = (uint16_t)port;
	if (td_addr_same_ip(&other, rtp) && port == rtp->port + 1u)
		return;			/* says what is the rule anyway */
	*rtcp = other;
}
