/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PURE. See sip_summary.h. */
#include "userspace/sip/sip_summary.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static struct td_str trim(struct td_str s)
{
	while (s.len && strchr(" \t\r", s.p[0]) && s.p[0])
		s.p++, s.len--;
	while (s.len && s.p[s.len - 1] && strchr(" \t\r", s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Up to sep, which is cut off with it. */
static struct td_str cut(struct td_str *rest, char sep)
{
	const char *end = rest->len ? memchr(rest->p, sep, rest->len) : NULL;
	struct td_str s = { rest->p, end ? (size_t)(end - rest->p) : rest->len };

	rest->p += s.len + (end ? 1 : 0);
	rest->len -= s.len + (end ? 1 : 0);
	return trim(s);
}

int td_sip_summary_read(struct td_str text, struct sip_summary *out)
{
	bool told = false, waiting = false, counted = false;
	uint32_t n = 0;

	memset(out, 0, sizeof(*out));
	while (text.len) {
		struct td_str value = cut(&text, '\n'), name = cut(&value, ':');

		value = trim(value);
		if (td_str_caseeq_c(name, "Messages-Waiting")) {
			told = td_str_caseeq_c(value, "yes") || td_str_caseeq_c(value, "no");
			waiting = td_str_caseeq_c(value, "yes");
		} else if (td_str_caseeq_c(name, "Message-Account")) {
			out->account = value;
		} else if (td_str_caseeq_c(name, "Voice-Message")) {
			/* "2/8 (0/2)": new and old, of them urgent */
			counted = !td_parse_u32(cut(&value, '/'), &n);
		}
	}
	if (!told)
		return -EBADMSG;
	out->messages = !waiting ? 0 : counted && n ? n : 1;
	return 0;
}
