/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of certificates and signed files: read back tag by tag, signatures checked by OpenSSL over
 * the bytes as phones see them; the key's file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "userspace/base/mem.h"
#include "userspace/prov/signed.h"

static char folder[] = "/tmp/prov_trust.XXXXXX";

static struct td_trust *opened(void)
{
	struct td_trust *t = NULL;
	char why[600] = "";

	if (td_trust_open(&t, folder, why, sizeof(why)))
		fail_msg("%s", why);
	return t;
}

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)(p[0] << 8 | p[1]);
}

/* Header's length; the signature is taken out of a copy of the whole. */
static size_t take_signature(const uint8_t *data, size_t len, uint8_t *rest, const uint8_t **sig,
			     char name[64])
{
	size_t header = be16(data + 8), at = 0, n;

	assert_int_equal(data[0], 1);		/* version */
	assert_int_equal(data[5], 2);		/* length */
	assert_int_equal(header % 4, 0);
	*sig = NULL;
	name[0] = '\0';
	while (at < header) {
		uint8_t tag = data[at];

		if (tag == 13) {
			at++;
			continue;
		}
		n = be16(data + at + 1);
		if (tag == 12) {
			assert_int_equal(n, 256);
			*sig = data + at + 3;
			memcpy(rest, data, at);
			memcpy(rest + at, data + at + 3 + n, len - at - 3 - n);
		} else if (tag == 14) {
			assert_true(n <= 64);
			memcpy(name, data + at + 3, n);
		}
		at += 3 + (tag == 3 || tag == 7 || tag == 9 ? 0 : n);
	}
	assert_int_equal(at, header);
	assert_non_null(*sig);
	return header;
}

static bool is_signed_by(X509 *cert, const uint8_t *data, size_t len, const uint8_t *sig)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool good = EVP_DigestVerifyInit(md, NULL, EVP_sha1(), NULL, X509_get0_pubkey(cert)) == 1 &&
		    EVP_DigestVerify(md, sig, 256, data, len) == 1;

	EVP_MD_CTX_free(md);
	return good;
}

/* Record i: its role and certificate. */
static X509 *record(const uint8_t *data, size_t len, size_t header, int i, unsigned int *role)
{
	const uint8_t *der = NULL;
	size_t at = header, end, n = 0;

	for (; i && at < len; i--)
		at += be16(data + at + 3);
	if (at >= len)
		return NULL;
	end = at + be16(data + at + 3);
	assert_true(end <= len);
	for (; at < end; at += 3 + n) {
		n = be16(data + at + 1);
		if (data[at] == 4)
			*role = be16(data + at + 3);
		if (data[at] == 9)
			der = data + at + 3;
		if (data[at] == 9)
			return d2i_X509(NULL, &der, (long)n);
	}
	return NULL;
}

static void a_list(void **state)
{
	struct td_trust *t = opened();
	uint8_t *rest = malloc(16384), *list, *again;
	const uint8_t *sig;
	const char *none = "/nonexistent.pem";
	unsigned int role = 99;
	size_t len, len2, header;
	char name[64];
	X509 *cert;

	(void)state;
	list = td_trust_list(t, "ITLFile.tlv", &none, 1, &len);
	assert_non_null(list);
	header = take_signature(list, len, rest, &sig, name);
	assert_string_equal(name, "ITLFile.tlv");
	cert = record(list, len, header, 0, &role);
	assert_non_null(cert);
	assert_int_equal(role, 0);
	assert_true(is_signed_by(cert, rest, len - 259, sig));
	rest[len - 300] ^= 1;
	assert_false(is_signed_by(cert, rest, len - 259, sig));
	X509_free(cert);
	cert = record(list, len, header, 1, &role);
	assert_int_equal(role, 3);
	X509_free(cert);
	assert_null(record(list, len, header, 2, &role));
	/* another start of the same router: the same bytes */
	td_trust_close(t);
	t = opened();
	again = td_trust_list(t, "ITLFile.tlv", NULL, 0, &len2);
	assert_int_equal(len, len2);
	assert_memory_equal(list, again, len);
	td_free(list);
	td_free(again);
	free(rest);
	td_trust_close(t);
}

static struct td_names *table(void)
{
	struct td_names *n = td_names_begin();
	char *text = td_zalloc(3000);

	memset(text, 'x', 3000);
	assert_int_equal(td_names_add(n, &(struct td_name){ .name = "SEP1.cnf.xml", .data = text,
							   .len = 3000, .type = "text/xml" }), 0);
	td_names_finish(n);
	return n;
}

static void a_signed_file(void **state)
{
	struct td_trust *t = opened();
	struct td_names *names = table();
	uint8_t *whole = malloc(8192), *rest = malloc(8192), *list;
	const uint8_t *head, *sig, *second;
	const struct td_name *file;
	struct td_signed s;
	unsigned int role;
	size_t len;
	char name[64];
	bool is_signed;
	X509 *cert;
	int n;

	(void)state;
	list = td_trust_list(t, "ITLFile.tlv", NULL, 0, &len);
	cert = record(list, len, be16(list + 8), 1, &role);
	td_signed_init(&s, t);
	file = td_signed_find(&s, names, "SEP1.cnf.xml", 12, &is_signed);
	assert_non_null(file);
	assert_false(is_signed);
	assert_null(td_signed_find(&s, names, "SEP2.cnf.xml.sgn", 16, &is_signed));
	assert_null(td_signed_find(&s, names, ".sgn", 4, &is_signed));
	assert_ptr_equal(td_signed_find(&s, names, "SEP1.cnf.xml.sgn", 16, &is_signed), file);
	assert_true(is_signed);
	n = td_signed_head(&s, names, file, &head);
	assert_true(n > 256);
	assert_int_equal(td_signed_head(&s, names, file, &second), n);
	assert_ptr_equal(head, second);		/* made once */
	memcpy(whole, head, (size_t)n);
	memcpy(whole + n, file->data, file->len);
	assert_int_equal(take_signature(whole, (size_t)n + file->len, rest, &sig, name), n);
	assert_string_equal(name, "SEP1.cnf.xml.sgn");
	assert_true(is_signed_by(cert, rest, (size_t)n + file->len - 259, sig));
	td_signed_clear(&s);
	/* nobody signs */
	td_signed_init(&s, NULL);
	assert_null(td_signed_find(&s, names, "SEP1.cnf.xml.sgn", 16, &is_signed));
	td_signed_clear(&s);
	X509_free(cert);
	td_free(list);
	free(whole);
	free(rest);
	td_names_unref(names);
	td_trust_close(t);
}

/* A broken one is not made anew: phones believe the old one, and somebody may have it yet. */
static void the_file(void **state)
{
	struct td_trust *t = opened();
	char path[64], why[600] = "";
	struct stat st;

	(void)state;
	td_trust_close(t);
	snprintf(path, sizeof(path), "%s/trust.pem", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(td_trust_open(&t, folder, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "trust.pem: it holds no RSA key"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 100);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(td_trust_open(&t, "/nonexistent", why, sizeof(why)), -ENOENT);
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list),
		cmocka_unit_test(a_signed_file),
		cmocka_unit_test(the_file),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, begin, end);
}
