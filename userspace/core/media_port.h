/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port 2 of the core: what it asks of the media plane. The plane (userspace/media)
 * implements it; tests hand in a fake that keeps its wishes in a list.
 *
 * A session is one line of media of a call: two sides (0 = A, the caller; 1 = B), each with
 * one local port pair (RTP even, RTCP above). Video has a session of its own beside that of the
 * sound, of the same call. The core tells what signalling learned;
 * how packets travel (XDP, relay) is the plane's business.
 */
#ifndef TD_CORE_MEDIA_PORT_H
#define TD_CORE_MEDIA_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include "config/model.h"
#include "userspace/base/addr.h"
#include "userspace/core/srtp.h"

struct td_media_session;

#define TD_MEDIA_PTS 3

enum td_transcode { TD_TRANSCODE_NONE, TD_TRANSCODE_U2A, TD_TRANSCODE_A2U };

enum td_media_path {
	TD_PATH_NONE, TD_PATH_XDP, TD_PATH_RELAY,
	TD_PATH_LOCAL,			/* ends in this house: a mixer, music, a telephone line */
	TD_PATH_AROUND			/* from party to party: the plane never tells, the core knows */
};

/** One side as signalling knows it now. */
struct td_media_end {
	uint32_t leg_id;		/* for maps and events */
	struct td_addr local;		/* what we told this party (from .local) */
	struct td_addr remote;		/* where it receives RTP; unset = not known yet */
	struct td_addr remote_rtcp;	/* unset = RTP port + 1 */
	uint8_t dir;			/* TD_DIR_* of this party: SEND = it may send to us */
	uint32_t rate;			/* RTP clock of the chosen codec, Hz */
	uint32_t dscp_class;		/* for packets to this party: TD_DSCP_*, a class or TD_DSCP_EXPLICIT() */
	uint32_t kbit_s;		/* the most that its codecs send, without headers; 0 = unknown */
	char codec[16];			/* the chosen one, "PCMU" */
	/* about the packets that this party sends: */
	uint8_t n_pt;			/* payload types that the other one numbers otherwise ... */
	uint8_t pt_from[TD_MEDIA_PTS], pt_to[TD_MEDIA_PTS];
	uint8_t dtmf_pt;		/* RFC 4733 events, 0 = none */
	uint8_t transcode;		/* enum td_transcode, of the type pt_from[0] */
	bool plain;			/* no RTP (UDPTL) */
	bool video;			/* beside the sound, in a session of its own: its silence says
					 * nothing */
	bool hold_dtmf;			/* events are for us: the other party wants them otherwise */
	struct td_addr fork;		/* a copy of them goes there, RTCP to the port above; or unset */
	/* SRTP: what it seals its packets with, and what those to it are sealed with; tag 0 = not.
	 * The same on both sides: packets pass as they are, unless somebody has to see them. */
	struct td_srtp_key srtp_in, srtp_out;
	struct td_srtp_mark srtp_was;	/* restored: what TD_MEDIA_EV_SEALED told last */
	struct td_addr around;		/* past us: where this party hears the other one; unset: us */
	bool learn;			/* behind a NAT: it may send from another port, then locked */
};

/** What a side's party talks to when that is not the other side. */
enum td_media_house { TD_HOUSE_NONE, TD_HOUSE_MUSIC, TD_HOUSE_MIXER };

struct td_media_place {
	uint8_t house;			/* enum td_media_house */
	uint8_t pt_in, pt_out;		/* payload type of the codec as we told it, as it told us */
	uint8_t dtmf_pt;		/* RFC 4733 to it, 0 = none */
	uint16_t ptime_ms;		/* 0 = 20 */
	int8_t gain_db;			/* of what it says, in the mixer */
	bool mute;			/* the mixer does not hear it */
	uint32_t mixer;			/* which one: any number but 0; it is there while it is used */
	uint32_t rate;			/* RTP clock of the codec */
	char codec[16];
};

