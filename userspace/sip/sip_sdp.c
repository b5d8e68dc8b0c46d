/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE (but for sofia's SDP parser below). See sip_sdp.h. Texts of peers are hostile:
 * they are bounded before they are parsed, and every member that sofia hands out may be
 * NULL. Not here: who offered, who has to answer (sip_leg_offer.c), which codec is taken
 * (core/media_desc.c).
 */
#include "userspace/sip/sip_sdp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sofia-sip/sdp.h>
#include <sofia-sip/su_string.h>

#include "userspace/base/buf.h"
#include "userspace/base/str.h"

#define EVENT_RATE 8000			/* RFC 4733: the clock that every phone has */
#define PTIME_MAX  200

static uint8_t dir_of_mode(unsigned int mode)
{
	switch (mode) {
	case sdp_sendonly:
		return TD_DIR_SEND;
	case sdp_recvonly:
		return TD_DIR_RECV;
	case sdp_sendrecv:
		return TD_DIR_BOTH;
	default:
		return TD_DIR_INACTIVE;
	}
}

/* A unicast IP address from a c= line or an a=rtcp attribute; names are not looked up. */
static int address(const char *text, struct td_addr *out)
{
	if (!text || strlen(text) >= TD_ADDR_STRLEN || strchr(text, '/') || text[0] == '[')
		return -EINVAL;
	if (td_addr_parse(out, text))
		return -EINVAL;
	out->port = 0;
	return 0;
}

/* RFC 3605: "a=rtcp:53020" or "a=rtcp:53020 IN IP4 126.16.64.4" */
static void read_rtcp(const sdp_media_t *m, struct td_media_desc *d)
{
	const sdp_attribute_t *a = sdp_attribute_find(m->m_attributes, "rtcp");
	struct td_str s;
	struct td_addr other;
	const char *sp;
	uint32_t port;

	if (!a || !a->a_value)
		return;
	sp = strchr(a->a_value, ' ');
	s = (struct td_str){ a->a_value, sp ? (size_t)(sp - a->a_value) : strlen(a->a_value) };
	if (td_parse_u32(s, &port) || !port || port > UINT16_MAX)
		return;
	other = d->rtp;
	if (sp) {
		sp = strrchr(sp, ' ') + 1;
		if (address(sp, &other))
			return;
	}
	other.port = (uint16_t)port;
	if (td_addr_same_ip(&other, &d->rtp) && port == d->rtp.port + 1u)
		return;			/* says what is the rule anyway */
	d->rtcp = other;
}

static void read_ptime(const sdp_media_t *m, struct td_media_desc *d)
{
	const sdp_attribute_t *a = sdp_attribute_find(m->m_attributes, "ptime");
	uint32_t ms;

	if (a && a->a_value && td_parse_u32(td_str_of(a->a_value), &ms) == 0 && ms <= PTIME_MAX)
		d->ptime_ms = (uint16_t)ms;
}

static bool is_token(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '/' || *s == ':')
			return false;
	return true;
}

/* Format parameters that do not fit are preferences for Opus, but part of the codec's
 * identity for others (AMR): those codecs are left out. */
