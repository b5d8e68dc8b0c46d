// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies to a recorder of what runs by the relay; the twin of td_copy (bpf/td_copy.bpf.h).
 */
#include "userspace/media/relay_priv.h"

#include <arpa/inet.h>
#include <string.h>

#include "userspace/base/addr.h"

bool td_relay_fork_way(struct td_relay *r, const struct td_flow *f, struct td_flow *way)
{
	struct td_fork to;

	if (!(f->flags & TD_FLOW_FORK) || !f->fork || f->fork >= TD_MAX_MEDIA_FORKS ||
	    !td_fork_read(&r->tables->forks[f->fork], &to) || !to.new_dst_port)
		return false;
	memset(way, 0, sizeof(*way));
	memcpy(way->new_src, to.new_src, sizeof(way->new_src));
	memcpy(way->new_dst, to.new_dst, sizeof(way->new_dst));
	way->new_src_port = to.new_src_port;
	way->new_dst_port = to.new_dst_port;
	way->new_dst_rtcp_port = htons((uint16_t)(ntohs(to.new_dst_port) + 1));
	way->dscp_class = to.dscp_class;
	return true;
}

void td_relay_fork_count(struct td_relay *r, const struct td_flow *f, unsigned int sent,
			 unsigned int missed)
{
	struct td_fork *to = &r->tables->forks[f->fork];

	__atomic_fetch_add(&to->packets, sent, __ATOMIC_RELAXED);
	__atomic_fetch_add(&to->missed, missed, __ATOMIC_RELAXED);
}
