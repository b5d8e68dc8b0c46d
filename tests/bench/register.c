/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crowd of phones that register, for register.sh: open loop, so that a slow server does
 * not slow the crowd down, and cheap enough that one CPU offers twice what a server on
 * another one can answer (sipp cannot: it loses answers when it is the slower one).
 *
 *	register TARGET:PORT LOCAL:PORT plain|digest FIRST_USER USERS RATE SECONDS
 *
 * Each registration is a new Call-ID of the next user. What is not answered is said again
 * after 0.5, 1 and 2 s as RFC 3261 17.1.2.2 has it, and given up after 4 s. Passwords are
 * "secret-USER". Prints one JSON object; "good_per_s" is counted from the first second to
 * the last that is offered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RING	  (1u << 20)		/* registrations that may be open at once */
#define BATCH	  64
#define MSG_LEN	  1200
#define N_REPEATS 3
#define GIVE_UP_NS 4000000000ull

static const uint64_t repeat_after_ns[N_REPEATS] = { 500000000, 1000000000, 2000000000 };

enum phase { FREE, ASKED, ANSWERED };	/* ANSWERED: credentials were sent */

struct open_one {
	uint64_t began_ns;
	uint32_t id;
	uint8_t phase;
	char nonce[128];
};

/* Waiting for an answer: of one delay, so in the order of time. */
struct wait {
	uint64_t due_ns;
	uint32_t id;
	uint8_t phase;
};

struct queue {
	struct wait v[RING];
	uint32_t head, tail;
};

static struct open_one *ring;
static struct queue *queues;		/* N_REPEATS of them */
static struct {
	uint64_t offered, good, good_window, challenged, repeats, gave_up, other, send_errors;
	uint64_t latency_ns, offered_window;
	unsigned int last_other;
} n;

static int fd;
static bool digest;
static unsigned int first_user, n_users;
static char target_ip[64], local_ip[64];
static unsigned int local_port;
static uint64_t window_from_ns, window_to_ns;
static char (*ha1)[33];
static char realm[64];

static char out[BATCH][MSG_LEN];
static struct iovec out_iov[BATCH];
static struct mmsghdr out_msg[BATCH];
static unsigned int n_out;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

