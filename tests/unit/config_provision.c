/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What phones' files are made from: types, firmware names, languages, buttons, scope and store.
 * Every restriction is a fault at its place; what is right is in the model and can be printed
 * and read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "userspace/base/mem.h"

static struct td_config *parse(const char *text, struct td_config_faults *faults)
{
	struct td_config *cfg = NULL;

	*faults = (struct td_config_faults){ 0 };
	td_config_parse(&cfg, "t", text, strlen(text), faults);
	return cfg;
}

static struct td_config *good(const char *text)
{
	struct td_config_faults faults;
	struct td_config *cfg = parse(text, &faults);

	if (faults.n)
		fail_msg("line %u, %s: %s", faults.v[0].line, faults.v[0].option,
			 faults.v[0].reason);
	assert_non_null(cfg);
	td_config_faults_fini(&faults);
	return cfg;
}

/* One fault, in that line and option, with those words. */
static void bad(const char *text, uint32_t line, const char *option, const char *words,
		const char *hint)
{
	struct td_config_faults faults;
	struct td_config *cfg = parse(text, &faults);

	if (cfg || !faults.n)
		fail_msg("accepted: %s", text);
	if (faults.v[0].line != line || strcmp(faults.v[0].option, option) ||
	    !strstr(faults.v[0].reason, words) || strcmp(faults.v[0].hint, hint) || faults.n != 1)
		fail_msg("%zu faults; line %u, %s: %s (hint '%s')\nof: %s", faults.n,
			 faults.v[0].line, faults.v[0].option, faults.v[0].reason,
			 faults.v[0].hint, text);
	td_config_faults_fini(&faults);
}

#define PHONE(options) \
	"config phone 'a'\n option mac '001122334455'\n option number '1'\n" \
	" option password 'xyzzy1234567890x'\n" options
#define SCCP(options) \
	"config phone 'a'\n option mac '001122334455'\n option number '1'\n" \
	" option protocol 'sccp'\n" options

#define TRUNK(host) "config trunk 't'\n option host '" host "'\n"

/* Who is asked for messages. */
static void mwi_server(void **state)
{
	struct td_config *cfg;

	(void)state;
	cfg = good(PHONE("") TRUNK("192.0.2.9") "config mwi 'm'\n option server 't'\n list number '1'\n");
	assert_int_equal(cfg->n_mwis, 1);
	assert_int_equal(cfg->mwis[0].expires, 3600);
	td_config_put(cfg);
	td_config_put(good(TRUNK("mail.example.net") "config mwi 'm'\n option server 't'\n"));
	bad(TRUNK("fd00::9") "config mwi 'm'\n option server 't'\n", 4, "mwi m, option server",
	    "asked by IPv4 only", "");
	bad(TRUNK("192.0.2.9") "config mwi 'm'\n option server 'u'\n", 4, "mwi m, option server",
	    "there is no trunk", "t");
	bad(TRUNK("192.0.2.9") "config mwi 'm'\n option server 't'\n list number '7'\n", 5,
	    "mwi m, list number", "is no number of a phone", "");
	bad("config mwi 'm'\n", 1, "mwi m", "it has no server", "");
	/* Cisco's restriction for flow around */
	bad(TRUNK("192.0.2.9") " option mwi 1\n option media around\n", 4, "trunk t, option media",
	    "a voicemail (option mwi) has its media through this router", "");
	td_config_put(good(TRUNK("192.0.2.9") " option mwi 1\n option media through\n"));
}

#define PAGES "config management 'management'\n option port '8090'\n"

/* Who may see the pages. */
static void web_admin(void **state)
{
	struct td_config *cfg;

	(void)state;
	cfg = good(PAGES " option web_admin_name 'ada'\n option web_admin_password 'x'\n"
		   " option web_admin_customer_name 'carl'\n"
		   " option web_admin_customer_password 'y'\n");
	assert_string_equal(cfg->management.web_admin_customer_password, "y");
	td_config_put(cfg);
	bad(PAGES " option web_admin_name 'ada'\n", 3, "management, option web_admin_name",
	    "needs a password", "");
	bad(PAGES " option web_admin_password 'x'\n option web_admin_customer_name 'carl'\n", 4,
	    "management, option web_admin_customer_name", "needs a password", "");
}

