/* SPDX-License-Identifier: GPL-2.0-or-later */
/* telephony-service, voice register global, voice service voip, sip-ua, gateway. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tools/import/ios.h"
#include "userspace/base/str.h"

/* ---- for both kinds of phones ---- */

static void take_date_format(struct ios *in, const char *const *arg, size_t n)
{
	char text[16];
	char *p;

	if (!n)
		return;
	td_strlcpy(text, arg[0], sizeof(text));
	for (p = text; *p; p++)		/* SIP's way of writing it: D/M/Y */
		*p = *p == '/' ? '-' : (char)tolower((unsigned char)*p);
	if (!strcmp(text, "m-d-y"))
		td_strlcpy(text, "mm-dd-yy", sizeof(text));
	else if (!strcmp(text, "d-m-y"))
		td_strlcpy(text, "dd-mm-yy", sizeof(text));
	else if (!strcmp(text, "y-d-m"))
		td_strlcpy(text, "yy-dd-mm", sizeof(text));
	else if (!strcmp(text, "y-m-d") || !strcmp(text, "yy-m-d"))
		td_strlcpy(text, "yy-mm-dd", sizeof(text));
	td_ios_set(in, "global", "global", "date_format", text);
}

static void take_time_format(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "global", "global", "time_format", arg[0]);
}

static void take_time_zone(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "global", "global", "timezone", arg[0]);
}

/* "ip qos dscp ef media" */
static void take_dscp(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const kinds[] = { "media", "signaling", "video", "service" };
	char option[32];
	size_t i;

	for (i = 0; n > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!td_ios_is(arg[1], kinds[i]))
			continue;
		snprintf(option, sizeof(option), "dscp_%s", kinds[i]);
		td_ios_set(in, "global", "global", option, arg[0]);
		return;
	}
	td_ios_not_supported(in, "which packets: media, signaling, video or service?");
}

/* "ip source-address 10.0.0.1 port 2000 secondary 10.0.0.2 strict-match" */
static void take_source(struct ios *in, const char *section, const char *const *arg, size_t n)
{
	const char *port = td_ios_after(arg, n, "port");
	const char *secondary = td_ios_after(arg, n, "secondary");
	size_t i;

	if (!n)
		return;
	td_ios_add(in, section, section, "source_address", arg[0]);
	if (port)
		td_ios_set(in, section, section, "port", port);
	for (i = 0; i < n; i++)
		if (!strcmp(arg[i], "strict-match"))
			td_ios_set(in, section, section, "strict_match", "1");
	if (secondary) {
		td_ios_set(in, "cluster", "cluster", "primary", arg[0]);
		td_ios_set(in, "cluster", "cluster", "secondary", secondary);
	}
}

static void take_source_sccp(struct ios *in, const char *const *arg, size_t n)
{
	take_source(in, "sccp", arg, n);
}

static void take_source_sip(struct ios *in, const char *const *arg, size_t n)
{
	take_source(in, "sip", arg, n);
}

/* ---- telephony-service ---- */

static void take_max_ephones(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "sccp", "sccp", "max_phones", arg[0]);
}

static void take_keepalive(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, in->mode == IOS_REGISTER ? "sip" : "sccp",
			   in->mode == IOS_REGISTER ? "sip" : "sccp", "keepalive", arg[0]);
}

static void take_timeouts(struct ios *in, const char *const *arg, size_t n)
{
	static const char *const kinds[][2] = {
		{ "interdigit", "timeout_interdigit" }, { "ringing", "timeout_ringing" },
		{ "busy", "timeout_busy" }, { "transfer-recall", "timeout_transfer_recall" },
	};
	size_t i;

	for (i = 0; n > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (td_ios_is(arg[0], kinds[i][0])) {
			td_ios_set(in, "global", "global", kinds[i][1], arg[1]);
			return;
		}
	}
	td_ios_not_supported(in, "no such timeout here");
}

