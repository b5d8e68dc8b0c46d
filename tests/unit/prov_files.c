/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of phones, element by element (XPath) against what such phones read: eight types, both
 * protocols, all scopes. Stamps follow the content alone. A thousand files take less than a
 * second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "userspace/base/mem.h"
#include "userspace/prov/book.h"
#include "userspace/prov/files_priv.h"

static struct td_config *parse(const char *text)
{
	struct td_config_faults faults = { 0 };
	struct td_config *cfg = NULL;

	td_config_parse(&cfg, "t", text, strlen(text), &faults);
	if (!cfg)
		fail_msg("line %u, %s: %s", faults.v[0].line, faults.v[0].option,
			 faults.v[0].reason);
	td_config_faults_fini(&faults);
	return cfg;
}

static struct td_names *make(const struct td_config *cfg)
{
	struct td_addr ours[2] = { 0 };
	struct td_maker m;

	td_addr_parse(&ours[0], "192.0.2.1");
	assert_int_equal(td_maker_begin(&m, cfg, ours), 0);
	td_maker_shared(&m);
	for (size_t i = 0; i < cfg->n_phones; i++)
		td_maker_phone(&m, &cfg->phones[i]);
	assert_int_equal(m.failed, 0);
	return td_maker_end(&m);
}

static struct td_names *made(const char *text)
{
	struct td_config *cfg = parse(text);
	struct td_names *names = make(cfg);

	td_config_put(cfg);
	return names;
}

static const struct td_name *find(const struct td_names *n, const char *name)
{
	const struct td_name *f = td_names_find(n, name, strlen(name));

	if (!f)
		fail_msg("no file %s", name);
	return f;
}

static bool is_there(const struct td_names *n, const char *name)
{
	return td_names_find(n, name, strlen(name)) != NULL;
}

/* ---- XPath ---- */

static xmlDocPtr open_doc(const struct td_names *n, const char *name)
{
	const struct td_name *f = find(n, name);
	xmlDocPtr doc = xmlReadMemory(f->data, (int)f->len, name, NULL, XML_PARSE_NONET);

	if (!doc)
		fail_msg("%s is no XML: %.*s", name, (int)f->len, (const char *)f->data);
	return doc;
}

static char *value(xmlDocPtr doc, const char *path)
{
	xmlXPathContextPtr c = xmlXPathNewContext(doc);
	xmlXPathObjectPtr o = xmlXPathEvalExpression((const xmlChar *)path, c);
	char *text;

	if (!o)
		fail_msg("no path: %s", path);
	text = (char *)xmlXPathCastToString(o);
	xmlXPathFreeObject(o);
	xmlXPathFreeContext(c);
	return text;
}

struct want {
	const char *path, *value;
};

static void check(const struct td_names *n, const char *name, const struct want *want)
{
	xmlDocPtr doc = open_doc(n, name);

	for (; want->path; want++) {
		char *have = value(doc, want->path);

		if (strcmp(have, want->value))
			fail_msg("%s %s: '%s', not '%s'", name, want->path, have, want->value);
		xmlFree(have);
	}
	xmlFreeDoc(doc);
}

#define POOL "/device/devicePool/"
#define CM(n) POOL "callManagerGroup/members/member[@priority='" n "']/callManager/"
#define PROFILE "/device/sipProfile/"
#define LINE(n) PROFILE "sipLines/line[@button='" n "']/"

static const char office[] =
	"config global\n option timezone 'Europe/Berlin'\n option date_format 'dd-mm-yy'\n"
	" option time_format '24'\n option dscp_service 'cs3'\n"
	"config sip\n option ntp_server '192.0.2.123'\n option register_expires '3600'\n"
	"config sccp\n option keepalive '30'\n"
	"config cluster\n option secondary '192.0.2.2'\n"
	"config provision\n option store 'path'\n option path '/srv/cnf'\n option scope 'phone'\n"
	" option url_services 'http://192.0.2.1/services?a=1&b=2'\n"
	"config locale de\n option country 'DE'\n option version '8.4.1'\n"
	"config locale fr\n option country 'FR'\n"
	"config vpnprofile home\n list url 'https://vpn.example.com/phone'\n option mtu '1300'\n"
	" list cert_hash 'q83vASNFZ4k='\n"
	"config phonetype '7970'\n option load_sccp 'SCCP70.9-4-2SR3-1S.loads'\n"
	" option load_sip 'SIP70.9-4-2SR3-1S'\n list vendor 'settingsAccess 1'\n"
	" list vendor 'spanToPCPort 0'\n"
	"config phonetype '7940'\n option load_sip 'P0S3-8-12-00'\n"
	"config dn 'shared'\n option number '1009'\n option label 'Front <desk> & \"co\"'\n"
	"config phone 'a'\n option type '7970'\n option mac '001122334401'\n option name 'Anna'\n"
	" option password 'secret & <1>'\n option number '1001'\n list line '2:shared'\n"
	" list button '3:speed-dial:1002:Bob'\n list button '4:blf:1003:Carol'\n"
	" list button '5:park'\n list vendor 'settingsAccess 2'\n option vpn 'home'\n"
	" list codec 'pcma'\n option user_locale 'fr'\n"
	"config phone 'b'\n option type '7970'\n option mac '001122334402'\n option number '1002'\n"
	" option protocol 'sccp'\n"
	"config phone 'c'\n option type '7960'\n option mac '001122334403'\n option number '1003'\n"
	" option protocol 'sccp'\n option load 'P00308010200'\n"
	"config phone 'd'\n option type '8841'\n option mac '00112233440d'\n option number '1004'\n"
	" option password 'secret-of-d'\n option transport 'udp'\n list line '2:shared'\n"
	"config phone 'e'\n option type '9971'\n option mac '001122334405'\n option number '1005'\n"
	" option password 'secret-of-e'\n"
	"config phone 'f'\n option type 'generic'\n option mac '001122334406'\n option number '1006'\n"
	" option password 'secret-of-f'\n"
	"config phone 'g'\n option type '7940'\n option mac '00112233aabb'\n option number '1007'\n"
	" option password 'secret;of;g'\n option name 'Gerd'\n"
	"config phone 'h'\n option type 'ATA186'\n option mac '001122334408'\n option number '1008'\n"
	" option protocol 'sccp'\n option load 'ATA030204SCCP090202A.zup'\n"
	"config phone 'i'\n option type '6921'\n option mac '001122334409'\n option number '1010'\n"
	" option password 'secret-of-i'\n option load 'SIP69xx.9-4-1-3SR2'\n";