static void scope_and_store(void **state)
{
	(void)state;
	td_config_put(good("config provision\n"));
	td_config_put(good("config provision\n option store 'path'\n option path '/srv/cnf'\n"
			   " option scope 'phone'\n"));
	td_config_put(good("config provision\n option store 'tftp'\n"
			   " option url 'tftp://192.0.2.9/cnf'\n option scope 'phonetype'\n"));
	bad("config provision\n option scope 'phone'\n", 2, "provision, option scope",
	    "needs store 'path' or 'tftp'", "");
	bad("config provision\n option scope 'phonetype'\n option store 'memory'\n", 2,
	    "provision, option scope", "needs store 'path' or 'tftp'", "");
	bad("config provision\n option store 'path'\n", 2, "provision, option store",
	    "needs option path", "");
	bad("config provision\n option store 'tftp'\n", 2, "provision, option store",
	    "needs option url", "");
	bad("config provision\n option scope 'phones'\n", 2, "provision, option scope", "is none of",
	    "phone");
	bad("config provision\n option url 'ftp://x/y'\n", 2, "provision, option url",
	    "does not begin with tftp://", "");
	bad("config provision\n option path '/srv/x'\n option home_path '/srv/./x/'\n", 2,
	    "provision, option path", "must be two folders", "");
	bad("config provision\n option idle_timeout '30'\n", 2, "provision, option idle_timeout",
	    "needs url_idle", "");
	bad("config provision\n list tftp_file '/srv/a/x.loads'\n list tftp_file '/srv/b/x.loads'\n",
	    3, "provision, list tftp_file", "name of another file", "");
}

static void folders_that_stay_closed(void **state)
{
	static const char *const closed[] = {
		"/", "//", "/.", "/etc", "/etc/", "/etc/config", "/etc/config/tandem", "/etc//config",
		"/./etc", "/proc", "/proc/1", "/root", "/root/fw", "/sys", "/dev", "/run",
		"/var/lib/tandem", "/var/lib", "/var", "/usr", "/home", "/tmp", "/srv/../etc",
		"/..", "srv", "flash:/cme", NULL,
	};
	char text[256];

	(void)state;
	for (size_t i = 0; closed[i]; i++) {
		struct td_config_faults faults;
		struct td_config *cfg;

		snprintf(text, sizeof(text), "config provision\n option home_path '%s'\n", closed[i]);
		cfg = parse(text, &faults);
		if (cfg || faults.n != 1 || faults.v[0].line != 2 ||
		    strcmp(faults.v[0].option, "provision, option home_path"))
			fail_msg("%s: %zu faults", closed[i], faults.n);
		td_config_faults_fini(&faults);
	}
	td_config_put(good("config provision\n option home_path '/srv/phones'\n"));
	td_config_put(good("config provision\n option home_path '/srv'\n"));
	td_config_put(good("config provision\n option home_path '/etcetera'\n"));
	td_config_put(good("config provision\n option home_path '/home/fw/cme/loads/'\n"));
}

