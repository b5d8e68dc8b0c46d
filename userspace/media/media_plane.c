// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The media plane: port 2 of the core (core/media_port.h). A session has two sides with a
 * port pair each; a port pair is also a slot of the flow table, so a slot needs no
 * allocation of its own and rests as long as its ports are in quarantine.
 *
 * Signalling's thread only. Opening, connecting and closing cost no system call once the
 * pair has its sockets and the host its route.
 */
#include "userspace/media/media_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define QUARANTINE_MS	5000	/* far above what the relay or XDP may still hold in hand */
#define OTHER_FDS	512	/* descriptors of everybody else in the process */
#define BUSY_TRIES	16	/* pairs that other programs sit on */

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
	for (int i = 0; i < 2; i++)
		reset_slot(s->m, td_media_slot(s, i));
	return 0;
}

void td_media_enter(struct td_media_session *s)
{
	for (int i = 0; i < 2; i++) {
		s->side[i].owner = s;
		td_media_reports_init(&s->side[i].reports);
		td_media_look_begin(&s->side[i]);
		s->m->by_slot[td_media_slot(s, i)] = &s->side[i];
	}
	td_list_append(&s->m->sessions, &s->node);
	s->m->n_sessions++;
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
	td_media_enter(s);
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
		bool known = td_media_end_is_known(&ends[i]);
		int e;

		s->end[i] = ends[i];
		s->end[i].local.port = s->side[i].port;
		td_media_take_end(&s->side[i], &s->end[i]);
		td_media_take_seal(&s->side[i], &s->end[i]);
		e = td_nh_use(s->m->nexthops, &s->side[i].user, known ? &ends[i].remote : NULL,
			      &ends[i].local);
		err = err ? err : e;
		td_media_use_fork(&s->side[i]);
	}
	td_media_program(s);
	td_marks_passing(s);
	td_media_watch_silence(s);
	return err;
}

static void plane_close(struct td_media_session *s)
{
	static const struct td_flow none;

	if (!s)
		return;
	td_loop_timer_stop(s->m->loop, &s->silence);
	for (int i = 0; i < 2; i++) {
		td_media_leave_house(&s->side[i]);
		td_audio_destroy(s->m->audio, s->side[i].node);
	}
	for (int i = 0; i < 2; i++)
		td_ports_point(&s->m->tables, s->side[i].port, 0);
	for (int i = 0; i < 2; i++) {
		td_flow_write(&s->m->tables.flows[td_media_slot(s, i)], &none);
		td_nh_use(s->m->nexthops, &s->side[i].user, NULL, NULL);
		memset(&s->end[i].fork, 0, sizeof(s->end[i].fork));
		memset(&s->end[i].around, 0, sizeof(s->end[i].around));
		td_media_use_fork(&s->side[i]);
		td_media_drop_seal(&s->side[i]);
		s->m->by_slot[td_media_slot(s, i)] = NULL;
		put_pair(s->m, s->side[i].port);
	}
	td_marks_passing(s);
	td_media_say(s->m, "call=%" PRIu32 " media closed", s->call_id);
	td_list_del(&s->node);
	s->m->n_sessions--;
	td_free(s);
}

static const struct td_media_ops plane_ops = {
	.open = plane_open,
	.local = plane_local,
	.connect = plane_connect,
	.place = td_media_place, .stream = td_media_stream,
	.stats = td_media_side_stats,
	.press = td_media_press,
	.ports = td_media_session_ports,
	.adopt = td_media_adopt,
	.adopted = td_media_adopted,
	.close = plane_close,
	.watch = td_media_watch,
};

struct td_media_port td_media_port(struct td_media *m)
{
	return (struct td_media_port){ .ops = &plane_ops, .plane = m };
}

/* ---- start, change, stop ---- */

static void set_dscp(struct td_media *m, const struct td_config *config)
{
	for (size_t i = 0; i < TD_DSCP_CLASSES; i++)
		__atomic_store_n(&m->tables.dscp[i].entry.dscp, config->global.dscp[i] & 63,
				 __ATOMIC_RELAXED);
}

/* A new limit is counted from now on. */
static void set_timeout(struct td_media *m, const struct td_config *config)
{
	uint64_t ms = config->global.rtp_timeout * 1000ULL;
	struct td_media_session *s;

	if (m->rtp_timeout_ms == ms)
		return;
	m->rtp_timeout_ms = ms;
	td_list_for_each(s, &m->sessions, struct td_media_session, node) {
		td_loop_timer_stop(m->loop, &s->silence);
		td_media_watch_silence(s);
	}
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
	td_marks_configure(m, config);
	set_timeout(m, config);
	td_media_set_music(m, config);
	td_media_set_copies(m, config);
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
		.loop = m->loop, .nl = m->nl, .tables = &m->tables, .changed = td_media_way_changed,
		.adopt = args->adopt,
	};
	int err = check_descriptors(g, args->max_sessions);

	if (!err)
		err = td_pairs_init(&m->pairs, g->rtp_port_min, g->rtp_port_max, QUARANTINE_MS);
	if (!err)
		err = td_tables_open(&m->tables, args->fds, args->adopt);
	if (!err)
		err = td_marks_open(&m->marks, args->fds, args->adopt);
	if (err)
		return err;
	td_media_start_forks(m, args->adopt);
	m->tables.on_event = td_media_on_xdp_event;
	m->tables.event_arg = m;
	set_dscp(m, args->config);
	td_marks_configure(m, args->config);
	set_timeout(m, args->config);
	err = td_nh_new(&m->nexthops, &nh);
	if (!err)
		td_media_set_copies(m, args->config);
	if (!err)
		err = td_relay_new(&m->relay, &m->tables);
	if (!err)
		err = td_media_start_audio(m);
	if (!err)
		td_media_set_music(m, args->config);
	if (!err)
		err = td_loop_watch(m->loop, td_relay_events(m->relay)->event_fd, TD_READ,
				    td_media_on_relay_fd, m);
	if (!err && m->tables.events_fd >= 0)
		err = td_loop_watch(m->loop, m->tables.events_fd, TD_READ, td_media_on_events_fd, m);
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
	td_list_init(&m->mixers);
	m->by_slot = td_calloc(TD_MAX_SLOTS, sizeof(struct media_side *));
	err = m->by_slot ? start(m, args) : -ENOMEM;
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
	if (m->relay)
		td_loop_unwatch(m->loop, td_relay_events(m->relay)->event_fd);
	td_relay_free(m->relay);
	td_audio_free(m->audio);
	td_nh_free(m->nexthops);
	if (m->tables.ports)
		td_tables_close(&m->tables);
	td_marks_close(&m->marks);
	td_pairs_fini(&m->pairs);
	td_free(m->by_slot);
	td_free(m);
}
