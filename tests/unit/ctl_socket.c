/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket with real clients: messages in pieces and in one piece, hostile
 * lengths, readers that do not read, streams, idle and surplus clients, who may come in,
 * and what is left on the disk. Time is the test's (loop_poll).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/lib/loop_poll.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"
#include "userspace/ctl/ctl_priv.h"

#define BIG (2u << 20)	/* of an answer that no socket buffer takes whole */

struct house {
	struct td_loop *loop;
	struct td_ctl *ctl;
	char dir[24], path[96];
	unsigned int served;		/* requests that ran */
	struct td_ctl_stream *stream;
	unsigned int closed;		/* calls of on_closed */
	long live_before;
};

static struct house house;

static int ping(struct td_ctl_request *req, void *arg)
{
	struct house *h = arg;

	td_json_u64(td_ctl_data(req), "data", ++h->served);
	return TD_CTL_OK;
}

static int big(struct td_ctl_request *req, void *arg)
{
	struct house *h = arg;
	char *text = td_zalloc(BIG + 1);

	memset(text, 'x', BIG);
	td_json_str(td_ctl_data(req), "data", text);
	td_free(text);
	h->served++;
	return TD_CTL_OK;
}

static void on_closed(void *arg)
{
	struct house *h = arg;

	h->closed++;
	h->stream = NULL;
}

/* writes a line before its own answer is there */
static int follow(struct td_ctl_request *req, void *arg)
{
	struct house *h = arg;

	h->stream = td_ctl_stream(req, on_closed, h);
	if (!h->stream)
		return td_ctl_refuse(req, "no stream");
	td_ctl_stream_line(h->stream, "first");
	td_json_str(td_ctl_data(req), "data", "now");
	return TD_CTL_OK;
}

static const struct td_ctl_command table[] = {
	{ .words = "ping", .run = ping, .help = "h" },
	{ .words = "big", .run = big, .help = "h" },
	{ .words = "follow", .run = follow, .help = "h" },
};

static int set_up(void **state)
{
	struct house *h = &house;

	(void)state;
	memset(h, 0, sizeof(*h));
	h->live_before = td_mem_live();
	strcpy(h->dir, "/tmp/td-ctl.XXXXXX");
	if (!mkdtemp(h->dir))
		return -1;
	strcat(strcpy(h->path, h->dir), "/ctl");
	h->loop = loop_poll_new();
	if (!h->loop || td_ctl_open(&h->ctl, h->loop, h->path, NULL))
		return -1;
	return td_ctl_add(h->ctl, table, sizeof(table) / sizeof(table[0]), h);
}

static int tear_down(void **state)
{
	struct house *h = &house;

	(void)state;
	td_ctl_close(h->ctl);
	assert_int_equal(loop_poll_watched(h->loop), 0);
	assert_int_equal(td_loop_timers_armed(h->loop), 0);
	td_loop_free(h->loop);
	assert_int_equal(access(h->path, F_OK), -1);
	rmdir(h->dir);
	assert_int_equal(td_mem_live(), h->live_before);
	return 0;
}

/* ---- a client ---- */

static int dial(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, house.path);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	loop_poll_settle(house.loop);
	return fd;
}

static void put(int fd, const void *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* "show calls" of one word as a message */
static size_t message(char *dst, const char *word)
{
	size_t len = (size_t)sprintf(dst + 4, "{\"v\":1,\"words\":[\"%s\"]}", word);
	uint32_t be = htonl((uint32_t)len);

	memcpy(dst, &be, 4);
	return len + 4;
}

static void ask(int fd, const char *word)
{
	char text[128];

	put(fd, text, message(text, word));
	loop_poll_settle(house.loop);
}

/* What is there to read, or -1 at the end, 0 when there is nothing yet. */
static ssize_t take(int fd, void *dst, size_t len)
{
	ssize_t n = recv(fd, dst, len, MSG_DONTWAIT);

	return n > 0 ? n : n == 0 ? -1 : errno == EAGAIN ? 0 : -1;
}

/* The next message into text; NULL when there is none (yet), "" when the daemon closed. */
static const char *hear(int fd)
{
	static char text[4096];
	uint32_t be;
	ssize_t n;

	loop_poll_settle(house.loop);
	n = take(fd, &be, sizeof(be));
	if (n <= 0)
		return n ? "" : NULL;
	assert_int_equal(n, sizeof(be));
	assert_true(ntohl(be) < sizeof(text));
	assert_int_equal(take(fd, text, ntohl(be)), ntohl(be));
	text[ntohl(be)] = '\0';
	return text;
}

static size_t read_all(int fd, size_t want)
{
	static char buf[65536];
	size_t sum = 0;

	for (int i = 0; i < 1000 && sum < want; i++) {
		ssize_t n = take(fd, buf, sizeof(buf) < want - sum ? sizeof(buf) : want - sum);

		if (n < 0)
			break;
		sum += (size_t)n;
		loop_poll_settle(house.loop);
	}
	return sum;
}

/* ---- messages ---- */

static void question_and_answer(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "ping");
	assert_string_equal(hear(fd), "{\"data\":1,\"v\":1,\"rc\":0,\"command\":\"ping\"}");
	ask(fd, "ping");		/* and again on the same connection */
	assert_string_equal(hear(fd), "{\"data\":2,\"v\":1,\"rc\":0,\"command\":\"ping\"}");
	assert_null(hear(fd));
	close(fd);
	loop_poll_settle(house.loop);
	assert_int_equal(house.ctl->n_clients, 0);
}

