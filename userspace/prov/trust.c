// SPDX-License-Identifier: GPL-2.0-or-later
/* The key, its file, and what is signed with it. See trust.h. */
#include "userspace/prov/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "userspace/base/buf.h"
#include "userspace/base/log.h"
#include "userspace/base/mem.h"

#define KEY_BITS    2048		/* phones take no more */
#define YEARS	    20
#define LIST_BYTES  16384
#define MOST_CERTS  8
#define READ_BYTES  65536

enum {					/* in the header */
	VERSION = 1, HEADER_LENGTH, SIGNER_INFO, SIGNER_NAME, SIGNER_SERIAL, SIGNER_ISSUER,
	SIGNATURE_INFO, HASH, SIGNATURE_ALGORITHM_INFO, SIGNATURE_ALGORITHM, MODULUS, SIGNATURE,
	PADDING, FILE_NAME, TIMESTAMP, LIST_VERSION = 28
};
enum {					/* in a record of a list */
	RECORD_LENGTH = 1, SUBJECT = 3, ROLE, ISSUER, SERIAL, PUBLIC_KEY, CERT_SIGNATURE, CERTIFICATE
};
enum { ROLE_SAST, ROLE_CCM, ROLE_CCM_TFTP, ROLE_TFTP };
#define HASH_SHA1    1
#define MODULUS_2048 2			/* 512, 1024, 2048 ... bits */

struct td_trust {
	EVP_PKEY *key;
	X509 *cert;
};

/* ---- parts ---- */

static void put_tag(struct td_buf *b, uint8_t tag, const void *data, size_t len)
{
	td_buf_put_u8(b, tag);
	td_buf_put_be16(b, (uint16_t)len);
	td_buf_put_bytes(b, data, len);
}

static void put_u8(struct td_buf *b, uint8_t tag, uint8_t v)
{
	put_tag(b, tag, &v, 1);
}

static void put_u16(struct td_buf *b, uint8_t tag, uint16_t v)
{
	td_buf_put_u8(b, tag);
	td_buf_put_be16(b, 2);
	td_buf_put_be16(b, v);
}

/* Attributes in the order of the certificate, with commas, and a zero at the end. */
static void put_name(struct td_buf *b, uint8_t tag, const X509_NAME *name)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL;
	long n = 0;

	if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)XN_FLAG_DN_REV) >= 0)
		n = BIO_get_mem_data(out, &text);
	td_buf_put_u8(b, tag);
	td_buf_put_be16(b, (uint16_t)(n + 1));
	td_buf_put_bytes(b, text, (size_t)n);
	td_buf_put_u8(b, 0);
	BIO_free(out);
}

static void put_serial(struct td_buf *b, uint8_t tag, const X509 *cert)
{
	BIGNUM *bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	uint8_t bytes[64];
	int n = bn && BN_num_bytes(bn) <= (int)sizeof(bytes) ? BN_bn2bin(bn, bytes) : 0;

	put_tag(b, tag, bytes, (size_t)n);
	BN_free(bn);
}

/* A number that phones can compare; the same as long as the key is. */
static uint32_t stamp_of(const X509 *cert)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(X509_get0_notBefore(cert), &tm) ? (uint32_t)timegm(&tm) : 0;
}

/*
 * The header without the signature, which belongs at *at and is not signed itself, and counts in the
 * header's length.
 */
static void put_header(const struct td_trust *t, struct td_buf *b, bool list, const char *name,
		       size_t *at)
{
	size_t length_at, info_at, info, whole = 3 + KEY_BITS / 8;

	put_u16(b, VERSION, list ? 0x0102 : 0x0100);
	length_at = b->pos + 3;
	put_u16(b, HEADER_LENGTH, 0);
	if (list)
		put_u16(b, LIST_VERSION, 0x0100);
	td_buf_put_u8(b, SIGNER_INFO);
	info_at = b->pos;
	td_buf_put_be16(b, 0);
	info = b->pos;
	put_name(b, SIGNER_NAME, X509_get_subject_name(t->cert));
	put_name(b, SIGNER_ISSUER, X509_get_issuer_name(t->cert));
	put_serial(b, SIGNER_SERIAL, t->cert);
	info = b->pos - info;
	td_buf_put_u8(b, SIGNATURE_INFO);
	td_buf_put_be16(b, 15);		/* what follows, two tags of one byte in the second */
	put_u8(b, HASH, HASH_SHA1);
	td_buf_put_u8(b, SIGNATURE_ALGORITHM_INFO);
	td_buf_put_be16(b, 8);
	put_u8(b, SIGNATURE_ALGORITHM, 0);
	put_u8(b, MODULUS, MODULUS_2048);
	*at = b->pos;
	put_tag(b, FILE_NAME, name, strlen(name) + 1);
	td_buf_put_u8(b, TIMESTAMP);
	td_buf_put_be16(b, 4);
	td_buf_put_be32(b, stamp_of(t->cert));
	while ((b->pos + whole) % 4 && !b->err)
		td_buf_put_u8(b, PADDING);
	if (b->err)
		return;
	b->p[length_at] = (uint8_t)((b->pos + whole) >> 8);
	b->p[length_at + 1] = (uint8_t)(b->pos + whole);
	b->p[info_at] = (uint8_t)(info >> 8);
	b->p[info_at + 1] = (uint8_t)info;
}