static bool copy_fmtp(struct td_codec *c, const char *fmtp)
{
	if (!fmtp || !*fmtp)
		return true;
	if (strlen(fmtp) < sizeof(c->fmtp)) {
		for (const char *p = fmtp; *p; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				return false;
		strcpy(c->fmtp, fmtp);
		return true;
	}
	return !strcmp(c->name, "OPUS");
}

static void add_codec(struct td_media_desc *d, const sdp_rtpmap_t *rm)
{
	struct td_codec c = { .rate = (uint32_t)rm->rm_rate, .channels = 1, .pt = rm->rm_pt };
	uint32_t channels;
	size_t n = strlen(rm->rm_encoding);

	if (!n || n >= sizeof(c.name) || !is_token(rm->rm_encoding) || !rm->rm_rate ||
	    rm->rm_rate > 192000)
		return;
	for (size_t i = 0; i < n; i++)
		c.name[i] = (char)(rm->rm_encoding[i] >= 'a' && rm->rm_encoding[i] <= 'z' ?
				   rm->rm_encoding[i] - 'a' + 'A' : rm->rm_encoding[i]);
	if (!strcmp(c.name, "TELEPHONE-EVENT")) {
		/* The 8000 Hz one wins; a wideband codec may bring a second (RFC 4733 2.5.1.2) */
		if (c.pt && (!d->dtmf_pt || c.rate == EVENT_RATE))
			d->dtmf_pt = c.pt;
		return;
	}
	if (!strcmp(c.name, "CN"))
		return;			/* comfort noise is nothing to talk with */
	if (rm->rm_params && td_parse_u32(td_str_of(rm->rm_params), &channels) == 0 &&
	    channels >= 1 && channels <= 8)
		c.channels = (uint8_t)channels;
	if (d->n_codecs >= TD_MAX_CODECS || !copy_fmtp(&c, rm->rm_fmtp))
		return;
	for (size_t i = 0; i < d->n_codecs; i++)
		if (d->codec[i].pt == c.pt)
			return;
	d->codec[d->n_codecs++] = c;
}

static int read_audio(const sdp_media_t *m, struct td_media_desc *d)
{
	const sdp_connection_t *c = sdp_media_connections(m);

	if (m->m_port > UINT16_MAX)
		return -EBADMSG;
	for (const sdp_rtpmap_t *rm = m->m_rtpmaps; rm; rm = rm->rm_next)
		if (rm->rm_encoding)
			add_codec(d, rm);
	if (m->m_port == 0)
		return 0;		/* the party has switched audio off */
	if (!c || c->c_nettype != sdp_net_in || c->c_mcast || address(c->c_address, &d->rtp))
		return -ENOTSUP;
	d->rtp.port = (uint16_t)m->m_port;
	d->dir = dir_of_mode(m->m_mode);
	read_rtcp(m, d);
	read_ptime(m, d);
	return d->n_codecs ? 0 : -ENOTSUP;
}

static int copy_token(char *dst, size_t size, const char *src)
{
	if (!src || !*src || strlen(src) >= size)
		return -E2BIG;
	strcpy(dst, src);
	return 0;
}

static int add_line(struct sip_sdp_lines *l, const sdp_media_t *m)
{
	int err = 0;

	if (l->n >= SIP_SDP_MAX_LINES)
		return -E2BIG;
	err = copy_token(l->line[l->n].type, sizeof(l->line[0].type), m->m_type_name);
	if (!err)
		err = copy_token(l->line[l->n].proto, sizeof(l->line[0].proto), m->m_proto_name);
	if (err)
		return err;
	if (m->m_rtpmaps)
		snprintf(l->line[l->n].format, sizeof(l->line[0].format), "%u",
			 m->m_rtpmaps->rm_pt);
	else if (!m->m_format || copy_token(l->line[l->n].format, sizeof(l->line[0].format),
					    m->m_format->l_text))
		strcpy(l->line[l->n].format, "0");
	l->n++;
	return 0;
}

/* The first audio line over plain RTP that is in use, else the first that is refused. */
static const sdp_media_t *choose(const sdp_session_t *sdp, uint8_t *index)
{
	const sdp_media_t *found = NULL;
	uint8_t i = 0;

	for (const sdp_media_t *m = sdp->sdp_media; m; m = m->m_next, i++) {
		if (m->m_type != sdp_media_audio || m->m_proto != sdp_proto_rtp)
			continue;
		if (found && !m->m_port)
			continue;
		found = m;
		*index = i;
		if (m->m_port)
			break;
	}
	return found;
}

static int read_session(const sdp_session_t *sdp, struct sip_sdp *out)
{
	const sdp_media_t *audio;
	int err;

	for (const sdp_media_t *m = sdp->sdp_media; m; m = m->m_next) {
		err = add_line(&out->lines, m);
		if (err)
			return err;
	}
	out->id = sdp->sdp_origin ? sdp->sdp_origin->o_id : 0;
	out->version = sdp->sdp_origin ? sdp->sdp_origin->o_version : 0;
	audio = choose(sdp, &out->lines.audio);
	return audio ? read_audio(audio, &out->audio) : -ENOTSUP;
}

int td_sip_sdp_parse(const char *text, size_t len, struct sip_sdp *out)
{
	sdp_parser_t *p;
	sdp_session_t *sdp;
	int err;

	memset(out, 0, sizeof(*out));
	if (len > SIP_SDP_MAX_BYTES)
		return -E2BIG;
	p = sdp_parse(NULL, text, (issize_t)len, 0);
	sdp = sdp_session(p);
	if (sdp)
		err = read_session(sdp, out);
	else
		err = sdp_parser_home(p) ? -EBADMSG : -ENOMEM;
	sdp_parser_free(p);
	return err;
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

	h = mix_addr(mix_addr(h, &d->rtp), &d->rtcp);
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
