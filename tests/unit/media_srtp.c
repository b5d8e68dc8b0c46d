// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRTP that ends in the relay, without its thread and sockets: what is sealed can be opened and
 * is what it was; what is not authentic, heard before or meant for other keys is not; and streams
 * that began before us go on, in both directions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "userspace/base/mem.h"
#include "userspace/media/relay_priv.h"

#define PORT_A	40000			/* who sends to us */
#define PORT_B	40002			/* whom we send to */
#define SSRC	0xcafebabe
#define HEADER	12

static struct td_relay *r;
static uint64_t now_ns;

static int start(void **state)
{
	(void)state;
	r = td_zalloc(sizeof(*r));
	r->seals = td_calloc(TD_MAX_SLOTS, sizeof(*r->seals));
	assert_int_equal(td_ring_init(&r->commands, 64, sizeof(struct relay_command)), 0);
	assert_int_equal(td_ring_init(&r->events, 64, sizeof(struct td_event)), 0);
	assert_int_equal(td_relay_srtp_start(), 0);
	now_ns = 10000000000u;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	td_relay_srtp_stop(r);
	td_ring_fini(&r->commands);
	td_ring_fini(&r->events);
	td_free(r->seals);
	td_free(r);
	return 0;
}

static struct td_srtp_key key(uint8_t suite, uint8_t seed)
{
	struct td_srtp_key k = { .tag = 1, .suite = suite };

	for (size_t i = 0; i < td_srtp_key_len(suite); i++)
		k.key[i] = (uint8_t)(seed + i * 7);
	return k;
}

/* As signalling does, and the relay's thread. */
static int set_keys(uint16_t port, uint8_t id, const struct td_srtp_key *in,
		    const struct td_srtp_key *out, const struct td_srtp_mark *was)
{
	struct td_relay_keys k = { 0 };
	struct relay_command c;
	int err;

	if (in)
		k.in = *in;
	if (out)
		k.out = *out;
	if (was)
		k.was = *was;
	err = td_relay_seal(r, TD_SLOT_OF_PORT(port), id, &k);
	if (err)
		return err;
	assert_true(td_ring_pop(&r->commands, &c));
	assert_int_equal(c.type, RELAY_SEAL);
	td_relay_take_seal(r, c.slot, c.seal);
	return 0;
}

static struct td_flow flow(uint8_t opens, uint8_t seals)
{
	return (struct td_flow){
		.new_src_port = htons(PORT_B), .call_id = 7,
		.srtp = TD_SRTP_KEYS(opens, seals),
	};
}

struct packet {
	_Alignas(8) uint8_t data[RELAY_PACKET + RELAY_SEAL_ROOM];
	uint32_t len;
};

static void make(struct packet *p, uint32_t ssrc, uint16_t seq)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->data, (const uint8_t[]){ 0x80, 0, (uint8_t)(seq >> 8), (uint8_t)seq }, 4);
	ssrc = htonl(ssrc);
	memcpy(p->data + 8, &ssrc, 4);
	for (p->len = HEADER; p->len < HEADER + 160; p->len++)
		p->data[p->len] = (uint8_t)(seq + p->len);
}

static void make_rtcp(struct packet *p)
{
	uint32_t ssrc = htonl(SSRC);

	memset(p, 0, sizeof(*p));
	memcpy(p->data, (const uint8_t[]){ 0x80, 200, 0, 6 }, 4);
	memcpy(p->data + 4, &ssrc, 4);
	p->len = 28;
}

static bool seal(const struct td_flow *f, struct packet *p, bool rtcp)
{
	r->batch.tx_iov[0] = (struct iovec){ .iov_base = p->data, .iov_len = p->len };
	if (td_relay_seal_batch(r, f, rtcp, 1) != 1)
		return false;
	p->len = (uint32_t)r->batch.tx_iov[0].iov_len;
	return true;
}

static bool opens(const struct td_flow *f, struct packet *p, bool rtcp)
{
	struct relay_packet in = {
		.data = p->data, .len = p->len, .slot = TD_SLOT_OF_PORT(PORT_A), .now_ns = now_ns,
	};
	bool ok = td_relay_open(r, f, &in, rtcp);

	p->len = in.len;
	now_ns += 20000000;
	return ok;
}

