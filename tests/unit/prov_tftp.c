/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TFTP: the codec, and the server's thread asked by sockets on the loopback: blocks, options,
 * windows with losses, block numbers that go round, what it refuses and what it limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "userspace/base/mem.h"
#include "userspace/prov/tftp.h"
#include "userspace/prov/tftp_codec.h"

/* ---- the codec ---- */

#define PACKET(text) text, sizeof(text) - 1

static void requests(void **state)
{
	struct tftp_request r;

	(void)state;
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1name\0octet\0")), 0);
	assert_int_equal(r.op, TFTP_RRQ);
	assert_true(td_str_eq_c(r.file, "name"));
	assert_false(r.netascii || r.tsize || r.blksize || r.timeout_s || r.windowsize);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1n\0NetASCII\0BLKSIZE\0" "1428\0"
		"tsize\0" "0\0timeout\0" "3\0windowsize\0" "4\0what\0ever\0")), 0);
	assert_true(r.netascii && r.tsize);
	assert_int_equal(r.blksize, 1428);
	assert_int_equal(r.timeout_s, 3);
	assert_int_equal(r.windowsize, 4);
	/* out of range: as if not asked for */
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1n\0octet\0blksize\0" "7\0timeout\0"
		"256\0windowsize\0" "0\0blksize\0" "x\0")), 0);
	assert_int_equal(r.blksize, 0);
	assert_int_equal(r.timeout_s, 0);
	assert_int_equal(r.windowsize, 0);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\2n\0octet\0")), 0);
	assert_int_equal(r.op, TFTP_WRQ);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1n\0mail\0")), -EOPNOTSUPP);
	assert_int_equal(td_tftp_read_request(&r, PACKET("")), -EBADMSG);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1")), -EBADMSG);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1\0octet\0")), -EBADMSG);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1name")), -EBADMSG);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1name\0oct")), -EBADMSG);
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\3\0\1")), -EBADMSG);
	/* an option that is cut off is none */
	assert_int_equal(td_tftp_read_request(&r, PACKET("\0\1n\0octet\0blksize\0" "1428")), 0);
	assert_int_equal(r.blksize, 0);
}

static void answers(void **state)
{
	struct tftp_request r = { .blksize = 1024, .windowsize = 4, .tsize = true };
	uint8_t packet[64], header[TFTP_HEADER];
	struct td_buf b;
	uint16_t block;

	(void)state;
	td_buf_init(&b, packet, sizeof(packet));
	td_tftp_put_oack(&b, &r, 5000000000);
	assert_int_equal(td_buf_err(&b), 0);
	assert_int_equal(b.pos, 2 + 13 + 13 + 17);
	assert_memory_equal(packet, "\0\6blksize\0" "1024\0windowsize\0" "4\0tsize\0" "5000000000\0", b.pos);
	td_buf_init(&b, packet, sizeof(packet));
	td_tftp_put_error(&b, TFTP_NOT_FOUND, "no");
	assert_memory_equal(packet, "\0\5\0\1no\0", 7);
	td_tftp_put_data_header(header, 0xabcd);
	assert_memory_equal(header, "\0\3\xab\xcd", 4);
	assert_int_equal(td_tftp_read_ack(&block, PACKET("\0\4\x12\x34")), 0);
	assert_int_equal(block, 0x1234);
	assert_int_equal(td_tftp_read_ack(&block, PACKET("\0\4\x12")), -EBADMSG);
	assert_int_equal(td_tftp_read_ack(&block, PACKET("\0\3\x12\x34")), -EBADMSG);
	assert_true(td_tftp_is_error(PACKET("\0\5\0\0")));
	assert_false(td_tftp_is_error(PACKET("\0\4\0\0")));
}

/* ---- the server ---- */

#define BIG 600000			/* more than 65536 blocks of 8 bytes */

struct lab {
	struct td_tftp *server;
	struct sockaddr_in at;
	uint8_t *big;
	int client;
	struct sockaddr_in transfer;	/* where data come from */
	long live;
	_Atomic uint32_t holds;		/* enum td_identity_is */
	_Atomic uint32_t asked;
	struct td_fetch last;		/* what was told; read when the server has stopped */
	_Atomic uint32_t told;
};

static enum td_identity_is holds(void *arg, const struct td_addr *host, const struct td_name *file)
{
	struct lab *l = arg;

