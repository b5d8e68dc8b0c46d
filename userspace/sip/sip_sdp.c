/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See sip_sdp.h. A reader of its own rather than sofia's: texts of peers are
 * hostile, and fuzzing had sofia 1.12's parser eat all memory over one broken m= line.
 * This one runs over the text twice, line by line, allocates nothing and looks at what we
 * use only: first the m-lines, to choose ours, then the section of the chosen one.
 *
 * Not here: who offered, who has to answer (sip_leg_offer.c), which codec is taken
 * (core/media_desc.c).
 */
#include "userspace/sip/sip_sdp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/buf.h"
#include "userspace/base/str.h"

#define EVENT_RATE   8000		/* RFC 4733: the clock that every phone has */
#define PTIME_MAX    200
#define MAX_PAYLOADS 64			/* of one m-line; the rest is not looked at */
#define NO_LINE	     UINT8_MAX

/* ---- text ---- */

/* Cut the next line off; empty lines are skipped. False at the end of the text. */
static bool next_line(struct td_str *rest, struct td_str *line)
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

/* Cut off everything up to one of two separators, blanks before it left out. */
static struct td_str cut(struct td_str *rest, char sep, char sep2)
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

static struct td_str word(struct td_str *rest)
{
	return cut(rest, ' ', '\t');
}

/* What is repeated in texts of ours must be a token: printable, no blanks. */
static int copy_token(char *dst, size_t size, struct td_str s)
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

static bool is_attribute(struct td_str line, const char *name, struct td_str *value)
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

/* "IN IP4 192.0.2.1", a unicast address; names are not looked up. */
static int address(struct td_str s, struct td_addr *out)
{
	struct td_str net = word(&s), family = word(&s), ip = word(&s);
	char text[TD_ADDR_STRLEN];

	if (!td_str_eq_c(net, "IN") || (!td_str_eq_c(family, "IP4") && !td_str_eq_c(family, "IP6")))
		return -ENOTSUP;
	if (copy_token(text, sizeof(text), ip) || strchr(text, '/') || text[0] == '[' ||
	    td_addr_parse(out, text) || out->port ||
	    td_addr_is_v4(out) != td_str_eq_c(family, "IP4"))
		return -ENOTSUP;
	return 0;
}

static bool direction(struct td_str line, uint8_t *dir)
{
	static const struct { const char *name; uint8_t dir; } names[] = {
		{ "sendrecv", TD_DIR_BOTH }, { "sendonly", TD_DIR_SEND },
		{ "recvonly", TD_DIR_RECV }, { "inactive", TD_DIR_INACTIVE },
	};
	struct td_str value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_attribute(line, names[i].name, &value))
			continue;
		*dir = names[i].dir;
		return true;
	}
	return false;
}

/* RFC 3605: "53020" or "53020 IN IP4 126.16.64.4" */
static void read_rtcp(struct td_str value, struct td_media_desc *d)
{
	struct td_addr other = d->rtp;
	uint32_t port;

	if (td_parse_u32(word(&value), &port) || !port || port > UINT16_MAX)
		return;
	if (value.len && address(value, &other))
		return;
	other.port = (uint16_t)port;
	if (td_addr_same_ip(&other, &d->rtp) && port == d->rtp.port + 1u)
		return;			/* says what is the rule anyway */
	d->rtcp = other;
}

/* ---- payload types ---- */

struct payload {
	uint8_t pt;
	struct td_str map, fmtp;	/* of a=rtpmap and a=fmtp */
};

struct payloads {
	struct payload item[MAX_PAYLOADS];
	size_t n;
};

/* RFC 3551 6: what needs no rtpmap. G722 counts 8000 by an old mistake (4.5.2). */
static struct td_str static_map(uint8_t pt)
{
	static const char *const maps[] = {
		[0] = "PCMU/8000", [3] = "GSM/8000", [4] = "G723/8000", [5] = "DVI4/8000",
		[6] = "DVI4/16000", [7] = "LPC/8000", [8] = "PCMA/8000", [9] = "G722/8000",
		[10] = "L16/44100/2", [11] = "L16/44100", [12] = "QCELP/8000", [13] = "CN/8000",
		[15] = "G728/8000", [16] = "DVI4/11025", [17] = "DVI4/22050",
		[18] = "G729/8000",
	};

	return td_str_of(pt < sizeof(maps) / sizeof(maps[0]) ? maps[pt] : NULL);
}

static struct payload *payload_of(struct payloads *all, struct td_str pt)
{
	uint32_t n;

	if (td_parse_u32(pt, &n))
		return NULL;
	for (size_t i = 0; i < all->n; i++)
		if (all->item[i].pt == n)
			return &all->item[i];
	return NULL;
}

