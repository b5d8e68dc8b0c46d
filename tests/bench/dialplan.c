/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking up a dialled number among 10, 1000 and 10 000 dial peers, against reading the list of
 * the same patterns one by one (what a router without an index does), in the same run. The
 * plan: numbers of the house, prefixes of areas with brackets, T and repeated digits.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "userspace/core/route.h"

#define MAX_PEERS 10000
#define NUMBERS	  4096

static struct td_dial_pattern patterns[MAX_PEERS];
static char numbers[NUMBERS][32];
static unsigned int hits;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void make_pattern(unsigned int i, char *text, size_t size)
{
	switch (i % 5) {
	case 0:
		snprintf(text, size, "%u$", 20000 + i);
		break;
	case 1:
		snprintf(text, size, "90%uT", 1000 + i);
		break;
	case 2:
		snprintf(text, size, "9[2-9]%u......$", i % 1000);
		break;
	case 3:
		snprintf(text, size, "+49%u....", i);
		break;
	default:
		snprintf(text, size, "8%u1+2T", i);
	}
}

/* A number for each pattern in turn, and one in eight for none. */
static void make_number(unsigned int i, unsigned int n_peers, char *text, size_t size)
{
	unsigned int k = (i * 2654435761u >> 8) % n_peers;

	switch (i % 8 == 7 ? 9 : k % 5) {
	case 0:
		snprintf(text, size, "%u", 20000 + k);
		break;
	case 1:
		snprintf(text, size, "90%u%06u", 1000 + k, i % 1000000);
		break;
	case 2:
		snprintf(text, size, "9%u%u123456", 2 + i % 8, k % 1000);
		break;
	case 3:
		snprintf(text, size, "+49%u4711", k);
		break;
	case 4:
		snprintf(text, size, "8%u1112%u", k, i % 10000);
		break;
	default:
		snprintf(text, size, "7%u", i);
	}
}

static double trie_ns(const struct td_route *route, unsigned int rounds)
{
	struct td_route_result r;
	uint64_t start = now_ns();

	for (unsigned int round = 0; round < rounds; round++) {
		for (unsigned int i = 0; i < NUMBERS; i++) {
			td_route_match(route, numbers[i], &r);
			hits += r.n > 0;
		}
	}
	return (double)(now_ns() - start) / rounds / NUMBERS;
}

/* Does the pattern fit the beginning of the number? */
static int fits(const struct td_dial_pattern *p, const char *number)
{
	uint64_t next = p->first, at = 0;

	for (; *number; number++) {
		at = td_dial_fit(p, next, td_dial_key(*number));
		if (!at)
			return 0;
		if (at & p->last && (p->variable || !p->whole || !number[1]))
			return 1;
		next = td_dial_behind(p, at);
	}
	return 0;
}

static double list_ns(unsigned int n_peers, unsigned int tries)
{
	uint64_t start = now_ns();

	for (unsigned int i = 0; i < tries; i++)
		for (unsigned int k = 0; k < n_peers; k++)
			hits += (unsigned int)fits(&patterns[k], numbers[i % NUMBERS]);
	return (double)(now_ns() - start) / tries;
}

static void bench(unsigned int n_peers, int first)
{
	struct td_route *route = td_route_new();
	unsigned int found = 0;
	double trie, list;

	for (unsigned int i = 0; i < n_peers; i++) {
		char text[64];
		const char *why;
		size_t at;

		make_pattern(i, text, sizeof(text));
		if (td_dial_parse(&patterns[i], text, &why, &at) ||
		    td_route_add(route, &patterns[i], &patterns[i], 0, i))
			exit(1);
	}
	for (unsigned int i = 0; i < NUMBERS; i++) {
		struct td_route_result r;

		make_number(i, n_peers, numbers[i], sizeof(numbers[i]));
		td_route_match(route, numbers[i], &r);
		found += r.n > 0;
	}
	trie_ns(route, 10);
	trie = trie_ns(route, 100);
	list = list_ns(n_peers, n_peers > 1000 ? 1000 : 20000);
	printf("%s\"%u\": {\"ns_per_match\": %.1f, \"matches_per_s\": %.0f, \"list_ns\": %.1f, "
	       "\"times_faster\": %.1f, \"found_percent\": %.1f}", first ? "" : ", ", n_peers, trie,
	       1e9 / trie, list, list / trie, 100.0 * found / NUMBERS);
	td_route_free(route);
}

int main(void)
{
	printf("{");
	bench(10, 1);
	bench(1000, 0);
	bench(MAX_PEERS, 0);
	printf("}\n");
	return hits ? 0 : 1;
}
