/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. What a party wants to send and hear, without SDP: addresses, direction, codecs
 * in order of preference. And the one codec negotiation of the house.
 */
#ifndef TD_CORE_MEDIA_DESC_H
#define TD_CORE_MEDIA_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "userspace/base/addr.h"
#include "userspace/core/srtp.h"

#define TD_MAX_CODECS 10

/* Directions are seen from the party that the description describes. */
#define TD_DIR_INACTIVE 0u
#define TD_DIR_SEND	1u
#define TD_DIR_RECV	2u
#define TD_DIR_BOTH	3u

struct td_codec {
	char name[16];			/* RTP encoding name, upper case: "PCMU", "G722" */
	char fmtp[48];			/* format parameters, passed on; empty = none */
	uint32_t rate;			/* RTP clock, Hz */
	uint8_t channels;
	uint8_t pt;			/* payload type this party uses for it */
};

#define TD_FAX_RATES	   2	/* the largest numbers below */
#define TD_FAX_CORRECTIONS 3

/** What both ends of a T.38 fax have to know of each other (T.38 Annex D); all 0 = not said. */
struct td_fax {
	uint8_t version;
	uint8_t rate_management;	/* 1 transferredTCF, 2 localTCF */
	uint8_t error_correction;	/* 1 redundancy, 2 FEC, 3 none */
	bool fill_bit_removal, transcoding_mmr, transcoding_jbig;
	uint32_t max_bit_rate, max_buffer, max_datagram;
};

#define TD_VIDEO_TEXT 1024		/* the longest, with its zero */

/**
 * A line of video beside the audio. What its formats mean is between the parties: text is lines of
 * SDP (RFC 4566) with '\n' behind each, payload types first ("96 97"), then what belongs to them
 * (rtpmap, fmtp, rtcp-fb, b= ...), and goes from one party to the other as it is.
 */
struct td_video {
	struct td_addr rtp, rtcp;	/* as of the audio; port 0 = there is none, or it is refused */
	bool rtcp_mux;
	bool avpf;			/* RTP/AVPF (RFC 4585) */
	uint8_t dir;			/* TD_DIR_* */
	uint32_t kbit_s;		/* the most that it wants to get, as b= says; 0 = not said */
	uint32_t with;			/* in what a party is told: the leg whose formats these are */
	char codec[16];			/* of the first format, "VP8"; for those who look */
	const char *text;		/* where rtp.port is set; who keeps a description has to keep it,
					 * too: td_media_dup() */
};

struct td_media_desc {
	struct td_addr rtp;		/* where this party receives; port 0 = refused */
	bool rtp_later;			/* it opens its port when it knows the codec, and tells then */
	struct td_addr rtcp;		/* unset = same address, next port */
	struct td_addr alt;		/* the same in the other family (RFC 6947); unset = none */
	bool rtcp_mux;			/* it takes RTCP on its RTP port (RFC 5761), if we do */
	bool udptl;			/* a fax: no RTP, the one codec is TD_CODEC_T38 */
	struct td_fax fax;		/* as this party says */
	uint8_t dir;			/* TD_DIR_* */
	uint8_t n_codecs;
	uint8_t dtmf_pt;		/* RFC 4733 telephone-event, 0 = none */
	uint16_t ptime_ms;		/* 0 = not said (20 ms) */
	uint8_t srtp;			/* enum td_srtp_use */
	uint8_t n_keys;			/* that it may send with; agreed: one, the one it hears when told */
	struct td_srtp_key key[TD_SRTP_MAX_KEYS];
	struct td_codec codec[TD_MAX_CODECS];
	struct td_video video;
};

#define TD_CODEC_T38 "T38"

/** A fax by T.38 over UDPTL. */
void td_media_set_fax(struct td_media_desc *d, const struct td_fax *fax);
bool td_codec_same(const struct td_codec *a, const struct td_codec *b);
/** Look up "pcmu" ... as written in the configuration; false when unknown. Dynamic ones get pt. */
bool td_codec_by_name(struct td_codec *out, const char *name, uint8_t dynamic_pt);
/** All codecs of names (or of the built-in default list when n is 0), our own offer. */
void td_media_offer_own(struct td_media_desc *out, const char (*names)[64], size_t n);
/** Drop what is not in names; n = 0 keeps all. Returns how many are left. */
size_t td_media_filter(struct td_media_desc *d, const char (*names)[64], size_t n);
/**
 * td_media_common - the intersection, in the order of pref, with the payload types of
 * pt_owner: "what pt_owner may be told, given what the other end takes".
 * dtmf_pt, ptime and codecs are filled in; addresses and direction are the caller's.
 * Returns the number of common codecs.
 */
size_t td_media_common(struct td_media_desc *out, const struct td_media_desc *pt_owner,
		       const struct td_media_desc *pref);
/** The same, and when nothing is common: one law of G.711 where the other end takes the other. */
size_t td_media_bridge(struct td_media_desc *out, const struct td_media_desc *pt_owner,
		       const struct td_media_desc *pref);
/** Where G.711 in one law is offered, offer the other one, too, last. */
void td_media_add_other_law(struct td_media_desc *d);
/** The same codec in d, or NULL. */
const struct td_codec *td_media_find(const struct td_media_desc *d, const struct td_codec *c);
/** For a codec that is one law of G.711: the other law in d, or NULL. */
const struct td_codec *td_media_find_other_law(const struct td_media_desc *d,
					       const struct td_codec *c);
bool td_codec_is(const struct td_codec *c, const char *name);
/** The most that it sends, kbit/s without headers; 0 = unknown codec. */
uint32_t td_codec_kbit_s(const struct td_codec *c);
/** The answerer's direction for an offer: what may flow given both wishes (RFC 3264 6.1). */
uint8_t td_dir_answer(uint8_t offered, uint8_t wanted);
/** The same direction seen from the other end: sendonly becomes recvonly. */
uint8_t td_dir_flip(uint8_t dir);
const char *td_dir_name(uint8_t dir);	/* "sendrecv" ... */
/** On hold: the party does not want to hear us (RFC 3264 8.4, or RFC 2543's 0.0.0.0). */
bool td_media_is_held(const struct td_media_desc *d);
/* video_desc.c */
/** A copy that depends on nothing else; td_free() it. NULL: no memory. */
struct td_media_desc *td_media_dup(const struct td_media_desc *d);
/**
 * td_video_common - out gets the text of takes without the formats that are not in told, too: the
 * same number under the same name. Returns how many are left. out may be takes.
 */
size_t td_video_common(char out[TD_VIDEO_TEXT], const char *takes, const char *told);
/** Is every format of text one of those in others? */
bool td_video_within(const char *text, const char *others);

/** Same addresses, direction and codecs: nothing to do (a session refresh). */
bool td_media_equal(const struct td_media_desc *a, const struct td_media_desc *b);

#endif