static void sip_7970(void **state)
{
	static const struct want want[] = {
		{ "name(/*)", "device" },
		{ "/device/fullConfig", "true" },
		{ "/device/deviceProtocol", "SIP" },
		{ "/device/ipAddressMode", "0" },
		{ POOL "dateTimeSetting/dateTemplate", "D/M/Y" },
		{ POOL "dateTimeSetting/timeZone", "W. Europe Standard/Daylight Time" },
		{ POOL "dateTimeSetting/olsonTimeZone", "Europe/Berlin" },
		{ POOL "dateTimeSetting/ntps/ntp/name", "192.0.2.123" },
		{ POOL "dateTimeSetting/ntps/ntp/ntpMode", "Unicast" },
		{ CM("0") "processNodeName", "192.0.2.1" },
		{ CM("0") "ports/sipPort", "5060" },
		{ CM("0") "ports/securedSipPort", "5061" },
		{ CM("0") "ports/ethernetPhonePort", "2000" },
		{ CM("1") "processNodeName", "192.0.2.2" },
		{ "count(" POOL "callManagerGroup/members/member)", "2" },
		{ POOL "srstInfo/srstOption", "Disable" },
		{ "/device/loadInformation", "SIP70.9-4-2SR3-1S" },
		{ "count(/device/vendorConfig/*)", "2" },
		{ "/device/vendorConfig/settingsAccess", "2" },
		{ "/device/vendorConfig/spanToPCPort", "0" },
		{ "string-length(/device/versionStamp)", "16" },
		{ "/device/userLocale/name", "French_France" },
		{ "/device/userLocale/langCode", "fr" },
		{ "/device/networkLocale", "Germany" },
		{ "/device/networkLocaleInfo/version", "8.4.1" },
		{ "/device/servicesURL", "http://192.0.2.1/services?a=1&b=2" },
		{ "/device/dscpForSCCPPhoneServices", "96" },
		{ "/device/dscpForCm2Dvce", "96" },
		{ "/device/deviceSecurityMode", "1" },
		{ "/device/transportLayerProtocol", "1" },
		{ PROFILE "sipProxies/backupProxy", "USECALLMANAGER" },
		{ PROFILE "sipProxies/registerWithProxy", "true" },
		{ PROFILE "sipCallFeatures/callForwardURI", "x-cisco-serviceuri-cfwdall" },
		{ PROFILE "sipCallFeatures/callPickupGroupURI", "x-cisco-serviceuri-gpickup" },
		{ PROFILE "sipCallFeatures/remoteCcEnable", "true" },
		{ PROFILE "sipStack/remotePartyID", "true" },
		{ PROFILE "sipStack/timerKeepAliveExpires", "120" },
		{ PROFILE "sipStack/timerRegisterExpires > 3200", "true" },
		{ PROFILE "sipStack/timerRegisterExpires <= 3600", "true" },
		{ PROFILE "preferredCodec", "g711alaw" },
		{ PROFILE "dtmfAvtPayload", "101" },
		{ PROFILE "dscpForAudio", "184" },
		{ PROFILE "dscpVideo", "136" },
		{ PROFILE "kpml", "0" },
		{ PROFILE "dialTemplate", "dialplan-tandem.xml" },
		{ PROFILE "phoneLabel", "Anna" },
		{ "count(" PROFILE "sipLines/line)", "5" },
		{ LINE("1") "featureID", "9" },
		{ LINE("1") "@lineIndex", "1" },
		{ LINE("1") "proxy", "USECALLMANAGER" },
		{ LINE("1") "name", "1001" },
		{ LINE("1") "displayName", "Anna" },
		{ LINE("1") "authName", "1001" },
		{ LINE("1") "authPassword", "secret & <1>" },
		{ LINE("1") "sharedLine", "false" },
		{ LINE("1") "maxNumCalls", "4" },
		{ LINE("1") "busyTrigger", "2" },
		{ LINE("2") "name", "1009" },
		{ LINE("2") "featureLabel", "Front <desk> & \"co\"" },
		{ LINE("2") "sharedLine", "true" },
		{ "count(" LINE("2") "authPassword)", "0" },
		{ LINE("3") "featureID", "2" },
		{ LINE("3") "featureLabel", "Bob" },
		{ LINE("3") "speedDialNumber", "1002" },
		{ LINE("4") "featureID", "21" },
		{ LINE("4") "featureOptionMask", "1" },
		{ LINE("5") "featureID", "126" },
		{ "/device/vpnGroup/mtu", "1300" },
		{ "/device/vpnGroup/failConnectTime", "30" },
		{ "/device/vpnGroup/addresses/url1", "https://vpn.example.com/phone" },
		{ "/device/vpnGroup/credentials/hashAlg", "0" },
		{ "/device/vpnGroup/credentials/certHash1", "q83vASNFZ4k=" },
		{ NULL, NULL },
	};
	struct td_names *n = made(office);
	const struct td_name *f = find(n, "SEP001122334401.cnf.xml");

	(void)state;
	check(n, f->name, want);
	assert_string_equal(f->phone, "a");
	assert_int_equal(f->mac[5], 1);
	assert_string_equal(f->type, "text/xml");
	td_names_unref(n);
}