/* The other end of B's wire: what was sealed comes to A's port. */
static bool travels(const struct td_flow *f, uint16_t seq)
{
	struct packet p, was;

	make(&p, SSRC, seq);
	was = p;
	return seal(f, &p, false) && opens(f, &p, false) && p.len == was.len &&
	       !memcmp(p.data, was.data, was.len);
}

/* libsrtp's and RFC 3711's way: key e1f9..., packet 800f1234decafbadcafebabe ab x 16 */
static void a_known_packet(void **state)
{
	static const uint8_t master[30] = {
		0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde,
		0x41, 0x39, 0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb, 0xb6, 0x96, 0x0b, 0x3a,
		0xab, 0xe6,
	}, sealed[38] = {
		0x80, 0x0f, 0x12, 0x34, 0xde, 0xca, 0xfb, 0xad, 0xca, 0xfe, 0xba, 0xbe, 0x4e, 0x55,
		0xdc, 0x4c, 0xe7, 0x99, 0x78, 0xd8, 0x8c, 0xa4, 0xd2, 0x15, 0x94, 0x9d, 0x24, 0x02,
		0xb7, 0x8d, 0x6a, 0xcc, 0x99, 0xea, 0x17, 0x9b, 0x8d, 0xbb,
	};
	struct td_srtp_key k = { .tag = 1, .suite = TD_SUITE_CM_80 };
	struct td_flow f = flow(1, 2);
	struct packet p = { .len = sizeof(sealed) };

	(void)state;
	memcpy(k.key, master, sizeof(master));
	assert_int_equal(set_keys(PORT_A, 1, &k, NULL, NULL), 0);
	assert_int_equal(set_keys(PORT_B, 2, NULL, &k, NULL), 0);
	memcpy(p.data, sealed, sizeof(sealed));
	assert_true(opens(&f, &p, false));
	assert_int_equal(p.len, 28);
	for (size_t i = HEADER; i < 28; i++)
		assert_int_equal(p.data[i], 0xab);
	assert_true(seal(&f, &p, false));
	assert_int_equal(p.len, sizeof(sealed));
	assert_memory_equal(p.data, sealed, sizeof(sealed));
}

