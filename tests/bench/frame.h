/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of the frames that packet benches send, checksums and all. */
#ifndef TD_BENCH_FRAME_H
#define TD_BENCH_FRAME_H

#include <stdint.h>
#include <string.h>

#include "bpf/td_bench.h"

static inline uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline uint32_t words(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	return sum;
}

static inline void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* G.711 from 10.72.1.2 to dst:dport. The payload is zero but for the fill of td_bench.h. */
static inline void frame_template(struct td_bench_flow *f, uint16_t sport, const uint8_t dst[4],
		     uint16_t dport, uint32_t ssrc)
{
	static const uint8_t macs[14] = { 2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2, 8, 0 };
	uint8_t *ip = f->header + 14, *udp = ip + 20, *rtp = udp + 8;

	memset(f, 0, sizeof(*f));
	memcpy(f->header, macs, sizeof(macs));
	ip[0] = 0x45;
	put16(ip + 2, TD_BENCH_FRAME - 14);
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, (uint8_t[]){ 10, 72, 1, 2 }, 4);
	memcpy(ip + 16, dst, 4);
	put16(ip + 10, fold(words(ip, 20)));
	put16(udp, sport);
	put16(udp + 2, dport);
	put16(udp + 4, TD_BENCH_FRAME - 34);
	rtp[0] = 0x80;
	put16(rtp + 10, ssrc);
	put16(rtp + 12, 0xffff);	/* seq and fill together, whatever seq is */
	put16(udp + 6, fold(words(ip + 12, 8) + 17 + TD_BENCH_FRAME - 34 + words(udp, 22)));
}

#endif