static char *replaced(const char *from, const char *to)
{
	const char *at = strstr(office, from);
	char *text = malloc(sizeof(office) + 256);

	sprintf(text, "%.*s%s%s", (int)(at - office), office, to, at + strlen(from));
	return text;
}

/* The port that SIP is heard at is what phones are told, everywhere. */
static void another_sip_port(void **state)
{
	static const struct want want[] = {
		{ CM("0") "ports/sipPort", "2060" },
		{ LINE("1") "port", "2060" },
		{ PROFILE "sipProxies/backupProxyPort", "2060" },
		{ PROFILE "sipProxies/outboundProxyPort", "2060" },
		{ NULL, NULL },
	};
	char *text = replaced("config sip\n", "config sip\n option port '2060'\n");
	struct td_names *n = made(text);

	(void)state;
	check(n, "SEP001122334401.cnf.xml", want);
	td_names_unref(n);
	free(text);
}

static void sccp_phones(void **state)
{
	static const struct want big[] = {
		{ "/device/deviceProtocol", "SCCP" },
		{ POOL "dateTimeSetting/dateTemplate", "D/M/Y" },
		{ POOL "dateTimeSetting/timeZone", "W. Europe Standard/Daylight Time" },
		{ "count(" POOL "dateTimeSetting/ntps)", "0" },
		{ CM("0") "processNodeName", "192.0.2.1" },
		{ CM("0") "ports/ethernetPhonePort", "2000" },
		{ CM("1") "processNodeName", "192.0.2.2" },
		{ "/device/loadInformation", "SCCP70.9-4-2SR3-1S" },
		{ "/device/vendorConfig/settingsAccess", "1" },
		{ "/device/userLocale/name", "German_Germany" },
		{ "/device/dscpForSCCPPhoneConfig", "96" },
		{ "count(/device/sipProfile)", "0" },
		{ "count(" POOL "srstInfo)", "0" },
		{ "count(/device/vpnGroup)", "0" },
		{ NULL, NULL },
	};
	/* takes the time from messages */
	static const struct want old[] = {
		{ "/device/deviceProtocol", "SCCP" },
		{ "count(" POOL "dateTimeSetting/timeZone)", "0" },
		{ "/device/loadInformation", "P00308010200" },
		{ "count(/device/vendorConfig/*)", "0" },
		{ NULL, NULL },
	};
	static const struct want ata[] = {
		{ "/device/loadInformation", "ATA030204SCCP090202A.zup" },
		{ NULL, NULL },
	};
	struct td_names *n = made(office);

	(void)state;
	check(n, "SEP001122334402.cnf.xml", big);
	check(n, "SEP001122334403.cnf.xml", old);
	check(n, "SEP001122334408.cnf.xml", ata);
	/* as much as the first generation reads */
	assert_true(find(n, "SEP001122334403.cnf.xml")->len < 8192);
	assert_string_equal(find(n, "SEP001122334402.cnf.xml")->phone, "b");
	td_names_unref(n);
}

static void other_sip_phones(void **state)
{
	static const struct want newer[] = {
		{ "/device/transportLayerProtocol", "2" },
		{ LINE("1") "proxy", "USECALLMANAGER" },
		{ LINE("2") "sharedLine", "true" },
		{ "/device/loadInformation", "" },
		{ PROFILE "phoneLabel", "1004" },
		{ NULL, NULL },
	};
	static const struct want video[] = {
		{ LINE("1") "name", "1005" },
		{ LINE("1") "authPassword", "secret-of-e" },
		{ PROFILE "preferredCodec", "none" },
		{ NULL, NULL },
	};
	/* by the book: an address, and no orders to phones of another kind */
	static const struct want plain[] = {
		{ LINE("1") "proxy", "192.0.2.1" },
		{ PROFILE "sipProxies/backupProxy", "192.0.2.2" },
		{ PROFILE "sipProxies/outboundProxy", "" },
		{ NULL, NULL },
	};
	static const struct want small[] = {
		{ "/device/loadInformation", "SIP69xx.9-4-1-3SR2" },
		{ "/device/deviceProtocol", "SIP" },
		{ NULL, NULL },
	};
	struct td_names *n = made(office);

	(void)state;
	check(n, "SEP00112233440D.cnf.xml", newer);
	check(n, "SEP001122334405.cnf.xml", video);
	check(n, "SEP001122334406.cnf.xml", plain);
	check(n, "SEP001122334409.cnf.xml", small);
	assert_false(is_there(n, "SEP00112233440d.cnf.xml"));
	td_names_unref(n);
}

static void has_line(const struct td_name *f, const char *line)
{
	char with[256], *text = strndup(f->data, f->len);

	snprintf(with, sizeof(with), "%s\n", line);
	if (!strstr(text, with))
		fail_msg("%s has no line %s:\n%s", f->name, line, text);
	free(text);
}

