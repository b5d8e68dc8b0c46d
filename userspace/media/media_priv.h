/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the media room's worker half.
 *
 *   media_plane.c   sessions: core/media_port.h, what signalling wants
 *   media_flow.c    a session's flows: their path, their entries
 *   media_events.c  what the kernel, the packet program and the relay tell
 *   media_watch.c   what the core hears of that: first packets, silence
 *   media_keys.c    digits in the media, heard and pressed
 *   media_learn.c   the ports that parties behind a NAT send from
 *   media_srtp.c    keys of SRTP for the relay
 *   media_reports.c RTCP: round trips, what the far end hears
 *   media_stats.c   the figures of a party and of a flow
 *   media_xdp.c     the tables of td_map.h: kernel map memory, or plain memory without XDP
 *   nexthop.c       how to reach a remote party, kept current by netlink events;
 *                   nexthop_hops.c the neighbours on the way
 *   media_ports.c   which ports are free
 *   media_relay.c   the slow path's sockets and batches; relay_rules.c what may pass,
 *                   relay_payload.c what becomes of it, relay_keys.c keys put into it,
 *                   relay_thread.c its thread
 *   media_local.c   sides whose party talks to a node here (audio/) and not to the other side
 *   media_house.c   music and mixers; media_multicast.c  to who listens
 *   media_fork.c    copies of a call's packets to a third address
 *   media_marks.c   what td_mark marks at TC egress
 *   media_adopt.c   sessions of an earlier process
 *   media_capture.c copies of packets for "tandem capture"; relay_capture.c the relay's
 *   media_show.c    what "show" prints; media_show_flows.c flows and their rates
 *
 * Two threads meet in the tables only: signalling writes flows by the generation protocol,
 * XDP and the relay read them; each counts into statistics of its own, which signalling
 * reads and clears while the slot is out of use.
 */
#ifndef TD_MEDIA_MEDIA_PRIV_H
#define TD_MEDIA_MEDIA_PRIV_H

#include "userspace/base/list.h"
#include "userspace/base/loop.h"
#include "userspace/media/audio/audio.h"
#include "userspace/media/media.h"
#include "userspace/media/media_ports.h"
#include "userspace/media/nexthop.h"
#include "userspace/media/relay.h"
#include "userspace/media/tables.h"

#define MEDIA_KEPT_SRS 4

/** What both sides' RTCP said about a party; negative = not yet. */
struct media_reports {
	double rtt_ms, far_loss_percent, far_jitter_ms;
	struct {
		uint32_t ntp_mid;	/* as in its sender report */
		uint64_t time_ns;	/* when that passed us, 0 = none */
	} sr[MEDIA_KEPT_SRS];
	unsigned int next_sr;
};

/** A party behind a NAT: told is where it says that it is, rtp and rtcp the ports that it was
 * heard from, 0 = not yet. */
struct media_learn {
	bool on;
	uint16_t rtp, rtcp;
	struct td_addr told;
};

/** Keys of a party that the relay was told; id 0: none, it is in clear. */
struct media_seal {
	uint8_t id;
	struct td_srtp_key in, out;
};

/** What somebody saw who looked at a flow. */
struct media_look {
	uint64_t ns, packets, bytes;	/* then */
	bool known;			/* a rate over a time that was long enough */
	double pps;
	uint64_t bytes_per_s;
};

/** Where copies of what a party sends go. */
struct media_fork {
	uint32_t index;			/* in td_forks, 0 = none */
	struct nh_user user;		/* the way there; its tag is MEDIA_USER_FORK */
};

enum { MEDIA_USER_PARTY, MEDIA_USER_FORK };

/** Packets of a party that go past us, and are marked when they come by (td_mark). */
struct media_passing {
	struct td_addr from, to;	/* RTP; RTCP has the ports above. Unset: none */
	uint32_t dscp_class;
};

/** One party's place in a session. */
struct media_side {
	struct td_media_session *owner;
	uint16_t port;			/* ours, RTP; also tells the slot of what it sends */
	struct nh_user user;		/* the way to this party */
	struct media_fork fork;
	struct media_passing passing;	/* what it sends */
	struct media_learn learn;
	struct media_seal seal;
	bool heard;			/* the core was told that it has begun to send */
	bool has_digit;
	uint32_t digit_ts;		/* RTP timestamp of the last digit that was told */
	uint64_t digit_ns;
	struct media_reports reports;
	struct media_look look;
	unsigned int keys;		/* that the relay puts into what this party sends */
	uint32_t node;			/* of the media thread, 0 = the party talks to the other side */
	struct td_flow way;		/* that node was told of */
	bool music;			/* what the node hears: music, or a mixer */
	struct media_mixer *mixer;
};