static void languages(void **state)
{
	static const char five[] =
		"config provision\n option store 'path'\n option path '/srv/cnf'\n"
		"config locale a\n option country 'de'\n"
		"config locale b\n option country 'FR'\n"
		"config locale c\n option country 'US'\n"
		"config locale d\n option country 'SE'\n"
		"config locale e\n option user 'Klingon_Qonos'\n option network 'Qonos'\n";
	char text[2048];
	struct td_config *cfg = good(five);

	(void)state;
	assert_int_equal(cfg->n_locales, 5);
	assert_string_equal(cfg->locales[0].user, "German_Germany");
	assert_string_equal(cfg->locales[0].network, "Germany");
	assert_string_equal(cfg->locales[0].language, "de");
	assert_string_equal(cfg->locales[4].user, "Klingon_Qonos");
	td_config_put(cfg);
	snprintf(text, sizeof(text), "%sconfig locale f\n option country 'IT'\n", five);
	bad(text, 15, "locale f", "up to 5 languages", "");
	bad("config locale a\n option country 'DE'\nconfig locale b\n option country 'FR'\n", 3,
	    "locale b", "more than one language needs store", "");
	bad("config locale a\n option user 'X_Y'\n option network 'Y'\n", 2,
	    "locale a, option user", "needs store 'path' or 'tftp'", "");
	bad("config locale a\n option country 'D'\n", 2, "locale a, option country", "is none of",
	    "DE");
	bad("config locale a\n", 1, "locale a", "it needs a country", "");
	bad(SCCP(" option user_locale 'x'\n") "config locale x\n option country 'DE'\n", 5,
	    "phone a, option user_locale", "needs scope", "");
	bad("config phonetype '7970'\n option network_locale 'x'\n"
	    "config locale x\n option country 'DE'\n", 2,
	    "phonetype 7970, option network_locale", "needs scope", "");
	bad(PHONE(" option user_locale 'german'\n") "config locale germany\n option country 'DE'\n",
	    5, "phone a, option user_locale", "german", "germany");
	td_config_put(good(PHONE(" option user_locale 'x'\n")
			   "config locale x\n option country 'DE'\n"));
}

static void types_and_firmware(void **state)
{
	struct td_config *cfg = good(PHONE(" option type '7970'\n option load 'SIP70.8-4-2S'\n"));

	(void)state;
	assert_non_null(td_config_phonetype(cfg, "7970"));
	assert_int_equal(td_config_phonetype(cfg, "7970")->device, 30006);
	assert_null(td_config_phonetype(cfg, "79701"));
	td_config_put(cfg);
	td_config_put(good(PHONE(" option type 'generic'\n option load 'any.thing'\n")));
	td_config_put(good(SCCP(" option type '7945'\n option load 'SCCP45.9-4-2SR3-1S.loads'\n")));
	td_config_put(good(SCCP(" option type 'ATA186'\n option load 'ATA030204SCCP090202A.zup'\n")));
	bad(PHONE(" option type '79701'\n"), 5, "phone a, option type", "there is no type of phone",
	    "7970");
	bad(SCCP(" option type '8841'\n"), 5, "phone a, option type", "no firmware for SCCP", "");
	bad(PHONE(" option type '7920'\n"), 5, "phone a, option type", "no firmware for SIP", "");
	bad(SCCP(" option type '7970'\n option load 'SIP70.8-4-2S'\n"), 6, "phone a, option load",
	    "is a firmware for SIP", "");
	bad(PHONE(" option type '7970'\n option load 'SIP75.8-4-2S'\n"), 6, "phone a, option load",
	    "is a firmware of a 7975", "");
	bad(PHONE(" option type '7970'\n option load 'sip70.8-4-2S'\n"), 6, "phone a, option load",
	    "capital and small letters", "");
	bad(PHONE(" option type '7970'\n option load 'SIP70.8-4-2S.sbn'\n"), 6,
	    "phone a, option load", "is a part of a firmware", "");
	bad("config phonetype '7970'\n option load_sccp 'SCCP75.8-4-2S'\n", 2,
	    "phonetype 7970, option load_sccp", "is a firmware of a 7975", "");
}

