// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets' way through the slow path: from the socket of our port, past the same rules as in
 * XDP (relay_rules.c), out by the socket of the other side's port, from the address that was
 * announced to that party and with its DSCP. In batches: one read, one write and one clock for
 * up to 32 packets of a port, all buffers made at start.
 *
 * A socket is IPv6 and IPv4 at once, so a call may join both. The thread around this is
 * relay_thread.c; td_rtp.bpf.c is the fast twin.
 */
#include "userspace/media/relay_priv.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "userspace/base/clock.h"
#include "userspace/media/audio/audio.h"

#define BATCHES_PER_TURN 4	/* then other ports have their turn */

/* ---- sockets ---- */

static int bind_any(int fd, int family, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (family == AF_INET)
		return bind(fd, (struct sockaddr *)&v4, sizeof(v4)) ? -errno : 0;
	return bind(fd, (struct sockaddr *)&v6, sizeof(v6)) ? -errno : 0;
}

static int open_port(struct td_relay *r, uint16_t port)
{
	int off = 0, on = 1, err;
	int fd = socket(r->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (r->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
	if (r->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on));
	atomic_store(&r->overruns[port], 0);
	err = bind_any(fd, r->family, port);
	if (!err)
		err = td_relay_watch(r, fd, port);
	if (err) {
		close(fd);
		return err;
	}
	atomic_store(&r->fds[port], fd + 1);
	atomic_fetch_add(&r->n_sockets, 1);
	return 0;
}

int td_relay_open_pair(struct td_relay *r, uint16_t port, uint16_t *busy)
{
	for (uint16_t p = port; p <= port + 1; p++) {
		int err = atomic_load(&r->fds[p]) ? 0 : open_port(r, p);

		*busy = p;
		if (err)
			return err;
	}
	return 0;
}

/* ---- the outgoing half of a batch ---- */

static struct td_addr addr_of(const uint8_t ip[16], __be16 port, uint32_t scope)
{
	struct td_addr a = { .port = ntohs(port), .scope = scope };

	memcpy(a.ip, ip, sizeof(a.ip));
	return a;
}

static struct cmsghdr *put_cmsg(struct msghdr *h, struct cmsghdr *c, int level, int type,
				const void *data, size_t len)
{
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	h->msg_controllen += CMSG_SPACE(len);
	return (struct cmsghdr *)((char *)c + CMSG_SPACE(len));
}

/* The twin of td_new_tos(). */
uint8_t td_relay_tos(const struct td_relay *r, const struct td_flow *way, uint8_t came)
{
	uint32_t class = way->dscp_class & ~TD_DSCP_TRUST(0);

	if ((way->dscp_class & TD_DSCP_TRUST(0)) && came >> 2)
		return came;
	if (class < TD_DSCP_CLASSES)
		return (uint8_t)(r->tables->dscp[class].entry.dscp << 2 | (came & 3));
	return class & TD_DSCP_EXPLICIT(0) ? (uint8_t)(class << 2 | (came & 3)) : came;
}

/* A receiver that multiplexes wants RTCP from our RTP port (RFC 5761). */
uint16_t td_relay_src_port(const struct td_flow *way, bool rtcp)
{
	bool beside = rtcp && way->new_dst_rtcp_port != way->new_dst_port;

	return (uint16_t)(ntohs(way->new_src_port) + beside);
}

/* Source address and DSCP. To an IPv4 party a dual-stack socket takes IP_TOS, and the
 * source as mapped address in IPV6_PKTINFO. */
static void put_control(const struct td_relay *r, const struct td_flow *f, uint8_t came,
			struct msghdr *h, uint8_t *control)
{
	struct td_addr src = addr_of(f->new_src, 0, 0), dst = addr_of(f->new_dst, 0, 0);
	struct in6_pktinfo info6 = { .ipi6_ifindex = f->new_dst_scope };
	struct in_pktinfo info4 = { 0 };
	int tos = td_relay_tos(r, f, came);
	struct cmsghdr *c = (struct cmsghdr *)control;
	bool v4 = td_addr_is_v4(&dst);

	h->msg_control = control;
	h->msg_controllen = 0;
	memset(control, 0, RELAY_CONTROL);
	if (r->family == AF_INET) {
		memcpy(&info4.ipi_spec_dst, src.ip + 12, 4);
		c = put_cmsg(h, c, IPPROTO_IP, IP_PKTINFO, &info4, sizeof(info4));
	} else if (td_addr_is_v4(&src) == v4) {
		memcpy(&info6.ipi6_addr, src.ip, sizeof(src.ip));
		c = put_cmsg(h, c, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof(info6));
	}
	put_cmsg(h, c, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos,
		 sizeof(tos));
}

/* Packets from..to-1, which came with one and the same mark. Returns how many were sent; one that
 * is refused is lost, the next may pass. */
static unsigned int send_run(struct td_relay *r, const struct td_flow *f, bool rtcp,
			     unsigned int from, unsigned int end)
{
	struct relay_batch *b = &r->batch;
	uint16_t out_port = td_relay_src_port(f, rtcp);
	struct td_addr to = addr_of(f->new_dst, rtcp ? f->new_dst_rtcp_port : f->new_dst_port,
				    f->new_dst_scope);
	socklen_t to_len = td_addr_to_sockaddr(&to, &b->to, r->family == AF_INET6);
	int fd = atomic_load_explicit(&r->fds[out_port], memory_order_acquire) - 1;
	struct msghdr first = { .msg_name = &b->to, .msg_namelen = to_len };
	unsigned int done = from, refused = 0;

	put_control(r, f, b->tx_tos[from], &first, b->control);
	for (unsigned int i = from; i < end; i++) {
		first.msg_iov = &b->tx_iov[i];
		first.msg_iovlen = 1;
		b->tx[i].msg_hdr = first;
	}
	while (done < end) {
		int sent = fd < 0 ? -1 : sendmmsg(fd, b->tx + done, end - done, MSG_DONTWAIT);

		if (sent > 0) {
			done += (unsigned int)sent;
			continue;
		}
		refused++;
		done++;
	}
	return end - from - refused;
}

static unsigned int send_by(struct td_relay *r, const struct td_flow *f, bool rtcp, unsigned int n)
{
	const uint8_t *tos = r->batch.tx_tos;
	unsigned int sent = 0;

	for (unsigned int from = 0, end = 0; from < n; from = end) {
		while (end < n && tos[end] == tos[from])
			end++;
		sent += send_run(r, f, rtcp, from, end);
	}
	return sent;
}

static void send_copies(struct td_relay *r, const struct td_flow *f, bool rtcp, unsigned int n)
{
	struct td_flow way;
	unsigned int sent;

	if (!td_relay_fork_way(r, f, &way))
		return;
	sent = send_by(r, &way, rtcp, n);
	td_relay_fork_count(r, f, sent, n - sent);
}

/* To the party, and a copy where the flow is forked to: that one first, it is not sealed. */
static void send_batch(struct td_relay *r, const struct td_flow *f, bool rtcp, unsigned int n)
{
	unsigned int sent;

	send_copies(r, f, rtcp, n);
	n = td_relay_seal_batch(r, f, rtcp, n);
	for (sent = send_by(r, f, rtcp, n); sent < n; sent++)
		td_relay_count(&r->counts.send_errors);
}

void td_relay_send(struct td_relay *r, const struct td_flow *way, bool rtcp, uint8_t *data,
		   unsigned int len)
{
	if (way->flags & TD_FLOW_CAPTURE)
		td_relay_copy_sent(r, way, rtcp, 0, data, len, td_clock_ns(CLOCK_MONOTONIC));
	if (way->srtp && len <= RELAY_PACKET)
		data = memcpy(r->batch.own, data, len);
	r->batch.tx_iov[0] = (struct iovec){ .iov_base = data, .iov_len = len };
	r->batch.tx_tos[0] = 0;
	send_batch(r, way, rtcp, 1);
}

/* ---- the incoming half ---- */

static bool read_flow(struct td_relay *r, uint32_t slot, struct td_flow *f)
{
	struct timespec pause = { .tv_nsec = 50000 };

	for (int turn = 0; turn < 20; turn++) {
		for (int i = 0; i < 200; i++)
			if (td_flow_read(&r->tables->flows[slot], f))
				return true;
		/* the writer has been interrupted; at real-time priority it needs us to sleep */
		nanosleep(&pause, NULL);
	}
	return false;
}

/* From an IPv4 host it is IP_TOS on a dual-stack socket, too: a byte; from IPv6 a number. */
static uint8_t tos_of(struct msghdr *h)
{
	int class;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return *CMSG_DATA(c);
		if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_TCLASS)
			continue;
		memcpy(&class, CMSG_DATA(c), sizeof(class));
		return (uint8_t)class;
	}
	return 0;
}