static int read_payloads(struct td_str formats, struct payloads *all)
{
	uint32_t pt;

	all->n = 0;
	while (formats.len && all->n < MAX_PAYLOADS) {
		struct td_str w = word(&formats);

		if (!w.len)
			continue;
		if (td_parse_u32(w, &pt) || pt > 127)
			return -EBADMSG;
		if (!payload_of(all, w))
			all->item[all->n++] = (struct payload){ (uint8_t)pt,
								static_map((uint8_t)pt),
								{ NULL, 0 } };
	}
	return 0;
}

static bool is_codec_name(const char *s)
{
	for (; *s; s++)
		if (*s == '/' || *s == ':' || *s == ';')
			return false;
	return true;
}

/* Format parameters that do not fit are preferences for Opus, but part of the codec's
 * identity for others (AMR): those codecs are left out. */
static bool copy_fmtp(struct td_codec *c, struct td_str fmtp)
{
	while (fmtp.len && fmtp.p[fmtp.len - 1] == ' ')
		fmtp.len--;
	if (fmtp.len >= sizeof(c->fmtp))
		return !strcmp(c->name, "OPUS");
	for (size_t i = 0; i < fmtp.len; i++)
		if ((unsigned char)fmtp.p[i] < ' ' || fmtp.p[i] == 0x7f)
			return false;
	td_str_copy(c->fmtp, sizeof(c->fmtp), fmtp);
	return true;
}

static void add_codec(struct td_media_desc *d, const struct payload *p)
{
	struct td_codec c = { .channels = 1, .pt = p->pt };
	struct td_str map = p->map, name = cut(&map, '/', '/'), rate = cut(&map, '/', ' ');
	struct td_str params = cut(&map, '/', ' ');
	uint32_t channels;

	if (copy_token(c.name, sizeof(c.name), name) || !is_codec_name(c.name) ||
	    td_parse_u32(rate, &c.rate) || !c.rate || c.rate > 192000)
		return;
	for (char *s = c.name; *s; s++)
		if (*s >= 'a' && *s <= 'z')
			*s = (char)(*s - 'a' + 'A');
	if (!strcmp(c.name, "TELEPHONE-EVENT")) {
		/* The 8000 Hz one wins; a wideband codec may bring a second (RFC 4733 2.5.1.2) */
		if (c.pt && (!d->dtmf_pt || c.rate == EVENT_RATE))
			d->dtmf_pt = c.pt;
		return;
	}
	if (!strcmp(c.name, "CN"))
		return;			/* comfort noise is nothing to talk with */
	if (td_parse_u32(params, &channels) == 0 && channels >= 1 && channels <= 8)
		c.channels = (uint8_t)channels;
	if (d->n_codecs < TD_MAX_CODECS && copy_fmtp(&c, p->fmtp))
		d->codec[d->n_codecs++] = c;
}

/* ---- sections ---- */

struct section {
	struct td_str formats, body;	/* of the m= line; the lines below it */
	uint32_t port;
};

struct session {
	struct td_str connection;
	uint8_t dir;
	struct section at[SIP_SDP_MAX_LINES];
};

/* "audio 49170/2 RTP/AVP 0 8 101" */
static int read_m_line(struct td_str value, struct sip_sdp_lines *l, struct section *s)
{
	struct td_str type = word(&value), ports = word(&value), proto = word(&value), first;
	int err;

	if (td_parse_u32(cut(&ports, '/', '/'), &s->port) || s->port > UINT16_MAX)
		return -EBADMSG;
	s->formats = value;
	first = word(&value);
	err = copy_token(l->line[l->n].type, sizeof(l->line[0].type), type);
	if (!err)
		err = copy_token(l->line[l->n].proto, sizeof(l->line[0].proto), proto);
	if (!err && copy_token(l->line[l->n].format, sizeof(l->line[0].format), first))
		err = -EBADMSG;
	if (!err)
		l->n++;
	return err;
}

/* "- 2890844526 2890842807 IN IP4 10.47.16.5" */
static int read_origin(struct td_str value, struct sip_sdp *out)
{
	struct td_str user = word(&value), id = word(&value), version = word(&value);

	if (!user.len || !version.len)
		return -EBADMSG;
	/* Some put more into the numbers than 64 bits hold; nothing depends on them */
	if (td_parse_u64(id, &out->id) == -EINVAL ||
	    td_parse_u64(version, &out->version) == -EINVAL)
		return -EBADMSG;
	return 0;
}

