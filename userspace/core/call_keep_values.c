/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a record of a call is made of: addresses, descriptions of media, parties. Each pair writes
 * and reads the same bytes; what is read may be anything, and b->err says so.
 */
#include "userspace/core/call_keep.h"

#include <errno.h>
#include <string.h>

#define RTCP_MUX	0x80	/* beside a direction */
#define VIDEO		0x10	/* the same: a struct td_video follows all that */
#define SRTP		0x20	/* the same: a key follows the codecs, and how it is used */
#define UDPTL		0x40	/* the same: a struct td_fax follows the codecs */

void td_keep_put_addr(struct td_buf *b, const struct td_addr *a)
{
	td_buf_put_bytes(b, a->ip, sizeof(a->ip));
	td_buf_put_be16(b, a->port);
	td_buf_put_be32(b, a->scope);
}

void td_keep_get_addr(struct td_buf *b, struct td_addr *a)
{
	struct td_str ip = td_buf_get_bytes(b, sizeof(a->ip));

	memset(a, 0, sizeof(*a));
	if (ip.len == sizeof(a->ip))
		memcpy(a->ip, ip.p, sizeof(a->ip));
	a->port = td_buf_get_be16(b);
	a->scope = td_buf_get_be32(b);
}

static void put_codec(struct td_buf *b, const struct td_codec *c)
{
	td_buf_put_text(b, c->name);
	td_buf_put_text(b, c->fmtp);
	td_buf_put_be32(b, c->rate);
	td_buf_put_u8(b, c->channels);
	td_buf_put_u8(b, c->pt);
}

static void get_codec(struct td_buf *b, struct td_codec *c)
{
	td_buf_get_text(b, c->name, sizeof(c->name));
	td_buf_get_text(b, c->fmtp, sizeof(c->fmtp));
	c->rate = td_buf_get_be32(b);
	c->channels = td_buf_get_u8(b);
	c->pt = td_buf_get_u8(b);
}

#define FAX_FILL 1
#define FAX_MMR	 2
#define FAX_JBIG 4

static void put_fax(struct td_buf *b, const struct td_fax *f)
{
	td_buf_put_u8(b, f->version);
	td_buf_put_u8(b, f->rate_management);
	td_buf_put_u8(b, f->error_correction);
	td_buf_put_u8(b, (uint8_t)((f->fill_bit_removal ? FAX_FILL : 0) |
				   (f->transcoding_mmr ? FAX_MMR : 0) |
				   (f->transcoding_jbig ? FAX_JBIG : 0)));
	td_buf_put_be32(b, f->max_bit_rate);
	td_buf_put_be32(b, f->max_buffer);
	td_buf_put_be32(b, f->max_datagram);
}

static void get_fax(struct td_buf *b, struct td_fax *f)
{
	uint8_t bits;

	f->version = td_buf_get_u8(b);
	f->rate_management = td_buf_get_u8(b);
	f->error_correction = td_buf_get_u8(b);
	bits = td_buf_get_u8(b);
	f->fill_bit_removal = bits & FAX_FILL;
	f->transcoding_mmr = bits & FAX_MMR;
	f->transcoding_jbig = bits & FAX_JBIG;
	f->max_bit_rate = td_buf_get_be32(b);
	f->max_buffer = td_buf_get_be32(b);
	f->max_datagram = td_buf_get_be32(b);
	if (f->rate_management > TD_FAX_RATES || f->error_correction > TD_FAX_CORRECTIONS)
		b->err = -EBADMSG;
}

static void put_srtp(struct td_buf *b, const struct td_media_desc *d)
{
	const struct td_srtp_key *k = &d->key[0];

	td_buf_put_u8(b, d->srtp);
	td_buf_put_be32(b, k->tag);
	td_buf_put_u8(b, k->suite);
	td_buf_put_u8(b, k->passed);
	td_buf_put_bytes(b, k->key, sizeof(k->key));
}

static void get_srtp(struct td_buf *b, struct td_media_desc *d)
{
	struct td_srtp_key *k = &d->key[0];
	struct td_str key;

	d->srtp = td_buf_get_u8(b);
	d->n_keys = 1;
	k->tag = td_buf_get_be32(b);
	k->suite = td_buf_get_u8(b);
	k->passed = td_buf_get_u8(b);
	key = td_buf_get_bytes(b, sizeof(k->key));
	if (key.len != sizeof(k->key) || !k->tag || !td_srtp_suite_name(k->suite) ||
	    d->srtp > TD_SRTP_MUST)
		b->err = -EBADMSG;
	else
		memcpy(k->key, key.p, sizeof(k->key));
}

