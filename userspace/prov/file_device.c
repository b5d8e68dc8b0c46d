// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SEP<MAC>.cnf.xml and XMLDefault<type>.cnf.xml: root "device". What SIP and SCCP phones have in
 * common, and all that an SCCP phone reads: its lines and keys come in messages.
 */
#include "userspace/prov/files_priv.h"

#include <stdio.h>
#include <string.h>

#include "bpf/td_map.h"
#include "userspace/base/str.h"

/* ---- date and time ---- */

/* 'A' is a clock of twelve hours. */
static void date_template(const struct td_config *cfg, uint32_t protocol, char dst[12])
{
	static const char *const global[] = {
		[CFG_DATE_MDY] = "M/D/Y", [CFG_DATE_DMY] = "D/M/Y", [CFG_DATE_YMD] = "Y/M/D",
		[CFG_DATE_YDM] = "Y/D/M",
	};
	static const char *const sip[] = {
		[CFG_SIPDATE_DMY] = "D/M/Y", [CFG_SIPDATE_MDY] = "M/D/Y",
		[CFG_SIPDATE_YDM_DASH] = "Y-D-M", [CFG_SIPDATE_YDM] = "Y/D/M",
		[CFG_SIPDATE_YMD] = "Y/M/D", [CFG_SIPDATE_YYMD_DASH] = "YY-M-D",
	};
	bool own_date = protocol == CFG_PROTO_SIP && cfg->sip.date_format != CFG_SIPDATE_GLOBAL;
	bool own_time = protocol == CFG_PROTO_SIP && cfg->sip.time_format != CFG_SIPCLOCK_GLOBAL;
	bool twelve = own_time ? cfg->sip.time_format == CFG_SIPCLOCK_12 :
				 cfg->global.time_format == CFG_CLOCK_12;

	snprintf(dst, 12, "%s%s", own_date ? sip[cfg->sip.date_format] :
		 global[cfg->global.date_format], twelve ? "A" : "");
}

static void make_time(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	static const char *const modes[] = {
		[CFG_NTP_UNICAST] = "Unicast", [CFG_NTP_DIRECTEDBROADCAST] = "Directed Broadcast",
		[CFG_NTP_MULTICAST] = "Multicast", [CFG_NTP_ANYCAST] = "Anycast",
	};
	const struct cfg_zone *zone = d->protocol == CFG_PROTO_SIP ? m->sip_zone : m->sccp_zone;
	const char *iana = d->protocol == CFG_PROTO_SIP && m->cfg->sip.timezone[0] ?
			   m->cfg->sip.timezone : m->cfg->global.timezone;
	char text[12];

	date_template(m->cfg, d->protocol, text);
	td_xml_open(x, "dateTimeSetting");
	td_xml_text(x, "dateTemplate", text);
	/* SCCP phones of the first generation take the time from messages alone */
	if (zone && (d->protocol == CFG_PROTO_SIP || !d->type || d->type->zone)) {
		td_xml_text(x, "timeZone", zone->name);
		td_xml_text(x, "olsonTimeZone", iana);
	}
	if (d->protocol == CFG_PROTO_SIP && m->cfg->sip.ntp_server[0]) {
		td_xml_open(x, "ntps");
		td_xml_open(x, "ntp");
		td_xml_text(x, "name", m->cfg->sip.ntp_server);
		td_xml_text(x, "ntpMode", modes[m->cfg->sip.ntp_mode]);
		td_xml_close(x);
		td_xml_close(x);
	}
	td_xml_close(x);
}

/* ---- routers ---- */

static void make_router(struct td_maker *m, struct td_xml *x, uint32_t priority,
			const char *address)
{
	bool six = strchr(address, ':') != NULL;

	td_xml_open(x, "member");
	td_xml_attr_u32(x, "priority", priority);
	td_xml_open(x, "callManager");
	td_xml_text(x, "name", address);
	td_xml_open(x, "ports");
	td_xml_u32(x, "ethernetPhonePort", m->cfg->sccp.port);
	td_xml_u32(x, "sipPort", m->cfg->sip.port);
	td_xml_u32(x, "securedSipPort", m->cfg->sip.tls_port);
	td_xml_close(x);
	td_xml_text(x, "processNodeName", address);
	if (six)
		td_xml_text(x, "ipv6Addr", address);
	td_xml_close(x);
	td_xml_close(x);
}