static void text_phone(void **state)
{
	struct td_names *n = made(office);
	const struct td_name *f = find(n, "SIPDefault.cnf");

	(void)state;
	has_line(f, "image_version: \"P0S3-8-12-00\"");
	has_line(f, "proxy1_address: \"192.0.2.1\"");
	has_line(f, "proxy1_port: 5060");
	has_line(f, "proxy_backup: \"192.0.2.2\"");
	has_line(f, "time_zone: \"CET\"");
	has_line(f, "time_format_24hr: 1");
	has_line(f, "date_format: \"D/M/Y\"");
	has_line(f, "dst_auto_adjust: 1");
	has_line(f, "dst_offset: 01/00");
	has_line(f, "dst_start_month: 3");
	has_line(f, "dst_start_day: 0");
	has_line(f, "dst_start_day_of_week: 1");
	has_line(f, "dst_start_week_of_month: 8");
	has_line(f, "dst_start_time: 02/00");
	has_line(f, "dst_stop_month: 10");
	has_line(f, "dst_stop_time: 03/00");
	has_line(f, "sntp_server: \"192.0.2.123\"");
	assert_null(memmem(f->data, f->len, "secret", 6));
	assert_null(f->phone);
	f = find(n, "SIP00112233AABB.cnf");
	has_line(f, "line1_name: \"1007\"");
	has_line(f, "line1_authname: \"1007\"");
	has_line(f, "line1_password: \"secret;of;g\"");
	has_line(f, "line1_displayname: \"Gerd\"");
	assert_string_equal(f->phone, "g");
	has_line(find(n, "OS79XX.TXT"), "P0S3-8-12-00");
	assert_false(is_there(n, "SEP00112233AABB.cnf.xml"));
	td_names_unref(n);
}

static void summer_time_of_ones_own(void **state)
{
	struct td_names *n = made(
		"config sip\n option timezone 'America/Phoenix'\n option date_format 'y/m/d'\n"
		"config dst\n option start 'mar 5 01:30'\n"
		"config phone g\n option type '7960'\n option mac '00112233aabb'\n"
		" option number '1'\n option password 'secret-of-g'\n");
	const struct td_name *f = find(n, "SIPDefault.cnf");

	(void)state;
	has_line(f, "date_format: \"Y/M/D\"");
	has_line(f, "time_zone: \"MST\"");
	has_line(f, "dst_start_month: 3");
	has_line(f, "dst_start_day: 5");
	has_line(f, "dst_start_day_of_week: 0");
	has_line(f, "dst_start_time: 01/30");
	has_line(f, "dst_stop_month: 10");
	has_line(f, "dst_stop_week_of_month: 8");
	td_names_unref(n);
}

static void defaults(void **state)
{
	static const struct want want[] = {
		{ "name(/*)", "Default" },
		{ "/Default/callManagerGroup/members/member[@priority='0']/callManager/processNodeName",
		  "192.0.2.1" },
		{ "/Default/callManagerGroup/members/member[@priority='1']/callManager/processNodeName",
		  "192.0.2.2" },
		{ "/Default/loadInformation30006", "SCCP70.9-4-2SR3-1S" },
		{ "/Default/loadInformation30006/@model", "IP Phone 7970" },
		{ "/Default/servicesURL", "http://192.0.2.1/services?a=1&b=2" },
		{ NULL, NULL },
	};
	struct td_names *n = made(office);

	(void)state;
	check(n, "XMLDefault.cnf.xml", want);
	for (size_t i = 0; i < td_names_count(n); i++) {
		const struct td_name *f = td_names_at(n, i);

		if (!f->phone && memmem(f->data, f->len, "secret", 6))
			fail_msg("a secret is in %s, which anyone may have", f->name);
	}
	td_names_unref(n);
}

/* ---- scopes ---- */

#define TWO_SCCP(options_a) \
	"config phone 'a'\n option type '7970'\n option mac '001122334401'\n option number '1'\n" \
	" option protocol 'sccp'\n" options_a \
	"config phone 'b'\n option type '7941G-GE'\n option mac '001122334402'\n" \
	" option number '2'\n option protocol 'sccp'\n"
#define STORE "config provision\n option store 'path'\n option path '/srv/cnf'\n"

static void one_for_all(void **state)
{
	struct td_names *n = made(TWO_SCCP(""));
	const struct td_name *a = find(n, "SEP001122334401.cnf.xml");

	(void)state;
	assert_ptr_equal(a->data, find(n, "SEP001122334402.cnf.xml")->data);
	assert_string_equal(a->alias_of, "XMLDefaultSEP.cnf.xml");
	assert_false(is_there(n, "XMLDefault7970.cnf.xml"));
	td_names_unref(n);
}

static void one_per_type(void **state)
{
	static const struct want german[] = { { "/device/userLocale/name", "German_Germany" },
					      { NULL, NULL } };
	static const struct want french[] = { { "/device/userLocale/name", "French_France" },
					      { NULL, NULL } };
	struct td_names *n = made(
		STORE " option scope 'phonetype'\n"
		"config locale de\n option country 'DE'\nconfig locale fr\n option country 'FR'\n"
		TWO_SCCP(" option user_locale 'fr'\n"));

	(void)state;
	check(n, "XMLDefault7970.cnf.xml", german);
	check(n, "XMLDefault7970-1.cnf.xml", french);
	check(n, "XMLDefault7941G-GE.cnf.xml", german);
	assert_string_equal(find(n, "SEP001122334401.cnf.xml")->alias_of, "XMLDefault7970-1.cnf.xml");
	assert_string_equal(find(n, "SEP001122334402.cnf.xml")->alias_of,
			    "XMLDefault7941G-GE.cnf.xml");
	assert_false(is_there(n, "XMLDefault7960.cnf.xml"));
	td_names_unref(n);
}

static void one_per_phone(void **state)
{
	struct td_names *n = made(STORE " option scope 'phone'\n" TWO_SCCP(""));

	(void)state;
	assert_null(find(n, "SEP001122334401.cnf.xml")->alias_of);
	assert_string_equal(find(n, "SEP001122334402.cnf.xml")->phone, "b");
	assert_false(is_there(n, "XMLDefault7970.cnf.xml"));
	td_names_unref(n);
}

