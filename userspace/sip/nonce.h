/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Digest nonces without a table of nonces: a nonce carries its time and serial
 * number under a keyed hash, so that only who answers one costs memory. What was
 * answered is kept per phone in a window of nonce counts (RFC 7616 3.4, "nc").
 */
#ifndef TD_SIP_NONCE_H
#define TD_SIP_NONCE_H

#include <stdbool.h>
#include <stdint.h>
#include "userspace/base/addr.h"

#define TD_NONCE_LEN	49		/* 48 hex digits and the end */
#define TD_NONCE_WINDOW	8		/* nonces remembered per phone */

/** The maker: one per process, key random at start. */
struct td_nonce {
	uint8_t key[2][16];
	uint32_t serial;
};

struct td_nonce_id {
	uint32_t time_s;		/* monotonic seconds at which it was made */
	uint32_t serial;
};

/** What a phone has used up. Zeroed = nothing yet. */
struct td_nonce_window {
	struct {
		uint64_t id;		/* time and serial, 0 = free */
		uint64_t request;	/* of the last count: its own retransmission is no replay */
		uint64_t seen;		/* bit n: count last - n was used */
		uint32_t last;		/* highest count */
	} used[TD_NONCE_WINDOW];
	uint64_t floor;			/* nonces up to this one were forgotten: refused */
};

void td_nonce_init(struct td_nonce *n, const uint8_t key[32]);
/** A new nonce, never given before; good for this host (its IP) alone. */
void td_nonce_make(struct td_nonce *n, const struct td_addr *host, uint32_t now_s,
		   char dst[TD_NONCE_LEN]);
/** Is it one that we gave to this host? -EBADMSG: no; -ESTALE: yes, but older than lifetime_s. */
int td_nonce_check(const struct td_nonce *n, const struct td_addr *host, const char *text,
		   uint32_t now_s, uint32_t lifetime_s, struct td_nonce_id *id);
/**
 * td_nonce_use - spend count nc (1.., 0 for a client without qop, which may use a nonce
 * once) of a nonce that passed td_nonce_check() and whose response was right.
 * @request: identifies the request (hash of Call-ID, CSeq and method); the same request
 *	again with its last count passes as a retransmission.
 * -ESTALE when the count was used before or cannot be told any more.
 */
int td_nonce_use(struct td_nonce_window *w, const struct td_nonce_id *id, uint32_t nc,
		 uint64_t request);

#endif
