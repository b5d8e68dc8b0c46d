// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the plane shows: flows, counters, interfaces and DSCP values as JSON for the control
 * socket. Reads the tables while packets are counted into them; a figure may be one packet
 * old, never torn.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- flows ---- */

static const char *path_word(enum td_media_path p)
{
	return p == TD_PATH_XDP ? "xdp" : p == TD_PATH_RELAY ? "relay" :
	       p == TD_PATH_LOCAL ? "local" : "none";
}

static void show_addr(struct td_json *j, const char *key, const uint8_t ip[16], __be16 port)
{
	struct td_addr a = { .port = ntohs(port) };
	char text[TD_ADDR_STRLEN];

	memcpy(a.ip, ip, sizeof(a.ip));
	td_json_str(j, key, td_addr_str(&a, text));
}

static void show_flow(const struct td_media *m, struct td_json *j, uint32_t slot)
{
	const struct td_flow *f = &m->tables.flows[slot];
	uint64_t lost;
	struct td_flow_stats s = td_media_flow_stats(m, slot, &lost);

	td_json_object(j, NULL);
	td_json_u64(j, "call", f->call_id);
	td_json_u64(j, "leg", f->leg_id);
	td_json_str(j, "path", path_word(td_media_flow_path(m, slot)));
	show_addr(j, "local", f->local_addr, f->local_port);
	show_addr(j, "peer", f->peer_addr, f->peer_port);
	show_addr(j, "new_src", f->new_src, f->new_src_port);
	show_addr(j, "new_dst", f->new_dst, f->new_dst_port);
	td_json_u64(j, "dscp", m->tables.dscp[f->dscp_class & ~TD_DSCP_TRUST(0)].entry.dscp);
	td_json_bool(j, "muted", f->flags & TD_FLOW_MUTED);
	td_json_u64(j, "packets", s.packets);
	td_json_u64(j, "bytes", s.bytes);
	td_json_u64(j, "xdp_packets", m->tables.stats[slot].packets);
	td_json_u64(j, "relay_packets", td_relay_stats(m->relay, slot)->packets);
	td_json_u64(j, "rtcp_packets", s.rtcp_packets);
	td_json_u64(j, "lost", lost);
	td_json_u64(j, "out_of_order", s.out_of_order);
	td_json_u64(j, "duplicates", s.duplicates);
	td_json_fixed(j, "jitter_ms", (double)s.jitter_ns / 1e6, 2);
	td_json_u64(j, "ssrc_changes", s.ssrc_changes);
	td_json_u64(j, "wrong_source", s.wrong_source);
	td_json_u64(j, "bad_rtp", s.bad_rtp);
	td_json_u64(j, "muted_packets", s.muted);
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
				show_flow(m, j, td_media_slot(s, side));
	td_json_end_array(j);
}

/* ---- counters ---- */

static const char *const reason_names[TD_REASON_MAX] = {
	[TD_REASON_FORWARDED] = "forwarded",
	[TD_REASON_WRONG_SOURCE] = "dropped_wrong_source",
	[TD_REASON_BAD_RTP] = "dropped_bad_rtp",
	[TD_REASON_MUTED] = "dropped_muted",
	[TD_REASON_UP_OPTIONS] = "up_ip_options",
	[TD_REASON_UP_FRAGMENT] = "up_fragment",
	[TD_REASON_UP_NO_NEXTHOP] = "up_no_nexthop",
	[TD_REASON_UP_TTL] = "up_ttl",
	[TD_REASON_UP_BUSY] = "up_busy",
	[TD_REASON_UP_INACTIVE] = "up_inactive",
	[TD_REASON_UP_FAMILY] = "up_family",
	[TD_REASON_UP_ADDRESS] = "up_address",
	[TD_REASON_UP_RELAY] = "up_relay",
	[TD_REASON_UP_LENGTH] = "up_length",
	[TD_REASON_UP_MTU] = "up_mtu",
	[TD_REASON_UP_LEARN] = "up_learn",
	[TD_REASON_UP_TAGS] = "up_vlan_tags",
	[TD_REASON_POLICED] = "dropped_policed",
	[TD_REASON_HELD_DTMF] = "dropped_held_dtmf",
	[TD_REASON_UP_FORK] = "up_fork",
	[TD_REASON_UP_CHECKSUM] = "up_checksum",
};

