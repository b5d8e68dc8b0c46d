/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IOS importer: every line of every configuration in tests/vectors/ios gets one verdict, the
 * result is a configuration that the daemon takes, and what it says is what CME meant.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tools/import/import.h"
#include "tools/import/ios.h"
#include "userspace/base/mem.h"

struct imported {
	struct td_import *im;
	struct td_config *cfg;
	long live;
};

static void begin(struct imported *i, const char *text, size_t len)
{
	struct td_config_faults faults = { 0 };
	size_t k;

	i->live = td_mem_live();
	assert_int_equal(td_import_ios(&i->im, text, len), 0);
	assert_int_equal(i->im->count[0] + i->im->count[1] + i->im->count[2], i->im->n_lines);
	for (k = 0; k < i->im->n_lines; k++) {
		assert_int_equal(i->im->lines[k].number, k + 1);
		assert_non_null(i->im->lines[k].note);
	}
	td_config_parse(&i->cfg, "import", i->im->uci, strlen(i->im->uci), &faults);
	for (k = 0; k < faults.n; k++)
		td_config_fault_print(stderr, &faults.v[k]);
	assert_int_equal(faults.n, 0);
	assert_non_null(i->cfg);
	td_config_faults_fini(&faults);
}

static void end(struct imported *i)
{
	td_config_put(i->cfg);
	td_import_free(i->im);
	assert_int_equal(td_mem_live(), i->live);
}

static void begin_file(struct imported *i, const char *name)
{
	char path[512], *text;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "tests/vectors/ios/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	text = malloc(1 << 20);
	assert_non_null(text);
	len = fread(text, 1, 1 << 20, f);
	fclose(f);
	begin(i, text, len);
	free(text);
}

static void begin_text(struct imported *i, const char *text)
{
	begin(i, text, strlen(text));
}

/* The verdict of the line that holds text. */
static enum td_import_verdict verdict(const struct imported *i, const char *text)
{
	size_t k;

	for (k = 0; k < i->im->n_lines; k++)
		if (strstr(i->im->lines[k].text, text))
			return i->im->lines[k].verdict;
	fail_msg("no line with '%s'", text);
	return TD_IMPORT_VERDICTS;
}

static const struct cfg_dn *dn(const struct imported *i, const char *number)
{
	size_t k;

	for (k = 0; k < i->cfg->n_dns; k++)
		if (!strcmp(i->cfg->dns[k].number, number))
			return &i->cfg->dns[k];
	fail_msg("no dn %s", number);
	return NULL;
}

/* ---- all of them ---- */

static void every_line_has_a_verdict(void **state)
{
	struct imported i;
	struct dirent *e;
	DIR *d = opendir("tests/vectors/ios");
	int n = 0;

	(void)state;
	assert_non_null(d);
	while ((e = readdir(d))) {
		if (!strstr(e->d_name, ".txt"))
			continue;
		begin_file(&i, e->d_name);
		end(&i);
		n++;
	}
	closedir(d);
	assert_true(n >= 20);
}

/* ---- buttons ---- */

static const struct cfg_phone *phone(const struct imported *i, const char *id)
{
	const struct cfg_phone *p = td_config_phone(i->cfg, id);

	assert_non_null(p);
	return p;
}

enum { SPEED_DIAL = 2, BLF = 21, PARK = 126, DND = 130 };	/* Cisco's featureID */

static void button_is(const struct cfg_phone *p, uint32_t button, uint32_t feature,
		      const char *target, const char *label)
{
	for (size_t k = 0; k < p->n_buttons; k++) {
		if (p->buttons[k].button != button)
			continue;
		assert_int_equal(p->buttons[k].feature, feature);
		assert_string_equal(p->buttons[k].target, target);
		assert_string_equal(p->buttons[k].label, label);
		return;
	}
	fail_msg("no button %u", button);
}

/* Row 197: button-layout says where, a template's buttons are its phones', functions come in the
 * order of their own numbers, and who has no place is behind all others. */
