// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/packet.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

uint16_t packet_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint64_t packet_sum(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint64_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		sum += (uint64_t)p[len - 1] << 8;
	return sum;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static bool is_v6(const struct packet *w)
{
	return strchr(w->src, ':') != NULL;
}

static unsigned int n_tags(const struct packet *w)
{
	unsigned int n = 0;

	while (n < 3 && w->tpid[n])
		n++;
	return n;
}

static void put_addr(uint8_t *p, int family, const char *text)
{
	if (inet_pton(family, text, p) != 1)
		abort();
}

static void put_payload(uint8_t *p, const struct packet *w)
{
	if (w->body) {
		memcpy(p, w->body, w->payload);
		return;
	}
	for (unsigned int i = 0; i < w->payload; i++)
		p[i] = (uint8_t)(i * 7 + 3);
	if (w->payload < 12)
		return;
	p[0] = (uint8_t)(w->version << 6);
	p[1] = (uint8_t)(w->marker << 7 | w->pt);
	put16(p + 2, w->seq);
	put32(p + 4, w->ts);
	put32(p + 8, w->ssrc);
}

static void put_ipv4(uint8_t *ip, const struct packet *w, uint16_t udp_len)
{
	unsigned int head = 20 + w->options;

	ip[0] = (uint8_t)(0x40 | head / 4);
	ip[1] = w->tos;
	put16(ip + 2, head + udp_len);
	put16(ip + 4, w->id);
	put16(ip + 6, w->frag);
	ip[8] = w->ttl;
	ip[9] = 17;
	put_addr(ip + 12, AF_INET, w->src);
	put_addr(ip + 16, AF_INET, w->dst);
	memset(ip + 20, 1, w->options);		/* no-operation */
	put16(ip + 10, packet_fold(packet_sum(ip, head)));
}

static void put_ipv6(uint8_t *ip, const struct packet *w, uint16_t udp_len)
{
	put32(ip, 6u << 28 | (uint32_t)w->tos << 20 | w->flow_label);
	put16(ip + 4, w->options + udp_len);
	ip[6] = w->options ? w->extension : 17;
	ip[7] = w->ttl;
	put_addr(ip + 8, AF_INET6, w->src);
	put_addr(ip + 24, AF_INET6, w->dst);
	if (w->options) {
		ip[40] = 17;
		ip[41] = (uint8_t)(w->options / 8 - 1);
	}
	if (w->options && w->extension == 44)
		put16(ip + 42, w->frag);
}

static void put_link(uint8_t *frame, const struct packet *w)
{
	uint8_t *p = frame + 12;

	memcpy(frame, (uint8_t[]){ 2, 0, 0, 0, 0, w->dmac, 2, 0, 0, 0, 0, w->smac }, 12);
	for (unsigned int i = 0; i < n_tags(w); i++) {
		put16(p, w->tpid[i]);
		put16(p + 2, w->tci[i]);
		p += 4;
	}
	put16(p, is_v6(w) ? 0x86dd : 0x0800);
}

size_t packet_udp_at(const struct packet *w)
{
	return 14 + 4 * n_tags(w) + (is_v6(w) ? 40 : 20) + w->options;
}

size_t packet_build(uint8_t frame[FRAME_MAX], const struct packet *w)
{
	uint8_t *ip = frame + 14 + 4 * n_tags(w), *udp = frame + packet_udp_at(w);
	uint16_t udp_len = (uint16_t)(8 + w->payload), check;
	uint64_t pseudo = 17u + udp_len;

	memset(frame, 0, FRAME_MAX);
	put_link(frame, w);
	if (is_v6(w))
		put_ipv6(ip, w, udp_len);
	else
		put_ipv4(ip, w, udp_len);
	pseudo += is_v6(w) ? packet_sum(ip + 8, 32) : packet_sum(ip + 12, 8);
	put16(udp, w->sport);
	put16(udp + 2, w->dport);
	put16(udp + 4, udp_len);
	put_payload(udp + 8, w);
	check = packet_fold(pseudo + packet_sum(udp, udp_len));
	if (w->half_udp_sum)
		put16(udp + 6, (uint16_t)~packet_fold(pseudo));
	else if (!w->no_udp_sum)
		put16(udp + 6, check ? check : 0xffff);
	return (size_t)(udp - frame) + udp_len;
}
