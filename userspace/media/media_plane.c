// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The media plane: port 2 of the core (core/media_port.h). A session has two sides with a
 * port pair each; a port pair is also a slot of the flow table, so a slot needs no
 * allocation of its own and rests as long as its ports are in quarantine.
 *
 * A flow is written once, for XDP and the relay alike. Both read it; the flag TD_FLOW_XDP
 * says whether XDP may act: IPv4 on both sides, our program on the interface the packets
 * come in by, and a way out by redirect. Whether the neighbour is known is the next hop's
 * own flag, so a flow changes to the relay and back without being touched.
 *
 * Signalling's thread only. Opening, connecting and closing cost no system call once the
 * pair has its sockets and the host its route.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/core/media_desc.h"

#define QUARANTINE_MS	5000	/* far above what the relay or XDP may still hold in hand */
#define OTHER_FDS	512	/* descriptors of everybody else in the process */
#define BUSY_TRIES	16	/* pairs that other programs sit on */

static void debug(struct td_media *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void debug(struct td_media *m, const char *fmt, ...)
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

static const struct td_xdp_port *find_port(const struct td_media *m, int ifindex)
{
	for (size_t i = 0; i < m->n_ports; i++)
		if (ifindex && m->port[i].ifindex == ifindex)
			return &m->port[i];
	return NULL;
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

static bool is_v4_flow(const struct td_media_end *a, const struct td_media_end *b)
{
	return td_addr_is_v4(&a->local) && td_addr_is_v4(&a->remote) &&
	       td_addr_is_v4(&b->local) && td_addr_is_v4(&b->remote);
}

static bool xdp_may(const struct td_media_session *s, int from)
{
	const struct td_media *m = s->m;
	const struct nh_user *out = &s->side[!from].user;

	/* the neighbour's index, too: a host of our own has none */
	return m->tables.kernel && td_nh_index(out) &&
	       is_v4_flow(&s->end[from], &s->end[!from]) &&
	       can_redirect(find_port(m, td_nh_ifindex(&s->side[from].user)),
			    find_port(m, td_nh_ifindex(out)));
}

enum td_media_path td_media_flow_path(const struct td_media *m, uint32_t slot)
{
	const struct td_flow *f = &m->tables.flows[slot];

	if (!(f->flags & TD_FLOW_ACTIVE))
		return TD_PATH_NONE;
	if ((f->flags & TD_FLOW_XDP) && (m->tables.nexthops[f->nexthop].flags & TD_NH_VALID))
		return TD_PATH_XDP;
	return TD_PATH_RELAY;
}

/* ---- writing a session's flows ---- */

static bool end_is_known(const struct td_media_end *e)
{
	return td_addr_is_set(&e->remote) && !td_addr_is_any(&e->remote) && e->remote.port;
}

static __be16 rtcp_port(const struct td_media_end *e)
{
	return htons(td_addr_is_set(&e->remote_rtcp) && e->remote_rtcp.port ?
		     e->remote_rtcp.port : (uint16_t)(e->remote.port + 1));
}

static uint32_t flow_flags(const struct td_media_session *s, int from)
{
	uint32_t flags = TD_FLOW_ACTIVE;

	if (!(s->end[from].dir & TD_DIR_SEND) || !(s->end[!from].dir & TD_DIR_RECV))
		flags |= TD_FLOW_MUTED;
	if (xdp_may(s, from))
		flags |= TD_FLOW_XDP;
	return flags;
}

/* What the party of side "from" sends, to the other party. */
static void fill_flow(const struct td_media_session *s, int from, struct td_flow *f)
{
	const struct td_media_end *a = &s->end[from], *b = &s->end[!from];

	memset(f, 0, sizeof(*f));
	f->call_id = s->call_id;
	f->leg_id = a->leg_id;
	f->local_port = htons(s->side[from].port);
	f->new_src_port = htons(s->side[!from].port);
	memset(f->pt_from, TD_NO_PT, sizeof(f->pt_from));
	f->dtmf_pt = TD_NO_PT;
	if (!end_is_known(a) || !end_is_known(b))
		return;
	f->flags = flow_flags(s, from);
	memcpy(f->local_addr, a->local.ip, sizeof(f->local_addr));
	memcpy(f->peer_addr, a->remote.ip, sizeof(f->peer_addr));
	memcpy(f->new_src, b->local.ip, sizeof(f->new_src));
	memcpy(f->new_dst, b->remote.ip, sizeof(f->new_dst));
	f->peer_port = htons(a->remote.port);
	f->peer_rtcp_port = rtcp_port(a);
	f->new_dst_port = htons(b->remote.port);
	f->new_dst_rtcp_port = rtcp_port(b);
	f->new_dst_scope = b->remote.scope;
	f->nexthop = td_nh_index(&s->side[!from].user);
	f->dscp_class = b->dscp_class < TD_DSCP_CLASSES ? b->dscp_class : TD_DSCP_MEDIA;
	f->ns_per_tick = 1000000000u / (a->rate ? a->rate : 8000);
}

static const char *path_name(enum td_media_path p)
{
	return p == TD_PATH_XDP ? "xdp" : p == TD_PATH_RELAY ? "relay" : "none";
}

static void debug_flow(struct td_media_session *s, int from)
{
	char peer[TD_ADDR_STRLEN], dst[TD_ADDR_STRLEN];
	uint32_t slot = td_media_slot(s, from);

	if (!s->m->debug)
		return;
	debug(s->m, "call=%" PRIu32 " leg=%" PRIu32 " flow port=%u from=%s to=%s path=%s%s",
	      s->call_id, s->end[from].leg_id, s->side[from].port,
	      td_addr_str(&s->end[from].remote, peer), td_addr_str(&s->end[!from].remote, dst),
	      path_name(td_media_flow_path(s->m, slot)),
	      s->m->tables.flows[slot].flags & TD_FLOW_MUTED ? " muted" : "");
}

/* A write of the same content would only make readers stumble. */
static bool same_flow(const struct td_flow *a, const struct td_flow *b)
{
	return !memcmp((const char *)a + sizeof(a->gen_head),
		       (const char *)b + sizeof(b->gen_head),
		       offsetof(struct td_flow, gen_tail) - sizeof(a->gen_head));
}

static void program(struct td_media_session *s)
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
}

static void on_way_changed(void *arg, struct nh_user *user)
{
	struct media_side *side = td_container_of(user, struct media_side, user);

	(void)arg;
	program(side->owner);
}

/* ---- the core's verbs ---- */

/* A pair with open sockets. Pairs that another program holds go back to the end of the queue. */
static int get_pair(struct td_media *m, uint16_t *port)
{
	uint64_t now = td_loop_now_ms(m->loop);

	for (int i = 0; i < BUSY_TRIES; i++) {
		int got = td_pairs_get(&m->pairs, now);
		uint16_t busy;
		int err;

		if (got < 0)
			return got;
		err = td_relay_open_pair(m->relay, (uint16_t)got, &busy);
		if (!err) {
			*port = (uint16_t)got;
			return 0;
		}
		td_pairs_put(&m->pairs, (uint16_t)got, now);
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "port=%u not usable: %s", busy,
			       err == -EADDRINUSE ? "another program has it" : strerror(-err));
		if (err != -EADDRINUSE)
			return err;
	}
	return -EMFILE;
}