static void md5_hex(char dst[33], const char *a, const char *b, const char *c, const char *d,
		    const char *e, const char *f)
{
	static EVP_MD_CTX *ctx;
	static const EVP_MD *md5;
	const char *parts[] = { a, b, c, d, e, f };
	unsigned char sum[16];

	if (!ctx) {
		ctx = EVP_MD_CTX_new();
		md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	}
	EVP_DigestInit_ex(ctx, md5, NULL);
	for (int i = 0; i < 6 && parts[i]; i++) {
		if (i)
			EVP_DigestUpdate(ctx, ":", 1);
		EVP_DigestUpdate(ctx, parts[i], strlen(parts[i]));
	}
	EVP_DigestFinal_ex(ctx, sum, NULL);
	for (int i = 0; i < 16; i++) {
		dst[2 * i] = "0123456789abcdef"[sum[i] >> 4];
		dst[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
	}
	dst[32] = '\0';
}

/* ---- sending ---- */

static void flush(void)
{
	unsigned int done = 0;

	while (done < n_out) {
		int sent = sendmmsg(fd, out_msg + done, n_out - done, 0);

		if (sent <= 0) {
			n.send_errors++;	/* of an ICMP error, or a full queue: lost */
			sent = 1;
		}
		done += (unsigned int)sent;
	}
	n_out = 0;
}

static void say(const struct open_one *o)
{
	unsigned int user = first_user + o->id % n_users;
	char auth[480] = "", name[16], uri[80], ha2[33], response[33];
	char *text = out[n_out];
	int len;

	if (o->phase == ANSWERED) {
		snprintf(name, sizeof(name), "%u", user);
		snprintf(uri, sizeof(uri), "sip:%s", target_ip);
		md5_hex(ha2, "REGISTER", uri, NULL, NULL, NULL, NULL);
		md5_hex(response, ha1[user - first_user], o->nonce, "00000001", "c0ffee", "auth",
			ha2);
		snprintf(auth, sizeof(auth), "Authorization: Digest username=\"%s\", realm=\"%s\", "
			 "nonce=\"%s\", uri=\"%s\", algorithm=MD5, qop=auth, nc=00000001, "
			 "cnonce=\"c0ffee\", response=\"%s\"\r\n",
			 name, realm, o->nonce, uri, response);
	}
	len = snprintf(text, MSG_LEN,
		       "REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK%u-%d\r\n"
		       "Max-Forwards: 70\r\nFrom: <sip:%u@%s>;tag=%u\r\nTo: <sip:%u@%s>\r\n"
		       "Call-ID: %u@bench\r\nCSeq: %d REGISTER\r\nContact: <sip:%u@%s:6060>\r\n%s"
		       "Expires: 3600\r\nContent-Length: 0\r\n\r\n",
		       target_ip, local_ip, local_port, o->id, o->phase, user, target_ip, o->id,
		       user, target_ip, o->id, o->phase, user, local_ip, auth);
	out_iov[n_out] = (struct iovec){ text, (size_t)len };
	out_msg[n_out].msg_hdr = (struct msghdr){ .msg_iov = &out_iov[n_out], .msg_iovlen = 1 };
	if (++n_out == BATCH)
		flush();
}

static void wait_for(const struct open_one *o, int repeat, uint64_t now)
{
	struct queue *q = &queues[repeat];

	q->v[q->tail++ % RING] = (struct wait){ now + repeat_after_ns[repeat], o->id, o->phase };
}

static void begin(uint32_t id, uint64_t now)
{
	struct open_one *o = &ring[id % RING];

	if (o->phase != FREE)
		n.gave_up++;		/* the ring is full: it is long past 4 s */
	*o = (struct open_one){ .began_ns = now, .id = id, .phase = ASKED };
	n.offered++;
	n.offered_window += now >= window_from_ns && now < window_to_ns;
	say(o);
	wait_for(o, 0, now);
}

static void repeat_what_is_due(uint64_t now)
{
	for (int k = 0; k < N_REPEATS; k++) {
		struct queue *q = &queues[k];

		while (q->head != q->tail && q->v[q->head % RING].due_ns <= now) {
			struct wait w = q->v[q->head++ % RING];
			struct open_one *o = &ring[w.id % RING];

			if (o->id != w.id || o->phase != w.phase)
				continue;
			if (k + 1 == N_REPEATS || now - o->began_ns > GIVE_UP_NS) {
				o->phase = FREE;
				n.gave_up++;
				continue;
			}
			n.repeats++;
			say(o);
			wait_for(o, k + 1, now);
		}
	}
}

/* ---- hearing ---- */

/* Value of name="..." into dst; false when it is not there. */
static bool quoted(const char *text, const char *name, char *dst, size_t size)
{
	const char *p = strstr(text, name), *end = p ? strchr(p + strlen(name), '"') : NULL;

	if (!end || (size_t)(end - p) - strlen(name) >= size)
		return false;
	memcpy(dst, p + strlen(name), (size_t)(end - p) - strlen(name));
	dst[(size_t)(end - p) - strlen(name)] = '\0';
	return true;
}

static void make_ha1(void)
{
	for (unsigned int i = 0; i < n_users; i++) {
		char name[16], secret[32];

		snprintf(name, sizeof(name), "%u", first_user + i);
		snprintf(secret, sizeof(secret), "secret-%u", first_user + i);
		md5_hex(ha1[i], name, realm, secret, NULL, NULL, NULL);
	}
}

static void hear(const char *text, uint64_t now)
{
	const char *p = strcasestr(text, "\nCall-ID:");
	unsigned int status = text[0] == 'S' ? (unsigned int)atoi(text + 8) : 0;
	uint32_t id = p ? (uint32_t)strtoul(p + 9, NULL, 10) : 0;
	struct open_one *o = &ring[id % RING];

	if (!p || o->id != id || o->phase == FREE)
		return;			/* a second answer, or nothing of ours */
	if (status == 200) {
		n.good++;
		n.good_window += now >= window_from_ns && now < window_to_ns;
		n.latency_ns += now - o->began_ns;
		o->phase = FREE;
	} else if (status == 401 && digest && o->phase == ASKED) {
		n.challenged++;
		if (!realm[0] && quoted(text, "realm=\"", realm, sizeof(realm)))
			make_ha1();
		if (!quoted(text, "nonce=\"", o->nonce, sizeof(o->nonce)))
			return;
		o->phase = ANSWERED;
		say(o);
		wait_for(o, 0, now);
	} else if (status >= 200) {
		n.other++;
		n.last_other = status;
		o->phase = FREE;
	}
}

static int hear_all(void)
{
	static char in[BATCH][2048];
	static struct iovec iov[BATCH];
	static struct mmsghdr msg[BATCH];
	uint64_t now;
	int got;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ in[i], sizeof(in[i]) - 1 };
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	got = recvmmsg(fd, msg, BATCH, MSG_DONTWAIT, NULL);
	now = now_ns();
	for (int i = 0; i < got; i++) {
		in[i][msg[i].msg_len] = '\0';
		hear(in[i], now);
	}
	return got;
}

