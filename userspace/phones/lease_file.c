// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lease files. PURE. See lease_file.h.
 */
#include "userspace/phones/lease_file.h"

#include <errno.h>
#include <string.h>

#define MAX_WORDS 16
#define MAX_DUID  130			/* bytes, RFC 8415 11.1 */
/* dnsmasq on a router without a clock writes how long instead of until when */
#define IS_A_DATE 1000000000u

bool td_lease_next_line(struct td_str *text, struct td_str *line)
{
	const char *end = text->len ? memchr(text->p, '\n', text->len) : NULL;

	if (!text->len)
		return false;
	line->p = text->p;
	line->len = end ? (size_t)(end - text->p) : text->len;
	text->p += line->len + (end ? 1 : 0);
	text->len -= line->len + (end ? 1 : 0);
	return true;
}

static size_t split(struct td_str line, struct td_str w[MAX_WORDS])
{
	size_t n = 0, i = 0;

	while (i < line.len && n < MAX_WORDS) {
		while (i < line.len && (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r'))
			i++;
		if (i == line.len)
			break;
		w[n].p = line.p + i;
		while (i < line.len && line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			i++;
		w[n].len = (size_t)(line.p + i - w[n].p);
		n++;
	}
	return n;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Pairs of digits, with or without colons between them. How many bytes, or 0. */
static size_t read_hex(struct td_str s, uint8_t *dst, size_t max)
{
	size_t n = 0, i = 0;

	while (i < s.len) {
		if (n && s.p[i] == ':')
			i++;
		if (n == max || s.len - i < 2 || digit(s.p[i]) < 0 || digit(s.p[i + 1]) < 0)
			return 0;
		dst[n++] = (uint8_t)(digit(s.p[i]) << 4 | digit(s.p[i + 1]));
		i += 2;
	}
	return n;
}

static int read_mac(struct td_str s, uint8_t mac[6])
{
	if (s.len > 3 && s.p[2] == '-')	/* another kind of network: "06-..." */
		return -ENOENT;
	return read_hex(s, mac, 6) == 6 ? 0 : -EBADMSG;
}

/* RFC 8415 11.2 and 11.4: kinds that are made from a hardware address. */
static int read_duid(struct td_str s, uint8_t mac[6])
{
	static const uint8_t llt[4] = { 0, 1, 0, 1 }, ll[4] = { 0, 3, 0, 1 };
	uint8_t duid[MAX_DUID];
	size_t n = read_hex(s, duid, sizeof(duid));

	if (!n)
		return -EBADMSG;
	if (n == 14 && !memcmp(duid, llt, sizeof(llt)))
		memcpy(mac, duid + 8, 6);
	else if (n == 10 && !memcmp(duid, ll, sizeof(ll)))
		memcpy(mac, duid + 4, 6);
	else
		return -ENOENT;
	return 0;
}

/* "10.0.0.1", or with the length that an address of one host has. */
static int read_addr(struct td_str s, struct td_addr *a)
{
	char text[TD_ADDR_STRLEN];
	char *slash;

	if (s.len >= sizeof(text) || memchr(s.p, '\0', s.len))
		return -EBADMSG;
	td_str_copy(text, sizeof(text), s);
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (td_addr_parse(a, text) || a->port || a->scope || td_addr_is_any(a))
		return -EBADMSG;
	if (slash && strcmp(slash + 1, td_addr_is_v4(a) ? "32" : "128"))
		return -ENOENT;
	return 0;
}

static int read_until(struct td_str s, uint64_t *until)
{
	if (td_str_eq_c(s, "-1")) {
		*until = 0;
		return 0;
	}
	if (td_parse_u64(s, until))
		return -EBADMSG;
	if (*until < IS_A_DATE)
		*until = 0;
	return 0;
}

static int read_odhcpd(const struct td_str *w, size_t n, struct td_lease *out)
{
	bool v4 = n > 3 && td_str_eq_c(w[3], "ipv4");
	int err;

	if (n < 9)
		return -ENOENT;		/* a comment, or a lease without an address */
	err = read_until(w[5], &out->until);
	if (!err)
		err = v4 ? read_mac(w[2], out->mac) : read_duid(w[2], out->mac);
	return err ? err : read_addr(w[8], &out->addr);
}

int td_lease_read(struct td_str line, struct td_lease *out)
{
	struct td_str w[MAX_WORDS];
	size_t n = split(line, w);
	int err;

	memset(out, 0, sizeof(*out));
	if (!n || td_str_eq_c(w[0], "duid"))
		return -ENOENT;
	if (td_str_eq_c(w[0], "#"))
		return read_odhcpd(w, n, out);
	if (n < 4)
		return w[0].p[0] == '#' || n == 2 ? -ENOENT : -EBADMSG;
	err = read_until(w[0], &out->until);
	if (!err)
		err = read_addr(w[2], &out->addr);
	if (err)
		return err;
	if (td_addr_is_v4(&out->addr))
		return read_mac(w[1], out->mac);
	return n < 5 ? -EBADMSG : read_duid(w[4], out->mac);
}