static void make_pool(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	char routers[2][64];
	size_t n = td_maker_routers(m, d->protocol, routers);

	td_xml_open(x, "devicePool");
	make_time(m, x, d);
	td_xml_open(x, "callManagerGroup");
	td_xml_open(x, "members");
	for (size_t i = 0; i < n; i++)
		make_router(m, x, (uint32_t)i, routers[i]);
	td_xml_close(x);
	td_xml_close(x);
	td_xml_u32(x, "connectionMonitorDuration", 120);
	if (d->protocol == CFG_PROTO_SIP) {
		/* not for SCCP: 7925s have been seen to reconnect for ever because of it */
		td_xml_open(x, "srstInfo");
		td_xml_text(x, "srstOption", "Disable");
		td_xml_close(x);
	}
	td_xml_close(x);
}

/* ---- what the operator passes on ---- */

static bool has_vendor(const struct cfg_vendor *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].name, name))
			return true;
	return false;
}

static void make_vendor(struct td_xml *x, const struct td_device *d)
{
	const struct cfg_phone *p = d->phone;

	td_xml_open(x, "vendorConfig");
	for (size_t i = 0; p && i < p->n_vendors; i++)
		td_xml_text(x, p->vendors[i].name, p->vendors[i].value);
	for (size_t i = 0; d->type && i < d->type->n_vendors; i++)
		if (!p || !has_vendor(p->vendors, p->n_vendors, d->type->vendors[i].name))
			td_xml_text(x, d->type->vendors[i].name, d->type->vendors[i].value);
	td_xml_close(x);
}

static void make_locales(struct td_xml *x, const struct td_device *d)
{
	const struct cfg_locale *u = d->user, *n = d->network;

	if (u) {
		td_xml_open(x, "userLocale");
		td_xml_text(x, "name", u->user);
		td_xml_text(x, "uid", "1");
		td_xml_text(x, "langCode", u->language);
		td_xml_text(x, "version", u->version);
		td_xml_text(x, "winCharSet", "utf-8");
		td_xml_close(x);
	}
	if (n) {
		td_xml_text(x, "networkLocale", n->network);
		td_xml_open(x, "networkLocaleInfo");
		td_xml_text(x, "name", n->network);
		td_xml_text(x, "uid", "1");
		td_xml_text(x, "version", n->version);
		td_xml_close(x);
	}
}

static void make_urls(const struct td_maker *m, struct td_xml *x)
{
	const struct cfg_provision *p = &m->cfg->provision;
	char directory[CFG_URL_LEN];

	td_maker_directory_url(m, directory);
	td_xml_u32(x, "idleTimeout", p->idle_timeout);
	td_xml_text(x, "authenticationURL", p->url_authentication);
	td_xml_text(x, "directoryURL", directory);
	td_xml_text(x, "idleURL", p->url_idle);
	td_xml_text(x, "informationURL", p->url_information);
	td_xml_text(x, "messagesURL", p->url_messages);
	td_xml_text(x, "proxyServerURL", p->url_proxy);
	td_xml_text(x, "servicesURL", p->url_services);
}

/* Phones want the whole byte of the IP header: DSCP and two bits more. */
static uint32_t tos(const struct td_config *cfg, int class)
{
	return cfg->global.dscp[class] << 2;
}

static const struct cfg_vpn *find_vpn(const struct td_config *cfg, const char *id)
{
	for (size_t i = 0; i < cfg->n_vpns; i++)
		if (!strcmp(cfg->vpns[i].id, id))
			return &cfg->vpns[i];
	return NULL;
}

static void make_vpn(const struct td_config *cfg, struct td_xml *x, const struct td_device *d)
{
	const struct cfg_vpn *v = d->phone ? find_vpn(cfg, d->phone->vpn) : NULL;
	char name[40];

	if (!v)
		return;
	td_xml_open(x, "vpnGroup");
	td_xml_u32(x, "mtu", v->mtu);
	td_xml_u32(x, "failConnectTime", v->fail_connect_time);
	td_xml_u32(x, "keepAlive", v->keepalive);
	td_xml_u32(x, "authMethod", v->auth);
	td_xml_u32(x, "pswdPersistent", v->password_persistent);
	td_xml_u32(x, "autoNetDetect", v->auto_network_detect);
	td_xml_u32(x, "enableHostIDCheck", v->host_id_check);
	td_xml_open(x, "addresses");
	for (size_t i = 0; i < v->n_url; i++) {
		snprintf(name, sizeof(name), "url%zu", i + 1);
		td_xml_text(x, name, v->url[i]);
	}
	td_xml_close(x);
	td_xml_open(x, "credentials");
	td_xml_text(x, "hashAlg", "0");
	for (size_t i = 0; i < v->n_cert_hash; i++) {
		snprintf(name, sizeof(name), "certHash%zu", i + 1);
		td_xml_text(x, name, v->cert_hash[i]);
	}
	td_xml_close(x);
	td_xml_close(x);
}

/* ---- the whole ---- */

