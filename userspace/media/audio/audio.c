// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signalling's half. An id is an index into a table here, with a generation above it, so
 * that a late one finds nothing. The media thread knows pointers only; an order that names
 * a node goes into the ring before that node's DESTROY, so no pointer is ever late.
 */
#include "userspace/media/audio/audio_priv.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define N_COMMANDS	1024
#define N_EVENTS	1024
#define MOST_NODES	65535
#define RETRY_MS	20
#define MIN_DB		(-60.0f)
#define MAX_DB		18.0f

/* ---- ids ---- */

struct audio_node *td_audio_find(struct td_audio *a, uint32_t id)
{
	size_t at = (id & 0xffff) - 1;

	if (at >= a->n_entries || a->entries[at].generation != id >> 16)
		return NULL;
	return a->entries[at].node;
}

static int grow(struct td_audio *a)
{
	size_t n = a->n_entries ? a->n_entries * 2 : 16;
	struct audio_entry *e;

	if (n > MOST_NODES)
		n = MOST_NODES;
	if (n == a->n_entries)
		return -ENOMEM;
	e = td_realloc(a->entries, n * sizeof(*e));
	if (!e)
		return -ENOMEM;
	memset(e + a->n_entries, 0, (n - a->n_entries) * sizeof(*e));
	a->entries = e;
	a->n_entries = n;
	return 0;
}

/* A free entry; the search starts where the last one ended, so ids are not used again soon. */
static int get_entry(struct td_audio *a, size_t *out)
{
	size_t from = a->next_entry;

	for (size_t i = 0; i < a->n_entries; i++) {
		size_t at = (from + i) % a->n_entries;

		if (a->entries[at].node)
			continue;
		*out = at;
		a->next_entry = at + 1;
		return 0;
	}
	*out = a->n_entries;
	a->next_entry = a->n_entries + 1;
	return grow(a);
}

static void put_entry(struct td_audio *a, uint32_t id)
{
	struct audio_entry *e = &a->entries[(id & 0xffff) - 1];

	e->node = NULL;
	e->generation = (e->generation + 1) & 0xffff;
}

/* ---- nodes ---- */

void td_audio_node_init(struct audio_node *n, struct td_audio *a, const struct audio_ops *ops,
			uint32_t rate)
{
	n->ops = ops;
	n->a = a;
	n->rate = rate;
	td_list_init(&n->node);
	td_list_init(&n->hears);
	td_list_init(&n->heard_by);
}

int td_audio_order(struct td_audio *a, const struct audio_command *c)
{
	return td_ring_push(&a->commands, c) ? 0 : -EAGAIN;
}

int td_audio_add(struct td_audio *a, struct audio_node *n, uint32_t *id)
{
	struct audio_command c = { .order = AUDIO_CREATE, .node = n };
	size_t at;
	int err = get_entry(a, &at);

	if (!err) {
		n->id = a->entries[at].generation << 16 | (uint32_t)(at + 1);
		err = td_audio_order(a, &c);
	}
	if (err) {
		n->ops->free(n);
		return err;
	}
	a->entries[at].node = n;
	a->n_nodes++;
	*id = n->id;
	return 0;
}

static void on_retry(void *arg);

static void destroy_all_waiting(struct td_audio *a)
{
	struct audio_node *n;

	while ((n = td_list_first(&a->backlog, struct audio_node, backlog))) {
		struct audio_command c = { .order = AUDIO_DESTROY, .node = n };

		/* off the list first: once the order is given, the node is not ours */
		td_list_del(&n->backlog);
		if (!td_audio_order(a, &c))
			continue;
		td_list_push(&a->backlog, &n->backlog);
		td_loop_timer_start(a->args.loop, &a->retry, RETRY_MS, on_retry, a);
		return;
	}
}

static void on_retry(void *arg)
{
	destroy_all_waiting(arg);
}

