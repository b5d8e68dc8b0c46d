// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers around a payload, as a capture shows them: checksums by hand, lengths, what is cut. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "userspace/media/capture_frame.h"

static uint32_t words(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static struct td_udp_packet packet(const char *src, const char *dst, const char *payload)
{
	struct td_udp_packet p = {
		.tos = 0xb8, .payload = (const uint8_t *)payload, .len = (uint32_t)strlen(payload),
	};

	assert_int_equal(td_addr_parse(&p.src, src), 0);
	assert_int_equal(td_addr_parse(&p.dst, dst), 0);
	return p;
}

static void test_ipv4(void **state)
{
	struct td_udp_packet p = packet("192.0.2.1:16384", "198.51.100.7:20000", "odd");
	uint8_t got[64] = { 0 };
	static const uint8_t ports[] = { 0x40, 0x00, 0x4e, 0x20, 0x00, 11 };

	(void)state;
	assert_int_equal(td_capture_ip(got, sizeof(got), &p), 20 + 8 + 3);
	assert_int_equal(got[0], 0x45);
	assert_int_equal(got[1], 0xb8);
	assert_int_equal(got[3], 31);
	assert_int_equal(words(got, 20), 0xffff);
	assert_memory_equal(got + 20, ports, sizeof(ports));
	assert_memory_equal(got + 28, "odd", 3);
	/* pseudo header: addresses, 17, length */
	assert_int_equal(words((uint8_t[]){ (uint8_t)(words(got + 12, 19) >> 8),
					    (uint8_t)words(got + 12, 19), 0, 17 + 11 }, 4), 0xffff);
}

static void test_ipv6(void **state)
{
	struct td_udp_packet p = packet("[2001:db8::1]:16384", "[2001:db8:1::2]:20000", "even");
	uint8_t got[64] = { 0 };
	uint32_t sum;

	(void)state;
	assert_int_equal(td_capture_ip(got, sizeof(got), &p), 40 + 8 + 4);
	assert_int_equal(got[0], 0x6b);
	assert_int_equal(got[1], 0x80);
	assert_int_equal(got[5], 12);
	assert_int_equal(got[6], 17);
	assert_memory_equal(got + 8, p.src.ip, 16);
	assert_memory_equal(got + 24, p.dst.ip, 16);
	assert_memory_equal(got + 48, "even", 4);
	sum = words(got + 8, 44);
	assert_int_equal(words((uint8_t[]){ (uint8_t)(sum >> 8), (uint8_t)sum, 0, 17 + 12 }, 4),
			 0xffff);
}

/* Lengths and checksums tell of the whole packet, whatever there is room for. */
static void test_cut(void **state)
{
	struct td_udp_packet p = packet("192.0.2.1:1", "192.0.2.2:2", "0123456789");
	uint8_t whole[64] = { 0 }, cut[64];

	(void)state;
	td_capture_ip(whole, sizeof(whole), &p);
	for (size_t size = 0; size < 38; size++) {
		memset(cut, 0x55, sizeof(cut));
		assert_int_equal(td_capture_ip(cut, size, &p), 38);
		assert_memory_equal(cut, whole, size);
		assert_int_equal(cut[size], 0x55);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4), cmocka_unit_test(test_ipv6), cmocka_unit_test(test_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("media_capture_frame", tests, NULL, NULL);
}