/* "load 7970 SIP70.9-2-1S", "load 7960-7940 P0030702T023": for each of the types */
static void take_load(struct ios *in, const char *const *arg, size_t n)
{
	const char *type = n > 1 ? arg[0] : "";
	char word[24], name[32];
	const char *known;

	while (*type) {
		size_t len = strspn(type, "0123456789");

		/* "7960-7940" are two, "7941G-GE" is one */
		if (!len || type[len] != '-' || strspn(type + len + 1, "0123456789") < 4)
			len = strlen(type);
		td_str_copy(word, sizeof(word), (struct td_str){ type, len });
		known = td_ios_phone_type(word);
		td_ios_name(name, sizeof(name), "", known);
		if (strcmp(name, known) != 0)
			td_ios_set(in, "phonetype", name, "type", known);
		td_ios_set(in, "phonetype", name, in->mode == IOS_REGISTER ? "load_sip" : "load_sccp",
			   arg[1]);
		type += len + (type[len] == '-');
	}
}

static void take_auto_reg(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, "sccp", "sccp", "auto_register", in->line->negated ? "0" : "1");
}

static void take_conferences(struct ios *in, const char *const *arg, size_t n)
{
	const char *gain = td_ios_after(arg, n, "gain");

	if (n)
		td_ios_set(in, "global", "global", "max_conferences", arg[0]);
	if (gain)
		td_ios_set(in, "global", "global", "conference_gain", gain);
}

static void take_transfer_system(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "global", "global", "transfer_mode", arg[0]);
}

static void take_cfwd_pattern(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_add(in, "global", "global", "cfwd_pattern", arg[0]);
}

static void take_message(struct ios *in, const char *const *arg, size_t n)
{
	char text[128];

	td_ios_set(in, "global", "global", "system_message",
		   td_ios_rest(text, sizeof(text), arg, n));
}

static void take_url(struct ios *in, const char *const *arg, size_t n)
{
	char option[40];

	if (n < 2)
		return;
	td_ios_name(option, sizeof(option), "url_", arg[0]);
	td_ios_set(in, "provision", "provision", option, arg[1]);
}

static void take_protocol_mode(struct ios *in, const char *const *arg, size_t n)
{
	const char *section = in->mode == IOS_TELEPHONY ? "sccp" : "sip";
	const char *preference = td_ios_after(arg, n, "preference");

	if (!n)
		return;
	td_ios_set(in, section, section, "protocol_mode",
		   td_ios_is(arg[0], "dual-stack") ? "dual" : arg[0]);
	if (preference)
		td_ios_set(in, section, section, "ip_preference", preference);
}

static void take_cnf_file(struct ios *in, const char *const *arg, size_t n)
{
	if (n && td_ios_is(arg[0], "perphonetype") && strlen(arg[0]) > 8)
		td_ios_set(in, "provision", "provision", "scope", "phonetype");
	else if (n && td_ios_is(arg[0], "perphone"))
		td_ios_set(in, "provision", "provision", "scope", "phone");
	else
		td_ios_not_supported(in, "per phone or per type?");
}

static void take_cnf_location(struct ios *in, const char *const *arg, size_t n)
{
	if (!n)
		return;
	if (!strncmp(arg[0], "tftp:", 5)) {
		td_ios_set(in, "provision", "provision", "store", "tftp");
		td_ios_set(in, "provision", "provision", "url", arg[0]);
		return;
	}
	if (!strncmp(arg[0], "system:", 7)) {
		td_ios_set(in, "provision", "provision", "store", "memory");
		return;
	}
	td_ios_set(in, "provision", "provision", "store", "path");
	td_ios_set(in, "provision", "provision", "path", "/srv/tandem");
}

static void take_hfs(struct ios *in, const char *const *arg, size_t n)
{
	const char *port = td_ios_after(arg, n, "port");

	td_ios_set(in, "provision", "provision", "http_enable", in->line->negated ? "0" : "1");
	if (port)
		td_ios_set(in, "provision", "provision", "http_port", port);
}

