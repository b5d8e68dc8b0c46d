/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See sip_sdp.h. A reader of its own rather than sofia's: texts of peers are
 * hostile, and fuzzing had sofia 1.12's parser eat all memory over one broken m= line.
 * This one runs over the text twice, line by line, allocates nothing and looks at what we
 * use only: first the m-lines, to choose ours, then the section of the chosen one. Our own
 * texts: sip_sdp_write.c.
 *
 * Not here: who offered, who has to answer (sip_leg_offer.c), which codec is taken
 * (core/media_desc.c).
 */
#include "userspace/sip/sip_sdp.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/str.h"
#include "userspace/sip/sip_crypto.h"
#include "userspace/sip/sip_sdp_priv.h"

#define EVENT_RATE   8000		/* RFC 4733: the clock that every phone has */
#define PTIME_MAX    200
#define MAX_PAYLOADS 64			/* of one m-line; the rest is not looked at */
#define NO_LINE	     UINT8_MAX
#define MAX_FAX_VERSION 9

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
		struct td_str w = td_sdp_word(&formats);

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
	struct td_str map = p->map, name = td_sdp_cut(&map, '/', '/'), rate = td_sdp_cut(&map, '/', ' ');
	struct td_str params = td_sdp_cut(&map, '/', ' ');
	uint32_t channels;

	if (td_sdp_token(c.name, sizeof(c.name), name) || !is_codec_name(c.name) ||
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
	bool srtp;			/* lines over RTP/SAVP count, too */
	struct td_str connection;
	uint8_t dir;
	struct section at[SIP_SDP_MAX_LINES];
};

/* "audio 49170/2 RTP/AVP 0 8 101" */
static int read_m_line(struct td_str value, struct sip_sdp_lines *l, struct section *s)
{
	struct td_str type = td_sdp_word(&value), ports = td_sdp_word(&value), proto = td_sdp_word(&value), first;
	int err;

	if (td_parse_u32(td_sdp_cut(&ports, '/', '/'), &s->port) || s->port > UINT16_MAX)
		return -EBADMSG;
	s->formats = value;
	first = td_sdp_word(&value);
	err = td_sdp_token(l->line[l->n].type, sizeof(l->line[0].type), type);
	if (!err)
		err = td_sdp_token(l->line[l->n].proto, sizeof(l->line[0].proto), proto);
	if (!err && td_sdp_token(l->line[l->n].format, sizeof(l->line[0].format), first))
		err = -EBADMSG;
	if (!err)
		l->n++;
	return err;
}

/* "- 2890844526 2890842807 IN IP4 10.47.16.5" */
static int read_origin(struct td_str value, struct sip_sdp *out)
{
	struct td_str user = td_sdp_word(&value), id = td_sdp_word(&value), version = td_sdp_word(&value);

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
	if (!td_sdp_line(&text, &line) || !td_str_eq_c(line, "v=0"))
		return -EBADMSG;
	while (!err && td_sdp_line(&text, &line)) {
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
			td_sdp_direction(line, &ses->dir);
		}
	}
	return err ? err : origin ? 0 : -EBADMSG;
}

static bool is_secure(const struct sip_sdp_lines *l, uint8_t i)
{
	return td_str_caseeq_c(td_str_of(l->line[i].proto), "RTP/SAVP");
}

static bool is_audio(const struct sip_sdp_lines *l, const struct session *ses, uint8_t i)
{
	return td_str_caseeq_c(td_str_of(l->line[i].type), "audio") &&
	       (td_str_caseeq_c(td_str_of(l->line[i].proto), "RTP/AVP") ||
		(ses->srtp && is_secure(l, i)));
}

/* "image 49170 udptl t38" (T.38 Annex D) */
static bool is_fax(const struct sip_sdp_lines *l, uint8_t i)
{
	return td_str_caseeq_c(td_str_of(l->line[i].type), "image") &&
	       td_str_caseeq_c(td_str_of(l->line[i].proto), "udptl") &&
	       td_str_caseeq_c(td_str_of(l->line[i].format), "t38");
}

/* A line that we cannot do is none. So is one with the number of another (RFC 4568 9.1). */
static void read_crypto(struct td_str value, struct td_media_desc *d)
{
	struct td_srtp_key key;

	if (td_sip_crypto_read(value, &key) || d->n_keys == TD_SRTP_MAX_KEYS)
		return;
	for (size_t i = 0; i < d->n_keys; i++)
		if (d->key[i].tag == key.tag)
			return;
	d->key[d->n_keys++] = key;
}

