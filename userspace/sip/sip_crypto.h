/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. The value of a=crypto (RFC 4568 9.1; RFC 7714 for AES-GCM).
 */
#ifndef TD_SIP_CRYPTO_H
#define TD_SIP_CRYPTO_H

#include "userspace/base/buf.h"
#include "userspace/base/str.h"
#include "userspace/core/srtp.h"

/**
 * td_sip_crypto_read - "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20"
 * -EBADMSG: not by the grammar. -ENOTSUP: a suite, a way to tell the key or a parameter that we do
 * not have; a key that would have to be changed during the call (a short lifetime, an MKI).
 */
int td_sip_crypto_read(struct td_str value, struct td_srtp_key *out);
/** The line of ours, with a=crypto: and its end. */
void td_sip_crypto_write(struct td_buf *b, const struct td_srtp_key *k);

#endif
