/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A crowd of phones that boot at once, for provision.sh: each has an address of its own and fetches
 * its files one after the other, as phones do, and compares every byte.
 *
 *	provision tftp|http HOST FIRST-ADDRESS PHONES FOLDER FIRMWARE-PHONES FILE...
 *
 * Phone i is the host FIRST-ADDRESS + i and begins with SEP0200 and i in eight hex digits; then come
 * the FILEs, the last of them for the first FIRMWARE-PHONES only. What there is to be had lies in
 * FOLDER. TFTP is as phones speak it: no options, blocks of 512 bytes, what is not answered within
 * 2 s is said again, six times. HTTP is one kept connection each to port 6970. A phone that does not
 * get all is counted as failed. Prints one JSON object.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK	   512
#define TFTP_PORT  69
#define HTTP_PORT  6970
#define REPEAT_S   2.0
#define TRIES	   6
#define HEAD_LEN   1024
#define MOST_TOLD  3

struct file {
	char name[64];
	uint8_t *data;
	size_t len;
};

struct boot {
	int fd, index;
	int next;			/* which file: 0 its own */
	struct file own;
	const struct file *file;
	size_t got;
	double due;			/* when it says it again */
	int tries;
	bool done;
	double end;
	/* TFTP */
	uint16_t block, from;		/* acknowledged; the server's port, 0 = none yet */
	/* HTTP */
	char head[HEAD_LEN];
	size_t head_len;
	bool in_body;
};