struct td_media_session {
	struct td_list node;
	struct td_media *m;
	uint32_t call_id;
	struct td_media_end end[2];	/* as signalled, with the ports that were learned */
	struct media_side side[2];
	struct td_timer silence;
	uint64_t silent_since_ms;	/* nothing is expected to have come before that */
};

/** Tables of td_mark; all empty when it is not there. */
struct td_marks {
	struct td_port_cell *ports;	/* [TD_MAX_PORTS] */
	int flows_fd, ifs_fd;
	uint16_t sip_port, tls_port;	/* 0: there is none */
};

struct td_media {
	struct td_loop *loop;
	struct td_nl *nl;
	struct td_tables tables;
	struct td_marks marks;
	struct td_nexthops *nexthops;
	struct td_relay *relay;
	struct td_audio *audio;		/* runs in the relay's thread */
	uint32_t music;			/* its player, 0 = none */
	uint32_t music_stream;		/* ... and what sends it to a group */
	struct cfg_moh moh;		/* as it plays now */
	char interface[CFG_TEXT_LEN];	/* by which streams leave that say nothing */
	struct td_list mixers;		/* media_house.c */
	uint16_t free_fork[TD_MAX_MEDIA_FORKS];
	size_t n_free_forks;
	bool copies;			/* calls may be forked: all that leaves goes by td_copy */
	struct td_pairs pairs;
	struct td_list sessions;
	size_t n_sessions, max_sessions;
	uint64_t opened, refused;	/* sessions since start */
	uint64_t first_packets, wrong_source_events;
	struct media_side **by_slot;	/* [TD_MAX_SLOTS]: whose packets a slot counts */
	uint64_t rtp_timeout_ms;	/* 0 = no end of silence */
	td_media_event_fn event;	/* the core's ear, NULL = nobody listens */
	void *event_arg;
	struct td_xdp_port port[TD_MAX_DEVS];
	size_t n_ports;
	void (*debug)(void *arg, const char *line);
	void *debug_arg;
	const struct td_media_capture_ops *capture;	/* NULL: nobody captures */
	void *capture_arg;
	struct td_ring *relay_frames;	/* watched while somebody does */
};

/** The slot of the packets that a side's party sends. */
static inline uint32_t td_media_slot(const struct td_media_session *s, int side)
{
	return TD_SLOT_OF_PORT(s->side[side].port);
}

static inline struct td_media_end *td_media_end_of(const struct media_side *side)
{
	return &side->owner->end[side - side->owner->side];
}

/** Does somebody want copies of its packets (media_capture.c)? */
static inline bool td_media_is_captured(const struct td_media_session *s)
{
	return s->m->capture && s->m->capture->wants(s->m->capture_arg, s->call_id);
}

/* media_plane.c */
/** The session has its ports: it is one of the plane's now. */
void td_media_enter(struct td_media_session *s);
/* media_flow.c */
bool td_media_end_is_known(const struct td_media_end *e);
/** Writes what has changed of both flows. */
void td_media_program(struct td_media_session *s);
/** The interface of ours by which packets come from, or go to, a host; NULL: none of those that
 * carry XDP. */