static void show_xdp(struct td_media *m, struct td_json *j)
{
	uint64_t reasons[TD_REASON_MAX];

	td_reasons_read(&m->tables, reasons);
	td_json_object(j, "xdp");
	for (int i = 0; i < TD_REASON_MAX; i++)
		td_json_u64(j, reason_names[i], reasons[i]);
	td_json_u64(j, "first_packet_events", m->first_packets);
	td_json_u64(j, "wrong_source_events", m->wrong_source_events);
	td_json_end_object(j);
}

static void show_relay(struct td_media *m, struct td_json *j)
{
	const struct td_relay_counts *c = td_relay_counts(m->relay);

	td_json_object(j, "relay");
	td_json_u64(j, "forwarded", c->forwarded);
	td_json_u64(j, "local", c->local);
	td_json_u64(j, "dropped_no_flow", c->no_flow);
	td_json_u64(j, "dropped_wrong_source", c->wrong_source);
	td_json_u64(j, "dropped_bad_rtp", c->bad_rtp);
	td_json_u64(j, "dropped_muted", c->muted);
	td_json_u64(j, "dropped_policed", c->policed);
	td_json_u64(j, "dropped_held_dtmf", c->held_dtmf);
	td_json_u64(j, "dropped_too_long", c->too_long);
	td_json_u64(j, "dropped_busy", c->busy);
	td_json_u64(j, "send_errors", c->send_errors);
	td_json_u64(j, "events_lost", c->events_lost);
	td_json_u64(j, "sockets", td_relay_sockets(m->relay));
	td_json_bool(j, "realtime", td_relay_is_realtime(m->relay));
	td_json_end_object(j);
}

void td_media_show_stats(struct td_media *m, struct td_json *j, const char *key)
{
	td_json_object(j, key);
	td_json_u64(j, "sessions", m->n_sessions);
	td_json_u64(j, "sessions_opened", m->opened);
	td_json_u64(j, "sessions_refused", m->refused);
	td_json_u64(j, "port_pairs_used", m->pairs.n_used);
	td_json_u64(j, "port_pairs_free", m->pairs.n_free);
	td_json_u64(j, "nexthops", td_nh_count(m->nexthops));
	show_xdp(m, j);
	show_relay(m, j);
	td_audio_show(m->audio, j, "audio");
	td_json_end_object(j);
}

/* ---- interfaces, DSCP ---- */

static const char *mode_word(enum cfg_xdp mode)
{
	return mode == CFG_XDP_NATIVE ? "native" : mode == CFG_XDP_GENERIC ? "generic" : "off";
}

void td_media_show_interfaces(struct td_media *m, struct td_json *j, const char *key)
{
	td_json_array(j, key);
	for (size_t i = 0; i < m->n_ports; i++) {
		const struct td_xdp_port *p = &m->port[i];
		struct td_nl_link link = { 0 };
		bool there = m->nl && !td_nl_link_by_name(m->nl, p->ifname, &link);

		td_json_object(j, NULL);
		td_json_str(j, "name", p->ifname);
		td_json_int(j, "ifindex", there ? link.ifindex : p->ifindex);
		td_json_str(j, "xdp", mode_word(p->mode));
		td_json_str(j, "kind", there && link.kind[0] ? link.kind : NULL);
		td_json_bool(j, "up", there && link.up);
		td_json_u64(j, "mtu", link.mtu);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}

void td_media_show_dscp(struct td_media *m, struct td_json *j, const char *key)
{
	static const char *const names[TD_DSCP_CLASSES] = {
		[TD_DSCP_MEDIA] = "media", [TD_DSCP_SIGNALING] = "signaling",
		[TD_DSCP_VIDEO] = "video", [TD_DSCP_SERVICE] = "service",
	};

	td_json_array(j, key);
	for (int i = 0; i < TD_DSCP_CLASSES; i++) {
		td_json_object(j, NULL);
		td_json_str(j, "class", names[i]);
		td_json_u64(j, "dscp", m->tables.dscp[i].entry.dscp);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}
