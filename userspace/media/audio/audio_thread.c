// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The media thread's half: obeys signalling, and every 20 ms lets each source say something,
 * each mixer add it up, each listener hear it. A tick's work grows with the number of nodes
 * and connections, never with the square of a mixer's members.
 */
#include "userspace/media/audio/audio_priv.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/clock.h"

#define MOST_LATE 5			/* ticks made up for after a stall; more are left out */

static void count(_Atomic uint64_t *c, uint64_t n)
{
	/* one writer: no need for a locked instruction */
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

/* ---- memory back to signalling ---- */

bool td_audio_give_back(struct td_audio *a, enum audio_news news, void *memory)
{
	struct audio_event ev = { .news = news, .memory = memory };

	return td_ring_push(&a->events, &ev);
}

void td_audio_tell_ended(struct audio_node *n)
{
	struct audio_event ev = { .news = AUDIO_ENDED, .id = n->id };

	td_ring_push(&n->a->events, &ev);
}

/* ---- orders ---- */

static void create(struct td_audio *a, struct audio_node *n)
{
	td_list_append(&a->nodes, &n->node);
	if (n->ops == &td_audio_rtp_ops)
		a->by_slot[td_audio_rtp_slot(n)] = n;
}

static void destroy(struct td_audio *a, struct audio_node *n)
{
	struct audio_link *l;

	n->ending = true;
	td_list_for_each(l, &n->hears, struct audio_link, in_to)
		td_audio_close_link(a, l);
	td_list_for_each(l, &n->heard_by, struct audio_link, in_from)
		td_audio_close_link(a, l);
	if (n->ops == &td_audio_rtp_ops && a->by_slot[td_audio_rtp_slot(n)] == n)
		a->by_slot[td_audio_rtp_slot(n)] = NULL;
}

static void obey_one(struct td_audio *a, const struct audio_command *c)
{
	struct audio_link *l;

	switch (c->order) {
	case AUDIO_CREATE:
		create(a, c->node);
		break;
	case AUDIO_CONNECT:
		td_audio_link(a, c->link);
		break;
	case AUDIO_MUTE:
		l = td_audio_find_link(c->node, c->to);
		if (l)
			l->muted = c->muted;
		break;
	case AUDIO_DISCONNECT:
		l = td_audio_find_link(c->node, c->to);
		if (l)
			td_audio_close_link(a, l);
		break;
	case AUDIO_AIM:
		td_audio_rtp_set_way(c->node, &c->way);
		break;
	case AUDIO_KEY:
		td_audio_rtp_key(c->node, c->digit, c->duration_ms);
		break;
	case AUDIO_DESTROY:
		destroy(a, c->node);
		break;
	}
}

static void obey(struct td_audio *a)
{
	struct audio_command c;

	td_ring_clear_wake(&a->commands);
	while (td_ring_pop(&a->commands, &c))
		obey_one(a, &c);
}

/* ---- the tick ---- */

static void say_all(struct td_audio *a, uint64_t now_ns)
{
	struct audio_node *n;

	td_list_for_each(n, &a->nodes, struct audio_node, node) {
		if (!n->ops->say)
			continue;
		td_audio_keep_tail(n->room, td_audio_samples(n->rate));
		n->ops->say(n, n->room + TD_RESAMPLE_TAIL, now_ns);
	}
}

static void mix_all(struct td_audio *a)
{
	struct audio_node *n;

	td_list_for_each(n, &a->nodes, struct audio_node, node)
		if (td_audio_is_mixer(n))
			td_audio_mix(n);
}

static void hear_all(struct td_audio *a, uint64_t now_ns)
{
	struct audio_node *n;

	td_list_for_each(n, &a->nodes, struct audio_node, node)
		if (n->ops->hear)
			td_audio_let_hear(n, now_ns);
}

static void give_back_nodes(struct td_audio *a)
{
	struct audio_node *n, *tmp;

	td_list_for_each_safe(n, tmp, &a->nodes, struct audio_node, node) {
		if (!n->ending || !td_list_empty(&n->hears) || !td_list_empty(&n->heard_by))
			continue;
		if (n->ops->end && !n->over)
			n->ops->end(n);
		n->over = true;
		td_list_del(&n->node);
		if (td_audio_give_back(a, AUDIO_NODE_BACK, n))
			continue;
		td_list_push(&a->nodes, &n->node);
		return;
	}
}

static void frame(struct td_audio *a, uint64_t now_ns)
{
	a->tick++;
	say_all(a, now_ns);
	mix_all(a);
	hear_all(a, now_ns);
	td_audio_give_back_links(a);
	give_back_nodes(a);
	count(&a->ticks, 1);
}

void td_audio_tick(struct td_audio *a, uint64_t now_ns)
{
	obey(a);
	frame(a, now_ns);
}

/* ---- the timer ---- */

/* It runs only while there is somebody. */
static void set_timer(struct td_audio *a)
{
	bool wanted = !td_list_empty(&a->nodes);
	struct itimerspec t = { 0 };

	if (wanted == a->ticking)
		return;
	if (wanted)
		t.it_value.tv_nsec = t.it_interval.tv_nsec = AUDIO_NS;
	timerfd_settime(a->timer_fd, 0, &t, NULL);
	a->ticking = wanted;
}

static uint64_t due_ticks(struct td_audio *a)
{
	uint64_t n = 0;

	if (read(a->timer_fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return 0;
	if (n > 1)
		count(&a->late_ticks, n - 1);
	return n > MOST_LATE ? MOST_LATE : n;
}

void td_audio_run(struct td_audio *a)
{
	uint64_t due, begin;

	obey(a);
	due = a->ticking ? due_ticks(a) : 0;
	if (due) {
		begin = td_clock_ns(CLOCK_MONOTONIC);
		for (uint64_t i = 0; i < due; i++)
			frame(a, begin);
		count(&a->busy_ns, td_clock_ns(CLOCK_MONOTONIC) - begin);
	}
	set_timer(a);
}

void td_audio_receive(struct td_audio *a, uint32_t slot, const uint8_t *data, size_t len,
		      uint64_t now_ns)
{
	if (slot < TD_MAX_SLOTS && a->by_slot[slot])
		td_audio_rtp_put(a->by_slot[slot], data, len, now_ns);
}

int td_audio_timer_fd(const struct td_audio *a)
{
	return a->timer_fd;
}

int td_audio_command_fd(const struct td_audio *a)
{
	return a->commands.event_fd;
}
