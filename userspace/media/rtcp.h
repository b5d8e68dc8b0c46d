/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. What RTCP says about a stream (RFC 3550 6.4): sender reports, and the figures that a
 * receiver reports about what it hears. Works on the first bytes of a compound packet; what
 * lies behind them is taken as not said.
 */
#ifndef TD_MEDIA_RTCP_H
#define TD_MEDIA_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TD_RTCP_BLOCKS 4		/* kept; more are of streams that we do not carry */

struct td_rtcp_block {
	uint32_t ssrc;			/* of the stream that is reported on */
	uint8_t fraction_lost;		/* since the last report, of 256 */
	int32_t lost;			/* since the beginning; duplicates make it negative */
	uint32_t max_seq;		/* extended highest sequence number */
	uint32_t jitter;		/* in ticks of the RTP clock */
	uint32_t lsr, dlsr;		/* last SR's middle 32 bits; since then, in 1/65536 s */
};

struct td_rtcp {
	bool has_sr, bye;
	uint32_t ssrc;			/* of the sender of this packet */
	uint32_t ntp_mid;		/* its clock in the SR, middle 32 bits */
	uint32_t n_blocks;
	struct td_rtcp_block block[TD_RTCP_BLOCKS];
};

/** -EBADMSG: not RTCP. Parts that are cut off or malformed are left out. */
int td_rtcp_parse(const void *data, size_t len, struct td_rtcp *out);

/**
 * Round trip between us and a party, seen from the middle (RFC 3550 6.4.1): a sender report
 * passed us at sr_ns on its way to the party, whose report that answers it passes us at now_ns
 * and says that it held it back for dlsr. -1: figures that cannot be.
 */
double td_rtcp_round_trip_ms(uint64_t sr_ns, uint64_t now_ns, uint32_t dlsr);

#endif
