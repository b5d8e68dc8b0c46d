// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The jitter buffer under a scripted network: a sender of one packet each 20 ms, arrivals
 * as the test wants them, a listener that takes 20 ms at each tick.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "userspace/media/audio/jitter.h"

#define MS		1000000ll
#define FRAME		(20 * MS)
#define TICKS		160
#define MAX_PACKETS	40000
#define SHRINK		(5 * MS)	/* what this listener takes out when it may */

struct arrival {
	int64_t at;
	int n;				/* which packet of the sender's */
};

struct net {
	struct td_jitter j;
	struct arrival arrival[MAX_PACKETS];
	int n_arrivals, next;
	uint16_t seq0;
	uint32_t ts0, ssrc;
	int64_t now, have;		/* listener: time, sound in hand */
	int played, concealed, paused, shrunk, cuts;
	int last;			/* packet played last */
	bool disorder;
	int64_t delay_sum;
	int from;			/* counters start at this packet */
	uint32_t rnd;
};

static struct net net;

static void start(uint16_t seq0, uint32_t ts0)
{
	memset(&net, 0, sizeof(net));
	td_jitter_init(&net.j, 8000, 0, 0);
	net.seq0 = seq0;
	net.ts0 = ts0;
	net.ssrc = 7;
	net.last = -1;
	net.rnd = 1;
	net.now = 3 * MS;
}

static int64_t rnd(int64_t below)
{
	net.rnd = net.rnd * 1664525u + 1013904223u;
	return (int64_t)(net.rnd >> 8) * below >> 24;
}

static void arrive(int n, int64_t at)
{
	assert_true(net.n_arrivals < MAX_PACKETS);
	net.arrival[net.n_arrivals++] = (struct arrival){ at, n };
}

static int by_time(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at ? 1 : x->n - y->n;
}

static enum td_jitter_put put(int n, int64_t at)
{
	uint8_t data[160];
	struct td_jitter_packet p = {
		.seq = (uint16_t)(net.seq0 + n), .ts = net.ts0 + (uint32_t)n * TICKS,
		.ssrc = net.ssrc, .ticks = TICKS, .data = data, .len = sizeof(data),
	};

	memset(data, 0, sizeof(data));
	memcpy(data, &n, sizeof(n));
	return td_jitter_put(&net.j, &p, at);
}

static void listen(void)
{
	while (net.have < FRAME) {
		struct td_jitter_out out;
		enum td_jitter_get what = td_jitter_get(&net.j, net.now, FRAME - net.have, &out);
		int n;

		if (what != TD_JITTER_PLAY) {
			if (net.last >= net.from) {
				net.concealed += what == TD_JITTER_CONCEAL;
				net.paused += what == TD_JITTER_PAUSE;
			}
			net.have = FRAME;
			continue;
		}
		memcpy(&n, out.data, sizeof(n));
		net.disorder |= n <= net.last;
		net.last = n;
		net.have += FRAME - (out.shrink ? SHRINK : 0);
		net.shrunk += out.shrink;
		if (n < net.from)
			continue;
		net.cuts += out.cut;
		net.played++;
		net.delay_sum += net.j.stats.delay_ms;
	}
	net.have -= FRAME;
}

/* All arrivals that were announced, and the ticks between them. */
static void run_until(int64_t end)
{
	qsort(net.arrival + net.next, (size_t)(net.n_arrivals - net.next), sizeof(net.arrival[0]),
	      by_time);
	for (; net.now < end; net.now += FRAME) {
		while (net.next < net.n_arrivals && net.arrival[net.next].at <= net.now) {
			put(net.arrival[net.next].n, net.arrival[net.next].at);
			net.next++;
		}
		listen();
	}
}

static void steady(void **state)
{
	(void)state;
	start(100, 5000);
	for (int n = 0; n < 500; n++)
		arrive(n, n * FRAME + rnd(2 * MS));
	run_until(500 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.concealed, 0);
	assert_true(net.played >= 497);
	assert_int_equal(net.j.stats.lost + net.j.stats.late + net.j.stats.duplicate, 0);
	/* no more than the least target, the tick and the step of shrinking */
	assert_int_equal(net.j.stats.target_ms, 20);
	assert_true(net.j.stats.delay_ms <= 45);
}

static void wraps(void **state)
{
	(void)state;
	start(65500, 0xffffffffu - 20 * TICKS);
	for (int n = 0; n < 70000 / 8; n++)
		arrive(n, n * FRAME);
	run_until(70000 / 8 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.concealed, 0);
	assert_int_equal(net.j.stats.lost + net.j.stats.restarts + net.j.stats.late, 0);
}