/* False: too long to be had in whole, or from nowhere. */
static bool take(struct td_relay *r, unsigned int i, struct relay_packet *p)
{
	const struct mmsghdr *m = &r->batch.rx[i];

	if (m->msg_hdr.msg_flags & MSG_TRUNC) {
		td_relay_count(&r->counts.too_long);
		return false;
	}
	p->data = r->batch.data[i];
	p->len = m->msg_len;
	p->tos = tos_of(&r->batch.rx[i].msg_hdr);
	return !td_addr_from_sockaddr(&p->from, (const struct sockaddr *)&r->batch.from[i]);
}

/* What the kernel has thrown away because a socket's queue was full; it tells so beside the next
 * packet that was not (SO_RXQ_OVFL), for ever counting up. */
static void count_overruns(struct td_relay *r, uint16_t port, unsigned int n)
{
	struct msghdr *h = &r->batch.rx[n - 1].msg_hdr;
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	uint32_t now_lost, before = atomic_load_explicit(&r->overruns[port], memory_order_relaxed);

	while (c && (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL))
		c = CMSG_NXTHDR(h, c);
	if (!c)
		return;
	memcpy(&now_lost, CMSG_DATA(c), sizeof(now_lost));
	if (now_lost == before)
		return;
	atomic_fetch_add_explicit(&r->counts.overrun, now_lost - before, memory_order_relaxed);
	atomic_store_explicit(&r->overruns[port], now_lost, memory_order_relaxed);
}