static void buttons_by_layout(void **state)
{
	const struct cfg_phone *p;
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-template 5\n button-layout 1,4 line\n"
		       " button-layout 2-3 speed-dial\n button-layout 5 blf-speed-dial\n"
		       " button-layout 6 feature\n button-layout 7 url\n"
		       " feature-button 2 Park\n feature-button 1 Dnd\n"
		       " feature-button 3 EndCall\n speed-dial 1 1005 label Template\n"
		       "ephone-template 6\n feature-button 1 Hold\n"
		       "ephone-dn 1\n number 1001\nephone-dn 2\n number 1002\n"
		       "ephone-dn 3\n number 1003\n"
		       "ephone 1\n mac-address 0011.2233.4401\n ephone-template 5\n"
		       " speed-dial 1 90301 label Out\n blf-speed-dial 1 1003 label Bob\n"
		       " button 1:1 2:2\n"
		       "ephone 2\n mac-address 0011.2233.4402\n button 1:3 2m1\n"
		       " device-security-mode encrypted\n speed-dial 1 1001\n");
	p = phone(&i, "ephone1");
	assert_int_equal(p->n_lines, 2);
	assert_int_equal(p->lines[0].button, 1);
	assert_int_equal(p->lines[1].button, 4);
	assert_int_equal(p->n_buttons, 5);
	button_is(p, 2, SPEED_DIAL, "1005", "Template");
	button_is(p, 3, SPEED_DIAL, "90301", "Out");
	button_is(p, 5, BLF, "1003", "Bob");
	button_is(p, 6, DND, "", "");
	button_is(p, 7, PARK, "", "");
	p = phone(&i, "ephone2");
	assert_int_equal(p->n_buttons, 2);
	button_is(p, 2, BLF, "1001", "");
	button_is(p, 3, SPEED_DIAL, "1001", "");
	assert_int_equal(verdict(&i, "feature-button 3"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "feature-button 1 Hold"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(verdict(&i, "button-layout 7 url"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "device-security-mode"), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

/* Layouts that make no sense: no place twice, nothing beyond the last button. */
static void odd_layouts(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-template 1\n button-layout 0-70,,9-2,- speed-dial\n"
		       " button-layout 99999999999999999999 line\n"
		       " feature-button 99 Park\n feature-button x Dnd\n"
		       "ephone-dn 1\n number 1001\n"
		       "ephone 1\n mac-address 0011.2233.4401\n ephone-template 1\n button 64:1\n"
		       " speed-dial 1 1001\n speed-dial 2 1001\n");
	assert_int_equal(phone(&i, "ephone1")->n_lines, 1);
	end(&i);
}

static void files_by_http(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ip http server\nip http port 8080\ntelephony-service\n hfs enable port 6980\n");
	assert_int_equal(i.cfg->provision.http_port, 6980);
	assert_int_equal(i.cfg->management.port, 8080);
	assert_int_equal(i.im->count[TD_IMPORT_NOT_SUPPORTED], 0);
	end(&i);
}

static const struct cfg_vpn *vpn(const struct imported *i, const char *id)
{
	for (size_t k = 0; k < i->cfg->n_vpns; k++)
		if (!strcmp(i->cfg->vpns[k].id, id))
			return &i->cfg->vpns[k];
	fail_msg("no vpnprofile %s", id);
	return NULL;
}

/* A group's gateways are those of the profiles that its phones name. */
static void vpn_profiles(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "voice service voip\n vpn-group 1\n  vpn-gateway 1 https://192.0.2.1/a\n"
		       "  vpn-trustpoint 1 trustpoint cme_cert root\n  vpn-hash-algorithm sha-1\n"
		       " vpn-group 2\n  vpn-gateway 1 https://192.0.2.2/b\n"
		       "  vpn-gateway 2 https://192.0.2.3/b\n"
		       " vpn-profile 1\n  keepalive 50\n  auto-network-detect enable\n"
		       "  host-id-check disable\n"
		       " vpn-profile 2\n  mtu 1300\n  authen-method certificate\n"
		       "  password-persistent enable\n  fail-connect-time 50\n"
		       "ephone-dn 1\n number 1001\n"
		       "ephone 1\n mac-address 0011.2233.4401\n button 1:1\n"
		       " vpn-group 2\n vpn-profile 2\n");
	assert_string_equal(phone(&i, "ephone1")->vpn, "vpn2");
	assert_int_equal(vpn(&i, "vpn2")->n_url, 2);
	assert_int_equal(vpn(&i, "vpn2")->mtu, 1300);
	assert_int_equal(vpn(&i, "vpn2")->fail_connect_time, 50);
	assert_true(vpn(&i, "vpn2")->password_persistent);
	assert_true(vpn(&i, "vpn2")->host_id_check);
	assert_int_equal(vpn(&i, "vpn1")->n_url, 3);	/* nobody says which */
	assert_int_equal(vpn(&i, "vpn1")->keepalive, 50);
	assert_true(vpn(&i, "vpn1")->auto_network_detect);
	assert_false(vpn(&i, "vpn1")->host_id_check);
	assert_int_equal(verdict(&i, "vpn-trustpoint"), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
	/* parts without a whole */
	begin_text(&i, "voice service voip\n mtu 1300\n vpn-gateway 1\n vpn-profile\n"
		       " vpn-profile 7\n  mtu 9\n");
	assert_int_equal(i.cfg->n_vpns, 0);
	end(&i);
}

/* Rows 190 and 200. */
static void settings_of_the_house(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "sip-ua\n protocol mode dual-stack preference ipv6\ntelephony-service\n"
		       " system message Welcome\n url directories http://10.1.1.1/d\n"
		       " max-conferences 4 gain -6\n call-forward pattern .T\n"
		       " transfer-system full-consult\n web admin system name a password b\n");
	assert_string_equal(i.cfg->global.system_message, "Welcome");
	assert_string_equal(i.cfg->provision.url_directories, "http://10.1.1.1/d");
	assert_int_equal(i.cfg->global.max_conferences, 4);
	assert_int_equal(i.cfg->global.conference_gain, CFG_GAIN_MINUS_6);
	assert_int_equal(i.cfg->global.transfer_mode, CFG_TRANSFER_CONSULT);
	assert_int_equal(verdict(&i, "protocol mode"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(verdict(&i, "call-forward pattern"), TD_IMPORT_NOT_NEEDED);
	assert_string_equal(i.cfg->management.web_admin_name, "a");
	end(&i);
}

/* ---- a branch office ---- */

static void branch(void **state)
{
	const struct cfg_phone *phone;
	struct imported i;

	(void)state;
	begin_file(&i, "branch.txt");
	assert_int_equal(i.cfg->n_phones, 3);
	assert_int_equal(i.cfg->n_dns, 4);
	assert_string_equal(i.cfg->global.hostname, "BRANCH-CME");
	assert_int_equal(i.cfg->global.timeout_interdigit, 6);
	assert_int_equal(i.cfg->global.timeout_ringing, 120);
	assert_int_equal(i.cfg->sip.register_expires_max, 600);
	assert_int_equal(i.cfg->sip.tcp_idle_timeout, 6000);
	assert_string_equal(i.cfg->sip.realm, "branch");
	assert_int_equal(i.cfg->sccp.max_phones, 24);
	assert_true(i.cfg->sccp.strict_match);

	phone = td_config_phone(i.cfg, "ephone1");
	assert_non_null(phone);
	assert_int_equal(phone->protocol, CFG_PROTO_SCCP);
	assert_string_equal(phone->type, "7965");
	assert_int_equal(phone->n_lines, 2);
	assert_string_equal(phone->codec[0], "pcma");		/* by its template */
	assert_int_equal(phone->mac[5], 0xaa);
	phone = td_config_phone(i.cfg, "pool1");
	assert_non_null(phone);
	assert_int_equal(phone->protocol, CFG_PROTO_SIP);
	assert_string_equal(phone->username, "erna");
	assert_string_equal(i.cfg->dns[phone->lines[0].dn].number, "1201");

	assert_string_equal(dn(&i, "1001")->cfwd_busy, "1002");
	assert_int_equal(dn(&i, "1001")->cfwd_noan_timeout, 12);
	assert_string_equal(dn(&i, "1201")->cfwd_noan, "1100");
	assert_int_equal(dn(&i, "1002")->preference, 2);
	assert_false(dn(&i, "1002")->huntstop);

	assert_int_equal(i.cfg->n_dialpeers, 3);
	assert_int_equal(i.cfg->n_trunks, 2);
	assert_string_equal(i.cfg->trunks[0].host, "203.0.113.10");
	assert_int_equal(i.cfg->trunks[0].port, 5080);
	assert_int_equal(i.cfg->n_huntgroups, 1);
	assert_int_equal(i.cfg->huntgroups[0].n_member, 3);

	assert_int_equal(verdict(&i, "ephone 99"), TD_IMPORT_NOT_NEEDED);	/* in the banner */
	assert_int_equal(verdict(&i, "duplex auto"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(verdict(&i, "option 150"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(verdict(&i, "secondary 030123"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "session target sip-server"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "destination-pattern 9[2-9].."), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

/* ---- six more sites ---- */

static void key_system(void **state)
{
	const struct cfg_phone *p;
	struct imported i;

	(void)state;
	begin_file(&i, "key_system.txt");
	assert_int_equal(i.cfg->n_phones, 4);
	assert_int_equal(i.cfg->n_dns, 5);	/* those of park slots, pages and meetings are none */
	assert_string_equal(dn(&i, "1001")->cfwd_night, "1005");
	assert_int_equal(dn(&i, "1001")->channels, 2);
	assert_true(dn(&i, "1003")->caller_id_block);
	assert_true(dn(&i, "A1")->intercom);
	assert_string_equal(dn(&i, "A1")->intercom_number, "A2");
	assert_string_equal(dn(&i, "1005")->snr, "90170123456");
	assert_int_equal(i.cfg->n_parks, 2);
	assert_int_equal(i.cfg->parks[1].timeout, 60);
	assert_string_equal(i.cfg->parks[1].transfer, "1001");
	assert_int_equal(i.cfg->n_conferences, 1);
	assert_string_equal(i.cfg->conferences[0].number, "1800");
	assert_int_equal(i.cfg->n_pagings, 1);
	assert_int_equal(i.cfg->pagings[0].n_member, 2);
	assert_string_equal(i.cfg->pagings[0].member[1], "1002");
	assert_true(i.cfg->fac.enable);
	assert_string_equal(i.cfg->nightservice.code, "*99");
	assert_int_equal(i.cfg->nightservice.n_hours, 3);
	assert_int_equal(i.cfg->afterhours.n_block, 1);
	assert_int_equal(i.cfg->afterhours.n_block_always, 1);
	assert_string_equal(i.cfg->afterhours.override_code, "*5678");
	assert_int_equal(i.cfg->n_locales, 1);
	assert_string_equal(i.cfg->locales[0].user, "German_Germany");

	assert_int_equal(phone(&i, "ephone2")->n_lines, 2);	/* "2s1": it rings as it likes */
	p = phone(&i, "ephone3");
	assert_true(p->after_hours_exempt);			/* by its template */
	assert_int_equal(p->n_buttons, 2);
	assert_int_equal(p->buttons[0].button, 2);
	assert_string_equal(p->buttons[0].target, "90301234");
	assert_string_equal(p->buttons[0].label, "Lieferant");
	assert_string_equal(p->buttons[1].target, "1001");
	assert_int_equal(verdict(&i, "paging-dn 99"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "intercom A2"), TD_IMPORT_TAKEN);
	end(&i);
}

static void sip_office(void **state)
{
	const struct cfg_phone *p;
	struct imported i;

	(void)state;
	begin_file(&i, "sip_office.txt");
	assert_int_equal(i.cfg->n_phones, 3);
	assert_int_equal(i.cfg->n_dns, 4);
	p = phone(&i, "pool1");
	assert_string_equal(p->username, "anna");
	assert_false(p->call_waiting);
	assert_string_equal(p->buttons[0].target, "2002");
	assert_int_equal(phone(&i, "pool2")->n_lines, 2);
	assert_int_equal(phone(&i, "pool2")->transport, CFG_TRANSPORT_TCP);
	assert_true(phone(&i, "pool3")->after_hours_exempt);
	assert_string_equal(dn(&i, "2001")->cfwd_busy, "2003");
	assert_string_equal(dn(&i, "2002")->cfwd_all, "2003");
	assert_int_equal(dn(&i, "2003")->huntstop_channel, 2);
	assert_int_equal(i.cfg->huntgroups[0].mode, CFG_HUNT_PARALLEL);
	assert_int_equal(i.cfg->huntgroups[0].timeout, 25);

	/* the carrier: codecs of its class, who we are there, and two dial peers that go out */
	assert_int_equal(i.cfg->n_trunks, 2);
	assert_string_equal(i.cfg->trunks[0].host, "198.51.100.10");
	assert_int_equal(i.cfg->trunks[0].n_codec, 2);
	assert_string_equal(i.cfg->trunks[0].codec[1], "g729");
	assert_string_equal(i.cfg->trunks[0].username, "030123");
	assert_string_equal(i.cfg->trunks[0].password, "cisco");
	assert_string_equal(i.cfg->trunks[0].realm, "carrier.example");
	assert_int_equal(i.cfg->n_registrars, 1);
	assert_int_equal(i.cfg->n_dialpeers, 2);
	assert_int_equal(verdict(&i, "dial-peer voice 101"), TD_IMPORT_NOT_NEEDED);
	end(&i);
}

static void hunt_lines(void **state)
{
	struct imported i;

	(void)state;
	begin_file(&i, "hunt_lines.txt");
	assert_int_equal(i.cfg->n_phones, 4);
	assert_int_equal(i.cfg->n_dns, 4);
	assert_string_equal(i.cfg->fac.cfwd_all, "*77");
	assert_string_equal(i.cfg->fac.pickup, "*79");
	assert_string_equal(i.cfg->fac.hlog, "*80");
	assert_int_equal(i.cfg->n_huntgroups, 3);
	assert_int_equal(i.cfg->huntgroups[0].mode, CFG_HUNT_LONGEST_IDLE);
	assert_int_equal(i.cfg->huntgroups[0].n_member, 3);
	assert_int_equal(i.cfg->huntgroups[0].timeout, 10);
	assert_string_equal(i.cfg->huntgroups[0].final, "3999");
	assert_int_equal(i.cfg->huntgroups[2].mode, CFG_HUNT_PEER);
	assert_int_equal(dn(&i, "3001")->channels, 8);
	assert_int_equal(dn(&i, "3001")->huntstop_channel, 4);
	/* lines that are watched are lamps */
	assert_int_equal(phone(&i, "ephone4")->n_lines, 1);
	assert_int_equal(phone(&i, "ephone4")->n_buttons, 3);
	assert_string_equal(phone(&i, "ephone4")->buttons[2].target, "3003");
	assert_int_equal(i.cfg->n_dialpeers, 2);
	assert_string_equal(i.cfg->trunks[0].codec[0], "pcmu");
	end(&i);
}

static void two_routers(void **state)
{
	struct imported i;

	(void)state;
	begin_file(&i, "two_routers.txt");
	assert_int_equal(i.cfg->n_phones, 2);
	assert_int_equal(phone(&i, "pool2")->n_lines, 2);
	assert_int_equal(i.cfg->sip.keepalive, 120);
	assert_int_equal(i.cfg->global.rtp_timeout, 1200);
	assert_true(i.cfg->sccp.auto_register);
	/* a registrar without user and password */
	assert_int_equal(i.cfg->n_registrars, 0);
	assert_int_equal(verdict(&i, "registrar ipv4:192.0.2.10"), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

static void ipv6_site(void **state)
{
	struct imported i;

	(void)state;
	begin_file(&i, "ipv6_site.txt");
	assert_int_equal(i.cfg->n_phones, 2);
	assert_int_equal(i.cfg->n_dns, 3);
	assert_int_equal(i.cfg->global.dscp[0], 34);
	assert_int_equal(i.cfg->dialpeers[0].dscp_media, 26);
	assert_int_equal(verdict(&i, "ip qos dscp cs5"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(i.cfg->global.timeout_ringing, 60);
	assert_string_equal(phone(&i, "ephone1")->codec[0], "g729");
	/* "1o2,3": one dn on the button */
	assert_int_equal(phone(&i, "ephone2")->n_lines, 1);
	assert_string_equal(i.cfg->dns[phone(&i, "ephone2")->lines[0].dn].number, "502");
	assert_string_equal(i.cfg->trunks[0].host, "2001:DB8:60::1");
	assert_int_equal(verdict(&i, "corlist incoming local"), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

static void school(void **state)
{
	struct imported i;

	(void)state;
	begin_file(&i, "school.txt");
	assert_int_equal(i.cfg->n_phones, 4);
	assert_int_equal(i.cfg->n_dns, 4);
	assert_int_equal(i.cfg->n_pagings, 3);
	assert_int_equal(i.cfg->pagings[0].n_member, 2);
	assert_int_equal(i.cfg->pagings[2].n_member, 3);	/* of both others */
	assert_int_equal(phone(&i, "ephone1")->n_lines, 2);
	assert_int_equal(phone(&i, "ephone2")->n_buttons, 1);	/* behind a pager's traces */
	assert_true(td_addr_is_set(&phone(&i, "pool1")->address));
	end(&i);
}

static void obscured_passwords(void **state)
{
	char clear[IOS_SECRET];

	(void)state;
	assert_true(td_ios_reveal(clear, sizeof(clear), "0822455D0A16"));
	assert_string_equal(clear, "cisco");
	assert_true(td_ios_reveal(clear, sizeof(clear), "094F471A1A0A"));
	assert_string_equal(clear, "cisco");
	assert_false(td_ios_reveal(clear, sizeof(clear), "08"));
	assert_false(td_ios_reveal(clear, sizeof(clear), "xx45"));
	assert_false(td_ios_reveal(clear, sizeof(clear), "0822455D0"));
	assert_false(td_ios_reveal(clear, 4, "0822455D0A16"));
}

/* ---- forms ---- */

/* The telephony-service of the guide's example. */
static void telephony_service(void **state)
{
	struct imported i;

	(void)state;
	begin_file(&i, "guide_ipv6.txt");
	assert_string_equal(i.cfg->global.system_message, "MOTO-CME1");
	assert_string_equal(i.cfg->provision.url_directories, "http://10.10.10.2:80/localdirectory");
	assert_int_equal(i.cfg->global.max_conferences, 4);
	assert_int_equal(i.cfg->global.conference_gain, CFG_GAIN_MINUS_6);
	assert_int_equal(i.cfg->global.transfer_mode, CFG_TRANSFER_CONSULT);
	assert_int_equal(verdict(&i, "call-forward pattern"), TD_IMPORT_NOT_NEEDED);
	assert_string_equal(i.cfg->management.web_admin_name, "cisco");
	assert_string_equal(i.cfg->management.web_admin_customer_password, "admin");
	end(&i);
}

static void multicast(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "telephony-service\n multicast moh 239.10.16.4 port 2140 route 10.1.1.1\n"
		   "ephone-dn 1\n number 2001\nephone-dn 20\n number 7000\n"
		   " paging ip 239.0.1.20 port 2000\n"
		   "ephone 1\n mac-address 0011.2233.4455\n button 1:1\n paging-dn 20\n");
	assert_int_equal(i.cfg->moh.multicast.group.port, 2140);
	assert_int_equal(i.cfg->n_pagings, 1);
	assert_int_equal(i.cfg->pagings[0].multicast.group.port, 2000);
	assert_string_equal(i.cfg->pagings[0].member[0], "2001");
	end(&i);
}

static void abbreviations(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "tele\n max-e 7\n!\nephone-dn 3\n num 1003\nephone 4\n mac 0011.2233.4466\n"
		       " button 1:3\n ty 7960\nvoice reg p 2\n id m 0011.2233.4477\n nu 1 dn 3\nvo re dn 3\n nu 5\n"
		       "ephone-d 9\n");
	assert_int_equal(i.cfg->sccp.max_phones, 7);
	assert_int_equal(td_config_phone(i.cfg, "ephone4")->n_lines, 1);
	assert_int_equal(verdict(&i, "voice reg p 2"), TD_IMPORT_TAKEN);
	/* it may be ephone-dn or ephone-dn-template */
	assert_int_equal(verdict(&i, "ephone-d 9"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(i.cfg->n_phones, 2);
	end(&i);
}

static void telephone_line(void **state)
{
	const struct cfg_voiceport *p;
	struct imported i;

	(void)state;
	begin_text(&i, "voice-port 0/1/0\n signal groundStart\n incoming alerting ring-only\n"
		       " ring number 3\n connection plar opx 1001 cut-through-wait\n cptone DE\n"
		       " impedance complex2\n input gain -3\n output attenuation 0\n"
		       " caller-id enable\n caller-id alerting line-reversal\n timeouts ringing 60\n"
		       " timeouts interdigit 5\n timing hookflash-out 500\n timing sup-disconnect 600\n"
		       " no battery-reversal\n station-id number 5550100\n station-id name Office\n"
		       " dial-type pulse\n no echo-cancel enable\n supervisory disconnect anytone\n"
		       "!\nvoice-port 0/1/1\n no supervisory disconnect\n battery-reversal answer\n");
	assert_int_equal(i.cfg->n_voiceports, 2);
	p = &i.cfg->voiceports[0];
	assert_int_equal(p->signal, CFG_FXO_GROUND);
	assert_int_equal(p->alerting, CFG_FXO_ALERTING_RING);
	assert_int_equal(p->ring_number, 3);
	assert_string_equal(p->connection_plar, "1001");
	assert_true(p->plar_opx);
	assert_int_equal(p->cptone, CFG_FXO_DE);
	assert_int_equal(p->impedance, 5);
	assert_int_equal(p->input_gain, CFG_FXO_GAIN_0 - 3);
	assert_int_equal(p->output_attenuation, CFG_FXO_GAIN_0);
	assert_true(p->caller_id);
	assert_int_equal(p->caller_id_alerting, CFG_FXO_CALLER_REVERSAL);
	assert_int_equal(p->timeout_ringing, 60);
	assert_int_equal(p->timing_hookflash_out, 500);
	assert_int_equal(p->timing_sup_disconnect, 600);
	assert_false(p->battery_reversal);
	assert_string_equal(p->station_number, "5550100");
	assert_string_equal(p->name, "Office");
	assert_int_equal(p->dial_type, CFG_FXO_PULSE);
	assert_false(p->echo_cancel);
	assert_int_equal(verdict(&i, "timeouts interdigit"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "supervisory disconnect anytone"), TD_IMPORT_NOT_NEEDED);
	assert_int_equal(p->port, 0);
	p = &i.cfg->voiceports[1];
	assert_int_equal(p->port, 1);
	assert_int_equal(p->timing_sup_disconnect, 0);
	assert_int_equal(p->answer, CFG_FXO_ANSWER_REVERSAL);
	end(&i);
}

static void a_terminal(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "cme#show clock\r\n10:00:00\r\ntelephony-service\r\n"
		       "cme#conf t\r\nEnter configuration commands, one per line.\r\n"
		       "cme(config)#ephone-dn 5\r\ncme(config-ephone-dn)#number 15x\b05\r\n"
		       " --More-- \b\b\b\b\b\b\b\b\b\bcme(config-ephone-dn)#name \"A 'B' C\"\r\n"
		       "cme(config-ephone-dn)#exit\r\ncme(config)#do show run\r\nnumber 9999\r\n"
		       "cme(config)#tele\r\ncme(config-telephony)#max-ephones 3\r\n");
	assert_int_equal(i.cfg->n_dns, 1);
	assert_string_equal(dn(&i, "1505")->name, "A 'B' C");
	assert_int_equal(i.cfg->sccp.max_phones, 3);
	assert_int_equal(i.im->lines[2].verdict, TD_IMPORT_NOT_NEEDED);	/* output of show */
	end(&i);
}

static void no_forms_and_modes(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-dn 1\n number 1\n huntstop\nno ephone-dn 2\n number 2\nephone-dn 3\n"
		       " no huntstop\n number 3\n frobnicate all\nno ip http server\n");
	assert_int_equal(i.cfg->n_dns, 2);
	assert_true(dn(&i, "1")->huntstop);
	assert_false(dn(&i, "3")->huntstop);
	assert_int_equal(verdict(&i, "frobnicate"), TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

/* What the daemon would refuse is taken out, and said. */
static void single_number_reach(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-dn 1\n number 1001\n mobility\n snr 90170123 delay 3 timeout 20 "
		       "cfwd-noan 500\n snr calling-number local\n snr ring-stop\n"
		       "ephone 1\n mac-address 0011.2233.4455\n button 1:1\n");
	assert_string_equal(i.cfg->dns[0].snr, "90170123");
	assert_int_equal(i.cfg->dns[0].snr_delay, 3);
	assert_int_equal(i.cfg->dns[0].snr_timeout, 20);
	assert_int_equal(i.cfg->dns[0].snr_calling_local, 1);
	assert_string_equal(i.cfg->dns[0].cfwd_noan, "500");
	assert_int_equal(i.im->lines[5].verdict, TD_IMPORT_NOT_SUPPORTED);
	end(&i);
}

static void what_is_refused(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "ephone-dn 1\n number 10O1\nephone 1\n mac-address 12\n button 1:1 2:77\n"
		       "telephony-service\n max-ephones 99999\n time-format 13\n"
		       "ephone-dn 2\n number 1002\n name \x01\xff\xfe\n");
	assert_int_equal(verdict(&i, "10O1"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "mac-address 12"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "max-ephones"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(verdict(&i, "time-format"), TD_IMPORT_NOT_SUPPORTED);
	assert_int_equal(i.cfg->n_dns, 1);
	end(&i);
}

static void nothing(void **state)
{
	struct imported i;

	(void)state;
	begin_text(&i, "");
	assert_int_equal(i.im->n_lines, 0);
	end(&i);
	begin(&i, "\0\0\n\xff\n\"\n\"\"\nno\nbanner\nrule\n", 25);
	assert_int_equal(i.im->n_lines, 7);
	end(&i);
}

static void without_memory(void **state)
{
	static const char text[] = "hostname a\nephone-dn 1\n number 1\ndial-peer voice 1 voip\n"
				   " session target ipv4:1.2.3.4\n destination-pattern 9\n";
	struct td_import *im;
	long live = td_mem_live();
	unsigned long nth;
	int err = -1;

	(void)state;
	for (nth = 1; err && nth < 2000; nth++) {
		td_mem_fail_nth(nth);
		err = td_import_ios(&im, text, sizeof(text) - 1);
		td_mem_fail_nth(0);
		if (err)
			assert_int_equal(td_mem_live(), live);
	}
	assert_true(nth > 10 && !err);
	td_import_free(im);
	assert_int_equal(td_mem_live(), live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_has_a_verdict),
		cmocka_unit_test(buttons_by_layout),
		cmocka_unit_test(odd_layouts),
		cmocka_unit_test(files_by_http),
		cmocka_unit_test(settings_of_the_house),
		cmocka_unit_test(vpn_profiles),
		cmocka_unit_test(branch),
		cmocka_unit_test(key_system),
		cmocka_unit_test(sip_office),
		cmocka_unit_test(hunt_lines),
		cmocka_unit_test(two_routers),
		cmocka_unit_test(ipv6_site),
		cmocka_unit_test(school),
		cmocka_unit_test(obscured_passwords),
		cmocka_unit_test(telephony_service),
		cmocka_unit_test(multicast),
		cmocka_unit_test(abbreviations),
		cmocka_unit_test(telephone_line),
		cmocka_unit_test(a_terminal),
		cmocka_unit_test(no_forms_and_modes),
		cmocka_unit_test(single_number_reach),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(nothing),
		cmocka_unit_test(without_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
