/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. Keys that a party reports one by one (KPML, RFC 4730): what is asked for, and what is said,
 * both ways.
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
enum { SIP_KPML_OK = 200, SIP_KPML_TIMER = 423, SIP_KPML_NO_DIALOG = 481, SIP_KPML_EXPIRED = 487,
       SIP_KPML_BAD_DOCUMENT = 501 };

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

#define SIP_KPML_PATTERNS 4

/** What a party wants to hear of. */
struct td_kpml_wish {
	bool once;			/* one report, and it is over */
	uint8_t n;
	struct {
		uint16_t keys;		/* a bit each: 0-9 * # A-D */
		char tag[17];
	} pattern[SIP_KPML_PATTERNS];
};

/**
 * td_kpml_read_request - what it asks for. Patterns are of one key: x, 5, [1-4#], [^0], x{1}, and
 * several with "|"; "bs" among them is passed over. -EBADMSG: it is no request; -ENOTSUP: longer
 * ones, long keys, timers of keys that are held. Both say why.
 */
int td_kpml_read_request(struct td_kpml_wish *w, struct td_str body, const char **why);
/** Does it want to hear of this key? *tag: by which name. */
bool td_kpml_wants(const struct td_kpml_wish *w, char key, const char **tag);
/** A report, in memory of td_zalloc() that is the caller's; NULL: -ENOMEM. tag "": none. */
char *td_kpml_report(uint32_t code, const char *text, const char *digits, const char *tag);

#endif
