/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hash table: buckets are chains through the objects' nodes. It doubles when there is
 * a node per bucket; when there is no memory for that, chains get longer and the next
 * insert tries again. SipHash-2-4 is Aumasson and Bernstein's, 2012 (https://131002.net/siphash).
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "userspace/base/map.h"
#include "userspace/base/mem.h"

#define FIRST_BUCKETS 16

/* ---- SipHash ---- */

struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_rounds(struct sip *s, int n)
{
	while (n--) {
		s->v0 += s->v1;
		s->v1 = rotl(s->v1, 13) ^ s->v0;
		s->v0 = rotl(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = rotl(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = rotl(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = rotl(s->v1, 17) ^ s->v2;
		s->v2 = rotl(s->v2, 32);
	}
}

static void sip_mix(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_rounds(s, 2);
	s->v0 ^= word;
}

/* At most 8 bytes, little endian. */
static uint64_t load_le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

uint64_t td_siphash(const uint8_t key[16], const void *data, size_t len)
{
	const uint64_t k0 = load_le(key, 8), k1 = load_le(key + 8, 8);
	struct sip s = {
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	};
	const uint8_t *p = data;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8)
		sip_mix(&s, load_le(p, 8));
	sip_mix(&s, (uint64_t)len << 56 | load_le(p, left));
	s.v2 ^= 0xff;
	sip_rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* ---- the seed: one per process, made when the first map needs it, in whichever thread ---- */

static uint8_t seed[16];
static pthread_once_t seed_once = PTHREAD_ONCE_INIT;

/* Waits for the kernel's generator after boot; without a secret no map is safe. */
static void make_seed(void)
{
	ssize_t n;

	do {
		n = getrandom(seed, sizeof(seed), 0);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(seed))
		abort();
}

static uint32_t hash_of(const void *key, size_t len)
{
	pthread_once(&seed_once, make_seed);
	return (uint32_t)td_siphash(seed, key, len);
}

/* ---- the table ---- */

void td_map_init(struct td_map *m)
{
	memset(m, 0, sizeof(*m));
}

void td_map_fini(struct td_map *m)
{
	td_free(m->buckets);
	td_map_init(m);
}

static struct td_map_node **bucket_of(const struct td_map *m, uint32_t hash)
{
	return &m->buckets[hash & (m->n_buckets - 1)];
}

static void link_node(struct td_map *m, struct td_map_node *n)
{
	struct td_map_node **bucket = bucket_of(m, n->hash);

	n->next = *bucket;
	*bucket = n;
}

static int grow(struct td_map *m)
{
	struct td_map old = *m;
	size_t i;

	m->n_buckets = old.n_buckets ? old.n_buckets * 2 : FIRST_BUCKETS;
	m->buckets = td_calloc(m->n_buckets, sizeof(struct td_map_node *));
	if (!m->buckets) {
		*m = old;
		return -ENOMEM;
	}
	for (i = 0; i < old.n_buckets; i++) {
		struct td_map_node *n = old.buckets[i], *next;

		for (; n; n = next) {
			next = n->next;
			link_node(m, n);
		}
	}
	td_free(old.buckets);
	return 0;
}

static struct td_map_node *find(const struct td_map *m, uint32_t hash, const void *key, size_t len)
{
	struct td_map_node *n;

	if (!m->n_buckets)
		return NULL;
	for (n = *bucket_of(m, hash); n; n = n->next)
		if (n->hash == hash && n->key_len == len && (!len || !memcmp(n->key, key, len)))
			return n;
	return NULL;
}

int td_map_insert(struct td_map *m, struct td_map_node *n, const void *key, size_t len)
{
	uint32_t hash = hash_of(key, len);

	if (find(m, hash, key, len))
		return -EEXIST;
	if (m->count >= m->n_buckets && grow(m) && !m->n_buckets)
		return -ENOMEM;
	n->key = key;
	n->key_len = (uint32_t)len;
	n->hash = hash;
	link_node(m, n);
	m->count++;
	return 0;
}

int td_map_insert_str(struct td_map *m, struct td_map_node *n, const char *key)
{
	return td_map_insert(m, n, key, strlen(key));
}

struct td_map_node *td_map_find(const struct td_map *m, const void *key, size_t len)
{
	return m->n_buckets ? find(m, hash_of(key, len), key, len) : NULL;
}

struct td_map_node *td_map_find_str(const struct td_map *m, const char *key)
{
	return td_map_find(m, key, strlen(key));
}

/* A node that is not in this map is left alone. */
void td_map_remove(struct td_map *m, struct td_map_node *n)
{
	struct td_map_node **link;

	if (!m->n_buckets)
		return;
	for (link = bucket_of(m, n->hash); *link && *link != n; link = &(*link)->next)
		;
	if (!*link)
		return;
	*link = n->next;
	n->next = NULL;
	m->count--;
}

struct td_map_node *td_map_next(const struct td_map *m, const struct td_map_node *n)
{
	size_t i = 0;

	if (n && n->next)
		return n->next;
	if (n)
		i = (n->hash & (m->n_buckets - 1)) + 1;
	for (; i < m->n_buckets; i++)
		if (m->buckets[i])
			return m->buckets[i];
	return NULL;
}
