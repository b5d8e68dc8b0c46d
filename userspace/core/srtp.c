/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. See srtp.h. */
#include "userspace/core/srtp.h"

#include <string.h>

static const struct suite {
	const char *name;
	uint8_t key_len, salt_len;
} suites[TD_SUITES] = {
	[TD_SUITE_CM_80] = { "AES_CM_128_HMAC_SHA1_80", 16, 14 },
	[TD_SUITE_CM_32] = { "AES_CM_128_HMAC_SHA1_32", 16, 14 },
	[TD_SUITE_GCM_128] = { "AEAD_AES_128_GCM", 16, 12 },
	[TD_SUITE_GCM_256] = { "AEAD_AES_256_GCM", 32, 12 },
};

const char *td_srtp_suite_name(uint8_t suite)
{
	return suite < TD_SUITES ? suites[suite].name : NULL;
}

enum td_srtp_suite td_srtp_suite_by_name(const char *name, size_t len)
{
	for (int i = 1; i < TD_SUITES; i++)
		if (strlen(suites[i].name) == len && !memcmp(suites[i].name, name, len))
			return (enum td_srtp_suite)i;
	return TD_SUITE_NONE;
}

size_t td_srtp_salt_len(uint8_t suite)
{
	return suite < TD_SUITES ? suites[suite].salt_len : 0;
}

size_t td_srtp_key_len(uint8_t suite)
{
	return suite < TD_SUITES ? suites[suite].key_len + td_srtp_salt_len(suite) : 0;
}

bool td_srtp_same_key(const struct td_srtp_key *a, const struct td_srtp_key *b)
{
	return a->suite == b->suite && !memcmp(a->key, b->key, sizeof(a->key));
}
