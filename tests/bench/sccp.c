/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crowd of SCCP phones in one process, for benches:
 *
 *	sccp codec			messages a second, decoded and encoded, on one core
 *	sccp crowd HOST N [SECONDS]	N phones register at once, whole bootstrap; then phone 2k
 *					calls phone 2k+1 for so many seconds, again and again
 *
 * Phone i is SEP0200 and i in eight hex digits, with number 20000 + i. One JSON object on stdout. After the
 * registrations it waits for a line on stdin, so that memory can be looked at.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "userspace/sccp/sccp_enum.h"
#include "userspace/sccp/sccp_frame.h"

struct bench_phone {
	int fd, index;
	bool registered, calling;
	uint32_t call_ref;
	struct sccp_reader in;
};

static struct bench_phone *phones;
static int n_phones, n_registered;
static unsigned long calls, setups;
static bool run_calls;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- codec ---- */

static int bench_codec(void)
{
	static const uint32_t ids[] = { SCCP_CALL_STATE, SCCP_SELECT_SOFT_KEYS, SCCP_START_TONE,
					SCCP_SET_LAMP, SCCP_CALL_INFO_DYN, SCCP_OPEN_RECEIVE_CHANNEL,
					SCCP_KEYPAD_BUTTON, SCCP_SOFT_KEY_EVENT };
	static struct sccp_msg m, back;
	uint8_t frame[SCCP_MAX_FRAME];
	unsigned long n = 0;
	double start = now_s(), s;

	while ((s = now_s() - start) < 2)
		for (int k = 0; k < 10000; k++, n++) {
			struct sccp_frame f = { .version = 17, .body = frame + SCCP_HEADER };
			struct td_buf b;

			m.id = f.id = ids[n % (sizeof(ids) / sizeof(ids[0]))];
			td_buf_init(&b, frame, sizeof(frame));
			if (td_sccp_encode(&m, 17, &b))
				return 1;
			f.len = b.pos - SCCP_HEADER;
			if (td_sccp_decode(&f, &back))
				return 1;
		}
	printf("{\"messages_per_s\": %.0f}\n", (double)n * 2 / s);
	return 0;
}

/* ---- the crowd ---- */

static void say(struct bench_phone *p, const struct sccp_msg *msgs, size_t n)
{
	uint8_t out[8192];
	struct td_buf b;

	td_buf_init(&b, out, sizeof(out));
	for (size_t i = 0; i < n; i++)
		td_sccp_encode(&msgs[i], 17, &b);
	if (send(p->fd, out, b.pos, MSG_NOSIGNAL) != (ssize_t)b.pos) {
		fprintf(stderr, "phone %d: %s\n", p->index, strerror(errno));
		exit(1);
	}
}

static void say_register(struct bench_phone *p)
{
	struct sccp_msg m = { .id = SCCP_REGISTER, .reg = { .type = 30006, .max_streams = 5, .version = 17 } };

	snprintf(m.reg.device, sizeof(m.reg.device), "SEP0200%08X", (unsigned int)p->index);
	say(p, &m, 1);
}

static void say_bootstrap(struct bench_phone *p)
{
	static const uint32_t asks[] = { SCCP_BUTTON_TEMPLATE_REQ, SCCP_SOFT_KEY_TEMPLATE_REQ,
					 SCCP_SOFT_KEY_SET_REQ, SCCP_CONFIG_STAT_REQ,
					 SCCP_LINE_STAT_REQ, SCCP_FORWARD_STAT_REQ, SCCP_TIME_DATE_REQ };
	static struct sccp_msg m[8];

	memset(m, 0, sizeof(m));
	m[0].id = SCCP_CAPABILITIES_RES;
	m[0].caps.n = 1;
	m[0].caps.cap[0] = (struct sccp_cap){ SCCP_PT_PCMU, 40 };
	for (int i = 0; i < 7; i++) {
		m[i + 1].id = asks[i];
		m[i + 1].number.value = 1;
	}
	say(p, m, 8);
}

static void dial(struct bench_phone *p)
{
	struct sccp_msg m = { .id = SCCP_ENBLOC_CALL };

	snprintf(m.enbloc.number, sizeof(m.enbloc.number), "%d", 20000 + p->index + 1);
	p->calling = true;
	say(p, &m, 1);
}

