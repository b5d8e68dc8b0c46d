// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies of what the relay sends, and of what ends at a node here, for "tandem capture". XDP
 * copies its frames itself (td_map.h). The relay never waits: without room in the ring the copy
 * is left out and counted.
 */
#include "userspace/media/relay_priv.h"

#include <arpa/inet.h>
#include <string.h>

#include "userspace/media/capture_frame.h"

#define N_FRAMES 512

int td_relay_capture(struct td_relay *r, struct td_ring **out)
{
	int err = 0;

	if (!r->captured.items)
		err = td_ring_init(&r->captured, N_FRAMES, sizeof(struct td_captured));
	if (!err)
		atomic_store_explicit(&r->captures, true, memory_order_release);
	*out = &r->captured;
	return err;
}

static void push(struct td_relay *r, const struct td_flow *f, const struct td_udp_packet *p,
		 uint64_t now_ns)
{
	struct td_captured *c = &r->copy;

	c->time_ns = now_ns;
	c->call_id = f->call_id;
	c->leg_id = f->leg_id;
	c->len = td_capture_ip(c->data, sizeof(c->data), p);
	c->copied = c->len < sizeof(c->data) ? c->len : (uint32_t)sizeof(c->data);
	if (!td_ring_push(&r->captured, c))
		td_relay_count(&r->counts.captured_lost);
}

static bool is_wanted(const struct td_relay *r, const struct td_flow *f)
{
	return f->flags & TD_FLOW_CAPTURE &&
	       atomic_load_explicit(&r->captures, memory_order_acquire);
}

void td_relay_copy_sent(struct td_relay *r, const struct td_flow *way, bool rtcp, uint8_t tos,
			const uint8_t *data, uint32_t len, uint64_t now_ns)
{
	struct td_udp_packet p = { .payload = data, .len = len };

	if (!is_wanted(r, way))
		return;
	p.tos = td_relay_tos(r, way, tos);
	p.src.port = td_relay_src_port(way, rtcp);
	p.dst.port = ntohs(rtcp ? way->new_dst_rtcp_port : way->new_dst_port);
	memcpy(p.src.ip, way->new_src, sizeof(p.src.ip));
	memcpy(p.dst.ip, way->new_dst, sizeof(p.dst.ip));
	push(r, way, &p, now_ns);
}

void td_relay_copy_taken(struct td_relay *r, const struct td_flow *f,
			 const struct relay_packet *in)
{
	struct td_udp_packet p = { .src = in->from, .payload = in->data, .len = in->len };

	if (!is_wanted(r, f))
		return;
	p.dst.port = (uint16_t)(ntohs(f->local_port) + in->rtcp);
	memcpy(p.dst.ip, f->local_addr, sizeof(p.dst.ip));
	push(r, f, &p, in->now_ns);
}