static EVP_MD_CTX *sign_begin(const struct td_trust *t, const void *data, size_t len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md && EVP_DigestSignInit(md, NULL, EVP_sha1(), NULL, t->key) == 1 &&
	    EVP_DigestSignUpdate(md, data, len) == 1)
		return md;
	EVP_MD_CTX_free(md);
	return NULL;
}

/* Puts the signature into its place. -ENOMEM: it could not be made. */
static int sign_end(EVP_MD_CTX *md, struct td_buf *b, size_t at)
{
	uint8_t sig[KEY_BITS / 8];
	size_t len = sizeof(sig), moved = b->pos - at, whole = 3 + sizeof(sig);
	bool good = EVP_DigestSignFinal(md, sig, &len) == 1 && len == sizeof(sig) &&
		    td_buf_left(b) >= whole;

	EVP_MD_CTX_free(md);
	if (!good)
		return -ENOMEM;
	memmove(b->p + at + whole, b->p + at, moved);
	b->pos = at;
	put_tag(b, SIGNATURE, sig, sizeof(sig));
	b->pos += moved;
	return 0;
}

/* ---- a list of certificates ---- */

static void put_public_key(struct td_buf *b, EVP_PKEY *key)
{
	uint8_t *der = NULL;
	int len = 0;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
		len = i2d_PublicKey(key, &der);		/* PKCS #1 */
	} else {
		size_t n = EVP_PKEY_get1_encoded_public_key(key, &der);	/* an uncompressed point */

		len = (int)n;
	}
	put_tag(b, PUBLIC_KEY, der, len > 0 ? (size_t)len : 0);
	OPENSSL_free(der);
}

static void put_record(struct td_buf *b, X509 *cert, uint16_t role)
{
	size_t from = b->pos;
	const ASN1_BIT_STRING *sig = NULL;
	uint8_t *der = NULL;
	int len;

	put_u16(b, RECORD_LENGTH, 0);
	put_name(b, SUBJECT, X509_get_subject_name(cert));
	put_name(b, ISSUER, X509_get_issuer_name(cert));
	put_serial(b, SERIAL, cert);
	put_u16(b, ROLE, role);
	put_public_key(b, X509_get0_pubkey(cert));
	X509_get0_signature(&sig, NULL, cert);
	put_tag(b, CERT_SIGNATURE, sig->data, (size_t)sig->length);
	len = i2d_X509(cert, &der);
	put_tag(b, CERTIFICATE, der, len > 0 ? (size_t)len : 0);
	OPENSSL_free(der);
	if (b->err)
		return;
	b->p[from + 3] = (uint8_t)((b->pos - from) >> 8);
	b->p[from + 4] = (uint8_t)(b->pos - from);
}

static X509 *read_cert(const char *path)
{
	FILE *f = fopen(path, "re");
	X509 *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	if (!cert)
		td_log_err(TD_LOG_PROV, "certificate %s cannot be read: phones will not trust TLS "
			   "that shows it", path);
	return cert;
}

uint8_t *td_trust_list(const struct td_trust *t, const char *name, const char *const *pem, size_t n,
		       size_t *len)
{
	uint8_t *data = td_zalloc(LIST_BYTES);
	struct td_buf b;
	EVP_MD_CTX *md;
	size_t at = 0;

	if (!data)
		return NULL;
	td_buf_init(&b, data, LIST_BYTES);
	put_header(t, &b, true, name, &at);
	put_record(&b, t->cert, ROLE_SAST);	/* signs lists */
	put_record(&b, t->cert, ROLE_TFTP);	/* ... and files */
	for (size_t i = 0; i < n && i < MOST_CERTS; i++) {
		X509 *cert = read_cert(pem[i]);

		if (cert)
			put_record(&b, cert, ROLE_CCM);
		X509_free(cert);
	}
	md = b.err ? NULL : sign_begin(t, data, b.pos);
	if (!md || sign_end(md, &b, at)) {
		td_free(data);
		return NULL;
	}
	*len = b.pos;
	return data;
}

/* ---- a signed file ---- */

static int add_content(EVP_MD_CTX *md, const struct td_names *names, const struct td_name *file)
{
	uint8_t *part;
	ssize_t n = 0;
	uint64_t at;
	int fd, err = 0;

	if (file->data || !file->len)
		return EVP_DigestSignUpdate(md, file->data, file->len) == 1 ? 0 : -ENOMEM;
	fd = td_name_open(names, file);
	if (fd < 0)
		return fd;
	part = td_zalloc(READ_BYTES);
	if (!part)
		err = -ENOMEM;
	for (at = 0; !err && at < file->len; at += (uint64_t)n) {
		n = pread(fd, part, READ_BYTES, (off_t)at);
		if (n <= 0 || EVP_DigestSignUpdate(md, part, (size_t)n) != 1)
			err = n < 0 ? -errno : -EIO;
	}
	td_free(part);
	close(fd);
	return !err && at != file->len ? -ESTALE : err;
}

