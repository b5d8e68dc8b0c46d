/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See sip_crypto.h. What a party says that we do not do makes its line one that we do
 * not take, never one that we take otherwise than it was meant: UNENCRYPTED_SRTP, FEC_KEY or
 * KDR would be heard as noise.
 */
#include "userspace/sip/sip_crypto.h"

#include <errno.h>
#include <string.h>

#define MAX_TAG		999999999u
#define MIN_LIFETIME	(1u << 20)	/* packets; six hours of 20 ms */
#define MIN_WSH		64		/* RFC 4568 6.3.7 */

/* Cut off everything up to one of two separators. False: there is nothing left. */
static bool next(struct td_str *rest, char sep, char sep2, struct td_str *out)
{
	*out = (struct td_str){ rest->p, 0 };
	if (!rest->len)
		return false;
	while (out->len < rest->len && out->p[out->len] != sep && out->p[out->len] != sep2)
		out->len++;
	rest->p += out->len;
	rest->len -= out->len;
	if (rest->len)
		rest->p++, rest->len--;
	return true;
}

static bool word(struct td_str *rest, struct td_str *out)
{
	while (rest->len && (*rest->p == ' ' || *rest->p == '\t'))
		rest->p++, rest->len--;
	return next(rest, ' ', '\t', out) && out->len;
}

static bool begins(struct td_str s, const char *with, struct td_str *rest)
{
	size_t n = strlen(with);

	if (s.len < n || memcmp(s.p, with, n))
		return false;
	*rest = (struct td_str){ s.p + n, s.len - n };
	return true;
}

/* ---- base64, as it stands in a=crypto: no blanks, padded ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit(char c)
{
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Exactly len bytes. Some leave the padding out; what is there must be right. */
static int decode(struct td_str text, uint8_t *out, size_t len)
{
	size_t want = (len * 4 + 2) / 3, n = text.len;
	uint32_t bits = 0, n_bits = 0, at = 0;

	while (n && n > want && text.p[n - 1] == '=')
		n--;
	if (n != want || (text.len != n && text.len != (want + 3) / 4 * 4))
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		int d = digit(text.p[i]);

		if (d < 0)
			return -EBADMSG;
		bits = bits << 6 | (uint32_t)d;
		n_bits += 6;
		if (n_bits >= 8 && at < len)
			out[at++] = (uint8_t)(bits >> (n_bits -= 8));
	}
	return bits & ((1u << n_bits) - 1) ? -EBADMSG : 0;
}

static void encode(struct td_buf *b, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t have = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16 | (have > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (have > 2 ? p[i + 2] : 0);

		td_buf_printf(b, "%c%c%c%c", digits[v >> 18], digits[v >> 12 & 63],
			      have > 1 ? digits[v >> 6 & 63] : '=', have > 2 ? digits[v & 63] : '=');
	}
}

/* ---- parts ---- */

/* "2^20", or in full: how many packets the key is good for. */
static int read_lifetime(struct td_str s)
{
	struct td_str power;
	uint64_t n;

	if (begins(s, "2^", &power))
		return td_parse_u64(power, &n) || n > 48 ? -EBADMSG :
		       n < 20 ? -ENOTSUP : 0;
	return td_parse_u64(s, &n) || !n ? -EBADMSG : n < MIN_LIFETIME ? -ENOTSUP : 0;
}

/* "inline:KEY", "inline:KEY|2^20", "inline:KEY|2^20|1:4", "inline:KEY|1:4"; more by ';' */
static int read_key(struct td_str s, struct td_srtp_key *out)
{
	struct td_str text, part;
	int err;

	if (s.p[s.len - 1] == '|')
		return -EBADMSG;
	if (memchr(s.p, ';', s.len))
		return -ENOTSUP;	/* several keys need an MKI to tell them apart */
	if (!begins(s, "inline:", &s))
		return memchr(s.p, ':', s.len) ? -ENOTSUP : -EBADMSG;
	if (!next(&s, '|', '|', &text))
		return -EBADMSG;
	err = decode(text, out->key, td_srtp_key_len(out->suite));
	while (!err && next(&s, '|', '|', &part))
		err = memchr(part.p, ':', part.len) ? -ENOTSUP : read_lifetime(part);
	return err;
}

/* A parameter with "-" in front may be passed over (6.3.9); the window's size is the receiver's. */
static int read_parameter(struct td_str s)
{
	struct td_str size;
	uint32_t n;

	if (s.p[0] == '-')
		return s.len > 1 ? 0 : -EBADMSG;
	if (begins(s, "WSH=", &size))
		return td_parse_u32(size, &n) || n < MIN_WSH ? -EBADMSG : 0;
	return -ENOTSUP;
}

int td_sip_crypto_read(struct td_str value, struct td_srtp_key *out)
{
	struct td_str tag, suite, key, parameter;
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (!word(&value, &tag) || !word(&value, &suite) || !word(&value, &key) ||
	    td_parse_u32(tag, &out->tag) || !out->tag || out->tag > MAX_TAG)
		return -EBADMSG;
	out->suite = (uint8_t)td_srtp_suite_by_name(suite.p, suite.len);
	if (!out->suite)
		return -ENOTSUP;
	err = read_key(key, out);
	while (!err && word(&value, &parameter))
		err = read_parameter(parameter);
	return err;
}

void td_sip_crypto_write(struct td_buf *b, const struct td_srtp_key *k)
{
	td_buf_printf(b, "a=crypto:%u %s inline:", k->tag, td_srtp_suite_name(k->suite));
	encode(b, k->key, td_srtp_key_len(k->suite));
	td_buf_printf(b, "\r\n");
}
