/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Insides of the relay: media_relay.c opens sockets and moves batches of packets,
 * relay_thread.c owns the thread, its epoll and its commands.
 */
#ifndef TD_MEDIA_RELAY_PRIV_H
#define TD_MEDIA_RELAY_PRIV_H

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "userspace/base/ring.h"
#include "userspace/media/relay.h"

#define RELAY_BATCH	32
#define RELAY_PACKET	2048		/* RTP fits an Ethernet frame */
#define RELAY_CONTROL	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)))

/** Everything one batch needs, made once. */
struct relay_batch {
	struct mmsghdr rx[RELAY_BATCH], tx[RELAY_BATCH];
	struct iovec rx_iov[RELAY_BATCH], tx_iov[RELAY_BATCH];
	struct sockaddr_storage from[RELAY_BATCH];
	struct sockaddr_storage to;	/* one flow, one destination */
	_Alignas(struct cmsghdr) uint8_t control[RELAY_CONTROL];
	uint8_t data[RELAY_BATCH][RELAY_PACKET];
};

struct td_relay {
	struct td_tables *tables;
	struct td_flow_stats *stats;	/* [TD_MAX_SLOTS] */
	_Atomic int *fds;		/* [TD_MAX_PORTS]: descriptor + 1, 0 = closed */
	_Atomic uint32_t n_sockets;
	struct td_relay_counts counts;
	int family;			/* AF_INET6 dual-stack, or AF_INET without IPv6 */
	int epoll_fd;
	struct td_ring commands;
	pthread_t thread;
	bool running;
	_Atomic bool realtime;
	struct relay_batch batch;
};

enum relay_command_type { RELAY_CLOSE_FD, RELAY_STOP };

struct relay_command {
	uint32_t type;			/* enum relay_command_type */
	int32_t fd;
};

/** A socket on a port, watched by the thread. */
int td_relay_watch(struct td_relay *r, int fd, uint16_t port);
/** Read what waits on a port (at most a few batches) and forward it. The thread's. */
void td_relay_move(struct td_relay *r, int fd, uint16_t port);
void td_relay_prepare(struct relay_batch *b);

#endif