int td_trust_head(const struct td_trust *t, const char *name, const struct td_names *names,
		  const struct td_name *file, uint8_t dst[TD_TRUST_HEAD])
{
	struct td_buf b;
	EVP_MD_CTX *md;
	size_t at = 0;
	int err;

	td_buf_init(&b, dst, TD_TRUST_HEAD);
	put_header(t, &b, false, name, &at);
	md = b.err ? NULL : sign_begin(t, dst, b.pos);
	if (!md)
		return -ENOMEM;
	err = add_content(md, names, file);
	if (err) {
		EVP_MD_CTX_free(md);
		return err;
	}
	err = sign_end(md, &b, at);
	return err ? err : (int)b.pos;
}

/* ---- the key's file ---- */

static bool add_names(X509 *cert)
{
	X509_NAME *name = X509_get_subject_name(cert);
	/* phones want all three */
	static const char *const parts[] = { "CN", "O", "OU" };
	bool good = true;

	for (size_t i = 0; i < 3; i++)
		good = good && X509_NAME_add_entry_by_txt(name, parts[i], MBSTRING_ASC,
							  (const unsigned char *)"Tandem", -1, -1, 0);
	return good && X509_set_issuer_name(cert, name);
}

static bool add_serial(X509 *cert)
{
	uint8_t bytes[16];
	BIGNUM *bn;
	bool good;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);	/* positive, and always as long */
	bn = BN_bin2bn(bytes, sizeof(bytes), NULL);
	good = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert));
	BN_free(bn);
	return good;
}

static bool add_extensions(X509 *cert)
{
	static const struct { int id; const char *value; } all[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "keyCertSign,digitalSignature" },
	};
	bool good = true;

	for (size_t i = 0; good && i < sizeof(all) / sizeof(all[0]); i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, all[i].id, all[i].value);

		good = e && X509_add_ext(cert, e, -1);
		X509_EXTENSION_free(e);
	}
	return good;
}

static bool make(struct td_trust *t)
{
	t->key = EVP_RSA_gen(KEY_BITS);
	t->cert = X509_new();
	return t->key && t->cert && X509_set_version(t->cert, 2) && add_serial(t->cert) &&
	       add_names(t->cert) && X509_gmtime_adj(X509_getm_notBefore(t->cert), 0) &&
	       X509_time_adj_ex(X509_getm_notAfter(t->cert), 365 * YEARS, 0, NULL) &&
	       X509_set_pubkey(t->cert, t->key) && add_extensions(t->cert) &&
	       X509_sign(t->cert, t->key, EVP_sha256()) > 0;
}

/* Under another name first: who reads has a whole file, or none. */
static int write_file(const struct td_trust *t, const char *folder, const char *path)
{
	char fresh[512];
	int fd, dir, err = 0;
	FILE *f;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh))
		return -ENAMETOOLONG;
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	if (!PEM_write_PrivateKey(f, t->key, NULL, NULL, 0, NULL, NULL) ||
	    !PEM_write_X509(f, t->cert) || fflush(f) || fsync(fd))
		err = errno ? -errno : -EIO;
	if (fclose(f) && !err)
		err = -errno;
	if (!err && rename(fresh, path))
		err = -errno;
	if (err) {
		unlink(fresh);
		return err;
	}
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return 0;
}

static bool read_file(struct td_trust *t, FILE *f)
{
	t->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	t->cert = t->key ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	return t->cert && EVP_PKEY_get_base_id(t->key) == EVP_PKEY_RSA &&
	       EVP_PKEY_get_bits(t->key) == KEY_BITS && X509_check_private_key(t->cert, t->key) == 1;
}

int td_trust_open(struct td_trust **out, const char *folder, char *why, size_t len)
{
	struct td_trust *t = td_zalloc(sizeof(*t));
	char path[480];
	int err = 0;
	FILE *f;

	if (!t)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/" TD_TRUST_FILE, folder);
	f = fopen(path, "re");
	if (f) {
		if (!read_file(t, f))
			err = -EINVAL;
		fclose(f);
	} else if (errno != ENOENT) {
		err = -errno;
	} else if (!make(t)) {
		err = -ENOMEM;
	} else {
		err = write_file(t, folder, path);
	}
	if (err) {
		snprintf(why, len, "%s: %s", path, err == -EINVAL ?
			 "it holds no RSA key of 2048 bits with its certificate" : strerror(-err));
		td_trust_close(t);
		return err;
	}
	*out = t;
	return 0;
}

void td_trust_close(struct td_trust *t)
{
	if (!t)
		return;
	EVP_PKEY_free(t->key);
	X509_free(t->cert);
	td_free(t);
}
