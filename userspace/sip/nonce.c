/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Nonces: 4 bytes time, 4 bytes serial, 16 bytes SipHash under two keys, in hex. The
 * hash also covers the host that it was made for, which is not sent: an answer from another
 * host is none, so whoever answers has read what went to the host he says he is.
 * Time is monotonic seconds, so a step of the wall clock invalidates nothing; a restart
 * takes another key and every phone gets one "stale" challenge.
 *
 * The window of a phone holds the nonces it answered last. A nonce that fell out of it
 * is refused from then on (floor): forgetting must not make a replay possible.
 */
#include <errno.h>
#include <string.h>

#include "userspace/base/map.h"
#include "userspace/base/str.h"
#include "userspace/sip/nonce.h"

#define BODY_LEN 8
#define MAC_LEN	 16
#define COUNTS	 64u			/* bits of used[].seen */

static void put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void seal(const struct td_nonce *n, const struct td_addr *host, const uint8_t body[BODY_LEN],
		 uint8_t mac[MAC_LEN])
{
	uint8_t text[BODY_LEN + sizeof(host->ip)];
	uint64_t half;
	int i;

	memcpy(text, body, BODY_LEN);
	memcpy(text + BODY_LEN, host->ip, sizeof(host->ip));
	for (i = 0; i < 2; i++) {
		half = td_siphash(n->key[i], text, sizeof(text));
		memcpy(mac + 8 * i, &half, sizeof(half));
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int from_hex(uint8_t *dst, size_t len, const char *text)
{
	size_t i;
	int hi, lo;

	if (strlen(text) != 2 * len)
		return -EBADMSG;
	for (i = 0; i < len; i++) {
		hi = hex_digit(text[2 * i]);
		lo = hex_digit(text[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return -EBADMSG;
		dst[i] = (uint8_t)(hi << 4 | lo);
	}
	return 0;
}

void td_nonce_init(struct td_nonce *n, const uint8_t key[32])
{
	memset(n, 0, sizeof(*n));
	memcpy(n->key, key, sizeof(n->key));
}

void td_nonce_make(struct td_nonce *n, const struct td_addr *host, uint32_t now_s,
		   char dst[TD_NONCE_LEN])
{
	uint8_t raw[BODY_LEN + MAC_LEN];

	put_be32(raw, now_s);
	put_be32(raw + 4, ++n->serial);
	seal(n, host, raw, raw + BODY_LEN);
	td_hex(dst, raw, sizeof(raw));
}

int td_nonce_check(const struct td_nonce *n, const struct td_addr *host, const char *text,
		   uint32_t now_s, uint32_t lifetime_s, struct td_nonce_id *id)
{
	uint8_t raw[BODY_LEN + MAC_LEN], mac[MAC_LEN], diff = 0;
	size_t i;

	if (from_hex(raw, sizeof(raw), text) < 0)
		return -EBADMSG;
	seal(n, host, raw, mac);
	for (i = 0; i < MAC_LEN; i++)	/* in the same time whatever differs */
		diff |= mac[i] ^ raw[BODY_LEN + i];
	if (diff)
		return -EBADMSG;
	id->time_s = get_be32(raw);
	id->serial = get_be32(raw + 4);
	return now_s - id->time_s > lifetime_s ? -ESTALE : 0;
}

/* A count of a nonce that is in the window. */
static int use_again(struct td_nonce_window *w, int slot, uint32_t nc, uint64_t request)
{
	uint32_t ahead, behind;

	if (nc == w->used[slot].last)
		return request == w->used[slot].request ? 0 : -ESTALE;
	if (nc == 0 || w->used[slot].last == 0)
		return -ESTALE;		/* without qop once, and never mixed */
	if (nc > w->used[slot].last) {
		ahead = nc - w->used[slot].last;
		w->used[slot].seen = ahead < COUNTS ? w->used[slot].seen << ahead | 1u : 1u;
		w->used[slot].last = nc;
		w->used[slot].request = request;
		return 0;
	}
	behind = w->used[slot].last - nc;
	if (behind >= COUNTS || w->used[slot].seen >> behind & 1u)
		return -ESTALE;
	w->used[slot].seen |= 1ull << behind;
	return 0;
}

int td_nonce_use(struct td_nonce_window *w, const struct td_nonce_id *id, uint32_t nc,
		 uint64_t request)
{
	uint64_t key = (uint64_t)id->time_s << 32 | id->serial;
	int i, oldest = 0;

	for (i = 0; i < TD_NONCE_WINDOW; i++) {
		if (w->used[i].id == key)
			return use_again(w, i, nc, request);
		if (w->used[i].id < w->used[oldest].id)
			oldest = i;
	}
	if (key <= w->floor)
		return -ESTALE;
	if (w->used[oldest].id > key)	/* older than all we know: it would be the one to forget */
		return -ESTALE;
	if (w->used[oldest].id > w->floor)
		w->floor = w->used[oldest].id;
	w->used[oldest].id = key;
	w->used[oldest].request = request;
	w->used[oldest].seen = 1;
	w->used[oldest].last = nc;
	return 0;
}