static void types_of_ones_own(void **state)
{
	struct td_config *cfg = good(
		"config phonetype\n option type '7979-XL'\n option like '7975'\n"
		" option load_sip 'mine-1'\n list vendor 'settingsAccess 2'\n"
		"config phonetype '7970'\n list vendor 'spanToPCPort 0'\n list vendor 'webAccess 1'\n"
		PHONE(" option type '7979-XL'\n"));
	const struct cfg_phonetype *t = td_config_phonetype(cfg, "7979-XL");

	(void)state;
	assert_int_equal(t->buttons, 8);
	assert_int_equal(t->device, 0);
	assert_string_equal(t->load_sip, "mine-1");
	assert_string_equal(t->vendors[0].name, "settingsAccess");
	assert_string_equal(t->vendors[0].value, "2");
	t = td_config_phonetype(cfg, "7970");
	assert_int_equal(t->n_vendors, 2);
	assert_string_equal(t->vendors[1].name, "webAccess");
	td_config_put(cfg);
	bad("config phonetype '79701'\n", 1, "phonetype 79701", "there is no type of phone", "7970");
	bad("config phonetype 'x'\n option like '79701'\n", 2, "phonetype x, option like",
	    "there is no type of phone", "7970");
	bad("config phonetype '7970'\n option like '7975'\n", 2, "phonetype 7970, option like",
	    "is a type that is known", "");
	bad("config phonetype '7970'\nconfig phonetype\n option type '7970'\n", 3,
	    "phonetype, option type", "has a section already (line 1)", "");
	bad("config phonetype '7970'\n list vendor '1x 2'\n", 2, "phonetype 7970, list vendor",
	    "is no NAME VALUE", "");
	bad("config phonetype '7970'\n list vendor '<x> 2'\n", 2, "phonetype 7970, list vendor",
	    "is no NAME VALUE", "");
}

static void buttons(void **state)
{
	struct td_config *cfg = good(PHONE(
		" list button '2:speed-dial:1002:Bob: the builder'\n list button '3:BLF:1003'\n"
		" list button '4:park'\n"));
	const struct cfg_phone *p = &cfg->phones[0];

	(void)state;
	assert_int_equal(p->n_buttons, 3);
	assert_int_equal(p->buttons[0].feature, 2);
	assert_string_equal(p->buttons[0].target, "1002");
	assert_string_equal(p->buttons[0].label, "Bob: the builder");
	assert_int_equal(p->buttons[1].feature, 21);
	assert_int_equal(p->buttons[2].feature, 126);
	td_config_put(cfg);
	bad(PHONE(" list button '1:park'\n"), 5, "phone a, list button", "has a function already", "");
	bad(PHONE(" list button '2:park'\n list button '2:dnd'\n"), 6, "phone a, list button",
	    "has a function already", "");
	bad(PHONE(" list button '2:parc'\n"), 5, "phone a, list button", "no feature", "park");
	bad(PHONE(" list button '0:park'\n"), 5, "phone a, list button", "names no button", "");
	bad(PHONE(" list button '65:park'\n"), 5, "phone a, list button", "names no button", "");
	bad(PHONE(" list button '2:blf'\n"), 5, "phone a, list button", "has no number", "");
	bad(PHONE(" list button '2:blf:abc'\n"), 5, "phone a, list button", "has no number", "");
}

static void soft_keys(void **state)
{
	struct td_config *cfg = good(PHONE(" option softkeys_idle 'Dnd Newcall Redial'\n"));
	const struct cfg_softkeys *k = cfg->phones[0].softkeys;

	(void)state;
	assert_int_equal(k[CFG_KEYS_IDLE].n, 3);
	assert_int_equal(k[CFG_KEYS_IDLE].key[0], CFG_KEY_DND);
	assert_int_equal(k[CFG_KEYS_IDLE].key[1], CFG_KEY_NEWCALL);
	assert_int_equal(k[CFG_KEYS_HOLD].n, 0);
	td_config_put(cfg);
	bad(PHONE(" option softkeys_idle 'newcal redial'\n"), 5, "phone a, option softkeys_idle",
	    "none of redial, newcall", "newcall");
	bad(PHONE(" option softkeys_hold 'resume answer'\n"), 5, "phone a, option softkeys_hold",
	    "none of resume", "");
	bad(PHONE(" option softkeys_idle 'newcall newcall'\n"), 5, "phone a, option softkeys_idle",
	    "newcall twice", "");
	bad(PHONE(" option softkeys_connected 'hold'\n"), 5, "phone a, option softkeys_connected",
	    "need the key endcall", "");
	td_config_put(good(SCCP(" option softkeys_connected 'hold'\n")));
}

