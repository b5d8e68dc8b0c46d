/* SPDX-License-Identifier: GPL-2.0-or-later */
/* voice service voip and its sip, sip-ua, gateway, voice class media. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

/* ---- voice service voip, sip ---- */

/* "ipv4 198.51.100.0 255.255.255.0": a mask in IOS, a length in uci */
static void take_trusted(struct ios *in, const char *const *arg, size_t n)
{
	struct in_addr mask;
	char text[96];

	if (!n)
		return;
	if (n > 1 && inet_pton(AF_INET, arg[1], &mask) == 1)
		snprintf(text, sizeof(text), "%s/%d", arg[0],
			 __builtin_popcount(mask.s_addr));
	else
		td_strlcpy(text, arg[0], sizeof(text));
	td_ios_add(in, "sip", "sip", "trusted", text);
}

static void take_media(struct ios *in, const char *const *arg, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!strcmp(arg[i], "flow-around") || !strcmp(arg[i], "around"))
			td_ios_set(in, "global", "global", "media", "around");
		else if (!strcmp(arg[i], "flow-through") || !strcmp(arg[i], "through"))
			td_ios_set(in, "global", "global", "media", "through");
	}
	if (!in->decided)
		td_ios_not_supported(in, "see option media of section global");
}

static void take_allow_connections(struct ios *in, const char *const *arg, size_t n)
{
	if (n == 3 && td_ios_is(arg[0], "sip") && td_ios_is(arg[2], "sip"))
		td_ios_not_supported(in, "calls from a trunk to a trunk are refused unless that "
				     "trunk has option allow_transit '1'");
	else
		td_ios_not_supported(in, "there is no H.323: use SIP trunks");
}

static const struct ios_rule voip[] = {
	IOS_NOT_NEEDED("ip address trusted list", "the list follows"),
	IOS_NOT_NEEDED("ip address trusted authenticate", "only known sources may call"),
	IOS_TAKE("ipv4", take_trusted),
	IOS_TAKE("ipv6", take_trusted),
	IOS_TAKE("media", take_media),
	IOS_TAKE("allow-connections", take_allow_connections),
	{ "sip", NULL, IOS_SIP, TD_IMPORT_NOT_NEEDED, "opens a mode" },
	IOS_NOT_SUPPORTED("h323", "there is no H.323: use SIP trunks"),
	IOS_NOT_NEEDED("fax protocol", "T.38 and G.711 fax pass through as the parties agree"),
	IOS_NOT_NEEDED("modem passthrough", "G.711 passes unchanged"),
	IOS_TAKE("vpn-group", td_ios_take_vpn_group),
	IOS_TAKE("vpn-gateway", td_ios_take_vpn_gateway),
	IOS_NOT_SUPPORTED("vpn-trustpoint", "list cert_hash of the vpnprofile: the hash of the gateway's "
			  "certificate (SHA-1, base64)"),
	IOS_NOT_NEEDED("vpn-hash-algorithm", "phones know SHA-1 alone"),
	IOS_TAKE("vpn-profile", td_ios_take_vpn_profile),
	IOS_TAKE("keepalive", td_ios_take_vpn_keepalive),
	IOS_TAKE("auto-network-detect", td_ios_take_vpn_detect),
	IOS_TAKE("host-id-check", td_ios_take_vpn_host_id),
	IOS_TAKE("mtu", td_ios_take_vpn_mtu),
	IOS_TAKE("authen-method", td_ios_take_vpn_authen),
	IOS_TAKE("password-persistent", td_ios_take_vpn_persistent),
	IOS_TAKE("fail-connect-time", td_ios_take_vpn_time),
	IOS_NOT_NEEDED("shutdown", "stop the daemon"),
	IOS_NOT_NEEDED("supplementary-service", "transfers and forwards are worked out here"),
	IOS_NOT_NEEDED("redirect", "redirects are followed"),
	IOS_NOT_NEEDED("rtp-port", "see rtp_port_min and rtp_port_max of section global"),
	IOS_NOT_NEEDED("address-hiding", "each side sees this router's address only"),
	IOS_NOT_NEEDED("clid", "see option calling of translationprofile"),
};
const struct ios_rules td_ios_voip = IOS_RULES(voip, NULL);