/* First run: session level and m-lines. */
static int read_outline(struct td_str text, struct sip_sdp *out, struct session *ses)
{
	bool origin = false;
	struct td_str line;
	int err = 0;

	ses->dir = TD_DIR_BOTH;
	if (!next_line(&text, &line) || !td_str_eq_c(line, "v=0"))
		return -EBADMSG;
	while (!err && next_line(&text, &line)) {
		struct td_str value = { line.p + 2, line.len - 2 };

		if (line.len < 2 || line.p[1] != '=')
			return -EBADMSG;
		if (line.p[0] == 'm') {
			if (out->lines.n >= SIP_SDP_MAX_LINES)
				return -E2BIG;
			ses->at[out->lines.n].body = text;
			err = read_m_line(value, &out->lines, &ses->at[out->lines.n]);
		} else if (line.p[0] == 'o' && !out->lines.n) {
			origin = true;
			err = read_origin(value, out);
		} else if (line.p[0] == 'c' && !out->lines.n) {
			ses->connection = value;
		} else if (line.p[0] == 'a' && !out->lines.n) {
			direction(line, &ses->dir);
		}
	}
	return err ? err : origin ? 0 : -EBADMSG;
}

/* The first audio line over plain RTP that is in use, else the first that is refused. */
static uint8_t choose(const struct sip_sdp_lines *l, const struct session *ses)
{
	uint8_t found = NO_LINE;

	for (uint8_t i = 0; i < l->n; i++) {
		if (!td_str_caseeq_c(td_str_of(l->line[i].type), "audio") ||
		    !td_str_caseeq_c(td_str_of(l->line[i].proto), "RTP/AVP"))
			continue;
		if (ses->at[i].port)
			return i;
		if (found == NO_LINE)
			found = i;
	}
	return found;
}

/* Second run: the lines below our m-line. */
static void read_section(struct td_str body, struct td_media_desc *d, struct payloads *pl,
			 struct td_str *connection, struct td_str *rtcp)
{
	struct td_str line, value;
	uint32_t ms;

	while (next_line(&body, &line) && line.p[0] != 'm') {
		struct payload *p;

		if (line.p[0] == 'c') {
			*connection = (struct td_str){ line.p + 2, line.len - 2 };
		} else if (is_attribute(line, "rtpmap", &value)) {
			p = payload_of(pl, word(&value));
			if (p)
				p->map = value;
		} else if (is_attribute(line, "fmtp", &value)) {
			p = payload_of(pl, word(&value));
			if (p)
				p->fmtp = value;
		} else if (is_attribute(line, "rtcp", &value)) {
			*rtcp = value;
		} else if (is_attribute(line, "rtcp-mux", &value)) {
			d->rtcp_mux = true;
		} else if (is_attribute(line, "ptime", &value)) {
			if (td_parse_u32(word(&value), &ms) == 0 && ms <= PTIME_MAX)
				d->ptime_ms = (uint16_t)ms;
		} else {
			direction(line, &d->dir);
		}
	}
}

static int read_audio(const struct session *ses, const struct section *at,
		      struct td_media_desc *d)
{
	struct td_str connection = ses->connection, rtcp = { NULL, 0 };
	struct payloads pl;
	int err;

	err = read_payloads(at->formats, &pl);
	if (err)
		return err;
	d->dir = ses->dir;
	read_section(at->body, d, &pl, &connection, &rtcp);
	for (size_t i = 0; i < pl.n; i++)
		add_codec(d, &pl.item[i]);
	if (!at->port) {		/* the party has switched audio off */
		d->dir = TD_DIR_INACTIVE;
		return 0;
	}
	err = address(connection, &d->rtp);
	if (err)
		return err;
	d->rtp.port = (uint16_t)at->port;
	if (rtcp.len)
		read_rtcp(rtcp, d);
	return d->n_codecs ? 0 : -ENOTSUP;
}

int td_sip_sdp_parse(const char *text, size_t len, struct sip_sdp *out)
{
	struct session ses;
	int err;

	memset(out, 0, sizeof(*out));
	memset(&ses, 0, sizeof(ses));
	if (!text || len > SIP_SDP_MAX_BYTES)
		return text ? -E2BIG : -EBADMSG;
	err = read_outline((struct td_str){ text, len }, out, &ses);
	if (err)
		return err;
	out->lines.audio = choose(&out->lines, &ses);
	if (out->lines.audio == NO_LINE) {
		out->lines.audio = 0;
		return -ENOTSUP;
	}
	return read_audio(&ses, &ses.at[out->lines.audio], &out->audio);
}

/* ---- writing ---- */

