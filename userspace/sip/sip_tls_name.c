/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sip_tls_name.h. */
#include "userspace/sip/sip_tls_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509v3.h>

#include "userspace/base/addr.h"
#include "userspace/base/str.h"

#define NAME_LEN 256

/* false ends the walk */
typedef bool (*name_fn)(void *arg, const char *name);

/* Text of an ASN.1 string; one with a zero inside is no name (it would compare as what precedes). */
static bool text_of(const ASN1_STRING *s, char name[NAME_LEN])
{
	int len = ASN1_STRING_length(s);

	if (len <= 0 || len >= NAME_LEN || memchr(ASN1_STRING_get0_data(s), 0, (size_t)len))
		return false;
	memcpy(name, ASN1_STRING_get0_data(s), (size_t)len);
	name[len] = '\0';
	return true;
}

/* "sip:example.com"; with a user part it names a person, not a domain (RFC 5922 7.1 2.) */
static const char *domain_of(const char *uri)
{
	if (strncasecmp(uri, "sip:", 4) != 0 || strchr(uri, '@'))
		return NULL;
	return uri[4] ? uri + 4 : NULL;
}

/* How many there were of the kind. */
static size_t each_alt(const GENERAL_NAMES *names, int type, name_fn fn, void *arg)
{
	char name[NAME_LEN];
	size_t n = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		const char *text = name;

		if (g->type != type || !text_of(g->d.ia5, name))
			continue;
		if (type == GEN_URI)
			text = domain_of(name);
		if (!text)
			continue;
		n++;
		if (!fn(arg, text))
			break;
	}
	return n;
}

static void each_common_name(const X509 *cert, name_fn fn, void *arg)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	char name[NAME_LEN];
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0)
		if (text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)), name) &&
		    !fn(arg, name))
			return;
}

static void each_name(const X509 *cert, name_fn fn, void *arg)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

	if (!names)
		each_common_name(cert, fn, arg);
	else if (!each_alt(names, GEN_URI, fn, arg) && !each_alt(names, GEN_DNS, fn, arg))
		each_common_name(cert, fn, arg);
	GENERAL_NAMES_free(names);
}

struct search {
	const char *host;
	bool found;
};

static bool compare(void *arg, const char *name)
{
	struct search *s = arg;

	s->found = !strcasecmp(name, s->host);
	return !s->found;
}

static bool has_ip(const X509 *cert, const struct td_addr *addr)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t len = td_addr_is_v4(addr) ? 4 : 16;
	bool found = false;

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);

		found = g->type == GEN_IPADD && (size_t)ASN1_STRING_length(g->d.ip) == len &&
			!memcmp(ASN1_STRING_get0_data(g->d.ip), addr->ip + 16 - len, len);
	}
	GENERAL_NAMES_free(names);
	return found;
}

bool td_tls_cert_is_of(const X509 *cert, const char *host)
{
	struct search s = { .host = host };
	struct td_addr addr;

	if (td_addr_parse(&addr, host) == 0 && has_ip(cert, &addr))
		return true;
	each_name(cert, compare, &s);
	return s.found;
}

struct list {
	char *dst;
	size_t size;
};

static bool append(void *arg, const char *name)
{
	struct list *l = arg;
	size_t used = strlen(l->dst);

	snprintf(l->dst + used, l->size - used, "%s%s", used ? ", " : "", name);
	return true;
}

void td_tls_cert_names(const X509 *cert, char *dst, size_t size)
{
	struct list l = { dst, size };

	dst[0] = '\0';
	each_name(cert, append, &l);
	/* a stranger wrote it, and it goes to the log */
	for (char *p = dst; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}
