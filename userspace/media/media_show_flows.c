// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flows as JSON for the control socket. Reads the tables while packets are counted into them; a
 * figure may be one packet old, never torn. Rates are those since somebody looked last, or since
 * the flow's first packet: nothing is sampled while nobody looks.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <string.h>

#include "userspace/base/clock.h"

#define LOOK_NS		500000000u	/* between two looks that make a rate */

/* ---- rates ---- */

void td_media_look_begin(struct media_side *side)
{
	uint64_t lost;
	struct td_flow_stats s = td_media_flow_stats(side->owner->m, TD_SLOT_OF_PORT(side->port),
						     &lost);

	side->look = (struct media_look){ .ns = td_clock_ns(CLOCK_MONOTONIC), .packets = s.packets, .bytes = s.bytes };
}

/* Two that look at the same time do not take each other's packets away. */
static void look(struct media_look *l, const struct td_flow_stats *s)
{
	uint64_t now = td_clock_ns(CLOCK_MONOTONIC), took = now - l->ns;

	if (took < LOOK_NS && l->known)
		return;
	l->pps = took ? (double)(s->packets - l->packets) * 1e9 / (double)took : 0;
	l->bytes_per_s = took ? (uint64_t)((double)(s->bytes - l->bytes) * 1e9 / (double)took) : 0;
	if (took < LOOK_NS)
		return;
	l->known = true;
	l->ns = now;
	l->packets = s->packets;
	l->bytes = s->bytes;
}

/* ---- flows ---- */

static void show_addr(struct td_json *j, const char *key, const uint8_t ip[16], __be16 port)
{
	struct td_addr a = { .port = ntohs(port) };
	char text[TD_ADDR_STRLEN];

	memcpy(a.ip, ip, sizeof(a.ip));
	td_json_str(j, key, td_addr_str(&a, text));
}

/* null: as the sender has marked it */
static void show_mark(const struct td_media *m, struct td_json *j, uint32_t class)
{
	class &= ~TD_DSCP_TRUST(0);
	if (class < TD_DSCP_CLASSES)
		td_json_u64(j, "dscp", m->tables.dscp[class].entry.dscp);
	else if (class & TD_DSCP_EXPLICIT(0))
		td_json_u64(j, "dscp", class & 63);
	else
		td_json_null(j, "dscp");
}

static void show_way(const struct td_media *m, struct td_json *j, struct media_side *side)
{
	uint32_t slot = TD_SLOT_OF_PORT(side->port);
	const struct td_flow *f = &m->tables.flows[slot];
	bool video = td_media_end_of(side)->video;

	td_json_u64(j, "call", f->call_id);
	td_json_u64(j, "leg", f->leg_id);
	td_json_str(j, "path", td_media_path_word(td_media_flow_path(m, slot)) ?: "none");
	show_addr(j, "local", f->local_addr, f->local_port);
	show_addr(j, "peer", f->peer_addr, f->peer_port);
	show_addr(j, "new_src", f->new_src, f->new_src_port);
	show_addr(j, "new_dst", f->new_dst, f->new_dst_port);
	show_mark(m, j, f->dscp_class);
	td_json_str(j, "media", video ? "video" : f->flags & TD_FLOW_PLAIN ? "udptl" : "rtp");
	td_json_bool(j, "muted", f->flags & TD_FLOW_MUTED);
	td_json_bool(j, "learning", f->flags & (TD_FLOW_LEARN | TD_FLOW_LEARN_RTCP));
	td_json_bool(j, "captured", f->flags & TD_FLOW_CAPTURE);
	td_json_bool(j, "forked", f->flags & TD_FLOW_FORK);
}

static void show_refused(struct td_json *j, const struct td_flow_stats *s)
{
	td_json_u64(j, "wrong_source", s->wrong_source);
	td_json_u64(j, "bad_rtp", s->bad_rtp);
	td_json_u64(j, "muted_packets", s->muted);
	td_json_u64(j, "policed", s->policed);
	td_json_u64(j, "held_dtmf", s->held_dtmf);
}

static void show_flow(struct td_json *j, struct media_side *side)
{
	const struct td_media *m = side->owner->m;
	uint32_t slot = TD_SLOT_OF_PORT(side->port);
	uint64_t lost;
	struct td_flow_stats s = td_media_flow_stats(m, slot, &lost);

	look(&side->look, &s);
	td_json_object(j, NULL);
	show_way(m, j, side);
	td_json_u64(j, "packets", s.packets);
	td_json_u64(j, "bytes", s.bytes);
	td_json_fixed(j, "pps", side->look.pps, 1);
	td_json_u64(j, "bytes_per_s", side->look.bytes_per_s);
	td_json_u64(j, "xdp_packets", m->tables.stats[slot].packets);
	td_json_u64(j, "relay_packets", td_relay_stats(m->relay, slot)->packets);
	td_json_u64(j, "rtcp_packets", s.rtcp_packets);
	td_json_u64(j, "lost", lost);
	td_json_u64(j, "out_of_order", s.out_of_order);
	td_json_u64(j, "duplicates", s.duplicates);
	td_json_fixed(j, "jitter_ms", (double)s.jitter_ns / 1e6, 2);
	td_json_fixed(j, "largest_gap_ms", (double)s.largest_gap_ns / 1e6, 1);
	td_json_u64(j, "ssrc", s.ssrc);
	td_json_u64(j, "ssrc_changes", s.ssrc_changes);
	td_json_u64(j, "dtmf_events", s.dtmf_events);
	td_json_u64(j, "transcoded", s.transcoded);
	show_refused(j, &s);
	td_json_u64(j, "last_seen_ms", s.last_seen_ns / 1000000);
	td_json_end_object(j);
}

void td_media_show_flows(struct td_media *m, struct td_json *j, const char *key)
{
	struct td_media_session *s;

	td_json_array(j, key);
	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		for (int side = 0; side < 2; side++)
			if (m->tables.flows[td_media_slot(s, side)].flags & TD_FLOW_ACTIVE)
				show_flow(j, &s->side[side]);
	td_json_end_array(j);
}
