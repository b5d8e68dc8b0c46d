/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A media plane that moves nothing: it keeps its wishes in a list, says them to a ladder,
 * and can be told to have no ports left.
 */
#ifndef TD_TESTS_FAKE_MEDIA_H
#define TD_TESTS_FAKE_MEDIA_H

#include "userspace/base/list.h"
#include "userspace/core/media_port.h"

struct fake_media_wish {
	struct td_list node;
	uint32_t call_id;
	struct td_media_end ends[2];
};

struct fake_media {
	void (*say)(void *arg, const char *line);
	void *arg;
	struct td_list wishes;			/* every connect, oldest first */
	struct td_media_session *last;		/* opened last */
	uint32_t last_call;			/* ... for it */
	unsigned int n_open, n_opened, n_connects;
	int open_err, connect_err, stream_err;	/* returned instead of 0 */
	int press_err;				/* -ENOTCONN: nobody talks here */
	enum td_media_path path;		/* reported by stats */
	double rtt_ms, mos;
	td_media_event_fn event;		/* the core's ear */
	void *event_arg;
};

void fake_media_init(struct fake_media *m, void (*say)(void *arg, const char *line), void *arg);
void fake_media_fini(struct fake_media *m);
struct td_media_port fake_media_port(struct fake_media *m);
/** The newest wish; NULL when there was none. */
const struct fake_media_wish *fake_media_last(const struct fake_media *m);

/** The plane says something to the core. */
void fake_media_tells(struct fake_media *m, const struct td_media_event *ev);

#endif
