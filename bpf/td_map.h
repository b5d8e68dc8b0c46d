/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Treaty between the packet programs (bpf/) and the media room (userspace/media).
 *
 * Every map value below is written by exactly one side; the comment says which.
 * Changing a layout means raising TD_MAP_ABI: a daemon that finds pins of another
 * ABI makes maps of its own and fills them before the programs are replaced.
 *
 * Addresses are always 16 bytes in network order; IPv4 is ::ffff:a.b.c.d.
 * All tables but td_devs are mmap-able: a flow is set up by plain stores, and the
 * statistics are read by plain loads, without one system call.
 */
#ifndef TD_BPF_MAP_H
#define TD_BPF_MAP_H

#include <linux/types.h>

#define TD_MAP_ABI		4

#define TD_MAX_SLOTS		32768	/* flows; slot 0 is never used and means "none" */
#define TD_SLOT_OF_PORT(port)	((port) >> 1)	/* how userspace chooses: a slot per port pair */
#define TD_MAX_NEXTHOPS		4096	/* next hop 0 means "none: send up the stack" */
#define TD_MAX_DEVS		64	/* interfaces a flow can leave by */
#define TD_COPY_DEVS	16	/* those of them, the first ones, that copies can leave by: each pair
				 * of them costs the kernel a grace period at start */
#define TD_MAX_MEDIA_FORKS	4096	/* fork 0 means "none" */
#define TD_MAX_TAGS		2	/* VLAN tags of a frame: 802.1Q, or 802.1ad and 802.1Q */
#define TD_MAX_PORTS		65536
#define TD_EVENT_RING_BYTES	(256 * 1024)

/* td_rtp_ports: index = local UDP port (host order), value = TD_PORT_VALUE(slot, rtcp).
 * Written by userspace as one aligned 32-bit store. 0: the port carries no flow. */
#define TD_PORT_VALUE(slot, rtcp)	(((slot) << 1) | (rtcp))
#define TD_PORT_SLOT(value)		((value) >> 1)
#define TD_PORT_IS_RTCP(value)		((value) & 1)

/* td_flow.flags */
#define TD_FLOW_ACTIVE		0x0001	/* both ends are known: forward */
#define TD_FLOW_MUTED		0x0002	/* the sender is on hold: count and drop its RTP */
#define TD_FLOW_XDP		0x0004	/* XDP may do it: both interfaces are ours;
					 * without it packets go up the stack to the relay */
#define TD_FLOW_PLAIN		0x0008	/* no RTP (UDPTL): forwarded as it is, only counted */
#define TD_FLOW_MUX		0x0010	/* RTCP comes on the RTP port (RFC 5761) */
#define TD_FLOW_CSUM_FULL	0x0020	/* the sender's UDP checksums are not complete (a veth, a
					 * local socket): compute them anew */
#define TD_FLOW_LEARN		0x0040	/* the peer's port is not known for sure yet: packets of its
					 * host from another port go up, the relay locks the first's */
#define TD_FLOW_TAP_DTMF	0x0080	/* report RFC 4733 events (dtmf_pt) */
#define TD_FLOW_HOLD_DTMF	0x0100	/* ... and do not forward them */
#define TD_FLOW_U2A		0x0200	/* G.711: rewrite u-law payload as A-law; only packets of the
					 * type pt_from[0], which leave as pt_to[0] */
#define TD_FLOW_A2U		0x0400	/* ... and the other way round */
#define TD_FLOW_FORK		0x0800	/* a copy goes to td_forks[fork], made by td_copy */
#define TD_FLOW_CAPTURE		0x1000	/* a copy of the forwarded frame goes to td_capture */
#define TD_FLOW_RTCP_EVENTS	0x2000	/* report RTCP packets (to read the far end's figures) */
#define TD_FLOW_LEARN_RTCP	0x4000	/* as TD_FLOW_LEARN, for the port that RTCP comes from */
#define TD_FLOW_LOCAL		0x8000	/* ends here, at a node of the media thread; new_* are unused,
					 * never with TD_FLOW_XDP */