static void take_home_path(struct ios *in, const char *const *arg, size_t n)
{
	td_ios_set(in, "provision", "provision", "home_path", IOS_HOME_PATH);
	if (n && in->decided)
		td_ios_not_supported(in, "copy the files of %s to " IOS_HOME_PATH
				     ", which is home_path of section provision", arg[0]);
}

static void take_standby(struct ios *in, const char *const *arg, size_t n)
{
	const char *password = td_ios_after(arg, n, "password");

	if (n < 2 || !password)
		return;
	td_ios_set(in, "cluster", "cluster", "standby_user", arg[0]);
	td_ios_set(in, "cluster", "cluster", "standby_password", password);
}

static void take_xml_user(struct ios *in, const char *const *arg, size_t n)
{
	const char *password = td_ios_after(arg, n, "password");

	if (n < 3 || !password)
		return;
	td_ios_set(in, "cluster", "cluster", "xml_user", arg[0]);
	td_ios_set(in, "cluster", "cluster", "xml_password", password);
	if (n > 3)
		td_ios_set(in, "cluster", "cluster", "xml_level", arg[3]);
}

/* "user-locale DE", "user-locale 1 U1 load file.tar": the first, 0, is that of all phones. Language
 * and tones of one number are one section here. */
static void take_locale(struct ios *in, const char *const *arg, size_t n)
{
	const char *code = n ? arg[n - 1] : "", *number = n > 1 ? arg[0] : "0";
	char name[24];

	if (n > 2 || strlen(code) != 2) {
		td_ios_not_supported(in, "put the files below home_path, and name the folders in a "
				     "section locale");
		return;
	}
	td_ios_name(name, sizeof(name), "locale", number);
	td_ios_set(in, "locale", name, "country", code);
}

static void take_overlap(struct ios *in, const char *const *arg, size_t n)
{
	const char *section = in->mode == IOS_REGISTER ? "sip" : "sccp";

	(void)arg;
	(void)n;
	td_ios_set(in, section, section, "overlap_signal", in->line->negated ? "0" : "1");
}

static void take_phone_service(struct ios *in, const char *const *arg, size_t n)
{
	char text[96];

	td_ios_not_supported(in, "list vendor '%s' in the sections phonetype that it is for",
			     td_ios_rest(text, sizeof(text), arg, n));
}

#define CERTIFICATES "certificates come from files: see the security guide"