static void byte_by_byte(void **state)
{
	char text[128];
	size_t len = message(text, "ping");
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(house.served, 0);
		put(fd, text + i, 1);
		loop_poll_settle(house.loop);
	}
	assert_int_equal(house.served, 1);
	assert_non_null(hear(fd));
	close(fd);
}

static void many_in_one_piece(void **state)
{
	char text[128 * 40];
	size_t len = 0;
	int fd = dial();

	(void)state;
	for (int i = 0; i < 40; i++)	/* more than one waking serves */
		len += message(text + len, "ping");
	put(fd, text, len);
	loop_poll_settle(house.loop);
	assert_int_equal(house.served, 40);
	for (int i = 0; i < 40; i++)
		assert_non_null(hear(fd));
	assert_null(hear(fd));
	close(fd);
}

static void hostile_lengths(void **state)
{
	static const uint32_t bad[] = { 0, TD_CTL_MAX_REQUEST + 1, 0x7fffffff, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t be = htonl(bad[i]);
		int fd = dial();

		put(fd, &be, sizeof(be));
		put(fd, "{\"v\":1}", 7);
		assert_string_equal(hear(fd), "{\"v\":1,\"rc\":2,\"error\":\"no request: its "
					      "length must be 1 to 65536 bytes\"}");
		assert_string_equal(hear(fd), "");	/* nothing behind it is read */
		close(fd);
	}
	assert_int_equal(house.served, 0);
}

static void largest_request(void **state)
{
	uint32_t be = htonl(TD_CTL_MAX_REQUEST);
	char *text = malloc(TD_CTL_MAX_REQUEST);
	int fd = dial();

	(void)state;
	memset(text, '[', TD_CTL_MAX_REQUEST);
	put(fd, &be, sizeof(be));
	for (size_t at = 0; at < TD_CTL_MAX_REQUEST; at += 8192) {
		put(fd, text + at, 8192);
		loop_poll_settle(house.loop);
	}
	assert_non_null(strstr(hear(fd), "\"rc\":2"));
	ask(fd, "ping");		/* no JSON, but a message: the connection goes on */
	assert_int_equal(house.served, 1);
	free(text);
	close(fd);
}

static void half_a_request(void **state)
{
	char text[128];
	size_t len = message(text, "ping");
	long live = td_mem_live();

	(void)state;
	for (size_t cut = 1; cut < len; cut++) {
		int fd = dial();

		put(fd, text, cut);
		loop_poll_settle(house.loop);
		close(fd);
		loop_poll_settle(house.loop);
	}
	assert_int_equal(house.served, 0);
	assert_int_equal(house.ctl->n_clients, 0);
	assert_int_equal(td_mem_live(), live);
}

/* "echo request | socat": the asking side is closed before the answer is read */
static void asked_and_shut(void **state)
{
	int fd = dial();
	char text[128];

	(void)state;
	put(fd, text, message(text, "ping"));
	shutdown(fd, SHUT_WR);
	assert_non_null(strstr(hear(fd), "\"data\":1"));
	assert_string_equal(hear(fd), "");
	close(fd);
}

static void garbage(void **state)
{
	unsigned int seed = 4711;

	(void)state;
	for (int round = 0; round < 200; round++) {
		unsigned char junk[300];
		int fd = dial();

		for (size_t i = 0; i < sizeof(junk); i++)
			junk[i] = (unsigned char)rand_r(&seed);
		if (round % 2)		/* a length that is believed */
			memcpy(junk, "\0\0\0\x40", 4);
		send(fd, junk, sizeof(junk), MSG_NOSIGNAL);
		loop_poll_settle(house.loop);
		close(fd);
		loop_poll_settle(house.loop);
	}
	assert_int_equal(house.served, 0);
	assert_int_equal(house.ctl->n_clients, 0);
}

/* ---- slow readers ---- */

static void big_answer(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "big");
	assert_true(read_all(fd, BIG + 4) == BIG + 4);
	assert_true(read_all(fd, 100) > 20);		/* rc and the rest */
	ask(fd, "ping");
	assert_int_equal(house.served, 2);
	close(fd);
}