void td_audio_destroy(struct td_audio *a, uint32_t id)
{
	struct audio_node *n = td_audio_find(a, id);

	if (!n)
		return;
	put_entry(a, id);
	td_list_init(&n->backlog);
	td_list_append(&a->backlog, &n->backlog);
	destroy_all_waiting(a);
}

/* ---- connections ---- */

static int check_pair(struct td_audio *a, uint32_t from, uint32_t to, struct audio_command *c)
{
	c->node = td_audio_find(a, from);
	c->to = td_audio_find(a, to);
	if (!c->node || !c->to)
		return -ENOENT;
	if (!c->node->ops->says || !c->to->ops->hears || c->node == c->to ||
	    (c->node->ops == &td_audio_mixer_ops && c->to->ops == &td_audio_mixer_ops))
		return -EINVAL;
	return 0;
}

int td_audio_connect(struct td_audio *a, uint32_t from, uint32_t to, float gain_db)
{
	struct audio_command c = { .order = AUDIO_CONNECT };
	int err = check_pair(a, from, to, &c);

	if (err)
		return err;
	if (!(gain_db >= MIN_DB && gain_db <= MAX_DB))
		return -EINVAL;
	c.link = td_zalloc(sizeof(*c.link));
	if (!c.link)
		return -ENOMEM;
	c.link->from = c.node;
	c.link->to = c.to;
	c.link->gain = gain_db == 0 ? 1 : powf(10, gain_db / 20);
	td_list_init(&c.link->in_from);
	td_list_init(&c.link->in_to);
	td_list_init(&c.link->in_closing);
	err = td_audio_order(a, &c);
	if (err)
		td_free(c.link);
	return err;
}

int td_audio_mute(struct td_audio *a, uint32_t from, uint32_t to, bool muted)
{
	struct audio_command c = { .order = AUDIO_MUTE, .muted = muted };
	int err = check_pair(a, from, to, &c);

	return err ? err : td_audio_order(a, &c);
}

int td_audio_disconnect(struct td_audio *a, uint32_t from, uint32_t to)
{
	struct audio_command c = { .order = AUDIO_DISCONNECT };
	int err = check_pair(a, from, to, &c);

	return err ? err : td_audio_order(a, &c);
}

static struct audio_node *find_party(struct td_audio *a, uint32_t id, int *err)
{
	struct audio_node *n = td_audio_find(a, id);

	*err = !n ? -ENOENT : n->ops != &td_audio_rtp_ops ? -EINVAL : 0;
	return n;
}

int td_audio_rtp_aim(struct td_audio *a, uint32_t id, const struct td_flow *way)
{
	struct audio_command c = { .order = AUDIO_AIM, .way = *way };
	int err;

	c.node = find_party(a, id, &err);
	return err ? err : td_audio_order(a, &c);
}

int td_audio_rtp_digit(struct td_audio *a, uint32_t id, char digit, uint16_t duration_ms)
{
	struct audio_command c = { .order = AUDIO_KEY, .digit = digit, .duration_ms = duration_ms };
	int err;

	c.node = find_party(a, id, &err);
	if (err)
		return err;
	if (!td_audio_rtp_takes_keys(c.node))
		return -ENOTSUP;
	if (!digit || !strchr("0123456789*#ABCD", digit) || duration_ms < 40 || duration_ms > 8000)
		return -EINVAL;
	return td_audio_order(a, &c);
}

/* ---- events ---- */

static void obey_event(struct td_audio *a, const struct audio_event *ev)
{
	struct audio_node *n;

	switch (ev->news) {
	case AUDIO_ENDED:
		if (td_audio_find(a, ev->id) && a->args.on_ended)
			a->args.on_ended(a->args.ended_arg, ev->id);
		break;
	case AUDIO_NODE_BACK:
		n = ev->memory;
		n->ops->free(n);
		a->n_nodes--;
		break;
	case AUDIO_LINK_BACK:
		td_free(ev->memory);
		break;
	}
}

