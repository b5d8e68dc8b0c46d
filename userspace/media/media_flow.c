// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session's two flows: which path each may take, and what is written into the tables of
 * td_map.h. A flow is written once, for XDP and the relay alike. Both read it; the flag
 * TD_FLOW_XDP says whether XDP may act: our program on the interface the packets come in
 * by, and a way out by redirect. Whether the neighbour is known is the next hop's own flag,
 * so a flow changes to the relay and back without being touched.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "userspace/core/media_desc.h"

/* Of 10 ms packets: IPv4, UDP and RTP, 40 bytes each */
#define HEADERS_PER_MS 4

void td_media_say(struct td_media *m, const char *fmt, ...)
{
	char line[256];
	va_list args;

	if (!m->debug)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	m->debug(m->debug_arg, line);
}

/* ---- which path ---- */

const struct td_xdp_port *td_media_port_to(const struct td_media *m, const struct nh_user *user)
{
	int ifindex = td_nh_ifindex(user);

	for (size_t i = 0; i < m->n_ports; i++)
		if (ifindex && m->port[i].ifindex == ifindex)
			return &m->port[i];
	return NULL;
}

/* The device that a side's party is reached by, and that its packets come in by. */
static const struct td_xdp_port *port_of(const struct td_media_session *s, int side)
{
	return td_media_port_to(s->m, &s->side[side].user);
}

/* Redirecting from a native program takes a driver that transmits such frames, and only
 * native attachment proves that; from a generic program the frame is an skb, and any
 * interface takes it. */
static bool can_redirect(const struct td_xdp_port *in, const struct td_xdp_port *out)
{
	if (!in || !out || in->mode == CFG_XDP_OFF || out->mode == CFG_XDP_OFF)
		return false;
	return in->mode == CFG_XDP_GENERIC || out->mode == CFG_XDP_NATIVE;
}

static bool xdp_may(const struct td_media_session *s, int from)
{
	/* the neighbour's index, too: a host of our own has none; and XDP, which looks at addresses
	 * alone, would take a link-local one from any link */
	return s->m->tables.kernel && td_nh_index(&s->side[!from].user) &&
	       !td_addr_is_link_local(&s->end[from].remote) &&
	       can_redirect(port_of(s, from), port_of(s, !from));
}

enum td_media_path td_media_flow_path(const struct td_media *m, uint32_t slot)
{
	const struct td_flow *f = &m->tables.flows[slot];

	if (!(f->flags & TD_FLOW_ACTIVE))
		return TD_PATH_NONE;
	if (f->flags & TD_FLOW_LOCAL)
		return TD_PATH_LOCAL;
	if ((f->flags & TD_FLOW_XDP) && (m->tables.nexthops[f->nexthop].flags & TD_NH_VALID))
		return TD_PATH_XDP;
	return TD_PATH_RELAY;
}

/* ---- writing a session's flows ---- */

bool td_media_end_is_known(const struct td_media_end *e)
{
	return td_addr_is_set(&e->remote) && !td_addr_is_any(&e->remote) && e->remote.port;
}

static __be16 rtcp_port(const struct td_media_end *e)
{
	return htons(td_addr_is_set(&e->remote_rtcp) && e->remote_rtcp.port ?
		     e->remote_rtcp.port : (uint16_t)(e->remote.port + 1));
}

static bool is_mux(const struct td_media_end *e)
{
	return rtcp_port(e) == htons(e->remote.port);
}

/* Until its port is known, the relay must hear the party first. */
static uint32_t learn_flags(const struct media_side *side)
{
	uint32_t flags = 0;

	if (side->learn.on && !side->learn.rtp)
		flags |= TD_FLOW_LEARN;
	if (side->learn.on && !side->learn.rtcp && !is_mux(td_media_end_of(side)))
		flags |= TD_FLOW_LEARN_RTCP;
	return flags;
}