const struct td_xdp_port *td_media_port_to(const struct td_media *m, const struct nh_user *user);
/** struct td_nexthops_args.changed */
void td_media_way_changed(void *arg, struct nh_user *user);
/** A line for "debug media". */
void td_media_say(struct td_media *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Where that flow runs now. */
enum td_media_path td_media_flow_path(const struct td_media *m, uint32_t slot);
/** The way by which a node of ours sends to a side's party; no destination when it is not known,
 * or does not want to hear. */
void td_media_way_to(const struct td_media_session *s, int side, struct td_flow *way);
/* media_fork.c */
void td_media_start_forks(struct td_media *m, bool adopt);
/** Does the configuration know a recorder? After td_nh_new(). */
void td_media_set_copies(struct td_media *m, const struct td_config *config);
/** The party's copies go where end.fork says from now on, or nowhere. */
void td_media_use_fork(struct media_side *side);
/** Writes where that is now, when it has changed. False: XDP cannot copy what this side's party
 * sends, the relay has to. */
bool td_media_aim_fork(struct media_side *side, const struct td_xdp_port *in);
/** The flow of an earlier process has a fork. */
void td_media_adopt_fork(struct media_side *side, const struct td_flow *f);
void td_media_forks_adopted(struct td_media *m);
/* media_local.c */
/** After the relay. */
int td_media_start_audio(struct td_media *m);
/** Tell the sides' nodes where their parties are now. */
void td_media_aim_local(struct td_media_session *s);
/* media_house.c */
/** See core/media_port.h. */
int td_media_place(struct td_media_session *s, int side, const struct td_media_place *p);
/** The side's node is about to go, or is another one. */
void td_media_leave_house(struct media_side *side);
/** After set_dscp(). */
void td_media_set_music(struct td_media *m, const struct td_config *config);
int td_media_stream(void *plane, uint32_t mixer, const struct cfg_multicast *to);
/* media_multicast.c */
/** A node that sends what it hears there; or negative errno, and a line in the log. */
int td_media_open_stream(struct td_media *m, const struct cfg_multicast *to, uint32_t *node);
/* media_events.c */
void td_media_on_xdp_event(void *arg, const struct td_event *ev);
void td_media_on_events_fd(void *arg, int fd, unsigned int events);
void td_media_on_relay_fd(void *arg, int fd, unsigned int events);
void td_media_program_all(struct td_media *m);
/* media_watch.c */
void td_media_watch(void *plane, td_media_event_fn fn, void *arg);
/** The last thing that is done with a session: the core may close it. */
void td_media_tell(struct td_media *m, const struct td_media_event *ev);
/** The side that an event is about; NULL: its session has gone. */
struct media_side *td_media_side_of(const struct td_media *m, const struct td_event *ev);
void td_media_first_packet(struct media_side *side);
/** Watch, or do not watch, for silence: after each change of the flows or of the limit. */
void td_media_watch_silence(struct td_media_session *s);
/* media_keys.c */
void td_media_digit(struct media_side *side, const struct td_event *ev);
/** See core/media_port.h. */
int td_media_press(struct td_media_session *s, int side, uint8_t pt, char digit,
		   uint16_t duration_ms);
void td_media_key_done(struct media_side *side);
/* media_learn.c */
void td_media_learned(struct media_side *side, const struct td_event *ev);
/** A side is told again where its party is: keeps the learned ports of an unchanged one. */
void td_media_take_end(struct media_side *side, struct td_media_end *end);
/* media_srtp.c */
/** The side's party has these keys from now on, or none. */
void td_media_take_seal(struct media_side *side, const struct td_media_end *end);
void td_media_drop_seal(struct media_side *side);
/** What a side's party sends is heard by the other one as it is, sealed, and by nobody here. */
bool td_media_is_opaque(const struct td_media_session *s, int from);
/** td_flow.srtp of what the party of a side sends. */
uint8_t td_media_seals(const struct td_media_session *s, int from);
/** TD_EVENT_SEALED */
void td_media_sealed(struct media_side *side, const struct td_event *ev);
/* media_reports.c */
void td_media_reports_init(struct media_reports *r);
void td_media_rtcp(struct media_side *side, const struct td_event *ev);
/** What "show stats" calls a TD_REASON_*. */
const char *td_media_reason_name(uint32_t reason);
/* media_stats.c */
/** Both paths' counters of a slot added up. */
struct td_flow_stats td_media_flow_stats(const struct td_media *m, uint32_t slot,
					 uint64_t *lost);
void td_media_side_stats(struct td_media_session *s, int side, struct td_media_stats *out);
/* media_show_flows.c */
/** Rates are counted from now on. */
void td_media_look_begin(struct media_side *side);
/* media_adopt.c: see core/media_port.h */
void td_media_session_ports(struct td_media_session *s, uint16_t port[2]);
int td_media_adopt(void *plane, uint32_t call_id, const uint16_t port[2],
		   struct td_media_session **out);
void td_media_adopted(void *plane);

/* media_marks.c; keep: media flows of an earlier worker stay marked */
int td_marks_open(struct td_marks *m, const struct td_xdp_fds *fds, bool keep);
void td_marks_close(struct td_marks *m);
void td_marks_configure(struct td_media *m, const struct td_config *config);
/** The session's parties send to each other past us, or no more. */
void td_marks_passing(struct td_media_session *s);
void td_marks_adopted(struct td_media *m);
void td_marks_port_changed(struct td_media *m, const struct td_xdp_port *port);

#endif