static void clocks(void **state)
{
	struct td_config *cfg = good("config global\n option timezone '23'\nconfig sip\n"
				     " option timezone 'Asia/Tokyo'\n option date_format 'yy-m-d'\n"
				     "config dst\n option stop 'nov 1 03:30'\n");

	(void)state;
	assert_string_equal(cfg->global.timezone, "Europe/Berlin");
	assert_string_equal(cfg->sip.timezone, "Asia/Tokyo");
	assert_int_equal(cfg->sip.date_format, CFG_SIPDATE_YYMD_DASH);
	assert_true(cfg->dst.given);
	assert_int_equal(cfg->dst.start.month, 4);
	assert_int_equal(cfg->dst.start.week, 1);
	assert_int_equal(cfg->dst.stop.day, 1);
	assert_int_equal(cfg->dst.stop.minute, 210);
	td_config_put(cfg);
	bad("config global\n option timezone 'Europe/Berlim'\n", 2, "global, option timezone",
	    "is no time zone", "Europe/Berlin");
	bad("config global\n option timezone '57'\n", 2, "global, option timezone",
	    "is no time zone", "");
	bad("config dst\n option start 'march 9th'\n", 2, "dst, option start", "is no time of a year",
	    "");
	bad("config dst\n option start 'mar 6 sun 02:00'\n", 2, "dst, option start", "has no week",
	    "");
	bad("config sip\n option keepalive '60'\n", 2, "sip, option keepalive", "out of range", "");
}

static void two_routers(void **state)
{
	(void)state;
	td_config_put(good("config cluster\n option primary '192.0.2.1'\n"
			   " option secondary '192.0.2.2'\n" SCCP(" option type '7970'\n")));
	bad("config cluster\n option secondary '192.0.2.2'\n" SCCP(""), 3, "phone a",
	    "it has no type", "");
	bad("config cluster\n option primary '192.0.2.1'\n option secondary '2001:db8::1'\n", 3,
	    "cluster, option secondary", "same family", "");
	bad("config cluster\n option primary '192.0.2.1'\n option secondary '192.0.2.1'\n", 3,
	    "cluster, option secondary", "the primary itself", "");
}

#define SHARED " option replicate_secret 'a-secret-of-three-routers'\n"

static void more_routers(void **state)
{
	struct td_config *cfg = good("config cluster\n list redis '192.0.2.1'\n list redis '2001:db8::1'\n"
				     SHARED " option redis_sentinel 'office'\n");

	(void)state;
	assert_int_equal(cfg->cluster.n_redis, 2);
	assert_string_equal(cfg->cluster.redis_sentinel, "office");
	td_config_put(cfg);
	bad("config cluster\n list redis '192.0.2.1'\n", 2, "cluster, list redis",
	    "it needs replicate_secret", "");
	bad("config cluster\n" SHARED, 2, "cluster, option replicate_secret",
	    "it needs both primary and secondary, or redis", "");
	bad("config cluster\n option redis_sentinel 'office'\n", 2, "cluster, option redis_sentinel",
	    "it needs redis", "");
}

#define OLD(options) SCCP(" option type '7960'\n" options)