static void make_families(const struct td_config *cfg, struct td_xml *x, uint32_t protocol)
{
	const struct cfg_sccp *s = &cfg->sccp;

	if (protocol == CFG_PROTO_SCCP) {
		td_xml_u32(x, "ipAddressMode", s->protocol_mode);
		td_xml_u32(x, "ipPreferenceModeControl", s->protocol_mode == CFG_DUAL ?
			   s->ip_preference : s->protocol_mode);
		td_xml_u32(x, "ipMediaAddressFamilyPreference", s->ip_preference);
	} else {
		td_xml_u32(x, "ipAddressMode", CFG_IPV4);
		td_xml_u32(x, "ipPreferenceModeControl", CFG_IPV4);
		td_xml_u32(x, "ipMediaAddressFamilyPreference", CFG_IPV4);
	}
	td_xml_bool(x, "allowAutoConfig", true);
	td_xml_bool(x, "dadEnable", true);
	td_xml_bool(x, "redirectEnable", false);
	td_xml_bool(x, "echoMultiEnable", false);
}

static void make_load(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	char load[CFG_TEXT_LEN];

	td_maker_load(m->cfg, d->phone, d->type, d->protocol, load);
	td_xml_text(x, "loadInformation", load);
}

static void make_version(struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	const char *given = m->cfg->provision.version_stamp;
	char text[CFG_TEXT_LEN + 2];

	if (d->protocol == CFG_PROTO_SCCP && *given) {
		snprintf(text, sizeof(text), "{%s}", given);
		td_xml_text(x, "versionStamp", text);
	} else {
		td_xml_text(x, "versionStamp", STAMP_HERE);
	}
}

/* 1: none, 3: encrypted. With TLS a phone without a list of certificates cannot come up. */
static void make_security(const struct td_maker *m, struct td_xml *x, const struct td_device *d)
{
	bool udp = d->phone && d->phone->transport == CFG_TRANSPORT_UDP;
	bool tls = d->phone ? td_make_is_secure(m->cfg, d->phone) :
		   d->protocol == CFG_PROTO_SCCP && m->cfg->sccp.security_mode == CFG_SECURITY_ENCRYPTED;

	td_xml_u32(x, "deviceSecurityMode", tls && m->trust ? 3 : 1);
	if (d->protocol == CFG_PROTO_SIP)
		/* TCP unless told otherwise: phones repeat themselves wrongly over UDP */
		td_xml_u32(x, "transportLayerProtocol", tls ? 3 : udp ? 2 : 1);
	else
		td_xml_u32(x, "transportLayerProtocol", 1);
	td_xml_u32(x, "capfAuthMode", 0);
	td_xml_text(x, "certHash", NULL);
	td_xml_bool(x, "encrConfig", false);
}

char *td_make_device(struct td_maker *m, const struct td_device *d, size_t *len)
{
	char stamp[TD_STAMP_LEN], name[TD_NAME_MAX], *text;
	struct td_xml x;

	if (d->phone)
		td_maker_sep_name(d->phone->mac, name);
	td_xml_begin(&x);
	td_xml_open(&x, "device");
	td_xml_bool(&x, "fullConfig", true);
	td_xml_text(&x, "deviceProtocol", d->protocol == CFG_PROTO_SIP ? "SIP" : "SCCP");
	make_families(m->cfg, &x, d->protocol);
	make_pool(m, &x, d);
	td_xml_open(&x, "commonProfile");
	td_xml_text(&x, "phonePassword", NULL);
	td_xml_bool(&x, "backgroundImageAccess", true);
	td_xml_u32(&x, "callLogBlfEnabled", 1);
	td_xml_close(&x);
	make_load(m, &x, d);
	make_vendor(&x, d);
	make_version(m, &x, d);
	make_locales(&x, d);
	make_urls(m, &x);
	td_xml_u32(&x, "dscpForSCCPPhoneConfig", tos(m->cfg, TD_DSCP_SERVICE));
	td_xml_u32(&x, "dscpForSCCPPhoneServices", tos(m->cfg, TD_DSCP_SERVICE));
	td_xml_u32(&x, "dscpForCm2Dvce", tos(m->cfg, TD_DSCP_SIGNALING));
	make_security(m, &x, d);
	td_xml_u32(&x, "advertiseG722Codec", 1);
	if (d->protocol == CFG_PROTO_SIP)
		td_make_sip_profile(m, &x, d);
	else
		td_xml_u32(&x, "useEnblocDialing", 0);
	make_vpn(m->cfg, &x, d);
	text = td_xml_end(&x, len);
	if (text)
		td_maker_stamp(m, d->phone ? name : NULL, text, *len, stamp);
	return text;
}