static void two_change_places(void **state)
{
	(void)state;
	start(65530, 0);
	for (int n = 0; n < 400; n++)
		arrive(n, (n + (n % 10 == 5) - (n % 10 == 6)) * FRAME + n % 10 / 6 * MS);
	net.from = 100;
	run_until(390 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.concealed, 0);
	assert_int_equal(net.j.stats.lost, 0);
}

static void first_packets_change_places(void **state)
{
	(void)state;
	start(10, 1000);
	arrive(1, 0);
	arrive(0, 1 * MS);
	for (int n = 2; n < 50; n++)
		arrive(n, n * FRAME);
	run_until(48 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.j.stats.late, 0);
}

static void twice(void **state)
{
	(void)state;
	start(1, 1);
	for (int n = 0; n < 200; n++) {
		arrive(n, n * FRAME);
		arrive(n, n * FRAME + 1 * MS);
	}
	run_until(200 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.concealed, 0);
	assert_int_equal(net.j.stats.duplicate + net.j.stats.late, 200);
}

/* A hole is filled once, and time goes on as before. */
static void lost_ones(void **state)
{
	int lost = 0;

	(void)state;
	start(65000, 77);
	for (int n = 0; n < 1000; n++) {
		if (n > 10 && n % 10 == 3)
			lost++;
		else
			arrive(n, n * FRAME);
	}
	run_until(1000 * FRAME);
	assert_false(net.disorder);
	assert_true(abs(net.concealed - lost) <= 1);
	assert_int_equal(net.j.stats.lost, lost);
	assert_true(net.j.stats.delay_ms <= 65);
	assert_int_equal(net.shrunk, 0);
}

static void lost_in_a_row(void **state)
{
	(void)state;
	start(0, 0);
	for (int n = 0; n < 300; n++)
		if (n < 100 || n >= 105)
			arrive(n, n * FRAME);
	run_until(300 * FRAME);
	assert_int_equal(net.concealed, 5);
	assert_int_equal(net.j.stats.lost, 5);
	assert_true(net.j.stats.delay_ms <= 65);
}

static void jitter_is_learned(void **state)
{
	(void)state;
	start(9, 9);
	for (int n = 0; n < 3000; n++)
		arrive(n, n * FRAME + rnd(80 * MS));
	net.from = 500;
	run_until(3000 * FRAME);
	assert_false(net.disorder);
	assert_true(net.j.stats.target_ms >= 70 && net.j.stats.target_ms <= 85);
	/* 97 of 100 in time, by design; most of the rest by waiting a little longer */
	assert_true(net.concealed < 2500 * 4 / 100);
	assert_true(net.delay_sum / net.played < 125);
}

static void jitter_is_forgotten(void **state)
{
	(void)state;
	start(9, 9);
	for (int n = 0; n < 1000; n++)
		arrive(n, n * FRAME + rnd(120 * MS));
	for (int n = 1000; n < 4000; n++)
		arrive(n, n * FRAME);
	run_until(1000 * FRAME);
	assert_true(net.j.stats.delay_ms > 80);
	net.from = 1100;
	net.concealed = 0;
	run_until(4000 * FRAME);
	assert_true(net.j.stats.delay_ms <= 45);
	assert_true(net.shrunk > 5);
	assert_int_equal(net.concealed, 0);
}

/* 300 millionths, ten minutes: 180 ms that must be made up for, one way or the other. */
static void drift(int ppm)
{
	start(1, 1);
	for (int n = 0; n < 30000; n++)
		arrive(n, n * FRAME + n * (FRAME * ppm / 1000000));
	net.from = 100;
	run_until(29900 * FRAME);
	assert_false(net.disorder);
	assert_true(net.concealed <= 15);
	assert_true(net.j.stats.delay_ms <= 65);
	assert_int_equal(net.j.stats.restarts + net.j.stats.late + net.j.stats.skipped, 0);
}

static void slow_sender(void **state)
{
	(void)state;
	drift(300);
	assert_true(net.concealed >= 5);
}

static void fast_sender(void **state)
{
	(void)state;
	drift(-300);
	assert_true(net.shrunk >= 20);
}

static void pause_and_go_on(void **state)
{
	(void)state;
	start(1, 1);
	for (int n = 0; n < 100; n++)
		arrive(n, n * FRAME);
	run_until(100 * FRAME);
	/* silence suppressed for 3 s: the time stamps go on, the sequence does not stop */
	net.ts0 += 150 * TICKS;
	for (int n = 100; n < 200; n++)
		arrive(n, (n + 150) * FRAME);
	run_until(360 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.played, 200);
	assert_int_equal(net.j.stats.lost + net.j.stats.restarts, 0);
	assert_true(net.paused > 100);
	assert_true(net.j.stats.delay_ms <= 65);
}

