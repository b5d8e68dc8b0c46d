/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. An IP address with port, one form for both families: 16 bytes in network
 * order, IPv4 as ::ffff:a.b.c.d, exactly as in the kernel maps. All zero = unset.
 */
#ifndef TD_BASE_ADDR_H
#define TD_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

struct td_addr {
	uint8_t  ip[16];
	uint16_t port;			/* host order */
	uint16_t pad;
	uint32_t scope;			/* interface index of a link-local IPv6 address, else 0 */
};

#define TD_ADDR_STRLEN 64		/* "[ipv6%scope]:port" and the end */

bool td_addr_is_set(const struct td_addr *a);		/* an IP is there */
bool td_addr_is_v4(const struct td_addr *a);
bool td_addr_is_link_local(const struct td_addr *a);	/* fe80::/10: one host on each link */
bool td_addr_is_any(const struct td_addr *a);		/* 0.0.0.0, :: or unset */
bool td_addr_same_ip(const struct td_addr *a, const struct td_addr *b);
bool td_addr_equal(const struct td_addr *a, const struct td_addr *b);	/* IP and port */
/** Is the host in the network net/bits? Bits as the family writes them: up to 32 or 128. */
bool td_addr_in_net(const struct td_addr *a, const struct td_addr *net, unsigned int bits);
uint32_t td_addr_hash(const struct td_addr *a);
void td_addr_set_v4(struct td_addr *a, uint32_t host_order_ip, uint16_t port);
/** "1.2.3.4", "::1", "[::1]:5060", "1.2.3.4:5060"; never a name. 0 or -EINVAL. */
int td_addr_parse(struct td_addr *a, const char *text);
/** IP only ("10.0.0.1", "2001:db8::1"). Returns dst. */
const char *td_addr_ip(const struct td_addr *a, char dst[TD_ADDR_STRLEN]);
/** IP and port ("10.0.0.1:5060", "[2001:db8::1]:5060"). Returns dst. */
const char *td_addr_str(const struct td_addr *a, char dst[TD_ADDR_STRLEN]);
int td_addr_from_sockaddr(struct td_addr *a, const struct sockaddr *sa);
/** Fills ss; AF_INET for IPv4 unless as_v6. Returns the length. */
unsigned int td_addr_to_sockaddr(const struct td_addr *a, struct sockaddr_storage *ss, bool as_v6);

#endif
