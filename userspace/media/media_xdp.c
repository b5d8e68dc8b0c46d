// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker's hand on the packet programs: the maps that the master loaded are mapped
 * into this process, and flows, next hops, ports and DSCP values are set by plain stores,
 * without a system call and without any capability. The order of the stores is the
 * generation protocol of td_map.h; the only place that knows it on this side is here.
 */
#include "userspace/media/tables.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define PORTS_BYTES	(TD_MAX_PORTS * sizeof(struct td_port_cell))
#define FLOWS_BYTES	(TD_MAX_SLOTS * sizeof(struct td_flow))
#define STATS_BYTES	(TD_MAX_SLOTS * sizeof(struct td_flow_stats))
#define NEXTHOPS_BYTES	(TD_MAX_NEXTHOPS * sizeof(struct td_nexthop))
#define DSCP_BYTES	(TD_DSCP_CLASSES * sizeof(struct td_dscp_cell))
#define FORKS_BYTES	(TD_MAX_MEDIA_FORKS * sizeof(struct td_fork))

#define MAX_CPUS 1024

/* ---- memory ---- */

static int map_one(void *out, int fd, size_t bytes)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	memcpy(out, &p, sizeof(p));
	return 0;
}

static void unmap(void *p, size_t bytes)
{
	if (p)
		munmap(p, bytes);
}

static int map_all(struct td_tables *t, const struct td_xdp_fds *f)
{
	int err = map_one(&t->ports, f ? f->ports : -1, PORTS_BYTES);

	if (!err)
		err = map_one(&t->flows, f ? f->flows : -1, FLOWS_BYTES);
	if (!err)
		err = map_one(&t->stats, f ? f->stats : -1, STATS_BYTES);
	if (!err)
		err = map_one(&t->nexthops, f ? f->nexthops : -1, NEXTHOPS_BYTES);
	if (!err)
		err = map_one(&t->dscp, f ? f->dscp : -1, DSCP_BYTES);
	if (!err)
		err = map_one(&t->forks, f ? f->forks : -1, FORKS_BYTES);
	return err;
}

/* Ports first: from then on no packet asks for a flow. */
static void clear(struct td_tables *t)
{
	static const struct td_flow none;

	for (size_t i = 0; i < TD_MAX_PORTS; i++)
		__atomic_store_n(&t->ports[i].value, 0, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_seq_cst);
	for (size_t i = 0; i < TD_MAX_SLOTS; i++)
		if (t->flows[i].flags || t->flows[i].call_id)
			td_flow_write(&t->flows[i], &none);
	memset(t->stats, 0, STATS_BYTES);
	memset(t->nexthops, 0, NEXTHOPS_BYTES);
	memset(t->forks, 0, FORKS_BYTES);
}

static int on_ring(void *arg, void *data, size_t size)
{
	struct td_tables *t = arg;

	if (size >= sizeof(struct td_event) && t->on_event)
		t->on_event(t->event_arg, data);
	return 0;
}

/* A negative result stops libbpf's reading behind this frame. */
static int on_frame(void *arg, void *data, size_t size)
{
	struct td_tables *t = arg;

	if (size >= sizeof(struct td_captured) && t->on_captured)
		t->on_captured(t->captured_arg, data);
	return --t->captured_left ? 0 : -EAGAIN;
}

static int open_rings(struct td_tables *t, const struct td_xdp_fds *fds)
{
	t->events = ring_buffer__new(fds->events, on_ring, t, NULL);
	if (!t->events)
		return -errno;
	t->events_fd = ring_buffer__epoll_fd(t->events);
	t->captured = ring_buffer__new(fds->capture, on_frame, t, NULL);
	if (!t->captured)
		return -errno;
	t->captured_fd = ring_buffer__epoll_fd(t->captured);
	return 0;
}

int td_tables_open(struct td_tables *t, const struct td_xdp_fds *fds, bool keep)
{
	int err;

	t->kernel = fds != NULL;
	t->events_fd = t->reasons_fd = t->captured_fd = -1;
	err = map_all(t, fds);
	if (err)
		goto close;
	if (fds) {
		if (!keep)
			clear(t);
		t->reasons_fd = fds->reasons;
		err = open_rings(t, fds);
		if (err)
			goto close;
	}
	return 0;
close:
	td_tables_close(t);
	return err;
}

void td_tables_close(struct td_tables *t)
{
	ring_buffer__free(t->events);
	ring_buffer__free(t->captured);
	unmap(t->ports, PORTS_BYTES);
	unmap(t->flows, FLOWS_BYTES);
	unmap(t->stats, STATS_BYTES);
	unmap(t->nexthops, NEXTHOPS_BYTES);
	unmap(t->dscp, DSCP_BYTES);
	unmap(t->forks, FORKS_BYTES);
	memset(t, 0, sizeof(*t));
}

