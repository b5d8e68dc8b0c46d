/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of Cisco's phones. The first byte tells how the rest is read: as a multipart body, or as
 * one document, or as a report of keys (KPML). What is granted of what was offered must be writable, and read back the same.
 * Build with clang -fsanitize=fuzzer,address,undefined.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "userspace/sip/sip_cisco_doc.h"
#include "userspace/sip/sip_kpml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void grant(const struct cisco_options *offer)
{
	struct cisco_options granted;
	struct cisco_message back;
	uint8_t room[2048];
	const char *why;
	struct td_buf b;

	td_cisco_grant(offer, 6, UINT32_MAX, &granted);
	must((granted.set & ~offer->set) == 0);
	td_buf_init(&b, room, sizeof(room));
	td_cisco_write_grant(&b, &granted);
	must(!b.err);
	must(!td_cisco_read(&back, (struct td_str){ (const char *)room, b.pos }, "multipart/mixed",
			    TD_STR(CISCO_BOUNDARY), &why));
	must(back.response == 200);
}

static void keys(const char *text, size_t len)
{
	struct td_kpml_wish w;
	struct sip_kpml k;
	const char *why = NULL;

	if (td_kpml_read_request(&w, (struct td_str){ text, len }, &why))
		must(why != NULL);
	else
		must(w.n > 0 && w.n <= SIP_KPML_PATTERNS);
	why = NULL;
	if (td_kpml_read(&k, (struct td_str){ text, len }, &why))
		must(why != NULL);
	else
		must(strspn(k.keys, "0123456789*#ABCD+") == strlen(k.keys));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "multipart/mixed", CISCO_REQUEST_TYPE,
					     CISCO_RESPONSE_TYPE, "text/plain" };
	struct cisco_message m;
	const char *why;

	if (!size)
		return 0;
	if (data[0] == 0xff) {
		keys((const char *)data + 1, size - 1);
		return 0;
	}
	if (td_cisco_read(&m, (struct td_str){ (const char *)data + 1, size - 1 }, types[data[0] % 4],
			  TD_STR(CISCO_BOUNDARY), &why)) {
		must(why != NULL);
		return 0;
	}
	must((m.bulk.add & m.bulk.remove) == 0);
	if (m.has_offer)
		grant(&m.offer);
	return 0;
}
