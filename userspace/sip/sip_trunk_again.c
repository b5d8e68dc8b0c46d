/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a carrier is asked again: registrations, and subscriptions to what waits in a mailbox. */
#include "userspace/sip/sip_trunk.h"

#include <sofia-sip/su_uniqueid.h>

#define BASE_MS 30000ull		/* RFC 5626 4.5, base-time when all have failed */

/* RFC 5626 4.5: from half of the time to all of it, so that those who failed together do not come
 * back together. */
uint64_t td_sip_back_off_ms(uint32_t failures, uint32_t retry_after_s)
{
	uint64_t most = failures > 6 ? SIP_BACK_OFF_MAX_MS : BASE_MS << (failures - 1);
	uint64_t told = retry_after_s * 1000ull, wait;
	uint32_t random;

	if (most > SIP_BACK_OFF_MAX_MS)
		most = SIP_BACK_OFF_MAX_MS;
	su_randmem(&random, sizeof(random));
	wait = most / 2 + random % (most / 2 + 1);
	if (wait >= told)
		return wait;
	return told < SIP_BACK_OFF_MAX_MS ? told : SIP_BACK_OFF_MAX_MS;
}

/* 3GPP TS 24.229 5.1.1.4.1: 600 s before the end, or at half of a short time. */
uint64_t td_sip_renew_ms(uint32_t granted_s)
{
	uint32_t s = granted_s > 1200 ? granted_s - 600 : granted_s / 2;

	return (s ? s : 1) * 1000ull;
}
