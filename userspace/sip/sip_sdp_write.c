/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Our own descriptions as SDP text, and what tells two of a peer's apart. See sip_sdp.h.
 */
#include "userspace/sip/sip_sdp.h"

#include <errno.h>
#include <string.h>

#include "userspace/sip/sip_crypto.h"
#include "userspace/sip/sip_sdp_priv.h"

#define EVENT_RATE   8000		/* RFC 4733: the clock that every phone has */

const char *const td_sip_fax_rates[] = { "", "transferredTCF", "localTCF", NULL };
const char *const td_sip_fax_corrections[] = { "", "t38UDPRedundancy", "t38UDPFEC", "t38UDPNoEC",
					       NULL };

static void write_number(struct td_buf *b, const char *name, uint32_t n)
{
	if (n)
		td_buf_printf(b, "a=%s:%u\r\n", name, n);
}

static void write_fax(struct td_buf *b, const struct td_media_desc *d)
{
	const struct td_fax *f = &d->fax;

	td_buf_printf(b, "m=image %u udptl t38\r\n", d->rtp.port);
	if (!d->rtp.port)
		return;
	td_buf_printf(b, "a=T38FaxVersion:%u\r\n", f->version);
	write_number(b, "T38MaxBitRate", f->max_bit_rate);
	write_number(b, "T38FaxFillBitRemoval", f->fill_bit_removal);
	write_number(b, "T38FaxTranscodingMMR", f->transcoding_mmr);
	write_number(b, "T38FaxTranscodingJBIG", f->transcoding_jbig);
	if (f->rate_management)
		td_buf_printf(b, "a=T38FaxRateManagement:%s\r\n",
			      td_sip_fax_rates[f->rate_management]);
	write_number(b, "T38FaxMaxBuffer", f->max_buffer);
	write_number(b, "T38FaxMaxDatagram", f->max_datagram);
	if (f->error_correction)
		td_buf_printf(b, "a=T38FaxUdpEC:%s\r\n", td_sip_fax_corrections[f->error_correction]);
}

void td_sdp_write_rtcp(struct td_buf *b, const struct td_addr *rtp, const struct td_addr *rtcp,
		       bool mux)
{
	char ip[TD_ADDR_STRLEN];

	if (td_addr_is_set(rtcp) && !td_addr_same_ip(rtcp, rtp))
		td_buf_printf(b, "a=rtcp:%u IN %s %s\r\n", rtcp->port,
			      td_addr_is_v4(rtcp) ? "IP4" : "IP6", td_addr_ip(rtcp, ip));
	else if (td_addr_is_set(rtcp) && rtcp->port != rtp->port + 1)
		td_buf_printf(b, "a=rtcp:%u\r\n", rtcp->port);
	if (mux)
		td_buf_printf(b, "a=rtcp-mux\r\n");
}

static void write_audio(struct td_buf *b, const struct td_media_desc *d)
{
	uint8_t dir = d->rtp.port ? d->dir : TD_DIR_INACTIVE;

	td_buf_printf(b, "m=audio %u %s", d->rtp.port,
		      d->srtp == TD_SRTP_MUST ? "RTP/SAVP" : "RTP/AVP");
	for (size_t i = 0; i < d->n_codecs; i++)
		td_buf_printf(b, " %u", d->codec[i].pt);
	if (d->dtmf_pt)
		td_buf_printf(b, " %u", d->dtmf_pt);
	else if (!d->n_codecs)
		td_buf_printf(b, " 0");		/* the grammar wants one format */
	td_buf_printf(b, "\r\n");
	if (!d->rtp.port)
		return;
	for (size_t i = 0; i < d->n_keys; i++)
		td_sip_crypto_write(b, &d->key[i]);
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
	td_sdp_write_rtcp(b, &d->rtp, &d->rtcp, d->rtcp_mux);
	td_buf_printf(b, "a=%s\r\n", td_dir_name(dir));
}

static void write_ours(struct td_buf *b, const struct td_media_desc *d)
{
	if (d->udptl)
		write_fax(b, d);
	else
		write_audio(b, d);
}

int td_sip_sdp_write(char *dst, size_t size, const struct sip_sdp_origin *o,
		     const struct td_media_desc *d, const struct sip_sdp_lines *lines)
{
	const char *family = td_addr_is_set(&d->rtp) && !td_addr_is_v4(&d->rtp) ? "IP6" : "IP4";
	int video = lines && d->video.rtp.port ? td_sip_sdp_video_line(lines) : -1;
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
			write_ours(&b, d);
		else if (i == video)
			td_sdp_write_video(&b, &d->video, lines->line[i].proto, &d->rtp);
		else
			td_buf_printf(&b, "m=%s 0 %s %s\r\n", lines->line[i].type,
				      lines->line[i].proto, lines->line[i].format);
	}
	if (!lines || !lines->n)
		write_ours(&b, d);
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

static uint64_t mix_video(uint64_t h, const struct td_video *v)
{
	if (!v->rtp.port)
		return h;
	h = mix_u32(mix_addr(mix_addr(h, &v->rtp), &v->rtcp), v->dir);
	return mix_str(mix_u32(h, v->rtcp_mux), v->text);
}

uint64_t td_sip_sdp_fingerprint(const struct sip_sdp *s)
{
	const struct td_media_desc *d = &s->audio;
	uint64_t h = 0xcbf29ce484222325ull;

	h = mix_u32(mix_addr(mix_addr(mix_addr(h, &d->rtp), &d->rtcp), &d->alt), d->rtcp_mux);
	h = mix_u32(h, (uint32_t)d->dir << 24 | (uint32_t)d->dtmf_pt << 16 | d->ptime_ms);
	for (size_t i = 0; i < d->n_codecs; i++) {
		h = mix_str(mix_str(h, d->codec[i].name), d->codec[i].fmtp);
		h = mix_u32(h, d->codec[i].rate);
		h = mix_u32(h, (uint32_t)d->codec[i].channels << 8 | d->codec[i].pt);
	}
	for (size_t i = 0; i < d->n_keys; i++)
		h = mix(mix_u32(h, d->key[i].tag), d->key[i].key, sizeof(d->key[i].key));
	h = mix_video(h, &d->video);
	h = mix_u32(mix_u32(h, d->fax.max_bit_rate), d->fax.max_datagram);
	h = mix_u32(h, (uint32_t)s->lines.n << 8 | s->lines.audio);
	for (size_t i = 0; i < s->lines.n; i++)
		h = mix_str(mix_str(h, s->lines.line[i].type), s->lines.line[i].proto);
	return h;
}