static void put_pair(struct td_media *m, uint16_t port)
{
	if (!td_pairs_put(&m->pairs, port, td_loop_now_ms(m->loop)))
		td_relay_close_pair(m->relay, port);
}

static void reset_slot(struct td_media *m, uint32_t slot)
{
	static const struct td_flow none;

	td_flow_write(&m->tables.flows[slot], &none);
	memset(&m->tables.stats[slot], 0, sizeof(m->tables.stats[slot]));
	memset(td_relay_stats(m->relay, slot), 0, sizeof(struct td_flow_stats));
}

static int open_sides(struct td_media_session *s)
{
	int err = get_pair(s->m, &s->side[0].port);

	if (err)
		return err;
	err = get_pair(s->m, &s->side[1].port);
	if (err) {
		put_pair(s->m, s->side[0].port);
		return err;
	}
	for (int i = 0; i < 2; i++) {
		s->side[i].owner = s;
		reset_slot(s->m, td_media_slot(s, i));
	}
	return 0;
}

static int plane_open(void *plane, uint32_t call_id, struct td_media_session **out)
{
	struct td_media *m = plane;
	struct td_media_session *s;
	int err = m->max_sessions && m->n_sessions >= m->max_sessions ? -ENOSPC : 0;

	s = err ? NULL : td_zalloc(sizeof(*s));
	if (!err && !s)
		err = -ENOMEM;
	if (!err) {
		s->m = m;
		s->call_id = call_id;
		err = open_sides(s);
	}
	if (err) {
		m->refused++;
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "call=%" PRIu32 " no media ports: %s (in use "
			       "%zu pairs, free %zu with those in quarantine)", call_id,
			       strerror(-err), m->pairs.n_used, m->pairs.n_free);
		td_free(s);
		return err;
	}
	td_list_append(&m->sessions, &s->node);
	m->n_sessions++;
	m->opened++;
	*out = s;
	return 0;
}