	(void)host;
	assert_int_equal(file->mac[5], 7);
	/* the kernel has found out when it is asked for the third time */
	if (++l->asked < 3 && l->holds == TD_IS_UNKNOWN)
		return TD_IS_UNKNOWN;
	return l->holds == TD_IS_UNKNOWN ? TD_IS_HOLDER : l->holds;
}

static void fetched(void *arg, const struct td_fetch *fetch)
{
	struct lab *l = arg;

	l->last = *fetch;
	l->told++;
}

static void add(struct td_names *names, const char *name, const void *data, size_t len,
		const char *phone)
{
	struct td_name n = { .name = name, .len = len, .type = "text/plain", .phone = phone,
			     .mac = { 0, 0, 0, 0, 0, phone ? 7 : 0 } };
	uint8_t *copy = td_zalloc(len + 1);

	memcpy(copy, data, len);
	n.data = copy;
	assert_int_equal(td_names_add(names, &n), 0);
}

static void begin(struct lab *l, uint32_t per_host)
{
	struct td_tftp_args args = { .fds = { -1, -1 }, .retry_ms = 100, .holds = holds,
				     .arg = l, .max_per_host = per_host,
				     .fetched = fetched, .fetched_arg = l };
	struct td_names *names;
	socklen_t len = sizeof(l->at);
	uint32_t i;

	memset(l, 0, sizeof(*l));
	l->live = td_mem_live();
	l->big = malloc(BIG);
	for (i = 0; i < BIG; i++)
		l->big[i] = (uint8_t)(i * 7 + (i >> 8));
	names = td_names_begin();
	add(names, "small", "hello\nworld\r", 12, NULL);
	add(names, "even", l->big, 1024, NULL);
	add(names, "big", l->big, BIG, NULL);
	add(names, "empty", "", 0, NULL);
	add(names, "SEP000000000007.cnf.xml", "secret", 6, "alice");
	td_names_finish(names);
	args.fds[0] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	l->at.sin_family = AF_INET;
	l->at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(args.fds[0], (struct sockaddr *)&l->at, len), 0);
	assert_int_equal(getsockname(args.fds[0], (struct sockaddr *)&l->at, &len), 0);
	assert_int_equal(td_tftp_start(&l->server, &args), 0);
	td_tftp_post(l->server, names);
	td_names_unref(names);
	l->client = socket(AF_INET, SOCK_DGRAM, 0);
}

static void end(struct lab *l)
{
	close(l->client);
	td_tftp_stop(l->server);
	free(l->big);
	assert_int_equal(td_mem_live(), l->live);
}

static void ask(struct lab *l, const void *packet, size_t len)
{
	assert_int_equal(sendto(l->client, packet, len, 0, (struct sockaddr *)&l->at, sizeof(l->at)),
			 len);
}

/* The next packet; 0 when none comes within ms. */
static size_t hear(struct lab *l, uint8_t *packet, size_t size, int ms)
{
	struct pollfd p = { .fd = l->client, .events = POLLIN };
	socklen_t len = sizeof(l->transfer);
	ssize_t n;

	if (poll(&p, 1, ms) != 1)
		return 0;
	n = recvfrom(l->client, packet, size, 0, (struct sockaddr *)&l->transfer, &len);
	assert_true(n > 0);
	return (size_t)n;
}

static void ack(struct lab *l, uint16_t block)
{
	const uint8_t packet[4] = { 0, TFTP_ACK, (uint8_t)(block >> 8), (uint8_t)block };

	assert_int_equal(sendto(l->client, packet, 4, 0, (struct sockaddr *)&l->transfer,
				sizeof(l->transfer)), 4);
}

static void expect_block(struct lab *l, uint16_t block, const void *data, size_t len)
{
	uint8_t packet[2048];
	size_t n = hear(l, packet, sizeof(packet), 2000);

	assert_int_equal(n, TFTP_HEADER + len);
	assert_int_equal(packet[1], TFTP_DATA);
	assert_int_equal(packet[2] << 8 | packet[3], block);
	assert_memory_equal(packet + 4, data, len);
}

static void expect_error(struct lab *l, enum tftp_error code)
{
	uint8_t packet[256];
	size_t n = hear(l, packet, sizeof(packet), 2000);

	assert_true(n > 5);
	assert_int_equal(packet[1], TFTP_ERROR);
	assert_int_equal(packet[3], code);
}

static void expect_oack(struct lab *l, const char *text, size_t len)
{
	uint8_t packet[256];

	assert_int_equal(hear(l, packet, sizeof(packet), 2000), 2 + len);
	assert_int_equal(packet[1], TFTP_OACK);
	assert_memory_equal(packet + 2, text, len);
}