static uint32_t payload_flags(const struct td_media_end *e)
{
	uint32_t flags = 0;

	if (e->dtmf_pt)
		flags |= e->hold_dtmf ? TD_FLOW_TAP_DTMF | TD_FLOW_HOLD_DTMF : TD_FLOW_TAP_DTMF;
	if (e->n_pt && e->transcode == TD_TRANSCODE_U2A)
		flags |= TD_FLOW_U2A;
	else if (e->n_pt && e->transcode == TD_TRANSCODE_A2U)
		flags |= TD_FLOW_A2U;
	return flags;
}

static uint32_t flow_flags(struct td_media_session *s, int from)
{
	const struct td_xdp_port *in = port_of(s, from);
	const struct td_media_end *a = &s->end[from];
	uint32_t flags = TD_FLOW_ACTIVE;
	bool copies = td_media_aim_fork(&s->side[from], in);

	if (!td_media_is_opaque(s, from))
		flags |= TD_FLOW_RTCP_EVENTS;
	if (in && in->full_checksum)
		flags |= TD_FLOW_CSUM_FULL;
	if (!(a->dir & TD_DIR_SEND) || !(s->side[from].node || (s->end[!from].dir & TD_DIR_RECV)))
		flags |= TD_FLOW_MUTED;
	if (a->plain)
		flags |= TD_FLOW_PLAIN;
	else if (is_mux(a))
		flags |= TD_FLOW_MUX;
	if (td_media_is_captured(s))
		flags |= TD_FLOW_CAPTURE;
	if (s->side[from].fork.index)
		flags |= TD_FLOW_FORK;
	flags |= learn_flags(&s->side[from]);
	if (s->side[from].node)
		return flags | TD_FLOW_LOCAL | (payload_flags(a) & TD_FLOW_TAP_DTMF);
	if (!td_media_is_opaque(s, from))
		flags |= payload_flags(a);
	if (!(flags & TD_FLOW_LEARN) && !s->side[from].keys && copies &&
	    !td_media_seals(s, from) && xdp_may(s, from))
		flags |= TD_FLOW_XDP;
	return flags;
}

/* Twice what the codec needs in packets of 10 ms: room for events, RTCP, and a sender whose
 * clock runs fast, none for a flood. */
static uint32_t police_rate(uint32_t kbit_s)
{
	return kbit_s ? 2 * ((kbit_s + 7) / 8 + HEADERS_PER_MS) : 0;
}

static void fill_payload(const struct td_media_end *e, struct td_flow *f)
{
	memset(f->pt_from, TD_NO_PT, sizeof(f->pt_from));
	for (int i = 0; i < e->n_pt; i++) {
		f->pt_from[i] = e->pt_from[i];
		f->pt_to[i] = e->pt_to[i];
	}
	f->dtmf_pt = e->dtmf_pt ? e->dtmf_pt : TD_NO_PT;
	f->police = police_rate(e->kbit_s);
}

/* The way to a side's party, which is known. */
static void fill_way(const struct td_media_session *s, int to, struct td_flow *f)
{
	const struct td_media_end *b = &s->end[to];

	memcpy(f->new_src, b->local.ip, sizeof(f->new_src));
	memcpy(f->new_dst, b->remote.ip, sizeof(f->new_dst));
	f->new_src_port = htons(s->side[to].port);
	f->new_dst_port = htons(b->remote.port);
	f->new_dst_rtcp_port = rtcp_port(b);
	f->new_dst_scope = b->remote.scope;
	f->nexthop = td_nh_index(&s->side[to].user);
	f->dscp_class = b->dscp_class;
}

/* Who hears a node hears nobody else. */
static bool is_cut_off(const struct td_media_session *s, int from)
{
	return s->side[!from].node && !s->side[from].node;
}

