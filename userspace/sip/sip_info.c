/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PURE. See sip_info.h. What arrives in the field:
 *
 *   application/dtmf-relay	"Signal=5\r\nDuration=160\r\n", also "Signal= 5", "Signal=10"
 *				for the star, 11 for the hash, 12-15 for A-D, 16 for flash
 *   application/dtmf		"5", also with the lines of dtmf-relay
 */
#include "userspace/sip/sip_info.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "userspace/base/str.h"

#define DURATION_DEFAULT_MS 160
#define DURATION_MAX_MS	    5000

static struct td_str trim(struct td_str s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r'))
		s.p++, s.len--;
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t' ||
			 s.p[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* Cut the next line off; lone CR or LF ends one as well. */
static struct td_str next_line(struct td_str *rest)
{
	struct td_str line = { rest->p, 0 };

	while (line.len < rest->len && rest->p[line.len] != '\n')
		line.len++;
	rest->p += line.len;
	rest->len -= line.len;
	if (rest->len)
		rest->p++, rest->len--;
	return trim(line);
}

static int digit_of(struct td_str s, char *digit)
{
	static const char signals[] = "0123456789*#ABCD";
	uint32_t n;

	if (s.len == 1) {
		char c = s.p[0] >= 'a' && s.p[0] <= 'd' ? (char)(s.p[0] - 'a' + 'A') : s.p[0];

		if (!c || !strchr(signals, c))
			return c == '!' ? -ENOMSG : -EBADMSG;
		*digit = c;
		return 0;
	}
	if (s.len > 2 || td_parse_u32(s, &n))
		return td_str_caseeq_c(s, "hf") ? -ENOMSG : -EBADMSG;
	if (n < 10 || n > 15)
		return n == 16 ? -ENOMSG : -EBADMSG;
	*digit = signals[n];
	return 0;
}

static int decode_lines(struct td_str body, struct sip_dtmf *out)
{
	int err = -EBADMSG;

	while (body.len) {
		struct td_str line = next_line(&body), value;
		const char *eq = line.len ? memchr(line.p, '=', line.len) : NULL;
		struct td_str name;
		uint32_t ms;

		if (!eq)
			continue;
		name = trim((struct td_str){ line.p, (size_t)(eq - line.p) });
		value = trim((struct td_str){ eq + 1, line.len - (size_t)(eq + 1 - line.p) });
		if (td_str_caseeq_c(name, "signal"))
			err = digit_of(value, &out->digit);
		else if (td_str_caseeq_c(name, "duration") && td_parse_u32(value, &ms) == 0)
			out->duration_ms = ms > DURATION_MAX_MS ? DURATION_MAX_MS : (uint16_t)ms;
	}
	return err;
}

int td_sip_info_decode(const char *type, const char *body, size_t len, struct sip_dtmf *out)
{
	struct td_str t = td_str_of(type), all = { body, body ? len : 0 };
	bool relay = td_str_caseeq_c(t, SIP_INFO_DTMF_RELAY);

	if (!relay && !td_str_caseeq_c(t, SIP_INFO_DTMF))
		return -ENOTSUP;
	*out = (struct sip_dtmf){ .duration_ms = DURATION_DEFAULT_MS };
	if (!relay && (!all.len || !memchr(all.p, '=', all.len)))
		return digit_of(next_line(&all), &out->digit);
	return decode_lines(all, out);
}

size_t td_sip_info_encode(char dst[SIP_INFO_BODY_LEN], const struct sip_dtmf *d)
{
	return (size_t)snprintf(dst, SIP_INFO_BODY_LEN, "Signal=%c\r\nDuration=%u\r\n", d->digit,
				d->duration_ms ? d->duration_ms : DURATION_DEFAULT_MS);
}

/* ---- four bytes: event, end bit and volume, duration ---- */

#define EVENT_END	0x80
#define EVENT_VOLUME	10		/* -10 dBm0, as phones have it */
#define EVENTS		16		/* 0-9 * # A-D */

static const char events[] = "0123456789*#ABCD";

int td_sip_key_decode(const void *body, size_t len, struct sip_dtmf *out)
{
	const uint8_t *p = body;
	unsigned int ms;

	if (!p || len < SIP_KEY_LEN)
		return -EBADMSG;
	if (p[0] >= EVENTS)
		return -ENOMSG;
	ms = (unsigned int)p[2] << 8 | p[3];
	out->digit = events[p[0]];
	out->duration_ms = !ms ? DURATION_DEFAULT_MS :
			   ms > DURATION_MAX_MS ? DURATION_MAX_MS : (uint16_t)ms;
	return p[1] & EVENT_END ? 0 : -EAGAIN;
}

void td_sip_key_encode(uint8_t dst[SIP_KEY_LEN], const struct sip_dtmf *d, bool released)
{
	const char *at = strchr(events, d->digit);
	uint16_t ms = d->duration_ms ? d->duration_ms : DURATION_DEFAULT_MS;

	dst[0] = at && *at ? (uint8_t)(at - events) : 0;
	dst[1] = (uint8_t)((released ? EVENT_END : 0) | EVENT_VOLUME);
	dst[2] = (uint8_t)(ms >> 8);
	dst[3] = (uint8_t)ms;
}