static void vrf(void **state)
{
	struct td_names *n = made(STORE " option scope 'phone'\n option vrf '7'\n" TWO_SCCP(""));

	(void)state;
	assert_string_equal(find(n, "SEP001122334401.cnf.xml")->alias_of,
			    "vrf7/SEP001122334401.cnf.xml");
	assert_string_equal(find(n, "SEP001122334401.cnf.xml")->phone, "a");
	assert_string_equal(find(n, "XMLDefault.cnf.xml")->alias_of, "vrf7/XMLDefault.cnf.xml");
	td_names_unref(n);
}

/* ---- stamps ---- */

static char *stamp_of(const char *config, const char *file)
{
	struct td_names *n = made(config);
	xmlDocPtr doc = open_doc(n, file);
	char *stamp = value(doc, "//versionStamp");

	xmlFreeDoc(doc);
	td_names_unref(n);
	return stamp;
}

static void only_what_changed_has_a_new_stamp(void **state)
{
	char *other = replaced("option number '1004'", "option number '2004'");
	char *a = stamp_of(office, "SEP001122334401.cnf.xml");
	char *a2 = stamp_of(other, "SEP001122334401.cnf.xml");
	char *d = stamp_of(office, "SEP00112233440D.cnf.xml");
	char *d2 = stamp_of(other, "SEP00112233440D.cnf.xml");
	char *again = stamp_of(office, "SEP00112233440D.cnf.xml");
	char *fixed;

	(void)state;
	assert_string_equal(a, a2);
	assert_string_not_equal(d, d2);
	assert_string_equal(d, again);
	assert_string_not_equal(a, d);
	free(other);
	other = replaced("option scope 'phone'\n", "option scope 'phone'\n option version_stamp "
			 "'Jan 01 2002 00:00:00'\n");
	fixed = stamp_of(other, "SEP001122334402.cnf.xml");
	assert_string_equal(fixed, "{Jan 01 2002 00:00:00}");
	xmlFree(fixed);
	fixed = stamp_of(other, "SEP001122334401.cnf.xml");
	assert_string_equal(fixed, a);
	xmlFree(fixed);
	xmlFree(a);
	xmlFree(a2);
	xmlFree(d);
	xmlFree(d2);
	xmlFree(again);
	free(other);
}

/* ---- dial templates ---- */

static void dial_templates(void **state)
{
	static const struct want want[] = {
		{ "name(/*)", "dialTemplate" },
		{ "string-length(/dialTemplate/versionStamp)", "16" },
		{ "/dialTemplate/TEMPLATE[@match='112']/@timeout", "0" },
		{ "/dialTemplate/TEMPLATE[@match='1...']/@timeout", "0" },
		{ "/dialTemplate/TEMPLATE[@match='2..']/@timeout", "0" },
		/* two lengths, and a dial peer that begins alike */
		{ "count(/dialTemplate/TEMPLATE[starts-with(@match,'3')])", "0" },
		{ "count(/dialTemplate/TEMPLATE[starts-with(@match,'9')])", "0" },
		{ "/dialTemplate/TEMPLATE[last()]/@match", "*" },
		{ "/dialTemplate/TEMPLATE[last()]/@timeout", "7" },
		{ NULL, NULL },
	};
	static const struct want keys[] = {
		{ "count(/dialTemplate/TEMPLATE)", "1" },
		{ "/dialTemplate/TEMPLATE/@match", "." },
		{ NULL, NULL },
	};
	static const struct want keyed[] = {
		{ PROFILE "kpml", "1" },
		{ PROFILE "dialTemplate", "dialplan-keys.xml" },
		{ NULL, NULL },
	};
	static const char plan[] =
		"config global\n option timeout_interdigit '7'\n"
		"config trunk carrier\n option host '192.0.2.9'\n"
		"config dialpeer emergency\n option destination_pattern '112'\n option emergency '1'\n"
		" option trunk 'carrier'\n"
		"config dialpeer outside\n option destination_pattern '9T'\n option trunk 'carrier'\n"
		"config dn a\n option number '1001'\nconfig dn b\n option number '1002'\n"
		"config dn c\n option number '200'\nconfig dn d\n option number '300'\n"
		"config dn e\n option number '3000'\nconfig dn f\n option number '9000'\n";
	char text[2048];
	struct td_names *n = made(plan);

	(void)state;
	check(n, "dialplan-tandem.xml", want);
	assert_non_null(memmem(find(n, "dialplan.xml")->data, find(n, "dialplan.xml")->len,
			       "<TEMPLATE MATCH=\"1...\" Timeout=\"0\"/>", 36));
	td_names_unref(n);
	snprintf(text, sizeof(text), "%sconfig phone p\n option number '4000'\n option mac "
		 "'001122334477'\n option type '7970'\n option overlap_signal '1'\n"
		 " option password 'secret-4000'\n", plan);
	n = made(text);
	check(n, "dialplan-tandem.xml", want);
	check(n, "dialplan-keys.xml", keys);
	check(n, "SEP001122334477.cnf.xml", keyed);
	td_names_unref(n);
}

/* ---- soft keys ---- */

#define SET(id) "/softKeyCfg/softKeySets/softKeySet[@id='" id "']/softKey"
#define KEY(id) "/softKeyCfg/typeSoftKey/softKeyDef[@keyID='" id "']/"

static char *softkeys_of(const struct td_names *n, const char *file)
{
	xmlDocPtr doc = open_doc(n, file);
	char *name = value(doc, PROFILE "softKeyFile");

	xmlFreeDoc(doc);
	return name;
}

