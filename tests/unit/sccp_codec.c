/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Skinny frames: bytes of real call managers, every layout of every version both ways, and
 * streams cut where it hurts. With SCCP_DUMP=FILE it only writes every message to phones, of
 * every version, as hex for text2pcap: tests/netns/sccp_tshark.sh lets tshark judge them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "userspace/base/mem.h"
#include "userspace/base/str.h"
#include "userspace/sccp/sccp_enum.h"
#include "userspace/sccp/sccp_frame.h"
#include "userspace/sccp/sccp_msg.h"

static const uint32_t versions[] = { 0, 3, 5, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22 };
#define N_VERSIONS (sizeof(versions) / sizeof(versions[0]))

static size_t from_hex(const char *hex, uint8_t *dst)
{
	unsigned int byte;
	size_t n = 0;

	for (; *hex; hex += 2) {
		while (*hex == ' ')
			hex++;
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		dst[n++] = (uint8_t)byte;
	}
	return n;
}

static size_t encode(const struct sccp_msg *m, uint32_t version, uint8_t *dst, size_t size)
{
	struct td_buf b;

	td_buf_init(&b, dst, size);
	assert_int_equal(td_sccp_encode(m, version, &b), 0);
	return b.pos;
}

static void expect_bytes(const struct sccp_msg *m, uint32_t version, const char *hex)
{
	uint8_t got[SCCP_MAX_FRAME + 8], want[SCCP_MAX_FRAME + 8];
	size_t n = encode(m, version, got, sizeof(got)), n_want = from_hex(hex, want);

	assert_int_equal(n, n_want);
	assert_memory_equal(got, want, n);
}

static bool keep_frame(void *arg, const struct sccp_frame *f)
{
	*(struct sccp_frame *)arg = *f;
	return true;
}

static void decode(const uint8_t *p, size_t n, struct sccp_msg *m)
{
	struct sccp_reader r = { 0 };
	struct sccp_frame f = { 0 };

	assert_int_equal(td_sccp_read(&r, p, n, keep_frame, &f), 0);
	assert_false(td_sccp_reader_waits(&r));
	assert_int_equal(td_sccp_decode(&f, m), 0);
}

/* Captured from CallManager 4 towards a 7970, protocol version 5. */
static void real_call_manager(void **state)
{
	(void)state;
	expect_bytes(&(struct sccp_msg){ .id = SCCP_SET_RINGER, .ringer = { 1, 1, 0, 0 } }, 5,
		     "14000000 00000000 85000000 01000000 01000000 00000000 00000000");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_SET_SPEAKER_MODE, .number = { SCCP_ON } }, 5,
		     "08000000 00000000 88000000 01000000");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_SET_LAMP,
					 .lamp = { SCCP_ST_LINE, 1, SCCP_LAMP_ON } }, 5,
		     "10000000 00000000 86000000 09000000 01000000 02000000");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_CALL_STATE,
					 .state = { SCCP_CS_OFF_HOOK, 1, 0x0100001a, 0, 4, 0 } }, 5,
		     "1c000000 00000000 11010000 01000000 01000000 1a000001 00000000 04000000 00000000");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_SELECT_SOFT_KEYS,
					 .select = { 1, 0x0100001a, 4, 0xffffffff } }, 5,
		     "14000000 00000000 10010000 01000000 1a000001 04000000 ffffffff");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_ACTIVATE_CALL_PLANE, .number = { 1 } }, 5,
		     "08000000 00000000 16010000 01000000");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_START_TONE,
					 .tone = { SCCP_TONE_INSIDE_DIAL, 0, 1, 0x0100001a } }, 5,
		     "14000000 00000000 82000000 21000000 00000000 01000000 1a000001");
	expect_bytes(&(struct sccp_msg){ .id = SCCP_STOP_TONE, .tone = { .line = 1, .ref = 0x0100001f } },
		     5, "0c000000 00000000 83000000 01000000 1f000001");
}