/* ---- the run ---- */

static void run(unsigned int rate, unsigned int seconds)
{
	uint64_t start = now_ns(), end = start + seconds * 1000000000ull, now = start;
	uint32_t id = 0;

	window_from_ns = start + 1000000000ull;
	window_to_ns = end;
	while (now < end + GIVE_UP_NS) {
		uint64_t due = now < end ? (now - start) * rate / 1000000000ull : id;
		unsigned int burst = 0;
		int got;

		/* at most a batch, then listen: answers must not wait for the offer */
		while (id < due && burst++ < BATCH)
			begin(id++, now);
		repeat_what_is_due(now);
		flush();
		got = hear_all();
		if (got <= 0 && burst < 2)
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 1);
		now = now_ns();
		if (now >= end && n.good + n.gave_up + n.other >= n.offered)
			break;
	}
}

static int open_socket(const char *target, const char *local)
{
	struct sockaddr_in t = { .sin_family = AF_INET }, l = { .sin_family = AF_INET };
	int bytes = 16 << 20;
	unsigned int port;

	if (sscanf(target, "%63[0-9.]:%u", target_ip, &port) != 2 ||
	    sscanf(local, "%63[0-9.]:%u", local_ip, &local_port) != 2 ||
	    inet_pton(AF_INET, target_ip, &t.sin_addr) != 1 ||
	    inet_pton(AF_INET, local_ip, &l.sin_addr) != 1)
		return -EINVAL;
	t.sin_port = htons((uint16_t)port);
	l.sin_port = htons((uint16_t)local_port);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&l, sizeof(l)) ||
	    connect(fd, (struct sockaddr *)&t, sizeof(t)))
		return -errno;
	return 0;
}

static void report(unsigned int rate, unsigned int seconds)
{
	double window = seconds - 1;

	printf("{\"rate\": %u, \"offered_per_s\": %.0f, \"offered\": %" PRIu64
	       ", \"good\": %" PRIu64 ", \"good_per_s\": %.0f, \"challenged\": %" PRIu64
	       ", \"retransmissions\": %" PRIu64 ", \"failed\": %" PRIu64
	       ", \"refused\": %" PRIu64 ", \"last_refusal\": %u, \"send_errors\": %" PRIu64
	       ", \"mean_ms\": %.2f}\n",
	       rate, (double)n.offered_window / window, n.offered, n.good,
	       (double)n.good_window / window, n.challenged, n.repeats, n.offered - n.good, n.other,
	       n.last_other, n.send_errors,
	       n.good ? (double)n.latency_ns / (double)n.good / 1e6 : 0.0);
}

int main(int argc, char **argv)
{
	unsigned int rate, seconds;
	int err;

	if (argc != 8) {
		fprintf(stderr, "usage: register TARGET:PORT LOCAL:PORT plain|digest FIRST USERS "
			"RATE SECONDS\n");
		return 2;
	}
	err = open_socket(argv[1], argv[2]);
	if (err) {
		fprintf(stderr, "register: %s %s: %s\n", argv[1], argv[2], strerror(-err));
		return 1;
	}
	digest = !strcmp(argv[3], "digest");
	first_user = (unsigned int)atoi(argv[4]);
	n_users = (unsigned int)atoi(argv[5]);
	rate = (unsigned int)atoi(argv[6]);
	seconds = (unsigned int)atoi(argv[7]);
	if (!n_users || !rate || seconds < 2)
		return 2;
	ring = calloc(RING, sizeof(*ring));
	queues = calloc(N_REPEATS, sizeof(*queues));
	ha1 = calloc(n_users, sizeof(*ha1));
	if (!ring || !queues || !ha1)
		return 1;
	run(rate, seconds);
	report(rate, seconds);
	return 0;
}
