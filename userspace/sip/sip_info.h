/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Digits in the bodies of INFO: application/dtmf-relay and application/dtmf, the
 * two unwritten customs of phones and gateways (there is no RFC); and of NOTIFY:
 * audio/telephone-event, the four bytes of RFC 4733 2.3, with milliseconds for the duration
 * (Cisco's sip-notify: "Event: telephone-event;rate=1000", agreed on by Call-Info).
 */
#ifndef TD_SIP_INFO_H
#define TD_SIP_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIP_INFO_DTMF_RELAY "application/dtmf-relay"
#define SIP_INFO_DTMF	    "application/dtmf"
#define SIP_INFO_BODY_LEN   40
#define SIP_KEY_EVENT	    "telephone-event"
#define SIP_KEY_TYPE	    "audio/telephone-event"
#define SIP_KEY_LEN	    4
/* In INVITE and its answers: "tell me keys so". */
#define SIP_KEY_CALL_INFO   "Call-Info: <sip:tandem>;method=\"NOTIFY;Event=telephone-event;Duration=2000\"\r\n"

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
/** The body of a NOTIFY: 0; -EAGAIN: the key is pressed still; -ENOMSG: no digit; -EBADMSG. */
int td_sip_key_decode(const void *body, size_t len, struct sip_dtmf *out);
void td_sip_key_encode(uint8_t dst[SIP_KEY_LEN], const struct sip_dtmf *d, bool released);
/** Write an application/dtmf-relay body; returns its length. */
size_t td_sip_info_encode(char dst[SIP_INFO_BODY_LEN], const struct sip_dtmf *d);

#endif