static struct boot *boots;
static struct file *shared;
static int n_boots, n_shared, n_firmware, n_over, n_failed, poll_fd;
static bool http;
static struct sockaddr_in server;
static uint32_t first_address;
static const char *folder;
static unsigned long files, repeats;
static unsigned long long bytes;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void load(struct file *f)
{
	char path[512];
	struct stat st;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", folder, f->name);
	in = fopen(path, "r");
	if (!in || fstat(fileno(in), &st) || !(f->data = malloc((size_t)st.st_size + 1)) ||
	    fread(f->data, 1, (size_t)st.st_size, in) != (size_t)st.st_size) {
		fprintf(stderr, "provision: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	f->len = (size_t)st.st_size;
	fclose(in);
}

static void begin(struct boot *b);

static void over(struct boot *b, const char *why)
{
	if (why && n_failed++ < MOST_TOLD)
		fprintf(stderr, "provision: phone %d, %s: %.40s\n", b->index,
			b->file ? b->file->name : "?", why);
	b->done = true;
	b->end = now_s();
	close(b->fd);
	b->fd = -1;
	n_over++;
}

static void got_file(struct boot *b)
{
	files++;
	bytes += b->file->len;
	b->next++;
	if (!http) {
		close(b->fd);
		b->fd = -1;
	}
	begin(b);
}

/* ---- TFTP ---- */

static void say_tftp(struct boot *b)
{
	uint8_t packet[128] = { 0, 1 };
	struct sockaddr_in to = server;
	size_t len = 4;

	if (b->from) {
		packet[1] = 4;
		packet[2] = (uint8_t)(b->block >> 8);
		packet[3] = (uint8_t)b->block;
		to.sin_port = b->from;
	} else {
		len = 2 + (size_t)sprintf((char *)packet + 2, "%s%coctet", b->file->name, 0) + 1;
		to.sin_port = htons(TFTP_PORT);
	}
	if (sendto(b->fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		repeats++;		/* said again when the time has come */
	b->due = now_s() + REPEAT_S;
}

static void hear_tftp(struct boot *b)
{
	uint8_t packet[BLOCK + 4];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(b->fd, packet, sizeof(packet), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_len);
	size_t len = (size_t)(n - 4);

	if (n < 4 || (b->from && from.sin_port != b->from))
		return;
	if (packet[1] == 5) {
		over(b, (char *)packet + 4);
		return;
	}
	if (packet[1] != 3 || (packet[2] << 8 | packet[3]) != (uint16_t)(b->block + 1))
		return;
	if (b->got + len > b->file->len || memcmp(b->file->data + b->got, packet + 4, len)) {
		over(b, "other bytes");
		return;
	}
	b->from = from.sin_port;
	b->block++;
	b->got += len;
	b->tries = 0;
	say_tftp(b);
	if (len == BLOCK)
		return;
	if (b->got != b->file->len)
		over(b, "it is cut off");
	else
		got_file(b);
}

/* ---- HTTP ---- */

static void say_http(struct boot *b)
{
	char text[256];
	int len = snprintf(text, sizeof(text), "GET /%s HTTP/1.1\r\nHost: router\r\n\r\n", b->file->name);

	b->head_len = 0;
	b->in_body = false;
	b->due = now_s() + REPEAT_S * TRIES;
	b->tries = TRIES;
	if (send(b->fd, text, (size_t)len, MSG_NOSIGNAL) != len && errno != ENOTCONN)
		over(b, strerror(errno));
}

static bool take_body(struct boot *b, const uint8_t *data, size_t len)
{
	if (b->got + len > b->file->len || memcmp(b->file->data + b->got, data, len)) {
		over(b, "other bytes");
		return false;
	}
	b->got += len;
	b->due = now_s() + REPEAT_S * TRIES;
	if (b->got == b->file->len)
		got_file(b);
	return true;
}

static void take_head(struct boot *b, const uint8_t *data, size_t len)
{
	size_t n = len < HEAD_LEN - 1 - b->head_len ? len : HEAD_LEN - 1 - b->head_len, before = b->head_len;
	char *end;

	memcpy(b->head + b->head_len, data, n);
	b->head_len += n;
	b->head[b->head_len] = '\0';
	end = strstr(b->head, "\r\n\r\n");
	if (!end) {
		if (b->head_len == HEAD_LEN - 1)
			over(b, "a long header");
		return;
	}
	if (strncmp(b->head, "HTTP/1.1 200", 12)) {
		over(b, b->head);
		return;
	}
	b->in_body = true;
	n = (size_t)(end + 4 - b->head) - before;
	if (n < len)
		take_body(b, data + n, len - n);
}

static void hear_http(struct boot *b)
{
	static uint8_t data[65536];
	ssize_t n = recv(b->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		over(b, n ? strerror(errno) : "the connection was closed");
	else if (b->in_body)
		take_body(b, data, (size_t)n);
	else
		take_head(b, data, (size_t)n);
}

/* ---- all ---- */

static bool open_socket(struct boot *b)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(first_address + (uint32_t)b->index) };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = b };
	int one = 1;

	if (http && b->fd >= 0)
		return true;
	b->fd = socket(AF_INET, http ? SOCK_STREAM : SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (b->fd < 0 || bind(b->fd, (struct sockaddr *)&own, sizeof(own)))
		return false;
	if (http) {
		server.sin_port = htons(HTTP_PORT);
		if (connect(b->fd, (struct sockaddr *)&server, sizeof(server)))
			return false;
		setsockopt(b->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	return !epoll_ctl(poll_fd, EPOLL_CTL_ADD, b->fd, &ev);
}

static void begin(struct boot *b)
{
	if (b->next > n_shared || (b->next == n_shared && b->index >= n_firmware)) {
		over(b, NULL);
		return;
	}
	b->file = b->next ? &shared[b->next - 1] : &b->own;
	b->got = 0;
	b->tries = 0;
	b->block = 0;
	b->from = 0;
	if (!open_socket(b))
		over(b, strerror(errno));
	else if (http)
		say_http(b);
	else
		say_tftp(b);
}

static void look_at_clock(double now)
{
	for (int i = 0; i < n_boots; i++) {
		struct boot *b = &boots[i];

		if (b->done || now < b->due)
			continue;
		if (b->tries++ >= TRIES) {
			over(b, "no answer");
			continue;
		}
		repeats++;
		say_tftp(b);
	}
}

static void run(void)
{
	double looked = now_s();

	for (int i = 0; i < n_boots; i++)
		begin(&boots[i]);
	while (n_over < n_boots) {
		struct epoll_event ev[128];
		int n = epoll_wait(poll_fd, ev, 128, 100);
		double now = now_s();

		for (int i = 0; i < n; i++) {
			struct boot *b = ev[i].data.ptr;

			if (!b->done && b->fd >= 0)
				http ? hear_http(b) : hear_tftp(b);
		}
		if (now - looked > 0.1) {
			look_at_clock(now);
			looked = now;
		}
	}
}

static void prepare(char **names)
{
	struct rlimit rl = { 65536, 65536 };

	setrlimit(RLIMIT_NOFILE, &rl);
	poll_fd = epoll_create1(0);
	boots = calloc((size_t)n_boots, sizeof(*boots));
	shared = calloc((size_t)n_shared, sizeof(*shared));
	for (int i = 0; i < n_shared; i++) {
		snprintf(shared[i].name, sizeof(shared[i].name), "%s", names[i]);
		load(&shared[i]);
	}
	for (int i = 0; i < n_boots; i++) {
		boots[i].fd = -1;
		boots[i].index = i;
		snprintf(boots[i].own.name, sizeof(boots[i].own.name), "SEP0200%08X.cnf.xml", i);
		load(&boots[i].own);
	}
}

int main(int argc, char **argv)
{
	double start, last = 0;

	if (argc < 8) {
		fprintf(stderr, "usage: see the top of provision.c\n");
		return 2;
	}
	http = !strcmp(argv[1], "http");
	server.sin_family = AF_INET;
	inet_pton(AF_INET, argv[2], &server.sin_addr);
	inet_pton(AF_INET, argv[3], &first_address);
	first_address = ntohl(first_address);
	n_boots = atoi(argv[4]);
	folder = argv[5];
	n_firmware = atoi(argv[6]);
	n_shared = argc - 7;
	prepare(argv + 7);
	start = now_s();
	run();
	for (int i = 0; i < n_boots; i++)
		last = boots[i].end - start > last ? boots[i].end - start : last;
	printf("{\"phones\": %d, \"failed\": %d, \"files\": %lu, \"bytes\": %llu, \"seconds\": %.3f, "
	       "\"mb_per_s\": %.1f, \"repeats\": %lu}\n", n_boots, n_failed, files, bytes, last,
	       (double)bytes / 1e6 / last, repeats);
	return n_failed != 0;
}
