/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses: what text is taken and refused, both families, struct sockaddr there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "userspace/base/addr.h"

static struct td_addr addr(const char *text)
{
	struct td_addr a;

	if (td_addr_parse(&a, text))
		fail_msg("'%s' was refused", text);
	return a;
}

static void text_there_and_back(void **state)
{
	static const struct {
		const char *text, *ip, *full;
	} rows[] = {
		{ "1.2.3.4", "1.2.3.4", "1.2.3.4:0" },
		{ "1.2.3.4:5060", "1.2.3.4", "1.2.3.4:5060" },
		{ "0.0.0.0:1", "0.0.0.0", "0.0.0.0:1" },
		{ "255.255.255.255:65535", "255.255.255.255", "255.255.255.255:65535" },
		{ "::", "::", "[::]:0" },
		{ "::1", "::1", "[::1]:0" },
		{ "[::1]", "::1", "[::1]:0" },
		{ "[::1]:5060", "::1", "[::1]:5060" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", "[2001:db8::1]:0" },
		{ "::ffff:10.0.0.1", "10.0.0.1", "10.0.0.1:0" },
		{ "[::ffff:10.0.0.1]:80", "10.0.0.1", "10.0.0.1:80" },
		{ "fe80::1%2", "fe80::1", "[fe80::1%2]:0" },
		{ "[fe80::1%4294967295]:5060", "fe80::1", "[fe80::1%4294967295]:5060" },
		{ "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535",
		  "fe80:1111:2222:3333:4444:5555:6666:7777",
		  "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535" },
	};
	char dst[TD_ADDR_STRLEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct td_addr a = addr(rows[i].text), again;

		assert_ptr_equal(td_addr_ip(&a, dst), dst);
		assert_string_equal(dst, rows[i].ip);
		assert_ptr_equal(td_addr_str(&a, dst), dst);
		assert_string_equal(dst, rows[i].full);
		again = addr(rows[i].full);
		assert_memory_equal(&again, &a, sizeof(a));
	}
}

static void text_refused(void **state)
{
	static const char *const rows[] = {
		"", " ", "localhost", "localhost:5060", "1.2.3", "1.2.3.4.5", "1.2.3.256",
		"01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:", "1.2.3.4:-1", "1.2.3.4:+1",
		"1.2.3.4:65536", "1.2.3.4:99999999999999999999", "1.2.3.4:5060x", "1.2.3.4:5:6",
		"[1.2.3.4]:5060", "[::1", "::1]", "[::1]5060", "[::1]:", "[::1]:x", "[]", "[]:1",
		"[", ":", ":5060", "::1::", "12345::", "1:2:3:4:5:6:7:8:9", "fe80::1%", "fe80::1%x",
		"fe80::1%eth0", "fe80::1%4294967296", "2001:db8::1%2", "::ffff:10.0.0.256",
		"[fe80:1111:2222:3333:4444:5555:6666:7777%00000000004294967295]:65535",
	};
	const struct td_addr unset = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct td_addr a;

		memset(&a, 0xaa, sizeof(a));
		if (td_addr_parse(&a, rows[i]) != -EINVAL)
			fail_msg("'%s' was taken", rows[i]);
		assert_memory_equal(&a, &unset, sizeof(a));
	}
}

static void kinds(void **state)
{
	static const struct {
		const char *text;
		bool set, v4, any;
	} rows[] = {
		{ "1.2.3.4", true, true, false },
		{ "0.0.0.0", true, true, true },
		{ "::ffff:0.0.0.0", true, true, true },
		{ "::1", true, false, false },
		{ "::", false, false, true },
		{ "::1.2.3.4", true, false, false },
	};
	struct td_addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = addr(rows[i].text);
		assert_int_equal(td_addr_is_set(&a), rows[i].set);
		assert_int_equal(td_addr_is_v4(&a), rows[i].v4);
		assert_int_equal(td_addr_is_any(&a), rows[i].any);
	}
	memset(&a, 0, sizeof(a));
	a.port = 5060;
	assert_false(td_addr_is_set(&a));	/* a port alone is no address */
	assert_true(td_addr_is_any(&a));
}

