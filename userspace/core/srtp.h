/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Keys of SRTP as signalling tells them (RFC 4568, RFC 3711), without SDP: which suites
 * there are, a key, and what two of them have in common. Who is told which: call_srtp.c.
 */
#ifndef TD_CORE_SRTP_H
#define TD_CORE_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum td_srtp_suite {
	TD_SUITE_NONE,
	TD_SUITE_CM_80,			/* AES_CM_128_HMAC_SHA1_80, RFC 4568 6.2.1 */
	TD_SUITE_CM_32,			/* AES_CM_128_HMAC_SHA1_32, 6.2.2 */
	TD_SUITE_GCM_128,		/* AEAD_AES_128_GCM, RFC 7714 14.2 */
	TD_SUITE_GCM_256,		/* AEAD_AES_256_GCM */
	TD_SUITES
};

#define TD_SRTP_KEY_MAX	 46		/* master key and salt of any suite */
#define TD_SRTP_MAX_KEYS 4		/* offered for one stream; more are not looked at */

/** One a=crypto line. No padding: keys are compared as memory. */
struct td_srtp_key {
	uint32_t tag;			/* 1..999999999; 0: no key */
	uint8_t suite;			/* enum td_srtp_suite */
	uint8_t passed;			/* told to a party: another party made it, not we */
	uint8_t key[TD_SRTP_KEY_MAX];	/* master key, then salt; what is over is 0 */
};

/** Where a stream is that we have sealed: what another process must know to go on with it. */
struct td_srtp_mark {
	uint32_t ssrc;			/* 0: nothing yet */
	uint32_t seq;			/* with the roll-over counter */
	uint32_t rtcp;			/* reports, at least */
};

/** How a party's stream is protected: the profile of its m-line. */
enum td_srtp_use {
	TD_SRTP_NONE,
	TD_SRTP_MAY,			/* RTP/AVP with keys: who knows them uses them */
	TD_SRTP_MUST			/* RTP/SAVP */
};

/** The name in SDP; NULL for none. */
const char *td_srtp_suite_name(uint8_t suite);
/** TD_SUITE_NONE: not known. */
enum td_srtp_suite td_srtp_suite_by_name(const char *name, size_t len);
/** Bytes of master key and salt. */
size_t td_srtp_key_len(uint8_t suite);
size_t td_srtp_salt_len(uint8_t suite);
/** The same suite and bytes, whatever the tags. */
bool td_srtp_same_key(const struct td_srtp_key *a, const struct td_srtp_key *b);

#endif