/* It was meant for a node of this thread; RTCP was for the rules alone. */
static void hand_over(struct td_relay *r, const struct td_flow *f, const struct relay_packet *p,
		      enum relay_kind kind)
{
	if (kind == RELAY_RTP)
		td_audio_receive(r->audio, p->slot, p->data, p->len, p->now_ns);
	r->batch.tx_iov[0] = (struct iovec){ .iov_base = p->data, .iov_len = p->len };
	r->batch.tx_tos[0] = p->tos;
	send_copies(r, f, kind == RELAY_RTCP, 1);
	td_relay_copy_taken(r, f, p);
	td_relay_count(&r->counts.local);
}

static void forward(struct td_relay *r, uint16_t port, unsigned int n)
{
	struct relay_packet p = {
		.slot = TD_SLOT_OF_PORT(port), .rtcp = port & 1, .now_ns = td_clock_ns(CLOCK_MONOTONIC),
	};
	struct relay_batch *b = &r->batch;
	bool rtcp = p.rtcp;
	unsigned int out = 0;
	struct td_flow f;

	if (!read_flow(r, p.slot, &f)) {
		td_relay_count(&r->counts.busy);
		return;
	}
	if (!(f.flags & TD_FLOW_ACTIVE)) {
		td_relay_count(&r->counts.no_flow);
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		enum relay_kind kind = take(r, i, &p) ? td_relay_admit(r, &f, &p) : RELAY_DROP;

		if (kind == RELAY_DROP)
			continue;
		if (f.flags & TD_FLOW_LOCAL) {
			hand_over(r, &f, &p, kind);
			continue;
		}
		/* multiplexed RTCP leaves by other ports than the RTP around it */
		if (out && rtcp != (kind == RELAY_RTCP)) {
			send_batch(r, &f, rtcp, out);
			out = 0;
		}
		rtcp = kind == RELAY_RTCP;
		b->tx_tos[out] = p.tos;
		b->tx_iov[out].iov_base = p.data;
		b->tx_iov[out++].iov_len = p.len;
		td_relay_count(&r->counts.forwarded);
		td_relay_copy_sent(r, &f, rtcp, p.tos, p.data, p.len, p.now_ns);
	}
	if (out)
		send_batch(r, &f, rtcp, out);
}

void td_relay_prepare(struct relay_batch *b)
{
	for (int i = 0; i < RELAY_BATCH; i++) {
		b->rx_iov[i].iov_base = b->data[i];
		b->rx_iov[i].iov_len = RELAY_PACKET;
		b->rx[i].msg_hdr.msg_iov = &b->rx_iov[i];
		b->rx[i].msg_hdr.msg_iovlen = 1;
		b->rx[i].msg_hdr.msg_name = &b->from[i];
		b->rx[i].msg_hdr.msg_control = b->rx_control[i];
	}
}

void td_relay_move(struct td_relay *r, int fd, uint16_t port)
{
	for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
		int n;

		for (int i = 0; i < RELAY_BATCH; i++) {
			r->batch.rx[i].msg_hdr.msg_namelen = sizeof(r->batch.from[i]);
			r->batch.rx[i].msg_hdr.msg_controllen = sizeof(r->batch.rx_control[i]);
		}
		n = recvmmsg(fd, r->batch.rx, RELAY_BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return;
		count_overruns(r, port, (unsigned int)n);
		forward(r, port, (unsigned int)n);
		if (n < RELAY_BATCH)
			return;
	}
}
