/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the media room's worker half.
 *
 *   media_plane.c   sessions: core/media_port.h, what signalling wants
 *   media_flow.c    a session's flows: their path, their entries
 *   media_events.c  what the kernel and the packet program tell
 *   media_xdp.c     the tables of td_map.h: kernel map memory, or plain memory without XDP
 *   nexthop.c       how to reach a remote party, kept current by netlink events
 *   media_ports.c   which ports are free
 *   media_relay.c   the slow path's sockets and batches; relay_thread.c its thread
 *   media_marks.c   what td_mark marks at TC egress
 *   media_adopt.c   sessions of an earlier process
 *   media_show.c    what "show" prints
 *
 * Two threads meet in the tables only: signalling writes flows by the generation protocol,
 * XDP and the relay read them; each counts into statistics of its own, which signalling
 * reads and clears while the slot is out of use.
 */
#ifndef TD_MEDIA_MEDIA_PRIV_H
#define TD_MEDIA_MEDIA_PRIV_H

#include "userspace/base/list.h"
#include "userspace/media/media.h"
#include "userspace/media/media_ports.h"
#include "userspace/media/nexthop.h"
#include "userspace/media/relay.h"
#include "userspace/media/tables.h"

/** One party's place in a session. */
struct media_side {
	struct td_media_session *owner;
	uint16_t port;			/* ours, RTP; also tells the slot of what it sends */
	struct nh_user user;		/* the way to this party */
};

struct td_media_session {
	struct td_list node;
	struct td_media *m;
	uint32_t call_id;
	struct td_media_end end[2];
	struct media_side side[2];
};

/** Tables of td_mark; all empty when it is not there. */
struct td_marks {
	struct td_port_cell *ports;	/* [TD_MAX_PORTS] */
	int flows_fd, ifs_fd;
	uint16_t sip_port;
};

struct td_media {
	struct td_loop *loop;
	struct td_nl *nl;
	struct td_tables tables;
	struct td_marks marks;
	struct td_nexthops *nexthops;
	struct td_relay *relay;
	struct td_pairs pairs;
	struct td_list sessions;
	size_t n_sessions, max_sessions;
	uint64_t opened, refused;	/* sessions since start */
	uint64_t first_packets, wrong_source_events;
	struct td_xdp_port port[TD_MAX_DEVS];
	size_t n_ports;
	void (*debug)(void *arg, const char *line);
	void *debug_arg;
};

/** The slot of the packets that a side's party sends. */
static inline uint32_t td_media_slot(const struct td_media_session *s, int side)
{
	return TD_SLOT_OF_PORT(s->side[side].port);
}

/* media_flow.c */
bool td_media_end_is_known(const struct td_media_end *e);
/** Writes what has changed of both flows. */
void td_media_program(struct td_media_session *s);
/** struct td_nexthops_args.changed */
void td_media_way_changed(void *arg, struct nh_user *user);
/** A line for "debug media". */
void td_media_say(struct td_media *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* media_events.c */
void td_media_on_event(void *arg, const struct td_event *ev);
void td_media_on_events_fd(void *arg, int fd, unsigned int events);
/** Where that flow runs now. */
enum td_media_path td_media_flow_path(const struct td_media *m, uint32_t slot);
/** Both paths' counters of a slot added up. */
struct td_flow_stats td_media_flow_stats(const struct td_media *m, uint32_t slot,
					 uint64_t *lost);
/* media_adopt.c: see core/media_port.h */
void td_media_session_ports(struct td_media_session *s, uint16_t port[2]);
int td_media_adopt(void *plane, uint32_t call_id, const uint16_t port[2],
		   struct td_media_session **out);
void td_media_adopted(void *plane);
void td_media_side_stats(struct td_media_session *s, int side, struct td_media_stats *out);

/* media_marks.c; keep: media flows of an earlier worker stay marked */
int td_marks_open(struct td_marks *m, const struct td_xdp_fds *fds, bool keep);
void td_marks_close(struct td_marks *m);
void td_marks_configure(struct td_media *m, const struct td_config *config);
void td_marks_port_changed(struct td_media *m, const struct td_xdp_port *port);

#endif
