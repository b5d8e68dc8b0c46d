/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the relay: media_relay.c opens sockets and moves batches of packets,
 * relay_rules.c says which may pass, relay_payload.c changes what is in them, relay_keys.c puts
 * keys in their place, relay_srtp.c opens and seals, relay_capture.c copies them for people, relay_fork.c for recorders,
 * relay_thread.c owns the thread, its epoll
 * and its commands.
 */
#ifndef TD_MEDIA_RELAY_PRIV_H
#define TD_MEDIA_RELAY_PRIV_H

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "userspace/base/addr.h"
#include "userspace/base/ring.h"
#include "userspace/media/relay.h"

#define RELAY_BATCH	32
#define RELAY_PACKET	2048		/* RTP fits an Ethernet frame */
#define RELAY_SEAL_ROOM		160	/* behind a packet: what SRTP and SRTCP put on */
#define RELAY_CONTROL	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)))
#define RELAY_RX_CONTROL	(CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(int)))

/** Everything one batch needs, made once. */
struct relay_batch {
	struct mmsghdr rx[RELAY_BATCH], tx[RELAY_BATCH];
	struct iovec rx_iov[RELAY_BATCH], tx_iov[RELAY_BATCH];
	_Alignas(struct cmsghdr) uint8_t rx_control[RELAY_BATCH][RELAY_RX_CONTROL];
	uint8_t tx_tos[RELAY_BATCH];	/* as it came */
	struct sockaddr_storage from[RELAY_BATCH];
	struct sockaddr_storage to;	/* one flow, one destination */
	_Alignas(struct cmsghdr) uint8_t control[RELAY_CONTROL];
	_Alignas(uint64_t) uint8_t data[RELAY_BATCH][RELAY_PACKET + RELAY_SEAL_ROOM];
	_Alignas(uint64_t) uint8_t own[RELAY_PACKET + RELAY_SEAL_ROOM];	/* of a node, to be sealed */
};

/** One packet in hand. */
struct relay_packet {
	uint8_t *data;
	uint32_t len;
	uint32_t slot;
	bool rtcp;			/* by the port that it came to */
	uint8_t tos;			/* or traffic class */
	struct td_addr from;
	uint64_t now_ns;
};

enum relay_kind { RELAY_DROP, RELAY_RTP, RELAY_RTCP, RELAY_PLAIN };

/** Ports of a party behind a NAT, as long as signalling has not written them into the flow. */
struct relay_learned {
	uint32_t gen;			/* of the flow that these belong to */
	__be16 port[2];			/* where RTP and RTCP came from, 0 = not yet */
};

/** Keys on their way into a flow, oldest first. */
struct relay_typing {
	uint32_t call_id;		/* they are not for a later call in this slot */
	uint8_t n;
	uint8_t ends;			/* packets with the end bit so far, 0 = the key is down */
	uint8_t pause;			/* packets to leave alone before the next key */
	bool down;			/* the first one has begun */
	uint32_t start_ts, last_ts;	/* of the packets that it replaced */
	uint32_t step;
	uint16_t duration;
	struct td_relay_key key[TD_RELAY_KEYS];
};

struct td_relay {
	struct td_tables *tables;
	struct relay_typing *typing;	/* [TD_MAX_SLOTS] */
	struct td_flow_stats *stats;	/* [TD_MAX_SLOTS] */
	struct relay_learned *learned;	/* [TD_MAX_SLOTS] */
	struct relay_seal **seals;	/* [TD_MAX_SLOTS] */
	_Atomic int *fds;		/* [TD_MAX_PORTS]: descriptor + 1, 0 = closed */
	_Atomic uint32_t *overruns;	/* [TD_MAX_PORTS]: the kernel's count of a socket, as last seen */
	_Atomic uint32_t n_sockets;
	struct td_relay_counts counts;
	int family;			/* AF_INET6 dual-stack, or AF_INET without IPv6 */
	int epoll_fd;
	struct td_audio *audio;		/* NULL until there is one */
	struct td_ring commands;
	struct td_ring events;		/* struct td_event, to signalling */
	struct td_ring captured;	/* struct td_captured, the same; made when first asked for */
	struct td_captured copy;	/* the thread's: on its way into that ring */
	_Atomic bool captures;		/* that ring is there */
	pthread_t thread;
	bool running;
	_Atomic bool realtime;
	struct relay_batch batch;
};

