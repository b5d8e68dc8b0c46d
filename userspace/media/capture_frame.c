// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PURE. IPv4 (RFC 791), IPv6 (RFC 8200) and UDP (RFC 768) headers for a capture. The time to
 * live is the one that Linux's sockets send with unless told otherwise.
 */
#include "userspace/media/capture_frame.h"

#include <string.h>

#define IP4_LEN	20
#define IP6_LEN	40
#define UDP_LEN	8
#define UDP	17
#define TTL	64

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* RFC 1071, not folded */
static uint32_t sum(const uint8_t *p, size_t len, uint32_t so_far)
{
	for (; len > 1; p += 2, len -= 2)
		so_far += (uint32_t)p[0] << 8 | p[1];
	return len ? so_far + ((uint32_t)p[0] << 8) : so_far;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static void put_ip4(uint8_t *h, const struct td_udp_packet *p, uint32_t udp_len)
{
	h[0] = 0x45;
	h[1] = p->tos;
	put16(h + 2, IP4_LEN + udp_len);
	h[6] = 0x40;		/* don't fragment */
	h[8] = TTL;
	h[9] = UDP;
	memcpy(h + 12, p->src.ip + 12, 4);
	memcpy(h + 16, p->dst.ip + 12, 4);
	put16(h + 10, fold(sum(h, IP4_LEN, 0)));
}

static void put_ip6(uint8_t *h, const struct td_udp_packet *p, uint32_t udp_len)
{
	h[0] = (uint8_t)(0x60 | p->tos >> 4);
	h[1] = (uint8_t)(p->tos << 4);
	put16(h + 4, udp_len);
	h[6] = UDP;
	h[7] = TTL;
	memcpy(h + 8, p->src.ip, 16);
	memcpy(h + 24, p->dst.ip, 16);
}

static void put_udp(uint8_t *h, const struct td_udp_packet *p, uint32_t udp_len, uint32_t addrs)
{
	uint16_t check;

	put16(h, p->src.port);
	put16(h + 2, p->dst.port);
	put16(h + 4, udp_len);
	check = fold(sum(p->payload, p->len, sum(h, UDP_LEN, addrs + UDP + udp_len)));
	put16(h + 6, check ? check : 0xffff);
}

uint32_t td_capture_ip(uint8_t *dst, size_t size, const struct td_udp_packet *p)
{
	uint8_t head[IP6_LEN + UDP_LEN] = { 0 };
	uint32_t udp_len = UDP_LEN + p->len, head_len;
	size_t n;

	if (td_addr_is_v4(&p->dst)) {
		put_ip4(head, p, udp_len);
		put_udp(head + IP4_LEN, p, udp_len, sum(head + 12, 8, 0));
		head_len = IP4_LEN + UDP_LEN;
	} else {
		put_ip6(head, p, udp_len);
		put_udp(head + IP6_LEN, p, udp_len, sum(head + 8, 32, 0));
		head_len = IP6_LEN + UDP_LEN;
	}
	n = head_len < size ? head_len : size;
	memcpy(dst, head, n);
	size -= n;
	memcpy(dst + n, p->payload, p->len < size ? p->len : size);
	return head_len + p->len;
}
