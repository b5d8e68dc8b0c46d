/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses: text, struct sockaddr, comparison. Pure, though not by the letter of the rule:
 * struct sockaddr has to be seen. No system call is made and no name is resolved, so a scope
 * is a number too ("fe80::1%2"); link-local addresses alone have one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "userspace/base/addr.h"
#include "userspace/base/str.h"

static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };
static const uint8_t zeros[16];

bool td_addr_is_set(const struct td_addr *a)
{
	return memcmp(a->ip, zeros, sizeof(a->ip)) != 0;
}

bool td_addr_is_v4(const struct td_addr *a)
{
	return memcmp(a->ip, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool td_addr_is_any(const struct td_addr *a)
{
	return !td_addr_is_set(a) || (td_addr_is_v4(a) && !memcmp(a->ip + 12, zeros, 4));
}

bool td_addr_same_ip(const struct td_addr *a, const struct td_addr *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool td_addr_in_net(const struct td_addr *a, const struct td_addr *net, unsigned int bits)
{
	unsigned int n = td_addr_is_v4(net) ? 96 + bits : bits, rest = n % 8;

	if (n > 128 || td_addr_is_v4(a) != td_addr_is_v4(net) || memcmp(a->ip, net->ip, n / 8) != 0)
		return false;
	return !rest || !((a->ip[n / 8] ^ net->ip[n / 8]) >> (8 - rest));
}

bool td_addr_equal(const struct td_addr *a, const struct td_addr *b)
{
	return a->port == b->port && td_addr_same_ip(a, b);
}

/* FNV-1a over what td_addr_equal() compares. */
uint32_t td_addr_hash(const struct td_addr *a)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(a->ip); i++)
		h = (h ^ a->ip[i]) * 16777619u;
	h = (h ^ (a->port & 0xff)) * 16777619u;
	return (h ^ (a->port >> 8)) * 16777619u;
}

void td_addr_set_v4(struct td_addr *a, uint32_t host_order_ip, uint16_t port)
{
	uint32_t ip = htonl(host_order_ip);

	memset(a, 0, sizeof(*a));
	memcpy(a->ip, v4_prefix, sizeof(v4_prefix));
	memcpy(a->ip + 12, &ip, sizeof(ip));
	a->port = port;
}

/* ---- text ---- */

static int parse_port(struct td_addr *a, const char *text)
{
	uint32_t port;

	if (td_parse_u32(td_str_of(text), &port) || port > UINT16_MAX)
		return -EINVAL;
	a->port = (uint16_t)port;
	return 0;
}

static int parse_v4(struct td_addr *a, const char *ip)
{
	struct in_addr in;

	if (inet_pton(AF_INET, ip, &in) != 1)
		return -EINVAL;
	td_addr_set_v4(a, ntohl(in.s_addr), 0);
	return 0;
}

bool td_addr_is_link_local(const struct td_addr *a)
{
	return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

/* ip is a copy and may be cut at the "%" of a scope. */
static int parse_v6(struct td_addr *a, char *ip)
{
	char *scope = strchr(ip, '%');

	if (scope)
		*scope = '\0';
	if (inet_pton(AF_INET6, ip, a->ip) != 1)
		return -EINVAL;
	if (!scope)
		return 0;
	if (!td_addr_is_link_local(a) || td_parse_u32(td_str_of(scope + 1), &a->scope))
		return -EINVAL;
	return 0;
}

/* ip: "[2001:db8::1]" or "[2001:db8::1]:5060", a copy. */
static int parse_bracketed(struct td_addr *a, char *ip)
{
	char *end = strchr(ip, ']');

	if (!end || (end[1] && end[1] != ':'))
		return -EINVAL;
	*end = '\0';
	if (parse_v6(a, ip + 1))
		return -EINVAL;
	return end[1] ? parse_port(a, end + 2) : 0;
}

static int parse_v4_port(struct td_addr *a, char *ip, char *colon)
{
	*colon = '\0';
	return parse_v4(a, ip) ? -EINVAL : parse_port(a, colon + 1);
}

int td_addr_parse(struct td_addr *a, const char *text)
{
	char copy[TD_ADDR_STRLEN], *colon;
	int err;

	memset(a, 0, sizeof(*a));
	if (td_strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return -EINVAL;
	colon = strchr(copy, ':');
	if (copy[0] == '[')
		err = parse_bracketed(a, copy);
	else if (!colon)
		err = parse_v4(a, copy);
	else if (!strchr(colon + 1, ':'))
		err = parse_v4_port(a, copy, colon);
	else
		err = parse_v6(a, copy);
	if (err)
		memset(a, 0, sizeof(*a));
	return err;
}

const char *td_addr_ip(const struct td_addr *a, char dst[TD_ADDR_STRLEN])
{
	if (td_addr_is_v4(a))
		inet_ntop(AF_INET, a->ip + 12, dst, TD_ADDR_STRLEN);
	else
		inet_ntop(AF_INET6, a->ip, dst, TD_ADDR_STRLEN);
	return dst;
}

const char *td_addr_str(const struct td_addr *a, char dst[TD_ADDR_STRLEN])
{
	char ip[TD_ADDR_STRLEN];

	td_addr_ip(a, ip);
	if (td_addr_is_v4(a))
		snprintf(dst, TD_ADDR_STRLEN, "%.15s:%u", ip, a->port);
	else if (a->scope)
		snprintf(dst, TD_ADDR_STRLEN, "[%.39s%%%u]:%u", ip, a->scope, a->port);
	else
		snprintf(dst, TD_ADDR_STRLEN, "[%.45s]:%u", ip, a->port);
	return dst;
}

/* ---- struct sockaddr ---- */

/* Copies first: what the caller has may be a packet's buffer without alignment. */
int td_addr_from_sockaddr(struct td_addr *a, const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(a, 0, sizeof(*a));
	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof(in));
		td_addr_set_v4(a, ntohl(in.sin_addr.s_addr), ntohs(in.sin_port));
		return 0;
	case AF_INET6:
		memcpy(&in6, sa, sizeof(in6));
		memcpy(a->ip, &in6.sin6_addr, sizeof(a->ip));
		a->port = ntohs(in6.sin6_port);
		if (td_addr_is_link_local(a))
			a->scope = in6.sin6_scope_id;
		return 0;
	}
	return -EAFNOSUPPORT;
}

static unsigned int to_v4(const struct td_addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(a->port) };

	memcpy(&in.sin_addr, a->ip + 12, sizeof(in.sin_addr));
	memcpy(ss, &in, sizeof(in));
	return sizeof(in);
}

static unsigned int to_v6(const struct td_addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(a->port),
				    .sin6_scope_id = a->scope };

	memcpy(&in6.sin6_addr, a->ip, sizeof(in6.sin6_addr));
	memcpy(ss, &in6, sizeof(in6));
	return sizeof(in6);
}

unsigned int td_addr_to_sockaddr(const struct td_addr *a, struct sockaddr_storage *ss, bool as_v6)
{
	memset(ss, 0, sizeof(*ss));
	return td_addr_is_v4(a) && !as_v6 ? to_v4(a, ss) : to_v6(a, ss);
}
