/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lease files: names and identifiers in them are chosen by DHCP clients. */
#include <stdlib.h>

#include "userspace/phones/lease_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_str text = { (const char *)data, size }, line;
	struct td_lease lease;
	char ip[TD_ADDR_STRLEN];
	size_t seen = 0;

	while (td_lease_next_line(&text, &line)) {
		seen += line.len;
		if (line.len && (line.p < (const char *)data ||
				 line.p + line.len > (const char *)data + size))
			abort();
		if (!td_lease_read(line, &lease)) {
			if (!td_addr_is_set(&lease.addr) || lease.addr.port)
				abort();
			td_addr_ip(&lease.addr, ip);
		}
	}
	if (seen > size)
		abort();
	return 0;
}
