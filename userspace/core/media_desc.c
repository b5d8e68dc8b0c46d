/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Codecs, directions, and the one negotiation of the house (RFC 3264 without SDP).
 * A description is a value; nothing here allocates or asks anybody. Which description
 * goes to whom and when is call_media.c's business.
 */
#include <ctype.h>
#include <string.h>
#include "userspace/base/str.h"
#include "userspace/core/media_desc.h"

#define OWN_DTMF_PT 101		/* the usual one; any dynamic number would do */
#define DYNAMIC	    255
#define FIRST_DYNAMIC_PT 96

struct codec_row {
	const char *config;		/* word in the configuration */
	const char *name;		/* RTP encoding name */
	uint32_t rate;
	uint8_t channels, pt;
	const char *fmtp;
	uint32_t kbit_s;		/* at most, without headers */
};

/* Static payload types: RFC 3551 table 4. G722's RTP clock is 8000 by RFC 3551 4.5.2. */
static const struct codec_row known[] = {
	{ "pcmu", "PCMU", 8000, 1, 0, "", 64 },
	{ "g711u", "PCMU", 8000, 1, 0, "", 64 },
	{ "pcma", "PCMA", 8000, 1, 8, "", 64 },
	{ "g711a", "PCMA", 8000, 1, 8, "", 64 },
	{ "g722", "G722", 8000, 1, 9, "", 64 },
	{ "g729", "G729", 8000, 1, 18, "", 8 },
	{ "g723", "G723", 8000, 1, 4, "", 7 },
	{ "gsm", "GSM", 8000, 1, 3, "", 13 },
	{ "l16", "L16", 44100, 1, 11, "", 706 },
	{ "ilbc", "ILBC", 8000, 1, DYNAMIC, "mode=20", 16 },
	{ "g726-32", "G726-32", 8000, 1, DYNAMIC, "", 32 },
	{ "opus", "OPUS", 48000, 2, DYNAMIC, "", 510 },
	{ "speex", "SPEEX", 8000, 1, DYNAMIC, "", 45 },
	{ "amr", "AMR", 8000, 1, DYNAMIC, "", 13 },
	{ "amr-wb", "AMR-WB", 16000, 1, DYNAMIC, "", 24 },
};

static const char default_names[][64] = { "g722", "pcma", "pcmu", "g729" };

void td_media_set_fax(struct td_media_desc *d, const struct td_fax *fax)
{
	d->udptl = true;
	d->fax = *fax;
	d->n_codecs = 1;
	d->codec[0] = (struct td_codec){ .name = TD_CODEC_T38, .rate = 8000, .channels = 1 };
}

static bool word_same(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	return *a == *b;
}

/* fmtp is not compared: what differs there (opus, annexb) is a wish, not another codec. */
bool td_codec_same(const struct td_codec *a, const struct td_codec *b)
{
	uint8_t ca = a->channels ? a->channels : 1, cb = b->channels ? b->channels : 1;

	return a->rate == b->rate && ca == cb && word_same(a->name, b->name);
}

static const struct codec_row *find_row(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (word_same(known[i].config, name) || word_same(known[i].name, name))
			return &known[i];
	return NULL;
}

bool td_codec_by_name(struct td_codec *out, const char *name, uint8_t dynamic_pt)
{
	const struct codec_row *row = find_row(name);

	if (!row)
		return false;
	memset(out, 0, sizeof(*out));
	td_strlcpy(out->name, row->name, sizeof(out->name));
	td_strlcpy(out->fmtp, row->fmtp, sizeof(out->fmtp));
	out->rate = row->rate;
	out->channels = row->channels;
	out->pt = row->pt == DYNAMIC ? dynamic_pt : row->pt;
	return true;
}

bool td_codec_is(const struct td_codec *c, const char *name)
{
	return word_same(c->name, name);
}

uint32_t td_codec_kbit_s(const struct td_codec *c)
{
	const struct codec_row *row = find_row(c->name);

	/* L16 grows with its clock */
	return !row ? 0 : !strcmp(row->name, "L16") ? c->rate * 16 / 1000 : row->kbit_s;
}

/* The other law of G.711, which is a table away (td_map.h: TD_FLOW_U2A, TD_FLOW_A2U). */
static bool other_law(const struct td_codec *c, struct td_codec *out)
{
	if (c->rate != 8000 || c->channels > 1)
		return false;
	if (word_same(c->name, "PCMU"))
		return td_codec_by_name(out, "pcma", 0);
	return word_same(c->name, "PCMA") && td_codec_by_name(out, "pcmu", 0);
}

static const struct td_codec *find_codec(const struct td_media_desc *d, const struct td_codec *c)
{
	size_t i;

	for (i = 0; i < d->n_codecs; i++)
		if (td_codec_same(&d->codec[i], c))
			return &d->codec[i];
	return NULL;
}

void td_media_offer_own(struct td_media_desc *out, const char (*names)[64], size_t n)
{
	uint8_t pt = FIRST_DYNAMIC_PT;
	struct td_codec c;
	size_t i;

	if (!n) {
		names = default_names;
		n = sizeof(default_names) / sizeof(default_names[0]);
	}
	memset(out, 0, sizeof(*out));
	out->dir = TD_DIR_BOTH;
	out->dtmf_pt = OWN_DTMF_PT;
	for (i = 0; i < n && out->n_codecs < TD_MAX_CODECS; i++) {
		if (!td_codec_by_name(&c, names[i], pt) || find_codec(out, &c))
			continue;
		if (c.pt == pt && ++pt == OWN_DTMF_PT)
			pt++;
		out->codec[out->n_codecs++] = c;
	}
}

