/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Digits in the bodies of INFO: application/dtmf-relay and application/dtmf, the
 * two unwritten customs of phones and gateways (there is no RFC).
 */
#ifndef TD_SIP_INFO_H
#define TD_SIP_INFO_H

#include <stddef.h>
#include <stdint.h>

#define SIP_INFO_DTMF_RELAY "application/dtmf-relay"
#define SIP_INFO_DTMF	    "application/dtmf"
#define SIP_INFO_BODY_LEN   40

struct sip_dtmf {
	char digit;			/* 0-9 * # A-D */
	uint16_t duration_ms;
};

/**
 * td_sip_info_decode - read a digit.
 * @type: the Content-Type without parameters
 * 0; -ENOTSUP for another type; -ENOMSG for a signal that is no digit (flash); -EBADMSG.
 */
int td_sip_info_decode(const char *type, const char *body, size_t len, struct sip_dtmf *out);
/** Write an application/dtmf-relay body; returns its length. */
size_t td_sip_info_encode(char dst[SIP_INFO_BODY_LEN], const struct sip_dtmf *d);

#endif