static void soft_keys(void **state)
{
	static const struct want want[] = {
		{ "name(/*)", "softKeyCfg" },
		{ "string-length(/*/versionStamp)", "16" },
		{ "count(/*/softKeySets/softKeySet)", "12" },
		{ "count(" SET("On Hook") ")", "3" },
		{ SET("On Hook") "[1]/@keyID", "NewCall" },
		{ SET("On Hook") "[2]/@keyID", "Redial" },
		{ SET("On Hook") "[3]/@keyID", "CFwdAll" },
		{ "count(" SET("Connected") ")", "3" },
		{ SET("Connected") "[3]/@keyID", "EndCall" },
		{ "count(" SET("On Hold") ")", "2" },	/* not configured: as phones have it */
		{ SET("On Hold") "[1]/@keyID", "Resume" },
		{ SET("Digits After First") "[1]/@keyID", "<<" },
		{ KEY("NewCall") "tag", "2" }, { KEY("NewCall") "eventID", "2" },
		{ KEY("NewCall") "helpID", "302" },
		{ KEY("DND") "tag", "63" }, { KEY("DND") "eventID", "69" },
		{ KEY("iDivert") "eventID", "31" }, { KEY("<<") "eventID", "8" },
		{ KEY("Undefined") "helpID", "0" },
		/* no key is in a set that is not defined */
		{ "count(//softKey[not(@keyID = //softKeyDef/@keyID)])", "0" },
		{ NULL, NULL },
	};
	static const char text[] =
		"config template t\n option softkeys_idle 'Newcall Redial Cfwdall'\n"
		" option softkeys_connected 'hold trnsfer endcall'\n"
		"config phone a\n option template 't'\n option type '7970'\n option number '1'\n"
		" option mac '001122334401'\n option password 'secret-of-a'\n"
		"config phone b\n option type '7970'\n option number '2'\n"
		" option mac '001122334402'\n option password 'secret-of-b'\n"
		"config phone c\n option template 't'\n option type '8841'\n option number '3'\n"
		" option mac '001122334403'\n option password 'secret-of-c'\n"
		"config phone d\n option template 't'\n option type '7970'\n option number '4'\n"
		" option mac '001122334404'\n option password 'secret-of-d'\n"
		" option softkeys_hold 'resume'\n";
	struct td_names *n = made(text);
	char *a = softkeys_of(n, "SEP001122334401.cnf.xml");
	char *c = softkeys_of(n, "SEP001122334403.cnf.xml");
	char *d = softkeys_of(n, "SEP001122334404.cnf.xml");
	char *b = softkeys_of(n, "SEP001122334402.cnf.xml");

	(void)state;
	check(n, a, want);
	assert_string_equal(a, c);
	assert_string_not_equal(a, d);
	assert_true(is_there(n, d));
	assert_string_equal(b, "");	/* it has its own */
	assert_null(find(n, a)->phone);
	xmlFree(a);
	xmlFree(b);
	xmlFree(c);
	xmlFree(d);
	td_names_unref(n);
}

/* ---- home path ---- */

static void shell(const char *before, const char *folder, const char *after)
{
	char command[512];

	snprintf(command, sizeof(command), "%s %s %s", before, folder, after);
	assert_int_equal(system(command), 0);
}

static void home_path(void **state)
{
	static const struct want rings[] = {
		{ "count(/CiscoIPPhoneRingList/Ring)", "1" },
		{ "/CiscoIPPhoneRingList/Ring/DisplayName", "Chime" },
		{ "/CiscoIPPhoneRingList/Ring/FileName", "Chime.raw" },
		{ NULL, NULL },
	};
	static const struct want keys[] = { { PROFILE "softKeyFile", "softkeys.xml" }, { NULL, NULL } };
	char folder[] = "/tmp/prov_files.XXXXXX", text[512], buf[8];
	struct td_names *n;
	const struct td_name *f;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	shell("cd", folder, "&& mkdir -p German_Germany fw && echo jar >German_Germany/mk-sip.jar && "
	      "echo load >fw/SIP70.loads && echo x >Chime.raw && echo x >softkeys.xml && "
	      "ln -s /etc/passwd passwd && ln -s /etc etc && echo y >XMLDefault.cnf.xml && "
	      "echo z >.hidden");
	snprintf(text, sizeof(text), "config provision\n option home_path '%s'\n"
		 "config phone a\n option type '7970'\n option mac '001122334401'\n"
		 " option number '1'\n option password 'secret-of-a'\n", folder);
	n = made(text);
	assert_non_null(find(n, "German_Germany/mk-sip.jar"));
	f = find(n, "SIP70.loads");
	assert_string_equal(f->alias_of, "fw/SIP70.loads");
	fd = td_name_open(n, f);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, buf, sizeof(buf)), 5);
	close(fd);
	assert_false(is_there(n, "passwd"));
	assert_false(is_there(n, "etc/passwd"));
	assert_false(is_there(n, ".hidden"));
	check(n, "Ringlist.xml", rings);
	has_line(find(n, "RINGLIST.DAT"), "Chime\tChime.raw");
	check(n, "SEP001122334401.cnf.xml", keys);
	/* what is made here is not replaced by a file that lies there */
	assert_null(find(n, "XMLDefault.cnf.xml")->path);
	td_names_unref(n);
	snprintf(text, sizeof(text), "config provision\n list tftp_file '%s/fw/SIP70.loads'\n"
		 " list tftp_file '%s/passwd'\n", folder, folder);
	n = made(text);
	assert_non_null(find(n, "SIP70.loads"));
	assert_false(is_there(n, "passwd"));
	td_names_unref(n);
	shell("rm -r", folder, "");
}