/* Length words as they were seen on the wire of call managers, or computed from two sources. */
static void lengths(void **state)
{
	static const struct {
		uint32_t id, version, length;
	} rows[] = {
		{ SCCP_SOFT_KEY_TEMPLATE_RES, 5, 0x290 }, { SCCP_SOFT_KEY_SET_RES, 5, 0x310 },
		{ SCCP_CONFIG_STAT, 5, 0x74 }, { SCCP_LINE_STAT, 5, 0x74 },
		{ SCCP_BUTTON_TEMPLATE, 5, 0x64 }, { SCCP_DEFINE_TIME_DATE, 5, 0x28 },
		{ SCCP_FEATURE_STAT, 5, 0x38 }, { SCCP_REGISTER_ACK, 5, 24 },
		{ SCCP_OPEN_RECEIVE_CHANNEL, 11, 112 }, { SCCP_OPEN_RECEIVE_CHANNEL, 17, 132 },
		{ SCCP_OPEN_RECEIVE_CHANNEL, 22, 172 }, { SCCP_START_MEDIA_TRANSMISSION, 11, 120 },
		{ SCCP_START_MEDIA_TRANSMISSION, 17, 136 },
		{ SCCP_START_MULTICAST_RECEPTION, 11, 40 }, { SCCP_START_MULTICAST_RECEPTION, 17, 56 },
		{ SCCP_START_MEDIA_TRANSMISSION, 22, 172 }, { SCCP_CALL_INFO, 5, 388 },
		{ SCCP_SERVER_RES, 11, 284 }, { SCCP_SERVER_RES, 17, 364 },
		{ SCCP_FORWARD_STAT, 17, 96 }, { SCCP_FORWARD_STAT, 18, 99 },
		{ SCCP_STOP_TONE, 10, 12 }, { SCCP_STOP_TONE, 11, 16 },
	};
	uint8_t frame[SCCP_MAX_FRAME + 8];
	struct sccp_msg m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&m, 0, sizeof(m));
		m.id = rows[i].id;
		assert_int_equal(encode(&m, rows[i].version, frame, sizeof(frame)),
				 rows[i].length + 8);
	}
}

static void header_version(void **state)
{
	struct sccp_msg m = { .id = SCCP_SET_RINGER };
	uint8_t frame[64];

	(void)state;
	encode(&m, 9, frame, sizeof(frame));
	assert_int_equal(frame[4], 0);
	encode(&m, 22, frame, sizeof(frame));
	assert_int_equal(frame[4], 22);
	m.id = SCCP_KEEP_ALIVE_ACK;
	encode(&m, 22, frame, sizeof(frame));
	assert_int_equal(frame[4], 0);
}

/* Register of a 7960 (ends behind the scope, length 72) and what an old one leaves out. */
static void registers_of_all_ages(void **state)
{
	uint8_t frame[256] = { 0 };
	struct sccp_msg m;

	(void)state;
	frame[0] = 72;
	frame[8] = 1;
	memcpy(frame + 12, "SEP001122334455", 15);
	memcpy(frame + 12 + 24, "\x0a\x01\x00\x02", 4);
	frame[12 + 28] = 7;
	frame[12 + 32] = 3;
	frame[12 + 40] = 11;
	frame[12 + 42] = 0x60;
	decode(frame, 80, &m);
	assert_string_equal(m.reg.device, "SEP001122334455");
	assert_int_equal(m.reg.type, 7);
	assert_int_equal(m.reg.version, 11);
	assert_int_equal(m.reg.features[1], 0x60);
	assert_int_equal(m.reg.ip4.ip[12], 10);
	assert_int_equal(m.reg.ip4.ip[15], 2);
	assert_int_equal(m.reg.max_lines, 0);
	frame[0] = 40;			/* a VG248: no version at all */
	decode(frame, 48, &m);
	assert_int_equal(m.reg.version, 0);
	assert_int_equal(m.reg.max_streams, 3);
}