static void another_ssrc(void **state)
{
	(void)state;
	start(1, 1);
	for (int n = 0; n < 100; n++)
		arrive(n, n * FRAME);
	run_until(100 * FRAME);
	net.ssrc = 8;
	net.seq0 = 40000;
	net.ts0 = 123456789;
	for (int n = 100; n < 200; n++)
		arrive(n, n * FRAME);
	run_until(204 * FRAME);
	assert_int_equal(net.j.stats.restarts, 1);
	assert_int_equal(net.last, 199);
	assert_true(net.played >= 198);
}

/* One stray packet changes nothing, two in a row are a sender that began anew. */
static void jumps(void **state)
{
	(void)state;
	start(1, 1);
	for (int n = 0; n < 50; n++)
		assert_int_not_equal(put(n, n * FRAME), TD_JITTER_REFUSED);
	assert_int_equal(put(20000, 50 * FRAME), TD_JITTER_REFUSED);
	assert_int_equal(put(50, 50 * FRAME), TD_JITTER_TAKEN);
	assert_int_equal(put(20000, 51 * FRAME), TD_JITTER_REFUSED);
	assert_int_equal(put(20001, 52 * FRAME), TD_JITTER_NEW_STREAM);
	assert_int_equal(put(20002, 53 * FRAME), TD_JITTER_TAKEN);
	/* only the time stamps jump */
	net.ts0 += 8000 * 60;
	assert_int_equal(put(20003, 54 * FRAME), TD_JITTER_REFUSED);
	assert_int_equal(put(20004, 55 * FRAME), TD_JITTER_NEW_STREAM);
}

/* The network holds its breath for ms and then delivers all at once. */
static void stall(int ms)
{
	start(1, 1);
	for (int n = 0; n < 1000; n++) {
		int64_t at = n * FRAME, open = 200 * FRAME + ms * MS;

		arrive(n, n >= 200 && at < open ? open + n * 1000 : at);
	}
	run_until(1000 * FRAME);
	assert_false(net.disorder);
	assert_int_equal(net.last >= 996, 1);
	assert_true(net.j.stats.delay_ms <= 90);
}

static void stalls(void **state)
{
	(void)state;
	stall(90);
	assert_int_equal(net.j.stats.skipped, 0);
	stall(400);
	assert_true(net.j.stats.skipped > 0);
	stall(2000);
}

/* Key presses: packets without sound, their time stamp stands still. */
static void events_are_no_holes(void **state)
{
	struct td_jitter_packet p = { .ssrc = 7, .data = (const uint8_t *)"", .len = 0 };

	(void)state;
	start(1, 1);
	for (int n = 0; n < 50; n++)
		arrive(n, n * FRAME);
	run_until(50 * FRAME);
	for (int n = 50; n < 60; n++) {
		p.seq = (uint16_t)(1 + n);
		p.ts = 1 + 50 * TICKS;
		assert_int_equal(td_jitter_put(&net.j, &p, n * FRAME), TD_JITTER_TAKEN);
		run_until((n + 1) * FRAME);
	}
	for (int n = 60; n < 100; n++)
		arrive(n, n * FRAME);
	run_until(104 * FRAME);
	assert_int_equal(net.last, 99);
	assert_int_equal(net.j.stats.lost + net.j.stats.restarts, 0);
	assert_true(net.j.stats.delay_ms <= 65);
}

static void too_long(void **state)
{
	static const uint8_t data[TD_JITTER_PAYLOAD + 1];
	struct td_jitter_packet p = { .data = data, .len = sizeof(data), .ticks = 160 };
	struct td_jitter_out out;

	(void)state;
	start(1, 1);
	assert_int_equal(td_jitter_put(&net.j, &p, 0), TD_JITTER_REFUSED);
	assert_int_equal(td_jitter_get(&net.j, 0, FRAME, &out), TD_JITTER_PAUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady), cmocka_unit_test(wraps),
		cmocka_unit_test(two_change_places), cmocka_unit_test(first_packets_change_places),
		cmocka_unit_test(twice), cmocka_unit_test(lost_ones), cmocka_unit_test(lost_in_a_row),
		cmocka_unit_test(jitter_is_learned), cmocka_unit_test(jitter_is_forgotten),
		cmocka_unit_test(slow_sender), cmocka_unit_test(fast_sender),
		cmocka_unit_test(pause_and_go_on), cmocka_unit_test(another_ssrc),
		cmocka_unit_test(jumps), cmocka_unit_test(stalls),
		cmocka_unit_test(events_are_no_holes), cmocka_unit_test(too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_jitter", tests, NULL, NULL);
}
