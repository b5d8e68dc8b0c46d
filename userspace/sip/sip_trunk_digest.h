/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest as a client (RFC 7616, RFC 8760, and RFC 2617 for servers without qop). Our account is
 * for one realm: a challenge of another one is not answered, whoever sends it.
 */
#ifndef TD_SIP_TRUNK_DIGEST_H
#define TD_SIP_TRUNK_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sofia-sip/msg_types.h>

#include "config/model.h"

#define SIP_CREDENTIALS_LEN 1536

/** What a server wants to see. Zeroed: nothing was asked yet. */
struct td_challenge {
	char nonce[256], opaque[256];	/* as on the wire, without the quotes */
	bool sha256, qop, stale, proxy;
	uint32_t nc;			/* answers made so far */
};

struct td_account {
	const char *username, *password, *realm;
};

/**
 * td_challenge_read - the best challenge for this realm in a 401 or 407.
 * @other: a realm that was there instead, for the log; empty when there was none
 * 0; -ENOENT: none for the realm; -ENOTSUP: for it, but nothing that we can compute; -EMSGSIZE.
 */
int td_challenge_read(struct td_challenge *c, const msg_auth_t *list, bool proxy,
		      const char *realm, char other[CFG_TEXT_LEN]);

/** A header line, "Authorization: Digest ..." or "Proxy-Authorization: ...", for the next request
 * with this challenge. 0, -EMSGSIZE or -EIO (no such hash here). */
int td_challenge_answer(struct td_challenge *c, const struct td_account *account,
			const char *method, const char *uri, const char *cnonce,
			char dst[SIP_CREDENTIALS_LEN]);

#endif
