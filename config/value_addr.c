// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of hosts, networks and devices; see value_addr.h. */
#include "config/value_addr.h"

#include <errno.h>
#include <string.h>

#include "config/model.h"
#include "config/schema.h"
#include "userspace/base/str.h"

#define DEFAULT_SIP_PORT	5060
#define MIN_RTP_PORT		1024
#define MAX_RTP_PORT		65532	/* of a first pair of two */

static bool is_multicast(const struct td_addr *a)
{
	return td_addr_is_v4(a) ? a->ip[12] >= 224 : a->ip[0] == 0xff;
}

static int read_host(const char *text, struct td_addr *a, struct value_fault *fault)
{
	if (td_addr_parse(a, text))
		return td_value_refuse(fault, text, "is no IP address");
	if (td_addr_is_any(a))
		return td_value_refuse(fault, text, "is no host's address; leave the option out "
				       "instead");
	if (is_multicast(a))
		return td_value_refuse(fault, text, "is no host's address but a group's");
	return 0;
}

static int read_bare_host(const char *text, struct td_addr *a, struct value_fault *fault)
{
	if (read_host(text, a, fault))
		return -EINVAL;
	if (a->port)
		return td_value_refuse(fault, text, "has a port, which is an option of its own");
	return 0;
}

static bool is_host_name(const char *text)
{
	size_t len = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-");

	/* all digits and dots would be an address that is none */
	return *text && !text[len] && text[strspn(text, "0123456789.")];
}

int td_value_read_peer(const struct schema_option *o, const struct uci_value *v, void *dst,
		       struct value_fault *fault)
{
	struct td_addr a;

	if (!is_host_name(v->text) && read_bare_host(v->text, &a, fault))
		return -EINVAL;
	return td_value_store(o, v->text, dst, fault);
}

int td_value_read_ip(const struct schema_option *o, const struct uci_value *v, void *dst,
		     struct value_fault *fault)
{
	(void)o;
	return read_bare_host(v->text, dst, fault);
}

int td_value_read_address(const struct schema_option *o, const struct uci_value *v, void *dst,
			  struct value_fault *fault)
{
	struct td_addr *a = dst;

	(void)o;
	if (read_host(v->text, a, fault))
		return -EINVAL;
	if (!a->port)
		a->port = DEFAULT_SIP_PORT;
	return 0;
}

int td_value_read_rtp(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault)
{
	struct td_addr *a = dst;

	(void)o;
	if (read_host(v->text, a, fault))
		return -EINVAL;
	if (a->port < MIN_RTP_PORT || a->port > MAX_RTP_PORT || a->port % 2)
		return td_value_refuse(fault, v->text,
				       "needs an even port from %d to %d: four from there on are "
				       "used", MIN_RTP_PORT, MAX_RTP_PORT);
	return 0;
}

/* 224.0.0.0/24 never leaves a link and belongs to routing (RFC 5771 4). */
int td_value_read_group(const struct schema_option *o, const struct uci_value *v, void *dst,
			struct value_fault *fault)
{
	struct td_addr *a = dst;

	(void)o;
	if (td_addr_parse(a, v->text))
		return td_value_refuse(fault, v->text, "is no IP address");
	if (!td_addr_is_v4(a))
		return td_value_refuse(fault, v->text, "is no IPv4 address: phones listen to no other "
				       "groups");
	if (!is_multicast(a) || a->ip[12] >= 240 || (a->ip[12] == 224 && !a->ip[13] && !a->ip[14]))
		return td_value_refuse(fault, v->text, "is no group: 224.0.1.0 to 239.255.255.255");
	if (a->port < MIN_RTP_PORT || a->port % 2)
		return td_value_refuse(fault, v->text, "needs an even port from %d on", MIN_RTP_PORT);
	return 0;
}

void td_value_print_ip(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct td_addr *a = src;
	char text[TD_ADDR_STRLEN];

	(void)o;
	*dst = '\0';
	if (!td_addr_is_set(a))
		return;
	if (a->scope)
		snprintf(dst, size, "%s%%%u", td_addr_ip(a, text), a->scope);
	else
		td_strlcpy(dst, td_addr_ip(a, text), size);
}