static void plain(void **state)
{
	struct td_tftp_stats s;
	struct lab l;

	(void)state;
	begin(&l, 0);
	ask(&l, PACKET("\0\1small\0octet\0"));
	expect_block(&l, 1, "hello\nworld\r", 12);
	assert_int_not_equal(l.transfer.sin_port, l.at.sin_port);	/* a port of its own */
	ack(&l, 1);
	/* the last block of 512 is followed by an empty one */
	ask(&l, PACKET("\0\1/even\0octet\0"));
	expect_block(&l, 1, l.big, 512);
	ack(&l, 1);
	expect_block(&l, 2, l.big + 512, 512);
	ack(&l, 2);
	expect_block(&l, 3, "", 0);
	ack(&l, 3);
	ask(&l, PACKET("\0\1" "empty\0octet\0"));
	expect_block(&l, 1, "", 0);
	ack(&l, 1);
	ask(&l, PACKET("\0\1small\0netascii\0"));
	expect_block(&l, 1, "hello\r\nworld\r\0", 14);
	ack(&l, 1);
	do {
		usleep(1000);
		td_tftp_stats(l.server, &s);
	} while (s.running);
	assert_int_equal(s.served, 4);
	assert_int_equal(s.bytes, 12 + 1024 + 0 + 14);
	end(&l);
}

static void lost_and_repeated(void **state)
{
	uint8_t packet[1024];
	struct lab l;

	(void)state;
	begin(&l, 0);
	ask(&l, PACKET("\0\1" "even\0octet\0"));
	expect_block(&l, 1, l.big, 512);
	expect_block(&l, 1, l.big, 512);		/* nobody answered */
	ack(&l, 1);
	expect_block(&l, 2, l.big + 512, 512);
	ack(&l, 1);					/* late, or twice: no second copy at once */
	ack(&l, 1);
	assert_int_equal(hear(&l, packet, sizeof(packet), 30), 0);
	expect_block(&l, 2, l.big + 512, 512);
	ack(&l, 7);					/* never sent */
	ack(&l, 2);
	expect_block(&l, 3, "", 0);
	ack(&l, 3);
	end(&l);
}

static void options(void **state)
{
	struct lab l;
	uint32_t i;

	(void)state;
	begin(&l, 0);
	ask(&l, PACKET("\0\1" "big\0octet\0tsize\0" "0\0blksize\0" "1000\0windowsize\0" "4\0"));
	expect_oack(&l, PACKET("blksize\0" "1000\0windowsize\0" "4\0tsize\0" "600000\0"));
	ack(&l, 0);
	for (i = 1; i <= 4; i++)
		expect_block(&l, (uint16_t)i, l.big + (i - 1) * 1000, 1000);
	ack(&l, 2);			/* the third was lost: from there on again, a window */
	for (i = 3; i <= 6; i++)
		expect_block(&l, (uint16_t)i, l.big + (i - 1) * 1000, 1000);
	ack(&l, 2);			/* and again */
	expect_block(&l, 3, l.big + 2000, 1000);
	end(&l);			/* in the middle of it */
}

/* 75000 blocks: the number goes round. */
static void numbers_go_round(void **state)
{
	uint8_t packet[64];
	uint64_t got = 0;
	struct lab l;
	size_t n;

	(void)state;
	begin(&l, 0);
	ask(&l, PACKET("\0\1" "big\0octet\0blksize\0" "8\0windowsize\0" "16\0"));
	expect_oack(&l, PACKET("blksize\0" "8\0windowsize\0" "16\0"));
	ack(&l, 0);
	for (;;) {
		n = hear(&l, packet, sizeof(packet), 2000);
		assert_true(n >= TFTP_HEADER);
		if ((uint16_t)(got + 1) != (packet[2] << 8 | packet[3])) {
			ack(&l, (uint16_t)got);
			continue;
		}
		assert_memory_equal(packet + 4, l.big + got * 8, n - TFTP_HEADER);
		got++;
		if (got % 16 == 0 || n < TFTP_HEADER + 8)
			ack(&l, (uint16_t)got);
		if (n < TFTP_HEADER + 8)
			break;
	}
	assert_int_equal(got, BIG / 8 + 1);
	end(&l);
}

