// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel, the packet program and the relay tell: events of packets, interfaces that
 * our program is attached to, links, neighbours and routes that change.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "userspace/base/log.h"

void td_media_program_all(struct td_media *m)
{
	struct td_media_session *s;

	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		td_media_program(s);
}

static void on_first_packet(struct td_media *m, const struct td_event *ev, const char *from,
			    const char *path)
{
	m->first_packets++;
	td_media_say(m, "call=%" PRIu32 " leg=%" PRIu32 " first packet from=%s path=%s",
		     ev->call_id, ev->leg_id, from, path);
}

static void on_wrong_source(struct td_media *m, const struct td_event *ev, const char *from)
{
	m->wrong_source_events++;
	td_log_limited(TD_LOG_MEDIA, TD_INFO, "call=%" PRIu32 " leg=%" PRIu32
		       " packet from wrong source=%s dropped", ev->call_id, ev->leg_id, from);
	td_media_say(m, "call=%" PRIu32 " leg=%" PRIu32 " wrong source=%s", ev->call_id,
		     ev->leg_id, from);
}

static void on_policed(struct td_media *m, const struct td_event *ev, const char *from)
{
	td_log_limited(TD_LOG_MEDIA, TD_WARN, "call=%" PRIu32 " leg=%" PRIu32 " source=%s sends "
		       "more than its codec can, surplus dropped", ev->call_id, ev->leg_id, from);
	td_media_say(m, "call=%" PRIu32 " leg=%" PRIu32 " policed source=%s", ev->call_id,
		     ev->leg_id, from);
}

/* What is said to the core comes last: it may close the session. */
static void on_event(struct td_media *m, const struct td_event *ev, const char *path)
{
	struct media_side *side = td_media_side_of(m, ev);
	struct td_addr from = { .port = ntohs(ev->port) };
	char text[TD_ADDR_STRLEN];

	if (!side)
		return;		/* of a call that has ended meanwhile */
	memcpy(from.ip, ev->addr, sizeof(from.ip));
	td_addr_str(&from, text);
	switch (ev->type) {
	case TD_EVENT_FIRST_PACKET:
		on_first_packet(m, ev, text, path);
		td_media_first_packet(side);
		break;
	case TD_EVENT_WRONG_SOURCE:
		on_wrong_source(m, ev, text);
		break;
	case TD_EVENT_POLICED:
		on_policed(m, ev, text);
		break;
	case TD_EVENT_RTCP:
		td_media_rtcp(side, ev);
		break;
	case TD_EVENT_LEARNED:
		td_media_learned(side, ev);
		break;
	case TD_EVENT_KEY_DONE:
		td_media_key_done(side);
		break;
	case TD_EVENT_SEALED:
		td_media_sealed(side, ev);
		break;
	case TD_EVENT_DTMF:
		td_media_digit(side, ev);
		break;
	}
}

void td_media_on_xdp_event(void *arg, const struct td_event *ev)
{
	on_event(arg, ev, "xdp");
}

void td_media_on_events_fd(void *arg, int fd, unsigned int events)
{
	struct td_media *m = arg;

	(void)fd;
	(void)events;
	td_tables_read_events(&m->tables);
}

void td_media_on_relay_fd(void *arg, int fd, unsigned int events)
{
	struct td_media *m = arg;
	struct td_ring *ring = td_relay_events(m->relay);
	struct td_event ev;

	(void)fd;
	(void)events;
	td_ring_clear_wake(ring);
	while (td_ring_pop(ring, &ev))
		on_event(m, &ev, "relay");
}

static struct td_xdp_port *slot_of_port(struct td_media *m, const struct td_xdp_port *port)
{
	for (size_t i = 0; i < m->n_ports; i++)
		if (!strcmp(m->port[i].ifname, port->ifname))
			return &m->port[i];
	return m->n_ports < TD_MAX_DEVS ? &m->port[m->n_ports++] : NULL;
}

static void warn_of_veth(struct td_media *m, const struct td_xdp_port *port)
{
	struct td_nl_link link;

	if (!m->nl || td_nl_link_by_index(m->nl, port->ifindex, &link) ||
	    strcmp(link.kind, "veth"))
		return;
	td_log_warn(TD_LOG_MEDIA, "interface=%s is a veth: its peer needs GRO (ethtool -K PEER gro "
		    "on) or an XDP program, else what XDP sends there is lost without a trace",
		    port->ifname);
}

void td_media_set_port(struct td_media *m, const struct td_xdp_port *port)
{
	struct td_xdp_port *p = slot_of_port(m, port);
	bool was_on, is_on = port->mode == CFG_XDP_NATIVE || port->mode == CFG_XDP_GENERIC;
	int old;

	if (!p || (p->ifindex && !memcmp(p, port, sizeof(*p))))
		return;		/* as it was */
	old = p->ifindex;
	was_on = old && p->mode != CFG_XDP_OFF;
	if (was_on && (!is_on || old != port->ifindex))
		td_nh_set_dev(m->nexthops, old, p->dev, false);
	*p = *port;
	if (!is_on) {
		p->mode = CFG_XDP_OFF;
		if (!p->ifindex)
			p->ifindex = old;
	} else {
		td_nh_set_dev(m->nexthops, p->ifindex, p->dev, true);
		if (!was_on)
			warn_of_veth(m, p);
	}
	td_marks_port_changed(m, p);
	td_media_program_all(m);
}

void td_media_on_link(struct td_media *m, const struct td_nl_link *link, bool gone)
{
	for (size_t i = 0; i < m->n_ports; i++) {
		struct td_xdp_port *p = &m->port[i];

		if (p->ifindex != link->ifindex)
			continue;
		if (gone && p->mode != CFG_XDP_OFF) {
			struct td_xdp_port off = *p;

			off.mode = CFG_XDP_OFF;
			td_log_warn(TD_LOG_MEDIA, "interface=%s has gone, its calls stop there",
				    p->ifname);
			td_media_set_port(m, &off);
		}
	}
	td_nh_on_route(m->nexthops);
}

void td_media_on_neigh(struct td_media *m, int ifindex, const struct td_addr *host,
		       const uint8_t mac[6], bool usable)
{
	td_nh_on_neigh(m->nexthops, ifindex, host, mac, usable);
}

void td_media_on_station(struct td_media *m, const uint8_t mac[6], int port)
{
	td_nh_on_station(m->nexthops, mac, port);
}

void td_media_on_route(struct td_media *m)
{
	td_nh_on_route(m->nexthops);
}

void td_media_debug(struct td_media *m, void (*fn)(void *arg, const char *line), void *arg)
{
	m->debug = fn;
	m->debug_arg = arg;
}
