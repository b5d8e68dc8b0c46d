// SPDX-License-Identifier: GPL-2.0-or-later
/* PURE. See rtcp.h. */
#include "userspace/media/rtcp.h"

#include <errno.h>
#include <string.h>

#include "userspace/base/buf.h"

#define RTCP_SR		200
#define RTCP_RR		201
#define RTCP_BYE	203
#define RTCP_FIRST	192	/* RFC 5761 4: the types that RTP's payload types leave free */
#define RTCP_LAST	223

#define BLOCK_LEN	24
#define SENDER_LEN	20	/* NTP, RTP timestamp, packets, octets */
#define MAX_TRIP_NS	60000000000ULL

static void read_block(struct td_buf *b, struct td_rtcp *out)
{
	struct td_rtcp_block *k = &out->block[out->n_blocks++];
	uint32_t lost;

	k->ssrc = td_buf_get_be32(b);
	lost = td_buf_get_be32(b);
	k->fraction_lost = (uint8_t)(lost >> 24);
	lost &= 0xffffff;
	k->lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 : (int32_t)lost;
	k->max_seq = td_buf_get_be32(b);
	k->jitter = td_buf_get_be32(b);
	k->lsr = td_buf_get_be32(b);
	k->dlsr = td_buf_get_be32(b);
}

static void read_report(struct td_buf *b, uint8_t type, uint8_t count, struct td_rtcp *out)
{
	uint32_t ssrc;

	if (td_buf_left(b) < 4 + (type == RTCP_SR ? SENDER_LEN : 0u))
		return;
	ssrc = td_buf_get_be32(b);
	out->ssrc = ssrc;
	if (type == RTCP_SR) {
		uint32_t high = td_buf_get_be32(b), low = td_buf_get_be32(b);

		out->has_sr = true;
		out->ntp_mid = high << 16 | low >> 16;
		td_buf_get_bytes(b, SENDER_LEN - 8);
	}
	while (count-- && td_buf_left(b) >= BLOCK_LEN && out->n_blocks < TD_RTCP_BLOCKS)
		read_block(b, out);
}

int td_rtcp_parse(const void *data, size_t len, struct td_rtcp *out)
{
	const uint8_t *p = data;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	while (len - at >= 4) {
		size_t want = 4 * ((size_t)(p[at + 2] << 8 | p[at + 3]) + 1);
		size_t have = want < len - at ? want : len - at;
		uint8_t type = p[at + 1];
		struct td_buf b;

		if (p[at] >> 6 != 2 || type < RTCP_FIRST || type > RTCP_LAST)
			return at ? 0 : -EBADMSG;
		/* reads only; the cursor has one pointer for both directions */
		td_buf_init(&b, (void *)(uintptr_t)(p + at + 4), have - 4);
		if (type == RTCP_SR || type == RTCP_RR)
			read_report(&b, type, p[at] & 31, out);
		else if (type == RTCP_BYE)
			out->bye = true;
		at += have;
	}
	return at ? 0 : -EBADMSG;
}

double td_rtcp_round_trip_ms(uint64_t sr_ns, uint64_t now_ns, uint32_t dlsr)
{
	uint64_t held = (uint64_t)dlsr * 1000000000ULL >> 16;

	if (now_ns < sr_ns || now_ns - sr_ns > MAX_TRIP_NS)
		return -1;
	/* the party's clock ticks in 15 us; on a short cable that may make it less than nothing */
	if (held > now_ns - sr_ns)
		return held - (now_ns - sr_ns) < 1000000 ? 0 : -1;
	return (double)(now_ns - sr_ns - held) / 1e6;
}