static void write_audio(struct td_buf *b, const struct td_media_desc *d)
{
	uint8_t dir = d->rtp.port ? d->dir : TD_DIR_INACTIVE;
	char ip[TD_ADDR_STRLEN];

	td_buf_printf(b, "m=audio %u RTP/AVP", d->rtp.port);
	for (size_t i = 0; i < d->n_codecs; i++)
		td_buf_printf(b, " %u", d->codec[i].pt);
	if (d->dtmf_pt)
		td_buf_printf(b, " %u", d->dtmf_pt);
	else if (!d->n_codecs)
		td_buf_printf(b, " 0");		/* the grammar wants one format */
	td_buf_printf(b, "\r\n");
	if (!d->rtp.port)
		return;
	for (size_t i = 0; i < d->n_codecs; i++) {
		const struct td_codec *c = &d->codec[i];

		td_buf_printf(b, "a=rtpmap:%u %s/%u", c->pt, c->name, c->rate);
		if (c->channels > 1)
			td_buf_printf(b, "/%u", c->channels);
		td_buf_printf(b, "\r\n");
		if (c->fmtp[0])
			td_buf_printf(b, "a=fmtp:%u %s\r\n", c->pt, c->fmtp);
	}
	if (d->dtmf_pt)
		td_buf_printf(b, "a=rtpmap:%u telephone-event/%u\r\na=fmtp:%u 0-16\r\n",
			      d->dtmf_pt, EVENT_RATE, d->dtmf_pt);
	if (d->ptime_ms)
		td_buf_printf(b, "a=ptime:%u\r\n", d->ptime_ms);
	if (td_addr_is_set(&d->rtcp) && !td_addr_same_ip(&d->rtcp, &d->rtp))
		td_buf_printf(b, "a=rtcp:%u IN %s %s\r\n", d->rtcp.port,
			      td_addr_is_v4(&d->rtcp) ? "IP4" : "IP6", td_addr_ip(&d->rtcp, ip));
	else if (td_addr_is_set(&d->rtcp) && d->rtcp.port != d->rtp.port + 1)
		td_buf_printf(b, "a=rtcp:%u\r\n", d->rtcp.port);
	if (d->rtcp_mux)
		td_buf_printf(b, "a=rtcp-mux\r\n");
	td_buf_printf(b, "a=%s\r\n", td_dir_name(dir));
}

int td_sip_sdp_write(char *dst, size_t size, const struct sip_sdp_origin *o,
		     const struct td_media_desc *d, const struct sip_sdp_lines *lines)
{
	const char *family = td_addr_is_set(&d->rtp) && !td_addr_is_v4(&d->rtp) ? "IP6" : "IP4";
	char ip[TD_ADDR_STRLEN] = "0.0.0.0";
	struct td_buf b;

	if (!size)
		return -ENOSPC;
	if (td_addr_is_set(&d->rtp))
		td_addr_ip(&d->rtp, ip);
	td_buf_init(&b, dst, size - 1);
	td_buf_printf(&b, "v=0\r\no=- %llu %u IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
		      (unsigned long long)o->id, o->version, family, ip, family, ip);
	for (uint8_t i = 0; lines && i < lines->n; i++) {
		if (i == lines->audio)
			write_audio(&b, d);
		else
			td_buf_printf(&b, "m=%s 0 %s %s\r\n", lines->line[i].type,
				      lines->line[i].proto, lines->line[i].format);
	}
	if (!lines || !lines->n)
		write_audio(&b, d);
	if (td_buf_err(&b))
		return -ENOSPC;
	dst[b.pos] = '\0';
	return (int)b.pos;
}

/* FNV-1a; the two descriptions are of the same party, which gains nothing by a collision. */
static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ull;
	return h;
}

static uint64_t mix_str(uint64_t h, const char *s)
{
	return mix(h, s, strlen(s) + 1);
}

static uint64_t mix_u32(uint64_t h, uint32_t v)
{
	return mix(h, &v, sizeof(v));
}

static uint64_t mix_addr(uint64_t h, const struct td_addr *a)
{
	return mix_u32(mix(h, a->ip, sizeof(a->ip)), a->port);
}

uint64_t td_sip_sdp_fingerprint(const struct sip_sdp *s)
{
	const struct td_media_desc *d = &s->audio;
	uint64_t h = 0xcbf29ce484222325ull;

	h = mix_u32(mix_addr(mix_addr(h, &d->rtp), &d->rtcp), d->rtcp_mux);
	h = mix_u32(h, (uint32_t)d->dir << 24 | (uint32_t)d->dtmf_pt << 16 | d->ptime_ms);
	for (size_t i = 0; i < d->n_codecs; i++) {
		h = mix_str(mix_str(h, d->codec[i].name), d->codec[i].fmtp);
		h = mix_u32(h, d->codec[i].rate);
		h = mix_u32(h, (uint32_t)d->codec[i].channels << 8 | d->codec[i].pt);
	}
	h = mix_u32(h, (uint32_t)s->lines.n << 8 | s->lines.audio);
	for (size_t i = 0; i < s->lines.n; i++)
		h = mix_str(mix_str(h, s->lines.line[i].type), s->lines.line[i].proto);
	return h;
}
