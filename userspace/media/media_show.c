// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the plane shows: counters, interfaces and DSCP values as JSON for the control socket.
 * Flows: media_show_flows.c.
 */
#include "userspace/media/media_priv.h"

#include <string.h>

#include "config/config.h"

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

const char *td_media_reason_name(uint32_t reason)
{
	return reason_names[reason];
}

static void show_xdp(struct td_media *m, struct td_json *j)
{
	uint64_t n[TD_COUNTERS];

	td_counters_read(&m->tables, n);
	td_json_object(j, "xdp");
	for (int i = 0; i < TD_REASON_MAX; i++)
		td_json_u64(j, reason_names[i], n[i]);
	td_json_u64(j, "first_packet_events", m->first_packets);
	td_json_u64(j, "wrong_source_events", m->wrong_source_events);
	td_json_u64(j, "events_lost", n[TD_LOST_EVENTS]);
	td_json_u64(j, "captured_lost", n[TD_LOST_CAPTURED]);
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
	td_json_u64(j, "dropped_bad_srtp", c->bad_srtp);
	td_json_u64(j, "dropped_not_sealed", c->not_sealed);
	td_json_u64(j, "dropped_muted", c->muted);
	td_json_u64(j, "dropped_policed", c->policed);
	td_json_u64(j, "dropped_held_dtmf", c->held_dtmf);
	td_json_u64(j, "dropped_overrun", c->overrun);
	td_json_u64(j, "dropped_too_long", c->too_long);
	td_json_u64(j, "dropped_busy", c->busy);
	td_json_u64(j, "send_errors", c->send_errors);
	td_json_u64(j, "events_lost", c->events_lost);
	td_json_u64(j, "captured_lost", c->captured_lost);
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
		td_json_bool(j, "xdp_shared", p->shared);
		td_json_str(j, "kind", there && link.kind[0] ? link.kind : NULL);
		td_json_bool(j, "up", there && link.up);
		td_json_u64(j, "mtu", link.mtu);
		td_json_bool(j, "marks", p->marks);
		td_json_bool(j, "forks", p->forks);
		td_json_str(j, "checksum", p->full_checksum ? "full" : "offload");
		td_json_bool(j, "dscp_trust", p->trust_dscp);
		td_json_end_object(j);
	}
	td_json_end_array(j);
}

static const struct dscp_class {
	const char *name, *option, *what;
} classes[TD_DSCP_CLASSES] = {
	[TD_DSCP_MEDIA] = { "media", "dscp_media", "voice: XDP, relay, players" },
	[TD_DSCP_SIGNALING] = { "signaling", "dscp_signaling", "SIP, SCCP: their sockets; TC for resets" },
	[TD_DSCP_VIDEO] = { "video", "dscp_video", "video: XDP, relay" },
	[TD_DSCP_SERVICE] = { "service", "dscp_service", "services of this host: TC" },
};

static void show_marks(const struct td_media *m, struct td_json *j, uint32_t class)
{
	td_json_array(j, "tc_ports");
	for (uint32_t port = 0; m->marks.ports && port < TD_MAX_PORTS; port++)
		if (m->marks.ports[port].value &&
		    TD_MARK_CLASS(m->marks.ports[port].value) == class)
			td_json_u64(j, NULL, port);
	td_json_end_array(j);
	td_json_array(j, "tc_interfaces");
	for (size_t i = 0; i < m->n_ports; i++)
		if (m->port[i].marks)
			td_json_str(j, NULL, m->port[i].ifname);
	td_json_end_array(j);
}

/* Parties whose packets of that class carry a value of their call's own. */
static uint64_t own_marks(const struct td_media *m, int class)
{
	const struct td_media_session *s;
	uint64_t n = 0;

	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		for (int i = 0; i < 2; i++)
			n += (s->end[i].dscp_class & TD_DSCP_EXPLICIT(0)) != 0 &&
			     class == (s->end[i].video ? TD_DSCP_VIDEO : TD_DSCP_MEDIA);
	return n;
}

void td_media_show_dscp(struct td_media *m, struct td_json *j, const char *key)
{
	td_json_array(j, key);
	for (int i = 0; i < TD_DSCP_CLASSES; i++) {
		uint32_t dscp = m->tables.dscp[i].entry.dscp;

		td_json_object(j, NULL);
		td_json_str(j, "class", classes[i].name);
		td_json_u64(j, "dscp", dscp);
		td_json_str(j, "name", td_config_dscp_name(dscp));
		td_json_u64(j, "tos", dscp << 2);
		td_json_str(j, "option", classes[i].option);
		td_json_str(j, "applied", classes[i].what);
		show_marks(m, j, (uint32_t)i);
		td_json_u64(j, "own", own_marks(m, i));
		td_json_end_object(j);
	}
	td_json_end_array(j);
}