#define TD_NO_PT		0xff	/* no RTP payload type */

/* td_flow.srtp: numbers of the keys of this slot, and of new_src_port's; 0 = in clear */
#define TD_SRTP_KEYS(opens, seals)	((opens) | (seals) << 4)
#define TD_SRTP_OPENS(srtp)	((srtp) & 15)
#define TD_SRTP_SEALS(srtp)	((srtp) >> 4)

/**
 * struct td_flow - one direction of one media line: RTP and the RTCP beside it.
 * Written by userspace (one writer), read by XDP and by the relay. Before a change the
 * writer makes @gen_head and @gen_tail odd, afterwards it stores the same even number in
 * both. A reader loads the head, then the fields, then the tail: an odd head or another
 * tail means half-written, and XDP sends the packet up the stack, where it still arrives.
 * Two cache lines: the first decides whether a packet may pass, the second where it goes.
 */
struct td_flow {
	__u32	gen_head;
	__u32	flags;
	__u8	local_addr[16];		/* where the sender sends to; all zero = any */
	__u8	peer_addr[16];		/* expected source */
	__be16	peer_port;		/* expected source port of RTP */
	__be16	peer_rtcp_port;
	__be16	local_port;		/* RTP; RTCP is the port above */
	__be16	new_src_port;		/* RTP; RTCP leaves from the port above */
	__be16	new_dst_port;
	__be16	new_dst_rtcp_port;	/* the same as new_dst_port: that side multiplexes, RTCP leaves
					 * from the RTP port, too */
	__u32	nexthop;		/* index into td_nexthops */
	__u32	dscp_class;		/* index into td_dscp, TD_DSCP_EXPLICIT() or TD_DSCP_KEEP */
	__u32	ns_per_tick;		/* RTP clock: 125000 for 8000 Hz */

	__u8	new_src[16];
	__u8	new_dst[16];
	__u32	call_id;
	__u32	leg_id;			/* the leg these packets come from */
	__u32	new_dst_scope;		/* interface of a link-local new_dst; for the relay */
	__u8	pt_from[3];		/* payload types to rename, unused: all TD_NO_PT ... */
	__u8	pt_to[3];		/* ... and what they are called on the other side */
	__u8	dtmf_pt;		/* RFC 4733 events as this sender numbers them, or TD_NO_PT */
	__u8	srtp;			/* of the relay alone: the keys that these packets are opened and
					 * sealed with, by number; never with TD_FLOW_XDP */
	__u32	police;			/* bytes per ms that it may send, IP headers counted
					 * (td_rtp_stat.h), 0 = any; bursts: one second */
	__u32	fork;			/* index into td_forks */
	__u32	gen_tail;
};

/**
 * struct td_fork - where a copy of a flow's packets goes (media forking). Written by
 * userspace, read by the fork's program and by the relay, which both count into it. One flow
 * has at most one fork.
 */
struct td_fork {
	__u32	gen_head;		/* as in struct td_flow */
	__u32	nexthop;
	__u8	new_src[16];
	__u8	new_dst[16];
	__be16	new_src_port;
	__be16	new_dst_port;
	__u32	dscp_class;
	__u64	packets;		/* copies sent; added to, atomically, by who sends, as missed */
	__u32	missed;			/* copies that had no way: its neighbour, its MTU */
	__u32	gen_tail;
};

/**
 * struct td_flow_stats - what was counted for one slot. Written by XDP only (one
 * NIC queue per flow, so plain stores); the slow path keeps the same struct of its
 * own and "show" adds the two. Zeroed by userspace before the slot goes active.
 * How the sequence fields work: td_rtp_stat.h. The first cache line and half of the second
 * are what a packet writes; the third is for rarer things.
 */
