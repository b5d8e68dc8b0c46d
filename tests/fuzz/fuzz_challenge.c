/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the challenge of a carrier (WWW-Authenticate): what is taken from it fits, and the
 * header that answers it is one line, for our realm alone.
 * Build with clang -fsanitize=fuzzer,address,undefined.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sofia-sip/sip_header.h>

#include "userspace/sip/sip_trunk_digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct td_account account = { "user", "password", "realm" };

static void check_line(const char *line)
{
	for (const char *p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			abort();
	if (!strstr(line, ", realm=\"realm\", "))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	char *text = su_strndup(home, (const char *)data, size);
	char other[CFG_TEXT_LEN], dst[SIP_CREDENTIALS_LEN];
	struct td_challenge c;
	msg_auth_t *au = text ? sip_www_authenticate_make(home, text) : NULL;

	if (au && !td_challenge_read(&c, au, size & 1, account.realm, other) &&
	    !td_challenge_answer(&c, &account, "INVITE", "sip:1@192.0.2.1", "c0ffee", dst))
		check_line(dst);
	su_home_deinit(home);
	return 0;
}
