/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Keys that a phone reports one by one (KPML, RFC 4730): what we ask for, and what it says.
 */
#ifndef TD_SIP_KPML_H
#define TD_SIP_KPML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "userspace/base/str.h"

#define SIP_KPML_EVENT	       "kpml"
#define SIP_KPML_REQUEST_TYPE  "application/kpml-request+xml"
#define SIP_KPML_RESPONSE_TYPE "application/kpml-response+xml"

/* Answers that matter here (RFC 4730 section 5.4.1). */
enum { SIP_KPML_OK = 200, SIP_KPML_TIMER = 423 };

struct sip_kpml {
	uint32_t code;			/* as above; 0 = it said none */
	char keys[17];			/* pressed, oldest first: 0-9 * # A-D + */
	bool backspace;			/* the last one is taken back */
};

/**
 * td_kpml_write - ask for every key that is pressed, one report each, until further notice.
 * @interdigit_ms: how long the phone waits for the next one
 * The document, in memory of td_zalloc() that is the caller's; NULL: -ENOMEM. Cisco's phones
 * match one key at a time and take this form alone.
 */
char *td_kpml_write(uint32_t interdigit_ms);
/** -EBADMSG and *why: it is no report. What is no key is passed over. */
int td_kpml_read(struct sip_kpml *k, struct td_str body, const char **why);

#endif