/* By name only, so that a rate or layout that the table does not know can be allowed too. */
static bool is_named(const struct td_codec *c, const char (*names)[64], size_t n)
{
	const struct codec_row *row;
	size_t i;

	for (i = 0; i < n; i++) {
		row = find_row(names[i]);
		if (word_same(c->name, row ? row->name : names[i]))
			return true;
	}
	return false;
}

size_t td_media_filter(struct td_media_desc *d, const char (*names)[64], size_t n)
{
	size_t i, kept = 0;

	if (!n || d->udptl)
		return d->n_codecs;
	for (i = 0; i < d->n_codecs; i++)
		if (is_named(&d->codec[i], names, n))
			d->codec[kept++] = d->codec[i];
	memset(&d->codec[kept], 0, (d->n_codecs - kept) * sizeof(d->codec[0]));
	d->n_codecs = kept;
	return kept;
}

/* Payload types are pt_owner's, format parameters are those of the end that receives. */
size_t td_media_common(struct td_media_desc *out, const struct td_media_desc *pt_owner,
		       const struct td_media_desc *pref)
{
	const struct td_codec *mine;
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < pref->n_codecs; i++) {
		mine = find_codec(pt_owner, &pref->codec[i]);
		if (!mine || find_codec(out, &pref->codec[i]))
			continue;
		out->codec[out->n_codecs] = pref->codec[i];
		out->codec[out->n_codecs++].pt = mine->pt;
	}
	out->udptl = pref->udptl && out->n_codecs;
	if (out->udptl)
		out->fax = pref->fax;
	out->ptime_ms = pref->ptime_ms;
	out->dtmf_pt = pref->dtmf_pt ? pt_owner->dtmf_pt : 0;
	return out->n_codecs;
}

const struct td_codec *td_media_find(const struct td_media_desc *d, const struct td_codec *c)
{
	return find_codec(d, c);
}

const struct td_codec *td_media_find_other_law(const struct td_media_desc *d,
					       const struct td_codec *c)
{
	struct td_codec other;

	return other_law(c, &other) ? find_codec(d, &other) : NULL;
}

void td_media_add_other_law(struct td_media_desc *d)
{
	struct td_codec other;
	size_t i;

	for (i = 0; i < d->n_codecs && d->n_codecs < TD_MAX_CODECS; i++) {
		if (!other_law(&d->codec[i], &other))
			continue;
		if (!find_codec(d, &other))
			d->codec[d->n_codecs++] = other;
		return;
	}
}

size_t td_media_bridge(struct td_media_desc *out, const struct td_media_desc *pt_owner,
		       const struct td_media_desc *pref)
{
	const struct td_codec *mine;
	size_t i;

	if (td_media_common(out, pt_owner, pref))
		return out->n_codecs;
	for (i = 0; i < pref->n_codecs && !out->n_codecs; i++) {
		mine = td_media_find_other_law(pt_owner, &pref->codec[i]);
		if (mine)
			out->codec[out->n_codecs++] = *mine;
	}
	return out->n_codecs;
}

uint8_t td_dir_flip(uint8_t dir)
{
	return (dir & TD_DIR_SEND ? TD_DIR_RECV : 0) | (dir & TD_DIR_RECV ? TD_DIR_SEND : 0);
}

uint8_t td_dir_answer(uint8_t offered, uint8_t wanted)
{
	return td_dir_flip(offered) & wanted;
}

const char *td_dir_name(uint8_t dir)
{
	static const char *const names[] = { "inactive", "sendonly", "recvonly", "sendrecv" };

	return names[dir & TD_DIR_BOTH];
}

bool td_media_is_held(const struct td_media_desc *d)
{
	return !(d->dir & TD_DIR_RECV) || (d->rtp.port && td_addr_is_any(&d->rtp));
}

static bool same_video(const struct td_video *a, const struct td_video *b)
{
	if (!a->rtp.port || !b->rtp.port)
		return a->rtp.port == b->rtp.port;
	return td_addr_equal(&a->rtp, &b->rtp) && td_addr_equal(&a->rtcp, &b->rtcp) &&
	       a->rtcp_mux == b->rtcp_mux && a->avpf == b->avpf && a->dir == b->dir &&
	       !strcmp(a->text, b->text);
}

bool td_media_equal(const struct td_media_desc *a, const struct td_media_desc *b)
{
	size_t i;

	if (!same_video(&a->video, &b->video) || !td_addr_equal(&a->rtp, &b->rtp) || !td_addr_equal(&a->rtcp, &b->rtcp) ||
	    !td_addr_equal(&a->alt, &b->alt) ||
	    a->dir != b->dir || a->n_codecs != b->n_codecs || a->dtmf_pt != b->dtmf_pt ||
	    a->srtp != b->srtp || a->n_keys != b->n_keys || a->udptl != b->udptl || a->ptime_ms != b->ptime_ms || a->rtcp_mux != b->rtcp_mux)
		return false;
	for (i = 0; i < a->n_keys; i++)
		if (a->key[i].tag != b->key[i].tag || !td_srtp_same_key(&a->key[i], &b->key[i]))
			return false;
	for (i = 0; i < a->n_codecs; i++)
		if (!td_codec_same(&a->codec[i], &b->codec[i]) ||
		    a->codec[i].pt != b->codec[i].pt ||
		    strcmp(a->codec[i].fmtp, b->codec[i].fmtp))
			return false;
	return true;
}
