// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RTP accounting (bpf/td_rtp_stat.h) against streams made by hand and, for jitter, against
 * RFC 3550 A.8 in floating point.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bpf/td_rtp_stat.h"

#define MS 1000000ULL

static struct td_flow_stats s;
static uint64_t now;

static int setup(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	now = 5000 * MS;
	return 0;
}

static void packet_of(uint32_t ssrc, uint16_t seq, uint32_t ts)
{
	struct td_rtp_seen p = {
		.now_ns = now, .ssrc = ssrc, .ts = ts, .ns_per_tick = 125000, .bytes = 172,
		.seq = seq,
	};

	td_rtp_stat_packet(&s, &p);
	now += 20 * MS;
}

static void packet(uint32_t seq)
{
	packet_of(1, (uint16_t)seq, seq * 160u);
}

static void packets(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i <= to; i++)
		packet(i);
}

static void clean_stream(void **state)
{
	(void)state;
	packets(100, 199);
	assert_int_equal(s.packets, 100);
	assert_int_equal(s.bytes, 17200);
	assert_int_equal(s.stream_packets, 100);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.jitter_ns, 0);
	assert_int_equal(s.out_of_order + s.duplicates + s.ssrc_changes, 0);
	assert_int_equal(s.last_seen_ns, now - 20 * MS);
}

static void nothing_yet(void **state)
{
	(void)state;
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	td_rtp_stat_pause(&s);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
}

static void loss(void **state)
{
	(void)state;
	packets(0, 9);
	packets(12, 20);		/* 10 and 11 */
	packet(22);			/* 21 */
	assert_int_equal(td_rtp_stat_lost(&s), 3);
	packets(2500, 2500);		/* a long silence of the network */
	assert_int_equal(td_rtp_stat_lost(&s), 3 + 2477);
}

static void wrap(void **state)
{
	(void)state;
	packets(65000, 65535 + 65536 + 10);	/* twice round */
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.max_seq, 65535 + 65536 + 10);
	packets(65535 + 65536 + 15, 65535 + 65536 + 16);
	assert_int_equal(td_rtp_stat_lost(&s), 4);
}

static void loss_over_the_wrap(void **state)
{
	(void)state;
	packets(65530, 65533);
	packets(65540, 65545);
	assert_int_equal(td_rtp_stat_lost(&s), 6);
}

static void reorder(void **state)
{
	static const uint32_t seq[] = { 1, 2, 4, 3, 5, 8, 7, 6, 9 };

	(void)state;
	for (size_t i = 0; i < sizeof(seq) / sizeof(seq[0]); i++)
		packet(seq[i]);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.out_of_order, 3);
	assert_int_equal(s.duplicates, 0);
	assert_int_equal(s.max_seq, 9);
}

static void reorder_over_the_wrap(void **state)
{
	(void)state;
	packets(65534, 65534);
	packet(65536);
	packet(65535);
	packet(65537);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.out_of_order, 1);
}

static void late_packet_fills_its_gap(void **state)
{
	(void)state;
	packets(1, 10);
	packets(12, 40);
	assert_int_equal(td_rtp_stat_lost(&s), 1);
	packet(11);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	packet(11);
	assert_int_equal(s.duplicates, 1);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
}

static void duplicates(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 50; i++) {
		if (i == 25)
			continue;	/* lost: duplicates must not hide it */
		packet(i);
		packet(i);
	}
	assert_int_equal(s.packets, 98);
	assert_int_equal(s.duplicates, 49);
	assert_int_equal(td_rtp_stat_lost(&s), 1);
}

static void ssrc_change(void **state)
{
	(void)state;
	packets(1, 10);
	packets(13, 20);			/* 2 lost */
	for (uint32_t i = 0; i < 10; i++)
		packet_of(2, (uint16_t)(50000 + i), i * 160);
	assert_int_equal(s.ssrc_changes, 1);
	assert_int_equal(s.ssrc, 2);
	assert_int_equal(s.base_seq, 50000);
	assert_int_equal(td_rtp_stat_lost(&s), 2);
	packet_of(2, 50012, 12 * 160);		/* 2 more */
	assert_int_equal(td_rtp_stat_lost(&s), 4);
	assert_int_equal(s.packets, 18 + 11);
}

/* The sender starts its numbers afresh with the same SSRC: believed at the second packet. */
static void restart(void **state)
{
	(void)state;
	packets(1000, 1010);
	packet(30000);
	assert_int_equal(s.max_seq, 1010);
	packets(30001, 30020);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.ssrc_changes, 0);
	assert_int_equal(s.packets, 11 + 21);
	packet(30025);
	assert_int_equal(td_rtp_stat_lost(&s), 4);
}

static void restart_at_zero(void **state)
{
	(void)state;
	packets(30000, 30010);
	packet_of(1, 65535, 1);
	packet_of(1, 0, 161);
	packet_of(1, 1, 321);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.stream_packets, 3);
}

static void stray_number_is_ignored(void **state)
{
	(void)state;
	packets(1, 10);
	packet(40000);
	packets(11, 20);
	packet(50000);
	packets(21, 30);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
	assert_int_equal(s.max_seq, 30);
}

static void pause_is_no_loss(void **state)
{
	(void)state;
	packets(1, 10);
	packets(12, 20);			/* 1 lost */
	td_rtp_stat_pause(&s);
	packets(500, 510);
	assert_int_equal(td_rtp_stat_lost(&s), 1);
	assert_int_equal(s.ssrc_changes, 0);
}

/* ---- jitter ---- */

static uint32_t rnd(void)
{
	static uint32_t x = 12345;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* A.8 with exact numbers, for packets in order. */
static double reference(double j, double transit, double *last)
{
	double d = fabs(transit - *last);

	*last = transit;
	return j + (d - j) / 16;
}

static void jitter_against_reference(void **state)
{
	double j = 0, last = 0;
	uint32_t ts = 0xffffff00;	/* the timestamp wraps on the way */

	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		uint64_t arrival = 10000 * MS + i * 20 * MS + rnd() % (30 * MS);
		double transit = (double)arrival - (double)i * 20e6;

		now = arrival;
		packet_of(9, (uint16_t)i, ts);
		ts += 160;
		if (i)
			j = reference(j, transit, &last);
		else
			last = transit;
		assert_true(fabs(j - s.jitter_ns) < 100);
	}
	assert_true(s.jitter_ns > 5 * MS);
}

static void silence_is_no_jitter(void **state)
{
	(void)state;
	packets(1, 10);
	now += 60 * 1000 * MS;			/* the sender was on hold, its clock stood */
	packets(11, 20);
	assert_int_equal(s.jitter_ns, 0);
}

/* RFC 4733: a key held for 200 ms is ten packets of one timestamp. */
static void dtmf_is_no_jitter(void **state)
{
	(void)state;
	packets(1, 10);
	for (uint32_t i = 11; i <= 20; i++)
		packet_of(1, (uint16_t)i, 11 * 160);
	packets(21, 30);
	assert_int_equal(s.jitter_ns, 0);
	assert_int_equal(td_rtp_stat_lost(&s), 0);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(clean_stream),
		T(nothing_yet),
		T(loss),
		T(wrap),
		T(loss_over_the_wrap),
		T(reorder),
		T(reorder_over_the_wrap),
		T(late_packet_fills_its_gap),
		T(duplicates),
		T(ssrc_change),
		T(restart),
		T(restart_at_zero),
		T(stray_number_is_ignored),
		T(pause_is_no_loss),
		T(jitter_against_reference),
		T(silence_is_no_jitter),
		T(dtmf_is_no_jitter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("bpf_rtp_stat", tests, NULL, NULL);
}
