/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pure: is a certificate one of this host's? (RFC 5922 7) */
#ifndef TD_SIP_TLS_NAME_H
#define TD_SIP_TLS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

/**
 * td_tls_cert_is_of - does the certificate name this host (a domain name or an IP address)? SIP
 * URIs without a user count first; without any the DNS names do; without those the common name.
 * A wildcard matches nothing.
 */
bool td_tls_cert_is_of(const X509 *cert, const char *host);
/** The names that would count, for people: "a.example, b.example". */
void td_tls_cert_names(const X509 *cert, char *dst, size_t size);

#endif
