/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long what a DNS message says is true, and whose certificate it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "userspace/sip/sip_dns.h"
#include "userspace/sip/sip_tls_name.h"

#define NAME	 "\3abc\4test\0"
#define QUESTION NAME "\0\1\0\1"
#define POINTER	 "\xc0\x0c"
#define A(ttl)	 POINTER "\0\1\0\1" ttl "\0\4" "\1\2\3\4"

#define MSG(counts, rest) (const uint8_t *)("\0\1\x81\x80" counts rest), 12 + sizeof(rest) - 1

static void ttl(void **state)
{
	(void)state;
	/* one question, two answers: the least counts */
	assert_int_equal(td_dns_ttl(MSG("\0\1\0\2\0\0\0\0", QUESTION A("\0\0\1\0") A("\0\0\0\7"))), 7);
	assert_int_equal(td_dns_ttl(MSG("\0\1\0\1\0\0\0\0", QUESTION A("\0\1\0\0"))), 65536);
	/* no answer: of the SOA the lesser of its own time and its minimum (RFC 2308 5) */
	assert_int_equal(td_dns_ttl(MSG("\0\1\0\0\0\1\0\0", QUESTION POINTER
					"\0\6\0\1" "\0\0\0\x3c" "\0\x18" POINTER POINTER
					"0000" "1111" "2222" "3333" "\0\0\0\x1e")), 30);
	/* another authority is no answer */
	assert_int_equal(td_dns_ttl(MSG("\0\1\0\0\0\1\0\0", QUESTION A("\0\0\0\7"))), 0);
}

static void broken(void **state)
{
	static const char msg[] = "\0\1\x81\x80\0\1\0\1\0\0\0\0" QUESTION A("\0\0\0\7");

	(void)state;
	for (size_t len = 0; len < sizeof(msg) - 1; len++)
		assert_int_equal(td_dns_ttl((const uint8_t *)msg, len), 0);
	/* a record longer than the message, and more records than there are */
	assert_int_equal(td_dns_ttl(MSG("\0\1\0\1\0\0\0\0", QUESTION POINTER "\0\1\0\1\0\0\0\7\xff\xff")), 0);
	assert_int_equal(td_dns_ttl(MSG("\0\1\0\2\0\0\0\0", QUESTION A("\0\0\0\7"))), 0);
}

/* ---- certificates ---- */

static X509 *cert(const char *common_name, const char *alt)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)common_name, -1, -1, 0);
	if (alt) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt);

		assert_non_null(e);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	return x;
}

static bool fits(const char *common_name, const char *alt, const char *host)
{
	X509 *x = cert(common_name, alt);
	bool good = td_tls_cert_is_of(x, host);

	X509_free(x);
	return good;
}

static void names(void **state)
{
	(void)state;
	assert_true(fits("a.test", NULL, "A.test"));
	assert_false(fits("a.test", NULL, "b.test"));
	assert_true(fits("x", "DNS:a.test,DNS:b.test", "b.test"));
	/* RFC 5922 7.1: the common name counts only when there is nothing better */
	assert_false(fits("c.test", "DNS:a.test", "c.test"));
	/* ... and DNS names only when there is no SIP domain */
	assert_true(fits("x", "URI:sip:a.test,DNS:b.test", "a.test"));
	assert_false(fits("x", "URI:sip:a.test,DNS:b.test", "b.test"));
	/* a person is no domain, and another scheme no SIP */
	assert_false(fits("x", "URI:sip:joe@a.test", "a.test"));
	assert_true(fits("x", "URI:http://z.test,DNS:a.test", "a.test"));
	/* 7.2: no wildcards */
	assert_false(fits("x", "DNS:*.test", "a.test"));
	assert_false(fits("*.test", NULL, "a.test"));
	assert_true(fits("x", "IP:192.0.2.1", "192.0.2.1"));
	assert_true(fits("x", "IP:2001:db8::1", "2001:db8:0::1"));
	assert_false(fits("x", "IP:192.0.2.1", "192.0.2.2"));
	assert_false(fits("192.0.2.9", "IP:192.0.2.1,DNS:a.test", "192.0.2.9"));
}

static void told_names(void **state)
{
	X509 *x = cert("x", "DNS:a.test,DNS:b.test");
	char text[64], small[8];

	(void)state;
	td_tls_cert_names(x, text, sizeof(text));
	assert_string_equal(text, "a.test, b.test");
	td_tls_cert_names(x, small, sizeof(small));
	assert_string_equal(small, "a.test,");
	X509_free(x);
	x = cert("a\nlevel=info", NULL);
	td_tls_cert_names(x, text, sizeof(text));
	assert_string_equal(text, "a?level=info");
	X509_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ttl), cmocka_unit_test(broken),
		cmocka_unit_test(names), cmocka_unit_test(told_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sip_dns", tests, NULL, NULL);
}