static const struct ios_rule service[] = {
	IOS_TAKE("max-ephones", take_max_ephones),
	IOS_NOT_NEEDED("max-dn", "there is no limit to set"),
	IOS_TAKE("ip source-address", take_source_sccp),
	IOS_TAKE("ip qos dscp", take_dscp),
	IOS_TAKE("protocol mode", take_protocol_mode),
	IOS_TAKE("timeouts", take_timeouts),
	IOS_TAKE("keepalive", take_keepalive),
	IOS_TAKE("date-format", take_date_format),
	IOS_TAKE("time-format", take_time_format),
	IOS_TAKE("time-zone", take_time_zone),
	IOS_TAKE("load", take_load),
	IOS_TAKE("auto-reg-ephone", take_auto_reg),
	IOS_NOT_SUPPORTED("auto assign", "let them register (auto_register) and adopt them: "
			  "tandem adopt"),
	IOS_TAKE("max-conferences", take_conferences),
	IOS_TAKE("transfer-system", take_transfer_system),
	IOS_NOT_SUPPORTED("transfer-pattern", "transfers may go where the phone itself may call: "
			  "corlists say where that is"),
	IOS_TAKE("call-forward pattern", take_cfwd_pattern),
	IOS_TAKE("system message", take_message),
	IOS_TAKE("url", take_url),
	IOS_TAKE("cnf-file location", take_cnf_location),
	IOS_TAKE("cnf-file", take_cnf_file),
	IOS_NOT_NEEDED("create cnf-files", "files follow the configuration by themselves"),
	IOS_TAKE("hfs enable", take_hfs),
	IOS_TAKE("hfs home-path", take_home_path),
	IOS_TAKE("standby user", take_standby),
	IOS_TAKE("standby username", take_standby),
	IOS_TAKE("xml user", take_xml_user),
	IOS_TAKE("overlap-signal", take_overlap),
	IOS_TAKE("service phone", take_phone_service),
	IOS_NOT_SUPPORTED("web admin", "there is no web interface that configures: edit "
			  "/etc/config/tandem"),
	IOS_NOT_NEEDED("dn-webedit", "there is no web interface that configures"),
	IOS_NOT_NEEDED("time-webedit", "there is no web interface that configures"),
	IOS_NOT_NEEDED("sdspfarm", "conferences are mixed and codecs converted in the daemon"),
	IOS_NOT_NEEDED("conference hardware", "conferences are mixed in the daemon"),
	IOS_NOT_SUPPORTED("moh", "convert the file and name it in section moh"),
	IOS_NOT_SUPPORTED("multicast moh", "name a multicast address in section moh"),
	IOS_NOT_SUPPORTED("voicemail", "forward to the mailbox with cfwd_noan and cfwd_busy of "
			  "each dn"),
	IOS_NOT_SUPPORTED("em logout", "extension mobility is not there yet"),
	IOS_NOT_SUPPORTED("em", "extension mobility is not there yet"),
	IOS_TAKE("night-service", td_ios_take_night),
	IOS_TAKE("after-hours", td_ios_take_after_hours),
	IOS_NOT_SUPPORTED("directory", "the directory follows the names in the configuration"),
	IOS_TAKE("user-locale", take_locale),
	IOS_TAKE("network-locale", take_locale),
	IOS_NOT_SUPPORTED("cnf", CERTIFICATES),
	IOS_NOT_SUPPORTED("server-security-mode", CERTIFICATES),
	IOS_NOT_SUPPORTED("secure-signaling", CERTIFICATES),
	IOS_NOT_SUPPORTED("dialplan-pattern", "write a translation for the numbers as the outside "
			  "knows them"),
	IOS_NOT_SUPPORTED("login", "phones have no timed login"),
	IOS_TAKE("fac", td_ios_take_fac),
	IOS_NOT_SUPPORTED("call-park", "see section park"),
	IOS_NOT_SUPPORTED("service dnis", "the called name is always shown"),
	IOS_NOT_NEEDED("service directed-pickup", "directed pickup is always there"),
	IOS_NOT_NEEDED("service", "phones get what they need"),
};
const struct ios_rules td_ios_service = IOS_RULES(service, NULL);

/* ---- voice register global ---- */

static void take_register_timezone(struct ios *in, const char *const *arg, size_t n)
{
	take_time_zone(in, arg, n);
}

static void take_authenticate(struct ios *in, const char *const *arg, size_t n)
{
	char text[64];

	if (n && td_ios_is(arg[0], "realm"))
		td_ios_set(in, "sip", "sip", "realm", td_ios_rest(text, sizeof(text), arg + 1, n - 1));
	else
		td_ios_set(in, "sip", "sip", "authenticate", in->line->negated ? "auto" : "all");
}

static void take_max_pool(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_set(in, "sip", "sip", "max_phones", arg[0]);
}

static void take_ntp(struct ios *in, const char *const *arg, size_t n)
{
	const char *mode = td_ios_after(arg, n, "mode");

	if (n)
		td_ios_set(in, "sip", "sip", "ntp_server", arg[0]);
	if (mode)
		td_ios_set(in, "sip", "sip", "ntp_mode", mode);
}

static void take_tftp_path(struct ios *in, const char *const *arg, size_t n)
{
	take_cnf_location(in, arg, n);
}

