// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies of packets, from XDP's ring and the relay's to the one who asked for them. The rings
 * are read while somebody asks, a bounded number of frames a turn: signalling comes first, and
 * what it does not take in time is left out by the writer.
 */
#include "userspace/media/media_priv.h"

#include "userspace/base/clock.h"

#define FRAMES_PER_TURN 256

static void hand_over(struct td_media *m, const struct td_captured *c, bool is_ip)
{
	struct td_media_frame f = {
		.call_id = c->call_id, .leg_id = c->leg_id, .is_ip = is_ip, .len = c->len,
		.copied = c->copied, .data = c->data,
		.time_ns = c->time_ns + td_clock_ns(CLOCK_REALTIME) - td_clock_ns(CLOCK_MONOTONIC),
	};

	/* of an earlier capture, when nobody wants it */
	if (m->capture && m->capture->wants(m->capture_arg, f.call_id))
		m->capture->frame(m->capture_arg, &f);
}

static void on_xdp_frame(void *arg, const struct td_captured *c)
{
	hand_over(arg, c, false);
}

static void on_xdp_frames(void *arg, int fd, unsigned int events)
{
	struct td_media *m = arg;

	(void)fd;
	(void)events;
	td_tables_read_captured(&m->tables, FRAMES_PER_TURN);
}

static void on_relay_frames(void *arg, int fd, unsigned int events)
{
	struct td_media *m = arg;
	struct td_captured c;
	bool cleared = false;

	(void)fd;
	(void)events;
	for (int i = 0; i < FRAMES_PER_TURN; i++) {
		if (td_ring_pop(m->relay_frames, &c)) {
			hand_over(m, &c, true);
			continue;
		}
		/* once more: between the two the relay may have put one in and seen no need to wake */
		if (cleared)
			return;
		td_ring_clear_wake(m->relay_frames);
		cleared = true;
	}
}

/* What an earlier capture, or an earlier worker, has left there. */
static void discard(struct td_media *m)
{
	struct td_captured c;

	m->tables.on_captured = NULL;
	while (td_tables_read_captured(&m->tables, FRAMES_PER_TURN) == FRAMES_PER_TURN)
		;
	while (td_ring_pop(m->relay_frames, &c))
		;
}

static int begin(struct td_media *m)
{
	int err = td_relay_capture(m->relay, &m->relay_frames);

	if (err)
		return err;
	discard(m);
	m->tables.on_captured = on_xdp_frame;
	m->tables.captured_arg = m;
	err = td_loop_watch(m->loop, m->relay_frames->event_fd, TD_READ, on_relay_frames, m);
	if (!err && m->tables.captured_fd >= 0)
		err = td_loop_watch(m->loop, m->tables.captured_fd, TD_READ, on_xdp_frames, m);
	return err;
}

static void end(struct td_media *m)
{
	td_loop_unwatch(m->loop, m->relay_frames->event_fd);
	if (m->tables.captured_fd >= 0)
		td_loop_unwatch(m->loop, m->tables.captured_fd);
}

int td_media_capture(struct td_media *m, const struct td_media_capture_ops *ops, void *arg)
{
	int err = ops && !m->capture ? begin(m) : 0;

	if (err)
		return err;
	if (!ops && m->capture)
		end(m);
	m->capture = ops;
	m->capture_arg = arg;
	td_media_program_all(m);
	return 0;
}

uint64_t td_media_capture_lost(const struct td_media *m)
{
	uint64_t n[TD_COUNTERS];

	td_counters_read(&m->tables, n);
	return n[TD_LOST_CAPTURED] + td_relay_counts(m->relay)->captured_lost;
}