struct td_flow_stats {
	__u64	packets;		/* RTP forwarded */
	__u64	bytes;			/* their UDP payload */
	__u64	last_seen_ns;		/* CLOCK_MONOTONIC; RTP or RTCP */
	__u64	arrival_ns;		/* of the packet that last_ts belongs to */
	__u64	window;			/* bit i: max_seq - i was received */
	__u64	stream_packets;		/* different packets of the present stream, 0 = none yet */
	__u32	base_seq;		/* first sequence number of the stream */
	__u32	max_seq;		/* highest, extended by wrap-arounds */
	__u32	ssrc;
	__u32	last_ts;		/* RTP timestamp of the jitter's reference packet */

	__u32	jitter_ns;		/* RFC 3550 A.8, in nanoseconds */
	__u32	largest_gap_ns;		/* between two packets of a stream, without pauses of ours */
	__u32	bad_seq;		/* where a jump would go on, +1 so that 0 means none */
	__u32	lost_before;		/* lost in streams that ended */
	__u32	ssrc_changes;
	__u32	out_of_order;
	__u32	duplicates;
	__u32	dtmf_ts;		/* RTP timestamp of the event reported last */
	__u64	rtp_ns;			/* arrival of the last RTP packet, for largest_gap_ns */
	__u64	police_ns;		/* the bucket's clock: how far ahead of now it may be */
	__u64	policed;		/* dropped above td_flow.police */
	__u32	held_dtmf;		/* events' packets not forwarded (TD_FLOW_HOLD_DTMF) */
	__u32	dtmf_events;		/* reported */

	__u64	rtcp_packets;
	__u64	wrong_source;		/* refused: not from peer_addr:peer_port */
	__u64	wrong_event_ns;		/* when that was last reported */
	__u64	bad_rtp;		/* refused: too short or not version 2 */
	__u64	muted;			/* dropped while TD_FLOW_MUTED */
	__u64	transcoded;
	__u64	police_event_ns;	/* when policing was last reported */
	__u64	rtcp_event_ns;		/* when RTCP was last reported */
};

/* td_nexthops: written by userspace, index 1.. ; one neighbour change is one write. */
#define TD_NH_VALID		0x0001
#define TD_NH_COPIES		0x0002	/* forks are in use: by td_copy_devs and not by td_devs */

struct td_nexthop {
	__u32	gen_head;		/* as in struct td_flow */
	__u32	flags;
	__u32	ifindex;		/* for humans and TC; XDP's redirect uses dev */
	__u32	dev;			/* index into td_devs */
	__u8	dst_mac[6];
	__u8	src_mac[6];
	__u32	mtu;			/* of the way: longer packets go up the stack */
	__be16	tpid[TD_MAX_TAGS];	/* VLAN tags to put on, outer first; 0 = no (more) tag */
	__be16	tci[TD_MAX_TAGS];
	__u32	pad[5];
	__u32	gen_tail;
};

/* td_dscp: index = class, value = struct td_dscp_entry. Written by userspace. */
#define TD_DSCP_MEDIA		0
#define TD_DSCP_SIGNALING	1
#define TD_DSCP_VIDEO		2
#define TD_DSCP_SERVICE		3
#define TD_DSCP_CLASSES		4
#define TD_DSCP_EXPLICIT(d)	(0x100u | (d))	/* instead of a class: this very value ... */
#define TD_DSCP_KEEP		0x200u		/* ... or what the sender chose, whatever it is ... */
#define TD_DSCP_TRUST(class)	(0x400u | (class))	/* ... or that, and the class where it
						 * chose none (dscp_trust) */

struct td_dscp_entry {
	__u32	dscp;			/* 0..63 */
};