static bool has_key(struct td_str body)
{
	struct td_str line, value;
	struct td_srtp_key key;

	while (td_sdp_line(&body, &line) && line.p[0] != 'm')
		if (td_sdp_attribute(line, "crypto", &value) && !td_sip_crypto_read(value, &key))
			return true;
	return false;
}

/* The first audio line over RTP that is in use, else a fax, else the first refused. */
static uint8_t choose(const struct sip_sdp_lines *l, const struct session *ses)
{
	uint8_t fax = NO_LINE, refused = NO_LINE;

	for (uint8_t i = 0; i < l->n; i++) {
		if (!is_audio(l, ses, i) && !is_fax(l, i))
			continue;
		if (ses->at[i].port && is_audio(l, ses, i) &&
		    (!is_secure(l, i) || has_key(ses->at[i].body)))
			return i;
		if (ses->at[i].port && is_fax(l, i) && fax == NO_LINE)
			fax = i;
		else if (!ses->at[i].port && refused == NO_LINE)
			refused = i;
	}
	return fax != NO_LINE ? fax : refused;
}

/* Where the party can be reached, as the lines of its section say. */
struct places {
	struct td_str connection, rtcp;
	struct td_addr other[2];	/* by family: 0 IPv4, 1 IPv6 */
};

/* "2 IP6 2001:db8::1 45678" (RFC 6947); which of those listed is the main one, c= says. */
static void read_other_family(struct td_str value, struct places *at)
{
	struct td_str family_and_ip, port_text;
	struct td_addr a = { .port = 0 };
	uint32_t port;

	td_sdp_word(&value);			/* its place in the list */
	family_and_ip = value;
	td_sdp_word(&value);
	td_sdp_word(&value);
	port_text = td_sdp_word(&value);
	if (td_parse_u32(port_text, &port) || !port || port > UINT16_MAX ||
	    td_sdp_ip_address(family_and_ip, &a) || td_addr_is_any(&a))
		return;
	a.port = (uint16_t)port;
	at->other[!td_addr_is_v4(&a)] = a;
}

/* Second run: the lines below our m-line. */
static void read_section(struct td_str body, struct td_media_desc *d, struct payloads *pl,
			 struct places *at)
{
	struct td_str line, value;
	uint32_t ms;

	while (td_sdp_line(&body, &line) && line.p[0] != 'm') {
		struct payload *p;

		if (line.p[0] == 'c') {
			at->connection = (struct td_str){ line.p + 2, line.len - 2 };
		} else if (td_sdp_attribute(line, "rtpmap", &value)) {
			p = payload_of(pl, td_sdp_word(&value));
			if (p)
				p->map = value;
		} else if (td_sdp_attribute(line, "fmtp", &value)) {
			p = payload_of(pl, td_sdp_word(&value));
			if (p)
				p->fmtp = value;
		} else if (td_sdp_attribute(line, "rtcp", &value)) {
			at->rtcp = value;
		} else if (td_sdp_attribute(line, "crypto", &value)) {
			read_crypto(value, d);
		} else if (td_sdp_attribute(line, "rtcp-mux", &value)) {
			d->rtcp_mux = true;
		} else if (td_sdp_attribute(line, "altc", &value)) {
			read_other_family(value, at);
		} else if (td_sdp_attribute(line, "ptime", &value)) {
			if (td_parse_u32(td_sdp_word(&value), &ms) == 0 && ms <= PTIME_MAX)
				d->ptime_ms = (uint16_t)ms;
		} else {
			td_sdp_direction(line, &d->dir);
		}
	}
}

static int read_audio(const struct session *ses, const struct section *at, bool secure,
		      struct td_media_desc *d)
{
	struct places where = { .connection = ses->connection };
	struct payloads pl;
	int err;

	err = read_payloads(at->formats, &pl);
	if (err)
		return err;
	d->dir = ses->dir;
	read_section(at->body, d, &pl, &where);
	for (size_t i = 0; i < pl.n; i++)
		add_codec(d, &pl.item[i]);
	if (secure || d->n_keys)
		d->srtp = secure ? TD_SRTP_MUST : TD_SRTP_MAY;
	if (!at->port) {		/* the party has switched audio off */
		d->dir = TD_DIR_INACTIVE;
		return 0;
	}
	err = td_sdp_address(where.connection, &d->rtp);
	if (err)
		return err;
	d->rtp.port = (uint16_t)at->port;
	d->alt = where.other[td_addr_is_v4(&d->rtp)];
	if (where.rtcp.len)
		td_sdp_rtcp(where.rtcp, &d->rtp, &d->rtcp);
	return d->n_codecs && (d->n_keys || !secure) ? 0 : -ENOTSUP;
}

/* ---- fax ---- */