/* "registrar server expires max 1200 min 300" */
static void take_registrar_server(struct ios *in, const char *const *arg, size_t n)
{
	const char *max = td_ios_after(arg, n, "max"), *min = td_ios_after(arg, n, "min");

	if (max)
		td_ios_set(in, "sip", "sip", "register_expires_max", max);
	if (min)
		td_ios_set(in, "sip", "sip", "register_expires_min", min);
	if (!max && !min)
		td_ios_not_needed(in, "phones may always register");
}

static void take_min_se(struct ios *in, const char *const *arg, size_t n)
{
	const char *session = td_ios_after(arg, n, "session-expires");

	if (n)
		td_ios_set(in, "sip", "sip", "min_se", arg[0]);
	if (session)
		td_ios_set(in, "sip", "sip", "session_expires", session);
}

static const struct ios_rule sip[] = {
	IOS_TAKE("registrar server", take_registrar_server),
	IOS_TAKE("min-se", take_min_se),
	IOS_NOT_SUPPORTED("bind", "list source_address in section sip; the address towards each "
			  "party follows the routes"),
	IOS_NOT_NEEDED("early-offer forced", "an offer is passed on, and made when there is none"),
	IOS_NOT_NEEDED("midcall-signaling passthru", "re-INVITEs are passed on"),
	IOS_NOT_NEEDED("rel1xx", "PRACK is done with who wants it"),
	IOS_NOT_SUPPORTED("anat", "see option anat"),
	IOS_NOT_SUPPORTED("localhost", "trunks are told this router's address"),
	IOS_NOT_SUPPORTED("sip-profiles", "headers cannot be rewritten"),
	IOS_NOT_SUPPORTED("asserted-id", "see the trunk's options"),
	IOS_NOT_SUPPORTED("privacy", "see the trunk's options"),
	IOS_NOT_NEEDED("header-passing", "known headers are passed on"),
	IOS_NOT_NEEDED("pass-thru", "known contents are passed on"),
	IOS_NOT_NEEDED("error-passthru", "causes are passed on"),
	IOS_NOT_NEEDED("asymmetric payload", "payload types are mapped per side"),
	IOS_NOT_NEEDED("g729", "G.729 with and without annex B are one codec here"),
	IOS_NOT_NEEDED("session refresh", "see session_expires of section sip"),
};
const struct ios_rules td_ios_sip = IOS_RULES(sip, NULL);

/* ---- sip-ua ---- */

/* The trunk that dial peers have made for the host, whatever its port. A copy: the table moves. */
static bool trunk_at(const struct ios *in, const char *host, char name[64])
{
	for (size_t i = 0; i < in->out.n_sections; i++) {
		const struct uci_section *s = &in->out.sections[i];
		const char *its = strcmp(s->type, "trunk") ? NULL : td_uci_out_get(s, "host");

		if (its && !strcmp(its, host)) {
			td_strlcpy(name, s->name, 64);
			return true;
		}
	}
	return false;
}

/* "registrar ipv4:1.2.3.4 expires 3600 secondary", "registrar dns:sip.example.net" */
static void take_registrar(struct ios *in, const char *const *arg, size_t n)
{
	const char *expires = td_ios_after(arg, n, "expires");
	bool secondary = false, known;
	const char *host;
	char trunk[64];
	size_t i;

	if (!n)
		return;
	host = strchr(arg[0], ':') ? strchr(arg[0], ':') + 1 : arg[0];
	for (i = 0; i < n; i++)
		secondary |= !strcmp(arg[i], "secondary");
	if (secondary) {
		td_ios_set(in, "registrar", "primary", "secondary", host);
		return;
	}
	known = trunk_at(in, host, trunk);
	td_ios_section(in, "registrar", "primary");
	if (known)
		td_ios_set(in, NULL, NULL, "trunk", trunk);
	else
		td_ios_trunk_of(in, host, NULL, NULL);
	if (!strncmp(arg[0], "ipv", 3))
		td_ios_set(in, NULL, NULL, "address", host);
	if (expires)
		td_ios_set(in, NULL, NULL, "expires", expires);
}