void td_tables_read_events(struct td_tables *t)
{
	if (t->events)
		ring_buffer__consume(t->events);
}

unsigned int td_tables_read_captured(struct td_tables *t, unsigned int max)
{
	t->captured_left = max;
	if (t->captured && max)
		ring_buffer__consume(t->captured);
	return max - t->captured_left;
}

/* ---- the generation protocol ---- */

static void begin(uint32_t *head, uint32_t *tail, uint32_t gen)
{
	__atomic_store_n(head, gen | 1, __ATOMIC_RELAXED);
	__atomic_store_n(tail, gen | 1, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_seq_cst);
}

static void end(uint32_t *head, uint32_t *tail, uint32_t gen)
{
	atomic_thread_fence(memory_order_seq_cst);
	__atomic_store_n(head, gen, __ATOMIC_RELAXED);
	__atomic_store_n(tail, gen, __ATOMIC_RELAXED);
}

void td_flow_write(struct td_flow *flow, const struct td_flow *neu)
{
	uint32_t gen = flow->gen_head & ~1u;

	begin(&flow->gen_head, &flow->gen_tail, gen);
	memcpy((char *)flow + sizeof(flow->gen_head), (const char *)neu + sizeof(neu->gen_head),
	       offsetof(struct td_flow, gen_tail) - sizeof(flow->gen_head));
	end(&flow->gen_head, &flow->gen_tail, gen + 2);
}

bool td_flow_read(const struct td_flow *flow, struct td_flow *copy)
{
	uint32_t gen = __atomic_load_n(&flow->gen_head, __ATOMIC_ACQUIRE);

	memcpy(copy, flow, sizeof(*copy));
	atomic_thread_fence(memory_order_acquire);
	return !(gen & 1) && __atomic_load_n(&flow->gen_tail, __ATOMIC_RELAXED) == gen;
}

void td_fork_write(struct td_fork *fork, const struct td_fork *neu)
{
	uint32_t gen = fork->gen_head & ~1u;

	begin(&fork->gen_head, &fork->gen_tail, gen);
	memcpy((char *)fork + sizeof(fork->gen_head), (const char *)neu + sizeof(neu->gen_head),
	       offsetof(struct td_fork, packets) - sizeof(fork->gen_head));
	end(&fork->gen_head, &fork->gen_tail, gen + 2);
}

bool td_fork_read(const struct td_fork *fork, struct td_fork *copy)
{
	uint32_t gen = __atomic_load_n(&fork->gen_head, __ATOMIC_ACQUIRE);

	memcpy(copy, fork, sizeof(*copy));
	atomic_thread_fence(memory_order_acquire);
	return !(gen & 1) && __atomic_load_n(&fork->gen_tail, __ATOMIC_RELAXED) == gen;
}

void td_nexthop_write(struct td_nexthop *nh, const struct td_nexthop *neu)
{
	uint32_t gen = nh->gen_head & ~1u;

	begin(&nh->gen_head, &nh->gen_tail, gen);
	memcpy((char *)nh + sizeof(nh->gen_head), (const char *)neu + sizeof(neu->gen_head),
	       offsetof(struct td_nexthop, gen_tail) - sizeof(nh->gen_head));
	end(&nh->gen_head, &nh->gen_tail, gen + 2);
}

void td_ports_point(struct td_tables *t, uint16_t port, uint32_t slot)
{
	uint32_t rtp = slot ? TD_PORT_VALUE(slot, 0u) : 0;
	uint32_t rtcp = slot ? TD_PORT_VALUE(slot, 1u) : 0;

	/* after the flow is whole, and before it is taken away */
	atomic_thread_fence(memory_order_seq_cst);
	__atomic_store_n(&t->ports[port].value, rtp, __ATOMIC_RELAXED);
	__atomic_store_n(&t->ports[port + 1].value, rtcp, __ATOMIC_RELAXED);
	atomic_thread_fence(memory_order_seq_cst);
}

/* ---- counters ---- */

void td_counters_read(const struct td_tables *t, uint64_t out[TD_COUNTERS])
{
	struct td_reason percpu[MAX_CPUS];
	int cpus = libbpf_num_possible_cpus();

	memset(out, 0, TD_COUNTERS * sizeof(out[0]));
	if (t->reasons_fd < 0 || cpus < 0 || cpus > MAX_CPUS)
		return;
	for (uint32_t r = 0; r < TD_COUNTERS; r++) {
		if (bpf_map_lookup_elem(t->reasons_fd, &r, percpu))
			continue;
		for (int i = 0; i < cpus; i++)
			out[r] += percpu[i].packets;
	}
}