static void on_events(void *arg, int fd, unsigned int events)
{
	struct td_audio *a = arg;
	struct audio_event ev;

	(void)fd;
	(void)events;
	td_ring_clear_wake(&a->events);
	while (td_ring_pop(&a->events, &ev))
		obey_event(a, &ev);
}

/* ---- start, stop ---- */

static int start(struct td_audio *a)
{
	int err = td_ring_init(&a->commands, N_COMMANDS, sizeof(struct audio_command));

	if (!err)
		err = td_ring_init(&a->events, N_EVENTS, sizeof(struct audio_event));
	if (err)
		return err;
	a->by_slot = td_calloc(TD_MAX_SLOTS, sizeof(*a->by_slot));
	if (!a->by_slot)
		return -ENOMEM;
	a->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (a->timer_fd < 0)
		return -errno;
	return td_loop_watch(a->args.loop, a->events.event_fd, TD_READ, on_events, a);
}

int td_audio_new(struct td_audio **out, const struct td_audio_args *args)
{
	struct td_audio *a = td_zalloc(sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->args = *args;
	a->timer_fd = a->commands.event_fd = a->events.event_fd = -1;
	td_list_init(&a->backlog);
	td_list_init(&a->nodes);
	td_list_init(&a->closing);
	err = start(a);
	if (err) {
		td_audio_free(a);
		return err;
	}
	*out = a;
	return 0;
}

static void send_nothing(void *arg, const struct td_flow *way, bool rtcp, uint8_t *data,
			 unsigned int len)
{
	(void)arg;
	(void)way;
	(void)rtcp;
	(void)data;
	(void)len;
}

void td_audio_free(struct td_audio *a)
{
	if (!a)
		return;
	if (a->events.items) {
		td_loop_timer_stop(a->args.loop, &a->retry);
		td_loop_unwatch(a->args.loop, a->events.event_fd);
		a->args.on_ended = NULL;
		a->args.send = send_nothing;
		/* the media thread is no more: its part is played here, to the end */
		for (size_t i = 0; i < a->n_entries; i++)
			if (a->entries[i].node)
				td_audio_destroy(a, a->entries[i].node->id);
		while (a->by_slot && a->n_nodes) {
			destroy_all_waiting(a);
			td_audio_tick(a, 0);	/* connections fade, nodes come back */
			on_events(a, -1, 0);
		}
		td_loop_timer_stop(a->args.loop, &a->retry);
	}
	if (a->timer_fd >= 0)
		close(a->timer_fd);
	if (a->commands.items)
		td_ring_fini(&a->commands);
	if (a->events.items)
		td_ring_fini(&a->events);
	td_free(a->by_slot);
	td_free(a->entries);
	td_free(a);
}

/* ---- show ---- */

bool td_audio_stats(struct td_audio *a, uint32_t id, struct td_audio_stats *out)
{
	struct audio_node *n = td_audio_find(a, id);

	memset(out, 0, sizeof(*out));
	if (n && n->ops == &td_audio_rtp_ops)
		td_audio_rtp_stats(n, out);
	return n;
}

void td_audio_show(struct td_audio *a, struct td_json *j, const char *key)
{
	td_json_object(j, key);
	td_json_u64(j, "ticks", atomic_load(&a->ticks));
	td_json_u64(j, "late_ticks", atomic_load(&a->late_ticks));
	td_json_u64(j, "busy_us", atomic_load(&a->busy_ns) / 1000);
	td_json_array(j, "nodes");
	for (size_t i = 0; i < a->n_entries; i++) {
		struct audio_node *n = a->entries[i].node;

		if (!n)
			continue;
		td_json_object(j, NULL);
		td_json_u64(j, "id", n->id);
		td_json_str(j, "type", n->ops->name);
		td_json_u64(j, "rate", n->rate);
		td_json_u64(j, "listeners", atomic_load(&n->n_listeners));
		if (n->ops->show)
			n->ops->show(n, j);
		td_json_end_object(j);
	}
	td_json_end_array(j);
	td_json_end_object(j);
}