static void open_ack(void **state)
{
	struct sccp_msg m;
	uint8_t frame[128];
	char text[TD_ADDR_STRLEN];

	(void)state;
	decode(frame, from_hex("18000000 00000000 22000000 00000000 0a010002 00500000 07000000 1a000001",
			       frame), &m);
	assert_string_equal(td_addr_str(&m.media_ack.addr, text), "10.1.0.2:20480");
	assert_int_equal(m.media_ack.party, 7);
	assert_int_equal(m.media_ack.ref, 0x0100001a);
	/* version 17: family, 16 bytes */
	decode(frame, from_hex("28000000 11000000 22000000 00000000 01000000"
			       "fd000001000000000000000000000002 00500000 07000000 1a000001", frame), &m);
	assert_string_equal(td_addr_str(&m.media_ack.addr, text), "[fd00:1::2]:20480");
	assert_int_equal(m.media_ack.party, 7);
	/* a firmware that leaves out the reference */
	decode(frame, from_hex("14000000 00000000 22000000 00000000 0a010002 00500000 07000000", frame),
	       &m);
	assert_int_equal(m.media_ack.party, 7);
	assert_int_equal(m.media_ack.ref, 0);
}

/* Both forms have the length word 0x24: a 7970 packs the line behind 25 bytes, an 8945 aligns. */
static void enbloc_packed_and_aligned(void **state)
{
	uint8_t frame[44] = { 0x24, 0, 0, 0, 20, 0, 0, 0, 4 };
	struct sccp_msg m;

	(void)state;
	memcpy(frame + 12, "1002", 4);
	frame[12 + 25] = 2;
	decode(frame, sizeof(frame), &m);
	assert_string_equal(m.enbloc.number, "1002");
	assert_int_equal(m.enbloc.line, 2);
	frame[12 + 25] = 0;
	frame[12 + 28] = 3;
	decode(frame, sizeof(frame), &m);
	assert_int_equal(m.enbloc.line, 3);
	frame[0] = 4 + 24;		/* version 11: the number alone */
	frame[4] = 11;
	decode(frame, 12 + 24, &m);
	assert_string_equal(m.enbloc.number, "1002");
	assert_int_equal(m.enbloc.line, 0);
}

static void capabilities(void **state)
{
	struct sccp_msg m = { .id = SCCP_UPDATE_CAPABILITIES,
			      .caps = { 2, { { SCCP_PT_PCMU, 40 }, { SCCP_PT_G729, 60 } } } };
	struct sccp_msg back;
	uint8_t frame[SCCP_MAX_FRAME];
	size_t n = encode(&m, 17, frame, sizeof(frame));

	(void)state;
	assert_int_equal(n, 1844 + 8);	/* as a 7970 sends it */
	assert_int_equal(frame[12 + 0x138], SCCP_PT_PCMU);
	decode(frame, n, &back);
	assert_int_equal(back.caps.n, 2);
	assert_int_equal(back.caps.cap[1].payload, SCCP_PT_G729);
	frame[12] = 200;		/* says more than there can be */
	decode(frame, n, &back);
	assert_int_equal(back.caps.n, SCCP_CAPS);
}

static void in_words(void **state)
{
	struct sccp_msg m = { .id = SCCP_START_TONE, .tone = { SCCP_TONE_BUSY, 0, 2, 0x100001a } };
	struct sccp_msg p = { .id = SCCP_DISPLAY_PROMPT_STATUS_DYN, .text = { .line = 1,
			      .text = SCCP_TXT_FROM "1001" } };
	uint8_t frame[256];
	struct sccp_frame f = { .version = 17, .body = frame + SCCP_HEADER };
	char text[256] = "";
	struct td_buf out;

	(void)state;
	f.len = encode(&m, 17, frame, sizeof(frame)) - SCCP_HEADER;
	f.id = m.id;
	td_buf_init(&out, text, sizeof(text) - 1);
	td_sccp_print(&f, &out);
	assert_string_equal(text, "StartTone tone=35 line=2 ref=0x100001a");
	memset(text, 0, sizeof(text));
	f.len = encode(&p, 17, frame, sizeof(frame)) - SCCP_HEADER;
	f.id = p.id;
	td_buf_init(&out, text, sizeof(text) - 1);
	td_sccp_print(&f, &out);
	assert_string_equal(text, "DisplayDynamicPromptStatus line=1 text='\\x80\\x171001'");
}

