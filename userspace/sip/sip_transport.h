/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What SIP is carried by (RFC 3261 18, 26.3.2.1). All but UDP are connections. The numbers stand
 * in the store and in the snapshot of dialogs.
 */
#ifndef TD_SIP_TRANSPORT_H
#define TD_SIP_TRANSPORT_H

enum sip_transport { SIP_UDP = 0, SIP_TCP = 1, SIP_TLS = 2 };

/** "udp", "tcp" or "tls", as in URIs. */
static inline const char *td_sip_transport_name(enum sip_transport t)
{
	return t == SIP_TLS ? "tls" : t == SIP_TCP ? "tcp" : "udp";
}

#endif