static void plane_local(struct td_media_session *s, int side, const struct td_addr *via,
			struct td_addr *out)
{
	*out = *via;
	out->port = s->side[side].port;
}

static int plane_connect(struct td_media_session *s, const struct td_media_end ends[2])
{
	int err = 0;

	for (int i = 0; i < 2; i++) {
		bool known = end_is_known(&ends[i]);
		int e;

		s->end[i] = ends[i];
		s->end[i].local.port = s->side[i].port;
		e = td_nh_use(s->m->nexthops, &s->side[i].user, known ? &ends[i].remote : NULL);
		err = err ? err : e;
	}
	program(s);
	return err;
}

static void plane_close(struct td_media_session *s)
{
	static const struct td_flow none;

	if (!s)
		return;
	for (int i = 0; i < 2; i++)
		td_ports_point(&s->m->tables, s->side[i].port, 0);
	for (int i = 0; i < 2; i++) {
		td_flow_write(&s->m->tables.flows[td_media_slot(s, i)], &none);
		td_nh_use(s->m->nexthops, &s->side[i].user, NULL);
		put_pair(s->m, s->side[i].port);
	}
	debug(s->m, "call=%" PRIu32 " media closed", s->call_id);
	td_list_del(&s->node);
	s->m->n_sessions--;
	td_free(s);
}

static const struct td_media_ops plane_ops = {
	.open = plane_open,
	.local = plane_local,
	.connect = plane_connect,
	.stats = td_media_side_stats,
	.ports = td_media_session_ports,
	.adopt = td_media_adopt,
	.adopted = td_media_adopted,
	.close = plane_close,
};

struct td_media_port td_media_port(struct td_media *m)
{
	return (struct td_media_port){ .ops = &plane_ops, .plane = m };
}

/* ---- what the kernel and the packet program tell ---- */

static void program_all(struct td_media *m)
{
	struct td_media_session *s;

	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		program(s);
}

static void on_event(void *arg, const struct td_event *ev)
{
	struct td_addr from = { .port = ntohs(ev->port) };
	char text[TD_ADDR_STRLEN];
	struct td_media *m = arg;

	memcpy(from.ip, ev->addr, sizeof(from.ip));
	td_addr_str(&from, text);
	if (ev->type == TD_EVENT_FIRST_PACKET) {
		m->first_packets++;
		debug(m, "call=%" PRIu32 " leg=%" PRIu32 " first packet from=%s path=xdp",
		      ev->call_id, ev->leg_id, text);
	} else if (ev->type == TD_EVENT_WRONG_SOURCE) {
		m->wrong_source_events++;
		td_log_limited(TD_LOG_MEDIA, TD_INFO,
			       "call=%" PRIu32 " leg=%" PRIu32 " packet from wrong source=%s "
			       "dropped", ev->call_id, ev->leg_id, text);
		debug(m, "call=%" PRIu32 " leg=%" PRIu32 " wrong source=%s", ev->call_id,
		      ev->leg_id, text);
	}
}