static void rows_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 0; i < td_sccp_rows(); i++) {
		struct sccp_row_info r = td_sccp_row(i);

		assert_string_equal(td_sccp_name(r.id), r.name);
		if (i && td_sccp_row(i - 1).direction == r.direction)
			assert_true(td_sccp_row(i - 1).id < r.id);
	}
	assert_null(td_sccp_name(0x0099));
	assert_null(td_sccp_name(0xffffffff));
}

/* Whatever a body holds: what is understood of it survives being written and read again. */
static void both_ways(void **state)
{
	static uint8_t body[2600], once[SCCP_MAX_FRAME + 8], twice[SCCP_MAX_FRAME + 8];
	static struct sccp_msg a, b;
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < td_sccp_rows(); i++) {
		struct sccp_row_info r = td_sccp_row(i);

		for (size_t k = 0; k < N_VERSIONS * 8; k++) {
			struct sccp_frame f = { .version = versions[k % N_VERSIONS], .id = r.id,
						.body = body };
			size_t n;

			f.len = r.least + (size_t)rand_r(&seed) % (sizeof(body) - r.least);
			for (size_t at = 0; at < sizeof(body); at++)
				body[at] = (uint8_t)(k & 1 ? rand_r(&seed) : rand_r(&seed) % 3);
			memset(&a, 0, sizeof(a));
			memset(&b, 0, sizeof(b));
			assert_int_equal(td_sccp_decode(&f, &a), 0);
			n = encode(&a, f.version, once, sizeof(once));
			f.body = once + SCCP_HEADER;
			f.len = n - SCCP_HEADER;
			assert_int_equal(td_sccp_decode(&f, &b), 0);
			assert_int_equal(encode(&b, f.version, twice, sizeof(twice)), n);
			assert_memory_equal(once, twice, n);
		}
	}
}

static void short_and_unknown(void **state)
{
	uint8_t body[8] = { 0 };
	struct sccp_frame f = { .id = 0x0bad, .body = body, .len = 8 };
	struct sccp_msg m;
	struct td_buf out;

	(void)state;
	assert_int_equal(td_sccp_decode(&f, &m), -ENOENT);
	f.id = SCCP_REGISTER;
	assert_int_equal(td_sccp_decode(&f, &m), -EBADMSG);
	m.id = 0x0bad;
	td_buf_init(&out, body, sizeof(body));
	assert_int_equal(td_sccp_encode(&m, 0, &out), -ENOENT);
	m.id = SCCP_CAPABILITIES_REQ;
	assert_int_equal(td_sccp_encode(&m, 0, &out), -ENOSPC);
	assert_int_equal(out.pos, 0);
}

/* ---- the reader ---- */

struct heard {
	uint32_t id[64];
	size_t len[64], n, stop_at;
};

static bool hear(void *arg, const struct sccp_frame *f)
{
	struct heard *h = arg;

	h->id[h->n] = f->id;
	h->len[h->n++] = f->len;
	for (size_t i = 0; i < f->len; i++)
		assert_int_equal(f->body[i], (uint8_t)i);
	return h->n != h->stop_at;
}

static size_t put_frame(uint8_t *p, uint32_t id, size_t body)
{
	size_t n = body + 4;

	memset(p, 0, 12);
	p[0] = (uint8_t)n;
	p[1] = (uint8_t)(n >> 8);
	p[8] = (uint8_t)id;
	for (size_t i = 0; i < body; i++)
		p[12 + i] = (uint8_t)i;
	return n + 8;
}

static void every_cut(void **state)
{
	uint8_t s[512];
	size_t n = 0;

	(void)state;
	n += put_frame(s + n, 1, 68);
	n += put_frame(s + n, 2, 4);
	n += put_frame(s + n, 0, 0);
	n += put_frame(s + n, 3, 13);
	for (size_t step = 1; step <= n; step++)
		for (size_t first = 0; first < step; first++) {
			struct sccp_reader r = { 0 };
			struct heard h = { .n = 0 };

			assert_int_equal(td_sccp_read(&r, s, first, hear, &h), 0);
			for (size_t at = first; at < n; at += step)
				assert_int_equal(td_sccp_read(&r, s + at, step < n - at ? step : n - at,
							      hear, &h), 0);
			assert_int_equal(h.n, 4);
			assert_int_equal(h.id[0], 1);
			assert_int_equal(h.len[0], 68);
			assert_int_equal(h.id[3], 3);
			assert_int_equal(h.len[3], 13);
			assert_false(td_sccp_reader_waits(&r));
			assert_null(r.part);
			td_sccp_reader_fini(&r);
		}
}