static void ipv6_of_phones(void **state)
{
	(void)state;
	td_config_put(good("config sccp\n option protocol_mode 'dual'\n" OLD("")));
	td_config_put(good("config sccp\n option protocol_mode 'ipv6'\n" SCCP(" option type '7970'\n")));
	td_config_put(good("config sccp\n option protocol_mode 'ipv6'\n" SCCP("")));
	bad("config sccp\n option protocol_mode 'ipv6'\n" OLD(""), 7, "phone a, option type",
	    "a 7960 knows no IPv6, and protocol_mode of section sccp", "");
	bad("config sccp\n option protocol_mode 'dual'\n" OLD(" option address '2001:db8::7'\n"), 8,
	    "phone a, option address", "a 7960 knows no IPv6", "");
	bad("config sccp\n option protocol_mode 'dual'\n" OLD(" option protocol_mode 'ipv6'\n"), 8,
	    "phone a, option protocol_mode", "a 7960 knows no IPv6", "");
}

#define TWO(options) \
	SCCP(options) "config phone 'b'\n option mac '001122334456'\n option protocol 'sccp'\n"

/* What phones make of numbers together. */
static void numbers_of_phones(void **state)
{
	struct td_config *cfg;

	(void)state;
	/* a phone's tag may be its number, or another's; no two have the same */
	td_config_put(good(TWO(" option tag '1'\n") " option number '20'\n option tag '20'\n"));
	td_config_put(good(TWO(" option tag '20'\n") " option number '20'\n option tag '1'\n"));
	bad(TWO(" option tag '20'\n") " option number '20'\n option tag '20'\n", 10,
	    "phone b, option tag", "the tag '20' is that of phone a", "");
	/* how many */
	td_config_put(good("config sccp\n option max_dn '2'\n" TWO("") " option number '20'\n"));
	bad("config sccp\n option max_dn '1'\n" TWO("") " option number '20'\n", 2,
	    "sccp, option max_dn", "SCCP phones have 2 numbers", "");
	td_config_put(good("config sccp\n option max_dn '1'\n" SCCP("")
			   "config phone 's'\n option number '20'\n option password 'xyzzy1234567890x'\n"));
	/* what those have that do not say */
	cfg = good("config sccp\n option preference '3'\n option no_register '1'\n" TWO("")
		   " list line '1:d'\n list line '2:e'\n"
		   "config dn 'd'\n option number '20'\n option preference '0'\n option no_register '0'\n"
		   "config dn 'e'\n option number '21'\n"
		   "config dn 'f'\n option number '22'\n");
	for (size_t i = 0; i < cfg->n_dns; i++) {
		bool says = !strcmp(cfg->dns[i].id, "d"), elsewhere = !strcmp(cfg->dns[i].id, "f");

		assert_int_equal(cfg->dns[i].preference, says || elsewhere ? 0 : 3);
		assert_int_equal(cfg->dns[i].no_register, !says && !elsewhere);
	}
	td_config_put(cfg);
	/* an intercom is no shared line */
	bad(TWO(" list line '2:d'\n") " list line '1:d'\nconfig dn 'd'\n option number 'A1'\n"
	    " option intercom_number 'A2'\n", 12, "dn d, option intercom_number",
	    "an intercom has one button, and 'd' is on 2", "");
}

static void vpn(void **state)
{
	struct td_config *cfg = good(
		"config vpnprofile 'home'\n list url 'https://vpn.example.com/phone'\n"
		" option mtu '1300'\n option auth 'certificate'\n" PHONE(" option vpn 'home'\n"));

	(void)state;
	assert_int_equal(cfg->vpns[0].mtu, 1300);
	assert_string_equal(cfg->phones[0].vpn, "home");
	td_config_put(cfg);
	bad("config vpnprofile 'home'\n", 1, "vpnprofile home", "it has no gateway", "");
	bad(PHONE(" option vpn 'office'\n"), 5, "phone a, option vpn", "office", "");
}