/* What the party of side "from" sends, to the other party or to a node of ours. */
static void fill_flow(struct td_media_session *s, int from, struct td_flow *f)
{
	const struct td_media_end *a = &s->end[from], *b = &s->end[!from];
	const struct td_xdp_port *in = port_of(s, from);
	bool local = s->side[from].node;

	memset(f, 0, sizeof(*f));
	f->call_id = s->call_id;
	f->leg_id = a->leg_id;
	f->local_port = htons(s->side[from].port);
	f->new_src_port = htons(s->side[!from].port);
	fill_payload(a, f);
	if (!td_media_end_is_known(a) || is_cut_off(s, from) ||
	    (!local && !td_media_end_is_known(b)))
		return;
	f->flags = flow_flags(s, from);
	f->fork = s->side[from].fork.index;
	f->srtp = td_media_seals(s, from);
	if (td_media_is_opaque(s, from))
		f->dtmf_pt = TD_NO_PT;
	memcpy(f->local_addr, a->local.ip, sizeof(f->local_addr));
	memcpy(f->peer_addr, a->remote.ip, sizeof(f->peer_addr));
	f->peer_port = htons(a->remote.port);
	f->peer_rtcp_port = rtcp_port(a);
	f->ns_per_tick = 1000000000u / (a->rate ? a->rate : 8000);
	if (local) {
		memset(f->pt_from, TD_NO_PT, sizeof(f->pt_from));
		return;
	}
	fill_way(s, !from, f);
	/* a dial peer's own value comes before what its sender is trusted with */
	if (in && in->trust_dscp && !(f->dscp_class & TD_DSCP_EXPLICIT(0)))
		f->dscp_class |= TD_DSCP_TRUST(0);
}

void td_media_way_to(const struct td_media_session *s, int side, struct td_flow *way)
{
	memset(way, 0, sizeof(*way));
	if (!td_media_end_is_known(&s->end[side]) || !(s->end[side].dir & TD_DIR_RECV))
		return;
	fill_way(s, side, way);
	way->call_id = s->call_id;
	way->leg_id = s->end[side].leg_id;
	way->srtp = TD_SRTP_KEYS(0, s->side[side].seal.id);
	if (td_media_is_captured(s))
		way->flags = TD_FLOW_CAPTURE;
}

static void debug_flow(struct td_media_session *s, int from)
{
	char peer[TD_ADDR_STRLEN], dst[TD_ADDR_STRLEN];
	uint32_t slot = td_media_slot(s, from);

	if (!s->m->debug)
		return;
	td_media_say(s->m, "call=%" PRIu32 " leg=%" PRIu32 " flow port=%u from=%s to=%s path=%s%s",
	      s->call_id, s->end[from].leg_id, s->side[from].port,
	      td_addr_str(&s->end[from].remote, peer), td_addr_str(&s->end[!from].remote, dst),
	      td_media_path_word(td_media_flow_path(s->m, slot)) ?: "none",
	      s->m->tables.flows[slot].flags & TD_FLOW_MUTED ? " muted" : "");
}

/* A write of the same content would only make readers stumble. */
static bool same_flow(const struct td_flow *a, const struct td_flow *b)
{
	return !memcmp((const char *)a + sizeof(a->gen_head),
		       (const char *)b + sizeof(b->gen_head),
		       offsetof(struct td_flow, gen_tail) - sizeof(a->gen_head));
}

void td_media_program(struct td_media_session *s)
{
	struct td_tables *t = &s->m->tables;

	for (int from = 0; from < 2; from++) {
		uint32_t slot = td_media_slot(s, from);
		struct td_flow f;

		fill_flow(s, from, &f);
		if (same_flow(&f, &t->flows[slot]))
			continue;
		td_flow_write(&t->flows[slot], &f);
		if ((f.flags & TD_FLOW_ACTIVE) && !t->ports[s->side[from].port].value)
			td_ports_point(t, s->side[from].port, slot);
		debug_flow(s, from);
	}
	td_media_aim_local(s);
}

void td_media_way_changed(void *arg, struct nh_user *user)
{
	struct media_side *side = user->tag == MEDIA_USER_FORK ?
		td_container_of(user, struct media_side, fork.user) :
		td_container_of(user, struct media_side, user);

	(void)arg;
	td_media_program(side->owner);
}
