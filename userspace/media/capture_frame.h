/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The IP packet around a UDP payload, as a capture shows what went by a socket.
 */
#ifndef TD_MEDIA_CAPTURE_FRAME_H
#define TD_MEDIA_CAPTURE_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include "userspace/base/addr.h"

struct td_udp_packet {
	struct td_addr src, dst;	/* of one family */
	uint8_t tos;
	const uint8_t *payload;
	uint32_t len;
};

/** Write it with right checksums; what does not fit into size is left out. Returns the length of
 * the whole packet. */
uint32_t td_capture_ip(uint8_t *dst, size_t size, const struct td_udp_packet *p);

#endif
