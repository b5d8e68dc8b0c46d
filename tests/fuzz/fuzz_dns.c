/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a DNS message: how long is it true? */
#include <stdint.h>
#include <stdlib.h>

#include "userspace/sip/sip_dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* nothing of a whole message may hang on what lies behind it */
	if (td_dns_ttl(data, size) && size > 12 && td_dns_ttl(data, 11))
		abort();
	return 0;
}
