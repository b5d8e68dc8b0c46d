/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables of td_map.h as maps. All but the device map and the rings are arrays, so a
 * look-up is an addition and a bound check; those that userspace writes can be mmapped.
 * Every program has the one that stands first; TD_MAPS_RTP and _MARK ask for those of td_rtp (and
 * td_copy) and of td_mark, too.
 */
#ifndef TD_BPF_MAPS_BPF_H
#define TD_BPF_MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf/td_map.h"

#define TD_TABLE(name, type_of_value, entries)			\
	struct {						\
		__uint(type, BPF_MAP_TYPE_ARRAY);		\
		__uint(max_entries, entries);			\
		__uint(map_flags, BPF_F_MMAPABLE);		\
		__type(key, __u32);				\
		__type(value, type_of_value);			\
	} name SEC(".maps")

TD_TABLE(td_dscp, struct td_dscp_entry, TD_DSCP_CLASSES);

#ifdef TD_MAPS_RTP
TD_TABLE(td_abi, struct td_abi, 1);
TD_TABLE(td_rtp_ports, __u32, TD_MAX_PORTS);
TD_TABLE(td_rtp_flows, struct td_flow, TD_MAX_SLOTS);
TD_TABLE(td_rtp_stats, struct td_flow_stats, TD_MAX_SLOTS);
TD_TABLE(td_nexthops, struct td_nexthop, TD_MAX_NEXTHOPS);
TD_TABLE(td_forks, struct td_fork, TD_MAX_MEDIA_FORKS);

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, TD_MAX_DEVS);
	__type(key, __u32);
	__type(value, __u32);
} td_devs SEC(".maps");

/* The same with td_copy on each, and pairs of them for frames that leave twice. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, TD_MAX_DEVS);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} td_copy_devs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, TD_COPY_DEVS * TD_COPY_DEVS);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_DEVMAP);
		__uint(max_entries, 2);
		__type(key, __u32);
		__type(value, struct bpf_devmap_val);
	});
} td_copy_pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TD_COUNTERS);
	__type(key, __u32);
	__type(value, struct td_reason);
} td_reasons SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TD_EVENT_RING_BYTES);
} td_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, TD_CAPTURE_RING_BYTES);
} td_capture SEC(".maps");
#endif

#ifdef TD_MAPS_MARK
TD_TABLE(td_mark_ports, __u32, TD_MAX_PORTS);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TD_MAX_MARK_FLOWS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct td_mark_key);
	__type(value, __u32);
} td_mark_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TD_MAX_MARK_IFS);
	__type(key, __u32);
	__type(value, __u32);
} td_mark_ifs SEC(".maps");
#endif

#endif
