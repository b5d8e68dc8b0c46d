/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the audio folder:
 *
 *   audio.c		signalling's half: ids, allocation, commands out, events back
 *   audio_thread.c	the media thread's half: commands, the tick
 *   audio_link.c	connections, who hears what, the mixer
 *   audio_rtp.c	RTP party, with rtp_out.c for packets and keys to it
 *   audio_player.c	files and tones; audio_ports.c: recorder and PCM port; audio_stream.c: to a
 *			multicast group
 *
 * A struct below belongs to signalling until its CREATE or CONNECT command is in the ring,
 * then to the media thread, until the ring of events brings it back.
 */
#ifndef TD_MEDIA_AUDIO_AUDIO_PRIV_H
#define TD_MEDIA_AUDIO_AUDIO_PRIV_H

#include <stdatomic.h>

#include "userspace/base/list.h"
#include "userspace/base/ring.h"
#include "userspace/media/audio/audio.h"
#include "userspace/media/audio/mix.h"
#include "userspace/media/audio/resample.h"

#define AUDIO_MOST	TD_MIX_MOST	/* samples in a frame */
#define AUDIO_NS	(TD_AUDIO_FRAME_MS * 1000000ull)

struct audio_node;

/** What kind of node. All but free run in the media thread. */
struct audio_ops {
	const char *name;
	bool says, hears;
	/* Put the next frame at the node's rate to pcm. */
	void (*say)(struct audio_node *n, int16_t *pcm, uint64_t now_ns);
	/* A frame for it, NULL: it is connected to nothing. same_for_all: the node whose frame this
	 * is, when nothing was changed or mixed in (then its coded form may be shared), or NULL. */
	void (*hear)(struct audio_node *n, const int16_t *pcm, struct audio_node *same_for_all,
		     uint64_t now_ns);
	/* No longer connected to anything. */
	void (*end)(struct audio_node *n);
	/* Signalling: give back what it holds, and itself. */
	void (*free)(struct audio_node *n);
	void (*show)(struct audio_node *n, struct td_json *j);
};

/** One direction between two nodes. */
struct audio_link {
	struct td_list in_from, in_to;	/* from->heard_by, to->hears */
	struct td_list in_closing;	/* fades out now */
	struct audio_node *from, *to;
	struct audio_link *twin;	/* to -> from */
	float gain;			/* as ordered */
	bool muted, closing;
	float now;			/* gain at the end of the last frame */
	const int16_t *frame;		/* this tick's, with gain; NULL: silence */
	int16_t scaled[AUDIO_MOST];
	/* from a mixer: */
	struct td_limiter limiter;
	uint32_t rate;			/* of what stands in room */
	int16_t room[TD_RESAMPLE_TAIL + AUDIO_MOST];
};

enum audio_law { AUDIO_ULAW, AUDIO_ALAW, AUDIO_LAWS };

struct audio_node {
	const struct audio_ops *ops;
	struct td_audio *a;
	uint32_t id, rate;
	struct td_list node;		/* media thread's */
	struct td_list backlog;		/* signalling's */
	struct td_list hears, heard_by;
	bool ending, over;
	int16_t room[TD_RESAMPLE_TAIL + AUDIO_MOST];	/* this frame, and the end of the last */
	uint64_t other_tick, coded_tick[AUDIO_LAWS];	/* when the next were made */
	int16_t other[AUDIO_MOST];	/* this frame at the other rate */
	uint8_t coded[AUDIO_LAWS][AUDIO_MOST / 2];	/* ... at 8000 in G.711 */
	struct td_limiter limiter;	/* of what it hears */
	_Atomic uint32_t n_listeners;
};

struct audio_mixer {
	struct audio_node node;
	int32_t sum[AUDIO_MOST];
};

enum audio_order {
	AUDIO_CREATE, AUDIO_CONNECT, AUDIO_MUTE, AUDIO_DISCONNECT, AUDIO_AIM, AUDIO_KEY,
	AUDIO_DESTROY
};

struct audio_command {
	enum audio_order order;
	struct audio_node *node, *to;
	struct audio_link *link;
	bool muted;
	char digit;
	uint16_t duration_ms;
	struct td_flow way;
};

enum audio_news { AUDIO_ENDED, AUDIO_NODE_BACK, AUDIO_LINK_BACK };

struct audio_event {
	enum audio_news news;
	uint32_t id;
	void *memory;
};

struct audio_entry {
	struct audio_node *node;	/* NULL: free */
	uint32_t generation;
};

struct td_audio {
	struct td_audio_args args;
	struct td_ring commands, events;
	int timer_fd;

	/* signalling */
	struct audio_entry *entries;
	size_t n_entries, next_entry;
	size_t n_nodes;			/* not freed yet */
	struct td_list backlog;		/* nodes whose DESTROY did not fit */
	struct td_timer retry;

	/* media thread */
	struct td_list nodes;
	struct td_list closing;		/* links, by in_closing: fade out, then go back */
	struct audio_node **by_slot;	/* [TD_MAX_SLOTS] */
	uint64_t tick;
	bool ticking;

	/* written there, read here */
	_Atomic uint64_t ticks, late_ticks, busy_ns;
};

/* audio.c */
/** Signalling: a filled node goes to the media thread; on error it is freed by its ops. */
int td_audio_add(struct td_audio *a, struct audio_node *n, uint32_t *id);
void td_audio_node_init(struct audio_node *n, struct td_audio *a, const struct audio_ops *ops,
			uint32_t rate);
struct audio_node *td_audio_find(struct td_audio *a, uint32_t id);
int td_audio_order(struct td_audio *a, const struct audio_command *c);

/* audio_thread.c */
/** Memory to signalling; false: its ring is full, again later. */
bool td_audio_give_back(struct td_audio *a, enum audio_news news, void *memory);
/** Tell signalling; lost when its ring is full. */
void td_audio_tell_ended(struct audio_node *n);

/* audio_link.c */
/** Samples in a frame. */
static inline size_t td_audio_samples(uint32_t rate)
{
	return rate * TD_AUDIO_FRAME_MS / 1000;
}
bool td_audio_is_mixer(const struct audio_node *n);
/** Samples before the frame stay in front of it: the converters need them. */
void td_audio_keep_tail(int16_t *room, size_t n);
/** The node's frame of this tick in one law. */
const uint8_t *td_audio_coded(struct audio_node *n, enum audio_law law);
/** An open connection, or NULL. */
struct audio_link *td_audio_find_link(struct audio_node *from, struct audio_node *to);
/** A new connection, or a new gain for the one that is there (then l goes back). */
void td_audio_link(struct td_audio *a, struct audio_link *l);
/** Fades in the next tick. */
void td_audio_close_link(struct td_audio *a, struct audio_link *l);
void td_audio_give_back_links(struct td_audio *a);
/** Once per tick, in this order: all mixers, then all listeners. */
void td_audio_mix(struct audio_node *mixer);
void td_audio_let_hear(struct audio_node *n, uint64_t now_ns);

/* audio_rtp.c */
extern const struct audio_ops td_audio_rtp_ops;
void td_audio_rtp_set_way(struct audio_node *n, const struct td_flow *way);
void td_audio_rtp_put(struct audio_node *n, const uint8_t *data, size_t len, uint64_t now_ns);
void td_audio_rtp_key(struct audio_node *n, char digit, uint16_t duration_ms);
bool td_audio_rtp_takes_keys(const struct audio_node *n);
uint32_t td_audio_rtp_slot(const struct audio_node *n);
void td_audio_rtp_stats(struct audio_node *n, struct td_audio_stats *out);

extern const struct audio_ops td_audio_mixer_ops;

#endif