/* "credentials username U password 7 P realm R": for the registrar, which stands below */
static void take_credentials(struct ios *in, const char *const *arg, size_t n)
{
	const char *user = td_ios_after(arg, n, "username"), *realm = td_ios_after(arg, n, "realm");
	char secret[IOS_SECRET];
	const char *password = td_ios_password(secret, arg, n);

	if (!user || !password) {
		td_ios_not_supported(in, "user and password cannot be read: write them into the trunk");
		return;
	}
	td_ios_taken(in, "user and password of the registrar's trunk");
	td_ios_later(in, IOS_LATE_ACCOUNT, realm ? realm : "", user, password);
}

static void take_aging(struct ios *in, const char *const *arg, size_t n)
{
	uint32_t minutes;
	char text[16];

	if (!n || td_parse_u32(td_str_of(arg[n - 1]), &minutes) || minutes > 1440)
		return;
	snprintf(text, sizeof(text), "%u", minutes * 60);
	td_ios_set(in, "sip", "sip", "tcp_idle_timeout", text);
}

static const struct ios_rule sipua[] = {
	IOS_TAKE("registrar", take_registrar),
	IOS_TAKE("timers connection aging", take_aging),
	IOS_TAKE("protocol mode", td_ios_take_protocol_mode),
	IOS_TAKE("credentials", take_credentials),
	IOS_TAKE("authentication", take_credentials),
	IOS_NOT_SUPPORTED("sip-server", "name the host in the trunk that dial peers use"),
	IOS_NOT_SUPPORTED("mwi-server", "message waiting by a server is not there yet"),
	IOS_NOT_NEEDED("retry", "requests are repeated as RFC 3261 says"),
	IOS_NOT_NEEDED("timers", "timers are those of RFC 3261"),
	IOS_NOT_NEEDED("transport", "see the options udp and tcp of section sip"),
	IOS_NOT_NEEDED("keepalive", "see the trunk's options"),
	IOS_NOT_NEEDED("connection-reuse", "connections are used again"),
	IOS_NOT_NEEDED("nat", "phones and trunks have option nat"),
	IOS_NOT_NEEDED("presence enable", "phones of the house may watch each other"),
	IOS_NOT_NEEDED("no", "nothing"),
};
const struct ios_rules td_ios_sipua = IOS_RULES(sipua, NULL);

/* ---- gateway, voice class media ---- */

static void take_rtp_timeout(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "global", "global", "rtp_timeout", arg[0]);
}

static const struct ios_rule gateway[] = {
	IOS_TAKE("timer receive-rtp", take_rtp_timeout),
	IOS_NOT_NEEDED("timer receive-rtcp", "RTCP counts as a sign of life"),
	IOS_NOT_NEEDED("media-inactivity-criteria all", "RTP and RTCP count as signs of life"),
};
const struct ios_rules td_ios_gateway = IOS_RULES(gateway, NULL);

static void take_class_media(struct ios *in, const char *const *arg, size_t n)
{
	if (n && strstr(arg[n - 1], "around"))
		td_ios_set(in, NULL, NULL, "mode", "around");
	else if (n && strstr(arg[n - 1], "through"))
		td_ios_set(in, NULL, NULL, "mode", "through");
}

static const struct ios_rule media[] = {
	IOS_TAKE("media", take_class_media),
};
const struct ios_rules td_ios_media = IOS_RULES(media, NULL);
