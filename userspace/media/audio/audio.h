/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sound that ends in this house: conferences, music on hold, tones and announcements,
 * recordings, codec conversion, telephone lines. Packets that only pass through never come
 * here.
 *
 * The picture is a patch bay. NODES are made, and CONNECTED one way: "to hears from".
 *
 *	RTP party	one side of a media session: says what it sends us, hears what we send it
 *	PCM port	the same without RTP: 20 ms of samples in and out (a telephone line)
 *	mixer		hears many, says to each of them the sum of the others
 *	player		says a sound file, a tone, or DTMF; one for any number of listeners
 *	recorder	hears, and writes a file
 *	stream		hears, and sends it to a multicast group
 *
 *	music on hold		player -> party			one player for all who wait
 *	conference of three	party <-> mixer, three times; player -> mixer is heard by all;
 *				mixer -> recorder records it
 *	another codec		party <-> party
 *	call waiting		player -> party, beside what it hears already: a node that hears
 *				several hears their sum
 *
 *	                    signalling's thread            |        media thread
 *	                                                   |
 *	  td_audio_rtp() ... allocate, td_audio_connect() ---commands--> links nodes
 *	  td_loop: free, call on_ended                    <---events---  players' ends, memory back
 *	                                                   |
 *	       socket -> relay: source and rules checked -> td_audio_receive(slot) -> jitter buffer
 *	       timerfd, every 20 ms: td_audio_run()        |
 *	            1 say	each source has its next 20 ms: decoded packet, file, tone
 *	            2 mix	each mixer adds up what its members say
 *	            3 hear	each listener gets its 20 ms: encoded, sent by the relay's socket
 *	                                                   |
 *	  file writer (any thread's loop)   <---blocks---  recorder; never waits
 *
 * Who owns what: signalling allocates nodes and connections and frees them; in between they
 * belong to the media thread, which allocates nothing, frees nothing and waits for nothing
 * but its epoll. Ids cross between the threads, and a late id finds nothing. What a node
 * was created with never changes, but for where an RTP party is (td_audio_rtp_aim): another
 * codec is another node.
 *
 * Sound is 16-bit at 8000 or 16000 samples per second, in frames of 20 ms. A node has the
 * rate of its codec or file; each frame is converted when a listener of the other rate asks
 * for it, once for all of them (resample.h keeps no state, so that may start at any tick). A
 * mixer works at 16000 as soon as two of its members do: nobody loses by it, and wideband
 * phones hear each other as they should.
 *
 * Every connection has a gain that goes to its new value within one frame: joining, leaving
 * and muting are such changes, so none of them clicks. What does not fit 16 bits is turned
 * down by the listener's limiter (mix.h).
 *
 * The core reaches this by its media port: a session's side is made "local" to a node, and
 * its flow ends here (TD_FLOW_LOCAL) in place of leaving by the other side.
 */
#ifndef TD_MEDIA_AUDIO_AUDIO_H
#define TD_MEDIA_AUDIO_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bpf/td_map.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/base/str.h"
#include "userspace/media/audio/clip.h"
#include "userspace/media/audio/record.h"
#include "userspace/media/audio/tone.h"

struct td_audio;

#define TD_AUDIO_FRAME_MS 20

struct td_audio_args {
	struct td_loop *loop;		/* signalling's */
	/** Media thread: send a packet by the way that a flow describes (new_src, new_src_port,
	 * new_dst, new_dst_port, new_dst_scope, dscp_class); rtcp: by the RTCP ports. */
	void (*send)(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
		     unsigned int len);
	void *send_arg;
	/** Signalling's loop: this player has nothing more to say. It may call anything here. NULL:
	 * nobody listens. (Keys that parties press are the plane's to tell: the relay sees them.) */
	void (*on_ended)(void *arg, uint32_t id);
	void *ended_arg;
};

/* ---- signalling's thread ---- */

/** -ENOMEM, -EMFILE. */
int td_audio_new(struct td_audio **out, const struct td_audio_args *args);
/** The media thread has ended or no longer calls. All nodes go. */
void td_audio_free(struct td_audio *a);

struct td_audio_rtp_args {
	uint32_t slot;			/* of the flow that this party sends */
	struct td_flow way;		/* to the party (see send); new_dst_port 0: not known yet */
	struct td_str codec;		/* RTP encoding name */
	uint32_t clock;			/* 0: the codec's usual one */
	uint8_t pt_in, pt_out;		/* payload type as we told it, as it told us */
	uint8_t dtmf_out;		/* RFC 4733; 0 = none */
	uint16_t ptime_ms;		/* 10 to 60; 0 = 20 */
	uint16_t jitter_min_ms, jitter_max_ms;	/* 0 = jitter.h's */
};

/** All creators: 0 and *id, or -ENOMEM, -EAGAIN (commands pile up: the media thread is stuck),
 * -ENOTSUP (unknown codec), -EINVAL. */
int td_audio_rtp(struct td_audio *a, const struct td_audio_rtp_args *args, uint32_t *id);
int td_audio_mixer(struct td_audio *a, uint32_t *id);
/** The clip is shared (a reference is taken). loop: over and over. */
int td_audio_play_clip(struct td_audio *a, struct td_clip *clip, bool loop, uint32_t *id);
int td_audio_play_tone(struct td_audio *a, const struct td_tone *tone, uint32_t *id);
/** It ends, and its file is closed, with the node. On error it is still the caller's to abort. */
int td_audio_record(struct td_audio *a, struct td_recording *r, uint32_t *id);

/** To a connected datagram socket, which goes with the node (or at once, on error). */
int td_audio_stream(struct td_audio *a, int fd, uint32_t *id);

/** Each 20 ms, in the media thread: must not wait. */
struct td_audio_pcm_ops {
	void (*said)(void *arg, int16_t *pcm, size_t n);	/* what the line says */
	void (*hear)(void *arg, const int16_t *pcm, size_t n);	/* what it shall hear */
	void (*gone)(void *arg);	/* Opt, signalling: neither is called any more */
};

/** rate: 8000 or 16000. */
int td_audio_pcm(struct td_audio *a, const struct td_audio_pcm_ops *ops, void *arg, uint32_t rate,
		 uint32_t *id);

/** An RTP party has moved, is on hold (new_dst_port 0: it gets nothing) or is known now. */
int td_audio_rtp_aim(struct td_audio *a, uint32_t id, const struct td_flow *way);
/** Keys to an RTP party that takes RFC 4733: -ENOTSUP if not (then connect a player of DTMF).
 * -EINVAL, -EAGAIN. At most 8 wait. duration_ms: 40 to 8000. */
int td_audio_rtp_digit(struct td_audio *a, uint32_t id, char digit, uint16_t duration_ms);

/** Let to hear from, with a gain in dB (0 = as it is, up to +18); again with another gain changes
 * it. -ENOENT, -EINVAL (a recorder says nothing, a player hears nothing, mixers do not hear each
 * other, nobody hears himself), -ENOMEM, -EAGAIN. */
int td_audio_connect(struct td_audio *a, uint32_t from, uint32_t to, float gain_db);
/** Muted connections stay: a conference member that is not heard still hears. */
int td_audio_mute(struct td_audio *a, uint32_t from, uint32_t to, bool muted);
int td_audio_disconnect(struct td_audio *a, uint32_t from, uint32_t to);
/** Leaves everything it is connected to. An id that is gone is fine. */
void td_audio_destroy(struct td_audio *a, uint32_t id);

/** [{id, type, codec, rate, listeners, ... jitter buffer's figures}], and the thread's own. */
void td_audio_show(struct td_audio *a, struct td_json *j, const char *key);

/** For "show" and tests: a node's figures; false: no such node. */
struct td_audio_stats {
	uint64_t rx_packets, rx_refused, tx_packets;
	uint32_t lost, late, duplicate, skipped, restarts, concealed;
	uint32_t jitter_delay_ms, jitter_target_ms;
};

bool td_audio_stats(struct td_audio *a, uint32_t id, struct td_audio_stats *out);

/* ---- media thread ---- */

/** Watch these two (level-triggered, readable) and call td_audio_run() for either. */
int td_audio_timer_fd(const struct td_audio *a);
int td_audio_command_fd(const struct td_audio *a);
/** Obeys commands; plays the frames that are due. */
void td_audio_run(struct td_audio *a);
/** An RTP packet of a flow that ends here, from its rightful source. */
void td_audio_receive(struct td_audio *a, uint32_t slot, const uint8_t *data, size_t len,
		      uint64_t now_ns);
/** Orders and one frame, without the timer: for who has a clock of his own. */
void td_audio_tick(struct td_audio *a, uint64_t now_ns);

#endif
