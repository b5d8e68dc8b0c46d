/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room-private, pure: lines of the lease files that DHCP servers keep. Clients choose host names
 * and identifiers, so every byte of such a line is a stranger's.
 *
 * dnsmasq:	UNTIL MAC IPV4 NAME CLIENT-ID, and below a line "duid ..." UNTIL IAID IPV6 NAME DUID
 * odhcpd:	# DEVICE MAC ipv4 NAME UNTIL HEX 32 IPV4/32, or # DEVICE DUID IAID NAME UNTIL N LEN IPV6/128
 */
#ifndef TD_PHONES_LEASE_FILE_H
#define TD_PHONES_LEASE_FILE_H

#include <stdint.h>
#include "userspace/base/addr.h"
#include "userspace/base/str.h"

struct td_lease {
	struct td_addr addr;
	uint8_t mac[6];
	uint64_t until;			/* seconds since 1970; 0 = for ever, or not told */
};

/**
 * td_lease_read - one line, without its end.
 * 0; -ENOENT: it holds no lease (a comment, a server's DUID, a prefix, a client without Ethernet
 * address); -EBADMSG: it is no line of such a file.
 */
int td_lease_read(struct td_str line, struct td_lease *out);

/** The next line of a text, which moves on; false at its end. */
bool td_lease_next_line(struct td_str *text, struct td_str *line);

#endif