static void take_bulk(struct ios *in, const char *const *arg, size_t n)
{
	if (n)
		td_ios_add(in, "sip", "sip", "bulk_number", arg[0]);
}

static void take_dst(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_not_needed(in, "the time zone knows when summer time begins and ends");
}

static const struct ios_rule reg[] = {
	IOS_NOT_NEEDED("mode cme", "phones register here"),
	IOS_TAKE("source-address", take_source_sip),
	IOS_TAKE("standby user", take_standby),
	IOS_TAKE("standby username", take_standby),
	IOS_TAKE("max-pool", take_max_pool),
	IOS_NOT_NEEDED("max-dn", "there is no limit to set"),
	IOS_TAKE("load", take_load),
	IOS_TAKE("authenticate", take_authenticate),
	IOS_TAKE("timezone", take_register_timezone),
	IOS_TAKE("date-format", take_date_format),
	IOS_TAKE("time-format", take_time_format),
	IOS_TAKE("dst", take_dst),
	IOS_TAKE("ntp-server", take_ntp),
	IOS_TAKE("tftp-path", take_tftp_path),
	IOS_NOT_NEEDED("create profile", "files follow the configuration by themselves"),
	IOS_NOT_NEEDED("file text", "what was sent to phones can be looked at: tandem show provision"),
	IOS_TAKE("keepalive", take_keepalive),
	IOS_TAKE("overlap-signal", take_overlap),
	IOS_TAKE("bulk", take_bulk),
	IOS_TAKE("ip qos dscp", take_dscp),
	IOS_NOT_SUPPORTED("hold-alert", "the phone itself reminds of a held call"),
	IOS_NOT_SUPPORTED("voicemail", "forward to the mailbox with cfwd_noan and cfwd_busy of "
			  "each dn"),
	IOS_NOT_SUPPORTED("forwarding local", "phones forward by the router"),
	IOS_NOT_SUPPORTED("application", "call control has one application"),
	IOS_NOT_SUPPORTED("camera", "phones keep their own setting"),
	IOS_NOT_SUPPORTED("video", "phones keep their own setting"),
	IOS_TAKE("user-locale", take_locale),
	IOS_TAKE("network-locale", take_locale),
	IOS_NOT_NEEDED("upgrade", "name the load, the phone fetches it"),
	IOS_NOT_NEEDED("auto-register", "SIP phones are configured one by one"),
};
const struct ios_rules td_ios_register = IOS_RULES(reg, NULL);

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
	IOS_NOT_SUPPORTED("vpn", "VPN profiles of phones are not there yet"),
	IOS_NOT_SUPPORTED("vpn-group", "VPN profiles of phones are not there yet"),
	IOS_NOT_SUPPORTED("vpn-gateway", "VPN profiles of phones are not there yet"),
	IOS_NOT_SUPPORTED("vpn-trustpoint", "VPN profiles of phones are not there yet"),
	IOS_NOT_SUPPORTED("vpn-hash-algorithm", "VPN profiles of phones are not there yet"),
	IOS_NOT_SUPPORTED("vpn-profile", "VPN profiles of phones are not there yet"),
	IOS_NOT_SUPPORTED("keepalive", "a part of a VPN profile"),
	IOS_NOT_SUPPORTED("auto-network-detect", "a part of a VPN profile"),
	IOS_NOT_SUPPORTED("host-id-check", "a part of a VPN profile"),
	IOS_NOT_SUPPORTED("mtu", "a part of a VPN profile"),
	IOS_NOT_SUPPORTED("authen-method", "a part of a VPN profile"),
	IOS_NOT_SUPPORTED("password-persistent", "a part of a VPN profile"),
	IOS_NOT_SUPPORTED("fail-connect-time", "a part of a VPN profile"),
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
	IOS_TAKE("protocol mode", take_protocol_mode),
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
