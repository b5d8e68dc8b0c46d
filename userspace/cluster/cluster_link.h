/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside userspace/cluster: one connection between the routers. It knows frames, their numbers
 * and keys, and whether the other side is alive; what the frames say is its owner's affair.
 */
#ifndef TD_CLUSTER_LINK_H
#define TD_CLUSTER_LINK_H

#include <stdbool.h>
#include "userspace/base/loop.h"
#include "userspace/cluster/cluster_frame.h"

#define CLUSTER_BEAT_MS	   500
#define CLUSTER_SILENCE_MS 3000
#define CLUSTER_OUT	   (8 * CLUSTER_FRAME_MAX)

struct cluster_link;

struct cluster_link_ops {
	/* It is connected; send the first word, if that is ours. */
	void (*open)(struct cluster_link *l);
	/* False: refuse it and hang up; why says what to log. */
	bool (*frame)(struct cluster_link *l, const struct cluster_frame *f, const char **why);
	/* There is room for one frame at least. */
	void (*room)(struct cluster_link *l);
	/* It has ended; last call. */
	void (*closed)(struct cluster_link *l);
};

struct cluster_link {
	const struct cluster_link_ops *ops;
	void *owner;
	struct td_loop *loop;
	int fd;				/* -1: none */
	bool connecting, beats;
	uint8_t key_out[CLUSTER_KEY], key_in[CLUSTER_KEY];
	uint64_t n_out, n_in;		/* number of the next frame */
	uint64_t n_told;		/* the other one has done all below */
	uint64_t heard_ms;
	struct td_timer beat;
	uint8_t in[CLUSTER_FRAME_MAX];
	size_t in_len;
	uint8_t out[CLUSTER_OUT];
	size_t out_len;
};

/** Take the socket, which is ours from now on; both keys are to be set. */
int cluster_link_open(struct cluster_link *l, int fd, bool connecting);
/** No-op without a connection. Does not call closed(). */
void cluster_link_close(struct cluster_link *l);
bool cluster_link_has_room(const struct cluster_link *l);
/** False: no room. */
bool cluster_link_send(struct cluster_link *l, enum cluster_type type, const void *body, size_t len);
/** From now on both sides prove that they live. */
void cluster_link_beat(struct cluster_link *l);

#endif
