/* SPDX-License-Identifier: GPL-2.0-or-later */
/* telephony-service, voice register global. */
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

/* "max-dn 288 preference 1 no-reg both" */
static void take_max_dn(struct ios *in, const char *const *arg, size_t n)
{
	const char *preference = td_ios_after(arg, n, "preference");

	if (!n)
		return;
	td_ios_set(in, "sccp", "sccp", "max_dn", arg[0]);
	if (preference)
		td_ios_set(in, "sccp", "sccp", "preference", preference);
	if (td_ios_after(arg, n, "no-reg"))
		td_ios_set(in, "sccp", "sccp", "no_register", "1");
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

/* "web admin system name cisco password cisco", "web admin customer name admin password admin" */
static void take_web_admin(struct ios *in, const char *const *arg, size_t n)
{
	const char *name = td_ios_after(arg, n, "name"), *password = td_ios_after(arg, n, "password");
	bool customer = n && td_ios_is(arg[0], "customer");

	if (!name || !password) {
		td_ios_not_supported(in, "write web_admin_name and web_admin_password of section "
				     "management: a hash cannot be told back");
		return;
	}
	td_ios_set(in, "management", "management",
		   customer ? "web_admin_customer_name" : "web_admin_name", name);
	td_ios_set(in, "management", "management",
		   customer ? "web_admin_customer_password" : "web_admin_password", password);
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

void td_ios_take_protocol_mode(struct ios *in, const char *const *arg, size_t n)
{
	const char *preference = td_ios_after(arg, n, "preference");

	if (in->mode != IOS_TELEPHONY) {
		td_ios_not_needed(in, "SIP is heard in every family that an interface has, and a "
				  "party is answered in its own: protocol_mode of a phone");
		return;
	}
	if (!n)
		return;
	td_ios_set(in, "sccp", "sccp", "protocol_mode",
		   td_ios_is(arg[0], "dual-stack") ? "dual" : arg[0]);
	if (preference)
		td_ios_set(in, "sccp", "sccp", "ip_preference", preference);
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

	td_ios_set(in, "provision", "provision", "http_enable", in->line->negated ? "off" : "on");
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

static void take_privacy(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, "global", "global", "privacy", in->line->negated ? "0" : "1");
	if (!td_uci_out_get(td_uci_out_find(&in->out, "global", "global"), "privacy_on_hold"))
		td_ios_set(in, "global", "global", "privacy_on_hold", "0");
}

static void take_privacy_on_hold(struct ios *in, const char *const *arg, size_t n)
{
	(void)arg;
	(void)n;
	td_ios_set(in, "global", "global", "privacy_on_hold", in->line->negated ? "0" : "1");
}

static void take_phone_service(struct ios *in, const char *const *arg, size_t n)
{
	char text[96];

	td_ios_not_supported(in, "list vendor '%s' in the sections phonetype that it is for",
			     td_ios_rest(text, sizeof(text), arg, n));
}

#define CERTIFICATES "certificates come from files: see the security guide"

/* "multicast moh 239.10.16.4 port 2139 [route 10.10.29.3]"; the file itself is to be converted */
static void take_multicast_moh(struct ios *in, const char *const *arg, size_t n)
{
	char to[64];

	if (n < 3 || !td_ios_is(arg[1], "port")) {
		td_ios_not_supported(in, "which group, and port?");
		return;
	}
	snprintf(to, sizeof(to), "%s:%s", arg[0], arg[2]);
	td_ios_set(in, "moh", "moh", "multicast", to);
}

static const struct ios_rule service[] = {
	IOS_TAKE("max-ephones", take_max_ephones),
	IOS_TAKE("max-dn", take_max_dn),
	IOS_TAKE("ip source-address", take_source_sccp),
	IOS_TAKE("ip qos dscp", take_dscp),
	IOS_TAKE("protocol mode", td_ios_take_protocol_mode),
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
	IOS_NOT_NEEDED("call-forward pattern", "calls of every caller are forwarded here; those of a "
		       "pattern would be told to call elsewhere themselves (H.450.3, which is H.323's)"),
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
	IOS_TAKE("privacy", take_privacy), IOS_TAKE("privacy-on-hold", take_privacy_on_hold),
	IOS_TAKE("service phone", take_phone_service),
	IOS_TAKE("web admin", take_web_admin),
	IOS_NOT_NEEDED("dn-webedit", "there is no web interface that configures"),
	IOS_NOT_NEEDED("time-webedit", "there is no web interface that configures"),
	IOS_NOT_NEEDED("sdspfarm", "conferences are mixed and codecs converted in the daemon"),
	IOS_NOT_NEEDED("conference hardware", "conferences are mixed in the daemon"),
	IOS_NOT_SUPPORTED("moh", "convert the file and name it in section moh"),
	IOS_TAKE("multicast moh", take_multicast_moh),
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
	IOS_NOT_NEEDED("max-pool", "there are as many as are configured"),
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
	IOS_TAKE("privacy", take_privacy), IOS_TAKE("privacy-on-hold", take_privacy_on_hold),
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