static void on_events_fd(void *arg, int fd, unsigned int events)
{
	struct td_media *m = arg;

	(void)fd;
	(void)events;
	td_tables_read_events(&m->tables);
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

	if (!p)
		return;
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
	program_all(m);
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

void td_media_on_route(struct td_media *m)
{
	td_nh_on_route(m->nexthops);
}

void td_media_debug(struct td_media *m, void (*fn)(void *arg, const char *line), void *arg)
{
	m->debug = fn;
	m->debug_arg = arg;
}

/* ---- start, change, stop ---- */

static void set_dscp(struct td_media *m, const struct td_config *config)
{
	for (size_t i = 0; i < TD_DSCP_CLASSES; i++)
		__atomic_store_n(&m->tables.dscp[i].entry.dscp, config->global.dscp[i] & 63,
				 __ATOMIC_RELAXED);
}

static void close_unused_pairs(struct td_media *m)
{
	for (uint32_t port = 2; port < TD_MAX_PORTS; port += 2)
		if (!td_pairs_knows(&m->pairs, (uint16_t)port))
			td_relay_close_pair(m->relay, (uint16_t)port);
}

void td_media_configure(struct td_media *m, const struct td_config *config)
{
	const struct cfg_global *g = &config->global;

	set_dscp(m, config);
	if (td_pairs_set_range(&m->pairs, g->rtp_port_min, g->rtp_port_max))
		td_log_err(TD_LOG_MEDIA, "rtp_port_min=%u rtp_port_max=%u hold no port pair, the "
			   "old range stays", g->rtp_port_min, g->rtp_port_max);
	else
		close_unused_pairs(m);
}

static int check_descriptors(const struct cfg_global *g, size_t max_sessions)
{
	struct rlimit l;
	size_t need = g->rtp_port_max - g->rtp_port_min + 1;

	if (max_sessions && max_sessions * 4 < need)
		need = max_sessions * 4;
	if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur == RLIM_INFINITY ||
	    l.rlim_cur >= need + OTHER_FDS)
		return 0;
	td_log_err(TD_LOG_MEDIA, "rtp_port_min=%u rtp_port_max=%u need %zu descriptors, the limit "
		   "is %llu: raise it (LimitNOFILE=) or make the range smaller", g->rtp_port_min,
		   g->rtp_port_max, need + OTHER_FDS, (unsigned long long)l.rlim_cur);
	return -EMFILE;
}

static int start(struct td_media *m, const struct td_media_args *args)
{
	const struct cfg_global *g = &args->config->global;
	struct td_nexthops_args nh = {
		.loop = m->loop, .nl = m->nl, .tables = &m->tables, .changed = on_way_changed,
		.adopt = args->adopt,
	};
	int err = check_descriptors(g, args->max_sessions);

	if (!err)
		err = td_pairs_init(&m->pairs, g->rtp_port_min, g->rtp_port_max, QUARANTINE_MS);
	if (!err)
		err = td_tables_open(&m->tables, args->fds, args->adopt);
	if (err)
		return err;
	m->tables.on_event = on_event;
	m->tables.event_arg = m;
	set_dscp(m, args->config);
	err = td_nh_new(&m->nexthops, &nh);
	if (!err)
		err = td_relay_new(&m->relay, &m->tables);
	if (!err && m->tables.events_fd >= 0)
		err = td_loop_watch(m->loop, m->tables.events_fd, TD_READ, on_events_fd, m);
	return err;
}

int td_media_new(struct td_media **out, const struct td_media_args *args)
{
	struct td_media *m = td_zalloc(sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->loop = args->loop;
	m->nl = args->nl;
	m->max_sessions = args->max_sessions;
	m->tables.events_fd = -1;
	td_list_init(&m->sessions);
	err = start(m, args);
	if (err) {
		td_media_free(m);
		return err;
	}
	*out = m;
	return 0;
}

void td_media_free(struct td_media *m)
{
	struct td_media_session *s, *tmp;

	if (!m)
		return;
	td_list_for_each_safe(s, tmp, &m->sessions, struct td_media_session, node)
		plane_close(s);
	if (m->tables.ports && m->tables.events_fd >= 0)
		td_loop_unwatch(m->loop, m->tables.events_fd);
	td_relay_free(m->relay);
	td_nh_free(m->nexthops);
	if (m->tables.ports)
		td_tables_close(&m->tables);
	td_pairs_fini(&m->pairs);
	td_free(m);
}
