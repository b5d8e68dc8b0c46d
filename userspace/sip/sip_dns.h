/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a SIP domain is (RFC 3263): NAPTR, SRV, then addresses. Asks by c-ares, which waits for
 * nothing, and nothing else in this process asks the DNS.
 */
#ifndef TD_SIP_DNS_H
#define TD_SIP_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/base/addr.h"
#include "userspace/sip/sip_transport.h"

#define SIP_DNS_TARGETS 8

struct td_dns;
struct td_dns_lookup;
struct td_loop;

/** Servers' addresses, none: those of /etc/resolv.conf. NULL: no memory. */
struct td_dns *td_dns_new(struct td_loop *loop, const struct td_addr *server, size_t n);
/** Lookups that are still open end without a call. */
void td_dns_free(struct td_dns *dns);

struct td_dns_ask {
	char host[256];
	uint16_t port;			/* 0: the DNS tells, or the transport's own */
	bool any;			/* of those in "may"; else transport alone */
	enum sip_transport transport;
	bool may[SIP_TLS + 1];
};

struct td_dns_answer {
	struct td_addr target[SIP_DNS_TARGETS];	/* with ports, in the order to try them */
	enum sip_transport transport;
	size_t n;
	uint32_t ttl_s;			/* of the first record to end; when n is 0 of that fact, if known */
	bool absent;			/* n is 0 because the name, or what we need of it, does not exist */
	const char *why;		/* n is 0: for people */
};

typedef void (*td_dns_fn)(void *arg, const struct td_dns_answer *answer);

/** Calls fn once, later. NULL: no memory. */
struct td_dns_lookup *td_dns_lookup(struct td_dns *dns, const struct td_dns_ask *ask, td_dns_fn fn,
				    void *arg);
/** fn is not called any more. NULL is fine. */
void td_dns_cancel(struct td_dns_lookup *l);

/** Least TTL in the answer section of a DNS message, for negative answers that of its SOA
 * (RFC 2308 5); 0: there is none, or the message is broken. */
uint32_t td_dns_ttl(const uint8_t *msg, size_t len);

#endif