static uint8_t fax_word(const char *const words[], struct td_str text)
{
	for (uint8_t i = 1; words[i]; i++)
		if (td_str_caseeq_c(text, words[i]))
			return i;
	return 0;
}

/* Both "a=T38FaxFillBitRemoval" and "...:1" are written; ":0" is the same as none. */
static bool is_on(struct td_str value)
{
	return !td_str_eq_c(value, "0");
}

static void read_number(struct td_str value, uint32_t *out)
{
	uint32_t n;

	if (!td_parse_u32(td_sdp_word(&value), &n))
		*out = n;
}

static void read_fax_line(struct td_str line, struct td_fax *f)
{
	uint32_t version = f->version;
	struct td_str value;

	if (td_sdp_attribute(line, "T38FaxVersion", &value)) {
		read_number(value, &version);
		f->version = (uint8_t)(version > MAX_FAX_VERSION ? MAX_FAX_VERSION : version);
	} else if (td_sdp_attribute(line, "T38MaxBitRate", &value)) {
		read_number(value, &f->max_bit_rate);
	} else if (td_sdp_attribute(line, "T38FaxMaxBuffer", &value)) {
		read_number(value, &f->max_buffer);
	} else if (td_sdp_attribute(line, "T38FaxMaxDatagram", &value)) {
		read_number(value, &f->max_datagram);
	} else if (td_sdp_attribute(line, "T38FaxFillBitRemoval", &value)) {
		f->fill_bit_removal = is_on(value);
	} else if (td_sdp_attribute(line, "T38FaxTranscodingMMR", &value)) {
		f->transcoding_mmr = is_on(value);
	} else if (td_sdp_attribute(line, "T38FaxTranscodingJBIG", &value)) {
		f->transcoding_jbig = is_on(value);
	} else if (td_sdp_attribute(line, "T38FaxRateManagement", &value)) {
		f->rate_management = fax_word(td_sip_fax_rates, td_sdp_word(&value));
	} else if (td_sdp_attribute(line, "T38FaxUdpEC", &value)) {
		f->error_correction = fax_word(td_sip_fax_corrections, td_sdp_word(&value));
	}
}

static int read_fax(const struct session *ses, const struct section *at, struct td_media_desc *d)
{
	struct td_str connection = ses->connection, body = at->body, line;
	struct td_fax fax = { 0 };
	int err;

	d->dir = ses->dir;
	while (td_sdp_line(&body, &line) && line.p[0] != 'm') {
		if (line.p[0] == 'c')
			connection = (struct td_str){ line.p + 2, line.len - 2 };
		else if (!td_sdp_direction(line, &d->dir))
			read_fax_line(line, &fax);
	}
	td_media_set_fax(d, &fax);
	if (!at->port) {
		d->dir = TD_DIR_INACTIVE;
		return 0;
	}
	err = td_sdp_address(connection, &d->rtp);
	d->rtp.port = (uint16_t)at->port;
	return err;
}

/* Beside what is ours; a line that we cannot pass on is one of those that are refused. */
static void read_video_line(const struct session *ses, struct sip_sdp *out)
{
	const struct section *at;
	int i = td_sip_sdp_video_line(&out->lines);

	if (i < 0)
		return;
	at = &ses->at[i];
	td_sdp_read_video(&(struct sdp_video_section){
		.formats = at->formats, .connection = ses->connection, .body = at->body,
		.port = (uint16_t)at->port, .dir = ses->dir,
		.avpf = td_str_caseeq_c(td_str_of(out->lines.line[i].proto), SIP_SDP_AVPF),
	}, &out->audio.video, out->video_text);
}

int td_sip_sdp_video_line(const struct sip_sdp_lines *l)
{
	for (int i = 0; i < l->n; i++) {
		struct td_str proto = td_str_of(l->line[i].proto);

		if (td_str_caseeq_c(td_str_of(l->line[i].type), "video") &&
		    (td_str_caseeq_c(proto, "RTP/AVP") || td_str_caseeq_c(proto, SIP_SDP_AVPF)))
			return i;
	}
	return -1;
}

int td_sip_sdp_parse(const char *text, size_t len, bool srtp, struct sip_sdp *out)
{
	struct session ses;
	int err;

	memset(out, 0, sizeof(*out));
	memset(&ses, 0, sizeof(ses));
	ses.srtp = srtp;
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
	read_video_line(&ses, out);
	if (is_fax(&out->lines, out->lines.audio))
		return read_fax(&ses, &ses.at[out->lines.audio], &out->audio);
	return read_audio(&ses, &ses.at[out->lines.audio],
			  is_secure(&out->lines, out->lines.audio), &out->audio);
}
