/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of td_map.h in this process. With XDP they are the kernel's map memory, so a
 * store here is seen by the next packet; without, ordinary memory that only the relay reads.
 */
#ifndef TD_MEDIA_TABLES_H
#define TD_MEDIA_TABLES_H

#include "userspace/media/media.h"

/* Array maps round each element up to eight bytes. */
struct td_port_cell {
	uint32_t value, pad;
};

struct td_dscp_cell {
	struct td_dscp_entry entry;
	uint32_t pad;
};

struct td_tables {
	struct td_port_cell *ports;		/* [TD_MAX_PORTS] */
	struct td_flow *flows;			/* [TD_MAX_SLOTS] */
	struct td_flow_stats *stats;		/* [TD_MAX_SLOTS], XDP's */
	struct td_nexthop *nexthops;		/* [TD_MAX_NEXTHOPS] */
	struct td_dscp_cell *dscp;		/* [TD_DSCP_CLASSES] */
	struct td_fork *forks;			/* [TD_MAX_MEDIA_FORKS] */
	bool kernel;				/* XDP reads them */
	int reasons_fd;
	struct ring_buffer *events;
	int events_fd;				/* readable when XDP has said something */
	void (*on_event)(void *arg, const struct td_event *ev);
	void *event_arg;
	struct ring_buffer *captured;
	int captured_fd;			/* readable when XDP has copied a frame */
	void (*on_captured)(void *arg, const struct td_captured *c);
	void *captured_arg;
	unsigned int captured_left;		/* that this reading may still take */
};

/** fds NULL: plain memory. Unless keep, what an earlier worker left is cleared. */
int td_tables_open(struct td_tables *t, const struct td_xdp_fds *fds, bool keep);
void td_tables_close(struct td_tables *t);
/** Call on_event for all that waits in the ring. */
void td_tables_read_events(struct td_tables *t);
/** Call on_captured (NULL: nobody is told) for what waits there, at most max frames; there may be
 * more. Returns how many were read. */
unsigned int td_tables_read_captured(struct td_tables *t, unsigned int max);

/** Replace a flow as one change; the generation fields of neu are ignored. */
void td_flow_write(struct td_flow *flow, const struct td_flow *neu);
/** Copy a flow; false when it is being written right now. */
bool td_flow_read(const struct td_flow *flow, struct td_flow *copy);
/** Replace where a fork's copies go as one change; its counters are left alone. */
void td_fork_write(struct td_fork *fork, const struct td_fork *neu);
/** Copy a fork; false when it is being written right now. */
bool td_fork_read(const struct td_fork *fork, struct td_fork *copy);
void td_nexthop_write(struct td_nexthop *nh, const struct td_nexthop *neu);
/** Let a port and the RTCP port above lead to a slot; 0 = to none. */
void td_ports_point(struct td_tables *t, uint16_t port, uint32_t slot);
/** TD_REASON_* and TD_LOST_*, each the sum over all CPUs; zeroes without XDP. */
void td_counters_read(const struct td_tables *t, uint64_t out[TD_COUNTERS]);

#endif
