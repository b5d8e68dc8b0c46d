/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A UDP packet in words, and the frame that a host by the book would make of it: every
 * checksum summed up in full. What the packet programs do is compared with that.
 */
#ifndef TD_TESTS_PACKET_H
#define TD_TESTS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 4096

struct packet {
	const char *src, *dst;		/* both IPv4 or both IPv6 */
	uint16_t sport, dport;
	uint8_t tos, ttl;		/* or traffic class and hop limit */
	uint16_t id, frag;		/* IPv4; frag as in the header */
	uint32_t flow_label;		/* IPv6 */
	bool no_udp_sum;
	bool half_udp_sum;		/* what a local socket hands to a veth: the pseudo-header's */
	uint8_t version, pt;		/* of RTP */
	bool marker;
	uint16_t seq;
	uint32_t ts, ssrc;
	unsigned int payload;		/* bytes after the UDP header */
	const uint8_t *body;		/* all of them (no RTP header is made), or NULL */
	uint8_t smac, dmac;		/* last byte */
	unsigned int options;		/* IPv4 options, or IPv6 extension header, bytes */
	uint8_t extension;		/* IPv6: which, when options is not 0 */
	uint16_t tpid[3], tci[3];	/* VLAN tags, outer first */
};

/** Returns the frame's length; what is behind it in frame is zero. */
size_t packet_build(uint8_t frame[FRAME_MAX], const struct packet *w);
/** Where the UDP header begins. */
size_t packet_udp_at(const struct packet *w);
/** One's complement sum of big-endian words, the odd last byte with a zero behind it. */
uint64_t packet_sum(const uint8_t *p, size_t len);
uint16_t packet_fold(uint64_t sum);

#endif
