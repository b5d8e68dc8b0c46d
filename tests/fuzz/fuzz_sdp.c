/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as SDP: parsed in bounded time, and what was understood can be written and
 * read back as the same. Build with clang -fsanitize=fuzzer,address,undefined.
 */
#include <stdlib.h>
#include <string.h>

#include "userspace/sip/sip_crypto.h"
#include "userspace/sip/sip_info.h"
#include "userspace/sip/sip_sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken can be written and read back as the same key. */
static void crypto(const char *text, size_t size)
{
	struct td_srtp_key k, again;
	char line[160];
	struct td_buf b;

	if (td_sip_crypto_read((struct td_str){ text, size }, &k))
		return;
	td_buf_init(&b, line, sizeof(line));
	td_sip_crypto_write(&b, &k);
	if (td_buf_err(&b) ||
	    td_sip_crypto_read((struct td_str){ line + 9, b.pos - 11 }, &again) ||
	    again.tag != k.tag || !td_srtp_same_key(&k, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_sdp_origin o = { 1, 1 };
	char text[SIP_SDP_OUT_BYTES];
	struct sip_sdp a, b;
	struct sip_dtmf d;
	int len;

	crypto((const char *)data, size);
	td_sip_info_decode(SIP_INFO_DTMF_RELAY, (const char *)data, size, &d);
	td_sip_info_decode(SIP_INFO_DTMF, (const char *)data, size, &d);
	/* "::" and "0.0.0.0" are the same hold, written one way */
	if (td_sip_sdp_parse((const char *)data, size, true, &a) || !a.audio.rtp.port ||
	    td_addr_is_any(&a.audio.rtp))
		return 0;
	len = td_sip_sdp_write(text, sizeof(text), &o, &a.audio, &a.lines);
	if (len < 0)
		return 0;
	if (td_sip_sdp_parse(text, (size_t)len, true, &b))
		abort();
	if (!td_media_equal(&a.audio, &b.audio) || a.lines.n != b.lines.n)
		abort();
	return 0;
}