static void v4_by_number(void **state)
{
	struct td_addr a, b = addr("192.0.2.1:4000");

	(void)state;
	memset(&a, 0xff, sizeof(a));
	td_addr_set_v4(&a, 0xc0000201, 4000);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void equality(void **state)
{
	struct td_addr a = addr("192.0.2.1:4000"), b = addr("192.0.2.1:4001");
	struct td_addr c = addr("192.0.2.2:4000"), d = addr("[::ffff:192.0.2.1]:4000");

	(void)state;
	assert_true(td_addr_same_ip(&a, &b));
	assert_false(td_addr_same_ip(&a, &c));
	assert_true(td_addr_equal(&a, &d));
	assert_false(td_addr_equal(&a, &b));
	assert_false(td_addr_equal(&a, &c));
	assert_int_equal(td_addr_hash(&a), td_addr_hash(&d));
	assert_int_not_equal(td_addr_hash(&a), td_addr_hash(&b));
	assert_int_not_equal(td_addr_hash(&a), td_addr_hash(&c));
	b.port = (uint16_t)(a.port + 0x100);	/* the high byte counts too */
	assert_int_not_equal(td_addr_hash(&a), td_addr_hash(&b));
}

static void networks(void **state)
{
	static const struct { const char *host, *net; unsigned int bits; bool in; } want[] = {
		{ "10.1.2.3", "10.0.0.0", 8, true },	{ "11.0.0.0", "10.0.0.0", 8, false },
		{ "10.127.255.255", "10.0.0.0", 9, true }, { "10.128.0.0", "10.0.0.0", 9, false },
		{ "192.0.2.7", "192.0.2.7", 32, true },	{ "192.0.2.6", "192.0.2.7", 32, false },
		{ "192.0.2.6", "192.0.2.7", 31, true },	{ "192.0.2.6", "0.0.0.0", 0, true },
		{ "2001:db8::1", "0.0.0.0", 0, false },	{ "192.0.2.6", "::", 0, false },
		{ "2001:db8::1", "2001:db8::", 32, true }, { "2001:db9::1", "2001:db8::", 32, false },
		{ "2001:db8::1", "2001:db8::1", 128, true },
		{ "2001:db8::3", "2001:db8::1", 128, false }, { "8000::", "8000::", 1, true },
		{ "192.0.2.7", "192.0.2.7", 33, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct td_addr host = addr(want[i].host), net = addr(want[i].net);

		assert_int_equal(td_addr_in_net(&host, &net, want[i].bits), want[i].in);
	}
}

static void sockaddr_there_and_back(void **state)
{
	static const struct {
		const char *text;
		bool as_v6;
		sa_family_t family;
		unsigned int len;
	} rows[] = {
		{ "192.0.2.1:4000", false, AF_INET, sizeof(struct sockaddr_in) },
		{ "192.0.2.1:4000", true, AF_INET6, sizeof(struct sockaddr_in6) },
		{ "[2001:db8::1]:4000", false, AF_INET6, sizeof(struct sockaddr_in6) },
		{ "[fe80::1%7]:4000", true, AF_INET6, sizeof(struct sockaddr_in6) },
		{ "[::]:5060", false, AF_INET6, sizeof(struct sockaddr_in6) },
		{ "0.0.0.0:5060", false, AF_INET, sizeof(struct sockaddr_in) },
	};
	struct sockaddr_storage ss;
	struct td_addr a, b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		a = addr(rows[i].text);
		memset(&ss, 0xff, sizeof(ss));
		assert_int_equal(td_addr_to_sockaddr(&a, &ss, rows[i].as_v6), rows[i].len);
		assert_int_equal(ss.ss_family, rows[i].family);
		memset(&b, 0xff, sizeof(b));
		assert_int_equal(td_addr_from_sockaddr(&b, (struct sockaddr *)&ss), 0);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void sockaddr_in_network_order(void **state)
{
	const struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(0x1234),
					.sin_addr = { htonl(0x01020304) } };
	const struct sockaddr_in6 global = { .sin6_family = AF_INET6, .sin6_scope_id = 9,
					     .sin6_addr = { { { 0x20, 0x01 } } } };
	struct sockaddr_storage ss;
	struct td_addr a;

	(void)state;
	assert_int_equal(td_addr_from_sockaddr(&a, (const struct sockaddr *)&in), 0);
	assert_int_equal(a.port, 0x1234);
	assert_int_equal(a.ip[12], 1);
	assert_int_equal(a.ip[15], 4);
	td_addr_to_sockaddr(&a, &ss, false);
	assert_memory_equal(&ss, &in, sizeof(in));
	/* only link-local addresses keep their interface */
	assert_int_equal(td_addr_from_sockaddr(&a, (const struct sockaddr *)&global), 0);
	assert_int_equal(a.scope, 0);
}

static void sockaddr_of_another_kind(void **state)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNIX };
	struct td_addr a;

	(void)state;
	assert_int_equal(td_addr_from_sockaddr(&a, (struct sockaddr *)&ss), -EAFNOSUPPORT);
	assert_false(td_addr_is_set(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_there_and_back),
		cmocka_unit_test(text_refused),
		cmocka_unit_test(kinds),
		cmocka_unit_test(v4_by_number),
		cmocka_unit_test(equality),
		cmocka_unit_test(sockaddr_there_and_back),
		cmocka_unit_test(networks),
		cmocka_unit_test(sockaddr_in_network_order),
		cmocka_unit_test(sockaddr_of_another_kind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
