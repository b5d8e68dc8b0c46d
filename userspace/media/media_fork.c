// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Media forking: what a party sends is copied to a third address, where a recorder listens. The
 * copy is made in the kernel, by td_rtp and td_copy, where native XDP runs on the interface that
 * the packets come in by and on the recorder's; else by the relay. It leaves from the port of ours
 * that the party sends to, so that a recorder tells calls and sides apart.
 */
#include "userspace/media/media_priv.h"

#include <arpa/inet.h>
#include <string.h>

#include "userspace/base/log.h"

void td_media_start_forks(struct td_media *m, bool adopt)
{
	m->n_free_forks = 0;
	for (uint16_t i = TD_MAX_MEDIA_FORKS - 1; i; i--)
		if (!adopt || !m->tables.forks[i].new_dst_port)
			m->free_fork[m->n_free_forks++] = i;
}

static bool has_recorder(const struct td_config *config)
{
	bool has = td_addr_is_set(&config->global.media_forking);

	for (size_t i = 0; i < config->n_phones && !has; i++)
		has = td_addr_is_set(&config->phones[i].media_forking);
	for (size_t i = 0; i < config->n_trunks && !has; i++)
		has = td_addr_is_set(&config->trunks[i].media_forking);
	return has;
}

/* Once for all, and before the first forked call: a device has one queue for a round of packets,
 * and the kernel runs the program on it that the round's first packet brings. */
void td_media_set_copies(struct td_media *m, const struct td_config *config)
{
	bool on = has_recorder(config) || m->n_free_forks < TD_MAX_MEDIA_FORKS - 1;

	if (on == m->copies)
		return;
	m->copies = on;
	td_nh_set_copies(m->nexthops, on);
	td_media_program_all(m);
}

static void drop(struct td_media *m, uint32_t index)
{
	memset(&m->tables.forks[index], 0, sizeof(m->tables.forks[index]));
	m->free_fork[m->n_free_forks++] = (uint16_t)index;
}

/* The flow goes first: nobody sends by an entry that is free. */
static void stop(struct media_side *side)
{
	struct td_media *m = side->owner->m;
	struct td_flow *flow = &m->tables.flows[TD_SLOT_OF_PORT(side->port)], f = *flow;
	uint32_t index = side->fork.index;

	td_nh_use(m->nexthops, &side->fork.user, NULL, NULL);
	side->fork.index = 0;
	if (!index)
		return;
	if (f.flags & TD_FLOW_FORK) {
		f.flags &= ~TD_FLOW_FORK;
		f.fork = 0;
		td_flow_write(flow, &f);
	}
	drop(m, index);
}

void td_media_use_fork(struct media_side *side)
{
	const struct td_addr *to = &td_media_end_of(side)->fork;
	struct td_media *m = side->owner->m;

	if (!td_addr_is_set(to)) {
		stop(side);
		return;
	}
	if (!side->fork.index && !m->n_free_forks) {
		td_log_limited(TD_LOG_MEDIA, TD_WARN, "call=%u leg=%u not forked: %d forks are in use",
			       side->owner->call_id, td_media_end_of(side)->leg_id,
			       TD_MAX_MEDIA_FORKS - 1);
		return;
	}
	if (!side->fork.index)
		side->fork.index = m->free_fork[--m->n_free_forks];
	side->fork.user.tag = MEDIA_USER_FORK;
	td_nh_use(m->nexthops, &side->fork.user, to, NULL);
}

/* Without counters, which others write. */
static bool same_way(const struct td_fork *a, const struct td_fork *b)
{
	return !memcmp((const char *)a + sizeof(a->gen_head), (const char *)b + sizeof(b->gen_head),
		       offsetof(struct td_fork, packets) - sizeof(a->gen_head));
}

static bool may_copy(const struct td_xdp_port *port)
{
	return port && port->mode == CFG_XDP_NATIVE && port->dev < TD_COPY_DEVS;
}

bool td_media_aim_fork(struct media_side *side, const struct td_xdp_port *in)
{
	const struct td_addr *to = &td_media_end_of(side)->fork;
	struct td_media *m = side->owner->m;
	struct td_fork f = { .nexthop = td_nh_index(&side->fork.user), .dscp_class = TD_DSCP_MEDIA };
	const struct media_side *other = side->owner->side + (side == side->owner->side);
	struct td_addr src;

	if (!side->fork.index)
		return true;
	td_nh_source(&side->fork.user, &src);
	memcpy(f.new_src, src.ip, sizeof(f.new_src));
	memcpy(f.new_dst, to->ip, sizeof(f.new_dst));
	f.new_src_port = htons(side->port);
	f.new_dst_port = htons(to->port);
	if (!same_way(&f, &m->tables.forks[side->fork.index]))
		td_fork_write(&m->tables.forks[side->fork.index], &f);
	return m->copies && in && in->forks && f.nexthop &&
	       may_copy(td_media_port_to(m, &other->user)) &&
	       may_copy(td_media_port_to(m, &side->fork.user));
}

/* ---- what an earlier process left ---- */

void td_media_adopt_fork(struct media_side *side, const struct td_flow *f)
{
	if ((f->flags & TD_FLOW_FORK) && f->fork < TD_MAX_MEDIA_FORKS)
		side->fork.index = f->fork;
}

void td_media_forks_adopted(struct td_media *m)
{
	bool known[TD_MAX_MEDIA_FORKS] = { false };
	struct td_media_session *s;

	for (size_t i = 0; i < m->n_free_forks; i++)
		known[m->free_fork[i]] = true;
	td_list_for_each(s, &m->sessions, struct td_media_session, node)
		for (int i = 0; i < 2; i++)
			known[s->side[i].fork.index] = true;
	for (uint32_t i = TD_MAX_MEDIA_FORKS - 1; i; i--)
		if (!known[i])
			drop(m, i);
}
