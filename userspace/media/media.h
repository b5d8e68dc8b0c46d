/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The room's face: the media plane. It implements core/media_port.h; a session's two
 * flows are served by the relay thread (complete, in user space) and, as soon as both
 * ends are known and an egress with a known neighbour is there, by XDP.
 *
 * Two processes use this room: the privileged master loads and pins the programs
 * (td_xdp_*), the worker only writes map memory (td_media_*).
 */
#ifndef TD_MEDIA_MEDIA_H
#define TD_MEDIA_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bpf/td_map.h"
#include "config/model.h"
#include "netlink/nl.h"
#include "userspace/base/json.h"
#include "userspace/base/loop.h"
#include "userspace/core/media_port.h"

/* ---- the master's half: programs, pins, links (xdp_loader.c) ---- */

struct td_xdp;

/** Map descriptors that the worker inherits; -1 = not there. Integers only: handed over as a
 * list of numbers. */
struct td_xdp_fds {
	int ports, flows, stats, nexthops, devs, dscp, reasons, events, capture, forks;
	int mark_ports, mark_flows, mark_ifs;	/* td_mark's; -1: no marks by TC */
};
#define TD_XDP_N_FDS (sizeof(struct td_xdp_fds) / sizeof(int))

/** Load the programs, or adopt pinned maps of the same ABI, and pin maps/, progs/ and the
 * iterators (flows, nexthops, dscp) below pin_dir. why says in words what failed (missing
 * capability, no bpffs ...) and the remedy. */
int td_xdp_load(struct td_xdp **out, const char *pin_dir, struct td_xdp_fds *fds,
		char *why, size_t why_len);

struct td_xdp_port {
	char ifname[16];
	int ifindex;
	uint32_t dev;			/* index in td_devs */
	enum cfg_xdp mode;		/* what runs now: NATIVE, GENERIC or OFF */
	bool shared;			/* with programs of others, by libxdp's dispatcher */
	bool marks;			/* td_mark runs on what leaves here */
	bool forks;			/* XDP can copy (TD_FLOW_FORK) what comes in here */
	/* the worker knows from the configuration: */
	bool full_checksum;		/* UDP checksums of what comes in may be unfinished */
	bool trust_dscp;		/* what comes in marked keeps its mark */
};

/**
 * Attach: XDP by a pinned bpf_link below links/ (AUTO tries native, then generic with a
 * warning; OFF takes it off), or in the dispatcher where libxdp has put others'; td_mark at TC egress
 * in every mode. What TC refuses is a warning and stands in out; only XDP can fail this call.
 */
int td_xdp_attach(struct td_xdp *x, const char *ifname, enum cfg_xdp mode,
		  struct td_xdp_port *out, char *why, size_t why_len);
/** The worker has written its flows: programs that still work on the maps of an earlier daemon, of
 * another TD_MAP_ABI, give place to ours now. Otherwise nothing happens. */
void td_xdp_switch(struct td_xdp *x);
/** All programs off the interface. -ENOENT: it had none. */
int td_xdp_detach(struct td_xdp *x, const char *ifname);
/** clean: detach everything and remove the pins; else leave all running for the next start. */
void td_xdp_unload(struct td_xdp *x, bool clean);
/**
 * For "tandem detach --all": take an instance's programs off all interfaces of this network
 * namespace, without a daemon: XDP links, TC filters (and the clsact qdisc where we made it),
 * and every pin below pin_dir. Nothing of anybody else is touched. Returns how many programs
 * were taken off, or a negative errno (and why); nothing there is 0.
 */
int td_xdp_detach_all(const char *pin_dir, char *why, size_t why_len);

/* ---- the worker's half ---- */

struct td_media;

struct td_media_args {
	struct td_loop *loop;		/* signalling's loop */
	struct td_nl *nl;		/* events reach the plane through td_media_on_* below */
	const struct td_config *config;
	const struct td_xdp_fds *fds;	/* NULL: relay only */
	size_t max_sessions;		/* 0 = what the port range gives */
	bool adopt;			/* leave what the tables hold: the port's adopt() and adopted()
					 * will be called */
};

/** Starts the relay thread. -EMFILE tells that the descriptor limit is too low for the range. */
int td_media_new(struct td_media **out, const struct td_media_args *args);
void td_media_free(struct td_media *m);
struct td_media_port td_media_port(struct td_media *m);
/** New DSCP values, port range (for new calls), whether there are recorders. */
void td_media_configure(struct td_media *m, const struct td_config *config);
/** The master attached (mode NATIVE or GENERIC) or detached (OFF) XDP on an interface. */
void td_media_set_port(struct td_media *m, const struct td_xdp_port *port);

/** Mark what sockets of this host send from a local port: protocols is TD_MARK_UDP, TD_MARK_TCP
 * or both, 0 = no more. For services whose sockets are not ours to mark. */
void td_media_mark_port(struct td_media *m, uint16_t port, uint32_t class, uint32_t protocols);
/** Mark media that this router only routes, one direction; dscp_class as in struct td_flow.
 * -EOPNOTSUPP: td_mark is not there. */
int td_media_mark_flow(struct td_media *m, const struct td_addr *src, const struct td_addr *dst,
		       uint32_t dscp_class);
void td_media_unmark_flow(struct td_media *m, const struct td_addr *src,
			  const struct td_addr *dst);

/* netlink events, handed over by app */
void td_media_on_link(struct td_media *m, const struct td_nl_link *link, bool gone);
void td_media_on_neigh(struct td_media *m, int ifindex, const struct td_addr *host,
		       const uint8_t mac[6], bool usable);
/** A bridge sees a station at this port now, 0 = nowhere. */
void td_media_on_station(struct td_media *m, const uint8_t mac[6], int port);
void td_media_on_route(struct td_media *m);

/* ---- copies of packets ---- */

/** A packet as it left, or as it came to a node here; valid during the call. */
struct td_media_frame {
	uint32_t call_id, leg_id;
	uint64_t time_ns;		/* Unix time */
	bool is_ip;			/* an IP packet, of the relay; else an Ethernet frame, of XDP */
	uint32_t len;			/* as it was ... */
	uint32_t copied;		/* ... and how much of it is in data */
	const uint8_t *data;
};

struct td_media_capture_ops {
	/** Shall this call's packets be copied? Asked whenever its flows are written. */
	bool (*wants)(void *arg, uint32_t call_id);
	/** Must not end a call. */
	void (*frame)(void *arg, const struct td_media_frame *f);
};

/** One listener; again when what it wants has changed, NULL ends it. Packets are never held up:
 * copies that nobody takes in time are left out, and counted. -errno: what the relay sends
 * cannot be copied. */
int td_media_capture(struct td_media *m, const struct td_media_capture_ops *ops, void *arg);
/** Copies left out since the daemon's start. */
uint64_t td_media_capture_lost(const struct td_media *m);

void td_media_show_flows(struct td_media *m, struct td_json *j, const char *key);
void td_media_show_stats(struct td_media *m, struct td_json *j, const char *key);
void td_media_show_interfaces(struct td_media *m, struct td_json *j, const char *key);
void td_media_show_dscp(struct td_media *m, struct td_json *j, const char *key);
/** "debug media": flow changes and first packets as text lines; NULL switches it off. */
void td_media_debug(struct td_media *m, void (*fn)(void *arg, const char *line), void *arg);

#endif