/* who does not read is not served further: memory holds one answer of his, not forty */
static void no_reading_no_serving(void **state)
{
	char text[128 * 40];
	size_t len = 0;
	int fd = dial();

	(void)state;
	for (int i = 0; i < 40; i++)
		len += message(text + len, "big");
	put(fd, text, len);
	loop_poll_settle(house.loop);
	assert_int_equal(house.served, 1);
	read_all(fd, BIG + 100);
	assert_true(house.served >= 2 && house.served < 4);
	close(fd);
	loop_poll_settle(house.loop);
	assert_int_equal(house.ctl->n_clients, 0);
}

static void stalled_reader(void **state)
{
	uint32_t stall = td_ctl_timers[CTL_T_STALL].ms;
	int fd = dial();

	(void)state;
	ask(fd, "big");
	loop_poll_advance(house.loop, stall - 1000);
	assert_int_equal(house.ctl->n_clients, 1);
	read_all(fd, 300000);				/* he reads a little: he may stay */
	loop_poll_advance(house.loop, stall - 1000);
	assert_int_equal(house.ctl->n_clients, 1);
	loop_poll_advance(house.loop, 1001);
	assert_int_equal(house.ctl->n_clients, 0);
	close(fd);
}

static void idle_client(void **state)
{
	uint32_t idle = td_ctl_timers[CTL_T_IDLE].ms;
	int fd = dial();

	(void)state;
	loop_poll_advance(house.loop, idle - 1000);
	ask(fd, "ping");
	loop_poll_advance(house.loop, idle - 1000);
	assert_int_equal(house.ctl->n_clients, 1);
	assert_non_null(hear(fd));
	loop_poll_advance(house.loop, 1001);
	assert_string_equal(hear(fd), "");
	close(fd);
}

static void too_many_clients(void **state)
{
	int fd[CTL_MAX_CLIENTS], one_more;

	(void)state;
	for (int i = 0; i < CTL_MAX_CLIENTS; i++)
		fd[i] = dial();
	one_more = dial();
	assert_string_equal(hear(one_more), "{\"v\":1,\"rc\":1,\"error\":\"too many clients on the "
					    "control socket\"}");
	assert_string_equal(hear(one_more), "");
	close(one_more);
	ask(fd[0], "ping");
	assert_int_equal(house.served, 1);		/* those who are in are served */
	close(fd[1]);
	loop_poll_settle(house.loop);
	one_more = dial();
	ask(one_more, "ping");
	assert_int_equal(house.served, 2);
	close(one_more);
	for (int i = 0; i < CTL_MAX_CLIENTS; i++)
		if (i != 1)
			close(fd[i]);
}

/* ---- streams ---- */

static void answer_before_lines(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "follow");
	assert_string_equal(hear(fd), "{\"data\":\"now\",\"v\":1,\"rc\":0,\"command\":\"follow\","
				      "\"stream\":true}");
	assert_string_equal(hear(fd), "{\"v\":1,\"line\":\"first\"}");
	td_ctl_stream_line(house.stream, "second \"quoted\"");
	assert_string_equal(hear(fd), "{\"v\":1,\"line\":\"second \\\"quoted\\\"\"}");
	td_ctl_stream_data(house.stream, "[1,2]");
	assert_string_equal(hear(fd), "{\"v\":1,\"data\":[1,2]}");
	assert_int_equal(td_ctl_stream_backlog(house.stream), 0);
	close(fd);
	loop_poll_settle(house.loop);
	assert_int_equal(house.closed, 1);
	assert_null(house.stream);
}

static void stream_ended_by_us(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "follow");
	td_ctl_stream_line(house.stream, "last words");
	td_ctl_stream_end(house.stream);
	house.stream = NULL;
	assert_non_null(hear(fd));
	assert_non_null(hear(fd));
	assert_string_equal(hear(fd), "{\"v\":1,\"line\":\"last words\"}");
	assert_string_equal(hear(fd), "");
	assert_int_equal(house.closed, 0);
	close(fd);
}

/* any word of a stream's client is its end */
static void stream_client_speaks(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "follow");
	ask(fd, "ping");
	assert_int_equal(house.served, 0);
	assert_int_equal(house.closed, 1);
	close(fd);
	/* also half a word, or one of a length that is refused (found by fuzz_ctl) */
	for (int i = 0; i < 2; i++) {
		fd = dial();
		ask(fd, "follow");
		put(fd, i ? "\0\x40\0\0x" : "\0", i ? 5 : 1);
		loop_poll_settle(house.loop);
		assert_int_equal(house.closed, 2 + i);
		assert_int_equal(house.ctl->n_clients, 0);
		close(fd);
	}
}