static void home_path_is_made(void **state)
{
	char folder[] = "/tmp/prov_files.XXXXXX", text[512];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(text, sizeof(text), "config provision\n option home_path '%s/loads'\n", folder);
	td_names_unref(made(text));
	snprintf(text, sizeof(text), "%s/loads", folder);
	assert_int_equal(stat(text, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	shell("rm -r", folder, "");
}

/* What is too long for a phone ends with a whole character: half of one is no XML. */
static void labels_are_cut_between_characters(void **state)
{
	static const struct want want[] = {
		{ PROFILE "phoneLabel", "Jörg Müll" },
		{ LINE("1") "featureLabel", "äöüäöüäöüäöüäöü" },
		{ NULL, NULL },
	};
	struct td_names *n = made(
		"config dn d\n option number '1'\n option label 'äöüäöüäöüäöüäöüäöü'\n"
		"config phone a\n option type '7970'\n option mac '001122334401'\n"
		" option name 'Jörg Müllör'\n list line '1:d'\n"
		" option password 'secret-of-a'\n");

	(void)state;
	check(n, "SEP001122334401.cnf.xml", want);
	td_names_unref(n);
}

/* ---- speed, memory ---- */

static void a_thousand_files(void **state)
{
	char *text = malloc(1000 * 400);
	size_t len = 0;
	struct td_config *cfg;
	struct td_names *n;

	(void)state;
	for (int i = 0; i < 1000; i++)
		len += (size_t)sprintf(text + len,
			"config phone 'p%d'\n option type '7970'\n option mac '00112233%04x'\n"
			" option number '%d'\n option password 'secret-of-%d'\n"
			" list button '2:speed-dial:1002:Bob'\n list button '3:blf:1003:Carol'\n",
			i, i, 2000 + i, i);
	cfg = parse(text);
	n = make(cfg);
	assert_true(td_names_count(n) > 1000);
	td_names_unref(n);
	td_config_put(cfg);
	free(text);
}

static void without_memory(void **state)
{
	struct td_config *cfg = parse(office);
	long live = td_mem_live();

	(void)state;
	for (unsigned long nth = 1; nth < 150; nth++) {
		struct td_addr ours[2] = { 0 };
		struct td_maker m;

		td_mem_fail_nth(nth);
		if (!td_maker_begin(&m, cfg, ours)) {
			td_maker_shared(&m);
			for (size_t i = 0; i < cfg->n_phones; i++)
				td_maker_phone(&m, &cfg->phones[i]);
			td_names_unref(td_maker_end(&m));
		}
		td_mem_fail_nth(0);
		assert_int_equal(td_mem_live(), live);
	}
	td_config_put(cfg);
}

/* ---- the telephone book ---- */

#define ENTRY(n) "/*/DirectoryEntry[" #n "]/"

static void directory(void **state)
{
	static const struct want menu[] = {
		{ "name(/*)", "CiscoIPPhoneMenu" },
		{ "/*/Title", "branch" },
		{ "count(/*/MenuItem)", "4" },
		{ "/*/MenuItem[1]/Name", "All" },
		{ "/*/MenuItem[1]/URL", "http://192.0.2.1:6970/directory-all.xml" },
		{ "/*/MenuItem[2]/Name", "ABC" },
		{ "/*/MenuItem[3]/Name", "Other" },
		{ "/*/MenuItem[4]/URL", "http://192.0.2.1:6970/directory-search.xml" },
		{ NULL, NULL },
	}, form[] = {
		{ "name(/*)", "CiscoIPPhoneInput" },
		{ "/*/URL", "http://192.0.2.1:6970/directory-find.xml" },
		{ "count(/*/InputItem)", "2" },
		{ "/*/InputItem[1]/QueryStringParam", "n" },
		{ "/*/InputItem[1]/InputFlags", "A" },
		{ "/*/InputItem[2]/QueryStringParam", "t" },
		{ NULL, NULL },
	}, all[] = {
		{ "name(/*)", "CiscoIPPhoneDirectory" },
		{ "/*/Prompt", "1 - 4 / 4" },
		{ "count(/*/DirectoryEntry)", "4" },
		{ ENTRY(1) "Name", "anna" }, { ENTRY(1) "Telephone", "1001" },
		{ ENTRY(2) "Name", "Bar & <Grill>" }, { ENTRY(2) "Telephone", "1009" },
		{ ENTRY(3) "Name", "Bob" }, { ENTRY(3) "Telephone", "1002" },
		{ ENTRY(4) "Name", "\u00d6zg\u00fcr" }, { ENTRY(4) "Telephone", "1003" },
		{ "/*/SoftKeyItem[1]/URL", "SoftKey:Dial" },
		{ "count(/*/SoftKeyItem)", "3" },
		{ NULL, NULL },
	}, other[] = {
		{ "count(/*/DirectoryEntry)", "1" }, { ENTRY(1) "Telephone", "1003" },
		{ NULL, NULL },
	}, file[] = {
		{ "/device/directoryURL", "http://192.0.2.1:6970/directory.xml" },
		{ NULL, NULL },
	};
	static const char text[] =
		"config global\n option hostname 'branch'\n"
		"config dn 'shared'\n option number '1009'\n option name 'Bar & <Grill>'\n"
		"config dn 'box'\n option number '1109'\n option name 'Box'\n option intercom '1'\n"
		"config phone 'a'\n option type '7970'\n option mac '001122334401'\n option name 'anna'\n"
		" option number '1001'\n list line '2:shared'\n option password 'secret-of-a'\n"
		"config phone 'b'\n option number '1002'\n option name 'Bob'\n list line '2:shared'\n"
		" option password 'secret-of-b'\n"
		"config phone 'c'\n option number '1003'\n option name '\u00d6zg\u00fcr'\n"
		" option password 'secret-of-c'\n"
		"config phone 'd'\n option number '1004'\n option password 'secret-of-d'\n";
	struct td_names *n = made(text);

	(void)state;
	check(n, "directory.xml", menu);
	check(n, "directory-search.xml", form);
	check(n, "directory-all.xml", all);
	check(n, "directory-0.xml", other);
	assert_true(is_there(n, "directory-2.xml"));
	assert_false(is_there(n, "directory-3.xml"));
	check(n, "SEP001122334401.cnf.xml", file);
	td_names_unref(n);
}

static void directory_of_many(void **state)
{
	static const struct want first[] = {
		{ "count(/*/DirectoryEntry)", "31" }, { "/*/Prompt", "1 - 31 / 70" },
		{ "/*/SoftKeyItem[4]/Name", "Next" },
		{ "/*/SoftKeyItem[4]/URL", "http://192.0.2.1:6970/directory-all-p2.xml" },
		{ NULL, NULL },
	}, last[] = {
		{ "count(/*/DirectoryEntry)", "8" }, { "/*/Prompt", "63 - 70 / 70" },
		{ "count(/*/SoftKeyItem)", "3" },
		{ NULL, NULL },
	};
	char text[16384] = "config provision 'provision'\n";
	struct td_names *n;
	size_t len;

	(void)state;
	for (int i = 0; i < 70; i++) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "config phone 'p%d'\n option number '%d'\n"
			 " option name 'N%02d'\n option password 'a-long-secret'\n", i, 1000 + i, i);
	}
	n = made(text);
	check(n, "directory-all.xml", first);
	check(n, "directory-all-p3.xml", last);
	assert_false(is_there(n, "directory-all-p4.xml"));
	assert_true(is_there(n, "directory-6-p3.xml"));
	td_names_unref(n);
}

