/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The proof covers type, number and body, so that nothing can be changed, left out, repeated or
 * put in another order unseen. It is made of the encrypted body: what is not proven is not decrypted.
 * Keys are made of the secret and of both sides' nonces: a stream of
 * another time has other keys.
 */
#include "userspace/cluster/cluster_frame.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define COVERED 9			/* of the head: type and number */

static void put_be(uint8_t *p, uint64_t v, size_t n)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint64_t get_be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void prove(uint8_t proof[CLUSTER_KEY], const uint8_t key[CLUSTER_KEY], const uint8_t *data,
		  size_t len)
{
	HMAC(EVP_sha256(), key, CLUSTER_KEY, data, len, proof, NULL);
}

/* The body in place, there and back (AES-256-CTR). The frame's number is the counter's upper half,
 * and the key is that of one connection and direction: nothing is ever used twice. What is said
 * before both know each other has no such key, and is no secret. */
static int crypt_body(uint8_t *body, size_t len, const uint8_t key[CLUSTER_KEY], uint64_t number)
{
	static const uint8_t what[] = "body";
	uint8_t own[CLUSTER_KEY], iv[16] = { 0 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, ok;

	prove(own, key, what, sizeof(what) - 1);
	put_be(iv, number, 8);
	ok = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_ctr(), NULL, own, iv) &&
	     EVP_EncryptUpdate(ctx, body, &n, body, (int)len);
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(own, sizeof(own));
	return ok && n == (int)len ? 0 : -EIO;
}

static bool is_secret(uint8_t type)
{
	return type > CLUSTER_WELCOME;
}

size_t cluster_frame_write(uint8_t *dst, size_t room, const uint8_t key[CLUSTER_KEY],
			   const struct cluster_frame *f)
{
	size_t all = CLUSTER_HEAD + f->len + CLUSTER_KEY;

	if (f->len > CLUSTER_BODY_MAX || room < all)
		return 0;
	put_be(dst, all - 4, 4);
	dst[4] = f->type;
	put_be(dst + 5, f->number, 8);
	if (f->len)
		memcpy(dst + CLUSTER_HEAD, f->body, f->len);
	if (f->len && is_secret(f->type) &&
	    crypt_body(dst + CLUSTER_HEAD, f->len, key, f->number))
		return 0;
	prove(dst + CLUSTER_HEAD + f->len, key, dst + 4, COVERED + f->len);
	return all;
}

int cluster_frame_read(struct cluster_frame *f, const uint8_t key[CLUSTER_KEY], uint64_t number,
		       uint8_t *p, size_t len)
{
	uint8_t proof[CLUSTER_KEY];
	uint64_t all;

	if (len < CLUSTER_HEAD)
		return 0;
	all = get_be(p, 4) + 4;
	if (all < CLUSTER_HEAD + CLUSTER_KEY || all > CLUSTER_FRAME_MAX)
		return -EBADMSG;
	if (len < all)
		return 0;
	f->type = p[4];
	f->number = get_be(p + 5, 8);
	f->body = p + CLUSTER_HEAD;
	f->len = (size_t)all - CLUSTER_HEAD - CLUSTER_KEY;
	prove(proof, key, p + 4, COVERED + f->len);
	if (CRYPTO_memcmp(proof, f->body + f->len, CLUSTER_KEY))
		return -EKEYREJECTED;
	if (f->number != number)
		return -EILSEQ;
	if (!f->type || f->type >= CLUSTER_TYPES)
		return -EBADMSG;
	if (f->len && is_secret(f->type) && crypt_body(p + CLUSTER_HEAD, f->len, key, number))
		return -EIO;
	return (int)all;
}

void cluster_key_of_secret(uint8_t key[CLUSTER_KEY], const char *secret)
{
	static const char what[] = "tandem cluster 2";

	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)what, sizeof(what) - 1,
	     key, NULL);
}

void cluster_key_of_stream(uint8_t key[CLUSTER_KEY], const uint8_t secret_key[CLUSTER_KEY],
			   const char *direction, const uint8_t has[CLUSTER_NONCE],
			   const uint8_t wants[CLUSTER_NONCE])
{
	uint8_t text[2 * CLUSTER_NONCE + 16] = { 0 };

	memcpy(text, has, CLUSTER_NONCE);
	memcpy(text + CLUSTER_NONCE, wants, CLUSTER_NONCE);
	strncpy((char *)text + 2 * CLUSTER_NONCE, direction, 15);
	prove(key, secret_key, text, sizeof(text));
}
