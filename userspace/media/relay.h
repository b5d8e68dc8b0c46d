/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slow path: forwards every flow that XDP does not, by sockets, in a thread of its
 * own. Reads the same flow table as XDP and obeys the same rules; IPv4 and IPv6 mixed.
 */
#ifndef TD_MEDIA_RELAY_H
#define TD_MEDIA_RELAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/ring.h"
#include "userspace/core/srtp.h"
#include "userspace/media/tables.h"

struct td_audio;
struct td_relay;

/** Written by the relay's thread, read by signalling. */
struct td_relay_counts {
	_Atomic uint64_t forwarded;
	_Atomic uint64_t local;		/* ended at a node of the media thread */
	_Atomic uint64_t no_flow;	/* to a port of no flow, or of one not yet complete */
	_Atomic uint64_t wrong_source, bad_rtp, muted, policed, held_dtmf;
	_Atomic uint64_t bad_srtp;	/* not authentic, heard before, or keys on their way */
	_Atomic uint64_t not_sealed;	/* had to be and could not; dropped */
	_Atomic uint64_t overrun;	/* dropped by the kernel: the thread did not keep up */
	_Atomic uint64_t too_long;	/* longer than any RTP packet: dropped */
	_Atomic uint64_t busy;		/* dropped: the slot was being written for long */
	_Atomic uint64_t send_errors;
	_Atomic uint64_t events_lost;	/* signalling did not keep up */
	_Atomic uint64_t captured_lost;	/* the same; the copy is missing, not the packet */
};

/** Starts the thread. -EMFILE, -ENOMEM. */
int td_relay_new(struct td_relay **out, struct td_tables *tables);
void td_relay_free(struct td_relay *r);
/** Let the thread run these nodes, too, and give them what ends here. Once. The relay must go
 * first. Negative errno. */
int td_relay_run_audio(struct td_relay *r, struct td_audio *a);
/** Relay's thread: a packet of our own, by the new_* fields and dscp_class of a flow. */
void td_relay_send(struct td_relay *r, const struct td_flow *way, bool rtcp, uint8_t *data,
		   unsigned int len);
/** Make sure that the sockets of a port pair are open. -EADDRINUSE: another program has one of
 * them, *busy says which. -EMFILE. Signalling's thread. */
int td_relay_open_pair(struct td_relay *r, uint16_t port, uint16_t *busy);
/** The pair has left the configured range: give its sockets back to the system. */
void td_relay_close_pair(struct td_relay *r, uint16_t port);
/** A key to be put into a flow's packets (RFC 4733). */
struct td_relay_key {
	uint32_t slot, call_id;
	uint32_t ticks;			/* how long, in the flow's RTP clock */
	uint32_t step;			/* a packet's length until one is seen */
	uint8_t event;			/* RFC 4733 3.2 */
	uint8_t pt;			/* as the receiver numbers such events */
};

#define TD_RELAY_KEYS 16		/* that may wait for one flow; more are lost */

/** In the place of the next packets of the flow, which must run by the relay until it says
 * TD_EVENT_KEY_DONE. -EBUSY: the relay does not keep up. */
int td_relay_press(struct td_relay *r, const struct td_relay_key *key);
/** SRTP of the party of a slot; tag 0: in clear. */
struct td_relay_keys {
	struct td_srtp_key in, out;	/* what it sends is opened, what it gets is sealed with */
	struct td_srtp_mark was;	/* of an earlier process with the same out */
};

/** From now on the slot's keys are these, by the name id (1..15) that flows give them; id 0: it has
 * none. -ENOMEM, -EINVAL: they stay as they were. */
int td_relay_seal(struct td_relay *r, uint32_t slot, uint8_t id, const struct td_relay_keys *keys);
/** The relay's own statistics, by slot. Clearing one is for a slot that is not active. */
struct td_flow_stats *td_relay_stats(struct td_relay *r, uint32_t slot);
const struct td_relay_counts *td_relay_counts(const struct td_relay *r);
/** What the relay tells: struct td_event, as in XDP's ring. Signalling reads. */
struct td_ring *td_relay_events(struct td_relay *r);
/** From now on copy packets of flows with TD_FLOW_CAPTURE: *out gives struct td_captured with an IP
 * packet each. -ENOMEM, -EMFILE. */
int td_relay_capture(struct td_relay *r, struct td_ring **out);
uint32_t td_relay_sockets(const struct td_relay *r);
bool td_relay_is_realtime(const struct td_relay *r);

#endif
