/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as RTCP: bounded, and no more blocks than there is room for.
 */
#include <stdlib.h>

#include "userspace/media/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_rtcp r;

	if (td_rtcp_parse(data, size, &r))
		return 0;
	if (r.n_blocks > TD_RTCP_BLOCKS || r.n_blocks * 24 + 8 > size + 8)
		abort();
	for (uint32_t i = 0; i < r.n_blocks; i++)
		if (r.block[i].lost < -0x800000 || r.block[i].lost > 0x7fffff ||
		    td_rtcp_round_trip_ms(r.ntp_mid, 1ull << 36, r.block[i].dlsr) < -1)
			abort();
	return 0;
}
