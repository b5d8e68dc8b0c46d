/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kind (1), id (8), time (8), length of the router's name (1), the name; random (24), the record
 * by AES-256-GCM, its tag (16). The tag covers all. Each word has a key of its own, made of the
 * random bytes: they are long enough never to come twice, which a nonce of GCM is not.
 */
#include "userspace/cluster/cluster_word.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include "userspace/base/buf.h"

#define RANDOM 24
#define TAG    16
#define IV     12

void cluster_key_of_words(uint8_t key[CLUSTER_KEY], const uint8_t secret_key[CLUSTER_KEY])
{
	static const uint8_t what[] = "words";

	HMAC(EVP_sha256(), secret_key, CLUSTER_KEY, what, sizeof(what) - 1, key, NULL);
}

/* The record from src to dst, the tag read or written. */
static bool seal(bool encrypt, const uint8_t key[CLUSTER_KEY], const uint8_t *head, size_t head_len,
		 const uint8_t *src, size_t len, uint8_t *dst, uint8_t tag[TAG])
{
	static const uint8_t iv[IV];
	const uint8_t *random = head + head_len - RANDOM;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t own[CLUSTER_KEY];
	int n = 0, end = 0;
	bool ok;

	HMAC(EVP_sha256(), key, CLUSTER_KEY, random, RANDOM, own, NULL);
	ok = ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, own, iv, encrypt) &&
	     EVP_CipherUpdate(ctx, NULL, &n, head, (int)head_len) &&
	     (!len || EVP_CipherUpdate(ctx, dst, &n, src, (int)len)) &&
	     (encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag)) &&
	     EVP_CipherFinal_ex(ctx, dst + len, &end) > 0 &&
	     (!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, tag));
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(own, sizeof(own));
	return ok && !end;
}

size_t cluster_word_write(uint8_t *dst, size_t room, const uint8_t key[CLUSTER_KEY],
			  const struct cluster_word *w)
{
	size_t name = strlen(w->router), head;
	uint8_t random[RANDOM];
	struct td_buf b;

	if (w->len > CLUSTER_RECORD_MAX || !name || getrandom(random, RANDOM, 0) != RANDOM)
		return 0;
	td_buf_init(&b, dst, room);
	td_buf_put_u8(&b, w->kind);
	td_buf_put_be64(&b, w->id);
	td_buf_put_be64(&b, w->told_s);
	td_buf_put_u8(&b, (uint8_t)name);
	td_buf_put_bytes(&b, w->router, name);
	td_buf_put_bytes(&b, random, RANDOM);
	head = b.pos;
	if (td_buf_err(&b) || room - head < w->len + TAG ||
	    !seal(true, key, dst, head, w->record, w->len, dst + head, dst + head + w->len))
		return 0;
	return head + w->len + TAG;
}

int cluster_word_read(struct cluster_word *w, const uint8_t key[CLUSTER_KEY], uint8_t *text,
		      const void *data, size_t len)
{
	uint8_t tag[TAG];
	const uint8_t *p = data;
	struct td_str name;
	struct td_buf b;

	memset(w, 0, sizeof(*w));
	td_buf_init(&b, (void *)(uintptr_t)p, len);
	w->kind = td_buf_get_u8(&b);
	w->id = td_buf_get_be64(&b);
	w->told_s = td_buf_get_be64(&b);
	name = td_buf_get_bytes(&b, td_buf_get_u8(&b));
	td_buf_get_bytes(&b, RANDOM);
	if (td_buf_err(&b) || td_buf_left(&b) < TAG || !w->kind || w->kind >= WORD_KINDS ||
	    !name.len || name.len >= sizeof(w->router) || memchr(name.p, 0, name.len))
		return -EBADMSG;
	w->len = td_buf_left(&b) - TAG;
	if (w->len > CLUSTER_RECORD_MAX)
		return -EBADMSG;
	memcpy(w->router, name.p, name.len);
	memcpy(tag, p + len - TAG, TAG);
	if (!seal(false, key, p, b.pos, p + b.pos, w->len, text, tag))
		return -EKEYREJECTED;
	w->record = text;
	return 0;
}