static void impossible_lengths(void **state)
{
	static const char *const bad[] = {
		"03000000", "00000000", "01100000", "00000100", "ffffffff", "474554 20",
	};
	uint8_t bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sccp_reader r = { 0 };
		struct heard h = { .n = 0 };
		size_t n = from_hex(bad[i], bytes);

		assert_int_equal(td_sccp_read(&r, bytes, n, hear, &h), -EBADMSG);
		assert_int_equal(td_sccp_read(&r, bytes, 2, hear, &h), 0);
		assert_int_equal(td_sccp_read(&r, bytes + 2, n - 2, hear, &h), -EBADMSG);
		td_sccp_reader_fini(&r);
	}
}

static void longest_frame(void **state)
{
	static uint8_t s[SCCP_MAX_FRAME + 8];
	struct sccp_reader r = { 0 };
	struct heard h = { .n = 0 };
	size_t n = put_frame(s, 9, SCCP_MAX_FRAME - 4);

	(void)state;
	assert_int_equal(td_sccp_read(&r, s, n - 1, hear, &h), 0);
	assert_int_equal(td_sccp_read(&r, s + n - 1, 1, hear, &h), 0);
	assert_int_equal(h.n, 1);
	td_sccp_reader_fini(&r);
}

static void stop_in_between(void **state)
{
	uint8_t s[64];
	size_t n = put_frame(s, 1, 1);
	struct sccp_reader r = { 0 };
	struct heard h = { .stop_at = 1 };

	(void)state;
	n += put_frame(s + n, 2, 1);
	assert_int_equal(td_sccp_read(&r, s, n, hear, &h), -ECANCELED);
	assert_int_equal(h.n, 1);
	td_mem_fail_nth(1);
	assert_int_equal(td_sccp_read(&r, s, 5, hear, &h), -ENOMEM);
	td_mem_fail_nth(0);
	td_sccp_reader_fini(&r);
}

/* ---- for the referee ---- */

static void dump_one(FILE *out, const struct sccp_msg *m, uint32_t version)
{
	static uint8_t frame[SCCP_MAX_FRAME + 8];
	size_t n = encode(m, version, frame, sizeof(frame));

	for (size_t i = 0; i < n; i++) {
		if (i % 16 == 0)
			fprintf(out, "%s%06zx", i ? "\n" : "", i);
		fprintf(out, " %02x", frame[i]);
	}
	fprintf(out, "\n\n");
}

static int dump(const char *path)
{
	FILE *out = fopen(path, "w");
	static struct sccp_msg m;

	if (!out)
		return 1;
	for (size_t v = 0; v < N_VERSIONS; v++) {
		uint32_t version = versions[v] < 10 ? 0 : versions[v];

		for (size_t i = 0; i < td_sccp_rows(); i++) {
			memset(&m, 0, sizeof(m));
			m.id = td_sccp_row(i).id;
			dump_one(out, &m, version);
		}
	}
	return fclose(out) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_call_manager),
		cmocka_unit_test(lengths),
		cmocka_unit_test(header_version),
		cmocka_unit_test(registers_of_all_ages),
		cmocka_unit_test(open_ack),
		cmocka_unit_test(enbloc_packed_and_aligned),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(in_words),
		cmocka_unit_test(rows_are_sorted),
		cmocka_unit_test(both_ways),
		cmocka_unit_test(short_and_unknown),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(impossible_lengths),
		cmocka_unit_test(longest_frame),
		cmocka_unit_test(stop_in_between),
	};

	if (getenv("SCCP_DUMP"))
		return dump(getenv("SCCP_DUMP"));
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