static void open_channel(struct bench_phone *p, const struct sccp_msg *m)
{
	struct sccp_msg a = { .id = SCCP_OPEN_RECEIVE_CHANNEL_ACK };

	a.media_ack.party = m->media.party;
	a.media_ack.ref = m->media.ref;
	td_addr_set_v4(&a.media_ack.addr, 0x0a010002, (uint16_t)(20000 + 2 * (p->index % 20000)));
	say(p, &a, 1);
}

static bool on_frame(void *arg, const struct sccp_frame *f)
{
	static const struct sccp_msg off_hook = { .id = SCCP_OFF_HOOK }, on_hook = { .id = SCCP_ON_HOOK };
	struct bench_phone *p = arg;
	static struct sccp_msg m;

	if (td_sccp_decode(f, &m))
		return true;
	if (m.id == SCCP_REGISTER_ACK) {
		say_bootstrap(p);
	} else if (m.id == SCCP_DEFINE_TIME_DATE && !p->registered) {
		p->registered = true;
		n_registered++;
	} else if (m.id == SCCP_SET_RINGER && m.ringer.mode == SCCP_RING_INSIDE) {
		say(p, &off_hook, 1);
	} else if (m.id == SCCP_OPEN_RECEIVE_CHANNEL) {
		open_channel(p, &m);
	} else if (m.id == SCCP_START_MEDIA_TRANSMISSION && p->calling) {
		setups++;
		say(p, &on_hook, 1);
	} else if (m.id == SCCP_CALL_STATE && m.state.state == SCCP_CS_ON_HOOK && p->calling) {
		calls++;
		p->calling = false;
		if (run_calls)
			dial(p);
	}
	return true;
}

static int open_phone(int ep, const char *host, struct bench_phone *p)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(2000) };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = p };
	int one = 1;

	inet_pton(AF_INET, host, &to.sin_addr);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &ev) ? -errno : 0;
}

static int turn(int ep)
{
	static uint8_t in[65536];
	struct epoll_event ev[256];
	int n = epoll_wait(ep, ev, 256, 100);

	for (int i = 0; i < n; i++) {
		struct bench_phone *p = ev[i].data.ptr;
		ssize_t got = recv(p->fd, in, sizeof(in), 0);

		if (got <= 0) {
			fprintf(stderr, "phone %d: connection lost\n", p->index);
			return -1;
		}
		if (td_sccp_read(&p->in, in, (size_t)got, on_frame, p))
			return -1;
	}
	return 0;
}

static int crowd(const char *host, int n, double seconds)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);
	double start, took, end;
	char line[16];

	phones = calloc((size_t)n, sizeof(*phones));
	n_phones = n;
	for (int i = 0; phones && i < n; i++) {
		phones[i].index = i;
		if (open_phone(ep, host, &phones[i])) {
			fprintf(stderr, "phone %d: %s\n", i, strerror(errno));
			return 1;
		}
	}
	start = now_s();
	for (int i = 0; i < n; i++)
		say_register(&phones[i]);
	while (n_registered < n && now_s() - start < 60)
		if (turn(ep))
			return 1;
	took = now_s() - start;
	fprintf(stderr, "registered %d in %.3f s\n", n_registered, took);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	run_calls = seconds > 0;
	for (int i = 0; run_calls && i + 1 < n && i < 200; i += 2)
		dial(&phones[i]);
	start = now_s();
	end = start + seconds;
	while (run_calls && now_s() < end)
		if (turn(ep))
			return 1;
	printf("{\"phones\": %d, \"registered\": %d, \"register_s\": %.3f, \"calls\": %lu, \"setups_per_s\": %.0f}\n",
	       n, n_registered, took, calls, seconds > 0 ? (double)setups / (now_s() - start) : 0);
	return n_registered == n ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "codec"))
		return bench_codec();
	if (argc >= 4 && !strcmp(argv[1], "crowd"))
		return crowd(argv[2], atoi(argv[3]), argc > 4 ? atof(argv[4]) : 0);
	fprintf(stderr, "usage: sccp codec | sccp crowd HOST N [SECONDS]\n");
	return 2;
}
