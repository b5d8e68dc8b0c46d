/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The proof covers type, number and body, so that nothing can be changed, left out, repeated or
 * put in another order unseen. Keys are made of the secret and of both sides' nonces: a stream of
 * another time has other keys.
 */
#include "userspace/cluster/cluster_frame.h"

#include <errno.h>
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
	prove(dst + CLUSTER_HEAD + f->len, key, dst + 4, COVERED + f->len);
	return all;
}

int cluster_frame_read(struct cluster_frame *f, const uint8_t key[CLUSTER_KEY], uint64_t number,
		       const uint8_t *p, size_t len)
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
	return f->type && f->type < CLUSTER_TYPES ? (int)all : -EBADMSG;
}

void cluster_key_of_secret(uint8_t key[CLUSTER_KEY], const char *secret)
{
	static const char what[] = "tandem cluster 1";

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