/** Counted from packets that this side's party sent (rx) and got (tx). */
struct td_media_stats {
	enum td_media_path path;	/* of the packets that this party sends */
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
	uint64_t rx_rtcp, lost, out_of_order, wrong_source, bad_rtp;
	double jitter_ms;
	double largest_gap_ms;		/* between two packets of a stream */
	uint64_t last_seen_ms;		/* CLOCK_MONOTONIC, 0 = never */
	uint32_t dscp;			/* written into packets to this party */
	uint64_t forked, fork_missed;	/* copies sent, and those that found no way */
	/* what RTCP told; negative = not (yet) */
	double rtt_ms;			/* between us and this party */
	double far_loss_percent;	/* of what this party should hear, in its last report */
	double far_jitter_ms;
	double mos;			/* of what this party sends, as it arrives here; 0 = unknown */
};

/** "xdp", "relay", "local", "around"; NULL for none. */
const char *td_media_path_word(enum td_media_path path);

enum td_media_event_type {
	TD_MEDIA_EV_FIRST_PACKET,	/* this party has begun to send */
	TD_MEDIA_EV_DIGIT,		/* it pressed a key (RFC 4733) */
	TD_MEDIA_EV_SEALED,		/* what it hears of us is so far: mark, to be kept */
	TD_MEDIA_EV_SILENCE		/* nothing from either party for rtp_timeout; leg_id is 0 */
};

struct td_media_event {
	enum td_media_event_type type;
	uint32_t call_id, leg_id;
	char digit;			/* 0-9 * # A-D */
	uint16_t duration_ms;
	struct td_srtp_mark mark;
	bool held;			/* the digit is not in the other party's RTP */
};

/** Called from the loop, never inside a verb of the port. It may close the session. */
typedef void (*td_media_event_fn)(void *arg, const struct td_media_event *ev);

struct td_media_ops {
	/** Reserve both port pairs. -EMFILE / -ENOSPC when ports or slots are used up. */
	int (*open)(void *plane, uint32_t call_id, struct td_media_session **out);
	/** The address to announce on a side. via = local address that signalling with this
	 * party uses; its IP is taken, the port is the session's. */
	void (*local)(struct td_media_session *s, int side, const struct td_addr *via,
		      struct td_addr *out);
	/** Signalling changed: (re)program both directions. When both remotes are known the flow
	 * is on its fast path before this returns, if it can be. Never blocks. */
	int (*connect)(struct td_media_session *s, const struct td_media_end ends[2]);
	/** Opt: let a side's party hear music or a conference from now on, or (TD_HOUSE_NONE) the
	 * other side again. After connect(), which may leave the other side unset. -ENOTSUP: not in
	 * that codec; -ENOENT: there is no music. Then it hears nothing. */
	int (*place)(struct td_media_session *s, int side, const struct td_media_place *p);
	/** Opt: what is said in a mixer goes to a multicast group, too; NULL: no more. Negative errno. */
	int (*stream)(void *plane, uint32_t mixer, const struct cfg_multicast *to);
	void (*stats)(struct td_media_session *s, int side, struct td_media_stats *out);
	/** Press a key for a side's party to hear in its media (RFC 4733), as its payload type pt, in
	 * the place of what the other party sends meanwhile. -ENOTCONN: it is sending nothing;
	 * -EBUSY: too many keys wait. */
	int (*press)(struct td_media_session *s, int side, uint8_t pt, char digit,
		     uint16_t duration_ms);
	/** Opt: both sides' ports, for the call's record. */
	void (*ports)(struct td_media_session *s, uint16_t port[2]);
	/** Opt, with ports: a session of an earlier process, which the kernel may be forwarding now.
	 * Nothing of it is touched before connect(). */
	int (*adopt)(void *plane, uint32_t call_id, const uint16_t port[2],
		     struct td_media_session **out);
	/** Opt: no more are adopted; what else an earlier process left is taken away. */
	void (*adopted)(void *plane);
	/** Ports go into quarantine. NULL is fine. */
	void (*close)(struct td_media_session *s);
	/** Who hears what happens in the sessions; NULL: nobody any more. */
	void (*watch)(void *plane, td_media_event_fn fn, void *arg);
};

struct td_media_port {
	const struct td_media_ops *ops;
	void *plane;
};

#endif