static void found(const struct td_names *n, const char *name, const char *number, size_t page,
		  const struct want *want)
{
	size_t len;
	char *text = td_book_find(td_names_book(n), name, number, page, &len);
	xmlDocPtr doc = xmlReadMemory(text, (int)len, "found", NULL, XML_PARSE_NONET);

	assert_non_null(doc);
	for (; want->path; want++) {
		char *have = value(doc, want->path);

		if (strcmp(have, want->value))
			fail_msg("%s %s: '%s', not '%s'", name, want->path, have, want->value);
		xmlFree(have);
	}
	xmlFreeDoc(doc);
	td_free(text);
}

static void a_search(void **state)
{
	static const struct want one[] = {
		{ "name(/*)", "CiscoIPPhoneDirectory" }, { "count(/*/DirectoryEntry)", "1" },
		{ ENTRY(1) "Name", "Ann <17> & co" }, { ENTRY(1) "Telephone", "1017" },
		{ "count(/*/SoftKeyItem)", "3" }, { NULL, NULL },
	}, many[] = {
		{ "/*/Prompt", "1 - 31 / 40" }, { "count(/*/DirectoryEntry)", "31" },
		{ "/*/SoftKeyItem[4]/URL",
		  "http://192.0.2.1:6970/directory-find.xml?n=%3C&t=10&p=2" },
		{ NULL, NULL },
	}, last[] = {
		{ "/*/Prompt", "32 - 40 / 40" }, { "count(/*/DirectoryEntry)", "9" },
		{ "count(/*/SoftKeyItem)", "3" }, { NULL, NULL },
	}, none[] = { { "name(/*)", "CiscoIPPhoneText" }, { NULL, NULL } };
	char text[8192] = "", long_one[400];
	struct td_names *n;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "config phone 'p%d'\n option "
					"number '%d'\n option name 'Ann <%d> & co'\n option password "
					"'a-long-secret'\n", i, 1000 + i, i);
	n = made(text);
	found(n, "ANN <17", NULL, 0, one);
	found(n, "", "1017", 0, one);
	found(n, "<", "10", 0, many);
	found(n, "<", "10", 1, last);
	found(n, "<", "10", 2, none);
	found(n, "Bob", NULL, 0, none);
	memset(long_one, '<', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	found(n, long_one, long_one, 0, none);
	td_names_unref(n);
}

static void no_directory(void **state)
{
	static const struct want none[] = { { "/Default/directoryURL", "" }, { NULL, NULL } },
		own[] = { { "/Default/directoryURL", "http://192.0.2.9/d" }, { NULL, NULL } };
	struct td_names *n = made("config provision\n option directory '0'\n");

	(void)state;
	assert_false(is_there(n, "directory.xml"));
	check(n, "XMLDefault.cnf.xml", none);
	td_names_unref(n);
	n = made("config provision\n option http_enable 'off'\n");
	assert_false(is_there(n, "directory.xml"));
	td_names_unref(n);
	n = made("config provision\n option url_directories 'http://192.0.2.9/d'\n");
	check(n, "XMLDefault.cnf.xml", own);
	td_names_unref(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sip_7970),
		cmocka_unit_test(directory),
		cmocka_unit_test(directory_of_many),
		cmocka_unit_test(a_search),
		cmocka_unit_test(no_directory),
		cmocka_unit_test(another_sip_port),
		cmocka_unit_test(sccp_phones),
		cmocka_unit_test(other_sip_phones),
		cmocka_unit_test(text_phone),
		cmocka_unit_test(summer_time_of_ones_own),
		cmocka_unit_test(defaults),
		cmocka_unit_test(one_for_all),
		cmocka_unit_test(one_per_type),
		cmocka_unit_test(one_per_phone),
		cmocka_unit_test(vrf),
		cmocka_unit_test(only_what_changed_has_a_new_stamp),
		cmocka_unit_test(dial_templates),
		cmocka_unit_test(soft_keys),
		cmocka_unit_test(home_path),
		cmocka_unit_test(home_path_is_made),
		cmocka_unit_test(labels_are_cut_between_characters),
		cmocka_unit_test(a_thousand_files),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