void td_value_print_address(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	char text[TD_ADDR_STRLEN];

	(void)o;
	*dst = '\0';
	if (td_addr_is_set(src))
		td_strlcpy(dst, td_addr_str(src, text), size);
}

/* ---- networks ---- */

/* "10.0.0.0/8", "2001:db8::/32"; a host stands for itself */
int td_value_read_prefix(const struct schema_option *o, const struct uci_value *v, void *dst,
			 struct value_fault *fault)
{
	const char *slash = strchr(v->text, '/');
	char text[TD_ADDR_STRLEN];
	struct cfg_prefix *p = dst;
	struct td_addr given;
	uint32_t max;

	(void)o;
	memset(p, 0, sizeof(*p));	/* models are compared as bytes */
	td_str_copy(text, sizeof(text), (struct td_str){ v->text, slash ?
		    (size_t)(slash - v->text) : strlen(v->text) });
	if (td_addr_parse(&given, text) || given.port || given.scope)
		return td_value_refuse(fault, v->text, "is no IP address or network");
	max = td_addr_is_v4(&given) ? 32 : 128;
	p->len = max;
	if (slash && (td_parse_u32(td_str_of(slash + 1), &p->len) || p->len > max))
		return td_value_refuse(fault, v->text, "has no number of bits, 0..%u, behind the "
				       "slash", max);
	p->addr = given;
	for (uint32_t bit = 128 - max + p->len; bit < 128; bit++)
		p->addr.ip[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
	if (!td_addr_same_ip(&given, &p->addr))
		return td_value_refuse(fault, v->text,
				       "is a host in a network: the network is %s/%u",
				       td_addr_ip(&p->addr, text), p->len);
	if (is_multicast(&p->addr))
		return td_value_refuse(fault, v->text, "is no network of hosts but of groups");
	return 0;
}

void td_value_print_prefix(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const struct cfg_prefix *p = src;
	char text[TD_ADDR_STRLEN];

	(void)o;
	td_addr_ip(&p->addr, text);
	if (p->len == (td_addr_is_v4(&p->addr) ? 32u : 128u))
		td_strlcpy(dst, text, size);
	else
		snprintf(dst, size, "%s/%u", text, p->len);
}

/* ---- devices ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "001122334455", "00:11:22:33:44:55", "00-11-...", or IOS's "0011.2233.4455" */
static bool parse_mac(const char *text, uint8_t mac[6])
{
	size_t len = strlen(text), group = len == 12 ? 12 : len == 17 ? 2 : len == 14 ? 4 : 0;
	char mark = group == 2 ? text[2] : '.';
	size_t n = 0;

	if (!group || (group == 2 && mark != ':' && mark != '-'))
		return false;
	memset(mac, 0, 6);
	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(text[i]);

		if (i % (group + 1) == group) {
			if (text[i] != mark)
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		mac[n / 2] = (uint8_t)(mac[n / 2] << 4 | digit);
		n++;
	}
	return n == 12;
}

int td_value_read_mac(const struct schema_option *o, const struct uci_value *v, void *dst,
		      struct value_fault *fault)
{
	static const uint8_t none[6];
	uint8_t *mac = dst;

	(void)o;
	if (!parse_mac(v->text, mac))
		return td_value_refuse(fault, v->text,
				       "is no MAC address: 12 hexadecimal digits, as 001122334455, "
				       "00:11:22:33:44:55 or 0011.2233.4455");
	if ((mac[0] & 1) || !memcmp(mac, none, sizeof(none)))
		return td_value_refuse(fault, v->text, "is no device's MAC address");
	mac[6] = 1;
	return 0;
}

void td_value_print_mac(const struct schema_option *o, const void *src, char *dst, size_t size)
{
	const uint8_t *mac = src;
	char text[13];

	(void)o;
	td_hex(text, mac, 6);
	td_strlcpy(dst, mac[6] ? text : "", size);
}