static const char everything[] =
	"config provision\n option store 'path'\n option path '/srv/cnf'\n option scope 'phone'\n"
	" list tftp_file '/srv/fw/P00308010200.bin'\n option vrf '7'\n"
	" option version_stamp 'Jan 01 2002 00:00:00'\n option url_services 'http://192.0.2.1/s'\n"
	"config cluster\n option secondary '192.0.2.2'\n"
	"config dst\n option start 'mar last sun 02:00'\n"
	"config locale 'de'\n option country 'DE'\n"
	"config vpnprofile 'home'\n list url 'https://vpn.example.com/phone'\n"
	"config phonetype '7970'\n option load_sip 'SIP70.8-4-2S'\n list vendor 'webAccess 1'\n"
	"config phonetype\n option type '7979-XL'\n option like '7975'\n"
	PHONE(" option type '7970'\n list button '2:blf:1003:Carol'\n list vendor 'pcPort 1'\n"
	      " option user_locale 'de'\n option vpn 'home'\n"
	      " option softkeys_idle 'newcall redial'\n");

static char *printed(const struct td_config *cfg)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	td_config_print(f, cfg, true);
	fclose(f);
	return text;
}

static void reads_back(void **state)
{
	struct td_config *cfg = good(everything), *again;
	char *text = printed(cfg), *twice;

	(void)state;
	again = good(text);
	twice = printed(again);
	assert_string_equal(text, twice);
	assert_non_null(strstr(text, "'2:blf:1003:Carol'"));
	assert_non_null(strstr(text, "'mar last sun 02:00'"));
	assert_non_null(strstr(text, "option like '7975'"));
	assert_non_null(strstr(text, "softkeys_idle 'newcall redial'"));
	assert_int_equal(td_config_diff(cfg, again, &(struct td_config_diff_ops){ 0 }, NULL), 0);
	free(text);
	free(twice);
	td_config_put(cfg);
	td_config_put(again);
}

static unsigned int changes(const char *from, const char *to)
{
	char *text = strdup(everything), *at = strstr(text, from), *rest = strdup(at + strlen(from));
	char next[4096];
	struct td_config *a = good(everything), *b;
	unsigned int n;

	*at = '\0';
	snprintf(next, sizeof(next), "%s%s%s", text, to, rest);
	b = good(next);
	n = td_config_diff(a, b, &(struct td_config_diff_ops){ 0 }, NULL);
	free(text);
	free(rest);
	td_config_put(a);
	td_config_put(b);
	return n;
}

static void differences(void **state)
{
	(void)state;
	assert_int_equal(changes("webAccess 1", "webAccess 2"), 1);
	assert_int_equal(changes("pcPort 1", "pcPort 0"), 1);
	assert_int_equal(changes("1003:Carol", "1004:Carol"), 1);
	assert_int_equal(changes("'DE'", "'FR'"), 1);
	assert_int_equal(changes("mar last sun", "mar last sat"), 1);
	assert_int_equal(changes("192.0.2.2", "192.0.2.3"), 1);
	assert_int_equal(changes("vrf '7'", "vrf '8'"), 1);
}

static void without_memory(void **state)
{
	struct td_config_faults faults;
	long live = td_mem_live();

	(void)state;
	for (unsigned long nth = 1; nth < 200; nth++) {
		td_mem_fail_nth(nth);
		td_config_put(parse(everything, &faults));
		td_mem_fail_nth(0);
		td_config_faults_fini(&faults);
		assert_int_equal(td_mem_live(), live);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mwi_server),
		cmocka_unit_test(web_admin),
		cmocka_unit_test(scope_and_store),
		cmocka_unit_test(folders_that_stay_closed),
		cmocka_unit_test(languages),
		cmocka_unit_test(types_and_firmware),
		cmocka_unit_test(types_of_ones_own),
		cmocka_unit_test(buttons),
		cmocka_unit_test(soft_keys),
		cmocka_unit_test(clocks),
		cmocka_unit_test(two_routers), cmocka_unit_test(more_routers),
		cmocka_unit_test(ipv6_of_phones), cmocka_unit_test(numbers_of_phones),
		cmocka_unit_test(vpn),
		cmocka_unit_test(reads_back),
		cmocka_unit_test(differences),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