static void every_suite(void **state)
{
	static const struct { uint8_t suite; uint32_t rtp, rtcp; } longer[] = {
		{ TD_SUITE_CM_80, 10, 14 }, { TD_SUITE_CM_32, 4, 14 },	/* RFC 4568 6.2.2 */
		{ TD_SUITE_GCM_128, 16, 20 }, { TD_SUITE_GCM_256, 16, 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		struct td_srtp_key k = key(longer[i].suite, 1);
		struct td_flow f = flow(1, 1);
		struct packet p;

		assert_int_equal(set_keys(PORT_A, 1, &k, NULL, NULL), 0);
		assert_int_equal(set_keys(PORT_B, 1, NULL, &k, NULL), 0);
		assert_true(travels(&f, 1));
		make(&p, SSRC, 2);
		assert_true(seal(&f, &p, false));
		assert_int_equal(p.len, HEADER + 160 + longer[i].rtp);
		make_rtcp(&p);
		assert_true(seal(&f, &p, true));
		assert_int_equal(p.len, 28 + longer[i].rtcp);
		assert_true(opens(&f, &p, true));
		assert_int_equal(p.len, 28);
	}
}

static void not_authentic(void **state)
{
	struct td_srtp_key k = key(TD_SUITE_CM_80, 1), other = key(TD_SUITE_CM_80, 2);
	struct td_flow f = flow(1, 1), later = flow(2, 1), seals_later = flow(1, 2);
	struct packet p, copy;

	(void)state;
	assert_int_equal(set_keys(PORT_A, 1, &k, NULL, NULL), 0);
	assert_int_equal(set_keys(PORT_B, 1, NULL, &k, NULL), 0);
	make(&p, SSRC, 1);
	assert_false(opens(&f, &p, false));		/* in clear */
	make(&p, SSRC, 1);
	assert_true(seal(&f, &p, false));
	copy = p;
	assert_false(opens(&later, &p, false));		/* keys that are still on their way */
	p.data[20] ^= 1;
	assert_false(opens(&f, &p, false));
	p = copy;
	assert_true(opens(&f, &p, false));
	p = copy;
	assert_false(opens(&f, &p, false));		/* heard before ... */
	now_ns += 5000000000u;
	p = copy;
	assert_false(opens(&f, &p, false));		/* ... and after a pause */
	make(&p, SSRC, 2);
	assert_false(seal(&seals_later, &p, false));
	assert_int_equal(r->counts.not_sealed, 1);
	assert_int_equal(set_keys(PORT_A, 1, &other, NULL, NULL), 0);
	assert_false(travels(&f, 3));
	assert_int_equal(set_keys(PORT_A, 0, NULL, NULL, NULL), 0);
	assert_null(r->seals[TD_SLOT_OF_PORT(PORT_A)]);
	for (p.len = 0; p.len < HEADER; p.len++)
		assert_false(opens(&f, &p, false));
}

/* XDP has carried a stream for hours, or an earlier process has opened it. */
static void a_stream_that_has_gone_round(void **state)
{
	struct td_srtp_key k = key(TD_SUITE_CM_80, 1);
	struct td_srtp_mark was = { .ssrc = SSRC, .seq = 5 << 16 | 100 };
	struct td_flow f = flow(1, 1);
	struct packet old, p;

	(void)state;
	assert_int_equal(set_keys(PORT_A, 1, &k, NULL, NULL), 0);
	assert_int_equal(set_keys(PORT_B, 1, NULL, &k, &was), 0);
	make(&old, SSRC, 110);
	assert_true(seal(&f, &old, false));
	make(&p, SSRC, 120);
	assert_true(seal(&f, &p, false));
	assert_true(opens(&f, &p, false));		/* by trying 0 to 5 */
	assert_true(travels(&f, 121));
	/* it goes on elsewhere, and comes back two rounds later */
	was.seq = 7 << 16 | 50;
	assert_int_equal(set_keys(PORT_B, 1, NULL, &k, &was), 0);
	now_ns += 2000000000u;
	assert_true(travels(&f, 60));
	/* what was recorded two rounds ago is no news */
	now_ns += 2000000000u;
	assert_false(opens(&f, &old, false));
	assert_true(travels(&f, 61));
	/* noise makes nobody try for ever */
	make(&p, SSRC + 1, 1);
	assert_false(opens(&f, &p, false));
	assert_true(travels(&f, 62));
}

static struct td_srtp_mark last_mark(void)
{
	struct td_srtp_mark mark = { 0 };
	struct td_event ev;

	while (td_ring_pop(&r->events, &ev)) {
		assert_int_equal(ev.type, TD_EVENT_SEALED);
		assert_int_equal(ev.slot, TD_SLOT_OF_PORT(PORT_B));
		assert_int_equal(ev.call_id, 7);
		memcpy(&mark, ev.data, sizeof(mark));
	}
	return mark;
}

/* The receiver has been there all the time, the process that seals is a new one. */
static void another_process_goes_on(void **state)
{
	struct td_srtp_key k = key(TD_SUITE_CM_80, 1);
	struct td_flow f = flow(1, 1);
	struct td_srtp_mark mark;
	struct packet p;

	(void)state;
	assert_int_equal(set_keys(PORT_A, 1, &k, NULL, NULL), 0);
	assert_int_equal(set_keys(PORT_B, 1, NULL, &k, NULL), 0);
	for (uint32_t seq = 40000; seq < 0x20000 + 40000; seq += 100)
		assert_true(travels(&f, (uint16_t)seq));
	make_rtcp(&p);
	assert_true(seal(&f, &p, true) && opens(&f, &p, true));
	mark = last_mark();
	assert_int_equal(mark.ssrc, SSRC);
	assert_int_equal(mark.seq >> 15, (0x20000 + 40000) >> 15);
	assert_int_equal(set_keys(PORT_B, 1, NULL, &k, &mark), 0);
	assert_true(travels(&f, (uint16_t)40200));
	make_rtcp(&p);
	assert_true(seal(&f, &p, true));
	assert_true(opens(&f, &p, true));		/* a number that was not used */
	/* nobody wrote anything down while it went round */
	assert_int_equal(set_keys(PORT_B, 1, NULL, &k, &mark), 0);
	assert_true(travels(&f, 300));
	mark = last_mark();
	assert_int_equal(mark.seq >> 16, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_known_packet, start, stop),
		cmocka_unit_test_setup_teardown(every_suite, start, stop),
		cmocka_unit_test_setup_teardown(not_authentic, start, stop),
		cmocka_unit_test_setup_teardown(a_stream_that_has_gone_round, start, stop),
		cmocka_unit_test_setup_teardown(another_process_goes_on, start, stop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_srtp", tests, NULL, NULL);
}