static void refused(void **state)
{
	struct lab l;

	(void)state;
	begin(&l, 0);
	ask(&l, PACKET("\0\1nothing\0octet\0"));
	expect_error(&l, TFTP_NOT_FOUND);
	ask(&l, PACKET("\0\1../small\0octet\0"));
	expect_error(&l, TFTP_NOT_FOUND);
	ask(&l, PACKET("\0\2small\0octet\0"));
	expect_error(&l, TFTP_ACCESS);
	ask(&l, PACKET("\0\1small\0mail\0"));
	expect_error(&l, TFTP_ILLEGAL);
	ask(&l, PACKET("garbage"));
	expect_error(&l, TFTP_ILLEGAL);
	ask(&l, PACKET("\0\1SEP000000000007.cnf.xml\0octet\0"));
	expect_error(&l, TFTP_ACCESS);
	l.holds = TD_IS_HOLDER;
	ask(&l, PACKET("\0\1SEP000000000007.cnf.xml\0octet\0"));
	expect_block(&l, 1, "secret", 6);
	ack(&l, 1);
	end(&l);
}

static void limited(void **state)
{
	uint8_t packet[64];
	struct td_tftp_stats s;
	struct lab l;
	int i;

	(void)state;
	begin(&l, 3);
	for (i = 0; i < 10; i++)
		ask(&l, PACKET("\0\1small\0octet\0"));
	for (i = 0; i < 3; i++)
		expect_block(&l, 1, "hello\nworld\r", 12);
	do {
		usleep(1000);
		td_tftp_stats(l.server, &s);
	} while (s.requests < 10);
	assert_int_equal(s.running, 3);
	assert_int_equal(s.limited, 7);
	end(&l);

	/* who guesses names is not answered any more */
	begin(&l, 0);
	for (i = 0; i < 60; i++)
		ask(&l, PACKET("\0\1nothing\0octet\0"));
	for (i = 0; hear(&l, packet, sizeof(packet), 200); i++)
		;
	assert_int_equal(i, 40);
	ask(&l, PACKET("\0\1small\0octet\0"));
	assert_int_equal(hear(&l, packet, sizeof(packet), 200), 0);
	end(&l);
}

/* The kernel does not know the host yet: the request waits, and is answered without coming again. */
static void asked_for(void **state)
{
	struct lab l;

	(void)state;
	begin(&l, 0);
	l.holds = TD_IS_UNKNOWN;
	ask(&l, PACKET("\0\1SEP000000000007.cnf.xml\0octet\0"));
	expect_block(&l, 1, "secret", 6);
	ack(&l, 1);
	while (!l.told)
		usleep(1000);
	assert_int_equal(l.asked, 3);
	assert_int_equal(l.last.end, TD_FETCH_SENT);
	assert_string_equal(l.last.name, "SEP000000000007.cnf.xml");
	assert_string_equal(l.last.phone, "alice");
	assert_int_equal(l.last.bytes, 6);
	assert_false(l.last.http);
	/* what waits at the end is forgotten */
	l.asked = 0;
	ask(&l, PACKET("\0\1SEP000000000007.cnf.xml\0octet\0"));
	while (!l.asked)
		usleep(100);
	end(&l);
}

/* A client that goes away costs nothing after a while. */
static void given_up(void **state)
{
	struct td_tftp_stats s;
	uint8_t packet[1024];
	struct lab l;
	int i;

	(void)state;
	begin(&l, 0);
	ask(&l, PACKET("\0\1" "big\0octet\0"));
	assert_true(hear(&l, packet, sizeof(packet), 2000) > 0);
	ask(&l, PACKET("\0\1small\0octet\0"));
	assert_true(hear(&l, packet, sizeof(packet), 2000) > 0);
	assert_int_equal(sendto(l.client, "\0\5\0\0x\0", 6, 0, (struct sockaddr *)&l.transfer,
				sizeof(l.transfer)), 6);
	close(l.client);		/* ICMP says so, too */
	for (i = 0; i < 5000; i++) {
		td_tftp_stats(l.server, &s);
		if (!s.running)
			break;
		usleep(1000);
	}
	assert_int_equal(s.running, 0);
	assert_int_equal(s.given_up, 2);
	l.client = socket(AF_INET, SOCK_DGRAM, 0);
	end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(answers),
		cmocka_unit_test(plain),
		cmocka_unit_test(lost_and_repeated),
		cmocka_unit_test(options),
		cmocka_unit_test(numbers_go_round),
		cmocka_unit_test(refused),
		cmocka_unit_test(limited),
		cmocka_unit_test(asked_for),
		cmocka_unit_test(given_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