static void slow_follower(void **state)
{
	static char line[4096];
	int fd = dial(), n = 0;
	long live;

	(void)state;
	memset(line, 'y', sizeof(line) - 1);
	ask(fd, "follow");
	live = td_mem_live();
	/* never called back while it writes, and cut off within twice the limit */
	for (; n < 10000 && !house.closed; n++) {
		unsigned int before = house.closed;

		td_ctl_stream_line(house.stream, line);
		assert_int_equal(house.closed, before);
		assert_true(td_ctl_stream_backlog(house.stream) < 2 * CTL_MAX_BACKLOG);
		loop_poll_settle(house.loop);
	}
	assert_true(n > 100 && n < 1000);
	assert_int_equal(house.closed, 1);
	assert_true(td_mem_live() < live);
	loop_poll_settle(house.loop);
	assert_int_equal(house.ctl->n_clients, 0);
	close(fd);
}

/* a stream has no idle time, but a reader that reads nothing is still cut off */
static void stream_timers(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "follow");
	read_all(fd, 200);
	loop_poll_advance(house.loop, 10ull * td_ctl_timers[CTL_T_IDLE].ms);
	assert_int_equal(house.closed, 0);
	close(fd);
}

static void close_with_streams(void **state)
{
	int fd = dial();

	(void)state;
	ask(fd, "follow");
	td_ctl_close(house.ctl);
	assert_int_equal(house.closed, 1);
	assert_int_equal(td_ctl_open(&house.ctl, house.loop, house.path, NULL), 0);
	close(fd);
}

/* ---- the door ---- */

static void who_may_come_in(void **state)
{
	const gid_t groups[] = { 20, 30, 40 };

	(void)state;
	assert_true(td_ctl_may_ask(100, false, 0, 0, 0, NULL, 0));	  /* root */
	assert_true(td_ctl_may_ask(100, false, 0, 100, 5, NULL, 0));	  /* the daemon itself */
	assert_true(td_ctl_may_ask(100, true, 7, 200, 7, NULL, 0));	  /* the group */
	assert_true(td_ctl_may_ask(100, true, 40, 200, 7, groups, 3));	  /* ... among others */
	assert_false(td_ctl_may_ask(100, true, 50, 200, 7, groups, 3));
	assert_false(td_ctl_may_ask(100, false, 7, 200, 7, groups, 3));
	assert_false(td_ctl_may_ask(100, false, 0, 200, 0, NULL, 0));	  /* group root is no key */
}

static void the_file(void **state)
{
	struct td_ctl *second = NULL;
	struct stat st;
	char other[128], longer[200];
	int fd;

	(void)state;
	assert_int_equal(stat(house.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);	/* nobody's group yet */
	assert_int_equal(td_ctl_open(&second, house.loop, house.path, NULL), -EADDRINUSE);
	memset(longer, 'p', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(td_ctl_open(&second, house.loop, longer, NULL), -ENAMETOOLONG);
	/* a file that is no socket is not removed */
	snprintf(other, sizeof(other), "%s/file", house.dir);
	fclose(fopen(other, "w"));
	assert_int_equal(td_ctl_open(&second, house.loop, other, NULL), -EEXIST);
	unlink(other);
	/* a socket that nobody listens on is */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	{
		struct sockaddr_un sa = { .sun_family = AF_UNIX };

		strcpy(sa.sun_path, other);
		assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	}
	close(fd);
	assert_int_equal(td_ctl_open(&second, house.loop, other, "no-such-group"), 0);
	td_ctl_close(second);
	assert_int_equal(access(other, F_OK), -1);
}

static void out_of_memory(void **state)
{
	(void)state;
	for (unsigned long nth = 1; nth < 12; nth++) {
		int fd = dial();
		char text[128];

		put(fd, text, message(text, "ping"));
		td_mem_fail_nth(nth);
		loop_poll_settle(house.loop);
		td_mem_fail_nth(0);
		close(fd);
		loop_poll_settle(house.loop);
		assert_int_equal(house.ctl->n_clients, 0);
	}
}

static int quiet(void **state)
{
	(void)state;
	td_log_set_levels("error");
	return 0;
}

#define with_house(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_house(question_and_answer), with_house(byte_by_byte),
		with_house(many_in_one_piece),	 with_house(hostile_lengths),
		with_house(largest_request),	 with_house(half_a_request),
		with_house(asked_and_shut),	 with_house(garbage),
		with_house(big_answer),		 with_house(no_reading_no_serving),
		with_house(stalled_reader),	 with_house(idle_client),
		with_house(too_many_clients),	 with_house(answer_before_lines),
		with_house(stream_ended_by_us),	 with_house(stream_client_speaks),
		with_house(slow_follower),	 with_house(stream_timers),
		with_house(close_with_streams),	 cmocka_unit_test(who_may_come_in),
		with_house(the_file),		 with_house(out_of_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, quiet, NULL);
}