enum relay_command_type { RELAY_CLOSE_FD, RELAY_KEY, RELAY_SEAL, RELAY_STOP };

struct relay_seal;

struct relay_command {
	uint32_t type;			/* enum relay_command_type */
	int32_t fd;
	struct td_relay_key key;
	uint32_t slot;
	struct relay_seal *seal;	/* NULL: the slot has none any more */
};

/** The relay's thread alone writes: no need for a locked instruction. */
static inline void td_relay_count(_Atomic uint64_t *c)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static inline uint32_t td_relay_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/** A socket on a port, watched by the thread. */
int td_relay_watch(struct td_relay *r, int fd, uint16_t port);
/** Read what waits on a port (at most a few batches) and forward it. The thread's. */
void td_relay_move(struct td_relay *r, int fd, uint16_t port);
void td_relay_prepare(struct relay_batch *b);

/** What a packet by these new_* fields leaves from, and marked how: came is its TOS until now. */
uint16_t td_relay_src_port(const struct td_flow *way, bool rtcp);
uint8_t td_relay_tos(const struct td_relay *r, const struct td_flow *way, uint8_t came);

/* relay_capture.c */
/** When the flow is captured: it leaves now. */
void td_relay_copy_sent(struct td_relay *r, const struct td_flow *way, bool rtcp, uint8_t tos,
			const uint8_t *data, uint32_t len, uint64_t now_ns);
/** ... it has come to a node here. */
void td_relay_copy_taken(struct td_relay *r, const struct td_flow *f,
			 const struct relay_packet *in);
/* relay_fork.c */
/** The way of a flow's copies; false: it has none now. */
bool td_relay_fork_way(struct td_relay *r, const struct td_flow *f, struct td_flow *way);
void td_relay_fork_count(struct td_relay *r, const struct td_flow *f, unsigned int sent,
			 unsigned int missed);
/* relay_srtp.c */
int td_relay_srtp_start(void);
void td_relay_srtp_stop(struct td_relay *r);
void td_relay_take_seal(struct td_relay *r, uint32_t slot, struct relay_seal *s);
/** Make a packet of the flow what its sender meant. False: it is not authentic. */
bool td_relay_open(struct td_relay *r, const struct td_flow *f, struct relay_packet *p, bool rtcp);
/** Seal what is in tx_iov, if the way wants it; returns how many are left. */
unsigned int td_relay_seal_batch(struct td_relay *r, const struct td_flow *way, bool rtcp,
				 unsigned int n);
/* relay_rules.c */
/** May it pass, and as what? Counts and tells; what passes is ready to leave. The flow is
 * active, the statistics are those of its slot. */
enum relay_kind td_relay_admit(struct td_relay *r, const struct td_flow *f,
			       struct relay_packet *p);
/** False: the ring to signalling is full. */
bool td_relay_tell(struct td_relay *r, const struct td_event *ev);
/* relay_keys.c */
void td_relay_take_key(struct td_relay *r, const struct td_relay_key *key);
/** Make a key's next packet of this RTP packet, when one is waiting. */
void td_relay_type(struct td_relay *r, const struct td_flow *f, struct relay_packet *p);
/* relay_payload.c; the packet is RTP: at least its header is there */
/** Where the payload begins and how long it is without padding. False: header and length do
 * not fit. */
bool td_relay_rtp_body(const uint8_t *p, uint32_t len, uint32_t *at, uint32_t *n);
/** Is that the payload type whose samples change their law? */
bool td_relay_wants_law(const struct td_flow *f, uint8_t pt);
void td_relay_rewrite(const struct td_flow *f, struct td_flow_stats *s, uint8_t *p, uint32_t len);

#endif