/* td_reasons: per-CPU counters of what XDP did with packets to a media port. */
#define TD_REASON_FORWARDED	0
#define TD_REASON_WRONG_SOURCE	1	/* dropped */
#define TD_REASON_BAD_RTP	2	/* dropped */
#define TD_REASON_MUTED		3	/* dropped */
#define TD_REASON_UP_OPTIONS	4	/* the rest go up the stack and still arrive */
#define TD_REASON_UP_FRAGMENT	5
#define TD_REASON_UP_NO_NEXTHOP	6
#define TD_REASON_UP_TTL	7
#define TD_REASON_UP_BUSY	8	/* the slot was being written */
#define TD_REASON_UP_INACTIVE	9
#define TD_REASON_UP_FAMILY	10	/* IPv6 extension headers, or a family that does not fit */
#define TD_REASON_UP_ADDRESS	11	/* sent to another local address */
#define TD_REASON_UP_RELAY	12	/* the flow is not for XDP (no TD_FLOW_XDP) */
#define TD_REASON_UP_LENGTH	13	/* header lengths do not fit the frame */
#define TD_REASON_UP_MTU	14	/* too long for the way after translation */
#define TD_REASON_UP_LEARN	15	/* TD_FLOW_LEARN */
#define TD_REASON_UP_TAGS	16	/* more VLAN tags than we read, or other link headers */
#define TD_REASON_POLICED	17	/* dropped */
#define TD_REASON_HELD_DTMF	18	/* dropped: TD_FLOW_HOLD_DTMF */
#define TD_REASON_UP_FORK	19	/* a copy is wanted that XDP cannot make: the relay does */
#define TD_REASON_UP_CHECKSUM	20	/* a wrong IPv4 header checksum that translation would hide, or
					 * UDP without one on IPv6: the stack drops it */
#define TD_REASON_MAX		21

/* Behind them in the same map: what found no room in a ring. Not packets, those went on. */
#define TD_LOST_EVENTS		(TD_REASON_MAX + 0)	/* td_events was full */
#define TD_LOST_CAPTURED	(TD_REASON_MAX + 1)	/* td_capture was */
#define TD_COUNTERS		(TD_REASON_MAX + 2)

struct td_reason {
	__u64	packets;
};

/* td_events: ring buffer, XDP -> userspace */
#define TD_EVENT_FIRST_PACKET	1
#define TD_EVENT_WRONG_SOURCE	2	/* at most one per slot and second */
#define TD_EVENT_DTMF		3	/* data: the four bytes of RFC 4733 2.3; once per event */
#define TD_EVENT_RTCP		4	/* data: the packet's first bytes; len: its length; at most
					 * ten per slot and second */
#define TD_EVENT_POLICED	5	/* at most one per slot and second */
#define TD_EVENT_LEARNED	6	/* of the relay alone: what TD_FLOW_LEARN asked for (data[0] 0), or
					 * TD_FLOW_LEARN_RTCP (1); addr and port are the peer's */
#define TD_EVENT_KEY_DONE	7	/* of the relay alone: a key has been put into this flow */

#define TD_EVENT_SEALED		8	/* of the relay alone: data is where the sealed stream to this
					 * slot's party is (struct td_srtp_mark) */

#define TD_EVENT_DATA		128	/* enough for SR or RR with one block, and the SDES's head */

struct td_event {
	__u32	type;
	__u32	slot;
	__u32	call_id;
	__u32	leg_id;
	__u8	addr[16];		/* source of the packet */
	__be16	port;
	__u16	len;			/* of the whole payload; data holds the first bytes of it */
	__u32	rtp_ts;			/* TD_EVENT_DTMF */
	__u64	time_ns;
	__u8	data[TD_EVENT_DATA];
};

/* td_capture: ring buffer of forwarded frames, as they leave (XDP -> "tandem capture") */
#define TD_CAPTURE_BYTES	1536
#define TD_CAPTURE_RING_BYTES	(1024 * 1024)