#define VIDEO_MUX  0x80	/* beside a direction */
#define VIDEO_AVPF 0x40

/* theirs: the text of the other party, which is often the same. */
static void put_video(struct td_buf *b, const struct td_video *v, const char *theirs)
{
	td_keep_put_addr(b, &v->rtp);
	td_keep_put_addr(b, &v->rtcp);
	td_buf_put_u8(b, (uint8_t)(v->dir | (v->rtcp_mux ? VIDEO_MUX : 0) |
				   (v->avpf ? VIDEO_AVPF : 0)));
	td_buf_put_be32(b, v->kbit_s);
	td_buf_put_be32(b, v->with);
	td_buf_put_text(b, v->codec);
	td_buf_put_text(b, theirs && !strcmp(v->text, theirs) ? "" : v->text);
}

static void get_video(struct td_buf *b, struct td_video *v, char text[TD_VIDEO_TEXT])
{
	td_keep_get_addr(b, &v->rtp);
	td_keep_get_addr(b, &v->rtcp);
	v->dir = td_buf_get_u8(b);
	v->rtcp_mux = v->dir & VIDEO_MUX;
	v->avpf = v->dir & VIDEO_AVPF;
	v->dir &= TD_DIR_BOTH;
	v->kbit_s = td_buf_get_be32(b);
	v->with = td_buf_get_be32(b);
	td_buf_get_text(b, v->codec, sizeof(v->codec));
	td_buf_get_text(b, text, TD_VIDEO_TEXT);
	v->text = text;
}

void td_keep_put_desc(struct td_buf *b, const struct td_media_desc *d, const char *theirs)
{
	bool video = d->video.rtp.port;

	td_keep_put_addr(b, &d->rtp);
	td_keep_put_addr(b, &d->rtcp);
	td_keep_put_addr(b, &d->alt);
	td_buf_put_u8(b, (uint8_t)(d->dir | (d->rtcp_mux ? RTCP_MUX : 0) | (d->udptl ? UDPTL : 0) |
				   (d->n_keys ? SRTP : 0) | (video ? VIDEO : 0)));
	td_buf_put_u8(b, d->dtmf_pt);
	td_buf_put_be16(b, d->ptime_ms);
	td_buf_put_u8(b, d->n_codecs);
	for (size_t i = 0; i < d->n_codecs; i++)
		put_codec(b, &d->codec[i]);
	if (d->udptl)
		put_fax(b, &d->fax);
	if (d->n_keys)
		put_srtp(b, d);
	if (video)
		put_video(b, &d->video, theirs);
}

void td_keep_get_desc(struct td_buf *b, struct td_media_desc *d, char text[TD_VIDEO_TEXT])
{
	bool srtp, video;

	memset(d, 0, sizeof(*d));
	td_keep_get_addr(b, &d->rtp);
	td_keep_get_addr(b, &d->rtcp);
	td_keep_get_addr(b, &d->alt);
	d->dir = td_buf_get_u8(b);
	d->rtcp_mux = d->dir & RTCP_MUX;
	d->udptl = d->dir & UDPTL;
	srtp = d->dir & SRTP;
	video = d->dir & VIDEO;
	d->dir &= TD_DIR_BOTH;
	d->dtmf_pt = td_buf_get_u8(b);
	d->ptime_ms = td_buf_get_be16(b);
	d->n_codecs = td_buf_get_u8(b);
	if (d->n_codecs > TD_MAX_CODECS)
		b->err = -EBADMSG;
	for (size_t i = 0; !td_buf_err(b) && i < d->n_codecs; i++)
		get_codec(b, &d->codec[i]);
	if (d->udptl)
		get_fax(b, &d->fax);
	if (srtp)
		get_srtp(b, d);
	if (video)
		get_video(b, &d->video, text);
}

void td_keep_put_party(struct td_buf *b, const struct td_party *p)
{
	td_buf_put_text(b, p->number);
	td_buf_put_text(b, p->name);
}

void td_keep_get_party(struct td_buf *b, struct td_party *p)
{
	td_buf_get_text(b, p->number, sizeof(p->number));
	td_buf_get_text(b, p->name, sizeof(p->name));
}
