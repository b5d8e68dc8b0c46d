// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of an RTP packet's inside on its way through the relay: other names of payload
 * types, G.711 from one law to the other, by the tables that XDP uses.
 */
#include "userspace/media/relay_priv.h"

#include "bpf/td_g711.h"
#include "bpf/td_rtp_stat.h"

/* RFC 3550 5.1, 5.3.1 */
bool td_relay_rtp_body(const uint8_t *p, uint32_t len, uint32_t *at, uint32_t *n)
{
	uint32_t head = TD_RTP_HEADER_LEN + (p[0] & 0x0fu) * 4, padding;

	if (p[0] & 0x10) {
		if (head + 4 > len)
			return false;
		head += 4 + ((uint32_t)p[head + 2] << 8 | p[head + 3]) * 4;
	}
	if (head > len)
		return false;
	if (p[0] & 0x20) {
		padding = p[len - 1];
		if (!padding || padding > len - head)
			return false;
		len -= padding;
	}
	*at = head;
	*n = len - head;
	return true;
}

bool td_relay_wants_law(const struct td_flow *f, uint8_t pt)
{
	return (f->flags & (TD_FLOW_U2A | TD_FLOW_A2U)) && pt == f->pt_from[0];
}

static uint8_t renamed(const struct td_flow *f, uint8_t pt)
{
	for (size_t i = 0; i < sizeof(f->pt_from); i++)
		if (pt == f->pt_from[i])
			return f->pt_to[i] & 0x7f;
	return pt;
}

void td_relay_rewrite(const struct td_flow *f, struct td_flow_stats *s, uint8_t *p, uint32_t len)
{
	const uint8_t *law = f->flags & TD_FLOW_U2A ? td_g711_u2a : td_g711_a2u;
	uint8_t pt = p[1] & 0x7f;
	uint32_t at, n;

	if (td_relay_wants_law(f, pt) && td_relay_rtp_body(p, len, &at, &n)) {
		for (uint32_t i = at; i < at + n; i++)
			p[i] = law[p[i]];
		s->transcoded++;
	}
	p[1] = (p[1] & 0x80) | renamed(f, pt);
}