struct td_captured {
	__u64	time_ns;		/* CLOCK_MONOTONIC */
	__u32	call_id;
	__u32	leg_id;
	__u32	len;			/* of the frame on the wire */
	__u32	copied;			/* bytes of it in data */
	__u8	data[TD_CAPTURE_BYTES];
};

/*
 * What td_rtp leaves in front of a finished frame (XDP metadata) that leaves twice, for td_copy,
 * which sees both on their way out: which one is the copy, and where its headers are.
 */
#define TD_COPY_MAGIC		0x54644633
#define TD_COPY_RTCP		0x01	/* the copy's ports are the ones above */
#define TD_COPY_V6		0x02	/* what td_rtp made is IPv6 */
#define TD_COPY_SAME		0x04	/* both leave by one device */

struct td_copy_note {
	__u32	magic;
	__u32	ifindex;		/* where the call's own frame leaves */
	__u32	serial;			/* of this CPU's copied frames */
	__u16	fork;			/* index into td_forks */
	__u8	udp;			/* where the UDP header stands */
	__u8	flags;
};

/* td_copy_pairs: the two ways out of a frame and its copy, as a device map. Two indices of
 * td_devs make the key. Written by the master, as td_devs and td_copy_devs. */
#define TD_COPY_PAIR(dev, copy)	((dev) * TD_COPY_DEVS + (copy))
#define TD_COPY_FIRST		0	/* in it: the copy's device ... */
#define TD_COPY_SECOND		1	/* ... and the call's */

/*
 * td_mark_*: what td_mark (TC egress) marks. Written by userspace. A packet that a socket of
 * this host sends from one of our ports (td_mark_ports; UDP and TCP) comes first, then one of
 * a known media flow (td_mark_flows); everything else passes as it is.
 */

/* Both programs sit in the clsact qdisc under these numbers, early: a filter of somebody else
 * that ends the classification would end it for us, too. */
#define TD_TC_PRIORITY		9
#define TD_TC_HANDLE		0x7464
#define TD_MAX_MARK_FLOWS	65536

/* td_mark_flows: media that only passes through us, one direction; the value is a __u32 as
 * td_flow.dscp_class. Ports in network order; IPv4 as ::ffff:a.b.c.d. */
struct td_mark_key {
	__u8	src[16];
	__u8	dst[16];
	__be16	sport;
	__be16	dport;
};

/* td_mark_ports: index = local port, value = TD_MARK_PORT(class, protocols); 0: no mark */
#define TD_MARK_UDP		0x10000
#define TD_MARK_TCP		0x20000
#define TD_MARK_PORT(class, protocols)	(((class) + 1) | (protocols))
#define TD_MARK_CLASS(value)	(((value) & 0xffff) - 1)

/* td_mark_ifs: ifindex that a packet came in by -> these; without an entry: 0 */
#define TD_MARK_TRUST		0x0001	/* what comes in marked keeps its mark */
#define TD_MAX_MARK_IFS		256

/* td_abi: one element, TD_MAP_ABI of the daemon that made the maps. */
struct td_abi {
	__u32	abi;
	__u32	pad;
};

_Static_assert(sizeof(struct td_flow) == 128, "td_flow is two cache lines");
_Static_assert(sizeof(struct td_flow_stats) == 192, "td_flow_stats is three cache lines");
_Static_assert(sizeof(struct td_nexthop) == 64, "td_nexthop is one cache line");
_Static_assert(sizeof(struct td_fork) == 64, "td_fork is shared with bpf");
_Static_assert(sizeof(struct td_dscp_entry) == 4, "td_dscp_entry is shared with bpf");
_Static_assert(sizeof(struct td_reason) == 8, "td_reason is shared with bpf");
_Static_assert(sizeof(struct td_event) == 176, "td_event is shared with bpf");
_Static_assert(sizeof(struct td_copy_note) == 16, "td_copy_note is shared with bpf");
_Static_assert(sizeof(struct td_mark_key) == 36, "td_mark_key has no padding");

#endif
